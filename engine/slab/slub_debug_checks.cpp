// The checks of debugged slabs. kernel: mm/slub.c (check_object, check_slab, on_freelist)
#include "slab/slub_debug_checks.h"

#include <algorithm>
#include <array>

#include "slab/events.h"

namespace mm {

namespace {

using ev = slub_debug_event;

constexpr u64 TEXT_ADDRESS =
    0xffff800008000000ull; // where a 64-bit kernel's functions stand; callers are told by their op

u32 pointer_bytes(const kmem_cache& cache, u32 word) { return cache.offset >= cache.inuse ? word : 0; }

void note_error(const debugged_slab& d) {
    ++d.cx.slabs.nr_slab_errors;
    note_record(d.cx.page, record_work(d.cx.page.mem.page_shift));
}

// The object as it was found, which belongs to the report of the bytes before it. kernel: object_err
void print_object(const debugged_slab& d, obj_index index) {
    d.cx.page.sink.emit(ev::object_printed, d.number, d.state().pfn, index);
    note_taint(d.cx);
}

// A report: counted, and the kernel is tainted from then on.
void note_report(const debugged_slab& d) {
    note_error(d);
    note_taint(d.cx);
}

// So many bytes of the slab are compared or written.
void charge_bytes(const debugged_slab& d, u32 bytes) { d.cx.page.sink.charge(1 + bytes / WORK_BYTES); }

void restore_bytes(const debugged_slab& d, checked_part what, byte_range bytes, u8 value) {
    d.cx.page.sink.emit(ev::slub_fix, d.number, d.state().pfn, slab_repair::restoring, what, bytes.start,
                        bytes.end - bytes.start, value, ADDR_NULL);
    note_error(d);
    fill_content(d.cx.slabs, d.state(), bytes.start, bytes.end - bytes.start, value);
}

struct part_check {
    checked_part what;
    u32 start;  // in the slab
    u32 length; // 0: nothing to look at
    u8 value;
    bool stops; // before 6.11: the checks end when this one fails
};

// `print`: the object is told, too, where the kernel tells it apart from its bytes. kernel: check_bytes_and_report
bool check_bytes(const debugged_slab& d, obj_index index, const part_check& part, bool print) {
    if (part.length == 0 || !d.has_bytes()) return true;
    const slab s = d.state();
    charge_bytes(d, part.length);
    const byte_range wrong = other_bytes(d.cx.slabs, s, part.start, part.start + part.length, part.value);
    if (wrong.start == wrong.end) return true;
    const u8 found = content_at(d.cx.slabs, s, wrong.start);
    d.cx.page.sink.emit(ev::bytes_overwritten, d.number, s.pfn, index, part.what, wrong.start, wrong.end - wrong.start,
                        found, part.value);
    if (d.cx.slabs.rules.reports_warn()) {
        note_error(d);
        if (print) print_object(d, index);
    } else {
        note_report(d);
    }
    restore_bytes(d, part.what, wrong, part.value);
    return false;
}

// In the kernel's order.
std::array<part_check, 6> parts_of(const debugged_slab& d, obj_index index, u8 red) {
    const kmem_cache& c = d.cache;
    const u32 p = d.position(index);
    const bool active = red == SLUB_RED_ACTIVE;
    const bool zones = c.flags & SLAB_RED_ZONE;
    const bool poison = c.flags & SLAB_POISON;
    const u32 rest = active && d.cx.slabs.rules.checks_kmalloc_redzone() ? orig_size_of(d, index) : c.object_size;
    const u32 behind = c.inuse - std::min(c.inuse, c.object_size);
    const u32 free_bytes = poison && !active && c.flags & OBJECT_POISON ? c.object_size : 0;
    return {{
        {checked_part::left_redzone, p - c.red_left_pad, zones ? c.red_left_pad : 0, red, true},
        {checked_part::right_redzone, p + c.object_size, zones ? behind : 0, red, true},
        {checked_part::kmalloc_redzone, p + rest, zones ? c.object_size - rest : 0, red, true},
        {checked_part::alignment_padding, p + c.object_size, !zones && poison ? behind : 0, POISON_INUSE, false},
        {checked_part::poison, p, free_bytes ? free_bytes - 1 : 0, POISON_FREE, true},
        {checked_part::end_poison, p + c.object_size - 1, free_bytes ? 1u : 0u, POISON_END, true},
    }};
}

bool check_pad_bytes(const debugged_slab& d, obj_index index) {
    if (!(d.cache.flags & SLAB_POISON)) return true;
    const debug_layout& layout = d.layout;
    return check_bytes(d, index,
                       {checked_part::object_padding, d.position(index) + layout.padding, layout.end - layout.padding,
                        POISON_INUSE, false},
                       true);
}

// A free pointer that leads nowhere is cut off, and with it the rest of the list.
void zap_freepointer(const debugged_slab& d, obj_index index) {
    if (!is_allocated(d.cx.slabs, d.cx.slabs.slabs[d.id], index)) d.mut().corrupt = true;
    d.set_next(index, OBJ_NONE);
}

bool check_freepointer(const debugged_slab& d, obj_index index, u8 red) {
    // Inside an allocated object the bytes are the caller's.
    if (!d.layout.pointer_outside && red == SLUB_RED_ACTIVE) return true;
    const obj_index next = d.next(index);
    if (next == OBJ_NONE || next < d.state().objects) return true;
    object_err(d, index, object_fault::freepointer_corrupt);
    zap_freepointer(d, index);
    return false;
}

} // namespace

void note_taint(slab_context& cx) {
    cx.page.mem.log.bad_page = true;
    cx.page.mem.log.warned = cx.page.mem.log.warned || cx.slabs.rules.reports_warn();
}

debug_layout debug_layout_of(const slab_memory& slabs, const physical_memory& mem, const kmem_cache& cache) {
    debug_layout layout;
    layout.word = slabs.pointer_size;
    layout.info_end = cache.inuse + pointer_bytes(cache, layout.word);
    layout.pointer_outside = cache.offset >= cache.inuse;
    u32 at = layout.info_end;
    if (cache.flags & SLAB_STORE_USER) {
        layout.track = at;
        layout.track_bytes = track_size(limits_of(slabs, mem));
        at += 2 * layout.track_bytes;
    }
    if (tracks_orig_size(slabs, cache)) {
        layout.orig_size = at;
        at += 4;
    }
    layout.padding = at;
    layout.end = cache.size - cache.red_left_pad;
    return layout;
}

debugged_slab::debugged_slab(slab_context& context, slab_id slab_number)
    : cx(context), id(slab_number), number(context.slabs.slabs[slab_number].cache), cache(context.slabs.caches[number]),
      layout(debug_layout_of(context.slabs, context.page.mem, cache)) {}

bool tracks_orig_size(const slab_memory& slabs, const kmem_cache& cache) {
    constexpr slab_flags_t both = SLAB_STORE_USER | SLAB_KMALLOC;
    return (cache.flags & both) == both && slabs.rules.tracks_kmalloc_size();
}

u32 orig_size_of(const debugged_slab& d, obj_index index) {
    if (d.layout.orig_size == 0 || !d.has_bytes()) return d.cache.object_size;
    const u64 size = load_content(d.cx.slabs, d.state(), d.position(index) + d.layout.orig_size, 4);
    return static_cast<u32>(std::min<u64>(size, d.cache.object_size));
}

void init_object(const debugged_slab& d, obj_index index, u8 red) {
    if (!d.has_bytes()) return;
    charge_bytes(d, d.cache.size);
    const slab s = d.state();
    const u32 p = d.position(index);
    const bool zones = d.cache.flags & SLAB_RED_ZONE;
    u32 used = d.cache.object_size;
    if (zones && red == SLUB_RED_ACTIVE && d.cx.slabs.rules.checks_kmalloc_redzone()) used = orig_size_of(d, index);
    if (zones) fill_content(d.cx.slabs, s, p - d.cache.red_left_pad, d.cache.red_left_pad, red);
    if (d.cache.flags & OBJECT_POISON && used > 0) {
        fill_content(d.cx.slabs, s, p, used - 1, POISON_FREE);
        fill_content(d.cx.slabs, s, p + used - 1, 1, POISON_END);
    }
    if (zones && d.cache.inuse > used) fill_content(d.cx.slabs, s, p + used, d.cache.inuse - used, red);
}

void set_orig_size(const debugged_slab& d, obj_index index, u32 size) {
    if (d.layout.orig_size == 0 || !d.has_bytes()) return;
    store_content(d.cx.slabs, d.state(), d.position(index) + d.layout.orig_size, 4, size);
}

// kernel: struct track { addr; handle (5.10: 16 addresses); cpu; pid; when; }
void set_track(const debugged_slab& d, obj_index index, track_item item) {
    if (d.layout.track == 0 || !d.has_bytes()) return;
    const slab s = d.state();
    const u32 at = d.position(index) + d.layout.track + (item == track_item::free ? d.layout.track_bytes : 0);
    const u32 word = d.layout.word;
    const u32 stack = d.cx.slabs.rules.tracks_full_stack() ? 16 * word : 4;
    fill_content(d.cx.slabs, s, at, d.layout.track_bytes, 0);
    store_content(d.cx.slabs, s, at, word, TEXT_ADDRESS + d.cx.page.step);
    store_content(d.cx.slabs, s, at + word + stack, 4, d.cx.page.cpu);
    store_content(d.cx.slabs, s, at + d.layout.track_bytes - word, word, d.cx.page.step);
}

void clear_tracks(const debugged_slab& d, obj_index index) {
    if (d.layout.track == 0 || !d.has_bytes()) return;
    fill_content(d.cx.slabs, d.state(), d.position(index) + d.layout.track, 2 * d.layout.track_bytes, 0);
}

void trace_object(const debugged_slab& d, obj_index index, bool alloc) {
    if (!(d.cache.flags & SLAB_TRACE)) return;
    const slab s = d.state();
    d.cx.page.sink.emit(ev::object_traced, d.number, s.pfn, index, alloc, s.inuse, s.freelist);
    note_record(d.cx.page, record_work(d.cx.page.mem.page_shift));
}

void slab_pad_check(const debugged_slab& d) {
    if (!(d.cache.flags & SLAB_POISON) || !d.has_bytes()) return;
    const slab s = d.state();
    const u32 bytes = slab_bytes(d.cx.page.mem, s);
    charge_bytes(d, bytes % d.cache.size);
    const byte_range wrong = other_bytes(d.cx.slabs, s, bytes - bytes % d.cache.size, bytes, POISON_INUSE);
    if (wrong.start == wrong.end) return;
    d.cx.page.sink.emit(ev::slab_padding_overwritten, d.number, s.pfn, wrong.start, wrong.end - wrong.start);
    note_report(d);
    restore_bytes(d, checked_part::slab_padding, wrong, POISON_INUSE);
}

bool check_slab(const debugged_slab& d) {
    const slab s = d.state();
    if (s.inuse > s.objects) {
        slab_err(d, slab_fault::too_many_inuse, s.inuse, s.objects);
        return false;
    }
    if (s.frozen && d.cx.slabs.rules.disables_failed_slabs()) {
        slab_err(d, slab_fault::disabled);
        return false;
    }
    slab_pad_check(d);
    return true;
}

bool check_object(const debugged_slab& d, obj_index index, u8 red) {
    d.cx.page.sink.charge(2);
    const bool all = d.cx.slabs.rules.checks_whole_object();
    bool right = true;
    for (const part_check& part : parts_of(d, index, red)) {
        if (check_bytes(d, index, part, right)) continue;
        if (!all && part.stops) return false;
        right = right && !all;
    }
    if (!check_pad_bytes(d, index)) right = right && !all;
    if (!check_freepointer(d, index, red)) {
        if (!all) return false;
        right = false;
    }
    return right;
}

bool on_freelist(const debugged_slab& d, obj_index search) {
    const slab s = d.state();
    u32 nr = 0;
    obj_index object = OBJ_NONE;
    obj_index at = s.freelist;
    while (at != OBJ_NONE && nr <= s.objects) {
        if (at == search) {
            d.cx.page.sink.charge(nr);
            return true;
        }
        if (at >= s.objects) {
            if (object == OBJ_NONE) {
                slab_err(d, slab_fault::freepointer_corrupt);
                slab& head = d.mut();
                head.freelist = OBJ_NONE;
                head.inuse = head.objects;
                head.corrupt = true;
                slab_fix(d, slab_repair::freelist_cleared);
                return false;
            }
            object_err(d, object, object_fault::freechain_corrupt);
            zap_freepointer(d, object);
            break;
        }
        object = at;
        at = d.next(object);
        ++nr;
    }
    d.cx.page.sink.charge(nr);
    const u32 counted = s.objects - std::min<u32>(nr, s.objects);
    if (s.inuse != counted) {
        slab_err(d, slab_fault::wrong_count, s.inuse, counted);
        d.mut().inuse = static_cast<u16>(counted);
        slab_fix(d, slab_repair::count_adjusted);
    }
    return search == OBJ_NONE;
}

void object_err(const debugged_slab& d, obj_index index, object_fault fault) {
    d.cx.page.sink.emit(ev::object_error, d.number, d.state().pfn, index, fault);
    note_report(d);
}

void slab_err(const debugged_slab& d, slab_fault fault, i64 a, i64 b, phys_addr_t address) {
    d.cx.page.sink.emit(ev::slab_error, d.number, d.state().pfn, fault, a, b, address);
    note_report(d);
}

void slab_fix(const debugged_slab& d, slab_repair repair, phys_addr_t object) {
    d.cx.page.sink.emit(ev::slub_fix, d.number, d.state().pfn, repair, 0, 0, 0, 0, object);
    note_error(d);
}

} // namespace mm
