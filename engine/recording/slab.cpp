#include "recording/slab.h"

#include "recording/text.h"

namespace mm {

namespace {

constexpr std::size_t MAX_UNREADABLE = 100;
constexpr std::size_t MAX_FREELIST = 32768;

// "key=123" of a line, wherever it stands.
bool number_after(std::string_view line, std::string_view key, u64& value, int base = 10) {
    TextCursor at(line);
    return at.find(key) && at.number(value, base);
}

bool number_after(std::string_view line, std::string_view key, u32& value) {
    u64 wide = 0;
    if (!number_after(line, key, wide) || wide > 0xffffffffu) return false;
    value = static_cast<u32>(wide);
    return true;
}

bool pfn_after(std::string_view line, std::string_view key, pfn_t& value) {
    TextCursor at(line);
    return at.find(key) && at.pfn(value);
}

// " 8 9 10 (n=3)" behind `key`.
bool indices_after(std::string_view line, std::string_view key, std::vector<u32>& out) {
    TextCursor at(line);
    if (!at.find(key)) return false;
    for (;;) {
        at.skip_blanks();
        u32 index = 0;
        if (at.peek() == '(' || at.at_end() || out.size() > MAX_FREELIST) break;
        if (!at.number32(index)) return false;
        out.push_back(index);
    }
    return true;
}

bool read_slab(std::string_view line, RecordedSlab& slab) {
    return pfn_after(line, "pfn=", slab.pfn) && number_after(line, "inuse=", slab.inuse) &&
           number_after(line, "objects=", slab.objects) && number_after(line, "frozen=", slab.frozen) &&
           indices_after(line, "freelist:", slab.freelist);
}

// "CACHE or256 size=256 object_size=256 ..."
bool read_cache_line(std::string_view line, RecordedCache& cache) {
    TextCursor at(line);
    if (!at.eat("CACHE ")) return false;
    cache.name = at.word();
    for (at.skip_blanks(); !at.at_end(); at.skip_blanks()) {
        const std::string key(at.word("="));
        if (!at.eat("=")) return false;
        if (key == "random_seq") {
            cache.shuffled = at.word() == "set";
            continue;
        }
        u64 value = 0;
        if (!at.number(value, key == "flags" ? 16 : 10)) return false;
        cache.numbers[key] = value;
    }
    return true;
}

// A line of a full state, after its CACHE line.
bool read_state_line(std::string_view line, RecordedCache& cache) {
    TextCursor at(line);
    at.skip_blanks();
    u64 value = 0;
    if (at.eat("cpu_partial_slabs=")) {
        if (!at.number(value)) return false;
        cache.numbers["cpu_partial_slabs"] = value;
        return true;
    }
    if (at.eat("cpu-freelist")) return !cache.cpus.empty() && indices_after(line, "):", cache.cpus.back().freelist);
    if (at.eat("cpu slab")) return !cache.cpus.empty() && read_slab(line, cache.cpus.back().slab);
    if (at.eat("cpu-partial slab"))
        return !cache.cpus.empty() && read_slab(line, cache.cpus.back().partial.emplace_back());
    if (at.eat("node-partial slab"))
        return !cache.nodes.empty() && read_slab(line, cache.nodes.back().partial.emplace_back());
    if (at.eat("cpu")) {
        RecordedCacheCpu& cpu = cache.cpus.emplace_back();
        return at.number32(cpu.cpu) && number_after(line, "tid=", cpu.tid);
    }
    if (at.eat("node")) {
        RecordedCacheNode& node = cache.nodes.emplace_back();
        return at.number32(node.node) && number_after(line, "nr_partial=", node.nr_partial);
    }
    return false;
}

bool read_place(std::string_view line, SlabEntry& entry) {
    entry.has_place = true;
    return pfn_after(line, "| cpuslab=", entry.cpu_slab) &&
           number_after(line, "cpupartial_slabs=", entry.cpu_partial) &&
           number_after(line, "node_partial=", entry.node_partial);
}

// Behind "slot=": "0 ffff0000052f7000 cache=or256 slabpfn=452f7 idx=0 ksize=256 | ..."
bool read_object(std::string_view line, SlabEntry& entry) {
    TextCursor at(line);
    if (!at.find("slot=") || !at.number32(entry.slot)) return false;
    at.skip_blanks();
    if (!at.number(entry.address, 16)) return false;
    static_cast<void>(number_after(line, "ksize=", entry.ksize));
    TextCursor large(line);
    if (large.find("large, pfn=")) return number_after(line, "order=", entry.order);
    TextCursor cache(line);
    if (!cache.find("cache=")) return true; // kfree of a large block
    entry.cache = cache.word();
    return pfn_after(line, "slabpfn=", entry.slab) && number_after(line, "idx=", entry.index) &&
           read_place(line, entry);
}

bool read_entry(std::string_view line, SlabEntry& entry) {
    TextCursor at(line);
    if (!at.number32(entry.command)) return false;
    at.skip_blanks();
    const std::string_view what = at.word();
    if (what == "cc") {
        entry.kind = SlabEntry::Kind::create;
        return true;
    }
    if (what == "cd") {
        entry.kind = SlabEntry::Kind::destroy;
        return true;
    }
    if (what == "kmalloc") {
        entry.kind = SlabEntry::Kind::kmalloc;
        return number_after(line, "size=", entry.size) && (line.ends_with(" NULL") || read_object(line, entry));
    }
    if (what == "ca" || what == "k")
        entry.kind = what == "k" ? SlabEntry::Kind::kmalloc : SlabEntry::Kind::alloc;
    else if (what == "cf" || what == "kf")
        entry.kind = what == "kf" ? SlabEntry::Kind::kfree : SlabEntry::Kind::free;
    else
        return false;
    return line.ends_with(" NULL") || read_object(line, entry);
}

class SlabScriptParser {
  public:
    SlabScriptParser(std::string_view text, RecordedSlabScript& out) : lines_(text), out_(out) {}

    void run() {
        std::string_view line;
        bool in_log = false;
        while (lines_.next(line)) {
            if (line.starts_with("###"))
                in_log = line.find("log") != std::string_view::npos;
            else if (in_log && !line.empty() && !line.starts_with('#') && !read(line))
                unreadable();
        }
    }

  private:
    bool read(std::string_view line) {
        if (line.starts_with("CACHE ")) {
            RecordedCache& cache = out_.states.emplace_back();
            SlabEntry entry;
            entry.kind = SlabEntry::Kind::state;
            entry.line = lines_.line_number();
            entry.state = static_cast<u32>(out_.states.size() - 1);
            out_.log.push_back(entry);
            return read_cache_line(line, cache);
        }
        if (line.starts_with(' ')) return !out_.states.empty() && read_state_line(line, out_.states.back());
        SlabEntry entry;
        entry.line = lines_.line_number();
        if (!read_entry(line, entry)) return false;
        out_.log.push_back(std::move(entry));
        return true;
    }

    void unreadable() {
        if (out_.unreadable.size() < MAX_UNREADABLE) out_.unreadable.push_back(lines_.line_number());
    }

    LineReader lines_;
    RecordedSlabScript& out_;
};

} // namespace

RecordedSlabScript parse_recorded_slab_script(std::string_view text, const std::vector<ScriptCommand>& commands) {
    RecordedSlabScript out;
    out.commands = commands;
    SlabScriptParser(text, out).run();
    return out;
}

std::map<std::string, std::map<std::string, u64, std::less<>>, std::less<>>
parse_slab_attributes(std::string_view text) {
    std::map<std::string, std::map<std::string, u64, std::less<>>, std::less<>> out;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        const std::size_t slash = line.find('/');
        const std::size_t colon = slash == std::string_view::npos ? slash : line.find(':', slash);
        if (colon == std::string_view::npos) continue;
        TextCursor at(line.substr(colon + 1));
        u64 value = 0;
        if (at.number(value))
            out[std::string(line.substr(0, slash))][std::string(line.substr(slash + 1, colon - slash - 1))] = value;
    }
    return out;
}

std::vector<SlabinfoLine> parse_slabinfo(std::string_view text) {
    std::vector<SlabinfoLine> out;
    LineReader lines(text);
    std::string_view line;
    while (lines.next(line)) {
        if (line.starts_with("slabinfo") || line.starts_with('#')) continue;
        TextCursor at(line);
        SlabinfoLine row;
        row.line = lines.line_number();
        row.name = at.word();
        u64* const numbers[] = {&row.active_objs, &row.num_objs, &row.objsize, &row.objperslab, &row.pagesperslab};
        bool ok = !row.name.empty();
        for (u64* number : numbers) {
            at.skip_blanks();
            ok = ok && at.number(*number);
        }
        if (ok) out.push_back(std::move(row));
    }
    return out;
}

} // namespace mm
