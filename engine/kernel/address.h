#pragma once
// From addresses to frames and back, and what comes out when the wrong function is used.
//
//                       linear map      vmalloc, ioremap    PKMAP, fixmap
//   virt_to_phys()      right           garbage             garbage           arithmetic: nobody looks whether it may be done
//                       (of the kernel's image, too)
//   vmalloc_to_page()   a needless walk right               right             the page table
//   phys_to_virt()      of low memory right; of high memory and devices an address that means something else
//
// Models: the arithmetic of arm64 (an address that is not linear is taken for one of the kernel image), x86-64 (linear map or
//   image) and i386 (32 bits that wrap); what CONFIG_DEBUG_VIRTUAL would say; vmalloc_to_page() of blocks before 5.13.
// Simplified: linear addresses that no table here maps (x86-64's, a device's, and what an op has unmapped) are taken as mapped:
//   arm64's in pages (rodata_full), x86's in blocks.
// Not modelled: tags in the top byte, KASLR.
// Mirrors: arch/arm64/include/asm/memory.h (__virt_to_phys_nodebug, __phys_to_virt), arch/arm64/mm/physaddr.c,
//   arch/x86/mm/physaddr.c, mm/vmalloc.c (vmalloc_to_page) (Linux 5.10, 6.1, 6.12).
#include "kernel/kernel_memory.h"

namespace mm {

// What stands at an address: the numbers of `where` in events.
enum class address_place : u8 { linear, image, vmalloc, ioremap, pkmap, fixmap, user, other, vmemmap };
[[nodiscard]] address_place place_of(const kernel_memory& kernel, u64 address);

// The physical address behind it, by the page table; nullopt: it is not mapped.
[[nodiscard]] std::optional<phys_addr_t> translate(const kernel_context& cx, u64 address);

// What the kernel's arithmetic makes of any address. Pure.
[[nodiscard]] phys_addr_t kernel_virt_to_phys(const kernel_memory& kernel, u64 address);
[[nodiscard]] u64 kernel_phys_to_virt(const kernel_memory& kernel, phys_addr_t phys);

// What is subtracted: the numbers of `base` in the event virt_to_phys.
enum class phys_base : u8 { page_offset, kernel_map, kimage };

// The same, told: is it right, and what is there instead? True when it is right.
bool virt_to_phys(kernel_context& cx, u64 address);
bool phys_to_virt(kernel_context& cx, phys_addr_t phys);

// The frame, also a device's behind all memory; FRAME_NONE: NULL. Told, too. kernel: vmalloc_to_page
frame_t vmalloc_to_page(kernel_context& cx, u64 address);

// What a physical address holds: the numbers of `holds` in events.
enum class phys_place : u8 { nothing, device, low_memory, high_memory };

} // namespace mm
