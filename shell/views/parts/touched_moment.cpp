#include "views/parts/touched_moment.h"

#include <algorithm>

namespace shell {

namespace {

constexpr double GLOW_SECONDS = 0.25;

} // namespace

Touched touched_so_far(const ViewInput& input) {
    return touched_by(input.moment.happened(), input.moment.at.physical.pageblock_order);
}

bool TouchedMoment::notice(const ViewInput& input) {
    const mm::Moment& moment = input.moment;
    const mm::Position at = moment.position, was = position_;
    const mm::Op op = moment.op.value_or(mm::Op{});
    other_session_ = session_ != input.session_number;
    if (!other_session_ && was == at && nr_events_ == moment.events.size() && op_ == op) return false;
    const bool further_in_op = !other_session_ && was.step == at.step && was.event > 0 && at.event > was.event;
    new_from_ = further_in_op ? was.event : moment.inside_op() ? moment.nr_happened - 1 : 0;
    session_ = input.session_number;
    position_ = at;
    nr_events_ = moment.events.size();
    op_ = op;
    began_ = other_session_ ? -10 : input.seconds;
    touched_ = touched_so_far(input);
    return true;
}

float TouchedMoment::glow(const ViewInput& input) const {
    const double since = input.seconds - began_;
    if (input.choices.reduced_motion || since >= GLOW_SECONDS || input.moment.nr_happened == 0) return 0;
    return static_cast<float>(1 - std::max(since, 0.0) / GLOW_SECONDS);
}

std::vector<mm::u64> told_so_far(const ViewInput& input, mm::Unit unit) {
    std::vector<mm::u64> out;
    for (const mm::Event& event : input.moment.happened()) {
        const mm::EventSpec& spec = mm::event_spec(event.kind);
        for (std::size_t i = 0; i < spec.args.size() && !spec.args[i].name.empty(); ++i)
            if (spec.args[i].unit == unit) out.push_back(static_cast<mm::u64>(event.arg[i]));
    }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace shell
