#pragma once
// Processes with page tables whose calls a test expects to succeed.
#include <gtest/gtest.h>

#include "process/paged_machine.h"

namespace mm {

class PagedProcesses : public PagedMachine {
  public:
    using PagedMachine::PagedMachine;

    mm_id fork(mm_id id) {
        const mm_id child = PagedMachine::fork(id);
        EXPECT_NE(child, MM_NONE);
        return child;
    }
    void expect_sound() const { EXPECT_EQ(verdict(), "all is well"); }
};

} // namespace mm
