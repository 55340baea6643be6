#pragma once
// What an architecture does alone, for code that asks by rule (arch_rules.h): one table of functions each, filled in
// arm64/functions.cpp and x86/functions.cpp. Entries of the tables mean what the functions of the same name in the room's headers
// say, which are the ones to call.
#include "mmu/access.h"
#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/layout_rows.h"
#include "mmu/tlb_events.h"

namespace mm {

// The instruction of each flush.
struct flush_instructions {
    tlbi_op everything, process, page;
    tlbi_op last_level_page; // where a flush may leave walk caches alone; else the same as `page`
    tlbi_op kernel_page, kernel_table;
};

// No entry has a default: a table that leaves one out does not compile.
struct arch_functions {
    // ---- entries (descriptor.h, pte.h, access.h)
    descriptor_kind (*unusual_kind_of)(const pte_format& format, pteval_t entry, u8 level); // entry != 0
    phys_addr_t (*unusual_output_address)(const pte_format& format, pteval_t entry, u8 level);
    pteval_t (*address_bits)(const pte_format& format, phys_addr_t phys);
    std::vector<descriptor_field> (*decode)(const pte_format& format, pteval_t entry, u8 level);
    bool (*protnone)(const pte_format& format, pteval_t pte);
    bool (*user_exec)(const pte_format& format, pteval_t pte);
    bool (*dirty)(pteval_t pte);
    pteval_t (*mkwrite)(const pte_format& format, pteval_t pte);
    pteval_t (*wrprotect)(pteval_t pte);
    pteval_t (*mkdirty)(pteval_t pte);
    pteval_t (*mkclean)(pteval_t pte);
    pteval_t (*mkinvalid)(const pte_format& format, pteval_t pmd);
    pteval_t (*modify)(const pte_format& format, pteval_t pte, pgprot_t prot);
    pteval_t (*leaf)(const pte_format& format, phys_addr_t phys, pgprot_t prot);
    pgprot_t (*prot)(const pte_format& format, protection name);
    // An entry without its address and its place in a row, as the protection of a page.
    pgprot_t (*prot_bits)(const pte_format& format, pteval_t entry, u8 level);
    pteval_t (*table_entry)(const pte_format& format, phys_addr_t table, u8 level, bool kernel, bool no_exec);
    u8 (*table_limits)(const pte_format& format, pteval_t entry, u8 level); // nullptr with has_table_limits
    u8 (*rights)(const pte_format& format, pteval_t leaf, u8 limits, hardware_update update);
    denial (*denial_of)(pteval_t leaf, u8 limits, access_kind kind, bool user);

    // ---- faults (fault.h)
    mmu_fn fault_entry; // the kernel's first function
    // Tells it, and returns the syndrome.
    u32 (*report_fault)(mmu_context& cx, const fault_report& report);
    // What setting a flag in the leaf on the way cures; fault_end::none: nothing.
    fault_end (*cure_fault)(mmu_context& cx, space_id space, const fault_report& report, const walk_result& way);

    // ---- TLBs (flush.h, switch_mm.h)
    flush_instructions flush;
    // Of two valid leaves of one output address.
    live_change (*live_leaf_change)(const pte_format& format, pteval_t before, pteval_t after);
    void (*switch_to)(mmu_context& cx, u32 cpu, space_id space); // a process's

    // ---- the kernel (page_table.h, start_page_tables.h)
    page_geometry (*kernel_geometry)(const machine_profile& profile);
    void (*make_kernel_space)(mmu_context& cx, const machine_profile& profile);
    mmu_fn change_kernel_protection; // kernel: what set_memory_ro() goes through

    // ---- layouts (layout.h)
    void (*configure_layout)(layout_config& config, const machine_profile& profile);
    std::optional<Error> (*check_layout)(const layout_config& config);
    page_geometry (*layout_geometry)(const layout_config& config); // checked, va_bits_actual set
    std::vector<layout_macro> (*given_macros)(const layout_config& config, const page_geometry& geometry);
    layout_rows (*rows_of)(const layout_config& config);
    void (*place_linear_map)(const address_layout& layout, u64 phys_offset, linear_map& map); // start and end are known
};

} // namespace mm
