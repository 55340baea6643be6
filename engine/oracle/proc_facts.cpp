#include "oracle/proc_facts.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/hex.h"
#include "process/maps_text.h"
#include "process/mincore.h"
#include "process/smaps.h"
#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr std::size_t MAX_WORDS = 1 << 12;

page_places places_of(RunningMachine& machine) { return {machine.pages().mmu, machine.pages().page.mem}; }

u64 page_address(RunningMachine& machine, const RecordedVmaStep& step, std::size_t page) {
    return step.args[0] + (page << machine.proc().page_shift);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// "rd wr mr mw me ac "
std::string vm_flags_words(RunningMachine& machine, mm_id mm, vma_id vma) {
    const std::string text = smaps_text_of(machine.proc(), places_of(machine), mm, vma);
    const std::size_t place = text.find("VmFlags: ");
    return place == std::string::npos ? std::string() : text.substr(place + 9, text.find('\n', place) - place - 9);
}

std::string maps_text_of(const RecordedMapsLine& line, bool flags) {
    return hex(line.start) + "-" + hex(line.end) + " " + line.rights + " " + hex(line.offset) + " " +
           (flags ? line.flags : line.name);
}

// Pages of VMAs that are locked, whoever has them. kernel: NR_MLOCK
i64 mlocked_pages(RunningMachine& machine) {
    std::set<pfn_t> pages;
    process_memory& proc = machine.proc();
    for (mm_id id = 0; id < proc.mms_used; ++id) {
        if (!proc.mms[id].in_use || proc.mms[id].space == 0) continue;
        mm_context cx = machine.context(id);
        for (vma_id at = first_vma(cx); at != VMA_NONE; at = next_vma(cx, at)) {
            const vm_area_struct vma = cx.vma(at);
            if ((vma.vm_flags & VM_LOCKED) == 0 || (vma.vm_flags & VM_SPECIAL) != 0) continue;
            const auto space = static_cast<space_id>(proc.mms[id].space);
            const mmu_memory& mmu = machine.pages().mmu;
            each_entry(mmu, space, vma.vm_start, vma.vm_end, [&](const table_slot& slot) {
                const auto pfn = static_cast<pfn_t>(pte_pfn(mmu.format, slot.entry, slot.level));
                if (pfn != proc.user.zero_pfn && pfn != proc.user.huge_zero_pfn) pages.insert(pfn);
            });
        }
    }
    return static_cast<i64>(pages.size());
}

} // namespace

PageCounters count_pages(RunningMachine& machine) {
    PageCounters counters;
    const user_pages& user = machine.proc().user;
    for (u32 i = 0; i < user.frames.size(); ++i) {
        const user_page page = user.frames[i];
        const bool mapped = page.mapcount > 0 || page.entire > 0;
        switch (page.kind) {
        case user_page_kind::none: break;
        case user_page_kind::anon: counters.anon += mapped; break;
        case user_page_kind::file: counters.dirty += page.has(user_page::DIRTY); [[fallthrough]];
        case user_page_kind::shmem:
            counters.mapped += mapped;
            counters.shmem += page.kind == user_page_kind::shmem;
            break;
        }
    }
    counters.mlocked = mlocked_pages(machine);
    return counters;
}

void ProcFacts::entry(mm_id mm, const RecordedEntry& recorded, const std::string& place) {
    const page_places places = places_of(machine_);
    const mapped_page there = page_there(machine_, mm, recorded.address);
    const u64 pagemap = pagemap_entry(machine_.proc(), places, mm, recorded.address);
    const auto facts = [](bool present, bool exclusive, bool file) {
        return present ? std::string("present excl=") + (exclusive ? "1" : "0") + " file=" + (file ? "1" : "0")
                       : std::string("none");
    };
    check("page.pagemap", place, facts(recorded.present, recorded.exclusive != 0, recorded.file != 0),
          facts((pagemap & PAGEMAP_PRESENT) != 0, (pagemap & PAGEMAP_EXCLUSIVE) != 0, (pagemap & PAGEMAP_FILE) != 0));
    if (!machine_.own_tables()) {
        log_.not_compared("entries of x86-64's page tables", 1);
    } else {
        const walk_result way = mm::walk(machine_.pages().mmu, machine_.proc().mms[mm].space, recorded.address);
        const pte_format& format = machine_.pages().mmu.format;
        const u64 last = way.nr_steps == 0 ? 0 : way.nr_steps - 1u;
        const pteval_t raw = way.nr_steps == 0 ? 0 : way.steps[last].entry;
        const auto text = [&](u64 level, pteval_t entry) {
            const auto leaf = static_cast<u8>(3 - std::min<u64>(level, 3));
            return "L" + std::to_string(level) + "=" +
                   hex(entry & ~address_bits(format, output_address(format, entry, leaf)));
        };
        check("page.entry", place, text(recorded.level, recorded.raw),
              text(last + 3 - machine_.pages().mmu.geometry().root(), raw));
    }
    if (!recorded.present) return;
    log_.equal_number("page.mapcount", place, static_cast<i64>(recorded.mapcount), there.mapcount);
    check("page.flags", place, known_page_flags(recorded.flags), known_page_flags(engine_page_flags(machine_, there)));
}

void ProcFacts::where(mm_id mm, const RecordedVmaStep& step, const std::string& place) {
    std::vector<std::string> engine;
    for (std::size_t i = 0; i < std::min(step.words.size(), MAX_WORDS); ++i) {
        const mapped_page there = page_there(machine_, mm, page_address(machine_, step, i));
        engine.emplace_back(there.kind == mapped_page::page_kind::none ? "-" : "P");
    }
    check("page.where", place, joined(step.words), joined(engine));
}

void ProcFacts::mapcounts(mm_id mm, const RecordedVmaStep& step, const std::string& place) {
    std::vector<std::string> engine;
    for (std::size_t i = 0; i < std::min(step.words.size(), MAX_WORDS); ++i) {
        const mapped_page there = page_there(machine_, mm, page_address(machine_, step, i));
        engine.emplace_back(there.kind == mapped_page::page_kind::none ? "-" : std::to_string(there.mapcount));
    }
    check("page.mapcounts", place, joined(step.words), joined(engine));
}

void ProcFacts::mincore(mm_id mm, const RecordedVmaStep& step, const std::string& place) {
    std::vector<u8> resident(std::min(step.word.size(), MAX_WORDS));
    mm_context cx = machine_.context(mm);
    const i64 result = sys_mincore(cx, step.args[0], resident.size() << cx.proc.page_shift, resident);
    std::string engine = is_error(result) ? std::string(errno_name(errno_of(result))) : std::string();
    if (!is_error(result))
        for (const u8 page : resident) engine += page != 0 ? '1' : '0';
    check("vma.mincore", place, step.word, engine);
}

void ProcFacts::maps_part(mm_id mm, const RecordedVmaStep& step, const std::string& place) {
    mm_context cx = machine_.context(mm);
    const bool flags = !step.maps.front().flags.empty();
    std::vector<std::string> engine;
    for (vma_id id = find_vma(cx, step.maps.front().start); id != VMA_NONE; id = next_vma(cx, id)) {
        const vm_area_struct& vma = cx.vma(id);
        if (vma.vm_start > step.maps.back().start || engine.size() == MAX_WORDS) break;
        if (vma.vm_start < step.maps.front().start) continue;
        const u64 offset = vma.vm_file == 0 ? 0 : vma.vm_pgoff << cx.proc.page_shift;
        const RecordedMapsLine line{vma.vm_start,
                                    vma.vm_end,
                                    vma_rights(vma.vm_flags),
                                    offset,
                                    vma_name(cx.proc, mm, id),
                                    flags ? vm_flags_words(machine_, mm, id) : ""};
        engine.push_back(maps_text_of(line, flags));
    }
    for (std::size_t i = 0; i < std::max(engine.size(), step.maps.size()); ++i)
        check("vma.maps", place, i < step.maps.size() ? maps_text_of(step.maps[i], flags) : "none",
              i < engine.size() ? engine[i] : "none");
}

void ProcFacts::locked(mm_id mm, const RecordedVmaStep& step, const std::string& place) {
    const auto field = [&](const char* name) { return static_cast<i64>(step.fields.at(name)); };
    const u64 kb = machine_.proc().mms[mm].locked_vm << (machine_.proc().page_shift - 10);
    log_.equal_number("status.VmLck", place, field("VmLck"), static_cast<i64>(kb));
    log_.equal_number("vmstat.nr_mlock", place, field("nr_mlock"), count_pages(machine_).mlocked);
    log_.not_compared("counters of the LRU's lists, which are not modelled", 1);
}

void ProcFacts::vmstat(const PageCounters& before, const RecordedVmaStep& step, const std::string& place) {
    const PageCounters now = count_pages(machine_);
    struct Row {
        const char* name;
        i64 PageCounters::* counter;
    };
    constexpr Row ROWS[] = {{"nr_dirty", &PageCounters::dirty},
                            {"nr_mapped", &PageCounters::mapped},
                            {"nr_anon_pages", &PageCounters::anon},
                            {"nr_shmem", &PageCounters::shmem},
                            {"nr_mlock", &PageCounters::mlocked}};
    std::size_t compared = 0;
    for (const Row& row : ROWS) {
        const auto known = step.changes.find(row.name);
        compared += known != step.changes.end();
        log_.equal_number("vmstat." + std::string(row.name), place, known == step.changes.end() ? 0 : known->second,
                          now.*row.counter - before.*row.counter);
    }
    if (compared < step.changes.size())
        log_.not_compared("counters of vmstat that only count up, and those of the LRU's lists",
                          step.changes.size() - compared);
}

void ProcFacts::value(mm_id mm, const RecordedVmaStep& step, const std::string& place) {
    const mapped_page there = page_there(machine_, mm, step.args[0]);
    const bool any = there.kind != mapped_page::page_kind::none && there.kind != mapped_page::page_kind::zero;
    log_.equal_number("page.value", place, static_cast<i64>(step.args[1]), any ? there.value : 0);
}

void ProcFacts::flags(mm_id mm, u64 address, const std::string& recorded, const std::string& place) {
    mm_context cx = machine_.context(mm);
    const vma_id vma = vma_lookup(cx, address);
    if (vma != VMA_NONE) check("smaps.VmFlags", place, recorded, vm_flags_words(machine_, mm, vma));
}

// Sizes and code; what is resident is the program's own, too.
void ProcFacts::statm(mm_id mm, const std::vector<std::string>& recorded, const std::string& place) {
    const std::string text = statm_text(machine_.proc(), mm);
    std::vector<std::string> engine;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find_first_of(" \n", at);
        engine.push_back(text.substr(at, end - at));
        at = end == std::string::npos ? text.size() : end + 1;
    }
    for (const std::size_t column : {0u, 3u, 4u, 5u, 6u})
        if (column < recorded.size() && column < engine.size())
            check("statm", place + ", column " + std::to_string(column), recorded[column], engine[column]);
}

} // namespace mm
