#pragma once
// The stage before the walk on i386: a logical address, its selector bit by bit, the descriptor field by field, and how
// base and offset become the linear address.
//
//   0x7b : 0x8048000   logical address · DS · CPL 3
//   |0000000001111|  |0|  |11|                  index, TI, RPL
//   GDT, entry 15   0x00cf f300 0000 ffff
//   |00|  |1|  ...  |ffff|                      base, G, D/B, ... limit
//   base 0x0 + offset 0x8048000 = 0x8048000     last byte 0x8048003, limit 0xffffffff
//
// While the op is stepped into, the parts appear one after another.
#include "json.h"
#include "machine/facts/segment_facts.h"
#include "views/parts/mirror.h"
#include "views/parts/pen.h"

namespace shell {

// Returns where it ends.
float draw_segment(Pen& pen, const mm::SegmentFacts& facts, float x0, float x1, float y);
// Its parts as rows: what, value, meaning.
void mirror_segment(Mirror& out, const Teller& teller, const mm::SegmentFacts& facts);
[[nodiscard]] Json describe_segment(const mm::SegmentFacts& facts);

} // namespace shell
