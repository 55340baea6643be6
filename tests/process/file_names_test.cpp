// What a file is when nobody has it open: its name keeps its pages, until unlink() takes it. And mincore(), which tells where they
// are. By hand, after fs/namei.c and mm/truncate.c.
#include "base/program_place.h"
#include "machine/facts/owner.h"
#include "machine/proc_files.h"
#include "mmu/ops_on_machine.h"
#include "process/calls.h"
#include "process/event_rows.h"
#include "process/fault_event_rows.h"
#include "process/page_cache.h"
#include "process/processes.h"

namespace mm {
namespace {

using ev = fault_event;
constexpr u32 P = 0, Q = 1, F = 2, G = 3, M = 4;
constexpr i64 PAGE = 4096, ARENA = 0x10'0000'0000;

class FileNames : public test::OpsOnMachine {
  protected:
    FileNames() : OpsOnMachine(architecture::arm64) { run("execve", {}, P); }

    OpOutcome open(const char* path, u32 slot, i64 size = -1) {
        return run("open", {{"path", intern(path)}, {"size", size}}, slot);
    }
    OpOutcome unlink(const char* path) { return run("unlink", {{"path", intern(path)}}); }
    OpOutcome map(u32 file, i64 flags = MAP_SHARED | MAP_FIXED) {
        return run("mmap", {{"process", P}, {"address", ARENA}, {"size", 4 * PAGE}, {"flags", flags}, {"file", file}},
                   M);
    }
    i64 read(i64 offset) {
        EXPECT_EQ(run("user_read", {{"process", P}, {"address", ARENA + offset}}), OpOutcome::done);
        const Event* event = last(ev::user_value_read);
        return event == nullptr ? -1 : Args<ev::user_value_read>(*event)["value"];
    }
    [[nodiscard]] mapped_file file(u32 slot) const {
        return machine_.processes.files[static_cast<file_id>(machine_.results[slot].value)];
    }
    [[nodiscard]] u32 cached() const { return machine_.processes.user.cached; }
    [[nodiscard]] i64 errno_told() const {
        const Event* event = last(process_event::mm_call_failed);
        return event == nullptr ? 0 : Args<process_event::mm_call_failed>(*event)["errno"];
    }
};

TEST_F(FileNames, DataSizeAndInodeStayWhenTheLastDescriptorIsClosed) {
    for (const char* path : {"/tmp/f", "/dev/shm/f"}) {
        open(path, F, 4 * PAGE);
        run("pwrite", {{"file", F}, {"offset", PAGE}, {"value", 9}});
        const mapped_file before = file(F);
        const u32 pages = cached();
        run("close", {{"file", F}});
        EXPECT_EQ(cached(), pages) << path;
        open(path, G);
        EXPECT_EQ(file(G).inode, before.inode);
        EXPECT_EQ(file(G).size, u64{4 * PAGE});
        EXPECT_EQ(map(G), OpOutcome::done);
        EXPECT_EQ(read(PAGE), 9) << path;
        run("close", {{"file", G}});
        run("munmap", {{"process", P}, {"address", ARENA}, {"size", 4 * PAGE}});
    }
}

TEST_F(FileNames, AProgramThatRunsAgainHasNoMajorFault) {
    run("user_exec", {{"process", P}, {"address", 0x40'0000}});
    EXPECT_GT(machine_.processes.mms[0].maj_flt, 0u) << "text, and data that exec writes to, come from the disk";
    run("exit", {{"process", P}});
    run("execve", {}, Q);
    run("user_exec", {{"process", Q}, {"address", 0x40'0000}});
    const mm_id again = process_of_space(machine_.processes, static_cast<space_id>(machine_.results[Q].value));
    EXPECT_EQ(machine_.processes.mms[again].maj_flt, 0u);
}

TEST_F(FileNames, UnlinkKeepsWhatIsOpenOrMappedAndFreesTheRest) {
    open("/tmp/f", F, 4 * PAGE);
    map(F);
    run("user_write", {{"process", P}, {"address", ARENA}, {"value", 5}});
    const u32 pages = cached();
    EXPECT_EQ(unlink("/tmp/f"), OpOutcome::done);
    EXPECT_EQ(unlink("/tmp/f"), OpOutcome::refused);
    EXPECT_EQ(errno_told(), static_cast<i64>(mm_errno::enoent));
    EXPECT_NE(proc_text(machine_, "maps").find("/tmp/f (deleted)"), std::string::npos);
    EXPECT_NE(proc_text(machine_, "numa_maps").find("file=/tmp/f\\040(deleted)"), std::string::npos);
    open("/tmp/f", G);
    EXPECT_NE(file(G).inode, file(F).inode) << "another file of that name";
    EXPECT_EQ(file(G).size, u64{PAGE});
    run("close", {{"file", F}});
    EXPECT_EQ(read(0), 5);
    EXPECT_EQ(cached(), pages);
    run("munmap", {{"process", P}, {"address", ARENA}, {"size", 4 * PAGE}});
    EXPECT_EQ(cached(), pages - 4);
}

TEST_F(FileNames, SharedMemoryWithoutANameHasInodesOfItsOwn) {
    for (const i64 at : {0, 8})
        run("mmap", {{"process", P},
                     {"address", ARENA + at * PAGE},
                     {"size", PAGE},
                     {"flags", MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED}});
    const std::string maps = proc_text(machine_, "maps");
    EXPECT_NE(maps.find("00:01 1 "), std::string::npos) << maps;
    EXPECT_NE(maps.find("00:01 2 "), std::string::npos) << maps;
}

TEST_F(FileNames, PathsAreCapped) {
    for (u32 i = machine_.processes.nr_paths; i < MAX_PATHS; ++i) { // without a look at all invariants each time
        mapped_file file;
        file.path = intern("/tmp/" + std::to_string(i));
        close_file(machine_.processes, open_path(machine_.processes, file));
    }
    EXPECT_EQ(machine_.processes.nr_paths, MAX_PATHS);
    EXPECT_EQ(open("/tmp/one-more", F), OpOutcome::returned_null);
    EXPECT_EQ(run("execve", {{"program", intern("/bin/one-more")}}, Q), OpOutcome::returned_null);
    EXPECT_EQ(run("execve", {}, Q), OpOutcome::done) << "the file is there";
    EXPECT_EQ(open("/tmp/7", F), OpOutcome::done);
    EXPECT_EQ(unlink("/tmp/8"), OpOutcome::done);
    EXPECT_EQ(open("/tmp/one-more", F), OpOutcome::done);
}

TEST_F(FileNames, MincoreTellsWhichPagesAreThere) {
    const auto ask = [&](i64 address, i64 size) {
        return run("mincore", {{"process", P}, {"address", address}, {"size", size}});
    };
    open("/tmp/f", F, 4 * PAGE);
    map(F);
    run("pwrite", {{"file", F}, {"offset", 2 * PAGE}, {"value", 1}});
    EXPECT_EQ(ask(ARENA, 4 * PAGE), OpOutcome::done);
    const Args<ev::pages_looked_up> in(*last(ev::pages_looked_up));
    EXPECT_EQ(in["pages"], 4);
    EXPECT_EQ(in["resident"], 1);
    EXPECT_EQ(in["mask"], 4) << "page 2, which nobody maps, is in the page cache";
    EXPECT_EQ(ask(ARENA + 1, PAGE), OpOutcome::refused);
    EXPECT_EQ(errno_told(), static_cast<i64>(mm_errno::einval));
    EXPECT_EQ(ask(ARENA, 5 * PAGE), OpOutcome::refused);
    EXPECT_EQ(errno_told(), static_cast<i64>(mm_errno::enomem));
    EXPECT_EQ(Args<process_event::mm_call_failed>(*last(process_event::mm_call_failed))["a"], ARENA + 4 * PAGE);
    EXPECT_EQ(ask(ARENA, i64{1} << 46), OpOutcome::refused);
    EXPECT_EQ(errno_told(), static_cast<i64>(mm_errno::enomem));
}

// [vdso] is the same frame for every process, counted as a file's page; [vvar]'s entry counts nowhere.
TEST_F(FileNames, PagesOfTheKernelAreTheSameForAll) {
    run("execve", {}, Q);
    u64 frames[2] = {};
    for (const u32 slot : {P, Q}) {
        const mm_id id = process_of_space(machine_.processes, static_cast<space_id>(machine_.results[slot].value));
        const mm_struct before = machine_.processes.mms[id];
        EXPECT_EQ(run("user_exec", {{"process", slot}, {"address", static_cast<i64>(before.vdso)}}), OpOutcome::done);
        const Args<ev::kernel_page_mapped> in(*last(ev::kernel_page_mapped));
        frames[slot] = in.as<u64>("pfn");
        EXPECT_EQ(in["mapcount"], slot + 1);
        EXPECT_EQ(machine_.physical.page_at(in.as<pfn_t>("pfn")).state(), page_state::reserved);
        EXPECT_EQ(machine_.processes.mms[id].rss.file, before.rss.file + 1);
        EXPECT_EQ(run("user_read", {{"process", slot}, {"address", static_cast<i64>(before.vdso) - PAGE}}),
                  OpOutcome::done);
        EXPECT_EQ((Args<ev::kernel_page_mapped>(*last(ev::kernel_page_mapped))["counted"]), 0);
        EXPECT_EQ(machine_.processes.mms[id].rss.file, before.rss.file + 1);
    }
    EXPECT_EQ(frames[0], frames[1]);
    run("exit", {{"process", P}});
    run("exit", {{"process", Q}});
    EXPECT_EQ(machine_.physical.page_at(static_cast<pfn_t>(frames[0])).state(), page_state::reserved);
}

} // namespace
} // namespace mm
