#pragma once
// Files that commands read: scenarios, and the machines that they name.
#include <string>
#include <string_view>

#include "base/result.h"
#include "scenario/scenario.h"

namespace cli {

// The whole file; "-" is standard input. An error when it cannot be read or has more than `max_bytes`.
[[nodiscard]] mm::Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

// Looks for NAME.json beside the scenario: in machines/ next to it and in ../machines; then in $MMSCOPE_SCENARIOS/machines
// and in scenarios/machines of the current folder.
[[nodiscard]] mm::MachineSource machines_near(const std::string& scenario_path);

// Reads and parses a scenario; its id is the file's name without ".json".
[[nodiscard]] mm::Result<mm::Scenario> load_scenario(const std::string& path);

} // namespace cli
