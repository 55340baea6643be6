// Places as text: what a link, a search or a number in a sentence points at.
#include <charconv>
#include <iterator>

#include "bridge.h"
#include "bridge_structs.h"
#include "views/slab_state.h"

namespace shell {
namespace {

using mm::i64;

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return parts;
        begin = end + 1;
    }
}

std::optional<i64> parse_number(std::string_view text, int base) {
    i64 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
}

std::string zone_text(const mm::Machine& machine, i64 index) {
    const mm::zone& zone = machine.physical.zones[static_cast<std::size_t>(index)];
    return std::to_string(zone.node) + "/" + std::string(zone.name());
}

std::optional<i64> parse_zone(const mm::Machine& machine, std::string_view node, std::string_view name) {
    const std::optional<i64> number = parse_number(node, 10);
    const auto& zones = machine.physical.zones;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        if (number && zones[i].node == *number && zones[i].name() == name) return static_cast<i64>(i);
    }
    return std::nullopt;
}

std::optional<i64> parse_type(std::string_view name) {
    for (std::size_t i = 0; i < mm::migratetype_names.size(); ++i) {
        if (mm::migratetype_names[i] == name) return static_cast<i64>(i);
    }
    return std::nullopt;
}

// Several caches may have one name, and a cache several names: the newest of that name, then aliases.
mm::cache_id cache_named(const mm::slab_memory& slabs, std::string_view name) {
    mm::u32 seen = 0;
    for (mm::cache_id id = slabs.slab_caches; slabs.up && id != mm::CACHE_NONE && seen < slabs.nr_caches;
         id = slabs.caches[id].list_next, ++seen)
        if (mm::name_text(slabs.caches[id].name) == name) return id;
    for (const mm::cache_alias& alias : slabs.aliases)
        if (mm::name_text(alias.name) == name && cache_exists(slabs, alias.cache)) return alias.cache;
    return mm::CACHE_NONE;
}

std::string cache_text(const mm::slab_memory& slabs, i64 id) {
    if (id < 0 || id >= slabs.nr_caches) return "";
    const std::string name(mm::name_text(slabs.caches[static_cast<mm::u32>(id)].name));
    return "cache:" + (cache_named(slabs, name) == id ? name : name + "@" + std::to_string(id));
}

std::optional<i64> parse_cache(const mm::slab_memory& slabs, std::string_view text) {
    const mm::cache_id named = cache_named(slabs, text);
    if (named != mm::CACHE_NONE) return named;
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::optional<i64> id = parse_number(text.substr(at + 1), 10);
    if (!id || !cache_exists(slabs, *id)) return std::nullopt;
    return mm::name_text(slabs.caches[static_cast<mm::u32>(*id)].name) == text.substr(0, at) ? id : std::nullopt;
}

// The kernel's own space goes without saying.
std::string address_text(const Selection& place) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, static_cast<mm::u64>(place.value), 16).ptr;
    const std::string text = "address:" + std::string(digits, end);
    return place.second == mm::INIT_MM ? text : text + "/" + std::to_string(place.second);
}

// Any address may be asked about; the space must be there.
std::optional<Selection> parse_address(const mm::Machine& machine, const std::vector<std::string_view>& part) {
    mm::u64 value = 0;
    const char* const last = part[0].data() + part[0].size();
    const auto [end, error] = std::from_chars(part[0].data(), last, value, 16);
    if (error != std::errc{} || end != last || part.size() > 2) return std::nullopt;
    const std::optional<i64> space = part.size() == 2 ? parse_number(part[1], 10) : mm::INIT_MM;
    const bool is_there = space && *space < mm::MAX_SPACES &&
                          (*space == mm::INIT_MM || machine.mmu.has_space(static_cast<mm::space_id>(*space)));
    if (!is_there) return std::nullopt;
    return Selection{Selection::Kind::address, static_cast<i64>(value), *space, 0};
}

} // namespace

bool place_exists(const mm::Machine& machine, const Selection& place) {
    using Kind = Selection::Kind;
    switch (place.kind) {
    case Kind::pfn: return machine.physical.pfn_valid(static_cast<mm::frame_t>(place.value));
    case Kind::zone:
    case Kind::free_list:
    case Kind::pcp_list: {
        const auto& zones = machine.physical.zones;
        if (place.value >= static_cast<i64>(zones.size())) return false;
        return place.kind != Kind::pcp_list ||
               place.third < std::ssize(zones[static_cast<std::size_t>(place.value)].pcp);
    }
    case Kind::none:
    case Kind::cache:
    case Kind::object:
    case Kind::address: return true;
    }
    return true;
}

std::string place_text(const mm::Machine& machine, const Selection& place) {
    using Kind = Selection::Kind;
    switch (place.kind) {
    case Kind::none: return "";
    case Kind::pfn: return "pfn:" + hex(static_cast<mm::u64>(place.value));
    case Kind::zone: return "zone:" + zone_text(machine, place.value);
    case Kind::free_list:
        return "list:" + zone_text(machine, place.value) + "/" + std::to_string(place.second) + "/" +
               std::string(mm::migratetype_names[static_cast<std::size_t>(place.third)]);
    case Kind::pcp_list:
        return "pcp:" + zone_text(machine, place.value) + "/" + std::to_string(place.third) + "/" +
               std::to_string(place.second);
    case Kind::cache: return cache_text(machine.slabs, place.value);
    case Kind::object: return "object:" + hex(static_cast<mm::u64>(place.value));
    case Kind::address: return address_text(place);
    }
    return "";
}

std::optional<Selection> parse_place(const mm::Machine& machine, std::string_view text) {
    using Kind = Selection::Kind;
    if (text.empty()) return Selection{};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view kind = text.substr(0, colon);
    if (kind == "cache") {
        const std::optional<i64> cache = parse_cache(machine.slabs, text.substr(colon + 1));
        return cache ? std::optional(Selection{Kind::cache, *cache, 0, 0}) : std::nullopt;
    }
    const std::vector<std::string_view> part = split(text.substr(colon + 1), '/');

    if (kind == "pfn" && part.size() == 1) {
        const std::optional<i64> pfn = parse_number(part[0], 16);
        if (!pfn || !machine.physical.pfn_valid(static_cast<mm::frame_t>(*pfn))) return std::nullopt;
        return Selection{Kind::pfn, *pfn, 0, 0};
    }
    if (kind == "object" && part.size() == 1) {
        const std::optional<i64> address = parse_number(part[0], 16);
        const Selection object{Kind::object, address.value_or(0), 0, 0};
        return address && selected_frame(machine, object) ? std::optional(object) : std::nullopt;
    }
    if (kind == "address") return parse_address(machine, part);
    if (part.size() < 2) return std::nullopt;
    const std::optional<i64> zone = parse_zone(machine, part[0], part[1]);
    if (!zone) return std::nullopt;
    if (kind == "zone" && part.size() == 2) return Selection{Kind::zone, *zone, 0, 0};
    if (part.size() != 4) return std::nullopt;
    const std::optional<i64> second = parse_number(part[2], 10);
    if (kind == "list") {
        const std::optional<i64> type = parse_type(part[3]);
        if (!second || *second >= machine.physical.nr_orders || !type) return std::nullopt;
        return Selection{Kind::free_list, *zone, *second, *type};
    }
    if (kind == "pcp") {
        const std::optional<i64> list = parse_number(part[3], 10);
        const auto& cpus = machine.physical.zones[static_cast<std::size_t>(*zone)].pcp;
        if (!second || *second >= static_cast<i64>(cpus.size()) || !list || *list >= mm::NR_PCP_LISTS)
            return std::nullopt;
        return Selection{Kind::pcp_list, *zone, *list, *second};
    }
    return std::nullopt;
}

} // namespace shell
