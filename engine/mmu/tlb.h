#pragma once
// The TLB of each CPU: translations that hardware remembers, and what the instructions that invalidate them drop.
//
//   address ─► set ─► way 0 │ way 1 │ way 2 │ way 3      one set for each size of leaf: the bits above the leaf choose it
//                     first address, size, ASID or global, and the leaf as it was read
//
//   walk cache: the same for tables: "the pte table of this 2 MiB is in frame ...", so that a walk begins there
//
// An entry is what was read when it was put in. Nothing here looks at page tables again: what they say later the TLB learns
// only by being invalidated.
//
// Invariants (verify_tlb.cpp): nr_valid == number of valid entries, by size, and sizes has a bit for each that is not 0; an
//   entry stands in the set of its address; no two of a set were used at once; of two entries in one CPU no two
//   translate one address, and each says what the tables say, unless an invalidation was left out or a process's address
//   has a global entry (may_be_stale in both cases), or the invalidation waits for the next context switch (flush_pending).
//
// Models: sets, ways and least recently used replacement; entries of pages, blocks and contiguous rows side by side; ASIDs and
//   global entries; TLBI by address, by ASID and of everything, on one CPU or on all of them; walk cache entries that
//   invalidation by "last level" leaves alone.
// Simplified: one level that instructions and data share, like the L2 TLB of Cortex-A57, A72 and A76 (1024 entries in 4 ways;
//   A76: 1280 in 5), without the small L1 TLBs before it. The walk cache has 4 ways; its size is that of Cortex-A53 (64), since
//   that of the others is not published. Tables of the kernel are cached for all ASIDs. i386: like the data TLB of
//   Pentium II for 4 KiB pages (64 entries in 4 ways), for instructions and large pages, too, which have TLBs of their own
//   there (32 entries; 8, and 2 for instructions); no walk cache. The view of TLBs says so.
// Not modelled: prefetching and speculative walks, the CnP bit, FEAT_TLBIRANGE and TTL hints, virtual machines (VMID).
// Mirrors: Arm ARM D8.13 to D8.14 (TLBs, TLB maintenance), Cortex-A57 and A72 TRM 5.2, Intel SDM 3A 4.10.
#include <array>
#include <vector>

#include "base/cow_array.h"
#include "mmu/descriptor.h"
#include "physical/profile.h"

namespace mm {

using space_id = u32;
inline constexpr space_id SPACE_NONE = 0xffffffffu;

inline constexpr u32 TLB_NONE = 0xffffffffu;
inline constexpr u8 MAX_LEAF_SIZES = 5; // page, contiguous pages, pmd block, contiguous pmd blocks, pud block
inline constexpr u32 WALK_WAYS = 4;

// tlb_entry::rights: what the leaf and the tables above it allow together.
inline constexpr u8 RIGHT_KERNEL_READ = 1, RIGHT_KERNEL_WRITE = 2, RIGHT_KERNEL_EXEC = 4;
inline constexpr u8 RIGHT_USER_READ = 8, RIGHT_USER_WRITE = 16, RIGHT_USER_EXEC = 32;
inline constexpr u8 RIGHT_CLEAN = 64; // the first write has to be noted in the table by hardware

struct tlb_entry {
    u64 tag = 0;          // first address | 1 + number of the leaf size; 0: not valid
    phys_addr_t phys = 0; // of the first address
    pteval_t entry = 0;   // the leaf, as it was read
    u16 asid = 0;
    u8 rights = 0;
    u8 level = 0;
    u8 limits = 0; // of the tables above: table_limits() (access.h)
    bool global = false;
    u64 used = 0; // tlb_cpu::uses at its last use

    [[nodiscard]] bool valid() const { return tag != 0; }
    [[nodiscard]] u8 size() const {
        return static_cast<u8>((tag & 7) - 1);
    } // of a valid entry: number of its leaf size
    [[nodiscard]] u64 virt() const { return tag & ~u64{7}; }
    [[nodiscard]] phys_addr_t phys_of(u64 address) const { return phys + (address - virt()); }
};

// A table that a walk need not look for: it translates `covers` bytes from virt() on.
struct walk_entry {
    u64 tag = 0; // first address | 1 + level of the table; 0: not valid
    pfn_t table = PFN_NONE;
    u16 asid = 0;
    u8 limits = 0; // of the tables above it
    bool global = false;
    u64 used = 0; // tlb_cpu::uses at its last use

    [[nodiscard]] bool valid() const { return tag != 0; }
    [[nodiscard]] u8 level() const { return static_cast<u8>((tag & 7) - 1); }
    [[nodiscard]] u64 virt() const { return tag & ~u64{7}; }
};

struct tlb_counters {
    u64 hits = 0;
    u64 misses = 0;
    u64 walks = 0;           // that began, from the top or from the walk cache
    u64 walk_cache_hits = 0; // walks that the walk cache shortened
    u64 entries_read = 0;    // of tables, by walks
    u64 evictions = 0;       // valid entries that gave way to others
    u64 invalidated = 0;     // entries dropped by invalidation
    u64 faults = 0;

    friend bool operator==(const tlb_counters&, const tlb_counters&) = default;
};

// A guess, which costs nothing when it is wrong: the tables of the last walk by level, as mmu_memory::tables numbers them. No
// state, so no part of the hash: who uses a guess looks whether that table is the one (Translation::table_near). Walks in a
// row mostly go through the same tables, and so the four look-ups of a walk need not wait for each other.
using walk_guess = std::array<u32, MAX_LEVELS>;

struct tlb_cpu {
    space_id space = SPACE_NONE; // whose tables TTBR0 or CR3 names; SPACE_NONE: the kernel's alone (reserved_pg_dir)
    u16 asid = 0;                // in TTBR; 0 with reserved_pg_dir
    u64 active_asid = 0;         // kernel: per_cpu(active_asids)
    u64 reserved_asid = 0;       // kernel: per_cpu(reserved_asids)
    bool flush_pending = false;  // kernel: tlb_flush_pending
    std::array<u32, MAX_LEAF_SIZES> nr_valid{};
    u8 sizes = 0;     // bit s: there are valid entries of leaf size s, so that a look-up has to look for them
    u32 nr_walks = 0; // valid entries of the walk cache
    u64 uses = 0;     // of entries so far: the clock that says which of two was used last
    tlb_counters counters;
    std::array<walk_guess, 2> guess{}; // of user and kernel addresses

    void count_in(u8 size) {
        ++nr_valid[size];
        sizes = static_cast<u8>(sizes | 1u << size);
    }
    void count_out(u8 size) {
        if (--nr_valid[size] == 0) sizes = static_cast<u8>(sizes & ~(1u << size));
    }
};

struct tlb_memory {
    tlb_config config; // nothing left to defaults; entries 0: no TLB, tlb_init() has not run
    u32 nr_sets = 0;
    u32 nr_walk_sets = 0;
    u8 row_shift = 0;
    u8 nr_sizes = 0;
    std::array<u8, MAX_LEAF_SIZES> size_shift{}; // of each leaf size, ascending
    std::vector<tlb_cpu> cpus;

    CowArray<tlb_entry, 6, 7> entries; // by slot_of(): a set's ways stand in a row, in one chunk
    CowArray<walk_entry, 6, 7> walks;

    // The allocator of ASIDs (arm64/asid.h).
    CowArray<u64> asid_map;  // a bit an ASID
    u64 asid_generation = 0; // from 1 on
    u32 asid_cursor = 0;     // kernel: cur_idx

    // Entries may say what no table says any more: somebody changed a table and left the invalidation out, or a global entry
    // translates an address of a process, and so of every process, whatever their tables say.
    bool may_be_stale = false;

    [[nodiscard]] bool up() const { return config.entries != 0; }
    [[nodiscard]] u32 ways() const { return config.ways; }
    // Slots of a set: its ways, rounded up to a power of two; those behind the ways are never valid.
    [[nodiscard]] u32 row() const { return 1u << row_shift; }
    [[nodiscard]] u32 slot_of(u32 cpu, u32 set, u32 way) const { return ((cpu * nr_sets + set) << row_shift) + way; }
    [[nodiscard]] u32 set_of_slot(u32 slot) const { return (slot >> row_shift) & (nr_sets - 1); }
    [[nodiscard]] u32 way_of_slot(u32 slot) const { return slot & (row() - 1); }
    [[nodiscard]] u32 slots() const { return nr_sets << row_shift; } // of one CPU
    [[nodiscard]] u64 size_bytes(u8 size) const { return 1ull << size_shift[size]; }
    [[nodiscard]] u32 set_of(u64 address, u8 size) const {
        return static_cast<u32>(address >> size_shift[size]) & (nr_sets - 1);
    }
    [[nodiscard]] u64 bytes_copied() const {
        return entries.bytes_copied() + walks.bytes_copied() + asid_map.bytes_copied();
    }
};

// The profile's, with the defaults of its architecture filled in.
[[nodiscard]] tlb_config resolved_tlb_config(const tlb_config& config, const page_geometry& geometry);

// Empty TLBs, once, before anything is translated. kernel: asids_init for what is Linux's
void tlb_init(tlb_memory& tlb, const tlb_config& config, const page_geometry& geometry, u32 nr_cpus);

// ---- look up and fill

// The slot of the entry that translates the address for this ASID; TLB_NONE: a miss. The caller counts.
[[nodiscard]] u32 tlb_find(const tlb_memory& tlb, u32 cpu, u64 address, u16 asid);
// Another entry of a larger size for the same address: the TLB holds two answers. TLB_NONE: no.
[[nodiscard]] u32 tlb_find_other(const tlb_memory& tlb, u32 cpu, u64 address, u16 asid, u32 found);
struct tlb_place {
    u32 slot = TLB_NONE;
    u32 set = 0, way = 0;
    bool evicted = false; // a valid entry stood there
};
// What every access does is inline, in tlb_lookup.h: tlb_match(), tlb_use(), tlb_fill().

// The walk cache's table of the lowest level for the address; nullptr: none.
[[nodiscard]] const walk_entry* walk_cache_find(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address,
                                                u16 asid);
// Only where there is a walk cache (nr_walk_sets).
void walk_cache_fill(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, const walk_entry& entry);

// ---- invalidate. Each returns how many entries of the TLB it dropped (of the walk cache it does not count).

inline constexpr u32 ALL_CPUS = 0xffffffffu; // broadcast: the inner shareable domain

// TLBI VMALLE1(IS). i386: toggling CR4.PGE
u32 tlb_drop_all(tlb_memory& tlb, u32 cpu);
// TLBI ASIDE1(IS). i386: writing CR3, with asid 0
u32 tlb_drop_asid(tlb_memory& tlb, u32 cpu, u16 asid);
// TLBI VAE1(IS), VALE1(IS): entries for the address that are global or of the ASID. i386: INVLPG
u32 tlb_drop_address(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address, u16 asid, bool last_level);
// TLBI VAAE1(IS), VAALE1(IS): of any ASID.
u32 tlb_drop_address_all_asids(tlb_memory& tlb, const page_geometry& geometry, u32 cpu, u64 address, bool last_level);

// Entries of all CPUs for addresses of [start, last] that a flush of them would drop.
[[nodiscard]] u32 tlb_held(const tlb_memory& tlb, u16 asid, u64 start, u64 last);
// Entries that the functions above look at in one CPU's TLB when they go by no address.
[[nodiscard]] u32 tlb_slots_searched(const tlb_memory& tlb, u32 cpu);

} // namespace mm
