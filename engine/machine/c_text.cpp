#include "machine/c_text.h"

#include <algorithm>

#include "base/hex.h"
#include "base/program_place.h"
#include "heap/event_rows.h"
#include "machine/phrase.h"
#include "process/errno.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"
#include "process/task_event_rows.h"
#include "process/tasks.h"
#include "process/user_access.h"

namespace mm {

namespace {

// clang-format off
constexpr CRow rows[] = {
    {"execve", "", "execve(\"{program}\", argv, envp);"},
    {"exit", "", "exit(0);"},
    {"open", "int ", "open(\"{path}\", {mode});", "size", "open(\"{path}\", {mode}); /* {size} bytes */"},
    {"close", "", "close({file});"},
    {"mmap", "char *", "mmap({address}, {size}, {prot}, {flags}, {file}, {offset});"},
    {"munmap", "", "munmap({address}, {size});"},
    {"mprotect", "", "mprotect({address}, {size}, {prot});"},
    {"mremap", "char *", "mremap({address}, {old_size}, {size}, {flags});",
     "new_address", "mremap({address}, {old_size}, {size}, {flags}, {new_address});"},
    {"madvise", "", "madvise({address}, {size}, {advice});"},
    {"mlock", "", "mlock({address}, {size});", "onfault", "mlock2({address}, {size}, MLOCK_ONFAULT);"},
    {"munlock", "", "munlock({address}, {size});"},
    {"mlockall", "", "mlockall({flags});"},
    {"munlockall", "", "munlockall();"},
    {"msync", "", "msync({address}, {size}, {flags});"},
    {"mseal", "", "mseal({address}, {size}, 0);"},
    {"brk", "char *", "brk({address});"},
    {"sbrk", "char *", "sbrk({by});"},
    {"setrlimit", "", "setrlimit({resource}, &(struct rlimit){ RLIM_INFINITY });",
     "size", "setrlimit({resource}, &(struct rlimit){ {size} });"},
    {"user_read", "", "x = {address[]};"},
    {"user_write", "", "{address[]} = {value};"},
    {"user_exec", "", "((void (*)(void))({address}))();"},
    {"touch", "", "for (i = 0; i < {size}; i += PAGE_SIZE) {address[i]} = {value};",
     "write", "for (i = 0; i < {size}; i += PAGE_SIZE) x = {address[i]};"},
    {"fork", "pid_t ", "fork();"},
    {"vfork", "pid_t ", "vfork();"},
    {"clone", "pid_t ", "clone(fn, stack, {set}, NULL);"},
    {"exit_group", "", "exit_group(0);"},
    {"kthread_create", "struct task_struct *", "kthread_run(fn, NULL, \"{name}\");"},
    {"schedule", "", "schedule(); /* idle */", "process", "schedule(); /* {process} */"},
    {"pwrite", "", "pwrite({file}, &(char){ {value} }, 1, {offset});"},
    {"ftruncate", "", "ftruncate({file}, {size});"},
    {"fallocate", "", "fallocate({file}, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, {offset}, {size});"},
    {"fsync", "", "fsync({file});"},
    {"unlink", "", "unlink(\"{path}\");"},
    {"mincore", "", "mincore({address}, {size}, vec);"},
    {"mem_write", "", "pwrite(proc_mem, &(char){ {value} }, 1, (off_t){address});",
     "force", "process_vm_writev(pid, &(struct iovec){ &(char){ {value} }, 1 }, 1, &(struct iovec){ {address}, 1 }, 1, 0);"},
    {"personality", "", "personality({set});"},
    {"malloc", "char *", "malloc({size});"},
    {"free", "", "free({address});"},
    {"realloc", "char *", "realloc({address}, {size});"},
    {"calloc", "char *", "calloc({count}, {size});"},
    {"memalign", "char *", "memalign({alignment}, {size});"},
    {"posix_memalign", "", "posix_memalign((void **)&{as}, {alignment}, {size});"},
    {"malloc_trim", "", "malloc_trim({pad});"},
    {"mallopt", "", "mallopt({parameter}, {value});"},
    {"GLIBC_TUNABLES", "", "/* GLIBC_TUNABLES=glibc.malloc.{tunable}={value} */"},
    {"heap_write", "", "memset({address}, {value}, {size});", "word", "*(size_t *)({address}) = (size_t)({word});"},
    {"pthread_exit", "", "pthread_exit(NULL);"},
    {"transparent_hugepage.enabled", "", "sysctl(\"transparent_hugepage.enabled\", \"{value}\");"},
    {"vm.overcommit_memory", "", "sysctl(\"vm.overcommit_memory\", {value});"},
    {"vm.overcommit_ratio", "", "sysctl(\"vm.overcommit_ratio\", {value});"},
    {"vm.max_map_count", "", "sysctl(\"vm.max_map_count\", {value});"},
    {"vm.mmap_min_addr", "", "sysctl(\"vm.mmap_min_addr\", {value});"},
    {"vm.legacy_va_layout", "", "sysctl(\"vm.legacy_va_layout\", {value});"},
    {"kernel.randomize_va_space", "", "sysctl(\"kernel.randomize_va_space\", {value});"},
};
// clang-format on

// What C calls the flag that a field of an op sets.
struct FlagField {
    std::string_view field, name;
};
constexpr FlagField flag_fields[] = {{"vm", "CLONE_VM"},
                                     {"thread", "CLONE_THREAD"},
                                     {"vfork", "CLONE_VFORK"},
                                     {"read_implies_exec", "READ_IMPLIES_EXEC"},
                                     {"compat_layout", "ADDR_COMPAT_LAYOUT"}};

const CRow* row_of(const OpSpec& spec) {
    const auto found =
        std::find_if(std::begin(rows), std::end(rows), [&](const CRow& row) { return row.op == spec.name; });
    return found == std::end(rows) ? nullptr : found;
}

// ---- Values --------------------------------------------------------------------------------------------------------

constexpr std::string_view PROGRAM = "/bin/prog"; // of an execve that names none
constexpr std::string_view KTHREAD = "kthread";   // of a kernel thread that has no name
constexpr std::string_view SET = "set";           // instead of a field: the flags that are set
constexpr std::string_view AS = "as";             // the same: the name of the result

// "16 << 10", "4UL << 30", "100".
std::string size_in_c(i64 bytes) {
    for (const auto& [shift, suffix] : {std::pair{30, "UL"}, {20, ""}, {10, ""}}) {
        const i64 unit = i64{1} << shift;
        if (bytes == 0 || bytes % unit != 0) continue;
        const i64 number = bytes / unit;
        return std::to_string(number) + (number >> (31 - shift) != 0 ? "UL" : suffix) + " << " + std::to_string(shift);
    }
    return std::to_string(bytes);
}

std::string name_in_c(const std::vector<std::string>& names, i64 slot) {
    const bool named = slot >= 0 && slot < std::ssize(names) && !names[static_cast<std::size_t>(slot)].empty();
    return named ? names[static_cast<std::size_t>(slot)] : "r" + std::to_string(slot);
}

std::string offset_in_c(i64 offset) {
    return (offset < 0 ? "-" : "") + address_hex(static_cast<u64>(offset < 0 ? -offset : offset));
}

std::string address_in_c(const std::vector<std::string>& names, i64 place) {
    if (!is_in_result(place)) return place == 0 ? "NULL" : "(void *)" + address_hex(static_cast<u64>(place));
    const i64 offset = offset_of_place(place);
    const std::string name = name_in_c(names, slot_of_place(place));
    if (offset == 0) return name;
    return name + (offset < 0 ? " - " : " + ") + address_hex(static_cast<u64>(offset < 0 ? -offset : offset));
}

// The byte at a place, or `index` behind it.
std::string byte_in_c(const std::vector<std::string>& names, i64 place, std::string_view index) {
    if (!is_in_result(place)) {
        const std::string pointer = "(char *)" + address_hex(static_cast<u64>(place));
        return index.empty() ? "*" + pointer : "(" + pointer + ")[" + std::string(index) + "]";
    }
    const i64 offset = offset_of_place(place);
    std::string within = index.empty() ? (offset == 0 ? "0" : offset_in_c(offset)) : std::string(index);
    if (!index.empty() && offset != 0) within = offset_in_c(offset) + " + " + within;
    return name_in_c(names, slot_of_place(place)) + "[" + within + "]";
}

// "PROT_READ | PROT_WRITE"
std::string flags_in_c(std::string text) {
    for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 3))
        text.replace(at, 1, " | ");
    return text;
}

class Statement {
  public:
    Statement(const Machine& machine, const Op& op, const std::vector<std::string>& names)
        : machine_(machine), op_(op), spec_(op_spec(op.kind)), names_(names) {}

    [[nodiscard]] std::string written(const CRow& row) const {
        const int unless = row.unless.empty() ? -1 : spec_.field_index(row.unless);
        const bool other = unless >= 0 && op_.arg[static_cast<std::size_t>(unless)] !=
                                              spec_.fields[static_cast<std::size_t>(unless)].default_value;
        std::string_view text = other ? row.other : row.text;
        std::string out;
        while (!text.empty()) {
            const std::size_t open = next_field(text);
            out += text.substr(0, open);
            if (open == text.size()) break;
            const std::size_t close = text.find('}', open);
            out += field(text.substr(open + 1, close - open - 1));
            text.remove_prefix(close + 1);
        }
        return out;
    }

  private:
    // A brace before a letter: C's own stand before a space or a brace.
    static std::size_t next_field(std::string_view text) {
        for (std::size_t i = 0; i + 1 < text.size(); ++i)
            if (text[i] == '{' && text[i + 1] >= 'a' && text[i + 1] <= 'z') return i;
        return text.size();
    }

    [[nodiscard]] std::string set_flags() const {
        std::string text;
        for (const auto& [field, name] : flag_fields) {
            const int at = spec_.field_index(field);
            if (at < 0 || op_.arg[static_cast<std::size_t>(at)] == 0) continue;
            text += (text.empty() ? "" : " | ") + std::string(name);
        }
        return text.empty() ? "0" : text;
    }

    [[nodiscard]] std::string field(std::string_view name) const {
        if (name == SET) return set_flags();
        if (name == AS) return op_.result == Op::NO_RESULT ? "p" : name_in_c(names_, op_.result);
        const std::size_t bracket = name.find('[');
        const auto index = static_cast<std::size_t>(spec_.field_index(name.substr(0, bracket)));
        const FieldSpec& field = spec_.fields[index];
        const i64 value = op_.arg[index];
        if (bracket != std::string_view::npos)
            return byte_in_c(names_, value, name.substr(bracket + 1, name.size() - bracket - 2));
        if (!field.names.empty()) return std::string(field.names[static_cast<std::size_t>(value)]);
        if (field.unit == Unit::place) return address_in_c(names_, value);
        if (field.unit == Unit::bytes) return size_in_c(value);
        if (field.unit == Unit::file_result) return value < 0 ? "-1" : name_in_c(names_, value);
        if (field.unit == Unit::space_result) return name_in_c(names_, value);
        if (field.unit == Unit::name)
            return std::string(value == NO_NAME ? KTHREAD : name_text(static_cast<name_id>(value)));
        if (field.unit == Unit::path && value == NO_NAME) return std::string(PROGRAM);
        if (field.unit == Unit::path) return std::string(name_text(static_cast<name_id>(value)));
        if (unit_row(field.unit).writing == Writing::flags) return flags_in_c(unit_text(machine_, field.unit, value));
        return std::to_string(value);
    }

    const Machine& machine_;
    const Op& op_;
    const OpSpec& spec_;
    const std::vector<std::string>& names_;
};

// ---- Results -------------------------------------------------------------------------------------------------------

constexpr Phrase NO_PROCESS{"no such process", "没有这个进程"};
constexpr Phrase WAITS{"waits in vfork()", "在 vfork() 中等待"};
constexpr Phrase NO_FAULT{"no fault", "没有缺页"};
constexpr Phrase MINOR{"minor fault", "次要缺页"}, MAJOR{"major fault", "主要缺页"};
constexpr Phrase MINORS{"# minor faults", "# 次次要缺页"}, MAJORS{"# major faults", "# 次主要缺页"};
constexpr Phrase PID{"pid #", "pid #"};

template <class Kind>
bool is(const Event& event, Kind kind) {
    return event.kind == static_cast<u16>(kind);
}

struct AccessTold {
    u64 minor = 0, major = 0;
    std::string signal; // "SIGSEGV, SEGV_MAPERR"
    i64 value = -1;     // that was read last
};

AccessTold told_by(std::span<const Event> events) {
    using fe = fault_event;
    AccessTold told;
    for (const Event& event : events) {
        if (is(event, fe::fault_done)) ++(Args<fe::fault_done>(event)["major"] != 0 ? told.major : told.minor);
        if (is(event, fe::user_value_read)) told.value = Args<fe::user_value_read>(event)["value"];
        if (is(event, fe::user_sigbus)) told.signal = "SIGBUS, BUS_ADRERR";
        if (!is(event, process_event::user_sigsegv)) continue;
        const i64 code = Args<process_event::user_sigsegv>(event)["code"];
        told.signal = code == SEGV_ACCERR ? "SIGSEGV, SEGV_ACCERR" : "SIGSEGV, SEGV_MAPERR";
    }
    return told;
}

std::string faults_text(const AccessTold& told, Language language) {
    std::string text;
    const auto add = [&](u64 number, const Phrase& one, const Phrase& many) {
        if (number == 0) return;
        if (!text.empty()) text += ", ";
        text += number == 1 ? one.in(language) : filled(many.in(language), std::to_string(number));
    };
    add(told.minor, MINOR, MINORS);
    add(told.major, MAJOR, MAJORS);
    return text;
}

std::string access_result(const Op& op, std::span<const Event> events, Language language) {
    AccessTold told = told_by(events);
    const std::string_view name = op_spec(op.kind).name;
    if (!told.signal.empty()) {
        const std::string faults = faults_text(told, language);
        return faults.empty() ? told.signal : told.signal + ", " + faults;
    }
    std::string text = faults_text(told, language);
    if (text.empty()) text = NO_FAULT.in(language);
    return name == "user_read" && told.value >= 0 ? "= " + std::to_string(told.value) + ", " + text : text;
}

// "-ENOMEM", as the kernel returns it; empty: the call did not fail.
std::string null_text(const Event& event) {
    const Args<heap_event::null_returned> in(event);
    if (in["error"] == 0) return "= NULL";
    const std::string error(errno_name(in.as<mm_errno>("error")));
    return in["call"] == static_cast<i64>(heap_call::posix_memalign) ? "= " + error : "= NULL, " + error;
}

std::string error_text(std::span<const Event> events) {
    std::string text;
    for (const Event& event : events) {
        if (is(event, fault_event::fork_failed)) text = "-ENOMEM";
        if (is(event, process_event::too_many)) text = "-EAGAIN";
        if (is(event, task_event::clone_refused)) text = "-EINVAL";
        if (is(event, heap_event::null_returned)) text = null_text(event);
        if (is(event, heap_event::malloc_aborted)) text = "SIGABRT";
        if (is(event, heap_event::call_signal)) text = "SIGSEGV";
        if (!is(event, process_event::mm_call_failed)) continue;
        const Args<process_event::mm_call_failed> in(event);
        // The C library makes ENOMEM of a break that did not move.
        const auto error = in["call"] == static_cast<i64>(mm_call::brk) ? mm_errno::enomem : in.as<mm_errno>("errno");
        text = "-" + std::string(errno_name(error));
    }
    return text;
}

std::string made_text(const Machine& after, const OpResult& result, Language language) {
    if (result.kind == ResultKind::region) return "= " + address_hex(result.value);
    if (result.kind != ResultKind::space) return "";
    const task_id task = task_of_result(after.processes, result);
    return task == TASK_NONE ? "" : filled(PID.in(language), std::to_string(after.processes.tasks[task].pid));
}

// What a call returned under no name.
constexpr std::string_view RETURNS_NOTHING[] = {"exit",       "exit_group",   "schedule",      "free",
                                                "heap_write", "pthread_exit", "GLIBC_TUNABLES"};

std::string returned_text(const OpSpec& spec, std::span<const Event> events) {
    for (const Event& event : events) {
        if (is(event, process_event::mmap))
            return "= " + address_hex(Args<process_event::mmap>(event).as<u64>("address"));
        if (is(event, process_event::mremap))
            return "= " + address_hex(Args<process_event::mremap>(event).as<u64>("address"));
    }
    for (const Event& event : events) {
        if (is(event, heap_event::trimmed)) return "= " + std::to_string(Args<heap_event::trimmed>(event)["value"]);
        if (is(event, heap_event::parameter_set))
            return "= " + std::to_string(Args<heap_event::parameter_set>(event)["taken"]);
    }
    const bool calls = spec.field_index("process") >= 0 && spec.makes == ResultKind::none &&
                       std::ranges::find(RETURNS_NOTHING, spec.name) == std::end(RETURNS_NOTHING);
    return calls || spec.name == "brk" ? "= 0" : "";
}

std::string call_result(const Machine& after, const Op& op, std::span<const Event> events, Language language) {
    const OpSpec& spec = op_spec(op.kind);
    const bool made = op.result != Op::NO_RESULT && !after.results[op.result].empty();
    const std::string error = error_text(events);
    if (!made) return error.empty() ? returned_text(spec, events) : error;
    // brk() returns the break, moved or not.
    const std::string text = made_text(after, after.results[op.result], language);
    return spec.name == "brk" && !error.empty() ? text + " (" + error + ")" : text;
}

// An op that no program does, as a comment: the kernel's own doing.
std::string other_op(const Machine& machine, const Op& op, const std::vector<std::string>& names) {
    Op alone = op;
    alone.result = Op::NO_RESULT;
    alone.cpu = 0;
    const std::string made = op.result == Op::NO_RESULT ? "" : name_in_c(names, op.result) + " = ";
    return "/* " + made + op_text(machine, alone, names) + " */";
}

bool is_access(std::string_view name) {
    return name == "touch" || name == "user_read" || name == "user_write" || name == "user_exec";
}

} // namespace

std::span<const CRow> c_rows() { return rows; }

bool has_c_text(const OpSpec& spec) { return row_of(spec) != nullptr; }

std::string c_text(const Machine& machine, const Op& op, const std::vector<std::string>& result_names) {
    const OpSpec& spec = op_spec(op.kind);
    const CRow* row = row_of(spec);
    if (row == nullptr) return other_op(machine, op, result_names);
    std::string text = Statement(machine, op, result_names).written(*row);
    if (op.result == Op::NO_RESULT || row->type.empty()) return text;
    const std::string name = name_in_c(result_names, op.result);
    const bool of_row = name.find('[') != std::string::npos;
    return std::string(of_row ? "" : row->type) + name + " = " + text;
}

std::string c_result(const Machine& after, const Op& op, std::span<const Event> events, Language language) {
    const OpSpec& spec = op_spec(op.kind);
    if (!has_c_text(spec)) return "";
    for (const Event& event : events)
        if (is(event, process_event::not_a_process)) return NO_PROCESS.in(language);
    for (const Event& event : events)
        if (is(event, task_event::task_waits)) return WAITS.in(language);
    if (is_access(spec.name)) return access_result(op, events, language);
    const std::string text = call_result(after, op, events, language), faults = faults_text(told_by(events), language);
    return faults.empty() ? text : text.empty() ? faults : text + ", " + faults;
}

} // namespace mm
