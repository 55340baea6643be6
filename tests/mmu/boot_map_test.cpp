#include "mmu/arm64/boot_map.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "machine/machine.h"
#include "mmu/boot_frames.h"
#include "mmu/events.h"
#include "mmu/verify.h"
#include "physical/boot.h"
#include "physical/verify.h"

namespace mm {
namespace {

using enum kernel_version;

constexpr u64 KiB = 1024, MiB = KiB << 10, GiB = MiB << 10;

machine_profile declared(kernel_version kernel, u64 bytes, u8 nodes = 1, u32 page_size = 4096) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.page_size = page_size;
    profile.nodes = nodes;
    profile.cpus = nodes;
    declare_memory(profile, bytes);
    return profile;
}

// A booted page allocator, and the kernel's table that boot_map() makes for the same machine.
struct Booted {
    explicit Booted(const machine_profile& profile, bool rodata_full = true) {
        EventSink quiet;
        mem = boot(profile, quiet);
        free_before = free_pages();
        mmu_init(mmu, *pte_format_of(profile), mem);
        config = boot_map_config_of(profile);
        config.rodata_full = rodata_full;
        sink.store_in(&events);
        mmu_context context = cx();
        space = boot_map(context, config);
        layout = std::move(make_layout(config.layout).value());
        linear = linear_map_of(layout, memstart_address(profile));
    }
    mmu_context cx() { return {mmu, {mem, sink, 0, 1}}; }
    [[nodiscard]] u64 free_pages() const {
        i64 free = 0;
        for (const zone& z : mem.zones) free += z.nr_free_pages;
        return static_cast<u64>(free);
    }
    void expect_sound() const {
        const auto broken = verify_mmu(mmu, mem);
        EXPECT_FALSE(broken.has_value()) << *broken;
        const auto pages = verify_physical(mem);
        EXPECT_FALSE(pages.has_value()) << *pages;
        EXPECT_EQ(free_pages(), free_before);
    }
    // "41858 7fff8 7fff7 7fff6": the frames of the tables on the way.
    [[nodiscard]] std::string frames(u64 address) const {
        const walk_result way = walk(mmu, space, address);
        std::string text;
        for (u8 i = 0; i < way.nr_steps; ++i) {
            char frame[16];
            std::snprintf(frame, sizeof frame, "%s%x", i ? " " : "", way.steps[i].table);
            text += frame;
        }
        return text;
    }
    [[nodiscard]] u64 leaf(u64 address) const {
        const walk_result way = walk(mmu, space, address);
        return way.found ? way.last().entry : 0;
    }

    physical_memory mem;
    mmu_memory mmu;
    boot_map_config config;
    address_layout layout;
    linear_map linear;
    EventSink sink;
    std::vector<Event> events;
    space_id space = SPACE_NONE;
    u64 free_before = 0;
};

// The recorded machines of 1 GiB, with what matters of static-memblock: image, device tree, struct pages, tables.
machine_profile recorded_1g(kernel_version kernel) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.memory = {{0x40000000, GiB, 0}};
    switch (kernel) {
    case v5_10:
        profile.reserved = {{0x40200000, 0x1280000, 0}, {0x419d0000, 0x2f8000, 0}, {0x48400000, MiB, 0},
                            {0x79500000, 11 * MiB, 0},  {0x7e000000, 16 * MiB, 0}, {0x7fdf9000, 0x207000, 0}};
        break;
    case v6_1:
        profile.reserved = {{0x40210000, 0x1650000, 0},
                            {0x41eb0000, 0x35b000, 0},
                            {0x48400000, MiB, 0},
                            {0x7ec00000, 16 * MiB, 0},
                            {0x7fdfd000, 0x203000, 0}};
        break;
    case v6_12:
        profile.reserved = {{0x40200000, 0x1d00000, 0},
                            {0x42870000, 0x4c0000, 0},
                            {0x48400000, MiB, 0},
                            {0x7ec00000, 16 * MiB, 0},
                            {0x7fe0c000, 0x1f4000, 0}};
        break;
    }
    return profile;
}

// Frames and entries of mod-62-walks of 6.1.0-56-arm64-m1024s1.
TEST(BootMap, FramesOf6_1ComeFromTheTopDownInTheOrderOfPagingInit) {
    const Booted t(recorded_1g(v6_1));
    EXPECT_EQ(t.frames(0xffff800008010000), "41858 7ffff 7fffe 7fffd");
    EXPECT_EQ(t.frames(0xffff000000000000), "41858 7fff8 7fff7 7fff6");
    EXPECT_EQ(t.frames(0xffff000000200000), "41858 7fff8 7fff7 7fff5");
    EXPECT_EQ(t.frames(0xffff000001dc0000), "41858 7fff8 7fff7 7fff2");
    EXPECT_EQ(t.frames(0xffff00000384b000), "41858 7fff8 7fff7 7ffe4");
    EXPECT_EQ(t.leaf(0xffff800008010000), 0x00d0000040210783u);
    EXPECT_EQ(t.leaf(0xffff800008210000), 0x00c0000040400781u);
    EXPECT_EQ(t.leaf(0xffff000000200000), 0x00e8000040200707u);
    EXPECT_EQ(t.leaf(0xfffffc0000000000), 0x006000007ec00701u);
    EXPECT_EQ(t.leaf(0xffffffffffffffff), 0u);
    t.expect_sound();
}

// Of 5.10.0-32-arm64-m1024s1: tables without limits, and the text's alias begins with a block.
TEST(BootMap, FramesOf5_10) {
    const Booted t(recorded_1g(v5_10));
    EXPECT_EQ(t.frames(0xffff800008000000), "41475 7ffff 7fffe");
    EXPECT_EQ(t.frames(0xffff000000000000), "41475 7fff9 7fff8 7fff7");
    EXPECT_EQ(t.frames(0xffff000001920000), "41475 7fff9 7fff8 7fff4");
    EXPECT_EQ(t.frames(0xffff000006def000), "41475 7fff9 7fff8 7ffca");
    EXPECT_EQ(t.leaf(0xffff000000200000), 0x0060000040200781u);
    EXPECT_EQ(t.leaf(0xffff000006def000), 0x0068000046def707u);
    const walk_result way = walk(t.mmu, t.space, 0xffff000000000000);
    EXPECT_EQ(way.steps[0].entry, 0x7fff9003u);
    EXPECT_EQ(way.steps[2].entry, 0x7fff7003u);
    t.expect_sound();
}

// Of 6.12.117+deb12-arm64-m1024s1: the image's tables are in the image, so the linear map's are the first from memblock.
TEST(BootMap, FramesOf6_12) {
    const Booted t(recorded_1g(v6_12));
    EXPECT_EQ(t.frames(0xffff800008000000), "41efe 42d18");
    EXPECT_EQ(t.frames(0xffff000000000000), "41efe 7ffff 7fffe 7fffd");
    EXPECT_EQ(t.frames(0xffff0000087a0000), "41efe 7ffff 7fffe 7ffc8");
    EXPECT_EQ(t.frames(0xffffffffffffffff), "41efe 42c2f 42c30");
    EXPECT_EQ(t.leaf(0xffff000000200000), 0x00e0000040200781u);
    const walk_result fixmap = walk(t.mmu, t.space, 0xffffffffffffffff);
    EXPECT_EQ(fixmap.steps[0].entry, 0x42c2f003u); // without UXNTable
    EXPECT_FALSE(fixmap.found);
    t.expect_sound();
}

// By count: a pte table for each 2 MiB but those that are blocks of text and rodata, a pmd table for each GiB.
TEST(BootMap, OfManyGigabytesCostsRecordsAndNoEntries) {
    const machine_profile profile = declared(v6_1, 64 * GiB);
    Booted t(profile);
    const kernel_image& image = t.config.image;
    const u64 first_block = (image.phys + image.text + 2 * MiB - 1) / (2 * MiB);
    const u64 end_block = (image.phys + image.init_text) / (2 * MiB);
    u32 linear_ptes = 0, filled = 0;
    for (table_id id = 0; id < t.mmu.nr_records; ++id) {
        const page_table& table = t.mmu.tables[id];
        linear_ptes += table.level == 0 && table.start < t.layout["PAGE_END"];
        filled += table.fill != 0;
    }
    EXPECT_EQ(linear_ptes, 64 * 512 - (end_block - first_block));
    EXPECT_GE(filled, linear_ptes - 2);
    EXPECT_LT(t.mmu.entries.bytes_copied(), MiB);
    EXPECT_LT(t.mmu.bytes_copied(), 4 * MiB);
    Rng rng(1);
    for (int i = 0; i < 1000; ++i) {
        const u64 phys = GiB + 64 * MiB + rng.below(static_cast<u32>(60 * GiB >> 12)) * u64{4096};
        const walk_result way = walk(t.mmu, t.space, t.linear.phys_to_virt(phys));
        ASSERT_TRUE(way.found);
        ASSERT_EQ(way.phys, phys);
        ASSERT_EQ(way.last().entry, phys | pgprot_of(t.mmu.format, protection::PAGE_KERNEL_TAGGED));
    }
    t.expect_sound();
}

//   before  fill: e0 e1 e2 e3 ...      after a write of e1   stored: e0 X e2 e3 ...
TEST(BootMap, ATableOfPagesInARowIsStoredWhenItIsWritten) {
    Booted t(declared(v6_1, GiB));
    const u64 address = t.linear.phys_to_virt(GiB + 512 * MiB) + 4096;
    const walk_result way = walk(t.mmu, t.space, address);
    const table_id table = t.mmu.table_at(way.last().table);
    ASSERT_NE(t.mmu.tables[table].fill, 0u);
    const mmu_memory before = t.mmu;
    mmu_context cx = t.cx();
    set_entry(cx, table, way.last().index, pte_wrprotect(t.mmu.format, way.last().entry));
    EXPECT_EQ(t.mmu.tables[table].fill, 0u);
    EXPECT_EQ(t.mmu.tables[table].nr_set, 512u);
    for (u32 i = 0; i < 512; ++i)
        EXPECT_EQ(t.mmu.entry(table, i) == before.entry(table, i), i != way.last().index) << i;
    t.expect_sound();
    // And a page that is unmapped leaves the others.
    ASSERT_EQ(unmap_range(cx, t.space, address + 2 * MiB, 4096).bytes, 4096u);
    EXPECT_FALSE(walk(t.mmu, t.space, address + 2 * MiB).found);
    EXPECT_EQ(walk(t.mmu, t.space, address + 2 * MiB + 4096).phys, GiB + 514 * MiB + 8192);
    t.expect_sound();
    EXPECT_TRUE(walk(before, t.space, address + 2 * MiB).found);
}

// The parts of the image have the protections of their kind, and init memory is gone.
TEST(BootMap, OfTheImageIsWritableOrExecutableOrNeither) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        const Booted t(declared(kernel, GiB));
        const kernel_image& image = t.config.image;
        const u64 base = t.layout["KIMAGE_VADDR"];
        const auto at = [&](u64 offset) {
            const walk_result way = walk(t.mmu, t.space, base + offset);
            if (!way.found) return protection::count;
            EXPECT_EQ(way.phys, image.phys + offset);
            return protection_of(t.mmu.format, way.last().entry, way.last().level);
        };
        EXPECT_EQ(at(image.text), protection::PAGE_KERNEL_ROX);
        EXPECT_EQ(at(image.rodata - 1), protection::PAGE_KERNEL_ROX);
        EXPECT_EQ(at(image.rodata), protection::PAGE_KERNEL_RO);
        EXPECT_EQ(at(image.init_text - 1), protection::PAGE_KERNEL_RO);
        EXPECT_EQ(at(image.init_text), protection::count);
        EXPECT_EQ(at(image.data - 1), protection::count);
        EXPECT_EQ(at(image.data), protection::PAGE_KERNEL);
        EXPECT_EQ(at(image.end - 1), protection::PAGE_KERNEL);
        EXPECT_EQ(at(image.end), protection::count);
        // The alias of all that is read-only is read-only too, the memory around it is not.
        const auto alias = [&](u64 phys) {
            const walk_result way = walk(t.mmu, t.space, t.linear.phys_to_virt(phys));
            return protection_of(t.mmu.format, way.last().entry, way.last().level);
        };
        // 6.12 maps the image's head, too, as data that nothing may write.
        EXPECT_EQ(at(0), kernel == v6_12   ? protection::PAGE_KERNEL_RO
                         : kernel == v5_10 ? protection::PAGE_KERNEL_ROX
                                           : protection::count);
        EXPECT_EQ(alias(image.phys + image.text), protection::PAGE_KERNEL_RO);
        EXPECT_EQ(alias(image.phys + image.init_text - 1), protection::PAGE_KERNEL_RO);
        EXPECT_EQ(alias(image.phys + image.init_text), protection::PAGE_KERNEL_TAGGED);
        EXPECT_EQ(alias(image.phys - 1), protection::PAGE_KERNEL_TAGGED);
        EXPECT_EQ(alias(image.phys), kernel == v6_1 ? protection::PAGE_KERNEL_TAGGED : protection::PAGE_KERNEL_RO);
        t.expect_sound();
    }
}

TEST(BootMap, HasNoPageOfTheLinearMapWritableAndExecutable) {
    const Booted t(declared(v6_12, GiB, 2));
    for (table_id id = 0; id < t.mmu.nr_records; ++id) {
        const page_table& table = t.mmu.tables[id];
        for (u32 i = 0; i < t.mmu.geometry().entries(table.level); ++i) {
            const pteval_t entry = t.mmu.entry(id, i);
            if (!is_leaf(kind_of(t.mmu.format, entry, table.level))) continue;
            ASSERT_TRUE(entry & PTE_PXN || !(entry & PTE_WRITE));
            ASSERT_TRUE(entry & PTE_UXN);
        }
    }
}

// rodata=on instead of full: 1 GiB and 2 MiB blocks, and far fewer tables.
TEST(BootMap, WithoutRodataFullUsesBlocks) {
    const Booted t(declared(v6_1, 4 * GiB), false);
    EXPECT_EQ(walk(t.mmu, t.space, t.linear.phys_to_virt(3 * GiB)).leaf_size, GiB);
    EXPECT_EQ(walk(t.mmu, t.space, t.linear.phys_to_virt(GiB + 512 * MiB)).leaf_size, 2 * MiB);
    EXPECT_LT(t.mmu.nr_records, 24u);
    t.expect_sound();
}

// Struct pages of 64 bytes for whole sections: 1 GiB each in 5.10, 128 MiB since; 2 MiB of them a section of 128 MiB.
TEST(BootMap, OfVmemmapCoversWholeSections) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12}) {
        const Booted t(declared(kernel, GiB, 2));
        u64 mapped = 0;
        const u64 first = *t.linear.vmemmap + (GiB >> 12) * STRUCT_PAGE_BYTES;
        for (u64 at = first; at < first + 64 * MiB; at += 2 * MiB) {
            const walk_result way = walk(t.mmu, t.space, at);
            if (!way.found) continue;
            EXPECT_EQ(way.leaf_size, 2 * MiB);
            mapped += way.leaf_size;
        }
        EXPECT_EQ(mapped, 16 * MiB) << static_cast<int>(kernel);
        t.expect_sound();
    }
}

TEST(BootMap, IsSoundOnMachinesOfAnyShape) {
    for (const kernel_version kernel : {v5_10, v6_1, v6_12})
        for (const u32 page_size : {4096u, 16384u, 65536u})
            for (const u8 nodes : {u8{1}, u8{3}})
                for (const u64 mib : {4u, 16u, 64u, 200u, 1024u, 3000u}) {
                    const u64 bytes = mib * MiB * (page_size == 65536 ? 16 : 1);
                    const machine_profile profile = declared(kernel, bytes, nodes, page_size);
                    if (check_profile(profile)) continue;
                    SCOPED_TRACE(testing::Message()
                                 << static_cast<int>(kernel) << " " << page_size << " " << int{nodes} << " " << mib);
                    const Booted t(profile);
                    t.expect_sound();
                    for (const memory_region& region : profile.memory)
                        for (const u64 phys : {region.start, region.start + region.size - page_size}) {
                            const walk_result way = walk(t.mmu, t.space, t.linear.phys_to_virt(phys));
                            EXPECT_TRUE(way.found && way.phys == phys);
                        }
                }
}

// A machine that reserves nothing has its tables behind the end of memory: no frame of them can be handed out.
TEST(BootMap, TakesNoFrameThatThePageAllocatorHas) {
    machine_profile profile = declared(v6_1, 256 * MiB);
    profile.reserved.clear();
    const Booted t(profile);
    for (table_id id = 0; id < t.mmu.nr_records; ++id) EXPECT_GE(t.mmu.tables[id].pfn, t.mem.end_pfn);
    t.expect_sound();
    for (const machine_profile& usual : {declared(v5_10, GiB, 2), declared(v6_12, 64 * MiB), recorded_1g(v6_1)}) {
        const Booted machine(usual);
        for (table_id id = 0; id < machine.mmu.nr_records; ++id) {
            const u64 phys = u64{machine.mmu.tables[id].pfn} << 12;
            bool reserved = machine.mmu.tables[id].pfn >= machine.mem.end_pfn;
            for (const memory_region& region : usual.reserved)
                reserved |= phys >= region.start && phys < region.start + region.size;
            ASSERT_TRUE(reserved) << std::hex << phys;
        }
    }
}

// What is mapped, with how many tables, is told range by range; the sum is the space's.
TEST(BootMap, TellsEachRange) {
    const Booted t(recorded_1g(v6_1));
    std::vector<boot_mapping> told;
    i64 tables = 0;
    for (const Event& event : t.events) {
        if (event.kind == static_cast<u16>(mmu_event::boot_mapped)) {
            told.push_back(static_cast<boot_mapping>(event.arg[0]));
            tables += event.arg[5];
        }
    }
    using enum boot_mapping;
    const std::vector<boot_mapping> expected = {text,   rodata, init,  init,    data,       device_tree,
                                                linear, linear, alias, vmemmap, trampoline, trampoline};
    EXPECT_EQ(told, expected);
    const Event& done = t.events.back();
    EXPECT_EQ(done.kind, static_cast<u16>(mmu_event::boot_map_done));
    EXPECT_EQ(done.arg[1], 0x41858);
    u32 all = 0;
    for (const u32 nr : t.mmu.spaces[t.space].nr_tables) all += nr;
    EXPECT_EQ(done.arg[2], all);
    EXPECT_EQ(tables, all - 1 - 3); // the pgd, and the fixmap's three tables
}

// A table that boot made, empty by now, gives way to a block. Its frame is not the page allocator's.
TEST(BootFrames, DoNotGoToThePageAllocator) {
    const machine_profile profile = declared(v6_1, 64 * MiB);
    EventSink quiet;
    physical_memory mem = boot(profile, quiet);
    mmu_memory mmu;
    mmu_init(mmu, *pte_format_of(profile), mem);
    boot_frames frames(profile.reserved, 12, mem.base_pfn, mem.end_pfn);
    mmu_context cx{mmu, {mem, quiet, 0, 0}, &frames};
    const space_id space = create_space(cx, true);
    const pgprot_t prot = pgprot_of(mmu.format, protection::PAGE_KERNEL);
    ASSERT_EQ(map_range(cx, {space, 0xffff800040000000, GiB, 4096, prot}).bytes, 4096u);
    ASSERT_EQ(unmap_range(cx, space, 0xffff800040000000, 4096).bytes, 4096u);
    cx.boot = nullptr;
    const physical_memory before = mem;
    ASSERT_EQ(map_range(cx, {space, 0xffff800040000000, GiB, 2 * MiB, prot}).bytes, 2 * MiB);
    EXPECT_EQ(mmu.spaces[space].nr_tables[0], 0u);
    EXPECT_EQ(mem.zones[mem.populated[0]].nr_free_pages, before.zones[mem.populated[0]].nr_free_pages);
    EXPECT_FALSE(verify_mmu(mmu, mem).has_value());
}

//   kept 10..12, 20..23: 22 21 20 11 10, then behind the memory
TEST(BootFrames, AreKeptOnesFromTheTopDown) {
    const std::vector<memory_region> reserved = {{10 << 12, 2 << 12, 0}, {20 << 12, 3 << 12, 0}};
    boot_frames frames(reserved, 12, 0, 64);
    for (const pfn_t expected : {22u, 21u, 20u, 11u, 10u, 64u, 65u}) EXPECT_EQ(frames.take(), expected);
    EXPECT_EQ(frames.taken(), 7u);
    EXPECT_EQ(frames.last(), 65u);
    boot_frames image(reserved, 12, 0, 64);
    image.take_next_from(10, 4); // 12 is free memory: it is not taken
    for (const pfn_t expected : {10u, 11u, 22u, 21u, 20u, 64u}) EXPECT_EQ(image.take(), expected);
    // Parts that lie on each other: a frame is given once.
    boot_frames small(reserved, 12, 0, 64);
    small.take_next_from(10, 1);
    EXPECT_EQ(small.take(), 10u);
    small.take_next_from(10, 2);
    EXPECT_EQ(small.take(), 11u);
}

TEST(BootMap, AMachineHardlyLargerThanItsImageIsSound) {
    for (const u32 page_size : {4096u, 16384u, 65536u}) {
        for (const u64 mib : {4u, 8u, 12u, 16u, 24u}) {
            machine_profile profile;
            profile.kernel = kernel_version::v6_12;
            profile.page_size = page_size;
            declare_memory(profile, mib << 20);
            const auto machine = make_machine(std::move(profile));
            ASSERT_TRUE(machine.ok()) << machine.error().text();
            const auto broken = verify(machine.value());
            EXPECT_FALSE(broken.has_value()) << mib << " MiB, pages of " << page_size << ": " << *broken;
        }
    }
}

} // namespace
} // namespace mm
