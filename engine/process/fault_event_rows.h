#pragma once
// The rows of the events of faults, of pages and of fork: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "process/fault_events.h"

namespace mm {

namespace fault_rows {

using ev = fault_event;

inline constexpr ArgSpec ADDRESS{"address", Unit::virt_address};
inline constexpr ArgSpec START{"start", Unit::virt_address};
inline constexpr ArgSpec END{"end", Unit::virt_address};
inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec KIND{"kind", Unit::reason};
inline constexpr ArgSpec WAY{"way", Unit::reason};
inline constexpr ArgSpec ENTRY{"entry", Unit::pte};
inline constexpr ArgSpec BEFORE{"before", Unit::pte};
inline constexpr ArgSpec PFN{"pfn", Unit::pfn};
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }
constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }
constexpr ArgSpec flag(std::string_view name) { return {name, Unit::flag}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }
constexpr ArgSpec virt(std::string_view name) { return {name, Unit::virt_address}; }

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    event(ev::fault_begins, "user_fault_begins", {ADDRESS, KIND, {"fault", Unit::reason}, number("fault_level"), {"esr", Unit::hex}},
          "A page fault: the {kind} of {address} met {fault} (syndrome {esr}). The kernel looks for the VMA of the address.",
          "缺页异常：对 {address} 的{kind}遇到{fault}（异常综合码 {esr}）。内核查找该地址所在的 VMA。"),
    event(ev::fault_branch, "fault_branch", {ADDRESS, WAY, ENTRY, {"flags", Unit::hex}, flag("write"), {"level", Unit::reason}},
          "A {write} of {address} in a VMA that allows it (vm_flags {flags}). Its {level} entry is {entry}: {way}.",
          "{write} {address}，VMA 允许（vm_flags 为 {flags}）。它的 {level} 表项是 {entry}：{way}。"),
    event(ev::zero_page_mapped, "zero_page_mapped", {ADDRESS, PFN, ENTRY},
          "What was never written reads as zeroes: {address} gets the zero page, frame {pfn}, read-only and shared by all. It counts in no "
          "Rss. Entry: {entry}.",
          "从未写过的内存读出来是零：{address} 映射到零页，页框 {pfn}，只读，大家共用，不计入 Rss。表项：{entry}。"),
    event(ev::anon_page_mapped, "anon_page_mapped", {ADDRESS, PFN, ENTRY, pages("rss")},
          "{address} gets a page of zeroes of its own, frame {pfn}, exclusive and dirty: {entry}. The process has {rss} anonymous "
          "{rss|page|pages} now.",
          "{address} 得到自己的全零页，页框 {pfn}，独占且为脏：{entry}。进程现有匿名页 {rss} 页。"),
    event(ev::file_page_found, "file_page_found", {ADDRESS, number("index"), PFN, flag("dirty")},
          "Page {index} of the file, which {address} maps, is in the page cache, frame {pfn}, {dirty}: a minor fault.",
          "{address} 对应文件的第 {index} 页，它在页缓存里（页框 {pfn}，{dirty}）：次要缺页。"),
    event(ev::file_pages_read, "file_pages_read", {ADDRESS, number("index"), number("first"), pages("pages"), pages("read")},
          "Page {index} of the file, which {address} maps, is not in the page cache: a major fault. With read-ahead {pages} {pages|page|pages} "
          "{pages|is|are} wanted, the first is page {first}; {read} of them {read|comes|come} from the disk, and the fault runs again.",
          "{address} 对应文件的第 {index} 页，它不在页缓存里：主要缺页。从第 {first} 页起预读 {pages} 页，其中 {read} 页要从磁盘读入，然后重新处理缺页。"),
    event(ev::shmem_page_added, "shmem_page_added", {ADDRESS, number("index"), PFN, pages("cached")},
          "Page {index} of the shared memory, which {address} maps, does not exist yet: frame {pfn} of zeroes becomes it, {cached} {cached|page|pages} in all. There is "
          "no zero page here, not even for a read.",
          "{address} 对应共享内存的第 {index} 页，它还不存在：取全零的页框 {pfn} 充当，共有 {cached} 页。这里即使是读也不用零页。"),
    event(ev::fault_around, "fault_around", {ADDRESS, START, pages("pages"), pages("mapped"), flag("found")},
          "Fault-around: of the {pages} {pages|page|pages} from {start} on, {mapped} {mapped|is in the page cache and not mapped yet, and gets its "
          "entry|are in the page cache and not mapped yet, and get their entries} now. The page of {address} is {found}.",
          "顺带映射：从 {start} 起的 {pages} 页中，有 {mapped} 页在页缓存里且尚未映射，现在一并建立表项。{address} 的页{found}。"),
    event(ev::file_page_mapped, "file_page_mapped", {ADDRESS, PFN, ENTRY, number("mapcount")},
          "{address} maps frame {pfn} of the page cache: {entry}. {mapcount} {mapcount|entry maps|entries map} it now.",
          "{address} 映射页缓存的页框 {pfn}：{entry}。现在有 {mapcount} 个表项映射它。"),
    event(ev::page_mkwrite, "page_mkwrite", {ADDRESS, number("index"), PFN},
          "The file system is asked before page {index}, frame {pfn}, may be written at {address} (page_mkwrite()): it must be able to write the page "
          "back.",
          "在 {address} 写第 {index} 页（页框 {pfn}）之前先问文件系统（page_mkwrite()）：它必须能把这一页写回。"),
    event(ev::page_dirtied, "page_dirtied", {ADDRESS, number("index"), PFN, flag("again")},
          "Page {index}, frame {pfn}, is written at {address} and becomes dirty.{again}",
          "在 {address} 写第 {index} 页（页框 {pfn}），它变脏。{again}"),
    event(ev::wp_decided, "wp_decided", {ADDRESS, PFN, REASON, number("count"), number("mapcount"), flag("exclusive")},
          "A write at {address} to frame {pfn}, {exclusive}, through an entry that is read-only: {reason}.",
          "在 {address} 写页框 {pfn}（{exclusive}），但它的表项是只读的：{reason}。"),
    event(ev::page_reused, "page_reused", {ADDRESS, PFN, BEFORE, ENTRY},
          "{address} keeps frame {pfn}; its entry becomes writable: {before} becomes {entry}. Nothing is copied.",
          "{address} 保留页框 {pfn}，表项改为可写：{before} 变为 {entry}。什么也不复制。"),
    event(ev::page_copied, "page_copied", {ADDRESS, PFN, {"copy", Unit::pfn}, ENTRY, number("left"), flag("zero")},
          "Copy on write: frame {copy} becomes the page of {address}: {entry}. {zero}.",
          "写时复制：页框 {copy} 成为 {address} 的页：{entry}。{zero}。"),
    event(ev::entry_flags_set, "entry_flags_set", {ADDRESS, BEFORE, ENTRY, flag("write")},
          "The page at {address} is there and the access allowed; {write} was missing, which this CPU leaves to the kernel: {before} becomes {entry}.",
          "{address} 的页在，访问也允许，只缺{write}，这种 CPU 交给内核来设：{before} 变为 {entry}。"),
    event(ev::fault_spurious, "fault_spurious", {ADDRESS, ENTRY},
          "The entry {entry} allows the access already: the fault was spurious. The TLB forgets {address}.",
          "表项 {entry} 已经允许这次访问：这是伪缺页。TLB 丢掉 {address}。"),
    event(ev::huge_page_refused, "huge_page_refused", {ADDRESS, REASON, START, END},
          "No huge page for {address}: {reason}.",
          "{address} 不用大页：{reason}。"),
    event(ev::huge_page_mapped, "huge_page_mapped", {ADDRESS, PFN, ENTRY, pages("rss")},
          "One entry of the pmd maps a whole huge page from {address} on, frame {pfn}: {entry}. The process has {rss} anonymous "
          "{rss|page|pages} now.",
          "pmd 的一项就映射从 {address} 起的整个大页，首页框 {pfn}：{entry}。进程现有匿名页 {rss} 页。"),
    event(ev::huge_zero_mapped, "huge_zero_mapped", {ADDRESS, PFN, ENTRY},
          "A read of what was never written: the huge zero page, frame {pfn}, is mapped from {address} on: {entry}.",
          "读从未写过的内存：从 {address} 起映射大零页，首页框 {pfn}：{entry}。"),
    event(ev::huge_page_split, "huge_page_split", {ADDRESS, PFN, flag("zero"), number("held")},
          "The huge page at {address}, frame {pfn}, is mapped by single entries from now on{zero}. Its frames have {held} {held|mapping|mappings} then.",
          "{address} 处的大页（首页框 {pfn}）从此由单个表项映射{zero}。这些页框此后共有 {held} 处映射。"),
    event(ev::fault_beyond_file, "fault_beyond_file", {ADDRESS, number("index"), pages("pages"), bytes("size")},
          "{address} is page {index} of the file, which has {size}, so {pages} {pages|page|pages}: there is nothing to map.",
          "{address} 是文件的第 {index} 页，而文件大小为 {size}，只有 {pages} 页：没有可映射的内容。"),
    event(ev::fault_no_memory, "fault_no_memory", {ADDRESS, {"order", Unit::order}},
          "There is no block of order {order} for {address}.",
          "没有阶为 {order} 的块给 {address} 用。"),
    event(ev::fault_retried, "fault_retried", {ADDRESS},
          "The fault at {address} runs once more from its beginning (VM_FAULT_RETRY), and counts as major then.",
          "{address} 的缺页从头再处理一次（VM_FAULT_RETRY），于是算作主要缺页。"),
    event(ev::fault_done, "fault_done", {ADDRESS, flag("major"), number("min_flt"), number("maj_flt")},
          "The fault at {address} is done and counts as {major}: min_flt {min_flt}, maj_flt {maj_flt}.",
          "{address} 的缺页处理完毕，计为{major}：min_flt 为 {min_flt}，maj_flt 为 {maj_flt}。"),
    event(ev::user_sigbus, "user_sigbus", {ADDRESS, number("code")},
          "SIGBUS with si_code {code} (2: BUS_ADRERR) for {address}: the VMA allows it, and no page can come.",
          "{address} 引发 SIGBUS，si_code 为 {code}（2 即 BUS_ADRERR）：VMA 允许访问，但没有页可给。"),
    event(ev::user_value_read, "user_value_read", {ADDRESS, PFN, number("value")},
          "The program reads {value} at {address}, frame {pfn}.",
          "程序从 {address}（页框 {pfn}）读到 {value}。"),
    event(ev::user_value_written, "user_value_written", {ADDRESS, PFN, number("value")},
          "The program writes {value} at {address}, frame {pfn}.",
          "程序把 {value} 写到 {address}（页框 {pfn}）。"),
    event(ev::entries_zapped, "entries_zapped", {START, END, number("entries"), pages("last")},
          "{entries} {entries|entry|entries} between {start} and {end} {entries|is|are} cleared; {last} {last|page is|pages are} mapped nowhere any more.",
          "清除 {start} 到 {end} 之间的 {entries} 个表项，其中 {last} 页不再有任何表项映射。"),
    event(ev::pages_freed, "user_pages_freed", {pages("pages")},
          "TLBs have forgotten them: {pages} {pages|page goes back to the page allocator, or stays|pages go back to the page allocator, or stay} in the page cache.",
          "TLB 已经忘掉它们：{pages} 页还给页分配器，或者留在页缓存里。"),
    event(ev::entries_protected, "user_entries_protected", {START, END, {"prot", Unit::pte}, number("entries"), number("writable")},
          "{entries} {entries|entry|entries} between {start} and {end} {entries|gets|get} the protection {prot}; {writable} of them may be written at once, as "
          "their pages are nobody else's.",
          "{start} 到 {end} 之间的 {entries} 个表项改为保护 {prot}；其中 {writable} 个因为页为独占，可以马上写。"),
    event(ev::entries_moved, "entries_moved", {START, virt("to"), bytes("size"), number("entries")},
          "{entries} {entries|entry|entries} of {size} from {start} stand at {to} now: the same frames, nothing is copied.",
          "从 {start} 起 {size} 内的 {entries} 个表项移到 {to}：页框不变，什么也不复制。"),
    event(ev::pages_lazyfree, "pages_lazyfree", {START, END, pages("pages")},
          "{pages} {pages|page|pages} between {start} and {end} are clean and old now: reclaim may drop them, and until then they keep what "
          "was written.",
          "{start} 到 {end} 之间的 {pages} 页改为干净、未访问：回收时可以直接丢弃，在那之前内容还在。"),
    event(ev::pages_made_old, "pages_made_old", {START, END, pages("pages")},
          "{pages} {pages|page|pages} between {start} and {end} count as unused from now on.",
          "{start} 到 {end} 之间的 {pages} 页从此算作近期未使用。"),
    event(ev::fork_begins, "fork_begins", {number("pid"), number("vmas"), pages("rss")},
          "fork() of process {pid}: {vmas} {vmas|VMA|VMAs} to look at, and no copy of the {rss} {rss|page|pages} that it has.",
          "进程 {pid} 调用 fork()：要为子进程过一遍 {vmas} 个 VMA；父进程的 {rss} 页不会被复制。"),
    event(ev::vma_forked, "vma_forked", {START, END, WAY, {"flags", Unit::hex}, pages("pages")},
          "{start} to {end}, {pages} {pages|page|pages}, vm_flags {flags}: {way}.",
          "{start} 到 {end}，共 {pages} 页，vm_flags 为 {flags}：{way}。"),
    event(ev::anon_vma_forked, "anon_vma_forked", {START, END, number("parent"), number("anon_vma"), number("chain")},
          "The child's {start} to {end} gets an anon_vma of its own, number {anon_vma}, below the parent's number {parent}: pages of both are "
          "found from it, {chain} anon_vmas in a chain.",
          "子进程的 {start} 到 {end} 得到自己的 anon_vma，编号 {anon_vma}，挂在父进程的 {parent} 号之下：链上共 {chain} 个 anon_vma。"),
    event(ev::entries_copied, "entries_copied", {START, END, pages("anon"), pages("file"), pages("zero"), pages("protected")},
          "Between {start} and {end} the child's entries name the parent's frames: {anon} anonymous, {file} of files, {zero} of the zero page. "
          "{protected} of them could be written and {protected|is|are} read-only in both now.",
          "{start} 到 {end} 之间，子进程的表项指向父进程的页框：匿名页 {anon}，文件页 {file}，零页 {zero}。其中 {protected} 页原来可写，现在在双方都只读。"),
    event(ev::fork_done, "fork_done", {number("pid"), number("vmas"), pages("anon"), pages("rss")},
          "fork() of process {pid} is done: the child has {vmas} {vmas|VMA|VMAs} and an Rss of {rss} {rss|page|pages}, {anon} of them anonymous, which are the parent's.",
          "进程 {pid} 的 fork() 完成：子进程有 {vmas} 个 VMA，Rss 为 {rss} 页（匿名页 {anon}），都是父进程的页。"),
    event(ev::fork_failed, "fork_failed", {START, END, pages("pages"), flag("promised")},
          "fork() fails at the VMA {start} to {end}: {promised}.",
          "fork() 在 VMA {start} 到 {end} 处失败：{promised}。"),
    event(ev::mm_shared, "mm_shared", {number("pid"), number("users")},
          "No copy: {users} {users|task runs|tasks run} in the mm of process {pid} now (mm_users).",
          "不复制：现在有 {users} 个任务在用进程 {pid} 的 mm（mm_users）。"),
    event(ev::mm_left, "mm_left", {number("pid"), number("users")},
          "A task leaves the mm of process {pid}; {users} {users|task still runs|tasks still run} in it (mm_users).",
          "一个任务离开进程 {pid} 的 mm，还有 {users} 个任务在用（mm_users）。"),
    event(ev::mm_exited, "mm_exited", {number("pid"), number("vmas"), pages("rss"), number("min_flt"), number("maj_flt")},
          "The last task of process {pid} has left: {vmas} {vmas|VMA|VMAs} and {rss} {rss|page|pages} are given up. It had {min_flt} minor and {maj_flt} major "
          "{maj_flt|fault|faults}.",
          "进程 {pid} 的最后一个任务离开：撤销 {vmas} 个 VMA，放弃 {rss} 页。它共有次要缺页 {min_flt} 次，主要缺页 {maj_flt} 次。"),
    event(ev::file_resized, "file_resized", {bytes("old"), bytes("size"), pages("pages")},
          "The file has {size} now; before, {old}. {pages} {pages|page leaves|pages leave} the page cache.",
          "文件大小由 {old} 变为 {size}。{pages} 页离开页缓存。"),
    event(ev::file_written_back, "file_written_back", {number("index"), pages("pages"), pages("written"), number("entries")},
          "Of {pages} {pages|page|pages} from page {index} on, {written} {written|was|were} dirty and {written|is|are} written; {entries} "
          "{entries|entry becomes|entries become} read-only, so that the next write is noticed.",
          "从第 {index} 页起的 {pages} 页中，{written} 页为脏，写回；{entries} 个表项改为只读，以便察觉下一次写。"),
    event(ev::file_written, "file_written", {number("index"), PFN, number("value"), flag("cached"), number("entries")},
          "write() puts {value} into page {index} of the file, frame {pfn}: {cached}. The page is dirty; {entries} {entries|entry maps|entries map} "
          "it and {entries|shows|show} the byte at once. No entry changes.",
          "write() 把 {value} 写入文件的第 {index} 页，页框 {pfn}：{cached}。该页为脏；映射它的 {entries} 个表项立即看到这个字节，表项本身不变。"),
    event(ev::remote_written, "remote_written", {ADDRESS, PFN, number("value"), flag("forced"), flag("copied")},
          "{value} is written at {address} from outside, frame {pfn}: {forced}, {copied}. The entry is dirty, and stays read-only where the VMA is.",
          "从外部把 {value} 写到 {address}（页框 {pfn}）：{forced}，{copied}。表项为脏，VMA 只读时表项仍然只读。"),
    event(ev::pages_reclaimed, "pages_reclaimed", {START, END, pages("unmapped"), pages("dropped")},
          "MADV_PAGEOUT: {unmapped} {unmapped|page|pages} of the page cache between {start} and {end} {unmapped|is|are} unmapped; of these, {dropped} "
          "{dropped|is|are} clean and {dropped|leaves|leave} it. What is dirty waits there; anonymous pages stay, as there is no swap.",
          "MADV_PAGEOUT：{start} 到 {end} 之间页缓存的 {unmapped} 页被撤销映射，其中 {dropped} 页是干净的，离开页缓存。脏页留在页缓存里等待；没有交换区，匿名页不动。"),
    event(ev::file_unlinked, "file_unlinked", {{"path", Unit::path}, number("inode"), number("openings"), pages("cached")},
          "The name {path} is gone. {openings} {openings|struct file has|struct files have} inode {inode} still; with the last of them its {cached} "
          "{cached|page leaves|pages leave} the page cache.",
          "名字 {path} 没有了。还有 {openings} 个 struct file 用着 inode {inode}；最后一个离开时，它的 {cached} 页才离开页缓存。"),
    event(ev::kernel_page_mapped, "kernel_page_mapped", {ADDRESS, PFN, ENTRY, flag("counted"), number("mapcount")},
          "{address} belongs to a page of the kernel's own that every process is given, frame {pfn} of the kernel's image: {entry}. {counted}.",
          "{address} 属于内核给每个进程的页，页框 {pfn} 在内核映像里：{entry}。{counted}。"),
    event(ev::pages_looked_up, "pages_looked_up", {START, END, pages("pages"), pages("resident"), {"mask", Unit::hex}},
          "Of the {pages} {pages|page|pages} from {start} to {end}, {resident} {resident|is|are} in memory: mapped, or in the page cache. The first 64 as bits, the "
          "first page lowest: {mask}.",
          "{start} 到 {end} 的 {pages} 页中，{resident} 页在内存里：已映射，或在页缓存中。前 64 页按位表示，第一页在最低位：{mask}。"),
    event(ev::user_code_fetched, "user_code_fetched", {ADDRESS, PFN},
          "The CPU fetches the instruction at {address} from frame {pfn} and runs it.",
          "CPU 从页框 {pfn} 取出 {address} 处的指令并执行。"),
    event(ev::collapse_scanned, "collapse_scanned", {START, END, {"result", Unit::reason}, pages("pages"), number("writable")},
          "From {start} to {end} there are {pages} {pages|page|pages}, and {writable} {writable|entry|entries} may be written: {result}.",
          "{start} 到 {end} 有 {pages} 页，{writable} 个表项可写：{result}。"),
    event(ev::pages_collapsed, "pages_collapsed", {START, PFN, ENTRY, pages("pages"), pages("filled"), pages("rss")},
          "{pages} {pages|page is|pages are} copied into a huge page; {filled} {filled|was|were} missing and {filled|is|are} full of zeroes there. One entry of the pmd maps it from {start} on, "
          "frame {pfn}: {entry}. The process has {rss} anonymous {rss|page|pages} now.",
          "{pages} 页复制进一个大页，缺的 {filled} 页是全零；pmd 的一项从 {start} 起映射它，首页框 {pfn}：{entry}。进程现有匿名页 {rss} 页。"),
    event(ev::inode_evicted, "inode_evicted", {number("inode"), pages("pages")},
          "No path leads to inode {inode}, and nobody has it open or mapped any more: it goes, and {pages} {pages|page leaves|pages leave} the page cache.",
          "没有路径指向 inode {inode}，也没有人再打开或映射它：它就此消失，{pages} 页离开页缓存。"),
};
// clang-format on

} // namespace fault_rows

[[nodiscard]] constexpr std::span<const EventRow<fault_event>> event_rows(fault_event) { return fault_rows::rows; }

} // namespace mm
