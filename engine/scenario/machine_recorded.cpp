// The recorded state of a machine: read_recorded() of machine_file.h.
#include <algorithm>
#include <charconv>

#include "scenario/machine_file.h"
#include "scenario/pfn_runs.h"

namespace mm {

namespace {

constexpr i64 MAX_COUNT = 0x7fffffff;

// Reads one zone. `room` is what is left of MAX_RUN_PFNS for the whole machine, `zones` those that are read, with this one.
class ZoneReader {
  public:
    ZoneReader(JsonReader& reader, const std::vector<recorded_zone>& zones, std::size_t& room)
        : reader_(reader), zones_(zones), room_(room) {}

    bool zone(const Field& at, recorded_zone& zone) {
        static constexpr std::string_view fields[] = {
            "zone",          "start_pfn",   "spanned_pages", "present_pages",   "managed_pages",          "cma_pages",
            "nr_free_pages", "nr_free_cma", "watermark",     "watermark_boost", "nr_reserved_highatomic", "free_lists",
            "cpus",          "block_types"};
        return reader_.object(at, fields) &&
               reader_.required(at, "zone", [&](const Field& f) { return name(f, zone); }) &&
               reader_.required(at, "start_pfn",
                                [&](const Field& f) { return reader_.number(f, 0, PFN_NONE - 1, zone.start_pfn); }) &&
               reader_.required(at, "spanned_pages", [&](const Field& f) { return pages(f, zone.spanned_pages); }) &&
               reader_.required(at, "present_pages", [&](const Field& f) { return pages(f, zone.present_pages); }) &&
               reader_.required(at, "managed_pages", [&](const Field& f) { return pages(f, zone.managed_pages); }) &&
               reader_.optional(at, "cma_pages", [&](const Field& f) { return pages(f, zone.cma_pages); }) &&
               reader_.optional(at, "nr_free_pages", [&](const Field& f) { return pages(f, zone.nr_free_pages); }) &&
               reader_.optional(at, "nr_free_cma", [&](const Field& f) { return pages(f, zone.nr_free_cma); }) &&
               reader_.required(at, "watermark", [&](const Field& f) { return watermark(f, zone); }) &&
               reader_.optional(at, "watermark_boost",
                                [&](const Field& f) { return pages(f, zone.watermark_boost); }) &&
               reader_.optional(at, "nr_reserved_highatomic",
                                [&](const Field& f) { return pages(f, zone.nr_reserved_highatomic); }) &&
               reader_.required(at, "free_lists", [&](const Field& f) { return free_lists(f, zone); }) &&
               reader_.optional(at, "cpus", [&](const Field& f) { return cpus(f, zone); }) &&
               reader_.required(at, "block_types", [&](const Field& f) { return block_types(f, zone); });
    }

  private:
    template <class Integer>
    bool pages(const Field& at, Integer& out) {
        return reader_.number(at, 0, MAX_COUNT, out);
    }

    bool name(const Field& at, recorded_zone& zone) {
        std::string text;
        if (!reader_.text(at, 32, text)) return false;
        const std::optional<zone_name> name = zone_from_text(text);
        if (!name || name->node >= MAX_NODES)
            return reader_.fail(at, told("found \"{0}\", expected node, from 0 to {1}, and kind of zone like \"0:DMA\"",
                                         "这里是 \"{0}\"，应当是节点（0 到 {1}）和内存域的种类，如 \"0:DMA\"",
                                         {quotable(text), MAX_NODES - 1}));
        zone.node = name->node;
        zone.type = name->type;
        const auto same = [&](const recorded_zone& z) { return z.node == zone.node && z.type == zone.type; };
        if (std::count_if(zones_.begin(), zones_.end(), same) > 1)
            return reader_.fail(
                at, told("zone {0} stands twice in the list", "内存域 {0} 在列表中出现两次", {quotable(text)}));
        return true;
    }

    bool watermark(const Field& at, recorded_zone& zone) {
        if (!reader_.list(at, NR_WMARK)) return false;
        if (at.value->items.size() != NR_WMARK)
            return reader_.fail(at, {"expected the three marks [min, low, high]", "应当是三条水线 [min, low, high]"});
        if (!reader_.each(at, [&](const Field& item, std::size_t i) { return pages(item, zone.watermark[i]); }))
            return false;
        // The kernel adds to min what makes low, and to low what makes high: __setup_per_zone_wmarks()
        if (std::is_sorted(zone.watermark.begin(), zone.watermark.end())) return true;
        const auto [min, low, high] = zone.watermark;
        return reader_.fail(at, told("found min {0}, low {1}, high {2}; expected marks that rise: min ≤ low ≤ high",
                                     "这里是 min {0}、low {1}、high {2}，应当依次不减：min ≤ low ≤ high",
                                     {min, low, high}));
    }

    // Text, or a list of lines of it: each line is handed to `read_line(text)`, which returns what is wrong.
    template <class ReadLine>
    bool lines(const Field& at, ReadLine read_line) {
        const auto read = [&](const Field& line) {
            std::string text;
            if (!reader_.text(line, 1u << 20, text)) return false;
            const std::optional<Told> wrong = read_line(std::string_view(text));
            return wrong ? reader_.fail(line, *wrong) : true;
        };
        if (at.value->kind != JsonValue::Kind::array) return read(at);
        return reader_.each(at, [&](const Field& line, std::size_t) { return read(line); });
    }

    bool frames(const Field& at, std::vector<pfn_t>& pfns) {
        return lines(at, [&](std::string_view text) {
            const std::size_t before = pfns.size();
            std::optional<Told> wrong = read_pfn_runs(text, room_, pfns);
            room_ -= pfns.size() - before;
            return wrong;
        });
    }

    // The key of one value of an object, as a number.
    bool key_number(const Field& at, u32 limit, const Told& meaning, u8& out) {
        const auto [rest, error] = std::from_chars(at.key.data(), at.key.data() + at.key.size(), out);
        if (error == std::errc() && rest == at.key.data() + at.key.size() && out < limit) return true;
        return reader_.fail_key(*at.parent, at.index,
                                told("expected {0} from 0 to {1}", "应当是{0}，0 到 {1}", {meaning, limit - 1}));
    }

    // {"Unmovable": {"0": "45349 4384f", "10": "46000"}, "Movable": {...}}
    bool free_lists(const Field& at, recorded_zone& zone) {
        return reader_.object(at, migratetype_names) && reader_.each(at, [&](const Field& by_type, std::size_t) {
            const auto type = std::find(migratetype_names.begin(), migratetype_names.end(), by_type.key);
            return reader_.any_object(by_type) && reader_.each(by_type, [&](const Field& by_order, std::size_t) {
                recorded_zone::free_list& list = zone.free_lists.emplace_back();
                list.type = static_cast<migratetype>(type - migratetype_names.begin());
                return key_number(by_order, MAX_ORDERS, {"an order", "阶"}, list.order) && frames(by_order, list.pfns);
            });
        });
    }

    bool cpus(const Field& at, recorded_zone& zone) {
        return reader_.list(at, MAX_CPUS) && reader_.each(at, [&](const Field& item, std::size_t) {
            zone.cpus.emplace_back();
            return cpu(item, zone);
        });
    }

    bool cpu_number(const Field& at, recorded_zone& zone) {
        recorded_zone::cpu_pages& cpu = zone.cpus.back();
        if (!reader_.number(at, 0, MAX_CPUS - 1, cpu.cpu)) return false;
        const auto same = [&](const recorded_zone::cpu_pages& other) { return other.cpu == cpu.cpu; };
        if (std::any_of(zone.cpus.begin(), zone.cpus.end() - 1, same))
            return reader_.fail(at, told("CPU {0} stands twice in the list", "CPU {0} 在列表中出现两次", {cpu.cpu}));
        return true;
    }

    bool cpu(const Field& at, recorded_zone& zone) {
        recorded_zone::cpu_pages& cpu = zone.cpus.back();
        static constexpr std::string_view fields[] = {"cpu",         "count",      "high",  "batch",
                                                      "high_min",    "high_max",   "flags", "alloc_factor",
                                                      "free_factor", "free_count", "lists", "remembered"};
        const auto number = [&](std::string_view key, i32& out, i64 max = MAX_COUNT) {
            return reader_.optional(at, key, [&](const Field& f) { return reader_.number(f, 0, max, out); });
        };
        const auto lists = [&](const Field& field) {
            return reader_.any_object(field) && reader_.each(field, [&](const Field& item, std::size_t) {
                recorded_zone::cpu_pages::list& list = cpu.lists.emplace_back();
                return key_number(item, NR_PCP_LISTS, {"the index of a per-CPU list", "每 CPU 链表的下标"},
                                  list.index) &&
                       frames(item, list.pfns);
            });
        };
        // {"Movable": "420e 420c+1*2"}
        const auto remembered = [&](const Field& field) {
            return reader_.object(field, migratetype_names) && reader_.each(field, [&](const Field& item, std::size_t) {
                const auto type = std::find(migratetype_names.begin(), migratetype_names.end(), item.key);
                auto& of_type = cpu.remembered.emplace_back();
                of_type.type = static_cast<migratetype>(type - migratetype_names.begin());
                return frames(item, of_type.pfns);
            });
        };
        return reader_.object(at, fields) &&
               reader_.required(at, "cpu", [&](const Field& f) { return cpu_number(f, zone); }) &&
               number("count", cpu.count, MAX_PCP_PAGES) && number("high", cpu.high, MAX_PCP_PAGES) &&
               number("batch", cpu.batch, MAX_PCP_PAGES) && number("high_min", cpu.high_min, MAX_PCP_PAGES) &&
               number("high_max", cpu.high_max, MAX_PCP_PAGES) && number("flags", cpu.flags) &&
               number("alloc_factor", cpu.alloc_factor) && number("free_factor", cpu.free_factor) &&
               number("free_count", cpu.free_count, MAX_PCP_PAGES) && reader_.optional(at, "lists", lists) &&
               reader_.optional(at, "remembered", remembered);
    }

    // "40000+18:Movable 42400+2:Unmovable 7fe00+1:none": first frame, blocks, type.
    bool block_types(const Field& at, recorded_zone& zone) {
        return lines(at, [&](std::string_view text) -> std::optional<Told> {
            while (true) {
                const std::string_view word = take_word(text);
                if (word.empty()) return std::nullopt;
                if (std::optional<Told> wrong = block_run(word, zone.block_types.emplace_back())) return wrong;
            }
        });
    }

    // What is wrong with it. Whether it stays within its zone, only the machine can tell (restore_block_types).
    static std::optional<Told> block_run(std::string_view word, recorded_zone::block_run& run) {
        const auto misspelt = [&] {
            return told("found \"{0}\", expected pageblocks like \"40000+18:Movable\"",
                        "这里是 \"{0}\"，应当是页块，如 \"40000+18:Movable\"", {quotable(word)});
        };
        std::string_view rest = word;
        const std::optional<u64> first = take_digits(rest, 16);
        if (!first || !rest.starts_with('+')) return misspelt();
        rest.remove_prefix(1);
        const std::optional<u64> count = take_digits(rest, 10);
        if (!count || *count == 0 || !rest.starts_with(':')) return misspelt();
        rest.remove_prefix(1);
        const auto type = std::find(migratetype_names.begin(), migratetype_names.end(), rest);
        if (type == migratetype_names.end() && rest != "none") return misspelt();
        if (*first >= PFN_NONE) return frame_too_large(word);
        if (*count >= PFN_NONE)
            return told("\"{0}\" counts more pageblocks than there are page frames", "\"{0}\" 的页块数超过了页框的总数",
                        {quotable(word)});
        run.pfn = static_cast<pfn_t>(*first);
        run.count = static_cast<u32>(*count);
        run.type = rest == "none" ? -2 : static_cast<i32>(type - migratetype_names.begin());
        return std::nullopt;
    }

    JsonReader& reader_;
    const std::vector<recorded_zone>& zones_;
    std::size_t& room_;
};

} // namespace

bool read_recorded(JsonReader& reader, const Field& at, std::vector<recorded_zone>& zones) {
    std::size_t room = MAX_RUN_PFNS;
    return reader.list(at, MAX_NODES * MAX_NR_ZONES) && reader.each(at, [&](const Field& item, std::size_t) {
        zones.emplace_back();
        return ZoneReader(reader, zones, room).zone(item, zones.back());
    });
}

} // namespace mm
