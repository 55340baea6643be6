// Events of SLOB: the words of their reasons and flags. Their rows are in event_rows_slob.h.
#include "slab/event_rows_slob.h"
#include "slab/slob.h"

namespace mm {

namespace {

using ev = slob_event;

constexpr auto table = event_table(slob_rows::rows, ev::slob_search);

constexpr LateText SMALL = "free_slob_small", MEDIUM = "free_slob_medium", LARGE = "free_slob_large";

constexpr EventWords words[] = {
    words_for(ev::slob_search, "list", SLOB_SMALL, SMALL, SMALL),
    words_for(ev::slob_search, "list", SLOB_MEDIUM, MEDIUM, MEDIUM),
    words_for(ev::slob_search, "list", SLOB_LARGE, LARGE, LARGE),
    words_for(ev::slob_page_passed, "reason", slob_pass::other_node, "it is on another node than the one asked for",
              "不在所要求的节点上"),
    words_for(ev::slob_page_passed, "reason", slob_pass::too_few_units, "too few", "不够"),
    words_for(ev::slob_page_passed, "reason", slob_pass::no_block_fits, "no free block alone is large enough",
              "没有单独一个足够大的空闲块"),
    words_for(ev::slob_page_full, "list", SLOB_SMALL, SMALL, SMALL),
    words_for(ev::slob_page_full, "list", SLOB_MEDIUM, MEDIUM, MEDIUM),
    words_for(ev::slob_page_full, "list", SLOB_LARGE, LARGE, LARGE),
    words_for(ev::slob_rotated, "list", SLOB_SMALL, SMALL, SMALL),
    words_for(ev::slob_rotated, "list", SLOB_MEDIUM, MEDIUM, MEDIUM),
    words_for(ev::slob_rotated, "list", SLOB_LARGE, LARGE, LARGE),
    words_for(ev::slob_page_new, "list", SLOB_SMALL, SMALL, SMALL),
    words_for(ev::slob_page_new, "list", SLOB_MEDIUM, MEDIUM, MEDIUM),
    words_for(ev::slob_page_new, "list", SLOB_LARGE, LARGE, LARGE),
    words_for(ev::slob_merged, "side", slob_side::next, "behind", "后面"),
    words_for(ev::slob_merged, "side", slob_side::prev, "before", "前面"),
    words_for(ev::slob_page_partial, "list", SLOB_SMALL, SMALL, SMALL),
    words_for(ev::slob_page_partial, "list", SLOB_MEDIUM, MEDIUM, MEDIUM),
    words_for(ev::slob_page_partial, "list", SLOB_LARGE, LARGE, LARGE),
    words_for(ev::slob_misuse, "reason", slob_misuse::no_slob_page, "its page does not belong to SLOB",
              "它所在的页不属于 SLOB"),
    words_for(ev::slob_misuse, "reason", slob_misuse::no_block, "no block in use begins there", "那里没有在用的块"),
    words_for(ev::slob_misuse, "reason", slob_misuse::other_size,
              "the block has another size than objects of this cache", "块的大小与该缓存的对象不同"),
    words_for(ev::slob_misuse, "reason", slob_misuse::no_header, "there is no header of kmalloc before it",
              "它前面没有 kmalloc 的头部"),
    words_for(ev::slob_misuse, "reason", slob_misuse::has_header, "the block is kmalloc's, not the cache's",
              "该块属于 kmalloc，不属于缓存"),
};

} // namespace

EventPart slob_events() { return table.with(words); }

} // namespace mm
