// Scripts of the recording module, op by op.
//
// Exact: one CPU, interrupts off, and a full dump before: nothing but the script touches the allocator, so each page,
// list and counter after it is determined. A difference ends that; the next dump starts again.
#include <algorithm>

#include "io/oracle_replay.h"

namespace mm {
namespace {

std::string area_of_script(std::string_view file) {
    static constexpr std::pair<std::string_view, std::string_view> AREAS[] = {
        {"numa", "NUMA"},      {"gfp", "gfp zones"}, {"exhaust", "exhaustion"}, {"random", "random"},
        {"fallback", "fallback"}, {"pcp", "pcp"},    {"buddy", "buddy"},        {"state", "/proc text"}};
    for (const auto& [part, area] : AREAS)
        if (file.find(part) != std::string_view::npos) return std::string(area);
    return "page scripts";
}

// What a Z command shows that does not depend on what was allocated before.
void compare_summary_settings(const OracleMachine& machine, const RecordedSummary& summary, u32 line, FactLog& log) {
    const physical_memory& mem = machine.booted.in_module;
    const std::string area = log.area();
    const std::string at_line = "line " + std::to_string(line) + " ff.";
    for (const RecordedNodeSummary& node : summary) {
        const std::string place = at_line + ", node " + std::to_string(node.node);
        log.set_area("boot zones");
        if (!log.check("node.exists", node.node < mem.nodes.size(), [&] { return place + ": the engine has no such node"; }))
            continue;
        const pglist_data& engine = mem.nodes[node.node];
        if (machine.machine.memory_known) {
            log.equal_number("node.start", place + " start", node.start_pfn, engine.node_start_pfn);
            log.equal_number("node.spanned", place + " spanned", node.spanned_pages, engine.node_spanned_pages);
            log.equal_number("node.present", place + " present", node.present_pages, engine.node_present_pages);
        }
        compare_zonelists(mem, node, log);
        log.set_area("protection");
        log.equal_number("totalreserve", place + " totalreserve", node.totalreserve, engine.totalreserve_pages);
        for (const RecordedZoneSummary& zone : node.zones) {
            const std::string zone_place = at_line + ", zone " + zone_text(zone.zone);
            const mm::zone* z = find_zone(mem, zone.zone);
            log.set_area("boot zones");
            if (!log.check("zone.exists", z != nullptr, [&] { return zone_place + ": the engine has no such zone"; }))
                continue;
            log.equal_number("zone.index", zone_place + " index", zone.index, z->index);
            if (machine.machine.memory_known) {
                log.equal_number("boot.start", zone_place + " start", zone.start_pfn, z->start_pfn);
                log.equal_number("boot.spanned", zone_place + " spanned", zone.spanned_pages, z->spanned_pages);
                log.equal_number("boot.present", zone_place + " present", zone.present_pages, z->present_pages);
            }
            if (machine.machine.reserved_known)
                log.equal_number("boot.managed", zone_place + " managed", zone.managed_pages, z->managed_pages);
            log.set_area("watermarks");
            for (std::size_t i = 0; i < NR_WMARK; ++i)
                log.equal_number("wmark", zone_place + " wm[" + std::to_string(i) + "] without boost",
                                 zone.watermark[i] - zone.boost, z->watermark[i]);
            compare_protection(mem, *z, zone_place, zone.lowmem_reserve, log);
        }
    }
    log.set_area(area);
}

class ScriptComparison {
  public:
    ScriptComparison(const OracleMachine& machine, const RecordedScript& script, FactLog& log)
        : machine_(machine), script_(script), log_(log) {
        for (const ScriptCommand& command : script.commands) {
            if (command.name == "L") dump_is_exact_.push_back(command.interrupts_off);
            if (command.name == "Z") summary_is_exact_.push_back(command.interrupts_off);
        }
    }

    void run();

  private:
    struct Held {
        pfn_t recorded = PFN_NONE;
        pfn_t engine = PFN_NONE;
        u32 order = 0;
        bool compound = false;
    };

    void dump(const LogEntry& entry);
    void summary(const LogEntry& entry);
    void alloc(const LogEntry& entry);
    void free(const LogEntry& entry);
    void begin(const RecordedDump& dump, u32 line);
    void diverge() { exact_ = false; reason_ = "after a difference"; }
    [[nodiscard]] bool exact(const LogEntry& entry) const;
    [[nodiscard]] std::string place(const LogEntry& entry) const;

    const OracleMachine& machine_;
    const RecordedScript& script_;
    FactLog& log_;
    std::vector<bool> dump_is_exact_, summary_is_exact_;
    Replay replay_;
    bool exact_ = false;
    std::string reason_ = "before the first full dump";  // why lines are not compared
    std::map<u32, Held> held_;                           // by slot, as the log tells
};

bool ScriptComparison::exact(const LogEntry& entry) const {
    const ScriptCommand* command = script_.command(entry.command);
    return exact_ && command && command->interrupts_off;
}

std::string ScriptComparison::place(const LogEntry& entry) const { return "line " + std::to_string(entry.line); }

void ScriptComparison::begin(const RecordedDump& dump, u32 line) {
    if (auto error = replay_.start(machine_, dump, machine_.booted.in_module, log_)) {
        log_.check("start.state", false, [&] { return "line " + std::to_string(line) + " ff.: " + error->text(); });
        reason_ = "the recorded state cannot be continued";
        return;
    }
    // Blocks that the script holds: the dump shows only that they are not free.
    for (auto& [slot, held] : held_) {
        held.engine = held.recorded;
        static_cast<void>(replay_.hold(held.recorded, held.order, held.compound));
    }
    exact_ = true;
}

void ScriptComparison::dump(const LogEntry& entry) {
    const RecordedDump& dump = script_.dumps[entry.index];
    const bool undisturbed =
        entry.index < dump_is_exact_.size() && dump_is_exact_[entry.index] && machine_.machine.profile.cpus == 1;
    if (exact_ && undisturbed && replay_.compare_dump(dump, place(entry), "", log_)) return;
    exact_ = false;
    if (undisturbed)
        begin(dump, entry.line);
    else
        reason_ = "interrupts on: other tasks allocate between the lines";
}

void ScriptComparison::summary(const LogEntry& entry) {
    compare_summary_settings(machine_, script_.summaries[entry.index], entry.line, log_);
    if (!exact_ || entry.index >= summary_is_exact_.size() || !summary_is_exact_[entry.index]) return;
    for (const RecordedNodeSummary& node : script_.summaries[entry.index]) {
        for (const RecordedZoneSummary& recorded : node.zones) {
            const zone* z = find_zone(replay_.memory(), recorded.zone);
            if (!z || !recorded.counters) continue;
            const std::string at = place(entry) + " ff., zone " + zone_text(recorded.zone);
            log_.equal_number("zone.boost", at + " boost", recorded.boost, z->watermark_boost);
            log_.equal_number("zone.highatomic", at + " highatomic", recorded.highatomic, z->nr_reserved_highatomic);
            replay_.compare_counters(*recorded.counters, place(entry) + " ff.", "", log_);
        }
    }
}

void ScriptComparison::alloc(const LogEntry& entry) {
    if (exact(entry)) {
        const ScriptCommand* command = script_.command(entry.command);
        const pfn_t pfn = replay_.alloc(entry.order, entry.gfp, command->node());
        const auto text = [](pfn_t p) { return p == PFN_NONE ? std::string("NULL") : "pfn " + hex_text(p); };
        const bool same = log_.check("page.pfn", pfn == entry.pfn, [&] {
            return place(entry) + ", slot " + std::to_string(entry.slot) + " order " + std::to_string(entry.order) +
                   " gfp " + hex_text(entry.gfp) + ": recorded " + text(entry.pfn) + ", engine " + text(pfn);
        });
        if (!same) {
            diverge();
        } else if (pfn != PFN_NONE) {
            const physical_memory& mem = replay_.memory();
            const zone& z = mem.zones[mem.page_zone(pfn)];
            log_.check("page.zone", entry.zone == RecordedZoneRef{z.node, z.type},
                       [&] { return place(entry) + ": recorded zone " + zone_text(entry.zone); });
            if (entry.block_type >= 0)
                log_.equal_number("page.block_type", place(entry) + " block type", entry.block_type, mem.block_type(pfn));
        }
        if (same && entry.counters >= 0)
            replay_.compare_counters(script_.counters[static_cast<std::size_t>(entry.counters)], place(entry), "", log_);
    } else {
        log_.not_compared(reason_, 1);
    }
    if (entry.pfn != PFN_NONE) held_[entry.slot] = {entry.pfn, entry.pfn, entry.order, (entry.gfp & GFP_BIT_COMP) != 0};
}

void ScriptComparison::free(const LogEntry& entry) {
    const auto it = held_.find(entry.slot);
    const bool compound = it != held_.end() && it->second.compound;
    if (it != held_.end()) held_.erase(it);
    if (!exact(entry)) {
        log_.not_compared(reason_, 1);
        return;
    }
    const bool held = replay_.holds(entry.pfn, entry.order) || replay_.hold(entry.pfn, entry.order, compound);
    const bool ok = log_.check("page.held", held, [&] {
        return place(entry) + ": recorded that somebody holds pfn " + hex_text(entry.pfn) + " with order " +
               std::to_string(entry.order) + ", in the engine it is free";
    });
    if (!ok) return diverge();
    if (entry.block_type >= 0)
        log_.equal_number("page.block_type", place(entry) + " block type", entry.block_type,
                          replay_.memory().block_type(entry.pfn));
    replay_.free(entry.pfn, entry.order);
    if (entry.counters >= 0)
        replay_.compare_counters(script_.counters[static_cast<std::size_t>(entry.counters)], place(entry), "", log_);
}

void ScriptComparison::run() {
    for (const LogEntry& entry : script_.log) {
        switch (entry.kind) {
            case LogEntry::Kind::dump: dump(entry); break;
            case LogEntry::Kind::summary: summary(entry); break;
            case LogEntry::Kind::alloc: alloc(entry); break;
            case LogEntry::Kind::free: free(entry); break;
            case LogEntry::Kind::drain: log_.not_compared("drain", 1); break;
        }
    }
}

}  // namespace

void compare_script(const OracleMachine& machine, const std::string& file, const RecordedScript& script, FactLog& log) {
    log.set_area(area_of_script(file));
    ScriptComparison(machine, script, log).run();
    for (const u32 line : script.unreadable)
        log.check("line.readable", false, [&] { return "line " + std::to_string(line) + " cannot be read"; });
    for (const auto& [what, lines] : script.other_lines) log.not_compared(what, lines);
}

}  // namespace mm
