#include "machine/machine.h"

#include "base/names.h"
#include "machine/rooms.h"
#include "physical/boot.h"
#include "physical/gfp.h"
#include "physical/memblock_profile.h"

namespace mm {

Machine::Machine() = default;
Machine::~Machine() = default;
Machine::Machine(const Machine&) = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(const Machine&) = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

namespace {

Told out_of_bounds(const FieldSpec& field, i64 value) {
    if (value > field.max) return told("{0} is above {1}", "{0} 超过了 {1}", {value, field.max});
    return told("{0} is below {1}", "{0} 低于 {1}", {value, field.min});
}

Error too_many_results() {
    return told_error("as", told("a machine keeps at most {0} results", "一台机器最多保存 {0} 个结果", {MAX_RESULTS}));
}

// What values of a unit may name that this machine does not have; empty: nothing.
struct UnitCheck {
    Unit unit;
    Told (*wrong)(const machine_profile& profile, i64 value);
};

Told wrong_name(const machine_profile&, i64 value) {
    if (value < i64{name_count()}) return {};
    return {"is the number of no name", "不是任何名称的编号"};
}
Told wrong_order(const machine_profile& profile, i64 value) {
    // As boot will set nr_orders: the machine may not have booted yet.
    const u32 orders = profile.page_size == 4096 ? 11 : profile.page_size == 16384 ? 12 : 14;
    if (value < orders) return {};
    return told("{0} is above MAX_ORDER {1}", "{0} 超过了 MAX_ORDER {1}", {value, orders - 1});
}
Told wrong_node(const machine_profile& profile, i64 value) {
    if (value < profile.nodes) return {};
    return told("node {0} does not exist; the machine has {1}", "节点 {0} 不存在；这台机器有 {1} 个",
                {value, profile.nodes});
}
Told wrong_gfp(const machine_profile&, i64 value) { return gfp_conflict(static_cast<gfp_t>(value)); }

constexpr UnitCheck unit_checks[] = {
    {Unit::name, wrong_name}, {Unit::path, wrong_name}, {Unit::order, wrong_order},
    {Unit::node, wrong_node}, {Unit::gfp, wrong_gfp},
};

// What a field of an op says that this machine does not have.
std::optional<Told> wrong_value(const machine_profile& profile, const FieldSpec& field, i64 value) {
    for (const UnitCheck& check : unit_checks)
        if (check.unit == field.unit)
            if (Told wrong = check.wrong(profile, value); !wrong.empty()) return wrong;
    const Form form = unit_row(field.unit).form;
    if (form == Form::address || form == Form::place) return std::nullopt; // any 64 bits
    if (value < field.min || value > field.max) return out_of_bounds(field, value);
    return std::nullopt;
}

// The other rooms come up as soon as the page allocator serves requests. kernel: mm_init
void start_rooms(Machine& machine) {
    if (machine.slabs.up || machine.physical.stage != boot_stage::ready) return;
    for (const Room& room : rooms())
        if (room.start) room.start(machine);
}

// Where an op stands. The rooms are asked in their order, so that an op of the first ones asks nothing of the others.
struct OpPlace {
    std::size_t room = NR_ROOMS; // NR_ROOMS: there is no such op
    std::size_t row = 0;
};

OpPlace place_of_op(u16 kind) {
    std::size_t row = kind;
    for (std::size_t room = 0; room < NR_ROOMS; ++room) {
        const std::size_t count = rooms()[room].op_count();
        if (row < count) return {room, row};
        row -= count;
    }
    return {};
}

} // namespace

Result<Machine> make_unbooted_machine(machine_profile profile) {
    if (auto bad = check_profile(profile)) return *bad;
    if (!profile.recorded.empty())
        return told_error("boot", told("a recorded state cannot be booted in steps: it has booted long ago",
                                       "录制的状态不能分步启动：它早已启动完毕"));
    settle_memory(profile);
    Machine machine;
    machine.physical.memblock = memblock_of(profile);
    machine.profile = std::make_shared<const machine_profile>(std::move(profile));
    return machine;
}

Result<Machine> make_machine(machine_profile profile) {
    if (auto bad = check_profile(profile)) return *bad;
    if (profile.memblock_empty)
        return told_error("memblock", told("is \"empty\": ops tell memblock what memory there is, with \"boot\": "
                                           "\"stepped\"",
                                           "是 \"empty\"：由操作告诉 memblock 有哪些内存，需要 \"boot\": \"stepped\""));
    settle_memory(profile);
    Machine machine;
    machine.profile = std::make_shared<const machine_profile>(std::move(profile));
    if (machine.profile->recorded.empty()) {
        EventSink quiet;
        machine.physical = boot(*machine.profile, quiet);
    } else if (auto bad = restore_recorded(machine.physical, *machine.profile)) {
        return *bad;
    }
    start_rooms(machine);
    return machine;
}

namespace {

OpOutcome apply_row(Machine& machine, const Op& op, EventSink& sink) {
    const OpPlace at = place_of_op(op.kind);
    MM_ASSERT(at.room < NR_ROOMS);
    const Room& room = rooms()[at.room];
    const bool boots = room.op_spec(at.row).boots;
    if (machine.physical.stage != boot_stage::ready && !boots) return OpOutcome::refused;
    OpCall call{op, sink, machine.results, machine.step};
    const OpOutcome outcome = room.apply(machine, at.row, call);
    if (boots) start_rooms(machine);
    return outcome;
}

} // namespace

OpOutcome apply(Machine& machine, const Op& op, EventSink& sink) {
    ++machine.step;
    const OpOutcome outcome = apply_row(machine, op, sink);
    sink.charge(OP_WORK);
    return outcome;
}

u64 record_count(const Machine& machine) {
    u64 records = 0;
    for (const Room& room : rooms()) records += room.record_count(machine);
    return records;
}

u64 Machine::bytes_copied() const {
    u64 bytes = results.bytes_copied();
    for (const Room& room : rooms()) bytes += room.bytes_copied(*this);
    return bytes;
}

u64 Machine::bytes_of_lists() const {
    u64 bytes = 0;
    for (const Room& room : rooms())
        if (room.bytes_of_lists) bytes += room.bytes_of_lists(*this);
    return bytes;
}

std::size_t op_count() {
    std::size_t count = 0;
    for (const Room& room : rooms()) count += room.op_count();
    return count;
}

const OpSpec& op_spec(u16 kind) {
    const OpPlace at = place_of_op(kind);
    MM_ASSERT(at.room < NR_ROOMS);
    return rooms()[at.room].op_spec(at.row);
}

std::optional<u16> find_op(std::string_view name) {
    std::size_t before = 0;
    for (const Room& room : rooms()) {
        const std::size_t count = room.op_count();
        for (std::size_t row = 0; row < count; ++row)
            if (room.op_spec(row).name == name) return static_cast<u16>(before + row);
        before += count;
    }
    return std::nullopt;
}

std::optional<Error> check_op(const Machine& machine, const Op& op) {
    const OpPlace at = place_of_op(op.kind);
    if (at.room == NR_ROOMS) return told_error("op", told("does not exist", "不存在"));
    const OpSpec& spec = rooms()[at.room].op_spec(at.row);
    const machine_profile& profile = *machine.profile;
    if (op.cpu >= profile.cpus)
        return told_error("cpu", told("CPU {0} does not exist; the machine has {1}",
                                      "CPU {0} 不存在；这台机器有 {1} 个", {op.cpu, profile.cpus}));
    if (op.result != Op::NO_RESULT && op.result >= MAX_RESULTS) return too_many_results();
    const auto fields = spec.field_list();
    if (spec.has_row() && op.result != Op::NO_RESULT && op.result + row_length(spec, op) > i64{MAX_RESULTS})
        return too_many_results();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (std::optional<Told> wrong = wrong_value(profile, fields[i], op.arg[i]))
            return told_error(std::string(fields[i].name), *std::move(wrong));
    return std::nullopt;
}

std::span<const u16> event_kinds() {
    static const std::vector<u16> all = [] {
        std::vector<u16> kinds;
        for (std::size_t room = 0; room < NR_ROOMS; ++room)
            for (std::size_t i = events_before(room); i < events_before(room + 1); ++i)
                kinds.push_back(static_cast<u16>(first_number(rooms()[room].id) + i - events_before(room)));
        return kinds;
    }();
    return all;
}

bool is_event_kind(u16 kind) {
    const auto room = static_cast<std::size_t>(room_of(kind));
    return room < NR_ROOMS && events_before(room) + place_in_room(kind) < events_before(room + 1);
}

std::size_t event_index(u16 kind) {
    MM_ASSERT(is_event_kind(kind));
    return events_before(static_cast<std::size_t>(room_of(kind))) + place_in_room(kind);
}

const EventSpec& event_spec(u16 kind) {
    const EventPart part = event_part(kind);
    return part.specs[static_cast<std::size_t>(kind - part.first)];
}

std::vector<EventWords> all_event_words() {
    std::vector<EventWords> out;
    for (const Room& room : rooms())
        for (const EventPart& part : event_parts(room)) out.insert(out.end(), part.words.begin(), part.words.end());
    return out;
}

const EventWords* find_event_words(u16 kind, std::string_view arg, i64 value) {
    for (const EventWords& row : event_part(kind).words)
        if (row.kind == kind && row.arg == arg && row.value == value) return &row;
    return nullptr;
}

std::string_view function_name(u16 function) {
    const std::span<const std::string_view> names = room_row(function).functions();
    MM_ASSERT(place_in_room(function) < names.size());
    return names[place_in_room(function)];
}

std::optional<std::string> verify(const Machine& machine) {
    for (const Room& room : rooms())
        if (auto broken = room.verify(machine)) return broken;
    return std::nullopt;
}

u64 canonical_hash(const Machine& machine) {
    Hasher hasher;
    hasher.add(machine.step);
    for (const Room& room : rooms()) room.hash(machine, hasher);
    for (u32 slot = 0; slot < machine.results.size(); slot += CowArray<OpResult>::CHUNK_ITEMS) {
        if (machine.results.untouched(slot)) continue;
        for (u32 i = slot; i < slot + CowArray<OpResult>::CHUNK_ITEMS; ++i) {
            const OpResult& result = machine.results[i];
            if (result.empty()) continue;
            hasher.add(i);
            hasher.add(result.value);
            hasher.add(static_cast<u64>(result.kind) << 16 | static_cast<u64>(result.order) << 8 | result.freed);
        }
    }
    return hasher.value();
}

} // namespace mm
