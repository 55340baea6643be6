#pragma once
// What differs between the kernels that a machine may run: each rule has a name here, so that the allocator never asks
// for a version number, and says since which release it holds.
//
// Models: Linux 5.10, 6.1 and 6.12 (the longterm kernels of Debian 11, 12 and 13's backport).
#include "physical/kernel_version.h"

namespace mm {

struct kernel_rules {
    kernel_version version = kernel_version::v6_1;
    // Struct pages are checked whenever a block is taken or freed. 6.12: the static key check_pages_enabled, which
    // init_on_alloc, page_poison or debug_pagealloc turns on; Debian's kernel is built with init_on_alloc. 5.10 and 6.1:
    // debug_pagealloc, in kernels that are built with it. (mm_init.c: mem_debugging_and_hardening_init)
    bool check_pages = false;
    // Memory is cleared when it is handed out, or when it comes back (init_memory.h).
    bool init_on_alloc = true;
    bool init_on_free = false;

    [[nodiscard]] static constexpr bool check_pages_by_default(kernel_version version) {
        return mm::since(version, 6, 3);
    }

    [[nodiscard]] constexpr bool since(u8 major, u8 minor) const { return mm::since(version, major, minor); }
    [[nodiscard]] constexpr bool before(u8 major, u8 minor) const { return mm::before(version, major, minor); }
    // Of the stable series of that release, which may have rules of newer ones.
    [[nodiscard]] constexpr bool in_series(u8 major, u8 minor) const {
        return release_of(version) == linux_release{major, minor};
    }

    // Since 5.13 (mm/page_alloc.c: pcp_allowed_order) per-CPU lists hold orders 0 to 3 and huge pages; before, order 0.
    [[nodiscard]] bool pcp_high_orders() const { return since(5, 13); }
    // Since 5.14 pcp->high comes from the low watermark, shared by the CPUs; before, it was six batches (zone_highsize).
    [[nodiscard]] bool pcp_high_by_watermark() const { return since(5, 14); }
    // Since 6.7 pcp->high moves between high_min and high_max by itself.
    [[nodiscard]] bool pcp_auto_tuned() const { return since(6, 7); }
    // Since 6.10 a pageblock's type and the lists that its free blocks stand on never disagree.
    [[nodiscard]] bool freelist_hygiene() const { return since(6, 10); }
    // Since 6.10 a block leaves NR_FREE_PAGES where it leaves its list, not when the request is served.
    [[nodiscard]] bool accounts_in_rmqueue() const { return since(6, 10); }
    // Until 5.15 a node's load in the order of fallbacks was set to the rank of its distance group, not added up; since 5.18
    // each group counts one (mm/page_alloc.c: build_zonelists).
    [[nodiscard]] bool accumulates_node_load() const { return since(5, 18); }
    // Since 6.8 pageblocks for atomic requests are at most 1% of the zone, rounded up, and none where 1% is less than one;
    // before, one more than 1% (reserve_highatomic_pageblock).
    [[nodiscard]] bool highatomic_needs_a_hundredth() const { return since(6, 8); }
    // Since 6.12 a watermark counts as unusable what is free on the lists of atomic pageblocks; before, all that they were
    // reserved with, in use or not (__zone_watermark_unusable_free, zone->nr_free_highatomic).
    [[nodiscard]] bool counts_free_highatomic() const { return since(6, 12); }
    // Since 6.12 (and stable backports of it) a request that may not wait takes from there when all else failed
    // (rmqueue_buddy).
    [[nodiscard]] bool nonblocking_takes_highatomic() const { return since(6, 12); }
    // Until 5.16 the largest vm.watermark_scale_factor was 1000; since then 3000 (kernel/sysctl.c).
    [[nodiscard]] i64 max_watermark_scale_factor() const { return before(5, 16) ? 1000 : 3000; }
    // Since 6.16 (and in 6.12's stable series) a fallback first claims pageblocks, then steals single blocks.
    [[nodiscard]] bool fallback_by_mode() const { return since(6, 16) || in_series(6, 12); }
    // Since 6.7 a request is served at once while the zone is above its high watermark.
    [[nodiscard]] bool checks_high_watermark_first() const { return since(6, 7); }
    // Until 6.9 a page on a per-CPU list remembers the type that it was freed or refilled with, and goes back by that; since
    // then by its pageblock's (get_pcppage_migratetype, page->index).
    [[nodiscard]] bool pcp_remembers_type() const { return before(6, 9); }
    // Since 5.13 a request that finds its per-CPU list empty after the refill tries the buddy lists itself.
    [[nodiscard]] bool buddy_after_empty_pcp() const { return since(5, 13); }
    // Since 6.6 ZONE_MOVABLE gets the small fixed min watermark of highmem zones and does not count as low memory
    // (mm/page_alloc.c: __setup_per_zone_wmarks).
    [[nodiscard]] bool movable_has_small_min() const { return since(6, 6); }
    // Until 6.2 GFP_ATOMIC carried __GFP_ATOMIC, and that bit gave access to a quarter of the reserve (ALLOC_HARDER).
    [[nodiscard]] bool has_gfp_atomic_bit() const { return before(6, 2); }
    // Until 6.3 blocks are checked when they come from the buddy lists, to a request or to a per-CPU list
    // (check_new_pages, check_pcp_refill); since then only with check_pages.
    [[nodiscard]] bool checks_buddy_alloc() const { return before(6, 3) || check_pages; }
    [[nodiscard]] bool checks_pcp_refill() const { return before(6, 3); }
    [[nodiscard]] bool checks_pcp_alloc() const { return check_pages; }
    // Until 6.3 a block freed to the buddy lists is checked, and of one freed to a per-CPU list all pages but the first
    // (free_pages_prepare); the first is checked when the list is drained (bulkfree_pcp_prepare).
    [[nodiscard]] bool checks_buddy_free() const { return before(6, 3) || check_pages; }
    [[nodiscard]] bool checks_tails_on_free() const { return before(6, 3) || check_pages; }
    [[nodiscard]] bool checks_pcp_free() const { return check_pages; }
    [[nodiscard]] bool checks_pcp_drain() const { return before(6, 3); }
    // Since 5.16 put_page() drops a reference of a folio: __folio_put() frees it; before, __put_page().
    [[nodiscard]] bool has_folios() const { return since(5, 16); }
    // Since 5.19 alloc_contig_range() isolates the pageblocks of its range, and cuts free blocks at their border; before, whole
    // blocks of the highest order (mm/page_isolation.c: start_isolate_page_range).
    [[nodiscard]] bool isolates_pageblocks() const { return since(5, 19); }
    // Since 6.14 (and in 6.12's stable series) alloc_contig_range() refuses flags that it cannot follow.
    [[nodiscard]] bool contig_checks_gfp() const { return since(6, 14) || in_series(6, 12); }
    // The function that clears pages for init_on_free: since 6.1 kernel_init_pages().
    [[nodiscard]] bool inits_pages_by_new_name() const { return since(6, 1); }
    // Since 5.13 there is alloc_pages_bulk_array() (mm/page_alloc.c); since 6.10 the function behind it has another name.
    [[nodiscard]] bool has_bulk_alloc() const { return since(5, 13); }
    [[nodiscard]] bool names_bulk_noprof() const { return since(6, 10); }
    // Since 5.16 CMA blocks never merge with other types.
    [[nodiscard]] bool cma_merges_with_others() const { return before(5, 16); }

    // ---- memblock; where a release is 6.12, the change came between 6.1 and 6.12
    // Until then a list without regions counted one, of size 0 (mm/memblock.c: struct memblock, memblock_remove_region).
    [[nodiscard]] bool memblock_counts_dummy() const { return before(6, 12); }
    // A full list that may not double yet stops the kernel; before, the call failed (memblock_double_array).
    [[nodiscard]] bool memblock_panics_without_resize() const { return since(6, 12); }
    // debugfs tells node and flags of each region (memblock_debug_show).
    [[nodiscard]] bool memblock_text_has_nodes() const { return since(6, 12); }
    // memblock_free_all() gives reserved regions the node of the memory that they lie in (memmap_init_reserved_pages).
    [[nodiscard]] bool memblock_numbers_reserved() const { return since(6, 12); }
    // Since 5.16 memblock_free() takes a pointer, and memblock_phys_free() an address; before, memblock_free() took that.
    [[nodiscard]] bool has_memblock_phys_free() const { return since(5, 16); }

    // ---- texts; where a release is 6.1, the change came between 5.10 and 6.1
    // dump_page() tells the folio of a compound page.
    [[nodiscard]] bool dumps_folios() const { return since(6, 10); }
    // Since 5.13 a page's flags are printed with its node and zone (lib/vsprintf.c: format_page_flags).
    [[nodiscard]] bool names_zone_in_flags() const { return since(5, 13); }
    // The tracepoints: frame numbers in hex; node and accounting of every slab object, the cache of one that is freed; a column
    // for what keeps the task on its CPU.
    [[nodiscard]] bool traces_pfn_in_hex() const { return since(6, 1); }
    [[nodiscard]] bool traces_slab_node() const { return since(6, 1); }
    [[nodiscard]] bool traces_freed_cache() const { return since(6, 1); }
    [[nodiscard]] bool traces_migrate_disable() const { return since(6, 1); }
    // SLUB's reports: before, "INFO: " stood in front of what was found, and flags were a number alone.
    [[nodiscard]] bool slub_says_info() const { return before(6, 1); }

    // ---- slab allocators
    // SLAB went with 6.8 and SLOB with 6.4.
    [[nodiscard]] bool has_slab_and_slob() const { return before(6, 4); }
    // Since 6.10 init_on_free clears an object and what stands behind its free pointer; before, behind the object
    // (mm/slub.c: slab_free_hook).
    [[nodiscard]] bool clears_behind_info() const { return since(6, 10); }
    // Since 6.1 SLAB's kmalloc is SLUB's: caches up to two pages, larger sizes and off-slab index arrays by the common
    // functions (mm/slab_common.c).
    [[nodiscard]] bool slab_shares_kmalloc() const { return since(6, 1); }
    // Since 5.19 a track keeps a handle into the stack depot instead of 16 addresses (mm/slub.c: struct track).
    [[nodiscard]] bool tracks_full_stack() const { return before(5, 19); }
    // Since 6.1 a tracked kmalloc cache keeps the size that was asked for; since 6.2 its free pointer moves outside.
    [[nodiscard]] bool tracks_kmalloc_size() const { return since(6, 1); }
    [[nodiscard]] bool pointer_outside_tracked_kmalloc() const { return since(6, 2); }
    // Since 6.7 calculate_order() gives up waste before it gives up objects.
    [[nodiscard]] bool order_keeps_min_objects() const { return since(6, 7); }
    // Since 5.16 a CPU's partial list is limited by slabs; before, by an estimate of free objects.
    [[nodiscard]] bool cpu_partial_by_slabs() const { return since(5, 16); }
    // Since 5.12 deactivate_slab() splices the CPU's freelist in one piece; before, object by object, which turns it over.
    [[nodiscard]] bool deactivate_splices() const { return since(5, 12); }
    // Since 6.8 slabs on a CPU's partial list are not frozen.
    [[nodiscard]] bool cpu_partial_frozen() const { return before(6, 8); }
    // Since 6.12 a request for a node first tries that node alone, with a new slab if need be (___slab_alloc).
    [[nodiscard]] bool tries_wanted_node_first() const { return since(6, 12); }
    // Since 5.14 kmalloc has caches of its own for accounted objects (kmalloc-cg-*).
    [[nodiscard]] bool has_cgroup_kmalloc() const { return since(5, 14); }
    // Since 6.11 kmalloc-96 and -192 are aligned to 32 and 64, and stand before the powers of two in the list of caches.
    [[nodiscard]] bool kmalloc_align_by_divisor() const { return since(6, 11); }
    // Since 6.5 a caller may ask that its cache is never merged (SLAB_NO_MERGE).
    [[nodiscard]] bool has_slab_no_merge() const { return since(6, 5); }
    // Since 6.5 arm64 serves small kmalloc sizes by bouncing DMA that would share a line (ARCH_KMALLOC_MINALIGN 8).
    [[nodiscard]] bool small_kmalloc_on_arm64() const { return since(6, 5); }

    // Since 6.8 CONFIG_SLUB_STATS counts each object of a bulk on the fast paths; before, none that is taken and one a list
    // that is freed.
    [[nodiscard]] bool counts_bulk_objects() const { return since(6, 8); }
    // Until 6.8 a slab from the CPU's partial list counted as a refill, too (ALLOC_REFILL).
    [[nodiscard]] bool counts_cpu_partial_as_refill() const { return before(6, 8); }
    // Until 5.18 build_detached_freelist() left holes in the caller's array; since then it moves objects.
    [[nodiscard]] bool bulk_free_leaves_holes() const { return before(5, 18); }

    // ---- kfree_rcu (kernel/rcu/tree.c)
    // Since 6.3 kfree_rcu_monitor() frees at once what a grace period has passed over while it was collected.
    [[nodiscard]] bool frees_ready_rcu_objects() const { return since(6, 3); }
    // Since 6.12 kvfree_rcu_barrier() waits for all that kfree_rcu() was given, and kmem_cache_destroy() calls it first; before,
    // such objects remain in the cache that is destroyed (mm/slab_common.c).
    [[nodiscard]] bool has_kvfree_rcu_barrier() const { return since(6, 12); }
    // Since 6.12 kmem_cache_destroy() itself waits for the pages of a SLAB_TYPESAFE_BY_RCU cache; before, a worker did.
    [[nodiscard]] bool destroy_waits_for_rcu_slabs() const { return since(6, 12); }

    // ---- vmalloc (mm/vmalloc.c)
    // Since 5.12 lazily freed areas stand in a tree by address; before, on a stack (free_vmap_area_noflush).
    [[nodiscard]] bool sorts_lazy_areas() const { return since(5, 12); }
    // From 5.12 to 6.8 a lazily freed area merges with the lazy ones beside it; since then each stays as it was.
    [[nodiscard]] bool merges_lazy_areas() const { return since(5, 12) && before(6, 8); }
    // Since 5.17 the search for a hole adds the worst case of alignment only when the alignment is more than a page's.
    [[nodiscard]] bool pads_only_large_alignment() const { return since(5, 17); }
    // Since 6.3 an alignment that is no power of two is refused; before, BUG() (alloc_vmap_area).
    [[nodiscard]] bool refuses_bad_alignment() const { return since(6, 3); }
    // Since 6.3 vm_unmap_ram() of many pages where no area is warns; before, BUG().
    [[nodiscard]] bool unmap_ram_warns() const { return since(6, 3); }
    // Since 6.5 vm_unmap_aliases() flushes what is dirty in a block once, also in a block without a free page, and spares blocks
    // that have a quarter of their pages free (purge_fragmented_block).
    [[nodiscard]] bool flushes_dirty_blocks_once() const { return since(6, 5); }
    // Since 5.18 a caller may ask for huge pages behind an area (vmalloc_huge, VM_ALLOW_HUGE_VMAP), and kvmalloc() does.
    [[nodiscard]] bool has_vmalloc_huge() const { return since(5, 18); }
    // Since 5.13 vmalloc_to_page() looks into blocks; before, it warned and said NULL.
    [[nodiscard]] bool vmalloc_to_page_sees_blocks() const { return since(5, 13); }
    // Since 5.13 ioremap() and huge vmalloc() map by vmap_range_noflush() with vmap_try_huge_pmd(), vmalloc() by
    // vmap_pages_range(), and all unmap by vunmap_range_noflush(). Before, ioremap() had its own functions (lib/ioremap.c),
    // and the others were map_kernel_range_noflush() and unmap_kernel_range_noflush().
    [[nodiscard]] bool has_vmap_range() const { return since(5, 13); }
    // Since 5.14 vm_area_alloc_pages() takes the pages of an area; before, __vmalloc_area_node() itself.
    [[nodiscard]] bool has_vm_area_alloc_pages() const { return since(5, 14); }
    // "vmalloc error: size ..." with the reason, and no longer "vmalloc: allocation failure".
    [[nodiscard]] bool says_vmalloc_error() const { return since(5, 14); }
    // Before, __vmalloc_area_node() set __GFP_NOWARN for its pages and so for its own warnings, too: none was ever printed. 6.12
    // has it so, 6.1 has not.
    [[nodiscard]] bool vmalloc_warns_of_pages() const { return since(6, 12); }
    // alloc_vmap_area() names the range that it looked in; 6.1 advises vmalloc=<size> instead.
    [[nodiscard]] bool names_vmap_range() const { return since(6, 12); }
    // The function that ioremap() is on arm64: since 6.1 one of all architectures (mm/ioremap.c), whose name changed in 6.6.
    // kernel: __ioremap_caller, ioremap_prot, generic_ioremap_prot
    [[nodiscard]] bool has_generic_ioremap() const { return since(6, 1); }
    [[nodiscard]] bool has_generic_ioremap_prot() const { return since(6, 6); }
    // Since 6.1 arm64's ioremap() refuses 0 bytes before it adds the offset in the page (mm/ioremap.c); before, after it.
    [[nodiscard]] bool ioremap_checks_size_first() const { return since(6, 1); }

    // ---- kmap (mm/highmem.c)
    // Since 5.11 there is kmap_local_page(), and kmap_atomic() uses the same entries.
    [[nodiscard]] bool has_kmap_local() const { return since(5, 11); }
    // Since then the stack of entries has a limit that is always checked, and another order than last in, first out is warned of.
    [[nodiscard]] bool checks_kmap_depth() const { return since(5, 11); }
    // Fixmap entries of a CPU: KM_MAX_IDX; before 5.11 KM_TYPE_NR.
    [[nodiscard]] u32 kmap_slots_per_cpu() const { return before(5, 11) ? 20 : 16; }

    // ---- debugging of slabs (mm/slub.c, CONFIG_SLUB_DEBUG)
    // Since 6.1 a debugged cache takes one object from a slab that stays on its node's list, counts before it frees, and
    // may be validated alone; before, the whole slab was frozen and put back for each object, and any cache validated.
    [[nodiscard]] bool debug_takes_single_objects() const { return since(6, 1); }
    // Until 6.8 a freed object's free pointer was first set to NULL (slab_free_freelist_hook), before any check.
    [[nodiscard]] bool free_clears_pointer_first() const { return before(6, 8); }
    // Since 6.2 what a kmalloc request left of its object is a red zone too (check_object, init_object).
    [[nodiscard]] bool checks_kmalloc_redzone() const { return since(6, 2); }
    // Since 6.11 check_object() looks at every part; before, it stopped at the first damage.
    [[nodiscard]] bool checks_whole_object() const { return since(6, 11); }
    // Since 6.15 (and in 6.12's stable series, as 6.12.117) a report ends with a WARN: object_err(), __slab_err(). Where
    // bytes are wrong, one line tells them, and the object is reported for itself, "Object corrupt", before the repair.
    // What lies in a slab is told before the slab (slab_pad_check, list_slab_objects).
    [[nodiscard]] bool reports_warn() const { return since(6, 15) || in_series(6, 12); }
    // Since 6.13 (and in 6.12's stable series) nothing is freed into a slab that failed its checks at an allocation.
    [[nodiscard]] bool disables_failed_slabs() const { return since(6, 13) || in_series(6, 12); }
    // Since 5.18 kmem_cache_destroy() of a cache with objects is a WARN; before, a line (mm/slab_common.c).
    [[nodiscard]] bool warns_about_busy_cache() const { return since(5, 18); }
    // lib/slub_kunit.c counts the report that objects remain in a cache; since 6.12 each object that it lists, too.
    [[nodiscard]] bool counts_remaining_objects() const { return since(6, 12); }
    // Since 6.10 PG_slab is a page type, and PG_workingset marks slabs on a node's partial list.
    [[nodiscard]] bool slab_is_page_type() const { return since(6, 10); }
};

} // namespace mm
