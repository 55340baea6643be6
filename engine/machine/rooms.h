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

struct Room {
    room_id id;
    std::string_view name; // its folder in engine/

    // ---- ops, by their place in the room's table
    std::size_t (*op_count)();
    const OpSpec& (*op_spec)(std::size_t row);
    OpOutcome (*apply)(Machine& machine, std::size_t row, OpCall& call);

    // ---- what they tell: tables of events in the order of their kinds, names of kernel functions by number
    std::array<EventPart (*)(), MAX_EVENT_PARTS> events; // up to the first nullptr
    std::span<const std::string_view> functions;

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

// The tables of events of a room, in the order of their kinds.
[[nodiscard]] std::vector<EventPart> event_parts(const Room& room);

} // namespace mm
