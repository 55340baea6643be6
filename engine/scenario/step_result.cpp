#include "scenario/step_result.h"

#include <algorithm>
#include <tuple>

#include "base/hex.h"
#include "process/errno.h"
#include "process/event_rows.h"
#include "scenario/machine_file.h"
#include "scenario/process_facts.h"
#include "scenario/reader.h"
#include "scenario/slab_facts.h"

namespace mm {

namespace {

using What = Expectation::What;

std::optional<i64> free_pages(const zone& z) {
    i64 pages = 0;
    for (std::size_t order = 0; order < z.area.size(); ++order) pages += i64{z.area[order].nr_free} << order;
    return pages;
}

std::optional<i64> zone_value(const Expectation& expected, const physical_memory& memory) {
    const std::optional<zone_name> name = zone_from_text(expected.zone);
    const auto z = std::find_if(memory.zones.begin(), memory.zones.end(), [&](const zone& candidate) {
        return name && candidate.node == name->node && candidate.type == name->type;
    });
    if (z == memory.zones.end()) return std::nullopt;
    const auto key = static_cast<std::size_t>(expected.key);
    switch (expected.what) {
    case What::nr_free: return z->area[key].nr_free;
    case What::watermark: return z->watermark[key];
    case What::free_pages: return free_pages(*z);
    case What::managed_pages: return z->managed_pages;
    case What::lowmem_reserve: return z->lowmem_reserve[key];
    case What::pcp_count:
        if (key >= z->pcp.size()) return std::nullopt;
        return z->pcp[key].count;
    default: return std::nullopt;
    }
}

std::optional<i64> one_value(const Expectation& expected, const Machine& machine, const StepResult& step) {
    switch (expected.what) {
    case What::pfn: return pfn_of_op(machine, step.op());
    case What::outcome: return static_cast<i64>(step.outcome());
    case What::event:
    case What::no_event: return static_cast<i64>(step.count(*find_event(expected.name)));
    case What::argument: {
        const u16 kind = *find_event(expected.name);
        const Event* event = expected.fact == 0 ? step.first(kind) : step.last(kind);
        if (!event) return std::nullopt;
        return event->arg[static_cast<std::size_t>(expected.key)];
    }
    case What::errno_name: {
        const Event* failed = step.last(static_cast<u16>(process_event::mm_call_failed));
        if (step.outcome() == OpOutcome::done || !failed) return static_cast<i64>(mm_errno::none);
        const Args<process_event::mm_call_failed> in(*failed);
        // brk() returns the break whatever went wrong inside: the C library makes ENOMEM of it.
        return in["call"] == static_cast<i64>(mm_call::brk) ? static_cast<i64>(mm_errno::enomem) : in["errno"];
    }
    case What::process: return process_fact_value(expected, machine);
    case What::type: {
        const pfn_t pfn = pfn_of_op(machine, step.op());
        if (!machine.physical.pfn_valid(pfn)) return std::nullopt;
        return machine.physical.block_type(pfn);
    }
    default: return zone_value(expected, machine.physical);
    }
}

bool is_list(const Expectation& expected) {
    return expected.what == What::vmas ||
           (expected.what == What::slab && slab_facts()[expected.fact].value == SlabFact::Value::list);
}

std::vector<i64> wanted_value(const Expectation& expected) {
    return is_list(expected) ? expected.list : std::vector<i64>{expected.value};
}

bool equals(const Expectation& expected, const std::vector<i64>& actual) {
    if (expected.what == What::no_event) return actual.front() == 0;
    if (expected.what == What::event && expected.value < 0) return actual.front() > 0;
    return actual == wanted_value(expected);
}

std::string values_text(const Expectation& expected, const std::vector<i64>& values) {
    if (!is_list(expected)) return expected_text(expected, values.front());
    std::string out = "[";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? ", " : "") + std::to_string(values[i]);
    return out + "]";
}

std::string argument_text(const Expectation& expected, i64 value) {
    const u16 kind = *find_event(expected.name);
    const ArgSpec& spec = event_spec(kind).args[static_cast<std::size_t>(expected.key)];
    const EventWords* words = spec.unit == Unit::reason ? find_event_words(kind, spec.name, value) : nullptr;
    if (words) return "\"" + std::string(words->text_en) + "\"";
    return unit_row(spec.unit).in_hex ? address_hex(static_cast<u64>(value)) : std::to_string(value);
}

} // namespace

StepResult::StepResult()
    : count_(event_kinds().size()), first_(count_.size()), last_of_(count_.size()), first_at_(count_.size()) {}

void StepResult::begin(const Question* question) {
    std::fill(count_.begin(), count_.end(), 0);
    any_ = false;
    events_ = 0;
    seen_.clear();
    too_many_seen_ = false;
    asked_.clear();
    if (question) asked_ = question->values;
    asks_way_ = question && question->kind == Question::Kind::branch;
    fault_end_.reset();
}

void StepResult::add(const Op& op, OpOutcome outcome, std::span<const Event> events) {
    op_ = op;
    outcome_ = outcome;
    for (const Event& event : events) {
        const std::size_t kind = event_index(event.kind);
        if (count_[kind]++ == 0) {
            first_[kind] = event;
            first_at_[kind] = events_;
        }
        last_of_[kind] = event;
        ++events_;
        if (!asked_.empty()) see(event);
    }
    if (asks_way_) see_fault(events);
    if (events.empty()) return;
    last_ = events.back();
    any_ = true;
}

void StepResult::see_fault(std::span<const Event> events) {
    fault_end_.reset();
    const std::vector<FaultRun> runs = fault_runs(events);
    if (runs.empty() || !runs.front().ended()) return;
    const FaultStep& end = runs.front().steps.back();
    fault_end_ = FaultEnd{end.node, events[static_cast<std::size_t>(end.event)]};
}

// Values are the same when they are written the same, and of blocks when their order is, too.
void StepResult::see(const Event& event) {
    for (const AskedValue& asked : asked_) {
        if (asked.event != event.kind) continue;
        const auto value_of = [](const Event& told, u8 arg) {
            const int order = order_arg(told.kind, arg);
            const Unit unit = event_spec(told.kind).args[arg].unit;
            const bool block = unit == Unit::pfn && order >= 0;
            return std::tuple(unit, told.arg[arg], block ? told.arg[static_cast<std::size_t>(order)] : 0);
        };
        const auto same = [&](const Seen& other) {
            return value_of(other.event, other.arg) == value_of(event, asked.arg);
        };
        if (std::any_of(seen_.begin(), seen_.end(), same)) continue;
        if (seen_.size() < MAX_SEEN)
            seen_.push_back({event, asked.arg});
        else
            too_many_seen_ = true;
    }
}

int order_arg(u16 kind, u8 arg) {
    const std::span<const ArgSpec> args = event_spec(kind).arg_list();
    for (std::size_t i = arg + 1u; i < args.size(); ++i)
        if (args[i].unit == Unit::order) return static_cast<int>(i);
    return -1;
}

pfn_t pfn_of_result(const Machine& machine, const OpResult& result) {
    switch (result.kind) {
    case ResultKind::pages: return result.pfn();
    case ResultKind::object:
        // ZERO_SIZE_PTR stands on no frame that anybody owns.
        if (result.value <= ZERO_SIZE_PTR) return PFN_NONE;
        return machine.physical.pfn_of(result.value);
    default: return PFN_NONE;
    }
}

const OpResult* result_of_op(const Machine& after, const Op& op) {
    if (op.result != Op::NO_RESULT) {
        const OpResult& made = after.results[op.result];
        return made.empty() ? nullptr : &made;
    }
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const ResultKind kind = result_kind(fields[i].unit);
        if (op.arg[i] < 0 || op.arg[i] >= i64{MAX_RESULTS}) continue;
        if (kind != ResultKind::pages && kind != ResultKind::object) continue;
        const OpResult& given = after.results[static_cast<u32>(op.arg[i])];
        if (!given.empty()) return &given;
    }
    return nullptr;
}

pfn_t pfn_of_op(const Machine& after, const Op& op) {
    if (const OpResult* result = result_of_op(after, op)) return pfn_of_result(after, *result);
    if (op.result != Op::NO_RESULT) return PFN_NONE;
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].unit == Unit::pfn && op.arg[i] >= 0) return static_cast<pfn_t>(op.arg[i]);
    return PFN_NONE;
}

std::optional<std::vector<i64>> actual_value(const Expectation& expected, const Machine& machine,
                                             const StepResult& step) {
    if (expected.what == What::slab) return slab_fact_value(expected, machine);
    if (expected.what == What::vmas) return vmas_value(expected, machine);
    const std::optional<i64> value = one_value(expected, machine, step);
    if (!value) return std::nullopt;
    return std::vector<i64>{*value};
}

bool expectation_holds(const Expectation& expected, const Machine& machine, const StepResult& step) {
    const auto actual = actual_value(expected, machine, step);
    return actual && equals(expected, *actual);
}

std::string expected_text(const Expectation& expected, i64 value) {
    switch (expected.what) {
    case What::pfn: return address_hex(static_cast<u64>(value));
    case What::outcome: return std::string(outcome_names[static_cast<std::size_t>(value)]);
    case What::type: return std::string(migratetype_names[static_cast<std::size_t>(value)]);
    case What::argument: return argument_text(expected, value);
    case What::slab: return slab_fact_text(expected, value);
    case What::errno_name: return std::string(errno_name(static_cast<mm_errno>(value)));
    case What::process: return process_fact_text(expected, value);
    default: return std::to_string(value);
    }
}

Told expectation_failure(const Expectation& expected, const Machine& machine, const StepResult& step) {
    const auto actual = actual_value(expected, machine, step);
    if (!actual) return {"is not there", "这里没有"};
    if (equals(expected, *actual)) return {};
    const i64 value = actual->empty() ? 0 : actual->front();
    if (expected.what == What::pfn && value == PFN_NONE)
        return {"has no page: the request failed, or its result has no name (\"as\")",
                "没有页：请求失败，或者结果没有名称（\"as\"）"};
    if (expected.what == What::no_event || expected.what == What::event) {
        const Told times = value == 1 ? Told{"once", "1 次"} : told("{0} times", "{0} 次", {value});
        const Told wanted = expected.what == What::no_event ? Told{"never", "从不发生"}
                            : expected.value < 0            ? Told{"at least once", "至少一次"}
                                                            : told("{0}", "是 {0} 次", {expected.value});
        return told("{0} happened {1}, expected {2}", "{0} 发生了 {1}，应当{2}", {expected.name, times, wanted});
    }
    if (expected.what == What::vmas)
        return told(
            "is {0}, expected {1}", "是 {0}，应当是 {1}",
            {Told{vmas_text(expected, *actual, Language::en), vmas_text(expected, *actual, Language::zh)},
             Told{vmas_text(expected, expected.list, Language::en), vmas_text(expected, expected.list, Language::zh)}});
    return told("is {0}, expected {1}", "是 {0}，应当是 {1}",
                {values_text(expected, *actual), values_text(expected, wanted_value(expected))});
}

} // namespace mm
