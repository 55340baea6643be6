#pragma once
// A block that becomes a table in a frame that was kept for it, so that no memory is asked for while it is split.
// Mirrors: mm/huge_memory.c: __split_huge_pmd_locked, pgtable_trans_huge_withdraw (Linux 6.1).
#include "mmu/page_table.h"

namespace mm {

// As split_block(). The frame is allocated and the caller's; it is the table's when this returns true. PFN_NONE: one is
// allocated.
[[nodiscard]] bool split_block_into(mmu_context& cx, table_id table, u32 index, pfn_t frame);

} // namespace mm
