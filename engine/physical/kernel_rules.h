#pragma once
// What differs between the kernels that a machine may run: each rule has a name here, so that the allocator never asks
// for a version number.
//
// Models: Linux 5.10, 6.1 and 6.12 (the longterm kernels of Debian 11, 12 and 13's backport).
#include <string_view>

#include "base/types.h"

namespace mm {

enum class kernel_version : u8 { v5_10, v6_1, v6_12 };

[[nodiscard]] constexpr std::string_view kernel_version_name(kernel_version version) {
    switch (version) {
        case kernel_version::v5_10: return "5.10";
        case kernel_version::v6_1: return "6.1";
        case kernel_version::v6_12: return "6.12";
    }
    return "";
}

struct kernel_rules {
    kernel_version version = kernel_version::v6_1;

    // Since 5.13 (mm/page_alloc.c: pcp_allowed_order) per-CPU lists hold orders 0 to 3 and huge pages; before, order 0.
    [[nodiscard]] bool pcp_high_orders() const { return version != kernel_version::v5_10; }
    // Since 6.7 pcp->high moves between high_min and high_max by itself.
    [[nodiscard]] bool pcp_auto_tuned() const { return version == kernel_version::v6_12; }
    // Since 6.10 a pageblock's type and the lists that its free blocks stand on never disagree.
    [[nodiscard]] bool freelist_hygiene() const { return version == kernel_version::v6_12; }
    // Until 6.2 GFP_ATOMIC carried __GFP_ATOMIC, and that bit gave access to a quarter of the reserve (ALLOC_HARDER).
    [[nodiscard]] bool has_gfp_atomic_bit() const { return version != kernel_version::v6_12; }
    // Since 5.16 CMA blocks never merge with other types.
    [[nodiscard]] bool cma_merges_with_others() const { return version == kernel_version::v5_10; }
};

}  // namespace mm
