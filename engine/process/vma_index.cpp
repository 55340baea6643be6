#include "process/vma_index.h"

#include <algorithm>

#include "base/assert.h"
#include "process/vma_avl.h"
#include "process/vma_index_events.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = vma_index_event;
using Vmas = decltype(process_memory::vmas);

struct VmaShape {
    mm_context* cx = nullptr;
    turned_tree tree = turned_tree::rbtree;

    void turned(vma_id down, vma_id up) const {
        cx->sink.emit(ev::vma_tree_turned, tree, cx->vma(up).vm_start, cx->vma(down).vm_start);
    }
    [[nodiscard]] static u64 key(const vm_area_struct& vma) { return vma.vm_start; }
    [[nodiscard]] bool measures() const { return true; }
    void measure(Vmas& vmas, vma_id node) const {
        const vm_area_struct& vma = vmas[node];
        u64 start = vma.vm_start, end = vma.vm_end, gap = 0;
        if (vma.left != VMA_NONE) {
            const vm_area_struct& left = vmas[vma.left];
            start = left.subtree_start;
            gap = std::max(left.subtree_max_gap, vma.vm_start - left.subtree_end);
        }
        if (vma.right != VMA_NONE) {
            const vm_area_struct& right = vmas[vma.right];
            end = right.subtree_end;
            gap = std::max({gap, right.subtree_max_gap, right.subtree_start - vma.vm_end});
        }
        if (vma.subtree_start == start && vma.subtree_end == end && vma.subtree_max_gap == gap) return;
        vm_area_struct& changed = vmas.mut(node);
        changed.subtree_start = start;
        changed.subtree_end = end;
        changed.subtree_max_gap = gap;
    }
};

using RbVmas = RbTree<Vmas, VmaShape>;
using AvlVmas = AvlTree<Vmas, VmaShape>;

// What a search for a hole asks: nodes are looked at from the wanted side on.
struct HoleSearch {
    const Vmas& vmas;
    u64 length, low, high;
    bool from_top;

    [[nodiscard]] bool fits(u64 start, u64 end) const {
        start = std::max(start, low);
        end = std::min(end, high);
        return start < end && end - start >= length;
    }
    // The hole between two VMAs, if it fits.
    [[nodiscard]] std::optional<vma_hole> between(vma_id below, vma_id above) const {
        const u64 start = below == VMA_NONE ? 0 : vmas[below].vm_end;
        const u64 end = above == VMA_NONE ? ~0ull : vmas[above].vm_start;
        if (!fits(start, end)) return std::nullopt;
        return vma_hole{std::max(start, low), std::min(end, high), below, above};
    }
    // Below `node`, between the VMAs around its part of the tree.
    [[nodiscard]] std::optional<vma_hole> descend(vma_id node, vma_id below, vma_id above) const {
        if (node == VMA_NONE) return between(below, above);
        const u64 start = below == VMA_NONE ? 0 : vmas[below].vm_end;
        const u64 end = above == VMA_NONE ? ~0ull : vmas[above].vm_start;
        const vm_area_struct& vma = vmas[node];
        if (!fits(start, end)) return std::nullopt;
        if (std::max({vma.subtree_max_gap, vma.subtree_start - start, end - vma.subtree_end}) < length)
            return std::nullopt;
        const auto first = from_top ? descend(vma.right, node, above) : descend(vma.left, below, node);
        if (first) return first;
        return from_top ? descend(vma.left, below, node) : descend(vma.right, node, above);
    }
};

// Without a tree: the list from its begin, or from its end.
std::optional<vma_hole> hole_in_list(const process_memory& proc, const mm_struct& mm, const HoleSearch& search) {
    vma_id below = search.from_top ? mm.last : VMA_NONE, above = search.from_top ? VMA_NONE : mm.mmap;
    for (;;) {
        if (const auto hole = search.between(below, above)) return hole;
        if (search.from_top ? below == VMA_NONE : above == VMA_NONE) return std::nullopt;
        if (search.from_top) {
            above = below;
            below = proc.vmas[below].vm_prev;
        } else {
            below = above;
            above = proc.vmas[above].vm_next;
        }
    }
}

std::optional<vma_hole> hole(const mm_context& cx, u64 length, u64 low, u64 high, bool from_top) {
    const mm_struct& mm = cx.mm();
    if (cx.proc.rules.index() == vma_index_kind::maple) {
        if (high == 0) return std::nullopt;
        u32 looked = 0;
        const auto search = from_top ? maple_highest_gap : maple_lowest_gap;
        const auto gap = search(cx.proc.maple, mm.mm_mt, length, low, high - 1, looked);
        cx.sink.charge(looked);
        if (!gap) return std::nullopt;
        return vma_hole{gap->first, gap->last + 1, gap->below, gap->above};
    }
    const HoleSearch search{cx.proc.vmas, length, low, high, from_top};
    if (mm.root == VMA_NONE) return hole_in_list(cx.proc, mm, search);
    return search.descend(mm.root, VMA_NONE, VMA_NONE);
}

// ---- The list ------------------------------------------------------------------------------------------------------

void list_between(mm_context& cx, vma_id vma, vma_id prev, vma_id next) {
    vm_area_struct& linked = cx.vma_mut(vma);
    linked.vm_prev = prev;
    linked.vm_next = next;
    (prev == VMA_NONE ? cx.mm_mut().mmap : cx.vma_mut(prev).vm_next) = vma;
    (next == VMA_NONE ? cx.mm_mut().last : cx.vma_mut(next).vm_prev) = vma;
}

void unlist(mm_context& cx, vma_id vma) {
    const vma_id prev = cx.vma(vma).vm_prev, next = cx.vma(vma).vm_next;
    (prev == VMA_NONE ? cx.mm_mut().mmap : cx.vma_mut(prev).vm_next) = next;
    (next == VMA_NONE ? cx.mm_mut().last : cx.vma_mut(next).vm_prev) = prev;
}

// ---- The trees -----------------------------------------------------------------------------------------------------

void store(mm_context& cx, u64 start, u64 end, u32 entry) {
    const maple_report report = maple_store(cx.proc.maple, cx.mm_mut().mm_mt, start, end - 1, entry);
    cx.sink.charge(report.looked);
    for (const maple_step& step : report.steps)
        cx.sink.emit(ev::maple_changed, step.change, step.level, step.start, step.before, step.left, step.right);
}

RbVmas rb_of(mm_context& cx) { return {cx.proc.vmas, cx.mm_mut().root, {&cx, turned_tree::rbtree}}; }
AvlVmas avl_of(mm_context& cx) { return {cx.proc.vmas, cx.mm_mut().root, {&cx, turned_tree::avl}}; }

// kernel: build_mmap_avl
void build_avl(mm_context& cx) {
    for (vma_id id = cx.mm().mmap; id != VMA_NONE; id = cx.vma(id).vm_next) avl_of(cx).insert(id);
    cx.sink.emit(ev::avl_tree_built, cx.mm().map_count);
}

// Of one that stands in the list and is counted.
void insert(mm_context& cx, vma_id vma) {
    const u64 start = cx.vma(vma).vm_start, end = cx.vma(vma).vm_end;
    switch (cx.proc.rules.index()) {
    case vma_index_kind::maple: return store(cx, start, end, vma);
    case vma_index_kind::avl:
        if (cx.mm().root != VMA_NONE) return avl_of(cx).insert(vma);
        if (cx.mm().map_count >= AVL_MIN_MAP_COUNT) build_avl(cx);
        return;
    default: return rb_of(cx).insert(vma);
    }
}

void forget(mm_context& cx, vma_id vma) {
    vma_cache& cache = cx.mm_mut().vmacache;
    switch (cx.proc.rules.index()) {
    case vma_index_kind::maple: return;
    case vma_index_kind::avl:
        if (cache.vmas[0] == vma) cache.vmas[0] = VMA_NONE;
        if (cx.mm().root != VMA_NONE) avl_of(cx).erase(vma);
        return;
    default: ++cache.mm_seqnum; return rb_of(cx).erase(vma);
    }
}

// What the trees know of a VMA has changed.
void changed(mm_context& cx, vma_id vma) {
    if (cx.mm().root == VMA_NONE) return;
    if (cx.proc.rules.index() == vma_index_kind::avl) return avl_of(cx).changed(vma);
    rb_of(cx).changed(vma);
}

// ---- Searching -----------------------------------------------------------------------------------------------------

void search_list(const process_memory& proc, const mm_struct& mm, u64 address, vma_search& search,
                 std::vector<u32>* path) {
    search.way = search_way::list;
    for (vma_id id = mm.mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) {
        ++search.looked;
        if (path != nullptr) path->push_back(id);
        search.found = id;
        if (proc.vmas[id].vm_end > address) return;
    }
    search.found = VMA_NONE;
}

void search_tree(const process_memory& proc, const mm_struct& mm, u64 address, vma_search& search,
                 std::vector<u32>* path) {
    for (vma_id node = mm.root; node != VMA_NONE;) {
        ++search.looked;
        if (path != nullptr) path->push_back(node);
        const vm_area_struct& vma = proc.vmas[node];
        if (vma.vm_end <= address) {
            node = vma.right;
            continue;
        }
        search.found = node;
        if (vma.vm_start <= address) return;
        node = vma.left;
    }
}

bool has(const mm_context& cx, vma_id vma, u64 address) {
    return vma != VMA_NONE && cx.vma(vma).vm_start <= address && address < cx.vma(vma).vm_end;
}

// Which slot of the task's four an address belongs to. kernel: VMACACHE_HASH
u32 cache_slot(const process_memory& proc, u64 address) { return (address >> proc.pmd_shift) & 3; }

// kernel: vmacache_find, vmacache_valid
vma_search ask_vmacache(mm_context& cx, u64 address) {
    vma_search search{VMA_NONE, search_way::vmacache, 0};
    const vma_cache cache = cx.mm().vmacache;
    if (cache.seqnum != cache.mm_seqnum) {
        vma_cache empty;
        empty.seqnum = empty.mm_seqnum = cache.mm_seqnum;
        cx.mm_mut().vmacache = empty;
        cx.sink.emit(ev::vmacache_flushed, empty.seqnum);
        return search;
    }
    for (u32 i = 0; i < 4; ++i) {
        ++search.looked;
        const vma_id vma = cache.vmas[(cache_slot(cx.proc, address) + i) & 3];
        if (has(cx, vma, address)) {
            search.found = vma;
            return search;
        }
    }
    return search;
}

// What the cache says; found nothing: it does not know, or the kernel has none.
vma_search ask_cache(mm_context& cx, u64 address) {
    switch (cx.proc.rules.index()) {
    case vma_index_kind::maple: return {};
    case vma_index_kind::avl: {
        const vma_id last = cx.mm().vmacache.vmas[0];
        return {has(cx, last, address) ? last : VMA_NONE, search_way::mmap_cache, 1};
    }
    default: return ask_vmacache(cx, address);
    }
}

void remember(mm_context& cx, u64 address, vma_id found) {
    const vma_index_kind index = cx.proc.rules.index();
    if (found == VMA_NONE || index == vma_index_kind::maple) return;
    cx.mm_mut().vmacache.vmas[index == vma_index_kind::avl ? 0 : cache_slot(cx.proc, address)] = found;
}

} // namespace

vma_id new_vma(process_memory& proc, const vm_area_struct& vma) {
    vma_id id = proc.vma_unused;
    if (id != VMA_NONE) {
        proc.vma_unused = proc.vmas[id].parent;
    } else {
        id = proc.vmas_used++;
        if (id >= proc.vmas.size()) proc.vmas.grow(std::max(64u, 2 * proc.vmas.size()));
    }
    proc.vmas.mut(id) = vma;
    get_file(proc, vma.vm_file);
    return id;
}

void drop_vma(process_memory& proc, vma_id vma) {
    put_file(proc, proc.vmas[vma].vm_file);
    vm_area_struct& gone = proc.vmas.mut(vma);
    gone = vm_area_struct{};
    gone.parent = proc.vma_unused;
    proc.vma_unused = vma;
}

void link_vma(mm_context& cx, vma_id vma) {
    const u64 start = cx.vma(vma).vm_start;
    vma_id next = find_vma(cx, start);
    // A maple tree has the addresses still with the one that leaves them to it.
    if (next != VMA_NONE && cx.vma(next).vm_end <= start) next = cx.vma(next).vm_next;
    const vma_id prev = next == VMA_NONE ? cx.mm().last : cx.vma(next).vm_prev;
    list_between(cx, vma, prev, next);
    ++cx.mm_mut().map_count;
    insert(cx, vma);
}

void unlink_vma(mm_context& cx, vma_id vma, left_range left) {
    forget(cx, vma);
    unlist(cx, vma);
    --cx.mm_mut().map_count;
    if (left == left_range::emptied) clear_vma_range(cx, cx.vma(vma).vm_start, cx.vma(vma).vm_end);
}

// mmap() over what is mapped does this first, as 6.1 does; 6.12 stores the new VMA over all at once.
void clear_vma_range(mm_context& cx, u64 start, u64 end) {
    if (cx.proc.rules.index() == vma_index_kind::maple) store(cx, start, end, MAPLE_NONE);
}

void set_vma_range(mm_context& cx, vma_id vma, u64 start, u64 end, left_range left) {
    MM_ASSERT(start < end);
    const u64 old_start = cx.vma(vma).vm_start, old_end = cx.vma(vma).vm_end;
    if (start != old_start) split_at_border(cx, start);
    if (end != old_end) split_at_border(cx, end);
    vm_area_struct& moved = cx.vma_mut(vma);
    moved.vm_start = start;
    moved.vm_end = end;
    if (cx.proc.rules.index() != vma_index_kind::maple) return changed(cx, vma);
    if (left == left_range::emptied && old_start < start) store(cx, old_start, start, MAPLE_NONE);
    if (left == left_range::emptied && end < old_end) store(cx, end, old_end, MAPLE_NONE);
    if (start < old_start || old_end < end) store(cx, start, end, vma);
}

vma_search search_vma(const process_memory& proc, mm_id id, u64 address, std::vector<u32>* path) {
    const mm_struct& mm = proc.mms[id];
    vma_search search;
    switch (proc.rules.index()) {
    case vma_index_kind::maple: {
        if (path != nullptr) static_cast<void>(maple_walk(proc.maple, mm.mm_mt, address, path));
        search.found = maple_find(proc.maple, mm.mm_mt, address, search.looked).entry;
        return search;
    }
    case vma_index_kind::avl:
        if (mm.root == VMA_NONE) {
            search_list(proc, mm, address, search, path);
            return search;
        }
        search.way = search_way::avl;
        break;
    default: search.way = search_way::rbtree; break;
    }
    search_tree(proc, mm, address, search, path);
    return search;
}

vma_id find_vma_told(mm_context& cx, u64 address) {
    vma_search search = ask_cache(cx, address);
    if (search.found == VMA_NONE) {
        search = search_vma(cx.proc, cx.id, address);
        remember(cx, address, search.found);
    }
    const bool found = search.found != VMA_NONE;
    cx.sink.charge(search.looked);
    cx.sink.emit(ev::vma_searched, address, search.way, search.looked, cx.mm().map_count,
                 found ? cx.vma(search.found).vm_start : 0, found ? cx.vma(search.found).vm_end : 0, found);
    return search.found;
}

vma_id first_vma(const mm_context& cx) { return cx.mm().mmap; }
vma_id next_vma(const mm_context& cx, vma_id vma) { return cx.vma(vma).vm_next; }
vma_id previous_vma(const mm_context& cx, vma_id vma) { return cx.vma(vma).vm_prev; }

vma_id find_vma(const mm_context& cx, u64 address) { return search_vma(cx.proc, cx.id, address).found; }

vma_id vma_lookup(const mm_context& cx, u64 address) {
    const vma_id found = find_vma(cx, address);
    return found != VMA_NONE && cx.vma(found).vm_start <= address ? found : VMA_NONE;
}

vma_id find_vma_intersection(const mm_context& cx, u64 start, u64 end) {
    const vma_id found = find_vma(cx, start);
    return found != VMA_NONE && cx.vma(found).vm_start < end ? found : VMA_NONE;
}

vma_id vma_before(const mm_context& cx, u64 address) {
    const vma_id above = find_vma(cx, address);
    return above == VMA_NONE ? cx.mm().last : cx.vma(above).vm_prev;
}

std::optional<vma_hole> highest_hole(const mm_context& cx, u64 length, u64 low, u64 high) {
    return hole(cx, length, low, high, true);
}

std::optional<vma_hole> lowest_hole(const mm_context& cx, u64 length, u64 low, u64 high) {
    return hole(cx, length, low, high, false);
}

} // namespace mm
