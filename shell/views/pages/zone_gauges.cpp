#include "views/pages/zone_gauges.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "json.h"
#include "views/pages/zone_tabs.h"
#include "views/parts/mirror_text.h"
#include "views/parts/scroll_area.h"
#include "views/parts/spread.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::i64;
using mm::u32;

constexpr float MARGIN = 14, CARD_MIN = 212, CARD_MAX = 440, CARD_LOWEST = 350, CARD_LOWEST_SMALL = 216,
                CARD_HIGHEST = 640;
constexpr float TITLE = 46, FOOT = 134, NO_FOOT = 16; // a low card has no foot
constexpr float WHOLE_WIDTH = 14, LABEL_STEP = 16, LABEL_GAP = 22;
constexpr float GAUGE_WIDTH = 58, GAUGE_WIDTH_NARROW = 42, NARROW_CARD = 300;
constexpr float COMPARISON_SIZE = 12, FOLD_LINE = 32;

i64 free_pages(const mm::zone& zone) {
    i64 pages = 0;
    for (std::size_t order = 0; order < zone.area.size(); ++order)
        pages += static_cast<i64>(zone.area[order].nr_free) << order;
    return pages;
}

struct Card {
    Pen& pen;
    const ViewInput& input;
    const mm::zone& zone;
    u32 index;
    Rect box;
    std::optional<WatermarkVisit> visit; // the last comparison that the op made for this zone
    int turn = 0;                        // 1: the first zone that was tried
    bool is_latest = false;              // the comparison is the event that happened last

    // The zone before the op: nullptr while boot had not sized it.
    [[nodiscard]] const mm::zone* before() const {
        const mm::physical_memory& mem = input.before().physical;
        return index < mem.zones.size() ? &mem.zones[index] : nullptr;
    }
    // "2,945 → 2,944": what a number of the zone was before the op, and what it is.
    template <class Number>
    [[nodiscard]] std::string from_to(const Number& number) const {
        const i64 now = number(zone);
        return shell::from_to(before() ? number(*before()) : now, now);
    }
};

// Pages at the upper end of the magnified scale.
i64 scale_top(const Card& card) {
    const i64 high = card.zone.wmark_pages(mm::WMARK_HIGH);
    i64 top = 3 * high;
    if (card.visit) top = std::max(top, (card.visit->min + card.visit->reserve) * 5 / 4);
    const i64 managed = std::max<i64>(card.zone.managed_pages, 1);
    return high == 0 ? managed : std::clamp<i64>(top, 8, managed);
}

struct Scale {
    Rect gauge;
    double top; // pages at gauge.y0

    [[nodiscard]] float y(i64 pages) const {
        const double part = std::clamp(static_cast<double>(pages) / top, 0.0, 1.0);
        return gauge.y1 - static_cast<float>(part) * gauge.height();
    }
};

struct GaugeLabel {
    float y;
    std::string text;
    Rgba colour;
    float size = TEXT_SMALL;
};

constexpr std::array<const char*, 3> MARK_NAMES = {"min", "low", "high"};

bool is_enough(const WatermarkVisit& v) { return v.ok || v.no_block; }

const Phrase& verdict_words(const WatermarkVisit& v) {
    return v.ok ? words::PASSES : v.no_block ? words::NO_BLOCK : words::FAILS;
}

std::string comparison_text(const WatermarkVisit& v) {
    return grouped(v.free) + " − " + grouped(v.unusable) + (is_enough(v) ? " > " : " ≤ ") + grouped(v.min) + " + " +
           grouped(v.reserve);
}

// What the watermark check compares: free pages without those that this request may not count.
i64 usable_pages(const WatermarkVisit& v) { return v.free - v.unusable; }

// The comparison in as many words as there is room for, the longest first. The watermark has its name where the request
// gets no reduction; the left side is also a mark of its own on the gauge.
std::array<std::string, 4> comparison_texts(const WatermarkVisit& v) {
    const std::string mark = v.min == v.mark_pages ? MARK_NAMES[std::min<mm::u8>(v.mark, 2)] : "mark";
    const std::string sign = is_enough(v) ? " > " : " ≤ ";
    const std::string right = grouped(v.min) + " + " + grouped(v.reserve);
    return {"free " + grouped(v.free) + " − " + grouped(v.unusable) + sign + mark + " " + grouped(v.min) +
                " + reserve " + grouped(v.reserve),
            comparison_text(v), grouped(usable_pages(v)) + sign + right, sign.substr(1) + right};
}

// The thin column: the zone as a whole, and which part of it is magnified beside.
void draw_whole(Card& card, const Rect& r, const Scale& scale) {
    Pen& pen = card.pen;
    const double managed = std::max(1.0, static_cast<double>(card.zone.managed_pages));
    const auto y_of = [&](double pages) {
        return r.y1 - static_cast<float>(std::clamp(pages / managed, 0.0, 1.0)) * r.height();
    };
    const double free = static_cast<double>(free_pages(card.zone));
    pen.fill(r, pen.p.hole);
    pen.fill(pen.snap(Rect{r.x0, y_of(free), r.x1, r.y1}), mix(pen.p.paper, pen.p.free, 0.45f));
    pen.outline(r, pen.p.faint, pen.hairline());
    const float top = std::min(y_of(scale.top), r.y1 - 2);
    pen.fill(pen.snap(Rect{r.x0, top, r.x1, r.y1}), with_alpha(pen.p.ink, 0.55f));
    // What is magnified opens up to the gauge.
    const Rgba beam = with_alpha(pen.p.muted, 0.12f);
    pen.polygon({{r.x1, top}, {scale.gauge.x0, scale.gauge.y0}, {scale.gauge.x0, scale.gauge.y1}, {r.x1, r.y1}}, beam);
}

// More is free than the scale shows: a torn upper edge.
void draw_torn_edge(Pen& pen, const Rect& gauge, Rgba colour) {
    constexpr int teeth = 6;
    const float step = gauge.width() / teeth;
    for (int i = 0; i < teeth; ++i) {
        const float x = gauge.x0 + step * static_cast<float>(i);
        pen.polygon({{x, gauge.y0}, {x + step / 2, gauge.y0 - 6}, {x + step, gauge.y0}}, colour);
    }
}

void draw_gauge(Card& card, const Scale& scale, std::vector<GaugeLabel>& labels) {
    Pen& pen = card.pen;
    const mm::zone& zone = card.zone;
    const Rect& g = scale.gauge;
    const i64 free = free_pages(zone);
    const Rgba water = mix(pen.p.paper, pen.p.free, 0.30f);
    const bool beyond = static_cast<double>(free) > scale.top;
    pen.fill(g, pen.p.hole);
    pen.fill(pen.snap(Rect{g.x0, scale.y(free), g.x1, g.y1}), water);
    if (beyond)
        draw_torn_edge(pen, g, water);
    else
        pen.fill(pen.snap(Rect{g.x0, scale.y(free) - 1, g.x1, scale.y(free) + 1}), pen.p.free);
    const float line = pen.hairline();
    pen.fill({g.x0, g.y0, g.x0 + line, g.y1}, pen.p.muted);
    pen.fill({g.x1 - line, g.y0, g.x1, g.y1}, pen.p.muted);
    pen.fill({g.x0, g.y1 - line, g.x1, g.y1}, pen.p.muted);
    labels.push_back(
        {beyond ? g.y0 : scale.y(free), "free " + card.from_to(free_pages) + (beyond ? " ↑" : ""), pen.p.free});

    for (u32 mark = 0; mark < mm::NR_WMARK; ++mark) {
        const i64 pages = zone.wmark_pages(static_cast<mm::wmark>(mark));
        const float y = pen.snap(scale.y(pages));
        pen.fill({g.x0 - 4, y, g.x1 + 4, y + line}, pen.p.ink);
        const auto of = [mark](const mm::zone& z) { return i64{z.wmark_pages(static_cast<mm::wmark>(mark))}; };
        std::string text = MARK_NAMES[mark] + (" " + card.from_to(of));
        if (zone.watermark_boost > 0) text += " (+" + grouped(zone.watermark_boost) + ")";
        labels.push_back({y, std::move(text), pen.p.ink});
    }
}

// The left side of the comparison: a dashed line, and above it, hatched, the free pages that do not count.
void draw_usable(Card& card, const Scale& scale, std::vector<GaugeLabel>& labels) {
    if (!card.visit) return;
    Pen& pen = card.pen;
    const Rect& g = scale.gauge;
    const i64 usable = usable_pages(*card.visit);
    const float y = pen.snap(scale.y(usable));
    const float line = pen.hairline();
    const Rect uncounted = pen.snap(Rect{g.x0 + line, scale.y(card.visit->free), g.x1 - line, y});
    if (uncounted.height() >= 2) pen.hatch(uncounted, with_alpha(pen.p.free, 0.55f), 5);
    constexpr float dash = 5, space = 3;
    for (float x = g.x0 - 4; x < g.x1 + 4; x += dash + space)
        pen.fill({x, y - line, std::min(x + dash, g.x1 + 4), y + line}, pen.p.free);
    std::string text = "free − unusable " + grouped(usable);
    if (static_cast<double>(usable) > scale.top) text += " ↑";
    if (usable < 0) text += " ↓";
    labels.push_back({y, std::move(text), pen.p.free});
}

// The comparison of the moment: the watermark that applied, the reserve stacked on it, and the verdict.
void draw_decision(Card& card, const Scale& scale, std::vector<GaugeLabel>& labels) {
    if (!card.visit) return;
    Pen& pen = card.pen;
    const WatermarkVisit& v = *card.visit;
    const Rect& g = scale.gauge;
    const Rgba verdict = v.ok ? pen.p.good : pen.p.bad;
    const float limit = pen.snap(scale.y(v.min + v.reserve));
    const float mark = pen.snap(scale.y(v.min));
    if (v.reserve > 0) {
        const Rect reserve{g.x0, limit, g.x1, std::max(mark, limit + 2)};
        pen.fill(reserve, with_alpha(pen.p.buddy, 0.18f));
        pen.hatch(reserve, pen.p.buddy, 6);
        labels.push_back({(limit + mark) / 2, "reserve " + grouped(v.reserve), pen.p.buddy});
    }
    const float line = 2 * pen.hairline();
    pen.fill({g.x0 - 8, limit - line / 2, g.x1 + 8, limit + line / 2}, verdict);
    std::string text;
    for (const std::string& words : comparison_texts(v)) {
        text = (v.ok ? "✓ " : "✗ ") + words;
        if (pen.width_of(text, {verdict, COMPARISON_SIZE, Face::mono}) <= card.box.x1 - g.x1 - LABEL_GAP - 6) break;
    }
    labels.push_back({limit, std::move(text), verdict, COMPARISON_SIZE});
    if (card.is_latest) pen.arrow_head({g.x0 - 8, limit}, {1, 0}, verdict, 9);
}

void draw_labels(Card& card, const Scale& scale, const std::vector<GaugeLabel>& labels) {
    Pen& pen = card.pen;
    std::vector<float> wanted;
    for (const GaugeLabel& label : labels) wanted.push_back(label.y);
    const std::vector<float> placed = spread_labels(wanted, LABEL_STEP, scale.gauge.y0, scale.gauge.y1 - 4);
    const float x = scale.gauge.x1 + LABEL_GAP;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        pen.line({scale.gauge.x1 + 5, labels[i].y}, {x - 4, placed[i]}, with_alpha(labels[i].colour, 0.6f), 1);
        const TextLook look{labels[i].colour, labels[i].size, Face::mono};
        pen.text(x, placed[i] - labels[i].size / 2 - 1, pen.fitted(labels[i].text, card.box.x1 - x - 6, look), look);
    }
}

bool is_selected(const Card& card) {
    return card.input.choices.selection == Selection{Selection::Kind::zone, card.index, 0, 0};
}

void draw_card_title(Card& card) {
    Pen& pen = card.pen;
    const float x = card.box.x0 + MARGIN;
    float at = x;
    if (card.turn > 0) {
        const Rgba colour = card.visit->ok ? pen.p.good : pen.p.bad;
        const ImVec2 middle{x + 8, card.box.y0 + 18};
        pen.dot(middle, 9, colour);
        pen.text_centred({middle.x - 9, middle.y - 9, middle.x + 9, middle.y + 9}, std::to_string(card.turn),
                         {readable_on(colour), TEXT_SMALL, Face::mono});
        at += 24;
    }
    const std::string name = mm::unit_text(card.input.moment.at, mm::Unit::zone, static_cast<i64>(card.index));
    pen.text(at, card.box.y0 + 10, name, {pen.p.ink, TEXT_LARGE, Face::words});
    const mm::u64 bytes = static_cast<mm::u64>(card.zone.managed_pages) << card.input.moment.at.physical.page_shift;
    pen.text_right(card.box.x1 - MARGIN, card.box.y0 + 12, size_text(bytes), {pen.p.muted, 12, Face::words});
    if (!card.visit) return;
    const WatermarkVisit& v = *card.visit;
    std::string verdict =
        std::string(MARK_NAMES[std::min<mm::u8>(v.mark, 2)]) + ", " + words::order_of(pen, v.order) + ": ";
    verdict += pen.say(verdict_words(v));
    const TextLook look{v.ok ? pen.p.good : pen.p.bad, TEXT_SMALL, Face::words};
    pen.text(x, card.box.y0 + 32, pen.fitted(verdict, card.box.width() - 2 * MARGIN, look), look);
}

// nr_free of each order as bars on a logarithmic scale, and the zone's sizes.
void draw_card_foot(Card& card) {
    Pen& pen = card.pen;
    const u32 orders = card.input.moment.at.physical.nr_orders;
    const float x0 = card.box.x0 + MARGIN, x1 = card.box.x1 - MARGIN;
    const float bottom = card.box.y1 - 66;
    constexpr float height = 34;
    u32 most = 1;
    for (u32 order = 0; order < orders; ++order) most = std::max(most, card.zone.area[order].nr_free);
    const float step = (x1 - x0) / static_cast<float>(orders);
    pen.text(x0, bottom - height - 17, "nr_free", {pen.p.muted, TEXT_SMALL, Face::mono});
    const double log_most = std::log2(1.0 + most);
    for (u32 order = 0; order < orders; ++order) {
        const u32 nr = card.zone.area[order].nr_free;
        const float x = x0 + step * static_cast<float>(order);
        const float tall = nr == 0 ? 0 : std::max(2.0f, height * static_cast<float>(std::log2(1.0 + nr) / log_most));
        pen.fill(pen.snap(Rect{x + 1, bottom - tall, x + step - 2, bottom}), mix(pen.p.paper, pen.p.free, 0.6f));
        pen.fill(pen.snap(Rect{x + 1, bottom, x + step - 2, bottom + 1}), pen.p.faint);
        pen.text_centred({x, bottom + 2, x + step - 1, bottom + 16}, std::to_string(order),
                         {pen.p.muted, TEXT_SMALL, Face::mono});
    }
    const std::pair<const char*, u32> sizes[] = {{"spanned", card.zone.spanned_pages},
                                                 {"present", card.zone.present_pages},
                                                 {"managed", card.zone.managed_pages}};
    const float third = (x1 - x0) / 3;
    for (std::size_t i = 0; i < std::size(sizes); ++i) {
        const float x = x0 + third * static_cast<float>(i);
        pen.text(x, card.box.y1 - 40, sizes[i].first, {pen.p.muted, TEXT_SMALL, Face::mono});
        pen.text(x, card.box.y1 - 25, grouped(sizes[i].second), {pen.p.ink, 12, Face::mono});
    }
}

void draw_card(Card& card) {
    Pen& pen = card.pen;
    const Rect box = pen.snap(card.box);
    pen.frame(box, is_selected(card) ? pen.p.ink : card.is_latest ? pen.p.accent : pen.p.faint, 6);
    draw_card_title(card);
    const bool has_foot = box.height() >= CARD_LOWEST;
    const float y0 = box.y0 + TITLE + 14, y1 = box.y1 - (has_foot ? FOOT : NO_FOOT);
    const Rect whole = pen.snap(Rect{box.x0 + MARGIN, y0, box.x0 + MARGIN + WHOLE_WIDTH, y1});
    const bool narrow = box.width() < NARROW_CARD;
    const float x = whole.x1 + (narrow ? 16.0f : 26.0f);
    const Scale scale{pen.snap(Rect{x, y0, x + (narrow ? GAUGE_WIDTH_NARROW : GAUGE_WIDTH), y1}),
                      static_cast<double>(scale_top(card))};
    std::vector<GaugeLabel> labels;
    draw_whole(card, whole, scale);
    draw_gauge(card, scale, labels);
    draw_usable(card, scale, labels);
    draw_decision(card, scale, labels);
    draw_labels(card, scale, labels);
    if (has_foot) draw_card_foot(card);
}

// The last comparison for each zone, and the order in which zones were tried.
void attach_visits(std::vector<Card>& cards, const Touched& touched, u32 event) {
    int turn = 0;
    for (const WatermarkVisit& visit : touched.watermarks) {
        for (Card& card : cards) {
            if (card.index != visit.zone) continue;
            card.visit = visit;
            if (card.turn == 0) card.turn = ++turn;
            card.is_latest = visit.event + 1 == event;
        }
    }
}

// Cards side by side, as high as there is room for. Returns where they end.
float place_cards(std::vector<Card>& cards, const Rect& box) {
    const float usable = box.width() - MARGIN;
    const std::size_t in_row =
        std::clamp<std::size_t>(static_cast<std::size_t>(usable / (CARD_MIN + MARGIN)), 1, cards.size());
    const std::size_t nr_rows = (cards.size() + in_row - 1) / in_row;
    const float width = std::min(CARD_MAX, usable / static_cast<float>(in_row) - MARGIN);
    const float room = (box.height() - MARGIN - 4) / static_cast<float>(nr_rows) - MARGIN;
    const float lowest = room < CARD_LOWEST ? CARD_LOWEST_SMALL : CARD_LOWEST;
    const float height = std::max(lowest, std::min(room, CARD_HIGHEST));
    for (std::size_t i = 0; i < cards.size(); ++i) {
        const float x = box.x0 + MARGIN + static_cast<float>(i % in_row) * (width + MARGIN);
        const float y = box.y0 + MARGIN + static_cast<float>(i / in_row) * (height + MARGIN);
        cards[i].box = {x, y, x + width, y + height};
    }
    return box.y0 + static_cast<float>(nr_rows) * (height + MARGIN) + MARGIN - 4;
}

} // namespace

void ZoneGaugesView::draw(const ViewInput& input, ViewActions& actions) {
    const mm::physical_memory& mem = input.moment.at.physical;
    const bool new_moment = moment_.notice(input);
    if (mem.populated.empty()) {
        Pen pen = pen_of(input);
        return draw_no_zones(pen);
    }
    if (moment_.other_session()) fold_.forget();
    keys_.listen(input.canvas.focused);
    ScrollArea area("zones", keys_);
    Pen pen = pen_of(input);
    area.follow(new_moment);
    std::vector<Card> all;
    for (const mm::u8 zone : mem.populated) all.push_back({pen, input, mem.zones[zone], zone, {}, {}, 0, false});
    const Touched& touched = moment_.touched();
    attach_visits(all, touched, input.moment.nr_happened);
    const auto has_part = [&](const Card& card) { return card.visit || touched.zone == static_cast<int>(card.index); };
    const bool touches = std::any_of(all.begin(), all.end(), has_part), folds = fold_.folds(area, touches);
    std::vector<Card> cards;
    for (const Card& card : all)
        if (!folds || has_part(card)) cards.push_back(card);
    Rect room = area.box();
    if (folds) room.y1 -= FOLD_LINE;
    const float end = place_cards(cards, room);
    const int at_work = touched.watermarks.empty() ? touched.zone : touched.watermarks.back().zone;
    for (Card& card : cards) {
        area.offer(card.box, is_selected(card));
        if (area.pressed() && card.box.contains(area.pointer())) {
            actions.select = true;
            actions.selection = {Selection::Kind::zone, card.index, 0, 0};
        }
        if (static_cast<int>(card.index) == at_work) area.touched(card.box.y0, card.box.height());
        if (area.sees(card.box)) draw_card(card);
    }
    const float below = fold_.draw(pen, area, actions, end, static_cast<u32>(all.size() - cards.size()), touches);
    area.end_content(below, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame();
}

Mirror ZoneGaugesView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::physical_memory& mem = machine.physical;
    const Touched touched = touched_so_far(input);
    Mirror out{.caption = teller.say(row().title)};
    if (mem.populated.empty()) out.note = teller.say(words::NO_ZONES);
    out.columns = {teller.say(mirror_text::ZONE),      "free", "min", "low", "high", "lowmem_reserve", "managed",
                   teller.say(mirror_text::COMPARISON)};
    for (const mm::u8 index : mem.populated) {
        const mm::zone& zone = mem.zones[index];
        std::string reserve, comparison;
        for (u32 i = 0; i < mem.nr_zone_types; ++i) reserve += (i == 0 ? "" : ", ") + grouped(zone.lowmem_reserve[i]);
        bool is_touched = touched.zone == index;
        for (const WatermarkVisit& visit : touched.watermarks) {
            if (visit.zone != index) continue;
            is_touched = true;
            comparison = comparison_texts(visit)[0] + ": " + teller.say(verdict_words(visit));
        }
        out.add({{mm::unit_text(machine, mm::Unit::zone, index), grouped(free_pages(zone)),
                  grouped(zone.wmark_pages(mm::WMARK_MIN)), grouped(zone.wmark_pages(mm::WMARK_LOW)),
                  grouped(zone.wmark_pages(mm::WMARK_HIGH)), reserve, grouped(zone.managed_pages), comparison},
                 {Selection::Kind::zone, index, 0, 0},
                 touched_if(is_touched)});
    }
    return out;
}

std::string ZoneGaugesView::describe(const ViewInput& input) const {
    const mm::physical_memory& mem = input.moment.at.physical;
    const Touched touched = touched_so_far(input);
    Json zones = Json::array();
    for (mm::u8 index : mem.populated) {
        const mm::zone& zone = mem.zones[index];
        Json row{{"zone", mm::unit_text(input.moment.at, mm::Unit::zone, index)},
                 {"free", free_pages(zone)},
                 {"min", zone.wmark_pages(mm::WMARK_MIN)},
                 {"low", zone.wmark_pages(mm::WMARK_LOW)},
                 {"high", zone.wmark_pages(mm::WMARK_HIGH)},
                 {"boost", zone.watermark_boost},
                 {"spanned", zone.spanned_pages},
                 {"present", zone.present_pages},
                 {"managed", zone.managed_pages}};
        for (const WatermarkVisit& visit : touched.watermarks)
            if (visit.zone == index)
                row["comparison"] = {{"text", comparison_text(visit)},     {"free", visit.free},
                                     {"unusable", visit.unusable},         {"usable", usable_pages(visit)},
                                     {"limit", visit.min + visit.reserve}, {"passes", visit.ok}};
        zones.push_back(std::move(row));
    }
    return to_text(Json{{"zones", std::move(zones)}});
}

} // namespace shell
