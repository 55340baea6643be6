#include "mmu/x86/segment.h"

#include <algorithm>

namespace mm {

namespace {

// Flags as GDT_ENTRY_INIT takes them: access byte below, G and D/B above. Base 0, limit 0xfffff pages: flat.
constexpr u64 flat(u64 flags) { return 0x0000'ffff | flags << 40 | 0xfull << 48; }

constexpr named_segment since_2_6[] = {
    {"__KERNEL_CS", 0x60, flat(0xc09a)},
    {"__KERNEL_DS", 0x68, flat(0xc092)},
    {"__USER_CS", 0x73, flat(0xc0fa)},
    {"__USER_DS", 0x7b, flat(0xc0f2)},
};
constexpr named_segment of_2_4[] = {
    {"__KERNEL_CS", 0x10, flat(0xc09a)},
    {"__KERNEL_DS", 0x18, flat(0xc092)},
    {"__USER_CS", 0x23, flat(0xc0fa)},
    {"__USER_DS", 0x2b, flat(0xc0f2)},
};

// Why not; `in_load`: the register does not take the segment, so the error code names it.
struct refusal {
    segment_fault fault = segment_fault::none;
    segment_reason reason = segment_reason::none;
    bool in_load = false;
};
constexpr refusal in_load(segment_reason reason, segment_fault fault = segment_fault::general_protection) {
    return {fault, reason, true};
}
constexpr refusal in_use(segment_reason reason, segment_fault fault = segment_fault::general_protection) {
    return {fault, reason, false};
}

bool privileges_fit(privilege_rule rule, u8 dpl, u8 rpl, u8 cpl) {
    switch (rule) {
    case privilege_rule::code: return dpl == cpl && rpl <= cpl;
    case privilege_rule::conforming_code: return dpl <= cpl;
    case privilege_rule::stack: return dpl == cpl && rpl == cpl;
    case privilege_rule::data: return dpl >= std::max(cpl, rpl);
    case privilege_rule::conforming_data:
    case privilege_rule::count: break;
    }
    return true;
}

// May this segment be in the register at all?
refusal check_load(const segment_descriptor& segment, const logical_address& address) {
    using enum segment_reason;
    if (segment.system) return in_load(system_segment);
    segment_reason type = none, privilege = data_privilege;
    switch (address.through) {
    case segment_register::code:
        if (!segment.code) type = not_code;
        privilege = code_privilege;
        break;
    case segment_register::stack:
        if (!segment.writable) type = stack_type;
        privilege = stack_privilege;
        break;
    case segment_register::data:
        if (!segment.readable) type = unreadable_load;
        break;
    }
    if (type != none) return in_load(type);
    const u8 rpl = decode_selector(address.selector).rpl;
    if (!privileges_fit(rule_of(address.through, segment), segment.dpl, rpl, address.cpl)) return in_load(privilege);
    if (segment.present) return {};
    return in_load(not_present,
                   address.through == segment_register::stack ? segment_fault::stack : segment_fault::not_present);
}

refusal check_use(const segment_descriptor& segment, const logical_address& address) {
    using enum segment_reason;
    if (address.kind == access_kind::write && !segment.writable) return in_use(not_writable);
    if (address.kind == access_kind::read && !segment.readable) return in_use(not_readable);
    if (address.kind == access_kind::exec && !segment.code) return in_use(not_code);
    const u64 last = address.last();
    const u64 end = segment.big ? 0xffffffff : 0xffff;
    const bool outside = segment.expand_down ? address.offset <= segment.limit || last > end : last > segment.limit;
    if (!outside) return {};
    return in_use(segment.expand_down ? not_above_limit : beyond_limit, address.through == segment_register::stack
                                                                            ? segment_fault::stack
                                                                            : segment_fault::general_protection);
}

} // namespace

segment_descriptor decode_segment(u64 descriptor) {
    const auto bit = [descriptor](int at) { return (descriptor >> at & 1) != 0; };
    segment_descriptor out;
    out.base = static_cast<u32>((descriptor >> 16 & 0xffffff) | (descriptor >> 56 & 0xff) << 24);
    const auto raw = static_cast<u32>((descriptor & 0xffff) | (descriptor >> 48 & 0xf) << 16);
    out.limit = bit(55) ? raw << 12 | 0xfff : raw; // G: in pages
    out.dpl = static_cast<u8>(descriptor >> 45 & 3);
    out.present = bit(47);
    out.system = !bit(44);
    out.code = bit(43);
    out.readable = !out.code || bit(41);
    out.writable = !out.code && bit(41);
    out.expand_down = !out.code && bit(42);
    out.conforming = out.code && bit(42);
    out.big = bit(54);
    out.accessed = bit(40);
    return out;
}

std::array<segment_field, SEGMENT_FIELDS> segment_fields(u64 descriptor) {
    std::array<segment_field, SEGMENT_FIELDS> fields{{{"base", 63, 56},
                                                      {"G", 55, 55},
                                                      {"D/B", 54, 54},
                                                      {"L", 53, 53},
                                                      {"AVL", 52, 52},
                                                      {"limit", 51, 48},
                                                      {"P", 47, 47},
                                                      {"DPL", 46, 45},
                                                      {"S", 44, 44},
                                                      {"type", 43, 40},
                                                      {"base", 39, 16},
                                                      {"limit", 15, 0}}};
    for (segment_field& field : fields)
        field.value = static_cast<u32>(descriptor >> field.low & ((1ull << (field.high - field.low + 1)) - 1));
    return fields;
}

u64 encode_segment(u32 flags, u32 base, u32 limit) {
    return (limit & 0xffff) | u64{base & 0xffffff} << 16 | u64{flags & 0xff} << 40 | u64{limit >> 16 & 0xf} << 48 |
           u64{flags >> 12 & 0xf} << 52 | u64{base >> 24} << 56;
}

std::span<const named_segment> linux_segments() { return since_2_6; }
std::span<const named_segment> linux_2_4_segments() { return of_2_4; }

descriptor_table gdt_of(std::span<const named_segment> segments) {
    descriptor_table gdt{};
    for (const named_segment& segment : segments) gdt[decode_selector(segment.selector).index] = segment.descriptor;
    return gdt;
}

segment_type type_of_segment(u64 descriptor) {
    if (descriptor == 0) return segment_type::empty;
    if (decode_segment(descriptor).system) return segment_type::system;
    return static_cast<segment_type>(descriptor >> 41 & 7);
}

privilege_rule rule_of(segment_register through, const segment_descriptor& segment) {
    switch (through) {
    case segment_register::code: return segment.conforming ? privilege_rule::conforming_code : privilege_rule::code;
    case segment_register::stack: return privilege_rule::stack;
    case segment_register::data: break;
    }
    return segment.conforming ? privilege_rule::conforming_data : privilege_rule::data;
}

linear_result to_linear(std::span<const u64> gdt, const logical_address& address) {
    const segment_selector selector = decode_selector(address.selector);
    linear_result result;
    const auto refuse = [&](const refusal& why) {
        result.fault = why.fault;
        result.reason = why.reason;
        result.error_code = why.in_load ? static_cast<u16>(address.selector & ~3) : u16{0};
        return result;
    };
    if (selector.local) return refuse(in_load(segment_reason::no_ldt));
    if (selector.index == 0) return refuse(in_use(segment_reason::null_selector));
    if (selector.index >= gdt.size()) return refuse(in_load(segment_reason::beyond_table));
    result.fetched = true;
    result.descriptor = gdt[selector.index];
    if (result.descriptor == 0) return refuse(in_load(segment_reason::empty_entry));
    const segment_descriptor segment = decode_segment(result.descriptor);
    if (const refusal load = check_load(segment, address); load.fault != segment_fault::none) return refuse(load);
    result.loaded = true;
    if (const refusal use = check_use(segment, address); use.fault != segment_fault::none) return refuse(use);
    result.linear = segment.base + address.offset;
    return result;
}

} // namespace mm
