#pragma once
// The AVL tree of VMAs that 2.4 had before 2.4.10: of the two trees below a node none is more than a level higher.
//
// Each node knows its height. 2.4's have no parents; here they have, so that nothing has to remember the way down.
// Mirrors: mm/mmap_avl.c: avl_insert, avl_remove, avl_rebalance (Linux 2.4.9).
#include <algorithm>

#include "process/mm.h"

namespace mm {

// A Shape measures a node from its two children and is told of turns, as that of RbTree.
template <class Array, class Shape>
class AvlTree {
  public:
    AvlTree(Array& nodes, vma_id& root, Shape shape) : nodes_(nodes), root_(root), shape_(shape) {}

    void insert(vma_id node) {
        vma_id parent = VMA_NONE;
        const u64 key = Shape::key(at(node));
        for (vma_id down = root_; down != VMA_NONE;) {
            parent = down;
            down = key < Shape::key(at(down)) ? at(down).left : at(down).right;
        }
        auto& made = nodes_.mut(node);
        made.left = made.right = VMA_NONE;
        made.parent = parent;
        made.avl_height = 1;
        if (parent == VMA_NONE) {
            root_ = node;
        } else {
            const bool on_left = key < Shape::key(at(parent));
            (on_left ? nodes_.mut(parent).left : nodes_.mut(parent).right) = node;
        }
        settle(node);
    }

    // Where both children are there, the last node before it takes its place.
    void erase(vma_id node) {
        const vma_id left = at(node).left, right = at(node).right;
        vma_id from = at(node).parent;
        if (left == VMA_NONE) {
            replace(node, right);
        } else {
            vma_id before = left;
            while (at(before).right != VMA_NONE) before = at(before).right;
            from = before == left ? before : at(before).parent;
            replace(before, at(before).left);
            const vma_id rest = at(node).left;
            replace(node, before);
            hang(before, rest, true);
            hang(before, right, false);
        }
        nodes_.mut(node).avl_height = 0;
        settle(from);
    }
    void changed(vma_id node) {
        for (; node != VMA_NONE; node = at(node).parent) shape_.measure(nodes_, node);
    }

  private:
    [[nodiscard]] const auto& at(vma_id node) const { return nodes_[node]; }
    [[nodiscard]] int height(vma_id node) const { return node == VMA_NONE ? 0 : at(node).avl_height; }
    void hang(vma_id parent, vma_id child, bool on_left) {
        (on_left ? nodes_.mut(parent).left : nodes_.mut(parent).right) = child;
        if (child != VMA_NONE) nodes_.mut(child).parent = parent;
    }
    void replace(vma_id from, vma_id to) {
        const vma_id parent = at(from).parent;
        if (parent != VMA_NONE) return hang(parent, to, at(parent).left == from);
        root_ = to;
        if (to != VMA_NONE) nodes_.mut(to).parent = VMA_NONE;
    }
    void measure(vma_id node) {
        nodes_.mut(node).avl_height = static_cast<u8>(1 + std::max(height(at(node).left), height(at(node).right)));
        shape_.measure(nodes_, node);
    }
    // A child goes up to where its parent stands, which goes down to its other side.
    void turn(vma_id node, bool left_goes_up) {
        const vma_id up = left_goes_up ? at(node).left : at(node).right;
        replace(node, up);
        hang(node, left_goes_up ? at(up).right : at(up).left, left_goes_up);
        hang(up, node, !left_goes_up);
        measure(node);
        measure(up);
        shape_.turned(node, up);
    }
    void settle(vma_id node) {
        for (; node != VMA_NONE; node = at(node).parent) {
            const vma_id left = at(node).left, right = at(node).right;
            if (height(right) + 1 < height(left)) {
                if (height(at(left).left) < height(at(left).right)) turn(left, false);
                turn(node, true);
                node = at(node).parent;
            } else if (height(left) + 1 < height(right)) {
                if (height(at(right).right) < height(at(right).left)) turn(right, true);
                turn(node, false);
                node = at(node).parent;
            } else {
                measure(node);
            }
        }
    }

    Array& nodes_;
    vma_id& root_;
    Shape shape_;
};

} // namespace mm
