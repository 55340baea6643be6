#pragma once
// A red-black tree of vmap areas by address, whose links are indices into vmap_space::areas.
//
// Insertion and removal turn the tree as the kernel's rbtree does, so that both have the same shape after the same
// operations. With `sized`, each node's subtree_max_size is kept.
// Mirrors: lib/rbtree.c and the augmented free tree of mm/vmalloc.c.
#include "kernel/vmap.h"

namespace mm {

class VmapTree {
  public:
    VmapTree(vmap_space& space, vmap_id& root, bool sized) : areas_(space.areas), root_(root), sized_(sized) {}

    void insert(vmap_id node);
    void erase(vmap_id node);
    // The size of a node of the tree has changed.
    void resized(vmap_id node) { propagate(node); }

  private:
    using Area = vmap_area;
    [[nodiscard]] const Area& at(vmap_id node) const { return areas_[node]; }
    [[nodiscard]] bool is_red(vmap_id node) const { return node != VMAP_NONE && areas_[node].red; }
    void paint(vmap_id node, bool red) { areas_.mut(node).red = red; }
    void set_left(vmap_id node, vmap_id child);
    void set_right(vmap_id node, vmap_id child);
    // Puts `to` where `from` hangs below its parent.
    void replace(vmap_id from, vmap_id to);
    void rotate_left(vmap_id node);
    void rotate_right(vmap_id node);
    void settle_red(vmap_id node);
    void settle_black(vmap_id node, vmap_id parent);
    [[nodiscard]] u64 largest(vmap_id node) const;
    void measure(vmap_id node);
    void propagate(vmap_id node);

    decltype(vmap_space::areas)& areas_;
    vmap_id& root_;
    bool sized_;
};

// Neighbours in the order of addresses.
[[nodiscard]] vmap_id first_area(const vmap_space& space, vmap_id root);
[[nodiscard]] vmap_id next_area(const vmap_space& space, vmap_id area);
[[nodiscard]] vmap_id previous_area(const vmap_space& space, vmap_id area);
// The last area that begins at or below `address`.
[[nodiscard]] vmap_id area_not_above(const vmap_space& space, vmap_id root, u64 address);

} // namespace mm
