#pragma once
// The arguments of an event by name, for who knows its kind. A table of events whose rows stand in a header
// (physical/event_rows.h) says with event_rows() which they are.
//
//   case ev::buddy_split: {
//       const Args<ev::buddy_split> in(event);
//       list(in["zone"], in["new_order"], in["right"]);
//
// A name that the event has no argument of does not compile. Args of several kinds read what all of them have at the same
// place: Args<ev::pageblock_claim, ev::pageblock_move>. What runs is an index: the names are gone.
#include "base/assert.h"
#include "base/event_table.h"

namespace mm {

// Not constant, so that calling it stops the compiler, which then says its name.
void the_event_has_no_argument_of_this_name();

template <auto kind>
[[nodiscard]] constexpr int arg_index(std::string_view name) {
    for (const auto& row : event_rows(kind))
        if (row.kind == kind) return row.spec.arg_index(name);
    return -1;
}

// The name of an argument that events of these kinds have.
template <auto first, auto... others>
struct ArgName {
    std::size_t index;

    consteval ArgName(const char* name) : index(static_cast<std::size_t>(arg_index<first>(name))) {
        const int at = arg_index<first>(name);
        if (at < 0 || !((arg_index<others>(name) == at) && ...)) the_event_has_no_argument_of_this_name();
    }
};

template <auto... kinds>
class Args {
  public:
    explicit Args(const Event& event) : event_(event) { MM_ASSERT(((event.kind == static_cast<u16>(kinds)) || ...)); }

    [[nodiscard]] i64 operator[](ArgName<kinds...> arg) const { return event_.arg[arg.index]; }
    // The same with the type that it stands for: in.as<pfn_t>("pfn").
    template <class T>
    [[nodiscard]] T as(ArgName<kinds...> arg) const {
        return static_cast<T>(event_.arg[arg.index]);
    }

  private:
    const Event& event_;
};

} // namespace mm
