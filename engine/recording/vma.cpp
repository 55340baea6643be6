#include "recording/vma.h"

#include <algorithm>

#include "recording/proc_lines.h"
#include "recording/proc_turns.h"
#include "recording/program_turns.h"
#include "recording/text.h"

namespace mm {

namespace {

using Step = RecordedVmaStep;
using Kind = RecordedVmaStep::Kind;

// ---- Random calls --------------------------------------------------------------------------------------------------

// user-vmarand prints no advice of madvise(), which its random numbers decide: the program's generator is run again.
class RandomAdvice {
  public:
    void seed(u64 seed) {
        state_ = seed;
        known_ = true;
    }
    [[nodiscard]] bool known() const { return known_; }

    // The draws of the call number n, in the program's order; the advice, where it is one.
    std::string next(bool anywhere_failed_before) {
        if (anywhere_pending_) places_ += anywhere_failed_before || places_ == 64 ? 0 : 1;
        anywhere_pending_ = false;
        draw(64), draw(8), draw(7);
        switch (draw(14)) {
        case 4: draw(2); break;
        case 8: anywhere_pending_ = true; break;
        case 9:
            if (places_ > 0) draw(places_--), draw(4);
            break;
        case 10: draw(8), draw(2); break;
        case 11: draw(20); break;
        case 12: draw(4096); break;
        case 13: return draw(2) != 0 ? "DONTNEED" : "DONTFORK";
        default: break;
        }
        return {};
    }

  private:
    u32 draw(u32 below) {
        state_ = state_ * 6364136223846793005ull + 1442695040888963407ull;
        return static_cast<u32>(state_ >> 33) % below;
    }

    u64 state_ = 0;
    u32 places_ = 0;
    bool anywhere_pending_ = false, known_ = false;
};

// ---- Lines ---------------------------------------------------------------------------------------------------------

bool read_maps_line(std::string_view text, RecordedMapsLine& line) {
    TextCursor at(text);
    if (!at.number(line.start, 16) || !at.eat("-") || !at.number(line.end, 16) || !at.eat(" ")) return false;
    line.rights = at.word();
    if (line.rights.size() != 4) return false;
    at.skip_blanks();
    if (!at.number(line.offset, 16)) return false;
    at.skip_blanks();
    at.word(); // device
    at.skip_blanks();
    at.word(); // inode
    at.skip_blanks();
    line.name = at.rest();
    while (line.name.ends_with(' ')) line.name.pop_back();
    return true;
}

// "fffff7ffc000", "0", "-ENOMEM", "ENOMEM", "-1 ENOMEM"
void read_result(TextCursor at, Step& step) {
    if (at.eat("-1 ") || at.eat("-")) {}
    if (at.peek() == 'E' && at.rest().size() > 1 && at.rest()[1] >= 'A' && at.rest()[1] <= 'Z') {
        step.error = at.word();
        return;
    }
    u64 value = 0;
    if (at.number(value, 16)) step.result = static_cast<i64>(value);
}

// The arguments between the brackets, whatever they are called; "+1p" is a number of pages.
bool read_args(TextCursor& at, Step& step) {
    std::size_t count = 0;
    for (; count < 6; ++count) {
        at.skip_blanks();
        if (at.eat("prot=") || at.eat("flags=") || at.eat("off=")) {}
        const bool descriptor = at.eat("fd=");
        if (at.eat("-1")) {
            step.args[count] = ~0ull;
        } else if (at.eat("+")) {
            if (!at.number(step.args[count])) return false;
        } else if (!at.number(step.args[count], descriptor ? 10 : 16)) {
            return false;
        }
        at.eat("p");
        if (!at.eat(",")) break;
    }
    return at.eat(") = ");
}

bool read_madvise(TextCursor& at, Step& step) {
    if (!at.number(step.args[0], 16) || !at.eat(", ") || !at.number(step.args[1], 16) || !at.eat(", ")) return false;
    const std::string_view rest = at.rest();
    const std::size_t end = rest.rfind(") = ");
    if (end == std::string_view::npos) return false;
    step.word = rest.substr(0, rest.find_first_of(" )"));
    return at.eat(rest.substr(0, end)) && at.eat(") = ");
}

// "minflt+1 majflt+0"
bool read_faults(TextCursor& at, Step& step) {
    at.skip_blanks();
    return at.eat("minflt+") && at.number(step.minor) && at.eat(" majflt+") && at.number(step.major);
}

bool read_access(std::string_view text, Step& step) {
    TextCursor at(text);
    if (!at.find("access ")) return false;
    step.kind = Kind::access;
    step.word = at.word();
    at.skip_blanks();
    if (!at.number(step.args[0], 16) || !at.eat(" -> ")) return false;
    if (!at.eat("ok")) {
        const std::string_view signal = at.word();
        at.skip_blanks();
        step.error = std::string(signal) + " " + std::string(at.word());
        if (!at.find("si_addr=") || !at.number(step.fault_address, 16)) return false;
        if (at.eat(" esr=")) at.number(step.esr, 16);
    }
    step.counted = read_faults(at, step);
    return true;
}

struct CallName {
    std::string_view text;
    Kind kind;
};
constexpr CallName CALLS[] = {
    {"mmap(", Kind::mmap},       {"munmap(", Kind::munmap}, {"mprotect(", Kind::mprotect}, {"mremap(", Kind::mremap},
    {"madvise(", Kind::madvise}, {"brk(", Kind::brk},       {"mlock(", Kind::mlock},       {"munlock", Kind::munlock},
};

bool read_call(std::string_view text, const std::string& section, Step& step) {
    for (const CallName& call : CALLS) {
        const std::size_t place = text.find(call.text);
        if (place == std::string_view::npos || (place != 0 && (place < 2 || text.substr(place - 2, 2) != ": ")))
            continue;
        step.kind = call.kind;
        step.title = place == 0 ? section : std::string(text.substr(0, place - 2));
        TextCursor at(text.substr(place + call.text.size()));
        const bool read = call.kind == Kind::munlock   ? at.eat(" = ")
                          : call.kind == Kind::madvise ? read_madvise(at, step)
                                                       : read_args(at, step);
        if (!read) return false;
        read_result(at, step);
        if (at.find(" minflt+")) {
            at = TextCursor(text.substr(text.rfind("minflt+")));
            step.counted = read_faults(at, step);
        }
        return true;
    }
    return false;
}

// ---- The kernel's dump ---------------------------------------------------------------------------------------------

void named(std::string_view text, std::string_view name, u64& value, int base) {
    TextCursor at(text);
    if (at.find(name)) at.number(value, base);
}

void read_mm(std::string_view text, RecordedMm& mm) {
    named(text, " mmap_base=", mm.mmap_base, 16);
    named(text, " task_size=", mm.task_size, 16);
    named(text, " map_count=", mm.map_count, 10);
    named(text, " total_vm=", mm.total_vm, 10);
    named(text, " locked_vm=", mm.locked_vm, 10);
    named(text, " data_vm=", mm.data_vm, 10);
    named(text, " exec_vm=", mm.exec_vm, 10);
    named(text, " stack_vm=", mm.stack_vm, 10);
    named(text, " def_flags=", mm.def_flags, 16);
}

void range(TextCursor& at, std::string_view name, u64& start, u64& end) {
    if (at.find(name) && at.number(start, 16) && at.eat("-")) at.number(end, 16);
}

void read_places(std::string_view text, RecordedMm& mm) {
    TextCursor at(text);
    range(at, "code=", mm.start_code, mm.end_code);
    range(at, " data=", mm.start_data, mm.end_data);
    range(at, " brk=", mm.start_brk, mm.brk);
    if (at.find(" stack=")) at.number(mm.start_stack, 16);
    range(at, " arg=", mm.arg_start, mm.arg_end);
    range(at, " env=", mm.env_start, mm.env_end);
}

bool read_vma(std::string_view text, RecordedUserVma& vma) {
    TextCursor at(text);
    if (!at.eat("  VMA ") || !at.number(vma.start, 16) || !at.eat("-") || !at.number(vma.end, 16)) return false;
    named(text, " flags=", vma.flags, 16);
    named(text, " pgoff=", vma.pgoff, 16);
    named(text, " anon_vma=", vma.anon_vma, 16);
    named(text, " file=", vma.file, 16);
    return vma.start < vma.end;
}

// "  after one read at page 20: 16 pages mapped, from 16 to 31 (fault-around)"
bool read_mapped(std::string_view text, Step& step) {
    const std::size_t colon = text.find(": ");
    if (!text.starts_with("  after ") || colon == std::string_view::npos) return false;
    TextCursor at(text.substr(colon + 2));
    if (!at.number(step.args[0]) || !at.eat(" pages mapped")) return false;
    step.args[3] = at.eat(", from ") && at.number(step.args[1]) && at.eat(" to ") && at.number(step.args[2]) ? 1 : 0;
    step.kind = Kind::mapped;
    return true;
}

// Lines of a word or a number or two.
bool read_small(std::string_view text, Step& step) {
    TextCursor at(text);
    if (at.eat("echo ") && text.ends_with("transparent_hugepage/enabled")) {
        step.kind = Kind::thp;
        step.word = at.word();
        return true;
    }
    if (at.eat("mincore=0 vec=")) {
        step.kind = Kind::mincore;
        step.word = at.word();
        return true;
    }
    if (at.eat("ftruncate(") && at.number(step.args[0]) && at.eat(") = 0")) {
        step.kind = Kind::truncate;
        return true;
    }
    if (text.starts_with("VmPTE") && text.ends_with(" kB") && at.find("=")) {
        step.kind = Kind::status;
        return at.number(step.fields["VmPTE"]);
    }
    if (read_page(text, step.page)) {
        step.kind = Kind::page;
        step.args[0] = step.page.address;
        return true;
    }
    if (step.kind = Kind::faults; read_faults(at, step)) return true;
    return read_mapped(text, step);
}

// What a line that is no step is about.
std::string about(std::string_view text) {
    if (text.starts_with("PU ") || text.starts_with("  L") || text.find("pte") != std::string_view::npos)
        return "page tables of the process";
    return "other lines of the program";
}

// Those lines of user-proc.txt that are not the same as elsewhere.
class ProcReader {
  public:
    // True: the line is done with.
    bool read(std::string_view line, u32 number, RecordedVmaLog& log) {
        if (line.starts_with("==== ")) lines_.begin_section(line.substr(5)), in_maps_ = false;
        add(turns_.before(line), number, log);
        if (!lines_.not_modelled().empty() && !line.starts_with("==== ")) {
            if (!line.empty() && line != "end" && !line.starts_with("rc="))
                ++log.other_lines[std::string(lines_.not_modelled())];
            return true;
        }
        if (RecordedMapsLine maps; line.starts_with("    ") && read_maps_part(line.substr(4), maps)) {
            add_maps(std::move(maps), number, log);
            return true;
        }
        in_maps_ = false;
        if (line.starts_with("-- ")) return true;
        std::vector<Step> steps;
        if (!lines_.read(line, steps)) return false;
        add(std::move(steps), number, log);
        return true;
    }
    void added(const Step& step, RecordedVmaLog& log) {
        lines_.note(step);
        if (step.kind == Kind::mmap) add(turns_.behind(step), step.line, log);
    }

  private:
    void add(std::vector<Step> steps, u32 number, RecordedVmaLog& log) {
        for (Step& step : steps) {
            step.line = number;
            if (step.title.empty() && !log.steps.empty()) step.title = log.steps.back().title;
            log.steps.push_back(std::move(step));
        }
    }
    void add_maps(RecordedMapsLine maps, u32 number, RecordedVmaLog& log) {
        const bool again = in_maps_ && maps.start < log.steps.back().maps.back().end;
        if (again) add(turns_.between_lists(), number, log);
        if (again || !in_maps_) {
            Step part;
            part.kind = Kind::maps_part;
            add({part}, number, log);
        }
        in_maps_ = true;
        log.steps.back().maps.push_back(std::move(maps));
    }

    ProcLines lines_;
    ProcTurns turns_;
    bool in_maps_ = false;
};

class VmaLogReader {
  public:
    explicit VmaLogReader(bool proc) : is_proc_(proc) {}
    RecordedVmaLog read(std::string_view text) {
        log_.is_proc = is_proc_;
        log_.walks = parse_walks(text);
        LineReader reader(text);
        for (std::string_view line; reader.next(line);) read_line(line, reader.line_number());
        return std::move(log_);
    }

  private:
    void read_line(std::string_view line, u32 number) {
        if (is_proc_ && proc_.read(line, number, log_)) return;
        if (!is_proc_)
            for (const Kind what : turns_.before(line)) add(what, number);
        if (RecordedMapsLine maps; read_maps_line(line, maps)) {
            if (!in_maps_) add(Kind::maps, number);
            in_maps_ = true;
            log_.steps.back().maps.push_back(std::move(maps));
            return;
        }
        in_maps_ = false;
        if (line.starts_with("    ") && read_proc_line(line.substr(4), number)) return;
        in_walk_ = in_walk_ && line.starts_with("  L");
        if (line.empty() || line == "end" || in_walk_ || line.starts_with("-- ")) return;
        if (line.starts_with("==== ")) {
            section_ = line.substr(5);
            turns_.begin_scene(section_);
        } else if (line.starts_with("MM ")) {
            add(Kind::mm, number).mm = static_cast<u32>(log_.mms.size());
            log_.mms.emplace_back();
            read_mm(line, log_.mms.back());
        } else if (line.starts_with("  code=") && !log_.mms.empty()) {
            read_places(line, log_.mms.back());
        } else if (line.starts_with("seed=")) {
            u64 seed = 0;
            if (TextCursor at(line.substr(5)); at.number(seed)) random_.seed(seed);
        } else if (line.starts_with("---- ")) {
            advice_ = random_.known() ? random_.next(last_failed_) : std::string();
        } else if (RecordedUserVma vma; !log_.mms.empty() && read_vma(line, vma)) {
            log_.mms.back().vmas.push_back(vma);
        } else if (line.starts_with("WALK ") && add_walk(number)) {
            in_walk_ = true;
        } else {
            read_step(line, number);
        }
    }

    // A line of smaps or of status, without the program's four blanks.
    bool read_proc_line(std::string_view line, u32 number) {
        const bool in_status = is_last(Kind::status), in_smaps = is_last(Kind::smaps);
        if (RecordedMapsLine maps; read_maps_line(line, maps)) {
            Step& step = add(Kind::smaps, number);
            step.args[0] = maps.start;
            step.maps.push_back(std::move(maps));
            return true;
        }
        if (in_smaps && line.starts_with("VmFlags: ")) {
            log_.steps.back().flags = line.substr(9);
            return true;
        }
        if (line.starts_with("VmPeak:")) return read_field(line, add(Kind::status, number).fields);
        return (in_status || in_smaps) && read_field(line, log_.steps.back().fields);
    }

    bool add_walk(u32 number) {
        const auto walk = std::lower_bound(log_.walks.begin(), log_.walks.end(), number,
                                           [](const RecordedWalk& w, u32 line) { return w.line < line; });
        if (walk == log_.walks.end() || walk->line != number) return false;
        add(Kind::walk, number).walk = static_cast<u32>(walk - log_.walks.begin());
        return true;
    }

    void read_step(std::string_view line, u32 number) {
        Step step;
        step.line = number;
        if (read_access(line, step) || read_call(line, section_, step)) {
            if (step.title.empty()) step.title = section_;
            if (step.kind == Kind::madvise && !advice_.empty()) step.word = advice_;
            if (step.kind == Kind::mmap) turns_.begin_scene(step.title);
            last_failed_ = !step.error.empty();
            log_.steps.push_back(step);
            if (is_proc_) proc_.added(step, log_);
        } else if (Step small; read_small(line, small)) {
            small.line = number;
            small.title = section_;
            log_.steps.push_back(std::move(small));
        } else if (!line.starts_with("  highest_vm_end=") && !line.starts_with("sp=") && !line.starts_with("rc=")) {
            ++log_.other_lines[is_proc_ ? why_no_step(line) : about(line)];
        }
    }

    [[nodiscard]] bool is_last(Kind kind) const { return !log_.steps.empty() && log_.steps.back().kind == kind; }

    Step& add(Kind kind, u32 number) {
        Step& step = log_.steps.emplace_back();
        step.kind = kind;
        step.line = number;
        step.title = section_;
        return step;
    }

    RecordedVmaLog log_;
    RandomAdvice random_;
    ProgramTurns turns_;
    ProcReader proc_;
    bool is_proc_;
    std::string section_, advice_;
    bool in_maps_ = false, in_walk_ = false, last_failed_ = false;
};

} // namespace

RecordedVmaLog parse_vma_log(std::string_view text) { return VmaLogReader(false).read(text); }
RecordedVmaLog parse_proc_log(std::string_view text) { return VmaLogReader(true).read(text); }

} // namespace mm
