#pragma once
// The state of percpu memory: chunks of units, one unit a CPU. percpu.h says what happens with it.
//
//   chunk   group 0 (node 0)  [unit of CPU 0][unit of CPU 1]        group 1 (node 1)  [unit of CPU 2][unit of CPU 3]
//           an allocation is the same offset in all of them:  [..x.....][..x.....]      [..x.....][..x.....]
//
// Links and heads are numbers of records plus 1; 0: none.
//
// Invariant: a chunk's holes are in order, apart from one another, and make free_bytes; an allocation's size stands at
// its offset in `sizes`; no hole has one.
// Mirrors: mm/percpu-internal.h (struct pcpu_chunk), mm/percpu.c (Linux 5.10, 6.1, 6.12).
#include <array>

#include "base/cow_array.h"
#include "physical/memory.h"
#include "slab/slab_memory.h"

namespace mm {

inline constexpr u32 PCPU_MIN_ALLOC_SIZE = 4;
inline constexpr u32 PCPU_MIN_UNIT_SIZE = 32 << 10; // also the longest allocation
inline constexpr u32 PCPU_MAX_UNIT_PAGES = 512;
inline constexpr u32 PCPU_SLOTS = 32;

// CPUs that are near one another: their units lie side by side.
struct percpu_group {
    u64 offset = 0;   // bytes from the chunk's base
    u32 nr_units = 0; // some may belong to no CPU
    u16 nr_cpus = 0;
};

struct percpu_hole {
    u32 start = 0, size = 0; // bytes
    u32 next = 0;
};

struct percpu_chunk {
    u64 base_addr = 0;
    std::array<u32, MAX_NODES> vms{}; // by group: numbers of vm_structs
    u32 holes = 0;                    // the first of them
    u32 free_bytes = 0;
    u32 contig = 0; // bytes of the longest hole
    u32 sizes = 0;  // first of its entries in percpu_memory::sizes, one for each PCPU_MIN_ALLOC_SIZE bytes of a unit
    u32 next = 0, prev = 0; // on the list of its slot
    u8 slot = 0;
    bool in_use = false;
    std::array<u64, PCPU_MAX_UNIT_PAGES / 64> populated{};

    [[nodiscard]] bool is_populated(u32 page) const { return populated[page / 64] >> (page % 64) & 1; }
};

struct percpu_slot {
    u32 first = 0, last = 0;
};

struct percpu_memory {
    // Of the first chunk, which boot has put into the linear map; all chunks are cut as it is.
    u32 static_size = 0, reserved_size = 0, dyn_size = 0;
    u32 unit_size = 0;
    u32 atom_size = 0; // what areas are aligned to
    u8 nr_groups = 0;
    std::array<percpu_group, MAX_NODES> groups{};
    std::array<u8, MAX_CPUS> group_of{}; // by CPU
    std::array<u8, MAX_CPUS> unit_of{};  // its place in the group

    CowArray<percpu_chunk, 2, 5> chunks;
    CowArray<percpu_hole, 6, 6> holes;
    CowArray<u32> sizes; // in bytes; 0: no allocation begins there
    run_pool size_runs;
    u32 chunks_used = 0, chunk_unused = 0;
    u32 holes_used = 0, hole_unused = 0;
    u32 nr_chunks = 0;
    std::array<percpu_slot, PCPU_SLOTS> slots{};

    [[nodiscard]] u64 bytes_copied() const {
        return chunks.bytes_copied() + holes.bytes_copied() + sizes.bytes_copied();
    }
    // Bytes from the base of a chunk to the unit of a CPU.
    [[nodiscard]] u64 unit_offset(u32 cpu) const {
        return groups[group_of[cpu]].offset + u64{unit_of[cpu]} * unit_size;
    }
};

} // namespace mm
