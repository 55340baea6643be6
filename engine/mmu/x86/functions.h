#pragma once
// What x86 does alone: the functions of its tables (arch_functions.h), which are called through them. x86_: of all its formats;
// i386_: of 32 bits alone.
#include "mmu/arch_functions.h"

namespace mm {

// Entries have the bit NX: PAE.
[[nodiscard]] constexpr bool has_nx(const pte_format& format) {
    return format.geometry.format == table_format::i386_pae;
}

// ---- descriptor.cpp
[[nodiscard]] descriptor_kind x86_unusual_kind_of(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] phys_addr_t x86_unusual_output_address(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] pteval_t x86_address_bits(const pte_format& format, phys_addr_t phys);
[[nodiscard]] std::vector<descriptor_field> x86_decode(const pte_format& format, pteval_t entry, u8 level);

// ---- pte.cpp
[[nodiscard]] bool x86_protnone(const pte_format& format, pteval_t pte);
[[nodiscard]] bool x86_user_exec(const pte_format& format, pteval_t pte);
[[nodiscard]] bool x86_dirty(pteval_t pte);
[[nodiscard]] pteval_t x86_mkwrite(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t x86_wrprotect(pteval_t pte);
[[nodiscard]] pteval_t x86_mkdirty(pteval_t pte);
[[nodiscard]] pteval_t x86_mkclean(pteval_t pte);
[[nodiscard]] pteval_t x86_mkinvalid(const pte_format& format, pteval_t pmd);
[[nodiscard]] pteval_t x86_modify(const pte_format& format, pteval_t pte, pgprot_t prot);
[[nodiscard]] pteval_t x86_leaf(const pte_format& format, phys_addr_t phys, pgprot_t prot);
[[nodiscard]] pgprot_t x86_prot(const pte_format& format, protection name);
[[nodiscard]] pgprot_t x86_prot_bits(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] pteval_t x86_table_entry(const pte_format& format, phys_addr_t table, u8 level, bool kernel,
                                       bool no_exec);

// ---- rights.cpp
[[nodiscard]] u8 x86_table_limits(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] u8 x86_rights(const pte_format& format, pteval_t leaf, u8 limits, hardware_update update);
[[nodiscard]] denial x86_denial(pteval_t leaf, u8 limits, access_kind kind, bool user);

// ---- fault.cpp
u32 x86_report_fault(mmu_context& cx, const fault_report& report);
[[nodiscard]] fault_end x86_cure_fault(mmu_context& cx, space_id space, const fault_report& report,
                                       const walk_result& way);

// ---- cr3.cpp
[[nodiscard]] live_change x86_live_leaf_change(const pte_format& format, pteval_t before, pteval_t after);
void x86_switch_to(mmu_context& cx, u32 cpu, space_id space);

// ---- layout.cpp
[[nodiscard]] page_geometry i386_kernel_geometry(const machine_profile& profile);
void i386_configure_layout(layout_config& config, const machine_profile& profile);
[[nodiscard]] std::optional<Error> i386_check_layout(const layout_config& config);
[[nodiscard]] page_geometry i386_layout_geometry(const layout_config& config);
[[nodiscard]] std::vector<layout_macro> i386_given_macros(const layout_config& config, const page_geometry& geometry);
[[nodiscard]] layout_rows i386_layout_rows(const layout_config& config);
void i386_place_linear_map(const address_layout& layout, u64 phys_offset, linear_map& map);

} // namespace mm
