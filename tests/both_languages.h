#pragma once
// What a person is told of an error is told in Chinese, too, with the same numbers in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/told.h"

namespace mm::test {

// The numbers of a text, from small to large. "A power of two" has none in English and one in Chinese.
inline std::vector<std::string> numbers_in(std::string_view text) {
    static constexpr std::string_view POWER_OF_TWO = "2 的幂";
    std::vector<std::string> numbers;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!is_digit(text[at]) || text.substr(at).starts_with(POWER_OF_TWO)) continue;
        if (at == 0 || !is_digit(text[at - 1])) numbers.emplace_back();
        numbers.back() += text[at];
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

// The lead bytes of U+4E00 to U+9FFF in UTF-8.
inline bool has_chinese(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0xe4 && static_cast<unsigned char>(c) <= 0xe9;
    });
}

inline const Told& in_both(const Told& told) {
    EXPECT_TRUE(has_chinese(told.zh)) << told.en << " / " << told.zh;
    EXPECT_EQ(numbers_in(told.zh), numbers_in(told.en)) << told.en << " / " << told.zh;
    return told;
}
inline const Error& in_both(const Error& error) {
    in_both(message_of(error));
    return error;
}

} // namespace mm::test
