// Lessons name views, and only the shell knows which there are; and what the view Compare shows of a lesson is what the
// lesson does on a machine with each allocator.
#include <algorithm>
#include <filesystem>

#include "bridge/bridge.h"
#include "machine/compare_allocators.h"
#include "scenario/scenario_text.h"
#include "slab/procfs.h"
#include "views/views.h"

namespace shell {

TEST(ShippedLessons, EachOpensAViewThatThereIs) {
    const std::vector<std::unique_ptr<View>> views = make_views();
    int lessons = 0;
    for (const auto& entry : std::filesystem::directory_iterator(MMSCOPE_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".json") continue;
        const mm::Scenario lesson = mm::test::parsed(mm::test::read_file(entry.path()));
        const auto there_is = [&](const std::string& id) {
            return std::any_of(views.begin(), views.end(), [&](const auto& view) { return view->id() == id; });
        };
        EXPECT_TRUE(there_is(lesson.view.open)) << entry.path() << " opens \"" << lesson.view.open << "\"";
        for (const mm::ScenarioStep& step : lesson.steps)
            EXPECT_TRUE(step.view.empty() || there_is(step.view)) << entry.path() << " shows \"" << step.view << "\"";
        ++lessons;
    }
    EXPECT_GE(lessons, 8);
}

namespace {

std::string wish(std::string_view name, std::string_view value) {
    return "{\"" + std::string(name) + "\": \"" + std::string(value) + "\"}";
}

} // namespace

// Before boot there are no zones and no frames, so what was selected later is no place any more.
TEST(ShippedLessons, BackToBeforeBootWithAnythingSelected) {
    const std::vector<std::unique_ptr<View>> views = make_views();
    Bridge bridge{views};
    bridge.add_machine("arm64-6.1-1g-boot",
                       mm::test::read_file(MMSCOPE_SOURCE_DIR "/scenarios/machines/arm64-6.1-1g-boot.json"));
    const std::string reply = bridge.load("01-boot", mm::test::read_file(MMSCOPE_SOURCE_DIR "/scenarios/01-boot.json"));
    ASSERT_TRUE(bridge.loaded()) << reply;
    const mm::u32 end = bridge.app.session->steps();
    for (const char* place : {"zone:0/DMA", "list:0/DMA/3/Movable", "pcp:0/DMA/0/1", "pfn:40000"}) {
        static_cast<void>(bridge.seek(end, 0));
        static_cast<void>(bridge.choose(wish("select", place)));
        ASSERT_NE(bridge.app.selection.kind, Selection::Kind::none) << place;
        for (mm::u32 step = end; step-- > 0;) {
            for (const auto& view : views) {
                static_cast<void>(bridge.choose(wish("view", view->id())));
                static_cast<void>(bridge.seek(step, 0));
                EXPECT_FALSE(bridge.inspect().empty());
                EXPECT_FALSE(bridge.describe().empty());
            }
        }
        EXPECT_EQ(bridge.app.selection.kind, Selection::Kind::none) << place;
    }
}

namespace {

// The file of the lesson with another allocator in it, as a person would edit it, run to the end: `mmscope run`.
mm::Session session_of(const std::string& text, const std::string& allocator) {
    std::string other = text;
    const std::string_view written = R"("allocator": "slub")";
    other.replace(other.find(written), written.size(), R"("allocator": ")" + allocator + "\"");
    const mm::Scenario scenario = mm::test::parsed(other);
    mm::Session session(std::move(mm::start_machine(scenario).value()));
    session.append(scenario.ops);
    return session;
}

} // namespace

// Pages as /proc/slabinfo has them: num_slabs × pagesperslab of every cache; SLOB has no slabinfo.
TEST(ShippedLessons, CompareShowsWhatTheLessonDoesOnEachAllocator) {
    const std::string text = mm::test::read_file(MMSCOPE_SOURCE_DIR "/scenarios/25-three-allocators.json");
    const mm::Scenario scenario = mm::test::parsed(text);
    const mm::Session slub = session_of(text, "slub");
    mm::Comparison comparison(scenario.profile, scenario.unbooted, slub.steps());
    while (comparison.advance(slub.ops(), 1000)) continue;
    ASSERT_EQ(comparison.runs().size(), 3u);
    for (const mm::AllocatorRun& run : comparison.runs()) {
        const bool is_slob = run.allocator == mm::slab_allocator::slob;
        const std::string name = run.allocator == mm::slab_allocator::slub ? "slub" : is_slob ? "slob" : "slab";
        mm::Session session = session_of(text, name);
        for (const mm::u32 step : {1u, 100u, 250u, 500u, 700u, session.steps()}) {
            const mm::ComparePoint& point = run.at(step); // the sample that the view shows for the step
            const mm::AllocatorNumbers& shown = point.numbers;
            session.seek({point.step, 0});
            const mm::slab_memory& slabs = session.machine().slabs;
            mm::u64 pages = 0;
            for (mm::cache_id id = 0; id < slabs.nr_caches && !is_slob; ++id)
                if (slabs.caches[id].alive) pages += mm::get_slabinfo(slabs, id).num_slabs << slabs.caches[id].order;
            EXPECT_TRUE(is_slob || shown.pages == pages)
                << name << " at " << point.step << ": " << shown.pages << " instead of " << pages;
            const mm::AllocatorNumbers direct = mm::allocator_numbers(session.machine());
            EXPECT_EQ(shown.full, direct.full) << name;
            EXPECT_EQ(shown.partial, direct.partial) << name;
            EXPECT_EQ(shown.empty, direct.empty) << name;
            EXPECT_EQ(shown.fast_allocs, direct.fast_allocs) << name;
            EXPECT_EQ(shown.slow_frees, direct.slow_frees) << name;
            EXPECT_EQ(shown.bytes.colour, direct.bytes.colour) << name;
        }
    }
}

} // namespace shell
