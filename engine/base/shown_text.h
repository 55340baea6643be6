#pragma once
// Text that somebody else wrote, as a person may safely see it. What is invisible, or turns the direction of what stands
// behind it, is written as JSON would escape it: "\u200b". Bytes that are not UTF-8 are written as "\xff".
//
// Nothing in here knows a language or a font: the ranges are those of Unicode's general categories Cc, Cf, Zl and Zp that
// have a code point below, and of blanks that look like a space.
#include <string>
#include <string_view>

#include "base/types.h"

namespace mm {

struct character {
    u32 code = 0;         // code point; the byte itself when it is not UTF-8
    u8 bytes = 1;         // that it takes
    bool is_utf8 = false; // false: one byte that is no part of a character
};
// The character at `at`, which is inside the text. Overlong forms and surrogates are not UTF-8.
[[nodiscard]] character character_at(std::string_view text, std::size_t at);

// Control characters but line feed and tab (C1, too), bidirectional controls, zero-width characters, separators of lines
// and tags: none of them may reach a terminal.
[[nodiscard]] bool is_hidden(u32 code);
// Blanks other than the space: "\u00a0", "\u3000".
[[nodiscard]] bool is_odd_blank(u32 code);

// "\u200b"; beyond 16 bits two surrogates, as in JSON.
[[nodiscard]] std::string escaped_character(u32 code);

// With every hidden character, and every byte that is not UTF-8, escaped. JSON text stays the same JSON.
[[nodiscard]] std::string shown_text(std::string_view text);

// Untrusted text as a message may quote it: cut at `max_bytes` between characters, and what would not be seen, or break the
// line, written as "\u200b".
[[nodiscard]] std::string quotable(std::string_view text, std::size_t max_bytes = 48);

// How many characters the bytes are: Unicode code points, as an editor counts columns.
[[nodiscard]] std::size_t count_characters(std::string_view text);

} // namespace mm
