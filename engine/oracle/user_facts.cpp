#include "oracle/user_facts.h"

#include <algorithm>

#include "base/hex.h"
#include "process/fork.h"
#include "process/processes.h"
#include "process/rmap.h"
#include "process/smaps.h"
#include "process/vma_index.h"
#include "recording/text.h"

namespace mm {

namespace {

std::map<std::string, u64> fields_of(const std::string& text) {
    std::map<std::string, u64> fields;
    LineReader reader(text);
    for (std::string_view line; reader.next(line);) (void)read_field(line, fields);
    return fields;
}

// kpageflags that the engine knows. UPTODATE is every page's, LRU, REFERENCED and ACTIVE are the LRU's; KSM of 6.12 is
// wrong in the kernel.
constexpr std::string_view KNOWN_FLAGS[] = {"DIRTY",         "MMAP",          "ANON", "SWAPBACKED",
                                            "COMPOUND_HEAD", "COMPOUND_TAIL", "THP",  "ZERO_PAGE"};

constexpr std::size_t MAX_SEEN = 256; // pages whose frames are remembered: recordings may be long

// Fields of status that the calls alone decide.
constexpr const char* STATUS_FIELDS[] = {"VmPeak", "VmSize", "VmLck", "VmPin", "VmData", "VmStk", "VmExe", "VmLib"};
// The program's own pages count in them, and tasks keep some of their counts to themselves for a while.
constexpr const char* RSS_FIELDS[] = {"VmHWM", "VmRSS", "RssAnon", "RssFile", "RssShmem"};

} // namespace

std::string known_page_flags(const std::string& names) {
    std::string known;
    for (const std::string_view flag : KNOWN_FLAGS)
        if (("," + names).find("," + std::string(flag) + ",") != std::string::npos) known += std::string(flag) + ",";
    return known;
}

std::string engine_page_flags(RunningMachine& machine, const mapped_page& there) {
    using kind = mapped_page::page_kind;
    if (there.kind == kind::none) return {};
    const user_pages& user = machine.proc().user;
    const user_page page = user.at(there.pfn);
    const pfn_t head = user_page_head(user, there.pfn);
    const user_page first = user.at(head);
    const bool zero = there.kind == kind::zero, huge = zero ? there.level > 0 : page.order > 0;
    const bool tail = huge && head != there.pfn;
    // 6.12 shows the head's flags for all pages of a huge one.
    const bool own = !tail || machine.proc().rules.since(6, 12);
    std::string names;
    if (own && first.has(user_page::DIRTY)) names += "DIRTY,";
    if (!zero) names += "MMAP,";
    if (there.kind == kind::anon) names += "ANON,";
    if (!zero && own && there.kind != kind::file && !first.has(user_page::LAZYFREE)) names += "SWAPBACKED,";
    if (huge) names += tail ? "COMPOUND_TAIL,THP," : "COMPOUND_HEAD,THP,";
    if (zero) names += "ZERO_PAGE,";
    return names;
}

mm_id start_user_process(RunningMachine& machine) {
    const mm_id id = create_mm(machine.proc());
    mm_context cx = machine.context(id);
    const bool x86 = machine.proc().rules.arch == architecture::x86_64;
    mm_struct& mm = cx.mm_mut();
    mm.task_size = x86 ? 0x7fff'ffff'f000 : 1ull << 48;
    mm.mmap_base = x86 ? 0x7fff'f7ff'f000 : 0xffff'f800'0000;
    (void)mm_alloc_pgd(cx);
    return id;
}

std::map<std::string, u64> smaps_fields(RunningMachine& machine, mm_id mm, vma_id vma) {
    const page_places places{machine.pages().mmu, machine.pages().page.mem};
    return fields_of(smaps_text_of(machine.proc(), places, mm, vma));
}

std::map<std::string, u64> status_fields(RunningMachine& machine, mm_id mm) {
    return fields_of(status_text(machine.proc(), {machine.pages().mmu, machine.pages().page.mem}, mm));
}

mapped_page page_there(RunningMachine& machine, mm_id mm, u64 address) {
    return page_at_address(machine.proc(), machine.pages().mmu, machine.pages().page.mem, mm, address);
}

std::string faults_text(u64 minor, u64 major) {
    return "minflt+" + std::to_string(minor) + " majflt+" + std::to_string(major);
}

std::string signal_text(const user_access_result& result) {
    if (result.signal == 0) return "ok";
    if (result.signal == SIGBUS_NUMBER) return "SIGBUS BUS_ADRERR";
    if (result.signal == SIGKILL_NUMBER) return "SIGKILL";
    return result.si_code == SEGV_MAPERR ? "SIGSEGV SEGV_MAPERR" : "SIGSEGV SEGV_ACCERR";
}

void UserFacts::forget(mm_id mm, u64 start, u64 length) {
    std::erase_if(seen_, [&](const Seen& seen) {
        return seen.mm == mm && seen.address >= start && seen.address - start < length;
    });
}

void UserFacts::frame(const Seen& now, const std::string& place) {
    const auto elsewhere = [&](const Seen& seen) { return seen.mm != now.mm || seen.address != now.address; };
    std::erase_if(seen_, [&](const Seen& seen) {
        return elsewhere(seen) && page_there(machine_, seen.mm, seen.address).pfn != seen.engine;
    });
    const auto other = std::find_if(seen_.begin(), seen_.end(), [&](const Seen& seen) {
        return (seen.recorded == now.recorded) != (seen.engine == now.engine);
    });
    log_.check("page.frame", other == seen_.end(), [&] {
        return place + ": recorded " + (other->recorded == now.recorded ? "the" : "not the") + " frame of " +
               hex(other->address) + ", engine " + (other->engine == now.engine ? "the same" : "another one");
    });
    std::erase_if(seen_, [&](const Seen& seen) { return !elsewhere(seen); });
    if (seen_.size() == MAX_SEEN) seen_.erase(seen_.begin());
    seen_.push_back(now);
}

void UserFacts::same_frame(mm_id mm, u64 address, u64 recorded, const std::string& place) {
    const mapped_page there = page_there(machine_, mm, address);
    if (there.kind != mapped_page::page_kind::none) frame({mm, address, recorded, there.pfn}, place);
}

void UserFacts::page(mm_id mm, const RecordedPage& recorded, const std::string& place) {
    const page_places places{machine_.pages().mmu, machine_.pages().page.mem};
    const u64 bits = ~(PAGEMAP_PFN | PAGEMAP_SOFT_DIRTY);
    const mapped_page there = page_there(machine_, mm, recorded.address);
    check("page.pagemap", place, hex(recorded.pagemap & bits),
          hex(pagemap_entry(machine_.proc(), places, mm, recorded.address) & bits));
    if ((recorded.pagemap & PAGEMAP_SOFT_DIRTY) != 0) log_.not_compared("soft-dirty bits", 1);
    log_.equal_number("page.mapcount", place, static_cast<i64>(recorded.mapcount), there.mapcount);
    check("page.flags", place, known_page_flags(recorded.flags), known_page_flags(engine_page_flags(machine_, there)));
    const bool both = (recorded.pagemap & PAGEMAP_PRESENT) != 0 && there.kind != mapped_page::page_kind::none;
    if (both) frame({mm, recorded.address, recorded.pagemap & PAGEMAP_PFN, there.pfn}, place);
}

void UserFacts::walk(mm_id mm, const RecordedWalk& recorded, const std::string& place) {
    const mmu_memory& mmu = machine_.pages().mmu;
    const walk_result way = mm::walk(mmu, machine_.proc().mms[mm].space, recorded.address);
    log_.equal_number("walk.user.steps", place, static_cast<i64>(recorded.steps.size()), way.nr_steps);
    for (std::size_t i = 0; i < recorded.steps.size() && i < way.nr_steps; ++i) {
        const RecordedStep& step = recorded.steps[i];
        const auto level = static_cast<u8>(3 - step.level);
        const auto without_frame = [&](pteval_t entry) {
            return hex(entry & ~address_bits(mmu.format, output_address(mmu.format, entry, level)));
        };
        check("walk.user.entry", place + ", line " + std::to_string(step.line), without_frame(step.raw),
              without_frame(way.steps[i].entry));
    }
}

void UserFacts::smaps(mm_id mm, u64 start, const std::map<std::string, u64>& recorded, const std::string& place) {
    mm_context cx = machine_.context(mm);
    const vma_id vma = vma_lookup(cx, start);
    log_.check("smaps.vma", vma != VMA_NONE, [&] { return place + ": engine has no VMA at " + hex(start); });
    if (vma == VMA_NONE) return;
    const std::map<std::string, u64> engine = smaps_fields(machine_, mm, vma);
    for (const auto& [name, kb] : recorded) {
        const auto ours = engine.find(name);
        if (ours == engine.end())
            log_.not_compared("lines of smaps that are not modelled (" + name + ")", 1);
        else
            log_.equal_number("smaps." + name, place, static_cast<i64>(kb), static_cast<i64>(ours->second));
    }
}

void UserFacts::status(mm_id mm, const std::map<std::string, u64>& recorded, const std::string& place) {
    const std::map<std::string, u64> engine = status_fields(machine_, mm);
    const auto both = [&](const char* name, auto compare) {
        const auto theirs = recorded.find(name), ours = engine.find(name);
        if (theirs != recorded.end() && ours != engine.end())
            compare(static_cast<i64>(theirs->second), static_cast<i64>(ours->second));
    };
    for (const char* name : STATUS_FIELDS)
        both(name,
             [&](i64 theirs, i64 ours) { log_.equal_number("status." + std::string(name), place, theirs, ours); });
    both("VmPTE", [&](i64 theirs, i64 ours) {
        if (own_tables_)
            log_.equal_number("status.VmPTE", place, theirs, ours + *own_tables_);
        else
            own_tables_ = theirs - ours;
    });
    for (const char* name : RSS_FIELDS)
        if (recorded.contains(name))
            log_.not_compared("pages that status counts: the program's own are among them, and they lag behind", 1);
    if (recorded.contains("VmSwap")) log_.not_compared("swap is not modelled yet", 1);
}

} // namespace mm
