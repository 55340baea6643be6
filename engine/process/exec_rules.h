#pragma once
// What exec's layout takes from the kernel and the architecture: each rule has a name here.
//
// Models: Linux 5.10, 6.1 and 6.12.
#include "process/vma_rules.h"

namespace mm {

struct exec_rules {
    vma_rules rules;
    u32 page_shift = 12;
    bool compat = false; // a 32-bit program of a 64-bit kernel: AArch32 on arm64

    [[nodiscard]] bool arm64() const { return rules.arch == architecture::arm64; }
    [[nodiscard]] u64 bytes(u64 pages) const { return pages << page_shift; }

    // ---- where things are
    // kernel: TASK_SIZE_32. With pages of 64 KiB the last one has the vectors.
    [[nodiscard]] u64 compat_task_size() const { return (1ull << 32) - (page_shift == 16 ? 0 : bytes(1)); }
    // kernel: STACK_TOP: below the vectors, which have a fixed address (AARCH32_VECTORS_BASE)
    [[nodiscard]] static u64 compat_stack_top() { return 0xffff'0000; }
    // kernel: TASK_UNMAPPED_BASE, by TASK_SIZE or what of it a program gets without asking
    [[nodiscard]] u64 unmapped_base(u64 task_size) const { return task_size / (arm64() ? 4 : 3); }
    // kernel: ELF_ET_DYN_BASE
    [[nodiscard]] u64 dyn_base(u64 task_size) const { return arm64() && !compat ? 2 * task_size / 3 : 0x40'0000; }
    // Where the linker puts what has fixed addresses.
    [[nodiscard]] u64 text_start() const { return compat ? 0x1'0000 : arm64() ? 0x40'0000 : 0x0804'8000; }
    // ld's max-page-size: segments may be mapped with pages of that size.
    [[nodiscard]] u64 segment_alignment() const { return arm64() ? 0x1'0000 : 0x1000; }
    // kernel: VVAR_NR_PAGES; x86: the image's sym_vvar_start
    [[nodiscard]] u64 vvar_pages() const { return arm64() ? 2 : 4; }
    // Pages of the image that the kernel holds.
    [[nodiscard]] u64 vdso_pages() const { return compat || (arm64() && rules.before(6, 12)) ? 1 : 2; }
    // kernel: arch_align_stack, STACK_ROUND
    [[nodiscard]] static u64 align_stack(u64 address) { return address & ~u64{15}; }
    // Entries of two words behind envp: those of the kernel, of the architecture, and AT_NULL.
    [[nodiscard]] u32 auxv_entries() const {
        const u32 common = 19 + (rules.since(6, 3) ? 2 : 0); // AT_RSEQ_FEATURE_SIZE, AT_RSEQ_ALIGN
        if (compat) return common + 1;                       // AT_SYSINFO_EHDR
        // AT_SYSINFO_EHDR, AT_MINSIGSTKSZ; i386: AT_SYSINFO, too
        return common + (arm64() ? 2 : rules.since(5, 14) ? 3 : 2);
    }
    [[nodiscard]] u32 word_bytes() const { return compat || rules.arch == architecture::i386 ? 4 : 8; }
    [[nodiscard]] u32 platform_bytes() const { return compat ? 4 : arm64() ? 8 : 5; } // "v8l", "aarch64", "i686"

    // ---- randomisation
    // kernel: STACK_RND_MASK
    [[nodiscard]] u64 stack_random_pages() const {
        return (arm64() && !compat ? 0x3'ffffu : 0x7ffu) >> (page_shift - 12);
    }
    // kernel: vm.mmap_rnd_bits, vm.mmap_rnd_compat_bits
    [[nodiscard]] u32 mmap_random_bits() const { return compat ? 11 : arm64() ? 18 : 8; }
    // kernel: arch_randomize_brk
    [[nodiscard]] u64 brk_random_bytes() const { return arm64() && !compat ? 1ull << 30 : 0x0200'0000; }
};

} // namespace mm
