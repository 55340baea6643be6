// The map in words: the zones, the blocks that the step touched, and the blocks around the place that is looked at.
#include <algorithm>

#include "machine/narrate.h"
#include "views/pages/map.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;

constexpr std::size_t MOST_TOUCHED = 48; // blocks of the step, the latest
constexpr std::size_t MOST_AROUND = 96;  // blocks around the place
constexpr u32 FRAMES_AROUND = 1u << 12;  // frames that are looked at for them

std::string state_text(const Teller& teller, const mm::physical_memory& mem, pfn_t pfn) {
    return teller.say(state_phrase(mem.page_at(pfn).state()));
}

std::string type_text(const mm::physical_memory& mem, pfn_t pfn) {
    if (mem.page_at(pfn).state() == mm::page_state::hole) return "";
    return std::string(mm::migratetype_names[mem.block_type(pfn)]);
}

void add_zones(Mirror& out, const ViewInput& input, const mm::Machine& machine) {
    const mm::physical_memory& mem = machine.physical;
    const Touched touched = touched_so_far(input);
    for (const mm::u8 index : mem.populated) {
        const mm::zone& zone = mem.zones[index];
        mm::u64 free_pages = 0;
        for (u32 order = 0; order < mem.nr_orders; ++order)
            free_pages += static_cast<mm::u64>(zone.area[order].nr_free) << order;
        out.add({{mm::unit_text(machine, mm::Unit::zone, index),
                  grouped(static_cast<mm::i64>(free_pages)) + " " + input.teller().say(words::PAGES_FREE), "", "",
                  size_text(static_cast<mm::u64>(zone.present_pages) << mem.page_shift)},
                 {Selection::Kind::zone, index, 0, 0},
                 touched_if(touched.zone == index)});
    }
}

void add_touched(Mirror& out, const ViewInput& input, const mm::Machine& machine) {
    const Teller teller = input.teller();
    const mm::physical_memory& mem = machine.physical;
    const std::vector<TouchedBlock> blocks = touched_so_far(input).blocks;
    const std::size_t first = blocks.size() - std::min(blocks.size(), MOST_TOUCHED);
    for (std::size_t i = first; i < blocks.size(); ++i) {
        const TouchedBlock& block = blocks[i];
        if (!mem.pfn_valid(block.pfn)) continue;
        const std::string name = hex_pfn(block.pfn) + ", " + words::order_of(teller, block.order);
        out.add({{mm::filled(teller.say(mirror_text::TOUCHED_BLOCK), name), state_text(teller, mem, block.pfn),
                  std::to_string(block.order), type_text(mem, block.pfn), teller.say(role_phrase(block.role))},
                 {Selection::Kind::pfn, static_cast<mm::i64>(block.pfn), 0, 0},
                 RowChange::touched});
    }
}

// Frames whose blocks are told: from the beginning of the largest block around the place.
struct Around {
    pfn_t first = 0, end = 0;
};

std::optional<pfn_t> place_of(const ViewInput& input) {
    const mm::Machine& machine = input.moment.at;
    if (const auto pfn = frame_of(machine, input.choices.selection)) return pfn;
    const std::vector<TouchedBlock> blocks = touched_so_far(input).blocks;
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
        if (block->role == Role::given || block->role == Role::returned) return block->pfn;
    if (!blocks.empty()) return blocks.back().pfn;
    if (machine.physical.populated.empty()) return std::nullopt;
    return machine.physical.zones[machine.physical.populated.front()].start_pfn;
}

Around around(const mm::physical_memory& mem, pfn_t place) {
    const pfn_t largest = pfn_t{1} << (mem.nr_orders - 1);
    Around out{std::max(place / largest * largest, mem.base_pfn), 0};
    out.end = std::min<pfn_t>(std::max(out.first + FRAMES_AROUND, place + largest), mem.end_pfn);
    return out;
}

// Reserved frames, holes and frames of nobody are told in rows of many.
bool is_single(mm::page_state state) {
    return state == mm::page_state::reserved || state == mm::page_state::hole || state == mm::page_state::tail;
}

void add_blocks(Mirror& out, const ViewInput& input, const mm::Machine& machine, const Around& range) {
    const Teller teller = input.teller();
    const mm::physical_memory& mem = machine.physical;
    std::size_t told = 0;
    for (pfn_t pfn = range.first; pfn < range.end && told < MOST_AROUND; ++told) {
        if (!mem.pfn_valid(pfn)) {
            ++pfn;
            continue;
        }
        const mm::block_info block = find_block(mem, pfn);
        pfn_t end = (block.head == mm::PFN_NONE ? pfn : block.head) + (pfn_t{1} << block.order);
        std::string name = hex_pfn(pfn);
        if (is_single(block.state)) {
            while (end < range.end && mem.pfn_valid(end) && find_block(mem, end).state == block.state) ++end;
            if (end > pfn + 1) name += "–" + hex_pfn(end - 1);
        }
        out.add({{name, teller.say(state_phrase(block.state)),
                  is_single(block.state) ? "" : std::to_string(block.order), type_text(mem, pfn), ""},
                 {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0}});
        pfn = std::max(end, pfn + 1);
    }
}

} // namespace

Mirror MapView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(row().title)};
    const auto place = place_of(input);
    if (machine.physical.populated.empty()) out.note = teller.say(words::NO_ZONES);
    out.columns = {teller.say(mirror_text::PLACE), teller.say(mirror_text::STATE), teller.say(mirror_text::ORDER),
                   teller.say(mirror_text::TYPE), teller.say(mirror_text::MORE)};
    if (machine.physical.populated.empty() || !place) return out;
    out.caption += ": " + mm::filled(teller.say(mirror_text::AROUND), hex_pfn(*place));
    add_zones(out, input, machine);
    add_touched(out, input, machine);
    add_blocks(out, input, machine, around(input.moment.at.physical, *place));
    return out;
}

} // namespace shell
