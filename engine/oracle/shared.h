#pragma once
// Following a recording while other tasks use the allocator too.
//
// With interrupts on, or on several CPUs, blocks come and go between two lines of the log, and no line tells which. What
// can still be compared is what does not depend on them, and everything else as far as nobody interfered. So after each
// difference the engine's state is brought to what the recording shows:
//
//   counters line   nr=17,12,7,...     blocks are taken from, split into or put on free lists until nr_free is as recorded
//                   l0:4802c,4802d(31) per-CPU lists of CPU 0 begin with these pages and have this length
//   pfn=46000       engine had 45c00   the block is taken out of wherever it stands, and so is what stood before it
#include "oracle/replay.h"

namespace mm {

// How many frames of the block stand on free lists and per-CPU lists.
[[nodiscard]] u32 nr_frames_free(const physical_memory& mem, pfn_t pfn, u32 order);

// Makes the frames of a block belong to somebody, as single frames: they leave free lists and per-CPU lists, and what
// they were merged with goes back to the free lists. False when one of them is reserved or not there.
[[nodiscard]] bool claim_frames(physical_memory& mem, pfn_t pfn, u32 order);

// After the engine chose another block than the kernel did: the recorded block and the ones that stood before it in its
// list (others took them) become held.
[[nodiscard]] bool take_recorded_block(Replay& replay, pfn_t pfn, u32 order, bool compound);

// Brings one zone to the recorded counters, as far as they tell.
void follow_counters(physical_memory& mem, const RecordedCounters& counters);

} // namespace mm
