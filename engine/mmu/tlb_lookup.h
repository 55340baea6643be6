#pragma once
// The look-up in the TLB, which every access makes: inline, and without a division.
#include "mmu/tlb.h"

namespace mm {

// Where the entry stands that translates the address for this ASID; slot TLB_NONE: nowhere.
[[nodiscard]] inline tlb_place tlb_look_up(const tlb_memory& tlb, u32 cpu, u64 address, u16 asid) {
    const tlb_cpu& state = tlb.cpus[cpu];
    const u32 ways = tlb.ways();
    constexpr u32 CHUNK = decltype(tlb.entries)::CHUNK_ITEMS;
    for (u8 size = 0; size < tlb.nr_sizes; ++size) {
        if (state.nr_valid[size] == 0) continue;
        const u64 tag = (address & ~(tlb.size_bytes(size) - 1)) | (size + 1u);
        const u32 set = tlb.set_of(address, size);
        const u32 base = (cpu * tlb.nr_sets + set) * ways;
        // The ways of a set stand in a row, nearly always in one chunk.
        const tlb_entry* row = &tlb.entries[base];
        const bool together = base % CHUNK + ways <= CHUNK;
        for (u32 way = 0; way < ways; ++way) {
            const tlb_entry& entry = together ? row[way] : tlb.entries[base + way];
            if (entry.tag == tag && (entry.global || entry.asid == asid)) return {base + way, set, way, false};
        }
    }
    return {};
}

} // namespace mm
