#include "views/slab/cache.h"

#include <imgui.h>

#include <algorithm>

#include "json.h"
#include "slab/slab.h"
#include "slab/slabs.h"
#include "views/parts/words.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::cache_id;
using mm::slab_id;
using mm::u32;
using mm::u64;

constexpr float MARGIN = 12, INDENT = 12;
constexpr CellBounds CPU_SLAB_CELL{.min_width = 22, .max_width = 34, .aspect = 1.15f, .gap = 4};
constexpr CellBounds MANY_OBJECTS_CELL{.min_width = 11, .max_width = 22, .aspect = 1, .gap = 2};
constexpr CellBounds FEW_OBJECTS_CELL{.min_width = 30, .max_width = 44, .aspect = 1.25f, .gap = 8};
constexpr u32 MANY_OBJECTS = 128, FEW_OBJECTS = 12; // a row of their own
constexpr float CPU_SLAB_HEIGHT = 130, MOST_WIDTH = 620;

std::string text_of(mm::u64 value) { return grouped(static_cast<mm::i64>(value)); }

// "name value" pairs, as many in a row as fit. Returns where the last row ends.
class Facts {
  public:
    Facts(Pen& pen, float x0, float x1, float y) : pen_(pen), x0_(x0), x1_(x1), x_(x0), y_(y) {}

    void add(std::string_view name, std::string_view value, bool marked = false) {
        const TextLook label{pen_.p.muted, 12, Face::mono};
        const TextLook number{marked ? pen_.p.accent : pen_.p.ink, TEXT_NORMAL, Face::mono};
        const float name_width = pen_.width_of(name, label);
        const std::string shown = pen_.fitted(value, x1_ - x0_ - name_width - 6, number);
        const float width = name_width + 6 + pen_.width_of(shown, number);
        if (x_ > x0_ && x_ + width > x1_) {
            x_ = x0_;
            y_ += 20;
        }
        pen_.text(x_, y_ + 1, name, label);
        pen_.text(x_ + name_width + 6, y_, shown, number);
        x_ += width + 18;
    }
    void add(std::string_view name, u64 value) { add(name, text_of(value)); }
    // What it was before the op and what it is.
    void add_change(std::string_view name, const std::string& before, const std::string& now) {
        add(name, before == now ? now : before + " → " + now, before != now);
    }
    void add_change(std::string_view name, u64 before, u64 now) { add_change(name, text_of(before), text_of(now)); }
    [[nodiscard]] float end() const { return y_ + 20; }

  private:
    Pen& pen_;
    float x0_, x1_, x_, y_;
};

// A quiet line, and the name of what follows.
void draw_section(SlabScene& scene, const std::string& name, bool at_work, float y) {
    Pen& pen = scene.pen;
    const Rect& box = scene.area.box();
    pen.fill({box.x0 + MARGIN, pen.snap(y), box.x1 - MARGIN, pen.snap(y) + pen.hairline()}, pen.p.faint);
    pen.text(box.x0 + MARGIN, y + 10, name, {at_work ? pen.p.accent : pen.p.ink, TEXT_LARGE, Face::words});
}

// The slab allocator's state before the op; where it did not know the cache yet, the one at the cursor.
const mm::slab_memory& slabs_before(const SlabScene& scene) {
    const mm::slab_memory& before = scene.input.before().slabs;
    return before.up && mm::cache_exists(before, scene.cache) ? before : scene.slabs;
}

std::string freelist_text(const mm::kmem_cache_cpu& c) {
    return c.freelist == mm::OBJ_NONE ? "NULL" : "#" + std::to_string(c.freelist);
}

std::string slab_text(const mm::slab_memory& slabs, const mm::kmem_cache_cpu& c) {
    return c.slab == mm::SLAB_NONE ? "NULL" : hex_pfn(slabs.slabs[c.slab].pfn);
}

bool cpu_holds(const mm::kmem_cache_cpu& c) { return c.slab != mm::SLAB_NONE || c.partial != mm::SLAB_NONE; }

// "CPU 1, 2–5"
std::string cpu_ranges(const std::vector<u32>& cpus) {
    std::string out = "CPU ";
    for (std::size_t i = 0; i < cpus.size();) {
        std::size_t end = i;
        while (end + 1 < cpus.size() && cpus[end + 1] == cpus[end] + 1) ++end;
        if (i > 0) out += ", ";
        out += std::to_string(cpus[i]);
        if (end > i) out += (end == i + 1 ? ", " : "–") + std::to_string(cpus[end]);
        i = end + 1;
    }
    return out;
}

} // namespace

// ---- which cache ----------------------------------------------------------------------------------------------------

cache_id shown_cache(const ViewInput& input, const SlabTouches& touches, cache_id before) {
    const mm::slab_memory& slabs = input.moment.at.slabs;
    const cache_id selected = cache_of(input.moment.at, input.choices.selection);
    if (selected != mm::CACHE_NONE && input.choices.chosen) return selected;
    if (touches.cache != mm::CACHE_NONE && cache_exists(slabs, touches.cache)) return touches.cache;
    if (selected != mm::CACHE_NONE) return selected;
    if (before != mm::CACHE_NONE && cache_exists(slabs, before)) return before;
    mm::CacheNumbers most;
    for (const mm::CacheNumbers& numbers : all_cache_numbers(input.moment.at))
        if (numbers.bytes > most.bytes) most = numbers;
    return most.id;
}

bool draw_why_no_slabs(Pen& pen, const mm::slab_memory& slabs, const Rect& box) {
    const Phrase* why = why_no_slabs(slabs);
    if (!why) return false;
    const TextLook look{pen.p.muted, TEXT_NORMAL, Face::words};
    pen.paragraph(box.x0 + 16, box.y0 + 16, box.width() - 32, pen.say(*why), look);
    return true;
}

std::vector<LegendItem> object_legend(const Pen& pen, mm::slab_allocator allocator) {
    const auto item = [&](mm::ObjectState state, const Phrase& text) {
        return LegendItem{object_ink(pen.p, state), pen.say(text), {}};
    };
    const bool slub = allocator == mm::slab_allocator::slub;
    return {item(mm::ObjectState::allocated, words::OBJECT_HELD),
            item(mm::ObjectState::cpu_free, slub ? words::OBJECT_ON_CPU : words::OBJECT_IN_ARRAY),
            item(mm::ObjectState::slab_free, slub ? words::OBJECT_ON_SLAB : words::OBJECT_IN_SLAB),
            {{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::TOUCHED_NOW), {}}};
}

// ---- drawing --------------------------------------------------------------------------------------------------------

Shown CacheView::shows(const mm::Machine& machine, const Selection& selection) {
    if (cache_of(machine, selection) != mm::CACHE_NONE) return "";
    const auto pfn = frame_of(machine, selection);
    return pfn && mm::is_slob_page(machine.slabs, machine.physical, *pfn) ? Shown("") : std::nullopt;
}

void CacheView::draw(const ViewInput& input, ViewActions& actions) {
    const bool new_moment = moment_.notice(input);
    if (new_moment) lists_ = {}; // also where nothing is drawn now
    if (moment_.other_session()) cache_ = mm::CACHE_NONE;
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    Pen outer = pen_of(input);
    if (input.moment.at.slabs.up && input.moment.at.slabs.config.allocator == mm::slab_allocator::slob)
        return draw_slob(input, actions, new_moment);
    if (draw_why_no_slabs(outer, input.moment.at.slabs, {at.x, at.y, at.x + room.x, at.y + room.y})) return;
    if (moment_.other_session()) scroll_.clear();
    const cache_id shown = shown_cache(input, moment_.touches(), cache_);
    if (shown == mm::CACHE_NONE) {
        outer.paragraph(at.x + 16, at.y + 16, room.x - 32, outer.say(words::NO_CACHE_YET),
                        {outer.p.muted, TEXT_NORMAL, Face::words});
        return;
    }
    const bool other_cache = shown != cache_;
    if (other_cache || lists_.node_partial.empty()) {
        cache_ = shown;
        lists_ = slab_lists(input.moment.at.slabs, cache_);
        numbers_ = cache_numbers(input.moment.at, cache_);
        const mm::Machine& before = input.before();
        const bool was_there = before.slabs.up && mm::cache_exists(before.slabs, cache_);
        before_ = was_there ? cache_numbers(before, cache_) : numbers_;
        if (other_cache) scroll_.clear();
    }
    if (room.x < 40 || room.y < 40) return;
    keys_.listen(input.canvas.focused);
    ScrollArea area("cache", keys_);
    Pen pen = pen_of(input);
    SlabScene scene{input, actions, input.moment.at.slabs, cache_, moment_, area, pen, new_moment};
    area.follow(new_moment || other_cache);
    float y = draw_title(scene, area.box().y0 + 10);
    if (!area.is_low()) y = draw_facts(scene, y);
    y = input.moment.at.slabs.config.allocator == mm::slab_allocator::slub ? draw_slub(scene, y)
                                                                           : draw_classic(scene, y);
    if (area.is_low()) y = draw_facts(scene, y + 8);
    area.end_content(y + 8, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float CacheView::draw_title(SlabScene& scene, float y) const {
    Pen& pen = scene.pen;
    const mm::kmem_cache& c = scene.cache_of();
    const float x0 = scene.area.box().x0 + MARGIN, x1 = scene.area.box().x1 - MARGIN;
    const bool touched = scene.touches().has_cache(cache_);
    const TextLook title{touched ? pen.p.accent : pen.p.ink, 17, Face::mono};
    const std::string name = pen.fitted(mm::name_text(c.name), x1 - x0, title);
    pen.text(x0, y, name, title);
    const auto change = [](u64 before, u64 now) {
        return from_to(static_cast<mm::i64>(before), static_cast<mm::i64>(now));
    };
    std::string use = change(before_.in_use, numbers_.in_use) + " " + pen.say(words::IN_USE) + " / " +
                      change(before_.total, numbers_.total) + "   " + change(before_.slabs, numbers_.slabs) + " " +
                      pen.say(numbers_.slabs == 1 ? words::NR_SLAB : words::NR_SLABS) + "   " +
                      size_text(numbers_.bytes);
    const TextLook small{pen.p.muted, 12, Face::words};
    const float beside = x0 + pen.width_of(name, title) + 16;
    const bool fits = beside + pen.width_of(use, small) <= x1;
    pen.text(fits ? beside : x0, fits ? y + 4 : y + 24, use, small);
    return y + (fits ? 28 : 46);
}

float CacheView::draw_facts(SlabScene& scene, float y) const {
    Pen& pen = scene.pen;
    const mm::kmem_cache& c = scene.cache_of();
    const float x0 = scene.area.box().x0 + MARGIN, x1 = scene.area.box().x1 - MARGIN;
    Facts facts(pen, x0, x1, y);
    const bool slub = scene.slabs.config.allocator == mm::slab_allocator::slub;
    facts.add("object_size", c.object_size);
    facts.add("size", c.size);
    facts.add("align", c.align);
    facts.add(slub ? "order" : "gfporder", c.order);
    facts.add(slub ? "objs" : "num", slub ? c.objs : c.num);
    if (slub) {
        facts.add("offset", c.offset);
        facts.add("min_partial", c.min_partial);
        facts.add("cpu_partial", c.cpu_partial);
        if (scene.slabs.rules.cpu_partial_by_slabs()) facts.add("cpu_partial_slabs", c.cpu_partial_slabs);
    } else {
        facts.add("limit", c.limit);
        facts.add("batchcount", c.batchcount);
        facts.add("shared", c.shared);
        facts.add("colour", c.colour);
        facts.add("colour_off", c.colour_off);
    }
    facts.add("refcount", std::to_string(c.refcount));
    facts.add("flags", mm::slab_flags_text(c.flags));
    std::string aliases;
    for (const mm::cache_alias& alias : scene.slabs.aliases)
        if (alias.cache == cache_) aliases += (aliases.empty() ? "" : ", ") + std::string(mm::name_text(alias.name));
    if (!aliases.empty()) facts.add(pen.say(words::ALSO), aliases);
    y = facts.end() + 6;

    const std::vector<LegendItem> legend = object_legend(pen, scene.slabs.config.allocator);
    const ImVec2 size = legend_size(pen, legend, x1 - x0);
    draw_legend(pen, legend, {x0, y + size.y}, x1 - x0);
    return y + size.y + 12;
}

float CacheView::draw_list(SlabScene& scene, const Phrase& name, const std::string& note,
                           const mm::SlabLists::List& slabs, float y) {
    Pen& pen = scene.pen;
    const float x = scene.area.box().x0 + MARGIN + INDENT;
    const TextLook label{pen.p.ink, 12, Face::words}, small{pen.p.muted, TEXT_SMALL, Face::words};
    pen.text(x, y, pen.say(name), label);
    pen.text(x + pen.width_of(pen.say(name), label) + 10, y + 1, note, small);
    return draw_rack(scene, slabs, x, y + 22) + 4;
}

// ---- SLUB -----------------------------------------------------------------------------------------------------------

float CacheView::draw_slub(SlabScene& scene, float y) {
    std::vector<u32> idle;
    for (u32 cpu = 0; cpu < scene.slabs.nr_cpus; ++cpu) {
        const bool at_work = scene.touches().cpu == static_cast<int>(cpu) && scene.touches().has_cache(cache_);
        if (cpu_holds(scene.slabs.cpu_at(cache_, cpu)) || at_work)
            y = draw_cpu(scene, cpu, y);
        else
            idle.push_back(cpu);
    }
    Pen& pen = scene.pen;
    if (!idle.empty()) {
        const std::string text =
            cpu_ranges(idle) + " " + pen.say(idle.size() == 1 ? words::HOLDS_NOTHING : words::HOLD_NOTHING);
        pen.text(scene.area.box().x0 + MARGIN, y + 2, text, {pen.p.muted, 12, Face::words});
        y += 26;
    }
    for (u32 node = 0; node < scene.slabs.nr_nodes; ++node) y = draw_node(scene, node, y);
    if (!lists_.elsewhere.empty()) y = draw_list(scene, words::ON_THEIR_WAY, "", lists_.elsewhere, y + 4);
    y = draw_gone_slabs(scene, scene.area.box().x0 + MARGIN + INDENT, y + 4);
    if (numbers_.slabs > 0) return y;
    const Rect& box = scene.area.box();
    return pen.paragraph(box.x0 + MARGIN, y + 4, box.width() - 2 * MARGIN, pen.say(words::NO_SLAB_YET),
                         {pen.p.muted, TEXT_NORMAL, Face::words});
}

float CacheView::draw_cpu(SlabScene& scene, u32 cpu, float y) {
    Pen& pen = scene.pen;
    const mm::kmem_cache_cpu& c = scene.slabs.cpu_at(cache_, cpu);
    const Rect& box = scene.area.box();
    const bool at_work = scene.touches().cpu == static_cast<int>(cpu) && scene.touches().has_cache(cache_);
    draw_section(scene, "CPU " + std::to_string(cpu), at_work, y);
    Facts facts(pen, box.x0 + MARGIN + 66, box.x1 - MARGIN, y + 12);
    const mm::slab_memory& before = slabs_before(scene);
    const mm::kmem_cache_cpu& was = before.cpu_at(cache_, cpu);
    facts.add_change("tid", was.tid, c.tid);
    facts.add_change("freelist", freelist_text(was), freelist_text(c));
    facts.add_change("slab", slab_text(before, was), slab_text(scene.slabs, c));
    const float top = y;
    y = facts.end() + 8;
    const float x = box.x0 + MARGIN + INDENT;
    if (c.slab < scene.slabs.nr_slabs) {
        const mm::slab& s = scene.slabs.slabs[c.slab];
        draw_slab_name(scene, c.slab, x, y, box.x1 - MARGIN);
        y += 20;
        const bool few = s.objects <= FEW_OBJECTS;
        const CellBounds& bounds = s.objects > MANY_OBJECTS ? MANY_OBJECTS_CELL
                                   : few                    ? FEW_OBJECTS_CELL
                                                            : CPU_SLAB_CELL;
        const float right = std::min(box.x1 - MARGIN, x + MOST_WIDTH);
        const float height = few ? FEW_OBJECTS_CELL.max_width / FEW_OBJECTS_CELL.aspect + 1 : CPU_SLAB_HEIGHT;
        const GridShape shape = fit_grid(s.objects, {x, y, right, y + height}, bounds);
        if (scene.touches().slab(s.pfn)) scene.area.touched(top, shape.box.y1 - top + 8);
        draw_objects(scene, c.slab, shape, true);
        y = shape.box.y1 + 12;
    }
    const mm::SlabLists::List& partial = lists_.cpu_partial[cpu];
    if (!partial.empty()) {
        const bool by_slabs = scene.slabs.rules.cpu_partial_by_slabs();
        std::string note = text_of(partial.size());
        if (by_slabs) note += " / " + text_of(scene.cache_of().cpu_partial_slabs);
        y = draw_list(scene, words::CPU_PARTIAL, note, partial, y);
    }
    return y + 4;
}

float CacheView::draw_node(SlabScene& scene, u32 node, float y) {
    Pen& pen = scene.pen;
    const mm::kmem_cache_node& n = scene.slabs.node_at(cache_, node);
    const Rect& box = scene.area.box();
    const std::string name = std::string(pen.say(words::NODE_NAME)) + " " + std::to_string(node);
    draw_section(scene, name, false, y);
    const float beside = box.x0 + MARGIN + std::max(54.0f, pen.width_of(name, {0, TEXT_LARGE, Face::words})) + 12;
    Facts facts(pen, beside, box.x1 - MARGIN, y + 12);
    const mm::kmem_cache_node& was = slabs_before(scene).node_at(cache_, node);
    facts.add_change("nr_partial", was.partial.nr, n.partial.nr);
    facts.add("min_partial", scene.cache_of().min_partial);
    facts.add_change("nr_slabs", was.nr_slabs, n.nr_slabs);
    facts.add_change("total_objects", was.total_objects, n.total_objects);
    y = facts.end() + 8;
    if (n.partial.nr > 0)
        y = draw_list(scene, words::NODE_PARTIAL, text_of(n.partial.nr), lists_.node_partial[node], y);
    const mm::SlabLists::List& full = lists_.node_full[node];
    if (!full.empty()) {
        const std::string note =
            n.full.nr > 0 ? text_of(full.size()) : text_of(full.size()) + "  " + pen.say(words::ON_NO_SLAB_LIST);
        y = draw_list(scene, words::FULL_SLABS, note, full, y);
    }
    if (n.nr_slabs > 0 && n.partial.nr == 0 && full.empty()) {
        const float x = box.x0 + MARGIN + INDENT;
        y = pen.paragraph(x, y, box.x1 - MARGIN - x, pen.say(words::WITH_CPUS), {pen.p.muted, 12, Face::words}) + 6;
    }
    return y + 4;
}

// ---- numbers --------------------------------------------------------------------------------------------------------

namespace {

Json slab_json(const mm::slab_memory& slabs, const SlabTouches& touches, slab_id id) {
    const mm::slab& s = slabs.slabs[id];
    const mm::SlabObjects objects(slabs, id);
    std::string states;
    for (u32 i = 0; i < s.objects; ++i) {
        const mm::ObjectState state = objects.state(i);
        states += state == mm::ObjectState::allocated ? '#' : state == mm::ObjectState::cpu_free ? '/' : '.';
    }
    Json marked = Json::array();
    for (const TouchedObject& touched : touches.objects)
        if (touched.slab == s.pfn) marked.push_back(touched.index);
    Json out = {{"slab", hex_pfn(s.pfn)}, {"inuse", s.inuse}, {"objects", states}};
    if (!marked.empty()) out["marked"] = std::move(marked);
    return out;
}

Json slabs_json(const mm::slab_memory& slabs, const SlabTouches& touches, const mm::SlabLists::List& list) {
    constexpr std::size_t most = 32;
    Json out = Json::array();
    for (std::size_t i = 0; i < list.size() && i < most; ++i) out.push_back(slab_json(slabs, touches, list[i]));
    return out;
}

} // namespace

std::string CacheView::describe(const ViewInput& input) const {
    const mm::slab_memory& slabs = input.moment.at.slabs;
    if (!slabs.up || slabs.config.allocator == mm::slab_allocator::slob) return "{}";
    const SlabTouches touches = slab_touches_so_far(input);
    const cache_id id = shown_cache(input, touches, cache_);
    if (id == mm::CACHE_NONE) return "{}";
    const mm::SlabLists lists = slab_lists(slabs, id);
    const mm::CacheNumbers numbers = cache_numbers(input.moment.at, id);
    Json cpus = Json::array(), nodes = Json::array();
    for (u32 cpu = 0; cpu < slabs.nr_cpus && slabs.config.allocator == mm::slab_allocator::slub; ++cpu) {
        const mm::kmem_cache_cpu& c = slabs.cpu_at(id, cpu);
        Json one = {{"cpu", cpu}, {"tid", c.tid}};
        if (c.freelist != mm::OBJ_NONE) one["freelist"] = c.freelist;
        if (c.slab != mm::SLAB_NONE) one["slab"] = slab_json(slabs, touches, c.slab);
        if (!lists.cpu_partial[cpu].empty()) one["partial"] = slabs_json(slabs, touches, lists.cpu_partial[cpu]);
        cpus.push_back(std::move(one));
    }
    const u32 arrays = slabs.caches[id].cpu_cache;
    for (u32 cpu = 0;
         cpu < slabs.nr_cpus && slabs.config.allocator == mm::slab_allocator::slab && arrays != mm::RUN_NONE; ++cpu) {
        const mm::array_cache& array = slabs.arrays[arrays + cpu];
        cpus.push_back(
            {{"cpu", cpu}, {"avail", array.avail}, {"limit", array.limit}, {"batchcount", array.batchcount}});
    }
    for (u32 node = 0; node < slabs.nr_nodes; ++node)
        nodes.push_back({{"node", node},
                         {"nr_partial", slabs.node_at(id, node).partial.nr},
                         {"partial", slabs_json(slabs, touches, lists.node_partial[node])},
                         {"full", slabs_json(slabs, touches, lists.node_full[node])},
                         {"free", slabs_json(slabs, touches, lists.node_free[node])}});
    return to_text(Json{{"cache", mm::name_text(slabs.caches[id].name)},
                        {"in_use", numbers.in_use},
                        {"total", numbers.total},
                        {"cpus", std::move(cpus)},
                        {"nodes", std::move(nodes)}});
}

} // namespace shell
