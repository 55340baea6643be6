#pragma once
// A page fault as the tree of the kernel's questions: all of it, quiet, and the way of the step's fault lit, with what decided.
//
//   [Is it an address of user space?  do_page_fault]     no: SIGSEGV
//    |  no entry, level 3
//   [Which VMA has the address?]
//    |- none: [May the VMA above grow down?]             no: SIGSEGV, MAPERR
//   [Does the VMA allow the access?]                     no: SIGSEGV, ACCERR
//
// Where there is little room, only the way, one question below the other, and of the other answers their names.
#include <optional>

#include "views/parts/key_cursor.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"
#include "views/process/fault_lines.h"

namespace shell {

class FaultTreeView final : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The number of the fault that the person chose, from 1.
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    [[nodiscard]] StepFaults faults_of(const ViewInput& input) const;
    float draw_head(Frame& frame, float y);
    float draw_legend_of(Frame& frame, float y);

    TouchedMoment moment_;
    KeyCursor keys_;
    StepFaults faults_;
    std::optional<std::size_t> chosen_; // of the step's faults
    ImVec2 room_{};                     // that the picture had
    int frames_to_follow_ = 0;
    bool new_look_ = false;    // chosen by a link just now
    bool legend_open_ = false; // by the person
};

} // namespace shell
