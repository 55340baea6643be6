#pragma once
// A run of a scenario as text: one line an op, its events in words, the kernel's trace format, or JSON.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/moment.h"
#include "machine/narrate.h"
#include "scenario/scenario.h"

namespace mm {

struct RunOptions {
    Position until{MAX_SCENARIO_OPS, 0}; // stop there
    bool events = false;                 // each event in words, or in JSON
    Language language = Language::en;
    std::vector<std::string> proc; // files that end_text() knows, to add to the JSON
};

// Receives the text piece by piece, so that a long run needs no memory for it.
using TextSink = std::function<void(std::string_view)>;

struct RunEnd {
    Machine machine;
    std::string kernel_log; // machine/kernel_log.h
    u32 events = 0;         // of its last op, in all
};
// Files of proc_file_names() (machine/proc_files.h), and KERNEL_LOG.
[[nodiscard]] std::string end_text(const RunEnd& end, std::string_view file);

// Each of these runs the scenario from its start machine and returns how it ended.
//
//     1  alloc_pages(order=4, gfp=GFP_KERNEL) as a -> 0x45f10
//     2  30 ops: 30 done
//   3.5  alloc_page(gfp=GFP_KERNEL) as b[4] -> 0x45f20
//
// Numbers are positions as people count (scenario/step_spans.h).
RunEnd report_text(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out);
// Only events that have a tracepoint, as /sys/kernel/tracing/trace shows them. The time stamp is the op before the
// point and the number of the event in it behind the point.
RunEnd report_trace(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out);
// The ops of processes as a program in C, a line a written step, with what each came to as a comment:
//
//      3  p  char *a = mmap(NULL, 16 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);  // = 0xffffbe7fb000
RunEnd report_listing(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out);
// One object: {"scenario", "machine", "steps": [{"op", "at", "text", "outcome", "pfn", "events"}], "ops", "hash", "proc"}.
RunEnd report_json(const Scenario& scenario, Machine start, const RunOptions& options, const TextSink& out);

// A canonical hash as 16 hex digits.
[[nodiscard]] std::string hash_text(u64 hash);

} // namespace mm
