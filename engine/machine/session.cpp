#include "machine/session.h"

#include <algorithm>

#include "machine/kernel_log.h"

namespace mm {

Session::Session(Machine start, Options options)
    : options_(options), interval_(options.first_interval), work_interval_(options.first_work_interval), base_{start},
      current_(std::move(start)) {
    keyframes_.emplace(0, Keyframe{current_, 0, 0});
}

void Session::append(const Op& op) {
    if (ops_.size() < MAX_OPS) ops_.push_back(op);
    events_known_ = false;
}

void Session::append(std::span<const Op> ops) {
    const std::size_t room = MAX_OPS - ops_.size();
    ops_.insert(ops_.end(), ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(std::min(room, ops.size())));
    events_known_ = false;
}

u64 Session::keyframe_bytes() const {
    u64 bytes = 0;
    for (const auto& [step, frame] : keyframes_) bytes += frame.bytes;
    return bytes;
}

u64 Session::bytes_held() const {
    const u64 frame_count = base_.machine.physical.mem_map.size();
    return keyframe_bytes() + frame_count * sizeof(page) + ops_.capacity() * sizeof(Op);
}

// What was written since the keyframe before is what this one and that one do not share: its cost, with what copies never
// share.
void Session::take_keyframe(Reached& at) {
    const u64 bytes = at.bytes_since_keyframe + at.machine.bytes_of_lists();
    at.keyframe_work = at.work;
    at.bytes_since_keyframe = 0;
    if (!keyframes_.emplace(at.machine.step, Keyframe{at.machine, bytes, at.work}).second) return;
    if (keyframe_bytes() > options_.keyframe_bytes) thin_keyframes();
}

// Drops every second keyframe and doubles the distance of those to come.
void Session::thin_keyframes() {
    bool drop = false;
    for (auto it = keyframes_.begin(); it != keyframes_.end();) {
        if (drop && it->first != 0) {
            it = keyframes_.erase(it);
        } else {
            ++it;
        }
        drop = !drop;
    }
    interval_ *= 2;
    work_interval_ *= 2;
}

Session::Run Session::run(Machine& machine, u32 step, u64 work_before, std::vector<Event>* events) const {
    EventSink sink;
    sink.set_limit(options_.budget.op);
    if (events) sink.store_in(events);
    Run done;
    done.outcome = apply(machine, ops_[step], sink);
    done.work = sink.work();
    done.over = options_.budget.judge(work_before, done.work, sink.count());
    return done;
}

void Session::apply_until(Reached& at, u32 step, u64 work) {
    Machine& machine = at.machine;
    const u64 enough = work > ~at.work ? ~u64{0} : at.work + work;
    while (machine.step < std::min(step, last_step()) && at.work < enough) {
        const u64 before = machine.bytes_copied();
        const u32 printed = machine.physical.log.nr_records;
        const Run done = run(machine, machine.step, at.work, nullptr);
        if (done.over != over_work::none) {
            // What the op has left is no machine: back to before it.
            refusal_ = Refusal{machine.step - 1, done.over};
            at = reach(refusal_->step);
            return;
        }
        at.work += done.work;
        if (machine.physical.log.nr_records != printed && (printed_.empty() || printed_.back().step < machine.step - 1))
            printed_.push_back({machine.step - 1, std::nullopt});
        at.bytes_since_keyframe += machine.bytes_copied() - before;
        if (machine.step % interval_ == 0 || at.work - at.keyframe_work >= work_interval_) take_keyframe(at);
    }
}

Session::Reached Session::at_keyframe(const Keyframe& keyframe) {
    return {keyframe.machine, keyframe.work, keyframe.work, 0};
}

Session::Reached Session::nearest(u32 step) const {
    const auto keyframe = std::prev(keyframes_.upper_bound(step));
    const Reached* best = nullptr;
    for (const Reached* at : {&base_, scout_ ? &*scout_ : nullptr})
        if (at && at->machine.step <= step && at->machine.step >= (best ? best->machine.step : keyframe->first))
            best = at;
    return best ? *best : at_keyframe(keyframe->second);
}

std::optional<Op> Session::shown_op() const {
    if (position_.event > 0 && position_.step < steps()) return op(position_.step);
    if (position_.step == 0 || position_.step > steps()) return std::nullopt;
    return op(position_.step - 1);
}

void Session::seek(Position to) {
    to.step = std::min(to.step, last_step());
    if (to.step != base_.machine.step) {
        if (Reached from = nearest(to.step); from.machine.step != base_.machine.step) base_ = std::move(from);
        apply_until(base_, to.step);
        events_known_ = false;
    }
    if (base_.machine.step == last_step()) to.event = 0;
    position_ = {base_.machine.step, 0};
    if (to.event == 0) {
        current_ = base_.machine;
        return;
    }
    seek_event(to.event);
}

bool Session::prepare(u32 step, u64 work) {
    step = std::min(step, last_step());
    if (Reached from = nearest(step); !scout_ || from.machine.step != scout_->machine.step) scout_ = std::move(from);
    apply_until(*scout_, step, work);
    return scout_->machine.step == std::min(step, last_step());
}

void Session::seek_event(u32 event) {
    if (event >= events_of_current_op().size()) {
        seek({position_.step + 1, 0});
        return;
    }
    position_.event = event;
    current_ = machine_inside(base_.machine, position_);
}

// Runs an op on a copy, and keeps another copy of the moment when `at.event` events have happened.
Machine Session::machine_inside(const Machine& before, Position at) const {
    struct Moment {
        Machine running;
        Machine at_event;
    } moment{before, {}};
    EventSink sink;
    sink.call_at(
        at.event,
        [](void* context) {
            Moment& m = *static_cast<Moment*>(context);
            m.at_event = m.running;
        },
        &moment);
    apply(moment.running, ops_[at.step], sink);
    return std::move(moment.at_event);
}

Machine Session::machine_at(Position at) const {
    Machine before = machine_before(at.step);
    return at.event == 0 || before.step != at.step ? before : machine_inside(before, at);
}

void Session::next_event() {
    if (position_.step == last_step()) return;
    seek({position_.step, position_.event + 1});
}

void Session::previous_event() {
    if (position_.event > 0) {
        seek({position_.step, position_.event - 1});
    } else if (position_.step > 0) {
        seek({position_.step - 1, 0});
        const u32 events = static_cast<u32>(events_of_current_op().size());
        if (events > 1) seek({position_.step, events - 1});
    }
}

const std::vector<Event>& Session::events_of_current_op() {
    if (events_known_) return events_;
    events_.clear();
    events_known_ = true;
    if (position_.step == last_step()) return events_;
    Machine machine = base_.machine;
    const Run done = run(machine, position_.step, base_.work, &events_);
    if (done.over == over_work::none) return events_;
    events_.clear();
    refusal_ = Refusal{position_.step, done.over};
    return events_;
}

Session::Replay Session::replay(u32 step) {
    MM_ASSERT(step < steps());
    const Replay none{{}, OpOutcome::refused};
    Reached before = reach(step);
    if (before.machine.step != step || step == last_step()) return none;
    Replay replay;
    const Run done = run(before.machine, step, before.work, &replay.events);
    replay.outcome = done.outcome;
    return done.over == over_work::none ? replay : none;
}

Session::Reached Session::reach(u32 step) const {
    step = std::min(step, last_step());
    Reached at = nearest(step);
    while (at.machine.step < step) {
        const Run done = run(at.machine, at.machine.step, at.work, nullptr);
        if (done.over != over_work::none) return reach(at.machine.step - 1);
        at.work += done.work;
    }
    return at;
}

// The ops from one keyframe to the next run once for all of their texts.
const std::string& Session::printed_by(std::size_t logged) {
    if (printed_[logged].text) return *printed_[logged].text;
    const u32 last = printed_[logged].step;
    const u32 keyframe = std::prev(keyframes_.upper_bound(last))->first;
    std::size_t first = logged;
    while (first > 0 && printed_[first - 1].step >= keyframe && !printed_[first - 1].text) --first;
    Machine machine = machine_before(printed_[first].step);
    for (std::size_t i = first; i <= logged; ++i) {
        while (machine.step < printed_[i].step) {
            EventSink quiet;
            apply(machine, ops_[machine.step], quiet);
        }
        printed_[i].text.emplace();
        EventSink quiet;
        apply_with_log(machine, ops_[machine.step], quiet, *printed_[i].text);
        trim_kernel_log(*printed_[i].text);
    }
    return *printed_[logged].text;
}

std::string Session::kernel_log(Position until) {
    until = std::min(until, position_);
    std::string log;
    if (until.event > 0) {
        Machine machine = machine_before(until.step);
        EventSink quiet;
        apply_with_log(machine, ops_[until.step], quiet, log, until.event);
    }
    for (std::size_t i = printed_.size(); i-- > 0 && log.size() <= KERNEL_LOG_BYTES;)
        if (printed_[i].step < until.step) log.insert(0, printed_by(i));
    trim_kernel_log(log);
    return log;
}

} // namespace mm
