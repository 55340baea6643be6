#pragma once
// Results of system calls on mappings: an address or 0, or the negative number of an error.
#include <string_view>

#include "base/types.h"

namespace mm {

// The kernel's numbers (include/uapi/asm-generic/errno-base.h, errno.h).
enum class mm_errno : u8 {
    none = 0,
    eperm = 1,
    enoent = 2,
    enomem = 12,
    eacces = 13,
    efault = 14,
    ebusy = 16,
    eexist = 17,
    enodev = 19,
    einval = 22,
    enospc = 28,
    enosys = 38,
    eoverflow = 75,
    eopnotsupp = 95,
    ebadf = 9,
    eagain = 11,
};

[[nodiscard]] constexpr i64 error_of(mm_errno error) { return -static_cast<i64>(error); }
[[nodiscard]] constexpr bool is_error(i64 result) { return result < 0 && result >= -4095; }
[[nodiscard]] constexpr mm_errno errno_of(i64 result) {
    return is_error(result) ? static_cast<mm_errno>(-result) : mm_errno::none;
}
// "ENOMEM"; of none, and of numbers that no call here returns, "0".
[[nodiscard]] std::string_view errno_name(mm_errno error);

} // namespace mm
