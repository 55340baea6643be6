// Sentences say where a number comes from that decided.
#include <algorithm>

#include "scenario/run.h"
#include "scenario/scenario_text.h"
#include "machine/narrate.h"
#include "physical/events.h"

namespace mm {
namespace {

struct Told {
    std::vector<std::string> sentences; // of the last op
    std::vector<Event> events;
    i64 free_pages = 0; // of the first zone, after it

    [[nodiscard]] bool has(std::string_view sentence) const {
        return std::find(sentences.begin(), sentences.end(), sentence) != sentences.end();
    }
    [[nodiscard]] std::string all() const {
        std::string text;
        for (const std::string& sentence : sentences) text += sentence + "\n";
        return text;
    }
};

// One request on a zone of 116 MiB that has only 256 free pages, in blocks of order 3, and a boost.
Told told(const std::string& kernel, const std::string& gfp, Language language = Language::en,
          const std::string& more = R"("watermark_boost": 774)", const std::string& blocks = "40000+59:Movable") {
    const Scenario scenario = test::parsed(test::scenario_of(
        R"({"op": "alloc_page", "gfp": ")" + gfp + "\"}",
        R"({"profile": {"arch": "arm64", "kernel": ")" + kernel +
            R"(", "cpus": 1, "memory": [{"start": "0x40000000", "size": 121655296, "node": 0}],
            "recorded": [{"zone": "0:DMA", "start_pfn": "0x40000", "spanned_pages": 29701, "present_pages": 29701,
                          "managed_pages": 29701, "watermark": [344, 430, 516], )" +
            more + R"(, "free_lists": {"Movable": {"3": "40000+10*32"}}, "block_types": ")" + blocks + R"("}]}})"));
    ScenarioRun run(scenario, std::move(*start_machine(scenario)));
    Told out;
    while (run.next()) {
        out.events.assign(run.events().begin(), run.events().end());
        out.sentences.clear();
        for (const Event& event : run.events()) out.sentences.push_back(narrate_plain(run.machine(), event, language));
    }
    out.free_pages = run.machine().physical.zones[0].nr_free_pages;
    return out;
}

// 344 / 2 = 172, and 172 - 172 / 4 = 129. 430 + 774 = 1204.
TEST(WhyNumbers, AnAtomicRequestSaysHowLowItMayGo) {
    for (const char* kernel : {"5.10", "6.1", "6.12"}) {
        SCOPED_TRACE(kernel);
        const Told atomic = told(kernel, "GFP_ATOMIC");
        EXPECT_TRUE(atomic.has(
            "Zone DMA is too low for order 0: free 256 − unusable 0 ≤ 1204 + 0 (boosted low watermark 1204)."))
            << atomic.all();
        EXPECT_TRUE(
            atomic.has("In zone DMA this request may go down to 129 pages: the min watermark is 344, __GFP_HIGH takes "
                       "half of it off, and as it may not wait, a quarter of the rest goes, too. The zone's boost of "
                       "774 does not count for an atomic request of order 0."))
            << atomic.all();
        EXPECT_TRUE(atomic.has("Zone DMA has enough for order 0: free 256 − unusable 0 > 129 + 0 (min watermark 344)."))
            << atomic.all();
    }
    EXPECT_TRUE(told("6.12", "GFP_ATOMIC", Language::zh)
                    .has("在内存域 DMA，这个请求可以用到只剩 129 页：min 水线是 344，__GFP_HIGH "
                         "减去一半，请求不能等待，再减去余下"
                         "的四分之一。内存域的提升值 774 对 0 阶的原子请求不计。"));
}

// Without the right to a reserve the watermark is what it is; the boost then counts: 344 + 774 = 1118.
TEST(WhyNumbers, ARequestThatMayWaitSaysThatTheBoostCounts) {
    const Told kernel = told("6.12", "GFP_KERNEL");
    EXPECT_TRUE(
        kernel.has("Zone DMA is too low for order 0: free 256 − unusable 0 ≤ 1118 + 0 (boosted min watermark 1118)."))
        << kernel.all();
    EXPECT_EQ(kernel.all().find("may go down"), std::string::npos) << kernel.all();
    // 1118 / 2 = 559, and in 6.12 __GFP_HIGH alone is what sets the boost aside: 344 / 2 = 172.
    const Told high = told("6.12", "GFP_KERNEL|__GFP_HIGH");
    EXPECT_TRUE(high.has(
        "In zone DMA this request may go down to 172 pages: the min watermark is 344, and __GFP_HIGH takes half "
        "of it off. The zone's boost of 774 does not count for an atomic request of order 0."))
        << high.all();
    // Until 6.2 that takes __GFP_ATOMIC: with the boost 559 are more than there are.
    const Told older = told("6.1", "GFP_KERNEL|__GFP_HIGH");
    EXPECT_TRUE(older.has(
        "In zone DMA this request may go down to 559 pages: the min watermark is 1118, and __GFP_HIGH takes half "
        "of it off. The zone's boost of 774 is part of it."))
        << older.all();
    // No boost, no word of it.
    EXPECT_TRUE(told("6.12", "GFP_ATOMIC", Language::en, R"("watermark_boost": 0)")
                    .has("In zone DMA this request may go down to 129 pages: the min watermark is 344, __GFP_HIGH "
                         "takes half of it "
                         "off, and as it may not wait, a quarter of the rest goes, too. No boost is in force."));
}

// The pages that are free and do not count, by what keeps them.
TEST(WhyNumbers, PagesThatDoNotCountAreToldByWhy) {
    const Told kernel = told("6.1", "GFP_KERNEL", Language::en, R"("nr_reserved_highatomic": 512)",
                             "40000+57:Movable 47200+1:HighAtomic 47400+1:Movable");
    EXPECT_TRUE(kernel.has(
        "Of the free pages of zone DMA 512 do not count for this request: 0, as only a whole block of order 0 "
        "helps; 512 kept for atomic requests of higher orders; 0 of CMA."))
        << kernel.all();
}

// 6.12 counts each block that changes its type: 32 blocks of 8 pages leave the counter and come back.
TEST(WhyNumbers, FoldsOfOneMoveAreOneSentence) {
    const Told atomic = told("6.12", "GFP_ATOMIC");
    const auto is_fold = [](const Event& event) {
        return event.kind == static_cast<u16>(physical_event::vmstat_fold) ||
               event.kind == static_cast<u16>(physical_event::vmstat_folds);
    };
    ASSERT_EQ(std::count_if(atomic.events.begin(), atomic.events.end(), is_fold), 1) << atomic.all();
    const Event folds = *std::find_if(atomic.events.begin(), atomic.events.end(), is_fold);
    ASSERT_EQ(folds.kind, static_cast<u16>(physical_event::vmstat_folds));
    EXPECT_EQ(folds.arg[2], 66) << "64 by the move, 2 by the seven pages of the refill";
    EXPECT_EQ(256 + folds.arg[3], atomic.free_pages) << "what was taken over is what the counter changed by";
    EXPECT_EQ(folds.arg[4], 2);
    EXPECT_TRUE(atomic.has(
        "Meanwhile CPU 0 counted the free pages of zone DMA on its own, block by block. Its count passed ±2 66 "
        "times, and NR_FREE_PAGES took over -6 pages in all."))
        << atomic.all();
    // 5.10 and 6.1 count a refill once: it is told as before.
    const Told older = told("6.1", "GFP_ATOMIC");
    EXPECT_EQ(std::count_if(older.events.begin(), older.events.end(), is_fold), 1) << older.all();
}

} // namespace
} // namespace mm
