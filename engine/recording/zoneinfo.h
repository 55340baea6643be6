#pragma once
// /proc/zoneinfo as text in: what of it the page allocator determines. Any kernel's, any machine's.
//
// And the recordings wm-*.txt: such texts one after another, each behind a line of the settings it was read with.
//   min_free_kbytes=67584 watermark_scale_factor=10 lowmem_reserve_ratio=256 256 32 0 percpu_pagelist_high_fraction=0 ...
//   Node 0, zone      DMA
//   ...
#include <string>

#include "base/result.h"
#include "recording/state.h"

namespace mm {

struct ZoneinfoZone {
    RecordedZoneRef zone;
    u32 line = 0; // of its heading
    i64 free = 0;
    std::optional<i64> boost; // 6.1 and later
    i64 min = 0, low = 0, high = 0;
    i64 spanned = 0, present = 0, managed = 0;
    std::optional<i64> cma; // 6.1 and later
    std::vector<i64> protection;
    std::optional<i64> start_pfn; // zones without memory have none
    std::optional<i64> stat_threshold;
    struct Cpu {
        u32 cpu = 0;
        i64 count = 0, high = 0, batch = 0;
        std::optional<i64> high_min, high_max; // 6.12
    };
    std::vector<Cpu> cpus;
};

struct ZoneinfoSettings {
    u32 line = 0;
    std::string label; // "default", "minfree", ...: which series the record is of
    i64 min_free_kbytes = 0;
    i64 watermark_scale_factor = 10;
    std::vector<i64> lowmem_reserve_ratio;
    i64 percpu_pagelist_high_fraction = 0;
};

struct ZoneinfoRecord {
    std::optional<ZoneinfoSettings> settings;
    std::vector<ZoneinfoZone> zones;
};

// One text or several records. Lines of other subjects are skipped. An error names line and column.
[[nodiscard]] Result<std::vector<ZoneinfoRecord>> parse_zoneinfo_records(std::string_view text);
[[nodiscard]] Result<std::vector<ZoneinfoZone>> parse_zoneinfo(std::string_view text);

} // namespace mm
