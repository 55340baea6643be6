// The moment that a session tells is that of a run from the start, whichever way the cursor comes there, and costs one run of
// its op.
#include "machine/moment.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "machine/deciding_event.h"
#include "machine/session.h"
#include "physical/gfp.h"
#include "physical/machines.h"

namespace mm {
namespace {

Machine small_machine() { return std::move(make_machine(test::profile_of(64)).value()); }

Op alloc(u32 order, u32 result) {
    Op op;
    op.kind = *find_op("alloc_pages");
    op.result = result;
    op.arg = {order, GFP_KERNEL, -1};
    return op;
}

Op free_of(u32 result) {
    Op op;
    op.kind = *find_op("__free_pages");
    op.arg = {result, -1, -1};
    return op;
}

// Blocks of orders 4, 0, 3, 0 ..., and what was taken three ops ago back after each.
std::vector<Op> some_ops(u32 count) {
    std::vector<Op> ops;
    for (u32 i = 0; ops.size() < count; ++i) {
        ops.push_back(alloc(i % 2 ? 0 : 4 - i % 4 / 2, i));
        if (i >= 3) ops.push_back(free_of(i - 3));
    }
    ops.resize(count);
    return ops;
}

Session session_of(const std::vector<Op>& ops, u32 interval = 1024) {
    Session::Options options;
    options.first_interval = interval;
    Session session(small_machine(), options);
    session.append(ops);
    return session;
}

// Runs ops from the start with no session: the machine and the events of the last of them.
struct FromTheStart {
    Machine machine = small_machine();
    std::vector<Event> events;

    FromTheStart(const std::vector<Op>& ops, u32 count) {
        for (u32 i = 0; i < count; ++i) {
            events.clear();
            EventSink sink;
            sink.store_in(&events);
            apply(machine, ops[i], sink);
        }
    }
};

// The machine when so many events of `op` have happened, by a listener that hashes at each event.
std::vector<u64> hashes_at_events(Machine machine, const Op& op) {
    struct Heard {
        const Machine& machine;
        std::vector<u64> hashes;
    } heard{machine, {canonical_hash(machine)}};
    EventSink sink;
    sink.listen(
        [](void* context, const Event&) {
            Heard& h = *static_cast<Heard*>(context);
            h.hashes.push_back(canonical_hash(h.machine));
        },
        &heard);
    apply(machine, op, sink);
    return std::move(heard.hashes);
}

bool same(const std::vector<Event>& a, const std::vector<Event>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const Event& x, const Event& y) { return x.kind == y.kind && x.arg == y.arg; });
}

void expect_moment(const Moment& moment, const std::vector<Op>& ops, u32 step) {
    const FromTheStart before(ops, step), after(ops, step + 1);
    ASSERT_TRUE(moment.op && moment.before);
    EXPECT_EQ(moment.op_step(), step);
    EXPECT_EQ(*moment.op, ops[step]);
    EXPECT_EQ(canonical_hash(*moment.before), canonical_hash(before.machine));
    EXPECT_TRUE(same(moment.events, after.events));
    EXPECT_EQ(moment.because, deciding_event(after.events));
    EXPECT_EQ(moment.happened().size(), moment.nr_happened);
    if (moment.inside_op()) {
        EXPECT_EQ(moment.nr_happened, moment.position.event);
        EXPECT_LT(moment.nr_happened, moment.events.size());
        EXPECT_EQ(canonical_hash(moment.at), hashes_at_events(before.machine, ops[step])[moment.nr_happened]);
    } else {
        EXPECT_EQ(moment.nr_happened, moment.events.size());
        EXPECT_EQ(canonical_hash(moment.at), canonical_hash(after.machine));
    }
}

TEST(Moment, IsThatOfARunFromTheStart) {
    const std::vector<Op> ops = some_ops(40);
    Session session = session_of(ops, 8);
    Rng rng(7);
    for (int i = 0; i < 120; ++i) {
        const u32 step = rng.below(40);
        const u32 nr = static_cast<u32>(FromTheStart(ops, step + 1).events.size());
        const u32 event = rng.below(nr + 1);
        const Position at = event == 0 || event == nr ? Position{step + 1, 0} : Position{step, event};
        if (rng.below(3) == 0) session.seek({rng.below(41), rng.below(3)});
        const Moment& moment = session.show(rng.below(2) && event > 0 ? Position{step, event} : at);
        SCOPED_TRACE(testing::Message() << "step " << at.step << ", event " << at.event);
        EXPECT_EQ(moment.position, at);
        EXPECT_EQ(session.position(), at);
        EXPECT_EQ(&session.moment(), &moment);
        EXPECT_EQ(&session.machine(), &moment.at);
        expect_moment(moment, ops, step);
    }
}

TEST(Moment, AtTheStartThereIsNoOp) {
    Session session = session_of(some_ops(3));
    for (const u32 from : {0u, 3u}) {
        session.seek({from, 0});
        const Moment& moment = session.show({0, 0});
        EXPECT_EQ(moment.position, Position{});
        EXPECT_FALSE(moment.op || moment.before || moment.inside_op());
        EXPECT_TRUE(moment.events.empty() && moment.happened().empty());
        EXPECT_EQ(moment.because, -1);
        EXPECT_EQ(moment.at.step, 0u);
    }
}

TEST(Moment, PositionsPastTheEndAreTheEnd) {
    const std::vector<Op> ops = some_ops(3);
    Session session = session_of(ops);
    EXPECT_EQ(session.show({99, 7}).position, (Position{3, 0}));
    expect_moment(session.moment(), ops, 2);
    EXPECT_EQ(session.show({1, 1u << 30}).position, (Position{2, 0}));
    expect_moment(session.moment(), ops, 1);
    Session empty(small_machine());
    EXPECT_EQ(empty.show({5, 5}).position, Position{});
}

// What was appended later does not change the moment at the old end.
TEST(Moment, AppendedOpsLeaveIt) {
    const std::vector<Op> ops = some_ops(6);
    Session session = session_of({ops.begin(), ops.begin() + 3});
    session.show({3, 0});
    session.append(std::span(ops).subspan(3));
    expect_moment(session.show({3, 0}), ops, 2);
    expect_moment(session.show({3, 1}), ops, 3);
}

// The ops that one call runs.
template <class Call>
u64 runs_of(const Session& session, Call&& call) {
    const u64 before = session.ops_run();
    call();
    return session.ops_run() - before;
}

TEST(Moment, AStepOrAClickRunsItsOpOnce) {
    const std::vector<Op> ops = some_ops(20);
    Session session = session_of(ops);
    const auto show = [&](Position to) { return runs_of(session, [&] { session.show(to); }); };
    session.show({10, 0});
    EXPECT_EQ(show({10, 0}), 0u) << "the same place";
    EXPECT_EQ(show({11, 0}), 1u) << "the next op";
    const u32 nr = static_cast<u32>(session.replay(11).events.size());
    ASSERT_GT(nr, 2u);
    EXPECT_EQ(show({11, 1}), 1u) << "into an op";
    EXPECT_EQ(show({11, 2}), 1u) << "its next event";
    EXPECT_EQ(show({11, 1}), 1u) << "back an event";
    EXPECT_EQ(show({11, nr}), 1u) << "its last event, which is the end of the step";
    EXPECT_EQ(session.position(), (Position{12, 0}));
    EXPECT_EQ(show({11, nr - 1}), 1u) << "back into it";
    EXPECT_EQ(show({12, 0}), 1u) << "on to its end";
}

// From the machine at a keyframe to the op, each op once: 16 to 29, of which the last is the moment's.
TEST(Moment, AJumpRunsEachOpOnTheWayOnce) {
    Session session = session_of(some_ops(60), 16);
    session.seek({60, 0});
    EXPECT_EQ(session.keyframe_count(), 4u);
    EXPECT_EQ(runs_of(session, [&] { session.show({30, 0}); }), 14u);
    EXPECT_EQ(runs_of(session, [&] { session.show({50, 1}); }), 3u) << "48, 49, and 50 for its events";
}

// Views ask for what they draw of the moment, and no op runs for them.
TEST(Moment, HasWhatHappenedWithoutARun) {
    Session session = session_of(some_ops(10));
    session.show({4, 1});
    EXPECT_EQ(runs_of(session, [&] { EXPECT_EQ(session.moment().happened().size(), 1u); }), 0u);
}

TEST(Moment, TheMachineAtAnEventIsMadeFromTheMoment) {
    const std::vector<Op> ops = some_ops(12);
    Session session = session_of(ops);
    const Moment& moment = session.show({11, 0});
    const std::vector<u64> hashes = hashes_at_events(*moment.before, *moment.op);
    ASSERT_EQ(hashes.size(), moment.events.size() + 1);
    for (u32 event = 0; event < hashes.size(); ++event) {
        EXPECT_EQ(canonical_hash(machine_at_event(*moment.before, *moment.op, event)), hashes[event]) << event;
        EXPECT_EQ(canonical_hash(session.machine_at({10, event})), hashes[event]) << event;
    }
}

// The op that may not run is none that a moment could be of: the last moment is the one before it.
TEST(Moment, StandsBeforeTheOpThatMayNotRun) {
    const std::vector<Op> ops = some_ops(8);
    Session whole = session_of(ops);
    whole.seek({5, 0});
    Session::Options options;
    options.budget.run = whole.work();
    for (const Position to : {Position{5, 1}, {6, 0}, {8, 0}, {7, 2}}) {
        Session session(small_machine(), options);
        session.append(ops);
        EXPECT_EQ(session.show(to).position, (Position{5, 0}));
        ASSERT_TRUE(session.refusal());
        EXPECT_EQ(session.refusal()->step, 5u);
        EXPECT_EQ(session.work(), options.budget.run);
        expect_moment(session.moment(), ops, 4);
    }
    options.budget.run = 0;
    Session none(small_machine(), options);
    none.append(ops);
    EXPECT_EQ(none.show({1, 0}).position, Position{});
    EXPECT_FALSE(none.moment().op);
}

} // namespace
} // namespace mm
