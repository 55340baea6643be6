#pragma once
// The state of the kernel's own virtual memory: which addresses vmalloc has given out, and what stands behind them.
//
//   vmap_space ── busy area ── vm_struct ── pages ── frames of the page allocator
//
// Mirrors: include/linux/vmalloc.h (struct vm_struct, VM_ flags; Linux 6.1).
#include "kernel/vmap.h"
#include "mmu/page_table.h"
#include "slab/runs.h"

namespace mm {

// vm_struct::flags, the kernel's bits.
inline constexpr u32 VM_IOREMAP = 0x1;
inline constexpr u32 VM_ALLOC = 0x2;
inline constexpr u32 VM_MAP = 0x4;
inline constexpr u32 VM_USERMAP = 0x8;

struct vm_struct {
    u64 addr = 0;
    u64 size = 0;         // bytes with the guard page
    u64 requested = 0;    // bytes that were asked for
    u32 flags = 0;        // VM_
    u32 nr_pages = 0;     // pages that are the area's own; 0: none (vmap, ioremap)
    u32 nr_mapped = 0;    // pages that it shows, the guard page not among them
    u32 pages = RUN_NONE; // first of them in kernel_memory::pages
    u32 next = VM_NONE;   // records not in use: the next one
    vmap_id area = VMAP_NONE;
    vmap_id array = VMAP_NONE; // the area of the array of pages, when it is longer than a page
    bool in_use = false;
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

    [[nodiscard]] u64 bytes_copied() const {
        return vmap.areas.bytes_copied() + vms.bytes_copied() + pages.bytes_copied();
    }
};

// What every function of this room works on.
struct kernel_context {
    kernel_memory& kernel;
    mmu_memory& mmu;
    physical_context page; // memory, sink, CPU and step of the running op
};

} // namespace mm
