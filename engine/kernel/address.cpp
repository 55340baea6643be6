#include "kernel/address.h"

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/kmap.h"
#include "kernel/vm_area.h"

namespace mm {

namespace {

using ev = kernel_event;

bool is_memory(const physical_memory& mem, phys_addr_t phys) { return mem.has_frame(phys >> mem.page_shift); }

phys_place place_of_phys(const kernel_context& cx, phys_addr_t phys) {
    if (!is_memory(cx.page.mem, phys)) return phys_place::nothing;
    const pfn_t pfn = cx.page.mem.pfn_of(phys);
    if (cx.page.mem.zones[cx.page.mem.page_zone(pfn)].type == zone_type::device) return phys_place::device;
    return is_highmem(cx.kernel, pfn) ? phys_place::high_memory : phys_place::low_memory;
}

// vmemmap is as long as the linear map has pages.
bool is_struct_page(const kernel_memory& kernel, u64 address) {
    const linear_map& map = kernel.arch.map;
    if (!map.vmemmap) return false;
    const u32 shift = kernel.vmap.page_shift;
    const u64 first = *map.vmemmap + (map.phys_offset >> shift) * STRUCT_PAGE_BYTES;
    const u64 pages = (map.end - map.page_offset) >> shift;
    return address >= first && (address - first) / STRUCT_PAGE_BYTES < pages;
}

} // namespace

address_place place_of(const kernel_memory& kernel, u64 address) {
    const linear_map& map = kernel.arch.map;
    if (address < kernel.arch.task_size) return address_place::user;
    if (address >= kernel.vmalloc_start && address < kernel.vmalloc_end) {
        const vmap_id area = find_vmap_area(kernel.vmap, address);
        if (area == VMAP_NONE || kernel.vmap.areas[area].vm == VM_NONE) return address_place::vmalloc;
        const u32 flags = kernel.vms[kernel.vmap.areas[area].vm].flags;
        if (flags & VM_NO_GUARD) return address_place::image;
        return flags & VM_IOREMAP ? address_place::ioremap : address_place::vmalloc;
    }
    if (pkmap_slot(kernel, address)) return address_place::pkmap;
    if (fixmap_slot(kernel, address)) return address_place::fixmap;
    switch (map.place_of(address)) {
    case linear_map::place::linear: return address_place::linear;
    case linear_map::place::image: return address_place::image;
    default: return is_struct_page(kernel, address) ? address_place::vmemmap : address_place::other;
    }
}

std::optional<phys_addr_t> translate(const kernel_context& cx, u64 address) {
    if (cx.mmu.up)
        if (const walk_result way = walk(cx.mmu, INIT_MM, address); way.found) return way.phys;
    const address_place place = place_of(cx.kernel, address);
    if (place == address_place::linear || place == address_place::image) {
        const phys_addr_t phys = cx.kernel.arch.map.virt_to_phys(address);
        return is_memory(cx.page.mem, phys) ? std::optional<phys_addr_t>(phys) : std::nullopt;
    }
    if (cx.mmu.up || (place != address_place::vmalloc && place != address_place::ioremap)) return std::nullopt;
    // x86-64 has no tables here: the area knows.
    const vmap_id area = find_vmap_area(cx.kernel.vmap, address);
    if (area == VMAP_NONE || cx.kernel.vmap.areas[area].vm == VM_NONE) return std::nullopt;
    const vm_struct& vm = cx.kernel.vms[cx.kernel.vmap.areas[area].vm];
    const u64 page = (address - vm.addr) >> cx.page.mem.page_shift;
    if (page >= vm.nr_mapped) return std::nullopt;
    const frame_t frame = area_frame(cx.kernel, vm, static_cast<u32>(page));
    if (frame == FRAME_NONE) return std::nullopt;
    return (frame << cx.page.mem.page_shift) + (address & (page_size(cx) - 1));
}

phys_addr_t kernel_virt_to_phys(const kernel_memory& kernel, u64 address) {
    const kernel_arch& arch = kernel.arch;
    if (arch.image_apart && arch.map.place_of(address) != linear_map::place::linear)
        return address - arch.kimage_voffset;
    return arch.map.virt_to_phys(address) & arch.address_mask;
}

u64 kernel_phys_to_virt(const kernel_memory& kernel, phys_addr_t phys) {
    const linear_map& map = kernel.arch.map;
    if (kernel.arch.sets_page_offset) return (phys - map.phys_offset) | map.page_offset;
    return map.phys_to_virt(phys) & kernel.arch.address_mask;
}

bool virt_to_phys(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::virt_to_phys);
    const kernel_memory& kernel = cx.kernel;
    const linear_map& map = kernel.arch.map;
    const phys_addr_t phys = kernel_virt_to_phys(kernel, address);
    const address_place place = place_of(kernel, address);
    const bool image = place == address_place::image;
    const bool apart = kernel.arch.image_apart;
    if ((place == address_place::linear || image) && is_memory(cx.page.mem, phys)) {
        if (image)
            cx.page.sink.emit(ev::virt_to_phys, address, apart ? phys_base::kimage : phys_base::kernel_map,
                              apart ? kernel.arch.kimage_voffset : map.kernel_image, 0, phys);
        else
            cx.page.sink.emit(ev::virt_to_phys, address, phys_base::page_offset, map.page_offset, map.phys_offset,
                              phys);
        if (image && apart) cx.page.sink.emit(ev::debug_virtual, address, false);
        return true;
    }
    const std::optional<phys_addr_t> really = translate(cx, address);
    cx.page.sink.emit(ev::virt_to_phys_garbage, address, place, phys, place_of_phys(cx, phys),
                      phys >> cx.page.mem.page_shift, really.has_value(), really.value_or(0));
    if (place != address_place::linear && !image)
        cx.page.sink.emit(ev::debug_virtual, address, kernel.arch.debug_virtual_bugs);
    return false;
}

bool phys_to_virt(kernel_context& cx, phys_addr_t phys) {
    CallScope scope(cx.page.sink, kernel_fn::phys_to_virt);
    const linear_map& map = cx.kernel.arch.map;
    const u64 address = kernel_phys_to_virt(cx.kernel, phys);
    const phys_place holds = place_of_phys(cx, phys);
    if (holds == phys_place::low_memory || holds == phys_place::device) {
        cx.page.sink.emit(ev::phys_to_virt, phys, map.phys_offset, map.page_offset, address);
        return true;
    }
    const std::optional<phys_addr_t> really = translate(cx, address);
    cx.page.sink.emit(ev::phys_to_virt_garbage, phys, holds, address, place_of(cx.kernel, address), really.has_value(),
                      really.value_or(0));
    return false;
}

frame_t vmalloc_to_page(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::vmalloc_to_page);
    const address_place place = place_of(cx.kernel, address);
    const std::optional<phys_addr_t> phys = translate(cx, address);
    if (!phys) {
        cx.page.sink.emit(ev::vmalloc_to_page_null, address, place);
        return FRAME_NONE;
    }
    const frame_t frame = *phys >> cx.page.mem.page_shift;
    const bool linear = place == address_place::linear || place == address_place::image;
    if (linear) {
        // As far as the tables do not say otherwise, x86 maps its memory in blocks, arm64 in pages.
        const walk_result way = cx.mmu.up ? walk(cx.mmu, INIT_MM, address) : walk_result{};
        const bool block = way.found ? way.leaf_size > page_size(cx) : cx.kernel.arch.arch != architecture::arm64;
        const bool refused = block && !cx.kernel.vmap.rules.vmalloc_to_page_sees_blocks();
        cx.page.sink.emit(ev::vmalloc_to_page_linear, address, frame, refused);
        return refused ? FRAME_NONE : frame;
    }
    if (!is_memory(cx.page.mem, *phys)) {
        cx.page.sink.emit(ev::vmalloc_to_page_device, address, frame);
        return frame;
    }
    cx.page.sink.emit(ev::vmalloc_to_page, address, frame);
    return frame;
}

} // namespace mm
