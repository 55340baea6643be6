// The ops of processes as a program in C: a row of the table for each op, how places, sizes and flags are written, whose a line is, and
// what each came to.
#include "scenario/program_listing.h"

#include "heap/ops.h"
#include "machine/c_text.h"
#include "process/ops.h"
#include "scenario/run_report.h"
#include "scenario_text.h"

namespace mm {
namespace {

constexpr const char* ARM64 = R"({"profile": {"memory": "64MiB", "arch": "arm64", "kernel": "6.1"}})";

// The listing's lines, without the numbers of steps.
std::vector<std::string> listing(const std::string& steps, Language language = Language::en) {
    const Scenario scenario = test::parsed(test::scenario_of(steps, ARM64));
    Result<Machine> machine = start_machine(scenario);
    std::vector<std::string> lines;
    RunOptions options;
    options.language = language;
    report_listing(scenario, std::move(*machine), options, [&](std::string_view line) {
        lines.emplace_back(line.substr(8, line.size() - 9)); // without the number and the line feed
    });
    return lines;
}

TEST(CText, EachOpOfProcessesHasARowThatNamesItsFields) {
    for (const ProcessOp& op : process_ops()) EXPECT_TRUE(has_c_text(*op.spec)) << op.spec->name;
    for (const HeapOp& op : heap_ops()) EXPECT_TRUE(has_c_text(*op.spec)) << op.spec->name;
    for (const CRow& row : c_rows()) {
        const std::optional<u16> kind = find_op(row.op);
        ASSERT_TRUE(kind) << row.op;
        const OpSpec& spec = op_spec(*kind);
        const bool by_pointer = row.text.find("{as}") != std::string_view::npos; // it stores what "as" names
        EXPECT_EQ(row.type.empty(), spec.makes == ResultKind::none || row.op == "execve" || by_pointer) << row.op;
        EXPECT_TRUE(row.unless.empty() || spec.field_index(row.unless) >= 0) << row.op;
        for (const std::string_view text : {row.text, row.other})
            for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
                if (text[at + 1] == ' ') continue; // C's own
                const std::string_view name = text.substr(at + 1, text.find_first_of("[}", at) - at - 1);
                if (name == "set" || name == "as") continue; // the flags that its fields set, its result
                EXPECT_GE(spec.field_index(name), 0) << row.op << " has no " << name;
            }
    }
}

TEST(ProgramListing, CallsAreWrittenAsInC) {
    const std::vector<std::string> lines = listing(
        R"({"op": "execve", "program": "/bin/p", "kind": "static", "as": "p"},
           {"op": "open", "path": "/lib/x", "size": 8192, "as": "fd"},
           {"op": "open", "path": "/dev/zero", "mode": "O_RDONLY"},
           {"op": "mmap", "process": "p", "size": "16KiB", "address": "0x10000000", "flags": "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED", "as": "a"},
           {"op": "mmap", "process": "p", "size": 5000, "prot": "PROT_READ", "flags": "MAP_SHARED", "file": "fd", "offset": 4096},
           {"op": "mprotect", "process": "p", "address": "a+0x1000", "size": "4KiB", "prot": "PROT_NONE"},
           {"op": "mlock", "process": "p", "address": "a", "size": 4096, "onfault": true},
           {"op": "madvise", "process": "p", "address": "a", "size": 4096, "advice": "MADV_DONTNEED"},
           {"op": "setrlimit", "process": "p", "resource": "RLIMIT_STACK", "size": "8MiB"},
           {"op": "setrlimit", "process": "p", "resource": "RLIMIT_AS"},
           {"op": "vm.overcommit_memory", "value": 2},
           {"op": "munmap", "process": "p", "address": "0x10002000", "size": 4096},
           {"op": "close", "file": "fd"},
           {"op": "exit", "process": "p"})");
    ASSERT_EQ(lines.size(), 14u);
    EXPECT_EQ(lines,
              (std::vector<std::string>{
                  "p  execve(\"/bin/p\", argv, envp);  // pid 300" + lines[0].substr(lines[0].find("300") + 3),
                  "   int fd = open(\"/lib/x\", O_RDWR); /* 8 << 10 bytes */",
                  "   open(\"/dev/zero\", O_RDONLY);",
                  "p  char *a = mmap((void *)0x10000000, 16 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | "
                  "MAP_ANONYMOUS, -1, 0);  // = 0x10000000",
                  lines[4],
                  "p  mprotect(a + 0x1000, 4 << 10, PROT_NONE);  // = 0",
                  "p  mlock2(a, 4 << 10, MLOCK_ONFAULT);  // = 0",
                  "p  madvise(a, 4 << 10, MADV_DONTNEED);  // -EINVAL",
                  "p  setrlimit(RLIMIT_STACK, &(struct rlimit){ 8 << 20 });  // = 0",
                  "p  setrlimit(RLIMIT_AS, &(struct rlimit){ RLIM_INFINITY });  // = 0",
                  "   sysctl(\"vm.overcommit_memory\", 2);",
                  "p  munmap((void *)0x10002000, 4 << 10);  // = 0",
                  "   close(fd);",
                  "p  exit(0);",
              }));
    EXPECT_EQ(lines[4].substr(0, lines[4].find("// ")), "p  mmap(NULL, 5000, PROT_READ, MAP_SHARED, fd, 4 << 10);  ");
}

TEST(ProgramListing, AccessesSayWhatFaultsAndSignalsTheyMet) {
    const std::vector<std::string> lines = listing(
        R"({"op": "transparent_hugepage.enabled", "value": "never"},
           {"op": "execve", "kind": "static", "as": "p"},
           {"op": "mmap", "process": "p", "size": "16KiB", "as": "a"},
           {"op": "user_write", "process": "p", "address": "a+0x1000", "value": 5},
           {"op": "user_read", "process": "p", "address": "a+0x1000"},
           {"op": "touch", "process": "p", "address": "a", "size": "16KiB", "value": 3},
           {"op": "touch", "process": "p", "address": "a+0x1000", "size": "8KiB", "write": false},
           {"op": "user_write", "process": "p", "address": "0x400000"},
           {"op": "user_read", "process": "p", "address": "0x0"},
           {"op": "mprotect", "process": "p", "address": "a", "size": "4KiB", "prot": "PROT_READ"},
           {"op": "user_write", "process": "p", "address": "a"},
           {"op": "fork", "process": "p", "as": "c"},
           {"op": "user_read", "process": "c", "address": "a"},
           {"op": "exit", "process": "c"},
           {"op": "user_read", "process": "c", "address": "a"})");
    const auto from = [&](std::size_t at) { return at < lines.size() ? lines[at] : std::string("missing"); };
    EXPECT_EQ(from(0), "   sysctl(\"transparent_hugepage.enabled\", \"never\");");
    EXPECT_EQ(from(3), "p  a[0x1000] = 5;  // minor fault");
    EXPECT_EQ(from(4), "p  x = a[0x1000];  // = 5, no fault");
    EXPECT_EQ(from(5), "p  for (i = 0; i < 16 << 10; i += PAGE_SIZE) a[i] = 3;  // 3 minor faults");
    EXPECT_EQ(from(6), "p  for (i = 0; i < 8 << 10; i += PAGE_SIZE) x = a[0x1000 + i];  // no fault");
    EXPECT_EQ(from(7), "p  *(char *)0x400000 = 1;  // SIGSEGV, SEGV_ACCERR");
    EXPECT_EQ(from(8), "p  x = *(char *)0x0;  // SIGSEGV, SEGV_MAPERR");
    EXPECT_EQ(from(10), "p  a[0] = 1;  // SIGSEGV, SEGV_ACCERR");
    EXPECT_EQ(from(11), "p  pid_t c = fork();  // pid 301");
    EXPECT_EQ(from(12), "c  x = a[0];  // = 3, minor fault");
    EXPECT_EQ(from(14), "c  x = a[0];  // no such process");
}

TEST(ProgramListing, TasksAndCallsOnFilesAreWrittenAsInC) {
    const std::vector<std::string> lines = listing(
        R"({"op": "execve", "kind": "static", "as": "p"},
           {"op": "clone", "process": "p", "as": "t"},
           {"op": "clone", "process": "p", "vm": false, "as": "u"},
           {"op": "vfork", "process": "p", "as": "v"},
           {"op": "user_read", "process": "p", "address": "0x400000"},
           {"op": "exit", "process": "v"},
           {"op": "kthread_create", "name": "kswapd0", "as": "k"},
           {"op": "schedule", "process": "k"},
           {"op": "schedule"},
           {"op": "open", "path": "/lib/x", "as": "fd"},
           {"op": "pwrite", "file": "fd", "offset": 4096, "value": 9},
           {"op": "fallocate", "file": "fd", "size": 4096},
           {"op": "personality", "process": "p", "compat_layout": true})");
    ASSERT_EQ(lines.size(), 13u);
    EXPECT_EQ(lines[1], "p  pid_t t = clone(fn, stack, CLONE_VM | CLONE_THREAD, NULL);  // pid 301");
    EXPECT_EQ(lines[2], "p  pid_t u = clone(fn, stack, CLONE_THREAD, NULL);  // -EINVAL");
    EXPECT_EQ(lines[3], "p  pid_t v = vfork();  // pid 302");
    EXPECT_EQ(lines[4], "p  x = *(char *)0x400000;  // waits in vfork()");
    EXPECT_EQ(lines[5], "v  exit(0);");
    EXPECT_EQ(lines[6], "k  struct task_struct *k = kthread_run(fn, NULL, \"kswapd0\");  // pid 303");
    EXPECT_EQ(lines[7], "k  schedule(); /* k */");
    EXPECT_EQ(lines[8], "   schedule(); /* idle */");
    EXPECT_EQ(lines[10], "   pwrite(fd, &(char){ 9 }, 1, 4 << 10);");
    EXPECT_EQ(lines[11], "   fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4 << 10);");
    EXPECT_EQ(lines[12], "p  personality(ADDR_COMPAT_LAYOUT);  // = 0");
}

TEST(ProgramListing, ARunIsALoopAndOtherOpsAreComments) {
    const std::vector<std::string> lines = listing(
        R"({"op": "execve", "as": "p"},
           {"repeat": {"count": 300, "steps": [{"op": "mmap", "process": "p", "size": 4096, "as": "m[]"},
                                               {"op": "user_write", "process": "p", "address": "0x1000"}]}},
           {"random": {"count": 50, "seed": 1}},
           {"op": "alloc_page", "as": "b"})",
        Language::zh);
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(lines[1],
              "p  for (i = 0; i < 300; i++) { m[i] = mmap(NULL, 4 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | "
              "MAP_ANONYMOUS, -1, 0); *(char *)0x1000 = 1; }");
    EXPECT_EQ(lines[2], "   random_ops(50);");
    EXPECT_EQ(lines[3], "   /* b = alloc_page(gfp=GFP_KERNEL) */");
}

TEST(ProgramListing, AForkIsDeeperThanItsParent) {
    const Scenario scenario = test::parsed(test::scenario_of(
        R"({"op": "execve", "as": "p"}, {"op": "mmap", "process": "p", "size": 4096, "as": "a"},
           {"op": "fork", "process": "p", "as": "c"},
           {"op": "fork", "process": "c", "as": "d"}, {"op": "execve", "as": "q"})",
        ARM64));
    const Result<Machine> machine = start_machine(scenario);
    const ProgramListing listing(scenario, scenario.ops);
    EXPECT_TRUE(listing.line(*machine, 1).texts[0].starts_with("char *a = mmap("));
    std::vector<u32> depths;
    for (const ProgramProcess& process : listing.processes()) depths.push_back(process.depth);
    EXPECT_EQ(depths, (std::vector<u32>{0, 1, 2, 0}));
    EXPECT_EQ(listing.line(*machine, 3).process, 1u) << "the child forks";
    EXPECT_TRUE(has_program(scenario.ops));
    EXPECT_FALSE(has_program(test::parsed(test::scenario_of(R"({"op": "alloc_page"})")).ops));
}

} // namespace
} // namespace mm
