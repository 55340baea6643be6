#pragma once
// memblock's two lists to scale, and the arrays behind them.
//
//   memory    [======================]     [=========================================]    holes between regions are shortened
//   reserved  [===]      [==]                                  [=]        [===========]
//             1000                    9f000 100000                                    3ffd6000
//
//   memory    3 of 128 regions   [x][x][x][ ][ ]...    static: 128 × 24 bytes
//   reserved  130 of 256 regions [x][x][x]...          at 0xffe000: 2 pages, reserved themselves; next: 3 pages
//
//   memory[0]  0x1000–0x9f000   632 KiB   node 0
//
// Pressing a region selects its first frame: the map shows where it lies.
#include <vector>

#include "physical/memblock.h"
#include "views/parts/key_cursor.h"
#include "views/parts/scroll_area.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

// Addresses along a line: what the regions of both lists cover has its share of the width, and what is between them, if it is
// long, a short piece.
class AddressScale {
  public:
    AddressScale(const mm::memblock_state& blocks, float x0, float x1);

    [[nodiscard]] float x_of(mm::phys_addr_t address) const;

    struct Piece {
        mm::phys_addr_t start = 0, end = 0;
        bool shortened = false;
        float x0 = 0, x1 = 0;
    };
    [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

  private:
    std::vector<Piece> pieces_; // ascending, without gaps
};

class MemblockView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    float draw_head(Frame& frame, float y) const;
    float draw_legend_of(Frame& frame, float y) const;
    float draw_scale(Frame& frame, float y) const;
    float draw_bar(Frame& frame, const AddressScale& scale, mm::memblock_list which, float y) const;
    float draw_array(Frame& frame, mm::memblock_list which, float y) const;
    float draw_regions(Frame& frame, mm::memblock_list which, float y) const;
    void draw_region(Frame& frame, mm::memblock_list which, std::size_t index, const Rect& row) const;
    [[nodiscard]] bool is_touched(const mm::memblock_region& region) const;

    TouchedMoment moment_;
    std::vector<mm::u64> touched_; // addresses that the op's events name, sorted
    KeyCursor keys_;
};

} // namespace shell
