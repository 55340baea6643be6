#pragma once
// Numbers as hex text.
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

} // namespace mm
