#pragma once
// The parts of trace_text() (narrate.h), one a room that has tracepoints. Empty for its other events.
#include <string>

#include "machine/machine.h"

namespace mm {

[[nodiscard]] std::string physical_trace_text(const Machine& machine, const Event& event);
[[nodiscard]] std::string slab_trace_text(const Machine& machine, const Event& event);

} // namespace mm
