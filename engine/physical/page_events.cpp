// What each event carries, and the sentence that it becomes; the rules of events.cpp hold here, too.
#include "physical/page_events.h"

#include "base/event_table.h"
#include "physical/alloc_bulk.h"
#include "physical/alloc_contig.h"
#include "physical/init_memory.h"
#include "physical/page_isolation.h"
#include "physical/references.h"

namespace mm {

namespace {

using ev = page_event;

constexpr ArgSpec PFN{"pfn", Unit::pfn};
constexpr ArgSpec HEAD{"head", Unit::pfn};
constexpr ArgSpec ORDER{"order", Unit::order};
constexpr ArgSpec REFCOUNT{"refcount", Unit::number};
constexpr ArgSpec REASON{"reason", Unit::reason};
constexpr ArgSpec ZONE{"zone", Unit::zone};
constexpr ArgSpec GFP{"gfp", Unit::gfp};

constexpr ArgSpec flag(std::string_view name) { return {name, Unit::flag}; }
constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }

// clang-format off
constexpr EventRow<ev> rows[] = {
    // ----------------------------------------------------------------------------------------------------- references
    event(ev::page_get, "page_get", {PFN, HEAD, REFCOUNT, REASON},
          "{reason}. The count is {refcount} now.",
          "{reason}。引用计数变为 {refcount}。"),
    event(ev::page_get_refused, "page_get_refused", {PFN, REFCOUNT},
          "The count of {pfn} is {refcount}, and this explorer counts no further: it has 16 bits for it. The kernel has 32 "
          "and goes on. Nothing is done.",
          "页框 {pfn} 的引用计数已是 {refcount}，本工具只用 16 位记数，不能再加；内核用 32 位，会继续。这一步什么也没有做。"),
    event(ev::page_put, "page_put", {PFN, REFCOUNT, ORDER, REASON},
          "One reference to {pfn} is dropped: {reason}.",
          "放掉对页框 {pfn} 的一个引用：{reason}。"),
    event(ev::block_left_to_first, "block_left_to_first", {PFN, ORDER, REFCOUNT},
          "The count of {pfn} is now {refcount}, not 0: this page stays. But the block of order {order} is no compound page, "
          "and only its first page was counted. The others go back at once, the upper half first.",
          "页框 {pfn} 的引用计数变为 {refcount}，不是 0，所以这一页留下。但这个 {order} 阶的块不是复合页，引用只记在第一页上：其余"
          "的页立即归还，先是高半部分。"),

    // ----------------------------------------------------------------------------------------------- many pages at once
    event(ev::bulk_request, "bulk_request", {pages("places"), number("filled"), GFP},
          "The array has {places} {places|place|places}, of which the first {filled} {filled|holds a page|hold pages} "
          "already. Every empty place is to get a single page, with {gfp}.",
          "数组有 {places} 个位置，前 {filled} 个已经有页。每个空位要放入一个单页，标志 {gfp}。"),
    event(ev::bulk_watermark, "bulk_watermark",
          {ZONE, pages("places"), pages("free"), pages("low"), pages("reserve"), flag("enough")},
          "One look at the watermark for all of them: zone {zone} has {free} {free|page|pages} that count, and needs more than "
          "low {low} + {places} + reserve {reserve}. {enough}.",
          "水线只为它们看一次：内存域 {zone} 有 {free} 页可计，要多于 low 水线 {low} + {places} + 保留 {reserve}。{enough}。"),
    event(ev::bulk_one_page, "bulk_one_page", {number("place"), REASON},
          "Place {place} gets one page in the usual way: {reason}.",
          "位置 {place} 按平常的方式要一页：{reason}。"),
    event(ev::bulk_taken, "bulk_taken", {ZONE, pages("taken"), number("filled")},
          "{taken} {taken|page has|pages have} come from the list of this CPU in zone {zone}, under one lock. The array is filled up "
          "to place {filled}, which is what the caller is told.",
          "在一次持锁期间，从本 CPU 在内存域 {zone} 的链表取了 {taken} 页。数组从头到第 {filled} 个位置都已填满，这就是返回值。"),
    event(ev::bulk_missing, "bulk_missing",
          "This kernel has no alloc_pages_bulk_array(): it came with Linux 5.13. Before, callers asked for their pages one by one.",
          "这个内核没有 alloc_pages_bulk_array()：它从 Linux 5.13 开始有。此前调用者只能一页一页地要。"),

    // ------------------------------------------------------------------------------------------------ pages by place
    event(ev::contig_request, "contig_request", {PFN, pages("nr_pages"), {"migratetype", Unit::migratetype}, ZONE},
          "alloc_contig_range wants {nr_pages} {nr_pages|page|pages} from {pfn} on, in zone {zone}, and no others. Its pageblocks "
          "will be {migratetype} afterwards, whatever they are now.",
          "alloc_contig_range 要的就是从 {pfn} 开始的 {nr_pages} 页（内存域 {zone}），别的都不行。不管现在是什么类型，所在页块事后都成为 "
          "{migratetype}。"),
    event(ev::contig_refused, "contig_refused", {PFN, pages("nr_pages"), {"at", Unit::pfn}, REASON},
          "{nr_pages} {nr_pages|page|pages} from {pfn} on: {reason}.",
          "从 {pfn} 开始的 {nr_pages} 页：{reason}。"),
    event(ev::pageblock_isolate, "pageblock_isolate", {PFN, {"from", Unit::migratetype}},
          "The pageblock {pfn} changes from {from} to Isolate. No request searches those lists, and what is free there no longer "
          "counts as free.",
          "页块 {pfn} 从 {from} 改为 Isolate。没有请求会去找这些链表，其中的空闲页也不再计为空闲。"),
    event(ev::isolate_refused, "isolate_refused", {PFN, {"at", Unit::pfn}, REASON},
          "The pageblock {pfn} cannot be isolated: {reason}. -EBUSY.",
          "页块 {pfn} 不能隔离：{reason}。返回 -EBUSY。"),
    event(ev::free_block_cut, "free_block_cut", {PFN, ORDER, {"border", Unit::pfn}},
          "The free block {pfn} of order {order} lies across {border}: it is cut there, and each part goes to the lists of its own "
          "pageblock.",
          "空闲块 {pfn}（{order} 阶）跨过 {border}：在那里切开，各部分放到自己页块的链表上。"),
    tracepoint(ev::test_pages_isolated, "test_pages_isolated",
               {{"start", Unit::pfn}, {"end", Unit::pfn}, {"fin", Unit::pfn}, REASON},
               "The pages from {start} to {end} are gone through, up to {fin}: {reason}.",
               "检查从 {start} 到 {end} 的页，查到 {fin}：{reason}。"),
    event(ev::contig_block_taken, "contig_block_taken", {PFN, ORDER, REASON, bytes("bytes")},
          "The free block {pfn} of order {order} leaves the lists as 2^{order} single pages, each with a count of 1; {reason}.",
          "空闲块 {pfn}（{order} 阶）离开空闲链表，成为 2^{order} 个单页，引用计数各为 1；{reason}。"),
    event(ev::contig_taken, "contig_taken", {PFN, pages("nr_pages")},
          "The {nr_pages} {nr_pages|page|pages} from {pfn} on {nr_pages|belongs|belong} to the caller.",
          "从 {pfn} 开始的 {nr_pages} 页归调用者。"),
    event(ev::pageblock_unisolate, "pageblock_unisolate", {PFN, {"to", Unit::migratetype}},
          "The pageblock {pfn} comes back as {to}: what is free there may be given out again.",
          "页块 {pfn} 恢复为 {to}：其中的空闲页又可以分配。"),
    event(ev::contig_still_in_use, "contig_still_in_use", {PFN, pages("nr_pages"), number("held")},
          "WARNING: {held} {held|page is|pages are} still in use! Of the {nr_pages} {nr_pages|page|pages} from {pfn} on, somebody "
          "else holds {held|one|some}, or has freed {held|it|them} before.",
          "WARNING: {held} pages are still in use! 从 {pfn} 开始的 {nr_pages} 页中，有的还被别人持有，或者早已释放。"),

    // ---------------------------------------------------------------------------------------------------- init_on_free
    event(ev::pages_cleared, "pages_cleared", {PFN, ORDER, bytes("bytes")},
          "init_on_free: before anybody can get {pfn}, order {order}, all of it is filled with zeros, {bytes}.",
          "init_on_free：在别人可能得到页框 {pfn}（{order} 阶）之前，先把 {bytes} 全部清零。"),
};
// clang-format on

constexpr auto table = event_table(rows, ev::page_get);

constexpr EventWords words[] = {
    words_for(ev::page_get, "reason", get_of::page, "Somebody else holds {pfn} from now on, too", "从此又多一方持有页框 {pfn}"),
    words_for(ev::page_get, "reason", get_of::tail,
              "{pfn} belongs to the compound page that begins at {head}, which counts for all of it",
              "页框 {pfn} 属于从 {head} 开始的复合页，引用都记在首页上"),
    words_for(ev::page_get, "reason", get_of::free,
              "Nobody holds {pfn}: who takes a reference has to hold one, or to make sure that the count is not 0. Kernels "
              "with CONFIG_DEBUG_VM stop here; Debian's goes on with a page that may be handed to another at any time",
              "没有人持有页框 {pfn}：取引用的前提是手里已有引用，或者确认计数不是 0。打开 CONFIG_DEBUG_VM 的内核会停在这里；Debian "
              "的内核照样加一，而这一页随时可能分配给别人"),
    words_for(ev::page_get, "reason", get_of::reserved, "{pfn} is reserved and never free; it is counted all the same",
              "页框 {pfn} 是保留页，从不空闲；引用照样计数"),

    words_for(ev::page_put, "reason", put_left::held, "{refcount} left, so it stays where it is",
              "还剩 {refcount} 个，所以它留在原处"),
    words_for(ev::page_put, "reason", put_left::none, "{refcount} left, so it is freed, with order {order}",
              "还剩 {refcount} 个，于是按 {order} 阶释放"),
    words_for(ev::page_put, "reason", put_left::less,
              "the count is {refcount}. Nobody held it: somebody drops what he never took. Kernels with CONFIG_DEBUG_VM stop "
              "here; Debian's does nothing, and the count stays wrong until some check looks",
              "计数变成 {refcount}。本来就没有人持有它：放掉的是从未取得的引用。打开 CONFIG_DEBUG_VM 的内核会停在这里；Debian "
              "的内核什么也不做，错误的计数留着，直到某次检查看到它"),

    words_for(ev::bulk_watermark, "enough", 0, "That is not met: the next zone is asked", "不满足，问下一个内存域"),
    words_for(ev::bulk_watermark, "enough", 1, "That is met", "满足"),
    words_for(ev::bulk_one_page, "reason", bulk_single::one_place, "it is the only one missing", "只缺这一页"),
    words_for(ev::bulk_one_page, "reason", bulk_single::other_node,
              "the next zone is another node's, and a whole array from there would be a poor choice",
              "下一个内存域属于别的节点，整个数组都从那里取并不合算"),
    words_for(ev::bulk_one_page, "reason", bulk_single::watermark,
              "no zone stays above its low watermark without all of them. That way wakes kswapd and may go down to min",
              "取走全部之后，没有内存域还在 low 水线之上。平常的方式会唤醒 kswapd，也可以用到 min 水线"),
    words_for(ev::bulk_one_page, "reason", bulk_single::no_page, "the zone had not even one for this list",
              "这个内存域连一页也给不出"),

    words_for(ev::contig_refused, "reason", contig_result::no_memory, "there is no memory at {at}. Callers look before they ask",
              "{at} 处没有内存。调用者应当先检查"),
    words_for(ev::contig_refused, "reason", contig_result::other_zone,
              "{at} belongs to another zone. A range lies in one, and callers have to see to that",
              "{at} 属于另一个内存域。范围必须在同一个内存域里，这由调用者保证"),
    words_for(ev::contig_refused, "reason", contig_result::gfp,
              "-EINVAL at {at}, as the mask has flags that such a request cannot follow",
              "在 {at} 返回 -EINVAL：掩码中有这种请求做不到的标志"),
    words_for(ev::contig_refused, "reason", contig_result::compound,
              "with __GFP_COMP the kernel would make one compound page of them, as for huge pages of 1 GiB at {at}; this explorer "
              "does not",
              "带 __GFP_COMP 时内核会把它们做成一个复合页，例如 {at} 处 1 GiB 的大页；本工具不做"),

    words_for(ev::isolate_refused, "reason", isolate_refusal::isolated, "somebody else has isolated it ({at})",
              "别人已经隔离了它（{at}）"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::reserved,
              "{at} is reserved, or no memory: it never was the page allocator's",
              "{at} 是保留页，或者不是内存：它从来不归页分配器管"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::cma, "it is CMA's ({at}), and only CMA takes pages there",
              "它属于 CMA（{at}），只有 CMA 能在那里取页"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::in_use,
              "{at} is in use. The kernel moves pages of processes, which are on an LRU list; this one is on none, and who holds it "
              "knows its address",
              "{at} 正在使用。内核能搬走进程的页，它们在 LRU 链表上；这一页不在任何 LRU 链表上，持有者记着它的地址"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::across,
              "the compound page {at}, in use, lies across its border and cannot be moved",
              "正在使用的复合页 {at} 跨在它的边界上，又不能搬走"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::border, "the zone ends inside of it ({at})",
              "内存域在它中间结束（{at}）"),

    words_for(ev::test_pages_isolated, "reason", 0, "all of them are free", "全都空闲"),
    words_for(ev::test_pages_isolated, "reason", 1,
              "that one is in use. What could be moved would be gone by now, as pages of processes are; this one stays, so the "
              "request ends with -EBUSY",
              "那一页正在使用。能搬走的（进程的页）这时已经搬走；这一页留着，请求以 -EBUSY 结束"),

    words_for(ev::contig_block_taken, "reason", init_reason::by_default, "{bytes} are filled with zeros (init_on_alloc)",
              "{bytes} 清零（init_on_alloc）"),
    words_for(ev::contig_block_taken, "reason", init_reason::asked, "{bytes} are filled with zeros, as __GFP_ZERO asks",
              "按 __GFP_ZERO 的要求把 {bytes} 清零"),
    words_for(ev::contig_block_taken, "reason", init_reason::off, "nothing is cleared ({bytes})", "不清零（{bytes}）"),
    words_for(ev::contig_block_taken, "reason", init_reason::at_free,
              "nothing has to be cleared ({bytes}), as that was done when they were freed (init_on_free)",
              "不必再清零（{bytes}），释放时已经清过（init_on_free）"),
};

} // namespace

EventPart page_events() { return table.with(words); }

} // namespace mm
