#pragma once
// References to pages: who holds a page counts in its struct page, and the last one to let go frees it.
//
//   get_page()      one more            put_page()      one less; at 0 the page is freed, a compound page as a whole
//   __free_pages()  one less; at 0 the block is freed. Not at 0, and no compound page: only the first page was counted,
//                   so the others are freed at once
//
//   order 3, two references   [ 0 ][ 1 ][   2   ][       4       ]     __free_pages(3): 4 as order 2, 2 as order 1, 1
//                             [held]                                   put_page(): 0
//
// Models: _refcount of a folio (that of its head, whichever page is named), put_page_testzero, what a count says about a page
//   that nobody holds.
// Simplified: a count has 16 bits here and 32 in the kernel; get_page() is refused at 32,767.
// Not modelled: VM_BUG_ON_PAGE of CONFIG_DEBUG_VM, which Debian builds without; page caches, whose pages put_page() also takes
//   off their lists.
// Mirrors: include/linux/mm.h, mm/swap.c, mm/page_alloc.c (Linux 5.10, 6.1, 6.12).
#include "physical/memory.h"

namespace mm {

// What a page was when somebody took a reference. The numbers are the `reason` of the event page_get.
enum class get_of : u8 {
    page,     // held already
    tail,     // of a compound page: its head counts
    free,     // nobody holds it
    reserved, // boot holds it
};

// What dropping a reference led to. The numbers are the `reason` of the event page_put.
enum class put_left : u8 {
    held, // others hold it
    none, // the last one: it is freed
    less, // below zero: nobody held it
};

// Largest count here.
inline constexpr i32 MAX_REFCOUNT = 0x7fff;

// One more reference. False: the count is MAX_REFCOUNT, and stays. `pfn` has a struct page.
[[nodiscard]] bool get_page(physical_context& cx, pfn_t pfn);

// One reference less; the last one frees the page, or all of a compound page. True when it was the last.
// `pfn` has a struct page.
bool put_page(physical_context& cx, pfn_t pfn);

// __free_pages() has dropped a reference to a block that is no compound page, and `left` remain.
//
//   order 3   [ held ][ 0 ][  1  ][     2     ]    the others are freed, the largest first
void free_the_others(physical_context& cx, pfn_t pfn, u32 order, i32 left);

} // namespace mm
