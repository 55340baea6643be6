// Events of translation, TLBs and ASIDs: what each carries, and the sentence that it becomes.
#include "mmu/tlb_events.h"

#include "base/event_table.h"
#include "mmu/access.h"
#include "mmu/arm64/fault.h"
#include "mmu/flush.h"

namespace mm {

namespace {

using ev = tlb_event;
constexpr ArgSpec CPU{"cpu", Unit::cpu};
constexpr ArgSpec ADDRESS{"address", Unit::address};
constexpr ArgSpec PHYS{"phys", Unit::address};
constexpr ArgSpec SIZE{"size", Unit::bytes};
constexpr ArgSpec SET{"set", Unit::number};
constexpr ArgSpec WAY{"way", Unit::number};
constexpr ArgSpec ASID{"asid", Unit::number};
constexpr ArgSpec SCOPE{"scope", Unit::reason};
constexpr ArgSpec SPACE{"space", Unit::number};
constexpr ArgSpec TABLE{"table", Unit::pfn};
constexpr ArgSpec LEVEL{"level", Unit::reason};
constexpr ArgSpec ENTRY{"entry", Unit::address};
constexpr ArgSpec NOW{"now", Unit::address};
constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec KIND{"kind", Unit::reason};
constexpr ArgSpec MODE{"mode", Unit::flag};
constexpr ArgSpec HANDLER{"handler", Unit::reason};
constexpr ArgSpec DROPPED{"dropped", Unit::number};
constexpr ArgSpec GENERATION{"generation", Unit::number};
constexpr ArgSpec HELD{"held", Unit::number};

// clang-format off
constexpr EventRow<ev> rows[] = {
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
};
// clang-format on
constexpr auto table = event_table(rows, ev::access);

constexpr ev with_level[] = {ev::walk_cached, ev::access_flag_set, ev::dirty_set, ev::live_entry_set};
constexpr ev with_scope[] = {ev::tlb_hit, ev::tlb_fill};
constexpr ev with_handler[] = {ev::abort_taken, ev::page_fault_taken};

struct Words {
    int value;
    std::string_view en, zh;
};
constexpr Words scopes[] = {
    {static_cast<int>(tlb_scope::asid), "for ASID {asid}", "属于 ASID {asid}"},
    {static_cast<int>(tlb_scope::global), "for every process (global)", "对所有进程有效（全局）"},
    {static_cast<int>(tlb_scope::until_cr3), "until CR3 is loaded", "到装入 CR3 为止有效"},
};
constexpr Words handlers[] = {
    {static_cast<int>(fault_handler::do_translation_fault), "do_translation_fault()", "do_translation_fault()"},
    {static_cast<int>(fault_handler::do_page_fault), "do_page_fault()", "do_page_fault()"},
    {static_cast<int>(fault_handler::do_bad), "do_bad()", "do_bad()"},
    {static_cast<int>(fault_handler::do_user_addr_fault), "do_user_addr_fault()", "do_user_addr_fault()"},
    {static_cast<int>(fault_handler::do_kern_addr_fault), "do_kern_addr_fault()", "do_kern_addr_fault()"},
};

constexpr EventWords own_words[] = {
    words_for(ev::access, "kind", access_kind::read, "reads from", "读取"),
    words_for(ev::access, "kind", access_kind::write, "writes to", "写入"),
    words_for(ev::access, "kind", access_kind::exec, "fetches an instruction from", "取指令于"),
    words_for(ev::access, "mode", 0, "in kernel mode", "在内核态"),
    words_for(ev::access, "mode", 1, "in user mode", "在用户态"),
    words_for(ev::page_fault_taken, "kind", access_kind::read, "a read", "读"),
    words_for(ev::page_fault_taken, "kind", access_kind::write, "a write", "写"),
    words_for(ev::page_fault_taken, "kind", access_kind::exec, "an instruction fetch", "取指令"),
    words_for(ev::page_fault_taken, "mode", 0, "in kernel mode", "内核态"),
    words_for(ev::page_fault_taken, "mode", 1, "in user mode", "用户态"),
    words_for(ev::page_fault_taken, "present", 0, "no page present", "页不在内存"),
    words_for(ev::page_fault_taken, "present", 1, "a right is missing", "缺少权限"),
    words_for(ev::tlb_miss, "scope", tlb_scope::asid, " with ASID {asid}", "（ASID {asid}）"),
    words_for(ev::tlb_miss, "scope", tlb_scope::global, " that is global", "（全局）"),
    words_for(ev::tlb_miss, "scope", tlb_scope::until_cr3, "", ""),
    words_for(ev::walk_begins, "kernel", 0, "CR3 of CPU {cpu} names frame {table}, the page directory of the process.",
              "CPU {cpu} 的 CR3 指向页框 {table}，即进程的页目录。"),
    words_for(ev::walk_begins, "kernel", 1,
              "From PAGE_OFFSET on every page directory has the same entries; those that CPU {cpu} reads are told as "
              "they stand in the kernel's own, swapper_pg_dir, frame {table}.",
              "自 PAGE_OFFSET 起，所有页目录的表项都相同；CPU {cpu} 读到的表项按内核自己的 "
              "swapper_pg_dir（页框 {table}）说明。"),
    words_for(ev::tlb_fill, "evicted", 0, "", ""),
    words_for(ev::tlb_fill, "evicted", 1, ", in place of the entry that was not used for longest",
              "，替换了最久未用的一项"),
    words_for(ev::permission_missing, "reason", denial::not_user, "user mode may not touch it (AP[1] is 0; i386: U/S)",
              "用户态不得访问（AP[1] 为 0；i386 为 U/S）"),
    words_for(ev::permission_missing, "reason", denial::read_only, "it is read-only (AP[2] is 1; i386: R/W is 0)",
              "只读（AP[2] 为 1；i386 为 R/W 为 0）"),
    words_for(ev::permission_missing, "reason", denial::clean,
              "it may be written (DBM is 1), but it is read-only until the kernel has noted the first write",
              "可写（DBM 为 1），但在内核记下首次写入之前是只读的"),
    words_for(ev::permission_missing, "reason", denial::uxn, "user mode may not execute it (UXN is 1; i386: NX)",
              "用户态不得执行（UXN 为 1；i386 为 NX）"),
    words_for(ev::permission_missing, "reason", denial::pxn, "the kernel may not execute it (PXN is 1)",
              "内核不得执行（PXN 为 1）"),
    words_for(ev::permission_missing, "reason", denial::user_writable,
              "user mode may write it, so the kernel may not execute it", "用户态可写，因此内核不得执行"),
    words_for(ev::permission_missing, "reason", denial::table_not_user,
              "a table above keeps user mode out (APTable; i386: U/S)",
              "上级表项不许用户态访问（APTable；i386 为 U/S）"),
    words_for(ev::permission_missing, "reason", denial::table_read_only,
              "a table above makes all below it read-only (APTable; i386: R/W)",
              "上级表项使其下全部只读（APTable；i386 为 R/W）"),
    words_for(ev::permission_missing, "reason", denial::table_uxn,
              "a table above forbids user mode to execute (UXNTable; i386: NX)",
              "上级表项不许用户态执行（UXNTable；i386 为 NX）"),
    words_for(ev::permission_missing, "reason", denial::table_pxn,
              "a table above forbids the kernel to execute (PXNTable)", "上级表项不许内核执行（PXNTable）"),
    words_for(ev::abort_taken, "class", abort_class::data_lower, "Data abort from EL0", "来自 EL0 的数据异常"),
    words_for(ev::abort_taken, "class", abort_class::data_same, "Data abort from EL1", "来自 EL1 的数据异常"),
    words_for(ev::abort_taken, "class", abort_class::instruction_lower, "Instruction abort from EL0",
              "来自 EL0 的取指异常"),
    words_for(ev::abort_taken, "class", abort_class::instruction_same, "Instruction abort from EL1",
              "来自 EL1 的取指异常"),
    words_for(ev::abort_taken, "status", fault_kind::translation, "translation fault", "转换错误"),
    words_for(ev::abort_taken, "status", fault_kind::access_flag, "access flag fault", "访问标志错误"),
    words_for(ev::abort_taken, "status", fault_kind::permission, "permission fault", "权限错误"),
    words_for(ev::abort_taken, "status", fault_kind::address_size,
              "address size fault (this CPU has {bits} bits of physical addresses)",
              "地址长度错误（此 CPU 的物理地址只有 {bits} 位）"),
    words_for(ev::fault_cured, "reason", fault_end::made_young, "the page is marked as accessed", "把页标记为已访问"),
    words_for(ev::fault_cured, "reason", fault_end::made_dirty, "the first write is noted, the page is dirty",
              "记下首次写入，页为脏"),
    words_for(ev::fault_ends, "reason", fault_end::spurious,
              "the tables allow it already, only the TLB does not know; nothing is changed, and it faults again until "
              "the entry is gone",
              "页表已经允许，只是 TLB 不知道；什么也不改，在该项消失之前会反复出错"),
    words_for(ev::fault_ends, "reason", fault_end::needs_vma,
              "the kernel looks for the VMA of the address, which decides: a page is brought, or SIGSEGV; -EFAULT for "
              "the kernel's copying",
              "内核查找该地址的 VMA，由它决定：调入页，或 SIGSEGV；内核复制数据时则返回 -EFAULT"),
    words_for(ev::fault_ends, "reason", fault_end::segv, "no VMA is at an address of the kernel: SIGSEGV",
              "内核地址处没有 VMA：SIGSEGV"),
    words_for(ev::fault_ends, "reason", fault_end::sigkill, "the kernel cannot handle it: SIGKILL",
              "内核无法处理：SIGKILL"),
    words_for(ev::fault_ends, "reason", fault_end::oops_null, "Oops: NULL pointer dereference", "Oops：空指针"),
    words_for(ev::fault_ends, "reason", fault_end::oops_paging, "Oops: paging request", "Oops：无法处理的分页请求"),
    words_for(ev::fault_ends, "reason", fault_end::oops_write, "Oops: write to read-only memory", "Oops：写只读内存"),
    words_for(ev::fault_ends, "reason", fault_end::oops_exec, "Oops: execute from non-executable memory",
              "Oops：执行不可执行的内存"),
    words_for(ev::fault_ends, "reason", fault_end::oops_read, "Oops: read from unreadable memory",
              "Oops：读取不可读的内存"),
    words_for(ev::fault_ends, "reason", fault_end::oops_user, "Oops: execution of user memory", "Oops：执行用户内存"),
    words_for(ev::fault_ends, "reason", fault_end::oops_bad, "Unhandled fault: the kernel dies",
              "未处理的异常：内核崩溃"),
    words_for(ev::mm_reserved, "reserved", 0,
              "CR3 names swapper_pg_dir, and {dropped} {dropped|entry|entries} of the TLB {dropped|is|are} gone",
              "CR3 指向 swapper_pg_dir，TLB 丢掉 {dropped} 项"),
    words_for(ev::mm_reserved, "reserved", 1, "TTBR0 names reserved_pg_dir, which maps nothing, with ASID 0",
              "TTBR0 指向不映射任何地址的 reserved_pg_dir，ASID 为 0"),
    words_for(ev::asid_kept, "reason", 0, "a CPU ran with it during the rollover", "换代时有 CPU 正在使用它"),
    words_for(ev::asid_kept, "reason", 1, "it had this number before, and nobody took it since",
              "它以前用过这个号码，至今无人占用"),
    words_for(ev::tlbi, "op", tlbi_op::vmalle1is, "TLBI VMALLE1IS: everything goes", "TLBI VMALLE1IS：全部失效"),
    words_for(ev::tlbi, "op", tlbi_op::aside1is, "TLBI ASIDE1IS: everything of ASID {asid} goes",
              "TLBI ASIDE1IS：ASID {asid} 的全部失效"),
    words_for(ev::tlbi, "op", tlbi_op::vae1is,
              "TLBI VAE1IS from {address} on, ASID {asid}, {count} {count|time|times}: tables in walk caches go, too",
              "自 {address} 起执行 {count} 次 TLBI VAE1IS，ASID {asid}；遍历缓存中的页表也失效"),
    words_for(ev::tlbi, "op", tlbi_op::vale1is,
              "TLBI VALE1IS from {address} on, ASID {asid}, {count} {count|time|times}: entries of the last level only",
              "自 {address} 起执行 {count} 次 TLBI VALE1IS，ASID {asid}；只限末级"),
    words_for(
        ev::tlbi, "op", tlbi_op::vaae1is,
        "TLBI VAAE1IS from {address} on, for every ASID, {count} {count|time|times}: tables in walk caches go, too",
        "自 {address} 起执行 {count} 次 TLBI VAAE1IS，对所有 ASID；遍历缓存中的页表也失效"),
    words_for(ev::tlbi, "op", tlbi_op::vaale1is,
              "TLBI VAALE1IS from {address} on, for every ASID, {count} {count|time|times}",
              "自 {address} 起执行 {count} 次 TLBI VAALE1IS，对所有 ASID"),
    words_for(ev::tlbi, "op", tlbi_op::invlpg, "INVLPG from {address} on, {count} {count|time|times}",
              "自 {address} 起执行 {count} 次 INVLPG"),
    words_for(ev::tlbi, "op", tlbi_op::write_cr3, "CR3 is written again: everything but global entries goes",
              "重写 CR3：除全局项外全部失效"),
    words_for(ev::tlbi, "op", tlbi_op::toggle_pge, "CR4.PGE is switched off and on: everything goes",
              "关闭再打开 CR4.PGE：全部失效"),
    words_for(ev::flush_too_long, "instead", flush_limit::process, "Everything of the process is invalidated instead.",
              "改为使该进程的全部失效。"),
    words_for(ev::flush_too_long, "instead", flush_limit::everything, "Everything is invalidated instead.",
              "改为全部失效。"),
    words_for(ev::live_entry_set, "reason", live_change::safe, "only rights or flags change, which is allowed",
              "只改变权限或标志，这是允许的"),
    words_for(ev::live_entry_set, "reason", live_change::output_address,
              "it names other memory. It had to be broken first (cleared, invalidated, made): a CPU may use either. "
              "Where the kernel maps for "
              "itself it stops with BUG() (pgattr_change_is_safe())",
              "它指向了别的内存。本应先断后建（清除、失效、再建立）：CPU 可能用其中任一个。内核为自己建立映射时会 "
              "BUG()（pgattr_change_is_safe()）"),
    words_for(ev::live_entry_set, "reason", live_change::size,
              "a table and a block change places. It had to be broken first: a CPU may hold both, for the same "
              "address. Where the kernel maps "
              "for itself it stops with BUG() (pgattr_change_is_safe())",
              "页表与块互换。本应先断后建：CPU 可能对同一地址同时持有两者。内核为自己建立映射时会 "
              "BUG()（pgattr_change_is_safe()）"),
    words_for(ev::live_entry_set, "reason", live_change::contiguous,
              "the contiguous bit changes. It had to be broken first: a CPU may hold the row and a single entry. Where "
              "the kernel maps for "
              "itself it stops with BUG() (pgattr_change_is_safe())",
              "连续位改变。本应先断后建：CPU 可能同时持有整行和单项。内核为自己建立映射时会 "
              "BUG()（pgattr_change_is_safe()）"),
    words_for(ev::live_entry_set, "reason", live_change::memory_type,
              "the memory type changes. It had to be broken first: two CPUs may cache the memory differently. Where "
              "the kernel maps for itself it "
              "stops with BUG() (pgattr_change_is_safe())",
              "内存类型改变。本应先断后建：两个 CPU 可能以不同方式缓存该内存。内核为自己建立映射时会 "
              "BUG()（pgattr_change_is_safe()）"),
    words_for(ev::live_entry_set, "reason", live_change::global,
              "an entry of one process becomes everybody's. It had to be broken first. Where the kernel maps for "
              "itself it stops with BUG() "
              "(pgattr_change_is_safe())",
              "一个进程的项变为全局项。本应先断后建。内核为自己建立映射时会 BUG()（pgattr_change_is_safe()）"),
};

constexpr auto words = [] {
    std::array<EventWords, std::size(own_words) + std::size(with_level) * MAX_LEVELS +
                               std::size(with_scope) * std::size(scopes) +
                               std::size(with_handler) * std::size(handlers)>
        all;
    std::size_t n = 0;
    for (const EventWords& row : own_words) all[n++] = row;
    for (const ev kind : with_level)
        for (u8 i = 0; i < MAX_LEVELS; ++i) all[n++] = words_for(kind, "level", i, level_names[i], level_names[i]);
    for (const ev kind : with_scope)
        for (const Words& row : scopes) all[n++] = words_for(kind, "scope", row.value, row.en, row.zh);
    for (const ev kind : with_handler)
        for (const Words& row : handlers) all[n++] = words_for(kind, "handler", row.value, row.en, row.zh);
    return all;
}();

} // namespace

EventPart tlb_events() { return table.with(words); }

} // namespace mm
