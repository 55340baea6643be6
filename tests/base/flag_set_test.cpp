#include "base/flag_set.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

// A mask of two bits, its bits, one that only the kernel sets, and another name of a bit.
FlagSet strict() {
    return {.names = {{.bits = 6, .name = "BOTH"},
                      {.bits = 2, .name = "LEFT"},
                      {.bits = 4, .name = "RIGHT"},
                      {.bits = 8, .name = "KERNEL", .accepted = false},
                      {.bits = 2, .name = "OLD_LEFT", .written = false}},
            .nothing = "0"};
}
FlagSet loose() {
    FlagSet set = strict();
    set.loose = true;
    return set;
}

TEST(FlagSet, AMaskIsWrittenBeforeItsBits) {
    EXPECT_EQ(flags_text(strict(), 0), "0");
    EXPECT_EQ(flags_text(strict(), 2), "LEFT");
    EXPECT_EQ(flags_text(strict(), 6), "BOTH");
    EXPECT_EQ(flags_text(strict(), 12), "RIGHT|KERNEL");
}

TEST(FlagSet, BitsWithoutANameAreToldInHexWhereTheSetIsLoose) {
    EXPECT_EQ(flags_text(strict(), 0x14), "RIGHT");
    EXPECT_EQ(flags_text(loose(), 0x14), "RIGHT|0x10");
    EXPECT_EQ(flags_text(loose(), 0x10), "0x10");
}

TEST(FlagSet, NamesAreReadJoined) {
    EXPECT_EQ(flags_from_text(strict(), "0"), 0u);
    EXPECT_EQ(flags_from_text(strict(), "LEFT|RIGHT"), 6u);
    EXPECT_EQ(flags_from_text(strict(), "OLD_LEFT"), 2u);
    EXPECT_EQ(flags_from_text(strict(), "BOTH|LEFT"), 6u);
    EXPECT_EQ(flags_from_text(loose(), " LEFT | 0x10"), 0x12u);
}

TEST(FlagSet, TheWordThatIsNotAcceptedIsTold) {
    std::string unknown;
    EXPECT_EQ(flags_from_text(strict(), "LEFT|UP", &unknown), std::nullopt);
    EXPECT_EQ(unknown, "UP");
    EXPECT_EQ(flags_from_text(strict(), "KERNEL", &unknown), std::nullopt);
    EXPECT_EQ(unknown, "KERNEL");
    EXPECT_EQ(flags_from_text(strict(), "LEFT| RIGHT", &unknown), std::nullopt);
    EXPECT_EQ(unknown, " RIGHT");
    EXPECT_EQ(flags_from_text(strict(), "LEFT|", &unknown), std::nullopt);
    EXPECT_EQ(unknown, "");
    EXPECT_EQ(flags_from_text(strict(), "LEFT|0"), std::nullopt) << "nothing stands alone";
}

TEST(FlagSet, WhatIsAcceptedIsSuggested) {
    EXPECT_EQ(accepted_names(strict()), (std::vector<std::string_view>{"BOTH", "LEFT", "RIGHT", "OLD_LEFT"}));
}

} // namespace
} // namespace mm
