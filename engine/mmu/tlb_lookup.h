#pragma once
// What every access does with the TLB: look up, note the use, fill. Inline, and without a division.
#include <bit>

#include "mmu/tlb.h"

namespace mm {

// The way that a new entry takes: a free one, or the one whose last use is longest ago.
// `row`: the ways of its set.
template <class Entry>
[[nodiscard]] inline u32 tlb_victim(const Entry* row, u32 ways, tlb_order order) {
    for (u32 way = 0; way < ways; ++way)
        if (!row[way].valid()) return way;
    return order.at(ways - 1);
}

// An entry, until the TLB changes or is copied. nullptr: none.
struct tlb_found {
    const tlb_entry* entry = nullptr;
    u32 set = 0, way = 0;
};

// The entry that translates the address for this ASID.
[[nodiscard]] [[gnu::always_inline]] inline tlb_found tlb_look_up(const tlb_memory& tlb, u32 cpu, u64 address,
                                                                  u16 asid) {
    for (u32 sizes = tlb.cpus[cpu].sizes; sizes != 0; sizes &= sizes - 1) {
        const u32 size = static_cast<u32>(std::countr_zero(sizes));
        const u64 page = address >> tlb.size_shift[size];
        const u64 tag = page << tlb.size_shift[size] | (size + 1);
        const u32 set = static_cast<u32>(page) & (tlb.nr_sets - 1);
        const tlb_entry* const row = &tlb.entries[tlb.slot_of(cpu, set, 0)];
        for (const tlb_entry* entry = row; entry != row + tlb.ways(); ++entry)
            if (entry->tag == tag && (entry->global || entry->asid == asid))
                return {entry, set, static_cast<u32>(entry - row)};
    }
    return {};
}

// The way becomes the one used last. `stored`: its set's place in tlb_memory::order.
[[gnu::always_inline]] inline void tlb_use(u64& stored, u32 way) {
    stored = tlb_order::from(stored).used(way).stored();
}

// Puts an entry in, in a free way or in the one whose last use is longest ago.
inline tlb_place tlb_fill(tlb_memory& tlb, u32 cpu, const tlb_entry& entry) {
    tlb_place place;
    place.set = tlb.set_of(entry.virt(), entry.size());
    const u32 set = cpu * tlb.nr_sets + place.set;
    const u32 base = tlb.slot_of(cpu, place.set, 0);
    u64& stored = tlb.order.mut(set);
    const tlb_order order = tlb_order::from(stored);
    tlb_entry* row = &tlb.entries.mut(base);
    place.way = tlb_victim(row, tlb.ways(), order);
    place.slot = base + place.way;
    stored = order.used(place.way).stored();
    tlb_cpu& state = tlb.cpus[cpu];
    tlb_entry& slot = row[place.way];
    if (slot.valid()) {
        place.evicted = true;
        state.count_out(slot.size());
        ++state.counters.evictions;
    }
    slot = entry;
    state.count_in(entry.size());
    return place;
}

} // namespace mm
