#pragma once
// The addresses of one process, from low to high: a band to scale with folded holes, and beside it a line for each VMA, as
// /proc/PID/maps has it.
//
//   start_code ─ +------+  r-xp 00400000-0047f000  508 KiB  /bin/prog
//     end_code ─ +------+
//                :      :  hole of 64 KiB
//                +======+  rw-p 00490000-00493000   12 KiB  [heap]      longer
//
// What the step added, took away, cut and merged is marked. A strip in each VMA is filled where pages have frames. A VMA can be
// opened: its pages as cells, with their frames.
#include <optional>
#include <vector>

#include "views/parts/fold.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"
#include "views/process/process_choice.h"
#include "views/process/residency.h"
#include "views/process/space_band.h"
#include "views/process/space_picture.h"

namespace shell {

class AddressSpaceView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection) {
        return process_of_selection(machine, selection);
    }
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The space of the process that the person chose, and where the VMA begins that is opened: "1", "1-400000", "-400000".
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    struct PageWindow;
    void collect(const ViewInput& input, mm::mm_id process);
    void arrange(Frame& frame);
    void place_columns(Frame& frame, const std::vector<bool>& shown) const;
    [[nodiscard]] bool has_part(const Frame& frame, std::size_t index) const;
    [[nodiscard]] std::optional<std::size_t> opened_piece() const;
    [[nodiscard]] PageWindow page_window(const Frame& frame, std::size_t index) const;
    float draw_head(Frame& frame, float y);
    float draw_processes(Frame& frame, float y);
    float draw_counters(Frame& frame, float y) const;
    float draw_legend_of(Frame& frame, float y) const;
    float draw_band(Frame& frame, float y);
    void draw_piece(Frame& frame, std::size_t index);
    void draw_block(Frame& frame, std::size_t index, const Rect& box) const;
    void draw_resident(Frame& frame, std::size_t index, const Rect& box) const;
    [[nodiscard]] const Residency* resident(std::size_t index) const;
    [[nodiscard]] std::string size_of(const Pen& pen, std::size_t index) const;
    void draw_line(Frame& frame, std::size_t index, const Rect& row);
    void draw_open_chip(Frame& frame, std::size_t index, ImVec2 at);
    void draw_pages(Frame& frame, std::size_t index, float y) const;
    float draw_marks(Frame& frame) const;
    void draw_placement(Frame& frame) const;
    void point_at(Frame& frame, std::size_t index) const;
    void zoom(Frame& frame);
    void open(Frame& frame, std::optional<std::size_t> piece);

    TouchedMoment moment_;
    SpacePicture picture_;
    std::vector<Residency> resident_;  // of each piece; empty: not told
    std::vector<std::size_t> touched_; // pieces that the step made something of, or has named
    SpaceBand band_;
    BandRules rules_;         // that band_ was made by
    std::vector<bool> shown_; // for each piece
    ProcessChoice choice_;
    Fold fold_;
    KeyCursor keys_;
    mm::mm_id process_ = mm::MM_NONE;  // that picture_ belongs to
    std::optional<mm::u64> opened_;    // where the VMA begins that is drawn page by page
    std::optional<std::size_t> under_; // the piece under the pointer
    double pinched_ = 1;               // since two fingers came
};

} // namespace shell
