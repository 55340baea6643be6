#pragma once
// What a CPU runs, in the words of the view of TLBs: "runs p, ASID 2 of generation 1",
// "runs kswapd0, pid 303, which borrows the mm of p (active_mm), ASID 2 of generation 1".
#include <string>

#include "views/parts/view.h"

namespace shell {

[[nodiscard]] std::string tlb_runs_text(const Teller& teller, const ViewInput& input, mm::u32 cpu);

} // namespace shell
