#include "mmu/layout.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "mmu/recordings.h"

namespace mm {
namespace {

using enum layout_version;

address_layout layout_of(layout_version version, u32 page_size, u8 va_bits, u8 actual = 0) {
    layout_config config;
    config.version = version;
    config.page_size = page_size;
    config.va_bits = va_bits;
    config.va_bits_actual = actual;
    auto layout = make_layout(config);
    EXPECT_TRUE(layout.ok()) << layout.error().text();
    return std::move(layout.value());
}

address_layout i386_layout(layout_version version, bool pae, u64 memory_end = 0) {
    layout_config config;
    config.arch = architecture::i386;
    config.version = version;
    config.pae = pae;
    config.memory_end = memory_end;
    return std::move(make_layout(config).value());
}

// ---- recordings

// "PAGE_OFFSET=ffff000000000000 PAGE_END=... VMALLOC_START=..." of mod-00-state: every macro that the kernel printed.
TEST(Layout, IsWhatRecordedArm64KernelsPrint) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        layout_config config;
        config.version = machine.kernel == kernel_version::v5_10  ? v5_10
                         : machine.kernel == kernel_version::v6_1 ? v6_1
                                                                  : v6_12;
        config.va_bits = machine.kernel == kernel_version::v6_12 ? 52 : 48;
        config.va_bits_actual = machine.va_bits;
        const auto layout = make_layout(config);
        ASSERT_TRUE(layout.ok()) << layout.error().text();
        int compared = 0;
        for (const std::string& line : test::recorded_lines("oracle/" + machine.folder + "/mod-00-state")) {
            if (!line.starts_with("PAGE_OFFSET=") && !line.starts_with("VMEMMAP_START=")) continue;
            std::istringstream words(line);
            for (std::string word; words >> word;) {
                SCOPED_TRACE(machine.folder + ": " + word);
                std::string name = word.substr(0, word.find('='));
                const u64 value = std::stoull(word.substr(name.size() + 1), nullptr, 16);
                if (name == "STACK_TOP") {
                    EXPECT_EQ(value, 1ull << 48); // DEFAULT_MAP_WINDOW
                    continue;
                }
                if (name == "TASK_SIZE") name = "TASK_SIZE_64";
                EXPECT_EQ((*layout)[name], value);
                ++compared;
            }
        }
        EXPECT_EQ(compared, 11) << machine.folder;
    }
}

u64 vmalloc_total_kib(const std::string& folder) {
    unsigned long long kib = 0;
    for (const std::string& line : test::recorded_lines("oracle/" + folder + "/static-meminfo"))
        if (std::sscanf(line.c_str(), "VmallocTotal: %llu kB", &kib) == 1) return kib;
    return 0;
}

// VmallocTotal of /proc/meminfo is VMALLOC_END - VMALLOC_START; the first ioremap of that machine is at f73fe000, and
// HighMem begins at frame 36bfe.
TEST(Layout, IsThatOfTheRecordedI386Machine) {
    const address_layout layout = i386_layout(v6_1, false, 0x3ffd7000);
    EXPECT_EQ(layout["VMALLOC_END"] - layout["VMALLOC_START"], vmalloc_total_kib("6.1.0-50-686-m1024s1") << 10);
    EXPECT_EQ(layout["VMALLOC_START"], 0xf73fe000u);
    EXPECT_EQ(layout["MAXMEM"], 0x36bfe000u);
    EXPECT_EQ(layout["high_memory"], 0xf6bfe000u);
    EXPECT_EQ(layout["VMALLOC_START"] - layout["high_memory"], 8u << 20);
    EXPECT_EQ(region_of(layout, 0xf6bfe000)->kind, region_kind::guard);
    EXPECT_EQ(region_of(layout, 0xf6bfdfff)->kind, region_kind::linear);
}

TEST(Layout, VmallocIsAsLongAsRecordedMeminfoSays) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        if (machine.kernel == kernel_version::v6_12) continue; // below
        const address_layout layout = layout_of(machine.kernel == kernel_version::v5_10 ? v5_10 : v6_1, 4096, 48);
        EXPECT_EQ((layout["VMALLOC_END"] - layout["VMALLOC_START"]) >> 10, vmalloc_total_kib(machine.folder));
    }
    const address_layout narrow = layout_of(v6_12, 4096, 52, 48), wide = layout_of(v6_12, 4096, 52);
    EXPECT_EQ((narrow["VMALLOC_END"] - narrow["VMALLOC_START"]) >> 10,
              vmalloc_total_kib("6.12.117+deb12-arm64-m1024s1"));
    EXPECT_EQ((wide["VMALLOC_END"] - wide["VMALLOC_START"]) >> 10,
              vmalloc_total_kib("6.12.117+deb12-arm64-m1024s1-cpumax"));
}

// Every recorded mapping stands in the region that its attributes say.
TEST(Layout, RecordedMappingsStandInTheirRegions) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        const layout_version version = machine.kernel == kernel_version::v5_10  ? v5_10
                                       : machine.kernel == kernel_version::v6_1 ? v6_1
                                                                                : v6_12;
        const address_layout layout =
            layout_of(version, 4096, version == v6_12 ? 52 : 48, version == v6_12 ? machine.va_bits : u8{0});
        int seen[16] = {};
        for (const std::string& line : test::recorded_lines(machine, "mod-01-pagetables")) {
            unsigned long long start = 0, end = 0, phys = 0;
            int attr = 0;
            if (std::sscanf(line.c_str(), "%llx-%llx %*uK L%*d phys=%llx V%*c AttrIdx=%d", &start, &end, &phys,
                            &attr) != 4)
                continue;
            SCOPED_TRACE(machine.folder + ": " + line);
            const layout_region* region = region_of(layout, start);
            ASSERT_NE(region, nullptr);
            EXPECT_TRUE(region->contains(end - 1));
            EXPECT_NE(region->kind, region_kind::guard);
            EXPECT_NE(region->kind, region_kind::hole);
            ++seen[static_cast<int>(region->kind)];
            // What the linear map maps is where the arithmetic says.
            if (region->kind == region_kind::linear) {
                EXPECT_EQ(linear_map_of(layout, 1ull << 30).virt_to_phys(start), phys);
            }
        }
        for (const region_kind kind : {region_kind::user, region_kind::linear, region_kind::modules,
                                       region_kind::vmalloc, region_kind::vmemmap, region_kind::pci_io})
            EXPECT_GT(seen[static_cast<int>(kind)] + (kind == region_kind::pci_io && version == v5_10), 0)
                << machine.folder << " " << static_cast<int>(kind);
    }
}

// ---- documentation

// Documentation/arm64/memory.rst of 6.1: 4 KiB with 48 bits and 64 KiB with 52. Modules there have grown to 2 GiB since.
TEST(Layout, IsTheTableOfTheDocumentation) {
    const address_layout small = layout_of(v6_1, 4096, 48), large = layout_of(v6_1, 65536, 52);
    EXPECT_EQ(small["PAGE_END"], 0xffff800000000000u);
    EXPECT_EQ(small["VMALLOC_END"], 0xfffffbfff0000000u);
    EXPECT_EQ(small["FIXADDR_TOP"], 0xfffffbfffe000000u);
    EXPECT_EQ(small["PCI_IO_START"], 0xfffffbfffe800000u);
    EXPECT_EQ(small["PCI_IO_END"], 0xfffffbffff800000u);
    EXPECT_EQ(small["VMEMMAP_START"], 0xfffffc0000000000u);
    EXPECT_EQ(small["VMEMMAP_END"], 0xfffffe0000000000u);
    EXPECT_EQ(large["PAGE_OFFSET"], 0xfff0000000000000u);
    EXPECT_EQ(large["PAGE_END"], 0xffff800000000000u);
    EXPECT_EQ(large["VMALLOC_END"], 0xfffffbfff0000000u);
    EXPECT_EQ(large["VMEMMAP_START"], 0xfffffc0000000000u);
    EXPECT_EQ(large["VMEMMAP_END"], 0xffffffe000000000u);
    EXPECT_EQ(large["TASK_SIZE_64"], 1ull << 52);
}

// Before 5.4, by hand: VA_START is all ones shifted left by VA_BITS, PAGE_OFFSET by one less (asm/memory.h of 4.x).
TEST(Layout, OfOldKernelsHasTheLinearMapAbove) {
    for (const auto& [page_size, va_bits] :
         {std::pair<u32, u8>{4096, 39}, {4096, 48}, {16384, 47}, {16384, 48}, {65536, 42}, {65536, 48}}) {
        const address_layout layout = layout_of(v4_19, page_size, va_bits);
        EXPECT_EQ(layout["VA_START"], ~0ull << va_bits);
        EXPECT_EQ(layout["PAGE_OFFSET"], ~0ull << (va_bits - 1));
        EXPECT_EQ(layout["MODULES_VADDR"], layout["VA_START"]);
        EXPECT_EQ(layout["KIMAGE_VADDR"], layout["VA_START"] + (128u << 20));
        EXPECT_EQ(layout["TASK_SIZE_64"], 1ull << va_bits);
        EXPECT_EQ(layout["TASK_SIZE_32"], 1ull << 32);
        EXPECT_EQ(region_of(layout, layout["PAGE_OFFSET"])->kind, region_kind::linear);
        EXPECT_EQ(region_of(layout, ~0ull)->kind, region_kind::linear);
        // vmemmap has a struct page of 64 bytes for each page of half the space.
        EXPECT_EQ(layout["VMEMMAP_SIZE"], (1ull << (va_bits - 1)) / page_size * 64);
    }
    const address_layout usual = layout_of(v4_19, 4096, 48);
    EXPECT_EQ(usual["VMALLOC_START"], 0xffff000008000000u);
    EXPECT_EQ(usual["VMALLOC_END"], 0xffff7dffbfff0000u);
    EXPECT_EQ(usual["FIXADDR_TOP"], 0xffff7dfffec00000u);
    EXPECT_EQ(usual["VMEMMAP_START"], 0xffff7e0000000000u);
}

// 896 MiB of low memory, vmalloc from f8800000: the figures of every text about 2.6.
TEST(Layout, OfI386OfOldKernels) {
    const address_layout layout = i386_layout(v2_6, false);
    EXPECT_EQ(layout["MAXMEM"], 896u << 20);
    EXPECT_EQ(layout["high_memory"], 0xf8000000u);
    EXPECT_EQ(layout["VMALLOC_START"], 0xf8800000u);
    EXPECT_EQ(layout["TASK_SIZE"], 0xc0000000u);
    // 64 MiB of memory: vmalloc begins at the second 8 MiB border behind it less one byte.
    const address_layout little = i386_layout(v2_6, false, 64 << 20);
    EXPECT_EQ(little["high_memory"], 0xc4000000u);
    EXPECT_EQ(little["VMALLOC_START"], 0xc4800000u);
    EXPECT_EQ(i386_layout(v6_1, true)["LAST_PKMAP"], 512u);
    EXPECT_EQ(i386_layout(v6_1, true)["PKMAP_BASE"] % (2 << 20), 0u);
}

// ---- rules

TEST(Layout, RegionsJoinWithoutGapAndNeverOverlap) {
    std::vector<address_layout> layouts = {i386_layout(v2_6, false),       i386_layout(v6_1, false),
                                           i386_layout(v6_1, true),        i386_layout(v6_12, true, 512 << 20),
                                           layout_of(v6_12, 4096, 52, 48), layout_of(v6_12, 16384, 52, 47),
                                           layout_of(v5_10, 65536, 52, 48)};
    int built = 0;
    for (const layout_version version : {v4_19, v5_10, v6_1, v6_12}) {
        for (const page_geometry& geometry : all_geometries()) {
            if (!geometry.arch().two_halves) continue;
            layout_config config;
            config.version = version;
            config.page_size = static_cast<u32>(geometry.page_size());
            config.va_bits = geometry.va_bits;
            auto layout = make_layout(config);
            if (!layout.ok()) {
                EXPECT_EQ(geometry.va_bits, 52);
                continue;
            }
            ++built;
            layouts.push_back(std::move(*layout));
        }
    }
    EXPECT_EQ(built, 7 + 8 + 8 + 10);
    for (const address_layout& layout : layouts) {
        SCOPED_TRACE(testing::Message() << layout_version_name(layout.config.version) << " " << layout.config.page_size
                                        << " " << int{layout.config.va_bits});
        u64 next = 0;
        for (const layout_region& region : layout.regions) {
            EXPECT_EQ(region.start, next);
            EXPECT_NE(region.size(), 0u);
            EXPECT_FALSE(region.start_formula.empty());
            EXPECT_EQ(region_of(layout, region.start), &region);
            EXPECT_TRUE(region.end == 0 || region.end > region.start);
            next = region.end;
        }
        EXPECT_EQ(next, layout.geometry.arch().two_halves ? 0 : 1ull << 32);
        // Each region's addresses can be translated, or there are none.
        for (const layout_region& region : layout.regions) {
            const bool has = half_of(layout.geometry, region.start) != address_half::none;
            EXPECT_EQ(has, region.kind != region_kind::hole) << region.name;
        }
        for (const layout_macro& macro : layout.macros) {
            if (macro.formula.empty()) continue;
            EXPECT_EQ(evaluate(macro.formula, layout.macros).value(), macro.value);
        }
    }
}

// One linear map for the whole engine.
TEST(Layout, HasTheLinearMapThatTheAllocatorsUse) {
    for (const architecture arch : {architecture::arm64, architecture::i386}) {
        for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
            for (const u64 gib : {1, 4}) {
                machine_profile profile;
                profile.arch = arch;
                profile.kernel = kernel;
                declare_memory(profile, gib << 30);
                const address_layout layout = std::move(make_layout(layout_config_of(profile)).value());
                const linear_map known = linear_map_of(profile);
                const linear_map computed = linear_map_of(layout, memstart_address(profile));
                EXPECT_EQ(computed.page_offset, known.page_offset);
                EXPECT_EQ(computed.phys_offset, known.phys_offset);
                EXPECT_EQ(computed.end, known.end);
                EXPECT_EQ(computed.lowmem_end, known.lowmem_end);
                EXPECT_EQ(computed.vmemmap, known.vmemmap);
            }
        }
    }
}

TEST(Layout, ThatCannotBeBuiltIsRefusedWithTheReason) {
    layout_config config;
    config.va_bits = 42;
    EXPECT_EQ(make_layout(config).error().path, "va_bits");
    config = {};
    config.va_bits = 52;
    EXPECT_EQ(make_layout(config).error().message, "52 bits need 6.9, or 5.4 with pages of 64 KiB");
    config.version = v6_12;
    config.va_bits_actual = 39;
    EXPECT_EQ(make_layout(config).error().path, "va_bits_actual");
    config = {};
    config.version = v2_6;
    EXPECT_FALSE(make_layout(config).ok());
}

TEST(Formula, IsReadWithThePrecedenceOfC) {
    const std::vector<layout_macro> macros = {{"VA_BITS", "", 48}};
    const auto value = [&](std::string_view text) { return evaluate(text, macros).value(); };
    EXPECT_EQ(value("1 + 2 * 3"), 7u);
    EXPECT_EQ(value("1 << 2 + 1"), 8u);
    EXPECT_EQ(value("-(1 << VA_BITS)"), 0xffff000000000000u);
    EXPECT_EQ(value("0xff & ~(SZ_4K - 1) + 0x10"), 0x10u);
    EXPECT_EQ(value("-SZ_1G"), 0xffffffffc0000000u);
    EXPECT_EQ(value("1 << 64"), 0u);
    for (const char* bad : {"", "1 +", "(1", "1)", "x", "SZ_", "SZ_4T", "0xg", "1 2", "-", "12a"})
        EXPECT_FALSE(evaluate(bad, macros).ok()) << bad;
    EXPECT_FALSE(evaluate(std::string(10000, '-') + "1", macros).ok());
    EXPECT_FALSE(evaluate(std::string(10000, '('), macros).ok());
}

} // namespace
} // namespace mm
