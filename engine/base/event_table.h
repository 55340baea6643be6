#pragma once
// How a room writes its table of events: rows in any order, checked at compile time, found by kind.
//
//   constexpr EventRow<slub_event> rows[] = { event(ev::new_slab, "new_slab", {CACHE, SLAB}, "...", "..."), ... };
//   constexpr auto table = event_table(rows);
//
// Rooms that come later begin their kinds where the room to their left ends, so a kind is one number for all rooms.
#include <algorithm>
#include <array>

#include "base/event.h"
#include "base/event_words.h"

namespace mm {

template <class Kind>
struct EventRow {
    Kind kind;
    EventSpec spec;
};

template <class Kind>
constexpr EventRow<Kind> event(Kind kind, std::string_view name, std::string_view en, std::string_view zh) {
    return {kind, {name, false, {}, en, zh}};
}

template <class Kind, std::size_t N>
constexpr EventRow<Kind> event(Kind kind, std::string_view name, const ArgSpec (&args)[N], std::string_view en,
                               std::string_view zh) {
    EventRow<Kind> row = event(kind, name, en, zh);
    std::copy(args, args + N, row.spec.args.begin());
    return row;
}

// An event that has a line in the kernel's own trace, with these arguments.
template <class Kind, std::size_t N>
constexpr EventRow<Kind> tracepoint(Kind kind, std::string_view name, const ArgSpec (&args)[N], std::string_view en,
                                    std::string_view zh) {
    EventRow<Kind> row = event(kind, name, args, en, zh);
    row.spec.tracepoint = true;
    return row;
}

// Not constant, so that calling it stops the compiler, which then says its name.
void a_kind_has_two_rows_and_another_none();

// The specs in the order of their kinds. `first` is the first kind of the room. A kind with two rows, or none, does not
// compile.
template <class Kind, std::size_t N>
consteval std::array<EventSpec, N> event_table(const EventRow<Kind> (&rows)[N], Kind first) {
    std::array<EventSpec, N> specs;
    for (const EventRow<Kind>& row : rows)
        specs[static_cast<std::size_t>(row.kind) - static_cast<std::size_t>(first)] = row.spec;
    for (const EventSpec& spec : specs)
        if (spec.name.empty()) a_kind_has_two_rows_and_another_none();
    return specs;
}

// One row of a room's table of words.
template <class Kind, class Code>
constexpr EventWords words_for(Kind kind, std::string_view arg, Code value, std::string_view en, std::string_view zh) {
    return {static_cast<u16>(kind), arg, static_cast<i64>(value), en, zh};
}

} // namespace mm
