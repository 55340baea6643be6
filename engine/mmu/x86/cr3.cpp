// TLBs of x86 without PCID.
#include "mmu/x86/functions.h"

namespace mm {

// It asks for an invalidation afterwards alone.
live_change x86_live_leaf_change(const pte_format&, pteval_t, pteval_t) { return live_change::safe; }

void x86_switch_to(mmu_context& cx, u32 cpu, space_id space) {
    CallScope<EventSink> call(cx.page.sink, mmu_fn::switch_mm_irqs_off);
    mmu_memory& mmu = cx.mmu;
    cx.page.sink.charge(tlb_slots_searched(mmu.tlb, cpu));
    const u32 dropped = tlb_drop_asid(mmu.tlb, cpu, 0);
    tlb_cpu& state = mmu.tlb.cpus[cpu];
    state.space = space;
    u32 kept = 0;
    for (u32 nr : state.nr_valid) kept += nr;
    const pfn_t pgd = mmu.tables[mmu.spaces[space].pgd].pfn;
    cx.page.sink.emit(tlb_event::cr3_loaded, cpu, space, pgd, dropped, kept);
}

} // namespace mm
