#include "recording/state.h"

#include <algorithm>

namespace mm {

namespace {

// Pageblock runs longer than this describe more memory than a profile may have.
constexpr u32 MAX_BLOCKS = static_cast<u32>(MAX_MEMORY_PAGES);

bool read_node_id(TextCursor& at, u8& node) {
    u64 value = 0;
    if (!at.number(value, 10, MAX_NODES - 1)) return false;
    node = static_cast<u8>(value);
    return true;
}

bool read_zone_name(TextCursor& at, zone_type& type, std::string_view stops = {}) {
    const auto found = zone_type_from_name(at.word(stops));
    if (!found) return false;
    type = *found;
    return true;
}

// "0:DMA"
bool read_zone_ref(TextCursor& at, RecordedZoneRef& ref) {
    return read_node_id(at, ref.node) && at.eat(":") && read_zone_name(at, ref.type, "(");
}

// "name=123", with the blank before it.
template <class T>
bool read_field(TextCursor& at, std::string_view name, T& value, int base = 10) {
    TextCursor ahead = at;
    ahead.skip_blanks();
    if (!ahead.eat(name) || !ahead.eat("=")) return false;
    if (base == 10) {
        i64 wide = 0;
        if (!ahead.pages(wide) || wide != static_cast<i64>(static_cast<T>(wide))) return false;
        value = static_cast<T>(wide);
    } else {
        u64 wide = 0;
        if (!ahead.number(wide, base, PFN_NONE - 1)) return false;
        value = static_cast<T>(wide);
    }
    at = ahead;
    return true;
}

template <class T>
bool read_comma_list(TextCursor& at, std::vector<T>& values, std::size_t limit) {
    do {
        i64 value = 0;
        if (values.size() >= limit || !at.signed_number(value) || value != static_cast<i64>(static_cast<T>(value)))
            return false;
        values.push_back(static_cast<T>(value));
    } while (at.eat(","));
    return true;
}

bool read_watermarks(TextCursor& at, std::array<i64, NR_WMARK>& marks) {
    at.skip_blanks();
    return at.eat("wm=") && at.pages(marks[0]) && at.eat(",") && at.pages(marks[1]) && at.eat(",") &&
           at.pages(marks[2]);
}

// "pcp=1141/1219/63"
bool read_pcp(TextCursor& at, i32& count, i32& high, i32& batch) {
    i64 c = 0, h = 0, b = 0;
    at.skip_blanks();
    if (!at.eat("pcp=") || !at.signed_number(c) || !at.eat("/") || !at.signed_number(h) || !at.eat("/") ||
        !at.signed_number(b))
        return false;
    const auto fits = [](i64 v) { return v >= -MAX_PCP_PAGES && v <= MAX_PCP_PAGES; };
    if (!fits(c) || !fits(h) || !fits(b)) return false;
    count = static_cast<i32>(c);
    high = static_cast<i32>(h);
    batch = static_cast<i32>(b);
    return true;
}

// " l3:4536a,4536e(30)"; false at the end of the line and on damage, which at.at_end() tells apart.
bool read_list(TextCursor& at, u8& index, std::vector<pfn_t>& pfns, u32& length) {
    at.skip_blanks();
    u64 number = 0;
    if (!at.eat("l") || !at.number(number, 10, NR_PCP_LISTS - 1) || !at.eat(":")) return false;
    index = static_cast<u8>(number);
    do {
        pfn_t pfn = 0;
        if (!at.pfn(pfn)) return false;
        pfns.push_back(pfn);
    } while (at.eat(","));
    return at.eat("(") && at.number32(length) && at.eat(")");
}

} // namespace

StateLine StateReader::read(std::string_view line) {
    starts_new_ = false;
    TextCursor at(line);
    if (at.eat("NODE ")) return read_node(at);
    if (at.eat("ZONE ")) return read_zone(at);
    if (at.eat("FL ")) return read_free_list(at);
    if (at.eat("PCP ")) return read_cpu(at);
    if (at.eat("PB ")) return read_blocks(at);
    if (at.eat("PCPMT ")) return read_remembered(at);
    if (at.eat("   ") && at.peek() >= '0' && at.peek() <= '9') {
        TextCursor ahead = at;
        if (ahead.find(":") && ahead.find(" free=")) return read_counters(at);
        return StateLine::not_state;
    }
    at = TextCursor(line);
    if (at.eat("  zonelist[")) return read_zonelist(at);
    if (at.eat("  zone[")) return read_zone_summary(at);
    return StateLine::not_state;
}

StateLine StateReader::read_node(TextCursor at) {
    RecordedNodeSummary node;
    if (!read_node_id(at, node.node) || !read_field(at, "start", node.start_pfn, 16) ||
        !read_field(at, "spanned", node.spanned_pages, 16) || !read_field(at, "present", node.present_pages, 16))
        return StateLine::unreadable;
    if (!read_field(at, "totalreserve", node.totalreserve)) return StateLine::unreadable;
    if (open_ != Open::summary || summaries.back().back().node >= node.node) {
        summaries.emplace_back();
        starts_new_ = true;
        open_ = Open::summary;
    }
    summaries.back().push_back(std::move(node));
    return StateLine::summary;
}

StateLine StateReader::read_zonelist(TextCursor at) {
    u64 index = 0;
    if (open_ != Open::summary || !at.number(index, 10, 1) || !at.eat("]:")) return StateLine::unreadable;
    std::vector<RecordedZoneRef> list;
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        RecordedZoneRef ref;
        u64 zone_index = 0;
        if (list.size() >= MAX_NODES * MAX_NR_ZONES || !read_zone_ref(at, ref) || !at.eat("(idx") ||
            !at.number(zone_index, 10, MAX_NR_ZONES - 1) || !at.eat(")"))
            return StateLine::unreadable;
        list.push_back(ref);
    }
    auto& lists = summaries.back().back().zonelists;
    if (lists.size() != index) return StateLine::unreadable;
    lists.push_back(std::move(list));
    return StateLine::summary;
}

StateLine StateReader::read_zone_summary(TextCursor at) {
    RecordedZoneSummary zone;
    u64 index = 0;
    if (open_ != Open::summary || !at.number(index, 10, MAX_NR_ZONES - 1) || !at.eat("] ") ||
        !read_zone_name(at, zone.zone.type) || !read_field(at, "start", zone.start_pfn, 16) ||
        !read_field(at, "spanned", zone.spanned_pages) || !read_field(at, "present", zone.present_pages) ||
        !read_field(at, "managed", zone.managed_pages) || !read_watermarks(at, zone.watermark))
        return StateLine::unreadable;
    static_cast<void>(read_field(at, "boost", zone.boost));
    at.skip_blanks();
    if (at.eat("lowmem_reserve=") && !read_comma_list(at, zone.lowmem_reserve, MAX_NR_ZONES))
        return StateLine::unreadable;
    static_cast<void>(read_field(at, "highatomic", zone.highatomic));
    zone.index = static_cast<u32>(index);
    RecordedNodeSummary& node = summaries.back().back();
    if (node.zones.size() != index) return StateLine::unreadable;
    zone.zone.node = node.node;
    node.zones.push_back(std::move(zone));
    return StateLine::summary;
}

StateLine StateReader::read_counters(TextCursor at) {
    RecordedCounters line;
    if (!read_zone_ref(at, line.zone) || !read_field(at, "free", line.free)) return StateLine::unreadable;
    at.skip_blanks();
    if (!at.eat("nr=") || !read_comma_list(at, line.nr_free, MAX_ORDERS) ||
        !read_pcp(at, line.count, line.high, line.batch))
        return StateLine::unreadable;
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        RecordedCounters::ListHead list;
        if (line.lists.size() >= NR_PCP_LISTS || !read_list(at, list.index, list.first, list.length))
            return StateLine::unreadable;
        line.lists.push_back(std::move(list));
    }
    counters = std::move(line);
    // Below a zone's line of a summary the counters belong to it.
    if (open_ == Open::summary && !summaries.back().back().zones.empty()) {
        RecordedZoneSummary& zone = summaries.back().back().zones.back();
        if (zone.zone == counters.zone && !zone.counters) {
            zone.counters = counters;
            return StateLine::summary;
        }
    }
    open_ = Open::nothing;
    return StateLine::counters;
}

StateLine StateReader::read_zone(TextCursor at) {
    recorded_zone zone;
    std::array<i64, NR_WMARK> marks{};
    if (!read_node_id(at, zone.node) || !at.eat(" ") || !read_zone_name(at, zone.type) ||
        !read_field(at, "start_pfn", zone.start_pfn, 16) || !read_field(at, "spanned", zone.spanned_pages, 16) ||
        !read_field(at, "present", zone.present_pages, 16) || !read_field(at, "managed", zone.managed_pages, 16) ||
        !read_field(at, "free", zone.nr_free_pages))
        return StateLine::unreadable;
    static_cast<void>(read_field(at, "cmafree", zone.nr_free_cma));
    if (!read_watermarks(at, marks)) return StateLine::unreadable;
    for (int i = 0; i < NR_WMARK; ++i) {
        const i64 mark = marks[static_cast<std::size_t>(i)];
        if (mark < 0 || mark > INT32_MAX) return StateLine::unreadable;
        zone.watermark[static_cast<std::size_t>(i)] = static_cast<u32>(mark);
    }
    const auto position = [](const recorded_zone& z) { return z.node * MAX_NR_ZONES + static_cast<int>(z.type); };
    if (open_ != Open::dump || position(dumps.back().zones.back()) >= position(zone)) {
        dumps.emplace_back();
        starts_new_ = true;
        open_ = Open::dump;
    }
    dumps.back().zones.push_back(std::move(zone));
    return StateLine::dump;
}

// "0 DMA" at the start of a line below ZONE: the zone that it belongs to is the last one of the dump.
recorded_zone* StateReader::dumped_zone(TextCursor& at) {
    u8 node = 0;
    zone_type type = zone_type::normal;
    if (open_ != Open::dump || !read_node_id(at, node) || !at.eat(" ") || !read_zone_name(at, type)) return nullptr;
    recorded_zone& zone = dumps.back().zones.back();
    return zone.node == node && zone.type == type ? &zone : nullptr;
}

StateLine StateReader::read_free_list(TextCursor at) {
    recorded_zone* zone = dumped_zone(at);
    u32 order = 0, type = 0;
    if (!zone || !read_field(at, "o", order) || !read_field(at, "mt", type) || !at.eat(":") || order >= MAX_ORDERS ||
        type >= MIGRATE_TYPES)
        return StateLine::unreadable;
    recorded_zone::free_list list{static_cast<u8>(order), static_cast<migratetype>(type), {}};
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        pfn_t pfn = 0;
        if (!at.pfn(pfn)) return StateLine::unreadable;
        list.pfns.push_back(pfn);
    }
    zone->free_lists.push_back(std::move(list));
    return StateLine::dump;
}

StateLine StateReader::read_cpu(TextCursor at) {
    recorded_zone* zone = dumped_zone(at);
    recorded_zone::cpu_pages cpu;
    if (!zone || !read_field(at, "cpu", cpu.cpu) || cpu.cpu >= MAX_CPUS ||
        !read_pcp(at, cpu.count, cpu.high, cpu.batch))
        return StateLine::unreadable;
    static_cast<void>(read_field(at, "free_factor", cpu.free_factor));
    static_cast<void>(read_field(at, "high_min", cpu.high_min));
    static_cast<void>(read_field(at, "high_max", cpu.high_max));
    static_cast<void>(read_field(at, "flags", cpu.flags, 16));
    static_cast<void>(read_field(at, "alloc_factor", cpu.alloc_factor));
    static_cast<void>(read_field(at, "free_count", cpu.free_count));
    const auto fits = [](i32 v) { return v >= -MAX_PCP_PAGES && v <= MAX_PCP_PAGES; };
    if (!fits(cpu.high_min) || !fits(cpu.high_max) || !fits(cpu.free_count)) return StateLine::unreadable;
    // The kernel prints CPUs by number: one that comes again is no second list of the same CPU.
    if (!zone->cpus.empty() && zone->cpus.back().cpu >= cpu.cpu) return StateLine::unreadable;
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        recorded_zone::cpu_pages::list list;
        u32 length = 0;
        if (cpu.lists.size() >= NR_PCP_LISTS || !read_list(at, list.index, list.pfns, length) ||
            length != list.pfns.size())
            return StateLine::unreadable;
        cpu.lists.push_back(std::move(list));
    }
    zone->cpus.push_back(std::move(cpu));
    return StateLine::dump;
}

StateLine StateReader::read_remembered(TextCursor at) {
    recorded_zone* zone = dumped_zone(at);
    u32 number = 0;
    if (!zone || !read_field(at, "cpu", number) || !at.find("):")) return StateLine::unreadable;
    const auto cpu = std::find_if(zone->cpus.begin(), zone->cpus.end(), [&](const auto& c) { return c.cpu == number; });
    if (cpu == zone->cpus.end() || !cpu->remembered.empty()) return StateLine::unreadable;
    auto& all = cpu->remembered;
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        pfn_t pfn = 0;
        u64 type = 0;
        if (!at.pfn(pfn) || !at.eat(":") || !at.number(type, 10, MIGRATE_TYPES - 1)) return StateLine::unreadable;
        auto by_type = std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.type == type; });
        if (by_type == all.end()) by_type = all.insert(all.end(), {static_cast<migratetype>(type), {}});
        by_type->pfns.push_back(pfn);
    }
    dumps.back().tells_remembered = true;
    return StateLine::dump;
}

StateLine StateReader::read_blocks(TextCursor at) {
    recorded_zone* zone = dumped_zone(at);
    u32 order = 0;
    if (!zone || !at.find("pageblock_order=") || !at.number32(order) || order >= MAX_ORDERS || !at.find("):"))
        return StateLine::unreadable;
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        recorded_zone::block_run run;
        i64 type = 0;
        if (!at.pfn(run.pfn) || !at.eat("+") || !at.number32(run.count) || run.count > MAX_BLOCKS || !at.eat(":") ||
            !at.signed_number(type) || type < -2 || type >= MIGRATE_TYPES)
            return StateLine::unreadable;
        run.type = static_cast<i32>(type);
        zone->block_types.push_back(run);
    }
    dumps.back().pageblock_order = order;
    return StateLine::dump;
}

} // namespace mm
