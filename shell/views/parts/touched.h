#pragma once
// What the events of an op did to which block: the marks that every view puts on the current op.
#include <span>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "physical/migratetype.h"

namespace shell {

enum class Role : mm::u8 {
    checked,   // looked at as a buddy
    taken,     // left a free list
    kept,      // the half of a split that goes on
    split_off, // the half of a split that joined a free list
    merged,    // became half of a larger block
    listed,    // joined a free list
    moved,     // changed its free list
    refilled,  // joined a per-CPU list from the buddy lists
    cached,    // joined a per-CPU list when it was freed
    popped,    // left a per-CPU list for the request
    drained,   // left a per-CPU list for the buddy lists
    given,     // what the request got
    returned,  // what was handed back
    bad,       // reported by bad_page()
};
[[nodiscard]] std::string_view role_name(Role role);

struct TouchedBlock {
    mm::pfn_t pfn = mm::PFN_NONE;
    mm::u8 order = 0;
    Role role = Role::checked;
    mm::u32 event = 0; // the last event that touched this block of this order
    friend bool operator==(const TouchedBlock&, const TouchedBlock&) = default;
};

// Two buddies that an event looks at together.
struct BuddyPair {
    enum class Outcome : mm::u8 { none, asked, split, merged, stayed };
    Outcome outcome = Outcome::none;
    mm::pfn_t low = mm::PFN_NONE;
    mm::pfn_t high = mm::PFN_NONE;
    mm::u8 order = 0; // of each half
};

// What happened to one free list of a zone.
struct ListVisit {
    enum class Kind : mm::u8 { empty, taken, split, added, merged };
    Kind kind = Kind::empty;
    mm::u8 zone = 0;
    mm::u8 order = 0;
    mm::migratetype type = mm::MIGRATE_UNMOVABLE; // not known for merged: the block's own page tells it
    mm::pfn_t pfn = mm::PFN_NONE;
    bool at_tail = false;
    mm::u32 event = 0;
};

// What happened to one list of a CPU.
struct PcpVisit {
    enum class Kind : mm::u8 { hit, refill, refilled, freed, drain, drained };
    Kind kind = Kind::hit;
    mm::u8 zone = 0;
    mm::u16 cpu = 0;
    mm::u8 list = 0;  // not known for drain and drained
    mm::u8 order = 0; // of the block of a drained
    mm::migratetype type = mm::MIGRATE_UNMOVABLE;
    mm::pfn_t pfn = mm::PFN_NONE;
    mm::u32 count = 0; // refill: blocks wanted; refilled: blocks got; drain: pages that go
    mm::u32 event = 0;
};

// A comparison of a zone's free pages with its watermark.
struct WatermarkVisit {
    bool ok = false;
    bool no_block = false; // enough pages, but none of the order
    mm::u8 zone = 0;
    mm::u8 mark = 0; // wmark
    mm::u8 order = 0;
    mm::i64 free = 0, unusable = 0, min = 0, reserve = 0, mark_pages = 0;
    mm::u32 event = 0;
};

struct Touched {
    std::vector<TouchedBlock> blocks; // at most MAX_TOUCHED, the latest; in the order of their last event
    std::vector<ListVisit> lists;
    std::vector<PcpVisit> pcp;
    std::vector<WatermarkVisit> watermarks;
    BuddyPair pair; // of the latest event that is about two buddies; none once another block follows
    int zone = -1;  // where the op was last at work
    int cpu = -1;

    [[nodiscard]] const TouchedBlock* find(mm::pfn_t pfn, mm::u32 order) const;
};

inline constexpr std::size_t MAX_TOUCHED = 1024;

// What the given events, the first ones of an op, did. `pageblock_order` is what events about pageblocks leave out.
[[nodiscard]] Touched touched_by(std::span<const mm::Event> events, mm::u32 pageblock_order);

} // namespace shell
