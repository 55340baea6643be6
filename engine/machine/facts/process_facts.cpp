#include "machine/facts/process_facts.h"

#include "base/hex.h"
#include "machine/phrase.h"
#include "process/maps_text.h"
#include "process/processes.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr Phrase OF_PROCESS{"process # (@): ", "进程 #（@）："};
constexpr Phrase RANGE{"# to @", "# 到 @"};
constexpr Phrase HOLE{"no VMA, a hole of ", "没有 VMA，空洞 "};
constexpr Phrase BELOW_STACK{"; the VMA above it may grow down", "；上面的 VMA 可以向下增长"};
constexpr Phrase ANONYMOUS{"anonymous memory", "匿名内存"};
constexpr Phrase IN_FILE{"@, byte #", "@ 的第 # 字节"};

std::string range_text(u64 start, u64 end, Language language) {
    return filled(RANGE.in(language), address_hex(start), address_hex(end));
}

// "/bin/p, byte 0x1000", "[heap]".
std::string behind_text(const process_memory& proc, const MappingFacts& facts, Language language) {
    const vm_area_struct vma = proc.vmas[facts.vma];
    const std::string name = vma_name(proc, facts.process, facts.vma);
    if (name.empty()) return ANONYMOUS.in(language);
    if (vma.vm_file == 0) return name;
    const u64 offset = (vma.vm_pgoff << proc.page_shift) + (facts.address - vma.vm_start);
    return filled(IN_FILE.in(language), address_hex(offset), name);
}

} // namespace

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
        if (has_process(proc, id)) return id;
    return MM_NONE;
}

bool has_process(const process_memory& proc, mm_id id) {
    return id < proc.mms_used && proc.mms[id].in_use && proc.mms[id].mm_users > 0;
}

std::string process_text(const process_memory& proc, mm_id process) {
    const mm_struct& mm = proc.mms[process];
    const std::string pid = std::to_string(mm.pid);
    return mm.name == NO_NAME ? pid : pid + " " + std::string(name_text(mm.name));
}

std::vector<vma_id> vmas_of(const process_memory& proc, mm_id process) {
    std::vector<vma_id> all;
    for (vma_id id = proc.mms[process].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) all.push_back(id);
    return all;
}

std::string vma_text(const process_memory& proc, mm_id process, vma_id vma) {
    const std::string name = vma_name(proc, process, vma);
    return vma_rights(proc.vmas[vma].vm_flags) + (name.empty() ? "" : " " + name);
}

std::optional<MappingFacts> mapping_of(const Machine& machine, u64 address, space_id space) {
    const process_memory& proc = machine.processes;
    MappingFacts facts;
    facts.process = process_of_space(proc, space);
    if (facts.process == MM_NONE || address >= proc.mms[facts.process].task_size) return std::nullopt;
    facts.address = address;
    facts.end = proc.mms[facts.process].task_size;
    // The first VMA that ends above the address, and the last before it.
    const vma_id above = search_vma(proc, facts.process, address).found;
    const vma_id before = above == VMA_NONE ? proc.mms[facts.process].last : proc.vmas[above].vm_prev;
    if (before != VMA_NONE) facts.start = proc.vmas[before].vm_end;
    if (above == VMA_NONE) return facts;
    const vm_area_struct& vma = proc.vmas[above];
    if (vma.vm_start <= address) {
        facts.vma = above;
        facts.start = vma.vm_start;
        facts.end = vma.vm_end;
        return facts;
    }
    facts.end = vma.vm_start;
    facts.grows_down_to = (vma.vm_flags & VM_GROWSDOWN) != 0;
    return facts;
}

std::string mapping_text(const Machine& machine, const MappingFacts& facts, Language language) {
    const process_memory& proc = machine.processes;
    const mm_struct& mm = proc.mms[facts.process];
    std::string text = filled(OF_PROCESS.in(language), std::to_string(mm.pid), name_text(mm.name));
    const char* const comma = language == Language::zh ? "，" : ", ";
    const std::string range = range_text(facts.start, facts.end, language);
    if (facts.vma == VMA_NONE)
        return text + HOLE.in(language) + range + (facts.grows_down_to ? BELOW_STACK.in(language) : "");
    return text + range + comma + vma_rights(proc.vmas[facts.vma].vm_flags) + comma +
           behind_text(proc, facts, language);
}

} // namespace mm
