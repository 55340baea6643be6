#pragma once
// Numbers as text.
#include <charconv>
#include <string>

#include "base/types.h"

namespace mm {

// "48050"
[[nodiscard]] inline std::string hex(u64 value) {
    char digits[16];
    return {digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr};
}
// "0x48050"
[[nodiscard]] inline std::string address_hex(u64 value) { return "0x" + hex(value); }

// "1,048,576"
[[nodiscard]] inline std::string grouped(u64 number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

} // namespace mm
