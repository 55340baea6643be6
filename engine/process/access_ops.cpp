#include "process/access_ops.h"

#include "base/program_place.h"
#include "process/fork.h"
#include "process/task_ops.h"
#include "process/user_access.h"

namespace mm {

namespace {

namespace spec = process_spec;

OpOutcome outcome_of(const user_access_result& result) {
    if (result.out_of_memory) return OpOutcome::returned_null;
    return result.signal != 0 ? OpOutcome::refused : OpOutcome::done;
}

} // namespace

OpOutcome read_op(mm_context& cx, OpCall& call, Fields<spec::read> in) {
    return outcome_of(user_access(cx, {address_of_place(call.results, in["address"]), user_access_kind::read}));
}

OpOutcome write_op(mm_context& cx, OpCall& call, Fields<spec::write> in) {
    const u64 address = address_of_place(call.results, in["address"]);
    return outcome_of(user_access(cx, {address, user_access_kind::write, in.as<u8>("value")}));
}

OpOutcome exec_op(mm_context& cx, OpCall& call, Fields<spec::exec> in) {
    return outcome_of(user_access(cx, {address_of_place(call.results, in["address"]), user_access_kind::exec}));
}

OpOutcome touch_op(mm_context& cx, OpCall& call, Fields<spec::touch> in) {
    const u64 start = address_of_place(call.results, in["address"]), page = cx.proc.page_size();
    const user_access_kind kind = in["write"] != 0 ? user_access_kind::write : user_access_kind::read;
    const u64 pages = cx.proc.page_align(in.as<u64>("size")) >> cx.proc.page_shift;
    for (u64 i = 0; i < pages && !cx.sink.spent(); ++i) {
        const OpOutcome outcome = outcome_of(user_access(cx, {start + i * page, kind, in.as<u8>("value")}));
        if (outcome != OpOutcome::done) return outcome;
    }
    return OpOutcome::done;
}

OpOutcome fork_op(mm_context& cx, OpCall& call, Fields<spec::fork>) {
    mm_id child = MM_NONE;
    const i64 result = sys_fork(cx, child);
    call.keep({});
    if (is_error(result)) return OpOutcome::refused;
    keep_task(cx.proc, call, cx.proc.mms[child].owner, process_result(cx.proc, child));
    return OpOutcome::done;
}

OpOutcome hugepage_enabled_op(process_op_context& room, OpCall& call, Fields<spec::hugepage_enabled> in) {
    process_memory& proc = room.proc;
    const auto name = [&] { return proc.thp_always ? 2 : proc.thp_madvise ? 1 : 0; };
    const int before = name();
    proc.thp_always = in["value"] == 2;
    proc.thp_madvise = in["value"] == 1;
    call.sink.emit(process_event::sysctl_changed, process_sysctl::hugepage_enabled, before, name(), before, name());
    return OpOutcome::done;
}

} // namespace mm
