#include "views/kernel/layout.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/hex.h"
#include "json.h"
#include "machine/facts/address_facts.h"
#include "views/kernel/address_words.h"
#include "views/parts/chip.h"
#include "views/parts/mirror_text.h"

namespace shell {

namespace {

using mm::layout_config;
using mm::layout_region;
using mm::layout_version;
using mm::region_kind;
using mm::u32;
using mm::u64;
using mm::u8;

constexpr float MARGIN = 12, NARROW = 560, BETWEEN = 8;
constexpr float THIN_BAR = 18, FAN = 26, LEADER = 22;
constexpr float LABEL_WIDE = 38, LABEL_NARROW = 52;
constexpr u8 WIDTHS[] = {36, 39, 42, 47, 48, 52};
constexpr u32 PAGE_SIZES[] = {4096, 16384, 65536};

// The last address of a region, of 64 bits also when it ends where all addresses end.
u64 last_of(const layout_region& region) { return region.end - 1; }

const layout_region* find_kind(const mm::address_layout& layout, region_kind kind) {
    for (const layout_region& region : layout.regions)
        if (region.kind == kind) return &region;
    return nullptr;
}

// From the first region of these kinds to the last, and a part of that more on both sides, as far as the outer zoom goes.
std::optional<LayoutZoom> around(const mm::address_layout& layout, const LayoutZoom& outer, const Phrase& name,
                                 std::initializer_list<region_kind> kinds) {
    std::optional<LayoutZoom> zoom;
    for (const layout_region& region : layout.regions) {
        if (std::find(kinds.begin(), kinds.end(), region.kind) == kinds.end()) continue;
        if (!zoom) zoom = LayoutZoom{&name, region.start, 0, 1};
        zoom->last = last_of(region);
    }
    if (!zoom) return zoom;
    const u64 more = (zoom->last - zoom->first) / 5;
    zoom->first -= std::min(more, zoom->first - outer.first);
    zoom->last += std::min(more, outer.last - zoom->last);
    return zoom;
}

Rgba region_colour(const Palette& p, region_kind kind) {
    switch (kind) {
    case region_kind::user: return p.free;
    case region_kind::linear: return p.category[0];
    case region_kind::modules: return p.category[2];
    case region_kind::bpf_jit: return p.category[6];
    case region_kind::vmalloc: return p.category[1];
    case region_kind::fixmap: return p.category[5];
    case region_kind::pci_io: return p.category[4];
    case region_kind::vmemmap: return p.category[3];
    case region_kind::pkmap: return p.category[2];
    case region_kind::ldt: return p.category[4];
    case region_kind::cpu_entry_area: return p.category[6];
    case region_kind::guard: return p.reserved;
    case region_kind::hole: return p.hole;
    }
    return p.hole;
}

BlockInk region_ink(const Palette& p, region_kind kind) {
    if (kind == region_kind::hole) return {p.paper, p.faint, Pattern::hatched};
    const Rgba colour = region_colour(p, kind);
    if (kind == region_kind::guard) return {mix(p.paper, colour, 0.5f), p.faint, Pattern::hollow};
    return {mix(p.paper, colour, 0.5f), colour, Pattern::hollow};
}

// "VMALLOC_START = MODULES_END": the formula of a border, and of the macro that it names.
std::string border_formula(const mm::address_layout& layout, std::string_view formula) {
    const mm::layout_macro* macro = layout.find(formula);
    if (!macro || macro->formula.empty()) return std::string(formula);
    return std::string(formula) + " = " + std::string(macro->formula);
}

bool same_kernel(const layout_config& a, const layout_config& b) {
    return a.arch == b.arch && a.version == b.version && a.pae == b.pae && a.page_size == b.page_size &&
           a.va_bits == b.va_bits &&
           (a.va_bits_actual ? a.va_bits_actual : a.va_bits) == (b.va_bits_actual ? b.va_bits_actual : b.va_bits);
}

bool can_be(const layout_config& config) { return mm::make_layout(config).ok(); }

// The nearest that can be built: the wish's version and page size stay, its widths may not.
layout_config nearest(layout_config wish) {
    if (can_be(wish)) return wish;
    wish.va_bits_actual = 0;
    for (const u8 bits : {wish.va_bits, u8{48}, u8{47}, u8{42}, u8{39}}) {
        wish.va_bits = bits;
        if (can_be(wish)) return wish;
    }
    wish.page_size = 4096;
    wish.va_bits = 48;
    return wish;
}

// "6.12" as one word of a link: "612".
std::string version_word(layout_version version) {
    std::string word(mm::layout_version_name(version));
    std::erase(word, '.');
    return word;
}

u32 number_after(std::string_view text) {
    u32 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value < 1000 ? value : 0;
}

} // namespace

std::vector<LayoutZoom> zooms_of(const mm::address_layout& layout) {
    std::vector<LayoutZoom> zooms;
    const bool i386 = layout.config.arch == mm::architecture::i386;
    const u64 top = layout.regions.back().end - 1;
    zooms.push_back({&words::ZOOM_ALL, 0, top, -1});
    const layout_region* user = find_kind(layout, region_kind::user);
    u64 kernel = user ? user->end : 0;
    for (const layout_region& region : layout.regions)
        if (region.start >= kernel && region.kind != region_kind::hole) {
            kernel = region.start;
            break;
        }
    const LayoutZoom kernel_half{i386 ? &words::ZOOM_TOP : &words::ZOOM_KERNEL, kernel, top, 0};
    zooms.push_back(kernel_half);
    if (i386) {
        if (const layout_region* linear = find_kind(layout, region_kind::linear); linear && linear->end - 1 < top)
            zooms.push_back({&words::ZOOM_VMALLOC, linear->end, top, 1});
        if (auto zoom =
                around(layout, kernel_half, words::ZOOM_FIXMAP,
                       {region_kind::pkmap, region_kind::ldt, region_kind::cpu_entry_area, region_kind::fixmap}))
            zooms.push_back(*zoom);
        return zooms;
    }
    if (auto zoom = around(layout, kernel_half, words::ZOOM_MODULES, {region_kind::modules, region_kind::bpf_jit}))
        zooms.push_back(*zoom);
    if (auto zoom = around(layout, kernel_half, words::ZOOM_FIXMAP, {region_kind::fixmap, region_kind::pci_io}))
        zooms.push_back(*zoom);
    return zooms;
}

struct LayoutView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    const mm::address_layout* layout = nullptr;
    std::vector<LayoutZoom> zooms{};
    std::size_t zoom = 0;
    std::optional<u64> selected{};

    [[nodiscard]] bool narrow() const { return x1 - x0 < NARROW; }
    [[nodiscard]] const LayoutZoom& shown() const { return zooms[zoom]; }
};

Shown LayoutView::shows(const mm::Machine&, const Selection& selection) {
    return selection.kind == Selection::Kind::address ? Shown("") : std::nullopt;
}

const mm::address_layout* LayoutView::layout() const { return other_ ? &*other_ : &*own_; }

void LayoutView::take_layout(const ViewInput& input) {
    own_ = layout_of(input.moment.at);
    other_.reset();
    if (own_ && (!chosen_ || same_kernel(*chosen_, own_->config))) return;
    if (auto made = mm::make_layout(chosen_.value_or(layout_config{}))) other_ = std::move(*made);
}

std::string LayoutView::look() const {
    std::string text;
    const auto add = [&](const std::string& word) { text += (text.empty() ? "" : "-") + word; };
    if (chosen_ && other_) {
        const layout_config& config = *chosen_;
        const bool i386 = config.arch == mm::architecture::i386;
        if (i386) add("i386");
        add(version_word(config.version));
        if (i386 && config.pae) add("pae");
        if (!i386) {
            add(std::to_string(config.page_size / 1024) + "k");
            add("b" + std::to_string(config.va_bits));
            if (config.va_bits_actual && config.va_bits_actual != config.va_bits)
                add("c" + std::to_string(config.va_bits_actual));
        }
    }
    if (zoom_ >= 0) add("z" + std::to_string(zoom_));
    return text;
}

void LayoutView::look_at(std::string_view text) {
    zoom_ = -1;
    chosen_.reset();
    layout_config config;
    bool any = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('-'), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty()) continue;
        const std::string_view rest = word.substr(1);
        if (word[0] == 'z') {
            zoom_ = static_cast<int>(number_after(rest));
            continue;
        }
        any = true;
        if (word == "i386") config.arch = mm::architecture::i386;
        if (word == "pae") config.pae = true;
        for (const auto& row : mm::layout_versions)
            if (word == version_word(row.value.version)) config.version = row.value.version;
        if (word.back() == 'k') config.page_size = number_after(word.substr(0, word.size() - 1)) * 1024;
        if (word[0] == 'b') config.va_bits = static_cast<u8>(std::min(number_after(rest), 64u));
        if (word[0] == 'c') config.va_bits_actual = static_cast<u8>(std::min(number_after(rest), 64u));
    }
    if (any && can_be(config)) chosen_ = config;
    own_.reset(); // made again with the next frame
}

void LayoutView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool moved = moment_.notice(input);
    if (moment_.other_session() && moved) own_.reset();
    if (!own_) take_layout(input);
    ScrollArea area("layout");
    Pen pen = pen_of(input);
    Frame frame{input, actions, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    if (input.choices.selection.kind == Selection::Kind::address)
        frame.selected = static_cast<u64>(input.choices.selection.value);
    frame.layout = layout();
    frame.zooms = zooms_of(*frame.layout);
    frame.zoom = zoom_ < 0 ? 1 : std::min(static_cast<std::size_t>(zoom_), frame.zooms.size() - 1);
    const float y = draw_choices(frame, area.box().y0 + 10);
    draw_bars(frame, y);
    actions.animate |= area.wants_frame();
}

float LayoutView::draw_choices(Frame& frame, float y) {
    Pen& pen = frame.pen;
    if (!own_) {
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, pen.say(words::NO_LAYOUT),
                          {pen.p.muted, TEXT_NORMAL, Face::words}) +
            6;
    }
    return draw_zooms(frame, draw_kernels(frame, y));
}

float LayoutView::draw_kernels(Frame& frame, float y) {
    std::optional<layout_config> wish;
    y = offer_kernels(frame, y, wish);
    if (frame.layout->config.arch == mm::architecture::arm64) y = offer_widths(frame, y, wish);
    if (!wish) return y;
    chosen_ = wish;
    own_.reset();
    take_layout(frame.input);
    frame.layout = layout();
    frame.zooms = zooms_of(*frame.layout);
    frame.zoom = std::min(frame.zoom, frame.zooms.size() - 1);
    frame.actions.animate = true;
    return y;
}

// The chip of the machine's own has the accent.
bool LayoutView::offer(ChipRow& row, const std::string& text, const layout_config& config, bool on) const {
    const bool own = own_ && same_kernel(config, own_->config);
    return row.chip(text, {.on = on, .mark = own && !on});
}

float LayoutView::offer_kernels(Frame& frame, float y, std::optional<layout_config>& wish) const {
    const layout_config now = frame.layout->config;
    ChipRow row(frame.pen, frame.area, frame.x0, frame.x1, y);
    row.words(frame.pen.say(words::LAYOUT_TITLE));
    for (const layout_version version :
         {layout_version::v4_19, layout_version::v5_10, layout_version::v6_1, layout_version::v6_12}) {
        layout_config config = now;
        if (config.arch != mm::architecture::arm64) config = layout_config{};
        config.version = version;
        config = nearest(config);
        if (offer(row, "arm64 " + std::string(mm::layout_version_name(version)), config,
                  now.arch == mm::architecture::arm64 && now.version == version))
            wish = config;
    }
    for (const auto& [version, pae] :
         {std::pair{layout_version::v2_6, false}, {layout_version::v6_1, false}, {layout_version::v6_1, true}}) {
        layout_config config;
        config.arch = mm::architecture::i386;
        config.version = version;
        config.pae = pae;
        if (own_ && own_->config.arch == mm::architecture::i386) config.memory_end = own_->config.memory_end;
        if (offer(row, "i386 " + std::string(mm::layout_version_name(version)) + (pae ? " PAE" : ""), config,
                  now.arch == config.arch && now.version == version && now.pae == pae))
            wish = config;
    }
    return row.end() + BETWEEN;
}

// Page sizes and widths of arm64.
float LayoutView::offer_widths(Frame& frame, float y, std::optional<layout_config>& wish) const {
    const layout_config now = frame.layout->config;
    ChipRow row(frame.pen, frame.area, frame.x0, frame.x1, y);
    const auto choose = [&](const std::string& text, const layout_config& config, bool on) {
        if (can_be(config) && offer(row, text, config, on)) wish = config;
    };
    row.words(frame.pen.say(words::PAGE_SIZE_OF));
    for (const u32 size : PAGE_SIZES) {
        layout_config config = now;
        config.page_size = size;
        choose(std::to_string(size / 1024) + "K", nearest(config), now.page_size == size);
    }
    row.words(frame.pen.say(words::BITS));
    for (const u8 bits : WIDTHS) {
        layout_config config = now;
        config.va_bits = bits;
        config.va_bits_actual = 0;
        const bool on = now.va_bits == bits && now.va_bits_actual == bits;
        choose(std::to_string(bits), config, on);
        config.va_bits_actual = now.page_size == 16384 ? 47 : 48;
        if (bits == 52) choose("52/" + std::to_string(config.va_bits_actual), config, now.va_bits == 52 && !on);
    }
    return row.end() + BETWEEN;
}

float LayoutView::draw_zooms(Frame& frame, float y) {
    Pen& pen = frame.pen;
    ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
    for (std::size_t i = 0; i < frame.zooms.size(); ++i) {
        const std::string bits = frame.layout->config.arch == mm::architecture::i386 ? "32" : "64";
        const std::string name = mm::filled(pen.say(*frame.zooms[i].name), bits);
        if (!row.chip(name, {.on = i == frame.zoom, .mark = false, .face = Face::words})) continue;
        zoom_ = static_cast<int>(i);
        frame.zoom = i;
        frame.actions.animate = true;
    }
    y = row.end() + BETWEEN;
    if (!frame.selected) return y;
    const layout_region* region = mm::region_of(*frame.layout, *frame.selected);
    const bool zh = frame.input.choices.language == mm::Language::zh;
    std::string text = std::string(pen.say(words::SELECTED)) + " " + mm::address_hex(*frame.selected);
    if (region) text += std::string("  ") + std::string(zh ? region->name_zh : region->name);
    pen.text(frame.x0, y, pen.fitted(text, frame.x1 - frame.x0, {pen.p.accent, 12, Face::mono}),
             {pen.p.accent, 12, Face::mono});
    return y + 20;
}

namespace {

// Addresses of a zoom on a bar from y0 to y1.
struct Scale {
    u64 first, last;
    float y0, y1;

    [[nodiscard]] bool holds(u64 address) const { return address >= first && address <= last; }
    [[nodiscard]] float at(u64 address) const {
        const double part = static_cast<double>(address - first) / (static_cast<double>(last - first) + 1);
        return y0 + static_cast<float>(part) * (y1 - y0);
    }
};

struct Piece {
    const layout_region* region;
    Rect box;
};

// The regions of the bar. What is thinner than a line is drawn as one.
std::vector<Piece> pieces_of(const Pen& pen, const mm::address_layout& layout, const Scale& scale, float x0, float x1) {
    std::vector<Piece> pieces;
    for (const layout_region& region : layout.regions) {
        if (last_of(region) < scale.first || region.start > scale.last) continue;
        const float top = scale.at(std::max(region.start, scale.first));
        const float end = last_of(region) >= scale.last ? scale.y1 : scale.at(last_of(region) + 1);
        Rect box = pen.snap(Rect{x0, top, x1, end});
        box.y1 = std::max(box.y1, box.y0 + pen.hairline());
        pieces.push_back({&region, box});
    }
    return pieces;
}

// Thick ones first: a thin one is not covered by its neighbours.
void draw_pieces(Pen& pen, std::vector<Piece> pieces) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.box.height() > b.box.height(); });
    for (const Piece& piece : pieces) {
        const BlockInk ink = region_ink(pen.p, piece.region->kind);
        if (piece.box.height() < 3)
            pen.fill({piece.box.x0, piece.box.y0, piece.box.x1, piece.box.y0 + std::max(piece.box.height(), 1.0f)},
                     region_colour(pen.p, piece.region->kind));
        else
            pen.block(piece.box, ink);
    }
}

// Where each label begins: down to where there is room, then up from the end of the bar.
std::vector<float> label_places(const std::vector<Piece>& pieces, const Scale& scale, float label) {
    std::vector<float> places;
    for (const Piece& piece : pieces)
        places.push_back(std::max(piece.box.y0, places.empty() ? scale.y0 : places.back() + label));
    float below = scale.y1 + 4;
    for (std::size_t i = places.size(); i-- > 0;) below = places[i] = std::min(places[i], below - label);
    return places;
}

} // namespace

// The bar that is shown, and what stands beside it.
struct LayoutView::Bar {
    Scale scale{};
    float x0 = 0, x1 = 0, text_x = 0; // of the bar, and of its labels
    float label = 0;                  // the height of one
};

void LayoutView::draw_bars(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const LayoutZoom& shown = frame.shown();
    Bar bar;
    bar.label = frame.narrow() ? LABEL_NARROW : LABEL_WIDE;
    bar.scale = {shown.first, shown.last, y + 4, 0};
    std::size_t nr = 0;
    for (const layout_region& region : frame.layout->regions)
        nr += last_of(region) >= shown.first && region.start <= shown.last;
    bar.scale.y1 = bar.scale.y0 + std::max(frame.area.window().y1 - y - 16, static_cast<float>(nr) * bar.label);
    bar.x0 = draw_outer_bars(frame, bar);
    bar.x1 = bar.x0 + (frame.narrow() ? 56 : 96);
    bar.text_x = bar.x1 + LEADER;

    const std::vector<Piece> pieces = pieces_of(pen, *frame.layout, bar.scale, bar.x0, bar.x1);
    draw_pieces(pen, pieces);
    const std::vector<float> places = label_places(pieces, bar.scale, bar.label);
    for (std::size_t i = 0; i < pieces.size(); ++i) draw_label(frame, bar, *pieces[i].region, pieces[i].box, places[i]);
    if (frame.selected && bar.scale.holds(*frame.selected)) {
        const float at = bar.scale.at(*frame.selected);
        pen.fill({bar.x0 - 4, at - 1, bar.x1 + 6, at + 1}, pen.p.accent);
        pen.arrow_head({bar.x1, at}, {-1, 0}, pen.p.accent, 8);
    }
    frame.area.end_content(bar.scale.y1 + 12);
}

// A thin bar for each zoom that the shown one is a part of, and which part the next bar is. Gives where the last one ends.
float LayoutView::draw_outer_bars(Frame& frame, const Bar& bar) const {
    Pen& pen = frame.pen;
    const LayoutZoom& shown = frame.shown();
    std::vector<int> outer;
    for (int i = shown.inside; i >= 0; i = frame.zooms[static_cast<std::size_t>(i)].inside)
        outer.insert(outer.begin(), i);
    const float y0 = bar.scale.y0, y1 = bar.scale.y1;
    float x = frame.x0;
    for (std::size_t i = 0; i < outer.size(); ++i) {
        const LayoutZoom& zoom = frame.zooms[static_cast<std::size_t>(outer[i])];
        const LayoutZoom& inner = i + 1 < outer.size() ? frame.zooms[static_cast<std::size_t>(outer[i + 1])] : shown;
        const Scale thin{zoom.first, zoom.last, y0, y1};
        draw_pieces(pen, pieces_of(pen, *frame.layout, thin, x, x + THIN_BAR));
        const float from = thin.at(inner.first), to = inner.last >= zoom.last ? thin.y1 : thin.at(inner.last);
        pen.polygon({{x + THIN_BAR, from},
                     {x + THIN_BAR + FAN, y0},
                     {x + THIN_BAR + FAN, y1},
                     {x + THIN_BAR, std::max(to, from + 1)}},
                    with_alpha(pen.p.muted, 0.12f));
        pen.line({x + THIN_BAR, from}, {x + THIN_BAR + FAN, y0}, pen.p.muted, 1);
        pen.line({x + THIN_BAR, to}, {x + THIN_BAR + FAN, y1}, pen.p.muted, 1);
        if (frame.selected && thin.holds(*frame.selected)) {
            const float at = thin.at(*frame.selected);
            pen.fill({x - 3, at - 1, x + THIN_BAR + 3, at + 1}, pen.p.accent);
        }
        x += THIN_BAR + FAN;
    }
    return x;
}

// Name and size, where the region begins, and why there.
void LayoutView::draw_label(Frame& frame, const Bar& bar, const layout_region& region, const Rect& piece,
                            float top) const {
    Pen& pen = frame.pen;
    const float x = bar.text_x + 15;
    const TextLook mono{pen.p.ink, TEXT_SMALL + 1, Face::mono}, quiet{pen.p.muted, TEXT_SMALL, Face::mono};
    const bool hovered = piece.contains(frame.area.pointer()) ||
                         Rect{bar.text_x, top, frame.x1, top + bar.label}.contains(frame.area.pointer());
    const bool quiet_region = region.kind == region_kind::guard || region.kind == region_kind::hole;
    pen.line({bar.x1, piece.y0}, {bar.text_x - 5, top + 8}, hovered ? pen.p.ink : pen.p.faint, 1);
    const TextLook name_look{quiet_region ? pen.p.muted : pen.p.ink, TEXT_NORMAL, Face::words};
    const std::string name(frame.input.choices.language == mm::Language::zh ? region.name_zh : region.name);
    pen.block(pen.snap(Rect{bar.text_x, top + 3, bar.text_x + 9, top + 12}), region_ink(pen.p, region.kind), 4);
    pen.text(x, top, pen.fitted(name, frame.x1 - x, name_look), name_look);
    const std::string size = size_text(region.end == 0 && region.start == 0 ? ~0ull : region.size());
    const float size_x = x + pen.width_of(name, name_look) + 12;
    if (size_x + pen.width_of(size, quiet) < frame.x1) pen.text(size_x, top + 2, size, quiet);
    const std::string value = mm::address_hex(region.start);
    pen.text(x, top + 17, pen.fitted(value, frame.x1 - x, mono), mono);
    std::string formula = border_formula(*frame.layout, region.start_formula);
    const layout_region* own = other_ && own_ && !quiet_region ? find_kind(*own_, region.kind) : nullptr;
    if (own && own->start != region.start)
        formula += std::string("   ") + pen.say(words::ON_THIS_MACHINE) + " " + mm::address_hex(own->start);
    const float formula_x = frame.narrow() ? x : x + pen.width_of(value, mono) + 12;
    const float formula_y = frame.narrow() ? top + 33 : top + 18;
    pen.text(formula_x, formula_y, pen.fitted(formula, frame.x1 - formula_x, quiet), quiet);
    if (!hovered) return;
    pen.outline(piece, pen.p.ink, pen.hairline());
    ImGui::SetTooltip("%s\n%s .. %s\n%s", name.c_str(), value.c_str(), mm::address_hex(last_of(region)).c_str(),
                      formula.c_str());
    if (!frame.area.pressed()) return;
    frame.actions.select = true;
    frame.actions.selection = {Selection::Kind::address, static_cast<mm::i64>(region.start), mm::INIT_MM, 0};
}

// Of the layout that is shown, the same before a step and after it.
Mirror LayoutView::mirror(const ViewInput& input, const mm::Machine&) const {
    const Teller teller = input.teller();
    std::optional<mm::address_layout> shown = layout_of(input.moment.at);
    if (chosen_ || !shown)
        if (auto made = mm::make_layout(chosen_.value_or(layout_config{}))) shown = std::move(*made);
    Mirror out{.caption = teller.say(words::LAYOUT_TITLE)};
    out.caption += " " + std::string(mm::layout_version_name(shown->config.version));
    out.columns = {teller.say(mirror_text::REGION), teller.say(mirror_text::ADDRESS), teller.say(mirror_text::LAST),
                   teller.say(mirror_text::SIZE), teller.say(mirror_text::FORMULA)};
    for (const layout_region& region : shown->regions) {
        const std::string name(teller.chinese ? region.name_zh : region.name);
        out.add(
            {{name + " " + mm::address_hex(region.start), mm::address_hex(region.start),
              mm::address_hex(last_of(region)), size_text(region.end == 0 && region.start == 0 ? ~0ull : region.size()),
              border_formula(*shown, region.start_formula)},
             {Selection::Kind::address, static_cast<mm::i64>(region.start), mm::INIT_MM, 0}});
    }
    return out;
}

std::string LayoutView::describe(const ViewInput& input) const {
    const std::optional<mm::address_layout> own = layout_of(input.moment.at);
    std::optional<mm::address_layout> shown = own;
    if (chosen_ || !own)
        if (auto made = mm::make_layout(chosen_.value_or(layout_config{}))) shown = std::move(*made);
    const std::vector<LayoutZoom> zooms = zooms_of(*shown);
    const std::size_t zoom = zoom_ < 0 ? 1 : std::min(static_cast<std::size_t>(zoom_), zooms.size() - 1);
    Json regions = Json::array();
    for (const layout_region& region : shown->regions)
        regions.push_back({{"name", region.name},
                           {"start", mm::address_hex(region.start)},
                           {"last", mm::address_hex(last_of(region))},
                           {"formula", border_formula(*shown, region.start_formula)}});
    Json json = {{"kernel", mm::layout_version_name(shown->config.version)},
                 {"own", own && same_kernel(own->config, shown->config)},
                 {"bits", shown->config.va_bits},
                 {"pageSize", shown->config.page_size},
                 {"zoom", zoom},
                 {"first", mm::address_hex(zooms[zoom].first)},
                 {"last", mm::address_hex(zooms[zoom].last)},
                 {"regions", std::move(regions)}};
    if (input.choices.selection.kind == Selection::Kind::address) {
        const auto address = static_cast<u64>(input.choices.selection.value);
        const layout_region* region = mm::region_of(*shown, address);
        json["selected"] = {{"address", mm::address_hex(address)}, {"region", region ? region->name : ""}};
    }
    return to_text(json);
}

} // namespace shell
