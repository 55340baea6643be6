// Layouts of i386: what they can be, and what their formulas begin with.
#include <algorithm>

#include "mmu/x86/functions.h"
#include "mmu/x86/layout_macros.h"

namespace mm {

// Without PAE, as a machine of i386 has it here.
page_geometry i386_kernel_geometry(const machine_profile&) { return i386_geometry(false); }

void i386_configure_layout(layout_config& config, const machine_profile& profile) {
    for (const memory_region& region : profile.memory)
        config.memory_end = std::max<u64>(config.memory_end, region.start + region.size);
}

std::optional<Error> i386_check_layout(const layout_config& config) {
    if (config.page_size != 4096) return Error{"page_size", "i386 has pages of 4096 bytes"};
    return std::nullopt;
}

page_geometry i386_layout_geometry(const layout_config& config) { return i386_geometry(config.pae); }

std::vector<layout_macro> i386_given_macros(const layout_config& config, const page_geometry& geometry) {
    return {{"PAGE_SIZE", "", config.page_size},
            {"PMD_SIZE", "", 1ull << geometry.pmd_shift()},
            {"NR_CPUS", "", config.nr_cpus},
            {"LAST_PKMAP", "", config.pae ? 512u : 1024u},
            {"FIXADDR_PAGES", "", config.fixmap_pages},
            {"CPU_ENTRY_AREA_PAGES_EACH", "", config.cpu_entry_area_pages}};
}

layout_rows i386_layout_rows(const layout_config& config) {
    if (!since(release_of(config.version), 4, 15)) return {layouts::i386_2_6, layouts::i386_2_6_regions};
    return {layouts::i386_4_15, layouts::i386_4_15_regions};
}

void i386_place_linear_map(const address_layout&, u64, linear_map& map) {
    map.phys_offset = 0;
    map.lowmem_end = map.end - map.page_offset;
}

} // namespace mm
