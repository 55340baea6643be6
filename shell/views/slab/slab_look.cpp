#include "views/slab/slab_look.h"

namespace shell {

BlockInk object_ink(const Palette& palette, mm::ObjectState state) {
    BlockLook look;
    switch (state) {
    case mm::ObjectState::allocated: look.state = mm::page_state::allocated; break;
    case mm::ObjectState::cpu_free: look.state = mm::page_state::pcp; break;
    case mm::ObjectState::slab_free: look.state = mm::page_state::buddy; break;
    }
    return palette.block(ColourBy::state, look, 1);
}

} // namespace shell
