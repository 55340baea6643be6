#include "scenario/program_listing.h"

#include <algorithm>

#include "machine/c_text.h"

namespace mm {

namespace {

constexpr u32 MAX_TURN_TEXTS = 3;                            // ops of a turn that its line has
constexpr std::size_t NUMBER_WIDTH = 6, MAX_NAME_WIDTH = 16; // columns of the listing as text

// The field that names the process that the op is of; -1: it has none.
i64 process_slot(const Op& op) {
    const OpSpec& spec = op_spec(op.kind);
    const int at = spec.field_index("process");
    return at < 0 ? -1 : op.arg[static_cast<std::size_t>(at)];
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The same op of two turns in one text: an index that changes from turn to turn is i.
std::string turn_text(std::string_view first, std::string_view second) {
    std::string text;
    std::size_t i = 0, j = 0;
    for (; i < first.size() && j < second.size(); ++i, ++j) {
        if (first[i] == second[j]) {
            text += first[i];
            continue;
        }
        while (!text.empty() && is_digit(text.back())) text.pop_back();
        if (text.empty() || text.back() != '[') return std::string(first);
        while (i < first.size() && is_digit(first[i])) ++i;
        while (j < second.size() && is_digit(second[j])) ++j;
        if (i == first.size() || j == second.size() || first[i] != ']' || second[j] != ']') return std::string(first);
        text += "i]";
    }
    return i == first.size() && j == second.size() ? text : std::string(first);
}

} // namespace

bool has_program(std::span<const Op> ops) {
    std::vector<bool> of_process(op_count());
    for (std::size_t kind = 0; kind < of_process.size(); ++kind)
        of_process[kind] = op_spec(static_cast<u16>(kind)).field_index("process") >= 0;
    return std::any_of(ops.begin(), ops.end(), [&](const Op& op) { return of_process[op.kind]; });
}

ProgramListing::ProgramListing(const Scenario& scenario, std::span<const Op> ops)
    : scenario_(scenario), ops_(ops), by_slot_(scenario.result_names.size(), ProgramLine::NO_ONE) {
    for (const Op& op : ops) meet(op);
}

void ProgramListing::meet(const Op& op) {
    const OpSpec& spec = op_spec(op.kind);
    if (op.result >= by_slot_.size() || by_slot_[op.result] != ProgramLine::NO_ONE) return;
    if (spec.makes != ResultKind::space || !has_c_text(spec)) return;
    const i64 from = process_slot(op);
    const u32 parent =
        from >= 0 && from < std::ssize(by_slot_) ? by_slot_[static_cast<std::size_t>(from)] : ProgramLine::NO_ONE;
    const u32 depth = parent == ProgramLine::NO_ONE ? 0 : processes_[parent].depth + (spec.name == "execve" ? 0 : 1);
    by_slot_[op.result] = static_cast<u32>(processes_.size());
    processes_.push_back({scenario_.result_names[op.result], depth});
}

u32 ProgramListing::process_of(const Op& op) const {
    const i64 slot = process_slot(op);
    if (slot >= 0 && slot < std::ssize(by_slot_)) return by_slot_[static_cast<std::size_t>(slot)];
    const bool makes = op.result < by_slot_.size() && op_spec(op.kind).makes == ResultKind::space;
    return makes ? by_slot_[op.result] : ProgramLine::NO_ONE;
}

std::string ProgramListing::text(const Machine& machine, u32 op) const {
    return c_text(machine, ops_[op], scenario_.result_names);
}

ProgramLine ProgramListing::line(const Machine& machine, u32 step) const {
    const ScenarioStep& written = scenario_.steps[step];
    ProgramLine line;
    line.step = step;
    if (written.nr_ops == 0) return line;
    const u32 turn = written.nr_ops == 1 ? 1 : written.turn_ops;
    line.turns = turn == 0 ? 0 : written.nr_ops / turn;
    line.process = process_of(ops_[written.first_op]);
    line.call = written.nr_ops == 1 && has_c_text(op_spec(ops_[written.first_op].kind));
    line.more = turn > MAX_TURN_TEXTS;
    for (u32 i = 0; i < std::min(turn, MAX_TURN_TEXTS); ++i) {
        const u32 op = written.first_op + i;
        line.texts.push_back(line.turns > 1 ? turn_text(text(machine, op), text(machine, op + turn))
                                            : text(machine, op));
    }
    return line;
}

std::string line_in_c(const ProgramLine& line, u32 ops) {
    if (line.texts.empty() && line.turns == 1) return "";
    if (line.turns == 0) return "random_ops(" + std::to_string(ops) + ");";
    std::string turn;
    for (const std::string& text : line.texts) turn += (turn.empty() ? "" : " ") + text;
    if (line.turns == 1 && !line.more) return turn;
    return "for (i = 0; i < " + std::to_string(line.turns) + "; i++) { " + turn + (line.more ? " ..." : "") + " }";
}

std::string ProgramListing::head(const ProgramLine& line) const {
    std::string out = std::to_string(line.step + 1);
    out.insert(0, out.size() < NUMBER_WIDTH ? NUMBER_WIDTH - out.size() : 0, ' ');
    std::size_t widest = 0;
    for (const ProgramProcess& process : processes_) widest = std::max(widest, process.name.size());
    std::string name = line.process == ProgramLine::NO_ONE ? "" : processes_[line.process].name;
    name.resize(std::min(widest, MAX_NAME_WIDTH), ' ');
    return out + "  " + name + (name.empty() ? "" : "  ");
}

} // namespace mm
