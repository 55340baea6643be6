#include "mmu/tlb.h"

#include "mmu/tlb_lookup.h"
#include "mmu/translation.h"

namespace mm::test {
namespace {

using enum access_kind;

constexpr u64 TEXT = 0x400000, DATA = 0x10000000;

//  miss: pgd ─► pud ─► pmd ─► pte ─► page, then kept; hit: nothing is read
TEST(Tlb, TheFirstAccessWalksTheNextOneDoesNot) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, TEXT, DEVICE, 4 * KiB, protection::PAGE_READONLY_EXEC);
    t.run(0, mm);
    t.events.clear();
    const access_result first = t.touch(TEXT + 0x123, exec);
    EXPECT_TRUE(first.ok());
    EXPECT_FALSE(first.hit);
    EXPECT_EQ(first.phys, DEVICE + 0x123);
    EXPECT_EQ(t.count(mmu_event::walk_step), 4);
    EXPECT_EQ(t.count(tlb_event::tlb_fill), 1);
    const access_result second = t.touch(TEXT + 0xabc, read);
    EXPECT_TRUE(second.hit);
    EXPECT_EQ(second.phys, DEVICE + 0xabc);
    EXPECT_EQ(t.count(mmu_event::walk_step), 4);
    EXPECT_EQ(t.counters(), (tlb_counters{.hits = 1, .misses = 1, .walks = 1, .entries_read = 4}));
    // 0x400 pages above 0: set 0 of 256, ASID 2, the first of a kernel that keeps the odd ones for KPTI.
    const Event* fill = t.last(tlb_event::tlb_fill);
    EXPECT_EQ(fill->arg[1], 4096);
    EXPECT_EQ(fill->arg[2], 0);
    EXPECT_EQ(fill->arg[4], 2);
    EXPECT_TRUE(t.touch(TEXT, read, true, 1).fault == fault_kind::translation); // CPU 1 runs no process
    t.expect_sound();
}

TEST(Tlb, TheWalkCacheSkipsTheTablesThatItKnows) {
    Cpus t;
    const space_id mm = t.space();
    for (const u64 at : {DATA, DATA + 4 * KiB, DATA + 2 * MiB, DATA + GiB, DATA + 512 * GiB})
        t.map(mm, at, DEVICE + (at - DATA), 4 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    const auto reads = [&](u64 address) {
        const u64 before = t.counters().entries_read;
        EXPECT_TRUE(t.touch(address).ok());
        return t.counters().entries_read - before;
    };
    EXPECT_EQ(reads(DATA), 4u);
    EXPECT_EQ(reads(DATA + 4 * KiB), 1u);   // the pte table is known
    EXPECT_EQ(reads(DATA + 2 * MiB), 2u);   // the pmd table
    EXPECT_EQ(reads(DATA + GiB), 3u);       // the pud table
    EXPECT_EQ(reads(DATA + 512 * GiB), 4u); // nothing
    EXPECT_EQ(t.counters().walk_cache_hits, 3u);
    EXPECT_EQ(t.last(tlb_event::walk_cached)->arg[4], 1);
    t.expect_sound();
}

TEST(Tlb, WithoutAWalkCacheEachWalkBeginsAtTheTop) {
    Cpus t({.walk_entries = 0});
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA).ok());
    EXPECT_TRUE(t.touch(DATA + 4 * KiB).ok());
    EXPECT_EQ(t.counters().entries_read, 8u);
    t.expect_sound();
}

// 256 sets: pages 1 MiB apart share one.   ways: A B C D, A used again, E comes ─► B goes
TEST(Tlb, TheWayThatWasNotUsedForLongestGoes) {
    Cpus t;
    const space_id mm = t.space();
    for (u64 i = 0; i < 5; ++i) t.map(mm, DATA + i * MiB, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    for (u64 i = 0; i < 4; ++i) EXPECT_FALSE(t.touch(DATA + i * MiB).hit);
    EXPECT_TRUE(t.touch(DATA).hit);
    EXPECT_FALSE(t.touch(DATA + 4 * MiB).hit);
    EXPECT_EQ(t.last(tlb_event::tlb_fill)->arg[6], 1);
    EXPECT_EQ(t.last(tlb_event::tlb_fill)->arg[3], 1); // B's way
    EXPECT_EQ(t.counters().evictions, 1u);
    EXPECT_TRUE(t.touch(DATA).hit);
    EXPECT_TRUE(t.touch(DATA + 2 * MiB).hit);
    EXPECT_TRUE(t.touch(DATA + 3 * MiB).hit);
    EXPECT_FALSE(t.touch(DATA + MiB).hit);
    t.expect_sound();
}

// 1024 entries reach over 4 MiB of pages, 64 MiB of contiguous rows, 2 GiB of blocks.
TEST(Tlb, ReachIsEntriesTimesLeafSize) {
    const auto misses_of_second_pass = [](u64 bytes, bool blocks, bool contiguous, u64 leaf) {
        Cpus t;
        const space_id mm = t.space();
        mmu_context cx = t.cx();
        // 2 MiB beside: no blocks of 1 GiB.
        map_request request{mm, GiB, DEVICE + 2 * MiB, bytes, pgprot_of(t.mmu.format, protection::PAGE_READONLY)};
        request.blocks = blocks;
        request.contiguous = contiguous;
        EXPECT_EQ(map_range(cx, request).error, map_error::none);
        t.run(0, mm);
        for (u64 at = 0; at < bytes; at += leaf) EXPECT_TRUE(t.touch(GiB + at).ok());
        const u64 before = t.counters().misses;
        for (u64 at = 0; at < bytes; at += leaf) EXPECT_TRUE(t.touch(GiB + at).ok());
        t.expect_sound();
        return t.counters().misses - before;
    };
    EXPECT_EQ(misses_of_second_pass(4 * MiB, false, false, 4 * KiB), 0u);
    // One page more: its set has five pages for four ways, and in turn each throws out the next one.
    EXPECT_EQ(misses_of_second_pass(4 * MiB + 4 * KiB, false, false, 4 * KiB), 5u);
    EXPECT_EQ(misses_of_second_pass(8 * MiB, false, false, 4 * KiB), 2048u);
    EXPECT_EQ(misses_of_second_pass(64 * MiB, false, true, 64 * KiB), 0u);
    EXPECT_EQ(misses_of_second_pass(2 * GiB, true, false, 2 * MiB), 0u);
}

TEST(Tlb, OneEntryStandsForABlockOrAContiguousRow) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, GiB, DEVICE, 2 * MiB, protection::PAGE_READONLY);
    t.map(mm, DATA, DEVICE + GiB, 64 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_FALSE(t.touch(GiB + 0x1234).hit);
    EXPECT_TRUE(t.touch(GiB + 2 * MiB - 1).hit);
    EXPECT_EQ(t.touch(GiB + MiB + 5).phys, DEVICE + MiB + 5);
    EXPECT_FALSE(t.touch(DATA + 0x5678).hit);
    for (u64 page = 0; page < 16; ++page) {
        const access_result result = t.touch(DATA + page * 4096 + 7);
        EXPECT_TRUE(result.hit);
        EXPECT_EQ(result.phys, DEVICE + GiB + page * 4096 + 7);
    }
    EXPECT_EQ(t.valid(), 2u);
    // Invalidating any page of it drops it.
    mmu_context cx = t.cx();
    flush_tlb_page(cx, mm, DATA + 15 * 4096);
    flush_tlb_page(cx, mm, GiB + MiB);
    EXPECT_EQ(t.valid(), 0u);
    t.expect_sound();
}

TEST(Tlb, AsidsKeepProcessesApartAndGlobalEntriesServeAll) {
    Cpus t;
    const space_id kernel = t.space(true), a = t.space(), b = t.space();
    t.map(kernel, KERNEL, DEVICE, 4 * KiB, protection::PAGE_KERNEL);
    t.map(a, DATA, DEVICE + 4 * KiB, 4 * KiB, protection::PAGE_READONLY);
    t.map(b, DATA, DEVICE + 8 * KiB, 4 * KiB, protection::PAGE_READONLY);
    t.run(0, a);
    EXPECT_EQ(t.touch(DATA).phys, DEVICE + 4 * KiB);
    EXPECT_EQ(t.touch(KERNEL, read, false).phys, DEVICE);
    t.run(0, b);
    const access_result other = t.touch(DATA);
    EXPECT_FALSE(other.hit); // the entry of a is not b's
    EXPECT_EQ(other.phys, DEVICE + 8 * KiB);
    EXPECT_TRUE(t.touch(KERNEL, write, false).hit);
    t.run(0, a);
    EXPECT_TRUE(t.touch(DATA).hit); // and it is still there
    EXPECT_EQ(t.touch(DATA).phys, DEVICE + 4 * KiB);
    EXPECT_EQ(t.valid(), 3u);
    t.expect_sound();
    t.destroy(a);
    EXPECT_EQ(t.valid(), 2u);
    EXPECT_EQ(t.mmu.tlb.cpus[0].space, SPACE_NONE);
    t.expect_sound();
}

TEST(Tlb, ACopyIsASnapshot) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA).ok());
    const mmu_memory before = t.mmu;
    Hasher first, again, after;
    hash_mmu(before, first);
    EXPECT_TRUE(t.touch(DATA + 4 * KiB).ok());
    mmu_context cx = t.cx();
    flush_tlb_all(cx);
    hash_mmu(before, again);
    hash_mmu(t.mmu, after);
    EXPECT_EQ(first.value(), again.value());
    EXPECT_NE(first.value(), after.value());
    EXPECT_EQ(before.tlb.cpus[0].nr_valid[0], 1u);
    EXPECT_EQ(t.valid(), 0u);
}

TEST(Tlb, VictimIsFreeOrUsedLongestAgo) {
    const auto row_of = [](std::array<u64, 4> used) {
        std::array<tlb_entry, 4> row;
        for (std::size_t way = 0; way < row.size(); ++way) row[way].used = used[way];
        return row;
    };
    EXPECT_EQ(tlb_victim(row_of({0, 0, 0, 0}).data(), 4), 0u);
    EXPECT_EQ(tlb_victim(row_of({7, 0, 9, 0}).data(), 4), 1u);
    EXPECT_EQ(tlb_victim(row_of({7, 5, 9, 6}).data(), 4), 1u);
    EXPECT_EQ(tlb_victim(row_of({7, 5, 9, 3}).data(), 3), 1u);
}

TEST(Tlb, VerifyFindsWhatIsBroken) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 8 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    EXPECT_TRUE(t.touch(DATA).ok());
    const auto says = [&](const std::string& words) {
        const auto broken = verify_tlb(t.mmu);
        ASSERT_TRUE(broken.has_value());
        EXPECT_NE(broken->find(words), std::string::npos) << *broken;
    };
    const u32 slot = tlb_find(t.mmu.tlb, 0, DATA, 2);
    ASSERT_NE(slot, TLB_NONE);
    const tlb_entry good = t.mmu.tlb.entries[slot];
    t.mmu.tlb.entries.mut(slot).phys += 4096;
    says("translate its address otherwise");
    t.mmu.tlb.entries.mut(slot) = good;
    t.mmu.tlb.entries.mut(slot).rights |= RIGHT_USER_WRITE;
    says("the tables allow less");
    t.mmu.tlb.entries.mut(slot) = good;
    t.mmu.tlb.entries.mut(slot + 1) = good;
    says("another entry translates its address");
    t.mmu.tlb.entries.mut(slot + 1) = tlb_entry{};
    t.mmu.tlb.entries.mut(slot).tag += 4096;
    says("belongs to another set");
    t.mmu.tlb.entries.mut(slot) = good;
    ++t.mmu.tlb.cpus[0].nr_valid[1];
    says("nr_valid");
    --t.mmu.tlb.cpus[0].nr_valid[1];
    t.mmu.tlb.cpus[0].sizes ^= 2;
    says("sizes does not say");
    t.mmu.tlb.cpus[0].sizes ^= 2;
    t.mmu.tlb.entries.mut(slot).used = 0;
    says("its ways have no order");
    t.mmu.tlb.entries.mut(slot).used = t.mmu.tlb.cpus[0].uses + 1;
    says("its ways have no order");
    t.mmu.tlb.entries.mut(slot) = good;
    t.expect_sound();
}

} // namespace
} // namespace mm::test
