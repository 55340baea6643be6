#include "mmu/x86/boot_map_i386.h"

#include <algorithm>

#include "base/assert.h"
#include "mmu/boot_frames.h"
#include "mmu/layout.h"

namespace mm {

namespace {

constexpr u64 ISA_END_ADDRESS = 1 << 20;
constexpr u32 BRK_TABLES = 6; // kernel: INIT_PGT_BUF_SIZE

struct Range {
    phys_addr_t start = 0, end = 0;
};

// The pieces of low memory behind the first MiB, ascending; regions that touch are one piece, as memblock has them.
std::vector<Range> pieces_of(const machine_profile& profile, phys_addr_t lowmem_end) {
    std::vector<Range> pieces;
    for (const memory_region& region : profile.memory) {
        const phys_addr_t start = std::max(region.start, ISA_END_ADDRESS);
        const phys_addr_t end = std::min(region.start + region.size, lowmem_end);
        if (end <= start) continue;
        if (!pieces.empty() && pieces.back().end == start)
            pieces.back().end = end;
        else
            pieces.push_back({start, end});
    }
    return pieces;
}

// What is reserved below the end of low memory: a table has an address in the linear map.
std::vector<memory_region> reserved_below(const machine_profile& profile, phys_addr_t lowmem_end) {
    std::vector<memory_region> reserved;
    for (memory_region region : profile.reserved) {
        if (region.start >= lowmem_end) continue;
        region.size = std::min(region.size, lowmem_end - region.start);
        reserved.push_back(region);
    }
    return reserved;
}

// kernel: init_memory_mapping
void map_low_memory(mmu_context& cx, u64 page_offset, Range range) {
    map_request request;
    request.space = INIT_MM;
    request.virt = page_offset + range.start;
    request.phys = range.start;
    request.size = range.end - range.start;
    request.prot = pgprot_of(cx.mmu.format, protection::PAGE_KERNEL);
    const map_result result = map_range(cx, request);
    MM_ASSERT(result.error == map_error::none);
}

} // namespace

void boot_map_i386(mmu_context& cx, const machine_profile& profile) {
    const auto layout = make_layout(layout_config_of(profile));
    MM_ASSERT(layout.ok() && cx.mmu.up && cx.mmu.spaces.empty());
    const u64 page_offset = (*layout)["PAGE_OFFSET"];
    const phys_addr_t lowmem_end =
        std::min(u64{highmem_start(profile)} * profile.page_size, (*layout)["high_memory"] - page_offset);
    const std::vector<memory_region> reserved = reserved_below(profile, lowmem_end);
    boot_frames frames(reserved, cx.mmu.geometry().page_shift, cx.page.mem.base_pfn, cx.page.mem.end_pfn);
    const pfn_t image_end =
        reserved.empty() ? 0 : static_cast<pfn_t>((reserved.front().start + reserved.front().size) / profile.page_size);
    if (image_end > 0) frames.take_next_from(image_end - 1, 1);
    mmu_context inner{cx.mmu, cx.page, &frames};
    const space_id init_mm = create_space(inner, true);
    MM_ASSERT(init_mm == INIT_MM);
    if (image_end > BRK_TABLES) frames.take_next_from(image_end - 1 - BRK_TABLES, BRK_TABLES);
    // The first MiB is mapped regardless of holes in memory: the BIOS lives there.
    map_low_memory(inner, page_offset, {0, ISA_END_ADDRESS});
    for (const Range& piece : pieces_of(profile, lowmem_end)) map_low_memory(inner, page_offset, piece);
    // Tables without entries: of all that the fixmap spans, and the PKMAP's. kernel: page_table_range_init
    const auto make_table = [&](u64 address) {
        const table_id table = table_alloc(inner, init_mm, address, 0);
        MM_ASSERT(table != TABLE_NONE);
    };
    const layout_region* fixmap = region_of(*layout, (*layout)["FIXADDR_TOP"] - 1);
    const u64 span = cx.mmu.geometry().size(1);
    for (u64 address = fixmap->start / span * span; address < fixmap->end; address += span) make_table(address);
    make_table((*layout)["PKMAP_BASE"]);
}

} // namespace mm
