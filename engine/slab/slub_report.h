#pragma once
// The kernel's own text of what debugging found, as dmesg shows it.
//
//   =============================================================================
//   BUG kmalloc-64 (Not tainted): Right Redzone overwritten
//   -----------------------------------------------------------------------------
//
//   0xffff000001a3c080-0xffff000001a3c080 @offset=192. First byte 0x12 instead of 0xcc
//   Slab 0x... objects=16 used=1 fp=0x... flags=0x...(...)
//   Object 0x... @offset=128 fp=0x...
//
//   Redzone  ffff...: bb bb ...
//   Object   ffff...: 6b 6b ...
//
// A text is made from an event and the machine as it was at that event, before the repair: Session::seek() to
// Position{step, number of the event + 1}. Repairs ("FIX ...") and warnings are texts too.
// 6.12 tells the bytes in a line of their own, and its reports end with a WARN:
//
//   [Right Redzone overwritten] 0xffff000001a3c080-0xffff000001a3c080 @offset=192. First byte 0x12 instead of 0xcc
//   BUG kmalloc-64 (Not tainted): Object corrupt
//
// Simplified: flags of a slab's page without lastcpupid, section and the high bits; callers of tracks by their op; where a
//   WARN or BUG stands in the source, without the number of the line, and of a WARN without its CPU and process.
// Not modelled: dump_stack() and the stacks of tracks, log levels, what SLAB prints about an array (a WARN_ON_ONCE), what
//   a failed allocation prints (slab_out_of_memory), warnings that are given once (virt_to_cache).
// Mirrors: mm/slub.c (slab_bug, print_trailer, print_tracking, list_slab_objects, set_freepointer), mm/slab.h
//   (cache_from_obj), mm/slab_common.c (kmem_cache_destroy), lib/hexdump.c (Linux 5.10, 6.1, 6.12).
#include <string>

#include "base/event.h"
#include "slab/slab_memory.h"

namespace mm {

// Has this kind of event a text in the kernel's log?
[[nodiscard]] bool has_slub_report(u16 kind);

// The text, lines that end with '\n'; empty for other events. `now`: the machine's step, which ages are counted to.
// Any event and any state are taken; a slab that is no longer there gives a text without its bytes.
[[nodiscard]] std::string slub_report(const slab_memory& slabs, const physical_memory& mem, const Event& event,
                                      u32 now);

} // namespace mm
