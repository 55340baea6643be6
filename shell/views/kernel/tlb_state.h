#pragma once
// What the view of TLBs draws at a moment: the entries that there are, what of them the op has touched, and which of them
// say something else than the tables.
//
// Hits and fills are told by the op's events. What has gone is found by comparing with the machine before the op.
#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "mmu/tlb_belief.h"
#include "views/parts/view.h"

namespace shell {

enum class TlbTouch : mm::u8 { none, hit, filled, replaced, invalidated };

template <class Entry>
struct TlbSlot {
    mm::u32 slot = 0; // of all CPUs, as tlb_memory counts
    TlbTouch touch = TlbTouch::none;
    mm::tlb_belief belief = mm::tlb_belief::holds;
    Entry entry; // invalidated: what stood there
    Entry was;   // replaced: what gave way
};

struct TlbPicture {
    std::vector<TlbSlot<mm::tlb_entry>> entries; // by slot; slots that are empty and were so before are left out
    std::vector<TlbSlot<mm::walk_entry>> walks;
    mm::u32 cpu = 0; // whose TLB the op is about
};

[[nodiscard]] TlbPicture tlb_picture(const ViewInput& input);

// What of the picture stands in the slots from `first` on, below `end`.
template <class Entry>
[[nodiscard]] std::span<const TlbSlot<Entry>> slots_between(const std::vector<TlbSlot<Entry>>& all, mm::u32 first,
                                                            mm::u32 end) {
    const auto below = [](const TlbSlot<Entry>& one, mm::u32 slot) { return one.slot < slot; };
    return {std::lower_bound(all.begin(), all.end(), first, below),
            std::lower_bound(all.begin(), all.end(), end, below)};
}

// 1: the way of its set that was used last.
[[nodiscard]] mm::u32 use_rank(const mm::tlb_memory& tlb, mm::u32 slot);
// Bytes that the entries of a CPU translate.
[[nodiscard]] mm::u64 tlb_reach(const mm::tlb_memory& tlb, const mm::tlb_cpu& cpu);
// "rw-/rwx": user mode, then the kernel.
[[nodiscard]] std::string rights_text(mm::u8 rights);

} // namespace shell
