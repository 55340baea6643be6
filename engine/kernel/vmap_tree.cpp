#include "kernel/vmap_tree.h"

#include <algorithm>

namespace mm {

// ---- Links ------------------------------------------------------------------------------------------------------------

void VmapTree::set_left(vmap_id node, vmap_id child) {
    areas_.mut(node).left = child;
    if (child != VMAP_NONE) areas_.mut(child).parent = node;
}

void VmapTree::set_right(vmap_id node, vmap_id child) {
    areas_.mut(node).right = child;
    if (child != VMAP_NONE) areas_.mut(child).parent = node;
}

void VmapTree::replace(vmap_id from, vmap_id to) {
    const vmap_id parent = at(from).parent;
    if (parent == VMAP_NONE) {
        root_ = to;
        if (to != VMAP_NONE) areas_.mut(to).parent = VMAP_NONE;
    } else if (at(parent).left == from) {
        set_left(parent, to);
    } else {
        set_right(parent, to);
    }
}

//   node (a, right (b, c))   →   right (node (a, b), c)
void VmapTree::rotate_left(vmap_id node) {
    const vmap_id right = at(node).right;
    replace(node, right);
    set_right(node, at(right).left);
    set_left(right, node);
    measure(node);
    measure(right);
}

void VmapTree::rotate_right(vmap_id node) {
    const vmap_id left = at(node).left;
    replace(node, left);
    set_left(node, at(left).right);
    set_right(left, node);
    measure(node);
    measure(left);
}

// ---- Sizes ------------------------------------------------------------------------------------------------------------

u64 VmapTree::largest(vmap_id node) const { return node == VMAP_NONE ? 0 : at(node).subtree_max_size; }

void VmapTree::measure(vmap_id node) {
    if (!sized_) return;
    const Area& area = at(node);
    const u64 size = std::max({area.size(), largest(area.left), largest(area.right)});
    if (area.subtree_max_size != size) areas_.mut(node).subtree_max_size = size;
}

void VmapTree::propagate(vmap_id node) {
    if (!sized_) return;
    for (; node != VMAP_NONE; node = at(node).parent) measure(node);
}

// ---- Insertion and removal ---------------------------------------------------------------------------------------------

void VmapTree::insert(vmap_id node) {
    vmap_id parent = VMAP_NONE;
    const u64 start = at(node).va_start;
    for (vmap_id down = root_; down != VMAP_NONE;) {
        parent = down;
        down = start < at(down).va_start ? at(down).left : at(down).right;
    }
    Area& area = areas_.mut(node);
    area.left = area.right = VMAP_NONE;
    area.parent = parent;
    area.red = true;
    area.subtree_max_size = 0;
    if (parent == VMAP_NONE) {
        root_ = node;
    } else if (start < at(parent).va_start) {
        areas_.mut(parent).left = node;
    } else {
        areas_.mut(parent).right = node;
    }
    propagate(node);
    settle_red(node);
}

// A red node may have a red parent: move the conflict up, or end it by turning.
void VmapTree::settle_red(vmap_id node) {
    while (is_red(at(node).parent)) {
        vmap_id parent = at(node).parent;
        const vmap_id grandparent = at(parent).parent;
        const bool on_left = at(grandparent).left == parent;
        const vmap_id uncle = on_left ? at(grandparent).right : at(grandparent).left;
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

void VmapTree::erase(vmap_id node) {
    const Area gone = at(node);
    bool removed_red = gone.red;
    vmap_id child, parent;
    if (gone.left == VMAP_NONE || gone.right == VMAP_NONE) {
        child = gone.left == VMAP_NONE ? gone.right : gone.left;
        parent = gone.parent;
        replace(node, child);
    } else {
        vmap_id successor = gone.right;
        while (at(successor).left != VMAP_NONE) successor = at(successor).left;
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
void VmapTree::settle_black(vmap_id node, vmap_id parent) {
    while (parent != VMAP_NONE && !is_red(node)) {
        const bool on_left = at(parent).left == node;
        const auto near_child = [&](vmap_id of) { return on_left ? at(of).left : at(of).right; };
        const auto far_child = [&](vmap_id of) { return on_left ? at(of).right : at(of).left; };
        const auto turn_to_node = [&](vmap_id at_node) { on_left ? rotate_left(at_node) : rotate_right(at_node); };
        const auto turn_away = [&](vmap_id at_node) { on_left ? rotate_right(at_node) : rotate_left(at_node); };

        vmap_id sibling = far_child(parent);
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
    if (node != VMAP_NONE) paint(node, false);
}

// ---- Walking ----------------------------------------------------------------------------------------------------------

vmap_id first_area(const vmap_space& space, vmap_id root) {
    if (root == VMAP_NONE) return VMAP_NONE;
    while (space.areas[root].left != VMAP_NONE) root = space.areas[root].left;
    return root;
}

vmap_id next_area(const vmap_space& space, vmap_id area) {
    if (space.areas[area].right != VMAP_NONE) return first_area(space, space.areas[area].right);
    vmap_id parent = space.areas[area].parent;
    while (parent != VMAP_NONE && space.areas[parent].right == area) {
        area = parent;
        parent = space.areas[area].parent;
    }
    return parent;
}

vmap_id previous_area(const vmap_space& space, vmap_id area) {
    if (vmap_id below = space.areas[area].left; below != VMAP_NONE) {
        while (space.areas[below].right != VMAP_NONE) below = space.areas[below].right;
        return below;
    }
    vmap_id parent = space.areas[area].parent;
    while (parent != VMAP_NONE && space.areas[parent].left == area) {
        area = parent;
        parent = space.areas[area].parent;
    }
    return parent;
}

vmap_id area_not_above(const vmap_space& space, vmap_id root, u64 address) {
    vmap_id found = VMAP_NONE;
    while (root != VMAP_NONE) {
        const vmap_area& area = space.areas[root];
        if (area.va_start <= address) found = root;
        root = area.va_start <= address ? area.right : area.left;
    }
    return found;
}

} // namespace mm
