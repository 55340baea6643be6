#include "slab/classic_size.h"

#include <algorithm>
#include <bit>

#include "slab/kmalloc.h"
#include "slab/slabs.h"

namespace mm {

namespace {

constexpr u32 SLAB_OBJ_MIN_SIZE = 16; // KMALLOC_MIN_SIZE of SLAB is at least 32

u64 align_up(u64 value, u64 to) { return (value + to - 1) / to * to; }

// What calculate_slab_order() works on.
struct order_search {
    const slab_memory& slabs;
    const physical_memory& mem;
    slab_flags_t flags;
    u64 size;       // distance between objects
    u32 asked_size; // as kmem_cache->size is while the order is being looked for
    u32 page_size;
    u32 max_order; // slab_max_order
};

// Can the index array of `num` objects come from kmalloc, and is it worth it? little_waste: yes.
order_verdict off_slab_verdict(const order_search& search, u32 num) {
    const u32 bytes = num * freelist_index_bytes(search.page_size);
    u64 taken = 0;
    if (search.slabs.rules.slab_shares_kmalloc() && bytes > kmalloc_max_cache_size(search.slabs, search.mem)) {
        taken = u64{search.page_size} << order_of_size(limits_of(search.slabs, search.mem), bytes);
    } else {
        const cache_id cache = kmalloc_slab(search.slabs, search.mem, bytes, GFP_KERNEL);
        if (cache == CACHE_NONE) return order_verdict::no_freelist_cache;
        if (search.slabs.caches[cache].flags & SLAB_OFF_SLAB) return order_verdict::freelist_off_slab;
        taken = search.slabs.caches[cache].size;
    }
    return taken > search.asked_size / 2 ? order_verdict::no_benefit : order_verdict::little_waste;
}

order_verdict verdict_of(const order_search& search, const order_attempt& attempt) {
    if (attempt.num == 0) return order_verdict::none_fits;
    if (attempt.num > slab_obj_max_num(search.page_size)) return order_verdict::too_many;
    if (attempt.place == freelist_place::off_slab) {
        const order_verdict verdict = off_slab_verdict(search, attempt.num);
        if (verdict != order_verdict::little_waste) return verdict;
    }
    if (search.flags & SLAB_RECLAIM_ACCOUNT) return order_verdict::reclaimable;
    if (attempt.order >= search.max_order) return order_verdict::largest;
    const u64 slab_bytes = u64{search.page_size} << attempt.order;
    return u64{attempt.left_over} * 8 <= slab_bytes ? order_verdict::little_waste : order_verdict::wasteful;
}

// kernel: cache_estimate
order_attempt estimate(const order_search& search, freelist_place place, u32 order) {
    const u64 slab_bytes = u64{search.page_size} << order;
    const u32 index = place == freelist_place::on_slab ? freelist_index_bytes(search.page_size) : 0;
    order_attempt attempt;
    attempt.place = place;
    attempt.order = order;
    attempt.num = static_cast<u32>(slab_bytes / (search.size + index));
    attempt.left_over = static_cast<u32>(slab_bytes % (search.size + index));
    return attempt;
}

// Writes order, num and left_over; num stays 0 when no order is acceptable. kernel: calculate_slab_order
void find_order(const order_search& search, freelist_place place, classic_layout& layout) {
    const u32 highest =
        static_cast<u32>(std::bit_width(kmalloc_max_size(search.slabs, search.mem)) - 1) - search.mem.page_shift;
    layout.num = 0;
    for (u32 order = 0; order <= highest; ++order) {
        order_attempt attempt = estimate(search, place, order);
        attempt.verdict = verdict_of(search, attempt);
        layout.attempts.push_back(attempt);
        if (attempt.verdict == order_verdict::too_many) return;
        if (attempt.verdict < order_verdict::wasteful) continue;
        layout.order = order;
        layout.num = attempt.num;
        layout.left_over = attempt.left_over;
        if (attempt.verdict != order_verdict::wasteful) return;
    }
}

bool refuse(classic_layout& layout, freelist_place place, place_refusal reason, u32 index_bytes) {
    layout.refused.push_back({place, reason, index_bytes});
    return false;
}

bool place_in_object(const order_search& search, u32 object_size, bool ctor, classic_layout& layout) {
    constexpr freelist_place place = freelist_place::in_object;
    if (ctor || search.flags & SLAB_TYPESAFE_BY_RCU) return refuse(layout, place, place_refusal::keeps_contents, 0);
    find_order(search, place, layout);
    const u32 bytes = layout.num * freelist_index_bytes(search.page_size);
    if (layout.num == 0) return refuse(layout, place, place_refusal::no_order, 0);
    return bytes <= object_size || refuse(layout, place, place_refusal::too_long, bytes);
}

bool place_off_slab(const order_search& search, classic_layout& layout) {
    constexpr freelist_place place = freelist_place::off_slab;
    find_order(search, place, layout);
    const u32 bytes = layout.num * freelist_index_bytes(search.page_size);
    if (layout.num == 0) return refuse(layout, place, place_refusal::no_order, 0);
    return layout.left_over < bytes || refuse(layout, place, place_refusal::fits_on_slab, bytes);
}

bool place_on_slab(const order_search& search, classic_layout& layout) {
    find_order(search, freelist_place::on_slab, layout);
    return layout.num > 0 || refuse(layout, freelist_place::on_slab, place_refusal::no_order, 0);
}

} // namespace

u32 freelist_index_bytes(u32 page_size) { return (page_size >> 8) <= SLAB_OBJ_MIN_SIZE ? 1 : 2; }

u32 slab_obj_max_num(u32 page_size) { return (1u << (8 * freelist_index_bytes(page_size))) - 1; }

u32 slab_max_order(const slab_memory& slabs, const physical_memory& mem) {
    if (slabs.config.slab_max_order >= 0)
        return std::min<u32>(static_cast<u32>(slabs.config.slab_max_order), mem.nr_orders - 1u);
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += z.managed_pages;
    return pages << mem.page_shift > 32u << 20 ? 1 : 0;
}

classic_layout classic_calculate(const slab_memory& slabs, const physical_memory& mem, slab_flags_t flags,
                                 u32 object_size, u32 align, bool ctor) {
    const u32 page_size = 1u << mem.page_shift;
    const u32 word = slabs.pointer_size;
    classic_layout layout;
    layout.align = std::max(word, align);
    layout.colour_off = std::max(slabs.config.cache_line_size, layout.align);
    u64 size = align_up(align_up(object_size, word), layout.align);
    if (freelist_index_bytes(page_size) == 1 && size < SLAB_OBJ_MIN_SIZE)
        size = align_up(SLAB_OBJ_MIN_SIZE, layout.align);

    const order_search search{slabs, mem, flags, size, object_size, page_size, slab_max_order(slabs, mem)};
    if (place_in_object(search, object_size, ctor, layout))
        layout.place = freelist_place::in_object;
    else if (place_off_slab(search, layout))
        layout.place = freelist_place::off_slab;
    else if (!place_on_slab(search, layout))
        return layout;
    layout.size = static_cast<u32>(size);
    layout.colour = layout.left_over / layout.colour_off;
    layout.index_bytes = layout.num * freelist_index_bytes(page_size);
    return layout;
}

u32 classic_limit(u32 size, u32 page_size) {
    if (size > 131072) return 1;
    if (size > page_size) return 8;
    if (size > 1024) return 24;
    return size > 256 ? 54 : 120;
}

} // namespace mm
