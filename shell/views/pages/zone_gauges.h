#pragma once
// Zones as gauges: how much is free, and the watermarks that decide whether a request may have it.
//
//   whole zone   magnified                  A watermark is a fraction of a percent of its zone, so the gauge shows
//     | |        |======|  free 230,291 ^   0 to about three times `high`, beside a thin column of the whole zone.
//     |#|        |======|
//     |#|       -|------|- high 1,460
//     |#|       -|------|- low  1,217
//     |#|       -|------|- min    974   <- the comparison of the moment stands at the line where it is decided
//     |#|       -|- - - |- free − unusable 893: what that line is compared with
#include "views/parts/fold.h"
#include "views/parts/pen.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

class ZoneGaugesView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    TouchedMoment moment_;
    KeyCursor keys_;
    Fold fold_; // zones that the op has nothing to do with
};

} // namespace shell
