#pragma once
// The index of a process's VMAs as a tree: by address, each node with the longest hole at and below it, and the way of the
// step's last search for a hole.
#include <optional>
#include <vector>

#include "process/mm.h"
#include "views/parts/key_cursor.h"
#include "views/parts/touched_moment.h"
#include "views/parts/tree_picture.h"
#include "views/parts/view.h"
#include "views/process/process_choice.h"
#include "views/process/space_picture.h"

namespace shell {

// The VMAs that a search for a hole at this address passes, from the root on.
[[nodiscard]] std::vector<mm::vma_id> way_to(const mm::process_memory& proc, mm::mm_id process, mm::u64 address);

class VmaTreeView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] std::string look() const override { return choice_.look(); }
    void look_at(std::string_view text) override { choice_.look_at(text); }
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    void collect(const ViewInput& input, mm::mm_id process);
    float draw_head(Frame& frame, float y);
    float draw_legend_of(Frame& frame, float y) const;
    float draw_nodes(Frame& frame, float y) const;

    TouchedMoment moment_;
    ProcessChoice choice_;
    KeyCursor keys_;
    TreePicture tree_;
    SpacePicture picture_;
    std::vector<mm::vma_id> way_; // of the search, as the tree was
    mm::mm_id process_ = mm::MM_NONE;
};

} // namespace shell
