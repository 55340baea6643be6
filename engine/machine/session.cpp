#include "machine/session.h"

#include <algorithm>

#include "machine/deciding_event.h"
#include "machine/kernel_log.h"

namespace mm {

Session::Session(Machine start, Options options)
    : options_(options), interval_(options.first_interval), work_interval_(options.first_work_interval),
      base_{std::move(start), {}} {
    keyframes_.emplace(0, Keyframe{base_.machine, 0, 0});
    moment_.at = base_.machine;
}

void Session::append(const Op& op) {
    if (ops_.size() < MAX_OPS) ops_.push_back(op);
}

void Session::append(std::span<const Op> ops) {
    const std::size_t room = MAX_OPS - ops_.size();
    ops_.insert(ops_.end(), ops.begin(), ops.begin() + static_cast<std::ptrdiff_t>(std::min(room, ops.size())));
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
    const u64 bytes = at.account.bytes_since_keyframe + at.machine.bytes_of_lists();
    at.account.keyframe_work = at.account.work;
    at.account.bytes_since_keyframe = 0;
    if (!keyframes_.emplace(at.machine.step, Keyframe{at.machine, bytes, at.account.work}).second) return;
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

Session::Run Session::run(Machine& machine, u32 step, u64 work_before, std::vector<Event>* events, u32 event) const {
    ++ops_run_;
    EventSink sink;
    sink.set_limit(options_.budget.op);
    if (events) sink.store_in(events);
    CopyAtEvent copy(machine, event, sink);
    Run done;
    done.outcome = apply(machine, ops_[step], sink);
    done.work = sink.work();
    done.over = options_.budget.judge(work_before, done.work, sink.count());
    done.at_event = std::move(copy.machine);
    return done;
}

Session::Run Session::pass(Reached& at, std::vector<Event>* events, u32 event) {
    Machine& machine = at.machine;
    Account& account = at.account;
    const u64 before = machine.bytes_copied();
    const u32 printed = machine.physical.log.nr_records;
    Run done = run(machine, machine.step, account.work, events, event);
    if (done.over != over_work::none) return done;
    account.work += done.work;
    if (machine.physical.log.nr_records != printed && (printed_.empty() || printed_.back().step < machine.step - 1))
        printed_.push_back({machine.step - 1, std::nullopt});
    account.bytes_since_keyframe += machine.bytes_copied() - before;
    if (machine.step % interval_ == 0 || account.work - account.keyframe_work >= work_interval_) take_keyframe(at);
    return done;
}

void Session::apply_until(Reached& at, u32 step, u64 work) {
    const u64 enough = work > ~at.account.work ? ~u64{0} : at.account.work + work;
    while (at.machine.step < std::min(step, last_step()) && at.account.work < enough) {
        const over_work over = pass(at).over;
        if (over == over_work::none) continue;
        // What the op has left is no machine: back to before it.
        refusal_ = Refusal{at.machine.step - 1, over};
        at = reach(refusal_->step);
        return;
    }
}

Session::Reached Session::at_keyframe(const Keyframe& keyframe) {
    return {keyframe.machine, {keyframe.work, keyframe.work, 0}};
}

Session::Reached Session::nearest(u32 step) const {
    if (tells(step)) return {*moment_.before, before_};
    const auto keyframe = std::prev(keyframes_.upper_bound(step));
    const Reached* best = nullptr;
    for (const Reached* at : {&base_, scout_ ? &*scout_ : nullptr})
        if (at && at->machine.step <= step && at->machine.step >= (best ? best->machine.step : keyframe->first))
            best = at;
    return best ? *best : at_keyframe(keyframe->second);
}

// Moves the state before the cursor's events to `step`, or to before the op that may not run.
void Session::move_base(u32 step) {
    if (step == base_.machine.step) return;
    if (Reached from = nearest(step); from.machine.step != base_.machine.step) base_ = std::move(from);
    apply_until(base_, step);
}

void Session::seek(Position to) {
    // An op that is entered runs for its events anyway.
    if (to.event > 0) {
        show(to);
        return;
    }
    move_base(std::min(to.step, last_step()));
    moment_ = Moment{.position = {base_.machine.step, 0}, .op = {}, .before = {}, .at = base_.machine, .events = {}};
    told_ = false;
}

const Moment& Session::show(Position to) {
    to.step = std::min(to.step, last_step());
    if (to.step == last_step()) to.event = 0;
    if (told_ && moment_.position == to) return moment_;
    if (to == Position{}) {
        seek(to);
        told_ = true;
        return moment_;
    }
    const u32 step = to.event > 0 ? to.step : to.step - 1;
    move_base(step);
    // Where an op may not run, the last position is before it.
    if (base_.machine.step != step || !show_op(to.event)) return show({last_step(), 0});
    return moment_;
}

const Moment& Session::moment() const {
    MM_ASSERT(told_);
    return moment_;
}

// The moment is of the op `step`.
bool Session::tells(u32 step) const { return told_ && moment_.op && moment_.op_step() == step; }

// The moment of the op at base_ when `event` events have happened; 0, and when it has no more: at its end, and base_ is there.
// False: the op may not run.
bool Session::show_op(u32 event) {
    const u32 step = base_.machine.step;
    const bool known = tells(step);
    std::vector<Event> events;
    Reached running = base_;
    Run done = pass(running, known ? nullptr : &events, event);
    if (done.over != over_work::none) {
        refusal_ = Refusal{step, done.over};
        return false;
    }
    if (!known) {
        moment_.because = deciding_event(events);
        moment_.events = std::move(events);
        moment_.op = ops_[step];
        moment_.before = base_.machine;
        before_ = base_.account;
        told_ = true;
    }
    const u32 nr = static_cast<u32>(moment_.events.size());
    if (event > 0 && event < nr) {
        moment_.position = {step, event};
        moment_.nr_happened = event;
        moment_.at = std::move(*done.at_event);
        return true;
    }
    base_ = std::move(running);
    moment_.position = {step + 1, 0};
    moment_.nr_happened = nr;
    moment_.at = base_.machine;
    return true;
}

bool Session::prepare(u32 step, u64 work) {
    step = std::min(step, last_step());
    if (Reached from = nearest(step); !scout_ || from.machine.step != scout_->machine.step) scout_ = std::move(from);
    apply_until(*scout_, step, work);
    return scout_->machine.step == std::min(step, last_step());
}

Machine Session::machine_at(Position at) const {
    Machine before = machine_before(at.step);
    if (at.event == 0 || before.step != at.step) return before;
    ++ops_run_;
    return machine_at_event(before, ops_[at.step], at.event);
}

void Session::next_event() {
    if (position().step == last_step()) return;
    seek({position().step, position().event + 1});
}

void Session::previous_event() {
    const auto [step, event] = position();
    if (event > 0) {
        seek({step, event - 1});
    } else if (step > 0) {
        const u32 events = static_cast<u32>(show({step, 0}).events.size());
        seek({step - 1, events > 1 ? events - 1 : 0});
    }
}

Session::Replay Session::replay(u32 step) {
    MM_ASSERT(step < steps());
    const Replay none{{}, OpOutcome::refused};
    Reached before = reach(step);
    if (before.machine.step != step || step == last_step()) return none;
    Replay replay;
    const Run done = run(before.machine, step, before.account.work, &replay.events);
    replay.outcome = done.outcome;
    return done.over == over_work::none ? replay : none;
}

Session::Reached Session::reach(u32 step) const {
    step = std::min(step, last_step());
    Reached at = nearest(step);
    while (at.machine.step < step) {
        const Run done = run(at.machine, at.machine.step, at.account.work);
        if (done.over != over_work::none) return reach(at.machine.step - 1);
        at.account.work += done.work;
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
            ++ops_run_;
            apply(machine, ops_[machine.step], quiet);
        }
        printed_[i].text.emplace();
        EventSink quiet;
        ++ops_run_;
        apply_with_log(machine, ops_[machine.step], quiet, *printed_[i].text);
        trim_kernel_log(*printed_[i].text);
    }
    return *printed_[logged].text;
}

std::string Session::kernel_log(Position until) {
    until = std::min(until, position());
    std::string log;
    if (until.event > 0) {
        Machine machine = machine_before(until.step);
        EventSink quiet;
        ++ops_run_;
        apply_with_log(machine, ops_[until.step], quiet, log, until.event);
    }
    for (std::size_t i = printed_.size(); i-- > 0 && log.size() <= KERNEL_LOG_BYTES;)
        if (printed_[i].step < until.step) log.insert(0, printed_by(i));
    trim_kernel_log(log);
    return log;
}

} // namespace mm
