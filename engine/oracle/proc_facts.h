#pragma once
// Facts that only user-proc.txt has, asked of the engine; and its programs that begin anew. Only the oracle includes it.
#include "oracle/user_facts.h"
#include "recording/vma.h"

namespace mm {

// Counters of vmstat that the state of all pages gives.
struct PageCounters {
    i64 dirty = 0, mapped = 0, anon = 0, shmem = 0, mlocked = 0;
};
[[nodiscard]] PageCounters count_pages(RunningMachine& machine);

class ProcFacts {
  public:
    ProcFacts(RunningMachine& machine, FactLog& log) : machine_(machine), log_(log) {}

    // The entry but its frame, what pagemap says and what the page is.
    void entry(mm_id mm, const RecordedEntry& recorded, const std::string& place);
    void where(mm_id mm, const RecordedVmaStep& step, const std::string& place);
    void mapcounts(mm_id mm, const RecordedVmaStep& step, const std::string& place);
    void mincore(mm_id mm, const RecordedVmaStep& step, const std::string& place);
    void maps_part(mm_id mm, const RecordedVmaStep& step, const std::string& place);
    void locked(mm_id mm, const RecordedVmaStep& step, const std::string& place);
    void vmstat(const PageCounters& before, const RecordedVmaStep& step, const std::string& place);
    void value(mm_id mm, const RecordedVmaStep& step, const std::string& place);
    void flags(mm_id mm, u64 address, const std::string& recorded, const std::string& place);
    void statm(mm_id mm, const std::vector<std::string>& recorded, const std::string& place);

  private:
    void check(std::string_view kind, const std::string& place, const std::string& recorded,
               const std::string& engine) {
        log_.check(kind, recorded == engine, [&] { return place + ": recorded " + recorded + ", engine " + engine; });
    }

    RunningMachine& machine_;
    FactLog& log_;
};

// The program of a recorded process, as its own dump has it, whose first segments and strings exec finds.
[[nodiscard]] mm_id exec_recorded(RunningMachine& machine, mm_id old, const RecordedMm& recorded,
                                  const std::vector<RecordedMapsLine>& maps);
// What the C library does before main(): it protects what need not be written, and makes the heap.
void start_c_library(mm_context& cx, const RecordedMm& recorded);

} // namespace mm
