#include "scenario/buddyinfo.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>

#include "base/told.h"
#include "physical/boot.h"
#include "physical/fragmentation.h"
#include "scenario/machine_file.h"
#include "scenario/pfn_runs.h"
#include "scenario/scenario.h"
#include "json/write.h"

namespace mm {

namespace {

std::string index_text(i32 thousandths) {
    char text[16];
    const i32 size = thousandths < 0 ? -thousandths : thousandths;
    std::snprintf(text, sizeof text, "%s%d.%03d", thousandths < 0 ? "-" : "", size / 1000, size % 1000);
    return text;
}

template <class... Args>
void add_line(std::string& out, const char* format, Args... args) {
    char line[160];
    std::snprintf(line, sizeof line, format, args...);
    out += line;
}

Told zone_of(const buddyinfo_row& row) {
    return told("node {0}, zone {1}", "节点 {0} 的内存域 {1}", {row.node, quotable(row.zone)});
}

std::string zones_of(const physical_memory& mem) {
    std::string out;
    for (const zone& z : mem.zones)
        if (z.populated()) out += (out.empty() ? "" : ", ") + zone_to_text(z.node, z.type);
    return out;
}

Error misfit(std::string_view en, std::string_view zh, std::initializer_list<Told> values) {
    return told_error("", told(en, zh, values));
}

// Chooses blocks of the wanted orders out of the free ones of a booted zone, largest first. What is left of an order is
// split for the next one:
//
//   free after boot   [        10        ][        10        ]
//   chosen            [   ##  9  ##   ][8 ][##8##][...
class Placement {
  public:
    Placement(const physical_memory& mem, const zone& z) : after_boot_(mem.nr_orders) {
        for (u32 order = 0; order < mem.nr_orders; ++order) {
            for (const page_list& list : z.area[order].free_list)
                for (pfn_t pfn = list.nr ? list.first : PFN_NONE; pfn != PFN_NONE; pfn = mem.page_at(pfn).next)
                    after_boot_[order].push_back(pfn);
            std::sort(after_boot_[order].begin(), after_boot_[order].end());
        }
    }

    // An order that does not fit, and how many of it do.
    struct Misfit {
        u32 order = 0;
        std::size_t room = 0;
    };

    // By order; nullopt and `misfit` when they do not fit.
    std::optional<std::vector<std::vector<pfn_t>>> place(const std::vector<u32>& wanted, Misfit& misfit) {
        std::vector<std::vector<pfn_t>> placed(wanted.size());
        std::vector<pfn_t> pool;
        u64 blocks_below = 0;
        for (u32 nr : wanted) blocks_below += nr;
        for (u32 order = static_cast<u32>(wanted.size()); order-- > 0;) {
            pool.insert(pool.end(), after_boot_[order].begin(), after_boot_[order].end());
            std::sort(pool.begin(), pool.end());
            blocks_below -= wanted[order];
            if (!choose(pool, order, wanted[order], placed[order])) {
                misfit = {order, pool.size()};
                return std::nullopt;
            }
            // A block has room for one of any lower order: more than so many are not needed.
            if (pool.size() > blocks_below) pool.resize(static_cast<std::size_t>(blocks_below));
            if (order == 0) break;
            std::vector<pfn_t> halves;
            for (pfn_t pfn : pool) {
                halves.push_back(pfn);
                halves.push_back(pfn + (1u << (order - 1)));
            }
            pool = std::move(halves);
        }
        return placed;
    }

  private:
    // First those that leave their buddy used, then any.
    static bool choose(std::vector<pfn_t>& pool, u32 order, u32 wanted, std::vector<pfn_t>& chosen) {
        std::set<pfn_t> taken;
        for (const bool beside_buddy : {false, true})
            for (pfn_t pfn : pool) {
                if (taken.size() == wanted) break;
                if (beside_buddy || !taken.contains(pfn ^ (1u << order))) taken.insert(pfn);
            }
        if (taken.size() < wanted) return false;
        std::erase_if(pool, [&](pfn_t pfn) { return taken.contains(pfn); });
        chosen.assign(taken.begin(), taken.end());
        return true;
    }

    std::vector<std::vector<pfn_t>> after_boot_;
};

// `room` is how many blocks the machine may still list: more would not be read back.
Result<recorded_zone> place_zone(const physical_memory& mem, const zone& z, const buddyinfo_row& row, u64& room) {
    const free_blocks_info info = fill_contig_page_info(row.nr_free, 0);
    if (info.free_pages > z.managed_pages)
        return misfit("{0} has {1} free pages here; the zone of this machine manages {2}",
                      "{0} 在这里有 {1} 个空闲页，而这台机器的这个内存域只管理 {2} 页",
                      {zone_of(row), info.free_pages, z.managed_pages});
    if (info.free_blocks > room)
        return misfit("{0} has {1} free blocks here; a machine may list {2} in all its zones",
                      "{0} 在这里有 {1} 个空闲块；一台机器的所有内存域最多列出 {2} 个",
                      {zone_of(row), info.free_blocks, MAX_RUN_PFNS});
    room -= info.free_blocks;
    Placement::Misfit failed;
    const auto placed = Placement(mem, z).place(row.nr_free, failed);
    if (!placed) {
        const bool has_larger = std::any_of(row.nr_free.begin() + static_cast<std::ptrdiff_t>(failed.order) + 1,
                                            row.nr_free.end(), [](u32 nr) { return nr > 0; });
        const Told fits = has_larger ? told("beside the larger ones this machine has room for {0}",
                                            "除去更大的块，这台机器只放得下 {0} 个", {failed.room})
                                     : told("this machine has room for {0}", "这台机器只放得下 {0} 个", {failed.room});
        return misfit("{0}: {1} free blocks of order {2} do not fit: {3}", "{0}：{2} 阶的 {1} 个空闲块放不下，{3}",
                      {zone_of(row), row.nr_free[failed.order], failed.order, fits});
    }
    recorded_zone out;
    out.node = z.node;
    out.type = z.type;
    out.start_pfn = z.start_pfn;
    out.spanned_pages = z.spanned_pages;
    out.present_pages = z.present_pages;
    out.managed_pages = z.managed_pages;
    out.watermark = z.watermark;
    for (u32 order = 0; order < placed->size(); ++order)
        if (!(*placed)[order].empty())
            out.free_lists.push_back({static_cast<u8>(order), MIGRATE_MOVABLE, (*placed)[order]});
    const pfn_t block = mem.pageblock_nr_pages();
    const pfn_t first = z.start_pfn & ~(block - 1);
    out.block_types.push_back({first, (z.end_pfn() - first + block - 1) / block, MIGRATE_MOVABLE});
    return out;
}

} // namespace

Result<std::vector<buddyinfo_row>> read_buddyinfo(std::string_view text) {
    if (text.size() > MAX_BUDDYINFO_BYTES)
        return told_error("",
                          told("the text has more than {0} bytes; expected that of /proc/buddyinfo",
                               "文本超过了 {0} 字节；这里应当是 /proc/buddyinfo 的文本", {MAX_BUDDYINFO_BYTES}),
                          1, 1);
    return parse_buddyinfo(text);
}

std::optional<u64> page_bytes_of(const buddyinfo_row& row) {
    switch (row.nr_free.size()) {
    case 11: return 4096;
    case 12: return 16384;
    case 14: return 65536;
    default: return std::nullopt;
    }
}

std::optional<Told> cut_rows(const std::vector<buddyinfo_row>& rows) {
    if (rows.empty() || page_bytes_of(rows.front())) return std::nullopt;
    return told(
        "{0} orders here; a kernel has 11 (4 KiB pages), 12 (16 KiB) or 14 (64 KiB) by default. The lines may be "
        "cut, and no page size follows from them",
        "这里有 {0} 个阶；内核默认有 11 个（4 KiB 页）、12 个（16 KiB 页）或 14 个（64 KiB 页）。各行可能被截断了，"
        "也无法由此推出页大小",
        {rows.front().nr_free.size()});
}

std::string buddyinfo_text(const std::vector<buddyinfo_row>& rows) {
    std::string out;
    if (const std::optional<Told> cut = cut_rows(rows)) out += cut->en + ".\n";
    for (const buddyinfo_row& row : rows) {
        const free_blocks_info info = fill_contig_page_info(row.nr_free, 0);
        if (!out.empty()) out += '\n';
        out += "Node " + std::to_string(row.node) + ", zone " + quotable(row.zone) + ": ";
        out += std::to_string(info.free_pages) + " pages free";
        const std::optional<u64> bytes = page_bytes_of(row);
        if (bytes) out += ", " + std::to_string(info.free_pages * (*bytes >> 10)) + " KiB";
        out += ", in " + std::to_string(info.free_blocks) + " blocks, ";
        out += info.largest_order < 0 ? "none" : "the largest of order " + std::to_string(info.largest_order);
        out += "\n  order    free blocks   unusable   fragmentation\n";
        for (u32 order = 0; order < row.nr_free.size(); ++order)
            add_line(out, "  %5u   %12u   %8s   %13s\n", order, row.nr_free[order],
                     index_text(static_cast<i32>(unusable_free_index(row.nr_free, order))).c_str(),
                     index_text(fragmentation_index(row.nr_free, order)).c_str());
    }
    out +=
        "\nunusable: how much of the free memory is in smaller blocks. fragmentation: why a request of the order would "
        "fail,\ntowards 0 for lack of memory, towards 1 because it is broken up; -1.000: it would succeed.\n";
    return out;
}

std::string buddyinfo_json(const std::vector<buddyinfo_row>& rows) {
    OrderedJson out = OrderedJson::array();
    for (const buddyinfo_row& row : rows) {
        const free_blocks_info info = fill_contig_page_info(row.nr_free, 0);
        OrderedJson zone{{"node", row.node}, {"zone", quotable(row.zone)}, {"free_pages", info.free_pages}};
        if (const std::optional<u64> bytes = page_bytes_of(row)) zone["free_bytes"] = info.free_pages * *bytes;
        zone["free_blocks"] = info.free_blocks;
        zone["largest_order"] = info.largest_order;
        zone["orders"] = OrderedJson::array();
        for (u32 order = 0; order < row.nr_free.size(); ++order)
            zone["orders"].push_back(
                {{"nr_free", row.nr_free[order]},
                 {"unusable", index_text(static_cast<i32>(unusable_free_index(row.nr_free, order)))},
                 {"fragmentation", index_text(fragmentation_index(row.nr_free, order))}});
        out.push_back(std::move(zone));
    }
    return json_text(out);
}

Result<machine_profile> with_free_blocks(machine_profile profile, const std::vector<buddyinfo_row>& rows) {
    profile.recorded.clear();
    if (const auto bad = check_profile(profile)) return *bad;
    EventSink quiet;
    const physical_memory mem = boot(profile, quiet);
    u64 room = MAX_RUN_PFNS;
    for (const buddyinfo_row& row : rows) {
        const auto z = std::find_if(mem.zones.begin(), mem.zones.end(), [&](const zone& of) {
            return of.populated() && of.node == row.node && of.name() == row.zone;
        });
        if (z == mem.zones.end())
            return misfit("this machine has no memory in {0}; it has {1}", "这台机器在{0} 中没有内存；它有 {1}",
                          {zone_of(row), zones_of(mem)});
        if (row.nr_free.size() != mem.nr_orders)
            return misfit("{0} has {1} orders here; this machine has {2}", "{0} 在这里有 {1} 个阶，这台机器有 {2} 个",
                          {zone_of(row), row.nr_free.size(), mem.nr_orders});
        Result<recorded_zone> placed = place_zone(mem, *z, row, room);
        if (!placed) return placed.error();
        profile.recorded.push_back(std::move(*placed));
    }
    for (const zone& z : mem.zones)
        if (z.populated() && std::none_of(profile.recorded.begin(), profile.recorded.end(),
                                          [&](const recorded_zone& r) { return r.node == z.node && r.type == z.type; }))
            return misfit("zone {0} of this machine is missing", "缺少这台机器的内存域 {0}",
                          {zone_to_text(z.node, z.type)});
    profile.name = COUNTED_MACHINE;
    profile.title_en = "Free blocks as counted; where they are is assumed";
    profile.title_zh = "空闲块数目真实，位置是假定的";
    return profile;
}

std::string buddyinfo_scenario(const machine_profile& profile) {
    const OrderedJson machine = OrderedJson::parse(machine_to_json(profile), nullptr, false);
    OrderedJson out;
    out["format"] = SCENARIO_FORMAT;
    out["title"] = {{"en", "Free blocks as in /proc/buddyinfo"}, {"zh", "空闲块如 /proc/buddyinfo 所示"}};
    out["notes"] = {
        {"en",
         "As many free blocks of each order as the text says. It does not say where they are nor of which type: here "
         "they stand from low addresses up, and all are Movable."},
        {"zh", "各阶空闲块的数目与文本一致。文本没有说明它们的位置和类型：这里从低地址排起，全部为 Movable。"}};
    out["machine"]["profile"] = machine["profile"];
    out["steps"] = OrderedJson::array();
    out["steps"].push_back({{"op", "alloc_page"},
                            {"gfp", "GFP_KERNEL"},
                            {"as", "a"},
                            {"note", {{"en", "One page for the kernel."}, {"zh", "给内核的一页。"}}}});
    return json_text(out);
}

} // namespace mm
