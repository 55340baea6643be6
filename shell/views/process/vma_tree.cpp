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
using mm::vma_index_kind;

constexpr float MARGIN = 12, BETWEEN = 12, LINK = 14, LINK_STEP = 20;
constexpr std::size_t MAX_TOLD = 256; // nodes that describe() lists
constexpr std::size_t MOST_LINKS = 400;
constexpr int LIST_ROWS = 3;

std::string gap_words(const Teller& teller, const mm::vm_area_struct& vma) {
    return mm::filled(teller.say(words::LONGEST_GAP), size_text(vma.subtree_max_gap));
}
std::string height_words(const Teller& teller, const mm::vm_area_struct& vma) {
    return std::string(teller.say(words::HEIGHT)) + " " + std::to_string(vma.avl_height);
}
std::string shape_words(const Teller& teller, const mm::process_memory& proc, const mm::vm_area_struct& vma) {
    if (proc.rules.index() == vma_index_kind::avl) return height_words(teller, vma);
    return teller.say(vma.red ? words::RED : words::BLACK);
}

bool is_maple(const mm::process_memory& proc) { return proc.rules.index() == vma_index_kind::maple; }

const char* index_words(const Teller& teller, const mm::process_memory& proc) {
    switch (proc.rules.index()) {
    case vma_index_kind::maple: return teller.say(words::TREE_FOR_MAPLE);
    case vma_index_kind::avl: return teller.say(words::TREE_OF_AVL);
    default: return teller.say(words::TREE_OF_KERNEL);
    }
}

// What the task found last, by slot: "vmacache  0 heap  1 -  2 -  3 stack".
std::string cache_text(const mm::process_memory& proc, mm_id process) {
    const mm::vma_cache& cache = proc.mms[process].vmacache;
    const bool avl = proc.rules.index() == vma_index_kind::avl;
    const bool flushed = !avl && cache.seqnum != cache.mm_seqnum;
    std::string text = avl ? "mm->mmap_cache" : "vmacache";
    for (std::size_t i = 0; i < (avl ? 1u : cache.vmas.size()); ++i) {
        text += avl ? "  " : "  " + std::to_string(i) + ": ";
        const vma_id vma = flushed ? mm::VMA_NONE : cache.vmas[i];
        text += vma == mm::VMA_NONE ? "\u2013" : mm::hex(proc.vmas[vma].vm_start);
    }
    return text;
}

Selection selection_of(const mm::process_memory& proc, mm_id process, u64 address) {
    return {Selection::Kind::address, static_cast<mm::i64>(address), static_cast<mm::i64>(proc.mms[process].space), 0};
}

} // namespace

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
    const bool about = process_of_step(input.moment) == process;
    picture_ = space_picture(input.moment, process, about);
    search_ = index_search(input, process, about);
    const mm::mm_struct& mm = proc.mms[process];
    tree_ = is_maple(proc) ? TreePicture{} : tree_picture(proc.vmas, mm.root);
    const std::optional<u64> selected = selected_in(input, process);
    const u64 unfolded = selected ? *selected : search_.is_there() ? search_.key : 0;
    levels_ = is_maple(proc) ? maple_levels(proc, mm.mm_mt, unfolded) : std::vector<MapleLevel>{};
    list_.clear();
    for (vma_id id = mm.mmap; id != mm::VMA_NONE && list_.size() < MOST_LINKS; id = proc.vmas[id].vm_next)
        list_.push_back(id);
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
    const std::optional<u64> selected = selected_in(input, process);
    if (new_moment || process != process_ || selected != selected_) {
        selected_ = selected;
        collect(input, process);
    }
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
    const bool list_alone = frame.proc.rules.index() == vma_index_kind::avl && tree_.total == 0;
    const std::string says = list_alone ? mm::filled(pen.say(words::LIST_ALONE), std::to_string(mm::AVL_MIN_MAP_COUNT))
                                        : index_words(pen, frame.proc);
    if (!frame.area.is_low()) y = pen.paragraph(frame.x0, y, width, says, note) + 6;
    if (const std::string said = search_words(pen, frame.proc, search_); !said.empty())
        y = pen.paragraph(frame.x0, y, width, said, {pen.p.accent, 12, Face::words}) + 6;
    if (!is_maple(frame.proc))
        y = pen.paragraph(frame.x0, y, width, cache_text(frame.proc, process_), {pen.p.ink, 12, Face::mono}) + 6;
    return frame.area.is_low() ? y : draw_legend_of(frame, y);
}

float VmaTreeView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    std::vector<LegendItem> legend = is_maple(frame.proc) ? vma_legend(pen) : std::vector<LegendItem>{};
    if (frame.proc.rules.index() == vma_index_kind::rbtree)
        legend = {{tree_node_ink(pen.p, true), pen.say(words::RED), {}},
                  {tree_node_ink(pen.p, false), pen.say(words::BLACK), {}}};
    legend.push_back({{with_alpha(pen.p.accent, 0.45f), pen.p.paper, Pattern::none}, pen.say(words::WAY_IN_TREE), {}});
    legend.push_back({{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}});
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

bool VmaTreeView::is_touched(const mm::process_memory& proc, vma_id vma) const {
    const SpacePiece& piece = picture_.pieces[picture_.piece_at(proc.vmas[vma].vm_start)];
    return piece.is_changed() || piece.told;
}

void VmaTreeView::pick(Frame& frame, u64 address) const {
    if (!frame.area.pressed()) return;
    frame.actions.select = true;
    frame.actions.selection = selection_of(frame.proc, process_, address);
}

float VmaTreeView::draw_nodes(Frame& frame, float y) const {
    if (is_maple(frame.proc)) return draw_maple_tree(frame, y);
    if (tree_.total > 0) y = draw_binary(frame, y);
    return draw_list(frame, y);
}

float VmaTreeView::draw_binary(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const std::optional<u64> selected = selected_in(frame.input, process_);
    const bool avl = frame.proc.rules.index() == vma_index_kind::avl;
    const auto look = [&](u32 id) {
        const mm::vm_area_struct& vma = frame.proc.vmas[id];
        const std::string name = mm::vma_name(frame.proc, process_, id);
        return TreeNodeLook{vma.red,
                            mm::hex(vma.vm_start),
                            mm::vma_rights(vma.vm_flags) + " " + (name.empty() ? size_text(vma.size()) : name),
                            avl ? height_words(pen, vma) : gap_words(pen, vma),
                            is_touched(frame.proc, id),
                            search_.passes(id),
                            selected && *selected >= vma.vm_start && *selected < vma.vm_end};
    };
    const TreeDrawing drawn = draw_tree_picture(pen, frame.area, tree_, {frame.x0, y + 8, frame.x1, y + 8}, look);
    if (drawn.under == mm::RB_NONE) return drawn.end + BETWEEN;
    const mm::vm_area_struct& vma = frame.proc.vmas[drawn.under];
    ImGui::SetTooltip("%s  %s\n%s\n%s", vma_text(frame.proc, process_, drawn.under).c_str(),
                      range_text(vma.vm_start, vma.vm_end).c_str(), gap_words(pen, vma).c_str(),
                      shape_words(pen, frame.proc, vma).c_str());
    pick(frame, vma.vm_start);
    return drawn.end + BETWEEN;
}

// The VMAs as they follow each other: a box each, as many as have room in some rows.
float VmaTreeView::draw_list(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const TextLook note{pen.p.muted, TEXT_SMALL, Face::words};
    const u32 all = frame.proc.mms[process_].map_count;
    const std::string title = mm::filled(pen.say(words::LIST_TITLE), grouped(all));
    pen.text(frame.x0, y, pen.fitted(title, frame.x1 - frame.x0, note), note);
    y += 18;
    const std::optional<u64> selected = selected_in(frame.input, process_);
    const int columns = std::max(1, static_cast<int>((frame.x1 - frame.x0 + LINK_STEP - LINK) / LINK_STEP));
    const std::size_t shown = std::min(list_.size(), static_cast<std::size_t>(columns * LIST_ROWS));
    for (std::size_t i = 0; i < shown; ++i) {
        const vma_id id = list_[i];
        const mm::vm_area_struct& vma = frame.proc.vmas[id];
        const int column = static_cast<int>(i) % columns, row = static_cast<int>(i) / columns;
        const float x = frame.x0 + static_cast<float>(column) * LINK_STEP,
                    top = y + static_cast<float>(row) * LINK_STEP;
        const Rect box = pen.snap(Rect{x, top, x + LINK, top + LINK});
        if (column > 0)
            pen.line({x - LINK_STEP + LINK, box.centre().y}, {x, box.centre().y}, pen.p.muted, pen.hairline());
        if (search_.way == mm::search_way::list && search_.passes(id))
            pen.fill(box.grown(3), with_alpha(pen.p.accent, 0.45f), 3);
        pen.block(box, vma_ink(pen.p, vma.vm_flags), 4);
        if (is_touched(frame.proc, id)) pen.outline(box.grown(2), pen.p.accent, 2 * pen.hairline());
        const bool chosen = selected && *selected >= vma.vm_start && *selected < vma.vm_end;
        if (chosen) pen.outline(box.grown(3), pen.p.ink, 2 * pen.hairline());
        frame.area.offer(box, chosen);
        if (!frame.area.window().contains(frame.area.pointer()) || !box.grown(3).contains(frame.area.pointer()))
            continue;
        ImGui::SetTooltip("%s  %s", vma_text(frame.proc, process_, id).c_str(),
                          range_text(vma.vm_start, vma.vm_end).c_str());
        pick(frame, vma.vm_start);
    }
    const int rows = shown == 0 ? 0 : (static_cast<int>(shown) - 1) / columns + 1;
    y += static_cast<float>(rows) * LINK_STEP;
    if (shown < all) {
        pen.text(frame.x0, y, mm::filled(pen.say(words::MORE_IN_LIST), grouped(static_cast<mm::i64>(all - shown))),
                 note);
        y += 16;
    }
    return y + BETWEEN;
}

float VmaTreeView::draw_maple_tree(Frame& frame, float y) const {
    MapleLook look{frame.proc, levels_, std::nullopt, selected_in(frame.input, process_), {}, {}};
    if (search_.is_there()) look.searched = search_.key;
    look.name = [&](vma_id vma) { return vma_text(frame.proc, process_, vma); };
    look.touched = [&](vma_id vma) { return is_touched(frame.proc, vma); };
    const MapleDrawing drawn = draw_maple(frame.pen, frame.area, {frame.x0, y, frame.x1, y}, look);
    if (drawn.under) {
        ImGui::SetTooltip("%s", drawn.told.c_str());
        pick(frame, *drawn.under);
    }
    return drawn.end;
}

// ---- In words and numbers ------------------------------------------------------------------------------------------

// Binary trees: the nodes that are drawn, each with what it hangs below. A list alone: its VMAs.
void VmaTreeView::mirror_vmas(const ViewInput& input, const mm::process_memory& proc, mm_id process,
                              Mirror& out) const {
    const Teller teller = input.teller();
    const bool avl = proc.rules.index() == vma_index_kind::avl;
    out.columns = {teller.say(mirror_text::ADDRESS), teller.say(words::VMA_NAME), teller.say(words::PARENT),
                   teller.say(avl ? words::HEIGHT : words::COLOUR), "subtree_max_gap"};
    const SpacePicture picture = space_picture(input.moment, process, process_of_step(input.moment) == process);
    const auto add = [&](vma_id id, vma_id above, bool in_tree) {
        const mm::vm_area_struct& vma = proc.vmas[id];
        const SpacePiece& piece = picture.pieces[picture.piece_at(vma.vm_start)];
        return out.add({{mm::address_hex(vma.vm_start), mm::vma_text(proc, process, id),
                         above == mm::RB_NONE ? "" : mm::address_hex(proc.vmas[above].vm_start),
                         in_tree ? shape_words(teller, proc, vma) : "", in_tree ? size_text(vma.subtree_max_gap) : ""},
                        selection_of(proc, process, vma.vm_start),
                        touched_if(piece.is_changed() || piece.told)});
    };
    const mm::mm_struct& mm = proc.mms[process];
    if (mm.root == mm::VMA_NONE) {
        for (vma_id id = mm.mmap; id != mm::VMA_NONE && add(id, mm::RB_NONE, false);) id = proc.vmas[id].vm_next;
        return;
    }
    for (const TreeNode& node : tree_picture(proc.vmas, mm.root).nodes)
        if (!add(node.id, node.above, true)) return;
}

// A row for each slot, level by level from the root on.
void VmaTreeView::mirror_maple(const ViewInput& input, const mm::process_memory& proc, mm_id process,
                               Mirror& out) const {
    const Teller teller = input.teller();
    out.columns = {teller.say(words::TREE_NODE), teller.say(mirror_text::ADDRESS), teller.say(words::HOLDS_TO),
                   teller.say(words::VMA_NAME), "gap"};
    const SpacePicture picture = space_picture(input.moment, process, process_of_step(input.moment) == process);
    const mm::maple_tree& tree = proc.mms[process].mm_mt;
    mm::maple_id leftmost = tree.root;
    for (u32 level = tree.height; level > 0; leftmost = proc.maple.nodes[leftmost].slots[0], --level) {
        for (mm::maple_id id = leftmost; id != mm::MAPLE_NONE; id = mm::maple_next_node(proc.maple, id)) {
            const mm::maple_node& node = proc.maple.nodes[id];
            u64 first = mm::maple_first(proc.maple, id);
            const std::string name =
                mm::filled(teller.say(words::NODE_OF_LEVEL), std::to_string(level), mm::address_hex(first));
            for (u32 i = 0; i < node.count; first = node.pivots[i++] + 1) {
                const bool entry = node.leaf && node.slots[i] != mm::MAPLE_NONE;
                const SpacePiece& piece = picture.pieces[picture.piece_at(first)];
                const std::string holds = entry ? mm::vma_text(proc, process, node.slots[i])
                                                : teller.say(node.leaf ? words::EMPTY_SLOT : words::TREE_NODE);
                const u64 gap = node.leaf ? (entry ? 0 : node.pivots[i] - first + 1) : node.gaps[i];
                if (!out.add({{name + " [" + std::to_string(i) + "]", mm::address_hex(first),
                               mm::address_hex(node.pivots[i]), holds, size_text(gap)},
                              selection_of(proc, process, first),
                              touched_if(entry && (piece.is_changed() || piece.told))}))
                    return;
            }
        }
    }
}

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
    const mm::process_memory& proc = machine.processes;
    const bool there = same_process(proc, process, now.mms[process].pid) != mm::MM_NONE; // else it begins with the step
    if (!there) return out;
    const IndexSearch search = index_search(input, process, process_of_step(input.moment) == process);
    out.note = search_words(teller, now, search);
    if (is_maple(proc)) {
        mirror_maple(input, proc, process, out);
    } else {
        out.note += (out.note.empty() ? "" : " ") + cache_text(now, process);
        mirror_vmas(input, proc, process, out);
    }
    return out;
}

namespace {

Json maple_json(const mm::process_memory& proc, const mm::maple_tree& tree) {
    Json nodes = Json::array();
    mm::maple_id leftmost = tree.root;
    for (u32 level = tree.height; level > 0; leftmost = proc.maple.nodes[leftmost].slots[0], --level) {
        for (mm::maple_id id = leftmost; id != mm::MAPLE_NONE; id = mm::maple_next_node(proc.maple, id)) {
            if (nodes.size() >= MAX_TOLD) return nodes;
            const mm::maple_node& node = proc.maple.nodes[id];
            nodes.push_back({{"start", mm::address_hex(mm::maple_first(proc.maple, id))},
                             {"level", level},
                             {"slots", node.count},
                             {"max_gap", mm::maple_longest_gap(proc.maple, id)}});
        }
    }
    return nodes;
}

} // namespace

std::string VmaTreeView::describe(const ViewInput& input) const {
    const mm_id process = choice_.shown(input);
    if (process == mm::MM_NONE) return to_text(Json{{"process", nullptr}});
    const mm::process_memory& proc = input.moment.at.processes;
    const mm::mm_struct& mm = proc.mms[process];
    const IndexSearch search = index_search(input, process, process_of_step(input.moment) == process);
    Json nodes = Json::array();
    if (is_maple(proc)) nodes = maple_json(proc, mm.mm_mt);
    const TreePicture tree = is_maple(proc) ? TreePicture{} : tree_picture(proc.vmas, mm.root);
    for (const TreeNode& node : tree.nodes) {
        if (nodes.size() >= MAX_TOLD) break;
        const mm::vm_area_struct& vma = proc.vmas[node.id];
        Json one = {{"start", mm::address_hex(vma.vm_start)},
                    {"at", {node.depth, node.place}},
                    {"max_gap", vma.subtree_max_gap}};
        if (proc.rules.index() == vma_index_kind::avl)
            one["height"] = vma.avl_height;
        else
            one["colour"] = vma.red ? "red" : "black";
        if (search.passes(node.id)) one["searched"] = true;
        nodes.push_back(std::move(one));
    }
    return to_text(Json{{"process", mm.pid},
                        {"index", mm::vma_index_name(proc.rules.index())},
                        {"total", is_maple(proc) ? mm.mm_mt.nodes : tree.total},
                        {"vmas", mm.map_count},
                        {"looked", search.looked},
                        {"searched", search.path.size()},
                        {"nodes", std::move(nodes)}});
}

} // namespace shell
