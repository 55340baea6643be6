#pragma once
// The way of a page fault in words: on each node the question, what was answered, and the numbers that decided.
#include <string>
#include <vector>

#include "machine/facts/fault_tree.h"
#include "machine/moment.h"
#include "views/parts/mirror.h"
#include "views/parts/teller.h"

namespace shell {

struct FaultLine {
    mm::fault_node node = mm::fault_node::entry;
    std::string question{}; // of an end: what it is
    std::string answer{};   // empty: not answered yet
    std::string numbers{};
    mm::FaultFunction function{};
    Selection place{}; // what the node is about
};

// The faults of the step up to the cursor, and which of them is looked at.
struct StepFaults {
    std::vector<mm::FaultRun> runs;
    std::size_t shown = 0;

    [[nodiscard]] bool empty() const { return runs.empty(); }
    [[nodiscard]] const mm::FaultRun& run() const { return runs[shown]; }
    // Where its events end.
    [[nodiscard]] mm::u32 end(const mm::Moment& moment) const {
        return shown + 1 < runs.size() ? runs[shown + 1].first : moment.nr_happened;
    }
};
[[nodiscard]] std::vector<FaultLine> fault_lines(const Teller& teller, const mm::Moment& moment,
                                                 const StepFaults& faults);
// "write of 0x400000 · minor: min_flt is 3"
[[nodiscard]] std::string fault_text(const Teller& teller, const mm::Moment& moment, const mm::FaultRun& run);
// It ends in SIGSEGV, SIGBUS or worse.
[[nodiscard]] bool ends_badly(mm::fault_node end);

} // namespace shell
