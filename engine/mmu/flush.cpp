#include "mmu/flush.h"

#include <algorithm>

#include "base/assert.h"
#include "mmu/arch_functions.h"
#include "mmu/arm64/asid.h"

namespace mm {

namespace {

using ev = tlb_event;
using scope = CallScope<EventSink>;

u16 asid_of(const mmu_memory& mmu, space_id space) {
    return mmu.arch().has_asids ? context_asid(mmu.spaces[space].context_id) : u16{0};
}

void tell(mmu_context& cx, tlbi_op op, u64 address, u32 count, u16 asid, u32 dropped, u32 cpus) {
    cx.page.sink.emit(ev::tlbi, op, address, count, asid, dropped, cpus);
}

const flush_instructions& instructions_of(const mmu_context& cx) { return cx.mmu.arch().functions->flush; }

u32 all_cpus(const mmu_memory& mmu) { return static_cast<u32>(mmu.tlb.cpus.size()); }

// Where no instruction reaches them all: only CPUs that run with the tables hold anything of them; those get an interrupt.
template <class Function>
u32 on_cpus_of(const mmu_memory& mmu, space_id space, Function&& function) {
    if (mmu.arch().broadcasts_flush) {
        function(ALL_CPUS);
        return all_cpus(mmu);
    }
    u32 cpus = 0;
    for (u32 cpu = 0; cpu < mmu.tlb.cpus.size(); ++cpu) {
        if (mmu.tlb.cpus[cpu].space != space) continue;
        ++cpus;
        function(cpu);
    }
    return cpus;
}

// All CPUs' TLBs are looked through, those that hold nothing excepted.
void charge_tlbs(mmu_context& cx) {
    const tlb_memory& tlb = cx.mmu.tlb;
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) cx.page.sink.charge(1 + tlb_slots_searched(tlb, cpu));
}

// Invalidates `count` addresses, `stride` apart.
void flush_pages(mmu_context& cx, space_id space, u64 start, u32 count, u64 stride, bool last_level) {
    mmu_memory& mmu = cx.mmu;
    const u16 asid = asid_of(mmu, space);
    u32 dropped = 0;
    cx.page.sink.charge(u64{count} * all_cpus(mmu));
    last_level = last_level && mmu.arch().has_last_level_flush;
    const u32 cpus = on_cpus_of(mmu, space, [&](u32 cpu) {
        for (u32 i = 0; i < count; ++i)
            dropped += tlb_drop_address(mmu.tlb, mmu.geometry(), cpu, start + i * stride, asid, last_level);
    });
    tell(cx, last_level ? instructions_of(cx).last_level_page : instructions_of(cx).page, start, count, asid, dropped,
         cpus);
}

// Entries of all CPUs that are global and yet translate addresses of processes.
u32 global_of_processes(const mmu_memory& mmu) {
    const tlb_memory& tlb = mmu.tlb;
    u32 held = 0;
    for (u32 cpu = 0; cpu < tlb.cpus.size(); ++cpu) {
        if (tlb.cpus[cpu].sizes == 0) continue;
        for (u32 slot = cpu * tlb.slots(); slot < (cpu + 1) * tlb.slots(); ++slot) {
            const tlb_entry& entry = tlb.entries[slot];
            held += entry.valid() && entry.global && !is_kernel_address(mmu.geometry(), entry.virt());
        }
    }
    return held;
}

// Everything of an address space that is no global entry.
void invalidate_mm(mmu_context& cx, space_id space) {
    mmu_memory& mmu = cx.mmu;
    const u16 asid = asid_of(mmu, space);
    charge_tlbs(cx);
    u32 dropped = 0;
    const u32 cpus = on_cpus_of(mmu, space, [&](u32 cpu) { dropped += tlb_drop_asid(mmu.tlb, cpu, asid); });
    tell(cx, instructions_of(cx).process, 0, 0, asid, dropped, cpus);
    if (!mmu.tlb.may_be_stale) return;
    charge_tlbs(cx);
    if (const u32 held = global_of_processes(mmu); held > 0) cx.page.sink.emit(ev::global_stays, held);
}

mmu_fn function_of(const mmu_context& cx, mmu_fn own) {
    return cx.mmu.arch().has_one_flush_function ? mmu_fn::flush_tlb_mm_range : own;
}

} // namespace

void flush_tlb_all(mmu_context& cx) {
    scope call(cx.page.sink, mmu_fn::flush_tlb_all);
    charge_tlbs(cx);
    const u32 dropped = tlb_drop_all(cx.mmu.tlb, ALL_CPUS);
    cx.mmu.tlb.may_be_stale = false;
    tell(cx, instructions_of(cx).everything, 0, 0, 0, dropped, all_cpus(cx.mmu));
}

void flush_tlb_mm(mmu_context& cx, space_id space) {
    scope call(cx.page.sink, function_of(cx, mmu_fn::flush_tlb_mm));
    invalidate_mm(cx, space);
}

void flush_tlb_page(mmu_context& cx, space_id space, u64 address) {
    scope call(cx.page.sink, function_of(cx, mmu_fn::flush_tlb_page));
    flush_pages(cx, space, address & ~(cx.mmu.geometry().page_size() - 1), 1, cx.mmu.geometry().page_size(), true);
}

void flush_tlb_range(mmu_context& cx, space_id space, u64 start, u64 end, u8 level, bool last_level) {
    scope call(cx.page.sink, function_of(cx, mmu_fn::flush_tlb_range));
    const page_geometry& geometry = cx.mmu.geometry();
    const u64 stride = geometry.size(level);
    start &= ~(stride - 1);
    const u64 steps = (end - start + stride - 1) / stride;
    const u64 limit = max_tlbi_ops(geometry);
    const arch_rules& arch = cx.mmu.arch();
    if (arch.may_reach_max_flushes ? steps > limit : steps >= limit) {
        cx.page.sink.emit(ev::flush_too_long, start, steps, limit, flush_limit::process);
        if (arch.has_one_flush_function)
            invalidate_mm(cx, space); // it is running
        else
            flush_tlb_mm(cx, space);
        return;
    }
    flush_pages(cx, space, start, static_cast<u32>(steps), stride, last_level);
}

void flush_tlb_kernel_range(mmu_context& cx, u64 start, u64 end) {
    scope call(cx.page.sink, mmu_fn::flush_tlb_kernel_range);
    mmu_memory& mmu = cx.mmu;
    const u64 page = mmu.geometry().page_size();
    start &= ~(page - 1);
    const u64 pages = (end - start + page - 1) / page;
    const u64 limit = max_tlbi_ops(mmu.geometry());
    if (pages > limit) {
        cx.page.sink.emit(ev::flush_too_long, start, pages, limit, flush_limit::everything);
        flush_tlb_all(cx);
        return;
    }
    u32 dropped = 0;
    const bool last_level = mmu.arch().has_last_level_flush;
    cx.page.sink.charge(pages * all_cpus(mmu));
    for (u64 i = 0; i < pages; ++i)
        dropped += tlb_drop_address_all_asids(mmu.tlb, mmu.geometry(), ALL_CPUS, start + i * page, last_level);
    tell(cx, instructions_of(cx).kernel_page, start, static_cast<u32>(pages), 0, dropped, all_cpus(mmu));
}

mapped_span look_at(mmu_context& cx, space_id space, u64 virt, u64 size) {
    const mmu_memory& mmu = cx.mmu;
    mapped_span span;
    span.space = space;
    if (!mmu.has_space(space) || size == 0) return span;
    const u64 last = virt + (size - 1);
    for (u64 at = virt; !cx.page.sink.spent();) {
        cx.page.sink.charge(2); // it walks down from the pgd each time
        const walk_result way = walk(mmu, space, at);
        if (way.nr_steps == 0) return span; // left what the space translates
        const u8 level = way.last().level;
        const u64 end = at | (mmu.geometry().size(level) - 1);
        if (way.found) {
            if (!span.any) span.first = at;
            span.level = span.any ? std::min(span.level, level) : level;
            span.last = std::min(end, last);
            span.any = true;
        }
        if (end >= last) return span;
        at = end + 1;
    }
    return span;
}

namespace {

// Tables that mapped nothing valid, as those of PROT_NONE, may be in walk caches, too. kernel: tlb_flush_pmd_range
mapped_span with_tables(const mmu_memory& mmu, mapped_span span, const loose_tables& loose) {
    for (const loose_table& table : loose) {
        const u64 last = table.start + (mmu.geometry().size(static_cast<u8>(table.level + 1)) - 1);
        if (span.any && table.start <= span.last && last >= span.first) continue;
        const u64 end_of_page = table.start + (mmu.geometry().page_size() - 1);
        span.first = span.any ? std::min(span.first, table.start) : table.start;
        span.last = span.any ? std::max(span.last, end_of_page) : end_of_page;
        span.level = 0;
        span.any = true;
    }
    return span;
}

void flush_span(mmu_context& cx, const mapped_span& before, bool flush, bool last_level) {
    mmu_memory& mmu = cx.mmu;
    if (!before.any || !mmu.tlb.up() || !mmu.has_space(before.space)) return;
    if (!flush) {
        charge_tlbs(cx);
        const u32 held = tlb_held(mmu.tlb, asid_of(mmu, before.space), before.first, before.last);
        mmu.tlb.may_be_stale = true;
        cx.page.sink.emit(ev::flush_left_out, before.first, before.last - before.first + 1, held);
        return;
    }
    if (mmu.spaces[before.space].kernel) {
        flush_tlb_kernel_range(cx, before.first, before.last + 1);
        return;
    }
    flush_tlb_range(cx, before.space, before.first, before.last + 1, before.level, last_level);
}

} // namespace

void flush_after_change(mmu_context& cx, const mapped_span& before, bool flush) { flush_span(cx, before, flush, true); }

void tlb_finish_mmu(mmu_context& cx, const mapped_span& before, loose_tables& loose, bool flush) {
    const bool kernel = cx.mmu.has_space(before.space) && cx.mmu.spaces[before.space].kernel;
    if (kernel) { // vunmap_range() flushes, and no table goes
        MM_ASSERT(loose.empty());
        flush_span(cx, before, flush, true);
        return;
    }
    scope call(cx.page.sink, mmu_fn::tlb_finish_mmu);
    flush_span(cx, with_tables(cx.mmu, before, loose), flush, loose.empty());
    free_loose_tables(cx, loose);
}

void flush_after_unlink(mmu_context& cx, space_id space, const loose_tables& loose) {
    if (!cx.mmu.tlb.up() || loose.empty()) return;
    const u64 start = loose.front().start;
    flush_tlb_range(cx, space, start, start + cx.mmu.geometry().page_size());
}

void flush_tlb_kernel_pgtable(mmu_context& cx, u64 address) {
    mmu_memory& mmu = cx.mmu;
    if (!mmu.tlb.up()) return;
    if (!mmu.arch().has_last_level_flush) { // then any flush is one of tables, too
        flush_tlb_kernel_range(cx, address, address + mmu.geometry().page_size());
        return;
    }
    scope call(cx.page.sink, mmu_fn::flush_tlb_kernel_pgtable);
    const u32 dropped = tlb_drop_address_all_asids(mmu.tlb, mmu.geometry(), ALL_CPUS, address, false);
    tell(cx, instructions_of(cx).kernel_table, address, 1, 0, dropped, all_cpus(mmu));
}

void flush_leaves(mmu_context& cx, space_id space, u64 start, u64 end, u8 level, bool last_level) {
    mmu_memory& mmu = cx.mmu;
    if (!mmu.tlb.up()) return;
    if (mmu.spaces[space].kernel)
        flush_tlb_kernel_range(cx, start, end);
    else
        flush_tlb_range(cx, space, start, end, mmu.arch().flushes_by_leaf ? level : u8{0}, last_level);
}

void flush_whole_space(mmu_context& cx, space_id space) {
    if (!cx.mmu.tlb.up()) return;
    if (cx.mmu.spaces[space].kernel)
        flush_tlb_all(cx);
    else
        flush_tlb_mm(cx, space);
}

void flush_tlb_one_kernel(mmu_context& cx, u64 address) {
    mmu_memory& mmu = cx.mmu;
    if (!mmu.tlb.up()) return;
    scope call(cx.page.sink, mmu_fn::flush_tlb_one_kernel);
    const u32 dropped = tlb_drop_address(mmu.tlb, mmu.geometry(), cx.page.cpu, address, 0, false);
    tell(cx, tlbi_op::invlpg, address, 1, 0, dropped, 1);
    note_unflushed(cx, INIT_MM, address, mmu.geometry().page_size());
}

void note_unflushed(mmu_context& cx, space_id space, u64 start, u64 size) {
    mmu_memory& mmu = cx.mmu;
    charge_tlbs(cx);
    if (mmu.tlb.up() && tlb_held(mmu.tlb, asid_of(mmu, space), start, start + (size - 1)) > 0)
        mmu.tlb.may_be_stale = true;
}

live_change live_change_of(const pte_format& format, pteval_t before, pteval_t after, u8 level) {
    if (!pte_valid(before) || !pte_valid(after)) return live_change::safe;
    const bool was_table = kind_of(format, before, level) == descriptor_kind::table;
    const bool is_table = kind_of(format, after, level) == descriptor_kind::table;
    if (was_table != is_table) return live_change::size;
    if (output_address(format, before, level) != output_address(format, after, level))
        return live_change::output_address;
    if (was_table) return live_change::safe;
    return format.arch().functions->live_leaf_change(format, before, after);
}

void set_live_entry(mmu_context& cx, table_id table, u32 index, pteval_t entry) {
    scope call(cx.page.sink, mmu_fn::set_pte);
    mmu_memory& mmu = cx.mmu;
    const page_table record = mmu.tables[table];
    const u64 start = record.start + (u64{index} << mmu.geometry().shift(record.level));
    const pteval_t before = mmu.entry(table, index);
    set_entry(cx, table, index, entry);
    const live_change change = live_change_of(mmu.format, before, entry, record.level);
    const u64 last = start + (mmu.geometry().size(record.level) - 1);
    charge_tlbs(cx);
    const u32 held = tlb_held(mmu.tlb, asid_of(mmu, record.space), start, last);
    if (pte_valid(before)) mmu.tlb.may_be_stale = true;
    cx.page.sink.emit(ev::live_entry_set, mmu.geometry().name_index(record.level), start, before, entry, change, held);
}

} // namespace mm
