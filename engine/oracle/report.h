#pragma once
// What a comparison of the engine with recordings found: facts counted by area and kind, differences with their
// places, and which differences are known.
//
// A fact is one number, one list or one answer that both the kernel and the engine give. Kinds are named AREA-free
// and stable ("wmark.min", "page.pfn", "dump.free_list"): rows of known differences name them.
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"

namespace mm {

// What a fact is about, in the order of the conformance table.
enum class Area : u8 {
    memblock,
    boot_zones,
    zonelists,
    watermarks,
    protection,
    pcp_sizes,
    buddy,
    pcp,
    fallback,
    exhaustion,
    random,
    gfp_zones,
    numa,
    proc_text,
    layout,
    page_scripts,
    page_tables,
    slab,
    vmalloc,
    walks,
    mappings,
    faults,
    other,
    count
};
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Area::count)> area_names = {
    "memblock",    "boot zones", "zonelists", "watermarks", "protection", "pcp sizes",  "buddy",  "pcp",
    "fallback",    "exhaustion", "random",    "gfp zones",  "NUMA",       "/proc text", "layout", "page scripts",
    "page tables", "slab",       "vmalloc",   "walks",      "mappings",   "faults",     "other"};
[[nodiscard]] constexpr std::string_view area_name(Area area) { return area_names[static_cast<std::size_t>(area)]; }

// A difference that is expected, with its reason. It covers at most `max_per_file` facts of a file.
struct KnownDifference {
    std::string kernel, arch, file, kind; // globs: '*' any text, '?' one character
    std::string reason_en, reason_zh;
    u64 max_per_file = 0;
};

[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);

// Reads tests/oracle/known-differences.json. Errors name line and column.
[[nodiscard]] Result<std::vector<KnownDifference>> parse_known_differences(std::string_view text);

struct FactCount {
    u64 compared = 0;
    u64 equal = 0;
    u64 known = 0;
    [[nodiscard]] u64 different() const { return compared - equal - known; }
    void add(const FactCount& other) {
        compared += other.compared;
        equal += other.equal;
        known += other.known;
    }
};

struct FileReport {
    std::string machine, kernel, arch, file;
    std::string known_as; // what rows of known differences call the file, if it says itself what it is
    std::map<Area, FactCount> by_area;
    std::vector<std::string> differences; // the first MAX_DIFFERENCES_KEPT
    std::map<std::size_t, u64> known;     // row of known differences -> how often
    u64 lines_not_compared = 0;
    std::map<std::string, u64> not_compared; // what those lines are about
    std::string unreadable;                  // why the file was not compared at all

    [[nodiscard]] FactCount total() const;
};

// Why nothing is compared in files of some kinds: what they are.
struct WhyNotCompared {
    std::string_view en, zh;
};

// Files of one machine that nothing was compared in, for one reason.
struct FilesNotCompared {
    std::string machine;
    const WhyNotCompared* why = nullptr;
    std::vector<std::string> files;
};

// A whole folder that was not compared.
struct FolderNotCompared {
    std::string folder;
    u64 files = 0;
    std::string why_en, why_zh;
};

inline constexpr std::size_t MAX_DIFFERENCES_KEPT = 50;

// Receives the facts of one file.
class FactLog {
  public:
    FactLog(FileReport& report, const std::vector<KnownDifference>& known) : report_(report), known_(known) {}

    void set_area(Area area) { area_ = area; }
    [[nodiscard]] Area area() const { return area_; }

    // Counts a fact. `describe()` makes the sentence for a difference.
    template <class Describe>
    bool check(std::string_view kind, bool equal, Describe describe) {
        FactCount& count = report_.by_area[area_];
        ++count.compared;
        if (equal)
            ++count.equal;
        else
            differs(kind, count, describe());
        return equal;
    }

    bool equal_number(std::string_view kind, std::string_view place, i64 recorded, i64 engine);
    void not_compared(const std::string& what, u64 lines);

  private:
    void differs(std::string_view kind, FactCount& count, std::string text);

    FileReport& report_;
    const std::vector<KnownDifference>& known_;
    Area area_ = Area::other;
};

struct OracleReport {
    std::vector<FileReport> files;
    std::vector<FilesNotCompared> files_not_compared; // by machine, then reason
    std::vector<FolderNotCompared> folders_not_compared;
    std::vector<std::string> problems; // machines that could not be read, rows that nothing uses
    std::vector<std::string> notes;    // what was guessed about machines

    [[nodiscard]] FactCount total() const;
    // No unknown difference, and every machine and file could be read.
    [[nodiscard]] bool all_explained() const;
};

// One line a file, then by machine what is not compared and why, and a summary as the last line. With `differences_shown` above 1 the further
// differences of each file follow its line.
[[nodiscard]] std::string report_text(const OracleReport& report, std::size_t differences_shown = 1);

// Rows of known differences that excuse nothing in the report, a sentence each.
[[nodiscard]] std::vector<std::string> unused_rows(const OracleReport& report,
                                                   const std::vector<KnownDifference>& known);

// Files and machines that could not be read, a line each.
[[nodiscard]] std::string failures_text(const OracleReport& report);

// The conformance table: by kernel, machine and area. Markdown for people, JSON for the page.
[[nodiscard]] std::string conformance_markdown(const OracleReport& report, const std::vector<KnownDifference>& known);
[[nodiscard]] std::string conformance_json(const OracleReport& report, const std::vector<KnownDifference>& known);

} // namespace mm
