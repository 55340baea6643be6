#pragma once
// The system calls on mappings. Each returns what the program gets: an address, 0, or the negative number of an error.
//
// Lengths and flags are the program's own, unchecked. What is mapped is promised here, and filled by faults; what is unmapped
// or protected changes tables (zap.h).
// Mirrors: mm/mmap.c, mm/mprotect.c, mm/mremap.c, mm/madvise.c, mm/mlock.c, mm/msync.c (Linux 5.10, 6.1, 6.12).
#include "process/errno.h"
#include "process/events.h"
#include "process/mm.h"

namespace mm {

// PROT_ and MAP_, as user space has them (include/uapi/asm-generic/mman-common.h).
inline constexpr u32 PROT_NONE = 0;
inline constexpr u32 PROT_READ = 1;
inline constexpr u32 PROT_WRITE = 2;
inline constexpr u32 PROT_EXEC = 4;
inline constexpr u32 PROT_SEM = 8;
inline constexpr u32 PROT_GROWSDOWN = 0x100'0000;
inline constexpr u32 PROT_GROWSUP = 0x200'0000;

inline constexpr u32 MAP_SHARED = 1;
inline constexpr u32 MAP_PRIVATE = 2;
inline constexpr u32 MAP_SHARED_VALIDATE = 3;
inline constexpr u32 MAP_DROPPABLE = 8;
inline constexpr u32 MAP_TYPE = 0xf;
inline constexpr u32 MAP_FIXED = 0x10;
inline constexpr u32 MAP_ANONYMOUS = 0x20;
inline constexpr u32 MAP_32BIT = 0x40; // x86
inline constexpr u32 MAP_GROWSDOWN = 0x100;
inline constexpr u32 MAP_DENYWRITE = 0x800;
inline constexpr u32 MAP_EXECUTABLE = 0x1000;
inline constexpr u32 MAP_LOCKED = 0x2000;
inline constexpr u32 MAP_NORESERVE = 0x4000;
inline constexpr u32 MAP_POPULATE = 0x8000;
inline constexpr u32 MAP_NONBLOCK = 0x1'0000;
inline constexpr u32 MAP_STACK = 0x2'0000;
inline constexpr u32 MAP_HUGETLB = 0x4'0000;
inline constexpr u32 MAP_SYNC = 0x8'0000;
inline constexpr u32 MAP_FIXED_NOREPLACE = 0x10'0000;

struct mmap_request {
    u64 address = 0;
    u64 length = 0;
    u32 prot = 0;
    u32 flags = 0;
    file_id file = 0; // without MAP_ANONYMOUS; 0: a descriptor that names none
    u64 offset = 0;   // bytes
};
[[nodiscard]] i64 sys_mmap(mm_context& cx, const mmap_request& request);
[[nodiscard]] i64 sys_munmap(mm_context& cx, u64 address, u64 length);
[[nodiscard]] i64 sys_mprotect(mm_context& cx, u64 address, u64 length, u32 prot);
// The break, moved or not.
[[nodiscard]] i64 sys_brk(mm_context& cx, u64 brk);

inline constexpr u32 MREMAP_MAYMOVE = 1;
inline constexpr u32 MREMAP_FIXED = 2;
inline constexpr u32 MREMAP_DONTUNMAP = 4;
struct mremap_request {
    u64 address = 0;
    u64 old_length = 0;
    u64 new_length = 0;
    u32 flags = 0;
    u64 new_address = 0;
};
[[nodiscard]] i64 sys_mremap(mm_context& cx, const mremap_request& request);

enum class madvice : u32 {
    NORMAL = 0,
    RANDOM = 1,
    SEQUENTIAL = 2,
    WILLNEED = 3,
    DONTNEED = 4,
    FREE = 8,
    REMOVE = 9,
    DONTFORK = 10,
    DOFORK = 11,
    MERGEABLE = 12,
    UNMERGEABLE = 13,
    HUGEPAGE = 14,
    NOHUGEPAGE = 15,
    DONTDUMP = 16,
    DODUMP = 17,
    WIPEONFORK = 18,
    KEEPONFORK = 19,
    COLD = 20,
    PAGEOUT = 21,
    POPULATE_READ = 22,
    POPULATE_WRITE = 23,
    DONTNEED_LOCKED = 24,
    COLLAPSE = 25,
};
[[nodiscard]] i64 sys_madvise(mm_context& cx, u64 address, u64 length, u32 advice);

inline constexpr u32 MLOCK_ONFAULT = 1;
inline constexpr u32 MCL_CURRENT = 1;
inline constexpr u32 MCL_FUTURE = 2;
inline constexpr u32 MCL_ONFAULT = 4;
[[nodiscard]] i64 sys_mlock(mm_context& cx, u64 address, u64 length, u32 flags = 0); // mlock2
[[nodiscard]] i64 sys_munlock(mm_context& cx, u64 address, u64 length);
[[nodiscard]] i64 sys_mlockall(mm_context& cx, u32 flags);
[[nodiscard]] i64 sys_munlockall(mm_context& cx);

inline constexpr u32 MS_ASYNC = 1;
inline constexpr u32 MS_INVALIDATE = 2;
inline constexpr u32 MS_SYNC = 4;
[[nodiscard]] i64 sys_msync(mm_context& cx, u64 address, u64 length, u32 flags);

[[nodiscard]] i64 sys_mseal(mm_context& cx, u64 address, u64 length);

// ---- what the calls share

// mseal() was called on it: no call may change it. kernel: can_modify_vma
[[nodiscard]] bool is_sealed(const mm_context& cx, vma_id vma);

// Takes away whatever is mapped there. Not told as a call of its own. kernel: do_munmap
[[nodiscard]] i64 do_munmap(mm_context& cx, mm_call call, u64 start, u64 length);
// All of a process that ends, whatever is sealed. kernel: exit_mmap
void unmap_everything(mm_context& cx);
// As the kernel fills what is locked or was to be filled: private writable pages get their anon_vma. kernel:
// populate_vma_page_range
[[nodiscard]] i64 populate_range(mm_context& cx, mm_call call, u64 start, u64 end, bool ignore_errors);
// As a fault on each page would. Without tables: what private pages need. False: a page could not come.
// kernel: faultin_page_range
bool fault_in(mm_context& cx, vma_id vma, u64 start, u64 end, bool write);
// VM_READ and so on of PROT_READ and so on.
[[nodiscard]] constexpr vm_flags_t vm_prot_bits(u32 prot) { return prot & (PROT_READ | PROT_WRITE | PROT_EXEC); }
// What may be read may be run, as the process wishes. kernel: READ_IMPLIES_EXEC
[[nodiscard]] inline bool read_implies_exec(const mm_context& cx, u32 prot) {
    return (prot & PROT_READ) != 0 && (cx.mm().personality & READ_IMPLIES_EXEC) != 0;
}

// ---- files and other processes' memory

// A byte is written into a page of the file, through the page cache. -EBADF: it may not be written. kernel: ksys_pwrite64
[[nodiscard]] i64 sys_pwrite(mm_context& cx, file_id file, u64 offset, u8 value);
// kernel: do_sys_ftruncate
[[nodiscard]] i64 sys_ftruncate(mm_context& cx, file_id file, u64 size);
inline constexpr u32 FALLOC_FL_KEEP_SIZE = 1;
inline constexpr u32 FALLOC_FL_PUNCH_HOLE = 2;
// Holes alone. kernel: vfs_fallocate
[[nodiscard]] i64 sys_fallocate(mm_context& cx, file_id file, u32 mode, u64 offset, u64 length);
// All dirty pages of the file. kernel: do_fsync
[[nodiscard]] i64 sys_fsync(mm_context& cx, file_id file);
// A write from outside, by /proc/PID/mem, which may copy a private page that the process itself may only read (`force`), or
// as process_vm_writev() does. -EFAULT: it may not. kernel: access_remote_vm, __get_user_pages with FOLL_FORCE
[[nodiscard]] i64 write_remote(mm_context& cx, u64 address, u8 value, bool force);

} // namespace mm
