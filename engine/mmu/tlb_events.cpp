// Events of translation, TLBs and ASIDs: the words of their reasons and flags. Their rows are in tlb_event_rows.h.
#include "mmu/tlb_events.h"

#include "mmu/access.h"
#include "mmu/arm64/fault.h"
#include "mmu/flush.h"
#include "mmu/tlb_event_rows.h"

namespace mm {

namespace {

using ev = tlb_event;

constexpr auto table = event_table(tlb_rows::rows, ev::access);

constexpr ev with_level[] = {ev::walk_cached, ev::access_flag_set, ev::dirty_set, ev::live_entry_set};
constexpr ev with_scope[] = {ev::tlb_hit, ev::tlb_fill};
constexpr ev with_handler[] = {ev::abort_taken, ev::page_fault_taken};

struct Words {
    int value;
    LateText en, zh;
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
    words_for(ev::permission_missing, "reason", denial::not_user, "user mode may not touch it", "用户态不得访问"),
    words_for(ev::permission_missing, "reason", denial::read_only, "it is read-only", "只读"),
    words_for(ev::permission_missing, "reason", denial::clean,
              "it may be written (DBM is 1), but it is read-only until the kernel has noted the first write",
              "可写（DBM 为 1），但在内核记下首次写入之前是只读的"),
    words_for(ev::permission_missing, "reason", denial::uxn, "user mode may not execute it", "用户态不得执行"),
    words_for(ev::permission_missing, "reason", denial::pxn, "the kernel may not execute it (PXN is 1)",
              "内核不得执行（PXN 为 1）"),
    words_for(ev::permission_missing, "reason", denial::user_writable,
              "user mode may write it, so the kernel may not execute it", "用户态可写，因此内核不得执行"),
    words_for(ev::permission_missing, "reason", denial::table_not_user, "a table above keeps user mode out",
              "上级表项不许用户态访问"),
    words_for(ev::permission_missing, "reason", denial::table_read_only, "a table above makes all below it read-only",
              "上级表项使其下全部只读"),
    words_for(ev::permission_missing, "reason", denial::table_uxn, "a table above forbids user mode to execute",
              "上级表项不许用户态执行"),
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
    words_for(ev::global_of_process, "asids", 0, "loading CR3 does not drop them", "重新装入 CR3 也不会丢掉"),
    words_for(ev::global_of_process, "asids", 1, "an invalidation by ASID does not reach them",
              "按 ASID 的失效作用不到它们"),
};

constexpr auto words = [] {
    std::array<EventWords, std::size(own_words) + std::size(with_level) * MAX_LEVELS +
                               std::size(with_scope) * std::size(scopes) +
                               std::size(with_handler) * std::size(handlers)>
        all;
    std::size_t n = 0;
    for (const EventWords& row : own_words) all[n++] = row;
    for (const ev kind : with_level)
        for (u8 i = 0; i < MAX_LEVELS; ++i) all[n++] = name_for(kind, "level", i, level_names[i]);
    for (const ev kind : with_scope)
        for (const Words& row : scopes) all[n++] = words_for(kind, "scope", row.value, row.en, row.zh);
    for (const ev kind : with_handler)
        for (const Words& row : handlers) all[n++] = words_for(kind, "handler", row.value, row.en, row.zh);
    return all;
}();

} // namespace

EventPart tlb_events() { return table.with(words); }

} // namespace mm
