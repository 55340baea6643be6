#pragma once
// A scenario that has run, and the question of its last step.
#include <algorithm>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"
#include "scenario/question.h"
#include "scenario/question_offer.h"
#include "scenario/run.h"
#include "scenario/scenario_text.h"

namespace mm::test {

struct Ran {
    explicit Ran(const std::string& text) : scenario(parsed(text)), run(scenario, *start_machine(scenario)) {
        while (run.next()) {}
    }
    [[nodiscard]] const Question& question() const { return *run.step().question; }
    [[nodiscard]] std::optional<RightAnswer> right() const {
        return right_answer(question(), run.machine(), run.step_result());
    }
    [[nodiscard]] std::string right_text(Language language = Language::en) const {
        return right_answer_text(question(), *right(), run.machine(), run.step_result(), language);
    }
    [[nodiscard]] std::string verdict(std::string_view text) const {
        const auto answer = read_answer(question(), *right(), run.machine(), run.step_result(), text);
        if (!answer) return "unread";
        return is_right(question(), *right(), run.machine(), *answer) ? "right" : "wrong";
    }
    [[nodiscard]] std::vector<std::string> offered() const {
        std::vector<std::string> texts;
        for (const LocalText& item : offer_of(question(), run.machine(), run.step_result()).items)
            texts.push_back(item.en);
        return texts;
    }
    [[nodiscard]] std::vector<std::string> because() const {
        std::vector<std::string> names;
        for (const Event& event : explaining_events(question(), *right(), run.machine(), run.step_result()))
            names.emplace_back(event_spec(event.kind).name);
        return names;
    }
    // The positions of these items, as a person would send them.
    [[nodiscard]] std::string positions(const std::vector<std::string>& wanted) const {
        const std::vector<std::string> items = offered();
        std::string out;
        for (const std::string& item : wanted) {
            const auto found = std::find(items.begin(), items.end(), item);
            EXPECT_NE(found, items.end()) << item;
            out += (out.empty() ? "" : ",") + std::to_string(found - items.begin());
        }
        return out;
    }

    Scenario scenario;
    ScenarioRun run;
};

} // namespace mm::test
