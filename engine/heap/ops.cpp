#include "heap/ops.h"

#include <algorithm>

#include "heap/caller.h"
#include "heap/op_fields.h"
#include "mmu/events.h"

namespace mm {

namespace {

namespace spec = heap_spec;
using ev = heap_event;
using namespace libc;

// ---- Calls of malloc -----------------------------------------------------------------------------------------------

OpOutcome malloc_op(heap_caller& who, OpCall&, Fields<spec::malloc> in) {
    const u64 bytes = in.as<u64>("size");
    return who.keep(heap_call::malloc, who.libc.malloc(bytes), bytes);
}

OpOutcome free_op(heap_caller& who, OpCall& call, Fields<spec::free> in) {
    const u64 memory = who.address(in["address"]);
    if (memory == 0) {
        call.sink.emit(ev::freed_null);
        return OpOutcome::no_effect;
    }
    const u64 size = who.heap.words.load((memory - SIZE_SZ) & ~(SIZE_SZ - 1)) & ~SIZE_BITS;
    who.gives_back(memory);
    who.libc.free(memory);
    if (!who.libc.over()) call.sink.emit(ev::freed, memory, size);
    return who.done(OpOutcome::done);
}

OpOutcome realloc_op(heap_caller& who, OpCall&, Fields<spec::realloc> in) {
    const u64 memory = who.address(in["address"]), bytes = in.as<u64>("size");
    const heap_call which = memory != 0 && bytes == 0 ? heap_call::realloc_freed : heap_call::realloc;
    if (memory != 0) who.gives_back(memory);
    const u64 moved = who.libc.realloc(memory, bytes);
    if (moved == 0 && memory != 0 && bytes != 0) who.heap.words.mark(memory - HEADER, true); // it stays where it is
    return who.keep(which, moved, bytes);
}

OpOutcome calloc_op(heap_caller& who, OpCall&, Fields<spec::calloc> in) {
    const u64 count = in.as<u64>("count"), size = in.as<u64>("size");
    return who.keep(heap_call::calloc, who.libc.calloc(count, size), count * size);
}

OpOutcome memalign_op(heap_caller& who, OpCall&, Fields<spec::memalign> in) {
    const u64 bytes = in.as<u64>("size");
    return who.keep(heap_call::memalign, who.libc.memalign(in.as<u64>("alignment"), bytes), bytes);
}

OpOutcome posix_memalign_op(heap_caller& who, OpCall&, Fields<spec::posix_memalign> in) {
    const u64 bytes = in.as<u64>("size");
    return who.keep(heap_call::posix_memalign, who.libc.posix_memalign(in.as<u64>("alignment"), bytes), bytes);
}

OpOutcome malloc_trim_op(heap_caller& who, OpCall& call, Fields<spec::malloc_trim> in) {
    const u64 pad = in.as<u64>("pad"), value = who.libc.malloc_trim(pad);
    if (!who.libc.over()) call.sink.emit(ev::trimmed, value, pad);
    return who.done(value != 0 ? OpOutcome::done : OpOutcome::no_effect);
}

OpOutcome mallopt_op(heap_caller& who, OpCall&, Fields<spec::mallopt> in) {
    const u64 taken = who.libc.mallopt(spec::mallopt_numbers[in.as<std::size_t>("parameter")], in.as<i32>("value"));
    return who.done(taken != 0 ? OpOutcome::done : OpOutcome::refused);
}

// ---- What the program was started with ---------------------------------------------------------------------------

// In the order of tunable_names. glibc: the TUNABLE_GET of ptmalloc_init
void set_tunable(malloc_par& par, std::size_t which, u64 value) {
    constexpr u64 MOST_TCACHE_COUNT = 0xffff;
    const auto fixed = [&](u64& field) {
        field = value;
        par.no_dyn_threshold = true;
    };
    switch (which) {
    case 0: par.tcache_count = value <= MOST_TCACHE_COUNT ? value : par.tcache_count; break;
    case 1:
        if (value > MINSIZE + ALIGNMENT * (TCACHE_BINS - 1) - SIZE_SZ) break;
        par.tcache_max_bytes = value;
        par.tcache_bins = tcache_index(chunk_of_request(value)) + 1;
        break;
    case 2: par.tcache_unsorted_limit = value; break;
    case 3:
        if (value <= MAX_FAST_REQUEST) par.max_fast = value == 0 ? MINSIZE / 2 : (value + SIZE_SZ) & ~(ALIGNMENT - 1);
        break;
    case 4: fixed(par.mmap_threshold); break;
    case 5:
        par.n_mmaps_max = static_cast<i32>(std::min<u64>(value, spec::MOST_INT));
        par.no_dyn_threshold = true;
        break;
    case 6: fixed(par.trim_threshold); break;
    case 7: fixed(par.top_pad); break;
    case 8: par.perturb = static_cast<u8>(value); break;
    case 9: par.arena_test = value != 0 ? value : par.arena_test; break;
    default: par.arena_max = value; break;
    }
}

OpOutcome tunable_op(heap_caller& who, OpCall& call, Fields<spec::tunable> in) {
    if (who.heap.initialized) {
        call.sink.emit(ev::tunable_too_late, in["tunable"]);
        return OpOutcome::no_effect;
    }
    set_tunable(who.heap.par, in.as<std::size_t>("tunable"), in.as<u64>("value"));
    call.sink.emit(ev::tunable_set, in["tunable"], in["value"]);
    return OpOutcome::done;
}

// ---- What the program does itself ----------------------------------------------------------------------------------

OpOutcome heap_write_op(heap_caller& who, OpCall& call, Fields<spec::heap_write> in) {
    const u64 start = who.address(in["address"]);
    const bool whole = in["word"] != 0;
    const u64 word = whole ? who.address(in["word"]) : in.as<u64>("value") * 0x0101'0101'0101'0101ull;
    const u64 bytes = whole ? SIZE_SZ : in.as<u64>("size");
    who.writes(start, bytes);
    for (u64 at = start; at < start + bytes; at = (at & ~(PAGE - 1)) + PAGE)
        if (!who.kernel.touch(at, true)) return OpOutcome::refused;
    for (u64 i = 0; i < bytes;) {
        const u64 at = start + i, within = at % SIZE_SZ, part = std::min(SIZE_SZ - within, bytes - i);
        const u64 mask = (part == SIZE_SZ ? ~0ull : (u64{1} << part * 8) - 1) << within * 8;
        const u64 value = (word >> (i % SIZE_SZ) * 8) << within * 8;
        who.heap.words.store(at - within, (who.heap.words.load(at - within) & ~mask) | (value & mask));
        i += part;
    }
    call.sink.charge(bytes / WORK_BYTES);
    call.sink.emit(ev::written, start, bytes, who.heap.words.load(start & ~(SIZE_SZ - 1)));
    return OpOutcome::done;
}

OpOutcome pthread_exit_op(heap_caller& who, OpCall& call, Fields<spec::pthread_exit>) {
    const task_id task = who.cx.task;
    who.libc.thread_ends();
    if (who.libc.over() || call.sink.spent()) return who.done(OpOutcome::refused);
    who.end(who.cx.proc.tasks[task].group_leader == task);
    return OpOutcome::done;
}

// ---- The table -----------------------------------------------------------------------------------------------------

// Every op asks first whether there are page tables, a process, and a heap in it.
template <const OpSpec& SPEC, OpOutcome (*run)(heap_caller&, OpCall&, Fields<SPEC>)>
OpOutcome in_process(heap_op_context& room, OpCall& call, Fields<SPEC> in) {
    if (!room.proc.up) {
        call.keep({});
        call.sink.emit(mmu_event::no_page_tables);
        return OpOutcome::refused;
    }
    const op_caller caller = named_caller(room.proc, call, in["process"]);
    if (caller.mm == MM_NONE) {
        call.keep({});
        return caller.waits ? OpOutcome::refused : OpOutcome::no_effect;
    }
    mmu_context tables{room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
    mm_context cx{room.proc, caller.mm, call.sink, &tables, caller.task};
    if (!prepare_heap(room, cx)) {
        call.keep({});
        return OpOutcome::refused;
    }
    heap_caller who(room, call, cx, in["process"]);
    return run(who, call, in);
}

template <const OpSpec& SPEC, OpOutcome (*run)(heap_caller&, OpCall&, Fields<SPEC>)>
consteval HeapOp row() {
    return op_row<SPEC, in_process<SPEC, run>>();
}

constexpr HeapOp rows[] = {
    row<spec::malloc, malloc_op>(),
    row<spec::free, free_op>(),
    row<spec::realloc, realloc_op>(),
    row<spec::calloc, calloc_op>(),
    row<spec::memalign, memalign_op>(),
    row<spec::posix_memalign, posix_memalign_op>(),
    row<spec::malloc_trim, malloc_trim_op>(),
    row<spec::mallopt, mallopt_op>(),
    row<spec::tunable, tunable_op>(),
    row<spec::heap_write, heap_write_op>(),
    row<spec::pthread_exit, pthread_exit_op>(),
};

} // namespace

std::span<const HeapOp> heap_ops() { return rows; }

} // namespace mm
