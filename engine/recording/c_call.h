#pragma once
// A call as a program's text has it: "msync((void *)(A + 2 * PS), PS, MS_SYNC | MS_INVALIDATE)".
//
// Arguments are sums, products and ors of numbers, of names that the reader is told, and of constants of the C library's headers.
#include <optional>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct CName {
    std::string_view name;
    u64 value;
};

struct CCall {
    std::string_view name; // "msync"; of syscall(SYS_mlock2, ...) "mlock2"
    std::vector<u64> args; // of text in quotes 0
    std::string_view rest; // behind the closing bracket
};

// nullopt: it is none, or has a name that is not known.
[[nodiscard]] std::optional<CCall> read_c_call(std::string_view text, const std::vector<CName>& names);

} // namespace mm
