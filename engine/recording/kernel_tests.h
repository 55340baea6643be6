#pragma once
// Files of cases of the kernel's own tests, as JSON, which say by themselves what they are and on which kernels they were run.
#include <array>
#include <optional>
#include <string_view>

namespace mm {

// Those that are compared, by what the file calls itself.
inline constexpr std::array<std::string_view, 2> kernel_test_names = {"fault", "vma-merge"};

[[nodiscard]] inline bool is_json(std::string_view file) {
    return file.ends_with(".json") || file.ends_with(".json.gz");
}

// Which tests the text of a file has, whatever its name; nullopt: none of these.
[[nodiscard]] std::optional<std::string_view> kernel_tests_of(std::string_view text);

} // namespace mm
