#pragma once
// The processes of the machine: what each has in memory, by kind and by who else maps it, to scale; its share of that (PSS), its
// counters; and which of them have pages together.
#include <vector>

#include "views/parts/fold.h"
#include "views/parts/key_cursor.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"
#include "views/process/process_sums.h"

namespace shell {

// A process with what it was before the step.
struct ListedProcess {
    ProcessSum now, was;
    mm::mm_struct mm, mm_was;
    mm::u64 tables = 0, tables_was = 0; // bytes of page tables
    bool fresh = false;                 // it began with the step

    [[nodiscard]] bool is_changed() const;
};
// Those of the machine at the cursor, then those that the step ended.
struct ProcessListing {
    std::vector<ListedProcess> rows;
    std::size_t alive = 0; // of the rows, the first so many
    ProcessSums sums;
};
[[nodiscard]] ProcessListing process_listing(const ViewInput& input);

class ProcessListView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    float draw_head(Frame& frame, float y);
    float draw_legend_of(Frame& frame, float y) const;
    float draw_row(Frame& frame, float y, std::size_t index);
    float draw_bars(Frame& frame, float y, const ListedProcess& row) const;
    float draw_shared(Frame& frame, float y);

    TouchedMoment moment_;
    KeyCursor keys_;
    Fold fold_;
    ProcessListing listing_;
    mm::u64 scale_ = 1; // pages that the width of a bar stands for
};

} // namespace shell
