#include "process/vma_index.h"

#include <algorithm>

#include "base/assert.h"
#include "process/zap.h"

namespace mm {

namespace {

using Vmas = decltype(process_memory::vmas);

struct VmaShape {
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

using VmaTree = RbTree<Vmas, VmaShape>;

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

VmaTree tree_of(mm_context& cx) { return {cx.proc.vmas, cx.mm_mut().root}; }

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
    tree_of(cx).insert(vma);
    ++cx.mm_mut().map_count;
}

void unlink_vma(mm_context& cx, vma_id vma) {
    tree_of(cx).erase(vma);
    --cx.mm_mut().map_count;
}

void set_vma_range(mm_context& cx, vma_id vma, u64 start, u64 end) {
    MM_ASSERT(start < end);
    if (start != cx.vma(vma).vm_start) split_at_border(cx, start);
    if (end != cx.vma(vma).vm_end) split_at_border(cx, end);
    vm_area_struct& changed = cx.vma_mut(vma);
    changed.vm_start = start;
    changed.vm_end = end;
    tree_of(cx).changed(vma);
}

vma_id first_vma(const mm_context& cx) { return rb_first(cx.proc.vmas, cx.mm().root); }
vma_id next_vma(const mm_context& cx, vma_id vma) { return rb_next(cx.proc.vmas, vma); }
vma_id previous_vma(const mm_context& cx, vma_id vma) { return rb_previous(cx.proc.vmas, vma); }

vma_id find_vma(const mm_context& cx, u64 address) {
    vma_id found = VMA_NONE;
    for (vma_id node = cx.mm().root; node != VMA_NONE;) {
        const bool above = cx.vma(node).vm_end > address;
        if (above) found = node;
        node = above ? cx.vma(node).left : cx.vma(node).right;
    }
    return found;
}

vma_id vma_lookup(const mm_context& cx, u64 address) {
    const vma_id found = find_vma(cx, address);
    return found != VMA_NONE && cx.vma(found).vm_start <= address ? found : VMA_NONE;
}

vma_id find_vma_intersection(const mm_context& cx, u64 start, u64 end) {
    const vma_id found = find_vma(cx, start);
    return found != VMA_NONE && cx.vma(found).vm_start < end ? found : VMA_NONE;
}

vma_id vma_before(const mm_context& cx, u64 address) {
    vma_id found = VMA_NONE;
    for (vma_id node = cx.mm().root; node != VMA_NONE;) {
        const bool below = cx.vma(node).vm_end <= address;
        if (below) found = node;
        node = below ? cx.vma(node).right : cx.vma(node).left;
    }
    return found;
}

std::optional<vma_hole> highest_hole(const mm_context& cx, u64 length, u64 low, u64 high) {
    return HoleSearch{cx.proc.vmas, length, low, high, true}.descend(cx.mm().root, VMA_NONE, VMA_NONE);
}

std::optional<vma_hole> lowest_hole(const mm_context& cx, u64 length, u64 low, u64 high) {
    return HoleSearch{cx.proc.vmas, length, low, high, false}.descend(cx.mm().root, VMA_NONE, VMA_NONE);
}

} // namespace mm
