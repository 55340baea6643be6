#include "views/process/vma_index_look.h"

#include <algorithm>

#include "base/hex.h"

#include "process/vma_index_event_rows.h"
#include "views/parts/pen.h"
#include "views/process/process_choice.h"
#include "views/process/process_words.h"
#include "views/process/space_picture.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;
using mm::u64;

std::vector<u32> path_to(const mm::process_memory& proc, mm_id process, u64 address) {
    std::vector<u32> path;
    if (process < proc.mms_used && proc.mms[process].in_use)
        static_cast<void>(mm::search_vma(proc, process, address, &path));
    return path;
}

bool asks_no_cache(mm::search_way way) { return way != mm::search_way::vmacache && way != mm::search_way::mmap_cache; }

IndexSearch search_of_event(const ViewInput& input, mm_id process, u32 at) {
    const mm::Event& event = input.moment.events[at];
    IndexSearch search;
    search.of_step = true;
    u64 address = 0;
    if (event.kind == static_cast<mm::u16>(mm::vma_index_event::vma_searched)) {
        const mm::Args<mm::vma_index_event::vma_searched> in(event);
        search.address = search.key = address = in.as<u64>("address");
        search.way = in.as<mm::search_way>("way");
        search.looked = in.as<u32>("looked");
        if (!asks_no_cache(search.way)) return search;
    } else {
        const Placement place = placement_of(event);
        search.for_hole = true;
        search.address = place.size;
        search.key = address = place.way == mm::hole_way::top_down ? place.hole_end - 1 : place.hole;
    }
    const mm::Machine machine = mm::machine_at_event(*input.moment.before, *input.moment.op, at + 1);
    search.path = path_to(machine.processes, process, address);
    if (search.for_hole) search.looked = static_cast<u32>(search.path.size());
    return search;
}

} // namespace

bool IndexSearch::passes(u32 id) const { return std::find(path.begin(), path.end(), id) != path.end(); }

IndexSearch index_search(const ViewInput& input, mm_id process, bool about) {
    const auto searched = static_cast<mm::u16>(mm::vma_index_event::vma_searched);
    const auto found = static_cast<mm::u16>(mm::process_event::vma_hole_found);
    for (u32 i = about ? input.moment.nr_happened : 0; i-- > 0;) {
        const mm::u16 kind = input.moment.events[i].kind;
        if (kind == searched || kind == found) return search_of_event(input, process, i);
    }
    IndexSearch search;
    const std::optional<u64> selected = selected_in(input, process);
    if (!selected) return search;
    const mm::process_memory& proc = input.moment.at.processes;
    const mm::vma_search asked = mm::search_vma(proc, process, *selected, &search.path);
    search.address = search.key = *selected;
    search.way = asked.way;
    search.looked = asked.looked;
    return search;
}

std::string search_words(const Teller& teller, const mm::process_memory& proc, const IndexSearch& search) {
    if (!search.is_there()) return "";
    const std::string looked = grouped(search.looked);
    if (search.for_hole) return mm::filled(teller.say(words::WAY_OF_SEARCH), looked, size_text(search.address));
    if (!asks_no_cache(search.way))
        return mm::filled(teller.say(words::FOUND_IN_CACHE), mm::address_hex(search.address));
    const bool nodes = proc.rules.index() == mm::vma_index_kind::maple;
    return mm::filled(teller.say(nodes ? words::WAY_TO_ADDRESS_NODES : words::WAY_TO_ADDRESS), looked,
                      mm::address_hex(search.address));
}

std::vector<u32> nodes_by_level(const mm::maple_pool& pool, const mm::maple_tree& tree) {
    std::vector<u32> counts(tree.height);
    mm::maple_id first = tree.root;
    for (u32 level = tree.height; level > 0; --level) {
        for (mm::maple_id id = first; id != mm::MAPLE_NONE; id = mm::maple_next_node(pool, id)) ++counts[level - 1];
        first = pool.nodes[first].slots[0];
    }
    return counts;
}

std::vector<MapleLevel> maple_levels(const mm::process_memory& proc, const mm::maple_tree& tree, u64 address) {
    std::vector<MapleLevel> levels;
    if (tree.root == mm::MAPLE_NONE) return levels;
    std::vector<mm::maple_id> path;
    static_cast<void>(mm::maple_walk(proc.maple, tree, address, &path));
    const std::vector<u32> counts = nodes_by_level(proc.maple, tree);
    for (std::size_t i = 0; i < path.size(); ++i) {
        MapleLevel level;
        level.level = static_cast<mm::u8>(path.size() - i);
        level.all = counts[level.level - 1u];
        if (i == 0) {
            level.nodes = {path[0]};
        } else {
            const mm::maple_node& above = proc.maple.nodes[path[i - 1]];
            level.nodes.assign(above.slots.begin(), above.slots.begin() + above.count);
            level.open = proc.maple.nodes[path[i]].parent_slot;
        }
        levels.push_back(std::move(level));
    }
    return levels;
}

} // namespace shell
