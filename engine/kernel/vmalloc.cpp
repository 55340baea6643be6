#include "kernel/vmalloc.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/vm_area.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc_log.h"
#include "mmu/arm64/boot_map.h"
#include "mmu/functions.h"
#include "mmu/layout.h"
#include "physical/page_alloc.h"

namespace mm {

namespace {

using ev = kernel_event;

u64 totalram_pages(const physical_memory& mem) {
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += z.managed_pages;
    return pages;
}

// Pointers are as long as addresses.
u64 pointer_bytes(const kernel_memory& kernel) { return kernel.vmalloc_end >> 32 ? 8 : 4; }

void free_own_pages(kernel_context& cx, u32 id) {
    cx.page.sink.charge(cx.kernel.vms[id].nr_pages);
    for (u32 i = 0; i < cx.kernel.vms[id].nr_pages && !cx.page.sink.spent(); ++i) {
        const pfn_t pfn = cx.kernel.pages[cx.kernel.vms[id].pages + i];
        free_pages(cx.page, pfn, 0);
    }
    cx.kernel.nr_vmalloc_pages -= cx.kernel.vms[id].nr_pages;
}

// Huge pages: each block is one entry. kernel: vmap_pages_range_noflush with page_shift
bool map_blocks(kernel_context& cx, const vm_struct& vm) {
    mmu_context mmu{cx.mmu, cx.page};
    map_request request;
    request.space = INIT_MM;
    request.size = page_size(cx) << vm.page_order;
    request.prot = pgprot_of(cx.mmu.format, protection::PAGE_KERNEL);
    request.contiguous = false;
    request.path = map_path::vmap_pages_range;
    for (u32 page = 0; page < vm.nr_mapped && !cx.page.sink.spent(); page += 1u << vm.page_order) {
        request.virt = vm.addr + page * page_size(cx);
        request.phys = phys_addr_t{cx.kernel.pages[vm.pages + page]} << cx.page.mem.page_shift;
        if (map_range(mmu, request).error != map_error::none) return false;
    }
    return true;
}

// Step 3. False: there was no page for a table. kernel: vmap_pages_range
bool map_area(kernel_context& cx, u32 id) {
    const vm_struct vm = cx.kernel.vms[id];
    const u64 end = vm.addr + vm.nr_mapped * page_size(cx);
    cx.page.sink.emit(ev::vmalloc_mapped, vm.addr, end, vm.nr_mapped);
    if (!cx.mmu.up) return true;
    if (vm.page_order > 0) return map_blocks(cx, vm);
    std::vector<pfn_t> pages(vm.nr_mapped);
    for (u32 i = 0; i < vm.nr_mapped; ++i) pages[i] = cx.kernel.pages[vm.pages + i];
    return map_frames(cx, vm.addr, pages);
}

// Pages of any zone are good enough, and where there is none the caller is told by NULL. kernel: __vmalloc_area_node
gfp_t page_gfp(gfp_t gfp) {
    if (!(gfp & (GFP_BIT_DMA | GFP_BIT_DMA32))) gfp |= GFP_BIT_HIGHMEM;
    return gfp | GFP_BIT_NOWARN;
}

// NULL. `gfp`: as warn_alloc() gets it; `taken`: bytes of pages that there were.
u64 fail(kernel_context& cx, u64 size, vmalloc_failure reason, gfp_t gfp, u64 taken = 0) {
    const kernel_rules& rules = cx.kernel.vmap.rules;
    if (!vmalloc_warning(rules, reason, size, gfp, taken).empty()) note_record(cx.page, SHORT_RECORD_WORK);
    cx.page.sink.emit(ev::vmalloc_failed, size, reason, gfp, taken);
    return 0;
}

u64 vmalloc_area(kernel_context& cx, const vmalloc_request& request);

// The area of the array of pages, when it is longer than a page. False: there was none.
bool take_array(kernel_context& cx, u32 id, u32 nr_pages, const vmalloc_request& request) {
    const u64 bytes = nr_pages * pointer_bytes(cx.kernel);
    if (bytes <= page_size(cx)) return true;
    cx.page.sink.emit(ev::vmalloc_array, nr_pages, bytes);
    const u64 array = vmalloc_area(cx, {.size = bytes, .gfp = request.gfp, .node = request.node});
    if (array == 0) return false;
    cx.kernel.vms.mut(id).array = find_vmap_area(cx.kernel.vmap, array);
    return true;
}

// Blocks of 1 << order pages, each split into pages of its own. What was taken is nr_pages, also when it fails.
bool take_pages(kernel_context& cx, u32 id, u32 nr_pages, u32 order, const vmalloc_request& request) {
    const gfp_t gfp = request.gfp;
    CallScope scope(cx.page.sink, cx.kernel.vmap.rules.has_vm_area_alloc_pages() ? kernel_fn::vm_area_alloc_pages
                                                                                 : kernel_fn::vmalloc_area_node);
    if (order == 0)
        cx.page.sink.emit(ev::vmalloc_pages, nr_pages, page_gfp(gfp));
    else
        cx.page.sink.emit(ev::vmalloc_huge_pages, nr_pages >> order, order, nr_pages, page_gfp(gfp));
    const u32 run = take_run(cx.kernel.pages, cx.kernel.page_runs, nr_pages);
    cx.kernel.vms.mut(id).pages = run;
    cx.kernel.vms.mut(id).nr_mapped = nr_pages;
    cx.kernel.vms.mut(id).page_order = static_cast<u8>(order);
    for (u32 i = 0; i < nr_pages; i += 1u << order) {
        if (order >= cx.page.mem.nr_orders || cx.page.sink.spent()) return false;
        cx.page.sink.charge(u64{1} << order);
        const pfn_t pfn = alloc_pages(cx.page, {order, page_gfp(gfp), request.node});
        if (pfn == PFN_NONE) return false;
        if (order > 0) split_page(cx.page, pfn, order);
        for (u32 page = 0; page < 1u << order; ++page) cx.kernel.pages.mut(run + i + page) = pfn + page;
        cx.kernel.vms.mut(id).nr_pages = i + (1u << order);
        cx.kernel.nr_vmalloc_pages += 1u << order;
    }
    return true;
}

// Addresses first, then the pages, then the array of them. kernel: vfree
void undo(kernel_context& cx, u32 id) {
    const vm_struct vm = cx.kernel.vms[id];
    remove_vm_area(cx, id);
    free_own_pages(cx, id);
    drop_vm(cx.kernel, id);
    if (vm.array != VMAP_NONE) undo(cx, cx.kernel.vmap.areas[vm.array].vm);
}

// Area, pages and mapping in pages of 1 << shift bytes. The record; else the reason, what warn_alloc() is asked with, and how
// many bytes of pages there were.
struct attempt {
    u32 id = VM_NONE;
    vmalloc_failure reason = vmalloc_failure::no_addresses;
    gfp_t gfp = 0;
    u64 taken = 0;
};
attempt try_vmalloc(kernel_context& cx, const vmalloc_request& request, u32 shift) {
    const gfp_t gfp = request.gfp;
    const u32 id = get_vm_area(
        cx, {.size = request.size, .flags = VM_ALLOC | request.vm_flags, .shift = shift, .align = request.align, .gfp = gfp});
    if (id == VM_NONE) return {VM_NONE, vmalloc_failure::no_addresses, gfp};
    const u32 page_shift = cx.page.mem.page_shift;
    const u32 nr_pages = static_cast<u32>((cx.kernel.vms[id].size >> page_shift) - 1);
    const u32 order = shift - page_shift;
    const auto give_up = [&](vmalloc_failure reason, gfp_t asked) {
        const u64 taken = cx.kernel.vms[id].nr_pages * page_size(cx);
        undo(cx, id);
        return attempt{VM_NONE, reason, asked, taken};
    };
    const gfp_t warned =
        cx.kernel.vmap.rules.vmalloc_warns_of_pages() ? page_gfp(gfp) & ~GFP_BIT_NOWARN : page_gfp(gfp);
    const vmalloc_failure no_memory = order > 0 ? vmalloc_failure::no_block : vmalloc_failure::no_pages;
    // The array's own vmalloc() has just warned: the next warning within ten seconds is not printed.
    if (!take_array(cx, id, nr_pages, request)) return give_up(no_memory, warned | GFP_BIT_NOWARN);
    if (!take_pages(cx, id, nr_pages, order, request)) return give_up(no_memory, warned);
    if (!map_area(cx, id)) return give_up(vmalloc_failure::no_tables, warned);
    return {id, {}};
}

// The size of the pages to begin with: huge ones when the caller allows them and every node would get one.
u32 first_shift(kernel_context& cx, const vmalloc_request& request) {
    const u32 page_shift = cx.page.mem.page_shift;
    const u64 size = request.size;
    if (!(request.vm_flags & VM_ALLOW_HUGE_VMAP)) return page_shift;
    const u64 nodes = request.node < 0 ? cx.page.mem.nodes.size() : 1;
    const u64 per_node = size / nodes;
    const u64 huge = u64{1} << cx.kernel.arch.pmd_shift;
    if (cx.kernel.arch.huge_vmalloc && per_node >= huge) {
        cx.page.sink.emit(ev::vmalloc_huge_wanted, size, nodes, per_node, huge);
        return cx.kernel.arch.pmd_shift;
    }
    const small_pages reason = cx.kernel.arch.huge_vmalloc ? small_pages::too_small : small_pages::no_huge_vmalloc;
    cx.page.sink.emit(ev::vmalloc_small_pages, size, reason, per_node, huge);
    return page_shift;
}

u64 vmalloc_area(kernel_context& cx, const vmalloc_request& request) {
    CallScope scope(cx.page.sink, kernel_fn::vmalloc_node_range);
    const u64 size = request.size;
    const gfp_t gfp = request.gfp;
    const u64 pages = page_align(cx, size) >> cx.page.mem.page_shift;
    if (size == 0) return fail(cx, size, vmalloc_failure::nothing_asked, gfp);
    if (pages > totalram_pages(cx.page.mem)) return fail(cx, size, vmalloc_failure::more_than_ram, gfp);
    if (pages > MAX_AREA_PAGES) return fail(cx, size, vmalloc_failure::too_many_pages, gfp);
    const u32 page_shift = cx.page.mem.page_shift;
    if (!std::has_single_bit(request.align))
        return fail(cx, size,
                    cx.kernel.vmap.rules.refuses_bad_alignment() ? vmalloc_failure::bad_align
                                                                 : vmalloc_failure::bad_align_bug,
                    gfp);
    const u32 shift = first_shift(cx, request);
    attempt done = try_vmalloc(cx, request, shift);
    if (done.id == VM_NONE && shift > page_shift) {
        cx.page.sink.emit(ev::vmalloc_huge_falls_back, size, done.reason);
        done = try_vmalloc(cx, request, page_shift);
    }
    if (done.id == VM_NONE) return fail(cx, size, done.reason, done.gfp, done.taken);
    const vm_struct vm = cx.kernel.vms[done.id];
    cx.page.sink.emit(ev::vmalloc, vm.addr, size, vm.nr_pages);
    return vm.addr;
}

} // namespace

vmalloc_range vmalloc_range_of(const machine_profile& profile) {
    // 32 TiB with 4-level tables; the last byte is not used, as VMALLOC_END is that byte (pgtable_64_types.h).
    if (profile.arch == architecture::x86_64) return {0xffffc90000000000, 0xffffe90000000000 - profile.page_size};
    const Result<address_layout> layout = make_layout(layout_config_of(profile));
    MM_ASSERT(layout);
    return {(*layout)["VMALLOC_START"], (*layout)["VMALLOC_END"]};
}

namespace {

kernel_arch arch_of(const machine_profile& profile, const kernel_rules& rules, const std::vector<image_part>& image) {
    kernel_arch arch;
    arch.arch = profile.arch;
    arch.map = linear_map_of(profile);
    const u8 page_shift = static_cast<u8>(std::countr_zero(profile.page_size));
    const std::optional<pte_format> format = pte_format_of(profile);
    if (format) {
        arch.pmd_shift = format->geometry.pmd_shift();
        arch.phys_bits = static_cast<u8>(physical_bits(*format));
    }
    arch.debug_virtual_bugs = profile.arch != architecture::arm64;
    switch (profile.arch) {
    case architecture::arm64: {
        arch.task_size = u64{1} << format->geometry.va_bits;
        arch.image_apart = arch.sets_page_offset = true;
        if (!image.empty()) arch.kimage_voffset = image.front().virt - image.front().phys;
        arch.ioremap_max_order = page_shift == 12 ? format->geometry.pud_shift() : arch.pmd_shift;
        arch.huge_vmap = true;
        break;
    }
    case architecture::i386:
        arch.task_size = arch.map.page_offset;
        arch.address_mask = 0xffffffff;
        arch.has_nodes = false;
        arch.high_memory = (*make_layout(layout_config_of(profile)))["high_memory"];
        arch.ioremap_max_order = arch.pmd_shift;
        break;
    case architecture::x86_64:
        arch.task_size = u64{1} << 47;
        arch.high_memory = arch.map.end;
        arch.ioremap_max_order = 30;
        arch.phys_bits = 52;
        arch.huge_vmap = true;
        break;
    }
    arch.huge_vmalloc = arch.huge_vmap && rules.has_vmalloc_huge();
    return arch;
}

// The kernel's image stands in the space, each part as an area. They follow one another without a guard page, but for the last.
// kernel: map_kernel_segment, vm_area_add_early
void add_image_areas(kernel_memory& kernel, const std::vector<image_part>& image) {
    for (const image_part& part : image) {
        const u64 guard = &part == &image.back() ? u64{1} << kernel.vmap.page_shift : 0;
        const u64 end = part.virt + part.size + guard;
        const bool free = insert_vmap_area(kernel.vmap, part.virt, end, vmap_state::busy);
        MM_ASSERT(free);
        const u32 id = new_vm(kernel);
        vm_struct& vm = kernel.vms.mut(id);
        vm.addr = part.virt;
        vm.size = end - part.virt;
        vm.requested = part.size;
        vm.flags = VM_MAP | VM_NO_GUARD;
        vm.phys_addr = part.phys;
        vm.area = find_vmap_area(kernel.vmap, part.virt);
        kernel.vmap.areas.mut(vm.area).vm = id;
    }
}

} // namespace

void vmalloc_init(kernel_memory& kernel, const machine_profile& profile) {
    const vmalloc_range range = vmalloc_range_of(profile);
    kernel.vmalloc_start = range.start;
    kernel.vmalloc_end = range.end;
    kernel.vmap = make_vmap_space(range.start, range.end, static_cast<u32>(std::countr_zero(profile.page_size)),
                                  profile.cpus, profile.kernel);
    const std::vector<image_part> image =
        profile.arch == architecture::arm64 ? image_parts(profile) : std::vector<image_part>{};
    kernel.arch = arch_of(profile, kernel.vmap.rules, image);
    kernel.up = true;
    vmap_block_init(kernel, profile);
    add_image_areas(kernel, image);
}

u64 vmalloc(kernel_context& cx, vmalloc_request request) {
    request.align &= cx.kernel.arch.address_mask; // unsigned long
    return vmalloc_area(cx, request);
}

u64 vmalloc_node(kernel_context& cx, u64 size, gfp_t gfp, int node, u32 vm_flags) {
    return vmalloc(cx, {size, gfp, node, vm_flags});
}

bool vfree(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::vfree);
    const u32 id = vm_to_free(cx, address);
    if (id == VM_NONE) return false;
    cx.page.sink.emit(ev::vfree, address, cx.kernel.vms[id].nr_pages);
    undo(cx, id);
    return true;
}

void kernel_areas::vfree(physical_context& page, u64 address) const {
    kernel_context cx{kernel_, mmu_, page};
    static_cast<void>(mm::vfree(cx, address));
}

u64 vmap(kernel_context& cx, std::span<const pfn_t> pages) {
    CallScope scope(cx.page.sink, kernel_fn::vmap);
    const u64 size = pages.size() * page_size(cx);
    MM_ASSERT(pages.size() <= MAX_AREA_PAGES);
    // vmap() itself prints nothing.
    const auto failed = [&](vmalloc_failure reason) { return fail(cx, size, reason, GFP_BIT_NOWARN); };
    if (pages.empty()) return failed(vmalloc_failure::nothing_asked);
    if (pages.size() > totalram_pages(cx.page.mem)) return failed(vmalloc_failure::more_than_ram);
    const u32 id = get_vm_area(cx, {size, VM_MAP});
    if (id == VM_NONE) return failed(vmalloc_failure::no_addresses);
    const u32 nr = static_cast<u32>(pages.size());
    cx.page.sink.charge(nr);
    const u32 run = take_run(cx.kernel.pages, cx.kernel.page_runs, nr);
    for (u32 i = 0; i < nr; ++i) cx.kernel.pages.mut(run + i) = pages[i];
    cx.kernel.vms.mut(id).pages = run;
    cx.kernel.vms.mut(id).nr_mapped = nr;
    if (!map_area(cx, id)) {
        undo(cx, id);
        return failed(vmalloc_failure::no_tables);
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
    forget_vm_area(cx, id);
    return true;
}

void purge_vmap_areas(kernel_context& cx) {
    const unflushed_span dirty = collect_dirty(cx);
    if (dirty.any()) cx.page.sink.emit(vmap_block_event::vmap_blocks_dirty, dirty.start, dirty.end);
    const u64 pages = purge(cx, dirty);
    cx.page.sink.emit(ev::vmap_purge, pages, purge_reason::asked);
}

frame_t vmalloc_to_pfn(const kernel_memory& kernel, const physical_memory& mem, u64 address) {
    const vmap_id area = kernel.up ? find_vmap_area(kernel.vmap, address) : VMAP_NONE;
    if (area == VMAP_NONE || kernel.vmap.areas[area].vm == VM_NONE) return FRAME_NONE;
    const vm_struct& vm = kernel.vms[kernel.vmap.areas[area].vm];
    const u64 index = (address - vm.addr) >> mem.page_shift;
    return index < vm.nr_mapped ? area_frame(kernel, vm, static_cast<u32>(index)) : FRAME_NONE;
}

} // namespace mm
