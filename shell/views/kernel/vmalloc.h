#pragma once
// The address space of vmalloc, from low addresses to high: each area with the frame behind each of its pages.
//
//   0xffff800008000000  vmalloc, 5 KiB          [45340][43951][x]       x: the guard page
//   0xffff800008003000  waits for the purge     [/][/][/]
//   0xffff800008006000  free                    . . . . . . . . 123 TiB . . . . . . .
//
// Or the same areas as the kernel's red-black trees, with the way of the last search for a hole.
//
// Pressing a page selects its frame: the map shows where it lies. Pressing an area of a tree selects its address.
#include <vector>

#include "kernel/vmap.h"
#include "views/parts/tree_picture.h"
#include "views/parts/cell_grid.h"
#include "views/parts/key_cursor.h"
#include "views/parts/scroll_area.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

// The op's last search for a hole, as it went before the hole was taken.
struct HoleSearch {
    std::vector<mm::vmap_id> path; // empty: the op has searched for none
    mm::u64 size = 0;
};
[[nodiscard]] HoleSearch last_search(const ViewInput& input);

class VmallocView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    // "trees" when the areas are shown as trees.
    [[nodiscard]] std::string look() const override { return as_trees_ ? "trees" : ""; }
    void look_at(std::string_view text) override { as_trees_ = text == "trees"; }
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    void collect(const ViewInput& input);
    float draw_head(Frame& frame, float y);
    float draw_legend_of(Frame& frame, float y) const;
    float draw_trees(Frame& frame, float y) const;
    float draw_tree(Frame& frame, const TreePicture& tree, const Phrase& title, float y) const;
    void draw_name(Frame& frame, const mm::vmap_area& area, bool touched, float y) const;
    float draw_area(Frame& frame, mm::vmap_id id, float y) const;
    void draw_pages(Frame& frame, mm::vmap_id id, const GridShape& shape) const;

    TouchedMoment moment_;
    std::vector<mm::vmap_id> areas_; // of all states, by address
    std::vector<mm::u64> touched_;   // addresses that the op's events name, sorted
    mm::vmap_id followed_ = mm::VMAP_NONE;
    TreePicture free_, busy_, lazy_;
    HoleSearch search_;
    KeyCursor keys_;
    bool as_trees_ = false; // the person chose
};

} // namespace shell
