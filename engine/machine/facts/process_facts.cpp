#include "machine/facts/process_facts.h"

#include "process/processes.h"

namespace mm {

mm_id process_of_op(const Machine& machine, const Op& op) {
    const auto process_in = [&](u32 slot) {
        const OpResult& result = machine.results[slot];
        return result.kind == ResultKind::space
                   ? process_of_space(machine.processes, static_cast<space_id>(result.value))
                   : MM_NONE;
    };
    if (op.result != Op::NO_RESULT && op_spec(op.kind).makes == ResultKind::space) return process_in(op.result);
    const std::span<const FieldSpec> fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].unit == Unit::space_result && op.arg[i] >= 0) return process_in(static_cast<u32>(op.arg[i]));
    return MM_NONE;
}

mm_id first_process(const process_memory& proc) {
    for (mm_id id = 0; id < proc.mms_used; ++id)
        if (proc.mms[id].in_use) return id;
    return MM_NONE;
}

bool has_process(const process_memory& proc, mm_id id) { return id < proc.mms_used && proc.mms[id].in_use; }

} // namespace mm
