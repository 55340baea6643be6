#include "mmu/switch_mm.h"

#include "base/assert.h"
#include "mmu/arch_functions.h"

namespace mm {

void switch_mm(mmu_context& cx, u32 cpu, space_id space) {
    mmu_memory& mmu = cx.mmu;
    MM_ASSERT(mmu.tlb.up() && cpu < mmu.tlb.cpus.size());
    MM_ASSERT(space == SPACE_NONE || mmu.has_space(space));
    if (space != SPACE_NONE && mmu.spaces[space].kernel) space = SPACE_NONE;
    tlb_cpu& state = mmu.tlb.cpus[cpu];
    if (state.space == space) {
        cx.page.sink.emit(tlb_event::mm_unchanged, cpu);
        return;
    }
    const arch_rules& arch = mmu.arch();
    if (space == SPACE_NONE) {
        // kernel: cpu_set_reserved_ttbr0; x86: load_cr3(swapper_pg_dir)
        state.space = SPACE_NONE;
        state.asid = 0;
        if (!arch.has_asids) cx.page.sink.charge(tlb_slots_searched(mmu.tlb, cpu));
        const u32 dropped = arch.has_asids ? 0 : tlb_drop_asid(mmu.tlb, cpu, 0);
        cx.page.sink.emit(tlb_event::mm_reserved, cpu, arch.two_roots, dropped);
        return;
    }
    arch.functions->switch_to(cx, cpu, space);
}

void leave_space(mmu_context& cx, space_id space) {
    for (u32 cpu = 0; cpu < cx.mmu.tlb.cpus.size(); ++cpu)
        if (cx.mmu.tlb.cpus[cpu].space == space) switch_mm(cx, cpu, SPACE_NONE);
}

} // namespace mm
