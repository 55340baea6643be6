// Scripts of the recording module, op by op.
//
// Exact: one CPU, interrupts off, and a full dump before: nothing but the script touches the allocator, so each page,
//   list and counter after it is determined. A difference ends that; the next dump starts again.
// Shared: other tasks use the allocator between the lines. The state begins as the last dump of an earlier script left
//   it, follows what the log shows (oracle/shared.h), and what others disturb are facts of kinds "shared.*".
#include <algorithm>

#include "oracle/shared.h"
#include "physical/pcp.h"

namespace mm {
namespace {

// What a Z command shows that does not depend on what was allocated before.
void compare_summary_settings(const OracleMachine& machine, const RecordedSummary& summary, u32 line, FactLog& log) {
    const physical_memory& mem = machine.booted.in_module;
    const Area area = log.area();
    const std::string at_line = "line " + std::to_string(line) + " ff.";
    for (const RecordedNodeSummary& node : summary) {
        const std::string place = at_line + ", node " + std::to_string(node.node);
        log.set_area(Area::boot_zones);
        if (!log.check("node.exists", node.node < mem.nodes.size(),
                       [&] { return place + ": the engine has no such node"; }))
            continue;
        const pglist_data& engine = mem.nodes[node.node];
        if (machine.machine.memory_known) {
            log.equal_number("node.start", place + " start", node.start_pfn, engine.node_start_pfn);
            log.equal_number("node.spanned", place + " spanned", node.spanned_pages, engine.node_spanned_pages);
            log.equal_number("node.present", place + " present", node.present_pages, engine.node_present_pages);
        }
        compare_zonelists(mem, node, log);
        log.set_area(Area::protection);
        if (machine.boot_watermarks_known)
            log.equal_number("totalreserve", place + " totalreserve", node.totalreserve, engine.totalreserve_pages);
        for (const RecordedZoneSummary& zone : node.zones) {
            const std::string zone_place = at_line + ", zone " + zone_text(zone.zone);
            const mm::zone* z = find_zone(mem, zone.zone);
            log.set_area(Area::boot_zones);
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
            log.set_area(Area::watermarks);
            for (std::size_t i = 0; i < NR_WMARK && machine.boot_watermarks_known; ++i)
                log.equal_number("wmark", zone_place + " wm[" + std::to_string(i) + "] without boost",
                                 zone.watermark[i] - zone.boost, z->watermark[i]);
            if (machine.boot_watermarks_known) compare_protection(mem, *z, zone_place, zone.lowmem_reserve, log);
        }
    }
    log.set_area(area);
}

class ScriptComparison {
  public:
    ScriptComparison(const OracleMachine& machine, const std::string& file, const RecordedScript& script, FactLog& log)
        : machine_(machine), file_(file), script_(script), log_(log) {
        for (const ScriptCommand& command : script.commands) {
            if (command.name == "L")
                dump_is_exact_.push_back(command.interrupts_off && machine.machine.profile.cpus == 1);
            if (command.name == "Z") summary_is_exact_.push_back(command.interrupts_off);
        }
    }

    void run();

  private:
    struct Held {
        pfn_t pfn = PFN_NONE;
        u32 order = 0;
        bool compound = false;
    };
    enum class Mode : u8 { lost, exact, shared };

    void dump(const LogEntry& entry);
    void summary(const LogEntry& entry);
    void alloc(const LogEntry& entry);
    void free(const LogEntry& entry);
    void drain();
    [[nodiscard]] pfn_t alloc_exact(const LogEntry& entry);
    void alloc_shared(const LogEntry& entry);
    void compare_block(const LogEntry& entry);
    void compare_counters_after(const LogEntry& entry);
    bool start_from(RecordedDump dump, u32 line, bool undisturbed);
    void start_shared();
    void lose(std::string reason) {
        mode_ = Mode::lost;
        reason_ = std::move(reason);
    }
    // Is this op compared, and how? Interrupts that are on end exactness.
    Mode mode_of(const LogEntry& entry);
    [[nodiscard]] std::string_view prefix() const { return mode_ == Mode::exact ? "" : "shared."; }

    const OracleMachine& machine_;
    const std::string& file_;
    const RecordedScript& script_;
    FactLog& log_;
    std::vector<bool> dump_is_exact_, summary_is_exact_; // by the number of the command L or Z
    Replay replay_;
    Mode mode_ = Mode::lost;
    std::string reason_; // why lines are not compared
    bool ops_since_start_ = false;
    std::map<u32, Held> held_; // by slot, as the log tells
};

std::string place(const LogEntry& entry) { return "line " + std::to_string(entry.line); }

std::string pfn_text(pfn_t pfn) { return pfn == PFN_NONE ? std::string("NULL") : "pfn " + hex(pfn); }

std::string request_text(const LogEntry& entry) {
    return place(entry) + ", slot " + std::to_string(entry.slot) + " order " + std::to_string(entry.order) + " gfp " +
           hex(entry.gfp);
}

ScriptComparison::Mode ScriptComparison::mode_of(const LogEntry& entry) {
    const ScriptCommand* command = script_.command(entry.command);
    if (mode_ == Mode::exact && !(command && command->interrupts_off)) mode_ = Mode::shared;
    return mode_;
}

bool ScriptComparison::start_from(RecordedDump dump, u32 line, bool undisturbed) {
    ops_since_start_ = false;
    // Others changed the lists while the module walked them: the counter that it read before need not fit.
    if (!undisturbed)
        for (recorded_zone& zone : dump.zones) zone.nr_free_pages = zone.nr_free_cma = -1;
    if (auto error = replay_.start(machine_, dump, machine_.booted.in_module, log_)) {
        log_.check("start.state", false, [&] { return "line " + std::to_string(line) + " ff.: " + error->text(); });
        lose("the recorded state cannot be continued");
        return false;
    }
    if (!script_.has_page_ops() || undisturbed)
        compare_proc_text(replay_.memory(), dump, "line " + std::to_string(line) + " ff.", log_);
    // Blocks that the script holds: the dump shows only that they are not free.
    for (const auto& [slot, held] : held_) static_cast<void>(replay_.hold(held.pfn, held.order, held.compound));
    return true;
}

// The last dump of the scripts before this one, in the order in which they ran.
void ScriptComparison::start_shared() {
    lose("no full dump before");
    const auto& files = machine_.folder.files;
    for (auto it = std::find(files.begin(), files.end(), file_); it != files.begin();) {
        --it;
        if (!it->starts_with("mod-")) continue;
        const std::string text = machine_.folder.text(*it);
        if (text.find("\nZONE ") == std::string::npos) continue;
        const auto earlier = parse_recorded_script(text);
        if (!earlier || earlier->dumps.empty()) continue;
        if (start_from(earlier->dumps.back(), 1, false)) mode_ = Mode::shared;
        return;
    }
}

void ScriptComparison::dump(const LogEntry& entry) {
    const RecordedDump& dump = script_.dumps[entry.index];
    const bool undisturbed = entry.index < dump_is_exact_.size() && dump_is_exact_[entry.index];
    if (mode_ == Mode::exact && !undisturbed) mode_ = Mode::shared;
    if (mode_ != Mode::lost && replay_.compare_dump(dump, place(entry), prefix(), log_) && mode_ == Mode::exact) return;
    if (start_from(dump, entry.line, undisturbed)) mode_ = undisturbed ? Mode::exact : Mode::shared;
}

void ScriptComparison::summary(const LogEntry& entry) {
    const RecordedSummary& summary = script_.summaries[entry.index];
    compare_summary_settings(machine_, summary, entry.line, log_);
    if (mode_ == Mode::exact && !(entry.index < summary_is_exact_.size() && summary_is_exact_[entry.index]))
        mode_ = Mode::shared;
    if (mode_ == Mode::lost) return;
    for (const RecordedNodeSummary& node : summary) {
        for (const RecordedZoneSummary& recorded : node.zones) {
            const zone* z = find_zone(replay_.memory(), recorded.zone);
            if (!z || !recorded.counters) continue;
            if (mode_ == Mode::exact || ops_since_start_) {
                const std::string at = place(entry) + " ff., zone " + zone_text(recorded.zone);
                const auto kind = [&](const char* name) { return std::string(prefix()) + name; };
                log_.equal_number(kind("zone.boost"), at + " boost", recorded.boost, z->watermark_boost);
                log_.equal_number(kind("zone.highatomic"), at + " highatomic", recorded.highatomic,
                                  z->nr_reserved_highatomic);
                replay_.compare_counters(*recorded.counters, place(entry) + " ff.", prefix(), log_);
            }
            if (mode_ == Mode::exact) continue;
            follow_counters(replay_.memory(), *recorded.counters);
            zone& followed = replay_.memory().zones[static_cast<std::size_t>(z - replay_.memory().zones.data())];
            followed.watermark_boost = static_cast<u32>(std::clamp<i64>(recorded.boost, 0, followed.managed_pages));
        }
    }
}

// The block type of the page that was given or is handed back; both sides name the same page.
void ScriptComparison::compare_block(const LogEntry& entry) {
    if (entry.block_type < 0) return;
    const std::string kind = std::string(prefix()) + "page.block_type";
    log_.equal_number(kind, place(entry) + " block type", entry.block_type, replay_.memory().block_type(entry.pfn));
}

void ScriptComparison::compare_counters_after(const LogEntry& entry) {
    if (entry.counters < 0) return;
    const RecordedCounters& counters = script_.counters[static_cast<std::size_t>(entry.counters)];
    replay_.compare_counters(counters, place(entry), prefix(), log_);
    if (mode_ == Mode::shared) follow_counters(replay_.memory(), counters);
}

pfn_t ScriptComparison::alloc_exact(const LogEntry& entry) {
    const ScriptCommand* command = script_.command(entry.command);
    return replay_.alloc(entry.order, entry.gfp, command ? command->node() : -1);
}

// Which zone serves a request is decided by its watermarks and free counts, which the log shows; which block of it, by
// lists that others change.
void ScriptComparison::alloc_shared(const LogEntry& entry) {
    const physical_memory before = replay_.memory();
    const pfn_t pfn = alloc_exact(entry);
    const physical_memory& mem = replay_.memory();
    std::string engine = "NULL", recorded = entry.pfn == PFN_NONE ? "NULL" : zone_text(entry.zone);
    if (pfn != PFN_NONE) {
        const zone& z = mem.zones[mem.page_zone(pfn)];
        engine = zone_text({z.node, z.type});
    }
    const bool same_zone = log_.check("shared.page.zone", engine == recorded, [&] {
        return request_text(entry) + ": recorded from " + recorded + ", engine from " + engine;
    });
    bool same = same_zone && pfn == entry.pfn;
    if (same_zone && pfn != PFN_NONE)
        log_.check("shared.page.pfn", same, [&] {
            return request_text(entry) + ": recorded " + pfn_text(entry.pfn) + ", engine " + pfn_text(pfn);
        });
    if (same) return;
    replay_.memory() = before;
    // A recorded block that is mostly in use here: another task freed it and has the engine's one instead.
    const u32 size = 1u << entry.order;
    if (pfn != PFN_NONE && (entry.pfn == PFN_NONE || nr_frames_free(before, entry.pfn, entry.order) < size / 2 + 1))
        static_cast<void>(claim_frames(replay_.memory(), pfn, entry.order));
    if (entry.pfn == PFN_NONE) return;
    if (!take_recorded_block(replay_, entry.pfn, entry.order, (entry.gfp & GFP_BIT_COMP) != 0))
        lose("the engine cannot follow: a recorded page is reserved there");
    else if (entry.block_type >= 0 && entry.block_type < MIGRATE_TYPES)
        replay_.memory().set_block_type(entry.pfn, static_cast<migratetype>(entry.block_type));
}

void ScriptComparison::alloc(const LogEntry& entry) {
    switch (mode_of(entry)) {
    case Mode::lost: log_.not_compared(reason_, 1); break;
    case Mode::shared:
        alloc_shared(entry);
        if (mode_ == Mode::lost) break;
        if (entry.pfn != PFN_NONE) compare_block(entry);
        compare_counters_after(entry);
        break;
    case Mode::exact: {
        const pfn_t pfn = alloc_exact(entry);
        const bool same = log_.check("page.pfn", pfn == entry.pfn, [&] {
            return request_text(entry) + ": recorded " + pfn_text(entry.pfn) + ", engine " + pfn_text(pfn);
        });
        if (!same) {
            lose("after a difference");
            break;
        }
        if (pfn != PFN_NONE) {
            const zone& z = replay_.memory().zones[replay_.memory().page_zone(pfn)];
            log_.check("page.zone", entry.zone == RecordedZoneRef{z.node, z.type},
                       [&] { return place(entry) + ": recorded zone " + zone_text(entry.zone); });
            compare_block(entry);
        }
        compare_counters_after(entry);
        break;
    }
    }
    ops_since_start_ = true;
    if (entry.pfn != PFN_NONE) held_[entry.slot] = {entry.pfn, entry.order, (entry.gfp & GFP_BIT_COMP) != 0};
}

void ScriptComparison::free(const LogEntry& entry) {
    const auto it = held_.find(entry.slot);
    const bool compound = it != held_.end() && it->second.compound;
    if (it != held_.end()) held_.erase(it);
    const Mode mode = mode_of(entry);
    if (mode == Mode::lost) return log_.not_compared(reason_, 1);
    bool held = replay_.holds(entry.pfn, entry.order) || replay_.hold(entry.pfn, entry.order, compound);
    if (!held && mode == Mode::shared) held = take_recorded_block(replay_, entry.pfn, entry.order, compound);
    const bool ok = log_.check("page.held", held, [&] {
        return place(entry) + ": recorded that somebody holds " + pfn_text(entry.pfn) + " with order " +
               std::to_string(entry.order) + ", in the engine nobody does";
    });
    if (!ok) return lose("after a difference");
    compare_block(entry);
    replay_.free(entry.pfn, entry.order);
    ops_since_start_ = true;
    compare_counters_after(entry);
}

void ScriptComparison::drain() {
    if (mode_ == Mode::lost) return log_.not_compared(reason_, 1);
    physical_memory& mem = replay_.memory();
    EventSink quiet;
    physical_context cx{mem, quiet, 0, 0};
    for (zone& z : mem.zones)
        for (u32 cpu = 0; cpu < z.pcp.size(); ++cpu) drain_pages_zone(cx, z, cpu);
    ops_since_start_ = true;
}

void ScriptComparison::run() {
    // A script that begins with a dump needs no earlier state; one that begins with neither dump nor summary shows too
    // little of the state that it begins with.
    reason_ = "no state before";
    if (!script_.log.empty() && script_.log.front().kind == LogEntry::Kind::summary && script_.has_page_ops())
        start_shared();
    for (const LogEntry& entry : script_.log) {
        switch (entry.kind) {
        case LogEntry::Kind::dump: dump(entry); break;
        case LogEntry::Kind::summary: summary(entry); break;
        case LogEntry::Kind::alloc: alloc(entry); break;
        case LogEntry::Kind::free: free(entry); break;
        case LogEntry::Kind::drain: drain(); break;
        }
    }
}

bool shows_boost(const RecordedScript& script) {
    for (const RecordedSummary& summary : script.summaries)
        for (const RecordedNodeSummary& node : summary)
            for (const RecordedZoneSummary& zone : node.zones)
                if (zone.boost != 0) return true;
    return false;
}

} // namespace

void compare_script(const OracleMachine& machine, const std::string& file, const RecordedScript& script, FactLog& log) {
    if (script.log.empty() && script.unreadable.empty()) return;
    // A dump prints watermarks with their boost. Without the watermarks of boot the two cannot be told apart.
    if (!machine.boot_watermarks_known && shows_boost(script))
        log.not_compared("watermarks with a boost", static_cast<u32>(script.log.size()));
    else
        ScriptComparison(machine, file, script, log).run();
    for (const u32 line : script.unreadable)
        log.check("line.readable", false, [&] { return "line " + std::to_string(line) + " cannot be read"; });
    for (const auto& [what, lines] : script.other_lines) log.not_compared(what, lines);
}

} // namespace mm
