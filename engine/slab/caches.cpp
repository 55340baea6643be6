// Caches: creating, merging, destroying; the same for all allocators. kernel: mm/slab_common.c
#include <bit>
#include <vector>

#include "slab/allocators.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kfree_rcu.h"
#include "slab/kmalloc.h"
#include "slab/object_paths.h"
#include "slab/slabs.h"

namespace mm {

namespace {

using ev = slab_event;

constexpr slab_flags_t NEVER_MERGE = SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER | SLAB_TRACE | SLAB_TYPESAFE_BY_RCU |
                                     SLAB_NOLEAKTRACE | SLAB_NO_MERGE;
constexpr slab_flags_t MERGE_SAME = SLAB_RECLAIM_ACCOUNT | SLAB_CACHE_DMA | SLAB_CACHE_DMA32 | SLAB_ACCOUNT;

// The flags that slub_debug= adds. kernel: kmem_cache_flags
slab_flags_t debug_flags(const slab_memory& slabs, slab_flags_t flags) {
    if (slabs.config.allocator != slab_allocator::slub || flags & SLAB_NOLEAKTRACE) return flags;
    return flags | (slabs.config.debug & SLAB_DEBUG_FLAGS);
}

// The oldest cache whose objects could as well serve this request. kernel: find_mergeable
cache_id find_mergeable(slab_context& cx, const cache_request& request) {
    CallScope scope(cx.page.sink, slab_fn::find_mergeable);
    const slab_memory& slabs = cx.slabs;
    if (!slabs.config.merge || request.ctor || request.usersize) return CACHE_NONE;
    if (slabs.config.allocator == slab_allocator::slob) return CACHE_NONE;
    const slab_limits limits = limits_of(slabs, cx.page.mem);
    const u32 word = slabs.pointer_size;
    const u32 word_size = (request.size + word - 1) / word * word;
    const u32 align = calculate_alignment(limits, request.flags, request.align, word_size);
    const u32 size = (word_size + align - 1) / align * align;
    const slab_flags_t flags = debug_flags(slabs, request.flags);
    if (flags & NEVER_MERGE) return CACHE_NONE;
    for (cache_id id = slabs.slab_caches_last; id != CACHE_NONE; id = slabs.caches[id].list_prev) {
        const kmem_cache& cache = slabs.caches[id];
        if (cache_unmergeable(slabs, cache) || size > cache.size) continue;
        if ((flags & MERGE_SAME) != (cache.flags & MERGE_SAME)) continue;
        if (cache.size & (align - 1)) continue;
        if (cache.size - size >= word) continue;
        if (slabs.config.allocator == slab_allocator::slab && align && (align > cache.align || cache.align % align))
            continue;
        return id;
    }
    return CACHE_NONE;
}

// What the allocator makes of a caller's flags: only SLUB debugs here, and SLOB knows no kinds of memory. kernel:
// CACHE_CREATE_MASK
slab_flags_t create_mask(slab_allocator allocator) {
    switch (allocator) {
    case slab_allocator::slub: return ~slab_flags_t{0};
    case slab_allocator::slab: return ~static_cast<slab_flags_t>(SLAB_DEBUG_FLAGS);
    case slab_allocator::slob:
        return SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA | SLAB_CACHE_DMA32 | SLAB_PANIC | SLAB_TYPESAFE_BY_RCU;
    }
    return 0;
}

cache_id refuse(slab_context& cx, const cache_request& request, cache_refusal reason) {
    cx.page.sink.emit(ev::cache_refused, request.name, request.size, request.align, request.flags, reason);
    return CACHE_NONE;
}

cache_id take_cache_record(slab_memory& slabs) {
    for (cache_id id = 0; id < slabs.nr_caches; ++id)
        if (!slabs.caches[id].alive && slabs.caches[id].refcount == 0) return id;
    if (slabs.nr_caches == MAX_CACHES) return CACHE_NONE;
    const auto id = static_cast<cache_id>(slabs.nr_caches++);
    slabs.caches.grow(slabs.nr_caches);
    slabs.cpus.grow(slabs.nr_caches * slabs.nr_cpus);
    slabs.nodes.grow(slabs.nr_caches * slabs.nr_nodes);
    return id;
}

// Newest first, as slab_caches is.
void link_cache(slab_memory& slabs, cache_id id) {
    kmem_cache& cache = slabs.caches.mut(id);
    cache.list_next = slabs.slab_caches;
    cache.list_prev = CACHE_NONE;
    if (cache.list_next != CACHE_NONE)
        slabs.caches.mut(cache.list_next).list_prev = id;
    else
        slabs.slab_caches_last = id;
    slabs.slab_caches = id;
}

void unlink_cache(slab_memory& slabs, cache_id id) {
    const kmem_cache cache = slabs.caches[id];
    if (cache.list_next != CACHE_NONE)
        slabs.caches.mut(cache.list_next).list_prev = cache.list_prev;
    else
        slabs.slab_caches_last = cache.list_prev;
    if (cache.list_prev != CACHE_NONE)
        slabs.caches.mut(cache.list_prev).list_next = cache.list_next;
    else
        slabs.slab_caches = cache.list_next;
}

bool open_cache(slab_context& cx, cache_id id) {
    switch (cx.slabs.config.allocator) {
    case slab_allocator::slub: return slub_open(cx, id);
    case slab_allocator::slab: return classic_open(cx, id);
    case slab_allocator::slob: return slob_open(cx, id);
    }
    return false;
}

} // namespace

cache_id find_cache(const slab_memory& slabs, std::string_view name) {
    for (cache_id id = slabs.slab_caches; id < slabs.nr_caches; id = slabs.caches[id].list_next)
        if (name_text(slabs.caches[id].name) == name) return id;
    for (const cache_alias& alias : slabs.aliases)
        if (name_text(alias.name) == name) return alias.cache;
    return CACHE_NONE;
}

bool cache_unmergeable(const slab_memory& slabs, const kmem_cache& cache) {
    return !slabs.config.merge || cache.flags & NEVER_MERGE || cache.ctor || cache.usersize || cache.refcount < 0;
}

// Without merging: kmalloc's caches and kmem_cache_create() both come here. kernel: create_cache
cache_id create_cache(slab_context& cx, const cache_request& request) {
    slab_memory& slabs = cx.slabs;
    const cache_id id = take_cache_record(slabs);
    if (id == CACHE_NONE) return refuse(cx, request, cache_refusal::too_many);
    cx.page.sink.charge(slabs.nr_cpus);
    const u32 word = slabs.pointer_size;
    const u32 word_size = (request.size + word - 1) / word * word;
    kmem_cache& cache = slabs.caches.mut(id);
    cache = kmem_cache{};
    cache.name = request.name;
    cache.flags = debug_flags(slabs, request.flags);
    cache.object_size = request.size;
    cache.size = request.size;
    cache.align = calculate_alignment(limits_of(slabs, cx.page.mem), request.flags, request.align,
                                      request.flags & SLAB_KMALLOC ? request.size : word_size);
    cache.ctor = request.ctor;
    cache.usersize = request.usersize;
    cache.refcount = 1;
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
        slabs.cpu_mut(id, cpu) = kmem_cache_cpu{};
        slabs.cpu_mut(id, cpu).tid = cpu;
    }
    for (u32 node = 0; node < slabs.nr_nodes; ++node) slabs.node_mut(id, node) = kmem_cache_node{};
    if (!open_cache(cx, id)) {
        slabs.caches.mut(id) = kmem_cache{};
        return refuse(cx, request, cache_refusal::no_order);
    }
    slabs.caches.mut(id).alive = true;
    link_cache(slabs, id);
    const kmem_cache& made = slabs.caches[id];
    cx.page.sink.emit(ev::cache_created, id, made.object_size, made.size, made.align, made.order, made.objs,
                      made.flags);
    return id;
}

cache_id kmem_cache_create(slab_context& cx, const cache_request& asked) {
    CallScope scope(cx.page.sink, slab_fn::kmem_cache_create);
    slab_memory& slabs = cx.slabs;
    cx.page.sink.charge(2 * u64{slabs.nr_caches}); // one that fits is looked for, then a record
    cache_request request = asked;
    request.flags &= create_mask(slabs.config.allocator);
    if (request.size == 0 || request.size > kmalloc_max_size(slabs, cx.page.mem))
        return refuse(cx, request, cache_refusal::bad_size);
    if (request.align && !std::has_single_bit(request.align)) return refuse(cx, request, cache_refusal::bad_align);
    if (request.usersize > request.size) return refuse(cx, request, cache_refusal::bad_usersize);
    const cache_id known = find_mergeable(cx, request);
    if (known == CACHE_NONE) return create_cache(cx, request);
    kmem_cache& cache = slabs.caches.mut(known);
    ++cache.refcount;
    if (slabs.config.allocator == slab_allocator::slub) {
        // The object must be cleared to the larger of both sizes on kzalloc.
        const u32 word = slabs.pointer_size;
        cache.object_size = std::max(cache.object_size, request.size);
        cache.inuse = std::max(cache.inuse, (request.size + word - 1) / word * word);
    } else {
        cache.object_size = std::max(cache.object_size, request.size);
    }
    slabs.aliases.push_back({request.name, known});
    cx.page.sink.emit(ev::cache_merged, request.name, known, request.size, cache.size, cache.refcount - 1);
    return known;
}

void kmem_cache_destroy(slab_context& cx, cache_id id) {
    CallScope scope(cx.page.sink, slab_fn::kmem_cache_destroy);
    slab_memory& slabs = cx.slabs;
    if (slabs.rules.has_kvfree_rcu_barrier()) kvfree_rcu_barrier(cx);
    if (const int users = --slabs.caches.mut(id).refcount; users > 0) {
        cx.page.sink.emit(ev::cache_destroyed, id, users);
        return;
    }
    bool empty = false;
    switch (slabs.config.allocator) {
    case slab_allocator::slub: empty = slub_shutdown(cx, id); break;
    case slab_allocator::slab: empty = classic_shutdown(cx, id); break;
    case slab_allocator::slob: empty = true; break;
    }
    if (!empty) {
        // The cache stays for good: its objects may still be in use.
        cx.page.sink.emit(ev::cache_busy, id);
        note_record(cx.page, SHORT_RECORD_WORK);
        cx.page.mem.log.warned = cx.page.mem.log.warned || slabs.rules.warns_about_busy_cache();
        return;
    }
    unlink_cache(slabs, id);
    cx.page.sink.charge(slabs.aliases.size());
    std::erase_if(slabs.aliases, [&](const cache_alias& alias) { return alias.cache == id; });
    cx.page.sink.emit(ev::cache_destroyed, id, 0);
    if (slabs.rcu.callbacks.nr > 0 && slabs.rules.destroy_waits_for_rcu_slabs() &&
        slabs.caches[id].flags & SLAB_TYPESAFE_BY_RCU)
        rcu_barrier(cx);
    slabs.caches.mut(id).alive = false;
}

u32 kmem_cache_shrink(slab_context& cx, cache_id id) {
    CallScope scope(cx.page.sink, slab_fn::kmem_cache_shrink);
    switch (cx.slabs.config.allocator) {
    case slab_allocator::slub: slub_shrink(cx, id); break;
    case slab_allocator::slab: classic_shrink(cx, id); break;
    case slab_allocator::slob: break;
    }
    u32 slabs_left = 0;
    for (u32 node = 0; node < cx.slabs.nr_nodes; ++node) slabs_left += cx.slabs.node_at(id, node).nr_slabs;
    cx.page.sink.emit(ev::cache_shrunk, id, slabs_left);
    return slabs_left;
}

namespace {

[[gnu::always_inline]] inline void emit_cache_alloc(slab_context& cx, any_sink auto& sink, cache_id cache, gfp_t gfp,
                                                    int node, phys_addr_t object) {
    const kmem_cache& owner = cx.slabs.caches[cache];
    const object_init init = object != ADDR_NULL ? object_init_at_alloc(cx.slabs, owner, gfp, 0) : object_init{};
    sink.emit(ev::kmem_cache_alloc, object, cache, owner.object_size, owner.size, gfp, node, init.bytes, init.reason);
}

phys_addr_t serve_cache_alloc(slab_context& cx, any_sink auto& sink, cache_id cache, gfp_t gfp, int node) {
    CallScope scope(sink, slab_fn::kmem_cache_alloc);
    const phys_addr_t object = allocate_object(cx, sink, cache, gfp, node);
    emit_cache_alloc(cx, sink, cache, gfp, node, object);
    return object;
}

// SLAB has no debugging that could ask for it. kernel: kmem_cache_debug_flags(s, SLAB_CONSISTENCY_CHECKS)
bool checks_owner(const slab_memory& slabs, cache_id cache) {
    if (slabs.config.freelist_hardened) return true;
    return slabs.config.allocator == slab_allocator::slub && slabs.caches[cache].flags & SLAB_CONSISTENCY_CHECKS;
}

// The object that is freed to `cache`; slab SLAB_NONE when there is none. kernel: cache_from_obj
object_ref check_owner(slab_context& cx, any_sink auto& sink, cache_id cache, phys_addr_t object) {
    if (object == ADDR_NULL) {
        sink.emit(ev::free_null);
        return {};
    }
    const object_ref found = object_of_address(cx.slabs, cx.page.mem, object);
    if (found.slab == SLAB_NONE) {
        sink.emit(ev::free_not_slab, object, cache, checks_owner(cx.slabs, cache));
        return {};
    }
    const cache_id owner = cx.slabs.slabs[found.slab].cache;
    if (owner != cache && !checks_owner(cx.slabs, cache)) {
        sink.emit(ev::wrong_cache_unnoticed, object, cache, owner, cx.slabs.config.allocator);
    } else if (owner != cache) {
        // The kernel warns about a wrong cache, and frees to the one that the page belongs to.
        sink.emit(ev::wrong_cache, object, cache, owner);
        note_record(cx.page, SHORT_RECORD_WORK);
        cx.page.mem.log.warned = true;
    }
    return found;
}

void serve_cache_free(slab_context& cx, any_sink auto& sink, cache_id cache, phys_addr_t object) {
    CallScope scope(sink, slab_fn::kmem_cache_free);
    if (object == ADDR_NULL) {
        sink.emit(ev::free_null);
        return;
    }
    sink.emit(ev::kmem_cache_free, object, cache);
    const slab_allocator allocator = cx.slabs.config.allocator;
    if (allocator == slab_allocator::slub && slub_free_fast<any_item>(cx, sink, cache, object)) return;
    if (allocator == slab_allocator::slob) return slob_cache_free(cx, cache, object);
    const object_ref found = check_owner(cx, sink, cache, object);
    if (found.slab == SLAB_NONE) return;
    const cache_id owner = cx.slabs.slabs[found.slab].cache;
    // Unchecked, SLUB compares with the slab of the CPU that the named cache has there: it is never this one.
    if (allocator == slab_allocator::slub && owner != cache && !checks_owner(cx.slabs, cache))
        slub_free_unchecked(cx, owner, object, found);
    else if (allocator == slab_allocator::slub)
        slub_free(cx, owner, object, found);
    else
        classic_free(cx, owner, object, found);
}

// All requests but those that the fast paths serve for a sink that only counts. Not inlined, so that those need no
// registers saved.
[[gnu::noinline]] phys_addr_t cache_alloc_any(slab_context& cx, cache_id cache, gfp_t gfp, int node) {
    if (cx.page.sink.armed()) return serve_cache_alloc(cx, cx.page.sink, cache, gfp, node);
    EventCounter counter(cx.page.sink);
    return serve_cache_alloc(cx, counter, cache, gfp, node);
}

[[gnu::noinline]] void cache_free_any(slab_context& cx, cache_id cache, phys_addr_t object) {
    if (cx.page.sink.armed()) return serve_cache_free(cx, cx.page.sink, cache, object);
    EventCounter counter(cx.page.sink);
    serve_cache_free(cx, counter, cache, object);
}

[[nodiscard]] bool only_counts_plain_slub(const slab_context& cx) { return !cx.page.sink.armed() && cx.slabs.plain; }

} // namespace

phys_addr_t kmem_cache_alloc_node(slab_context& cx, cache_id cache, gfp_t gfp, int node) {
    if (only_counts_plain_slub(cx)) [[likely]] {
        EventCounter counter(cx.page.sink);
        const phys_addr_t object = slub_alloc_fast<owned_item>(cx, counter, cache, node);
        if (object != ADDR_NULL) [[likely]] {
            emit_cache_alloc(cx, counter, cache, gfp, node, object);
            return object;
        }
    }
    return cache_alloc_any(cx, cache, gfp, node);
}

void kmem_cache_free(slab_context& cx, cache_id cache, phys_addr_t object) {
    if (only_counts_plain_slub(cx)) [[likely]] {
        EventCounter counter(cx.page.sink);
        if (slub_free_fast<owned_item>(cx, counter, cache, object)) [[likely]] {
            counter.emit(ev::kmem_cache_free, object, cache);
            return;
        }
    }
    cache_free_any(cx, cache, object);
}

// Only SLOB's loop has tracepoints.
u32 kmem_cache_alloc_bulk(slab_context& cx, cache_id cache, gfp_t gfp, u32 nr, phys_addr_t* objects) {
    CallScope scope(cx.page.sink, slab_fn::kmem_cache_alloc_bulk);
    u32 got = 0;
    switch (cx.slabs.config.allocator) {
    case slab_allocator::slub:
        got = slub_alloc_bulk(cx, cache, gfp, nr, objects);
        for (u32 i = 0; i < got && !cx.slabs.plain; ++i) clear_allocated(cx, cache, gfp, objects[i]);
        break;
    case slab_allocator::slab:
        while (got < nr && (objects[got] = classic_alloc(cx, cache, gfp, -1)) != ADDR_NULL) ++got;
        break;
    case slab_allocator::slob:
        while (got < nr && (objects[got] = kmem_cache_alloc_node(cx, cache, gfp, -1)) != ADDR_NULL) ++got;
        break;
    }
    if (got == nr) {
        const object_init init = object_init_at_alloc(cx.slabs, cx.slabs.caches[cache], gfp, 0);
        cx.page.sink.emit(ev::objects_init, cache, nr, init.bytes, init.reason);
        return nr;
    }
    kmem_cache_free_bulk(cx, cache, got, objects);
    return 0;
}

// Only the first object of a detached list is asked whether it belongs to the cache; here all are.
void kmem_cache_free_bulk(slab_context& cx, cache_id cache, u32 nr, const phys_addr_t* objects) {
    CallScope scope(cx.page.sink, slab_fn::kmem_cache_free_bulk);
    if (cx.slabs.config.allocator == slab_allocator::slob) {
        for (u32 i = 0; i < nr; ++i) kmem_cache_free(cx, cache, objects[i]);
        return;
    }
    std::vector<phys_addr_t> in_slabs;
    for (u32 i = 0; i < nr; ++i)
        if (check_owner(cx, cx.page.sink, cache, objects[i]).slab != SLAB_NONE) in_slabs.push_back(objects[i]);
    if (cx.slabs.config.allocator == slab_allocator::slub) return slub_free_bulk(cx, in_slabs);
    for (const phys_addr_t object : in_slabs) {
        const object_ref found = object_of_address(cx.slabs, cx.page.mem, object);
        // The slab may be gone after one of its objects came back, when that came twice.
        if (found.slab != SLAB_NONE) classic_free(cx, cx.slabs.slabs[found.slab].cache, object, found);
    }
}

void kmem_cache_init(slab_context& cx) {
    CallScope scope(cx.page.sink, slab_fn::kmem_cache_init);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    slabs.rules = mem.rules;
    slabs.nr_cpus = mem.nr_cpus;
    slabs.tid_step = slub_tid_step(slabs.arch, slabs.rules.version);
    slabs.nr_nodes = static_cast<u16>(mem.nodes.size());
    slabs.rng = slabs.config.seed;
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu)
        slabs.reap_node[cpu] = static_cast<u8>((mem.node_of_cpu(static_cast<int>(cpu)) + 1) % slabs.nr_nodes);
    slabs.plain = slabs.config.allocator == slab_allocator::slub && !slabs.rules.init_on_free;
    slabs.up = true;
    create_boot_caches(cx);
}

} // namespace mm
