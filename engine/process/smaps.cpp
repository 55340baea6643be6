#include "process/smaps.h"

#include <algorithm>
#include <cstdio>

#include "process/fault.h"
#include "process/maps_text.h"
#include "process/tasks.h"
#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr u32 PSS_SHIFT = 12;

// kernel: smaps_account, smaps_page_accumulate
void add_page(smaps_counts& counts, const user_page& page, bool young, bool dirty, u32 mapcount, u64 size,
              bool locked) {
    counts.rss += size;
    if (page.anon()) counts.anonymous += size;
    if (young) counts.referenced += size;
    const u64 pss = (size << PSS_SHIFT) / std::max(mapcount, 1u);
    counts.pss += pss;
    (page.anon() ? counts.pss_anon : page.kind == user_page_kind::shmem ? counts.pss_shmem : counts.pss_file) += pss;
    if (locked) counts.pss_locked += pss;
    if (dirty) counts.pss_dirty += pss;
    if (mapcount >= 2)
        (dirty ? counts.shared_dirty : counts.shared_clean) += size;
    else
        (dirty ? counts.private_dirty : counts.private_clean) += size;
}

class SmapsWalk {
  public:
    SmapsWalk(const process_memory& proc, const page_places& places, const vm_area_struct& vma)
        : proc_(proc), format_(places.mmu.format), vma_(vma) {
        counts_.size = vma.size();
    }

    void add(const table_slot& slot) {
        if (!pte_present(format_, slot.entry)) return;
        const auto pfn = static_cast<pfn_t>(pte_pfn(format_, slot.entry, slot.level));
        if (pfn == proc_.user.zero_pfn || pfn == proc_.user.huge_zero_pfn || pte_special(format_, slot.entry)) return;
        const user_page head = proc_.user.at(user_page_head(proc_.user, pfn));
        const bool young = pte_young(format_, slot.entry) || head.has(user_page::REFERENCED);
        const bool dirty = pte_dirty(format_, slot.entry) || head.has(user_page::DIRTY);
        const bool locked = (vma_.vm_flags & VM_LOCKED) != 0;
        const u64 page_size = proc_.page_size();
        const u64 pages = u64{1} << (format_.geometry.shift(slot.level) - format_.geometry.page_shift);
        for (u64 i = 0; i < pages; ++i) {
            const pfn_t at = pfn + static_cast<pfn_t>(i);
            add_page(counts_, proc_.user.at(at), young, dirty, page_mapcount(proc_.user, at), page_size, locked);
        }
        if (head.anon() && head.has(user_page::LAZYFREE) && !dirty) counts_.lazyfree += pages * page_size;
        if (slot.level > 0) counts_.anon_huge += pages * page_size;
    }
    [[nodiscard]] const smaps_counts& counts() const { return counts_; }

  private:
    const process_memory& proc_;
    const pte_format& format_;
    const vm_area_struct& vma_;
    smaps_counts counts_;
};

void add_up(smaps_counts& all, const smaps_counts& one) {
    using member = u64 smaps_counts::*;
    static constexpr member members[] = {
        &smaps_counts::size,         &smaps_counts::rss,           &smaps_counts::shared_clean,
        &smaps_counts::shared_dirty, &smaps_counts::private_clean, &smaps_counts::private_dirty,
        &smaps_counts::referenced,   &smaps_counts::anonymous,     &smaps_counts::lazyfree,
        &smaps_counts::anon_huge,    &smaps_counts::shmem_huge,    &smaps_counts::file_huge,
        &smaps_counts::pss,          &smaps_counts::pss_dirty,     &smaps_counts::pss_locked,
        &smaps_counts::pss_anon,     &smaps_counts::pss_file,      &smaps_counts::pss_shmem};
    for (const member at : members) all.*at += one.*at;
}

// ---- Texts ---------------------------------------------------------------------------------------------------------

std::string line(const char* name, u64 bytes) {
    char text[80];
    std::snprintf(text, sizeof text, "%-16s%8llu kB\n", name, static_cast<unsigned long long>(bytes >> 10));
    return text;
}
std::string status_line(const char* name, u64 bytes) {
    char text[80];
    std::snprintf(text, sizeof text, "%s:\t%8llu kB\n", name, static_cast<unsigned long long>(bytes >> 10));
    return text;
}

// kernel: __show_smap
std::string counts_text(const process_memory& proc, const smaps_counts& c, bool rollup) {
    const bool has_dirty = proc.rules.smaps_tells_pss_dirty(), has_ksm = proc.rules.smaps_tells_ksm();
    std::string text = line("Rss:", c.rss) + line("Pss:", c.pss >> PSS_SHIFT);
    if (has_dirty) text += line("Pss_Dirty:", c.pss_dirty >> PSS_SHIFT);
    if (rollup)
        text += line("Pss_Anon:", c.pss_anon >> PSS_SHIFT) + line("Pss_File:", c.pss_file >> PSS_SHIFT) +
                line("Pss_Shmem:", c.pss_shmem >> PSS_SHIFT);
    text += line("Shared_Clean:", c.shared_clean) + line("Shared_Dirty:", c.shared_dirty) +
            line("Private_Clean:", c.private_clean) + line("Private_Dirty:", c.private_dirty) +
            line("Referenced:", c.referenced) + line("Anonymous:", c.anonymous);
    if (has_ksm) text += line("KSM:", 0);
    return text + line("LazyFree:", c.lazyfree) + line("AnonHugePages:", c.anon_huge) +
           line("ShmemPmdMapped:", c.shmem_huge) + line("FilePmdMapped:", c.file_huge) + line("Shared_Hugetlb:", 0) +
           line("Private_Hugetlb:", 0) + line("Swap:", 0) + line("SwapPss:", 0) +
           line("Locked:", c.pss_locked >> PSS_SHIFT);
}

// kernel: show_smap_vma_flags
std::string flags_text(const process_memory& proc, vm_flags_t flags) {
    struct Name {
        vm_flags_t bit;
        const char* text;
    };
    const Name names[] = {
        {VM_READ, "rd"},
        {VM_WRITE, "wr"},
        {VM_EXEC, "ex"},
        {VM_SHARED, "sh"},
        {VM_MAYREAD, "mr"},
        {VM_MAYWRITE, "mw"},
        {VM_MAYEXEC, "me"},
        {VM_MAYSHARE, "ms"},
        {VM_GROWSDOWN, "gd"},
        {VM_PFNMAP, "pf"},
        {VM_DENYWRITE, proc.rules.keeps_denywrite() ? "dw" : nullptr},
        {VM_LOCKED, "lo"},
        {VM_IO, "io"},
        {VM_SEQ_READ, "sr"},
        {VM_RAND_READ, "rr"},
        {VM_DONTCOPY, "dc"},
        {VM_DONTEXPAND, "de"},
        {VM_LOCKONFAULT, "lf"},
        {VM_ACCOUNT, "ac"},
        {VM_NORESERVE, "nr"},
        {VM_HUGETLB, "ht"},
        {VM_WIPEONFORK, "wf"},
        {VM_DONTDUMP, "dd"},
        {proc.rules.soft_dirty(), "sd"},
        {VM_MIXEDMAP, "mm"},
        {VM_HUGEPAGE, "hg"},
        {VM_NOHUGEPAGE, "nh"},
        {VM_MERGEABLE, "mg"},
        {VM_DROPPABLE, "dp"},
    };
    std::string text = "VmFlags: ";
    for (const Name& name : names) {
        if (name.text == nullptr || (flags & name.bit) == 0) continue;
        const bool unknown = name.bit == VM_LOCKONFAULT && !proc.rules.smaps_knows_lockonfault();
        text += std::string(unknown ? "??" : name.text) + " ";
    }
    return text + "\n";
}

bool thp_eligible(const process_memory& proc, const vm_area_struct& vma) {
    const u64 huge = u64{1} << proc.pmd_shift, start = (vma.vm_start + huge - 1) & ~(huge - 1);
    const bool on = proc.thp_always || (proc.thp_madvise && (vma.vm_flags & VM_HUGEPAGE) != 0);
    return on && vma.is_anonymous() && (vma.vm_flags & (VM_NOHUGEPAGE | VM_SPECIAL)) == 0 && start + huge <= vma.vm_end;
}

} // namespace

smaps_counts smaps_of(const process_memory& proc, const page_places& places, mm_id mm, vma_id id) {
    const vm_area_struct& vma = proc.vmas[id];
    SmapsWalk sum(proc, places, vma);
    if (proc.mms[mm].space == 0) return sum.counts();
    const auto space = static_cast<space_id>(proc.mms[mm].space);
    each_entry(places.mmu, space, vma.vm_start, vma.vm_end, [&](const table_slot& slot) { sum.add(slot); });
    return sum.counts();
}

smaps_counts smaps_of(const process_memory& proc, const page_places& places, mm_id mm) {
    smaps_counts all;
    for (vma_id id = proc.mms[mm].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next)
        add_up(all, smaps_of(proc, places, mm, id));
    return all;
}

std::string smaps_text_of(const process_memory& proc, const page_places& places, mm_id mm, vma_id id) {
    const vm_area_struct& vma = proc.vmas[id];
    char eligible[32];
    std::snprintf(eligible, sizeof eligible,
                  proc.rules.smaps_thp_is_narrow() ? "THPeligible:%8d\n" : "THPeligible:    %d\n",
                  thp_eligible(proc, vma) ? 1 : 0);
    return maps_line(proc, mm, id) + line("Size:", vma.size()) + line("KernelPageSize:", proc.page_size()) +
           line("MMUPageSize:", proc.page_size()) + counts_text(proc, smaps_of(proc, places, mm, id), false) +
           eligible + flags_text(proc, vma.vm_flags);
}

std::string smaps_text(const process_memory& proc, const page_places& places, mm_id mm) {
    std::string text;
    for (vma_id id = proc.mms[mm].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next)
        text += smaps_text_of(proc, places, mm, id);
    return text;
}

std::string smaps_rollup_text(const process_memory& proc, const page_places& places, mm_id mm) {
    const vma_id first = proc.mms[mm].mmap;
    if (first == VMA_NONE) return "";
    const vma_id last = proc.mms[mm].last;
    char head[96];
    std::snprintf(head, sizeof head, "%08llx-%08llx ---p 00000000 00:00 0 ",
                  static_cast<unsigned long long>(proc.vmas[first].vm_start),
                  static_cast<unsigned long long>(proc.vmas[last].vm_end));
    std::string text = head;
    text.resize(std::max<std::size_t>(text.size(), 73), ' ');
    return text + "[rollup]\n" + counts_text(proc, smaps_of(proc, places, mm), true);
}

namespace {

std::string memory_status(const process_memory& proc, const page_places& places, mm_id id) {
    const mm_struct& mm = proc.mms[id];
    const u32 shift = proc.page_shift;
    const u64 text = proc.page_align(mm.end_code) - proc.page_start(mm.start_code);
    const u64 code = std::min(text, mm.exec_vm << shift);
    const u64 peak = std::max(mm.hiwater_vm, mm.total_vm);
    return status_line("VmPeak", peak << shift) + status_line("VmSize", mm.total_vm << shift) +
           status_line("VmLck", mm.locked_vm << shift) + status_line("VmPin", 0) +
           status_line("VmHWM", mm.hiwater_rss << shift) + status_line("VmRSS", mm.rss.total() << shift) +
           status_line("RssAnon", mm.rss.anon << shift) + status_line("RssFile", mm.rss.file << shift) +
           status_line("RssShmem", mm.rss.shmem << shift) + status_line("VmData", mm.data_vm << shift) +
           status_line("VmStk", mm.stack_vm << shift) + status_line("VmExe", code) +
           status_line("VmLib", (mm.exec_vm << shift) - code) +
           status_line("VmPTE", mm_pgtables_bytes(places.mmu, mm)) + status_line("VmSwap", 0);
}

// The lines about the task that stand before those of memory. kernel: proc_pid_status
std::string task_status(const process_memory& proc, task_id id) {
    const task_struct& task = proc.tasks[id];
    const u32 parent = task.real_parent == TASK_NONE ? 1 : proc.tasks[task.real_parent].tgid;
    return "Name:\t" + std::string(name_text(task.comm)) + "\nState:\t" + std::string(state_text(proc, id)) +
           "\nTgid:\t" + std::to_string(task.tgid) + "\nPid:\t" + std::to_string(task.pid) + "\nPPid:\t" +
           std::to_string(parent) + "\n";
}

} // namespace

std::string status_text(const process_memory& proc, const page_places& places, mm_id id) {
    const task_id owner = proc.mms[id].owner;
    const std::string memory = memory_status(proc, places, id);
    if (owner == TASK_NONE) return memory;
    return task_status(proc, owner) + memory + "Threads:\t" +
           std::to_string(proc.tasks[proc.tasks[owner].group_leader].nr_threads) + "\n";
}

std::string statm_text(const process_memory& proc, mm_id id) {
    const mm_struct& mm = proc.mms[id];
    const u64 text = (proc.page_align(mm.end_code) - proc.page_start(mm.start_code)) >> proc.page_shift;
    const u64 values[] = {
        mm.total_vm, mm.rss.total(), mm.rss.file + mm.rss.shmem, text, 0, mm.data_vm + mm.stack_vm, 0};
    std::string all;
    for (const u64 value : values) all += (all.empty() ? "" : " ") + std::to_string(value);
    return all + "\n";
}

u64 pagemap_entry(const process_memory& proc, const page_places& places, mm_id mm, u64 address) {
    using kind = mapped_page::page_kind;
    const mapped_page page = page_at_address(proc, places.mmu, places.mem, mm, address);
    u64 entry = 0;
    const vma_id id = search_vma(proc, mm, address).found;
    if (id != VMA_NONE && proc.vmas[id].vm_start <= address && (proc.vmas[id].vm_flags & proc.rules.soft_dirty()) != 0)
        entry |= 1ull << 55;
    if (page.pfn == PFN_NONE) return entry;
    entry |= 1ull << 63 | page.pfn;
    // 5.10 does not ask whose page a huge entry's is.
    const bool huge_zero = page.kind == kind::zero && page.level > 0 && proc.rules.since(6, 1);
    if (page.kind == kind::file || page.kind == kind::shmem || huge_zero) entry |= 1ull << 61;
    if (page.mapcount == 1) entry |= 1ull << 56;
    return entry;
}

u64 mm_pgtables_bytes(const mmu_memory& mmu, const mm_struct& mm) {
    if (mm.space == 0 || !mmu.has_space(static_cast<space_id>(mm.space))) return 0;
    u64 tables = mm.nr_deposits;
    const address_space& space = mmu.spaces[mm.space];
    for (u8 level = 0; level < mmu.geometry().root(); ++level) tables += space.nr_tables[level];
    return tables << mmu.geometry().page_shift;
}

} // namespace mm
