// The pages of a VMA as cells: filled where the page tables have a frame.
#include <imgui.h>

#include <algorithm>

#include "base/hex.h"
#include "mmu/page_table.h"
#include "views/process/address_space_frame.h"
#include "views/process/process_words.h"
#include "views/process/vma_look.h"

namespace shell {

namespace {

using mm::u32;
using mm::u64;

constexpr u64 LABELLED_PAGES = 256; // of a longer VMA the pages are drawn small
constexpr u64 MOST_PAGES = 4'096;
constexpr float CELL_HEIGHT = 20, SMALL_CELL = 12, NOTE = 20, PADDING = 6;

} // namespace

AddressSpaceView::PageWindow AddressSpaceView::page_window(const Frame& frame, std::size_t index) const {
    const SpacePiece& piece = picture_.pieces[index];
    const u32 shift = frame.proc.page_shift;
    PageWindow out;
    out.all = (piece.end - piece.start) >> shift;
    const u64 nr = std::min(out.all, MOST_PAGES);
    const bool small = out.all > LABELLED_PAGES;
    const float room = frame.x1 - frame.band_x0, gap = small ? 1.0f : 2.0f;
    const float width =
        small ? SMALL_CELL : frame.pen.width_of("00000000", {frame.pen.p.ink, TEXT_SMALL, Face::mono}) + 4;
    out.shape.columns = std::clamp(static_cast<u32>((room + gap) / (width + gap)), 1u, static_cast<u32>(nr));
    const u64 columns = out.shape.columns;
    if (const auto selected = frame.selected_of(piece); nr < out.all && selected) {
        const u64 page = (*selected - piece.start) >> shift;
        out.first = std::min(page > nr / 2 ? page - nr / 2 : 0, out.all - nr) / columns * columns;
    }
    out.shape.nr = static_cast<u32>(nr);
    out.shape.gap = gap;
    const float cell = (small ? SMALL_CELL : CELL_HEIGHT) + gap;
    out.shape.box = {0, 0, static_cast<float>(columns) * (width + gap) - gap,
                     static_cast<float>(out.shape.rows()) * cell - gap};
    out.above = out.first > 0 ? NOTE : 0;
    out.below = out.end() < out.all ? NOTE : 0;
    out.height = out.above + out.shape.box.height() + out.below + PADDING;
    return out;
}

void AddressSpaceView::draw_pages(Frame& frame, std::size_t index, float y) const {
    Pen& pen = frame.pen;
    const SpacePiece& piece = picture_.pieces[index];
    PageWindow pages = page_window(frame, index);
    const auto note = [&](const Phrase& phrase, u64 nr, float at) {
        pen.text(frame.band_x0, at, mm::filled(pen.say(phrase), grouped(static_cast<mm::i64>(nr))), frame.note_look());
    };
    if (pages.above > 0) note(words::PAGES_BEFORE, pages.first, y);
    const float top = y + pages.above;
    pages.shape.box = {frame.band_x0, top, frame.band_x0 + pages.shape.box.width(), top + pages.shape.box.height()};
    if (pages.below > 0) note(words::PAGES_BEHIND, pages.all - pages.end(), pages.shape.box.y1 + 4);

    const u32 shift = frame.proc.page_shift;
    const auto space = static_cast<mm::space_id>(frame.mm().space);
    const mm::Machine& machine = frame.input.moment.at;
    const auto address_of = [&](u32 cell) { return piece.start + ((pages.first + cell) << shift); };
    const auto frame_of = [&](u32 cell) {
        const mm::walk_result walk = mm::walk(machine.mmu, space, address_of(cell));
        return walk.found ? walk.phys >> machine.physical.page_shift : mm::FRAME_NONE;
    };
    CellGrid grid{.shape = pages.shape, .look = [&](u32 cell) {
                      CellLook look;
                      const mm::frame_t pfn = frame_of(cell);
                      look.ink = page_ink(pen.p, pfn != mm::FRAME_NONE);
                      if (pfn == mm::FRAME_NONE) return look;
                      look.label = hex_pfn(pfn).substr(2);
                      if (moment_.touched().find(static_cast<mm::pfn_t>(pfn), 0)) look.mark = pen.p.accent;
                      return look;
                  }};
    if (const auto selected = frame.selected_of(piece)) {
        const u64 page = (*selected - piece.start) >> shift;
        if (page >= pages.first && page < pages.end()) grid.selected = static_cast<u32>(page - pages.first);
    }
    for_each_seen_cell(pages.shape, frame.area.window(),
                       [&](u32 cell, const Rect& box) { frame.area.offer(box, grid.selected == cell); });
    const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer());
    if (!under) return;
    const mm::frame_t pfn = frame_of(*under);
    const std::string what = pfn == mm::FRAME_NONE ? pen.say(words::PAGE_PROMISED) : "pfn " + hex_pfn(pfn);
    ImGui::SetTooltip("%s\n%s", mm::address_hex(address_of(*under)).c_str(), what.c_str());
    if (frame.area.pressed()) frame.select(address_of(*under));
}

} // namespace shell
