#include "machine/meminfo.h"

#include <cstdio>

#include "kernel/percpu.h"
#include "process/page_cache.h"
#include "process/report.h"

namespace mm {

namespace {

class MeminfoText {
  public:
    explicit MeminfoText(u32 page_shift) : page_shift_(page_shift) {}

    void pages(const char* name, u64 pages) { kib(name, pages << (page_shift_ - 10)); }
    void kib(const char* name, u64 kib) {
        char line[80];
        const std::string label = std::string(name) + ":";
        std::snprintf(line, sizeof line, "%-16s%8llu kB\n", label.c_str(), static_cast<unsigned long long>(kib));
        text_ += line;
    }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    u32 page_shift_;
    std::string text_;
};

struct ZoneSums {
    u64 managed = 0, free = 0, cma = 0, free_cma = 0;
};
ZoneSums sum_zones(const physical_memory& mem) {
    ZoneSums sums;
    for (const zone& z : mem.zones) {
        sums.managed += z.managed_pages;
        sums.free += static_cast<u64>(z.nr_free_pages);
        sums.cma += z.cma_pages;
        sums.free_cma += static_cast<u64>(z.nr_free_cma);
    }
    return sums;
}

// Each page once, however often it is mapped.
struct UserSums {
    u64 anon = 0, mapped = 0, cached = 0, shmem = 0, huge = 0;
};
UserSums sum_user_pages(const user_pages& user, u64 huge_pages) {
    UserSums sums;
    for (u32 i = 0; i < user.frames.size(); ++i) {
        if (user.frames.untouched(i)) {
            i |= decltype(user.frames)::CHUNK_ITEMS - 1;
            continue;
        }
        const user_page& page = user.frames[i];
        if (page.kind == user_page_kind::none) continue;
        const bool is_mapped = page_mapcount(user, user.base_pfn + i) > 0;
        if (is_mapped) ++(page.anon() ? sums.anon : sums.mapped);
        if (page.entire > 0) sums.huge += huge_pages;
        if (!page.in_cache() || user.mappings[page.mapping].inode == SPECIAL_INODE) continue;
        ++sums.cached;
        if (page.kind == user_page_kind::shmem) ++sums.shmem;
    }
    return sums;
}

struct SlabSums {
    u64 reclaimable = 0, unreclaimable = 0;
};
SlabSums sum_slabs(const slab_memory& slabs) {
    SlabSums sums;
    sums.unreclaimable = slabs.slob_nr_pages;
    for (slab_id id = 0; id < slabs.nr_slabs; ++id) {
        const slab& one = slabs.slabs[id];
        if (one.cache == CACHE_NONE) continue;
        const bool reclaimable = (slabs.caches[one.cache].flags & SLAB_RECLAIM_ACCOUNT) != 0;
        (reclaimable ? sums.reclaimable : sums.unreclaimable) += u64{1} << one.order;
    }
    return sums;
}

// Those that have PageTable, and the ones kept for huge pages.
u64 count_page_tables(const Machine& machine) {
    u64 tables = 0;
    for (table_id id = 0; id < machine.mmu.nr_records; ++id) {
        const page_table& table = machine.mmu.tables[id];
        if (table.pfn != PFN_NONE && machine.physical.pfn_valid(table.pfn) && !table.boot &&
            machine.mmu.table_at(table.pfn) == id)
            tables += machine.physical.page_at(table.pfn).table_typed();
    }
    for (mm_id id = 0; id < machine.processes.mms_used; ++id) tables += machine.processes.mms[id].nr_deposits;
    return tables;
}

} // namespace

std::string meminfo_text(const Machine& machine) {
    const process_memory& proc = machine.processes;
    MeminfoText out(machine.physical.page_shift);
    const ZoneSums zones = sum_zones(machine.physical);
    const UserSums user = sum_user_pages(proc.user, u64{1} << (proc.pmd_shift - proc.page_shift));
    const SlabSums slabs = sum_slabs(machine.slabs);
    out.pages("MemTotal", zones.managed);
    out.pages("MemFree", zones.free);
    out.pages("Cached", user.cached);
    out.pages("SwapTotal", proc.swap_pages);
    out.pages("SwapFree", proc.swap_pages);
    out.pages("AnonPages", user.anon);
    out.pages("Mapped", user.mapped);
    out.pages("Shmem", user.shmem);
    out.pages("KReclaimable", slabs.reclaimable);
    out.pages("Slab", slabs.reclaimable + slabs.unreclaimable);
    out.pages("SReclaimable", slabs.reclaimable);
    out.pages("SUnreclaim", slabs.unreclaimable);
    out.pages("PageTables", count_page_tables(machine));
    out.pages("CommitLimit", vm_commit_limit(proc));
    out.pages("Committed_AS", proc.vm_committed);
    out.kib("VmallocTotal", (machine.kernel.vmalloc_end - machine.kernel.vmalloc_start) >> 10);
    out.pages("VmallocUsed", machine.kernel.nr_vmalloc_pages);
    out.pages("Percpu", pcpu_nr_pages(machine.kernel.percpu));
    out.pages("AnonHugePages", user.huge);
    if (machine.profile->arch == architecture::arm64) {
        out.pages("CmaTotal", zones.cma);
        out.pages("CmaFree", zones.free_cma);
    }
    return out.text();
}

} // namespace mm
