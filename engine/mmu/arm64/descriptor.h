#pragma once
// What entries of arm64 alone have: memory types, and the line in which recordings print an entry.
#include "mmu/descriptor.h"

namespace mm {

// One line, as the recordings of real kernels have it: "VT AttrIdx=0 NS=0 AP=0(rw,el1) ... -> phys=45340000 (leaf,
// size=1000)". "invalid" when hardware cannot use the entry.
[[nodiscard]] std::string descriptor_line(const pte_format& format, pteval_t entry, u8 level);

// Memory types of arm64 by their place in MAIR_EL1. kernel: MT_NORMAL ... in asm/memory.h
enum class memory_type : u8 {
    normal,
    normal_tagged,
    normal_nc,
    normal_wt,
    device_nGnRnE,
    device_nGnRE,
    device_GRE,
    unused
};
[[nodiscard]] std::string_view memory_type_name(memory_type type);
[[nodiscard]] memory_type memory_type_of(const pte_rules& rules, u32 attr_index);
[[nodiscard]] u32 attr_index_of(const pte_rules& rules, memory_type type); // type is one that the kernel has
// Which releases number the types as this one does: "until 5.9".
[[nodiscard]] std::string_view memory_types_span(const pte_rules& rules);
// MAIR_EL1 as the kernel sets it on a CPU without memory tagging. kernel: MAIR_EL1_SET
[[nodiscard]] u64 mair_el1(const pte_rules& rules);

} // namespace mm
