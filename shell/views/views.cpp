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
     .group = ViewGroup::pages,
     .make = made<MapView>,
     .shows = MapView::shows},
    {.id = "free-lists",
     .title = {"Free lists", "空闲链表"},
     .group = ViewGroup::pages,
     .make = made<FreeListsView>},
    {.id = "zones",
     .title = {"Zones", "内存域"},
     .group = ViewGroup::pages,
     .make = made<ZoneGaugesView>},
    {.id = "pcp",
     .title = {"Per-CPU lists", "每 CPU 链表"},
     .group = ViewGroup::pages,
     .make = made<PcpListsView>},
    {.id = "memblock",
     .title = {"memblock", "memblock"},
     .group = ViewGroup::pages,
     .make = made<MemblockView>},
    {.id = "caches",
     .title = {"Caches", "缓存总表"},
     .group = ViewGroup::slab,
     .make = made<CachesView>},
    {.id = "cache",
     .title = {"Cache", "缓存"},
     .group = ViewGroup::slab,
     .make = made<CacheView>,
     .shows = CacheView::shows},
    {.id = "slab",
     .title = {"Slab", "slab 布局"},
     .group = ViewGroup::slab,
     .make = made<SlabBytesView>,
     .shows = SlabBytesView::shows},
    {.id = "colouring",
     .title = {"Colouring", "着色"},
     .group = ViewGroup::slab,
     .make = made<ColouringView>,
     .shows = ColouringView::shows},
    {.id = "compare",
     .title = {"Compare", "比较"},
     .group = ViewGroup::slab,
     .make = made<CompareView>},
    {.id = "vmalloc",
     .title = {"vmalloc", "vmalloc"},
     .group = ViewGroup::kernel,
     .make = made<VmallocView>},
    {.id = "address",
     .title = {"Address", "地址"},
     .group = ViewGroup::kernel,
     .make = made<AddressView>,
     .shows = AddressView::shows},
    {.id = "page-tables",
     .title = {"Page tables", "页表"},
     .group = ViewGroup::kernel,
     .make = made<PageTablesView>,
     .shows = PageTablesView::shows},
    {.id = "tlb",
     .title = {"TLB", "TLB"},
     .group = ViewGroup::kernel,
     .make = made<TlbView>,
     .shows = TlbView::shows},
    {.id = "layout",
     .title = {"Layout", "地址布局"},
     .group = ViewGroup::kernel,
     .make = made<LayoutView>,
     .shows = LayoutView::shows},
    {.id = "pkmap",
     .title = {"PKMAP and fixmap", "PKMAP 与 fixmap"},
     .group = ViewGroup::kernel,
     .make = made<PkmapView>},
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
