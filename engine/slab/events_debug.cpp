// Events of SLUB's debugging: what each carries, and the sentence that it becomes.
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace {

using namespace slab_args;
using ev = slub_debug_event;

// clang-format off
constexpr EventRow<ev> rows[] = {
    event(ev::object_written, "object_written", {OBJECT},
          "{object} is written to.",
          "写入 {object}。"),
};
// clang-format on
static_assert(std::size(rows) == static_cast<std::size_t>(ev::count) - static_cast<std::size_t>(ev::object_written));
constexpr auto table = event_table(rows, ev::object_written);

}  // namespace

event_part slub_debug_events() { return {table, {}}; }

}  // namespace mm
