#pragma once
// A new program: an address space with its segments, heap, stack and the kernel's own pages.
//
//   text | rodata | data | bss, heap →     …     ← mmaps | vvar | vdso | gap | ← stack
//
// Mirrors: fs/binfmt_elf.c: load_elf_binary; mm/util.c: arch_pick_mmap_layout; arch/arm64/mm/mmap.c (Linux 6.1), without address
// randomisation.
#include "process/mm.h"

namespace mm {

struct program {
    name_id name = NO_NAME;
    u64 text = 0, data = 0, bss = 0; // bytes
    bool legacy = false;             // ADDR_COMPAT_LAYOUT, or an unlimited stack
};
// Maps it into an empty mm.
void load_program(mm_context& cx, const program& program);

} // namespace mm
