#pragma once
// ioremap: addresses for the registers and memory of a device.
//
//   phys 0x9010024 ───────────┐  the page of 0x9010000 is mapped, the offset 0x24 stays:
//   area 0xffff800008005000 ──┴► 0xffff800008005024
//
// The area is a vmalloc area without pages of its own: each entry names the device's address, with the attributes of a device
// (arm64: Device-nGnRE; x86: uncached). It is aligned to its size, so that blocks of 2 MiB and 1 GiB can be used.
//
// Models: the checks of each architecture and their order (arm64: the first page must not be memory; x86: no page that the page
//   allocator may hand out), offsets, alignment, blocks, ioremap_cache() of arm64, which gives the linear map's address of
//   memory, iounmap() with what it ignores.
// Simplified: x86's PAT is not asked what others map a range as (memtype_reserve); ioremap() and ioremap_wc() map uncached there, as
//   ioremap_uc() does. Sizes go up to 16 GiB.
// Not modelled: early_ioremap, ioremap_np, memremap, resources (/proc/iomem): any address that is no memory may be mapped.
// Mirrors: arch/arm64/mm/ioremap.c, arch/x86/mm/ioremap.c, mm/ioremap.c (Linux 5.10, 6.1, 6.12).
#include "kernel/kernel_memory.h"

namespace mm {

inline constexpr u64 MAX_IOREMAP = u64{16} << 30;

// What the memory is mapped as: the numbers of `memory` in the event ioremap.
enum class ioremap_memory : u8 {
    device,          // ioremap: every access as written, in order
    write_combining, // ioremap_wc: writes may be gathered (a frame buffer)
    cached,          // ioremap_cache
};

// Why NULL is returned: the numbers of `reason` in the event ioremap_refused.
enum class ioremap_refusal : u8 {
    nothing_asked,
    wraps,        // the last byte lies behind the end of all addresses
    above_kernel, // arm64: outside of PHYS_MASK; i386: more than phys_addr_t holds
    above_cpu,    // x86_64: more than boot_cpu_data.x86_phys_bits
    memory,       // arm64: WARN_ON(pfn_is_map_memory())
    memory_x86,   // x86: "ioremap on RAM"
    no_addresses, // no hole is long enough
    no_tables,    // no page for a table
};

// Where the first byte is seen, or 0.
u64 ioremap(kernel_context& cx, phys_addr_t phys, u64 size, ioremap_memory memory);

// What iounmap() does not find: the numbers of `reason` in the event iounmap_ignored.
enum class iounmap_misuse : u8 {
    not_vmalloc,     // arm64: not vmalloc's space; silently
    below_vmalloc,   // x86: at or below high_memory; silently
    bad_address_x86, // x86: "iounmap: bad address"
};

// Any address of the area's first page. False: nothing was unmapped. It loses the pages of a vmalloc area.
bool iounmap(kernel_context& cx, u64 address);

} // namespace mm
