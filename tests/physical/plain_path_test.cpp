// The plain path is a second way through the allocator (physical/plain_path.h): it has to do what the full way does.
#include <array>

#include "base/rng.h"
#include "physical/gfp.h"
#include "tests/physical/machines.h"

namespace mm::test {
namespace {

constexpr std::array MASKS = {GFP_KERNEL,
                              GFP_NOWAIT,
                              GFP_HIGHUSER_MOVABLE,
                              GFP_KERNEL | GFP_BIT_COMP,
                              GFP_KERNEL | GFP_BIT_RECLAIMABLE,
                              GFP_KERNEL | GFP_BIT_DMA32,
                              GFP_NOWAIT | GFP_BIT_HIGH | GFP_BIT_ATOMIC,
                              GFP_KERNEL | GFP_BIT_THISNODE};

// One machine whose sink stores every event, which takes the full way, and one that nobody watches.
class Pair {
  public:
    explicit Pair(const machine_profile& profile) : watched_(profile), unwatched_(profile) {
        unwatched_.sink = EventSink{};
    }

    pfn_t alloc(u32 cpu, const alloc_request& request) {
        physical_context told = watched_.cx(cpu), counted = unwatched_.cx(cpu);
        const pfn_t pfn = alloc_pages(told, request);
        EXPECT_EQ(alloc_pages(counted, request), pfn);
        compare();
        return pfn;
    }
    void free(u32 cpu, pfn_t pfn, u32 order) {
        physical_context told = watched_.cx(cpu), counted = unwatched_.cx(cpu);
        free_pages(told, pfn, order);
        free_pages(counted, pfn, order);
        compare();
    }
    // A copy of both: what is plain is found in chunks that are shared now, too.
    void keep_copy() {
        copies_.push_back(watched_.machine);
        copies_.push_back(unwatched_.machine);
    }
    void expect_equal() {
        EXPECT_EQ(canonical_hash(watched_.machine), canonical_hash(unwatched_.machine));
        unwatched_.expect_sound();
    }

  private:
    void compare() {
        EXPECT_EQ(watched_.events.size(), unwatched_.sink.count() - counted_before_);
        counted_before_ = unwatched_.sink.count();
        watched_.events.clear();
    }

    Bench watched_, unwatched_;
    u64 counted_before_ = 0;
    std::vector<Machine> copies_;
};

struct Held {
    pfn_t pfn;
    u32 order;
};

void expect_same_ways(const machine_profile& profile, u64 seed, bool misuse) {
    Pair pair(profile);
    Rng rng(seed);
    std::vector<Held> held;
    for (int step = 0; step < 6000 && !testing::Test::HasFailure(); ++step) {
        const u32 cpu = rng.below(profile.cpus);
        // Fills the machine and empties it again, three times.
        const bool filling = step % 2000 < 1200;
        if (held.empty() || rng.below(10) < (filling ? 7u : 2u)) {
            const u32 order = rng.below(4) ? rng.below(4) : rng.below(11);
            const pfn_t pfn = pair.alloc(cpu, {order, MASKS[rng.below(MASKS.size())], -1});
            if (pfn != PFN_NONE) held.push_back({pfn, order});
        } else {
            const u32 at = rng.below(static_cast<u32>(held.size()));
            Held& block = held[at];
            pair.free(cpu, block.pfn, misuse && rng.below(50) == 0 ? rng.below(11) : block.order);
            if (misuse && rng.below(50) == 0) pair.free(cpu, block.pfn, block.order);
            block = held.back();
            held.pop_back();
        }
        if (rng.below(200) == 0) pair.keep_copy();
        if (step % 500 == 0) pair.expect_equal();
    }
    pair.expect_equal();
}

TEST(PlainPath, DoesWhatTheFullWayDoes) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        expect_same_ways(profile_of(48, kernel, architecture::arm64, 1, 2), 1, false);
        expect_same_ways(profile_of(64, kernel, architecture::x86_64, 2, 4), 2, false);
        expect_same_ways(profile_of(48, kernel, architecture::i386, 1, 1), 3, false);
    }
}

// 32 MiB free, and 16 MiB in pageblocks that are kept for atomic requests: what counts for them decides most requests.
TEST(PlainPath, BesideAReserveToo) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        machine_profile profile = profile_of(64, kernel);
        profile.reserved.clear();
        recorded_zone zone;
        zone.type = zone_type::dma;
        zone.start_pfn = 0x40000;
        zone.spanned_pages = zone.present_pages = zone.managed_pages = 16384;
        zone.watermark = {400, 500, 600};
        zone.nr_reserved_highatomic = 4096;
        recorded_zone::free_list ordinary{10, MIGRATE_MOVABLE, {}}, kept{9, MIGRATE_HIGHATOMIC, {}};
        for (u32 i = 0; i < 8; ++i) {
            ordinary.pfns.push_back(0x40000 + i * 1024);
            kept.pfns.push_back(0x43000 + i * 512);
        }
        zone.free_lists = {ordinary, kept};
        zone.block_types = {{0x40000, 24, MIGRATE_MOVABLE}, {0x43000, 8, MIGRATE_HIGHATOMIC}};
        profile.recorded = {zone};
        expect_same_ways(profile, 5, false);
    }
}

TEST(PlainPath, AfterMisuseToo) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        SCOPED_TRACE(kernel_version_name(kernel));
        for (const bool checks : {false, true}) {
            machine_profile profile = profile_of(48, kernel, architecture::arm64, 1, 2);
            profile.check_pages = checks;
            expect_same_ways(profile, 4, true);
        }
    }
}

} // namespace
} // namespace mm::test
