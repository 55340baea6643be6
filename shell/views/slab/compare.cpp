#include "views/slab/compare.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "json.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::u32;
using mm::u64;

constexpr float MARGIN = 16, CHART_HEIGHT = 190, AXIS = 44, BAR = 20;
constexpr u32 OPS_A_FRAME = 250;

std::string_view allocator_text(mm::slab_allocator allocator) {
    constexpr std::array<std::string_view, 3> names = {"SLUB", "SLAB", "SLOB"};
    return names[static_cast<std::size_t>(allocator)];
}
Rgba allocator_colour(const Palette& p, mm::slab_allocator allocator) {
    return p.category[static_cast<std::size_t>(allocator)];
}
std::string text_of(u64 value) { return grouped(static_cast<mm::i64>(value)); }

// The upper end of an axis with four steps of a round number each, at least `value`.
u64 round_up(u64 value) {
    for (u64 unit = 1;; unit *= 10)
        for (const u64 step : {10, 12, 15, 20, 25, 30, 40, 50, 60, 80}) {
            if (step * unit % 10 == 0 && step * unit / 10 * 4 >= value) return step * unit / 10 * 4;
        }
}

// Parts of the bytes, from what was asked for to what is lost.
struct Part {
    u64 mm::AllocatorBytes::* bytes;
    const Phrase& name;
    const char* id;
};
constexpr std::array<Part, 6> PARTS = {{{&mm::AllocatorBytes::asked, words::ASKED, "asked"},
                                        {&mm::AllocatorBytes::rounding, words::ROUNDING, "rounding"},
                                        {&mm::AllocatorBytes::metadata, words::METADATA, "metadata"},
                                        {&mm::AllocatorBytes::colour, words::COLOURS, "colour"},
                                        {&mm::AllocatorBytes::rest, words::LEFT_OVER, "rest"},
                                        {&mm::AllocatorBytes::free, words::FREE_OBJECTS, "free"}}};

BlockInk part_ink(const Palette& p, std::size_t part) {
    switch (part) {
    case 0: return {p.allocated, p.allocated, Pattern::solid};
    case 1: return {mix(p.paper, p.bad, 0.55f), p.bad, Pattern::solid};
    case 2: return {mix(p.paper, p.category[5], 0.6f), p.category[5], Pattern::solid};
    case 3: return {mix(p.paper, p.category[2], 0.7f), p.category[2], Pattern::solid};
    case 4: return {mix(p.paper, p.muted, 0.25f), p.muted, Pattern::hatched};
    default: return {mix(p.paper, p.free, 0.15f), p.free, Pattern::hollow};
    }
}

struct TableRow {
    const Phrase* name;
    std::string (*value)(const mm::AllocatorNumbers&, mm::slab_allocator);
};

std::string paths(u64 fast, u64 slow, mm::slab_allocator allocator) {
    return allocator == mm::slab_allocator::slob ? "—" : text_of(fast) + " / " + text_of(slow);
}

constexpr std::array<TableRow, 11> TABLE = {{
    {&words::PAGES, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.pages); }},
    {&words::ASKED, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.bytes.asked); }},
    {&words::ROUNDING, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.bytes.rounding); }},
    {&words::METADATA, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.bytes.metadata); }},
    {&words::COLOURS, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.bytes.colour); }},
    {&words::LEFT_OVER, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.bytes.rest); }},
    {&words::FREE_OBJECTS, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.bytes.free); }},
    {&words::ALLOCS_FAST_SLOW,
     [](const mm::AllocatorNumbers& n, mm::slab_allocator a) { return paths(n.fast_allocs, n.slow_allocs, a); }},
    {&words::FREES_FAST_SLOW,
     [](const mm::AllocatorNumbers& n, mm::slab_allocator a) { return paths(n.fast_frees, n.slow_frees, a); }},
    {&words::FULL_PARTIAL_EMPTY,
     [](const mm::AllocatorNumbers& n, mm::slab_allocator) {
         return text_of(n.full) + " / " + text_of(n.partial) + " / " + text_of(n.empty);
     }},
    {&words::FAILED_OPS, [](const mm::AllocatorNumbers& n, mm::slab_allocator) { return text_of(n.failed); }},
}};

} // namespace

bool CompareView::fits(const ViewInput& input) const {
    return comparison_ && session_ == input.session_number && steps_ == input.ops.size();
}

void CompareView::draw(const ViewInput& input, ViewActions& actions) {
    if (!fits(input)) {
        session_ = input.session_number;
        steps_ = static_cast<u32>(input.ops.size());
        comparison_ = std::make_unique<mm::Comparison>(input.scenario.profile, input.scenario.unbooted, steps_);
    }
    if (comparison_->advance(input.ops, OPS_A_FRAME)) actions.animate = true;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 160 || room.y < 60) return;
    ScrollArea area("compare");
    Pen pen = pen_of(input);
    const Rect box{area.box().x0 + MARGIN, area.box().y0, area.box().x1 - MARGIN, area.box().y1};
    float y = draw_title(pen, box, box.y0 + 12);
    const u32 step = std::min(input.moment.position.step, comparison_->done());
    y = draw_chart(input, pen, box, y + 8, area.pointer());
    y = draw_bytes(pen, box, y + 14, step);
    y = draw_table(pen, box, y + 14, step);
    area.end_content(y + 10);
    actions.animate |= area.wants_frame();
}

float CompareView::draw_title(Pen& pen, const Rect& box, float y) const {
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words}, note{pen.p.muted, 12, Face::words};
    pen.text(box.x0, y, pen.fitted(pen.say(words::SAME_STEPS), box.width(), title), title);
    std::string text;
    if (comparison_->done() < comparison_->steps())
        text = std::string(pen.say(words::RUNNING)) + " " + text_of(comparison_->done()) + " / " +
               text_of(comparison_->steps());
    else if (comparison_->is_cut())
        text = std::string(pen.say(words::FIRST_STEPS_ONLY)) + " " + text_of(comparison_->steps());
    else if (comparison_->runs().size() == 1)
        text = pen.say(words::ONLY_SLUB);
    if (text.empty()) return y + 20;
    pen.text(box.x0, y + 20, pen.fitted(text, box.width(), note), note);
    return y + 38;
}

float CompareView::draw_chart(const ViewInput& input, Pen& pen, const Rect& box, float y, ImVec2 pointer) const {
    const TextLook small{pen.p.muted, TEXT_SMALL, Face::mono};
    const u32 steps = std::max(comparison_->steps(), 1u);
    u64 most = 1;
    for (const mm::AllocatorRun& run : comparison_->runs())
        for (const mm::ComparePoint& point : run.points) most = std::max(most, point.numbers.pages);
    most = round_up(most);
    const float label = pen.width_of(text_of(most), small) + 8;
    const Rect chart{box.x0 + std::max(AXIS, label), y + 16, box.x1 - 44, y + 16 + CHART_HEIGHT};
    pen.text(box.x0, y - 2, pen.say(words::PAGES), {pen.p.muted, TEXT_SMALL, Face::words});
    const auto at = [&](u32 step, u64 pages) {
        return ImVec2{chart.x0 + chart.width() * static_cast<float>(step) / static_cast<float>(steps),
                      chart.y1 - chart.height() * static_cast<float>(pages) / static_cast<float>(most)};
    };
    for (u64 tick = 0; tick <= 4; ++tick) {
        const float line = pen.snap(at(0, most * tick / 4).y);
        pen.fill({chart.x0, line, chart.x1, line + pen.hairline()}, pen.p.faint);
        pen.text_right(chart.x0 - 8, line - 6, text_of(most * tick / 4), small);
    }
    pen.text(chart.x0, chart.y1 + 4, "0", small);
    pen.text_right(chart.x1, chart.y1 + 4, words::with_number(pen, words::AT_STEP, comparison_->steps()),
                   {pen.p.muted, TEXT_SMALL, Face::words});

    const u32 step = std::min(input.moment.position.step, comparison_->steps());
    const float here = pen.snap(at(step, 0).x);
    pen.fill({here, chart.y0, here + pen.hairline(), chart.y1}, pen.p.accent);
    float label_y = -1e6f;
    std::vector<std::pair<float, const mm::AllocatorRun*>> ends;
    for (const mm::AllocatorRun& run : comparison_->runs()) {
        const Rgba colour = allocator_colour(pen.p, run.allocator);
        for (std::size_t i = 1; i < run.points.size(); ++i) {
            const ImVec2 a = at(run.points[i - 1].step, run.points[i - 1].numbers.pages);
            const ImVec2 b = at(run.points[i].step, run.points[i].numbers.pages);
            pen.line(a, {b.x, a.y}, colour, 2); // samples: between two of them the last one holds
            pen.line({b.x, a.y}, b, colour, 2);
        }
        ends.push_back({at(0, run.points.back().numbers.pages).y, &run});
    }
    std::sort(ends.begin(), ends.end());
    for (const auto& [end, run] : ends) {
        label_y = std::max(end - 7, label_y + 14);
        pen.text(chart.x1 + 6, label_y, allocator_text(run->allocator),
                 {pen.p.text(allocator_colour(pen.p, run->allocator)), 12, Face::words});
    }
    if (chart.contains(pointer)) {
        const float part = (pointer.x - chart.x0) / chart.width();
        const u32 under = static_cast<u32>(std::lround(part * static_cast<float>(steps)));
        std::string tip = words::with_number(pen, words::AT_STEP, under);
        for (const mm::AllocatorRun& run : comparison_->runs())
            tip += "\n" + std::string(allocator_text(run.allocator)) + "  " + text_of(run.at(under).numbers.pages);
        ImGui::SetTooltip("%s", tip.c_str());
    }
    return chart.y1 + 20;
}

// One bar an allocator, all of one scale: what was asked for, and what the pages hold besides.
float CompareView::draw_bytes(Pen& pen, const Rect& box, float y, u32 step) const {
    const TextLook title{pen.p.ink, TEXT_NORMAL, Face::words};
    pen.text(box.x0, y, words::with_number(pen, words::BYTES_AT, step), title);
    y += 22;
    u64 most = 1;
    for (const mm::AllocatorRun& run : comparison_->runs()) most = std::max(most, run.at(step).numbers.bytes.pages);
    for (const mm::AllocatorRun& run : comparison_->runs()) {
        const mm::AllocatorBytes& bytes = run.at(step).numbers.bytes;
        pen.text(box.x0, y + 3, allocator_text(run.allocator),
                 {pen.p.text(allocator_colour(pen.p, run.allocator)), 12, Face::words});
        const float x0 = box.x0 + AXIS, width = box.x1 - 70 - x0;
        float x = x0;
        for (std::size_t part = 0; part < PARTS.size(); ++part) {
            const float end = x + width * static_cast<float>(bytes.*PARTS[part].bytes) / static_cast<float>(most);
            const Rect r = pen.snap(Rect{x, y, end, y + BAR});
            if (r.width() >= 1) pen.block(r, part_ink(pen.p, part), 6);
            x = end;
        }
        pen.text(x + 8, y + 4, size_text(bytes.pages), {pen.p.muted, TEXT_SMALL, Face::mono});
        y += BAR + 6;
    }
    std::vector<LegendItem> legend;
    for (std::size_t part = 0; part < PARTS.size(); ++part)
        legend.push_back({part_ink(pen.p, part), pen.say(PARTS[part].name), {}});
    const ImVec2 size = legend_size(pen, legend, box.width());
    draw_legend(pen, legend, {box.x0, y + 4 + size.y}, box.width());
    return y + size.y + 8;
}

float CompareView::draw_table(Pen& pen, const Rect& box, float y, u32 step) const {
    const std::size_t columns = comparison_->runs().size();
    const float name_width = std::min(240.0f, box.width() * 0.4f);
    const float width =
        std::min(150.0f, (box.width() - name_width) / static_cast<float>(std::max<std::size_t>(columns, 1)));
    const auto right = [&](std::size_t column) { return box.x0 + name_width + width * static_cast<float>(column + 1); };
    for (std::size_t i = 0; i < columns; ++i) {
        const mm::slab_allocator allocator = comparison_->runs()[i].allocator;
        pen.text_right(right(i), y, allocator_text(allocator),
                       {pen.p.text(allocator_colour(pen.p, allocator)), 12, Face::words});
    }
    y += 20;
    for (const TableRow& row : TABLE) {
        pen.fill({box.x0, pen.snap(y), right(columns) - width, pen.snap(y) + pen.hairline()}, pen.p.faint);
        const TextLook name{pen.p.muted, 12, Face::words}, value{pen.p.ink, 12, Face::mono};
        pen.text(box.x0, y + 5, pen.fitted(pen.say(*row.name), name_width - 8, name), name);
        for (std::size_t i = 0; i < columns; ++i) {
            const mm::AllocatorRun& run = comparison_->runs()[i];
            const std::string text = row.value(run.at(step).numbers, run.allocator);
            pen.text_right(right(i), y + 5, pen.fitted(text, width - 4, value), value);
        }
        y += 23;
    }
    return y;
}

// Of the step at the cursor, whichever machine is asked for: the three run beside it.
Mirror CompareView::mirror(const ViewInput& input, const mm::Machine&) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::SAME_STEPS)};
    if (!fits(input)) {
        out.note = teller.say(mirror_text::NOT_DRAWN);
        return out;
    }
    const u32 step = std::min(input.moment.position.step, comparison_->done());
    out.caption += ", " + words::with_number(teller, words::AT_STEP, step);
    out.columns.emplace_back(teller.say(mirror_text::MEASURE));
    for (const mm::AllocatorRun& run : comparison_->runs()) out.columns.emplace_back(allocator_text(run.allocator));
    for (const TableRow& row : TABLE) {
        MirrorRow told{{teller.say(*row.name)}};
        for (const mm::AllocatorRun& run : comparison_->runs())
            told.cells.push_back(row.value(run.at(step).numbers, run.allocator));
        out.add(std::move(told));
    }
    return out;
}

std::string CompareView::describe(const ViewInput& input) const {
    if (!fits(input)) return "{}";
    const u32 step = std::min(input.moment.position.step, comparison_->done());
    Json allocators = Json::object();
    for (const mm::AllocatorRun& run : comparison_->runs()) {
        const mm::AllocatorNumbers& n = run.at(step).numbers;
        Json one = {{"pages", n.pages}, {"full", n.full},     {"partial", n.partial},
                    {"empty", n.empty}, {"failed", n.failed}, {"points", run.points.size()}};
        for (const Part& part : PARTS) one[part.id] = n.bytes.*part.bytes;
        if (run.allocator != mm::slab_allocator::slob) {
            one["allocs"] = {n.fast_allocs, n.slow_allocs};
            one["frees"] = {n.fast_frees, n.slow_frees};
        }
        allocators[std::string(allocator_text(run.allocator))] = std::move(one);
    }
    return to_text(Json{{"step", step},
                        {"done", comparison_->done()},
                        {"steps", comparison_->steps()},
                        {"allocators", std::move(allocators)}});
}

} // namespace shell
