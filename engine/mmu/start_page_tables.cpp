#include "mmu/start_page_tables.h"

#include "mmu/arch_functions.h"

namespace mm {

void start_page_tables(mmu_memory& mmu, physical_memory& mem, const machine_profile& profile) {
    const std::optional<pte_format> format = pte_format_of(profile);
    if (!format) return;
    mmu_init(mmu, *format, mem);
    tlb_init(mmu.tlb, profile.tlb, format->geometry, profile.cpus);
    EventSink quiet;
    mmu_context cx{mmu, {mem, quiet, 0, 0}};
    mmu.arch().functions->make_kernel_space(cx, profile);
}

} // namespace mm
