// Events of SLOB: what each carries, and the sentence that it becomes.
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace {

using namespace slab_args;
using ev = slob_event;

// clang-format off
constexpr EventRow<ev> rows[] = {
    event(ev::slob_search, "slob_search", {bytes("size")},
          "A page with room for {size} is looked for.",
          "查找能放下 {size} 的页。"),
};
// clang-format on
static_assert(std::size(rows) == static_cast<std::size_t>(ev::count) - static_cast<std::size_t>(ev::slob_search));
constexpr auto table = event_table(rows, ev::slob_search);

}  // namespace

event_part slob_events() { return {table, {}}; }

}  // namespace mm
