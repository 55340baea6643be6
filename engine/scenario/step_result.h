#pragma once
// What happened in a step of a scenario, all its ops together: what expectations and questions are compared with.
#include <optional>
#include <span>
#include <vector>

#include "machine/facts/fault_tree.h"
#include "scenario/scenario.h"

namespace mm {

class StepResult {
  public:
    // An event that was the first to tell a value that a question asks for.
    struct Seen {
        Event event;
        u8 arg = 0;
    };
    static constexpr std::size_t MAX_SEEN = 64;

    StepResult();

    // A step begins. `question`: its own, or null.
    void begin(const Question* question);
    void add(const Op& op, OpOutcome outcome, std::span<const Event> events);

    // The last op of the step so far, and how it ended.
    [[nodiscard]] const Op& op() const { return op_; }
    [[nodiscard]] OpOutcome outcome() const { return outcome_; }
    // Events of a kind, the first and the last of them; nullptr when there was none.
    [[nodiscard]] u64 count(u16 kind) const { return count_[event_index(kind)]; }
    [[nodiscard]] const Event* first(u16 kind) const { return count(kind) > 0 ? &first_[event_index(kind)] : nullptr; }
    [[nodiscard]] const Event* last(u16 kind) const { return count(kind) > 0 ? &last_of_[event_index(kind)] : nullptr; }
    [[nodiscard]] const Event* last() const { return any_ ? &last_ : nullptr; }
    // How many events of the step came before the first of this kind.
    [[nodiscard]] u64 first_at(u16 kind) const { return first_at_[event_index(kind)]; }
    // The different values that the question asks for, in the order in which they were told. After MAX_SEEN no more are
    // kept, and there are too many.
    [[nodiscard]] std::span<const Seen> seen() const { return seen_; }
    [[nodiscard]] bool too_many_seen() const { return too_many_seen_; }
    // Where the first page fault of the last op ended, and the event that tells it: kept for questions about ways. nullopt:
    // there was none.
    struct FaultEnd {
        fault_node node = fault_node::entry;
        Event event;
    };
    [[nodiscard]] const std::optional<FaultEnd>& fault_end() const { return fault_end_; }

  private:
    void see(const Event& event);
    void see_fault(std::span<const Event> events);

    Op op_;
    OpOutcome outcome_ = OpOutcome::done;
    std::vector<u64> count_;   // by event_index() of the kind
    std::vector<Event> first_; // the same, where count_ is above 0
    std::vector<Event> last_of_;
    std::vector<u64> first_at_;
    std::vector<AskedValue> asked_;
    std::vector<Seen> seen_;
    u64 events_ = 0;
    bool too_many_seen_ = false;
    bool asks_way_ = false;
    std::optional<FaultEnd> fault_end_;
    Event last_;
    bool any_ = false;
};

// Which argument of an event of this kind tells the order of the block that begins at argument `arg`: the first one of unit
// order behind it. -1: none does.
[[nodiscard]] int order_arg(u16 kind, u8 arg);

// The frame that a result stands on: of pages the first, of an object the one that holds its address. PFN_NONE for a
// cache, and when there is no result.
[[nodiscard]] pfn_t pfn_of_result(const Machine& machine, const OpResult& result);

// The first frame of the block, or the frame of the object, that an op is about: what it returned, else its page,
// frame or object. PFN_NONE without one.
[[nodiscard]] pfn_t pfn_of_op(const Machine& after, const Op& op);

// The result that an op is about: what it returned, else what it was given. nullptr without one.
[[nodiscard]] const OpResult* result_of_op(const Machine& after, const Op& op);

// What an expectation is about, as the machine has it: one number, or a list where a list is expected. nullopt when it
// is not there.
[[nodiscard]] std::optional<std::vector<i64>> actual_value(const Expectation& expected, const Machine& machine,
                                                           const StepResult& step);
[[nodiscard]] bool expectation_holds(const Expectation& expected, const Machine& machine, const StepResult& step);
// "is 0x40c00, expected 0x40c10"; empty when it holds.
[[nodiscard]] Told expectation_failure(const Expectation& expected, const Machine& machine, const StepResult& step);
// One value of what an expectation is about, as it is written in a scenario.
[[nodiscard]] std::string expected_text(const Expectation& expected, i64 value);

} // namespace mm
