// The ops on TLBs, on a machine.
#include "mmu/ops_on_machine.h"
#include "mmu/tlb_belief.h"
#include "mmu/tlb_events.h"

namespace mm {
namespace {

class TlbOps : public test::OpsOnMachine {
  protected:
    static constexpr i64 USER = 0x400000;

    TlbOps() : OpsOnMachine(architecture::arm64) {}

    void map_a_page() { OpsOnMachine::map_a_page(USER); }
};

TEST_F(TlbOps, AnAccessSwitchesWalksAndHits) {
    map_a_page();
    EXPECT_EQ(run("access", {{"mm", SPACE}, {"address", USER}}), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::mm_switched), 1);
    EXPECT_EQ(count(mmu_event::walk_step), 4);
    EXPECT_EQ(run("access", {{"address", USER}}), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::tlb_hit), 1);
    EXPECT_EQ(run("access", {{"address", USER}, {"kind", 1}}), OpOutcome::done); // a first write
    EXPECT_EQ(count(tlb_event::fault_cured), 1);
    EXPECT_EQ(run("access", {{"address", USER}, {"kind", 2}}), OpOutcome::refused); // not executable
    EXPECT_EQ(run("access", {{"address", -1}, {"mode", 1}}), OpOutcome::refused);
    EXPECT_EQ(run("switch_mm", {}), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::mm_reserved), 1);
    EXPECT_EQ(run("access", {{"address", USER}}), OpOutcome::refused);
}

TEST_F(TlbOps, UnmappingAndProtectingFlushUnlessTold) {
    map_a_page();
    run("access", {{"mm", SPACE}, {"address", USER}, {"kind", 1}}, Op::NO_RESULT, 1);
    run("change_protection", {{"mm", SPACE}, {"address", USER}, {"size", 4096}});
    EXPECT_EQ(count(tlb_event::tlbi), 1);
    EXPECT_EQ(run("access", {{"address", USER}, {"kind", 1}}, Op::NO_RESULT, 1), OpOutcome::refused);
    run("access", {{"address", USER}}, Op::NO_RESULT, 1);
    run("unmap_page_range", {{"mm", SPACE}, {"address", USER}, {"size", 4096}, {"flush", 0}});
    EXPECT_EQ(count(tlb_event::tlbi), 0);
    EXPECT_EQ(count(tlb_event::flush_left_out), 1);
    EXPECT_EQ(run("access", {{"address", USER}}, Op::NO_RESULT, 1), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::tlb_stale), 1);
    run("flush_tlb_mm", {{"mm", SPACE}});
    EXPECT_EQ(run("access", {{"address", USER}}, Op::NO_RESULT, 1), OpOutcome::refused);
    run("flush_tlb_all", {});
    EXPECT_FALSE(machine_.mmu.tlb.may_be_stale);
}

TEST_F(TlbOps, AProcessThatEndsLeavesItsCpus) {
    map_a_page();
    run("switch_mm", {{"mm", SPACE}}, Op::NO_RESULT, 1);
    EXPECT_EQ(run("pgd_free", {{"mm", SPACE}}), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::mm_reserved), 1);
    EXPECT_EQ(count(tlb_event::tlbi), 1);
    EXPECT_EQ(machine_.mmu.tlb.cpus[1].space, SPACE_NONE);
    EXPECT_EQ(run("switch_mm", {{"mm", SPACE}}), OpOutcome::no_effect);
    EXPECT_EQ(run("access", {{"mm", SPACE}, {"address", USER}}), OpOutcome::no_effect);
    EXPECT_EQ(run("flush_tlb_mm", {{"mm", SPACE}}), OpOutcome::no_effect);
    EXPECT_EQ(run("flush_tlb_range", {{"mm", SPACE}, {"address", USER}, {"size", 4096}}), OpOutcome::no_effect);
}

// Freed lazily, an address of vmalloc's space stays in TLBs until the purge.
TEST_F(TlbOps, VmallocsPurgeInvalidatesWhatWasFreedLazily) {
    run("vmalloc", {{"size", 8192}}, PAGES);
    const auto area = static_cast<i64>(machine_.results[PAGES].value);
    EXPECT_EQ(run("access", {{"address", area}, {"kind", 1}, {"mode", 1}}), OpOutcome::done);
    run("vfree", {{"area", PAGES}});
    EXPECT_EQ(count(tlb_event::tlbi), 0);
    EXPECT_EQ(run("access", {{"address", area}, {"mode", 1}}), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::tlb_stale), 1);
    run("vm_unmap_aliases", {});
    EXPECT_EQ(count(tlb_event::tlbi), 1);
    EXPECT_EQ(run("access", {{"address", area}, {"mode", 1}}), OpOutcome::refused);
}

TEST_F(TlbOps, AnEntryWrittenOverIsTold) {
    map_a_page();
    EXPECT_EQ(run("set_pte", {{"mm", SPACE}, {"address", USER + 4096}, {"phys", 0x41000000}}), OpOutcome::no_effect);
    run("access", {{"mm", SPACE}, {"address", USER}});
    EXPECT_EQ(run("set_pte", {{"mm", SPACE}, {"address", USER}, {"phys", 0x41000000}}), OpOutcome::done);
    EXPECT_EQ(count(tlb_event::live_entry_set), 1);
    run("access", {{"address", USER}});
    EXPECT_EQ(count(tlb_event::tlb_stale), 1);
    EXPECT_EQ(run("set_pte", {{"mm", SPACE}, {"address", USER}, {"phys", -1}}), OpOutcome::refused);
}

// What maps for itself in a process's space passes PTE_NG, as efi_create_mapping() does; in the kernel's own it does not.
TEST_F(TlbOps, AMappingLeftToItsDefaultIsAProcesssOwn) {
    for (const architecture arch : {architecture::arm64, architecture::i386}) {
        machine_ = machine_of(arch);
        const entry_bits& bits = machine_.mmu.arch().bits;
        run("pgd_alloc", {}, SPACE);
        run("create_pgd_mapping", {{"mm", SPACE}, {"address", USER}, {"phys", 0x1000000}, {"size", 4096}});
        EXPECT_EQ(count(tlb_event::global_of_process), 0);
        const auto space = static_cast<space_id>(machine_.results[SPACE].value);
        const pteval_t leaf = walk(machine_.mmu, space, USER).last().entry;
        const pgprot_t kernel = pgprot_of(machine_.mmu.format, protection::PAGE_KERNEL);
        EXPECT_FALSE(bits.is_global(leaf));
        EXPECT_EQ((leaf ^ 0x1000000) & ~(bits.of_a_process | bits.of_kernel),
                  kernel & ~(bits.of_a_process | bits.of_kernel))
            << "PAGE_KERNEL in all else";
        EXPECT_EQ(run("access", {{"mm", SPACE}, {"address", USER}, {"mode", 1}}), OpOutcome::done);
        EXPECT_EQ(run("pgd_free", {{"mm", SPACE}}), OpOutcome::done);
        EXPECT_EQ(count(tlb_event::global_stays), 0);
        EXPECT_FALSE(machine_.mmu.tlb.may_be_stale);
    }
}

// A protection that is global on purpose: neither TLBI ASIDE1IS nor the load of CR3 drops the entry. It is then what hardware
// keeps, told as such, and no broken invariant (run() verifies after each op).
TEST_F(TlbOps, AGlobalEntryOfAProcessOutlivesIt) {
    for (const architecture arch : {architecture::arm64, architecture::i386}) {
        SCOPED_TRACE(architecture_name(arch));
        machine_ = machine_of(arch);
        const i64 global = static_cast<i64>(protection::PAGE_KERNEL);
        run("pgd_alloc", {}, SPACE);
        run("create_pgd_mapping",
            {{"mm", SPACE}, {"address", USER}, {"phys", 0x1000000}, {"size", 4096}, {"prot", global}});
        ASSERT_NE(find(tlb_event::global_of_process), nullptr);
        EXPECT_EQ(find(tlb_event::global_of_process)->arg[1], USER);
        EXPECT_EQ(run("access", {{"mm", SPACE}, {"address", USER}, {"mode", 1}}), OpOutcome::done);
        EXPECT_EQ(count(tlb_event::tlb_stale), 0) << "the tables say the same";
        EXPECT_EQ(run("pgd_free", {{"mm", SPACE}}), OpOutcome::done);
        if (arch == architecture::arm64) {
            ASSERT_NE(find(tlb_event::global_stays), nullptr);
            EXPECT_EQ(find(tlb_event::global_stays)->arg[0], 1);
        }
        // The next process has nothing there, and yet it reads.
        run("pgd_alloc", {}, SPACE + 1);
        EXPECT_EQ(run("access", {{"mm", SPACE + 1}, {"address", USER}, {"mode", 1}}), OpOutcome::done);
        EXPECT_EQ(count(tlb_event::tlb_hit), 1);
        EXPECT_EQ(count(tlb_event::tlb_stale), 1);
        const mmu_memory& mmu = machine_.mmu;
        EXPECT_EQ(belief_of(mmu, tlb_find(mmu.tlb, 0, USER, mmu.tlb.cpus[0].asid)), tlb_belief::unmapped);
        run("flush_tlb_all", {});
        EXPECT_FALSE(mmu.tlb.may_be_stale);
        EXPECT_EQ(run("access", {{"mm", SPACE + 1}, {"address", USER}, {"mode", 1}}), OpOutcome::refused);
    }
}

// The same of the other ops that take a protection, and where an invalidation by ASID stands for a long range.
TEST_F(TlbOps, EveryOpThatWritesAGlobalProtectionSaysSo) {
    const i64 global = static_cast<i64>(protection::PAGE_KERNEL), own = static_cast<i64>(protection::PAGE_SHARED);
    run("pgd_alloc", {}, SPACE);
    run("alloc_page", {}, PAGES);
    run("vm_insert_pages", {{"mm", SPACE}, {"address", USER}, {"page", PAGES}, {"prot", own}});
    EXPECT_EQ(count(tlb_event::global_of_process), 0);
    run("vm_insert_pages", {{"mm", SPACE}, {"address", USER + 4096}, {"page", PAGES}, {"prot", global}});
    EXPECT_EQ(count(tlb_event::global_of_process), 1);
    run("change_protection", {{"mm", SPACE}, {"address", USER}, {"size", 4096}, {"prot", global}});
    EXPECT_EQ(count(tlb_event::global_of_process), 1);
    run("set_pte", {{"mm", SPACE}, {"address", USER}, {"phys", 0x41000000}, {"prot", global}});
    EXPECT_EQ(count(tlb_event::global_of_process), 1);
    run("create_pgd_mapping",
        {{"address", static_cast<i64>(0xffff800040000000u)}, {"phys", 0x41000000}, {"size", 4096}});
    EXPECT_EQ(count(tlb_event::global_of_process), 0) << "in the kernel's own tables it is as it should be";
    // 1,024 pages are too many to be invalidated one by one.
    const i64 far = 0x1000000, size = 4 << 20;
    run("create_pgd_mapping",
        {{"mm", SPACE}, {"address", far}, {"phys", 0x406e0000}, {"size", size}, {"prot", global}});
    run("access", {{"mm", SPACE}, {"address", far}, {"mode", 1}});
    run("unmap_page_range", {{"mm", SPACE}, {"address", far}, {"size", size}});
    EXPECT_EQ(count(tlb_event::global_stays), 1);
}

TEST_F(TlbOps, WithoutPageTablesTheyAreRefused) {
    machine_ = machine_of(architecture::x86_64);
    EXPECT_EQ(run("access", {{"address", USER}}), OpOutcome::refused);
    EXPECT_EQ(run("switch_mm", {}), OpOutcome::refused);
    EXPECT_EQ(run("flush_tlb_all", {}), OpOutcome::refused);
}

} // namespace
} // namespace mm
