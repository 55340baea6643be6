// Tasks in the views: who runs in which mm and on which CPU, kernel threads that borrow one, what the inspector and the view of
// TLBs say after a switch; where a selected frame is marked; which pages of a closed VMA are in memory.
#include <gtest/gtest.h>

#include "base/hex.h"
#include "process/tasks.h"
#include "view_test.h"

namespace shell {
namespace {

using mm::u64;

// A process with two threads on two CPUs, a kernel thread that borrows its mm, and the end of all.
constexpr std::string_view THREADS = R"({
  "format": "mmscope/1", "title": {"en": "Threads", "zh": "Threads"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64", "cpus": 4}},
  "steps": [
    {"op": "execve", "program": "/bin/server", "kind": "static", "as": "p"},
    {"op": "mmap", "process": "p", "size": "16KiB", "as": "a"},
    {"op": "clone", "process": "p", "as": "t"},
    {"op": "user_read", "process": "t", "address": "a", "cpu": 1},
    {"op": "user_write", "process": "p", "address": "a", "value": 1},
    {"op": "kthread_create", "name": "kswapd0", "as": "k"},
    {"op": "schedule", "process": "k"},
    {"op": "exit_group", "process": "p"},
    {"op": "schedule"}
  ]
})";

class TaskViewsTest : public test::ViewTest {
  protected:
    void SetUp() override {
        load(THREADS);
        choose({{"reducedMotion", true}});
    }
    Json inspect() { return Json::parse(bridge.inspect(), nullptr, false); }
    Json mirror(const char* view) {
        choose({{"view", view}});
        return Json::parse(bridge.mirror(), nullptr, false);
    }
    // The last cell of the row of this name: its tasks.
    static std::string tasks_in(const Json& mirror, std::string_view name) {
        for (const Json& row : mirror["rows"])
            if (row["cells"][0] == name) return row["cells"].back().get<std::string>();
        return "no row";
    }
    const mm::process_memory& proc() { return bridge.app.session->machine().processes; }
};

// kernel: clone(CLONE_VM) adds to mm_users; a kernel thread that a CPU switches to adds to mm_count of the mm that was loaded.
TEST_F(TaskViewsTest, TheListOfProcessesShowsTasksCpusAndWhoBorrows) {
    const Json before = (seek(5), describe("processes"));
    ASSERT_EQ(before["processes"].size(), 1u);
    EXPECT_EQ(before["processes"][0]["mm_users"], 2);
    EXPECT_EQ(before["processes"][0]["mm_count"], 1);
    ASSERT_EQ(before["processes"][0]["tasks"].size(), 2u);
    EXPECT_EQ(before["processes"][0]["tasks"][0]["cpu"], 0);
    EXPECT_EQ(before["processes"][0]["tasks"][1]["cpu"], 1);
    EXPECT_TRUE(before["processes"][0]["borrowed_on"].empty());
    const Json lazy = at(7);
    EXPECT_EQ(lazy["processes"][0]["mm_users"], 2);
    EXPECT_EQ(lazy["processes"][0]["mm_count"], 2);
    EXPECT_FALSE(lazy["processes"][0]["tasks"][0].contains("cpu")) << "the first thread runs nowhere";
    EXPECT_EQ(lazy["processes"][0]["borrowed_on"], Json::array({0}));
    ASSERT_EQ(lazy["cpus"].size(), 2u) << "two of four CPUs idle with init_mm";
    EXPECT_EQ(lazy["cpus"][0]["task"], "kswapd0, pid 302");
    EXPECT_EQ(lazy["cpus"][0]["active_mm"], "300 /bin/server");
    EXPECT_EQ(lazy["cpus"][0]["borrows"], true);
    EXPECT_EQ(lazy["cpus"][0]["changed"], true);
    EXPECT_EQ(lazy["cpus"][1]["borrows"], false);
    EXPECT_EQ(lazy["cpus"][1]["changed"], false);
}

TEST_F(TaskViewsTest, TheMirrorTellsTasksOfEachMmAndWhatEachCpuRuns) {
    seek(6);
    const Json waiting = mirror("processes");
    EXPECT_EQ(tasks_in(waiting, "300 /bin/server"), "300 server on CPU 0 · 301 server on CPU 1");
    EXPECT_EQ(tasks_in(waiting, "302 kswapd0"), "kernel threads that wait");
    seek(7);
    const Json lazy = mirror("processes");
    EXPECT_EQ(tasks_in(lazy, "300 /bin/server"),
              "300 server · 301 server on CPU 1 · kswapd0, pid 302, borrows it on CPU 0");
    EXPECT_EQ(tasks_in(lazy, "CPU 0"), "kswapd0, pid 302: has no mm: active_mm is that of 300 /bin/server (lazy TLB)");
    EXPECT_EQ(tasks_in(lazy, "CPU 1"), "server, pid 301: in its mm, 300 /bin/server");
    for (const Json& row : lazy["rows"]) EXPECT_EQ(row["cells"].size(), lazy["columns"].size());
}

// kernel: exit_mm of the last task ends the mappings; the mm itself stays while a CPU borrows it.
TEST_F(TaskViewsTest, AnMmWithoutTasksStaysWhileItIsBorrowed) {
    const Json kept = (seek(8), describe("processes"));
    ASSERT_EQ(kept["processes"].size(), 1u);
    EXPECT_EQ(kept["processes"][0]["mm_users"], 0);
    EXPECT_EQ(kept["processes"][0]["mm_count"], 1);
    EXPECT_TRUE(kept["processes"][0]["tasks"].empty());
    EXPECT_EQ(kept["processes"][0]["borrowed_on"], Json::array({0}));
}

TEST_F(TaskViewsTest, AllHaveEndedIsNotThereIsNoneYet) {
    load(
        R"({"format": "mmscope/1", "title": "End", "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
             "steps": [{"op": "alloc_page", "as": "x"}, {"op": "execve", "as": "p"}, {"op": "exit", "process": "p"}]})");
    for (const char* view : {"processes", "address-space", "vma-tree"}) {
        seek(1);
        EXPECT_EQ(mirror(view)["note"].get<std::string>().find("There is no process yet"), 0u) << view;
        seek(3);
        EXPECT_EQ(mirror(view)["note"], "All processes have ended.") << view;
        EXPECT_EQ(Json::parse(bridge.proc("maps"), nullptr, false)["text"], "All processes have ended.\n");
        frame();
    }
}

TEST_F(TaskViewsTest, TheListIsDrawnInEachSizeThemeAndLanguage) {
    choose({{"view", "processes"}});
    draw_everywhere(all_steps(), {0, 1});
}

TEST_F(TaskViewsTest, AfterASwitchTheInspectorHasTheTaskThatRuns) {
    seek(7);
    const Json lazy = inspect();
    EXPECT_EQ(lazy["of_task"], true);
    ASSERT_GE(lazy["structs"].size(), 2u);
    EXPECT_EQ(lazy["structs"][0]["title"], "struct task_struct kswapd0, pid 302");
    EXPECT_EQ(lazy["structs"][1]["title"], "struct mm_struct 300 /bin/server");
    const auto field = [](const Json& fields, std::string_view name) {
        for (const Json& one : fields)
            if (one["name"] == name) return one["value"].get<std::string>();
        return std::string("no field");
    };
    EXPECT_EQ(field(lazy["structs"][0]["fields"], "mm"), "NULL");
    EXPECT_EQ(field(lazy["structs"][0]["fields"], "active_mm"), "300 /bin/server");
    seek(6);
    EXPECT_EQ(inspect()["structs"][0]["title"], "struct task_struct kswapd0, pid 302") << "the step makes it";
    seek(9);
    EXPECT_EQ(inspect()["structs"][0]["title"], "struct task_struct swapper/0, pid 0");
    seek(5);
    EXPECT_EQ(inspect()["of_process"], true) << "an access is about its process";
}

TEST_F(TaskViewsTest, TheTlbSaysWhoRunsAndWhoseMmThatBorrows) {
    const Json alone = (seek(5), describe("tlb"));
    EXPECT_EQ(alone["cpus"][0]["runs"].get<std::string>().find("runs p, ASID "), 0u) << alone["cpus"][0]["runs"];
    EXPECT_EQ(alone["cpus"][1]["runs"].get<std::string>().find("runs server, pid 301, in the mm of p, ASID "), 0u);
    const std::string lazy = at(7)["cpus"][0]["runs"];
    EXPECT_EQ(lazy.find("runs kswapd0, pid 302, which has no mm and borrows that of p (active_mm)"), 0u) << lazy;
}

// ---- one selection for all ------------------------------------------------------------------------------------------

// Two processes map a page after fork; the child's write takes it out of the child.
constexpr std::string_view FORK = R"({
  "format": "mmscope/1", "title": {"en": "Fork", "zh": "Fork"},
  "machine": {"profile": {"memory": "64MiB", "kernel": "6.1", "arch": "arm64"}},
  "steps": [
    {"op": "transparent_hugepage.enabled", "value": "never"},
    {"op": "execve", "program": "/bin/p", "kind": "static", "as": "p"},
    {"op": "mmap", "process": "p", "size": "1MiB", "as": "a"},
    {"op": "touch", "process": "p", "address": "a+0x10000", "size": "12KiB", "value": 5},
    {"op": "user_read", "process": "p", "address": "a+0x80000"},
    {"op": "fork", "process": "p", "as": "c"},
    {"op": "user_write", "process": "c", "address": "a+0x10000", "value": 6}
  ]
})";

class SelectedFrameTest : public TaskViewsTest {
  protected:
    void SetUp() override {
        load(FORK);
        choose({{"reducedMotion", true}});
    }
    u64 mapped_at() { return bridge.app.session->machine().results[1].value + 0x10000; }
    mm::pfn_t frame_in(mm::mm_id id) {
        const mm::Machine& machine = bridge.app.session->machine();
        return mm::page_at_address(machine.processes, machine.mmu, machine.physical, id, mapped_at()).pfn;
    }
    std::vector<u64> selected_pids() {
        std::vector<u64> pids;
        const Json view = describe("processes");
        for (const Json& row : view["processes"])
            if (row.value("selected", false)) pids.push_back(row["pid"].get<u64>());
        return pids;
    }
    std::string last_crumb() {
        return Json::parse(bridge.crumbs(), nullptr, false)["crumbs"].back()["text"].get<std::string>();
    }
};

TEST_F(SelectedFrameTest, EachProcessThatMapsItIsMarked) {
    seek(6);
    const mm::pfn_t shared = frame_in(0);
    ASSERT_EQ(frame_in(1), shared);
    choose({{"select", "pfn:" + mm::hex(shared)}});
    EXPECT_EQ(selected_pids(), (std::vector<u64>{300, 301}));
    seek(7);
    EXPECT_EQ(selected_pids(), (std::vector<u64>{300})) << "the child has a copy";
    const Json processes = mirror("processes"), space = mirror("address-space");
    const auto marked = [](const Json& table) {
        std::vector<std::string> names;
        for (const Json& row : table["rows"])
            if (row.value("selected", false)) names.push_back(row["cells"][0].get<std::string>());
        return names;
    };
    EXPECT_EQ(marked(processes), (std::vector<std::string>{"300 /bin/p"}));
    EXPECT_EQ(marked(space), (std::vector<std::string>{mm::address_hex(mapped_at() - 0x10000)}));
}

TEST_F(SelectedFrameTest, TheAddressSpaceMarksThePageAndTheCrumbNamesThatProcess) {
    seek(7); // about the child
    const mm::pfn_t of_parent = frame_in(0), of_child = frame_in(1);
    for (const auto& [pfn, pid] : {std::pair{of_parent, 300u}, {of_child, 301u}}) {
        choose({{"select", "pfn:" + mm::hex(pfn)}});
        const Json space = describe("address-space");
        EXPECT_EQ(space["process"], pid);
        EXPECT_EQ(last_crumb(), std::to_string(pid) + " /bin/p");
        std::size_t marked = 0;
        for (const Json& piece : space["pieces"]) {
            if (!piece.value("selected", false)) continue;
            ++marked;
            EXPECT_EQ(piece["rights"], "rw-p");
        }
        EXPECT_EQ(marked, 1u);
        frame();
    }
    choose({{"select", "address:" + mm::hex(mapped_at()) + "/1"}});
    EXPECT_EQ(describe("address-space")["process"], 301) << "of addresses the step's process is shown, as before";
}

// ---- what of a closed VMA is in memory ------------------------------------------------------------------------------

TEST_F(SelectedFrameTest, AClosedVmaTellsHowManyOfItsPagesAreInMemory) {
    seek(5); // three pages written; the fourth that is read is the zero page
    const std::string start = mm::address_hex(mapped_at() - 0x10000);
    bool met = false;
    u64 sum = 0;
    const Json space = describe("address-space");
    for (const Json& piece : space["pieces"]) {
        sum += piece.value("resident", u64{0});
        if (piece["start"] != start) continue;
        met = true;
        EXPECT_EQ(piece["resident"], 3);
    }
    EXPECT_TRUE(met);
    EXPECT_EQ(sum, proc().mms[0].rss.total()) << "together they are the Rss";
    const Json rows = mirror("address-space")["rows"];
    for (const Json& row : rows)
        EXPECT_TRUE(row["cells"][0] != start || row["cells"].back() == "3 of 256 pages in memory") << row;
}

} // namespace
} // namespace shell
