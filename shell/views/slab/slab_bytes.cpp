#include "views/slab/slab_bytes.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/hex.h"
#include "json.h"
#include "slab/classic_view.h"
#include "slab/slab.h"
#include "slab/slabs.h"
#include "views/parts/fonts.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"
#include "views/slab/slab_look.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::slab_id;
using mm::u32;
using mm::u8;
using Kind = SlabBytes::Kind;

constexpr float MARGIN = 12, ROW = 20, BETWEEN_ROWS = 2, ADDRESS = 62, NUMBER = 28;
constexpr std::array<u32, 6> ROW_BYTES = {16, 32, 64, 128, 256, 1024};
constexpr u32 MOST_ROWS = 24;      // of a slab that is shown whole
constexpr float LEAST_OBJECT = 34; // pixels
constexpr float HEX_WIDTH = 15;    // of a byte that is written out

// A byte array of the debugging kernel that means something by itself.
constexpr u8 POISON[] = {0x5a, 0x6b, 0xa5}, RED_ZONE[] = {0xbb, 0xcc};

const Phrase& kind_words(Kind kind) {
    switch (kind) {
    case Kind::colour: return words::COLOUR_OFFSET;
    case Kind::red_zone: return words::RED_ZONE;
    case Kind::object: return words::OBJECT;
    case Kind::free_pointer: return words::FREE_POINTER;
    case Kind::track: return words::TRACKING;
    case Kind::padding: return words::PADDING;
    case Kind::index_array: return words::INDEX_ARRAY;
    case Kind::left_over: break;
    }
    return words::LEFT_OVER;
}

Rgba kind_colour(const Palette& p, Kind kind) {
    switch (kind) {
    case Kind::colour: return mix(p.paper, p.category[2], 0.55f);
    case Kind::red_zone: return mix(p.paper, p.bad, 0.5f);
    case Kind::free_pointer: return mix(p.paper, p.buddy, 0.65f);
    case Kind::track: return mix(p.paper, p.category[5], 0.5f);
    case Kind::index_array: return mix(p.paper, p.category[3], 0.55f);
    case Kind::padding: return p.reserved;
    default: return p.hole;
    }
}

Kind kind_of(mm::object_part part) {
    switch (part) {
    case mm::object_part::red_left:
    case mm::object_part::red_right: return Kind::red_zone;
    case mm::object_part::object: return Kind::object;
    case mm::object_part::free_pointer: return Kind::free_pointer;
    case mm::object_part::alloc_track:
    case mm::object_part::free_track:
    case mm::object_part::orig_size: return Kind::track;
    case mm::object_part::padding: break;
    }
    return Kind::padding;
}

} // namespace

// ---- what stands where ----------------------------------------------------------------------------------------------

SlabPlan::SlabPlan(const mm::Machine& machine, slab_id id) {
    const mm::slab_memory& slabs = machine.slabs;
    const mm::slab& s = slabs.slabs[id];
    const mm::kmem_cache& cache = slabs.caches[s.cache];
    bytes_ = 1u << (machine.physical.page_shift + s.order);
    index_array_ = bytes_;
    size_ = std::max(cache.size, 1u);
    start_ = std::min<u32>(s.colour_off, bytes_);
    end_ = static_cast<u32>(std::min<mm::u64>(bytes_, start_ + mm::u64{s.objects} * size_));
    for (const mm::slab_range& range : mm::slab_parts(slabs, machine.physical, id))
        if (range.part == mm::slab_part::index_array) index_array_ = std::min(range.start, bytes_);
    if (slabs.config.allocator == mm::slab_allocator::slub) {
        for (const mm::part_range& part : mm::object_parts(mm::limits_of(slabs, machine.physical), cache))
            parts_.push_back({kind_of(part.part), 0, part.start, part.end});
        if (cache.offset < cache.inuse) {
            free_pointer_ = cache.red_left_pad + cache.offset;
            free_pointer_end_ = free_pointer_ + slabs.pointer_size;
        }
    } else {
        parts_.push_back({Kind::object, 0, 0, std::min(cache.object_size, size_)});
        if (cache.object_size < size_) parts_.push_back({Kind::padding, 0, cache.object_size, size_});
    }
}

SlabBytes SlabPlan::at(u32 offset, const mm::SlabObjects& objects) const {
    if (offset < start_) return {Kind::colour, mm::OBJ_NONE, offset, start_};
    if (offset >= index_array_) return {Kind::index_array, mm::OBJ_NONE, offset, bytes_};
    if (offset >= end_) return {Kind::left_over, mm::OBJ_NONE, offset, index_array_};
    const u32 index = (offset - start_) / size_, within = (offset - start_) % size_;
    const u32 base = offset - within;
    SlabBytes run{Kind::padding, index, offset, base + size_};
    for (const SlabBytes& part : parts_)
        if (within >= part.start && within < part.end) run = {part.kind, index, offset, base + part.end};
    if (free_pointer_end_ == 0 || objects.state(index) == mm::ObjectState::allocated) return run;
    if (within >= free_pointer_ && within < free_pointer_end_)
        return {Kind::free_pointer, index, offset, base + free_pointer_end_};
    if (within < free_pointer_) run.end = std::min(run.end, base + free_pointer_);
    return run;
}

u32 SlabPlan::total(Kind kind) const {
    if (kind == Kind::colour) return start_;
    if (kind == Kind::left_over) return index_array_ > end_ ? index_array_ - end_ : 0;
    if (kind == Kind::index_array) return bytes_ - index_array_;
    u32 sum = 0;
    for (const SlabBytes& part : parts_)
        if (part.kind == kind) sum += part.end - part.start;
    return sum * ((end_ - start_) / size_);
}

// ---- which slab -----------------------------------------------------------------------------------------------------

struct SlabBytesView::Page {
    SlabScene scene;
    slab_id id;
    const mm::slab& slab;
    SlabPlan plan;
    mm::SlabObjects objects;
    u32 row;
    bool has_content;
};

Shown SlabBytesView::shows(const mm::Machine& machine, const Selection& selection) {
    return slab_of(machine, selection) != mm::SLAB_NONE ? Shown("") : std::nullopt;
}

slab_id SlabBytesView::shown_slab(const ViewInput& input, const SlabTouches& touches) const {
    const mm::Machine& machine = input.moment.at;
    const auto slab_at = [&](mm::pfn_t pfn) {
        return pfn == mm::PFN_NONE ? mm::SLAB_NONE
                                   : slab_of(machine, {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0});
    };
    const slab_id selected = slab_of(machine, input.choices.selection);
    if (selected != mm::SLAB_NONE && input.choices.chosen) return selected;
    const mm::cache_id cache = shown_cache(input, touches, cache_);
    if (cache == mm::CACHE_NONE) return mm::SLAB_NONE;
    for (auto touched = touches.slabs.rbegin(); touched != touches.slabs.rend(); ++touched)
        if (const slab_id id = slab_at(touched->pfn); touched->cache == cache && id != mm::SLAB_NONE) return id;
    if (selected != mm::SLAB_NONE && machine.slabs.slabs[selected].cache == cache) return selected;
    const slab_id before = slab_at(pfn_);
    if (before != mm::SLAB_NONE && machine.slabs.slabs[before].cache == cache) return before;
    for (slab_id id = 0; id < machine.slabs.nr_slabs; ++id)
        if (machine.slabs.slabs[id].cache == cache) return id;
    return mm::SLAB_NONE;
}

void SlabBytesView::look_at(std::string_view text) {
    u32 wanted = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wanted);
    const bool known = error == std::errc{} && end == text.data() + text.size() &&
                       std::find(ROW_BYTES.begin(), ROW_BYTES.end(), wanted) != ROW_BYTES.end();
    row_ = known ? wanted : 0;
}

// ---- drawing --------------------------------------------------------------------------------------------------------

namespace {

// Where bytes are written out, the numbers of the objects that begin in a row stand at its left.
float left_of_bytes(bool has_content) { return has_content ? ADDRESS + NUMBER : ADDRESS; }

// Bytes that are written out need room for their digits. Else the whole slab is in sight where that leaves room for the
// number of each object.
u32 fitting_row(float width, u32 slab_bytes, u32 size, bool has_content) {
    const float room = width - left_of_bytes(has_content) - 2 * MARGIN;
    if (has_content) return room >= 32 * HEX_WIDTH ? 32 : 16;
    std::size_t fits = 0;
    while (fits + 1 < ROW_BYTES.size() && slab_bytes / ROW_BYTES[fits] > MOST_ROWS) ++fits;
    const auto too_narrow = [&](u32 row) {
        return static_cast<float>(size) / static_cast<float>(row) * room < LEAST_OBJECT;
    };
    while (fits > 0 && too_narrow(ROW_BYTES[fits])) --fits;
    return ROW_BYTES[fits];
}

} // namespace

void SlabBytesView::draw(const ViewInput& input, ViewActions& actions) {
    const bool new_moment = moment_.notice(input);
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    Pen outer = pen_of(input);
    if (draw_why_no_slabs(outer, input.moment.at.slabs, {at.x, at.y, at.x + room.x, at.y + room.y})) return;
    const mm::slab_memory& slabs = input.moment.at.slabs;
    const slab_id id = shown_slab(input, moment_.touches());
    if (id == mm::SLAB_NONE) {
        outer.paragraph(at.x + 16, at.y + 16, room.x - 32, outer.say(words::NO_SLAB_YET),
                        {outer.p.muted, TEXT_NORMAL, Face::words});
        return;
    }
    if (room.x < 120 || room.y < 60) return;
    const mm::slab& s = slabs.slabs[id];
    const bool other_slab = pfn_ != s.pfn;
    cache_ = s.cache;
    pfn_ = s.pfn;
    const bool has_content = s.content != mm::RUN_NONE;

    keys_.listen(input.canvas.focused);
    ScrollArea area("slab", keys_);
    Pen pen = pen_of(input);
    Page page{{input, actions, slabs, cache_, moment_, area, pen, new_moment || other_slab},
              id,
              s,
              SlabPlan(input.moment.at, id),
              mm::SlabObjects(slabs, id),
              row_ > 0 ? row_
                       : fitting_row(area.box().width(), u32{1} << (input.moment.at.physical.page_shift + s.order),
                                     slabs.caches[cache_].size, has_content),
              has_content};
    area.follow(page.scene.new_moment);
    float y = draw_header(page, area.box().y0 + 10);
    if (!area.is_low()) y = draw_zoom(page, draw_legend_of(page, y));
    y = draw_rows(page, y);
    if (area.is_low()) y = draw_zoom(page, draw_legend_of(page, y + 8));
    area.end_content(y + 10, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float SlabBytesView::draw_header(Page& page, float y) {
    Pen& pen = page.scene.pen;
    const Rect& box = page.scene.area.box();
    const float x0 = box.x0 + MARGIN, x1 = box.x1 - MARGIN;
    const TextLook title{page.scene.touches().slab(page.slab.pfn) ? pen.p.accent : pen.p.ink, 17, Face::mono};
    const TextLook small{pen.p.muted, 12, Face::words};
    const std::string name = hex_pfn(page.slab.pfn);
    pen.text(x0, y, name, title);
    const mm::kmem_cache& cache = page.scene.cache_of();
    const std::string of = std::string(pen.say(words::SLAB_OF)) + " " + std::string(mm::name_text(cache.name)) + "   " +
                           std::to_string(page.slab.objects) + " × " + std::to_string(cache.size) + "   " +
                           size_text(page.plan.bytes());
    const float beside = x0 + pen.width_of(name, title) + 12;
    pen.text(beside, y + 4, pen.fitted(of, x1 - beside, small), small);
    return y + 30;
}

float SlabBytesView::draw_legend_of(Page& page, float y) const {
    Pen& pen = page.scene.pen;
    const Rect& box = page.scene.area.box();
    const float x0 = box.x0 + MARGIN, x1 = box.x1 - MARGIN;
    // What the bytes of the whole slab are for, largest first where it matters: objects, and then what is lost.
    const mm::SlabObjects& objects = page.objects;
    bool any_cpu = false, any_free = false;
    for (u32 i = 0; i < page.slab.objects; ++i) {
        any_cpu |= objects.state(i) == mm::ObjectState::cpu_free;
        any_free |= objects.state(i) == mm::ObjectState::slab_free;
    }
    std::vector<LegendItem> legend = object_legend(pen, page.scene.slabs.config.allocator);
    legend.pop_back();
    if (!any_free) legend.erase(legend.begin() + 2);
    if (!any_cpu) legend.erase(legend.begin() + 1);
    const bool in_object = page.plan.total(Kind::free_pointer) == 0 && (any_cpu || any_free) &&
                           page.scene.slabs.config.allocator == mm::slab_allocator::slub;
    for (Kind kind : {Kind::free_pointer, Kind::red_zone, Kind::track, Kind::padding, Kind::colour, Kind::index_array,
                      Kind::left_over}) {
        const u32 bytes = page.plan.total(kind);
        if (bytes == 0 && !(kind == Kind::free_pointer && in_object)) continue;
        std::string text = pen.say(kind_words(kind));
        if (bytes > 0) text += " " + grouped(bytes) + " " + pen.say(words::BYTES);
        const Rgba colour = kind_colour(pen.p, kind);
        legend.push_back(
            {{colour, pen.p.muted, kind == Kind::left_over ? Pattern::hatched : Pattern::solid}, text, {}});
    }
    const ImVec2 size = legend_size(pen, legend, x1 - x0);
    draw_legend(pen, legend, {x0, y + size.y}, x1 - x0);
    return y + size.y + 10;
}

// How many bytes a row has: the person's choice, or as fits.
float SlabBytesView::draw_zoom(Page& page, float y) {
    Pen& pen = page.scene.pen;
    const TextLook label{pen.p.muted, TEXT_SMALL, Face::words};
    float x = page.scene.area.box().x0 + MARGIN;
    pen.text(x, y + 4, pen.say(words::BYTES_IN_A_ROW), label);
    x += pen.width_of(pen.say(words::BYTES_IN_A_ROW), label) + 8;
    for (const u32 bytes : ROW_BYTES) {
        const std::string text = std::to_string(bytes);
        const bool open = bytes == page.row;
        const TextLook look{open ? pen.p.ink : pen.p.muted, 12, Face::mono};
        const Rect r = pen.snap(Rect{x, y, x + pen.width_of(text, look) + 14, y + 22});
        const bool hovered = r.contains(page.scene.area.pointer());
        page.scene.area.offer(r);
        if (open || hovered) pen.fill(r, pen.p.panel, 4);
        if (open) pen.fill({r.x0 + 4, r.y1 - 2, r.x1 - 4, r.y1}, pen.p.ink);
        pen.text(r.x0 + 7, r.y0 + 5, text, look);
        if (hovered && page.scene.area.pressed()) {
            row_ = row_ == bytes ? 0 : bytes;
            page.scene.actions.animate = true;
        }
        x = r.x1 + 2;
    }
    return y + 30;
}

float SlabBytesView::draw_rows(Page& page, float y) {
    SlabScene& scene = page.scene;
    const Rect& box = scene.area.box();
    const u32 rows = (page.plan.bytes() + page.row - 1) / page.row;
    const auto top_of = [&](u32 row) { return y + static_cast<float>(row) * (ROW + BETWEEN_ROWS); };
    if (scene.new_moment) {
        const std::optional<mm::object_ref> shown = [&]() -> std::optional<mm::object_ref> {
            for (auto t = scene.touches().objects.rbegin(); t != scene.touches().objects.rend(); ++t)
                if (t->slab == page.slab.pfn && t->index < page.slab.objects)
                    return mm::object_ref{page.id, t->index, 0};
            return std::nullopt;
        }();
        if (shown) {
            const u32 start = page.plan.objects_start() + u32{shown->index} * scene.cache_of().size;
            scene.area.touched(top_of(start / page.row), ROW * 2);
        }
    }
    const Rect& window = scene.area.window();
    const auto row_at = [&](float at) {
        return static_cast<u32>(
            std::clamp(std::floor((at - y) / (ROW + BETWEEN_ROWS)), 0.0f, static_cast<float>(rows)));
    };
    for (u32 row = row_at(window.y0); row < std::min(rows, row_at(window.y1) + 1); ++row)
        draw_row(page, row * page.row,
                 {box.x0 + MARGIN + left_of_bytes(page.has_content), top_of(row), box.x1 - MARGIN, top_of(row) + ROW});
    return top_of(rows);
}

void SlabBytesView::draw_row(Page& page, u32 start, const Rect& row) {
    Pen& pen = page.scene.pen;
    const u32 page_bytes = 1u << page.scene.input.moment.at.physical.page_shift;
    const bool new_page = start % page_bytes == 0 && page.plan.bytes() > page_bytes;
    const float left = row.x0 - left_of_bytes(page.has_content);
    if (new_page) pen.fill({left, row.y0 - 2, row.x1, row.y0 - 1}, pen.p.muted);
    char offset[16];
    std::snprintf(offset, sizeof offset, "+0x%03x", start);
    pen.text(left, row.y0 + 4, offset, {new_page ? pen.p.ink : pen.p.muted, TEXT_SMALL, Face::mono});
    if (page.has_content) draw_number(page, start, row);
    const float width = row.width() / static_cast<float>(page.row);
    const u32 end = std::min(start + page.row, page.plan.bytes());
    for (u32 at = start; at < end;) {
        SlabBytes run = page.plan.at(at, page.objects);
        run.end = std::clamp(run.end, at + 1, end);
        const auto x = [&](u32 byte) { return row.x0 + static_cast<float>(byte - start) * width; };
        draw_run(page, run, pen.snap(Rect{x(at), row.y0, x(run.end), row.y1}));
        at = run.end;
    }
    if (page.has_content && width >= HEX_WIDTH) draw_content(page, start, row, width);
}

// "#3" beside the row in which object 3 begins; of several, the first.
void SlabBytesView::draw_number(Page& page, u32 start, const Rect& row) {
    Pen& pen = page.scene.pen;
    const u32 size = std::max(page.scene.cache_of().size, 1u), first = page.plan.objects_start();
    const u32 index = start <= first ? 0 : (start - first + size - 1) / size;
    if (index >= page.slab.objects || first + index * size >= start + page.row) return;
    const bool touched = page.scene.touches().object(page.slab.pfn, index) != nullptr;
    pen.text_right(row.x0 - 5, row.y0 + 4, "#" + std::to_string(index),
                   {touched ? pen.p.accent : pen.p.ink, TEXT_SMALL, Face::mono});
}

// What is written over a run: where its free pointer leads, or which object begins there.
std::string SlabBytesView::run_text(const Page& page, const SlabBytes& run) const {
    if (run.index == mm::OBJ_NONE) return "";
    if (run.kind == Kind::free_pointer) {
        const mm::obj_index next = mm::next_free(page.scene.slabs, page.slab, static_cast<mm::obj_index>(run.index));
        return next < page.slab.objects ? "→ #" + std::to_string(next) : next == mm::OBJ_NONE ? "→ NULL" : "→ ?";
    }
    const u32 base = page.plan.objects_start() + run.index * page.scene.cache_of().size;
    return run.start == base ? "#" + std::to_string(run.index) : "";
}

// Where there is room for it, and no digits of the content.
void SlabBytesView::draw_run_text(Page& page, const SlabBytes& run, const Rect& box, const std::string& text) {
    Pen& pen = page.scene.pen;
    const bool writes = !(page.has_content && box.width() / static_cast<float>(run.end - run.start) >= HEX_WIDTH);
    const bool solid = run.kind == Kind::object && page.objects.state(run.index) == mm::ObjectState::allocated;
    const Rgba behind = solid ? object_ink(pen.p, mm::ObjectState::allocated).fill : kind_colour(pen.p, run.kind);
    const TextLook look{run.kind == Kind::object && !solid ? pen.p.ink : readable_on(behind), TEXT_SMALL, Face::mono};
    if (!writes || text.empty() || pen.width_of(text, look) + 8 > box.width()) return;
    // Strokes behind letters would make them hard to read.
    if (run.kind == Kind::object && !solid)
        pen.fill(pen.snap(Rect{box.x0 + 3, box.y0 + 3, box.x0 + 7 + pen.width_of(text, look), box.y1 - 3}),
                 with_alpha(pen.p.paper, 0.85f));
    pen.text(box.x0 + 5, box.y0 + 4, text, look);
}

void SlabBytesView::draw_run(Page& page, const SlabBytes& run, const Rect& box) {
    SlabScene& scene = page.scene;
    Pen& pen = scene.pen;
    const bool is_object = run.index != mm::OBJ_NONE;
    const u32 size = scene.cache_of().size;
    const u32 base = page.plan.objects_start() + run.index * size;
    if (run.kind == Kind::object) {
        const BlockInk ink = object_ink(pen.p, page.objects.state(run.index));
        pen.fill(box, ink.fill);
        if (ink.pattern == Pattern::hatched) pen.hatch(box, ink.line, 6);
    } else {
        pen.fill(box, kind_colour(pen.p, run.kind));
        if (run.kind == Kind::left_over) pen.hatch(box, pen.p.faint, 8);
    }
    const mm::object_ref object{page.id, static_cast<mm::obj_index>(run.index), 0};
    const Selection place{Selection::Kind::object,
                          static_cast<mm::i64>(mm::object_address(scene.slabs, scene.input.moment.at.physical, object)),
                          0, 0};
    if (is_object && run.start == base) {
        pen.fill({box.x0, box.y0, box.x0 + 2, box.y1}, pen.p.ink);
        scene.area.offer(box, scene.input.choices.selection == place);
    }

    const std::string text = run_text(page, run);
    draw_run_text(page, run, box, text);

    if (is_object) {
        if (const TouchedObject* touched = scene.touches().object(page.slab.pfn, run.index)) {
            const float glow = scene.moment.glow(scene.input, touched->event);
            if (glow > 0) pen.fill(box, with_alpha(pen.p.accent, 0.4f * glow));
            pen.fill({box.x0, box.y1 - 2, box.x1, box.y1}, pen.p.accent);
            pen.fill({box.x0, box.y0, box.x1, box.y0 + 2}, pen.p.accent);
        }
    }
    if (!box.contains(scene.area.pointer())) return;
    const mm::phys_addr_t address = mm::slab_base(scene.slabs, scene.input.moment.at.physical, page.id) + run.start;
    std::string tip = mm::address_hex(address) + "\n" + pen.say(kind_words(run.kind));
    if (is_object && run.kind != Kind::object) tip += ", " + std::string(pen.say(words::OBJECT));
    if (is_object) tip += " #" + std::to_string(run.index) + " +" + std::to_string(run.start - base);
    if (!text.empty() && run.kind == Kind::free_pointer) tip += "  " + text;
    ImGui::SetTooltip("%s", tip.c_str());
    if (!scene.area.pressed() || !is_object) return;
    scene.actions.select = true;
    scene.actions.selection = place;
}

// Hex digits over the runs; bytes that the debugging kernel writes by itself in their colours.
void SlabBytesView::draw_content(Page& page, u32 start, const Rect& row, float width) {
    Pen& pen = page.scene.pen;
    const auto one_of = [](u8 byte, const auto& set) {
        return std::find(std::begin(set), std::end(set), byte) != std::end(set);
    };
    for (u32 i = 0; i < page.row && start + i < page.plan.bytes(); ++i) {
        const u8 byte = page.scene.slabs.content[page.slab.content + start + i];
        char digits[4];
        std::snprintf(digits, sizeof digits, "%02x", byte);
        const float x = row.x0 + static_cast<float>(i) * width;
        const Rect box = pen.snap(Rect{x + 1, row.y0 + 2, x + width - 1, row.y1 - 2});
        pen.fill(box, with_alpha(pen.p.paper, 0.8f));
        const Rgba colour = one_of(byte, POISON)     ? pen.p.text(pen.p.category[5])
                            : one_of(byte, RED_ZONE) ? pen.p.bad
                            : byte == 0              ? pen.p.muted
                                                     : pen.p.ink;
        pen.text_centred(box, digits, {colour, TEXT_SMALL, Face::mono});
    }
}

// ---- numbers --------------------------------------------------------------------------------------------------------

Mirror SlabBytesView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::slab_memory& slabs = machine.slabs;
    Mirror out = slab_mirror(*this, input, slabs);
    if (!out.note.empty()) return out;
    const SlabTouches touches = slab_touches_so_far(input);
    const slab_id shown = shown_slab(input, touches);
    // The machine before the op may have another slab of that number, or none.
    const bool is_it = shown != mm::SLAB_NONE && shown < slabs.nr_slabs &&
                       slabs.slabs[shown].pfn == input.moment.at.slabs.slabs[shown].pfn &&
                       slabs.slabs[shown].cache == input.moment.at.slabs.slabs[shown].cache;
    if (!is_it) {
        out.note = teller.say(words::NO_SLAB_YET);
        return out;
    }
    const mm::slab& s = slabs.slabs[shown];
    out.caption = hex_pfn(s.pfn) + ", " + teller.say(words::SLAB_OF) + " " +
                  std::string(mm::name_text(slabs.caches[s.cache].name));
    out.columns = {teller.say(mirror_text::OBJECT), teller.say(mirror_text::ADDRESS), teller.say(mirror_text::STATE),
                   teller.say(mirror_text::NEXT_FREE), teller.say(mirror_text::TOUCH)};
    const mm::SlabObjects objects(slabs, shown);
    for (u32 i = 0; i < s.objects; ++i) {
        const auto index = static_cast<mm::obj_index>(i);
        const mm::phys_addr_t address = mm::object_address(slabs, machine.physical, {shown, index, 0});
        const TouchedObject* touched = touches.object(s.pfn, i);
        std::string next;
        if (objects.state(i) != mm::ObjectState::allocated) {
            const mm::obj_index after = mm::next_free(slabs, s, index);
            next = after < s.objects ? "#" + std::to_string(after) : after == mm::OBJ_NONE ? "NULL" : "?";
        }
        if (!out.add({{"#" + std::to_string(i), mm::address_hex(address),
                       teller.say(state_words(objects.state(i), slabs.config.allocator)), next,
                       touched ? teller.say(words::role_words(touched->role)) : ""},
                      {Selection::Kind::object, static_cast<mm::i64>(address), 0, 0},
                      touched_if(touched)}))
            break;
    }
    return out;
}

std::string SlabBytesView::describe(const ViewInput& input) const {
    if (!input.moment.at.slabs.up || input.moment.at.slabs.config.allocator == mm::slab_allocator::slob) return "{}";
    const slab_id id = shown_slab(input, slab_touches_so_far(input));
    if (id == mm::SLAB_NONE) return "{}";
    const mm::slab& s = input.moment.at.slabs.slabs[id];
    const SlabPlan plan(input.moment.at, id);
    Json bytes = Json::object();
    constexpr std::pair<Kind, const char*> kinds[] = {{Kind::colour, "colour"},
                                                      {Kind::red_zone, "red_zone"},
                                                      {Kind::object, "object"},
                                                      {Kind::free_pointer, "free_pointer"},
                                                      {Kind::track, "track"},
                                                      {Kind::padding, "padding"},
                                                      {Kind::index_array, "index_array"},
                                                      {Kind::left_over, "left_over"}};
    for (const auto& [kind, name] : kinds)
        if (plan.total(kind) > 0) bytes[name] = plan.total(kind);
    return to_text(Json{{"slab", hex_pfn(s.pfn)},
                        {"cache", mm::name_text(input.moment.at.slabs.caches[s.cache].name)},
                        {"size", plan.bytes()},
                        {"objects", s.objects},
                        {"bytes", std::move(bytes)}});
}

} // namespace shell
