#include "recording/limits.h"

#include <algorithm>

#include "recording/text.h"

namespace mm {

namespace {

using Step = RecordedLimitStep;
using Kind = RecordedLimitStep::Kind;

bool read_error(TextCursor& at, std::string& error) {
    at.skip_blanks();
    if (at.peek() == 'E') error = at.word();
    return true;
}

// "RLIMIT_AS soft=a hard=b", "setrlimit(RLIMIT_AS, a) = 0"
bool read_limit(std::string_view line, Step& step) {
    TextCursor at(line);
    const bool set = at.eat("setrlimit(");
    step.kind = set ? Kind::rlimit : Kind::limit;
    const std::string_view rest = at.rest();
    if (!rest.starts_with("RLIMIT_")) return false;
    step.name = rest.substr(0, rest.find_first_of(", "));
    return at.eat(step.name) && (set ? at.eat(", ") : at.eat(" soft=")) && at.number(step.value, 16);
}

// "echo 2 > /proc/sys/vm/overcommit_memory = 1"
bool read_sysctl(std::string_view line, Step& step) {
    TextCursor at(line);
    step.kind = Kind::sysctl;
    if (!at.eat("echo ") || !at.number(step.value) || !at.eat(" > ")) return false;
    const std::string_view path = at.word();
    step.name = path.substr(path.rfind('/') + 1);
    return true;
}

// "    Committed_AS:  8680 kB", "VmSize=135000", "user_reserve_kbytes=30261"
bool read_number(std::string_view line, Step& step) {
    TextCursor at(line);
    at.skip_blanks();
    const std::string_view rest = at.rest();
    const std::size_t end = rest.find_first_of(":=");
    if (end == std::string_view::npos || rest.substr(0, end).find(' ') != std::string_view::npos) return false;
    step.kind = Kind::number;
    step.name = rest.substr(0, end);
    const bool bytes = step.name.starts_with("Vm");
    if (!at.eat(step.name) || !(at.eat(":") || at.eat("="))) return false;
    at.skip_blanks();
    return at.number(step.value, bytes ? 16 : 10);
}

// "max_map_count=200: mmap number 193 fails with ENOMEM", "1 MiB mappings that succeeded as root: 459 then ENOMEM"
bool read_mappings(std::string_view line, Step& step) {
    for (const std::string_view words : {"mmap number ", "succeeded as root: "}) {
        TextCursor at(line);
        if (!at.find(words) || !at.number(step.value)) continue;
        step.kind = Kind::mappings;
        step.name = line.substr(0, line.find(' '));
        return (at.eat(" fails with ") || at.eat(" then ")) && read_error(at, step.error);
    }
    TextCursor at(line);
    step.kind = Kind::lines;
    return at.eat("lines in maps: ") && at.number(step.value);
}

// "munmap that splits = -1 ENOMEM"
bool read_part(std::string_view line, Step& step) {
    const std::size_t equals = line.find(" = ");
    if (equals == std::string_view::npos || line.find('(') != std::string_view::npos) return false;
    step.kind = Kind::part;
    step.name = line.substr(0, equals);
    TextCursor at(line.substr(equals + 3));
    return at.eat("0") || (at.eat("-1") && read_error(at, step.error));
}

bool read_own(std::string_view line, Step& step) {
    if (line.starts_with("==== ")) {
        step.kind = Kind::section;
        step.name = line.substr(5);
        return true;
    }
    if (line.starts_with("child status: ")) {
        step.kind = Kind::ended;
        return true;
    }
    for (const auto read : {read_limit, read_sysctl, read_mappings, read_number}) {
        Step tried = step;
        if (read(line, tried)) {
            step = tried;
            return true;
        }
    }
    Step tried = step;
    if (!line.starts_with("fork") && read_part(line, tried)) {
        step = tried;
        return true;
    }
    return false;
}

} // namespace

RecordedLimits parse_limits(std::string_view text) {
    RecordedLimits out;
    LineReader reader(text);
    std::string section;
    bool in_maps = false;
    for (std::string_view line; reader.next(line);) {
        RecordedVmaLog calls = parse_vma_log(line);
        const bool maps = !calls.steps.empty() && calls.steps.front().kind == RecordedVmaStep::Kind::maps;
        if (maps && in_maps) {
            out.steps.back().call.maps.push_back(std::move(calls.steps.front().maps.front()));
            continue;
        }
        in_maps = maps;
        Step step;
        step.line = reader.line_number();
        if (!calls.steps.empty()) {
            step.call = std::move(calls.steps.front());
            step.call.line = step.line;
            if (step.call.title.empty()) step.call.title = section;
        } else if (!read_own(line, step)) {
            if (!line.empty() && !line.starts_with("rc=")) ++out.other_lines["other lines of the program"];
            continue;
        }
        if (step.kind == Kind::section) section = step.name;
        out.steps.push_back(std::move(step));
    }
    return out;
}

} // namespace mm
