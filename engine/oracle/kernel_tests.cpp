// Situations of the kernel's own tests, as JSON: calls and accesses on an arena of pages, with result, VMAs, faults and pages
// after each, on each kernel.
//
// A case begins with an empty arena in a process of root. From the first step on that is not modelled, its steps are
// not compared.
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "oracle/user_facts.h"
#include "process/fork.h"
#include "process/maps_text.h"
#include "process/mincore.h"
#include "process/page_cache.h"
#include "process/tasks.h"
#include "process/vma_index.h"
#include "json/json.h"

namespace mm {

namespace {

constexpr u64 ARENA = 0x10'0000'0000, ARENA_PAGES = 8192, HEAP = 0x100'0000;
constexpr std::string_view FORMAT = "mmscope-kernel-tests/1";

struct Named {
    std::string_view name;
    u64 value;
};
constexpr Named NAMES[] = {
    {"PROT_NONE", 0},
    {"PROT_READ", PROT_READ},
    {"PROT_WRITE", PROT_WRITE},
    {"PROT_EXEC", PROT_EXEC},
    {"PROT_GROWSDOWN", PROT_GROWSDOWN},
    {"PROT_GROWSUP", PROT_GROWSUP},
    {"MAP_SHARED", MAP_SHARED},
    {"MAP_PRIVATE", MAP_PRIVATE},
    {"MAP_SHARED_VALIDATE", MAP_SHARED_VALIDATE},
    {"MAP_DROPPABLE", MAP_DROPPABLE},
    {"MAP_FIXED", MAP_FIXED},
    {"MAP_FIXED_NOREPLACE", MAP_FIXED_NOREPLACE},
    {"MAP_ANONYMOUS", MAP_ANONYMOUS},
    {"MAP_GROWSDOWN", MAP_GROWSDOWN},
    {"MAP_LOCKED", MAP_LOCKED},
    {"MAP_NORESERVE", MAP_NORESERVE},
    {"MAP_POPULATE", MAP_POPULATE},
    {"MAP_STACK", MAP_STACK},
    {"MREMAP_MAYMOVE", MREMAP_MAYMOVE},
    {"MREMAP_FIXED", MREMAP_FIXED},
    {"MREMAP_DONTUNMAP", MREMAP_DONTUNMAP},
    {"MLOCK_ONFAULT", MLOCK_ONFAULT},
    {"MCL_CURRENT", MCL_CURRENT},
    {"MCL_FUTURE", MCL_FUTURE},
    {"MCL_ONFAULT", MCL_ONFAULT},
    {"MADV_NORMAL", 0},
    {"MADV_RANDOM", 1},
    {"MADV_SEQUENTIAL", 2},
    {"MADV_WILLNEED", 3},
    {"MADV_DONTNEED", 4},
    {"MADV_FREE", 8},
    {"MADV_REMOVE", 9},
    {"MADV_DONTFORK", 10},
    {"MADV_DOFORK", 11},
    {"MADV_MERGEABLE", 12},
    {"MADV_UNMERGEABLE", 13},
    {"MADV_HUGEPAGE", 14},
    {"MADV_NOHUGEPAGE", 15},
    {"MADV_DONTDUMP", 16},
    {"MADV_DODUMP", 17},
    {"MADV_WIPEONFORK", 18},
    {"MADV_KEEPONFORK", 19},
    {"MADV_COLD", 20},
    {"MADV_PAGEOUT", 21},
    {"MADV_POPULATE_READ", 22},
    {"MADV_POPULATE_WRITE", 23},
    {"MADV_DONTNEED_LOCKED", 24},
    {"MADV_COLLAPSE", 25},
    {"MADV_GUARD_INSTALL", 102},
    {"MADV_GUARD_REMOVE", 103},
};

// VmFlags of smaps.
constexpr Named LETTERS[] = {
    {"rd", VM_READ},       {"wr", VM_WRITE},       {"ex", VM_EXEC},     {"sh", VM_SHARED},    {"mr", VM_MAYREAD},
    {"mw", VM_MAYWRITE},   {"me", VM_MAYEXEC},     {"ms", VM_MAYSHARE}, {"gd", VM_GROWSDOWN}, {"pf", VM_PFNMAP},
    {"lo", VM_LOCKED},     {"io", VM_IO},          {"sr", VM_SEQ_READ}, {"rr", VM_RAND_READ}, {"dc", VM_DONTCOPY},
    {"de", VM_DONTEXPAND}, {"lf", VM_LOCKONFAULT}, {"ac", VM_ACCOUNT},  {"nr", VM_NORESERVE}, {"ht", VM_HUGETLB},
    {"wf", VM_WIPEONFORK}, {"dd", VM_DONTDUMP},    {"mm", VM_MIXEDMAP}, {"hg", VM_HUGEPAGE},  {"nh", VM_NOHUGEPAGE},
    {"mg", VM_MERGEABLE},  {"dp", VM_DROPPABLE},
};

// "+4096", "0x800", "-0x1000000", "8"
i64 number_of(std::string_view text) {
    const bool minus = text.starts_with('-');
    if (minus || text.starts_with('+')) text.remove_prefix(1);
    const bool sixteen = text.starts_with("0x");
    if (sixteen) text.remove_prefix(2);
    u64 value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value, sixteen ? 16 : 10);
    return minus ? -static_cast<i64>(value) : static_cast<i64>(value);
}

// Names and numbers joined by '|'; what stands in brackets behind a name is its number.
u64 flags_of(std::string_view text) {
    u64 flags = 0;
    while (!text.empty()) {
        std::string_view word = text.substr(0, text.find('|'));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        word = word.substr(0, word.find('('));
        const auto found =
            std::find_if(std::begin(NAMES), std::end(NAMES), [&](const Named& n) { return n.name == word; });
        flags |= found != std::end(NAMES) ? found->value : static_cast<u64>(number_of(word));
    }
    return flags;
}

std::string text_of(const JsonValue& value, std::string_view key) {
    const JsonValue* found = value.find(key);
    if (!found) return {};
    return found->kind == JsonValue::Kind::integer ? std::to_string(found->integer) : found->string;
}

// A length or an offset in pages, or under the other name in bytes.
u64 bytes_of(const JsonValue& step, std::string_view pages, std::string_view bytes) {
    if (const JsonValue* found = step.find(pages)) return static_cast<u64>(found->integer) << 12;
    return static_cast<u64>(number_of(text_of(step, bytes)));
}

struct TestMachine {
    std::string_view kernel_name, arch_name;
    UserMachine machine; // each case has one like it
};

class CaseRun {
  public:
    CaseRun(const TestMachine& machine, const std::string& name, FactLog& log)
        : tested_(machine), name_(name), log_(log), machine_(machine.machine),
          cx_(machine_.context(start_user_process(machine_))) {
        mm_struct& mm = cx_.mm_mut();
        mm.start_brk = mm.brk = HEAP;
        open("f1", "f1", F1, 64 << 12, true, true);
        open("f2", "f2", F2, 64 << 12, true, true);
        open("fs", "fs", FS, (8 << 12) + 100, true, true);
        open("f1 (second open, O_RDONLY)", "f1", F1, 64 << 12, true, false);
        open("f1 (second open, O_WRONLY)", "f1", F1, 64 << 12, false, true);
        for (const char* file : {"f1", "f2", "fs"}) write(files_[file]);
    }

    // Where differences are told to be.
    void at(const std::string& place) { name_ = place; }
    // False: the step is not modelled, nor are those behind it.
    bool step(const JsonValue& step);

  private:
    static constexpr u64 F1 = 1, F2 = 2, FS = 3; // inodes
    void open(const std::string& called, std::string_view path, u64 inode, u64 size, bool readable, bool writable) {
        mapped_file file;
        file.path = intern(path);
        file.kind = file_kind::shmem;
        file.inode = inode;
        file.opened = true;
        file.size = size;
        file.readable = readable;
        file.writable = writable;
        files_[called] = open_file(cx_.proc, file);
    }
    // The files were written before the case begins.
    void write(file_id file) {
        for (u64 page = 0; page << 12 < cx_.proc.files[file].size; ++page) (void)write_file_page(cx_, file, page, 1);
    }
    [[nodiscard]] const JsonValue* expected(const JsonValue& step) const;
    [[nodiscard]] u64 address(const JsonValue& step, std::string_view pages, std::string_view bytes) const {
        return ARENA + bytes_of(step, pages, bytes);
    }
    std::optional<i64> call(const std::string& name, const JsonValue& step);
    i64 map(const JsonValue& step);
    i64 attach(const JsonValue& step);
    void touch(const JsonValue& step, const JsonValue& expect, user_access_kind kind);
    void from_outside(bool write, const JsonValue& step, const JsonValue& expect);
    void compare_result(const JsonValue& expect, i64 result);
    void compare_brk(const JsonValue& expect, i64 result);
    void compare_vmas(const JsonValue& expect);
    void compare_smaps(const JsonValue& expect);
    void compare_page(const JsonValue& step, const JsonValue& expect);
    void compare_mincore(const JsonValue& step, const JsonValue& expect);
    void compare_status(const JsonValue& step, const JsonValue& expect);
    // True: it was a look at something.
    bool look(const std::string& name, const JsonValue& step, const JsonValue& expect);
    void fork(const JsonValue& step, const JsonValue& expect);
    void check(std::string_view kind, const std::string& recorded, const std::string& engine) {
        log_.check(kind, recorded == engine, [&] { return name_ + ": recorded " + recorded + ", engine " + engine; });
    }

    const TestMachine& tested_;
    std::string name_;
    FactLog& log_;
    RunningMachine machine_;
    mm_context cx_;
    std::map<std::string, file_id> files_;
    std::vector<pfn_t> met_; // frames that were looked at, by their number
};

const JsonValue* CaseRun::expected(const JsonValue& step) const {
    const JsonValue* expect = step.find("expect");
    if (!expect) return nullptr;
    const std::string kernel(tested_.kernel_name);
    for (const std::string& key : {kernel + " " + std::string(tested_.arch_name), kernel, std::string("all")})
        if (const JsonValue* found = expect->find(key)) return found;
    return nullptr;
}

i64 CaseRun::map(const JsonValue& step) {
    mmap_request request;
    request.address = address(step, "page", "byte");
    request.length = bytes_of(step, "pages", "bytes");
    request.prot = static_cast<u32>(flags_of(text_of(step, "prot")));
    request.flags = static_cast<u32>(flags_of(text_of(step, "flags")));
    request.offset = bytes_of(step, "offset_pages", "offset_bytes");
    if (const auto file = files_.find(text_of(step, "object")); file != files_.end()) request.file = file->second;
    return sys_mmap(cx_, request);
}

// A segment's VMAs have vm_ops->close. Its file is its own.
i64 CaseRun::attach(const JsonValue& step) {
    mapped_file file;
    file.path = intern("sysv");
    file.kind = file_kind::shmem;
    file.size = bytes_of(step, "pages", "bytes");
    const i64 result = sys_mmap(cx_, {address(step, "page", "byte"), file.size, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_FIXED_NOREPLACE, open_file(cx_.proc, file)});
    if (const vma_id id = is_error(result) ? VMA_NONE : vma_lookup(cx_, static_cast<u64>(result)); id != VMA_NONE)
        cx_.vma_mut(id).close = true;
    return result;
}

std::optional<i64> CaseRun::call(const std::string& name, const JsonValue& step) {
    const u64 at = address(step, "page", "byte"), length = bytes_of(step, "pages", "bytes");
    const auto flags = static_cast<u32>(flags_of(text_of(step, "flags")));
    if (name == "mmap") return map(step);
    if (name == "shmat") return attach(step);
    if (name == "munmap") return sys_munmap(cx_, at, length);
    if (name == "mprotect") return sys_mprotect(cx_, at, length, static_cast<u32>(flags_of(text_of(step, "prot"))));
    if (name == "madvise") return sys_madvise(cx_, at, length, static_cast<u32>(flags_of(text_of(step, "advice"))));
    if (name == "mlock") return sys_mlock(cx_, at, length);
    if (name == "mlock2") return sys_mlock(cx_, at, length, flags);
    if (name == "munlock") return sys_munlock(cx_, at, length);
    if (name == "mlockall") return sys_mlockall(cx_, flags);
    if (name == "munlockall") return sys_munlockall(cx_);
    if (name == "brk") return sys_brk(cx_, HEAP + static_cast<u64>(number_of(text_of(step, "bytes_from_start"))));
    if (name == "mremap")
        return sys_mremap(cx_, {at, bytes_of(step, "old_pages", "old_bytes"), bytes_of(step, "new_pages", "new_bytes"),
                                flags, address(step, "new_page", "new_byte")});
    if (name == "truncate") {
        const auto file = files_.find(text_of(step, "object"));
        if (file == files_.end()) return std::nullopt;
        truncate_file(cx_, file->second, static_cast<u64>(number_of(text_of(step, "bytes"))));
        return 0;
    }
    if (name == "setresuid") {
        cx_.mm_mut().privileged = false;
        return 0;
    }
    if (name == "setrlimit") {
        mm_rlimits& limits = cx_.mm_mut().rlim;
        const std::string which = text_of(step, "limit");
        (which == "RLIMIT_DATA" ? limits.data
         : which == "RLIMIT_AS" ? limits.as
                                : limits.memlock) = static_cast<u64>(number_of(text_of(step, "bytes")));
        return 0;
    }
    return std::nullopt;
}

void CaseRun::touch(const JsonValue& step, const JsonValue& expect, user_access_kind kind) {
    std::string recorded = text_of(expect, "result");
    if (text_of(expect, "si_code") == "SEGV_PKUERR") {
        log_.not_compared("protection keys are not modelled", 1);
        return;
    }
    if (recorded != "ok") recorded += " " + text_of(expect, "si_code") + " at " + text_of(expect, "at_page");
    std::string engine = "ok";
    u64 minor = 0, major = 0;
    const auto first = static_cast<u64>(number_of(text_of(step, "page")));
    const auto pages = std::min(static_cast<u64>(number_of(text_of(step, "pages"))), ARENA_PAGES);
    for (u64 page = first; page < first + pages && engine == "ok"; ++page) {
        const user_access_result result = user_access(cx_, {ARENA + (page << 12), kind, 1});
        minor += result.minflt, major += result.majflt;
        if (result.out_of_memory) engine = "no memory";
        if (result.signal != 0) engine = signal_text(result) + " at " + std::to_string(page);
    }
    check("test.signal", recorded, engine);
    if (expect.find("minor"))
        check("test.faults",
              faults_text(static_cast<u64>(number_of(text_of(expect, "minor"))),
                          static_cast<u64>(number_of(text_of(expect, "major")))),
              faults_text(minor, major));
}

void CaseRun::compare_result(const JsonValue& expect, i64 result) {
    std::string recorded = text_of(expect, "result");
    std::string engine = is_error(result) ? std::string(errno_name(errno_of(result))) : "0";
    const auto value = static_cast<u64>(result);
    const bool inside = value >= ARENA && value < ARENA + (ARENA_PAGES << 12);
    if (recorded == "page") recorded += " " + text_of(expect, "page");
    if (!is_error(result) && result != 0) engine = inside ? "page " + std::to_string((value - ARENA) >> 12) : "address";
    check("test.result", recorded, engine);
}

void CaseRun::compare_brk(const JsonValue& expect, i64 result) {
    const auto from_start = [&](u64 value) {
        const i64 distance = static_cast<i64>(value - HEAP);
        return (distance < 0 ? "" : "+") + std::to_string(distance);
    };
    check("test.result", text_of(expect, "brk"), from_start(static_cast<u64>(result)));
    const vma_id heap = vma_lookup(cx_, HEAP);
    check("test.heap", text_of(expect, "heap_vma_end"), from_start(heap == VMA_NONE ? HEAP : cx_.vma(heap).vm_end));
}

void CaseRun::compare_vmas(const JsonValue& expect) {
    const JsonValue* vmas = expect.find("vmas");
    if (!vmas) return;
    if (!cx_.mm().privileged) {
        log_.not_compared("VMAs after setresuid(), whose maps the process could not read", 1);
        return;
    }
    std::string recorded, engine;
    for (const JsonValue& vma : vmas->items) {
        for (const JsonValue& item : vma.items)
            recorded += (item.kind == JsonValue::Kind::integer ? std::to_string(item.integer) : item.string) + " ";
        recorded += "| ";
    }
    for (vma_id id = find_vma(cx_, ARENA - (ARENA_PAGES << 12)); id != VMA_NONE; id = next_vma(cx_, id)) {
        const vm_area_struct& vma = cx_.vma(id);
        if (vma.vm_start >= ARENA + (ARENA_PAGES << 12)) break;
        const auto page = [](u64 address) { return std::to_string(static_cast<i64>(address - ARENA) / 4096) + " "; };
        std::string name = vma.vm_file == 0 ? "anon" : std::string(name_text(cx_.proc.files[vma.vm_file].path));
        if (name == "/dev/zero (deleted)") name = "shmem";
        engine += page(vma.vm_start) + page(vma.vm_end) + vma_rights(vma.vm_flags) + " " + name + " ";
        if (vma.vm_file != 0) engine += std::to_string(vma.vm_pgoff) + " ";
        engine += "| ";
    }
    check("test.vmas", recorded, engine);
}

// In the order of the alphabet.
std::string letters(vm_flags_t flags) {
    std::vector<std::string> words;
    for (const Named& letter : LETTERS)
        if ((flags & letter.value) != 0) words.emplace_back(letter.name);
    std::sort(words.begin(), words.end());
    std::string text;
    for (const std::string& word : words) text += word + " ";
    return text;
}

void CaseRun::compare_smaps(const JsonValue& expect) {
    const JsonValue* smaps = expect.find("smaps");
    if (!smaps) return;
    for (const JsonValue& area : smaps->items) {
        if (area.items.size() != 4) continue;
        const JsonValue& says = area.items[3];
        const vma_id id = vma_lookup(cx_, ARENA + (static_cast<u64>(area.items[0].integer) << 12));
        if (const JsonValue* flags = says.find("vm_flags")) {
            std::string recorded;
            for (const JsonValue& word : flags->items) recorded += word.string + " ";
            check("test.flags", recorded, id == VMA_NONE ? "none" : letters(cx_.vma(id).vm_flags));
        }
        std::map<std::string, u64> engine;
        if (id != VMA_NONE) engine = smaps_fields(machine_, cx_.id, id);
        constexpr std::array<std::array<const char*, 2>, 4> FIELDS = {
            {{"rss", "Rss"}, {"anonymous", "Anonymous"}, {"locked", "Locked"}, {"lazyfree", "LazyFree"}}};
        for (const auto& [name, line] : FIELDS)
            check("test.smaps." + std::string(name), std::to_string(number_of(text_of(says, name))),
                  std::to_string(engine[line] >> 2));
    }
}

// Frames are numbered as they are looked at.
void CaseRun::compare_page(const JsonValue& step, const JsonValue& expect) {
    using kind = mapped_page::page_kind;
    const auto yes = [](bool is, const char* word) { return is ? std::string(" ") + word : std::string(); };
    const auto flag = [&](const char* name) {
        const JsonValue* found = expect.find(name);
        return found && found->boolean;
    };
    std::string recorded = text_of(expect, "page");
    if (recorded == "present")
        recorded += " frame " + text_of(expect, "frame") + " " + text_of(expect, "kind") + " mapcount " +
                    text_of(expect, "mapcount") + yes(flag("mapped_once"), "once") + yes(flag("page_dirty"), "dirty");
    const mapped_page there = page_there(machine_, cx_.id, address(step, "page", "byte"));
    std::string engine = "none";
    if (there.kind != kind::none) {
        auto known = std::find(met_.begin(), met_.end(), there.pfn);
        if (known == met_.end()) known = met_.insert(known, there.pfn);
        const user_page page = cx_.proc.user.at(user_page_head(cx_.proc.user, there.pfn));
        engine = "present frame " + std::to_string(known - met_.begin()) +
                 (there.kind == kind::zero    ? " zero page"
                  : there.kind == kind::anon  ? " anon"
                  : there.kind == kind::shmem ? " shmem"
                                              : " file") +
                 " mapcount " + std::to_string(there.mapcount) + yes(there.mapcount == 1, "once") +
                 yes(page.has(user_page::DIRTY), "dirty");
    }
    check("test.page", recorded, engine);
}

void CaseRun::compare_mincore(const JsonValue& step, const JsonValue& expect) {
    std::vector<u8> resident(std::min(bytes_of(step, "pages", "bytes") >> 12, ARENA_PAGES));
    const i64 result = sys_mincore(cx_, address(step, "page", "byte"), bytes_of(step, "pages", "bytes"), resident);
    std::string engine = is_error(result) ? std::string(errno_name(errno_of(result))) : std::string();
    if (!is_error(result))
        for (const u8 page : resident) engine += page != 0 ? '1' : '0';
    check("test.mincore", expect.find("result") ? text_of(expect, "result") : text_of(expect, "mincore"), engine);
}

// "VmLck:       16 kB"
void CaseRun::compare_status(const JsonValue& step, const JsonValue& expect) {
    std::map<std::string, u64> recorded;
    (void)read_field(text_of(expect, "result"), recorded);
    const std::string field = text_of(step, "field");
    check("test.status", std::to_string(recorded[field]), std::to_string(status_fields(machine_, cx_.id)[field]));
}

bool CaseRun::look(const std::string& name, const JsonValue& step, const JsonValue& expect) {
    if (name == "look_at_smaps") return compare_smaps(expect), true;
    if (name == "look_at_page") return compare_page(step, expect), true;
    if (name == "mincore") return compare_mincore(step, expect), true;
    if (name == "look_at_status") return compare_status(step, expect), true;
    return false;
}

// The case goes on in one of the two. The other one ends at once, or does nothing.
void CaseRun::fork(const JsonValue& step, const JsonValue& expect) {
    mm_id child = MM_NONE;
    const i64 result = sys_fork(cx_, child);
    const std::string side = text_of(step, "go_on_in");
    check("test.result", text_of(expect, "result"), is_error(result) ? "an error" : side);
    if (is_error(result)) return;
    mm_context born = machine_.context(child);
    if (side == "child") {
        cx_.id = child;
    } else if (text_of(step, "other").starts_with("exits")) {
        exit_process(born);
    }
}

// A byte read or written through /proc/self/mem, which may do what the VMA forbids the process.
void CaseRun::from_outside(bool write, const JsonValue& step, const JsonValue& expect) {
    const u64 at = ARENA + (static_cast<u64>(number_of(text_of(step, "page"))) << 12);
    const vma_id vma = vma_lookup(cx_, at);
    const bool done =
        write ? write_remote(cx_, at, 1, true) == 0 : vma != VMA_NONE && fault_in(cx_, vma, at, at + 1, false);
    check("test.result", text_of(expect, "result"), done ? "1" : "E5");
}

bool CaseRun::step(const JsonValue& step) {
    const std::string name = text_of(step, "call");
    const JsonValue* expect = expected(step);
    if (!expect) return false;
    if (look(name, step, *expect)) return true;
    if (name == "fork") {
        fork(step, *expect);
        compare_vmas(*expect);
        return true;
    }
    if (name == "write" || name == "read" || name == "execute") {
        touch(step, *expect,
              name == "write"  ? user_access_kind::write
              : name == "read" ? user_access_kind::read
                               : user_access_kind::exec);
        compare_vmas(*expect);
        return true;
    }
    if (name == "/proc/self/mem write 1 byte" || name == "/proc/self/mem read 1 byte") {
        from_outside(name.find("write") != std::string::npos, step, *expect);
        compare_vmas(*expect);
        return true;
    }
    const std::optional<i64> result = call(name, step);
    if (!result && text_of(*expect, "result").starts_with('E')) {
        log_.not_compared("errors of calls that are not modelled", 1); // they change nothing
        return true;
    }
    if (!result) return false;
    if (name == "brk") {
        compare_brk(*expect, *result);
    } else {
        compare_result(*expect, *result);
    }
    compare_vmas(*expect);
    return true;
}

// Rules that were read in the sources. Those that a case measures are compared by that case.
void list_rules(const JsonValue& table, FactLog& log) {
    const auto measured = static_cast<u64>(std::count_if(table.items.begin(), table.items.end(),
                                                         [](const JsonValue& row) { return row.find("measured"); }));
    log.not_compared("rules that cases measure: compared by these cases", measured);
    log.not_compared("rules that no case measures", table.items.size() - measured);
}

void run_cases(const JsonValue& cases, const TestMachine& machine, FactLog& log) {
    for (const JsonValue& test : cases.items) {
        const JsonValue* steps = test.find("steps");
        if (!steps) continue;
        const std::string id = text_of(test, "id");
        bool modelled = true;
        std::size_t number = 0;
        std::optional<CaseRun> run;
        for (const JsonValue& step : steps->items) {
            const std::string place = id + ", step " + std::to_string(++number) + " " + text_of(step, "call") + ", " +
                                      std::string(machine.kernel_name) + " " + std::string(machine.arch_name);
            if (!run) run.emplace(machine, place, log);
            run->at(place);
            modelled = modelled && run->step(step);
            if (!modelled)
                log.not_compared("steps from one on that is not modelled yet (" + text_of(step, "call") + ")", 1);
        }
    }
}

} // namespace

std::optional<Error> compare_kernel_tests(std::string_view text, const TestedKernel& kernel, FactLog& log) {
    const auto read = parse_json(text);
    if (!read) return read.error();
    if (text_of(*read, "format") != FORMAT) return Error{"", "its format is not " + std::string(FORMAT)};
    const TestMachine machine{kernel_version_name(kernel.version),
                              kernel.arch == architecture::arm64 ? "arm64" : "x86-64", tested_user_machine(kernel)};
    if (const JsonValue* cases = read->find("cases")) run_cases(*cases, machine, log);
    if (const JsonValue* internal = read->find("internal_cases"))
        log.not_compared("cases of the kernel's inner functions", internal->items.size());
    if (const JsonValue* table = read->find("table")) list_rules(*table, log);
    return std::nullopt;
}

} // namespace mm
