#pragma once
// A red-black tree of records that stand in an array and are linked by index: left, right, parent (RB_NONE: nothing)
// and red.
//
// Insertion and removal turn the tree as the kernel's rbtree does, so that both have the same shape after the same
// operations.
// Mirrors: lib/rbtree.c, include/linux/rbtree_augmented.h.
#include "base/types.h"

namespace mm {

inline constexpr u32 RB_NONE = 0xffffffffu;

// A Shape says what the records are sorted by, and what each knows of those below it:
//   static u64 key(const Record&)
//   void turned(u32 down, u32 up) where it has it: `up`, a child of `down`, now stands above it
//   bool measures() const; void measure(Array&, u32 node) const   from the record and its two children
template <class Array, class Shape>
class RbTree {
  public:
    RbTree(Array& nodes, u32& root, Shape shape = {}) : nodes_(nodes), root_(root), shape_(shape) {}

    void insert(u32 node);
    void erase(u32 node);
    // What is measured of a node of the tree has changed.
    void changed(u32 node) { propagate(node); }

  private:
    using Record = typename Array::value_type;
    [[nodiscard]] const Record& at(u32 node) const { return nodes_[node]; }
    [[nodiscard]] bool is_red(u32 node) const { return node != RB_NONE && nodes_[node].red; }
    void paint(u32 node, bool red) { nodes_.mut(node).red = red; }
    void set_left(u32 node, u32 child);
    void set_right(u32 node, u32 child);
    // Puts `to` where `from` hangs below its parent.
    void replace(u32 from, u32 to);
    void rotate_left(u32 node);
    void rotate_right(u32 node);
    void settle_red(u32 node);
    void settle_black(u32 node, u32 parent);
    void measure(u32 node) {
        if (shape_.measures()) shape_.measure(nodes_, node);
    }
    void propagate(u32 node);
    void tell_turned(u32 down, u32 up) {
        if constexpr (requires { shape_.turned(down, up); }) shape_.turned(down, up);
    }

    Array& nodes_;
    u32& root_;
    Shape shape_;
};

// ---- Links ---------------------------------------------------------------------------------------------------------

template <class Array, class Shape>
void RbTree<Array, Shape>::set_left(u32 node, u32 child) {
    nodes_.mut(node).left = child;
    if (child != RB_NONE) nodes_.mut(child).parent = node;
}

template <class Array, class Shape>
void RbTree<Array, Shape>::set_right(u32 node, u32 child) {
    nodes_.mut(node).right = child;
    if (child != RB_NONE) nodes_.mut(child).parent = node;
}

template <class Array, class Shape>
void RbTree<Array, Shape>::replace(u32 from, u32 to) {
    const u32 parent = at(from).parent;
    if (parent == RB_NONE) {
        root_ = to;
        if (to != RB_NONE) nodes_.mut(to).parent = RB_NONE;
    } else if (at(parent).left == from) {
        set_left(parent, to);
    } else {
        set_right(parent, to);
    }
}

//   node (a, right (b, c))   →   right (node (a, b), c)
template <class Array, class Shape>
void RbTree<Array, Shape>::rotate_left(u32 node) {
    const u32 right = at(node).right;
    replace(node, right);
    set_right(node, at(right).left);
    set_left(right, node);
    measure(node);
    measure(right);
    tell_turned(node, right);
}

template <class Array, class Shape>
void RbTree<Array, Shape>::rotate_right(u32 node) {
    const u32 left = at(node).left;
    replace(node, left);
    set_left(node, at(left).right);
    set_right(left, node);
    measure(node);
    measure(left);
    tell_turned(node, left);
}

// ---- What nodes know of those below them ----------------------------------------------------------------------------

template <class Array, class Shape>
void RbTree<Array, Shape>::propagate(u32 node) {
    if (!shape_.measures()) return;
    for (; node != RB_NONE; node = at(node).parent) measure(node);
}

// ---- Insertion and removal -----------------------------------------------------------------------------------------

template <class Array, class Shape>
void RbTree<Array, Shape>::insert(u32 node) {
    u32 parent = RB_NONE;
    const u64 key = Shape::key(at(node));
    for (u32 down = root_; down != RB_NONE;) {
        parent = down;
        down = key < Shape::key(at(down)) ? at(down).left : at(down).right;
    }
    Record& record = nodes_.mut(node);
    record.left = record.right = RB_NONE;
    record.parent = parent;
    record.red = true;
    if (parent == RB_NONE) {
        root_ = node;
    } else if (key < Shape::key(at(parent))) {
        nodes_.mut(parent).left = node;
    } else {
        nodes_.mut(parent).right = node;
    }
    propagate(node);
    settle_red(node);
}

// A red node may have a red parent: move the conflict up, or end it by turning.
template <class Array, class Shape>
void RbTree<Array, Shape>::settle_red(u32 node) {
    while (is_red(at(node).parent)) {
        u32 parent = at(node).parent;
        const u32 grandparent = at(parent).parent;
        const bool on_left = at(grandparent).left == parent;
        const u32 uncle = on_left ? at(grandparent).right : at(grandparent).left;
        if (is_red(uncle)) {
            paint(parent, false);
            paint(uncle, false);
            paint(grandparent, true);
            node = grandparent;
            continue;
        }
        if (on_left) {
            if (at(parent).right == node) {
                rotate_left(parent);
                parent = node;
            }
            rotate_right(grandparent);
        } else {
            if (at(parent).left == node) {
                rotate_right(parent);
                parent = node;
            }
            rotate_left(grandparent);
        }
        paint(parent, false);
        paint(grandparent, true);
        break;
    }
    paint(root_, false);
}

template <class Array, class Shape>
void RbTree<Array, Shape>::erase(u32 node) {
    const Record gone = at(node);
    bool removed_red = gone.red;
    u32 child, parent;
    if (gone.left == RB_NONE || gone.right == RB_NONE) {
        child = gone.left == RB_NONE ? gone.right : gone.left;
        parent = gone.parent;
        replace(node, child);
    } else {
        u32 successor = gone.right;
        while (at(successor).left != RB_NONE) successor = at(successor).left;
        removed_red = at(successor).red;
        child = at(successor).right;
        if (successor == gone.right) {
            parent = successor;
        } else {
            parent = at(successor).parent;
            replace(successor, child);
            set_right(successor, gone.right);
        }
        replace(node, successor);
        set_left(successor, gone.left);
        paint(successor, gone.red);
        measure(successor);
    }
    propagate(parent);
    if (!removed_red) settle_black(child, parent);
}

// The paths through `node`, a child of `parent` that may be missing, have one black node too few.
template <class Array, class Shape>
void RbTree<Array, Shape>::settle_black(u32 node, u32 parent) {
    while (parent != RB_NONE && !is_red(node)) {
        const bool on_left = at(parent).left == node;
        const auto near_child = [&](u32 of) { return on_left ? at(of).left : at(of).right; };
        const auto far_child = [&](u32 of) { return on_left ? at(of).right : at(of).left; };
        const auto turn_to_node = [&](u32 at_node) { on_left ? rotate_left(at_node) : rotate_right(at_node); };
        const auto turn_away = [&](u32 at_node) { on_left ? rotate_right(at_node) : rotate_left(at_node); };

        u32 sibling = far_child(parent);
        if (is_red(sibling)) {
            paint(sibling, false);
            paint(parent, true);
            turn_to_node(parent);
            sibling = far_child(parent);
        }
        if (!is_red(near_child(sibling)) && !is_red(far_child(sibling))) {
            paint(sibling, true);
            node = parent;
            parent = at(node).parent;
            continue;
        }
        if (!is_red(far_child(sibling))) {
            paint(near_child(sibling), false);
            paint(sibling, true);
            turn_away(sibling);
            sibling = far_child(parent);
        }
        paint(sibling, at(parent).red);
        paint(parent, false);
        paint(far_child(sibling), false);
        turn_to_node(parent);
        return;
    }
    if (node != RB_NONE) paint(node, false);
}

// ---- Walking -------------------------------------------------------------------------------------------------------

// Neighbours in the order of keys.
template <class Array>
[[nodiscard]] u32 rb_first(const Array& nodes, u32 root) {
    if (root == RB_NONE) return RB_NONE;
    while (nodes[root].left != RB_NONE) root = nodes[root].left;
    return root;
}

template <class Array>
[[nodiscard]] u32 rb_last(const Array& nodes, u32 root) {
    if (root == RB_NONE) return RB_NONE;
    while (nodes[root].right != RB_NONE) root = nodes[root].right;
    return root;
}

template <class Array>
[[nodiscard]] u32 rb_next(const Array& nodes, u32 node) {
    if (nodes[node].right != RB_NONE) return rb_first(nodes, nodes[node].right);
    u32 parent = nodes[node].parent;
    while (parent != RB_NONE && nodes[parent].right == node) {
        node = parent;
        parent = nodes[node].parent;
    }
    return parent;
}

template <class Array>
[[nodiscard]] u32 rb_previous(const Array& nodes, u32 node) {
    if (nodes[node].left != RB_NONE) return rb_last(nodes, nodes[node].left);
    u32 parent = nodes[node].parent;
    while (parent != RB_NONE && nodes[parent].left == node) {
        node = parent;
        parent = nodes[node].parent;
    }
    return parent;
}

} // namespace mm
