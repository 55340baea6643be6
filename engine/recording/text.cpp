#include "recording/text.h"

namespace mm {

bool LineReader::next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    ++line_;
    return true;
}

void TextCursor::skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
}

bool TextCursor::eat(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
}

bool TextCursor::find(std::string_view literal) {
    const std::size_t at = rest_.find(literal);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + literal.size());
    return true;
}

namespace {

int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

} // namespace

bool TextCursor::number(u64& value, int base, u64 max) {
    u64 sum = 0;
    std::size_t used = 0;
    while (used < rest_.size()) {
        const int digit = digit_of(rest_[used]);
        if (digit >= base) break;
        if (sum > (max - static_cast<u64>(digit)) / static_cast<u64>(base)) return false;
        sum = sum * static_cast<u64>(base) + static_cast<u64>(digit);
        ++used;
    }
    if (used == 0 || sum > max) return false;
    value = sum;
    rest_.remove_prefix(used);
    return true;
}

bool TextCursor::number32(u32& value, int base) {
    u64 wide = 0;
    if (!number(wide, base, 0xffffffffu)) return false;
    value = static_cast<u32>(wide);
    return true;
}

bool TextCursor::signed_number(i64& value) {
    const TextCursor before = *this;
    const bool negative = eat("-");
    u64 size = 0;
    if (!number(size, 10, static_cast<u64>(INT64_MAX))) {
        *this = before;
        return false;
    }
    value = negative ? -static_cast<i64>(size) : static_cast<i64>(size);
    return true;
}

bool TextCursor::pages(i64& value) {
    constexpr i64 MOST = i64{1} << 40;
    const TextCursor before = *this;
    i64 number = 0;
    if (!signed_number(number) || number < -MOST || number > MOST) {
        *this = before;
        return false;
    }
    value = number;
    return true;
}

bool TextCursor::pfn(pfn_t& value) {
    u64 wide = 0;
    if (!number(wide, 16, PFN_NONE - 1)) return false;
    value = static_cast<pfn_t>(wide);
    return true;
}

std::string_view TextCursor::word(std::string_view stops) {
    std::size_t used = 0;
    while (used < rest_.size() && rest_[used] != ' ' && rest_[used] != '\t' &&
           stops.find(rest_[used]) == std::string_view::npos)
        ++used;
    const std::string_view found = rest_.substr(0, used);
    rest_.remove_prefix(used);
    return found;
}

} // namespace mm
