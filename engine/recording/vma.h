#pragma once
// What a recorded program did with its memory, and what its kernel said of it: user-vma.txt, user-vmarand-*.txt,
// user-fault.txt.
//
//   title: mmap(a, l, prot=p, flags=f, fd=n, off=o) = result      each call with its result, "-ENOMEM" or "ENOMEM" for
//                                                                 an error
//   00400000-00482000 r-xp ... /k/vma                             /proc/self/maps, up to an empty line
//   access r va -> ok | SIGSEGV SEGV_MAPERR si_addr=va esr=e      one access of the program
//       minflt+1 majflt+0                                         its faults, in the same line; alone: those of the call before
//   MM ... / code=... / VMA ...                                   the kernel's own mm_struct and VMAs
//   page name va: pagemap=... count=1 flags=MMAP,ANON             the page there (user_pages.h)
//   WALK va ... / L0(pgd) ...                                     the way to its entry (tables.h)
//       40000000-40040000 rw-p ... / Rss: 48 kB / VmFlags: rd     one VMA of /proc/self/smaps
//       VmPeak: 1496 kB ...                                       /proc/self/status; "VmPTE=28 kB": that line alone
//   -- child after fork                                           another process goes on
//
// user-proc.txt has more of the same, each fact in one line; what differs is read by proc_lines.h:
//
//   msync((void *)A, 8 * PS, MS_ASYNC) = 0                        calls as the program's text has them; A: its first mapping
//   page 0 read va: L3=entry(...) present pfn=... flags=...       an entry and its page, "none" where nothing stands
//   where NAME va: P P -      mapcounts NAME va: 1 2 -            a word a page
//   smaps NAME va: Size:32 Rss:32 ... VmFlags:rd wr               what is not there is 0
//   40000000-40002000 rw-p ... VmFlags: rd wr                     part of maps, with flags or names
//   locked NAME: VmLck=12 kB nr_mlock=3 nr_unevictable=3
//   vmstat NAME: nr_dirty+1                                       what the calls before changed
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "recording/tables.h"
#include "recording/user_pages.h"

namespace mm {

struct RecordedMapsLine {
    u64 start = 0, end = 0;
    std::string rights; // "rw-p"
    u64 offset = 0;     // bytes in the file
    std::string name;
    std::string flags; // "rd wr mr mw me ac", where the line has them
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
    enum class Kind : u8 {
        mmap,
        munmap,
        mprotect,
        brk,
        mremap,
        madvise,
        mlock,
        munlock,
        access,
        maps,
        mm,
        page,     // args[0]: its address
        walk,     // number `walk` of RecordedVmaLog::walks
        smaps,    // of the VMA that begins at args[0]: `fields` in kB, `flags`
        status,   // `fields` in kB
        faults,   // of the call before
        mapped,   // of the last mapping args[0] pages have an entry, where args[3] is set from page args[1] to args[2]
        mincore,  // of the last mapping: `word`, a digit a page
        thp,      // transparent_hugepage/enabled is `word` now
        fork,     // the child goes on
        exit,     // the child ends, its parent goes on
        turn,     // the other one of the two goes on
        fill,     // each page of the last mapping is written
        truncate, // the file that was mapped last has args[0] bytes now
        // Of user-proc.txt alone. Addresses are whole; `silent` ones were not printed.
        mlock_range,   // args: address, bytes, flags of mlock2()
        munlock_range, // args: address, bytes
        mlockall,      // args: flags
        munlockall,
        msync,       // args: address, bytes, flags
        fsync,       // the file that was mapped last
        fallocate,   // args: mode, offset, bytes in it
        pwrite,      // args: page of it, value
        mem_write,   // through /proc/self/mem, or as another process (`word` "vm") would. args: address, value
        prctl,       // args: option and what follows it
        personality, // args: flags that are set besides
        vfork,       // a child runs in the same mm
        exec,        // a child runs the same program anew. args: stack limit, 0: as it is
        maps_part,   // VMAs that begin between the first and the last of them
        entry,       // `entry`
        where,       // from args[0] on: "P" or "-" in `words`
        mapcounts,   // the same: numbers
        mincore_at,  // the same: `word`
        locked,      // fields VmLck, nr_mlock, nr_unevictable
        vmstat,      // `changes` by the last call or access
        value,       // the byte at args[0] is args[1]
    };

    Kind kind = Kind::mmap;
    u32 line = 0;          // of the file, 1-based
    std::string title;     // what the program called it, the section's title where it called it nothing
    u64 args[6] = {};      // in the order of the call; mlock: from the last mapping on
    std::string word;      // madvise: the advice; access: r, w or x
    i64 result = 0;        // an address or 0
    std::string error;     // "ENOMEM"; access: "SIGSEGV SEGV_MAPERR"
    u64 fault_address = 0; // si_addr of a signal
    u64 esr = 0;           // arm64: of the signal
    bool silent = false;   // it is known to have happened, and not what came of it
    bool counted = false;  // the line says how many faults there were
    u64 minor = 0, major = 0;
    std::vector<RecordedMapsLine> maps;
    u32 mm = 0;   // in RecordedVmaLog::mms
    u32 walk = 0; // in RecordedVmaLog::walks
    RecordedPage page;
    std::map<std::string, u64> fields;
    std::string flags; // "rd wr mr mw me ac"
    RecordedEntry entry;
    std::vector<std::string> words;
    std::map<std::string, i64> changes;
};

struct RecordedVmaLog {
    bool is_proc = false; // of user-proc.txt
    std::vector<RecordedVmaStep> steps;
    std::vector<RecordedMm> mms;
    std::vector<RecordedWalk> walks;
    std::map<std::string, u64> other_lines; // by what they are about
};

[[nodiscard]] RecordedVmaLog parse_vma_log(std::string_view text);
// user-proc.txt.
[[nodiscard]] RecordedVmaLog parse_proc_log(std::string_view text);

} // namespace mm
