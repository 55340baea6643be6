#include "recording/script.h"

#include <utility>

namespace mm {
namespace {

constexpr std::size_t MAX_UNREADABLE = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// One command line; comments and blank lines are none.
void read_command(std::string_view line, bool& interrupts_off, std::vector<ScriptCommand>& commands) {
    TextCursor at(line);
    if (at.peek() == '#') return;
    ScriptCommand command;
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        const std::string_view word = at.word();
        if (command.name.empty())
            command.name = word;
        else if (command.args.size() < 7)
            command.args.emplace_back(word);
    }
    if (command.name.empty()) return;
    if (command.name == "irqoff") interrupts_off = true;
    if (command.name == "irqon") interrupts_off = false;
    command.interrupts_off = interrupts_off;
    commands.push_back(std::move(command));
}

enum class OpLine : u8 { entry, nothing, other, unreadable };

// "-> pfn=46000 zone=0:DMA pbtype=0" or "-> NULL"
bool read_alloc_result(TextCursor& at, LogEntry& entry) {
    at.skip_blanks();
    if (!at.eat("-> ")) return false;
    if (at.eat("NULL")) return true;
    u64 node = 0;
    if (!at.eat("pfn=") || !at.pfn(entry.pfn) || !at.eat(" zone=") || !at.number(node, 10, MAX_NODES - 1) ||
        !at.eat(":"))
        return false;
    const auto type = zone_type_from_name(at.word());
    if (!type) return false;
    entry.zone = {static_cast<u8>(node), *type};
    return true;
}

OpLine read_op(TextCursor at, LogEntry& entry, std::string_view& name) {
    if (!at.number32(entry.command) || !at.eat(" ")) return OpLine::other;
    name = at.word();
    if (name == "D") {
        entry.kind = LogEntry::Kind::drain;
        return OpLine::entry;
    }
    if (name != "a" && name != "f") return OpLine::other;
    entry.kind = name == "a" ? LogEntry::Kind::alloc : LogEntry::Kind::free;
    at.skip_blanks();
    if (!at.eat("slot=") || !at.number32(entry.slot)) return OpLine::unreadable;
    at.skip_blanks();
    if (at.rest() == "busy" || at.rest() == "empty") return OpLine::nothing;
    if (!at.eat("order=") || !at.number32(entry.order) || entry.order >= MAX_ORDERS) return OpLine::unreadable;
    at.skip_blanks();
    if (entry.kind == LogEntry::Kind::alloc) {
        if (!at.eat("gfp=") || !at.number32(entry.gfp, 16) || !read_alloc_result(at, entry)) return OpLine::unreadable;
    } else if (!at.eat("pfn=") || !at.pfn(entry.pfn)) {
        return OpLine::unreadable;
    }
    at.skip_blanks();
    u64 type = 0;
    if (at.eat("pbtype=")) {
        if (!at.number(type, 10, MIGRATE_TYPES - 1)) return OpLine::unreadable;
        entry.block_type = static_cast<i32>(type);
    }
    return at.at_end() ? OpLine::entry : OpLine::unreadable;
}

// What a line that is not about the page allocator is about, for the count of lines not compared.
std::string other_kind(std::string_view line, std::string_view op_name) {
    if (!op_name.empty()) return std::string(op_name.substr(0, 24));
    TextCursor at(line);
    at.skip_blanks();
    const std::string_view word = at.word("=:(");
    return std::string(word.substr(0, 24));
}

// Lines that other comparisons read: the layout's macros (oracle/layout.cpp).
bool is_read_elsewhere(std::string_view line) {
    return line.starts_with("PAGE_OFFSET=") || line.starts_with("VMEMMAP_START=") || line.starts_with("PHYS_OFFSET(");
}

} // namespace

int ScriptCommand::node() const {
    const std::size_t position = name == "an" ? 4 : name == "a" ? 3 : ~std::size_t{0};
    if (position >= args.size()) return -1;
    u64 value = 0;
    return TextCursor(args[position]).number(value, 10, MAX_NODES - 1) ? static_cast<int>(value) : -1;
}

bool RecordedScript::has_page_ops() const {
    for (const LogEntry& entry : log)
        if (entry.kind == LogEntry::Kind::alloc || entry.kind == LogEntry::Kind::free) return true;
    return false;
}

namespace {

// The lines below "### log", one after the other.
class LogParser {
  public:
    explicit LogParser(RecordedScript& script) : script_(script) {}

    void read(std::string_view line, u32 number) {
        LogEntry entry;
        entry.line = number;
        const i64 op_before = std::exchange(last_op_, -1);
        const StateLine kind = state_.read(line);
        switch (kind) {
        case StateLine::summary: return state(LogEntry::Kind::summary, entry, state_.summaries.size());
        case StateLine::dump: return state(LogEntry::Kind::dump, entry, state_.dumps.size());
        case StateLine::counters:
            if (op_before < 0) return;
            script_.log[static_cast<std::size_t>(op_before)].counters = static_cast<i32>(script_.counters.size());
            script_.counters.push_back(std::move(state_.counters));
            return;
        case StateLine::unreadable:
        case StateLine::not_state: state_.close(); return op(line, kind, entry);
        }
    }
    void finish() {
        script_.summaries = std::move(state_.summaries);
        script_.dumps = std::move(state_.dumps);
    }

  private:
    // `states`: how many of the kind there are, with this one.
    void state(LogEntry::Kind kind, LogEntry& entry, std::size_t states) {
        if (!state_.starts_new()) return;
        entry.kind = kind;
        entry.index = static_cast<u32>(states - 1);
        script_.log.push_back(entry);
    }
    void op(std::string_view line, StateLine kind, LogEntry& entry) {
        std::string_view op_name;
        OpLine op = kind == StateLine::unreadable ? OpLine::unreadable : OpLine::other;
        if (kind == StateLine::not_state && line.front() != '#' && is_digit(line.front()))
            op = read_op(TextCursor(line), entry, op_name);
        switch (op) {
        case OpLine::entry:
            last_op_ = static_cast<i64>(script_.log.size());
            script_.log.push_back(entry);
            break;
        case OpLine::unreadable:
            if (script_.unreadable.size() < MAX_UNREADABLE) script_.unreadable.push_back(entry.line);
            break;
        case OpLine::other:
            if (line.front() == '#' || is_read_elsewhere(line)) break;
            if (std::string name = other_kind(line, op_name);
                script_.other_lines.size() < 64 || script_.other_lines.contains(name))
                ++script_.other_lines[name];
            break;
        case OpLine::nothing: break;
        }
    }

    RecordedScript& script_;
    StateReader state_;
    i64 last_op_ = -1; // the entry that a line of counters would belong to
};

} // namespace

Result<RecordedScript> parse_recorded_script(std::string_view text) {
    if (text.size() > MAX_RECORDING_BYTES)
        return Error{"", "the recording is larger than " + std::to_string(MAX_RECORDING_BYTES >> 20) + " MiB"};
    RecordedScript script;
    LogParser log(script);
    LineReader lines(text);
    bool in_log = false, in_script = false, interrupts_off = false;
    for (std::string_view line; lines.next(line);) {
        if (in_log) {
            if (!line.empty()) log.read(line, lines.line_number());
        } else if (line == "### log") {
            in_log = true;
        } else if (line == "### script") {
            in_script = true;
        } else if (in_script) {
            read_command(line, interrupts_off, script.commands);
        }
    }
    if (!in_log) return Error{"", "there is no line \"### log\": this is not a recording of the module"};
    log.finish();
    return script;
}

} // namespace mm
