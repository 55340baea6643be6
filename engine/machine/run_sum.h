#pragma once
// The sum of a run: what many ops did together, and which of them went another way than the turn before.
//
//   op       1     2     3   ...   63      64     65   ...
//   course   hit   hit   hit       refill  hit    hit           the kinds of events that decided, and how it ended
//                                  `- another way; 64 only comes back to the usual one
//
// Of the events those count that may decide an op (machine/deciding_event.h), without their numbers; but not whether a block was
// split or merged: that follows from how full the lists are, and alternates. The turn before an op is the last op of the run that asked for the same: the same kind of op with the same values, whatever
// results and CPU it names. A course that differs from that turn's is another way, unless it is the way that was usual
// before; what happens twice in a row is usual.
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/told.h"
#include "machine/machine.h"

namespace mm {

// An op of the run that went another way.
struct OtherWay {
    static constexpr u16 NO_KIND = 0xffff;
    u32 op = 0;          // its place in the session
    u16 kind = NO_KIND;  // of its events that the turn before had not, the one that decides most; NO_KIND: it had none
    bool failed = false; // it returned NULL, and the turn before did not
};

inline constexpr std::size_t MAX_TOLD_WAYS = 8;

struct RunSum {
    u32 ops = 0;
    u32 allocations = 0, frees = 0; // ops that took memory, and that gave it back (machine/op_kind.h)
    u32 failed = 0;                 // returned NULL
    u32 refused = 0;
    u64 splits = 0, merges = 0; // of the buddy lists
    // Ops of processes change VMAs, not the buddy lists: of those it is told what became of VMAs and of the tree of them.
    bool of_processes = false;
    struct Vmas {
        u64 made = 0, merged = 0, split = 0, removed = 0, tree_changes = 0, faults = 0;
    };
    Vmas vmas;
    struct Zone {
        u8 zone = 0;
        u64 blocks = 0, pages = 0;
        friend bool operator==(const Zone&, const Zone&) = default;
    };
    std::vector<Zone> zones;          // that pages were taken from, in the machine's order
    std::vector<OtherWay> other_ways; // ascending
};

// Counts op by op. Between begin() and end() it is told each event, while the machine is as it is at that event.
class RunCounter {
  public:
    RunCounter();
    void begin(u32 index, const Op& op);
    void event(const Machine& machine, const Event& event);
    void end(OpOutcome outcome);
    [[nodiscard]] const RunSum& sum() const { return sum_; }

  private:
    static constexpr u32 NO_PART = 0xffffffff;
    struct Course {
        std::vector<u16> kinds; // ascending
        OpOutcome outcome = OpOutcome::done;
        friend bool operator==(const Course&, const Course&) = default;
    };
    struct Request {
        u16 kind = 0;
        std::array<i64, MAX_OP_FIELDS> arg{}; // 0 where a result is named
        friend auto operator<=>(const Request&, const Request&) = default;
    };
    struct Way {
        Course usual, last;
    };
    [[nodiscard]] OtherWay other_way(const Way& before, OpOutcome outcome) const;

    RunSum sum_;
    std::map<Request, Way> ways_;
    // By event_index(): the op that met this kind last, counted from 1; NO_PART: the kind is no part of a course.
    std::vector<u32> met_;
    Op op_;
    u32 index_ = 0;
    std::vector<u16> kinds_; // of the op so far, in the order in which they came
};

// Runs ops one after the other on a machine of its own, in slices, and counts them. It keeps nothing of the machine when it is
// done.
class RunWatch {
  public:
    // The machine is the one before op `first`.
    RunWatch(Machine before, u32 first, u32 nr_ops);
    // About so many units of work, at least one op. True: it is done, or it has come to an op that may not run.
    bool go_on(std::span<const Op> ops, u64 work, const work_budget& budget = SCENARIO_WORK);
    [[nodiscard]] bool done() const { return !machine_; }
    // The op that comes next.
    [[nodiscard]] u32 next() const { return next_; }
    [[nodiscard]] u32 end() const { return end_; }
    // Of the ops before next().
    [[nodiscard]] const RunSum& sum() const { return counter_.sum(); }
    // The first op that went another way, at or behind `op`; nullopt: none as far as it has come.
    [[nodiscard]] std::optional<u32> other_way_from(u32 op) const;

  private:
    std::optional<Machine> machine_;
    u32 next_, end_;
    RunCounter counter_;
};

// "1,000 ops: 600 allocations, 400 frees; 15 splits, 3 merges. Pages taken: DMA 2,944. 3 returned NULL. ..."
[[nodiscard]] Told run_sum_text(const Machine& machine, const RunSum& sum);
// What an op did that the turn before did not: "NULL" or the name of an event; empty where it only left something out.
[[nodiscard]] std::string_view other_way_name(const OtherWay& way);

} // namespace mm
