#include "views/pages/map_layout.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

struct CellRun {
    u32 first = 0;
    u32 end = 0;
};

bool has_frame_of(const mm::physical_memory& mem, u32 slot, pfn_t from, pfn_t to) {
    constexpr u32 chunk = mm::CowArray<mm::page>::CHUNK_ITEMS;
    for (pfn_t pfn = from; pfn < to; ++pfn) {
        const u32 index = pfn - mem.base_pfn;
        if (index % chunk == 0 && mem.mem_map.untouched(index)) {
            pfn += chunk - 1;
            continue;
        }
        const mm::page& page = mem.mem_map[index];
        if (page.state() != mm::page_state::hole && page.zone_slot() == slot) return true;
    }
    return false;
}

// The cells that hold memory of the zone, as runs.
std::vector<CellRun> cells_of(const mm::physical_memory& mem, const mm::zone& zone, u32 slot, u32 cell_order) {
    std::vector<CellRun> runs;
    const u32 end = (zone.end_pfn() + (1u << cell_order) - 1) >> cell_order;
    for (u32 cell = zone.start_pfn >> cell_order; cell < end; ++cell) {
        const pfn_t from = std::max(cell << cell_order, mem.base_pfn);
        const pfn_t to = std::min((cell + 1) << cell_order, mem.end_pfn);
        if (!has_frame_of(mem, slot, from, to)) continue;
        if (!runs.empty() && runs.back().end == cell)
            ++runs.back().end;
        else
            runs.push_back({cell, cell + 1});
    }
    return runs;
}

std::vector<MapRows> rows_of(const std::vector<CellRun>& runs, u32 columns, u32 cell_order) {
    std::vector<MapRows> rows;
    u32 end_cell = 0;
    for (const CellRun& run : runs) {
        const u32 first = run.first / columns;
        const u32 end = (run.end + columns - 1) / columns;
        if (!rows.empty() && first <= rows.back().first_row + rows.back().nr_rows) {
            rows.back().nr_rows = std::max(rows.back().nr_rows, end - rows.back().first_row);
        } else {
            const mm::u64 missing = rows.empty() ? 0 : static_cast<mm::u64>(run.first - end_cell) << cell_order;
            rows.push_back({first, end - first, 0, missing});
        }
        end_cell = run.end;
    }
    return rows;
}

struct Extent {
    u32 rows = 0;
    u32 gaps = 0;
};

Extent extent_of(const std::vector<std::vector<CellRun>>& zones, u32 columns, u32 cell_order) {
    Extent out;
    for (const auto& runs : zones) {
        for (const MapRows& rows : rows_of(runs, columns, cell_order)) {
            out.rows += rows.nr_rows;
            out.gaps += rows.missing_frames > 0;
        }
    }
    return out;
}

} // namespace

std::vector<MapLayout::ZoneKey> MapLayout::keys_of(const mm::physical_memory& mem) {
    std::vector<ZoneKey> keys;
    for (mm::u8 zone : mem.populated) {
        const mm::zone& z = mem.zones[zone];
        keys.push_back({zone, z.start_pfn, z.spanned_pages, z.present_pages});
    }
    return keys;
}

MapLayout::MapLayout(const mm::physical_memory& mem, CellLayout layout, const MapSpace& space)
    : layout_(layout), cell_order_(mem.nr_orders > 0 ? mem.nr_orders - 1u : 0), keys_(keys_of(mem)) {
    std::vector<std::vector<CellRun>> cells;
    for (std::size_t slot = 0; slot < keys_.size(); ++slot)
        cells.push_back(cells_of(mem, mem.zones[keys_[slot].zone], static_cast<u32>(slot), cell_order_));

    fit_scale_ = 0;
    for (u32 columns = 1; columns <= 1024; columns *= 2) {
        const Extent extent = extent_of(cells, columns, cell_order_);
        const double labels = static_cast<double>(cells.size()) * space.header + extent.gaps * space.gap;
        const double height = std::max(space.height - labels, space.height / 8);
        const double scale = std::min(std::max(space.width - space.gutter, 1.0) / (columns * pitch_x()),
                                      height / std::max(extent.rows * pitch_y(), 1.0));
        if (scale > fit_scale_ * 1.001) {
            fit_scale_ = scale;
            columns_ = columns;
        }
    }

    for (std::size_t slot = 0; slot < keys_.size(); ++slot) {
        const mm::zone& zone = mem.zones[keys_[slot].zone];
        MapGroup group;
        group.zone = keys_[slot].zone;
        group.slot = static_cast<mm::u8>(slot);
        group.first_of_node = slot == 0 || mem.zones[keys_[slot - 1].zone].node != zone.node;
        group.first_cell = zone.start_pfn >> cell_order_;
        group.end_cell = (zone.end_pfn() + (1u << cell_order_) - 1) >> cell_order_;
        group.rows = rows_of(cells[slot], columns_, cell_order_);
        groups_.push_back(std::move(group));
    }
    place_groups(space);
}

void MapLayout::place_groups(const MapSpace& space) {
    double y = 0;
    for (MapGroup& group : groups_) {
        group.y = y;
        y += space.header / fit_scale_;
        for (MapRows& rows : group.rows) {
            if (rows.missing_frames > 0) y += space.gap / fit_scale_;
            rows.y = y;
            y += rows.nr_rows * pitch_y();
        }
        group.end_y = y;
    }
    bounds_ = {-space.gutter / fit_scale_, 0, columns_ * pitch_x() - gap(), y};
}

bool MapLayout::fits(const mm::physical_memory& mem, CellLayout layout) const {
    return layout == layout_ && mem.nr_orders == cell_order_ + 1 && keys_ == keys_of(mem);
}

std::optional<Box> MapLayout::cell_box(const MapGroup& group, u32 cell) const {
    const u32 row = cell / columns_;
    for (const MapRows& rows : group.rows) {
        if (row < rows.first_row || row >= rows.first_row + rows.nr_rows) continue;
        const double x = (cell % columns_) * pitch_x();
        const double y = rows.y + (row - rows.first_row) * pitch_y();
        return Box{x, y, x + cell_width(), y + cell_height()};
    }
    return std::nullopt;
}

const MapGroup* MapLayout::group_of(const mm::physical_memory& mem, pfn_t pfn) const {
    if (!mem.pfn_valid(pfn)) return nullptr;
    const mm::page& page = mem.page_at(pfn);
    const bool hole = page.state() == mm::page_state::hole;
    const u32 cell = pfn >> cell_order_;
    for (const MapGroup& group : groups_) {
        if (!hole && group.slot == page.zone_slot()) return &group;
        if (hole && cell >= group.first_cell && cell < group.end_cell) return &group;
    }
    return nullptr;
}

std::optional<Box> MapLayout::block_box(const mm::physical_memory& mem, pfn_t pfn, u32 order) const {
    const MapGroup* group = group_of(mem, pfn);
    if (!group) return std::nullopt;
    const std::optional<Box> cell = cell_box(*group, pfn >> cell_order_);
    if (!cell) return std::nullopt;
    order = std::min(order, cell_order_);
    const u32 offset = pfn & ((1u << cell_order_) - 1) & ~((1u << order) - 1);
    const FrameRect r = block_rect(offset, order, cell_order_, layout_);
    return Box{cell->x0 + r.x, cell->y0 + r.y, cell->x0 + r.x + r.w, cell->y0 + r.y + r.h};
}

std::optional<MapLayout::Place> MapLayout::place_at(Point world) const {
    if (world.x < 0 || world.x >= columns_ * pitch_x()) return std::nullopt;
    const u32 column = static_cast<u32>(world.x / pitch_x());
    const double x = world.x - column * pitch_x();
    if (x >= cell_width()) return std::nullopt;
    for (const MapGroup& group : groups_) {
        for (const MapRows& rows : group.rows) {
            const double below = world.y - rows.y;
            if (below < 0 || below >= rows.nr_rows * pitch_y()) continue;
            const u32 row = static_cast<u32>(below / pitch_y());
            const double y = below - row * pitch_y();
            const u32 cell = (rows.first_row + row) * columns_ + column;
            if (y >= cell_height() || cell < group.first_cell || cell >= group.end_cell) return std::nullopt;
            const u32 frame = frame_at(static_cast<u32>(x), static_cast<u32>(y), cell_order_, layout_);
            return Place{&group, (cell << cell_order_) + frame};
        }
    }
    return std::nullopt;
}

} // namespace shell
