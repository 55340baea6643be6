// The lessons that come with the project: each holds what it claims, and each is a whole lesson.
#include <algorithm>
#include <filesystem>

#include "scenario/question.h"
#include "scenario/run.h"
#include "scenario/scenario_text.h"

namespace mm {

namespace {

struct Shipped {
    std::string file;
    Scenario scenario;
};

std::vector<Shipped> shipped_scenarios() {
    std::vector<Shipped> all;
    for (const auto& entry : std::filesystem::directory_iterator(MMSCOPE_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".json" || entry.path().filename() == "index.json") continue;
        all.push_back({entry.path().filename(), test::parsed(test::read_file(entry.path()))});
    }
    return all;
}

// Both languages, and no Chinese text that is the English one.
void expect_both_languages(const LocalText& text, const std::string& where) {
    EXPECT_FALSE(text.en.empty()) << where;
    EXPECT_FALSE(text.zh.empty()) << where;
    EXPECT_NE(text.en, text.zh) << where;
}

} // namespace

TEST(ShippedScenarios, EveryClaimHolds) {
    for (const Shipped& shipped : shipped_scenarios()) {
        const CheckReport report = check_scenario(shipped.scenario);
        for (const Error& failure : report.failures) ADD_FAILURE() << shipped.file << ": " << failure.text();
        EXPECT_EQ(report.ops, shipped.scenario.ops.size()) << shipped.file;
    }
}

TEST(ShippedScenarios, EveryLessonIsThere) {
    std::string files;
    std::vector<Shipped> all = shipped_scenarios();
    for (const char* name : {"01-boot", "02-buddy", "03-watermarks-x86", "04-numa-arm64", "05-pcp", "06-random",
                             "07-fallback", "08-misuse", "09-zone-movable"})
        EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Shipped& shipped) {
            return shipped.file == std::string(name) + ".json";
        })) << name;
}

TEST(ShippedScenarios, ALessonHasEightStepsOrMoreAndSpeaksBothLanguages) {
    for (const Shipped& shipped : shipped_scenarios()) {
        const Scenario& scenario = shipped.scenario;
        expect_both_languages(scenario.title, shipped.file + " title");
        expect_both_languages(scenario.summary, shipped.file + " summary");
        expect_both_languages(scenario.notes, shipped.file + " notes");
        EXPECT_GE(scenario.steps.size(), 8u) << shipped.file;
        EXPECT_LE(scenario.steps.size(), 25u) << shipped.file;
        std::size_t noted = 0, checked = 0;
        for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
            const ScenarioStep& step = scenario.steps[i];
            if (!step.note.en.empty()) {
                expect_both_languages(step.note, shipped.file + " step " + std::to_string(i));
                ++noted;
            }
            checked += !step.expect.empty();
        }
        EXPECT_GE(3 * noted, 2 * scenario.steps.size()) << shipped.file << " explains too few of its steps";
        EXPECT_EQ(checked, scenario.steps.size()) << shipped.file << " has steps that nothing checks";
    }
}

// Who marks the last one each time must not be right nearly always.
TEST(ShippedScenarios, TheRightChoiceStandsInChangingPlaces) {
    for (const Shipped& shipped : shipped_scenarios()) {
        std::vector<std::size_t> in_place(MAX_CHOICES + 1);
        std::size_t asked = 0, last = 0;
        ScenarioRun run(shipped.scenario, *start_machine(shipped.scenario));
        while (run.next()) {
            if (!run.step_complete() || !run.step().question || run.step().question->choices.empty()) continue;
            const Question& question = *run.step().question;
            const auto right = right_answer(question, run.machine(), run.step_result());
            if (!right) continue;
            const auto place = static_cast<std::size_t>(right->value);
            ++asked;
            ++in_place.at(place);
            last += place + 1 == question.choices.size();
        }
        if (asked < 4) continue;
        EXPECT_LE(4 * last, 3 * asked) << shipped.file << ": nearly always the last is right";
        EXPECT_LE(4 * *std::max_element(in_place.begin(), in_place.end()), 3 * asked)
            << shipped.file << ": nearly always the same place is right";
    }
}

TEST(ShippedScenarios, TheRandomRunIsFiftyThousandOps) {
    EXPECT_EQ(test::parsed(test::read_file(MMSCOPE_SOURCE_DIR "/scenarios/06-random.json")).ops.size(), 50'000u);
}

} // namespace mm
