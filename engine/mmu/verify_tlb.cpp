#include "mmu/arm64/asid.h"
#include "mmu/tlb_belief.h"
#include "mmu/verify.h"

namespace mm {

namespace {

using broken_t = std::optional<std::string>;

std::string name_of(u32 cpu, u32 set, u32 way) {
    return "TLB of CPU " + std::to_string(cpu) + ", set " + std::to_string(set) + ", way " + std::to_string(way);
}

// Each entry was used, none in the future and no two at once; what is not valid was never used.
template <class Entry>
bool has_order(const tlb_cpu& state, const Entry* row, u32 ways) {
    for (u32 way = 0; way < ways; ++way) {
        if (row[way].valid() != (row[way].used != 0) || row[way].used > state.uses) return false;
        for (u32 other = 0; other < way; ++other)
            if (row[way].valid() && row[way].used == row[other].used) return false;
    }
    return true;
}

// What the tables say today must be what the entry says.
broken_t verify_against_tables(const mmu_memory& mmu, u32 slot, const std::string& name) {
    const tlb_memory& tlb = mmu.tlb;
    const tlb_entry& entry = tlb.entries[slot];
    const bool kernel = is_kernel_address(mmu.geometry(), entry.virt());
    // After a rollover a CPU may hold what older ASIDs left, until it switches.
    if (!kernel && mmu.arch().has_asids && tlb.cpus[slot / tlb.slots()].flush_pending) return std::nullopt;
    switch (belief_of(mmu, slot)) {
    case tlb_belief::nobodys: return name + ": belongs to no address space";
    case tlb_belief::unmapped:
    case tlb_belief::other_memory: return name + ": the tables translate its address otherwise";
    case tlb_belief::more_rights: return name + ": the tables allow less";
    default: return std::nullopt;
    }
}

broken_t verify_entry(const mmu_memory& mmu, u32 cpu, u32 set, u32 way) {
    const tlb_memory& tlb = mmu.tlb;
    const u32 slot = tlb.slot_of(cpu, set, way);
    const tlb_entry& entry = tlb.entries[slot];
    if (!entry.valid()) return std::nullopt;
    const std::string name = name_of(cpu, set, way);
    if (entry.size() >= tlb.nr_sizes) return name + ": there is no such leaf size";
    if ((entry.virt() | entry.phys) & (tlb.size_bytes(entry.size()) - 1)) return name + ": not aligned to its size";
    if (tlb.set_of(entry.virt(), entry.size()) != set) return name + ": its address belongs to another set";
    if (half_of(mmu.geometry(), entry.virt()) == address_half::none) return name + ": no table translates its address";
    if (tlb.may_be_stale) return std::nullopt;
    if (entry.global && !is_kernel_address(mmu.geometry(), entry.virt()))
        return name + ": is global for an address of a process, which may_be_stale has to say";
    if (tlb_find_other(tlb, cpu, entry.virt(), entry.asid, slot) != TLB_NONE)
        return name + ": another entry translates its address, too";
    return verify_against_tables(mmu, slot, name);
}

broken_t verify_cpu(const mmu_memory& mmu, u32 cpu) {
    const tlb_memory& tlb = mmu.tlb;
    const tlb_cpu& state = tlb.cpus[cpu];
    const std::string name = "TLB of CPU " + std::to_string(cpu);
    if (state.space != SPACE_NONE && !mmu.has_space(state.space)) return name + ": runs with a space that is gone";
    std::array<u32, MAX_LEAF_SIZES> nr_valid{};
    // A TLB that never missed was never filled.
    if (state.counters.misses == 0)
        return state.nr_valid == nr_valid && state.nr_walks == 0 ? std::nullopt
                                                                 : broken_t(name + ": holds what was never found");
    for (u32 set = 0; set < tlb.nr_sets; ++set) {
        for (u32 way = 0; way < tlb.ways(); ++way) {
            if (auto broken = verify_entry(mmu, cpu, set, way)) return broken;
            const tlb_entry& entry = tlb.entries[tlb.slot_of(cpu, set, way)];
            if (entry.valid()) ++nr_valid[entry.size()];
        }
        if (!has_order(state, &tlb.entries[tlb.slot_of(cpu, set, 0)], tlb.ways()))
            return name + ", set " + std::to_string(set) + ": its ways have no order";
    }
    if (nr_valid != state.nr_valid) return name + ": nr_valid is not the number of its entries";
    for (u8 size = 0; size < tlb.nr_sizes; ++size)
        if ((state.sizes >> size & 1) != (nr_valid[size] != 0)) return name + ": sizes does not say which there are";
    for (u32 set = 0; set < tlb.nr_walk_sets; ++set)
        if (!has_order(state, &tlb.walks[(cpu * tlb.nr_walk_sets + set) * WALK_WAYS], WALK_WAYS))
            return name + ": its walk cache has no order";
    u32 nr_walks = 0;
    for (u32 i = 0; i < tlb.nr_walk_sets * WALK_WAYS; ++i) {
        const walk_entry& entry = tlb.walks[cpu * tlb.nr_walk_sets * WALK_WAYS + i];
        if (!entry.valid()) continue;
        ++nr_walks;
        const bool mine = entry.global || !state.flush_pending;
        if (!tlb.may_be_stale && mine && mmu.table_at(entry.table) == TABLE_NONE)
            return name + ": its walk cache names a table that is gone";
    }
    return nr_walks == state.nr_walks ? std::nullopt : broken_t(name + ": nr_walks is not the number of its tables");
}

broken_t verify_asids(const mmu_memory& mmu) {
    if (!mmu.arch().has_asids) return std::nullopt;
    const tlb_memory& tlb = mmu.tlb;
    std::vector<bool> seen(nr_asids(tlb));
    for (space_id space = 0; space < mmu.spaces.size(); ++space) {
        const u64 id = mmu.spaces[space].context_id;
        if (!mmu.has_space(space) || id == 0) continue;
        const u16 asid = context_asid(id);
        const std::string name = "address space " + std::to_string(space) + ": ASID " + std::to_string(asid);
        if (context_generation(id) > tlb.asid_generation) return name + " is of a generation to come";
        if (context_generation(id) != tlb.asid_generation) continue;
        if (asid == 0 || asid >= nr_asids(tlb)) return name + " is none for processes";
        if (!asid_taken(tlb, asid)) return name + " is free in the map";
        if (seen[asid]) return name + " is another's, too";
        seen[asid] = true;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> verify_tlb(const mmu_memory& mmu) {
    if (!mmu.tlb.up()) return std::nullopt;
    for (u32 cpu = 0; cpu < mmu.tlb.cpus.size(); ++cpu)
        if (auto broken = verify_cpu(mmu, cpu)) return broken;
    return verify_asids(mmu);
}

void hash_tlb(const tlb_memory& tlb, Hasher& hasher) {
    hasher.add(tlb.up());
    if (!tlb.up()) return;
    hasher.add(u64{tlb.config.entries} << 32 | u64{tlb.config.ways} << 16 | static_cast<u32>(tlb.config.walk_entries));
    hasher.add(u64{tlb.config.asid_bits} << 16 | u64{tlb.config.pa_bits} << 8 | static_cast<u8>(tlb.config.hafdbs));
    hasher.add(tlb.asid_generation << 32 | tlb.asid_cursor);
    // Until somebody has an ASID the map is as it was made.
    if (tlb.asid_generation > 1 || tlb.asid_cursor > 1)
        for (u32 i = 0; i < tlb.asid_map.size(); ++i) hasher.add(tlb.asid_map[i]);
    hasher.add(tlb.may_be_stale);
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) {
        const tlb_cpu& state = tlb.cpus[cpu];
        hasher.add(u64{state.space} << 32 | u64{state.asid} << 1 | state.flush_pending);
        hasher.add(state.active_asid);
        hasher.add(state.reserved_asid);
        hasher.add(state.uses);
        const tlb_counters& n = state.counters;
        for (u64 value :
             {n.hits, n.misses, n.walks, n.walk_cache_hits, n.entries_read, n.evictions, n.invalidated, n.faults})
            hasher.add(value);
        // A TLB that nothing was ever put into holds nothing.
        if (n.misses == 0) continue;
        for (u32 slot = cpu * tlb.slots(); slot < (cpu + 1) * tlb.slots(); ++slot) {
            const tlb_entry& entry = tlb.entries[slot];
            if (!entry.valid()) continue;
            hasher.add(slot);
            hasher.add(entry.tag);
            hasher.add(entry.phys);
            hasher.add(entry.entry);
            hasher.add(entry.used);
            hasher.add(u64{entry.asid} << 32 | u64{entry.rights} << 24 | u64{entry.level} << 16 |
                       u64{entry.limits} << 8 | entry.global);
        }
        for (u32 slot = cpu * tlb.nr_walk_sets * WALK_WAYS; slot < (cpu + 1) * tlb.nr_walk_sets * WALK_WAYS; ++slot) {
            const walk_entry& entry = tlb.walks[slot];
            if (!entry.valid()) continue;
            hasher.add(slot);
            hasher.add(entry.tag);
            hasher.add(entry.used);
            hasher.add(u64{entry.table} << 32 | u64{entry.asid} << 16 | u64{entry.limits} << 8 | entry.global);
        }
    }
}

} // namespace mm
