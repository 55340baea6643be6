// The helpers of pte.h where arm64's entries need more than a bit.
#include "mmu/arm64/descriptor.h"
#include "mmu/arm64/functions.h"

namespace mm {

namespace {

u64 present_invalid(const pte_format& format) { return format.rules.present_invalid_is_ng() ? PTE_NG : PTE_PROT_NONE; }

} // namespace

bool arm64_protnone(const pte_format& format, pteval_t pte) {
    return !(pte & PTE_VALID) && pte & present_invalid(format);
}

bool arm64_user_exec(const pte_format&, pteval_t pte) { return !(pte & PTE_UXN); }

bool arm64_dirty(pteval_t pte) { return pte_sw_dirty(pte) || pte_hw_dirty(pte); }

pteval_t arm64_mkwrite(const pte_format& format, pteval_t pte) {
    pte |= PTE_WRITE;
    if (!format.rules.mkwrite_keeps_clean() || pte_sw_dirty(pte)) pte &= ~PTE_RDONLY;
    return pte;
}

pteval_t arm64_wrprotect(pteval_t pte) {
    // Once RDONLY is set the hardware's word for dirty is lost: software notes it.
    if (pte_hw_dirty(pte)) pte |= PTE_DIRTY;
    return (pte & ~PTE_WRITE) | PTE_RDONLY;
}

pteval_t arm64_mkdirty(pteval_t pte) {
    pte |= PTE_DIRTY;
    return pte & PTE_WRITE ? pte & ~PTE_RDONLY : pte;
}

pteval_t arm64_mkclean(pteval_t pte) { return (pte & ~PTE_DIRTY) | PTE_RDONLY; }

pteval_t arm64_mkinvalid(const pte_format& format, pteval_t pmd) {
    return (pmd & ~PTE_VALID) | (format.rules.present_invalid_is_ng() ? PTE_NG : PMD_PRESENT_INVALID);
}

pteval_t arm64_modify(const pte_format& format, pteval_t pte, pgprot_t prot) {
    u64 mask = PTE_USER | PTE_PXN | PTE_UXN | PTE_RDONLY | present_invalid(format) | PTE_VALID | PTE_WRITE | PTE_GP |
               PTE_ATTRINDX_MASK;
    if (format.rules.has_permission_overlay()) mask |= 7ull << 60;
    if (pte_hw_dirty(pte)) pte |= PTE_DIRTY;
    pte = (pte & ~mask) | (prot & mask);
    return pte_sw_dirty(pte) ? arm64_mkdirty(pte) : pte;
}

pteval_t arm64_leaf(const pte_format& format, phys_addr_t phys, pgprot_t prot) {
    return address_bits(format, phys) | prot;
}

pgprot_t arm64_prot(const pte_format& format, protection name) {
    const pte_rules& rules = format.rules;
    // With FEAT_LPA2 the bits of the shareability belong to the address (PTE_MAYBE_SHARED).
    const u64 shared = format.geometry.format == table_format::arm64_lpa2 ? 0 : PTE_SHARED;
    const u64 base = PTE_TYPE_PAGE | PTE_AF | shared;
    const u64 no_exec = PTE_PXN | PTE_UXN;
    const auto type = [&](memory_type t) { return u64{attr_index_of(rules, t)} << PTE_ATTRINDX_SHIFT; };
    const u64 dirty = rules.kernel_memory_is_dirty() ? PTE_DIRTY : 0;
    const u64 user = base | type(memory_type::normal) | PTE_USER | PTE_RDONLY | PTE_NG | PTE_PXN;
    const u64 normal = base | no_exec | PTE_WRITE | dirty;
    switch (name) {
    case protection::PAGE_NONE:
        return ((base | type(memory_type::normal)) & ~PTE_VALID) | present_invalid(format) | PTE_RDONLY | PTE_NG |
               no_exec;
    case protection::PAGE_READONLY: return user | PTE_UXN;
    case protection::PAGE_READONLY_EXEC: return user;
    case protection::PAGE_SHARED: return user | PTE_UXN | PTE_WRITE;
    case protection::PAGE_SHARED_EXEC: return user | PTE_WRITE;
    case protection::PAGE_KERNEL: return normal | type(memory_type::normal);
    case protection::PAGE_KERNEL_TAGGED:
        return normal | type(rules.has_tagged_type() ? memory_type::normal_tagged : memory_type::normal);
    case protection::PAGE_KERNEL_RO: return ((normal | type(memory_type::normal)) & ~PTE_WRITE) | PTE_RDONLY;
    case protection::PAGE_KERNEL_ROX:
        return ((normal | type(memory_type::normal)) & ~(PTE_WRITE | PTE_PXN)) | PTE_RDONLY;
    case protection::PAGE_KERNEL_EXEC: return (normal | type(memory_type::normal)) & ~PTE_PXN;
    case protection::PROT_NORMAL_NC: return base | no_exec | PTE_WRITE | type(memory_type::normal_nc);
    case protection::PROT_DEVICE_nGnRE: return base | no_exec | PTE_WRITE | type(memory_type::device_nGnRE);
    case protection::PROT_DEVICE_nGnRnE: return base | no_exec | PTE_WRITE | type(memory_type::device_nGnRnE);
    case protection::PROT_SECT_NORMAL:
        return base | no_exec | type(memory_type::normal) | (rules.sections_have_write() ? PTE_WRITE : 0);
    case protection::count: break;
    }
    return 0;
}

pgprot_t arm64_prot_bits(const pte_format& format, pteval_t entry, u8 level) {
    const pgprot_t prot = entry & ~address_bits(format, output_address(format, entry, level));
    return (prot & ~PTE_CONT) | (level > 0 ? PTE_TABLE_BIT : 0);
}

pteval_t arm64_table_entry(const pte_format& format, phys_addr_t table, u8, bool kernel, bool no_exec) {
    u64 limits = 0;
    if (format.rules.tables_limit_execution()) limits = kernel ? TABLE_UXN | (no_exec ? TABLE_PXN : 0) : TABLE_PXN;
    return address_bits(format, table) | PTE_VALID | PTE_TABLE_BIT | limits;
}

} // namespace mm
