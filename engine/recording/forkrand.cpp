#include "recording/forkrand.h"

#include "recording/text.h"

namespace mm {

namespace {

using Step = RecordedForkStep;
using Kind = RecordedForkStep::Kind;

bool read_process_number(TextCursor& at, u32& process) {
    return at.eat("p") && at.number32(process) && process < FORKRAND_PROCESSES;
}

// "- z 0 0c S12"
void read_pages(TextCursor& at, u32 count, std::vector<std::string>& pages) {
    for (u32 i = 0; i < count; ++i) {
        at.skip_blanks();
        pages.emplace_back(at.word());
    }
}

// "  p0 A: - z B: - 1 | Rss:8 vmas:1"
bool read_process(std::string_view text, RecordedForkProcess& process) {
    TextCursor at(text);
    at.skip_blanks();
    if (!read_process_number(at, process.process) || !at.eat(" A:")) return false;
    read_pages(at, FORKRAND_PRIVATE_PAGES, process.pages);
    if (!at.eat(" B:")) return false;
    read_pages(at, FORKRAND_SHARED_PAGES, process.pages);
    if (!at.eat(" |")) return false;
    while (!at.at_end()) {
        at.skip_blanks();
        const std::string name(at.word(":"));
        u64 value = 0;
        if (!at.eat(":") || !at.number(value)) return false;
        if (name == "vmas")
            process.vmas = static_cast<u32>(value);
        else
            process.smaps[name] = value;
    }
    return true;
}

struct OpName {
    std::string_view text;
    Kind kind;
};
constexpr OpName OPS[] = {
    {"w", Kind::write},           {"r", Kind::read},
    {"fork", Kind::fork},         {"exit", Kind::exit},
    {"FREE", Kind::free},         {"DONTNEED", Kind::dontneed},
    {"munmap", Kind::munmap},     {"PAGEOUT", Kind::pageout},
    {"mprotect", Kind::mprotect}, {"mmap-again", Kind::mmap_again},
};

bool read_args(TextCursor& at, Step& step) {
    if (step.kind == Kind::exit) return true;
    at.skip_blanks();
    if (step.kind == Kind::fork) return read_process_number(at, step.child);
    if (!at.number32(step.page)) return false;
    if (at.eat("+") && !at.number32(step.pages)) return false;
    if (step.kind == Kind::write && !(at.eat(" = ") && at.number32(step.value))) return false;
    if (step.kind == Kind::mprotect) step.writable = at.eat(" rw") || !at.eat(" r");
    return step.page < FORKRAND_PAGES && step.pages <= FORKRAND_PAGES - step.page;
}

void read_result(TextCursor& at, Step& step) {
    step.result = at.word();
    if (at.eat(" MAPERR")) step.result += " MAPERR";
    if (at.eat(" ACCERR")) step.result += " ACCERR";
    if (at.eat(" value=")) at.number32(step.value);
    step.counted = at.eat(" minflt+") && at.number(step.minor) && at.eat(" majflt+") && at.number(step.major);
}

// "3 p0 w 24 = 110 -> 0 minflt+1 majflt+0"
bool read_step(std::string_view text, Step& step) {
    TextCursor at(text);
    u64 number = 0;
    if (!at.number(number) || !at.eat(" ") || !read_process_number(at, step.process) || !at.eat(" ")) return false;
    const std::string_view name = at.word();
    for (const OpName& op : OPS) {
        if (op.text != name) continue;
        step.kind = op.kind;
        if (!read_args(at, step) || !at.eat(" -> ")) return false;
        read_result(at, step);
        return !step.result.empty();
    }
    return false;
}

} // namespace

RecordedForkLog parse_forkrand(std::string_view text) {
    RecordedForkLog log;
    LineReader reader(text);
    for (std::string_view line; reader.next(line);) {
        RecordedForkProcess process;
        Step step;
        process.line = step.line = reader.line_number();
        if (line.starts_with("seed=")) {
            log.swap = line.ends_with(" swap=1");
        } else if (read_process(line, process)) {
            (log.steps.empty() ? log.start : log.steps.back().after).push_back(std::move(process));
        } else if (read_step(line, step)) {
            log.steps.push_back(std::move(step));
        } else if (!line.empty() && line != "end") {
            ++log.other_lines;
        }
    }
    return log;
}

} // namespace mm
