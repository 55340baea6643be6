#include "recording/zoneinfo.h"

#include "base/shown_text.h"

namespace mm {
namespace {

constexpr std::size_t MAX_RECORDS = 4096;
constexpr std::size_t MAX_ZONES = MAX_NODES * MAX_NR_ZONES;

Error damaged(u32 line, std::string_view text, std::string_view expected) {
    return Error{"", "found \"" + quotable(text, 60) + "\", expected " + std::string(expected), static_cast<int>(line),
                 1};
}

// "name   123": sets `value` when the line is about `name`. `bad` is set when the number is missing.
template <class T>
bool field(TextCursor at, std::string_view name, T& value, bool& bad) {
    if (!at.eat(name) || (at.peek() != ' ' && at.peek() != '\t')) return false;
    at.skip_blanks();
    i64 number = 0;
    if (!at.pages(number))
        bad = true;
    else
        value = number;
    return true;
}

// "protection: (0, 818, 966, 966)"
bool read_protection(TextCursor at, std::vector<i64>& out) {
    at.skip_blanks();
    if (!at.eat("(")) return false;
    do {
        i64 value = 0;
        at.skip_blanks();
        if (out.size() >= MAX_NR_ZONES || !at.pages(value)) return false;
        out.push_back(value);
    } while (at.eat(","));
    return at.eat(")");
}

bool read_settings(std::string_view line, ZoneinfoSettings& out) {
    TextCursor at(line);
    if (!at.eat("min_free_kbytes=") || !at.signed_number(out.min_free_kbytes)) return false;
    TextCursor rest = at;
    if (rest.find("watermark_scale_factor=") && !rest.signed_number(out.watermark_scale_factor)) return false;
    rest = at;
    if (rest.find("lowmem_reserve_ratio=")) {
        for (rest.skip_blanks(); rest.peek() >= '0' && rest.peek() <= '9'; rest.skip_blanks()) {
            i64 value = 0;
            if (out.lowmem_reserve_ratio.size() >= MAX_NR_ZONES || !rest.signed_number(value)) return false;
            out.lowmem_reserve_ratio.push_back(value);
        }
    }
    rest = at; // the kernel may have no such file: nothing is printed then
    if (rest.find("percpu_pagelist_high_fraction="))
        static_cast<void>(rest.signed_number(out.percpu_pagelist_high_fraction));
    rest = at;
    if (rest.find("user_min_free=")) out.label = std::string(rest.word().substr(0, 40));
    return true;
}

class ZoneinfoReader {
  public:
    std::optional<Error> read(std::string_view line, u32 number);
    std::vector<ZoneinfoRecord> records;

  private:
    std::optional<Error> begin_zone(std::string_view line, u32 number);
    std::optional<Error> zone_line(std::string_view line, u32 number);

    bool in_zone_ = false;
};

std::optional<Error> ZoneinfoReader::read(std::string_view line, u32 number) {
    if (line.starts_with("min_free_kbytes=")) {
        ZoneinfoSettings settings;
        settings.line = number;
        if (!read_settings(line, settings)) return damaged(number, line, "settings as name=value");
        if (records.size() >= MAX_RECORDS) return damaged(number, line, "fewer records");
        records.push_back({std::move(settings), {}});
        in_zone_ = false;
        return std::nullopt;
    }
    if (line.starts_with("Node ") && line.find(", zone ") != std::string_view::npos) return begin_zone(line, number);
    if (in_zone_) {
        if (line.starts_with(" ")) return zone_line(line, number);
        in_zone_ = false;
    }
    return std::nullopt;
}

// "Node 0, zone   Normal"
std::optional<Error> ZoneinfoReader::begin_zone(std::string_view line, u32 number) {
    TextCursor at(line);
    ZoneinfoZone zone;
    zone.line = number;
    u64 node = 0;
    static_cast<void>(at.eat("Node "));
    at.skip_blanks();
    if (!at.number(node, 10, MAX_NODES - 1) || !at.eat(", zone")) return damaged(number, line, "Node N, zone NAME");
    at.skip_blanks();
    const auto type = zone_type_from_name(at.word(","));
    if (!type) return damaged(number, line, "the name of a zone");
    at.skip_blanks();
    if (!at.at_end()) { // a line of /proc/buddyinfo or /proc/pagetypeinfo
        in_zone_ = false;
        return std::nullopt;
    }
    zone.zone = {static_cast<u8>(node), *type};
    if (records.empty()) records.emplace_back();
    if (records.back().zones.size() >= MAX_ZONES) return damaged(number, line, "fewer zones");
    records.back().zones.push_back(std::move(zone));
    in_zone_ = true;
    return std::nullopt;
}

std::optional<Error> ZoneinfoReader::zone_line(std::string_view line, u32 number) {
    ZoneinfoZone& zone = records.back().zones.back();
    TextCursor at(line);
    at.skip_blanks();
    if (at.eat("protection:"))
        return zone.protection.empty() && read_protection(at, zone.protection)
                   ? std::nullopt
                   : std::optional(damaged(number, line, "protection: (numbers)"));
    bool bad = false;
    TextCursor cpu_line = at;
    if (cpu_line.eat("cpu:")) {
        cpu_line.skip_blanks();
        u64 cpu = 0;
        if (zone.cpus.size() >= MAX_CPUS || !cpu_line.number(cpu, 10, MAX_CPUS - 1))
            return damaged(number, line, "cpu: N");
        zone.cpus.push_back({});
        zone.cpus.back().cpu = static_cast<u32>(cpu);
        return std::nullopt;
    }
    i64 number_out = 0;
    const auto optional_field = [&](std::string_view name, std::optional<i64>& out) {
        if (!field(at, name, number_out, bad)) return false;
        out = number_out;
        return true;
    };
    if (!zone.cpus.empty()) {
        ZoneinfoZone::Cpu& cpu = zone.cpus.back();
        if (field(at, "count:", cpu.count, bad) || field(at, "high:", cpu.high, bad) ||
            field(at, "batch:", cpu.batch, bad) || optional_field("high_min:", cpu.high_min) ||
            optional_field("high_max:", cpu.high_max)) {
            if (bad) return damaged(number, line, "a number");
            return std::nullopt;
        }
    }
    static_cast<void>(field(at, "pages free", zone.free, bad) || field(at, "min", zone.min, bad) ||
                      field(at, "low", zone.low, bad) || field(at, "high", zone.high, bad) ||
                      field(at, "spanned", zone.spanned, bad) || field(at, "present", zone.present, bad) ||
                      field(at, "managed", zone.managed, bad) || optional_field("boost", zone.boost) ||
                      optional_field("cma", zone.cma) || optional_field("start_pfn:", zone.start_pfn) ||
                      optional_field("vm stats threshold:", zone.stat_threshold));
    if (bad) return damaged(number, line, "a number");
    return std::nullopt;
}

} // namespace

Result<std::vector<ZoneinfoRecord>> parse_zoneinfo_records(std::string_view text) {
    ZoneinfoReader reader;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line))
        if (auto error = reader.read(line, lines.line_number())) return *error;
    return std::move(reader.records);
}

Result<std::vector<ZoneinfoZone>> parse_zoneinfo(std::string_view text) {
    auto records = parse_zoneinfo_records(text);
    if (!records) return records.error();
    if (records->empty()) return Error{"", "there is no line \"Node N, zone NAME\""};
    return std::move(records->front().zones);
}

} // namespace mm
