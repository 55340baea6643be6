#pragma once
// A page allocator that continues a recorded state, and its comparison with later recorded states.
#include "base/hex.h"
#include "oracle/oracle.h"

namespace mm {

class Replay {
  public:
    // Takes over a full dump. The watermarks in it are those of `settings` plus each zone's boost; when they are not,
    // a fact differs and the recorded ones are taken.
    [[nodiscard]] std::optional<Error> start(const OracleMachine& machine, const RecordedDump& dump,
                                             const physical_memory& settings, FactLog& log);
    [[nodiscard]] bool started() const { return started_; }

    // node: -1 for that of the CPU that the module runs on, which is CPU 0.
    [[nodiscard]] pfn_t alloc(u32 order, gfp_t gfp, int node);
    void free(pfn_t pfn, u32 order);

    // Says that somebody holds these frames as one block of this order, as a recording tells. False when the engine
    // knows better: one of them is free, reserved, or not there.
    [[nodiscard]] bool hold(pfn_t pfn, u32 order, bool compound);
    // Is the frame the head of a block that somebody holds, of this order?
    [[nodiscard]] bool holds(pfn_t pfn, u32 order) const;

    void compare_counters(const RecordedCounters& recorded, std::string_view place, std::string_view kind_prefix,
                          FactLog& log) const;
    // True when everything that decides later answers is equal: lists, per-CPU lists, block types.
    [[nodiscard]] bool compare_dump(const RecordedDump& dump, std::string_view place, std::string_view kind_prefix,
                                    FactLog& log) const;

    [[nodiscard]] const physical_memory& memory() const { return memory_; }
    [[nodiscard]] physical_memory& memory() { return memory_; }

  private:
    // Each bool: everything that decides later answers is equal.
    bool compare_zone_dump(const recorded_zone& recorded, std::string_view place, std::string_view kind_prefix,
                           FactLog& log) const;
    bool compare_free_lists(const zone& z, const recorded_zone& recorded, const std::string& at, std::string_view kind,
                            FactLog& log) const;
    void compare_pcp_numbers(const per_cpu_pages& pcp, const recorded_zone::cpu_pages& cpu, const std::string& at,
                             std::string_view kind_prefix, FactLog& log) const;
    bool compare_pcp_lists(const per_cpu_pages& pcp, const recorded_zone::cpu_pages& cpu, const std::string& at,
                           std::string_view kind, FactLog& log) const;
    bool compare_block_types(const zone& z, const recorded_zone& recorded, const std::string& at, std::string_view kind,
                             FactLog& log) const;
    void compare_remembered(const recorded_zone& recorded, const std::string& at, std::string_view kind,
                            FactLog& log) const;

    physical_memory memory_;
    EventSink sink_;
    bool started_ = false;
};

// What /proc/buddyinfo, zoneinfo and pagetypeinfo of a machine that continues `dump` say, against the dump.
void compare_proc_text(const physical_memory& mem, const RecordedDump& dump, std::string_view place, FactLog& log);

// The members of a list, head first.
[[nodiscard]] std::vector<pfn_t> list_members(const physical_memory& mem, const page_list& list);
[[nodiscard]] std::vector<u32> nr_free_by_order(const physical_memory& mem, const zone& z);

} // namespace mm
