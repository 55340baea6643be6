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
// Simplified: the GDT of Linux has its four segments of code and data alone; the entries of TSS, LDT, TLS, per-CPU data and BIOS
//   calls are 0.
// Not modelled: LDTs, system segments (TSS, gates), conforming code beyond its privilege rule, 16-bit segments' address width,
//   long mode.
// Mirrors: arch/x86/include/asm/segment.h, desc_defs.h, arch/x86/kernel/cpu/common.c (gdt_page; Linux 6.1),
//   Intel SDM 3A 3.4, 5.2 to 5.7.
#include <array>
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

// The type field without its accessed bit: code, expand-down or conforming, writable or readable. Order and meaning are part
// of the events that tell a descriptor.
enum class segment_type : u8 {
    data_read_only,
    data,
    down_read_only, // expand-down
    down,
    code_execute_only,
    code,
    conforming_execute_only,
    conforming,
    system, // S = 0
    empty,  // all bits 0
    count,
};

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
inline constexpr u64 SEGMENT_ACCESSED = 1ull << 40;
[[nodiscard]] segment_descriptor decode_segment(u64 descriptor);
[[nodiscard]] segment_type type_of_segment(u64 descriptor);
// All fields of a descriptor, highest bit first: they join without gap from bit 63 to bit 0.
struct segment_field {
    std::string_view name;
    u8 high = 0, low = 0; // bits, both inclusive
    u32 value = 0;
};
inline constexpr std::size_t SEGMENT_FIELDS = 12;
[[nodiscard]] std::array<segment_field, SEGMENT_FIELDS> segment_fields(u64 descriptor);
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

// kernel: GDT_ENTRIES, struct gdt_page
inline constexpr u32 GDT_ENTRIES = 32;
using descriptor_table = std::array<u64, GDT_ENTRIES>;
// The table with these segments, each at the index of its selector; all else is 0.
[[nodiscard]] descriptor_table gdt_of(std::span<const named_segment> segments);

enum class segment_register : u8 { code, stack, data };
enum class segment_fault : u8 {
    none,
    general_protection, // #GP
    not_present,        // #NP
    stack,              // #SS
};
// Why. Order and meaning are part of the event segment_fault.
enum class segment_reason : u8 {
    none,
    no_ldt,          // TI = 1
    null_selector,   // index 0
    beyond_table,    // index behind the end of the GDT
    empty_entry,     // all bits 0
    system_segment,  // a TSS, gate or LDT
    not_code,        // CS, or an instruction fetch
    code_privilege,  // CS: DPL is not CPL, or RPL is above it; conforming: DPL above CPL
    stack_type,      // SS: no writable data
    stack_privilege, // SS: RPL or DPL is not CPL
    unreadable_load, // DS: code that may only be executed
    data_privilege,  // DS: DPL below CPL or RPL
    not_present,     // P = 0
    not_writable,    // a write to code or read-only data
    not_readable,    // a read of code that may only be executed
    beyond_limit,    // the last byte lies behind the limit
    not_above_limit, // expand-down: the first byte lies below it, or the last behind the segment's end
    count,
};
// What the privileges had to be for the register to take the segment. Order and meaning are part of the event segment_loaded.
enum class privilege_rule : u8 {
    code,            // DPL = CPL, RPL not above
    conforming_code, // DPL not above CPL
    stack,           // DPL = RPL = CPL
    data,            // DPL not below CPL, not below RPL
    conforming_data, // none
    count,
};

struct logical_address {
    segment_register through = segment_register::data;
    u16 selector = 0;
    u32 offset = 0;
    u32 size = 1; // bytes
    access_kind kind = access_kind::read;
    u8 cpl = 3; // privilege of what runs

    [[nodiscard]] u64 last() const { return u64{offset} + (size - 1); } // offset of the last byte
};
struct linear_result {
    u32 linear = 0;
    segment_fault fault = segment_fault::none;
    u16 error_code = 0; // of the fault: the selector when it cannot be loaded, 0 when it is used wrongly
    segment_reason reason = segment_reason::none;
    bool fetched = false; // the selector names an entry of the GDT
    bool loaded = false;  // and the register took it
    u64 descriptor = 0;   // the entry
};
// The linear address, or the fault that loading the segment register or the access raises.
[[nodiscard]] linear_result to_linear(std::span<const u64> gdt, const logical_address& address);
[[nodiscard]] privilege_rule rule_of(segment_register through, const segment_descriptor& segment);

} // namespace mm
