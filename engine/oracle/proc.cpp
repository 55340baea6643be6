// /proc text of a machine that continues a dump, against the dump: each number that the text shows is in the dump too.
#include <algorithm>

#include "oracle/replay.h"
#include "physical/procfs.h"

namespace mm {
namespace {

u32 list_length(const recorded_zone& zone, u32 order, u32 type) {
    u32 length = 0;
    for (const auto& list : zone.free_lists)
        if (list.order == order && list.type == type) length += static_cast<u32>(list.pfns.size());
    return length;
}

void compare_buddyinfo(const std::string& text, const recorded_zone& zone, const std::string& place, FactLog& log) {
    const auto rows = parse_buddyinfo(text);
    if (!log.check("proc.buddyinfo.readable", rows.ok(), [&] { return place + ": " + rows.error().text(); })) return;
    const auto it = std::find_if(rows->begin(), rows->end(), [&](const buddyinfo_row& row) {
        return row.node == zone.node && row.zone == zone_type_names[static_cast<std::size_t>(zone.type)];
    });
    if (!log.check("proc.buddyinfo.zone", it != rows->end(), [&] { return place + ": no row in buddyinfo"; })) return;
    for (u32 order = 0; order < it->nr_free.size(); ++order) {
        u32 recorded = 0;
        for (u32 type = 0; type < MIGRATE_TYPES; ++type) recorded += list_length(zone, order, type);
        log.equal_number("proc.buddyinfo", place + " buddyinfo order " + std::to_string(order), recorded,
                         it->nr_free[order]);
    }
}

void compare_zoneinfo(const std::string& text, const recorded_zone& zone, const std::string& place, FactLog& log) {
    const auto zones = parse_zoneinfo(text);
    if (!log.check("proc.zoneinfo.readable", zones.ok(), [&] { return place + ": " + zones.error().text(); })) return;
    const auto it = std::find_if(zones->begin(), zones->end(), [&](const ZoneinfoZone& z) {
        return z.zone == RecordedZoneRef{zone.node, zone.type};
    });
    if (!log.check("proc.zoneinfo.zone", it != zones->end(), [&] { return place + ": no zone in zoneinfo"; })) return;
    const auto same = [&](const char* name, i64 recorded, i64 engine) {
        log.equal_number("proc.zoneinfo", place + " zoneinfo " + name, recorded, engine);
    };
    if (zone.nr_free_pages >= 0) same("free", zone.nr_free_pages, it->free);
    same("min", zone.watermark[WMARK_MIN], it->min);
    same("low", zone.watermark[WMARK_LOW], it->low);
    same("high", zone.watermark[WMARK_HIGH], it->high);
    same("spanned", zone.spanned_pages, it->spanned);
    same("present", zone.present_pages, it->present);
    same("managed", zone.managed_pages, it->managed);
    same("start_pfn", zone.start_pfn, it->start_pfn.value_or(-1));
    same("pagesets", static_cast<i64>(zone.cpus.size()), static_cast<i64>(it->cpus.size()));
    for (std::size_t i = 0; i < zone.cpus.size() && i < it->cpus.size(); ++i) {
        same("cpu", zone.cpus[i].cpu, it->cpus[i].cpu);
        same("count", zone.cpus[i].count, it->cpus[i].count);
        same("high", zone.cpus[i].high, it->cpus[i].high);
        same("batch", zone.cpus[i].batch, it->cpus[i].batch);
    }
}

// The numbers of the pagetypeinfo line that begins with `start`, its blanks not counted; empty when there is none.
std::vector<i64> pagetypeinfo_row(const std::string& text, const std::string& start) {
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        std::string squeezed;
        for (const char c : line)
            if (c != ' ' || (!squeezed.empty() && squeezed.back() != ' ')) squeezed.push_back(c);
        if (!squeezed.starts_with(start)) continue;
        std::vector<i64> numbers;
        TextCursor at(std::string_view(squeezed).substr(start.size()));
        i64 number = 0;
        for (at.skip_blanks(); at.signed_number(number); at.skip_blanks()) numbers.push_back(number);
        return numbers;
    }
    return {};
}

std::vector<i64> blocks_by_type(const recorded_zone& zone, std::size_t types) {
    std::vector<i64> blocks(types, 0);
    for (const auto& run : zone.block_types)
        if (run.type >= 0 && static_cast<std::size_t>(run.type) < types)
            blocks[static_cast<std::size_t>(run.type)] += run.count;
    return blocks;
}

void compare_pagetypeinfo(const std::string& text, const recorded_zone& zone, const std::string& place, FactLog& log) {
    const std::string start = "Node " + std::to_string(zone.node) + ", zone " +
                              std::string(zone_type_names[static_cast<std::size_t>(zone.type)]);
    for (u32 type = 0; type < MIGRATE_TYPES; ++type) {
        const auto numbers = pagetypeinfo_row(text, start + ", type " + std::string(migratetype_names[type]) + " ");
        std::vector<i64> recorded;
        for (u32 order = 0; order < numbers.size(); ++order) recorded.push_back(list_length(zone, order, type));
        log.check("proc.pagetypeinfo", !numbers.empty() && numbers == recorded, [&] {
            return place + " pagetypeinfo row " + std::string(migratetype_names[type]) + " differs from the free lists";
        });
    }
    if (zone.block_types.empty()) return;
    const auto numbers = pagetypeinfo_row(text, start + " ");
    log.check("proc.pagetypeinfo", !numbers.empty() && numbers == blocks_by_type(zone, numbers.size()),
              [&] { return place + " pagetypeinfo: numbers of pageblocks differ"; });
}

} // namespace

void compare_proc_text(const physical_memory& mem, const RecordedDump& dump, std::string_view place, FactLog& log) {
    const Area area = log.area();
    log.set_area(Area::proc_text);
    const std::string buddyinfo = proc_buddyinfo(mem), zoneinfo = proc_zoneinfo(mem),
                      pagetypeinfo = proc_pagetypeinfo(mem);
    for (const recorded_zone& zone : dump.zones) {
        const std::string at = std::string(place) + ", zone " + zone_text({zone.node, zone.type});
        compare_buddyinfo(buddyinfo, zone, at, log);
        compare_zoneinfo(zoneinfo, zone, at, log);
        compare_pagetypeinfo(pagetypeinfo, zone, at, log);
    }
    log.set_area(area);
}

} // namespace mm
