#include "views/process/vma_tree.h"

#include <imgui.h>

#include <algorithm>

#include "base/hex.h"
#include "json.h"
#include "machine/facts/process_facts.h"
#include "process/maps_text.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"
#include "views/process/process_words.h"
#include "views/process/vma_look.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;
using mm::u64;
using mm::vma_id;

constexpr float MARGIN = 12, BETWEEN = 12;
constexpr std::size_t MAX_TOLD = 256; // nodes that describe() lists

// The way of the step's last search, in the tree as it was then.
std::vector<vma_id> last_way(const mm::Moment& moment, mm_id process) {
    for (u32 i = moment.nr_happened; i-- > 0;) {
        const mm::Event& event = moment.events[i];
        if (event.kind != static_cast<mm::u16>(mm::process_event::vma_hole_found)) continue;
        const Placement place = placement_of(event);
        const mm::Machine machine = mm::machine_at_event(*moment.before, *moment.op, i + 1);
        return way_to(machine.processes, process,
                      place.way == mm::hole_way::top_down ? place.hole_end - 1 : place.hole);
    }
    return {};
}

bool is_on(const std::vector<vma_id>& way, vma_id vma) { return std::find(way.begin(), way.end(), vma) != way.end(); }

std::string gap_words(const Teller& teller, const mm::vm_area_struct& vma) {
    return mm::filled(teller.say(words::LONGEST_GAP), size_text(vma.subtree_max_gap));
}

} // namespace

std::vector<vma_id> way_to(const mm::process_memory& proc, mm_id process, u64 address) {
    std::vector<vma_id> way;
    for (vma_id id = proc.mms[process].root; id != mm::VMA_NONE;) {
        way.push_back(id);
        const mm::vm_area_struct& vma = proc.vmas[id];
        if (address >= vma.vm_start && address < vma.vm_end) break;
        id = address < vma.vm_start ? vma.left : vma.right;
    }
    return way;
}

struct VmaTreeView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::process_memory& proc;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
};

Shown VmaTreeView::shows(const mm::Machine& machine, const Selection& selection) {
    return process_of_selection(machine, selection);
}

void VmaTreeView::collect(const ViewInput& input, mm_id process) {
    const mm::process_memory& proc = input.moment.at.processes;
    process_ = process;
    tree_ = tree_picture(proc.vmas, proc.mms[process].root);
    const bool about = process_of_step(input.moment) == process;
    picture_ = space_picture(input.moment, process, about);
    way_ = about ? last_way(input.moment, process) : std::vector<vma_id>{};
}

void VmaTreeView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    static_cast<void>(choice_.notice(input, new_moment, moment_.other_session()));
    keys_.listen(input.canvas.focused);
    ScrollArea area("vma-tree", keys_);
    Pen pen = pen_of(input);
    const mm::process_memory& proc = input.moment.at.processes;
    const mm_id process = choice_.shown(input);
    Frame frame{input, actions, proc, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    float y = area.box().y0 + 10;
    if (process == mm::MM_NONE) {
        process_ = process;
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0,
                          pen.say(proc.up ? words::NO_PROCESS : words::NO_PROCESSES_HERE),
                          {pen.p.muted, TEXT_NORMAL, Face::words});
        return area.end_content(y + 12);
    }
    if (new_moment || process != process_) collect(input, process);
    area.follow(new_moment);
    y = draw_head(frame, y);
    y = draw_nodes(frame, y);
    if (area.is_low()) y = draw_legend_of(frame, y);
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float VmaTreeView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const TextLook note{pen.p.muted, 12, Face::words};
    ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
    row.words(pen.say(words::VMA_TREE_TITLE));
    if (choice_.offer(row, frame.input)) frame.actions.animate = true;
    y = row.end() + 8;
    const bool maple = frame.proc.rules.since(6, 1);
    if (!frame.area.is_low())
        y = pen.paragraph(frame.x0, y, width, pen.say(maple ? words::TREE_FOR_MAPLE : words::TREE_OF_KERNEL), note) + 6;
    if (!way_.empty()) {
        const std::string said = mm::filled(pen.say(words::WAY_OF_SEARCH), grouped(static_cast<mm::i64>(way_.size())),
                                            size_text(picture_.placement.size));
        y = pen.paragraph(frame.x0, y, width, said, {pen.p.accent, 12, Face::words}) + 6;
    }
    return frame.area.is_low() ? y : draw_legend_of(frame, y);
}

float VmaTreeView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const std::vector<LegendItem> legend = {
        {tree_node_ink(pen.p, true), pen.say(words::RED), {}},
        {tree_node_ink(pen.p, false), pen.say(words::BLACK), {}},
        {{with_alpha(pen.p.accent, 0.45f), pen.p.paper, Pattern::none}, pen.say(words::WAY_IN_TREE), {}},
        {{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}}};
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

float VmaTreeView::draw_nodes(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const std::optional<u64> selected = selected_in(frame.input, process_);
    const auto look = [&](u32 id) {
        const mm::vm_area_struct& vma = frame.proc.vmas[id];
        const SpacePiece& piece = picture_.pieces[picture_.piece_at(vma.vm_start)];
        const std::string name = mm::vma_name(frame.proc, process_, id);
        return TreeNodeLook{vma.red,
                            mm::hex(vma.vm_start),
                            mm::vma_rights(vma.vm_flags) + " " + (name.empty() ? size_text(vma.size()) : name),
                            gap_words(pen, vma),
                            piece.is_changed() || piece.told,
                            is_on(way_, id),
                            selected && *selected >= vma.vm_start && *selected < vma.vm_end};
    };
    const TreeDrawing drawn = draw_tree_picture(pen, frame.area, tree_, {frame.x0, y + 8, frame.x1, y + 8}, look);
    if (drawn.under == mm::RB_NONE) return drawn.end + BETWEEN;
    const mm::vm_area_struct& vma = frame.proc.vmas[drawn.under];
    ImGui::SetTooltip("%s  %s\n%s\n%s", vma_text(frame.proc, process_, drawn.under).c_str(),
                      range_text(vma.vm_start, vma.vm_end).c_str(), gap_words(pen, vma).c_str(),
                      pen.say(vma.red ? words::RED : words::BLACK));
    if (frame.area.pressed()) {
        frame.actions.select = true;
        frame.actions.selection = {Selection::Kind::address, static_cast<mm::i64>(vma.vm_start),
                                   static_cast<mm::i64>(frame.proc.mms[process_].space), 0};
    }
    return drawn.end + BETWEEN;
}

// The nodes that are drawn, each with what it hangs below.
Mirror VmaTreeView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::VMA_TREE_TITLE)};
    const mm_id process = choice_.shown(input);
    const mm::process_memory& now = input.moment.at.processes;
    if (process == mm::MM_NONE) {
        out.note = teller.say(now.up ? words::NO_PROCESS : words::NO_PROCESSES_HERE);
        return out;
    }
    out.caption += " " + mm::process_text(now, process);
    out.columns = {teller.say(mirror_text::ADDRESS), teller.say(words::VMA_NAME), teller.say(words::PARENT),
                   teller.say(words::COLOUR), "subtree_max_gap"};
    const mm::process_memory& proc = machine.processes;
    if (same_process(proc, process, now.mms[process].pid) == mm::MM_NONE) return out; // it begins with the step
    const bool about = process_of_step(input.moment) == process;
    const SpacePicture picture = space_picture(input.moment, process, about);
    for (const TreeNode& node : tree_picture(proc.vmas, proc.mms[process].root).nodes) {
        const mm::vm_area_struct& vma = proc.vmas[node.id];
        const SpacePiece& piece = picture.pieces[picture.piece_at(vma.vm_start)];
        const bool touched = piece.is_changed() || piece.told;
        if (!out.add({{mm::address_hex(vma.vm_start), mm::vma_text(proc, process, node.id),
                       node.above == mm::RB_NONE ? "" : mm::address_hex(proc.vmas[node.above].vm_start),
                       teller.say(vma.red ? words::RED : words::BLACK), size_text(vma.subtree_max_gap)},
                      {Selection::Kind::address, static_cast<mm::i64>(vma.vm_start),
                       static_cast<mm::i64>(proc.mms[process].space), 0},
                      touched_if(touched)}))
            break;
    }
    return out;
}

std::string VmaTreeView::describe(const ViewInput& input) const {
    const mm_id process = choice_.shown(input);
    if (process == mm::MM_NONE) return to_text(Json{{"process", nullptr}});
    const mm::process_memory& proc = input.moment.at.processes;
    const bool about = process_of_step(input.moment) == process;
    const std::vector<vma_id> way = about ? last_way(input.moment, process) : std::vector<vma_id>{};
    const TreePicture tree = tree_picture(proc.vmas, proc.mms[process].root);
    Json nodes = Json::array();
    for (const TreeNode& node : tree.nodes) {
        if (nodes.size() >= MAX_TOLD) break;
        const mm::vm_area_struct& vma = proc.vmas[node.id];
        Json one = {{"start", mm::address_hex(vma.vm_start)},
                    {"colour", vma.red ? "red" : "black"},
                    {"at", {node.depth, node.place}},
                    {"max_gap", vma.subtree_max_gap}};
        if (is_on(way, node.id)) one["searched"] = true;
        nodes.push_back(std::move(one));
    }
    return to_text(Json{{"process", proc.mms[process].pid},
                        {"total", tree.total},
                        {"searched", way.size()},
                        {"nodes", std::move(nodes)}});
}

} // namespace shell
