#pragma once
// What a recorded program did with its mappings, and what its kernel said of them: user-vma.txt, user-vmarand-*.txt.
//
//   title: mmap(a, l, prot=p, flags=f, fd=n, off=o) = result      each call with its result, "-ENOMEM" or "ENOMEM" for
// an error
//   00400000-00482000 r-xp ... /k/vma                             /proc/self/maps, up to an empty line
//   access r va -> ok | SIGSEGV SEGV_MAPERR si_addr=va            one access of the program
//   MM ... / code=... / VMA ...                                   the kernel's own mm_struct and VMAs
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct RecordedMapsLine {
    u64 start = 0, end = 0;
    std::string rights; // "rw-p"
    u64 offset = 0;     // bytes in the file
    std::string name;
};

struct RecordedUserVma {
    u64 start = 0, end = 0, flags = 0, pgoff = 0;
    u64 anon_vma = 0, file = 0; // addresses in the kernel: equal ones are one
};

struct RecordedMm {
    u64 mmap_base = 0, task_size = 0, def_flags = 0;
    u64 map_count = 0, total_vm = 0, locked_vm = 0, data_vm = 0, exec_vm = 0, stack_vm = 0;
    u64 start_code = 0, end_code = 0, start_data = 0, end_data = 0;
    u64 start_brk = 0, brk = 0, start_stack = 0, arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
    std::vector<RecordedUserVma> vmas;
};

struct RecordedVmaStep {
    enum class Kind : u8 { mmap, munmap, mprotect, brk, mremap, madvise, mlock, munlock, access, maps, mm };

    Kind kind = Kind::mmap;
    u32 line = 0;          // of the file, 1-based
    std::string title;     // what the program called it, the section's title where it called it nothing
    u64 args[6] = {};      // in the order of the call; mlock: from the last mapping on
    std::string word;      // madvise: the advice; access: r, w or x
    i64 result = 0;        // an address or 0
    std::string error;     // "ENOMEM"; access: "SIGSEGV SEGV_MAPERR"
    u64 fault_address = 0; // si_addr of a signal
    std::vector<RecordedMapsLine> maps;
    u32 mm = 0; // in RecordedVmaLog::mms
};

struct RecordedVmaLog {
    std::vector<RecordedVmaStep> steps;
    std::vector<RecordedMm> mms;
    std::map<std::string, u64> other_lines; // by what they are about
};

[[nodiscard]] RecordedVmaLog parse_vma_log(std::string_view text);

} // namespace mm
