#include "mmu/arm64/asid.h"

#include <bit>

#include "base/assert.h"
#include "mmu/arm64/functions.h"

namespace mm {

namespace {

using ev = tlb_event;
using scope = CallScope<EventSink>;

void set_taken(tlb_memory& tlb, u32 asid) { tlb.asid_map.mut(asid / 64) |= 1ull << (asid % 64); }

// kernel: find_next_zero_bit; nr_asids(): none
u32 next_free_asid(const tlb_memory& tlb, u32 from) {
    for (u32 word = from / 64; word < nr_asids(tlb) / 64; ++word) {
        u64 taken = tlb.asid_map[word];
        if (word == from / 64) taken |= (1ull << (from % 64)) - 1;
        if (~taken != 0) return word * 64 + static_cast<u32>(std::countr_one(taken));
    }
    return nr_asids(tlb);
}

u64 context_of_asid(const tlb_memory& tlb, u32 asid) { return tlb.asid_generation << CONTEXT_ASID_BITS | asid; }

// All ASIDs are free again but those that CPUs run with. kernel: flush_context
void flush_context(mmu_context& cx) {
    scope call(cx.page.sink, mmu_fn::flush_context);
    tlb_memory& tlb = cx.mmu.tlb;
    cx.page.sink.charge(tlb.asid_map.size());
    for (u32 i = 0; i < tlb.asid_map.size(); ++i) tlb.asid_map.mut(i) = 0;
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) {
        tlb_cpu& state = tlb.cpus[cpu];
        // Without a switch since the last rollover the reserved one is the only trace of what runs there.
        const u64 running = state.active_asid != 0 ? state.active_asid : state.reserved_asid;
        state.active_asid = 0;
        state.reserved_asid = running;
        state.flush_pending = true;
        set_taken(tlb, context_asid(running));
        if (running != 0) cx.page.sink.emit(ev::asid_reserved, cpu, context_asid(running));
    }
}

bool update_reserved(tlb_memory& tlb, u64 id, u64 new_id) {
    bool hit = false;
    for (tlb_cpu& cpu : tlb.cpus) {
        if (cpu.reserved_asid != id) continue;
        cpu.reserved_asid = new_id;
        hit = true;
    }
    return hit;
}

enum class asid_kept : u8 { reserved, free };

u64 new_context(mmu_context& cx, space_id space) {
    scope call(cx.page.sink, mmu_fn::new_context);
    tlb_memory& tlb = cx.mmu.tlb;
    EventSink& sink = cx.page.sink;
    const u64 id = cx.mmu.spaces[space].context_id;
    if (id != 0) {
        const u16 old = context_asid(id);
        const u64 same = context_of_asid(tlb, old);
        if (update_reserved(tlb, id, same)) {
            sink.emit(ev::asid_kept, space, old, tlb.asid_generation, asid_kept::reserved);
            return same;
        }
        if (!asid_taken(tlb, old)) {
            set_taken(tlb, old);
            sink.emit(ev::asid_kept, space, old, tlb.asid_generation, asid_kept::free);
            return same;
        }
    }
    u32 asid = next_free_asid(tlb, tlb.asid_cursor);
    if (asid == nr_asids(tlb)) {
        ++tlb.asid_generation;
        sink.emit(ev::asid_rollover, tlb.asid_generation, nr_asids(tlb));
        flush_context(cx);
        asid = next_free_asid(tlb, 1);
        MM_ASSERT(asid < nr_asids(tlb)); // there are more ASIDs than CPUs
    }
    set_taken(tlb, asid);
    tlb.asid_cursor = asid;
    sink.emit(ev::asid_new, space, asid, tlb.asid_generation);
    return context_of_asid(tlb, asid);
}

} // namespace

void arm64_switch_to(mmu_context& cx, u32 cpu, space_id space) {
    scope call(cx.page.sink, mmu_fn::check_and_switch_context);
    mmu_memory& mmu = cx.mmu;
    EventSink& sink = cx.page.sink;
    u64 id = mmu.spaces[space].context_id;
    const bool current = context_generation(id) == mmu.tlb.asid_generation;
    if (current) sink.emit(ev::asid_current, space, context_asid(id), mmu.tlb.asid_generation);
    if (!current || mmu.tlb.cpus[cpu].active_asid == 0) {
        if (!current) {
            id = new_context(cx, space);
            mmu.spaces[space].context_id = id;
        }
        if (mmu.tlb.cpus[cpu].flush_pending) {
            mmu.tlb.cpus[cpu].flush_pending = false;
            sink.charge(tlb_slots_searched(mmu.tlb, cpu));
            const u32 dropped = tlb_drop_all(mmu.tlb, cpu);
            sink.emit(ev::tlb_flush_local, cpu, dropped);
        }
    }
    tlb_cpu& state = mmu.tlb.cpus[cpu];
    state.active_asid = id;
    state.space = space;
    state.asid = context_asid(id);
    sink.emit(ev::mm_switched, cpu, space, mmu.tables[mmu.spaces[space].pgd].pfn, state.asid);
}

} // namespace mm
