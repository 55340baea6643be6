#pragma once
// What processes have in memory, as recordings show it, asked of the engine. Only the oracle includes it.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "oracle/user_machine.h"
#include "process/user_access.h"
#include "recording/tables.h"
#include "recording/user_pages.h"

namespace mm {

// An mm with tables and nothing mapped.
[[nodiscard]] mm_id start_user_process(RunningMachine& machine);

// Lines of smaps, of one VMA, and of status: kB by name.
[[nodiscard]] std::map<std::string, u64> smaps_fields(RunningMachine& machine, mm_id mm, vma_id vma);
[[nodiscard]] std::map<std::string, u64> status_fields(RunningMachine& machine, mm_id mm);

[[nodiscard]] mapped_page page_there(RunningMachine& machine, mm_id mm, u64 address);

// kpageflags that the engine knows, of a recorded list and of its own page: "MMAP,ANON,"
[[nodiscard]] std::string known_page_flags(const std::string& names);
[[nodiscard]] std::string engine_page_flags(RunningMachine& machine, const mapped_page& there);

// "minflt+1 majflt+0"
[[nodiscard]] std::string faults_text(u64 minor, u64 major);
// "ok", "SIGSEGV SEGV_MAPERR", "SIGBUS BUS_ADRERR"
[[nodiscard]] std::string signal_text(const user_access_result& result);

// Frames are compared as equal or different: which one the allocator gives is what all tasks together did.
class UserFacts {
  public:
    UserFacts(RunningMachine& machine, FactLog& log) : machine_(machine), log_(log) {}

    void page(mm_id mm, const RecordedPage& recorded, const std::string& place);
    void walk(mm_id mm, const RecordedWalk& recorded, const std::string& place);
    void smaps(mm_id mm, u64 start, const std::map<std::string, u64>& recorded, const std::string& place);
    void status(mm_id mm, const std::map<std::string, u64>& recorded, const std::string& place);
    // Frames as equal or different: that of the recorded page, and the engine's there.
    void same_frame(mm_id mm, u64 address, u64 recorded, const std::string& place);
    // Pages there may have gone: a frame that is seen there from now on need not be the one before.
    void forget(mm_id mm, u64 start, u64 length);

  private:
    struct Seen {
        mm_id mm = MM_NONE;
        u64 address = 0;
        u64 recorded = 0; // frame
        pfn_t engine = PFN_NONE;
    };
    void frame(const Seen& now, const std::string& place);
    void check(std::string_view kind, const std::string& place, const std::string& recorded,
               const std::string& engine) {
        log_.check(kind, recorded == engine, [&] { return place + ": recorded " + recorded + ", engine " + engine; });
    }

    RunningMachine& machine_;
    FactLog& log_;
    std::vector<Seen> seen_;
    std::optional<i64> own_tables_; // kB of tables for what the program itself has mapped
};

} // namespace mm
