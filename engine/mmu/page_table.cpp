#include "mmu/page_table.h"

#include <algorithm>
#include <functional>

#include "base/assert.h"
#include "mmu/arch_functions.h"
#include "mmu/boot_frames.h"
#include "mmu/events.h"
#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/kept_table.h"
#include "physical/page_alloc.h"

namespace mm {

mmu_memory::mmu_memory() = default;
mmu_memory::~mmu_memory() = default;
mmu_memory::mmu_memory(const mmu_memory&) = default;
mmu_memory::mmu_memory(mmu_memory&&) noexcept = default;
mmu_memory& mmu_memory::operator=(const mmu_memory&) = default;
mmu_memory& mmu_memory::operator=(mmu_memory&&) noexcept = default;

namespace {

using ev = mmu_event;
using scope = CallScope<EventSink>;

// kernel: GFP_PGTABLE_KERNEL, GFP_PGTABLE_USER
gfp_t table_gfp(bool kernel) { return GFP_KERNEL | GFP_BIT_ZERO | (kernel ? 0 : GFP_BIT_ACCOUNT); }

// A record for the empty table in this frame. A fresh one takes memory for all its entries, two units each.
table_id add_record(mmu_context& cx, const page_table& table) {
    mmu_memory& mmu = cx.mmu;
    table_id id = mmu.free_record;
    if (id == TABLE_NONE) {
        cx.page.sink.charge(u64{2} << mmu.geometry().index_bits);
        id = mmu.nr_records++;
        mmu.tables.grow(mmu.nr_records);
        mmu.entries.grow(mmu.nr_records << mmu.geometry().index_bits);
    } else {
        mmu.free_record = mmu.tables[id].parent;
    }
    mmu.tables.mut(id) = table;
    mmu.table_of.mut(table.pfn - mmu.base_pfn) = id + 1;
    ++mmu.spaces[table.space].nr_tables[table.level];
    return id;
}

// A frame for a table. kernel: __get_free_page; early_pgtable_alloc while it boots
pfn_t take_frame(mmu_context& cx, bool kernel) {
    if (!cx.boot) return alloc_pages(cx.page, {0, table_gfp(kernel), -1});
    const pfn_t pfn = cx.boot->take();
    // Frames behind the memory have a place in the index, too.
    if (pfn - cx.mmu.base_pfn >= cx.mmu.table_of.size()) cx.mmu.table_of.grow(pfn - cx.mmu.base_pfn + 1);
    return pfn;
}

// Does the kernel set PageTable? Of pte tables for processes only, never of a pgd; of puds since 6.8.
// kernel: pgtable_pte_page_ctor, pgtable_pmd_page_ctor, pagetable_pud_ctor
bool has_table_constructor(const mmu_memory& mmu, u8 level, bool kernel) {
    if (level == mmu.geometry().root()) return false;
    if (level == 0) return !kernel;
    return level == 1 || mmu.format.rules.constructs_pud();
}

// `given`: its frame; PFN_NONE: one is taken.
table_id new_table(mmu_context& cx, space_id space, u8 level, u64 start, pfn_t given = PFN_NONE) {
    mmu_memory& mmu = cx.mmu;
    const u32 most = (1u << (32 - mmu.geometry().index_bits)) - 1;
    const bool room = mmu.free_record != TABLE_NONE || mmu.nr_records < most;
    const pfn_t pfn = !room ? PFN_NONE : given != PFN_NONE ? given : take_frame(cx, mmu.spaces[space].kernel);
    if (pfn == PFN_NONE) {
        cx.page.sink.emit(ev::table_no_memory, mmu.geometry().name_index(level), start);
        return TABLE_NONE;
    }
    page_table table;
    table.pfn = pfn;
    table.level = level;
    table.space = space;
    table.start = start;
    table.stamp = cx.page.step;
    table.boot = cx.boot != nullptr;
    if (!table.boot) cx.page.mem.page_mut(pfn).set_table(has_table_constructor(mmu, level, mmu.spaces[space].kernel));
    return add_record(cx, table);
}

// First address that a pgd translates.
u64 first_address(const mmu_memory& mmu, bool kernel) {
    return kernel && mmu.arch().two_roots ? ~0ull << mmu.geometry().va_bits : 0;
}

// The empty table is no table any more. The entry above it is the caller's.
loose_table drop_record(mmu_memory& mmu, table_id id) {
    const page_table table = mmu.tables[id];
    MM_ASSERT(table.nr_set == 0);
    --mmu.spaces[table.space].nr_tables[table.level];
    mmu.table_of.mut(table.pfn - mmu.base_pfn) = 0;
    page_table& record = mmu.tables.mut(id);
    record = page_table{};
    record.parent = mmu.free_record;
    mmu.free_record = id;
    return {table.pfn, table.level, table.start, table.boot};
}

// kernel: __tlb_remove_table, pgd_free. What boot made a table of stays.
void free_table_page(mmu_context& cx, const loose_table& table) {
    if (table.boot) return;
    cx.page.mem.page_mut(table.pfn).clear_table();
    free_pages(cx.page, table.pfn, 0);
}

// Takes the entry that names the empty table away. kernel: pmd_clear, pte_free_tlb
void unlink_table(mmu_context& cx, table_id id, loose_tables& loose) {
    const page_table table = cx.mmu.tables[id];
    set_entry(cx, table.parent, table.index, 0);
    loose.push_back(drop_record(cx.mmu, id));
    cx.page.sink.emit(ev::table_unlinked, cx.mmu.geometry().name_index(table.level), table.start, table.pfn);
}

// Every leaf in this table and those below it. kernel: unmap_vmas. False: the op's work was spent before they were gone.
bool clear_leaves(mmu_context& cx, table_id id) {
    mmu_memory& mmu = cx.mmu;
    const page_table table = mmu.tables[id];
    const u32 entries = mmu.geometry().entries(table.level);
    const auto tell = [&](u32 end, u32 count) {
        const u64 start = table.start + (u64{end - count} << mmu.geometry().shift(table.level));
        if (count > 0)
            cx.page.sink.emit(ev::entries_cleared, mmu.geometry().name_index(table.level), start, count, table.pfn);
    };
    u32 row = 0, left = table.nr_set; // leaves cleared one after another; entries that are still to come
    cx.page.sink.charge(entries);
    u32 i = 0;
    for (; left > 0; ++i) {
        if (cx.page.sink.spent()) return false;
        const pteval_t entry = mmu.entry(id, i);
        left -= entry != 0;
        const table_id below = table.level > 0 ? mmu.table_below(entry, table.level) : TABLE_NONE;
        if (entry != 0 && below == TABLE_NONE) {
            set_entry(cx, id, i, 0);
            ++row;
            continue;
        }
        tell(i, row);
        row = 0;
        if (below != TABLE_NONE && !clear_leaves(cx, below)) return false;
    }
    tell(i, row);
    return true;
}

// Calls visit(table) for each table below this one, those further down first, until the op's work is spent.
template <class Visit>
void each_table_below(mmu_context& cx, table_id id, Visit&& visit) {
    const u8 level = cx.mmu.tables[id].level;
    if (level == 0) return;
    const u32 entries = cx.mmu.geometry().entries(level);
    u32 left = cx.mmu.tables[id].nr_set; // visit() may take away what was passed
    cx.page.sink.charge(entries);
    for (u32 i = 0; left > 0 && !cx.page.sink.spent(); ++i) {
        const pteval_t entry = cx.mmu.entry(id, i);
        left -= entry != 0;
        const table_id below = cx.mmu.table_below(entry, level);
        if (below == TABLE_NONE) continue;
        each_table_below(cx, below, visit);
        if (!cx.page.sink.spent()) visit(below);
    }
}

// A table that maps nothing gives way to a block: what each such function of the kernel does.
void free_one_bare_table(mmu_context& cx, table_id id) {
    mmu_memory& mmu = cx.mmu;
    const page_table table = mmu.tables[id];
    const bool kernel = mmu.spaces[table.space].kernel;
    scope call(cx.page.sink, !kernel           ? mmu_fn::pmdp_collapse_flush
                             : table.level > 0 ? mmu_fn::pud_free_pmd_page
                                               : mmu_fn::pmd_free_pte_page);
    loose_tables loose;
    unlink_table(cx, id, loose);
    if (kernel)
        flush_tlb_kernel_pgtable(cx, table.start);
    else
        flush_after_unlink(cx, table.space, loose);
    free_loose_tables(cx, loose);
}

// The entries of a table that had only the first one.
void store_entries(mmu_context& cx, table_id table) {
    mmu_memory& mmu = cx.mmu;
    const u32 entries = mmu.geometry().entries(0);
    cx.page.sink.charge(entries);
    for (u32 i = 0; i < entries; ++i) {
        const pteval_t entry = mmu.entry(table, i);
        mmu.entries.mut(mmu.entry_slot(table, i)) = entry;
    }
    mmu.tables.mut(table).fill = 0;
}

// The function that makes a table of this level.
mmu_fn table_maker(u8 level, bool kernel, table_options options) {
    if (options.pgtable_alloc) return mmu_fn::pgd_pgtable_alloc;
    if (level == 0) return kernel ? mmu_fn::pte_alloc_kernel : mmu_fn::pte_alloc;
    return level == 1 ? mmu_fn::pmd_alloc : mmu_fn::pud_alloc;
}

// The entry for a table below this one, which has none yet.
table_id add_table(mmu_context& cx, table_id above, u32 index, table_options options) {
    mmu_memory& mmu = cx.mmu;
    const page_table parent = mmu.tables[above];
    scope call(cx.page.sink, table_maker(static_cast<u8>(parent.level - 1), mmu.spaces[parent.space].kernel, options));
    const u64 start = parent.start + (u64{index} << mmu.geometry().shift(parent.level));
    const auto level = static_cast<u8>(parent.level - 1);
    const table_id id = new_table(cx, parent.space, level, start);
    if (id == TABLE_NONE) return TABLE_NONE;
    mmu.tables.mut(id).parent = above;
    mmu.tables.mut(id).index = index;
    const pfn_t pfn = mmu.tables[id].pfn;
    const bool kernel = mmu.spaces[parent.space].kernel;
    const phys_addr_t phys = phys_addr_t{pfn} << mmu.geometry().page_shift;
    const pteval_t entry = table_entry(mmu.format, phys, parent.level, kernel, options.no_exec);
    set_entry(cx, above, index, entry);
    cx.page.sink.emit(ev::table_allocated, mmu.geometry().name_index(level), start, pfn, parent.pfn, index, entry);
    return id;
}

} // namespace

std::optional<pte_format> pte_format_of(const machine_profile& profile) {
    const arch_rules* arch = arch_rules_of(profile.arch);
    if (!arch) return std::nullopt;
    return pte_format{arch->functions->kernel_geometry(profile), {profile.kernel}};
}

void mmu_init(mmu_memory& mmu, const pte_format& format, const physical_memory& mem) {
    MM_ASSERT(format.geometry.page_shift == mem.page_shift);
    mmu.format = format;
    mmu.base_pfn = mem.base_pfn;
    mmu.table_of = CowArray<u32>(mem.end_pfn - mem.base_pfn);
    if (format.arch().has_segments) mmu.gdt = gdt_of(linux_segments());
    mmu.up = true;
}

std::string_view map_error_text(map_error error) {
    static constexpr std::string_view texts[] = {
        "done",
        "there is no such address space",
        "0 bytes",
        "not a whole number of pages",
        "no table translates such addresses",
        "the address belongs to the other half of the address space",
        "the physical address does not fit an entry",
        "something is mapped there",
        "no page for a table",
    };
    return texts[static_cast<std::size_t>(error)];
}

int map_errno(map_error error) {
    static constexpr int numbers[] = {0, -22, -22, -22, -14, -14, -22, -16, -12};
    return numbers[static_cast<std::size_t>(error)];
}

map_error check_address(const mmu_memory& mmu, space_id space, u64 address) {
    if (!mmu.has_space(space)) return map_error::no_space;
    const bool kernel = mmu.spaces[space].kernel;
    const address_half half = half_of(mmu.geometry(), address);
    if (half == address_half::none) return map_error::not_canonical;
    return is_kernel_address(mmu.geometry(), address) == kernel ? map_error::none : map_error::wrong_half;
}

space_id create_space(mmu_context& cx, bool kernel) {
    scope call(cx.page.sink, mmu_fn::pgd_alloc);
    mmu_memory& mmu = cx.mmu;
    MM_ASSERT(mmu.up);
    const bool reused = !mmu.free_spaces.empty();
    const auto space = reused ? mmu.free_spaces.front() : static_cast<space_id>(mmu.spaces.size());
    if (space >= MAX_SPACES) return SPACE_NONE;
    if (!reused) {
        mmu.spaces.emplace_back();
        mmu.free_spaces.push_back(space); // until it has a table
    }
    mmu.spaces[space] = address_space{TABLE_NONE, kernel, {}, 0};
    const u8 root = mmu.geometry().root();
    const table_id pgd = new_table(cx, space, root, first_address(mmu, kernel));
    if (pgd == TABLE_NONE) return SPACE_NONE;
    mmu.spaces[space].pgd = pgd;
    std::pop_heap(mmu.free_spaces.begin(), mmu.free_spaces.end(), std::greater<>());
    mmu.free_spaces.pop_back();
    if (kernel && mmu.kernel_space == SPACE_NONE) mmu.kernel_space = space;
    const u64 size = mmu.geometry().table_bytes(root);
    const bool shared = !kernel && size < mmu.geometry().page_size(); // the kernel's own is part of its image
    cx.page.sink.emit(ev::pgd_allocated, space, mmu.tables[pgd].pfn, mmu.geometry().entries(root), kernel, size,
                      shared);
    return space;
}

void destroy_space(mmu_context& cx, space_id space) {
    mmu_memory& mmu = cx.mmu;
    MM_ASSERT(mmu.has_space(space));
    const table_id pgd = mmu.spaces[space].pgd;
    loose_tables loose;
    {
        scope call(cx.page.sink, mmu_fn::exit_mmap);
        const bool maps = mmu.tables[pgd].nr_set > 0;
        {
            scope unmap(cx.page.sink, mmu_fn::unmap_page_range);
            if (!clear_leaves(cx, pgd)) return;
        }
        {
            scope tables(cx.page.sink, mmu_fn::free_pgtables);
            each_table_below(cx, pgd, [&](table_id table) { unlink_table(cx, table, loose); });
        }
        scope finish(cx.page.sink, mmu_fn::tlb_finish_mmu);
        if (maps) flush_whole_space(cx, space);
        free_loose_tables(cx, loose);
    }
    scope call(cx.page.sink, mmu_fn::pgd_free);
    if (cx.page.sink.spent()) return;
    const loose_table last = drop_record(mmu, pgd);
    mmu.spaces[space] = address_space{};
    mmu.free_spaces.push_back(space);
    std::push_heap(mmu.free_spaces.begin(), mmu.free_spaces.end(), std::greater<>());
    if (mmu.kernel_space == space) mmu.kernel_space = SPACE_NONE;
    free_table_page(cx, last);
    cx.page.sink.emit(ev::pgd_freed, space, last.pfn);
}

void fill_table(mmu_context& cx, table_id table, pteval_t first) {
    page_table& record = cx.mmu.tables.mut(table);
    MM_ASSERT(record.level == 0 && record.nr_set == 0 && first != 0);
    record.fill = first;
    record.nr_set = cx.mmu.geometry().entries(0);
    record.stamp = cx.page.step;
}

void set_entry(mmu_context& cx, table_id table, u32 index, pteval_t entry) {
    mmu_memory& mmu = cx.mmu;
    if (mmu.tables[table].fill != 0) store_entries(cx, table);
    pteval_t& slot = mmu.entries.mut(mmu.entry_slot(table, index));
    const bool was_set = slot != 0;
    slot = entry;
    page_table& record = mmu.tables.mut(table);
    record.nr_set += static_cast<u32>(entry != 0) - static_cast<u32>(was_set);
    record.stamp = cx.page.step;
}

table_id table_alloc(mmu_context& cx, space_id space, u64 address, u8 level, table_options options) {
    const mmu_memory& mmu = cx.mmu;
    MM_ASSERT(check_address(mmu, space, address) == map_error::none);
    table_id table = mmu.spaces[space].pgd;
    for (u8 at = mmu.geometry().root(); at > level; --at) {
        const u32 index = mmu.geometry().index(at, address);
        const pteval_t entry = mmu.entry(table, index);
        table = entry == 0 ? add_table(cx, table, index, options) : mmu.table_below(entry, at);
        if (table == TABLE_NONE) return TABLE_NONE;
    }
    return table;
}

void unlink_empty_tables(mmu_context& cx, table_id lowest, loose_tables& loose) {
    scope call(cx.page.sink, mmu_fn::free_pgtables);
    while (lowest != TABLE_NONE) {
        const page_table table = cx.mmu.tables[lowest];
        if (table.nr_set > 0 || table.parent == TABLE_NONE) return;
        unlink_table(cx, lowest, loose);
        lowest = table.parent;
    }
}

namespace {

struct FreedRange {
    u64 start, end, floor, ceiling;
};

// The tables below this one.
void free_below(mmu_context& cx, table_id id, const FreedRange& range, loose_tables& loose) {
    const page_geometry& geometry = cx.mmu.geometry();
    const page_table table = cx.mmu.tables[id];
    const u64 size = geometry.size(table.level);
    const u32 entries = geometry.entries(table.level), shift = geometry.shift(table.level);
    const auto index_of = [&](u64 address) {
        return address <= table.start ? 0 : std::min<u64>((address - table.start + size - 1) >> shift, entries);
    };
    auto index = static_cast<u32>(range.start <= table.start ? 0 : (range.start - table.start) >> shift);
    const auto end = static_cast<u32>(index_of(range.end));
    if (index >= end) return;
    cx.page.sink.charge(end - index);
    for (; index < end && cx.mmu.tables[id].nr_set > 0 && !cx.page.sink.spent(); ++index) {
        const u64 start = table.start + index * size;
        const table_id below = cx.mmu.table_below(cx.mmu.entry(id, index), table.level);
        if (below == TABLE_NONE) continue;
        if (table.level > 1) free_below(cx, below, range, loose);
        const bool alone = start >= range.floor && (range.ceiling == 0 || start + size <= range.ceiling);
        if (alone && cx.mmu.tables[below].nr_set == 0) unlink_table(cx, below, loose);
    }
}

} // namespace

void free_pgd_range(mmu_context& cx, space_id space, u64 start, u64 end, u64 floor, u64 ceiling, loose_tables& loose) {
    scope call(cx.page.sink, mmu_fn::free_pgtables);
    free_below(cx, cx.mmu.spaces[space].pgd, {start, end, floor, ceiling}, loose);
}

void free_loose_tables(mmu_context& cx, loose_tables& loose) {
    for (const loose_table& table : loose) {
        free_table_page(cx, table);
        cx.page.sink.emit(ev::table_freed, cx.mmu.geometry().name_index(table.level), table.start, table.pfn);
    }
    loose.clear();
}

void free_bare_table(mmu_context& cx, table_id above, u32 index) {
    const table_id below = cx.mmu.table_below(cx.mmu.entry(above, index), cx.mmu.tables[above].level);
    MM_ASSERT(below != TABLE_NONE);
    each_table_below(cx, below, [&](table_id table) { free_one_bare_table(cx, table); });
    if (!cx.page.sink.spent()) free_one_bare_table(cx, below);
}

bool split_block(mmu_context& cx, table_id above, u32 index) { return split_block_into(cx, above, index, PFN_NONE); }

bool split_block_into(mmu_context& cx, table_id above, u32 index, pfn_t frame) {
    mmu_memory& mmu = cx.mmu;
    const page_table parent = mmu.tables[above];
    const bool kernel = mmu.spaces[parent.space].kernel;
    const bool breaks_first = mmu.arch().break_before_make || !kernel;
    scope call(cx.page.sink, breaks_first ? mmu_fn::split_huge_pmd : mmu_fn::split_large_page);
    const pteval_t block = mmu.entry(above, index);
    MM_ASSERT(parent.level > 0 && kind_of(mmu.format, block, parent.level) == descriptor_kind::block);
    const phys_addr_t phys = output_address(mmu.format, block, parent.level);
    const pgprot_t prot = pte_clrhuge(mmu.format, block & ~address_bits(mmu.format, phys));
    const auto level = static_cast<u8>(parent.level - 1);
    const u64 start = parent.start + (u64{index} << mmu.geometry().shift(parent.level));
    const table_id id = new_table(cx, parent.space, level, start, frame);
    if (id == TABLE_NONE) return false;
    mmu.tables.mut(id).parent = above;
    mmu.tables.mut(id).index = index;
    const u32 entries = mmu.geometry().entries(level);
    cx.page.sink.charge(entries);
    for (u32 i = 0; i < entries; ++i)
        set_entry(cx, id, i, leaf_entry(mmu.format, phys + (u64{i} << mmu.geometry().shift(level)), prot, level));
    if (breaks_first) {
        scope invalidate(cx.page.sink, mmu_fn::pmdp_invalidate);
        set_entry(cx, above, index, pmd_mkinvalid(mmu.format, block));
        cx.page.sink.emit(ev::block_invalidated, mmu.geometry().name_index(parent.level), start, parent.pfn,
                          mmu.entry(above, index));
        flush_leaves(cx, parent.space, start, start + mmu.geometry().size(parent.level), parent.level, false);
    }
    const pfn_t pfn = mmu.tables[id].pfn;
    set_entry(cx, above, index,
              table_entry(mmu.format, phys_addr_t{pfn} << mmu.geometry().page_shift, parent.level, kernel));
    cx.page.sink.emit(ev::block_split, mmu.geometry().name_index(parent.level), start, pfn, entries,
                      mmu.geometry().size(parent.level));
    if (!breaks_first && mmu.tlb.up()) flush_tlb_all(cx);
    return true;
}

walk_result walk(const mmu_memory& mmu, space_id space, u64 address) {
    walk_result result;
    if (check_address(mmu, space, address) != map_error::none) return result;
    table_id table = mmu.spaces[space].pgd;
    for (int level = mmu.geometry().root(); level >= 0; --level) {
        const auto at = static_cast<u8>(level);
        walk_step& step = result.steps[result.nr_steps++];
        step = {at, mmu.tables[table].pfn, mmu.geometry().index(at, address), 0, descriptor_kind::none};
        step.entry = mmu.entry(table, step.index);
        step.kind = kind_of(mmu.format, step.entry, at, mmu.spaces[space].kernel);
        if (is_leaf(step.kind)) {
            result.found = true;
            result.leaf_size = mmu.geometry().size(at);
            result.phys = output_address(mmu.format, step.entry, at) + (address & (result.leaf_size - 1));
            return result;
        }
        if (step.kind != descriptor_kind::table) return result;
        table = mmu.table_below(step.entry, at);
        if (table == TABLE_NONE) return result;
    }
    return result;
}

walk_result tell_walk(mmu_context& cx, space_id space, u64 address) {
    scope call(cx.page.sink, mmu_fn::walk);
    const walk_result result = walk(cx.mmu, space, address);
    for (u8 i = 0; i < result.nr_steps; ++i) {
        const walk_step& step = result.steps[i];
        cx.page.sink.emit(ev::walk_step, cx.mmu.geometry().name_index(step.level), step.table, step.index, step.entry,
                          step.kind);
    }
    if (result.found)
        cx.page.sink.emit(ev::walk_found, address, result.phys, result.leaf_size);
    else
        cx.page.sink.emit(ev::walk_fault, address, check_address(cx.mmu, space, address));
    return result;
}

} // namespace mm
