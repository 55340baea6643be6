#pragma once
// The ops of a program's accesses and of fork; their rows stand with the others of this room in ops.cpp.
#include "process/op_fields.h"
#include "process/ops.h"

namespace mm {

[[nodiscard]] OpOutcome read_op(mm_context& cx, OpCall& call, Fields<process_spec::read> in);
[[nodiscard]] OpOutcome write_op(mm_context& cx, OpCall& call, Fields<process_spec::write> in);
[[nodiscard]] OpOutcome exec_op(mm_context& cx, OpCall& call, Fields<process_spec::exec> in);
[[nodiscard]] OpOutcome touch_op(mm_context& cx, OpCall& call, Fields<process_spec::touch> in);
[[nodiscard]] OpOutcome fork_op(mm_context& cx, OpCall& call, Fields<process_spec::fork> in);
[[nodiscard]] OpOutcome hugepage_enabled_op(process_op_context& room, OpCall& call,
                                            Fields<process_spec::hugepage_enabled> in);

} // namespace mm
