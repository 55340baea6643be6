#pragma once
// Which process a view shows: the one that the person chose, else the one that the step is about, else the one whose address or
// whose page is selected, else the first. Where the person selected a frame that the step's process has not, one that maps it.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "views/parts/chip.h"
#include "views/parts/view.h"

namespace shell {

// The process that the step is about, or makes; MM_NONE: none.
[[nodiscard]] mm::mm_id process_of_step(const mm::Moment& moment);
// Where processes have what is selected: the address, or each place that maps the selected frame; by mm and address.
struct SelectedPlace {
    mm::mm_id process = mm::MM_NONE;
    mm::u64 address = 0;
};
[[nodiscard]] std::vector<SelectedPlace> selected_places(const mm::Machine& machine, const Selection& selection);
[[nodiscard]] std::vector<mm::u64> all_selected_in(const ViewInput& input, mm::mm_id process);
// The first of them.
[[nodiscard]] std::optional<mm::u64> selected_in(const ViewInput& input, mm::mm_id process);
// The process that is shown where the person has chosen none. `chosen`: the selection is the person's.
[[nodiscard]] mm::mm_id process_to_show(const mm::Moment& moment, const Selection& selection, bool chosen);
// As Views say it: the space of a process whose address or page is selected.
[[nodiscard]] Shown process_of_selection(const mm::Machine& machine, const Selection& selection);

// Why a machine without processes has none.
[[nodiscard]] const Phrase& why_no_process(const mm::process_memory& proc);

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
