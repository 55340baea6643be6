#include "recording/proc_turns.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace mm {

namespace {

using Step = RecordedVmaStep;
using Kind = RecordedVmaStep::Kind;

constexpr u64 PAGE = 4096;
constexpr u64 PROC_BYTES = 256ull << 20; // that the program works in

struct Turn {
    std::string_view section; // how its title begins
    std::string_view line;    // how the line begins, before which it happens
    u32 nth;                  // such line of the section
    Kind what;
    u64 args[2] = {};
    bool from_base = false; // args[0] counts from where the program works
};
constexpr Turn TURNS[] = {
    {"fork: what is copied", "  where child anon", 1, Kind::fork},
    {"fork: what is copied", "  child's rusage", 1, Kind::exit},
    {"vfork", "-- child", 1, Kind::vfork},
    {"vfork", "  mapcounts child", 1, Kind::access, {0, 77}, true},
    {"vfork", "  mapcounts child", 1, Kind::mmap, {0x10'0000, PAGE}, true},
    {"vfork", "  x=", 1, Kind::exit},
    {"shared file mapping", "8 file pages: mmap(", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"shared file mapping", "again: mmap(", 1, Kind::fsync},
    {"shared file mapping", "msync((void *)A, PS, MS_SYNC | MS_INVALIDATE)", 1, Kind::mlock_range, {0, PAGE}, true},
    {"shared file mapping", "msync((void *)A, PS, MS_SYNC | MS_INVALIDATE)", 2, Kind::munlock_range, {0, PAGE}, true},
    {"truncate, extend", "  byte past the end", 1, Kind::access, {5 * PAGE + 200, 9}, true},
    {"write() to a file", "  after write(): ", 1, Kind::pwrite, {0, 'Z'}},
    {"write() to a file", "  after the private copy", 1, Kind::pwrite, {0, 'Q'}},
    {"mlock, munlock", "8 pages untouched: mmap(", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"mlock, munlock", "mprotect(", 2, Kind::munlockall},
    {"mlock, munlock", "MAP_LOCKED: mmap(", 1, Kind::munlockall},
    {"mlock, munlock", "  locked child", 1, Kind::fork},
    {"mlock, munlock", "munmap(", 2, Kind::exit},
    {"mlock, munlock", "==== ", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"MAP_FIXED_NOREPLACE", "base 4 pages", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"MAP_FIXED_NOREPLACE", "munmap(", 1, Kind::munmap, {0, PAGE}},
    {"mremap of shared", "shared 4: mmap(", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"mremap of shared", "anon 4: mmap(", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"write through /proc/self/mem", "file private r: mmap(", 1, Kind::munmap, {0, PROC_BYTES}, true},
    {"exec:", "echo ", 1, Kind::mlockall, {2}},
    {"exec:", "==== ", 1, Kind::munlockall},
    {"READ_IMPLIES_EXEC", "prot r: mmap(", 1, Kind::fork},
    {"READ_IMPLIES_EXEC", "prot r: mmap(", 1, Kind::personality, {0x40'0000}},
    {"layout with ADDR_COMPAT_LAYOUT", "-- after exec", 1, Kind::fork},
    {"layout with ADDR_COMPAT_LAYOUT", "-- after exec", 1, Kind::personality, {0x20'0000}},
    {"prctl", "4 pages: mmap(", 1, Kind::munmap, {0, PROC_BYTES}, true},
};

// Mappings whose first pages are written, 1, 2, ... in each.
struct Filled {
    std::string_view title;
    u64 pages; // 0: all
};
constexpr Filled FILLED[] = {{"pages", 0}, {"shared anon", 4}, {"shared 4", 0}, {"anon 4", 0}};

Step silent(Kind kind, u64 first = 0, u64 second = 0, u64 third = 0) {
    Step step;
    step.kind = kind;
    step.silent = true;
    step.args[0] = first, step.args[1] = second, step.args[2] = third;
    if (kind == Kind::access) step.word = "w";
    return step;
}

Step anonymous(u64 address, u64 bytes, bool shared) {
    Step step = silent(Kind::mmap, address, bytes, 3);
    step.args[3] = shared ? 0x31 : 0x32; // MAP_FIXED | MAP_ANONYMOUS
    step.args[4] = ~u64{0};
    return step;
}

// "64 MiB", "1 GiB"; 0: none is said.
u64 stack_limit_of(std::string_view title) {
    if (title.find("unlimited stack") != std::string_view::npos) return ~u64{0};
    const std::size_t place = title.find("with a ");
    if (place == std::string_view::npos || title.find("stack limit") == std::string_view::npos) return 0;
    u64 number = 0;
    const char* const first = title.data() + place + 7;
    const auto read = std::from_chars(first, title.data() + title.size(), number);
    const std::string_view unit(read.ptr, static_cast<std::size_t>(title.data() + title.size() - read.ptr));
    if (number > 1u << 20) return 0;
    return unit.starts_with(" MiB") ? number << 20 : unit.starts_with(" GiB") ? number << 30 : 0;
}

// "madvise on the middle of an 8-page mapping: ..."
u64 pages_of_section(std::string_view title) {
    const std::size_t place = title.find("-page mapping");
    if (place == std::string_view::npos) return 0;
    std::size_t first = place;
    while (first > 0 && title[first - 1] >= '0' && title[first - 1] <= '9') --first;
    u64 pages = 0;
    std::from_chars(title.data() + first, title.data() + place, pages);
    return std::min<u64>(pages, 1 << 10);
}

} // namespace

void ProcTurns::begin_section(std::string_view title, std::vector<Step>& steps) {
    for (; children_ > 0; --children_) steps.push_back(silent(Kind::exit));
    for (std::size_t i = 0; i < std::size(TURNS); ++i)
        if (TURNS[i].line == "==== " && std::string_view(section_).starts_with(TURNS[i].section))
            steps.push_back(
                silent(TURNS[i].what, TURNS[i].args[0] + (TURNS[i].from_base ? base_ : 0), TURNS[i].args[1]));
    section_ = title;
    seen_.assign(std::size(TURNS), 0);
}

// What many sections do alike.
void ProcTurns::general(std::string_view line, std::vector<Step>& steps) {
    if (line.starts_with("pages: mmap(")) steps.push_back(silent(Kind::munmap, base_, PROC_BYTES));
    if (unmap_bytes_ > 0 && line.find(": mmap(") != std::string_view::npos) {
        steps.push_back(silent(Kind::munmap, unmap_, unmap_bytes_));
        unmap_bytes_ = 0;
    }
    if (line.starts_with("-- generation ")) {
        const bool ended = line.ends_with("has ended");
        if (ended) steps.push_back(silent(Kind::exit));
        if (!ended && line != "-- generation 0") steps.push_back(silent(Kind::fork));
    }
    if (line == "-- after exec" && children_ == 0) steps.push_back(silent(Kind::fork));
    if (line.starts_with("  smaps heap ")) {
        u64 address = 0;
        std::from_chars(line.data() + 13, line.data() + line.size(), address, 16);
        steps.push_back(silent(Kind::fill, address, 2));
    }
    const u64 pages = pages_of_section(section_);
    if (pages > 0 && line.starts_with("-- ") && line.ends_with(" mapping")) {
        steps.push_back(silent(Kind::munmap, base_, 2 * pages * PAGE));
        steps.push_back(anonymous(base_, pages * PAGE, line.ends_with("shared mapping")));
        steps.push_back(silent(Kind::fill, base_, pages));
    }
}

std::vector<Step> ProcTurns::before(std::string_view line) {
    std::vector<Step> steps;
    if (line.starts_with("==== ")) {
        begin_section(line.substr(5), steps);
        return steps;
    }
    if (const std::size_t place = line.find(": mmap("); base_ == 0 && place != std::string_view::npos)
        std::from_chars(line.data() + place + 7, line.data() + line.size(), base_, 16);
    for (std::size_t i = 0; i < std::size(TURNS) && !seen_.empty(); ++i) {
        const Turn& turn = TURNS[i];
        if (!std::string_view(section_).starts_with(turn.section) || !line.starts_with(turn.line)) continue;
        if (++seen_[i] != turn.nth) continue;
        const u64 first = turn.args[0] + (turn.from_base ? base_ : 0);
        steps.push_back(turn.what == Kind::mmap ? anonymous(first, turn.args[1], false)
                                                : silent(turn.what, first, turn.args[1]));
        if (turn.what == Kind::fork || turn.what == Kind::vfork) ++children_;
        if (turn.what == Kind::exit && children_ > 0) --children_;
    }
    std::vector<Step> always;
    general(line, always);
    for (Step& step : always) {
        if (step.kind == Kind::fork) ++children_;
        if (step.kind == Kind::exit && children_ > 0) --children_;
        steps.push_back(std::move(step));
    }
    if (line == "-- after exec") steps.push_back(silent(Kind::exec, stack_limit_of(section_)));
    return steps;
}

std::vector<Step> ProcTurns::between_lists() {
    if (!std::string_view(section_).ends_with("in the child") || children_ > 0) return {};
    ++children_;
    return {silent(Kind::fork)};
}

std::vector<Step> ProcTurns::behind(const Step& mapping) {
    const u64 start = static_cast<u64>(mapping.result), bytes = mapping.args[1];
    for (const Filled& filled : FILLED)
        if (filled.title == mapping.title && mapping.error.empty())
            return {silent(Kind::fill, start, filled.pages == 0 ? std::min<u64>(bytes / PAGE, 1 << 12) : filled.pages)};
    // Each of the first tries of MAP_FIXED_NOREPLACE that succeeds is taken away again.
    if (mapping.error.empty() && (mapping.args[3] & 0x10'0000) != 0 && start == mapping.args[0])
        unmap_ = start, unmap_bytes_ = bytes;
    return {};
}

} // namespace mm
