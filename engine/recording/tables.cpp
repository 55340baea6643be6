#include "recording/tables.h"

#include <utility>

#include "recording/text.h"

namespace mm {

namespace {

// "-1": hardware's number of a fifth level.
bool read_level(TextCursor& at, int& level) {
    i64 value = 0;
    if (!at.signed_number(value) || value < -1 || value > 3) return false;
    level = static_cast<int>(value);
    return true;
}

bool read_step(std::string_view text, RecordedStep& step) {
    TextCursor at(text);
    at.skip_blanks();
    if (!at.eat("L") || !read_level(at, step.level) || !at.eat("(")) return false;
    if (!at.find(") table=") || !at.number(step.table, 16) || !at.eat(" idx=") || !at.number(step.index)) return false;
    if (!at.eat(" raw=") || !at.number(step.raw, 16)) return false;
    at.skip_blanks();
    step.words = at.rest();
    return true;
}

// "ffff000000400000-ffff000001800000     20480K L2 phys=40400000 VB AttrIdx=0 ..."
bool read_run(std::string_view text, RecordedRun& run) {
    TextCursor at(text);
    u64 kib = 0;
    if (!at.number(run.start, 16) || !at.eat("-") || !at.number(run.end, 16)) return false;
    at.skip_blanks();
    if (!at.number(kib) || !at.eat("K L") || !read_level(at, run.level)) return false;
    if (!at.eat(" phys=") || !at.number(run.phys, 16)) return false;
    at.skip_blanks();
    run.words = at.rest();
    return (run.end == 0 || run.end > run.start) && (run.end - run.start) >> 10 == kib;
}

bool read_vma(std::string_view text, RecordedVma& vma) {
    TextCursor at(text);
    at.skip_blanks();
    return at.eat("VMA ") && at.number(vma.start, 16) && at.eat("-") && at.number(vma.end, 16) && at.eat(" flags=") &&
           at.number(vma.flags, 16) && at.find("prot=") && at.number(vma.prot, 16);
}

bool read_table(std::string_view text, RecordedTable& table) {
    TextCursor at(text);
    if (!at.eat("PT ")) return false;
    const std::string_view whose = at.word();
    table.user = whose == "user";
    return (table.user || whose == "kernel") && at.eat(" root=") && at.number(table.root, 16) && at.eat(" levels=") &&
           at.number32(table.levels);
}

} // namespace

std::vector<RecordedWalk> parse_walks(std::string_view text) {
    std::vector<RecordedWalk> walks;
    LineReader reader(text);
    bool open = false;
    for (std::string_view line; reader.next(line);) {
        TextCursor at(line);
        RecordedWalk walk;
        walk.line = reader.line_number();
        if (at.eat("WALK ") && at.number(walk.address, 16) && at.eat(" root=") && at.number(walk.root, 16) &&
            at.eat(" levels=") && at.number32(walk.levels) && at.eat(" va_bits=") && at.number32(walk.va_bits)) {
            walks.push_back(std::move(walk));
            open = true;
            continue;
        }
        RecordedStep step;
        step.line = reader.line_number();
        open = open && read_step(line, step);
        if (open) walks.back().steps.push_back(std::move(step));
    }
    return walks;
}

std::vector<RecordedTable> parse_tables(std::string_view text) {
    std::vector<RecordedTable> tables;
    std::vector<RecordedVma> vmas;
    LineReader reader(text);
    for (std::string_view line; reader.next(line);) {
        RecordedVma vma;
        vma.line = reader.line_number();
        if (read_vma(line, vma)) {
            vmas.push_back(vma);
            continue;
        }
        if (RecordedTable table; read_table(line, table)) {
            table.vmas = std::exchange(vmas, {});
            tables.push_back(std::move(table));
            continue;
        }
        if (tables.empty()) continue;
        RecordedRun run;
        run.line = reader.line_number();
        if (read_run(line, run)) {
            tables.back().runs.push_back(std::move(run));
            continue;
        }
        RecordedTable::Count count;
        count.line = reader.line_number();
        TextCursor at(line);
        if (at.eat("tables at L") && read_level(at, count.level) && at.eat(": ") && at.number(count.tables))
            tables.back().counts.push_back(count);
    }
    return tables;
}

} // namespace mm
