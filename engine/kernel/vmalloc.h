#pragma once
// vmalloc: memory that is contiguous by address only.
//
//   1  an area        the lowest hole of the address space that holds the pages and a guard page
//   2  the pages      from the page allocator, one by one; where the caller allows it (VM_ALLOW_HUGE_VMAP), in huge pages
//   3  the mapping    one entry of the page table a page; the guard page gets none
//
// vfree undoes it in another order: the mapping and the pages go at once, the addresses only when enough are waiting
// (lazy_max_pages()), since every CPU may still hold translations of them.
//
// Models: sizes and their limits, alignments, the array of pages that is a vmalloc area itself when it is longer than a page, guard
//   pages, vmap of pages that somebody else holds, lazy freeing and the purge by its limit or when no hole is left; huge
//   vmalloc: when, alignment, rounding, pages split at once, the second try with small pages.
// Not modelled: the small objects behind an area (vm_struct, vmap_area, short arrays: kmalloc); what boot leaves in the
//   space (stacks, ioremap; the kernel image is there); nohugevmalloc; x86-64's page table, of which step 3 tells the range alone.
// Simplified: 6.1 and 6.12 take the pages in bulk (alloc_pages_bulk_array), here one after the other: the same pages.
// Mirrors: mm/vmalloc.c: __vmalloc_node_range, __get_vm_area_node, vm_area_alloc_pages, vfree, vmap, vunmap
//   (Linux 5.10, 6.1, 6.12).
#include <span>
#include <string>

#include "base/hash.h"
#include "kernel/kernel_memory.h"
#include "physical/profile.h"

namespace mm {

// Sets up an empty space. kernel: vmalloc_init
void vmalloc_init(kernel_memory& kernel, const machine_profile& profile);

// Why vmalloc returns NULL: the numbers of `reason` in the event vmalloc_failed.
enum class vmalloc_failure : u8 {
    nothing_asked,
    more_than_ram,
    no_addresses,
    no_pages,
    too_many_pages,
    no_tables,
    no_block,
    bad_align,     // -EINVAL
    bad_align_bug, // the same before 6.3: BUG_ON(!is_power_of_2(align))
};

// Why there are no huge pages, though the caller allows them: the numbers of `reason` in the event vmalloc_small_pages.
enum class small_pages : u8 { no_huge_vmalloc, too_small };

// What vfree() and vunmap() warn of: the numbers of `reason` in the event vfree_bad.
enum class vfree_misuse : u8 { unaligned, no_area };

// Why lazily freed areas are freed now: the numbers of `reason` in the event vmap_purge.
enum class purge_reason : u8 { limit, no_hole, asked };

// Where vmalloc's addresses are, with nokaslr. kernel: VMALLOC_START, VMALLOC_END
struct vmalloc_range {
    u64 start, end;
};
[[nodiscard]] vmalloc_range vmalloc_range_of(const machine_profile& profile);

struct vmalloc_request {
    u64 size = 0; // bytes
    gfp_t gfp = GFP_KERNEL;
    int node = -1;
    u32 vm_flags = 0; // VM_
    u64 align = 1;    // of the address: a power of two
};
// The address, or 0. `gfp` as for pages; __GFP_HIGHMEM is added, as the kernel does. kernel: __vmalloc_node
u64 vmalloc(kernel_context& cx, vmalloc_request request);
u64 vmalloc_node(kernel_context& cx, u64 size, gfp_t gfp, int node, u32 vm_flags = 0);
// False: what is no begin of a vmalloc area is told and left alone.
bool vfree(kernel_context& cx, u64 address);

// How the slab room gives areas back that waited for a grace period.
class kernel_areas final : public vmalloc_areas {
  public:
    kernel_areas(kernel_memory& kernel, mmu_memory& mmu) : kernel_(kernel), mmu_(mmu) {}
    void vfree(physical_context& page, u64 address) const override;

  private:
    kernel_memory& kernel_;
    mmu_memory& mmu_;
};

// Maps pages that stay the caller's. The address, or 0. kernel: vmap
u64 vmap(kernel_context& cx, std::span<const pfn_t> pages);
// False as of vfree(). The pages of a vmalloc area are lost for good, and so is the area of their array: nobody knows them
// any more.
bool vunmap(kernel_context& cx, u64 address);

// Frees all lazily freed addresses at once. kernel: vm_unmap_aliases, drain_vmap_area_work
void purge_vmap_areas(kernel_context& cx);

// The frame behind an address of a vmalloc area; FRAME_NONE: none. kernel: vmalloc_to_pfn
[[nodiscard]] frame_t vmalloc_to_pfn(const kernel_memory& kernel, const physical_memory& mem, u64 address);

// The text of /proc/vmallocinfo.
[[nodiscard]] std::string vmallocinfo(const kernel_memory& kernel, const physical_memory& mem);

[[nodiscard]] std::optional<std::string> verify_kernel(const kernel_memory& kernel, const mmu_memory& mmu,
                                                       const physical_memory& mem);
void hash_kernel(const kernel_memory& kernel, Hasher& hasher);

} // namespace mm
