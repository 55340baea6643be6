// Random work on machines with SLAB and SLOB: every invariant after each step, equal states for equal seeds, no trace of
// snapshots, and misuse that nothing crashes on.
#include <gtest/gtest.h>

#include "base/rng.h"
#include "slab/classic_machines.h"

namespace mm {
namespace {

using test::allocator_profile;
using test::ClassicBench;

struct Shape {
    slab_allocator allocator;
    kernel_version kernel;
    u8 nodes;
    u16 cpus;
    u64 seed;
    bool misuse = false;

    [[nodiscard]] machine_profile profile() const {
        machine_profile profile =
            allocator_profile(allocator, kernel, architecture::x86_64, nodes, cpus, nodes == 1 ? 64 : 128);
        profile.slab.freelist_random = true;
        profile.slab.freelist_hardened = seed % 2 == 0;
        return profile;
    }
};

// One machine, its caches, and what was taken and not given back.
class Workload {
  public:
    Workload(ClassicBench& bench, const Shape& shape) : bench_(bench), shape_(shape), rng_(shape.seed) {
        const u32 sizes[] = {24, 64, 200, 320, 700, 1024, 3000, 5000};
        for (u32 size : sizes) caches_.push_back(bench.create("work-" + std::to_string(size), size, 0, size == 1024));
    }

    void step() {
        const u32 dice = rng_.below(100);
        if (dice < 45)
            take();
        else if (dice < 90)
            give();
        else if (shape_.allocator == slab_allocator::slab)
            maintain(dice);
        else
            kmalloc();
        if (shape_.misuse && dice % 10 == 3 && !given_.empty()) misuse();
    }

  private:
    struct Held {
        cache_id cache; // CACHE_NONE: kmalloc's
        phys_addr_t address;
    };
    u32 any_cpu() { return rng_.below(shape_.cpus); }

    void take() {
        const cache_id cache = caches_[rng_.below(static_cast<u32>(caches_.size()))];
        const u32 count = 1 + rng_.below(20);
        const u32 cpu = any_cpu();
        const int node = rng_.below(4) == 0 ? static_cast<int>(rng_.below(shape_.nodes)) : -1;
        for (u32 i = 0; i < count; ++i)
            if (const phys_addr_t object = bench_.take(cache, cpu, node)) held_.push_back({cache, object});
    }
    void kmalloc() {
        if (const phys_addr_t object = bench_.kmalloc(1 + rng_.below(6000), any_cpu()))
            held_.push_back({CACHE_NONE, object});
    }
    void release(const Held& held) {
        if (held.cache == CACHE_NONE)
            bench_.kfree(held.address, any_cpu());
        else
            bench_.give(held.cache, held.address, any_cpu());
    }
    void give() {
        const u32 count = std::min<u32>(1 + rng_.below(25), static_cast<u32>(held_.size()));
        for (u32 i = 0; i < count; ++i) {
            const u32 at = rng_.below(static_cast<u32>(held_.size()));
            release(held_[at]);
            given_.push_back(held_[at]);
            held_[at] = held_.back();
            held_.pop_back();
        }
    }
    void maintain(u32 dice) {
        const u32 index = rng_.below(static_cast<u32>(caches_.size()));
        slab_context cx = bench_.scx(any_cpu());
        if (dice < 94)
            cache_reap(cx, dice % 2 == 0);
        else if (dice < 96)
            kmem_cache_shrink(cx, caches_[index]);
        else if (dice < 98)
            slabinfo_write(cx, bench_.cache(caches_[index]).name, 1 + rng_.below(60), 1 + rng_.below(30),
                           rng_.below(3));
        else
            kmalloc();
    }
    // Something that was given back long ago, or an address beside it.
    void misuse() {
        Held held = given_[rng_.below(static_cast<u32>(given_.size()))];
        held.address += rng_.below(4) == 0 ? rng_.below(64) : 0;
        if (rng_.below(8) == 0) held.cache = caches_[rng_.below(static_cast<u32>(caches_.size()))];
        release(held);
    }

    ClassicBench& bench_;
    Shape shape_;
    Rng rng_;
    std::vector<cache_id> caches_;
    std::vector<Held> held_, given_;
};

std::vector<Shape> shapes(u64 seed, bool misuse) {
    std::vector<Shape> all;
    for (slab_allocator allocator : {slab_allocator::slab, slab_allocator::slob})
        for (kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1})
            for (const auto& [nodes, cpus] : {std::pair{1, 1}, {1, 2}, {2, 2}, {2, 4}})
                all.push_back({allocator, kernel, static_cast<u8>(nodes), static_cast<u16>(cpus), seed++, misuse});
    return all;
}

TEST(ClassicWorkload, KeepsEveryInvariant) {
    for (const Shape& shape : shapes(1, false)) {
        ClassicBench bench(shape.profile());
        Workload work(bench, shape);
        for (int i = 0; i < 400; ++i) {
            work.step();
            bench.events.clear();
            const auto broken = verify_slabs(bench.slabs(), bench.mem());
            ASSERT_FALSE(broken.has_value()) << "seed " << shape.seed << ", step " << i << ": " << *broken;
        }
        bench.expect_sound();
    }
}

TEST(ClassicWorkload, MisuseNeitherCrashesNorBreaksOtherSlabs) {
    for (const Shape& shape : shapes(101, true)) {
        ClassicBench bench(shape.profile());
        Workload work(bench, shape);
        for (int i = 0; i < 400; ++i) {
            work.step();
            bench.events.clear();
            const auto broken = verify_slabs(bench.slabs(), bench.mem());
            ASSERT_FALSE(broken.has_value()) << "seed " << shape.seed << ", step " << i << ": " << *broken;
        }
    }
}

// The same work twice, once with a copy of the machine made at every event.
TEST(ClassicWorkload, SnapshotsAtEveryEventLeaveNoTrace) {
    for (const Shape& shape : shapes(201, false)) {
        ClassicBench plain(shape.profile()), watched(shape.profile());
        Workload first(plain, shape), second(watched, shape);
        for (int i = 0; i < 60; ++i) first.step();
        test::SnapshotAtEveryEvent snapshots(watched);
        for (int i = 0; i < 60; ++i) second.step();
        EXPECT_EQ(canonical_hash(plain.machine), canonical_hash(watched.machine)) << "seed " << shape.seed;
        watched.expect_sound();
    }
}

} // namespace
} // namespace mm
