#include "scenario/scenario.h"

#include <algorithm>

#include "scenario/reader.h"
#include "scenario/view_names.h"

namespace mm {

Scenario::Scenario() = default;
Scenario::~Scenario() = default;
Scenario::Scenario(const Scenario&) = default;
Scenario::Scenario(Scenario&&) noexcept = default;
Scenario& Scenario::operator=(const Scenario&) = default;
Scenario& Scenario::operator=(Scenario&&) noexcept = default;

namespace {

class ScenarioReader {
  public:
    ScenarioReader(JsonReader& reader, const MachineSource& machines, Scenario& scenario)
        : reader_(reader), machines_(machines), scenario_(scenario) {}

    bool scenario(const Field& root) {
        static constexpr std::string_view fields[] = {"format",  "title", "summary", "notes",
                                                      "machine", "boot",  "view",    "steps"};
        std::size_t format = 0;
        return reader_.not_of_kind(
                   root, MACHINE_FORMAT,
                   {"found a machine file, \"mmscope-machine/1\", expected a scenario, \"mmscope/1\": "
                    "a scenario has the profile in \"machine\"",
                    "这是机器文件 \"mmscope-machine/1\"，应当是场景 \"mmscope/1\"：场景在 \"machine\" 里写 profile"}) &&
               reader_.object(root, fields) &&
               reader_.required(
                   root, "format",
                   [&](const Field& f) { return reader_.one_of(f, std::span(&SCENARIO_FORMAT, 1), format); }) &&
               reader_.required(root, "title",
                                [&](const Field& f) { return text(f, MAX_TITLE_LENGTH, scenario_.title); }) &&
               reader_.optional(root, "summary",
                                [&](const Field& f) { return text(f, MAX_NOTE_LENGTH, scenario_.summary); }) &&
               reader_.optional(root, "notes",
                                [&](const Field& f) { return text(f, MAX_NOTE_LENGTH, scenario_.notes); }) &&
               reader_.required(root, "machine", [&](const Field& f) { return machine(f); }) &&
               reader_.optional(root, "boot", [&](const Field& f) { return boot(f); }) &&
               reader_.required(root, "steps", [&](const Field& f) { return steps(root, f); }) &&
               reader_.optional(root, "view", [&](const Field& f) { return view(f); });
    }

  private:
    bool text(const Field& at, std::size_t max_length, LocalText& out) {
        return read_two_languages(reader_, at, max_length, out.en, out.zh);
    }

    bool machine(const Field& at) {
        if (!reader_.object(at, {"name", "profile"})) return false;
        const bool named = at.value->find("name") != nullptr;
        if (named == (at.value->find("profile") != nullptr))
            return reader_.fail(at, {"expected either \"name\" (a machine file) or \"profile\"",
                                     "\"name\"（机器文件）和 \"profile\" 必须有一个，也只能有一个"});
        if (named) return reader_.required(at, "name", [&](const Field& f) { return machine_by_name(f); });
        return reader_.required(at, "profile",
                                [&](const Field& f) { return read_profile(reader_, f, scenario_.profile); });
    }

    bool machine_by_name(const Field& at) {
        std::string name;
        if (!read_name(reader_, at, name)) return false;
        const std::string file = machines_ ? machines_(name) : std::string();
        if (file.empty())
            return reader_.fail(at, told("there is no machine file \"{0}.json\"", "没有机器文件 \"{0}.json\"", {name}));
        Result<machine_profile> profile = parse_machine(file);
        if (!profile)
            return reader_.fail(at, told("{0}.json does not load: {1}", "{0}.json 无法载入：{1}",
                                         {name, place_and_message(profile.error())}));
        scenario_.profile = std::move(*profile);
        return true;
    }

    bool boot(const Field& at) {
        static constexpr std::string_view kinds[] = {"done", "stepped"};
        std::size_t kind = 0;
        if (!reader_.one_of(at, kinds, kind)) return false;
        scenario_.unbooted = kind == 1;
        if (scenario_.unbooted && !scenario_.profile.recorded.empty())
            return reader_.fail(at, {"a machine with a recorded state has booted already", "录制的机器早已启动完毕"});
        return true;
    }

    bool steps(const Field& root, const Field& at) {
        Result<Machine> machine = start_machine(scenario_);
        if (!machine) {
            const Field field{root.value->find("machine"), &root, "machine", 0};
            const JsonValue* profile = field.value->find("profile");
            if (!profile) return reader_.fail(field, place_and_message(machine.error()));
            return reader_.fail_below(Field{profile, &field, "profile", 0}, machine.error());
        }
        StepReader step_reader(reader_, *machine, scenario_);
        if (!step_reader.steps(at)) return false;
        scenario_.result_names = step_reader.results().slot_names();
        return true;
    }

    bool view(const Field& at) {
        return reader_.object(at, {"open", "select"}) && reader_.optional(at, "open", [&](const Field& f) {
            return read_view_name(reader_, f, scenario_.view.open);
        }) && reader_.optional(at, "select", [&](const Field& f) { return selection(f); });
    }

    bool selection(const Field& at) {
        if (!reader_.object(at, {"pfn", "result", "zone"})) return false;
        if (at.value->keys.size() != 1)
            return reader_.fail(at, {"expected one of \"pfn\", \"result\" or \"zone\"",
                                     "\"pfn\"、\"result\" 和 \"zone\" 必须有一个，也只能有一个"});
        ScenarioView& view = scenario_.view;
        return reader_.optional(at, "pfn",
                                [&](const Field& f) { return reader_.integer(f, 0, PFN_NONE - 1, view.select_pfn); }) &&
               reader_.optional(at, "result", [&](const Field& f) { return selected_result(f); }) &&
               reader_.optional(at, "zone", [&](const Field& f) {
                   return read_zone(reader_, f, scenario_.profile, view.select_zone);
               });
    }

    bool selected_result(const Field& at) {
        if (!reader_.text(at, 64, scenario_.view.select_result)) return false;
        const std::vector<std::string>& names = scenario_.result_names;
        if (std::find(names.begin(), names.end(), scenario_.view.select_result) != names.end()) return true;
        // Rows may have a million members.
        const std::size_t offered = std::min<std::size_t>(names.size(), 1000);
        const std::vector<std::string_view> known(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(offered));
        return reader_.fail(
            at, told("no step makes a result \"{0}\"{1}", "没有哪一步产生结果 \"{0}\"{1}",
                     {quotable(scenario_.view.select_result), suggestion(scenario_.view.select_result, known)}));
    }

    JsonReader& reader_;
    const MachineSource& machines_;
    Scenario& scenario_;
};

} // namespace

bool read_view_name(JsonReader& reader, const Field& at, std::string& name) {
    std::size_t index = 0;
    if (!reader.one_of(at, VIEW_NAMES, index)) return false;
    name = VIEW_NAMES[index];
    return true;
}

std::vector<std::string> zone_names_of(const machine_profile& profile) {
    std::vector<std::string> names;
    for (u8 node = 0; node < profile.nodes; ++node)
        for (zone_type type : zone_layout(profile.arch, profile.kernel)) names.push_back(zone_to_text(node, type));
    return names;
}

bool read_zone(JsonReader& reader, const Field& at, const machine_profile& profile, std::string& zone) {
    if (!reader.text(at, 32, zone)) return false;
    const std::vector<std::string> known = zone_names_of(profile);
    if (std::find(known.begin(), known.end(), zone) != known.end()) return true;
    const std::vector<std::string_view> names(known.begin(), known.end());
    return reader.fail(at, told("this machine has no zone \"{0}\"{1}", "这台机器没有内存域 \"{0}\"{1}",
                                {quotable(zone), suggestion(zone, names)}));
}

Result<Scenario> parse_scenario(std::string_view text, const MachineSource& machines) {
    Result<JsonValue> json = parse_json(text, {.bytes = MAX_SCENARIO_BYTES});
    if (!json) return json.error();
    JsonReader reader(text);
    Scenario scenario;
    if (!ScenarioReader(reader, machines, scenario).scenario(Field{&*json, nullptr, "", 0})) return reader.error();
    return scenario;
}

Result<Machine> start_machine(const Scenario& scenario) {
    return scenario.unbooted ? make_unbooted_machine(scenario.profile) : make_machine(scenario.profile);
}

} // namespace mm
