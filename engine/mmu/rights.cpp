// What entries allow: the permission checks of access.h.
#include "mmu/access.h"

namespace mm {

namespace {

constexpr bool has(u64 entry, u64 bit) { return (entry & bit) != 0; }

u8 arm64_rights(pteval_t leaf, u8 limits, hardware_update update) {
    const bool user = has(leaf, PTE_USER) && !(limits & LIMIT_NO_USER);
    // With DBM hardware makes a read-only entry writable at the first write.
    const bool dirty_by_hardware = update == hardware_update::dbm && has(leaf, PTE_DBM) && has(leaf, PTE_RDONLY);
    const bool write = (!has(leaf, PTE_RDONLY) || dirty_by_hardware) && !(limits & LIMIT_NO_WRITE);
    u8 rights = RIGHT_KERNEL_READ;
    if (write) rights |= RIGHT_KERNEL_WRITE;
    if (user) rights |= RIGHT_USER_READ;
    if (user && write) rights |= RIGHT_USER_WRITE;
    if (write && dirty_by_hardware) rights |= RIGHT_CLEAN;
    if (!has(leaf, PTE_UXN) && !(limits & LIMIT_UXN)) rights |= RIGHT_USER_EXEC;
    if (!has(leaf, PTE_PXN) && !(limits & LIMIT_PXN) && !(user && write)) rights |= RIGHT_KERNEL_EXEC;
    return rights;
}

u8 x86_rights(const pte_format& format, pteval_t leaf, u8 limits) {
    const bool user = has(leaf, X86_USER) && !(limits & LIMIT_NO_USER);
    const bool write = has(leaf, X86_RW) && !(limits & LIMIT_NO_WRITE);
    const bool exec = !(format.has_nx() && has(leaf, X86_NX)) && !(limits & LIMIT_UXN);
    u8 rights = RIGHT_KERNEL_READ;
    if (write) rights |= RIGHT_KERNEL_WRITE;
    if (exec) rights |= RIGHT_KERNEL_EXEC;
    if (user) rights |= static_cast<u8>(rights << 3);
    if (write && !has(leaf, X86_DIRTY)) rights |= RIGHT_CLEAN;
    return rights;
}

denial arm64_denial(pteval_t leaf, u8 limits, access_kind kind, bool user) {
    const bool user_page = has(leaf, PTE_USER) && !(limits & LIMIT_NO_USER);
    switch (kind) {
    case access_kind::exec:
        if (user) return has(leaf, PTE_UXN) ? denial::uxn : denial::table_uxn;
        if (has(leaf, PTE_PXN)) return denial::pxn;
        return limits & LIMIT_PXN ? denial::table_pxn : denial::user_writable;
    case access_kind::write:
        if (user && !user_page) break;
        if (limits & LIMIT_NO_WRITE) return denial::table_read_only;
        return has(leaf, PTE_DBM) ? denial::clean : denial::read_only;
    case access_kind::read: break;
    }
    return has(leaf, PTE_USER) ? denial::table_not_user : denial::not_user;
}

denial x86_denial(pteval_t leaf, u8 limits, access_kind kind, bool user) {
    if (user && !has(leaf, X86_USER)) return denial::not_user;
    if (user && limits & LIMIT_NO_USER) return denial::table_not_user;
    if (kind == access_kind::write) return has(leaf, X86_RW) ? denial::table_read_only : denial::read_only;
    return has(leaf, X86_NX) ? denial::uxn : denial::table_uxn;
}

} // namespace

u8 x86_table_limits(const pte_format& format, pteval_t entry, u8 level) {
    u8 limits = 0;
    // Entries of PAE's top level have no rights.
    if (format.has_nx() && level == format.geometry.root()) return 0;
    if (!has(entry, X86_USER)) limits |= LIMIT_NO_USER;
    if (!has(entry, X86_RW)) limits |= LIMIT_NO_WRITE;
    if (format.has_nx() && has(entry, X86_NX)) limits |= LIMIT_UXN;
    return limits;
}

u8 limits_above(const pte_format& format, const walk_result& way) {
    u8 limits = 0;
    for (u8 i = 0; i + 1 < way.nr_steps; ++i) limits |= table_limits(format, way.steps[i].entry, way.steps[i].level);
    return limits;
}

u8 rights_of(const pte_format& format, pteval_t leaf, u8 limits, hardware_update update) {
    return format.is_arm64() ? arm64_rights(leaf, limits, update) : x86_rights(format, leaf, limits);
}

denial denial_of(const pte_format& format, pteval_t leaf, u8 limits, access_kind kind, bool user) {
    if (rights_of(format, leaf, limits, hardware_update::none) & right_for(kind, user)) return denial::none;
    return format.is_arm64() ? arm64_denial(leaf, limits, kind, user) : x86_denial(leaf, limits, kind, user);
}

} // namespace mm
