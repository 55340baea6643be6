#pragma once
// What /proc says of a process: /proc/PID/maps and the lines of /proc/PID/status about its addresses.
//
// Mirrors: fs/proc/task_mmu.c: show_map_vma, task_mem (Linux 5.10, 6.1, 6.12).
#include <string>
#include <string_view>

#include "process/mm.h"

namespace mm {

// "rw-p"
[[nodiscard]] std::string vma_rights(vm_flags_t flags);
// "/bin/prog", "/tmp/f (deleted)" when no path leads to it any more. kernel: d_path
[[nodiscard]] std::string file_path(const process_memory& proc, file_id file);
// Of the inode's name, or of a struct file that has it open; empty if it has none.
[[nodiscard]] std::string mapping_path(const process_memory& proc, mapping_id mapping);
// Characters of `escaped` as octal numbers. kernel: mangle_path
[[nodiscard]] std::string mangle_path(std::string_view path, std::string_view escaped);
// The path of its file, "[heap]" and so on; empty for plain anonymous memory.
[[nodiscard]] std::string vma_name(const process_memory& proc, mm_id mm, vma_id vma);

// The line of one VMA.
[[nodiscard]] std::string maps_line(const process_memory& proc, mm_id mm, vma_id vma);
[[nodiscard]] std::string maps_text(const process_memory& proc, mm_id mm);
[[nodiscard]] std::string status_text(const process_memory& proc, mm_id mm);

} // namespace mm
