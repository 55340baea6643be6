#pragma once
// A linked list as a strip of chips in list order, head at the left: blocks of a free list, pages of a CPU, slabs of a
// node. Items are numbers (a page frame number, an index); how they follow each other is told by functions, and only
// those in sight are asked for.
//
//   [0x46400][0x46800][0x46c00] +201 more
//
// draw_list_strip() draws chips into a box. draw_list_row() adds what every list has that a person can point at:
// selection, scrolling along the row, "empty".
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "physical/memory.h"
#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"

namespace shell {

// A mark on one item of the list.
struct StripMark {
    mm::u64 item = 0;
    Rgba colour = 0;
    const char* word = ""; // drawn below the chip when it fits; may be empty
    bool gone = false;     // the item has left the list: its chip is drawn before the head or after the tail, dashed
    bool at_tail = false;  // where an item that is gone stood
    float fall = 0;        // pixels above its place: it is still falling
    float glow = 0;
};

struct ListStrip {
    mm::u32 nr = 0;                                 // items
    std::function<mm::u64(mm::u32 index)> at;       // the item so many places from the head
    std::function<mm::u64(mm::u64 item)> next;      // the item after one that is not the last
    std::function<std::string(mm::u64 item)> label; // what stands on the chip
    std::function<BlockInk(mm::u64 item)> ink;      // and how it is drawn
    float chip_width = 60;                          // of all
    std::vector<StripMark> marks{};
    std::optional<mm::u64> selected{};
};

// A strip of pages by their number, on a list of `mem`. Marks and the selection are for the caller to add.
[[nodiscard]] ListStrip page_strip(const Pen& pen, const mm::physical_memory& mem, const mm::page_list& list,
                                   const BlockInk& ink);

// Leaves the latest `most` of the items that are gone.
void keep_latest_gone(std::vector<StripMark>& marks, std::size_t most);

inline constexpr float STRIP_CHIP_HEIGHT = 20;

// Of chips with labels like this one.
[[nodiscard]] float chip_width(const Pen& pen, std::string_view widest_label);

// How far below the upper edge of a row of this height its chips stand: at the top where a word fits below them, else
// in the middle.
[[nodiscard]] float chip_top(float row_height);

struct DrawnStrip {
    std::optional<mm::u64> under_pointer;
    float end = 0; // where something may stand behind the last chip
    std::vector<std::pair<mm::u64, Rect>> chips{};
};

// Draws the strip into `box`, its chips at the upper edge, scrolled by `scroll` pixels (kept in range).
DrawnStrip draw_list_strip(Pen& pen, const ListStrip& strip, const Rect& box, float& scroll, ImVec2 pointer);

struct ListRow {
    ListStrip strip;
    Rect box;              // of the row: the chips, and what reacts to the pointer
    bool selected = false; // the list itself
    bool searched = false; // the current op looked here and found nothing
    bool says_empty = true;
};

struct ListRowAnswer {
    bool pressed = false;             // here, on an item or beside one
    std::optional<mm::u64> item = {}; // under the pointer
};

ListRowAnswer draw_list_row(Pen& pen, const ListRow& row, const ScrollArea& area, float& scroll);

// A colour, the list's name and, where there is room up to x1, "head → tail". Returns where the text ends.
float draw_list_name(Pen& pen, float x, float y, float x1, Rgba colour, const std::string& name);

} // namespace shell
