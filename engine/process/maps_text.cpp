#include "process/maps_text.h"

#include <cstdio>

#include "process/vma_index.h"

namespace mm {

namespace {

constexpr std::size_t NAME_COLUMN = 73; // seq_setwidth(m, 25 + sizeof(void*) * 6 - 1)

std::string line_of(const process_memory& proc, mm_id mm, vma_id id) {
    const vm_area_struct& vma = proc.vmas[id];
    char text[128];
    const mapped_file file = vma.vm_file == 0 ? mapped_file{} : proc.files[vma.vm_file];
    const u64 offset = vma.vm_file == 0 ? 0 : vma.vm_pgoff << proc.page_shift;
    std::snprintf(text, sizeof text, "%08llx-%08llx %s %08llx %02x:%02x %llu ",
                  static_cast<unsigned long long>(vma.vm_start), static_cast<unsigned long long>(vma.vm_end),
                  vma_rights(vma.vm_flags).c_str(), static_cast<unsigned long long>(offset), file.device >> 8,
                  file.device & 0xff, static_cast<unsigned long long>(file.inode));
    std::string line = text;
    if (const std::string name = vma_name(proc, mm, id); !name.empty()) {
        if (line.size() < NAME_COLUMN) line.resize(NAME_COLUMN, ' ');
        line += name;
    }
    return line + "\n";
}

std::string kib_line(std::string_view name, u64 kib) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*s:\t%8llu kB\n", static_cast<int>(name.size()), name.data(),
                  static_cast<unsigned long long>(kib));
    return text;
}

} // namespace

std::string vma_rights(vm_flags_t flags) {
    std::string rights = "---p";
    if ((flags & VM_READ) != 0) rights[0] = 'r';
    if ((flags & VM_WRITE) != 0) rights[1] = 'w';
    if ((flags & VM_EXEC) != 0) rights[2] = 'x';
    if ((flags & VM_MAYSHARE) != 0) rights[3] = 's';
    return rights;
}

std::string vma_name(const process_memory& proc, mm_id id, vma_id vma_number) {
    const vm_area_struct& vma = proc.vmas[vma_number];
    const mm_struct& mm = proc.mms[id];
    if (vma.vm_file != 0) return std::string(name_text(proc.files[vma.vm_file].path));
    if (vma.special == special_mapping::vvar) return "[vvar]";
    if (vma.special == special_mapping::vdso) return "[vdso]";
    if (vma.special == special_mapping::sigpage) return "[sigpage]";
    if (vma.special == special_mapping::vectors) return "[vectors]";
    const bool inside = proc.rules.heap_is_inside() ? vma.vm_start < mm.brk && vma.vm_end > mm.start_brk
                                                    : vma.vm_start <= mm.brk && vma.vm_end >= mm.start_brk;
    if (inside) return "[heap]";
    return vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack ? "[stack]" : "";
}

std::string maps_line(const process_memory& proc, mm_id mm, vma_id vma) { return line_of(proc, mm, vma); }

std::string maps_text(const process_memory& proc, mm_id mm) {
    std::string text;
    for (vma_id id = proc.mms[mm].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) text += line_of(proc, mm, id);
    return text;
}

std::string status_text(const process_memory& proc, mm_id id) {
    const mm_struct& mm = proc.mms[id];
    const u32 to_kib = proc.page_shift - 10;
    const u64 text_kib = (proc.page_align(mm.end_code) - proc.page_start(mm.start_code)) >> 10;
    const u64 exec_kib = mm.exec_vm << to_kib;
    const u64 code = text_kib < exec_kib ? text_kib : exec_kib;
    const u64 peak = mm.hiwater_vm > mm.total_vm ? mm.hiwater_vm : mm.total_vm;
    return kib_line("VmPeak", peak << to_kib) + kib_line("VmSize", mm.total_vm << to_kib) +
           kib_line("VmLck", mm.locked_vm << to_kib) + kib_line("VmData", mm.data_vm << to_kib) +
           kib_line("VmStk", mm.stack_vm << to_kib) + kib_line("VmExe", code) + kib_line("VmLib", exec_kib - code);
}

} // namespace mm
