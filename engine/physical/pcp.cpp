#include "physical/pcp.h"

#include <algorithm>

#include "base/assert.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/fold_tally.h"
#include "physical/functions.h"
#include "physical/page_check.h"
#include "physical/watermark.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr i32 BATCH_SCALE_MAX = 5; // CONFIG_PCP_BATCH_SCALE_MAX

i32 within(i32 value, i32 low, i32 high) { return std::min(std::max(value, low), high); }

// 6.12: how many blocks a refill asks for. A CPU that allocates in a row gets more each time, and a larger list.
i32 nr_pcp_alloc(per_cpu_pages& pcp, const zone& z, u32 order) {
    const i32 base = pcp.batch;
    const i32 high = within(pcp.high, pcp.high_min, pcp.high_max);
    if (high < base) return 1;
    i32 batch = order ? base : base << pcp.alloc_factor;
    i32 raised = high;
    if (pcp.high_min != pcp.high_max && !z.below_high) {
        raised = std::min(high + batch, pcp.high_max);
        pcp.high = raised;
    }
    if (order == 0) {
        const i32 room = std::max(raised - pcp.count - base, base);
        if (batch <= room && pcp.alloc_factor < BATCH_SCALE_MAX) ++pcp.alloc_factor;
        batch = std::min(batch, room);
    }
    return batch > 1 ? std::max(batch >> order, 2) : batch;
}

// Takes `wanted` blocks from the buddy lists and appends them. Returns how many there were. kernel: rmqueue_bulk
i32 rmqueue_bulk(any_context auto& cx, zone& z, per_cpu_pages& pcp, u32 pindex, u32 order, i32 wanted, migratetype type,
                 u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue_bulk);
    const FoldTally tally(cx, z);
    physical_memory& mem = cx.mem;
    rmqueue_mode mode = rmqueue_mode::normal;
    i32 got = 0;
    i32 lost = 0;
    for (; got < wanted && !cx.sink.spent(); ++got) {
        const pfn_t pfn = rmqueue_locked(cx, z, order, type, alloc_flags, mode);
        if (pfn == PFN_NONE) break;
        if (mem.rules.checks_pcp_refill() && !check_new_pages(cx, pfn, order)) {
            ++lost;
            continue;
        }
        page& head = mem.page_mut(pfn);
        head.set_state(page_state::pcp);
        head.set_order(order);
        const migratetype from = head.type();
        list_add_tail(mem, pcp.lists[pindex], pfn, head);
        pcp.count += 1 << order;
        if (!mem.rules.accounts_in_rmqueue() && is_migrate_cma(from)) mod_zone_cma_state(cx, z, -(1 << order));
    }
    if (!mem.rules.accounts_in_rmqueue()) mod_zone_free_state(cx, z, -(got << order));
    return got - lost;
}

// The lists that a page of a per-CPU list goes back to. Where pageblocks are isolated, all kernels look again.
migratetype drained_type(const physical_memory& mem, const zone& z, pfn_t pfn) {
    const bool remembers = mem.rules.pcp_remembers_type() && z.nr_isolate_pageblock == 0;
    return remembers ? mem.page_at(pfn).type() : mem.block_type(pfn);
}

// Returns `nr` pages of tails to the buddy lists, round robin from list `pindex` on. kernel: free_pcppages_bulk
void free_pcppages_bulk(any_context auto& cx, zone& z, per_cpu_pages& pcp, i32 nr, u32 pindex) {
    CallScope scope(cx.sink, fn::free_pcppages_bulk);
    const FoldTally tally(cx, z);
    physical_memory& mem = cx.mem;
    nr = std::min(nr, pcp.count);
    cx.sink.emit(ev::pcp_bulk_free, z.number, cx.cpu, nr, pcp.count, pcp.high, pcp.batch);
    i32 at = static_cast<i32>(pindex) - 1;
    i32 low = 0;
    i32 top = NR_PCP_LISTS - 1;
    while (nr > 0 && !cx.sink.spent()) {
        for (;;) {
            if (++at > top) at = low;
            if (!pcp.lists[static_cast<u32>(at)].empty()) break;
            if (at == top) --top;
            if (at == low) ++low;
        }
        page_list& list = pcp.lists[static_cast<u32>(at)];
        const u32 order = pindex_to_order(mem, static_cast<u32>(at));
        do {
            const pfn_t pfn = list.last;
            list_del(mem, list, pfn);
            pcp.count -= 1 << order;
            nr -= 1 << order;
            const migratetype type = drained_type(mem, z, pfn);
            if (!bulkfree_pcp_prepare(cx, pfn, order)) continue;
            cx.sink.emit(ev::mm_page_pcpu_drain, pfn, order, type);
            free_one_page(cx, z, pfn, order, type, false);
        } while (nr > 0 && !list.empty());
    }
}

// 5.10: lists of order 0 only. First it collects the tails, a longer run from each list it meets again; then it frees
// them. kernel: free_pcppages_bulk (Linux 5.10)
void free_pcppages_bulk_order0(any_context auto& cx, zone& z, per_cpu_pages& pcp, i32 nr) {
    CallScope scope(cx.sink, fn::free_pcppages_bulk);
    const FoldTally tally(cx, z);
    physical_memory& mem = cx.mem;
    nr = std::min(nr, pcp.count);
    cx.sink.emit(ev::pcp_bulk_free, z.number, cx.cpu, nr, pcp.count, pcp.high, pcp.batch);
    page_list collected;
    cx.sink.charge(static_cast<u64>(nr));
    u32 at = 0;
    i32 run = 0;
    while (nr > 0) {
        do {
            ++run;
            at = (at + 1) % MIGRATE_PCPTYPES;
        } while (pcp.lists[at].empty());
        if (run == MIGRATE_PCPTYPES) run = nr; // only one list is left
        page_list& list = pcp.lists[at];
        do {
            const pfn_t pfn = list.last;
            list_del(mem, list, pfn);
            --pcp.count;
            list_add_tail(mem, collected, pfn, mem.page_mut(pfn));
        } while (--nr > 0 && --run > 0 && !list.empty());
    }
    while (!collected.empty() && !cx.sink.spent()) {
        const pfn_t pfn = collected.first;
        list_del(mem, collected, pfn);
        const migratetype type = drained_type(mem, z, pfn);
        if (!bulkfree_pcp_prepare(cx, pfn, 0)) continue;
        cx.sink.emit(ev::mm_page_pcpu_drain, pfn, 0, type);
        free_one_page(cx, z, pfn, 0, type, false);
    }
}

// 5.13 to 6.6: each surplus in a row returns twice as much. kernel: nr_pcp_free
i32 nr_pcp_free_by_factor(per_cpu_pages& pcp) {
    if (pcp.high < pcp.batch) return 1;
    const i32 most = pcp.high - pcp.batch;
    const i32 batch = pcp.batch << pcp.free_factor;
    if (batch < most && pcp.free_factor < BATCH_SCALE_MAX) ++pcp.free_factor;
    return within(batch, pcp.batch, std::max(most, pcp.batch));
}

// 6.12: the limit moves: down while the zone is below its high watermark, up when frees in a row need the room.
i32 nr_pcp_high(per_cpu_pages& pcp, const zone& z, bool free_high) {
    const i32 high = within(pcp.high, pcp.high_min, pcp.high_max);
    if (high == 0) return 0;
    if (free_high) {
        pcp.high = std::max(high - (pcp.batch << BATCH_SCALE_MAX), pcp.high_min);
        return 0;
    }
    if (pcp.high_min == pcp.high_max) return high;
    if (z.below_high) {
        pcp.high = std::max(high - std::max(pcp.free_count, pcp.batch), pcp.high_min);
        return std::max(pcp.count, pcp.high_min);
    }
    const i32 need = pcp.free_count + pcp.batch;
    if (pcp.count >= high && pcp.high < need) pcp.high = within(need, pcp.high_min, pcp.high_max);
    return high;
}

// Fills an empty list of the running CPU from the buddy lists, as far as they go.
void refill_pcplist(any_context auto& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    const u32 pindex = order_to_pindex(type, order);
    i32 wanted = pcp.batch;
    if (cx.mem.rules.pcp_auto_tuned())
        wanted = nr_pcp_alloc(pcp, z, order);
    else if (wanted > 1)
        wanted = std::max(wanted >> order, 2);
    cx.sink.emit(ev::pcp_refill, z.number, cx.cpu, pindex, wanted, order, pcp.batch);
    const i32 got = rmqueue_bulk(cx, z, pcp, pindex, order, wanted, type, alloc_flags);
    cx.sink.emit(ev::pcp_refilled, z.number, cx.cpu, pindex, got, pcp.count);
}

// After a free that made the lists too long, before 6.7: tails go back to the buddy lists.
void free_surplus(any_context auto& cx, zone& z, u32 pindex, bool free_high) {
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    if (!cx.mem.rules.pcp_high_orders())
        free_pcppages_bulk_order0(cx, z, pcp, pcp.batch);
    else
        free_pcppages_bulk(cx, z, pcp, free_high ? pcp.count : nr_pcp_free_by_factor(pcp), pindex);
}

} // namespace

pfn_t rmqueue_pcplist(physical_context& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    CallScope scope(cx.sink, fn::rmqueue_pcplist);
    z.pcp[cx.cpu].note_alloc();
    return rmqueue_pcplist_locked(cx, z, order, type, alloc_flags);
}

pfn_t rmqueue_pcplist_locked(physical_context& cx, zone& z, u32 order, migratetype type, u32 alloc_flags) {
    physical_memory& mem = cx.mem;
    MM_ASSERT(pcp_allowed_order(mem, order));
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    const u32 pindex = order_to_pindex(type, order);
    const page_list& list = pcp.lists[pindex];
    for (;;) {
        if (list.empty()) {
            with_any_context(cx, [&](auto& c) { refill_pcplist(c, z, order, type, alloc_flags); });
            if (list.empty()) return PFN_NONE;
        }
        const pfn_t pfn = list.first;
        pcp_take(pcp, pindex, order, mem.page_at(pfn));
        cx.sink.emit(ev::pcp_hit, z.number, cx.cpu, pindex, pfn, order, pcp.count);
        if (!mem.rules.checks_pcp_alloc() || check_new_pages(cx, pfn, order)) return pfn;
    }
}

void free_unref_page(physical_context& cx, zone& z, pfn_t pfn, u32 order, migratetype block_type) {
    CallScope scope(cx.sink, fn::free_unref_page);
    if (block_type == MIGRATE_ISOLATE) return free_one_page(cx, z, pfn, order, block_type, false);

    CallScope commit(cx.sink, fn::free_unref_page_commit);
    physical_memory& mem = cx.mem;
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    MM_ASSERT(pcp_allowed_order(mem, order));
    const u32 pindex = order_to_pindex(pcp_list_type(block_type), order);
    const bool surplus = pcp_frees_surplus(mem.rules, pcp, order);
    const page_list& list = pcp.lists[pindex];
    page* first = list.empty() ? nullptr : &mem.page_mut(list.first);
    pcp_put(pcp, pindex, order, block_type, cx.step, pfn, mem.page_mut(pfn), first);
    cx.sink.emit(ev::pcp_free, z.number, cx.cpu, pindex, pfn, order, pcp.count, pcp.high);
    if (mem.rules.pcp_auto_tuned())
        commit_auto_tuned(cx, z, order, pindex);
    else if (surplus)
        with_any_context(cx, [&](auto& c) { free_surplus(c, z, pindex, pcp_free_high(pcp, order)); });
}

void commit_auto_tuned(physical_context& cx, zone& z, u32 order, u32 pindex) {
    per_cpu_pages& pcp = z.pcp[cx.cpu];
    pcp.alloc_factor = static_cast<u8>(pcp.alloc_factor >> 1);
    bool free_high = false;
    if (order && order <= PAGE_ALLOC_COSTLY_ORDER) {
        free_high = pcp.free_count >= pcp.batch && pcp.flags & PCPF_PREV_FREE_HIGH_ORDER &&
                    (!(pcp.flags & PCPF_FREE_HIGH_BATCH) || pcp.count >= pcp.batch);
        pcp.flags |= PCPF_PREV_FREE_HIGH_ORDER;
    } else {
        pcp.flags &= static_cast<u8>(~PCPF_PREV_FREE_HIGH_ORDER);
    }
    if (pcp.free_count < pcp.batch << BATCH_SCALE_MAX) pcp.free_count += 1 << order;
    const i32 high = nr_pcp_high(pcp, z, free_high);
    if (pcp.count < high) return;
    i32 nr = 1;
    if (free_high)
        nr = std::min(pcp.count, pcp.batch << BATCH_SCALE_MAX);
    else if (high >= pcp.batch)
        nr = std::max(pcp.batch, std::min(pcp.free_count, high - pcp.batch));
    with_any_context(cx, [&](auto& c) { free_pcppages_bulk(c, z, pcp, nr, pindex); });
    if (!z.below_high) return;
    const u32 highest = cx.mem.nr_zone_types - 1u;
    if (zone_watermark_ok(cx.mem, z, 0, z.wmark_pages(WMARK_HIGH), highest, 0).ok) z.below_high = false;
}

void drain_pages_zone(physical_context& cx, zone& z, u32 cpu) {
    CallScope scope(cx.sink, fn::drain_all_pages);
    if (!z.populated()) return;
    physical_context on_cpu{cx.mem, cx.sink, cpu, cx.step};
    per_cpu_pages& pcp = z.pcp[cpu];
    if (pcp.count == 0) return;
    if (cx.mem.rules.pcp_high_orders())
        free_pcppages_bulk(on_cpu, z, pcp, pcp.count, 0);
    else
        free_pcppages_bulk_order0(on_cpu, z, pcp, pcp.count);
}

} // namespace mm
