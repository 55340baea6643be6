#pragma once
// Short scenarios for the tests of this room.
#include <gtest/gtest.h>

#include "both_languages.h"
#include "golden_file.h"
#include "scenario/scenario.h"

namespace mm::test {

// A scenario on a small machine around its steps.
inline std::string scenario_of(const std::string& steps,
                               const std::string& machine = R"({"profile": {"memory": "64MiB"}})") {
    return R"({"format": "mmscope/1", "title": "t", "machine": )" + machine + ", \"steps\": [" + steps + "]}";
}

inline std::string shipped_machine(std::string_view name) {
    return read_file(MMSCOPE_SOURCE_DIR "/scenarios/machines/" + std::string(name) + ".json");
}

inline Scenario parsed(const std::string& text) {
    Result<Scenario> scenario = parse_scenario(text, shipped_machine);
    EXPECT_TRUE(scenario.ok()) << scenario.error().text();
    return scenario ? std::move(*scenario) : Scenario{};
}

// "path: message" of the error, or "accepted".
inline std::string error_of(const std::string& text) {
    const Result<Scenario> scenario = parse_scenario(text, shipped_machine);
    return scenario ? "accepted" : scenario.error().path + ": " + in_both(scenario.error()).message;
}

inline std::string op_name(const Op& op) { return std::string(op_spec(op.kind).name); }

// The value of an op's field.
inline i64 field(const Op& op, std::string_view name) {
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == name) return op.arg[i];
    ADD_FAILURE() << op_name(op) << " has no field " << name;
    return -1;
}

} // namespace mm::test
