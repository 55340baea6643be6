#include "mmu/arm64/asid.h"

#include "mmu/translation.h"

namespace mm::test {
namespace {

constexpr u64 DATA = 0x10000000;

u16 asid_of(const Cpus& t, space_id space) { return context_asid(t.mmu.spaces[space].context_id); }
u64 generation_of(const Cpus& t, space_id space) { return context_generation(t.mmu.spaces[space].context_id); }

// Until the first rollover the odd ASIDs are kept for a kernel with KPTI: 2, 4, 6, ...
TEST(Asid, TheFirstOnesAreEven) {
    Cpus t;
    const space_id a = t.space(), b = t.space(), c = t.space();
    t.run(0, a);
    t.run(1, b);
    t.run(0, c);
    t.run(0, a);
    EXPECT_EQ(asid_of(t, a), 2);
    EXPECT_EQ(asid_of(t, b), 4);
    EXPECT_EQ(asid_of(t, c), 6);
    EXPECT_EQ(generation_of(t, a), 1u);
    EXPECT_EQ(t.count(tlb_event::asid_new), 3);
    EXPECT_EQ(t.count(tlb_event::asid_current), 1);
    EXPECT_EQ(t.mmu.tlb.cpus[0].asid, 2);
    EXPECT_EQ(t.mmu.tlb.cpus[1].asid, 4);
    t.run(0, SPACE_NONE);
    EXPECT_EQ(t.mmu.tlb.cpus[0].asid, 0);
    t.expect_sound();
}

TEST(Asid, SixteenBitsAreSixtyFiveThousand) {
    Cpus t; // "ASID allocator initialised with 65536 entries", say the recorded kernels
    EXPECT_EQ(nr_asids(t.mmu.tlb), 65536u);
    EXPECT_EQ(nr_asids(Cpus({.asid_bits = 8}).mmu.tlb), 256u);
}

// Eight bits: 127 even ASIDs (0 is init_mm's). The 128th process rolls over.
//
//   CPU 0: runs the 127th   CPU 1: runs the first all the time
TEST(Asid, ARolloverKeepsWhatRunsAndFlushesTheRest) {
    Cpus t({.asid_bits = 8});
    std::vector<space_id> spaces;
    for (int i = 0; i < 128; ++i) spaces.push_back(t.space());
    for (const space_id space : {spaces[0], spaces[5]}) t.map(space, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(1, spaces[0]);
    EXPECT_TRUE(t.touch(DATA, access_kind::read, true, 1).ok());
    for (int i = 1; i < 127; ++i) t.run(0, spaces[static_cast<std::size_t>(i)]);
    EXPECT_EQ(asid_of(t, spaces[126]), 254);
    t.run(0, spaces[5]);
    EXPECT_TRUE(t.touch(DATA).ok());
    EXPECT_EQ(t.count(tlb_event::asid_rollover), 0);
    t.events.clear();
    t.run(0, spaces[127]);
    EXPECT_EQ(t.count(tlb_event::asid_rollover), 1);
    EXPECT_EQ(t.count(tlb_event::asid_reserved), 2);
    EXPECT_EQ(generation_of(t, spaces[127]), 2u);
    EXPECT_EQ(asid_of(t, spaces[127]), 1); // without KPTI odd ones are free now
    // CPU 0 has dropped its TLB before it took the new ASID; CPU 1 goes on as it is.
    EXPECT_EQ(t.last(tlb_event::tlb_flush_local)->arg[1], 1);
    EXPECT_EQ(t.valid(0), 0u);
    EXPECT_EQ(t.valid(1), 1u);
    EXPECT_TRUE(t.mmu.tlb.cpus[1].flush_pending);
    EXPECT_TRUE(t.touch(DATA, access_kind::read, true, 1).hit);
    t.expect_sound();
    // What ran during the rollover keeps its number, in the new generation, on any CPU.
    t.run(0, spaces[0]);
    EXPECT_EQ(asid_of(t, spaces[0]), 2);
    EXPECT_EQ(generation_of(t, spaces[0]), 2u);
    EXPECT_EQ(t.last(tlb_event::asid_kept)->arg[3], 0);
    // So does who finds it free; 12 was reserved for spaces[5], which ran on CPU 0.
    t.run(0, spaces[9]);
    EXPECT_EQ(asid_of(t, spaces[9]), 20);
    EXPECT_EQ(t.last(tlb_event::asid_kept)->arg[3], 1);
    t.run(0, spaces[5]);
    EXPECT_EQ(asid_of(t, spaces[5]), 12);
    // The cursor stands at 1: the next are 3, 4 (2 is taken).
    const space_id late = t.space();
    t.run(0, late);
    EXPECT_EQ(asid_of(t, late), 3);
    t.run(1, spaces[9]);
    EXPECT_FALSE(t.mmu.tlb.cpus[1].flush_pending);
    EXPECT_EQ(t.valid(1), 0u);
    t.expect_sound();
}

// Two rollovers while a CPU runs one process: it stays reserved.
TEST(Asid, AProcessThatRunsOnSurvivesManyRollovers) {
    Cpus t({.asid_bits = 8});
    const space_id lasting = t.space();
    t.map(lasting, DATA, DEVICE, 4096, protection::PAGE_READONLY);
    t.run(1, lasting);
    for (int i = 0; i < 1000; ++i) {
        const space_id brief = t.space();
        t.map(brief, DATA, DEVICE + 4096, 4096, protection::PAGE_READONLY);
        t.run(0, brief);
        ASSERT_EQ(t.touch(DATA).phys, DEVICE + 4096);
        ASSERT_EQ(t.touch(DATA, access_kind::read, true, 1).phys, DEVICE);
        t.destroy(brief);
        ASSERT_NE(t.mmu.tlb.cpus[0].space, brief);
    }
    EXPECT_GE(t.count(tlb_event::asid_rollover), 3);
    t.expect_sound();
    t.run(0, lasting);
    EXPECT_EQ(asid_of(t, lasting), 2);
    EXPECT_EQ(generation_of(t, lasting), t.mmu.tlb.asid_generation);
    EXPECT_EQ(t.touch(DATA).phys, DEVICE);
    t.expect_sound();
}

} // namespace
} // namespace mm::test
