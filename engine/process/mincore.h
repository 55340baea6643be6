#pragma once
// Which pages of a range are in memory: of anonymous memory those with an entry, of a file those in the page cache.
//
// A question: it changes nothing.
// Mirrors: mm/mincore.c (Linux 5.10, 6.1, 6.12).
#include <span>

#include "process/errno.h"
#include "process/mm.h"

namespace mm {

// 0, and a byte for each page, for which there must be room; or the negative number of an error.
[[nodiscard]] i64 sys_mincore(const mm_context& cx, u64 address, u64 length, std::span<u8> resident);
// The same for a program, with events that tell how many there are; in pieces, as the kernel does it.
[[nodiscard]] i64 sys_mincore_told(mm_context& cx, u64 address, u64 length);

} // namespace mm
