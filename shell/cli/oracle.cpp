// mmscope oracle: the engine against recordings of real kernels.
#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "oracle/oracle.h"

namespace cli {
namespace {

constexpr std::string_view OWN_RECORDINGS = "tests/oracle";
constexpr std::string_view KNOWN_FILE = "known-differences.json";
constexpr std::size_t MAX_KNOWN_BYTES = 1u << 20;

// The list that stands with the recordings or above them (the folder of one machine was named), else the project's own as
// it is seen from here. No list at all is an empty one, which is told.
mm::Result<std::vector<mm::KnownDifference>> load_known(const std::string& folder, const Console& console) {
    std::error_code error;
    const std::string above = std::filesystem::absolute(folder, error).lexically_normal().parent_path().string();
    for (const std::string& place : {folder, above, std::string(OWN_RECORDINGS)}) {
        const std::string path = place + "/" + std::string(KNOWN_FILE);
        if (!std::filesystem::exists(path, error)) continue;
        const auto text = mm::read_text_file(path, MAX_KNOWN_BYTES);
        if (!text) return text.error();
        auto known = mm::parse_known_differences(*text);
        if (!known) return mm::Error{"", path + ": " + known.error().text()};
        return known;
    }
    console.complain_line("mmscope oracle: " + std::string(KNOWN_FILE) + " is neither in " + folder +
                          " nor above it nor in " + std::string(OWN_RECORDINGS) + ": no difference is expected");
    return std::vector<mm::KnownDifference>{};
}

} // namespace

int oracle_command(Arguments& arguments, const Console& console) {
    const bool table = arguments.take_flag("--table");
    const bool json = arguments.take_flag("--json");
    const std::uint64_t shown = arguments.take_number("--differences").value_or(1);
    const std::vector<std::string> folders = arguments.take_rest();
    if (arguments.error().empty() && folders.size() > 1) arguments.fail("oracle takes one folder");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    std::string folder = folders.empty() ? std::string(OWN_RECORDINGS) : folders.front();
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    const auto recordings = mm::open_recordings(folder);
    if (!recordings) {
        console.complain_line("mmscope oracle: " + recordings.error().text());
        return EXIT_BAD_INPUT;
    }
    const auto known = load_known(folder, console);
    if (!known) {
        console.complain_line("mmscope oracle: " + known.error().text());
        return EXIT_BAD_INPUT;
    }
    mm::OracleReport report = mm::compare_recordings(*recordings, *known);
    // The project's own recordings are what the list is about; others need not use each of its rows.
    if (folder == OWN_RECORDINGS)
        for (std::string& row : mm::unused_rows(report, *known))
            report.problems.push_back(std::string(KNOWN_FILE) + ": " + std::move(row));
    // A table has no place for what could not be compared at all.
    if (json || table) console.complain(mm::failures_text(report));
    if (json)
        console.print(mm::conformance_json(report, *known));
    else if (table)
        console.print(mm::conformance_markdown(report, *known));
    else
        console.print(mm::report_text(report, shown));
    return report.all_explained() ? EXIT_OK : EXIT_CHECK_FAILED;
}

} // namespace cli
