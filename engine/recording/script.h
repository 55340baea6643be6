#pragma once
// A recorded run of the module: the script and its log (mod-*.txt).
//
//   ### script
//   an 0 300 10 K 1            commands, numbered from 1; comments are not counted
//   ### log
//   3 a slot=0 order=10 gfp=2800 -> pfn=46000 zone=0:DMA pbtype=0      the number is that of the command
//      0:DMA free=229118 nr=18,... pcp=...                             counters after it, when the script asked for them
//   3 f slot=0 order=10 pfn=46000
//   3 D drained
#include <map>
#include <string>

#include "base/result.h"
#include "recording/state.h"
#include "physical/gfp.h"

namespace mm {

inline constexpr std::size_t MAX_RECORDING_BYTES = 64u << 20;

struct ScriptCommand {
    std::string name; // "a", "an", "irqoff", ...
    std::vector<std::string> args;
    bool interrupts_off = false; // while it runs

    // The node that an allocation of this command asks for; -1: that of the running CPU.
    [[nodiscard]] int node() const;
};

struct LogEntry {
    enum class Kind : u8 { alloc, free, summary, dump, drain };

    Kind kind = Kind::alloc;
    u32 line = 0;    // of the file, 1-based
    u32 command = 0; // number of the script command
    u32 slot = 0;
    u32 order = 0;
    gfp_t gfp = 0;
    pfn_t pfn = PFN_NONE; // PFN_NONE: alloc_pages returned NULL
    RecordedZoneRef zone; // where the block is from, when pfn is set
    i32 block_type = -1;  // of the block's pageblock; -1: not recorded
    u32 index = 0;        // in summaries or dumps
    i32 counters = -1;    // in RecordedScript::counters
};

struct RecordedScript {
    std::vector<ScriptCommand> commands; // [0] is command 1
    std::vector<LogEntry> log;
    std::vector<RecordedSummary> summaries;
    std::vector<RecordedDump> dumps;
    std::vector<RecordedCounters> counters;
    std::map<std::string, u32> other_lines; // lines of commands that are not about the page allocator, by kind
    std::vector<u32> unreadable;            // line numbers, the first 100

    [[nodiscard]] const ScriptCommand* command(u32 number) const {
        return number >= 1 && number <= commands.size() ? &commands[number - 1] : nullptr;
    }
    [[nodiscard]] bool has_page_ops() const;
};

[[nodiscard]] Result<RecordedScript> parse_recorded_script(std::string_view text);

} // namespace mm
