#pragma once
// The rows of the events of translation, TLBs and ASIDs: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "mmu/tlb_events.h"

namespace mm {

namespace tlb_rows {

using ev = tlb_event;
inline constexpr ArgSpec CPU{"cpu", Unit::cpu};
inline constexpr ArgSpec ADDRESS{"address", Unit::virt_address};
inline constexpr ArgSpec PHYS{"phys", Unit::phys_address};
inline constexpr ArgSpec SIZE{"size", Unit::bytes};
inline constexpr ArgSpec SET{"set", Unit::number};
inline constexpr ArgSpec WAY{"way", Unit::number};
inline constexpr ArgSpec ASID{"asid", Unit::number};
inline constexpr ArgSpec SCOPE{"scope", Unit::reason};
inline constexpr ArgSpec SPACE{"space", Unit::number};
inline constexpr ArgSpec TABLE{"table", Unit::pfn};
inline constexpr ArgSpec LEVEL{"level", Unit::reason};
inline constexpr ArgSpec ENTRY{"entry", Unit::pte};
inline constexpr ArgSpec NOW{"now", Unit::pte};
inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec KIND{"kind", Unit::reason};
inline constexpr ArgSpec MODE{"mode", Unit::flag};
inline constexpr ArgSpec HANDLER{"handler", Unit::reason};
inline constexpr ArgSpec DROPPED{"dropped", Unit::number};
inline constexpr ArgSpec GENERATION{"generation", Unit::number};
inline constexpr ArgSpec HELD{"held", Unit::number};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::access, "access", {CPU, KIND, ADDRESS, MODE},
          "CPU {cpu}, {mode}, {kind} {address}.",
          "CPU {cpu} {mode}{kind} {address}。"),
    event(ev::tlb_hit, "tlb_hit", {CPU, ADDRESS, PHYS, SIZE, SET, WAY, ASID, SCOPE},
          "The TLB of CPU {cpu} knows {address}: set {set}, way {way} holds an entry of {size} {scope}. It says {phys}; no table "
          "is read.",
          "CPU {cpu} 的 TLB 知道 {address}：第 {set} 组第 {way} 路有一项，大小 {size}，{scope}。它给出 {phys}，不读任何页表。"),
    event(ev::tlb_stale, "tlb_stale", {CPU, ADDRESS, ENTRY, NOW},
          "The TLB of CPU {cpu} still believes what the tables no longer say: for {address} it has {entry}, and they have {now}.",
          "CPU {cpu} 的 TLB 仍然相信页表已不再说的话：对 {address} 它记着 {entry}，而页表里是 {now}。"),
    event(ev::tlb_conflict, "tlb_conflict", {CPU, ADDRESS, SIZE, {"other", Unit::bytes}},
          "The TLB of CPU {cpu} has two entries for {address}, of {size} and of {other}. A CPU may answer with either or a mix of both, "
          "or raise a TLB conflict abort; here the smaller one answers.",
          "CPU {cpu} 的 TLB 中 {address} 有两项，大小 {size} 和 {other}。CPU 可以用任一项、混用两项，或产生 TLB 冲突异常；"
          "这里由较小的一项作答。"),
    event(ev::tlb_miss, "tlb_miss", {CPU, ADDRESS, SET, ASID, SCOPE},
          "The TLB of CPU {cpu} has no entry for {address}{scope} (a page would stand in set {set}): the tables are walked.",
          "CPU {cpu} 的 TLB 中没有 {address} 的项{scope}（页应在第 {set} 组）：走查页表。"),
    event(ev::walk_begins, "walk_begins", {CPU, TABLE, {"kernel", Unit::flag}},
          "{kernel} The walk begins there.",
          "{kernel}从那里开始查表。"),
    event(ev::walk_cached, "walk_cached", {CPU, LEVEL, ADDRESS, TABLE, {"skipped", Unit::number}},
          "The walk cache of CPU {cpu} knows the {level} table of {address}, frame {table}: the walk begins there, {skipped} "
          "{skipped|level is|levels are} skipped.",
          "CPU {cpu} 的页表遍历缓存知道 {address} 的 {level} 表在页框 {table}：遍历从那里开始，跳过 {skipped} 级。"),
    event(ev::walk_lost, "walk_lost", {CPU, ADDRESS, TABLE},
          "For {address} CPU {cpu} goes on in frame {table}, which is no table any more. It reads whatever stands there now as if it "
          "were one: where the access ends nobody can say.",
          "CPU {cpu} 为 {address} 继续在页框 {table} 中查找，但那里已不是页表。它把那里现有的内容当作页表来读，访问落在哪里谁也说不准。"),
    event(ev::tlb_fill, "tlb_fill", {ADDRESS, SIZE, SET, WAY, ASID, SCOPE, {"evicted", Unit::flag}},
          "The TLB keeps {size} from {address} on in set {set}, way {way}, {scope}{evicted}.",
          "TLB 把自 {address} 起的 {size} 记在第 {set} 组第 {way} 路，{scope}{evicted}。"),
    event(ev::access_flag_set, "access_flag_set", {LEVEL, ADDRESS, ENTRY},
          "It is the first access since the kernel cleared the flag: hardware marks the {level} entry of {address} as accessed: {entry}.",
          "这是内核清除标志后的首次访问：硬件把 {address} 的 {level} 项标记为已访问：{entry}。"),
    event(ev::dirty_set, "dirty_set", {LEVEL, ADDRESS, ENTRY, NOW},
          "It is the first write: hardware marks the {level} entry of {address} as dirty, {entry} becomes {now}.",
          "这是首次写入：硬件把 {address} 的 {level} 项标记为脏，{entry} 变为 {now}。"),
    event(ev::permission_missing, "permission_missing", {ADDRESS, REASON, ENTRY},
          "The entry of {address}, {entry}, does not allow it: {reason}.",
          "{address} 的表项 {entry} 不允许这次访问：{reason}。"),
    event(ev::abort_taken, "abort_taken",
          {ADDRESS, {"esr", Unit::hex}, {"class", Unit::reason}, {"status", Unit::reason}, {"at", Unit::number}, HANDLER,
           {"bits", Unit::number}},
          "{class}: FAR_EL1 is {address}, ESR_EL1 is {esr}, a level {at} {status}. do_mem_abort() finds {handler} in fault_info[].",
          "{class}：FAR_EL1 为 {address}，ESR_EL1 为 {esr}，即第 {at} 级{status}。do_mem_abort() 在 fault_info[] 中找到 {handler}。"),
    event(ev::page_fault_taken, "page_fault_taken",
          {ADDRESS, {"code", Unit::hex}, {"present", Unit::flag}, KIND, MODE, HANDLER},
          "Page fault: CR2 is {address}, the error code {code}: {present}, {kind}, {mode}. exc_page_fault() calls {handler}.",
          "缺页异常：CR2 为 {address}，错误码 {code}：{present}，{kind}，{mode}。exc_page_fault() 调用 {handler}。"),
    event(ev::fault_cured, "fault_cured", {ADDRESS, REASON, ENTRY, NOW},
          "The kernel cures the fault at {address}: {reason}. {entry} becomes {now}, and the access runs again.",
          "内核处理 {address} 处的异常：{reason}。{entry} 变为 {now}，然后重新执行访问。"),
    event(ev::fault_ends, "fault_ends", {ADDRESS, REASON},
          "The fault at {address} ends so: {reason}.",
          "{address} 处的异常结果：{reason}。"),
    event(ev::mm_unchanged, "mm_unchanged", {CPU},
          "CPU {cpu} runs with these tables already: nothing is switched.",
          "CPU {cpu} 已在使用这些页表：无需切换。"),
    event(ev::mm_switched, "mm_switched", {CPU, SPACE, TABLE, ASID},
          "TTBR0 of CPU {cpu} names the pgd of address space {space}, frame {table}, with ASID {asid}. The TLB keeps what it has: the "
          "ASID tells whose it is.",
          "CPU {cpu} 的 TTBR0 指向地址空间 {space} 的 pgd（页框 {table}），ASID 为 {asid}。TLB 保留已有内容：ASID 说明属于谁。"),
    event(ev::mm_reserved, "mm_reserved", {CPU, {"reserved", Unit::flag}, DROPPED},
          "CPU {cpu} runs the kernel alone: {reserved}.",
          "CPU {cpu} 只运行内核：{reserved}。"),
    event(ev::cr3_loaded, "cr3_loaded", {CPU, SPACE, TABLE, DROPPED, {"kept", Unit::number}},
          "CR3 of CPU {cpu} names the page directory of address space {space}, frame {table}. Loading it drops {dropped} {dropped|entry|entries} of the TLB; "
          "{kept} global ones stay.",
          "CPU {cpu} 的 CR3 指向地址空间 {space} 的页目录（页框 {table}）。装入 CR3 使 TLB 丢掉 {dropped} 项，{kept} 个全局项保留。"),
    event(ev::asid_current, "asid_current", {SPACE, ASID, GENERATION},
          "Address space {space} has ASID {asid} of generation {generation}, which is the current one.",
          "地址空间 {space} 持有第 {generation} 代（当前代）的 ASID {asid}。"),
    event(ev::asid_kept, "asid_kept", {SPACE, ASID, GENERATION, REASON},
          "Address space {space} keeps ASID {asid} in generation {generation}: {reason}.",
          "地址空间 {space} 在第 {generation} 代继续使用 ASID {asid}：{reason}。"),
    event(ev::asid_new, "asid_new", {SPACE, ASID, GENERATION},
          "Address space {space} gets the next free ASID, {asid}, of generation {generation}.",
          "地址空间 {space} 得到下一个空闲的 ASID {asid}（第 {generation} 代）。"),
    event(ev::asid_rollover, "asid_rollover", {GENERATION, {"asids", Unit::number}},
          "None of the {asids} ASIDs is free: generation {generation} begins. All are free again but those that CPUs run with, and each "
          "CPU drops its TLB before it switches the next time.",
          "{asids} 个 ASID 都已用完：第 {generation} 代开始。除各 CPU 正在使用的之外全部重新空闲，每个 CPU 在下次切换前清空 TLB。"),
    event(ev::asid_reserved, "asid_reserved", {CPU, ASID},
          "CPU {cpu} runs with ASID {asid} now: it stays reserved.",
          "CPU {cpu} 正在使用 ASID {asid}：保留不分配。"),
    event(ev::tlb_flush_local, "tlb_flush_local", {CPU, DROPPED},
          "Since the rollover ASIDs mean other processes: CPU {cpu} drops what its TLB holds, {dropped} {dropped|entry|entries} (TLBI VMALLE1).",
          "换代之后 ASID 已属于别的进程：CPU {cpu} 丢掉 TLB 的全部 {dropped} 项（TLBI VMALLE1）。"),
    event(ev::tlbi, "tlbi", {{"op", Unit::reason}, ADDRESS, {"count", Unit::number}, ASID, DROPPED, {"cpus", Unit::number}},
          "{op}. {cpus} {cpus|CPU drops|CPUs drop} {dropped} {dropped|entry|entries}.",
          "{op}。{cpus} 个 CPU 共丢掉 {dropped} 项。"),
    event(ev::flush_too_long, "flush_too_long",
          {ADDRESS, {"steps", Unit::number}, {"limit", Unit::number}, {"instead", Unit::reason}},
          "From {address} on there are {steps} addresses to invalidate; the limit is {limit}. {instead}",
          "自 {address} 起要逐个失效 {steps} 个地址，上限是 {limit}。{instead}"),
    event(ev::flush_left_out, "flush_left_out", {ADDRESS, SIZE, HELD},
          "The invalidation of {size} from {address} on is left out. TLBs hold {held} {held|entry|entries} for it, and will go on using them.",
          "自 {address} 起 {size} 的失效被省去。各 TLB 中还有 {held} 项，会继续使用。"),
    event(ev::live_entry_set, "live_entry_set", {LEVEL, ADDRESS, ENTRY, NOW, REASON, HELD},
          "The {level} entry of {address} goes from {entry} to {now} while it is live: {reason}. TLBs hold {held} {held|entry|entries} of before.",
          "{address} 的 {level} 项在使用中由 {entry} 直接改为 {now}：{reason}。各 TLB 中还有 {held} 个旧项。"),
    event(ev::global_of_process, "global_of_process",
          {SPACE, ADDRESS, SIZE, {"prot", Unit::pte}, {"asids", Unit::flag}},
          "The protection {prot} is global, though address space {space} is a process's: TLBs keep the {size} from {address} on for "
          "every process, and {asids}.",
          "保护位 {prot} 是全局的，而地址空间 {space} 属于进程：TLB 会让自 {address} 起的 {size} 对所有进程有效，{asids}。"),
    event(ev::global_stays, "global_stays", {HELD},
          "TLBs still hold {held} {held|entry|entries} for addresses of processes that {held|is|are} global: {held|it belongs|they belong} "
          "to no one process, so this invalidation does not reach {held|it|them}.",
          "各 TLB 中还有 {held} 个全局项翻译进程的地址：它们不属于某一个进程，这次失效作用不到。"),
};
// clang-format on

} // namespace tlb_rows

[[nodiscard]] constexpr std::span<const EventRow<tlb_event>> event_rows(tlb_event) { return tlb_rows::rows; }

} // namespace mm
