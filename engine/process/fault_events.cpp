// Events of faults, of pages and of fork: the words of their reasons. Their rows are in fault_event_rows.h.
#include "process/fault_events.h"

#include "mmu/fault.h"
#include "process/fault_event_rows.h"
#include "process/user_access.h"

namespace mm {

namespace {

using ev = fault_event;

constexpr auto table = event_table(fault_rows::rows, ev::fault_begins);

// clang-format off
constexpr EventWords branch(fault_way value, LateText en, LateText zh) { return words_for(ev::fault_branch, "way", value, en, zh); }
constexpr EventWords decided(wp_reason value, LateText en, LateText zh) { return words_for(ev::wp_decided, "reason", value, en, zh); }
constexpr EventWords refused(huge_refusal value, LateText en, LateText zh) {
    return words_for(ev::huge_page_refused, "reason", value, en, zh);
}
constexpr EventWords forked(fork_way value, LateText en, LateText zh) { return words_for(ev::vma_forked, "way", value, en, zh); }

constexpr EventWords words[] = {
    words_for(ev::collapse_scanned, "result", collapse_result::done, "they can become a huge page", "可以合成大页"),
    words_for(ev::collapse_scanned, "result", collapse_result::is_huge, "a huge page is there already", "那里已经是大页"),
    words_for(ev::collapse_scanned, "result", collapse_result::no_table, "no table is there, so nothing was ever touched", "没有页表，那里从未被访问"),
    words_for(ev::collapse_scanned, "result", collapse_result::not_anonymous, "a page of a file is among them", "其中有文件的页"),
    words_for(ev::collapse_scanned, "result", collapse_result::held, "somebody else has a reference to one, and it may not move", "其中有别人引用着的页，不能移动"),
    words_for(ev::collapse_scanned, "result", collapse_result::read_only, "none may be written, so nobody would gain", "没有一页可写，不合成"),
    words_for(ev::collapse_scanned, "result", collapse_result::no_memory, "no block is free", "没有空闲块"),
    words_for(ev::fork_failed, "promised", 0, "a page for the child's tables is missing", "缺子进程页表用的页"),
    words_for(ev::fork_failed, "promised", 1, "its {pages} {pages|page|pages} would be promised a second time, and they may not be", "它的 {pages} 页要再许诺一次，而这不允许"),
    words_for(ev::kernel_page_mapped, "counted", 0, "The entry is set by the frame's number alone (vmf_insert_pfn): no reference, no mapcount, no Rss", "只按页框号建立表项（vmf_insert_pfn）：不计引用，不计 mapcount，不计 Rss"),
    words_for(ev::kernel_page_mapped, "counted", 1, "{mapcount} {mapcount|entry maps|entries map} it now, and each counts as a page of a file (special_mapping_fault)", "现在有 {mapcount} 个表项映射它，每个都按文件页计数（special_mapping_fault）"),
    words_for(ev::file_written, "cached", 0, "it comes into the page cache for that", "为此加入页缓存"),
    words_for(ev::file_written, "cached", 1, "it was in the page cache", "它已在页缓存中"),
    words_for(ev::remote_written, "forced", 0, "the VMA allows writing", "VMA 允许写"),
    words_for(ev::remote_written, "forced", 1, "the VMA forbids writing, and that is passed over", "VMA 不允许写，仍强制写入"),
    words_for(ev::remote_written, "copied", 0, "no page is copied", "没有复制页"),
    words_for(ev::remote_written, "copied", 1, "a page is copied for it", "为此复制了一页"),
    words_for(ev::fault_begins, "kind", user_access_kind::read, "read", "读"),
    words_for(ev::fault_begins, "kind", user_access_kind::write, "write", "写"),
    words_for(ev::fault_begins, "kind", user_access_kind::exec, "instruction fetch", "取指令"),
    words_for(ev::fault_begins, "fault", fault_kind::none, "a table that is none any more", "已不是页表的页框"),
    words_for(ev::fault_begins, "fault", fault_kind::translation, "a translation fault of level {fault_level}", "第 {fault_level} 级转换错误"),
    words_for(ev::fault_begins, "fault", fault_kind::access_flag, "an access flag fault of level {fault_level}", "第 {fault_level} 级访问标志错误"),
    words_for(ev::fault_begins, "fault", fault_kind::permission, "a permission fault of level {fault_level}", "第 {fault_level} 级权限错误"),
    words_for(ev::fault_begins, "fault", fault_kind::address_size, "an address size fault of level {fault_level}", "第 {fault_level} 级地址长度错误"),

    branch(fault_way::anon_read, "there is none, the memory is anonymous, and it is read (do_anonymous_page)", "没有表项，是匿名内存，而且是读（do_anonymous_page）"),
    branch(fault_way::anon_write, "there is none, the memory is anonymous, and it is written (do_anonymous_page)", "没有表项，是匿名内存，而且是写（do_anonymous_page）"),
    branch(fault_way::file_read, "there is none, a file stands behind it, and it is read (do_read_fault)", "没有表项，背后是文件，而且是读（do_read_fault）"),
    branch(fault_way::file_cow, "there is none, and a private mapping of a file is written (do_cow_fault)", "没有表项，写的是文件的私有映射（do_cow_fault）"),
    branch(fault_way::file_shared, "there is none, and a shared mapping is written (do_shared_fault)", "没有表项，写的是共享映射（do_shared_fault）"),
    branch(fault_way::write_protected, "a page is there, and it may not be written yet (do_wp_page)", "页在，但还不能写（do_wp_page）"),
    branch(fault_way::flags, "a page is there and allows it; flags are set", "页在，也允许访问；只需设置标志"),
    branch(fault_way::huge_anon_read, "no table is there, and a huge page may come; it is read (do_huge_pmd_anonymous_page)", "还没有页表，可以用大页；这次是读（do_huge_pmd_anonymous_page）"),
    branch(fault_way::huge_anon_write, "no table is there, and a huge page may come; it is written (do_huge_pmd_anonymous_page)", "还没有页表，可以用大页；这次是写（do_huge_pmd_anonymous_page）"),
    branch(fault_way::huge_write_protected, "a huge page is there, and it may not be written yet (do_huge_pmd_wp_page)", "大页在，但还不能写（do_huge_pmd_wp_page）"),
    branch(fault_way::huge_flags, "a huge page is there and allows it; flags are set", "大页在，也允许访问；只需设置标志"),

    name_for(ev::fault_branch, "level", 0, "pte"),
    name_for(ev::fault_branch, "level", 1, "pmd"),
    name_for(ev::fault_branch, "level", 2, "pud"),
    name_for(ev::fault_branch, "level", 3, "p4d"),
    name_for(ev::fault_branch, "level", 4, "pgd"),
    words_for(ev::fault_branch, "write", 0, "read", "读"),
    words_for(ev::fault_branch, "write", 1, "write", "写"),
    words_for(ev::file_page_found, "dirty", 0, "clean", "干净"),
    words_for(ev::file_page_found, "dirty", 1, "dirty", "脏"),
    words_for(ev::wp_decided, "exclusive", 0, "not marked as exclusive", "没有独占标记"),
    words_for(ev::wp_decided, "exclusive", 1, "marked as exclusive", "有独占标记"),
    words_for(ev::fault_around, "found", 0, "not among them", "不在其中"),
    words_for(ev::fault_around, "found", 1, "among them, and the fault is done", "就在其中，缺页处理完毕"),
    words_for(ev::page_dirtied, "again", 0, "", ""),
    words_for(ev::page_dirtied, "again", 1, " Who writes much is held back now (balance_dirty_pages()).", "此时要限制写得太多的进程（balance_dirty_pages()）。"),

    decided(wp_reason::exclusive, "the page is marked as this process's alone (PageAnonExclusive), so it is reused", "页标着为本进程独占（PageAnonExclusive），直接复用"),
    decided(wp_reason::last_owner, "it has {count} {count|reference|references} and {mapcount} {mapcount|mapping|mappings}, nobody else has it, so it is reused", "引用数为 {count}，映射数为 {mapcount}，没有别人在用，直接复用"),
    decided(wp_reason::shared_anon, "it has {count} {count|reference|references} and {mapcount} {mapcount|mapping|mappings}: others have it, so it is copied", "引用数为 {count}，映射数为 {mapcount}：还有别人在用，必须复制"),
    decided(wp_reason::zero, "it is the zero page, so a page of zeroes takes its place", "它是零页，换成一个全零的页"),
    decided(wp_reason::private_file, "it is the page cache's and the mapping private, so it is copied", "它属于页缓存，而映射是私有的，必须复制"),
    decided(wp_reason::shared_file, "the mapping is shared: the write goes to the file's page itself", "映射是共享的：直接写文件的这一页"),
    decided(wp_reason::huge_exclusive, "the huge page is this process's alone (PageAnonExclusive), so it is reused", "大页为本进程独占（PageAnonExclusive），直接复用"),
    decided(wp_reason::huge_last_owner, "the huge page has {count} {count|reference|references}, nobody else has it, so it is reused", "大页的引用数为 {count}，没有别人在用，直接复用"),
    decided(wp_reason::huge_shared, "the huge page has {count} references: others have it, so it is split, and one page is copied", "大页的引用数为 {count}：还有别人在用，先拆分，再只复制一页"),
    decided(wp_reason::huge_zero, "it is the huge zero page", "它是大零页"),

    words_for(ev::page_copied, "zero", 0, "It has the bytes of frame {pfn}, which {left} {left|entry still maps|entries still map}", "内容来自页框 {pfn}，仍有 {left} 个表项映射那里"),
    words_for(ev::page_copied, "zero", 1, "It is full of zeroes, as the zero page was", "内容和零页一样，全为零"),
    words_for(ev::entry_flags_set, "write", 0, "the access flag", "访问标志"),
    words_for(ev::entry_flags_set, "write", 1, "the mark of the first write", "首次写入的标记"),

    refused(huge_refusal::off, "transparent_hugepage/enabled is never", "transparent_hugepage/enabled 为 never"),
    refused(huge_refusal::not_asked, "transparent_hugepage/enabled is madvise, and nobody asked with MADV_HUGEPAGE", "transparent_hugepage/enabled 为 madvise，而没有用 MADV_HUGEPAGE 要求过"),
    refused(huge_refusal::forbidden, "the VMA is marked with MADV_NOHUGEPAGE", "VMA 标着 MADV_NOHUGEPAGE"),
    refused(huge_refusal::no_room, "its 2 MiB do not lie in the VMA {start} to {end} whole", "它所在的 2 MiB 没有整个落在 VMA {start} 到 {end} 内"),

    words_for(ev::huge_page_split, "zero", 0, ", all of which name the same frames as before", "，页框都和原来一样"),
    words_for(ev::huge_page_split, "zero", 1, ", all of which name the small zero page", "，都指向普通的零页"),
    words_for(ev::fault_done, "major", 0, "minor", "次要"),
    words_for(ev::fault_done, "major", 1, "major", "主要"),

    forked(fork_way::copied, "the child gets the VMA, and its entries are copied", "子进程得到这个 VMA，表项也复制过去"),
    forked(fork_way::faulted_again, "the child gets the VMA and no entries: nothing private was written there, so its own faults bring the pages", "子进程得到这个 VMA，但不复制表项：那里没有写过的私有页，由子进程自己缺页取得"),
    forked(fork_way::not_at_all, "the child does not get it (MADV_DONTFORK)", "子进程得不到它（MADV_DONTFORK）"),
    forked(fork_way::wiped, "the child gets the VMA and none of its pages (MADV_WIPEONFORK)", "子进程得到这个 VMA，但得不到其中的页（MADV_WIPEONFORK）"),
};
// clang-format on

} // namespace

EventPart fault_events() { return table.with(words); }

} // namespace mm
