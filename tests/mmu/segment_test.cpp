#include "mmu/x86/segment.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

using enum segment_fault;
using enum access_kind;

constexpr u16 USER_CS = 0x73, USER_DS = 0x7b, KERNEL_CS = 0x60, KERNEL_DS = 0x68;

TEST(Segment, SelectorsAreIndexTableAndPrivilege) {
    EXPECT_EQ(decode_selector(USER_CS).index, 14); // GDT_ENTRY_DEFAULT_USER_CS
    EXPECT_EQ(decode_selector(USER_CS).rpl, 3);
    EXPECT_FALSE(decode_selector(USER_CS).local);
    EXPECT_EQ(decode_selector(KERNEL_DS).index, 13);
    EXPECT_EQ(decode_selector(KERNEL_DS).rpl, 0);
    EXPECT_TRUE(decode_selector(0x0f).local);
}

// The descriptors as they stand in the GDT of a running kernel: 00cffa000000ffff and so on.
TEST(Segment, LinuxIsFlat) {
    const u64 expected[] = {0x00cf9a000000ffff, 0x00cf92000000ffff, 0x00cffa000000ffff, 0x00cff2000000ffff};
    const u32 flags[] = {0xc09a, 0xc092, 0xc0fa, 0xc0f2};
    for (const auto segments : {linux_segments(), linux_2_4_segments()}) {
        ASSERT_EQ(segments.size(), 4u);
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_EQ(segments[i].descriptor, expected[i]) << segments[i].name;
            EXPECT_EQ(encode_segment(flags[i], 0, 0xfffff), expected[i]);
            const segment_descriptor segment = decode_segment(segments[i].descriptor);
            EXPECT_EQ(segment.base, 0u);
            EXPECT_EQ(segment.limit, 0xffffffffu);
            EXPECT_EQ(segment.code, i % 2 == 0);
            EXPECT_EQ(segment.dpl, i < 2 ? 0 : 3);
            EXPECT_TRUE(segment.present && segment.big && !segment.system && !segment.accessed);
        }
    }
    EXPECT_EQ(decode_segment(encode_segment(0x4092, 0x12345678, 0xabcde)).base, 0x12345678u);
    EXPECT_EQ(decode_segment(encode_segment(0x4092, 0x12345678, 0xabcde)).limit, 0xabcdeu);
}

TEST(Segment, AFlatSegmentChangesNoAddress) {
    const descriptor_table gdt = gdt_of(linux_segments());
    const auto linear = [&](logical_address address) { return to_linear(gdt, address); };
    EXPECT_EQ(linear({segment_register::data, USER_DS, 0x8048123, 4, write, 3}).linear, 0x8048123u);
    EXPECT_EQ(linear({segment_register::code, USER_CS, 0x8048000, 1, exec, 3}).linear, 0x8048000u);
    EXPECT_EQ(linear({segment_register::stack, USER_DS, 0xbffff000, 4, write, 3}).linear, 0xbffff000u);
    EXPECT_EQ(linear({segment_register::data, USER_DS, 0xc0100000, 4, read, 3}).fault, none); // paging refuses it
    EXPECT_EQ(linear({segment_register::data, KERNEL_DS, 0xc0100000, 4, write, 0}).fault, none);
    EXPECT_EQ(linear({segment_register::code, KERNEL_CS, 0xc0100000, 1, exec, 0}).fault, none);
    EXPECT_EQ(linear({segment_register::data, USER_DS, 0xffffffff, 4, read, 3}).fault, general_protection);
}

TEST(Segment, PrivilegeAndTypeAreChecked) {
    const descriptor_table gdt = gdt_of(linux_segments());
    const auto fault = [&](logical_address address, segment_fault kind, u16 code) {
        const linear_result result = to_linear(gdt, address);
        EXPECT_EQ(result.fault, kind) << address.selector;
        EXPECT_EQ(result.error_code, code) << address.selector;
    };
    fault({segment_register::data, KERNEL_DS, 0, 1, read, 3}, general_protection, 0x68);
    fault({segment_register::data, 0x6b, 0, 1, read, 0}, general_protection, 0x68); // RPL 3 lowers the kernel's right
    fault({segment_register::code, KERNEL_CS, 0, 1, exec, 3}, general_protection, 0x60);
    fault({segment_register::code, USER_DS, 0, 1, exec, 3}, general_protection, 0x78);
    fault({segment_register::stack, USER_CS, 0, 1, write, 3}, general_protection, 0x70);
    fault({segment_register::stack, USER_DS, 0, 1, write, 0}, general_protection, 0x78);
    fault({segment_register::data, USER_CS, 0, 1, write, 3}, general_protection, 0); // code is never written
    fault({segment_register::data, USER_CS, 0, 1, read, 3}, none, 0);                // but this may be read
    fault({segment_register::data, 0, 0, 1, read, 3}, general_protection, 0);        // the null selector
    fault({segment_register::data, 0x7f, 0, 1, read, 3}, general_protection, 0x7c);  // TI: no LDT
    fault({segment_register::data, 0x83, 0, 1, read, 3}, general_protection, 0x80);  // no such entry
}

//   limit 0xfff:  normal  |#### 0 to 0xfff ####|          |      expand-down  |                    |#### 0x1000 on ####|
TEST(Segment, LimitsOfBothDirections) {
    const u64 gdt[] = {0, encode_segment(0x4092, 0x10000, 0xfff), encode_segment(0x4096, 0x10000, 0xfff),
                       encode_segment(0x4012, 0, 0xfff), encode_segment(0x0089, 0, 0x67)};
    const auto linear = [&](u16 selector, u32 offset, u32 size, segment_register through = segment_register::data) {
        return to_linear(gdt, {through, selector, offset, size, read, 0});
    };
    EXPECT_EQ(linear(0x08, 0xffc, 4).linear, 0x10ffcu);
    EXPECT_EQ(linear(0x08, 0xffd, 4).fault, general_protection);
    EXPECT_EQ(linear(0x08, 0xffd, 4, segment_register::stack).fault, stack);
    EXPECT_EQ(linear(0x10, 0xfff, 1).fault, general_protection);
    EXPECT_EQ(linear(0x10, 0x1000, 4).linear, 0x11000u);
    EXPECT_EQ(linear(0x18, 0, 1).fault, not_present);
    EXPECT_EQ(linear(0x18, 0, 1).error_code, 0x18);
    EXPECT_EQ(linear(0x18, 0, 1, segment_register::stack).fault, stack);
    EXPECT_EQ(linear(0x20, 0, 1).reason, segment_reason::system_segment);
    EXPECT_EQ(linear(0x28, 0, 1).reason, segment_reason::beyond_table);
}

} // namespace
} // namespace mm
