#pragma once
// What the kernel does to TLBs when it has changed page tables.
//
//   munmap      entries cleared ─► tables unlinked ─► one flush from the first to the last page that was mapped ─► tables freed
//   exit        the same, of the whole address space; then the pgd
//   mprotect    entries changed ─► one flush
//   map         nothing: an entry that was not valid is in no TLB
//   block over an empty table    entry cleared ─► flush of walk caches ─► table freed ─► block written
//   table or single pages over a block or row    entries made invalid ─► flush ─► entries written
//
//   pages < 512: TLBI VAE1IS for each          else: TLBI ASIDE1IS, everything of the process        (4 KiB pages)
//
// arm64 tells all CPUs by the instruction itself (inner shareable). x86 has no such instruction: it sends an interrupt to the CPUs that
// run with the tables, and each invalidates for itself, page by page up to 33 pages.
//
// Models: flush_tlb_page, _range, _mm, _all, _kernel_range with their limits; what munmap, mprotect, exit and set_memory_ro()
//   flush; leaving the flush out, on purpose; break-before-make and what the kernel does when a change breaks it.
// Simplified: a flush of munmap is one, however many pages and tables there are (mmu_gather batches), and its range is that of
//   the pages; the kernel's begins where the tables begin that go with them, which may make it the whole process. x86 flushes
//   the same ranges as arm64 does.
// Not modelled: FEAT_TLBIRANGE (20 instructions at most, then), TTL hints, deferred flushes of reclaim, errata, barriers.
// Mirrors: arch/arm64/include/asm/tlbflush.h, asm/tlb.h, mm/mmu_gather.c, arch/arm64/mm/mmu.c (pgattr_change_is_safe),
//   arch/x86/mm/tlb.c (flush_tlb_mm_range; Linux 6.1).
#include "mmu/page_table.h"

namespace mm {

// How many invalidations of single pages a flush may take. kernel: MAX_TLBI_OPS (6.6: MAX_DVM_OPS); x86:
// tlb_single_page_flush_ceiling
[[nodiscard]] constexpr u32 max_tlbi_ops(const page_geometry& geometry) {
    const u32 limit = geometry.arch().max_single_flushes;
    return limit == 0 ? geometry.ptrs_per_pte() : limit;
}

void flush_tlb_all(mmu_context& cx);
void flush_tlb_mm(mmu_context& cx, space_id space);
void flush_tlb_page(mmu_context& cx, space_id space, u64 address);
// End is exclusive. Level: the smallest leaves in the range, a flush of blocks takes steps of blocks. last_level: no
// table went. kernel: __flush_tlb_range
void flush_tlb_range(mmu_context& cx, space_id space, u64 start, u64 end, u8 level = 0, bool last_level = false);
void flush_tlb_kernel_range(mmu_context& cx, u64 start, u64 end);

// ---- around a change of tables: look before it, flush after it

// What a range of addresses maps before it changes.
struct mapped_span {
    space_id space = SPACE_NONE;
    u64 first = 0, last = 0; // of what is mapped, both inclusive
    bool any = false;
    u8 level = 0; // of the smallest leaf
};
[[nodiscard]] mapped_span look_at(mmu_context& cx, space_id space, u64 virt, u64 size);

// As mprotect(), vunmap() and set_memory_ro() end. With flush = false it is left out, and TLBs may go on with what they have.
void flush_after_change(mmu_context& cx, const mapped_span& before, bool flush = true);
// As munmap() ends: the same, with walk caches where tables went, and then the tables are freed. kernel: tlb_finish_mmu
void tlb_finish_mmu(mmu_context& cx, const mapped_span& before, loose_tables& loose, bool flush = true);
// Walk caches forget tables of a process that were unlinked; no leaf was in them.
void flush_after_unlink(mmu_context& cx, space_id space, const loose_tables& loose);
// Walk caches forget the table that translated the address. kernel: __flush_tlb_kernel_pgtable; x86: flush_tlb_kernel_range
void flush_tlb_kernel_pgtable(mmu_context& cx, u64 address);
// Of leaves that are broken before they are made anew, in any space. End is exclusive.
void flush_leaves(mmu_context& cx, space_id space, u64 start, u64 end, u8 level, bool last_level);
// As exit_mmap() does with all that was mapped.
void flush_whole_space(mmu_context& cx, space_id space);
// i386: one page, on the CPU that runs. The others keep what they have. kernel: flush_tlb_one_kernel
void flush_tlb_one_kernel(mmu_context& cx, u64 address);
// Entries of this range were written and nobody flushes for now (set_pte_at() alone, the lazy freeing of vmalloc): TLBs that
// hold something there may be stale from now on.
void note_unflushed(mmu_context& cx, space_id space, u64 start, u64 size);

// ---- break before make

// Why an entry that is valid may not simply become another valid one: TLBs could hold both, and architecture allows them anything then.
enum class live_change : u8 {
    safe,           // rights, accessed, dirty: either answer is one that held
    output_address, // other memory
    size,           // a table becomes a block, or the other way
    contiguous,     // the contiguous bit
    memory_type,
    global, // from one process's to all processes'
    count,
};
[[nodiscard]] live_change live_change_of(const pte_format& format, pteval_t before, pteval_t after, u8 level);

// Replaces an entry at once, without breaking it first; nothing is flushed. kernel: set_pte over a live entry
void set_live_entry(mmu_context& cx, table_id table, u32 index, pteval_t entry);

} // namespace mm
