#pragma once
// What an address is to the process whose it is: in which VMA it lies, or in which hole between two.
#include <string>
#include <vector>

#include "machine/machine.h"
#include "machine/narrate.h"

namespace mm {

struct VmaFacts {
    mm_id process = MM_NONE; // NONE: the space is no process's, and nothing else is known
    vma_id vma = VMA_NONE;   // NONE: it lies in a hole, or behind all addresses that a program may use
    u64 start = 0, end = 0;  // of the VMA, or of the hole

    [[nodiscard]] bool in_hole() const { return process != MM_NONE && vma == VMA_NONE; }
};
[[nodiscard]] VmaFacts vma_facts_of(const process_memory& proc, space_id space, u64 address);

// "process 300 /bin/prog, VMA rw-p [heap] from 0x490000 to 0x4b1000"; empty: the space is no process's.
[[nodiscard]] std::string vma_facts_text(const process_memory& proc, const VmaFacts& facts, Language language);

// The VMAs of a process by address.
[[nodiscard]] std::vector<vma_id> vmas_of(const process_memory& proc, mm_id process);

// "300 /bin/prog"
[[nodiscard]] std::string process_text(const process_memory& proc, mm_id process);
// "rw-p [heap]"
[[nodiscard]] std::string vma_text(const process_memory& proc, mm_id process, vma_id vma);

} // namespace mm
