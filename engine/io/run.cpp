#include "io/run.h"

#include <algorithm>

#include "io/machine_file.h"
#include "io/scenario_reader.h"
#include "machine/session.h"

namespace mm {

namespace {

std::string hex_pfn(pfn_t pfn) { return "0x" + number_to_hex(pfn); }

// What an expectation is about, as the machine has it; nullopt when it is not there.
class Actual {
  public:
    explicit Actual(const ScenarioRun& run) : run_(run), memory_(run.machine().physical) {}

    [[nodiscard]] std::optional<i64> value(const Expectation& expected) const {
        using What = Expectation::What;
        switch (expected.what) {
        case What::pfn: return pfn_of_op(run_.machine(), run_.op());
        case What::outcome: return static_cast<i64>(run_.outcome());
        case What::event:
        case What::no_event: return static_cast<i64>(run_.events_of_kind(*find_event(expected.name)));
        case What::type: return block_type();
        default: break;
        }
        const zone* z = find_zone(expected.zone);
        if (!z) return std::nullopt;
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

  private:
    [[nodiscard]] std::optional<i64> block_type() const {
        const pfn_t pfn = pfn_of_op(run_.machine(), run_.op());
        if (!memory_.pfn_valid(pfn)) return std::nullopt;
        return memory_.block_type(pfn);
    }

    [[nodiscard]] const zone* find_zone(std::string_view text) const {
        const std::optional<zone_name> name = zone_from_text(text);
        for (const zone& z : memory_.zones)
            if (name && z.node == name->node && z.type == name->type) return &z;
        return nullptr;
    }

    [[nodiscard]] static i64 free_pages(const zone& z) {
        i64 pages = 0;
        for (std::size_t order = 0; order < z.area.size(); ++order) pages += i64{z.area[order].nr_free} << order;
        return pages;
    }

    const ScenarioRun& run_;
    const physical_memory& memory_;
};

bool holds(const Expectation& expected, i64 actual) {
    if (expected.what == Expectation::What::no_event) return actual == 0;
    if (expected.what == Expectation::What::event && expected.value < 0) return actual > 0;
    return actual == expected.value;
}

std::string value_text(const Expectation& expected, i64 value) {
    switch (expected.what) {
    case Expectation::What::pfn: return hex_pfn(static_cast<pfn_t>(value));
    case Expectation::What::outcome: return std::string(outcome_names[static_cast<std::size_t>(value)]);
    case Expectation::What::type: return std::string(migratetype_names[static_cast<std::size_t>(value)]);
    default: return std::to_string(value);
    }
}

std::string failure_text(const Expectation& expected, std::optional<i64> actual) {
    if (!actual) return "is not there";
    switch (expected.what) {
    case Expectation::What::pfn:
        if (*actual == PFN_NONE) return "has no page: the request failed, or its result has no name (\"as\")";
        return "is " + value_text(expected, *actual) + ", expected " + value_text(expected, expected.value);
    case Expectation::What::no_event:
        return expected.name + " happened " + std::to_string(*actual) + " times, expected never";
    case Expectation::What::event:
        return expected.name + " happened " + std::to_string(*actual) + " times, expected " +
               (expected.value < 0 ? "at least once" : std::to_string(expected.value));
    default: return "is " + value_text(expected, *actual) + ", expected " + value_text(expected, expected.value);
    }
}

constexpr u32 VERIFIED_AT_FIRST = 64; // ops after each of which verify() runs
constexpr u32 SAMPLES = 16;           // positions spread over longer scenarios

class Checker {
  public:
    explicit Checker(const Scenario& scenario) : scenario_(scenario) {}

    CheckReport check() {
        Result<Machine> start = start_machine(scenario_);
        if (!start) {
            report_.failures.push_back(start.error());
            return std::move(report_);
        }
        ScenarioRun run(scenario_, *start);
        verify_machine(run.machine(), 0);
        while (run.next() && !full()) {
            const u32 done = run.ops_applied();
            if (run.step_complete()) {
                report_.expectations += static_cast<u32>(run.step().expect.size());
                check_step(run, report_.failures);
            }
            if (done <= VERIFIED_AT_FIRST || is_sample(done)) verify_machine(run.machine(), done);
            if (is_sample(done)) hashes_.push_back({done, canonical_hash(run.machine())});
        }
        report_.ops = run.ops_applied();
        report_.hash = canonical_hash(run.machine());
        if (!full()) check_seek(std::move(*start));
        if (report_.failures.size() > MAX_CHECK_FAILURES) report_.failures.resize(MAX_CHECK_FAILURES);
        return std::move(report_);
    }

  private:
    struct Sample {
        u32 ops = 0;
        u64 hash = 0;
    };

    [[nodiscard]] bool full() const { return report_.failures.size() >= MAX_CHECK_FAILURES; }

    [[nodiscard]] bool is_sample(u32 ops) const {
        const u32 total = static_cast<u32>(scenario_.ops.size());
        return ops == total || ops % std::max(total / SAMPLES, 1u) == 0;
    }

    void fail(u32 ops, std::string message) {
        report_.failures.push_back(Error{"op " + std::to_string(ops), std::move(message)});
    }

    void verify_machine(const Machine& machine, u32 ops) {
        if (const std::optional<std::string> broken = verify(machine)) fail(ops, "broken invariant: " + *broken);
    }

    // Every second sample first, then backwards over the rest: the cursor moves both ways.
    void check_seek(Machine start) {
        Session session(std::move(start));
        session.append(scenario_.ops);
        for (std::size_t i = 0; i < hashes_.size(); i += 2) compare_at(session, hashes_[i]);
        for (std::size_t i = hashes_.size(); i-- > 0;)
            if (i % 2 == 1) compare_at(session, hashes_[i]);
    }

    void compare_at(Session& session, const Sample& sample) {
        session.seek({sample.ops, 0});
        if (canonical_hash(session.machine()) != sample.hash)
            fail(sample.ops, "seeking here gives another machine than running from the start");
        // The op before, stopped in its middle: reached at once, and event by event.
        const auto middle = static_cast<u32>(session.replay(sample.ops - 1).events.size() / 2);
        if (middle == 0) return;
        session.seek({sample.ops - 1, middle});
        const u64 at_once = canonical_hash(session.machine());
        session.seek({sample.ops - 1, middle - 1});
        session.next_event();
        if (canonical_hash(session.machine()) != at_once)
            fail(sample.ops,
                 "stepping to event " + std::to_string(middle) + " gives another machine than seeking there");
    }

    const Scenario& scenario_;
    CheckReport report_;
    std::vector<Sample> hashes_;
};

} // namespace

ScenarioRun::ScenarioRun(const Scenario& scenario, Machine start)
    : scenario_(scenario), machine_(std::move(start)), step_events_(event_count()) {}

bool ScenarioRun::next() {
    if (ops_applied_ == scenario_.ops.size()) return false;
    if (ops_applied_ > 0 && step_complete()) {
        ++step_;
        std::fill(step_events_.begin(), step_events_.end(), 0);
    }
    events_.clear();
    EventSink sink;
    sink.store_in(&events_);
    outcome_ = apply(machine_, scenario_.ops[ops_applied_], sink);
    ++ops_applied_;
    for (const Event& event : events_) ++step_events_[event.kind];
    return true;
}

pfn_t pfn_of_op(const Machine& after, const Op& op) {
    if (op.result != Op::NO_RESULT) {
        const OpResult& result = after.results[op.result];
        return result.empty() ? PFN_NONE : result.pfn();
    }
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (op.arg[i] < 0) continue;
        if (fields[i].unit == Unit::pfn) return static_cast<pfn_t>(op.arg[i]);
        if (fields[i].unit == Unit::result && op.arg[i] < i64{MAX_RESULTS}) {
            const OpResult& result = after.results[static_cast<u32>(op.arg[i])];
            if (!result.empty()) return result.pfn();
        }
    }
    return PFN_NONE;
}

void check_step(const ScenarioRun& run, std::vector<Error>& failures) {
    const Actual actual(run);
    for (const Expectation& expected : run.step().expect) {
        const std::optional<i64> value = actual.value(expected);
        if (!value || !holds(expected, *value))
            failures.push_back(Error{expected.path, failure_text(expected, value), expected.line, expected.column});
    }
}

std::vector<Error> check_expectations(const Scenario& scenario) {
    std::vector<Error> failures;
    Result<Machine> start = start_machine(scenario);
    if (!start) return {start.error()};
    ScenarioRun run(scenario, std::move(*start));
    while (failures.size() < MAX_CHECK_FAILURES && run.next())
        if (run.step_complete()) check_step(run, failures);
    if (failures.size() > MAX_CHECK_FAILURES) failures.resize(MAX_CHECK_FAILURES);
    return failures;
}

CheckReport check_scenario(const Scenario& scenario) { return Checker(scenario).check(); }

} // namespace mm
