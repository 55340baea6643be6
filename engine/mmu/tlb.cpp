#include "mmu/tlb.h"

#include <bit>

#include "base/assert.h"
#include "mmu/tlb_lookup.h"

namespace mm {

namespace {

u32 walk_set_of(const tlb_memory& tlb, const page_geometry& geometry, u64 address, u8 level) {
    // Tables of different levels for one address go to different sets.
    return (static_cast<u32>(address >> geometry.shift(static_cast<u8>(level + 1))) + level) & (tlb.nr_walk_sets - 1);
}

template <class Function>
void for_cpus(tlb_memory& tlb, u32 cpu, Function&& function) {
    if (cpu != ALL_CPUS) return function(cpu);
    for (u32 i = 0; i < tlb.cpus.size(); ++i) function(i);
}

u32 valid_entries(const tlb_cpu& cpu) {
    u32 nr = 0;
    for (u32 n : cpu.nr_valid) nr += n;
    return nr;
}

void drop(tlb_memory& tlb, u32 cpu, u32 slot) {
    tlb.cpus[cpu].count_out(tlb.entries[slot].size());
    ++tlb.cpus[cpu].counters.invalidated;
    tlb.entries.mut(slot) = tlb_entry{};
}

void drop_walk(tlb_memory& tlb, u32 cpu, u32 slot) {
    --tlb.cpus[cpu].nr_walks;
    tlb.walks.mut(slot) = walk_entry{};
}

// Everything of a CPU that `wanted` says yes to.
template <class Wanted>
u32 drop_where(tlb_memory& tlb, u32 cpu, Wanted&& wanted) {
    u32 dropped = 0;
    if (valid_entries(tlb.cpus[cpu]) > 0) {
        for (u32 slot = cpu * tlb.slots(); slot < (cpu + 1) * tlb.slots(); ++slot) {
            const tlb_entry& entry = tlb.entries[slot];
            if (!entry.valid() || !wanted(entry)) continue;
            drop(tlb, cpu, slot);
            ++dropped;
        }
    }
    const u32 walks = tlb.nr_walk_sets * WALK_WAYS;
    if (tlb.cpus[cpu].nr_walks > 0)
        for (u32 slot = cpu * walks; slot < (cpu + 1) * walks; ++slot)
            if (tlb.walks[slot].valid() && wanted(tlb.walks[slot])) drop_walk(tlb, cpu, slot);
    return dropped;
}

template <class Wanted>
u32 drop_address(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address, bool last_level,
                 Wanted&& wanted) {
    u32 dropped = 0;
    for (u8 size = 0; size < tlb.nr_sizes; ++size) {
        if (tlb.cpus[cpu].nr_valid[size] == 0) continue;
        const auto [base, tag] = tlb_home_of(tlb, cpu, address, size);
        for (u32 slot = base; slot < base + tlb.ways(); ++slot) {
            const tlb_entry& entry = tlb.entries[slot];
            if (entry.tag != tag || !wanted(entry)) continue;
            drop(tlb, cpu, slot);
            ++dropped;
        }
    }
    if (last_level || tlb.cpus[cpu].nr_walks == 0) return dropped;
    for (u8 level = 0; level < geometry.root(); ++level) {
        const u64 covers = geometry.size(static_cast<u8>(level + 1));
        const u64 tag = (address & ~(covers - 1)) | (level + 1u);
        const u32 base = (cpu * tlb.nr_walk_sets + walk_set_of(tlb, geometry, address, level)) * WALK_WAYS;
        for (u32 slot = base; slot < base + WALK_WAYS; ++slot)
            if (tlb.walks[slot].tag == tag && wanted(tlb.walks[slot])) drop_walk(tlb, cpu, slot);
    }
    return dropped;
}

} // namespace

tlb_config resolved_tlb_config(const tlb_config& config, const page_geometry& geometry) {
    tlb_config out = config;
    if (out.entries == 0) out.entries = geometry.arch().tlb_entries;
    if (out.ways == 0) out.ways = 4;
    if (out.walk_entries < 0) out.walk_entries = static_cast<i32>(geometry.arch().walk_entries);
    if (out.asid_bits == 0) out.asid_bits = 16;
    if (out.pa_bits == 0) out.pa_bits = geometry.has_lpa() ? 52 : 44;
    return out;
}

void tlb_init(tlb_memory& tlb, const tlb_config& config, const page_geometry& geometry, u32 nr_cpus) {
    tlb = tlb_memory{};
    tlb.config = resolved_tlb_config(config, geometry);
    tlb.nr_sets = tlb.config.entries / tlb.config.ways;
    tlb.nr_walk_sets = static_cast<u32>(tlb.config.walk_entries) / WALK_WAYS;
    while (tlb.row() < tlb.config.ways) ++tlb.row_shift;
    MM_ASSERT(tlb.config.ways <= MAX_TLB_WAYS && (tlb.nr_sets & (tlb.nr_sets - 1)) == 0);
    MM_ASSERT((tlb.nr_walk_sets & (tlb.nr_walk_sets - 1)) == 0);
    for (u8 level = 0; level <= 2 && level < geometry.levels; ++level) {
        if (level > 0 && !geometry.may_hold_block(level)) break;
        tlb.size_shift[tlb.nr_sizes++] = geometry.shift(level);
        const u32 row = geometry.contiguous_entries(level);
        if (row == 0) continue;
        u8 shift = geometry.shift(level);
        while (1ull << shift < geometry.contiguous_size(level)) ++shift;
        tlb.size_shift[tlb.nr_sizes++] = shift;
    }
    tlb.cpus.resize(nr_cpus);
    static_assert(decltype(tlb.entries)::CHUNK_ITEMS % MAX_TLB_WAYS == 0 && (MAX_TLB_WAYS & (MAX_TLB_WAYS - 1)) == 0);
    tlb.entries.grow(nr_cpus * tlb.slots());
    tlb.walks.grow(nr_cpus * tlb.nr_walk_sets * WALK_WAYS);
    // Half of the ASIDs are kept free for a kernel with KPTI until the first rollover: the map exists before the kernel
    // knows whether its CPUs need that. kernel: asids_init, set_kpti_asid_bits
    tlb.asid_map.grow((1u << tlb.config.asid_bits) / 64);
    if (geometry.arch().has_asids)
        for (u32 i = 0; i < tlb.asid_map.size(); ++i) tlb.asid_map.mut(i) = 0xaaaaaaaaaaaaaaaaull;
    tlb.asid_generation = 1;
    tlb.asid_cursor = 1;
}

u32 tlb_find(const tlb_memory& tlb, u32 cpu, u64 address, u16 asid) {
    for (u32 sizes = tlb.cpus[cpu].sizes; sizes != 0; sizes &= sizes - 1) {
        const auto [slot, tag] = tlb_home_of(tlb, cpu, address, static_cast<u32>(std::countr_zero(sizes)));
        const tlb_entry* const row = &tlb.entries[slot];
        if (const tlb_entry* entry = tlb_match(row, tlb.ways(), tag, asid)) return slot + static_cast<u32>(entry - row);
    }
    return TLB_NONE;
}

u32 tlb_find_other(const tlb_memory& tlb, u32 cpu, u64 address, u16 asid, u32 found) {
    const tlb_cpu& state = tlb.cpus[cpu];
    for (u8 size = 0; size < tlb.nr_sizes; ++size) {
        if (state.nr_valid[size] == 0) continue;
        const auto [base, tag] = tlb_home_of(tlb, cpu, address, size);
        for (u32 slot = base; slot < base + tlb.ways(); ++slot) {
            const tlb_entry& entry = tlb.entries[slot];
            if (slot != found && entry.tag == tag && (entry.global || entry.asid == asid)) return slot;
        }
    }
    return TLB_NONE;
}

const walk_entry* walk_cache_find(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address, u16 asid) {
    if (tlb.cpus[cpu].nr_walks == 0) return nullptr;
    for (u8 level = 0; level < geometry.root(); ++level) {
        const u64 tag = (address & ~(geometry.size(static_cast<u8>(level + 1)) - 1)) | (level + 1u);
        const u32 set = cpu * tlb.nr_walk_sets + walk_set_of(tlb, geometry, address, level);
        const walk_entry* const row = &tlb.walks[set * WALK_WAYS];
        const walk_entry* const entry = tlb_match(row, WALK_WAYS, tag, asid);
        if (!entry) continue;
        walk_entry& found = tlb.walks.mut(set * WALK_WAYS + static_cast<u32>(entry - row));
        tlb_use(tlb.cpus[cpu], found);
        return &found;
    }
    return nullptr;
}

void walk_cache_fill(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, const walk_entry& entry) {
    const u32 set = cpu * tlb.nr_walk_sets + walk_set_of(tlb, geometry, entry.virt(), entry.level());
    walk_entry* row = &tlb.walks.mut(set * WALK_WAYS);
    walk_entry& slot = row[tlb_victim(row, WALK_WAYS)];
    if (!slot.valid()) ++tlb.cpus[cpu].nr_walks;
    slot = entry;
    tlb_use(tlb.cpus[cpu], slot);
}

u32 tlb_drop_all(tlb_memory& tlb, u32 cpu) {
    u32 dropped = 0;
    for_cpus(tlb, cpu, [&](u32 i) { dropped += drop_where(tlb, i, [](const auto&) { return true; }); });
    return dropped;
}

u32 tlb_drop_asid(tlb_memory& tlb, u32 cpu, u16 asid) {
    u32 dropped = 0;
    const auto wanted = [asid](const auto& entry) { return !entry.global && entry.asid == asid; };
    for_cpus(tlb, cpu, [&](u32 i) { dropped += drop_where(tlb, i, wanted); });
    return dropped;
}

u32 tlb_drop_address(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address, u16 asid, bool last_level) {
    u32 dropped = 0;
    const auto wanted = [asid](const auto& entry) { return entry.global || entry.asid == asid; };
    for_cpus(tlb, cpu, [&](u32 i) { dropped += drop_address(tlb, geometry, i, address, last_level, wanted); });
    return dropped;
}

u32 tlb_drop_address_all_asids(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address, bool last_level) {
    u32 dropped = 0;
    const auto wanted = [](const auto&) { return true; };
    for_cpus(tlb, cpu, [&](u32 i) { dropped += drop_address(tlb, geometry, i, address, last_level, wanted); });
    return dropped;
}

u32 tlb_held(const tlb_memory& tlb, u16 asid, u64 start, u64 last) {
    u32 held = 0;
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) {
        if (valid_entries(tlb.cpus[cpu]) == 0) continue;
        for (u32 slot = cpu * tlb.slots(); slot < (cpu + 1) * tlb.slots(); ++slot) {
            const tlb_entry& entry = tlb.entries[slot];
            if (!entry.valid() || !(entry.global || entry.asid == asid)) continue;
            held += entry.virt() <= last && entry.virt() + (tlb.size_bytes(entry.size()) - 1) >= start;
        }
    }
    return held;
}

u32 tlb_slots_searched(const tlb_memory& tlb, u32 cpu) {
    const u32 walks = tlb.cpus[cpu].nr_walks > 0 ? tlb.nr_walk_sets * WALK_WAYS : 0;
    return walks + (valid_entries(tlb.cpus[cpu]) > 0 ? tlb.slots() : 0);
}

} // namespace mm
