#include "recording/numa.h"

#include <algorithm>

#include "recording/text.h"

namespace mm {

namespace {

using Step = RecordedNumaStep;
using Kind = RecordedNumaStep::Kind;

constexpr u64 MPOL_DEFAULT = 0, MPOL_LOCAL = 4;
constexpr u64 MAX_CPU = 1023;
constexpr u64 MAX_BYTES = 64ull << 20; // that the program maps

class NumaReader {
  public:
    RecordedNuma read(std::string_view text) {
        LineReader reader(text);
        for (std::string_view line; reader.next(line);) {
            Step step;
            step.line = reader.line_number();
            if (!read_state(line) && !read_step(line, step)) count(line);
        }
        return std::move(numa_);
    }

  private:
    // What decides where pages come from. True: the line is done with.
    bool read_state(std::string_view line) {
        TextCursor at(line);
        if (at.eat("set_mempolicy(mode=")) {
            u64 mode = 0;
            const bool local = at.number(mode) && (mode == MPOL_DEFAULT || mode == MPOL_LOCAL) && at.peek() == ',';
            if (line.ends_with(") = 0")) {
                policy_is_local_ = local;
                mapping_is_local_ = mapping_is_local_ && local;
            }
            count(line);
            return true;
        }
        // Other mappings, and what moves pages.
        const bool other = line.find(": mmap(") != std::string_view::npos && !line.starts_with("fresh: ");
        if (other || line.starts_with("mbind(") || line.starts_with("migrate_pages(") ||
            line.starts_with("move_pages("))
            mapping_is_local_ = false;
        return false;
    }

    bool read_step(std::string_view line, Step& step) {
        TextCursor at(line);
        if (u64 cpu = 0; at.eat("-- on cpu ") && at.number(cpu, 10, MAX_CPU)) {
            step.kind = Kind::cpu;
            step.cpu = static_cast<u32>(cpu);
            return add(step);
        }
        if (at.eat("fresh: mmap(") && at.number(step.address, 16) && at.eat(", ") &&
            at.number(step.bytes, 16, MAX_BYTES) && line.find(") = -") == std::string_view::npos) {
            step.kind = Kind::map;
            mapping_is_local_ = policy_is_local_;
            mapping_ = step.address;
            return add(step);
        }
        if (!mapping_is_local_) return false;
        return read_nodes(line, step) || read_numa_maps(line, step);
    }

    bool read_nodes(std::string_view line, Step& step) {
        if (!line.starts_with("  nodes ")) return false;
        const std::size_t place = line.rfind(": ");
        if (place == std::string_view::npos) return false;
        step.nodes = line.substr(place + 2);
        const bool digits = std::all_of(step.nodes.begin(), step.nodes.end(),
                                        [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
        step.kind = Kind::nodes;
        step.address = mapping_;
        return digits && !step.nodes.empty() && add(step);
    }

    bool read_numa_maps(std::string_view line, Step& step) {
        TextCursor at(line);
        if (!at.eat("  numa_maps ") || !at.number(step.address, 16) || !at.eat(" default ")) return false;
        if (step.address != mapping_) return false;
        step.kind = Kind::numa_maps;
        while (at.skip_blanks(), !at.at_end()) {
            const std::string name(at.word("="));
            u64 value = 0;
            if (!at.eat("=") || !at.number(value)) return false;
            step.fields[name] = value;
        }
        return add(step);
    }

    bool add(Step step) {
        numa_.steps.push_back(std::move(step));
        return true;
    }

    void count(std::string_view line) {
        if (line.empty() || line == "end" || line.starts_with("==== ") || line.starts_with("-- ") ||
            line.starts_with("rc="))
            return;
        const auto has = [&](std::string_view text) { return line.find(text) != std::string_view::npos; };
        const char* const what =
            has("numastat") ? "numastat, which counts page tables and all other tasks' pages, too"
            : has("mempolicy") || has("mbind") || has("nodes ") || has("numa_maps")
                ? "policies of memory (mempolicy), which are not modelled: pages come from the nearest node"
            : has("migrate") || has("move_pages") ? "pages that move between nodes, which is not modelled"
                                                  : "other lines of the program";
        ++numa_.other_lines[what];
    }

    RecordedNuma numa_;
    bool policy_is_local_ = true, mapping_is_local_ = false;
    u64 mapping_ = 0;
};

} // namespace

RecordedNuma parse_numa(std::string_view text) { return NumaReader().read(text); }

} // namespace mm
