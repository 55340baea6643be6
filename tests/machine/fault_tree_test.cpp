// The tree of page faults: each event of a fault has its part in it, and the way of a fault is the one that the kernel takes.
// Expected ways are those of mm/memory.c, drawn by hand.
#include "machine/facts/fault_tree.h"

#include <gtest/gtest.h>

#include "process/events.h"
#include "process/paged_processes.h"

namespace mm {
namespace {

using n = fault_node;
using Way = std::vector<n>;

class FaultTree : public testing::Test {
  protected:
    static Way way_of(const FaultRun& run) {
        Way way;
        for (const FaultStep& step : run.steps) way.push_back(step.node);
        return way;
    }
    // The ways of the faults that the access makes. Up to each of its events the way is one of the tree.
    static std::vector<Way> ways(PagedProcesses& it, mm_id id, u64 page, user_access_kind kind) {
        it.events.clear();
        static_cast<void>(it.touch(id, page, kind, 5));
        for (std::size_t nr = 0; nr <= it.events.size(); ++nr)
            for (const FaultRun& run : fault_runs(std::span(it.events).first(nr))) expect_way(run);
        std::vector<Way> all;
        for (const FaultRun& run : fault_runs(it.events)) all.push_back(way_of(run));
        return all;
    }
    static std::vector<Way> reads(PagedProcesses& it, mm_id id, u64 page) {
        return ways(it, id, page, user_access_kind::read);
    }
    static std::vector<Way> writes(PagedProcesses& it, mm_id id, u64 page) {
        return ways(it, id, page, user_access_kind::write);
    }
    static void expect_way(const FaultRun& run) {
        for (std::size_t i = 0; i + 1 < run.steps.size(); ++i) {
            EXPECT_TRUE(edge_between(run.steps[i].node, run.steps[i + 1].node))
                << fault_node_of(run.steps[i].node).text.en << " - " << fault_node_of(run.steps[i + 1].node).text.en;
            EXPECT_GE(run.steps[i].event, 0) << fault_node_of(run.steps[i].node).text.en;
        }
    }
    // Behind the four questions that every fault of a VMA begins with.
    static Way behind_pmd(std::initializer_list<n> more) {
        Way way = {n::entry, n::find_vma, n::rights, n::pmd};
        way.insert(way.end(), more);
        return way;
    }
    static std::vector<Way> one(const Way& way) { return {way}; }
};

TEST_F(FaultTree, EachEventOfAFaultHasItsPart) {
    for (auto kind = static_cast<u16>(fault_event::fault_begins); kind <= static_cast<u16>(fault_event::user_sigbus);
         ++kind)
        EXPECT_NE(fault_part_of(kind), FaultPart::none) << kind - static_cast<u16>(fault_event::fault_begins);
    for (const process_event kind :
         {process_event::user_access, process_event::user_sigsegv, process_event::vma_stack_grown})
        EXPECT_EQ(fault_part_of(static_cast<u16>(kind)), FaultPart::way);
    EXPECT_EQ(fault_part_of(static_cast<u16>(process_event::mmap)), FaultPart::none);
}

TEST_F(FaultTree, BothLanguagesSayEachNodeAndAnswer) {
    for (std::size_t i = 0; i < FAULT_NODES; ++i) {
        const FaultNode& node = fault_node_of(static_cast<n>(i));
        EXPECT_FALSE(std::string_view(node.text.en).empty() || std::string_view(node.text.zh).empty()) << i;
        EXPECT_EQ(std::string_view(node.whole.en).empty(), !is_end(node.id)) << i;
        EXPECT_FALSE(node.function.empty() || node.file.empty()) << i;
    }
    for (const FaultEdge& edge : fault_edges())
        EXPECT_FALSE(std::string_view(edge.answer.en).empty() || std::string_view(edge.answer.zh).empty());
}

TEST_F(FaultTree, AnonymousMemory) {
    PagedProcesses it;
    it.map(it.first, 0, 8);
    EXPECT_EQ(reads(it, it.first, 0), one(behind_pmd({n::huge_may, n::pte, n::behind, n::anon, n::zero_page})))
        << "no table is there, and huge pages are off";
    EXPECT_EQ(writes(it, it.first, 0), one(behind_pmd({n::pte, n::present, n::wp, n::zero_replaced})));
    EXPECT_EQ(writes(it, it.first, 1), one(behind_pmd({n::pte, n::behind, n::anon, n::anon_page})));
    EXPECT_EQ(writes(it, it.first, 1), std::vector<Way>{}) << "the entry allows it";
    const mm_id child = it.fork(it.first);
    EXPECT_EQ(writes(it, child, 1), one(behind_pmd({n::pte, n::present, n::wp, n::copied})));
    EXPECT_EQ(writes(it, it.first, 1), one(behind_pmd({n::pte, n::present, n::wp, n::reused})))
        << "the child has its own, so nobody else has this one";
}

TEST_F(FaultTree, SignalsEndTheWay) {
    PagedProcesses it;
    it.map(it.first, 0, 2, PROT_READ);
    EXPECT_EQ(writes(it, it.first, 0), one({n::entry, n::find_vma, n::rights, n::access_error}));
    EXPECT_EQ(reads(it, it.first, 5), one({n::entry, n::find_vma, n::grows, n::no_vma}));
    it.map(it.first, 512, 2, RW, PRIVATE | MAP_GROWSDOWN);
    const Way grown = {n::entry, n::find_vma, n::grows,  n::expand, n::rights,
                       n::pmd,   n::pte,      n::behind, n::anon,   n::anon_page};
    it.map(it.first, 100, 1);
    EXPECT_EQ(writes(it, it.first, 512).size(), 1u);
    Way way = writes(it, it.first, 511).at(0);
    EXPECT_EQ(Way(way.begin(), way.begin() + 6), Way(grown.begin(), grown.begin() + 6));
    EXPECT_EQ(Way(way.end() - 4, way.end()), Way(grown.end() - 4, grown.end()));
    EXPECT_EQ(writes(it, it.first, 300), one({n::entry, n::find_vma, n::grows, n::expand, n::stack_refused}))
        << "256 pages below a stack belong to nobody";
}

TEST_F(FaultTree, Files) {
    PagedProcesses it;
    const file_id file = it.file(40 * PAGE, file_kind::regular);
    it.map(it.first, 0, 1);
    static_cast<void>(it.write(it.first, 0, 1)); // a table is there
    it.map(it.first, 100, 64, RW, MAP_SHARED | MAP_FIXED, file);
    it.map(it.first, 200, 64, RW, MAP_PRIVATE | MAP_FIXED, file);
    const Way disk = behind_pmd({n::pte, n::behind, n::file, n::around, n::cache, n::disk_read}),
              around = behind_pmd({n::pte, n::behind, n::file, n::around, n::around_mapped});
    EXPECT_EQ(reads(it, it.first, 100), (std::vector<Way>{disk, around})) << "it runs once more";
    EXPECT_EQ(writes(it, it.first, 201), one(behind_pmd({n::pte, n::behind, n::file, n::cache, n::cow_copied})));
    EXPECT_EQ(reads(it, it.first, 202), one(around));
    EXPECT_EQ(writes(it, it.first, 202), one(behind_pmd({n::pte, n::present, n::wp, n::file_copied})));
    EXPECT_EQ(writes(it, it.first, 102).front(), behind_pmd({n::pte, n::present, n::wp, n::shared_made_writable}));
    EXPECT_EQ(reads(it, it.first, 141),
              one(behind_pmd({n::pte, n::behind, n::file, n::around, n::cache, n::beyond_file})));
}

TEST_F(FaultTree, HugePages) {
    PagedProcesses it(kernel_version::v6_1, true);
    it.map(it.first, 0, 1024);
    EXPECT_EQ(writes(it, it.first, 3), one(behind_pmd({n::huge_may, n::huge_anon, n::huge_page})));
    EXPECT_EQ(reads(it, it.first, 515), one(behind_pmd({n::huge_may, n::huge_anon, n::huge_zero})));
    EXPECT_EQ(writes(it, it.first, 515),
              one(behind_pmd({n::huge_present, n::huge_wp, n::pte, n::present, n::wp, n::zero_replaced})))
        << "6.1 splits the huge zero page";
    const mm_id child = it.fork(it.first);
    EXPECT_EQ(writes(it, child, 3),
              one(behind_pmd({n::huge_present, n::huge_wp, n::pte, n::present, n::wp, n::copied})));
    PagedProcesses alone(kernel_version::v6_1, true);
    alone.map(alone.first, 0, 512);
    EXPECT_EQ(writes(alone, alone.first, 3).size(), 1u);
    alone.exit(alone.fork(alone.first));
    EXPECT_EQ(writes(alone, alone.first, 3), one(behind_pmd({n::huge_present, n::huge_wp, n::huge_reused})));
}

TEST_F(FaultTree, PagesThatTheKernelBringsBeginAtTheTables) {
    PagedProcesses it;
    it.events.clear();
    it.map(it.first, 0, 2, RW, PRIVATE | MAP_POPULATE);
    const std::vector<FaultRun> runs = fault_runs(it.events);
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_TRUE(runs[0].by_kernel && runs[1].by_kernel);
    EXPECT_EQ(way_of(runs[0]), (Way{n::pmd, n::huge_may, n::pte, n::behind, n::anon, n::anon_page}));
    EXPECT_EQ(way_of(runs[1]), (Way{n::pmd, n::pte, n::behind, n::anon, n::anon_page}));
}

TEST_F(FaultTree, FunctionsAreThoseOfTheKernelAndTheArchitecture) {
    const auto name = [](n node, kernel_version kernel, architecture arch) {
        return fault_function(node, {kernel, arch}).name;
    };
    EXPECT_EQ(name(n::entry, kernel_version::v6_1, architecture::arm64), "do_page_fault");
    EXPECT_EQ(name(n::rights, kernel_version::v6_1, architecture::i386), "access_error");
    EXPECT_EQ(name(n::huge_may, kernel_version::v6_1, architecture::arm64), "hugepage_vma_check");
    EXPECT_EQ(name(n::huge_may, kernel_version::v6_12, architecture::arm64), "thp_vma_allowable_order");
    EXPECT_EQ(name(n::huge_may, kernel_version::v5_10, architecture::arm64), "__transparent_hugepage_enabled");
}

} // namespace
} // namespace mm
