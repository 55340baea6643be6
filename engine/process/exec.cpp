#include "process/exec.h"

#include <algorithm>

#include "base/rng.h"
#include "process/calls.h"
#include "process/exec_rules.h"
#include "process/functions.h"
#include "process/report.h"
#include "process/tasks.h"
#include "process/unmapped_area.h"
#include "process/vma_index.h"

namespace mm {

namespace {

using ev = process_event;

constexpr u64 MIN_GAP = 128ull << 20;   // between the stack's top and mmap_base
constexpr u64 STACK_EXPAND = 128 << 10; // what exec gives the stack below what it has written
constexpr vm_flags_t MAY = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
// About glibc's.
constexpr u64 INTERPRETER_TEXT = 0x2'6000, INTERPRETER_DATA = 0x3000, INTERPRETER_BSS = 0x200;
// Strings of the environment that a shell in a small machine has.
constexpr u64 ENVIRONMENT_BYTES = 66;
constexpr u32 ENVIRONMENT = 6;

// What is under way.
struct Loading {
    mm_context& cx;
    exec_rules rules;
    Rng rng;
    bool random;
    u64 top = 0; // STACK_TOP

    [[nodiscard]] u64 page_align(u64 bytes) const { return cx.proc.page_align(bytes); }
    // Whole pages, of so many bits. kernel: arch_mmap_rnd
    [[nodiscard]] u64 mmap_random() {
        return random ? rules.bytes(rng.next() & ((u64{1} << rules.mmap_random_bits()) - 1)) : 0;
    }
    // kernel: arch_align_stack
    [[nodiscard]] u64 align_stack(u64 address) {
        const u32 range = static_cast<u32>(rules.arm64() ? cx.proc.page_size() : 8192);
        return exec_rules::align_stack(address - (random ? rng.below(range) : 0));
    }
};

// ---- Where mappings and the stack begin ----------------------------------------------------------------------------

// kernel: mmap_is_legacy
bool is_legacy(const mm_context& cx) {
    if ((cx.mm().personality & ADDR_COMPAT_LAYOUT) != 0 || cx.proc.legacy_va_layout) return true;
    return cx.mm().rlim.stack == RLIM_INFINITY && cx.proc.rules.unlimited_stack_is_legacy();
}

// kernel: mmap_base
u64 top_down_base(const Loading& to, u64 random) {
    const u64 limit = to.cx.mm().rlim.stack;
    u64 pad = STACK_GUARD_PAGES << to.cx.proc.page_shift;
    if (to.random) pad += to.rules.bytes(to.rules.stack_random_pages());
    const u64 wished = limit + pad > limit ? limit + pad : limit, most = to.top / 6 * 5;
    const u64 gap = MIN_GAP < most ? std::clamp(wished, MIN_GAP, most) : std::min(wished, most);
    const u64 base = to.page_align(to.top - gap - random);
    to.cx.sink.emit(ev::mmap_base_chosen, base, to.top, limit, pad, gap, random);
    return base;
}

// kernel: arch_pick_mmap_layout
void pick_mmap_layout(Loading& to) {
    CallScope scope(to.cx.sink, process_fn::arch_pick_mmap_layout);
    const u64 random = to.mmap_random();
    const u64 size = to.rules.compat ? to.cx.mm().task_size : to.top;
    const bool legacy = is_legacy(to.cx);
    u64 base = 0;
    if (legacy) {
        base = to.page_align(to.rules.unmapped_base(size)) + random;
        const mm_struct& mm = to.cx.mm();
        const int reason = (mm.personality & ADDR_COMPAT_LAYOUT) != 0 ? 2 : mm.rlim.stack == RLIM_INFINITY ? 1 : 0;
        to.cx.sink.emit(ev::mmap_base_legacy, base, to.top, reason, random);
    } else {
        base = top_down_base(to, random);
    }
    mm_struct& mm = to.cx.mm_mut();
    mm.legacy_layout = legacy;
    mm.mmap_base = base;
}

void map_area(mm_context& cx, vm_area_struct vma) {
    // The stack's flags are set anew once it stands where it stays. kernel: setup_arg_pages
    vma.vm_flags |= (vma.vm_flags & VM_GROWSDOWN) != 0 ? 0 : cx.proc.rules.soft_dirty();
    const u64 pages = cx.proc.pages(vma);
    if ((vma.vm_flags & VM_ACCOUNT) != 0) cx.proc.vm_committed += pages;
    link_vma(cx, new_vma(cx.proc, vma));
    vm_stat_account(cx, vma.vm_flags, static_cast<i64>(pages));
    cx.sink.emit(ev::vma_new, vma.vm_start, vma.vm_end, vma.vm_flags, vma.vm_pgoff, vma.vm_file);
}

// The kernel writes there, as the program's first write would.
void written(mm_context& cx, u64 start, u64 end) {
    if (const vma_id vma = vma_lookup(cx, start); vma != VMA_NONE && start < end) fault_in(cx, vma, start, end, true);
}

// kernel: setup_arg_pages
void set_up_stack(Loading& to, const program& program) {
    CallScope scope(to.cx.sink, process_fn::setup_arg_pages);
    u64 top = to.top;
    if (to.random) top -= to.rules.bytes(to.rng.next() & to.rules.stack_random_pages());
    top = to.page_align(to.align_stack(top));
    const u64 strings = program.file_name_bytes + program.argument_bytes + program.environment_bytes;
    const u64 used = to.page_align(strings + to.rules.word_bytes());
    const u64 limit = to.cx.proc.page_start(to.cx.mm().rlim.stack);
    vm_area_struct stack;
    stack.vm_end = top;
    stack.vm_start = top - (used + STACK_EXPAND > limit ? std::max(limit, used) : used + STACK_EXPAND);
    stack.vm_flags = to.cx.proc.rules.stack_default();
    stack.vm_pgoff = stack.vm_start >> to.cx.proc.page_shift;
    map_area(to.cx, stack);
    written(to.cx, top - used, top);
    const u64 first = top - to.rules.word_bytes() - strings;
    mm_struct& mm = to.cx.mm_mut();
    mm.arg_start = first;
    mm.arg_end = mm.env_start = first + program.argument_bytes;
    mm.env_end = mm.env_start + program.environment_bytes;
}

// kernel: create_elf_tables: argc, argv, envp and auxv below the strings
void create_elf_tables(Loading& to, const program& program) {
    const u64 word = to.rules.word_bytes();
    u64 at = to.align_stack(to.cx.mm().arg_start);
    at -= to.rules.platform_bytes() + 16; // AT_PLATFORM's text, AT_RANDOM's bytes
    at -= 2 * word * to.rules.auxv_entries();
    at -= word * (program.arguments + 1 + program.environment + 1 + 1);
    const u64 pointer = exec_rules::align_stack(at);
    mm_struct& mm = to.cx.mm_mut();
    mm.start_stack = pointer;
    const mm_struct now = mm;
    const vma_id stack = vma_lookup(to.cx, now.env_end - 1);
    to.cx.sink.emit(ev::stack_filled, to.cx.vma(stack).vm_start, to.cx.vma(stack).vm_end, now.arg_start, now.env_start,
                    now.env_end, pointer, to.rules.auxv_entries());
}

// ---- Segments ------------------------------------------------------------------------------------------------------

file_id open_image(process_memory& proc, name_id path, u64 bytes) {
    mapped_file image;
    image.path = path;
    image.writable = false;
    image.size = bytes;
    image.inode = ++proc.last_inode;
    image.device = DISK;
    return open_file(proc, image);
}

u64 bytes_of_file(const std::vector<program_segment>& segments) {
    u64 bytes = 0;
    for (const program_segment& segment : segments) bytes = std::max(bytes, segment.offset + segment.file_bytes);
    return bytes;
}

// kernel: elf_load: the pages of the file, and behind them those that begin as zeros
void map_segment(mm_context& cx, const program_segment& segment, u64 bias, file_id file) {
    CallScope scope(cx.sink, process_fn::elf_map);
    const process_memory& proc = cx.proc;
    const u64 address = segment.address + bias, file_end = address + segment.file_bytes, end = address + segment.bytes;
    const bool writable = (segment.prot & PROT_WRITE) != 0;
    if (segment.file_bytes > 0) {
        vm_area_struct vma;
        vma.vm_start = proc.page_start(address);
        vma.vm_end = proc.page_align(file_end);
        vma.vm_flags = vm_prot_bits(segment.prot) | MAY | (writable ? VM_ACCOUNT : 0);
        if (proc.rules.keeps_denywrite()) vma.vm_flags |= VM_DENYWRITE;
        vma.vm_pgoff = segment.offset >> proc.page_shift;
        vma.vm_file = file;
        vma.has_ops = true;
        map_area(cx, vma);
        if (segment.bytes > segment.file_bytes && proc.in_page(file_end)) written(cx, file_end, file_end + 1);
    }
    const u64 zeros = segment.file_bytes > 0 ? proc.page_align(file_end) : proc.page_start(address);
    if (segment.bytes == segment.file_bytes || proc.page_align(end) <= zeros) return;
    vm_area_struct bss;
    bss.vm_start = zeros;
    bss.vm_end = proc.page_align(end);
    bss.vm_flags = proc.rules.data_default() | VM_ACCOUNT;
    bss.vm_pgoff = zeros >> proc.page_shift;
    map_area(cx, bss);
}

// Where all of it goes together, by the rules of mmap(). 0: nowhere.
u64 find_place(mm_context& cx, const std::vector<program_segment>& segments) {
    const u64 start = cx.proc.page_start(segments.front().address);
    const u64 bytes = cx.proc.page_align(segments.back().address + segments.back().bytes) - start;
    const i64 place = get_unmapped_area(cx, mm_call::mmap, {.length = bytes});
    return is_error(place) ? 0 : static_cast<u64>(place);
}

// What the addresses of the file are moved by.
u64 load_bias(Loading& to, const program& program) {
    if (!is_position_independent(program.kind)) return 0;
    if (!has_interpreter(program.kind)) return find_place(to.cx, program.segments);
    const u64 bias = to.rules.dyn_base(to.top) + to.mmap_random();
    return bias & ~(to.rules.segment_alignment() - 1) & ~(to.cx.proc.page_size() - 1);
}

void load_interpreter(Loading& to) {
    const std::string_view path = to.rules.compat    ? "/lib/ld-linux-armhf.so.3"
                                  : to.rules.arm64() ? "/lib/ld-linux-aarch64.so.1"
                                                     : "/lib/ld-linux.so.2";
    const program_kind kind = to.rules.compat ? program_kind::static_pie_32 : program_kind::static_pie;
    const program interpreter =
        linked_program(to.cx.proc.rules, intern(path), kind, {INTERPRETER_TEXT, 0, INTERPRETER_DATA, INTERPRETER_BSS});
    const u64 place = find_place(to.cx, interpreter.segments);
    if (place == 0) return;
    const file_id file = open_image(to.cx.proc, interpreter.name, bytes_of_file(interpreter.segments));
    for (const program_segment& segment : interpreter.segments) map_segment(to.cx, segment, place, file);
}

void load_segments(Loading& to, const program& program) {
    const u64 bias = load_bias(to, program);
    const file_id file = open_image(to.cx.proc, program.name, bytes_of_file(program.segments));
    u64 start_code = ~u64{0}, end_code = 0, start_data = 0, end_data = 0, end = 0;
    for (const program_segment& segment : program.segments) {
        map_segment(to.cx, segment, bias, file);
        const u64 first = segment.address + bias, last = first + segment.file_bytes;
        if ((segment.prot & PROT_EXEC) != 0) {
            start_code = std::min(start_code, first);
            end_code = std::max(end_code, last);
        }
        start_data = std::max(start_data, first);
        end_data = std::max(end_data, last);
        end = std::max(end, first + segment.bytes);
    }
    mm_struct& mm = to.cx.mm_mut();
    mm.start_code = start_code, mm.end_code = end_code;
    mm.start_data = start_data, mm.end_data = end_data;
    mm.start_brk = mm.brk = to.page_align(end);
}

// ---- The kernel's pages, and the heap ------------------------------------------------------------------------------

// kernel: __setup_additional_pages, map_vdso
void map_vdso(Loading& to) {
    CallScope scope(to.cx.sink, process_fn::setup_additional_pages);
    const u64 vvar = to.rules.bytes(to.rules.vvar_pages()), vdso = to.rules.bytes(to.rules.vdso_pages());
    const i64 place = get_unmapped_area(to.cx, mm_call::mmap, {.length = vvar + vdso});
    if (is_error(place)) return;
    vm_area_struct area;
    area.has_ops = true;
    area.special = special_mapping::vvar;
    area.vm_start = static_cast<u64>(place);
    area.vm_end = area.vm_start + vvar;
    area.vm_flags = VM_READ | VM_MAYREAD | VM_PFNMAP | VM_DONTEXPAND;
    if (!to.rules.arm64()) area.vm_flags |= VM_IO | VM_DONTDUMP;
    map_area(to.cx, area);
    area.special = special_mapping::vdso;
    area.vm_start = area.vm_end;
    area.vm_end += vdso;
    area.vm_flags = VM_READ | VM_EXEC | MAY | VM_DONTEXPAND;
    map_area(to.cx, area);
    to.cx.mm_mut().vdso = area.vm_start;
}

// A page with the code that signal handlers of AArch32 return to, and the helpers of ARM Linux at their fixed address.
// kernel: aarch32_kuser_helpers_setup, aarch32_sigreturn_setup
void map_compat_pages(Loading& to) {
    CallScope scope(to.cx.sink, process_fn::setup_additional_pages);
    vm_area_struct area;
    area.has_ops = true;
    area.special = special_mapping::vectors;
    area.vm_start = exec_rules::compat_stack_top();
    area.vm_end = area.vm_start + to.cx.proc.page_size();
    area.vm_flags = VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYEXEC | VM_DONTEXPAND;
    map_area(to.cx, area);
    map_vdso(to);
    const i64 place = get_unmapped_area(to.cx, mm_call::mmap, {.length = to.cx.proc.page_size()});
    if (is_error(place)) return;
    area.special = special_mapping::sigpage;
    area.vm_start = static_cast<u64>(place);
    area.vm_end = area.vm_start + to.cx.proc.page_size();
    area.vm_flags |= VM_MAYWRITE;
    map_area(to.cx, area);
}

// Where brk() begins: behind bss, or away from it.
void place_heap(Loading& to, const program& program) {
    const u64 behind = to.cx.mm().brk;
    u64 brk = behind;
    const bool loader = kind_of_file(program.kind) == program_kind::static_pie;
    if (loader) brk = to.page_align(to.rules.dyn_base(to.top));
    u64 random = 0;
    if (to.random && to.cx.proc.randomize_va_space > 1) {
        if (!loader) random = to.cx.proc.page_size();
        random += to.rules.bytes(to.rng.next() % (to.rules.brk_random_bytes() >> to.cx.proc.page_shift));
    }
    brk += random;
    mm_struct& mm = to.cx.mm_mut();
    mm.start_brk = mm.brk = brk;
    to.cx.sink.emit(ev::heap_placed, brk, behind, loader, random);
}

} // namespace

program linked_program(const vma_rules& rules, name_id name, program_kind kind, const program_sizes& sizes) {
    const exec_rules exec{rules, 12, is_32_bit(kind) && rules.arch == architecture::arm64};
    program out;
    out.name = name;
    out.kind = kind;
    out.file_name_bytes = out.argument_bytes = name_text(name).size() + 1;
    out.environment_bytes = ENVIRONMENT_BYTES;
    out.environment = ENVIRONMENT;
    u64 offset = 0;
    const u64 base = is_position_independent(kind) ? 0 : exec.text_start();
    const auto add = [&](u64 file_bytes, u64 bytes, u32 prot) {
        if (bytes == 0) return;
        out.segments.push_back({base + offset, file_bytes, bytes, offset, prot});
        const u64 alignment = exec.segment_alignment();
        offset = (offset + bytes + alignment - 1) & ~(alignment - 1);
    };
    add(sizes.text, sizes.text, PROT_READ | PROT_EXEC);
    add(sizes.rodata, sizes.rodata, PROT_READ);
    add(sizes.data, sizes.data + sizes.bss, PROT_READ | PROT_WRITE);
    return out;
}

u64 bytes_of(const program& program) {
    return program.segments.back().address + program.segments.back().bytes - program.segments.front().address;
}

u64 most_bytes_of_program(const process_memory& proc, program_kind kind) {
    const u64 most = is_32_bit(kind) ? u64{1} << 32 : proc.task_size;
    return std::min({most, proc.task_size, proc.rules.map_window()}) / 8;
}

void load_program(mm_context& cx, const program& program) {
    CallScope scope(cx.sink, process_fn::load_elf_binary);
    Loading to{cx, {cx.proc.rules, cx.proc.page_shift}, Rng(cx.proc.random_seed), cx.proc.randomize_va_space != 0};
    to.rules.compat = is_32_bit(program.kind) && to.rules.arm64();
    if (to.rules.compat) cx.mm_mut().task_size = to.rules.compat_task_size();
    to.top = to.rules.compat ? exec_rules::compat_stack_top() : std::min(cx.mm().task_size, cx.proc.rules.map_window());
    cx.mm_mut().name = program.name;
    pick_mmap_layout(to);
    set_up_stack(to, program);
    load_segments(to, program);
    if (has_interpreter(program.kind)) load_interpreter(to);
    to.rules.compat ? map_compat_pages(to) : map_vdso(to);
    create_elf_tables(to, program);
    place_heap(to, program);
    if (to.random) cx.proc.random_seed = to.rng.next();
    const mm_struct made = cx.mm();
    if (made.owner != TASK_NONE) {
        set_comm(cx.proc, made.owner, program.name);
        cx.proc.tasks.mut(made.owner).flags &= ~PF_FORKNOEXEC;
    }
    cx.sink.emit(ev::mm_created, made.pid, program.name, made.total_vm, made.map_count, made.task_size);
}

} // namespace mm
