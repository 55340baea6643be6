#pragma once
// /proc/PID/pagemap as a text: the file itself is a 64-bit number for each page of the address space, and nearly all are 0.
// Here a line stands for each page of a VMA, with its number and what its bits say; pages in a row without a frame are one
// line.
//
//   400000000000 a600000000081f3c present exclusive pfn=81f3c
//
// Not modelled: swap (bit 62), userfaultfd's write protection (57). Who has no CAP_SYS_ADMIN gets 0 as pfn; here it is told.
// Mirrors: fs/proc/task_mmu.c: pagemap_read; Documentation/admin-guide/mm/pagemap.rst (Linux 6.1).
#include "process/smaps.h"

namespace mm {

// Of one process at most so many lines; the last one says how many pages are left out.
inline constexpr u64 MAX_PAGEMAP_LINES = 4'096;

[[nodiscard]] std::string pagemap_text(const process_memory& proc, const page_places& places, mm_id mm);

} // namespace mm
