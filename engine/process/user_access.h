#pragma once
// An access of the program: through TLB and tables, and where they have nothing to the VMAs, which decide.
//
//   access ─► TLB, tables ─ok─► value
//               └ fault ─► do_page_fault: VMA? may it? ─► handle_mm_fault ─► once more
//                                          └ no: SIGSEGV     └ SIGBUS
//
// In a process without tables VMAs alone decide, and a write that may happen gives its VMA an anon_vma, as its first page does.
// Mirrors: arch/arm64/mm/fault.c: do_page_fault; arch/x86/mm/fault.c: access_error; mm/mmap.c: expand_downwards (Linux
// 6.1).
#include "process/mm.h"

namespace mm {

enum class user_access_kind : u8 { read, write, exec };

inline constexpr u8 SIGBUS_NUMBER = 7;
inline constexpr u8 SIGKILL_NUMBER = 9;
inline constexpr u8 SIGSEGV_NUMBER = 11;
// si_code of SIGSEGV, and of SIGBUS.
inline constexpr u8 SEGV_MAPERR = 1;
inline constexpr u8 SEGV_ACCERR = 2;
inline constexpr u8 BUS_ADRERR = 2;

struct user_access_request {
    u64 address = 0;
    user_access_kind kind = user_access_kind::read;
    u8 value = 0; // what a write stores
};
struct user_access_result {
    vma_id vma = VMA_NONE; // the VMA that allows it
    u8 signal = 0;         // 0: none
    u8 si_code = 0;
    u64 si_address = 0; // si_addr: signal.h has that name for itself
    u32 minflt = 0, majflt = 0;
    u8 value = 0; // that was read
    bool out_of_memory = false;
};
user_access_result user_access(mm_context& cx, const user_access_request& request);

// Makes room below a VMA that grows down. False: it may not. kernel: expand_downwards
[[nodiscard]] bool expand_downwards(mm_context& cx, vma_id vma, u64 address);

} // namespace mm
