#pragma once
// A process with an empty address space, and short words for its calls: addresses are pages from ARENA on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "process/calls.h"
#include "process/maps_text.h"
#include "process/user_access.h"
#include "process/vma_index.h"

namespace mm {

inline constexpr u64 PAGE = 4096;
inline constexpr u64 ARENA = 0x10'0000'0000;
inline constexpr u32 RW = PROT_READ | PROT_WRITE;
inline constexpr u32 PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS;
inline constexpr u32 FIXED = PRIVATE | MAP_FIXED;

class OneProcess {
  public:
    explicit OneProcess(kernel_version kernel = kernel_version::v6_1) {
        proc.rules = {kernel, architecture::arm64};
        cx.id = create_mm(proc);
        mm_struct& mm = cx.mm_mut();
        mm.task_size = 1ull << 48;
        mm.mmap_base = mm.task_size - (128ull << 20);
        mm.start_brk = mm.brk = 0x50'0000;
    }

    i64 map(u64 page, u64 pages, u32 prot = RW, u32 flags = FIXED, file_id file = 0, u64 offset = 0) {
        return sys_mmap(cx, {ARENA + page * PAGE, pages * PAGE, prot, flags, file, offset * PAGE});
    }
    i64 map_anywhere(u64 pages, u32 prot = RW) { return sys_mmap(cx, {0, pages * PAGE, prot, PRIVATE}); }
    i64 unmap(u64 page, u64 pages) { return sys_munmap(cx, ARENA + page * PAGE, pages * PAGE); }
    i64 protect(u64 page, u64 pages, u32 prot) { return sys_mprotect(cx, ARENA + page * PAGE, pages * PAGE, prot); }
    u8 access(u64 page, user_access_kind kind) { return user_access(cx, {ARENA + page * PAGE, kind}).si_code; }
    u8 write(u64 page) { return access(page, user_access_kind::write); }

    file_id file(bool writable = true) {
        mapped_file made;
        made.path = intern("/data/f");
        made.opened = true;
        made.writable = writable;
        return open_file(proc, made);
    }

    // "0-4 rw-p, 4-6 r--p": pages of the arena.
    [[nodiscard]] std::string areas() const {
        std::string text;
        for (vma_id id = first_vma(cx); id != VMA_NONE; id = next_vma(cx, id)) {
            const vm_area_struct& vma = cx.vma(id);
            if (!text.empty()) text += ", ";
            text += std::to_string((vma.vm_start - ARENA) / PAGE) + "-" + std::to_string((vma.vm_end - ARENA) / PAGE) +
                    " " + vma_rights(vma.vm_flags);
        }
        return text;
    }
    [[nodiscard]] const vm_area_struct& at(u64 page) const { return cx.vma(vma_lookup(cx, ARENA + page * PAGE)); }

    process_memory proc;
    EventSink sink;
    mm_context cx{proc, 0, sink};
};

inline i64 error(mm_errno error) { return error_of(error); }

} // namespace mm
