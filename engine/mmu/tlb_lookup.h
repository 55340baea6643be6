#pragma once
// What every access does with the TLB: look up, note the use, fill. Inline, and without a division.
#include "mmu/tlb.h"

namespace mm {

// The way that a new entry takes: the one whose last use is longest ago. One that holds nothing was never used.
// `row`: the ways of its set.
template <class Entry>
[[nodiscard]] inline u32 tlb_victim(const Entry* row, u32 ways) {
    u32 oldest = 0;
    for (u32 way = 1; way < ways; ++way)
        if (row[way].used < row[oldest].used) oldest = way;
    return oldest;
}

// The entry becomes the one used last.
template <class Entry>
[[gnu::always_inline]] inline void tlb_use(tlb_cpu& state, Entry& entry) {
    entry.used = ++state.uses;
}

// Where the entry of an address has to stand if its leaf is of this size, and the tag that it has then.
struct tlb_home {
    u32 slot; // of the first way
    u64 tag;
};
[[nodiscard]] [[gnu::always_inline]] inline tlb_home tlb_home_of(const tlb_memory& tlb, u32 cpu, u64 address,
                                                                 u32 size) {
    const u64 page = address >> tlb.size_shift[size];
    const u32 set = static_cast<u32>(page) & (tlb.nr_sets - 1);
    return {tlb.slot_of(cpu, set, 0), page << tlb.size_shift[size] | (size + 1)};
}

// The entry among the ways of a set; nullptr: none.
template <class Entry>
[[nodiscard]] [[gnu::always_inline]] inline Entry* tlb_match(Entry* row, u32 ways, u64 tag, u16 asid) {
    for (Entry* entry = row; entry != row + ways; ++entry)
        if (entry->tag == tag && (entry->global || entry->asid == asid)) return entry;
    return nullptr;
}

// Puts an entry in, in a free way or in the one whose last use is longest ago.
inline tlb_place tlb_fill(tlb_memory& tlb, u32 cpu, const tlb_entry& entry) {
    tlb_place place;
    place.set = tlb.set_of(entry.virt(), entry.size());
    const u32 base = tlb.slot_of(cpu, place.set, 0);
    tlb_entry* row = &tlb.entries.mut(base);
    place.way = tlb_victim(row, tlb.ways());
    place.slot = base + place.way;
    tlb_cpu& state = tlb.cpus[cpu];
    tlb_entry& slot = row[place.way];
    if (slot.valid()) {
        place.evicted = true;
        state.count_out(slot.size());
        ++state.counters.evictions;
    }
    slot = entry;
    tlb_use(state, slot);
    state.count_in(entry.size());
    return place;
}

} // namespace mm
