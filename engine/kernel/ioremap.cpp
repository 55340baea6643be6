#include "kernel/ioremap.h"

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/vm_area.h"
#include "kernel/vmalloc.h"

namespace mm {

namespace {

using ev = kernel_event;

// Memory that boot gave to the kernel, not a device's own. kernel: pfn_is_map_memory, page_is_ram
bool is_memory(const physical_memory& mem, u64 frame) {
    return mem.has_frame(frame) && mem.zones[mem.page_zone(static_cast<pfn_t>(frame))].type != zone_type::device;
}

// x86 leaves alone what the page allocator may hand out. kernel: __ioremap_check_ram
bool is_allocators(const physical_memory& mem, u64 frame) {
    return is_memory(mem, frame) && mem.page_at(static_cast<pfn_t>(frame)).state() != page_state::reserved;
}

struct Range {
    phys_addr_t start = 0; // a whole page
    u64 size = 0;          // whole pages
    u64 offset = 0;        // of the byte that is asked for
};

Range pages_of(const kernel_context& cx, phys_addr_t phys, u64 size) {
    const u64 offset = phys & (page_size(cx) - 1);
    return {phys - offset, page_align(cx, size + offset), offset};
}

std::optional<ioremap_refusal> check_arm64(const kernel_context& cx, phys_addr_t phys, u64 size) {
    const Range range = pages_of(cx, phys, size);
    const bool early = cx.kernel.vmap.rules.ioremap_checks_size_first();
    if (early ? size == 0 : range.size == 0) return ioremap_refusal::nothing_asked;
    if ((early && phys + (size - 1) < phys) || range.start + (range.size - 1) < range.start)
        return ioremap_refusal::wraps;
    if ((range.start + (range.size - 1)) >> cx.kernel.arch.phys_bits) return ioremap_refusal::above_kernel;
    if (is_memory(cx.page.mem, range.start >> cx.page.mem.page_shift)) return ioremap_refusal::memory;
    return std::nullopt;
}

std::optional<ioremap_refusal> check_x86(const kernel_context& cx, phys_addr_t phys, u64 size) {
    if (size == 0) return ioremap_refusal::nothing_asked;
    const phys_addr_t last = phys + (size - 1);
    if (last < phys) return ioremap_refusal::wraps;
    if (last >> cx.kernel.arch.phys_bits)
        return cx.kernel.arch.arch == architecture::i386 ? ioremap_refusal::above_kernel : ioremap_refusal::above_cpu;
    const physical_memory& mem = cx.page.mem;
    const u64 end = std::min<u64>((last >> mem.page_shift) + 1, mem.end_pfn);
    for (u64 frame = std::max<u64>(phys >> mem.page_shift, mem.base_pfn); frame < end; ++frame)
        if (is_allocators(mem, frame)) return ioremap_refusal::memory_x86;
    return std::nullopt;
}

pgprot_t prot_of(const kernel_context& cx, ioremap_memory memory) {
    constexpr protection names[] = {protection::PROT_DEVICE_nGnRE, protection::PROT_NORMAL_NC, protection::PAGE_KERNEL};
    return pgprot_of(cx.mmu.format, names[static_cast<std::size_t>(memory)]);
}

// kernel: ioremap_page_range
bool map_device(kernel_context& cx, const vm_struct& vm, u64 size, ioremap_memory memory) {
    if (!cx.mmu.up) return true;
    mmu_context mmu{cx.mmu, cx.page};
    map_request request;
    request.space = INIT_MM;
    request.virt = vm.addr;
    request.phys = vm.phys_addr;
    request.size = size;
    request.prot = prot_of(cx, memory);
    request.blocks = cx.kernel.arch.huge_vmap;
    request.contiguous = false;
    request.path = map_path::ioremap_page_range;
    return map_range(mmu, request).error == map_error::none;
}

kernel_fn function_of_ioremap(const kernel_memory& kernel) {
    const kernel_rules& rules = kernel.vmap.rules;
    if (kernel.arch.arch != architecture::arm64 || !rules.has_generic_ioremap()) return kernel_fn::ioremap_caller;
    return rules.has_generic_ioremap_prot() ? kernel_fn::generic_ioremap_prot : kernel_fn::ioremap_prot;
}

// arm64 looks at the first page alone. The first page behind it that is memory, if there is one.
std::optional<u64> memory_behind(const physical_memory& mem, const Range& range) {
    const u64 end = std::min<u64>((range.start + range.size) >> mem.page_shift, mem.end_pfn);
    for (u64 frame = std::max<u64>(range.start >> mem.page_shift, mem.base_pfn); frame < end; ++frame)
        if (is_memory(mem, frame)) return frame;
    return std::nullopt;
}

} // namespace

u64 ioremap(kernel_context& cx, phys_addr_t phys, u64 size, ioremap_memory memory) {
    CallScope scope(cx.page.sink, function_of_ioremap(cx.kernel));
    const bool arm64 = cx.kernel.arch.arch == architecture::arm64;
    // Frame by frame it is asked what is memory, as far as this machine has frames.
    cx.page.sink.charge(std::min<u64>(size >> cx.page.mem.page_shift, cx.page.mem.mem_map.size()));
    const auto refused = [&](ioremap_refusal reason) {
        cx.page.sink.emit(ev::ioremap_refused, phys, size, reason, cx.kernel.arch.phys_bits);
        return u64{0};
    };
    if (arm64 && memory == ioremap_memory::cached && is_memory(cx.page.mem, phys >> cx.page.mem.page_shift)) {
        const u64 address = cx.kernel.arch.map.phys_to_virt(phys);
        cx.page.sink.emit(ev::ioremap_linear, phys, address);
        return address;
    }
    if (const auto reason = arm64 ? check_arm64(cx, phys, size) : check_x86(cx, phys, size)) return refused(*reason);
    const Range range = pages_of(cx, phys, size);
    const u64 nr_pages = range.size >> cx.page.mem.page_shift;
    cx.page.sink.emit(ev::ioremap_begins, phys, size, range.start, nr_pages, range.offset,
                      ioremap_alignment(cx, range.size));
    if (const auto frame = memory_behind(cx.page.mem, range); frame && arm64)
        cx.page.sink.emit(ev::ioremap_covers_memory, *frame << cx.page.mem.page_shift);
    const u32 id = get_vm_area(cx, {range.size, VM_IOREMAP});
    if (id == VM_NONE) return refused(ioremap_refusal::no_addresses);
    cx.kernel.vms.mut(id).phys_addr = range.start;
    cx.kernel.vms.mut(id).nr_mapped = static_cast<u32>(nr_pages);
    const vm_struct vm = cx.kernel.vms[id];
    if (!map_device(cx, vm, range.size, memory)) {
        {
            CallScope failed(cx.page.sink, kernel_fn::free_vm_area);
            remove_vm_area(cx, id);
        }
        drop_vm(cx.kernel, id);
        return refused(ioremap_refusal::no_tables);
    }
    cx.page.sink.emit(ev::ioremap, phys, size, vm.addr + range.offset, memory);
    return vm.addr + range.offset;
}

bool iounmap(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::iounmap);
    const kernel_memory& kernel = cx.kernel;
    const bool arm64 = kernel.arch.arch == architecture::arm64;
    const auto ignored = [&](iounmap_misuse reason) {
        cx.page.sink.emit(ev::iounmap_ignored, address, reason);
        return false;
    };
    const u64 start = address & ~(page_size(cx) - 1);
    if (arm64) {
        if (start < kernel.vmalloc_start || start >= kernel.vmalloc_end) return ignored(iounmap_misuse::not_vmalloc);
        cx.page.sink.emit(ev::iounmap, address, start);
        return vunmap(cx, start);
    }
    // x86 looks the area up itself, and takes it away by remove_vm_area().
    if (address <= kernel.arch.high_memory) return ignored(iounmap_misuse::below_vmalloc);
    const vmap_id area = find_vmap_area(kernel.vmap, start);
    if (area == VMAP_NONE || kernel.vmap.areas[area].va_start != start || kernel.vmap.areas[area].vm == VM_NONE ||
        kernel.vms[kernel.vmap.areas[area].vm].kind != area_kind::ordinary)
        return ignored(iounmap_misuse::bad_address_x86);
    cx.page.sink.emit(ev::iounmap, address, start);
    forget_vm_area(cx, kernel.vmap.areas[area].vm);
    return true;
}

} // namespace mm
