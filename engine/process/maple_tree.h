#pragma once
// A maple tree: ranges of addresses and what stands in them, in nodes of 256 bytes.
//
//   inner node   10 slots: each a node, the last address below it and the longest gap in it   (maple_arange_64)
//   leaf         16 slots: each an entry or nothing, and the last address that it holds for   (maple_leaf_64)
//
// Slots of a node lie side by side: together they hold from the node's first address to its last, and those of the root
// from 0 to the last address of all. The last pivot of a node is its parent's: the kernel does not store it, here it is.
// Nodes are values in a pool, known by number, and written in place; the kernel writes a copy, as readers take no lock.
//
// Mirrors: lib/maple_tree.c with MT_FLAGS_ALLOC_RANGE (Linux 6.1): mas_wr_store_entry, mas_split, mas_push_data,
// mas_rebalance, mas_wr_spanning_store, mas_spanning_rebalance, mab_calc_split, mas_empty_area, mas_empty_area_rev.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/cow_array.h"

namespace mm {

using maple_id = u32;
inline constexpr u32 MAPLE_NONE = 0xffffffffu; // no node, and an entry of nothing
inline constexpr u64 MAPLE_LAST = ~u64{0};
inline constexpr u32 MAPLE_LEAF_SLOTS = 16;  // MAPLE_RANGE64_SLOTS
inline constexpr u32 MAPLE_INNER_SLOTS = 10; // MAPLE_ARANGE64_SLOTS
inline constexpr u32 MAPLE_NODE_BYTES = 256;

struct maple_node {
    maple_id parent = MAPLE_NONE; // nodes not in use: the next one
    u8 parent_slot = 0;
    u8 count = 0; // slots in use
    bool leaf = false;
    std::array<u32, MAPLE_LEAF_SLOTS> slots{}; // of a leaf entries, else nodes
    std::array<u64, MAPLE_LEAF_SLOTS> pivots{};
    std::array<u64, MAPLE_INNER_SLOTS> gaps{}; // of inner nodes

    [[nodiscard]] u32 room() const { return leaf ? MAPLE_LEAF_SLOTS : MAPLE_INNER_SLOTS; }
    [[nodiscard]] u64 last() const { return pivots[count - 1u]; }
};

// A node that is not the root has more slots in use. kernel: mt_min_slots
[[nodiscard]] constexpr u32 maple_min_slots(bool leaf) {
    return leaf ? MAPLE_LEAF_SLOTS / 2 - 2 : MAPLE_INNER_SLOTS / 2 - 1;
}

// The nodes of all trees.
struct maple_pool {
    CowArray<maple_node, 4, 7> nodes;
    u32 used = 0; // records below were in use at some time
    maple_id unused = MAPLE_NONE;
};

struct maple_tree {
    maple_id root = MAPLE_NONE;
    u32 nodes = 0;
    u8 height = 0; // levels
};

// How a store was done.
enum class maple_write : u8 { nothing, new_tree, slot, append, node, rebalance, split, spanning, emptied };
// What a store did to the shape of the tree.
enum class maple_change : u8 {
    split,
    split_in_three,
    pushed_left,
    pushed_right,
    joined,
    balanced,
    root_above,
    root_gone
};
struct maple_step {
    maple_change change = maple_change::split;
    u8 level = 0;  // 1: leaves
    u8 before = 0; // slots in use that there were to place
    u8 left = 0, right = 0;
    u64 start = 0; // where the node begins
};
struct maple_report {
    maple_write write = maple_write::nothing;
    u32 looked = 0; // nodes that were read
    std::vector<maple_step> steps;
};

// Writes `entry`, or MAPLE_NONE for nothing, over [first, last]. kernel: mas_store
maple_report maple_store(maple_pool& pool, maple_tree& tree, u64 first, u64 last, u32 entry);
// All nodes go. kernel: __mt_destroy
void maple_destroy(maple_pool& pool, maple_tree& tree);

// A slot of a leaf and its range.
struct maple_place {
    maple_id leaf = MAPLE_NONE;
    u32 slot = 0;
    u64 first = 0, last = 0;
    u32 entry = MAPLE_NONE;
};
// Where the address stands. `way`: the nodes from the root on. kernel: mas_walk
[[nodiscard]] maple_place maple_walk(const maple_pool& pool, const maple_tree& tree, u64 address,
                                     std::vector<maple_id>* way = nullptr);
// The first entry at the address or above. kernel: mas_find
[[nodiscard]] maple_place maple_find(const maple_pool& pool, const maple_tree& tree, u64 address, u32& looked);
// The last entry that ends below the address. kernel: mas_prev
[[nodiscard]] maple_place maple_before(const maple_pool& pool, const maple_tree& tree, u64 address);

struct maple_gap {
    u64 first = 0, last = 0;                    // what of it lies in the limits
    u32 below = MAPLE_NONE, above = MAPLE_NONE; // the entries around it
};
// The highest and the lowest range of nothing that has `size` addresses in [low, high]. kernel: mas_empty_area_rev,
// mas_empty_area
[[nodiscard]] std::optional<maple_gap> maple_highest_gap(const maple_pool& pool, const maple_tree& tree, u64 size,
                                                         u64 low, u64 high, u32& looked);
[[nodiscard]] std::optional<maple_gap> maple_lowest_gap(const maple_pool& pool, const maple_tree& tree, u64 size,
                                                        u64 low, u64 high, u32& looked);

// Where a node begins.
[[nodiscard]] u64 maple_first(const maple_pool& pool, maple_id node);
// The longest range of nothing in a node and below it.
[[nodiscard]] u64 maple_longest_gap(const maple_pool& pool, maple_id node);
// The next node of the same level.
[[nodiscard]] maple_id maple_next_node(const maple_pool& pool, maple_id node);
[[nodiscard]] maple_id maple_first_leaf(const maple_pool& pool, const maple_tree& tree);

// What is wrong, in words for people who debug; nothing when all is well. kernel: mt_validate
[[nodiscard]] std::optional<std::string> verify_maple(const maple_pool& pool, const maple_tree& tree);

} // namespace mm
