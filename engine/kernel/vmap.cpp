#include "kernel/vmap.h"

#include <algorithm>
#include <bit>

#include "kernel/vmap_tree.h"

namespace mm {

namespace {

// ---- Areas and their trees ---------------------------------------------------------------------------------------------

template <class Space>
auto& root_of(Space& space, vmap_state state) {
    if (state == vmap_state::free) return space.free_root;
    return state == vmap_state::busy ? space.busy_root : space.lazy_root;
}

VmapTree tree_of(vmap_space& space, vmap_state state) {
    return {space.areas, root_of(space, state), VmapShape{state == vmap_state::free}};
}

vmap_id new_area(vmap_space& space, u64 start, u64 end) {
    vmap_id id = space.unused;
    if (id != VMAP_NONE) {
        space.unused = space.areas[id].next;
    } else {
        id = space.areas_used++;
        if (id >= space.areas.size()) space.areas.grow(std::max(64u, 2 * space.areas.size()));
    }
    vmap_area& area = space.areas.mut(id);
    area = vmap_area{};
    area.va_start = start;
    area.va_end = end;
    return id;
}

void drop_area(vmap_space& space, vmap_id id) {
    vmap_area& area = space.areas.mut(id);
    area = vmap_area{};
    area.next = space.unused;
    space.unused = id;
}

void put(vmap_space& space, vmap_id id, vmap_state state) {
    space.areas.mut(id).state = state;
    tree_of(space, state).insert(id);
}

// Into the tree of `state`, as one with the neighbours that it touches. kernel: merge_or_add_vmap_area
vmap_id merge_or_add(vmap_space& space, vmap_id id, vmap_state state) {
    VmapTree tree = tree_of(space, state);
    const vmap_id root = root_of(space, state);
    const vmap_id before = area_not_above(space, root, space.areas[id].va_start);
    const vmap_id after = before == VMAP_NONE ? first_area(space, root) : next_area(space, before);
    bool merged = false;
    if (after != VMAP_NONE && space.areas[after].va_start == space.areas[id].va_end) {
        space.areas.mut(after).va_start = space.areas[id].va_start;
        drop_area(space, id);
        id = after;
        merged = true;
    }
    if (before != VMAP_NONE && space.areas[before].va_end == space.areas[id].va_start) {
        if (merged) tree.erase(id);
        space.areas.mut(before).va_end = space.areas[id].va_end;
        drop_area(space, id);
        id = before;
        merged = true;
    }
    if (merged) {
        tree.changed(id);
    } else {
        put(space, id, state);
    }
    return id;
}

// ---- The search -------------------------------------------------------------------------------------------------------

u64 round_up(u64 value, u64 align) { return (value + align - 1) & ~(align - 1); }

// kernel: is_within_this_va
bool holds(const vmap_area& area, u64 size, u64 align, u64 vstart) {
    const u64 first = round_up(std::max(area.va_start, vstart), align);
    // Rounding up may pass the end of the address space.
    if (first + size < first || first < vstart) return false;
    return first + size <= area.va_end;
}

// What a subtree must promise for a hole of `size` bytes to be looked for in it.
u64 promised_length(const vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend) {
    const bool exact = align <= u64{1} << space.page_shift || vend - vstart == size;
    return space.rules.pads_only_large_alignment() && exact ? size : size + align - 1;
}

// Calls visit(id) for each area that it descends to. kernel: find_vmap_lowest_match
template <class Visit>
vmap_id find_lowest(const vmap_space& space, u64 size, u64 align, u64 vstart, u64 length, Visit&& visit) {
    const auto largest = [&](vmap_id id) { return id == VMAP_NONE ? 0 : space.areas[id].subtree_max_size; };
    vmap_id id = space.free_root;
    while (id != VMAP_NONE) {
        const vmap_area& area = space.areas[id];
        visit(id);
        if (largest(area.left) >= length && vstart < area.va_start) {
            id = area.left;
            continue;
        }
        if (holds(area, size, align, vstart)) return id;
        if (largest(area.right) >= length) {
            id = area.right;
            continue;
        }
        // What was promised on the left lies below vstart: back to the first node whose right side may hold it.
        for (id = area.parent; id != VMAP_NONE; id = space.areas[id].parent) {
            const vmap_area& above = space.areas[id];
            if (holds(above, size, align, vstart)) return id;
            if (largest(above.right) >= length && vstart <= above.va_start) {
                vstart = above.va_start + 1;
                id = above.right;
                break;
            }
        }
    }
    return VMAP_NONE;
}

// Takes [start, end) out of a free area.
//
//   all of it           the area leaves the tree
//   its begin or end    the area shrinks where it stands
//   its middle          the area keeps what is behind; what is before becomes a new one
//
// kernel: adjust_va_to_fit_type
void clip(vmap_space& space, vmap_id id, u64 start, u64 end) {
    VmapTree tree = tree_of(space, vmap_state::free);
    const u64 area_start = space.areas[id].va_start;
    const u64 area_end = space.areas[id].va_end;
    if (area_start == start && area_end == end) {
        tree.erase(id);
        drop_area(space, id);
    } else if (area_start == start) {
        space.areas.mut(id).va_start = end;
        tree.changed(id);
    } else if (area_end == end) {
        space.areas.mut(id).va_end = start;
        tree.changed(id);
    } else {
        space.areas.mut(id).va_start = end;
        tree.changed(id);
        put(space, new_area(space, area_start, start), vmap_state::free);
    }
}

void add_lazy(vmap_space& space, vmap_id id) {
    space.vmap_lazy_nr += space.areas[id].size() >> space.page_shift;
    if (space.rules.merges_lazy_areas()) {
        merge_or_add(space, id, vmap_state::lazy);
        return;
    }
    if (space.rules.sorts_lazy_areas()) {
        put(space, id, vmap_state::lazy);
        return;
    }
    vmap_area& area = space.areas.mut(id);
    area.state = vmap_state::lazy;
    area.next = space.lazy_newest;
    space.lazy_newest = id;
}

// ---- Verify -----------------------------------------------------------------------------------------------------------

struct TreeCheck {
    const vmap_space& space;
    vmap_state state;
    const char* wrong = nullptr;

    // The black nodes on each path below `id`.
    u32 below(vmap_id id, vmap_id parent, u64 low, u64 high) {
        if (id == VMAP_NONE || wrong) return 0;
        const vmap_area& area = space.areas[id];
        if (area.state != state) wrong = "an area stands in a tree that is not of its state";
        if (area.parent != parent) wrong = "an area names another parent";
        if (area.va_start < low || area.va_end > high || area.va_start >= area.va_end) wrong = "areas out of order";
        if (area.red && parent != VMAP_NONE && space.areas[parent].red) wrong = "a red area below a red one";
        if (wrong) return 0;
        const u32 left = below(area.left, id, low, area.va_start);
        const u32 right = below(area.right, id, area.va_end, high);
        if (left != right) wrong = "paths of different black length";
        if (state == vmap_state::free) {
            u64 size = area.size();
            for (const vmap_id child : {area.left, area.right})
                if (child != VMAP_NONE) size = std::max(size, space.areas[child].subtree_max_size);
            if (size != area.subtree_max_size) wrong = "subtree_max_size is not that of the subtree";
        }
        return left + !area.red;
    }
};

} // namespace

vmap_space make_vmap_space(u64 start, u64 end, u32 page_shift, u32 cpus, kernel_version version) {
    vmap_space space;
    space.page_shift = page_shift;
    space.cpus = cpus;
    space.rules.version = version;
    put(space, new_area(space, start, end), vmap_state::free);
    return space;
}

std::optional<vmap_hole> find_hole(const vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend) {
    const u64 length = promised_length(space, size, align, vstart, vend);
    const vmap_id hole = find_lowest(space, size, align, vstart, length, [](vmap_id) {});
    if (hole == VMAP_NONE) return std::nullopt;
    const u64 start = round_up(std::max(space.areas[hole].va_start, vstart), align);
    if (start + size > vend) return std::nullopt;
    return vmap_hole{hole, start};
}

std::vector<vmap_id> hole_search(const vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend) {
    std::vector<vmap_id> path;
    const u64 length = promised_length(space, size, align, vstart, vend);
    find_lowest(space, size, align, vstart, length, [&](vmap_id id) { path.push_back(id); });
    return path;
}

u64 largest_hole(const vmap_space& space) {
    return space.free_root == VMAP_NONE ? 0 : space.areas[space.free_root].subtree_max_size;
}

vmap_id take_hole(vmap_space& space, const vmap_hole& hole, u64 size) {
    clip(space, hole.area, hole.start, hole.start + size);
    const vmap_id area = new_area(space, hole.start, hole.start + size);
    put(space, area, vmap_state::busy);
    return area;
}

vmap_id alloc_vmap_area(vmap_space& space, u64 size, u64 align, u64 vstart, u64 vend) {
    const std::optional<vmap_hole> hole = find_hole(space, size, align, vstart, vend);
    return hole ? take_hole(space, *hole, size) : VMAP_NONE;
}

bool insert_vmap_area(vmap_space& space, u64 start, u64 end, vmap_state state) {
    const vmap_id hole = area_not_above(space, space.free_root, start);
    if (start >= end || hole == VMAP_NONE || space.areas[hole].va_end < end) return false;
    clip(space, hole, start, end);
    const vmap_id area = new_area(space, start, end);
    if (state == vmap_state::lazy) {
        add_lazy(space, area);
    } else {
        put(space, area, state);
    }
    return true;
}

vmap_id find_vmap_area(const vmap_space& space, u64 address) {
    const vmap_id area = area_not_above(space, space.busy_root, address);
    return area != VMAP_NONE && address < space.areas[area].va_end ? area : VMAP_NONE;
}

vmap_id vmap_area_at(const vmap_space& space, u64 address) {
    for (const vmap_id root : {space.free_root, space.busy_root, space.lazy_root}) {
        const vmap_id area = area_not_above(space, root, address);
        if (area != VMAP_NONE && address < space.areas[area].va_end) return area;
    }
    for (vmap_id id = space.lazy_newest; id != VMAP_NONE; id = space.areas[id].next)
        if (address >= space.areas[id].va_start && address < space.areas[id].va_end) return id;
    return VMAP_NONE;
}

u64 lazy_max_pages(const vmap_space& space) {
    return u64{static_cast<u32>(std::bit_width(space.cpus))} * ((u64{32} << 20) >> space.page_shift);
}

bool free_vmap_area_noflush(vmap_space& space, vmap_id area) {
    tree_of(space, vmap_state::busy).erase(area);
    add_lazy(space, area);
    return space.vmap_lazy_nr > lazy_max_pages(space);
}

u64 purge_vmap_area_lazy(vmap_space& space) {
    const u64 pages = space.vmap_lazy_nr;
    const std::vector<vmap_id> waiting = vmap_areas(space, vmap_state::lazy);
    space.lazy_root = space.lazy_newest = VMAP_NONE;
    space.vmap_lazy_nr = 0;
    for (const vmap_id id : waiting) {
        space.areas.mut(id).next = VMAP_NONE;
        merge_or_add(space, id, vmap_state::free);
    }
    return pages;
}

std::vector<vmap_id> vmap_areas(const vmap_space& space, vmap_state state) {
    std::vector<vmap_id> all;
    if (state == vmap_state::lazy)
        for (vmap_id id = space.lazy_newest; id != VMAP_NONE; id = space.areas[id].next) all.push_back(id);
    const vmap_id root = root_of(space, state);
    for (vmap_id id = first_area(space, root); id != VMAP_NONE; id = next_area(space, id)) all.push_back(id);
    return all;
}

std::optional<std::string_view> verify_vmap_space(const vmap_space& space, u64 start, u64 end) {
    u64 covered = 0;
    u64 lazy_pages = 0;
    for (const vmap_state state : {vmap_state::free, vmap_state::busy, vmap_state::lazy}) {
        TreeCheck check{space, state};
        check.below(root_of(space, state), VMAP_NONE, start, end);
        if (check.wrong) return check.wrong;
        vmap_id before = VMAP_NONE;
        for (const vmap_id id : vmap_areas(space, state)) {
            const vmap_area& area = space.areas[id];
            covered += area.size();
            if (state == vmap_state::lazy) lazy_pages += area.size() >> space.page_shift;
            const bool touches = before != VMAP_NONE && space.areas[before].va_end == area.va_start;
            if (state == vmap_state::free && touches) return "free neighbours that were not merged";
            before = id;
        }
    }
    if (lazy_pages != space.vmap_lazy_nr) return "vmap_lazy_nr is not the pages of the lazy areas";
    if (covered != end - start) return "areas overlap, or addresses belong to none";
    return std::nullopt;
}

} // namespace mm
