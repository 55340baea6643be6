#pragma once
// The kernel's linear map: every frame of low memory has one virtual address, by arithmetic alone.
//
//   virt = PAGE_OFFSET + phys − PHYS_OFFSET            page = vmemmap + pfn × sizeof(struct page)
//
// Models: arm64 with 48 bits of virtual addresses (4-level tables with 4 KiB pages), x86_64 with 4-level tables, i386
//   with the 3G/1G split, all as started with nokaslr; where vmemmap stands with 4 KiB pages; x86_64's second way from
//   an address to a frame, the mapping of the kernel image.
// Simplified: 6.12's arm64 kernel is built for 52 bits. On a CPU with 48 it keeps PAGE_OFFSET at 0xfff0000000000000 and
//   moves PHYS_OFFSET down instead, which gives the same addresses as the base given here.
// Not modelled: 52-bit CPUs, 5-level tables, KASLR, tags in the top byte.
// Mirrors: arch/arm64/include/asm/memory.h, arch/arm64/mm/init.c (arm64_memblock_init), arch/x86/include/asm/page.h.
#include <algorithm>
#include <optional>

#include "physical/profile.h"

namespace mm {

inline constexpr u64 STRUCT_PAGE_BYTES = 64;

// The numbers of `reason` in the events page_address_null and virt_to_page_garbage.
enum class page_address_reason : u8 { highmem, no_page, no_struct_page };
enum class garbage_reason : u8 { not_linear, no_memory };

struct linear_map {
    u64 page_offset = 0;        // PAGE_OFFSET: the address of the first byte of the map
    u64 phys_offset = 0;        // PHYS_OFFSET: the physical address that is mapped there
    u64 end = 0;                // first address behind it; 0: the map ends with the address space
    u64 kernel_image = 0;       // x86_64: __START_KERNEL_map, where physical 0 is mapped once more; 0: none
    u64 lowmem_end = 0;         // first physical address without a place in the map (highmem); 0: all have one
    std::optional<u64> vmemmap; // where frame 0's struct page would stand

    // Where an address falls. kernel: __is_lm_address, __virt_to_phys
    enum class place : u8 { linear, image, elsewhere };
    [[nodiscard]] place place_of(u64 address) const {
        if (kernel_image != 0 && address >= kernel_image) return place::image;
        return address >= page_offset && (end == 0 || address < end) ? place::linear : place::elsewhere;
    }
    [[nodiscard]] u64 virt_to_phys(u64 address) const {
        return place_of(address) == place::image ? address - kernel_image : address - page_offset + phys_offset;
    }
    [[nodiscard]] bool has_address(u64 phys) const { return lowmem_end == 0 || phys < lowmem_end; }
    [[nodiscard]] u64 phys_to_virt(u64 phys) const { return page_offset + phys - phys_offset; }
};

// Where high memory is mapped for now: kmap() knows (kernel/kmap.h).
class highmem_addresses {
  public:
    // 0: nowhere.
    [[nodiscard]] virtual u64 page_address(pfn_t pfn) const = 0;

  protected:
    ~highmem_addresses() = default;
};

// ARM64_MEMSTART_ALIGN: 1 GiB; with 64 KiB pages 512 MiB where a memory section is that small, since 5.12.
[[nodiscard]] constexpr u64 memstart_align(u32 page_size, bool small_sections) {
    return page_size == 65536 && small_sections ? 1ull << 29 : 1ull << 30;
}

// The first byte of memory, rounded down as arm64_memblock_init rounds it to place the map.
[[nodiscard]] inline u64 memstart_address(const machine_profile& profile) {
    const u64 align = memstart_align(profile.page_size, since(profile.kernel, 5, 12));
    return profile.memory.front().start / align * align;
}

// VMEMMAP_START of 48-bit addresses and 4 KiB pages. 5.10: below the last 2 MiB, 2 TiB long; 6.1: the last 4 TiB; 6.12: below
// the last 1 GiB, 48 of 52 bits.
inline constexpr std::array<from_release<u64>, 3> arm64_vmemmap = {
    {{{5, 10}, 0xfffffdffffe00000ull}, {{6, 1}, 0xfffffc0000000000ull}, {{6, 12}, 0xfffffdffc0000000ull}}};

[[nodiscard]] inline linear_map linear_map_of(const machine_profile& profile) {
    linear_map map;
    switch (profile.arch) {
    case architecture::arm64:
        map.page_offset = 0xffff000000000000ull;
        map.end = 0xffff800000000000ull;
        map.phys_offset = memstart_address(profile);
        if (profile.page_size != 4096) break;
        map.vmemmap = newest(arm64_vmemmap, profile.kernel);
        *map.vmemmap -= map.phys_offset / profile.page_size * STRUCT_PAGE_BYTES;
        break;
    case architecture::x86_64:
        map.page_offset = 0xffff888000000000ull;
        map.end = 0xffffc88000000000ull; // 64 TiB
        map.kernel_image = 0xffffffff80000000ull;
        map.vmemmap = 0xffffea0000000000ull;
        break;
    case architecture::i386:
        map.page_offset = 0xc0000000ull;
        map.lowmem_end = u64{highmem_start(profile)} * profile.page_size;
        map.end = map.page_offset + map.lowmem_end;
        break;
    }
    return map;
}

// How large mem_map is: struct pages for every frame of each section that has memory (SPARSEMEM). Sections without memory
// have none; device memory brings its own.
struct mem_map_size {
    u64 section_bytes = 0;
    u64 sections = 0;
    u64 struct_page_bytes = STRUCT_PAGE_BYTES;
    u64 bytes = 0;
    u64 per_mille = 0; // of memory
};

[[nodiscard]] inline mem_map_size mem_map_size_of(const machine_profile& profile) {
    mem_map_size map;
    switch (profile.arch) {
    // SECTION_SIZE_BITS: 30; since 5.12 it is 27, with 64 KiB pages 29.
    case architecture::arm64:
        map.section_bytes = before(profile.kernel, 5, 12)  ? 1ull << 30
                            : profile.page_size == 65536 ? 1ull << 29
                                                         : 1ull << 27;
        break;
    case architecture::x86_64: map.section_bytes = 1ull << 27; break;
    case architecture::i386:
        map.section_bytes = 1ull << 26;
        map.struct_page_bytes = 40; // words of 4 bytes, and with memory cgroups aligned to 8
        break;
    }
    u64 next = 0;
    u64 memory = 0;
    for (const memory_region& region : profile.memory) {
        const u64 first = std::max(next, region.start / map.section_bytes);
        const u64 end = (region.start + region.size + map.section_bytes - 1) / map.section_bytes;
        map.sections += end - std::min(first, end);
        next = std::max(next, end);
        memory += region.size;
    }
    map.bytes = map.sections * (map.section_bytes / profile.page_size) * map.struct_page_bytes;
    map.per_mille = map.bytes * 1000 / memory;
    return map;
}

} // namespace mm
