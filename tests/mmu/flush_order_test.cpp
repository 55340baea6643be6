// In which order tables and blocks go: an entry is cleared, TLBs are invalidated, and only then the page behind it is freed or
// another entry written. The orders are those of mm/mmu_gather.c (tlb_finish_mmu), mm/memory.c (unmap_vmas, free_pgtables),
// arch/arm64/mm/mmu.c (pmd_free_pte_page, pud_free_pmd_page), mm/huge_memory.c (__split_huge_pmd_locked) and
// arch/arm64/mm/contpte.c (contpte_convert).
#include "mmu/events.h"
#include "mmu/tlb_belief.h"
#include "mmu/translation.h"
#include "physical/events.h"
#include "physical/page_alloc.h"

namespace mm::test {
namespace {

constexpr u64 DATA = 0x10000000;

struct Word {
    u16 kind;
    const char* word;
};
template <class Kind>
constexpr Word word(Kind kind, const char* text) {
    return {static_cast<u16>(kind), text};
}
constexpr Word words[] = {
    word(mmu_event::entries_cleared, "clear"),
    word(mmu_event::table_unlinked, "unlink"),
    word(mmu_event::block_invalidated, "invalid"),
    word(mmu_event::contiguous_broken, "break"),
    word(mmu_event::block_split, "split"),
    word(mmu_event::contiguous_unfolded, "unfold"),
    word(mmu_event::entries_set, "set"),
    word(mmu_event::entries_protected, "protect"),
    word(mmu_event::pgd_freed, "pgd"),
    word(physical_event::mm_page_free, "free"),
    word(tlb_event::tlbi, "TLBI"),
    word(tlb_event::flush_left_out, "none"),
};

// "clear unlink*3 TLBI free*3": what happened to tables, pages and TLBs, one after another.
std::string order_of(const std::vector<Event>& events) {
    std::vector<std::pair<std::string, int>> runs;
    for (const Event& event : events)
        for (const Word& one : words) {
            if (one.kind != event.kind) continue;
            if (!runs.empty() && runs.back().first == one.word)
                ++runs.back().second;
            else
                runs.push_back({one.word, 1});
        }
    std::string text;
    for (const auto& [name, times] : runs)
        text += (text.empty() ? "" : " ") + name + (times > 1 ? "*" + std::to_string(times) : "");
    return text;
}

TEST(FlushOrder, MunmapFreesTablesAfterTheInvalidation) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    t.events.clear();
    t.unmap(mm, DATA, 4096);
    EXPECT_EQ(order_of(t.events), "clear unlink*3 TLBI free*3");
    t.expect_sound();
}

// unmap_vmas() of the whole range comes before free_pgtables().
TEST(FlushOrder, AllLeavesGoBeforeTheFirstTable) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4 * MiB, protection::PAGE_READONLY);
    t.map(mm, DATA + 4 * MiB, DEVICE + 4096, 4 * MiB, protection::PAGE_READONLY); // pages, in two pte tables
    t.run(0, mm);
    t.events.clear();
    t.unmap(mm, DATA, 8 * MiB);
    // 2 blocks, 512 pages and 512 pages; two pte tables, then the pmd and the pud table. 2,048 pages are too many for the process's
    // range: everything of it is invalidated.
    EXPECT_EQ(order_of(t.events), "clear*3 unlink*4 TLBI free*4");
    t.expect_sound();
}

TEST(FlushOrder, AnAddressSpaceThatEndsToo) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.map(mm, DATA + GiB, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    t.events.clear();
    t.destroy(mm);
    // pte and pmd of each, the pud of both; the pgd's page goes last.
    EXPECT_EQ(order_of(t.events), "clear*2 unlink*5 TLBI free*6 pgd");
    t.expect_sound();
}

TEST(FlushOrder, ASpaceThatMapsNothingNeedsNoInvalidation) {
    Cpus t;
    const space_id mm = t.space();
    t.events.clear();
    t.destroy(mm);
    EXPECT_EQ(order_of(t.events), "free pgd");
}

// i386: the page tables hang in the page directory.
TEST(FlushOrder, OnTwoLevelsAsWell) {
    Cpus t({}, 2, i386_geometry(false));
    const space_id mm = t.space();
    t.map(mm, DATA, 0x1000000, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    t.events.clear();
    t.unmap(mm, DATA, 4096);
    EXPECT_EQ(order_of(t.events), "clear unlink TLBI free");
    t.expect_sound();
}

// A page of PROT_NONE is in no TLB, but the way to it is in walk caches.
TEST(FlushOrder, TablesOfProtNoneAreForgottenToo) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.map(mm, DATA + 8 * MiB, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    ASSERT_TRUE(t.touch(DATA + 8 * MiB).ok());
    t.protect_part(mm, DATA, 4096, protection::PAGE_NONE);
    t.events.clear();
    t.unmap(mm, DATA, 4096);
    EXPECT_EQ(order_of(t.events), "clear unlink TLBI free");
    t.protect_part(mm, DATA + 8 * MiB, 4096, protection::PAGE_NONE);
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    ASSERT_TRUE(t.touch(DATA).ok());
    t.events.clear();
    t.unmap(mm, DATA, 16 * MiB);
    EXPECT_EQ(order_of(t.events), "clear*2 unlink*4 TLBI free*4");
    t.expect_sound();
}

// Left out on purpose, the tables go all the same: walk caches may name a page that is somebody else's.
TEST(FlushOrder, LeftOutTheTablesGoAllTheSame) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    t.events.clear();
    t.unmap(mm, DATA, 4096, false);
    EXPECT_EQ(order_of(t.events), "clear unlink*3 none free*3");
    EXPECT_TRUE(t.mmu.tlb.may_be_stale);
}

// What TLBs believe while an op runs, at each event of a kind: the entry of DATA, and tables in the walk cache.
struct Beliefs {
    Cpus& t;
    std::vector<std::string> at_unlink{}, at_free{};

    static void look(void* context, const Event& event) {
        Beliefs& self = *static_cast<Beliefs*>(context);
        const bool unlink = event.kind == static_cast<u16>(mmu_event::table_unlinked);
        if (!unlink && event.kind != static_cast<u16>(physical_event::mm_page_free)) return;
        const mmu_memory& mmu = self.t.mmu;
        const u32 slot = tlb_find(mmu.tlb, 0, DATA, mmu.tlb.cpus[0].asid);
        std::string text = slot == TLB_NONE                               ? "no entry"
                           : belief_of(mmu, slot) == tlb_belief::unmapped ? "an entry of what is unmapped"
                                                                          : "an entry";
        text += ", " + std::to_string(mmu.tlb.cpus[0].nr_walks) + " tables";
        (unlink ? self.at_unlink : self.at_free).push_back(text);
    }
};

TEST(FlushOrder, InBetweenATlbStillBelievesWhatTheTablesNoLongerSay) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    Beliefs beliefs{t};
    t.sink.listen(Beliefs::look, &beliefs);
    t.unmap(mm, DATA, 4096);
    const std::string still = "an entry of what is unmapped, 3 tables", gone = "no entry, 0 tables";
    EXPECT_EQ(beliefs.at_unlink, (std::vector<std::string>{still, still, still}));
    EXPECT_EQ(beliefs.at_free, (std::vector<std::string>{gone, gone, gone}));
}

// The kernel keeps its empty tables; a block that takes their place has them forgotten first, each for itself.
TEST(FlushOrder, ATableThatGivesWayToABlockIsForgottenFirst) {
    Cpus t;
    const space_id kernel = t.space(true);
    t.map(kernel, KERNEL, DEVICE, 4096, protection::PAGE_KERNEL);
    t.unmap(kernel, KERNEL, 4096);
    t.events.clear();
    t.map(kernel, KERNEL, DEVICE, 2 * MiB, protection::PAGE_KERNEL);
    EXPECT_EQ(order_of(t.events), "unlink TLBI free set");
    t.unmap(kernel, KERNEL, 2 * MiB);
    t.map(kernel, KERNEL, DEVICE, 4096, protection::PAGE_KERNEL);
    t.map(kernel, KERNEL + 4 * MiB, DEVICE, 4096, protection::PAGE_KERNEL);
    t.unmap(kernel, KERNEL, 8 * MiB);
    t.events.clear();
    t.map(kernel, KERNEL, DEVICE, GiB, protection::PAGE_KERNEL);
    EXPECT_EQ(order_of(t.events), "unlink TLBI free unlink TLBI free unlink TLBI free set");
    for (const Event& event : t.events) {
        if (event.kind != static_cast<u16>(tlb_event::tlbi)) continue;
        EXPECT_EQ(static_cast<tlbi_op>(event.arg[0]), tlbi_op::vaae1is);
    }
    t.expect_sound();
}

TEST(FlushOrder, ABlockIsBrokenBeforeItIsATable) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 2 * MiB, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    EXPECT_EQ(t.valid(), 1u);
    t.events.clear();
    t.unmap(mm, DATA + 4096, 4096);
    EXPECT_EQ(order_of(t.events), "invalid TLBI split clear TLBI");
    // The invalid entry is one that the kernel still sees as a page. kernel: pmd_mkinvalid
    const Event* invalid = t.last(mmu_event::block_invalidated);
    ASSERT_NE(invalid, nullptr);
    const auto entry = static_cast<pteval_t>(invalid->arg[3]);
    EXPECT_EQ(kind_of(t.mmu.format, entry, 1), descriptor_kind::present_invalid);
    EXPECT_EQ(entry & 1, 0u);
    EXPECT_EQ(t.valid(), 0u);
    EXPECT_TRUE(t.touch(DATA).ok());
    t.expect_sound();
}

TEST(FlushOrder, TheKernelOfI386InvalidatesAfterTheSplit) {
    Cpus t({}, 2, i386_geometry(false));
    const space_id kernel = t.space(true);
    t.map(kernel, 0xc0000000, 0x1000000, 4 * MiB, protection::PAGE_KERNEL);
    t.events.clear();
    t.protect_part(kernel, 0xc0000000, 4096, protection::PAGE_KERNEL_RO);
    EXPECT_EQ(order_of(t.events), "split TLBI protect TLBI");
    t.expect_sound();
}

TEST(FlushOrder, AContiguousRowIsBrokenBeforeItIsSinglePages) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 64 * KiB, protection::PAGE_READONLY);
    t.run(0, mm);
    ASSERT_TRUE(t.touch(DATA).ok());
    t.events.clear();
    t.unmap(mm, DATA + 4096, 4096);
    EXPECT_EQ(order_of(t.events), "break TLBI unfold clear TLBI");
    EXPECT_EQ(t.valid(), 0u);
    t.events.clear();
    t.protect_part(mm, DATA, 4096, protection::PAGE_NONE);
    EXPECT_EQ(order_of(t.events), "protect TLBI");
    EXPECT_FALSE(pte_cont(t.mmu.format, walk(t.mmu, mm, DATA).last().entry));
    t.expect_sound();
}

// One entry of a row gets another protection: none keeps the bit, the changed one neither.
TEST(FlushOrder, APartOfARowThatIsProtectedHasNoContiguousBit) {
    Cpus t;
    const space_id mm = t.space();
    t.map(mm, DATA, DEVICE, 64 * KiB, protection::PAGE_SHARED);
    t.events.clear();
    t.protect_part(mm, DATA, 4096, protection::PAGE_READONLY);
    EXPECT_EQ(order_of(t.events), "break TLBI unfold protect TLBI");
    for (u64 at = DATA; at < DATA + 64 * KiB; at += 4096)
        EXPECT_FALSE(pte_cont(t.mmu.format, t.leaf(mm, at))) << std::hex << at;
    t.expect_sound();
}

// Memory ends while a process gets its tables: the one that was made in vain is forgotten first, too.
TEST(FlushOrder, ATableMadeInVainGoesAfterTheInvalidation) {
    Cpus t;
    const space_id mm = t.space();
    t.run(0, mm);
    // All pages that there are, counted on a copy, but one: the pud table gets it, and no pmd table follows.
    physical_context page = t.cx().page;
    const auto take = [&] { return alloc_pages(page, {0, GFP_KERNEL, -1}); };
    const physical_memory before = t.mem;
    u32 pages = 0;
    while (take() != PFN_NONE) ++pages;
    t.mem = before;
    for (u32 i = 1; i < pages; ++i) ASSERT_NE(take(), PFN_NONE);
    t.events.clear();
    mmu_context context = t.cx();
    const map_request request{mm, DATA, DEVICE, 4096, pgprot_of(t.mmu.format, protection::PAGE_READONLY)};
    EXPECT_EQ(map_range(context, request).error, map_error::no_memory);
    EXPECT_EQ(order_of(t.events), "unlink TLBI free");
    t.expect_sound();
}

// Kernel tables have no swap entries: the same bits are one in a table of a process, and an invalid entry in the kernel's.
TEST(Walk, OfTheKernelFindsNoSwapEntries) {
    Cpus t;
    const space_id kernel = t.space(true), mm = t.space();
    const pteval_t bits = u64{0x1234} << 12;
    t.map(kernel, KERNEL, DEVICE, 4096, protection::PAGE_KERNEL);
    t.map(mm, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(0, mm);
    t.set_leaf(kernel, KERNEL, bits);
    t.set_leaf(mm, DATA, bits);
    EXPECT_EQ(walk(t.mmu, kernel, KERNEL).last().kind, descriptor_kind::invalid);
    EXPECT_EQ(walk(t.mmu, mm, DATA).last().kind, descriptor_kind::swap);
    const auto told = [&](u64 address, bool user) {
        t.events.clear();
        EXPECT_FALSE(t.touch(address, access_kind::read, user, 0, false).ok());
        const Event* step = t.last(mmu_event::walk_step);
        EXPECT_NE(step, nullptr);
        return step ? static_cast<descriptor_kind>(step->arg[4]) : descriptor_kind::none;
    };
    EXPECT_EQ(told(KERNEL, false), descriptor_kind::invalid);
    EXPECT_EQ(told(DATA, true), descriptor_kind::swap);
}

} // namespace
} // namespace mm::test
