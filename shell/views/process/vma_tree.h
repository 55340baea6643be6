#pragma once
// The index of a process's VMAs as the machine's kernel has it: a maple tree, a red-black tree and a list, or an AVL tree and a
// list; and the way of the last search: of the step's own, else of the one for the selected address.
#include <optional>
#include <vector>

#include "process/mm.h"
#include "views/parts/key_cursor.h"
#include "views/parts/touched_moment.h"
#include "views/parts/tree_picture.h"
#include "views/parts/view.h"
#include "views/process/maple_picture.h"
#include "views/process/process_choice.h"
#include "views/process/space_picture.h"
#include "views/process/vma_index_look.h"

namespace shell {

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
    float draw_binary(Frame& frame, float y) const;
    float draw_list(Frame& frame, float y) const;
    float draw_maple_tree(Frame& frame, float y) const;
    void pick(Frame& frame, mm::u64 address) const;
    [[nodiscard]] bool is_touched(const mm::process_memory& proc, mm::vma_id vma) const;
    void mirror_maple(const ViewInput& input, const mm::process_memory& proc, mm::mm_id process, Mirror& out) const;
    void mirror_vmas(const ViewInput& input, const mm::process_memory& proc, mm::mm_id process, Mirror& out) const;

    TouchedMoment moment_;
    ProcessChoice choice_;
    KeyCursor keys_;
    TreePicture tree_;
    SpacePicture picture_;
    std::vector<MapleLevel> levels_;
    std::vector<mm::vma_id> list_; // the VMAs that the strip below has room for
    IndexSearch search_;
    mm::mm_id process_ = mm::MM_NONE;
    std::optional<mm::u64> selected_; // as it was collected
};

} // namespace shell
