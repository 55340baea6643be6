#include "heap/caller.h"

#include "base/program_place.h"
#include "process/calls.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using ev = heap_event;
using namespace libc;

// The task whose thread-local data a call uses: the child of vfork() runs with its parent's.
u32 pid_of_caller(const mm_context& cx) {
    task_id task = cx.task != TASK_NONE ? cx.task : cx.mm().owner;
    while (cx.proc.tasks[task].vfork_done != TASK_NONE) task = cx.proc.tasks[task].vfork_done;
    return cx.proc.tasks[task].pid;
}

// libc's data stand where the program's begin, as in one that is linked with it; without such a place, in a mapping. 0: nowhere.
u64 place_of_arena(mm_context& cx) {
    const u64 at = align_up(cx.mm().start_data, 2 * ALIGNMENT);
    const vma_id vma = vma_lookup(cx, at);
    if (vma != VMA_NONE && (cx.vma(vma).vm_flags & VM_WRITE) != 0 && at + ARENA_SIZE <= cx.vma(vma).vm_end) return at;
    mmap_request request;
    request.length = ARENA_SIZE;
    request.prot = PROT_READ | PROT_WRITE;
    request.flags = MAP_PRIVATE | MAP_ANONYMOUS;
    const i64 mapped = sys_mmap(cx, request);
    return is_error(mapped) ? 0 : static_cast<u64>(mapped);
}

// A number that the program cannot guess: here it follows from the process. glibc: tcache_key_initialize
u64 key_of(u32 pid) {
    u64 key = u64{pid} * 0x9e37'79b9'7f4a'7c15ull;
    key ^= key >> 29;
    return key * 0xbf58'476d'1ce4'e5b9ull | 1;
}

bool refused(mm_context& cx, heap_refusal why) {
    cx.sink.emit(ev::heap_unsupported, why);
    return false;
}

constexpr u64 LARGEST_32_BIT = u64{1} << 32;

} // namespace

bool prepare_heap(heap_op_context& room, mm_context& cx) {
    if (cx.mm().heap != 0) return true;
    if (cx.proc.page_size() != PAGE) return refused(cx, heap_refusal::page_size);
    if (cx.mm().task_size <= LARGEST_32_BIT) return refused(cx, heap_refusal::pointer_size);
    libc_heap heap;
    heap.in_use = true;
    heap.main_arena = place_of_arena(cx);
    if (heap.main_arena == 0) return refused(cx, heap_refusal::no_data);
    heap.tcache_key = key_of(cx.mm().pid);
    heap.processors = room.processors;
    give_heap(room.heaps, room.proc, cx.id, std::move(heap));
    return true;
}

heap_caller::heap_caller(heap_op_context& room, OpCall& call, mm_context& by, i64 slot)
    : cx(by), heap(heap_to_change(room.heaps, room.proc, by.id)), kernel(by, heap),
      libc(heap, kernel, call.sink, libc_thread_of(heap, pid_of_caller(by))), room_(room), call_(call), slot_(slot) {
    heap.threaded = heap.threaded || cx.mm().had_threads;
}

void heap_caller::gives_back(u64 memory) {
    if (!heap.words.marked(memory - HEADER)) heap.damaged = true;
    heap.words.mark(memory - HEADER, false);
}

void heap_caller::writes(u64 start, u64 bytes) {
    constexpr u64 MOST_SEARCHED = u64{1} << 20;
    const u64 from = (start - HEADER) & ~(ALIGNMENT - 1);
    u64 back = 0;
    while (back < MOST_SEARCHED && !heap.words.marked(from - back)) back += ALIGNMENT;
    call_.sink.charge(back / word_memory::LINE_BYTES);
    const u64 chunk = from - back, word = heap.words.load(chunk + AT_SIZE);
    const u64 end = chunk + (word & ~SIZE_BITS) + ((word & IS_MMAPPED) != 0 ? 0 : SIZE_SZ);
    if (!heap.words.marked(chunk) || start + bytes > end) heap.damaged = true;
}

OpOutcome heap_caller::keep(heap_call which, u64 memory, u64 asked) {
    if (memory == 0) call_.keep({});
    if (libc.over()) return done(OpOutcome::refused);
    if (memory == 0) {
        call_.sink.emit(ev::null_returned, which, libc.error());
        return which == heap_call::realloc_freed ? OpOutcome::done : OpOutcome::returned_null;
    }
    call_.keep({memory, ResultKind::region, 0, 0});
    heap.words.mark(memory - HEADER, true);
    const u64 word = heap.words.load(memory - SIZE_SZ), size = word & ~SIZE_BITS;
    call_.sink.emit(ev::malloc_returned, memory, asked, size, size - ((word & IS_MMAPPED) != 0 ? HEADER : SIZE_SZ));
    return OpOutcome::done;
}

OpOutcome heap_caller::done(OpOutcome outcome) {
    if (!libc.over() || call_.sink.spent()) return outcome;
    end(true);
    return OpOutcome::refused;
}

void heap_caller::end(bool group) {
    const task_id task = cx.task != TASK_NONE ? cx.task : cx.mm().owner;
    const NamesOfGroup names(room_.proc, task);
    group ? exit_group(room_.proc, *cx.pages, task) : exit_task(room_.proc, *cx.pages, task);
    if (call_.sink.spent()) return;
    call_.mark_freed(slot_);
    names.mark_ended(room_.proc, call_);
}

u64 heap_caller::address(i64 place) const {
    if (is_in_result(place) && call_.results[slot_of_place(place)].empty())
        return static_cast<u64>(offset_of_place(place));
    return address_of_place(call_.results, place);
}

} // namespace mm
