// The views of the slab allocators: what they show at a moment, what pressing does, and that every one is drawn.
#include <gtest/gtest.h>

#include <set>

#include "machine/facts/slab_state.h"
#include "slab/slab.h"
#include "view_test.h"
#include "views/slab/slab_bytes.h"
#include "views/slab/slab_touched.h"

namespace shell {
namespace {

// Slabs of one page (slub_max_order 0): objects of 1024 bytes stand four to a slab, the fifth needs a second one.
// Freelists in address order.
std::string scenario(std::string_view profile, std::string_view steps) {
    return R"({"format": "mmscope/1", "title": "slabs", "machine": {"profile": {"name": "small", "arch": "x86_64", )"
           R"("kernel": "6.1", "memory": "64MiB", "slab": {"freelist_random": false, "slub_max_order": 0}, )" +
           std::string(profile) + R"(}}, "steps": [)" + std::string(steps) + "]}";
}
constexpr std::string_view STEPS = R"(
    {"op": "kmem_cache_create", "name": "box", "size": 1000, "align": 1024, "flags": "SLAB_PANIC", "as": "box"},
    {"repeat": {"count": 9, "steps": [{"op": "kmem_cache_alloc", "cache": "box", "as": "o[]"}]}},
    {"op": "kmem_cache_free", "cache": "box", "object": "o[8]"},
    {"op": "kmem_cache_free", "cache": "box", "object": "o[0]"},
    {"op": "kmem_cache_alloc", "cache": "box", "as": "p"},
    {"op": "kmem_cache_free", "cache": "box", "object": "o[1]", "cpu": 1},
    {"op": "kmalloc", "size": 50, "as": "k"})";

class SlabViewsTest : public test::ViewTest {
  protected:
    void load(std::string_view profile = R"("cpus": 2)", std::string_view steps = STEPS) {
        ViewTest::load(scenario(profile, steps));
    }
    Json describe() {
        frame();
        return ViewTest::describe();
    }
    void key(ImGuiKey code) {
        ViewTest::key(code);
        for (int i = 0; i < 2; ++i) frame(); // what it scrolled to is drawn
    }
    // What Enter selects at each place from the first one on, going with `along`.
    std::vector<Selection> picked_along(ImGuiKey along, int places) {
        std::vector<Selection> out;
        key(ImGuiKey_Escape);
        key(ImGuiKey_Enter);
        for (int i = 0; i < places; ++i) {
            key(ImGuiKey_Enter);
            out.push_back(bridge.app.selection);
            key(along);
        }
        key(ImGuiKey_Escape);
        return out;
    }
    const mm::Machine& machine() { return bridge.app.session->machine(); }
    mm::cache_id box() { return static_cast<mm::cache_id>(machine().results[0].value); }
};

TEST_F(SlabViewsTest, EachIsDrawnAtEachEventOfEachAllocatorInEachThemeLanguageAndSize) {
    for (const char* profile :
         {R"("cpus": 2)", R"("cpus": 2, "nodes": 2, "allocator": "slab")", R"("cpus": 2, "allocator": "slob")"}) {
        load(profile);
        for (const char* view : {"caches", "cache", "slab", "colouring", "compare"}) {
            choose({{"view", view}});
            draw_everywhere(all_steps(), {0, 1, 3, 6});
        }
    }
}

// Three slabs with four objects each, and each slab's frame.
TEST_F(SlabViewsTest, ArrowKeysReachEveryObjectAndEnterSelectsIt) {
    load();
    seek(10);
    for (const char* view : {"cache", "slab"}) {
        choose({{"view", view}, {"select", ""}});
        screen.settle(bridge, WIDTH, HEIGHT);
        std::set<mm::i64> objects, frames;
        for (const Selection& at : picked_along(ImGuiKey_RightArrow, 40)) {
            if (at.kind == Selection::Kind::object) objects.insert(at.value);
            if (at.kind == Selection::Kind::pfn) frames.insert(at.value);
        }
        const bool cache = view == std::string_view("cache");
        EXPECT_EQ(objects.size(), cache ? 12u : 4u) << view;
        EXPECT_EQ(frames.size(), cache ? 3u : 0u) << view;
        for (const mm::i64 address : objects) {
            const auto at = static_cast<mm::phys_addr_t>(address);
            const mm::object_ref found = mm::object_of_address(machine().slabs, machine().physical, at);
            EXPECT_EQ(mm::object_address(machine().slabs, machine().physical, found), at);
        }
    }
}

TEST_F(SlabViewsTest, ArrowKeysGoUpAndDownAndBack) {
    load();
    seek(10);
    choose({{"view", "caches"}, {"select", ""}});
    screen.settle(bridge, WIDTH, HEIGHT);
    key(ImGuiKey_Enter);
    key(ImGuiKey_DownArrow);
    key(ImGuiKey_DownArrow);
    key(ImGuiKey_UpArrow);
    key(ImGuiKey_Enter);
    EXPECT_EQ(bridge.app.selection.kind, Selection::Kind::cache);
    const Selection second = bridge.app.selection; // and the view of one cache is open
    choose({{"view", "caches"}, {"select", ""}});
    key(ImGuiKey_DownArrow);
    EXPECT_TRUE(bridge.app.selection == Selection{});
    key(ImGuiKey_Enter);
    EXPECT_TRUE(bridge.app.selection == Selection{}) << "the first Enter gives the keys to the picture";
    key(ImGuiKey_DownArrow);
    key(ImGuiKey_Enter);
    EXPECT_TRUE(bridge.app.selection == second);
}

TEST_F(SlabViewsTest, ArrowKeysReachObjectsOfTheOtherAllocators) {
    for (const char* profile : {R"("cpus": 2, "allocator": "slab")", R"("cpus": 2, "allocator": "slob")"}) {
        load(profile);
        seek(10);
        choose({{"view", "cache"}, {"select", ""}});
        screen.settle(bridge, WIDTH, HEIGHT);
        std::set<mm::i64> objects;
        for (const Selection& at : picked_along(ImGuiKey_RightArrow, 40))
            if (at.kind == Selection::Kind::object) objects.insert(at.value);
        for (int i = 0; i < 9; ++i) {
            const auto address = static_cast<mm::i64>(machine().results[static_cast<mm::u32>(1 + i)].value);
            EXPECT_TRUE(objects.contains(address)) << profile << " o[" << i << "]";
        }
    }
}

TEST_F(SlabViewsTest, CachesCountWhatCallersHoldAndWhatTheKernelCallsActive) {
    load();
    choose({{"view", "caches"}});
    seek(10);
    const Json shown = describe();
    const Json* found = nullptr;
    for (const Json& row : shown["caches"])
        if (row["name"] == "box") found = &row;
    ASSERT_NE(found, nullptr);
    EXPECT_EQ((*found)["in_use"], 9);
    EXPECT_EQ((*found)["num_slabs"], 3) << "four objects a slab";
    EXPECT_EQ((*found)["num_objs"], 12);
    EXPECT_EQ((*found)["active_objs"], 12) << "the three on the CPU's freelist count as active";
    EXPECT_EQ((*found)["bytes"], 3 * 4096);
    EXPECT_EQ((*found)["cpu_slabs"], 1);
    EXPECT_TRUE((*found)["touched"]);
    EXPECT_GT(shown["hidden"], 20) << "kmalloc caches without slabs";
}

TEST_F(SlabViewsTest, PressingACacheOpensItAndPressingAColumnSorts) {
    load();
    choose({{"view", "caches"}});
    seek(end);
    describe();
    press(300, 15);
    EXPECT_FALSE(view_of("caches").look().empty());
    const AfterDraw after = press(60, 42);
    EXPECT_TRUE(after.tell_page);
    EXPECT_EQ(bridge.app.view, "cache");
    EXPECT_EQ(bridge.app.selection.kind, Selection::Kind::cache);
}

TEST_F(SlabViewsTest, ACacheShowsWhereEveryObjectIs) {
    load();
    choose({{"view", "cache"}});
    seek(10);
    Json shown = describe();
    EXPECT_EQ(shown["cache"], "box");
    EXPECT_EQ(shown["cpus"][0]["slab"]["objects"], "#///") << "the ninth object, and the CPU's freelist";
    EXPECT_EQ(shown["cpus"][0]["freelist"], 1);
    EXPECT_EQ(shown["cpus"][0]["slab"]["marked"], Json::array({0}));
    ASSERT_EQ(shown["nodes"][0]["full"].size(), 2u);
    EXPECT_EQ(shown["nodes"][0]["full"][0]["objects"], "####");

    seek(11); // o[8] comes back to the CPU's own slab
    shown = describe();
    EXPECT_EQ(shown["cpus"][0]["slab"]["objects"], "////");
    EXPECT_EQ(shown["cpus"][0]["freelist"], 0);

    seek(12); // o[0] to a slab that was full: it joins the CPU's partial list
    shown = describe();
    EXPECT_EQ(shown["cpus"][0]["partial"][0]["objects"], ".###");
    EXPECT_EQ(shown["cpus"][0]["partial"][0]["marked"], Json::array({0}));
    EXPECT_EQ(shown["nodes"][0]["full"].size(), 1u);

    seek(end);
    EXPECT_EQ(describe()["cache"], "kmalloc-64") << "it follows the op";
    choose({{"select", "cache:box"}});
    EXPECT_EQ(describe()["cache"], "box") << "until something is selected";
}

TEST_F(SlabViewsTest, PressingAnObjectSelectsItEverywhere) {
    load();
    choose({{"view", "cache"}, {"reducedMotion", true}});
    seek(10);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    bool selected = false;
    for (float y = 60; y < 420 && !selected; y += 12) {
        press(40, y);
        selected = bridge.app.selection.kind == Selection::Kind::object;
    }
    ASSERT_TRUE(selected);
    const mm::object_ref object = mm::object_of_address(machine().slabs, machine().physical,
                                                        static_cast<mm::phys_addr_t>(bridge.app.selection.value));
    ASSERT_NE(object.slab, mm::SLAB_NONE);
    EXPECT_EQ(machine().slabs.slabs[object.slab].cache, box());
    const Json inspect = Json::parse(bridge.inspect(), nullptr, false);
    EXPECT_EQ(inspect["views"].size(), 3u) << "map, cache, slab";
    choose({{"view", "slab"}});
    EXPECT_EQ(describe()["cache"], "box");
    choose({{"view", "map"}});
    EXPECT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
}

TEST_F(SlabViewsTest, ThousandsOfSlabsAreDrawnFromWhatIsInSight) {
    load(R"("cpus": 2)", R"({"op": "kmem_cache_create", "name": "box", "size": 4096, "as": "box"},
        {"repeat": {"count": 6000, "steps": [{"op": "kmem_cache_alloc", "cache": "box", "as": "o[]"}]}})");
    choose({{"view", "cache"}});
    seek(end);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, 30000);
}

TEST_F(SlabViewsTest, TouchesKnowObjectsByIndexAndByAddress) {
    load();
    seek(1);
    const Json state = Json::parse(bridge.seek(2, 0), nullptr, false);
    EXPECT_EQ(state["op"], 1);
    const ViewInput input = bridge.view_input(0);
    const SlabTouches touches = slab_touches_so_far(input);
    EXPECT_EQ(touches.cache, box());
    ASSERT_EQ(touches.objects.size(), 1u) << "the same object, by kmem_cache_alloc and by the allocator";
    EXPECT_EQ(touches.objects[0].role, SlabRole::taken);
    EXPECT_EQ(touches.objects[0].index, 0);
    EXPECT_EQ(touches.objects[0].address, machine().results[1].value);
    ASSERT_EQ(touches.slabs.size(), 1u);
    EXPECT_EQ(touches.slabs[0].role, SlabRole::made);
}

// 1000 bytes in 1024: 24 are padding; four of them fill the page.
// SLAB's events have roles, too: a slab that it makes, and one whose pages go back.
TEST_F(SlabViewsTest, TouchesKnowSlabsThatSlabMakesAndDestroys) {
    load(R"("allocator": "slab")", R"(
        {"op": "kmem_cache_create", "name": "box", "size": 1000, "as": "c"},
        {"op": "kmem_cache_alloc", "cache": "c", "as": "o"},
        {"op": "kmem_cache_free", "cache": "c", "object": "o"},
        {"op": "kmem_cache_shrink", "cache": "c"})");
    const auto role = [&](mm::u32 step) {
        seek(step);
        const SlabTouches touches = slab_touches_so_far(bridge.view_input(0));
        return touches.slabs.empty() ? SlabRole::touched : touches.slabs[0].role;
    };
    EXPECT_EQ(role(2), SlabRole::made);
    EXPECT_EQ(role(end), SlabRole::gone);
}

TEST_F(SlabViewsTest, ASlabsBytesAddUp) {
    load();
    seek(end);
    choose({{"select", "cache:box"}, {"view", "slab"}});
    const Json shown = describe();
    EXPECT_EQ(shown["size"], 4096);
    EXPECT_EQ(shown["bytes"]["object"], 4000);
    EXPECT_EQ(shown["bytes"]["padding"], 96);
    EXPECT_FALSE(shown["bytes"].contains("left_over"));
}

// With red zones and tracking on x86-64: 8 bytes of red zone before the object and 8 after it, the free pointer, two
// tracks, and padding, as object_parts() has them; every byte belongs to exactly one part.
TEST_F(SlabViewsTest, EveryByteBelongsToOnePart) {
    load(R"("cpus": 1)", R"(
        {"op": "kmem_cache_create", "name": "box", "size": 120,
         "flags": "SLAB_RED_ZONE|SLAB_POISON|SLAB_STORE_USER", "as": "box"},
        {"op": "kmem_cache_alloc", "cache": "box", "as": "o"})");
    seek(end);
    const mm::object_ref object =
        mm::object_of_address(machine().slabs, machine().physical, machine().results[1].value);
    ASSERT_NE(object.slab, mm::SLAB_NONE);
    const SlabPlan plan(machine(), object.slab);
    const mm::SlabObjects objects(machine().slabs, object.slab);
    std::map<SlabBytes::Kind, mm::u32> seen;
    for (mm::u32 at = 0; at < plan.bytes();) {
        const SlabBytes run = plan.at(at, objects);
        ASSERT_EQ(run.start, at);
        ASSERT_GT(run.end, at);
        seen[run.kind] += run.end - run.start;
        at = run.end;
    }
    mm::u32 sum = 0;
    for (const auto& [kind, bytes] : seen) {
        EXPECT_EQ(bytes, plan.total(kind)) << static_cast<int>(kind);
        sum += bytes;
    }
    EXPECT_EQ(sum, plan.bytes());
    EXPECT_EQ(seen[SlabBytes::Kind::object], 120u * machine().slabs.slabs[object.slab].objects);
    EXPECT_GT(seen[SlabBytes::Kind::red_zone], 0u);
    EXPECT_GT(seen[SlabBytes::Kind::track], 0u);
}

TEST_F(SlabViewsTest, PlacesOfCachesAndObjectsAreReadBack) {
    load();
    seek(end);
    const mm::u64 object = machine().results[1].value;
    for (const Selection& place : {Selection{Selection::Kind::cache, box(), 0, 0},
                                   Selection{Selection::Kind::object, static_cast<mm::i64>(object), 0, 0}}) {
        const std::string text = place_text(machine(), place);
        EXPECT_EQ(parse_place(machine(), text), place) << text;
    }
    EXPECT_EQ(place_text(machine(), {Selection::Kind::cache, box(), 0, 0}), "cache:box");
    for (const char* wrong : {"cache:", "cache:no such", "cache:box@9999", "cache:@", "object:", "object:xyz",
                              "object:fffffffffffff", "object:-1", "object:1/2"})
        EXPECT_FALSE(parse_place(machine(), wrong)) << wrong;
    seek(0);
    EXPECT_FALSE(parse_place(machine(), "cache:box")) << "before it is made";
}

TEST_F(SlabViewsTest, SearchAndSentencesLeadToCachesAndObjects) {
    load();
    seek(2);
    const auto first = [&](std::string_view text) {
        const Json found = Json::parse(bridge.find(text), nullptr, false)["found"];
        return found.empty() ? std::string() : found[0]["place"].get<std::string>();
    };
    EXPECT_EQ(first("box"), "cache:box");
    EXPECT_EQ(first("kmalloc-64"), "cache:kmalloc-64");
    EXPECT_EQ(first("o[0]").substr(0, 7), "object:");
    bool cache = false, object = false;
    const Json events = Json::parse(bridge.events(0, 100), nullptr, false)["events"];
    for (const Json& event : events) {
        for (const Json& run : event["runs"]) {
            const std::string place = run.size() == 2 ? run[1].get<std::string>() : "";
            cache |= place == "cache:box";
            object |= place.starts_with("object:");
        }
    }
    EXPECT_TRUE(cache);
    EXPECT_TRUE(object);
}

TEST_F(SlabViewsTest, TheInspectorHasTheStructsOfACache) {
    load();
    seek(12);
    choose({{"select", "cache:box"}});
    const auto value = [&](std::string_view title, std::string_view name) -> std::string {
        const Json reply = Json::parse(bridge.inspect(), nullptr, false);
        for (const Json& s : reply["structs"]) {
            if (s["title"] != title) continue;
            for (const Json& field : s["fields"])
                if (field["name"] == name) return field["value"];
        }
        return "none";
    };
    EXPECT_EQ(value("struct kmem_cache box", "object_size"), "1000");
    EXPECT_EQ(value("struct kmem_cache box", "size"), "1024");
    EXPECT_EQ(value("struct kmem_cache box", "oo"), "0x4 (0, 4)");
    EXPECT_EQ(value("struct kmem_cache_node node 0", "nr_slabs"), "3");
    EXPECT_EQ(value("struct kmem_cache_node node 0", "total_objects"), "12");
    EXPECT_NE(value("struct kmem_cache_cpu CPU 0", "slab"), "—");
    EXPECT_EQ(value("struct kmem_cache_cpu CPU 1", "slab"), "—");
}

TEST_F(SlabViewsTest, SysfsNeedsASelectedCache) {
    load();
    seek(3);
    Json reply = Json::parse(bridge.proc("slab"), nullptr, false);
    EXPECT_EQ(reply["path"], "/sys/kernel/slab/");
    choose({{"select", "cache:box"}});
    reply = Json::parse(bridge.proc("slab"), nullptr, false);
    EXPECT_EQ(reply["path"], "/sys/kernel/slab/:0001024/") << "SLAB_PANIC does not keep caches from merging";
    EXPECT_NE(reply["text"].get<std::string>().find("object_size:1000\n"), std::string::npos);
    EXPECT_TRUE(reply.contains("was"));
    load(R"("cpus": 2, "allocator": "slab")");
    EXPECT_FALSE(Json::parse(bridge.proc("slab"), nullptr, false).contains("was"));
}

TEST_F(SlabViewsTest, WithSlabArraysAreShownNewestFirst) {
    load(R"("cpus": 2, "allocator": "slab")");
    seek(end);
    choose({{"view", "cache"}, {"select", "cache:box"}});
    const Json shown = describe();
    EXPECT_EQ(shown["cache"], "box");
    EXPECT_GT(shown["cpus"][0]["avail"], 0);
    EXPECT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
}

// Four objects of 896 bytes a page, 8 colours of 64 bytes: slab after slab begins a line later, and without colours all
// begin on set 0. The set of an object that is selected follows its index: #1 begins 14 lines behind #0.
TEST_F(SlabViewsTest, ColouringShowsTheSetsWithAndWithoutIt) {
    load(R"("allocator": "slab")", R"(
        {"op": "kmem_cache_create", "name": "dev", "size": 896, "as": "c"},
        {"repeat": {"count": 36, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as": "o[]"}]}})");
    choose({{"view", "colouring"}});
    seek(end);
    const Json shown = describe();
    EXPECT_EQ(shown["cache"], "dev");
    ASSERT_EQ(shown["slabs"].size(), 9u);
    for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_EQ(shown["slabs"][i]["set"], (i + 1) % 8) << i;
        EXPECT_EQ(shown["slabs"][i]["set_without"], 0) << i;
    }
    EXPECT_EQ(shown["most_without"], 9);
    EXPECT_EQ(shown["most"], 2) << "the ninth slab has the colour of the first";
    const mm::slab_id first = static_cast<mm::slab_id>(0);
    const mm::object_ref second{first, 1, 0};
    const mm::phys_addr_t address = mm::object_address(machine().slabs, machine().physical, second);
    bridge.app.selection = {Selection::Kind::object, static_cast<mm::i64>(address), 0, 0};
    const Json of_second = describe();
    EXPECT_EQ(of_second["object"], 1);
    EXPECT_EQ(of_second["slabs"][0]["set_without"], 14);
}

TEST_F(SlabViewsTest, WithoutAnySlabTheViewsSayWhy) {
    load(R"("cpus": 2)", R"({"op": "alloc_page", "as": "p"})");
    for (const char* view : {"cache", "slab", "colouring"}) {
        choose({{"view", view}});
        seek(1);
        EXPECT_EQ(describe(), Json::object()) << view;
        EXPECT_TRUE(screen.settle(bridge, 300, 400)) << view;
    }
}

// Pressing what is selected already tells the page, too: it may be the answer to a question.
TEST_F(SlabViewsTest, PointingAtTheSelectionIsToldAgain) {
    load();
    choose({{"view", "caches"}});
    seek(end);
    describe();
    const auto pointed = [&] { return Json::parse(bridge.state(), nullptr, false)["pointed"].get<int>(); };
    EXPECT_EQ(pointed(), 0);
    press(60, 42);
    EXPECT_EQ(pointed(), 1);
    choose({{"view", "caches"}});
    const AfterDraw after = press(60, 42);
    EXPECT_TRUE(after.tell_page);
    EXPECT_EQ(pointed(), 2);
}

TEST_F(SlabViewsTest, CompareRunsTheOpsOnAllThreeAndThenRests) {
    load();
    choose({{"view", "compare"}});
    seek(10);
    ASSERT_TRUE(screen.settle(bridge, WIDTH, HEIGHT));
    const Json shown = describe();
    EXPECT_EQ(shown["done"], end);
    ASSERT_EQ(shown["allocators"].size(), 3u);
    for (const auto& [name, numbers] : shown["allocators"].items()) {
        EXPECT_EQ(numbers["pages"], 3) << name;
        EXPECT_EQ(numbers["asked"], 9000) << name;
    }
}

} // namespace
} // namespace shell
