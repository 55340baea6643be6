#include "oracle/report.h"

#include <algorithm>

#include "scenario/pfn_runs.h"
#include "json/reader.h"

namespace mm {

bool glob_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0, t = 0, star = std::string_view::npos, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

Result<std::vector<KnownDifference>> parse_known_differences(std::string_view text) {
    constexpr std::size_t MAX_ROWS = 500, MAX_TEXT = 1000;
    auto tree = parse_json(text);
    if (!tree) return tree.error();
    JsonReader reader(text);
    std::vector<KnownDifference> out;
    const auto read_row = [&](const Field& row, std::size_t) {
        KnownDifference known;
        const auto string = [&](const Field& object, std::string_view key, std::string& to) {
            return reader.required(object, key, [&](const Field& at) { return reader.text(at, MAX_TEXT, to); });
        };
        const bool ok =
            reader.object(row, {"kernel", "arch", "file", "kind", "max_per_file", "reason"}) &&
            string(row, "kernel", known.kernel) && string(row, "arch", known.arch) && string(row, "file", known.file) &&
            string(row, "kind", known.kind) &&
            reader.required(row, "max_per_file",
                            [&](const Field& at) { return reader.number(at, 1, 1'000'000, known.max_per_file); }) &&
            reader.required(row, "reason", [&](const Field& reason) {
                return reader.object(reason, {"en", "zh"}) && string(reason, "en", known.reason_en) &&
                       string(reason, "zh", known.reason_zh);
            });
        if (ok) out.push_back(std::move(known));
        return ok;
    };
    const Field root{&*tree, nullptr, {}, 0};
    const bool ok = reader.object(root, {"known_differences"}) &&
                    reader.required(root, "known_differences", [&](const Field& rows) {
                        return reader.list(rows, MAX_ROWS) && reader.each(rows, read_row);
                    });
    if (!ok) return reader.error();
    return out;
}

FactCount FileReport::total() const {
    FactCount sum;
    for (const auto& [area, count] : by_area) sum.add(count);
    return sum;
}

FactCount OracleReport::total() const {
    FactCount sum;
    for (const FileReport& file : files) sum.add(file.total());
    return sum;
}

bool OracleReport::all_explained() const {
    for (const FileReport& file : files)
        if (!file.unreadable.empty()) return false;
    return problems.empty() && total().different() == 0;
}

bool FactLog::equal_number(std::string_view kind, std::string_view place, i64 recorded, i64 engine) {
    return check(kind, recorded == engine, [&] {
        return std::string(place) + ": recorded " + std::to_string(recorded) + ", engine " + std::to_string(engine);
    });
}

void FactLog::not_compared(const std::string& what, u64 lines) {
    if (lines == 0) return;
    report_.lines_not_compared += lines;
    report_.not_compared[what] += lines;
}

void FactLog::differs(std::string_view kind, FactCount& count, std::string text) {
    const std::string& name = report_.known_as.empty() ? report_.file : report_.known_as;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const KnownDifference& row = known_[i];
        if (!glob_match(row.kind, kind) || !glob_match(row.file, name) || !glob_match(row.arch, report_.arch) ||
            !glob_match(row.kernel, report_.kernel))
            continue;
        u64& used = report_.known[i];
        if (used >= row.max_per_file) continue;
        ++used;
        ++count.known;
        return;
    }
    if (report_.differences.size() < MAX_DIFFERENCES_KEPT)
        report_.differences.push_back(std::string(kind) + ": " + std::move(text));
}

std::vector<std::string> unused_rows(const OracleReport& report, const std::vector<KnownDifference>& known) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < known.size(); ++i) {
        const bool used = std::any_of(report.files.begin(), report.files.end(), [&](const FileReport& file) {
            const auto row = file.known.find(i);
            return row != file.known.end() && row->second > 0;
        });
        const KnownDifference& row = known[i];
        if (!used)
            out.push_back("known_differences[" + std::to_string(i) + "] (kernel " + row.kernel + ", arch " + row.arch +
                          ", file " + row.file + ", kind " + row.kind + ") excuses nothing");
    }
    return out;
}

namespace {

// Names of files are others' words: a line feed in one does not begin a line here.
std::string line_of(std::string_view text) { return quotable(text, std::string_view::npos) + "\n"; }

// Every name, in lines that a terminal shows whole. Kinds lie between one another in the alphabet, so a first and a last name
// would tell nothing.
std::string file_names(const std::vector<std::string>& files) {
    constexpr std::size_t WIDTH = 112;
    std::vector<std::string> words;
    for (const std::string& file : files) words.push_back(file + (words.size() + 1 < files.size() ? "," : ""));
    std::string out;
    for (const std::string& line : wrap_words(words, WIDTH)) out += line_of("        " + line);
    return out;
}

std::string not_compared_text(const OracleReport& report) {
    std::string out;
    const std::string* machine = nullptr;
    for (const FilesNotCompared& row : report.files_not_compared) {
        if (!machine || *machine != row.machine) out += line_of("not compared of " + row.machine + ":");
        machine = &row.machine;
        out += "    " + std::string(row.why->en) + ": " + std::to_string(row.files.size()) +
               (row.files.size() == 1 ? " file\n" : " files\n") + file_names(row.files);
    }
    for (const FolderNotCompared& folder : report.folders_not_compared)
        out += line_of("not compared: " + folder.folder + " (" + std::to_string(folder.files) +
                       " files): " + folder.why_en);
    return out;
}

} // namespace

std::string failures_text(const OracleReport& report) {
    std::string out;
    for (const FileReport& file : report.files)
        if (!file.unreadable.empty())
            out += line_of(file.machine + "/" + file.file + ": cannot be compared: " + file.unreadable);
    for (const std::string& problem : report.problems) out += line_of("problem: " + problem);
    return out;
}

std::string report_text(const OracleReport& report, std::size_t differences_shown) {
    std::string out;
    u64 files = 0;
    for (const FileReport& file : report.files) {
        if (!file.unreadable.empty()) continue;
        ++files;
        const FactCount sum = file.total();
        std::string line = file.machine + "/" + file.file + ": facts compared " + std::to_string(sum.compared) +
                           ", equal " + std::to_string(sum.equal) + ", known differences " + std::to_string(sum.known);
        if (sum.different() > 0) line += ", differences " + std::to_string(sum.different());
        if (!file.differences.empty()) line += ", first difference: " + file.differences.front();
        out += line_of(line);
        for (std::size_t i = 1; i < file.differences.size() && i < differences_shown; ++i)
            out += line_of("    " + file.differences[i]);
        if (file.lines_not_compared > 0) {
            out += "    not compared: " + std::to_string(file.lines_not_compared) + " lines (";
            bool first = true;
            for (const auto& [what, lines] : file.not_compared) {
                out += (first ? "" : ", ") + what + " " + std::to_string(lines);
                first = false;
            }
            out += ")\n";
        }
    }
    out += failures_text(report);
    for (const std::string& note : report.notes) out += line_of("note: " + note);
    out += not_compared_text(report);
    const FactCount sum = report.total();
    out += "oracle: " + std::to_string(files) + " files, " + std::to_string(sum.compared) + " facts compared, " +
           std::to_string(sum.equal) + " equal, " + std::to_string(sum.known) + " known differences, " +
           std::to_string(sum.different()) + " differences\n";
    return out;
}

} // namespace mm
