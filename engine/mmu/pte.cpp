#include "mmu/pte.h"

#include <array>

#include "base/assert.h"
#include "mmu/arch_functions.h"

namespace mm {

namespace {

const entry_bits& bits_of(const pte_format& format) { return format.arch().bits; }
const arch_functions& functions_of(const pte_format& format) { return *format.arch().functions; }

} // namespace

bool pte_present(const pte_format& format, pteval_t pte) { return pte_valid(pte) || pte_protnone(format, pte); }
bool pte_protnone(const pte_format& format, pteval_t pte) { return functions_of(format).protnone(format, pte); }
bool pte_write(const pte_format& format, pteval_t pte) { return pte & bits_of(format).write; }
bool pte_user(const pte_format& format, pteval_t pte) { return pte & bits_of(format).user; }
bool pte_user_exec(const pte_format& format, pteval_t pte) { return functions_of(format).user_exec(format, pte); }
bool pte_young(const pte_format& format, pteval_t pte) { return pte & bits_of(format).accessed; }
bool pte_dirty(const pte_format& format, pteval_t pte) { return functions_of(format).dirty(pte); }
bool pte_special(const pte_format& format, pteval_t pte) { return pte & bits_of(format).special; }
bool pte_devmap(const pte_format& format, pteval_t pte) { return pte & bits_of(format).devmap; }
bool pte_cont(const pte_format& format, pteval_t pte) { return pte & bits_of(format).contiguous; }

bool pte_access_permitted(const pte_format& format, pteval_t pte, bool write) {
    return pte_valid(pte) && pte_user(format, pte) && (!write || pte_write(format, pte));
}

pteval_t pte_mkwrite(const pte_format& format, pteval_t pte) { return functions_of(format).mkwrite(format, pte); }
pteval_t pte_wrprotect(const pte_format& format, pteval_t pte) { return functions_of(format).wrprotect(pte); }
pteval_t pte_mkdirty(const pte_format& format, pteval_t pte) { return functions_of(format).mkdirty(pte); }
pteval_t pte_mkclean(const pte_format& format, pteval_t pte) { return functions_of(format).mkclean(pte); }
pteval_t pte_mkyoung(const pte_format& format, pteval_t pte) { return pte | bits_of(format).accessed; }
pteval_t pte_mkold(const pte_format& format, pteval_t pte) { return pte & ~bits_of(format).accessed; }
pteval_t pte_mkspecial(const pte_format& format, pteval_t pte) { return pte | bits_of(format).special; }

pteval_t pte_mkcont(const pte_format& format, pteval_t pte) {
    MM_ASSERT(format.arch().has_contiguous_hint);
    return pte | bits_of(format).contiguous;
}

pteval_t pte_mknoncont(const pte_format& format, pteval_t pte) {
    MM_ASSERT(format.arch().has_contiguous_hint);
    return pte & ~bits_of(format).contiguous;
}

pteval_t pmd_mkinvalid(const pte_format& format, pteval_t pmd) { return functions_of(format).mkinvalid(format, pmd); }

pteval_t pte_mkhuge(const pte_format& format, pteval_t pte) {
    return (pte & ~bits_of(format).page) | bits_of(format).block;
}

pteval_t pte_clrhuge(const pte_format& format, pteval_t pte) {
    return (pte & ~(bits_of(format).block | bits_of(format).contiguous)) | bits_of(format).page;
}

pteval_t pte_modify(const pte_format& format, pteval_t pte, pgprot_t prot) {
    return functions_of(format).modify(format, pte, prot);
}

frame_t pte_pfn(const pte_format& format, pteval_t pte, u8 level) {
    return output_address(format, pte, level) >> format.geometry.page_shift;
}

pteval_t pfn_pte(const pte_format& format, frame_t frame, pgprot_t prot) {
    return leaf_entry(format, frame << format.geometry.page_shift, prot, 0);
}

pteval_t leaf_entry(const pte_format& format, phys_addr_t phys, pgprot_t prot, u8 level) {
    MM_ASSERT((phys & (format.geometry.size(level) - 1)) == 0);
    return functions_of(format).leaf(format, phys, level > 0 ? pte_mkhuge(format, prot) : prot);
}

pgprot_t pgprot_of(const pte_format& format, protection name) { return functions_of(format).prot(format, name); }

namespace {

protection find_protection(const pte_format& format, pgprot_t prot, u64 ignored) {
    for (u8 i = 0; i < static_cast<u8>(protection::count); ++i)
        if (((pgprot_of(format, static_cast<protection>(i)) ^ prot) & ~ignored) == 0) return static_cast<protection>(i);
    return protection::count;
}

} // namespace

protection protection_of(const pte_format& format, pteval_t entry, u8 level) {
    const descriptor_kind kind = kind_of(format, entry, level);
    if (!is_leaf(kind) && kind != descriptor_kind::present_invalid) return protection::count;
    return find_protection(format, functions_of(format).prot_bits(format, entry, level), 0);
}

protection nearest_protection(const pte_format& format, pteval_t entry, u8 level) {
    const protection exact = protection_of(format, entry, level);
    const entry_bits& bits = bits_of(format);
    if (exact != protection::count || !bits.of_build || entry & bits.user || !is_leaf(kind_of(format, entry, level)))
        return exact;
    const pgprot_t prot = functions_of(format).prot_bits(format, entry, level);
    const protection near = find_protection(format, prot, bits.of_build);
    return pgprot_of(format, near) & bits.user ? protection::count : near;
}

protection vm_get_page_prot(bool read, bool write, bool exec, bool shared) {
    if (!read && !write && !exec) return protection::PAGE_NONE;
    if (write && shared) return exec ? protection::PAGE_SHARED_EXEC : protection::PAGE_SHARED;
    return exec ? protection::PAGE_READONLY_EXEC : protection::PAGE_READONLY;
}

pteval_t table_entry(const pte_format& format, phys_addr_t table, u8 level, bool kernel, bool no_exec) {
    return functions_of(format).table_entry(format, table, level, kernel, no_exec);
}

} // namespace mm
