#include "process/page_cache.h"

#include <algorithm>
#include <vector>

#include "mmu/flush.h"
#include "physical/page_alloc.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/rmap.h"
#include "process/user_tables.h"
#include "process/vma_index.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = fault_event;

constexpr u32 FIRST_SLOTS = 1u << 10; // of the hash table

u32 home_of(u32 slots, mapping_id mapping, u64 index) {
    u64 key = (u64{mapping} << 32 | index) * 0x9e3779b97f4a7c15ull;
    key ^= key >> 29;
    return static_cast<u32>(key >> 16) & (slots - 1);
}

// The slot of the page, or the free one where it would stand.
u32 slot_of(const user_pages& user, mapping_id mapping, u64 index) {
    const u32 slots = user.cache.size();
    u32 slot = home_of(slots, mapping, index);
    while (user.cache[slot].mapping != 0 && (user.cache[slot].mapping != mapping || user.cache[slot].index != index))
        slot = (slot + 1) & (slots - 1);
    return slot;
}

// At most half of the slots are taken.
void make_room(mm_context& cx) {
    user_pages& user = cx.proc.user;
    const u32 slots = user.cache.size();
    if (slots != 0 && user.cached < slots / 2) return;
    CowArray<cache_slot, 7, 7> old = user.cache;
    user.cache = CowArray<cache_slot, 7, 7>(std::max(FIRST_SLOTS, 2 * slots));
    cx.sink.charge(slots);
    for (u32 i = 0; i < slots; ++i)
        if (const cache_slot page = old[i]; page.mapping != 0)
            user.cache.mut(slot_of(user, page.mapping, page.index)) = page;
}

// The slots behind it that would not be found any more move up.
void take_slot_out(user_pages& user, u32 hole) {
    const u32 slots = user.cache.size();
    for (u32 at = (hole + 1) & (slots - 1); user.cache[at].mapping != 0; at = (at + 1) & (slots - 1)) {
        const cache_slot page = user.cache[at];
        const u32 home = home_of(slots, page.mapping, page.index);
        if (((at - home) & (slots - 1)) < ((at - hole) & (slots - 1))) continue;
        user.cache.mut(hole) = page;
        hole = at;
    }
    user.cache.mut(hole) = cache_slot{};
}

// The page is the cache's no more. kernel: filemap_remove_folio
void remove_cached_page(mm_context& cx, pfn_t pfn) {
    user_pages& user = cx.proc.user;
    const user_page page = user.at(pfn);
    take_slot_out(user, slot_of(user, page.mapping, page.index));
    --user.cached;
    file_mapping& mapping = user.mappings.mut(page.mapping);
    --mapping.nrpages;
    if (page.prev != 0)
        user.mut(page.prev - 1).next = page.next;
    else
        mapping.first = page.next;
    if (page.next != 0) user.mut(page.next - 1).prev = page.prev;
    user_page& left = user.mut(pfn);
    left.mapping = 0;
    left.next = left.prev = 0;
    if (left.held == 0) left = user_page{};
    drop_user_reference(cx, pfn);
    free_pages(cx.pages->page, pfn, 0);
}

// Pages of the mapping with indices of [first, end), in their order.
std::vector<pfn_t> pages_of(mm_context& cx, mapping_id mapping, u64 first, u64 end) {
    const user_pages& user = cx.proc.user;
    std::vector<pfn_t> pages;
    for (pfn_t at = user.mappings[mapping].first; at != 0 && !cx.sink.spent(); at = user.at(at - 1).next) {
        const user_page page = user.at(at - 1);
        if (page.index >= first && page.index < end) pages.push_back(at - 1);
        cx.sink.charge(1);
    }
    std::sort(pages.begin(), pages.end(), [&](pfn_t a, pfn_t b) { return user.at(a).index < user.at(b).index; });
    return pages;
}

// What VMAs of any process map of the file's pages [first, end) is unmapped; `even_cows`: private copies, too.
// kernel: unmap_mapping_range
void unmap_file_range(mm_context& cx, mapping_id mapping, u64 first, u64 end, bool even_cows) {
    for (mm_id id = 0; id < cx.proc.mms_used && !cx.sink.spent(); ++id) {
        if (!cx.proc.mms[id].in_use || cx.proc.mms[id].space == 0) continue;
        mm_context other{cx.proc, id, cx.sink, cx.pages};
        cx.sink.charge(1 + cx.proc.mms[id].map_count);
        for (vma_id at = first_vma(other); at != VMA_NONE; at = next_vma(other, at)) {
            const vm_area_struct vma = other.vma(at);
            if (vma.vm_file == 0 || cx.proc.files[vma.vm_file].mapping != mapping) continue;
            const u64 last = vma.vm_pgoff + cx.proc.pages(vma);
            const u64 from = std::max(first, vma.vm_pgoff), to = std::min(end, last);
            if (from >= to) continue;
            const u64 start = vma.vm_start + ((from - vma.vm_pgoff) << cx.proc.page_shift);
            const u64 stop = vma.vm_start + ((to - vma.vm_pgoff) << cx.proc.page_shift);
            if (even_cows)
                zap_page_range(other, at, start, stop);
            else
                zap_file_pages(other, at, start, stop);
        }
    }
}

} // namespace

mapping_id mapping_of(process_memory& proc, file_id file) {
    const mapped_file opened = proc.files[file];
    if (opened.mapping != 0) return opened.mapping;
    user_pages& user = proc.user;
    mapping_id id = 0;
    if (!opened.unlinked)
        for (mapping_id at = 1; at < user.mappings_used && id == 0; ++at)
            if (const file_mapping& known = user.mappings[at];
                known.in_use && !known.unlinked && known.inode == opened.inode && known.device == opened.device)
                id = at;
    if (id == 0) {
        id = 1;
        while (id < user.mappings_used && user.mappings[id].in_use) ++id;
        if (id == user.mappings_used) ++user.mappings_used;
        if (id >= user.mappings.size()) user.mappings.grow(std::max(16u, 2 * user.mappings.size()));
        file_mapping made;
        made.inode = opened.inode;
        made.device = opened.device;
        made.in_use = true;
        made.shmem = opened.kind != file_kind::regular;
        made.unlinked = opened.unlinked;
        made.size = opened.size;
        user.mappings.mut(id) = made;
    }
    ++user.mappings.mut(id).files;
    proc.files.mut(file).mapping = id;
    return id;
}

namespace {

// Of an inode that nothing names or has open: it goes, at once if it has no pages.
void forget_mapping(process_memory& proc, mapping_id id) {
    file_mapping& mapping = proc.user.mappings.mut(id);
    if (mapping.nrpages == 0) {
        mapping = file_mapping{};
        return;
    }
    mapping.unlinked = true;
    ++proc.user.unlinked;
}

} // namespace

mapping_id find_inode(const process_memory& proc, name_id path) {
    for (mapping_id id = 1; id < proc.user.mappings_used; ++id)
        if (proc.user.mappings[id].path == path) return id;
    return 0;
}

file_id open_path(process_memory& proc, mapped_file file) {
    const mapping_id known = find_inode(proc, file.path);
    if (known == 0) {
        file.inode = file.kind == file_kind::dev_zero ? ZERO_INODE : ++proc.last_inode;
        file.device = file.kind == file_kind::regular ? DISK : file.kind == file_kind::dev_zero ? DEVTMPFS : TMPFS;
        const file_id made = open_file(proc, file);
        proc.user.mappings.mut(mapping_of(proc, made)).path = file.path;
        ++proc.nr_paths;
        return made;
    }
    file_mapping& inode = proc.user.mappings.mut(known);
    ++inode.files;
    file.mapping = known;
    file.inode = inode.inode;
    file.device = inode.device;
    file.size = inode.size;
    return open_file(proc, file);
}

void unlink_inode(mm_context& cx, mapping_id id) {
    process_memory& proc = cx.proc;
    const file_mapping inode = proc.user.mappings[id];
    proc.user.mappings.mut(id).path = NO_NAME;
    --proc.nr_paths;
    for (file_id file = 1; file < proc.files_used; ++file)
        if (proc.files[file].in_use && proc.files[file].mapping == id) proc.files.mut(file).unlinked = true;
    cx.sink.charge(proc.files_used);
    cx.sink.emit(ev::file_unlinked, inode.path, inode.inode, inode.files, inode.nrpages);
    if (inode.files > 0) return;
    forget_mapping(proc, id);
    free_unlinked_pages(cx);
}

void put_mapping(process_memory& proc, mapping_id id) {
    if (id == 0) return;
    file_mapping& mapping = proc.user.mappings.mut(id);
    if (--mapping.files == 0 && mapping.path == NO_NAME) forget_mapping(proc, id);
}
pfn_t find_cached_page(const user_pages& user, mapping_id mapping, u64 index) {
    if (user.cached == 0 || index > 0xffffffffu) return PFN_NONE;
    const cache_slot slot = user.cache[slot_of(user, mapping, index)];
    return slot.mapping == 0 ? PFN_NONE : slot.pfn;
}

namespace {

// The frame, which is held, becomes the page.
void enter_cache(mm_context& cx, mapping_id mapping, u64 index, pfn_t pfn, bool dirty) {
    make_room(cx);
    user_pages& user = cx.proc.user;
    user.cache.mut(slot_of(user, mapping, index)) = {mapping, static_cast<u32>(index), pfn};
    ++user.cached;
    file_mapping& cached = user.mappings.mut(mapping);
    user_page page;
    page.kind = cached.shmem ? user_page_kind::shmem : user_page_kind::file;
    page.mapping = mapping;
    page.index = static_cast<u32>(index);
    page.next = cached.first;
    page.set(user_page::DIRTY, dirty);
    if (cached.first != 0) user.mut(cached.first - 1).prev = pfn + 1;
    cached.first = pfn + 1;
    ++cached.nrpages;
    user.mut(pfn) = page;
    add_user_reference(cx, pfn);
}

} // namespace

pfn_t add_cached_page(mm_context& cx, mapping_id mapping, u64 index, bool dirty) {
    if (index > 0xffffffffu || !user_pages_ready(cx)) return PFN_NONE;
    const pfn_t pfn = alloc_pages(cx.pages->page, {0, GFP_HIGHUSER_MOVABLE});
    if (pfn != PFN_NONE) enter_cache(cx, mapping, index, pfn, dirty);
    return pfn;
}

pfn_t add_kernel_page(mm_context& cx, mapping_id mapping, u64 index) {
    if (cx.proc.user.image_pfn == PFN_NONE) return add_cached_page(cx, mapping, index, false);
    const pfn_t pfn = cx.proc.user.image_pfn + static_cast<pfn_t>(index);
    enter_cache(cx, mapping, index, pfn, false);
    return pfn;
}

bool write_file_page(mm_context& cx, file_id file, u64 index, u8 value) {
    const mapping_id mapping = mapping_of(cx.proc, file);
    pfn_t pfn = find_cached_page(cx.proc.user, mapping, index);
    if (pfn == PFN_NONE) pfn = add_cached_page(cx, mapping, index, true);
    if (pfn == PFN_NONE) return false;
    user_page& page = cx.proc.user.mut(pfn);
    page.set(user_page::DIRTY);
    page.value = value;
    return true;
}

void set_file_size(process_memory& proc, mapping_id mapping, u64 size) {
    proc.user.mappings.mut(mapping).size = size;
    for (file_id id = 1; id < proc.files_used; ++id)
        if (proc.files[id].in_use && proc.files[id].mapping == mapping) proc.files.mut(id).size = size;
}

void truncate_file(mm_context& cx, file_id file, u64 size) {
    CallScope scope(cx.sink, process_fn::truncate_pagecache);
    const mapping_id mapping = mapping_of(cx.proc, file);
    const u64 old = cx.proc.user.mappings[mapping].size;
    set_file_size(cx.proc, mapping, size);
    cx.sink.charge(cx.proc.files_used);
    const u64 first = cx.proc.page_align(size) >> cx.proc.page_shift;
    std::vector<pfn_t> gone;
    if (size < old && cx.pages != nullptr) {
        unmap_file_range(cx, mapping, first, ~u64{0}, true);
        gone = pages_of(cx, mapping, first, ~u64{0});
        for (const pfn_t pfn : gone) remove_cached_page(cx, pfn);
    }
    cx.sink.emit(ev::file_resized, old, size, gone.size());
}

void punch_hole(mm_context& cx, file_id file, u64 start, u64 length) {
    CallScope scope(cx.sink, process_fn::truncate_pagecache);
    const mapping_id mapping = mapping_of(cx.proc, file);
    const u64 first = cx.proc.page_align(start) >> cx.proc.page_shift, end = (start + length) >> cx.proc.page_shift;
    if (first >= end) return;
    unmap_file_range(cx, mapping, first, end, false);
    const std::vector<pfn_t> gone = pages_of(cx, mapping, first, end);
    for (const pfn_t pfn : gone) remove_cached_page(cx, pfn);
    const u64 size = cx.proc.user.mappings[mapping].size;
    cx.sink.emit(ev::file_resized, size, size, gone.size());
}

void page_out(mm_context& cx, vma_id id, u64 start, u64 end) {
    const vm_area_struct vma = cx.vma(id);
    if (!has_tables(cx) || vma.vm_file == 0) return;
    // Whose page cache may not be written may not be emptied either. kernel: can_do_pageout
    if (!cx.mm().privileged && !cx.proc.files[vma.vm_file].writable) return;
    u64 unmapped = 0, dropped = 0;
    for (u64 at = start; at < end && !cx.sink.spent(); at += cx.proc.page_size()) {
        cx.sink.charge(1);
        const mapped_page there = page_at_address(cx.proc, cx.pages->mmu, cx.pages->page.mem, cx.id, at);
        const bool cached = there.kind == mapped_page::page_kind::file || there.kind == mapped_page::page_kind::shmem;
        if (!cached || there.mapcount != 1 || !cx.proc.user.at(there.pfn).in_cache()) continue;
        zap_file_pages(cx, id, at, at + cx.proc.page_size());
        ++unmapped;
        if (cx.proc.user.at(there.pfn).has(user_page::DIRTY)) continue;
        remove_cached_page(cx, there.pfn);
        ++dropped;
    }
    if (unmapped > 0) cx.sink.emit(ev::pages_reclaimed, start, end, unmapped, dropped);
}

void write_back_file(mm_context& cx, file_id file, u64 first_index, u64 pages) {
    if (cx.pages == nullptr || cx.proc.files[file].kind != file_kind::regular) return;
    CallScope scope(cx.sink, process_fn::page_mkclean);
    const mapping_id mapping = mapping_of(cx.proc, file);
    mmu_context& mmu = *cx.pages;
    const pte_format& format = mmu.mmu.format;
    u32 written = 0;
    u32 cleaned = 0;
    for (const pfn_t pfn : pages_of(cx, mapping, first_index, first_index + pages)) {
        bool dirty = cx.proc.user.at(pfn).has(user_page::DIRTY);
        for (const frame_mapping& at : rmap_walk(cx.proc.user, pfn)) {
            const auto space = static_cast<space_id>(cx.proc.mms[at.mm].space);
            const table_slot slot = find_slot(mmu.mmu, space, at.address);
            cx.sink.charge(1);
            if (!pte_dirty(format, slot.entry) && !pte_write(format, slot.entry)) continue;
            dirty = dirty || pte_dirty(format, slot.entry);
            set_entry(mmu, slot.table, slot.index, pte_mkclean(format, pte_wrprotect(format, slot.entry)));
            flush_tlb_page(mmu, space, at.address);
            ++cleaned;
        }
        cx.proc.user.mut(pfn).set(user_page::DIRTY, false);
        written += dirty;
    }
    cx.sink.emit(ev::file_written_back, first_index, pages, written, cleaned);
}

void free_unlinked_pages(mm_context& cx) {
    user_pages& user = cx.proc.user;
    if (user.unlinked == 0 || cx.pages == nullptr) return;
    for (mapping_id id = 1; id < user.mappings_used && user.unlinked > 0 && !cx.sink.spent(); ++id) {
        cx.sink.charge(1);
        const file_mapping mapping = user.mappings[id];
        if (!mapping.in_use || !mapping.unlinked || mapping.files > 0) continue;
        const std::vector<pfn_t> pages = pages_of(cx, id, 0, ~u64{0});
        for (const pfn_t pfn : pages) remove_cached_page(cx, pfn);
        user.mappings.mut(id) = file_mapping{};
        --user.unlinked;
        cx.sink.emit(ev::inode_evicted, mapping.inode, pages.size());
    }
}

} // namespace mm
