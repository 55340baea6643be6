// Events of percpu memory: the words of their reasons. Their rows are in event_rows_percpu.h.
#include "kernel/event_rows_percpu.h"
#include "kernel/percpu.h"

namespace mm {

namespace {

using ev = percpu_event;

constexpr auto table = event_table(percpu_rows::rows, ev::percpu_create_chunk);

// clang-format off
constexpr EventWords words[] = {
    words_for(ev::percpu_alloc_percpu_fail, "reason", percpu_failure::illegal,
              "WARNING: illegal size or align for percpu allocation (at most a unit's least size, 32 KiB, and a page; align a power of two)",
              "WARNING: illegal size or align for percpu allocation（最多 32 KiB，即单元的最小尺寸；对齐最多一页，且是 2 的幂）"),
    words_for(ev::percpu_alloc_percpu_fail, "reason", percpu_failure::no_chunk, "failed to allocate new chunk", "failed to allocate new chunk"),
    words_for(ev::percpu_alloc_percpu_fail, "reason", percpu_failure::no_pages, "failed to populate", "failed to populate"),
};
// clang-format on

} // namespace

EventPart percpu_events() { return table.with(words); }

} // namespace mm
