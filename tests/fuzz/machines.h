#pragma once
// Any small machine: declared memory, or regions wherever bytes put them.
#include <algorithm>
#include <iterator>

#include "fuzz/bytes.h"
#include "physical/profile.h"
#include "slab/slab_flags.h"

namespace mm {

constexpr i64 MAX_FUZZED_PAGES = 6'144; // some pageblocks of 4 KiB pages; verify() passes them after each op

// Where borders are: RAM's begin on arm64, ISA DMA's end, highmem's begin, 4 GiB, and where frame numbers of 4 KiB, 16 KiB
// and 64 KiB pages need more than 32 bits.
inline phys_addr_t next_start(Bytes& bytes, u32 page_size) {
    constexpr phys_addr_t BORDERS[] = {0,          1ull << 30, 16ull << 20, 0x36bfe000ull,
                                       4ull << 30, 1ull << 44, 1ull << 46,  1ull << 48};
    const phys_addr_t border =
        BORDERS[bytes.within(0, static_cast<i64>(std::size(BORDERS)) - 1)] / page_size * page_size;
    const u64 below = static_cast<u64>(bytes.within(0, 2048)) * page_size;
    return border > below ? border - below : border;
}

// Sizes and holes are a few pages, a part of a pageblock, or whole MiB: what is awkward is a border inside a block.
inline u64 next_pages(Bytes& bytes, i64 most) {
    const u8 kind = bytes.next();
    i64 pages = kind < 64 ? bytes.within(1, 4) : kind < 128 ? bytes.within(1, 2048) : bytes.within(1, 12) * 256;
    return static_cast<u64>(std::min(pages, most));
}

inline void next_regions(Bytes& bytes, machine_profile& profile) {
    phys_addr_t at = next_start(bytes, profile.page_size);
    i64 left = MAX_FUZZED_PAGES;
    const i64 regions = bytes.within(profile.nodes, profile.nodes + 6);
    for (i64 i = 0; i < regions && left > 0; ++i) {
        const u64 pages = next_pages(bytes, left);
        // Each node has memory first; then they come in any order.
        const auto node = static_cast<u8>(i < profile.nodes ? i : bytes.within(0, profile.nodes - 1));
        if (bytes.next() < 64) at += next_pages(bytes, 4096) * profile.page_size;
        profile.memory.push_back({at, pages * profile.page_size, node});
        at += pages * profile.page_size;
        left -= static_cast<i64>(pages);
    }
    const phys_addr_t end = at;
    at = profile.memory.front().start;
    for (i64 i = bytes.within(0, 3); i > 0; --i) {
        at += static_cast<u64>(bytes.within(0, 4096)) * (profile.page_size / 4);
        const u64 size = next_pages(bytes, 512) * profile.page_size - (bytes.next() < 32 ? 100 : 0);
        if (at + size > end) break;
        profile.reserved.push_back({at, size, 0});
        at += size;
    }
    if (bytes.next() < 64) {
        const u64 block = profile.page_size == 4096 ? 2ull << 20 : 32ull << 20;
        const memory_region& region = profile.memory.back();
        profile.cma.push_back({(region.start + block - 1) / block * block, block, 0});
    }
    if (bytes.next() < 64) {
        const u64 subsection = 2ull << 20;
        profile.device.push_back({(end + subsection - 1) / subsection * subsection, subsection, 0});
    }
}

// check_profile() may refuse what comes out.
inline machine_profile next_profile(Bytes& bytes) {
    machine_profile profile;
    profile.kernel = debian_kernels[bytes.within(0, std::ssize(debian_kernels) - 1)].version;
    profile.arch = static_cast<architecture>(bytes.within(0, 2));
    constexpr u32 PAGE_SIZES[] = {4096, 4096, 16384, 65536};
    if (profile.arch == architecture::arm64) profile.page_size = PAGE_SIZES[bytes.within(0, 3)];
    profile.nodes = static_cast<u8>(bytes.within(1, 4));
    profile.cpus = static_cast<u16>(bytes.within(1, 6));
    profile.slab.allocator = static_cast<slab_allocator>(bytes.within(0, 2));
    const u8 options = bytes.next();
    profile.slab.freelist_random = options & 1;
    profile.slab.freelist_hardened = options & 2;
    profile.slab.cpu_partial = options & 4;
    profile.slab.merge = options & 8;
    profile.slab.alien_caches = options & 16;
    if (options & 32) profile.slab.debug = SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER;
    if (options & 64) profile.movablecore.percent = static_cast<u8>(bytes.within(0, 100));
    if (options & 128)
        next_regions(bytes, profile);
    else
        declare_memory(profile, static_cast<u64>(bytes.within(2'048, MAX_FUZZED_PAGES)) * profile.page_size);
    return profile;
}

} // namespace mm
