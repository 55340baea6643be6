// Random programs of several processes, on page tables and on a flat model (random_program.h).
#include <gtest/gtest.h>

#include "base/rng.h"
#include "process/random_program.h"

namespace mm {
namespace {

void run(const RandomProgram::Settings& settings, u64 seed, int turns) {
    Rng rng(seed);
    RandomProgram program(settings, [&](u32 bound) { return rng.below(bound); });
    for (int turn = 0; turn < turns; ++turn) {
        const std::string fault = program.turn();
        ASSERT_EQ(fault, "") << "seed " << seed << ", turn " << turn << ": " << program.last_step();
    }
    ASSERT_EQ(program.end(), "") << "seed " << seed;
}

constexpr kernel_version KERNELS[] = {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12};
constexpr hardware_update UPDATES[] = {hardware_update::none, hardware_update::af, hardware_update::dbm};

TEST(RandomProgram, DoesWhatTheFlatModelSays) {
    u64 seed = 1;
    for (const kernel_version kernel : KERNELS)
        for (const hardware_update hafdbs : UPDATES) run({kernel, false, hafdbs}, seed++, 450);
}

TEST(RandomProgram, DoesWhatTheFlatModelSaysWithHugePages) {
    u64 seed = 101;
    for (const kernel_version kernel : KERNELS)
        for (const hardware_update hafdbs : {hardware_update::none, hardware_update::dbm})
            run({kernel, true, hafdbs, 256}, seed++, 150);
}

} // namespace
} // namespace mm
