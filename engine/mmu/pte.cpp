#include "mmu/pte.h"

#include <array>

#include "base/assert.h"

namespace mm {

namespace {

// Bits of an x86 entry that pte_modify() keeps. kernel: _PAGE_CHG_MASK
u64 x86_kept(const pte_format& format) {
    const u64 address = format.has_nx() ? 0xffffffffff000ull : 0xfffff000ull;
    return address | X86_PCD | X86_PWT | X86_SPECIAL | X86_ACCESSED | X86_DIRTY;
}

// PAE stores the frame of a PROT_NONE entry inverted. kernel: flip_protnone_guard
pteval_t flip_protnone(const pte_format& format, pteval_t before, pteval_t after) {
    if (!format.has_nx()) return after;
    const auto inverted = [](pteval_t pte) { return pte != 0 && !(pte & X86_PRESENT); };
    return inverted(before) == inverted(after) ? after : after ^ 0xffffffffff000ull;
}

u64 present_invalid(const pte_format& format) { return format.rules.present_invalid_is_ng() ? PTE_NG : PTE_PROT_NONE; }

} // namespace

bool pte_present(const pte_format& format, pteval_t pte) { return pte_valid(pte) || pte_protnone(format, pte); }

bool pte_protnone(const pte_format& format, pteval_t pte) {
    if (!format.is_arm64()) return (pte & (X86_PRESENT | X86_PROTNONE)) == X86_PROTNONE;
    return !(pte & PTE_VALID) && pte & present_invalid(format);
}

bool pte_write(const pte_format& format, pteval_t pte) { return pte & (format.is_arm64() ? PTE_WRITE : X86_RW); }
bool pte_user(const pte_format& format, pteval_t pte) { return pte & (format.is_arm64() ? PTE_USER : X86_USER); }

bool pte_user_exec(const pte_format& format, pteval_t pte) {
    if (format.is_arm64()) return !(pte & PTE_UXN);
    return pte & X86_USER && !(format.has_nx() && pte & X86_NX);
}

bool pte_young(const pte_format& format, pteval_t pte) { return pte & (format.is_arm64() ? PTE_AF : X86_ACCESSED); }

bool pte_dirty(const pte_format& format, pteval_t pte) {
    return format.is_arm64() ? pte_sw_dirty(pte) || pte_hw_dirty(pte) : (pte & X86_DIRTY) != 0;
}

bool pte_special(const pte_format& format, pteval_t pte) {
    return pte & (format.is_arm64() ? PTE_SPECIAL : X86_SPECIAL);
}

bool pte_devmap(const pte_format& format, pteval_t pte) { return format.is_arm64() && pte & PTE_DEVMAP; }
bool pte_cont(const pte_format& format, pteval_t pte) { return format.is_arm64() && pte & PTE_CONT; }

bool pte_access_permitted(const pte_format& format, pteval_t pte, bool write) {
    return pte_valid(pte) && pte_user(format, pte) && (!write || pte_write(format, pte));
}

pteval_t pte_mkwrite(const pte_format& format, pteval_t pte) {
    if (!format.is_arm64()) return pte | X86_RW;
    pte |= PTE_WRITE;
    if (!format.rules.mkwrite_keeps_clean() || pte_sw_dirty(pte)) pte &= ~PTE_RDONLY;
    return pte;
}

pteval_t pte_wrprotect(const pte_format& format, pteval_t pte) {
    if (!format.is_arm64()) return pte & ~X86_RW;
    // Once RDONLY is set the hardware's word for dirty is lost: software notes it.
    if (pte_hw_dirty(pte)) pte |= PTE_DIRTY;
    return (pte & ~PTE_WRITE) | PTE_RDONLY;
}

pteval_t pte_mkdirty(const pte_format& format, pteval_t pte) {
    if (!format.is_arm64()) return pte | X86_DIRTY;
    pte |= PTE_DIRTY;
    return pte & PTE_WRITE ? pte & ~PTE_RDONLY : pte;
}

pteval_t pte_mkclean(const pte_format& format, pteval_t pte) {
    return format.is_arm64() ? (pte & ~PTE_DIRTY) | PTE_RDONLY : pte & ~X86_DIRTY;
}

pteval_t pte_mkyoung(const pte_format& format, pteval_t pte) {
    return pte | (format.is_arm64() ? PTE_AF : X86_ACCESSED);
}

pteval_t pte_mkold(const pte_format& format, pteval_t pte) {
    return pte & ~(format.is_arm64() ? PTE_AF : X86_ACCESSED);
}

pteval_t pte_mkspecial(const pte_format& format, pteval_t pte) {
    return pte | (format.is_arm64() ? PTE_SPECIAL : X86_SPECIAL);
}

pteval_t pte_mkcont(const pte_format& format, pteval_t pte) {
    MM_ASSERT(format.is_arm64());
    return pte | PTE_CONT;
}

pteval_t pte_mknoncont(const pte_format& format, pteval_t pte) {
    MM_ASSERT(format.is_arm64());
    return pte & ~PTE_CONT;
}

pteval_t pmd_mkinvalid(const pte_format& format, pteval_t pmd) {
    if (!format.is_arm64()) return pmd & ~X86_PRESENT;
    return (pmd & ~PTE_VALID) | (format.rules.present_invalid_is_ng() ? PTE_NG : PMD_PRESENT_INVALID);
}

pteval_t pte_mkhuge(const pte_format& format, pteval_t pte) {
    return format.is_arm64() ? pte & ~PTE_TABLE_BIT : pte | X86_PSE;
}

pteval_t pte_modify(const pte_format& format, pteval_t pte, pgprot_t prot) {
    if (!format.is_arm64()) {
        const u64 kept = x86_kept(format);
        return flip_protnone(format, pte, (pte & kept) | (prot & ~kept));
    }
    u64 mask = PTE_USER | PTE_PXN | PTE_UXN | PTE_RDONLY | present_invalid(format) | PTE_VALID | PTE_WRITE | PTE_GP |
               PTE_ATTRINDX_MASK;
    if (format.rules.has_permission_overlay()) mask |= 7ull << 60;
    if (pte_hw_dirty(pte)) pte |= PTE_DIRTY;
    pte = (pte & ~mask) | (prot & mask);
    return pte_sw_dirty(pte) ? pte_mkdirty(format, pte) : pte;
}

frame_t pte_pfn(const pte_format& format, pteval_t pte, u8 level) {
    return output_address(format, pte, level) >> format.geometry.page_shift;
}

pteval_t pfn_pte(const pte_format& format, frame_t frame, pgprot_t prot) {
    return leaf_entry(format, frame << format.geometry.page_shift, prot, 0);
}

pteval_t leaf_entry(const pte_format& format, phys_addr_t phys, pgprot_t prot, u8 level) {
    MM_ASSERT((phys & (format.geometry.size(level) - 1)) == 0);
    if (level > 0) prot = pte_mkhuge(format, prot);
    if (format.geometry.format == table_format::i386_pae && prot != 0 && !(prot & X86_PRESENT))
        return prot | (~phys & 0xffffffffff000ull);
    return address_bits(format, phys) | prot;
}

namespace {

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

// kernel: __PAGE_KERNEL and so on
pgprot_t x86_prot(const pte_format& format, protection name) {
    const u64 nx = format.has_nx() ? X86_NX : 0;
    const u64 user = X86_PRESENT | X86_USER | X86_ACCESSED;
    const u64 kernel = X86_PRESENT | X86_ACCESSED | X86_GLOBAL;
    const u64 read_only = kernel | (format.rules.read_only_is_clean() ? 0 : X86_DIRTY);
    const u64 writable = kernel | X86_RW | X86_DIRTY;
    switch (name) {
    case protection::PAGE_NONE: return X86_PROTNONE | X86_ACCESSED;
    case protection::PAGE_READONLY: return user | nx;
    case protection::PAGE_READONLY_EXEC: return user;
    case protection::PAGE_SHARED: return user | X86_RW | nx;
    case protection::PAGE_SHARED_EXEC: return user | X86_RW;
    case protection::PAGE_KERNEL_RO: return read_only | nx;
    case protection::PAGE_KERNEL_ROX: return read_only;
    case protection::PAGE_KERNEL_EXEC: return writable;
    case protection::PROT_NORMAL_NC:
    case protection::PROT_DEVICE_nGnRE:
    case protection::PROT_DEVICE_nGnRnE: return writable | nx | X86_PCD | X86_PWT;
    case protection::PROT_SECT_NORMAL: return writable | nx | X86_PSE;
    default: return writable | nx;
    }
}

} // namespace

pgprot_t pgprot_of(const pte_format& format, protection name) {
    return format.is_arm64() ? arm64_prot(format, name) : x86_prot(format, name);
}

namespace {

// An entry without its address and its place in a row: what a protection says.
pgprot_t prot_bits(const pte_format& format, pteval_t entry, u8 level) {
    if (format.is_arm64()) {
        const pgprot_t prot = entry & ~address_bits(format, output_address(format, entry, level));
        return (prot & ~PTE_CONT) | (level > 0 ? PTE_TABLE_BIT : 0);
    }
    return (level > 0 ? entry & ~X86_PSE : entry) & ~(format.has_nx() ? 0xffffffffff000ull : 0xfffff000ull);
}

protection find_protection(const pte_format& format, pgprot_t prot, u64 ignored) {
    for (u8 i = 0; i < static_cast<u8>(protection::count); ++i)
        if (((pgprot_of(format, static_cast<protection>(i)) ^ prot) & ~ignored) == 0) return static_cast<protection>(i);
    return protection::count;
}

} // namespace

protection protection_of(const pte_format& format, pteval_t entry, u8 level) {
    const descriptor_kind kind = kind_of(format, entry, level);
    if (!is_leaf(kind) && kind != descriptor_kind::present_invalid) return protection::count;
    return find_protection(format, prot_bits(format, entry, level), 0);
}

protection nearest_protection(const pte_format& format, pteval_t entry, u8 level) {
    const protection exact = protection_of(format, entry, level);
    if (exact != protection::count || !format.is_arm64() || entry & PTE_USER || !is_leaf(kind_of(format, entry, level)))
        return exact;
    const protection near = find_protection(format, prot_bits(format, entry, level), PTE_DIRTY | PTE_NG);
    return pgprot_of(format, near) & PTE_USER ? protection::count : near;
}

protection vm_get_page_prot(bool read, bool write, bool exec, bool shared) {
    if (!read && !write && !exec) return protection::PAGE_NONE;
    if (write && shared) return exec ? protection::PAGE_SHARED_EXEC : protection::PAGE_SHARED;
    return exec ? protection::PAGE_READONLY_EXEC : protection::PAGE_READONLY;
}

pteval_t table_entry(const pte_format& format, phys_addr_t table, u8 level, bool kernel, bool no_exec) {
    if (!format.is_arm64()) {
        // kernel: _PAGE_TABLE, and PAE's top level, which has no other bits than P
        if (format.has_nx() && level == format.geometry.root()) return table | X86_PRESENT;
        return table | X86_PRESENT | X86_RW | X86_ACCESSED | X86_DIRTY | X86_USER;
    }
    u64 limits = 0;
    if (format.rules.tables_limit_execution()) limits = kernel ? TABLE_UXN | (no_exec ? TABLE_PXN : 0) : TABLE_PXN;
    return address_bits(format, table) | PTE_VALID | PTE_TABLE_BIT | limits;
}

} // namespace mm
