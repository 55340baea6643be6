#pragma once
// The per-CPU lists as nearly every request meets them: a block is taken from a list, or pushed on one. Inline, so that
// this becomes one function with what calls it in page_alloc.cpp; what happens to one block in many is in pcp.cpp.
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/lists.h"
#include "physical/page_check.h"
#include "physical/pcp.h"

namespace mm {

// Fills an empty list of the running CPU from the buddy lists, as far as they go.
void refill_pcplist(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags);

// Gives tails back to the buddy lists after a free that made the lists too long. `free_high`: a block of a higher order
// came after frees in a row, and empties all lists.
void free_surplus_5_10(any_context auto& cx, zone& z);
void free_surplus_6_1(any_context auto& cx, zone& z, u32 pindex, bool free_high);

// 6.12: moves the lists' limit, and gives back what is above it. kernel: free_unref_page_commit
void commit_6_12(any_context auto& cx, zone& z, u32 order, u32 pindex);

// Takes a block from the running CPU's list, refilling it first when it is empty. PFN_NONE when the zone has none.
[[nodiscard]] [[gnu::always_inline]] inline pfn_t rmqueue_pcplist(usual_context auto& cx, zone& z, u32 order,
                                                                  migratetype type, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue_pcplist);
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    const u32 pindex = order_to_pindex(cx.mem, type, order);
    page_list& list = pcp.lists[pindex];
    pcp.free_factor = static_cast<i16>(pcp.free_factor >> 1);
    pcp.free_count >>= 1;
    for (;;) {
        if (list.empty()) [[unlikely]] {
            refill_pcplist(apart(cx).context(), z, order, type, alloc_flags);
            if (list.empty()) return PFN_NONE;
        }
        const pfn_t pfn = list.first;
        list_del(cx.mem, list, pfn);
        pcp.count -= 1 << order;
        cx.sink.emit(physical_event::pcp_hit, z.number, cx.cpu, pindex, pfn, order, pcp.count);
        if (!cx.mem.rules.checks_pcp_alloc() || check_new_pages(cx, pfn, order)) return pfn;
    }
}

// Frees a block to the running CPU's list, and the list's surplus to the buddy lists. `head` is its first page.
[[gnu::always_inline]] inline void free_unref_page(usual_context auto& cx, zone& z, page& head, pfn_t pfn, u32 order,
                                                   migratetype block_type) {
    CallScope scope(cx.sink, fn::free_unref_page);
    if (block_type == MIGRATE_ISOLATE) [[unlikely]]
        return free_one_page(apart(cx).context(), z, pfn, order, block_type, false);

    CallScope commit(cx.sink, fn::free_unref_page_commit);
    const migratetype list_type = block_type < MIGRATE_PCPTYPES ? block_type : MIGRATE_MOVABLE;
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    const u32 pindex = order_to_pindex(cx.mem, list_type, order);
    head.set_block(page_state::pcp, order, block_type, false);
    head.stamp = cx.step;
    list_add(cx.mem, pcp.lists[pindex], pfn, head);
    pcp.count += 1 << order;
    cx.sink.emit(physical_event::pcp_free, z.number, cx.cpu, pindex, pfn, order, pcp.count, pcp.high);

    switch (cx.mem.rules.version) {
    case kernel_version::v5_10:
        if (pcp.count >= pcp.high) free_surplus_5_10(apart(cx).context(), z);
        break;
    case kernel_version::v6_1: {
        const bool free_high = pcp.free_factor && order && order <= PAGE_ALLOC_COSTLY_ORDER;
        if (free_high || pcp.count >= pcp.high) free_surplus_6_1(apart(cx).context(), z, pindex, free_high);
        break;
    }
    case kernel_version::v6_12: commit_6_12(apart(cx).context(), z, order, pindex); break;
    }
}

} // namespace mm
