#include "machine/facts/vma_facts.h"

#include "base/hex.h"
#include "base/rb_tree.h"
#include "machine/phrase.h"
#include "process/maps_text.h"
#include "process/processes.h"

namespace mm {

namespace {

constexpr Phrase IN_VMA{"process @, VMA ", "进程 @，VMA "};
constexpr Phrase IN_HOLE{"process @, in no VMA: a hole", "进程 @，不在任何 VMA 里：空洞"};
constexpr Phrase BEHIND{"process @: behind the addresses that a program may use", "进程 @：超出程序可用的地址"};

} // namespace

VmaFacts vma_facts_of(const process_memory& proc, space_id space, u64 address) {
    VmaFacts facts;
    facts.process = process_of_space(proc, space);
    if (facts.process == MM_NONE) return facts;
    const mm_struct& mm = proc.mms[facts.process];
    if (address >= mm.task_size) {
        facts.start = mm.task_size;
        facts.end = ~u64{0};
        return facts;
    }
    facts.end = mm.task_size;
    // Down to where it would stand: the last turn to each side is a border of the hole.
    for (vma_id id = mm.root; id != VMA_NONE;) {
        const vm_area_struct& vma = proc.vmas[id];
        if (address >= vma.vm_start && address < vma.vm_end) {
            facts.vma = id;
            facts.start = vma.vm_start;
            facts.end = vma.vm_end;
            return facts;
        }
        const bool below = address < vma.vm_start;
        if (below)
            facts.end = vma.vm_start;
        else
            facts.start = vma.vm_end;
        id = below ? vma.left : vma.right;
    }
    return facts;
}

std::string vma_facts_text(const process_memory& proc, const VmaFacts& facts, Language language) {
    if (facts.process == MM_NONE) return "";
    const auto say = [&](const Phrase& phrase) {
        return filled(phrase.in(language), {}, process_text(proc, facts.process));
    };
    if (facts.start >= proc.mms[facts.process].task_size) return say(BEHIND);
    const bool zh = language == Language::zh;
    const std::string range = (zh ? "，从 " : " from ") + address_hex(facts.start) + (zh ? " 到 " : " to ") +
                              address_hex(facts.end);
    if (facts.vma == VMA_NONE) return say(IN_HOLE) + range;
    return say(IN_VMA) + vma_text(proc, facts.process, facts.vma) + range;
}

std::vector<vma_id> vmas_of(const process_memory& proc, mm_id process) {
    std::vector<vma_id> all;
    const vma_id root = proc.mms[process].root;
    if (root == VMA_NONE) return all;
    for (vma_id id = rb_first(proc.vmas, root); id != VMA_NONE; id = rb_next(proc.vmas, id)) all.push_back(id);
    return all;
}

std::string process_text(const process_memory& proc, mm_id process) {
    const mm_struct& mm = proc.mms[process];
    const std::string pid = std::to_string(mm.pid);
    return mm.name == NO_NAME ? pid : pid + " " + std::string(name_text(mm.name));
}

std::string vma_text(const process_memory& proc, mm_id process, vma_id vma) {
    const std::string name = vma_name(proc, process, vma);
    return vma_rights(proc.vmas[vma].vm_flags) + (name.empty() ? "" : " " + name);
}

} // namespace mm
