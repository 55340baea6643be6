#include "views/process/process_list.h"

#include <imgui.h>

#include <algorithm>

#include "json.h"
#include "machine/facts/process_facts.h"
#include "process/smaps.h"
#include "views/parts/chip.h"
#include "views/parts/legend.h"
#include "views/parts/words.h"
#include "views/process/process_choice.h"
#include "views/process/process_list_words.h"
#include "views/process/process_words.h"
#include "views/process/space_picture.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;
using mm::u64;

constexpr float MARGIN = 12, BETWEEN = 12;
constexpr float BAR = 14, THIN = 6, LINE = 17;
constexpr std::size_t SHARED_DRAWN = 12, NAMES_DRAWN = 4;
constexpr std::size_t MAX_TOLD = 256; // processes that describe() lists

constexpr const Phrase* KINDS[PAGE_KINDS] = {&words::KIND_ANON, &words::KIND_FILE, &words::KIND_SHMEM};

u64 bytes_of(const mm::process_memory& proc, u64 pages) { return pages << proc.page_shift; }

Rgba kind_colour(const Palette& p, std::size_t kind) { return p.category[kind]; }

// The pattern says how many entries map the pages.
BlockInk part_ink(const Palette& p, std::size_t kind, int mapped) {
    const Rgba colour = kind_colour(p, kind);
    if (mapped == 1) return {colour, colour, Pattern::solid};
    return {mix(p.paper, colour, 0.28f), colour, mapped == 2 ? Pattern::hatched : Pattern::crossed};
}

std::string from_to_size(u64 before, u64 now) {
    return before == now ? size_text(now) : size_text(before) + " → " + size_text(now);
}

ListedProcess listed(const mm::Machine& machine, mm_id id, const ProcessSum& sum) {
    ListedProcess row;
    row.mm = machine.processes.mms[id];
    row.now = sum;
    row.tables = mm::mm_pgtables_bytes(machine.mmu, row.mm);
    return row;
}

const ProcessSum& sum_of(const ProcessSums& sums, mm_id id) {
    return *std::find_if(sums.processes.begin(), sums.processes.end(),
                         [&](const ProcessSum& sum) { return sum.id == id; });
}

} // namespace

bool ListedProcess::is_changed() const {
    return fresh || !(mm.rss == mm_was.rss) || mm.total_vm != mm_was.total_vm || mm.min_flt != mm_was.min_flt ||
           mm.maj_flt != mm_was.maj_flt || tables != tables_was || (now.counted && was.counted && now.pss != was.pss);
}

ProcessListing process_listing(const ViewInput& input) {
    const mm::Machine& at = input.moment.at;
    const mm::Machine& before = input.before();
    ProcessListing out;
    out.sums = process_sums(at);
    const ProcessSums old = process_sums(before);
    std::vector<mm_id> met;
    for (const ProcessSum& sum : out.sums.processes) {
        ListedProcess row = listed(at, sum.id, sum);
        const mm_id was = same_process(before.processes, sum.id, row.mm.pid);
        row.fresh = was == mm::MM_NONE;
        const ListedProcess then = row.fresh ? row : listed(before, was, sum_of(old, was));
        row.was = then.now, row.mm_was = then.mm, row.tables_was = then.tables;
        if (!row.fresh) met.push_back(was);
        out.rows.push_back(std::move(row));
    }
    out.alive = out.rows.size();
    for (const ProcessSum& sum : old.processes)
        if (std::find(met.begin(), met.end(), sum.id) == met.end()) out.rows.push_back(listed(before, sum.id, sum));
    return out;
}

struct ProcessListView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::process_memory& proc;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
    mm_id selected = mm::MM_NONE;

    [[nodiscard]] TextLook note() const { return {pen.p.muted, 12, Face::words}; }
    void select(const mm::process_memory& of, mm_id id) const {
        const mm::mm_struct& mm = of.mms[id];
        const std::vector<mm::vma_id> vmas = mm::vmas_of(of, id);
        const u64 address = vmas.empty() ? 0 : of.vmas[vmas.front()].vm_start;
        actions.select = true;
        actions.selection = {Selection::Kind::address, static_cast<mm::i64>(address), static_cast<mm::i64>(mm.space),
                             0};
    }
};

Shown ProcessListView::shows(const mm::Machine& machine, const Selection& selection) {
    return process_of_selection(machine, selection) ? Shown("") : std::nullopt;
}

void ProcessListView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (moment_.other_session() && new_moment) fold_.forget();
    keys_.listen(input.canvas.focused);
    ScrollArea area("processes", keys_);
    Pen pen = pen_of(input);
    const mm::process_memory& proc = input.moment.at.processes;
    Frame frame{input, actions, proc, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    float y = area.box().y0 + 10;
    if (new_moment) listing_ = process_listing(input);
    if (listing_.rows.empty()) {
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0,
                          pen.say(proc.up ? words::NO_PROCESS : words::NO_PROCESSES_HERE),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
        return area.end_content(y + 12);
    }
    for (mm_id id = 0; id < proc.mms_used; ++id)
        if (proc.mms[id].in_use && selected_in(input, id)) frame.selected = id;
    area.follow(new_moment);
    y = draw_head(frame, y);
    const bool touches = std::any_of(listing_.rows.begin(), listing_.rows.end(),
                                     [](const ListedProcess& row) { return row.is_changed(); });
    const bool folds = fold_.folds(area, touches);
    u32 folded = 0;
    for (std::size_t i = 0; i < listing_.rows.size(); ++i) {
        const bool part = listing_.rows[i].is_changed() || i >= listing_.alive;
        if (folds && !part)
            ++folded;
        else
            y = draw_row(frame, y, i);
    }
    y = fold_.draw(pen, area, actions, y, folded, touches);
    y = draw_shared(frame, y);
    if (area.is_low()) y = draw_legend_of(frame, y + 6);
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float ProcessListView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    scale_ = 1;
    for (const ListedProcess& row : listing_.rows) scale_ = std::max(scale_, row.mm.rss.total());
    const std::string title = pen.say(words::PROCESSES_TITLE);
    const TextLook look{pen.p.ink, TEXT_NORMAL, Face::words};
    pen.text(frame.x0, y, title, look);
    const std::string scale = mm::filled(pen.say(words::RSS_SCALE), size_text(bytes_of(frame.proc, scale_)));
    const float x = frame.x0 + pen.width_of(title, look) + 12;
    pen.text(x, y + 1, pen.fitted(scale, frame.x1 - x, frame.note()), frame.note());
    y += 22;
    return frame.area.is_low() ? y : draw_legend_of(frame, y);
}

float ProcessListView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    std::vector<LegendItem> legend;
    for (std::size_t kind = 0; kind < PAGE_KINDS; ++kind)
        legend.push_back({part_ink(pen.p, kind, 1), pen.say(*KINDS[kind]), {}});
    const auto plain = [&](int mapped, const Phrase& phrase) {
        const BlockInk ink = part_ink(pen.p, 0, mapped);
        legend.push_back({ink, pen.say(phrase), {}, mapped == 1});
    };
    plain(1, words::BY_ONE);
    plain(2, words::BY_TWO);
    plain(3, words::BY_MORE);
    legend.push_back({{pen.p.ink, pen.p.ink, Pattern::solid}, pen.say(words::PSS_BAR), {}});
    const float width = frame.x1 - frame.x0;
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

// Name and counters, then the bars.
float ProcessListView::draw_row(Frame& frame, float y, std::size_t index) {
    const ListedProcess& row = listing_.rows[index];
    Pen& pen = frame.pen;
    const bool gone = index >= listing_.alive;
    const mm::process_memory& of = gone ? frame.input.before().processes : frame.proc;
    const float top = y;
    const bool changed = row.is_changed() || gone;
    const TextLook name{changed ? pen.p.accent : pen.p.ink, TEXT_NORMAL, Face::mono};
    std::string title = mm::process_text(of, row.now.id);
    const float title_width = pen.width_of(title, name);
    pen.text(frame.x0, y, pen.fitted(title, frame.x1 - frame.x0, name), name);
    float x = frame.x0 + title_width + 10;
    if (row.fresh || gone) {
        const std::string tag = pen.say(gone ? words::PROCESS_ENDED : words::PROCESS_NEW);
        const TextLook look{pen.p.accent, 12, Face::words};
        pen.text(x, y + 1, tag, look);
        x += pen.width_of(tag, look) + 12;
    }
    const std::string counters =
        "VmSize " + from_to_size(bytes_of(of, row.mm_was.total_vm), bytes_of(of, row.mm.total_vm)) + " · min_flt " +
        from_to(static_cast<mm::i64>(row.mm_was.min_flt), static_cast<mm::i64>(row.mm.min_flt)) + " · maj_flt " +
        from_to(static_cast<mm::i64>(row.mm_was.maj_flt), static_cast<mm::i64>(row.mm.maj_flt)) + " · " +
        pen.say(words::PAGE_TABLES) + " " + from_to_size(row.tables_was, row.tables);
    const TextLook note = frame.note();
    if (!gone) {
        const bool beside = x + pen.width_of(counters, note) <= frame.x1;
        if (beside) pen.text(x, y + 1, counters, note);
        y += LINE + 2;
        if (!beside) y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, counters, note) + 3;
        y = draw_bars(frame, y, row);
    } else {
        y += LINE;
    }
    const Rect thing{frame.x0 - 6, top - 4, frame.x1, y};
    if (changed) frame.area.touched(top, y - top);
    if (gone) return y + BETWEEN;
    const bool selected = frame.selected == row.now.id;
    frame.area.offer(thing, selected);
    if (changed) pen.fill({thing.x0, thing.y0, thing.x0 + 3, thing.y1}, pen.p.accent);
    if (selected) pen.outline(thing, pen.p.ink, pen.hairline());
    if (thing.contains(frame.area.pointer())) {
        pen.fill(thing, with_alpha(pen.p.muted, 0.08f));
        if (frame.area.pressed()) frame.select(frame.proc, row.now.id);
    }
    return y + BETWEEN;
}

// Rss by kind and by who maps it, with Pss below, on one scale.
float ProcessListView::draw_bars(Frame& frame, float y, const ListedProcess& row) const {
    Pen& pen = frame.pen;
    const TextLook label{pen.p.ink, 12, Face::mono};
    const u64 rss = bytes_of(frame.proc, row.mm.rss.total()), pss = row.now.pss >> 12;
    const std::string rss_text = "Rss " + from_to_size(bytes_of(frame.proc, row.mm_was.rss.total()), rss);
    pen.text(frame.x0, y, pen.fitted(rss_text, frame.x1 - frame.x0, label), label);
    const float beside = frame.x0 + pen.width_of(rss_text, label) + 18;
    if (row.now.counted) {
        const std::string text = "Pss " + (row.was.counted ? from_to_size(row.was.pss >> 12, pss) : size_text(pss));
        pen.text(beside, y, pen.fitted(text, frame.x1 - beside, label), label);
    } else {
        pen.text(beside, y, pen.fitted(pen.say(words::NOT_COUNTED), frame.x1 - beside, frame.note()), frame.note());
    }
    y += LINE;
    const float start = frame.x0, room = std::max(frame.x1 - frame.x0 - 4, 40.0f);
    const auto wide = [&](double pages) { return static_cast<float>(pages / static_cast<double>(scale_)) * room; };
    double pages = 0;
    const auto part = [&](u64 number, const BlockInk& ink) {
        if (number == 0) return;
        const float from = start + wide(pages);
        pages += static_cast<double>(number);
        pen.block(pen.snap(Rect{from, y, std::max(start + wide(pages), from + 2), y + BAR}), ink, 5);
    };
    if (row.now.counted)
        for (std::size_t kind = 0; kind < PAGE_KINDS; ++kind) {
            part(row.now.kinds[kind].one, part_ink(pen.p, kind, 1));
            part(row.now.kinds[kind].two, part_ink(pen.p, kind, 2));
            part(row.now.kinds[kind].more, part_ink(pen.p, kind, 3));
        }
    else
        for (const auto& [number, kind] :
             {std::pair{row.mm.rss.anon, 0u}, {row.mm.rss.file, 1u}, {row.mm.rss.shmem, 2u}})
            part(number, {pen.p.paper, kind_colour(pen.p, kind), Pattern::hollow});
    if (row.now.counted) {
        const double share = static_cast<double>(pss) / static_cast<double>(frame.proc.page_size());
        pen.fill(pen.snap(Rect{start, y + BAR + 3, start + std::max(wide(share), pss > 0 ? 1.0f : 0.0f),
                               y + BAR + 3 + THIN}),
                 pen.p.ink);
    }
    return y + BAR + 3 + THIN + 4;
}

float ProcessListView::draw_shared(Frame& frame, float y) {
    Pen& pen = frame.pen;
    if (listing_.alive < 2) return y;
    const float width = frame.x1 - frame.x0;
    pen.text(frame.x0, y, pen.fitted(pen.say(words::SHARED_TITLE), width, {pen.p.ink, TEXT_NORMAL, Face::words}),
             {pen.p.ink, TEXT_NORMAL, Face::words});
    y += 22;
    const ProcessSums& sums = listing_.sums;
    if (sums.shared.empty() && sums.shared_whole)
        return pen.paragraph(frame.x0, y, width, pen.say(words::NOTHING_SHARED), frame.note()) + BETWEEN;
    const u64 most = sums.shared.empty() ? 1 : sums.shared.front().all();
    std::size_t drawn = 0;
    for (const SharedPages& group : sums.shared) {
        if (drawn++ == SHARED_DRAWN) break;
        ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
        for (std::size_t i = 0; i < std::min(group.who.size(), NAMES_DRAWN); ++i)
            if (row.chip(std::to_string(frame.proc.mms[group.who[i]].pid), {.on = group.who[i] == frame.selected}))
                frame.select(frame.proc, group.who[i]);
        if (group.who.size() > NAMES_DRAWN)
            row.words(
                mm::filled(pen.say(words::AND_MORE), grouped(static_cast<mm::i64>(group.who.size() - NAMES_DRAWN))));
        const Phrase& said = group.all() == 1 ? words::ONE_PAGE_AND_SIZE : words::PAGES_AND_SIZE;
        row.words(mm::filled(pen.say(said), grouped(static_cast<mm::i64>(group.all())),
                             size_text(bytes_of(frame.proc, group.all()))));
        y = row.end() + 4;
        float x = frame.x0;
        for (std::size_t kind = 0; kind < PAGE_KINDS; ++kind) {
            if (group.pages[kind] == 0) continue;
            const float part = static_cast<float>(group.pages[kind]) / static_cast<float>(most) * (width - 4);
            pen.block(pen.snap(Rect{x, y, x + std::max(part, 2.0f), y + THIN + 4}),
                      part_ink(pen.p, kind, group.who.size() == 2 ? 2 : 3), 5);
            x += part;
        }
        y += THIN + 4 + BETWEEN;
    }
    if (sums.shared.size() > SHARED_DRAWN) {
        pen.text(frame.x0, y,
                 mm::filled(pen.say(words::AND_MORE), grouped(static_cast<mm::i64>(sums.shared.size() - SHARED_DRAWN))),
                 frame.note());
        y += LINE;
    }
    if (!sums.shared_whole) y = pen.paragraph(frame.x0, y, width, pen.say(words::SHARED_LEFT_OUT), frame.note());
    return y + BETWEEN;
}

// ---- as rows --------------------------------------------------------------------------------------------------------

Mirror ProcessListView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::PROCESSES_TITLE)};
    const mm::process_memory& proc = machine.processes;
    const ProcessSums sums = process_sums(machine);
    if (sums.processes.empty()) {
        out.note = teller.say(proc.up ? words::NO_PROCESS : words::NO_PROCESSES_HERE);
        return out;
    }
    out.columns = {teller.say(words::PROCESSES_TITLE), "VmSize", "Rss", "Pss"};
    for (const Phrase* kind : KINDS) out.columns.push_back(teller.say(*kind));
    for (const Phrase& phrase : {words::BY_ONE, words::BY_TWO, words::BY_MORE})
        out.columns.push_back(teller.say(phrase));
    out.columns.insert(out.columns.end(), {"min_flt", "maj_flt", teller.say(words::PAGE_TABLES)});
    const auto size = [&](u64 pages) { return size_text(bytes_of(proc, pages)); };
    for (const ProcessSum& sum : sums.processes) {
        const mm::mm_struct& mm = proc.mms[sum.id];
        u64 parts[3] = {};
        for (const MappedBy& kind : sum.kinds) parts[0] += kind.one, parts[1] += kind.two, parts[2] += kind.more;
        const auto part = [&](u64 pages) { return sum.counted ? size(pages) : std::string("?"); };
        const std::vector<mm::vma_id> vmas = mm::vmas_of(proc, sum.id);
        const u64 start = vmas.empty() ? 0 : proc.vmas[vmas.front()].vm_start;
        const bool room = out.add(
            {{mm::process_text(proc, sum.id), size(mm.total_vm), size(mm.rss.total()),
              sum.counted ? size_text(sum.pss >> 12) : "?", size(mm.rss.anon), size(mm.rss.file), size(mm.rss.shmem),
              part(parts[0]), part(parts[1]), part(parts[2]), grouped(static_cast<mm::i64>(mm.min_flt)),
              grouped(static_cast<mm::i64>(mm.maj_flt)), size_text(mm::mm_pgtables_bytes(machine.mmu, mm))},
             {Selection::Kind::address, static_cast<mm::i64>(start), static_cast<mm::i64>(mm.space), 0}});
        if (!room) break;
    }
    for (const SharedPages& group : sums.shared) {
        std::string name;
        for (const mm_id id : group.who) name += (name.empty() ? "" : " + ") + std::to_string(proc.mms[id].pid);
        const u64 two = group.who.size() == 2 ? group.all() : 0;
        if (!out.add({{name, "", size(group.all()), "", size(group.pages[0]), size(group.pages[1]),
                       size(group.pages[2]), "", size(two), size(group.all() - two), "", "", ""}}))
            break;
    }
    if (!sums.shared_whole) out.note = teller.say(words::SHARED_LEFT_OUT);
    return out;
}

std::string ProcessListView::describe(const ViewInput& input) const {
    const mm::process_memory& proc = input.moment.at.processes;
    const ProcessListing listing = process_listing(input);
    Json rows = Json::array(), shared = Json::array();
    for (std::size_t i = 0; i < std::min(listing.alive, MAX_TOLD); ++i) {
        const ListedProcess& row = listing.rows[i];
        Json kinds = Json::array();
        for (const MappedBy& kind : row.now.kinds) kinds.push_back({kind.one, kind.two, kind.more});
        rows.push_back({{"pid", row.mm.pid},
                        {"rss", {row.mm.rss.anon, row.mm.rss.file, row.mm.rss.shmem}},
                        {"counted", row.now.counted},
                        {"mapped_by", std::move(kinds)},
                        {"pss", row.now.pss >> 12},
                        {"tables", row.tables},
                        {"changed", row.is_changed()}});
    }
    for (const SharedPages& group : listing.sums.shared) {
        Json who = Json::array();
        for (const mm_id id : group.who) who.push_back(proc.mms[id].pid);
        shared.push_back({{"pids", std::move(who)}, {"pages", group.pages}});
    }
    return to_text(Json{{"processes", std::move(rows)},
                        {"ended", listing.rows.size() - listing.alive},
                        {"shared", std::move(shared)},
                        {"whole", listing.sums.shared_whole}});
}

} // namespace shell
