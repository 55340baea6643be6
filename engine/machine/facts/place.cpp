#include "machine/facts/place.h"

#include <charconv>
#include <iterator>
#include <vector>

#include "base/hex.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/slab_state.h"
#include "slab/slab.h"
#include "slab/slabs.h"

namespace mm {
namespace {

// nullopt: no place is called so.
std::optional<Place::Kind> kind_named(std::string_view name) {
    for (std::size_t i = 1; i < place_kind_names.size(); ++i)
        if (place_kind_names[i] == name) return static_cast<Place::Kind>(i);
    return std::nullopt;
}

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

std::string zone_text(const Machine& machine, i64 index) {
    const zone& z = machine.physical.zones[static_cast<std::size_t>(index)];
    return std::to_string(z.node) + "/" + std::string(z.name());
}

std::optional<i64> parse_zone(const Machine& machine, std::string_view node, std::string_view name) {
    const std::optional<i64> number = parse_number(node, 10);
    const auto& zones = machine.physical.zones;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        if (number && zones[i].node == *number && zones[i].name() == name) return static_cast<i64>(i);
    }
    return std::nullopt;
}

std::optional<i64> parse_type(std::string_view name) {
    for (std::size_t i = 0; i < migratetype_names.size(); ++i) {
        if (migratetype_names[i] == name) return static_cast<i64>(i);
    }
    return std::nullopt;
}

// Several caches may have one name, and a cache several names: the newest of that name, then aliases.
cache_id cache_named(const slab_memory& slabs, std::string_view name) {
    u32 seen = 0;
    for (cache_id id = slabs.slab_caches; slabs.up && id != CACHE_NONE && seen < slabs.nr_caches;
         id = slabs.caches[id].list_next, ++seen)
        if (name_text(slabs.caches[id].name) == name) return id;
    for (const cache_alias& alias : slabs.aliases)
        if (name_text(alias.name) == name && cache_exists(slabs, alias.cache)) return alias.cache;
    return CACHE_NONE;
}

std::string cache_text(const slab_memory& slabs, u32 id) {
    const std::string name(name_text(slabs.caches[id].name));
    return cache_named(slabs, name) == id ? name : name + "@" + std::to_string(id);
}

std::optional<i64> parse_cache(const slab_memory& slabs, std::string_view text) {
    const cache_id named = cache_named(slabs, text);
    if (named != CACHE_NONE) return named;
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::optional<i64> id = parse_number(text.substr(at + 1), 10);
    if (!id || !cache_exists(slabs, *id)) return std::nullopt;
    return name_text(slabs.caches[static_cast<u32>(*id)].name) == text.substr(0, at) ? id : std::nullopt;
}

// The kernel's own space goes without saying.
std::string address_text(const Place& place) {
    const std::string text = hex(static_cast<u64>(place.value));
    return place.second == INIT_MM ? text : text + "/" + std::to_string(place.second);
}

// Any address may be asked about; the space must be there.
std::optional<Place> parse_address(const Machine& machine, const std::vector<std::string_view>& part) {
    u64 value = 0;
    const char* const last = part[0].data() + part[0].size();
    const auto [end, error] = std::from_chars(part[0].data(), last, value, 16);
    if (error != std::errc{} || end != last || part.size() > 2) return std::nullopt;
    const std::optional<i64> space = part.size() == 2 ? parse_number(part[1], 10) : INIT_MM;
    const bool is_there =
        space && *space < MAX_SPACES && (*space == INIT_MM || machine.mmu.has_space(static_cast<space_id>(*space)));
    if (!is_there) return std::nullopt;
    return Place{Place::Kind::address, static_cast<i64>(value), *space, 0};
}

// What stands in a zone: "0/Normal", and behind it the numbers of a list.
std::optional<Place> parse_in_zone(const Machine& machine, Place::Kind kind,
                                   const std::vector<std::string_view>& part) {
    const std::optional<i64> at = part.size() < 2 ? std::nullopt : parse_zone(machine, part[0], part[1]);
    if (!at) return std::nullopt;
    if (kind == Place::Kind::zone) return part.size() == 2 ? std::optional(Place{kind, *at, 0, 0}) : std::nullopt;
    if (part.size() != 4) return std::nullopt;
    const std::optional<i64> second = parse_number(part[2], 10);
    if (kind == Place::Kind::free_list) {
        const std::optional<i64> type = parse_type(part[3]);
        if (!second || *second >= machine.physical.nr_orders || !type) return std::nullopt;
        return Place{kind, *at, *second, *type};
    }
    const std::optional<i64> list = parse_number(part[3], 10);
    const auto& cpus = machine.physical.zones[static_cast<std::size_t>(*at)].pcp;
    if (!second || *second >= static_cast<i64>(cpus.size()) || !list || *list >= NR_PCP_LISTS) return std::nullopt;
    return Place{kind, *at, *list, *second};
}

} // namespace

std::string place_prefix(Place::Kind kind) {
    return std::string(place_kind_names[static_cast<std::size_t>(kind)]) + ":";
}

bool place_exists(const Machine& machine, const Place& place) {
    using Kind = Place::Kind;
    switch (place.kind) {
    case Kind::pfn: return machine.physical.pfn_valid(static_cast<frame_t>(place.value));
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

std::string place_text(const Machine& machine, const Place& place) {
    using Kind = Place::Kind;
    const auto with_kind = [&](const std::string& text) { return place_prefix(place.kind) + text; };
    switch (place.kind) {
    case Kind::none: return "";
    case Kind::pfn:
    case Kind::object: return with_kind(hex(static_cast<u64>(place.value)));
    case Kind::zone: return with_kind(zone_text(machine, place.value));
    case Kind::free_list:
        return with_kind(zone_text(machine, place.value) + "/" + std::to_string(place.second) + "/" +
                         std::string(migratetype_names[static_cast<std::size_t>(place.third)]));
    case Kind::pcp_list:
        return with_kind(zone_text(machine, place.value) + "/" + std::to_string(place.third) + "/" +
                         std::to_string(place.second));
    case Kind::cache:
        if (place.value < 0 || place.value >= machine.slabs.nr_caches) return "";
        return with_kind(cache_text(machine.slabs, static_cast<u32>(place.value)));
    case Kind::address: return with_kind(address_text(place));
    }
    return "";
}

std::string_view without_place_kind(std::string_view text) {
    for (const Place::Kind kind : {Place::Kind::pfn, Place::Kind::object})
        if (const std::string prefix = place_prefix(kind); text.starts_with(prefix)) return text.substr(prefix.size());
    return text;
}

std::optional<Place> parse_place(const Machine& machine, std::string_view text) {
    using Kind = Place::Kind;
    if (text.empty()) return Place{};
    const std::size_t colon = text.find(':');
    const std::optional<Kind> kind = kind_named(text.substr(0, colon));
    if (colon == std::string_view::npos || !kind) return std::nullopt;
    const std::string_view rest = text.substr(colon + 1);
    const std::vector<std::string_view> part = split(rest, '/');
    switch (*kind) {
    case Kind::none: return std::nullopt;
    case Kind::pfn: {
        const std::optional<i64> pfn = part.size() == 1 ? parse_number(part[0], 16) : std::nullopt;
        if (!pfn || !machine.physical.pfn_valid(static_cast<frame_t>(*pfn))) return std::nullopt;
        return Place{Kind::pfn, *pfn, 0, 0};
    }
    case Kind::object: {
        const std::optional<i64> address = part.size() == 1 ? parse_number(part[0], 16) : std::nullopt;
        const Place object{Kind::object, address.value_or(0), 0, 0};
        return address && frame_of(machine, object) ? std::optional(object) : std::nullopt;
    }
    case Kind::cache: {
        const std::optional<i64> cache = parse_cache(machine.slabs, rest);
        return cache ? std::optional(Place{Kind::cache, *cache, 0, 0}) : std::nullopt;
    }
    case Kind::address: return parse_address(machine, part);
    case Kind::zone:
    case Kind::free_list:
    case Kind::pcp_list: return parse_in_zone(machine, *kind, part);
    }
    return std::nullopt;
}

// ---- what stands there ----------------------------------------------------------------------------------------------

cache_id cache_of(const Machine& machine, const Place& place) {
    if (place.kind == Place::Kind::cache)
        return cache_exists(machine.slabs, place.value) ? static_cast<cache_id>(place.value) : CACHE_NONE;
    const slab_id id = slab_of(machine, place);
    return id == SLAB_NONE ? CACHE_NONE : machine.slabs.slabs[id].cache;
}

slab_id slab_of(const Machine& machine, const Place& place) {
    phys_addr_t address = ADDR_NULL;
    if (place.kind == Place::Kind::object) address = static_cast<phys_addr_t>(place.value);
    if (place.kind == Place::Kind::pfn && frame_of(machine, place))
        address = static_cast<phys_addr_t>(place.value) << machine.physical.page_shift;
    if (address == ADDR_NULL) return SLAB_NONE;
    const slab_id id = slab_of_address(machine.slabs, machine.physical, address);
    return id < machine.slabs.nr_slabs ? id : SLAB_NONE;
}

std::optional<pfn_t> frame_of(const Machine& machine, const Place& place) {
    frame_t pfn = FRAME_NONE;
    if (place.kind == Place::Kind::pfn) pfn = static_cast<frame_t>(place.value);
    if (place.kind == Place::Kind::object) pfn = static_cast<u64>(place.value) >> machine.physical.page_shift;
    if (place.kind == Place::Kind::address)
        pfn = facts_of(machine, static_cast<u64>(place.value), static_cast<space_id>(place.second))
                  .frame(machine.physical.page_shift);
    if (!machine.physical.pfn_valid(pfn)) return std::nullopt;
    return static_cast<pfn_t>(pfn);
}

Place result_place(const Machine& machine, const OpResult& result) {
    const auto value = static_cast<i64>(result.value);
    switch (result.kind) {
    case ResultKind::none:
    case ResultKind::space:
    case ResultKind::file:
    case ResultKind::region: break;
    case ResultKind::area:
        if (value != 0) return {Place::Kind::address, value, INIT_MM, 0};
        break;
    case ResultKind::pages: return {Place::Kind::pfn, value, 0, 0};
    case ResultKind::cache:
        if (cache_exists(machine.slabs, value)) return {Place::Kind::cache, value, 0, 0};
        break;
    case ResultKind::object: {
        const Place object{Place::Kind::object, value, 0, 0};
        if (result.value > ZERO_SIZE_PTR && frame_of(machine, object)) return object;
        break;
    }
    }
    return {};
}

} // namespace mm
