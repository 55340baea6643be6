#include "physical/linear_map.h"

#include <gtest/gtest.h>

#include "machine/narrate.h"
#include "physical/events.h"
#include "physical/machines.h"

namespace mm {
namespace {

constexpr u64 GiB = 1ull << 30;

machine_profile arm64(kernel_version kernel, u64 bytes) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.memory = {{GiB, bytes, 0}};
    return profile;
}

// Frames and the addresses at which recorded kernels have them: each kernel's own walk of its page tables.
TEST(LinearMap, GivesTheAddressesOfRecordedArm64Kernels) {
    struct Row {
        kernel_version kernel;
        u64 gib, pfn, virt;
    };
    constexpr Row rows[] = {
        {kernel_version::v5_10, 1, 0x46def, 0xffff000006def000},
        {kernel_version::v5_10, 4, 0x44ff1, 0xffff000004ff1000},
        {kernel_version::v6_1, 1, 0x4384b, 0xffff00000384b000},
        {kernel_version::v6_1, 4, 0x42220, 0xffff000002220000},
        {kernel_version::v6_1, 8, 0x104641, 0xffff0000c4641000},
        {kernel_version::v6_12, 1, 0x46bf2, 0xffff000006bf2000},
        {kernel_version::v6_12, 4, 0x44a34, 0xffff000004a34000},
    };
    for (const Row& row : rows) {
        const linear_map map = linear_map_of(arm64(row.kernel, row.gib * GiB));
        EXPECT_EQ(map.phys_to_virt(row.pfn << 12), row.virt) << std::hex << row.pfn;
        EXPECT_EQ(map.virt_to_phys(row.virt + 0xfff), (row.pfn << 12) + 0xfff);
        EXPECT_EQ(map.place_of(row.virt), linear_map::place::linear);
    }
}

// ARM64_MEMSTART_ALIGN: memory that begins inside a gigabyte is mapped from the gigabyte's start.
TEST(LinearMap, OfArm64BeginsAtAWholeGigabyte) {
    machine_profile profile = arm64(kernel_version::v6_1, GiB);
    profile.memory = {{0x4c000000, 0x10000000, 0}};
    EXPECT_EQ(linear_map_of(profile).phys_offset, 0x40000000u);
    EXPECT_EQ(linear_map_of(profile).phys_to_virt(0x4c000000), 0xffff00000c000000u);
    profile.page_size = 65536;
    profile.memory = {{0x6c000000, 0x10000000, 0}};
    EXPECT_EQ(linear_map_of(profile).phys_offset, 0x60000000u);
    profile.kernel = kernel_version::v5_10;
    EXPECT_EQ(linear_map_of(profile).phys_offset, 0x40000000u);
}

// Documentation/arch/x86/x86_64/mm.rst: direct mapping at ffff888000000000, kernel text at ffffffff80000000.
TEST(LinearMap, OfX86_64HasASecondMappingOfTheKernelImage) {
    machine_profile profile;
    profile.arch = architecture::x86_64;
    declare_memory(profile, GiB);
    const linear_map map = linear_map_of(profile);
    EXPECT_EQ(map.phys_to_virt(0x1234000), 0xffff888001234000u);
    EXPECT_EQ(map.place_of(0xffffffff81000000), linear_map::place::image);
    EXPECT_EQ(map.virt_to_phys(0xffffffff81000000), 0x1000000u);
    EXPECT_EQ(map.place_of(0xffffc90000000000), linear_map::place::elsewhere); // vmalloc
}

// A recorded 1 GiB i386 machine: "mapped low ram: 0 - 36bfe000" above 0xc0000000.
TEST(LinearMap, OfI386EndsWithLowmem) {
    machine_profile profile;
    profile.arch = architecture::i386;
    declare_memory(profile, GiB);
    const linear_map map = linear_map_of(profile);
    EXPECT_EQ(map.phys_to_virt(0x1000000), 0xc1000000u);
    EXPECT_TRUE(map.has_address(0x36bfdfff));
    EXPECT_FALSE(map.has_address(0x36bfe000));
    EXPECT_EQ(map.place_of(0xf6bfdfff), linear_map::place::linear);
    EXPECT_EQ(map.place_of(0xf6bfe000), linear_map::place::elsewhere);
}

Op op_of(std::string_view name, std::initializer_list<i64> args, u32 result = Op::NO_RESULT) {
    Op op;
    op.kind = *find_op(name);
    op.result = result;
    std::size_t i = 0;
    for (i64 arg : args) op.arg[i++] = arg;
    return op;
}

struct Done {
    OpOutcome outcome;
    std::vector<Event> events;

    [[nodiscard]] const Event* find(physical_event kind) const {
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(kind)) return &event;
        return nullptr;
    }
};

Done apply_op(Machine& machine, const Op& op) {
    Done done{};
    EventSink sink;
    sink.store_in(&done.events);
    done.outcome = apply(machine, op, sink);
    return done;
}

constexpr i64 virt(u64 address) { return static_cast<i64>(address); }

TEST(LinearMap, BlocksAreAllocatedAndFreedByAddress) {
    Machine machine = std::move(make_machine(test::profile_of(64)).value());
    const i64 free_before = machine.physical.zones[0].nr_free_pages;
    const Done got = apply_op(machine, op_of("__get_free_pages", {4, GFP_KERNEL}, 0));
    ASSERT_EQ(got.outcome, OpOutcome::done);
    const pfn_t pfn = machine.results[0].pfn();
    const Event* told = got.find(physical_event::page_address);
    ASSERT_NE(told, nullptr);
    const u64 address = 0xffff000000000000ull + (u64{pfn} << 12) - 0x40000000;
    EXPECT_EQ(static_cast<u64>(told->arg[4]), address);

    const Done freed = apply_op(machine, op_of("free_pages", {-1, 4, virt(address)}));
    EXPECT_EQ(freed.outcome, OpOutcome::done);
    ASSERT_NE(freed.find(physical_event::virt_to_page), nullptr);
    EXPECT_EQ(freed.find(physical_event::virt_to_page)->arg[5], pfn);
    EXPECT_EQ(machine.physical.zones[0].nr_free_pages, free_before);
    // The name of the page does as well, and brings the order.
    ASSERT_EQ(apply_op(machine, op_of("alloc_pages", {4, GFP_KERNEL, -1}, 0)).outcome, OpOutcome::done);
    EXPECT_EQ(apply_op(machine, op_of("free_pages", {0, -1, 0})).outcome, OpOutcome::done);
    EXPECT_EQ(machine.physical.zones[0].nr_free_pages, free_before);
    EXPECT_FALSE(verify(machine).has_value());
}

TEST(LinearMap, FreeOfAddress0DoesNothing) {
    Machine machine = std::move(make_machine(test::profile_of(64)).value());
    EXPECT_EQ(apply_op(machine, op_of("free_pages", {-1, -1, 0})).outcome, OpOutcome::no_effect);
}

TEST(LinearMap, AddressesThatAreNotInItAreGarbage) {
    Machine machine = std::move(make_machine(test::profile_of(64)).value());
    for (u64 address : {0x7fff12340000ull, 0xffff800008000000ull, 0xffffffffffffffffull, 0x1ull}) {
        const Done done = apply_op(machine, op_of("virt_to_page", {virt(address)}, 0));
        EXPECT_EQ(done.outcome, OpOutcome::refused);
        ASSERT_NE(done.find(physical_event::virt_to_page_garbage), nullptr) << std::hex << address;
        EXPECT_EQ(done.find(physical_event::virt_to_page_garbage)->arg[1],
                  static_cast<i64>(garbage_reason::not_linear));
        EXPECT_TRUE(machine.results[0].empty());
    }
    // 64 MiB of memory: the map goes on behind them, memory does not.
    const Done done = apply_op(machine, op_of("free_pages", {-1, 0, virt(0xffff000010000000)}));
    EXPECT_EQ(done.outcome, OpOutcome::refused);
    ASSERT_NE(done.find(physical_event::virt_to_page_garbage), nullptr);
    EXPECT_EQ(done.find(physical_event::virt_to_page_garbage)->arg[1], static_cast<i64>(garbage_reason::no_memory));
    EXPECT_FALSE(verify(machine).has_value());
}

TEST(LinearMap, AnyAddressWithinAPageNamesIt) {
    Machine machine = std::move(make_machine(test::profile_of(64)).value());
    EXPECT_EQ(apply_op(machine, op_of("virt_to_page", {virt(0xffff000000345678)}, 0)).outcome, OpOutcome::done);
    EXPECT_EQ(machine.results[0].pfn(), 0x40345u);
}

TEST(LinearMap, HighmemHasNoAddress) {
    Machine machine = std::move(make_machine(test::profile_of(1024, kernel_version::v6_1, architecture::i386)).value());
    ASSERT_EQ(apply_op(machine, op_of("alloc_page", {GFP_HIGHUSER}, 0)).outcome, OpOutcome::done);
    ASSERT_GE(machine.results[0].pfn(), 0x36bfeu);
    const Done done = apply_op(machine, op_of("page_address", {0, -1}));
    EXPECT_EQ(done.outcome, OpOutcome::returned_null);
    ASSERT_NE(done.find(physical_event::page_address_null), nullptr);
    EXPECT_EQ(done.find(physical_event::page_address_null)->arg[2], static_cast<i64>(page_address_reason::highmem));
}

// 64 bytes a frame of 4 KiB are 1/64 of memory, 15.625‰. 5.10's sections are 1 GiB, later ones 128 MiB.
TEST(MemMap, TakesSixtyFourBytesForEachFrameOfSectionsWithMemory) {
    const mem_map_size whole = mem_map_size_of(arm64(kernel_version::v6_1, GiB));
    EXPECT_EQ(whole.sections, 8u);
    EXPECT_EQ(whole.bytes, 16u << 20);
    EXPECT_EQ(whole.per_mille, 15u);
    // 130 MiB reach into a second section; 5.10 takes a whole gigabyte's.
    EXPECT_EQ(mem_map_size_of(arm64(kernel_version::v6_1, 130ull << 20)).bytes, 4u << 20);
    EXPECT_EQ(mem_map_size_of(arm64(kernel_version::v5_10, 130ull << 20)).bytes, 16u << 20);
    // Two regions in one section count once, a hole of sections between regions not at all.
    machine_profile holes = arm64(kernel_version::v6_1, GiB);
    holes.memory = {{GiB, 16ull << 20, 0}, {GiB + (32ull << 20), 16ull << 20, 0}, {4 * GiB, 128ull << 20, 0}};
    EXPECT_EQ(mem_map_size_of(holes).sections, 2u);
}

TEST(LinearMap, TheSentenceSaysTheArithmetic) {
    Machine machine = std::move(make_machine(test::profile_of(64)).value());
    const Done done = apply_op(machine, op_of("page_address", {-1, 0x40c00}));
    ASSERT_EQ(done.events.size(), 1u);
    EXPECT_EQ(narrate_plain(machine, done.events[0], Language::en),
              "Frame 0x40c00 begins at physical 0x40c00000. The linear map puts it at PAGE_OFFSET 0xffff000000000000 + "
              "0x40c00000 − PHYS_OFFSET 0x40000000 = 0xffff000000c00000.");
    EXPECT_EQ(narrate_plain(machine, done.events[0], Language::zh),
              "页框 0x40c00 的物理地址是 0x40c00000。线性映射把它放在 PAGE_OFFSET 0xffff000000000000 + 0x40c00000 − "
              "PHYS_OFFSET 0x40000000 = 0xffff000000c00000。");
}

} // namespace
} // namespace mm
