#include "base/event_args.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/names_compile.h"
#include "physical/event_rows.h"
#include "slab/event_rows_debug.h"
#include "slab/event_rows_slub.h"

namespace mm {
namespace {

using ev = physical_event;

template <test::Name NAME, auto... kinds>
concept HaveArg = requires {
    typename std::integral_constant<std::size_t, ArgName<kinds...>(NAME.text).index>;
};

static_assert(HaveArg<"right", ev::buddy_split>);
static_assert(!HaveArg<"buddy", ev::buddy_split>, "a name that the event has no argument of does not compile");
static_assert(!HaveArg<"", ev::buddy_split>);
static_assert(HaveArg<"order", ev::free_request, ev::mm_page_free>);
static_assert(!HaveArg<"refcount", ev::free_request, ev::mm_page_free>, "nor one that only some of the kinds have");
static_assert(!HaveArg<"order", ev::mm_page_alloc, ev::mm_page_alloc_fail>, "nor one that stands at different places");
static_assert(HaveArg<"slab", slub_debug_event::object_error, slub_event::double_free_caught>, "tables may be several");

Event event_of(ev kind, std::initializer_list<i64> args) {
    Event event;
    event.kind = static_cast<u16>(kind);
    std::copy(args.begin(), args.end(), event.arg.begin());
    return event;
}

TEST(EventArgs, AnArgumentIsFoundByItsNameAtItsPlaceInTheRow) {
    // A block of order 2 at 0x40000 is split: its right half is at 0x40002.
    const Event split = event_of(ev::buddy_split, {1, 0x40000, 2, 0x40002, 1, 0});
    const Args<ev::buddy_split> in(split);
    EXPECT_EQ(in["zone"], 1);
    EXPECT_EQ(in.as<pfn_t>("pfn"), 0x40000u);
    EXPECT_EQ(in.as<pfn_t>("right"), 0x40002u);
    EXPECT_EQ(in["order"], in["new_order"] + 1);
}

TEST(EventArgsDeathTest, AnEventOfAnotherKindIsNotRead) {
    const Event taken = event_of(ev::buddy_take, {1, 0x40000, 2, 0, 7});
    EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(Args<ev::buddy_split>(taken)), "event.kind");
}

} // namespace
} // namespace mm
