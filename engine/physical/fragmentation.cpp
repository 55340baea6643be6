#include "physical/fragmentation.h"

namespace mm {

free_blocks_info fill_contig_page_info(std::span<const u32> nr_free, u32 order) {
    free_blocks_info info;
    for (u32 o = 0; o < nr_free.size(); ++o) {
        const u64 blocks = nr_free[o];
        info.free_blocks += blocks;
        info.free_pages += blocks << o;
        if (o >= order) info.suitable_blocks += blocks << (o - order);
        if (blocks > 0) info.largest_order = static_cast<i32>(o);
    }
    return info;
}

u32 unusable_free_index(std::span<const u32> nr_free, u32 order) {
    const free_blocks_info info = fill_contig_page_info(nr_free, order);
    if (info.free_pages == 0) return 1000;
    return static_cast<u32>((info.free_pages - (info.suitable_blocks << order)) * 1000 / info.free_pages);
}

i32 fragmentation_index(std::span<const u32> nr_free, u32 order) {
    const free_blocks_info info = fill_contig_page_info(nr_free, order);
    if (info.free_blocks == 0) return 0;
    if (info.suitable_blocks > 0) return -1000;
    const u64 in_requests = info.free_pages * 1000 / (u64{1} << order);
    return 1000 - static_cast<i32>((1000 + in_requests) / info.free_blocks);
}

} // namespace mm
