#pragma once
// Files of cases of the kernel's own tests, as JSON, which say by themselves on which kernels they were run.
#include <string_view>

namespace mm {

[[nodiscard]] inline bool is_kernel_tests(std::string_view file) {
    const bool known = file.starts_with("vma-merge") || file.starts_with("fault");
    return known && (file.ends_with(".json") || file.ends_with(".json.gz"));
}

} // namespace mm
