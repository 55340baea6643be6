#include "recording/proc_lines.h"

#include <algorithm>

#include "recording/text.h"

namespace mm {

namespace {

using Step = RecordedVmaStep;
using Kind = RecordedVmaStep::Kind;

constexpr u64 PAGE = 4096;
constexpr u64 NEAR_READS = 0x1'0000; // pages of the first mapping that a line names by number

struct CallKind {
    std::string_view name;
    Kind kind;
    std::size_t args;
    std::size_t skipped; // arguments that the step does not have: a descriptor
};
constexpr CallKind CALLS[] = {
    {"msync", Kind::msync, 3, 0},           {"fsync", Kind::fsync, 0, 1},       {"ftruncate", Kind::truncate, 1, 1},
    {"fallocate", Kind::fallocate, 3, 1},   {"mlock", Kind::mlock_range, 2, 0}, {"mlock2", Kind::mlock_range, 3, 0},
    {"munlock", Kind::munlock_range, 2, 0}, {"mlockall", Kind::mlockall, 1, 0}, {"munlockall", Kind::munlockall, 0, 0},
    {"prctl", Kind::prctl, 3, 0},
};

// "0", "ENOMEM", "-1 errno5"
void read_outcome(std::string_view text, Step& step) {
    TextCursor at(text);
    if (at.eat("-1 ")) {}
    if (at.rest() != "0" && !at.rest().empty() && (at.peek() < '0' || at.peek() > '9')) step.error = at.rest();
}

// Fields of one line of smaps or status; words that are no field end it. "VmFlags:" takes the rest.
bool read_fields(TextCursor& at, Step& step) {
    while (at.skip_blanks(), !at.at_end()) {
        if (at.eat("VmFlags:")) {
            step.flags = std::string(at.rest()) + (at.rest().ends_with(' ') ? "" : " ");
            return true;
        }
        if (at.eat("statm=")) {
            for (std::string_view word = at.word(); !word.empty(); word = at.word()) {
                step.words.emplace_back(word);
                at.skip_blanks();
            }
            return true;
        }
        const std::string name(at.word(":"));
        u64 value = 0;
        if (name.empty() || !at.eat(":") || !at.number(value)) return false;
        step.fields[name] = value;
    }
    return true;
}

constexpr const char* SMAPS_FIELDS[] = {
    "Size",       "Rss",       "Pss",      "Shared_Clean",  "Shared_Dirty",   "Private_Clean", "Private_Dirty",
    "Referenced", "Anonymous", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "Locked"};

// "  smaps NAME va: Size:32 ..."
bool read_smaps(std::string_view line, Step& step) {
    const std::size_t colon = line.find(": ", 8), blank = line.rfind(' ', colon);
    if (colon == std::string_view::npos || blank == std::string_view::npos || blank < 7) return false;
    TextCursor address(line.substr(blank + 1));
    if (!address.number(step.args[0], 16)) return false;
    for (const char* name : SMAPS_FIELDS) step.fields[name] = 0;
    TextCursor at(line.substr(colon + 1));
    step.kind = Kind::smaps;
    return read_fields(at, step);
}

bool read_status(std::string_view line, Step& step) {
    const std::size_t start = line.find(": VmPeak:");
    if (start == std::string_view::npos) return false;
    TextCursor at(line.substr(start + 1));
    step.kind = Kind::status;
    return read_fields(at, step);
}

bool read_vmstat(std::string_view line, Step& step) {
    TextCursor at(line);
    if (!at.find(":")) return false;
    if (const std::size_t last = line.rfind(':'); !at.rest().empty() && at.rest().find(": ") != std::string_view::npos)
        at = TextCursor(line.substr(last + 1));
    step.kind = Kind::vmstat;
    while (at.skip_blanks(), !at.at_end()) {
        const std::string name(at.word("+-"));
        const bool minus = at.peek() == '-';
        u64 value = 0;
        if ((!at.eat("+") && !at.eat("-")) || !at.number(value, 10, 1ull << 40)) return false;
        step.changes[name] = minus ? -static_cast<i64>(value) : static_cast<i64>(value);
    }
    return true;
}

bool read_locked(std::string_view line, Step& step) {
    TextCursor at(line);
    u64 kb = 0, locked = 0, unevictable = 0;
    if (!at.find(": VmLck=") || !at.number(kb) || !at.find("nr_mlock=") || !at.number(locked)) return false;
    if (!at.find("nr_unevictable=") || !at.number(unevictable)) return false;
    step.kind = Kind::locked;
    step.fields = {{"VmLck", kb}, {"nr_mlock", locked}, {"nr_unevictable", unevictable}};
    return true;
}

bool read_thp(std::string_view line, Step& step) {
    TextCursor at(line);
    if (!at.eat("echo ") || line.find("transparent_hugepage/enabled") == std::string_view::npos) return false;
    step.kind = Kind::thp;
    step.word = at.word();
    return true;
}

Step value_step(u64 address, u64 value) {
    Step step;
    step.kind = Kind::value;
    step.args[0] = address, step.args[1] = value;
    return step;
}

} // namespace

void ProcLines::begin_section(std::string_view title) { section_ = title; }

std::string_view ProcLines::not_modelled() const {
    if (section_.starts_with("KSM")) return "KSM, which merges pages that are alike, is not modelled";
    if (section_.starts_with("hugetlb")) return "hugetlb, whose pages are reserved by hand, is not modelled";
    return {};
}

void ProcLines::note(const Step& step) {
    if (step.kind == Kind::access) last_access_ = step.args[0];
    if (step.kind != Kind::mmap || step.silent || !step.error.empty()) return;
    last_mapping_ = static_cast<u64>(step.result);
    mappings_[step.title] = last_mapping_;
    if (base_ != 0) return;
    base_ = last_mapping_;
    names_ = {{"A", base_}, {"f", 0}};
}

u64 ProcLines::mapping(std::string_view title) const {
    const auto known = mappings_.find(title);
    return known == mappings_.end() ? 0 : known->second;
}

bool ProcLines::read_call(std::string_view line, Step& step) const {
    const std::optional<CCall> call = read_c_call(line, names_);
    if (!call || !call->rest.starts_with(" = ")) return false;
    const auto kind = std::find_if(std::begin(CALLS), std::end(CALLS),
                                   [&](const CallKind& known) { return known.name == call->name; });
    if (kind == std::end(CALLS) || call->args.size() < kind->args + kind->skipped) return false;
    step.kind = kind->kind;
    std::copy_n(call->args.begin() + static_cast<std::ptrdiff_t>(kind->skipped), kind->args, step.args);
    read_outcome(call->rest.substr(3), step);
    return true;
}

// "  where NAME va: P P -", "  mapcounts NAME va: 1 2 -", "  mincore NAME va: 110"
bool ProcLines::read_list(std::string_view line, Step& step) const {
    TextCursor at(line);
    step.kind = at.eat("  where ")       ? Kind::where
                : at.eat("  mapcounts ") ? Kind::mapcounts
                : at.eat("  mincore ")   ? Kind::mincore_at
                                         : Kind::mmap;
    const std::size_t colon = line.rfind(':');
    if (step.kind == Kind::mmap || colon == std::string_view::npos) return false;
    const std::size_t blank = line.rfind(' ', colon);
    TextCursor address(line.substr(blank + 1));
    if (!address.number(step.args[0], 16)) return false;
    at = TextCursor(line.substr(colon + 1));
    while (at.skip_blanks(), !at.at_end()) step.words.emplace_back(at.word());
    if (step.kind == Kind::mincore_at && !step.words.empty()) step.word = step.words.front();
    return true;
}

// Bytes that the program has read, and what it read them from.
bool ProcLines::read_values(std::string_view line, std::vector<Step>& steps) const {
    struct ValueLine {
        std::string_view before;
        u64 address;
    };
    const ValueLine forms[] = {{"  value=", last_access_},
                               {"  private copy of 3=", last_access_},
                               {"  old reads ", last_access_},
                               {"  hole read: ", mapping("shared")},
                               {"  seen through the first: ", base_}};
    for (const ValueLine& form : forms) {
        TextCursor at(line);
        u64 value = 0;
        if (!at.eat(form.before) || !at.number(value, 16, 0xff)) continue;
        steps.push_back(value_step(form.address, value));
        return true;
    }
    TextCursor at(line);
    u64 first = 0, second = 0, page = 0;
    if ((at.eat("  after write(): shared=") || at.eat("  after the private copy and another write(): shared=")) &&
        at.number(first, 16, 0xff) && at.eat(" private=") && at.number(second, 16, 0xff)) {
        steps = {value_step(mapping("shared"), first), value_step(mapping("private"), second)};
        return true;
    }
    if (at.eat("  x=") && at.number(page) && at.eat(" byte=") && at.number(first, 10, 0xff)) {
        steps = {value_step(base_, first)};
        return true;
    }
    if (!at.eat("  child's ")) return false;
    while (at.skip_blanks(), at.number(page, 10, NEAR_READS) && at.eat("=") && at.number(first, 10, 0xff))
        steps.push_back(value_step(base_ + page * PAGE, first));
    return !steps.empty() && at.at_end();
}

bool ProcLines::read(std::string_view line, std::vector<Step>& steps) {
    Step step;
    TextCursor at(line);
    if (at.eat("pwrite(/proc/self/mem) = ")) {
        step.kind = Kind::mem_write;
        step.args[0] = base_, step.args[1] = 'W';
        read_outcome(at.word(), step);
        if (at.find("value=") && at.peek() == 'W') steps = {step, value_step(base_, 'W')};
        if (steps.empty()) steps = {step};
        if (line.find(" = -1") != std::string_view::npos) steps.front().error = "EIO";
        return true;
    }
    if (at.eat("pwrite to a shared read-only mapping = ") || at.eat("process_vm_writev to a read-only mapping = ")) {
        const bool vm = line.starts_with("process_vm");
        step.kind = Kind::mem_write;
        step.args[0] = vm ? base_ : last_mapping_, step.args[1] = 'W';
        step.word = vm ? "vm" : "";
        read_outcome(at.rest(), step);
        if (step.error == "errno5") step.error = "EIO";
        steps = {step};
        return true;
    }
    const bool read = read_call(line, step) || (step = {}, read_list(line, step)) ||
                      (line.starts_with("  smaps ") && read_smaps(line, step)) ||
                      (line.starts_with("  status ") && read_status(line, step)) ||
                      (line.starts_with("  vmstat ") && read_vmstat(line, step)) ||
                      (step = {}, read_locked(line, step)) || read_thp(line, step);
    if (read) {
        steps = {step};
        return true;
    }
    if (read_entry(line, step.entry)) {
        step.kind = Kind::entry;
        step.args[0] = step.entry.address;
        steps = {step};
        return true;
    }
    if (line.starts_with("  ") && line.find(": minflt+") != std::string_view::npos) {
        TextCursor faults(line.substr(line.find(": minflt+") + 2));
        step.kind = Kind::faults;
        if (!faults.eat("minflt+") || !faults.number(step.minor) || !faults.eat(" majflt+")) return false;
        steps = {step};
        return faults.number(steps.front().major);
    }
    return read_values(line, steps);
}

bool read_maps_part(std::string_view text, RecordedMapsLine& line) {
    TextCursor at(text);
    if (!at.number(line.start, 16) || !at.eat("-") || !at.number(line.end, 16) || !at.eat(" ")) return false;
    line.rights = at.word();
    at.skip_blanks();
    if (line.rights.size() != 4 || !at.number(line.offset, 16)) return false;
    at.skip_blanks(), at.word(); // device
    at.skip_blanks(), at.word(); // inode
    at.skip_blanks();
    if (at.eat("VmFlags: "))
        line.flags = std::string(at.rest()) + (at.rest().ends_with(' ') ? "" : " ");
    else
        line.name = at.rest();
    while (line.name.ends_with(' ')) line.name.pop_back();
    return line.start < line.end;
}

std::string why_no_step(std::string_view line) {
    const auto has = [&](std::string_view text) { return line.find(text) != std::string_view::npos; };
    if (has("1000 pages more ended"))
        return "free pages behind an exit: the program's own and all other tasks' are among them";
    if (has("zombie") || has("statm:") || has("(zombie)") || line == "    0 0 0 0 0 0 0")
        return "what /proc says of a process that has ended";
    if (has("rusage")) return "what a process has used in all, the program's own pages among it";
    if (has("byte past the end") || has("the byte="))
        return "bytes of a page apart: the engine keeps one for each page";
    if (has("blocks=")) return "blocks of a file on its disk";
    if (has("oom_score_adj") || has("PR_GET_") || has("personality="))
        return "settings of a process that are not memory's";
    if (has("stat: ")) return "/proc/PID/stat";
    if (has("process_vm_readv")) return "process_vm_readv(), which reads what is there";
    return "other lines of the program";
}

} // namespace mm
