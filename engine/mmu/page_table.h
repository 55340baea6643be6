#pragma once
// Page tables in memory: each table is a page of the page allocator, each address space a pgd. Start here.
//
//   address_space ─► pgd ─┬─► pud ─┬─► pmd ─┬─► pte ─► page          walk() goes down by index, map_range() makes the way,
//                  level 3│ level 2│ level 1│ level 0                unmap_range() takes it away again
//                         └─ ...   └─ 1 GiB └─ 2 MiB block
//
// The contents of tables are the raw entries (descriptor.h). A table is found by the frame number in the entry above, as
// hardware finds it: links are frames and indices, never pointers, and everything is copy-on-write.
//
// A table full of pages in a row, as the linear map has thousands, is one record: `fill` is its first entry, and the others
// follow from it. They are stored when one of them is written.
//
// Invariants (verify.h): a table's nr_set == number of its entries that are not 0; each table but a pgd is named by exactly
//   one entry, in a table one level above; the tables of a space, counted, are its nr_tables.
//
//   A table with `fill` has nr_set == entries(0), and nothing stored.
//   Entry 0 of the GDT is 0.
//
// Models: pgd_alloc to pte_alloc down the levels, blocks by alignment and size, the contiguous bit on whole aligned rows,
//   table attributes, splitting a block, freeing the tables of a process when nothing is in them, kernel tables that stay;
//   the order in which tables go: the entry above is cleared, TLBs are invalidated (flush.h), the page is freed.
// Simplified: a pgd takes a whole page even where it is smaller: 16 bytes with pages of 16 KiB, 512 with 64 KiB, which the
//   kernel takes from the slab cache pgd_cache (the event pgd_allocated says so). i386: the pgd of a process has no copy of
//   the kernel's entries. Tables of a process go when they are empty, not when no VMA is left near them; their pages go back
//   right after the invalidation, not an RCU grace period later, and the page that lists them (mmu_gather's batch) is not
//   taken. Unmapping part of a block splits it in every space; the kernel does so for processes, and warns for itself.
//   Blocks of the pud level are split like those of the pmd; for a process the kernel drops them, and faults bring pages.
// Not modelled: locks, NR_PAGETABLE and memory cgroups.
// Mirrors: arch/arm64/mm/mmu.c (__create_pgd_mapping, alloc_init_pud, alloc_init_cont_pmd, alloc_init_cont_pte,
//   pmd_free_pte_page), mm/memory.c (__pte_alloc, free_pgd_range, unmap_page_range), mm/huge_memory.c (Linux 6.1).
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "base/cow_array.h"
#include "mmu/pte.h"
#include "mmu/tlb.h"
#include "mmu/x86/segment.h"
#include "physical/gfp.h"
#include "physical/memory.h"
#include "physical/profile.h"

namespace mm {

using table_id = u32;

inline constexpr table_id TABLE_NONE = 0xffffffffu;
inline constexpr u32 MAX_SPACES = 1u << 16;

// One record a table.
struct page_table {
    pfn_t pfn = PFN_NONE; // PFN_NONE: the record is free, parent is the next free record
    u8 level = 0;
    space_id space = SPACE_NONE;
    table_id parent = TABLE_NONE; // TABLE_NONE: a pgd
    u32 index = 0;                // of the entry of the parent that names this table
    u64 start = 0;                // first address that it translates
    u32 nr_set = 0;               // entries that are not 0
    u32 stamp = 0;                // op that changed it last
    bool boot = false;            // its frame is memblock's or the kernel image's, not the page allocator's
    pteval_t fill = 0;            // entry 0 of a table of pages in a row; 0: the entries are stored
};

struct address_space {
    table_id pgd = TABLE_NONE; // TABLE_NONE: the record is free
    bool kernel = false;       // arm64: TTBR1's; its tables are never freed
    std::array<u32, MAX_LEVELS> nr_tables{};
    u64 context_id = 0; // generation and ASID (arm64/asid.h); 0: it never ran. kernel: mm->context.id
    bool of_process = false; // its process frees it (process/processes.h)
};

struct mmu_memory {
    // Made once, not in every file that copies one.
    mmu_memory();
    ~mmu_memory();
    mmu_memory(const mmu_memory&);
    mmu_memory(mmu_memory&&) noexcept;
    mmu_memory& operator=(const mmu_memory&);
    mmu_memory& operator=(mmu_memory&&) noexcept;

    pte_format format;
    bool up = false; // mmu_init() has run
    pfn_t base_pfn = 0;

    CowArray<page_table, 6, 7> tables{0};
    CowArray<pteval_t> entries{0}; // of table t: from t << geometry.index_bits
    CowArray<u32> table_of{0};     // by pfn - base_pfn: id of the table there + 1
    std::vector<address_space> spaces;
    std::vector<space_id> free_spaces; // those without tables, as a heap: the lowest number is the first that is taken
    u32 nr_records = 0;                // of `tables`
    table_id free_record = TABLE_NONE;
    space_id kernel_space = SPACE_NONE; // the first one made for the kernel: what TTBR1 names. kernel: init_mm
    // An op on page tables has written into the kernel's: vmalloc and kmap may find their entries otherwise than they left them.
    bool kernel_edited = false;
    tlb_memory tlb;
    descriptor_table gdt{}; // i386; of every CPU. arm64: all 0

    [[nodiscard]] u64 bytes_copied() const {
        return tables.bytes_copied() + entries.bytes_copied() + table_of.bytes_copied() + tlb.bytes_copied();
    }
    [[nodiscard]] const page_geometry& geometry() const { return format.geometry; }
    [[nodiscard]] const arch_rules& arch() const { return format.arch(); }
    [[nodiscard]] u32 entry_slot(table_id table, u32 index) const {
        return (table << format.geometry.index_bits) + index;
    }
    [[nodiscard]] pteval_t entry(table_id table, u32 index) const {
        const pteval_t stored = entries[entry_slot(table, index)];
        if (stored != 0) return stored;
        const pteval_t fill = tables[table].fill;
        return fill == 0 ? 0 : fill + (pteval_t{index} << format.geometry.page_shift);
    }
    // The table in this frame; TABLE_NONE: there is none.
    [[nodiscard]] table_id table_at(frame_t frame) const {
        if (frame < base_pfn || frame - base_pfn >= table_of.size()) return TABLE_NONE;
        return table_of[static_cast<u32>(frame - base_pfn)] - 1;
    }
    // The table that an entry of `level` names; TABLE_NONE: it names none of ours.
    [[nodiscard]] table_id table_below(pteval_t entry, u8 level) const {
        if (kind_of(format, entry, level) != descriptor_kind::table) return TABLE_NONE;
        return table_at(pte_pfn(format, entry, level));
    }
    [[nodiscard]] bool has_space(space_id space) const {
        return space < spaces.size() && spaces[space].pgd != TABLE_NONE;
    }
};

// Of the kernel that runs on this machine and its CPU: arm64 with 48 bits, i386 without PAE. nullopt: x86_64.
[[nodiscard]] std::optional<pte_format> pte_format_of(const machine_profile& profile);

// Before anything else. The widths of `format` fit the machine's page size.
void mmu_init(mmu_memory& mmu, const pte_format& format, const physical_memory& mem);

// Frames for tables while the kernel boots and the page allocator does not run yet (boot_frames.h).
class boot_frames;

// What every function of this room works on.
struct mmu_context {
    mmu_memory& mmu;
    physical_context page;       // memory, sink, CPU and step of the running op
    boot_frames* boot = nullptr; // not nullptr: tables come from here
};

// Why a mapping was refused. Order and meaning are part of the event map_refused.
enum class map_error : u8 {
    none,
    no_space,      // EINVAL: there is no such address space
    empty,         // EINVAL: 0 bytes
    unaligned,     // EINVAL: an address or the size is not a whole number of pages
    not_canonical, // EFAULT: no table translates such addresses, or the range leaves them
    wrong_half,    // EFAULT: a kernel address in a process's space, or the other way
    phys_too_high, // EINVAL: the physical address does not fit an entry
    mapped,        // EBUSY: something is mapped there; what came before it is mapped now
    no_memory,     // ENOMEM: no page for a table
    count,
};
[[nodiscard]] std::string_view map_error_text(map_error error);
[[nodiscard]] int map_errno(map_error error); // -EINVAL and so on; 0: none

// The kernel's own space is the first of all: boot makes it (start_page_tables.h). kernel: init_mm
inline constexpr space_id INIT_MM = 0;

// A new, empty address space. SPACE_NONE: no memory, or MAX_SPACES. kernel: pgd_alloc
[[nodiscard]] space_id create_space(mmu_context& cx, bool kernel);
// Unmaps all of it and frees its tables, the pgd too. kernel: exit_mmap, pgd_free
void destroy_space(mmu_context& cx, space_id space);

// Which of the kernel's functions maps: call paths name it and those below it.
enum class map_path : u8 {
    create_pgd_mapping,
    ioremap_page_range,
    vmap_pages_range,
};
struct map_request {
    space_id space = 0;
    u64 virt = 0;
    phys_addr_t phys = 0;
    u64 size = 0; // bytes
    pgprot_t prot = 0;
    bool blocks = true;          // not NO_BLOCK_MAPPINGS
    bool contiguous = true;      // not NO_CONT_MAPPINGS
    bool no_exec_tables = false; // NO_EXEC_MAPPINGS: new tables get PXNTable, as the linear map's do
    map_path path = map_path::create_pgd_mapping;
};
struct map_result {
    map_error error = map_error::none;
    u64 bytes = 0; // done before the error
};
// Maps pages in a row. Each part takes the largest leaf that alignment and size allow.
[[nodiscard]] map_result map_range(mmu_context& cx, const map_request& request);

// Maps single pages one behind the other, wherever each of them lies. kernel: vmap_pages_range, vm_insert_pages
[[nodiscard]] map_result map_pages(mmu_context& cx, space_id space, u64 virt, std::span<const pfn_t> pages,
                                   pgprot_t prot);

// A table that no entry names any more, while TLBs and walk caches still may. Its page is freed after the invalidation, and
// not before: a CPU would read whatever the next owner writes there as entries.
struct loose_table {
    pfn_t pfn = PFN_NONE;
    u8 level = 0;
    u64 start = 0; // first address that it translated
    bool boot = false;
};
// kernel: struct mmu_gather, tlb_remove_table
using loose_tables = std::vector<loose_table>;

// Unmaps what is mapped in the range; holes in it are no error. The tables of a process that become empty are unlinked, and
// the caller frees them when TLBs know nothing of them any more (tlb_finish_mmu in flush.h).
[[nodiscard]] map_result unmap_range(mmu_context& cx, space_id space, u64 virt, u64 size, loose_tables& loose);
// Of the kernel's space, whose tables stay, or while there is no TLB: nothing is left to be freed.
[[nodiscard]] map_result unmap_range(mmu_context& cx, space_id space, u64 virt, u64 size);

// Gives what is mapped in the range another protection. kernel: change_protection (mprotect)
[[nodiscard]] map_result protect_range(mmu_context& cx, space_id space, u64 virt, u64 size, pgprot_t prot);

// ---- one entry at a time, as the kernel's helpers do

// Makes the tables on the way to the entry of `level` for the address. TABLE_NONE: no memory, or a block is in the way.
// The address belongs to the space. kernel: p4d_alloc, pud_alloc, pmd_alloc, pte_alloc
struct table_options {
    bool no_exec = false;
    bool pgtable_alloc = false; // pages come by create_pgd_mapping()'s own function, which call paths then name
};
[[nodiscard]] table_id table_alloc(mmu_context& cx, space_id space, u64 address, u8 level, table_options options = {});
// Writes an entry and counts it; no event. The entry names no table. kernel: set_pte_at, pte_clear (entry 0)
void set_entry(mmu_context& cx, table_id table, u32 index, pteval_t entry);
// Writes all entries of an empty pte table at once: pages in a row, the first of which is `first`.
void fill_table(mmu_context& cx, table_id table, pteval_t first);
// Takes the tables of a process that have become empty out, from this one up, not the pgd. kernel: free_pgd_range
void unlink_empty_tables(mmu_context& cx, table_id lowest, loose_tables& loose);
// Gives the pages of unlinked tables back. kernel: tlb_table_flush
void free_loose_tables(mmu_context& cx, loose_tables& loose);
// Frees the table that this entry names with all below it, so that a block can take its place: nothing is mapped by them any
// more, but walk caches may know them. Each is unlinked, invalidated and freed before the next.
// kernel: pmd_free_pte_page, pud_free_pmd_page; in a process pmdp_collapse_flush
void free_bare_table(mmu_context& cx, table_id above, u32 index);
// The block that this entry is becomes a table of leaves that map the same: the entry is made invalid, TLBs are invalidated,
// then it names the table, so that no TLB ever holds both. (i386's own space: at once, and everything is invalidated
// afterwards.) False: no memory. kernel: __split_huge_pmd, __split_large_page
[[nodiscard]] bool split_block(mmu_context& cx, table_id table, u32 index);

// ---- translation

struct walk_step {
    u8 level = 0;
    pfn_t table = PFN_NONE;
    u32 index = 0;
    pteval_t entry = 0;
    descriptor_kind kind = descriptor_kind::none;
};
struct walk_result {
    std::array<walk_step, MAX_LEVELS> steps{};
    u8 nr_steps = 0; // 0: no table translates the address
    bool found = false;
    phys_addr_t phys = 0; // of the address itself
    u64 leaf_size = 0;

    [[nodiscard]] const walk_step& last() const { return steps[nr_steps - 1u]; }
};
// What hardware does with an address, without its TLB. Pure.
[[nodiscard]] walk_result walk(const mmu_memory& mmu, space_id space, u64 address);

// The same with an event for each step. kernel: show_pte
walk_result tell_walk(mmu_context& cx, space_id space, u64 address);

// Does this space translate the address: is it canonical, and in the right half? map_error::none when it does.
[[nodiscard]] map_error check_address(const mmu_memory& mmu, space_id space, u64 address);

} // namespace mm
