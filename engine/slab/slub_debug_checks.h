#pragma once
// The checks of debugged slabs, and what they write. Only slub_debug*.cpp and slub_report.cpp include this.
#include "slab/slub_debug.h"

namespace mm {

// What check_bytes() calls the bytes it looked at. The numbers are the `what` of bytes_overwritten and slub_fix.
enum class checked_part : u8 {
    left_redzone,
    right_redzone,
    kmalloc_redzone,
    alignment_padding,
    poison,
    end_poison,
    object_padding,
    slab_padding
};
// The numbers are the `reason` of object_error.
enum class object_fault : u8 { already_free, freechain_corrupt, freepointer_corrupt };
// The numbers are the `reason` of slab_error; what its arguments are stands behind.
enum class slab_fault : u8 {
    invalid_pointer, // address
    freepointer_corrupt,
    wrong_count,       // a: the counter, b: counted
    too_many_inuse,    // a: inuse, b: objects
    too_few_allocated, // a: inuse, b: to be freed
    disabled,
};
// The numbers are the `reason` of slub_fix.
enum class slab_repair : u8 { restoring, all_used, count_adjusted, freelist_cleared, isolated, not_freed };

// Where a written byte stands. The numbers are `from` and `to` of object_written.
enum class write_place : u8 { object, left_redzone, right_redzone, free_pointer, tracks, padding, slab_padding };
// Why a write changed nothing. The numbers are the `reason` of write_unseen.
enum class write_unseen_reason : u8 { no_slab, outside, no_room };
// Where an overwritten free pointer leads. The numbers are the `reason` of freepointer_overwritten.
enum class pointer_fate : u8 { nowhere, null, object };

// Where the parts of an object stand, from its first byte as its holder sees it. 0 where it has none.
struct debug_layout {
    u32 word = 8;     // bytes of a pointer
    u32 info_end = 0; // behind the object, its red zone and a free pointer outside
    u32 track = 0;    // of the allocation; that of the free is track_bytes behind
    u32 track_bytes = 0;
    u32 orig_size = 0;
    u32 padding = 0; // from here to the object's end
    u32 end = 0;     // size_from_object()
    bool pointer_outside = false;
};
[[nodiscard]] debug_layout debug_layout_of(const slab_memory& slabs, const physical_memory& mem,
                                           const kmem_cache& cache);

// A slab and its cache, for the time of one op. The cache is a copy, as events may be emitted in between.
struct debugged_slab {
    slab_context& cx;
    slab_id id;
    cache_id number;
    kmem_cache cache;
    debug_layout layout;

    debugged_slab(slab_context& context, slab_id slab_number);

    [[nodiscard]] slab state() const { return cx.slabs.slabs[id]; }
    [[nodiscard]] slab& mut() const { return cx.slabs.slabs.mut(id); }
    [[nodiscard]] bool has_bytes() const { return cx.slabs.slabs[id].content != RUN_NONE; }
    [[nodiscard]] u32 position(obj_index index) const { return object_position(cx.slabs, cx.slabs.slabs[id], index); }
    [[nodiscard]] bool checks() const { return cache.flags & SLAB_CONSISTENCY_CHECKS; }
    [[nodiscard]] obj_index next(obj_index index) const {
        return get_freepointer(cx.slabs, cx.page.mem, cx.slabs.slabs[id], index);
    }
    void set_next(obj_index index, obj_index next) const {
        set_freepointer(cx.slabs, cx.page.mem, cx.slabs.slabs[id], index, next);
    }
};

[[nodiscard]] bool tracks_orig_size(const slab_memory& slabs, const kmem_cache& cache);
// The request that the object's bytes name; the whole object where none is kept. At most object_size.
[[nodiscard]] u32 orig_size_of(const debugged_slab& d, obj_index index);

// ---- marks
void init_object(const debugged_slab& d, obj_index index, u8 red);
void set_orig_size(const debugged_slab& d, obj_index index, u32 size);
enum class track_item : u8 { alloc, free };
void set_track(const debugged_slab& d, obj_index index, track_item item);
void clear_tracks(const debugged_slab& d, obj_index index);
void trace_object(const debugged_slab& d, obj_index index, bool alloc);

// ---- checks; false: something was wrong, was reported and repaired
[[nodiscard]] bool check_slab(const debugged_slab& d);
void slab_pad_check(const debugged_slab& d);
[[nodiscard]] bool check_object(const debugged_slab& d, obj_index index, u8 red);
// Does `search` stand on the freelist? Counts the list when it does not. OBJ_NONE: is the list whole?
[[nodiscard]] bool on_freelist(const debugged_slab& d, obj_index search);

// Bytes from `start` up to `end` of the slab were written: where they are the pointer of a free object, the list goes where they say
// now, and that is told.
void follow_range(const debugged_slab& d, u32 start, u32 end);
// A free pointer of NULL is written at `position`, whatever stands there.
void overwrite_pointer(const debugged_slab& d, u32 position);

// ---- reports and repairs
void object_err(const debugged_slab& d, obj_index index, object_fault fault);
void slab_err(const debugged_slab& d, slab_fault fault, i64 a = 0, i64 b = 0, phys_addr_t address = ADDR_NULL);
void slab_fix(const debugged_slab& d, slab_repair repair, phys_addr_t object = ADDR_NULL);

} // namespace mm
