#pragma once
// The address space of vmalloc, from low addresses to high: each area with the frame behind each of its pages.
//
//   0xffff800008000000  vmalloc, 5 KiB          [45340][43951][x]       x: the guard page
//   0xffff800008003000  waits for the purge     [/][/][/]
//   0xffff800008006000  free                    . . . . . . . . 123 TiB . . . . . . .
//
// Pressing a page selects its frame: the map shows where it lies.
#include <vector>

#include "kernel/vmap.h"
#include "views/cell_grid.h"
#include "views/moment.h"
#include "views/scroll_area.h"
#include "views/view.h"

namespace shell {

class VmallocView final : public View {
  public:
    [[nodiscard]] std::string_view id() const override { return "vmalloc"; }
    [[nodiscard]] std::string_view title_en() const override { return "vmalloc"; }
    [[nodiscard]] std::string_view title_zh() const override { return "vmalloc"; }
    [[nodiscard]] ViewGroup group() const override { return ViewGroup::kernel; }
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    float draw_head(Frame& frame, float y) const;
    float draw_area(Frame& frame, mm::vmap_id id, float y) const;
    void draw_pages(Frame& frame, mm::vmap_id id, const GridShape& shape) const;

    Moment moment_;
    std::vector<mm::vmap_id> areas_; // of all states, by address
    std::vector<mm::u64> touched_;   // addresses that the op's events name, sorted
};

} // namespace shell
