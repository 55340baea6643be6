#include "process/ops.h"

#include "process/calls.h"
#include "process/exec.h"
#include "process/user_access.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr i64 MAX_BYTES = i64{1} << 47;
constexpr u64 FIRST_PID = 100;

constexpr FieldSpec process_field{
    "process", Unit::process_result, -1, 0, MAX_RESULTS - 1, true, "name of a process made by execve"};
constexpr FieldSpec region_field{
    "region", Unit::region_result, -1, -1, MAX_RESULTS - 1, false, "name of what mmap or mremap returned"};
constexpr FieldSpec address_field{
    "address", Unit::virt_address, 0, 0, 0, false, "an address instead of a region", {}, "region"};
constexpr FieldSpec from_field{"from", Unit::bytes, 0, 0, MAX_BYTES, false, "where in the region it begins"};
constexpr FieldSpec part_size_field{
    "size", Unit::bytes, 0, 0, MAX_BYTES, false, "bytes; left out: to the end of the VMA that is there"};
constexpr FieldSpec prot_field{"prot", Unit::map_prot, PROT_READ | PROT_WRITE, 0, 0x7fffffff, false, "the rights"};

namespace spec {

constexpr OpSpec execve{
    .name = "execve",
    .fields = {FieldSpec{"program", Unit::name, 0, 0, 0x7fffffff, false, "its name"},
               FieldSpec{"text", Unit::bytes, 0x7f000, 4096, MAX_BYTES, false, "bytes of code"},
               FieldSpec{"data", Unit::bytes, 0x3000, 0, MAX_BYTES, false, "bytes of initialised data"},
               FieldSpec{"bss", Unit::bytes, 0x1000, 0, MAX_BYTES, false, "bytes that begin as zeros"},
               FieldSpec{"legacy", Unit::flag, 0, 0, 1, false, "mmaps go from the bottom up"}},
    .makes = ResultKind::space,
    .kernel_function = "load_elf_binary (fs/binfmt_elf.c)",
    .help_en = "A process with a new program: its segments, heap, stack and the kernel's pages for it.",
    .help_zh = "一个装入新程序的进程：各段、堆、栈，以及内核给它的页。",
};
constexpr OpSpec open{
    .name = "open",
    .fields = {FieldSpec{"path", Unit::name, 0, 0, 0x7fffffff, true, "its name"},
               FieldSpec{"size", Unit::bytes, 4096, 0, MAX_BYTES, false, "bytes"},
               FieldSpec{"writable", Unit::flag, 1, 0, 1, false, "0: O_RDONLY"}},
    .makes = ResultKind::file,
    .kernel_function = "do_sys_open (fs/open.c)",
    .help_en = "Opens a file. Each opening is a struct file of its own, and mappings of two do not merge.",
    .help_zh = "打开一个文件。每次打开都是一个新的 struct file，它们的映射不会合并。",
};
constexpr OpSpec mmap{
    .name = "mmap",
    .fields = {process_field, FieldSpec{"address", Unit::virt_address, 0, 0, 0, false, "where, or where it is wished"},
               FieldSpec{"size", Unit::bytes, 0, 0, MAX_BYTES, true, "bytes"}, prot_field,
               FieldSpec{"flags", Unit::map_flags, MAP_PRIVATE | MAP_ANONYMOUS, 0, 0x7fffffff, false, "MAP_ flags"},
               FieldSpec{"file", Unit::file_result, -1, -1, MAX_RESULTS - 1, false, "name of an open file"},
               FieldSpec{"offset", Unit::bytes, 0, 0, MAX_BYTES, false, "where in the file"}},
    .makes = ResultKind::region,
    .kernel_function = "do_mmap (mm/mmap.c)",
    .help_en = "Maps memory or a file.",
    .help_zh = "映射内存或文件。",
};
constexpr OpSpec munmap{
    .name = "munmap",
    .fields = {process_field, region_field, address_field, from_field, part_size_field},
    .kernel_function = "do_munmap (mm/mmap.c)",
    .help_en = "Takes mappings away, whole or in part.",
    .help_zh = "撤销映射，全部或一部分。",
};
constexpr OpSpec mprotect{
    .name = "mprotect",
    .fields = {process_field, region_field, address_field, from_field, part_size_field, prot_field},
    .kernel_function = "do_mprotect_pkey (mm/mprotect.c)",
    .help_en = "Gives mappings other rights.",
    .help_zh = "改变映射的权限。",
};
constexpr OpSpec brk{
    .name = "brk",
    .fields = {process_field, FieldSpec{"address", Unit::virt_address, 0, 0, 0, true, "the new break"}},
    .kernel_function = "sys_brk (mm/mmap.c)",
    .help_en = "Moves the end of the heap.",
    .help_zh = "移动堆顶。",
};
constexpr OpSpec sbrk{
    .name = "sbrk",
    .fields = {process_field, FieldSpec{"by", Unit::number, 0, -MAX_BYTES, MAX_BYTES, true, "bytes, below 0: back"}},
    .kernel_function = "sys_brk (mm/mmap.c)",
    .help_en = "Moves the end of the heap by so many bytes.",
    .help_zh = "把堆顶移动若干字节。",
};
constexpr OpSpec touch{
    .name = "touch",
    .fields = {process_field, region_field, address_field, from_field,
               FieldSpec{"kind", Unit::number, 1, 0, 2, false, "what is done", access_names}},
    .kernel_function = "do_page_fault (arch/arm64/mm/fault.c)",
    .help_en = "One access of the program, as far as its VMAs decide it.",
    .help_zh = "程序的一次访问，以 VMA 能决定的为限。",
};

} // namespace spec
} // namespace
} // namespace mm
