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

} // namespace
