#pragma once
// The state of vm_map_ram(): blocks of addresses that many small mappings share. vm_map_ram.h says what happens with
// it.
//
//   a block, VMAP_BBMAP_BITS pages    [used][dirty][used][dirty][.........free.........]
//                                       vm_map_ram takes from the front of `free`; nothing ever goes back to it
//
// Queue links and heads are numbers of blocks plus 1; 0: none. So what was never used is all zero.
//
// Invariant: used pages + free + dirty == bits, unless misuse has damaged the block; a block stands on its CPU's queue
// while free > 0.
// Mirrors: mm/vmalloc.c (struct vmap_block, struct vmap_block_queue; Linux 5.10, 6.1, 6.12).
#include <array>

#include "base/cow_array.h"
#include "base/types.h"

namespace mm {

inline constexpr u32 VMAP_BBMAP_BITS_MAX = 1024;

struct vmap_block {
    u32 vm = 0; // number of its vm_struct
    u32 free = 0;
    u32 dirty = 0;                    // unmapped, and no TLB was told
    u32 dirty_min = 0, dirty_max = 0; // pages between which that lies; max is exclusive
    u32 next = 0, prev = 0;           // on the queue of its CPU
    u16 cpu = 0;
    bool in_use = false;
    bool queued = false;
    bool damaged = false; // something was unmapped that was not mapped so: its counts no longer agree
    std::array<u64, VMAP_BBMAP_BITS_MAX / 64> used{}; // kernel: used_map, since 6.3

    [[nodiscard]] bool is_used(u32 page) const { return used[page / 64] >> (page % 64) & 1; }
};

// Blocks with free pages, oldest first.
struct vmap_block_queue {
    u32 first = 0, last = 0;
};

struct vmap_block_memory {
    u32 bits = 0;      // pages of a block. kernel: VMAP_BBMAP_BITS
    u32 max_alloc = 0; // more pages get an area of their own. kernel: VMAP_MAX_ALLOC
    u32 used = 0;      // blocks below were in use at some time
    u32 unused = 0;    // one that is not, plus 1; the next one is its `next`
    CowArray<vmap_block, 3, 5> blocks;
    CowArray<vmap_block_queue, 4, 4> queues; // as many as the machine has CPUs, from the first vm_map_ram() on

    [[nodiscard]] u64 bytes_copied() const { return blocks.bytes_copied() + queues.bytes_copied(); }
};

} // namespace mm
