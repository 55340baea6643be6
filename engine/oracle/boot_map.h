#pragma once
// The page table that the engine boots for a recorded machine, from what the machine says elsewhere.
//
//   static-memblock, static-dmesg, static-iomem   memory, what is reserved, PCI's ports
//   static-vmallocinfo                            where the parts of the kernel's image are
//   mod-00-state                                  TCR_EL1: widths; TTBR1_EL1: the pgd; the macros of the layout
//
// Nothing is taken from the recordings that it is compared with, but for three offsets a kernel, which no other file shows: where
// the image holds its own tables, the fixmap's tables and the trampoline (debian_image() in mmu/arm64/boot_map.cpp).
#include "mmu/arm64/boot_map.h"
#include "oracle/oracle.h"

namespace mm {

struct RecordedKernelTable {
    physical_memory mem;
    mmu_memory mmu;
    space_id space = 0;
    address_layout layout;
    linear_map linear;
    boot_map_config config;

    // Does the page allocator decide what is mapped here: modules, vmalloc, ioremap?
    [[nodiscard]] bool is_dynamic(u64 address) const;
    [[nodiscard]] u8 level(int hardware) const { return static_cast<u8>(3 - hardware); }
};

// The layout of a recorded arm64 machine, by what it printed. nullopt: it printed too little.
[[nodiscard]] std::optional<layout_config> recorded_layout(const OracleMachine& machine);

// nullopt: not arm64, or the files do not say enough.
[[nodiscard]] std::optional<RecordedKernelTable> recorded_kernel_table(const OracleMachine& machine);

// A leaf as the recordings have it: "VT AttrIdx=0 NS=0 AP=0(rw,el1) ... sw=1".
[[nodiscard]] std::string leaf_words(const pte_format& format, pteval_t entry, u8 level);
// The same of a protection: no address.
[[nodiscard]] std::string prot_words(const pte_format& format, pgprot_t prot, u8 level, bool contiguous = false);

} // namespace mm
