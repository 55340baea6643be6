#include "mmu/ops.h"

#include "machine/narrate.h"
#include "mmu/events.h"
#include "mmu/ops_on_machine.h"
#include "mmu/pte_helpers.h"

namespace mm {
namespace {

class MmuOps : public test::OpsOnMachine {
  protected:
    static constexpr u64 USER = 0x400000;

    explicit MmuOps(architecture arch = architecture::arm64) : OpsOnMachine(arch) {}

    space_id space() const { return static_cast<space_id>(machine_.results[SPACE].value); }
    pteval_t leaf(u64 address) const { return walk(machine_.mmu, space(), address).last().entry; }
    // In the buddy lists: NR_FREE_PAGES lags behind by what CPUs have counted for themselves.
    u64 free_pages_now() {
        run("drain_all_pages", {});
        u64 pages = 0;
        for (const zone& z : machine_.physical.zones)
            for (u32 order = 0; order < machine_.physical.nr_orders; ++order)
                pages += u64{z.area[order].nr_free} << order;
        return pages;
    }
    static i64 change(std::string_view name) {
        return std::find(pte_change_names.begin(), pte_change_names.end(), name) - pte_change_names.begin();
    }
};

// Two pages at the begin of a table: one table each of pud, pmd and pte, besides the pgd.
TEST_F(MmuOps, PagesOfAProcessAreMappedWalkedAndUnmapped) {
    EXPECT_EQ(run("pgd_alloc", {}, SPACE), OpOutcome::done);
    EXPECT_EQ(run("alloc_pages", {{"order", 1}}, PAGES), OpOutcome::done);
    const pfn_t pfn = machine_.results[PAGES].pfn();
    EXPECT_EQ(run("vm_insert_pages", {{"mm", SPACE}, {"address", USER}, {"page", PAGES}}), OpOutcome::done);
    ASSERT_NE(last(mmu_event::pages_mapped), nullptr);
    EXPECT_EQ(last(mmu_event::pages_mapped)->arg[1], 2);
    EXPECT_EQ(run("show_pte", {{"mm", SPACE}, {"address", USER + 0x1234}}), OpOutcome::done);
    ASSERT_NE(last(mmu_event::walk_found), nullptr);
    EXPECT_EQ(static_cast<u64>(last(mmu_event::walk_found)->arg[1]), (u64{pfn} + 1) * 4096 + 0x234);
    EXPECT_EQ(machine_.mmu.spaces[space()].nr_tables, (std::array<u32, MAX_LEVELS>{1, 1, 1, 1, 0}));
    EXPECT_EQ(run("unmap_page_range", {{"mm", SPACE}, {"address", USER}, {"size", 8192}}), OpOutcome::done);
    EXPECT_EQ(machine_.mmu.spaces[space()].nr_tables, (std::array<u32, MAX_LEVELS>{0, 0, 0, 1, 0}));
    EXPECT_EQ(run("pgd_free", {{"mm", SPACE}}), OpOutcome::done);
    EXPECT_EQ(run("pgd_free", {{"mm", SPACE}}), OpOutcome::no_effect) << "it is gone";
}

TEST_F(MmuOps, AnAddressSpaceGivesAllItsTablesBack) {
    run("alloc_pages", {{"order", 0}}, PAGES);
    const u64 before = free_pages_now();
    run("pgd_alloc", {}, SPACE);
    for (u64 gib = 0; gib < 3; ++gib)
        run("vm_insert_pages", {{"mm", SPACE}, {"address", static_cast<i64>(gib << 30)}, {"page", PAGES}});
    EXPECT_EQ(machine_.mmu.spaces[space()].nr_tables, (std::array<u32, MAX_LEVELS>{3, 3, 1, 1, 0}));
    run("pgd_free", {{"mm", SPACE}});
    EXPECT_EQ(free_pages_now(), before);
}

// AP, DBM and the dirty bit as arch/arm64/include/asm/pgtable.h has them: mprotect keeps the frame.
TEST_F(MmuOps, ChangeProtectionKeepsThePage) {
    run("pgd_alloc", {}, SPACE);
    run("alloc_pages", {{"order", 0}}, PAGES);
    run("vm_insert_pages", {{"mm", SPACE}, {"address", USER}, {"page", PAGES}});
    EXPECT_TRUE(pte_write(machine_.mmu.format, leaf(USER)));
    EXPECT_EQ(run("change_protection", {{"mm", SPACE}, {"address", USER}, {"size", 4096}}), OpOutcome::done);
    EXPECT_FALSE(pte_write(machine_.mmu.format, leaf(USER)));
    EXPECT_EQ(pte_pfn(machine_.mmu.format, leaf(USER)), machine_.results[PAGES].pfn());
    EXPECT_EQ(run("set_pte_at", {{"mm", SPACE}, {"address", USER}, {"helper", change("pte_mkwrite")}}),
              OpOutcome::done);
    EXPECT_TRUE(pte_write(machine_.mmu.format, leaf(USER)));
    EXPECT_EQ(run("ptep_get", {{"mm", SPACE}, {"address", USER}, {"helper", 6}}), OpOutcome::done);
    ASSERT_NE(last(mmu_event::pte_asked), nullptr);
    EXPECT_EQ(last(mmu_event::pte_asked)->arg[3], 1) << "pte_young: PAGE_SHARED has the access flag";
}

TEST_F(MmuOps, BlocksAreUsedWhereTheyFitAndSplitWhenAPartGoes) {
    run("pgd_alloc", {}, SPACE);
    const Fields two_mib{{"mm", SPACE}, {"address", 0x200000}, {"phys", 0x40200000}, {"size", 2 << 20}};
    EXPECT_EQ(run("create_pgd_mapping", two_mib), OpOutcome::done);
    EXPECT_EQ(walk(machine_.mmu, space(), 0x200000).leaf_size, u64{2} << 20);
    EXPECT_EQ(run("create_pgd_mapping", two_mib), OpOutcome::refused) << "something is mapped there";
    EXPECT_EQ(last(mmu_event::map_refused)->arg[3], static_cast<i64>(map_error::mapped));
    EXPECT_EQ(run("unmap_page_range", {{"mm", SPACE}, {"address", 0x300000}, {"size", 4096}}), OpOutcome::done);
    ASSERT_NE(last(mmu_event::block_split), nullptr);
    EXPECT_EQ(walk(machine_.mmu, space(), 0x200000).leaf_size, 4096u);
    EXPECT_FALSE(walk(machine_.mmu, space(), 0x300000).found);
}

// The kernel's tables are open to these ops, too. vunmap_range() passes over entries that are gone already, and vfree() gives
// back the pages that the area knows, mapped or not.
TEST_F(MmuOps, VfreeCopesWithEntriesThatWereTakenAway) {
    constexpr u32 AREA = 2;
    const u64 before = free_pages_now();
    EXPECT_EQ(run("vmalloc", {{"size", 3 * 4096}}, AREA), OpOutcome::done);
    const auto address = static_cast<i64>(machine_.results[AREA].value);
    EXPECT_EQ(run("unmap_page_range", {{"address", address + 4096}, {"size", 4096}}), OpOutcome::done);
    EXPECT_EQ(run("show_pte", {{"address", address}}), OpOutcome::done);
    EXPECT_EQ(run("show_pte", {{"address", address + 4096}}), OpOutcome::no_effect);
    EXPECT_EQ(run("vfree", {{"area", AREA}}), OpOutcome::done);
    EXPECT_EQ(run("show_pte", {{"address", address}}), OpOutcome::no_effect);
    EXPECT_EQ(free_pages_now(), before); // the entries stood in a table that boot made, for the kernel's image
}

TEST_F(MmuOps, WhatCannotBeMappedSaysWhy) {
    run("pgd_alloc", {}, SPACE);
    const auto why = [&](i64 address, i64 phys, i64 size) {
        EXPECT_EQ(run("create_pgd_mapping", {{"mm", SPACE}, {"address", address}, {"phys", phys}, {"size", size}}),
                  OpOutcome::refused);
        return static_cast<map_error>(last(mmu_event::map_refused)->arg[3]);
    };
    EXPECT_EQ(why(0x1001, 0x40000000, 4096), map_error::unaligned);
    EXPECT_EQ(why(0x1000, 0x40000001, 4096), map_error::unaligned);
    EXPECT_EQ(why(0x1000, 0x40000000, 0), map_error::empty);
    EXPECT_EQ(why(i64{1} << 50, 0x40000000, 4096), map_error::not_canonical);
    EXPECT_EQ(why(static_cast<i64>(0xffff800000000000u), 0x40000000, 4096), map_error::wrong_half);
    EXPECT_EQ(why(0x1000, i64{1} << 48, 4096), map_error::phys_too_high);
    const Event refused = *last(mmu_event::map_refused);
    EXPECT_NE(narrate_plain(machine_, refused, Language::en).find("an entry, which has 48 bits for it"),
              std::string::npos);
    EXPECT_NE(narrate_plain(machine_, refused, Language::zh).find("表项里只有 48 位"), std::string::npos);
    EXPECT_EQ(run("vm_insert_pages", {{"mm", SPACE}, {"address", USER}, {"page", PAGES}}), OpOutcome::refused)
        << "the name stands for nothing";
    EXPECT_EQ(run("set_pte_at", {{"mm", SPACE}, {"address", USER}}), OpOutcome::no_effect);
    ASSERT_NE(last(mmu_event::pte_missing), nullptr);
}

class MmuOpsOnX86 : public MmuOps {
  protected:
    MmuOpsOnX86() : MmuOps(architecture::x86_64) {}
};

TEST_F(MmuOpsOnX86, SayThatTheyAreNotModelled) {
    EXPECT_EQ(run("pgd_alloc", {}, SPACE), OpOutcome::refused);
    EXPECT_NE(last(mmu_event::no_page_tables), nullptr);
    EXPECT_EQ(run("show_pte", {{"address", 0x1000}}), OpOutcome::refused);
}

} // namespace
} // namespace mm
