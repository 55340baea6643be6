#pragma once
// All caches of the machine as a table, like slabtop: what each holds and what it costs.
//
//   name          in use  objects  use        size  order  per slab  slabs  memory   on CPUs  partial
//   | kmalloc-64       3       64  [=    ]      64      0        64      1  4 KiB          1        0
//     total …                                                                136 kmalloc caches … hidden: show
//
// Pressing a column's name sorts by it; pressing a cache selects it and opens it.
#include <optional>
#include <string>
#include <vector>

#include "machine/facts/slab_state.h"
#include "views/parts/scroll_area.h"
#include "views/parts/view.h"
#include "views/slab/slab_touched.h"

namespace shell {

class CachesView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    // "size", "-size" for the largest first, "+all" behind it when empty kmalloc caches are shown.
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

    enum class Column : mm::u8 { name, in_use, objects, use, size, order, per_slab, slabs, memory, on_cpus, partial };

  private:
    struct Place {
        Column column = Column::name;
        float x0 = 0, x1 = 0;
    };
    [[nodiscard]] static std::vector<Place> places(float x0, float x1);
    void update(const ViewInput& input);
    void sort() { sort(rows_); }
    void sort(std::vector<mm::CacheNumbers>& rows) const;
    void draw_header(Pen& pen, const std::vector<Place>& columns, const Rect& bar);
    void draw_rows(const ViewInput& input, ViewActions& actions, ScrollArea& area, Pen& pen, bool new_moment);
    void draw_row(const ViewInput& input, Pen& pen, const std::vector<Place>& columns, const mm::CacheNumbers& row,
                  const Rect& box) const;
    void draw_totals(Pen& pen, const Rect& bar);
    void show_tooltip(const ViewInput& input, Pen& pen, const mm::CacheNumbers& row) const;

    Column sort_by_ = Column::memory;
    bool largest_first_ = true;
    bool show_all_ = false;

    std::vector<mm::CacheNumbers> rows_;   // those that are shown, in their order
    std::vector<mm::CacheNumbers> before_; // of all, before the op
    mm::u32 hidden_ = 0;
    mm::u32 empty_ = 0; // kmalloc caches without slabs that are shown
    SlabMoment moment_;
    KeyCursor keys_;
};

} // namespace shell
