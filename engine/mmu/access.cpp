#include "mmu/access.h"

#include <bit>

#include "base/assert.h"
#include "mmu/arch_functions.h"
#include "mmu/events.h"
#include "mmu/flush.h"
#include "mmu/functions.h"
#include "mmu/tlb_events.h"
#include "mmu/tlb_lookup.h"

namespace mm {

namespace {

using ev = tlb_event;
using scope = CallScope<EventSink>;

// One attempt of one access, told in `result`. Faults end it; the kernel's part is handle_fault()'s.
class Translation {
  public:
    Translation(mmu_context& cx, u32 cpu, const access_request& request, access_result& result)
        : cx_(cx), mmu_(cx.mmu), tlb_(cx.mmu.tlb), state_(tlb_.cpus[cpu]), cpu_(cpu), request_(request),
          result_(result) {
        result_.address = request_.address;
        kernel_half_ = is_kernel_address(geometry(), request.address);
    }

    // `absent`: the TLB is known to have no entry.
    void run(bool absent) {
        if (half_of(geometry(), request_.address) == address_half::none) [[unlikely]] {
            cx_.page.sink.emit(mmu_event::walk_fault, request_.address, map_error::not_canonical);
            fault(fault_kind::translation, 0);
            return;
        }
        if (absent) return miss();
        const u32 slot = tlb_find(tlb_, cpu_, request_.address, state_.asid);
        if (slot != TLB_NONE)
            hit(slot);
        else
            miss();
    }

  private:
    [[nodiscard]] const page_geometry& geometry() const { return mmu_.geometry(); }
    [[nodiscard]] space_id space() const { return kernel_half_ ? mmu_.kernel_space : state_.space; }

    void hit(u32 slot) {
        ++state_.counters.hits;
        tlb_entry& used = tlb_.entries.mut(slot);
        tlb_use(state_, used);
        const tlb_entry entry = used;
        result_.hit = true;
        result_.phys = entry.phys_of(request_.address);
        cx_.page.sink.emit(ev::tlb_hit, cpu_, request_.address, result_.phys, tlb_.size_bytes(entry.size()),
                           tlb_.set_of_slot(slot), tlb_.way_of_slot(slot), entry.asid, scope_of(entry.global));
        if (tlb_.may_be_stale) [[unlikely]]
            compare_with_tables(slot, entry);
        check(entry.rights, slot);
    }

    // A TLB that was not told of a change answers with what it has.
    [[gnu::noinline]] void compare_with_tables(u32 slot, const tlb_entry& entry) {
        const u32 other = tlb_find_other(tlb_, cpu_, request_.address, state_.asid, slot);
        if (other != TLB_NONE)
            cx_.page.sink.emit(ev::tlb_conflict, cpu_, request_.address, tlb_.size_bytes(entry.size()),
                               tlb_.size_bytes(tlb_.entries[other].size()));
        const walk_result now = walk(mmu_, space(), request_.address);
        const pteval_t leaf = now.found ? now.last().entry : 0;
        // Set access flags and dirty bits are no news that an entry has to follow.
        const u8 rights =
            now.found ? rights_of(mmu_.format, leaf, limits_above(mmu_.format, now), tlb_.config.hafdbs) : u8{0};
        if (now.found && now.phys == result_.phys && (rights | RIGHT_CLEAN) == (entry.rights | RIGHT_CLEAN)) return;
        result_.stale = true;
        cx_.page.sink.emit(ev::tlb_stale, cpu_, request_.address, entry.entry, leaf);
    }

    // Rights, and the first write to an entry that hardware marks.
    void check(u8 rights, u32 slot) {
        if (!(rights & right_for(request_.kind, request_.user))) [[unlikely]] {
            const tlb_entry entry = tlb_.entries[slot];
            deny(entry.entry, entry.limits, entry.level);
            return;
        }
        if (rights & RIGHT_CLEAN && request_.kind == access_kind::write) [[unlikely]]
            make_dirty(slot);
    }

    [[gnu::noinline]] void deny(pteval_t leaf, u8 limits, u8 level) {
        cx_.page.sink.emit(ev::permission_missing, request_.address,
                           denial_of(mmu_.format, leaf, limits, request_.kind, request_.user), leaf);
        fault(fault_kind::permission, geometry().hardware_level(level));
    }

    [[gnu::noinline]] void make_dirty(u32 slot) {
        const walk_result way = walk(mmu_, space(), request_.address);
        if (!way.found ||
            !(rights_of(mmu_.format, way.last().entry, limits_above(mmu_.format, way), tlb_.config.hafdbs) &
              right_for(request_.kind, request_.user))) {
            // The table no longer agrees: hardware looks again, as if it had no entry.
            state_.count_out(tlb_.entries[slot].size());
            tlb_.entries.mut(slot) = tlb_entry{};
            miss();
            return;
        }
        const walk_step& leaf = way.last();
        const entry_bits& bits = mmu_.arch().bits;
        const pteval_t dirty = (leaf.entry & ~bits.clean) | bits.dirty;
        set_entry(cx_, mmu_.table_at(leaf.table), leaf.index, dirty);
        tlb_entry& cached = tlb_.entries.mut(slot);
        cached.entry = (cached.entry & ~bits.clean) | bits.dirty;
        cached.rights &= static_cast<u8>(~RIGHT_CLEAN);
        cx_.page.sink.emit(ev::dirty_set, geometry().name_index(leaf.level), request_.address, leaf.entry, dirty);
    }

    void miss() { cx_.page.sink.armed() ? walk_tables<true>() : walk_tables<false>(); }

    // Compiled for a walk that is told, and for one that nobody watches: there the arguments of events are not even computed.
    template <bool TOLD, class Kind, class... Args>
    [[gnu::always_inline]] void tell(Kind kind, Args... args) {
        if constexpr (TOLD)
            cx_.page.sink.emit(kind, args...);
        else
            cx_.page.sink.add_count(1);
    }

    template <bool TOLD>
    [[gnu::noinline]] void walk_tables() {
        result_.hit = false;
        ++state_.counters.misses;
        ++state_.counters.walks;
        tell<TOLD>(ev::tlb_miss, cpu_, request_.address, tlb_.set_of(request_.address, 0), state_.asid,
                   scope_of(kernel_half_));
        u8 level = geometry().root();
        u8 limits = 0;
        pfn_t table = PFN_NONE;
        table_id id = TABLE_NONE;
        const space_id space = this->space();
        if (const walk_entry* known = walk_cache_find(tlb_, geometry(), cpu_, request_.address, state_.asid)) {
            ++state_.counters.walk_cache_hits;
            level = known->level();
            limits = known->limits;
            table = known->table;
            id = table_near(table, level);
            tell<TOLD>(ev::walk_cached, cpu_, geometry().name_index(level), request_.address, table,
                       geometry().root() - level);
        } else if (space != SPACE_NONE) {
            id = mmu_.spaces[space].pgd;
            table = mmu_.tables[id].pfn;
            if (!mmu_.arch().two_roots) tell<TOLD>(ev::walk_begins, cpu_, table, kernel_half_);
        } else {
            // reserved_pg_dir, or no kernel tables at all: a table of zeroes
            fault(fault_kind::translation, geometry().hardware_level(level));
            return;
        }
        walk_from<TOLD>(table, id, level, limits);
    }

    // The table of this level in this frame; TABLE_NONE: there is none.
    [[nodiscard]] table_id table_near(pfn_t table, u8 level) {
        table_id& guess = state_.guess[kernel_half_][level];
        if (guess >= mmu_.nr_records || mmu_.tables[guess].pfn != table) [[unlikely]]
            guess = mmu_.table_at(table);
        return guess;
    }

    // `id` is the table in the frame `table`.
    template <bool TOLD>
    void walk_from(pfn_t table, table_id id, u8 level, u8 limits) {
        for (;; --level, id = table_near(table, level)) {
            if (id == TABLE_NONE) [[unlikely]] {
                // Freed while the walk cache, or an entry, still names it: whatever stands there now is read as a table.
                result_.unknown = true;
                cx_.page.sink.emit(ev::walk_lost, cpu_, request_.address, table);
                return;
            }
            const u32 index = geometry().index(level, request_.address);
            const pteval_t entry = mmu_.entry(id, index);
            const descriptor_kind kind =
                kind_of(mmu_.format, entry, level, TOLD && is_kernel_address(geometry(), request_.address));
            ++state_.counters.entries_read;
            tell<TOLD>(mmu_event::walk_step, geometry().name_index(level), table, index, entry, kind);
            if (kind != descriptor_kind::table && !is_leaf(kind)) {
                fault(fault_kind::translation, geometry().hardware_level(level));
                return;
            }
            const phys_addr_t output = output_address(mmu_.format, entry, level);
            if (output >> tlb_.config.pa_bits != 0 && mmu_.arch().has_address_size_fault) [[unlikely]] {
                fault(fault_kind::address_size, geometry().hardware_level(level));
                return;
            }
            if (is_leaf(kind)) {
                found<TOLD>(id, index, entry, level, limits, output);
                return;
            }
            limits |= table_limits(mmu_.format, entry, level);
            table = cx_.page.mem.pfn_of(output);
            const u64 start = request_.address & ~(geometry().size(level) - 1);
            if (tlb_.nr_walk_sets != 0)
                walk_cache_fill(tlb_, geometry(), cpu_, {start | level, table, state_.asid, limits, kernel_half_});
        }
    }

    template <bool TOLD>
    void found(table_id table, u32 index, pteval_t leaf, u8 level, u8 limits, phys_addr_t output) {
        const arch_rules& arch = mmu_.arch();
        const u8 rights = rights_of(mmu_.format, leaf, limits, tlb_.config.hafdbs);
        if (arch.refuses_before_marking && !(rights & right_for(request_.kind, request_.user))) {
            deny(leaf, limits, level);
            return;
        }
        if (!(leaf & arch.bits.accessed)) {
            if (!arch.always_marks_use && tlb_.config.hafdbs == hardware_update::none) {
                fault(fault_kind::access_flag, geometry().hardware_level(level));
                return;
            }
            leaf |= arch.bits.accessed;
            set_entry(cx_, table, index, leaf);
            cx_.page.sink.emit(ev::access_flag_set, geometry().name_index(level), request_.address, leaf);
        }
        const u64 leaf_size = geometry().size(level);
        result_.phys = output + (request_.address & (leaf_size - 1));
        tell<TOLD>(mmu_event::walk_found, request_.address, result_.phys, leaf_size);
        const tlb_entry entry = entry_for(leaf, level, limits, rights);
        // From now on it answers for every process, and no invalidation by ASID reaches it.
        if (entry.global && !kernel_half_) [[unlikely]]
            tlb_.may_be_stale = true;
        const tlb_place place = tlb_fill(tlb_, cpu_, entry);
        tell<TOLD>(ev::tlb_fill, entry.virt(), tlb_.size_bytes(entry.size()), place.set, place.way, entry.asid,
                   scope_of(entry.global), place.evicted);
        check(rights, place.slot);
    }

    [[nodiscard]] tlb_entry entry_for(pteval_t leaf, u8 level, u8 limits, u8 rights) const {
        const arch_rules& arch = mmu_.arch();
        u32 size = arch.has_contiguous_hint ? 2u * level + pte_cont(mmu_.format, leaf) : level;
        if (size >= tlb_.nr_sizes) size = 0; // larger than any that Linux makes: kept page by page
        const u64 within = tlb_.size_bytes(static_cast<u8>(size)) - 1;
        tlb_entry entry;
        entry.tag = (request_.address & ~within) | (size + 1);
        entry.phys = result_.phys & ~within;
        entry.entry = leaf;
        entry.asid = state_.asid;
        entry.rights = rights;
        entry.level = level;
        entry.limits = limits;
        entry.global = arch.bits.is_global(leaf);
        return entry;
    }

    [[nodiscard]] tlb_scope scope_of(bool global) const {
        if (global) return tlb_scope::global;
        return mmu_.arch().has_asids ? tlb_scope::asid : tlb_scope::until_cr3;
    }

    [[gnu::noinline]] void fault(fault_kind kind, int level) {
        ++state_.counters.faults;
        result_.fault = kind;
        result_.level = static_cast<i8>(level);
        result_.syndrome = mmu_.arch().functions->report_fault(
            cx_, {request_.address, kind, level, request_.kind, request_.user, kernel_half_});
    }

    mmu_context& cx_;
    mmu_memory& mmu_;
    tlb_memory& tlb_;
    tlb_cpu& state_;
    const u32 cpu_;
    const access_request& request_;
    bool kernel_half_ = false;
    access_result& result_;
};

// What do_page_fault() and handle_pte_fault() do where an entry says enough.
[[gnu::noinline]] fault_end handle_fault(mmu_context& cx, u32 cpu, const access_request& request,
                                         const access_result& result) {
    const mmu_memory& mmu = cx.mmu;
    const arch_rules& arch = mmu.arch();
    scope call(cx.page.sink, arch.functions->fault_entry);
    const bool canonical = half_of(mmu.geometry(), request.address) != address_half::none;
    const bool user_address = canonical && !is_kernel_address(mmu.geometry(), request.address);
    const space_id space = mmu.tlb.cpus[cpu].space;
    if (user_address && space != SPACE_NONE && result.fault != fault_kind::address_size) {
        const walk_result way = walk(mmu, space, request.address);
        if (way.found) {
            const fault_report report{request.address, result.fault, result.level, request.kind, request.user, false};
            const fault_end cured = arch.functions->cure_fault(cx, space, report, way);
            if (cured != fault_end::none) return cured;
        }
        if (way.found && denial_of(mmu.format, way.last().entry, limits_above(mmu.format, way), request.kind,
                                   request.user) == denial::none) {
            cx.page.sink.emit(ev::fault_ends, request.address, fault_end::spurious);
            return fault_end::spurious;
        }
    }
    const fault_end end = end_of_fault(result.fault, request.kind, request.user, user_address, space != SPACE_NONE,
                                       request.address, mmu.geometry().page_size(), arch.oops_names_right);
    cx.page.sink.emit(ev::fault_ends, request.address, end);
    return end;
}

// An access flag and then a dirty bit are the most that one access can need.
constexpr u8 MAX_CURES = 3;

// Nearly every access that nobody watches is an entry that allows it: then only counters and the order of use change. That is
// decided first, and nothing is called on the way, as in physical/plain_path.h.
enum class plain_look : u8 { hit, absent, other };
constexpr u64 PLAIN_HIT_EVENTS = 2; // access and tlb_hit

[[gnu::always_inline]] inline plain_look look_plain(mmu_context& cx, u32 cpu, const access_request& request,
                                                    access_result& result) {
    tlb_memory& tlb = cx.mmu.tlb;
    if (tlb.may_be_stale) return plain_look::other;
    tlb_cpu& state = tlb.cpus[cpu];
    u32 sizes = state.sizes;
    if (sizes == 0) return plain_look::absent;
    const auto look_for_next_size = [&](tlb_entry*& found) {
        const auto [slot, tag] = tlb_home_of(tlb, cpu, request.address, static_cast<u32>(std::countr_zero(sizes)));
        tlb_entry* row = nullptr;
        if (!tlb.entries.find_owned(slot, row)) return false;
        found = tlb_match(row, tlb.ways(), tag, state.asid);
        return true;
    };
    // Outside of the loop, because mostly all entries are of one size.
    tlb_entry* entry = nullptr;
    if (!look_for_next_size(entry)) return plain_look::other;
    while (!entry) {
        sizes &= sizes - 1;
        if (sizes == 0) return plain_look::absent;
        if (!look_for_next_size(entry)) return plain_look::other;
    }
    const u8 rights = entry->rights;
    if (!(rights & right_for(request.kind, request.user)) ||
        (rights & RIGHT_CLEAN && request.kind == access_kind::write))
        return plain_look::other;

    ++state.counters.hits;
    tlb_use(state, *entry);
    result.phys = entry->phys_of(request.address);
    result.address = request.address;
    result.hit = true;
    cx.page.sink.add_count(PLAIN_HIT_EVENTS);
    return plain_look::hit;
}

// The full way. `absent`: the TLB is known to have no entry.
[[gnu::noinline]] access_result access_in_full(mmu_context& cx, u32 cpu, const access_request& request, bool absent) {
    cx.page.sink.emit(ev::access, cpu, request.kind, request.address, request.user);
    access_result result;
    for (u8 cured = 0;; ++cured) {
        result = {};
        Translation(cx, cpu, request, result).run(absent);
        result.nr_cured = cured;
        if (result.fault == fault_kind::none || !request.handle) return result;
        absent = false;
        result.end = handle_fault(cx, cpu, request, result);
        const bool again = result.end == fault_end::made_young || result.end == fault_end::made_dirty;
        if (!again || cured == MAX_CURES) return result;
    }
}

} // namespace

access_result access(mmu_context& cx, u32 cpu, const access_request& request) {
    const tlb_memory& tlb = cx.mmu.tlb;
    MM_ASSERT(tlb.slot_of(cpu, 0, 0) < tlb.entries.size()); // there is a TLB, and such a CPU
    bool absent = false;
    if (!cx.page.sink.armed()) [[likely]] {
        access_result result;
        const plain_look look = look_plain(cx, cpu, request, result);
        if (look == plain_look::hit) [[likely]]
            return result;
        absent = look == plain_look::absent;
    }
    return access_in_full(cx, cpu, request, absent);
}

} // namespace mm
