// Loading, moving and choosing: what changes the App. Replies that only tell are in tell.cpp.
#include "bridge/bridge.h"

#include <algorithm>
#include <utility>

#include "bridge/program.h"
#include "bridge/replies.h"
#include "physical/boot.h"
#include "scenario/program_listing.h"
#include "scenario/run.h"
#include "scenario/step_result.h"
#include "scenario/step_spans.h"
#include "views/parts/touched_moment.h"

namespace shell {
namespace {

using mm::u32;

constexpr std::size_t MAX_BOOKMARKS = 500;

Json machine_json(const mm::machine_profile& profile, const mm::Machine& machine, mm::Language language) {
    mm::u64 pages = 0;
    for (const mm::zone& zone : machine.physical.zones) pages += zone.present_pages;
    Json notes = Json::array();
    for (const mm::Told& note : mm::restore_notes(machine.physical)) notes.push_back(told_json(note));
    const std::string& title =
        language == mm::Language::zh && !profile.title_zh.empty() ? profile.title_zh : profile.title_en;
    return {{"name", profile.name},
            {"title", title},
            {"architecture", mm::architecture_name(profile.arch)},
            {"kernel", mm::kernel_version_name(profile.kernel)},
            {"pageSize", profile.page_size},
            {"cpus", profile.cpus},
            {"nodes", profile.nodes},
            {"pages", pages},
            {"recorded", !profile.recorded.empty()},
            {"notes", notes}};
}

// Each step that says something, for the marks on the timeline.
Json bookmarks_json(const mm::Scenario& scenario, mm::Language language) {
    Json marks = Json::array();
    for (const mm::ScenarioStep& step : scenario.steps) {
        const std::string& note = local_text(step.note, language);
        if (note.empty() || marks.size() >= MAX_BOOKMARKS) continue;
        marks.push_back({{"op", step.first_op}, {"end", step.first_op + step.nr_ops}, {"text", note}});
    }
    return marks;
}

// The steps that ask something: first op, how many ops, the step's number.
Json questions_json(const mm::Scenario& scenario) {
    Json asking = Json::array();
    for (std::size_t i = 0; i < scenario.steps.size(); ++i)
        if (const mm::ScenarioStep& step = scenario.steps[i]; step.question)
            asking.push_back({step.first_op, step.nr_ops, i + 1});
    return asking;
}

} // namespace

Bridge::Bridge(std::span<const std::unique_ptr<View>> views) : views_(views) {}
Bridge::~Bridge() = default;

void Bridge::add_machine(std::string_view name, std::string_view text) {
    machines_.insert_or_assign(std::string(name), text);
}

// Empty when the scenario is there; else the reply.
std::string Bridge::read(std::string_view id, std::string_view text, std::optional<Loading>& out) {
    std::string missing;
    mm::Result<mm::Scenario> scenario = mm::parse_scenario(text, [&](std::string_view name) -> std::string {
        const auto known = machines_.find(name);
        if (known != machines_.end()) return known->second;
        missing = name;
        return {};
    });
    if (!missing.empty()) return to_text({{"need", missing}});
    if (!scenario) return to_text(error_json(scenario.error()));
    mm::Result<mm::Machine> machine = mm::start_machine(*scenario);
    if (!machine) return to_text(error_json(machine.error()));

    out = Loading{std::move(*scenario), std::make_unique<mm::Session>(std::move(*machine))};
    out->scenario.id = id;
    out->session->append(out->scenario.ops);
    out->scenario.ops = {}; // the session holds them now
    return {};
}

std::string Bridge::load(std::string_view id, std::string_view text) {
    loading_.reset();
    std::optional<Loading> loading;
    std::string reply = read(id, text, loading);
    return loading ? open(std::move(*loading), 0) : reply;
}

std::string Bridge::load_any(std::string_view id, std::string_view text) {
    loading_.reset();
    std::string reply = read(id, text, loading_);
    return loading_ ? go_on(LongWork::load) : reply;
}

std::string Bridge::open(Loading loading, u32 step) {
    app.scenario = std::move(loading.scenario);
    app.session = std::move(loading.session);
    ++app.session_number;
    app.selection = {};
    app.chosen = false;
    way_.reset();
    ahead_.reset();
    summing_.reset();
    watches_.clear();
    check_.reset();
    program_.reset();

    const mm::ScenarioView& view = app.scenario.view;
    const mm::Machine& start = app.session->machine();
    if (view.select_pfn >= 0 && start.physical.pfn_valid(static_cast<mm::frame_t>(view.select_pfn))) {
        app.selection = {Selection::Kind::pfn, view.select_pfn, 0, 0};
    } else if (!view.select_zone.empty()) {
        std::string zone = view.select_zone;
        std::replace(zone.begin(), zone.end(), ':', '/');
        app.selection = parse_place(start, mm::place_prefix(Selection::Kind::zone) + zone).value_or(Selection{});
    }
    for (const auto& known : views_) {
        if (known->id() == view.open) app.view = view.open;
    }
    go_to({step, 0});
    return to_text(scenario_json());
}

std::string Bridge::scenario() const { return to_text(loaded() ? scenario_json() : nothing_loaded()); }

Json Bridge::scenario_json() const {
    const mm::Scenario& s = app.scenario;
    return {{"id", s.id},
            {"title", local_text(s.title, app.language)},
            {"summary", local_text(s.summary, app.language)},
            {"notes", local_text(s.notes, app.language)},
            {"machine", machine_json(s.profile, machine(), app.language)},
            {"steps", app.session->steps()},
            {"bookmarks", bookmarks_json(s, app.language)},
            {"questions", questions_json(s)},
            {"program", mm::has_program(app.session->ops())},
            {"state", state_json()}};
}

// ---- moving ---------------------------------------------------------------------------------------------------------

std::string Bridge::seek(u32 step, u32 event) {
    if (!loaded()) return to_text(nothing_loaded());
    return set_out({step, event});
}

namespace {

// Units of work between two looks of the page: some 20 ms.
constexpr mm::u64 SLICE_WORK = 1u << 20;

std::string running_text(const mm::Session& session) {
    return to_text({{"running", {{"step", session.prepared()}, {"steps", session.steps()}}}});
}

} // namespace

std::string Bridge::go_on(LongWork what) {
    if (what == LongWork::load) {
        if (!loading_) return to_text(nothing_loaded());
        mm::Session& session = *loading_->session;
        if (!session.prepare(session.steps(), SLICE_WORK)) return running_text(session);
        Loading loading = std::move(*loading_);
        loading_.reset();
        const auto& refusal = loading.session->refusal();
        if (!refusal) return open(std::move(loading), 0);
        return to_text(error_json(work_error(loading.scenario, refusal->step, loading.session->op(refusal->step),
                                             refusal->why, loading.session->machine())));
    }
    if (what == LongWork::sum) return go_on_summing();
    if (!loaded()) return to_text(nothing_loaded());
    if (what == LongWork::check) return check_ ? go_on_checking(SLICE_WORK) : check();
    if (ahead_) {
        way_ = other_way_ahead();
        if (!way_) return watch_running(*mm::step_of_op(app.scenario.steps, *ahead_));
        ahead_.reset();
    }
    if (!way_) return state();
    // The events of the op before a place are shown there: what stands before that op is needed, too.
    const u32 step = std::min(way_->step, app.session->steps());
    if (!app.session->prepare(way_->event == 0 && step > 0 ? step - 1 : step, SLICE_WORK))
        return running_text(*app.session);
    return arrive(*std::exchange(way_, std::nullopt));
}

std::string Bridge::stop(LongWork what) {
    if (what == LongWork::load) {
        if (!loading_) return to_text(nothing_loaded());
        Loading loading = std::move(*loading_);
        loading_.reset();
        const u32 step = loading.session->prepared();
        return open(std::move(loading), step);
    }
    if (!loaded()) return to_text(nothing_loaded());
    if (what == LongWork::sum) {
        summing_.reset();
        return state();
    }
    if (what == LongWork::check) {
        check_.reset();
        return state();
    }
    // Who looks for another way has not set out yet.
    if (std::exchange(ahead_, std::nullopt) || !std::exchange(way_, std::nullopt)) return state();
    return arrive({app.session->prepared(), 0});
}

std::string Bridge::check() {
    if (!loaded()) return to_text(nothing_loaded());
    mm::Result<mm::Machine> start = mm::start_machine(app.scenario);
    if (!start) return to_text(error_json(start.error()));
    check_ = std::make_unique<mm::ExpectationCheck>(app.scenario, app.session->ops(), std::move(*start));
    return go_on_checking(SLICE_WORK);
}

std::string Bridge::go_on_checking(mm::u64 work) {
    if (!check_->go_on(work))
        return to_text({{"running", {{"step", check_->ops_applied()}, {"steps", app.session->steps()}}}});
    const std::unique_ptr<mm::ExpectationCheck> done = std::move(check_);
    Json failures = Json::array();
    for (const mm::ExpectationCheck::Failure& failure : done->failures()) {
        Json told = error_json(failure.error)["error"];
        told["op"] = failure.first_op;
        failures.push_back(std::move(told));
    }
    return to_text({{"of", done->expectations()},
                    {"checked", done->checked()},
                    {"held", done->held()},
                    {"failures", std::move(failures)}});
}

std::string Bridge::set_out(mm::Position to, mm::Told problem) {
    way_ = to;
    problem_ = std::move(problem);
    ahead_.reset();
    return go_on(LongWork::way);
}

std::string Bridge::arrive(mm::Position to) {
    go_to(to);
    const mm::Session& session = *app.session;
    Json reply = state_json();
    // Standing before the op is no news; wanting to pass it is.
    if (const auto& refusal = session.refusal(); refusal && to > session.position())
        reply["refused"] = error_json(work_error(app.scenario, refusal->step, session.op(refusal->step), refusal->why,
                                                 session.machine()))["error"];
    const std::size_t events = moment().events.size();
    if (problem_.empty() && to.step < session.steps() && to.event > events && !reply.contains("refused"))
        problem_ = mm::no_such_event(app.scenario.steps, to.step, events);
    if (!problem_.empty()) reply["problem"] = told_json(problem_);
    problem_ = {};
    return to_text(reply);
}

void Bridge::go_to(mm::Position to) {
    app.session->show(to);
    ++revision_;
    if (!place_exists(machine(), app.selection)) app.selection = {};
    follow_zone();
    select_named_result();
}

// A page, an object or an address that is selected is watched from step to step; a zone stands for where things happen.
void Bridge::follow_zone() {
    const Selection::Kind kind = app.selection.kind;
    const bool in_zone =
        kind == Selection::Kind::zone || kind == Selection::Kind::free_list || kind == Selection::Kind::pcp_list;
    if (!follows_ || !in_zone) return;
    const int zone = touched_so_far(view_input(0)).zone;
    if (zone >= 0 && zone != app.selection.value) app.selection = {Selection::Kind::zone, zone, 0, 0};
}

std::string Bridge::move(Motion motion) {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Position at = moment().position;
    if (motion == Motion::next_way) {
        way_.reset();
        problem_ = {};
        ahead_ = at.step;
        return go_on(LongWork::way);
    }
    const u32 before = at.step > 0 ? at.step - 1 : 0;
    const auto target = [&]() -> mm::Position {
        switch (motion) {
        case Motion::first: return {0, 0};
        case Motion::last: return {app.session->steps(), 0};
        case Motion::next: return {at.step + 1, 0};
        case Motion::back: return {at.event > 0 ? at.step : before, 0};
        case Motion::next_event: return {at.step, at.event + 1};
        case Motion::back_event:
            return at.event > 0 ? mm::Position{at.step, at.event - 1}
                                : mm::Position{before, std::max(moment().nr_happened, 1u) - 1};
        default: return walk_target(motion);
        }
    };
    return set_out(target());
}

// A scenario may ask to follow what one of its names stands for, as soon as it stands for something.
void Bridge::select_named_result() {
    const mm::Scenario& s = app.scenario;
    if (app.chosen || s.view.select_result.empty()) return;
    const auto name = std::find(s.result_names.begin(), s.result_names.end(), s.view.select_result);
    if (name == s.result_names.end()) return;
    const mm::OpResult result = machine().results[static_cast<u32>(name - s.result_names.begin())];
    app.selection = result_place(machine(), result);
}

// ---- choosing -------------------------------------------------------------------------------------------------------

std::string Bridge::choose(std::string_view request) {
    const Json wanted = Json::parse(request, nullptr, false);
    Json refused = Json::array();
    if (!wanted.is_object()) return to_text(error_json(mm::told_error("", {"not a JSON object", "不是 JSON 对象"})));
    for (const auto& [name, value] : wanted.items()) {
        if (!choose_one(name, value)) refused.push_back(name);
    }
    ++revision_;
    Json reply = {{"refused", refused}};
    if (loaded()) reply["state"] = state_json();
    return to_text(reply);
}

bool Bridge::choose_one(std::string_view name, const Json& value) {
    if (name == "reducedMotion" || name == "asked" || name == "follow") {
        if (!value.is_boolean()) return false;
        (name == "asked" ? app.asked : name == "follow" ? follows_ : app.reduced_motion) = value.get<bool>();
        return true;
    }
    if (!value.is_string()) return false;
    const std::string text = value.get<std::string>();
    const auto one_of = [&](std::span<const Choice> choices, std::string& into) {
        for (const Choice& choice : choices) {
            if (choice.id == text) return into = text, true;
        }
        return false;
    };
    if (name == "colour") return one_of(map_colours(), app.colour);
    if (name == "layout") return one_of(map_layouts(), app.layout);
    if (name == "theme") {
        if (text != "light" && text != "dark") return false;
        app.theme = text == "dark" ? Theme::dark : Theme::light;
        return true;
    }
    if (name == "language") {
        if (text != "en" && text != "zh") return false;
        app.language = text == "zh" ? mm::Language::zh : mm::Language::en;
        return true;
    }
    if (name == "view") {
        for (const auto& view : views_) {
            if (view->id() == text) return app.view = text, true;
        }
        return false;
    }
    if (name == "look" && open_view()) {
        open_view()->look_at(text);
        return true;
    }
    if (name == "select" && loaded()) {
        const std::optional<Selection> place = parse_place(machine(), text);
        if (!place) return false;
        app.selection = *place;
        app.chosen = true;
        return true;
    }
    return false;
}

// ---- the canvas -----------------------------------------------------------------------------------------------------

View* Bridge::open_view() const {
    for (const auto& view : views_) {
        if (view->id() == app.view) return view.get();
    }
    return views_.empty() ? nullptr : views_.front().get();
}

ViewInput Bridge::view_input(double seconds) const {
    return {moment(), app, app.scenario, app.session->ops(), app.session_number, seconds, {}};
}

bool Bridge::apply(const ViewActions& actions) {
    bool changed = false;
    if (const View* view = open_view(); view && view->look() != told_look_) {
        told_look_ = view->look();
        changed = true;
    }
    if (actions.select) {
        // What is selected already can be pointed at, too: it answers a question.
        app.selection = actions.selection;
        app.chosen = true;
        ++pointed_;
        changed = true;
    }
    for (const auto& view : views_) {
        if (view->id() != actions.open || app.view == actions.open) continue;
        app.view = actions.open;
        changed = true;
    }
    if (changed) ++revision_;
    return changed;
}

} // namespace shell
