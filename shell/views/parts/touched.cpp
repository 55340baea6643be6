#include "views/parts/touched.h"

#include <algorithm>
#include <unordered_map>

#include "physical/events.h"

namespace shell {

namespace {

using ev = mm::physical_event;
using mm::i64;
using mm::pfn_t;
using mm::u32;
using mm::u8;

// Collects one op's events. A block touched twice keeps its last role.
class Collector {
  public:
    Collector(Touched& out, u32 pageblock_order) : out_(out), pageblock_order_(pageblock_order) {}

    void add(const mm::Event& event, u32 index) {
        arg_ = event.arg.data();
        index_ = index;
        const ev kind = static_cast<ev>(event.kind);
        if (!watermark(kind) && !taking(kind) && !freeing(kind)) boot(kind);
    }

  private:
    [[nodiscard]] pfn_t pfn(int i) const { return static_cast<pfn_t>(arg_[i]); }
    [[nodiscard]] u8 small(int i) const { return static_cast<u8>(arg_[i]); }
    void zone(int i) { out_.zone = static_cast<int>(arg_[i]); }

    void block(pfn_t first, u8 order, Role role) {
        const mm::u64 key = static_cast<mm::u64>(first) << 8 | order;
        const auto [known, is_new] = place_.try_emplace(key, out_.blocks.size());
        if (!is_new) out_.blocks[known->second].pfn = mm::PFN_NONE;
        known->second = out_.blocks.size();
        out_.blocks.push_back({first, order, role, index_});
    }
    void list(ListVisit::Kind kind, int zone_arg, u8 order, u8 type, pfn_t first, bool tail = false) {
        zone(zone_arg);
        out_.lists.push_back({kind, small(zone_arg), order, static_cast<mm::migratetype>(type), first, tail, index_});
    }
    void pcp(PcpVisit::Kind kind, u8 list_index, pfn_t first, i64 count) {
        zone(0);
        out_.cpu = static_cast<int>(arg_[1]);
        out_.pcp.push_back({.kind = kind,
                            .zone = small(0),
                            .cpu = static_cast<mm::u16>(arg_[1]),
                            .list = list_index,
                            .pfn = first,
                            .count = static_cast<u32>(count),
                            .event = index_});
    }
    // Zone and CPU are those of the drain that goes on.
    void drained() {
        out_.pair = {};
        block(pfn(0), small(1), Role::drained);
        if (out_.zone < 0 || out_.cpu < 0) return;
        out_.pcp.push_back({.kind = PcpVisit::Kind::drained,
                            .zone = static_cast<u8>(out_.zone),
                            .cpu = static_cast<mm::u16>(out_.cpu),
                            .order = small(1),
                            .type = static_cast<mm::migratetype>(arg_[2]),
                            .pfn = pfn(0),
                            .event = index_});
    }
    void pair(BuddyPair::Outcome outcome, pfn_t a, pfn_t b, u8 order) {
        out_.pair = {outcome, std::min(a, b), std::max(a, b), order};
    }

    bool watermark(ev kind) {
        if (kind != ev::zone_watermark_ok && kind != ev::zone_watermark_fail && kind != ev::zone_watermark_no_block)
            return false;
        zone(0);
        out_.watermarks.push_back({kind == ev::zone_watermark_ok, kind == ev::zone_watermark_no_block, small(0),
                                   static_cast<u8>(small(1) % mm::WMARK_BOOSTED), small(2), arg_[3], arg_[4], arg_[5],
                                   arg_[6], arg_[7], index_});
        return true;
    }

    bool taking(ev kind) {
        switch (kind) {
        case ev::alloc_request: zone(5); return true;
        case ev::free_list_empty: list(ListVisit::Kind::empty, 0, small(1), small(2), mm::PFN_NONE); return true;
        case ev::buddy_take:
            out_.pair = {};
            list(ListVisit::Kind::taken, 0, small(2), small(3), pfn(1));
            block(pfn(1), small(2), Role::taken);
            return true;
        case ev::buddy_split:
            list(ListVisit::Kind::split, 0, small(4), small(5), pfn(3));
            block(pfn(3), small(4), Role::split_off);
            block(pfn(1), small(4), Role::kept);
            pair(BuddyPair::Outcome::split, pfn(1), pfn(3), small(4));
            return true;
        case ev::mm_page_alloc_zone_locked:
            block(pfn(0), small(1), arg_[3] != 0 ? Role::refilled : Role::taken);
            return true;
        case ev::pcp_hit:
            pcp(PcpVisit::Kind::hit, small(2), pfn(3), 0);
            block(pfn(3), small(4), Role::popped);
            return true;
        case ev::pcp_refill: pcp(PcpVisit::Kind::refill, small(2), mm::PFN_NONE, arg_[3]); return true;
        case ev::pcp_refilled: pcp(PcpVisit::Kind::refilled, small(2), mm::PFN_NONE, arg_[3]); return true;
        case ev::mm_page_alloc_extfrag: block(pfn(0), small(2), Role::taken); return true;
        case ev::pageblock_claim:
        case ev::pageblock_move: block(pfn(0), static_cast<u8>(pageblock_order_), Role::moved); return true;
        case ev::block_move: block(pfn(0), small(1), Role::moved); return true;
        case ev::highatomic_reserve:
            zone(0);
            block(pfn(1), static_cast<u8>(pageblock_order_), Role::moved);
            return true;
        case ev::mm_page_alloc: block(pfn(0), small(1), Role::given); return true;
        default: return false;
        }
    }

    bool freeing(ev kind) {
        switch (kind) {
        case ev::free_request:
        case ev::mm_page_free: block(pfn(0), small(1), Role::returned); return true;
        case ev::pcp_free:
            pcp(PcpVisit::Kind::freed, small(2), pfn(3), 0);
            block(pfn(3), small(4), Role::cached);
            return true;
        case ev::pcp_bulk_free: pcp(PcpVisit::Kind::drain, 0, mm::PFN_NONE, arg_[2]); return true;
        case ev::mm_page_pcpu_drain: drained(); return true;
        case ev::buddy_check:
            zone(3);
            block(pfn(1), small(2), Role::checked);
            pair(BuddyPair::Outcome::asked, pfn(0), pfn(1), small(2));
            return true;
        case ev::buddy_merge:
            out_.lists.push_back({ListVisit::Kind::merged, static_cast<u8>(std::max(out_.zone, 0)), small(2),
                                  mm::MIGRATE_UNMOVABLE, pfn(1), false, index_});
            block(pfn(0), small(2), Role::merged);
            block(pfn(1), small(2), Role::merged);
            block(pfn(3), small(4), Role::kept);
            pair(BuddyPair::Outcome::merged, pfn(0), pfn(1), small(2));
            return true;
        case ev::buddy_stay:
            if (pfn(0) != pfn(1)) pair(BuddyPair::Outcome::stayed, pfn(0), pfn(1), small(2));
            return true;
        case ev::buddy_add:
            list(ListVisit::Kind::added, 0, small(2), small(3), pfn(1), arg_[4] != 0);
            block(pfn(1), small(2), Role::listed);
            return true;
        case ev::bad_page: block(pfn(0), 0, Role::bad); return true;
        case ev::misuse_unseen: block(pfn(0), small(1), Role::bad); return true;
        default: return false;
        }
    }

    void boot(ev kind) {
        if (kind == ev::memblock_free) {
            zone(2);
            block(pfn(0), small(1), Role::listed);
        }
    }

    Touched& out_;
    u32 pageblock_order_;
    const i64* arg_ = nullptr;
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
