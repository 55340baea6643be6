#pragma once
// A page fault in a VMA that allows the access: which page comes, and which entry names it.
//
//   handle_mm_fault ─┬─ 2 MiB of it, and huge pages allowed ──► do_huge_pmd_anonymous_page, do_huge_pmd_wp_page
//                    └─ handle_pte_fault ─┬─ no entry ─┬─ anonymous ──► do_anonymous_page: the zero page, or a page
//                                         │            └─ file ──► do_read_fault, do_cow_fault, do_shared_fault
//                                         └─ entry ────┬─ write, not writable ──► do_wp_page: reuse, or copy
//                                                      └─ accessed, dirty
//
// Models: the branches, their order and what decides; fault-around; major faults with 32 pages of read-ahead; page_mkwrite of
//   files on a disk.
// Not modelled: swap, NUMA balancing, userfaultfd, KSM, hugetlb, sizes between page and pmd.
// Mirrors: mm/memory.c, mm/huge_memory.c, mm/filemap.c, mm/shmem.c (Linux 5.10, 6.1, 6.12).
#include "process/mm.h"

namespace mm {

// VM_FAULT_ bits.
using vm_fault_t = u32;
inline constexpr vm_fault_t VM_FAULT_OOM = 0x1;
inline constexpr vm_fault_t VM_FAULT_SIGBUS = 0x2;
inline constexpr vm_fault_t VM_FAULT_MAJOR = 0x4;
inline constexpr vm_fault_t VM_FAULT_SIGSEGV = 0x40;
inline constexpr vm_fault_t VM_FAULT_NOPAGE = 0x100;
inline constexpr vm_fault_t VM_FAULT_RETRY = 0x400;
inline constexpr vm_fault_t VM_FAULT_FALLBACK = 0x800;

inline constexpr u64 FAULT_AROUND_PAGES = 16; // fault_around_bytes, 64 KiB
inline constexpr u64 MMAP_READAHEAD_PAGES = 32;

struct fault_request {
    u64 address = 0;
    bool write = false;
    bool tried = false; // FAULT_FLAG_TRIED: the second time
};
// What there is is counted: min_flt and maj_flt of the mm. There are tables (`cx.pages`).
[[nodiscard]] vm_fault_t handle_mm_fault(mm_context& cx, vma_id vma, const fault_request& request);

// The page at the address, as a fault would bring it; nothing when it is there. kernel: faultin_page, follow_page_mask with FOLL_TOUCH
[[nodiscard]] vm_fault_t fault_in_page(mm_context& cx, vma_id vma, u64 address, bool write);

// vma->vm_page_prot as protection bits of an entry. kernel: vma_set_page_prot
[[nodiscard]] u64 vm_page_prot(const mm_context& cx, const vm_area_struct& vma);
// Writes to clean pages are to be noticed, so entries of the shared mapping begin read-only. kernel: vma_wants_writenotify
[[nodiscard]] bool vma_wants_writenotify(const mm_context& cx, const vm_area_struct& vma);
// kernel: hugepage_vma_check, transhuge_vma_suitable
[[nodiscard]] bool huge_page_suits(const mm_context& cx, const vm_area_struct& vma, u64 address);

} // namespace mm
