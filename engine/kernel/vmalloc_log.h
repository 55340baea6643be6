#pragma once
// What the kernel prints where vmalloc() and its like find no addresses or no pages.
//
//   vmap allocation for size 209719296 failed: use vmalloc=<size> to increase size
//   mmscope: vmalloc error: size 209715200, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL), nodemask=(null),cpuset=/,mems_allowed=0
//
// Simplified: at most one warning a call, as its limit of one in ten seconds has it; the last one where the kernel's is the
//   first (huge pages, then small ones).
// Not modelled: the stack and the Mem-Info behind it (dump_stack, show_mem), limits across calls, the WARN for size 0.
// Mirrors: mm/vmalloc.c (alloc_vmap_area, __vmalloc_node_range, __vmalloc_area_node), mm/page_alloc.c (warn_alloc) (Linux 5.10,
//   6.1, 6.12).
#include <string>

#include "base/event.h"
#include "kernel/kernel_memory.h"
#include "kernel/vmalloc.h"

namespace mm {

// No hole, and no lazily freed addresses (in pages) that a purge could still bring.
[[nodiscard]] constexpr bool prints_vmap_failure(u64 waiting, gfp_t gfp) {
    return waiting == 0 && !(gfp & GFP_BIT_NOWARN);
}

// The words that warn_alloc() is given; "": nothing is printed. `taken`: bytes of pages that were allocated before.
[[nodiscard]] std::string vmalloc_warning(const kernel_rules& rules, vmalloc_failure reason, u64 size, gfp_t gfp,
                                          u64 taken);

// The text of an event of this room, lines that end with '\n'; "": it prints nothing.
[[nodiscard]] std::string vmalloc_log(const kernel_memory& kernel, const physical_memory& mem, const Event& event);

} // namespace mm
