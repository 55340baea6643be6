#include "process/ops.h"

#include "base/program_place.h"
#include "mmu/events.h"
#include "process/access_ops.h"
#include "process/file_ops.h"
#include "process/functions.h"
#include "process/page_cache.h"
#include "process/processes.h"
#include "process/task_ops.h"

namespace mm {

namespace {

namespace spec = process_spec;
using ev = process_event;

// ---- What ops name -------------------------------------------------------------------------------------------------

mmu_context tables_of(process_op_context& room, OpCall& call) {
    return {room.mmu, {room.mem, call.sink, call.op.cpu, call.step}};
}

OpOutcome outcome_of(i64 result) { return is_error(result) ? OpOutcome::refused : OpOutcome::done; }

// What a call that maps returned, under the name that the op gives.
OpOutcome keep_region(OpCall& call, i64 result) {
    call.keep(is_error(result) ? OpResult{} : OpResult{static_cast<u64>(result), ResultKind::region, 0, 0});
    return outcome_of(result);
}

// ---- Processes -----------------------------------------------------------------------------------------------------

// The program goes on in a new mm; pid, limits and personality stay. kernel: begin_new_exec
void take_over(process_op_context& room, OpCall& call, mmu_context& tables, task_id task, mm_id mm) {
    process_memory& proc = room.proc;
    const NamesOfGroup names(proc, task);
    const mm_struct before = proc.mms[proc.tasks[task].mm];
    mm_struct& after = proc.mms.mut(mm);
    after.rlim = before.rlim;
    after.personality = before.personality & ~READ_IMPLIES_EXEC;
    de_thread(proc, tables, task);
    if (call.sink.spent()) return;
    exec_mmap(proc, tables, task, mm);
    names.renew(proc, call, task, mm);
    names.mark_ended(proc, call);
}

// One more file with a name is needed, and there may be none. True: told.
bool too_many_paths(process_op_context& room, OpCall& call, name_id path) {
    call.sink.charge(room.proc.user.mappings_used);
    if (room.proc.nr_paths < MAX_PATHS || find_inode(room.proc, path) != 0) return false;
    call.sink.emit(ev::too_many, capped_kind::paths, MAX_PATHS);
    return true;
}

OpOutcome execve_op(process_op_context& room, OpCall& call, Fields<spec::execve> in) {
    const i64 slot = in["process"];
    const op_caller who = slot < 0 ? op_caller{} : named_caller(room.proc, call, slot);
    call.keep({});
    if (slot >= 0 && who.mm == MM_NONE) return who.waits ? OpOutcome::refused : OpOutcome::no_effect;
    const name_id name = in["program"] == NO_NAME ? intern("/bin/prog") : in.as<name_id>("program");
    const program_sizes sizes{in.as<u64>("text"), in.as<u64>("rodata"), in.as<u64>("data"), in.as<u64>("bss")};
    const program program = linked_program(room.proc.rules, name, in.as<program_kind>("kind"), sizes);
    if (const u64 bytes = bytes_of(program), most = most_bytes_of_program(room.proc, program.kind); bytes > most) {
        call.sink.emit(ev::mm_call_failed, mm_call::execve, mm_errno::enomem, mm_failure::program_too_large, bytes,
                       most, bytes, most);
        return OpOutcome::refused;
    }
    if (too_many_paths(room, call, name)) return OpOutcome::returned_null;
    mmu_context tables = tables_of(room, call);
    const mm_id id = slot < 0 ? new_process(room.proc, tables) : new_mm(room.proc, tables);
    if (id == MM_NONE) return OpOutcome::returned_null;
    if (slot >= 0) take_over(room, call, tables, who.task, id);
    if (call.sink.spent()) return OpOutcome::refused;
    mm_context cx{room.proc, id, call.sink, &tables};
    cx.mm_mut().privileged = in["root"] != 0;
    load_program(cx, program);
    const OpResult made = process_result(room.proc, id);
    if (slot >= 0) {
        call.results.mut(static_cast<u32>(slot)) = made;
        call.keep(made);
    } else {
        keep_task(room.proc, call, cx.mm().owner, made);
    }
    return OpOutcome::done;
}

constexpr u64 rlimit_of(i64 size) { return size < 0 ? RLIM_INFINITY : static_cast<u64>(size); }

OpOutcome setrlimit_op(mm_context& cx, OpCall&, Fields<spec::setrlimit> in) {
    mm_rlimits limits = cx.mm().rlim;
    u64* const all[] = {&limits.as, &limits.data, &limits.stack, &limits.memlock};
    u64& limit = *all[in.as<std::size_t>("resource")];
    const u64 old = limit;
    limit = rlimit_of(in["size"]);
    cx.mm_mut().rlim = limits;
    cx.sink.emit(ev::rlimit_set, in["resource"], old, limit);
    return OpOutcome::done;
}

// ---- Files ---------------------------------------------------------------------------------------------------------

// What a path that no file has yet stands for.
mapped_file file_at(const process_memory& proc, name_id path) {
    mapped_file file;
    file.path = path;
    const std::string_view name = name_text(path);
    if (name == "/dev/zero") file.kind = file_kind::dev_zero;
    if (name.starts_with("/dev/shm/")) file.kind = file_kind::shmem;
    file.size = proc.page_size();
    return file;
}

OpOutcome open_op(process_op_context& room, OpCall& call, Fields<spec::open> in) {
    CallScope scope(call.sink, process_fn::do_sys_open);
    mapped_file file = file_at(room.proc, in.as<name_id>("path"));
    call.keep({});
    if (too_many_paths(room, call, file.path)) return OpOutcome::returned_null;
    if (room.proc.nr_files >= MAX_FILES) {
        call.sink.emit(ev::too_many, capped_kind::files, MAX_FILES);
        return OpOutcome::returned_null;
    }
    file.readable = in["mode"] != 1;
    file.writable = in["mode"] != 0;
    file.opened = true;
    if (in["size"] >= 0) file.size = in.as<u64>("size");
    const file_id id = open_path(room.proc, file);
    const file_mapping inode = room.proc.user.mappings[room.proc.files[id].mapping];
    if (in["size"] >= 0 && inode.size != file.size) {
        mmu_context tables = tables_of(room, call);
        mm_context cx{room.proc, 0, call.sink, &tables};
        truncate_file(cx, id, file.size);
    }
    call.keep({id, ResultKind::file, 0, 0});
    call.sink.emit(ev::file_opened, file.path, room.proc.files[id].size, inode.inode, inode.files);
    return OpOutcome::done;
}

OpOutcome close_op(process_op_context& room, OpCall& call, Fields<spec::close> in) {
    const file_id id = file_of_op(call, in["file"]);
    if (id == 0) return OpOutcome::no_effect;
    const mapped_file file = room.proc.files[id];
    close_file(room.proc, id);
    mmu_context tables = tables_of(room, call);
    mm_context cx{room.proc, 0, call.sink, &tables};
    free_unlinked_pages(cx);
    call.mark_freed(in["file"]);
    const file_mapping left = room.proc.user.mappings[file.mapping];
    call.sink.emit(ev::file_closed, file.path, file.vmas, left.inode == file.inode ? left.nrpages : 0);
    return OpOutcome::done;
}

// ---- Calls on mappings ---------------------------------------------------------------------------------------------

OpOutcome mmap_op(mm_context& cx, OpCall& call, Fields<spec::mmap> in) {
    mmap_request request;
    request.address = address_of_place(call.results, in["address"]);
    request.length = in.as<u64>("size");
    request.prot = in.as<u32>("prot");
    request.flags = in.as<u32>("flags");
    request.file = file_of_op(call, in["file"]);
    request.offset = in.as<u64>("offset");
    return keep_region(call, sys_mmap(cx, request));
}

OpOutcome munmap_op(mm_context& cx, OpCall& call, Fields<spec::munmap> in) {
    return outcome_of(sys_munmap(cx, address_of_place(call.results, in["address"]), in.as<u64>("size")));
}

OpOutcome mprotect_op(mm_context& cx, OpCall& call, Fields<spec::mprotect> in) {
    const u64 address = address_of_place(call.results, in["address"]);
    return outcome_of(sys_mprotect(cx, address, in.as<u64>("size"), in.as<u32>("prot")));
}

OpOutcome mremap_op(mm_context& cx, OpCall& call, Fields<spec::mremap> in) {
    mremap_request request;
    request.address = address_of_place(call.results, in["address"]);
    request.old_length = in.as<u64>("old_size");
    request.new_length = in.as<u64>("size");
    request.flags = in.as<u32>("flags");
    request.new_address = address_of_place(call.results, in["new_address"]);
    return keep_region(call, sys_mremap(cx, request));
}

OpOutcome madvise_op(mm_context& cx, OpCall& call, Fields<spec::madvise> in) {
    const u64 address = address_of_place(call.results, in["address"]);
    const u32 advice = spec::advices[in.as<std::size_t>("advice")].value;
    return outcome_of(sys_madvise(cx, address, in.as<u64>("size"), advice));
}

OpOutcome mlock_op(mm_context& cx, OpCall& call, Fields<spec::mlock> in) {
    const u64 address = address_of_place(call.results, in["address"]);
    return outcome_of(sys_mlock(cx, address, in.as<u64>("size"), in["onfault"] != 0 ? MLOCK_ONFAULT : 0));
}

OpOutcome munlock_op(mm_context& cx, OpCall& call, Fields<spec::munlock> in) {
    return outcome_of(sys_munlock(cx, address_of_place(call.results, in["address"]), in.as<u64>("size")));
}

OpOutcome mlockall_op(mm_context& cx, OpCall&, Fields<spec::mlockall> in) {
    return outcome_of(sys_mlockall(cx, in.as<u32>("flags")));
}

OpOutcome munlockall_op(mm_context& cx, OpCall&, Fields<spec::munlockall>) { return outcome_of(sys_munlockall(cx)); }

OpOutcome msync_op(mm_context& cx, OpCall& call, Fields<spec::msync> in) {
    const u64 address = address_of_place(call.results, in["address"]);
    return outcome_of(sys_msync(cx, address, in.as<u64>("size"), in.as<u32>("flags")));
}

OpOutcome mseal_op(mm_context& cx, OpCall& call, Fields<spec::mseal> in) {
    return outcome_of(sys_mseal(cx, address_of_place(call.results, in["address"]), in.as<u64>("size")));
}

OpOutcome brk_op(mm_context& cx, OpCall& call, Fields<spec::brk> in) {
    const u64 wanted = address_of_place(call.results, in["address"]);
    const i64 brk = sys_brk(cx, wanted);
    keep_region(call, brk);
    return static_cast<u64>(brk) == wanted ? OpOutcome::done : OpOutcome::refused;
}

OpOutcome sbrk_op(mm_context& cx, OpCall& call, Fields<spec::sbrk> in) {
    const u64 old = cx.mm().brk, wanted = old + in.as<u64>("by");
    const bool moved = static_cast<u64>(sys_brk(cx, wanted)) == wanted;
    return keep_region(call, moved ? static_cast<i64>(old) : error_of(mm_errno::enomem));
}

// ---- Sysctls -------------------------------------------------------------------------------------------------------

template <class Value>
OpOutcome set_sysctl(OpCall& call, process_sysctl which, Value& value, i64 wanted) {
    const auto old = static_cast<i64>(value);
    value = static_cast<Value>(wanted);
    call.sink.emit(ev::sysctl_changed, which, old, wanted, -1, -1);
    return OpOutcome::done;
}

OpOutcome overcommit_memory_op(process_op_context& room, OpCall& call, Fields<spec::overcommit_memory> in) {
    return set_sysctl(call, process_sysctl::overcommit_memory, room.proc.overcommit_memory, in["value"]);
}
OpOutcome overcommit_ratio_op(process_op_context& room, OpCall& call, Fields<spec::overcommit_ratio> in) {
    return set_sysctl(call, process_sysctl::overcommit_ratio, room.proc.overcommit_ratio, in["value"]);
}
OpOutcome max_map_count_op(process_op_context& room, OpCall& call, Fields<spec::max_map_count> in) {
    return set_sysctl(call, process_sysctl::max_map_count, room.proc.max_map_count, in["value"]);
}
OpOutcome mmap_min_addr_op(process_op_context& room, OpCall& call, Fields<spec::mmap_min_addr> in) {
    return set_sysctl(call, process_sysctl::mmap_min_addr, room.proc.mmap_min_addr, in["value"]);
}
OpOutcome legacy_va_layout_op(process_op_context& room, OpCall& call, Fields<spec::legacy_va_layout> in) {
    return set_sysctl(call, process_sysctl::legacy_va_layout, room.proc.legacy_va_layout, in["value"]);
}
OpOutcome randomize_va_space_op(process_op_context& room, OpCall& call, Fields<spec::randomize_va_space> in) {
    room.proc.random_seed = in.as<u64>("seed");
    return set_sysctl(call, process_sysctl::randomize_va_space, room.proc.randomize_va_space, in["value"]);
}

// ---- The table -----------------------------------------------------------------------------------------------------

// Every op asks first whether there are page tables, and those of a process whether it is there.
template <const OpSpec& SPEC, OpOutcome (*run)(process_op_context&, OpCall&, Fields<SPEC>)>
OpOutcome where_processes_are(process_op_context& room, OpCall& call, Fields<SPEC> in) {
    if (room.proc.up) return run(room, call, in);
    call.keep({});
    call.sink.emit(mmu_event::no_page_tables);
    return OpOutcome::refused;
}
template <const OpSpec& SPEC, OpOutcome (*run)(mm_context&, OpCall&, Fields<SPEC>)>
OpOutcome in_process(process_op_context& room, OpCall& call, Fields<SPEC> in) {
    const op_caller who = named_caller(room.proc, call, in["process"]);
    if (who.mm != MM_NONE) {
        mmu_context tables = tables_of(room, call);
        mm_context cx{room.proc, who.mm, call.sink, &tables, who.task};
        return run(cx, call, in);
    }
    call.keep({});
    return who.waits ? OpOutcome::refused : OpOutcome::no_effect;
}

template <const OpSpec& SPEC, OpOutcome (*run)(process_op_context&, OpCall&, Fields<SPEC>)>
consteval ProcessOp of_machine() {
    return op_row<SPEC, where_processes_are<SPEC, run>>();
}
template <const OpSpec& SPEC, OpOutcome (*run)(mm_context&, OpCall&, Fields<SPEC>)>
consteval ProcessOp of_process() {
    return op_row<SPEC, where_processes_are<SPEC, in_process<SPEC, run>>>();
}

constexpr ProcessOp rows[] = {
    of_machine<spec::execve, execve_op>(),
    of_machine<spec::exit, exit_op>(),
    of_machine<spec::open, open_op>(),
    of_machine<spec::close, close_op>(),
    of_process<spec::mmap, mmap_op>(),
    of_process<spec::munmap, munmap_op>(),
    of_process<spec::mprotect, mprotect_op>(),
    of_process<spec::mremap, mremap_op>(),
    of_process<spec::madvise, madvise_op>(),
    of_process<spec::mlock, mlock_op>(),
    of_process<spec::munlock, munlock_op>(),
    of_process<spec::mlockall, mlockall_op>(),
    of_process<spec::munlockall, munlockall_op>(),
    of_process<spec::msync, msync_op>(),
    of_process<spec::mseal, mseal_op>(),
    of_process<spec::brk, brk_op>(),
    of_process<spec::sbrk, sbrk_op>(),
    of_process<spec::setrlimit, setrlimit_op>(),
    of_process<spec::read, read_op>(),
    of_process<spec::write, write_op>(),
    of_process<spec::exec, exec_op>(),
    of_process<spec::touch, touch_op>(),
    of_process<spec::fork, fork_op>(),
    of_machine<spec::hugepage_enabled, hugepage_enabled_op>(),
    of_machine<spec::overcommit_memory, overcommit_memory_op>(),
    of_machine<spec::overcommit_ratio, overcommit_ratio_op>(),
    of_machine<spec::max_map_count, max_map_count_op>(),
    of_machine<spec::mmap_min_addr, mmap_min_addr_op>(),
    of_machine<spec::legacy_va_layout, legacy_va_layout_op>(),
    of_machine<spec::randomize_va_space, randomize_va_space_op>(),
    of_machine<spec::pwrite, pwrite_op>(),
    of_machine<spec::ftruncate, ftruncate_op>(),
    of_machine<spec::fallocate, fallocate_op>(),
    of_machine<spec::fsync, fsync_op>(),
    of_process<spec::mem_write, mem_write_op>(),
    of_process<spec::personality, personality_op>(),
    of_machine<spec::exit_group, exit_group_op>(),
    of_process<spec::clone, clone_op>(),
    of_process<spec::vfork, vfork_op>(),
    of_machine<spec::kthread_create, kthread_create_op>(),
    of_machine<spec::schedule, schedule_op>(),
    of_machine<spec::unlink, unlink_op>(),
    of_process<spec::mincore, mincore_op>(),
};

} // namespace

std::span<const ProcessOp> process_ops() { return rows; }

} // namespace mm
