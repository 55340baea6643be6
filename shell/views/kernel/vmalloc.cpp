#include "views/kernel/vmalloc.h"

#include <imgui.h>

#include <algorithm>

#include "base/hex.h"
#include "json.h"
#include "kernel/event_rows.h"
#include "kernel/event_rows_ram.h"
#include "kernel/percpu.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc.h"
#include "machine/facts/shown_address.h"
#include "views/kernel/address_words.h"
#include "views/kernel/vmalloc_words.h"
#include "views/parts/cell_grid.h"
#include "views/parts/chip.h"
#include "views/parts/legend.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"

namespace shell {

namespace {

using mm::pfn_t;
using mm::u32;
using mm::u64;
using mm::vmap_id;
using mm::vmap_state;

constexpr float MARGIN = 12, LABEL = 22, HOLE_HEIGHT = 20, BETWEEN = 12;
constexpr float CELL_HEIGHT = 20, SMALL_CELL = 9;
constexpr u32 MAX_TOLD_NODES = 64;  // of a tree, that describe() lists
constexpr u32 LABELLED_PAGES = 256; // of a longer area the pages are drawn small

std::vector<vmap_id> all_areas(const mm::kernel_memory& kernel) {
    std::vector<vmap_id> all;
    for (const vmap_state state : {vmap_state::free, vmap_state::busy, vmap_state::lazy})
        for (const vmap_id id : mm::vmap_areas(kernel.vmap, state)) all.push_back(id);
    const auto start = [&](vmap_id id) { return kernel.vmap.areas[id].va_start; };
    std::sort(all.begin(), all.end(), [&](vmap_id a, vmap_id b) { return start(a) < start(b); });
    return all;
}

BlockInk ink_of(const Palette& p, mm::page_state state) {
    BlockLook look;
    look.state = state;
    return p.block(ColourBy::state, look, 1);
}

BlockInk own_ink(const Palette& p) { return ink_of(p, mm::page_state::allocated); }
BlockInk shown_ink(const Palette& p) { return {p.paper, p.allocated, Pattern::hollow}; }
BlockInk device_ink(const Palette& p) { return {p.paper, p.reserved, Pattern::hollow}; }
BlockInk guard_ink(const Palette& p) { return {p.paper, p.muted, Pattern::crossed}; }
BlockInk lazy_ink(const Palette& p) { return {p.paper, p.pcp, Pattern::hatched}; }
BlockInk unused_ink(const Palette& p) { return {p.paper, p.faint, Pattern::hollow}; }

// Of a page without a frame: a guard page; of blocks and chunks, what stands there instead.
enum class EmptyPage { guard, unused, dirty, rounding, unpopulated };
EmptyPage empty_page(const mm::kernel_memory& kernel, const mm::vm_struct& vm, u32 page) {
    if (vm.kind == mm::area_kind::percpu) return EmptyPage::unpopulated;
    if (vm.kind != mm::area_kind::map_ram_block) return EmptyPage::guard;
    switch (mm::page_of_block(kernel, kernel.ram.blocks[vm.owner], page)) {
    case mm::block_page::free: return EmptyPage::unused;
    case mm::block_page::dirty: return EmptyPage::dirty;
    case mm::block_page::used: return EmptyPage::rounding;
    }
    return EmptyPage::unused;
}

BlockInk empty_ink(const Palette& p, EmptyPage page) {
    if (page == EmptyPage::dirty) return lazy_ink(p);
    return page == EmptyPage::unused || page == EmptyPage::unpopulated ? unused_ink(p) : guard_ink(p);
}

const Phrase& empty_words(EmptyPage page) {
    switch (page) {
    case EmptyPage::guard: return words::GUARD_PAGE;
    case EmptyPage::unused: return words::UNUSED_PAGE;
    case EmptyPage::dirty: return words::DIRTY_PAGE;
    case EmptyPage::rounding: return words::ROUNDING_PAGE;
    case EmptyPage::unpopulated: return words::UNPOPULATED_PAGE;
    }
    return words::GUARD_PAGE;
}

// The kernel image has no count of pages, nor pages of its own.
u32 shown_pages(const mm::kernel_memory& kernel, const mm::vm_struct& vm) {
    return vm.flags & mm::VM_NO_GUARD ? static_cast<u32>(vm.requested >> kernel.vmap.page_shift) : vm.nr_mapped;
}

const char* kind_of(const mm::vm_struct& vm) {
    if (vm.flags & mm::VM_NO_GUARD) return "kernel image";
    if (vm.is_ram()) return "vm_map_ram";
    if (vm.kind == mm::area_kind::percpu) return "percpu";
    return vm.flags & mm::VM_IOREMAP ? "ioremap" : vm.flags & mm::VM_MAP ? "vmap" : "vmalloc";
}

std::string kind_words(const Teller& pen, const mm::vm_struct& vm) {
    return vm.flags & mm::VM_NO_GUARD ? pen.say(words::KERNEL_IMAGE) : kind_of(vm);
}

u32 used_pages(const mm::kernel_memory& kernel, const mm::vmap_block& block) {
    return kernel.ram.bits - block.free - block.dirty;
}

// What is in a block, or whose units are in a chunk's area; empty for others.
std::string shared_words(const Teller& pen, const mm::kernel_memory& kernel, const mm::vm_struct& vm) {
    if (vm.kind == mm::area_kind::map_ram_block) {
        const mm::vmap_block& block = kernel.ram.blocks[vm.owner];
        return mm::filled(pen.say(words::BLOCK_OF_CPU), std::to_string(used_pages(kernel, block)),
                          std::to_string(block.cpu)) +
               mm::filled(pen.say(words::BLOCK_REST), std::to_string(block.free), std::to_string(block.dirty));
    }
    if (vm.kind != mm::area_kind::percpu) return "";
    for (u32 group = 0; group < kernel.percpu.nr_groups; ++group)
        if (kernel.vms[kernel.percpu.chunks[vm.owner].vms[group]].addr == vm.addr)
            return mm::filled(pen.say(words::PERCPU_GROUP), std::to_string(kernel.percpu.groups[group].nr_cpus),
                              std::to_string(group));
    return "";
}

// "vmalloc   5 KiB   its array of pages is an area too"
std::string area_words(const Teller& teller, const mm::kernel_memory& kernel, const mm::vmap_area& area) {
    if (area.state == vmap_state::free)
        return std::string(teller.say(words::HOLE_AREA)) + "   " + size_text(area.size());
    if (area.state == vmap_state::lazy)
        return std::string(teller.say(words::LAZY_AREA)) + "   " + size_text(area.size());
    const mm::vm_struct& vm = kernel.vms[area.vm];
    std::string what = kind_words(teller, vm) + "   " + size_text(vm.requested);
    if (vm.phys_addr) what += "   phys " + mm::address_hex(vm.phys_addr);
    if (vm.page_order > 0) what += std::string("   ") + teller.say(words::HUGE_PAGES);
    if (vm.flags & mm::VM_USERMAP) what += "   user";
    if (vm.array != mm::VMAP_NONE) what += std::string("   ") + teller.say(words::ARRAY_OF_PAGES);
    if (const std::string shared = shared_words(teller, kernel, vm); !shared.empty()) what += "   " + shared;
    return what;
}

// The area to look at: the first that holds an address of which an event tells, a hole only when there is nothing else.
vmap_id followed_area(const mm::vmap_space& space, const std::vector<vmap_id>& areas, const std::vector<u64>& told) {
    vmap_id hole = mm::VMAP_NONE;
    for (const vmap_id id : areas) {
        const mm::vmap_area& area = space.areas[id];
        const auto first = std::lower_bound(told.begin(), told.end(), area.va_start);
        if (first == told.end() || *first >= area.va_end) continue;
        if (area.state != vmap_state::free) return id;
        if (hole == mm::VMAP_NONE) hole = id;
    }
    return hole;
}

} // namespace

HoleSearch last_search(const ViewInput& input) {
    HoleSearch search;
    const mm::Moment& moment = input.moment;
    for (u32 i = moment.nr_happened; i-- > 0;) {
        const mm::Event& event = moment.events[i];
        if (event.kind != static_cast<mm::u16>(mm::kernel_event::vmap_area_taken) &&
            event.kind != static_cast<mm::u16>(mm::vmap_block_event::vmap_area_taken_bare))
            continue;
        // The event is told before the hole is taken.
        const mm::Machine machine = mm::machine_at_event(*moment.before, *moment.op, i + 1);
        const mm::kernel_memory& kernel = machine.kernel;
        const mm::Args<mm::kernel_event::vmap_area_taken, mm::vmap_block_event::vmap_area_taken_bare> in(event);
        search.size = in.as<u64>("size");
        search.path =
            mm::hole_search(kernel.vmap, search.size, in.as<u64>("align"), kernel.vmalloc_start, kernel.vmalloc_end);
        return search;
    }
    return search;
}

struct VmallocView::Frame {
    const ViewInput& input;
    ViewActions& actions;
    const mm::kernel_memory& kernel;
    ScrollArea& area;
    Pen& pen;
    float x0, x1;
};

void VmallocView::collect(const ViewInput& input) {
    const mm::kernel_memory& kernel = input.moment.at.kernel;
    const mm::vmap_space& space = kernel.vmap;
    areas_ = kernel.up ? all_areas(kernel) : std::vector<vmap_id>{};
    touched_ = mm::told_addresses(input.moment.happened());
    followed_ = followed_area(space, areas_, touched_);
    free_ = tree_picture(space.areas, space.free_root);
    busy_ = tree_picture(space.areas, space.busy_root);
    lazy_ = tree_picture(space.areas, space.lazy_root);
    search_ = last_search(input);
}

void VmallocView::draw(const ViewInput& input, ViewActions& actions) {
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 120 || room.y < 40) return;
    const bool new_moment = moment_.notice(input);
    if (new_moment || areas_.empty()) collect(input);
    keys_.listen(input.canvas.focused);
    ScrollArea area("vmalloc", keys_);
    Pen pen = pen_of(input);
    Frame frame{input, actions, input.moment.at.kernel, area, pen, area.box().x0 + MARGIN, area.box().x1 - MARGIN};
    area.follow(new_moment);
    float y = draw_head(frame, area.box().y0 + 10);
    if (as_trees_ && frame.kernel.up) {
        y = draw_trees(frame, y);
    } else {
        for (const vmap_id id : areas_) {
            const float end = draw_area(frame, id, y);
            if (id == followed_) area.touched(y, end - y);
            y = end;
        }
    }
    if (area.is_low() && frame.kernel.up) y = draw_legend_of(frame, y);
    area.end_content(y + 12, pen, pen.say(words::PICK_KEYS));
    actions.animate |= area.wants_frame() || moment_.glow(input) > 0;
}

float VmallocView::draw_head(Frame& frame, float y) {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    const TextLook title{pen.p.ink, TEXT_LARGE, Face::words}, note{pen.p.muted, 12, Face::words};
    if (!frame.kernel.up) {
        pen.text(frame.x0, y, pen.fitted(pen.say(words::NO_VMALLOC), width, note), note);
        return y + LABEL;
    }
    pen.text(frame.x0, y, pen.fitted(pen.say(words::VMALLOC_TITLE), width, title), title);
    y += 24;
    const mm::vmap_space& space = frame.kernel.vmap;
    const mm::kernel_memory& before = frame.input.before().kernel;
    const auto lazy = static_cast<mm::i64>(space.vmap_lazy_nr);
    const std::string waiting = from_to(before.up ? static_cast<mm::i64>(before.vmap.vmap_lazy_nr) : lazy, lazy) + " " +
                                pen.say(lazy == 1 ? words::LAZY_ONE_PAGE : words::LAZY_PAGES) + " " +
                                grouped(static_cast<mm::i64>(mm::lazy_max_pages(space)));
    pen.text(frame.x0, y, pen.fitted(waiting, width, note), note);
    y += 22;
    if (const mm::percpu_memory& percpu = frame.kernel.percpu; percpu.nr_chunks > 0 && !frame.area.is_low()) {
        const mm::u32 first = percpu.static_size + percpu.reserved_size + percpu.dyn_size;
        const std::string told = mm::filled(pen.say(words::FIRST_CHUNK), std::to_string(first >> space.page_shift),
                                            size_text(percpu.unit_size));
        y = pen.paragraph(frame.x0, y, width, told, note) + 6;
    }
    ChipRow row(pen, frame.area, frame.x0, frame.x1, y);
    for (const bool trees : {false, true}) {
        const Phrase& name = trees ? words::AS_TREES : words::BY_ADDRESS;
        if (!row.chip(pen.say(name), {.on = as_trees_ == trees, .face = Face::words})) continue;
        as_trees_ = trees;
        frame.actions.animate = true;
    }
    return frame.area.is_low() ? row.end() + 8 : draw_legend_of(frame, row.end() + 8);
}

float VmallocView::draw_legend_of(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    const float width = frame.x1 - frame.x0;
    std::vector<LegendItem> legend;
    if (as_trees_)
        legend = {{tree_node_ink(pen.p, true), pen.say(words::RED_NODE), {}},
                  {tree_node_ink(pen.p, false), pen.say(words::BLACK_NODE), {}},
                  {{with_alpha(pen.p.accent, 0.45f), pen.p.paper, Pattern::none}, pen.say(words::SEARCHED), {}}};
    else
        legend = {{own_ink(pen.p), pen.say(words::AREA_PAGE), {}},
                  {shown_ink(pen.p), pen.say(words::SHOWN_PAGE), {}},
                  {device_ink(pen.p), pen.say(words::DEVICE_PAGE), {}},
                  {guard_ink(pen.p), pen.say(words::GUARD_PAGE), {}},
                  {lazy_ink(pen.p), pen.say(words::LAZY_AREA), {}}};
    const bool blocks = frame.kernel.ram.used > 0, chunks = frame.kernel.percpu.nr_chunks > 0;
    if (!as_trees_ && blocks) legend.push_back({lazy_ink(pen.p), pen.say(words::DIRTY_PAGE), {}});
    if (!as_trees_ && blocks) legend.push_back({unused_ink(pen.p), pen.say(words::UNUSED_PAGE), {}});
    if (!as_trees_ && chunks) legend.push_back({unused_ink(pen.p), pen.say(words::UNPOPULATED_PAGE), {}});
    legend.push_back({{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}});
    const ImVec2 size = legend_size(pen, legend, width);
    draw_legend(pen, legend, {frame.x0, y + size.y}, width);
    return y + size.y + BETWEEN;
}

float VmallocView::draw_trees(Frame& frame, float y) const {
    Pen& pen = frame.pen;
    if (!search_.path.empty()) {
        const std::string said =
            mm::filled(pen.say(words::SEARCH_OF), std::to_string(search_.path.size()), size_text(search_.size));
        y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, said, {pen.p.accent, 12, Face::words}) + 4;
    }
    y = draw_tree(frame, free_, words::FREE_TREE, y);
    y = draw_tree(frame, busy_, words::BUSY_TREE, y);
    return frame.kernel.vmap.rules.sorts_lazy_areas() ? draw_tree(frame, lazy_, words::LAZY_TREE, y) : y;
}

float VmallocView::draw_tree(Frame& frame, const TreePicture& tree, const Phrase& title, float y) const {
    Pen& pen = frame.pen;
    const mm::vmap_space& space = frame.kernel.vmap;
    const TextLook strong{pen.p.ink, TEXT_NORMAL, Face::words}, note{pen.p.muted, 12, Face::words};
    const std::string name = std::string(pen.say(title)) + "   " + grouped(tree.total);
    y = pen.paragraph(frame.x0, y, frame.x1 - frame.x0, name, strong) + 8;
    if (tree.total == 0) {
        pen.text(frame.x0, y, pen.say(words::TREE_EMPTY), note);
        return y + LABEL;
    }
    const auto detail = [&](const mm::vmap_area& area) {
        if (area.state == vmap_state::free)
            return mm::filled(pen.say(words::LONGEST), size_text(area.subtree_max_size));
        return std::string(area.vm == mm::VM_NONE ? pen.say(words::LAZY_AREA)
                                                  : kind_words(pen, frame.kernel.vms[area.vm]));
    };
    const Selection& selection = frame.input.choices.selection;
    const auto look = [&](vmap_id id) {
        const mm::vmap_area& area = space.areas[id];
        const u64 from_start = static_cast<u64>(selection.value) - area.va_start;
        return TreeNodeLook{area.red,
                            mm::hex(area.va_start),
                            size_text(area.size()),
                            detail(area),
                            std::binary_search(touched_.begin(), touched_.end(), area.va_start),
                            area.state == vmap_state::free &&
                                std::find(search_.path.begin(), search_.path.end(), id) != search_.path.end(),
                            selection.kind == Selection::Kind::address && from_start < area.size()};
    };
    const Rect top{frame.x0, y, frame.x1, y};
    const TreeDrawing drawn = draw_tree_picture(pen, frame.area, tree, top, look);
    if (drawn.under != mm::VMAP_NONE) {
        const mm::vmap_area& area = space.areas[drawn.under];
        ImGui::SetTooltip("%s .. %s\n%s, %s\n%s", mm::address_hex(area.va_start).c_str(),
                          mm::address_hex(area.va_end - 1).c_str(), size_text(area.size()).c_str(),
                          detail(area).c_str(), pen.say(area.red ? words::RED_NODE : words::BLACK_NODE));
        if (frame.area.pressed()) {
            frame.actions.select = true;
            frame.actions.selection = {Selection::Kind::address, static_cast<mm::i64>(area.va_start), mm::INIT_MM, 0};
        }
    }
    return drawn.end + BETWEEN;
}

void VmallocView::draw_name(Frame& frame, const mm::vmap_area& area, bool touched, float y) const {
    Pen& pen = frame.pen;
    const TextLook name{touched ? pen.p.accent : pen.p.ink, 12, Face::mono};
    const TextLook note{pen.p.muted, 12, Face::words};
    const std::string start = mm::address_hex(area.va_start);
    pen.text(frame.x0, y, start, name);
    const std::string what = area_words(pen, frame.kernel, area);
    const float from = frame.x0 + pen.width_of(start, name) + 14;
    pen.text(from, y, pen.fitted(what, frame.x1 - from, note), note);
}

float VmallocView::draw_area(Frame& frame, vmap_id id, float y) const {
    Pen& pen = frame.pen;
    const mm::vmap_area& area = frame.kernel.vmap.areas[id];
    const bool touched = std::binary_search(touched_.begin(), touched_.end(), area.va_start);
    if (frame.area.sees({frame.x0, y, frame.x1, y + LABEL})) draw_name(frame, area, touched, y);
    y += LABEL - 4;
    if (area.state == vmap_state::free) {
        const Rect hole{frame.x0, y, frame.x1, y + HOLE_HEIGHT};
        if (frame.area.sees(hole))
            pen.dashed_outline(pen.snap(hole), touched ? pen.p.accent : pen.p.faint, pen.hairline());
        return hole.y1 + BETWEEN;
    }
    if (area.state == vmap_state::busy && frame.kernel.vms[area.vm].flags & mm::VM_NO_GUARD) {
        // A part of the kernel's image: thousands of pages, one behind the other.
        const Rect part{frame.x0, y, frame.x1, y + HOLE_HEIGHT};
        if (frame.area.sees(part)) pen.block(pen.snap(part), shown_ink(pen.p));
        return part.y1 + BETWEEN;
    }
    const u32 pages = static_cast<u32>(area.size() >> frame.kernel.vmap.page_shift);
    const bool small = pages > LABELLED_PAGES;
    const float cell = small ? SMALL_CELL : pen.width_of("00000000", {pen.p.ink, TEXT_SMALL, Face::mono});
    const float gap = small ? 1.0f : 2.0f;
    GridShape shape;
    shape.columns = std::clamp(static_cast<u32>((frame.x1 - frame.x0 + gap) / (cell + gap)), 1u, pages);
    shape.nr = pages;
    shape.gap = gap;
    const float height = (small ? SMALL_CELL : CELL_HEIGHT) + gap;
    shape.box = {frame.x0, y, frame.x0 + static_cast<float>(shape.columns) * (cell + gap) - gap,
                 y + static_cast<float>(shape.rows()) * height - gap};
    if (frame.area.sees(shape.box)) {
        draw_pages(frame, id, shape);
        if (touched) pen.outline(shape.box.grown(3), pen.p.accent, 2 * pen.hairline());
    }
    return shape.box.y1 + BETWEEN;
}

void VmallocView::draw_pages(Frame& frame, vmap_id id, const GridShape& shape) const {
    Pen& pen = frame.pen;
    const mm::vmap_area& area = frame.kernel.vmap.areas[id];
    const mm::vm_struct vm = area.vm == mm::VM_NONE ? mm::vm_struct{} : frame.kernel.vms[area.vm];
    const auto frame_of = [&](u32 page) {
        return page < shown_pages(frame.kernel, vm) ? mm::area_frame(frame.kernel, vm, page) : mm::FRAME_NONE;
    };
    CellGrid grid{.shape = shape, .look = [&](u32 page) {
                      CellLook cell;
                      const mm::frame_t pfn = frame_of(page);
                      if (area.state == vmap_state::lazy) {
                          cell.ink = lazy_ink(pen.p);
                      } else if (pfn == mm::FRAME_NONE) {
                          cell.ink = empty_ink(pen.p, empty_page(frame.kernel, vm, page));
                      } else {
                          const bool device = vm.flags & mm::VM_IOREMAP;
                          const bool own = vm.nr_pages > 0 || vm.kind == mm::area_kind::percpu;
                          cell.ink = device ? device_ink(pen.p) : own ? own_ink(pen.p) : shown_ink(pen.p);
                          cell.label = hex_pfn(pfn).substr(2);
                          if (shape.cell_width() > SMALL_CELL && moment_.touched().find(pfn, 0))
                              cell.mark = pen.p.accent;
                      }
                      return cell;
                  }};
    const Selection& selection = frame.input.choices.selection;
    if (selection.kind == Selection::Kind::pfn)
        for (u32 page = 0; page < shown_pages(frame.kernel, vm) && !grid.selected; ++page)
            if (frame_of(page) == static_cast<mm::frame_t>(selection.value)) grid.selected = page;
    for_each_seen_cell(shape, frame.area.window(), [&](u32 page, const Rect& cell) {
        if (frame_of(page) != mm::FRAME_NONE) frame.area.offer(cell, grid.selected == page);
    });
    const auto under = draw_cell_grid(pen, grid, frame.area.window(), frame.area.pointer());
    if (!under) return;
    const u64 address = area.va_start + (u64{*under} << frame.kernel.vmap.page_shift);
    const mm::frame_t pfn = frame_of(*under);
    const std::string where = mm::address_hex(address);
    if (pfn == mm::FRAME_NONE) {
        ImGui::SetTooltip("%s\n%s", where.c_str(),
                          pen.say(area.state == vmap_state::lazy ? words::LAZY_AREA
                                                                 : empty_words(empty_page(frame.kernel, vm, *under))));
        return;
    }
    ImGui::SetTooltip("%s  >  pfn %s", where.c_str(), hex_pfn(pfn).c_str());
    // A device has no struct page that could be looked at.
    if (!frame.area.pressed() || !frame.input.moment.at.physical.pfn_valid(pfn)) return;
    frame.actions.select = true;
    frame.actions.selection = {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0};
}

namespace {

// A node before those below it; "at": its level and its place in it.
Json told_tree(const mm::vmap_space& space, vmap_id root, const HoleSearch& search) {
    Json nodes = Json::array();
    for (const TreeNode& node : tree_picture(space.areas, root).nodes) {
        if (nodes.size() >= MAX_TOLD_NODES) break;
        const mm::vmap_area& area = space.areas[node.id];
        Json one = {{"start", mm::address_hex(area.va_start)},
                    {"size", area.size()},
                    {"colour", area.red ? "red" : "black"},
                    {"at", {node.depth, node.place}}};
        if (area.state == vmap_state::free) {
            one["subtree_max_size"] = area.subtree_max_size;
            if (std::find(search.path.begin(), search.path.end(), node.id) != search.path.end()) one["searched"] = true;
        }
        nodes.push_back(std::move(one));
    }
    return nodes;
}

} // namespace

Mirror VmallocView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::kernel_memory& kernel = machine.kernel;
    Mirror out{.caption = teller.say(words::VMALLOC_TITLE)};
    if (!kernel.up) {
        out.note = teller.say(words::NO_VMALLOC);
        return out;
    }
    out.columns = {teller.say(mirror_text::AREA), teller.say(mirror_text::END), teller.say(mirror_text::WHAT),
                   teller.say(mirror_text::FRAMES)};
    const std::vector<u64> touched = mm::told_addresses(input.moment.happened());
    for (const vmap_id id : all_areas(kernel)) {
        const mm::vmap_area& area = kernel.vmap.areas[id];
        std::string frames;
        if (area.vm != mm::VM_NONE) {
            const mm::vm_struct& vm = kernel.vms[area.vm];
            const u32 pages = shown_pages(kernel, vm);
            for (u32 page = 0; page < std::min<u32>(pages, MIRROR_CHIPS); ++page)
                if (const mm::frame_t pfn = mm::area_frame(kernel, vm, page); pfn != mm::FRAME_NONE)
                    frames += (frames.empty() ? "" : " ") + hex_pfn(pfn);
            if (pages > MIRROR_CHIPS) frames += " …";
        }
        if (!out.add({{mm::address_hex(area.va_start), mm::address_hex(area.va_end), area_words(teller, kernel, area),
                       frames},
                      {Selection::Kind::address, static_cast<mm::i64>(area.va_start), mm::INIT_MM, 0},
                      touched_if(std::binary_search(touched.begin(), touched.end(), area.va_start))}))
            break;
    }
    return out;
}

std::string VmallocView::describe(const ViewInput& input) const {
    const mm::kernel_memory& kernel = input.moment.at.kernel;
    Json areas = Json::array();
    for (const vmap_id id : kernel.up ? all_areas(kernel) : std::vector<vmap_id>{}) {
        const mm::vmap_area& area = kernel.vmap.areas[id];
        static constexpr const char* STATES[] = {"unused", "free", "busy", "lazy"};
        Json one = {{"start", mm::address_hex(area.va_start)},
                    {"end", mm::address_hex(area.va_end)},
                    {"state", STATES[static_cast<std::size_t>(area.state)]}};
        if (area.vm != mm::VM_NONE) {
            const mm::vm_struct& vm = kernel.vms[area.vm];
            one["kind"] = kind_of(vm);
            one["requested"] = vm.requested;
            Json frames = Json::array();
            for (u32 page = 0; page < std::min(shown_pages(kernel, vm), LABELLED_PAGES); ++page)
                if (const mm::frame_t pfn = mm::area_frame(kernel, vm, page); pfn != mm::FRAME_NONE)
                    frames.push_back(hex_pfn(pfn));
            one["frames"] = std::move(frames);
            if (vm.kind == mm::area_kind::map_ram_block) {
                const mm::vmap_block& block = kernel.ram.blocks[vm.owner];
                one["block"] = {{"cpu", block.cpu},
                                {"used", used_pages(kernel, block)},
                                {"dirty", block.dirty},
                                {"unused", block.free}};
            }
            if (vm.kind == mm::area_kind::percpu)
                one["chunk"] = {{"unit", kernel.percpu.unit_size},
                                {"used", mm::bytes_in_use(kernel, kernel.percpu.chunks[vm.owner])}};
        }
        areas.push_back(std::move(one));
    }
    const HoleSearch search = last_search(input);
    return to_text(Json{{"areas", std::move(areas)},
                        {"shown", as_trees_ ? "trees" : "addresses"},
                        {"free_tree", told_tree(kernel.vmap, kernel.vmap.free_root, search)},
                        {"busy_tree", told_tree(kernel.vmap, kernel.vmap.busy_root, search)},
                        {"searched", search.path.size()},
                        {"lazy_pages", kernel.vmap.vmap_lazy_nr},
                        {"lazy_max_pages", kernel.up ? mm::lazy_max_pages(kernel.vmap) : 0}});
}

} // namespace shell
