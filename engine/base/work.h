#pragma once
// Work: what an op costs, as a number that depends on nothing but the machine and the op. Never a time: so an op is refused
// at the same place on every computer, native and in WebAssembly, watched or not.
//
// A unit is an event, or a step that no event tells: an entry of a page table that is looked at, an object, page, slab or
// list node that is passed, or WORK_BYTES bytes that are compared or written. Whatever loops over something of which a
// person can make much charges what it goes through, to the sink of the op (base/event.h). What is bounded by a small
// constant, as the orders of a zone, is part of the unit.
#include "base/types.h"

namespace mm {

inline constexpr u64 OP_WORK = 8;     // of an op as such: one that does nothing has to be dispatched, too
inline constexpr u32 WORK_BYTES = 32; // poison and red zones: bytes for one unit
// Of a report in the kernel's log that is some lines: of a page, a cache or an object's address.
inline constexpr u64 SHORT_RECORD_WORK = 64;
// Of one that prints an object, and so up to a page of bytes: two bytes for one unit.
[[nodiscard]] constexpr u64 record_work(u32 page_shift) { return u64{1} << (page_shift - 1); }

// How far one op may go.
struct work_limit {
    u64 work = ~u64{0};
    u64 events = ~u64{0}; // they are kept in memory while the op is shown
};

// What an op has too much of: it has no effect then, and nothing behind it runs.
enum class over_work : u8 { none, events, op, run };

struct work_budget {
    work_limit op;
    u64 run = ~u64{0};

    // `before`: units of the ops before this one, of `work` units and `events` events.
    [[nodiscard]] over_work judge(u64 before, u64 work, u64 events) const {
        if (events > op.events) return over_work::events;
        if (work > op.work) return over_work::op;
        return before + work > run ? over_work::run : over_work::none;
    }
};

// One op of a scenario may emit 2^20 events, 80 MiB, and take 2^23 units: the entries for 32 GiB of 4 KiB pages, or twice all
// bytes that slabs keep. A run cannot be cut within an op, and this one is done within a second.
// All ops together may take 2^27 units: 1,000,000 random requests to the page allocator take a sixth of them.
inline constexpr work_budget SCENARIO_WORK{{u64{1} << 23, u64{1} << 20}, u64{1} << 27};

} // namespace mm
