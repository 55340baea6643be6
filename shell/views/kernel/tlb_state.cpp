#include "views/kernel/tlb_state.h"

#include <algorithm>
#include <optional>

#include "mmu/tlb_event_rows.h"

namespace shell {

namespace {

using mm::tlb_event;
using mm::u32;
using mm::u64;

u32 walk_slots(const mm::tlb_memory& tlb) { return tlb.nr_walk_sets * mm::WALK_WAYS; }

bool same(const mm::tlb_entry& a, const mm::tlb_entry& b) {
    return a.tag == b.tag && a.asid == b.asid && a.global == b.global;
}
bool same(const mm::walk_entry& a, const mm::walk_entry& b) {
    return a.tag == b.tag && a.asid == b.asid && a.table == b.table;
}

u32 nr_valid(const mm::tlb_cpu& cpu) {
    u32 nr = 0;
    for (const u32 of_size : cpu.nr_valid) nr += of_size;
    return nr;
}

// Slots of one CPU: those that hold something, and those that held something before the op.
template <class Entry, class Array, class Belief>
void collect(std::vector<TlbSlot<Entry>>& out, const Array& now, const Array* before, u32 first, u32 end,
             const Belief& belief) {
    for (u32 slot = first; slot < end; ++slot) {
        TlbSlot<Entry> one{slot, TlbTouch::none, mm::tlb_belief::holds, now[slot], {}};
        const bool was_valid = before && (*before)[slot].valid();
        if (one.entry.valid()) {
            one.belief = belief(slot);
            if (was_valid && !same((*before)[slot], one.entry)) {
                one.touch = TlbTouch::replaced;
                one.was = (*before)[slot];
            } else if (before && !was_valid) {
                one.touch = TlbTouch::filled;
            }
        } else if (was_valid) {
            one.touch = TlbTouch::invalidated;
            one.entry = (*before)[slot];
        } else {
            continue;
        }
        out.push_back(one);
    }
}

// The events' own word for an entry that was there before as well, or that came and was used.
template <class Entry>
void tell(std::vector<TlbSlot<Entry>>& all, u32 slot, TlbTouch touch) {
    const std::span<const TlbSlot<Entry>> found = slots_between(all, slot, slot + 1);
    if (found.empty()) return;
    TlbSlot<Entry>& one = all[static_cast<std::size_t>(found.data() - all.data())];
    if (one.touch == TlbTouch::none || (one.touch == TlbTouch::hit && touch == TlbTouch::filled)) one.touch = touch;
}

void tell_events(TlbPicture& picture, const mm::tlb_memory& tlb, std::span<const mm::Event> happened) {
    const auto slot_at = [&](mm::i64 cpu, mm::i64 set, mm::i64 way) {
        return tlb.slot_of(static_cast<u32>(cpu), static_cast<u32>(set), static_cast<u32>(way));
    };
    mm::i64 cpu = 0; // of the last miss: a fill follows it
    for (const mm::Event& event : happened) {
        switch (static_cast<tlb_event>(event.kind)) {
        case tlb_event::tlb_miss: cpu = mm::Args<tlb_event::tlb_miss>(event)["cpu"]; break;
        case tlb_event::tlb_hit: {
            const mm::Args<tlb_event::tlb_hit> in(event);
            tell(picture.entries, slot_at(in["cpu"], in["set"], in["way"]), TlbTouch::hit);
            break;
        }
        case tlb_event::tlb_fill: {
            const mm::Args<tlb_event::tlb_fill> in(event);
            tell(picture.entries, slot_at(cpu, in["set"], in["way"]), TlbTouch::filled);
            break;
        }
        case tlb_event::walk_cached: {
            const mm::Args<tlb_event::walk_cached> in(event);
            const auto table = in.as<mm::pfn_t>("table");
            const u32 first = in.as<u32>("cpu") * walk_slots(tlb);
            for (const auto& one : slots_between(picture.walks, first, first + walk_slots(tlb)))
                if (one.entry.table == table) tell(picture.walks, one.slot, TlbTouch::hit);
            break;
        }
        default: break;
        }
    }
}

} // namespace

TlbPicture tlb_picture(const ViewInput& input) {
    TlbPicture picture;
    const mm::Moment& moment = input.moment;
    const mm::mmu_memory& mmu = moment.at.mmu;
    const mm::tlb_memory& tlb = mmu.tlb;
    const std::span<const mm::Event> happened = moment.happened();
    if (moment.op) picture.cpu = moment.op->cpu;
    const auto is_of_tlb = [](const mm::Event& event) { return mm::tlb_events().holds(event.kind); };
    const mm::tlb_memory* before = nullptr;
    if (moment.before && moment.before->mmu.tlb.up() && std::any_of(happened.begin(), happened.end(), is_of_tlb))
        before = &moment.before->mmu.tlb;
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) {
        if (nr_valid(tlb.cpus[cpu]) > 0 || (before && nr_valid(before->cpus[cpu]) > 0))
            collect(picture.entries, tlb.entries, before ? &before->entries : nullptr, cpu * tlb.slots(),
                    (cpu + 1) * tlb.slots(), [&](u32 slot) { return mm::belief_of(mmu, slot); });
        if (tlb.cpus[cpu].nr_walks > 0 || (before && before->cpus[cpu].nr_walks > 0))
            collect(picture.walks, tlb.walks, before ? &before->walks : nullptr, cpu * walk_slots(tlb),
                    (cpu + 1) * walk_slots(tlb), [&](u32 slot) { return mm::walk_belief_of(mmu, slot); });
    }
    tell_events(picture, tlb, happened);
    return picture;
}

u32 use_rank(const mm::tlb_memory& tlb, u32 slot) {
    const u32 first = slot - tlb.way_of_slot(slot);
    u32 used_later = 0;
    for (u32 way = 0; way < tlb.ways(); ++way) used_later += tlb.entries[first + way].used > tlb.entries[slot].used;
    return used_later + 1;
}

u64 tlb_reach(const mm::tlb_memory& tlb, const mm::tlb_cpu& cpu) {
    u64 bytes = 0;
    for (mm::u8 size = 0; size < tlb.nr_sizes; ++size) bytes += cpu.nr_valid[size] * tlb.size_bytes(size);
    return bytes;
}

std::string rights_text(mm::u8 rights) {
    const auto three = [&](mm::u8 read, mm::u8 write, mm::u8 exec) {
        return std::string{rights & read ? 'r' : '-', rights & write ? 'w' : '-', rights & exec ? 'x' : '-'};
    };
    return three(mm::RIGHT_USER_READ, mm::RIGHT_USER_WRITE, mm::RIGHT_USER_EXEC) + "/" +
           three(mm::RIGHT_KERNEL_READ, mm::RIGHT_KERNEL_WRITE, mm::RIGHT_KERNEL_EXEC);
}

} // namespace shell
