#pragma once
// Where every frame of the machine stands in the map's world.
//
//   node 0  Normal                  <- header of a group: one zone
//   0x40000 [cell][cell][cell][cell]
//   0x41000 [cell][cell][cell][cell]
//           · 1 GiB not here ·      <- a gap stands for rows without memory of the zone
//   0x80000 [cell][cell]
//
// A cell is one aligned block of the highest order (zorder.h). Columns are a power of two and rows begin at multiples of
// it, so the address tells the place, like in a hex dump. World units are frames.
#include <optional>
#include <vector>

#include "physical/memory.h"
#include "views/pages/zorder.h"
#include "views/parts/camera.h"

namespace shell {

// What the layout must leave room for, in pixels at the scale at which everything fits.
struct MapSpace {
    double width = 0, height = 0; // of the window
    double gutter = 0;            // left of the rows, for their addresses
    double header = 0;            // above each group
    double gap = 0;               // in place of rows without memory
};

struct MapRows {
    mm::u32 first_row = 0; // row r holds the cells [r * columns, (r + 1) * columns)
    mm::u32 nr_rows = 0;
    double y = 0;
    mm::u64 missing_frames = 0; // between this and the rows before it; a gap stands there
};

struct MapGroup {
    mm::u8 zone = 0; // index in physical_memory::zones
    mm::u8 slot = 0; // page::zone_slot of its frames
    bool first_of_node = false;
    mm::u32 first_cell = 0, end_cell = 0; // that the zone spans
    double y = 0;                         // of the header
    double end_y = 0;
    std::vector<MapRows> rows;
};

class MapLayout {
  public:
    MapLayout() = default;
    // Chooses the number of columns that shows all at the largest scale.
    MapLayout(const mm::physical_memory& mem, CellLayout layout, const MapSpace& space);

    // True while zones stand where they stood when this was made.
    [[nodiscard]] bool fits(const mm::physical_memory& mem, CellLayout layout) const;

    [[nodiscard]] const std::vector<MapGroup>& groups() const { return groups_; }
    [[nodiscard]] mm::u32 columns() const { return columns_; }
    [[nodiscard]] mm::u32 cell_order() const { return cell_order_; }
    [[nodiscard]] CellLayout cell_layout() const { return layout_; }
    [[nodiscard]] mm::u32 cell_width() const { return 1u << width_shift(cell_order_); }
    [[nodiscard]] mm::u32 cell_height() const { return 1u << height_shift(cell_order_); }
    [[nodiscard]] double gap() const { return cell_width() / 24.0; } // between cells
    [[nodiscard]] double pitch_x() const { return cell_width() + gap(); }
    [[nodiscard]] double pitch_y() const { return cell_height() + gap(); }
    [[nodiscard]] const Box& bounds() const { return bounds_; }
    [[nodiscard]] double fit_scale() const { return fit_scale_; }

    // The whole cell; nullopt when the group does not show it.
    [[nodiscard]] std::optional<Box> cell_box(const MapGroup& group, mm::u32 cell) const;
    // The block of 2^order frames at pfn, in the group of its zone. nullopt where no memory is shown.
    [[nodiscard]] std::optional<Box> block_box(const mm::physical_memory& mem, mm::pfn_t pfn, mm::u32 order) const;
    [[nodiscard]] const MapGroup* group_of(const mm::physical_memory& mem, mm::pfn_t pfn) const;

    struct Place {
        const MapGroup* group = nullptr;
        mm::pfn_t pfn = 0;
    };
    // The frame at a world point, if that is inside a cell.
    [[nodiscard]] std::optional<Place> place_at(Point world) const;

    // Calls visit(group, rows, row, first column, end column) for each row of cells that `visible` touches.
    template <class Visit>
    void for_each_row(const Box& visible, Visit visit) const;

  private:
    struct ZoneKey {
        mm::u8 zone;
        mm::pfn_t start;
        mm::u32 spanned, present;
        friend bool operator==(const ZoneKey&, const ZoneKey&) = default;
    };
    static std::vector<ZoneKey> keys_of(const mm::physical_memory& mem);
    void place_groups(const MapSpace& space);

    CellLayout layout_ = CellLayout::z_order;
    mm::u32 cell_order_ = 10;
    mm::u32 columns_ = 1;
    double fit_scale_ = 1;
    Box bounds_;
    std::vector<ZoneKey> keys_;
    std::vector<MapGroup> groups_;
};

template <class Visit>
void MapLayout::for_each_row(const Box& visible, Visit visit) const {
    const double last_column = std::min(static_cast<double>(columns_), visible.x1 / pitch_x() + 1);
    if (last_column <= 0) return;
    const mm::u32 end_column = static_cast<mm::u32>(last_column);
    const mm::u32 first_column =
        static_cast<mm::u32>(std::clamp(visible.x0 / pitch_x(), 0.0, static_cast<double>(columns_)));
    for (const MapGroup& group : groups_) {
        if (group.y > visible.y1 || group.end_y < visible.y0) continue;
        for (const MapRows& rows : group.rows) {
            const double first = (visible.y0 - rows.y) / pitch_y();
            const double end = (visible.y1 - rows.y) / pitch_y() + 1;
            const mm::u32 from =
                first <= 0 ? 0 : static_cast<mm::u32>(std::min(first, static_cast<double>(rows.nr_rows)));
            const mm::u32 to = end <= 0 ? 0 : static_cast<mm::u32>(std::min(end, static_cast<double>(rows.nr_rows)));
            for (mm::u32 r = from; r < to; ++r) visit(group, rows, rows.first_row + r, first_column, end_column);
        }
    }
}

} // namespace shell
