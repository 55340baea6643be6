#include "heap/heaps.h"

#include <algorithm>

#include "base/assert.h"
#include "heap/heap.h"
#include "process/tasks.h"

namespace mm {

namespace {

using namespace libc;

u32 keep(heap_memory& heaps, kept_heap heap, mm_id mm) {
    u32 slot = 0;
    while (slot < heaps.slots.size() && heaps.slots[slot].heap) ++slot;
    if (slot == heaps.slots.size()) heaps.slots.emplace_back();
    heaps.slots[slot] = {std::move(heap), mm};
    return slot;
}

// Of the threads the one that called goes on. Arenas of the others are free for new ones. glibc: __malloc_fork_unlock_child
void go_on_in_child(libc_heap& heap, const task_struct& child, u32 parent_pid) {
    libc_thread goes_on;
    for (const libc_thread& thread : heap.threads)
        if (thread.in_use && thread.id == parent_pid) goes_on = thread;
    goes_on.in_use = true;
    goes_on.id = child.pid;
    if (heap.threads.size() > 1) heap.lost_threads = true;
    heap.threads.assign(1, goes_on);
    if (!heap.initialized || !heap.threaded) return;
    if (goes_on.arena != 0) heap.words.store(goes_on.arena + AT_ATTACHED, 1);
    heap.free_list = 0;
    u64 arena = heap.main_arena;
    for (u32 seen = 0; seen < heap.narenas; ++seen, arena = heap.words.load(arena + AT_NEXT)) {
        if (arena == goes_on.arena) continue;
        heap.words.store(arena + AT_ATTACHED, 0);
        heap.words.store(arena + AT_NEXT_FREE, heap.free_list);
        heap.free_list = arena;
    }
}

// Threads that ended without telling glibc, by the bare call, leave their tcache and arena as they are.
void forget_ended_threads(kept_heap& heap, const process_memory& proc) {
    for (std::size_t i = 0; i < heap->threads.size(); ++i)
        if (heap->threads[i].in_use && find_task(proc, heap->threads[i].id) == TASK_NONE) {
            heap.mut().lost_threads = true;
            heap.mut().threads[i] = {};
        }
}

} // namespace

kept_heap::kept_heap(libc_heap heap) : heap_(std::make_shared<libc_heap>(std::move(heap))) {}

libc_heap& kept_heap::mut() {
    if (heap_.use_count() > 1) heap_ = std::make_shared<libc_heap>(*heap_);
    return *heap_;
}

u64 heap_memory::bytes_of_lists() const {
    u64 bytes = slots.size() * sizeof(slot);
    for (const slot& one : slots)
        if (one.heap)
            bytes += sizeof(libc_heap) + one.heap->threads.size() * sizeof(libc_thread) +
                     one.heap->regions.size() * sizeof(u64);
    return bytes;
}

u64 heap_memory::bytes_copied() const {
    u64 bytes = bytes_gone;
    for (const slot& one : slots)
        if (one.heap) bytes += one.heap->words.bytes_copied();
    return bytes;
}

u64 heap_memory::lines() const {
    u64 lines = 0;
    for (const slot& one : slots)
        if (one.heap) lines += one.heap->words.lines();
    return lines;
}

const libc_heap* heap_of_process(const heap_memory& heaps, const process_memory& proc, mm_id mm) {
    const u32 slot = proc.mms[mm].heap;
    return slot == 0 ? nullptr : &*heaps.slots[slot - 1].heap;
}

libc_heap& heap_to_change(heap_memory& heaps, const process_memory& proc, mm_id mm) {
    const u32 slot = proc.mms[mm].heap;
    MM_ASSERT(slot != 0);
    return heaps.slots[slot - 1].heap.mut();
}

void give_heap(heap_memory& heaps, process_memory& proc, mm_id mm, libc_heap heap) {
    proc.mms.mut(mm).heap = keep(heaps, kept_heap(std::move(heap)), mm) + 1;
}

void follow_processes(heap_memory& heaps, process_memory& proc) {
    if (heaps.mm_changes == proc.mm_changes) return;
    heaps.mm_changes = proc.mm_changes;
    if (heaps.slots.empty()) return;
    for (mm_id id = 0; id < proc.mms_used; ++id) {
        const mm_struct& mm = proc.mms[id];
        if (mm.heap == 0 || mm.mm_users == 0 || heaps.slots[mm.heap - 1].mm == id) continue;
        const heap_memory::slot from = heaps.slots[mm.heap - 1];
        const u32 slot = keep(heaps, from.heap, id);
        proc.mms.mut(id).heap = slot + 1;
        const task_struct child = proc.tasks[proc.mms[id].owner];
        go_on_in_child(heaps.slots[slot].heap.mut(), child, proc.mms[id].forked_by);
    }
    for (heap_memory::slot& one : heaps.slots) {
        if (!one.heap) continue;
        const mm_struct& mm = proc.mms[one.mm];
        const auto number = static_cast<u32>(&one - heaps.slots.data()) + 1;
        if (mm.in_use && mm.mm_users > 0 && mm.heap == number) {
            forget_ended_threads(one.heap, proc);
            continue;
        }
        heaps.bytes_gone += one.heap->words.bytes_copied();
        if (mm.in_use && mm.heap == number) proc.mms.mut(one.mm).heap = 0;
        one = {};
    }
}

u32 libc_thread_of(libc_heap& heap, u32 pid) {
    for (u32 i = 0; i < heap.threads.size(); ++i)
        if (heap.threads[i].in_use && heap.threads[i].id == pid) return i;
    u32 place = 0;
    while (place < heap.threads.size() && heap.threads[place].in_use) ++place;
    if (place == heap.threads.size()) heap.threads.emplace_back();
    heap.threads[place] = {};
    heap.threads[place].id = pid;
    heap.threads[place].in_use = true;
    return place;
}

} // namespace mm
