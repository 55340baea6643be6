#pragma once
// A vm_struct and its area: what vmalloc(), vmap() and ioremap() have in common. Only this room includes it.
//
//   get_vm_area     a hole of the space, aligned as the request wants it, with a guard page behind, and its record
//   remove_vm_area  the entries of the page table go, and the addresses wait for the purge
//   drop_vm         the record goes
//   purge           one flush of the TLBs for all that wait, which are holes again
//
// Mirrors: mm/vmalloc.c: __get_vm_area_node, alloc_vmap_area, remove_vm_area, free_unmap_vmap_area (Linux 5.10, 6.1,
//   6.12).
#include <span>

#include "kernel/kernel_memory.h"

namespace mm {

inline constexpr u32 MAX_AREA_PAGES = 1u << (NR_RUN_CLASSES - 1);

[[nodiscard]] inline u64 page_size(const kernel_context& cx) { return u64{1} << cx.page.mem.page_shift; }
[[nodiscard]] inline u64 page_align(const kernel_context& cx, u64 bytes) {
    return (bytes + page_size(cx) - 1) & ~(page_size(cx) - 1);
}

struct area_request {
    u64 size = 0;           // bytes that are asked for
    u32 flags = 0;          // VM_
    u32 shift = 0;          // of the pages that it will be mapped with: size and begin are multiples; 0: PAGE_SHIFT
    u64 align = 1;          // of its begin: a power of two; below a page's size it asks for nothing
    gfp_t gfp = GFP_KERNEL; // with __GFP_NOWARN nothing is printed where there is no hole
    area_kind kind = area_kind::ordinary;
};

// What an ioremap() of so many bytes is aligned to: their power of two, so that blocks fit, but at most
// IOREMAP_MAX_ORDER.
[[nodiscard]] u64 ioremap_alignment(const kernel_context& cx, u64 size);

// The record; VM_NONE when there is no hole. kernel: __get_vm_area_node
[[nodiscard]] u32 get_vm_area(kernel_context& cx, const area_request& request);
// The same without a guard page, of whole pages. kernel: alloc_vmap_area
[[nodiscard]] u32 get_bare_area(kernel_context& cx, const area_request& request);
// Room for the frames of so many pages, none of which is there yet.
void give_page_run(kernel_context& cx, u32 id, u32 nr_pages);
void remove_vm_area(kernel_context& cx, u32 id);
// The addresses wait for the purge; `mapped`: its entries go first.
void free_unmap_vmap_area(kernel_context& cx, u32 id, bool mapped);
// That and the record; pages that are the area's own are lost. kernel: vunmap
void forget_vm_area(kernel_context& cx, u32 id);
[[nodiscard]] u32 new_vm(kernel_memory& kernel);
void drop_vm(kernel_memory& kernel, u32 id);
// Addresses that were unmapped and are not flushed, apart from the lazily freed areas.
struct unflushed_span {
    u64 start = ~0ull, end = 0;
    [[nodiscard]] bool any() const { return start < end; }
};
// TLBs forget what was freed lazily, and its addresses may be used again: how many pages. `also` is flushed with them.
// kernel: __purge_vmap_area_lazy
u64 purge(kernel_context& cx, const unflushed_span& also = {});

// One entry for each of these pages, from the address on; one of high memory is mapped as any other. False: there was
// no page for a table. kernel: vmap_pages_range
[[nodiscard]] bool map_frames(kernel_context& cx, u64 address, std::span<const pfn_t> pages);
// Clears the entries. No TLB is told yet. kernel: vunmap_range_noflush
void unmap_pages(kernel_context& cx, u64 address, u32 nr_pages);

// The record at an address that vmalloc or vmap has returned; VM_NONE for NULL, and with a warning for any other.
[[nodiscard]] u32 vm_to_free(kernel_context& cx, u64 address);

} // namespace mm
