// Walks of single addresses that the recording kernel made, level by level.
//
// A kernel address goes through boot's tables: each table's frame, each index and each raw entry are the engine's own. What
// hangs below for modules, stacks and vmalloc is the page allocator's: there, and in the tables of processes, index, link and
// words of each entry are compared, not which frame it is.
#include <algorithm>

#include "mmu/arm64/descriptor.h"
#include "oracle/boot_map.h"
#include "oracle/replay.h"
#include "recording/tables.h"

namespace mm {
namespace {

class WalkComparison {
  public:
    WalkComparison(const RecordedKernelTable& own, const RecordedWalk& walk, FactLog& log)
        : own_(own), format_(own.mmu.format), walk_(walk), log_(log) {}

    void run() {
        log_.equal_number("walk.levels", place(walk_.line), walk_.levels, format_.geometry.levels);
        const bool kernel = half_of(format_.geometry, walk_.address) == address_half::kernel;
        const walk_result way = kernel ? walk(own_.mmu, own_.space, walk_.address) : walk_result{};
        bool known = kernel; // the table of this step is one of the engine's
        for (std::size_t i = 0; i < walk_.steps.size(); ++i) {
            const RecordedStep& step = walk_.steps[i];
            const auto level = static_cast<u8>(3 - step.level);
            if (level >= format_.geometry.levels) return;
            compare_alone(step, level, kernel);
            known = known && i < way.nr_steps;
            if (!known) continue;
            compare_own(step, way.steps[i]);
            // What a boot table has for areas came later.
            known = way.steps[i].entry != 0 || !own_.is_dynamic(walk_.address);
        }
    }

  private:
    [[nodiscard]] static std::string place(u32 line) { return "line " + std::to_string(line); }

    // What is right or wrong about an entry by itself.
    void compare_alone(const RecordedStep& step, u8 level, bool kernel) {
        log_.equal_number("walk.index", place(step.line), static_cast<i64>(step.index),
                          format_.geometry.index(level, walk_.address));
        const std::string words = descriptor_line(format_, step.raw, level);
        log_.check("walk.words", words == step.words,
                   [&] { return place(step.line) + ": recorded " + step.words + ", engine " + words; });
        const descriptor_kind kind = kind_of(format_, step.raw, level);
        if (kind == descriptor_kind::table) {
            const phys_addr_t phys = output_address(format_, step.raw, level);
            const auto made = {table_entry(format_, phys, level, kernel),
                               table_entry(format_, phys, level, kernel, true),
                               phys | PTE_VALID | PTE_TABLE_BIT}; // the last: the fixmap's
            const bool usual = std::find(made.begin(), made.end(), step.raw) != made.end();
            log_.check("walk.link", usual, [&] {
                return place(step.line) + ": recorded " + hex(step.raw) + ", engine " + hex(*made.begin());
            });
        } else if (is_leaf(kind)) {
            log_.check("walk.protection", has_protection(step.raw, level, kernel), [&] {
                return place(step.line) + ": recorded " + hex(step.raw) + " is no protection of the kernel's";
            });
        }
    }

    // A leaf is made from a protection; dirty, accessed, special and contiguous are added to it.
    [[nodiscard]] bool has_protection(pteval_t entry, u8 level, bool kernel) const {
        const pteval_t plain = entry & ~address_bits(format_, output_address(format_, entry, level)) & ~PTE_CONT;
        const protection from = kernel ? protection::PAGE_KERNEL : protection::PAGE_NONE;
        for (auto i = static_cast<u8>(from); i < static_cast<u8>(protection::count); ++i) {
            const pgprot_t prot = pgprot_of(format_, static_cast<protection>(i));
            for (const pgprot_t written : {prot, pte_mkwrite(format_, prot), pte_mkdirty(format_, prot),
                                           pte_mkdirty(format_, pte_mkwrite(format_, prot)),
                                           pte_wrprotect(format_, pte_mkdirty(format_, pte_mkwrite(format_, prot)))})
                for (const pgprot_t aged : {written, pte_mkold(format_, written)})
                    for (const pgprot_t marked : {aged, pte_mkspecial(format_, aged)})
                        if ((level > 0 ? pte_mkhuge(format_, marked) : marked) == plain) return true;
        }
        return false;
    }

    // Kinds tell which part of boot made the table.
    void compare_own(const RecordedStep& step, const walk_step& own) {
        const layout_region* region = region_of(own_.layout, walk_.address);
        const bool sections = region && region->kind == region_kind::vmemmap;
        const u64 frame = own_.linear.virt_to_phys(step.table) & ~(format_.geometry.page_size() - 1);
        const u64 engine = u64{own.table} << format_.geometry.page_shift;
        log_.check(sections ? "walk.vmemmap.table" : "walk.table", frame == engine,
                   [&] { return place(step.line) + ": recorded " + hex(frame) + ", engine " + hex(engine); });
        if (own.entry == 0 && own_.is_dynamic(walk_.address)) return;
        log_.check(sections ? "walk.vmemmap.entry" : "walk.entry", step.raw == own.entry,
                   [&] { return place(step.line) + ": recorded " + hex(step.raw) + ", engine " + hex(own.entry); });
    }

    const RecordedKernelTable& own_;
    const pte_format& format_;
    const RecordedWalk& walk_;
    FactLog& log_;
};

} // namespace

void compare_walks(const OracleMachine& machine, const std::vector<RecordedWalk>& walks, FactLog& log) {
    if (walks.empty()) return;
    const auto own = recorded_kernel_table(machine);
    if (!own) return;
    for (const RecordedWalk& walk : walks) WalkComparison(*own, walk, log).run();
}

} // namespace mm
