#pragma once
// Moment: what there is to see where a session's cursor stands. Session::show() makes it in one forward run of its op.
//
//   inside an op, (3, 2)                          at the end of a step, (4, 0)
//
//   before ── event ── event ──┤ event ── ...     before ── event ── event ── event ──┤
//             `- happened -'   at                           `----- happened -----'    at
//
// Invariants, with nr = events.size():
//   at the start     position == (0, 0), no op, no machine before it, no events
//   inside an op     0 < position.event == nr_happened < nr
//   at a step's end  position.event == 0, nr_happened == nr, before->step + 1 == at.step
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "machine/machine.h"

namespace mm {

// `step` ops are applied, and of the next op the first `event` events have happened (0: none).
struct Position {
    u32 step = 0;
    u32 event = 0;
    friend auto operator<=>(const Position&, const Position&) = default;
};

struct Moment {
    Position position;
    // The op that the cursor stands in; at the end of a step the one that made it; nullopt at the start.
    std::optional<Op> op;
    std::optional<Machine> before; // the machine before the op; nullopt at the start
    Machine at;                    // the machine at the cursor
    std::vector<Event> events;     // of the whole op
    u32 nr_happened = 0;           // of them, up to the cursor
    std::ptrdiff_t because = -1;   // index of the one that decided (machine/deciding_event.h); -1: none did

    [[nodiscard]] bool inside_op() const { return position.event > 0; }
    // Where the op stands in the session. Only when there is one.
    [[nodiscard]] u32 op_step() const { return inside_op() ? position.step : position.step - 1; }
    [[nodiscard]] std::span<const Event> happened() const { return std::span(events).first(nr_happened); }
};

// Copies a machine while an op runs on it, as soon as `event` events have happened (0: never).
class CopyAtEvent {
  public:
    // Arms the sink: before the op starts.
    CopyAtEvent(const Machine& running, u32 event, EventSink& sink);
    CopyAtEvent(const CopyAtEvent&) = delete;
    CopyAtEvent& operator=(const CopyAtEvent&) = delete;

    std::unique_ptr<Machine> machine; // null: the op has not so many events

  private:
    const Machine& running_;
};

// The machine when so many events of the op have happened (0: before it): another run of the op, on a copy. The op has that
// many.
[[nodiscard]] Machine machine_at_event(const Machine& before, const Op& op, u32 event);

} // namespace mm
