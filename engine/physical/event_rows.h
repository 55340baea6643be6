#pragma once
// The rows of the page allocator's events: what each carries, and the sentence that it becomes.
//
// A sentence states the rule and the numbers that met it. Each argument appears in both languages; arguments of unit
// reason and flag are spelt out by event_words.cpp.
#include "base/event_args.h"
#include "physical/events.h"

namespace mm {

namespace physical_rows {

inline constexpr ArgSpec ZONE{"zone", Unit::zone};
inline constexpr ArgSpec NODE{"node", Unit::node};
inline constexpr ArgSpec CPU{"cpu", Unit::cpu};
inline constexpr ArgSpec LIST{"list", Unit::pcp_list};
inline constexpr ArgSpec PFN{"pfn", Unit::pfn};
inline constexpr ArgSpec BUDDY{"buddy", Unit::pfn};
inline constexpr ArgSpec ORDER{"order", Unit::order};
inline constexpr ArgSpec NEW_ORDER{"new_order", Unit::order};
inline constexpr ArgSpec TYPE{"migratetype", Unit::migratetype};
inline constexpr ArgSpec FROM{"from", Unit::migratetype};
inline constexpr ArgSpec TO{"to", Unit::migratetype};
inline constexpr ArgSpec GFP{"gfp", Unit::gfp};
inline constexpr ArgSpec REASON{"reason", Unit::reason};
inline constexpr ArgSpec REFCOUNT{"refcount", Unit::number};
inline constexpr ArgSpec NR_FREE{"nr_free", Unit::number};

constexpr ArgSpec flag(std::string_view name) { return {name, Unit::flag}; }
constexpr ArgSpec number(std::string_view name) { return {name, Unit::number}; }
constexpr ArgSpec pages(std::string_view name) { return {name, Unit::pages}; }
constexpr ArgSpec zone_index(std::string_view name) { return {name, Unit::zone_index}; }
constexpr ArgSpec term(std::string_view name) { return {name, Unit::address_term}; }
constexpr ArgSpec kib(std::string_view name) { return {name, Unit::kib}; }

inline constexpr ArgSpec PHYS{"phys", Unit::phys_address};
inline constexpr ArgSpec WMARK{"wmark", Unit::wmark};
inline constexpr ArgSpec COUNT = pages("count");
inline constexpr ArgSpec HIGH = pages("high");
inline constexpr ArgSpec BATCH = pages("batch");

using ev = physical_event;
inline constexpr ArgSpec WATERMARK_ARGS[] = {
    ZONE, WMARK, ORDER, pages("free"), pages("unusable"), pages("min"), pages("reserve"), pages("mark")};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    // ------------------------------------------------------------------------------------------ asking for a block
    event(ev::alloc_request, "alloc_request", {ORDER, GFP, TYPE, zone_index("highest_zoneidx"), NODE, ZONE},
          "{gfp} asks for one block of order {order}. The flags mean type {migratetype} and zones up to "
          "{highest_zoneidx}; on node {node} the search begins with {zone}.",
          "以 {gfp} 请求一个 {order} 阶的块。标志决定迁移类型 {migratetype}，最高可用内存域 {highest_zoneidx}；在节点 "
          "{node} 上从 {zone} 开始找。"),
    event(ev::zone_watermark_ok, "zone_watermark_ok", WATERMARK_ARGS,
          "Zone {zone} has enough for order {order}: free {free} − unusable {unusable} > {min} + {reserve} "
          "({wmark} watermark {mark}).",
          "内存域 {zone} 足够分配 {order} 阶：空闲 {free} − 不可用 {unusable} > {min} + {reserve}（{wmark} 水线 {mark}）。"),
    event(ev::zone_watermark_fail, "zone_watermark_fail", WATERMARK_ARGS,
          "Zone {zone} is too low for order {order}: free {free} − unusable {unusable} ≤ {min} + {reserve} "
          "({wmark} watermark {mark}).",
          "内存域 {zone} 过低，不能分配 {order} 阶：空闲 {free} − 不可用 {unusable} ≤ {min} + {reserve}（{wmark} 水线 "
          "{mark}）。"),
    event(ev::zone_watermark_no_block, "zone_watermark_no_block", WATERMARK_ARGS,
          "Zone {zone} has pages enough, free {free} − unusable {unusable} > {min} + {reserve} ({wmark} watermark {mark}), but "
          "no free block of order {order} or larger for this request.",
          "内存域 {zone} 页数足够：空闲 {free} − 不可用 {unusable} > {min} + {reserve}（{wmark} 水线 {mark}），但没有可用的 "
          "{order} 阶或更大的空闲块。"),
    event(ev::watermark_lowered, "watermark_lowered",
          {ZONE, WMARK, pages("mark"), pages("min"), REASON, pages("boost"), {"boosted", Unit::reason}},
          "In zone {zone} this request may go down to {min} {min|page|pages}: the {wmark} watermark is {mark}, {reason}. {boosted}.",
          "在内存域 {zone}，这个请求可以用到只剩 {min} 页：{wmark} 水线是 {mark}，{reason}。{boosted}。"),
    event(ev::watermark_unusable, "watermark_unusable",
          {ZONE, ORDER, pages("unusable"), pages("block"), pages("highatomic"), pages("cma")},
          "Of the free pages of zone {zone} {unusable} {unusable|does|do} not count for this request: {block}, as only a "
          "whole block of order {order} helps; {highatomic} kept for atomic requests of higher orders; {cma} of CMA.",
          "内存域 {zone} 的空闲页中有 {unusable} 页不计入这个请求：{block} 页，因为只有完整的 {order} 阶块才有用；"
          "{highatomic} 页留给高阶原子请求；{cma} 页属于 CMA。"),
    event(ev::nofragment_retry, "nofragment_retry", {ZONE},
          "At zone {zone} the search stops and begins again without ALLOC_NOFRAGMENT: mixing types in a pageblock is "
          "better than going to a remote node, or failing.",
          "查找停在内存域 {zone}：混用一个页块，好过去远端节点或失败。去掉 ALLOC_NOFRAGMENT，重新查找。"),
    event(ev::slowpath_enter, "slowpath_enter", {ORDER, GFP},
          "No zone could serve order {order} above its low watermark. The slow path tries again down to the min "
          "watermark, as far as {gfp} allows.",
          "没有内存域能在 low 水线之上满足 {order} 阶。进入慢速路径：在 {gfp} 允许的范围内，改用 min 水线再试。"),
    event(ev::kswapd_wake, "kswapd_wake", {NODE, ZONE, ORDER},
          "kswapd of node {node} is woken for zone {zone}, order {order}. In the kernel it now reclaims in the "
          "background, up to the high watermark; this engine does not do that yet.",
          "唤醒节点 {node} 的 kswapd，对象是内存域 {zone} 的 {order} 阶。内核此后会在后台回收，直到 high 水线；本引擎尚"
          "未实现这一步。"),
    event(ev::direct_reclaim_missing, "direct_reclaim_missing", {ORDER, GFP},
          "{gfp} may sleep, so the kernel would now reclaim and compact to get order {order}. This engine does not do "
          "that yet: the request fails.",
          "{gfp} 允许睡眠，内核此时会直接回收并规整内存来得到 {order} 阶。本引擎尚未实现这一步，请求失败。"),

    // ---------------------------------------------------------------------------------------- per-CPU lists, taking
    event(ev::pcp_hit, "pcp_hit", {ZONE, CPU, LIST, PFN, ORDER, COUNT},
          "CPU {cpu} takes the head of its list {list} in zone {zone}: {pfn}, order {order}. No zone lock is needed; "
          "{count} {count|page stays|pages stay} in its lists.",
          "CPU {cpu} 从内存域 {zone} 的每 CPU 链表 {list} 取表头：页框 {pfn}，{order} 阶。不需要内存域的锁；还剩 "
          "{count} 页。"),
    event(ev::pcp_refill, "pcp_refill", {ZONE, CPU, LIST, number("wanted"), ORDER, BATCH},
          "The list {list} of CPU {cpu} in zone {zone} is empty. With a batch of {batch} {batch|page|pages} it asks "
          "the buddy lists for {wanted} {wanted|block|blocks} of order {order}.",
          "CPU {cpu} 在内存域 {zone} 的每 CPU 链表 {list} 为空。按每批 {batch} 页，向伙伴系统要 {wanted} 个 {order} 阶"
          "的块。"),
    event(ev::pcp_refilled, "pcp_refilled", {ZONE, CPU, LIST, number("got"), COUNT},
          "{got} {got|block is|blocks are} appended at the tail of list {list}. CPU {cpu} now holds {count} "
          "{count|page|pages} of zone {zone}.",
          "{got} 个块接到链表 {list} 的表尾。CPU {cpu} 现在持有内存域 {zone} 的 {count} 页。"),

    // ------------------------------------------------------------------------------------------ buddy lists, taking
    event(ev::free_list_empty, "free_list_empty", {ZONE, ORDER, TYPE},
          "Order {order}, {migratetype}: the free list of zone {zone} is empty.",
          "{order} 阶 {migratetype}：内存域 {zone} 的空闲链表为空。"),
    event(ev::buddy_take, "buddy_take", {ZONE, PFN, ORDER, TYPE, NR_FREE},
          "{pfn} is the first {migratetype} block of order {order} in zone {zone}. It leaves its free list; nr_free is "
          "now {nr_free}.",
          "页框 {pfn} 是内存域 {zone} 中 {order} 阶 {migratetype} 空闲链表的第一块。它被取下，nr_free 变为 {nr_free}。"),
    event(ev::buddy_split, "buddy_split", {ZONE, PFN, ORDER, {"right", Unit::pfn}, NEW_ORDER, TYPE},
          "{pfn} is larger than needed, so order {order} is cut in two. The upper half {right} joins the {migratetype} "
          "list of order {new_order} in zone {zone}; the lower half goes on.",
          "页框 {pfn} 的块过大，{order} 阶一分为二。高半 {right} 放入内存域 {zone} 的 {new_order} 阶 {migratetype} 空闲"
          "链表，低半继续使用。"),
    tracepoint(ev::mm_page_alloc_zone_locked, "mm_page_alloc_zone_locked", {PFN, ORDER, TYPE, flag("percpu_refill")},
               "Under the zone lock, {pfn} of order {order}, type {migratetype}, leaves the buddy lists "
               "{percpu_refill}.",
               "在内存域锁内，页框 {pfn}（{order} 阶，{migratetype}）离开伙伴系统，{percpu_refill}。"),

    // ----------------------------------------------------------------------------------------- borrowing from a type
    event(ev::fallback_search, "fallback_search", {ZONE, ORDER, TYPE},
          "Zone {zone} has no {migratetype} block of order {order} or larger. The other types are searched from the "
          "largest block down: one large loan mixes less than many small ones.",
          "内存域 {zone} 没有 {order} 阶或更大的 {migratetype} 块。从最大的块开始查找其他迁移类型：借一大块比借许多小块"
          "更少混用。"),
    tracepoint(ev::mm_page_alloc_extfrag, "mm_page_alloc_extfrag",
               {PFN, {"alloc_order", Unit::order}, {"fallback_order", Unit::order}, number("pageblock_order"),
                {"alloc_migratetype", Unit::migratetype}, {"fallback_migratetype", Unit::migratetype},
                flag("fragmenting"), flag("change_ownership")},
               "{alloc_migratetype} of order {alloc_order} falls back to {fallback_migratetype}: {pfn} of order "
               "{fallback_order}, {fragmenting} (order {pageblock_order}). {change_ownership}.",
               "{alloc_migratetype} 的 {alloc_order} 阶请求借用 {fallback_migratetype} 的页框 {pfn}，{fallback_order} "
               "阶，{fragmenting}（{pageblock_order} 阶）。{change_ownership}。"),
    event(ev::pageblock_claim, "pageblock_claim", {PFN, FROM, TO, pages("free"), pages("alike"), pages("needed")},
          "The pageblock {pfn} changes from {from} to {to}: {free} free + {alike} alike ≥ {needed} "
          "{needed|page|pages}.",
          "页块 {pfn} 从 {from} 改为 {to}：空闲 {free} + 同类 {alike} ≥ {needed} 页。"),
    event(ev::pageblock_move, "pageblock_move", {PFN, pages("moved"), TO},
          "All free blocks of the pageblock {pfn}, {moved} {moved|page|pages}, move to the lists of {to}.",
          "页块 {pfn} 的全部空闲块共 {moved} 页，移到 {to} 的空闲链表。"),
    event(ev::block_move, "block_move", {PFN, ORDER, FROM, TO},
          "The free block {pfn} of order {order} moves from the list of {from} to the tail of the list of {to}.",
          "空闲块 {pfn}（{order} 阶）从 {from} 的空闲链表移到 {to} 的表尾。"),
    event(ev::watermark_boost, "watermark_boost", {ZONE, pages("boost"), pages("max")},
          "Types mix in a pageblock of zone {zone}. Its watermarks are raised by {boost} {boost|page|pages}, at most "
          "{max}, so that kswapd makes room for whole pageblocks.",
          "内存域 {zone} 的页块出现混用。水线提高 {boost} 页（上限 {max}），让 kswapd 腾出完整的页块。"),
    event(ev::highatomic_reserve, "highatomic_reserve", {ZONE, PFN, pages("reserved"), pages("max")},
          "The pageblock of {pfn} is kept for urgent requests above order 0. Zone {zone} now keeps {reserved} "
          "{reserved|page|pages} so, at most {max}.",
          "页框 {pfn} 所在的页块留给紧急的高阶请求。内存域 {zone} 现在共保留 {reserved} 页，上限 {max}。"),

    // -------------------------------------------------------------------------------------------------- handing over
    event(ev::page_prep, "page_prep",
          {PFN, ORDER, {"zeroed", Unit::reason}, flag("compound"), {"bytes", Unit::bytes}},
          "{pfn} of order {order} is made ready: its refcount becomes 1, {zeroed}, {compound}.",
          "准备 {order} 阶的块 {pfn}：引用计数置 1，{zeroed}，{compound}。"),
    tracepoint(ev::mm_page_alloc, "mm_page_alloc", {PFN, ORDER, TYPE, GFP},
               "The request gets {pfn}: order {order}, type {migratetype}, {gfp}.",
               "请求得到页框 {pfn}：{order} 阶，{migratetype}，{gfp}。"),
    tracepoint(ev::mm_page_alloc_fail, "mm_page_alloc_fail", {ORDER, TYPE, GFP},
               "The request gets NULL: no zone can give order {order}, type {migratetype}, with {gfp}.",
               "请求得到 NULL：没有内存域能按 {gfp} 给出 {order} 阶的 {migratetype} 块。"),

    // ------------------------------------------------------------------------------------------------------- freeing
    event(ev::free_request, "free_request", {PFN, ORDER, REFCOUNT},
          "{pfn}, order {order}, is handed back. Its refcount {refcount} drops by one; at 0 the block is freed.",
          "归还页框 {pfn}（{order} 阶）。引用计数 {refcount} 减一，减到 0 才释放。"),
    event(ev::free_nothing, "free_nothing",
          "The address is 0: the allocation had failed, and freeing 0 does nothing.",
          "地址是 0：当初的分配失败了，释放 0 什么也不做。"),
    event(ev::free_null_page, "free_null_page",
          "The page is NULL: the allocation had failed, and nobody looked. A real kernel reads a struct page where none is, and "
          "oopses. Only free_pages(0), kfree(NULL) and vfree(NULL) do nothing.",
          "page 是 NULL：当初的分配失败了，却没有检查。真实的内核会去读不存在的 struct page，于是 oops。只有 free_pages(0)、"
          "kfree(NULL)、vfree(NULL) 什么也不做。"),
    event(ev::free_keeps_reference, "free_keeps_reference", {PFN, REFCOUNT},
          "The count of {pfn} is now {refcount}, not 0: nothing is freed.",
          "页框 {pfn} 的引用计数变为 {refcount}，不是 0：不释放。"),
    tracepoint(ev::mm_page_free, "mm_page_free", {PFN, ORDER},
               "No reference is left: {pfn} of order {order} is freed.",
               "引用计数归零：释放页框 {pfn}，{order} 阶。"),
    event(ev::pcp_free, "pcp_free", {ZONE, CPU, LIST, PFN, ORDER, COUNT, HIGH},
          "{pfn}, order {order}, becomes the head of list {list} of CPU {cpu} in zone {zone}, to be reused while it "
          "is warm. The CPU holds {count} {count|page|pages}, limit {high}.",
          "页框 {pfn}（{order} 阶）成为 CPU {cpu} 在内存域 {zone} 的链表 {list} 的表头，趁缓存未冷再用。该 CPU 持有 "
          "{count} 页，上限 {high}。"),
    event(ev::pcp_bulk_free, "pcp_bulk_free", {ZONE, CPU, pages("nr"), COUNT, HIGH, BATCH},
          "CPU {cpu} gives {nr} of its {count} {count|page|pages} of zone {zone} back to the buddy lists (limit "
          "{high}, batch {batch}).",
          "CPU {cpu} 持有内存域 {zone} 的 {count} 页，把其中 {nr} 页还给伙伴系统（上限 {high}，每批 {batch}）。"),
    tracepoint(ev::mm_page_pcpu_drain, "mm_page_pcpu_drain", {PFN, ORDER, TYPE},
               "{pfn}, order {order}, {migratetype}, leaves the tail of its per-CPU list for the buddy lists.",
               "页框 {pfn}（{order} 阶，{migratetype}）从每 CPU 链表的表尾回到伙伴系统。"),
    event(ev::buddy_check, "buddy_check", {PFN, BUDDY, ORDER, ZONE},
          "The buddy of {pfn} at order {order} is {pfn} xor 2^{order} = {buddy}. They merge if all of it is free, of "
          "order {order}, and in zone {zone}.",
          "页框 {pfn} 在 {order} 阶的伙伴是 {pfn} xor 2^{order} = {buddy}。只有它整块空闲、同为 {order} 阶、同在内存域 "
          "{zone} 才能合并。"),
    event(ev::buddy_merge, "buddy_merge", {PFN, BUDDY, ORDER, {"merged", Unit::pfn}, NEW_ORDER},
          "{pfn} and its buddy {buddy} are both free and of order {order}: they become {merged} of order {new_order}.",
          "页框 {pfn} 和伙伴 {buddy} 都空闲且同为 {order} 阶：合并成 {new_order} 阶的 {merged}。"),
    event(ev::buddy_stay, "buddy_stay", {PFN, BUDDY, ORDER, REASON, {"buddy_order", Unit::order}},
          "{pfn} stays at order {order}: {reason}.",
          "页框 {pfn} 停在 {order} 阶：{reason}。"),
    event(ev::buddy_add, "buddy_add", {ZONE, PFN, ORDER, TYPE, flag("tail"), NR_FREE},
          "{pfn} goes to the {tail} of the {migratetype} list of order {order} in zone {zone}; nr_free is now "
          "{nr_free}.",
          "页框 {pfn} 放到内存域 {zone} 的 {order} 阶 {migratetype} 空闲链表的{tail}，nr_free 变为 {nr_free}。"),
    event(ev::bad_page, "bad_page", {PFN, REASON, REFCOUNT, ORDER},
          "{pfn}, in a block of order {order}, refcount {refcount}: {reason}.",
          "{order} 阶的块里的页框 {pfn}，引用计数 {refcount}：{reason}。"),
    event(ev::misuse_unseen, "misuse_unseen", {PFN, ORDER, REASON, {"at", Unit::pfn}},
          "{reason}.",
          "{reason}。"),
    event(ev::vmstat_fold, "vmstat_fold", {ZONE, CPU, pages("delta"), pages("threshold"), {"counter", Unit::reason}},
          "CPU {cpu} has counted {delta} free {delta|page|pages} of zone {zone} on its own. That passes "
          "±{threshold}, so {counter} takes it over.",
          "CPU {cpu} 单独记下内存域 {zone} 的空闲页变化 {delta}，超过 ±{threshold}，并入 {counter}。"),
    event(ev::vmstat_folds, "vmstat_folds",
          {ZONE, CPU, number("folds"), pages("delta"), pages("threshold"), {"counter", Unit::reason}},
          "Meanwhile CPU {cpu} counted the free pages of zone {zone} on its own, block by block. Its count passed "
          "±{threshold} {folds} {folds|time|times}, and {counter} took over {delta} {delta|page|pages} in all.",
          "其间 CPU {cpu} 逐块单独记下内存域 {zone} 的空闲页变化，{folds} 次超过 ±{threshold}，共有 {delta} 页并入 {counter}。"),

    // ---------------------------------------------------------------------------------------------- boot and settings
    event(ev::node_sized, "node_sized", {NODE, {"start", Unit::pfn}, pages("spanned"), pages("present")},
          "Node {node} begins at {start}: {present} {present|page is|pages are} present in {spanned} spanned.",
          "节点 {node} 从页框 {start} 开始：跨越 {spanned} 页，实有 {present} 页。"),
    event(ev::zone_sized, "zone_sized", {ZONE, {"start", Unit::pfn}, pages("spanned"), pages("present")},
          "Zone {zone} begins at {start}: {present} {present|page is|pages are} present in {spanned} spanned.",
          "内存域 {zone} 从页框 {start} 开始：跨越 {spanned} 页，实有 {present} 页。"),
    event(ev::mem_map_sized, "mem_map_sized", {number("sections"), {"section", Unit::bytes}, {"struct_page", Unit::bytes},
           {"size", Unit::bytes}, number("per_mille")},
          "mem_map holds a struct page of {struct_page} for each frame of the {sections} {sections|section that "
          "has|sections that have} memory, {section} each. That is {size}, {per_mille}‰ of memory. Sections without "
          "memory have none.",
          "mem_map 为每个有内存的区段（共 {sections} 个，每个 {section}）的每个页框保存一个 {struct_page} 的 struct page。合计 "
          "{size}，占内存的 {per_mille}‰。没有内存的区段不占。"),
    event(ev::zonelist_built, "zonelist_built", {NODE, number("zones"), ZONE},
          "Requests on node {node} will try {zones} {zones|zone|zones} in turn, nearest node and highest zone first: "
          "{zone}.",
          "节点 {node} 上的请求依次尝试 {zones} 个内存域，近的节点、高的内存域在前：首先是 {zone}。"),
    event(ev::memblock_free, "memblock_free", {PFN, ORDER, ZONE},
          "Boot hands {pfn} to zone {zone} as one block of order {order}, the largest that is aligned and fits.",
          "启动时把页框 {pfn} 作为一个 {order} 阶的块交给内存域 {zone}：这是对齐且放得下的最大块。"),
    event(ev::cma_free, "cma_free", {PFN, pages("pages"), ZONE},
          "The {pages} {pages|page|pages} at {pfn} {pages|belongs|belong} to a CMA area: zone {zone} lends "
          "{pages|it|them} to movable requests only.",
          "页框 {pfn} 起的 {pages} 页属于 CMA 区：内存域 {zone} 只把它们借给可移动的请求。"),
    event(ev::pcp_setup, "pcp_setup", {ZONE, number("cpus"), BATCH, HIGH},
          "The per-CPU lists of zone {zone}, on {cpus} {cpus|CPU|CPUs}, get batch {batch} and high {high}.",
          "内存域 {zone} 在 {cpus} 个 CPU 上的每 CPU 链表：batch {batch}，high {high}。"),
    event(ev::min_free_kbytes_set, "min_free_kbytes_set", {kib("kbytes"), kib("computed"), kib("recommended")},
          "min_free_kbytes is {kbytes}: √(lowmem × 16) gives {computed}, huge pages recommend {recommended}.",
          "min_free_kbytes 为 {kbytes}：√(低端内存 × 16) 得 {computed}，透明大页建议 {recommended}。"),
    event(ev::zone_watermarks_set, "zone_watermarks_set", {ZONE, pages("min"), pages("low"), pages("high"),
           pages("managed"), pages("gap")},
          "Zone {zone} has {managed} managed {managed|page|pages}, which gives min {min}, low {low} = min + {gap}, "
          "high {high} = min + 2 × {gap}.",
          "内存域 {zone} 按 {managed} 个受管页得到水线：min {min}，low {low} = min + {gap}，high {high} = min + 2 × "
          "{gap}。"),
    event(ev::lowmem_reserve_set, "lowmem_reserve_set", {ZONE, zone_index("upper"), pages("reserve"),
           pages("managed_above"), number("ratio")},
          "A request that may use zones up to {upper} leaves {reserve} {reserve|page|pages} of zone {zone} alone: "
          "{managed_above} managed {managed_above|page|pages} above it / ratio {ratio}.",
          "最高可用到 {upper} 的请求，要在内存域 {zone} 留下 {reserve} 页：其上的 {managed_above} 个受管页 / 比率 "
          "{ratio}。"),
    event(ev::sysctl_set, "sysctl_set", {{"which", Unit::reason}, number("value")},
          "{which} is set to {value}.",
          "{which} 设为 {value}。"),
    event(ev::pages_split, "pages_split", {PFN, ORDER},
          "The block {pfn} of order {order} becomes 2^{order} single pages, each with its own reference.",
          "{order} 阶的块 {pfn} 拆成 2^{order} 个单页，各有自己的引用。"),
    event(ev::kernelcore_required, "kernelcore_required", {pages("total"), pages("movablecore"), pages("kernelcore")},
          "Of {total} {total|page|pages} the command line asks {movablecore} for movablecore, in whole blocks of the "
          "largest order. So {kernelcore} {kernelcore|stays|stay} kernelcore: the larger of what kernelcore asks and "
          "what movablecore leaves. If that is 0 or all memory, there is no ZONE_MOVABLE.",
          "共 {total} 页，命令行为 movablecore 要求 {movablecore} 页（按最大阶的块取整）。于是 {kernelcore} 页留作 "
          "kernelcore：取 kernelcore 所要求的与 movablecore 所剩下的较大者。若为 0 或等于全部内存，就没有 ZONE_MOVABLE。"),
    event(ev::zone_movable_placed, "zone_movable_placed", {NODE, flag("placed"), {"start", Unit::pfn},
           zone_index("movable_zone"), pages("block")},
          "Node {node}: {placed}.",
          "节点 {node}：{placed}。"),
    event(ev::zone_device_added, "zone_device_added", {ZONE, {"start", Unit::pfn}, pages("pages"), pages("spanned")},
          "The driver of a device gives its {pages} {pages|page|pages} at {start} {pages|a struct page|struct "
          "pages}, in zone {zone}, which now spans {spanned}. Such pages are not present and not managed, so the "
          "zone is in no zonelist: the page allocator never hands them out.",
          "设备驱动为自己从页框 {start} 起的 {pages} 页建立 struct page，归入内存域 {zone}，该域现在跨越 {spanned} 页。它们"
          "既不算 present 也不算 managed，所以该域不在任何 zonelist 中：页分配器从不分配它们。"),

    // ----------------------------------------------------------------------------------------------------- addresses
    event(ev::page_address, "page_address", {PFN, PHYS, term("page_offset"), term("phys_offset"),
           term("virt")},
          "Frame {pfn} begins at physical {phys}. The linear map puts it at PAGE_OFFSET {page_offset} + {phys} − "
          "PHYS_OFFSET {phys_offset} = {virt}.",
          "页框 {pfn} 的物理地址是 {phys}。线性映射把它放在 PAGE_OFFSET {page_offset} + {phys} − PHYS_OFFSET "
          "{phys_offset} = {virt}。"),
    event(ev::page_address_kmap, "page_address_kmap", {PFN, PHYS, term("virt")},
          "Frame {pfn} at physical {phys} is highmem, but kmap() has mapped it: page_address() finds {virt} in its hash.",
          "页框 {pfn}（物理地址 {phys}）属于高端内存，但 kmap() 已映射它：page_address() 在散列表中找到 {virt}。"),
    event(ev::page_address_null, "page_address_null", {PFN, PHYS, REASON, term("lowmem_end")},
          "{reason}.",
          "{reason}。"),
    event(ev::virt_to_page, "virt_to_page", {term("virt"), REASON, term("base"), term("phys_offset"),
           PHYS, PFN},
          "{virt} − {reason} {base} + {phys_offset} = physical {phys}: that is frame {pfn}.",
          "{virt} − {reason} {base} + {phys_offset} = 物理地址 {phys}：即页框 {pfn}。"),
    event(ev::virt_to_page_garbage, "virt_to_page_garbage", {term("virt"), REASON, term("page_offset"),
           term("end"), PHYS},
          "{virt}: {reason}.",
          "{virt}：{reason}。"),
};
// clang-format on

} // namespace physical_rows

[[nodiscard]] constexpr std::span<const EventRow<physical_event>> event_rows(physical_event) {
    return physical_rows::rows;
}

} // namespace mm
