#pragma once
// init_on_alloc and init_on_free of the kernel command line: memory is cleared when it is handed out, or when it comes back, so
// that nobody reads what somebody else has left.
//
//                        pages at alloc            pages at free   objects at alloc         objects at free
//   init_on_alloc=1      cleared                   -               cleared, but not (1)     -
//   init_on_free=1       - (they are clear)        cleared         -                        cleared, but not (1)
//   both                 - (they are clear)        cleared         cleared, but not (1)     cleared, but not (1)
//   neither              with __GFP_ZERO           -               with __GFP_ZERO          -
//
//   (1) caches with a constructor, with SLAB_TYPESAFE_BY_RCU or SLAB_POISON: their free objects keep what is in them. At
//       alloc __GFP_ZERO clears objects of the latter two.
//
// Debian's kernels have CONFIG_INIT_ON_ALLOC_DEFAULT_ON, so init_on_alloc=1 is what a machine has.
// Mirrors: include/linux/mm.h (want_init_on_alloc, want_init_on_free), mm/page_alloc.c (post_alloc_hook,
//   free_pages_prepare), mm/slab.h (slab_want_init_on_alloc, slab_want_init_on_free; Linux 5.10, 6.1, 6.12).
#include "physical/gfp.h"
#include "physical/memory.h"

namespace mm {

// Why memory is cleared, or why not. The numbers are the reason of events.
enum class init_reason : u8 {
    by_default, // init_on_alloc
    asked,      // __GFP_ZERO
    off,        // nobody asked
    at_free,    // init_on_free has cleared it already
    ctor,       // the cache has a constructor: objects are what it made them
    keeps,      // SLAB_TYPESAFE_BY_RCU or SLAB_POISON: objects keep what is in them
    pages,      // whole pages, which the page allocator has seen to
    nothing,    // there is nothing: the request failed
};

[[nodiscard]] constexpr bool clears(init_reason reason) {
    return reason == init_reason::by_default || reason == init_reason::asked;
}

// Of pages that are handed out. kernel: want_init_on_alloc
[[nodiscard]] inline init_reason init_at_alloc(const kernel_rules& rules, gfp_t gfp) {
    if (rules.init_on_free) return init_reason::at_free;
    if (gfp & GFP_BIT_ZERO) return init_reason::asked;
    return rules.init_on_alloc ? init_reason::by_default : init_reason::off;
}

[[nodiscard]] inline u64 page_bytes(const physical_memory& mem, u32 order) {
    return u64{1} << (mem.page_shift + order);
}

} // namespace mm
