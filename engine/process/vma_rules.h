#pragma once
// What differs between kernels and architectures in the mappings of processes: each rule has a name here.
//
// Models: Linux 5.10, 6.1 and 6.12.
#include "physical/kernel_version.h"
#include "physical/profile.h"
#include "process/vma.h"

namespace mm {

struct vma_rules {
    kernel_version version = kernel_version::v6_1;
    architecture arch = architecture::arm64;
    vma_index_kind wished_index = vma_index_kind::automatic;

    // Since 6.1 VMAs stand in a maple tree; before, in a list and a red-black tree. An AVL tree is 2.4's, and only chosen.
    [[nodiscard]] constexpr vma_index_kind index() const {
        if (wished_index != vma_index_kind::automatic) return wished_index;
        return since(6, 1) ? vma_index_kind::maple : vma_index_kind::rbtree;
    }
    [[nodiscard]] constexpr bool since(u8 major, u8 minor) const { return mm::since(version, major, minor); }
    [[nodiscard]] constexpr bool before(u8 major, u8 minor) const { return mm::before(version, major, minor); }
    [[nodiscard]] constexpr bool in_series(u8 major, u8 minor) const {
        return release_of(version) == linux_release{major, minor};
    }

    // From 6.1 to 6.11 mmap() extends VMAs by itself (mmap_region): it looks at the next one first, and the one before
    // joins
    // only when it fits to that, too. Before and since, the one before wins (vma_merge, vma_merge_new_range).
    [[nodiscard]] bool mmap_prefers_next() const { return since(6, 1) && before(6, 12); }
    // Until 6.11 a VMA whose vm_ops have close() merges with none; since 6.12 it only must not vanish in a merge
    // (can_merge_remove_vma).
    [[nodiscard]] bool close_forbids_merge() const { return before(6, 12); }
    // Until 6.0 brk() merged as mmap() does; since then it only makes the VMA before longer (do_brk_flags).
    [[nodiscard]] bool brk_merges_both() const { return before(6, 1); }
    // Until 6.0 brk() could shrink where no VMA is; since then that is refused.
    [[nodiscard]] bool brk_shrinks_nothing() const { return before(6, 1); }
    // Since 6.0 what mremap() has extended in place merges with the next VMA, too.
    [[nodiscard]] bool mremap_extends_by_merge() const { return since(6, 0); }
    // Since 5.16 mremap() looks for the VMA before anything else, so that shrinking what is not mapped is EFAULT.
    [[nodiscard]] bool mremap_looks_first() const { return since(5, 16); }
    // Until 5.12 MREMAP_DONTUNMAP moved private anonymous memory alone.
    [[nodiscard]] bool dontunmap_wants_anonymous() const { return before(5, 13); }
    // Since 5.13 what MREMAP_DONTUNMAP leaves behind loses its anon_vma.
    [[nodiscard]] bool dontunmap_drops_anon_vma() const { return since(5, 13); }
    // Since 6.15, and in the stable series of 6.1 and 6.12, its offset becomes that of its address again, and it does
    // not merge
    // with what was moved beside it.
    [[nodiscard]] bool dontunmap_stays_apart() const { return since(6, 15) || in_series(6, 1) || in_series(6, 12); }
    // Since 6.7 mprotect() to read-only takes private memory that nobody has touched out of the account.
    [[nodiscard]] bool mprotect_unaccounts() const { return since(6, 7); }
    // Since 6.7 a mapping of whole 2 MiB without a wish for an address is aligned to them (thp_get_unmapped_area).
    [[nodiscard]] bool aligns_huge_maps() const { return since(6, 7); }
    // Since 6.7 MAP_STACK keeps huge pages away.
    [[nodiscard]] bool map_stack_is_small() const { return since(6, 7); }
    // Since 6.11 MAP_DROPPABLE is memory that the kernel may throw away.
    [[nodiscard]] bool has_droppable() const { return since(6, 11); }
    // Since 6.10 mseal() forbids all changes of a mapping, on 64 bits.
    [[nodiscard]] bool has_mseal() const { return since(6, 10) && arch != architecture::i386; }
    // Until 5.14 MAP_DENYWRITE left its bit on the VMA; since then it is ignored.
    [[nodiscard]] bool keeps_denywrite() const { return before(5, 15); }
    // Since 5.11 the kernel's special mappings ([vvar], [vdso]) are not cut in two.
    [[nodiscard]] bool special_stays_whole() const { return since(5, 11); }
    // Since 6.12 mmap() counts what it replaces before it asks for room.
    [[nodiscard]] bool counts_replaced_first() const { return since(6, 12); }
    // Since 6.6 [heap] is the VMA that the heap lies in; before, one that only touched it was called so, too.
    [[nodiscard]] bool heap_is_inside() const { return since(6, 6); }

    // ---- madvise: advice that came with a release
    [[nodiscard]] bool has_madv_populate() const { return since(5, 14); }
    [[nodiscard]] bool has_madv_dontneed_locked() const { return since(5, 18); }
    [[nodiscard]] bool has_madv_collapse() const { return since(6, 1); }
    // Since 6.9 MADV_POPULATE_ ends at a hole; before, it went on behind it.
    [[nodiscard]] bool populate_ends_at_hole() const { return since(6, 9); }

    // ---- faults
    // Until 5.19 the fault that makes a shared page dirty was run twice, after writers had been held back, and the second
    // counts as major.
    [[nodiscard]] bool dirtying_fault_is_retried() const { return before(6, 0); }
    // Since 5.19 a page knows that it is one process's alone (PageAnonExclusive).
    [[nodiscard]] bool has_anon_exclusive() const { return since(5, 19); }
    // Since 6.0 mprotect() to writable lets an exclusive page be written without a fault; until 6.1 a dirty one alone.
    [[nodiscard]] bool mprotect_makes_writable() const { return since(6, 0); }
    [[nodiscard]] bool mprotect_wants_dirty() const { return before(6, 2); }
    // Since 6.13 a write to the huge zero page brings a huge page.
    [[nodiscard]] bool huge_zero_becomes_huge() const { return since(6, 13); }
    // Debian has the generations of pages (MGLRU) since 6.12: a page that is used again stays marked as referenced.
    [[nodiscard]] bool lru_has_generations() const { return since(6, 12); }

    // ---- /proc
    [[nodiscard]] bool smaps_tells_pss_dirty() const { return since(6, 0); }
    [[nodiscard]] bool smaps_tells_ksm() const { return since(6, 6); }
    // Since 6.8 the number stands in a column as the others.
    [[nodiscard]] bool smaps_thp_is_narrow() const { return since(6, 8); }
    // Until 6.11 VmFlags had no name for VM_LOCKONFAULT.
    [[nodiscard]] bool smaps_knows_lockonfault() const { return since(6, 12); }

    // ---- tasks
    // Since 6.4 what a kernel thread borrows has functions of its own: mmgrab_lazy_tlb, mmdrop_lazy_tlb; before, mmgrab, mmdrop.
    [[nodiscard]] bool has_lazy_tlb_refs() const { return since(6, 4); }
    // x86 sends CPUs that borrow tables to the kernel's own when they are freed (flush_tlb_func); arm64 leaves the pgd, which is
    // empty, in TTBR0.
    [[nodiscard]] constexpr bool borrowers_leave_freed_tables() const { return arch != architecture::arm64; }

    // ---- flags by architecture
    [[nodiscard]] constexpr vm_flags_t soft_dirty() const {
        return arch == architecture::x86_64 ? VM_SOFTDIRTY_BIT : 0;
    }
    // arm64: heap and stack may have tags in memory, whatever the CPU can. The bit moved in 6.12.
    [[nodiscard]] constexpr vm_flags_t mte_allowed() const {
        if (arch != architecture::arm64) return 0;
        return since(6, 12) ? 1ull << 37 : 1ull << 33;
    }
    // kernel: VM_DATA_DEFAULT_FLAGS
    [[nodiscard]] constexpr vm_flags_t data_default() const {
        return VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | mte_allowed();
    }
    // kernel: VM_STACK_FLAGS
    [[nodiscard]] constexpr vm_flags_t stack_default() const { return VM_GROWSDOWN | data_default() | VM_ACCOUNT; }
    // x86 has its own search for a place: a wish is rounded down, and the stack below it does not matter.
    [[nodiscard]] constexpr bool own_unmapped_area() const { return arch != architecture::arm64; }
    // Above it nothing is placed that did not wish for an address there. kernel: DEFAULT_MAP_WINDOW
    [[nodiscard]] constexpr u64 map_window() const {
        return arch == architecture::arm64 ? 1ull << 48 : arch == architecture::x86_64 ? 0x7fff'ffff'f000 : ~0ull;
    }
    // Mappings go up where the stack has no limit; x86 leaves them a sixth of the addresses instead. kernel: mmap_is_legacy
    [[nodiscard]] constexpr bool unlimited_stack_is_legacy() const { return arch == architecture::arm64; }
    // arm64's mprotect() knows its bits and refuses others.
    [[nodiscard]] constexpr bool checks_prot() const { return arch == architecture::arm64; }
};

} // namespace mm
