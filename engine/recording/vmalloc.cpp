#include "recording/vmalloc.h"

#include "recording/text.h"

namespace mm {

namespace {

// "0xffff80000a09d000-0xffff80000a09f000    8192 what"
bool read_line(std::string_view text, VmallocLine& line) {
    TextCursor at(text);
    u64 size = 0;
    if (!at.eat("0x") || !at.number(line.start, 16) || !at.eat("-0x") || !at.number(line.end, 16)) return false;
    at.skip_blanks();
    if (!at.number(size) || line.end <= line.start || size != line.end - line.start) return false;
    at.skip_blanks();
    line.what = at.rest();
    line.unpurged = line.what.starts_with("unpurged");
    return true;
}

// "1 v slot=0 size=4096 -> ffff80000a033000 pfns ...", "10 vf slot=1 ffff80000a035000"
bool read_entry(std::string_view text, VmallocEntry& entry) {
    TextCursor at(text);
    if (!at.number32(entry.command)) return false;
    at.skip_blanks();
    const std::string_view op = at.word();
    if (op != "v" && op != "vm" && op != "vf" && op != "vmf") return false;
    at.skip_blanks();
    if (!at.eat("slot=") || !at.number32(entry.slot)) return false;
    at.skip_blanks();
    entry.kind = op == "v"    ? VmallocEntry::Kind::vmalloc
                 : op == "vm" ? VmallocEntry::Kind::vmap
                              : VmallocEntry::Kind::free;
    if (entry.kind == VmallocEntry::Kind::free) return at.number(entry.address, 16);
    const bool sized = entry.kind == VmallocEntry::Kind::vmalloc ? at.eat("size=") && at.number(entry.size)
                                                                 : at.eat("n=") && at.number(entry.pages);
    return sized && at.find("-> ") && at.number(entry.address, 16);
}

} // namespace

std::vector<VmallocLine> parse_vmallocinfo(std::string_view text) {
    std::vector<VmallocLine> lines;
    LineReader reader(text);
    for (std::string_view line; reader.next(line);)
        if (VmallocLine read{reader.line_number(), 0, 0, false, {}}; read_line(line, read)) lines.push_back(read);
    return lines;
}

std::vector<VmallocEntry> parse_vmalloc_log(std::string_view text) {
    std::vector<VmallocEntry> log;
    LineReader reader(text);
    std::string_view line;
    while (reader.next(line) && line != "### log") {}
    while (reader.next(line)) {
        VmallocEntry entry;
        entry.line = reader.line_number();
        if (read_entry(line, entry)) log.push_back(entry);
    }
    return log;
}

std::optional<u64> printed_address(std::string_view text, std::string_view name) {
    LineReader reader(text);
    for (std::string_view line; reader.next(line);) {
        TextCursor at(line);
        for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
            const std::string_view key = at.word("=");
            u64 value = 0;
            if (at.eat("=") && key == name && at.number(value, 16)) return value;
            at.word();
        }
    }
    return std::nullopt;
}

} // namespace mm
