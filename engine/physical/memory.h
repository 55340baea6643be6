#pragma once
// physical_memory: all state of the page allocator of one machine, as one copyable value. Start here.
//
//   nodes ─► zones (nodes × kinds) ─► free_area lists ─┐
//                     └► per-CPU lists ────────────────┴─► mem_map: one struct page a frame, linked by pfn
//
// Functions of this room take a physical_context: the memory, the sink of the running op, and the CPU it runs on.
#include <array>
#include <concepts>
#include <vector>

#include "base/cow_array.h"
#include "base/event.h"
#include "physical/gfp.h"
#include "physical/kernel_rules.h"
#include "physical/memblock.h"
#include "physical/page.h"
#include "physical/zone.h"

namespace mm {

inline constexpr int MAX_NODES = 8;
inline constexpr int MAX_CPUS = 64;
inline constexpr int MAX_POPULATED_ZONES = 16; // page::zone_slot has four bits

// Values below /proc/sys/vm that the allocator reads.
struct vm_sysctl {
    i64 min_free_kbytes = 0;
    bool user_min_free = false; // somebody wrote min_free_kbytes: THP no longer raises it
    i64 watermark_scale_factor = 10;
    i64 watermark_boost_factor = 15000;
    i64 percpu_pagelist_high_fraction = 0;
    std::array<i64, MAX_NR_ZONES> lowmem_reserve_ratio{}; // by zone index
    bool transparent_hugepage = true; // khugepaged runs and raises min_free_kbytes; boot clears it below 512 MiB
};

// What the kernel has printed, as far as later lines depend on it (kernel_log.h writes the lines).
struct kernel_log {
    u32 nr_records = 0;    // grows when an op prints something: which ops those are is all that it is for
    bool bad_page = false; // TAINT_BAD_PAGE
    bool warned = false;   // TAINT_WARN
};

// How far boot has come (boot.h). Requests are served from `ready` on.
enum class boot_stage : u8 { none, zones, pages_freed, pcp_ready, ready };

struct physical_memory {
    // Made once, not in every file that copies one.
    physical_memory();
    ~physical_memory();
    physical_memory(const physical_memory&);
    physical_memory(physical_memory&&) noexcept;
    physical_memory& operator=(const physical_memory&);
    physical_memory& operator=(physical_memory&&) noexcept;

    kernel_rules rules;
    boot_stage stage = boot_stage::none;
    u8 page_shift = 12;
    u8 nr_orders = 11;    // MAX_ORDER of 6.1 and before; MAX_PAGE_ORDER + 1 since 6.8
    u8 nr_pcp_orders = 4; // orders below it have per-CPU lists; if more than order 0 has, huge pages have, too
    u8 pageblock_order = 9;
    u8 nr_zone_types = 0;                         // MAX_NR_ZONES of this kernel's configuration
    std::array<u8, MAX_NR_ZONES> highest_index{}; // by zone_type: the highest zone index of that kind or below
    std::array<u8, GFP_ZONEMASK + 1> gfp_zones{}; // the same, by the zone bits of a gfp mask (kernel: GFP_ZONE_TABLE)
    zone_type movable_zone = zone_type::normal;   // the highest zone with memory: ZONE_MOVABLE is cut out of it
    u16 nr_cpus = 1;
    std::vector<u8> cpu_node;
    vm_sysctl sysctl;

    std::vector<pglist_data> nodes;
    std::vector<zone> zones;   // node * nr_zone_types + zone index
    std::vector<u8> populated; // zones with struct pages, ZONE_DEVICE too: the index that page::zone_slot holds
    pfn_t base_pfn = 0;        // first frame of mem_map, aligned down to the largest block
    pfn_t end_pfn = 0;
    memblock_state memblock;   // what there was before; boot hands it over
    kernel_log log;
    u8 last_alloc_zone = 0, last_free_zone = 0; // guesses, no state (zone_behind_guess, plain_path.h)
    bool full_way = false;      // no request goes the plain way (plain_path.h): a stale count, or init_on_free
    u32 nr_stale_refcounts = 0; // how often a page that nobody holds got a count: only then are blocks searched for one
    CowArray<page> mem_map;     // by pfn - base_pfn, holes included (vmemmap)
    std::vector<u8> pageblock_type; // by (pfn - base_pfn) >> pageblock_order; holds migratetype

    [[nodiscard]] bool pfn_valid(frame_t pfn) const { return pfn - base_pfn < frame_t{end_pfn - base_pfn}; }
    // The frame at a physical address; PFN_NONE where the address is too high for memory.
    [[nodiscard]] pfn_t pfn_of(phys_addr_t phys) const {
        const frame_t frame = phys >> page_shift;
        return frame < PFN_NONE ? static_cast<pfn_t>(frame) : PFN_NONE;
    }
    // Any number: is there memory, so no hole between regions?
    [[nodiscard]] bool has_frame(frame_t frame) const {
        return frame >= base_pfn && frame < end_pfn && page_at(static_cast<pfn_t>(frame)).state() != page_state::hole;
    }
    [[nodiscard]] const page& page_at(pfn_t pfn) const { return mem_map[pfn - base_pfn]; }
    [[nodiscard]] page& page_mut(pfn_t pfn) { return mem_map.mut(pfn - base_pfn); }
    // The same where nothing has to be made private first; else false (CowArray::find_owned).
    [[nodiscard]] [[gnu::always_inline]] bool find_owned(pfn_t pfn, page*& found) {
        return mem_map.find_owned(pfn - base_pfn, found);
    }
    [[nodiscard]] u8 page_zone(pfn_t pfn) const { return populated[page_at(pfn).zone_slot()]; }
    [[nodiscard]] u32 pageblock_nr_pages() const { return 1u << pageblock_order; }
    [[nodiscard]] [[gnu::always_inline]] migratetype block_type(pfn_t pfn) const {
        return static_cast<migratetype>(pageblock_type[(pfn - base_pfn) >> pageblock_order]);
    }
    void set_block_type(pfn_t pfn, migratetype type) { pageblock_type[(pfn - base_pfn) >> pageblock_order] = type; }
    [[nodiscard]] int node_of_cpu(int cpu) const { return cpu_node[static_cast<std::size_t>(cpu)]; }
};

// Counters of a zone that CPUs count on their own, and how often, and by how much in all, their deltas went into them.
enum class zone_counter : u8 { nr_free_pages, nr_free_cma_pages, count };
struct fold_count {
    u32 times = 0;
    i64 sum = 0;
};
using fold_counts = std::array<fold_count, static_cast<std::size_t>(zone_counter::count)>;

// What a function of this room works on. What moves many blocks at once is compiled for both kinds of sink (base/event.h):
// such functions take `any_context auto&`, and with_any_context() chooses.
template <class Sink>
struct context_of {
    physical_memory& mem;
    Sink& sink;
    u32 cpu = 0;
    u32 step = 0;                 // stamped on the pages that change
    fold_counts* folds = nullptr; // folds are counted there (physical/fold_tally.h) and not told one by one
};
using physical_context = context_of<EventSink>;
using counting_context = context_of<EventCounter>;

template <class Context>
concept any_context = std::same_as<Context, physical_context> || std::same_as<Context, counting_context>;

// The kernel prints something that takes so much work (base/work.h).
void note_record(any_context auto& cx, u64 work) {
    ++cx.mem.log.nr_records;
    cx.sink.charge(work);
}

// Calls `work` with a context that only counts when nobody watches, else with `cx`.
template <class Work>
auto with_any_context(physical_context& cx, Work&& work) {
    if (cx.sink.armed()) return work(cx);
    EventCounter counter(cx.sink);
    counting_context counting{cx.mem, counter, cx.cpu, cx.step, cx.folds};
    return work(counting);
}

// The block that a frame belongs to.
struct block_info {
    pfn_t head = PFN_NONE;
    u8 order = 0; // 0 for holes, reserved and tail-less frames
    page_state state = page_state::hole;
};

// Looks for the head of the block that holds `pfn`. Reserved frames and holes are blocks of one frame.
[[nodiscard]] block_info find_block(const physical_memory& mem, pfn_t pfn);

} // namespace mm
