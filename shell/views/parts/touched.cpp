#include "views/parts/touched.h"

#include <algorithm>
#include <unordered_map>

#include "physical/page_event_rows.h"

namespace shell {

namespace {

using ev = mm::physical_event;
using mm::Args;
using mm::i64;
using mm::pfn_t;
using mm::u32;
using mm::u8;

// Collects one op's events. A block touched twice keeps its last role.
class Collector {
  public:
    Collector(Touched& out, u32 pageblock_order) : out_(out), pageblock_order_(static_cast<u8>(pageblock_order)) {}

    void add(const mm::Event& event, u32 index) {
        index_ = index;
        const ev kind = static_cast<ev>(event.kind);
        if (!watermark(kind, event) && !taking(kind, event) && !taking_whole_blocks(kind, event) &&
            !freeing(kind, event) && !merging(kind, event) && !boot(kind, event))
            by_place(event);
    }

  private:
    void zone(i64 zone) { out_.zone = static_cast<int>(zone); }

    void block(i64 first, i64 block_order, Role role) {
        const auto pfn = static_cast<pfn_t>(first);
        const auto order = static_cast<u8>(block_order);
        const mm::u64 key = static_cast<mm::u64>(pfn) << 8 | order;
        const auto [known, is_new] = place_.try_emplace(key, out_.blocks.size());
        if (!is_new) out_.blocks[known->second].pfn = mm::PFN_NONE;
        known->second = out_.blocks.size();
        out_.blocks.push_back({pfn, order, role, index_});
    }
    void list(ListVisit::Kind kind, i64 of_zone, i64 order, i64 type, i64 first, bool tail = false) {
        zone(of_zone);
        out_.lists.push_back({kind, static_cast<u8>(of_zone), static_cast<u8>(order),
                              static_cast<mm::migratetype>(type), static_cast<pfn_t>(first), tail, index_});
    }
    void pcp(PcpVisit::Kind kind, i64 of_zone, i64 cpu, i64 list_index, i64 first, i64 count) {
        zone(of_zone);
        out_.cpu = static_cast<int>(cpu);
        out_.pcp.push_back({.kind = kind,
                            .zone = static_cast<u8>(of_zone),
                            .cpu = static_cast<mm::u16>(cpu),
                            .list = static_cast<u8>(list_index),
                            .pfn = static_cast<pfn_t>(first),
                            .count = static_cast<u32>(count),
                            .event = index_});
    }
    // Zone and CPU are those of the drain that goes on.
    void drained(const Args<ev::mm_page_pcpu_drain>& in) {
        out_.pair = {};
        block(in["pfn"], in["order"], Role::drained);
        if (out_.zone < 0 || out_.cpu < 0) return;
        out_.pcp.push_back({.kind = PcpVisit::Kind::drained,
                            .zone = static_cast<u8>(out_.zone),
                            .cpu = static_cast<mm::u16>(out_.cpu),
                            .order = in.as<u8>("order"),
                            .type = in.as<mm::migratetype>("migratetype"),
                            .pfn = in.as<pfn_t>("pfn"),
                            .event = index_});
    }
    void pair(BuddyPair::Outcome outcome, i64 a, i64 b, i64 order) {
        out_.pair = {outcome, static_cast<pfn_t>(std::min(a, b)), static_cast<pfn_t>(std::max(a, b)),
                     static_cast<u8>(order)};
    }

    bool watermark(ev kind, const mm::Event& event) {
        if (kind != ev::zone_watermark_ok && kind != ev::zone_watermark_fail && kind != ev::zone_watermark_no_block)
            return false;
        const Args<ev::zone_watermark_ok, ev::zone_watermark_fail, ev::zone_watermark_no_block> in(event);
        zone(in["zone"]);
        out_.watermarks.push_back({kind == ev::zone_watermark_ok, kind == ev::zone_watermark_no_block,
                                   in.as<u8>("zone"), static_cast<u8>(in.as<u8>("wmark") % mm::WMARK_BOOSTED),
                                   in.as<u8>("order"), in["free"], in["unusable"], in["min"], in["reserve"], in["mark"],
                                   index_});
        return true;
    }

    bool taking(ev kind, const mm::Event& event) {
        switch (kind) {
        case ev::alloc_request: zone(Args<ev::alloc_request>(event)["zone"]); return true;
        case ev::free_list_empty: {
            const Args<ev::free_list_empty> in(event);
            list(ListVisit::Kind::empty, in["zone"], in["order"], in["migratetype"], mm::PFN_NONE);
            return true;
        }
        case ev::buddy_take: {
            const Args<ev::buddy_take> in(event);
            out_.pair = {};
            list(ListVisit::Kind::taken, in["zone"], in["order"], in["migratetype"], in["pfn"]);
            block(in["pfn"], in["order"], Role::taken);
            return true;
        }
        case ev::buddy_split: {
            const Args<ev::buddy_split> in(event);
            list(ListVisit::Kind::split, in["zone"], in["new_order"], in["migratetype"], in["right"]);
            block(in["right"], in["new_order"], Role::split_off);
            block(in["pfn"], in["new_order"], Role::kept);
            pair(BuddyPair::Outcome::split, in["pfn"], in["right"], in["new_order"]);
            return true;
        }
        case ev::pcp_hit: {
            const Args<ev::pcp_hit> in(event);
            pcp(PcpVisit::Kind::hit, in["zone"], in["cpu"], in["list"], in["pfn"], 0);
            block(in["pfn"], in["order"], Role::popped);
            return true;
        }
        case ev::pcp_refill: {
            const Args<ev::pcp_refill> in(event);
            pcp(PcpVisit::Kind::refill, in["zone"], in["cpu"], in["list"], mm::PFN_NONE, in["wanted"]);
            return true;
        }
        case ev::pcp_refilled: {
            const Args<ev::pcp_refilled> in(event);
            pcp(PcpVisit::Kind::refilled, in["zone"], in["cpu"], in["list"], mm::PFN_NONE, in["got"]);
            return true;
        }
        default: return false;
        }
    }

    // What is taken over, moved or handed out as a whole.
    bool taking_whole_blocks(ev kind, const mm::Event& event) {
        switch (kind) {
        case ev::mm_page_alloc_zone_locked: {
            const Args<ev::mm_page_alloc_zone_locked> in(event);
            block(in["pfn"], in["order"], in["percpu_refill"] != 0 ? Role::refilled : Role::taken);
            return true;
        }
        case ev::mm_page_alloc_extfrag: {
            const Args<ev::mm_page_alloc_extfrag> in(event);
            block(in["pfn"], in["fallback_order"], Role::taken);
            return true;
        }
        case ev::pageblock_claim:
        case ev::pageblock_move:
            block(Args<ev::pageblock_claim, ev::pageblock_move>(event)["pfn"], pageblock_order_, Role::moved);
            return true;
        case ev::block_move: {
            const Args<ev::block_move> in(event);
            block(in["pfn"], in["order"], Role::moved);
            return true;
        }
        case ev::highatomic_reserve: {
            const Args<ev::highatomic_reserve> in(event);
            zone(in["zone"]);
            block(in["pfn"], pageblock_order_, Role::moved);
            return true;
        }
        case ev::mm_page_alloc: {
            const Args<ev::mm_page_alloc> in(event);
            block(in["pfn"], in["order"], Role::given);
            return true;
        }
        default: return false;
        }
    }

    bool freeing(ev kind, const mm::Event& event) {
        switch (kind) {
        case ev::free_request:
        case ev::mm_page_free: {
            const Args<ev::free_request, ev::mm_page_free> in(event);
            block(in["pfn"], in["order"], Role::returned);
            return true;
        }
        case ev::pcp_free: {
            const Args<ev::pcp_free> in(event);
            pcp(PcpVisit::Kind::freed, in["zone"], in["cpu"], in["list"], in["pfn"], 0);
            block(in["pfn"], in["order"], Role::cached);
            return true;
        }
        case ev::pcp_bulk_free: {
            const Args<ev::pcp_bulk_free> in(event);
            pcp(PcpVisit::Kind::drain, in["zone"], in["cpu"], 0, mm::PFN_NONE, in["nr"]);
            return true;
        }
        case ev::mm_page_pcpu_drain: drained(Args<ev::mm_page_pcpu_drain>(event)); return true;
        case ev::bad_page: block(Args<ev::bad_page>(event)["pfn"], 0, Role::bad); return true;
        case ev::misuse_unseen: {
            const Args<ev::misuse_unseen> in(event);
            block(in["pfn"], in["order"], Role::bad);
            return true;
        }
        default: return false;
        }
    }

    bool merging(ev kind, const mm::Event& event) {
        switch (kind) {
        case ev::buddy_check: {
            const Args<ev::buddy_check> in(event);
            zone(in["zone"]);
            block(in["buddy"], in["order"], Role::checked);
            pair(BuddyPair::Outcome::asked, in["pfn"], in["buddy"], in["order"]);
            return true;
        }
        case ev::buddy_merge: {
            const Args<ev::buddy_merge> in(event);
            out_.lists.push_back({ListVisit::Kind::merged, static_cast<u8>(std::max(out_.zone, 0)), in.as<u8>("order"),
                                  mm::MIGRATE_UNMOVABLE, in.as<pfn_t>("buddy"), false, index_});
            block(in["pfn"], in["order"], Role::merged);
            block(in["buddy"], in["order"], Role::merged);
            block(in["merged"], in["new_order"], Role::kept);
            pair(BuddyPair::Outcome::merged, in["pfn"], in["buddy"], in["order"]);
            return true;
        }
        case ev::buddy_stay: {
            const Args<ev::buddy_stay> in(event);
            if (in["pfn"] != in["buddy"]) pair(BuddyPair::Outcome::stayed, in["pfn"], in["buddy"], in["order"]);
            return true;
        }
        case ev::buddy_add: {
            const Args<ev::buddy_add> in(event);
            list(ListVisit::Kind::added, in["zone"], in["order"], in["migratetype"], in["pfn"], in["tail"] != 0);
            block(in["pfn"], in["order"], Role::listed);
            return true;
        }
        default: return false;
        }
    }

    bool boot(ev kind, const mm::Event& event) {
        if (kind != ev::memblock_free) return false;
        const Args<ev::memblock_free> in(event);
        zone(in["zone"]);
        block(in["pfn"], in["order"], Role::listed);
        return true;
    }

    // References to pages, and pages that are taken by their place.
    void by_place(const mm::Event& event) {
        using pe = mm::page_event;
        switch (static_cast<pe>(event.kind)) {
        case pe::page_get: block(Args<pe::page_get>(event)["head"], 0, Role::kept); break;
        case pe::page_put: {
            const Args<pe::page_put> in(event);
            block(in["pfn"], in["order"], Role::returned);
            break;
        }
        case pe::block_left_to_first: block(Args<pe::block_left_to_first>(event)["pfn"], 0, Role::kept); break;
        case pe::pageblock_isolate:
        case pe::pageblock_unisolate:
            block(Args<pe::pageblock_isolate, pe::pageblock_unisolate>(event)["pfn"], pageblock_order_, Role::moved);
            break;
        case pe::isolate_refused: block(Args<pe::isolate_refused>(event)["at"], 0, Role::checked); break;
        case pe::free_block_cut:
        case pe::contig_block_taken: {
            const Args<pe::free_block_cut, pe::contig_block_taken> in(event);
            block(in["pfn"], in["order"], Role::taken);
            break;
        }
        default: break;
        }
    }

    Touched& out_;
    u8 pageblock_order_;
    u32 index_ = 0;
    std::unordered_map<mm::u64, std::size_t> place_; // of each block in out_.blocks
};

} // namespace

std::string_view role_name(Role role) {
    switch (role) {
    case Role::checked: return "checked";
    case Role::taken: return "taken";
    case Role::kept: return "kept";
    case Role::split_off: return "split off";
    case Role::merged: return "merged";
    case Role::listed: return "listed";
    case Role::moved: return "moved";
    case Role::refilled: return "refilled";
    case Role::cached: return "cached";
    case Role::popped: return "popped";
    case Role::drained: return "drained";
    case Role::given: return "allocated";
    case Role::returned: return "freed";
    case Role::bad: return "bad page";
    }
    return "";
}

const TouchedBlock* Touched::find(pfn_t pfn, u32 order) const {
    for (const TouchedBlock& block : blocks)
        if (block.pfn == pfn && block.order == order) return &block;
    return nullptr;
}

Touched touched_by(std::span<const mm::Event> events, u32 pageblock_order) {
    Touched out;
    Collector collector(out, pageblock_order);
    u32 index = 0;
    for (const mm::Event& event : events) collector.add(event, index++);
    std::erase_if(out.blocks, [](const TouchedBlock& block) { return block.pfn == mm::PFN_NONE; });
    if (out.blocks.size() > MAX_TOUCHED) out.blocks.erase(out.blocks.begin(), out.blocks.end() - MAX_TOUCHED);
    return out;
}

} // namespace shell
