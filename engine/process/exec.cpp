#include "process/exec.h"

#include <algorithm>

#include "process/events.h"
#include "process/report.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr u64 TEXT_START = 0x40'0000;
constexpr u64 STACK_PAGES = 33;              // what exec leaves: 128 KiB and the page of arguments
constexpr u64 MIN_GAP = 128ull << 20;        // between the stack's top and mmap_base
constexpr u64 STACK_ENVIRONMENT = 0x220;     // bytes of arguments, environment and auxv below the top

// kernel: mmap_base, without randomisation: the gap is the stack's limit and its guard, within bounds
u64 mmap_base_of(const process_memory& proc, const mm_struct& mm) {
    const u64 guard = STACK_GUARD_PAGES << proc.page_shift;
    const u64 gap = mm.rlim.stack == RLIM_INFINITY ? mm.rlim.stack : mm.rlim.stack + guard;
    return proc.page_start(mm.task_size - std::clamp(gap, MIN_GAP, mm.task_size / 6 * 5));
}

void map_segment(mm_context& cx, u64 start, u64 bytes, vm_flags_t flags, file_id file, u64 pgoff) {
    if (bytes == 0) return;
    vm_area_struct vma;
    vma.vm_start = start;
    vma.vm_end = start + cx.proc.page_align(bytes);
    vma.vm_flags = flags | cx.proc.rules.soft_dirty();
    vma.vm_pgoff = pgoff;
    vma.vm_file = file;
    vma.has_ops = file != 0;
    const u64 pages = cx.proc.pages(vma);
    if ((flags & VM_ACCOUNT) != 0) cx.proc.vm_committed += pages;
    link_vma(cx, new_vma(cx.proc, vma));
    vm_stat_account(cx, flags, static_cast<i64>(pages));
    cx.sink.emit(process_event::vma_new, start, vma.vm_end, flags, pgoff, file);
}

void map_special(mm_context& cx, u64 start, u64 pages, vm_flags_t flags, special_mapping special) {
    vm_area_struct vma;
    vma.vm_start = start;
    vma.vm_end = start + (pages << cx.proc.page_shift);
    vma.vm_flags = flags;
    vma.special = special;
    vma.has_ops = true;
    link_vma(cx, new_vma(cx.proc, vma));
    vm_stat_account(cx, flags, static_cast<i64>(pages));
}

} // namespace

void load_program(mm_context& cx, const program& program) {
    constexpr vm_flags_t may = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
    const u64 page = cx.proc.page_size();
    mapped_file image;
    image.path = program.name;
    image.writable = false;
    image.size = program.text + program.data;
    const file_id file = open_file(cx.proc, image);
    mm_struct& mm = cx.mm_mut();
    mm.name = program.name;
    mm.legacy_layout = program.legacy || mm.rlim.stack == RLIM_INFINITY;
    mm.mmap_base = mm.legacy_layout ? cx.proc.page_align(mm.task_size / 4) : mmap_base_of(cx.proc, mm);
    mm.start_code = TEXT_START;
    mm.end_code = TEXT_START + program.text;
    mm.start_data = cx.proc.page_align(mm.end_code) + page;
    mm.end_data = mm.start_data + program.data;
    const u64 bss = cx.proc.page_align(mm.end_data);
    mm.start_brk = mm.brk = bss + cx.proc.page_align(program.bss);
    mm.start_stack = mm.task_size - STACK_ENVIRONMENT;
    const u64 start_data = mm.start_data, top = mm.task_size, base = mm.mmap_base;
    const bool legacy = mm.legacy_layout;
    map_segment(cx, TEXT_START, program.text, VM_READ | VM_EXEC | may, file, 0);
    map_segment(cx, start_data, program.data, VM_READ | VM_WRITE | VM_ACCOUNT | may, file,
                (start_data - TEXT_START) >> cx.proc.page_shift);
    map_segment(cx, bss, program.bss, cx.proc.rules.data_default() | VM_ACCOUNT, 0, bss >> cx.proc.page_shift);
    const u64 special = legacy ? base : base - 4 * page;
    map_special(cx, special, 2, VM_READ | VM_MAYREAD | VM_PFNMAP | VM_DONTEXPAND, special_mapping::vvar);
    map_special(cx, special + 2 * page, 2, VM_READ | VM_EXEC | may | VM_DONTEXPAND, special_mapping::vdso);
    map_segment(cx, top - STACK_PAGES * page, STACK_PAGES * page, cx.proc.rules.stack_default(), 0,
                (top >> cx.proc.page_shift) - STACK_PAGES);
    const u32 pid = cx.mm().pid;
    cx.sink.emit(process_event::mm_created, pid, program.name, base, top);
}

} // namespace mm
