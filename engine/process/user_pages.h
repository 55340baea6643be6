#pragma once
// What stands in frames that processes map, beside struct page: which entries map them, whose they are, what was written.
//
//   frame ── user_page ──┬── the entries that map it: mm and address, mm and address, ...     (the reverse map, rmap.h)
//                        └── its place in the page cache: mapping (inode) and index
//
// A page that processes map has one reference in struct page for all of its entries together, and one for the page cache;
// page_count() is the kernel's number, in which each entry counts. So nothing overflows, however many entries there are.
// The zero pages have no record: they are mapped without being counted, as in the kernel.
//
// A huge page is 512 frames, each with a record; that of the head counts those entries that map all of it.
//
// Models: _mapcount and the compound mapcount, PageAnon, PageAnonExclusive, PageDirty, PageReferenced, PageActive,
//   PageSwapBacked, the page cache of files and of shared memory, page by page.
// Simplified: of contents one byte a page is kept, the one that was written last. Entries of a page are one list, that of an anon_vma and
//   of a file's mapping alike. A page has no LRU list yet.
// Mirrors: include/linux/mm_types.h, mm/rmap.c, mm/filemap.c, mm/huge_memory.c (Linux 6.1).
#include "base/cow_array.h"
#include "physical/memory.h"

namespace mm {

using mm_id = u32;
inline constexpr mm_id MM_NONE = 0xffffffffu;

struct mmu_context;
struct mm_context;

inline constexpr u32 RMAP_NONE = 0; // number of no entry of the pool

enum class user_page_kind : u8 { none, anon, file, shmem };

// An inode's pages in the page cache; 0: none. kernel: struct address_space
using mapping_id = u32;

// A frame's record. All 0: nothing of processes stands in it.
struct user_page {
    u32 mapcount = 0; // entries of level 0 that map it
    u32 entire = 0;   // of a huge page's head: entries that map all of it. kernel: compound_mapcount
    u32 held = 0;     // of a head: entries of both kinds of all its frames
    u32 rmap = RMAP_NONE;
    mapping_id mapping = 0;   // page cache: whose page it is
    u32 index = 0;            // page cache: its place; of an anonymous page, or the head of a huge one: its anon_vma
    pfn_t next = 0, prev = 0; // page cache: the pages of the mapping before and behind, + 1; kept tables: the next one
    user_page_kind kind = user_page_kind::none;
    u8 flags = 0;
    u8 value = 0; // the byte that was written last
    u8 order = 0; // of the huge page that it is part of

    static constexpr u8 EXCLUSIVE = 1;  // PageAnonExclusive
    static constexpr u8 DIRTY = 2;      // PageDirty
    static constexpr u8 REFERENCED = 4; // PageReferenced
    static constexpr u8 ACTIVE = 8;     // PageActive
    static constexpr u8 LAZYFREE = 16;  // anonymous, and not PageSwapBacked: MADV_FREE
    static constexpr u8 READAHEAD = 32; // PageReadahead

    [[nodiscard]] bool has(u8 flag) const { return (flags & flag) != 0; }
    void set(u8 flag, bool on = true) { flags = static_cast<u8>(on ? flags | flag : flags & ~flag); }
    [[nodiscard]] bool anon() const { return kind == user_page_kind::anon; }
    [[nodiscard]] bool in_cache() const { return mapping != 0; }
};

// One entry of a page table that maps a frame, in a list of the frame's.
struct rmap_entry {
    u64 address = 0; // of the page, with the entry's level in the lowest bits
    mm_id mm = 0;
    u32 next = RMAP_NONE; // records not in use: the next one

    [[nodiscard]] u8 level() const { return static_cast<u8>(address & 7); }
    [[nodiscard]] u64 virt() const { return address & ~u64{7}; }
};

// Pages of one inode.
struct file_mapping {
    u64 inode = 0;
    u32 device = 0;
    u32 files = 0;   // struct files of it
    u32 nrpages = 0; // in the cache
    pfn_t first = 0; // of the list of them, + 1
    bool in_use = false;
    bool shmem = false;
    bool unlinked = false; // its pages go with the last file
    u64 size = 0;          // bytes. kernel: i_size
};

// A slot of the page cache's hash table; mapping 0: nothing in it.
struct cache_slot {
    mapping_id mapping = 0;
    u32 index = 0;
    pfn_t pfn = 0;
};

struct user_pages {
    CowArray<user_page, 7, 7> frames; // by pfn - base_pfn; empty until a process has a page
    CowArray<rmap_entry, 7, 7> rmaps; // entry 0 is none
    u32 rmaps_used = 1;
    u32 rmap_unused = RMAP_NONE;
    u64 rmap_entries = 0;                  // in use
    CowArray<file_mapping, 4, 4> mappings; // entry 0 is none
    u32 mappings_used = 1;
    u32 unlinked = 0;                 // mappings that nothing uses and that still have pages
    CowArray<cache_slot, 7, 7> cache; // open addressing, by mapping and index; a power of two, or empty
    u32 cached = 0;
    pfn_t base_pfn = 0;
    pfn_t zero_pfn = PFN_NONE;      // kernel: empty_zero_page; PFN_NONE: nobody has read what was never written
    pfn_t huge_zero_pfn = PFN_NONE; // kernel: huge_zero_page

    [[nodiscard]] user_page at(pfn_t pfn) const {
        return pfn - base_pfn < frames.size() ? frames[pfn - base_pfn] : user_page{};
    }
    // Frames that processes have had, or that the page cache has.
    [[nodiscard]] user_page& mut(pfn_t pfn) { return frames.mut(pfn - base_pfn); }
    [[nodiscard]] u64 bytes_copied() const {
        return frames.bytes_copied() + rmaps.bytes_copied() + mappings.bytes_copied() + cache.bytes_copied();
    }
};

// Before the first page: makes room for records of all frames, which costs nothing until they are written, and finds the
// zero page. False: no memory.
[[nodiscard]] bool user_pages_ready(mm_context& cx);

// References as the kernel counts them: entries, page cache, and who else holds it. kernel: page_count
[[nodiscard]] u32 page_count(const user_pages& user, const physical_memory& mem, pfn_t pfn);
// kernel: page_mapcount, total_mapcount of a huge page's head
[[nodiscard]] u32 page_mapcount(const user_pages& user, pfn_t pfn);
// The first frame of the huge page, or the frame itself. kernel: compound_head
[[nodiscard]] pfn_t user_page_head(const user_pages& user, pfn_t pfn);

// ---- what stands at an address

struct mapped_page {
    enum class page_kind : u8 { none, zero, anon, file, shmem };
    page_kind kind = page_kind::none;
    pfn_t pfn = PFN_NONE;
    u8 level = 0;  // 1: a huge page's entry
    u64 entry = 0; // as it stands in the table
    bool exclusive = false, young = false, dirty = false, writable = false;
    u32 mapcount = 0, count = 0;
    u8 value = 0;
};
struct process_memory;
struct mmu_memory;
[[nodiscard]] mapped_page page_at_address(const process_memory& proc, const mmu_memory& mmu, const physical_memory& mem,
                                          mm_id mm, u64 address);

} // namespace mm
