#include "process/file_ops.h"

#include "base/program_place.h"
#include "process/functions.h"

namespace mm {

namespace {

namespace spec = process_spec;

OpOutcome outcome_of(i64 result) { return is_error(result) ? OpOutcome::refused : OpOutcome::done; }

// Files belong to no process: their pages need tables and frames alone.
struct FileCall {
    FileCall(process_op_context& room, OpCall& call, i64 slot)
        : tables{room.mmu, {room.mem, call.sink, call.op.cpu, call.step}}, cx{room.proc, 0, call.sink, &tables},
          file(file_of_op(call, slot)) {}

    mmu_context tables;
    mm_context cx;
    file_id file;
};

} // namespace

file_id file_of_op(const OpCall& call, i64 slot) {
    if (slot < 0) return 0;
    const OpResult file = call.results[static_cast<u32>(slot)];
    return file.kind == ResultKind::file && !file.freed ? static_cast<file_id>(file.value) : 0;
}

OpOutcome pwrite_op(process_op_context& room, OpCall& call, Fields<spec::pwrite> in) {
    FileCall on(room, call, in["file"]);
    return outcome_of(sys_pwrite(on.cx, on.file, in.as<u64>("offset"), in.as<u8>("value")));
}

OpOutcome ftruncate_op(process_op_context& room, OpCall& call, Fields<spec::ftruncate> in) {
    FileCall on(room, call, in["file"]);
    return outcome_of(sys_ftruncate(on.cx, on.file, in.as<u64>("size")));
}

OpOutcome fallocate_op(process_op_context& room, OpCall& call, Fields<spec::fallocate> in) {
    FileCall on(room, call, in["file"]);
    return outcome_of(sys_fallocate(on.cx, on.file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, in.as<u64>("offset"),
                                    in.as<u64>("size")));
}

OpOutcome fsync_op(process_op_context& room, OpCall& call, Fields<spec::fsync> in) {
    FileCall on(room, call, in["file"]);
    return outcome_of(sys_fsync(on.cx, on.file));
}

OpOutcome mem_write_op(mm_context& cx, OpCall& call, Fields<spec::mem_write> in) {
    const u64 address = address_of_place(call.results, in["address"]);
    return outcome_of(write_remote(cx, address, in.as<u8>("value"), in["force"] != 0));
}

OpOutcome personality_op(mm_context& cx, OpCall&, Fields<spec::personality> in) {
    const bool runs = in["read_implies_exec"] != 0, compat = in["compat_layout"] != 0;
    cx.mm_mut().personality = (runs ? READ_IMPLIES_EXEC : 0) | (compat ? ADDR_COMPAT_LAYOUT : 0);
    cx.sink.emit(process_event::personality_set, cx.mm().pid, runs, compat);
    return OpOutcome::done;
}

} // namespace mm
