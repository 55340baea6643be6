#pragma once
// The entries of a process's page tables, one after another.
#include "mmu/page_table.h"
#include "process/mm.h"

namespace mm {

// Where an entry stands.
struct table_slot {
    table_id table = TABLE_NONE;
    u32 index = 0;
    u8 level = 0;
    pteval_t entry = 0;
    u64 address = 0; // the first that it translates
};

// What visit() wants next.
enum class entry_visit : u8 { next, again };

[[nodiscard]] inline space_id space_of(const mm_context& cx) { return static_cast<space_id>(cx.mm().space); }
[[nodiscard]] inline bool has_tables(const mm_context& cx) { return cx.pages != nullptr && cx.mm().space != 0; }

// The lowest table on the way to the address, and its entry there, which is 0, a page or a block.
[[nodiscard]] inline table_slot find_slot(const mmu_memory& mmu, space_id space, u64 address) {
    const page_geometry& geometry = mmu.geometry();
    table_slot slot;
    slot.table = mmu.spaces[space].pgd;
    for (slot.level = geometry.root();; --slot.level) {
        slot.index = geometry.index(slot.level, address);
        slot.entry = mmu.entry(slot.table, slot.index);
        const table_id below = slot.level > 0 ? mmu.table_below(slot.entry, slot.level) : TABLE_NONE;
        if (below == TABLE_NONE) break;
        slot.table = below;
    }
    slot.address = address & ~(geometry.size(slot.level) - 1);
    return slot;
}

// Calls visit(slot) for each entry of [start, end) that is not 0 and no table's, in the order of addresses. visit() may change
// it; `again`: it has put a table in its place.
template <class Visit>
void each_entry(mm_context& cx, u64 start, u64 end, Visit&& visit) {
    const mmu_memory& mmu = cx.pages->mmu;
    const page_geometry& geometry = mmu.geometry();
    const space_id space = space_of(cx);
    const u64 page = geometry.page_size();
    for (u64 at = start; at < end && !cx.sink.spent();) {
        table_slot slot = find_slot(mmu, space, at);
        cx.sink.charge(1);
        if (slot.level > 0) {
            if (slot.entry != 0 && visit(slot) == entry_visit::again) continue;
            at = slot.address + geometry.size(slot.level);
            if (at == 0) return;
            continue;
        }
        const u32 entries = geometry.entries(0);
        const u32 first = slot.index;
        for (; slot.index < entries && at < end; ++slot.index, at += page) {
            slot.entry = mmu.entry(slot.table, slot.index);
            if (slot.entry == 0) continue;
            slot.address = at;
            static_cast<void>(visit(slot));
        }
        cx.sink.charge(slot.index - first);
    }
}

// The same of tables that nobody changes meanwhile, for who has no op to charge.
template <class Visit>
void each_entry(const mmu_memory& mmu, space_id space, u64 start, u64 end, Visit&& visit) {
    const page_geometry& geometry = mmu.geometry();
    for (u64 at = start; at < end;) {
        table_slot slot = find_slot(mmu, space, at);
        if (slot.level > 0) {
            if (slot.entry != 0) visit(slot);
            at = slot.address + geometry.size(slot.level);
            if (at == 0) return;
            continue;
        }
        for (; slot.index < geometry.entries(0) && at < end; ++slot.index, at += geometry.page_size()) {
            slot.entry = mmu.entry(slot.table, slot.index);
            slot.address = at;
            if (slot.entry != 0) visit(slot);
        }
    }
}

} // namespace mm
