#pragma once
// Records of slabs, and the lists that they stand on: what SLUB and SLAB share.
//
//   pages ─► slab record ─► links (one entry an object)
//     └──── page::next of each frame is the record's number, PageSlab marks it
#include "physical/page_alloc.h"
#include "slab/size.h"
#include "slab/slab.h"

namespace mm {

[[nodiscard]] slab_limits limits_of(const slab_memory& slabs, const physical_memory& mem);

// A record for `objects` objects in a block that the page allocator gave. Its links are not set up.
[[nodiscard]] slab_id add_slab(slab_context& cx, cache_id cache, pfn_t pfn, u32 order, u32 objects);
// Gives the record and its pages back. It stands on no list.
void remove_slab(slab_context& cx, slab_id id);

// Node lists, linked both ways. `place` is what the slab's place becomes.
void list_add(slab_memory& slabs, slab_list& list, slab_id id, bool tail);
void list_del(slab_memory& slabs, slab_list& list, slab_id id);

[[nodiscard]] inline object_link& link_mut(slab_memory& slabs, const slab& s, obj_index index) {
    return slabs.links.mut(s.links + index);
}
[[nodiscard]] inline obj_index next_free(const slab_memory& slabs, const slab& s, obj_index index) {
    return slabs.links[s.links + index].next();
}
[[nodiscard]] inline bool is_allocated(const slab_memory& slabs, const slab& s, obj_index index) {
    return slabs.links[s.links + index].allocated();
}

// The number of objects on a freelist, `most` at most: a damaged list may have no end.
[[nodiscard]] u32 freelist_length(const slab_memory& slabs, const slab& s, obj_index head);

// The next of the machine's own random numbers.
[[nodiscard]] u64 next_random(slab_memory& slabs);
// A run of `count` links that holds 0 to count - 1 in shuffled order. count >= 2. kernel: cache_random_seq_create
[[nodiscard]] u32 make_random_sequence(slab_memory& slabs, u32 count);

} // namespace mm
