#include "views/pages/memblock.h"

#include <imgui.h>

#include <algorithm>

#include "base/hex.h"
#include "json.h"
#include "physical/memblock_profile.h"
#include "views/pages/memblock_words.h"
#include "views/parts/cell_grid.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::memblock_list;
using mm::memblock_region;
using mm::memblock_state;
using mm::memblock_type;
using mm::phys_addr_t;
using mm::u32;
using mm::u64;

constexpr float MARGIN = 12, BAR = 22, BAR_GAP = 4, ROW = 20, BETWEEN = 14, LABEL = 70;
constexpr float SHORT_PIECE = 22, LEAST_WIDTH = 2, SLOT = 7;
constexpr memblock_list LISTS[] = {memblock_list::memory, memblock_list::reserved};

std::string list_name(memblock_list which) {
    return std::string(mm::memblock_list_names[static_cast<std::size_t>(which)]);
}

BlockInk memory_ink(const Palette& p) { return {p.paper, p.free, Pattern::hollow}; }
BlockInk reserved_ink(const Palette& p) { return {p.reserved, p.reserved, Pattern::solid}; }
BlockInk hole_ink(const Palette& p) { return {p.hole, p.muted, Pattern::crossed}; }
BlockInk ink_of(const Palette& p, memblock_list which) {
    return which == memblock_list::memory ? memory_ink(p) : reserved_ink(p);
}

std::string range_text(const memblock_region& region) {
    return mm::address_hex(region.base) + "–" + mm::address_hex(region.end());
}

bool is_empty(const memblock_state& blocks) { return blocks.memory.regions.empty() && blocks.reserved.regions.empty(); }

u64 free_bytes(const memblock_state& blocks) {
    u64 bytes = 0;
    for (const mm::memblock_hole& hole : mm::memblock_holes(blocks)) bytes += hole.end - hole.start;
    return bytes;
}

// Pages of an array that was allocated.
u64 array_pages(const mm::memblock_config& config, u32 max) {
    return (mm::memblock_array_bytes(config, max) + config.page_size - 1) / config.page_size;
}

} // namespace

// ---- the scale -------------------------------------------------------------------------------------------------------

AddressScale::AddressScale(const memblock_state& blocks, float x0, float x1) {
    std::vector<memblock_region> all = blocks.memory.regions;
    all.insert(all.end(), blocks.reserved.regions.begin(), blocks.reserved.regions.end());
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
    u64 covered = 0;
    for (const memblock_region& region : all) {
        const phys_addr_t reached = pieces_.empty() ? region.base : pieces_.back().end;
        if (region.base > reached) pieces_.push_back({reached, region.base, true});
        const phys_addr_t from = std::max(region.base, reached);
        if (region.end() <= from && !pieces_.empty()) continue;
        covered += region.end() - from;
        if (!pieces_.empty() && !pieces_.back().shortened)
            pieces_.back().end = region.end();
        else
            pieces_.push_back({from, region.end(), false});
    }
    // A gap that is small beside what is covered is drawn as long as it is.
    u64 drawn = covered;
    float nr_short = 0;
    for (Piece& piece : pieces_) {
        if (!piece.shortened) continue;
        piece.shortened = piece.end - piece.start > covered / 16;
        if (piece.shortened)
            ++nr_short;
        else
            drawn += piece.end - piece.start;
    }
    const float short_width = nr_short > 0 ? std::min(SHORT_PIECE, (x1 - x0) / 2 / nr_short) : 0;
    const float rest = x1 - x0 - nr_short * short_width;
    float x = x0;
    for (Piece& piece : pieces_) {
        const double share =
            static_cast<double>(piece.end - piece.start) / static_cast<double>(std::max<u64>(drawn, 1));
        piece.x0 = x;
        x += piece.shortened ? short_width : rest * static_cast<float>(share);
        piece.x1 = x;
    }
}

float AddressScale::x_of(phys_addr_t address) const {
    if (pieces_.empty()) return 0;
    for (const Piece& piece : pieces_) {
        if (address > piece.end) continue;
        const u64 length = std::max<u64>(piece.end - piece.start, 1);
        const double part = static_cast<double>(address - std::min(address, piece.start)) / static_cast<double>(length);
        return piece.x0 + (piece.x1 - piece.x0) * static_cast<float>(part);
    }
    return pieces_.back().x1;
}

// ---- the view --------------------------------------------------------------------------------------------------------

struct MemblockView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const memblock_state& blocks;
    mm::memblock_config config;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;

    // Its first frame; none where there is no struct page.
    [[nodiscard]] std::optional<mm::pfn_t> frame_of(const memblock_region& region) const {
        const mm::physical_memory& mem = input.moment.at.physical;
        const mm::pfn_t pfn = mem.pfn_of(region.base);
        if (mem.stage == mm::boot_stage::none || !mem.pfn_valid(pfn)) return std::nullopt;
        return pfn;
    }
    void point_at(memblock_list which, std::size_t index) const {
        const memblock_region& region = blocks.list(which).regions[index];
        std::string node;
        if (region.nid != mm::NUMA_NO_NODE)
            node = "  " + std::string(pen.say(words::NODE)) + " " + std::to_string(region.nid);
        ImGui::SetTooltip("%s[%zu]  %s\n%s%s", list_name(which).c_str(), index, range_text(region).c_str(),
                          size_text(region.size).c_str(), node.c_str());
        const auto pfn = frame_of(region);
        if (!pfn || !area.pressed()) return;
        actions.select = true;
        actions.selection = {Selection::Kind::pfn, static_cast<mm::i64>(*pfn), 0, 0};
    }
};

bool MemblockView::is_touched(const memblock_region& region) const {
    return std::binary_search(touched_.begin(), touched_.end(), region.base) ||
           std::binary_search(touched_.begin(), touched_.end(), region.end());
}

void MemblockView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (new_moment) touched_ = told_so_far(input, mm::Unit::phys_address);
    keys_.listen(input.canvas.focused);
    // What is told where there are no lists is not scrolled as the lists were.
    const bool has_lists = !is_empty(input.moment.at.physical.memblock) && !input.moment.at.physical.memblock.discarded;
    ScrollArea area(has_lists ? "memblock" : "memblock-none", keys_);
    Pen pen = pen_of(input);
    Frame frame{input,
                actions,
                input.moment.at.physical.memblock,
                mm::memblock_config_of(*input.moment.at.profile),
                area,
                pen,
                area.box().x0 + MARGIN,
                area.box().x1 - MARGIN};
    area.follow(new_moment);
    float y = draw_head(frame, area.box().y0 + 10);
    if (!is_empty(frame.blocks)) {
        y = draw_scale(frame, y);
        for (const memblock_list which : LISTS) {
            y = draw_array(frame, which, y);
            y = draw_regions(frame, which, y);
        }
        if (area.is_low()) y = draw_legend_of(frame, y);
    }
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float MemblockView::draw_head(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words}, note{pen.p.muted, 12, Face::words};
    const memblock_state& blocks = frame.blocks;
    if (blocks.discarded) return pen.paragraph(frame.x0, y, width, pen.say(words::MEMBLOCK_GONE), note);
    pen.text(frame.x0, y, pen.fitted(pen.say(words::MEMBLOCK_TITLE), width, title), title);
    y += 24;
    if (is_empty(blocks)) return pen.paragraph(frame.x0, y, width, pen.say(words::MEMBLOCK_NOTHING), note);
    const memblock_state& before = frame.input.before().physical.memblock;
    const auto change = [](u64 was, u64 now) { return (was == now ? "" : size_text(was) + " → ") + size_text(now); };
    std::string line = change(before.memory.held(), blocks.memory.held()) + " " + pen.say(words::MEMBLOCK_MEMORY) +
                       "   " + change(before.reserved.held(), blocks.reserved.held()) + " " +
                       pen.say(words::MEMBLOCK_RESERVED) + "   " + change(free_bytes(before), free_bytes(blocks)) +
                       " " + pen.say(words::MEMBLOCK_FREE) + "   " +
                       pen.say(blocks.bottom_up ? words::MEMBLOCK_BOTTOM_UP : words::MEMBLOCK_TOP_DOWN);
    if (blocks.current_limit != mm::MEMBLOCK_ALLOC_ANYWHERE)
        line += "   current_limit " + mm::address_hex(blocks.current_limit);
    pen.text(frame.x0, y, pen.fitted(line, width, note), note);
    y += 22;
    return frame.area.is_low() ? y : draw_legend_of(frame, y);
}

float MemblockView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const std::vector<LegendItem> legend = {
        {memory_ink(pen.p), pen.say(words::MEMBLOCK_MEMORY), {}},
        {reserved_ink(pen.p), pen.say(words::MEMBLOCK_RESERVED), {}},
        {hole_ink(pen.p), pen.say(words::MEMBLOCK_HOLE), {}},
        {{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}}};
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

float MemblockView::draw_scale(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const AddressScale scale(frame.blocks, frame.x0 + LABEL, frame.x1);
    const float top = y;
    for (const memblock_list which : LISTS) y = draw_bar(frame, scale, which, y);
    const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
    float free_from = frame.x0;
    for (const AddressScale::Piece& piece : scale.pieces()) {
        if (piece.shortened) {
            const float edge = std::min(4.0f, (piece.x1 - piece.x0) / 4);
            pen.block(pen.snap(Rect{piece.x0 + edge, top, piece.x1 - edge, y - BAR_GAP}), hole_ink(pen.p));
            continue;
        }
        const std::string start = mm::address_hex(piece.start);
        if (piece.x0 < free_from || piece.x0 + pen.width_of(start, small) > frame.x1) continue;
        pen.text(piece.x0, y, start, small);
        free_from = piece.x0 + pen.width_of(start, small) + 10;
    }
    return y + 14 + BETWEEN;
}

float MemblockView::draw_bar(Frame& frame, const AddressScale& scale, memblock_list which, float y) const {
    Pen& pen = frame.pen;
    pen.text(frame.x0, y + 4, list_name(which), {pen.p.ink, 12, Face::mono});
    const std::vector<memblock_region>& regions = frame.blocks.list(which).regions;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const float from = scale.x_of(regions[i].base), to = scale.x_of(regions[i].end());
        const Rect box = pen.snap(Rect{from, y, std::max(to, from + LEAST_WIDTH), y + BAR});
        pen.block(box, ink_of(pen.p, which));
        if (is_touched(regions[i])) pen.outline(box.grown(1), pen.p.accent, 2);
        frame.area.offer(box);
        if (box.contains(frame.area.pointer())) frame.point_at(which, i);
    }
    return y + BAR + BAR_GAP;
}

// As many cells as the array has room for.
float MemblockView::draw_array(Frame& frame, memblock_list which, float y) const {
    Pen& pen = frame.pen;
    const memblock_type& list = frame.blocks.list(which);
    const float width = frame.x1 - frame.x0;
    const TextLook name{pen.p.ink, TEXT_NORMAL, Face::mono}, note{pen.p.muted, 12, Face::words};
    const auto number = [](u64 value) { return grouped(static_cast<mm::i64>(value)); };
    const u64 bytes = mm::memblock_array_bytes(frame.config, list.max);
    std::string line =
        mm::filled(pen.say(words::MEMBLOCK_REGIONS), number(list.regions.size()), number(list.max)) + "   ";
    if (list.array == 0)
        line += mm::filled(pen.say(words::MEMBLOCK_STATIC), number(list.max), size_text(frame.config.region_bytes));
    else
        line += mm::filled(pen.say(words::MEMBLOCK_ALLOCATED),
                           size_text(array_pages(frame.config, list.max) * frame.config.page_size),
                           mm::address_hex(list.array));
    line += " = " + size_text(bytes) + "   ";
    if (!frame.blocks.can_resize)
        line += pen.say(words::MEMBLOCK_NO_DOUBLE);
    else if (list.max < mm::MAX_MEMBLOCK_REGIONS)
        line += mm::filled(pen.say(words::MEMBLOCK_NEXT), number(list.max * 2),
                           size_text(array_pages(frame.config, list.max * 2) * frame.config.page_size));
    pen.text(frame.x0, y, list_name(which), name);
    const float indent = pen.width_of(list_name(which), name) + 12;
    pen.text(frame.x0 + indent, y + 1, pen.fitted(line, width - indent, note), note);
    y += 20;
    GridShape shape;
    shape.nr = list.max;
    shape.gap = 1;
    shape.columns = std::clamp(static_cast<u32>((width + 1) / (SLOT + 1)), 1u, std::min(list.max, 128u));
    shape.box = {frame.x0, y, frame.x0 + static_cast<float>(shape.columns) * (SLOT + 1) - 1,
                 y + static_cast<float>(shape.rows()) * (SLOT + 1) - 1};
    CellGrid grid{.shape = shape, .look = [&](u32 slot) {
                      CellLook cell;
                      const bool used = slot < list.regions.size();
                      cell.ink = used ? ink_of(pen.p, which) : BlockInk{pen.p.paper, pen.p.faint, Pattern::hollow};
                      if (used && which == memblock_list::memory) cell.ink = {pen.p.free, pen.p.free, Pattern::solid};
                      if (used && is_touched(list.regions[slot])) cell.mark = pen.p.accent;
                      return cell;
                  }};
    const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer());
    if (under && *under < list.regions.size()) frame.point_at(which, *under);
    return shape.box.y1 + 8;
}

float MemblockView::draw_regions(Frame& frame, memblock_list which, float y) const {
    const std::size_t count = frame.blocks.list(which).regions.size();
    for (std::size_t i = 0; i < count; ++i, y += ROW) {
        const Rect row{frame.x0, y, frame.x1, y + ROW};
        if (is_touched(frame.blocks.list(which).regions[i])) frame.area.touched(y, ROW);
        if (frame.area.sees(row)) draw_region(frame, which, i, row);
    }
    return y + BETWEEN;
}

void MemblockView::draw_region(Frame& frame, memblock_list which, std::size_t index, const Rect& row) const {
    Pen& pen = frame.pen;
    const memblock_region& region = frame.blocks.list(which).regions[index];
    const bool touched = is_touched(region);
    const TextLook mono{touched ? pen.p.accent : pen.p.ink, 12, Face::mono}, note{pen.p.muted, 12, Face::words};
    std::string text = list_name(which) + "[" + std::to_string(index) + "]  " + range_text(region);
    if (region.base == frame.blocks.memory.array || region.base == frame.blocks.reserved.array) text += "  *";
    std::string size = size_text(region.size);
    if (region.nid != mm::NUMA_NO_NODE)
        size += "   " + std::string(pen.say(words::NODE)) + " " + std::to_string(region.nid);
    const float right = pen.width_of(size, note);
    pen.text(row.x0 + 8, row.y0 + 3, pen.fitted(text, row.width() - right - 24, mono), mono);
    pen.text_right(row.x1, row.y0 + 3, size, note);
    if (touched) pen.fill({row.x0, row.y0 + 2, row.x0 + 3, row.y1 - 2}, pen.p.accent);
    frame.area.offer(row);
    if (row.contains(frame.area.pointer())) frame.point_at(which, index);
}

Mirror MemblockView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const memblock_state& blocks = machine.physical.memblock;
    Mirror out{.caption = teller.say(words::MEMBLOCK_TITLE)};
    if (blocks.discarded) out.note = teller.say(words::MEMBLOCK_GONE);
    if (!blocks.discarded && is_empty(blocks)) out.note = teller.say(words::MEMBLOCK_NOTHING);
    out.columns = {teller.say(mirror_text::RANGE), teller.say(mirror_text::END), teller.say(mirror_text::SIZE),
                   teller.say(words::NODE)};
    const std::vector<u64> told = told_so_far(input, mm::Unit::phys_address);
    const auto is_told = [&](u64 address) { return std::binary_search(told.begin(), told.end(), address); };
    const mm::physical_memory& mem = machine.physical;
    for (const memblock_list which : LISTS) {
        if (blocks.discarded) break;
        const memblock_type& list = blocks.list(which);
        out.add({{mm::filled(teller.say(mirror_text::ARRAY), {}, list_name(which)), "",
                  mm::filled(teller.say(words::MEMBLOCK_REGIONS), grouped(static_cast<mm::i64>(list.regions.size())),
                             grouped(list.max)),
                  ""}});
        for (const memblock_region& region : list.regions) {
            const mm::pfn_t pfn = mem.pfn_of(region.base);
            const bool has_page = mem.stage != mm::boot_stage::none && mem.pfn_valid(pfn);
            out.add({{list_name(which) + " " + mm::address_hex(region.base), mm::address_hex(region.end()),
                      size_text(region.size), region.nid == mm::NUMA_NO_NODE ? "" : std::to_string(region.nid)},
                     has_page ? Selection{Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0} : Selection{},
                     touched_if(is_told(region.base) || is_told(region.end()))});
        }
    }
    return out;
}

std::string MemblockView::describe(const ViewInput& input) const {
    const memblock_state& blocks = input.moment.at.physical.memblock;
    if (blocks.discarded) return to_text(Json{{"discarded", true}});
    const mm::memblock_config config = mm::memblock_config_of(*input.moment.at.profile);
    Json out{{"bottom_up", blocks.bottom_up}, {"can_resize", blocks.can_resize}, {"free", free_bytes(blocks)}};
    for (const memblock_list which : LISTS) {
        const memblock_type& list = blocks.list(which);
        Json regions = Json::array();
        for (const memblock_region& region : list.regions) {
            Json item{{"start", mm::address_hex(region.base)}, {"end", mm::address_hex(region.end())}};
            if (region.nid != mm::NUMA_NO_NODE) item["node"] = region.nid;
            regions.push_back(std::move(item));
        }
        Json told{{"cnt", mm::memblock_cnt(config.rules, list)},
                  {"max", list.max},
                  {"total_size", list.total_size},
                  {"array_bytes", mm::memblock_array_bytes(config, list.max)}};
        if (list.array != 0) told["array"] = mm::address_hex(list.array);
        told["regions"] = std::move(regions);
        out[list_name(which)] = std::move(told);
    }
    return to_text(out);
}

} // namespace shell
