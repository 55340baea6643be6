#pragma once
// The ops of the session on SLUB, SLAB and SLOB, side by side: pages over the steps, where the bytes are at the cursor, and
// the numbers.
//
//   pages ┤        ____ SLAB          bytes   SLUB [asked====|round|free...|rest]
//         ┤   ____/____ SLUB                  SLAB [asked====|r|free|rest]
//         └──────┊───────── step              SLOB [asked====|r|free]
//                cursor                       table of numbers
//
// The comparison goes on a little with every frame, until it is done; then the view is at rest.
#include <memory>

#include "machine/compare_allocators.h"
#include "views/parts/scroll_area.h"
#include "views/parts/view.h"

namespace shell {

class CompareView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    [[nodiscard]] bool fits(const ViewInput& input) const; // the comparison is of this session
    float draw_title(Pen& pen, const Rect& box, float y) const;
    float draw_chart(const ViewInput& input, Pen& pen, const Rect& box, float y, ImVec2 pointer) const;
    float draw_bytes(Pen& pen, const Rect& box, float y, mm::u32 step) const;
    float draw_table(Pen& pen, const Rect& box, float y, mm::u32 step) const;

    std::unique_ptr<mm::Comparison> comparison_;
    mm::u32 session_ = 0; // ViewInput::session_number
    mm::u32 steps_ = 0;   // of that session
};

} // namespace shell
