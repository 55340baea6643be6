// How the kernel finds the entries of a frame: to which anon_vma a page belongs, which VMAs are looked at, and which of them map it.
#include "paged_processes.h"

namespace mm {
namespace {

constexpr u32 ALL = 1u << 20;

// "mm address maps" of each VMA that is looked at.
struct Look {
    mm_id mm;
    u64 page;
    bool maps;
    friend bool operator==(const Look&, const Look&) = default;
};
std::vector<Look> looked(const PagedProcesses& p, pfn_t pfn) {
    std::vector<Look> all;
    for (const looked_at_vma& one : rmap_looked_at(p.proc, pfn, ALL).vmas)
        all.push_back({one.mm, (one.address - ARENA) / PAGE, one.maps});
    return all;
}
using Looks = std::vector<Look>;

TEST(Rmap, APageBelongsToTheAnonVmaOfItsVmaAndOfAForkToItsOwn) {
    PagedProcesses p;
    p.map(p.first, 0, 4);
    p.write(p.first, 1, 5);
    const pfn_t old = p.at(p.first, 1).pfn;
    EXPECT_EQ(looked(p, old), (Looks{{p.first, 1, true}}));
    const mm_id child = p.fork(p.first);
    EXPECT_EQ(looked(p, old), (Looks{{p.first, 1, true}, {child, 1, true}}));
    p.write(child, 1, 6);
    const pfn_t copy = p.at(child, 1).pfn;
    ASSERT_NE(copy, old);
    EXPECT_EQ(looked(p, old), (Looks{{p.first, 1, true}, {child, 1, false}}))
        << "the child's VMA hangs in the parent's anon_vma still";
    EXPECT_EQ(looked(p, copy), (Looks{{child, 1, true}}))
        << "a page of the child's own is looked for in the child alone";
    EXPECT_NE(anon_vma_of(p.proc.user, copy), anon_vma_of(p.proc.user, old));
    p.expect_sound();
}

TEST(Rmap, WhatTheLastOwnerKeepsIsLookedForInItsOwnVmaAloneSince519) {
    for (const kernel_version kernel : {kernel_version::v6_1, kernel_version::v5_10}) {
        PagedProcesses p(kernel);
        p.map(p.first, 0, 1);
        p.write(p.first, 0, 5);
        const pfn_t pfn = p.at(p.first, 0).pfn;
        const mm_id child = p.fork(p.first);
        p.write(p.first, 0, 6); // the parent gets the copy
        EXPECT_EQ(looked(p, pfn), (Looks{{p.first, 0, false}, {child, 0, true}}));
        p.write(child, 0, 7);
        ASSERT_EQ(p.at(child, 0).pfn, pfn) << "nobody else has it: it is kept";
        // Before PageAnonExclusive nobody moved it.
        const bool moved = p.proc.rules.has_anon_exclusive();
        EXPECT_EQ(looked(p, pfn), moved ? (Looks{{child, 0, true}}) : (Looks{{p.first, 0, false}, {child, 0, true}}));
        p.expect_sound();
    }
}

TEST(Rmap, AGrandchildIsReachedAlsoWhenItsParentIsGone) {
    PagedProcesses p;
    p.map(p.first, 0, 1);
    p.write(p.first, 0, 5);
    const pfn_t pfn = p.at(p.first, 0).pfn;
    const mm_id child = p.fork(p.first), grandchild = p.fork(child);
    p.exit(child);
    EXPECT_EQ(looked(p, pfn), (Looks{{p.first, 0, true}, {grandchild, 0, true}}));
    const vm_area_struct vma = p.proc.vmas[p.proc.mms[grandchild].mmap];
    EXPECT_EQ(anon_vma_chain_of(p.proc, vma).size(), 3u);
    EXPECT_EQ(anon_vma_chain_of(p.proc, vma).back(), anon_vma_of(p.proc.user, pfn));
    p.expect_sound();
}

TEST(Rmap, TwoProgramsAtTheSameAddressesHaveNothingToDoWithEachOther) {
    PagedProcesses p;
    const mm_id other = new_process(p.proc, p.pages);
    for (const mm_id id : {p.first, other}) {
        p.map(id, 0, 1);
        p.write(id, 0, 1);
    }
    EXPECT_EQ(looked(p, p.at(p.first, 0).pfn), (Looks{{p.first, 0, true}}));
    EXPECT_EQ(looked(p, p.at(other, 0).pfn), (Looks{{other, 0, true}}));
}

TEST(Rmap, APageOfAFileIsLookedForWhereItsPageOfTheFileIsMapped) {
    PagedProcesses p;
    const file_id file = p.file(8 * PAGE);
    p.map(p.first, 0, 8, RW, MAP_SHARED | MAP_FIXED, file);
    p.write(p.first, 2, 9);
    const mm_id child = p.fork(p.first);
    // Of another mapping page 2 is the first, and of a third it is not there.
    p.map(child, 20, 2, RW, MAP_SHARED | MAP_FIXED, file, 2);
    p.map(child, 30, 2, RW, MAP_SHARED | MAP_FIXED, file, 4);
    p.read(child, 20);
    EXPECT_EQ(looked(p, p.at(p.first, 2).pfn), (Looks{{p.first, 2, true}, {child, 2, false}, {child, 20, true}}));
}

TEST(Rmap, NoMoreVmasAreAskedThanIsAllowed) {
    PagedProcesses p;
    for (u64 i = 0; i < 8; ++i) p.map(p.first, 2 * i, 1);
    p.write(p.first, 14, 1);
    const pfn_t pfn = p.at(p.first, 14).pfn;
    EXPECT_TRUE(rmap_looked_at(p.proc, pfn, 8).whole);
    EXPECT_FALSE(rmap_looked_at(p.proc, pfn, 7).whole);
    EXPECT_TRUE(rmap_looked_at(p.proc, p.proc.user.zero_pfn, ALL).vmas.empty());
}

} // namespace
} // namespace mm
