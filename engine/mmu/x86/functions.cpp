#include "mmu/x86/functions.h"

#include "mmu/x86/boot_map_i386.h"

namespace mm {

const arch_functions i386_functions = {
    .unusual_kind_of = x86_unusual_kind_of,
    .unusual_output_address = x86_unusual_output_address,
    .address_bits = x86_address_bits,
    .decode = x86_decode,
    .protnone = x86_protnone,
    .user_exec = x86_user_exec,
    .dirty = x86_dirty,
    .mkwrite = x86_mkwrite,
    .wrprotect = x86_wrprotect,
    .mkdirty = x86_mkdirty,
    .mkclean = x86_mkclean,
    .mkinvalid = x86_mkinvalid,
    .modify = x86_modify,
    .leaf = x86_leaf,
    .prot = x86_prot,
    .prot_bits = x86_prot_bits,
    .table_entry = x86_table_entry,
    .table_limits = x86_table_limits,
    .rights = x86_rights,
    .denial_of = x86_denial,
    .fault_entry = mmu_fn::exc_page_fault,
    .report_fault = x86_report_fault,
    .cure_fault = x86_cure_fault,
    .flush = {.everything = tlbi_op::toggle_pge,
              .process = tlbi_op::write_cr3,
              .page = tlbi_op::invlpg,
              .last_level_page = tlbi_op::invlpg,
              .kernel_page = tlbi_op::invlpg,
              .kernel_table = tlbi_op::invlpg},
    .live_leaf_change = x86_live_leaf_change,
    .switch_to = x86_switch_to,
    .kernel_geometry = i386_kernel_geometry,
    .make_kernel_space = boot_map_i386,
    .change_kernel_protection = mmu_fn::change_page_attr,
    .configure_layout = i386_configure_layout,
    .check_layout = i386_check_layout,
    .layout_geometry = i386_layout_geometry,
    .given_macros = i386_given_macros,
    .rows_of = i386_layout_rows,
    .place_linear_map = i386_place_linear_map,
};

} // namespace mm
