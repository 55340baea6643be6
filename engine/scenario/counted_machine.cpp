#include "scenario/counted_machine.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/shown_text.h"
#include "base/told.h"
#include "physical/fragmentation.h"
#include "scenario/buddyinfo.h"

namespace mm {

namespace {

constexpr u64 MIB = 1ull << 20;
constexpr u64 GIB = 1ull << 30;
constexpr u64 LEAST_ZONE = 16 * MIB; // so that the kernel's own pages have room beside the blocks

// Where memory of a zone may be. usual_end: where it ends when there is memory in a zone above it.
struct Window {
    zone_type type;
    u64 start;
    u64 usual_end;
    u64 end;
};

bool has_zone(const std::vector<buddyinfo_row>& rows, zone_type type) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const buddyinfo_row& row) { return zone_type_from_name(row.zone) == type; });
}

architecture architecture_of(const std::vector<buddyinfo_row>& rows, u64 page_bytes) {
    if (page_bytes != 4096) return architecture::arm64;
    if (has_zone(rows, zone_type::highmem)) return architecture::i386;
    if (has_zone(rows, zone_type::dma32) || !has_zone(rows, zone_type::dma)) return architecture::x86_64;
    return architecture::arm64;
}

// The largest block, in bytes: zones begin and end with one.
u64 block_bytes(const machine_profile& profile, const buddyinfo_row& row) {
    return u64{profile.page_size} << (row.nr_free.size() - 1);
}

// At least so much holds the free blocks and what a kernel takes at boot.
u64 needed_bytes(const machine_profile& profile, const buddyinfo_row& row) {
    const u64 block = block_bytes(profile, row);
    const u64 free = fill_contig_page_info(row.nr_free, 0).free_pages * profile.page_size;
    return std::max((free + free / 16 + block) / block * block + block, LEAST_ZONE / block * block);
}

// arm64: RAM begins at 1 GiB, at 0 when more of it must be below 4 GiB, and above them when nothing else has room for it.
Window arm64_dma(const machine_profile& profile, const std::vector<buddyinfo_row>& rows, u64 all) {
    u64 needed = 0;
    for (const buddyinfo_row& row : rows)
        if (zone_type_from_name(row.zone) == zone_type::dma) needed += needed_bytes(profile, row);
    if (needed <= 3 * GIB) return {zone_type::dma, GIB, 4 * GIB, 4 * GIB};
    if (has_zone(rows, zone_type::normal)) return {zone_type::dma, 0, 4 * GIB, 4 * GIB};
    return {zone_type::dma, 4 * GIB, all, all};
}

std::vector<Window> windows_of(const machine_profile& profile, const std::vector<buddyinfo_row>& rows) {
    const u64 all = std::numeric_limits<u64>::max();
    const Window dma{zone_type::dma, 0, 16 * MIB, 16 * MIB};
    switch (profile.arch) {
    case architecture::x86_64:
        return {dma, {zone_type::dma32, 16 * MIB, 3 * GIB, 4 * GIB}, {zone_type::normal, 4 * GIB, all, all}};
    case architecture::i386: {
        const u64 low = u64{highmem_start(profile)} * profile.page_size;
        return {dma, {zone_type::normal, 16 * MIB, low, low}, {zone_type::highmem, low, all, all}};
    }
    case architecture::arm64: break;
    }
    return {arm64_dma(profile, rows, all), {zone_type::normal, 4 * GIB, all, all}};
}

// Adds the memory of one zone: that of each of its nodes behind that of the one before.
void add_zone(machine_profile& profile, const Window& window, const std::vector<buddyinfo_row>& rows,
              bool below_another, bool roomy) {
    u64 at = window.start;
    const auto is_here = [&](const buddyinfo_row& row) { return zone_type_from_name(row.zone) == window.type; };
    const bool alone = std::count_if(rows.begin(), rows.end(), is_here) == 1;
    for (const buddyinfo_row& row : rows) {
        if (!is_here(row)) continue;
        const u8 node = static_cast<u8>(row.node);
        if (profile.arch != architecture::arm64 &&
            window.type == zone_type::dma) { // x86: the first frame and the hole from 636 KiB to 1 MiB are never free
            profile.memory.push_back({0x1000, 0x9f000 - 0x1000, node});
            profile.memory.push_back({MIB, window.end - MIB, node});
            return;
        }
        u64 bytes = needed_bytes(profile, row);
        if (roomy) bytes = std::bit_ceil(bytes);
        if (roomy && alone && below_another) bytes = std::max(bytes, window.usual_end - window.start);
        bytes = std::min(bytes, window.end - at);
        if (bytes > 0) profile.memory.push_back({at, bytes, node});
        at += bytes;
    }
}

u64 pages_of(const machine_profile& profile) {
    u64 pages = 0;
    for (const memory_region& region : profile.memory) pages += region.size / profile.page_size;
    return pages;
}

void lay_out(machine_profile& profile, const std::vector<buddyinfo_row>& rows, bool roomy) {
    profile.memory.clear();
    const std::vector<Window> windows = windows_of(profile, rows);
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const bool below_another = std::any_of(windows.begin() + static_cast<std::ptrdiff_t>(i) + 1, windows.end(),
                                               [&](const Window& above) { return has_zone(rows, above.type); });
        add_zone(profile, windows[i], rows, below_another, roomy);
    }
}

Error no_machine(std::string_view en, std::string_view zh, std::initializer_list<Told> values) {
    return told_error("", told(en, zh, values));
}

// What no machine that is made for them has: nodes that are missing, zones that are not made of addresses.
std::optional<Error> check_rows(const std::vector<buddyinfo_row>& rows) {
    int last = 0;
    for (const buddyinfo_row& row : rows) {
        const std::optional<zone_type> type = zone_type_from_name(row.zone);
        if (!type) return no_machine("no kernel has a zone {0}", "没有内核有内存域 {0}", {quotable(row.zone)});
        if (*type == zone_type::movable || *type == zone_type::device)
            return no_machine("how large zone {0} is was told to the kernel, and does not follow from its free blocks",
                              "内存域 {0} 的大小由内核参数或设备决定，无法从空闲块推出", {row.zone});
        if (row.node >= MAX_NODES)
            return no_machine("node {0}: a machine has at most {1} nodes here",
                              "节点 {0}：这里一台机器最多有 {1} 个节点", {row.node, MAX_NODES});
        last = std::max(last, row.node);
    }
    for (int node = 0; node < last; ++node)
        if (std::none_of(rows.begin(), rows.end(), [&](const buddyinfo_row& row) { return row.node == node; }))
            return no_machine("there is node {0}, but no line of node {1}", "有节点 {0}，却没有节点 {1} 的行",
                              {last, node});
    return std::nullopt;
}

} // namespace

Result<machine_profile> machine_of_counts(const std::vector<buddyinfo_row>& rows) {
    if (const std::optional<Told> cut = cut_rows(rows)) return told_error("", *cut);
    if (const std::optional<Error> error = check_rows(rows)) return *error;
    machine_profile profile;
    profile.name = COUNTED_MACHINE;
    profile.page_size = static_cast<u32>(page_bytes_of(rows.front()).value_or(4096));
    profile.arch = architecture_of(rows, profile.page_size);
    for (const buddyinfo_row& row : rows) profile.nodes = std::max(profile.nodes, static_cast<u8>(row.node + 1));
    lay_out(profile, rows, true);
    if (pages_of(profile) > MAX_MEMORY_PAGES) lay_out(profile, rows, false);
    if (pages_of(profile) > MAX_MEMORY_PAGES)
        return no_machine("these free blocks need {0} pages; a machine has at most {1} here",
                          "这些空闲块需要 {0} 页；这里一台机器最多有 {1} 页", {pages_of(profile), MAX_MEMORY_PAGES});
    std::stable_sort(profile.memory.begin(), profile.memory.end(),
                     [](const memory_region& a, const memory_region& b) { return a.start < b.start; });
    Result<machine_profile> filled = with_free_blocks(profile, rows);
    if (filled) return filled;
    return no_machine("made as {0}: {1}", "按 {0} 构造：{1}",
                      {architecture_name(profile.arch), message_of(filled.error())});
}

} // namespace mm
