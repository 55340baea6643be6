#include "process/fork.h"

#include <algorithm>

#include "mmu/flush.h"
#include "process/calls.h"
#include "process/context_switch.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/processes.h"
#include "process/report.h"
#include "process/rmap.h"
#include "process/task_events.h"
#include "process/user_tables.h"
#include "process/vma_index.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = fault_event;

struct copied_counts {
    u64 anon = 0, file = 0, zero = 0, write_protected = 0;
};

// One VMA's entries, from the parent's tables to the child's. kernel: copy_page_range
class PageCopy {
  public:
    PageCopy(mm_context& parent, mm_context& child, const vm_area_struct& vma)
        : parent_(parent), child_(child), vma_(vma), format_(parent.pages->mmu.format),
          cow_((vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE) {}

    // False: no memory for a table.
    bool run() {
        CallScope scope(parent_.sink, process_fn::copy_page_range);
        each_entry(parent_, vma_.vm_start, vma_.vm_end, [&](const table_slot& slot) {
            if (!failed_) copy(slot);
            return entry_visit::next;
        });
        if (counts_.anon + counts_.file + counts_.zero > 0)
            parent_.sink.emit(ev::entries_copied, vma_.vm_start, vma_.vm_end, counts_.anon, counts_.file, counts_.zero,
                              counts_.write_protected);
        return !failed_;
    }

  private:
    void copy(const table_slot& slot) {
        const table_id table = child_table(slot);
        if (table == TABLE_NONE || (slot.level > 0 && !deposit_table(child_))) {
            failed_ = true;
            return;
        }
        pteval_t entry = slot.entry;
        if (cow_ && pte_write(format_, entry)) {
            entry = pte_wrprotect(format_, entry);
            set_entry(*parent_.pages, slot.table, slot.index, entry);
            counts_.write_protected += pages_of(slot);
        }
        if ((vma_.vm_flags & VM_SHARED) != 0) entry = pte_mkclean(format_, entry);
        const auto pfn = static_cast<pfn_t>(pte_pfn(format_, entry, slot.level));
        const bool huge_zero = slot.level > 0 && pfn == parent_.proc.user.huge_zero_pfn;
        if (!huge_zero) entry = pte_mkold(format_, entry);
        set_entry(*child_.pages, table, slot.index, entry);
        count_page(slot, pfn);
    }

    void count_page(const table_slot& slot, pfn_t pfn) {
        user_pages& user = parent_.proc.user;
        if (user.uncounted(pfn)) {
            counts_.zero += pages_of(slot);
            return;
        }
        if (user.at(pfn).anon()) {
            page_add_anon_rmap(child_, pfn, slot.address, slot.level, false);
            counts_.anon += pages_of(slot);
            return;
        }
        page_add_file_rmap(child_, pfn, slot.address);
        counts_.file += pages_of(slot);
    }

    // Its table for the entry; the same for a row of them.
    table_id child_table(const table_slot& slot) {
        const u64 row = slot.address >> parent_.pages->mmu.geometry().shift(static_cast<u8>(slot.level + 1));
        if (table_ == TABLE_NONE || row != row_ || slot.level != level_)
            table_ = table_alloc(*child_.pages, space_of(child_), slot.address, slot.level);
        row_ = row;
        level_ = slot.level;
        return table_;
    }

    u64 pages_of(const table_slot& slot) const {
        return parent_.pages->mmu.geometry().size(slot.level) >> parent_.proc.page_shift;
    }

    mm_context& parent_;
    mm_context& child_;
    const vm_area_struct& vma_;
    const pte_format& format_;
    const bool cow_;
    copied_counts counts_;
    table_id table_ = TABLE_NONE;
    u64 row_ = 0;
    u8 level_ = 0;
    bool failed_ = false;
};

// The child's own anon_vma, above that of the parent: its new pages belong there. kernel: anon_vma_fork
void fork_anon_vma(mm_context& child, const vm_area_struct& parent, vm_area_struct& vma) {
    if (parent.anon_vma == 0) return;
    CallScope scope(child.sink, process_fn::anon_vma_fork);
    process_memory& proc = child.proc;
    vma.anon_vma = ++proc.anon_vmas_made;
    if (vma.anon_vma >= proc.anon_vma_parents.size()) proc.anon_vma_parents.grow(std::max(64u, 2 * vma.anon_vma));
    proc.anon_vma_parents.mut(vma.anon_vma) = parent.anon_vma;
    vma.anon_vma_chain = parent.anon_vma_chain + 1;
    child.sink.emit(ev::anon_vma_forked, vma.vm_start, vma.vm_end, parent.anon_vma, vma.anon_vma, vma.anon_vma_chain);
}

fork_way way_of(const vm_area_struct& vma) {
    if ((vma.vm_flags & VM_DONTCOPY) != 0) return fork_way::not_at_all;
    if ((vma.vm_flags & VM_WIPEONFORK) != 0) return fork_way::wiped;
    const bool needs = vma.anon_vma != 0 || (vma.vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) != 0;
    return needs ? fork_way::copied : fork_way::faulted_again;
}

// False: no memory, or it may not be promised once more.
bool copy_vma(mm_context& parent, mm_context& child, const vm_area_struct& old) {
    const fork_way way = way_of(old);
    const u64 pages = parent.proc.pages(old);
    parent.sink.emit(ev::vma_forked, old.vm_start, old.vm_end, way, old.vm_flags, pages);
    if (way == fork_way::not_at_all) return true;
    if ((old.vm_flags & VM_ACCOUNT) != 0) {
        if (const room_verdict memory = vm_enough_memory(child, pages); !memory.fits) {
            parent.sink.emit(ev::fork_failed, old.vm_start, old.vm_end, pages, true);
            fail(parent, mm_call::fork, mm_errno::enomem, memory.reason, memory.pages, memory.limit);
            return false;
        }
    }
    vm_area_struct vma = old;
    vma.vm_flags &= ~VM_LOCKED_MASK;
    vma.vm_prev = vma.vm_next = vma.parent = vma.left = vma.right = VMA_NONE;
    vma.avl_height = 0;
    vma.anon_vma = 0;
    vma.anon_vma_chain = 0;
    if (way != fork_way::wiped) fork_anon_vma(child, old, vma);
    link_vma(child, new_vma(child.proc, vma));
    vm_stat_account(child, vma.vm_flags, static_cast<i64>(pages));
    if (way != fork_way::copied || !has_tables(parent)) return true;
    if (PageCopy(parent, child, old).run()) return true;
    parent.sink.emit(ev::fork_failed, old.vm_start, old.vm_end, pages, false);
    fail(parent, mm_call::fork, mm_errno::enomem, mm_failure::no_page);
    return false;
}

// What a new mm has of the old one, before its mappings: pid, tables and counts are its own. kernel: dup_mm, mm_init
void copy_mm(process_memory& proc, mm_id from, mm_id to) {
    const mm_struct made = proc.mms[to];
    mm_struct mm = proc.mms[from];
    mm.mmap = mm.last = mm.root = VMA_NONE;
    mm.mm_mt = {};
    mm.vmacache = {};
    mm.map_count = 0;
    mm.pid = made.pid;
    mm.space = made.space;
    mm.mm_users = mm.mm_count = 1;
    mm.owner = TASK_NONE;
    mm.deposits = PFN_NONE;
    mm.nr_deposits = 0;
    mm.total_vm = mm.locked_vm = mm.data_vm = mm.exec_vm = mm.stack_vm = mm.hiwater_vm = 0;
    mm.rss = {};
    mm.hiwater_rss = mm.min_flt = mm.maj_flt = 0;
    mm.def_flags &= VM_NOHUGEPAGE;
    proc.mms.mut(to) = mm;
}

bool dup_mmap(mm_context& parent, mm_context& child) {
    bool whole = true;
    for (vma_id id = first_vma(parent); whole && id != VMA_NONE && !parent.sink.spent(); id = next_vma(parent, id)) {
        const vm_area_struct vma = parent.vma(id);
        whole = copy_vma(parent, child, vma);
    }
    // Entries of the parent are read-only now.
    if (has_tables(parent)) flush_tlb_mm(*parent.pages, space_of(parent));
    return whole;
}

// One more that runs in the mm. kernel: copy_mm with CLONE_VM
task_id share_mm(mm_context& parent, task_id caller, bool thread) {
    const task_struct from = parent.proc.tasks[caller];
    task_struct made;
    made.flags = PF_FORKNOEXEC;
    made.comm = from.comm;
    made.mm = made.active_mm = parent.id;
    made.real_parent = thread ? from.real_parent : from.group_leader;
    if (thread) {
        made.group_leader = from.group_leader;
        made.tgid = from.tgid;
    }
    const task_id child = new_task(parent.proc, parent.sink, made);
    if (child == TASK_NONE) return child;
    CallScope scope(parent.sink, process_fn::copy_mm);
    mmget(parent.proc, parent.id);
    if (thread) parent.mm_mut().had_threads = true;
    const task_struct& task = parent.proc.tasks[child];
    parent.sink.emit(task_event::task_created, task.pid, task.tgid, thread, parent.mm().pid);
    parent.sink.emit(ev::mm_shared, parent.mm().pid, parent.mm().mm_users);
    return child;
}

// The CPU of the caller runs the child meanwhile.
void wait_for_vfork_done(mm_context& parent, task_id caller, task_id child) {
    CallScope scope(parent.sink, process_fn::wait_for_vfork_done);
    process_memory& proc = parent.proc;
    proc.tasks.mut(child).vfork_done = caller;
    task_struct& waits = proc.tasks.mut(caller);
    waits.vfork_child = child;
    waits.state = task_state::uninterruptible;
    const u32 cpu = waits.cpu;
    parent.sink.emit(task_event::vfork_waits, proc.tasks[caller].pid, proc.tasks[child].pid);
    if (cpu != CPU_NONE) context_switch(proc, *parent.pages, cpu, child, switch_telling::whole);
}

} // namespace

i64 sys_fork(mm_context& parent, mm_id& child) {
    parent.sink.emit(ev::fork_begins, parent.mm().pid, parent.mm().map_count, parent.mm().rss.total());
    const bool tasks = has_tables(parent) && parent.mm().owner != TASK_NONE;
    child = MM_NONE;
    if (tasks && parent.proc.nr_tasks >= MAX_TASKS) {
        parent.sink.emit(process_event::too_many, capped_kind::tasks, MAX_TASKS);
        return fail(parent, mm_call::fork, mm_errno::eagain, mm_failure::too_many_tasks, parent.proc.nr_tasks,
                    MAX_TASKS);
    }
    child = has_tables(parent) ? new_mm(parent.proc, *parent.pages) : create_mm(parent.proc);
    if (child == MM_NONE && parent.proc.processes >= MAX_PROCESSES)
        return fail(parent, mm_call::fork, mm_errno::eagain, mm_failure::too_many_tasks, parent.proc.processes,
                    MAX_PROCESSES);
    if (child == MM_NONE) return fail(parent, mm_call::fork, mm_errno::enomem, mm_failure::no_page);
    parent.proc.mms.mut(child).pid = tasks ? next_pid(parent.proc) : 0;
    copy_mm(parent.proc, parent.id, child);
    mm_context other{parent.proc, child, parent.sink, parent.pages};
    if (!dup_mmap(parent, other)) {
        mmput(other);
        child = MM_NONE;
        return error_of(mm_errno::enomem);
    }
    const task_id caller = parent.task != TASK_NONE ? parent.task : parent.mm().owner;
    if (tasks) other.mm_mut().forked_by = parent.proc.tasks[caller].pid;
    if (tasks) static_cast<void>(new_owner(parent.proc, parent.sink, child, caller));
    parent.sink.emit(ev::fork_done, parent.mm().pid, other.mm().map_count, other.mm().rss.anon, other.mm().rss.total());
    return 0;
}

i64 sys_clone(mm_context& parent, const clone_flags& flags, task_id& child) {
    const task_id caller = parent.task != TASK_NONE ? parent.task : parent.mm().owner;
    child = TASK_NONE;
    if (flags.thread && !flags.vm) {
        parent.sink.emit(task_event::clone_refused, parent.proc.tasks[caller].pid);
        return error_of(mm_errno::einval);
    }
    if (!flags.vm) {
        mm_id copy = MM_NONE;
        if (const i64 result = sys_fork(parent, copy); is_error(result)) return result;
        child = parent.proc.mms[copy].owner;
    } else {
        child = share_mm(parent, caller, flags.thread);
        if (child == TASK_NONE)
            return fail(parent, mm_call::fork, mm_errno::eagain, mm_failure::too_many_tasks, parent.proc.nr_tasks,
                        MAX_TASKS);
    }
    if (flags.vfork) wait_for_vfork_done(parent, caller, child);
    return 0;
}

task_id kthread_create(process_memory& proc, EventSink& sink, name_id name) {
    CallScope scope(sink, process_fn::kthread_create);
    task_struct made;
    made.flags = PF_KTHREAD;
    const task_id task = new_task(proc, sink, made);
    if (task == TASK_NONE) return task;
    set_comm(proc, task, name == NO_NAME ? intern("kthread") : name);
    sink.emit(task_event::kthread_created, proc.tasks[task].pid, proc.tasks[task].comm);
    return task;
}

} // namespace mm
