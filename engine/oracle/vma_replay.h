#pragma once
// What the comparisons of processes share. Only the oracle includes it.
#include "oracle/oracle.h"
#include "process/calls.h"
#include "recording/forkrand.h"
#include "recording/limits.h"
#include "recording/numa.h"
#include "recording/vma.h"

namespace mm {

// Processes on a recorded machine: its kernel, and what its sysctls say.
[[nodiscard]] process_memory recorded_process_memory(const OracleMachine& machine);
// A process as it was found. `maps` has the names of the VMAs.
[[nodiscard]] mm_id start_recorded_process(process_memory& proc, const RecordedMm& recorded,
                                           const std::vector<RecordedMapsLine>& maps, EventSink& sink);

// A program's mappings, call by call.
void compare_vmas(const OracleMachine& machine, const RecordedVmaLog& recorded, FactLog& log);

// What it met at its limits.
void compare_limits(const OracleMachine& machine, const RecordedLimits& recorded, FactLog& log);
// Random calls, accesses and forks in up to six processes: results, faults, the frame of every page.
void compare_forkrand(const OracleMachine& machine, const RecordedForkLog& recorded, FactLog& log);

// Which node pages came from, where nothing but the CPU decides it.
void compare_numa(const OracleMachine& machine, const RecordedNuma& recorded, FactLog& log);

// Cases of the kernel's own tests (JSON), as one of the kernels that they were run on.
struct TestedKernel {
    kernel_version version;
    architecture arch;
};
[[nodiscard]] std::optional<Error> compare_kernel_tests(std::string_view text, const TestedKernel& kernel,
                                                        FactLog& log);

} // namespace mm
