#include "physical/procfs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <span>
#include <sstream>

#include "both_languages.h"
#include "physical/machines.h"

namespace mm {
namespace {

// --------------------------------------------------------------- a machine whose numbers are those of a recorded text

std::string read_golden(const std::string& machine, const char* file) {
    std::ifstream in(std::string(MMSCOPE_SOURCE_DIR "/tests/golden/procfs/") + machine + "/" + file + ".txt");
    EXPECT_TRUE(in.good()) << machine << "/" << file;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

zone_type type_named(const std::string& name) {
    for (std::size_t t = 0; t < zone_type_names.size(); ++t)
        if (zone_type_names[t] == name) return static_cast<zone_type>(t);
    ADD_FAILURE() << name;
    return zone_type::normal;
}

zone& zone_of(physical_memory& mem, int node, const std::string& name) {
    for (zone& z : mem.zones)
        if (z.node == node && z.name() == name) return z;
    ADD_FAILURE() << node << " " << name;
    return mem.zones.front();
}

void take_value(zone& z, const std::string& key, i64 value) {
    const u32 pages = static_cast<u32>(value);
    if (key == "boost") z.watermark_boost = pages;
    if (key == "min") z.watermark[WMARK_MIN] = pages - z.watermark_boost;
    if (key == "low") z.watermark[WMARK_LOW] = pages - z.watermark_boost;
    if (key == "high") z.watermark[WMARK_HIGH] = pages - z.watermark_boost;
    if (key == "spanned") z.spanned_pages = pages;
    if (key == "present") z.present_pages = pages;
    if (key == "managed") z.managed_pages = pages;
    if (key == "cma") z.cma_pages = pages;
    if (key == "start_pfn:") z.start_pfn = pages;
    if (key == "nr_free_pages") z.nr_free_pages = value;
    if (key == "nr_free_cma") z.nr_free_cma = value;
    if (key == "numa_hit") z.numa_hit = pages;
    if (key == "numa_miss") z.numa_miss = pages;
    if (key == "numa_foreign") z.numa_foreign = pages;
    if (key == "numa_local") z.numa_local = pages;
    if (key == "numa_other") z.numa_other = pages;
    if (key == "cpu:") z.pcp.emplace_back();
    if (key == "count:") z.pcp.back().count = static_cast<i32>(value);
    if (key == "high:") z.pcp.back().high = static_cast<i32>(value);
    if (key == "batch:") z.pcp.back().batch = static_cast<i32>(value);
}

void take_protection(physical_memory& mem, zone& z, const std::string& line) {
    std::istringstream in(line.substr(line.find('(') + 1));
    mem.nr_zone_types = 0;
    for (char separator = ','; separator == ','; in >> separator) in >> z.lowmem_reserve[mem.nr_zone_types++];
}

void take_zoneinfo(physical_memory& mem, const std::string& text) {
    for (const std::string& line : lines_of(text)) {
        std::istringstream in(line);
        std::string key;
        in >> key;
        if (key == "Node") {
            int node = 0;
            std::string comma_zone, skip, name;
            in >> node >> comma_zone >> skip >> name;
            mem.zones.emplace_back();
            mem.zones.back().node = static_cast<u8>(node);
            mem.zones.back().type = type_named(name == "" ? skip : name);
            if (mem.nodes.size() <= static_cast<std::size_t>(node)) mem.nodes.emplace_back();
            mem.nodes[static_cast<std::size_t>(node)].node_id = static_cast<u8>(node);
            continue;
        }
        zone& z = mem.zones.back();
        if (key == "protection:") take_protection(mem, z, line);
        if (line.find("threshold: ") != std::string::npos)
            z.stat_threshold = std::stoi(line.substr(line.find(": ") + 2));
        i64 value = 0;
        if (in >> value) take_value(z, key, value);
    }
    for (const zone& z : mem.zones) mem.nodes[z.node].node_present_pages += z.present_pages;
}

void take_buddyinfo(physical_memory& mem, const std::string& text) {
    const Result<std::vector<buddyinfo_row>> rows = parse_buddyinfo(text);
    ASSERT_TRUE(rows) << rows.error().text();
    for (const buddyinfo_row& row : *rows) {
        mem.nr_orders = static_cast<u8>(row.nr_free.size());
        zone& z = zone_of(mem, row.node, row.zone);
        for (std::size_t o = 0; o < row.nr_free.size(); ++o) z.area[o].nr_free = row.nr_free[o];
    }
}

// Gives the zone as many pageblocks of each type as `counts` says. Movable ones stand first and last: a zone that does
// not end at a pageblock shares that one with the next zone.
void lay_out_pageblocks(physical_memory& mem, zone& z, std::span<const u32> counts,
                        std::span<const migratetype> types) {
    std::vector<migratetype> blocks;
    for (std::size_t t = 0; t < types.size(); ++t)
        blocks.insert(types[t] == MIGRATE_MOVABLE ? blocks.end() : blocks.begin(), counts[t], types[t]);
    const auto first_movable = std::find(blocks.begin(), blocks.end(), MIGRATE_MOVABLE);
    if (first_movable != blocks.end()) std::iter_swap(blocks.begin(), first_movable);
    pfn_t pfn = z.start_pfn;
    for (migratetype type : blocks) {
        mem.page_mut(pfn).set_state(page_state::reserved);
        mem.page_mut(pfn).set_zone_slot(static_cast<u32>(mem.populated.size()));
        mem.set_block_type(pfn, type);
        pfn += mem.pageblock_nr_pages();
    }
    mem.populated.push_back(static_cast<u8>(&z - mem.zones.data()));
}

void take_pagetypeinfo(physical_memory& mem, const std::string& text) {
    std::vector<migratetype> types;
    for (int t = 0; t < MIGRATE_TYPES; ++t)
        if (text.find(migratetype_names[static_cast<std::size_t>(t)]) != std::string::npos)
            types.push_back(static_cast<migratetype>(t));
    mem.pageblock_order = static_cast<u8>(std::stoi(text.substr(text.find("order: ") + 7)));
    for (const zone& z : mem.zones) mem.end_pfn = std::max(mem.end_pfn, z.end_pfn() + mem.pageblock_nr_pages());
    mem.mem_map = CowArray<page>(mem.end_pfn);
    mem.pageblock_type.resize(mem.end_pfn >> mem.pageblock_order);
    for (const std::string& line : lines_of(text)) {
        if (!line.starts_with("Node ")) continue;
        std::istringstream in(line);
        std::string word, name, type_name;
        int node = 0;
        in >> word >> node >> word >> word >> name;
        if (line.find("type") == std::string::npos) {
            std::vector<u32> counts(types.size());
            for (u32& count : counts) in >> count;
            lay_out_pageblocks(mem, zone_of(mem, node, name), counts, types);
            continue;
        }
        in >> word >> type_name;
        name.pop_back(); // the comma
        zone& z = zone_of(mem, node, name);
        for (migratetype type : types)
            for (std::size_t o = 0; migratetype_names[type] == type_name && o < mem.nr_orders; ++o)
                in >> z.area[o].free_list[type].nr;
    }
}

physical_memory recorded_machine(const std::string& machine) {
    physical_memory mem;
    mem.rules.version = machine.starts_with("5.10")   ? kernel_version::v5_10
                        : machine.starts_with("6.12") ? kernel_version::v6_12
                                                      : kernel_version::v6_1;
    take_zoneinfo(mem, read_golden(machine, "zoneinfo"));
    take_buddyinfo(mem, read_golden(machine, "buddyinfo"));
    take_pagetypeinfo(mem, read_golden(machine, "pagetypeinfo"));
    return mem;
}

// Counters that no room of this machine keeps: their recorded value becomes 0 before comparing, nothing else changes.
constexpr std::array not_modelled = {"nr_inactive_anon",
                                     "nr_active_anon",
                                     "nr_inactive_file",
                                     "nr_active_file",
                                     "nr_slab_reclaimable",
                                     "nr_slab_unreclaimable",
                                     "workingset_nodes",
                                     "workingset_refault_anon",
                                     "workingset_refault_file",
                                     "workingset_activate_anon",
                                     "workingset_activate_file",
                                     "workingset_restore_anon",
                                     "workingset_restore_file",
                                     "nr_anon_pages",
                                     "nr_mapped",
                                     "nr_file_pages",
                                     "nr_shmem",
                                     "nr_vmscan_write",
                                     "nr_dirtied",
                                     "nr_written",
                                     "nr_kernel_stack",
                                     "nr_page_table_pages",
                                     "nr_swapcached",
                                     "pgdemote_kswapd",
                                     "nr_zone_inactive_anon",
                                     "nr_zone_active_anon",
                                     "nr_zone_inactive_file",
                                     "nr_zone_active_file",
                                     "numa_interleave"};

std::string without_unmodelled(const std::string& zoneinfo) {
    std::string out;
    for (std::string line : lines_of(zoneinfo)) {
        for (const char* name : not_modelled) {
            const std::size_t value = line.find_last_of(' ') + 1;
            std::string item = line.substr(0, value);
            item.erase(item.find_last_not_of(' ') + 1);
            if (item == std::string("      ") + name) line = line.substr(0, value) + "0";
        }
        out += line + "\n";
    }
    return out;
}

class Recorded : public testing::TestWithParam<const char*> {};

TEST_P(Recorded, ZoneinfoIsTheKernelsByteForByte) {
    EXPECT_EQ(proc_zoneinfo(recorded_machine(GetParam())), without_unmodelled(read_golden(GetParam(), "zoneinfo")));
}

TEST_P(Recorded, BuddyinfoIsTheKernelsByteForByte) {
    EXPECT_EQ(proc_buddyinfo(recorded_machine(GetParam())), read_golden(GetParam(), "buddyinfo"));
}

TEST_P(Recorded, PagetypeinfoIsTheKernelsByteForByte) {
    EXPECT_EQ(proc_pagetypeinfo(recorded_machine(GetParam())), read_golden(GetParam(), "pagetypeinfo"));
}

INSTANTIATE_TEST_SUITE_P(Procfs, Recorded,
                         testing::Values("5.10-arm64-1g", "5.10-arm64-4g-2nodes", "6.1-arm64-4g-2nodes", "6.1-arm64-8g",
                                         "6.1-i386-1g", "6.12-arm64-4g-2nodes", "6.12-arm64-1g-pressed"),
                         [](const auto& param) {
                             std::string name = param.param;
                             for (char& c : name)
                                 if (c == '.' || c == '-') c = '_';
                             return name;
                         });

// ------------------------------------------------------------------------------------------------- what no recording has

physical_memory one_zone(kernel_version version) {
    physical_memory mem;
    mem.rules.version = version;
    mem.nr_zone_types = 1;
    mem.nodes.emplace_back();
    mem.nodes[0].node_present_pages = 4096;
    mem.zones.emplace_back();
    mem.zones[0].spanned_pages = mem.zones[0].present_pages = 4096;
    mem.populated = {0};
    mem.end_pfn = 4096;
    mem.mem_map = CowArray<page>(4096);
    mem.pageblock_type.resize(8);
    return mem;
}

TEST(Procfs, WatermarksIncludeTheBoost) {
    // Recorded on 6.12 under pressure: boost 2048, min 3017, low 3260, high 3503, of 969, 1212 and 1455.
    physical_memory mem = one_zone(kernel_version::v6_12);
    mem.zones[0].watermark = {969, 1212, 1455};
    mem.zones[0].watermark_boost = 2048;
    EXPECT_NE(proc_zoneinfo(mem).find("        boost    2048\n        min      3017\n        low      3260\n"
                                      "        high     3503\n        promo    3746\n"),
              std::string::npos);
}

TEST(Procfs, ANegativeCounterPrintsAsZero) {
    physical_memory mem = one_zone(kernel_version::v6_1);
    mem.zones[0].nr_free_pages = -3;
    EXPECT_NE(proc_zoneinfo(mem).find("  pages free     0\n"), std::string::npos);
    EXPECT_NE(proc_zoneinfo(mem).find("      nr_free_pages 0\n"), std::string::npos);
}

TEST(Procfs, PagetypeinfoStopsCountingAListAtAHundredThousand) {
    physical_memory mem = one_zone(kernel_version::v6_1);
    mem.zones[0].area[0].free_list[MIGRATE_MOVABLE].nr = 99999;
    EXPECT_NE(proc_pagetypeinfo(mem).find("type      Movable  99999 "), std::string::npos);
    mem.zones[0].area[0].free_list[MIGRATE_MOVABLE].nr = 100000;
    EXPECT_NE(proc_pagetypeinfo(mem).find("type      Movable >100000 "), std::string::npos);
}

TEST(Procfs, PagetypeinfoCountsOnlyPageblocksWithMemory) {
    //   pageblock   0      1      2      3      4      5      6      7
    //             [....] [hole] [...x] [hole] [hole] [hole] [hole] [hole]      x: one frame present
    physical_memory mem = one_zone(kernel_version::v6_1);
    for (pfn_t pfn : {0u, 1u, 3 * 512u - 1}) mem.page_mut(pfn).set_state(page_state::reserved);
    EXPECT_NE(proc_pagetypeinfo(mem).find("Node 0, zone   Normal            2            0 "), std::string::npos)
        << proc_pagetypeinfo(mem);
}

TEST(Procfs, TheTextsOfABootedMachineAgreeWithEachOther) {
    for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        test::Bench bench(test::profile_of(256, kernel, architecture::arm64, 2, 4));
        bench.alloc(3);
        bench.alloc(0, GFP_HIGHUSER_MOVABLE);
        const physical_memory& mem = bench.mem();
        std::istringstream types(proc_pagetypeinfo(mem));
        std::map<std::string, std::vector<u32>> free_by_type_summed; // by "node zone"
        u32 pageblocks = 0;
        for (std::string line; std::getline(types, line);) {
            std::istringstream in(line);
            std::string word, node, zone_name;
            if (!(in >> word >> node >> word >> zone_name) || !line.starts_with("Node")) continue;
            u32 count = 0;
            if (line.find(", type") == std::string::npos) {
                while (in >> count) pageblocks += count;
                continue;
            }
            in >> word >> word;
            std::vector<u32>& sums = free_by_type_summed[node + zone_name];
            sums.resize(mem.nr_orders);
            for (u32& sum : sums) sum += (in >> count, count);
        }
        EXPECT_EQ(pageblocks, 128u) << "256 MiB in pageblocks of 2 MiB";
        const Result<std::vector<buddyinfo_row>> rows = parse_buddyinfo(proc_buddyinfo(mem));
        ASSERT_TRUE(rows) << rows.error().text();
        ASSERT_EQ(rows->size(), free_by_type_summed.size());
        for (const buddyinfo_row& row : *rows)
            EXPECT_EQ(row.nr_free, free_by_type_summed[std::to_string(row.node) + "," + row.zone + ","]);
    }
}

// --------------------------------------------------------------------------------------------------- reading buddyinfo

TEST(ParseBuddyinfo, WhatAMachinePrintsIsReadBack) {
    const physical_memory mem = recorded_machine("6.12-arm64-4g-2nodes");
    const Result<std::vector<buddyinfo_row>> rows = parse_buddyinfo(proc_buddyinfo(mem));
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 3u);
    EXPECT_EQ((*rows)[1].node, 1);
    EXPECT_EQ((*rows)[1].zone, "DMA");
    EXPECT_EQ((*rows)[2].zone, "Normal");
    EXPECT_EQ((*rows)[2].nr_free, (std::vector<u32>{5, 3, 4, 0, 2, 2, 3, 1, 2, 0, 234}));
}

TEST(ParseBuddyinfo, OtherMachinesAndPastedTextAreRead) {
    // 64 KiB pages have 14 orders; a copied text has its own spaces, line ends and empty lines.
    const Result<std::vector<buddyinfo_row>> rows =
        parse_buddyinfo("\r\n  Node 3 , zone DMA32 1 2 3 4 5 6 7 8 9 10 11 12 13 4294967295\r\n\n");
    ASSERT_TRUE(rows) << rows.error().text();
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ((*rows)[0].node, 3);
    EXPECT_EQ((*rows)[0].zone, "DMA32");
    EXPECT_EQ((*rows)[0].nr_free.size(), 14u);
    EXPECT_EQ((*rows)[0].nr_free[13], 4294967295u);
}

// Two rows of 11 orders, as they stand in mails, forums, chats and logs.
TEST(ParseBuddyinfo, WhatStandsAroundTheKernelsLinesIsPassed) {
    const std::string dma =
        "Node 0, zone      DMA      1      1      1      0      2      1      1      0      1      1      3 ";
    const std::string normal =
        "Node 0, zone   Normal    258      9      5      0      1      2      0      1      1      0      0 ";
    const std::string pasted[] = {
        "$ cat /proc/buddyinfo\n> " + dma + "\n> " + normal + "\n",
        "root@box:~# cat /proc/buddyinfo\n" + dma + "\n" + normal + "\n# \n",
        "```\n" + dma + "\n" + normal + "\n```\n",
        "> > " + dma + "\r\n> > " + normal + "\r\n>\n",
        "[   12.345678] " + dma + "\n[   12.345679] " + normal,
        "\xef\xbb\xbf" + dma + "\n\t" + normal,
        "| " + dma + "\n|\xc2\xa0" + normal,
    };
    for (const std::string& text : pasted) {
        const Result<std::vector<buddyinfo_row>> rows = parse_buddyinfo(text);
        ASSERT_TRUE(rows) << text << rows.error().text();
        ASSERT_EQ(rows->size(), 2u) << text;
        EXPECT_EQ((*rows)[0].nr_free, (std::vector<u32>{1, 1, 1, 0, 2, 1, 1, 0, 1, 1, 3}));
        EXPECT_EQ((*rows)[1].zone, "Normal");
        EXPECT_EQ((*rows)[1].nr_free, (std::vector<u32>{258, 9, 5, 0, 1, 2, 0, 1, 1, 0, 0}));
    }
}

TEST(ParseBuddyinfo, ErrorsNameLineColumnAndWhatWasExpected) {
    const struct {
        const char* text;
        const char* error;
    } cases[] = {
        {"", "line 1, column 1: no zone; expected lines like \"Node 0, zone      DMA      3      1 ...\""},
        {"\n  \n", "line 1, column 1: no zone; expected lines like \"Node 0, zone      DMA      3      1 ...\""},
        {"node 0, zone DMA 1", "line 1, column 1: expected \"Node\"; found \"node\""},
        {"> Node 0, zone DMA one", "line 1, column 20: expected the number of free blocks, a number; found \"one\""},
        {"Node 0, zone DMA 1\nMode 0, zone Normal 1", "line 2, column 1: expected \"Node\"; found \"Mode\""},
        {"Node x, zone DMA 1", "line 1, column 6: expected the node, a number; found \"x,\""},
        {"Node -1, zone DMA 1", "line 1, column 6: expected the node, a number; found \"-1,\""},
        {"Node 1024, zone DMA 1", "line 1, column 6: the node is above 1023; found \"1024,\""},
        {"Node 0 zone DMA 1", "line 1, column 8: expected \",\"; found \"zone\""},
        {"Node 0, DMA 1", "line 1, column 9: expected \"zone\"; found \"DMA\""},
        {"Node 0, zone", "line 1, column 13: expected the zone's name, 1 to 16 letters; the line ends here"},
        {"Node 0, zone ABCDEFGHIJKLMNOPQ 1",
         "line 1, column 14: expected the zone's name, 1 to 16 letters; found \"ABCDEFGHIJKLMNOPQ\""},
        {"Node 0, zone DMA",
         "line 1, column 17: expected the numbers of free blocks, one an order; the line ends here"},
        {"Node 0, zone DMA 1 2\nNode 0, zone Normal 1 two",
         "line 2, column 23: expected the number of free blocks, a number; found \"two\""},
        {"Node 0, zone DMA 1 4294967296",
         "line 1, column 20: the number of free blocks is above 4294967295; found \"4294967296\""},
        {"Node 0, zone DMA 1 伙", "line 1, column 20: expected the number of free blocks, a number; found \"伙\""},
        {"Node 0, zone 伙 1", "line 1, column 14: expected the zone's name, 1 to 16 letters; found \"伙\""},
        {"Node 0, zone DMA 1\u200b 2",
         "line 1, column 19: expected the number of free blocks, a number; found \"\\u200b\""},
        {"Node 0, zone DMA 1 2x", "line 1, column 21: expected the number of free blocks, a number; found \"x\""},
        {"Node 0, zone DMA 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
         "line 1, column 53: a line has at most 14 numbers; the line ends here"},
        {"Node 0, zone DMA 1 2\nNode 0, zone DMA 1 2", "line 2, column 1: node 0, zone DMA stands here twice"},
        {"Node 0, zone DMA 1 2\nNode 1, zone DMA 1 2 3", "line 2, column 1: found 3 orders, the lines above have 2"},
    };
    for (const auto& c : cases) {
        const Result<std::vector<buddyinfo_row>> rows = parse_buddyinfo(c.text);
        ASSERT_FALSE(rows) << c.text;
        EXPECT_EQ(test::in_both(rows.error()).text(), c.error);
    }
}

TEST(ParseBuddyinfo, ALongTextEndsAtTheZonesThatAMachineCanHave) {
    std::string text;
    for (int node = 0; node < 1000; ++node) text += "Node " + std::to_string(node) + ", zone DMA 1\n";
    const Result<std::vector<buddyinfo_row>> rows = parse_buddyinfo(text);
    ASSERT_FALSE(rows);
    EXPECT_EQ(test::in_both(rows.error()).text(), "line 49, column 1: more than 48 zones");
}

} // namespace
} // namespace mm
