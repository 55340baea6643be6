#pragma once
// What kmap() maps: the entries of the PKMAP with their counts, and below them each CPU's entries in the fixmap.
//
//   [ ][2][2][/][2][ ]...      the count of an entry; [/]: 1, nobody uses it, but it has not been flushed
//          ▔▔▔                 last_pkmap_nr
//   CPU 0  [48050][43951][ ]   the stack of kmap_atomic() and kmap_local_page(), with the frames
//
// Pressing an entry selects its frame: the map shows where it lies.
#include "kernel/kmap.h"
#include "views/parts/cell_grid.h"
#include "views/parts/scroll_area.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

class PkmapView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    float draw_head(Frame& frame, float y) const;
    float draw_legend_of(Frame& frame, float y) const;
    float draw_table(Frame& frame, float y) const;
    float draw_stacks(Frame& frame, float y) const;

    TouchedMoment moment_;
    std::vector<mm::u64> touched_; // addresses that the op's events name, sorted
};

} // namespace shell
