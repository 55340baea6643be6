// Nodes of pages that a program has touched, under no policy but the nearest node: user-numa.txt. One page after another
// is touched as the recording lists them, on the CPU that it names.
#include <algorithm>

#include "oracle/user_facts.h"
#include "process/calls.h"

namespace mm {

namespace {

using Step = RecordedNumaStep;

class NumaReplay {
  public:
    NumaReplay(UserMachine machine, FactLog& log)
        : machine_(std::move(machine)), log_(log), id_(start_user_process(machine_)) {
        machine_.proc().thp_always = false; // the program's first line
    }

    void run(const RecordedNuma& recorded) {
        for (const Step& step : recorded.steps) this->step(step);
        for (const auto& [what, lines] : recorded.other_lines) log_.not_compared(what, lines);
    }

  private:
    void step(const Step& step) {
        mm_context cx = machine_.context(id_);
        const std::string place = "line " + std::to_string(step.line);
        const std::size_t cpus = machine_.pages().page.mem.cpu_node.size();
        switch (step.kind) {
        case Step::Kind::cpu:
            if (step.cpu < std::min(cpus, machine_.pages().mmu.tlb.cpus.size())) machine_.pages().page.cpu = step.cpu;
            return;
        case Step::Kind::map:
            (void)sys_mmap(cx, {step.address, step.bytes, PROT_READ | PROT_WRITE, FRESH});
            touched_ = false;
            return;
        case Step::Kind::nodes: return nodes(step, cx, place);
        case Step::Kind::numa_maps: return numa_maps(step, place);
        }
    }

    void nodes(const Step& step, mm_context& cx, const std::string& place) {
        std::string engine;
        for (std::size_t page = 0; page < step.nodes.size(); ++page) {
            const u64 address = step.address + (page << cx.proc.page_shift);
            if (!touched_ && step.nodes[page] != '-') (void)user_access(cx, {address, user_access_kind::write, 1});
            const int node = node_at(address);
            engine += node < 0 ? '-' : static_cast<char>('0' + node % 10);
        }
        touched_ = true;
        pages_ = step.nodes.size();
        log_.check("numa.nodes", step.nodes == engine,
                   [&] { return place + ": recorded " + step.nodes + ", engine " + engine; });
    }

    // -1: no page is there.
    [[nodiscard]] int node_at(u64 address) {
        const mapped_page there = page_there(machine_, id_, address);
        if (there.kind == mapped_page::page_kind::none) return -1;
        const physical_memory& mem = machine_.pages().page.mem;
        for (const zone& z : mem.zones)
            if (there.pfn >= z.start_pfn && there.pfn < z.start_pfn + z.spanned_pages) return z.node;
        return -1;
    }

    void numa_maps(const Step& step, const std::string& place) {
        std::map<std::string, u64> engine{{"anon", 0}, {"dirty", 0}};
        for (std::size_t page = 0; page < pages_; ++page) {
            const u64 address = step.address + (page << machine_.proc().page_shift);
            const mapped_page there = page_there(machine_, id_, address);
            if (there.kind == mapped_page::page_kind::none) continue;
            engine["anon"] += there.kind == mapped_page::page_kind::anon;
            engine["dirty"] += there.dirty;
            ++engine["N" + std::to_string(node_at(address))];
        }
        for (const auto& [name, value] : step.fields) {
            const bool ours = name == "anon" || name == "dirty" || name.starts_with("N");
            if (!ours) continue;
            const auto found = engine.find(name);
            log_.equal_number("numa.maps", place + ", " + name, static_cast<i64>(value),
                              found == engine.end() ? 0 : static_cast<i64>(found->second));
        }
    }

    static constexpr u32 FRESH = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

    RunningMachine machine_;
    FactLog& log_;
    mm_id id_;
    bool touched_ = false; // pages of the mapping
    std::size_t pages_ = 0;
};

} // namespace

void compare_numa(const OracleMachine& machine, const RecordedNuma& recorded, FactLog& log) {
    NumaReplay(recorded_user_machine(machine), log).run(recorded);
}

} // namespace mm
