// /proc/buddyinfo and /proc/pagetypeinfo, and buddyinfo read back in.
//
// Models: nr_free by order; the lengths of the free lists by type, capped like the kernel's; pageblocks by type.
// Simplified: a kernel without CONFIG_CMA is told from ZONE_HIGHMEM; a pageblock without a frame of its zone is not
//   counted, even where the kernel keeps struct pages for the hole.
// Not modelled: the counts of mixed blocks that CONFIG_PAGE_OWNER adds.
// Mirrors: mm/vmstat.c (Linux 6.1): frag_show_print, pagetypeinfo_show.
#include "physical/procfs.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/assert.h"
#include "base/shown_text.h"
#include "physical/procfs_text.h"

namespace mm {

namespace {

// The kernel walks a list under the zone's lock and gives up here.
constexpr u32 MAX_COUNTED_BLOCKS = 100000;

std::vector<migratetype> types_of(const physical_memory& mem) {
    std::vector<migratetype> types;
    for (int t = 0; t < MIGRATE_TYPES; ++t) {
        const migratetype type = static_cast<migratetype>(t);
        if (!is_migrate_cma(type) || !has_highmem(mem)) types.push_back(type);
    }
    return types;
}

const char* name_of(migratetype type) { return migratetype_names[type].data(); }

void free_counts(std::string& out, const physical_memory& mem, const zone& z, migratetype type) {
    append_line(out, "Node %4d, zone %8s, type %12s ", z.node, name_of(z), name_of(type));
    for (u32 order = 0; order < mem.nr_orders; ++order) {
        const u32 nr = z.area[order].free_list[type].nr;
        append_line(out, "%s%6u ", nr >= MAX_COUNTED_BLOCKS ? ">" : "", std::min(nr, MAX_COUNTED_BLOCKS));
    }
    out += '\n';
}

// True when the pageblock's share of the zone, [start, end), holds at least one frame of the zone.
bool has_memory(const physical_memory& mem, const zone& z, pfn_t start, pfn_t end) {
    const auto zone_number = static_cast<std::size_t>(&z - mem.zones.data());
    for (pfn_t pfn = start; pfn < end; ++pfn) {
        const page_state state = mem.page_at(pfn).state();
        if (state == page_state::hole) continue;
        if (mem.page_zone(pfn) == zone_number) return true;
    }
    return false;
}

// Like the kernel, steps by pageblocks from the zone's first frame, even when that is not aligned.
std::array<u32, MIGRATE_TYPES> count_pageblocks(const physical_memory& mem, const zone& z) {
    std::array<u32, MIGRATE_TYPES> counts{};
    for (pfn_t pfn = z.start_pfn; pfn < z.end_pfn();) {
        const pfn_t end = std::min(z.end_pfn(), pfn + mem.pageblock_nr_pages());
        if (has_memory(mem, z, pfn, end)) ++counts[mem.block_type(pfn)];
        pfn = end;
    }
    return counts;
}

void pagetypeinfo_of_node(std::string& out, const physical_memory& mem, int node) {
    const std::vector<migratetype> types = types_of(mem);
    append_line(out, "Page block order: %d\n", mem.pageblock_order);
    append_line(out, "Pages per block:  %u\n\n", mem.pageblock_nr_pages());

    append_line(out, "%-43s ", "Free pages count per migrate type at order");
    for (u32 order = 0; order < mem.nr_orders; ++order) append_line(out, "%6u ", order);
    out += '\n';
    for (const zone& z : mem.zones)
        if (z.node == node && z.populated())
            for (migratetype type : types) free_counts(out, mem, z, type);

    append_line(out, "\n%-23s", "Number of blocks type ");
    for (migratetype type : types) append_line(out, "%12s ", name_of(type));
    out += '\n';
    for (const zone& z : mem.zones) {
        if (z.node != node || !z.populated()) continue;
        const std::array<u32, MIGRATE_TYPES> counts = count_pageblocks(mem, z);
        append_line(out, "Node %d, zone %8s ", z.node, name_of(z));
        for (migratetype type : types) append_line(out, "%12u ", counts[type]);
        out += '\n';
    }
}

} // namespace

std::string proc_buddyinfo(const physical_memory& mem) {
    std::string out;
    for (const zone& z : mem.zones) {
        if (!z.populated()) continue;
        append_line(out, "Node %d, zone %8s ", z.node, name_of(z));
        for (u32 order = 0; order < mem.nr_orders; ++order) append_line(out, "%6u ", z.area[order].nr_free);
        out += '\n';
    }
    return out;
}

std::string proc_pagetypeinfo(const physical_memory& mem) {
    std::string out;
    for (const pglist_data& node : mem.nodes)
        if (node.node_present_pages > 0) pagetypeinfo_of_node(out, mem, node.node_id);
    return out;
}

namespace {

constexpr u32 MAX_NUMNODES = 1024;
constexpr std::size_t MAX_ZONE_NAME = 16;

// Reads one line, left to right. After the first error nothing more is read.
class LineReader {
  public:
    LineReader(std::string_view line, int number) : line_(line), number_(number) {}

    void expect(std::string_view word) {
        skip_spaces();
        if (line_.substr(at_, word.size()) != word) return fail(told("expected \"{0}\"", "这里应当是“{0}”", {word}));
        at_ += word.size();
    }

    u32 number(const Told& what, u32 max) {
        skip_spaces();
        u32 value = 0;
        const char* begin = line_.data() + at_;
        const auto [end, problem] = std::from_chars(begin, line_.data() + line_.size(), value);
        if (problem == std::errc::invalid_argument) {
            fail(told("expected {0}, a number", "这里应当是{0}，一个数", {what}));
        } else if (problem != std::errc{} || value > max) {
            fail(told("{0} is above {1}", "{0}超过了 {1}", {what, max}));
        } else {
            at_ += static_cast<std::size_t>(end - begin);
        }
        return value;
    }

    std::string_view word(const Told& what) {
        skip_spaces();
        const std::size_t end = std::min(line_.find(' ', at_), line_.size());
        const std::string_view text = line_.substr(at_, end - at_);
        const bool named = std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        });
        if (text.empty() || text.size() > MAX_ZONE_NAME || !named)
            fail(told("expected {0}, 1 to {1} letters", "这里应当是{0}，1 到 {1} 个字母", {what, MAX_ZONE_NAME}));
        at_ = end;
        return text;
    }

    bool at_end() {
        skip_spaces();
        return at_ == line_.size() || error_.has_value();
    }

    void fail(const Told& message) {
        if (error_) return;
        skip_spaces();
        const std::size_t end = std::min(line_.find(' ', at_), line_.size());
        const Told found = at_ == line_.size()
                               ? told("the line ends here", "这一行却到此为止")
                               : told("found \"{0}\"", "却是“{0}”", {quotable(line_.substr(at_, end - at_), 20)});
        error_ = told_error({}, told("{0}; {1}", "{0}，{1}", {message, found}), number_,
                            static_cast<int>(count_characters(line_.substr(0, at_))) + 1);
    }

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  private:
    void skip_spaces() {
        while (at_ < line_.size() && line_[at_] == ' ') ++at_;
    }

    std::string_view line_;
    int number_;
    std::size_t at_ = 0;
    std::optional<Error> error_;
};

// What people paste with the kernel's lines, each of its characters as one blank: a byte order mark, no-break spaces, tabs.
std::string with_plain_blanks(std::string_view line) {
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
        const bool mark = line.substr(at).starts_with("\xef\xbb\xbf"),
                   no_break = line.substr(at).starts_with("\xc2\xa0");
        out += mark || no_break || line[at] == '\t' ? ' ' : line[at];
        at += mark ? 3 : no_break ? 2 : 1;
    }
    return out;
}

// Where the kernel's own line begins: behind quote marks, a frame of a table, and the time of a log ("[   12.345678] ").
std::size_t quoted_length(std::string_view line) {
    std::size_t at = 0;
    while (at < line.size() && std::string_view(" >|*`").find(line[at]) != std::string_view::npos) ++at;
    if (at == line.size() || line[at] != '[') return at;
    const std::size_t end = line.find(']', at);
    return end == std::string_view::npos ? at : end + 1;
}

// A shell prompt, or a fence around the text.
bool is_no_row(std::string_view line, bool before_the_first) {
    const std::size_t begin = quoted_length(line);
    if (begin == line.size() || line[begin] == '$' || line[begin] == '#') return true;
    return before_the_first && line.find("/proc/buddyinfo") != std::string_view::npos;
}

Result<buddyinfo_row> parse_row(std::string_view line, int line_number) {
    LineReader in(line, line_number);
    buddyinfo_row row;
    in.expect("Node");
    row.node = static_cast<int>(in.number({"the node", "节点号"}, MAX_NUMNODES - 1));
    in.expect(",");
    in.expect("zone");
    row.zone = in.word({"the zone's name", "内存域名"});
    while (!in.at_end()) {
        row.nr_free.push_back(in.number({"the number of free blocks", "空闲块数"}, 0xffffffffu));
        if (row.nr_free.size() > MAX_ORDERS)
            in.fail(told("a line has at most {0} numbers", "一行最多有 {0} 个数", {MAX_ORDERS}));
    }
    if (row.nr_free.empty())
        in.fail(told("expected the numbers of free blocks, one an order", "这里应当是各阶的空闲块数"));
    if (in.error()) return *in.error();
    return row;
}

std::optional<Error> check_against(const std::vector<buddyinfo_row>& rows, const buddyinfo_row& row, int line) {
    for (const buddyinfo_row& other : rows)
        if (other.node == row.node && other.zone == row.zone)
            return told_error({},
                              told("node {0}, zone {1} stands here twice", "节点 {0} 的内存域 {1} 在这里出现两次",
                                   {row.node, quotable(row.zone)}),
                              line, 1);
    if (!rows.empty() && rows[0].nr_free.size() != row.nr_free.size())
        return told_error({},
                          told("found {0} orders, the lines above have {1}", "这里有 {0} 个阶，上面各行有 {1} 个",
                               {row.nr_free.size(), rows[0].nr_free.size()}),
                          line, 1);
    return std::nullopt;
}

} // namespace

Result<std::vector<buddyinfo_row>> parse_buddyinfo(std::string_view text) {
    std::vector<buddyinfo_row> rows;
    int line_number = 0;
    while (!text.empty()) {
        ++line_number;
        const std::size_t newline = std::min(text.find('\n'), text.size());
        std::string line = with_plain_blanks(text.substr(0, newline));
        text.remove_prefix(std::min(newline + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.pop_back();
        if (is_no_row(line, rows.empty())) continue;
        line.replace(0, quoted_length(line), quoted_length(line), ' ');
        if (rows.size() >= MAX_NODES * MAX_NR_ZONES)
            return told_error({}, told("more than {0} zones", "超过了 {0} 个内存域", {MAX_NODES * MAX_NR_ZONES}),
                              line_number, 1);
        Result<buddyinfo_row> row = parse_row(line, line_number);
        if (!row) return row.error();
        if (std::optional<Error> error = check_against(rows, *row, line_number)) return *error;
        rows.push_back(std::move(*row));
    }
    if (rows.empty())
        return told_error({},
                          told("no zone; expected lines like \"Node 0, zone      DMA      3      1 ...\"",
                               "没有内存域；每行应当像“Node 0, zone      DMA      3      1 ...”"),
                          1, 1);
    return rows;
}

} // namespace mm
