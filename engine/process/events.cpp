// Events of processes: the words of their reasons. Their rows are in event_rows.h.
#include "process/calls.h"
#include "process/errno.h"
#include "process/event_rows.h"
#include "process/user_access.h"

namespace mm {

namespace {

using ev = process_event;

constexpr auto table = event_table(process_rows::rows, ev::vma_hole_found);

// clang-format off
constexpr EventWords way(ev kind, hole_way value, LateText en, LateText zh) { return words_for(kind, "way", value, en, zh); }
constexpr EventWords side(ev kind, merge_side value, LateText en, LateText zh) { return words_for(kind, "side", value, en, zh); }
constexpr EventWords refusal(merge_refusal value, LateText en, LateText zh) {
    return words_for(ev::vma_merge_refused, "reason", value, en, zh);
}
constexpr EventWords merged(merge_case value, LateText en, LateText zh) {
    return words_for(ev::vma_merged, "reason", value, en, zh);
}
constexpr EventWords passed(hint_refusal value, LateText en, LateText zh) {
    return words_for(ev::mmap_hint_passed, "reason", value, en, zh);
}
constexpr EventWords failed(mm_failure value, LateText en, LateText zh) {
    return words_for(ev::mm_call_failed, "reason", value, en, zh);
}
constexpr EventWords segv(segv_reason value, LateText en, LateText zh) {
    return words_for(ev::user_sigsegv, "reason", value, en, zh);
}

constexpr EventWords words[] = {
    way(ev::vma_hole_found, hole_way::top_down, "from the top down, from", "从高往低，从"),
    way(ev::vma_hole_found, hole_way::bottom_up, "from the bottom up, from", "从低往高，从"),
    way(ev::vma_hole_found, hole_way::bottom_up_after, "from the bottom up, as there was no place below mmap_base, from", "mmap_base 之下没有位置，改为从低往高，从"),
    way(ev::vma_hole_none, hole_way::top_down, "from the top down", "从高往低"),
    way(ev::vma_hole_none, hole_way::bottom_up, "from the bottom up", "从低往高"),
    way(ev::vma_hole_none, hole_way::bottom_up_after, "from the bottom up, the last attempt", "从低往高，最后一次尝试"),
    side(ev::vma_merge_refused, merge_side::before, "before", "前面"),
    side(ev::vma_merge_refused, merge_side::after, "behind", "后面"),
    side(ev::anon_vma_reused, merge_side::before, "before", "前面"),
    side(ev::anon_vma_reused, merge_side::after, "behind", "后面"),

    refusal(merge_refusal::flags, "its vm_flags are {theirs}, and {ours} are wanted", "它的 vm_flags 是 {theirs}，而需要的是 {ours}"),
    refusal(merge_refusal::file, "it maps another struct file", "它映射的是另一个 struct file"),
    refusal(merge_refusal::close, "its driver wants to hear of its end (vm_ops->close)", "它的驱动要在它撤销时得到通知（vm_ops->close）"),
    refusal(merge_refusal::anon_vma, "its anon_vma is number {theirs}, and number {ours} is wanted (0: none)", "它的 anon_vma 编号是 {theirs}，而需要的是 {ours}（0 表示没有）"),
    refusal(merge_refusal::offset, "its offset is {theirs}, and {ours} would follow", "它的偏移是 {theirs}，而接得上的是 {ours}"),
    refusal(merge_refusal::special, "special mappings are never merged", "特殊映射从不合并"),
    refusal(merge_refusal::neighbours, "it would fit, but the two neighbours have different anon_vmas, {ours} and {theirs}: the one before wins", "它本身合适，但前后两个邻居的 anon_vma 不同（{ours} 和 {theirs}），于是并入前面一个"),

    merged(merge_case::new_fills, "{from} to {to} fills the gap between two that fit, and all become one", "{from} 到 {to} 正好填满两个合适的 VMA 之间的空隙，三段合为一个"),
    merged(merge_case::new_before_grows, "the one before is made longer over {from} to {to}", "前面的 VMA 向后延长，盖住 {from} 到 {to}"),
    merged(merge_case::new_after_grows, "the one behind begins earlier and holds {from} to {to}", "后面的 VMA 提前开始，盖住 {from} 到 {to}"),
    merged(merge_case::old_all, "{from} to {to} is now like both neighbours, and the three become one", "{from} 到 {to} 变得和前后两个一样，三个合为一个"),
    merged(merge_case::old_into_before, "all of {from} to {to} is now like the one before, and goes to it", "{from} 到 {to} 整个变得和前面一个一样，并入其中"),
    merged(merge_case::old_into_after, "all of {from} to {to} is now like the one behind, and goes to it", "{from} 到 {to} 整个变得和后面一个一样，并入其中"),
    merged(merge_case::border_up, "{from} to {to} goes to the one before: the border between the two moves up", "{from} 到 {to} 归前面一个：两者的边界上移"),
    merged(merge_case::border_down, "{from} to {to} goes to the one behind: the border between the two moves down", "{from} 到 {to} 归后面一个：两者的边界下移"),

    passed(hint_refusal::beyond, "it would end above {end}, the end of user space", "末尾会超过用户空间的末尾 {end}"),
    passed(hint_refusal::too_low, "it lies below {end}, vm.mmap_min_addr", "它低于 vm.mmap_min_addr，即 {end}"),
    passed(hint_refusal::taken, "{start} to {end} is mapped there", "{start} 到 {end} 已经映射在那里"),
    passed(hint_refusal::guard, "the guard gap of what may grow down, {start} to {end}, is there", "那里是会向下增长的 {start} 到 {end} 的保护间隙"),
    passed(hint_refusal::before, "the one before needs room above it", "前面一个的上方要留空"),

    name_for(ev::mm_call_failed, "call", mm_call::mmap, "mmap"),
    name_for(ev::mm_call_failed, "call", mm_call::munmap, "munmap"),
    name_for(ev::mm_call_failed, "call", mm_call::mprotect, "mprotect"),
    name_for(ev::mm_call_failed, "call", mm_call::brk, "brk"),
    name_for(ev::mm_call_failed, "call", mm_call::mremap, "mremap"),
    name_for(ev::mm_call_failed, "call", mm_call::madvise, "madvise"),
    name_for(ev::mm_call_failed, "call", mm_call::mlock, "mlock"),
    name_for(ev::mm_call_failed, "call", mm_call::munlock, "munlock"),
    name_for(ev::mm_call_failed, "call", mm_call::mlockall, "mlockall"),
    name_for(ev::mm_call_failed, "call", mm_call::munlockall, "munlockall"),
    name_for(ev::mm_call_failed, "call", mm_call::msync, "msync"),
    name_for(ev::mm_call_failed, "call", mm_call::mseal, "mseal"),
    name_for(ev::mm_call_failed, "call", mm_call::execve, "execve"),
    name_for(ev::mm_call_failed, "call", mm_call::pwrite, "pwrite"),
    name_for(ev::mm_call_failed, "call", mm_call::ftruncate, "ftruncate"),
    name_for(ev::mm_call_failed, "call", mm_call::fallocate, "fallocate"),
    name_for(ev::mm_call_failed, "call", mm_call::fsync, "fsync"),
    name_for(ev::mm_call_failed, "call", mm_call::unlink, "unlink"),
    name_for(ev::mm_call_failed, "call", mm_call::fork, "fork"),
    name_for(ev::mm_call_failed, "call", mm_call::mincore, "mincore"),
    words_for(ev::mm_call_failed, "call", mm_call::mem_write, "a write from outside", "外部的写入"),
    words_for(ev::mm_call_failed, "call", mm_call::stack, "growing the stack", "栈的增长"),
    name_for(ev::mlock, "call", mm_call::mlock, "mlock"),
    name_for(ev::mlock, "call", mm_call::munlock, "munlock"),
    name_for(ev::mlock, "call", mm_call::mlockall, "mlockall"),
    name_for(ev::mlock, "call", mm_call::munlockall, "munlockall"),
    name_for(ev::madvise, "advice", madvice::NORMAL, "MADV_NORMAL"),
    name_for(ev::madvise, "advice", madvice::RANDOM, "MADV_RANDOM"),
    name_for(ev::madvise, "advice", madvice::SEQUENTIAL, "MADV_SEQUENTIAL"),
    name_for(ev::madvise, "advice", madvice::WILLNEED, "MADV_WILLNEED"),
    name_for(ev::madvise, "advice", madvice::DONTNEED, "MADV_DONTNEED"),
    name_for(ev::madvise, "advice", madvice::FREE, "MADV_FREE"),
    name_for(ev::madvise, "advice", madvice::REMOVE, "MADV_REMOVE"),
    name_for(ev::madvise, "advice", madvice::DONTFORK, "MADV_DONTFORK"),
    name_for(ev::madvise, "advice", madvice::DOFORK, "MADV_DOFORK"),
    name_for(ev::madvise, "advice", madvice::MERGEABLE, "MADV_MERGEABLE"),
    name_for(ev::madvise, "advice", madvice::UNMERGEABLE, "MADV_UNMERGEABLE"),
    name_for(ev::madvise, "advice", madvice::HUGEPAGE, "MADV_HUGEPAGE"),
    name_for(ev::madvise, "advice", madvice::NOHUGEPAGE, "MADV_NOHUGEPAGE"),
    name_for(ev::madvise, "advice", madvice::DONTDUMP, "MADV_DONTDUMP"),
    name_for(ev::madvise, "advice", madvice::DODUMP, "MADV_DODUMP"),
    name_for(ev::madvise, "advice", madvice::WIPEONFORK, "MADV_WIPEONFORK"),
    name_for(ev::madvise, "advice", madvice::KEEPONFORK, "MADV_KEEPONFORK"),
    name_for(ev::madvise, "advice", madvice::COLD, "MADV_COLD"),
    name_for(ev::madvise, "advice", madvice::PAGEOUT, "MADV_PAGEOUT"),
    name_for(ev::madvise, "advice", madvice::POPULATE_READ, "MADV_POPULATE_READ"),
    name_for(ev::madvise, "advice", madvice::POPULATE_WRITE, "MADV_POPULATE_WRITE"),
    name_for(ev::madvise, "advice", madvice::DONTNEED_LOCKED, "MADV_DONTNEED_LOCKED"),
    name_for(ev::madvise, "advice", madvice::COLLAPSE, "MADV_COLLAPSE"),

    name_for(ev::mm_call_failed, "errno", mm_errno::eperm, "EPERM"),
    name_for(ev::mm_call_failed, "errno", mm_errno::enoent, "ENOENT"),
    name_for(ev::mm_call_failed, "errno", mm_errno::ebadf, "EBADF"),
    name_for(ev::mm_call_failed, "errno", mm_errno::eagain, "EAGAIN"),
    name_for(ev::mm_call_failed, "errno", mm_errno::enomem, "ENOMEM"),
    name_for(ev::mm_call_failed, "errno", mm_errno::eacces, "EACCES"),
    name_for(ev::mm_call_failed, "errno", mm_errno::efault, "EFAULT"),
    name_for(ev::mm_call_failed, "errno", mm_errno::ebusy, "EBUSY"),
    name_for(ev::mm_call_failed, "errno", mm_errno::eexist, "EEXIST"),
    name_for(ev::mm_call_failed, "errno", mm_errno::enodev, "ENODEV"),
    name_for(ev::mm_call_failed, "errno", mm_errno::einval, "EINVAL"),
    name_for(ev::mm_call_failed, "errno", mm_errno::enospc, "ENOSPC"),
    name_for(ev::mm_call_failed, "errno", mm_errno::enosys, "ENOSYS"),
    name_for(ev::mm_call_failed, "errno", mm_errno::eoverflow, "EOVERFLOW"),
    name_for(ev::mm_call_failed, "errno", mm_errno::eopnotsupp, "EOPNOTSUPP"),

    failed(mm_failure::length_zero, "the length is 0", "长度为 0"),
    failed(mm_failure::length_wraps, "the length {a} is more than there are addresses", "长度 {a} 超出了地址的范围"),
    failed(mm_failure::not_aligned, "{a} is no whole page", "{a} 没有按页对齐"),
    failed(mm_failure::beyond_task_size, "it reaches {a}, and user space ends at {b}", "它到达 {a}，而用户空间到 {b} 为止"),
    failed(mm_failure::offset_wraps, "the offset {a} and the length {b} are more than offsets can be", "偏移 {a} 加上长度 {b} 超出了偏移的范围"),
    failed(mm_failure::too_many_vmas, "the process has {n} {n|VMA|VMAs}, and may have {m} (vm.max_map_count)", "进程已有 {n} 个 VMA，最多 {m} 个（vm.max_map_count）"),
    failed(mm_failure::no_hole, "no hole of addresses is long enough", "没有足够长的地址空洞"),
    failed(mm_failure::exists, "{a} to {b} is mapped there already", "那里已经映射着 {a} 到 {b}"),
    failed(mm_failure::low_address, "{a} is below vm.mmap_min_addr, {b}, which needs CAP_SYS_RAWIO", "{a} 低于 vm.mmap_min_addr（{b}），需要 CAP_SYS_RAWIO"),
    failed(mm_failure::may_not_lock, "RLIMIT_MEMLOCK is 0, and the process has no CAP_IPC_LOCK", "RLIMIT_MEMLOCK 为 0，而进程没有 CAP_IPC_LOCK"),
    failed(mm_failure::memlock_limit, "{n} {n|page|pages} would be locked, and RLIMIT_MEMLOCK allows {m}", "将锁定 {n} 页，而 RLIMIT_MEMLOCK 允许 {m} 页"),
    failed(mm_failure::bad_flags, "the flags {a} do not go together, or are not known", "标志 {a} 不能同时使用，或不认识"),
    failed(mm_failure::no_type, "it is neither MAP_SHARED nor MAP_PRIVATE", "既不是 MAP_SHARED 也不是 MAP_PRIVATE"),
    failed(mm_failure::not_readable, "the file was not opened for reading", "文件没有以可读方式打开"),
    failed(mm_failure::not_writable, "a shared mapping that may be written wants a file that was opened for writing", "可写的共享映射要求文件以可写方式打开"),
    failed(mm_failure::growsdown_file, "only private anonymous memory grows down", "只有私有匿名内存能向下增长"),
    failed(mm_failure::as_limit, "the process would have {n} {n|page|pages} of addresses, and RLIMIT_AS allows {m}", "进程将有 {n} 页地址，而 RLIMIT_AS 允许 {m} 页"),
    failed(mm_failure::data_limit, "the process would have {n} {n|page|pages} of data, and RLIMIT_DATA allows {m}", "进程将有 {n} 页数据，而 RLIMIT_DATA 允许 {m} 页"),
    failed(mm_failure::stack_limit, "the stack would have {n} bytes, and RLIMIT_STACK allows {m}", "栈将有 {n} 字节，而 RLIMIT_STACK 允许 {m}"),
    failed(mm_failure::overcommit, "{n} {n|page is|pages are} asked for at once, and RAM and swap together have {m}", "一次要 {n} 页，而内存和交换区一共只有 {m} 页"),
    failed(mm_failure::commit_limit, "{n} {n|page|pages} would be promised, and fewer than {m} may be (CommitLimit less what is kept back)", "将许诺 {n} 页，而必须少于 {m} 页（CommitLimit 减去预留）"),
    failed(mm_failure::program_too_large, "the program has {n} bytes, and here may have {m}, an eighth of user space", "程序有 {n} 字节，这里最多 {m}，即用户空间的八分之一"),
    failed(mm_failure::not_mapped, "nothing is mapped at {a}", "{a} 处没有映射"),
    failed(mm_failure::hole_inside, "at {a} nothing is mapped; what came before it is done", "{a} 处没有映射；在它之前的部分已经完成"),
    failed(mm_failure::may_not, "the mapping may never have these rights (VM_MAY bits)", "这个映射永远不能有这样的权限（VM_MAY 位）"),
    failed(mm_failure::below_start_brk, "{a} is below {b}, where the heap begins; the break stays", "{a} 低于堆的起点 {b}；堆顶不变"),
    failed(mm_failure::next_mapping, "a page must stay free between the heap, which would end at {a}, and the mapping at {b}; the break stays", "堆的末尾将到 {a}，与 {b} 处的映射之间要留一页；堆顶不变"),
    failed(mm_failure::not_heap, "between {a} and {b} there is no heap any more; the break stays", "{a} 到 {b} 之间已经没有堆；堆顶不变"),
    failed(mm_failure::old_crosses, "the old range ends at {a}, and its VMA at {b}", "旧范围到 {a} 为止，而它的 VMA 到 {b} 为止"),
    failed(mm_failure::not_shared, "the mapping {a} to {b} is not shared", "映射 {a} 到 {b} 不是共享的"),
    failed(mm_failure::overlaps, "the old range at {a} and the new one at {b} overlap", "旧范围 {a} 与新范围 {b} 重叠"),
    failed(mm_failure::dont_expand, "{a} to {b} may not be made longer (VM_DONTEXPAND)", "{a} 到 {b} 不允许延长（VM_DONTEXPAND）"),
    failed(mm_failure::not_anonymous, "that is for private anonymous memory", "这只适用于私有匿名内存"),
    failed(mm_failure::no_room_to_grow, "behind {a} there is no room, and it may not move", "{a} 之后没有空间，而又不允许移动"),
    failed(mm_failure::bad_advice, "this kernel does not know the advice {a}", "这个内核不认识建议 {a}"),
    failed(mm_failure::no_huge_page, "in {a} to {b} there is nothing that could become huge pages", "{a} 到 {b} 中没有可以合成大页的内容"),
    failed(mm_failure::locked, "{a} to {b} is locked", "{a} 到 {b} 已被锁定"),
    failed(mm_failure::not_expandable_stack, "the VMA at {a} does not grow", "{a} 处的 VMA 不会增长"),
    failed(mm_failure::guard_gap, "at {a} less than 256 pages would be left above {b}, where another mapping ends", "到 {a} 时，与下面止于 {b} 的映射之间不足 256 页"),
    failed(mm_failure::no_access, "{a} to {b} does not allow this access", "{a} 到 {b} 不允许这样访问"),
    failed(mm_failure::sealed_special, "a special mapping of the kernel is not cut", "内核的特殊映射不能切开"),
    failed(mm_failure::sealed, "{a} to {b} is sealed (mseal)", "{a} 到 {b} 已被封住（mseal）"),
    failed(mm_failure::no_such_call, "this kernel has no such system call", "这个内核没有这个系统调用"),
    failed(mm_failure::bad_file, "the descriptor names no file that allows it", "描述符不对应允许这样做的文件"),
    failed(mm_failure::unsupported, "nothing here can serve that", "这里没有能满足它的东西"),
    failed(mm_failure::too_many_tasks, "there are {n} tasks, and there may be {m}", "已有 {n} 个任务，最多 {m} 个"),
    failed(mm_failure::no_page, "no page is free", "没有空闲页"),
    failed(mm_failure::page_held, "in {a} to {b} somebody holds a page besides those who map it", "{a} 到 {b} 中有页除映射之外还被别人引用"),
    failed(mm_failure::no_such_file, "no file has that path", "没有文件叫这个路径"),
    failed(mm_failure::cannot_fill, "{a} to {b} allows no access, so it cannot be filled", "{a} 到 {b} 不允许任何访问，无法填充"),

    words_for(ev::not_a_process, "reason", no_process::ended, "it has ended, or execve could not make it", "它已经结束，或者 execve 没有建成"),
    words_for(ev::not_a_process, "reason", no_process::space_alone, "pgd_alloc made page tables alone; execve makes a process", "pgd_alloc 只建页表；进程由 execve 建立"),
    words_for(ev::not_a_process, "reason", no_process::kernel_thread, "it is a kernel thread, which has no mm", "它是内核线程，没有 mm"),
    words_for(ev::mmap_base_legacy, "reason", 0, "vm.legacy_va_layout is 1", "vm.legacy_va_layout 为 1"),
    words_for(ev::mmap_base_legacy, "reason", 1, "the stack has no limit", "栈没有上限"),
    words_for(ev::mmap_base_legacy, "reason", 2, "the process wishes it (ADDR_COMPAT_LAYOUT)", "进程以 ADDR_COMPAT_LAYOUT 要求"),
    words_for(ev::heap_placed, "reason", 0, "behind bss", "紧跟 bss 之后"),
    words_for(ev::heap_placed, "reason", 1, "far from the program, which lies among the mappings", "远离放在映射区里的程序"),
    name_for(ev::rlimit_set, "which", rlimit_id::as, "RLIMIT_AS"),
    name_for(ev::rlimit_set, "which", rlimit_id::data, "RLIMIT_DATA"),
    name_for(ev::rlimit_set, "which", rlimit_id::stack, "RLIMIT_STACK"),
    name_for(ev::rlimit_set, "which", rlimit_id::memlock, "RLIMIT_MEMLOCK"),
    words_for(ev::personality_set, "read_implies_exec", 0, "off", "关"),
    words_for(ev::personality_set, "read_implies_exec", 1, "on", "开"),
    words_for(ev::personality_set, "compat_layout", 0, "off", "关"),
    words_for(ev::personality_set, "compat_layout", 1, "on", "开"),
    words_for(ev::rlimit_set, "old", -1, "no limit", "不限"),
    words_for(ev::rlimit_set, "limit", -1, "no limit", "不限"),
    name_for(ev::sysctl_changed, "which", process_sysctl::overcommit_memory, "vm.overcommit_memory"),
    name_for(ev::sysctl_changed, "which", process_sysctl::overcommit_ratio, "vm.overcommit_ratio"),
    name_for(ev::sysctl_changed, "which", process_sysctl::max_map_count, "vm.max_map_count"),
    name_for(ev::sysctl_changed, "which", process_sysctl::mmap_min_addr, "vm.mmap_min_addr"),
    name_for(ev::sysctl_changed, "which", process_sysctl::legacy_va_layout, "vm.legacy_va_layout"),
    name_for(ev::sysctl_changed, "which", process_sysctl::randomize_va_space, "kernel.randomize_va_space"),
    name_for(ev::sysctl_changed, "which", process_sysctl::hugepage_enabled, "transparent_hugepage/enabled"),
    name_for(ev::sysctl_changed, "old_name", -1, "{old}"),
    name_for(ev::sysctl_changed, "old_name", 0, "never"),
    name_for(ev::sysctl_changed, "old_name", 1, "madvise"),
    name_for(ev::sysctl_changed, "old_name", 2, "always"),
    name_for(ev::sysctl_changed, "name", -1, "{value}"),
    name_for(ev::sysctl_changed, "name", 0, "never"),
    name_for(ev::sysctl_changed, "name", 1, "madvise"),
    name_for(ev::sysctl_changed, "name", 2, "always"),
    words_for(ev::vma_locked, "locked", 0, "cleared", "被清除"),
    words_for(ev::vma_locked, "locked", 1, "set", "被设置"),
    words_for(ev::mremap, "kept", 0, "", ""),
    words_for(ev::mremap, "kept", 1, " The old addresses stay mapped, without their pages (MREMAP_DONTUNMAP).", "旧地址仍有映射，但不再有页（MREMAP_DONTUNMAP）。"),
    words_for(ev::too_many, "what", capped_kind::processes, "processes", "进程"),
    words_for(ev::too_many, "what", capped_kind::files, "open files", "打开的文件"),
    words_for(ev::too_many, "what", capped_kind::tasks, "tasks", "任务"),
    words_for(ev::too_many, "what", capped_kind::paths, "paths of files", "文件路径"),

    words_for(ev::user_access, "kind", user_access_kind::read, "read", "读"),
    words_for(ev::user_access, "kind", user_access_kind::write, "write", "写"),
    words_for(ev::user_access, "kind", user_access_kind::exec, "execution", "执行"),
    words_for(ev::user_sigsegv, "kind", user_access_kind::read, "read", "读"),
    words_for(ev::user_sigsegv, "kind", user_access_kind::write, "write", "写"),
    words_for(ev::user_sigsegv, "kind", user_access_kind::exec, "execution", "执行"),
    name_for(ev::user_sigsegv, "code", SEGV_MAPERR, "SEGV_MAPERR"),
    name_for(ev::user_sigsegv, "code", SEGV_ACCERR, "SEGV_ACCERR"),
    segv(segv_reason::no_vma, "no VMA has it; the ones around end at {start} and begin at {end}", "没有 VMA 包含它；前后的 VMA 分别止于 {start}、始于 {end}"),
    segv(segv_reason::below_stack, "it lies below what may grow, and too far", "它在可增长的 VMA 之下，但太远"),
    segv(segv_reason::stack_refused, "it lies below what may grow, and that was refused", "它在可增长的 VMA 之下，但增长被拒绝"),
    segv(segv_reason::no_read, "the VMA {start} to {end} allows nothing (vm_flags {flags})", "VMA {start} 到 {end} 什么也不允许（vm_flags 为 {flags}）"),
    segv(segv_reason::no_write, "the VMA {start} to {end} may not be written (vm_flags {flags})", "VMA {start} 到 {end} 不可写（vm_flags 为 {flags}）"),
    segv(segv_reason::no_exec, "the VMA {start} to {end} may not be executed (vm_flags {flags})", "VMA {start} 到 {end} 不可执行（vm_flags 为 {flags}）"),
    segv(segv_reason::not_user, "user space ends at {start}", "用户空间到 {start} 为止"),
    segv(segv_reason::below_all, "no VMA has it; the first one begins at {end}", "没有 VMA 包含它；第一个 VMA 始于 {end}"),
    segv(segv_reason::above_all, "no VMA has it; the last one ends at {start}", "没有 VMA 包含它；最后一个 VMA 止于 {start}"),
};
// clang-format on

} // namespace

EventPart process_events() { return table.with(words); }

} // namespace mm
