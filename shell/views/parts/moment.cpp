#include "views/parts/moment.h"

#include <algorithm>

namespace shell {

namespace {

constexpr double GLOW_SECONDS = 0.25;

} // namespace

Touched touched_so_far(const ViewInput& input) {
    return touched_by(input.happened(), input.machine.physical.pageblock_order);
}

bool Moment::notice(const ViewInput& input) {
    const mm::Session& session = *input.app.session;
    const mm::Position at = session.position();
    const mm::Op op = session.shown_op().value_or(mm::Op{});
    other_session_ = session_ != input.app.session_number;
    if (!other_session_ && step_ == at.step && event_ == at.event && nr_events_ == input.events.size() && op_ == op)
        return false;
    const bool further_in_op = !other_session_ && step_ == at.step && event_ > 0 && at.event > event_;
    new_from_ = further_in_op ? event_ : at.event > 0 ? input.event - 1 : 0;
    session_ = input.app.session_number;
    step_ = at.step;
    event_ = at.event;
    nr_events_ = input.events.size();
    op_ = op;
    began_ = other_session_ ? -10 : input.seconds;
    touched_ = touched_so_far(input);
    return true;
}

float Moment::glow(const ViewInput& input) const {
    const double since = input.seconds - began_;
    if (input.app.reduced_motion || since >= GLOW_SECONDS || input.event == 0) return 0;
    return static_cast<float>(1 - std::max(since, 0.0) / GLOW_SECONDS);
}

std::vector<mm::u64> told_so_far(const ViewInput& input, mm::Unit unit) {
    std::vector<mm::u64> out;
    for (const mm::Event& event : input.happened()) {
        const mm::EventSpec& spec = mm::event_spec(event.kind);
        for (std::size_t i = 0; i < spec.args.size() && !spec.args[i].name.empty(); ++i)
            if (spec.args[i].unit == unit) out.push_back(static_cast<mm::u64>(event.arg[i]));
    }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace shell
