#pragma once
// Session: time travel. An op log, keyframes of the machine under a byte budget, and a cursor.
//
//   keyframe 0          keyframe 1                 keyframe 2
//   |----op--op--op-----|---op--op--[cursor]--op---|--op--op
//
// An op that takes more work than the budget has left does not run, nor does any op behind it (base/work.h): positions end
// before it, whichever way one comes there.
//
// The cursor stands at a position (machine/moment.h). seek() copies the nearest machine at or before it that there is,
// mostly a keyframe's, and applies the ops between. show() goes to the same place and tells the moment there as well: the
// op, the machine before it, its events. So the ops before that op run with nobody watching, and the op itself once.
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "machine/moment.h"

namespace mm {

inline constexpr u32 MAX_OPS = 4'000'000;

class Session {
  public:
    struct Options {
        u64 keyframe_bytes = 160ull << 20;      // what keyframes may hold besides the machine at the cursor
        u32 first_interval = 768;               // ops between keyframes at first; doubles when the budget is reached
        u64 first_work_interval = u64{1} << 22; // the same in units of work: a keyframe is due when either is reached
        work_budget budget = SCENARIO_WORK;
    };

    explicit Session(Machine start) : Session(std::move(start), Options{}) {}
    Session(Machine start, Options options);

    // Appends ops without applying them. They have passed check_op() or come from the log of another session.
    void append(const Op& op);
    void append(std::span<const Op> ops);

    [[nodiscard]] u32 steps() const { return static_cast<u32>(ops_.size()); }
    [[nodiscard]] std::span<const Op> ops() const { return ops_; }
    [[nodiscard]] const Op& op(u32 step) const { return ops_[step]; }
    [[nodiscard]] Position position() const { return moment_.position; }

    // The machine at the cursor. Inside an op it is the state at that event.
    [[nodiscard]] const Machine& machine() const { return moment_.at; }

    // Moves the cursor; positions past the end stop at the end. The last event of an op
    // completes it: (step, events of the op) and beyond is (step + 1, 0).
    void seek(Position to);
    // The same, and tells the moment there.
    const Moment& show(Position to);
    // What the last show() told, while the cursor stands there.
    [[nodiscard]] const Moment& moment() const;

    // Makes a seek to `step` short, without moving the cursor: runs ops of about `work` units, at least one, on a machine
    // beside it. True: nothing is left to be run before `step`, or before the op that may not run. False: call it again.
    bool prepare(u32 step, u64 work);
    // How far the last prepare() has come.
    [[nodiscard]] u32 prepared() const { return scout_ ? scout_->machine.step : moment_.position.step; }

    // The op that may not run, as soon as a seek or prepare() has come to it.
    struct Refusal {
        u32 step = 0;
        over_work why = over_work::none;
    };
    [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
    // Units of the ops before the cursor's step.
    [[nodiscard]] u64 work() const { return base_.account.work; }
    // Ops that have run so far, on whichever machine: what showing things costs, for tests.
    [[nodiscard]] u64 ops_run() const { return ops_run_; }

    // One event forward or back, entering ops: the finest step.
    void next_event();
    void previous_event();

    // The events of any op and how it ended; seeks on a copy, the cursor stays.
    struct Replay {
        std::vector<Event> events;
        OpOutcome outcome = OpOutcome::done;
    };
    [[nodiscard]] Replay replay(u32 step);
    // The machine at any position, made on a copy; the cursor stays. The op has at least `at.event` events.
    [[nodiscard]] Machine machine_at(Position at) const;

    // What the kernel has printed up to a position that is not behind the cursor's step, at most KERNEL_LOG_BYTES of it
    // (machine/kernel_log.h).
    [[nodiscard]] std::string kernel_log(Position until);
    [[nodiscard]] std::string kernel_log() { return kernel_log(moment_.position); }

    [[nodiscard]] u64 keyframe_count() const { return keyframes_.size(); }
    [[nodiscard]] u64 keyframe_bytes() const;
    // All that the session holds: keyframes, the machine at the cursor and the op log.
    [[nodiscard]] u64 bytes_held() const;

  private:
    struct Keyframe {
        Machine machine;
        u64 bytes = 0; // written since the keyframe before: what the two do not share
        u64 work = 0;  // of the ops before it
    };
    // What is counted on a machine's way through the ops.
    struct Account {
        u64 work = 0; // of the ops before it
        // At the last keyframe that it passed, and bytes written since.
        u64 keyframe_work = 0;
        u64 bytes_since_keyframe = 0;
    };
    struct Reached {
        Machine machine;
        Account account;
    };
    // An op that ran on some machine.
    struct Run {
        OpOutcome outcome = OpOutcome::done;
        over_work over = over_work::none;
        u64 work = 0;
        std::unique_ptr<Machine>
            at_event; // the copy that was asked for; a pointer, so that a Run without costs nothing
    };

    // Appends the events, when somebody wants them, and copies the machine at one of them (0: at none).
    [[nodiscard]] Run run(Machine& machine, u32 step, u64 work_before, std::vector<Event>* events = nullptr,
                          u32 event = 0) const;
    // Runs the next op and accounts for it. An op that may not run leaves no machine.
    [[nodiscard]] Run pass(Reached& at, std::vector<Event>* events = nullptr, u32 event = 0);
    // The machine before `step`, or before the op that may not run.
    [[nodiscard]] Reached reach(u32 step) const;
    // The one nearest to `step` that there is, not behind it.
    [[nodiscard]] Reached nearest(u32 step) const;
    [[nodiscard]] static Reached at_keyframe(const Keyframe& keyframe);
    [[nodiscard]] Machine machine_before(u32 step) const { return reach(step).machine; }
    [[nodiscard]] const std::string& printed_by(std::size_t logged);
    void move_base(u32 step);
    [[nodiscard]] bool tells(u32 step) const;
    [[nodiscard]] bool show_op(u32 event);
    // No position lies behind it.
    [[nodiscard]] u32 last_step() const { return refusal_ ? refusal_->step : steps(); }
    void apply_until(Reached& at, u32 step, u64 work = ~u64{0});
    void take_keyframe(Reached& at);
    void thin_keyframes();

    Options options_;
    std::vector<Op> ops_;
    std::map<u32, Keyframe> keyframes_; // by step; always holds step 0
    u32 interval_;
    u64 work_interval_;
    std::optional<Refusal> refusal_;

    // Steps below those that were reached whose ops have printed something, ascending, and what, once somebody has asked.
    struct Printed {
        u32 step = 0;
        std::optional<std::string> text;
    };
    std::vector<Printed> printed_;

    Reached base_;                 // the state at position().step, before its events
    std::optional<Reached> scout_; // where prepare() has come to
    Moment moment_;                // at the cursor; of a seek() it has the position and the machine alone
    bool told_ = false;            // it is whole
    Account before_;               // of moment_.before
    mutable u64 ops_run_ = 0;
};

} // namespace mm
