#include "oracle/replay.h"

#include <algorithm>
#include <map>

#include "physical/boot.h"
#include "physical/page_alloc.h"

namespace mm {
namespace {

// page::stamp of what the script itself touched.
constexpr u32 OWN_STAMP = 1;

RecordedZoneRef ref_of(const recorded_zone& zone) { return {zone.node, zone.type}; }

std::string numbers_text(const std::vector<u32>& values) {
    std::string out;
    for (std::size_t i = 0; i < values.size(); ++i) out += (i ? "," : "") + std::to_string(values[i]);
    return out;
}

// The first place where two lists part, with a few members.
std::string lists_text(const std::vector<pfn_t>& recorded, const std::vector<pfn_t>& engine) {
    std::size_t same = 0;
    while (same < recorded.size() && same < engine.size() && recorded[same] == engine[same]) ++same;
    const auto from = [same](const std::vector<pfn_t>& list) {
        std::string out;
        for (std::size_t i = same; i < list.size() && i < same + 4; ++i) out += " " + hex(list[i]);
        return out.empty() ? std::string(" nothing") : out;
    };
    return "equal up to member " + std::to_string(same) + ", then recorded" + from(recorded) + " (" +
           std::to_string(recorded.size()) + " in all), engine" + from(engine) + " (" + std::to_string(engine.size()) +
           ")";
}

std::string kind_of(std::string_view prefix, std::string_view kind) { return std::string(prefix) + std::string(kind); }

// Pageblocks that the recording calls atomic reserves.
u32 highatomic_pages(const recorded_zone& zone, u32 pageblock_pages) {
    u64 blocks = 0;
    for (const auto& run : zone.block_types)
        if (run.type == MIGRATE_HIGHATOMIC) blocks += run.count;
    return static_cast<u32>(std::min<u64>(blocks * pageblock_pages, zone.present_pages));
}

} // namespace

std::vector<pfn_t> list_members(const physical_memory& mem, const page_list& list) {
    std::vector<pfn_t> out;
    for (pfn_t pfn = list.first; pfn != PFN_NONE; pfn = mem.page_at(pfn).next) out.push_back(pfn);
    return out;
}

std::vector<u32> nr_free_by_order(const physical_memory& mem, const zone& z) {
    std::vector<u32> out;
    for (u32 order = 0; order < mem.nr_orders; ++order) out.push_back(z.area[order].nr_free);
    return out;
}

std::optional<Error> Replay::start(const OracleMachine& machine, const RecordedDump& dump,
                                   const physical_memory& settings, FactLog& log) {
    started_ = false;
    machine_profile profile = machine.machine.profile;
    profile.sysctl = settings.sysctl;
    profile.recorded = dump.zones;
    for (recorded_zone& zone : profile.recorded) {
        zone.nr_reserved_highatomic = highatomic_pages(zone, 1u << settings.pageblock_order);
        const mm::zone* known = find_zone(settings, ref_of(zone));
        if (!known) continue;
        zone.cma_pages = std::min(known->cma_pages, zone.managed_pages);
        const i64 boost = static_cast<i64>(zone.watermark[WMARK_MIN]) - known->watermark[WMARK_MIN];
        bool same_boost = boost >= 0;
        for (std::size_t i = 0; i < NR_WMARK; ++i)
            same_boost = same_boost && static_cast<i64>(zone.watermark[i]) - known->watermark[i] == boost;
        if (machine.boot_watermarks_known)
            log.check("start.wmark", same_boost, [&] {
                return "zone " + zone_text(ref_of(zone)) + ": recorded watermarks " +
                       std::to_string(zone.watermark[0]) + "," + std::to_string(zone.watermark[1]) + "," +
                       std::to_string(zone.watermark[2]) +
                       " are not the engine's plus a boost: " + std::to_string(known->watermark[0]) + "," +
                       std::to_string(known->watermark[1]) + "," + std::to_string(known->watermark[2]);
            });
        if (!same_boost || !machine.boot_watermarks_known) continue;
        zone.watermark = known->watermark;
        zone.watermark_boost = static_cast<u32>(boost);
    }
    if (auto error = check_profile(profile)) return error;
    if (auto error = restore_recorded(memory_, profile)) return error;
    // The module reads counter and lists under one lock, unlike a report.
    if (const std::vector<Told> apart = restore_notes(memory_); !apart.empty())
        return told_error("recorded", apart.front());
    // What the settings decided before the dump was taken stays as it was computed then.
    for (zone& z : memory_.zones) {
        const mm::zone* known = find_zone(settings, {z.node, z.type});
        if (known) z.lowmem_reserve = known->lowmem_reserve;
    }
    for (pglist_data& node : memory_.nodes) node.totalreserve_pages = settings.nodes[node.node_id].totalreserve_pages;
    started_ = true;
    return std::nullopt;
}

pfn_t Replay::alloc(u32 order, gfp_t gfp, int node) {
    physical_context cx{memory_, sink_, 0, OWN_STAMP};
    if (order >= memory_.nr_orders || node >= static_cast<int>(memory_.nodes.size())) return PFN_NONE;
    return alloc_pages(cx, {order, gfp, node});
}

void Replay::free(pfn_t pfn, u32 order) {
    physical_context cx{memory_, sink_, 0, OWN_STAMP};
    if (order < memory_.nr_orders) free_pages(cx, pfn, order);
}

bool Replay::holds(pfn_t pfn, u32 order) const {
    if (!memory_.pfn_valid(pfn)) return false;
    const page& head = memory_.page_at(pfn);
    return head.state() == page_state::allocated && head.order() == order;
}

bool Replay::hold(pfn_t pfn, u32 order, bool compound) {
    const u32 size = 1u << order;
    if (order >= memory_.nr_orders || (pfn & (size - 1)) || !memory_.pfn_valid(pfn) ||
        !memory_.pfn_valid(pfn + size - 1))
        return false;
    for (pfn_t at = pfn; at < pfn + size; ++at)
        if (memory_.page_at(at).state() != page_state::allocated || memory_.page_at(at).order() != 0) return false;
    for (pfn_t at = pfn + 1; at < pfn + size; ++at) {
        page& tail = memory_.page_mut(at);
        tail.set_state(page_state::tail);
        tail.refcount = 0;
    }
    page& head = memory_.page_mut(pfn);
    head.set_order(order);
    head.set_compound(compound && order > 0);
    head.refcount = 1;
    head.stamp = OWN_STAMP;
    return true;
}

void Replay::compare_counters(const RecordedCounters& recorded, std::string_view place, std::string_view kind_prefix,
                              FactLog& log) const {
    const zone* z = find_zone(memory_, recorded.zone);
    const std::string at = std::string(place) + ", zone " + zone_text(recorded.zone);
    const bool exists = z && !z->pcp.empty();
    log.check("zone.exists", exists, [&] { return at + ": the engine has no such zone"; });
    if (!exists) return;
    log.equal_number(kind_of(kind_prefix, "zone.free"), at + " free", recorded.free, z->nr_free_pages);
    const std::vector<u32> nr_free = nr_free_by_order(memory_, *z);
    log.check(kind_of(kind_prefix, "zone.nr_free"), nr_free == recorded.nr_free, [&] {
        return at + " nr_free: recorded " + numbers_text(recorded.nr_free) + ", engine " + numbers_text(nr_free);
    });
    const per_cpu_pages& pcp = z->pcp[0];
    log.equal_number(kind_of(kind_prefix, "pcp.count"), at + " pcp count", recorded.count, pcp.count);
    log.equal_number(kind_of(kind_prefix, "pcp.high"), at + " pcp high", recorded.high, pcp.high);
    log.equal_number(kind_of(kind_prefix, "pcp.batch"), at + " pcp batch", recorded.batch, pcp.batch);
    for (u8 index = 0; index < NR_PCP_LISTS; ++index) {
        const auto it = std::find_if(recorded.lists.begin(), recorded.lists.end(),
                                     [&](const RecordedCounters::ListHead& list) { return list.index == index; });
        const page_list& list = pcp.lists[index];
        if (it == recorded.lists.end() && list.empty()) continue;
        const std::vector<pfn_t> first = it == recorded.lists.end() ? std::vector<pfn_t>{} : it->first;
        const u32 length = it == recorded.lists.end() ? 0 : it->length;
        std::vector<pfn_t> members;
        for (pfn_t pfn = list.first; pfn != PFN_NONE && members.size() < first.size(); pfn = memory_.page_at(pfn).next)
            members.push_back(pfn);
        log.check(kind_of(kind_prefix, "pcp.list"), members == first && list.nr == length, [&] {
            return at + " list " + std::to_string(index) + ": " + lists_text(first, members) + "; lengths " +
                   std::to_string(length) + " and " + std::to_string(list.nr);
        });
    }
}

bool Replay::compare_zone_dump(const recorded_zone& recorded, std::string_view place, std::string_view kind_prefix,
                               FactLog& log) const {
    const zone* z = find_zone(memory_, ref_of(recorded));
    const std::string at = std::string(place) + ", zone " + zone_text(ref_of(recorded));
    if (!log.check("zone.exists", z != nullptr, [&] { return at + ": the engine has no such zone"; })) return false;
    const auto kind = [&](std::string_view name) { return kind_of(kind_prefix, name); };
    log.equal_number(kind("dump.managed"), at + " managed", recorded.managed_pages, z->managed_pages);
    log.equal_number(kind("dump.free"), at + " free", recorded.nr_free_pages, z->nr_free_pages);
    if (recorded.nr_free_cma >= 0)
        log.equal_number(kind("dump.cmafree"), at + " cmafree", recorded.nr_free_cma, z->nr_free_cma);
    for (std::size_t i = 0; i < NR_WMARK; ++i)
        log.equal_number(kind("dump.wmark"), at + " wm[" + std::to_string(i) + "]", recorded.watermark[i],
                         z->wmark_pages(static_cast<wmark>(i)));
    bool equal = compare_free_lists(*z, recorded, at, kind("dump.free_list"), log);
    for (const recorded_zone::cpu_pages& cpu : recorded.cpus) {
        const std::string cpu_at = at + " CPU " + std::to_string(cpu.cpu);
        if (!log.check("pcp.exists", cpu.cpu < z->pcp.size(), [&] { return cpu_at + ": the engine has no such CPU"; }))
            continue;
        compare_pcp_numbers(z->pcp[cpu.cpu], cpu, cpu_at, kind_prefix, log);
        equal &= compare_pcp_lists(z->pcp[cpu.cpu], cpu, cpu_at, kind("dump.pcp_list"), log);
    }
    return compare_block_types(*z, recorded, at, kind("dump.blocks"), log) && equal;
}

bool Replay::compare_free_lists(const zone& z, const recorded_zone& recorded, const std::string& at,
                                std::string_view kind, FactLog& log) const {
    bool equal = true;
    for (u8 order = 0; order < memory_.nr_orders; ++order) {
        for (u8 type = 0; type < MIGRATE_TYPES; ++type) {
            const auto it = std::find_if(recorded.free_lists.begin(), recorded.free_lists.end(),
                                         [&](const auto& list) { return list.order == order && list.type == type; });
            const page_list& list = z.area[order].free_list[type];
            if (it == recorded.free_lists.end() && list.empty()) continue;
            static const std::vector<pfn_t> nothing;
            const std::vector<pfn_t>& pfns = it == recorded.free_lists.end() ? nothing : it->pfns;
            const std::vector<pfn_t> members = list_members(memory_, list);
            equal &= log.check(kind, members == pfns, [&] {
                return at + " free list order " + std::to_string(order) + " " + std::string(migratetype_names[type]) +
                       ": " + lists_text(pfns, members);
            });
        }
    }
    return equal;
}

void Replay::compare_pcp_numbers(const per_cpu_pages& pcp, const recorded_zone::cpu_pages& cpu, const std::string& at,
                                 std::string_view kind_prefix, FactLog& log) const {
    const auto same = [&](const std::string& name, i64 recorded, i64 engine) {
        log.equal_number(kind_of(kind_prefix, "dump.pcp." + name), at + " " + name, recorded, engine);
    };
    same("count", cpu.count, pcp.count);
    same("high", cpu.high, pcp.high);
    same("batch", cpu.batch, pcp.batch);
    if (memory_.rules.pcp_high_orders() && !memory_.rules.pcp_auto_tuned())
        same("free_factor", cpu.free_factor, pcp.free_factor);
    if (!memory_.rules.pcp_auto_tuned()) return;
    same("high_min", cpu.high_min, pcp.high_min);
    same("high_max", cpu.high_max, pcp.high_max);
    same("flags", cpu.flags, pcp.flags);
    same("alloc_factor", cpu.alloc_factor, pcp.alloc_factor);
    same("free_count", cpu.free_count, pcp.free_count);
}

bool Replay::compare_pcp_lists(const per_cpu_pages& pcp, const recorded_zone::cpu_pages& cpu, const std::string& at,
                               std::string_view kind, FactLog& log) const {
    bool equal = true;
    for (u8 index = 0; index < NR_PCP_LISTS; ++index) {
        const auto it =
            std::find_if(cpu.lists.begin(), cpu.lists.end(), [&](const auto& list) { return list.index == index; });
        if (it == cpu.lists.end() && pcp.lists[index].empty()) continue;
        static const std::vector<pfn_t> nothing;
        const std::vector<pfn_t>& pfns = it == cpu.lists.end() ? nothing : it->pfns;
        const std::vector<pfn_t> members = list_members(memory_, pcp.lists[index]);
        equal &= log.check(kind, members == pfns,
                           [&] { return at + " list " + std::to_string(index) + ": " + lists_text(pfns, members); });
    }
    return equal;
}

bool Replay::compare_block_types(const zone& z, const recorded_zone& recorded, const std::string& at,
                                 std::string_view kind, FactLog& log) const {
    if (recorded.block_types.empty()) return true;
    std::string first_difference;
    for (const auto& run : recorded.block_types) {
        for (u32 i = 0; i < run.count && first_difference.empty(); ++i) {
            const u64 pfn = static_cast<u64>(run.pfn) + static_cast<u64>(i) * memory_.pageblock_nr_pages();
            if (run.type < 0 || pfn >= z.end_pfn() || !z.spans(static_cast<pfn_t>(pfn))) break;
            const migratetype type = memory_.block_type(static_cast<pfn_t>(pfn));
            if (type != run.type)
                first_difference = hex(pfn) + " is " + std::to_string(run.type) + ", engine " + std::to_string(type);
        }
    }
    return log.check(kind, first_difference.empty(),
                     [&] { return at + " pageblock types: recorded " + first_difference; });
}

// Which pages of the CPUs' lists remember another type than their pageblock's, and which.
void Replay::compare_remembered(const recorded_zone& recorded, const std::string& at, std::string_view kind,
                                FactLog& log) const {
    const zone* z = find_zone(memory_, ref_of(recorded));
    for (const auto& cpu : recorded.cpus) {
        if (!z || cpu.cpu >= z->pcp.size()) continue;
        std::map<pfn_t, u32> told, kept;
        for (const auto& of_type : cpu.remembered)
            for (const pfn_t pfn : of_type.pfns) told[pfn] = of_type.type;
        for (const page_list& list : z->pcp[cpu.cpu].lists)
            for (const pfn_t pfn : list_members(memory_, list))
                if (const migratetype type = memory_.page_at(pfn).type(); type != memory_.block_type(pfn))
                    kept[pfn] = type;
        log.check(kind, told == kept, [&] {
            const auto parted = std::mismatch(told.begin(), told.end(), kept.begin(), kept.end());
            const auto text = [](auto it, auto end) {
                return it == end ? std::string("nothing more") : hex(it->first) + ":" + std::to_string(it->second);
            };
            return at + " CPU " + std::to_string(cpu.cpu) + " remembered types: recorded " +
                   text(parted.first, told.end()) + ", engine " + text(parted.second, kept.end());
        });
    }
}

bool Replay::compare_dump(const RecordedDump& dump, std::string_view place, std::string_view kind_prefix,
                          FactLog& log) const {
    bool lists_equal = true;
    for (const recorded_zone& zone : dump.zones) {
        lists_equal &= compare_zone_dump(zone, place, kind_prefix, log);
        if (dump.tells_remembered)
            compare_remembered(zone, std::string(place) + ", zone " + zone_text(ref_of(zone)),
                               kind_of(kind_prefix, "dump.pcp_remembered"), log);
    }
    return lists_equal;
}

} // namespace mm
