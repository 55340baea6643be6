#pragma once
// Processes with page tables on a booted page allocator: short words for their calls and accesses. Addresses are pages from
// ARENA on. It knows no test framework: fuzz targets run it, too.
#include <string>
#include <vector>

#include "mmu/verify.h"
#include "physical/boot.h"
#include "process/calls.h"
#include "process/fork.h"
#include "process/page_cache.h"
#include "process/processes.h"
#include "process/rmap.h"
#include "process/smaps.h"
#include "process/tasks.h"
#include "process/user_access.h"
#include "process/verify.h"
#include "process/vma_index.h"

namespace mm {

inline constexpr u64 PAGE = 4096;
inline constexpr u64 ARENA = 0x10'0000'0000;
inline constexpr u32 RW = PROT_READ | PROT_WRITE;
inline constexpr u32 PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
inline constexpr u32 SHARED = MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED;

class PagedMachine {
  public:
    explicit PagedMachine(kernel_version kernel = kernel_version::v6_1, bool thp = false, u64 mib = 64,
                          const tlb_config& tlb = {}) {
        machine_profile profile;
        profile.kernel = kernel;
        profile.cpus = 2;
        const page_geometry geometry = *arm64_geometry(4096, 48);
        declare_memory(profile, mib << 20);
        EventSink quiet;
        mem = boot(profile, quiet);
        mmu_init(mmu, {geometry, {kernel}}, mem);
        tlb_init(mmu.tlb, tlb, geometry, 2);
        sink.store_in(&events);
        proc.rules = {kernel, architecture::arm64};
        proc.thp_always = thp;
        static_cast<void>(create_space(pages, true));
        proc.task_size = 1ull << 48;
        first = new_process(proc, pages);
        mm_struct& made = proc.mms.mut(first);
        made.mmap_base = made.task_size - (128ull << 20);
        made.start_brk = made.brk = 0x50'0000;
    }
    PagedMachine(const PagedMachine&) = delete;

    mm_context of(mm_id id) { return {proc, id, sink, &pages}; }

    i64 map(mm_id id, u64 page, u64 count, u32 prot = RW, u32 flags = PRIVATE, file_id file = 0, u64 offset = 0) {
        mm_context cx = of(id);
        return sys_mmap(cx, {ARENA + page * PAGE, count * PAGE, prot, flags, file, offset * PAGE});
    }
    i64 unmap(mm_id id, u64 page, u64 count) {
        mm_context cx = of(id);
        return sys_munmap(cx, ARENA + page * PAGE, count * PAGE);
    }
    i64 protect(mm_id id, u64 page, u64 count, u32 prot) {
        mm_context cx = of(id);
        return sys_mprotect(cx, ARENA + page * PAGE, count * PAGE, prot);
    }
    i64 advise(mm_id id, u64 page, u64 count, madvice advice) {
        mm_context cx = of(id);
        return sys_madvise(cx, ARENA + page * PAGE, count * PAGE, static_cast<u32>(advice));
    }
    user_access_result touch(mm_id id, u64 page, user_access_kind kind, u8 value = 0) {
        mm_context cx = of(id);
        return user_access(cx, {ARENA + page * PAGE, kind, value});
    }
    user_access_result read(mm_id id, u64 page) { return touch(id, page, user_access_kind::read); }
    user_access_result write(mm_id id, u64 page, u8 value) { return touch(id, page, user_access_kind::write, value); }
    // MM_NONE: it failed.
    mm_id fork(mm_id id) {
        mm_context cx = of(id);
        mm_id child = MM_NONE;
        static_cast<void>(sys_fork(cx, child));
        return child;
    }
    void exit(mm_id id) {
        mm_context cx = of(id);
        exit_process(cx);
    }
    file_id file(u64 bytes, file_kind kind = file_kind::shmem, u64 inode = 7) {
        mapped_file made;
        made.path = intern("/data/f");
        made.opened = true;
        made.kind = kind;
        made.size = bytes;
        made.inode = inode;
        return open_file(proc, made);
    }

    [[nodiscard]] mapped_page at(mm_id id, u64 page) const {
        return page_at_address(proc, mmu, mem, id, ARENA + page * PAGE);
    }
    // The entry without its frame number.
    [[nodiscard]] u64 bits(mm_id id, u64 page) const {
        const mapped_page found = at(id, page);
        return found.entry & ~(u64{found.pfn} << 12);
    }
    [[nodiscard]] const mm_struct& mm(mm_id id) const { return proc.mms[id]; }
    [[nodiscard]] smaps_counts smaps(mm_id id) const { return smaps_of(proc, {mmu, mem}, id); }
    [[nodiscard]] u64 page_tables(mm_id id) const { return mm_pgtables_bytes(mmu, proc.mms[id]) / PAGE; }
    // Frames that somebody holds.
    [[nodiscard]] u64 held_frames() const {
        u64 held = 0;
        for (pfn_t pfn = mem.base_pfn; pfn < mem.end_pfn; ++pfn) {
            const page& head = mem.page_at(pfn);
            if (head.state() == page_state::allocated) held += u64{1} << head.order();
        }
        return held;
    }
    template <class Kind>
    [[nodiscard]] int count(Kind kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    [[nodiscard]] std::string verdict() const {
        if (const auto broken = verify_processes(proc)) return *broken;
        if (const auto broken = verify_mmu(mmu, mem)) return *broken;
        if (const auto broken = verify_tasks(proc, mmu)) return *broken;
        return verify_user_pages(proc, mmu, mem).value_or("all is well");
    }

    physical_memory mem;
    mmu_memory mmu;
    process_memory proc;
    EventSink sink;
    std::vector<Event> events;
    mmu_context pages{mmu, {mem, sink, 0, 1}};
    mm_id first = 0;
};

} // namespace mm
