// The ops on TLBs, on a machine.
#include "mmu/ops_on_machine.h"
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

TEST_F(TlbOps, WithoutPageTablesTheyAreRefused) {
    machine_ = machine_of(architecture::x86_64);
    EXPECT_EQ(run("access", {{"address", USER}}), OpOutcome::refused);
    EXPECT_EQ(run("switch_mm", {}), OpOutcome::refused);
    EXPECT_EQ(run("flush_tlb_all", {}), OpOutcome::refused);
}

} // namespace
} // namespace mm
