#pragma once
// What arm64 does alone: the functions of its table (arch_functions.h), which are called through it.
#include "mmu/arch_functions.h"

namespace mm {

// ---- descriptor.cpp
[[nodiscard]] descriptor_kind arm64_unusual_kind_of(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] phys_addr_t arm64_unusual_output_address(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] pteval_t arm64_address_bits(const pte_format& format, phys_addr_t phys);
[[nodiscard]] std::vector<descriptor_field> arm64_decode(const pte_format& format, pteval_t entry, u8 level);

// ---- pte.cpp
[[nodiscard]] bool arm64_protnone(const pte_format& format, pteval_t pte);
[[nodiscard]] bool arm64_user_exec(const pte_format& format, pteval_t pte);
[[nodiscard]] bool arm64_dirty(pteval_t pte);
[[nodiscard]] pteval_t arm64_mkwrite(const pte_format& format, pteval_t pte);
[[nodiscard]] pteval_t arm64_wrprotect(pteval_t pte);
[[nodiscard]] pteval_t arm64_mkdirty(pteval_t pte);
[[nodiscard]] pteval_t arm64_mkclean(pteval_t pte);
[[nodiscard]] pteval_t arm64_mkinvalid(const pte_format& format, pteval_t pmd);
[[nodiscard]] pteval_t arm64_modify(const pte_format& format, pteval_t pte, pgprot_t prot);
[[nodiscard]] pteval_t arm64_leaf(const pte_format& format, phys_addr_t phys, pgprot_t prot);
[[nodiscard]] pgprot_t arm64_prot(const pte_format& format, protection name);
[[nodiscard]] pgprot_t arm64_prot_bits(const pte_format& format, pteval_t entry, u8 level);
[[nodiscard]] pteval_t arm64_table_entry(const pte_format& format, phys_addr_t table, u8 level, bool kernel,
                                         bool no_exec);

// ---- rights.cpp
[[nodiscard]] u8 arm64_rights(const pte_format& format, pteval_t leaf, u8 limits, hardware_update update);
[[nodiscard]] denial arm64_denial(pteval_t leaf, u8 limits, access_kind kind, bool user);

// ---- fault.cpp
u32 arm64_report_fault(mmu_context& cx, const fault_report& report);
[[nodiscard]] fault_end arm64_cure_fault(mmu_context& cx, space_id space, const fault_report& report,
                                         const walk_result& way);

// ---- break_before_make.cpp
[[nodiscard]] live_change arm64_live_leaf_change(const pte_format& format, pteval_t before, pteval_t after);

// ---- asid.cpp. kernel: check_and_switch_context
void arm64_switch_to(mmu_context& cx, u32 cpu, space_id space);

// ---- boot_map.cpp
[[nodiscard]] page_geometry arm64_kernel_geometry(const machine_profile& profile);
void arm64_make_kernel_space(mmu_context& cx, const machine_profile& profile);

// ---- layout.cpp
void arm64_configure_layout(layout_config& config, const machine_profile& profile);
[[nodiscard]] std::optional<Error> arm64_check_layout(const layout_config& config);
[[nodiscard]] page_geometry arm64_layout_geometry(const layout_config& config);
[[nodiscard]] std::vector<layout_macro> arm64_given_macros(const layout_config& config, const page_geometry& geometry);
[[nodiscard]] layout_rows arm64_layout_rows(const layout_config& config);
void arm64_place_linear_map(const address_layout& layout, u64 phys_offset, linear_map& map);

} // namespace mm
