#include "machine/session.h"

#include <algorithm>

#include "machine/kernel_log.h"

namespace mm {

Session::Session(Machine start, Options options)
    : options_(options), interval_(options.first_interval), base_(start), current_(std::move(start)) {
    keyframes_.emplace(0, Keyframe{base_, 0});
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
    const u64 frame_count = base_.physical.mem_map.size();
    return keyframe_bytes() + frame_count * sizeof(page) + ops_.capacity() * sizeof(Op);
}

// What was written since the keyframe before is what this one and that one do not share: its cost.
void Session::take_keyframe() {
    if (keyframes_.contains(base_.step)) return;
    keyframes_.emplace(base_.step, Keyframe{base_, bytes_since_keyframe_});
    bytes_since_keyframe_ = 0;
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
}

void Session::apply_until(u32 step) {
    while (base_.step < step) {
        EventSink quiet;
        const u64 before = base_.bytes_copied();
        const u32 printed = base_.physical.log.nr_records;
        apply(base_, ops_[base_.step], quiet);
        if (base_.physical.log.nr_records != printed && (printed_.empty() || printed_.back().step < base_.step - 1))
            printed_.push_back({base_.step - 1, std::nullopt});
        bytes_since_keyframe_ += base_.bytes_copied() - before;
        if (base_.step % interval_ == 0) take_keyframe();
    }
}

void Session::seek(Position to) {
    to.step = std::min(to.step, steps());
    if (to.step == steps()) to.event = 0;
    if (to.step != base_.step) {
        auto nearest = std::prev(keyframes_.upper_bound(to.step));
        if (base_.step > to.step || nearest->first > base_.step) {
            base_ = nearest->second.machine;
            bytes_since_keyframe_ = 0;
        }
        apply_until(to.step);
        events_known_ = false;
    }
    position_ = {to.step, 0};
    if (to.event == 0) {
        current_ = base_;
        return;
    }
    seek_event(to.event);
}

void Session::seek_event(u32 event) {
    if (event >= events_of_current_op().size()) {
        seek({position_.step + 1, 0});
        return;
    }
    position_.event = event;
    current_ = machine_inside(base_, position_);
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
    return at.event == 0 ? before : machine_inside(before, at);
}

void Session::next_event() {
    if (position_.step == steps()) return;
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
    if (!events_known_) {
        events_ = position_.step < steps() ? replay_from(base_, position_.step).events : std::vector<Event>{};
        events_known_ = true;
    }
    return events_;
}

Session::Replay Session::replay_from(Machine machine, u32 step) const {
    Replay replay;
    EventSink sink;
    sink.store_in(&replay.events);
    replay.outcome = apply(machine, ops_[step], sink);
    return replay;
}

Session::Replay Session::replay(u32 step) {
    MM_ASSERT(step < steps());
    if (step == base_.step) return replay_from(base_, step);
    return replay_from(machine_before(step), step);
}

Machine Session::machine_before(u32 step) const {
    auto nearest = std::prev(keyframes_.upper_bound(step));
    Machine machine = base_.step <= step && base_.step > nearest->first ? base_ : nearest->second.machine;
    while (machine.step < step) {
        EventSink quiet;
        apply(machine, ops_[machine.step], quiet);
    }
    return machine;
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
        apply_with_log(machine, ops_[machine.step], nullptr, *printed_[i].text);
        trim_kernel_log(*printed_[i].text);
    }
    return *printed_[logged].text;
}

std::string Session::kernel_log(Position until) {
    until = std::min(until, position_);
    std::string log;
    if (until.event > 0) {
        Machine machine = machine_before(until.step);
        apply_with_log(machine, ops_[until.step], nullptr, log, until.event);
    }
    for (std::size_t i = printed_.size(); i-- > 0 && log.size() <= KERNEL_LOG_BYTES;)
        if (printed_[i].step < until.step) log.insert(0, printed_by(i));
    trim_kernel_log(log);
    return log;
}

} // namespace mm
