#include "machine/facts/shown_address.h"

#include "machine/facts/address_facts.h"
#include "mmu/events.h"
#include "mmu/tlb_events.h"
#include "physical/linear_map.h"

namespace mm {

std::optional<i64> argument_named(const Event& event, std::string_view name) {
    const EventSpec& spec = event_spec(event.kind);
    for (std::size_t i = 0; i < spec.args.size() && !spec.args[i].name.empty(); ++i)
        if (spec.args[i].name == name) return event.arg[i];
    return std::nullopt;
}

std::optional<u64> told_address(const Event& event) {
    // What the TLB keeps begins before the address that it was looked up for.
    if (event.kind == static_cast<u16>(tlb_event::tlb_fill)) return std::nullopt;
    const EventSpec& spec = event_spec(event.kind);
    for (std::size_t i = 0; i < spec.args.size() && !spec.args[i].name.empty(); ++i)
        if (spec.args[i].unit == Unit::address && (spec.args[i].name == "address" || spec.args[i].name == "start"))
            return static_cast<u64>(event.arg[i]);
    return std::nullopt;
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

std::vector<TouchedEntries> touched_entries(const Moment& moment) {
    const mmu_memory& mmu = moment.at.mmu;
    std::vector<TouchedEntries> out;
    if (!mmu.up || !moment.op) return out;
    const page_geometry& geometry = mmu.geometry();
    const space_id space = space_of_op(moment.at, *moment.op);
    const auto pfn = [](std::optional<i64> value) { return static_cast<pfn_t>(*value); };
    const auto step_of_walk = [&](u64 address, int level) { // -1: the last
        const walk_result way = walk(mmu, space, address);
        for (u8 i = 0; i < way.nr_steps; ++i)
            if (way.steps[i].level == level || (level < 0 && i + 1 == way.nr_steps))
                out.push_back({way.steps[i].table, way.steps[i].index, 1});
    };
    for (const Event& event : moment.happened()) {
        if (!mmu_events().holds(event.kind)) continue;
        const auto kind = static_cast<mmu_event>(event.kind);
        const auto name = argument_named(event, "level"), address = argument_named(event, "address");
        const auto table = argument_named(event, "table"), nr = argument_named(event, "nr");
        const int level = name ? (*name == 4 ? geometry.root() : static_cast<int>(*name)) : 0;
        if (kind == mmu_event::table_allocated) {
            out.push_back({pfn(argument_named(event, "above")), static_cast<u32>(*argument_named(event, "index")), 1});
        } else if (kind == mmu_event::walk_step) {
            out.push_back({pfn(table), static_cast<u32>(*argument_named(event, "index")), 1});
        } else if (kind == mmu_event::block_split) {
            out.push_back({pfn(table), 0, static_cast<u32>(*nr)});
            step_of_walk(static_cast<u64>(*address), level);
        } else if (kind == mmu_event::table_unlinked) {
            step_of_walk(static_cast<u64>(*address), level + 1);
        } else if (kind == mmu_event::pte_changed || kind == mmu_event::pte_asked) {
            step_of_walk(static_cast<u64>(*address), -1);
        } else if (table && address && nr) {
            out.push_back({pfn(table), geometry.index(static_cast<u8>(level), static_cast<u64>(*address)),
                           static_cast<u32>(*nr)});
        }
    }
    return out;
}

} // namespace mm
