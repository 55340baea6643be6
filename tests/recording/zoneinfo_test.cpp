#include "recording/zoneinfo.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

constexpr std::string_view ZONE = "Node 1, zone   Normal\n"
                                  "  per-node stats\n"
                                  "      nr_inactive_anon 45\n"
                                  "  pages free     496315\n"
                                  "        boost    512\n"
                                  "        min      8567\n"
                                  "        low      10708\n"
                                  "        high     12849\n"
                                  "        promo    14948\n"
                                  "        spanned  524288\n"
                                  "        present  524200\n"
                                  "        managed  509200\n"
                                  "        cma      16384\n"
                                  "        protection: (0, 818, 966, 966)\n"
                                  "      nr_free_pages 496315\n"
                                  "  pagesets\n"
                                  "    cpu: 0\n"
                                  "              count:    2192\n"
                                  "              high:     5354\n"
                                  "              batch:    63\n"
                                  "              high_min: 754\n"
                                  "              high_max: 31695\n"
                                  "  vm stats threshold: 30\n"
                                  "    cpu: 3\n"
                                  "              count: 1\n"
                                  "              high:  2\n"
                                  "              batch: 3\n"
                                  "  node_unreclaimable:  0\n"
                                  "  start_pfn:           262144\n";

TEST(RecordingZoneinfo, ReadsWhatTheAllocatorDetermines) {
    const auto zones = parse_zoneinfo(ZONE);
    ASSERT_TRUE(zones.ok()) << zones.error().text();
    ASSERT_EQ(zones->size(), 1u);
    const ZoneinfoZone& zone = (*zones)[0];
    EXPECT_EQ(zone.zone, (RecordedZoneRef{1, zone_type::normal}));
    EXPECT_EQ(zone.free, 496315);
    EXPECT_EQ(zone.boost, 512);
    EXPECT_EQ(zone.min, 8567);
    EXPECT_EQ(zone.low, 10708);
    EXPECT_EQ(zone.high, 12849);
    EXPECT_EQ(zone.present, 524200);
    EXPECT_EQ(zone.cma, 16384);
    EXPECT_EQ(zone.protection, (std::vector<i64>{0, 818, 966, 966}));
    EXPECT_EQ(zone.start_pfn, 262144);
    EXPECT_EQ(zone.stat_threshold, 30);
    ASSERT_EQ(zone.cpus.size(), 2u);
    EXPECT_EQ(zone.cpus[0].count, 2192);
    EXPECT_EQ(zone.cpus[0].high_max, 31695);
    EXPECT_EQ(zone.cpus[1].cpu, 3u);
    EXPECT_FALSE(zone.cpus[1].high_min.has_value());
}

TEST(RecordingZoneinfo, RecordsHaveTheirSettings) {
    const std::string text =
        "min_free_kbytes=67584 watermark_scale_factor=150 lowmem_reserve_ratio=256\t32\t0\t0 "
        "percpu_pagelist_high_fraction=8 user_min_free=both\n" +
        std::string(ZONE) + "nr_free_pages 983509\n\n" +
        "min_free_kbytes=1024 watermark_scale_factor=10 lowmem_reserve_ratio=1 percpu_pagelist_high_fraction= "
        "user_min_free=default\n";
    const auto records = parse_zoneinfo_records(text);
    ASSERT_TRUE(records.ok()) << records.error().text();
    ASSERT_EQ(records->size(), 2u);
    const ZoneinfoSettings& settings = *(*records)[0].settings;
    EXPECT_EQ(settings.label, "both");
    EXPECT_EQ(settings.min_free_kbytes, 67584);
    EXPECT_EQ(settings.watermark_scale_factor, 150);
    EXPECT_EQ(settings.lowmem_reserve_ratio, (std::vector<i64>{256, 32, 0, 0}));
    EXPECT_EQ(settings.percpu_pagelist_high_fraction, 8);
    EXPECT_EQ((*records)[0].zones.size(), 1u);
    EXPECT_EQ((*records)[1].settings->percpu_pagelist_high_fraction, 0); // 5.10 has no such file
    EXPECT_EQ((*records)[1].settings->label, "default");
}

TEST(RecordingZoneinfo, ErrorsNameTheLine) {
    const auto no_number = parse_zoneinfo("Node 0, zone DMA\n  pages free     x\n");
    ASSERT_FALSE(no_number.ok());
    EXPECT_EQ(no_number.error().line, 2);
    for (const std::string text :
         {"", "hello", "Node 99, zone DMA\n", "Node 0, zone Swamp\n", "Node 0, zone DMA\n        protection: (1, 2\n",
          "Node 0, zone DMA\n        min 99999999999999999999\n", "Node 0, zone DMA\n    cpu: 99\n"})
        EXPECT_FALSE(parse_zoneinfo(text).ok()) << text;
}

TEST(RecordingZoneinfo, RowsOfBuddyinfoAreSkipped) {
    const auto zones = parse_zoneinfo("Node 0, zone      DMA      1      0      1\n" + std::string(ZONE));
    ASSERT_TRUE(zones.ok());
    EXPECT_EQ(zones->size(), 1u);
}

} // namespace
} // namespace mm
