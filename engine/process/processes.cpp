#include "process/processes.h"

#include <algorithm>

#include "process/calls.h"
#include "process/report.h"
#include "process/tasks.h"

namespace mm {

namespace {

// kernel: TASK_SIZE
u64 task_size_of(const mmu_memory& mmu) {
    const page_geometry& geometry = mmu.geometry();
    return geometry.arch().two_halves ? u64{1} << geometry.va_bits : geometry.arch().page_offset;
}

u64 managed_pages(const physical_memory& mem) {
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += z.managed_pages;
    return pages;
}

u64 free_pages(const physical_memory& mem) {
    u64 pages = 0;
    for (const zone& z : mem.zones) pages += static_cast<u64>(z.nr_free_pages);
    return pages;
}

// A thirty-second of what is free, up to so many KiB. kernel: init_user_reserve, init_admin_reserve
u64 reserve(const process_memory& proc, const physical_memory& mem, u64 most_kib) {
    const u64 kib = free_pages(mem) << (proc.page_shift - 10);
    return std::min(kib / 32, most_kib) >> (proc.page_shift - 10);
}

} // namespace

void start_processes(process_memory& proc, const machine_profile& profile, const mmu_memory& mmu,
                     const physical_memory& mem) {
    proc.rules = {profile.kernel, profile.arch, profile.vma_index};
    if (!mmu.up) return;
    proc.up = true;
    proc.page_shift = mem.page_shift;
    proc.pmd_shift = mmu.geometry().pmd_shift();
    proc.task_size = task_size_of(mmu);
    proc.totalram_pages = managed_pages(mem);
    proc.user_reserve = reserve(proc, mem, 128 << 10);
    proc.admin_reserve = reserve(proc, mem, 8 << 10);
}

mm_id process_of_space(const process_memory& proc, space_id space) {
    return space < proc.process_of.size() ? proc.process_of[space] - 1 : MM_NONE;
}

mm_id new_mm(process_memory& proc, mmu_context& cx) {
    EventSink& sink = cx.page.sink;
    if (proc.processes >= MAX_PROCESSES) {
        sink.emit(process_event::too_many, capped_kind::processes, MAX_PROCESSES);
        return MM_NONE;
    }
    sink.charge(proc.mms_used); // a record is looked for
    const mm_id id = create_mm(proc);
    mm_context made{proc, id, sink, &cx};
    if (!mm_alloc_pgd(made)) {
        drop_mm(proc, id);
        return MM_NONE;
    }
    mm_struct& mm = proc.mms.mut(id);
    mm.task_size = proc.task_size;
    mm.rlim.memlock = memlock_default(proc.rules);
    return id;
}

mm_id new_process(process_memory& proc, mmu_context& cx) {
    const mm_id id = new_mm(proc, cx);
    if (id == MM_NONE || new_owner(proc, cx.page.sink, id, TASK_NONE)) return id;
    mm_context made{proc, id, cx.page.sink, &cx};
    mm_free_pgd(made);
    drop_mm(proc, id);
    return MM_NONE;
}

bool mm_alloc_pgd(mm_context& cx) {
    mmu_memory& mmu = cx.pages->mmu;
    const space_id space = create_space(*cx.pages, false);
    if (space == SPACE_NONE) return false;
    mmu.spaces[space].of_process = true;
    cx.mm_mut().space = space;
    auto& process_of = cx.proc.process_of;
    if (space >= process_of.size()) process_of.grow(std::max(64u, 2 * (u32{space} + 1)));
    process_of.mut(space) = cx.id + 1;
    return true;
}

void mm_free_pgd(mm_context& cx) {
    const auto space = static_cast<space_id>(cx.mm().space);
    destroy_space(*cx.pages, space);
    cx.proc.process_of.mut(space) = 0;
    cx.mm_mut().space = 0;
}

} // namespace mm
