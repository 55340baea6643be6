#include "oracle/shared.h"

#include <algorithm>

#include "physical/buddy.h"
#include "physical/pcp.h"

namespace mm {
namespace {

// How many blocks in front of the recorded one other tasks may have taken.
constexpr u32 MAX_SKIPPED = 64;

void hold_single_frames(physical_memory& mem, pfn_t pfn, u32 nr_pages) {
    for (pfn_t at = pfn; at < pfn + nr_pages; ++at) {
        page& frame = mem.page_mut(at);
        frame.set_state(page_state::allocated);
        frame.set_order(0);
        frame.set_compound(false);
        frame.refcount = 1;
        frame.stamp = 0;
    }
}

zone& zone_of(physical_memory& mem, pfn_t pfn) { return mem.zones[mem.page_zone(pfn)]; }

void count_free(zone& z, i64 nr_pages, migratetype type) {
    z.nr_free_pages += nr_pages;
    if (is_migrate_cma(type)) z.nr_free_cma += nr_pages;
}

// Puts [start, end) on free lists in the largest aligned blocks, without merging.
void free_pieces(physical_memory& mem, zone& z, pfn_t start, pfn_t end, migratetype type) {
    while (start < end) {
        u32 order = 0;
        while (order + 1 < mem.nr_orders && !(start & ((2u << order) - 1)) && start + (2u << order) <= end) ++order;
        add_to_free_list(mem, z, start, order, type, false);
        count_free(z, 1ll << order, type);
        start += 1u << order;
    }
}

struct PcpPlace {
    per_cpu_pages* pcp = nullptr;
    u32 index = 0;
};

PcpPlace find_on_pcp(physical_memory& mem, pfn_t pfn) {
    for (per_cpu_pages& pcp : zone_of(mem, pfn).pcp)
        for (u32 index = 0; index < NR_PCP_LISTS; ++index)
            for (pfn_t at = pcp.lists[index].first; at != PFN_NONE; at = mem.page_at(at).next)
                if (at == pfn) return {&pcp, index};
    return {};
}

// Takes a block off whatever list it is on; its frames are held then.
void take_off(physical_memory& mem, const block_info& block) {
    zone& z = zone_of(mem, block.head);
    if (block.state == page_state::buddy) {
        const migratetype type = mem.page_at(block.head).type();
        del_page_from_free_list(mem, z, block.head);
        count_free(z, -(1ll << block.order), type);
    } else if (block.state == page_state::pcp) {
        const PcpPlace place = find_on_pcp(mem, block.head);
        MM_ASSERT(place.pcp);
        list_del(mem, place.pcp->lists[place.index], block.head);
        place.pcp->count -= 1 << block.order;
    }
    hold_single_frames(mem, block.head, 1u << block.order);
}

// Takes what stands before `pfn` in its list.
void take_members_before(physical_memory& mem, const page_list& list, pfn_t pfn) {
    std::vector<pfn_t> before;
    for (pfn_t at = list.first; at != PFN_NONE && at != pfn; at = mem.page_at(at).next) before.push_back(at);
    if (before.size() > MAX_SKIPPED) return;
    for (const pfn_t at : before) take_off(mem, find_block(mem, at));
}

void make_tails(physical_memory& mem, pfn_t head, u32 order) {
    for (pfn_t tail = head + 1; tail < head + (1u << order); ++tail) {
        mem.page_mut(tail).set_state(page_state::tail);
        mem.page_mut(tail).refcount = 0;
    }
}

// A block of frames that others hold. The log tells how many blocks came back to a list, not always which: these stand
// in for them. Frames that the script itself holds carry the number of its op.
pfn_t find_foreign_block(const physical_memory& mem, const zone& z, u32 order) {
    const u32 size = 1u << order;
    const auto foreign = [&](pfn_t pfn) {
        const page& frame = mem.page_at(pfn);
        return frame.state() == page_state::allocated && frame.order() == 0 && frame.stamp == 0;
    };
    for (pfn_t head = (z.start_pfn + size - 1) & ~(size - 1); head + size <= z.end_pfn(); head += size) {
        pfn_t at = head;
        while (at < head + size && foreign(at)) ++at;
        if (at == head + size) return head;
    }
    return PFN_NONE;
}

void add_to_pcp(physical_memory& mem, per_cpu_pages& pcp, u32 index, pfn_t pfn, u32 order, bool tail) {
    make_tails(mem, pfn, order);
    page& head = mem.page_mut(pfn);
    head.set_state(page_state::pcp);
    head.set_order(order);
    head.set_type(mem.block_type(pfn));
    head.refcount = 0;
    if (tail)
        list_add_tail(mem, pcp.lists[index], pfn, head);
    else
        list_add(mem, pcp.lists[index], pfn, head);
    pcp.count += 1 << order;
}

// A per-CPU list that begins with the recorded pages and has the recorded length, as far as its pages are known.
void follow_pcp_list(physical_memory& mem, zone& z, u32 index, const RecordedCounters::ListHead* recorded) {
    per_cpu_pages& pcp = z.pcp[0];
    page_list& list = pcp.lists[index];
    const u32 order = pindex_to_order(mem, index);
    const u32 length = recorded ? recorded->length : 0;
    static const std::vector<pfn_t> nothing;
    const std::vector<pfn_t>& first = recorded ? recorded->first : nothing;
    if (list.nr == length) {
        std::vector<pfn_t> members;
        for (pfn_t at = list.first; at != PFN_NONE && members.size() < first.size(); at = mem.page_at(at).next)
            members.push_back(at);
        if (members == first) return;
    }
    if (!first.empty() && mem.pfn_valid(first.front()) && find_on_pcp(mem, first.front()).pcp == &pcp)
        take_members_before(mem, list, first.front());
    for (std::size_t i = first.size(); i-- > 0;) {
        const pfn_t pfn = first[i];
        if (!mem.pfn_valid(pfn) || !mem.pfn_valid(pfn + (1u << order) - 1) || (pfn & ((1u << order) - 1)) ||
            !z.spans(pfn) || !claim_frames(mem, pfn, order))
            continue;
        add_to_pcp(mem, pcp, index, pfn, order, false);
    }
    while (list.nr < length) {
        const pfn_t foreign = find_foreign_block(mem, z, order);
        if (foreign == PFN_NONE) break;
        add_to_pcp(mem, pcp, index, foreign, order, true);
    }
    while (list.nr > length) take_off(mem, find_block(mem, list.last));
}

// nr_free as recorded: surplus blocks are taken, missing ones are split off them.
void follow_free_lists(physical_memory& mem, zone& z, const std::vector<u32>& nr_free) {
    std::vector<block_info> pool;
    for (u32 order = mem.nr_orders; order-- > 0;) {
        const u32 wanted = order < nr_free.size() ? nr_free[order] : 0;
        free_area& area = z.area[order];
        while (area.nr_free > wanted) {
            u32 fullest = 0;
            for (u32 type = 1; type < MIGRATE_PCPTYPES; ++type)
                if (area.free_list[type].nr > area.free_list[fullest].nr) fullest = type;
            if (area.free_list[fullest].empty()) break;
            const block_info block = find_block(mem, area.free_list[fullest].first);
            take_off(mem, block);
            pool.push_back(block);
        }
        while (area.nr_free < wanted && !pool.empty()) {
            const block_info block = pool.back();
            if (block.order < order) break;
            pool.pop_back();
            const migratetype type = mem.block_type(block.head);
            mem.page_mut(block.head).refcount = 0;
            make_tails(mem, block.head, order);
            add_to_free_list(mem, z, block.head, order, type, false);
            count_free(z, 1ll << order, type);
            // The rest of the block stays in the pool, in halves.
            for (u32 half = order; half < block.order; ++half) {
                block_info rest = block;
                rest.head = block.head + (1u << half);
                rest.order = static_cast<u8>(half);
                pool.push_back(rest);
            }
        }
        while (area.nr_free < wanted) {
            const pfn_t foreign = find_foreign_block(mem, z, order);
            if (foreign == PFN_NONE) break;
            mem.page_mut(foreign).refcount = 0;
            make_tails(mem, foreign, order);
            add_to_free_list(mem, z, foreign, order, mem.block_type(foreign), false);
            count_free(z, 1ll << order, mem.block_type(foreign));
        }
    }
}

} // namespace

u32 nr_frames_free(const physical_memory& mem, pfn_t pfn, u32 order) {
    const pfn_t end = pfn + (1u << order);
    u32 free = 0;
    for (pfn_t at = pfn; at < end && mem.pfn_valid(at);) {
        const block_info block = find_block(mem, at);
        const pfn_t block_end = std::max(block.head + (1u << block.order), at + 1);
        if (block.state == page_state::buddy || block.state == page_state::pcp) free += std::min(end, block_end) - at;
        at = block_end;
    }
    return free;
}

bool claim_frames(physical_memory& mem, pfn_t pfn, u32 order) {
    const pfn_t end = pfn + (1u << order);
    for (pfn_t at = pfn; at < end; ++at) {
        if (!mem.pfn_valid(at)) return false;
        const page_state state = mem.page_at(at).state();
        if (state == page_state::hole || state == page_state::reserved) return false;
    }
    for (pfn_t at = pfn; at < end;) {
        const block_info block = find_block(mem, at);
        const pfn_t block_end = block.head + (1u << block.order);
        const bool was_free = block.state == page_state::buddy;
        const migratetype type = was_free ? mem.page_at(block.head).type() : MIGRATE_MOVABLE;
        take_off(mem, block);
        if (was_free) {
            zone& z = zone_of(mem, block.head);
            const auto give_back = [&](pfn_t from, pfn_t to) {
                for (pfn_t frame = from; frame < to; ++frame) {
                    mem.page_mut(frame).set_state(page_state::tail);
                    mem.page_mut(frame).refcount = 0;
                }
                free_pieces(mem, z, from, to, type);
            };
            if (block.head < pfn) give_back(block.head, pfn);
            if (block_end > end) give_back(end, block_end);
        }
        at = std::max(block_end, at + 1);
    }
    return true;
}

bool take_recorded_block(Replay& replay, pfn_t pfn, u32 order, bool compound) {
    physical_memory& mem = replay.memory();
    if (!mem.pfn_valid(pfn) || (pfn & ((1u << order) - 1)) || !mem.pfn_valid(pfn + (1u << order) - 1)) return false;
    const block_info block = find_block(mem, pfn);
    if (block.head == pfn && block.order == order) {
        zone& z = zone_of(mem, pfn);
        if (block.state == page_state::buddy) {
            take_members_before(mem, z.area[order].free_list[mem.page_at(pfn).type()], pfn);
        } else if (block.state == page_state::pcp) {
            const PcpPlace place = find_on_pcp(mem, pfn);
            if (place.pcp) take_members_before(mem, place.pcp->lists[place.index], pfn);
        }
    }
    return claim_frames(mem, pfn, order) && replay.hold(pfn, order, compound);
}

void follow_counters(physical_memory& mem, const RecordedCounters& counters) {
    const zone* found = find_zone(mem, counters.zone);
    if (!found || found->pcp.empty()) return;
    zone& z = mem.zones[static_cast<std::size_t>(found - mem.zones.data())];
    const u32 lists = mem.rules.pcp_high_orders() ? NR_PCP_LISTS : MIGRATE_PCPTYPES;
    for (u32 index = 0; index < lists; ++index) {
        const auto it = std::find_if(counters.lists.begin(), counters.lists.end(),
                                     [&](const RecordedCounters::ListHead& list) { return list.index == index; });
        follow_pcp_list(mem, z, index, it == counters.lists.end() ? nullptr : &*it);
    }
    z.pcp[0].high = counters.high;
    if (nr_free_by_order(mem, z) != counters.nr_free) follow_free_lists(mem, z, counters.nr_free);
    i64 free_pages = 0;
    for (u32 order = 0; order < mem.nr_orders; ++order) free_pages += static_cast<i64>(z.area[order].nr_free) << order;
    z.nr_free_pages = counters.free;
    i64 left = free_pages - counters.free;
    for (per_cpu_pages& pcp : z.pcp) {
        const i64 part = std::clamp<i64>(left, -z.stat_threshold, z.stat_threshold);
        pcp.nr_free_pages_delta = static_cast<i32>(part);
        left -= part;
    }
}

} // namespace mm
