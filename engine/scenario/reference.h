#pragma once
// What the op table says, for people and for tools. op_reference() and scenario_schema() of scenario.h belong here, too.
#include <string>
#include <string_view>

#include "base/op.h"

namespace mm {

// A default as a scenario would write it: "GFP_KERNEL", "0"; "-" when leaving the field out has a meaning of its own.
[[nodiscard]] std::string default_text(const FieldSpec& field);

// One line an op with its fields, for a terminal.
[[nodiscard]] std::string op_list_text();

// The table as JSON: [{"name", "kernel_function", "makes_result", "fields": [...], "help": {"en", "zh"}}].
[[nodiscard]] std::string op_list_json();

} // namespace mm
