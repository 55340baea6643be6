#pragma once
// Releases of Linux, in their order, and the table of those that a machine may run. Rules ask since when they hold, so a
// newer kernel gets the newest side of every rule until a recording of it says otherwise.
//
// Models: Linux 5.10, 6.1 and 6.12 (the longterm kernels of Debian 11, 12 and 13's backport).
#include <array>
#include <cstddef>
#include <string_view>

#include "base/types.h"

namespace mm {

// A release of Linux, as the kernel's Makefile writes it: 5.4 is {5, 4}.
struct linux_release {
    u8 version = 0, patchlevel = 0;
    constexpr auto operator<=>(const linux_release&) const = default;
};

[[nodiscard]] constexpr u16 release_code(u8 version, u8 patchlevel) {
    return static_cast<u16>(version << 8 | patchlevel);
}

// The kernels that a machine may run, by their release.
enum class kernel_version : u16 {
    v5_10 = release_code(5, 10),
    v6_1 = release_code(6, 1),
    v6_12 = release_code(6, 12),
};
[[nodiscard]] constexpr linux_release release_of(kernel_version version) {
    const auto code = static_cast<u16>(version);
    return {static_cast<u8>(code >> 8), static_cast<u8>(code & 0xff)};
}

// What rules ask of the release that they are for.
[[nodiscard]] constexpr bool since(linux_release release, u8 version, u8 patchlevel) {
    return release >= linux_release{version, patchlevel};
}
[[nodiscard]] constexpr bool since(kernel_version kernel, u8 version, u8 patchlevel) {
    return since(release_of(kernel), version, patchlevel);
}
[[nodiscard]] constexpr bool before(kernel_version kernel, u8 version, u8 patchlevel) {
    return !since(kernel, version, patchlevel);
}

// A value that holds from a release on. Rows stand in the order of their releases.
template <class T> struct from_release {
    linux_release since;
    T value;
};
// The newest row that is not newer than `release`; of older releases the first.
template <class T, std::size_t N>
[[nodiscard]] constexpr const T& newest(const std::array<from_release<T>, N>& rows, linux_release release) {
    std::size_t found = 0;
    for (std::size_t i = 1; i < N; ++i)
        if (release >= rows[i].since) found = i;
    return rows[found].value;
}
template <class T, std::size_t N>
[[nodiscard]] constexpr const T& newest(const std::array<from_release<T>, N>& rows, kernel_version kernel) {
    return newest(rows, release_of(kernel));
}

// A kernel and what Debian builds it with.
struct kernel_row {
    kernel_version version;
    std::string_view name;  // as machine files write it
    bool arm64_zone_device; // CONFIG_ZONE_DEVICE on arm64
    u8 arm64_va_bits;       // CONFIG_ARM64_VA_BITS with 4 KiB pages
    bool large_tid_steps;   // SLUB's tid steps by CONFIG_NR_CPUS where preemption is on (x86)
};
inline constexpr std::array<kernel_row, 3> debian_kernels = {{
    {kernel_version::v5_10, "5.10", false, 48, false},
    {kernel_version::v6_1, "6.1", false, 48, true},
    {kernel_version::v6_12, "6.12", true, 52, true},
}};

// Where the newest kernel of the table stands that is not newer.
[[nodiscard]] constexpr std::size_t kernel_index(linux_release release) {
    std::size_t found = 0;
    for (std::size_t i = 1; i < debian_kernels.size(); ++i)
        if (release >= release_of(debian_kernels[i].version)) found = i;
    return found;
}
[[nodiscard]] constexpr const kernel_row& debian_kernel(kernel_version kernel) {
    return debian_kernels[kernel_index(release_of(kernel))];
}
[[nodiscard]] constexpr std::string_view kernel_version_name(kernel_version kernel) {
    return debian_kernel(kernel).name;
}

} // namespace mm
