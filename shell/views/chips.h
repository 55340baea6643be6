#pragma once
// A list of blocks in list order as a row of chips, head at the left. Only chips in sight cost anything.
#include <functional>
#include <string>
#include <vector>

#include "physical/memory.h"
#include "views/pen.h"

namespace shell {

// A mark on one block of the list.
struct ChipMark {
    mm::pfn_t pfn = mm::PFN_NONE;
    Rgba colour = 0;
    const char* word = ""; // drawn below the chip when it fits; may be empty
    bool gone = false;     // the block has left the list: its chip is drawn before the head or after the tail, dashed
    bool at_tail = false;  // where a block that is gone stood
    float fall = 0;        // pixels above its place: it is still falling
    float glow = 0;
};

struct ChipRow {
    const mm::physical_memory& mem;
    const mm::page_list& list;
    BlockInk ink;
    std::vector<ChipMark> marks;
    mm::pfn_t selected = mm::PFN_NONE;
};

struct DrawnChips {
    mm::pfn_t under_pointer = mm::PFN_NONE;
    float end = 0; // where something may stand behind the last chip
};

inline constexpr float CHIP_HEIGHT = 20;

// Scrolls a row by the wheel (sideways, or with Shift) and by dragging; call it while the pointer is over the row.
void scroll_by_pointer(float& scroll);

// Of every chip on this machine: its widest pfn and some room.
[[nodiscard]] float chip_width(const Pen& pen, const mm::physical_memory& mem);

// "head → tail"
[[nodiscard]] std::string direction_text(const Pen& pen);

// Draws the row into `box`, scrolled by `scroll` pixels (kept in range).
DrawnChips draw_chips(Pen& pen, const ChipRow& row, const Rect& box, float& scroll, ImVec2 pointer);

} // namespace shell
