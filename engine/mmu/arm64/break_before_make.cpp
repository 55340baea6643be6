#include "mmu/arm64/break_before_make.h"

#include "mmu/arm64/descriptor.h"
#include "mmu/arm64/functions.h"

namespace mm {

live_change arm64_live_leaf_change(const pte_format& format, pteval_t before, pteval_t after) {
    if ((before ^ after) & PTE_CONT) return live_change::contiguous;
    const auto type = [&](pteval_t entry) {
        return memory_type_of(format.rules, static_cast<u32>((entry & PTE_ATTRINDX_MASK) >> PTE_ATTRINDX_SHIFT));
    };
    const auto normal = [](memory_type t) { return t == memory_type::normal || t == memory_type::normal_tagged; };
    if (type(before) != type(after) && !(normal(type(before)) && normal(type(after)))) return live_change::memory_type;
    if (before & ~after & PTE_NG) return live_change::global;
    return live_change::safe;
}

bool pgattr_change_is_safe(const pte_format& format, pteval_t before, pteval_t after, u8 level) {
    if (before == 0 || after == 0) return true;
    if (live_change_of(format, before, after, level) != live_change::safe) return false;
    // The kernel leaves no live contiguous row alone at all, and lets nothing but these bits change.
    if ((before | after) & PTE_CONT) return false;
    const pteval_t may_change = PTE_PXN | PTE_RDONLY | PTE_WRITE | PTE_NG | PTE_ATTRINDX_MASK;
    return ((before ^ after) & ~may_change) == 0;
}

} // namespace mm
