#pragma once
// How far free memory is broken up, told from the numbers of free blocks by order.
//
// Mirrors: mm/vmstat.c (Linux 5.10, 6.1, 6.12): fill_contig_page_info, unusable_free_index, __fragmentation_index; what
//   /sys/kernel/debug/extfrag prints.
#include <span>

#include "base/types.h"

namespace mm {

struct free_blocks_info {
    u64 free_pages = 0;
    u64 free_blocks = 0;
    u64 suitable_blocks = 0; // blocks of the asked order that fit into the free blocks
    i32 largest_order = -1;  // -1: nothing is free
};
[[nodiscard]] free_blocks_info fill_contig_page_info(std::span<const u32> nr_free, u32 order);

// Thousandths of the free memory that cannot serve the order. 1000 when nothing is free.
[[nodiscard]] u32 unusable_free_index(std::span<const u32> nr_free, u32 order);

// Why a request of the order would fail, in thousandths: towards 0 for lack of memory, towards 1000 because it is broken
// up. −1000: it would not fail.
[[nodiscard]] i32 fragmentation_index(std::span<const u32> nr_free, u32 order);

} // namespace mm
