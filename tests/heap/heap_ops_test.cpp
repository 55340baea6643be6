// malloc in processes: addresses from recordings of glibc 2.36 (H is where the break was), and what the kernel has to do for it.
#include "base/names.h"
#include "base/program_place.h"
#include "base/rng.h"
#include "heap/chunks.h"
#include "heap/event_rows.h"
#include "heap/functions.h"
#include "heap/info.h"
#include "machine/c_text.h"
#include "machine/narrate.h"
#include "machine/session.h"
#include "mmu/ops_on_machine.h"
#include "process/calls.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"
#include "process/functions.h"
#include "process/processes.h"
#include "process/tasks.h"

namespace mm {
namespace {

using ev = heap_event;
using libc::chunk_state;
constexpr u32 P = 0, Q = 1, T = 2, A = 8, B = 9, C = 10, MANY = 32; // results
constexpr i64 PAGE = 4096, KIB = 1024;

class HeapOps : public test::OpsOnMachine {
  protected:
    explicit HeapOps(architecture arch = architecture::arm64) : OpsOnMachine(arch) {
        run("transparent_hugepage.enabled", {{"value", 0}});
    }

    [[nodiscard]] mm_id process(u32 slot = P) const {
        return process_of_space(machine_.processes, static_cast<space_id>(machine_.results[slot].value));
    }
    [[nodiscard]] const mm_struct& mm(u32 slot = P) const { return machine_.processes.mms[process(slot)]; }
    [[nodiscard]] const libc_heap* heap(u32 slot = P) const {
        return heap_of_process(machine_.heaps, machine_.processes, process(slot));
    }
    // An address, from where the break was.
    [[nodiscard]] u64 at(u32 slot) const { return machine_.results[slot].value - mm().start_brk; }
    static i64 place(u32 slot, i64 offset = 0) { return place_in_result(slot, offset); }

    OpOutcome malloc(i64 size, u32 slot, u32 process = P) {
        return run("malloc", {{"process", process}, {"size", size}}, slot);
    }
    OpOutcome free(u32 slot, u32 process = P) { return run("free", {{"process", process}, {"address", place(slot)}}); }
    OpOutcome write(u32 slot, i64 offset, i64 size, i64 value) {
        return run("heap_write", {{"process", P}, {"address", place(slot, offset)}, {"size", size}, {"value", value}});
    }
    // What glibc wrote before it ended the process; empty: it did not.
    [[nodiscard]] std::string_view aborted() const {
        const Event* event = find(ev::malloc_aborted);
        return event == nullptr ? "" : abort_text(Args<ev::malloc_aborted>(*event).as<u32>("message"));
    }
    [[nodiscard]] int faults() const { return count(fault_event::fault_done); }
    [[nodiscard]] std::vector<u64> listed(chunk_state kind, u64 size, u32 slot = P) const {
        for (const libc::heap_list& list : libc::lists_of(*heap(slot)))
            if (list.kind == kind && list.size == size) return list.chunks;
        return {};
    }
    // The functions that ran at the last op's first event of a kind.
    template <class Kind>
    [[nodiscard]] std::vector<std::string_view> path_to(Kind kind) const {
        const Event* event = find(kind);
        return event == nullptr ? std::vector<std::string_view>{} : call_path(*event);
    }
};

TEST_F(HeapOps, TheFirstCallMovesTheBreakAndTouchesTwoPages) {
    run("execve", {}, P);
    const u64 before = mm().rss.total();
    EXPECT_EQ(heap(), nullptr);
    EXPECT_EQ(malloc(24, A), OpOutcome::done);
    EXPECT_EQ(at(A), 0x2a0u);
    EXPECT_EQ(mm().brk - mm().start_brk, 0x21000u);
    EXPECT_EQ(faults(), 2) << "main_arena in the program's data, and the heap's first page";
    EXPECT_EQ(mm().rss.total(), before + 2);
    EXPECT_EQ(path_to(process_event::brk),
              (std::vector<std::string_view>{"malloc", "_int_malloc", "sysmalloc", "sys_brk"}));
    EXPECT_EQ(malloc(24, B), OpOutcome::done);
    EXPECT_EQ(at(B), 0x2c0u);
    EXPECT_EQ(faults(), 0) << "the page is there";
    EXPECT_EQ(events_.size(), 2u) << "cut from the top, and returned: no event for each word";
    const Args<ev::malloc_returned> in(*find(ev::malloc_returned));
    EXPECT_EQ(in["size"], 0x20);
    EXPECT_EQ(in["usable"], 24);
}

// A request of 1032 bytes and the headers of 0x10 more stay on the first page; the seventh begins on the second one.
TEST_F(HeapOps, PagesComeWhenAHeaderIsTheFirstThingOnThem) {
    run("execve", {}, P);
    malloc(24, A);
    EXPECT_EQ(malloc(4096, B), OpOutcome::done);
    EXPECT_EQ(faults(), 1) << "the new top's size word";
    EXPECT_EQ(malloc(65536, C), OpOutcome::done);
    EXPECT_EQ(faults(), 1) << "16 pages further, and none between";
    EXPECT_EQ(run("user_write", {{"process", P}, {"address", place(C, 8 * PAGE)}}), OpOutcome::done);
    EXPECT_EQ(faults(), 1);
}

TEST_F(HeapOps, TheTcacheGivesTheLastOneFirstAndHoldsSeven) {
    run("execve", {}, P);
    for (u32 i = 0; i < 9; ++i) malloc(40, MANY + i);
    for (u32 i = 0; i < 7; ++i) {
        EXPECT_EQ(free(MANY + i), OpOutcome::done);
        EXPECT_EQ(count(ev::tcache_put), 1);
    }
    EXPECT_EQ(listed(chunk_state::tcache, 0x30).size(), 7u);
    free(MANY + 7);
    const Args<ev::tcache_full> full(*find(ev::tcache_full));
    EXPECT_EQ(full["count"], 7);
    EXPECT_EQ(count(ev::fastbin_put), 1);
    EXPECT_EQ(listed(chunk_state::fastbin, 0x30).size(), 1u);
    malloc(40, A);
    EXPECT_EQ(at(A), at(MANY + 6)) << "the last one that was put there";
}

// Two chunks of 32 bytes stand in one line of words.
TEST_F(HeapOps, ALongListIsFollowedToItsEnd) {
    run("execve", {}, P);
    for (u32 i = 0; i < 400; ++i) malloc(24, MANY + i);
    for (u32 i = 0; i < 400; ++i) free(MANY + i);
    EXPECT_GT(400u - 7u, heap()->words.lines());
    EXPECT_EQ(listed(chunk_state::fastbin, 0x20).size(), 400u - 7u);
    EXPECT_EQ(libc::mallinfo_of(*heap()).smblks, 400u - 7u);
}

TEST_F(HeapOps, ADoubleFreeThatGlibcCatchesEndsTheProcess) {
    run("execve", {}, P);
    malloc(24, A);
    free(A);
    const u64 size = heap()->words.load(machine_.results[A].value - 8);
    EXPECT_EQ(size, 0x21u);
    EXPECT_EQ(free(A), OpOutcome::refused);
    EXPECT_EQ(aborted(), "free(): double free detected in tcache 2");
    EXPECT_EQ(c_result(machine_, ops_.back(), events_, Language::en), "SIGABRT");
    EXPECT_EQ(machine_.results[P].freed, 1) << "its name stands for nobody any more";
    EXPECT_EQ(machine_.processes.processes, 0u);
    EXPECT_EQ(malloc(24, B), OpOutcome::no_effect);
}

TEST_F(HeapOps, ADoubleFreeThatGlibcDoesNotCatchGivesOneChunkTwice) {
    run("execve", {}, P);
    for (u32 i = 0; i < 9; ++i) malloc(24, MANY + i);
    for (u32 i = 0; i < 7; ++i) free(MANY + i);
    const u32 a = MANY + 7, b = MANY + 8;
    free(a);
    EXPECT_EQ(free(a), OpOutcome::refused) << "it is the first of its fastbin";
    EXPECT_EQ(aborted(), "double free or corruption (fasttop)");
    run("execve", {}, P);
    for (u32 i = 0; i < 9; ++i) malloc(24, MANY + i);
    for (u32 i = 0; i < 7; ++i) free(MANY + i);
    free(a), free(b);
    EXPECT_EQ(free(a), OpOutcome::done) << "the first of its fastbin is another";
    EXPECT_TRUE(heap()->damaged);
    for (u32 i = 0; i < 7; ++i) malloc(24, MANY + i); // what the tcache has
    malloc(24, A), malloc(24, B), malloc(24, C);
    EXPECT_EQ(at(A), at(C));
    EXPECT_NE(at(A), at(B));
}

TEST_F(HeapOps, OneByteTooFarIsTheNextChunksSize) {
    run("execve", {}, P);
    malloc(24, A), malloc(24, B);
    EXPECT_EQ(write(A, 0, 24, 0x41), OpOutcome::done);
    EXPECT_FALSE(heap()->damaged) << "what it asked for";
    EXPECT_EQ(write(A, 24, 1, 0x41), OpOutcome::done);
    EXPECT_TRUE(heap()->damaged);
    EXPECT_EQ(heap()->words.load(machine_.results[B].value - 8), 0x41u);
    EXPECT_EQ(free(B), OpOutcome::done) << "nobody looks: it goes to the bin of 0x40";
    EXPECT_EQ(listed(chunk_state::tcache, 0x40).size(), 1u);
    EXPECT_EQ(listed(chunk_state::tcache, 0x20).size(), 0u);
}

TEST_F(HeapOps, BytesGoWhereTheyStandAndAWordMayBeAnAddress) {
    run("execve", {}, P);
    malloc(64, A), malloc(24, B);
    write(A, 0, 64, 0);
    write(A, 3, 7, 0xab);
    EXPECT_EQ(heap()->words.load(machine_.results[A].value), 0xabab'abab'ab00'0000u);
    EXPECT_EQ(heap()->words.load(machine_.results[A].value + 8), 0xababu);
    run("heap_write", {{"process", P}, {"address", place(A, 16)}, {"word", place(B, 8)}});
    EXPECT_EQ(heap()->words.load(machine_.results[A].value + 16), machine_.results[B].value + 8);
    EXPECT_EQ(c_text(machine_, ops_.back(), {"p", "q", "t", "", "", "", "", "", "a", "b"}),
              "*(size_t *)(a + 0x10) = (size_t)(b + 0x8);");
}

TEST_F(HeapOps, From128KibOnAMappingOfItsOwnAndTheThresholdMoves) {
    run("execve", {}, P);
    malloc(24, C);
    malloc(128 * KIB - 32, A); // its chunk has 8 bytes less than the threshold, rounded up to 16
    EXPECT_EQ(count(process_event::mmap), 0);
    malloc(128 * KIB, A);
    EXPECT_EQ(count(process_event::mmap), 1);
    EXPECT_EQ(machine_.results[A].value % PAGE, 0x10u);
    EXPECT_EQ(faults(), 1) << "its header";
    EXPECT_EQ(libc::mapped_chunks(*heap()).size(), 1u);
    const u64 mapped = mm().total_vm;
    free(A);
    EXPECT_EQ(count(process_event::munmap), 1);
    EXPECT_EQ(mm().total_vm, mapped - 33) << "128 KiB and a header: 33 pages";
    EXPECT_EQ(heap()->par.mmap_threshold, 0x21000u);
    EXPECT_EQ(heap()->par.trim_threshold, 0x42000u);
    malloc(128 * KIB, A);
    EXPECT_EQ(count(process_event::mmap), 0) << "below the new threshold";
}

TEST_F(HeapOps, ReallocOfAMappedChunkMovesPagesNotBytes) {
    run("execve", {}, P);
    malloc(256 * KIB, A);
    run("realloc", {{"process", P}, {"address", place(A)}, {"size", 1024 * KIB}}, B);
    EXPECT_EQ(count(process_event::mremap), 1);
    EXPECT_EQ(faults(), 0);
    EXPECT_EQ(heap()->words.load(machine_.results[B].value - 8) & ~7ull, 1028u * KIB);
    run("realloc", {{"process", P}, {"address", place(B)}, {"size", 0}}, B);
    EXPECT_TRUE(machine_.results[B].empty());
    EXPECT_EQ(heap()->par.n_mmaps, 0);
}

TEST_F(HeapOps, WhatCannotBeHadIsNullAndEnomem) {
    run("execve", {}, P);
    const i64 most = 0x7fff'ffff'ffff'ffff;
    EXPECT_EQ(malloc(most, A), OpOutcome::returned_null);
    EXPECT_EQ(c_result(machine_, ops_.back(), events_, Language::en).substr(0, 14), "= NULL, ENOMEM");
    EXPECT_TRUE(machine_.results[A].empty());
    EXPECT_EQ(run("calloc", {{"process", P}, {"count", i64{1} << 40}, {"size", i64{1} << 40}}, A),
              OpOutcome::returned_null);
    EXPECT_EQ(count(ev::size_refused), 1);
    EXPECT_EQ(run("memalign", {{"process", P}, {"alignment", PAGE}, {"size", most / 2}}, A), OpOutcome::returned_null);
    EXPECT_EQ(run("posix_memalign", {{"process", P}, {"alignment", 24}, {"size", 8}}, A), OpOutcome::returned_null);
    EXPECT_EQ(Args<ev::null_returned>(*find(ev::null_returned))["error"], 22);
    EXPECT_EQ(free(A), OpOutcome::no_effect) << "free(NULL)";
    EXPECT_EQ(count(ev::freed_null), 1);
}

TEST_F(HeapOps, WhatWasNeverAllocatedIsFoundOutOrNot) {
    const auto fresh = [&] { run("execve", {}, P), malloc(100, A); };
    const auto free_at = [&](i64 address) { return run("free", {{"process", P}, {"address", address}}); };
    fresh();
    EXPECT_EQ(free_at(place(A, 8)), OpOutcome::refused);
    EXPECT_EQ(aborted(), "free(): invalid pointer") << "not aligned";
    fresh();
    EXPECT_EQ(free_at(place(A, 16)), OpOutcome::refused);
    EXPECT_EQ(aborted(), "free(): invalid pointer") << "its size is 0, and minus 0 is below any address";
    fresh();
    EXPECT_EQ(free_at(0x1000), OpOutcome::refused);
    EXPECT_EQ(aborted(), "");
    EXPECT_EQ(count(process_event::user_sigsegv), 1) << "its header is read";
    EXPECT_EQ(machine_.processes.processes, 0u);
    fresh();
    run("heap_write", {{"process", P}, {"address", place(A, 8)}, {"word", 0x31}});
    EXPECT_EQ(free_at(place(A, 16)), OpOutcome::done) << "a header that the program made up";
    malloc(40, B);
    EXPECT_EQ(at(B), at(A) + 16);
}

TEST_F(HeapOps, ForkCopiesTheHeapPageByPage) {
    run("execve", {}, P);
    for (u32 i = 0; i < 4; ++i) malloc(24, MANY + i);
    free(MANY);
    run("fork", {{"process", P}}, Q);
    ASSERT_NE(heap(Q), nullptr);
    EXPECT_EQ(heap(Q)->words.lines(), heap(P)->words.lines());
    EXPECT_EQ(free(MANY + 1, Q), OpOutcome::done);
    EXPECT_EQ(count(fault_event::wp_decided), 1) << "the heap's page, which both have: main_arena is not looked at";
    EXPECT_EQ(listed(chunk_state::tcache, 0x20, Q).size(), 2u);
    EXPECT_EQ(listed(chunk_state::tcache, 0x20, P).size(), 1u);
    EXPECT_EQ(free(MANY + 1, P), OpOutcome::done);
    EXPECT_EQ(listed(chunk_state::tcache, 0x20, P).size(), 2u);
}

TEST_F(HeapOps, ExecveAndTheEndTakeTheHeapAway) {
    run("execve", {}, P);
    malloc(24, A);
    run("execve", {{"process", P}}, P);
    EXPECT_EQ(heap(), nullptr);
    malloc(24, A);
    EXPECT_EQ(at(A), 0x2a0u);
    run("exit", {{"process", P}});
    EXPECT_EQ(machine_.heaps.lines(), 0u);
    run("execve", {}, P);
    EXPECT_EQ(heap(), nullptr) << "another process with the same number";
}

TEST_F(HeapOps, AThreadGetsATcacheAndAnArenaAndLeavesThem) {
    run("execve", {}, P);
    malloc(24, A);
    run("clone", {{"process", P}}, T);
    EXPECT_EQ(malloc(24, B, T), OpOutcome::done);
    const Args<ev::arena_made> made(*find(ev::arena_made));
    const u64 arena = made.as<u64>("arena");
    EXPECT_EQ(arena % (64u << 20), 0x30u) << "behind the heap_info of a heap that 64 MiB divides";
    EXPECT_EQ(machine_.results[B].value % (64u << 20), 0xb70u) << "behind the arena and the thread's tcache";
    EXPECT_EQ(listed(chunk_state::tcache, 0x20).size(), 0u);
    free(B, T);
    EXPECT_EQ(count(ev::tcache_put), 1);
    EXPECT_EQ(run("pthread_exit", {{"process", T}}), OpOutcome::done);
    EXPECT_EQ(machine_.results[T].freed, 1);
    EXPECT_EQ(heap()->free_list, arena);
    run("clone", {{"process", P}}, T);
    malloc(24, B, T);
    const Args<ev::arena_reused> reused(*find(ev::arena_reused));
    EXPECT_EQ(reused.as<u64>("arena"), arena);
    EXPECT_EQ(reused["how"], 1);
}

TEST_F(HeapOps, PagesThatTheProgramDiscardsHaveNoHeadersAnyMore) {
    run("execve", {}, P);
    malloc(24, A);
    const i64 start = static_cast<i64>(mm().start_brk);
    run("madvise", {{"process", P}, {"address", start}, {"size", PAGE}, {"advice", 4}});
    EXPECT_EQ(free(A), OpOutcome::refused);
    EXPECT_EQ(aborted(), "free(): invalid pointer") << "a size of 0";
}

TEST_F(HeapOps, MallocTrimGivesPagesWithinFreeChunksBack) {
    run("execve", {}, P);
    malloc(64 * KIB, A), malloc(24, B);
    run("touch", {{"process", P}, {"address", place(A)}, {"size", 64 * KIB}});
    const u64 before = mm().rss.anon;
    free(A);
    EXPECT_EQ(mm().rss.anon, before) << "free gives nothing back: what is behind is in use";
    EXPECT_EQ(run("malloc_trim", {{"process", P}}), OpOutcome::done);
    EXPECT_EQ(count(ev::pages_discarded), 1);
    EXPECT_EQ(count(ev::top_trimmed), 1);
    EXPECT_EQ(mm().rss.anon, before - 15) << "all of the 64 KiB but where it begins and ends";
    EXPECT_EQ(c_result(machine_, ops_.back(), events_, Language::en).substr(0, 3), "= 1");
}

TEST_F(HeapOps, ParametersAreSetByTheEnvironmentAndByMallopt) {
    run("execve", {}, P);
    run("GLIBC_TUNABLES", {{"process", P}, {"tunable", 0}, {"value", 1}});
    malloc(24, A), malloc(24, B);
    free(A), free(B);
    EXPECT_EQ(count(ev::fastbin_put), 1) << "the tcache holds one of one";
    EXPECT_EQ(run("GLIBC_TUNABLES", {{"process", P}, {"tunable", 0}, {"value", 7}}), OpOutcome::no_effect);
    EXPECT_EQ(run("mallopt", {{"process", P}, {"parameter", 3}, {"value", 4096}}), OpOutcome::done);
    EXPECT_EQ(count(ev::fastbins_consolidated), 1);
    malloc(120 * KIB, C);
    EXPECT_EQ(count(process_event::mmap), 0) << "the top has as much";
    malloc(120 * KIB, C);
    EXPECT_EQ(count(process_event::mmap), 1) << "it has no longer, and the threshold is 4 KiB";
    EXPECT_EQ(run("mallopt", {{"process", P}, {"parameter", 0}, {"value", 161}}), OpOutcome::refused) << "M_MXFAST";
}

// Another program has taken all frames: the top's size word cannot be written.
TEST_F(HeapOps, WithoutAFrameForAHeaderTheProcessEnds) {
    run("execve", {}, Q);
    run("execve", {}, P);
    malloc(24, A);
    run("mmap", {{"process", Q}, {"size", 64 << 20}, {"flags", 0x22 | MAP_NORESERVE}}, T);
    EXPECT_EQ(run("touch", {{"process", Q}, {"address", place(T)}, {"size", 64 << 20}}), OpOutcome::returned_null);
    OpOutcome outcome = OpOutcome::done;
    for (u32 i = 0; i < 40 && outcome == OpOutcome::done; ++i) {
        outcome = malloc(5000, B);
        for (const Event& event : events_) EXPECT_LT(event.depth, MAX_CALL_DEPTH);
    }
    EXPECT_EQ(outcome, OpOutcome::refused);
    EXPECT_EQ(count(ev::call_signal), 1);
    EXPECT_EQ(machine_.processes.processes, 1u);
}

TEST_F(HeapOps, ProgramsOf32BitsHaveNone) {
    run("execve", {{"kind", 4}}, P);
    EXPECT_EQ(malloc(24, A), OpOutcome::refused);
    EXPECT_EQ(count(ev::heap_unsupported), 1);
}

TEST(HeapOfLargePages, IsNotModelled) {
    machine_profile profile;
    profile.page_size = 16384;
    declare_memory(profile, 256ull << 20);
    Machine machine = std::move(make_machine(std::move(profile)).value());
    std::vector<Event> events;
    EventSink sink;
    sink.store_in(&events);
    for (const auto& [name, slot] : {std::pair{"execve", P}, std::pair{"malloc", A}}) {
        Op op{.kind = find_op(name).value(), .result = slot};
        const OpSpec& spec = op_spec(op.kind);
        for (std::size_t i = 0; i < spec.field_list().size(); ++i) op.arg[i] = spec.fields[i].default_value;
        if (slot == A) op.arg[0] = P;
        EXPECT_EQ(apply(machine, op, sink), slot == A ? OpOutcome::refused : OpOutcome::done);
    }
    ASSERT_EQ(events.back().kind, static_cast<u16>(ev::heap_unsupported));
    EXPECT_EQ(verify(machine), std::nullopt);
}

TEST_F(HeapOps, CallsAreListedInC) {
    const std::vector<std::string> names = {"p", "q", "t", "", "", "", "", "", "a", "b"};
    const auto text = [&] { return c_text(machine_, ops_.back(), names); };
    run("execve", {}, P);
    malloc(24, A);
    EXPECT_EQ(text(), "char *a = malloc(24);");
    run("realloc", {{"process", P}, {"address", place(A)}, {"size", 4096}}, B);
    EXPECT_EQ(text(), "char *b = realloc(a, 4 << 10);");
    run("posix_memalign", {{"process", P}, {"alignment", 64}, {"size", 100}}, A);
    EXPECT_EQ(text(), "posix_memalign((void **)&a, 64, 100);");
    free(A);
    EXPECT_EQ(text(), "free(a);");
    write(B, 24, 8, 65);
    EXPECT_EQ(text(), "memset(b + 0x18, 65, 8);");
    run("mallopt", {{"process", P}, {"parameter", 2}, {"value", 0}});
    EXPECT_EQ(text(), "mallopt(M_TOP_PAD, 0);");
}

} // namespace
} // namespace mm
