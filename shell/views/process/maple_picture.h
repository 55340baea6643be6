#pragma once
// A maple tree, drawn level by level: nodes as boxes with their slots.
//
//             [ 0x0            ]
//             [ ≤ …6fff gap 4M ]        an inner node: of each slot the last address and the longest gap below
//             [ ≤ …ffff gap 0  ]
//       [ 0x0        ] [ 0x7000     ]
//       [ nothing 4M ] [ rw-p stack ]   leaves: of each slot the VMA, or nothing
//
// Where the nodes of a level have no room beside each other they are small, and the one on the way is drawn whole. Below a
// node that is not on the way nothing is drawn: pressing it goes there.
#include <functional>
#include <optional>
#include <string>

#include "views/parts/scroll_area.h"
#include "views/process/vma_index_look.h"

namespace shell {

struct MapleLook {
    const mm::process_memory& proc;
    const std::vector<MapleLevel>& levels;
    std::optional<mm::u64> searched; // the address that was looked for: nodes that hold it are lit
    std::optional<mm::u64> selected;
    std::function<std::string(mm::vma_id)> name; // of a VMA
    std::function<bool(mm::vma_id)> touched;     // by the step
};

struct MapleDrawing {
    float end = 0;
    std::optional<mm::u64> under; // an address of what is below the pointer
    std::string told;             // what to say of it
};
MapleDrawing draw_maple(Pen& pen, ScrollArea& area, const Rect& top, const MapleLook& look);

// "9 of 16 slots"
[[nodiscard]] std::string slots_in_use(const Teller& teller, const mm::maple_node& node);

} // namespace shell
