#include "mmu/fault.h"

#include "base/assert.h"

namespace mm {

std::string_view fault_kind_name(fault_kind kind) {
    static constexpr std::string_view names[] = {"none", "translation fault", "access flag fault", "permission fault",
                                                 "address size fault"};
    return names[static_cast<std::size_t>(kind)];
}

u32 fault_status_code(fault_kind kind, int level) {
    const bool below_zero = level < 0; // the first of five levels: its codes came later
    const auto at = static_cast<u32>(level);
    switch (kind) {
    case fault_kind::address_size: return below_zero ? 0x29 : 0x00 + at;
    case fault_kind::translation: return below_zero ? 0x2b : 0x04 + at;
    case fault_kind::access_flag: MM_ASSERT(!below_zero); return 0x08 + at;
    case fault_kind::permission: MM_ASSERT(!below_zero); return 0x0c + at;
    case fault_kind::none: break;
    }
    MM_ASSERT(false);
    return 0;
}

abort_class abort_class_of(access_kind access, bool user) {
    if (access == access_kind::exec) return user ? abort_class::instruction_lower : abort_class::instruction_same;
    return user ? abort_class::data_lower : abort_class::data_same;
}

u32 esr_el1(fault_kind kind, int level, access_kind access, bool user) {
    static constexpr u32 exception_classes[] = {0x24, 0x25, 0x20, 0x21};
    const u32 ec = exception_classes[static_cast<std::size_t>(abort_class_of(access, user))];
    return ec << ESR_EC_SHIFT | ESR_IL | (access == access_kind::write ? ESR_WNR : 0) | fault_status_code(kind, level);
}

u32 x86_error_code(fault_kind kind, access_kind access, bool user, bool has_nx) {
    return (kind == fault_kind::permission ? PF_PROT : 0) | (access == access_kind::write ? PF_WRITE : 0) |
           (user ? PF_USER : 0) | (access == access_kind::exec && has_nx ? PF_INSTR : 0);
}

std::string_view fault_handler_name(fault_handler handler) {
    static constexpr std::string_view names[] = {"do_translation_fault", "do_page_fault", "do_bad",
                                                 "do_user_addr_fault", "do_kern_addr_fault"};
    return names[static_cast<std::size_t>(handler)];
}

fault_info_row fault_info(const pte_rules& rules, u32 fsc) {
    const bool below_zero = rules.knows_level_below_zero();
    const auto name = [&](fault_kind kind, int level) {
        return "level " + std::to_string(level) + " " + std::string(fault_kind_name(kind));
    };
    const auto bad = [](std::string text) {
        return fault_info_row{fault_handler::do_bad, "SIGKILL", "SI_KERNEL", std::move(text)};
    };
    const int level = static_cast<int>(fsc & 3);
    switch (fsc >> 2) {
    case 0: return bad(level == 0 ? "ttbr address size fault" : name(fault_kind::address_size, level));
    case 1:
        return {fault_handler::do_translation_fault, "SIGSEGV", "SEGV_MAPERR", name(fault_kind::translation, level)};
    case 2:
    case 3: {
        if (level == 0 && !below_zero) break; // no leaf stands at level 0 without 52-bit addresses
        const fault_kind kind = fsc >> 2 == 2 ? fault_kind::access_flag : fault_kind::permission;
        return {fault_handler::do_page_fault, "SIGSEGV", "SEGV_ACCERR", name(kind, level)};
    }
    default: break;
    }
    if (below_zero && fsc == 0x29) return bad(name(fault_kind::address_size, -1));
    if (below_zero && fsc == 0x2b)
        return {fault_handler::do_translation_fault, "SIGSEGV", "SEGV_MAPERR", name(fault_kind::translation, -1)};
    if (fsc == FSC_TLB_CONFLICT) return bad("TLB conflict abort");
    return bad("unknown " + std::to_string(fsc));
}

fault_end end_of_fault(fault_kind kind, access_kind access, bool user, bool user_address, bool has_mm, u64 address,
                       u64 page_size, bool arm64) {
    if (kind == fault_kind::address_size) return user ? fault_end::sigkill : fault_end::oops_bad;
    const bool permission = kind == fault_kind::permission;
    if (user_address) {
        if (!has_mm) return address < page_size ? fault_end::oops_null : fault_end::oops_paging;
        // In kernel mode user addresses count as touched by copy_from_user() and its like, which may fault.
        if (!user && permission && access == access_kind::exec && arm64) return fault_end::oops_user;
        return fault_end::needs_vma;
    }
    if (user) return fault_end::segv;
    if (permission && arm64) {
        if (access == access_kind::write) return fault_end::oops_write;
        return access == access_kind::exec ? fault_end::oops_exec : fault_end::oops_read;
    }
    return fault_end::oops_paging;
}

} // namespace mm
