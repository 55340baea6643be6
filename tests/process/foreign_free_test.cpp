// Ops of the page allocator on frames that processes and the page cache have: their references are left alone, another's may be
// dropped. After each op all invariants are looked at.
#include "mmu/ops_on_machine.h"
#include "physical/event_rows.h"
#include "physical/page_check.h"
#include "process/calls.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"
#include "process/page_cache.h"

namespace mm {
namespace {

constexpr u32 P = 0, F = 1;
constexpr i64 PAGE = 4096, ARENA = 0x10'0000'0000;

class ForeignFree : public test::OpsOnMachine {
  protected:
    ForeignFree() : OpsOnMachine(architecture::arm64) {
        run("execve", {}, P);
        run("mmap",
            {{"process", P}, {"address", ARENA}, {"size", PAGE}, {"flags", MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED}});
        run("user_write", {{"process", P}, {"address", ARENA}, {"value", 1}});
        anon_ = Args<fault_event::anon_page_mapped>(*last(fault_event::anon_page_mapped))["pfn"];
        run("open", {{"path", intern("/tmp/f")}, {"size", PAGE}}, F);
        run("pwrite", {{"file", F}, {"value", 1}});
        cached_ = Args<fault_event::file_written>(*last(fault_event::file_written))["pfn"];
    }
    [[nodiscard]] i32 refcount(i64 pfn) const { return machine_.physical.page_at(static_cast<pfn_t>(pfn)).refcount; }

    i64 anon_ = 0, cached_ = 0;
};

TEST_F(ForeignFree, WhatBelongsToProcessesStaysTheirs) {
    for (const i64 pfn : {anon_, cached_}) {
        for (const char* op : {"__free_pages", "put_page", "free_contig_range"}) {
            run(op, {{"pfn", pfn}, {"nr_pages", 1}});
            EXPECT_EQ((Args<physical_event::misuse_unseen>(*last(physical_event::misuse_unseen))["reason"]),
                      static_cast<i64>(unseen_misuse::of_users))
                << op;
            EXPECT_EQ(refcount(pfn), 1) << op;
        }
        run("get_page", {{"pfn", pfn}});
        EXPECT_EQ(refcount(pfn), 2);
        run("put_page", {{"pfn", pfn}});
        EXPECT_EQ(refcount(pfn), 1) << "that reference was its own";
    }
}

TEST_F(ForeignFree, AReferenceOutlivesTheProcess) {
    run("get_page", {{"pfn", anon_}});
    run("exit", {{"process", P}});
    EXPECT_EQ(refcount(anon_), 1);
    run("put_page", {{"pfn", anon_}});
    EXPECT_EQ(refcount(anon_), 0);
}

} // namespace
} // namespace mm
