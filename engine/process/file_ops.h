#pragma once
// The ops of files whose pages processes map, of writes from outside a process, and of what it wants to be like; their rows
// stand with the others of this room in ops.cpp.
#include "process/op_fields.h"
#include "process/ops.h"

namespace mm {

namespace process_spec {

inline constexpr FieldSpec offset_field{"offset", Unit::bytes, 0, 0, MAX_BYTES, false, "where in the file"};
inline constexpr FieldSpec value_field{"value", Unit::number, 1, 0, 255, false, "the byte's new value"};

inline constexpr OpSpec pwrite{
    .name = "pwrite",
    .fields = {file_field, offset_field, value_field},
    .kernel_function = "generic_perform_write (mm/filemap.c)",
    .help_en = "write() of one byte into a file, through the page cache. What processes have mapped of the page shows "
               "it at once.",
    .help_zh = "用 write() 经页缓存把一个字节写入文件。映射了该页的进程立即看到。",
    .keeps_pages = true,
};
inline constexpr OpSpec ftruncate{
    .name = "ftruncate",
    .fields = {file_field, FieldSpec{"size", Unit::bytes, 0, 0, MAX_BYTES, true, "bytes that the file has then"}},
    .kernel_function = "do_sys_ftruncate (fs/open.c)",
    .help_en = "Makes a file longer or shorter. What is mapped of the pages that go is unmapped, private copies, too.",
    .help_zh = "改变文件的长度。被截去的页的映射都撤销，包括私有副本。",
    .keeps_pages = true,
};
inline constexpr OpSpec fallocate{
    .name = "fallocate",
    .fields = {file_field, offset_field, size_field},
    .kernel_function = "vfs_fallocate (fs/open.c)",
    .help_en = "Punches a hole into a file (FALLOC_FL_PUNCH_HOLE): whole pages in it leave the page cache, private "
               "copies stay.",
    .help_zh = "在文件中打洞（FALLOC_FL_PUNCH_HOLE）：洞内的整页离开页缓存，私有副本保留。",
    .keeps_pages = true,
};
inline constexpr OpSpec fsync{
    .name = "fsync",
    .fields = {file_field},
    .kernel_function = "do_fsync (fs/sync.c)",
    .help_en = "Writes all dirty pages of a file back. The next write through a mapping is noticed by a fault again.",
    .help_zh = "写回文件的全部脏页。之后经映射的第一次写又会缺页，从而被察觉。",
    .keeps_pages = true,
};
inline constexpr OpSpec mem_write{
    .name = "mem_write",
    .fields = {process_field, FieldSpec{"address", Unit::place, 0, 0, 0, true, "the byte"}, value_field,
               FieldSpec{"force", Unit::flag, 1, 0, 1, false,
                         "as /proc/PID/mem and ptrace do; 0: as process_vm_writev does"}},
    .kernel_function = "access_remote_vm (mm/memory.c)",
    .help_en = "Writes a byte of a process from outside. With force, a private page that it may only read itself is "
               "copied first.",
    .help_zh = "从外部写进程的一个字节。带 force 时，进程自己只能读的私有页会先被复制。",
    .keeps_pages = true,
};
inline constexpr OpSpec personality{
    .name = "personality",
    .fields = {process_field, FieldSpec{"read_implies_exec", Unit::flag, 0, 0, 1, false, "what may be read may be run"},
               FieldSpec{"compat_layout", Unit::flag, 0, 0, 1, false, "mmaps of the next program go up"}},
    .kernel_function = "sys_personality (kernel/exec_domain.c)",
    .help_en = "Sets two flags of a process that memory asks for. fork keeps them; exec takes READ_IMPLIES_EXEC away.",
    .help_zh = "设置进程与内存有关的两个标志。fork 保留它们，exec 去掉 READ_IMPLIES_EXEC。",
    .keeps_pages = true,
};

} // namespace process_spec

// Of ops that name a file: 0, it was closed or never opened.
[[nodiscard]] file_id file_of_op(const OpCall& call, i64 slot);

[[nodiscard]] OpOutcome pwrite_op(process_op_context& room, OpCall& call, Fields<process_spec::pwrite> in);
[[nodiscard]] OpOutcome ftruncate_op(process_op_context& room, OpCall& call, Fields<process_spec::ftruncate> in);
[[nodiscard]] OpOutcome fallocate_op(process_op_context& room, OpCall& call, Fields<process_spec::fallocate> in);
[[nodiscard]] OpOutcome fsync_op(process_op_context& room, OpCall& call, Fields<process_spec::fsync> in);
[[nodiscard]] OpOutcome mem_write_op(mm_context& cx, OpCall& call, Fields<process_spec::mem_write> in);
[[nodiscard]] OpOutcome personality_op(mm_context& cx, OpCall& call, Fields<process_spec::personality> in);

} // namespace mm
