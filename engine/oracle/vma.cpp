// What a recorded program did with its memory, call by call: results and errors, /proc/PID/maps after each, accesses with
// their signals and faults, pages and entries, smaps and status, the kernel's own VMAs and counts.
//
// The process begins as the first maps and the first dump say; where there are no maps, as the last dump does, without what the
// program mapped. Its own use of its stack is taken from the maps.
#include <algorithm>
#include <charconv>
#include <map>

#include "base/hex.h"
#include "mmu/access.h"
#include "mmu/switch_mm.h"
#include "oracle/proc_facts.h"
#include "process/fault.h"
#include "process/fork.h"
#include "process/maps_text.h"
#include "process/mincore.h"
#include "process/page_cache.h"
#include "process/processes.h"
#include "process/tasks.h"
#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using Step = RecordedVmaStep;
using Kind = RecordedVmaStep::Kind;

constexpr std::string_view CALL_NAMES[] = {"mmap",       "munmap",      "mprotect",
                                           "brk",        "mremap",      "madvise",
                                           "mlock",      "munlock",     "access",
                                           "maps",       "mm",          "page",
                                           "walk",       "smaps",       "status",
                                           "faults",     "mapped",      "mincore",
                                           "thp",        "fork",        "exit",
                                           "turn",       "fill",        "ftruncate",
                                           "mlock",      "munlock",     "mlockall",
                                           "munlockall", "msync",       "fsync",
                                           "fallocate",  "pwrite",      "write to memory",
                                           "prctl",      "personality", "vfork",
                                           "exec",       "maps",        "page",
                                           "where",      "mapcounts",   "mincore",
                                           "locked",     "vmstat",      "value"};

constexpr u64 IMAGE_BYTES = 1 << 20;        // more than the programs have
constexpr u64 UNKNOWN_BYTES = 1ull << 40;   // of files that no program here opens
constexpr u64 FIRST_OPENED_INODE = 1 << 10; // the image's are below
constexpr u64 MAX_LOOKED_PAGES = 1 << 12;   // of one mapping: recordings may say anything
constexpr u8 ACCESS_VALUE = 0x5a;           // what the programs write
constexpr u64 PR_SET_MM = 35, PR_SET_MM_BRK = 7;

// Files of the programs: how long they are, and whether they were written, which leaves their pages in the page cache.
struct ProgramFile {
    std::string_view name;
    u64 bytes;
    bool written;
};
constexpr ProgramFile PROGRAM_FILES[] = {{"small", 5000, true}, {"rfile", 40 << 12, false}, {"fa", 64 << 12, true}};

// user-proc opens its files before it maps them: which one, and with what in it.
struct ProcFile {
    std::string_view title; // of the mapping
    std::string_view name;
    u64 pages;
    enum { hole, dirty, written_back } content;
    bool readable = true, writable = true;
};
constexpr ProcFile PROC_FILES[] = {
    {"file private", "pf", 8, ProcFile::dirty},
    {"8 file pages", "sh", 8, ProcFile::written_back},
    {"again", "sh", 8, ProcFile::written_back},
    {"private of the same", "sh", 8, ProcFile::written_back},
    {"shared", "sh2", 4, ProcFile::hole},
    {"private", "sh2", 4, ProcFile::hole},
    {"file private r", "pp", 8, ProcFile::written_back},
    {"file private rw", "pp", 8, ProcFile::written_back},
    {"file shared r", "pp", 8, ProcFile::written_back},
    {"file shared rw", "pp", 8, ProcFile::written_back},
    {"SHARED_VALIDATE file, unknown flag", "pp", 8, ProcFile::written_back},
    {"SHARED_VALIDATE file", "pp", 8, ProcFile::written_back},
    {"MAP_SYNC", "pp", 8, ProcFile::written_back},
    {"write-only fd", "pp", 8, ProcFile::written_back, false, true},
    {"shared r", "pp", 8, ProcFile::written_back, true, false},
    {"offset overflow", "pipe", 0, ProcFile::hole},
};
constexpr u64 FIRST_PROC_INODE = 1 << 20;

std::string result_text(i64 result) {
    return is_error(result) ? std::string(errno_name(errno_of(result))) : hex(static_cast<u64>(result));
}

struct Advice {
    std::string_view word;
    u32 value;
};
// The program's words; two of its calls are named after what is wrong with them.
constexpr Advice ADVICE[] = {
    {"NORMAL", 0},
    {"RANDOM", 1},
    {"SEQUENTIAL", 2},
    {"WILLNEED", 3},
    {"DONTNEED", 4},
    {"unaligned", 4},
    {"len", 4},
    {"FREE", 8},
    {"REMOVE", 9},
    {"DONTFORK", 10},
    {"DOFORK", 11},
    {"MERGEABLE", 12},
    {"UNMERGEABLE", 13},
    {"HUGEPAGE", 14},
    {"NOHUGEPAGE", 15},
    {"DONTDUMP", 16},
    {"DODUMP", 17},
    {"WIPEONFORK", 18},
    {"KEEPONFORK", 19},
    {"COLD", 20},
    {"PAGEOUT", 21},
    {"POPULATE_READ", 22},
    {"POPULATE_WRITE", 23},
    {"DONTNEED_LOCKED", 24},
    {"COLLAPSE", 25},
    {"GUARD_INSTALL", 102},
};

u32 advice_of(std::string_view word) {
    for (const Advice& advice : ADVICE)
        if (advice.word == word) return advice.value;
    u32 number = 0;
    std::from_chars(word.data(), word.data() + word.size(), number);
    return number;
}

std::string maps_line_text(const RecordedMapsLine& line) {
    return hex(line.start) + "-" + hex(line.end) + " " + line.rights + " " + hex(line.offset) + " " + line.name;
}

class VmaReplay {
  public:
    VmaReplay(UserMachine machine, const RecordedVmaLog& recorded, FactLog& log)
        : recorded_(recorded), log_(log), machine_(std::move(machine)), facts_(machine_, log), more_(machine_, log),
          cx_(machine_.context(MM_NONE)) {}

    // False: the file does not say how the process began.
    bool begin();
    void run();

  private:
    [[nodiscard]] std::string place(const Step& step) const {
        return "line " + std::to_string(step.line) + ", " + step.title + ", " +
               std::string(CALL_NAMES[static_cast<std::size_t>(step.kind)]);
    }
    [[nodiscard]] RecordedMm without_mappings(RecordedMm mm) const;
    void step(const Step& step, std::size_t index);
    void compare_call(const Step& step, std::size_t index);
    i64 call(const Step& step, std::size_t index);
    i64 map(const Step& step, std::size_t index);
    file_id file_of(const Step& step, std::size_t index);
    file_id proc_file(const ProcFile& known);
    [[nodiscard]] name_id path_of(const Step& step, std::size_t index, bool named_alike) const;
    void forget_pages(const Step& step);
    void touch_own(bool all = false);
    void access(const Step& step);
    void compare_syndrome(const Step& step);
    void fork(const Step& step);
    void exit_child();
    void exec(const Step& step, std::size_t index);
    bool silent(const Step& step, std::size_t index);
    bool fact(const Step& step);
    [[nodiscard]] u64 last_pages() const {
        return std::min(last_mapping_length_ >> cx_.proc.page_shift, MAX_LOOKED_PAGES);
    }
    void fill(const Step& step);
    void compare_walk(const Step& step) {
        if (machine_.own_tables())
            facts_.walk(cx_.id, recorded_.walks[step.walk], place(step));
        else
            log_.not_compared("walks of x86-64's page tables", 1);
    }
    void compare_mapped(const Step& step);
    void compare_mincore(const Step& step);
    void grow_stack(const Step& step);
    void compare_maps(const Step& step);
    void compare_mm(const Step& step);
    void check(std::string_view kind, const Step& step, const std::string& recorded, const std::string& engine) {
        log_.check(kind, recorded == engine,
                   [&] { return place(step) + ": recorded " + recorded + ", engine " + engine; });
    }

    const RecordedVmaLog& recorded_;
    FactLog& log_;
    RunningMachine machine_;
    UserFacts facts_;
    ProcFacts more_;
    mm_context cx_;                             // of the process that runs
    std::vector<mm_id> lineage_;                // each the child of the one before
    PageCounters before_;                       // of the step before
    std::map<std::string, file_id> proc_files_; // by name and mode
    std::vector<u64> own_;                      // an address in each VMA that the program did not map itself
    u64 minor_before_ = 0, major_before_ = 0;   // faults before the last call
    std::map<u64, file_id> files_;              // by descriptor
    file_id last_file_ = 0;
    u64 last_mapping_ = 0, last_mapping_length_ = 0; // mlock() counts from here
    Step last_lock_;
};

// What the program has not mapped itself: its image, heap, stack.
RecordedMm VmaReplay::without_mappings(RecordedMm mm) const {
    std::erase_if(mm.vmas, [&](const RecordedUserVma& vma) {
        const bool mapped = std::any_of(recorded_.steps.begin(), recorded_.steps.end(), [&](const Step& step) {
            return step.kind == Kind::mmap && step.error.empty() && static_cast<u64>(step.result) == vma.start;
        });
        const u64 pages = (vma.end - vma.start) >> 12;
        if (mapped) mm.total_vm -= pages;
        if (mapped && (vma.flags & (VM_WRITE | VM_SHARED)) == VM_WRITE) mm.data_vm -= pages;
        return mapped;
    });
    return mm;
}

bool VmaReplay::begin() {
    const auto whole = [](const Step& step) {
        return step.kind == Kind::maps || (step.kind == Kind::maps_part && step.maps.back().name == "[stack]");
    };
    const auto maps = std::find_if(recorded_.steps.begin(), recorded_.steps.end(), whole);
    const auto dump = std::find_if(maps, recorded_.steps.end(), [](const Step& step) { return step.kind == Kind::mm; });
    if (recorded_.mms.empty()) return false;
    process_memory& proc = machine_.proc();
    if (maps == recorded_.steps.end())
        cx_.id = start_recorded_process(proc, without_mappings(recorded_.mms.back()), {}, machine_.sink());
    else if (maps->kind == Kind::maps)
        cx_.id = start_recorded_process(proc, recorded_.mms.front(), maps->maps, machine_.sink());
    else if (dump != recorded_.steps.end()) // what its program is like when it runs anew
        cx_.id = start_recorded_process(proc, without_mappings(recorded_.mms[dump->mm]), maps->maps, machine_.sink());
    else
        return false;
    lineage_ = {cx_.id};
    if (!mm_alloc_pgd(cx_)) return false;
    for (vma_id id = first_vma(cx_); id != VMA_NONE; id = next_vma(cx_, id)) own_.push_back(cx_.vma(id).vm_end - 1);
    touch_own();
    return true;
}

// A program that runs has pages of its image, heap and stack. What is untouched stays so: it has no anon_vma. `all`: it
// begins, and what may be written will be.
void VmaReplay::touch_own(bool all) {
    for (const u64 address : own_) {
        const vma_id id = vma_lookup(cx_, address);
        if (id == VMA_NONE) continue;
        const bool written = (all || cx_.vma(id).anon_vma != 0) && (cx_.vma(id).vm_flags & VM_WRITE) != 0;
        (void)user_access(cx_, {address, written ? user_access_kind::write : user_access_kind::read});
    }
}

// The name that the maps after the call give a descriptor's file.
name_id VmaReplay::path_of(const Step& step, std::size_t index, bool named_alike) const {
    for (std::size_t i = index; i < recorded_.steps.size(); ++i) {
        const Step& later = recorded_.steps[i];
        const bool same = later.kind == Kind::mmap && later.args[4] == step.args[4] && later.error.empty();
        if (!same || (later.args[3] & MAP_ANONYMOUS) != 0) continue;
        if (!named_alike && (later.args[3] & MAP_TYPE) != MAP_PRIVATE) continue;
        for (std::size_t at = i; at < recorded_.steps.size(); ++at)
            for (const RecordedMapsLine& line : recorded_.steps[at].maps)
                if (line.start <= static_cast<u64>(later.result) && static_cast<u64>(later.result) < line.end)
                    return intern(line.name);
    }
    return NO_NAME;
}

// A file that user-proc opens and fills before it maps it under such a title.
file_id VmaReplay::proc_file(const ProcFile& known) {
    const std::string key = std::string(known.name) + (known.readable ? "r" : "") + (known.writable ? "w" : "");
    if (const auto there = proc_files_.find(key); there != proc_files_.end()) return there->second;
    u64 inode = FIRST_PROC_INODE;
    for (const char letter : known.name) inode = inode * 31 + static_cast<u8>(letter);
    bool first = true;
    for (const auto& [name, id] : proc_files_) first = first && cx_.proc.files[id].inode != inode;
    mapped_file file;
    file.opened = true;
    file.inode = inode, file.device = DISK;
    file.size = known.pages << cx_.proc.page_shift;
    file.readable = known.readable, file.writable = known.writable;
    const file_id id = proc_files_[key] = open_file(cx_.proc, file);
    for (u64 page = 0; first && known.content != ProcFile::hole && page < known.pages; ++page)
        (void)write_file_page(cx_, id, page, 0);
    if (first && known.content == ProcFile::written_back) (void)sys_fsync(cx_, id);
    return id;
}

// The program's words say how it was opened.
file_id VmaReplay::file_of(const Step& step, std::size_t index) {
    const u64 descriptor = step.args[4];
    if (step.title == "bad fd") return 0;
    const auto in_proc = std::find_if(std::begin(PROC_FILES), std::end(PROC_FILES),
                                      [&](const ProcFile& known) { return known.title == step.title; });
    if (recorded_.is_proc && in_proc != std::end(PROC_FILES)) return proc_file(*in_proc);
    if (const auto known = files_.find(descriptor); known != files_.end()) return known->second;
    mapped_file file;
    file.opened = true;
    file.size = UNKNOWN_BYTES;
    file.writable = step.title.find("O_RDONLY") == std::string::npos;
    if (step.title.starts_with("/dev/zero")) file.kind = file_kind::dev_zero;
    file.path = path_of(step, index, file.kind != file_kind::dev_zero);
    const std::string path(name_text(file.path));
    // The programs' only disk is there; everything else is tmpfs.
    if (file.kind == file_kind::regular && !path.starts_with("/data/")) file.kind = file_kind::shmem;
    const auto own = std::find_if(std::begin(PROGRAM_FILES), std::end(PROGRAM_FILES), [&](const ProgramFile& known) {
        return path.ends_with("/" + std::string(known.name));
    });
    if (own != std::end(PROGRAM_FILES)) file.size = own->bytes;
    file.inode = FIRST_OPENED_INODE + files_.size();
    const file_id id = files_[descriptor] = open_file(cx_.proc, file);
    if (own != std::end(PROGRAM_FILES) && own->written)
        for (u64 page = 0; page << cx_.proc.page_shift < own->bytes; ++page) (void)write_file_page(cx_, id, page, 0);
    return id;
}

i64 VmaReplay::map(const Step& step, std::size_t index) {
    mmap_request request{step.args[0], step.args[1], static_cast<u32>(step.args[2]), static_cast<u32>(step.args[3])};
    request.offset = step.args[5];
    if ((request.flags & MAP_ANONYMOUS) == 0) request.file = last_file_ = file_of(step, index);
    const i64 result = sys_mmap(cx_, request);
    if (!is_error(result)) last_mapping_ = static_cast<u64>(result), last_mapping_length_ = request.length;
    return result;
}

i64 VmaReplay::call(const Step& step, std::size_t index) {
    const u64* a = step.args;
    const u64 page = cx_.proc.page_size();
    switch (step.kind) {
    case Kind::mmap: return map(step, index);
    case Kind::munmap: return sys_munmap(cx_, a[0], a[1]);
    case Kind::mprotect: return sys_mprotect(cx_, a[0], a[1], static_cast<u32>(a[2]));
    case Kind::brk: return sys_brk(cx_, a[0]);
    case Kind::mremap: return sys_mremap(cx_, {a[0], a[1], a[2], static_cast<u32>(a[3]), a[4]});
    case Kind::madvise: return sys_madvise(cx_, a[0], a[1], advice_of(step.word));
    case Kind::mlock: last_lock_ = step; return sys_mlock(cx_, last_mapping_ + a[0] * page, a[1] * page);
    case Kind::mlock_range: return sys_mlock(cx_, a[0], a[1], static_cast<u32>(a[2]));
    case Kind::munlock_range: return sys_munlock(cx_, a[0], a[1]);
    case Kind::mlockall: return sys_mlockall(cx_, static_cast<u32>(a[0]));
    case Kind::munlockall: return sys_munlockall(cx_);
    case Kind::msync: return sys_msync(cx_, a[0], a[1], static_cast<u32>(a[2]));
    case Kind::fsync: return sys_fsync(cx_, last_file_);
    case Kind::truncate: return sys_ftruncate(cx_, last_file_, a[0]);
    case Kind::fallocate: return sys_fallocate(cx_, last_file_, static_cast<u32>(a[0]), a[1], a[2]);
    case Kind::pwrite: return sys_pwrite(cx_, last_file_, a[0] * page, static_cast<u8>(a[1]));
    default: return sys_munlock(cx_, last_mapping_ + last_lock_.args[0] * page, last_lock_.args[1] * page);
    }
}

void VmaReplay::forget_pages(const Step& step) {
    facts_.forget(cx_.id, step.args[0], step.args[1]);
    if (step.kind == Kind::mmap) facts_.forget(cx_.id, last_mapping_, last_mapping_length_);
}

void VmaReplay::compare_call(const Step& step, std::size_t index) {
    if (recorded_.is_proc && step.title == "directory")
        return log_.not_compared("directories, which are not modelled", 1);
    minor_before_ = cx_.mm().min_flt, major_before_ = cx_.mm().maj_flt;
    check("vma.result", step, step.error.empty() ? hex(static_cast<u64>(step.result)) : step.error,
          result_text(call(step, index)));
    if (step.counted)
        check("vma.faults", step, faults_text(step.minor, step.major),
              faults_text(cx_.mm().min_flt - minor_before_, cx_.mm().maj_flt - major_before_));
    forget_pages(step);
}

// What the program did without saying so. False: it is no such step.
bool VmaReplay::silent(const Step& step, std::size_t index) {
    switch (step.kind) {
    case Kind::access:
        (void)user_access(cx_, {step.args[0], user_access_kind::write, static_cast<u8>(step.args[1])});
        return true;
    case Kind::personality: cx_.mm_mut().personality |= static_cast<u32>(step.args[0]); return true;
    case Kind::vfork:
        mmget(cx_.proc, cx_.id);
        lineage_.push_back(cx_.id);
        return true;
    case Kind::exec: exec(step, index); return true;
    case Kind::fork:
    case Kind::exit:
    case Kind::fill: return false;
    default: {
        const u64 mapping = last_mapping_, length = last_mapping_length_;
        (void)call(step, index);
        last_mapping_ = mapping, last_mapping_length_ = length;
        facts_.forget(cx_.id, step.args[0], step.args[1]);
        return true;
    }
    }
}

// What user-proc.txt alone says. False: it is no such step.
bool VmaReplay::fact(const Step& step) {
    switch (step.kind) {
    case Kind::maps_part: more_.maps_part(cx_.id, step, place(step)); return true;
    case Kind::entry:
        more_.entry(cx_.id, step.entry, place(step));
        if (step.entry.present) facts_.same_frame(cx_.id, step.args[0], step.entry.pfn, place(step));
        return true;
    case Kind::where: more_.where(cx_.id, step, place(step)); return true;
    case Kind::mapcounts: more_.mapcounts(cx_.id, step, place(step)); return true;
    case Kind::mincore_at: more_.mincore(cx_.id, step, place(step)); return true;
    case Kind::locked: more_.locked(cx_.id, step, place(step)); return true;
    case Kind::vmstat: more_.vmstat(before_, step, place(step)); return true;
    case Kind::value: more_.value(cx_.id, step, place(step)); return true;
    case Kind::mem_write: {
        const i64 result = write_remote(cx_, step.args[0], static_cast<u8>(step.args[1]), step.word.empty());
        const bool eio = step.word.empty() && is_error(result); // what /proc/PID/mem makes of it
        check("vma.result", step, step.error.empty() ? "0" : step.error, eio ? "EIO" : result_text(result));
        return true;
    }
    case Kind::prctl:
        log_.not_compared("prctl(), which is not modelled", 1);
        if (step.args[0] == PR_SET_MM && step.args[1] == PR_SET_MM_BRK && step.error.empty())
            cx_.mm_mut().brk = step.args[2];
        return true;
    default: return false;
    }
}

// ESR_EL1 of the access as the signal tells it: what the tables and the TLB have is what the CPU saw.
void VmaReplay::compare_syndrome(const Step& step) {
    const bool user = step.args[0] < cx_.mm().task_size;
    if (!machine_.own_tables() || step.esr == 0 || !user) return;
    const auto kind = step.word == "w" ? access_kind::write : step.word == "x" ? access_kind::exec : access_kind::read;
    mmu_context& pages = machine_.pages();
    switch_mm(pages, 0, cx_.mm().space);
    const access_result seen = mm::access(pages, 0, {step.args[0], kind, true, false});
    check("vma.esr", step, hex(step.esr), hex(seen.syndrome));
}

void VmaReplay::access(const Step& step) {
    const auto kind = step.word == "w"   ? user_access_kind::write
                      : step.word == "x" ? user_access_kind::exec
                                         : user_access_kind::read;
    if (step.error == "SIGSEGV SEGV_?") {
        log_.not_compared("signals of another kind than MAPERR and ACCERR", 1);
        return;
    }
    const user_access_result result = user_access(cx_, {step.args[0], kind, ACCESS_VALUE});
    check("vma.signal", step, step.error.empty() ? "ok" : step.error, signal_text(result));
    if (!step.error.empty() && result.signal != 0)
        check("vma.si_addr", step, hex(step.fault_address), hex(result.si_address));
    if (step.counted)
        check("vma.faults", step, faults_text(step.minor, step.major), faults_text(result.minflt, result.majflt));
    if (!step.error.empty()) compare_syndrome(step);
}

void VmaReplay::fork(const Step& step) {
    mm_id child = MM_NONE;
    const i64 result = sys_fork(cx_, child);
    log_.check("vma.fork", result == 0, [&] { return place(step) + ": engine " + result_text(result); });
    if (result != 0) return;
    lineage_.push_back(child);
    cx_.id = child;
    touch_own();
}

void VmaReplay::exit_child() {
    if (lineage_.size() < 2) return;
    cx_.id = lineage_.back();
    facts_.forget(cx_.id, 0, ~u64{0});
    const bool shared = lineage_[lineage_.size() - 2] == cx_.id; // a child of vfork()
    shared ? mmput(cx_) : exit_process(cx_);
    lineage_.pop_back();
    cx_.id = lineage_.back();
}

// The program's own file in the child, with the stack limit that it set.
void VmaReplay::exec(const Step& step, std::size_t index) {
    const auto from = recorded_.steps.begin() + static_cast<std::ptrdiff_t>(index);
    const auto maps =
        std::find_if(from, recorded_.steps.end(), [](const Step& later) { return later.kind == Kind::maps_part; });
    const auto dump =
        std::find_if(from, recorded_.steps.end(), [](const Step& later) { return later.kind == Kind::mm; });
    if (dump == recorded_.steps.end() || maps == recorded_.steps.end()) return;
    if (step.args[0] != 0) cx_.mm_mut().rlim.stack = step.args[0];
    facts_.forget(cx_.id, 0, ~u64{0});
    const RecordedMm& recorded = recorded_.mms[dump->mm];
    cx_.id = lineage_.back() = exec_recorded(machine_, cx_.id, recorded, maps->maps);
    own_.clear();
    for (vma_id id = first_vma(cx_); id != VMA_NONE; id = next_vma(cx_, id)) own_.push_back(cx_.vma(id).vm_end - 1);
    touch_own(true);
    start_c_library(cx_, recorded);
    if (cx_.mm().brk > cx_.mm().start_brk) (void)user_access(cx_, {cx_.mm().brk - 1, user_access_kind::write});
}

// The program writes each page's number; user-proc's counts from 1.
void VmaReplay::fill(const Step& step) {
    const u64 start = step.silent ? step.args[0] : last_mapping_, first = step.silent ? 1 : 0;
    const u64 pages = step.silent ? std::min(step.args[1], MAX_LOOKED_PAGES) : last_pages();
    for (u64 page = 0; page < pages; ++page)
        (void)user_access(
            cx_, {start + (page << cx_.proc.page_shift), user_access_kind::write, static_cast<u8>(page + first)});
}

void VmaReplay::compare_mapped(const Step& step) {
    u64 count = 0, first = 0, last = 0;
    for (u64 page = 0; page < last_pages(); ++page) {
        const u64 address = last_mapping_ + (page << cx_.proc.page_shift);
        if (page_there(machine_, cx_.id, address).kind == mapped_page::page_kind::none) continue;
        first = count++ == 0 ? page : first;
        last = page;
    }
    const auto text = [&](u64 pages, u64 from, u64 to) {
        return std::to_string(pages) +
               (step.args[3] != 0 ? " from " + std::to_string(from) + " to " + std::to_string(to) : std::string());
    };
    check("vma.mapped", step, text(step.args[0], step.args[1], step.args[2]), text(count, first, last));
}

void VmaReplay::compare_mincore(const Step& step) {
    std::vector<u8> resident(step.word.size());
    const i64 result = sys_mincore(cx_, last_mapping_, last_mapping_length_, resident);
    std::string engine = is_error(result) ? result_text(result) : std::string();
    if (!is_error(result))
        for (const u8 page : resident) engine += page != 0 ? '1' : '0';
    check("vma.mincore", step, step.word, engine);
}

void VmaReplay::grow_stack(const Step& step) {
    for (const RecordedMapsLine& line : step.maps) {
        if (line.name != "[stack]") continue;
        const vma_id stack = vma_lookup(cx_, line.end - 1);
        if (stack != VMA_NONE && line.start < cx_.vma(stack).vm_start)
            (void)user_access(cx_, {line.start, user_access_kind::write});
    }
}

void VmaReplay::compare_maps(const Step& step) {
    grow_stack(step);
    std::vector<RecordedMapsLine> engine;
    for (vma_id id = first_vma(cx_); id != VMA_NONE; id = next_vma(cx_, id)) {
        const vm_area_struct& vma = cx_.vma(id);
        const u64 offset = vma.vm_file == 0 ? 0 : vma.vm_pgoff << cx_.proc.page_shift;
        engine.push_back(
            {vma.vm_start, vma.vm_end, vma_rights(vma.vm_flags), offset, vma_name(cx_.proc, cx_.id, id), {}});
    }
    for (std::size_t i = 0; i < std::max(engine.size(), step.maps.size()); ++i) {
        const std::string recorded = i < step.maps.size() ? maps_line_text(step.maps[i]) : "none";
        const std::string ours = i < engine.size() ? maps_line_text(engine[i]) : "none";
        log_.check("vma.maps", recorded == ours,
                   [&] { return place(step) + ": recorded " + recorded + ", engine " + ours; });
    }
}

void VmaReplay::compare_mm(const Step& step) {
    const RecordedMm& recorded = recorded_.mms[step.mm];
    const mm_struct& mm = cx_.mm();
    const std::string where = place(step);
    const auto number = [&](std::string_view name, u64 theirs, u64 ours) {
        log_.equal_number(name, where, static_cast<i64>(theirs), static_cast<i64>(ours));
    };
    number("vma.map_count", recorded.map_count, mm.map_count);
    number("vma.total_vm", recorded.total_vm, mm.total_vm);
    number("vma.locked_vm", recorded.locked_vm, mm.locked_vm);
    number("vma.data_vm", recorded.data_vm, mm.data_vm);
    number("vma.exec_vm", recorded.exec_vm, mm.exec_vm);
    number("vma.stack_vm", recorded.stack_vm, mm.stack_vm);
    number("vma.brk", recorded.brk, mm.brk);
    number("vma.def_flags", recorded.def_flags, mm.def_flags);
    if (recorded_.is_proc && lineage_.size() > 1) { // a program that exec has placed
        number("exec.mmap_base", recorded.mmap_base, mm.mmap_base);
        number("exec.start_code", recorded.start_code, mm.start_code);
        number("exec.end_code", recorded.end_code, mm.end_code);
        number("exec.start_brk", recorded.start_brk, mm.start_brk);
        number("exec.arg_start", recorded.arg_start, mm.arg_start);
        number("exec.env_end", recorded.env_end, mm.env_end);
    }
    vma_id id = first_vma(cx_);
    std::map<u64, anon_vma_id> anon; // equal ones must be equal
    for (const RecordedUserVma& vma : recorded.vmas) {
        const vm_area_struct ours = id == VMA_NONE ? vm_area_struct{} : cx_.vma(id);
        const auto known = vma.anon_vma == 0 ? anon.end() : anon.try_emplace(vma.anon_vma, ours.anon_vma).first;
        const anon_vma_id wanted = vma.anon_vma == 0 ? 0 : known->second;
        const auto text = [&](u64 start, u64 end, u64 flags, u64 pgoff, bool has_anon) {
            return hex(start) + "-" + hex(end) + " flags " + hex(flags) + " pgoff " + hex(pgoff) +
                   (has_anon ? " anon_vma" : "");
        };
        const std::string theirs = text(vma.start, vma.end, vma.flags, vma.pgoff, vma.anon_vma != 0);
        const std::string engine = text(ours.vm_start, ours.vm_end, ours.vm_flags, ours.vm_pgoff, ours.anon_vma != 0);
        log_.check("vma.area", theirs == engine, [&] { return where + ": recorded " + theirs + ", engine " + engine; });
        log_.check("vma.anon_vma", (vma.anon_vma != 0) == (ours.anon_vma != 0) && ours.anon_vma == wanted,
                   [&] { return where + ": another anon_vma than recorded at " + hex(vma.start); });
        if (vma.prot != 0 && id != VMA_NONE && has_tables(cx_) && cx_.proc.rules.arch == architecture::arm64)
            log_.check("vma.prot", vma.prot == vm_page_prot(cx_, ours), [&] {
                return where + ": vm_page_prot at " + hex(vma.start) + ", recorded " + hex(vma.prot) + ", engine " +
                       hex(vm_page_prot(cx_, ours));
            });
        if (id != VMA_NONE) id = next_vma(cx_, id);
    }
    log_.not_compared(
        "Rss and page tables of a dumped mm, in which the program's own count; arguments and stack, where it begins",
        1);
}

void VmaReplay::step(const Step& step, std::size_t index) {
    if ((step.silent && silent(step, index)) || fact(step)) return;
    switch (step.kind) {
    case Kind::access: return access(step);
    case Kind::maps: return compare_maps(step);
    case Kind::mm: return compare_mm(step);
    case Kind::page: return facts_.page(cx_.id, step.page, place(step));
    case Kind::walk: return compare_walk(step);
    case Kind::smaps:
        if (!step.flags.empty()) more_.flags(cx_.id, step.args[0], step.flags, place(step));
        return facts_.smaps(cx_.id, step.args[0], step.fields, place(step));
    case Kind::status:
        if (!step.words.empty()) more_.statm(cx_.id, step.words, place(step));
        return facts_.status(cx_.id, step.fields, place(step));
    case Kind::mapped: return compare_mapped(step);
    case Kind::mincore: return compare_mincore(step);
    case Kind::fork: return fork(step);
    case Kind::fill: return fill(step);
    case Kind::faults:
        return check("vma.faults", step, faults_text(step.minor, step.major),
                     faults_text(cx_.mm().min_flt - minor_before_, cx_.mm().maj_flt - major_before_));
    case Kind::turn:
        if (lineage_.size() > 1) cx_.id = lineage_[lineage_.size() - (cx_.id == lineage_.back() ? 2 : 1)];
        return;
    case Kind::exit: return exit_child();
    case Kind::thp:
        cx_.proc.thp_always = step.word == "always";
        cx_.proc.thp_madvise = step.word == "madvise";
        return;
    default: return compare_call(step, index);
    }
}

void VmaReplay::run() {
    for (std::size_t i = 0; i < recorded_.steps.size(); ++i) {
        if (i + 1 < recorded_.steps.size() && recorded_.steps[i + 1].kind == Kind::vmstat)
            before_ = count_pages(machine_);
        step(recorded_.steps[i], i);
    }
    for (const auto& [what, lines] : recorded_.other_lines) log_.not_compared(what, lines);
}

} // namespace

process_memory recorded_process_memory(const OracleMachine& machine) {
    process_memory proc;
    proc.rules = {machine.machine.profile.kernel, machine.machine.profile.arch};
    const auto number = [&](const char* name, u64 otherwise) {
        const auto found = machine.machine.sysctl.find(name);
        u64 value = otherwise;
        if (found != machine.machine.sysctl.end())
            std::from_chars(found->second.data(), found->second.data() + found->second.size(), value);
        return value;
    };
    proc.mmap_min_addr = number("mmap_min_addr", proc.mmap_min_addr);
    proc.max_map_count = static_cast<u32>(number("max_map_count", proc.max_map_count));
    const std::string meminfo = machine.folder.text("static-meminfo.txt");
    if (const std::size_t place = meminfo.find("MemTotal:"); place != std::string::npos) {
        const std::size_t digits = meminfo.find_first_of("0123456789", place);
        u64 kib = 0;
        if (digits != std::string::npos) std::from_chars(meminfo.data() + digits, meminfo.data() + meminfo.size(), kib);
        proc.totalram_pages = kib >> (proc.page_shift - 10);
    }
    return proc;
}

mm_id start_recorded_process(process_memory& proc, const RecordedMm& recorded,
                             const std::vector<RecordedMapsLine>& maps, EventSink& sink) {
    mm_context cx{proc, create_mm(proc), sink};
    mm_struct& mm = cx.mm_mut();
    mm.mmap_base = recorded.mmap_base, mm.task_size = recorded.task_size, mm.def_flags = recorded.def_flags;
    mm.total_vm = recorded.total_vm, mm.locked_vm = recorded.locked_vm, mm.data_vm = recorded.data_vm;
    mm.exec_vm = recorded.exec_vm, mm.stack_vm = recorded.stack_vm;
    mm.start_code = recorded.start_code, mm.end_code = recorded.end_code;
    mm.start_data = recorded.start_data, mm.end_data = recorded.end_data;
    mm.hiwater_vm = recorded.total_vm;
    mm.start_brk = recorded.start_brk, mm.brk = recorded.brk, mm.start_stack = recorded.start_stack;
    std::map<u64, file_id> files;
    std::map<u64, anon_vma_id> anon;
    for (const RecordedUserVma& theirs : recorded.vmas) {
        vm_area_struct vma;
        vma.vm_start = theirs.start, vma.vm_end = theirs.end;
        vma.vm_flags = theirs.flags, vma.vm_pgoff = theirs.pgoff;
        if (theirs.anon_vma != 0) {
            const auto [known, made] = anon.try_emplace(theirs.anon_vma, 0);
            if (made) known->second = ++proc.anon_vmas_made;
            vma.anon_vma = known->second, vma.anon_vma_chain = 1;
        }
        std::string name;
        for (const RecordedMapsLine& line : maps)
            if (line.start == theirs.start) name = line.name;
        if (theirs.file != 0) {
            const auto [known, made] = files.try_emplace(theirs.file, 0);
            mapped_file file;
            file.path = intern(name);
            file.size = IMAGE_BYTES;
            file.inode = files.size();
            if (made) known->second = open_file(proc, file);
            vma.vm_file = known->second;
        }
        vma.special = name == "[vvar]"   ? special_mapping::vvar
                      : name == "[vdso]" ? special_mapping::vdso
                                         : special_mapping::none;
        vma.has_ops = vma.vm_file != 0 || vma.special != special_mapping::none;
        if ((vma.vm_flags & VM_ACCOUNT) != 0) proc.vm_committed += proc.pages(vma);
        link_vma(cx, new_vma(proc, vma));
    }
    return cx.id;
}

void compare_vmas(const OracleMachine& machine, const RecordedVmaLog& recorded, FactLog& log) {
    VmaReplay replay(recorded_user_machine(machine), recorded, log);
    if (replay.begin()) {
        replay.run();
    } else {
        log.not_compared("the file does not say how the process began", recorded.steps.size());
    }
}

} // namespace mm
