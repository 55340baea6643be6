#include "views/views.h"

#include "views/kernel/address.h"
#include "views/kernel/layout.h"
#include "views/kernel/page_tables.h"
#include "views/kernel/pkmap.h"
#include "views/kernel/tlb.h"
#include "views/kernel/vmalloc.h"
#include "views/pages/free_lists.h"
#include "views/pages/map.h"
#include "views/pages/pcp_lists.h"
#include "views/pages/zone_gauges.h"
#include "views/slab/cache.h"
#include "views/slab/caches.h"
#include "views/slab/colouring.h"
#include "views/slab/compare.h"
#include "views/slab/slab_bytes.h"

namespace shell {

std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> all;
    all.push_back(std::make_unique<MapView>());
    all.push_back(std::make_unique<FreeListsView>());
    all.push_back(std::make_unique<ZoneGaugesView>());
    all.push_back(std::make_unique<PcpListsView>());
    all.push_back(std::make_unique<CachesView>());
    all.push_back(std::make_unique<CacheView>());
    all.push_back(std::make_unique<SlabBytesView>());
    all.push_back(std::make_unique<ColouringView>());
    all.push_back(std::make_unique<CompareView>());
    all.push_back(std::make_unique<VmallocView>());
    all.push_back(std::make_unique<AddressView>());
    all.push_back(std::make_unique<PageTablesView>());
    all.push_back(std::make_unique<TlbView>());
    all.push_back(std::make_unique<LayoutView>());
    all.push_back(std::make_unique<PkmapView>());
    return all;
}

std::span<const std::unique_ptr<View>> views() {
    static const std::vector<std::unique_ptr<View>> all = make_views();
    return all;
}

} // namespace shell
