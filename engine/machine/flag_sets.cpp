#include "machine/flag_sets.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"
#include "physical/gfp.h"
#include "process/call_flags.h"
#include "slab/slab_flags.h"

namespace mm {

namespace {

constexpr FlagSetRow rows[] = {
    {.unit = Unit::gfp,
     .name = "gfp",
     .set = gfp_flags,
     .unknown_en = "\"{0}\" is no gfp flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 gfp 标志{2}"},
    {.unit = Unit::slab_flags,
     .name = "slab_flags",
     .set = slab_flag_set,
     .unknown_en = "\"{0}\" is no flag that kmem_cache_create takes in Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 kmem_cache_create 接受的标志{2}"},
    {.unit = Unit::map_prot,
     .name = "map_prot",
     .set = map_prot_set,
     .unknown_en = "\"{0}\" is no PROT_ flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 PROT_ 标志{2}"},
    {.unit = Unit::map_flags,
     .name = "map_flags",
     .set = map_flag_set,
     .unknown_en = "\"{0}\" is no MAP_ flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 MAP_ 标志{2}"},
    {.unit = Unit::mremap_flags,
     .name = "mremap_flags",
     .set = mremap_flag_set,
     .unknown_en = "\"{0}\" is no MREMAP_ flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 MREMAP_ 标志{2}"},
    {.unit = Unit::mlock_flags,
     .name = "mlock_flags",
     .set = mlockall_flag_set,
     .unknown_en = "\"{0}\" is no MCL_ flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 MCL_ 标志{2}"},
    {.unit = Unit::msync_flags,
     .name = "msync_flags",
     .set = msync_flag_set,
     .unknown_en = "\"{0}\" is no MS_ flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 MS_ 标志{2}"},
    {.unit = Unit::vm_flags,
     .name = "vm_flags",
     .set = vm_flag_set,
     .unknown_en = "\"{0}\" is no VM_ flag of Linux {1}{2}",
     .unknown_zh = "\"{0}\" 不是 Linux {1} 的 VM_ 标志{2}"},
};

} // namespace

const FlagSetRow& flag_set_of(Unit unit) {
    const auto row =
        std::find_if(std::begin(rows), std::end(rows), [&](const FlagSetRow& r) { return r.unit == unit; });
    MM_ASSERT(row != std::end(rows));
    return *row;
}

} // namespace mm
