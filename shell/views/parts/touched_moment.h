#pragma once
// What a view marks of the moment that it draws: what the op has touched so far, and what of it is new since the moment that
// was drawn before. New marks glow for a quarter of a second.
#include "views/parts/touched.h"
#include "views/parts/view.h"

namespace shell {

class TouchedMoment {
  public:
    // Once a frame. True when the cursor has moved, or the op is another one.
    bool notice(const ViewInput& input);

    [[nodiscard]] const Touched& touched() const { return touched_; }
    // Events from this one on are new.
    [[nodiscard]] mm::u32 new_from() const { return new_from_; }
    // The last notice() met another session.
    [[nodiscard]] bool other_session() const { return other_session_; }
    // 1 when the moment begins, 0 when the glow is over or the person wants no motion.
    [[nodiscard]] float glow(const ViewInput& input) const;

  private:
    mm::u32 session_ = 0; // ViewInput::session_number
    mm::Position position_;
    std::size_t nr_events_ = 0;
    mm::Op op_;
    bool other_session_ = false;
    mm::u32 new_from_ = 0;
    double began_ = -10;
    Touched touched_;
};

// What happened up to the cursor, without what was drawn before: for describe().
[[nodiscard]] Touched touched_so_far(const ViewInput& input);

// What the events up to the cursor named in a unit (addresses, objects), ascending.
[[nodiscard]] std::vector<mm::u64> told_so_far(const ViewInput& input, mm::Unit unit);

} // namespace shell
