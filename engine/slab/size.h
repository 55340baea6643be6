#pragma once
// From what a caller asks for to the size of an object and the order of a slab: pure functions of SLUB.
//
//   | left red zone | object | right red zone | free pointer | tracking | padding |
//                   0        object_size      inuse          ...                size - red_left_pad
//
// Without debugging there is the object alone, and the free pointer stands in its middle while it is free.
// Sizes and offsets in bytes.
// Mirrors: mm/slab_common.c (calculate_alignment), mm/slub.c (calculate_sizes, calculate_order, set_min_partial,
//   set_cpu_partial) (Linux 5.10, 6.1, 6.12).
#include <optional>
#include <vector>

#include "slab/slab_memory.h"

namespace mm {

// What of the machine decides sizes.
struct slab_limits {
    kernel_rules rules;
    u32 page_size = 4096;
    u32 pointer_size = 8;
    u32 nr_cpus = 1; // nr_cpu_ids
    u32 nr_orders = 11;
    slab_config config;
};

// The alignment that a cache gets: at least a pointer's, with SLAB_HWCACHE_ALIGN a cache line or the part of it that
// still holds the object.
[[nodiscard]] u32 calculate_alignment(const slab_limits& limits, slab_flags_t flags, u32 align, u32 size);

struct object_layout {
    u32 size = 0;
    u32 inuse = 0;
    u32 offset = 0; // of the free pointer
    u32 red_left_pad = 0;
    slab_flags_t flags = 0; // as given, and OBJECT_POISON
};
[[nodiscard]] object_layout slub_object_layout(const slab_limits& limits, slab_flags_t flags, u32 object_size,
                                               u32 align, bool ctor);

// How calculate_order() came to its answer.
struct order_choice {
    u32 order = 0;
    u32 min_objects = 0; // as many as it could hold the slab to
    u32 fraction = 0;    // waste was held to 1/fraction of the slab; 0: anything that holds one object
    u32 waste = 0;       // bytes at the end
};
// nullopt: no order holds one object.
[[nodiscard]] std::optional<order_choice> slub_calculate_order(const slab_limits& limits, u32 size);
[[nodiscard]] u32 order_of_size(const slab_limits& limits, u64 size); // kernel: get_order

[[nodiscard]] u32 slub_min_partial(u32 size);
// Objects that a CPU's partial list is meant to hold, and since 5.16 the slabs that this makes.
[[nodiscard]] u32 slub_cpu_partial(const slab_limits& limits, slab_flags_t flags, u32 size);
[[nodiscard]] u32 slub_cpu_partial_slabs(const slab_limits& limits, u32 cpu_partial, u32 objs);

// Bytes of struct track, two of which follow an object with SLAB_STORE_USER.
[[nodiscard]] u32 track_size(const slab_limits& limits);

// The parts of one object's `size` bytes in address order, for drawing and for reports. Offsets from its first byte,
// which is red_left_pad before the object.
enum class object_part : u8 { red_left, object, red_right, free_pointer, alloc_track, free_track, orig_size, padding };
struct part_range {
    object_part part;
    u32 start = 0;
    u32 end = 0;
};
[[nodiscard]] std::vector<part_range> object_parts(const slab_limits& limits, const kmem_cache& cache);

} // namespace mm
