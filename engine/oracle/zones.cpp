// Zone numbers, watermarks, protection and per-CPU sizes: after boot and after each recorded setting.
#include <algorithm>

#include "oracle/oracle.h"
#include "physical/watermark.h"

namespace mm {
namespace {

std::string at_line(u32 line, RecordedZoneRef ref) {
    return "line " + std::to_string(line) + ", zone " + zone_text(ref);
}

// The engine's zone for a recorded one; counts as a fact that this kernel has such a zone.
const zone* same_zone(const physical_memory& mem, const ZoneinfoZone& recorded, FactLog& log) {
    const zone* z = find_zone(mem, recorded.zone);
    log.check("zone.exists", z != nullptr,
              [&] { return at_line(recorded.line, recorded.zone) + ": the engine has no such zone"; });
    return z;
}

void compare_watermarks(const zone& z, const ZoneinfoZone& recorded, FactLog& log) {
    const std::string place = at_line(recorded.line, recorded.zone);
    log.set_area(Area::watermarks);
    const i64 boost = recorded.boost.value_or(0);
    log.equal_number("wmark.min", place + " min", recorded.min - boost, z.watermark[WMARK_MIN]);
    log.equal_number("wmark.low", place + " low", recorded.low - boost, z.watermark[WMARK_LOW]);
    log.equal_number("wmark.high", place + " high", recorded.high - boost, z.watermark[WMARK_HIGH]);
    if (recorded.stat_threshold)
        log.equal_number("stat_threshold", place + " vm stats threshold", *recorded.stat_threshold, z.stat_threshold);
}

std::string list_text(const std::vector<i64>& values) {
    std::string out = "(";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i ? ", " : "") + std::to_string(values[i]);
    return out + ")";
}

// `before` is the same zone as boot left it.
void compare_pcp_sizes(const physical_memory& mem, const zone& z, const zone& before, const ZoneinfoZone& recorded,
                       FactLog& log) {
    log.set_area(Area::pcp_sizes);
    for (const ZoneinfoZone::Cpu& cpu : recorded.cpus) {
        const std::string place = at_line(recorded.line, recorded.zone) + ", CPU " + std::to_string(cpu.cpu);
        const bool exists = cpu.cpu < z.pcp.size();
        log.check("pcp.exists", exists, [&] { return place + ": the engine has no such CPU"; });
        if (!exists) continue;
        const per_cpu_pages& pcp = z.pcp[cpu.cpu];
        log.equal_number("pcp.batch", place + " batch", cpu.batch, pcp.batch);
        if (!mem.rules.pcp_auto_tuned()) {
            log.equal_number("pcp.high", place + " high", cpu.high, pcp.high);
            continue;
        }
        // high moves by itself there: its bounds are compared, and that it is below the largest that it ever had. A new
        // setting moves the bounds at once and high only later.
        if (cpu.high_min) log.equal_number("pcp.high_min", place + " high_min", *cpu.high_min, pcp.high_min);
        if (cpu.high_max) log.equal_number("pcp.high_max", place + " high_max", *cpu.high_max, pcp.high_max);
        const i32 most = std::max(pcp.high_max, before.pcp[cpu.cpu].high_max);
        log.check("pcp.high_within", cpu.high >= 0 && cpu.high <= most, [&] {
            return place + " high: recorded " + std::to_string(cpu.high) + ", the engine's bound is " +
                   std::to_string(most);
        });
    }
}

void compare_setting_zones(const physical_memory& mem, const physical_memory& boot,
                           const std::vector<ZoneinfoZone>& zones, FactLog& log) {
    for (const ZoneinfoZone& recorded : zones) {
        log.set_area(Area::watermarks);
        const zone* z = same_zone(mem, recorded, log);
        if (!z) continue;
        compare_watermarks(*z, recorded, log);
        compare_protection(mem, *z, at_line(recorded.line, recorded.zone), recorded.protection, log);
        compare_pcp_sizes(mem, *z, *find_zone(boot, recorded.zone), recorded, log);
    }
}

// The machine with the settings of a record written to /proc/sys/vm.
physical_memory with_settings(const physical_memory& settled, const ZoneinfoSettings& settings) {
    physical_memory mem = settled;
    EventSink quiet;
    physical_context cx{mem, quiet, 0, 0};
    mem.sysctl.min_free_kbytes = settings.min_free_kbytes;
    mem.sysctl.user_min_free = true;
    mem.sysctl.watermark_scale_factor = settings.watermark_scale_factor;
    mem.sysctl.percpu_pagelist_high_fraction = settings.percpu_pagelist_high_fraction;
    for (std::size_t i = 0; i < settings.lowmem_reserve_ratio.size(); ++i)
        mem.sysctl.lowmem_reserve_ratio[i] = settings.lowmem_reserve_ratio[i];
    setup_per_zone_wmarks(cx);
    setup_per_zone_lowmem_reserve(cx);
    return mem;
}

bool plausible(const ZoneinfoSettings& s) {
    constexpr i64 MOST = 1ll << 40;
    bool ok = s.min_free_kbytes >= 0 && s.min_free_kbytes < MOST && s.watermark_scale_factor >= 0 &&
              s.watermark_scale_factor <= 10000 && s.percpu_pagelist_high_fraction >= 0 &&
              s.percpu_pagelist_high_fraction < MOST;
    for (const i64 ratio : s.lowmem_reserve_ratio) ok = ok && ratio >= 0 && ratio < MOST;
    return ok;
}

} // namespace

void compare_boot(const OracleMachine& machine, const std::vector<ZoneinfoZone>& zoneinfo, FactLog& log) {
    const physical_memory& boot = machine.booted.at_boot;
    const physical_memory& settled = machine.booted.settled;
    for (const ZoneinfoZone& recorded : zoneinfo) {
        log.set_area(Area::boot_zones);
        const std::string place = at_line(recorded.line, recorded.zone);
        const zone* z = same_zone(settled, recorded, log);
        if (!z) continue;
        if (machine.machine.memory_known) {
            if (recorded.start_pfn && recorded.spanned > 0)
                log.equal_number("boot.start", place + " start_pfn", *recorded.start_pfn, z->start_pfn);
            log.equal_number("boot.spanned", place + " spanned", recorded.spanned, z->spanned_pages);
            log.equal_number("boot.present", place + " present", recorded.present, z->present_pages);
        }
        if (machine.machine.reserved_known || (machine.machine.memory_known && z->type == zone_type::highmem)) {
            log.equal_number("boot.managed", place + " managed", recorded.managed, z->managed_pages);
            if (recorded.cma && machine.machine.reserved_known)
                log.equal_number("boot.cma", place + " cma", *recorded.cma, z->cma_pages);
        }
    }
    log.set_area(Area::boot_zones);
    if (!zoneinfo.empty())
        log.equal_number("boot.nr_zones", "number of zones", static_cast<i64>(zoneinfo.size()),
                         static_cast<i64>(settled.zones.size()));
    if (!machine.boot_watermarks_known) return;
    compare_setting_zones(boot, boot, zoneinfo, log);

    const auto& sysctl = machine.machine.sysctl;
    if (const auto it = sysctl.find("min_free_kbytes"); it != sysctl.end()) {
        i64 value = 0;
        log.set_area(Area::watermarks);
        if (TextCursor(it->second).signed_number(value))
            log.equal_number("sysctl.min_free_kbytes", "min_free_kbytes", value, boot.sysctl.min_free_kbytes);
    }
    if (const auto it = sysctl.find("lowmem_reserve_ratio"); it != sysctl.end()) {
        log.set_area(Area::protection);
        TextCursor at(it->second);
        i64 value = 0;
        for (std::size_t i = 0; i < MAX_NR_ZONES && at.signed_number(value); ++i, at.skip_blanks())
            log.equal_number("sysctl.lowmem_reserve_ratio", "lowmem_reserve_ratio[" + std::to_string(i) + "]", value,
                             boot.sysctl.lowmem_reserve_ratio[i]);
    }
}

void compare_settings(const OracleMachine& machine, const std::vector<ZoneinfoRecord>& records, FactLog& log) {
    for (const ZoneinfoRecord& record : records) {
        if (!record.settings) {
            log.not_compared("zoneinfo without settings", record.zones.size());
            continue;
        }
        const ZoneinfoSettings& settings = *record.settings;
        if (!plausible(settings)) {
            log.not_compared("settings out of bounds", 1);
            continue;
        }
        if (settings.label == "default" && !machine.boot_watermarks_known) {
            log.not_compared("settings as boot computed them", 1);
        } else if (settings.label == "default") {
            // As boot left it, but that reading lowmem_reserve_ratio makes the kernel compute the reserves again.
            physical_memory mem = machine.booted.settled;
            EventSink quiet;
            physical_context cx{mem, quiet, 0, 0};
            setup_per_zone_lowmem_reserve(cx);
            log.set_area(Area::watermarks);
            log.equal_number("sysctl.min_free_kbytes", "line " + std::to_string(settings.line) + " min_free_kbytes",
                             settings.min_free_kbytes, mem.sysctl.min_free_kbytes);
            compare_setting_zones(mem, machine.booted.at_boot, record.zones, log);
        } else {
            compare_setting_zones(with_settings(machine.booted.settled, settings), machine.booted.at_boot, record.zones,
                                  log);
        }
    }
}

void compare_protection(const physical_memory& mem, const zone& z, const std::string& place,
                        const std::vector<i64>& recorded, FactLog& log) {
    std::vector<i64> engine;
    for (u32 i = 0; i < mem.nr_zone_types; ++i) engine.push_back(z.lowmem_reserve[i]);
    log.set_area(Area::protection);
    log.check("protection", engine == recorded,
              [&] { return place + " protection: recorded " + list_text(recorded) + ", engine " + list_text(engine); });
}

void compare_zonelists(const physical_memory& mem, const RecordedNodeSummary& node, FactLog& log) {
    const Area area = log.area();
    log.set_area(Area::zonelists);
    for (std::size_t i = 0; i < node.zonelists.size() && i < 2 && node.node < mem.nodes.size(); ++i) {
        std::string recorded, engine;
        for (const RecordedZoneRef& ref : node.zonelists[i]) recorded += " " + zone_text(ref);
        for (const u8 number : mem.nodes[node.node].node_zonelists[i])
            engine += " " + zone_text({mem.zones[number].node, mem.zones[number].type});
        log.check("zonelist", recorded == engine, [&] {
            return "node " + std::to_string(node.node) + " zonelist[" + std::to_string(i) + "]: recorded" + recorded +
                   ", engine" + engine;
        });
    }
    log.set_area(area);
}

} // namespace mm
