#include "kernel/vmalloc.h"

#include <algorithm>
#include <vector>

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/vmap_tree.h"
#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/layout.h"
#include "physical/page_alloc.h"

namespace mm {

namespace {

using ev = kernel_event;

constexpr u32 MAX_AREA_PAGES = 1u << (NR_RUN_CLASSES - 1);

u64 page_size(const kernel_context& cx) { return u64{1} << cx.page.mem.page_shift; }
u64 page_align(const kernel_context& cx, u64 bytes) { return (bytes + page_size(cx) - 1) & ~(page_size(cx) - 1); }

u64 totalram_pages(const physical_memory& mem) {
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += z.managed_pages;
    return pages;
}

// Pointers are as long as addresses.
u64 pointer_bytes(const kernel_memory& kernel) { return kernel.vmalloc_end >> 32 ? 8 : 4; }

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

void drop_vm(kernel_memory& kernel, u32 id) {
    if (const vm_struct vm = kernel.vms[id]; vm.pages != RUN_NONE)
        give_run(kernel.pages, kernel.page_runs, vm.pages, vm.nr_mapped);
    kernel.vms.mut(id) = vm_struct{};
    kernel.vms.mut(id).next = kernel.vm_unused;
    kernel.vm_unused = id;
}

// TLBs forget what was freed lazily, and its addresses may be used again. kernel: __purge_vmap_area_lazy
u64 purge(kernel_context& cx) {
    CallScope scope(cx.page.sink, kernel_fn::purge_vmap_area_lazy);
    vmap_space& space = cx.kernel.vmap;
    u64 start = ~0ull, end = 0;
    for (const vmap_id id : vmap_areas(space, vmap_state::lazy)) {
        start = std::min(start, space.areas[id].va_start);
        end = std::max(end, space.areas[id].va_end);
    }
    if (cx.mmu.tlb.up() && start < end) {
        mmu_context mmu{cx.mmu, cx.page};
        flush_tlb_kernel_range(mmu, start, end);
    }
    return purge_vmap_area_lazy(space);
}

// A hole of the space, purging once when there is none. kernel: alloc_vmap_area
vmap_id take_area(kernel_context& cx, u64 size) {
    CallScope scope(cx.page.sink, kernel_fn::alloc_vmap_area);
    kernel_memory& kernel = cx.kernel;
    for (const bool purged : {false, true}) {
        if (const auto hole = find_hole(kernel.vmap, size, 1, kernel.vmalloc_start, kernel.vmalloc_end)) {
            const u64 from = kernel.vmap.areas[hole->area].va_start;
            const u64 to = kernel.vmap.areas[hole->area].va_end;
            cx.page.sink.emit(ev::vmap_area_taken, hole->start, size, from, to);
            return take_hole(kernel.vmap, *hole, size);
        }
        cx.page.sink.emit(ev::vmap_area_none, size, kernel.vmap.vmap_lazy_nr);
        if (purged || kernel.vmap.vmap_lazy_nr == 0) break;
        const u64 pages = purge(cx);
        cx.page.sink.emit(ev::vmap_purge, pages, purge_reason::no_hole);
    }
    return VMAP_NONE;
}

// An area of `size` bytes and a guard page, with its record; VM_NONE when there is no hole. kernel: __get_vm_area_node
u32 get_vm_area(kernel_context& cx, u64 size, u32 flags) {
    CallScope scope(cx.page.sink, kernel_fn::get_vm_area_node);
    const vmap_id area = take_area(cx, page_align(cx, size) + page_size(cx));
    if (area == VMAP_NONE) return VM_NONE;
    const u32 id = new_vm(cx.kernel);
    vm_struct& vm = cx.kernel.vms.mut(id);
    vm.addr = cx.kernel.vmap.areas[area].va_start;
    vm.size = cx.kernel.vmap.areas[area].size();
    vm.requested = size;
    vm.flags = flags;
    vm.area = area;
    cx.kernel.vmap.areas.mut(area).vm = id;
    return id;
}

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

void free_own_pages(kernel_context& cx, u32 id) {
    for (u32 i = 0; i < cx.kernel.vms[id].nr_pages; ++i) {
        const pfn_t pfn = cx.kernel.pages[cx.kernel.vms[id].pages + i];
        free_pages(cx.page, pfn, 0);
    }
    cx.kernel.nr_vmalloc_pages -= cx.kernel.vms[id].nr_pages;
}

// The record at an address that vmalloc or vmap has returned; VM_NONE for NULL, and with a warning for any other.
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
        cx.kernel.vmap.areas[area].vm == VM_NONE) {
        cx.page.sink.emit(ev::vfree_bad, address, vfree_misuse::no_area);
        return VM_NONE;
    }
    return cx.kernel.vmap.areas[area].vm;
}

// Step 3. False: there was no page for a table. kernel: vmap_pages_range
bool map_area(kernel_context& cx, u32 id) {
    CallScope scope(cx.page.sink, mmu_fn::vmap_pages);
    const vm_struct vm = cx.kernel.vms[id];
    const u64 end = vm.addr + vm.nr_mapped * page_size(cx);
    cx.page.sink.emit(ev::vmalloc_mapped, vm.addr, end, vm.nr_mapped);
    if (!cx.mmu.up) return true;
    std::vector<pfn_t> pages(vm.nr_mapped);
    for (u32 i = 0; i < vm.nr_mapped; ++i) pages[i] = cx.kernel.pages[vm.pages + i];
    mmu_context mmu{cx.mmu, cx.page};
    const pgprot_t prot = pgprot_of(cx.mmu.format, protection::PAGE_KERNEL);
    return map_pages(mmu, INIT_MM, vm.addr, pages, prot).error == map_error::none;
}

void unmap_area(kernel_context& cx, u32 id) {
    if (!cx.mmu.up || cx.kernel.vms[id].nr_mapped == 0) return;
    mmu_context mmu{cx.mmu, cx.page};
    const map_result done =
        unmap_range(mmu, INIT_MM, cx.kernel.vms[id].addr, cx.kernel.vms[id].nr_mapped * page_size(cx));
    MM_ASSERT(done.error == map_error::none);
    note_unflushed(mmu, INIT_MM, cx.kernel.vms[id].addr, cx.kernel.vms[id].nr_mapped * page_size(cx));
}

u64 vmalloc_area(kernel_context& cx, u64 size, gfp_t gfp, int node, u32 vm_flags);

// The area of the array of pages, when it is longer than a page. False: there was none.
bool take_array(kernel_context& cx, u32 id, u32 nr_pages, gfp_t gfp, int node) {
    const u64 bytes = nr_pages * pointer_bytes(cx.kernel);
    if (bytes <= page_size(cx)) return true;
    cx.page.sink.emit(ev::vmalloc_array, nr_pages, bytes);
    const u64 array = vmalloc_area(cx, bytes, gfp, node, 0);
    if (array == 0) return false;
    cx.kernel.vms.mut(id).array = find_vmap_area(cx.kernel.vmap, array);
    return true;
}

bool take_pages(kernel_context& cx, u32 id, u32 nr_pages, gfp_t gfp, int node) {
    CallScope scope(cx.page.sink, kernel_fn::vm_area_alloc_pages);
    cx.page.sink.emit(ev::vmalloc_pages, nr_pages, gfp);
    const u32 run = take_run(cx.kernel.pages, cx.kernel.page_runs, nr_pages);
    cx.kernel.vms.mut(id).pages = run;
    cx.kernel.vms.mut(id).nr_mapped = nr_pages;
    for (u32 i = 0; i < nr_pages; ++i) {
        const pfn_t pfn = alloc_pages(cx.page, {0, gfp, node});
        if (pfn == PFN_NONE) return false;
        cx.kernel.pages.mut(run + i) = pfn;
        cx.kernel.vms.mut(id).nr_pages = i + 1;
        ++cx.kernel.nr_vmalloc_pages;
    }
    return true;
}

// Addresses first, then the pages, then the array of them. kernel: vfree
void undo(kernel_context& cx, u32 id) {
    const vm_struct vm = cx.kernel.vms[id];
    {
        CallScope scope(cx.page.sink, kernel_fn::remove_vm_area);
        unmap_area(cx, id);
        give_area_back(cx, vm.area);
    }
    free_own_pages(cx, id);
    drop_vm(cx.kernel, id);
    if (vm.array != VMAP_NONE) undo(cx, cx.kernel.vmap.areas[vm.array].vm);
}

u64 vmalloc_area(kernel_context& cx, u64 size, gfp_t gfp, int node, u32 vm_flags) {
    CallScope scope(cx.page.sink, kernel_fn::vmalloc_node_range);
    const auto failed = [&](vmalloc_failure reason) {
        cx.page.sink.emit(ev::vmalloc_failed, size, reason);
        return u64{0};
    };
    const u64 pages = page_align(cx, size) >> cx.page.mem.page_shift;
    if (size == 0) return failed(vmalloc_failure::nothing_asked);
    if (pages > totalram_pages(cx.page.mem)) return failed(vmalloc_failure::more_than_ram);
    if (pages > MAX_AREA_PAGES) return failed(vmalloc_failure::too_many_pages);
    const u32 nr_pages = static_cast<u32>(pages);
    const u32 id = get_vm_area(cx, size, VM_ALLOC | vm_flags);
    if (id == VM_NONE) return failed(vmalloc_failure::no_addresses);
    if (!take_array(cx, id, nr_pages, gfp, node) || !take_pages(cx, id, nr_pages, gfp, node)) {
        undo(cx, id);
        return failed(vmalloc_failure::no_pages);
    }
    if (!map_area(cx, id)) {
        undo(cx, id);
        return failed(vmalloc_failure::no_tables);
    }
    const u64 address = cx.kernel.vms[id].addr;
    cx.page.sink.emit(ev::vmalloc, address, size, pages);
    return address;
}

} // namespace

vmalloc_range vmalloc_range_of(const machine_profile& profile) {
    // 32 TiB with 4-level tables; the last byte is not used, as VMALLOC_END is that byte (pgtable_64_types.h).
    if (profile.arch == architecture::x86_64) return {0xffffc90000000000, 0xffffe90000000000 - profile.page_size};
    const Result<address_layout> layout = make_layout(layout_config_of(profile));
    MM_ASSERT(layout);
    return {(*layout)["VMALLOC_START"], (*layout)["VMALLOC_END"]};
}

void vmalloc_init(kernel_memory& kernel, const machine_profile& profile) {
    const vmalloc_range range = vmalloc_range_of(profile);
    kernel.vmalloc_start = range.start;
    kernel.vmalloc_end = range.end;
    kernel.vmap = make_vmap_space(range.start, range.end, static_cast<u32>(std::countr_zero(profile.page_size)),
                                  profile.cpus, profile.kernel);
    kernel.up = true;
}

u64 vmalloc_node(kernel_context& cx, u64 size, gfp_t gfp, int node, u32 vm_flags) {
    if (!(gfp & (GFP_BIT_DMA | GFP_BIT_DMA32))) gfp |= GFP_BIT_HIGHMEM;
    return vmalloc_area(cx, size, gfp | GFP_BIT_NOWARN, node, vm_flags);
}

bool vfree(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::vfree);
    const u32 id = vm_to_free(cx, address);
    if (id == VM_NONE) return false;
    cx.page.sink.emit(ev::vfree, address, cx.kernel.vms[id].nr_pages);
    undo(cx, id);
    return true;
}

u64 vmap(kernel_context& cx, std::span<const pfn_t> pages) {
    CallScope scope(cx.page.sink, kernel_fn::vmap);
    const u64 size = pages.size() * page_size(cx);
    MM_ASSERT(pages.size() <= MAX_AREA_PAGES);
    if (pages.empty() || pages.size() > totalram_pages(cx.page.mem)) {
        cx.page.sink.emit(ev::vmalloc_failed, size,
                          pages.empty() ? vmalloc_failure::nothing_asked : vmalloc_failure::more_than_ram);
        return 0;
    }
    const u32 id = get_vm_area(cx, size, VM_MAP);
    if (id == VM_NONE) {
        cx.page.sink.emit(ev::vmalloc_failed, size, vmalloc_failure::no_addresses);
        return 0;
    }
    const u32 nr = static_cast<u32>(pages.size());
    const u32 run = take_run(cx.kernel.pages, cx.kernel.page_runs, nr);
    for (u32 i = 0; i < nr; ++i) cx.kernel.pages.mut(run + i) = pages[i];
    cx.kernel.vms.mut(id).pages = run;
    cx.kernel.vms.mut(id).nr_mapped = nr;
    if (!map_area(cx, id)) {
        undo(cx, id);
        cx.page.sink.emit(ev::vmalloc_failed, size, vmalloc_failure::no_tables);
        return 0;
    }
    const u64 address = cx.kernel.vms[id].addr;
    cx.page.sink.emit(ev::vmap, address, nr);
    return address;
}

bool vunmap(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::vunmap);
    const u32 id = vm_to_free(cx, address);
    if (id == VM_NONE) return false;
    cx.page.sink.emit(ev::vunmap, address);
    const vm_struct vm = cx.kernel.vms[id];
    unmap_area(cx, id);
    give_area_back(cx, vm.area);
    if (vm.nr_pages) {
        cx.kernel.nr_lost_pages += vm.nr_pages;
        cx.page.sink.emit(ev::vunmap_loses_pages, address, vm.nr_pages);
    }
    drop_vm(cx.kernel, id);
    return true;
}

void purge_vmap_areas(kernel_context& cx) {
    const u64 pages = purge(cx);
    cx.page.sink.emit(ev::vmap_purge, pages, purge_reason::asked);
}

pfn_t vmalloc_to_pfn(const kernel_memory& kernel, const physical_memory& mem, u64 address) {
    const vmap_id area = kernel.up ? find_vmap_area(kernel.vmap, address) : VMAP_NONE;
    if (area == VMAP_NONE || kernel.vmap.areas[area].vm == VM_NONE) return PFN_NONE;
    const vm_struct& vm = kernel.vms[kernel.vmap.areas[area].vm];
    const u64 index = (address - vm.addr) >> mem.page_shift;
    return index < vm.nr_mapped ? kernel.pages[vm.pages + static_cast<u32>(index)] : PFN_NONE;
}

} // namespace mm
