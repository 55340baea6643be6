#include "kernel/vmap_tree.h"

namespace mm {

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
