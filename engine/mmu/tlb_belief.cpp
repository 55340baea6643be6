#include "mmu/tlb_belief.h"

#include <algorithm>

#include "mmu/access.h"
#include "mmu/arm64/asid.h"

namespace mm {

namespace {

constexpr u64 MOST_COMPARED = 512;

// The process whose ASID of the current generation this is.
space_id space_of_asid(const mmu_memory& mmu, u16 asid) {
    for (space_id space = 0; space < mmu.spaces.size(); ++space)
        if (mmu.has_space(space) && mmu.spaces[space].context_id != 0 &&
            context_asid(mmu.spaces[space].context_id) == asid &&
            context_generation(mmu.spaces[space].context_id) == mmu.tlb.asid_generation)
            return space;
    return SPACE_NONE;
}

tlb_belief compare(const mmu_memory& mmu, space_id space, const tlb_entry& entry) {
    const u64 size = mmu.tlb.size_bytes(entry.size());
    bool fewer = false;
    for (u64 offset = 0; offset < size;) {
        const walk_result way = walk(mmu, space, entry.virt() + offset);
        if (!way.found) return tlb_belief::unmapped;
        if (way.phys != entry.phys + offset) return tlb_belief::other_memory;
        const u8 rights = rights_of(mmu.format, way.last().entry, limits_above(mmu.format, way), mmu.tlb.config.hafdbs);
        if (entry.rights & ~rights & ~RIGHT_CLEAN) return tlb_belief::more_rights;
        fewer |= (rights & ~entry.rights & ~RIGHT_CLEAN) != 0;
        offset += std::max(way.leaf_size, size / MOST_COMPARED);
    }
    return fewer ? tlb_belief::fewer_rights : tlb_belief::holds;
}

} // namespace

space_id space_of_entry(const mmu_memory& mmu, u32 cpu, u64 virt, u16 asid, bool global) {
    const tlb_cpu& state = mmu.tlb.cpus[cpu];
    if (is_kernel_address(mmu.geometry(), virt)) return mmu.kernel_space;
    if (global && mmu.has_space(state.space)) return state.space;
    // Without ASIDs, and for the ASID in TTBR0, it is what the CPU runs with.
    if (asid == state.asid) return mmu.has_space(state.space) ? state.space : SPACE_NONE;
    // Since the rollover an ASID may be another's: before it means anything here the CPU drops all entries.
    return state.flush_pending ? SPACE_NONE : space_of_asid(mmu, asid);
}

tlb_belief belief_of(const mmu_memory& mmu, u32 slot) {
    const tlb_memory& tlb = mmu.tlb;
    const u32 cpu = slot / tlb.slots();
    const tlb_entry& entry = tlb.entries[slot];
    const space_id space = space_of_entry(mmu, cpu, entry.virt(), entry.asid, entry.global);
    if (!mmu.has_space(space)) return tlb_belief::nobodys;
    const tlb_belief belief = compare(mmu, space, entry);
    if (belief != tlb_belief::holds) return belief;
    const bool two = tlb_find_other(tlb, cpu, entry.virt(), entry.asid, slot) != TLB_NONE;
    return two ? tlb_belief::two_answers : tlb_belief::holds;
}

tlb_belief walk_belief_of(const mmu_memory& mmu, u32 slot) {
    const tlb_memory& tlb = mmu.tlb;
    const walk_entry& entry = tlb.walks[slot];
    const space_id space = space_of_entry(mmu, slot / (tlb.nr_walk_sets * WALK_WAYS), entry.virt(), entry.asid);
    if (!mmu.has_space(space)) return tlb_belief::nobodys;
    const walk_result way = walk(mmu, space, entry.virt());
    for (u8 i = 0; i < way.nr_steps; ++i)
        if (way.steps[i].level == entry.level())
            return way.steps[i].table == entry.table ? tlb_belief::holds : tlb_belief::other_memory;
    return tlb_belief::unmapped;
}

} // namespace mm
