#pragma once
// The pte helpers: what the kernel asks of an entry and how it makes another one of it. Pure functions.
//
//   pte_mkdirty ─┐        PTE_WRITE  PTE_RDONLY  PTE_DIRTY      arm64, where writable and dirty share three bits:
//                │  clean     0          1          0          read-only
//                ├► clean     1          1          0          writable: the first write faults, or hardware clears RDONLY
//                ├► dirty     0          1          1          read-only now, written before
//                └► dirty     1          0          x          writable and written
//
// They work on leaves of any level: what the kernel calls pmd_mkold() is pte_mkold() on the same bits.
// The questions mean something for present entries only, as in the kernel.
//
// Models: arm64 of 4.3 to 6.12 where they differ (pte_rules); i386 with two levels and PAE.
// Simplified: x86's pte_modify() does not keep PAT; its PROT_NONE inverts the frame number with PAE, as the kernel does.
// Not modelled: soft-dirty, userfaultfd, shadow stacks, memory tags, BTI's PTE_MAYBE_GP, nG mappings of a kernel with KPTI.
// Mirrors: arch/arm64/include/asm/pgtable.h, pgtable-prot.h, arch/x86/include/asm/pgtable.h, pgtable_types.h.
#include <array>

#include "mmu/descriptor.h"

namespace mm {

// ---- questions
[[nodiscard]] constexpr bool pte_none(pteval_t pte) { return pte == 0; }
// Hardware uses it. kernel: pte_valid (arm64), pte_hw_present
[[nodiscard]] constexpr bool pte_valid(pteval_t pte) { return pte & 1; }
// A page is there, whether or not hardware may use it.
[[nodiscard]] bool pte_present(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_protnone(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_write(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_user(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_user_exec(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_young(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_dirty(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_special(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_devmap(const pte_format& format, pteval_t pte);
[[nodiscard]] bool pte_cont(const pte_format& format, pteval_t pte);
// arm64: dirty as hardware says it (writable and not read-only), and as software noted it.
[[nodiscard]] constexpr bool pte_hw_dirty(pteval_t pte) { return pte & PTE_WRITE && !(pte & PTE_RDONLY); }
[[nodiscard]] constexpr bool pte_sw_dirty(pteval_t pte) { return pte & PTE_DIRTY; }
// May user mode read, or write, through it?
[[nodiscard]] bool pte_access_permitted(const pte_format& format, pteval_t pte, bool write);

// ---- another entry of it
[[nodiscard]] pteval_t pte_mkwrite(const pte_format& format, pteval_t pte); // 6.12: pte_mkwrite_novma
[[nodiscard]] pteval_t pte_wrprotect(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t pte_mkdirty(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t pte_mkclean(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t pte_mkyoung(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t pte_mkold(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t pte_mkspecial(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t pte_mkcont(const pte_format& format, pteval_t pte);    // arm64
[[nodiscard]] pteval_t pte_mknoncont(const pte_format& format, pteval_t pte); // arm64
// A leaf of a higher level: without the table bit (arm64), with PSE (x86). kernel: pte_mkhuge
[[nodiscard]] pteval_t pte_mkhuge(const pte_format& format, pteval_t pte);
// The protection of a page again, what pte_mkhuge() took away or added comes back; alone, not in a row. kernel: pte_clrhuge
[[nodiscard]] pteval_t pte_clrhuge(const pte_format& format, pteval_t pte);
// A block that the kernel still sees and hardware no longer does, while it is split. kernel: pmd_mkinvalid
[[nodiscard]] pteval_t pmd_mkinvalid(const pte_format& format, pteval_t pmd);
// Takes the protection from `prot` and keeps address, accessed, dirty and special. What mprotect() does to a page.
[[nodiscard]] pteval_t pte_modify(const pte_format& format, pteval_t pte, pgprot_t prot);

// ---- frames
// The frame of a leaf of `level`. kernel: pte_pfn, pmd_pfn, pud_pfn
[[nodiscard]] frame_t pte_pfn(const pte_format& format, pteval_t pte, u8 level = 0);
// The frame is small enough for the format. kernel: pfn_pte
[[nodiscard]] pteval_t pfn_pte(const pte_format& format, frame_t frame, pgprot_t prot);
// A leaf of `level` with the protection of a page. kernel: pfn_pmd(pfn, mk_pmd_sect_prot(prot))
[[nodiscard]] pteval_t leaf_entry(const pte_format& format, phys_addr_t phys, pgprot_t prot, u8 level);

// ---- protections, by the kernel's names
enum class protection : u8 {
    PAGE_NONE,
    PAGE_READONLY,
    PAGE_READONLY_EXEC,
    PAGE_SHARED,
    PAGE_SHARED_EXEC,
    PAGE_KERNEL,
    PAGE_KERNEL_TAGGED, // arm64: the linear map
    PAGE_KERNEL_RO,
    PAGE_KERNEL_ROX,
    PAGE_KERNEL_EXEC,
    PROT_NORMAL_NC,    // arm64
    PROT_DEVICE_nGnRE, // arm64: ioremap
    PROT_DEVICE_nGnRnE,
    PROT_SECT_NORMAL, // arm64: vmemmap's blocks
    count,
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(protection::count)> protection_names = {
    "PAGE_NONE",      "PAGE_READONLY",      "PAGE_READONLY_EXEC", "PAGE_SHARED",     "PAGE_SHARED_EXEC",
    "PAGE_KERNEL",    "PAGE_KERNEL_TAGGED", "PAGE_KERNEL_RO",     "PAGE_KERNEL_ROX", "PAGE_KERNEL_EXEC",
    "PROT_NORMAL_NC", "PROT_DEVICE_nGnRE",  "PROT_DEVICE_nGnRnE", "PROT_SECT_NORMAL"};
// x86 and arm64 before 5.10 have no PAGE_KERNEL_TAGGED (it is PAGE_KERNEL there). On x86 uncached kernel memory
// (PAGE_KERNEL_NOCACHE) stands in for PROT_NORMAL_NC and PROT_DEVICE_*, PAGE_KERNEL_LARGE for PROT_SECT_NORMAL.
[[nodiscard]] pgprot_t pgprot_of(const pte_format& format, protection name);
// The protection whose bits these are, apart from the address and the contiguous bit; count: none.
[[nodiscard]] protection protection_of(const pte_format& format, pteval_t entry, u8 level);
// The same for an entry out of a report: of the kernel's memory on arm64 it may differ in PTE_DIRTY, which stable releases of
// one kernel set or not, and in PTE_NG, which page table isolation sets (PTE_MAYBE_NG).
[[nodiscard]] protection nearest_protection(const pte_format& format, pteval_t entry, u8 level);

// What mmap()'s PROT_READ, PROT_WRITE, PROT_EXEC and MAP_SHARED give. A private mapping that may be written is read-only
// until copied. kernel: vm_get_page_prot, protection_map[]
[[nodiscard]] protection vm_get_page_prot(bool read, bool write, bool exec, bool shared);

// The entry that points at a table: in tables of the kernel or of a process. kernel: __pmd_populate and its callers, and
// with `no_exec` create_pgd_mapping of the linear map (NO_EXEC_MAPPINGS).
[[nodiscard]] pteval_t table_entry(const pte_format& format, phys_addr_t table, u8 level, bool kernel,
                                   bool no_exec = false);

} // namespace mm
