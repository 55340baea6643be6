#include "views/slab/slab_look.h"

#include "views/slab/slab_words.h"

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

const Phrase* why_no_slabs(const mm::slab_memory& slabs) {
    if (!slabs.up) return &words::NO_SLABS;
    return slabs.config.allocator == mm::slab_allocator::slob ? &words::NO_SLAB_LISTS : nullptr;
}

Mirror slab_mirror(const View& view, const ViewInput& input, const mm::slab_memory& slabs) {
    Mirror out{.caption = input.teller().say(view.row().title)};
    if (const Phrase* why = why_no_slabs(slabs)) out.note = input.teller().say(*why);
    return out;
}

} // namespace shell
