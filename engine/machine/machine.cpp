#include "machine/machine.h"

#include "physical/boot.h"
#include "physical/events.h"
#include "physical/gfp.h"
#include "physical/verify.h"

namespace mm {

namespace {

std::string out_of_bounds(const FieldSpec& field, i64 value) {
    const bool above = value > field.max;
    return std::to_string(value) + (above ? " is above " : " is below ") + std::to_string(above ? field.max : field.min);
}

}  // namespace

Result<Machine> make_unbooted_machine(machine_profile profile) {
    if (auto bad = check_profile(profile)) return *bad;
    if (!profile.recorded.empty()) return Error{"boot", "a recorded state cannot be booted in steps: it has booted long ago"};
    Machine machine;
    machine.profile = std::make_shared<const machine_profile>(std::move(profile));
    return machine;
}

Result<Machine> make_machine(machine_profile profile) {
    if (auto bad = check_profile(profile)) return *bad;
    Machine machine;
    machine.profile = std::make_shared<const machine_profile>(std::move(profile));
    if (machine.profile->recorded.empty()) {
        EventSink quiet;
        machine.physical = boot(*machine.profile, quiet);
    } else if (auto bad = restore_recorded(machine.physical, *machine.profile)) {
        return *bad;
    }
    return machine;
}

OpOutcome apply(Machine& machine, const Op& op, EventSink& sink) {
    MM_ASSERT(op.kind < op_count());
    ++machine.step;
    if (machine.physical.stage != boot_stage::ready && !op_spec(op.kind).boots) return OpOutcome::refused;
    OpCall call{op, sink, machine.results, machine.step};
    physical_op_context room{machine.physical, *machine.profile};
    return physical_ops()[op.kind].apply(room, call);
}

std::size_t op_count() { return physical_ops().size(); }

const OpSpec& op_spec(u16 kind) {
    MM_ASSERT(kind < op_count());
    return physical_ops()[kind].spec;
}

std::optional<u16> find_op(std::string_view name) {
    for (u16 kind = 0; kind < op_count(); ++kind)
        if (op_spec(kind).name == name) return kind;
    return std::nullopt;
}

std::optional<Error> check_op(const Machine& machine, const Op& op) {
    if (op.kind >= op_count()) return Error{"op", "does not exist"};
    const OpSpec& spec = op_spec(op.kind);
    const machine_profile& profile = *machine.profile;
    if (op.cpu >= profile.cpus)
        return Error{"cpu", "CPU " + std::to_string(op.cpu) + " does not exist; the machine has " + std::to_string(profile.cpus)};
    if (op.result != Op::NO_RESULT && op.result >= MAX_RESULTS)
        return Error{"as", "a machine keeps at most " + std::to_string(MAX_RESULTS) + " results"};
    // As boot will set nr_orders: the machine may not have booted yet.
    const u32 orders = profile.page_size == 4096 ? 11 : profile.page_size == 16384 ? 12 : 14;
    const auto fields = spec.field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const FieldSpec& field = fields[i];
        const i64 value = op.arg[i];
        const std::string name(field.name);
        if (field.unit == Unit::order && value >= orders)
            return Error{name, std::to_string(value) + " is above MAX_ORDER " + std::to_string(orders - 1)};
        if (field.unit == Unit::node && value >= profile.nodes)
            return Error{name, "node " + std::to_string(value) + " does not exist; the machine has " + std::to_string(profile.nodes)};
        if (field.unit == Unit::gfp) {
            const std::string_view conflict = gfp_conflict(static_cast<gfp_t>(value));
            if (!conflict.empty()) return Error{name, std::string(conflict)};
        }
        if (field.unit == Unit::address) continue;  // any 64 bits
        if (value < field.min || value > field.max) return Error{name, out_of_bounds(field, value)};
    }
    return std::nullopt;
}

std::size_t event_count() { return physical_events().size(); }

const EventSpec& event_spec(u16 kind) {
    MM_ASSERT(kind < event_count());
    return physical_events()[kind];
}

std::optional<std::string> verify(const Machine& machine) { return verify_physical(machine.physical); }

u64 canonical_hash(const Machine& machine) {
    Hasher hasher;
    hasher.add(machine.step);
    hash_physical(machine.physical, hasher);
    for (u32 slot = 0; slot < machine.results.size(); slot += CowArray<OpResult>::CHUNK_ITEMS) {
        if (machine.results.untouched(slot)) continue;
        for (u32 i = slot; i < slot + CowArray<OpResult>::CHUNK_ITEMS; ++i) {
            const OpResult& result = machine.results[i];
            if (result.empty()) continue;
            hasher.add(static_cast<u64>(i) << 32 | result.pfn_plus_1);
            hasher.add(static_cast<u64>(result.order) << 8 | result.freed);
        }
    }
    return hasher.value();
}

}  // namespace mm
