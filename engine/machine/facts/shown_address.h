#pragma once
// The address that a moment is about, and the entries of tables that its op has touched.
#include <optional>
#include <span>
#include <vector>

#include "machine/facts/place.h"
#include "machine/moment.h"

namespace mm {

// The virtual address that the event tells of, if it tells of one.
[[nodiscard]] std::optional<u64> told_address(const Event& event);
// The virtual addresses that the events tell of, and what arithmetic with addresses took and gave, ascending.
[[nodiscard]] std::vector<u64> told_addresses(std::span<const Event> happened);

struct ShownAddress {
    enum class From : u8 { selection, events, op, example };
    u64 address = 0;
    space_id space = INIT_MM;
    From from = From::example;
    friend bool operator==(const ShownAddress&, const ShownAddress&) = default;
};
// The selected address, else the one that the events so far name last, else the op's own, else where vmalloc begins.
[[nodiscard]] ShownAddress shown_address(const Moment& moment, const Place& selection);

// Entries of tables that the op has written or read so far.
struct TouchedEntries {
    pfn_t table = PFN_NONE;
    u32 first = 0, nr = 0;

    [[nodiscard]] bool holds(pfn_t frame, u32 index) const {
        return table == frame && index >= first && index - first < nr;
    }
};
[[nodiscard]] std::vector<TouchedEntries> touched_entries(const Moment& moment);
// The entry that the event at the cursor is about: the last that it has touched; else, where it names an address, the entry at which
// the walk for that ends. nr is 0: none.
[[nodiscard]] TouchedEntries entry_at_cursor(const Moment& moment);

} // namespace mm
