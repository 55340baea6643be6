// SLOB: allocation and free, kmalloc and caches. kernel: mm/slob.c
#include "slab/slob.h"

#include "physical/page_alloc.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kmalloc.h"
#include "slab/size.h"
#include "slab/slabs.h"

namespace mm {

namespace {

using ev = slob_event;

phys_addr_t address_of(const physical_memory& mem, pfn_t pfn, u32 unit) {
    return (phys_addr_t{pfn} << mem.page_shift) + phys_addr_t{unit} * slob_unit_bytes(mem);
}

const slob_page& page_of(const slab_context& cx, pfn_t pfn) { return cx.slabs.slob_pages[pfn - cx.page.mem.base_pfn]; }

u32 slob_rcu_bytes(const slab_memory& slabs) { return slabs.pointer_size == 8 ? 24 : 12; } // struct slob_rcu

u32 node_of(const physical_memory& mem, pfn_t pfn) { return mem.zones[mem.page_zone(pfn)].node; }

// kernel: slob_new_pages
pfn_t slob_new_pages(slab_context& cx, gfp_t gfp, u32 order, int node) {
    CallScope scope(cx.page.sink, slab_fn::slob_new_pages);
    const pfn_t pfn = alloc_pages(cx.page, {order, gfp, node});
    if (pfn == PFN_NONE) cx.page.sink.emit(ev::slob_no_memory, order, gfp);
    return pfn;
}

void add_page(slab_context& cx, pfn_t pfn, slob_list list) {
    slab_memory& slabs = cx.slabs;
    physical_memory& mem = cx.page.mem;
    ++slabs.slob_nr_pages;
    page& frame = mem.page_mut(pfn);
    frame.set_slab(true);
    frame.next = SLAB_NONE;
    slob_page_open(slabs, mem, pfn);
    slob_link(slabs, mem, pfn, list);
    cx.page.sink.emit(ev::slob_page_new, pfn, list, slob_page_units(mem));
}

// The page is on no list any more.
void remove_page(slab_context& cx, pfn_t pfn) {
    slab_memory& slabs = cx.slabs;
    physical_memory& mem = cx.page.mem;
    slob_unlink(slabs, mem, pfn);
    slob_page_close(slabs, mem, pfn);
    --slabs.slob_nr_pages;
    page& frame = mem.page_mut(pfn);
    frame.set_slab(false);
    frame.next = PFN_NONE;
    cx.page.sink.emit(ev::slob_page_freed, pfn);
    free_pages(cx.page, pfn, 0);
}

// After a block was taken: a page without free units leaves its list; else the next search begins with it.
void place_page(slab_context& cx, pfn_t pfn, bool rotate) {
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    const slob_list list = page_of(cx, pfn).list;
    if (page_of(cx, pfn).units == 0) {
        slob_unlink(slabs, mem, pfn);
        slob_link(slabs, mem, pfn, SLOB_FULL);
        cx.page.sink.emit(ev::slob_page_full, pfn, list);
    } else if (rotate && page_of(cx, pfn).prev != PFN_NONE) {
        slob_rotate(slabs, mem, pfn);
        cx.page.sink.emit(ev::slob_rotated, pfn, list);
    }
}

// The pages of a list in turn. The block's first unit, NO_UNIT when no page has one; `found` is its page.
u32 search_list(slab_context& cx, slob_list list, const slob_demand& demand, int node, pfn_t& found) {
    const physical_memory& mem = cx.page.mem;
    for (pfn_t pfn = cx.slabs.slob_first[list]; pfn != PFN_NONE && !cx.page.sink.spent(); pfn = page_of(cx, pfn).next) {
        const u32 units = page_of(cx, pfn).units;
        if (node >= 0 && node_of(mem, pfn) != static_cast<u32>(node)) {
            cx.page.sink.emit(ev::slob_page_passed, pfn, units, demand.units, slob_pass::other_node);
            continue;
        }
        if (units < demand.units) {
            cx.page.sink.emit(ev::slob_page_passed, pfn, units, demand.units, slob_pass::too_few_units);
            continue;
        }
        const u32 at = slob_page_alloc(cx, pfn, demand);
        if (at == NO_UNIT) {
            cx.page.sink.emit(ev::slob_page_passed, pfn, units, demand.units, slob_pass::no_block_fits);
            continue;
        }
        found = pfn;
        place_page(cx, pfn, true);
        return at;
    }
    return NO_UNIT;
}

// `size` bytes with the header. ADDR_NULL: no memory. kernel: slob_alloc
phys_addr_t slob_alloc(slab_context& cx, u64 size, gfp_t gfp, u64 align, int node, u32 header) {
    CallScope scope(cx.page.sink, slab_fn::slob_alloc);
    const physical_memory& mem = cx.page.mem;
    const slob_demand demand{slob_units(mem, size), static_cast<u32>(size), header, align};
    const slob_list list = slob_list_of(size);
    cx.page.sink.emit(ev::slob_search, size, demand.units, list, align);
    pfn_t pfn = PFN_NONE;
    u32 at = search_list(cx, list, demand, node, pfn);
    if (at == NO_UNIT) {
        pfn = slob_new_pages(cx, gfp & ~static_cast<gfp_t>(GFP_BIT_ZERO), 0, node);
        if (pfn == PFN_NONE) return ADDR_NULL;
        add_page(cx, pfn, list);
        at = slob_page_alloc(cx, pfn, demand);
        if (at == NO_UNIT) {
            cx.page.sink.emit(ev::slob_no_fit, size, align);
            remove_page(cx, pfn);
            return ADDR_NULL;
        }
        place_page(cx, pfn, false);
    }
    return address_of(mem, pfn, at);
}

// kernel: slob_free
void slob_free(slab_context& cx, pfn_t pfn, u32 at, u32 size) {
    CallScope scope(cx.page.sink, slab_fn::slob_free);
    slab_memory& slabs = cx.slabs;
    const physical_memory& mem = cx.page.mem;
    const u32 units = slob_units(mem, size);
    const u32 before = page_of(cx, pfn).units;
    cx.page.sink.emit(ev::slob_block_freed, pfn, at, units, before + units);
    if (before + units == slob_page_units(mem)) return remove_page(cx, pfn);
    slob_page_free(cx, pfn, at);
    if (before > 0) return;
    slob_unlink(slabs, mem, pfn);
    slob_link(slabs, mem, pfn, slob_list_of(size));
    cx.page.sink.emit(ev::slob_page_partial, pfn, slob_list_of(size));
}

void tell_misuse(slab_context& cx, phys_addr_t object, slob_misuse reason) {
    cx.page.sink.emit(ev::slob_misuse, object, reason);
}

// The block in use that begins at this address; where none does, that is told.
std::optional<slob_record> block_at(slab_context& cx, phys_addr_t object, phys_addr_t block) {
    const physical_memory& mem = cx.page.mem;
    const pfn_t pfn = mem.pfn_of(block);
    if (!is_slob_page(cx.slabs, mem, pfn)) {
        tell_misuse(cx, object, slob_misuse::no_slob_page);
        return std::nullopt;
    }
    const u32 offset = static_cast<u32>(block - (phys_addr_t{pfn} << mem.page_shift));
    std::optional<slob_record> found;
    if (offset % slob_unit_bytes(mem) == 0)
        found = slob_block_in_use(cx.slabs, mem, pfn, offset / slob_unit_bytes(mem));
    if (!found) tell_misuse(cx, object, slob_misuse::no_block);
    return found;
}

// A block of whole pages that the page allocator gave directly.
bool is_large(const physical_memory& mem, phys_addr_t object) {
    const pfn_t pfn = mem.pfn_of(object);
    if (!mem.pfn_valid(pfn) || phys_addr_t{pfn} << mem.page_shift != object) return false;
    return mem.page_at(pfn).state() == page_state::allocated && !mem.page_at(pfn).slab();
}

u64 page_bytes(const physical_memory& mem) { return u64{1} << mem.page_shift; }

} // namespace

// The size stays as asked; only what RCU needs behind the object is added. kernel: __kmem_cache_create
bool slob_open(slab_context& cx, cache_id id) {
    kmem_cache& cache = cx.slabs.caches.mut(id);
    if (cache.flags & SLAB_TYPESAFE_BY_RCU) cache.size += slob_rcu_bytes(cx.slabs);
    cache.inuse = cache.size;
    const slab_limits limits = limits_of(cx.slabs, cx.page.mem);
    cache.order = static_cast<u8>(order_of_size(limits, cache.size));
    cache.min_order = cache.order;
    return cache.order < limits.nr_orders;
}

phys_addr_t slob_cache_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node) {
    const kmem_cache& cache = cx.slabs.caches[id];
    if (cache.size < page_bytes(cx.page.mem)) return slob_alloc(cx, cache.size, gfp, cache.align, node, 0);
    const u32 size = cache.size;
    const u32 order = cache.order;
    cx.page.sink.emit(ev::slob_large, size, order);
    const pfn_t pfn = slob_new_pages(cx, gfp, order, node);
    return pfn == PFN_NONE ? ADDR_NULL : phys_addr_t{pfn} << cx.page.mem.page_shift;
}

void slob_cache_free(slab_context& cx, cache_id id, phys_addr_t object) {
    const u32 size = cx.slabs.caches[id].size;
    const pfn_t pfn = cx.page.mem.pfn_of(object);
    if (size >= page_bytes(cx.page.mem)) {
        if (!is_large(cx.page.mem, object)) return tell_misuse(cx, object, slob_misuse::no_block);
        return free_pages(cx.page, pfn, cx.slabs.caches[id].order);
    }
    const std::optional<slob_record> block = block_at(cx, object, object);
    if (!block) return;
    if (block->header > 0) return tell_misuse(cx, object, slob_misuse::has_header);
    if (block->size != size) return tell_misuse(cx, object, slob_misuse::other_size);
    slob_free(cx, pfn, block->unit, size);
}

// kernel: __do_kmalloc_node
phys_addr_t slob_kmalloc(slab_context& cx, u64 size, gfp_t gfp, int node) {
    const physical_memory& mem = cx.page.mem;
    const u32 header = kmalloc_min_align(cx.slabs);
    if (size < page_bytes(mem) - header) {
        // A power of two is aligned to itself.
        const u64 align = (size & (size - 1)) == 0 ? std::max<u64>(header, size) : header;
        const phys_addr_t block = slob_alloc(cx, size + header, gfp, align, node, header);
        if (block == ADDR_NULL) return ADDR_NULL;
        cx.page.sink.emit(ev::slob_header, block + header, size, header);
        return block + header;
    }
    const u32 order = order_of_size(limits_of(cx.slabs, mem), size);
    cx.page.sink.emit(ev::slob_large, size, order);
    const pfn_t pfn = slob_new_pages(cx, order > 0 ? gfp | GFP_BIT_COMP : gfp, order, node);
    return pfn == PFN_NONE ? ADDR_NULL : phys_addr_t{pfn} << mem.page_shift;
}

void slob_kfree(slab_context& cx, phys_addr_t object) {
    const physical_memory& mem = cx.page.mem;
    const pfn_t pfn = mem.pfn_of(object);
    if (!is_slob_page(cx.slabs, mem, pfn)) {
        if (!is_large(mem, object)) return tell_misuse(cx, object, slob_misuse::no_slob_page);
        return free_pages(cx.page, pfn, mem.page_at(pfn).order());
    }
    const u32 header = kmalloc_min_align(cx.slabs);
    const u64 offset = object - (phys_addr_t{pfn} << mem.page_shift);
    // Before the page's first header there is another page.
    if (offset < header) return tell_misuse(cx, object, slob_misuse::no_header);
    const std::optional<slob_record> block = block_at(cx, object, object - header);
    if (!block) return;
    if (block->header != header) return tell_misuse(cx, object, slob_misuse::no_header);
    slob_free(cx, pfn, block->unit, block->size);
}

u64 slob_kmalloc_bytes(const slab_memory& slabs, const physical_memory& mem, u64 size) {
    const u32 header = kmalloc_min_align(slabs);
    if (size < page_bytes(mem) - header) return size + header;
    return page_bytes(mem) << order_of_size(limits_of(slabs, mem), size);
}

u64 slob_ksize(const slab_memory& slabs, const physical_memory& mem, phys_addr_t object) {
    const pfn_t pfn = mem.pfn_of(object);
    if (!is_slob_page(slabs, mem, pfn)) return is_large(mem, object) ? page_bytes(mem) << mem.page_at(pfn).order() : 0;
    const u32 header = kmalloc_min_align(slabs);
    const u64 offset = object - (phys_addr_t{pfn} << mem.page_shift);
    if (offset < header || offset % slob_unit_bytes(mem) != 0) return 0;
    const u32 at = static_cast<u32>(offset - header) / slob_unit_bytes(mem);
    const std::optional<slob_record> block = slob_block_in_use(slabs, mem, pfn, at);
    if (!block || block->header != header) return 0;
    return u64{slob_units(mem, block->size - header)} * slob_unit_bytes(mem);
}

} // namespace mm
