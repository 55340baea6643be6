#include "cli/files.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "scenario/run.h"

namespace cli {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdin) std::fclose(file);
    }
};

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

} // namespace

mm::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
    const auto cannot_read = [] { return mm::Error{"", std::string("cannot be read: ") + std::strerror(errno)}; };
    if (!file) return cannot_read();
    std::string text;
    char buffer[1 << 16];
    while (const std::size_t got = std::fread(buffer, 1, sizeof buffer, file.get())) {
        text.append(buffer, got);
        if (text.size() > max_bytes)
            return mm::Error{"", "has more than the " + std::to_string(max_bytes) + " bytes that such a file may have"};
    }
    if (std::ferror(file.get())) return cannot_read();
    return text;
}

mm::MachineSource machines_near(const std::string& scenario_path) {
    std::vector<std::string> folders;
    if (scenario_path != "-") {
        folders.push_back(folder_of(scenario_path) + "/machines/");
        folders.push_back(folder_of(scenario_path) + "/../machines/");
    }
    if (const char* configured = std::getenv("MMSCOPE_SCENARIOS"))
        folders.push_back(std::string(configured) + "/machines/");
    folders.push_back("scenarios/machines/");
    return [folders](std::string_view name) -> std::string {
        for (const std::string& folder : folders) {
            mm::Result<std::string> text = read_file(folder + std::string(name) + ".json", mm::MAX_SCENARIO_BYTES);
            if (text) return std::move(*text);
        }
        return "";
    };
}

mm::Result<mm::Scenario> load_scenario(const std::string& path) {
    const mm::Result<std::string> text = read_file(path, mm::MAX_SCENARIO_BYTES);
    if (!text) return text.error();
    mm::Result<mm::Scenario> scenario = mm::parse_scenario(*text, machines_near(path));
    if (!scenario) return scenario;
    std::string id = path.substr(path.rfind('/') + 1);
    if (id.ends_with(".json")) id.resize(id.size() - 5);
    scenario->id = std::move(id);
    if (const std::optional<mm::Error> error = mm::check_work(*scenario)) return *error;
    return scenario;
}

} // namespace cli
