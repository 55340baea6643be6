// A recorded process that runs a program anew: what its dump says of the file's segments is loaded by exec.
#include <algorithm>

#include "oracle/proc_facts.h"
#include "process/calls.h"
#include "process/exec.h"
#include "process/processes.h"
#include "process/tasks.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr u64 EXE_NAME_BYTES = 15;            // "/proc/self/exe"
constexpr u32 ARGUMENTS = 2, ENVIRONMENT = 6; // how many strings there are is not recorded
constexpr u64 MAX_STRINGS = 1 << 16;
constexpr u64 SPECIAL = VM_PFNMAP | VM_DONTEXPAND;

bool of_image(const RecordedUserVma& vma, const RecordedMm& mm) {
    return vma.file != 0 && vma.start < mm.start_brk && (vma.flags & SPECIAL) == 0;
}

// A dump may say anything.
bool can_be_loaded(const RecordedMm& mm, const std::vector<program_segment>& segments, u64 task_size) {
    const auto ordered = [](u64 a, u64 b) { return a <= b; };
    if (segments.empty() || !ordered(mm.start_data, mm.end_data) || !ordered(mm.end_data, mm.start_brk)) return false;
    if (!ordered(mm.arg_start, mm.arg_end) || mm.arg_end - mm.arg_start > MAX_STRINGS) return false;
    if (!ordered(mm.env_start, mm.env_end) || mm.env_end - mm.env_start > MAX_STRINGS) return false;
    u64 end = 0;
    for (const program_segment& segment : segments) {
        if (segment.address < end || segment.bytes > task_size || segment.file_bytes > segment.bytes) return false;
        end = segment.address + segment.bytes;
    }
    return end <= task_size / 2;
}

} // namespace

mm_id exec_recorded(RunningMachine& machine, mm_id old, const RecordedMm& recorded,
                    const std::vector<RecordedMapsLine>& maps) {
    process_memory& proc = machine.proc();
    const u64 page = proc.page_size();
    program image;
    image.name = maps.empty() ? NO_NAME : intern(maps.front().name);
    image.file_name_bytes = EXE_NAME_BYTES;
    image.arguments = ARGUMENTS, image.argument_bytes = recorded.arg_end - recorded.arg_start;
    image.environment = ENVIRONMENT, image.environment_bytes = recorded.env_end - recorded.env_start;
    const u64 data = proc.page_start(recorded.start_data);
    for (const RecordedUserVma& vma : recorded.vmas) {
        if (!of_image(vma, recorded) || vma.start > data) continue;
        program_segment segment{vma.start, vma.end - vma.start, vma.end - vma.start, vma.pgoff * page,
                                static_cast<u32>(vma.flags & (VM_READ | VM_WRITE | VM_EXEC))};
        if ((vma.flags & VM_EXEC) != 0 && recorded.start_code >= vma.start && recorded.end_code <= vma.end) {
            segment.file_bytes = segment.bytes = recorded.end_code - vma.start;
        }
        if (vma.start == data) {
            segment.address = recorded.start_data;
            segment.offset += recorded.start_data - data;
            segment.file_bytes = recorded.end_data - recorded.start_data;
            segment.bytes = recorded.start_brk - recorded.start_data;
            segment.prot = PROT_READ | PROT_WRITE;
        }
        image.segments.push_back(segment);
    }
    if (!can_be_loaded(recorded, image.segments, proc.mms[old].task_size)) return old;
    const mm_id made = new_process(proc, machine.pages());
    if (made == MM_NONE) return old;
    const mm_struct before = proc.mms[old];
    mm_struct& mm = proc.mms.mut(made);
    mm.task_size = before.task_size;
    mm.pid = before.pid, mm.rlim = before.rlim, mm.personality = before.personality & ~READ_IMPLIES_EXEC;
    mm_context ends = machine.context(old);
    before.mm_users > 1 ? mmput(ends) : exit_process(ends);
    mm_context cx = machine.context(made);
    load_program(cx, image);
    return made;
}

void start_c_library(mm_context& cx, const RecordedMm& recorded) {
    const u64 data = cx.proc.page_start(recorded.start_data);
    for (const RecordedUserVma& vma : recorded.vmas)
        if (vma.start == data && (vma.flags & VM_WRITE) == 0)
            (void)sys_mprotect(cx, vma.start, vma.end - vma.start, static_cast<u32>(vma.flags & (VM_READ | VM_EXEC)));
    (void)sys_brk(cx, recorded.brk);
}

} // namespace mm
