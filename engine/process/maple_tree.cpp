// Maple tree: walks and searches. What writes is in maple_store.cpp.
#include "process/maple_tree.h"

#include <algorithm>

#include "base/hex.h"

namespace mm {

namespace {

// The first slot whose range reaches the address.
u32 slot_of(const maple_node& node, u64 address) {
    u32 slot = 0;
    while (slot + 1 < node.count && node.pivots[slot] < address) ++slot;
    return slot;
}

u64 slot_first(const maple_node& node, u32 slot, u64 first) { return slot == 0 ? first : node.pivots[slot - 1] + 1; }

maple_id previous_node(const maple_pool& pool, maple_id node) {
    u32 up = 0;
    while (node != MAPLE_NONE && pool.nodes[node].parent_slot == 0) {
        node = pool.nodes[node].parent;
        ++up;
    }
    if (node == MAPLE_NONE || pool.nodes[node].parent == MAPLE_NONE) return MAPLE_NONE;
    node = pool.nodes[pool.nodes[node].parent].slots[pool.nodes[node].parent_slot - 1u];
    for (; up > 0; --up) node = pool.nodes[node].slots[pool.nodes[node].count - 1u];
    return node;
}

maple_place place_in(const maple_pool& pool, maple_id leaf, u32 slot) {
    const maple_node& node = pool.nodes[leaf];
    return {leaf, slot, slot_first(node, slot, slot == 0 ? maple_first(pool, leaf) : 0), node.pivots[slot],
            node.slots[slot]};
}

// The entries beside a slot of nothing.
u32 entry_before(const maple_pool& pool, maple_id leaf, u32 slot) {
    if (slot > 0) return pool.nodes[leaf].slots[slot - 1];
    const maple_id before = previous_node(pool, leaf);
    return before == MAPLE_NONE ? MAPLE_NONE : pool.nodes[before].slots[pool.nodes[before].count - 1u];
}
u32 entry_after(const maple_pool& pool, maple_id leaf, u32 slot) {
    if (slot + 1 < pool.nodes[leaf].count) return pool.nodes[leaf].slots[slot + 1];
    const maple_id after = maple_next_node(pool, leaf);
    return after == MAPLE_NONE ? MAPLE_NONE : pool.nodes[after].slots[0];
}

// What a search for a gap asks: slots are looked at from the wanted side on, and nodes whose gaps are too short are not.
struct GapSearch {
    const maple_pool& pool;
    u64 size, low, high;
    bool from_top;
    u32& looked;

    [[nodiscard]] std::optional<maple_gap> in(maple_id id, u64 first) const {
        const maple_node& node = pool.nodes[id];
        ++looked;
        for (u32 i = 0; i < node.count; ++i) {
            const u32 slot = from_top ? node.count - 1u - i : i;
            const u64 begin = std::max(slot_first(node, slot, first), low), end = std::min(node.pivots[slot], high);
            if (begin > end || end - begin < size - 1) continue;
            if (!node.leaf) {
                if (node.gaps[slot] < size) continue;
                if (const auto found = in(node.slots[slot], slot_first(node, slot, first))) return found;
            } else if (node.slots[slot] == MAPLE_NONE) {
                return maple_gap{begin, end, entry_before(pool, id, slot), entry_after(pool, id, slot)};
            }
        }
        return std::nullopt;
    }
};

std::optional<maple_gap> search_gap(const maple_pool& pool, const maple_tree& tree, u64 size, u64 low, u64 high,
                                    bool from_top, u32& looked) {
    if (low > high || size == 0) return std::nullopt;
    if (tree.root != MAPLE_NONE) return GapSearch{pool, size, low, high, from_top, looked}.in(tree.root, 0);
    if (high - low < size - 1) return std::nullopt;
    return maple_gap{low, high, MAPLE_NONE, MAPLE_NONE};
}

} // namespace

u64 maple_first(const maple_pool& pool, maple_id node) {
    while (pool.nodes[node].parent != MAPLE_NONE) {
        const maple_node& at = pool.nodes[node];
        if (at.parent_slot > 0) return pool.nodes[at.parent].pivots[at.parent_slot - 1u] + 1;
        node = at.parent;
    }
    return 0;
}

u64 maple_longest_gap(const maple_pool& pool, maple_id id) {
    const maple_node& node = pool.nodes[id];
    u64 longest = 0;
    if (!node.leaf) {
        for (u32 i = 0; i < node.count; ++i) longest = std::max(longest, node.gaps[i]);
        return longest;
    }
    const u64 first = maple_first(pool, id);
    for (u32 i = 0; i < node.count; ++i)
        if (node.slots[i] == MAPLE_NONE) longest = std::max(longest, node.pivots[i] - slot_first(node, i, first) + 1);
    return longest;
}

maple_id maple_next_node(const maple_pool& pool, maple_id node) {
    u32 up = 0;
    for (;; ++up) {
        const maple_node& at = pool.nodes[node];
        if (at.parent == MAPLE_NONE) return MAPLE_NONE;
        const maple_node& parent = pool.nodes[at.parent];
        if (at.parent_slot + 1u < parent.count) {
            node = parent.slots[at.parent_slot + 1u];
            break;
        }
        node = at.parent;
    }
    for (; up > 0; --up) node = pool.nodes[node].slots[0];
    return node;
}

maple_id maple_first_leaf(const maple_pool& pool, const maple_tree& tree) {
    maple_id node = tree.root;
    while (node != MAPLE_NONE && !pool.nodes[node].leaf) node = pool.nodes[node].slots[0];
    return node;
}

maple_place maple_walk(const maple_pool& pool, const maple_tree& tree, u64 address, std::vector<maple_id>* way) {
    maple_place place{MAPLE_NONE, 0, 0, MAPLE_LAST, MAPLE_NONE};
    u64 first = 0;
    for (maple_id id = tree.root; id != MAPLE_NONE;) {
        const maple_node& node = pool.nodes[id];
        if (way != nullptr) way->push_back(id);
        const u32 slot = slot_of(node, address);
        first = slot_first(node, slot, first);
        if (node.leaf) return {id, slot, first, node.pivots[slot], node.slots[slot]};
        id = node.slots[slot];
    }
    return place;
}

maple_place maple_find(const maple_pool& pool, const maple_tree& tree, u64 address, u32& looked) {
    const maple_place at = maple_walk(pool, tree, address);
    looked += tree.height;
    if (at.leaf == MAPLE_NONE || at.entry != MAPLE_NONE) return at;
    // Behind nothing stands an entry in the same leaf, but at the end of all.
    if (at.slot + 1 < pool.nodes[at.leaf].count) return place_in(pool, at.leaf, at.slot + 1);
    return {};
}

maple_place maple_before(const maple_pool& pool, const maple_tree& tree, u64 address) {
    if (address == 0) return {};
    maple_place at = maple_walk(pool, tree, address - 1);
    while (at.leaf != MAPLE_NONE && (at.entry == MAPLE_NONE || at.last >= address)) {
        if (at.slot > 0) {
            at = place_in(pool, at.leaf, at.slot - 1);
            continue;
        }
        const maple_id before = previous_node(pool, at.leaf);
        if (before == MAPLE_NONE) return {};
        at = place_in(pool, before, pool.nodes[before].count - 1u);
    }
    return at.leaf == MAPLE_NONE ? maple_place{} : at;
}

std::optional<maple_gap> maple_highest_gap(const maple_pool& pool, const maple_tree& tree, u64 size, u64 low, u64 high,
                                           u32& looked) {
    return search_gap(pool, tree, size, low, high, true, looked);
}

std::optional<maple_gap> maple_lowest_gap(const maple_pool& pool, const maple_tree& tree, u64 size, u64 low, u64 high,
                                          u32& looked) {
    return search_gap(pool, tree, size, low, high, false, looked);
}

// ---- What must hold ------------------------------------------------------------------------------------------------

namespace {

struct MapleCheck {
    const maple_pool& pool;
    const maple_tree& tree;
    std::optional<std::string> fault;
    u32 nodes = 0;

    void fail(const char* what, u64 first) {
        if (!fault) fault = std::string("maple node at ") + address_hex(first) + " " + what;
    }
    void check_slots(const maple_node& node, u64 first, u64 last) {
        u64 begin = first;
        for (u32 i = 0; i < node.count; ++i) {
            if (node.pivots[i] < begin || node.pivots[i] > last) return fail("has pivots that do not ascend", first);
            begin = node.pivots[i] + 1;
            if (!node.leaf) continue;
            if (i > 0 && node.slots[i] == MAPLE_NONE && node.slots[i - 1] == MAPLE_NONE)
                return fail("has two slots of nothing side by side", first);
        }
        if (node.last() != last) return fail("does not reach its end", first);
        if (node.leaf && last != MAPLE_LAST && node.slots[node.count - 1u] == MAPLE_NONE)
            fail("ends with nothing", first);
    }
    void check(maple_id id, u64 first, u64 last, u32 level) {
        const maple_node& node = pool.nodes[id];
        ++nodes;
        if (node.count == 0 || node.count > node.room()) return fail("has an impossible number of slots", first);
        if (id != tree.root && node.count <= maple_min_slots(node.leaf)) return fail("has too few slots", first);
        if (node.leaf != (level == 1)) return fail("stands at a wrong level", first);
        check_slots(node, first, last);
        for (u32 i = 0; i < node.count && !node.leaf && !fault; ++i) {
            const maple_node& child = pool.nodes[node.slots[i]];
            if (child.parent != id || child.parent_slot != i) return fail("has a child with another parent", first);
            check(node.slots[i], slot_first(node, i, first), node.pivots[i], level - 1);
            if (!fault && node.gaps[i] != maple_longest_gap(pool, node.slots[i])) fail("knows a wrong gap", first);
        }
    }
};

} // namespace

std::optional<std::string> verify_maple(const maple_pool& pool, const maple_tree& tree) {
    if (tree.root == MAPLE_NONE) {
        if (tree.nodes != 0 || tree.height != 0) return "an empty maple tree has nodes";
        return std::nullopt;
    }
    if (pool.nodes[tree.root].parent != MAPLE_NONE) return "the root of a maple tree has a parent";
    MapleCheck check{pool, tree, {}};
    check.check(tree.root, 0, MAPLE_LAST, tree.height);
    if (!check.fault && check.nodes != tree.nodes) return "a maple tree has another number of nodes";
    return check.fault;
}

} // namespace mm
