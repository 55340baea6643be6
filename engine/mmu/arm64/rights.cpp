// What entries of arm64 allow.
#include "mmu/arm64/functions.h"

namespace mm {

namespace {

constexpr bool has(u64 entry, u64 bit) { return (entry & bit) != 0; }

} // namespace

u8 arm64_rights(const pte_format&, pteval_t leaf, u8 limits, hardware_update update) {
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

} // namespace mm
