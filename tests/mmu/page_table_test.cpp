#include "mmu/page_table.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "base/rng.h"
#include "mmu/events.h"
#include "mmu/layout.h"
#include "mmu/recordings.h"
#include "mmu/verify.h"
#include "physical/boot.h"
#include "physical/page_alloc.h"
#include "physical/verify.h"

namespace mm {
namespace {

constexpr u64 KiB = 1024, MiB = KiB << 10, GiB = MiB << 10;
constexpr u64 KERNEL = 0xffff800000000000;
constexpr phys_addr_t DEVICE = 0x4000000000; // far from memory: what is mapped need not be RAM

// A booted page allocator and the page tables of one geometry.
struct Tables {
    explicit Tables(const page_geometry& geometry = *arm64_geometry(4096, 48),
                    kernel_version kernel = kernel_version::v6_1, u64 mib = 64) {
        machine_profile profile;
        profile.kernel = kernel;
        profile.page_size = static_cast<u32>(geometry.page_size());
        declare_memory(profile, mib << 20);
        EventSink quiet;
        mem = boot(profile, quiet);
        mmu_init(mmu, {geometry, {kernel}}, mem);
        sink.store_in(&events);
    }
    mmu_context cx() { return {mmu, {mem, sink, 0, ++step}}; }
    space_id space(bool kernel) {
        mmu_context context = cx();
        return create_space(context, kernel);
    }
    map_result map(map_request request) {
        mmu_context context = cx();
        return map_range(context, request);
    }
    map_result unmap(space_id space, u64 virt, u64 size) {
        mmu_context context = cx();
        return unmap_range(context, space, virt, size);
    }
    void destroy(space_id space) {
        mmu_context context = cx();
        destroy_space(context, space);
    }
    u64 free_pages() const {
        i64 free = 0;
        for (const zone& z : mem.zones) {
            free += z.nr_free_pages;
            for (const per_cpu_pages& pcp : z.pcp) free += pcp.count + pcp.nr_free_pages_delta;
        }
        return static_cast<u64>(free);
    }
    [[nodiscard]] pgprot_t prot(protection name) const { return pgprot_of(mmu.format, name); }
    void expect_sound() const {
        const auto broken = verify_mmu(mmu, mem);
        EXPECT_FALSE(broken.has_value()) << *broken;
        const auto pages = verify_physical(mem);
        EXPECT_FALSE(pages.has_value()) << *pages;
    }
    // "L0 ffff800000010000+10 L1 ..." : rows that were set, as level, address and number.
    std::string rows(mmu_event kind) const {
        std::string text;
        for (const Event& event : events) {
            if (event.kind != static_cast<u16>(kind)) continue;
            char row[64];
            const i64 nr = kind == mmu_event::entries_set ? event.arg[3] : event.arg[2];
            std::snprintf(row, sizeof row, "%s %llx x%lld%s; ", std::string(level_names[event.arg[0]]).c_str(),
                          static_cast<unsigned long long>(event.arg[1]), static_cast<long long>(nr),
                          kind == mmu_event::entries_set && event.arg[5] ? " cont" : "");
            text += row;
        }
        return text;
    }

    physical_memory mem;
    mmu_memory mmu;
    EventSink sink;
    std::vector<Event> events;
    u32 step = 0;
};

// pgd ─► pud ─► pmd ─► pte ─► page: the first page of a space costs a table on each level below the pgd.
TEST(PageTable, TheFirstPageMakesATableOnEachLevel) {
    Tables t;
    const u64 before = t.free_pages();
    const space_id space = t.space(false);
    EXPECT_EQ(before - t.free_pages(), 1u);
    ASSERT_EQ(t.map({space, 0x400000, 0x41234000, 4096, t.prot(protection::PAGE_READONLY_EXEC)}).error,
              map_error::none);
    EXPECT_EQ(before - t.free_pages(), 4u);
    const walk_result found = walk(t.mmu, space, 0x400abc);
    ASSERT_TRUE(found.found);
    EXPECT_EQ(found.nr_steps, 4);
    EXPECT_EQ(found.phys, 0x41234abcu);
    EXPECT_EQ(found.leaf_size, 4096u);
    EXPECT_EQ(found.last().entry, 0x0020000041234fc3u); // as the recorded text of a program
    EXPECT_EQ(found.steps[0].entry >> 48, 0x0800u);     // PXNTable
    EXPECT_FALSE(walk(t.mmu, space, 0x401000).found);
    EXPECT_EQ(walk(t.mmu, space, 0x401000).nr_steps, 4);
    EXPECT_EQ(walk(t.mmu, space, 1ull << 40).nr_steps, 1);
    EXPECT_EQ(walk(t.mmu, space, KERNEL).nr_steps, 0);
    t.expect_sound();
    ASSERT_EQ(t.unmap(space, 0x400000, 4096).error, map_error::none);
    EXPECT_EQ(before - t.free_pages(), 1u); // a process gives its tables back
    t.destroy(space);
    EXPECT_EQ(t.free_pages(), before);
    t.expect_sound();
}

TEST(PageTable, TheKernelKeepsItsTables) {
    Tables t;
    const u64 before = t.free_pages();
    const space_id space = t.space(true);
    ASSERT_EQ(t.map({space, KERNEL, DEVICE, 4096, t.prot(protection::PAGE_KERNEL)}).error, map_error::none);
    ASSERT_EQ(t.unmap(space, KERNEL, 4096).error, map_error::none);
    EXPECT_EQ(before - t.free_pages(), 4u);
    // But where nothing is mapped any more a block takes a table's place.
    ASSERT_EQ(t.map({space, KERNEL, DEVICE, 2 * MiB, t.prot(protection::PAGE_KERNEL)}).error, map_error::none);
    EXPECT_EQ(walk(t.mmu, space, KERNEL + 4096).leaf_size, 2 * MiB);
    EXPECT_EQ(before - t.free_pages(), 3u);
    ASSERT_EQ(t.unmap(space, KERNEL, 2 * MiB).error, map_error::none);
    ASSERT_EQ(t.map({space, KERNEL, DEVICE, GiB, t.prot(protection::PAGE_KERNEL)}).error, map_error::none);
    EXPECT_EQ(walk(t.mmu, space, KERNEL + 4096).leaf_size, GiB);
    EXPECT_EQ(before - t.free_pages(), 2u);
    t.expect_sound();
    t.destroy(space);
    EXPECT_EQ(t.free_pages(), before);
}

// virt and phys meet at 64 KiB, 2 MiB and 1 GiB borders:
//   │ 15 pages │ contiguous rows of 16 │ 2 MiB blocks │ rows of 16 blocks │ 1 GiB │ blocks │ pages
TEST(PageTable, EachPartTakesTheLargestLeafThatFits) {
    Tables t;
    const space_id space = t.space(true);
    const u64 start = KERNEL + GiB - 64 * MiB - 2 * MiB - 64 * KiB - 4 * KiB;
    const u64 size = (4 + 64) * KiB + 66 * MiB + GiB + 34 * MiB + 64 * KiB + 8 * KiB;
    t.events.clear();
    ASSERT_EQ(t.map({space, start, DEVICE + (start - KERNEL), size, t.prot(protection::PAGE_KERNEL)}).error,
              map_error::none);
    EXPECT_EQ(t.rows(mmu_event::entries_set),
              "pte ffff80003bdef000 x1; pte ffff80003bdf0000 x16 cont; pmd ffff80003be00000 x1; "
              "pmd ffff80003c000000 x32 cont; pud ffff800040000000 x1; pmd ffff800080000000 x16 cont; "
              "pmd ffff800082000000 x1; pte ffff800082200000 x16 cont; pte ffff800082210000 x2; ");
    for (u64 at = start; at < start + size; at += 60 * KiB)
        EXPECT_EQ(walk(t.mmu, space, at).phys, DEVICE + (at - KERNEL)) << std::hex << at;
    t.expect_sound();
    t.destroy(space);
    t.expect_sound();
}

TEST(PageTable, BlocksNeedVirtAndPhysToAgree) {
    Tables t;
    const space_id space = t.space(true);
    ASSERT_EQ(t.map({space, KERNEL, DEVICE + 64 * KiB, 2 * MiB, t.prot(protection::PAGE_KERNEL)}).error,
              map_error::none);
    EXPECT_EQ(walk(t.mmu, space, KERNEL).leaf_size, 4 * KiB);
    EXPECT_TRUE(pte_cont(t.mmu.format, walk(t.mmu, space, KERNEL).last().entry));
    map_request plain{space, KERNEL + GiB, DEVICE, GiB, t.prot(protection::PAGE_KERNEL)};
    plain.blocks = plain.contiguous = false;
    plain.size = 4 * MiB;
    plain.no_exec_tables = true;
    ASSERT_EQ(t.map(plain).error, map_error::none);
    const walk_result found = walk(t.mmu, space, KERNEL + GiB + 0x1234);
    EXPECT_EQ(found.leaf_size, 4 * KiB);
    EXPECT_FALSE(pte_cont(t.mmu.format, found.last().entry));
    EXPECT_EQ(found.steps[2].entry >> 48, 0x1800u); // UXNTable and PXNTable, as the linear map's
    EXPECT_EQ(found.steps[0].entry >> 48, 0x1000u); // of the first mapping
}

// Text and data of recorded kernels: each segment is one request; which part is pages, contiguous pages or blocks follows.
TEST(PageTable, MapsTheKernelImageAsRecordedKernelsDid) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        if (machine.va_bits != 48) continue;
        struct Run {
            u64 start, end, phys;
            int level, cont;
            std::string rights;
        };
        std::vector<Run> image;
        for (const std::string& line : test::recorded_lines(machine, "mod-01-pagetables")) {
            unsigned long long start = 0, end = 0, phys = 0;
            int hardware = 0, ap = 0, cont = 0, pxn = 0;
            if (std::sscanf(line.c_str(),
                            "%llx-%llx %*uK L%d phys=%llx V%*c AttrIdx=0 NS=0 AP=%d(%*2c,%*3c) SH=3 AF=1 nG=0 DBM=%*d "
                            "CONT=%d PXN=%d",
                            &start, &end, &hardware, &phys, &ap, &cont, &pxn) != 7)
                continue;
            // The image is where virtual and physical addresses keep one distance from KIMAGE_VADDR on.
            const u64 base = machine.kernel == kernel_version::v5_10  ? 0xffff800010000000 - 0x40200000
                             : machine.kernel == kernel_version::v6_1 ? 0xffff800008000000 - 0x40200000
                                                                      : 0xffff800080000000 - 0x40200000;
            if (start - phys != base) continue;
            image.push_back({start, end, phys, 3 - hardware, cont, std::to_string(ap) + std::to_string(pxn)});
        }
        ASSERT_GE(image.size(), 6u) << machine.folder;
        Tables t(*arm64_geometry(4096, 48), machine.kernel);
        const space_id space = t.space(true);
        for (std::size_t i = 0; i < image.size();) {
            std::size_t end = i + 1;
            bool cont = image[i].cont;
            for (; end < image.size() && image[end].start == image[end - 1].end && image[end].rights == image[i].rights;
                 ++end)
                cont |= image[end].cont;
            map_request request{space, image[i].start, image[i].phys, image[end - 1].end - image[i].start,
                                t.prot(protection::PAGE_KERNEL)};
            request.contiguous = cont; // the read-only data is mapped without: its rights change in pieces later
            ASSERT_EQ(t.map(request).error, map_error::none);
            for (; i < end; ++i) {
                for (u64 at = image[i].start; at < image[i].end; at += 4096) {
                    const walk_result found = walk(t.mmu, space, at);
                    ASSERT_EQ(found.phys, image[i].phys + (at - image[i].start));
                    ASSERT_EQ(found.last().level, image[i].level) << machine.folder << std::hex << " " << at;
                    ASSERT_EQ(pte_cont(t.mmu.format, found.last().entry), image[i].cont)
                        << machine.folder << std::hex << " " << at;
                }
            }
        }
        t.expect_sound();
    }
}

TEST(PageTable, APartOfABlockSplitsIt) {
    Tables t;
    const space_id space = t.space(true);
    ASSERT_EQ(t.map({space, KERNEL, DEVICE, GiB, t.prot(protection::PAGE_KERNEL_ROX)}).error, map_error::none);
    t.events.clear();
    ASSERT_EQ(t.unmap(space, KERNEL + 2 * MiB, 4 * KiB).error, map_error::none);
    EXPECT_EQ(walk(t.mmu, space, KERNEL).leaf_size, 2 * MiB);
    EXPECT_FALSE(walk(t.mmu, space, KERNEL + 2 * MiB).found);
    const walk_result next = walk(t.mmu, space, KERNEL + 2 * MiB + 4 * KiB);
    EXPECT_EQ(next.leaf_size, 4 * KiB);
    EXPECT_EQ(next.phys, DEVICE + 2 * MiB + 4 * KiB);
    EXPECT_EQ(protection_of(t.mmu.format, next.last().entry, 0), protection::PAGE_KERNEL_ROX);
    EXPECT_EQ(protection_of(t.mmu.format, walk(t.mmu, space, KERNEL).last().entry, 1), protection::PAGE_KERNEL_ROX);
    EXPECT_EQ(t.rows(mmu_event::entries_cleared), "pte ffff800000200000 x1; ");
    int splits = 0;
    for (const Event& event : t.events) splits += event.kind == static_cast<u16>(mmu_event::block_split);
    EXPECT_EQ(splits, 2);
    t.expect_sound();
}

TEST(PageTable, APartOfAContiguousRowUnfoldsIt) {
    Tables t;
    const space_id space = t.space(false);
    const u64 at = 0x10000000;
    ASSERT_EQ(t.map({space, at, DEVICE, 128 * KiB, t.prot(protection::PAGE_READONLY)}).error, map_error::none);
    ASSERT_EQ(t.unmap(space, at + 4 * KiB, 4 * KiB).error, map_error::none);
    EXPECT_FALSE(pte_cont(t.mmu.format, walk(t.mmu, space, at).last().entry));
    EXPECT_FALSE(pte_cont(t.mmu.format, walk(t.mmu, space, at + 60 * KiB).last().entry));
    EXPECT_TRUE(pte_cont(t.mmu.format, walk(t.mmu, space, at + 64 * KiB).last().entry));
    // The hole is filled again, alone.
    ASSERT_EQ(t.map({space, at + 4 * KiB, DEVICE + 4 * KiB, 4 * KiB, t.prot(protection::PAGE_READONLY)}).error,
              map_error::none);
    EXPECT_FALSE(pte_cont(t.mmu.format, walk(t.mmu, space, at + 4 * KiB).last().entry));
    t.expect_sound();
}

TEST(PageTable, BadInputIsRefusedAndChangesNothing) {
    Tables t;
    const space_id user = t.space(false), kernel = t.space(true);
    const pgprot_t prot = t.prot(protection::PAGE_KERNEL);
    struct Row {
        map_request request;
        map_error error;
        int number;
    };
    const Row rows[] = {
        {{7, 0x1000, DEVICE, 4096, prot}, map_error::no_space, -22},
        {{user, 0x1000, DEVICE, 0, prot}, map_error::empty, -22},
        {{user, 0x1001, DEVICE, 4096, prot}, map_error::unaligned, -22},
        {{user, 0x1000, DEVICE + 1, 4096, prot}, map_error::unaligned, -22},
        {{user, 0x1000, DEVICE, 4095, prot}, map_error::unaligned, -22},
        {{user, 1ull << 48, DEVICE, 4096, prot}, map_error::not_canonical, -14},
        {{user, (1ull << 48) - 4096, DEVICE, 8192, prot}, map_error::not_canonical, -14},
        {{kernel, ~0xfffull, DEVICE, 8192, prot}, map_error::not_canonical, -14},
        {{user, KERNEL, DEVICE, 4096, prot}, map_error::wrong_half, -14},
        {{kernel, 0x1000, DEVICE, 4096, prot}, map_error::wrong_half, -14},
        {{user, 0x1000, 1ull << 48, 4096, prot}, map_error::phys_too_high, -22},
        {{user, 0x1000, (1ull << 48) - 4096, 8192, prot}, map_error::phys_too_high, -22},
    };
    const u64 before = t.free_pages();
    for (const Row& row : rows) {
        const map_result result = t.map(row.request);
        EXPECT_EQ(result.error, row.error) << map_error_text(row.error);
        EXPECT_EQ(map_errno(result.error), row.number);
        EXPECT_EQ(result.bytes, 0u);
    }
    EXPECT_EQ(t.unmap(user, 0x1001, 4096).error, map_error::unaligned);
    EXPECT_EQ(t.unmap(9, 0x1000, 4096).error, map_error::no_space);
    EXPECT_EQ(t.free_pages(), before);
    t.expect_sound();
    // The very last page of each half, and an unmap of all of it.
    EXPECT_EQ(t.map({kernel, ~0xfffull, DEVICE, 4096, prot}).error, map_error::none);
    EXPECT_EQ(t.map({user, (1ull << 48) - 4096, DEVICE, 4096, prot}).error, map_error::none);
    EXPECT_EQ(t.unmap(kernel, ~0ull << 48, 1ull << 48).bytes, 4096u);
    EXPECT_EQ(t.unmap(user, 0, 1ull << 48).bytes, 4096u);
    t.expect_sound();
}

TEST(PageTable, WhatIsMappedIsNotMappedOver) {
    Tables t;
    const space_id space = t.space(false);
    const pgprot_t prot = t.prot(protection::PAGE_READONLY);
    ASSERT_EQ(t.map({space, 0x204000, DEVICE, 4096, prot}).error, map_error::none);
    const map_result over = t.map({space, 0x202000, 2 * DEVICE, 16 * KiB, prot});
    EXPECT_EQ(over.error, map_error::mapped);
    EXPECT_EQ(map_errno(over.error), -16);
    EXPECT_EQ(over.bytes, 8 * KiB);
    EXPECT_EQ(walk(t.mmu, space, 0x203000).phys, 2 * DEVICE + 0x1000);
    EXPECT_EQ(walk(t.mmu, space, 0x204000).phys, DEVICE);
    // A block cannot go where a page is mapped: pages up to it.
    EXPECT_EQ(t.map({space, 0x200000, 2 * DEVICE, 2 * MiB, prot}).bytes, 8 * KiB);
    // Nor anything into a block.
    ASSERT_EQ(t.map({space, 4 * MiB, DEVICE, 2 * MiB, prot}).error, map_error::none);
    EXPECT_EQ(t.map({space, 5 * MiB, DEVICE, 4096, prot}).error, map_error::mapped);
    t.expect_sound();
}

// With nothing left the range stays mapped up to where it failed, and no empty table is left over.
TEST(PageTable, WithoutMemoryTheMappingEndsWhereItIs) {
    Tables t;
    const space_id space = t.space(false);
    mmu_context cx = t.cx();
    while (alloc_pages(cx.page, {0, GFP_KERNEL | GFP_BIT_HIGH | GFP_BIT_MEMALLOC, -1}) != PFN_NONE) {}
    const u64 before = t.free_pages();
    map_result result = t.map({space, 0x1000, DEVICE, 4096, t.prot(protection::PAGE_READONLY)});
    EXPECT_EQ(result.error, map_error::no_memory);
    EXPECT_EQ(result.bytes, 0u);
    EXPECT_EQ(t.free_pages(), before);
    EXPECT_EQ(t.space(false), SPACE_NONE);
    t.expect_sound();
}

TEST(PageTable, ACopyIsASnapshot) {
    Tables t;
    const space_id space = t.space(false);
    ASSERT_EQ(t.map({space, 0x1000, DEVICE, 4096, t.prot(protection::PAGE_READONLY)}).error, map_error::none);
    const mmu_memory before = t.mmu;
    Hasher first;
    hash_mmu(before, first);
    ASSERT_EQ(t.map({space, 1ull << 40, DEVICE, 64 * KiB, t.prot(protection::PAGE_READONLY)}).error, map_error::none);
    ASSERT_EQ(t.unmap(space, 0x1000, 4096).error, map_error::none);
    Hasher again, other;
    hash_mmu(before, again);
    hash_mmu(t.mmu, other);
    EXPECT_EQ(first.value(), again.value());
    EXPECT_NE(first.value(), other.value());
    EXPECT_TRUE(walk(before, space, 0x1000).found);
    EXPECT_FALSE(walk(t.mmu, space, 0x1000).found);
}

// ---- a flat model: page by page, what is mapped where

struct Flat {
    std::map<u64, std::pair<phys_addr_t, pgprot_t>> pages; // by virtual page
};

class RandomMappings : public testing::TestWithParam<std::size_t> {};

TEST_P(RandomMappings, TranslateAsAFlatTableDoes) {
    const page_geometry geometry = all_geometries()[GetParam()];
    const u64 page = geometry.page_size();
    Tables t(geometry, kernel_version::v6_1, page == 65536 ? 1024 : 64);
    const u64 free_before = t.free_pages();
    Rng rng(GetParam() + 1);
    for (const bool kernel : {false, true}) {
        const space_id space = t.space(kernel);
        ASSERT_NE(space, SPACE_NONE);
        // Around a border of the top level, where tables, blocks and rows of all levels meet.
        const u64 block = geometry.size(1);
        const u64 base = !geometry.arch().two_halves ? (kernel ? 0xd0000000 : 0x40000000)
                         : kernel                    ? ~0ull << geometry.va_bits
                                                     : 0;
        const u64 window = base + (geometry.arch().two_halves ? geometry.size(geometry.root()) : 0) - block;
        const u64 phys_base = geometry.arch().two_halves ? DEVICE : 0x10000000;
        Flat flat;
        for (int op = 0; op < (page == 65536 ? 20 : 80); ++op) {
            const u64 pages_in_block = block / page;
            u64 nr = 1 + rng.below(rng.below(4) ? 40 : static_cast<u32>(pages_in_block * 5 / 4));
            u64 first = window + rng.below(static_cast<u32>(pages_in_block * 3)) * page;
            if (rng.below(3) == 0) {
                first &= ~(block - 1); // blocks now and then
                nr = (nr + pages_in_block - 1) / pages_in_block * pages_in_block;
            }
            const u64 size = nr * page;
            if (rng.below(5) < 3) {
                // The same distance keeps virt and phys aligned alike; another one does not.
                const u64 phys = phys_base + (first - window) + (rng.below(3) ? 0 : page);
                const auto name = static_cast<protection>(1 + rng.below(5));
                map_request request{space, first, phys, size, pgprot_of(t.mmu.format, name)};
                request.blocks = rng.below(4) != 0;
                request.contiguous = rng.below(4) != 0;
                const map_result result = t.map(request);
                u64 expected = 0;
                while (expected < size && !flat.pages.contains(first + expected)) expected += page;
                ASSERT_EQ(result.bytes, expected) << "op " << op;
                ASSERT_EQ(result.error, expected == size ? map_error::none : map_error::mapped);
                for (u64 at = 0; at < expected; at += page) flat.pages[first + at] = {phys + at, request.prot};
            } else {
                u64 expected = 0;
                for (u64 at = 0; at < size; at += page) expected += flat.pages.erase(first + at) * page;
                const map_result result = t.unmap(space, first, size);
                ASSERT_EQ(result.error, map_error::none);
                ASSERT_EQ(result.bytes, expected) << "op " << op;
            }
            if (op % 8 == 7) t.expect_sound();
            for (int i = 0; i < 40; ++i) {
                const u64 at = window + rng.below(static_cast<u32>(pages_in_block * 5)) * page + rng.below(4096);
                const auto known = flat.pages.find(at & ~(page - 1));
                const walk_result found = walk(t.mmu, space, at);
                ASSERT_EQ(found.found, known != flat.pages.end()) << "op " << op << std::hex << " " << at;
                if (!found.found) continue;
                ASSERT_EQ(found.phys, known->second.first + (at & (page - 1)));
                // The protection of a page, whatever leaf maps it.
                const protection name = protection_of(t.mmu.format, found.last().entry, found.last().level);
                ASSERT_EQ(pgprot_of(t.mmu.format, name), known->second.second);
            }
        }
        u64 mapped = 0;
        for (const auto& [virt, to] : flat.pages) mapped += walk(t.mmu, space, virt).phys == to.first;
        EXPECT_EQ(mapped, flat.pages.size());
        EXPECT_GT(mapped, 0u);
        if (kernel) {
            t.destroy(space);
        } else {
            // A process that unmaps everything has its pgd left.
            u64 bytes = 0;
            const u64 all = geometry.arch().two_halves ? 1ull << geometry.va_bits : 0xc0000000;
            bytes = t.unmap(space, 0, all).bytes;
            EXPECT_EQ(bytes, mapped * page);
            EXPECT_EQ(t.mmu.spaces[space].nr_tables[geometry.root()], 1u);
            for (u8 level = 0; level < geometry.root(); ++level) EXPECT_EQ(t.mmu.spaces[space].nr_tables[level], 0u);
            t.destroy(space);
        }
        t.expect_sound();
        EXPECT_EQ(t.free_pages(), free_before);
    }
}

INSTANTIATE_TEST_SUITE_P(AllGeometries, RandomMappings, testing::Range<std::size_t>(0, all_geometries().size()));

} // namespace
} // namespace mm
