#pragma once
// A machine that lines of /proc/buddyinfo may come from, where no machine is at hand that they fit.
//
// They tell the page size by their orders, the architecture by their zones, and how much of each zone is free. How large each
// zone is and where its blocks are is assumed: a zone with another one above it is as large as such zones are, any other has
// the next power of two.
//
//   DMA DMA32 Normal   x86-64: to 16 MiB, to 4 GiB, above
//   DMA Normal HighMem i386: to 16 MiB, to 896 MiB less the kernel's own, above
//   DMA Normal         arm64: to 4 GiB, above
//   Normal             x86-64 with nothing below 4 GiB
#include <vector>

#include "physical/procfs.h"
#include "physical/profile.h"

namespace mm {

// With the free blocks of the rows, as with_free_blocks() places them. Errors say, with the numbers, why there is none.
[[nodiscard]] Result<machine_profile> machine_of_counts(const std::vector<buddyinfo_row>& rows);

} // namespace mm
