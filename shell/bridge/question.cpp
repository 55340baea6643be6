// Questions: what the page shows of them, and whether an answer is right. The engine makes the step on a copy of the
// machine and looks.
#include "scenario/question.h"
#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "scenario/process_facts.h"
#include "scenario/question_offer.h"
#include "scenario/step_spans.h"

namespace shell {
namespace {

constexpr std::string_view SHOW = "?"; // instead of an answer: what is right

// A machine that has made a step, and what happened in it.
struct StepMade {
    mm::Machine machine;
    mm::StepResult result;
};

StepMade make_step(const mm::Session& session, const mm::ScenarioStep& step) {
    StepMade made{session.machine_at({step.first_op, 0}), {}};
    made.result.begin(step.question ? &*step.question : nullptr);
    std::vector<mm::Event> events;
    for (mm::u32 i = step.first_op; i < step.first_op + step.nr_ops; ++i) {
        events.clear();
        mm::EventSink sink;
        sink.store_in(&events);
        const mm::OpOutcome outcome = mm::apply(made.machine, session.op(i), sink);
        made.result.add(session.op(i), outcome, events);
    }
    return made;
}

// Where the right answer can be seen.
std::string place_of(const mm::Question& question, const mm::RightAnswer& right, const mm::Machine& machine) {
    if (question.kind == mm::Question::Kind::object)
        return place_text(machine, {Selection::Kind::object, right.value, 0, 0});
    if (question.kind != mm::Question::Kind::page) return "";
    return place_text(machine, {Selection::Kind::pfn, right.value, 0, 0});
}

} // namespace

namespace {

// Free lists as rows of order and count, VMAs with their rights (a hole has none), or a block as its free pieces: where
// each begins in it, and its order.
Json picture_json(const mm::Question::Choice& choice, mm::Language language) {
    Json out = {{"text", mm::picture_text(choice, language)}};
    if (choice.block.start == mm::PFN_NONE && choice.when.front().what == mm::Expectation::What::vmas) {
        out["vmas"] = Json::array();
        for (const mm::ExpectedVma& vma : mm::expected_vmas(choice.when.front().list))
            out["vmas"].push_back({vma.start, vma.end, mm::rights_text(vma.rights)});
        return out;
    }
    if (choice.block.start == mm::PFN_NONE) {
        out["lists"] = Json::array();
        for (const mm::Expectation& list : choice.when) out["lists"].push_back({list.key, list.value});
        return out;
    }
    out["order"] = choice.block.order;
    out["free"] = Json::array();
    for (const auto& [pfn, order] : choice.block.free) out["free"].push_back({pfn - choice.block.start, order});
    return out;
}

// What a person needs to answer, and what only the machine knows of it.
Json unread_json(const mm::Question& question, const StepMade& made, mm::Language language) {
    Json out = {{"unread", true}};
    for (const mm::LocalText& item : mm::offer_of(question, made.machine, made.result).items)
        out["items"].push_back(local_text(item, language));
    return out;
}

// Where each of several places is.
Json places_json(const mm::Question& question, const mm::RightAnswer& right, const mm::Machine& machine) {
    Json out = Json::array();
    if (!mm::points_at_frames(question)) return out;
    for (const mm::i64 pfn : right.list)
        out.push_back(
            {mm::unit_text(machine, mm::Unit::pfn, pfn), place_text(machine, {Selection::Kind::pfn, pfn, 0, 0})});
    return out;
}

} // namespace

Json question_json(const mm::Question& question, mm::Language language) {
    Json out = {{"kind", mm::question_kind_names[static_cast<std::size_t>(question.kind)]},
                {"text", local_text(question.text, language)}};
    for (const mm::Question::Choice& choice : question.choices)
        out["choices"].push_back(question.kind == mm::Question::Kind::picture
                                     ? picture_json(choice, language)
                                     : Json(local_text(choice.text, language)));
    if (question.within > 0) out["within"] = std::to_string(question.within) + (question.percent ? "%" : "");
    if (mm::points_at_frames(question)) out["points"] = true;
    return out;
}

std::string Bridge::answer(mm::u32 op, std::string_view value) {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::ScenarioStep* step = step_of(app.scenario, op);
    if (!step || !step->question || step->first_op + step->nr_ops > app.session->steps())
        return to_text(error_json(mm::told_error(
            "", mm::told("op {0} has no question", "操作 {0} 没有问题", {mm::op_position(app.scenario.steps, op)}))));
    const mm::Question& question = *step->question;
    const mm::u32 end = step->first_op + step->nr_ops;
    if (!app.session->prepare(end, ~mm::u64{0}) || app.session->prepared() < end)
        return to_text(
            error_json(mm::told_error(question.path, {"an op of this step may not run", "这一步中有不能执行的操作"})));
    const StepMade made = make_step(*app.session, *step);
    const std::optional<mm::RightAnswer> right = mm::right_answer(question, made.machine, made.result);
    if (!right)
        return to_text(
            error_json(mm::told_error(question.path, mm::question_problem(question, made.machine, made.result))));
    // What is clicked is an answer, too.
    const bool show = value == SHOW;
    const std::optional<mm::Answer> given =
        show ? std::nullopt : mm::read_answer(question, *right, made.machine, made.result, value);
    if (!given && !show) return to_text(unread_json(question, made, app.language));
    Json out = {{"right", mm::right_answer_text(question, *right, made.machine, made.result, app.language)},
                {"place", place_of(question, *right, made.machine)},
                {"at", mm::position_text(app.scenario.steps, {end, 0})},
                {"explanation", Json::array()}};
    if (given) out["correct"] = mm::is_right(question, *right, made.machine, *given);
    if (Json places = places_json(question, *right, made.machine); !places.empty()) out["places"] = std::move(places);
    for (const mm::Event& event : mm::explaining_events(question, *right, made.machine, made.result))
        out["explanation"].push_back(
            {{"name", mm::event_spec(event.kind).name}, {"runs", runs_json(made.machine, event, app.language)}});
    return to_text(out);
}

} // namespace shell
