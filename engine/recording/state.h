#pragma once
// The page allocator's state as the recording module prints it (tests/oracle/README.md, "The module's log").
//
//   NODE 0 start=40000 spanned=40000 ...          a zone summary (script command Z): nodes, zonelists, zones
//     zonelist[0]: 0:DMA(idx0)
//     zone[0] DMA start=... managed=245633 wm=974,1219,1464 boost=0 lowmem_reserve=0,0,0,0 highatomic=0
//      0:DMA free=230291 nr=1,3,3,... pcp=1141/1219/63 l0:452f3,452ef(54)      counters of one zone
//   ZONE 0 DMA start_pfn=40000 ... wm=974,1219,1464                            a full dump (script command L)
//   FL 0 DMA o=0 mt=2: 43551 ...                                               one free list, head first
//   PCP 0 DMA cpu=0 pcp=1141/1219/63 free_factor=0 l0:452f3,452ef(2) ...       one CPU's lists, head first
//   PB 0 DMA (pageblock_order=9; ...): 40000+18:1 ...                          types of pageblocks as runs
//   PCPMT 0 DMA cpu=0 (pfn:remembered type): 420e:1 ...    pages of per-CPU lists that remember another type (until 6.9)
//
// Reads every kernel's variant: fields that a kernel does not print keep their defaults.
#include <optional>
#include <vector>

#include "recording/text.h"
#include "physical/profile.h"

namespace mm {

struct RecordedZoneRef {
    u8 node = 0;
    zone_type type = zone_type::normal;
    friend bool operator==(const RecordedZoneRef&, const RecordedZoneRef&) = default;
};

// The counters of one zone and the per-CPU lists of the CPU that the module ran on.
struct RecordedCounters {
    RecordedZoneRef zone;
    i64 free = 0;
    std::vector<u32> nr_free; // by order
    i32 count = 0, high = 0, batch = 0;
    struct ListHead {
        u8 index = 0;
        u32 length = 0;
        std::vector<pfn_t> first; // the first four at most
    };
    std::vector<ListHead> lists; // only those that are not empty
};

struct RecordedZoneSummary {
    RecordedZoneRef zone;
    u32 index = 0;
    pfn_t start_pfn = 0;
    u32 spanned_pages = 0, present_pages = 0, managed_pages = 0;
    std::array<i64, NR_WMARK> watermark{}; // with boost
    i64 boost = 0;
    std::vector<i64> lowmem_reserve;
    i64 highatomic = 0;
    std::optional<RecordedCounters> counters; // only of zones with memory
};

struct RecordedNodeSummary {
    u8 node = 0;
    pfn_t start_pfn = 0;
    u32 spanned_pages = 0, present_pages = 0;
    i64 totalreserve = 0;
    std::vector<std::vector<RecordedZoneRef>> zonelists;
    std::vector<RecordedZoneSummary> zones;
};

using RecordedSummary = std::vector<RecordedNodeSummary>;

// A full dump: recorded_zone::watermark is as printed, with boost.
struct RecordedDump {
    std::vector<recorded_zone> zones;
    u32 pageblock_order = 0; // 0: no PB line
    bool tells_remembered =
        false; // a PCPMT line: pages of per-CPU lists that it does not name remember their pageblock's
};

enum class StateLine : u8 {
    not_state,  // the line is something else
    unreadable, // begins like a state line, and is damaged
    counters,   // "   0:DMA free=": result in `counters`
    summary,    // a line of a zone summary, added to it
    dump,       // a line of a full dump, added to it
};

// Reads state lines one after another. Consecutive lines make up one summary or one dump.
class StateReader {
  public:
    // What `line` is. For summary and dump: starts_new() tells whether it began a new one.
    StateLine read(std::string_view line);
    [[nodiscard]] bool starts_new() const { return starts_new_; }

    // Ends the summary or dump that is being read: the next line begins another.
    void close() { open_ = Open::nothing; }

    std::vector<RecordedSummary> summaries;
    std::vector<RecordedDump> dumps;
    RecordedCounters counters;

  private:
    enum class Open : u8 { nothing, summary, dump };

    StateLine read_node(TextCursor at);
    StateLine read_zonelist(TextCursor at);
    StateLine read_zone_summary(TextCursor at);
    StateLine read_zone(TextCursor at);
    StateLine read_free_list(TextCursor at);
    StateLine read_cpu(TextCursor at);
    StateLine read_blocks(TextCursor at);
    StateLine read_remembered(TextCursor at);
    StateLine read_counters(TextCursor at);
    recorded_zone* dumped_zone(TextCursor& at);

    Open open_ = Open::nothing;
    bool starts_new_ = false;
};

} // namespace mm
