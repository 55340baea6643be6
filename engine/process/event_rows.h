#pragma once
// The rows of the events of processes: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "process/events.h"

namespace mm {

namespace process_rows {

using ev = process_event;

inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec SIDE{"side", Unit::reason};
inline constexpr ArgSpec KIND{"kind", Unit::reason};
inline constexpr ArgSpec CALL{"call", Unit::reason};
inline constexpr ArgSpec WAY{"way", Unit::reason};
constexpr ArgSpec virt(std::string_view name) { return {name, Unit::virt_address}; }
constexpr ArgSpec term(std::string_view name) { return {name, Unit::address_term}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }
constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }
constexpr ArgSpec hex(std::string_view name) { return {name, Unit::hex}; }
constexpr ArgSpec vm_bits(std::string_view name) { return {name, Unit::vm_flags}; }
inline constexpr ArgSpec PROGRAM{"program", Unit::path};
inline constexpr ArgSpec PATH{"path", Unit::path};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::vma_hole_found, "vma_hole_found", {virt("start"), bytes("size"), term("hole"), term("hole_end"), WAY, term("limit")},
          "A place for {size}: {way} {limit}, the first hole that holds it is {hole} to {hole_end}. The mapping begins at {start}.",
          "为 {size} 找地址：{way} {limit} 开始，第一个放得下的空洞是 {hole} 到 {hole_end}，映射从 {start} 开始。"),
    event(ev::vma_hole_guarded, "vma_hole_guarded", {term("hole"), term("hole_end"), virt("stack"), pages("guard"), term("end")},
          "The hole {hole} to {hole_end} lies below {stack}, which may grow down: {guard} {guard|page stays|pages stay} free as its guard gap, so it ends at {end}.",
          "空洞 {hole} 到 {hole_end} 上面的 {stack} 会向下增长：要留 {guard} 页作保护间隙，所以只能用到 {end}。"),
    event(ev::vma_hole_none, "vma_hole_none", {bytes("size"), term("low"), term("high"), WAY},
          "No hole between {low} and {high} holds {size} ({way}).",
          "{low} 到 {high} 之间没有放得下 {size} 的空洞（{way}）。"),
    event(ev::mmap_hint_used, "mmap_hint_used", {virt("address"), bytes("size")},
          "The program asked for {address}, and {size} are free there: it gets them.",
          "程序希望映射到 {address}，那里正好有 {size} 空着：就给它。"),
    event(ev::mmap_hint_passed, "mmap_hint_passed", {virt("address"), bytes("size"), REASON, virt("start"), virt("end")},
          "{size} at {address} cannot be had: {reason}.",
          "{address} 处的 {size} 用不了：{reason}。"),
    event(ev::mmap_huge_aligned, "mmap_huge_aligned", {virt("address"), term("found"), bytes("padded"), bytes("huge")},
          "The length is a whole number of {huge}, so that huge pages may serve it: room for {padded} was looked for and found at {found}; the "
          "mapping begins at {address}, where a huge page may begin.",
          "长度是 {huge} 的整数倍，可以用大页：于是按 {padded} 找地址，得到 {found}，映射从大页可以开始的 {address} 开始。"),
    event(ev::vma_merge_refused, "vma_merge_refused", {SIDE, virt("start"), virt("end"), REASON, hex("ours"), hex("theirs")},
          "The VMA {side}, {start} to {end}, cannot be made longer: {reason}.",
          "{side}的 VMA（{start} 到 {end}）不能延长：{reason}。"),
    event(ev::vma_merged, "vma_merged", {virt("start"), virt("end"), REASON, virt("from"), virt("to")},
          "No new VMA: {reason}. The VMA is now {start} to {end}.",
          "不需要新的 VMA：{reason}。现在的 VMA 是 {start} 到 {end}。"),
    event(ev::vma_new, "vma_new", {virt("start"), virt("end"), vm_bits("flags"), hex("pgoff"), number("file")},
          "A new VMA: {start} to {end}, vm_flags {flags}, vm_pgoff {pgoff}, struct file {file} (0: none).",
          "新建 VMA：{start} 到 {end}，vm_flags 为 {flags}，vm_pgoff 为 {pgoff}，struct file 编号 {file}（0 表示没有）。"),
    event(ev::vma_split, "vma_split", {virt("start"), virt("address"), virt("end")},
          "The VMA {start} to {end} is cut at {address}: two VMAs with the same flags, the upper one's offset moved along.",
          "VMA {start} 到 {end} 在 {address} 处切成两个：标志相同，上面一个的偏移相应后移。"),
    event(ev::vma_removed, "vma_removed", {virt("start"), virt("end"), pages("pages")},
          "The VMA {start} to {end} goes, {pages} {pages|page|pages} of addresses.",
          "撤销 VMA {start} 到 {end}，共 {pages} 页地址。"),
    event(ev::vma_flags_changed, "vma_flags_changed", {virt("start"), virt("end"), vm_bits("old"), vm_bits("flags")},
          "{start} to {end} now has vm_flags {flags}; before, {old}.",
          "{start} 到 {end} 的 vm_flags 由 {old} 变为 {flags}。"),
    event(ev::anon_vma_new, "anon_vma_new", {virt("start"), virt("end"), number("anon_vma")},
          "The first private page of {start} to {end}: its pages are found again through a new anon_vma, number {anon_vma}.",
          "{start} 到 {end} 要有第一个私有页：为反向查找新建 anon_vma，编号 {anon_vma}。"),
    event(ev::anon_vma_reused, "anon_vma_reused", {virt("start"), virt("end"), number("anon_vma"), SIDE, virt("other")},
          "The first private page of {start} to {end}: the VMA {side}, at {other}, differs in its rights alone and lends its anon_vma, number "
          "{anon_vma}. So both can become one later.",
          "{start} 到 {end} 要有第一个私有页：{side}的 VMA（{other}）只是权限不同，于是共用它的 anon_vma，编号 {anon_vma}，以后两者可以合并。"),
    event(ev::anon_vma_cloned, "anon_vma_cloned", {virt("start"), virt("end"), number("anon_vma"), virt("other")},
          "{start} to {end} takes over pages of {other}, and with them anon_vma {anon_vma}.",
          "{start} 到 {end} 接过 {other} 的页，也接过 anon_vma {anon_vma}。"),
    event(ev::vma_stack_grown, "vma_stack_grown", {virt("start"), virt("address"), pages("pages"), bytes("size"), bytes("limit"), bytes("room"), bytes("gap")},
          "The access lies below {start}, which may grow down: it grows by {pages} {pages|page|pages} to {address}. It has {size} now, and may "
          "have {limit}. Below it {room} are free; a mapping that may be accessed has to be {gap} away.",
          "访问落在 {start} 之下，而它可以向下增长：增长 {pages} 页，到 {address}。现在大小为 {size}，上限 {limit}。其下空闲 {room}；可访问的映射至少要相距 {gap}。"),
    event(ev::vma_locked, "vma_locked", {virt("start"), virt("end"), {"locked", Unit::flag}, pages("pages"), pages("all")},
          "{start} to {end}, {pages} {pages|page|pages}: VM_LOCKED is {locked}; locked_vm of the process is {all}.",
          "{start} 到 {end} 共 {pages} 页：VM_LOCKED {locked}，进程的 locked_vm 为 {all} 页。"),
    event(ev::mm_call_failed, "mm_call_failed", {CALL, {"errno", Unit::reason}, REASON, hex("a"), hex("b"), number("n"), number("m")},
          "{call}: {errno}, {reason}.",
          "{call}：{errno}，{reason}。"),
    event(ev::mmap, "mmap", {virt("address"), bytes("size")},
          "mmap() returns {address}: {size} are promised there. A page comes when it is touched, unless MAP_POPULATE or a lock asked for it now.",
          "mmap() 返回 {address}：许诺了 {size}。页要等碰到才有，除非 MAP_POPULATE 或锁定要求现在就有。"),
    event(ev::munmap, "munmap", {virt("address"), bytes("size")},
          "munmap(): nothing is mapped at {address} any more, {size} long.",
          "munmap()：从 {address} 起的 {size} 不再有映射。"),
    event(ev::mprotect, "mprotect", {virt("address"), bytes("size"), {"prot", Unit::map_prot}},
          "mprotect(): {size} from {address} have the rights {prot} now.",
          "mprotect()：从 {address} 起的 {size} 权限变为 {prot}。"),
    event(ev::brk, "brk", {virt("old"), virt("brk"), virt("old_end"), virt("end")},
          "The break moves from {old} to {brk}. Mappings are whole pages: the heap's end was {old_end}, and is {end}.",
          "堆顶从 {old} 移到 {brk}。映射以页为单位：堆的末尾原为 {old_end}，现为 {end}。"),
    event(ev::mremap, "mremap", {virt("old"), virt("address"), bytes("old_size"), bytes("size"), {"kept", Unit::flag}},
          "mremap(): {old_size} at {old} are {size} at {address} now.{kept}",
          "mremap()：{old} 处的 {old_size} 现在是 {address} 处的 {size}。{kept}"),
    event(ev::madvise, "madvise", {virt("address"), bytes("size"), {"advice", Unit::reason}},
          "madvise({advice}) is taken for {size} from {address}.",
          "madvise({advice}) 对从 {address} 起的 {size} 生效。"),
    event(ev::mlock, "mlock", {CALL, virt("address"), bytes("size"), pages("all")},
          "{call}() is done for {size} from {address}; locked_vm of the process is {all}.",
          "{call}() 对从 {address} 起的 {size} 完成，进程的 locked_vm 为 {all} 页。"),
    event(ev::msync, "msync", {virt("address"), bytes("size"), {"flags", Unit::msync_flags}},
          "msync({flags}) is done for {size} from {address}: all of it is mapped.",
          "msync({flags}) 对从 {address} 起的 {size} 完成：全部都有映射。"),
    event(ev::mseal, "mseal", {virt("address"), bytes("size")},
          "mseal(): {size} from {address} are sealed. No call changes or unmaps them until the process ends or runs another program.",
          "mseal()：从 {address} 起的 {size} 已封住。在进程结束或装入新程序之前，任何调用都不能更改或撤销它们。"),
    event(ev::user_access, "user_access", {virt("address"), KIND, virt("start"), virt("end"), hex("flags")},
          "The {kind} of {address} lies in the VMA {start} to {end}, which allows it (vm_flags {flags}).",
          "对 {address} 的{kind}落在 VMA {start} 到 {end} 内，它允许这样访问（vm_flags 为 {flags}）。"),
    event(ev::user_sigsegv, "user_sigsegv", {virt("address"), KIND, {"code", Unit::reason}, REASON, virt("start"), virt("end"), hex("flags")},
          "SIGSEGV with {code} for the {kind} of {address}: {reason}.",
          "对 {address} 的{kind}引发 SIGSEGV，si_code 为 {code}：{reason}。"),
    event(ev::mmap_base_chosen, "mmap_base_chosen",
          {virt("mmap_base"), term("top"), bytes("limit"), bytes("pad"), bytes("gap"), bytes("random")},
          "The stack ends at {top} and may grow to {limit}; with its guard gap and what chance may move it by, {pad}, mappings keep a gap of "
          "{gap} (128 MiB at least). They go down from {mmap_base}; chance took {random} of it.",
          "栈顶在 {top}，最大可长到 {limit}；加上保护间隙和随机偏移的余量 {pad}，映射让出 {gap}（至少 128 MiB）。映射从 {mmap_base} 往低处放，其中随机偏移 {random}。"),
    event(ev::mmap_base_legacy, "mmap_base_legacy", {virt("mmap_base"), term("top"), REASON, bytes("random")},
          "The old layout, as {reason}: mappings go up from {mmap_base}, at a fixed part of the way to {top}; chance added {random}.",
          "采用旧布局（{reason}）：映射从 {mmap_base} 往高处放，它在到 {top} 的固定比例处，其中随机偏移 {random}。"),
    event(ev::stack_filled, "stack_filled",
          {virt("start"), virt("end"), virt("arguments"), virt("environment"), virt("strings_end"), virt("pointer"), number("auxv")},
          "The stack is {start} to {end}. At its top are the file's name, the strings of argv from {arguments} and of envp from {environment} to {strings_end}; "
          "below them argc, both lists of pointers and {auxv} {auxv|entry|entries} of auxv. The stack pointer begins at {pointer}.",
          "栈是 {start} 到 {end}。顶上是文件名，argv 的字符串从 {arguments} 起，envp 的从 {environment} 到 {strings_end}；下面是 argc、两个指针表和 auxv 的 {auxv} 项。栈指针从 {pointer} 开始。"),
    event(ev::heap_placed, "heap_placed", {virt("start_brk"), virt("behind"), REASON, bytes("random")},
          "The program's last byte is below {behind}. The heap begins at {start_brk}: {reason}; chance added {random}. It has no page and no VMA yet.",
          "程序的最后一个字节在 {behind} 之下。堆从 {start_brk} 开始：{reason}，其中随机偏移 {random}。它还没有页，也没有 VMA。"),
    event(ev::mm_created, "mm_created", {number("pid"), PROGRAM, pages("total_vm"), number("map_count"), term("task_size")},
          "Process {pid} runs {program}: {map_count} {map_count|VMA|VMAs}, {total_vm} {total_vm|page|pages} of addresses. User space ends at {task_size}.",
          "进程 {pid} 运行 {program}：{map_count} 个 VMA，共 {total_vm} 页地址。用户空间到 {task_size} 为止。"),
    event(ev::mm_freed, "mm_freed", {number("pid"), PROGRAM},
          "Process {pid}, {program}, is gone with all its mappings.",
          "进程 {pid}（{program}）连同它的全部映射一起消失。"),
    event(ev::not_a_process, "not_a_process", {REASON},
          "There is no such process: {reason}.",
          "没有这个进程：{reason}。"),
    event(ev::too_many, "too_many", {{"what", Unit::reason}, number("limit")},
          "There are {limit} {what} already, and a machine here has no more.",
          "{what}已有 {limit} 个，这里的机器最多这么多。"),
    event(ev::file_opened, "file_opened", {PATH, bytes("size"), number("inode"), number("openings")},
          "{path} is open: inode {inode}, {size}. {openings} {openings|struct file stands|struct files stand} for it now.",
          "打开了 {path}：inode {inode}，{size}。现在有 {openings} 个 struct file 对应它。"),
    event(ev::file_closed, "file_closed", {PATH, number("vmas")},
          "{path} is closed. {vmas} {vmas|VMA maps|VMAs map} this struct file still.",
          "关闭了 {path}。还有 {vmas} 个 VMA 映射着这个 struct file。"),
    event(ev::committed, "vm_committed", {pages("pages"), pages("after"), pages("limit"), pages("admin"), pages("user"), pages("allowed")},
          "overcommit_memory is 2: with {pages} {pages|page|pages} more, {after} would be promised. CommitLimit is {limit}; {admin} of it for root "
          "alone and {user} for others than this process, so it must be fewer than {allowed}.",
          "overcommit_memory 为 2：再加 {pages} 页，许诺总共就是 {after} 页。CommitLimit 是 {limit} 页，其中 {admin} 页留给 root，{user} 页留给其他进程，所以许诺必须少于 {allowed} 页。"),
    event(ev::rlimit_set, "rlimit_set", {{"which", Unit::reason}, bytes("old"), bytes("limit")},
          "{which}: {limit}; before, {old}. What is mapped stays.",
          "{which} 由 {old} 改为 {limit}。已有的映射不变。"),
    event(ev::sysctl_changed, "process_sysctl_set", {{"which", Unit::reason}, number("old"), number("value"), {"old_name", Unit::reason}, {"name", Unit::reason}},
          "{which} is {name} now; before, {old_name}.",
          "{which} 由 {old_name} 变为 {name}。"),
    event(ev::personality_set, "personality_set", {number("pid"), {"read_implies_exec", Unit::flag}, {"compat_layout", Unit::flag}},
          "Process {pid}: READ_IMPLIES_EXEC: {read_implies_exec}, ADDR_COMPAT_LAYOUT: {compat_layout}. What is mapped stays as it is; the next "
          "program forgets the first.",
          "进程 {pid}：READ_IMPLIES_EXEC：{read_implies_exec}，ADDR_COMPAT_LAYOUT：{compat_layout}。已有的映射不变；装入下一个程序时去掉前者。"),
};
// clang-format on

} // namespace process_rows

[[nodiscard]] constexpr std::span<const EventRow<process_event>> event_rows(process_event) {
    return process_rows::rows;
}

} // namespace mm
