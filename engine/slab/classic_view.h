#pragma once
// What views of SLAB draw: the parts of a slab's bytes, what an object's place in it is, and the sets of an L1 cache that
// objects fall on.
//
//   address bits of a 32 KiB cache of 8 ways and lines of 64 bytes:   | tag ... 12 | set 11 ... 6 | byte 5 ... 0 |
//
// Slabs begin at whole pages, so without colouring object i of every slab falls on the same sets. With colouring slab
// after slab begins `colour_off` later.
// Pure functions. Offsets in bytes from the slab's first.
#include <vector>

#include "slab/slab_memory.h"

namespace mm {

// In address order; parts without bytes are left out.
enum class slab_part : u8 { colour, objects, left_over, index_array };
struct slab_range {
    slab_part part = slab_part::objects;
    u32 start = 0;
    u32 end = 0;

    friend bool operator==(const slab_range&, const slab_range&) = default;
};
[[nodiscard]] std::vector<slab_range> slab_parts(const slab_memory& slabs, const physical_memory& mem, slab_id id);

// Where each object of a slab is, by index.
enum class classic_object : u8 {
    allocated,
    in_slab, // in the slab's own free part
    in_cpu_array,
    in_shared,
    in_alien,
};
struct object_place {
    classic_object where = classic_object::allocated;
    u16 owner = 0;         // CPU of the array, or node of the shared or alien one
    u16 warm_cpu = NO_CPU; // in an array: the CPU whose cache it is warm in
};
[[nodiscard]] std::vector<object_place> classic_object_places(const slab_memory& slabs, slab_id id);

// An L1 data cache. size = sets × ways × line; line and sets are powers of two.
struct l1_cache {
    u32 size = 32768;
    u32 ways = 8;
    u32 line = 64;

    [[nodiscard]] u32 sets() const { return size / (ways * line); }
};

// The lines that an object touches: from set `first_set`, `lines` of them, each in the next set, round and round.
struct object_lines {
    u32 first_set = 0;
    u32 lines = 0;

    friend bool operator==(const object_lines&, const object_lines&) = default;
};
// `num` objects, `size` apart, the first at `address`. Nothing for a cache without sets.
[[nodiscard]] std::vector<object_lines> l1_lines(const l1_cache& l1, phys_addr_t address, u32 size, u32 num);
// The same for a slab of any allocator; `coloured` false: as if it began without an offset.
[[nodiscard]] std::vector<object_lines> l1_lines(const l1_cache& l1, const slab_memory& slabs,
                                                 const physical_memory& mem, slab_id id, bool coloured);
// By set: how many lines of these objects fall on it. More than `ways` cannot stay in the cache together.
[[nodiscard]] std::vector<u32> l1_load(const l1_cache& l1, const std::vector<object_lines>& objects);

} // namespace mm
