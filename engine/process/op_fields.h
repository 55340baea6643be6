#pragma once
// The words and fields of this room's ops. Only its ops include it.
#include "base/op.h"
#include "process/calls.h"
#include "process/exec.h"

namespace mm::process_spec {

inline constexpr i64 MAX_BYTES = i64{1} << 47;
inline constexpr i64 MAX_FLAGS = 0xffffffff;
inline constexpr i64 MAX_NAME_ID = 0x7fffffff;

inline constexpr std::string_view program_kind_names[] = {"static",    "dynamic",    "pie",    "static-pie",
                                                          "static-32", "dynamic-32", "pie-32", "static-pie-32"};
inline constexpr std::string_view open_mode_names[] = {"O_RDONLY", "O_WRONLY", "O_RDWR"};
inline constexpr std::string_view rlimit_names[] = {"RLIMIT_AS", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_MEMLOCK"};

struct advice_name {
    std::string_view name;
    u32 value; // as user space has it
};
inline constexpr advice_name advices[] = {
    {"MADV_NORMAL", 0},           {"MADV_RANDOM", 1},         {"MADV_SEQUENTIAL", 2},
    {"MADV_WILLNEED", 3},         {"MADV_DONTNEED", 4},       {"MADV_FREE", 8},
    {"MADV_REMOVE", 9},           {"MADV_DONTFORK", 10},      {"MADV_DOFORK", 11},
    {"MADV_MERGEABLE", 12},       {"MADV_UNMERGEABLE", 13},   {"MADV_HUGEPAGE", 14},
    {"MADV_NOHUGEPAGE", 15},      {"MADV_DONTDUMP", 16},      {"MADV_DODUMP", 17},
    {"MADV_WIPEONFORK", 18},      {"MADV_KEEPONFORK", 19},    {"MADV_COLD", 20},
    {"MADV_PAGEOUT", 21},         {"MADV_POPULATE_READ", 22}, {"MADV_POPULATE_WRITE", 23},
    {"MADV_DONTNEED_LOCKED", 24}, {"MADV_COLLAPSE", 25},
};
consteval auto names_of_advices() {
    std::array<std::string_view, std::size(advices)> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = advices[i].name;
    return names;
}
inline constexpr std::array<std::string_view, std::size(advices)> advice_names = names_of_advices();

inline constexpr FieldSpec process_field{
    "process", Unit::space_result, -1, 0, MAX_RESULTS - 1, true, "name of who calls: a process, or one of its threads"};
inline constexpr FieldSpec place_field{"address", Unit::place, 0, 0, 0, true, "where it begins"};
inline constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_BYTES, true, "bytes"};
inline constexpr FieldSpec prot_field{"prot", Unit::map_prot, PROT_READ | PROT_WRITE, 0, MAX_FLAGS,
                                      false,  "the rights"};
inline constexpr FieldSpec file_field{"file", Unit::file_result, -1, 0, MAX_RESULTS - 1, true, "name of an open file"};

inline constexpr OpSpec execve{
    .name = "execve",
    .fields = {FieldSpec{"process", Unit::space_result, -1, -1, MAX_RESULTS - 1, false,
                         "name of a process that goes on as this program; left out: a new one"},
               FieldSpec{"program", Unit::path, 0, 0, MAX_NAME_ID, false, "path of the program"},
               FieldSpec{"kind", Unit::number, 0, 0, std::ssize(program_kind_names) - 1, false,
                         "where its addresses come from, whether it has an interpreter, and 32: a 32-bit program",
                         program_kind_names},
               FieldSpec{"text", Unit::bytes, 0x1'6000, 1, MAX_BYTES >> 8, false, "bytes of code"},
               FieldSpec{"rodata", Unit::bytes, 0x5000, 0, MAX_BYTES >> 8, false, "bytes of constants"},
               FieldSpec{"data", Unit::bytes, 0x2100, 0, MAX_BYTES >> 8, false, "bytes of initialised data"},
               FieldSpec{"bss", Unit::bytes, 0x3000, 0, MAX_BYTES >> 8, false, "bytes that begin as zeros"},
               FieldSpec{"root", Unit::flag, 0, 0, 1, false,
                         "it may lock any amount, map low addresses and use what is reserved for root"}},
    .makes = ResultKind::space,
    .kernel_function = "load_elf_binary (fs/binfmt_elf.c)",
    .help_en = "A process with a new program: its segments, heap, stack and the kernel's pages for it.",
    .help_zh = "一个装入新程序的进程：各段、堆、栈，以及内核给它的页。",
};
inline constexpr OpSpec exit{
    .name = "exit",
    .fields = {process_field},
    .kernel_function = "do_exit (kernel/exit.c)",
    .help_en = "Ends a process with its threads: its mappings, its page tables and its mm go, if nobody else has them. "
               "Named by one of its threads, that thread alone.",
    .help_zh = "结束一个进程和它的线程：如果没有别的任务共用，就撤销它的映射、页表和 "
               "mm。写的是某个线程的名字，就只结束那个线程。",
};
inline constexpr OpSpec open{
    .name = "open",
    .fields = {FieldSpec{"path", Unit::path, 0, 0, MAX_NAME_ID, true,
                         "below /dev/shm it is memory; /dev/zero is the device"},
               FieldSpec{"size", Unit::bytes, -1, -1, MAX_BYTES, false,
                         "bytes that the file has; left out: as it is, and of a new one 4096"},
               FieldSpec{"mode", Unit::number, 2, 0, 2, false, "what may be done with it", open_mode_names}},
    .makes = ResultKind::file,
    .kernel_function = "do_sys_open (fs/open.c)",
    .help_en =
        "Opens a file, for any process. Each opening is a struct file of its own, and mappings of two do not merge.",
    .help_zh = "打开一个文件，任何进程都可以用。每次打开都是一个新的 struct file，它们的映射不会合并。",
    .keeps_pages = true,
};
inline constexpr OpSpec close{
    .name = "close",
    .fields = {file_field},
    .kernel_function = "filp_close (fs/open.c)",
    .help_en = "Closes a file. Its mappings stay.",
    .help_zh = "关闭文件。它的映射保留。",
    .keeps_pages = true,
};
inline constexpr OpSpec mmap{
    .name = "mmap",
    .fields = {process_field,
               FieldSpec{"address", Unit::place, 0, 0, 0, false, "where it is wished; with MAP_FIXED, where it goes"},
               size_field, prot_field,
               FieldSpec{"flags", Unit::map_flags, MAP_PRIVATE | MAP_ANONYMOUS, 0, MAX_FLAGS, false, "MAP_ flags"},
               FieldSpec{"file", Unit::file_result, -1, -1, MAX_RESULTS - 1, false, "name of an open file"},
               FieldSpec{"offset", Unit::bytes, 0, 0, MAX_BYTES, false, "where in the file"}},
    .makes = ResultKind::region,
    .kernel_function = "do_mmap (mm/mmap.c)",
    .help_en = "Maps memory or a file.",
    .help_zh = "映射内存或文件。",
    .keeps_pages = true,
};
inline constexpr OpSpec munmap{
    .name = "munmap",
    .fields = {process_field, place_field, size_field},
    .kernel_function = "do_munmap (mm/mmap.c)",
    .help_en = "Takes mappings away, whole or in part.",
    .help_zh = "撤销映射，全部或一部分。",
    .keeps_pages = true,
};
inline constexpr OpSpec mprotect{
    .name = "mprotect",
    .fields = {process_field, place_field, size_field, prot_field},
    .kernel_function = "do_mprotect_pkey (mm/mprotect.c)",
    .help_en = "Gives mappings other rights.",
    .help_zh = "改变映射的权限。",
    .keeps_pages = true,
};
inline constexpr OpSpec mremap{
    .name = "mremap",
    .fields = {process_field, place_field,
               FieldSpec{"old_size", Unit::bytes, 0, 0, MAX_BYTES, true, "bytes that it has"},
               FieldSpec{"size", Unit::bytes, 0, 0, MAX_BYTES, true, "bytes that it is to have"},
               FieldSpec{"flags", Unit::mremap_flags, MREMAP_MAYMOVE, 0, MAX_FLAGS, false, "MREMAP_ flags"},
               FieldSpec{"new_address", Unit::place, 0, 0, 0, false, "where it goes, with MREMAP_FIXED"}},
    .makes = ResultKind::region,
    .kernel_function = "sys_mremap (mm/mremap.c)",
    .help_en = "Makes a mapping longer or shorter, or moves it.",
    .help_zh = "延长、缩短或移动映射。",
    .keeps_pages = true,
};
inline constexpr OpSpec madvise{
    .name = "madvise",
    .fields = {process_field, place_field, size_field,
               FieldSpec{"advice", Unit::number, 0, 0, std::ssize(advice_names) - 1, true, "the advice", advice_names}},
    .kernel_function = "do_madvise (mm/madvise.c)",
    .help_en = "Tells the kernel how memory will be used.",
    .help_zh = "告诉内核这段内存将怎样使用。",
    .keeps_pages = true,
};
inline constexpr OpSpec mlock{
    .name = "mlock",
    .fields = {process_field, place_field, size_field,
               FieldSpec{"onfault", Unit::flag, 0, 0, 1, false, "MLOCK_ONFAULT: pages are not filled now"}},
    .kernel_function = "do_mlock (mm/mlock.c)",
    .help_en = "Keeps memory from being swapped out.",
    .help_zh = "锁定内存，不让它换出。",
    .keeps_pages = true,
};
inline constexpr OpSpec munlock{
    .name = "munlock",
    .fields = {process_field, place_field, size_field},
    .kernel_function = "sys_munlock (mm/mlock.c)",
    .help_en = "Ends what mlock began.",
    .help_zh = "解除 mlock 的锁定。",
    .keeps_pages = true,
};
inline constexpr OpSpec mlockall{
    .name = "mlockall",
    .fields = {process_field, FieldSpec{"flags", Unit::mlock_flags, MCL_CURRENT, 0, MAX_FLAGS, false, "MCL_ flags"}},
    .kernel_function = "sys_mlockall (mm/mlock.c)",
    .help_en = "Locks all that is mapped, all that will be, or both.",
    .help_zh = "锁定现有的全部映射、以后的全部映射，或两者。",
    .keeps_pages = true,
};
inline constexpr OpSpec munlockall{
    .name = "munlockall",
    .fields = {process_field},
    .kernel_function = "sys_munlockall (mm/mlock.c)",
    .help_en = "Unlocks all that is mapped, and what will be.",
    .help_zh = "解除全部锁定，包括对以后映射的。",
    .keeps_pages = true,
};
inline constexpr OpSpec msync{
    .name = "msync",
    .fields = {process_field, place_field, size_field,
               FieldSpec{"flags", Unit::msync_flags, MS_SYNC, 0, MAX_FLAGS, false, "MS_ flags"}},
    .kernel_function = "sys_msync (mm/msync.c)",
    .help_en = "Writes a shared mapping of a file back.",
    .help_zh = "把文件的共享映射写回。",
    .keeps_pages = true,
};
inline constexpr OpSpec mseal{
    .name = "mseal",
    .fields = {process_field, place_field, size_field},
    .kernel_function = "do_mseal (mm/mseal.c, since 6.10)",
    .help_en = "Forbids all further changes of what is mapped.",
    .help_zh = "禁止再更改已有的映射。",
    .keeps_pages = true,
};
inline constexpr OpSpec brk{
    .name = "brk",
    .fields = {process_field, FieldSpec{"address", Unit::place, 0, 0, 0, true, "the new break"}},
    .makes = ResultKind::region,
    .kernel_function = "sys_brk (mm/mmap.c)",
    .help_en = "Moves the end of the heap. It returns the break, moved or not.",
    .help_zh = "移动堆顶。返回堆顶，不管移没移动。",
    .keeps_pages = true,
};
inline constexpr OpSpec sbrk{
    .name = "sbrk",
    .fields = {process_field, FieldSpec{"by", Unit::number, 0, -MAX_BYTES, MAX_BYTES, true, "bytes; below 0: back"}},
    .makes = ResultKind::region,
    .kernel_function = "sys_brk (mm/mmap.c)",
    .help_en = "Moves the end of the heap by so many bytes, with brk. It returns the break before.",
    .help_zh = "用 brk 把堆顶移动若干字节。返回移动之前的堆顶。",
    .keeps_pages = true,
};
inline constexpr OpSpec setrlimit{
    .name = "setrlimit",
    .fields = {process_field,
               FieldSpec{"resource", Unit::number, 0, 0, std::ssize(rlimit_names) - 1, true, "which limit",
                         rlimit_names},
               FieldSpec{"size", Unit::bytes, -1, -1, MAX_BYTES, false, "bytes; left out: RLIM_INFINITY"}},
    .kernel_function = "do_prlimit (kernel/sys.c)",
    .help_en = "Sets what a process may have. exec looks at the stack's when it places mappings.",
    .help_zh = "设置进程的资源上限。exec 安排映射的位置时会看栈的上限。",
    .keeps_pages = true,
};

// ---- accesses

inline constexpr FieldSpec access_field{"address", Unit::place, 0, 0, 0, true, "the byte"};
inline constexpr OpSpec read{
    .name = "user_read",
    .fields = {process_field, access_field},
    .kernel_function = "do_page_fault (arch/arm64/mm/fault.c)",
    .help_en = "The program reads a byte. Where no page is, a fault brings one, or a signal ends it.",
    .help_zh = "程序读一个字节。没有页就缺页调入，不允许就收到信号。",
    .keeps_pages = true,
};
inline constexpr OpSpec write{
    .name = "user_write",
    .fields = {process_field, access_field, FieldSpec{"value", Unit::number, 1, 0, 255, false, "the byte's new value"}},
    .kernel_function = "do_page_fault (arch/arm64/mm/fault.c)",
    .help_en = "The program writes a byte. Of each page the byte that was written last is remembered.",
    .help_zh = "程序写一个字节。每页只记住最后写入的那个字节。",
    .keeps_pages = true,
};
inline constexpr OpSpec exec{
    .name = "user_exec",
    .fields = {process_field, access_field},
    .kernel_function = "do_page_fault (arch/arm64/mm/fault.c)",
    .help_en = "The program fetches an instruction.",
    .help_zh = "程序取一条指令。",
    .keeps_pages = true,
};
inline constexpr OpSpec touch{
    .name = "touch",
    .fields = {process_field, access_field, size_field,
               FieldSpec{"write", Unit::flag, 1, 0, 1, false, "writes; else reads"},
               FieldSpec{"value", Unit::number, 1, 0, 255, false, "what is written"}},
    .kernel_function = "do_page_fault (arch/arm64/mm/fault.c)",
    .help_en = "The program writes or reads a byte of each page of a range, up to the first signal.",
    .help_zh = "程序对一段范围的每一页写或读一个字节，遇到信号就停止。",
    .keeps_pages = true,
};
inline constexpr OpSpec fork{
    .name = "fork",
    .fields = {process_field},
    .makes = ResultKind::space,
    .kernel_function = "dup_mmap (kernel/fork.c)",
    .help_en = "Makes a process two. Pages are shared until one of both writes.",
    .help_zh = "把一个进程变成两个。页共用，直到其中一方写入。",
    .keeps_pages = true,
};

// ---- sysctls

inline constexpr std::string_view hugepage_enabled_names[] = {"never", "madvise", "always"};
inline constexpr OpSpec hugepage_enabled{
    .name = "transparent_hugepage.enabled",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, 2, true, "which memory", hugepage_enabled_names}},
    .kernel_function = "enabled_store (mm/huge_memory.c)",
    .help_en = "Sets which memory a fault may serve with a huge page: none, what MADV_HUGEPAGE asked for, or all.",
    .help_zh = "设置缺页时哪些内存可以用大页：都不用，MADV_HUGEPAGE 要求过的，或全部。",
    .keeps_pages = true,
};

inline constexpr OpSpec overcommit_memory{
    .name = "vm.overcommit_memory",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, 2, true, "the value"}},
    .kernel_function = "overcommit_policy_handler (mm/util.c)",
    .help_en =
        "Sets how much memory may be promised. 0: what one request may get at most, 1: all, 2: up to CommitLimit.",
    .help_zh = "设置可以许诺多少内存。0：只限制单次请求，1：不限，2：不超过 CommitLimit。",
    .keeps_pages = true,
};
inline constexpr OpSpec overcommit_ratio{
    .name = "vm.overcommit_ratio",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, 200, true, "the value"}},
    .kernel_function = "overcommit_ratio_handler (mm/util.c)",
    .help_en = "Sets what part of RAM CommitLimit has, in percent.",
    .help_zh = "设置 CommitLimit 占内存的百分之几。",
    .keeps_pages = true,
};
inline constexpr OpSpec max_map_count{
    .name = "vm.max_map_count",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, MAX_MAP_COUNT, true, "the value"}},
    .kernel_function = "sysctl_max_map_count (mm/util.c)",
    .help_en = "Sets how many VMAs a process may have.",
    .help_zh = "设置一个进程最多有多少个 VMA。",
    .keeps_pages = true,
};
inline constexpr OpSpec mmap_min_addr{
    .name = "vm.mmap_min_addr",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, 1 << 20, true, "the value"}},
    .kernel_function = "mmap_min_addr_handler (security/min_addr.c)",
    .help_en = "Sets the lowest address that a process without root may map.",
    .help_zh = "设置非 root 进程可以映射的最低地址。",
    .keeps_pages = true,
};
inline constexpr OpSpec legacy_va_layout{
    .name = "vm.legacy_va_layout",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, 1, true, "the value"}},
    .kernel_function = "mmap_is_legacy (mm/util.c)",
    .help_en = "1: mappings of new programs go from the bottom up.",
    .help_zh = "1：新程序的映射从低往高放。",
    .keeps_pages = true,
};
inline constexpr OpSpec randomize_va_space{
    .name = "kernel.randomize_va_space",
    .fields = {FieldSpec{"value", Unit::number, 0, 0, 2, true, "the value"},
               FieldSpec{"seed", Unit::number, 1, 0, 0x7fffffffffffffff, false, "of the chance that follows"}},
    .kernel_function = "randomize_va_space (mm/memory.c)",
    .help_en = "Sets what of new programs lies where chance puts it. 0: nothing, 1: all but the heap, 2: all.",
    .help_zh = "设置新程序的哪些部分随机放置。0：都不，1：除堆以外，2：全部。",
    .keeps_pages = true,
};

} // namespace mm::process_spec
