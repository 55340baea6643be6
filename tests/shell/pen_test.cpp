#include "views/parts/pen.h"

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(Pen, TextIsCutBetweenCharacters) {
    std::string text = "a\u00b7伙伴\U0001f4be";
    for (const char* left : {"a\u00b7伙伴", "a\u00b7伙", "a\u00b7", "a", ""}) {
        shell::drop_last_character(text);
        EXPECT_EQ(text, left);
    }
}

// What a number was stands first, and never beside itself.
TEST(Pen, BeforeAndAfterAreToldApart) {
    EXPECT_EQ(shell::from_to(2945, 2944), "2,945 → 2,944");
    EXPECT_EQ(shell::from_to(0, 1), "0 → 1");
    EXPECT_EQ(shell::from_to(1217, 1217), "1,217");
}

} // namespace
