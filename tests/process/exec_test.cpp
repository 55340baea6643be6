#include "process/exec.h"

#include <gtest/gtest.h>

#include "golden_file.h"
#include "process/calls.h"
#include "process/maps_text.h"
#include "process/verify.h"
#include "process/vma_index.h"
#include "recording/gunzip.h"
#include "recording/vma.h"

namespace mm {
namespace {

constexpr u64 PAGE = 4096;
constexpr program_sizes SMALL{0x5000, 0x1000, 0x1800, 0x2000};

// A process of a machine whose user space ends there.
struct Executed {
    explicit Executed(kernel_version kernel = kernel_version::v6_1, architecture arch = architecture::arm64,
                      u64 task_size = 1ull << 48) {
        proc.rules = {kernel, arch};
        proc.task_size = task_size;
        cx.id = create_mm(proc);
        cx.mm_mut().task_size = task_size;
    }
    void exec(program_kind kind = program_kind::fixed, const program_sizes& sizes = SMALL) {
        load_program(cx, linked_program(proc.rules, intern("/bin/p"), kind, sizes));
        EXPECT_EQ(verify_processes(proc).value_or("all is well"), "all is well");
    }
    // "[vdso]" and so on; the first of that name.
    [[nodiscard]] vm_area_struct area(std::string_view name) const {
        for (vma_id id = first_vma(cx); id != VMA_NONE; id = next_vma(cx, id))
            if (vma_name(proc, cx.id, id) == name) return cx.vma(id);
        ADD_FAILURE() << "no " << name;
        return {};
    }

    process_memory proc;
    EventSink sink;
    mm_context cx{proc, 0, sink};
};

// ---- as recorded ---------------------------------------------------------------------------------------------------

struct Recorded {
    const char* folder;
    kernel_version kernel;
};

RecordedVmaLog recorded_log(const Recorded& machine) {
    const std::string path = MMSCOPE_SOURCE_DIR "/tests/oracle/" + std::string(machine.folder) + "/user-vma.txt.gz";
    const auto text = gunzip(test::read_file(path), 1 << 24);
    EXPECT_TRUE(text.ok()) << path;
    return text.ok() ? parse_vma_log(*text) : RecordedVmaLog{};
}

// The binary that ran, from what the kernel kept of its segments. Not recorded: the name that it was started by, which has 15
// bytes as the addresses of its strings say, and how many strings its environment has; 6 or 7 give the same stack pointer.
program recorded_program(const RecordedMm& mm) {
    const u64 relocated = 0x1'0000; // the data's place in the file is a segment alignment lower than in memory
    program out;
    out.name = intern("/k/vma");
    out.segments = {{mm.start_code, mm.end_code - mm.start_code, mm.end_code - mm.start_code, 0, PROT_READ | PROT_EXEC},
                    {mm.start_data, mm.end_data - mm.start_data, mm.start_brk - mm.start_data,
                     mm.start_data - mm.start_code - relocated, PROT_READ | PROT_WRITE}};
    out.argument_bytes = mm.arg_end - mm.arg_start;
    out.environment_bytes = mm.env_end - mm.env_start;
    out.file_name_bytes = mm.task_size - 8 - mm.env_end;
    out.environment = 6;
    return out;
}

TEST(Exec, LaysOutTheRecordedProgramAsTheKernelDid) {
    for (const Recorded& machine : {Recorded{"5.10.0-32-arm64-m1024s1", kernel_version::v5_10},
                                    Recorded{"6.1.0-56-arm64-m1024s1", kernel_version::v6_1},
                                    Recorded{"6.12.117+deb12-arm64-m1024s1", kernel_version::v6_12}}) {
        const RecordedVmaLog log = recorded_log(machine);
        ASSERT_FALSE(log.mms.empty()) << machine.folder;
        const RecordedMm& theirs = log.mms.front();
        Executed p(machine.kernel, architecture::arm64, theirs.task_size);
        load_program(p.cx, recorded_program(theirs));
        const mm_struct ours = p.cx.mm();
        EXPECT_EQ(ours.mmap_base, theirs.mmap_base);
        EXPECT_EQ(ours.start_brk, theirs.start_brk);
        EXPECT_EQ(ours.brk, theirs.start_brk);
        EXPECT_EQ(ours.start_code, theirs.start_code);
        EXPECT_EQ(ours.end_code, theirs.end_code);
        EXPECT_EQ(ours.start_data, theirs.start_data);
        EXPECT_EQ(ours.end_data, theirs.end_data);
        EXPECT_EQ(ours.arg_start, theirs.arg_start);
        EXPECT_EQ(ours.arg_end, theirs.arg_end);
        EXPECT_EQ(ours.env_start, theirs.env_start);
        EXPECT_EQ(ours.env_end, theirs.env_end);
        EXPECT_EQ(ours.start_stack, theirs.start_stack) << machine.folder;
        // What the C library does before main(): its relocations become read-only, and it takes a heap.
        EXPECT_EQ(sys_mprotect(p.cx, 0x49c000, 0x4000, PROT_READ), 0);
        EXPECT_EQ(sys_brk(p.cx, theirs.brk), static_cast<i64>(theirs.brk));
        const auto maps = std::find_if(log.steps.begin(), log.steps.end(), [](const RecordedVmaStep& step) {
            return step.kind == RecordedVmaStep::Kind::maps;
        });
        vma_id id = first_vma(p.cx);
        for (const RecordedMapsLine& line : maps->maps) {
            ASSERT_NE(id, VMA_NONE);
            const vm_area_struct vma = p.cx.vma(id);
            EXPECT_EQ(vma.vm_start, line.start) << machine.folder;
            EXPECT_EQ(vma.vm_end, line.end) << machine.folder;
            EXPECT_EQ(vma_rights(vma.vm_flags), line.rights);
            EXPECT_EQ(vma.vm_file == 0 ? 0 : vma.vm_pgoff * PAGE, line.offset);
            EXPECT_EQ(vma_name(p.proc, p.cx.id, id), line.name);
            id = next_vma(p.cx, id);
        }
        EXPECT_EQ(id, VMA_NONE);
        const mm_struct grown = p.cx.mm();
        EXPECT_EQ(grown.map_count, theirs.map_count);
        EXPECT_EQ(grown.total_vm, theirs.total_vm);
        EXPECT_EQ(grown.data_vm, theirs.data_vm);
        EXPECT_EQ(grown.exec_vm, theirs.exec_vm);
        EXPECT_EQ(grown.stack_vm, theirs.stack_vm);
    }
}

// user-proc of 6.1 arm64, its sections on layouts: mmap_base and where [vvar] begins.
TEST(Exec, TheStacksLimitMovesMappingsAsRecorded) {
    struct Case {
        u64 limit, mmap_base, vvar;
    };
    for (const Case& c :
         {Case{8ull << 20, 0xffff'f800'0000, 0xffff'f7ff'd000}, Case{64ull << 20, 0xffff'f800'0000, 0xffff'f7ff'd000},
          Case{1ull << 30, 0xffff'bff0'0000, 0xffff'bfef'd000},
          Case{RLIM_INFINITY, 0x4000'0000'0000, 0x4000'0000'0000}}) {
        Executed p;
        p.cx.mm_mut().rlim.stack = c.limit;
        p.exec();
        EXPECT_EQ(p.cx.mm().mmap_base, c.mmap_base) << c.limit;
        EXPECT_EQ(p.area("[vvar]").vm_start, c.vvar) << c.limit;
        EXPECT_EQ(p.area("[stack]").vm_end, 1ull << 48);
        EXPECT_EQ(p.cx.mm().legacy_layout, c.limit == RLIM_INFINITY);
    }
}

// ---- by formula ----------------------------------------------------------------------------------------------------

TEST(Exec, SegmentsFollowEachOtherAtTheLinkersAlignment) {
    Executed p;
    p.exec();
    // Text at 4 MiB, what follows at the next 64 KiB; bss behind the data's last byte, in whole pages.
    const mm_struct mm = p.cx.mm();
    EXPECT_EQ(mm.start_code, 0x40'0000u);
    EXPECT_EQ(mm.end_code, 0x40'5000u);
    EXPECT_EQ(mm.start_data, 0x42'0000u);
    EXPECT_EQ(mm.end_data, 0x42'1800u);
    EXPECT_EQ(mm.brk, 0x42'4000u); // 0x421800 + 0x2000, rounded up
    const auto at = [&](u64 address) { return p.cx.vma(vma_lookup(p.cx, address)); };
    EXPECT_EQ(vma_rights(at(0x40'0000).vm_flags), "r-xp");
    EXPECT_EQ(vma_rights(at(0x41'0000).vm_flags), "r--p");
    EXPECT_EQ(vma_rights(at(0x42'0000).vm_flags), "rw-p");
    EXPECT_EQ(at(0x42'0000).vm_end, 0x42'2000u) << "the data's last page has the first bytes of bss";
    EXPECT_NE(at(0x42'0000).anon_vma, 0u) << "which the kernel clears: the page is the process's own";
    EXPECT_EQ(at(0x42'2000).vm_end, 0x42'4000u);
    EXPECT_EQ(at(0x42'2000).vm_file, 0u);
}

TEST(Exec, AnAddressSpaceOf39BitsIsLaidOutByTheSameRules) {
    Executed p(kernel_version::v6_1, architecture::arm64, 1ull << 39);
    p.exec(program_kind::pie);
    EXPECT_EQ(p.area("[stack]").vm_end, 1ull << 39);
    EXPECT_EQ(p.cx.mm().mmap_base, (1ull << 39) - (128ull << 20));
    EXPECT_EQ(p.cx.mm().start_code, (2 * (1ull << 39) / 3) & ~0xffffull);
}

TEST(Exec, A32BitKernelHas3GiB) {
    Executed p(kernel_version::v6_1, architecture::i386, 0xc000'0000);
    p.exec();
    EXPECT_EQ(p.area("[stack]").vm_end, 0xc000'0000u);
    EXPECT_EQ(p.cx.mm().start_code, 0x0804'8000u);
    EXPECT_EQ(p.cx.mm().mmap_base, 0xc000'0000u - (128u << 20));
    EXPECT_EQ(p.area("[vdso]").vm_end, p.cx.mm().mmap_base);
    EXPECT_EQ(p.area("[vvar]").size(), 4 * PAGE);
}

TEST(Exec, TheInterpreterIsAMappingAndTheLoaderAloneHasItsHeapElsewhere) {
    Executed dynamic;
    dynamic.exec(program_kind::fixed_dynamic);
    EXPECT_LT(dynamic.area("/lib/ld-linux-aarch64.so.1").vm_end, dynamic.cx.mm().mmap_base + 1);
    EXPECT_EQ(dynamic.cx.mm().start_code, 0x40'0000u) << "the program's, not the interpreter's";
    Executed loader;
    loader.exec(program_kind::static_pie);
    EXPECT_LT(loader.cx.mm().mmap_base - loader.cx.mm().start_code, 1ull << 30) << "among the mappings";
    EXPECT_EQ(loader.cx.mm().brk, (2 * (1ull << 48) / 3 + PAGE - 1) / PAGE * PAGE);
}

TEST(Exec, ChanceIsSeededAndWithinItsBounds) {
    std::vector<u64> bases;
    for (const u64 seed : {1, 1, 2, 3, 4, 5}) {
        Executed p;
        p.proc.randomize_va_space = 2;
        p.proc.random_seed = seed;
        p.exec(program_kind::pie);
        const mm_struct mm = p.cx.mm();
        const u64 top = 1ull << 48, mask = (1ull << 18) - 1;
        // gap: 8 MiB, 1 MiB guard, 1 GiB less a page for the stack; below, 2^18 pages of chance.
        const u64 highest = top - ((8ull << 20) + (1ull << 20) + (0x3ffffull << 12));
        EXPECT_LE(mm.mmap_base, highest);
        EXPECT_GE(mm.mmap_base, highest - (mask << 12));
        EXPECT_LE(p.area("[stack]").vm_end, top);
        EXPECT_GE(p.area("[stack]").vm_end, top - (0x4'0000ull << 12));
        EXPECT_GE(mm.start_code, (2 * top / 3) & ~0xffffull);
        EXPECT_LE(mm.start_code, 2 * top / 3 + (mask << 12));
        EXPECT_GT(mm.brk, mm.end_data + 0x2000);
        EXPECT_LE(mm.brk, mm.end_data + 0x4000 + PAGE + (1ull << 30));
        EXPECT_EQ(mm.start_stack % 16, 0u);
        EXPECT_NE(p.proc.random_seed, seed) << "the next process has another layout";
        bases.push_back(mm.mmap_base);
    }
    EXPECT_EQ(bases[0], bases[1]);
    EXPECT_NE(bases[0], bases[2]);
    Executed heap;
    heap.proc.randomize_va_space = 1;
    heap.exec();
    EXPECT_EQ(heap.cx.mm().brk, 0x42'4000u) << "with 1 the heap stays behind bss";
}

TEST(Exec, ASmallStackLimitBoundsTheFirstStack) {
    Executed p;
    p.cx.mm_mut().rlim.stack = 64 << 10;
    p.exec();
    EXPECT_EQ(p.area("[stack]").size(), 64u << 10);
    EXPECT_EQ(p.cx.mm().stack_vm, 16u);
}

// TASK_SIZE_32, AARCH32_VECTORS_BASE and the rest are numbers of the kernel's headers (arch/arm64/include/asm/processor.h, elf.h).
TEST(Exec, A32BitProgramOfA64BitKernelHas4GiB) {
    Executed p;
    p.exec(program_kind::fixed_32);
    const mm_struct mm = p.cx.mm();
    EXPECT_EQ(mm.task_size, 0xffff'f000u);
    EXPECT_EQ(mm.start_code, 0x1'0000u);
    EXPECT_EQ(p.area("[vectors]").vm_start, 0xffff'0000u);
    EXPECT_EQ(vma_rights(p.area("[vectors]").vm_flags), "r-xp");
    EXPECT_EQ(p.area("[stack]").vm_end, 0xffff'0000u);
    EXPECT_EQ(mm.mmap_base, 0xffff'0000u - (128u << 20));
    EXPECT_EQ(p.area("[vdso]").vm_end, mm.mmap_base);
    EXPECT_EQ(p.area("[sigpage]").vm_end, p.area("[vvar]").vm_start);

    Executed pie;
    pie.exec(program_kind::pie_32);
    EXPECT_EQ(pie.cx.mm().start_code, 0x40'0000u) << "COMPAT_ELF_ET_DYN_BASE";
    EXPECT_EQ(pie.area("/lib/ld-linux-armhf.so.3").special, special_mapping::none);

    Executed legacy;
    legacy.cx.mm_mut().rlim.stack = RLIM_INFINITY;
    legacy.exec(program_kind::fixed_32);
    EXPECT_EQ(legacy.cx.mm().mmap_base, 0x4000'0000u) << "a quarter of TASK_SIZE_32, in whole pages";
}

TEST(Exec, ChanceMovesA32BitProgramLess) {
    for (u64 seed = 1; seed <= 20; ++seed) {
        Executed p;
        p.proc.randomize_va_space = 2;
        p.proc.random_seed = seed;
        p.exec(program_kind::pie_32);
        const mm_struct mm = p.cx.mm();
        const u64 top = 0xffff'0000, pad = (256 + 0x7ff) * PAGE,
                  highest = top - std::max<u64>(128u << 20, (8u << 20) + pad);
        EXPECT_LE(mm.mmap_base, highest);
        EXPECT_GE(mm.mmap_base, highest - (0x7ffull << 12)) << "11 bits";
        EXPECT_GE(mm.start_code, 0x40'0000u);
        EXPECT_LE(mm.start_code, 0x40'0000u + (0x7ffull << 12));
        EXPECT_LE(mm.brk, mm.end_data + 0x4000 + PAGE + (32u << 20));
    }
}

} // namespace
} // namespace mm
