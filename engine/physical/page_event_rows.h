#pragma once
// The rows of page_events.h: what each event carries, and the sentence that it becomes; the rules of event_rows.h hold here,
// too. Arguments of unit reason and flag are spelt out by page_events.cpp.
#include "physical/event_rows.h"
#include "physical/page_events.h"

namespace mm {

namespace page_rows {

using namespace physical_rows;
using ev = page_event;

inline constexpr ArgSpec HEAD{"head", Unit::pfn};
constexpr ArgSpec bytes(std::string_view name) { return {name, Unit::bytes}; }

// clang-format off
inline constexpr EventRow<ev> rows[] = {
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

} // namespace page_rows

[[nodiscard]] constexpr std::span<const EventRow<page_event>> event_rows(page_event) { return page_rows::rows; }

} // namespace mm
