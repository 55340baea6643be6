#include "machine/flag_sets.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"
#include "physical/gfp.h"
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
};

} // namespace

const FlagSetRow& flag_set_of(Unit unit) {
    const auto row =
        std::find_if(std::begin(rows), std::end(rows), [&](const FlagSetRow& r) { return r.unit == unit; });
    MM_ASSERT(row != std::end(rows));
    return *row;
}

} // namespace mm
