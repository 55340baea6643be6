#pragma once
// malloc's side of a process: what it reads and writes are accesses to the process's memory, what it asks for are its system calls.
//
//   word of a chunk ─► page there, and allowed? ─ yes ─► nothing more
//                       └ no ─► user_access(): a fault, told as every other
//
// A page that was not there has no words: it comes full of zeros, whatever its place has held before.
#include "heap/heap.h"
#include "process/mm.h"

namespace mm {

class process_kernel : public heap_kernel {
  public:
    process_kernel(mm_context& cx, libc_heap& heap) : cx_(cx), heap_(heap) {}

    bool touch(u64 address, bool write) override;
    bool could_write() override { return could_write_; }
    bool clears_fresh_pages() override { return true; }
    u64 brk(u64 address) override;
    u64 current_brk() override;
    i64 mmap(u64 address, u64 length, bool accessible) override;
    i64 mremap(u64 address, u64 old_length, u64 length) override;
    i64 munmap(u64 address, u64 length) override;
    i64 make_accessible(u64 address, u64 length) override;
    i64 discard(u64 address, u64 length) override;

    [[nodiscard]] u8 signal() const { return signal_; } // of the access that failed; 0: none did

  private:
    mm_context& cx_;
    libc_heap& heap_;
    u8 signal_ = 0;
    bool could_write_ = false;
};

} // namespace mm
