#pragma once
// The kernel's own page table as arm64 makes it while it boots: init_mm's, translated by TTBR1.
//
//   text, rodata, init, data  the image at KIMAGE_VADDR: 2 MiB blocks where they fit, contiguous pages in text and data
//   fixmap                    the device tree, the trampoline; its tables lie in the image
//   linear map                all memory, in pages (rodata_full: any page may become read-only later); the image's text and
//                             rodata once more, read-only, in blocks
//   vmemmap                   each section's struct pages, in 2 MiB blocks
//
// Each table is a frame: the pgd (swapper_pg_dir) and the fixmap's tables in the image, 6.12's tables of the image, too; all
// others from memblock, top-down and page by page, in the order in which the kernel walks the ranges.
//
// Models: paging_init's order, ranges, leaves, protections and frames of 5.10, 6.1 and 6.12, with 4, 16 and 64 KiB pages; what
//   stands when the kernel runs: init memory is unmapped again (its tables stay), text and rodata are read-only.
// Simplified: where things lie inside the image is Debian's arm64 kernels', scaled down when the machine reserves less for it.
//   vmemmap's tables are taken right after paging_init's; the kernel allocates other things in between. Machines that are only
//   declared (declare_memory) reserve one block a node, for the struct pages: tables are the top frames of that block, the
//   struct pages all of it, and so a declared machine has a few pages more than a real one. Where a machine reserves too little,
//   tables stand behind the end of memory. PCI I/O and the device tree are mapped where the machine tells of them.
// Not modelled: KASLR, KASAN, kfence's pool, crash kernel, memory that is hidden from the linear map (nomap), the identity map
//   and the trampoline's own table (both are TTBR tables of their own), hot-plugged memory. x86/boot_map_i386.h has i386's.
// Mirrors: arch/arm64/mm/mmu.c (paging_init, map_kernel, map_mem, mark_rodata_ro, vmemmap_populate), fixmap.c,
//   arch/arm64/kernel/pi/map_kernel.c, map_range.c (6.12), mm/sparse.c (Linux 5.10, 6.1, 6.12).
#include <optional>
#include <vector>

#include "mmu/layout.h"
#include "mmu/page_table.h"

namespace mm {

// What differs between kernels, by name.
struct boot_map_rules {
    kernel_version version = kernel_version::v6_1;

    // Since 6.9 the image is mapped before memblock works, with tables out of the image.
    [[nodiscard]] bool image_has_its_tables() const { return since(version, 6, 9); }
    // And the image's head, 64 KiB in front of the text, is mapped with it as read-only data, and belongs to its alias.
    [[nodiscard]] bool maps_head() const { return since(version, 6, 9); }
    // And the device tree is mapped in pages; before in blocks.
    [[nodiscard]] bool device_tree_in_pages() const { return since(version, 6, 9); }
    // And the fixmap has tables for all that it spans; before one, and blocks for the device tree.
    [[nodiscard]] u32 fixmap_pte_tables() const { return since(version, 6, 9) ? 2 : 1; }
    // Since then the trampoline is mapped only where the CPU needs page table isolation.
    [[nodiscard]] bool always_maps_trampoline() const { return before(version, 6, 9); }
    // Since 6.10 the pages that kprobes executes from are made read-only like a module's, which changes their alias in the
    // linear map; before they are mapped so.
    [[nodiscard]] bool insn_pages_become_read_only() const { return since(version, 6, 10); }
    // Pages of the fixmap below FIXADDR_TOP, which moved between 5.10 and 6.1: the last of the trampoline's text, and its data.
    [[nodiscard]] u32 trampoline_text_slot() const { return before(version, 6, 1) ? 1031 : 1034; }
    [[nodiscard]] u32 trampoline_data_slot() const { return before(version, 6, 1) ? 1032 : 1031; }
};

// Where the kernel's image lies and what is where in it: offsets in bytes from `phys`, which KIMAGE_VADDR is mapped to.
struct kernel_image {
    phys_addr_t phys = 0;
    u64 text = 0, rodata = 0, init_text = 0, init_data = 0, data = 0, end = 0; // where each part begins: whole 64 KiB
    u64 pg_dir = 0;                                                            // swapper_pg_dir
    u64 early_tables = 0;  // where the tables begin that the image brings for itself; 0: none
    u64 fixmap_tables = 0; // bm_pud, bm_pmd, bm_pte
    u64 trampoline_text = 0, trampoline_data = 0;

    // Ascending, nothing of it behind the end.
    friend bool operator==(const kernel_image&, const kernel_image&) = default;
};
inline constexpr u32 TRAMPOLINE_TEXT_PAGES = 3;

// Debian's kernel of this version, loaded so that KIMAGE_VADDR is at `phys`, in at most `bytes`.
[[nodiscard]] kernel_image debian_image(kernel_version version, phys_addr_t phys, u64 bytes = ~0ull);

struct boot_map_config {
    layout_config layout;
    std::vector<memory_region> memory;   // memblock.memory, ascending
    std::vector<memory_region> reserved; // what tables may be in
    kernel_image image;
    struct section_run {
        phys_addr_t start = 0; // first byte of memory that the struct pages are for
        u64 size = 0;          // whole sections
        phys_addr_t mem_map = 0;
    };
    std::vector<section_run> sections;
    std::optional<memory_region> device_tree;
    std::optional<phys_addr_t> pci_io; // of the window's first port
    bool rodata_full = true;           // the command line's rodata=full, the default: the linear map in pages
};

// What can be told from a machine: its image is what it reserves first, the device tree a block of at most 2 MiB behind it, the
// struct pages the highest block that can hold them. arm64 alone.
[[nodiscard]] boot_map_config boot_map_config_of(const machine_profile& profile);

// A part of the kernel's image with a protection of its own. kernel: map_kernel_segment
struct image_part {
    u64 virt = 0;
    phys_addr_t phys = 0;
    u64 size = 0;
};
// Text, read-only data, init text, init data and data of the machine's kernel, ascending and without gaps. arm64 alone.
[[nodiscard]] std::vector<image_part> image_parts(const machine_profile& profile);

// Makes the kernel's address space, the first of all. It takes no page from the page allocator. kernel: paging_init, sparse_init
space_id boot_map(mmu_context& cx, const boot_map_config& config);

} // namespace mm
