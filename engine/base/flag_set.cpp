#include "base/flag_set.h"

#include <charconv>

#include "base/hex.h"

namespace mm {

namespace {

std::optional<u64> read_hex(std::string_view text) {
    if (text.size() < 3 || text.size() > 10 || text[0] != '0' || (text[1] | 0x20) != 'x') return std::nullopt;
    u32 value = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + 2, end, value, 16);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::optional<u64> read_word(const FlagSet& set, std::string_view word) {
    for (const FlagName& row : set.names)
        if (row.accepted && row.name == word) return row.bits;
    return set.loose ? read_hex(word) : std::nullopt;
}

} // namespace

std::string flags_text(const FlagSet& set, u64 bits) {
    std::string out;
    const auto add = [&](std::string_view word) {
        if (!out.empty()) out += '|';
        out += word;
    };
    for (const FlagName& row : set.names) {
        if (!row.written || row.bits == 0 || (bits & row.bits) != row.bits) continue;
        add(row.name);
        bits &= ~row.bits;
    }
    if (set.loose && bits != 0) add("0x" + hex(bits));
    return out.empty() ? std::string(set.nothing) : out;
}

std::optional<u64> flags_from_text(const FlagSet& set, std::string_view text, std::string* unknown) {
    if (text == set.nothing) return 0;
    u64 bits = 0;
    for (;;) {
        const std::size_t bar = text.find('|');
        const std::string_view word = set.loose ? trim(text.substr(0, bar)) : text.substr(0, bar);
        const std::optional<u64> found = read_word(set, word);
        if (!found) {
            if (unknown) *unknown = word;
            return std::nullopt;
        }
        bits |= *found;
        if (bar == std::string_view::npos) return bits;
        text.remove_prefix(bar + 1);
    }
}

std::vector<std::string_view> accepted_names(const FlagSet& set) {
    std::vector<std::string_view> names;
    for (const FlagName& row : set.names)
        if (row.accepted) names.push_back(row.name);
    return names;
}

} // namespace mm
