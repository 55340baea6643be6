#include "scenario/machine_file.h"

#include <algorithm>
#include <charconv>

#include "scenario/scenario.h"
#include "slab/slab_flags.h"

namespace mm {

namespace {

constexpr i64 MAX_SLUB_MIN_OBJECTS = 1 << 15;
constexpr u64 MAX_ADDRESS = 1ull << 48;
constexpr i64 MAX_SYSCTL = 1ll << 40;

bool read_region(JsonReader& reader, const Field& at, bool with_node, memory_region& region) {
    const bool known = with_node ? reader.object(at, {"start", "size", "node"}) : reader.object(at, {"start", "size"});
    return known &&
           reader.required(at, "start", [&](const Field& f) { return reader.size(f, MAX_ADDRESS, region.start); }) &&
           reader.required(at, "size", [&](const Field& f) { return reader.size(f, MAX_ADDRESS, region.size); }) &&
           reader.optional(at, "node", [&](const Field& f) { return reader.number(f, 0, MAX_NODES - 1, region.node); });
}

bool read_regions(JsonReader& reader, const Field& at, bool with_node, std::vector<memory_region>& regions) {
    regions.clear();
    return reader.list(at, MAX_REGIONS) && reader.each(at, [&](const Field& item, std::size_t) {
        return read_region(reader, item, with_node, regions.emplace_back());
    });
}

bool read_sysctl(JsonReader& reader, const Field& at, vm_sysctl& sysctl) {
    const auto setting = [&](std::string_view key, i64& value) {
        return reader.optional(at, key, [&](const Field& f) { return reader.integer(f, 0, MAX_SYSCTL, value); });
    };
    const auto ratios = [&](const Field& field) {
        return reader.list(field, sysctl.lowmem_reserve_ratio.size()) &&
               reader.each(field, [&](const Field& item, std::size_t i) {
                   return reader.integer(item, 0, MAX_SYSCTL, sysctl.lowmem_reserve_ratio[i]);
               });
    };
    return reader.object(at, {"min_free_kbytes", "user_min_free", "watermark_scale_factor", "watermark_boost_factor",
                              "percpu_pagelist_high_fraction", "lowmem_reserve_ratio", "transparent_hugepage"}) &&
           setting("min_free_kbytes", sysctl.min_free_kbytes) &&
           setting("watermark_scale_factor", sysctl.watermark_scale_factor) &&
           setting("watermark_boost_factor", sysctl.watermark_boost_factor) &&
           setting("percpu_pagelist_high_fraction", sysctl.percpu_pagelist_high_fraction) &&
           reader.optional(at, "user_min_free", [&](const Field& f) { return reader.flag(f, sysctl.user_min_free); }) &&
           reader.optional(at, "transparent_hugepage",
                           [&](const Field& f) { return reader.flag(f, sysctl.transparent_hugepage); }) &&
           reader.optional(at, "lowmem_reserve_ratio", ratios);
}

// slub_debug= of the kernel command line: "FZPU".
bool read_slub_debug(JsonReader& reader, const Field& at, u32& flags) {
    std::string letters;
    if (!reader.text(at, 8, letters)) return false;
    flags = 0;
    for (char letter : letters) {
        const std::optional<slab_flags_t> flag = slub_debug_flag(letter);
        if (!flag)
            return reader.fail(
                at, told("\"{0}\" is unknown (expected letters of F checks, Z red zones, P poison, U users)",
                         "没有 \"{0}\"（应当是这些字母：F 检查，Z 红区，P 毒化，U 使用者）", {quotable(letters)}));
        flags |= *flag;
    }
    return true;
}

bool read_slab_config(JsonReader& reader, const Field& at, slab_config& config) {
    const auto flag = [&](std::string_view key, bool& value) {
        return reader.optional(at, key, [&](const Field& f) { return reader.flag(f, value); });
    };
    const auto number = [&](std::string_view key, i64 max, auto& value) {
        return reader.optional(at, key, [&](const Field& f) { return reader.number(f, 0, max, value); });
    };
    return reader.object(at, {"freelist_random", "freelist_hardened", "cpu_partial", "merge", "alien_caches",
                              "slub_debug", "slub_min_order", "slub_max_order", "slub_min_objects", "cache_line_size",
                              "kmalloc_min_size", "seed"}) &&
           flag("freelist_random", config.freelist_random) && flag("freelist_hardened", config.freelist_hardened) &&
           flag("cpu_partial", config.cpu_partial) && flag("merge", config.merge) &&
           flag("alien_caches", config.alien_caches) &&
           reader.optional(at, "slub_debug",
                           [&](const Field& f) { return read_slub_debug(reader, f, config.debug); }) &&
           number("slub_min_order", MAX_ORDERS, config.min_order) &&
           number("slub_max_order", MAX_ORDERS, config.max_order) &&
           number("slub_min_objects", MAX_SLUB_MIN_OBJECTS, config.min_objects) &&
           number("cache_line_size", 1 << 16, config.cache_line_size) &&
           number("kmalloc_min_size", 1 << 16, config.kmalloc_min_size) &&
           number("seed", 0x7fffffffffffffff, config.seed);
}

bool read_tlb_config(JsonReader& reader, const Field& at, tlb_config& config) {
    std::size_t update = static_cast<std::size_t>(config.hafdbs);
    const auto number = [&](std::string_view key, i64 min, i64 max, auto& value) {
        return reader.optional(at, key, [&](const Field& f) { return reader.number(f, min, max, value); });
    };
    const bool shape =
        reader.object(at, {"entries", "ways", "walk_entries", "asid_bits", "pa_bits", "hafdbs"}) &&
        number("entries", 1, MAX_TLB_ENTRIES, config.entries) && number("ways", 1, MAX_TLB_WAYS, config.ways) &&
        number("walk_entries", 0, MAX_WALK_ENTRIES, config.walk_entries) &&
        number("asid_bits", 8, 16, config.asid_bits) && number("pa_bits", 32, 52, config.pa_bits) &&
        reader.optional(at, "hafdbs", [&](const Field& f) { return reader.one_of(f, hafdbs_names, update); });
    config.hafdbs = static_cast<hardware_update>(update);
    return shape;
}

bool read_distance(JsonReader& reader, const Field& at, std::vector<std::vector<u8>>& rows) {
    return reader.list(at, MAX_NODES) && reader.each(at, [&](const Field& row, std::size_t) {
        std::vector<u8>& distances = rows.emplace_back();
        return reader.list(row, MAX_NODES) && reader.each(row, [&](const Field& item, std::size_t) {
            return reader.number(item, 1, 255, distances.emplace_back());
        });
    });
}

// "kernelcore": a size, or "40%" of all memory, as the kernel command line has it.
bool read_core_size(JsonReader& reader, const Field& at, core_size& core) {
    if (at.value->kind == JsonValue::Kind::string && at.value->string.ends_with('%')) {
        const std::string_view digits = std::string_view(at.value->string).substr(0, at.value->string.size() - 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), core.percent);
        if (error != std::errc() || end != digits.data() + digits.size() || core.percent > 100)
            return reader.fail(at, told("found \"{0}\", expected \"0%\" to \"100%\"",
                                        "这里是 \"{0}\"，应当是 \"0%\" 到 \"100%\"", {quotable(at.value->string)}));
        return true;
    }
    return reader.size(at, MAX_ADDRESS, core.bytes);
}

// "memory": "4GiB" declares memory as the architecture has it; a list gives the regions of memblock.
bool read_memory(JsonReader& reader, const Field& at, machine_profile& profile) {
    if (at.value->kind == JsonValue::Kind::array) return read_regions(reader, at, true, profile.memory);
    u64 bytes = 0;
    if (!reader.size(at, MAX_MEMORY_PAGES * profile.page_size, bytes)) return false;
    if (bytes < (1u << 20)) return reader.fail(at, {"a machine has at least 1MiB of memory", "机器至少有 1MiB 内存"});
    declare_memory(profile, bytes);
    return true;
}

} // namespace

bool is_name(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const auto may_stand = [&](char c) { return is_letter(c) || c == '-' || c == '.'; };
    return !text.empty() && text.size() <= MAX_PLAIN_NAME && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), may_stand);
}

bool read_name(JsonReader& reader, const Field& at, std::string& name) {
    if (!reader.text(at, MAX_PLAIN_NAME, name)) return false;
    if (is_name(name)) return true;
    return reader.fail(at, told("\"{0}\" is no name: letters, digits, and - _ . inside",
                                "\"{0}\" 不是名称：字母、数字，中间可以有 - _ .", {quotable(name)}));
}

bool read_two_languages(JsonReader& reader, const Field& at, std::size_t max_length, std::string& en, std::string& zh) {
    if (at.value->kind == JsonValue::Kind::string) return reader.text(at, max_length, en);
    if (at.value->kind != JsonValue::Kind::object)
        return reader.fail(at, told("found {0}, expected text or, in two languages, {1}",
                                    "这里是{0}，应当是文字，或两种语言的 {1}",
                                    {at.value->kind_name(), "{\"en\": \"...\", \"zh\": \"...\"}"}));
    return reader.object(at, {"en", "zh"}) &&
           reader.required(at, "en", [&](const Field& f) { return reader.text(f, max_length, en); }) &&
           reader.optional(at, "zh", [&](const Field& f) { return reader.text(f, max_length, zh); });
}

std::optional<zone_name> zone_from_text(std::string_view text) {
    zone_name name;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), name.node);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    if (!text.starts_with(':')) return std::nullopt;
    const auto type = std::find(zone_type_names.begin(), zone_type_names.end(), text.substr(1));
    if (type == zone_type_names.end()) return std::nullopt;
    name.type = static_cast<zone_type>(type - zone_type_names.begin());
    return name;
}

std::string zone_to_text(u8 node, zone_type type) {
    return std::to_string(node) + ":" + std::string(zone_type_names[static_cast<std::size_t>(type)]);
}

namespace {

bool read_page_size(JsonReader& reader, const Field& at, u32& page_size) {
    u64 bytes = 0;
    if (!reader.size(at, 1u << 16, bytes)) return false;
    if (bytes != 4096 && bytes != 16384 && bytes != 65536)
        return reader.fail(at, told("{0} is no page size (expected 4096, 16384 or 65536)",
                                    "没有 {0} 字节的页（应当是 4096、16384 或 65536）", {bytes}));
    page_size = static_cast<u32>(bytes);
    return true;
}

bool read_cpu_nodes(JsonReader& reader, const Field& at, std::vector<u8>& cpu_node) {
    return reader.list(at, MAX_CPUS) && reader.each(at, [&](const Field& item, std::size_t) {
        return reader.number(item, 0, MAX_NODES - 1, cpu_node.emplace_back());
    });
}

// What does not depend on other fields.
bool read_kind_of_machine(JsonReader& reader, const Field& at, machine_profile& profile) {
    std::size_t arch = static_cast<std::size_t>(profile.arch);
    std::size_t kernel = kernel_index(release_of(profile.kernel));
    std::size_t allocator = static_cast<std::size_t>(profile.slab.allocator);
    std::size_t vma_index = static_cast<std::size_t>(profile.vma_index);
    std::size_t memblock = profile.memblock_empty;
    const bool read =
        reader.optional(at, "name", [&](const Field& f) { return read_name(reader, f, profile.name); }) &&
        reader.optional(at, "title",
                        [&](const Field& f) {
                            return read_two_languages(reader, f, MAX_TITLE_LENGTH, profile.title_en, profile.title_zh);
                        }) &&
        reader.optional(at, "arch", [&](const Field& f) { return reader.one_of(f, architecture_names, arch); }) &&
        reader.optional(at, "kernel", [&](const Field& f) { return reader.one_of(f, kernel_names, kernel); }) &&
        reader.optional(at, "page_size",
                        [&](const Field& f) { return read_page_size(reader, f, profile.page_size); }) &&
        reader.optional(at, "cpus", [&](const Field& f) { return reader.number(f, 1, MAX_CPUS, profile.cpus); }) &&
        reader.optional(at, "nodes", [&](const Field& f) { return reader.number(f, 1, MAX_NODES, profile.nodes); }) &&
        reader.optional(at, "cpu_node", [&](const Field& f) { return read_cpu_nodes(reader, f, profile.cpu_node); }) &&
        reader.optional(at, "distance", [&](const Field& f) { return read_distance(reader, f, profile.distance); }) &&
        reader.optional(at, "highmem_start_pfn",
                        [&](const Field& f) { return reader.number(f, 0, 1u << 20, profile.highmem_start_pfn); }) &&
        reader.optional(at, "sysctl", [&](const Field& f) { return read_sysctl(reader, f, profile.sysctl); }) &&
        reader.optional(at, "allocator",
                        [&](const Field& f) { return reader.one_of(f, allocator_names, allocator); }) &&
        reader.optional(at, "vma_index",
                        [&](const Field& f) { return reader.one_of(f, vma_index_names, vma_index); }) &&
        reader.optional(at, "memblock", [&](const Field& f) { return reader.one_of(f, memblock_names, memblock); }) &&
        reader.optional(at, "slab", [&](const Field& f) { return read_slab_config(reader, f, profile.slab); }) &&
        reader.optional(at, "tlb", [&](const Field& f) { return read_tlb_config(reader, f, profile.tlb); });
    if (!read) return false;
    profile.slab.allocator = static_cast<slab_allocator>(allocator);
    profile.vma_index = static_cast<vma_index_kind>(vma_index);
    profile.arch = static_cast<architecture>(arch);
    profile.kernel = debian_kernels[kernel].version;
    profile.memblock_empty = memblock != 0;
    return true;
}

// Declared memory depends on the fields above, and what is given below replaces what it declares.
bool read_memory_of_machine(JsonReader& reader, const Field& at, machine_profile& profile) {
    return reader.required(at, "memory", [&](const Field& f) { return read_memory(reader, f, profile); }) &&
           reader.optional(at, "reserved",
                           [&](const Field& f) { return read_regions(reader, f, false, profile.reserved); }) &&
           reader.optional(at, "cma", [&](const Field& f) { return read_regions(reader, f, false, profile.cma); }) &&
           reader.optional(at, "device",
                           [&](const Field& f) { return read_regions(reader, f, true, profile.device); }) &&
           reader.optional(at, "check_pages",
                           [&](const Field& f) {
                               bool checks = false;
                               if (!reader.flag(f, checks)) return false;
                               profile.check_pages = checks;
                               return true;
                           }) &&
           reader.optional(at, "init_on_alloc",
                           [&](const Field& f) { return reader.flag(f, profile.init_on_alloc); }) &&
           reader.optional(at, "init_on_free", [&](const Field& f) { return reader.flag(f, profile.init_on_free); }) &&
           reader.optional(at, "kernelcore",
                           [&](const Field& f) { return read_core_size(reader, f, profile.kernelcore); }) &&
           reader.optional(at, "movablecore",
                           [&](const Field& f) { return read_core_size(reader, f, profile.movablecore); }) &&
           reader.optional(at, "recorded", [&](const Field& f) { return read_recorded(reader, f, profile.recorded); });
}

} // namespace

bool read_profile(JsonReader& reader, const Field& at, machine_profile& profile) {
    static constexpr std::string_view fields[] = {
        "name",          "title",        "arch",       "kernel",      "page_size", "memory", "reserved",
        "cma",           "cpus",         "nodes",      "cpu_node",    "distance",  "sysctl", "highmem_start_pfn",
        "recorded",      "device",       "kernelcore", "movablecore", "allocator", "slab",   "check_pages",
        "init_on_alloc", "init_on_free", "tlb",        "memblock",    "vma_index"};
    if (!reader.object(at, fields) || !read_kind_of_machine(reader, at, profile) ||
        !read_memory_of_machine(reader, at, profile))
        return false;
    if (const std::optional<Error> error = check_profile(profile)) return reader.fail_below(at, *error);
    return true;
}

Result<machine_profile> parse_machine(std::string_view text) {
    Result<JsonValue> json = parse_json(text);
    if (!json) return json.error();
    JsonReader reader(text);
    const Field root{&*json, nullptr, "", 0};
    machine_profile profile;
    std::size_t format = 0;
    const bool read =
        reader.not_of_kind(root, "mmscope/1",
                           {"found a scenario, \"mmscope/1\", expected a machine file, \"mmscope-machine/1\"",
                            "这是场景 \"mmscope/1\"，应当是机器文件 \"mmscope-machine/1\""}) &&
        reader.object(root, {"format", "profile"}) &&
        reader.required(root, "format",
                        [&](const Field& f) { return reader.one_of(f, std::span(&MACHINE_FORMAT, 1), format); }) &&
        reader.required(root, "profile", [&](const Field& f) { return read_profile(reader, f, profile); });
    if (!read) return reader.error();
    return profile;
}

} // namespace mm
