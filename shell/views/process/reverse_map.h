#pragma once
// From a frame to every entry that maps it: the frame, the anon_vma or file that it is found by, and the VMAs that the kernel looks
// at, those that do not map it among them.
#include <optional>
#include <vector>

#include "views/parts/key_cursor.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"
#include "views/process/rmap_picture.h"

namespace shell {

class ReverseMapView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    [[nodiscard]] std::optional<mm::pfn_t> shown(const ViewInput& input) const;
    float draw_head(Frame& frame, float y);
    float draw_frame_box(Frame& frame, float y) const;
    float draw_counts(Frame& frame, ImVec2 at, float width) const;
    float draw_middle(Frame& frame, float y) const;
    float draw_rows(Frame& frame, float y) const;
    float draw_row(Frame& frame, float y, const RmapRow& row) const;
    float draw_entry(Frame& frame, ImVec2 at, float width, const RmapRow& row, const TextLook& look) const;
    float draw_legend_of(Frame& frame, float y) const;

    TouchedMoment moment_;
    KeyCursor keys_;
    std::vector<mm::pfn_t> offered_;  // frames of the step
    std::optional<mm::pfn_t> chosen_; // by the person, here
    bool new_look_ = false;
    RmapPicture picture_;
};

} // namespace shell
