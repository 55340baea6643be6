#include "process/ops.h"

#include "base/names.h"
#include "base/program_place.h"
#include "base/rng.h"
#include "machine/facts/process_facts.h"
#include "machine/narrate.h"
#include "machine/proc_files.h"
#include "machine/session.h"
#include "mmu/events.h"
#include "mmu/ops_on_machine.h"
#include "process/calls.h"
#include "process/event_rows.h"
#include "process/processes.h"
#include "process/vma_index.h"

namespace mm {
namespace {

using ev = process_event;
constexpr u32 P = 0, Q = 1, A = 2, B = 3, F = 4, G = 5; // results
constexpr i64 FIXED = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
constexpr i64 PAGE = 4096, ARENA = 0x10'0000'0000;

class ProcessOps : public test::OpsOnMachine {
  protected:
    explicit ProcessOps(architecture arch = architecture::arm64) : OpsOnMachine(arch) {}

    [[nodiscard]] mm_id process(u32 slot = P) const {
        return process_of_space(machine_.processes, static_cast<space_id>(machine_.results[slot].value));
    }
    [[nodiscard]] const mm_struct& mm(u32 slot = P) const { return machine_.processes.mms[process(slot)]; }
    [[nodiscard]] std::string maps(u32 slot = P) const { return find_proc_file("maps")->text(machine_, process(slot)); }
    [[nodiscard]] u64 value(u32 slot) const { return machine_.results[slot].value; }
    OpOutcome map(u32 slot, i64 address, i64 size, i64 flags = FIXED, u32 process = P) {
        return run("mmap", {{"process", process}, {"address", address}, {"size", size}, {"flags", flags}}, slot);
    }
    // Errno and reason of the call that failed last.
    void expect_failed(mm_errno error, mm_failure reason) {
        const Event* failed = last(ev::mm_call_failed);
        ASSERT_NE(failed, nullptr);
        const Args<ev::mm_call_failed> in(*failed);
        EXPECT_EQ(in["errno"], static_cast<i64>(error));
        EXPECT_EQ(in["reason"], static_cast<i64>(reason));
    }
    u64 free_pages() {
        run("drain_all_pages", {});
        u64 pages = 0;
        for (const zone& z : machine_.physical.zones)
            for (std::size_t order = 0; order < z.area.size(); ++order) pages += u64{z.area[order].nr_free} << order;
        return pages;
    }
};

TEST_F(ProcessOps, AProcessOwnsASpaceOfTheMmuRoom) {
    // The page cache keeps the program's pages, and the zero page stays: both are there from the first time on.
    run("execve", {{"program", intern("/bin/p")}}, P);
    run("exit", {{"process", P}});
    const u64 before = free_pages();
    EXPECT_EQ(run("execve", {{"program", intern("/bin/p")}}, P), OpOutcome::done);
    EXPECT_EQ(count(ev::mm_created), 1);
    EXPECT_EQ(count(mmu_event::pgd_allocated), 1);
    EXPECT_EQ(mm().space, value(P));
    EXPECT_TRUE(machine_.mmu.spaces[mm().space].of_process);
    EXPECT_EQ(run("show_pte", {{"mm", P}, {"address", 0x40'0000}}), OpOutcome::no_effect)
        << "it takes the process's name";
    EXPECT_EQ(run("switch_mm", {{"mm", P}}), OpOutcome::done);
    // Its tables go with it, not by themselves.
    EXPECT_EQ(run("pgd_free", {{"mm", P}}), OpOutcome::refused);
    EXPECT_EQ(count(mmu_event::pgd_of_process), 1);
    EXPECT_EQ(run("exit", {{"process", P}}), OpOutcome::done);
    EXPECT_EQ(count(mmu_event::pgd_freed), 1);
    EXPECT_EQ(process(), MM_NONE);
    EXPECT_EQ(free_pages(), before);
    EXPECT_EQ(machine_.processes.vm_committed, 0u);
    EXPECT_EQ(machine_.processes.nr_files, 0u) << "the program's file was mapped by it alone";
}

TEST_F(ProcessOps, WhatIsNoProcessIsTold) {
    run("execve", {}, P);
    run("exit", {{"process", P}});
    EXPECT_EQ(run("exit", {{"process", P}}), OpOutcome::no_effect);
    EXPECT_EQ(Args<ev::not_a_process>(*find(ev::not_a_process))["reason"], static_cast<i64>(no_process::ended));
    run("pgd_alloc", {}, Q);
    EXPECT_EQ(map(A, ARENA, PAGE, FIXED, Q), OpOutcome::no_effect);
    EXPECT_EQ(Args<ev::not_a_process>(*find(ev::not_a_process))["reason"], static_cast<i64>(no_process::space_alone));
    EXPECT_TRUE(machine_.results[A].empty());
}

TEST_F(ProcessOps, APlaceIsSoManyBytesFromARegion) {
    run("execve", {}, P);
    EXPECT_EQ(map(A, ARENA, 4 * PAGE), OpOutcome::done);
    EXPECT_EQ(value(A), u64{ARENA});
    EXPECT_EQ(run("munmap", {{"process", P}, {"address", place_in_result(A, PAGE)}, {"size", PAGE}}), OpOutcome::done);
    EXPECT_NE(maps().find("1000000000-1000001000 rw-p"), std::string::npos) << maps();
    EXPECT_NE(maps().find("1000002000-1000004000 rw-p"), std::string::npos);
    EXPECT_EQ(
        run("mprotect", {{"process", P}, {"address", place_in_result(A, -PAGE)}, {"size", 2 * PAGE}, {"prot", 1}}),
        OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::not_mapped);
    // As a program that forgot to look at MAP_FAILED.
    EXPECT_EQ(map(B, ARENA, 0), OpOutcome::refused);
    expect_failed(mm_errno::einval, mm_failure::length_zero);
    EXPECT_EQ(run("munmap", {{"process", P}, {"address", place_in_result(B, 0)}, {"size", PAGE}}), OpOutcome::refused);
    expect_failed(mm_errno::einval, mm_failure::not_aligned);
}

TEST_F(ProcessOps, APlaceHoldsEverySlotAndOffset) {
    for (const u32 slot : {0u, 1u, MAX_RESULTS - 1})
        for (const i64 offset : {i64{0}, i64{1}, i64{-1}, MAX_PLACE_OFFSET, -MAX_PLACE_OFFSET}) {
            const i64 place = place_in_result(slot, offset);
            EXPECT_TRUE(is_in_result(place));
            EXPECT_EQ(slot_of_place(place), slot);
            EXPECT_EQ(offset_of_place(place), offset);
        }
    EXPECT_EQ(place_in_result(7, 5) + 3 * PLACE_SLOT_STRIDE, place_in_result(10, 5));
    for (const u64 address : {u64{0}, u64{0x7fff'ffff'ffff'ffff}, u64{0xffff'8000'0000'0000}, ~u64{0}})
        EXPECT_FALSE(is_in_result(static_cast<i64>(address)));
}

TEST_F(ProcessOps, OpeningsOfOnePathAreOneInodeAndTwoStructFiles) {
    run("execve", {}, P);
    const i64 path = intern("/data/f");
    run("open", {{"path", path}, {"size", 8 * PAGE}}, F);
    run("open", {{"path", path}}, G);
    const process_memory& proc = machine_.processes;
    const mapped_file first = proc.files[static_cast<file_id>(value(F))],
                      second = proc.files[static_cast<file_id>(value(G))];
    EXPECT_NE(value(F), value(G));
    EXPECT_EQ(first.inode, second.inode);
    EXPECT_EQ(second.size, u64{8 * PAGE});
    const auto map_file = [&](u32 slot, i64 address, u32 file, i64 offset) {
        return run("mmap",
                   {{"process", P},
                    {"address", address},
                    {"size", PAGE},
                    {"flags", MAP_SHARED | MAP_FIXED},
                    {"file", file},
                    {"offset", offset}},
                   slot);
    };
    const u32 before = mm().map_count;
    EXPECT_EQ(map_file(A, ARENA, F, 0), OpOutcome::done);
    EXPECT_EQ(map_file(B, ARENA + PAGE, F, PAGE), OpOutcome::done);
    EXPECT_EQ(mm().map_count, before + 1) << "they follow one another in the same struct file";
    EXPECT_EQ(map_file(B, ARENA + 2 * PAGE, G, 2 * PAGE), OpOutcome::done);
    EXPECT_EQ(mm().map_count, before + 2);
    // A closed file stays mapped; its name stands for no file any more.
    EXPECT_EQ(run("close", {{"file", F}}), OpOutcome::done);
    EXPECT_EQ(Args<ev::file_closed>(*find(ev::file_closed))["vmas"], 1);
    EXPECT_NE(maps().find("/data/f"), std::string::npos);
    EXPECT_EQ(map_file(B, ARENA + 8 * PAGE, F, 0), OpOutcome::refused);
    expect_failed(mm_errno::ebadf, mm_failure::bad_file);
    EXPECT_EQ(run("close", {{"file", F}}), OpOutcome::no_effect);
}

TEST_F(ProcessOps, AFileThatIsOnlyReadIsNotMappedForSharedWrites) {
    run("execve", {}, P);
    run("open", {{"path", intern("/data/r")}, {"mode", 0}}, F);
    const auto shared = [&](i64 prot) {
        return run("mmap", {{"process", P}, {"size", PAGE}, {"prot", prot}, {"flags", MAP_SHARED}, {"file", F}}, A);
    };
    EXPECT_EQ(shared(PROT_READ | PROT_WRITE), OpOutcome::refused);
    expect_failed(mm_errno::eacces, mm_failure::not_writable);
    EXPECT_EQ(shared(PROT_READ), OpOutcome::done);
    EXPECT_EQ(run("mprotect", {{"process", P}, {"address", place_in_result(A, 0)}, {"size", PAGE}, {"prot", 3}}),
              OpOutcome::refused);
    expect_failed(mm_errno::eacces, mm_failure::may_not);
}

TEST_F(ProcessOps, ExecInAProcessKeepsPidAndLimitsAndLooksAtTheStacks) {
    run("execve", {}, P);
    const u32 pid = mm().pid;
    EXPECT_FALSE(mm().legacy_layout);
    run("setrlimit", {{"process", P}, {"resource", 2}});
    EXPECT_EQ(mm().rlim.stack, RLIM_INFINITY);
    map(A, ARENA, PAGE);
    EXPECT_EQ(run("execve", {{"process", P}, {"program", intern("/bin/other")}}, Op::NO_RESULT), OpOutcome::done);
    EXPECT_EQ(mm().pid, pid);
    EXPECT_EQ(mm().mmap_base, (u64{1} << 48) / 4) << "TASK_UNMAPPED_BASE";
    EXPECT_EQ(maps().find("1000000000-"), std::string::npos) << "the old mappings are gone";
    EXPECT_EQ(machine_.processes.processes, 1u);
    run("execve", {}, Q);
    EXPECT_EQ(mm(Q).pid, pid + 1);
}

TEST_F(ProcessOps, TheHeapMovesByBrkAndSbrk) {
    run("execve", {}, P);
    const u64 start = mm().brk;
    EXPECT_EQ(run("sbrk", {{"process", P}, {"by", 100}}, A), OpOutcome::done);
    EXPECT_EQ(value(A), start);
    EXPECT_EQ(mm().brk, start + 100);
    EXPECT_NE(maps().find("[heap]"), std::string::npos);
    EXPECT_EQ(run("brk", {{"process", P}, {"address", place_in_result(A, 3 * PAGE)}}, B), OpOutcome::done);
    EXPECT_EQ(value(B), start + 3 * PAGE);
    EXPECT_EQ(run("sbrk", {{"process", P}, {"by", -3 * PAGE - 1}}, B), OpOutcome::refused);
    expect_failed(mm_errno::einval, mm_failure::below_start_brk);
    EXPECT_TRUE(machine_.results[B].empty());
    EXPECT_EQ(mm().brk, start + 3 * PAGE);
}

TEST_F(ProcessOps, LimitsRefuseWithTheirNumbers) {
    run("execve", {}, P);
    const i64 pages = static_cast<i64>(mm().total_vm);
    run("setrlimit", {{"process", P}, {"resource", 0}, {"size", (pages + 4) * PAGE}});
    EXPECT_EQ(map(A, ARENA, 4 * PAGE), OpOutcome::done);
    EXPECT_EQ(map(B, ARENA + 8 * PAGE, PAGE), OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::as_limit);
    const Args<ev::mm_call_failed> in(*last(ev::mm_call_failed));
    EXPECT_EQ(in["n"], pages + 5);
    EXPECT_EQ(in["m"], pages + 4);
    run("setrlimit", {{"process", P}, {"resource", 0}});
    run("setrlimit", {{"process", P}, {"resource", 3}, {"size", 2 * PAGE}});
    EXPECT_EQ(run("mlock", {{"process", P}, {"address", ARENA}, {"size", 3 * PAGE}}), OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::memlock_limit);
    EXPECT_EQ(run("mlock", {{"process", P}, {"address", ARENA}, {"size", 2 * PAGE}}), OpOutcome::done);
    EXPECT_EQ(mm().locked_vm, 2u);
}

TEST_F(ProcessOps, WithOvercommit2PromisesEndAtTheCommitLimit) {
    run("execve", {{"root", 1}}, P);
    run("vm.overcommit_ratio", {{"value", 25}});
    run("vm.overcommit_memory", {{"value", 2}});
    const process_memory& proc = machine_.processes;
    const u64 limit = proc.totalram_pages * 25 / 100, reserve = std::min(mm().total_vm / 32, proc.user_reserve);
    const i64 most = static_cast<i64>(limit - reserve - proc.vm_committed) - 1; // fewer than what is allowed
    EXPECT_EQ(map(A, ARENA, (most + 1) * PAGE), OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::commit_limit);
    EXPECT_EQ(map(A, ARENA, (most + 1) * PAGE, FIXED | MAP_NORESERVE), OpOutcome::refused) << "NORESERVE is not asked";
    EXPECT_EQ(map(A, ARENA, most * PAGE), OpOutcome::done);
    EXPECT_EQ(map(B, ARENA * 2, PAGE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED), OpOutcome::refused)
        << "shared memory counts";
    EXPECT_EQ(run("mmap", {{"process", P}, {"size", PAGE}, {"prot", PROT_READ}}, B), OpOutcome::done)
        << "nobody writes it";
    run("vm.overcommit_memory", {{"value", 1}});
    EXPECT_EQ(map(B, ARENA * 2, i64{1} << 40), OpOutcome::done);
}

TEST_F(ProcessOps, SharedMemoryIsAccountedOnceAndUntilItsLastMappingGoes) {
    run("execve", {}, P);
    const u64 before = machine_.processes.vm_committed;
    map(A, ARENA, 8 * PAGE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    EXPECT_EQ(machine_.processes.vm_committed, before + 8);
    run("munmap", {{"process", P}, {"address", ARENA + PAGE}, {"size", PAGE}});
    EXPECT_EQ(machine_.processes.vm_committed, before + 8) << "the file has its size still";
    run("munmap", {{"process", P}, {"address", ARENA}, {"size", 8 * PAGE}});
    EXPECT_EQ(machine_.processes.vm_committed, before);
}

TEST_F(ProcessOps, AKernelWithoutMsealSaysSo) {
    run("execve", {}, P);
    EXPECT_EQ(run("mseal", {{"process", P}, {"address", ARENA}, {"size", PAGE}}), OpOutcome::refused);
    expect_failed(mm_errno::enosys, mm_failure::no_such_call);
}

TEST_F(ProcessOps, AFileIsWrittenSyncedPunchedAndCutUnderItsMapping) {
    run("execve", {}, P);
    run("open", {{"path", intern("/data/f")}, {"size", 4 * PAGE}}, F);
    run("mmap",
        {{"process", P}, {"address", ARENA}, {"size", 8 * PAGE}, {"flags", MAP_SHARED | MAP_FIXED}, {"file", F}}, A);
    EXPECT_EQ(run("pwrite", {{"file", F}, {"offset", PAGE}, {"value", 7}}), OpOutcome::done);
    EXPECT_EQ(run("user_read", {{"process", P}, {"address", ARENA + PAGE}}), OpOutcome::done);
    EXPECT_EQ(run("fsync", {{"file", F}}), OpOutcome::done);
    EXPECT_EQ(run("fallocate", {{"file", F}, {"size", PAGE}}), OpOutcome::done);
    EXPECT_EQ(run("ftruncate", {{"file", F}, {"size", PAGE}}), OpOutcome::done);
    EXPECT_EQ(run("user_read", {{"process", P}, {"address", ARENA + PAGE}}), OpOutcome::refused) << "SIGBUS";
    run("close", {{"file", F}});
    EXPECT_EQ(run("pwrite", {{"file", F}}), OpOutcome::refused);
    expect_failed(mm_errno::ebadf, mm_failure::bad_file);
    EXPECT_EQ(verify(machine_), std::nullopt);
}

TEST_F(ProcessOps, ExecKeepsTheLayoutThatAProcessWishesAndForgetsThatItRunsWhatItReads) {
    run("execve", {}, P);
    EXPECT_FALSE(mm().legacy_layout);
    EXPECT_EQ(run("personality", {{"process", P}, {"read_implies_exec", 1}, {"compat_layout", 1}}), OpOutcome::done);
    EXPECT_EQ(run("execve", {{"process", P}}), OpOutcome::done);
    EXPECT_TRUE(mm().legacy_layout);
    EXPECT_EQ(mm().personality, ADDR_COMPAT_LAYOUT);
    EXPECT_EQ(run("mem_write", {{"process", P}, {"address", static_cast<i64>(mm().start_code)}, {"force", 0}}),
              OpOutcome::refused);
    expect_failed(mm_errno::efault, mm_failure::no_access);
    EXPECT_EQ(run("mem_write", {{"process", P}, {"address", static_cast<i64>(mm().start_code)}}), OpOutcome::done);
}

TEST_F(ProcessOps, VmasHaveALimit) {
    run("execve", {}, P);
    run("vm.max_map_count", {{"value", mm().map_count + 2}});
    map(A, ARENA, 3 * PAGE);
    EXPECT_EQ(run("munmap", {{"process", P}, {"address", ARENA + PAGE}, {"size", PAGE}}), OpOutcome::done);
    EXPECT_EQ(map(B, ARENA + 8 * PAGE, PAGE, FIXED), OpOutcome::done) << "the count may reach the limit and one more";
    EXPECT_EQ(map(B, ARENA + 16 * PAGE, PAGE, FIXED), OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::too_many_vmas);
}

TEST_F(ProcessOps, ProcessesAndFilesHaveALimit) {
    for (u32 i = 0; i < MAX_FILES; ++i) ASSERT_EQ(run("open", {{"path", intern("/data/many")}}), OpOutcome::done);
    EXPECT_EQ(run("open", {{"path", intern("/data/many")}}, F), OpOutcome::returned_null);
    EXPECT_EQ(Args<ev::too_many>(*find(ev::too_many))["limit"], MAX_FILES);
    machine_.processes.processes += MAX_PROCESSES; // as many, without their memory
    EventSink quiet;
    Op op{.kind = *find_op("execve"), .result = P};
    for (std::size_t i = 0; i < op_spec(op.kind).field_list().size(); ++i)
        op.arg[i] = op_spec(op.kind).fields[i].default_value;
    EXPECT_EQ(apply(machine_, op, quiet), OpOutcome::returned_null);
    machine_.processes.processes -= MAX_PROCESSES;
    EXPECT_EQ(verify(machine_), std::nullopt);
}

TEST_F(ProcessOps, AProgramThatDoesNotFitIsRefusedAndTheOldOneGoesOn) {
    run("execve", {}, P);
    const std::string before = maps();
    EXPECT_EQ(run("execve", {{"process", P}, {"text", i64{1} << 39}, {"data", i64{1} << 39}, {"bss", i64{1} << 39}}),
              OpOutcome::done)
        << "1.5 TiB of 256";
    machine_.processes.task_size = u64{1} << 39;
    const std::string large = maps();
    EXPECT_NE(large, before);
    EXPECT_EQ(run("execve", {{"process", P}, {"text", i64{1} << 38}}), OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::program_too_large);
    EXPECT_EQ(maps(), large);
}

class I386ProcessOps : public ProcessOps {
  protected:
    I386ProcessOps() : ProcessOps(architecture::i386) {}
};
TEST_F(I386ProcessOps, ProcessesHave3GiB) {
    EXPECT_EQ(run("execve", {{"kind", 1}}, P), OpOutcome::done);
    EXPECT_EQ(mm().task_size, 0xc000'0000u);
    EXPECT_NE(maps().find("bffdf000-c0000000 rw-p"), std::string::npos) << maps();
    EXPECT_EQ(map(A, 0xc000'0000, PAGE), OpOutcome::refused);
    expect_failed(mm_errno::enomem, mm_failure::beyond_task_size);
}

class X86ProcessOps : public ProcessOps {
  protected:
    X86ProcessOps() : ProcessOps(architecture::x86_64) {}
};
TEST_F(X86ProcessOps, WithoutPageTablesThereAreNoProcesses) {
    EXPECT_EQ(run("execve", {}, P), OpOutcome::refused);
    EXPECT_EQ(count(mmu_event::no_page_tables), 1);
    EXPECT_TRUE(machine_.results[P].empty());
}

// ---- time travel ---------------------------------------------------------------------------------------------------

Op op_of(std::string_view name, std::initializer_list<std::pair<std::string_view, i64>> fields, u32 result) {
    Op op;
    op.kind = find_op(name).value();
    op.result = result;
    const auto specs = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < specs.size(); ++i) {
        op.arg[i] = specs[i].default_value;
        for (const auto& [field, value] : fields)
            if (specs[i].name == field) op.arg[i] = value;
    }
    return op;
}

// Processes that begin, map, change, lock and unmap within 64 pages, and end.
std::vector<Op> random_ops(u32 count, u64 seed) {
    Rng rng(seed);
    std::vector<Op> ops{op_of("open", {{"path", intern("/data/f")}, {"size", 64 * PAGE}}, F), op_of("execve", {}, P),
                        op_of("execve", {}, Q)};
    while (ops.size() < count) {
        const u32 p = rng.below(2);
        const i64 at = ARENA + PAGE * rng.below(64), size = PAGE * (1 + rng.below(8));
        const i64 place = rng.below(4) == 0 ? place_in_result(A, PAGE * (i64{rng.below(9)} - 2)) : at;
        switch (rng.below(12)) {
        case 0: ops.push_back(op_of("execve", {{"kind", rng.below(4)}}, p)); break;
        case 1: ops.push_back(op_of("exit", {{"process", p}}, Op::NO_RESULT)); break;
        case 2:
        case 3:
        case 4:
            ops.push_back(op_of("mmap",
                                {{"process", p},
                                 {"address", place},
                                 {"size", size},
                                 {"prot", rng.below(8)},
                                 {"flags", FIXED | (rng.below(4) == 0 ? i64{MAP_LOCKED} : 0)}},
                                A));
            break;
        case 5:
            ops.push_back(op_of("mmap",
                                {{"process", p},
                                 {"address", at},
                                 {"size", size},
                                 {"file", F},
                                 {"flags", MAP_FIXED | (rng.below(2) == 0 ? MAP_SHARED : MAP_PRIVATE)}},
                                B));
            break;
        case 6:
        case 7:
            ops.push_back(op_of("munmap", {{"process", p}, {"address", place}, {"size", size}}, Op::NO_RESULT));
            break;
        case 8:
            ops.push_back(op_of("mprotect", {{"process", p}, {"address", at}, {"size", size}, {"prot", rng.below(8)}},
                                Op::NO_RESULT));
            break;
        case 9:
            ops.push_back(
                op_of("mremap",
                      {{"process", p}, {"address", at}, {"old_size", size}, {"size", PAGE * (1 + rng.below(8))}}, B));
            break;
        case 10: ops.push_back(op_of("sbrk", {{"process", p}, {"by", i64{rng.below(40'000)} - 15'000}}, B)); break;
        default:
            ops.push_back(op_of("madvise", {{"process", p}, {"address", at}, {"size", size}, {"advice", rng.below(23)}},
                                Op::NO_RESULT));
        }
    }
    return ops;
}

TEST(ProcessSession, AnyPositionEqualsRunningThereFromTheStart) {
    for (const kernel_version kernel : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        machine_profile profile;
        profile.kernel = kernel;
        declare_memory(profile, 64ull << 20);
        const Machine start = std::move(make_machine(std::move(profile)).value());
        const std::vector<Op> ops = random_ops(400, 3);
        std::vector<u64> hashes;
        Machine machine = start;
        EventSink sink;
        for (const Op& op : ops) {
            ASSERT_FALSE(check_op(start, op).has_value());
            hashes.push_back(canonical_hash(machine));
            apply(machine, op, sink);
            const auto broken = verify(machine);
            ASSERT_FALSE(broken.has_value()) << *broken << " after op " << hashes.size();
        }
        Session session(start, {.keyframe_bytes = 1u << 20, .first_interval = 16});
        session.append(ops);
        session.seek({session.steps(), 0});
        Rng rng(5);
        for (int i = 0; i < 60; ++i) {
            const u32 step = rng.below(static_cast<u32>(ops.size()));
            session.seek({step, 0});
            ASSERT_EQ(canonical_hash(session.machine()), hashes[step]) << "step " << step;
            const u32 events = static_cast<u32>(session.replay(step).events.size());
            if (events < 2) continue;
            session.seek({step, events / 2});
            session.seek({step, 0});
            ASSERT_EQ(canonical_hash(session.machine()), hashes[step]) << "back to step " << step;
        }
    }
}

} // namespace
} // namespace mm
