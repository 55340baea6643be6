#pragma once
// What the files of the bridge share when they reply.
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/told.h"
#include "json.h"
#include "machine/narrate.h"
#include "scenario/scenario.h"
#include "views/parts/view.h"

namespace shell {

inline Json error_json(const mm::Error& error) {
    return {{"error",
             {{"path", error.path},
              {"message", told_json(message_of(error))},
              {"line", error.line},
              {"column", error.column}}}};
}

inline Json nothing_loaded() { return error_json(mm::told_error("", {"no scenario is loaded", "没有载入场景"})); }

inline const std::string& local_text(const mm::LocalText& text, mm::Language language) {
    return language == mm::Language::zh && !text.zh.empty() ? text.zh : text.en;
}

// The step of the scenario's file that an op came from; null when it came from elsewhere.
[[nodiscard]] const mm::ScenarioStep* step_of(const mm::Scenario& scenario, mm::u32 op);

// The sentence of an event as runs: [[text], [text, place]]; an empty place is a value that stands for nothing to look at.
// Addresses are those of `space`: the one that the op names.
[[nodiscard]] Json runs_json(const mm::Machine& machine, const mm::Event& event, mm::Language language,
                             mm::space_id space = mm::INIT_MM);

// The view in which an op is best seen: the one that its step names, else the scenario, else the row that is there for such
// ops; empty when none is. op: null at the start. places.cpp
[[nodiscard]] std::string_view best_view(std::span<const std::unique_ptr<View>> views, const mm::Scenario& scenario,
                                         const mm::Op* op, mm::u32 index);

// {"kind", "text", "choices"?, "within"?, "points"?}: a question without its answer (Bridge::ops()).
[[nodiscard]] Json question_json(const mm::Question& question, mm::Language language);

} // namespace shell
