// Pages that are page tables, freed by somebody else: told, marked, and the tables go on.
#include "machine/kernel_log.h"
#include "mmu/events.h"
#include "mmu/ops_on_machine.h"
#include "physical/events.h"
#include "physical/page_check.h"

namespace mm {
namespace {

class FreedTable : public test::OpsOnMachine {
  protected:
    static constexpr u32 OTHER = 2;
    static constexpr i64 USER = 0x400000;

    FreedTable() : OpsOnMachine(architecture::arm64) {}

    // The frame of a table of the space that SPACE names.
    pfn_t frame_of(u8 level) const {
        const walk_result way =
            walk(machine_.mmu, static_cast<space_id>(machine_.results[SPACE].value), static_cast<u64>(USER));
        for (u8 i = 0; i < way.nr_steps; ++i)
            if (way.steps[i].level == level) return way.steps[i].table;
        return PFN_NONE;
    }
    void start(kernel_version kernel, bool checks) {
        machine_profile profile = *machine_.profile;
        profile.kernel = kernel;
        profile.check_pages = checks;
        machine_ = std::move(make_machine(std::move(profile)).value());
    }
    void expect_unseen(pfn_t at) {
        const Event* told = find(physical_event::misuse_unseen);
        ASSERT_NE(told, nullptr);
        EXPECT_EQ(told->arg[2], static_cast<i64>(unseen_misuse::page_table));
        EXPECT_EQ(told->arg[3], at);
        EXPECT_TRUE(machine_.physical.page_at(at).table_freed());
    }
};

// The next pgd must not be the same page.
TEST_F(FreedTable, APgdStaysAndIsMarked) {
    run("pgd_alloc", {}, SPACE);
    const pfn_t pgd = machine_.mmu.tables[machine_.mmu.spaces[machine_.results[SPACE].value].pgd].pfn;
    EXPECT_FALSE(machine_.physical.page_at(pgd).table_freed());
    run("__free_pages", {{"pfn", pgd}});
    expect_unseen(pgd);
    run("pgd_alloc", {}, OTHER);
    EXPECT_NE(machine_.mmu.tables[machine_.mmu.spaces[machine_.results[OTHER].value].pgd].pfn, pgd);
    run("pgd_free", {{"mm", SPACE}});
    EXPECT_EQ(machine_.physical.page_at(pgd).state(), page_state::pcp) << "its owner frees it";
    run("pgd_free", {{"mm", OTHER}});
}

// PageTable stands where _mapcount does: with check_pages=1 (or CONFIG_DEBUG_VM) the kernel sees it. Puds have it since 6.8, a
// pgd never.
TEST_F(FreedTable, KernelsThatLookSeeThoseWithPageTable) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        for (const bool checks : {false, true}) {
            start(kernel, checks);
            map_a_page(USER);
            for (u8 level = 0; level < 4; ++level) {
                const pfn_t table = frame_of(level);
                run("__free_pages", {{"pfn", table}});
                const bool typed = level < 2 || (level == 2 && kernel == kernel_version::v6_12);
                if (!checks || !typed) {
                    expect_unseen(table);
                    continue;
                }
                const Event* told = find(physical_event::bad_page);
                ASSERT_NE(told, nullptr) << int{level};
                EXPECT_EQ(told->arg[0], table);
                EXPECT_EQ(told->arg[1], static_cast<i64>(bad_page_reason::page_table));
                EXPECT_TRUE(machine_.physical.page_at(table).table_freed());
            }
            EXPECT_EQ(run("show_pte", {{"mm", SPACE}, {"address", USER}}), OpOutcome::done);
            EXPECT_NE(find(mmu_event::walk_found), nullptr) << "the tables still translate";
            run("pgd_free", {{"mm", SPACE}});
        }
    }
}

// mm/debug.c: _mapcount with PG_table cleared in it is -513 (5.10: -1025); dump_page() prints it plus one. 6.12 prints the type.
TEST_F(FreedTable, TheLogSaysWhatDumpPageSays) {
    const std::pair<kernel_version, const char*> lines[] = {
        {kernel_version::v5_10, "mapcount:-1024 "},
        {kernel_version::v6_1, "mapcount:-512 "},
        {kernel_version::v6_12, "page_type: f2(table)\n"},
    };
    for (const auto& [kernel, line] : lines) {
        start(kernel, true);
        map_a_page(USER);
        Op op;
        op.kind = find_op("__free_pages").value();
        op.arg = {-1, -1, frame_of(0)};
        std::string log;
        EventSink sink;
        apply_with_log(machine_, op, sink, log);
        EXPECT_NE(log.find("page dumped because: nonzero mapcount"), std::string::npos) << log;
        EXPECT_NE(log.find(line), std::string::npos) << log;
    }
}

// The same through each way to free pages: by address, as an object, page by page, and in the middle of a block.
TEST_F(FreedTable, EachWayToFreeMeetsTheMark) {
    map_a_page(USER);
    const pfn_t table = frame_of(0);
    run("free_pages", {{"address", static_cast<i64>(0xffff000000000000ull + ((u64{table} - 0x40000) << 12))}});
    expect_unseen(table);
    run("__free_pages", {{"pfn", table & ~1u}, {"order", 1}});
    expect_unseen(table);
    run("pgd_free", {{"mm", SPACE}});
}

// More pages than were asked for: the neighbours may be tables.
TEST_F(FreedTable, FreePagesExactGoesOverItsNeighbours) {
    run("alloc_pages_exact", {{"nr_pages", 3}}, PAGES);
    run("pgd_alloc", {}, SPACE);
    for (const i64 nr : {i64{3}, i64{4}, i64{100}, i64{8192}}) {
        run("free_pages_exact", {{"page", PAGES}, {"nr_pages", nr}});
        run("pgd_alloc", {}, OTHER);
        run("drain_all_pages", {});
    }
    run("pgd_free", {{"mm", SPACE}});
}

// A vmalloc area's page that was freed may become a table; vfree() then frees it once more.
TEST_F(FreedTable, VfreeOfAPageThatBecameATable) {
    constexpr u32 AREA = 3;
    run("vmalloc", {{"size", 4096}}, AREA);
    const walk_result way = walk(machine_.mmu, INIT_MM, machine_.results[AREA].value);
    ASSERT_TRUE(way.found);
    const pfn_t page = static_cast<pfn_t>(way.phys >> 12);
    run("__free_pages", {{"pfn", page}});
    run("pgd_alloc", {}, SPACE);
    ASSERT_EQ(machine_.mmu.tables[machine_.mmu.spaces[machine_.results[SPACE].value].pgd].pfn, page);
    run("vfree", {{"area", AREA}});
    expect_unseen(page);
    run("pgd_free", {{"mm", SPACE}});
}

} // namespace
} // namespace mm
