// Writes of a buggy driver, and what they do to free pointers. No kernel function: this is what C lets anybody do.
#include <algorithm>

#include "slab/events.h"
#include "slab/slub_debug_checks.h"

namespace mm {

namespace {

using ev = slub_debug_event;

write_place place_of_byte(const debugged_slab& d, u32 position) {
    const slab s = d.state();
    const u32 size = d.cache.size;
    if (position < s.colour_off || (position - s.colour_off) / size >= s.objects) return write_place::slab_padding;
    const u32 in = (position - s.colour_off) % size;
    if (in < d.cache.red_left_pad) return write_place::left_redzone;
    const u32 at = in - d.cache.red_left_pad;
    if (at < d.cache.object_size) return write_place::object;
    if (at < d.cache.inuse) return d.cache.flags & SLAB_RED_ZONE ? write_place::right_redzone : write_place::padding;
    if (d.layout.pointer_outside && at < d.layout.info_end) return write_place::free_pointer;
    return at < d.layout.padding ? write_place::tracks : write_place::padding;
}

// The bytes of a free object's pointer say something else now: the list goes where they say.
void follow_bytes(const debugged_slab& d, obj_index index) {
    const slab s = d.state();
    if (is_allocated(d.cx.slabs, s, index)) return;
    const obj_index next = d.next(index);
    if (next == next_free(d.cx.slabs, s, index)) return;
    link_mut(d.cx.slabs, s, index).set_next(next);
    d.mut().corrupt = true;
    d.cx.page.sink.emit(ev::freepointer_overwritten, d.number, s.pfn, index,
                        freepointer_value(d.cx.slabs, d.cx.page.mem, s, index),
                        next == OBJ_DAMAGED ? pointer_fate::nowhere
                        : next == OBJ_NONE  ? pointer_fate::null
                                            : pointer_fate::object);
}

} // namespace

void follow_range(const debugged_slab& d, u32 start, u32 end) {
    const slab s = d.state();
    const u32 first = s.colour_off;
    const u32 size = d.cache.size;
    if (end <= first || s.objects == 0) return;
    const u32 from = start <= first ? 0 : std::min<u32>((start - first) / size, s.objects);
    const u32 to = std::min<u32>((end - 1 - first) / size + 1, s.objects);
    for (u32 i = from; i < to; ++i) {
        const u32 pointer = d.position(static_cast<obj_index>(i)) + d.cache.offset;
        if (pointer < end && pointer + d.layout.word > start) follow_bytes(d, static_cast<obj_index>(i));
    }
}

void overwrite_pointer(const debugged_slab& d, u32 position) {
    write_freepointer(d.cx.slabs, d.cx.page.mem, d.state(), position, OBJ_NONE);
    follow_range(d, position, position + d.layout.word);
}

void slub_write(slab_context& cx, phys_addr_t address, i64 offset, u32 length, u8 value) {
    slab_memory& slabs = cx.slabs;
    const slab_id id =
        slabs.config.allocator == slab_allocator::slub ? slab_of_address(slabs, cx.page.mem, address) : SLAB_NONE;
    if (id == SLAB_NONE) {
        cx.page.sink.emit(ev::write_unseen, address, offset, length, write_unseen_reason::no_slab);
        return;
    }
    const i64 bytes = slab_bytes(cx.page.mem, slabs.slabs[id]);
    const i64 wanted = static_cast<i64>(address - slab_base(slabs, cx.page.mem, id)) + offset;
    const i64 start = std::clamp<i64>(wanted, 0, bytes);
    const i64 end = std::clamp<i64>(wanted + length, 0, bytes);
    if (start == end) {
        cx.page.sink.emit(ev::write_unseen, address, offset, length, write_unseen_reason::outside);
        return;
    }
    const u64 touched = slabs.slabs[id].content == RUN_NONE ? static_cast<u64>(bytes) : length;
    cx.page.sink.charge(touched / WORK_BYTES + slabs.slabs[id].objects);
    if (slabs.slabs[id].content == RUN_NONE && !give_content(slabs, cx.page.mem, id, 0)) {
        cx.page.sink.emit(ev::write_unseen, address, offset, length, write_unseen_reason::no_room);
        return;
    }
    const debugged_slab d(cx, id);
    const slab s = d.state();
    const auto first = static_cast<u32>(start);
    const auto last = static_cast<u32>(end);
    fill_content(slabs, s, first, last - first, value);
    const object_ref found = object_of_address(slabs, cx.page.mem, address);
    const bool held = found.index != OBJ_NONE && is_allocated(slabs, s, found.index);
    const write_place from = place_of_byte(d, first);
    const write_place to = place_of_byte(d, last - 1);
    cx.page.sink.emit(ev::object_written, address, offset, last - first, value, d.number, from, to, held);
    follow_range(d, first, last);
}

void zero_object(slab_context& cx, phys_addr_t object) {
    const object_ref found = object_of_address(cx.slabs, cx.page.mem, object);
    if (found.slab == SLAB_NONE || found.index == OBJ_NONE) return;
    const debugged_slab d(cx, found.slab);
    if (!d.has_bytes()) return;
    u32 length = d.cache.object_size;
    if (cx.slabs.rules.checks_kmalloc_redzone()) length = orig_size_of(d, found.index);
    cx.page.sink.charge(length / WORK_BYTES);
    fill_content(cx.slabs, d.state(), d.position(found.index), length, 0);
}

void skip_orig_size_check(slab_context& cx, phys_addr_t object) {
    if (!cx.slabs.rules.checks_kmalloc_redzone()) return;
    const object_ref found = object_of_address(cx.slabs, cx.page.mem, object);
    if (found.slab == SLAB_NONE || found.index == OBJ_NONE) return;
    const debugged_slab d(cx, found.slab);
    set_orig_size(d, found.index, d.cache.object_size);
}

} // namespace mm
