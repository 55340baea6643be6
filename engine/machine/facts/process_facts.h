#pragma once
// What one asks about the processes of a machine.
#include <optional>
#include <string>

#include "machine/machine.h"
#include "machine/narrate.h"

namespace mm {

// The process that an op makes or is about; MM_NONE: none that is there.
[[nodiscard]] mm_id process_of_op(const Machine& machine, const Op& op);
// The first that is there; MM_NONE: none is.
[[nodiscard]] mm_id first_process(const process_memory& proc);
[[nodiscard]] bool has_process(const process_memory& proc, mm_id id);

// What a process has at an address.
struct MappingFacts {
    mm_id process = MM_NONE;
    u64 address = 0;
    vma_id vma = VMA_NONE;      // VMA_NONE: nothing is mapped
    u64 start = 0, end = 0;     // of the VMA, else of the hole
    bool grows_down_to = false; // of a hole: the VMA above it may grow down
};
// nullopt: the space is no process's, or the address the kernel's.
[[nodiscard]] std::optional<MappingFacts> mapping_of(const Machine& machine, u64 address, space_id space);
// "process 300 (/bin/p): 0x400000 to 0x405000, r-xp, /bin/p from 0x1000".
[[nodiscard]] std::string mapping_text(const Machine& machine, const MappingFacts& facts, Language language);

} // namespace mm
