#include "heap/process_kernel.h"

#include "mmu/page_table.h"
#include "process/calls.h"
#include "process/user_access.h"
#include "process/user_tables.h"

namespace mm {

namespace {

// What an access finds in the tables, which need no TLB for that.
struct found_entry {
    bool present = false;
    bool reads = false; // that needs no fault, and sets no flag
    bool writes = false;
    u8 level = 0;
};

// A table that has those addresses in that space is the one that a walk finds.
table_slot slot_of(const mm_context& cx, libc_heap& heap, u64 address) {
    const mmu_memory& mmu = cx.pages->mmu;
    const page_geometry& geometry = mmu.geometry();
    const u64 page = address / libc::PAGE;
    libc_heap::known_table& known = heap.known_tables[page % heap.known_tables.size()];
    if (known.page == page) {
        const page_table& table = mmu.tables[known.table];
        const u32 index = geometry.index(0, address);
        if (table.pfn != PFN_NONE && table.level == 0 && table.space == space_of(cx) &&
            table.start == (address & ~(geometry.size(1) - 1)))
            return {known.table, index, 0, mmu.entry(known.table, index), page * libc::PAGE};
    }
    const table_slot slot = find_slot(mmu, space_of(cx), address);
    if (slot.level == 0) known = {page, slot.table};
    return slot;
}

found_entry entry_at(const mm_context& cx, libc_heap& heap, u64 address) {
    const pte_format& format = cx.pages->mmu.format;
    const table_slot slot = slot_of(cx, heap, address);
    if (!pte_present(format, slot.entry)) return {};
    const bool reads = pte_young(format, slot.entry);
    return {true, reads, reads && pte_write(format, slot.entry) && pte_dirty(format, slot.entry), slot.level};
}

} // namespace

bool process_kernel::touch(u64 address, bool write) {
    if (cx_.sink.spent()) return false;
    cx_.sink.charge(1);
    const bool outside = address >= cx_.mm().task_size;
    const found_entry before = outside ? found_entry{} : entry_at(cx_, heap_, address);
    could_write_ = before.writes;
    if (write ? before.writes : before.reads) return true;
    const u8 value =
        before.present ? page_at_address(cx_.proc, cx_.pages->mmu, cx_.pages->page.mem, cx_.id, address).value : u8{0};
    const user_access_result result =
        user_access(cx_, {address, write ? user_access_kind::write : user_access_kind::read, value});
    if (result.signal != 0 || result.out_of_memory) {
        signal_ = result.signal != 0 ? result.signal : SIGKILL_NUMBER;
        return false;
    }
    if (!before.present) {
        const u64 size = cx_.pages->mmu.geometry().size(entry_at(cx_, heap_, address).level);
        const u64 start = address & ~(size - 1);
        heap_.words.clear(start, start + size);
    }
    return true;
}

u64 process_kernel::brk(u64 address) { return static_cast<u64>(sys_brk(cx_, address)); }

u64 process_kernel::current_brk() { return cx_.mm().brk; }

i64 process_kernel::mmap(u64 address, u64 length, bool accessible) {
    mmap_request request;
    request.address = address;
    request.length = length;
    request.prot = accessible ? PROT_READ | PROT_WRITE : PROT_NONE;
    request.flags = MAP_PRIVATE | MAP_ANONYMOUS | (accessible ? 0 : MAP_NORESERVE);
    return sys_mmap(cx_, request);
}

i64 process_kernel::mremap(u64 address, u64 old_length, u64 length) {
    return sys_mremap(cx_, {address, old_length, length, MREMAP_MAYMOVE, 0});
}

i64 process_kernel::munmap(u64 address, u64 length) { return sys_munmap(cx_, address, length); }

i64 process_kernel::make_accessible(u64 address, u64 length) {
    return sys_mprotect(cx_, address, length, PROT_READ | PROT_WRITE);
}

i64 process_kernel::discard(u64 address, u64 length) {
    return sys_madvise(cx_, address, length, static_cast<u32>(madvice::DONTNEED));
}

} // namespace mm
