#include "process/pagemap_text.h"

#include <cstdio>

#include "process/user_tables.h"
#include "process/vma_index.h"

namespace mm {

namespace {

constexpr u64 SOFT_DIRTY = 1ull << 55, EXCLUSIVE = 1ull << 56, OF_FILE = 1ull << 61, PRESENT = 1ull << 63;
constexpr u64 PFN_BITS = SOFT_DIRTY - 1;

class PagemapText {
  public:
    PagemapText(const process_memory& proc, const page_places& places, mm_id mm)
        : proc_(proc), places_(places), mm_(mm) {}

    void add(const vm_area_struct& vma) {
        for (u64 at = vma.vm_start; at < vma.vm_end;) {
            const u64 entry = pagemap_entry(proc_, places_, mm_, at);
            u64 end = at + proc_.page_size();
            if ((entry & PRESENT) == 0) end = end_of_hole(at, vma.vm_end);
            if (lines_++ < MAX_PAGEMAP_LINES)
                text_ += line(at, end, entry);
            else
                left_out_ += (end - at) >> proc_.page_shift;
            at = end;
        }
    }
    [[nodiscard]] std::string text() const {
        return left_out_ == 0 ? text_ : text_ + "... " + std::to_string(left_out_) + " more pages\n";
    }

  private:
    // Where the next page stands, or the VMA's end. Whole tables are passed at once.
    [[nodiscard]] u64 end_of_hole(u64 at, u64 end) const {
        if (proc_.mms[mm_].space == 0) return end;
        const auto space = static_cast<space_id>(proc_.mms[mm_].space);
        while (at < end) {
            const table_slot slot = find_slot(places_.mmu, space, at);
            if (slot.entry != 0 && pte_present(places_.mmu.format, slot.entry)) return at;
            at = slot.address + places_.mmu.geometry().size(slot.level);
            if (at == 0) return end;
        }
        return end;
    }

    [[nodiscard]] std::string line(u64 start, u64 end, u64 entry) const {
        char text[160];
        const u64 pages = (end - start) >> proc_.page_shift;
        std::snprintf(text, sizeof text, "%08llx %016llx%s%s%s%s", static_cast<unsigned long long>(start),
                      static_cast<unsigned long long>(entry), (entry & PRESENT) != 0 ? " present" : " no-page",
                      (entry & OF_FILE) != 0 ? " file-or-shared" : "", (entry & EXCLUSIVE) != 0 ? " exclusive" : "",
                      (entry & SOFT_DIRTY) != 0 ? " soft-dirty" : "");
        std::string all = text;
        if ((entry & PRESENT) != 0) {
            std::snprintf(text, sizeof text, " pfn=%llx", static_cast<unsigned long long>(entry & PFN_BITS));
            all += text;
        }
        if (pages > 1) all += " pages=" + std::to_string(pages);
        return all + "\n";
    }

    const process_memory& proc_;
    const page_places& places_;
    mm_id mm_;
    std::string text_;
    u64 lines_ = 0, left_out_ = 0;
};

} // namespace

std::string pagemap_text(const process_memory& proc, const page_places& places, mm_id mm) {
    PagemapText text(proc, places, mm);
    for (vma_id id = proc.mms[mm].mmap; id != VMA_NONE; id = proc.vmas[id].vm_next) text.add(proc.vmas[id]);
    return text.text();
}

} // namespace mm
