// What entries of x86 allow.
#include "mmu/x86/functions.h"

namespace mm {

namespace {

constexpr bool has(u64 entry, u64 bit) { return (entry & bit) != 0; }

} // namespace

u8 x86_table_limits(const pte_format& format, pteval_t entry, u8 level) {
    u8 limits = 0;
    // Entries of PAE's top level have no rights.
    if (has_nx(format) && level == format.geometry.root()) return 0;
    if (!has(entry, X86_USER)) limits |= LIMIT_NO_USER;
    if (!has(entry, X86_RW)) limits |= LIMIT_NO_WRITE;
    if (has_nx(format) && has(entry, X86_NX)) limits |= LIMIT_UXN;
    return limits;
}

u8 x86_rights(const pte_format& format, pteval_t leaf, u8 limits, hardware_update) {
    const bool user = has(leaf, X86_USER) && !(limits & LIMIT_NO_USER);
    const bool write = has(leaf, X86_RW) && !(limits & LIMIT_NO_WRITE);
    const bool exec = !(has_nx(format) && has(leaf, X86_NX)) && !(limits & LIMIT_UXN);
    u8 rights = RIGHT_KERNEL_READ;
    if (write) rights |= RIGHT_KERNEL_WRITE;
    if (exec) rights |= RIGHT_KERNEL_EXEC;
    if (user) rights |= static_cast<u8>(rights << 3);
    if (write && !has(leaf, X86_DIRTY)) rights |= RIGHT_CLEAN;
    return rights;
}

denial x86_denial(pteval_t leaf, u8 limits, access_kind kind, bool user) {
    if (user && !has(leaf, X86_USER)) return denial::not_user;
    if (user && limits & LIMIT_NO_USER) return denial::table_not_user;
    if (kind == access_kind::write) return has(leaf, X86_RW) ? denial::table_read_only : denial::read_only;
    return has(leaf, X86_NX) ? denial::uxn : denial::table_uxn;
}

} // namespace mm
