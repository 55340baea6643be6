#include "physical/gfp.h"

#include <gtest/gtest.h>

#include <array>

namespace mm {
namespace {

constexpr kernel_rules v5_10{kernel_version::v5_10};
constexpr kernel_rules v6_1{kernel_version::v6_1};
constexpr kernel_rules v6_12{kernel_version::v6_12};

// Every distinct mask in the recorded traces of 5.10, 6.1 and 6.12, as the kernels printed it.
constexpr std::array recorded_5_10 = {
    "GFP_HIGHUSER_MOVABLE|__GFP_ZERO",
    "GFP_KERNEL",
    "GFP_KERNEL_ACCOUNT|__GFP_ZERO",
    "GFP_HIGHUSER_MOVABLE",
    "GFP_NOWAIT|__GFP_NOWARN",
    "GFP_KERNEL|__GFP_ZERO",
    "GFP_TRANSHUGE_LIGHT|__GFP_NORETRY|__GFP_THISNODE",
    "GFP_NOFS|__GFP_ZERO",
    "GFP_NOFS|__GFP_NOWARN|__GFP_NORETRY|__GFP_HARDWALL",
    "GFP_ATOMIC",
    "GFP_NOFS",
    "none",
    "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY",
    "GFP_ATOMIC|__GFP_NOWARN",
    "GFP_KERNEL|__GFP_HIGHMEM|__GFP_NOWARN|__GFP_ZERO",
    "__GFP_IO|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC",
    "__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC|__GFP_RECLAIMABLE",
};
constexpr std::array recorded_6_1 = {
    "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO",
    "GFP_KERNEL",
    "GFP_KERNEL_ACCOUNT|__GFP_ZERO",
    "GFP_HIGHUSER_MOVABLE|__GFP_COMP",
    "GFP_NOWAIT|__GFP_NOWARN",
    "GFP_TRANSHUGE_LIGHT|__GFP_NORETRY|__GFP_THISNODE",
    "none",
    "GFP_NOFS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL",
    "GFP_ATOMIC",
    "GFP_NOFS",
    "GFP_ATOMIC|__GFP_NOWARN",
    "GFP_HIGHUSER|__GFP_ACCOUNT",
    "GFP_NOFS|__GFP_COMP",
    "__GFP_IO|__GFP_FS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_NOMEMALLOC|__GFP_RECLAIMABLE",
    "GFP_NOWAIT|__GFP_NOWARN|__GFP_NORETRY|__GFP_NOMEMALLOC",
    "GFP_NOWAIT|__GFP_NOWARN|__GFP_ACCOUNT",
    "GFP_NOFS|__GFP_NOWARN|__GFP_NORETRY|__GFP_RECLAIMABLE",
    "GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO|__GFP_ACCOUNT",
    "GFP_NOFS|__GFP_NOFAIL|__GFP_COMP|__GFP_HARDWALL|__GFP_MOVABLE",
};
constexpr std::array recorded_6_12 = {
    "GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_ZERO",
    "GFP_NOFS|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_HARDWALL",
    "GFP_NOWAIT",
    "GFP_TRANSHUGE_LIGHT|__GFP_NORETRY|__GFP_THISNODE",
    "none",
    "GFP_ATOMIC",
    "GFP_USER|__GFP_COMP",
    "GFP_ATOMIC|__GFP_NOWARN",
    "GFP_NOWAIT|__GFP_NORETRY|__GFP_NOMEMALLOC",
    "GFP_NOWAIT|__GFP_ACCOUNT",
    "GFP_NOFS|__GFP_NOFAIL|__GFP_ZERO|__GFP_HARDWALL|__GFP_MOVABLE|__GFP_ACCOUNT",
    "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP",
};

std::optional<u64> gfp_from_text(std::string_view text, const kernel_rules& rules, std::string* unknown = nullptr) {
    return flags_from_text(gfp_flags(rules), text, unknown);
}

template <std::size_t N>
void expect_same_after_reading(const std::array<const char*, N>& texts, const kernel_rules& rules) {
    for (const char* text : texts) {
        const std::optional<u64> gfp = gfp_from_text(text, rules);
        ASSERT_TRUE(gfp.has_value()) << text;
        EXPECT_EQ(gfp_to_text(static_cast<gfp_t>(*gfp), rules), text);
    }
}

TEST(Gfp, RecordedMasksPrintAsTheKernelPrintedThem) {
    expect_same_after_reading(recorded_5_10, v5_10);
    expect_same_after_reading(recorded_6_1, v6_1);
    expect_same_after_reading(recorded_6_12, v6_12);
}

TEST(Gfp, NumbersOfTheOomReportsMatchTheirNames) {
    // 5.10: gfp_mask=0x100dca(GFP_HIGHUSER_MOVABLE|__GFP_ZERO); 6.1 and 6.12: 0x140dca with __GFP_COMP
    EXPECT_EQ(gfp_to_text(0x100dca, v5_10), "GFP_HIGHUSER_MOVABLE|__GFP_ZERO");
    EXPECT_EQ(gfp_to_text(0x140dca, v6_1), "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
    EXPECT_EQ(gfp_to_text(0x140dca, v6_12), "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO");
}

TEST(Gfp, AtomicCarriesItsBitOnlyWhereTheKernelHasIt) {
    EXPECT_EQ(gfp_from_text("GFP_ATOMIC", v5_10), 0xa20u);
    EXPECT_EQ(gfp_from_text("GFP_ATOMIC", v6_1), 0xa20u);
    EXPECT_EQ(gfp_from_text("GFP_ATOMIC", v6_12), 0x820u);
    EXPECT_EQ(gfp_from_text("__GFP_ATOMIC", v6_1), 0x200u);
    EXPECT_EQ(gfp_from_text("__GFP_ATOMIC", v6_12), std::nullopt);
    EXPECT_EQ(gfp_to_text(0x200, v6_12), "0x200");
}

TEST(Gfp, NowaitNeverWarnsIn6_12) {
    EXPECT_EQ(gfp_from_text("GFP_NOWAIT", v6_1), 0x800u);
    EXPECT_EQ(gfp_from_text("GFP_NOWAIT", v6_12), 0x2800u);
    EXPECT_EQ(gfp_to_text(0x2800, v6_1), "GFP_NOWAIT|__GFP_NOWARN");
    EXPECT_EQ(gfp_to_text(0x800, v6_12), "__GFP_KSWAPD_RECLAIM");
}

TEST(Gfp, BitsWithoutANamePrintInHexAfterTheNames) {
    EXPECT_EQ(gfp_to_text(GFP_KERNEL | 0x81000000, v6_1), "GFP_KERNEL|0x81000000");
    EXPECT_EQ(gfp_to_text(0x800000, v5_10), "0x800000");
    EXPECT_EQ(gfp_to_text(0x800000, v6_1), "__GFP_ZEROTAGS");
}

TEST(Gfp, EveryMaskOfKnownBitsIsReadBackAsItWas) {
    for (const kernel_rules& rules : {v5_10, v6_1, v6_12})
        for (gfp_t gfp = 0; gfp <= GFP_BITS_ALL; gfp += 0x3fd) {
            const std::string text = gfp_to_text(gfp, rules);
            ASSERT_EQ(gfp_from_text(text, rules), gfp) << text;
        }
}

TEST(Gfp, NumbersNamesAndSpacesMayMix) {
    EXPECT_EQ(gfp_from_text("0xcc0", v6_1), GFP_KERNEL);
    EXPECT_EQ(gfp_from_text("0XCC0", v6_1), GFP_KERNEL);
    EXPECT_EQ(gfp_from_text(" GFP_KERNEL | __GFP_ZERO|0x1000000 ", v6_1), GFP_KERNEL | GFP_BIT_ZERO | 0x1000000);
    EXPECT_EQ(gfp_from_text("__GFP_DMA", v6_1), GFP_BIT_DMA);
    EXPECT_EQ(gfp_from_text("GFP_DMA32", v6_1), GFP_BIT_DMA32);
}

TEST(Gfp, AnUnknownNameIsHandedBack) {
    std::string unknown;
    for (const char* text : {"GFP_KERNAL", "GFP_KERNEL|GFP_KERNAL|__GFP_ZERO"}) {
        EXPECT_EQ(gfp_from_text(text, v6_1, &unknown), std::nullopt);
        EXPECT_EQ(unknown, "GFP_KERNAL");
    }
    for (const char* text :
         {"", "GFP_KERNEL|", "|GFP_KERNEL", "gfp_kernel", "0x", "0xg", "0x123456789", "12", "-1", "0x-1"})
        EXPECT_EQ(gfp_from_text(text, v6_1), std::nullopt) << text;
    EXPECT_EQ(gfp_from_text("GFP_KERNEL|", v6_1, &unknown), std::nullopt);
    EXPECT_EQ(unknown, "");
}

} // namespace
} // namespace mm
