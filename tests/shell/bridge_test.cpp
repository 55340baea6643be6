// The bridge, as the page uses it: JSON in, JSON out, nothing lost when something is wrong.
#include "bridge/bridge.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "views/views.h"

namespace shell {
namespace {

using Json = nlohmann::ordered_json;

// Sixteen pages twice, given back in the order in which they were taken.
constexpr std::string_view SCENARIO = R"({
  "format": "mmscope/1",
  "title": {"en": "Two blocks", "zh": "两块"},
  "machine": {"profile": {"name": "small", "arch": "x86_64", "kernel": "6.1", "memory": "64MiB", "cpus": 2}},
  "steps": [
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_KERNEL", "as": "a", "note": {"en": "One.", "zh": "一。"}},
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_KERNEL", "as": "b"},
    {"op": "__free_pages", "page": "a", "note": {"en": "Back.", "zh": "还。"}},
    {"op": "__free_pages", "page": "b"},
    {"op": "drain_all_pages"}
  ]
})";

Json read(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    EXPECT_TRUE(json.is_object()) << text;
    return json;
}

class BridgeTest : public testing::Test {
  protected:
    std::vector<std::unique_ptr<View>> all_views = make_views();
    Bridge bridge{all_views};

    Json load(std::string_view text = SCENARIO) { return read(bridge.load("test", text)); }
    Json seek(mm::u32 step, mm::u32 event = 0) { return read(bridge.seek(step, event)); }
    Json move(Motion motion) { return read(bridge.move(motion)); }
    Json choose(const Json& wishes) { return read(bridge.choose(wishes.dump())); }
};

// Each allocation passes all pages so far: many slices of work.
std::string slob_scenario(int count) {
    return R"({"format": "mmscope/1", "title": "Long", "machine": {"profile": {"kernel": "5.10", "memory": "512MiB",
               "allocator": "slob"}}, "steps": [{"repeat": {"count": )" +
           std::to_string(count) + R"(, "steps": [{"op": "kmalloc", "size": 3000}]}}]})";
}

TEST_F(BridgeTest, AScenarioIsRunInSlicesBeforeItOpens) {
    load();
    seek(2);
    Json reply = read(bridge.load_any("long", slob_scenario(5000)));
    mm::u32 slices = 0, last = 0;
    while (reply.contains("running")) {
        EXPECT_EQ(reply["running"]["steps"], 5000);
        EXPECT_GT(reply["running"]["step"].get<mm::u32>(), last);
        last = reply["running"]["step"].get<mm::u32>();
        ++slices;
        EXPECT_EQ(read(bridge.state())["step"], 2) << "what was loaded stays until then";
        EXPECT_EQ(read(bridge.scenario())["title"], "Two blocks");
        reply = read(bridge.go_on(LongWork::load));
    }
    EXPECT_GT(slices, 5u);
    EXPECT_EQ(reply["title"], "Long");
    EXPECT_EQ(reply["state"]["step"], 0);
    // Its keyframes are there: only what lies behind the last of them is run again.
    mm::u32 again = 0;
    for (reply = seek(5000); reply.contains("running"); reply = read(bridge.go_on(LongWork::way))) ++again;
    EXPECT_EQ(reply["step"], 5000);
    EXPECT_LT(again, slices);
}

TEST_F(BridgeTest, LoadingCanBeStoppedAtTheLastOpThatHasRun) {
    Json reply = read(bridge.load_any("long", slob_scenario(5000)));
    ASSERT_TRUE(reply.contains("running")) << reply;
    const mm::u32 at = reply["running"]["step"];
    reply = read(bridge.stop(LongWork::load));
    EXPECT_EQ(reply["title"], "Long");
    EXPECT_EQ(reply["steps"], 5000);
    EXPECT_EQ(reply["state"]["step"], at);
    EXPECT_EQ(reply["state"]["event"], 0);
    // The rest is run when somebody goes there, and can be stopped, too.
    reply = move(Motion::last);
    ASSERT_TRUE(reply.contains("running")) << reply;
    EXPECT_EQ(read(bridge.state())["step"], at) << "the cursor stays until then";
    const mm::u32 further = reply["running"]["step"];
    EXPECT_GT(further, at);
    EXPECT_EQ(read(bridge.stop(LongWork::way))["step"], further);
    reply = move(Motion::last);
    while (reply.contains("running")) reply = read(bridge.go_on(LongWork::way));
    EXPECT_EQ(reply["step"], 5000);
    EXPECT_FALSE(reply.contains("refused"));
}

TEST_F(BridgeTest, AScenarioThatAsksForTooMuchIsRefusedAndWhatWasLoadedStays) {
    load();
    seek(3);
    const std::string before = bridge.describe();
    const std::string too_much = R"({"format": "mmscope/1", "title": "Long", "machine": {"profile": {"memory": "4GiB"}},
 "steps": [{"op": "pgd_alloc", "as": "mm"},
           {"op": "create_pgd_mapping", "mm": "mm", "address": "0x0", "phys": "0x0", "size": "1TiB",
            "page_mappings_only": true}]})";
    Json reply = read(bridge.load_any("long", too_much));
    while (reply.contains("running")) reply = read(bridge.go_on(LongWork::load));
    ASSERT_TRUE(reply.contains("error")) << reply;
    EXPECT_EQ(reply["error"]["path"], "steps[1]");
    EXPECT_EQ(reply["error"]["line"], 3);
    EXPECT_TRUE(reply["error"]["message"]["en"].get<std::string>().starts_with("op 2.1, create_pgd_mapping("));
    EXPECT_TRUE(reply["error"]["message"]["zh"].get<std::string>().starts_with("操作 2.1 create_pgd_mapping("));
    EXPECT_EQ(bridge.describe(), before);
    EXPECT_TRUE(read(bridge.go_on(LongWork::load)).contains("error")) << "nothing is loading any more";

    // Opened all the same, the cursor goes as far as it can, and the reply says why no further.
    load(too_much);
    reply = move(Motion::last);
    EXPECT_EQ(reply["step"], 1);
    EXPECT_EQ(reply["refused"]["path"], "steps[1]");
    EXPECT_TRUE(reply["refused"]["message"]["zh"].get<std::string>().starts_with("操作 2.1")) << "in either language";
    reply = seek(1, 5);
    EXPECT_EQ(reply["step"], 1);
    EXPECT_EQ(reply["event"], 0);
    EXPECT_TRUE(reply.contains("refused"));
    EXPECT_FALSE(seek(1).contains("refused"));
}

TEST_F(BridgeTest, BeforeALoadEveryRequestIsAnError) {
    for (const std::string& reply : {bridge.state(),
                                     bridge.seek(1, 0),
                                     bridge.move(Motion::next),
                                     bridge.events(0, 10),
                                     bridge.ops(0, 10),
                                     bridge.timeline(0, 10, 5),
                                     bridge.inspect(),
                                     bridge.crumbs(),
                                     bridge.answer(0, "1"),
                                     bridge.proc("buddyinfo"),
                                     bridge.find("0"),
                                     bridge.go_on(LongWork::load),
                                     bridge.go_on(LongWork::way),
                                     bridge.stop(LongWork::load),
                                     bridge.stop(LongWork::way),
                                     bridge.check(),
                                     bridge.go_on(LongWork::check),
                                     bridge.read_buddyinfo(""),
                                     bridge.buddyinfo_scenario(""),
                                     bridge.describe(),
                                     bridge.scenario()}) {
        EXPECT_TRUE(read(reply).contains("error")) << reply;
    }
    EXPECT_EQ(read(bridge.hello())["views"].size(), all_views.size());
}

TEST_F(BridgeTest, WhatIsExpectedIsCheckedOnAMachineOfItsOwn) {
    std::string text(SCENARIO);
    const std::string_view op = R"({"op": "drain_all_pages")";
    text.insert(text.find(op) + op.size(),
                R"(, "expect": {"events": {"buddy_split": 1}, "no_events": ["buddy_merge"]})");
    load(text);
    seek(2);
    const std::string before = bridge.describe();
    const Json told = read(bridge.check());
    EXPECT_EQ(bridge.describe(), before);
    EXPECT_EQ(told["of"], 2);
    EXPECT_EQ(told["held"], 1);
    ASSERT_EQ(told["failures"].size(), 1u);
    EXPECT_EQ(told["failures"][0]["op"], 4);
    EXPECT_EQ(told["failures"][0]["path"], "steps[4].expect.events.buddy_split");
    EXPECT_EQ(told["failures"][0]["message"]["zh"], "buddy_split 发生了 0 次，应当是 1 次");
}

// The machine's own text comes back as a machine with the same numbers; nothing is loaded on the way.
TEST_F(BridgeTest, ReadsItsOwnBuddyinfoBack) {
    load();
    const std::string text = read(bridge.proc("buddyinfo"))["text"];
    const std::string before = bridge.describe();
    const Json told = read(bridge.read_buddyinfo(text));
    EXPECT_FALSE(told.contains("misfit")) << told;
    EXPECT_EQ(told["zones"].size(), 2u);
    const Json scenario = read(bridge.buddyinfo_scenario(text));
    ASSERT_TRUE(scenario.contains("text")) << scenario;
    EXPECT_EQ(bridge.describe(), before);
    load(scenario["text"].get<std::string>());
    EXPECT_EQ(read(bridge.proc("buddyinfo"))["text"], text);
}

TEST_F(BridgeTest, RefusesBuddyinfoThatDoesNotFitAndSaysWhy) {
    load();
    const Json error = read(bridge.read_buddyinfo("Node 0, zone DMA 1 x"))["error"];
    EXPECT_EQ(error["line"], 1);
    EXPECT_EQ(error["column"], 20);
    const std::string other = "Node 0, zone Normal 1 1 1 1 1 1 1 1 1 1 1\n";
    const Json misfit = read(bridge.read_buddyinfo(other));
    EXPECT_NE(misfit["misfit"]["en"].get<std::string>().find("has no memory in node 0, zone Normal"),
              std::string::npos);
    // A machine that has these blocks can be made: one with nothing below 4 GiB.
    EXPECT_EQ(misfit["made"], "x86_64");
    const std::string text = read(bridge.buddyinfo_scenario(other))["text"];
    load(text);
    EXPECT_EQ(read(bridge.scenario())["machine"]["name"], "counts");
    EXPECT_FALSE(read(bridge.read_buddyinfo(other)).contains("misfit")) << "it is the machine that is open now";

    const std::string none = "Node 0, zone Movable 1 1 1 1 1 1 1 1 1 1 1\n";
    const Json unmade = read(bridge.read_buddyinfo(none));
    EXPECT_FALSE(unmade.contains("made"));
    EXPECT_TRUE(unmade["unmade"]["en"].get<std::string>().starts_with("how large zone Movable is")) << unmade;
    EXPECT_TRUE(read(bridge.buddyinfo_scenario(none)).contains("error"));
}

TEST_F(BridgeTest, LoadTellsTheScenarioAndStandsAtItsStart) {
    const Json reply = load();
    EXPECT_EQ(reply["title"], "Two blocks");
    EXPECT_EQ(reply["steps"], 5);
    EXPECT_EQ(reply["machine"]["cpus"], 2);
    EXPECT_EQ(reply["bookmarks"].size(), 2u);
    EXPECT_EQ(reply["state"]["step"], 0);
    EXPECT_EQ(reply["state"]["op"], -1);
}

TEST_F(BridgeTest, ScenarioThatDoesNotLoadKeepsWhatWasThere) {
    load();
    seek(2);
    const std::string before = bridge.describe();
    const Json reply = load("{\"format\": \"mmscope/1\",\n \"steps\": [,]}");
    EXPECT_EQ(reply["error"]["line"], 2);
    EXPECT_GT(reply["error"]["column"], 0);
    EXPECT_EQ(bridge.describe(), before);
    EXPECT_EQ(read(bridge.state())["step"], 2);
}

TEST_F(BridgeTest, MissingMachineIsAskedFor) {
    const Json reply =
        load(R"({"format": "mmscope/1", "title": "x", "machine": {"name": "some-machine"}, "steps": []})");
    EXPECT_EQ(reply["need"], "some-machine");
    EXPECT_FALSE(bridge.loaded());
}

TEST_F(BridgeTest, MovesGoByOpsAndByEventsAndBack) {
    load();
    EXPECT_EQ(move(Motion::next)["step"], 1);
    Json inside = move(Motion::next_event);
    EXPECT_EQ(inside["step"], 1);
    EXPECT_EQ(inside["event"], 1);
    EXPECT_EQ(inside["op"], 1);
    EXPECT_EQ(inside["happened"], 1);
    EXPECT_EQ(move(Motion::back)["event"], 0);
    EXPECT_EQ(move(Motion::back)["step"], 0);
    EXPECT_EQ(move(Motion::back)["step"], 0) << "the start is the start";
    EXPECT_EQ(move(Motion::last)["step"], 5);
    EXPECT_EQ(move(Motion::next)["step"], 5);
    EXPECT_EQ(move(Motion::next_event)["step"], 5);
    EXPECT_EQ(move(Motion::first)["step"], 0);
}

TEST_F(BridgeTest, EveryEventIsPassedForwardAndBackward) {
    load();
    std::vector<std::pair<Json, Json>> forward;
    for (Json at = seek(0); at["step"] != 5; at = move(Motion::next_event)) {
        forward.emplace_back(at["step"], at["event"]);
        ASSERT_LT(forward.size(), 1000u);
    }
    for (std::size_t i = forward.size(); i > 0; --i) {
        const Json at = move(Motion::back_event);
        EXPECT_EQ(at["step"], forward[i - 1].first);
        EXPECT_EQ(at["event"], forward[i - 1].second);
    }
    EXPECT_EQ(forward.front(), std::make_pair(Json(0), Json(0)));
}

TEST_F(BridgeTest, LastEventOfAnOpIsTheEndOfItsStep) {
    load();
    const Json end = seek(1);
    const auto events = end["nrEvents"].get<mm::u32>();
    ASSERT_GT(events, 2u);
    EXPECT_EQ(seek(0, events)["step"], 1);
    EXPECT_EQ(seek(0, events + 5)["step"], 1);
    EXPECT_EQ(seek(0, events - 1)["event"], events - 1);
}

TEST_F(BridgeTest, SameMomentHasTheSameHashHoweverItWasReached) {
    load();
    seek(3, 2);
    const std::string straight = bridge.describe();
    seek(5);
    seek(1, 1);
    seek(3, 2);
    EXPECT_EQ(bridge.describe(), straight);
}

// Whatever the page asks about the moment afterwards is read from it.
TEST_F(BridgeTest, AClickRunsItsOpOnceAndTellingRunsNone) {
    load();
    seek(1);
    const auto runs_of = [&](auto&& call) {
        const mm::u64 before = bridge.app.session->ops_run();
        call();
        return bridge.app.session->ops_run() - before;
    };
    const auto clicked = [&](Motion motion) { return runs_of([&] { move(motion); }); };
    EXPECT_EQ(clicked(Motion::next), 1u);
    EXPECT_EQ(clicked(Motion::next_event), 1u);
    EXPECT_EQ(clicked(Motion::next_event), 1u);
    EXPECT_EQ(clicked(Motion::back_event), 1u);
    EXPECT_EQ(clicked(Motion::next), 1u);
    EXPECT_EQ(clicked(Motion::back_event), 1u) << "into the op that was left";
    EXPECT_EQ(runs_of([&] { seek(2, bridge.app.session->position().event); }), 0u) << "the same place";
    EXPECT_EQ(runs_of([&] {
                  for (const std::string& reply :
                       {bridge.state(), bridge.scenario(), bridge.events(0, 100), bridge.ops(0, 100), bridge.inspect(),
                        bridge.proc("buddyinfo"), bridge.find("a"), bridge.what_is("1000", "")})
                      EXPECT_FALSE(read(reply).contains("error")) << reply;
                  for (const auto& view : all_views) {
                      choose({{"view", view->id()}});
                      read(bridge.describe());
                  }
              }),
              0u);
}

TEST_F(BridgeTest, EventsHavePathsAndLinkedNumbersInBothLanguages) {
    load();
    seek(1);
    for (const char* language : {"en", "zh"}) {
        choose({{"language", language}});
        const Json events = read(bridge.events(0, 100))["events"];
        ASSERT_GT(events.size(), 2u);
        EXPECT_EQ(events[0]["path"][0], "alloc_pages");
        bool linked = false;
        for (const Json& event : events) {
            EXPECT_FALSE(event["runs"].empty());
            for (const Json& run : event["runs"]) linked |= run.size() == 2 && !run[1].get<std::string>().empty();
        }
        EXPECT_TRUE(linked);
    }
}

TEST_F(BridgeTest, InspectorTellsWhatTheOpChanged) {
    load();
    seek(1);
    choose({{"select", "zone:0/DMA32"}});
    bool changed = false;
    const Json after = read(bridge.inspect());
    for (const Json& s : after["structs"])
        for (const Json& field : s["fields"]) changed |= field.contains("was");
    EXPECT_TRUE(changed);
    seek(0);
    const Json start = read(bridge.inspect());
    for (const Json& s : start["structs"])
        for (const Json& field : s["fields"]) EXPECT_FALSE(field.contains("was")) << field;
}

TEST_F(BridgeTest, InspectorShowsEveryKindOfPlace) {
    load();
    seek(1);
    for (const char* place : {"", "pfn:0", "pfn:1000", "zone:0/DMA", "list:0/DMA/3/Movable", "pcp:0/DMA32/1/0"}) {
        EXPECT_TRUE(choose({{"select", place}})["refused"].empty()) << place;
        const Json reply = read(bridge.inspect());
        EXPECT_EQ(reply["select"], place);
        ASSERT_FALSE(reply["structs"].empty()) << place;
        EXPECT_FALSE(reply["structs"][0]["fields"].empty()) << place;
    }
}

TEST_F(BridgeTest, UnknownChoicesAreRefusedAndChangeNothing) {
    load();
    const Json before = read(bridge.state());
    const Json reply = choose({{"view", "sky"},
                               {"colour", "plaid"},
                               {"layout", 7},
                               {"theme", "neon"},
                               {"language", "fr"},
                               {"select", "pfn:fffffff0"},
                               {"nonsense", "x"}});
    EXPECT_EQ(reply["refused"].size(), 7u);
    for (const char* name : {"view", "colour", "layout", "select"}) EXPECT_EQ(reply["state"][name], before[name]);
    EXPECT_TRUE(read(bridge.choose("not json")).contains("error"));
}

TEST_F(BridgeTest, MalformedPlacesAreRefused) {
    load();
    for (const char* place :
         {"pfn:", "pfn:xyz", "pfn:-1", "pfn:1/2", "zone:0", "zone:9/DMA", "zone:0/dma", "list:0/DMA/3",
          "list:0/DMA/99/Movable", "list:0/DMA/3/Blue", "pcp:0/DMA/9/0", "pcp:0/DMA/0/99", "x", ":"}) {
        EXPECT_EQ(choose({{"select", place}})["refused"].size(), 1u) << place;
    }
}

TEST_F(BridgeTest, TimelineCountsEveryOpOnce) {
    load();
    for (mm::u32 buckets : {1u, 3u, 5u, 100u}) {
        const Json reply = read(bridge.timeline(0, 5, buckets));
        mm::u32 sum = 0;
        for (const char* kind : {"alloc", "free", "other"})
            for (const Json& count : reply[kind]) sum += count.get<mm::u32>();
        EXPECT_EQ(sum, 5u) << buckets;
    }
    const Json all = read(bridge.timeline(0, 5, 1));
    EXPECT_EQ(all["alloc"][0], 2);
    EXPECT_EQ(all["free"][0], 2);
    EXPECT_EQ(all["other"][0], 1);
    EXPECT_TRUE(read(bridge.timeline(9, 3, 4)).contains("alloc"));
}

TEST_F(BridgeTest, OpsAreListedWithTheirNotes) {
    load();
    const Json ops = read(bridge.ops(0, 100))["ops"];
    ASSERT_EQ(ops.size(), 5u);
    EXPECT_EQ(ops[0]["note"], "One.");
    EXPECT_FALSE(ops[1].contains("note"));
    EXPECT_EQ(ops[2]["kind"], "free");
    EXPECT_TRUE(read(bridge.ops(99, 100))["ops"].empty());
}

TEST_F(BridgeTest, SearchKnowsFramesAddressesZonesAndNames) {
    load();
    seek(1);
    const auto first = [&](std::string_view text) {
        const Json found = read(bridge.find(text))["found"];
        return found.empty() ? std::string() : found[0]["place"].get<std::string>();
    };
    EXPECT_EQ(first("0x1000"), "pfn:1000");
    EXPECT_EQ(first(" dma32 "), "zone:0/DMA32");
    EXPECT_EQ(first("list:0/DMA/3/Movable"), "list:0/DMA/3/Movable");
    EXPECT_EQ(first("a").substr(0, 4), "pfn:");
    EXPECT_EQ(first("0x1000000"), "pfn:1000") << "a physical address";
    for (const char* nothing : {"", "no such thing", "0x", "-5", "99999999999999999999999"})
        EXPECT_EQ(first(nothing), "");
}

TEST_F(BridgeTest, ProcTextsTellWhatTheyWere) {
    load();
    EXPECT_FALSE(read(bridge.proc("buddyinfo")).contains("was"));
    seek(1);
    const Json reply = read(bridge.proc("buddyinfo"));
    EXPECT_NE(reply["text"], reply["was"]);
    EXPECT_TRUE(read(bridge.proc("swaps")).contains("error"));
}

// The page makes a button for each, and asks for what it says has to be selected.
TEST_F(BridgeTest, EveryFileThatHelloNamesHasAPathAndAText) {
    load();
    const std::vector<std::string> of_processes{"maps",  "smaps",     "smaps_rollup", "status",
                                                "statm", "numa_maps", "pagemap"};
    std::vector<std::string> names;
    const Json hello = read(bridge.hello());
    for (const Json& file : hello["files"]) {
        const std::string name = file["name"];
        names.push_back(name);
        const Json reply = read(bridge.proc(name));
        EXPECT_TRUE(reply.contains("text") && !reply.contains("error")) << reply;
        EXPECT_NE(reply["path"].get<std::string>().find(name), std::string::npos) << reply["path"];
        const bool of_process = std::find(of_processes.begin(), of_processes.end(), name) != of_processes.end();
        EXPECT_EQ(file["subject"], name == "slab" ? "cache" : of_process ? "process" : "") << name;
    }
    EXPECT_EQ(names,
              (std::vector<std::string>{"buddyinfo", "zoneinfo", "pagetypeinfo", "memblock/memory", "memblock/reserved",
                                        "slabinfo", "vmallocinfo", "meminfo", "slab", "maps", "smaps", "smaps_rollup",
                                        "status", "statm", "numa_maps", "pagemap", "dmesg"}));
    EXPECT_EQ(read(bridge.proc("maps"))["text"], "There is no process yet: execve makes one.\n");
}

TEST_F(BridgeTest, TheKernelsLogIsThatOfTheShownStep) {
    const std::string text = R"({
      "format": "mmscope/1", "title": "t",
      "machine": {"profile": {"memory": "64MiB", "slab": {"slub_debug": "FZPU"}}},
      "steps": [{"op": "kmem_cache_create", "name": "logged", "size": 64, "as": "c"},
                {"op": "kmem_cache_alloc", "cache": "c", "as": "o"},
                {"op": "kmem_cache_free", "cache": "c", "object": "o"},
                {"op": "kmem_cache_free", "cache": "c", "object": "o"}]})";
    static_cast<void>(bridge.load("t", text));
    seek(3);
    EXPECT_EQ(read(bridge.proc("dmesg"))["text"], "The kernel has printed nothing up to here.\n");
    seek(4);
    const Json reply = read(bridge.proc("dmesg"));
    EXPECT_EQ(reply["path"], "dmesg");
    EXPECT_NE(reply["text"].get<std::string>().find(
                  "BUG logged (Not tainted): Slab has 0 allocated objects but 1 are to be freed\n"),
              std::string::npos);
    EXPECT_EQ(reply["was"], "The kernel has printed nothing up to here.\n");
}

// ---- questions ------------------------------------------------------------------------------------------------------

constexpr std::string_view ASKING = R"({
  "format": "mmscope/1",
  "title": "Questions",
  "machine": {"profile": {"arch": "x86_64", "memory": "64MiB", "slab": {"freelist_random": false}}},
  "steps": [
    {"op": "alloc_pages", "order": 4, "as": "a", "question": {"text": {"en": "Split?", "zh": "拆分吗？"}, "choices": [
      {"text": {"en": "no", "zh": "不"}, "when": {"no_events": ["buddy_split"]}},
      {"text": {"en": "yes", "zh": "要"}, "when": {"events": ["buddy_split"]}}]}},
    {"op": "alloc_page", "as": "b"},
    {"op": "__free_pages", "page": "a", "question": {"text": "Which?", "ask": "page"}},
    {"op": "kmem_cache_create", "name": "mine", "size": 192, "usersize": 192, "as": "c"},
    {"repeat": {"count": 3, "steps": [{"op": "kmem_cache_alloc", "cache": "c", "as": "o[]"}]},
     "question": {"text": "The last one?", "ask": "object", "of": "o[2]"}}
  ]
})";

TEST_F(BridgeTest, QuestionStandsAtItsOpWithoutItsAnswer) {
    load(ASKING);
    const Json ops = read(bridge.ops(0, 10))["ops"];
    EXPECT_EQ(ops[0]["question"], (Json{{"kind", "choices"}, {"text", "Split?"}, {"choices", {"no", "yes"}}}));
    EXPECT_FALSE(ops[1].contains("question"));
    EXPECT_EQ(ops[2]["question"]["kind"], "page");
    EXPECT_EQ(ops[4]["question"]["kind"], "object");
    EXPECT_EQ(ops[4]["group"], 3);
    EXPECT_FALSE(ops[5].contains("question")) << "it stands at the first op of its step";
}

TEST_F(BridgeTest, AnswerIsWhatTheStepDoesAndTheCursorStays) {
    load(ASKING);
    seek(1, 1);
    const std::string before = bridge.describe();
    const Json right = read(bridge.answer(0, "1"));
    EXPECT_EQ(right["correct"], true);
    EXPECT_EQ(right["right"], "yes");
    EXPECT_EQ(right["explanation"][0]["name"], "buddy_split");
    EXPECT_GT(right["explanation"][0]["runs"].size(), 2u);
    EXPECT_EQ(read(bridge.answer(0, "0"))["correct"], false);
    EXPECT_EQ(read(bridge.answer(0, "x")), (Json{{"unread", true}}));
    EXPECT_EQ(bridge.describe(), before);
    EXPECT_EQ(read(bridge.state())["event"], 1);
    choose({{"language", "zh"}});
    EXPECT_EQ(read(bridge.answer(0, "1"))["right"], "要");
}

TEST_F(BridgeTest, PlaceIsAnAnswerToAQuestionForAPage) {
    load(ASKING);
    const Json wrong = read(bridge.answer(2, "pfn:0"));
    EXPECT_EQ(wrong["correct"], false);
    const std::string place = wrong["place"];
    ASSERT_TRUE(place.starts_with("pfn:")) << place;
    EXPECT_EQ(read(bridge.answer(2, place))["correct"], true);
    EXPECT_EQ(wrong["right"], "0x" + place.substr(4));
    EXPECT_EQ(read(bridge.answer(4, "#2"))["correct"], true) << "an answer after all ops of the step";
    const Json other = read(bridge.answer(4, "#1"));
    EXPECT_EQ(other["correct"], false);
    const std::string object = other["place"];
    ASSERT_TRUE(object.starts_with("object:")) << object;
    EXPECT_EQ(read(bridge.answer(4, object))["correct"], true);
    EXPECT_TRUE(read(bridge.answer(1, "0")).contains("error"));
    EXPECT_TRUE(read(bridge.answer(99, "0")).contains("error"));
}

constexpr std::string_view ASKING_MORE = R"({
  "format": "mmscope/1",
  "title": "Questions",
  "machine": {"profile": {"arch": "x86_64", "memory": "64MiB"}},
  "steps": [
    {"op": "alloc_pages", "order": 10, "gfp": "GFP_HIGHUSER_MOVABLE", "as": "x"},
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_HIGHUSER_MOVABLE", "as": "a",
     "question": {"text": "How?", "ask": "branch"}},
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_HIGHUSER_MOVABLE", "as": "b",
     "question": {"text": "Order?", "ask": "order", "path_to": "page_prep"}},
    {"op": "__free_pages", "page": "x",
     "question": {"text": "Which?", "ask": "several", "values": {"mm_page_free": "pfn"}}},
    {"op": "alloc_page", "as": "c", "question": {"text": "Which?", "pictures": [
      {"block": 0, "order": 1, "free": {"0x1": 0}}, {"block": 0, "order": 1, "free": {"0x0": 0}}]}},
    {"op": "alloc_page", "as": "d", "question": {"text": "How many?", "ask": "number", "within": "5%",
      "answer": {"events": {"page_prep": "?"}}}}
  ]
})";

TEST_F(BridgeTest, QuestionsOfOtherKindsTellWhatThePageNeeds) {
    load(ASKING_MORE);
    EXPECT_EQ(read(bridge.scenario())["questions"],
              Json::parse("[[1, 1, 2], [2, 1, 3], [3, 1, 4], [4, 1, 5], [5, 1, 6]]"));
    const Json ops = read(bridge.ops(0, 10))["ops"];
    EXPECT_EQ(ops[1]["question"], (Json{{"kind", "branch"}, {"text", "How?"}})) << "its ways are asked for later";
    EXPECT_EQ(ops[3]["question"]["points"], true);
    EXPECT_EQ(ops[4]["question"]["choices"][0],
              (Json{{"text", "free: 0x1 of order 0"}, {"order", 1}, {"free", Json::parse("[[1, 0]]")}}));
    EXPECT_EQ(ops[5]["question"]["within"], "5%");
}

TEST_F(BridgeTest, WhatAQuestionOffersDoesNotTellItsAnswer) {
    load(ASKING_MORE);
    const Json ways = read(bridge.answer(1, ""));
    EXPECT_EQ(ways["unread"], true);
    EXPECT_GT(ways["items"].size(), 3u);
    EXPECT_EQ(ways.size(), 2u) << "nothing else is told";
    const Json functions = read(bridge.answer(2, ""))["items"];
    const std::string right = read(bridge.answer(2, "?"))["right"];
    EXPECT_FALSE(right.starts_with(functions[0].get<std::string>() + " › " + functions[1].get<std::string>()));
    EXPECT_EQ(read(bridge.answer(2, "")), (Json{{"unread", true}, {"items", functions}}))
        << "they stay in their places";
}

TEST_F(BridgeTest, WhoStepsOnIsShownTheAnswerAndSeveralPlacesLeadThere) {
    load(ASKING_MORE);
    const Json shown = read(bridge.answer(3, "?"));
    EXPECT_FALSE(shown.contains("correct"));
    ASSERT_EQ(shown["places"].size(), 1u);
    const std::string place = shown["places"][0][1];
    EXPECT_TRUE(place.starts_with("pfn:")) << place;
    EXPECT_EQ(shown["right"], shown["places"][0][0]);
    EXPECT_EQ(read(bridge.answer(3, place))["correct"], true);
    EXPECT_EQ(read(bridge.answer(3, place + ",pfn:0"))["correct"], false);
}

TEST_F(BridgeTest, TheCanvasIsToldThatAQuestionIsOpen) {
    load(ASKING_MORE);
    EXPECT_EQ(choose({{"asked", true}})["refused"], Json::array());
    EXPECT_TRUE(bridge.app.asked);
    EXPECT_EQ(choose({{"asked", "yes"}})["refused"], Json::array({"asked"}));
    EXPECT_TRUE(bridge.app.asked);
}

TEST_F(BridgeTest, TimelineTellsObjectsTakenFromGivenBackAndCachesAreNeither) {
    load(ASKING);
    const Json line = read(bridge.timeline(0, 7, 7));
    EXPECT_EQ(line["alloc"], (Json{1, 1, 0, 0, 1, 1, 1}));
    EXPECT_EQ(line["free"], (Json{0, 0, 1, 0, 0, 0, 0}));
    EXPECT_EQ(line["other"], (Json{0, 0, 0, 1, 0, 0, 0}));
}

} // namespace
} // namespace shell
