#include "kernel/kmap.h"

#include <algorithm>
#include <vector>

#include "kernel/events.h"
#include "kernel/functions.h"
#include "mmu/flush.h"
#include "mmu/layout.h"

namespace mm {

namespace {

using ev = kernel_event;

// arch/x86/include/asm/fixmap.h: the hole, two consoles, the local APIC and 64 I/O APICs stand before it.
constexpr u32 FIX_KMAP_BEGIN = 68;

u32 page_shift(const kernel_memory& kernel) { return kernel.vmap.page_shift; }

// The entry of the page table for an address of the PKMAP or the fixmap; TABLE_NONE: no page for the table.
struct Entry {
    table_id table = TABLE_NONE;
    u32 index = 0;
};
Entry entry_for(kernel_context& cx, u64 address) {
    mmu_context mmu{cx.mmu, cx.page};
    return {table_alloc(mmu, INIT_MM, address, 0), cx.mmu.geometry().index(0, address)};
}

pteval_t entry_at(const mmu_memory& mmu, u64 address) {
    const walk_result way = walk(mmu, INIT_MM, address);
    return way.nr_steps > 0 && way.last().level == 0 ? way.last().entry : 0;
}

// Writes the entry. False: no page for the table. kernel: set_pte_at
bool set_kmap_pte(kernel_context& cx, u64 address, pfn_t pfn) {
    const Entry entry = entry_for(cx, address);
    if (entry.table == TABLE_NONE) return false;
    mmu_context mmu{cx.mmu, cx.page};
    set_entry(mmu, entry.table, entry.index,
              pfn_pte(cx.mmu.format, pfn, pgprot_of(cx.mmu.format, protection::PAGE_KERNEL)));
    return true;
}

// kernel: pte_clear
void clear_kmap_pte(kernel_context& cx, u64 address) {
    const walk_result way = walk(cx.mmu, INIT_MM, address);
    if (way.nr_steps == 0 || way.last().level != 0 || way.last().entry == 0) return;
    mmu_context mmu{cx.mmu, cx.page};
    set_entry(mmu, cx.mmu.table_at(way.last().table), way.last().index, 0);
}

// kernel: page_address() of a page of high memory
std::optional<u32> slot_of_frame(const kmap_memory& kmap, pfn_t pfn) {
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot)
        if (kmap.slots[slot].count > 0 && kmap.slots[slot].pfn == pfn) return slot;
    return std::nullopt;
}

// That search: a comparison for each slot.
void charge_slots(kernel_context& cx) { cx.page.sink.charge(cx.kernel.kmap.nr_slots / 8); }

//   [2][1][0][1][3]  →  [2][0][0][0][3]
void flush_all_zero_pkmaps(kernel_context& cx) {
    CallScope scope(cx.page.sink, kernel_fn::flush_all_zero_pkmaps);
    kmap_memory& kmap = cx.kernel.kmap;
    cx.page.sink.charge(kmap.nr_slots);
    u32 flushed = 0;
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot) {
        if (kmap.slots[slot].count != 1) continue;
        kmap.slots.mut(slot) = kmap_memory::slot{};
        clear_kmap_pte(cx, pkmap_address(cx.kernel, slot));
        ++flushed;
    }
    cx.page.sink.emit(ev::pkmap_flush, flushed, kmap.nr_slots, flushed > 0);
    if (flushed == 0) return;
    mmu_context mmu{cx.mmu, cx.page};
    flush_tlb_kernel_range(mmu, kmap.pkmap_base, pkmap_address(cx.kernel, kmap.nr_slots));
}

// The next entry that is unused; nullopt: each is in use. kernel: the loop of map_new_virtual
//
//   last_pkmap_nr ─► + 1 ─► ... ─► LAST_PKMAP - 1 ─► 0 (flush, and once more round) ─► ...
std::optional<u32> next_unused(kernel_context& cx) {
    kmap_memory& kmap = cx.kernel.kmap;
    u32 left = kmap.nr_slots;
    for (;;) {
        cx.page.sink.charge(1);
        kmap.last_pkmap_nr = (kmap.last_pkmap_nr + 1) & (kmap.nr_slots - 1);
        if (kmap.last_pkmap_nr == 0) {
            flush_all_zero_pkmaps(cx);
            left = kmap.nr_slots;
        }
        if (kmap.slots[kmap.last_pkmap_nr].count == 0) return kmap.last_pkmap_nr;
        if (--left == 0) return std::nullopt;
    }
}

// kernel: map_new_virtual. nullopt: the caller sleeps, or there was no table.
std::optional<u32> map_new_virtual(kernel_context& cx, pfn_t pfn) {
    CallScope scope(cx.page.sink, kernel_fn::map_new_virtual);
    kmap_memory& kmap = cx.kernel.kmap;
    const u32 from = kmap.last_pkmap_nr;
    const std::optional<u32> slot = next_unused(cx);
    if (!slot) {
        ++kmap.nr_waiting;
        cx.page.sink.emit(ev::kmap_would_sleep, pfn, kmap.nr_slots, kmap.nr_waiting);
        return std::nullopt;
    }
    const u64 address = pkmap_address(cx.kernel, *slot);
    if (!set_kmap_pte(cx, address, pfn)) return std::nullopt;
    kmap.slots.mut(*slot) = {1, pfn};
    cx.page.sink.emit(ev::pkmap_entry_set, *slot, from, pfn, address, entry_at(cx.mmu, address));
    return slot;
}

void bug(kernel_context& cx, kmap_bug reason, pfn_t pfn, u64 depth) {
    cx.page.sink.emit(ev::kmap_bug, reason, pfn, cx.page.cpu, depth);
}

} // namespace

void kmap_init(kernel_memory& kernel, const machine_profile& profile) {
    if (profile.arch != architecture::i386) return;
    const Result<address_layout> layout = make_layout(layout_config_of(profile));
    MM_ASSERT(layout);
    kmap_memory& kmap = kernel.kmap;
    kmap.up = true;
    kmap.pkmap_base = (*layout)["PKMAP_BASE"];
    kmap.nr_slots = static_cast<u32>((*layout)["LAST_PKMAP"]);
    kmap.slots.grow(kmap.nr_slots);
    kmap.fixmap_first = (*layout)["FIXADDR_TOP"] - (u64{FIX_KMAP_BEGIN} << page_shift(kernel));
    kmap.per_cpu = kernel.vmap.rules.kmap_slots_per_cpu();
    kmap.nr_cpus = static_cast<u16>((*layout)["NR_CPUS"]);
}

bool is_highmem(const kernel_memory& kernel, pfn_t pfn) {
    return !kernel.arch.map.has_address(u64{pfn} << page_shift(kernel));
}

u64 pkmap_address(const kernel_memory& kernel, u32 slot) {
    return kernel.kmap.pkmap_base + (u64{slot} << page_shift(kernel));
}

u64 fixmap_address(const kernel_memory& kernel, u32 slot) {
    return kernel.kmap.fixmap_first - (u64{slot} << page_shift(kernel));
}

std::optional<u32> pkmap_slot(const kernel_memory& kernel, u64 address) {
    const kmap_memory& kmap = kernel.kmap;
    if (!kmap.up || address < kmap.pkmap_base) return std::nullopt;
    const u64 slot = (address - kmap.pkmap_base) >> page_shift(kernel);
    return slot < kmap.nr_slots ? std::optional<u32>(static_cast<u32>(slot)) : std::nullopt;
}

std::optional<u32> fixmap_slot(const kernel_memory& kernel, u64 address) {
    const kmap_memory& kmap = kernel.kmap;
    const u64 page = address >> page_shift(kernel);
    const u64 first = kmap.fixmap_first >> page_shift(kernel);
    if (!kmap.up || page > first || first - page >= kmap.fixmap_slots()) return std::nullopt;
    return static_cast<u32>(first - page);
}

frame_t fixmap_frame(const kernel_memory& kernel, const mmu_memory& mmu, u32 slot) {
    const pteval_t entry = entry_at(mmu, fixmap_address(kernel, slot));
    return entry == 0 ? FRAME_NONE : pte_pfn(mmu.format, entry);
}

u64 address_of_frame(const kernel_memory& kernel, pfn_t pfn) {
    if (!is_highmem(kernel, pfn)) return kernel.arch.map.phys_to_virt(u64{pfn} << page_shift(kernel));
    const std::optional<u32> slot = slot_of_frame(kernel.kmap, pfn);
    return slot ? pkmap_address(kernel, *slot) : 0;
}

// ---- the PKMAP ---------------------------------------------------------------------------------------------------------

u64 kmap(kernel_context& cx, pfn_t pfn) {
    CallScope scope(cx.page.sink, kernel_fn::kmap);
    if (pfn == PFN_NONE) {
        bug(cx, kmap_bug::no_page, pfn, 0);
        return 0;
    }
    if (!is_highmem(cx.kernel, pfn)) {
        const u64 address = address_of_frame(cx.kernel, pfn);
        cx.page.sink.emit(ev::kmap_lowmem, pfn, address);
        return address;
    }
    kmap_memory& kmap = cx.kernel.kmap;
    charge_slots(cx);
    std::optional<u32> slot = slot_of_frame(kmap, pfn);
    const bool known = slot.has_value();
    if (!slot) slot = map_new_virtual(cx, pfn);
    if (!slot) return 0;
    const u32 count = ++kmap.slots.mut(*slot).count;
    cx.page.sink.emit(ev::kmap, pfn, pkmap_address(cx.kernel, *slot), *slot, count, known);
    return pkmap_address(cx.kernel, *slot);
}

bool kunmap(kernel_context& cx, pfn_t pfn) {
    CallScope scope(cx.page.sink, kernel_fn::kunmap);
    if (pfn == PFN_NONE) {
        bug(cx, kmap_bug::no_page, pfn, 0);
        return false;
    }
    if (!is_highmem(cx.kernel, pfn)) {
        cx.page.sink.emit(ev::kunmap_lowmem, pfn);
        return false;
    }
    kmap_memory& kmap = cx.kernel.kmap;
    charge_slots(cx);
    const std::optional<u32> slot = slot_of_frame(kmap, pfn);
    if (!slot || kmap.slots[*slot].count == 1) {
        bug(cx, slot ? kmap_bug::unmapped : kmap_bug::not_mapped, pfn, 0);
        return false;
    }
    const u32 count = --kmap.slots.mut(*slot).count;
    cx.page.sink.emit(ev::kunmap, pfn, pkmap_address(cx.kernel, *slot), *slot, count, count > 1);
    if (count == 1 && kmap.nr_waiting > 0) {
        const u32 waiting = kmap.nr_waiting;
        kmap.nr_waiting = 0;
        cx.page.sink.emit(ev::kmap_wake_up, waiting);
    }
    return true;
}

void kmap_flush_unused(kernel_context& cx) {
    CallScope scope(cx.page.sink, kernel_fn::kmap_flush_unused);
    flush_all_zero_pkmaps(cx);
}

// ---- the fixmap's entries ----------------------------------------------------------------------------------------------

u64 kmap_local(kernel_context& cx, pfn_t pfn, kmap_kind kind) {
    CallScope scope(cx.page.sink,
                    cx.kernel.vmap.rules.has_kmap_local() ? kernel_fn::kmap_local : kernel_fn::kmap_atomic_high_prot);
    kmap_memory& kmap = cx.kernel.kmap;
    if (pfn == PFN_NONE) {
        bug(cx, kmap_bug::no_page, pfn, 0);
        return 0;
    }
    if (!is_highmem(cx.kernel, pfn)) {
        const u64 address = address_of_frame(cx.kernel, pfn);
        cx.page.sink.emit(ev::kmap_lowmem, pfn, address);
        return address;
    }
    const u32 depth = kmap.depth[cx.page.cpu];
    const u32 slot = cx.page.cpu * kmap.per_cpu + depth;
    const auto refused = [&](kmap_bug reason) {
        bug(cx, reason, pfn, depth);
        return u64{0};
    };
    if (cx.kernel.vmap.rules.checks_kmap_depth() && depth + 1 >= kmap.per_cpu) return refused(kmap_bug::too_deep);
    if (slot >= kmap.fixmap_slots()) return refused(kmap_bug::no_slot);
    const u64 address = fixmap_address(cx.kernel, slot);
    if (entry_at(cx.mmu, address) != 0) return refused(kmap_bug::occupied);
    if (!set_kmap_pte(cx, address, pfn)) return 0;
    ++kmap.depth[cx.page.cpu];
    cx.page.sink.emit(ev::kmap_local, pfn, address, cx.page.cpu, depth, slot, entry_at(cx.mmu, address), kind);
    return address;
}

// The entry that was set last goes, whichever address is given.
bool kunmap_local(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink,
                    cx.kernel.vmap.rules.has_kmap_local() ? kernel_fn::kunmap_local : kernel_fn::kunmap_atomic_high);
    kmap_memory& kmap = cx.kernel.kmap;
    const u64 page = address >> page_shift(cx.kernel) << page_shift(cx.kernel);
    if (!fixmap_slot(cx.kernel, page)) {
        cx.page.sink.emit(ev::kunmap_local_nothing, address,
                          kmap.up && cx.kernel.vmap.rules.checks_kmap_depth() && page < cx.kernel.arch.map.page_offset);
        return false;
    }
    const u32 depth = kmap.depth[cx.page.cpu];
    if (depth == 0) {
        bug(cx, kmap_bug::too_many, PFN_NONE, 0);
        return false;
    }
    const u64 top = fixmap_address(cx.kernel, cx.page.cpu * kmap.per_cpu + depth - 1);
    if (page != top) cx.page.sink.emit(ev::kunmap_local_order, page, top, cx.kernel.vmap.rules.checks_kmap_depth());
    clear_kmap_pte(cx, top);
    --kmap.depth[cx.page.cpu];
    mmu_context mmu{cx.mmu, cx.page};
    flush_tlb_one_kernel(mmu, top);
    cx.page.sink.emit(ev::kunmap_local, top, cx.page.cpu, depth - 1);
    return true;
}

// ---- verify -----------------------------------------------------------------------------------------------------------

std::optional<std::string> verify_kmap(const kernel_memory& kernel, const mmu_memory& mmu) {
    const kmap_memory& kmap = kernel.kmap;
    if (!kmap.up) return std::nullopt;
    if (kmap.last_pkmap_nr >= kmap.nr_slots) return "PKMAP: last_pkmap_nr lies behind the table";
    std::vector<pfn_t> mapped;
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot) {
        const kmap_memory::slot& one = kmap.slots[slot];
        const std::string place = "PKMAP entry " + std::to_string(slot);
        if (!mmu.kernel_edited) {
            const pteval_t entry = entry_at(mmu, pkmap_address(kernel, slot));
            if ((one.count == 0) != (entry == 0)) return place + ": its count and the page table disagree";
            if (entry != 0 && pte_pfn(mmu.format, entry) != one.pfn) return place + ": maps another page";
        }
        if (one.count == 0) continue;
        if (!is_highmem(kernel, one.pfn)) return place + ": maps a page of low memory";
        mapped.push_back(one.pfn);
    }
    std::sort(mapped.begin(), mapped.end());
    if (std::adjacent_find(mapped.begin(), mapped.end()) != mapped.end()) return "PKMAP: a page has two entries";
    if (mmu.kernel_edited) return std::nullopt;
    std::vector<bool> used(kmap.fixmap_slots());
    for (u32 cpu = 0; cpu < kmap.nr_cpus; ++cpu)
        for (u32 i = 0; i < kmap.depth[cpu]; ++i) used[cpu * kmap.per_cpu + i] = true;
    for (u32 slot = 0; slot < kmap.fixmap_slots(); ++slot)
        if (used[slot] != (fixmap_frame(kernel, mmu, slot) != FRAME_NONE))
            return "fixmap entry " + std::to_string(slot) +
                   " behind FIX_KMAP_BEGIN: the stacks and the page table disagree";
    return std::nullopt;
}

void hash_kmap(const kernel_memory& kernel, Hasher& hasher) {
    const kmap_memory& kmap = kernel.kmap;
    if (!kmap.up) return;
    hasher.add(u64{kmap.last_pkmap_nr} << 32 | kmap.nr_waiting);
    for (u32 slot = 0; slot < kmap.nr_slots; ++slot) {
        if (kmap.slots[slot].count == 0) continue;
        hasher.add(u64{slot} << 32 | kmap.slots[slot].count);
        hasher.add(kmap.slots[slot].pfn);
    }
    for (u32 cpu = 0; cpu < kmap.nr_cpus; ++cpu) hasher.add(kmap.depth[cpu]);
}

} // namespace mm
