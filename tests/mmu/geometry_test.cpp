// Expected figures: Documentation/arm64/memory.rst and hugetlbpage.rst (levels, bits of the indices, contiguous sizes), and
// the level and index that recorded kernels print for an address.
#include "mmu/geometry.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

constexpr u64 KiB = 1024, MiB = KiB << 10, GiB = MiB << 10;

struct Row {
    u64 page;
    u32 va_bits;
    int levels;
    int pmd_shift, pud_shift, pgdir_shift;
    u32 per_pte, per_pmd, per_pud, per_pgd;
    u64 cont_pte, cont_pmd; // bytes
    u64 block;              // largest
};

constexpr Row rows[] = {
    {4 * KiB, 39, 3, 21, 30, 30, 512, 512, 1, 512, 64 * KiB, 32 * MiB, GiB},
    {4 * KiB, 48, 4, 21, 30, 39, 512, 512, 512, 512, 64 * KiB, 32 * MiB, GiB},
    {4 * KiB, 52, 5, 21, 30, 48, 512, 512, 512, 16, 64 * KiB, 32 * MiB, GiB},
    {16 * KiB, 36, 2, 25, 25, 25, 2048, 1, 1, 2048, 2 * MiB, GiB, 32 * MiB},
    {16 * KiB, 47, 3, 25, 36, 36, 2048, 2048, 1, 2048, 2 * MiB, GiB, 32 * MiB},
    {16 * KiB, 48, 4, 25, 36, 47, 2048, 2048, 2048, 2, 2 * MiB, GiB, 32 * MiB},
    {16 * KiB, 52, 4, 25, 36, 47, 2048, 2048, 2048, 32, 2 * MiB, GiB, 32 * MiB},
    {64 * KiB, 42, 2, 29, 29, 29, 8192, 1, 1, 8192, 2 * MiB, 16 * GiB, 512 * MiB},
    {64 * KiB, 48, 3, 29, 42, 42, 8192, 8192, 1, 64, 2 * MiB, 16 * GiB, 512 * MiB},
    {64 * KiB, 52, 3, 29, 42, 42, 8192, 8192, 1, 1024, 2 * MiB, 16 * GiB, 512 * MiB},
};

u64 largest_block(const page_geometry& geometry) {
    u64 block = 0;
    for (u8 level = 1; level < geometry.levels; ++level)
        if (geometry.may_hold_block(level)) block = geometry.size(level);
    return block;
}

TEST(Geometry, OfArm64IsTheKernelsForEachPageSizeAndWidth) {
    for (const Row& row : rows) {
        SCOPED_TRACE(testing::Message() << row.page << "/" << row.va_bits);
        const auto geometry = arm64_geometry(row.page, row.va_bits);
        ASSERT_TRUE(geometry.has_value());
        EXPECT_EQ(geometry->page_size(), row.page);
        EXPECT_EQ(geometry->levels, row.levels);
        EXPECT_EQ(geometry->pmd_shift(), row.pmd_shift);
        EXPECT_EQ(geometry->pud_shift(), row.pud_shift);
        EXPECT_EQ(geometry->pgdir_shift(), row.pgdir_shift);
        EXPECT_EQ(geometry->ptrs_per_pte(), row.per_pte);
        EXPECT_EQ(geometry->ptrs_per_pmd(), row.per_pmd);
        EXPECT_EQ(geometry->ptrs_per_pud(), row.per_pud);
        EXPECT_EQ(geometry->ptrs_per_pgd(), row.per_pgd);
        EXPECT_EQ(geometry->contiguous_size(0), row.cont_pte);
        EXPECT_EQ(geometry->contiguous_size(1), row.cont_pmd);
        EXPECT_EQ(largest_block(*geometry), row.block);
        EXPECT_EQ(geometry->table_bytes(0), row.page);
        EXPECT_LE(geometry->table_bytes(geometry->root()), row.page);
    }
}

TEST(Geometry, ThatLinuxCannotBeBuiltWithDoesNotExist) {
    EXPECT_FALSE(arm64_geometry(4 * KiB, 42).has_value());
    EXPECT_FALSE(arm64_geometry(64 * KiB, 39).has_value());
    EXPECT_FALSE(arm64_geometry(8 * KiB, 48).has_value());
    EXPECT_FALSE(arm64_geometry(0, 0).has_value());
}

// 31     22 21     12 11    0          31 30 29    21 20    12 11    0
// | pgd 10 | pte 10  | offset |        | pgd | pmd 9 | pte 9 | offset |
TEST(Geometry, OfI386HasTwoLevelsOrThreeWithPae) {
    const page_geometry two = i386_geometry(false), pae = i386_geometry(true);
    EXPECT_EQ(two.levels, 2);
    EXPECT_EQ(two.pgdir_shift(), 22);
    EXPECT_EQ(two.ptrs_per_pgd(), 1024u);
    EXPECT_EQ(two.ptrs_per_pte(), 1024u);
    EXPECT_EQ(two.table_bytes(0), 4096u);
    EXPECT_EQ(two.index(1, 0xc0123456), 0x300u);
    EXPECT_EQ(two.index(0, 0xc0123456), 0x123u);
    EXPECT_EQ(pae.levels, 3);
    EXPECT_EQ(pae.pgdir_shift(), 30);
    EXPECT_EQ(pae.pmd_shift(), 21);
    EXPECT_EQ(pae.ptrs_per_pgd(), 4u);
    EXPECT_EQ(pae.ptrs_per_pmd(), 512u);
    EXPECT_EQ(pae.table_bytes(2), 32u);
    EXPECT_EQ(largest_block(two), 4 * MiB);
    EXPECT_EQ(largest_block(pae), 2 * MiB);
    EXPECT_EQ(two.contiguous_entries(0), 0u);
}

TEST(Geometry, LevelsAreNamedAsLinuxFoldsThem) {
    const auto names = [](const page_geometry& geometry) {
        std::string text;
        for (int level = geometry.root(); level >= 0; --level)
            text += std::string(geometry.level_name(static_cast<u8>(level))) + " ";
        return text;
    };
    EXPECT_EQ(names(*arm64_geometry(4 * KiB, 52)), "pgd p4d pud pmd pte ");
    EXPECT_EQ(names(*arm64_geometry(4 * KiB, 48)), "pgd pud pmd pte ");
    EXPECT_EQ(names(*arm64_geometry(4 * KiB, 39)), "pgd pmd pte ");
    EXPECT_EQ(names(*arm64_geometry(64 * KiB, 42)), "pgd pte ");
    EXPECT_EQ(names(i386_geometry(true)), "pgd pmd pte ");
    EXPECT_EQ(arm64_geometry(4 * KiB, 48)->hardware_level(3), 0);
    EXPECT_EQ(arm64_geometry(4 * KiB, 52)->hardware_level(4), -1);
    EXPECT_EQ(arm64_geometry(64 * KiB, 42)->hardware_level(1), 2);
}

// The indices of every level put together are the address again, without what lies above va_bits.
TEST(Geometry, IndicesAndOffsetMakeUpTheAddress) {
    for (const page_geometry& geometry : all_geometries()) {
        const u64 mask = geometry.va_bits == 64 ? ~0ull : (1ull << geometry.va_bits) - 1;
        for (u64 address : {0ull, 0x123456789abcdefull, ~0ull, 0xffff800008210abcull, 0xc0123456ull}) {
            u64 sum = address & (geometry.page_size() - 1);
            for (u8 level = 0; level < geometry.levels; ++level)
                sum += u64{geometry.index(level, address)} << geometry.shift(level);
            EXPECT_EQ(sum, address & mask);
        }
    }
}

TEST(Geometry, TheBitsAboveTheWidthChooseTheTable) {
    const page_geometry wide = *arm64_geometry(4 * KiB, 48), narrow = *arm64_geometry(4 * KiB, 39);
    EXPECT_EQ(half_of(wide, 0xffffffffffff), address_half::user);
    EXPECT_EQ(half_of(wide, 0x1000000000000), address_half::none);
    EXPECT_EQ(half_of(wide, 0xfffeffffffffffff), address_half::none);
    EXPECT_EQ(half_of(wide, 0xffff000000000000), address_half::kernel);
    EXPECT_EQ(half_of(narrow, 0x8000000000), address_half::none);
    EXPECT_EQ(half_of(narrow, 0xffffff8000000000), address_half::kernel);
    EXPECT_EQ(half_of(i386_geometry(false), 0xffffffff), address_half::user);
    EXPECT_EQ(half_of(i386_geometry(false), 0x100000000), address_half::none);
}

// Two rows of the recordings: the indices that a kernel's own walk printed.
TEST(Geometry, FindsTheEntriesThatRecordedWalksFound) {
    const page_geometry four = *arm64_geometry(4 * KiB, 48), five = *arm64_geometry(4 * KiB, 52);
    EXPECT_EQ(four.index(3, 0xffff80000a255000), 256u);
    EXPECT_EQ(four.index(2, 0xffff80000a255000), 0u);
    EXPECT_EQ(four.index(1, 0xffff80000a255000), 81u);
    EXPECT_EQ(four.index(0, 0xffff80000a255000), 85u);
    EXPECT_EQ(five.index(4, 0xffff800008000000), 15u);
    EXPECT_EQ(five.index(3, 0xffff800008000000), 256u);
    EXPECT_EQ(five.index(1, 0xfff0000006a7a000), 53u);
    EXPECT_EQ(five.index(0, 0xfff0000006a7a000), 122u);
}

} // namespace
} // namespace mm
