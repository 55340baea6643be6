// /proc/vmallocinfo, the invariants and the hash of this room.
#include <algorithm>
#include <array>

#include "kernel/kmap.h"
#include "kernel/percpu.h"
#include "kernel/vm_area.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc.h"
#include "physical/procfs_text.h"

namespace mm {

namespace {

void append_range(std::string& out, const vmap_area& area, int digits) {
    append_line(out, "0x%0*llx-0x%0*llx %7llu", digits, static_cast<unsigned long long>(area.va_start), digits,
                static_cast<unsigned long long>(area.va_end), static_cast<unsigned long long>(area.size()));
}

// " pcpu_get_vm_areas+0x0/0x1270": the length of the function is that of Debian's build; i386's is not known.
void append_pcpu_caller(std::string& out, const kernel_memory& kernel) {
    static constexpr std::array<from_release<u32>, 3> ARM64 = {
        {{{5, 10}, 0x10f0}, {{6, 1}, 0x1270}, {{6, 12}, 0x1120}}};
    static constexpr std::array<from_release<u32>, 3> X86_64 = {
        {{{5, 10}, 0x10a0}, {{6, 1}, 0x1080}, {{6, 12}, 0x1040}}};
    out += " pcpu_get_vm_areas";
    const kernel_version version = kernel.vmap.rules.version;
    if (kernel.arch.arch == architecture::arm64) append_line(out, "+0x0/0x%x", newest(ARM64, version));
    if (kernel.arch.arch == architecture::x86_64) append_line(out, "+0x0/0x%x", newest(X86_64, version));
}

// " N0=12 N1=3"; i386 is built without nodes.
void append_nodes(std::string& out, const kernel_memory& kernel, const physical_memory& mem, const vm_struct& vm) {
    if (!kernel.arch.has_nodes) return;
    std::array<u32, MAX_NODES> pages{};
    for (u32 i = 0; i < vm.nr_pages; ++i) ++pages[mem.zones[mem.page_zone(kernel.pages[vm.pages + i])].node];
    for (std::size_t node = 0; node < pages.size(); ++node)
        if (pages[node]) append_line(out, " N%zu=%u", node, pages[node]);
}

// Blocks, chunks and areas of vm_map_ram(): an entry where there is a frame, and none elsewhere.
std::optional<std::string> verify_sparse_mapping(const kernel_memory& kernel, const mmu_memory& mmu,
                                                 const vm_struct& vm) {
    const u8 page_shift = mmu.geometry().page_shift;
    for (u32 i = 0; i < vm.nr_mapped; ++i) {
        const walk_result way = walk(mmu, INIT_MM, vm.addr + (u64{i} << page_shift));
        const frame_t frame = area_frame(kernel, vm, i);
        if (way.found != (frame != FRAME_NONE))
            return ": page " + std::to_string(i) + " is mapped without a frame, or has one without an entry";
        if (way.found && way.phys >> page_shift != frame)
            return ": page " + std::to_string(i) + " is not mapped where it lies";
    }
    return std::nullopt;
}

// Each page of the area has its entry in the kernel's tables, and the guard page has none.
std::optional<std::string> verify_mapping(const kernel_memory& kernel, const mmu_memory& mmu, const vm_struct& vm) {
    if (!mmu.up || mmu.kernel_edited) return std::nullopt;
    const u8 page_shift = mmu.geometry().page_shift;
    if (!vm.has_guard()) return verify_sparse_mapping(kernel, mmu, vm);
    for (u32 i = 0; i < vm.nr_mapped;) {
        const walk_result way = walk(mmu, INIT_MM, vm.addr + (u64{i} << page_shift));
        if (!way.found) return ": page " + std::to_string(i) + " is not mapped";
        // A block maps all of its pages in a row. A device's frames stand in a row, too: its first page says it for all.
        const u64 in_leaf = std::min<u64>(way.leaf_size >> page_shift, vm.nr_mapped - i);
        for (u64 n = 0; n < (vm.pages == RUN_NONE ? 1 : in_leaf); ++n)
            if ((way.phys >> page_shift) + n != area_frame(kernel, vm, i + static_cast<u32>(n)))
                return ": page " + std::to_string(u64{i} + n) + " is not mapped where it lies";
        i += static_cast<u32>(in_leaf);
    }
    const walk_result guard = walk(mmu, INIT_MM, vm.addr + (u64{vm.nr_mapped} << page_shift));
    return guard.found ? std::optional<std::string>(": its guard page is mapped") : std::nullopt;
}

} // namespace

std::string vmallocinfo(const kernel_memory& kernel, const physical_memory& mem) {
    std::string out;
    if (!kernel.up) return out;
    const int digits = kernel.vmalloc_end >> 32 ? 16 : 8;
    for (const vmap_id id : vmap_areas(kernel.vmap, vmap_state::busy)) {
        append_range(out, kernel.vmap.areas[id], digits);
        const vm_struct& vm = kernel.vms[kernel.vmap.areas[id].vm];
        if (vm.is_ram()) {
            out += " vm_map_ram\n";
            continue;
        }
        if (vm.kind == area_kind::percpu) append_pcpu_caller(out, kernel);
        if (vm.nr_pages) append_line(out, " pages=%u", vm.nr_pages);
        if (vm.phys_addr) append_line(out, " phys=0x%0*llx", digits, static_cast<unsigned long long>(vm.phys_addr));
        if (vm.flags & VM_IOREMAP) out += " ioremap";
        if (vm.flags & VM_ALLOC) out += " vmalloc";
        if (vm.flags & VM_MAP) out += " vmap";
        if (vm.flags & VM_USERMAP) out += " user";
        if (vm.array != VMAP_NONE) out += " vpages";
        append_nodes(out, kernel, mem, vm);
        out += "\n";
    }
    for (const vmap_id id : vmap_areas(kernel.vmap, vmap_state::lazy)) {
        append_range(out, kernel.vmap.areas[id], digits);
        out += " unpurged vm_area\n";
    }
    return out;
}

std::optional<std::string> verify_kernel(const kernel_memory& kernel, const mmu_memory& mmu,
                                         const physical_memory& mem) {
    if (!kernel.up) return std::nullopt;
    if (const auto wrong = verify_vmap_space(kernel.vmap, kernel.vmalloc_start, kernel.vmalloc_end))
        return "vmalloc space: " + std::string(*wrong);
    u64 own_pages = 0;
    u64 records = 0;
    for (const vmap_id id : vmap_areas(kernel.vmap, vmap_state::busy)) {
        const vmap_area& area = kernel.vmap.areas[id];
        std::string place = "vmalloc area ";
        append_line(place, "%llx", static_cast<unsigned long long>(area.va_start));
        if (area.vm >= kernel.vms_used || !kernel.vms[area.vm].in_use) return place + ": no vm_struct";
        const vm_struct& vm = kernel.vms[area.vm];
        ++records;
        if (vm.area != id || vm.addr != area.va_start || vm.size != area.size()) return place + ": not its vm_struct's";
        if (vm.flags & VM_NO_GUARD) continue; // the kernel image, which boot has mapped
        if ((u64{vm.nr_mapped} + vm.has_guard()) << mem.page_shift != vm.size)
            return place + ": pages and guard page are not its size";
        own_pages += vm.nr_pages;
        if ((vm.flags & VM_IOREMAP) != 0 && vm.pages != RUN_NONE) return place + ": a device with pages";
        for (u32 i = 0; i < vm.nr_mapped && vm.pages != RUN_NONE; ++i)
            if (const pfn_t pfn = kernel.pages[vm.pages + i];
                !mem.pfn_valid(pfn) && (vm.has_guard() || pfn != PFN_NONE))
                return place + ": a page that is not there";
        if (auto wrong = verify_mapping(kernel, mmu, vm)) return place + *wrong;
    }
    for (u32 i = 0; i < kernel.vms_used; ++i) records -= kernel.vms[i].in_use;
    if (records != 0) return "vmalloc: a vm_struct without area";
    if (own_pages + kernel.nr_lost_pages != kernel.nr_vmalloc_pages)
        return "nr_vmalloc_pages is not the pages of all areas";
    if (auto wrong = verify_vmap_blocks(kernel)) return wrong;
    if (auto wrong = verify_percpu(kernel)) return wrong;
    return verify_kmap(kernel, mmu);
}

void hash_kernel(const kernel_memory& kernel, Hasher& hasher) {
    if (!kernel.up) return;
    for (const vmap_state state : {vmap_state::busy, vmap_state::lazy, vmap_state::free}) {
        for (const vmap_id id : vmap_areas(kernel.vmap, state)) {
            const vmap_area& area = kernel.vmap.areas[id];
            hasher.add(area.va_start);
            hasher.add(area.va_end);
            hasher.add(area.subtree_max_size);
            if (area.vm == VM_NONE) continue;
            const vm_struct& vm = kernel.vms[area.vm];
            hasher.add(vm.requested);
            hasher.add(u64{vm.flags} << 32 | vm.nr_pages);
            hasher.add(u64{vm.page_order} << 56 | vm.phys_addr);
            for (u32 i = 0; i < vm.nr_mapped && vm.pages != RUN_NONE; ++i) hasher.add(kernel.pages[vm.pages + i]);
        }
    }
    hasher.add(kernel.vmap.vmap_lazy_nr);
    hasher.add(kernel.nr_lost_pages);
    hash_kmap(kernel, hasher);
    hash_vmap_blocks(kernel, hasher);
    hash_percpu(kernel, hasher);
}

} // namespace mm
