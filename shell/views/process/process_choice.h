#pragma once
// Which process a view shows: the one that the person chose, else the one that the step is about, else the one whose address is
// selected, else the first.
#include <optional>
#include <string>
#include <string_view>

#include "views/parts/chip.h"
#include "views/parts/view.h"

namespace shell {

// The process that the step is about, or makes; MM_NONE: none.
[[nodiscard]] mm::mm_id process_of_step(const mm::Moment& moment);
// The selected address, when it is one of the process.
[[nodiscard]] std::optional<mm::u64> selected_in(const ViewInput& input, mm::mm_id process);
// As Views say it: the space of a process whose address is selected.
[[nodiscard]] Shown process_of_selection(const mm::Machine& machine, const Selection& selection);

class ProcessChoice {
  public:
    // Once a frame, after the moment was noticed. Which process a step is about is seen, whatever was chosen at another step.
    // False: another session came, so that nothing that was chosen before counts.
    bool notice(const ViewInput& input, bool new_moment, bool other_session);
    [[nodiscard]] mm::mm_id shown(const ViewInput& input) const;
    // Chips for the processes that there are; true when one was pressed.
    bool offer(ChipRow& row, const ViewInput& input);
    // In links: the number of the chosen one's space; empty: none was chosen.
    [[nodiscard]] std::string look() const { return chosen_ ? std::to_string(*chosen_) : ""; }
    void look_at(std::string_view text);

  private:
    std::optional<mm::u32> chosen_; // the space of the process
    bool new_look_ = false;         // it was chosen by a link just now
};

} // namespace shell
