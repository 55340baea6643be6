#pragma once
// An access of the program, as far as VMAs decide it: which one it is, whether it may, whether a stack grows.
//
// Pages come with faults; here a write that may happen gives its VMA an anon_vma, as its first page does.
// Mirrors: arch/arm64/mm/fault.c: do_page_fault; arch/x86/mm/fault.c: access_error; mm/mmap.c: expand_downwards (Linux
// 6.1).
#include "process/mm.h"

namespace mm {

enum class user_access_kind : u8 { read, write, exec };

// si_code of SIGSEGV.
inline constexpr u8 SEGV_MAPERR = 1;
inline constexpr u8 SEGV_ACCERR = 2;

struct user_access_result {
    vma_id vma = VMA_NONE; // the VMA that allows it
    u8 si_code = 0;        // 0: no signal
};
user_access_result user_access(mm_context& cx, u64 address, user_access_kind kind);

// Makes room below a VMA that grows down. False: it may not. kernel: expand_downwards
[[nodiscard]] bool expand_downwards(mm_context& cx, vma_id vma, u64 address);

} // namespace mm
