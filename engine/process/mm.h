#pragma once
// The state of processes: an mm a process, and the VMAs of all of them. Everything is a value and known by number.
//
//   mm_struct ── index of vm_area_structs by address ── file
//             └── counts, limits, where code, data, heap and stack are
//
// Mirrors: include/linux/mm_types.h (struct mm_struct; Linux 6.1).
#include <array>
#include <vector>

#include "base/cow_array.h"
#include "base/event.h"
#include "base/names.h"
#include "process/maple_tree.h"
#include "process/task.h"
#include "process/user_pages.h"
#include "process/vma.h"
#include "process/vma_rules.h"

namespace mm {

inline constexpr u64 RLIM_INFINITY = ~0ull;
inline constexpr u64 STACK_RLIMIT = 8ull << 20;   // soft limit of a new process: _STK_LIM
inline constexpr u64 MEMLOCK_RLIMIT = 8ull << 20; // MLOCK_LIMIT
inline constexpr u32 MAX_MAP_COUNT = 65'530;      // vm.max_map_count
inline constexpr u64 STACK_GUARD_PAGES = 256;

inline constexpr u32 MAX_PROCESSES = 4'096; // of a machine
inline constexpr u32 MAX_FILES = 4'096;     // open at a time, and those that mappings alone keep
inline constexpr u32 MAX_PATHS = 4'096;     // that name a file
inline constexpr u64 FIRST_INODE = 12;      // the first that ext4 gives
inline constexpr u64 ZERO_INODE = 5;        // of /dev/zero
inline constexpr u32 DISK = 254u << 8 | 1;  // device of regular files: vda1
inline constexpr u32 DEVTMPFS = 5;          // of /dev
inline constexpr u32 TMPFS = 24;            // of /dev/shm

// Of a task: what it wants to be like another system's. exec forgets READ_IMPLIES_EXEC.
inline constexpr u32 ADDR_COMPAT_LAYOUT = 0x20'0000; // mmaps of the next program go up
inline constexpr u32 READ_IMPLIES_EXEC = 0x40'0000;  // PROT_READ is PROT_EXEC, too

// struct signal_struct::rlim, those that memory asks for.
struct mm_rlimits {
    u64 as = RLIM_INFINITY;
    u64 data = RLIM_INFINITY;
    u64 stack = STACK_RLIMIT;
    u64 memlock = MEMLOCK_RLIMIT;
};

// Pages of a process by kind. kernel: mm->rss_stat
struct mm_rss {
    u64 anon = 0, file = 0, shmem = 0;

    [[nodiscard]] u64 total() const { return anon + file + shmem; }
    friend bool operator==(const mm_rss&, const mm_rss&) = default;
};

// VMAs that the process found last, which the next search looks at first. Until 6.0: kernel: struct vmacache; 2.4 had one:
// mm->mmap_cache.
struct vma_cache {
    u64 mm_seqnum = 0; // of the mm: grows when a VMA goes
    u64 seqnum = 0;    // of the task: what it holds is good while both are the same
    std::array<vma_id, 4> vmas{VMA_NONE, VMA_NONE, VMA_NONE, VMA_NONE};
};

struct mm_struct {
    bool in_use = false;
    bool legacy_layout = false; // mmaps go up from mmap_base. kernel: MMF_TOPDOWN is not set
    bool privileged = true;     // CAP_IPC_LOCK, CAP_SYS_RAWIO
    vma_id mmap = VMA_NONE;     // the first VMA
    vma_id last = VMA_NONE;     // and the last
    vma_id root = VMA_NONE;     // of the red-black or AVL tree. kernel: mm_rb, mmap_avl
    maple_tree mm_mt;           // of kernels that have one
    vma_cache vmacache;
    u32 map_count = 0;
    name_id name = NO_NAME; // of the program
    u32 pid = 0;
    u32 space = 0;    // its page tables, of the MMU room; 0, the kernel's own: it has none
    u32 mm_users = 1; // tasks whose mm it is: threads, and a parent that waits for vfork. 0: nothing is mapped any more
    u32 mm_count = 1; // 1 while it has users, and kernel threads and idle CPUs that borrow it
    task_id owner = TASK_NONE; // TASK_NONE: VMAs alone are there, and no task
    pfn_t deposits = PFN_NONE; // frames of tables kept for when huge pages are split, each names the next
    u32 nr_deposits = 0;
    // pages
    u64 total_vm = 0, locked_vm = 0, data_vm = 0, exec_vm = 0, stack_vm = 0, hiwater_vm = 0;
    mm_rss rss;
    u64 hiwater_rss = 0;
    u64 min_flt = 0, maj_flt = 0; // of its tasks
    vm_flags_t def_flags = 0;
    // addresses
    u64 start_code = 0, end_code = 0, start_data = 0, end_data = 0;
    u64 start_brk = 0, brk = 0, start_stack = 0;
    u64 arg_start = 0, arg_end = 0, env_start = 0, env_end = 0;
    u64 mmap_base = 0;
    u64 task_size = 0;
    u64 vdso = 0;        // kernel: context.vdso
    u32 personality = 0; // kernel: task_struct::personality
    mm_rlimits rlim;
    // Of the C library in it. A child of fork() has what its parent has.
    u32 heap = 0;             // 1 + its heap, of the room of malloc; 0: malloc was never called
    bool had_threads = false; // a second one was made at some time
    u32 forked_by = 0;        // pid of the task that called fork(); 0: execve() made it
};

enum class file_kind : u8 {
    regular,
    shmem,    // tmpfs, and what shared anonymous memory is made of
    dev_zero, // a private mapping of it is anonymous memory, a shared one a shmem file
};

// A struct file: what open() makes. Two of one inode are two, and their mappings do not merge.
struct mapped_file {
    name_id path = NO_NAME;
    file_kind kind = file_kind::regular;
    bool in_use = false;
    bool opened = false;   // a descriptor names it; else VMAs alone keep it
    bool unlinked = false; // no name leads to it: its pages go with its last use
    bool readable = true;
    bool writable = true;
    bool accounted = false; // its size is, as memory that nobody has reserved. kernel: shmem_acct_size
    u32 vmas = 0;           // that map it
    mapping_id mapping = 0; // its pages in the page cache; 0: none yet
    file_id next = 0;       // records not in use: the next one
    u64 size = 0;           // bytes
    u64 inode = 0;
    u32 device = 0; // major << 8 | minor
};

struct process_memory {
    vma_rules rules;
    u32 page_shift = 12;
    u32 pmd_shift = 21;
    u64 mmap_min_addr = 4096;
    u32 max_map_count = MAX_MAP_COUNT;
    bool thp_always = true;   // transparent_hugepage/enabled
    bool thp_madvise = false; // the same: where madvise() asks for them; neither: never
    u64 totalram_pages = 0;   // with swap: what one request may not exceed, as overcommit is a guess
    u64 vm_committed = 0;     // pages that are accounted. kernel: vm_committed_as
    CowArray<mm_struct, 3, 7> mms;
    u32 mms_used = 0; // records below were in use at some time
    u32 processes = 0;
    u64 mm_changes = 0; // how often an mm came or went, or a task of one
    CowArray<vm_area_struct, 6, 7> vmas;
    u32 vmas_used = 0;
    vma_id vma_unused = VMA_NONE;
    maple_pool maple; // nodes of all maple trees
    CowArray<mapped_file, 5, 5> files;
    u32 files_used = 1; // file 0 is none
    file_id file_unused = 0;
    u32 nr_files = 0;
    u32 nr_paths = 0;
    u32 anon_vmas_made = 0;
    CowArray<anon_vma_id, 6, 6> anon_vma_parents; // by anon_vma: the one of the VMA that was forked; 0: none
    user_pages user;                              // what stands in frames
    bool up = false;                              // processes can be made: there are page tables
    u64 task_size = 0;
    u8 overcommit_memory = 0; // 0: a guess, 1: always, 2: up to CommitLimit. kernel: sysctl_overcommit_memory
    u8 overcommit_ratio = 50; // percent of RAM that CommitLimit has
    u64 admin_reserve = 0;    // pages that only who may administrate gets. kernel: sysctl_admin_reserve_kbytes
    u64 user_reserve = 0;     // pages that one process must leave. kernel: sysctl_user_reserve_kbytes
    u64 swap_pages = 0;
    bool legacy_va_layout = false;
    u8 randomize_va_space = 0; // 1: all but the heap, 2: the heap, too
    u64 random_seed = 1;       // of the next process that is laid out
    u32 last_pid = FIRST_PID - 1;
    u64 last_inode = FIRST_INODE - 1;
    u64 last_shmem_inode = 0;         // of shared memory without a path. kernel: shmem_reserve_inode
    CowArray<mm_id, 6, 7> process_of; // by space: its mm_id + 1
    CowArray<task_struct, 4, 7> tasks;
    u32 tasks_used = 0;
    u32 task_unused = 0; // 1 + a record that is not in use
    u32 nr_tasks = 0;
    CowArray<u32, 7, 7> task_of_pid; // 1 + its task
    std::vector<cpu_task> cpus;      // what each runs; those that it has no place for idle

    [[nodiscard]] u64 page_size() const { return u64{1} << page_shift; }
    [[nodiscard]] u64 page_align(u64 bytes) const { return (bytes + page_size() - 1) & ~(page_size() - 1); }
    [[nodiscard]] u64 page_start(u64 address) const { return address & ~(page_size() - 1); }
    [[nodiscard]] bool in_page(u64 address) const { return (address & (page_size() - 1)) != 0; }
    [[nodiscard]] u64 pages(const vm_area_struct& vma) const { return vma.size() >> page_shift; }
    [[nodiscard]] u64 bytes_copied() const {
        return mms.bytes_copied() + vmas.bytes_copied() + maple.nodes.bytes_copied() + files.bytes_copied() +
               process_of.bytes_copied() + anon_vma_parents.bytes_copied() + user.bytes_copied() +
               tasks.bytes_copied() + task_of_pid.bytes_copied();
    }
};

// What every function of this room works on: one process, and where its events go.
struct mm_context {
    process_memory& proc;
    mm_id id;
    EventSink& sink;
    mmu_context* pages = nullptr; // its tables and frames; nullptr: VMAs alone are there
    task_id task = TASK_NONE;     // who calls; TASK_NONE: the mm's owner

    [[nodiscard]] const mm_struct& mm() const { return proc.mms[id]; }
    [[nodiscard]] mm_struct& mm_mut() { return proc.mms.mut(id); }
    [[nodiscard]] const vm_area_struct& vma(vma_id vma) const { return proc.vmas[vma]; }
    [[nodiscard]] vm_area_struct& vma_mut(vma_id vma) { return proc.vmas.mut(vma); }
};

// An empty mm with the limits of a new process. kernel: mm_alloc
[[nodiscard]] mm_id create_mm(process_memory& proc);
// Of one without VMAs.
void drop_mm(process_memory& proc, mm_id id);
// A file that a descriptor names.
[[nodiscard]] file_id open_file(process_memory& proc, const mapped_file& file);
void get_file(process_memory& proc, file_id file);
// A VMA less maps it.
void put_file(process_memory& proc, file_id file);
// Its descriptor goes; mappings keep the file.
void close_file(process_memory& proc, file_id file);

} // namespace mm
