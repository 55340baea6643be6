#pragma once
// How a room writes its table of events: rows in any order, checked at compile time, found by kind.
//
//   inline constexpr EventRow<slub_event> rows[] = { event(ev::slab_new, "slab_new", {CACHE, SLAB}, "...", "..."), ... };
//   constexpr std::span<const EventRow<slub_event>> event_rows(slub_event) { return rows; }
//
// in a header, so that who reads an event does it by the names of its arguments (base/event_args.h), and
//
//   constexpr auto table = event_table(rows, ev::slab_new);
//   EventPart slub_events() { return table.with(words); }
//
// The kinds of a room's first table begin at the room's first number (base/rooms.h), those of each further table where the
// one before ends. So a kind is one number for all rooms.
#include <algorithm>
#include <array>

#include "base/event_words.h"
#include "base/rooms.h"

namespace mm {

template <class Kind>
struct EventRow {
    Kind kind;
    EventSpec spec;
};

template <class Kind>
constexpr EventRow<Kind> event(Kind kind, std::string_view name, LateText en, LateText zh) {
    return {kind, {name, false, {}, en, zh}};
}

template <class Kind, std::size_t N>
constexpr EventRow<Kind> event(Kind kind, std::string_view name, const ArgSpec (&args)[N], LateText en, LateText zh) {
    EventRow<Kind> row = event(kind, name, en, zh);
    std::copy(args, args + N, row.spec.args.begin());
    return row;
}

// An event that has a line in the kernel's own trace, with these arguments.
template <class Kind, std::size_t N>
constexpr EventRow<Kind> tracepoint(Kind kind, std::string_view name, const ArgSpec (&args)[N], LateText en,
                                    LateText zh) {
    EventRow<Kind> row = event(kind, name, args, en, zh);
    row.spec.tracepoint = true;
    return row;
}

// Not constant, so that calling it stops the compiler, which then says its name.
void a_kind_has_two_rows_and_another_none();

template <std::size_t N>
struct EventTable {
    u16 first = 0;
    std::array<EventSpec, N> specs;

    [[nodiscard]] EventPart with(std::span<const EventWords> words) const { return {first, specs, words}; }
};

// The specs in the order of their kinds. `first` is the first kind of the table. A kind with two rows, or none, does not
// compile, nor does a table that leaves the block of its room.
template <class Kind, std::size_t N>
consteval EventTable<N> event_table(const EventRow<Kind> (&rows)[N], Kind first) {
    const std::size_t begin = static_cast<std::size_t>(first), end = static_cast<std::size_t>(Kind::count);
    if (begin + N != end) a_kind_has_two_rows_and_another_none();
    if (room_of(static_cast<u16>(end - 1)) != room_of(static_cast<u16>(begin)))
        a_room_has_more_numbers_than_its_block();
    EventTable<N> table{static_cast<u16>(begin), {}};
    for (const EventRow<Kind>& row : rows) table.specs[static_cast<std::size_t>(row.kind) - begin] = row.spec;
    for (const EventSpec& spec : table.specs)
        if (spec.name.empty()) a_kind_has_two_rows_and_another_none();
    return table;
}

// One row of a room's table of words.
template <class Kind, class Code>
constexpr EventWords words_for(Kind kind, std::string_view arg, Code value, LateText en, LateText zh) {
    return {static_cast<u16>(kind), arg, static_cast<i64>(value), en, zh};
}

// The same where it is a name, which both languages have.
template <class Kind, class Code>
constexpr EventWords name_for(Kind kind, std::string_view arg, Code value, std::string_view name) {
    return words_for(kind, arg, value, LateText(name), LateText(name));
}

} // namespace mm
