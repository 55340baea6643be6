// The helpers of pte.h where x86's entries need more than a bit.
#include "mmu/x86/functions.h"

namespace mm {

namespace {

constexpr u64 PAE_ADDRESS = 0xffffffffff000ull;

u64 address_mask(const pte_format& format) { return has_nx(format) ? PAE_ADDRESS : 0xfffff000ull; }

// PAE stores the frame of a PROT_NONE entry inverted. kernel: flip_protnone_guard
pteval_t flip_protnone(const pte_format& format, pteval_t before, pteval_t after) {
    if (!has_nx(format)) return after;
    const auto inverted = [](pteval_t pte) { return pte != 0 && !(pte & X86_PRESENT); };
    return inverted(before) == inverted(after) ? after : after ^ PAE_ADDRESS;
}

} // namespace

bool x86_protnone(const pte_format&, pteval_t pte) { return (pte & (X86_PRESENT | X86_PROTNONE)) == X86_PROTNONE; }

bool x86_user_exec(const pte_format& format, pteval_t pte) {
    return pte & X86_USER && !(has_nx(format) && pte & X86_NX);
}

bool x86_dirty(pteval_t pte) { return pte & X86_DIRTY; }

pteval_t x86_mkwrite(const pte_format&, pteval_t pte) { return pte | X86_RW; }
pteval_t x86_wrprotect(pteval_t pte) { return pte & ~X86_RW; }
pteval_t x86_mkdirty(pteval_t pte) { return pte | X86_DIRTY; }
pteval_t x86_mkclean(pteval_t pte) { return pte & ~X86_DIRTY; }
pteval_t x86_mkinvalid(const pte_format&, pteval_t pmd) { return pmd & ~X86_PRESENT; }

// kernel: _PAGE_CHG_MASK
pteval_t x86_modify(const pte_format& format, pteval_t pte, pgprot_t prot) {
    const u64 kept = address_mask(format) | X86_PCD | X86_PWT | X86_SPECIAL | X86_ACCESSED | X86_DIRTY;
    return flip_protnone(format, pte, (pte & kept) | (prot & ~kept));
}

pteval_t x86_leaf(const pte_format& format, phys_addr_t phys, pgprot_t prot) {
    if (has_nx(format) && prot != 0 && !(prot & X86_PRESENT)) return prot | (~phys & PAE_ADDRESS);
    return address_bits(format, phys) | prot;
}

// kernel: __PAGE_KERNEL and so on
pgprot_t x86_prot(const pte_format& format, protection name) {
    const u64 nx = has_nx(format) ? X86_NX : 0;
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

pgprot_t x86_prot_bits(const pte_format& format, pteval_t entry, u8 level) {
    return (level > 0 ? entry & ~X86_PSE : entry) & ~address_mask(format);
}

pteval_t x86_table_entry(const pte_format& format, phys_addr_t table, u8 level, bool, bool) {
    // kernel: _PAGE_TABLE, and PAE's top level, which has no other bits than P
    if (has_nx(format) && level == format.geometry.root()) return table | X86_PRESENT;
    return table | X86_PRESENT | X86_RW | X86_ACCESSED | X86_DIRTY | X86_USER;
}

} // namespace mm
