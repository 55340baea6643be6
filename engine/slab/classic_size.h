#pragma once
// From what a caller asks for to the size of an object, the order of a slab and its colours: pure functions of SLAB.
//
//   | colour_off × colour | object 0 | object 1 | ... | object num-1 | left over | index array (on-slab) |
//
// The index array has one entry an object, one byte each with 4 KiB pages and two with larger ones: entry i is the index
// of the object that is handed out when i are in use. It stands in one of three places, tried in this order:
//
//   in_object  in the free object that is handed out last. Not with a constructor or SLAB_TYPESAFE_BY_RCU, whose free
//              objects keep their contents, and not when it is longer than an object.
//   off_slab   in an object of a kmalloc cache, when that is at most half an object. Not when it would fit in what the
//              slab has left over.
//   on_slab    at the end of the slab.
//
// Orders are tried from 0 up. The first acceptable one ends the search when the slab is reclaimable, when the order has
// reached slab_max_order, or when at most an eighth of the slab is left over.
// Sizes in bytes.
// Simplified: CONFIG_DEBUG_SLAB is off, as in every kernel of a distribution: red zones, poison and owners are ignored.
//   The rule of older kernels that objects above a 32nd or an eighth of a page keep their management off-slab
//   (OFF_SLAB_MIN_SIZE) went with 4.6 and is not modelled.
// Mirrors: mm/slab.c (cache_estimate, calculate_slab_order, set_objfreelist_slab_cache, set_off_slab_cache,
//   set_on_slab_cache, __kmem_cache_create) (Linux 5.10, 6.1).
#include <vector>

#include "slab/size.h"

namespace mm {

enum class freelist_place : u8 { in_object, off_slab, on_slab };

// What one order came to. The numbers are the `verdict` of the event order_tried.
enum class order_verdict : u8 {
    none_fits,         // not one object: the next order is tried
    too_many,          // more objects than an index can say: the search ends
    no_freelist_cache, // no kmalloc cache for the index array: the next order is tried
    freelist_off_slab, // that cache's own index arrays are off-slab, and might need themselves: the next order is tried
    no_benefit,        // the kmalloc object is more than half an object of this cache: the next order is tried
    wasteful,          // more than an eighth is left over: the next order is tried, this one kept
    reclaimable,       // taken
    largest,           // taken: slab_max_order is reached
    little_waste,      // taken
};

struct order_attempt {
    freelist_place place = freelist_place::on_slab;
    u32 order = 0;
    u32 num = 0;
    u32 left_over = 0;
    order_verdict verdict = order_verdict::none_fits;
};

// Why a place for the index array was given up. The numbers are the `reason` of the event freelist_refused.
enum class place_refusal : u8 {
    keeps_contents, // in_object: a constructor or SLAB_TYPESAFE_BY_RCU
    no_order,       // no order is acceptable
    too_long,       // in_object: the array is longer than an object
    fits_on_slab,   // off_slab: what is left over holds it
};

struct refused_place {
    freelist_place place = freelist_place::on_slab;
    place_refusal reason = place_refusal::no_order;
    u32 index_bytes = 0; // of the whole array, 0 without an order
};

struct classic_layout {
    u32 size = 0; // distance between objects
    u32 align = 0;
    u32 order = 0;
    u32 num = 0; // 0: no order holds one object
    u32 left_over = 0;
    u32 colour = 0;
    u32 colour_off = 0;
    u32 index_bytes = 0;
    freelist_place place = freelist_place::on_slab;
    std::vector<order_attempt> attempts;
    std::vector<refused_place> refused;
};

// Bytes of one index, and the most objects that it can number. kernel: freelist_idx_t, SLAB_OBJ_MAX_NUM
[[nodiscard]] u32 freelist_index_bytes(u32 page_size);
[[nodiscard]] u32 slab_obj_max_num(u32 page_size);
// The order above which a slab grows only to hold one object. kernel: slab_max_order
[[nodiscard]] u32 slab_max_order(const slab_memory& slabs, const physical_memory& mem);

// `object_size` as the caller gave it, `align` as calculate_alignment() made it.
[[nodiscard]] classic_layout classic_calculate(const slab_memory& slabs, const physical_memory& mem, slab_flags_t flags,
                                               u32 object_size, u32 align, bool ctor);

// Entries of a CPU's array by the size of an object. kernel: enable_cpucache
[[nodiscard]] u32 classic_limit(u32 size, u32 page_size);

} // namespace mm
