#pragma once
// The page cache of mapped files and of shared memory: which frame has a page of an inode.
//
// Simplified: a page that comes from a disk is 0 until it is written. Mapped reads, pwrite and what recordings say fill the cache.
//   Pages of a file leave the cache with its last opening and mapping, since a path that is opened anew is another inode here; the
//   kernel keeps them until it needs the memory.
// Mirrors: mm/filemap.c, mm/shmem.c, mm/truncate.c (Linux 6.1).
#include "process/mm.h"

namespace mm {

inline constexpr u64 SPECIAL_INODE = ~0ull; // of no file: the kernel's own pages that processes map

// The inode's mapping of a file, made when nothing has asked for it yet.
[[nodiscard]] mapping_id mapping_of(process_memory& proc, file_id file);

// A struct file of it less. kernel: iput
void put_mapping(process_memory& proc, mapping_id mapping);

// PFN_NONE: it is not in the cache. kernel: filemap_get_folio
[[nodiscard]] pfn_t find_cached_page(const user_pages& user, mapping_id mapping, u64 index);
// A new page of zeroes. PFN_NONE: no memory, or the index is too high. kernel: filemap_add_folio
[[nodiscard]] pfn_t add_cached_page(mm_context& cx, mapping_id mapping, u64 index, bool dirty);
// As write() leaves it: in the cache, dirty. False: no memory.
[[nodiscard]] bool write_file_page(mm_context& cx, file_id file, u64 index, u8 value);

// Of all struct files of the inode.
void set_file_size(process_memory& proc, mapping_id mapping, u64 size);
// The file becomes longer or shorter; what is mapped of the pages that go is unmapped, private copies, too. kernel: truncate_setsize
void truncate_file(mm_context& cx, file_id file, u64 size);
// A hole in shared memory: pages that lie in it whole go. kernel: shmem_fallocate with FALLOC_FL_PUNCH_HOLE
void punch_hole(mm_context& cx, file_id file, u64 start, u64 length);
// As reclaim would: pages of the cache that this VMA alone maps between the two are unmapped, and clean ones leave the cache.
// kernel: reclaim_pages
void page_out(mm_context& cx, vma_id vma, u64 start, u64 end);
// Dirty pages of a file on a disk are written: entries become read-only and clean. kernel: msync's write-back, page_mkclean
void write_back_file(mm_context& cx, file_id file, u64 first_index, u64 pages);
// Pages of mappings that nobody uses any more. kernel: shmem_evict_inode
void free_unlinked_pages(mm_context& cx);

} // namespace mm
