#include "base/shown_text.h"

#include <algorithm>
#include <array>

namespace mm {

namespace {

struct code_range {
    u32 first, last;
};

constexpr code_range hidden[] = {
    {0x00, 0x08},       {0x0b, 0x1f},       // C0 but tab and line feed
    {0x7f, 0x9f},                           // delete, C1
    {0xad, 0xad},                           // soft hyphen
    {0x34f, 0x34f},                         // combining grapheme joiner
    {0x61c, 0x61c},                         // Arabic letter mark
    {0x115f, 0x1160},                       // Hangul fillers
    {0x17b4, 0x17b5},                       // Khmer inherent vowels
    {0x180b, 0x180f},                       // Mongolian selectors and vowel separator
    {0x200b, 0x200f},                       // zero-width space and joiners, marks of direction
    {0x2028, 0x202e},                       // separators of lines and paragraphs, embeddings and overrides
    {0x2060, 0x206f},                       // word joiner, invisible operators, isolates
    {0x3164, 0x3164},   {0xfeff, 0xfeff},   // Hangul filler, byte order mark
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   // Hangul filler, annotations
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, // controls of shorthand and music
    {0xe0000, 0xe0fff},                     // tags and selectors
};

constexpr code_range odd_blanks[] = {{0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a}, {0x202f, 0x202f},
                                     {0x205f, 0x205f}, {0x2800, 0x2800}, {0x3000, 0x3000}};

template <std::size_t N>
bool is_in(const code_range (&ranges)[N], u32 code) {
    return std::any_of(std::begin(ranges), std::end(ranges),
                       [&](const code_range& range) { return code >= range.first && code <= range.last; });
}

std::string hex_digits(u32 value, int digits) {
    std::string out(static_cast<std::size_t>(digits), '0');
    for (auto digit = out.rbegin(); digit != out.rend(); ++digit, value >>= 4) *digit = "0123456789abcdef"[value & 15];
    return out;
}

} // namespace

character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<u8>(text[at + i]) : u8{0}; };
    const u8 first = byte(0);
    if (first < 0x80) return {first, 1, true};
    // The smallest code point of this length: less would be an overlong form.
    const u8 length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    static constexpr std::array<u32, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    if (first < 0xc2 || first > 0xf4) return {first, 1, false};
    u32 code = first & (0x7fu >> length);
    for (u8 i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {first, 1, false};
        code = code << 6 | (byte(i) & 0x3fu);
    }
    if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {first, 1, false};
    return {code, length, true};
}

bool is_hidden(u32 code) { return is_in(hidden, code); }
bool is_odd_blank(u32 code) { return is_in(odd_blanks, code); }

std::string escaped_character(u32 code) {
    if (code < 0x10000) return "\\u" + hex_digits(code, 4);
    return "\\u" + hex_digits(0xd7c0 + (code >> 10), 4) + "\\u" + hex_digits(0xdc00 + (code & 0x3ff), 4);
}

std::string shown_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const character c = character_at(text, at);
        if (!c.is_utf8)
            out += "\\x" + hex_digits(c.code, 2);
        else if (is_hidden(c.code))
            out += escaped_character(c.code);
        else
            out += text.substr(at, c.bytes);
        at += c.bytes;
    }
    return out;
}

std::string quotable(std::string_view text, std::size_t max_bytes) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const character c = character_at(text, at);
        if (at + c.bytes > max_bytes) break;
        const std::string_view bytes = text.substr(at, c.bytes);
        // On one line, and where a blank other than the space would pass for one.
        out += c.is_utf8 && (c.code < 0x20 || is_odd_blank(c.code)) ? escaped_character(c.code) : shown_text(bytes);
        at += c.bytes;
    }
    return at < text.size() ? out + "..." : out;
}

std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<u8>(c) & 0xc0) != 0x80; }));
}

} // namespace mm
