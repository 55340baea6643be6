#pragma once
// /proc/buddyinfo of any machine, read back: what it says, and a machine with so many free blocks.
//
// Untrusted: the text is capped, every number is bounded, and errors name line and column.
#include <optional>
#include <string>
#include <string_view>

#include "base/told.h"
#include "physical/procfs.h"
#include "physical/profile.h"

namespace mm {

inline constexpr std::size_t MAX_BUDDYINFO_BYTES = 64 * 1024;

// parse_buddyinfo() under the cap.
[[nodiscard]] Result<std::vector<buddyinfo_row>> read_buddyinfo(std::string_view text);

// The page size that the number of orders tells: each has blocks up to 4 MiB, 32 MiB or 512 MiB. nullopt: none.
[[nodiscard]] std::optional<u64> page_bytes_of(const buddyinfo_row& row);

// What is to be told of rows that no kernel prints with its defaults, which have 11, 12 or 14 orders: a column is missing.
[[nodiscard]] std::optional<Told> cut_rows(const std::vector<buddyinfo_row>& rows);

// A table a zone: totals, the largest block, and by order the free blocks and both fragmentation indices.
[[nodiscard]] std::string buddyinfo_text(const std::vector<buddyinfo_row>& rows);

// [{"node", "zone", "free_pages", "free_bytes"?, "largest_order", "orders": [{"nr_free", "unusable", "fragmentation"}]}];
// as JSON text; the indices as the kernel prints them, "0.123".
[[nodiscard]] std::string buddyinfo_json(const std::vector<buddyinfo_row>& rows);

// What a machine is called that with_free_blocks() has made: its counts are real, its places are not.
inline constexpr std::string_view COUNTED_MACHINE = "counts";

// The profile with a recorded state that has these numbers of free blocks. buddyinfo says neither where the blocks are
// nor of which type: they are put where memory is free after boot, low addresses first, never two buddies side by side
// as long as there is room, all of them Movable. Errors say why the numbers do not fit this machine.
[[nodiscard]] Result<machine_profile> with_free_blocks(machine_profile profile, const std::vector<buddyinfo_row>& rows);

// A scenario that continues that machine.
[[nodiscard]] std::string buddyinfo_scenario(const machine_profile& profile);

} // namespace mm
