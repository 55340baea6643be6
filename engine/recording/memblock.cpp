#include "recording/memblock.h"

#include <algorithm>

#include "recording/text.h"

namespace mm {

namespace {

using Kind = RecordedMemblockStep::Kind;

// "0x1000-0x9fbff": the last byte is part of it.
bool read_span(TextCursor& at, u64& base, u64& end) {
    u64 last = 0;
    if (!at.eat("0x") || !at.number(base, 16) || !at.eat("-0x") || !at.number(last, 16, ~0ull - 1) || last < base)
        return false;
    end = last + 1;
    return true;
}

bool read_hex(TextCursor& at, std::string_view before, u64& value) {
    at.skip_blanks();
    return at.eat(before) && at.eat("0x") && at.number(value, 16);
}

bool read_node(TextCursor& at, i64& node) {
    at.skip_blanks();
    return at.eat("nid=") && at.signed_number(node) && node >= -1 && node < 1024;
}

// "memblock_alloc_try_nid: 4096 bytes align=0x40 nid=0 from=0x0 max_addr=0x0 caller", behind the name
bool read_alloc(TextCursor at, RecordedMemblockStep& step) {
    step.kind = Kind::alloc;
    if (!at.number(step.size) || !at.eat(" bytes") || !read_hex(at, "align=", step.align)) return false;
    at.skip_blanks();
    if (at.rest().starts_with("nid=") && !read_node(at, step.node)) return false;
    return read_hex(at, "from=", step.from) && read_hex(at, "max_addr=", step.max_addr);
}

// "memblock_reserve: [0x..-0x..] caller", behind the name
bool read_call(std::string_view name, TextCursor at, RecordedMemblockStep& step) {
    static constexpr struct {
        std::string_view name;
        Kind kind;
    } CALLS[] = {{"memblock_add", Kind::add},       {"memblock_add_node", Kind::add},
                 {"memblock_remove", Kind::remove}, {"memblock_reserve", Kind::reserve},
                 {"memblock_free", Kind::free},     {"memblock_phys_free", Kind::free}};
    for (const auto& call : CALLS) {
        if (call.name != name) continue;
        step.kind = call.kind;
        return at.eat("[") && read_span(at, step.base, step.end);
    }
    return false;
}

class LogReader {
  public:
    RecordedMemblock read(std::string_view text) {
        LineReader lines(text);
        for (std::string_view line; lines.next(line);) {
            line_ = lines.line_number();
            TextCursor at(line);
            if (line.starts_with("[") && !at.find("] ")) continue; // the time
            read_line(at);
        }
        return std::move(out_);
    }

  private:
    void read_line(TextCursor at) {
        if (at.rest() == "MEMBLOCK configuration:") {
            add({.kind = Kind::lists, .line = line_, .call = {}, .nodes = {}, .lists = {}});
            return;
        }
        if (read_lists(at)) return;
        if (at.rest().starts_with("memblock_")) return read_memblock(at);
        if (at.rest().starts_with("NODE_DATA(")) return read_node_data(at);
        read_other(at);
    }

    // Lines of the configuration that was printed last.
    bool read_lists(TextCursor at) {
        if (out_.steps.empty() || out_.steps.back().kind != Kind::lists || at.peek() != ' ') return false;
        RecordedMemblockLists& lists = out_.steps.back().lists;
        at.skip_blanks();
        const bool memory = at.rest().starts_with("memory"), reserved = at.rest().starts_with("reserved");
        if (!memory && !reserved) return false;
        if (at.eat("memory size = 0x"))
            return at.number(lists.memory_size, 16) && at.eat(" reserved size = 0x") &&
                   at.number(lists.reserved_size, 16);
        if (at.eat("memory.cnt  = 0x")) return at.number(lists.memory_cnt, 16);
        if (at.eat("reserved.cnt  = 0x")) return at.number(lists.reserved_cnt, 16);
        RecordedMemblockRegion region;
        if (!at.find("[0x") || !at.find("[") || !read_span(at, region.base, region.end)) return false;
        if (at.find("on node ") && !at.signed_number(region.node)) return false;
        (memory ? lists.memory : lists.reserved).push_back(region);
        return true;
    }

    void read_memblock(TextCursor at) {
        ++out_.lines_of_memblock;
        RecordedMemblockStep step;
        step.line = line_;
        step.call = at.word(":");
        if (!at.eat(": ")) {
            ++out_.unreadable;
            return;
        }
        if (step.call == "memblock_free_late") {
            u64 base = 0, end = 0;
            if (at.eat("[") && read_span(at, base, end)) out_.late_freed_pages += end / 4096 - base / 4096;
            return;
        }
        if (step.call.find("alloc") != std::string::npos ? !read_alloc(at, step) : !read_call(step.call, at, step)) {
            ++out_.unreadable;
            return;
        }
        // An allocation reserves what it found with the next line.
        const bool of_alloc =
            step.kind == Kind::reserve && at.rest().find("memblock_alloc_range_nid") != at.rest().npos;
        if (of_alloc && !out_.steps.empty() && out_.steps.back().kind == Kind::alloc && out_.steps.back().end == 0) {
            out_.steps.back().base = step.base;
            out_.steps.back().end = step.end;
            return;
        }
        add(std::move(step));
    }

    // NODE_DATA(0) allocated [mem 0x..-0x..]: an allocation that is not told by itself; the line before reserved it.
    void read_node_data(TextCursor at) {
        u64 node = 0, base = 0, end = 0;
        if (!at.eat("NODE_DATA(") || !at.number(node, 10, 1023) || !at.eat(") allocated [mem ") ||
            !read_span(at, base, end) || out_.steps.empty())
            return;
        RecordedMemblockStep& reserved = out_.steps.back();
        if (reserved.kind != Kind::reserve || reserved.base != base || reserved.end != end) return;
        reserved.kind = Kind::node_data;
        reserved.size = end - base;
        reserved.node = static_cast<i64>(node);
    }

    void read_other(TextCursor at) {
        u64 node = 0, kib = 0;
        RecordedMemblockRegion range;
        TextCursor srat = at, faked = at, freed = at, ramdisk = at;
        if (srat.eat("ACPI: SRAT: Node ") && srat.number(node, 10, 1023) && srat.find("[mem ") &&
            read_span(srat, range.base, range.end)) {
            range.node = static_cast<i64>(node);
            nodes_.push_back(range);
        } else if (faked.eat("Faking a node at [mem ") && read_span(faked, range.base, range.end)) {
            range.node = 0;
            nodes_.push_back(range);
        } else if (freed.eat("Freeing ") && freed.find("memory: ") && freed.number(kib, 10, 1u << 30)) {
            (at.rest().starts_with("Freeing initrd") ? out_.initrd_freed_kib : out_.image_freed_kib) += kib;
        } else if (ramdisk.eat("RAMDISK: [mem ") && read_span(ramdisk, range.base, range.end)) {
            out_.ramdisk = range.base;
        }
    }

    // What firmware said of nodes holds before the next call.
    void add(RecordedMemblockStep step) {
        if (!nodes_.empty()) {
            RecordedMemblockStep nodes;
            nodes.kind = Kind::nodes;
            nodes.line = line_;
            nodes.nodes = joined_nodes();
            nodes_.clear();
            out_.steps.push_back(std::move(nodes));
        }
        out_.steps.push_back(std::move(step));
    }

    // Ranges of one node with nothing of another between them are one. kernel: numa_cleanup_meminfo
    std::vector<RecordedMemblockRegion> joined_nodes() {
        std::sort(nodes_.begin(), nodes_.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
        std::vector<RecordedMemblockRegion> joined;
        for (const RecordedMemblockRegion& range : nodes_) {
            if (!joined.empty() && joined.back().node == range.node)
                joined.back().end = std::max(joined.back().end, range.end);
            else
                joined.push_back(range);
        }
        return joined;
    }

    RecordedMemblock out_;
    std::vector<RecordedMemblockRegion> nodes_;
    u32 line_ = 0;
};

} // namespace

RecordedMemblock parse_memblock_log(std::string_view text) { return LogReader().read(text); }

} // namespace mm
