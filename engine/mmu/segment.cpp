#include "mmu/segment.h"

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

linear_result refuse(segment_fault fault, u16 error_code, std::string_view reason) {
    return {0, fault, error_code, reason};
}

// May this segment be in the register at all? The error code is the selector without RPL.
linear_result check_load(const segment_descriptor& segment, const logical_address& address, segment_selector selector) {
    using enum segment_fault;
    const auto code = static_cast<u16>(address.selector & ~3);
    if (segment.system) return refuse(general_protection, code, "a system segment");
    switch (address.through) {
    case segment_register::code:
        if (!segment.code) return refuse(general_protection, code, "no code segment");
        if (segment.conforming ? segment.dpl > address.cpl : segment.dpl != address.cpl || selector.rpl > address.cpl)
            return refuse(general_protection, code, "its privilege is not that of the code");
        break;
    case segment_register::stack:
        if (segment.code || !segment.writable) return refuse(general_protection, code, "a stack must be writable");
        if (selector.rpl != address.cpl || segment.dpl != address.cpl)
            return refuse(general_protection, code, "a stack has the privilege of the code");
        if (!segment.present) return refuse(stack, code, "not present");
        break;
    case segment_register::data:
        if (segment.code && !segment.readable) return refuse(general_protection, code, "the code may not be read");
        if (!(segment.code && segment.conforming) && segment.dpl < std::max(address.cpl, selector.rpl))
            return refuse(general_protection, code, "its privilege is higher than that of the code");
        break;
    }
    if (!segment.present) return refuse(not_present, code, "not present");
    return {};
}

linear_result check_use(const segment_descriptor& segment, const logical_address& address) {
    using enum segment_fault;
    if (address.kind == access_kind::write && (segment.code || !segment.writable))
        return refuse(general_protection, 0, "may not be written");
    if (address.kind == access_kind::read && segment.code && !segment.readable)
        return refuse(general_protection, 0, "the code may not be read");
    if (address.kind == access_kind::exec && !segment.code) return refuse(general_protection, 0, "no code segment");
    const u64 last = u64{address.offset} + (address.size - 1);
    const u64 end = segment.big ? 0xffffffff : 0xffff;
    const bool outside = segment.expand_down ? address.offset <= segment.limit || last > end : last > segment.limit;
    if (outside)
        return refuse(address.through == segment_register::stack ? stack : general_protection, 0, "beyond the limit");
    return {};
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

u64 encode_segment(u32 flags, u32 base, u32 limit) {
    return (limit & 0xffff) | u64{base & 0xffffff} << 16 | u64{flags & 0xff} << 40 | u64{limit >> 16 & 0xf} << 48 |
           u64{flags >> 12 & 0xf} << 52 | u64{base >> 24} << 56;
}

std::span<const named_segment> linux_segments() { return since_2_6; }
std::span<const named_segment> linux_2_4_segments() { return of_2_4; }

linear_result to_linear(std::span<const named_segment> gdt, const logical_address& address) {
    using enum segment_fault;
    const segment_selector selector = decode_selector(address.selector);
    const auto code = static_cast<u16>(address.selector & ~3);
    if (selector.local) return refuse(general_protection, code, "there is no LDT");
    if (selector.index == 0) return refuse(general_protection, 0, "the null selector");
    const auto row = std::find_if(gdt.begin(), gdt.end(), [&](const named_segment& segment) {
        return decode_selector(segment.selector).index == selector.index;
    });
    if (row == gdt.end()) return refuse(general_protection, code, "no segment has this index");
    const segment_descriptor segment = decode_segment(row->descriptor);
    if (const linear_result load = check_load(segment, address, selector); load.fault != none) return load;
    if (const linear_result use = check_use(segment, address); use.fault != none) return use;
    return {segment.base + address.offset, none, 0, ""};
}

} // namespace mm
