#pragma once
// What a recorded program met at its limits: user-limits.txt.
//
//   ==== title                                   a section; most run in a child of the program, up to "child status: …"
//   RLIMIT_AS soft=a hard=b                      limits that the program began with
//   setrlimit(RLIMIT_AS, a) = 0
//   echo 2 > /proc/sys/vm/overcommit_memory = 1
//   MemTotal, CommitLimit, Committed_AS, VmSize  numbers of /proc
//   … number 193 fails with ENOMEM               how many mappings in a row succeeded
//   mlock 4 = 0, munmap one = 0                  calls on the mapping before; all others as in recording/vma.h
#include "recording/vma.h"

namespace mm {

struct RecordedLimitStep {
    enum class Kind : u8 { section, limit, rlimit, sysctl, number, mappings, lines, part, ended, call };

    Kind kind = Kind::call;
    u32 line = 0;
    std::string name;  // of the section, the limit, the sysctl or the number; of a part, the program's words
    u64 value = 0;     // bytes, KiB of /proc/meminfo, or how many
    std::string error; // "ENOMEM"
    RecordedVmaStep call;
};

struct RecordedLimits {
    std::vector<RecordedLimitStep> steps;
    std::map<std::string, u64> other_lines;
};

[[nodiscard]] RecordedLimits parse_limits(std::string_view text);

} // namespace mm
