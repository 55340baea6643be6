// The whole page table of a recorded kernel, run by run, and that of a process.
//
// What boot makes is compared as a whole: range, level, physical address and attributes of each run. Pages of the linear map
// are read-only where a module or a BPF program has made its own mapping of them read-only: that part of the same recording
// says which they are. Which frames modules, stacks and vmalloc got is the page allocator's story of a whole boot; of their
// runs the range is compared with the area in /proc/vmallocinfo, and the attributes with what such an area has.
#include <algorithm>
#include <map>
#include <set>

#include "oracle/boot_map.h"
#include "oracle/replay.h"
#include "recording/tables.h"
#include "recording/text.h"
#include "recording/vmalloc.h"

namespace mm {
namespace {

// A recording may say anything: longer runs are not followed page by page.
constexpr u64 MAX_AREA_BYTES = 1ull << 30;
constexpr u64 MAX_USER_BYTES = 1ull << 36;

// Runs of a table as the module prints them: equal attributes, addresses in a row on both sides.
class RunMaker {
  public:
    RunMaker(const mmu_memory& mmu, space_id space) : mmu_(mmu) { table(mmu.spaces[space].pgd); }
    std::vector<RecordedRun> take() {
        flush();
        return std::move(runs_);
    }

  private:
    void table(table_id id) {
        const page_table record = mmu_.tables[id];
        const u32 entries = mmu_.geometry().entries(record.level);
        for (u32 i = 0; i < entries; ++i) {
            const pteval_t entry = mmu_.entry(id, i);
            const table_id below = record.level > 0 ? mmu_.table_below(entry, record.level) : TABLE_NONE;
            if (below != TABLE_NONE)
                table(below);
            else if (entry & PTE_VALID)
                leaf(entry, record.level, record.start + (u64{i} << mmu_.geometry().shift(record.level)));
            else
                flush();
        }
    }
    void leaf(pteval_t entry, u8 level, u64 start) {
        const phys_addr_t phys = output_address(mmu_.format, entry, level);
        const u64 attributes = entry & ~address_bits(mmu_.format, phys);
        if (open_ && level == level_ && attributes == attributes_ && start == run_.end &&
            phys == run_.phys + (run_.end - run_.start)) {
            run_.end += mmu_.geometry().size(level);
            return;
        }
        flush();
        open_ = true;
        level_ = level;
        attributes_ = attributes;
        run_ = {0, start, start + mmu_.geometry().size(level), mmu_.geometry().hardware_level(level), phys, {}};
    }
    void flush() {
        if (open_) {
            run_.words = prot_words(mmu_.format, attributes_ | PTE_TABLE_BIT, level_);
            runs_.push_back(run_);
        }
        open_ = false;
    }

    const mmu_memory& mmu_;
    std::vector<RecordedRun> runs_;
    RecordedRun run_;
    u64 attributes_ = 0;
    u8 level_ = 0;
    bool open_ = false;
};

std::string run_text(const RecordedRun& run) {
    return hex(run.start) + "-" + hex(run.end) + " L" + std::to_string(run.level) + " phys=" + hex(run.phys) + " " +
           run.words;
}

std::string_view kind_of_run(const address_layout& layout, u64 address) {
    const layout_region* region = region_of(layout, address);
    switch (region ? region->kind : region_kind::hole) {
    case region_kind::linear: return "table.linear";
    case region_kind::fixmap: return "table.fixmap";
    case region_kind::vmemmap: return "table.vmemmap";
    case region_kind::pci_io: return "table.pci_io";
    default: return "table.image";
    }
}

class KernelComparison {
  public:
    KernelComparison(RecordedKernelTable& own, const RecordedTable& recorded, const std::vector<VmallocLine>& areas,
                     FactLog& log)
        : own_(own), recorded_(recorded), areas_(areas), log_(log) {}

    void run() {
        make_aliases_read_only();
        compare_static();
        for (const RecordedRun& run : recorded_.runs)
            if (own_.is_dynamic(run.start)) compare_dynamic(run);
        compare_counts();
    }

  private:
    // kernel: change_memory_common. Under rodata_full it changes the alias, too, of all pages of the area, even when only a
    // part of them becomes read-only.
    void make_aliases_read_only() {
        std::set<const VmallocLine*> changed;
        for (const RecordedRun& run : recorded_.runs)
            if (own_.is_dynamic(run.start) && run.words.find("(ro,el1)") != std::string::npos)
                if (const VmallocLine* area = area_of(run.start); area && !is_mapped_read_only(*area))
                    changed.insert(area);
        for (const RecordedRun& run : recorded_.runs)
            if (own_.is_dynamic(run.start) && changed.contains(area_of(run.start))) make_alias_read_only(run);
    }

    // Before 6.10 the pages that kprobes executes from are mapped read-only from the start, and their alias stays as it is.
    bool is_mapped_read_only(const VmallocLine& area) const {
        return is_insn_page(area) &&
               !boot_map_rules{own_.mmu.format.rules.machine_kernel()}.insn_pages_become_read_only();
    }

    void make_alias_read_only(const RecordedRun& run) {
        if (run.end - run.start > MAX_AREA_BYTES) return;
        EventSink quiet;
        mmu_context cx{own_.mmu, {own_.mem, quiet, 0, 0}};
        for (u64 phys = run.phys; phys < run.phys + (run.end - run.start); phys += own_.mmu.geometry().page_size()) {
            const walk_result way = walk(own_.mmu, own_.space, own_.linear.phys_to_virt(phys));
            if (!way.found || way.last().level != 0) continue;
            const pteval_t entry = (way.last().entry & ~PTE_WRITE) | PTE_RDONLY;
            set_entry(cx, own_.mmu.table_at(way.last().table), way.last().index, entry);
        }
    }

    void compare_static() {
        std::map<u64, RecordedRun> runs;
        for (RecordedRun& run : RunMaker(own_.mmu, own_.space).take()) runs[run.start] = std::move(run);
        for (const RecordedRun& run : recorded_.runs) {
            if (own_.is_dynamic(run.start)) continue;
            const auto found = runs.find(run.start);
            const bool equal = found != runs.end() && found->second.end == run.end &&
                               found->second.level == run.level && found->second.phys == run.phys &&
                               found->second.words == run.words;
            log_.check(kind_of_run(own_.layout, run.start), equal, [&] {
                return "line " + std::to_string(run.line) + ": recorded " + run_text(run) + ", engine " +
                       (found == runs.end() ? "nothing that begins there" : run_text(found->second));
            });
            if (found != runs.end()) runs.erase(found);
        }
        log_.check("table.more_runs", runs.empty(), [&] {
            return "the engine has " + std::to_string(runs.size()) + " runs more, the first " +
                   run_text(runs.begin()->second);
        });
    }

    const VmallocLine* area_of(u64 address) const {
        for (const VmallocLine& line : areas_)
            if (!line.unpurged && address >= line.start && address < line.end) return &line;
        return nullptr;
    }
    static bool is_insn_page(const VmallocLine& area) { return area.what.find("insn") != std::string::npos; }

    void compare_dynamic(const RecordedRun& run) {
        const VmallocLine* area = area_of(run.start);
        if (!area) {
            log_.not_compared("runs of areas that are gone from the list", 1);
            return;
        }
        const auto place = [&] { return "line " + std::to_string(run.line) + ": recorded " + run_text(run); };
        const pte_format& format = own_.mmu.format;
        // The last page of an area is its guard. Those of per-CPU memory have none, and are filled bit by bit.
        const u64 guard = area->what.starts_with("pcpu_get_vm_areas") ? 0 : format.geometry.page_size();
        log_.check("table.area.range", run.end <= area->end - guard, [&] {
            return place() + ", the area " + hex(area->start) + "-" + hex(area->end) + " ends with a guard page";
        });
        std::vector<protection> may;
        if (const std::size_t at = area->what.find("phys=0x"); at != std::string::npos) {
            u64 phys = 0;
            static_cast<void>(TextCursor(std::string_view(area->what).substr(at + 7)).number(phys, 16));
            log_.check("table.area.phys", run.phys == phys + (run.start - area->start),
                       [&] { return place() + ", the area is at " + hex(phys); });
            may = {protection::PROT_DEVICE_nGnRE, protection::PROT_DEVICE_nGnRnE};
        } else if (area->what.ends_with("dma-coherent")) {
            // kernel: pgprot_dmacoherent of PAGE_KERNEL
            may = {protection::PROT_NORMAL_NC};
        } else {
            may = {protection::PAGE_KERNEL};
            const bool code = run.start < own_.layout["MODULES_END"] || is_insn_page(*area) ||
                              area->what.find("bpf") != std::string::npos;
            if (code) may.insert(may.end(), {protection::PAGE_KERNEL_RO, protection::PAGE_KERNEL_ROX});
        }
        const u8 level = own_.level(run.level);
        const bool equal = std::any_of(may.begin(), may.end(), [&](protection name) {
            const pgprot_t prot = pgprot_of(format, name);
            if (prot_words(format, prot, level) == run.words) return true;
            // A protection that is made from PAGE_KERNEL keeps its dirty bit.
            return name == protection::PROT_NORMAL_NC && format.rules.kernel_memory_is_dirty() &&
                   prot_words(format, prot | PTE_DIRTY, level) == run.words;
        });
        log_.check("table.area.attributes", equal, [&] {
            return place() + ", but the area is \"" + area->what + "\" of the protection " +
                   std::string(protection_names[static_cast<std::size_t>(may.front())]);
        });
    }

    // Tables at each level: boot's, and those that the recorded areas need.
    void compare_counts() {
        EventSink quiet;
        mmu_context cx{own_.mmu, {own_.mem, quiet, 0, 0}};
        const u64 table_bytes = own_.mmu.geometry().size(1);
        const auto need = [&](u64 start, u64 end, u8 level) {
            for (u64 at = start / table_bytes * table_bytes; at < end; at += table_bytes)
                static_cast<void>(table_alloc(cx, own_.space, std::max(at, start), level));
        };
        for (const RecordedRun& run : recorded_.runs)
            if (own_.is_dynamic(run.start) && run.end - run.start <= MAX_AREA_BYTES && own_.is_dynamic(run.end - 1))
                need(run.start, run.end, own_.level(run.level));
        for (const RecordedTable::Count& count : recorded_.counts)
            if (const u8 level = own_.level(count.level); level < MAX_LEVELS)
                log_.equal_number("table.count", "line " + std::to_string(count.line), static_cast<i64>(count.tables),
                                  own_.mmu.spaces[own_.space].nr_tables[level]);
    }

    RecordedKernelTable& own_;
    const RecordedTable& recorded_;
    const std::vector<VmallocLine>& areas_;
    FactLog& log_;
};

constexpr u64 VM_READ = 1, VM_WRITE = 2, VM_EXEC = 4, VM_SHARED = 8;

// The entries that a page of a VMA may have: as mapped, written, read-only again after fork, and not accessed yet.
std::set<std::string> words_of_vma(const pte_format& format, const RecordedVma& vma) {
    std::set<std::string> words;
    for (const pteval_t pte :
         {vma.prot, pte_mkdirty(format, vma.prot), pte_mkdirty(format, pte_mkwrite(format, vma.prot)),
          pte_wrprotect(format, pte_mkdirty(format, pte_mkwrite(format, vma.prot)))})
        for (const pteval_t entry : {pte, pte_mkold(format, pte)})
            for (const pteval_t marked : {entry, pte_mkspecial(format, entry)})
                words.insert(leaf_words(format, marked, 0));
    return words;
}

void compare_user(const pte_format& format, const RecordedTable& recorded, FactLog& log) {
    for (const RecordedVma& vma : recorded.vmas) {
        const protection name =
            vm_get_page_prot(vma.flags & VM_READ, vma.flags & VM_WRITE, vma.flags & VM_EXEC, vma.flags & VM_SHARED);
        log.check("table.user.prot", pgprot_of(format, name) == vma.prot, [&] {
            return "line " + std::to_string(vma.line) + ": recorded " + hex(vma.prot) + ", engine " +
                   std::string(protection_names[static_cast<std::size_t>(name)]) + " " + hex(pgprot_of(format, name));
        });
    }
    std::array<std::set<u64>, MAX_LEVELS> tables;
    for (const RecordedRun& run : recorded.runs) {
        const auto vma = std::find_if(recorded.vmas.begin(), recorded.vmas.end(),
                                      [&](const RecordedVma& v) { return run.start >= v.start && run.end <= v.end; });
        log.check("table.user.vma", vma != recorded.vmas.end(),
                  [&] { return "line " + std::to_string(run.line) + ": no VMA holds the run " + run_text(run); });
        if (vma != recorded.vmas.end())
            log.check("table.user.attributes", words_of_vma(format, *vma).contains(run.words), [&] {
                return "line " + std::to_string(run.line) + ": no page of a VMA with protection " + hex(vma->prot) +
                       " is " + run.words;
            });
        if (run.end - run.start > MAX_USER_BYTES) continue;
        for (u64 at = run.start; at < run.end; at += format.geometry.size(1) - at % format.geometry.size(1))
            for (u8 level = static_cast<u8>(3 - run.level); level < format.geometry.levels; ++level)
                tables[level].insert(level == format.geometry.root() ? 0 : at >> format.geometry.shift(level + 1));
    }
    for (const RecordedTable::Count& count : recorded.counts)
        if (const int level = 3 - count.level; level < MAX_LEVELS)
            log.equal_number("table.user.count", "line " + std::to_string(count.line), static_cast<i64>(count.tables),
                             static_cast<i64>(tables[static_cast<std::size_t>(level)].size()));
}

} // namespace

void compare_page_tables(const OracleMachine& machine, const std::vector<RecordedTable>& tables, FactLog& log) {
    auto own = recorded_kernel_table(machine);
    if (!own) return;
    const std::vector<VmallocLine> areas = parse_vmallocinfo(machine.folder.text("mod-vmallocinfo-after.txt"));
    for (const RecordedTable& recorded : tables) {
        log.equal_number("table.levels", recorded.user ? "PT user" : "PT kernel", recorded.levels,
                         own->mmu.geometry().levels);
        if (recorded.user)
            compare_user(own->mmu.format, recorded, log);
        else
            KernelComparison(*own, recorded, areas, log).run();
    }
}

} // namespace mm
