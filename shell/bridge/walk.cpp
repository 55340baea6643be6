// Walking: by the steps that the scenario's file has written, into their ops and events, to the next turn that goes another
// way, and the sums of runs.
#include <algorithm>

#include "base/hex.h"
#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "machine/op_kind.h"
#include "scenario/step_spans.h"

namespace shell {
namespace {

using mm::u32;

constexpr u32 MAX_STEP_ROWS = 1000; // in one reply
constexpr u32 MAX_TURN_TEXTS = 3;   // ops of a turn that its row has in words
// Units of work between two looks of the page; ops that are listened to take longer than others.
constexpr mm::u64 WATCHED_SLICE_WORK = 1u << 18;

u32 end_of(const mm::ScenarioStep& step) { return step.first_op + step.nr_ops; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The same op of two turns in one text: a row's name is left without the index that changes from turn to turn.
std::string turn_text(std::string_view first, std::string_view second) {
    std::string text;
    for (std::size_t i = 0, j = 0; i < first.size();) {
        if (j < second.size() && first[i] == second[j]) {
            text += first[i++];
            ++j;
            continue;
        }
        while (!text.empty() && is_digit(text.back())) text.pop_back();
        const std::size_t before = i;
        while (i < first.size() && is_digit(first[i])) ++i;
        while (j < second.size() && is_digit(second[j])) ++j;
        if (i == before && (j >= second.size() || first[i] != second[j])) return std::string(first); // other words
    }
    return text;
}

} // namespace

// ---- where ----------------------------------------------------------------------------------------------------------

void Bridge::tell_place(Json& state) const {
    const mm::Moment& now = moment();
    const std::span<const mm::ScenarioStep> steps = app.scenario.steps;
    state["at"] = mm::position_text(steps, now.position);
    state["nrSteps"] = steps.size();
    const std::optional<u32> index = now.op ? mm::step_of_op(steps, now.op_step()) : std::nullopt;
    state["stepNo"] = index ? *index + 1 : 0;
    state["opNo"] = index ? now.op_step() - steps[*index].first_op + 1 : 0;
    state["stepOps"] = index ? steps[*index].nr_ops : 0;
    state["stepDone"] = !index || (now.position.event == 0 && now.position.step == end_of(steps[*index]));
}

Json Bridge::step_json(u32 index) const {
    const mm::ScenarioStep& step = app.scenario.steps[index];
    const mm::Session& session = *app.session;
    const auto words = [&](u32 op) {
        return mm::op_text(session.machine(), session.op(op), app.scenario.result_names, app.language);
    };
    Json row = {{"step", index + 1}, {"op", step.first_op}, {"ops", step.nr_ops}};
    if (step.nr_ops > 0)
        row["kind"] =
            mm::OP_KIND_NAMES[static_cast<std::size_t>(mm::kind_of(mm::op_spec(session.op(step.first_op).kind)))];
    if (step.nr_ops == 1) row["text"] = words(step.first_op);
    if (step.nr_ops > 1 && step.turn_ops > 0) {
        const u32 turn = step.turn_ops;
        row["turns"] = step.nr_ops / turn;
        row["turnOps"] = turn;
        row["texts"] = Json::array();
        for (u32 i = step.first_op; i < step.first_op + std::min(turn, MAX_TURN_TEXTS); ++i)
            row["texts"].push_back(turn_text(words(i), words(i + turn < end_of(step) ? i + turn : i)));
    }
    const std::string& note = local_text(step.note, app.language);
    if (!note.empty()) row["note"] = note;
    if (step.question) row["question"] = question_json(*step.question, app.language);
    return row;
}

std::string Bridge::steps(u32 first, u32 count) const {
    if (!loaded()) return to_text(nothing_loaded());
    const u32 total = static_cast<u32>(app.scenario.steps.size());
    first = std::min(first, total);
    count = std::min({count, total - first, MAX_STEP_ROWS});
    Json list = Json::array();
    for (u32 i = first; i < first + count; ++i) list.push_back(step_json(i));
    return to_text({{"first", first}, {"steps", list}});
}

std::string Bridge::seek_at(std::string_view position) {
    if (!loaded()) return to_text(nothing_loaded());
    mm::ReadPosition read = mm::read_position(app.scenario.steps, position);
    if (!read.at) return to_text(error_json(mm::told_error("", std::move(read.problem))));
    return set_out(*read.at, std::move(read.problem));
}

// ---- motions --------------------------------------------------------------------------------------------------------

mm::Position Bridge::walk_target(Motion motion) const {
    const std::span<const mm::ScenarioStep> steps = app.scenario.steps;
    const mm::Position at = moment().position;
    const mm::Position end{app.session->steps(), 0};
    // The step that is not done yet.
    const u32 open = mm::steps_done(steps, at.step);
    const mm::ScenarioStep* next = open < steps.size() ? &steps[open] : nullptr;
    // The one of the op before the cursor.
    const std::optional<u32> made = at.step > 0 ? mm::step_of_op(steps, at.step - 1) : std::nullopt;
    switch (motion) {
    case Motion::next_step: return next ? mm::Position{end_of(*next), 0} : end;
    case Motion::back_step:
        if (next && at > mm::Position{next->first_op, 0}) return {next->first_op, 0};
        return {made ? steps[*made].first_op : 0, 0};
    case Motion::into:
        if (!next) return end;
        return at.event > 0 || next->nr_ops == 1 ? mm::Position{at.step, at.event + 1} : mm::Position{at.step + 1, 0};
    case Motion::back_into:
        if (at.event > 0) return {at.step, at.event - 1};
        if (!made) return {0, 0};
        return {at.step - 1, steps[*made].nr_ops == 1 ? std::max(moment().nr_happened, 1u) - 1 : 0};
    case Motion::next_note:
        for (const mm::ScenarioStep& step : steps.subspan(open)) {
            if (step.question && mm::Position{step.first_op, 0} > at) return {step.first_op, 0};
            if (step.question || !local_text(step.note, app.language).empty()) return {end_of(step), 0};
        }
        return end;
    default: return at;
    }
}

// ---- runs -----------------------------------------------------------------------------------------------------------

// nullptr: the machine before the run is not there yet.
mm::RunWatch* Bridge::watch_of(u32 index) {
    const auto known = watches_.find(index);
    if (known != watches_.end()) return &known->second;
    const mm::ScenarioStep& step = app.scenario.steps[index];
    mm::Session& session = *app.session;
    if (!session.prepare(step.first_op, WATCHED_SLICE_WORK)) return nullptr;
    // An op before it may not run: nothing is there to be watched.
    const bool reached = session.prepared() >= step.first_op;
    return &watches_
                .emplace(index, mm::RunWatch(session.machine_at({reached ? step.first_op : 0, 0}), step.first_op,
                                             reached ? step.nr_ops : 0))
                .first->second;
}

// From here to the next turn that goes another way, at most to the end of the step; nullopt: it is not known yet.
std::optional<mm::Position> Bridge::other_way_ahead() {
    const u32 from = *ahead_;
    const std::optional<u32> index = mm::step_of_op(app.scenario.steps, from);
    if (!index) return mm::Position{app.session->steps(), 0};
    const mm::ScenarioStep& step = app.scenario.steps[*index];
    const mm::Position end{end_of(step), 0};
    if (step.nr_ops == 1) return end;
    mm::RunWatch* watch = watch_of(*index);
    if (!watch) return std::nullopt;
    if (!watch->done() && !watch->other_way_from(from)) watch->go_on(app.session->ops(), WATCHED_SLICE_WORK);
    if (const std::optional<u32> op = watch->other_way_from(from)) return mm::Position{*op + 1, 0};
    if (watch->done()) return end;
    return std::nullopt;
}

std::string Bridge::watch_running(u32 index) const {
    const mm::ScenarioStep& step = app.scenario.steps[index];
    const auto watch = watches_.find(index);
    const u32 at = watch == watches_.end() ? step.first_op : watch->second.next();
    return to_text({{"running", {{"first", step.first_op}, {"step", at}, {"steps", end_of(step)}}}});
}

std::string Bridge::sum(u32 step) {
    if (!loaded()) return to_text(nothing_loaded());
    if (step == 0 || step > app.scenario.steps.size())
        return to_text(error_json(mm::told_error("", mm::told("there is no step {0}", "没有第 {0} 步", {step}))));
    summing_ = step - 1;
    return go_on(LongWork::sum);
}

std::string Bridge::go_on_summing() {
    if (!loaded() || !summing_) return to_text(nothing_loaded());
    const u32 index = *summing_;
    mm::RunWatch* watch = watch_of(index);
    if (!watch || (!watch->done() && !watch->go_on(app.session->ops(), WATCHED_SLICE_WORK)))
        return watch_running(index);
    summing_.reset();
    return to_text(sum_json(index, watch->sum()));
}

Json Bridge::sum_json(u32 index, const mm::RunSum& sum) const {
    const mm::Machine& machine = moment().at;
    const mm::Told text = mm::run_sum_text(machine, sum);
    Json zones = Json::array();
    for (const mm::RunSum::Zone& zone : sum.zones)
        zones.push_back({{"name", mm::unit_text(machine, mm::Unit::zone, zone.zone, app.language)},
                         {"place", place_text(machine, {Selection::Kind::zone, zone.zone, 0, 0})},
                         {"blocks", zone.blocks},
                         {"pages", zone.pages}});
    Json ways = Json::array();
    for (const mm::OtherWay& way : sum.other_ways) {
        if (ways.size() == mm::MAX_TOLD_WAYS) break;
        ways.push_back({{"at", mm::position_text(app.scenario.steps, {way.op + 1, 0})},
                        {"op", way.op},
                        {"name", mm::other_way_name(way)}});
    }
    return {{"step", index + 1},
            {"text", app.language == mm::Language::zh ? text.zh : text.en},
            {"ops", sum.ops},
            {"allocations", sum.allocations},
            {"frees", sum.frees},
            {"failed", sum.failed},
            {"refused", sum.refused},
            {"splits", sum.splits},
            {"merges", sum.merges},
            {"zones", zones},
            {"otherWays", sum.other_ways.size()},
            {"ways", ways}};
}

} // namespace shell
