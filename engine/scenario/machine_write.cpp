// machine_to_json() of scenario.h: the profile in the order and with the names that read_profile() reads.
#include <algorithm>

#include "base/hex.h"
#include "scenario/machine_file.h"
#include "scenario/pfn_runs.h"
#include "scenario/scenario.h"
#include "slab/slab_flags.h"
#include "json/write.h"

namespace mm {

namespace {

constexpr std::size_t RUN_LINE_WIDTH = 96;

std::string size_text(u64 bytes) {
    if (bytes == 0 || bytes % 1024 != 0) return address_hex(bytes);
    if (bytes % (1ull << 30) == 0) return std::to_string(bytes >> 30) + "GiB";
    if (bytes % (1ull << 20) == 0) return std::to_string(bytes >> 20) + "MiB";
    return std::to_string(bytes >> 10) + "KiB";
}

OrderedJson regions_json(const std::vector<memory_region>& regions, bool with_node) {
    OrderedJson out = OrderedJson::array();
    for (const memory_region& region : regions) {
        OrderedJson item;
        item["start"] = address_hex(region.start);
        item["size"] = size_text(region.size);
        if (with_node) item["node"] = region.node;
        out.push_back(std::move(item));
    }
    return out;
}

OrderedJson lines_json(const std::vector<std::string>& words) {
    std::vector<std::string> lines = wrap_words(words, RUN_LINE_WIDTH);
    if (lines.size() == 1) return lines.front();
    return lines;
}

OrderedJson sysctl_json(const vm_sysctl& sysctl) {
    const vm_sysctl usual;
    OrderedJson out = OrderedJson::object();
    const auto number = [&](const char* key, i64 value, i64 usual_value) {
        if (value != usual_value) out[key] = value;
    };
    number("min_free_kbytes", sysctl.min_free_kbytes, usual.min_free_kbytes);
    if (sysctl.user_min_free) out["user_min_free"] = true;
    number("watermark_scale_factor", sysctl.watermark_scale_factor, usual.watermark_scale_factor);
    number("watermark_boost_factor", sysctl.watermark_boost_factor, usual.watermark_boost_factor);
    number("percpu_pagelist_high_fraction", sysctl.percpu_pagelist_high_fraction, usual.percpu_pagelist_high_fraction);
    if (sysctl.lowmem_reserve_ratio != usual.lowmem_reserve_ratio)
        out["lowmem_reserve_ratio"] = sysctl.lowmem_reserve_ratio;
    if (!sysctl.transparent_hugepage) out["transparent_hugepage"] = false;
    return out;
}

OrderedJson slab_json(const slab_config& slab) {
    const slab_config usual;
    OrderedJson out = OrderedJson::object();
    const auto setting = [&](const char* key, auto value, auto usual_value) {
        if (value != usual_value) out[key] = value;
    };
    setting("freelist_random", slab.freelist_random, usual.freelist_random);
    setting("freelist_hardened", slab.freelist_hardened, usual.freelist_hardened);
    setting("cpu_partial", slab.cpu_partial, usual.cpu_partial);
    setting("merge", slab.merge, usual.merge);
    setting("alien_caches", slab.alien_caches, usual.alien_caches);
    if (slab.debug != usual.debug) out["slub_debug"] = slub_debug_letters(slab.debug);
    setting("slub_min_order", slab.min_order, usual.min_order);
    setting("slub_max_order", slab.max_order, usual.max_order);
    setting("slub_min_objects", slab.min_objects, usual.min_objects);
    setting("cache_line_size", slab.cache_line_size, usual.cache_line_size);
    setting("kmalloc_min_size", slab.kmalloc_min_size, usual.kmalloc_min_size);
    setting("seed", slab.seed, usual.seed);
    return out;
}

OrderedJson tlb_json(const tlb_config& tlb) {
    const tlb_config usual;
    OrderedJson out = OrderedJson::object();
    if (tlb.entries != usual.entries) out["entries"] = tlb.entries;
    if (tlb.ways != usual.ways) out["ways"] = tlb.ways;
    if (tlb.walk_entries != usual.walk_entries) out["walk_entries"] = tlb.walk_entries;
    if (tlb.asid_bits != usual.asid_bits) out["asid_bits"] = tlb.asid_bits;
    if (tlb.pa_bits != usual.pa_bits) out["pa_bits"] = tlb.pa_bits;
    if (tlb.hafdbs != usual.hafdbs) out["hafdbs"] = hardware_update_name(tlb.hafdbs);
    return out;
}

OrderedJson free_lists_json(const recorded_zone& zone) {
    OrderedJson out = OrderedJson::object();
    for (std::size_t type = 0; type < MIGRATE_TYPES; ++type) {
        std::vector<const recorded_zone::free_list*> lists;
        for (const recorded_zone::free_list& list : zone.free_lists)
            if (list.type == type && !list.pfns.empty()) lists.push_back(&list);
        std::sort(lists.begin(), lists.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
        for (const recorded_zone::free_list* list : lists)
            out[std::string(migratetype_names[type])][std::to_string(list->order)] =
                lines_json(pfn_run_words(list->pfns));
    }
    return out;
}

OrderedJson cpu_json(const recorded_zone::cpu_pages& cpu) {
    OrderedJson out;
    out["cpu"] = cpu.cpu;
    out["count"] = cpu.count;
    out["high"] = cpu.high;
    out["batch"] = cpu.batch;
    const auto number = [&](const char* key, i32 value) {
        if (value != 0) out[key] = value;
    };
    number("high_min", cpu.high_min);
    number("high_max", cpu.high_max);
    number("flags", cpu.flags);
    number("alloc_factor", cpu.alloc_factor);
    number("free_factor", cpu.free_factor);
    number("free_count", cpu.free_count);
    OrderedJson lists = OrderedJson::object();
    for (const recorded_zone::cpu_pages::list& list : cpu.lists)
        if (!list.pfns.empty()) lists[std::to_string(list.index)] = lines_json(pfn_run_words(list.pfns));
    out["lists"] = std::move(lists);
    for (const recorded_zone::cpu_pages::remembered_type& of_type : cpu.remembered)
        out["remembered"][std::string(migratetype_names[of_type.type])] = lines_json(pfn_run_words(of_type.pfns));
    return out;
}

OrderedJson core_size_json(const core_size& core) {
    if (core.percent > 0) return std::to_string(core.percent) + "%";
    return core.bytes;
}

OrderedJson block_types_json(const recorded_zone& zone) {
    std::vector<std::string> words;
    for (const recorded_zone::block_run& run : zone.block_types) {
        const bool has_type = run.type >= 0 && run.type < MIGRATE_TYPES;
        const std::string_view type = has_type ? migratetype_names[static_cast<std::size_t>(run.type)] : "none";
        words.push_back(hex(run.pfn) + "+" + std::to_string(run.count) + ":" + std::string(type));
    }
    return lines_json(words);
}

OrderedJson zone_json(const recorded_zone& zone) {
    OrderedJson out;
    out["zone"] = zone_to_text(zone.node, zone.type);
    out["start_pfn"] = address_hex(zone.start_pfn);
    out["spanned_pages"] = zone.spanned_pages;
    out["present_pages"] = zone.present_pages;
    out["managed_pages"] = zone.managed_pages;
    if (zone.cma_pages != 0) out["cma_pages"] = zone.cma_pages;
    if (zone.nr_free_pages >= 0) out["nr_free_pages"] = zone.nr_free_pages;
    if (zone.nr_free_cma >= 0) out["nr_free_cma"] = zone.nr_free_cma;
    out["watermark"] = zone.watermark;
    if (zone.watermark_boost != 0) out["watermark_boost"] = zone.watermark_boost;
    if (zone.nr_reserved_highatomic != 0) out["nr_reserved_highatomic"] = zone.nr_reserved_highatomic;
    out["free_lists"] = free_lists_json(zone);
    if (!zone.cpus.empty()) {
        out["cpus"] = OrderedJson::array();
        for (const recorded_zone::cpu_pages& cpu : zone.cpus) out["cpus"].push_back(cpu_json(cpu));
    }
    out["block_types"] = block_types_json(zone);
    return out;
}

} // namespace

std::string machine_to_json(const machine_profile& profile) {
    OrderedJson out;
    out["name"] = profile.name;
    if (!profile.title_en.empty()) out["title"]["en"] = profile.title_en;
    if (!profile.title_en.empty() && !profile.title_zh.empty()) out["title"]["zh"] = profile.title_zh;
    out["arch"] = architecture_name(profile.arch);
    out["kernel"] = kernel_version_name(profile.kernel);
    out["page_size"] = profile.page_size;
    out["cpus"] = profile.cpus;
    out["nodes"] = profile.nodes;
    if (!profile.cpu_node.empty()) out["cpu_node"] = profile.cpu_node;
    if (!profile.distance.empty()) out["distance"] = profile.distance;
    out["memory"] = regions_json(profile.memory, true);
    out["reserved"] = regions_json(profile.reserved, false);
    if (profile.memblock_empty) out["memblock"] = memblock_names[1];
    if (!profile.cma.empty()) out["cma"] = regions_json(profile.cma, false);
    if (!profile.device.empty()) out["device"] = regions_json(profile.device, true);
    if (profile.kernelcore.given()) out["kernelcore"] = core_size_json(profile.kernelcore);
    if (profile.movablecore.given()) out["movablecore"] = core_size_json(profile.movablecore);
    if (profile.check_pages) out["check_pages"] = *profile.check_pages;
    if (!profile.init_on_alloc) out["init_on_alloc"] = false;
    if (profile.init_on_free) out["init_on_free"] = true;
    if (profile.highmem_start_pfn != 0) out["highmem_start_pfn"] = address_hex(profile.highmem_start_pfn);
    if (OrderedJson sysctl = sysctl_json(profile.sysctl); !sysctl.empty()) out["sysctl"] = std::move(sysctl);
    if (profile.slab.allocator != slab_allocator::slub) out["allocator"] = slab_allocator_name(profile.slab.allocator);
    if (profile.vma_index != vma_index_kind::automatic) out["vma_index"] = vma_index_name(profile.vma_index);
    if (OrderedJson slab = slab_json(profile.slab); !slab.empty()) out["slab"] = std::move(slab);
    if (OrderedJson tlb = tlb_json(profile.tlb); !tlb.empty()) out["tlb"] = std::move(tlb);
    if (!profile.recorded.empty()) {
        out["recorded"] = OrderedJson::array();
        for (const recorded_zone& zone : profile.recorded) out["recorded"].push_back(zone_json(zone));
    }
    OrderedJson file;
    file["format"] = MACHINE_FORMAT;
    file["profile"] = std::move(out);
    return json_text(file);
}

} // namespace mm
