#include "slab/slabs.h"

#include <utility>

#include "base/assert.h"
#include "base/rng.h"
#include "slab/kfree_rcu.h"
#include "slab/runs.h"

namespace mm {

slab_limits limits_of(const slab_memory& slabs, const physical_memory& mem) {
    return {slabs.rules, 1u << mem.page_shift, slabs.pointer_size, slabs.nr_cpus, mem.nr_orders, slabs.config};
}

slab_id add_slab(slab_context& cx, cache_id cache, pfn_t pfn, u32 order, u32 objects) {
    slab_memory& slabs = cx.slabs;
    physical_memory& mem = cx.page.mem;
    cx.page.sink.charge(u64{1} << order);
    slab_id id = slabs.free_slab_record;
    if (id == SLAB_NONE) {
        id = slabs.nr_slabs++;
        slabs.slabs.grow(slabs.nr_slabs);
    } else {
        slabs.free_slab_record = slabs.slabs[id].next;
    }
    slab& s = slabs.slabs.mut(id);
    s = slab{};
    s.pfn = pfn;
    s.cache = cache;
    s.objects = static_cast<u16>(objects);
    s.order = static_cast<u8>(order);
    s.node = mem.zones[mem.page_zone(pfn)].node;
    s.links = take_run(slabs.links, slabs.link_runs, objects);
    s.stamp = cx.page.step;
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        page& frame = mem.page_mut(at);
        frame.set_slab(true);
        frame.next = id;
    }
    return id;
}

void remove_slab(slab_context& cx, slab_id id) {
    slab_memory& slabs = cx.slabs;
    physical_memory& mem = cx.page.mem;
    slab& s = slabs.slabs.mut(id);
    const pfn_t pfn = s.pfn;
    const u32 order = s.order;
    const cache_id cache = s.cache;
    cx.page.sink.charge(u64{1} << order);
    give_run(slabs.links, slabs.link_runs, s.links, s.objects);
    if (s.content != RUN_NONE) give_run(slabs.content, slabs.content_runs, s.content, 1u << (mem.page_shift + order));
    s = slab{};
    s.next = slabs.free_slab_record;
    slabs.free_slab_record = id;
    for (pfn_t at = pfn; at < pfn + (1u << order); ++at) {
        page& frame = mem.page_mut(at);
        frame.set_slab(false);
        frame.next = PFN_NONE;
    }
    // SLUB's: readers may still look into the slab. kernel: free_slab
    if (slabs.config.allocator == slab_allocator::slub && slabs.caches[cache].flags & SLAB_TYPESAFE_BY_RCU)
        return call_rcu_free_slab(cx, cache, pfn, order);
    free_pages(cx.page, pfn, order);
}

void list_add(slab_memory& slabs, slab_list& list, slab_id id, bool tail) {
    slab& s = slabs.slabs.mut(id);
    s.next = tail ? SLAB_NONE : list.first;
    s.prev = tail ? list.last : SLAB_NONE;
    if (s.next != SLAB_NONE) slabs.slabs.mut(s.next).prev = id;
    if (s.prev != SLAB_NONE) slabs.slabs.mut(s.prev).next = id;
    if (s.next == SLAB_NONE) list.last = id;
    if (s.prev == SLAB_NONE) list.first = id;
    ++list.nr;
}

void list_del(slab_memory& slabs, slab_list& list, slab_id id) {
    slab& s = slabs.slabs.mut(id);
    const slab_id next = s.next;
    const slab_id prev = s.prev;
    s.next = SLAB_NONE;
    s.prev = SLAB_NONE;
    if (next != SLAB_NONE) slabs.slabs.mut(next).prev = prev;
    if (prev != SLAB_NONE) slabs.slabs.mut(prev).next = next;
    if (next == SLAB_NONE) list.last = prev;
    if (prev == SLAB_NONE) list.first = next;
    --list.nr;
}

u32 freelist_length(const slab_memory& slabs, const slab& s, obj_index head) {
    u32 length = 0;
    for (; head != OBJ_NONE && head < s.objects && length < s.objects; head = next_free(slabs, s, head)) ++length;
    return length;
}

u64 next_random(slab_memory& slabs) {
    Rng rng(slabs.rng);
    const u64 number = rng.next();
    slabs.rng = number;
    return number;
}

u32 make_random_sequence(slab_memory& slabs, u32 count) {
    const u32 run = take_run(slabs.links, slabs.link_runs, count);
    for (u32 i = 0; i < count; ++i) {
        object_link& entry = slabs.links.mut(run + i);
        entry = {};
        entry.set_next(static_cast<obj_index>(i));
    }
    for (u32 i = count - 1; i > 0; --i) {
        const u32 other = static_cast<u32>(next_random(slabs) % (i + 1));
        std::swap(slabs.links.mut(run + i), slabs.links.mut(run + other));
    }
    return run;
}

slab_id slab_of_address(const slab_memory& slabs, const physical_memory& mem, phys_addr_t address) {
    const pfn_t pfn = mem.pfn_of(address);
    if (!mem.pfn_valid(pfn)) return SLAB_NONE;
    const page& frame = mem.page_at(pfn);
    if (!frame.slab() || frame.next >= slabs.nr_slabs) return SLAB_NONE;
    const slab& s = slabs.slabs[frame.next];
    return s.cache != CACHE_NONE && pfn >= s.pfn && pfn - s.pfn < 1u << s.order ? frame.next : SLAB_NONE;
}

phys_addr_t object_address(const slab_memory& slabs, const physical_memory& mem, object_ref object) {
    if (object.slab == SLAB_NONE) return ADDR_NULL;
    const slab& s = slabs.slabs[object.slab];
    const kmem_cache& cache = slabs.caches[s.cache];
    return (phys_addr_t{s.pfn} << mem.page_shift) + s.colour_off + cache.red_left_pad +
           phys_addr_t{object.index} * cache.size;
}

object_ref object_of_address(const slab_memory& slabs, const physical_memory& mem, phys_addr_t address) {
    const slab_id id = slab_of_address(slabs, mem, address);
    if (id == SLAB_NONE) return {};
    const slab& s = slabs.slabs[id];
    const phys_addr_t first = (phys_addr_t{s.pfn} << mem.page_shift) + s.colour_off;
    if (address < first) return {id, OBJ_NONE, 0};
    const u32 index = static_cast<u32>(address - first) / slabs.caches[s.cache].size;
    return {id, index < s.objects ? static_cast<obj_index>(index) : OBJ_NONE, 0};
}

} // namespace mm
