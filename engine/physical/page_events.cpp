// The words of reasons and flags. The rows are in page_event_rows.h.
#include "physical/page_events.h"

#include "physical/alloc_bulk.h"
#include "physical/alloc_contig.h"
#include "physical/init_memory.h"
#include "physical/page_event_rows.h"
#include "physical/page_isolation.h"
#include "physical/references.h"

namespace mm {

namespace {

using ev = page_event;

constexpr auto table = event_table(page_rows::rows, ev::page_get);

constexpr EventWords words[] = {
    words_for(ev::page_get, "reason", get_of::page, "Somebody else holds {pfn} from now on, too",
              "从此又多一方持有页框 {pfn}"),
    words_for(ev::page_get, "reason", get_of::tail,
              "{pfn} belongs to the compound page that begins at {head}, which counts for all of it",
              "页框 {pfn} 属于从 {head} 开始的复合页，引用都记在首页上"),
    words_for(
        ev::page_get, "reason", get_of::free,
        "Nobody holds {pfn}: who takes a reference has to hold one, or to make sure that the count is not 0. Kernels "
        "with CONFIG_DEBUG_VM stop here; Debian's goes on with a page that may be handed to another at any time",
        "没有人持有页框 {pfn}：取引用的前提是手里已有引用，或者确认计数不是 0。打开 CONFIG_DEBUG_VM "
        "的内核会停在这里；Debian "
        "的内核照样加一，而这一页随时可能分配给别人"),
    words_for(ev::page_get, "reason", get_of::reserved, "{pfn} is reserved and never free; it is counted all the same",
              "页框 {pfn} 是保留页，从不空闲；引用照样计数"),

    words_for(ev::page_put, "reason", put_left::held, "{refcount} left, so it stays where it is",
              "还剩 {refcount} 个，所以它留在原处"),
    words_for(ev::page_put, "reason", put_left::none, "{refcount} left, so it is freed, with order {order}",
              "还剩 {refcount} 个，于是按 {order} 阶释放"),
    words_for(
        ev::page_put, "reason", put_left::less,
        "the count is {refcount}. Nobody held it: somebody drops what he never took. Kernels with CONFIG_DEBUG_VM stop "
        "here; Debian's does nothing, and the count stays wrong until some check looks",
        "计数变成 {refcount}。本来就没有人持有它：放掉的是从未取得的引用。打开 CONFIG_DEBUG_VM "
        "的内核会停在这里；Debian "
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

    words_for(ev::contig_refused, "reason", contig_result::no_memory,
              "there is no memory at {at}. Callers look before they ask", "{at} 处没有内存。调用者应当先检查"),
    words_for(ev::contig_refused, "reason", contig_result::other_zone,
              "{at} belongs to another zone. A range lies in one, and callers have to see to that",
              "{at} 属于另一个内存域。范围必须在同一个内存域里，这由调用者保证"),
    words_for(ev::contig_refused, "reason", contig_result::gfp,
              "the mask has flags that such a request cannot follow, so nothing is taken from {at} on: -EINVAL",
              "掩码中有这种请求做不到的标志，从 {at} 起什么也不取：-EINVAL"),
    words_for(
        ev::contig_refused, "reason", contig_result::compound,
        "with __GFP_COMP the kernel would make one compound page that begins at {at}, as for huge pages of 1 GiB; this "
        "explorer does not",
        "带 __GFP_COMP 时内核会从 {at} 起做成一个复合页，例如 1 GiB 的大页；本工具不做"),
    words_for(ev::contig_refused, "reason", contig_result::no_cma,
              "this kernel is built without CONFIG_CMA, so nothing at {at} can become MIGRATE_CMA",
              "这个内核没有编入 CONFIG_CMA，{at} 处的页块不可能成为 MIGRATE_CMA"),

    words_for(ev::isolate_refused, "reason", isolate_refusal::isolated, "somebody else has isolated it ({at})",
              "别人已经隔离了它（{at}）"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::reserved,
              "{at} is reserved, or no memory: it never was the page allocator's",
              "{at} 是保留页，或者不是内存：它从来不归页分配器管"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::cma, "it is CMA's ({at}), and only CMA takes pages there",
              "它属于 CMA（{at}），只有 CMA 能在那里取页"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::in_use,
              "{at} is in use. The kernel moves pages of processes, which are on an LRU list; this one is on none, and "
              "who holds it "
              "knows its address",
              "{at} 正在使用。内核能搬走进程的页，它们在 LRU 链表上；这一页不在任何 LRU 链表上，持有者记着它的地址"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::across,
              "the compound page {at}, in use, lies across its border and cannot be moved",
              "正在使用的复合页 {at} 跨在它的边界上，又不能搬走"),
    words_for(ev::isolate_refused, "reason", isolate_refusal::border, "the zone ends inside of it ({at})",
              "内存域在它中间结束（{at}）"),

    words_for(ev::test_pages_isolated, "reason", 0, "all of them are free", "全都空闲"),
    words_for(ev::test_pages_isolated, "reason", 1,
              "that one is in use. What could be moved would be gone by now, as pages of processes are; this one "
              "stays, so the "
              "request ends with -EBUSY",
              "那一页正在使用。能搬走的（进程的页）这时已经搬走；这一页留着，请求以 -EBUSY 结束"),

    words_for(ev::contig_block_taken, "reason", init_reason::by_default,
              "{bytes} {bytes|is|are} filled with zeros (init_on_alloc)", "{bytes} 清零（init_on_alloc）"),
    words_for(ev::contig_block_taken, "reason", init_reason::asked,
              "{bytes} {bytes|is|are} filled with zeros, as __GFP_ZERO asks", "按 __GFP_ZERO 的要求把 {bytes} 清零"),
    words_for(ev::contig_block_taken, "reason", init_reason::off, "nothing is cleared ({bytes})", "不清零（{bytes}）"),
    words_for(ev::contig_block_taken, "reason", init_reason::at_free,
              "nothing has to be cleared ({bytes}), as that was done when they were freed (init_on_free)",
              "不必再清零（{bytes}），释放时已经清过（init_on_free）"),
};

} // namespace

EventPart page_events() { return table.with(words); }

} // namespace mm
