#pragma once
// What a room is made of, one row a room. Whatever goes over all rooms (ops, events, call paths, verify, hash, /proc, the
// kernel's log) is a loop over the rows: machine.cpp, proc_files.cpp, kernel_log.cpp, trace_text.cpp.
//
// A room cannot see Machine, which holds it; the functions of its row hand it what is its own and what stands to its left.
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"
#include "base/rooms.h"
#include "machine/machine.h"
#include "machine/proc_files.h"

namespace mm {

inline constexpr std::size_t MAX_EVENT_PARTS = 8;

// A table of events, and where its kinds end: they begin where those of the table before end. So the table of a kind is found
// without asking another.
struct RoomEvents {
    u16 end = 0;
    EventPart (*part)() = nullptr;
};
template <class Kind>
[[nodiscard]] consteval RoomEvents events_of(EventPart (*part)()) {
    return {static_cast<u16>(Kind::count), part};
}

// Of the page's program nothing is fetched before its first picture but what that asks for (tools/split-page.mjs). So a room's
// tables stand behind functions, and no loop goes over those of all rooms where one room's are enough.
struct Room {
    room_id id;
    std::string_view name; // its folder in engine/

    // ---- ops, by their place in the room's table
    std::size_t (*op_count)();
    const OpSpec& (*op_spec)(std::size_t row);
    OpOutcome (*apply)(Machine& machine, std::size_t row, OpCall& call);

    // ---- what they tell: tables of events in the order of their kinds, names of kernel functions by number
    std::array<RoomEvents, MAX_EVENT_PARTS> events; // up to the first whose end is 0
    std::span<const std::string_view> (*functions)();

    // ---- state
    void (*start)(Machine& machine) = nullptr; // once the page allocator serves requests
    u64 (*bytes_copied)(const Machine& machine);
    u64 (*bytes_of_lists)(const Machine& machine) = nullptr; // nullptr: it has none that may be long
    u64 (*record_count)(const Machine& machine);
    std::optional<std::string> (*verify)(const Machine& machine);
    void (*hash)(const Machine& machine, Hasher& hasher);

    // ---- text
    std::span<const ProcFile> proc_files{};
    std::string (*kernel_log)(const Machine& machine, const Event& event) = nullptr; // nullptr: it prints nothing
    std::string (*trace_text)(const Machine& machine, const Event& event) = nullptr; // nullptr: it has no tracepoint
};

// In the order of room_id.
[[nodiscard]] std::span<const Room, NR_ROOMS> rooms();

// The room of an event's kind or of a function of a call path.
[[nodiscard]] inline const Room& room_row(u16 number) {
    const auto room = static_cast<std::size_t>(room_of(number));
    MM_ASSERT(room < NR_ROOMS);
    return rooms()[room];
}

// How many kinds of events the rooms before this one have.
[[nodiscard]] std::size_t events_before(std::size_t room);

// The tables of events of a room, in the order of their kinds.
[[nodiscard]] std::vector<EventPart> event_parts(const Room& room);
// The one that has this kind.
[[nodiscard]] EventPart event_part(u16 kind);

} // namespace mm
