#include "machine/facts/fault_tree.h"

#include <algorithm>
#include <array>

#include "process/vma_rules.h"

namespace mm {

namespace {

using n = fault_node;

constexpr std::string_view MEMORY = "mm/memory.c", HUGE_MEMORY = "mm/huge_memory.c", MMAP = "mm/mmap.c",
                           SIGNAL = "kernel/signal.c";

// clang-format off
constexpr FaultNode NODES[] = {
    {n::entry, "do_page_fault", "arch/arm64/mm/fault.c", 0, {"Is it an address of user space?", "是用户空间的地址吗？"}, {}},
    {n::find_vma, "find_vma", MMAP, 0, {"Which VMA has the address?", "哪个 VMA 包含这个地址？"}, {}},
    {n::grows, "expand_stack", MMAP, 1, {"May the VMA above grow down?", "上面的 VMA 可以向下增长吗？"}, {}},
    {n::expand, "expand_downwards", MMAP, 2, {"Do gap and limits let it?", "间隔和上限允许吗？"}, {}},
    {n::rights, "__do_page_fault", "arch/arm64/mm/fault.c", 0, {"Does the VMA allow the access?", "VMA 允许这次访问吗？"}, {}},
    {n::pmd, "__handle_mm_fault", MEMORY, 0, {"What does the entry of the pmd hold?", "pmd 的表项里是什么？"}, {}},
    {n::huge_may, "hugepage_vma_check", HUGE_MEMORY, 1, {"May a huge page come?", "可以用大页吗？"}, {}},
    {n::huge_anon, "do_huge_pmd_anonymous_page", HUGE_MEMORY, 2, {"Read or write?", "读还是写？"}, {}},
    {n::huge_present, "__handle_mm_fault", MEMORY, 1, {"A write, and the huge page is read-only?", "是写，而大页只读？"}, {}},
    {n::huge_wp, "do_huge_pmd_wp_page", HUGE_MEMORY, 2, {"Whose is the huge page?", "大页归谁？"}, {}},
    {n::pte, "handle_pte_fault", MEMORY, 0, {"What does the entry of the page hold?", "这一页的表项里是什么？"}, {}},
    {n::behind, "handle_pte_fault", MEMORY, 1, {"What stands behind the VMA?", "VMA 背后是什么？"}, {}},
    {n::anon, "do_anonymous_page", MEMORY, 2, {"Read or write?", "读还是写？"}, {}},
    {n::file, "do_fault", MEMORY, 2, {"Read or write?", "读还是写？"}, {}},
    {n::around, "do_fault_around", MEMORY, 3, {"Is it in the page cache, as pages around it?", "它和附近的页在页缓存里吗？"}, {}},
    {n::cache, "filemap_fault", "mm/filemap.c", 3, {"Has the page cache the page?", "页缓存里有这一页吗？"}, {}},
    {n::present, "handle_pte_fault", MEMORY, 1, {"A write, and the entry is read-only?", "是写，而表项只读？"}, {}},
    {n::flags, "handle_pte_fault", MEMORY, 2, {"Is a flag missing in the entry?", "表项缺标志吗？"}, {}},
    {n::wp, "do_wp_page", MEMORY, 2, {"Whose is the page?", "页归谁？"}, {}},

    {n::bad_tables, "force_sig_fault", SIGNAL, 0, {"SIGKILL", "SIGKILL"}, {"SIGKILL: an entry names an address that the CPU does not have", "SIGKILL：表项指向 CPU 没有的地址"}},
    {n::not_user, "force_sig_fault", SIGNAL, 0, {"SIGSEGV", "SIGSEGV"}, {"SIGSEGV: the address is the kernel's", "SIGSEGV：地址属于内核"}},
    {n::no_vma, "force_sig_fault", SIGNAL, 0, {"SIGSEGV, MAPERR", "SIGSEGV，MAPERR"}, {"SIGSEGV with SEGV_MAPERR: no VMA has the address", "SIGSEGV（SEGV_MAPERR）：没有 VMA 包含这个地址"}},
    {n::stack_refused, "force_sig_fault", SIGNAL, 0, {"SIGSEGV, MAPERR", "SIGSEGV，MAPERR"}, {"SIGSEGV with SEGV_MAPERR: the stack may not grow that far", "SIGSEGV（SEGV_MAPERR）：栈不能长到那里"}},
    {n::access_error, "force_sig_fault", SIGNAL, 0, {"SIGSEGV, ACCERR", "SIGSEGV，ACCERR"}, {"SIGSEGV with SEGV_ACCERR: the VMA does not allow the access", "SIGSEGV（SEGV_ACCERR）：VMA 不允许这次访问"}},
    {n::no_memory, "pagefault_out_of_memory", "mm/oom_kill.c", 0, {"out of memory", "内存不足"}, {"there is no frame for it: VM_FAULT_OOM", "没有页框可用：VM_FAULT_OOM"}},
    {n::huge_zero, "do_huge_pmd_anonymous_page", HUGE_MEMORY, 0, {"huge zero page", "大零页"}, {"the huge zero page is mapped", "映射大零页"}},
    {n::huge_page, "do_huge_pmd_anonymous_page", HUGE_MEMORY, 0, {"huge page", "大页"}, {"a huge page of zeroes is mapped", "映射一个全零的大页"}},
    {n::huge_reused, "do_huge_pmd_wp_page", HUGE_MEMORY, 0, {"made writable", "改为可写"}, {"the huge page is this process's alone: its entry becomes writable", "大页只归本进程：表项改为可写"}},
    {n::huge_new, "do_huge_pmd_wp_page", HUGE_MEMORY, 0, {"huge page", "大页"}, {"a huge page takes the huge zero page's place", "用一个大页换下大零页"}},
    {n::zero_page, "do_anonymous_page", MEMORY, 0, {"zero page", "零页"}, {"the zero page is mapped, read-only", "映射零页，只读"}},
    {n::anon_page, "do_anonymous_page", MEMORY, 0, {"new page", "新页"}, {"a new page of zeroes is mapped", "映射一个全零的新页"}},
    {n::kernel_data, "vmf_insert_pfn", MEMORY, 0, {"[vvar]", "[vvar]"}, {"data of the kernel is mapped ([vvar])", "映射内核的数据（[vvar]）"}},
    {n::around_mapped, "filemap_map_pages", "mm/filemap.c", 0, {"all are mapped", "一并映射"}, {"the page cache has the page: it is mapped with those around it", "页缓存里有这一页：和附近的页一并映射"}},
    {n::beyond_file, "filemap_fault", "mm/filemap.c", 0, {"SIGBUS", "SIGBUS"}, {"SIGBUS: the page lies beyond the end of the file", "SIGBUS：这一页超出文件末尾"}},
    {n::disk_read, "filemap_fault", "mm/filemap.c", 0, {"disk, then again", "读盘，再来一次"}, {"the page is read from the disk first: a major fault", "先从磁盘读入这一页：主要缺页"}},
    {n::file_mapped, "do_read_fault", MEMORY, 0, {"page mapped", "映射该页"}, {"the page of the page cache is mapped, read-only", "映射页缓存的页，只读"}},
    {n::cow_copied, "do_cow_fault", MEMORY, 0, {"copy", "副本"}, {"the process gets a copy of the file's page at once", "进程直接得到文件页的副本"}},
    {n::shared_written, "do_shared_fault", MEMORY, 0, {"page, writable", "该页，可写"}, {"the file's own page is mapped and may be written", "映射文件自己的页，可写"}},
    {n::flags_set, "ptep_set_access_flags", "arch/arm64/mm/fault.c", 0, {"flag set", "设标志"}, {"the entry allows the access: only a flag is set in it", "表项允许访问：只在其中设一个标志"}},
    {n::spurious, "flush_tlb_fix_spurious_fault", "include/linux/pgtable.h", 0, {"spurious", "伪缺页"}, {"nothing is missing in the entry: the fault was spurious", "表项什么也不缺：这是伪缺页"}},
    {n::zero_replaced, "wp_page_copy", MEMORY, 0, {"new page", "新页"}, {"a page of zeroes takes the zero page's place", "用一个全零的页换下零页"}},
    {n::reused, "wp_page_reuse", MEMORY, 0, {"made writable", "改为可写"}, {"the page is this process's alone: its entry becomes writable, nothing is copied", "页只归本进程：表项改为可写，不复制"}},
    {n::copied, "wp_page_copy", MEMORY, 0, {"copy", "副本"}, {"others have the page too: it is copied", "还有别人在用这一页：复制"}},
    {n::file_copied, "wp_page_copy", MEMORY, 0, {"copy", "副本"}, {"the page is the page cache's and the mapping private: it is copied", "页属于页缓存而映射是私有的：复制"}},
    {n::shared_made_writable, "wp_page_shared", MEMORY, 0, {"made writable", "改为可写"}, {"the mapping is shared: the file's own page may be written now", "映射是共享的：文件自己的页现在可写"}},
};

constexpr FaultEdge EDGES[] = {
    {n::entry, n::find_vma, {"yes", "是"}},
    {n::entry, n::not_user, {"no", "不是"}},
    {n::entry, n::bad_tables, {"tables are bad", "页表坏了"}},
    {n::find_vma, n::rights, {"this one", "这个"}},
    {n::find_vma, n::grows, {"none", "没有"}},
    {n::grows, n::expand, {"yes, a stack", "可以，是栈"}},
    {n::grows, n::no_vma, {"no", "不可以"}},
    {n::expand, n::rights, {"yes, it grows", "允许，增长"}},
    {n::expand, n::stack_refused, {"no", "不允许"}},
    {n::rights, n::pmd, {"yes", "允许"}},
    {n::rights, n::access_error, {"no", "不允许"}},
    {n::pmd, n::pte, {"a table", "页表"}},
    {n::pmd, n::huge_may, {"nothing", "空"}},
    {n::pmd, n::huge_present, {"a huge page", "大页"}},
    {n::pmd, n::no_memory, {"no frame", "没有页框"}},
    {n::huge_may, n::huge_anon, {"yes", "可以"}},
    {n::huge_may, n::pte, {"no", "不可以"}},
    {n::huge_anon, n::huge_zero, {"read", "读"}},
    {n::huge_anon, n::huge_page, {"write", "写"}},
    {n::huge_anon, n::pte, {"no block is large enough", "没有足够大的块"}},
    {n::huge_wp, n::huge_reused, {"this process's", "本进程"}},
    {n::huge_wp, n::huge_new, {"huge zero page", "是大零页"}},
    {n::huge_wp, n::pte, {"it is split", "拆分"}},
    {n::pte, n::behind, {"nothing", "空"}},
    {n::pte, n::present, {"a page", "有页"}},
    {n::behind, n::anon, {"anonymous", "匿名内存"}},
    {n::behind, n::file, {"a file", "文件"}},
    {n::anon, n::zero_page, {"read", "读"}},
    {n::anon, n::anon_page, {"write", "写"}},
    {n::file, n::around, {"read", "读"}},
    {n::file, n::cache, {"write", "写"}},
    {n::around, n::around_mapped, {"yes", "在"}},
    {n::around, n::kernel_data, {"the kernel's", "内核的"}},
    {n::around, n::cache, {"no", "不在"}},
    {n::cache, n::file_mapped, {"yes, a read", "有，读"}},
    {n::cache, n::cow_copied, {"yes, private", "有，私有写"}},
    {n::cache, n::shared_written, {"yes, shared", "有，共享写"}},
    {n::cache, n::disk_read, {"no", "没有"}},
    {n::cache, n::beyond_file, {"beyond its end", "超出末尾"}},
    {n::present, n::wp, {"yes", "是"}},
    {n::present, n::flags, {"no", "否"}},
    {n::flags, n::flags_set, {"yes", "缺"}},
    {n::flags, n::spurious, {"no", "不缺"}},
    {n::wp, n::reused, {"this process's", "本进程"}},
    {n::wp, n::copied, {"others', too", "还有别人"}},
    {n::wp, n::zero_replaced, {"zero page", "是零页"}},
    {n::wp, n::file_copied, {"file, private", "文件，私有"}},
    {n::wp, n::shared_made_writable, {"file, shared", "文件，共享"}},
    {n::huge_present, n::huge_wp, {"yes", "是"}},
    {n::huge_present, n::flags, {"no", "否"}},
};
// clang-format on

constexpr bool nodes_are_in_order() {
    for (std::size_t i = 0; i < std::size(NODES); ++i)
        if (NODES[i].id != static_cast<n>(i)) return false;
    return std::size(NODES) == FAULT_NODES;
}
static_assert(nodes_are_in_order());

// A question has two answers or more, an end none; all but the root hang somewhere.
constexpr bool edges_make_a_tree() {
    for (const FaultNode& node : NODES) {
        int out = 0, in = 0;
        for (const FaultEdge& edge : EDGES) {
            out += edge.from == node.id;
            in += edge.to == node.id;
        }
        if (is_end(node.id) ? out != 0 : out < 2) return false;
        if ((in == 0) != (node.id == n::entry)) return false;
    }
    return true;
}
static_assert(edges_make_a_tree());

} // namespace

const FaultNode& fault_node_of(fault_node id) { return NODES[static_cast<std::size_t>(id)]; }

std::span<const FaultEdge> fault_edges() { return EDGES; }

const FaultEdge* edge_between(fault_node from, fault_node to) {
    for (const FaultEdge& edge : EDGES)
        if (edge.from == from && edge.to == to) return &edge;
    return nullptr;
}

const FaultEdge* edge_to(fault_node to) {
    for (const FaultEdge& edge : EDGES)
        if (edge.to == to) return &edge;
    return nullptr;
}

FaultFunction fault_function(fault_node id, const vma_rules& rules) {
    const FaultNode& node = fault_node_of(id);
    if (rules.arch != architecture::arm64) {
        if (id == n::entry) return {"do_user_addr_fault", "arch/x86/mm/fault.c"};
        if (id == n::rights) return {"access_error", "arch/x86/mm/fault.c"};
        if (id == n::flags_set) return {"ptep_set_access_flags", "arch/x86/mm/pgtable.c"};
    }
    if (id == n::huge_may && rules.before(6, 0)) return {"__transparent_hugepage_enabled", "include/linux/huge_mm.h"};
    if (id == n::huge_may && rules.since(6, 8)) return {"thp_vma_allowable_order", "include/linux/huge_mm.h"};
    if (id == n::behind && rules.since(6, 5)) return {"do_pte_missing", MEMORY};
    return {node.function, node.file};
}

const FaultStep* FaultRun::step_at(fault_node node) const {
    for (const FaultStep& step : steps)
        if (step.node == node) return &step;
    return nullptr;
}

} // namespace mm
