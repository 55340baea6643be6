#include "views/views.h"

#include <array>

#include "views/kernel/address.h"
#include "views/kernel/layout.h"
#include "views/kernel/page_tables.h"
#include "views/kernel/pkmap.h"
#include "views/kernel/tlb.h"
#include "views/kernel/vmalloc.h"
#include "views/pages/free_lists.h"
#include "views/pages/map.h"
#include "views/pages/memblock.h"
#include "views/pages/pcp_lists.h"
#include "views/pages/zone_gauges.h"
#include "views/process/address_space.h"
#include "views/process/fault_tree.h"
#include "views/process/process_list.h"
#include "views/process/reverse_map.h"
#include "views/process/vma_tree.h"
#include "views/slab/cache.h"
#include "views/slab/caches.h"
#include "views/slab/colouring.h"
#include "views/slab/compare.h"
#include "views/slab/slab_bytes.h"

namespace shell {

namespace {

template <class T>
std::unique_ptr<View> made() {
    return std::make_unique<T>();
}

constexpr auto ROWS = std::to_array<ViewRow>({
    // clang-format off
    {.id = "map",
     .title = {"Map", "内存图"},
     .place = ViewPlace::machine,
     .make = made<MapView>,
     .shows = MapView::shows,
     .room = mm::room_id::physical},
    {.id = "free-lists",
     .title = {"Free lists", "空闲链表"},
     .place = ViewPlace::machine,
     .make = made<FreeListsView>},
    {.id = "zones",
     .title = {"Zones", "内存域"},
     .place = ViewPlace::machine,
     .make = made<ZoneGaugesView>,
     .ops = {"vm.", "init_per_zone_wmark_min"}},
    {.id = "pcp",
     .title = {"Per-CPU lists", "每 CPU 链表"},
     .place = ViewPlace::machine,
     .make = made<PcpListsView>,
     .ops = {"drain_all_pages", "setup_per_cpu_pageset", "vm.percpu_pagelist"}},
    {.id = "memblock",
     .title = {"memblock", "memblock"},
     .place = ViewPlace::machine,
     .make = made<MemblockView>,
     .ops = {"memblock_"}},
    {.id = "caches",
     .title = {"Caches", "缓存总表"},
     .place = ViewPlace::slabs,
     .make = made<CachesView>,
     .ops = {"kmalloc_size_roundup"}},
    {.id = "cache",
     .title = {"Cache", "缓存"},
     .place = ViewPlace::slabs,
     .make = made<CacheView>,
     .shows = CacheView::shows,
     .room = mm::room_id::slab},
    {.id = "slab",
     .title = {"Slab", "slab 布局"},
     .place = ViewPlace::slabs,
     .make = made<SlabBytesView>,
     .shows = SlabBytesView::shows,
     .ops = {"write", "validate"}},
    {.id = "colouring",
     .title = {"Colouring", "着色"},
     .place = ViewPlace::slabs,
     .make = made<ColouringView>,
     .shows = ColouringView::shows},
    {.id = "compare",
     .title = {"Compare", "比较"},
     .place = ViewPlace::slabs,
     .make = made<CompareView>},
    {.id = "vmalloc",
     .title = {"vmalloc", "vmalloc"},
     .place = ViewPlace::addresses,
     .make = made<VmallocView>,
     .room = mm::room_id::kernel},
    {.id = "address",
     .title = {"Address", "地址"},
     .place = ViewPlace::addresses,
     .make = made<AddressView>,
     .shows = AddressView::shows,
     .ops = {"ptep_get", "show_pte", "logical_access"}},
    {.id = "page-tables",
     .title = {"Page tables", "页表"},
     .place = ViewPlace::addresses,
     .make = made<PageTablesView>,
     .shows = PageTablesView::shows,
     .room = mm::room_id::mmu},
    {.id = "tlb",
     .title = {"TLB", "TLB"},
     .place = ViewPlace::addresses,
     .make = made<TlbView>,
     .shows = TlbView::shows,
     .ops = {"access", "flush_tlb_"}},
    {.id = "layout",
     .title = {"Layout", "地址布局"},
     .place = ViewPlace::addresses,
     .make = made<LayoutView>,
     .shows = LayoutView::shows,
     .ops = {"virt_to_phys", "phys_to_virt"}},
    {.id = "pkmap",
     .title = {"PKMAP and fixmap", "PKMAP 与 fixmap"},
     .place = ViewPlace::addresses,
     .make = made<PkmapView>,
     .ops = {"kmap", "kunmap"}},
    {.id = "processes",
     .title = {"Processes", "进程表"},
     .place = ViewPlace::processes,
     .make = made<ProcessListView>,
     .shows = ProcessListView::shows},
    {.id = "address-space",
     .title = {"Address space", "地址空间"},
     .place = ViewPlace::processes,
     .make = made<AddressSpaceView>,
     .shows = AddressSpaceView::shows,
     .room = mm::room_id::process,
     .ops = {"vm.overcommit", "vm.max_map_count", "vm.mmap_min_addr", "vm.legacy_va_layout"}},
    {.id = "vma-tree",
     .title = {"VMA tree", "VMA 树"},
     .place = ViewPlace::processes,
     .make = made<VmaTreeView>,
     .shows = VmaTreeView::shows},
    {.id = "fault",
     .title = {"Page fault", "缺页"},
     .place = ViewPlace::processes,
     .make = made<FaultTreeView>},
    {.id = "reverse-map",
     .title = {"Reverse map", "反向映射"},
     .place = ViewPlace::processes,
     .make = made<ReverseMapView>,
     .shows = ReverseMapView::shows},
    // clang-format on
});

} // namespace

std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> all;
    for (const ViewRow& row : ROWS) {
        all.push_back(row.make());
        all.back()->set_row(row);
    }
    return all;
}

std::span<const std::unique_ptr<View>> views() {
    static const std::vector<std::unique_ptr<View>> all = make_views();
    return all;
}

} // namespace shell
