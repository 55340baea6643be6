#include "mmu/x86/boot_map_i386.h"

#include "base/assert.h"
#include "mmu/boot_frames.h"
#include "mmu/layout.h"

namespace mm {

void boot_map_i386(mmu_context& cx, const machine_profile& profile) {
    // swapper_pg_dir stands near the end of the image, which is what a machine reserves first.
    boot_frames frames(profile.reserved, cx.mmu.geometry().page_shift, cx.page.mem.base_pfn, cx.page.mem.end_pfn);
    if (!profile.reserved.empty()) {
        const memory_region& image = profile.reserved.front();
        frames.take_next_from(static_cast<pfn_t>((image.start + image.size) / profile.page_size) - 1, 1);
    }
    mmu_context inner{cx.mmu, cx.page, &frames};
    const space_id init_mm = create_space(inner, true);
    MM_ASSERT(init_mm == INIT_MM);
    // The tables of the PKMAP and of the fixmap. kernel: page_table_range_init
    const auto layout = make_layout(layout_config_of(profile));
    MM_ASSERT(layout.ok());
    for (const u64 address : {(*layout)["PKMAP_BASE"], (*layout)["FIXADDR_TOP"] - profile.page_size}) {
        const table_id table = table_alloc(inner, init_mm, address, 0);
        MM_ASSERT(table != TABLE_NONE);
    }
}

} // namespace mm
