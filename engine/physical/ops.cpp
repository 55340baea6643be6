#include "physical/ops.h"

#include <vector>

#include "physical/boot.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/gfp.h"
#include "physical/linear_map.h"
#include "physical/memblock_ops.h"
#include "physical/op_parts.h"
#include "physical/page_alloc.h"
#include "physical/page_ops.h"
#include "physical/pcp.h"
#include "physical/watermark.h"

namespace mm {

namespace {

using ev = physical_event;

constexpr i64 HIGHEST_ORDER = MAX_ORDERS - 1;
constexpr i64 MAX_SYSCTL = 1'000'000'000;

constexpr FieldSpec order_field{"order", Unit::order, 0, 0, HIGHEST_ORDER, false, "log2 of the number of pages"};
constexpr FieldSpec value_field{"value", Unit::number, 0, 0, MAX_SYSCTL, true, "the new value"};

constexpr FieldSpec any_node_field{
    "node", Unit::node, -1, -1, MAX_NODES - 1, false, "preferred node; -1: the node of the CPU"};
constexpr FieldSpec node_field{"node", Unit::node, 0, 0, MAX_NODES - 1, true, "preferred node"};
constexpr FieldSpec nr_pages_field{"nr_pages", Unit::pages, 1, 1, 1 << HIGHEST_ORDER, true, "number of pages"};
constexpr FieldSpec free_order_field{
    "order", Unit::order, -1, -1, HIGHEST_ORDER, false, "order to free; left out: the order it was allocated with"};
constexpr FieldSpec address_field{"address", Unit::virt_address, 0, 0, 0, true, "kernel virtual address"};
constexpr FieldSpec free_address_field{
    "address", Unit::virt_address, 0, 0, 0, false, "kernel virtual address, instead of page", {}, "page"};
constexpr FieldSpec scale_field{
    "value", Unit::number, 10, 1, 3000, true, "gap between watermarks, in 1/10000 of the zone"};
constexpr FieldSpec index_field{"index", Unit::number, 0, 0, MAX_NR_ZONES - 1, true, "zone index"};

namespace spec {

constexpr OpSpec alloc_pages{
    .name = "alloc_pages",
    .fields = {order_field, gfp_field, any_node_field},
    .makes = ResultKind::pages,
    .kernel_function = "alloc_pages (mm/page_alloc.c)",
    .help_en = "Allocates a block of 2^order pages.",
    .help_zh = "分配一个 2^order 页的块。",
};
constexpr OpSpec alloc_page{
    .name = "alloc_page",
    .fields = {gfp_field},
    .makes = ResultKind::pages,
    .kernel_function = "alloc_page (include/linux/gfp.h)",
    .help_en = "Allocates one page.",
    .help_zh = "分配一页。",
};
constexpr OpSpec alloc_pages_node{
    .name = "alloc_pages_node",
    .fields = {order_field, gfp_field, node_field},
    .makes = ResultKind::pages,
    .kernel_function = "alloc_pages_node (include/linux/gfp.h)",
    .help_en = "Allocates a block, on the given node first.",
    .help_zh = "优先在指定节点上分配一个块。",
};
constexpr OpSpec get_free_pages{
    .name = "__get_free_pages",
    .fields = {order_field, gfp_field},
    .makes = ResultKind::pages,
    .kernel_function = "__get_free_pages (mm/page_alloc.c)",
    .help_en = "Allocates a block that the kernel can address directly (never highmem).",
    .help_zh = "分配一个内核可直接寻址的块（不用高端内存）。",
};
constexpr OpSpec get_zeroed_page{
    .name = "get_zeroed_page",
    .fields = {gfp_field},
    .makes = ResultKind::pages,
    .kernel_function = "get_zeroed_page (mm/page_alloc.c)",
    .help_en = "Allocates one page filled with zeroes.",
    .help_zh = "分配一个清零的页。",
};
constexpr OpSpec get_dma_pages{
    .name = "__get_dma_pages",
    .fields = {order_field, gfp_field},
    .makes = ResultKind::pages,
    .kernel_function = "__get_dma_pages (include/linux/gfp.h)",
    .help_en = "Allocates a block in ZONE_DMA.",
    .help_zh = "在 ZONE_DMA 中分配一个块。",
};
constexpr OpSpec alloc_pages_exact{
    .name = "alloc_pages_exact",
    .fields = {nr_pages_field, gfp_field},
    .makes = ResultKind::pages,
    .kernel_function = "alloc_pages_exact (mm/page_alloc.c)",
    .help_en = "Allocates a block, splits it into single pages and gives back those beyond nr_pages.",
    .help_zh = "分配一个块，拆成单页，把多余的页还回去。",
};
constexpr OpSpec free_pages{
    .name = "__free_pages",
    .fields = {page_field, free_order_field, pfn_field},
    .kernel_function = "__free_pages (mm/page_alloc.c)",
    .help_en = "Drops a reference to a block; the last one frees it.",
    .help_zh = "放掉对一个块的引用；最后一个引用释放它。",
};
constexpr OpSpec free_pages_by_address{
    .name = "free_pages",
    .fields = {page_field, free_order_field, free_address_field},
    .kernel_function = "free_pages (mm/page_alloc.c)",
    .help_en = "Frees a block by its address in the linear map.",
    .help_zh = "按线性映射中的地址释放一个块。",
};
constexpr OpSpec free_pages_exact{
    .name = "free_pages_exact",
    .fields = {page_field, nr_pages_field},
    .kernel_function = "free_pages_exact (mm/page_alloc.c)",
    .help_en = "Frees single pages in a row.",
    .help_zh = "逐页释放一段连续的页。",
};
constexpr OpSpec page_address{
    .name = "page_address",
    .fields = {page_field, pfn_field},
    .kernel_function = "page_address (include/linux/mm.h)",
    .help_en = "Tells the address of a page in the linear map; NULL in highmem.",
    .help_zh = "给出一页在线性映射中的地址；高端内存为 NULL。",
    .keeps_pages = true,
};
constexpr OpSpec virt_to_page{
    .name = "virt_to_page",
    .fields = {address_field},
    .makes = ResultKind::pages,
    .kernel_function = "virt_to_page (arch/arm64/include/asm/memory.h)",
    .help_en = "Tells the page behind an address of the linear map.",
    .help_zh = "给出线性映射中一个地址所在的页。",
    .keeps_pages = true,
};
constexpr OpSpec drain_all_pages{
    .name = "drain_all_pages",
    .kernel_function = "drain_all_pages (mm/page_alloc.c)",
    .help_en = "Gives all per-CPU pages back to the buddy lists.",
    .help_zh = "把所有每 CPU 页还给伙伴系统。",
};
constexpr OpSpec min_free_kbytes{
    .name = "vm.min_free_kbytes",
    .fields = {value_field},
    .kernel_function = "min_free_kbytes_sysctl_handler (mm/page_alloc.c)",
    .help_en = "Sets the pages kept free, in KiB.",
    .help_zh = "设置保留的空闲内存（KiB）。",
};
constexpr OpSpec watermark_scale_factor{
    .name = "vm.watermark_scale_factor",
    .fields = {scale_field},
    .kernel_function = "watermark_scale_factor_sysctl_handler (mm/page_alloc.c)",
    .help_en = "Sets the distance between the watermarks.",
    .help_zh = "设置水线之间的距离。",
};
constexpr OpSpec watermark_boost_factor{
    .name = "vm.watermark_boost_factor",
    .fields = {value_field},
    .kernel_function = "watermark_boost_factor (mm/page_alloc.c)",
    .help_en = "Sets how far a fallback may raise the watermarks, in 1/10000 of high.",
    .help_zh = "设置借用其他类型时水线最多抬高多少（high 的万分之几）。",
};
constexpr OpSpec lowmem_reserve_ratio{
    .name = "vm.lowmem_reserve_ratio",
    .fields = {index_field, value_field},
    .kernel_function = "lowmem_reserve_ratio_sysctl_handler (mm/page_alloc.c)",
    .help_en = "Sets how much a low zone keeps back from requests that could use a higher one.",
    .help_zh = "设置较低的内存域对可用更高内存域的请求保留多少。",
};
constexpr OpSpec percpu_pagelist_high_fraction{
    .name = "vm.percpu_pagelist_high_fraction",
    .fields = {value_field},
    .kernel_function = "percpu_pagelist_high_fraction_sysctl_handler (mm/page_alloc.c)",
    .help_en = "Sets pcp->high to this fraction of the zone, shared by its CPUs. 0: by the low watermark.",
    .help_zh = "把 pcp->high 设为内存域的几分之一，由各 CPU 均分。0 表示按 low 水线。",
};
constexpr OpSpec free_area_init{
    .name = "free_area_init",
    .kernel_function = "free_area_init (mm/page_alloc.c)",
    .help_en = "Boot: nodes, zones and mem_map from the memory regions.",
    .help_zh = "启动：由 memblock 的内存区间建立节点、内存域和 mem_map。",
    .boots = true,
};
constexpr OpSpec memblock_free_all{
    .name = "memblock_free_all",
    .kernel_function = "memblock_free_all (mm/memblock.c)",
    .help_en = "Boot: hands free memory to the buddy allocator.",
    .help_zh = "启动：把空闲内存交给伙伴系统。",
    .boots = true,
};
constexpr OpSpec setup_per_cpu_pageset{
    .name = "setup_per_cpu_pageset",
    .kernel_function = "setup_per_cpu_pageset (mm/page_alloc.c)",
    .help_en = "Boot: sets up the per-CPU lists.",
    .help_zh = "启动：建立每 CPU 页链表。",
    .boots = true,
};
constexpr OpSpec init_per_zone_wmark_min{
    .name = "init_per_zone_wmark_min",
    .kernel_function = "init_per_zone_wmark_min (mm/page_alloc.c)",
    .help_en = "Boot: computes min_free_kbytes, watermarks and reserves.",
    .help_zh = "启动：计算 min_free_kbytes、水线和保留量。",
    .boots = true,
};

} // namespace spec

OpOutcome store(OpCall& call, pfn_t pfn, u32 order) {
    call.keep(pfn == PFN_NONE ? OpResult{} : OpResult{pfn, ResultKind::pages, static_cast<u8>(order), 0});
    return pfn == PFN_NONE ? OpOutcome::returned_null : OpOutcome::done;
}

// The address of a frame in the linear map; 0 where it has none. kernel: page_address
u64 page_address(const physical_op_context& room, OpCall& call, pfn_t pfn) {
    CallScope scope(call.sink, fn::page_address);
    const linear_map map = linear_map_of(room.profile);
    const u64 phys = static_cast<u64>(pfn) << room.mem.page_shift;
    if (!room.mem.pfn_valid(pfn) || room.mem.page_at(pfn).state() == page_state::hole) {
        call.sink.emit(ev::page_address_null, pfn, phys, page_address_reason::no_struct_page, map.lowmem_end);
        return 0;
    }
    if (!map.has_address(phys)) {
        const u64 mapped = room.highmem ? room.highmem->page_address(pfn) : 0;
        if (mapped != 0) {
            call.sink.emit(ev::page_address_kmap, pfn, phys, mapped);
            return mapped;
        }
        call.sink.emit(ev::page_address_null, pfn, phys, page_address_reason::highmem, map.lowmem_end);
        return 0;
    }
    call.sink.emit(ev::page_address, pfn, phys, map.page_offset, map.phys_offset, map.phys_to_virt(phys));
    return map.phys_to_virt(phys);
}

// The frame behind an address; PFN_NONE where the kernel would compute garbage. kernel: virt_to_page
pfn_t virt_to_page(const physical_op_context& room, OpCall& call, u64 address) {
    CallScope scope(call.sink, fn::virt_to_page);
    const linear_map map = linear_map_of(room.profile);
    const linear_map::place place = map.place_of(address);
    const u64 phys = map.virt_to_phys(address);
    const auto garbage = [&](garbage_reason reason) {
        call.sink.emit(ev::virt_to_page_garbage, address, reason, map.page_offset, map.end, phys);
        return PFN_NONE;
    };
    if (place == linear_map::place::elsewhere) return garbage(garbage_reason::not_linear);
    const pfn_t pfn = room.mem.pfn_of(phys);
    if (!room.mem.pfn_valid(pfn) || room.mem.page_at(pfn).state() == page_state::hole)
        return garbage(garbage_reason::no_memory);
    const bool image = place == linear_map::place::image;
    call.sink.emit(ev::virt_to_page, address, place, image ? map.kernel_image : map.page_offset,
                   image ? 0 : map.phys_offset, phys, pfn);
    return pfn;
}

// `wants_address`: the caller gets the block's address instead of its struct page.
OpOutcome allocate(physical_op_context& room, OpCall& call, alloc_request request, bool wants_address) {
    physical_context cx = context(room, call);
    // The kernel warns once and returns NULL for what no list can hold.
    if (request.order >= room.mem.nr_orders) {
        call.sink.emit(ev::mm_page_alloc_fail, request.order, gfp_migratetype(request.gfp), request.gfp);
        store(call, PFN_NONE, request.order);
        return OpOutcome::refused;
    }
    const pfn_t pfn = alloc_pages(cx, request);
    if (wants_address && pfn != PFN_NONE) page_address(room, call, pfn);
    return store(call, pfn, request.order);
}

// Of alloc_pages and alloc_pages_node, which have the same fields.
template <const OpSpec& SPEC>
OpOutcome alloc_pages_op(physical_op_context& room, OpCall& call, Fields<SPEC> in) {
    return allocate(room, call,
                    {in.template as<u32>("order"), in.template as<gfp_t>("gfp"), in.template as<int>("node")}, false);
}

OpOutcome alloc_page_op(physical_op_context& room, OpCall& call, Fields<spec::alloc_page> in) {
    return allocate(room, call, {0, in.as<gfp_t>("gfp"), -1}, false);
}

OpOutcome get_free_pages_op(physical_op_context& room, OpCall& call, Fields<spec::get_free_pages> in) {
    CallScope scope(call.sink, fn::get_free_pages);
    return allocate(room, call, {in.as<u32>("order"), in.as<gfp_t>("gfp") & ~GFP_BIT_HIGHMEM, -1}, true);
}

OpOutcome get_zeroed_page_op(physical_op_context& room, OpCall& call, Fields<spec::get_zeroed_page> in) {
    CallScope scope(call.sink, fn::get_zeroed_page);
    return allocate(room, call, {0, (in.as<gfp_t>("gfp") & ~GFP_BIT_HIGHMEM) | GFP_BIT_ZERO, -1}, true);
}

OpOutcome get_dma_pages_op(physical_op_context& room, OpCall& call, Fields<spec::get_dma_pages> in) {
    CallScope scope(call.sink, fn::get_free_pages);
    return allocate(room, call, {in.as<u32>("order"), (in.as<gfp_t>("gfp") & ~GFP_ZONEMASK) | GFP_BIT_DMA, -1}, true);
}

OpOutcome alloc_pages_exact_op(physical_op_context& room, OpCall& call, Fields<spec::alloc_pages_exact> in) {
    physical_context cx = context(room, call);
    const auto nr_pages = in.as<u32>("nr_pages");
    const auto gfp = in.as<gfp_t>("gfp");
    if (nr_pages > 1u << (room.mem.nr_orders - 1)) {
        call.sink.emit(ev::mm_page_alloc_fail, room.mem.nr_orders, gfp_migratetype(gfp), gfp);
        return OpOutcome::refused;
    }
    const pfn_t pfn = alloc_pages_exact(cx, nr_pages, {0, gfp, -1});
    if (pfn != PFN_NONE) page_address(room, call, pfn);
    return store(call, pfn, 0);
}

OpOutcome free_nothing(OpCall& call) {
    call.sink.emit(ev::free_nothing);
    return OpOutcome::no_effect;
}

OpOutcome free_pages_op(physical_op_context& room, OpCall& call, Fields<spec::free_pages> in) {
    physical_context cx = context(room, call);
    const i64 result = in["page"];
    const pfn_t pfn = named_frame(call, result, in["pfn"]);
    if (pfn == PFN_NONE) return free_null_page(call);
    i64 order = in["order"];
    if (order < 0) order = result >= 0 ? call.results[static_cast<u32>(result)].order : 0;
    if (order >= room.mem.nr_orders) return OpOutcome::refused;
    call.mark_freed(result);
    free_pages(cx, pfn, static_cast<u32>(order));
    return OpOutcome::done;
}

// Frees by address. A page that is named is turned into its address first, as its owner would hold it.
OpOutcome free_pages_by_address_op(physical_op_context& room, OpCall& call, Fields<spec::free_pages_by_address> in) {
    CallScope scope(call.sink, fn::free_pages_by_address);
    const i64 result = in["page"];
    u64 address = in.as<u64>("address");
    if (result >= 0) {
        const pfn_t named = named_frame(call, result, -1);
        address = named == PFN_NONE ? 0 : page_address(room, call, named);
    }
    if (address == 0) return free_nothing(call);
    i64 order = in["order"];
    if (order < 0) order = result >= 0 ? call.results[static_cast<u32>(result)].order : 0;
    if (order >= room.mem.nr_orders) return OpOutcome::refused;
    const pfn_t pfn = virt_to_page(room, call, address);
    if (pfn == PFN_NONE) return OpOutcome::refused;
    call.mark_freed(result);
    physical_context cx = context(room, call);
    free_pages(cx, pfn, static_cast<u32>(order));
    return OpOutcome::done;
}

OpOutcome page_address_op(physical_op_context& room, OpCall& call, Fields<spec::page_address> in) {
    const pfn_t pfn = named_frame(call, in["page"], in["pfn"]);
    if (pfn == PFN_NONE) {
        call.sink.emit(ev::page_address_null, PFN_NONE, 0, page_address_reason::no_page, 0);
        return OpOutcome::no_effect;
    }
    return page_address(room, call, pfn) ? OpOutcome::done : OpOutcome::returned_null;
}

// The result names the page, as a block of order 0.
OpOutcome virt_to_page_op(physical_op_context& room, OpCall& call, Fields<spec::virt_to_page> in) {
    const pfn_t pfn = virt_to_page(room, call, in.as<u64>("address"));
    store(call, pfn, 0);
    return pfn == PFN_NONE ? OpOutcome::refused : OpOutcome::done;
}

OpOutcome free_pages_exact_op(physical_op_context& room, OpCall& call, Fields<spec::free_pages_exact> in) {
    physical_context cx = context(room, call);
    const i64 result = in["page"];
    const pfn_t pfn = named_frame(call, result, -1);
    // It frees address by address; the second page of NULL is at no address that is 0.
    if (pfn == PFN_NONE) return in["nr_pages"] > 1 ? free_null_page(call) : free_nothing(call);
    call.mark_freed(result);
    free_pages_exact(cx, pfn, in.as<u32>("nr_pages"));
    return OpOutcome::done;
}

// What goes over the per-CPU lists of all zones: eight of them for one unit.
u64 pcp_work(const physical_memory& mem) { return u64{mem.zones.size()} * mem.nr_cpus / 8; }

OpOutcome drain_all_pages_op(physical_op_context& room, OpCall& call, Fields<spec::drain_all_pages>) {
    physical_context cx = context(room, call);
    call.sink.charge(pcp_work(room.mem));
    for (zone& z : room.mem.zones)
        for (u32 cpu = 0; cpu < room.mem.nr_cpus; ++cpu) drain_pages_zone(cx, z, cpu);
    return OpOutcome::done;
}

enum class sysctl_id : u8 {
    min_free_kbytes,
    watermark_scale_factor,
    watermark_boost_factor,
    lowmem_reserve_ratio,
    high_fraction
};

// What follows from it is computed for every zone, and some of it for every CPU.
void tell_sysctl(physical_op_context& room, OpCall& call, sysctl_id id, i64 value) {
    call.sink.charge(pcp_work(room.mem));
    call.sink.emit(ev::sysctl_set, id, value);
}

OpOutcome set_min_free_kbytes(physical_op_context& room, OpCall& call, Fields<spec::min_free_kbytes> in) {
    CallScope scope(call.sink, fn::sysctl_handler);
    physical_context cx = context(room, call);
    room.mem.sysctl.min_free_kbytes = in["value"];
    room.mem.sysctl.user_min_free = true;
    tell_sysctl(room, call, sysctl_id::min_free_kbytes, in["value"]);
    setup_per_zone_wmarks(cx);
    return OpOutcome::done;
}

OpOutcome set_watermark_scale_factor(physical_op_context& room, OpCall& call, Fields<spec::watermark_scale_factor> in) {
    CallScope scope(call.sink, fn::sysctl_handler);
    if (in["value"] > room.mem.rules.max_watermark_scale_factor()) return OpOutcome::refused;
    physical_context cx = context(room, call);
    room.mem.sysctl.watermark_scale_factor = in["value"];
    tell_sysctl(room, call, sysctl_id::watermark_scale_factor, in["value"]);
    setup_per_zone_wmarks(cx);
    return OpOutcome::done;
}

OpOutcome set_watermark_boost_factor(physical_op_context& room, OpCall& call, Fields<spec::watermark_boost_factor> in) {
    CallScope scope(call.sink, fn::sysctl_handler);
    room.mem.sysctl.watermark_boost_factor = in["value"];
    tell_sysctl(room, call, sysctl_id::watermark_boost_factor, in["value"]);
    return OpOutcome::done;
}

OpOutcome set_lowmem_reserve_ratio(physical_op_context& room, OpCall& call, Fields<spec::lowmem_reserve_ratio> in) {
    CallScope scope(call.sink, fn::sysctl_handler);
    physical_context cx = context(room, call);
    if (in["index"] >= room.mem.nr_zone_types) return OpOutcome::refused;
    room.mem.sysctl.lowmem_reserve_ratio[in.as<std::size_t>("index")] = in["value"];
    tell_sysctl(room, call, sysctl_id::lowmem_reserve_ratio, in["value"]);
    setup_per_zone_lowmem_reserve(cx);
    return OpOutcome::done;
}

// Below 8 the kernel answers EINVAL; 0 goes back to its own choice.
OpOutcome set_high_fraction(physical_op_context& room, OpCall& call, Fields<spec::percpu_pagelist_high_fraction> in) {
    CallScope scope(call.sink, fn::sysctl_handler);
    physical_context cx = context(room, call);
    if (in["value"] != 0 && in["value"] < 8) return OpOutcome::refused;
    room.mem.sysctl.percpu_pagelist_high_fraction = in["value"];
    tell_sysctl(room, call, sysctl_id::high_fraction, in["value"]);
    for (zone& z : room.mem.zones) zone_pcp_update(cx, z);
    return OpOutcome::done;
}

// What memblock's ops have made of the machine's profile, or that.
const machine_profile& boot_profile(const physical_op_context& room) {
    return *room.made_profile ? **room.made_profile : room.profile;
}

OpOutcome free_area_init_op(physical_op_context& room, OpCall& call, Fields<spec::free_area_init>) {
    if (room.mem.stage != boot_stage::none) return OpOutcome::refused;
    physical_context cx = context(room, call);
    if (!hand_over_memblock(room, call.sink)) return OpOutcome::refused;
    free_area_init(cx, boot_profile(room));
    return OpOutcome::done;
}

OpOutcome memblock_free_all_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_free_all>) {
    if (room.mem.stage != boot_stage::zones) return OpOutcome::refused;
    physical_context cx = context(room, call);
    if (!hand_over_memblock(room, call.sink)) return OpOutcome::refused;
    memblock_free_all(cx, boot_profile(room));
    return OpOutcome::done;
}

OpOutcome setup_per_cpu_pageset_op(physical_op_context& room, OpCall& call, Fields<spec::setup_per_cpu_pageset>) {
    if (room.mem.stage != boot_stage::pages_freed) return OpOutcome::refused;
    physical_context cx = context(room, call);
    setup_per_cpu_pageset(cx);
    return OpOutcome::done;
}

OpOutcome init_per_zone_wmark_min_op(physical_op_context& room, OpCall& call, Fields<spec::init_per_zone_wmark_min>) {
    if (room.mem.stage != boot_stage::pcp_ready) return OpOutcome::refused;
    physical_context cx = context(room, call);
    page_alloc_init_late(cx, room.profile);
    init_per_zone_wmark_min(cx);
    memremap_pages(cx, room.profile);
    return OpOutcome::done;
}

constexpr PhysicalOp rows[] = {
    op_row<spec::alloc_pages, alloc_pages_op<spec::alloc_pages>>(),
    op_row<spec::alloc_page, alloc_page_op>(),
    op_row<spec::alloc_pages_node, alloc_pages_op<spec::alloc_pages_node>>(),
    op_row<spec::get_free_pages, get_free_pages_op>(),
    op_row<spec::get_zeroed_page, get_zeroed_page_op>(),
    op_row<spec::get_dma_pages, get_dma_pages_op>(),
    op_row<spec::alloc_pages_exact, alloc_pages_exact_op>(),
    op_row<spec::free_pages, free_pages_op>(),
    op_row<spec::free_pages_by_address, free_pages_by_address_op>(),
    op_row<spec::free_pages_exact, free_pages_exact_op>(),
    op_row<spec::page_address, page_address_op>(),
    op_row<spec::virt_to_page, virt_to_page_op>(),
    op_row<spec::drain_all_pages, drain_all_pages_op>(),
    op_row<spec::min_free_kbytes, set_min_free_kbytes>(),
    op_row<spec::watermark_scale_factor, set_watermark_scale_factor>(),
    op_row<spec::watermark_boost_factor, set_watermark_boost_factor>(),
    op_row<spec::lowmem_reserve_ratio, set_lowmem_reserve_ratio>(),
    op_row<spec::percpu_pagelist_high_fraction, set_high_fraction>(),
    op_row<spec::free_area_init, free_area_init_op>(),
    op_row<spec::memblock_free_all, memblock_free_all_op>(),
    op_row<spec::setup_per_cpu_pageset, setup_per_cpu_pageset_op>(),
    op_row<spec::init_per_zone_wmark_min, init_per_zone_wmark_min_op>(),
};

} // namespace

std::span<const PhysicalOp> physical_ops() {
    static const std::vector<PhysicalOp> all = [] {
        std::vector<PhysicalOp> joined(std::begin(rows), std::end(rows));
        for (const std::span<const PhysicalOp> more : {memblock_ops(), page_ops()})
            joined.insert(joined.end(), more.begin(), more.end());
        return joined;
    }();
    return all;
}

} // namespace mm
