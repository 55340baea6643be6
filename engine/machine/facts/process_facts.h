#pragma once
// What one asks about the processes of a machine.
#include "machine/machine.h"

namespace mm {

// The process that an op makes or is about; MM_NONE: none that is there.
[[nodiscard]] mm_id process_of_op(const Machine& machine, const Op& op);
// The first that is there; MM_NONE: none is.
[[nodiscard]] mm_id first_process(const process_memory& proc);
[[nodiscard]] bool has_process(const process_memory& proc, mm_id id);

} // namespace mm
