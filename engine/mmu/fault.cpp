#include "mmu/fault.h"

namespace mm {

std::string_view fault_kind_name(fault_kind kind) {
    static constexpr std::string_view names[] = {"none", "translation fault", "access flag fault", "permission fault",
                                                 "address size fault"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view fault_handler_name(fault_handler handler) {
    static constexpr std::string_view names[] = {"do_translation_fault", "do_page_fault", "do_bad",
                                                 "do_user_addr_fault", "do_kern_addr_fault"};
    return names[static_cast<std::size_t>(handler)];
}

fault_end end_of_fault(fault_kind kind, access_kind access, bool user, bool user_address, bool has_mm, u64 address,
                       u64 page_size, bool names_right) {
    if (kind == fault_kind::address_size) return user ? fault_end::sigkill : fault_end::oops_bad;
    const bool permission = kind == fault_kind::permission;
    if (user_address) {
        if (!has_mm) return address < page_size ? fault_end::oops_null : fault_end::oops_paging;
        // In kernel mode user addresses count as touched by copy_from_user() and its like, which may fault.
        if (!user && permission && access == access_kind::exec && names_right) return fault_end::oops_user;
        return fault_end::needs_vma;
    }
    if (user) return fault_end::segv;
    if (permission && names_right) {
        if (access == access_kind::write) return fault_end::oops_write;
        return access == access_kind::exec ? fault_end::oops_exec : fault_end::oops_read;
    }
    return fault_end::oops_paging;
}

} // namespace mm
