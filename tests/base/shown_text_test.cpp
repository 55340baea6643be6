#include "base/shown_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mm {
namespace {

TEST(ShownText, LeavesWhatIsSeenAlone) {
    for (const char* text :
         {"", "plain", "two\nlines\tand a tab", "伙伴 − é ±4 →", "\U0001f600", "全角　空格", "a\u00a0b"})
        EXPECT_EQ(shown_text(text), text);
}

// Of each kind the first and the last, and what stands beside them.
TEST(ShownText, WritesWhatIsNotSeenAsJsonWould) {
    const std::pair<std::u32string_view, const char*> cases[] = {
        {U"\x1b[31m", "\\u001b[31m"},
        {U"a\u007fb", "a\\u007fb"},
        {U"\u0080\u009f", "\\u0080\\u009f"},
        {U"\u00ad", "\\u00ad"},
        {U"\u061c", "\\u061c"},
        {U"\u200b\u200f", "\\u200b\\u200f"},
        {U"\u2028\u202e", "\\u2028\\u202e"},
        {U"\u2060\u2069", "\\u2060\\u2069"},
        {U"\ufeff", "\\ufeff"},
        {U"\U000e0001", "\\udb40\\udc01"},
        {U"\U0001d173", "\\ud834\\udd73"},
    };
    for (const auto& [code_points, shown] : cases) {
        std::string text;
        for (const char32_t code : code_points) {
            if (code < 0x80) {
                text += static_cast<char>(code);
            } else if (code < 0x800) {
                text += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 63))};
            } else if (code < 0x10000) {
                text += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
                         static_cast<char>(0x80 | (code & 63))};
            } else {
                text += {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 63)),
                         static_cast<char>(0x80 | (code >> 6 & 63)), static_cast<char>(0x80 | (code & 63))};
            }
        }
        EXPECT_EQ(shown_text(text), shown);
    }
    EXPECT_EQ(shown_text("\u2027x\u202f"), "\u2027x\u202f");
}

// Bytes alone, cut off, overlong forms and surrogates.
TEST(ShownText, WritesBytesThatAreNoUtf8InHex) {
    EXPECT_EQ(shown_text("a\xff"
                         "b"),
              "a\\xffb");
    EXPECT_EQ(shown_text("\xe4\xbc"), "\\xe4\\xbc");
    EXPECT_EQ(shown_text("\xc0\x80"), "\\xc0\\x80");
    EXPECT_EQ(shown_text("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");
    EXPECT_EQ(shown_text("\xed\xa0\x80"), "\\xed\\xa0\\x80");
    EXPECT_EQ(shown_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
    EXPECT_EQ(shown_text("\x9b"), "\\x9b") << "the byte that some terminals take for ESC [";
}

// What a terminal shows of --json is the same JSON.
TEST(ShownText, OfJsonIsTheSameJson) {
    const nlohmann::json value = {{"title", "a\u202eb\u200b\U000e0041\u0085"}};
    const std::string text = value.dump();
    const std::string shown = shown_text(text);
    EXPECT_NE(shown, text);
    EXPECT_EQ(nlohmann::json::parse(shown), value);
}

TEST(Quotable, IsCutBetweenCharactersAndStaysOnOneLine) {
    EXPECT_EQ(quotable("abcdef", 4), "abcd...");
    EXPECT_EQ(quotable("abcd", 4), "abcd");
    EXPECT_EQ(quotable("a伙伴", 5), "a伙...");
    EXPECT_EQ(quotable("a\nb\x7f", 9), "a\\u000ab\\u007f");
    EXPECT_EQ(quotable("a\tb"), "a\\u0009b");
    EXPECT_EQ(quotable("order\u200b"), "order\\u200b");
    EXPECT_EQ(quotable("a\u00a0b\u3000"), "a\\u00a0b\\u3000") << "blanks that pass for a space";
}

TEST(CountCharacters, CountsCodePoints) {
    EXPECT_EQ(count_characters(""), 0u);
    EXPECT_EQ(count_characters("abc"), 3u);
    EXPECT_EQ(count_characters("伙伴 é\U0001f600"), 5u);
}

} // namespace
} // namespace mm
