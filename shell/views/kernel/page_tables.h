#pragma once
// The tables of one address space as a tree: each table with its entries, below the one that names it.
//
//   pgd  [0x40a31]  ffff000000000000  1 set      ░░░░▓░░░
//    pud  [0x45341]  ffff800000000000  1 set     ▓░░░░░░░
//     pmd  ...                                                   from the leaf upwards each level has its colour
//
// By start address, a table before those below it: that is the order of a walk through all of it. Pressing an entry selects
// its address, pressing a table's frame selects the frame.
#include <vector>

#include "machine/facts/shown_address.h"
#include "views/parts/cell_grid.h"
#include "views/parts/scroll_area.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

class PageTablesView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The number of the space that the person chose.
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    [[nodiscard]] mm::space_id shown_space(const ViewInput& input) const;
    void collect(const ViewInput& input, mm::space_id space);
    float draw_head(Frame& frame, float y);
    float draw_legend_of(Frame& frame, float y) const;
    [[nodiscard]] int lowest_touched_level(const mm::mmu_memory& mmu) const;
    float draw_table(Frame& frame, mm::table_id id, float y) const;
    void draw_entries(Frame& frame, mm::table_id id, const GridShape& shape) const;

    TouchedMoment moment_;
    std::vector<mm::table_id> tables_; // of the shown space, in the order of the tree
    std::vector<mm::TouchedEntries> touched_;
    mm::TouchedEntries latest_; // those that the op touched last, in a table of the lowest level that it has touched
    ImVec2 room_{};             // that the picture had
    int frames_to_follow_ = 0;
    mm::space_id space_ = mm::SPACE_NONE;  // that tables_ belongs to
    mm::space_id chosen_ = mm::SPACE_NONE; // by the person
    mm::u64 mapped_ = 0;                   // bytes
};

} // namespace shell
