#pragma once
// The state of the kernel's own virtual memory: which addresses vmalloc has given out, and what stands behind them; and
// which pages of high memory kmap() has mapped.
//
//   vmap_space ── busy area ── vm_struct ── pages ── frames of the page allocator
//                                       ├── phys_addr ── a device (ioremap), the kernel's image
//                                       └── block or chunk ── frames here and there (vm_map_ram, percpu)
//
// Mirrors: include/linux/vmalloc.h (struct vm_struct, VM_ flags; Linux 6.1).
#include "kernel/percpu_memory.h"
#include "kernel/vmap.h"
#include "kernel/vmap_block.h"
#include "mmu/page_table.h"
#include "physical/linear_map.h"
#include "slab/runs.h"

namespace mm {

// vm_struct::flags, the kernel's bits.
inline constexpr u32 VM_IOREMAP = 0x1;
inline constexpr u32 VM_ALLOC = 0x2;
inline constexpr u32 VM_MAP = 0x4;
inline constexpr u32 VM_USERMAP = 0x8;
inline constexpr u32 VM_NO_GUARD = 0x40;
inline constexpr u32 VM_ALLOW_HUGE_VMAP = 0x400;

// What stands in an area. Only the first kind has a guard page; vm_map_ram()'s areas have no vm_struct in the kernel.
enum class area_kind : u8 {
    ordinary,      // vmalloc, vmap, ioremap, the kernel's image
    map_ram,       // more than VMAP_MAX_ALLOC pages of vm_map_ram()
    map_ram_block, // a vmap_block, which many vm_map_ram() share
    percpu,        // the units of a group of CPUs, in a chunk of percpu memory
};

struct vm_struct {
    u64 addr = 0;
    u64 size = 0;         // bytes with the guard page
    u64 requested = 0;    // bytes that were asked for
    u32 flags = 0;        // VM_
    u32 nr_pages = 0;     // pages that are the area's own; 0: none (vmap, ioremap)
    u32 nr_mapped = 0;    // pages that it shows, the guard page not among them; blocks and chunks: that it has room for
    u32 pages = RUN_NONE; // first of them in kernel_memory::pages; RUN_NONE: ioremap, a part of the kernel image
    u64 phys_addr = 0;    // these: of its first page
    u8 page_order = 0;    // log2 of the pages that an entry maps: huge vmalloc
    area_kind kind = area_kind::ordinary;
    u32 owner = 0;      // map_ram_block: the block's number; percpu: the chunk's
    u32 next = VM_NONE; // records not in use: the next one
    vmap_id area = VMAP_NONE;
    vmap_id array = VMAP_NONE; // the area of the array of pages, when it is longer than a page
    bool in_use = false;

    [[nodiscard]] bool has_guard() const { return kind == area_kind::ordinary; }
    // vm_map_ram(): va->vm is NULL, so that nobody who looks for a vm_struct finds one.
    [[nodiscard]] bool is_ram() const { return kind == area_kind::map_ram || kind == area_kind::map_ram_block; }
};

// What the architecture decides here: set once.
struct kernel_arch {
    architecture arch = architecture::arm64;
    linear_map map;
    u64 task_size = 0;      // user space ends here
    u64 high_memory = 0;    // x86: the linear map ends here
    u64 kimage_voffset = 0; // arm64: from a physical address of the kernel image to its address
    u8 pmd_shift = 21;
    u8 ioremap_max_order = 12;       // log2 of the largest alignment of ioremap()
    u8 phys_bits = 48;               // of a physical address, as far as ioremap() takes one
    u64 address_mask = ~0ull;        // of the bits that an address has: arithmetic wraps
    bool image_apart = false;        // arm64: an address that is not linear is taken for one of the kernel's image
    bool sets_page_offset = false;   // arm64: __phys_to_virt() sets PAGE_OFFSET's bits instead of adding it
    bool debug_virtual_bugs = false; // x86: CONFIG_DEBUG_VIRTUAL ends in BUG(). arm64 warns
    bool has_nodes = true;           // CONFIG_NUMA
    bool huge_vmap = false;          // CONFIG_HAVE_ARCH_HUGE_VMAP: ioremap() uses blocks
    bool huge_vmalloc = false;       // CONFIG_HAVE_ARCH_HUGE_VMALLOC
};

// The PKMAP and the entries of the fixmap that map high memory (kmap.h).
struct kmap_memory {
    struct slot {
        u32 count; // pkmap_count[]
        pfn_t pfn; // page_address_maps[], while the count is not 0
    };
    bool up = false; // CONFIG_HIGHMEM
    u64 pkmap_base = 0;
    u32 nr_slots = 0; // LAST_PKMAP, a power of two
    u32 last_pkmap_nr = 0;
    u32 nr_waiting = 0; // tasks that sleep in kmap()
    CowArray<slot> slots;
    u64 fixmap_first = 0; // __fix_to_virt(FIX_KMAP_BEGIN); the others stand below
    u32 per_cpu = 0;      // KM_MAX_IDX
    u16 nr_cpus = 0;      // CONFIG_NR_CPUS
    std::array<u16, MAX_CPUS> depth{};

    [[nodiscard]] u32 fixmap_slots() const { return per_cpu * nr_cpus; }
};

struct kernel_memory {
    bool up = false; // from the boot stage on at which vmalloc works
    u64 vmalloc_start = 0, vmalloc_end = 0;
    vmap_space vmap;
    CowArray<vm_struct, 6, 7> vms;
    u32 vms_used = 0; // records below were in use at some time
    u32 vm_unused = VM_NONE;
    CowArray<pfn_t> pages;
    run_pool page_runs;
    u64 nr_vmalloc_pages = 0; // VmallocUsed without guard pages
    u64 nr_lost_pages = 0;    // of them: pages of areas that vunmap() took away
    kernel_arch arch;
    kmap_memory kmap;
    vmap_block_memory ram;
    percpu_memory percpu;

    [[nodiscard]] u64 bytes_copied() const {
        return vmap.areas.bytes_copied() + vms.bytes_copied() + pages.bytes_copied() + kmap.slots.bytes_copied() +
               ram.bytes_copied() + percpu.bytes_copied();
    }
};

// The frame behind a page of an area that it shows: nr < nr_mapped. FRAME_NONE: a block or a chunk has none there.
[[nodiscard]] inline frame_t area_frame(const kernel_memory& kernel, const vm_struct& vm, u32 nr) {
    if (vm.pages == RUN_NONE) return (vm.phys_addr >> kernel.vmap.page_shift) + nr;
    const pfn_t pfn = kernel.pages[vm.pages + nr];
    return pfn == PFN_NONE ? FRAME_NONE : frame_t{pfn};
}

// What every function of this room works on.
struct kernel_context {
    kernel_memory& kernel;
    mmu_memory& mmu;
    physical_context page; // memory, sink, CPU and step of the running op
};

} // namespace mm
