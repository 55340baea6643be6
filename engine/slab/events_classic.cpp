// Events of SLAB: what each carries, and the sentence that it becomes.
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace {

using namespace slab_args;
using ev = classic_event;

// clang-format off
constexpr EventRow<ev> rows[] = {
    event(ev::array_hit, "array_hit", {CACHE, CPU, OBJECT},
          "CPU {cpu} takes {object} from its array of {cache}.",
          "CPU {cpu} 从 {cache} 的本地数组取 {object}。"),
};
// clang-format on
static_assert(std::size(rows) == static_cast<std::size_t>(ev::count) - static_cast<std::size_t>(ev::array_hit));
constexpr auto table = event_table(rows, ev::array_hit);

}  // namespace

event_part classic_events() { return {table, {}}; }

}  // namespace mm
