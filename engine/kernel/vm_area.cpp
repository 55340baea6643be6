#include "kernel/vm_area.h"

#include <algorithm>
#include <bit>

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc.h"
#include "kernel/vmalloc_log.h"
#include "mmu/flush.h"
#include "mmu/functions.h"

namespace mm {

using ev = kernel_event;

namespace {

// A hole of the space, purging once when there is none. kernel: alloc_vmap_area
vmap_id take_area(kernel_context& cx, u64 size, u64 align, gfp_t gfp, bool guard) {
    CallScope scope(cx.page.sink, kernel_fn::alloc_vmap_area);
    kernel_memory& kernel = cx.kernel;
    for (const bool purged : {false, true}) {
        if (const auto hole = find_hole(kernel.vmap, size, align, kernel.vmalloc_start, kernel.vmalloc_end)) {
            const u64 from = kernel.vmap.areas[hole->area].va_start;
            const u64 to = kernel.vmap.areas[hole->area].va_end;
            if (guard)
                cx.page.sink.emit(ev::vmap_area_taken, hole->start, size, from, to, align);
            else
                cx.page.sink.emit(vmap_block_event::vmap_area_taken_bare, hole->start, size, from, to, align);
            return take_hole(kernel.vmap, *hole, size);
        }
        if (prints_vmap_failure(kernel.vmap.vmap_lazy_nr, gfp)) note_record(cx.page, SHORT_RECORD_WORK);
        cx.page.sink.emit(ev::vmap_area_none, size, align, largest_hole(kernel.vmap),
                          kernel.vmalloc_end - kernel.vmalloc_start, kernel.vmap.vmap_lazy_nr, gfp);
        if (!purged) purge_fragmented_blocks(cx, true);
        if (purged || kernel.vmap.vmap_lazy_nr == 0) break;
        const u64 pages = purge(cx);
        cx.page.sink.emit(ev::vmap_purge, pages, purge_reason::no_hole);
    }
    return VMAP_NONE;
}

} // namespace

u32 new_vm(kernel_memory& kernel) {
    u32 id = kernel.vm_unused;
    if (id != VM_NONE) {
        kernel.vm_unused = kernel.vms[id].next;
    } else {
        id = kernel.vms_used++;
        if (id >= kernel.vms.size()) kernel.vms.grow(std::max(64u, 2 * kernel.vms.size()));
    }
    kernel.vms.mut(id) = vm_struct{};
    kernel.vms.mut(id).in_use = true;
    return id;
}

u64 purge(kernel_context& cx, const unflushed_span& also) {
    CallScope scope(cx.page.sink, kernel_fn::purge_vmap_area_lazy);
    vmap_space& space = cx.kernel.vmap;
    u64 start = also.start, end = also.end;
    const std::vector<vmap_id> waiting = vmap_areas(space, vmap_state::lazy);
    cx.page.sink.charge(4 * waiting.size());
    for (const vmap_id id : waiting) {
        start = std::min(start, space.areas[id].va_start);
        end = std::max(end, space.areas[id].va_end);
    }
    if (cx.mmu.tlb.up() && start < end) {
        mmu_context mmu{cx.mmu, cx.page};
        flush_tlb_kernel_range(mmu, start, end);
    }
    return purge_vmap_area_lazy(space);
}

u64 ioremap_alignment(const kernel_context& cx, u64 size) {
    const u32 page_shift = cx.page.mem.page_shift;
    const u32 order = static_cast<u32>(std::bit_width(size - 1)); // get_count_order_long
    return u64{1} << std::clamp(order, page_shift, std::max(page_shift, u32{cx.kernel.arch.ioremap_max_order}));
}

namespace {

// The record for a hole; VM_NONE when there is none.
u32 area_in_hole(kernel_context& cx, const area_request& request, u64 size, u64 align) {
    const vmap_id area = take_area(cx, size, align, request.gfp, request.kind == area_kind::ordinary);
    if (area == VMAP_NONE) return VM_NONE;
    const u32 id = new_vm(cx.kernel);
    vm_struct& vm = cx.kernel.vms.mut(id);
    vm.addr = cx.kernel.vmap.areas[area].va_start;
    vm.size = cx.kernel.vmap.areas[area].size();
    vm.requested = request.size;
    vm.flags = request.flags;
    vm.kind = request.kind;
    vm.area = area;
    cx.kernel.vmap.areas.mut(area).vm = id;
    return id;
}

} // namespace

u32 get_vm_area(kernel_context& cx, const area_request& request) {
    CallScope scope(cx.page.sink, kernel_fn::get_vm_area_node);
    const u64 page = std::max(page_size(cx), u64{1} << request.shift);
    const u64 size = (request.size + page - 1) & ~(page - 1);
    const u64 own_align = std::max(request.align, page > page_size(cx) ? page : u64{1});
    const u64 align = request.flags & VM_IOREMAP ? ioremap_alignment(cx, size) : own_align;
    return area_in_hole(cx, request, size + page_size(cx), align);
}

u32 get_bare_area(kernel_context& cx, const area_request& request) {
    return area_in_hole(cx, request, request.size, request.align);
}

void give_page_run(kernel_context& cx, u32 id, u32 nr_pages) {
    cx.page.sink.charge(nr_pages / 8);
    const u32 run = take_run(cx.kernel.pages, cx.kernel.page_runs, nr_pages);
    for (u32 i = 0; i < nr_pages; ++i) cx.kernel.pages.mut(run + i) = PFN_NONE;
    cx.kernel.vms.mut(id).pages = run;
    cx.kernel.vms.mut(id).nr_mapped = nr_pages;
}

bool map_frames(kernel_context& cx, u64 address, std::span<const pfn_t> pages) {
    if (!cx.mmu.up) return true;
    cx.page.sink.charge(pages.size());
    CallScope scope(cx.page.sink, cx.kernel.vmap.rules.has_vmap_range() ? mmu_fn::vmap_pages_range
                                                                        : mmu_fn::map_kernel_range_noflush);
    mmu_context mmu{cx.mmu, cx.page};
    const pgprot_t prot = pgprot_of(cx.mmu.format, protection::PAGE_KERNEL);
    return map_pages(mmu, INIT_MM, address, pages, prot).error == map_error::none;
}

void unmap_pages(kernel_context& cx, u64 address, u32 nr_pages) {
    if (!cx.mmu.up || nr_pages == 0) return;
    mmu_context mmu{cx.mmu, cx.page};
    const map_result done = unmap_range(mmu, INIT_MM, address, nr_pages * page_size(cx));
    MM_ASSERT(done.error == map_error::none || cx.mmu.kernel_edited); // a block set there by hand may want a table
    note_unflushed(mmu, INIT_MM, address, nr_pages * page_size(cx));
}

namespace {

// kernel: free_vmap_area_noflush
void give_area_back(kernel_context& cx, vmap_id area) {
    CallScope scope(cx.page.sink, kernel_fn::free_vmap_area_noflush);
    vmap_space& space = cx.kernel.vmap;
    const u64 start = space.areas[area].va_start;
    const u64 size = space.areas[area].size();
    space.areas.mut(area).vm = VM_NONE;
    const bool due = free_vmap_area_noflush(space, area);
    cx.page.sink.emit(ev::vmap_area_lazy, start, size, space.vmap_lazy_nr, lazy_max_pages(space));
    if (!due) return;
    const u64 pages = purge(cx);
    cx.page.sink.emit(ev::vmap_purge, pages, purge_reason::limit);
}

} // namespace

void free_unmap_vmap_area(kernel_context& cx, u32 id, bool mapped) {
    if (mapped) unmap_pages(cx, cx.kernel.vms[id].addr, cx.kernel.vms[id].nr_mapped);
    give_area_back(cx, cx.kernel.vms[id].area);
}

void remove_vm_area(kernel_context& cx, u32 id) {
    CallScope scope(cx.page.sink, kernel_fn::remove_vm_area);
    free_unmap_vmap_area(cx, id, true);
}

void forget_vm_area(kernel_context& cx, u32 id) {
    const vm_struct vm = cx.kernel.vms[id];
    remove_vm_area(cx, id);
    if (vm.nr_pages) {
        cx.kernel.nr_lost_pages += vm.nr_pages;
        cx.page.sink.emit(ev::vunmap_loses_pages, vm.addr, vm.nr_pages);
    }
    drop_vm(cx.kernel, id);
}

void drop_vm(kernel_memory& kernel, u32 id) {
    if (const vm_struct vm = kernel.vms[id]; vm.pages != RUN_NONE)
        give_run(kernel.pages, kernel.page_runs, vm.pages, vm.nr_mapped);
    kernel.vms.mut(id) = vm_struct{};
    kernel.vms.mut(id).next = kernel.vm_unused;
    kernel.vm_unused = id;
}

u32 vm_to_free(kernel_context& cx, u64 address) {
    if (address == 0) {
        cx.page.sink.emit(ev::vfree_null);
        return VM_NONE;
    }
    if (address & (page_size(cx) - 1)) {
        cx.page.sink.emit(ev::vfree_bad, address, vfree_misuse::unaligned);
        return VM_NONE;
    }
    const vmap_id area = find_vmap_area(cx.kernel.vmap, address);
    // The kernel looks for the area that begins there.
    if (area == VMAP_NONE || cx.kernel.vmap.areas[area].va_start != address ||
        cx.kernel.vmap.areas[area].vm == VM_NONE || cx.kernel.vms[cx.kernel.vmap.areas[area].vm].is_ram()) {
        cx.page.sink.emit(ev::vfree_bad, address, vfree_misuse::no_area);
        return VM_NONE;
    }
    const u32 id = cx.kernel.vmap.areas[area].vm;
    if (cx.kernel.vms[id].kind != area_kind::percpu) return id;
    cx.page.sink.emit(percpu_event::vfree_of_percpu, address);
    return VM_NONE;
}

} // namespace mm
