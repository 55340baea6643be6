#pragma once
// The slab allocators as text, in the kernel's own formats.
//
// Simplified: kmem_cache and kmem_cache_node, where the kernel keeps its descriptors, are not listed: this machine's
//   descriptors take no memory (slab_memory.h). remote_node_defrag_ratio is always 100.
// Mirrors: mm/slab_common.c (slab_show), mm/slab.c and mm/slub.c (get_slabinfo, sysfs attributes) (Linux 5.10, 6.1, 6.12).
#include <string>
#include <string_view>

#include "slab/slab_memory.h"

namespace mm {

// The numbers of one line of /proc/slabinfo. kernel: struct slabinfo
struct slabinfo {
    u64 active_objs = 0, num_objs = 0, active_slabs = 0, num_slabs = 0, shared_avail = 0;
    u32 limit = 0, batchcount = 0, shared = 0, objects_per_slab = 0, cache_order = 0;
};
[[nodiscard]] slabinfo get_slabinfo(const slab_memory& slabs, cache_id cache);

// /proc/slabinfo. With SLOB there is no such file: a line says so.
[[nodiscard]] std::string slabinfo_text(const slab_memory& slabs);

// The name of the cache's folder below /sys/kernel/slab: its own, or ":A-0000192" when others may merge into it.
[[nodiscard]] std::string sysfs_slab_name(const slab_memory& slabs, cache_id cache);

// The files of /sys/kernel/slab/NAME, one a line: "order:1". SLUB only; other allocators have none.
[[nodiscard]] std::string sysfs_slab_text(const slab_memory& slabs, cache_id cache);

} // namespace mm
