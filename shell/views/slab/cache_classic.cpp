// The view of one cache on a machine with SLAB: arrays of objects in front of lists of slabs.
#include <algorithm>

#include "slab/slab.h"
#include "views/parts/list_strip.h"
#include "views/slab/cache.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::u32;
using mm::u64;

constexpr float MARGIN = 12, INDENT = 12, ROW = 46;
constexpr u32 MOST_SEARCHED = 4096; // entries of an array among which the op's objects are looked for
constexpr u64 GONE = u64{1} << 63;  // an item that has left the array: the address of its object

std::string text_of(u64 value) { return grouped(static_cast<mm::i64>(value)); }

std::string entry_text(const mm::slab_memory& slabs, mm::object_ref entry) {
    if (entry.slab >= slabs.nr_slabs) return "?";
    return hex_pfn(slabs.slabs[entry.slab].pfn) + " #" + std::to_string(entry.index);
}

std::string address_text(const mm::Machine& machine, mm::phys_addr_t address) {
    return entry_text(machine.slabs, mm::object_of_address(machine.slabs, machine.physical, address));
}

} // namespace

float CacheView::draw_classic(SlabScene& scene, float y) {
    const u32 arrays = scene.cache_of().cpu_cache;
    for (u32 cpu = 0; cpu < scene.slabs.nr_cpus && arrays != mm::RUN_NONE; ++cpu)
        y = draw_array(scene, arrays + cpu, "CPU " + std::to_string(cpu), y);
    for (u32 node = 0; node < scene.slabs.nr_nodes; ++node) y = draw_classic_node(scene, node, y);
    if (!lists_.elsewhere.empty()) y = draw_list(scene, words::ON_THEIR_WAY, "", lists_.elsewhere, y + 4);
    y = draw_gone_slabs(scene, scene.area.box().x0 + MARGIN + INDENT, y + 4);
    if (numbers_.slabs > 0) return y;
    Pen& pen = scene.pen;
    const Rect& box = scene.area.box();
    return pen.paragraph(box.x0 + MARGIN, y + 4, box.width() - 2 * MARGIN, pen.say(words::NO_SLAB_YET),
                         {pen.p.muted, TEXT_NORMAL, Face::words});
}

// The entry that is taken next stands at the left.
float CacheView::draw_array(SlabScene& scene, u32 array, const std::string& name, float y) {
    Pen& pen = scene.pen;
    const mm::slab_memory& slabs = scene.slabs;
    const mm::array_cache& a = slabs.arrays[array];
    const Rect& all = scene.area.box();
    const float x0 = all.x0 + MARGIN;
    const TextLook title{pen.p.ink, 13, Face::words}, numbers{pen.p.muted, TEXT_SMALL, Face::words};
    pen.fill({x0, pen.snap(y), all.x1 - MARGIN, pen.snap(y) + pen.hairline()}, pen.p.faint);
    pen.text(x0, y + 7, name, title);
    // Arrays keep their numbers for as long as their cache lives.
    const mm::slab_memory& before = scene.input.before().slabs;
    const bool was_there = before.up && mm::cache_exists(before, cache_) && array < before.arrays.size();
    std::string text =
        "avail " + from_to(was_there ? before.arrays[array].avail : a.avail, a.avail) + " / limit " + text_of(a.limit);
    if (a.batchcount <= a.limit) text += "   batchcount " + text_of(a.batchcount);
    text += std::string("   ") + pen.say(words::NEWEST_FIRST);
    const float x = x0 + std::max(pen.width_of(name, title), 46.0f) + 12;
    pen.text(x, y + 9, pen.fitted(text, all.x1 - MARGIN - x, numbers), numbers);

    const u32 avail = a.avail, first = a.entries;
    const auto entry = [&slabs, first](u64 item) { return slabs.entries[first + static_cast<u32>(item)]; };
    const mm::Machine& machine = scene.input.moment.at;
    ListRow row{.strip = {.nr = avail,
                          .at = [avail](u32 index) { return u64{avail} - 1 - index; },
                          .next = [](u64 item) { return item - 1; },
                          .label =
                              [&](u64 item) {
                                  return item & GONE ? address_text(machine, item & ~GONE)
                                                     : entry_text(slabs, entry(item));
                              },
                          .ink = [&](u64) { return object_ink(pen.p, mm::ObjectState::cpu_free); },
                          .chip_width = chip_width(pen, "0x00000 #00")},
                .box = {x0 + INDENT, y + 26, all.x1 - MARGIN, y + 26 + ROW}};
    for (const TouchedObject& touched : scene.touches().objects) {
        if (touched.cache != cache_ || touched.address == mm::ADDR_NULL) continue;
        StripMark mark{.colour = pen.p.accent, .word = pen.say(words::role_words(touched.role))};
        mark.glow = scene.moment.glow(scene.input, touched.event);
        bool found = false;
        for (u32 i = 0; i < std::min(avail, MOST_SEARCHED) && !found; ++i) {
            mark.item = avail - 1 - i;
            const mm::object_ref at = entry(mark.item);
            found = at.index == touched.index && at.slab < slabs.nr_slabs && slabs.slabs[at.slab].pfn == touched.slab;
        }
        const bool is_cpu = array - scene.cache_of().cpu_cache == static_cast<u32>(std::max(scene.touches().cpu, 0));
        if (!found && touched.role == SlabRole::taken && is_cpu) {
            mark.item = GONE | touched.address;
            mark.gone = found = true;
        }
        if (found) row.strip.marks.push_back(mark);
    }
    keep_latest_gone(row.strip.marks, 3);
    if (!row.strip.marks.empty()) scene.area.touched(y, 26 + ROW);
    const ListRowAnswer answer = draw_list_row(pen, row, scene.area, scroll_[array]);
    if (answer.pressed && answer.item && *answer.item < avail) {
        const mm::object_ref at = entry(*answer.item);
        const mm::phys_addr_t address = at.slab < slabs.nr_slabs ? mm::object_address(slabs, machine.physical, at) : 0;
        scene.actions.select = address != mm::ADDR_NULL;
        scene.actions.selection = {Selection::Kind::object, static_cast<mm::i64>(address), 0, 0};
    }
    return y + 26 + ROW + 2;
}

float CacheView::draw_classic_node(SlabScene& scene, u32 node, float y) {
    Pen& pen = scene.pen;
    const mm::kmem_cache_node& n = scene.slabs.node_at(cache_, node);
    const std::string name = std::string(pen.say(words::NODE_NAME)) + " " + std::to_string(node);
    if (n.shared != mm::RUN_NONE && scene.slabs.arrays[n.shared].limit > 0)
        y = draw_array(scene, n.shared, name + " shared", y);
    for (u32 owner = 0; owner < scene.slabs.nr_nodes && n.alien != mm::RUN_NONE; ++owner) {
        if (owner == node || scene.slabs.arrays[n.alien + owner].avail == 0) continue;
        y = draw_array(scene, n.alien + owner, name + " alien[" + std::to_string(owner) + "]", y);
    }
    const float x0 = scene.area.box().x0 + MARGIN, x1 = scene.area.box().x1 - MARGIN;
    pen.fill({x0, pen.snap(y), x1, pen.snap(y) + pen.hairline()}, pen.p.faint);
    pen.text(x0, y + 10, name, {pen.p.ink, TEXT_LARGE, Face::words});
    const mm::slab_memory& before = scene.input.before().slabs;
    const bool was_there = before.up && mm::cache_exists(before, cache_);
    const auto free_before = was_there ? before.node_at(cache_, node).free_objects : n.free_objects;
    const std::string numbers = "free_objects " + from_to(free_before, n.free_objects) + " / free_limit " +
                                text_of(n.free_limit) + "   colour_next " + text_of(n.colour_next);
    const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
    const float x = x0 + pen.width_of(name, {0, TEXT_LARGE, Face::words}) + 12;
    pen.text(x, y + 13, pen.fitted(numbers, x1 - x, small), small);
    y += 38;
    const auto list = [&](const Phrase& title, const mm::SlabLists::List& slabs) {
        if (!slabs.empty()) y = draw_list(scene, title, text_of(slabs.size()), slabs, y);
    };
    list(words::SLABS_PARTIAL, lists_.node_partial[node]);
    list(words::SLABS_FULL, lists_.node_full[node]);
    list(words::SLABS_FREE, lists_.node_free[node]);
    return y + 4;
}

} // namespace shell
