// Walking by written steps, as the page asks for it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bridge/bridge.h"
#include "machine/session.h"
#include "views/views.h"

namespace shell {
namespace {

using Json = nlohmann::ordered_json;

// Steps and their ops, counted from 0:
//
//   1 a      2 the run       3 question   4 random
//   0     |  1 2 3 4 5 6  |  7         |  8 ... 47
constexpr std::string_view SCENARIO = R"({
  "format": "mmscope/1",
  "title": "Walk",
  "machine": {"profile": {"name": "small", "arch": "x86_64", "kernel": "6.1", "memory": "64MiB", "cpus": 2}},
  "steps": [
    {"op": "alloc_pages", "order": 4, "gfp": "GFP_KERNEL", "as": "a", "note": {"en": "One.", "zh": "一。"}},
    {"repeat": {"count": 3, "steps": [{"op": "alloc_pages", "order": 5, "as": "b[]"},
                                      {"op": "__free_pages", "page": "b[]"}]}},
    {"op": "__free_pages", "page": "a", "note": {"en": "Back.", "zh": "还。"},
     "question": {"text": {"en": "How many free blocks of order 10 are there?", "zh": "有几个 10 阶空闲块？"},
                  "ask": "number", "answer": {"nr_free": {"0:DMA32": {"10": "?"}}}}},
    {"random": {"count": 40, "seed": 3}}
  ]
})";

Json read(const std::string& text) {
    Json json = Json::parse(text, nullptr, false);
    EXPECT_TRUE(json.is_object()) << text;
    return json;
}

class WalkByStepsTest : public testing::Test {
  protected:
    std::vector<std::unique_ptr<View>> all_views = make_views();
    Bridge bridge{all_views};

    void SetUp() override { load(SCENARIO); }
    Json load(std::string_view text) { return read(bridge.load("test", text)); }
    // The whole way, however many slices it takes.
    Json arrived(std::string reply, LongWork kind = LongWork::way) {
        Json json = read(reply);
        while (json.contains("running")) json = read(bridge.go_on(kind));
        return json;
    }
    Json move(Motion motion) { return arrived(bridge.move(motion)); }
    Json at(std::string_view position) { return arrived(bridge.seek_at(position)); }
    Json sum(mm::u32 step) { return arrived(bridge.sum(step), LongWork::sum); }
    // The positions that a motion goes through, up to where it stays.
    std::vector<std::string> way(Motion motion, std::string from, std::size_t most = 100) {
        std::vector<std::string> places{at(from)["at"]};
        while (places.size() <= most) {
            const std::string next = move(motion)["at"];
            if (next == places.back()) break;
            places.push_back(next);
        }
        return places;
    }
    using Places = std::vector<std::string>;
};

TEST_F(WalkByStepsTest, NextAndBackMakeWrittenSteps) {
    EXPECT_EQ(way(Motion::next_step, "0"), (Places{"0", "1", "2", "3", "4"}));
    EXPECT_EQ(way(Motion::back_step, "4"), (Places{"4", "3", "2", "1", "0"}));
    at("2.3");
    EXPECT_EQ(move(Motion::next_step)["at"], "2") << "the rest of the run";
    at("2.3.1");
    EXPECT_EQ(move(Motion::next_step)["at"], "2");
    for (const char* inside : {"2.3", "2.1.1", "2.6.1"}) {
        at(inside);
        EXPECT_EQ(move(Motion::back_step)["at"], "1") << inside << ": the beginning of the run";
    }
    at("3.1.1");
    EXPECT_EQ(move(Motion::back_step)["at"], "2");
}

TEST_F(WalkByStepsTest, IntoGoesOpByOpInARunAndEventByEventInAStepOfOneOp) {
    EXPECT_EQ(way(Motion::into, "1", 7), (Places{"1", "2.1", "2.2", "2.3", "2.4", "2.5", "2", "3.1.1"}));
    EXPECT_EQ(way(Motion::back_into, "3.1.1", 8),
              (Places{"3.1.1", "2", "2.5", "2.4", "2.3", "2.2", "2.1", "1",
                      "1.1." + std::to_string(at("1")["nrEvents"].get<int>() - 1)}));
    at("2.3.1");
    EXPECT_EQ(move(Motion::into)["at"], "2.3.2") << "in an op it goes on by events";
    EXPECT_EQ(move(Motion::back_into)["at"], "2.3.1");
    EXPECT_EQ(move(Motion::back_into)["at"], "2.2");
    // Every event and every op that is passed forward is passed backward.
    Places forward = way(Motion::into, "0", 1000);
    EXPECT_EQ(forward.back(), "4");
    Places backward = way(Motion::back_into, "4", 1000);
    std::reverse(backward.begin(), backward.end());
    EXPECT_EQ(forward, backward);
}

TEST_F(WalkByStepsTest, TheMotionsByOpsAndEventsAreWhatTheyWere) {
    EXPECT_EQ(static_cast<int>(Motion::next), 2);
    EXPECT_EQ(static_cast<int>(Motion::next_event), 5);
    at("1");
    EXPECT_EQ(move(Motion::next)["at"], "2.1");
    EXPECT_EQ(move(Motion::next_event)["at"], "2.2.1");
    EXPECT_EQ(move(Motion::back)["at"], "2.1");
    EXPECT_EQ(move(Motion::back)["at"], "1");
}

TEST_F(WalkByStepsTest, TheNextNoteIsANoteOrAQuestion) {
    EXPECT_EQ(way(Motion::next_note, "0"), (Places{"0", "1", "2", "3", "4"}))
        << "the question stands before step 3, its note behind it; then comes the end";
    at("2.4");
    EXPECT_EQ(move(Motion::next_note)["at"], "2");
    at("3.1.1");
    EXPECT_EQ(move(Motion::next_note)["at"], "3");
}

TEST_F(WalkByStepsTest, TheStateTellsStepOpAndHowManyThereAre) {
    const auto told = [&](std::string_view position) {
        const Json state = at(position);
        return Json::array({state["stepNo"], state["opNo"], state["stepOps"], state["nrSteps"], state["stepDone"]});
    };
    EXPECT_EQ(told("0"), Json::array({0, 0, 0, 4, true}));
    EXPECT_EQ(told("1"), Json::array({1, 1, 1, 4, true}));
    EXPECT_EQ(told("1.1.1"), Json::array({1, 1, 1, 4, false}));
    EXPECT_EQ(told("2.4"), Json::array({2, 4, 6, 4, false}));
    EXPECT_EQ(told("2.5.1"), Json::array({2, 5, 6, 4, false}));
    EXPECT_EQ(told("2"), Json::array({2, 6, 6, 4, true}));
    EXPECT_EQ(told("4.40"), Json::array({4, 40, 40, 4, true}));
}

TEST_F(WalkByStepsTest, APositionThatIsNotThereLeadsToTheNearestAndSaysWhy) {
    Json state = at("9");
    EXPECT_EQ(state["at"], "4");
    EXPECT_EQ(state["problem"]["en"], "there are 4 steps: 1 to 4");
    state = at("2.60");
    EXPECT_EQ(state["at"], "2");
    EXPECT_EQ(state["problem"]["zh"], "第 2 步一共 6 个操作：2.1 至 2.6");
    EXPECT_FALSE(at("2.5").contains("problem")) << "it was of that way alone";
    state = read(bridge.seek_at("two"));
    EXPECT_TRUE(state["error"]["message"]["en"].get<std::string>().starts_with("\"two\" is no position"));
    EXPECT_EQ(read(bridge.state())["at"], "2.5") << "nothing has moved";
    state = at("2.5.999");
    EXPECT_EQ(state["at"], "2.5") << "the last event of an op is its end";
    const std::string events = std::to_string(state["nrEvents"].get<int>());
    EXPECT_EQ(state["problem"]["en"], "op 2.5 has " + events + " events: 2.5.1 to 2.5." + events);
    EXPECT_FALSE(at("2.5." + events).contains("problem"));
}

TEST_F(WalkByStepsTest, RowsAreWrittenSteps) {
    const Json steps = read(bridge.steps(0, 100))["steps"];
    ASSERT_EQ(steps.size(), 4u);
    EXPECT_EQ(steps[0]["text"], "alloc_pages(order=4, gfp=GFP_KERNEL) as a");
    EXPECT_EQ(steps[0]["note"], "One.");
    EXPECT_EQ(steps[1]["turns"], 3);
    EXPECT_EQ(steps[1]["ops"], 6);
    EXPECT_EQ(steps[1]["turnOps"], 2);
    ASSERT_EQ(steps[1]["texts"].size(), 2u);
    EXPECT_EQ(steps[1]["texts"][1], "__free_pages(page=b[])") << "the row, and no single member";
    EXPECT_EQ(steps[2]["question"]["kind"], "number");
    EXPECT_EQ(steps[3]["ops"], 40);
    EXPECT_FALSE(steps[3].contains("texts")) << "at random";
    EXPECT_EQ(read(bridge.steps(3, 100))["steps"].size(), 1u);
    EXPECT_EQ(read(bridge.steps(99, 100))["steps"].size(), 0u);
    EXPECT_EQ(read(bridge.ops(2, 1))["ops"][0]["at"], "2.2");
    EXPECT_EQ(read(bridge.answer(7, "1"))["at"], "3");
}

TEST_F(WalkByStepsTest, ARunHasASum) {
    const Json two = sum(2);
    EXPECT_EQ(two["step"], 2);
    EXPECT_EQ(two["ops"], 6);
    EXPECT_EQ(two["allocations"], 3);
    EXPECT_EQ(two["frees"], 3);
    EXPECT_EQ(two["failed"], 0);
    EXPECT_EQ(two["splits"], two["merges"]) << "each block goes back to where it was split from";
    ASSERT_EQ(two["zones"].size(), 1u);
    EXPECT_EQ(two["zones"][0]["pages"], 3 * 32);
    EXPECT_EQ(two["otherWays"], 0);
    EXPECT_EQ(sum(4)["ops"], 40);
    EXPECT_TRUE(read(bridge.sum(0)).contains("error"));
    EXPECT_TRUE(read(bridge.sum(5)).contains("error"));
    EXPECT_EQ(read(bridge.state())["at"], "0") << "the cursor stays";
    static_cast<void>(bridge.choose(R"({"language": "zh"})"));
    EXPECT_TRUE(sum(2)["text"].get<std::string>().starts_with("共 6 个操作"));
}

constexpr std::string_view UNTIL_NULL = R"({
  "format": "mmscope/1", "title": "Until NULL",
  "machine": {"profile": {"name": "small", "arch": "x86_64", "kernel": "6.1", "memory": "64MiB", "cpus": 1}},
  "steps": [
    {"op": "alloc_pages", "order": 0, "as": "a"},
    {"repeat": {"count": 70, "steps": [{"op": "alloc_pages", "order": 8, "gfp": "GFP_KERNEL|__GFP_NORETRY", "as": "b[]"}]}},
    {"op": "__free_pages", "page": "a"}
  ]})";

TEST_F(WalkByStepsTest, TheNextOtherWayStopsAtTheFirstNull) {
    load(UNTIL_NULL);
    at("1");
    std::string first_null;
    for (mm::u32 op = 1; op <= 70 && first_null.empty(); ++op) {
        const mm::Session::Replay replay = bridge.app.session->replay(op);
        if (replay.outcome == mm::OpOutcome::returned_null) first_null = "2." + std::to_string(op);
    }
    ASSERT_FALSE(first_null.empty()) << "64 MiB have no 70 blocks of 1 MiB";
    std::vector<std::string> stops;
    for (int i = 0; i < 100 && (stops.empty() || stops.back() != "2"); ++i)
        stops.push_back(move(Motion::next_way)["at"]);
    EXPECT_NE(std::find(stops.begin(), stops.end(), first_null), stops.end()) << first_null;
    EXPECT_EQ(stops.back(), "2") << "at most to the end of the step";
    EXPECT_EQ(move(Motion::next_way)["at"], "3") << "a step of one op is gone through";
    EXPECT_EQ(move(Motion::next_way)["at"], "3") << "the end";
    // The sum names the same places.
    const Json told = sum(2);
    EXPECT_EQ(told["otherWays"].get<std::size_t>(), stops.size() - 1) << "the last stop is the end of the run";
    for (std::size_t i = 0; i < told["ways"].size(); ++i) EXPECT_EQ(told["ways"][i]["at"], stops[i]);
    bool named = false;
    for (const Json& way : told["ways"]) named |= way["at"] == first_null && way["name"] == "NULL";
    EXPECT_TRUE(named || told["ways"].size() == mm::MAX_TOLD_WAYS) << told;
    EXPECT_GT(told["failed"], 0);
}

// Long runs are counted in slices, and whoever waits can give it up.
TEST_F(WalkByStepsTest, ALongRunIsCountedInSlices) {
    load(R"({"format": "mmscope/1", "title": "Long", "machine": {"profile": {"memory": "64MiB"}},
             "steps": [{"random": {"count": 40000, "seed": 1}}, {"op": "drain_all_pages"}]})");
    std::string reply = bridge.sum(1);
    Json json = read(reply);
    ASSERT_TRUE(json.contains("running")) << json;
    EXPECT_EQ(json["running"]["steps"], 40000);
    EXPECT_EQ(read(bridge.stop(LongWork::sum))["at"], "0");
    EXPECT_TRUE(read(bridge.go_on(LongWork::sum)).contains("error")) << "nobody waits for it any more";
    EXPECT_EQ(sum(1)["ops"], 40000);
    EXPECT_FALSE(read(bridge.sum(1)).contains("running")) << "it is known now";
    // A look ahead, too.
    EXPECT_NE(move(Motion::next_way)["at"], "0");
}

TEST_F(WalkByStepsTest, BeforeALoadEveryRequestIsAnError) {
    Bridge empty{all_views};
    for (const std::string& reply :
         {empty.seek_at("1"), empty.steps(0, 10), empty.sum(1), empty.go_on(LongWork::sum), empty.stop(LongWork::sum),
          empty.move(Motion::next_way), empty.move(Motion::next_step)})
        EXPECT_TRUE(read(reply).contains("error")) << reply;
}

} // namespace
} // namespace shell
