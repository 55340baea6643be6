// What a recorded program met at its limits: rlimits, vm.max_map_count, the three ways to overcommit.
//
// The file has maps of its program, and no dump of the kernel's: flags are what maps of that kind have.
#include <algorithm>

#include "base/hex.h"
#include "oracle/oracle.h"
#include "oracle/vma_replay.h"
#include "process/report.h"
#include "process/user_access.h"
#include "process/vma_index.h"
#include "recording/limits.h"

namespace mm {

namespace {

using Step = RecordedLimitStep;
using Kind = RecordedLimitStep::Kind;
using Call = RecordedVmaStep::Kind;

constexpr u64 MANY_AT = 0x1'0000'0000; // where the program's mappings up to max_map_count are, every second page
constexpr u64 SPLIT_AT = MANY_AT + 0x1000'0000; // and the one that it cuts
constexpr u64 MOST_MAPPINGS = 100'000;

vm_flags_t flags_of_line(const process_memory& proc, const RecordedMapsLine& line) {
    constexpr vm_flags_t may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
    if (line.name == "[vvar]") return VM_READ | VM_MAYREAD | VM_PFNMAP | VM_DONTEXPAND;
    vm_flags_t flags = (line.rights[0] == 'r' ? VM_READ : 0) | (line.rights[1] == 'w' ? VM_WRITE : 0) |
                       (line.rights[2] == 'x' ? VM_EXEC : 0) | may;
    if (line.name == "[vdso]") return flags | VM_DONTEXPAND;
    if (line.name == "[stack]") return proc.rules.stack_default();
    if (!line.name.starts_with("/")) return proc.rules.data_default() | VM_ACCOUNT;
    return (flags & VM_WRITE) != 0 ? flags | VM_ACCOUNT : flags;
}

// The process as its maps show it: where its stack ends, user space does, and mappings begin above the kernel's pages.
RecordedMm mm_of_maps(const process_memory& proc, const std::vector<RecordedMapsLine>& maps) {
    RecordedMm mm;
    for (const RecordedMapsLine& line : maps) {
        if (line.name == "[vsyscall]") continue;
        RecordedUserVma vma;
        vma.start = line.start, vma.end = line.end;
        vma.flags = flags_of_line(proc, line) | (line.name == "[vvar]" ? 0 : proc.rules.soft_dirty());
        vma.pgoff = line.name.starts_with("/") ? line.offset >> proc.page_shift : line.start >> proc.page_shift;
        vma.file = line.name.starts_with("/") ? 1 : 0;
        if ((vma.flags & VM_ACCOUNT) != 0) vma.anon_vma = line.start;
        if (line.name == "[heap]") mm.start_brk = line.start, mm.brk = line.end;
        if (line.name == "[stack]") mm.task_size = line.end, mm.start_stack = line.end - proc.page_size();
        if (line.name == "[vdso]") mm.mmap_base = line.end;
        const u64 pages = (line.end - line.start) >> proc.page_shift;
        mm.total_vm += pages;
        if ((vma.flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
            mm.exec_vm += pages;
        else if ((vma.flags & VM_GROWSDOWN) != 0)
            mm.stack_vm += pages;
        else if (is_data_mapping(vma.flags))
            mm.data_vm += pages;
        mm.vmas.push_back(vma);
    }
    return mm;
}

class LimitsReplay {
  public:
    LimitsReplay(process_memory& proc, const RecordedLimits& recorded, FactLog& log)
        : proc_(proc), recorded_(recorded), log_(log), cx_{proc, 0, sink_} {}

    bool begin();
    void run();

  private:
    [[nodiscard]] std::string place(const Step& step) const {
        return "line " + std::to_string(step.line) + ", " + section_;
    }
    void check(std::string_view fact, const Step& step, const std::string& recorded, const std::string& engine) {
        log_.check(fact, recorded == engine,
                   [&] { return place(step) + ": recorded " + recorded + ", engine " + engine; });
    }
    void default_limit(const Step& step);
    void set_limit(const Step& step);
    void set_sysctl(const Step& step);
    void number(const Step& step);
    void mappings(const Step& step);
    void part(const Step& step);
    i64 call(const RecordedVmaStep& step);
    void access(const Step& step);
    void compare_call(const Step& step);
    void compare_maps(const Step& step);
    u64* limit_named(std::string_view name);

    process_memory& proc_;
    const RecordedLimits& recorded_;
    FactLog& log_;
    EventSink sink_;
    mm_context cx_;
    process_memory base_; // of the program, whose child is under way
    std::string section_;
    u64 last_mapping_ = 0;
    bool committed_known_ = false;
};

bool LimitsReplay::begin() {
    for (const Step& step : recorded_.steps) {
        if (step.kind != Kind::call || step.call.kind != Call::maps) continue;
        cx_.id = start_recorded_process(proc_, mm_of_maps(proc_, step.call.maps), step.call.maps, sink_);
        cx_.mm_mut().rlim.memlock = memlock_default(proc_.rules);
        return cx_.mm().task_size != 0;
    }
    return false;
}

u64* LimitsReplay::limit_named(std::string_view name) {
    mm_rlimits& limits = cx_.mm_mut().rlim;
    if (name == "RLIMIT_AS") return &limits.as;
    if (name == "RLIMIT_DATA") return &limits.data;
    if (name == "RLIMIT_STACK") return &limits.stack;
    return name == "RLIMIT_MEMLOCK" ? &limits.memlock : nullptr;
}

void LimitsReplay::default_limit(const Step& step) {
    if (const u64* limit = limit_named(step.name))
        check("limits.default", step, step.name + " " + hex(step.value), step.name + " " + hex(*limit));
}

void LimitsReplay::set_limit(const Step& step) {
    if (u64* limit = limit_named(step.name)) *limit = step.value;
}

void LimitsReplay::set_sysctl(const Step& step) {
    if (step.name == "max_map_count") proc_.max_map_count = static_cast<u32>(step.value);
    if (step.name == "overcommit_memory") proc_.overcommit_memory = static_cast<u8>(step.value);
    if (step.name == "overcommit_ratio") proc_.overcommit_ratio = static_cast<u8>(step.value);
}

void LimitsReplay::number(const Step& step) {
    const u32 to_kib = proc_.page_shift - 10;
    const auto compare = [&](u64 ours) {
        log_.equal_number("limits.number", place(step) + ", " + step.name, static_cast<i64>(step.value),
                          static_cast<i64>(ours));
    };
    if (step.name == "VmSize") compare(cx_.mm().total_vm << proc_.page_shift);
    if (step.name == "VmData") compare(cx_.mm().data_vm << proc_.page_shift);
    if (step.name == "CommitLimit") compare(vm_commit_limit(proc_) << to_kib);
    if (step.name == "admin_reserve_kbytes") proc_.admin_reserve = step.value >> to_kib;
    if (step.name == "user_reserve_kbytes") proc_.user_reserve = step.value >> to_kib;
    if (step.name != "Committed_AS") return;
    // What the rest of the system has, first.
    if (committed_known_)
        compare(proc_.vm_committed << to_kib);
    else
        proc_.vm_committed = step.value >> to_kib;
    committed_known_ = true;
}

void LimitsReplay::mappings(const Step& step) {
    const u64 page = proc_.page_size();
    const bool many = step.name.starts_with("max_map_count");
    const u32 flags = MAP_PRIVATE | MAP_ANONYMOUS | (many ? MAP_FIXED : 0);
    i64 result = 0;
    u64 count = 0;
    for (; count < MOST_MAPPINGS; ++count) {
        const mmap_request request{many ? MANY_AT + 2 * count * page : 0, many ? page : u64{1} << 20,
                                   PROT_READ | PROT_WRITE, flags};
        result = sys_mmap(cx_, request);
        if (is_error(result)) break;
    }
    log_.equal_number("limits.mappings", place(step), static_cast<i64>(step.value), static_cast<i64>(count));
    check("limits.result", step, step.error, std::string(errno_name(errno_of(result))));
}

void LimitsReplay::part(const Step& step) {
    const u64 page = proc_.page_size();
    i64 result = 0;
    if (step.name == "mlock 4")
        result = sys_mlock(cx_, last_mapping_, 4 * page);
    else if (step.name == "mlock 1 more")
        result = sys_mlock(cx_, last_mapping_ + 4 * page, page);
    else if (step.name == "munmap one")
        result = sys_munmap(cx_, MANY_AT, page);
    else if (step.name == "munmap that splits")
        result = sys_munmap(cx_, SPLIT_AT + page, page);
    else if (step.name == "mprotect that splits")
        result = sys_mprotect(cx_, SPLIT_AT, page, PROT_READ);
    else
        return log_.not_compared("other lines of the program", 1);
    check("limits.result", step, step.error.empty() ? "0" : step.error, std::string(errno_name(errno_of(result))));
}

i64 LimitsReplay::call(const RecordedVmaStep& step) {
    const u64* a = step.args;
    switch (step.kind) {
    case Call::munmap: return sys_munmap(cx_, a[0], a[1]);
    case Call::mprotect: return sys_mprotect(cx_, a[0], a[1], static_cast<u32>(a[2]));
    case Call::brk: return sys_brk(cx_, a[0]);
    case Call::mremap: return sys_mremap(cx_, {a[0], a[1], a[2], static_cast<u32>(a[3]), a[4]});
    default: break;
    }
    mmap_request request{a[0], a[1], static_cast<u32>(a[2]), static_cast<u32>(a[3])};
    const i64 result = sys_mmap(cx_, request);
    if (!is_error(result)) last_mapping_ = static_cast<u64>(result);
    return result;
}

void LimitsReplay::access(const Step& step) {
    const auto kind = step.call.word == "w" ? user_access_kind::write : user_access_kind::read;
    const user_access_result result = user_access(cx_, step.call.args[0], kind);
    const std::string engine = result.si_code == 0             ? "ok"
                               : result.si_code == SEGV_MAPERR ? "SIGSEGV SEGV_MAPERR"
                                                               : "SIGSEGV SEGV_ACCERR";
    check("limits.signal", step, step.call.error.empty() ? "ok" : step.call.error, engine);
}

void LimitsReplay::compare_call(const Step& step) {
    if (step.call.kind == Call::maps) return compare_maps(step);
    if (step.call.kind == Call::access) return access(step);
    const i64 result = call(step.call);
    const std::string engine =
        is_error(result) ? std::string(errno_name(errno_of(result))) : hex(static_cast<u64>(result));
    check("limits.result", step, step.call.error.empty() ? hex(static_cast<u64>(step.call.result)) : step.call.error,
          engine);
}

void LimitsReplay::compare_maps(const Step& step) {
    for (const RecordedMapsLine& line : step.call.maps)
        if (const vma_id stack = line.name == "[stack]" ? vma_lookup(cx_, line.end - 1) : VMA_NONE;
            stack != VMA_NONE && line.start < cx_.vma(stack).vm_start)
            (void)user_access(cx_, line.start, user_access_kind::write);
    vma_id id = first_vma(cx_);
    for (const RecordedMapsLine& line : step.call.maps) {
        if (line.name == "[vsyscall]") continue;
        const vm_area_struct ours = id == VMA_NONE ? vm_area_struct{} : cx_.vma(id);
        check("limits.maps", step, hex(line.start) + "-" + hex(line.end), hex(ours.vm_start) + "-" + hex(ours.vm_end));
        if (id != VMA_NONE) id = next_vma(cx_, id);
    }
}

void LimitsReplay::run() {
    for (const Step& step : recorded_.steps) {
        switch (step.kind) {
        case Kind::section:
            section_ = step.name;
            base_ = proc_;
            if (section_.ends_with("as nobody")) cx_.mm_mut().privileged = false;
            break;
        case Kind::ended: proc_ = base_; break;
        case Kind::limit: default_limit(step); break;
        case Kind::rlimit: set_limit(step); break;
        case Kind::sysctl: set_sysctl(step); break;
        case Kind::number: number(step); break;
        case Kind::mappings: mappings(step); break;
        case Kind::part: part(step); break;
        case Kind::call: compare_call(step); break;
        case Kind::lines:
            // x86-64 has a line more, of a page that no VMA stands for.
            log_.equal_number("limits.lines", place(step), static_cast<i64>(step.value),
                              i64{cx_.mm().map_count} + (proc_.rules.arch == architecture::x86_64 ? 1 : 0));
            break;
        }
    }
    for (const auto& [what, lines] : recorded_.other_lines) log_.not_compared(what, lines);
}

} // namespace

void compare_limits(const OracleMachine& machine, const RecordedLimits& recorded, FactLog& log) {
    process_memory proc = recorded_process_memory(machine);
    LimitsReplay replay(proc, recorded, log);
    if (replay.begin())
        replay.run();
    else
        log.not_compared("the file does not say how the process began", recorded.steps.size());
}

} // namespace mm
