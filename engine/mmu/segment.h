#pragma once
// Segmentation of i386: what stands before paging. Pure functions.
//
//   logical address            descriptor in the GDT                        linear address       physical address
//   selector : offset  ──►  base + offset, when limit, type and DPL allow  ──►  two tables  ──►  ...
//
//   selector   15        3  2 1 0        descriptor   63     56 55   52 51    48 47  45 44 43 40 39        16 15      0
//              |  index   |TI|RPL|                    | base  |G|D|L|A| limit  |P|DPL| S| type |    base     |  limit |
//
// Linux makes all segments flat (base 0, limit 4 GiB): a logical offset is the linear address, and what is left to protect is done
// by paging. Segments still tell user code (DPL 3) from the kernel (DPL 0).
//
// Models: selectors, code and data descriptors, the checks when a segment register is loaded and when it is used, expand-down
//   segments, the GDT of Linux on i386 and that of 2.4.
// Not modelled: LDTs, system segments (TSS, gates), conforming code beyond its privilege rule, TLS and per-CPU segments, 16-bit
//   segments' address width, long mode.
// Mirrors: arch/x86/include/asm/segment.h, desc_defs.h, arch/x86/kernel/cpu/common.c (gdt_page; Linux 6.1),
//   Intel SDM 3A 3.4, 5.2 to 5.7.
#include <span>
#include <string_view>

#include "mmu/fault.h"

namespace mm {

struct segment_selector {
    u16 index = 0;
    bool local = false; // TI: in the LDT
    u8 rpl = 0;
};
[[nodiscard]] constexpr segment_selector decode_selector(u16 selector) {
    return {static_cast<u16>(selector >> 3), (selector & 4) != 0, static_cast<u8>(selector & 3)};
}

struct segment_descriptor {
    u32 base = 0;
    u32 limit = 0; // of the last byte, with G taken into account; expand-down: the last that is not valid
    u8 dpl = 0;
    bool present = false;
    bool code = false;
    bool system = false;      // S = 0: a TSS, gate or LDT
    bool readable = false;    // code may be read; data always may
    bool writable = false;    // data
    bool expand_down = false; // data
    bool conforming = false;  // code
    bool big = false;         // D/B: 32 bits
    bool accessed = false;
};
[[nodiscard]] segment_descriptor decode_segment(u64 descriptor);
// kernel: GDT_ENTRY_INIT(flags, base, limit)
[[nodiscard]] u64 encode_segment(u32 flags, u32 base, u32 limit);

// Segments of Linux on i386, by the name of the selector.
struct named_segment {
    std::string_view name;
    u16 selector = 0;
    u64 descriptor = 0;
};
[[nodiscard]] std::span<const named_segment> linux_segments();     // since 2.6
[[nodiscard]] std::span<const named_segment> linux_2_4_segments(); // as older courses have them

enum class segment_register : u8 { code, stack, data };
enum class segment_fault : u8 {
    none,
    general_protection, // #GP
    not_present,        // #NP
    stack,              // #SS
};

struct logical_address {
    segment_register through = segment_register::data;
    u16 selector = 0;
    u32 offset = 0;
    u32 size = 1; // bytes
    access_kind kind = access_kind::read;
    u8 cpl = 3; // privilege of what runs
};
struct linear_result {
    u32 linear = 0;
    segment_fault fault = segment_fault::none;
    u16 error_code = 0;      // of the fault: the selector when it cannot be loaded, 0 when it is used wrongly
    std::string_view reason; // of the fault
};
// The linear address, or the fault that loading the segment register or the access raises.
[[nodiscard]] linear_result to_linear(std::span<const named_segment> gdt, const logical_address& address);

} // namespace mm
