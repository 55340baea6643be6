// Ranges: map_range(), unmap_range() and protect_range() go through the tables of each level in rows, the way of alloc_init_pud(),
// alloc_init_cont_pmd() and alloc_init_cont_pte() in arch/arm64/mm/mmu.c.
//
//   virt      │ 64 KiB │        2 MiB block         │  2 MiB block │ 64 KiB │ 4K │      level 0 rows at the ends, blocks
//             └ pages ─┴── level 1, by alignment ───┴──────────────┴─ contiguous ┘      where virt, phys and length agree
#include <algorithm>
#include <numeric>

#include "base/assert.h"
#include "mmu/arch_functions.h"
#include "mmu/events.h"
#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/page_table.h"

namespace mm {

namespace {

using ev = mmu_event;
using scope = CallScope<EventSink>;

struct Range {
    u64 virt, size;
    [[nodiscard]] u64 last() const { return virt + size - 1; } // inclusive: the end may be 2^64
    [[nodiscard]] bool covers(u64 start, u64 length) const {
        return start >= virt && start + (length - 1) <= last() && start + (length - 1) >= start;
    }
};

map_error check_range(const mmu_memory& mmu, space_id space, u64 virt, u64 size) {
    if (!mmu.has_space(space)) return map_error::no_space;
    if (size == 0) return map_error::empty;
    if ((virt | size) & (mmu.geometry().page_size() - 1)) return map_error::unaligned;
    const u64 last = virt + (size - 1);
    if (last < virt) return map_error::not_canonical;
    if (const map_error error = check_address(mmu, space, virt); error != map_error::none) return error;
    return check_address(mmu, space, last);
}

// Nothing is mapped by this table or any below it.
bool is_bare(EventSink& sink, const mmu_memory& mmu, table_id table) {
    const u8 level = mmu.tables[table].level;
    if (mmu.tables[table].nr_set == 0) return true;
    if (level == 0) return false;
    const u32 entries = mmu.geometry().entries(level);
    for (u32 i = 0; i < entries && !sink.spent(); ++i) {
        sink.charge(1);
        const pteval_t entry = mmu.entry(table, i);
        if (entry == 0) continue;
        const table_id below = mmu.table_below(entry, level);
        if (below == TABLE_NONE || !is_bare(sink, mmu, below)) return false;
    }
    return true;
}

// The function that writes leaves of a level. kernel: vmap_pmd_range and its like
mmu_fn function_of_row(map_path path, u8 level, const kernel_rules& rules) {
    static constexpr mmu_fn create[] = {mmu_fn::alloc_init_cont_pte, mmu_fn::alloc_init_cont_pmd,
                                        mmu_fn::alloc_init_pud};
    static constexpr mmu_fn vmap[] = {mmu_fn::vmap_pte_range, mmu_fn::vmap_try_huge_pmd, mmu_fn::vmap_try_huge_pud};
    static constexpr mmu_fn ioremap[] = {mmu_fn::ioremap_pte_range, mmu_fn::ioremap_try_huge_pmd,
                                         mmu_fn::ioremap_try_huge_pud};
    const u8 row = std::min<u8>(level, 2);
    if (path == map_path::create_pgd_mapping) return create[row];
    return rules.has_vmap_range() ? vmap[row] : ioremap[row];
}

mmu_fn function_of_path(map_path path) {
    if (path == map_path::ioremap_page_range) return mmu_fn::ioremap_page_range;
    return path == map_path::vmap_pages_range ? mmu_fn::vmap_pages_range : mmu_fn::create_pgd_mapping;
}

class Mapper {
  public:
    Mapper(mmu_context& cx, const map_request& request)
        : cx_(cx), mmu_(cx.mmu), request_(request), range_{request.virt, request.size} {}

    map_result run() {
        while (result_.bytes < request_.size && result_.error == map_error::none && !cx_.page.sink.spent()) step();
        return result_;
    }

  private:
    [[nodiscard]] u64 virt() const { return request_.virt + result_.bytes; }
    [[nodiscard]] phys_addr_t phys() const { return request_.phys + result_.bytes; }

    // The largest leaf that begins here.
    [[nodiscard]] u8 leaf_level() const {
        u8 level = 0;
        for (u8 at = 1; request_.blocks && at < mmu_.geometry().levels; ++at)
            if (mmu_.geometry().may_hold_block(at) && fits(mmu_.geometry().size(at)) && may_stand(at)) level = at;
        return level;
    }
    [[nodiscard]] bool fits(u64 size) const {
        return ((virt() | phys()) & (size - 1)) == 0 && request_.size - result_.bytes >= size;
    }
    // No table stands at this level with something in it.
    [[nodiscard]] bool may_stand(u8 level) const {
        table_id table = mmu_.spaces[request_.space].pgd;
        for (u8 at = mmu_.geometry().root(); at > level; --at) {
            const pteval_t entry = mmu_.entry(table, mmu_.geometry().index(at, virt()));
            if (entry == 0) return true;
            table = mmu_.table_below(entry, at);
            if (table == TABLE_NONE) return true; // a leaf: step() will find it
        }
        const pteval_t entry = mmu_.entry(table, mmu_.geometry().index(level, virt()));
        const table_id below = mmu_.table_below(entry, level);
        return below == TABLE_NONE || is_bare(cx_.page.sink, mmu_, below);
    }

    // One row of leaves of one table. The functions that write pages make the pte table themselves, those above it make theirs.
    void step() {
        const u8 level = leaf_level();
        const page_geometry& geometry = mmu_.geometry();
        const table_options options{request_.no_exec_tables, request_.path == map_path::create_pgd_mapping};
        table_id table = table_alloc(cx_, request_.space, virt(), std::max<u8>(level, 1), options);
        scope call(cx_.page.sink, function_of_row(request_.path, level, cx_.page.mem.rules));
        if (level == 0 && table != TABLE_NONE) table = table_alloc(cx_, request_.space, virt(), 0, options);
        if (table == TABLE_NONE) {
            give_up();
            return;
        }
        const u64 first_virt = virt();
        const phys_addr_t first_phys = phys();
        const u32 first = geometry.index(level, first_virt);
        u32 count = 0;
        bool contiguous = false;
        if (may_fill(table, level)) {
            contiguous = in_contiguous_row(table, 0, 0);
            fill_table(cx_, table, leaf_entry(mmu_.format, first_phys, request_.prot | (contiguous ? PTE_CONT : 0), 0));
            count = geometry.entries(0);
            result_.bytes += u64{count} << geometry.page_shift;
        }
        for (u32 index = first + count; index < geometry.entries(level) && result_.bytes < request_.size; ++index) {
            if (level > 0) {
                if (leaf_level() != level) break;
                // Tables that map nothing any more make room for a block.
                if (mmu_.table_below(mmu_.entry(table, index), level) != TABLE_NONE) free_bare_table(cx_, table, index);
            }
            if (mmu_.entry(table, index) != 0) {
                result_.error = map_error::mapped;
                break;
            }
            // A row ends where the contiguous bit changes, and pages end where a block can begin.
            const bool with = in_contiguous_row(table, index, level);
            if (count > 0 && with != contiguous) break;
            if (level == 0 && count > 0 && leaf_level() > 0) break;
            contiguous = with;
            set_entry(cx_, table, index, leaf_entry(mmu_.format, phys(), request_.prot | (with ? PTE_CONT : 0), level));
            cx_.page.sink.charge(1);
            result_.bytes += geometry.size(level);
            ++count;
        }
        if (count > 0)
            cx_.page.sink.emit(ev::entries_set, geometry.name_index(level), first_virt, first_phys, count,
                               geometry.size(level), contiguous, mmu_.tables[table].pfn, mmu_.entry(table, first));
        else
            drop_unused(table);
    }

    // Tables that were made in vain. Only a process gives them back, in the way of unmap_region() after a failed mmap().
    void drop_unused(table_id table) {
        if (mmu_.spaces[request_.space].kernel) return;
        loose_tables loose;
        unlink_empty_tables(cx_, table, loose);
        if (loose.empty()) return;
        scope call(cx_.page.sink, mmu_fn::tlb_finish_mmu);
        flush_after_unlink(cx_, request_.space, loose);
        free_loose_tables(cx_, loose);
    }

    // All entries of the table are pages in a row, and their addresses need no other bits of the entry than the first's.
    [[nodiscard]] bool may_fill(table_id table, u8 level) const {
        const page_geometry& geometry = mmu_.geometry();
        const u64 size = geometry.size(0) << geometry.index_bits;
        return level == 0 && mmu_.arch().keeps_filled_tables && mmu_.tables[table].nr_set == 0 &&
               geometry.index(0, virt()) == 0 && request_.size - result_.bytes >= size &&
               (phys() ^ (phys() + (size - 1))) >> 48 == 0;
    }
    [[nodiscard]] bool in_contiguous_row(table_id table, u32 index, u8 level) const {
        const u32 row = mmu_.geometry().contiguous_entries(level);
        if (!request_.contiguous || row == 0) return false;
        const u64 size = mmu_.geometry().contiguous_size(level);
        const u64 start = virt() & ~(size - 1);
        if (((request_.virt ^ request_.phys) & (size - 1)) != 0 || !range_.covers(start, size)) return false;
        // The row's first entry decides for all: the whole row must be free then.
        const u32 begin = index / row * row;
        if (index != begin) return pte_cont(mmu_.format, mmu_.entry(table, begin));
        for (u32 i = begin; i < begin + row; ++i)
            if (!is_free(table, i, level)) return false;
        return true;
    }
    [[nodiscard]] bool is_free(table_id table, u32 index, u8 level) const {
        const pteval_t entry = mmu_.entry(table, index);
        if (entry == 0) return true;
        const table_id below = level > 0 ? mmu_.table_below(entry, level) : TABLE_NONE;
        return below != TABLE_NONE && is_bare(cx_.page.sink, mmu_, below);
    }

    // No table could be made: memory is out, or a block stands in the way.
    void give_up() {
        const walk_result way = walk(mmu_, request_.space, virt());
        result_.error =
            way.found || way.last().kind != descriptor_kind::none ? map_error::mapped : map_error::no_memory;
        if (way.nr_steps > 0) drop_unused(mmu_.table_at(way.last().table));
    }

    mmu_context& cx_;
    mmu_memory& mmu_;
    const map_request request_;
    const Range range_;
    map_result result_;
};

// Takes leaves away, or gives them another protection.
class Changer {
  public:
    Changer(mmu_context& cx, space_id space, Range range, std::optional<pgprot_t> prot, loose_tables& loose)
        : cx_(cx), mmu_(cx.mmu), space_(space), range_(range), prot_(prot), loose_(loose) {}

    map_result run() {
        u64 at = range_.virt;
        while (result_.error == map_error::none && !cx_.page.sink.spent()) {
            cx_.page.sink.charge(1);
            const u64 done = step(at);
            if (done == 0 || range_.last() - at < done) break;
            at += done;
        }
        // All leaves are gone before the first table goes. kernel: unmap_vmas, free_pgtables
        for (const table_id table : emptied_) unlink_empty_tables(cx_, table, loose_);
        return result_;
    }

  private:
    // Goes down to what maps `at`, changes a row there, and returns how many bytes it looked at, up to the end of the table.
    u64 step(u64 at) {
        const page_geometry& geometry = mmu_.geometry();
        table_id table = mmu_.spaces[space_].pgd;
        for (u8 level = geometry.root();; --level) {
            const u32 index = geometry.index(level, at);
            const pteval_t entry = mmu_.entry(table, index);
            const u64 to_next = geometry.size(level) - (at & (geometry.size(level) - 1));
            if (entry == 0) return to_next;
            const table_id below = level > 0 ? mmu_.table_below(entry, level) : TABLE_NONE;
            if (below != TABLE_NONE) {
                table = below;
                continue;
            }
            if (!range_.covers(at & ~(geometry.size(level) - 1), geometry.size(level))) {
                // Part of a block: what stays is mapped by smaller leaves.
                unfold(table, index, level);
                if (!split_block(cx_, table, index)) {
                    result_.error = map_error::no_memory;
                    return 0;
                }
                table = mmu_.table_below(mmu_.entry(table, index), level);
                continue;
            }
            return change_row(table, index, level, at);
        }
    }

    u64 change_row(table_id table, u32 first, u8 level, u64 at) {
        const page_geometry& geometry = mmu_.geometry();
        const page_table record = mmu_.tables[table];
        u32 count = 0;
        for (u32 index = first; index < geometry.entries(level); ++index) {
            const pteval_t entry = mmu_.entry(table, index);
            const u64 start = record.start + (u64{index} << geometry.shift(level));
            if (entry == 0 || !range_.covers(start, geometry.size(level))) break;
            if (level > 0 && mmu_.table_below(entry, level) != TABLE_NONE) break;
            unfold(table, index, level);
            set_entry(cx_, table, index, prot_ ? protected_entry(mmu_.entry(table, index), level) : 0);
            cx_.page.sink.charge(2);
            ++count;
        }
        result_.bytes += u64{count} << geometry.shift(level);
        if (prot_) {
            cx_.page.sink.emit(ev::entries_protected, geometry.name_index(level), at, count, record.pfn,
                               mmu_.entry(table, first));
        } else {
            cx_.page.sink.emit(ev::entries_cleared, geometry.name_index(level), at, count, record.pfn);
            if (!mmu_.spaces[space_].kernel && mmu_.tables[table].nr_set == 0) emptied_.push_back(table);
        }
        return u64{count} << geometry.shift(level);
    }

    [[nodiscard]] pteval_t protected_entry(pteval_t entry, u8 level) const {
        const pteval_t after = pte_modify(mmu_.format, entry, *prot_);
        return level > 0 ? pte_mkhuge(mmu_.format, after) : after;
    }

    // A contiguous row that is not changed as a whole loses the bit in all its entries: they are cleared, TLBs invalidated, then
    // written again, so that no TLB holds the row and one of its entries. kernel: contpte_convert (6.9)
    void unfold(table_id table, u32 index, u8 level) {
        if (!pte_cont(mmu_.format, mmu_.entry(table, index))) return;
        const page_geometry& geometry = mmu_.geometry();
        const u32 row = geometry.contiguous_entries(level);
        const u32 begin = index / row * row;
        const u64 start = mmu_.tables[table].start + (u64{begin} << geometry.shift(level));
        if (range_.covers(start, geometry.contiguous_size(level))) return;
        cx_.page.sink.charge(row);
        scope call(cx_.page.sink, mmu_fn::contpte_convert);
        std::vector<pteval_t> entries(row);
        for (u32 i = 0; i < row; ++i) {
            entries[i] = mmu_.entry(table, begin + i);
            set_entry(cx_, table, begin + i, 0);
        }
        cx_.page.sink.emit(ev::contiguous_broken, geometry.name_index(level), start, row, mmu_.tables[table].pfn);
        flush_leaves(cx_, space_, start, start + geometry.contiguous_size(level), level, true);
        for (u32 i = 0; i < row; ++i)
            if (entries[i] != 0) set_entry(cx_, table, begin + i, pte_mknoncont(mmu_.format, entries[i]));
        cx_.page.sink.emit(ev::contiguous_unfolded, geometry.name_index(level), start, row, mmu_.tables[table].pfn);
    }

    mmu_context& cx_;
    mmu_memory& mmu_;
    const space_id space_;
    const Range range_;
    const std::optional<pgprot_t> prot_; // nullopt: nothing is mapped any more
    loose_tables& loose_;
    std::vector<table_id> emptied_;
    map_result result_;
};

u32 tables_of(const mmu_memory& mmu, space_id space) {
    const auto& levels = mmu.spaces[space].nr_tables;
    return std::accumulate(levels.begin(), levels.end(), u32{0});
}

// How many tables a mapping has made, where it has made any.
void tell_tables(mmu_context& cx, space_id space, u64 virt, u64 size, u32 before) {
    const u32 made = tables_of(cx.mmu, space) - before;
    if (made > 0) cx.page.sink.emit(ev::tables_made, space, virt, size, made);
}

void tell_refusal(mmu_context& cx, space_id space, u64 virt, u64 size, const map_result& result) {
    if (result.error != map_error::none)
        cx.page.sink.emit(ev::map_refused, space, virt, size, result.error, result.bytes, -map_errno(result.error),
                          physical_bits(cx.mmu.format));
}

} // namespace

map_result map_range(mmu_context& cx, const map_request& request) {
    scope call(cx.page.sink, function_of_path(request.path));
    const mmu_memory& mmu = cx.mmu;
    map_result result;
    result.error = check_range(mmu, request.space, request.virt, request.size);
    if (result.error == map_error::none) {
        if (request.phys & (mmu.geometry().page_size() - 1)) result.error = map_error::unaligned;
        const phys_addr_t last = request.phys + (request.size - 1);
        if (last < request.phys || last >> physical_bits(mmu.format)) result.error = map_error::phys_too_high;
    }
    if (result.error == map_error::none) {
        cx.page.sink.emit(ev::map_begins, request.space, request.virt, request.phys, request.size, request.prot);
        const u32 before = tables_of(mmu, request.space);
        result = Mapper(cx, request).run();
        if (result.error == map_error::none && request.path == map_path::create_pgd_mapping)
            tell_tables(cx, request.space, request.virt, request.size, before);
    }
    tell_refusal(cx, request.space, request.virt, request.size, result);
    return result;
}

map_result map_pages(mmu_context& cx, space_id space, u64 virt, std::span<const pfn_t> pages, pgprot_t prot) {
    const mmu_memory& mmu = cx.mmu;
    const page_geometry& geometry = mmu.geometry();
    map_result result;
    const u64 size = u64{pages.size()} << geometry.page_shift;
    result.error = check_range(mmu, space, virt, size);
    const u32 before = result.error == map_error::none ? tables_of(mmu, space) : 0;
    for (std::size_t done = 0; done < pages.size() && result.error == map_error::none && !cx.page.sink.spent();) {
        const u64 at = virt + (u64{done} << geometry.page_shift);
        const table_id table = table_alloc(cx, space, at, 0);
        if (table == TABLE_NONE) {
            result.error = walk(mmu, space, at).found ? map_error::mapped : map_error::no_memory;
            break;
        }
        const u32 first = geometry.index(0, at);
        u32 index = first;
        for (; index < geometry.entries(0) && done < pages.size() && mmu.entry(table, index) == 0; ++index, ++done)
            set_entry(cx, table, index, pfn_pte(mmu.format, pages[done], prot));
        cx.page.sink.charge(index - first);
        result.bytes = u64{done} << geometry.page_shift;
        if (index > first)
            cx.page.sink.emit(ev::pages_mapped, at, index - first, mmu.tables[table].pfn, mmu.entry(table, first));
        if (index < geometry.entries(0) && done < pages.size()) result.error = map_error::mapped;
    }
    // What vmalloc() makes is told as its own.
    if (result.error == map_error::none && !mmu.spaces[space].kernel) tell_tables(cx, space, virt, size, before);
    tell_refusal(cx, space, virt, size, result);
    return result;
}

namespace {

map_result change_range(mmu_context& cx, space_id space, u64 virt, u64 size, std::optional<pgprot_t> prot,
                        loose_tables& loose) {
    map_result result;
    result.error = check_range(cx.mmu, space, virt, size);
    if (result.error == map_error::none) {
        if (prot) {
            cx.page.sink.emit(ev::protect_begins, space, virt, size, *prot);
        } else {
            cx.page.sink.emit(ev::unmap_begins, space, virt, size);
        }
        result = Changer(cx, space, {virt, size}, prot, loose).run();
    }
    if (result.error != map_error::none)
        cx.page.sink.emit(prot ? ev::protect_refused : ev::unmap_refused, space, virt, size, result.error, result.bytes,
                          -map_errno(result.error));
    return result;
}

} // namespace

map_result unmap_range(mmu_context& cx, space_id space, u64 virt, u64 size, loose_tables& loose) {
    const bool kernel = cx.mmu.has_space(space) && cx.mmu.spaces[space].kernel;
    scope call(cx.page.sink, !kernel                              ? mmu_fn::unmap_page_range
                             : cx.page.mem.rules.has_vmap_range() ? mmu_fn::vunmap_range_noflush
                                                                  : mmu_fn::unmap_kernel_range_noflush);
    return change_range(cx, space, virt, size, std::nullopt, loose);
}

map_result unmap_range(mmu_context& cx, space_id space, u64 virt, u64 size) {
    loose_tables loose;
    const map_result result = unmap_range(cx, space, virt, size, loose);
    MM_ASSERT(loose.empty() || !cx.mmu.tlb.up());
    free_loose_tables(cx, loose);
    return result;
}

map_result protect_range(mmu_context& cx, space_id space, u64 virt, u64 size, pgprot_t prot) {
    const bool kernel = cx.mmu.has_space(space) && cx.mmu.spaces[space].kernel;
    scope call(cx.page.sink, kernel ? cx.mmu.arch().functions->change_kernel_protection : mmu_fn::change_protection);
    loose_tables none; // protections leave tables where they are
    return change_range(cx, space, virt, size, prot, none);
}

} // namespace mm
