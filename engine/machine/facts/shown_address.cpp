#include "machine/facts/shown_address.h"

#include <algorithm>
#include <utility>

#include "machine/facts/address_facts.h"
#include "mmu/event_rows.h"
#include "mmu/tlb_events.h"
#include "physical/linear_map.h"
#include "process/fault_event_rows.h"

namespace mm {

std::optional<u64> told_address(const Event& event) {
    // What the TLB keeps begins before the address that it was looked up for.
    if (event.kind == static_cast<u16>(tlb_event::tlb_fill)) return std::nullopt;
    const std::span<const ArgSpec> args = event_spec(event.kind).arg_list();
    for (std::size_t i = 0; i < args.size(); ++i)
        if (args[i].unit == Unit::virt_address) return static_cast<u64>(event.arg[i]);
    return std::nullopt;
}

std::vector<u64> told_addresses(std::span<const Event> happened) {
    std::vector<u64> out;
    for (const Event& event : happened) {
        const std::span<const ArgSpec> args = event_spec(event.kind).arg_list();
        for (std::size_t i = 0; i < args.size(); ++i)
            if (args[i].unit == Unit::virt_address || args[i].unit == Unit::address_term)
                out.push_back(static_cast<u64>(event.arg[i]));
    }
    std::sort(out.begin(), out.end());
    return out;
}

ShownAddress shown_address(const Moment& moment, const Place& selection) {
    const Machine& machine = moment.at;
    const std::optional<Op>& op = moment.op;
    const std::span<const Event> happened = moment.happened();
    using From = ShownAddress::From;
    if (selection.kind == Place::Kind::address)
        return {static_cast<u64>(selection.value), static_cast<space_id>(selection.second), From::selection};
    const space_id space = op ? space_of_op(machine, *op) : INIT_MM;
    for (std::size_t i = happened.size(); i-- > 0;)
        if (const auto address = told_address(happened[i])) return {*address, space, From::events};
    if (const auto address = op ? asked_address(machine, *op) : std::nullopt) return {*address, space, From::op};
    if (machine.kernel.up) return {machine.kernel.vmalloc_start, INIT_MM, From::example};
    return {linear_map_of(*machine.profile).page_offset, INIT_MM, From::example};
}

namespace {

// Collects what the events of page tables have touched.
class EntryCollector {
  public:
    EntryCollector(const mmu_memory& mmu, space_id space) : mmu_(mmu), geometry_(mmu.geometry()), space_(space) {}

    void add(const Event& event) {
        add_of_tables(event);
        add_of_faults(event);
    }

    [[nodiscard]] std::vector<TouchedEntries> take() { return std::move(out_); }
    // The last entry on the way to the address.
    void end_of_walk(u64 address) { step_of_walk(address, -1); }

  private:
    void add_of_tables(const Event& event) {
        using ev = mmu_event;
        switch (static_cast<ev>(event.kind)) {
        case ev::table_allocated: {
            const Args<ev::table_allocated> in(event);
            return one(in["above"], in["index"]);
        }
        case ev::walk_step: {
            const Args<ev::walk_step> in(event);
            return one(in["table"], in["index"]);
        }
        case ev::block_split: {
            const Args<ev::block_split> in(event);
            out_.push_back({in.as<pfn_t>("table"), 0, in.as<u32>("nr")});
            return step_of_walk(in.as<u64>("address"), level_of(in["level"]));
        }
        case ev::table_unlinked: {
            const Args<ev::table_unlinked> in(event);
            return step_of_walk(in.as<u64>("address"), level_of(in["level"]) + 1);
        }
        case ev::pte_changed: return step_of_walk(Args<ev::pte_changed>(event).as<u64>("address"), -1);
        case ev::pte_asked: return step_of_walk(Args<ev::pte_asked>(event).as<u64>("address"), -1);
        case ev::entries_set: return in_a_row(Args<ev::entries_set>(event));
        case ev::entries_cleared: return in_a_row(Args<ev::entries_cleared>(event));
        case ev::entries_protected: return in_a_row(Args<ev::entries_protected>(event));
        case ev::contiguous_broken: return in_a_row(Args<ev::contiguous_broken>(event));
        case ev::contiguous_unfolded: return in_a_row(Args<ev::contiguous_unfolded>(event));
        case ev::pages_mapped: {
            const Args<ev::pages_mapped> in(event);
            return from(in["table"], 0, in.as<u64>("address"), in["nr"]);
        }
        case ev::boot_mapped: {
            const Args<ev::boot_mapped> in(event);
            return from(in["table"], 0, in.as<u64>("address"), in["nr"]);
        }
        default: return;
        }
    }

    // What a fault or a call has read or written for pages of a process.
    void add_of_faults(const Event& event) {
        using ev = fault_event;
        switch (static_cast<ev>(event.kind)) {
        case ev::fault_branch:
        case ev::zero_page_mapped:
        case ev::anon_page_mapped:
        case ev::file_page_mapped:
        case ev::page_reused:
        case ev::page_copied:
        case ev::entry_flags_set:
        case ev::fault_spurious:
        case ev::huge_page_mapped:
        case ev::huge_zero_mapped:
        case ev::huge_page_split: {
            using AtAddress = Args<ev::fault_branch, ev::zero_page_mapped, ev::anon_page_mapped, ev::file_page_mapped,
                                   ev::page_reused, ev::page_copied, ev::entry_flags_set, ev::fault_spurious,
                                   ev::huge_page_mapped, ev::huge_zero_mapped, ev::huge_page_split>;
            return end_of_walk(AtAddress(event).as<u64>("address"));
        }
        case ev::entries_zapped:
        case ev::entries_protected:
        case ev::pages_lazyfree:
        case ev::pages_made_old: {
            const Args<ev::entries_zapped, ev::entries_protected, ev::pages_lazyfree, ev::pages_made_old> in(event);
            return in_range(in.as<u64>("start"), in.as<u64>("end"));
        }
        case ev::fault_around: {
            const Args<ev::fault_around> in(event);
            return in_range(in.as<u64>("start"), in.as<u64>("start") + (in.as<u64>("pages") << geometry_.page_shift));
        }
        default: return;
        }
    }

    // 4 is the name of the root, whatever its number here.
    [[nodiscard]] int level_of(i64 level) const { return level == 4 ? geometry_.root() : static_cast<int>(level); }

    void one(i64 table, i64 index) { out_.push_back({static_cast<pfn_t>(table), static_cast<u32>(index), 1}); }
    void from(i64 table, int level, u64 address, i64 nr) {
        out_.push_back(
            {static_cast<pfn_t>(table), geometry_.index(static_cast<u8>(level), address), static_cast<u32>(nr)});
    }
    template <auto kind>
    void in_a_row(const Args<kind>& in) {
        from(in["table"], level_of(in["level"]), in.template as<u64>("address"), in["nr"]);
    }
    // The entries of the lowest tables that there are for [start, end).
    void in_range(u64 start, u64 end) {
        u64 at = start;
        for (u32 tables = 0; at < end && tables < MOST_TABLES; ++tables) {
            const walk_result way = walk(mmu_, space_, at);
            if (way.nr_steps == 0) return;
            const walk_step& last = way.steps[way.nr_steps - 1];
            const u64 size = geometry_.size(last.level), first = at / size * size;
            const u64 wanted = last.level == 0 ? (end - first + size - 1) / size : 1;
            const u64 nr = std::min<u64>(wanted, geometry_.entries(last.level) - last.index);
            out_.push_back({last.table, last.index, static_cast<u32>(nr)});
            at = first + nr * size;
            if (at <= first) return; // the end of all addresses
        }
    }

    // -1: the last
    void step_of_walk(u64 address, int level) {
        const walk_result way = walk(mmu_, space_, address);
        for (u8 i = 0; i < way.nr_steps; ++i)
            if (way.steps[i].level == level || (level < 0 && i + 1 == way.nr_steps))
                out_.push_back({way.steps[i].table, way.steps[i].index, 1});
    }

    static constexpr u32 MOST_TABLES = 256; // of a range

    const mmu_memory& mmu_;
    const page_geometry& geometry_;
    const space_id space_;
    std::vector<TouchedEntries> out_;
};

} // namespace

std::vector<TouchedEntries> touched_entries(const Moment& moment) {
    const Machine& machine = moment.at;
    if (!machine.mmu.up || !moment.op) return {};
    EntryCollector collector(machine.mmu, space_of_op(machine, *moment.op));
    for (const Event& event : moment.happened()) collector.add(event);
    return collector.take();
}

TouchedEntries entry_at_cursor(const Moment& moment) {
    const Machine& machine = moment.at;
    const std::span<const Event> happened = moment.happened();
    if (!machine.mmu.up || !moment.op || happened.empty()) return {};
    EntryCollector collector(machine.mmu, space_of_op(machine, *moment.op));
    collector.add(happened.back());
    if (const auto touched = collector.take(); !touched.empty()) return touched.back();
    const auto address = told_address(happened.back());
    if (!address) return {};
    collector.end_of_walk(*address);
    const auto walked = collector.take();
    return walked.empty() ? TouchedEntries{} : walked.back();
}

} // namespace mm
