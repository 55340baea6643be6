#include "recording/kernel_tests.h"

#include <algorithm>

#include "json/json.h"

namespace mm {

namespace {

constexpr std::string_view FORMAT = "mmscope-kernel-tests/1";

} // namespace

std::optional<std::string_view> kernel_tests_of(std::string_view text) {
    if (text.find(FORMAT) == std::string_view::npos) return std::nullopt;
    const auto tree = parse_json(text);
    if (!tree) return std::nullopt;
    const JsonValue* format = tree->find("format");
    const JsonValue* file = tree->find("file");
    if (!format || !file || format->string != FORMAT) return std::nullopt;
    const auto* name = std::find(kernel_test_names.begin(), kernel_test_names.end(), file->string);
    return name == kernel_test_names.end() ? std::nullopt : std::optional(*name);
}

} // namespace mm
