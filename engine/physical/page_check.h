#pragma once
// Reference counts and the checks that catch misuse: double free, wrong order, freeing what nobody allocated.
//
// Models: put_page_testzero, check_new_pages, the tail checks of free_pages_prepare, bad_page() taking a block out of use.
// Simplified: the kernel checks the head of a per-CPU order only when the list is drained; here it is checked at once.
//   Where the kernel would go on and corrupt its lists (a block that is already on a list is freed again as part of a
//   larger one), the block is reported and left alone.
// Mirrors: mm/page_alloc.c, include/linux/mm.h (Linux 6.1).
#include "physical/memory.h"
#include "physical/page_alloc.h"

namespace mm {

// Takes a reference away; the count that remains, negative after a double free.
i32 drop_reference(physical_memory& mem, pfn_t pfn);

// What is wrong with freeing `order` at `pfn` when nobody holds it.
[[nodiscard]] bad_page_reason misuse_of(const physical_memory& mem, pfn_t pfn, u32 order);

// Checks and prepares a block whose last reference is gone. False: reported, and the block stays out of use.
[[nodiscard]] bool free_pages_prepare(physical_context& cx, pfn_t pfn, u32 order);

// Checks a block that leaves the buddy lists. False: a frame has a stale count; reported, and the block is lost.
[[nodiscard]] bool check_new_pages(physical_context& cx, pfn_t pfn, u32 order);

}  // namespace mm
