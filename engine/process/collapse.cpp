#include "process/collapse.h"

#include <vector>

#include "physical/page_alloc.h"
#include "process/anon_vma.h"
#include "process/calls.h"
#include "process/fault_parts.h"
#include "process/report.h"
#include "process/rmap.h"
#include "process/zap.h"

namespace mm {

namespace {

using ev = fault_event;

// A range of the size of a huge page.
class Collapse {
  public:
    Collapse(mm_context& cx, vma_id id, u64 start)
        : cx_(cx), id_(id), start_(start), end_(start + (u64{1} << cx.proc.pmd_shift)),
          values_(u64{1} << (cx.proc.pmd_shift - cx.proc.page_shift)) {}

    [[nodiscard]] collapse_result run() {
        CallScope scope(cx_.sink, process_fn::hpage_collapse_scan_pmd);
        const collapse_result found = scan();
        cx_.sink.emit(ev::collapse_scanned, start_, end_, found, pages_, writable_);
        return found == collapse_result::done ? collapse() : found;
    }

  private:
    // kernel: hpage_collapse_scan_pmd
    collapse_result scan() {
        const mmu_memory& mmu = cx_.pages->mmu;
        const table_slot slot = find_slot(mmu, space_of(cx_), start_);
        if (slot.level == 1 && slot.entry != 0) return collapse_result::is_huge;
        if (slot.level > 0) return collapse_result::no_table;
        collapse_result result = collapse_result::done;
        each_entry(cx_, start_, end_, [&](const table_slot& at) {
            const auto pfn = static_cast<pfn_t>(pte_pfn(mmu.format, at.entry, 0));
            writable_ += pte_write(mmu.format, at.entry);
            if (cx_.proc.user.uncounted(pfn)) return entry_visit::next;
            const user_page page = cx_.proc.user.at(pfn);
            const pfn_t head = user_page_head(cx_.proc.user, pfn);
            const bool held =
                page_count(cx_.proc.user, cx_.pages->page.mem, head) != cx_.proc.user.at(head).held; // by others
            if (result == collapse_result::done && !page.anon()) result = collapse_result::not_anonymous;
            if (result == collapse_result::done && held) result = collapse_result::held;
            values_[(at.address - start_) >> cx_.proc.page_shift] = page.value;
            ++pages_;
            return entry_visit::next;
        });
        return result == collapse_result::done && writable_ == 0 ? collapse_result::read_only : result;
    }

    // kernel: collapse_huge_page
    collapse_result collapse() {
        CallScope scope(cx_.sink, process_fn::collapse_huge_page);
        vm_fault vmf{cx_, id_, cx_.vma(id_), start_, true, false, vm_page_prot(cx_, cx_.vma(id_)), {}};
        const pfn_t head = new_huge_page(vmf, GFP_BIT_DIRECT_RECLAIM);
        if (head == PFN_NONE) return collapse_result::no_memory;
        for (u32 i = 0; i < values_.size(); ++i) cx_.proc.user.mut(head + i).value = values_[i];
        zap_page_range(cx_, id_, start_, end_);
        free_pgtables(cx_, start_, end_, start_, end_);
        vmf.look();
        const pteval_t entry = huge_entry(vmf, head);
        if (!set_huge_entry(vmf, entry)) {
            free_user_page(cx_, head);
            return collapse_result::no_memory;
        }
        page_add_new_anon_rmap(cx_, id_, head, start_, 1);
        cx_.sink.emit(ev::pages_collapsed, start_, head, entry, pages_, values_.size() - pages_, cx_.mm().rss.anon);
        return collapse_result::done;
    }

    mm_context& cx_;
    vma_id id_;
    u64 start_, end_;
    std::vector<u8> values_;
    u64 pages_ = 0, writable_ = 0;
};

// kernel: madvise_collapse_errno
mm_errno error_for(collapse_result result) {
    switch (result) {
    case collapse_result::no_memory: return mm_errno::enomem;
    case collapse_result::held: return mm_errno::eagain;
    default: return mm_errno::einval;
    }
}

// kernel: hugepage_vma_check
bool suits(const mm_context& cx, const vm_area_struct& vma) {
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    const bool holds_one = ((vma.vm_start + huge - 1) & ~(huge - 1)) + huge <= vma.vm_end;
    const bool forbidden = (vma.vm_flags & (VM_NOHUGEPAGE | VM_SPECIAL | VM_HUGETLB)) != 0;
    return holds_one && !forbidden && vma.is_anonymous() && vma.anon_vma != 0;
}

} // namespace

i64 madvise_collapse(mm_context& cx, vma_id id, u64 start, u64 end) {
    CallScope scope(cx.sink, process_fn::madvise_collapse);
    const vm_area_struct vma = cx.vma(id);
    const auto failed = [&](mm_errno error, mm_failure reason) {
        return fail(cx, mm_call::madvise, error, reason, vma.vm_start, vma.vm_end);
    };
    if (vma.vm_file != 0) return failed(mm_errno::einval, mm_failure::unsupported);
    if (!suits(cx, vma)) return failed(mm_errno::einval, mm_failure::no_huge_page);
    const u64 huge = u64{1} << cx.proc.pmd_shift;
    const u64 first = (start + huge - 1) & ~(huge - 1), last = end & ~(huge - 1);
    // The number of huge pages is counted without a sign.
    if (first > last) return failed(mm_errno::einval, mm_failure::no_huge_page);
    if (!has_tables(cx)) return first < last ? failed(mm_errno::einval, mm_failure::no_huge_page) : 0;
    collapse_result failure = collapse_result::done;
    for (u64 at = first; at < last && !cx.sink.spent(); at += huge) {
        const collapse_result result = Collapse(cx, id, at).run();
        if (result == collapse_result::done || result == collapse_result::is_huge) continue;
        failure = result;
        if (result == collapse_result::no_memory || result == collapse_result::not_anonymous) break;
    }
    if (failure == collapse_result::done) return 0;
    const mm_failure reason = failure == collapse_result::no_memory ? mm_failure::no_page
                              : failure == collapse_result::held    ? mm_failure::page_held
                                                                    : mm_failure::no_huge_page;
    return failed(error_for(failure), reason);
}

} // namespace mm
