#pragma once
// A new program: an address space with its segments, heap, stack and the kernel's own pages.
//
//   text | rodata | data | bss | heap →     …     ← mmaps | interpreter, [vvar], [vdso] | gap | ← stack
//
// Mirrors: fs/binfmt_elf.c: load_elf_binary, create_elf_tables; fs/exec.c: setup_arg_pages; mm/util.c: arch_pick_mmap_layout,
// randomize_stack_top; arch/arm64/kernel/vdso.c; arch/x86/mm/mmap.c, arch/x86/entry/vdso/vma.c (Linux 6.1).
// Models: 32-bit programs of arm64, too, of a kernel with CONFIG_COMPAT_VDSO and CONFIG_KUSER_HELPERS.
// Not modelled: an executable stack, 32-bit programs of x86-64, core dumps.
#include <vector>

#include "process/mm.h"

namespace mm {

// What the program's ELF header and PT_INTERP say.
enum class program_kind : u8 {
    fixed,         // ET_EXEC: its addresses are in the file
    fixed_dynamic, // the same with an interpreter
    pie,           // ET_DYN with an interpreter
    static_pie,    // ET_DYN without one, as the interpreter itself is
    // ELFCLASS32: the same once more
    fixed_32,
    fixed_dynamic_32,
    pie_32,
    static_pie_32,
    count,
};
[[nodiscard]] constexpr bool is_32_bit(program_kind kind) { return kind >= program_kind::fixed_32; }
// The same of 64 bits, or of a 32-bit kernel's own.
[[nodiscard]] constexpr program_kind kind_of_file(program_kind kind) {
    constexpr auto first_32 = static_cast<u8>(program_kind::fixed_32);
    return is_32_bit(kind) ? static_cast<program_kind>(static_cast<u8>(kind) - first_32) : kind;
}
[[nodiscard]] constexpr bool has_interpreter(program_kind kind) {
    return kind_of_file(kind) == program_kind::fixed_dynamic || kind_of_file(kind) == program_kind::pie;
}
[[nodiscard]] constexpr bool is_position_independent(program_kind kind) {
    return kind_of_file(kind) >= program_kind::pie;
}

// A PT_LOAD. Behind its bytes in the file it is zeros.
struct program_segment {
    u64 address = 0; // as linked
    u64 file_bytes = 0;
    u64 bytes = 0;
    u64 offset = 0; // in the file; like the address, within a page
    u32 prot = 0;   // PROT_
};

struct program {
    name_id name = NO_NAME;
    program_kind kind = program_kind::fixed;
    std::vector<program_segment> segments; // by address
    // What stands at the top of the stack.
    u64 file_name_bytes = 0; // with their zero byte, as the strings below
    u64 argument_bytes = 0;
    u32 arguments = 1;
    u64 environment_bytes = 0;
    u32 environment = 0;
};

struct program_sizes {
    u64 text = 0, rodata = 0, data = 0, bss = 0; // bytes
};
// As a linker lays out these sections, one segment for each kind of rights, started with its own name as the one argument.
[[nodiscard]] program linked_program(const vma_rules& rules, name_id name, program_kind kind,
                                     const program_sizes& sizes);

// From its first byte to its last.
[[nodiscard]] u64 bytes_of(const program& program);
// More would not stay apart from what else exec maps.
[[nodiscard]] u64 most_bytes_of_program(const process_memory& proc, program_kind kind);

// Maps it into an empty mm. kernel: load_elf_binary
void load_program(mm_context& cx, const program& program);

} // namespace mm
