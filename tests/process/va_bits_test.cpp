// A kernel with 39 bits of virtual addresses: three levels of tables, user space of 512 GiB, and the layout that follows from it.
// arch/arm64/include/asm/processor.h, mm/util.c.
#include <gtest/gtest.h>

#include "machine/machine.h"
#include "process/vma_index.h"

namespace mm {
namespace {

TEST(VaBits, ThirtyNineMoveStackAndMappingsDown) {
    for (const u8 bits : {u8{39}, u8{48}}) {
        machine_profile profile;
        profile.va_bits = bits;
        declare_memory(profile, u64{64} << 20);
        ASSERT_FALSE(check_profile(profile));
        Machine machine = std::move(make_machine(std::move(profile)).value());
        EventSink sink;
        Op op;
        op.kind = find_op("execve").value();
        const auto fields = op_spec(op.kind).field_list();
        for (std::size_t i = 0; i < fields.size(); ++i) op.arg[i] = fields[i].default_value;
        ASSERT_EQ(apply(machine, op, sink), OpOutcome::done);
        const mm_struct& mm = machine.processes.mms[0];
        const u64 end = u64{1} << bits;
        EXPECT_EQ(mm.task_size, end);
        EXPECT_EQ(machine.processes.vmas[mm.last].vm_end, end) << "the stack stands at the end";
        EXPECT_EQ(mm.mmap_base, end - (128u << 20)) << "the least gap for a stack of 8 MiB";
        EXPECT_EQ(machine.mmu.geometry().levels, bits == 39 ? 3 : 4);
    }
}

TEST(VaBits, OtherWidthsAndMachinesAreRefused) {
    machine_profile profile;
    declare_memory(profile, u64{64} << 20);
    profile.va_bits = 42;
    EXPECT_EQ(check_profile(profile)->path, "va_bits");
    profile.va_bits = 39;
    profile.arch = architecture::x86_64;
    EXPECT_EQ(check_profile(profile)->path, "va_bits");
}

} // namespace
} // namespace mm
