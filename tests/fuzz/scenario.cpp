// Any bytes as a scenario and as a machine file: an error with a place, or a scenario that runs with every invariant
// intact. A machine that loads is written and read back as it was.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "scenario/run.h"
#include "scenario/scenario.h"

namespace {

using namespace mm;

constexpr u64 MAX_RUN_BYTES = 80ull << 20; // of memory: larger machines load, but running them tells nothing new
constexpr std::size_t MAX_RUN_OPS = 2'000;

void check(bool holds, std::string_view claim, std::string_view detail) {
    if (holds) return;
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(claim.size()), claim.data(), static_cast<int>(detail.size()),
                 detail.data());
    std::abort();
}

void check_error(const Error& error, std::size_t size) {
    check(!error.message.empty(), "an error has a message", error.path);
    check(size > MAX_SCENARIO_BYTES || (error.line > 0 && error.column > 0), "an error has a place", error.text());
}

u64 memory_bytes(const machine_profile& profile) {
    u64 bytes = 0;
    for (const memory_region& region : profile.memory) bytes += region.size;
    return bytes;
}

void round_trip(const machine_profile& profile) {
    const std::string text = machine_to_json(profile);
    const Result<machine_profile> again = parse_machine(text);
    check(again.ok(), "a written machine can be read", again.ok() ? "" : again.error().text());
    check(machine_to_json(*again) == text, "a machine is read back as it was", text);
}

void run(const Scenario& scenario) {
    if (scenario.ops.size() > MAX_RUN_OPS || memory_bytes(scenario.profile) > MAX_RUN_BYTES) return;
    Result<Machine> start = start_machine(scenario);
    check(start.ok(), "a scenario that loads has a machine", start.ok() ? "" : start.error().text());
    ScenarioRun run(scenario, std::move(*start));
    std::vector<Error> failures;
    while (run.next())
        if (run.step_complete()) check_step(run, failures);
    const auto broken = verify(run.machine());
    check(!broken, "every invariant holds at the end", broken.value_or(""));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const MachineSource one_machine = [](std::string_view) {
        return R"({"format": "mmscope-machine/1", "profile": {"memory": "8MiB", "cpus": 2}})";
    };
    if (const Result<Scenario> scenario = parse_scenario(text, one_machine)) {
        run(*scenario);
        round_trip(scenario->profile);
    } else {
        check_error(scenario.error(), size);
    }
    if (const Result<machine_profile> profile = parse_machine(text))
        round_trip(*profile);
    else
        check_error(profile.error(), size);
    return 0;
}
