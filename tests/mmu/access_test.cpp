#include "mmu/access.h"

#include "mmu/arm64/break_before_make.h"
#include "mmu/translation.h"

namespace mm::test {
namespace {

using enum access_kind;

constexpr u64 DATA = 0x10000000;

TEST(Access, EachLevelFaultsWithItsOwnNumber) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    const auto esr = [&](u64 address, access_kind kind = read, bool user = true) {
        const access_result result = t.touch(address, kind, user);
        EXPECT_EQ(result.fault, fault_kind::translation);
        EXPECT_EQ(result.address, address);
        return result.syndrome;
    };
    EXPECT_EQ(esr(DATA + 4 * KiB), 0x92000007u);
    EXPECT_EQ(esr(DATA + 2 * MiB), 0x92000006u);
    EXPECT_EQ(esr(DATA + GiB), 0x92000005u);
    EXPECT_EQ(esr(DATA + 512 * GiB), 0x92000004u);
    EXPECT_EQ(esr(DATA + 4 * KiB, write), 0x92000047u);
    EXPECT_EQ(esr(DATA + 4 * KiB, exec), 0x82000007u);
    EXPECT_EQ(esr(DATA + 4 * KiB, write, false), 0x96000047u);
    EXPECT_EQ(esr(1ull << 48, read), 0x92000004u); // in no half: level 0
    EXPECT_EQ(esr(KERNEL, read), 0x92000004u);     // no kernel tables
    EXPECT_EQ(t.touch(DATA + 4 * KiB).end, fault_end::needs_vma);
    EXPECT_EQ(t.touch(KERNEL).end, fault_end::segv);
    EXPECT_EQ(t.touch(KERNEL, read, false).end, fault_end::oops_paging);
    EXPECT_EQ(t.touch(DATA, read, true, 1).syndrome, 0x92000004u); // CPU 1 has the reserved table
    EXPECT_EQ(t.touch(0, read, false, 1).end, fault_end::oops_null);
    // What faults is in no TLB.
    EXPECT_EQ(t.valid(), 0u);
    t.expect_sound();
}

TEST(Access, TheTopLevelOfOtherGeometries) {
    for (const auto& [va_bits, kernel, status] :
         {std::tuple{39, kernel_version::v6_1, 0x05u}, std::tuple{48, kernel_version::v6_1, 0x04u},
          std::tuple{52, kernel_version::v6_12, 0x2bu}}) {
        Cpus t({}, 1, *arm64_geometry(4096, static_cast<u32>(va_bits)), kernel);
        const space_id mm = t.space();
        t.run(0, mm);
        EXPECT_EQ(t.touch(DATA).syndrome, 0x92000000u | status) << va_bits;
        EXPECT_EQ(t.touch(1ull << va_bits).syndrome, 0x92000004u) << va_bits; // in no half: level 0 always
    }
}

TEST(Access, RightsAreThoseOfLeafAndTables) {
    Cpus t;
    const space_id kernel = t.space(true), mm = t.space();
    t.map(kernel, KERNEL, DEVICE, 4 * KiB, protection::PAGE_KERNEL_ROX);
    t.map(kernel, KERNEL + 4 * KiB, DEVICE, 4 * KiB, protection::PAGE_KERNEL);
    t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    t.map(mm, DATA + 4 * KiB, DEVICE, 4 * KiB, protection::PAGE_READONLY_EXEC);
    t.run(0, mm);
    const auto esr = [&](u64 address, access_kind kind, bool user) {
        const access_result result = t.touch(address, kind, user);
        return result.ok() ? 0u : result.syndrome;
    };
    const auto why = [&] { return static_cast<denial>(t.last(tlb_event::permission_missing)->arg[1]); };
    EXPECT_EQ(esr(DATA, read, true), 0u);
    EXPECT_EQ(esr(DATA, write, true), 0x9200004fu);
    EXPECT_EQ(why(), denial::read_only);
    EXPECT_EQ(esr(DATA, exec, true), 0x8200000fu);
    EXPECT_EQ(why(), denial::uxn);
    EXPECT_EQ(esr(DATA + 4 * KiB, exec, true), 0u);
    EXPECT_EQ(esr(DATA + 4 * KiB, exec, false), 0x8600000fu);
    EXPECT_EQ(why(), denial::pxn);
    EXPECT_EQ(t.touch(DATA + 4 * KiB, exec, false).end, fault_end::oops_user);
    EXPECT_EQ(esr(KERNEL, exec, false), 0u);
    EXPECT_EQ(esr(KERNEL, read, true), 0x9200000fu);
    EXPECT_EQ(why(), denial::not_user);
    EXPECT_EQ(t.touch(KERNEL, read, true).end, fault_end::segv);
    EXPECT_EQ(t.touch(KERNEL, write, false).end, fault_end::oops_write);
    EXPECT_EQ(t.touch(KERNEL + 4 * KiB, exec, false).end, fault_end::oops_exec);
    EXPECT_EQ(esr(KERNEL + 4 * KiB, write, false), 0u);
    // A leaf without PXN below a table with PXNTable.
    t.set_leaf(mm, DATA + 4 * KiB, t.leaf(mm, DATA + 4 * KiB) & ~PTE_PXN);
    mmu_context cx = t.cx();
    flush_tlb_page(cx, mm, DATA + 4 * KiB);
    EXPECT_EQ(esr(DATA + 4 * KiB, exec, false), 0x8600000fu);
    EXPECT_EQ(why(), denial::table_pxn);
    t.expect_sound();
}

// clean ──write──► permission fault ──► RDONLY goes, DIRTY is set, the stale entry is invalidated ──► write again
TEST(Access, TheFirstWriteFaultsAndTheKernelNotesIt) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA, read).ok());
    EXPECT_FALSE(pte_dirty(t.mmu.format, t.leaf(mm, DATA)));
    t.events.clear();
    const access_result result = t.touch(DATA, write);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.nr_cured, 1);
    EXPECT_TRUE(pte_dirty(t.mmu.format, t.leaf(mm, DATA)));
    EXPECT_EQ(t.leaf(mm, DATA) & (PTE_RDONLY | PTE_DIRTY | PTE_WRITE), PTE_DIRTY | PTE_WRITE);
    EXPECT_EQ(t.count(tlb_event::abort_taken), 1);
    EXPECT_EQ(t.last(tlb_event::abort_taken)->arg[1], 0x9200004f);
    EXPECT_EQ(static_cast<denial>(t.last(tlb_event::permission_missing)->arg[1]), denial::clean);
    EXPECT_EQ(static_cast<tlbi_op>(t.last(tlb_event::tlbi)->arg[0]), tlbi_op::vale1is);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[4], 1); // the read-only entry
    EXPECT_EQ(t.touch(DATA, write).nr_cured, 0);
    // Not handled, it is the fault itself.
    t.set_leaf(mm, DATA, pte_mkclean(t.mmu.format, t.leaf(mm, DATA)));
    mmu_context cx = t.cx();
    flush_tlb_page(cx, mm, DATA);
    const access_result bare = t.touch(DATA, write, true, 0, false);
    EXPECT_EQ(bare.fault, fault_kind::permission);
    EXPECT_EQ(bare.end, fault_end::none);
    // copy_to_user() writes to it in kernel mode.
    EXPECT_EQ(t.touch(DATA, write, false).nr_cured, 1);
    t.expect_sound();
}

// PARange of the CPU is less than an entry can name: the walk ends at the entry, and the fault says how many bits there are.
TEST(Access, AnEntryThatNamesMoreThanTheCpuPutsOutFaults) {
    Cpus t({.pa_bits = 40});
    const space_id mm = t.space();
    t.map(mm, DATA, (u64{1} << 40) - 4096, 8 * KiB, protection::PAGE_SHARED);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA, read).ok());
    EXPECT_EQ(t.touch(DATA + 4 * KiB, read).fault, fault_kind::address_size);
    EXPECT_EQ(t.last(tlb_event::abort_taken)->arg[1], 0x92000003); // level 3
    EXPECT_EQ(t.last(tlb_event::abort_taken)->arg[6], 40);
}

TEST(Access, WithDbmHardwareNotesTheFirstWrite) {
    Cpus t({.hafdbs = hardware_update::dbm});
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_SHARED);
    t.map(mm, DATA + 2 * MiB, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA, read).ok());
    for (const u64 address : {DATA, DATA + 4 * KiB}) { // a hit, and a miss
        const access_result result = t.touch(address, write);
        EXPECT_TRUE(result.ok());
        EXPECT_EQ(result.nr_cured, 0);
        EXPECT_TRUE(pte_hw_dirty(t.leaf(mm, address)));
        EXPECT_FALSE(pte_sw_dirty(t.leaf(mm, address)));
    }
    EXPECT_EQ(t.count(tlb_event::dirty_set), 2);
    EXPECT_TRUE(t.touch(DATA, write).hit);
    EXPECT_EQ(t.count(tlb_event::dirty_set), 2);
    EXPECT_EQ(t.touch(DATA + 2 * MiB, write).fault, fault_kind::permission);
    EXPECT_EQ(t.counters().faults, 1u);
    t.expect_sound();
}

TEST(Access, TheAccessFlagIsSetByAFaultOrByHardware) {
    for (const hardware_update update : {hardware_update::none, hardware_update::af, hardware_update::dbm}) {
        Cpus t({.hafdbs = update});
        const space_id mm = t.space();
        t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_READONLY);
        t.set_leaf(mm, DATA, pte_mkold(t.mmu.format, t.leaf(mm, DATA)));
        t.run(0, mm);
        const access_result result = t.touch(DATA, read);
        EXPECT_TRUE(result.ok());
        EXPECT_TRUE(pte_young(t.mmu.format, t.leaf(mm, DATA)));
        const bool fault = update == hardware_update::none;
        EXPECT_EQ(result.nr_cured, fault ? 1 : 0);
        EXPECT_EQ(t.count(tlb_event::abort_taken), fault ? 1 : 0);
        EXPECT_EQ(t.count(tlb_event::access_flag_set), fault ? 0 : 1);
        if (fault) {
            EXPECT_EQ(t.last(tlb_event::abort_taken)->arg[1], 0x9200000b);
            EXPECT_EQ(t.count(tlb_event::tlbi), 0); // an old entry is in no TLB
        }
        t.expect_sound();
    }
}

TEST(Access, BeyondTheCpusPhysicalAddressesIsAnAddressSizeFault) {
    Cpus t; // 44 bits
    const space_id mm = t.space();
    t.map(mm, DATA, 1ull << 44, 4 * KiB, protection::PAGE_READONLY);
    t.map(mm, GiB, 1ull << 44, 2 * MiB, protection::PAGE_READONLY);
    t.map(mm, DATA + 4 * KiB, (1ull << 44) - 4 * KiB, 4 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_EQ(t.touch(DATA).syndrome, 0x92000003u);
    EXPECT_EQ(t.touch(GiB).syndrome, 0x92000002u);
    EXPECT_EQ(t.touch(DATA).end, fault_end::sigkill);
    EXPECT_TRUE(t.touch(DATA + 4 * KiB).ok());
}

TEST(Access, ProtNoneIsATranslationFault) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v6_12}) {
        Cpus t({}, 1, *arm64_geometry(4096, 48), kernel);
        const space_id mm = t.space();
        t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_NONE);
        t.run(0, mm);
        EXPECT_EQ(t.touch(DATA).syndrome, 0x92000007u);
        EXPECT_EQ(t.touch(DATA).end, fault_end::needs_vma);
    }
}

TEST(Access, I386WalksTwoLevelsAndMarksThemItself) {
    Cpus t({}, 1, i386_geometry(false));
    const space_id kernel = t.space(true), mm = t.space();
    t.map(mm, 0x8048000, 0x5000000, 4 * KiB, protection::PAGE_SHARED);
    t.map(mm, 0x8400000, 0x8000000, 4 * MiB, protection::PAGE_READONLY);
    t.map(kernel, 0xc0000000, 0, 4 * MiB, protection::PAGE_KERNEL);
    t.set_leaf(mm, 0x8048000, pte_mkold(t.mmu.format, t.leaf(mm, 0x8048000)));
    t.run(0, mm);
    EXPECT_EQ(t.touch(0x8048123).phys, 0x5000123u);
    EXPECT_EQ(t.count(mmu_event::walk_step), 2);
    EXPECT_EQ(t.leaf(mm, 0x8048000) & (X86_ACCESSED | X86_DIRTY), X86_ACCESSED);
    EXPECT_TRUE(t.touch(0x8048123, write).ok());
    EXPECT_EQ(t.leaf(mm, 0x8048000) & (X86_ACCESSED | X86_DIRTY), X86_ACCESSED | X86_DIRTY);
    EXPECT_EQ(t.touch(0x8412345).phys, 0x8012345u);
    EXPECT_EQ(t.touch(0x8412345, write).syndrome, 7u);
    EXPECT_EQ(t.touch(0x9000000).syndrome, 4u);
    EXPECT_EQ(t.touch(0x9000000, write, false).syndrome, 2u);
    EXPECT_EQ(t.touch(0xc0001234, read).syndrome, 5u); // the kernel's, from user mode
    EXPECT_EQ(t.touch(0xc0001234, read).end, fault_end::segv);
    EXPECT_EQ(t.touch(0xc0001234, write, false).phys, 0x1234u);
    EXPECT_EQ(t.touch(0xd0001234, read, false).end, fault_end::oops_paging);
    t.expect_sound();
    // Loading CR3 drops all but global entries; INVLPG drops those, too.
    const space_id other = t.space();
    t.run(0, other);
    EXPECT_EQ(t.valid(), 1u);
    EXPECT_TRUE(t.touch(0xc0001234, read, false).hit);
    mmu_context cx = t.cx();
    flush_tlb_kernel_range(cx, 0xc0000000, 0xc0001000);
    EXPECT_EQ(t.valid(), 0u);
    t.expect_sound();
}

TEST(Access, PaeForbidsExecution) {
    Cpus t({}, 1, i386_geometry(true));
    const space_id mm = t.space();
    t.map(mm, 0x8048000, 0x5000000, 4 * KiB, protection::PAGE_READONLY);
    t.map(mm, 0x8049000, 0x5000000, 4 * KiB, protection::PAGE_READONLY_EXEC);
    t.run(0, mm);
    EXPECT_EQ(t.touch(0x8048000, exec).syndrome, 21u); // protection, user, instruction fetch
    EXPECT_TRUE(t.touch(0x8049000, exec).ok());
    EXPECT_EQ(t.touch(0x804a000, exec).syndrome, 20u);
    EXPECT_EQ(t.counters().entries_read, 9u);
}

// ---- what a TLB that was not told still believes

TEST(Stale, AnUnmappedPageIsStillReached) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    t.run(0, mm);
    t.run(1, mm);
    EXPECT_TRUE(t.touch(DATA, write, true, 0).ok());
    EXPECT_TRUE(t.touch(DATA, write, true, 1).ok());
    t.unmap(mm, DATA, 4 * KiB, false);
    EXPECT_EQ(t.last(tlb_event::flush_left_out)->arg[2], 2);
    const access_result late = t.touch(DATA, write, true, 1);
    EXPECT_TRUE(late.ok());
    EXPECT_TRUE(late.stale);
    EXPECT_EQ(late.phys, DEVICE); // memory that may be somebody else's by now
    t.expect_sound();
    mmu_context cx = t.cx();
    flush_tlb_range(cx, mm, DATA, DATA + 4 * KiB);
    EXPECT_EQ(t.last(tlb_event::tlbi)->arg[4], 2);
    EXPECT_EQ(t.touch(DATA, write, true, 1).fault, fault_kind::translation);
    t.expect_sound();
}

TEST(Stale, ALostRightIsStillUsedAndAGainedOneIsNotYet) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_SHARED);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA, write).ok());
    t.protect(mm, DATA, 4 * KiB, protection::PAGE_READONLY, false);
    const access_result late = t.touch(DATA, write);
    EXPECT_TRUE(late.ok());
    EXPECT_TRUE(late.stale);
    EXPECT_EQ(t.count(tlb_event::tlb_stale), 1);
    t.protect(mm, DATA, 4 * KiB, protection::PAGE_READONLY_EXEC, false);
    const access_result spurious = t.touch(DATA, exec);
    EXPECT_EQ(spurious.syndrome, 0x8200000fu);
    EXPECT_EQ(spurious.end, fault_end::spurious);
    mmu_context cx = t.cx();
    flush_tlb_page(cx, mm, DATA);
    EXPECT_TRUE(t.touch(DATA, exec).ok());
    EXPECT_EQ(t.touch(DATA, write).fault, fault_kind::permission);
}

TEST(Stale, WithTheFlushNobodyIsDeceived) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    t.run(0, mm);
    t.run(1, mm);
    EXPECT_TRUE(t.touch(DATA, write, true, 1).ok());
    t.protect(mm, DATA, 4 * KiB, protection::PAGE_READONLY);
    EXPECT_EQ(t.touch(DATA, write, true, 1).fault, fault_kind::permission);
    t.expect_sound();
    t.unmap(mm, DATA, 4 * KiB);
    EXPECT_EQ(t.touch(DATA, read, true, 1).fault, fault_kind::translation);
    t.expect_sound();
}

// unmap frees the pte table; a walk cache that nobody told still goes there.
TEST(Stale, AWalkThroughAFreedTableEndsNobodyKnowsWhere) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA).ok());
    t.unmap(mm, DATA, 8 * KiB, false);
    const access_result lost = t.touch(DATA + 4 * KiB);
    EXPECT_TRUE(lost.unknown);
    EXPECT_FALSE(lost.ok());
    EXPECT_EQ(t.count(tlb_event::walk_lost), 1);
    t.expect_sound();
}

// pmd ─► table of 512 pages, one of them in the TLB; the pmd becomes a block at once: the TLB can hold both.
TEST(Stale, WithoutBreakBeforeMakeTheTlbHoldsTwoAnswers) {
    Cpus t;
    const space_id mm = t.space();
    mmu_context cx = t.cx();
    map_request pages{mm, GiB, DEVICE, 2 * MiB, pgprot_of(t.mmu.format, protection::PAGE_READONLY)};
    pages.blocks = pages.contiguous = false;
    ASSERT_EQ(map_range(cx, pages).error, map_error::none);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(GiB + 4 * KiB).ok());
    const table_id pmd = t.mmu.table_at(walk(t.mmu, mm, GiB).steps[2].table);
    const pteval_t table = t.mmu.entry(pmd, 0);
    const pteval_t block = leaf_entry(t.mmu.format, 2 * DEVICE, pages.prot, 1);
    EXPECT_EQ(live_change_of(t.mmu.format, table, block, 1), live_change::size);
    set_live_entry(cx, pmd, 0, block);
    EXPECT_EQ(static_cast<live_change>(t.last(tlb_event::live_entry_set)->arg[4]), live_change::size);
    EXPECT_EQ(t.last(tlb_event::live_entry_set)->arg[5], 1);
    // The walk cache still leads to the old table; without it the block is found, and both stand in the TLB.
    tlb_drop_address(t.mmu.tlb, t.mmu.geometry(), 0, GiB, 2, false);
    EXPECT_EQ(t.touch(GiB).phys, 2 * DEVICE);
    const access_result both = t.touch(GiB + 4 * KiB);
    EXPECT_EQ(t.count(tlb_event::tlb_conflict), 1);
    EXPECT_EQ(both.phys, DEVICE + 4 * KiB);
    EXPECT_TRUE(both.stale);
}

TEST(LiveChange, WhatNeedsToBeBrokenFirst) {
    const pte_format format{*arm64_geometry(4096, 48), {kernel_version::v6_1}};
    const pteval_t user = pfn_pte(format, 0x41000, pgprot_of(format, protection::PAGE_READONLY));
    const pteval_t kernel = pfn_pte(format, 0x41000, pgprot_of(format, protection::PAGE_KERNEL));
    struct Row {
        pteval_t before, after;
        live_change change;
        bool safe; // pgattr_change_is_safe
    };
    const Row rows[] = {
        {0, user, live_change::safe, true},
        {user, 0, live_change::safe, true},
        {kernel, kernel | PTE_RDONLY, live_change::safe, true},
        {kernel, (kernel | PTE_RDONLY) & ~(PTE_WRITE | PTE_PXN), live_change::safe, true},
        {kernel, kernel & ~PTE_UXN, live_change::safe, false},
        {kernel, kernel + 0x1000, live_change::output_address, false},
        {kernel, kernel | PTE_CONT, live_change::contiguous, false},
        {kernel | PTE_CONT, kernel | PTE_CONT | PTE_RDONLY, live_change::safe, false},
        {user, user & ~PTE_NG, live_change::global, false},
        {kernel, kernel | PTE_NG, live_change::safe, true},
        {kernel, pfn_pte(format, 0x41000, pgprot_of(format, protection::PROT_NORMAL_NC)), live_change::memory_type,
         false},
        {pfn_pte(format, 0x41000, pgprot_of(format, protection::PAGE_KERNEL_TAGGED)), kernel, live_change::safe, true},
        {user & ~PTE_VALID, user + 0x1000, live_change::safe, false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(live_change_of(format, row.before, row.after, 0), row.change) << std::hex << row.after;
        EXPECT_EQ(pgattr_change_is_safe(format, row.before, row.after, 0), row.safe) << std::hex << row.after;
    }
}

} // namespace
} // namespace mm::test
