#include "machine/session.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "physical/events.h"
#include "physical/gfp.h"

namespace mm {
namespace {

Machine small_machine(kernel_version kernel = kernel_version::v6_1) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.cpus = 2;
    declare_memory(profile, 64ull << 20);
    return std::move(make_machine(std::move(profile)).value());
}

std::vector<Op> random_ops(u32 count, u64 seed) {
    Rng rng(seed);
    const u16 alloc = *find_op("alloc_pages");
    const u16 free = *find_op("__free_pages");
    std::vector<Op> ops;
    std::vector<u32> live;
    u32 next = 0;
    for (u32 i = 0; i < count; ++i) {
        Op op;
        op.cpu = static_cast<u16>(rng.below(2));
        if (live.empty() || (live.size() < 500 && rng.below(100) < 55)) {
            op.kind = alloc;
            op.result = next++;
            op.arg = {rng.below(4) ? rng.below(4) : rng.below(11), GFP_NOWAIT | (rng.below(2) ? GFP_BIT_MOVABLE : 0u),
                      -1};
            live.push_back(op.result);
        } else {
            const u32 which = rng.below(static_cast<u32>(live.size()));
            op.kind = free;
            op.arg = {live[which], -1, -1};
            live[which] = live.back();
            live.pop_back();
        }
        ops.push_back(op);
    }
    return ops;
}

TEST(Session, AnyPositionEqualsRunningThereFromTheStart) {
    for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        const Machine start = small_machine(kernel);
        const std::vector<Op> ops = random_ops(3000, 3);
        std::vector<u64> hashes;
        Machine machine = start;
        EventSink sink;
        for (const Op& op : ops) {
            hashes.push_back(canonical_hash(machine));
            apply(machine, op, sink);
        }
        hashes.push_back(canonical_hash(machine));

        Session session(start, {.keyframe_bytes = 4u << 20, .first_interval = 64});
        session.append(ops);
        Rng rng(8);
        for (int i = 0; i < 120; ++i) {
            const u32 step = rng.below(3001);
            session.seek({step, rng.below(3)});
            session.seek({step, 0});
            ASSERT_EQ(canonical_hash(session.machine()), hashes[step]) << "step " << step;
        }
        EXPECT_LE(session.keyframe_bytes(), 4u << 20);
        // 47 are taken, one each 64 ops; each time the budget is reached every second one goes.
        EXPECT_GT(session.keyframe_count(), 47u / 4);
    }
}

TEST(Session, EventByEventForwardEqualsBackward) {
    Session session(small_machine());
    session.append(random_ops(60, 5));
    std::vector<std::pair<Position, u64>> trail;
    while (session.position().step < session.steps()) {
        trail.emplace_back(session.position(), canonical_hash(session.machine()));
        session.next_event();
    }
    EXPECT_GT(trail.size(), 300u);
    while (!trail.empty()) {
        session.previous_event();
        ASSERT_EQ(session.position(), trail.back().first);
        ASSERT_EQ(canonical_hash(session.machine()), trail.back().second);
        trail.pop_back();
    }
}

TEST(Session, InsideASplitTheRightHalfIsFreeAndTheLeftIsNot) {
    Session session(small_machine());
    Op op;
    op.kind = *find_op("alloc_pages");
    op.arg = {4, GFP_KERNEL, -1};
    session.append(op);
    const std::vector<Event> events = session.replay(0).events;
    u32 index = 0;
    while (events[index].kind != static_cast<u16>(physical_event::buddy_split)) ++index;
    const pfn_t left = static_cast<pfn_t>(events[index].arg[1]);
    const pfn_t right = static_cast<pfn_t>(events[index].arg[3]);
    session.seek({0, index + 1});
    EXPECT_EQ(session.machine().physical.page_at(right).state(), page_state::buddy);
    EXPECT_EQ(session.machine().physical.page_at(left).state(), page_state::tail);
    session.seek({0, index});
    EXPECT_EQ(session.machine().physical.page_at(right).state(), page_state::tail);
}

TEST(Session, PositionsPastTheEndStopAtTheEnd) {
    Session session(small_machine());
    session.append(random_ops(10, 1));
    session.seek({99, 7});
    EXPECT_EQ(session.position(), (Position{10, 0}));
    session.next_event();
    EXPECT_EQ(session.position(), (Position{10, 0}));
    session.seek({3, 100000});
    EXPECT_EQ(session.position(), (Position{4, 0}));
}

TEST(Session, TheMachineAtAnyPositionIsThatOfSeeking) {
    const std::vector<Op> ops = random_ops(400, 9);
    Session session(small_machine(), {.keyframe_bytes = 8 << 20, .first_interval = 64});
    session.append(ops);
    session.seek({200, 0});
    for (const Position at : {Position{0, 0}, {0, 1}, {199, 2}, {200, 0}, {200, 1}, {399, 0}, {400, 0}}) {
        const u64 hash = canonical_hash(session.machine_at(at));
        EXPECT_EQ(session.position(), (Position{200, 0}));
        Session other(small_machine());
        other.append(ops);
        other.seek(at);
        EXPECT_EQ(canonical_hash(other.machine()), hash) << at.step << " " << at.event;
    }
}

TEST(Session, ReplayOfAnyStepLeavesTheCursorAlone) {
    Session session(small_machine());
    session.append(random_ops(100, 2));
    session.seek({70, 0});
    const u64 before = canonical_hash(session.machine());
    const Session::Replay replay = session.replay(20);
    EXPECT_GT(replay.events.size(), 1u);
    EXPECT_EQ(session.position(), (Position{70, 0}));
    EXPECT_EQ(canonical_hash(session.machine()), before);
}

} // namespace
} // namespace mm
