#pragma once
// /proc/meminfo: what all rooms have of the machine's memory, line by line as the kernel prints it.
//
// Left out is what the machine has not: MemAvailable, Buffers, the lines of LRU lists, of swap's cache and compressed swap,
// dirty pages and write-back, Mlocked, KernelStack, Bounce, HardwareCorrupted, huge pages of files, of shared memory and of
// hugetlbfs. SUnreclaim is without what kmalloc takes from the page allocator itself.
// Mirrors: fs/proc/meminfo.c (Linux 6.1).
#include <string>

#include "machine/machine.h"

namespace mm {

[[nodiscard]] std::string meminfo_text(const Machine& machine);

} // namespace mm
