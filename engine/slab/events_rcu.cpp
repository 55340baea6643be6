// Events of kfree_rcu and grace periods: the words of who waits. Their rows are in event_rows_rcu.h.
#include "slab/event_rows_rcu.h"
#include "slab/kfree_rcu.h"

namespace mm {

namespace {

using ev = rcu_event;

constexpr auto table = event_table(rcu_rows::rows, ev::kfree_rcu);

// clang-format off
constexpr EventWords words[] = {
    words_for(ev::kfree_rcu_collected_stays, "by", rcu_waiter::synchronize_rcu, "synchronize_rcu()",
              "synchronize_rcu()"),
    words_for(ev::kfree_rcu_collected_stays, "by", rcu_waiter::rcu_barrier, "rcu_barrier()", "rcu_barrier()"),
};
// clang-format on

} // namespace

EventPart rcu_events() { return table.with(words); }

} // namespace mm
