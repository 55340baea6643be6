#include "slab/size.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace mm {

namespace {

constexpr u32 MIN_PARTIAL = 5;
constexpr u32 MAX_PARTIAL = 10;
constexpr u32 ARCH_SLAB_MINALIGN = 8; // __alignof__(unsigned long long), also on i386

u32 align_up(u32 value, u32 to) { return (value + to - 1) / to * to; }
u32 align_down(u32 value, u32 to) { return value / to * to; }

u64 slab_bytes(const slab_limits& limits, u32 order) { return u64{limits.page_size} << order; }
u32 order_objects(const slab_limits& limits, u32 order, u32 size) {
    return static_cast<u32>(slab_bytes(limits, order) / size);
}

bool little_waste(const slab_limits& limits, u32 order, u32 size, u32 fraction) {
    const u64 bytes = slab_bytes(limits, order);
    return bytes % size <= bytes / fraction;
}

// The first order from `order` to the largest that wastes at most 1/fraction. Above the largest: none does.
u32 first_order(const slab_limits& limits, u32 size, u32 order, u32 fraction) {
    while (order <= limits.config.max_order && !little_waste(limits, order, size, fraction)) ++order;
    return order;
}

order_choice chosen(const slab_limits& limits, u32 size, u32 order, u32 min_objects, u32 fraction) {
    return {order, min_objects, fraction, static_cast<u32>(slab_bytes(limits, order) % size)};
}

// A slab counts its objects in 15 bits, so tiny objects keep the slab small.
std::optional<u32> order_by_count(const slab_limits& limits, u32 size, u32 min_order) {
    if (order_objects(limits, min_order, size) <= MAX_OBJS_PER_SLAB) return std::nullopt;
    return order_of_size(limits, u64{size} * MAX_OBJS_PER_SLAB) - 1;
}

// Until 6.7: fewer and fewer objects, each time with less and less care for waste.
std::optional<order_choice> by_fewer_objects(const slab_limits& limits, u32 size, u32 min_objects) {
    const u32 largest = limits.config.max_order;
    for (; min_objects > 1; --min_objects) {
        for (u32 fraction = 16; fraction >= 4; fraction /= 2) {
            if (const auto few = order_by_count(limits, size, limits.config.min_order))
                return chosen(limits, size, *few, min_objects, fraction);
            const u32 from = std::max<u32>(limits.config.min_order, order_of_size(limits, u64{min_objects} * size));
            const u32 order = first_order(limits, size, from, fraction);
            if (order <= largest) return chosen(limits, size, order, min_objects, fraction);
        }
    }
    return std::nullopt;
}

// Since 6.7: the number of objects stays, only the waste may grow, up to half of the slab.
std::optional<order_choice> by_more_waste(const slab_limits& limits, u32 size, u32 min_objects) {
    const u32 from = std::max<u32>(limits.config.min_order, order_of_size(limits, u64{min_objects} * size));
    if (const auto few = order_by_count(limits, size, from)) return chosen(limits, size, *few, min_objects, 0);
    for (u32 fraction = 16; fraction > 1; fraction /= 2) {
        const u32 order = first_order(limits, size, from, fraction);
        if (order <= limits.config.max_order) return chosen(limits, size, order, min_objects, fraction);
    }
    return std::nullopt;
}

} // namespace

u32 calculate_alignment(const slab_limits& limits, slab_flags_t flags, u32 align, u32 size) {
    if (flags & SLAB_HWCACHE_ALIGN) {
        u32 line = limits.config.cache_line_size;
        while (size <= line / 2) line /= 2;
        align = std::max(align, line);
    }
    return align_up(std::max(align, ARCH_SLAB_MINALIGN), limits.pointer_size);
}

u32 track_size(const slab_limits& limits) {
    // addr, stack (16 addresses before 5.19, since then a handle into the stack depot), cpu, pid, when
    const u32 word = limits.pointer_size;
    if (limits.rules.tracks_full_stack()) return word + 16 * word + 4 + 4 + word;
    return align_up(word + 4 + 4 + 4, word) + word;
}

object_layout slub_object_layout(const slab_limits& limits, slab_flags_t flags, u32 object_size, u32 align, bool ctor) {
    const u32 word = limits.pointer_size;
    object_layout layout;
    u32 size = align_up(object_size, word);
    // Poison in the object itself would be overwritten by whoever still uses it, or by the constructor's promise.
    if (flags & SLAB_POISON && !(flags & SLAB_TYPESAFE_BY_RCU) && !ctor)
        flags |= OBJECT_POISON;
    else
        flags &= ~static_cast<slab_flags_t>(OBJECT_POISON);
    if (flags & SLAB_RED_ZONE && size == object_size) size += word;
    layout.inuse = size;

    const bool tracks_request = flags & SLAB_STORE_USER && flags & SLAB_KMALLOC && limits.rules.tracks_kmalloc_size();
    const bool keeps_contents = flags & (SLAB_TYPESAFE_BY_RCU | SLAB_POISON) || ctor;
    const bool too_small = flags & SLAB_RED_ZONE &&
                           (object_size < word || (tracks_request && limits.rules.pointer_outside_tracked_kmalloc()));
    if (keeps_contents || too_small) {
        layout.offset = size;
        size += word;
    } else {
        layout.offset = align_down(object_size / 2, word);
    }
    if (flags & SLAB_STORE_USER) {
        size += 2 * track_size(limits);
        if (tracks_request) size += 4;
    }
    if (flags & SLAB_RED_ZONE) {
        layout.red_left_pad = align_up(word, align);
        size += word + layout.red_left_pad;
    }
    layout.size = align_up(size, align);
    layout.flags = flags;
    return layout;
}

u32 order_of_size(const slab_limits& limits, u64 size) {
    u32 order = 0;
    while (slab_bytes(limits, order) < size) ++order;
    return order;
}

std::optional<order_choice> slub_calculate_order(const slab_limits& limits, u32 size) {
    MM_ASSERT(size > 0);
    u32 min_objects = limits.config.min_objects;
    if (min_objects == 0) min_objects = 4 * (static_cast<u32>(std::bit_width(limits.nr_cpus)) + 1);
    const u32 most = std::max(order_objects(limits, limits.config.max_order, size), 1u);
    min_objects = std::min(min_objects, most);

    const auto choice = limits.rules.order_keeps_min_objects() ? by_more_waste(limits, size, min_objects)
                                                               : by_fewer_objects(limits, size, min_objects);
    if (choice) return choice;
    const u32 order = order_of_size(limits, size);
    if (order >= limits.nr_orders) return std::nullopt;
    return chosen(limits, size, order, 1, 0);
}

u32 slub_min_partial(u32 size) {
    const u32 half_log = static_cast<u32>(std::bit_width(size) - 1) / 2;
    return std::clamp(half_log, MIN_PARTIAL, MAX_PARTIAL);
}

u32 slub_cpu_partial(const slab_limits& limits, slab_flags_t flags, u32 size) {
    if (!limits.config.cpu_partial || flags & SLAB_DEBUG_FLAGS) return 0;
    const bool by_slabs = limits.rules.cpu_partial_by_slabs();
    if (size >= limits.page_size) return by_slabs ? 6 : 2;
    if (size >= 1024) return by_slabs ? 24 : 6;
    if (size >= 256) return by_slabs ? 52 : 13;
    return by_slabs ? 120 : 30;
}

u32 slub_cpu_partial_slabs(const slab_limits& limits, u32 cpu_partial, u32 objs) {
    if (!limits.rules.cpu_partial_by_slabs()) return 0;
    return (cpu_partial * 2 + objs - 1) / objs;
}

std::vector<part_range> object_parts(const slab_limits& limits, const kmem_cache& cache) {
    std::vector<part_range> parts;
    u32 at = 0;
    const auto add = [&](object_part part, u32 bytes) {
        if (bytes == 0) return;
        parts.push_back({part, at, at + bytes});
        at += bytes;
    };
    add(object_part::red_left, cache.red_left_pad);
    add(object_part::object, cache.object_size);
    const u32 right = cache.inuse - cache.object_size;
    add(cache.flags & SLAB_RED_ZONE ? object_part::red_right : object_part::padding, right);
    if (cache.offset >= cache.inuse) add(object_part::free_pointer, limits.pointer_size);
    if (cache.flags & SLAB_STORE_USER) {
        add(object_part::alloc_track, track_size(limits));
        add(object_part::free_track, track_size(limits));
        if (cache.flags & SLAB_KMALLOC && limits.rules.tracks_kmalloc_size()) add(object_part::orig_size, 4);
    }
    add(object_part::padding, cache.size - at);
    return parts;
}

} // namespace mm
