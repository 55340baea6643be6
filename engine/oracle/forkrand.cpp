// Random accesses, forks and calls in up to six processes that share pages: what each call gives, what is read, how many
// faults it takes; then the frames of every page of every process, and smaps.
//
// Frames are compared by the numbers that they get in the order in which a listing meets them: equal numbers are one frame.
#include <algorithm>
#include <array>

#include "oracle/user_facts.h"
#include "oracle/user_machine.h"
#include "process/fork.h"
#include "process/tasks.h"
#include "process/user_access.h"
#include "process/vma_index.h"
#include "recording/forkrand.h"

namespace mm {

namespace {

using Step = RecordedForkStep;
using Kind = RecordedForkStep::Kind;

constexpr u64 PRIVATE_START = 0x4000'0000, SHARED_START = 0x5000'0000;
constexpr u32 PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, SHARED = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED;
constexpr u32 READ_WRITE = PROT_READ | PROT_WRITE;

class ForkReplay {
  public:
    ForkReplay(UserMachine machine, FactLog& log) : machine_(std::move(machine)), log_(log) {
        processes_.fill(MM_NONE);
    }

    void run(const RecordedForkLog& recorded);

  private:
    void begin();
    void step(const Step& step);
    i64 call(const Step& step, mm_context& cx);
    void access(const Step& step, mm_context& cx);
    void fork(const Step& step, mm_context& cx);
    void compare_process(const RecordedForkProcess& recorded);
    void compare_smaps(const RecordedForkProcess& recorded, mm_context& cx);
    [[nodiscard]] u64 address(u32 page) {
        const u64 size = machine_.proc().page_size();
        return page < FORKRAND_PRIVATE_PAGES ? PRIVATE_START + page * size
                                             : SHARED_START + (page - FORKRAND_PRIVATE_PAGES) * size;
    }
    [[nodiscard]] std::string page_text(mm_context& cx, u32 page);
    void check(std::string_view kind, const std::string& place, const std::string& recorded,
               const std::string& engine) {
        log_.check(kind, recorded == engine, [&] { return place + ": recorded " + recorded + ", engine " + engine; });
    }

    RunningMachine machine_;
    FactLog& log_;
    std::array<mm_id, FORKRAND_PROCESSES> processes_{};
    // A write that was refused has made an entry young: arm64 leaves that to the CPU, and x86-64 does not do so.
    std::array<bool, FORKRAND_PROCESSES> refused_{};
    std::vector<pfn_t> met_; // frames of this listing, by their number
};

std::string place_of(u32 line) { return "line " + std::to_string(line); }

void ForkReplay::begin() {
    mm_context cx = machine_.context(start_user_process(machine_));
    const u64 size = machine_.proc().page_size();
    (void)sys_mmap(cx, {PRIVATE_START, FORKRAND_PRIVATE_PAGES * size, READ_WRITE, PRIVATE});
    (void)sys_mmap(cx, {SHARED_START, FORKRAND_SHARED_PAGES * size, READ_WRITE, SHARED});
    processes_[0] = cx.id;
}

i64 ForkReplay::call(const Step& step, mm_context& cx) {
    const u64 start = address(step.page), length = step.pages * machine_.proc().page_size();
    const auto advise = [&](madvice advice) { return sys_madvise(cx, start, length, static_cast<u32>(advice)); };
    switch (step.kind) {
    case Kind::dontneed: return advise(madvice::DONTNEED);
    case Kind::free: return advise(madvice::FREE);
    case Kind::pageout: return advise(madvice::PAGEOUT);
    case Kind::mprotect: return sys_mprotect(cx, start, length, step.writable ? READ_WRITE : PROT_READ);
    case Kind::munmap: return sys_munmap(cx, start, length);
    default: return sys_mmap(cx, {start, length, READ_WRITE, PRIVATE});
    }
}

void ForkReplay::access(const Step& step, mm_context& cx) {
    const bool write = step.kind == Kind::write;
    const bool old = !page_there(machine_, cx.id, address(step.page)).young;
    const user_access_result result =
        user_access(cx, {address(step.page), write ? user_access_kind::write : user_access_kind::read,
                         static_cast<u8>(step.value)});
    const std::string place = place_of(step.line);
    std::string engine = result.signal == 0 ? "0" : signal_text(result);
    for (const std::string_view code : {"SEGV_", " BUS_ADRERR"}) // as the program prints it
        if (const std::size_t at = engine.find(code); at != std::string::npos) engine.erase(at, code.size());
    check("fork.signal", place, step.result, engine);
    const bool aged = !machine_.own_tables() && result.signal != 0 && old;
    if (aged && page_there(machine_, cx.id, address(step.page)).young) refused_[step.process] = true;
    if (!write && result.signal == 0) log_.equal_number("fork.value", place, step.value, result.value);
}

void ForkReplay::fork(const Step& step, mm_context& cx) {
    mm_id child = MM_NONE;
    const i64 result = sys_fork(cx, child);
    check("fork.result", place_of(step.line), step.result, is_error(result) ? "an error" : "0");
    processes_[step.child] = child;
    refused_[step.child] = false; // a child's entries are old
}

void ForkReplay::step(const Step& step) {
    if (processes_[step.process] == MM_NONE) return;
    mm_context cx = machine_.context(processes_[step.process]);
    const u64 minor = cx.mm().min_flt, major = cx.mm().maj_flt;
    switch (step.kind) {
    case Kind::write:
    case Kind::read: access(step, cx); break;
    case Kind::fork: fork(step, cx); break;
    case Kind::exit:
        exit_process(cx);
        processes_[step.process] = MM_NONE;
        break;
    default: {
        const i64 result = call(step, cx);
        check("fork.result", place_of(step.line), step.result,
              is_error(result) ? std::string(errno_name(errno_of(result))) : "0");
    }
    }
    if (step.counted)
        check("fork.faults", place_of(step.line), faults_text(step.minor, step.major),
              faults_text(cx.mm().min_flt - minor, cx.mm().maj_flt - major));
}

std::string ForkReplay::page_text(mm_context& cx, u32 page) {
    const mapped_page there = page_there(machine_, cx.id, address(page));
    if (there.kind == mapped_page::page_kind::none) return "-";
    if (there.kind == mapped_page::page_kind::zero) return "z";
    auto known = std::find(met_.begin(), met_.end(), there.pfn);
    if (known == met_.end()) known = met_.insert(known, there.pfn);
    return std::to_string(known - met_.begin());
}

void ForkReplay::compare_process(const RecordedForkProcess& recorded) {
    const std::string place = place_of(recorded.line);
    const mm_id id = processes_[recorded.process];
    log_.check("fork.process", id != MM_NONE,
               [&] { return place + ": recorded p" + std::to_string(recorded.process) + ", engine none"; });
    if (id == MM_NONE) return;
    mm_context cx = machine_.context(id);
    for (u32 page = 0; page < recorded.pages.size(); ++page)
        check("fork.page", place + ", page " + std::to_string(page), recorded.pages[page], page_text(cx, page));
    compare_smaps(recorded, cx);
}

// smaps rounds each VMA's bytes down by itself.
void ForkReplay::compare_smaps(const RecordedForkProcess& recorded, mm_context& cx) {
    const std::string place = place_of(recorded.line);
    const u64 end = PRIVATE_START + FORKRAND_PRIVATE_PAGES * machine_.proc().page_size();
    std::map<std::string, u64> sums;
    u32 vmas = 0;
    for (vma_id id = find_vma(cx, PRIVATE_START); id != VMA_NONE; id = next_vma(cx, id)) {
        if (cx.vma(id).vm_start >= end) break;
        ++vmas;
        for (const auto& [name, kb] : smaps_fields(machine_, cx.id, id)) sums[name] += kb;
    }
    log_.equal_number("fork.vmas", place, recorded.vmas, vmas);
    for (const char* name : {"Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
                             "Referenced", "Swap", "SwapPss"}) {
        if (refused_[recorded.process] && name == std::string_view("Referenced")) {
            log_.not_compared("accessed bits of x86-64 behind a write that was refused", 1);
            continue;
        }
        const auto theirs = recorded.smaps.find(name);
        log_.equal_number("fork.smaps." + std::string(name), place,
                          theirs == recorded.smaps.end() ? 0 : static_cast<i64>(theirs->second),
                          static_cast<i64>(sums[name]));
    }
}

void ForkReplay::run(const RecordedForkLog& recorded) {
    begin();
    const auto compare = [&](const std::vector<RecordedForkProcess>& all) {
        met_.clear();
        for (const RecordedForkProcess& process : all) compare_process(process);
    };
    compare(recorded.start);
    for (const Step& step : recorded.steps) {
        this->step(step);
        compare(step.after);
    }
    if (recorded.other_lines > 0) log_.not_compared("other lines of the program", recorded.other_lines);
}

} // namespace

void compare_forkrand(const OracleMachine& machine, const RecordedForkLog& recorded, FactLog& log) {
    if (recorded.swap) {
        log.not_compared("swap is not modelled yet", recorded.steps.size());
        return;
    }
    ForkReplay(recorded_user_machine(machine), log).run(recorded);
}

} // namespace mm
