#pragma once
// Reference counts, and what the kernel's checks of struct pages see of misuse: double free, wrong order, freeing what
// nobody allocated.
//
// Models: put_page_testzero, the checks of a page's _mapcount, _refcount, PageReserved and compound tail, when each kernel
//   looks (kernel_rules.h), bad_page() taking a block out of use, pages lost by a smaller order.
// Simplified: a page of a slab is reported by every kernel, and stays the slab's. A page table stays where it is, too, with a
//   mark that it was freed (page::table_freed); kernels see it where its level has PageTable set and they look, else they give
//   the page to the next request while the CPU goes on reading it. Where no check sees the misuse, the kernel goes on with lists that hold a page twice, or hands out what it
//   never had. This engine tells that (event misuse_unseen) and takes the block out of use or leaves it alone instead.
// Not modelled: VM_BUG_ON_PAGE of CONFIG_DEBUG_VM; Debian builds without it.
// Mirrors: mm/page_alloc.c (Linux 5.10 and 6.1: check_free_page, check_new_page, check_pcp_refill, bulkfree_pcp_prepare;
//   6.12: free_page_is_bad, check_new_pages), include/linux/mm.h.
#include <cstdint>

#include "physical/events.h"
#include "physical/functions.h"
#include "physical/memory.h"
#include "physical/page_alloc.h"

namespace mm {

// Misuse that this kernel does not see. The numbers are the `reason` of the event misuse_unseen.
enum class unseen_misuse : u8 {
    none,
    rest_lost,     // freed with a smaller order: nobody holds the rest
    on_pcp_list,   // free already, on a per-CPU list
    in_free_block, // free already, inside a larger free block
    free_head,     // free already, the first page of a free block
    reserved,
    in_use,     // held by somebody else
    misaligned, // the frame is no multiple of the block's size
    no_memory,  // there is no struct page
    page_table, // a page table stands there
    of_users,   // processes map it, or the page cache has it: no other reference is left to drop
};

[[nodiscard]] inline bool has_struct_page(const physical_memory& mem, pfn_t pfn) {
    return mem.pfn_valid(pfn) && mem.page_at(pfn).state() != page_state::hole;
}

// From now on a page that nobody holds may have a count.
inline void note_stale_refcount(physical_memory& mem) {
    ++mem.nr_stale_refcounts;
    mem.full_way = true;
}

// Takes a reference away; the count that remains, negative after a double free.
inline i32 drop_reference(physical_memory& mem, page& frame) {
    if (frame.refcount == 0) note_stale_refcount(mem);
    if (frame.refcount > INT16_MIN) --frame.refcount;
    return frame.refcount;
}

// All references that are left are those of processes and of the page cache.
[[nodiscard]] inline bool belongs_to_users(const page& frame) {
    const u32 theirs = frame.user_references();
    return theirs > 0 && frame.refcount <= static_cast<i32>(theirs);
}

// Adds a reference; the count then. A page without one keeps it until somebody drops it, free or not.
inline i32 take_reference(physical_memory& mem, page& frame) {
    if (frame.refcount == 0) note_stale_refcount(mem);
    return ++frame.refcount;
}

// Does this look like a block that was handed out with this order?
[[nodiscard]] inline bool is_plain_block(const page& head, u32 order) {
    return (head.bits & (page::STATE_BITS | page::ORDER_BITS | page::OWNED_BIT)) ==
           (static_cast<u32>(page_state::allocated) | order << page::ORDER_SHIFT);
}

// Checks and prepares a block whose last reference is gone. False: it does not become free.
[[nodiscard]] bool free_pages_prepare(physical_context& cx, pfn_t pfn, u32 order);

// Forgets what lies behind the first 2^order frames of a block that is freed with a smaller order than it was allocated with.
// Told frame by frame; nobody holds those any more, and nobody can free them.
void lose_the_rest(physical_context& cx, pfn_t pfn, u32 order, u32 real_order);

// Some free frame of the machine has a count: looks whether the block has one.
[[nodiscard]] bool check_counts(any_context auto& cx, pfn_t pfn, u32 order);

// Checks a block that leaves the free lists. False: a frame has a stale count; reported, and the block is lost.
[[nodiscard]] bool check_new_pages(any_context auto& cx, pfn_t pfn, u32 order) {
    return cx.mem.nr_stale_refcounts == 0 || check_counts(cx, pfn, order);
}

// Checks the first page of a block that a per-CPU list gives back. False: reported, and the block is lost.
[[nodiscard]] bool bulkfree_pcp_prepare(any_context auto& cx, pfn_t pfn, u32 order);

} // namespace mm
