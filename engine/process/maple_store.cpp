// Maple tree: stores. A store that stays in a leaf and fits is written there. Else the slots of the nodes concerned are
// put in a row (the kernel's maple_big_node) and shared out anew, level by level.
#include <algorithm>

#include "base/assert.h"
#include "process/maple_tree.h"

namespace mm {

namespace {

struct Part {
    u64 last = 0;
    u32 slot = MAPLE_NONE;
    u64 gap = 0;
};

// Slots of several nodes in a row.
struct Row {
    std::array<Part, 3 * MAPLE_LEAF_SLOTS> part;
    u32 count = 0;
    bool leaf = true;

    [[nodiscard]] u32 room() const { return leaf ? MAPLE_LEAF_SLOTS : MAPLE_INNER_SLOTS; }
    [[nodiscard]] bool fits() const { return count <= room(); }
    [[nodiscard]] bool is_nothing(u32 at) const { return leaf && part[at].slot == MAPLE_NONE; }
    // Two slots of nothing side by side are one.
    void add(const Part& more) {
        if (leaf && more.slot == MAPLE_NONE && count > 0 && part[count - 1].slot == MAPLE_NONE) {
            part[count - 1].last = more.last;
            return;
        }
        MM_ASSERT(count < part.size());
        part[count++] = more;
    }
    void add(const maple_node& node, u32 from, u32 to) {
        for (u32 i = from; i < to; ++i) add({node.pivots[i], node.slots[i], node.leaf ? 0 : node.gaps[i]});
    }
};

// Where a row is cut in two or three: the last part of each piece but the last.
struct Cut {
    u32 first = 0, second = 0;
    bool three = false;
};

// No piece ends with nothing, so that gaps can be known by leaf. kernel: mab_no_null_split
u32 not_at_nothing(const Row& row, u32 at) {
    if (!row.is_nothing(at)) return at;
    return at < row.room() - 1 && row.count - 1 - at > maple_min_slots(row.leaf) ? at + 1 : at - 1;
}

// kernel: mab_calc_split
Cut cut_of(const Row& row) {
    const u32 end = row.count - 1;
    Cut cut{end / 2, 0, false};
    cut.three = end >= 2 * row.room() || (row.is_nothing(cut.first) && end >= 2 * row.room() - 1);
    if (cut.three) {
        cut.first = end / 3;
        cut.second = not_at_nothing(row, 2 * cut.first);
    }
    cut.first = not_at_nothing(row, cut.first);
    return cut;
}

class MapleStore {
  public:
    MapleStore(maple_pool& pool, maple_tree& tree, maple_report& report) : pool_(pool), tree_(tree), report_(report) {}

    void run(u64 first, u64 last, u32 entry);
    void destroy() {
        if (tree_.root != MAPLE_NONE) free_below(tree_.root);
        tree_ = {};
    }

  private:
    // The store as it is shared among the functions below.
    struct Write {
        u64 first, last;
        u32 entry;
    };
    [[nodiscard]] const maple_node& at(maple_id id) const { return pool_.nodes[id]; }
    [[nodiscard]] maple_id parent(maple_id id) const { return at(id).parent; }
    [[nodiscard]] bool holds_all(maple_id left, maple_id right) const {
        return maple_first(pool_, left) == 0 && at(right).last() == MAPLE_LAST;
    }
    maple_id make_node(bool leaf);
    void free_node(maple_id id);
    void free_below(maple_id id);
    void fill(maple_id id, const Row& row, u32 from, u32 to);
    // The longest gap of a node that begins there and hangs below none yet.
    [[nodiscard]] u64 longest_from(maple_id id, u64 first) const;
    void update_gaps(maple_id id);
    void tell(maple_change change, u8 level, u32 before, u32 left, u32 right, u64 start) {
        report_.steps.push_back(
            {change, level, static_cast<u8>(before), static_cast<u8>(left), static_cast<u8>(right), start});
    }

    void first_leaf(const Write& write);
    [[nodiscard]] bool descend(const Write& write, maple_id& leaf);
    void store_in_leaf(maple_id leaf, const Write& write);
    void split(maple_id node, Row row);
    bool push(maple_id node, const Row& row, bool to_left, u8 level);
    void new_root(const Row& row, u8 level);
    void span(const Write& write);
    void rebalance(maple_id leaf, const Row& row);
    void replace_nodes(maple_id left, maple_id right, Row row);
    bool borrow(maple_id& left, maple_id& right, Row& row);
    u32 share_out(const Row& row, u8 level, u32 replaced, u64 start, std::array<maple_id, 3>& made);
    void crown(maple_id node, maple_id left, maple_id right, u8 level);
    void free_row(const std::vector<maple_id>& nodes) {
        for (const maple_id id : nodes) free_node(id);
    }
    [[nodiscard]] std::vector<maple_id> between(maple_id left, maple_id right) const;

    maple_pool& pool_;
    maple_tree& tree_;
    maple_report& report_;
};

// ---- Nodes ---------------------------------------------------------------------------------------------------------

maple_id MapleStore::make_node(bool leaf) {
    maple_id id = pool_.unused;
    if (id != MAPLE_NONE) {
        pool_.unused = at(id).parent;
    } else {
        id = pool_.used++;
        if (id >= pool_.nodes.size()) pool_.nodes.grow(std::max(64u, 2 * pool_.nodes.size()));
    }
    maple_node& node = pool_.nodes.mut(id);
    node = maple_node{};
    node.leaf = leaf;
    ++tree_.nodes;
    return id;
}

void MapleStore::free_node(maple_id id) {
    maple_node& node = pool_.nodes.mut(id);
    node = maple_node{};
    node.parent = pool_.unused;
    pool_.unused = id;
    --tree_.nodes;
}

void MapleStore::free_below(maple_id id) {
    const maple_node node = at(id);
    for (u32 i = 0; i < node.count && !node.leaf; ++i) free_below(node.slots[i]);
    free_node(id);
}

// Parts [from, to) become the slots of a node, and nodes among them its children.
void MapleStore::fill(maple_id id, const Row& row, u32 from, u32 to) {
    maple_node& node = pool_.nodes.mut(id);
    node.count = static_cast<u8>(to - from);
    MM_ASSERT(node.count > 0 && node.count <= node.room());
    for (u32 i = 0; i < node.count; ++i) {
        const Part& part = row.part[from + i];
        node.slots[i] = part.slot;
        node.pivots[i] = part.last;
        if (!node.leaf) node.gaps[i] = part.gap;
    }
    if (row.leaf) return;
    for (u32 i = from; i < to; ++i) {
        maple_node& child = pool_.nodes.mut(row.part[i].slot);
        child.parent = id;
        child.parent_slot = static_cast<u8>(i - from);
    }
}

u64 MapleStore::longest_from(maple_id id, u64 first) const {
    const maple_node& node = at(id);
    u64 longest = 0;
    for (u32 i = 0; i < node.count; ++i) {
        if (!node.leaf)
            longest = std::max(longest, node.gaps[i]);
        else if (node.slots[i] == MAPLE_NONE)
            longest = std::max(longest, node.pivots[i] - first + 1);
        first = node.pivots[i] + 1;
    }
    return longest;
}

// kernel: mas_update_gap, mas_parent_gap
void MapleStore::update_gaps(maple_id id) {
    while (parent(id) != MAPLE_NONE) {
        const u64 gap = maple_longest_gap(pool_, id);
        const maple_id up = parent(id);
        const u32 slot = at(id).parent_slot;
        if (at(up).gaps[slot] == gap) return;
        pool_.nodes.mut(up).gaps[slot] = gap;
        id = up;
    }
}

std::vector<maple_id> MapleStore::between(maple_id left, maple_id right) const {
    std::vector<maple_id> nodes{left};
    while (nodes.back() != right) nodes.push_back(maple_next_node(pool_, nodes.back()));
    return nodes;
}

// ---- Where the store goes ------------------------------------------------------------------------------------------

// kernel: mas_root_expand
void MapleStore::first_leaf(const Write& write) {
    Row row;
    if (write.first > 0) row.add({write.first - 1, MAPLE_NONE, 0});
    row.add({write.last, write.entry, 0});
    if (write.last != MAPLE_LAST) row.add({MAPLE_LAST, MAPLE_NONE, 0});
    tree_.root = make_node(true);
    tree_.height = 1;
    fill(tree_.root, row, 0, row.count);
    report_.write = maple_write::new_tree;
}

// The leaf that holds the whole store. False: it reaches over the end of a node, or would leave one that ends with
// nothing. kernel: mas_wr_walk, mas_is_span_wr
bool MapleStore::descend(const Write& write, maple_id& leaf) {
    for (maple_id id = tree_.root;;) {
        const maple_node& node = at(id);
        ++report_.looked;
        const bool clears = write.entry == MAPLE_NONE && write.last != MAPLE_LAST;
        if (node.leaf) {
            leaf = id;
            return write.last < node.last() || (write.last == node.last() && !clears);
        }
        u32 slot = 0;
        while (node.pivots[slot] < write.first) ++slot;
        if (node.pivots[slot] < write.last || (node.pivots[slot] == write.last && clears)) return false;
        id = node.slots[slot];
    }
}

// The slots of a leaf before and behind the store.
void add_before(Row& row, const maple_node& leaf, u64 first, u64 write_first) {
    u64 begin = first;
    for (u32 i = 0; i < leaf.count && begin < write_first; ++i) {
        row.add({std::min(leaf.pivots[i], write_first - 1), leaf.slots[i], 0});
        begin = leaf.pivots[i] + 1;
        if (begin == 0) break;
    }
}
void add_behind(Row& row, const maple_node& leaf, u64 write_last) {
    for (u32 i = 0; i < leaf.count; ++i)
        if (leaf.pivots[i] > write_last) row.add({leaf.pivots[i], leaf.slots[i], 0});
}

void MapleStore::run(u64 first, u64 last, u32 entry) {
    const Write write{first, last, entry};
    if (tree_.root == MAPLE_NONE) {
        if (entry != MAPLE_NONE) first_leaf(write);
        return;
    }
    maple_id leaf = MAPLE_NONE;
    if (descend(write, leaf)) {
        store_in_leaf(leaf, write);
    } else {
        span(write);
    }
}

// kernel: mas_wr_modify, mas_commit_b_node
void MapleStore::store_in_leaf(maple_id leaf, const Write& write) {
    Row row;
    add_before(row, at(leaf), maple_first(pool_, leaf), write.first);
    row.add({write.last, write.entry, 0});
    const u32 old = at(leaf).count;
    const bool appends = write.entry != MAPLE_NONE && (old < 2 || at(leaf).pivots[old - 2u] < write.first);
    add_behind(row, at(leaf), write.last);
    if (row.count == 1 && row.is_nothing(0) && parent(leaf) == MAPLE_NONE) {
        destroy();
        report_.write = maple_write::emptied;
    } else if (row.count <= maple_min_slots(true) && parent(leaf) != MAPLE_NONE) {
        rebalance(leaf, row);
    } else if (!row.fits()) {
        report_.write = maple_write::split;
        split(leaf, row);
    } else {
        report_.write = row.count == old ? maple_write::slot : appends ? maple_write::append : maple_write::node;
        fill(leaf, row, 0, row.count);
        update_gaps(leaf);
    }
}

// ---- Splitting -----------------------------------------------------------------------------------------------------

// Cuts upwards from a leaf, until what is too much finds room in a neighbour or in the node above. kernel: mas_split
void MapleStore::split(maple_id node, Row row) {
    for (u8 level = 1;; ++level) {
        if (row.fits()) {
            fill(node, row, 0, row.count);
            return update_gaps(node);
        }
        if (push(node, row, true, level) || push(node, row, false, level)) return;
        const u32 cut = cut_of(row).first + 1;
        tell(maple_change::split, level, row.count, cut, row.count - cut, maple_first(pool_, node));
        const maple_id right = make_node(row.leaf);
        fill(node, row, 0, cut);
        fill(right, row, cut, row.count);
        const maple_id up = parent(node);
        const u32 slot = at(node).parent_slot;
        Row above;
        above.leaf = false;
        if (up != MAPLE_NONE) above.add(at(up), 0, slot);
        above.add({at(node).last(), node, longest_from(node, maple_first(pool_, node))});
        above.add({at(right).last(), right, longest_from(right, at(node).last() + 1)});
        if (up == MAPLE_NONE) return new_root(above, level);
        above.add(at(up), slot + 1u, at(up).count);
        node = up;
        row = above;
    }
}

// A neighbour below the same node takes what is too much, if it has room to spare. kernel: mas_push_data
bool MapleStore::push(maple_id node, const Row& row, bool to_left, u8 level) {
    const maple_id up = parent(node);
    if (up == MAPLE_NONE) return false;
    const u32 slot = at(node).parent_slot;
    if (to_left ? slot == 0 : slot + 1u == at(up).count) return false;
    const maple_id beside = at(up).slots[to_left ? slot - 1 : slot + 1];
    const u32 total = row.count - 1 + at(beside).count - 1;
    u32 space = 2 * row.room() - 2;
    if (row.leaf) --space;
    if (at(node).last() == MAPLE_LAST) --space;
    if (total >= space) return false;
    Row both;
    both.leaf = row.leaf;
    if (to_left) both.add(at(beside), 0, at(beside).count);
    for (u32 i = 0; i < row.count; ++i) both.add(row.part[i]);
    if (!to_left) both.add(at(beside), 0, at(beside).count);
    const u32 cut = not_at_nothing(both, to_left ? row.room() - 2 : total - (row.room() - 2)) + 1;
    const maple_id left = to_left ? beside : node, right = to_left ? node : beside;
    tell(to_left ? maple_change::pushed_left : maple_change::pushed_right, level, row.count, cut, both.count - cut,
         maple_first(pool_, left));
    fill(left, both, 0, cut);
    fill(right, both, cut, both.count);
    pool_.nodes.mut(up).pivots[at(left).parent_slot] = at(left).last();
    update_gaps(left);
    update_gaps(right);
    return true;
}

// The tree grows by a level.
void MapleStore::new_root(const Row& row, u8 level) {
    tree_.root = make_node(false);
    tree_.height = static_cast<u8>(level + 1);
    fill(tree_.root, row, 0, row.count);
    tell(maple_change::root_above, tree_.height, row.count, row.count, 0, 0);
}

// ---- Over the end of a node ----------------------------------------------------------------------------------------

// kernel: mas_wr_spanning_store
void MapleStore::span(const Write& write) {
    const auto leaf_of = [&](u64 address) {
        std::vector<maple_id> way;
        const maple_id leaf = maple_walk(pool_, tree_, address, &way).leaf;
        report_.looked += static_cast<u32>(way.size());
        return leaf;
    };
    const maple_id left = leaf_of(write.first);
    const maple_id right = leaf_of(write.last == MAPLE_LAST ? write.last : write.last + 1);
    Row row;
    add_before(row, at(left), maple_first(pool_, left), write.first);
    row.add({write.last, write.entry, 0});
    add_behind(row, at(right), write.last);
    report_.write = maple_write::spanning;
    if (row.count == 1 && row.is_nothing(0) && holds_all(left, right)) {
        destroy();
        report_.write = maple_write::emptied;
        return;
    }
    replace_nodes(left, right, row);
}

// A leaf with too little is put together with the next below the same node, else with the one before.
// kernel: mas_rebalance
void MapleStore::rebalance(maple_id leaf, const Row& row) {
    report_.write = maple_write::rebalance;
    const maple_node& up = at(parent(leaf));
    const u32 slot = at(leaf).parent_slot;
    const bool next = slot + 1u < up.count;
    const maple_id beside = up.slots[next ? slot + 1 : slot - 1];
    Row both;
    if (!next) both.add(at(beside), 0, at(beside).count);
    for (u32 i = 0; i < row.count; ++i) both.add(row.part[i]);
    if (next) both.add(at(beside), 0, at(beside).count);
    replace_nodes(next ? leaf : beside, next ? beside : leaf, both);
}

// Takes in the nearest node of the level, wherever it hangs: first at the right, then at the left, upwards.
// kernel: mast_spanning_rebalance
bool MapleStore::borrow(maple_id& left, maple_id& right, Row& row) {
    maple_id a = left, b = right;
    for (u32 up = 0; parent(b) != MAPLE_NONE; ++up) {
        const u32 left_slot = at(a).parent_slot, right_slot = at(b).parent_slot;
        a = parent(a);
        b = parent(b);
        if (right_slot + 1u < at(b).count) {
            right = at(b).slots[right_slot + 1];
            for (u32 i = 0; i < up; ++i) right = at(right).slots[0];
            row.add(at(right), 0, at(right).count);
            return true;
        }
        if (left_slot == 0) continue;
        left = at(a).slots[left_slot - 1];
        for (u32 i = 0; i < up; ++i) left = at(left).slots[at(left).count - 1u];
        Row all;
        all.leaf = row.leaf;
        all.add(at(left), 0, at(left).count);
        for (u32 i = 0; i < row.count; ++i) all.add(row.part[i]);
        row = all;
        return true;
    }
    return false;
}

// One, two or three new nodes for a row. kernel: mas_mab_to_node
u32 MapleStore::share_out(const Row& row, u8 level, u32 replaced, u64 start, std::array<maple_id, 3>& made) {
    const Cut cut = row.fits() ? Cut{row.count - 1, 0, false} : cut_of(row);
    const u32 nr = row.fits() ? 1 : cut.three ? 3 : 2;
    const std::array<u32, 4> ends = {0, cut.first + 1, nr == 2 ? row.count : cut.second + 1, row.count};
    for (u32 i = 0; i < nr; ++i) {
        made[i] = make_node(row.leaf);
        fill(made[i], row, ends[i], ends[i + 1]);
    }
    const u32 left = at(made[0]).count, right = nr > 1 ? at(made[nr - 1]).count : 0;
    if (nr == 3)
        tell(maple_change::split_in_three, level, row.count, left, right, start);
    else if (nr > replaced)
        tell(maple_change::split, level, row.count, left, right, start);
    else if (nr < replaced)
        tell(maple_change::joined, level, row.count, left, right, start);
    else if (nr > 1)
        tell(maple_change::balanced, level, row.count, left, right, start);
    return nr;
}

// This node is the root from now on; what stood above goes.
void MapleStore::crown(maple_id node, maple_id left, maple_id right, u8 level) {
    std::vector<maple_id> above;
    while (parent(left) != MAPLE_NONE) {
        left = parent(left);
        right = parent(right);
        for (const maple_id id : between(left, right)) above.push_back(id);
    }
    free_row(above);
    if (level < tree_.height) tell(maple_change::root_gone, level, at(node).count, at(node).count, 0, 0);
    pool_.nodes.mut(node).parent = MAPLE_NONE;
    tree_.root = node;
    tree_.height = level;
}

// The nodes of a level from `left` to `right` give way to those that hold the row, and so on above, until a level stays
// as it was or one node holds all. kernel: mas_spanning_rebalance
void MapleStore::replace_nodes(maple_id left, maple_id right, Row row) {
    for (u8 level = 1;; ++level) {
        const bool all = holds_all(left, right);
        if (!all && row.count <= maple_min_slots(row.leaf)) (void)borrow(left, right, row);
        const std::vector<maple_id> gone = between(left, right);
        const u64 start = maple_first(pool_, left);
        std::array<maple_id, 3> made{};
        const u32 nr = share_out(row, level, static_cast<u32>(gone.size()), start, made);
        const bool holds_all_now = holds_all(left, right);
        if (nr == 1 && holds_all_now) {
            crown(made[0], left, right, level);
            return free_row(gone);
        }
        const maple_id up_left = parent(left), up_right = parent(right);
        Row above;
        above.leaf = false;
        if (up_left != MAPLE_NONE) above.add(at(up_left), 0, at(left).parent_slot);
        u64 first = start;
        for (u32 i = 0; i < nr; ++i) {
            above.add({at(made[i]).last(), made[i], longest_from(made[i], first)});
            first = at(made[i]).last() + 1;
        }
        if (up_right != MAPLE_NONE) above.add(at(up_right), at(right).parent_slot + 1u, at(up_right).count);
        free_row(gone);
        if (up_left == MAPLE_NONE) return new_root(above, level);
        left = up_left;
        right = up_right;
        row = above;
    }
}

} // namespace

maple_report maple_store(maple_pool& pool, maple_tree& tree, u64 first, u64 last, u32 entry) {
    MM_ASSERT(first <= last);
    maple_report report;
    MapleStore(pool, tree, report).run(first, last, entry);
    return report;
}

void maple_destroy(maple_pool& pool, maple_tree& tree) {
    maple_report report;
    MapleStore(pool, tree, report).destroy();
}

} // namespace mm
