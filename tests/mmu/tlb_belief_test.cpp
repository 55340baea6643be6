// What an entry of a TLB says against the tables: each way in which they can differ, made by leaving the invalidation out.
#include "mmu/tlb_belief.h"

#include "mmu/translation.h"

namespace mm::test {
namespace {

constexpr u64 DATA = 0x10000000;

struct Believer : Cpus {
    explicit Believer(const tlb_config& config = {}, const page_geometry& geometry = *arm64_geometry(4096, 48))
        : Cpus(config, 2, geometry) {
        process = space();
        run(0, process);
    }
    [[nodiscard]] u32 slot(u64 address = DATA, u32 cpu = 0) const {
        return tlb_find(mmu.tlb, cpu, address, mmu.tlb.cpus[cpu].asid);
    }
    [[nodiscard]] tlb_belief belief(u64 address = DATA) const { return belief_of(mmu, slot(address)); }
    // Beliefs of all valid entries of CPU 0's walk cache, by level.
    [[nodiscard]] std::array<tlb_belief, 3> walk_beliefs() const {
        std::array<tlb_belief, 3> beliefs{tlb_belief::count, tlb_belief::count, tlb_belief::count};
        for (u32 i = 0; i < mmu.tlb.nr_walk_sets * WALK_WAYS; ++i)
            if (mmu.tlb.walks[i].valid()) beliefs[mmu.tlb.walks[i].level()] = walk_belief_of(mmu, i);
        return beliefs;
    }

    space_id process = SPACE_NONE;
};

TEST(TlbBelief, HoldsUntilTheTablesChange) {
    Believer t;
    t.map(t.process, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    ASSERT_TRUE(t.touch(DATA).ok());
    EXPECT_EQ(t.belief(), tlb_belief::holds);
    EXPECT_EQ(space_of_entry(t.mmu, 0, DATA, t.mmu.tlb.cpus[0].asid), t.process);
    // The kernel marks the page dirty and flushes: the new entry holds again.
    ASSERT_TRUE(t.touch(DATA, access_kind::write).ok());
    EXPECT_EQ(t.belief(), tlb_belief::holds);
    t.protect(t.process, DATA, 4 * KiB, protection::PAGE_READONLY, false);
    EXPECT_EQ(t.belief(), tlb_belief::more_rights);
    t.unmap(t.process, DATA, 4 * KiB, false);
    EXPECT_EQ(t.belief(), tlb_belief::unmapped);
}

TEST(TlbBelief, FewerRightsAreAFaultForNothing) {
    Believer t;
    t.map(t.process, DATA, DEVICE, 4 * KiB, protection::PAGE_READONLY);
    ASSERT_TRUE(t.touch(DATA).ok());
    t.protect(t.process, DATA, 4 * KiB, protection::PAGE_READONLY_EXEC, false);
    EXPECT_EQ(t.belief(), tlb_belief::fewer_rights);
}

TEST(TlbBelief, OtherMemoryBehindTheAddress) {
    Believer t;
    t.map(t.process, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    ASSERT_TRUE(t.touch(DATA).ok());
    const pteval_t leaf = t.leaf(t.process, DATA);
    t.set_leaf(t.process, DATA, (leaf & ~address_bits(t.mmu.format, DEVICE)) | address_bits(t.mmu.format, 2 * DEVICE));
    EXPECT_EQ(t.belief(), tlb_belief::other_memory);
}

// A contiguous row is one entry: that one of its 16 pages is gone is seen, wherever it stands.
TEST(TlbBelief, APageInTheMiddleOfARow) {
    Believer t;
    t.map(t.process, DATA, DEVICE, 64 * KiB, protection::PAGE_SHARED);
    ASSERT_TRUE(t.touch(DATA).ok());
    ASSERT_EQ(t.mmu.tlb.size_bytes(t.mmu.tlb.entries[t.slot()].size()), 64 * KiB);
    EXPECT_EQ(t.belief(), tlb_belief::holds);
    t.set_leaf(t.process, DATA + 20 * KiB, 0);
    EXPECT_EQ(t.belief(), tlb_belief::unmapped);
}

TEST(TlbBelief, AnAsidThatIsNobodysAfterARollover) {
    tlb_config config;
    config.asid_bits = 8;
    Believer t(config);
    t.map(t.process, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    ASSERT_TRUE(t.touch(DATA).ok());
    const u32 slot = t.slot();
    const u64 generation = t.mmu.tlb.asid_generation;
    // CPU 1 runs processes until the ASIDs are used up. CPU 0 has left its own for the kernel alone.
    t.run(0, SPACE_NONE);
    while (t.mmu.tlb.asid_generation == generation) t.run(1, t.space());
    ASSERT_TRUE(t.mmu.tlb.entries[slot].valid());
    EXPECT_TRUE(t.mmu.tlb.cpus[0].flush_pending);
    EXPECT_EQ(belief_of(t.mmu, slot), tlb_belief::nobodys);
    t.expect_sound();
}

TEST(TlbBelief, TablesThatTheWalkCacheRemembers) {
    Believer t;
    t.map(t.process, DATA, DEVICE, 4 * KiB, protection::PAGE_SHARED);
    ASSERT_TRUE(t.touch(DATA).ok());
    using enum tlb_belief;
    EXPECT_EQ(t.walk_beliefs(), (std::array{holds, holds, holds}));
    t.unmap(t.process, DATA, 4 * KiB, false); // pte, pmd and pud tables are freed; the pgd's entry is empty
    EXPECT_EQ(t.walk_beliefs(), (std::array{unmapped, unmapped, unmapped}));
}

TEST(TlbBelief, WithoutAsidsEntriesAreOfWhatTheCpuRuns) {
    Believer t({}, i386_geometry(false));
    t.map(t.process, DATA, 0x1000000, 4 * KiB, protection::PAGE_SHARED);
    ASSERT_TRUE(t.touch(DATA).ok());
    EXPECT_EQ(space_of_entry(t.mmu, 0, DATA, 0), t.process);
    EXPECT_EQ(t.belief(), tlb_belief::holds);
    t.unmap(t.process, DATA, 4 * KiB, false);
    EXPECT_EQ(t.belief(), tlb_belief::unmapped);
}

} // namespace
} // namespace mm::test
