#include "mmu/x86/fault.h"

#include "mmu/x86/functions.h"

namespace mm {

u32 x86_error_code(fault_kind kind, access_kind access, bool user, bool has_nx) {
    return (kind == fault_kind::permission ? PF_PROT : 0) | (access == access_kind::write ? PF_WRITE : 0) |
           (user ? PF_USER : 0) | (access == access_kind::exec && has_nx ? PF_INSTR : 0);
}

u32 x86_report_fault(mmu_context& cx, const fault_report& report) {
    const u32 code = x86_error_code(report.kind, report.access, report.user, has_nx(cx.mmu.format));
    cx.page.sink.emit(tlb_event::page_fault_taken, report.address, code, report.kind == fault_kind::permission,
                      report.access, report.user,
                      report.kernel_address ? fault_handler::do_kern_addr_fault : fault_handler::do_user_addr_fault);
    return code;
}

// Every CPU sets accessed and dirty bits itself: no fault is for them.
fault_end x86_cure_fault(mmu_context&, space_id, const fault_report&, const walk_result&) { return fault_end::none; }

} // namespace mm
