#pragma once
// Where everything is: the kernel's address space from the macros that make it.
//
//   arm64, 4 KiB pages, 48 bits:
//     before 5.4   ffff000000000000 modules │ vmalloc, kernel │ fixmap │ PCI I/O │ vmemmap │ ffff800000000000 linear map
//     since 5.4    ffff000000000000 linear map │ ffff800000000000 modules │ vmalloc, kernel │ fixmap, PCI I/O, vmemmap
//
// A layout is a table of macros: name, formula, value. The formulas are text (layout_macros.h in arm64/ and x86/), and the values
// come from nothing else: what a person reads is what was computed. Regions stand between two formulas of these names.
//
// Models: arm64 with each page size and width, of 4.x (until 5.3), 5.10, 6.1 and 6.12; 52-bit kernels on 48-bit CPUs; i386
//   3G/1G with and without PAE, of 2.6 and since 4.15. KASLR off, KASAN off.
// Simplified: what i386 puts in its fixmap and CPU entry areas is counted in pages for Debian's configuration; the borders
//   below are whole page directory entries, so only the CPU entry areas depend on it.
// Not modelled: x86_64 (physical/linear_map.h has its linear map), VMSPLIT other than 3G/1G.
// Mirrors: arch/arm64/include/asm/memory.h, pgtable.h, processor.h, arch/x86/include/asm/pgtable_32_areas.h, fixmap.h.
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mmu/geometry.h"
#include "physical/linear_map.h"

namespace mm {

// The releases whose layouts are known, in their order.
enum class layout_version : u16 {
    v2_6 = release_code(2, 6),
    v4_19 = release_code(4, 19),
    v5_10 = release_code(5, 10),
    v6_1 = release_code(6, 1),
    v6_12 = release_code(6, 12),
};
// One row a layout: the release that it is of, its name, and since when kernels have it: arm64 turned its halves with 5.4. Of
// releases between two rows the older row is the nearest that is known.
struct layout_version_row {
    layout_version version;
    linux_release of;
    std::string_view name;
};
inline constexpr std::array<from_release<layout_version_row>, 5> layout_versions = {
    {{{2, 6}, {layout_version::v2_6, {2, 6}, "2.6"}},
     {{4, 3}, {layout_version::v4_19, {4, 19}, "4.19"}},
     {{5, 4}, {layout_version::v5_10, {5, 10}, "5.10"}},
     {{6, 1}, {layout_version::v6_1, {6, 1}, "6.1"}},
     {{6, 12}, {layout_version::v6_12, {6, 12}, "6.12"}}}};
[[nodiscard]] constexpr linux_release release_of(layout_version version) {
    return {static_cast<u8>(static_cast<u16>(version) >> 8), static_cast<u8>(static_cast<u16>(version) & 0xff)};
}
[[nodiscard]] constexpr std::string_view layout_version_name(layout_version version) {
    return newest(layout_versions, release_of(version)).name;
}
// The newest kernel of a machine that is not newer.
[[nodiscard]] constexpr kernel_version kernel_of(layout_version version) {
    return debian_kernels[kernel_index(release_of(version))].version;
}

struct layout_config {
    architecture arch = architecture::arm64;
    layout_version version = layout_version::v6_1;
    u32 page_size = 4096;
    u8 va_bits = 48;       // VA_BITS: what the kernel is built for
    u8 va_bits_actual = 0; // what the CPU has; 0: the same. A kernel of 52 bits runs on CPUs of 48 (16 KiB: 47), too
    bool pae = false;      // i386
    u64 memory_end = 0;    // i386: behind the last byte of memory; 0: more than low memory holds
    u16 nr_cpus = 32;      // i386: CONFIG_NR_CPUS
    u16 fixmap_pages = 1537;
    u16 cpu_entry_area_pages = 43; // a CPU
};

// As Debian builds the kernel of this machine: 6.12 on arm64 with 4 KiB pages has 52 bits, all others 48.
[[nodiscard]] layout_config layout_config_of(const machine_profile& profile);

struct layout_macro {
    std::string_view name;
    std::string_view formula; // "-(1 << VA_BITS)"; empty: given by the configuration
    u64 value = 0;
};

enum class region_kind : u8 {
    user,
    linear, // the linear map
    modules,
    bpf_jit,
    vmalloc, // and ioremap; since 4.6 the kernel image stands here, at KIMAGE_VADDR
    fixmap,
    pci_io,
    vmemmap,
    pkmap, // i386: kmap()
    ldt,   // i386: the LDT of a process, for page table isolation
    cpu_entry_area,
    guard, // left free so that a stray access faults
    hole,  // no addresses: the bits above the width are neither all 0 nor all 1
};

struct layout_region {
    std::string_view name;
    std::string_view name_zh;
    region_kind kind = region_kind::hole;
    u64 start = 0;
    u64 end = 0; // exclusive; 0: the end of all addresses
    std::string_view start_formula, end_formula;

    [[nodiscard]] bool contains(u64 address) const { return address >= start && (end == 0 || address < end); }
    [[nodiscard]] u64 size() const { return end - start; } // 0 stands for all 2^64, which no region has
};

struct address_layout {
    layout_config config;
    page_geometry geometry;             // of the CPU: va_bits_actual
    std::vector<layout_macro> macros;   // each after those that its formula names
    std::vector<layout_region> regions; // ascending; they join without gap from 0 to 2^64 (i386: 2^32)

    // The value of a macro that this layout has.
    [[nodiscard]] u64 operator[](std::string_view name) const;
    [[nodiscard]] const layout_macro* find(std::string_view name) const; // nullptr: there is none
};

// Errors: a width or page size that the version cannot be built with.
[[nodiscard]] Result<address_layout> make_layout(const layout_config& config);

// The region that holds the address. i386: address < 2^32.
[[nodiscard]] const layout_region* region_of(const address_layout& layout, u64 address);

// The linear map of the layout, with memory that begins at phys_offset (memstart_address()). Equal to linear_map_of() of a
// machine where that knows the machine's layout.
[[nodiscard]] linear_map linear_map_of(const address_layout& layout, u64 phys_offset);

// The value of a formula: numbers, SZ_2M and the like, names of `macros`, ( ) - ~ * + << >> & with C's precedence, 64 bits
// that wrap. Error: what cannot be read.
[[nodiscard]] Result<u64> evaluate(std::string_view formula, const std::vector<layout_macro>& macros);

} // namespace mm
