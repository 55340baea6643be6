#include "slab/kmalloc.h"

#include <algorithm>
#include <bit>
#include <string>

#include "slab/allocators.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/object_paths.h"
#include "slab/slabs.h"

namespace mm {

namespace {

using ev = slab_event;

// 96 and 192 fill the gaps of the powers of two. kernel: __kmalloc_index
u32 index_of(u64 size, u32 min_size) {
    if (size <= min_size) size = min_size;
    if (min_size <= 32 && size > 64 && size <= 96) return 1;
    if (min_size <= 64 && size > 128 && size <= 192) return 2;
    return static_cast<u32>(std::bit_width(size - 1));
}

u32 size_of_index(u32 index) {
    if (index == 1) return 96;
    if (index == 2) return 192;
    return 1u << index;
}

// In the order in which boot creates them, which /proc/slabinfo shows turned over.
using type_order = std::array<kmalloc_cache_type, NR_KMALLOC_TYPES>;
constexpr type_order TYPES_6_1 = {KMALLOC_NORMAL, KMALLOC_CGROUP, KMALLOC_RECLAIM, KMALLOC_DMA};
constexpr type_order TYPES_6_12 = {KMALLOC_NORMAL, KMALLOC_RECLAIM, KMALLOC_DMA, KMALLOC_CGROUP};

// "kmalloc-rcl-2k"
std::string cache_name(kmalloc_cache_type type, u32 size) {
    constexpr const char* prefixes[] = {"kmalloc-", "kmalloc-cg-", "kmalloc-rcl-", "dma-kmalloc-"};
    std::string name = prefixes[type];
    if (size >= 1u << 20) return name + std::to_string(size >> 20) + "M";
    if (size >= 1u << 10) return name + std::to_string(size >> 10) + "k";
    return name + std::to_string(size);
}

slab_flags_t type_flags(kmalloc_cache_type type) {
    switch (type) {
    case KMALLOC_CGROUP: return SLAB_ACCOUNT;
    case KMALLOC_RECLAIM: return SLAB_RECLAIM_ACCOUNT;
    case KMALLOC_DMA: return SLAB_CACHE_DMA;
    default: return 0;
    }
}

void create_kmalloc_cache(slab_context& cx, kmalloc_cache_type type, u32 index) {
    slab_memory& slabs = cx.slabs;
    cache_request request;
    request.size = size_of_index(index);
    request.name = intern(cache_name(type, request.size));
    request.flags = SLAB_KMALLOC | type_flags(type);
    // kernel: ARCH_KMALLOC_FLAGS, which SLAB alone passes to create_kmalloc_caches()
    if (slabs.config.allocator == slab_allocator::slab) request.flags |= SLAB_HWCACHE_ALIGN;
    // Powers of two are aligned to themselves; since 6.11 others to the largest power of two that divides them.
    const u32 divisor = request.size & ~(request.size - 1);
    const bool natural = slabs.rules.kmalloc_align_by_divisor() || divisor == request.size;
    request.align = std::max(natural ? divisor : 0, kmalloc_min_align(slabs));
    request.usersize = request.size;
    const cache_id id = create_cache(cx, request);
    if (id == CACHE_NONE) return;
    slabs.caches.mut(id).kmalloc_type = static_cast<u16>(type + 1);
    slabs.kmalloc_caches[type][index] = id;
}

bool has_type(const slab_memory& slabs, kmalloc_cache_type type) {
    return type != KMALLOC_CGROUP || slabs.rules.has_cgroup_kmalloc();
}

phys_addr_t address_of(const physical_memory& mem, pfn_t pfn) { return phys_addr_t{pfn} << mem.page_shift; }

// What a request above all caches takes.
u64 large_bytes(const slab_memory& slabs, const physical_memory& mem, u64 size) {
    return (u64{1} << mem.page_shift) << order_of_size(limits_of(slabs, mem), size);
}

// kernel: kmalloc_large, __kmalloc_large_node
phys_addr_t kmalloc_large(slab_context& cx, u64 size, gfp_t gfp, int node) {
    CallScope scope(cx.page.sink, slab_fn::kmalloc_large);
    const u32 order = order_of_size(limits_of(cx.slabs, cx.page.mem), size);
    cx.page.sink.emit(ev::kmalloc_large, size, order, large_bytes(cx.slabs, cx.page.mem, size));
    const pfn_t pfn = alloc_pages(cx.page, {order, gfp | GFP_BIT_COMP, node});
    if (pfn == PFN_NONE) return ADDR_NULL;
    return address_of(cx.page.mem, pfn);
}

bool is_large(const physical_memory& mem, phys_addr_t object) {
    const pfn_t pfn = mem.pfn_of(object);
    if (!mem.pfn_valid(pfn)) return false;
    const page& head = mem.page_at(pfn);
    return address_of(mem, pfn) == object && head.state() == page_state::allocated && !head.slab();
}

u64 large_size(const physical_memory& mem, phys_addr_t object) {
    const page& head = mem.page_at(mem.pfn_of(object));
    return (u64{1} << mem.page_shift) << head.order();
}

} // namespace

u32 kmalloc_min_align(const slab_memory& slabs) {
    if (slabs.config.kmalloc_min_size) return slabs.config.kmalloc_min_size;
    // arm64: ARCH_DMA_MINALIGN, since a cache line may be shared with a device.
    if (slabs.arch == architecture::arm64 && !slabs.rules.small_kmalloc_on_arm64()) return 128;
    return 8;
}

u32 kmalloc_min_size(const slab_memory& slabs) {
    const u32 align = kmalloc_min_align(slabs);
    return slabs.config.allocator == slab_allocator::slab ? std::max(align, 32u) : align;
}

u64 kmalloc_max_cache_size(const slab_memory& slabs, const physical_memory& mem) {
    const u64 page_size = u64{1} << mem.page_shift;
    switch (slabs.config.allocator) {
    case slab_allocator::slub: return page_size * 2;
    case slab_allocator::slab: return slabs.rules.slab_shares_kmalloc() ? page_size * 2 : kmalloc_max_size(slabs, mem);
    case slab_allocator::slob: return page_size;
    }
    return page_size;
}

u64 kmalloc_max_size(const slab_memory& slabs, const physical_memory& mem) {
    const u32 largest = mem.page_shift + mem.nr_orders - 1u;
    if (slabs.config.allocator == slab_allocator::slab && !slabs.rules.slab_shares_kmalloc())
        return u64{1} << std::min(largest, 25u);
    return u64{1} << largest;
}

kmalloc_cache_type kmalloc_type(const slab_memory& slabs, gfp_t gfp) {
    const bool accounted = gfp & GFP_BIT_ACCOUNT && slabs.rules.has_cgroup_kmalloc();
    if (gfp & GFP_BIT_DMA) return KMALLOC_DMA;
    if (gfp & GFP_BIT_RECLAIMABLE) return KMALLOC_RECLAIM;
    return accounted ? KMALLOC_CGROUP : KMALLOC_NORMAL;
}

cache_id kmalloc_slab(const slab_memory& slabs, const physical_memory& mem, u64 size, gfp_t gfp) {
    if (size > kmalloc_max_cache_size(slabs, mem)) return CACHE_NONE;
    return slabs.kmalloc_caches[kmalloc_type(slabs, gfp)][index_of(size, kmalloc_min_size(slabs))];
}

u64 kmalloc_size_roundup(const slab_memory& slabs, const physical_memory& mem, u64 size) {
    if (size == 0) return 0;
    if (size > kmalloc_max_size(slabs, mem)) return size;
    if (slabs.config.allocator == slab_allocator::slob) {
        const u64 align = kmalloc_min_align(slabs);
        return (size + align - 1) / align * align;
    }
    const cache_id cache = kmalloc_slab(slabs, mem, size, GFP_KERNEL);
    if (cache != CACHE_NONE) return slabs.caches[cache].object_size;
    return large_bytes(slabs, mem, size);
}

namespace {

// What SLOB clears of a request.
object_init slob_init(u64 size, gfp_t gfp) {
    if (gfp & GFP_BIT_ZERO) return {static_cast<u32>(size), init_reason::asked};
    return {0, init_reason::off};
}

phys_addr_t serve_kmalloc(slab_context& cx, any_sink auto& sink, u64 size, gfp_t gfp, int node) {
    CallScope scope(sink, slab_fn::kmalloc);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    if (size == 0) {
        sink.emit(ev::kmalloc_zero);
        return ZERO_SIZE_PTR;
    }
    if (size > kmalloc_max_size(slabs, mem)) {
        sink.emit(ev::kmalloc_refused, size, kmalloc_max_size(slabs, mem));
        return ADDR_NULL;
    }
    phys_addr_t object = ADDR_NULL;
    u64 got = 0;
    object_init init{0, init_reason::pages};
    if (slabs.config.allocator == slab_allocator::slob) {
        object = slob_kmalloc(cx, size, gfp, node);
        got = slob_kmalloc_bytes(slabs, mem, size);
        if (got <= u64{1} << mem.page_shift) init = slob_init(size, gfp);
    } else if (const cache_id cache = kmalloc_slab(slabs, mem, size, gfp); cache != CACHE_NONE) {
        got = slabs.caches[cache].size;
        sink.emit(ev::kmalloc_index, size, cache, got, kmalloc_type(slabs, gfp));
        cx.request = static_cast<u32>(size);
        object = allocate_object(cx, sink, cache, gfp, node);
        init = object_init_at_alloc(slabs, slabs.caches[cache], gfp, cx.request);
        cx.request = 0;
    } else {
        object = kmalloc_large(cx, size, gfp, node);
        got = large_bytes(slabs, mem, size);
    }
    if (object == ADDR_NULL) init = {};
    sink.emit(ev::kmalloc, object, size, got, gfp, node, init.bytes, init.reason);
    return object;
}

void serve_kfree(slab_context& cx, any_sink auto& sink, phys_addr_t object) {
    CallScope scope(sink, slab_fn::kfree);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    if (object <= ZERO_SIZE_PTR) {
        sink.emit(ev::free_null);
        return;
    }
    sink.emit(ev::kfree, object);
    if (slabs.config.allocator == slab_allocator::slob) return slob_kfree(cx, object);
    const object_ref found = object_of_address(slabs, mem, object);
    if (found.slab != SLAB_NONE) return free_object(cx, sink, slabs.slabs[found.slab].cache, object, found);
    if (!is_large(mem, object)) {
        sink.emit(ev::free_not_slab, object, CACHE_NONE, true);
        return;
    }
    const pfn_t pfn = mem.pfn_of(object);
    free_pages(cx.page, pfn, mem.page_at(pfn).order());
}

// The same for a sink that only counts.
phys_addr_t count_kmalloc(slab_context& cx, u64 size, gfp_t gfp, int node) {
    EventCounter counter(cx.page.sink);
    return serve_kmalloc(cx, counter, size, gfp, node);
}

void count_kfree(slab_context& cx, phys_addr_t object) {
    EventCounter counter(cx.page.sink);
    serve_kfree(cx, counter, object);
}

} // namespace

phys_addr_t kmalloc_node(slab_context& cx, u64 size, gfp_t gfp, int node) {
    return cx.page.sink.armed() ? serve_kmalloc(cx, cx.page.sink, size, gfp, node) : count_kmalloc(cx, size, gfp, node);
}

void kfree(slab_context& cx, phys_addr_t object) {
    if (cx.page.sink.armed()) return serve_kfree(cx, cx.page.sink, object);
    count_kfree(cx, object);
}

u64 ksize(const slab_memory& slabs, const physical_memory& mem, phys_addr_t object) {
    if (object <= ZERO_SIZE_PTR) return 0;
    if (slabs.config.allocator == slab_allocator::slob) return slob_ksize(slabs, mem, object);
    const object_ref found = object_of_address(slabs, mem, object);
    if (found.slab == SLAB_NONE) return is_large(mem, object) ? large_size(mem, object) : 0;
    const kmem_cache& cache = slabs.caches[slabs.slabs[found.slab].cache];
    if (slabs.config.allocator == slab_allocator::slab) return cache.object_size;
    // Debugging uses what lies behind the object, and so does a free pointer that stands there.
    if (cache.flags & (SLAB_RED_ZONE | SLAB_POISON)) return cache.object_size;
    if (cache.flags & (SLAB_TYPESAFE_BY_RCU | SLAB_STORE_USER)) return cache.inuse;
    return cache.size;
}

phys_addr_t krealloc(slab_context& cx, phys_addr_t object, u64 size, gfp_t gfp) {
    CallScope scope(cx.page.sink, slab_fn::krealloc);
    if (size == 0) {
        kfree(cx, object);
        return ZERO_SIZE_PTR;
    }
    const u64 has = ksize(cx.slabs, cx.page.mem, object);
    if (has > 0 && cx.slabs.config.allocator == slab_allocator::slub) skip_orig_size_check(cx, object);
    if (has >= size) {
        cx.page.sink.emit(ev::krealloc_fits, object, size, has);
        return object;
    }
    const phys_addr_t larger = kmalloc_node(cx, size, gfp, -1);
    if (larger == ADDR_NULL) return ADDR_NULL;
    cx.page.sink.emit(ev::krealloc_moves, object, larger, has, size);
    if (object > ZERO_SIZE_PTR) kfree(cx, object);
    return larger;
}

void create_boot_caches(slab_context& cx) {
    slab_memory& slabs = cx.slabs;
    for (auto& row : slabs.kmalloc_caches) row.fill(CACHE_NONE);
    if (slabs.config.allocator == slab_allocator::slob) return;
    const u32 least = static_cast<u32>(std::bit_width(kmalloc_min_size(slabs) - 1));
    const u32 most = static_cast<u32>(std::bit_width(kmalloc_max_cache_size(slabs, cx.page.mem) - 1));
    const bool odd_first = slabs.rules.kmalloc_align_by_divisor();
    // SLAB needs the cache for its own kmem_cache_node before all others. kernel: INDEX_NODE of mm/slab.c
    if (slabs.config.allocator == slab_allocator::slab)
        create_kmalloc_cache(cx, KMALLOC_NORMAL, slabs.pointer_size == 8 ? 7 : std::max(least, 6u));
    for (const kmalloc_cache_type type : odd_first ? TYPES_6_12 : TYPES_6_1) {
        if (!has_type(slabs, type)) continue;
        const auto odd_sizes = [&](u32 after) {
            if (least <= 5 && (odd_first || after == 6)) create_kmalloc_cache(cx, type, 1);
            if (least <= 6 && (odd_first || after == 7)) create_kmalloc_cache(cx, type, 2);
        };
        if (odd_first) odd_sizes(0);
        for (u32 index = least; index <= most; ++index) {
            if (slabs.kmalloc_caches[type][index] == CACHE_NONE) create_kmalloc_cache(cx, type, index);
            if (!odd_first) odd_sizes(index);
        }
    }
}

} // namespace mm
