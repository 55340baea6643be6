#pragma once
// What a frame of the view of an address space works on; and what its picture, its mirror and describe() share.
#include <algorithm>

#include "views/parts/cell_grid.h"
#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"
#include "views/process/address_space.h"

namespace shell {

struct SpaceCounter {
    const char* name;
    mm::i64 was, now;
};
[[nodiscard]] std::vector<SpaceCounter> space_counters(const mm::mm_struct& mm, const mm::mm_struct& before);

// Of a piece: the record that it is about, in the machine in which it is there.
[[nodiscard]] const mm::vm_area_struct& record_of(const ViewInput& input, const SpacePiece& piece);
[[nodiscard]] std::string name_of(const ViewInput& input, mm::mm_id process, const SpacePiece& piece);

struct AddressSpaceView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    const mm::process_memory& proc;
    mm::mm_id process;
    std::vector<mm::u64> chosen; // the selected address, or those where the selected frame is mapped
    // The columns: names of marks, the band, lines of text.
    float names = 0, band_x0 = 0, band_x1 = 0, text_x = 0;
    float top = 0;  // of the band
    float line = 0; // the height of one
    bool narrow = false;

    [[nodiscard]] const mm::mm_struct& mm() const { return proc.mms[process]; }
    // Itself, where it began with the step.
    [[nodiscard]] const mm::mm_struct& mm_before() const {
        const mm::process_memory& before = input.before().processes;
        const mm::mm_id was = same_process(before, process, mm().pid);
        return was == mm::MM_NONE ? mm() : before.mms[was];
    }
    [[nodiscard]] const mm::vm_area_struct& record(const SpacePiece& piece) const { return record_of(input, piece); }
    [[nodiscard]] std::string name_of(const SpacePiece& piece) const { return shell::name_of(input, process, piece); }
    [[nodiscard]] std::optional<mm::u64> selected() const {
        return chosen.empty() ? std::nullopt : std::optional(chosen.front());
    }
    // The first that the piece holds.
    [[nodiscard]] std::optional<mm::u64> selected_of(const SpacePiece& piece) const {
        const auto held =
            std::find_if(chosen.begin(), chosen.end(), [&](mm::u64 address) { return piece.holds(address); });
        return held == chosen.end() ? std::nullopt : std::optional(*held);
    }
    [[nodiscard]] bool selects(const SpacePiece& piece) const { return selected_of(piece).has_value(); }
    void select(mm::u64 address) const {
        actions.select = true;
        actions.selection = {Selection::Kind::address, static_cast<mm::i64>(address), static_cast<mm::i64>(mm().space),
                             0};
    }
    [[nodiscard]] TextLook mark_look() const { return {pen.p.muted, TEXT_SMALL, Face::mono}; }
    [[nodiscard]] TextLook note_look() const { return {pen.p.muted, 12, Face::words}; }
};

// The pages of an opened VMA that are drawn: of a long one, those around what is selected.
struct AddressSpaceView::PageWindow {
    mm::u64 all = 0, first = 0; // pages of the VMA, and the first that is drawn
    GridShape shape{};          // from its corner
    float above = 0;            // room for how many are left out before and behind
    float below = 0;
    float height = 0;

    [[nodiscard]] mm::u64 end() const { return first + shape.nr; }
};

} // namespace shell
