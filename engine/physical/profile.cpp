#include "physical/profile.h"

#include <algorithm>

#include "base/hex.h"
#include "base/told.h"
#include "physical/boot.h"
#include "physical/linear_map.h"
#include "physical/memblock_profile.h"

namespace mm {

machine_profile::machine_profile() = default;
machine_profile::~machine_profile() = default;
machine_profile::machine_profile(const machine_profile&) = default;
machine_profile::machine_profile(machine_profile&&) noexcept = default;
machine_profile& machine_profile::operator=(const machine_profile&) = default;
machine_profile& machine_profile::operator=(machine_profile&&) noexcept = default;

namespace {

constexpr u64 KERNEL_IMAGE_BYTES = 32ull << 20;
constexpr pfn_t I386_HIGHMEM_START = 0x36bfe; // max_low_pfn of Debian's 6.1 686 kernel: 3G/1G split, 128 MiB vmalloc

std::string item(const char* list, std::size_t index, const char* field) {
    return std::string(list) + "[" + std::to_string(index) + "]" + field;
}

Error error(std::string path, Told message) { return told_error(std::move(path), std::move(message)); }
Error error(std::string path, std::string_view en, std::string_view zh, std::initializer_list<Told> values = {}) {
    return told_error(std::move(path), told(en, zh, values));
}

using Regions = std::vector<memory_region>;

// What holds of each region by itself, in whatever order they stand.
std::optional<Error> check_ranges(const machine_profile& profile, const Regions& regions, const char* name) {
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const memory_region& region = regions[i];
        if (region.size == 0)
            return error(item(name, i, ".size"), "is 0; a region holds at least one byte", "是 0；区域至少有一个字节");
        if (Told wrong = behind_all_frames(profile, region.start, region.start + region.size); !wrong.empty())
            return error(item(name, i, ".start"), std::move(wrong));
        if (region.node >= profile.nodes)
            return error(item(name, i, ".node"), "{0} is not below the number of nodes, {1}", "{0} 不小于节点数 {1}",
                         {region.node, profile.nodes});
    }
    return std::nullopt;
}

std::optional<Error> check_pages(const machine_profile& profile, const Regions& regions, const char* name) {
    u64 pages = 0;
    for (const memory_region& region : regions) pages += region.size / profile.page_size;
    if (pages > MAX_MEMORY_PAGES)
        return error(name, "holds {0} pages; at most {1} are simulated", "有 {0} 页；最多模拟 {1} 页",
                     {pages, MAX_MEMORY_PAGES});
    return std::nullopt;
}

// Areas that no firmware gives: they ascend, do not overlap and are whole pages.
std::optional<Error> check_areas(const machine_profile& profile, const Regions& regions, const char* name) {
    if (auto bad = check_ranges(profile, regions, name)) return bad;
    u64 end = 0;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const memory_region& region = regions[i];
        if (region.start < end)
            return error(item(name, i, ".start"), "overlaps the region before it; regions stand in ascending order",
                         "与前一个区域重叠；区域要按地址从低到高排列");
        if (region.start % profile.page_size || region.size % profile.page_size)
            return error(item(name, i, ".start"), "is not a whole number of pages of {0} bytes",
                         "不是整页，每页 {0} 字节", {profile.page_size});
        end = region.start + region.size;
    }
    return check_pages(profile, regions, name);
}

} // namespace

frame_t frame_limit(architecture arch) {
    return arch == architecture::i386 ? (1ull << 20) - (1ull << 10) : (1ull << 32) - (1ull << 20);
}

Told behind_all_frames(const machine_profile& profile, u64 start, u64 end) {
    const u64 limit = frame_limit(profile.arch) * profile.page_size;
    if (start <= end && end <= limit) return {};
    const Told where = start <= end ? told("ends at {0}", "终点是 {0}", {address_hex(end)})
                                    : told("ends behind the last address of 64 bits", "终点超过了 64 位地址的末尾");
    const Told why =
        profile.arch == architecture::i386
            ? told("i386 without PAE has physical addresses of 32 bits, and the last 2^10 frames below 2^20 are "
                   "kept free",
                   "没有 PAE 的 i386 物理地址是 32 位，并且 2^20 以下的最后 2^10 个页框留空")
            : told("the numbers of frames have 32 bits, and the last 2^20 below 2^32 are kept free",
                   "页框号是 32 位，并且 2^32 以下的最后 2^20 个留空");
    return told("{0}; memory ends at {1} at the latest, with pages of {2} bytes: {3}",
                "{0}；每页 {2} 字节时，内存最迟到 {1} 为止：{3}", {where, address_hex(limit), profile.page_size, why});
}

std::vector<zone_type> zone_layout(architecture arch, kernel_version kernel) {
    switch (arch) {
    case architecture::arm64:
        if (debian_kernel(kernel).arm64_zone_device)
            return {zone_type::dma, zone_type::dma32, zone_type::normal, zone_type::movable, zone_type::device};
        return {zone_type::dma, zone_type::dma32, zone_type::normal, zone_type::movable};
    case architecture::x86_64:
        return {zone_type::dma, zone_type::dma32, zone_type::normal, zone_type::movable, zone_type::device};
    case architecture::i386: return {zone_type::dma, zone_type::normal, zone_type::highmem, zone_type::movable};
    }
    return {};
}

pfn_t highmem_start(const machine_profile& profile) {
    return profile.highmem_start_pfn ? profile.highmem_start_pfn : I386_HIGHMEM_START;
}

bool has_zone_device(architecture arch, kernel_version kernel) {
    const std::vector<zone_type> layout = zone_layout(arch, kernel);
    return std::find(layout.begin(), layout.end(), zone_type::device) != layout.end();
}

u32 slub_tid_step(architecture arch, kernel_version kernel) {
    if (!debian_kernel(kernel).large_tid_steps) return 1;
    switch (arch) {
    case architecture::arm64: return 1;
    case architecture::x86_64: return 8192;
    case architecture::i386: return 32;
    }
    return 1;
}

namespace {

constexpr u64 SUBSECTION_BYTES = 2ull << 20; // what memremap_pages can add at the least

std::optional<Error> check_core_sizes(const machine_profile& profile) {
    if (profile.kernelcore.percent > 100)
        return error("kernelcore", "{0}% is above 100%", "{0}% 超过了 100%", {profile.kernelcore.percent});
    if (profile.movablecore.percent > 100)
        return error("movablecore", "{0}% is above 100%", "{0}% 超过了 100%", {profile.movablecore.percent});
    return std::nullopt;
}

std::optional<Error> check_device(const machine_profile& profile) {
    if (profile.device.empty()) return std::nullopt;
    if (!has_zone_device(profile.arch, profile.kernel))
        return error("device", "needs ZONE_DEVICE; Debian's {0} for {1} is built without it",
                     "需要 ZONE_DEVICE；Debian 的 {0} 内核在 {1} 上没有编入它",
                     {kernel_version_name(profile.kernel), architecture_name(profile.arch)});
    if (auto bad = check_areas(profile, profile.device, "device")) return bad;
    for (std::size_t i = 0; i < profile.device.size(); ++i) {
        const memory_region& device = profile.device[i];
        if (device.start % SUBSECTION_BYTES || device.size % SUBSECTION_BYTES)
            return error(item("device", i, ".start"), "is not a whole number of subsections of 2 MiB",
                         "不是 2 MiB 子段的整数倍");
        for (const memory_region& memory : profile.memory)
            if (device.start < memory.start + memory.size && memory.start < device.start + device.size)
                return error(item("device", i, ".start"), "overlaps memory; a device brings memory of its own",
                             "与内存重叠；设备带来的是自己的内存");
    }
    return std::nullopt;
}

bool is_power_of_two(u32 value) { return value != 0 && (value & (value - 1)) == 0; }

std::optional<Error> check_slab(const machine_profile& profile) {
    const slab_config& slab = profile.slab;
    if (slab.allocator != slab_allocator::slub && !kernel_rules{profile.kernel}.has_slab_and_slob()) {
        const bool slob = slab.allocator == slab_allocator::slob;
        return error("allocator", "{0} was removed in Linux {1}; {2} has slub alone",
                     "{0} 在 Linux {1} 中已被删去；{2} 只有 slub",
                     {slob ? "slob" : "slab", slob ? "6.4" : "6.8", kernel_version_name(profile.kernel)});
    }
    const u32 top_order = profile.page_size == 4096 ? 10 : profile.page_size == 16384 ? 11 : 13;
    if (slab.max_order > top_order)
        return error("slab.slub_max_order", "{0} is above MAX_ORDER {1}", "{0} 超过了 MAX_ORDER {1}",
                     {slab.max_order, top_order});
    if (slab.min_order > slab.max_order)
        return error("slab.slub_min_order", "{0} is above slub_max_order {1}", "{0} 超过了 slub_max_order {1}",
                     {slab.min_order, slab.max_order});
    if (!is_power_of_two(slab.cache_line_size) || slab.cache_line_size < 16 || slab.cache_line_size > 256)
        return error("slab.cache_line_size", "{0} is no power of two from 16 to 256",
                     "{0} 不是 16 到 256 之间的 2 的幂", {slab.cache_line_size});
    const u32 least = slab.kmalloc_min_size;
    if (least != 0 && (!is_power_of_two(least) || least < 8 || least > 256))
        return error("slab.kmalloc_min_size", "{0} is no power of two from 8 to 256", "{0} 不是 8 到 256 之间的 2 的幂",
                     {least});
    return std::nullopt;
}

std::optional<Error> check_tlb(const machine_profile& profile) {
    // 0 stands for what the usual CPU has; the other number has to fit that one then.
    const tlb_config& tlb = profile.tlb;
    const u32 ways = tlb.ways == 0 ? 4 : tlb.ways;
    const u32 entries = tlb.entries == 0 ? (profile.arch == architecture::arm64 ? 1024 : 64) : tlb.entries;
    if (ways > MAX_TLB_WAYS) return error("tlb.ways", "{0} is above {1}", "{0} 超过了 {1}", {ways, MAX_TLB_WAYS});
    if (entries > MAX_TLB_ENTRIES || entries % ways != 0 || !is_power_of_two(entries / ways))
        return error("tlb.entries",
                     "{0} entries in {1} ways: the sets are no power of two, or there are more than {2} entries",
                     "{0} 项、{1} 路：组数不是 2 的幂，或者超过了 {2} 项", {entries, ways, MAX_TLB_ENTRIES});
    if (tlb.walk_entries > MAX_WALK_ENTRIES ||
        (tlb.walk_entries > 0 && (tlb.walk_entries < 4 || !is_power_of_two(static_cast<u32>(tlb.walk_entries)))))
        return error("tlb.walk_entries", "{0} is neither 0 nor a power of two from 4 to {1}",
                     "{0} 既不是 0，也不是 4 到 {1} 之间的 2 的幂", {tlb.walk_entries, MAX_WALK_ENTRIES});
    if (tlb.asid_bits != 0 && tlb.asid_bits != 8 && tlb.asid_bits != 16)
        return error("tlb.asid_bits", "{0} is neither 8 nor 16", "{0} 既不是 8，也不是 16", {tlb.asid_bits});
    if (tlb.pa_bits != 0 && (tlb.pa_bits < 32 || tlb.pa_bits > 52))
        return error("tlb.pa_bits", "{0} is not within 32 and 52", "{0} 不在 32 到 52 之间", {tlb.pa_bits});
    if (profile.arch != architecture::arm64 && tlb.hafdbs != hardware_update::none)
        return error("tlb.hafdbs", "is arm64's; CPUs of i386 set accessed and dirty bits always",
                     "只用于 arm64；i386 的 CPU 总是自己置 accessed 和 dirty 位");
    return std::nullopt;
}

// What belongs to which node, and how far apart nodes are.
std::optional<Error> check_nodes(const machine_profile& profile) {
    if (!profile.cpu_node.empty() && profile.cpu_node.size() != profile.cpus)
        return error("cpu_node", "names {0} CPUs of {1}", "列出了 {0} 个 CPU，机器有 {1} 个",
                     {profile.cpu_node.size(), profile.cpus});
    for (std::size_t i = 0; i < profile.cpu_node.size(); ++i)
        if (profile.cpu_node[i] >= profile.nodes)
            return error(item("cpu_node", i, ""), "is not below the number of nodes, {0}", "不小于节点数 {0}",
                         {profile.nodes});
    if (!profile.distance.empty()) {
        if (profile.distance.size() != profile.nodes)
            return error("distance", "needs one row a node", "每个节点要有一行");
        for (std::size_t i = 0; i < profile.distance.size(); ++i)
            if (profile.distance[i].size() != profile.nodes)
                return error(item("distance", i, ""), "needs one number a node", "每个节点要有一个数");
    }
    return std::nullopt;
}

std::optional<Error> check_cma(const machine_profile& profile) {
    u64 block = profile.page_size == 4096 ? 2ull << 20 : profile.page_size == 16384 ? 32ull << 20 : 512ull << 20;
    // Before 5.18 an area was aligned to the largest block, as CMA merged with others up to there.
    const bool merges = kernel_rules{profile.kernel}.cma_merges_with_others();
    if (merges && profile.page_size == 4096) block = 4ull << 20;
    if (profile.arch == architecture::i386 && !profile.cma.empty())
        return error("cma", "is not there on i386; its kernels are built without CMA",
                     "i386 上没有；它的内核没有编入 CMA");
    for (std::size_t i = 0; i < profile.cma.size(); ++i) {
        const memory_region& area = profile.cma[i];
        if (area.start % block || area.size % block)
            return error(item("cma", i, ".start"), "is not a whole number of {0} of {1} bytes",
                         "不是 {1} 字节的{0}的整数倍",
                         {merges ? Told("blocks", "块") : Told("pageblocks", "页块"), block});
        const bool in_memory =
            std::any_of(profile.memory.begin(), profile.memory.end(), [&](const memory_region& region) {
                return area.start >= region.start && area.start + area.size <= region.start + region.size;
            });
        if (!in_memory)
            return error(item("cma", i, ".start"), "leaves the memory; an area lies within one of its regions",
                         "超出了内存；它必须整个在一个内存区域之内");
    }
    return std::nullopt;
}

} // namespace

namespace {

// Of memory as memblock has it.
std::optional<Error> check_settled(const machine_profile& profile) {
    if (profile.memory.empty()) return error("memory", "has no whole page", "没有一个整页");
    if (auto bad = check_pages(profile, profile.memory, "memory")) return bad;
    if (auto bad = check_pages(profile, profile.reserved, "reserved")) return bad;
    if (auto bad = check_areas(profile, profile.cma, "cma")) return bad;
    for (u8 node = 0; node < profile.nodes; ++node)
        if (std::none_of(profile.memory.begin(), profile.memory.end(),
                         [&](const memory_region& region) { return region.node == node; }))
            return error("memory", "gives node {0} no memory", "没有给节点 {0} 内存", {node});
    if (auto bad = check_core_sizes(profile)) return bad;
    if (auto bad = check_device(profile)) return bad;
    if (auto bad = check_slab(profile)) return bad;
    if (auto bad = check_tlb(profile)) return bad;
    u64 first = profile.memory.front().start / profile.page_size;
    u64 last = (profile.memory.back().start + profile.memory.back().size) / profile.page_size;
    if (!profile.device.empty()) {
        first = std::min(first, profile.device.front().start / profile.page_size);
        last = std::max(last, (profile.device.back().start + profile.device.back().size) / profile.page_size);
    }
    if (last - first > 4 * MAX_MEMORY_PAGES)
        return error("memory", "spans {0} frames with its holes; at most {1} are mapped",
                     "连同空洞跨越 {0} 个页框；最多 {1} 个", {last - first, 4 * MAX_MEMORY_PAGES});
    if (auto bad = check_cma(profile)) return bad;
    if (const u32 zones = nr_zones_with_memory(profile); zones > MAX_POPULATED_ZONES)
        return error("nodes", "{0} nodes make {1} zones with memory; at most {2}",
                     "{0} 个节点有 {1} 个带内存的内存域；最多 {2} 个", {profile.nodes, zones, MAX_POPULATED_ZONES});
    return std::nullopt;
}

} // namespace

std::optional<Error> check_profile(const machine_profile& profile) {
    if (profile.page_size != 4096 && profile.page_size != 16384 && profile.page_size != 65536)
        return error("page_size", "{0} is not 4096, 16384 or 65536", "{0} 不是 4096、16384 或 65536",
                     {profile.page_size});
    if (profile.page_size != 4096 && profile.arch != architecture::arm64)
        return error("page_size", "only arm64 has pages other than 4096 bytes", "只有 arm64 的页可以不是 4096 字节");
    if (profile.va_bits != 0 && profile.va_bits != 39 && profile.va_bits != 48)
        return error("va_bits", "{0} is not 39 or 48", "{0} 不是 39 或 48", {profile.va_bits});
    if (profile.va_bits != 0 && (profile.arch != architecture::arm64 || profile.page_size != 4096))
        return error("va_bits", "only arm64 with pages of 4096 bytes is built with another width",
                     "只有 arm64、每页 4096 字节时可以选择地址位数");
    if (profile.nodes < 1 || profile.nodes > MAX_NODES)
        return error("nodes", "{0} is not within 1 and {1}", "{0} 不在 1 到 {1} 之间", {profile.nodes, MAX_NODES});
    if (profile.cpus < 1 || profile.cpus > MAX_CPUS)
        return error("cpus", "{0} is not within 1 and {1}", "{0} 不在 1 到 {1} 之间", {profile.cpus, MAX_CPUS});
    if (auto bad = check_nodes(profile)) return bad;
    if (profile.memory.empty()) return error("memory", "is empty; a machine needs memory", "是空的；机器需要内存");
    if (auto bad = check_ranges(profile, profile.memory, "memory")) return bad;
    if (auto bad = check_ranges(profile, profile.reserved, "reserved")) return bad;
    if (is_settled(profile)) return check_settled(profile);
    machine_profile settled = profile;
    settle_memory(settled);
    return check_settled(settled);
}

void declare_memory(machine_profile& profile, u64 bytes) {
    const u64 ram_start = profile.arch == architecture::arm64 ? 1ull << 30 : 0;
    const u64 granule = 4ull << 20;
    const u64 per_node = std::max(bytes / profile.nodes / granule * granule, granule);
    profile.memory.clear();
    profile.reserved.clear();
    u64 at = ram_start;
    for (u8 node = 0; node < profile.nodes; ++node) {
        profile.memory.push_back({at, per_node, node});
        at += per_node;
    }
    // x86: the first frame and the 640 KiB to 1 MiB hole are never free; arm64: the image stands 2 MiB above the start.
    if (profile.arch != architecture::arm64) {
        profile.memory.front().size = 0x9f000 - 0x1000;
        profile.memory.front().start = 0x1000;
        profile.memory.insert(profile.memory.begin() + 1, {1ull << 20, per_node - (1ull << 20), 0});
    }
    const u64 image = std::min(KERNEL_IMAGE_BYTES, per_node / 4);
    profile.reserved.push_back(
        {ram_start + (profile.arch == architecture::arm64 ? 2ull << 20 : 16ull << 20), image, 0});
    for (u8 node = 0; node < profile.nodes; ++node) {
        const u64 end = ram_start + per_node * (node + 1u);
        const u64 map = per_node / profile.page_size * STRUCT_PAGE_BYTES;
        const u64 size = (map + profile.page_size - 1) / profile.page_size * profile.page_size;
        profile.reserved.push_back({end - size, size, node});
    }
    if (profile.reserved.size() > 1 && profile.reserved[0].start + profile.reserved[0].size > profile.reserved[1].start)
        profile.reserved.erase(profile.reserved.begin());
}

} // namespace mm
