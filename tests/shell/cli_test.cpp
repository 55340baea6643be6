// The command line as a person types it: exit codes, what goes to which stream, and the texts, against goldens.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cli/commands.h"
#include "golden_file.h"
#include "machine/proc_files.h"
#include "oracle/oracle.h"
#include "scenario/run_report.h"
#include "json/json.h"

namespace mm {

namespace {

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

// A stream that collects what is written to it.
class MemoryFile {
  public:
    MemoryFile() : file_(open_memstream(&text_, &size_)) {}
    ~MemoryFile() {
        std::fclose(file_);
        std::free(text_);
    }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    [[nodiscard]] std::FILE* file() const { return file_; }
    [[nodiscard]] std::string text() const {
        std::fflush(file_);
        return {text_, size_};
    }

  private:
    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* file_;
};

Outcome mmscope(const std::vector<std::string>& words) {
    const MemoryFile out, err;
    const int code = cli::run_command_line(words, cli::Console{out.file(), err.file()});
    return {code, out.text(), err.text()};
}

std::string lesson(const std::string& name) { return MMSCOPE_SOURCE_DIR "/scenarios/" + name + ".json"; }

std::string temporary_file(const std::string& text) {
    const std::string path = testing::TempDir() + "cli_test.json";
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

std::string scenario_with(const std::string& steps) {
    return temporary_file(
        R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "64MiB"}}, "steps": [)" + steps +
        "]}");
}

} // namespace

TEST(CommandLine, RunPrintsOpsWithWhatTheyReturned) {
    const Outcome run = mmscope({"run", lesson("08-misuse")});
    EXPECT_EQ(run.code, cli::EXIT_OK);
    EXPECT_EQ(run.err, "");
    test::expect_golden("cli/run-misuse.txt", run.out);
}

TEST(CommandLine, RunStopsAfterTheGivenOp) {
    const Outcome run = mmscope({"run", lesson("08-misuse"), "--until", "2"});
    EXPECT_EQ(run.out, "     1  alloc_page(gfp=GFP_KERNEL) as p -> 0x40c00\n     2  __free_pages(page=p)\n");
    EXPECT_EQ(mmscope({"run", lesson("08-misuse"), "--until", "0"}).out, "");
    const Outcome within = mmscope({"run", lesson("06-random"), "--until=50"});
    EXPECT_EQ(within.out.substr(within.out.rfind("\n ") + 1), "  3.48  48 of 98 ops: 48 done\n");
}

// Positions as links write them.
TEST(CommandLine, RunStopsAtAPositionAsPeopleCount) {
    const std::string file = lesson("31-kvmalloc");
    const auto last_line = [&](const std::string& at) {
        const Outcome run = mmscope({"run", file, "--at", at});
        EXPECT_EQ(run.code, cli::EXIT_OK) << run.err;
        return run.out.substr(run.out.rfind('\n', run.out.size() - 2) + 1);
    };
    EXPECT_EQ(mmscope({"run", file, "--at", "0"}).out, "");
    EXPECT_EQ(last_line("2"), "     2  2500 ops: 2500 done\n");
    EXPECT_EQ(last_line("2.17"), "  2.17  17 of 2500 ops: 17 done\n");
    EXPECT_TRUE(last_line("2.17.1").starts_with("2.17.1  alloc_page(gfp=GFP_KERNEL) as p[16]: event 1 of "));
    const Outcome events = mmscope({"run", file, "--at", "1.1.3", "--events"});
    EXPECT_EQ(std::count(events.out.begin(), events.out.end(), '\n'), 4) << "the op and three events\n" << events.out;
    const Result<JsonValue> json = parse_json(mmscope({"run", file, "--at=1.1.3", "--events", "--json"}).out);
    ASSERT_TRUE(json.ok());
    EXPECT_EQ(json->find("steps")->items[0].find("at")->string, "1.1.3");
    EXPECT_EQ(json->find("steps")->items[0].find("events")->items.size(), 3u);

    const Outcome beyond = mmscope({"run", file, "--at", "1.1.9999"});
    EXPECT_EQ(beyond.code, cli::EXIT_OK);
    // The op's own row tells how many there are: "1.1.1  …: event 1 of 12".
    const std::string first = mmscope({"run", file, "--at", "1.1.1"}).out;
    const std::string events_of_op = first.substr(first.rfind(' ') + 1, first.size() - first.rfind(' ') - 2);
    EXPECT_EQ(beyond.err, "mmscope run: --at 1.1.9999: op 1.1 has " + events_of_op + " events: 1.1.1 to 1.1." +
                              events_of_op + "\n");
    EXPECT_EQ(mmscope({"run", file, "--at", "1.1." + events_of_op}).err, "") << "the last one is there";
    EXPECT_EQ(beyond.out, mmscope({"run", file, "--at", "1"}).out);
    const std::pair<const char*, const char*> wrong[] = {
        {"10", "there are 9 steps: 1 to 9"},
        {"1.2", "step 1 has one op, 1.1; the events in it are 1.1.1, 1.1.2 and so on"},
        {"2.2501", "step 2 has 2500 ops: 2.1 to 2.2500"},
    };
    for (const auto& [at, why] : wrong) {
        const Outcome run = mmscope({"run", file, "--at", at});
        EXPECT_EQ(run.code, cli::EXIT_BAD_USAGE);
        EXPECT_EQ(run.err, "mmscope run: --at " + std::string(at) + ": " + why + "\n");
    }
    EXPECT_NE(mmscope({"run", file, "--at", "two"}).err.find("\"two\" is no position"), std::string::npos);
    EXPECT_EQ(mmscope({"run", file, "--at", "1", "--until", "1"}).code, cli::EXIT_BAD_USAGE);
}

TEST(CommandLine, CheckCountsThePressesOfALesson) {
    const Outcome counted = mmscope({"check", "--presses", lesson("31-kvmalloc"), lesson("38-kmap")});
    EXPECT_EQ(counted.code, cli::EXIT_OK) << counted.err;
    EXPECT_EQ(counted.out, "9  3956  " + lesson("31-kvmalloc") + "\n16  2067  " + lesson("38-kmap") + "\n");
    EXPECT_EQ(mmscope({"check", "--presses", "--hash", lesson("38-kmap")}).code, cli::EXIT_BAD_USAGE);
    EXPECT_EQ(mmscope({"check", "--presses", "no/such/file"}).code, cli::EXIT_BAD_INPUT);
}

TEST(CommandLine, RunTellsEventsInBothLanguages) {
    for (const std::string language : {"en", "zh"}) {
        const Outcome run = mmscope({"run", lesson("08-misuse"), "--until", "8", "--events", "--lang", language});
        EXPECT_EQ(run.code, cli::EXIT_OK);
        test::expect_golden("cli/run-events." + language + ".txt", run.out);
    }
}

TEST(CommandLine, RunPrintsProcFilesInstead) {
    const Outcome run = mmscope({"run", lesson("02-buddy"), "--until", "40", "--proc", "buddyinfo"});
    EXPECT_EQ(run.code, cli::EXIT_OK);
    // As recorded after the fortieth allocation.
    EXPECT_EQ(run.out, "Node 0, zone      DMA     16      5      4      4      2      3      0      5      7      4    "
                       "219 \n");
    const Outcome both = mmscope({"run", lesson("02-buddy"), "--proc", "pagetypeinfo", "--proc=zoneinfo"});
    EXPECT_TRUE(both.out.starts_with("Page block order: 9\n"));
    EXPECT_NE(both.out.find("\nNode 0, zone      DMA\n  per-node stats\n"), std::string::npos);
    EXPECT_TRUE(
        mmscope({"run", lesson("02-buddy"), "--proc", "slabinfo"}).out.starts_with("slabinfo - version: 2.1\n"));
}

// The kernel's log of the lesson of slub_debug, for each kernel. Each line was compared with what mm/slub.c of that kernel
// prints; what is left out stands in slab/slub_report.h.
TEST(CommandLine, RunPrintsTheKernelsLog) {
    const std::string text = test::read_file(lesson("26-slub-debug"));
    const std::size_t kernel = text.find("\"kernel\": \"6.1\"");
    ASSERT_NE(kernel, std::string::npos);
    for (const std::string version : {"5.10", "6.1", "6.12"}) {
        std::string other = text;
        other.replace(kernel, 15, "\"kernel\": \"" + version + "\"");
        const Outcome run = mmscope({"run", temporary_file(other), "--proc", "dmesg"});
        EXPECT_EQ(run.code, cli::EXIT_OK) << run.err;
        test::expect_golden("cli/dmesg-" + version + ".txt", run.out);
    }
    EXPECT_EQ(mmscope({"run", lesson("02-buddy"), "--proc", "dmesg"}).out, "");
    test::expect_golden("cli/dmesg-bad-page.txt", mmscope({"run", lesson("08-misuse"), "--proc", "dmesg"}).out);
    const Result<JsonValue> json = parse_json(mmscope({"run", lesson("08-misuse"), "--json", "--proc", "dmesg"}).out);
    ASSERT_TRUE(json.ok());
    EXPECT_TRUE(json->find("proc")->find("dmesg")->string.starts_with("["));
}

TEST(CommandLine, RunPrintsTheKernelsTraceLines) {
    const Outcome run = mmscope({"run", lesson("01-boot"), "--trace"});
    EXPECT_EQ(run.code, cli::EXIT_OK);
    test::expect_golden("cli/run-trace.txt", run.out);
}

// What stands in front of the lines, as recorded from /sys/kernel/tracing/trace of Debian's 5.10.0-32-arm64 and
// 6.1.0-56-arm64 (6.12.117 prints the same as 6.1): blanks, names and the column of the flags.
TEST(CommandLine, TraceLinesBeginAsEachKernelPrintsThem) {
    const std::string of_5_10 = "#                                _-----=> irqs-off\n"
                                "#                               / _----=> need-resched\n"
                                "#                              | / _---=> hardirq/softirq\n"
                                "#                              || / _--=> preempt-depth\n"
                                "#                              ||| /     delay\n"
                                "#           TASK-PID     CPU#  ||||   TIMESTAMP  FUNCTION\n"
                                "#              | |         |   ||||      |         |\n";
    const std::string of_6 = "#                                _-----=> irqs-off/BH-disabled\n"
                             "#                               / _----=> need-resched\n"
                             "#                              | / _---=> hardirq/softirq\n"
                             "#                              || / _--=> preempt-depth\n"
                             "#                              ||| / _-=> migrate-disable\n"
                             "#                              |||| /     delay\n"
                             "#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n"
                             "#              | |         |   |||||     |         |\n";
    for (const std::string version : {"5.10", "6.1", "6.12"}) {
        const std::string file = temporary_file(
            R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "64MiB", "cpus": 4, "kernel": ")" +
            version + R"("}}, "steps": [{"op": "alloc_pages", "order": 4}]})");
        const Outcome run = mmscope({"run", file, "--trace"});
        const std::string& columns = version == "5.10" ? of_5_10 : of_6;
        const std::size_t lines = static_cast<std::size_t>(std::count(run.out.begin(), run.out.end(), '\n')) - 12 +
                                  (version == "5.10" ? 1 : 0);
        EXPECT_GE(lines, 2u);
        const std::string header = "# tracer: nop\n#\n# entries-in-buffer/entries-written: " + std::to_string(lines) +
                                   "/" + std::to_string(lines) + "   #P:4\n#\n" + columns;
        EXPECT_TRUE(run.out.starts_with(header)) << run.out;
        const std::string flags = version == "5.10" ? "....  " : ".....  ";
        EXPECT_TRUE(run.out.substr(header.size()).starts_with("         mmscope-1       [000] " + flags)) << run.out;
    }
}

TEST(CommandLine, OutputThatCannotBeWrittenIsExitCodeFour) {
    std::FILE* full = std::fopen("/dev/full", "w");
    if (!full) GTEST_SKIP() << "this system has no /dev/full";
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"version"}, {"schema"}, {"run", lesson("08-misuse"), "--events"}}) {
        const MemoryFile err;
        EXPECT_EQ(cli::run_command_line(words, cli::Console{full, err.file()}), cli::EXIT_NOT_WRITTEN) << words[0];
        EXPECT_EQ(err.text(), "mmscope: the output cannot be written\n");
        std::clearerr(full);
    }
    std::fclose(full);
}

TEST(CommandLine, AFolderWithoutRecordingsIsExitCodeThree) {
    for (const char* command : {"oracle", "machine"}) {
        EXPECT_EQ(mmscope({command, "no/such/folder"}).code, cli::EXIT_BAD_INPUT);
        const Outcome none = mmscope({command, MMSCOPE_SOURCE_DIR "/engine"});
        EXPECT_EQ(none.code, cli::EXIT_BAD_INPUT);
        EXPECT_NE(none.err.find("holds no recordings"), std::string::npos) << none.err;
    }
}

// Recordings elsewhere, and a person who stands elsewhere: the list is found beside them or above, else its absence is told.
TEST(CommandLine, OracleSaysWhereItFindsNoKnownDifferences) {
    const std::string own = std::filesystem::absolute(MMSCOPE_SOURCE_DIR "/tests/oracle").lexically_normal().string();
    const std::string recorded = own + "/6.1.0-56-arm64-m128s1", list = own + "/known-differences.json";
    const std::filesystem::path stood = std::filesystem::current_path();
    const std::string away = testing::TempDir() + "oracle_away";
    std::filesystem::remove_all(away);
    std::filesystem::create_directories(away + "/recordings");
    std::filesystem::copy(recorded, away + "/recordings/6.1.0-56-arm64-m128s1",
                          std::filesystem::copy_options::recursive);
    std::filesystem::current_path(away);
    const std::string folder = "recordings/6.1.0-56-arm64-m128s1";
    const auto missing = [](const std::string& of) {
        return "mmscope oracle: known-differences.json is neither in " + of +
               " nor above it nor in tests/oracle: no difference is "
               "expected\n";
    };
    EXPECT_EQ(mmscope({"oracle", folder}).err, missing(folder));
    EXPECT_EQ(mmscope({"oracle", recorded}).err, "") << "above, in the project's own folder";
    for (const std::string& place : {folder, std::string("recordings")}) {
        std::filesystem::copy(list, place + "/known-differences.json");
        EXPECT_EQ(mmscope({"oracle", folder}).err, "") << place;
        std::filesystem::remove(place + "/known-differences.json");
    }
    std::filesystem::current_path(stood);
    std::filesystem::remove_all(away);
}

// The report of a real machine: its counter is 230 pages and more from its lists.
TEST(CommandLine, ACounterApartFromItsListsIsTold) {
    const std::string file = temporary_file(R"({"format": "mmscope/1", "title": "apart", "machine": {"profile": {
        "arch": "x86_64", "kernel": "6.1", "cpus": 4, "memory": [{"start": "0x1000000", "size": "1GiB", "node": 0}],
        "recorded": [{"zone": "0:DMA32", "start_pfn": "0x1000", "spanned_pages": 262144, "present_pages": 262144,
            "managed_pages": 262144, "watermark": [11000, 13750, 16500], "nr_free_pages": 11730,
            "free_lists": {"Movable": {"9": "1000+200*23", "3": "4000+10*23"}}, "block_types": "1000+512:Movable"}]}},
        "steps": [{"op": "alloc_page"}]})");
    // 23 blocks of 512 pages and 23 of 8.
    const std::string told =
        file + ": 0:DMA32: NR_FREE_PAGES says 11730 pages, the free lists hold 11960; the CPUs' counters explain ";
    for (const char* command : {"check", "run"}) {
        const Outcome outcome = mmscope({command, file});
        EXPECT_EQ(outcome.code, cli::EXIT_OK) << outcome.err;
        EXPECT_TRUE(outcome.err.starts_with(told)) << outcome.err;
    }
}

TEST(CommandLine, MachineTakesTheFoldersNameAsFarAsItIsLegal) {
    const std::string folder = MMSCOPE_SOURCE_DIR "/tests/oracle/6.12.117+deb12-arm64-m1024s1";
    const auto name_of = [](const Outcome& made) {
        EXPECT_EQ(made.code, cli::EXIT_OK) << made.err;
        const auto profile = parse_machine(made.out);
        return profile ? profile->name : profile.error().text();
    };
    EXPECT_EQ(name_of(mmscope({"machine", folder})), "6.12.117-deb12-arm64-m1024s1");
    EXPECT_EQ(name_of(mmscope({"machine", folder, "--name", "mine"})), "mine");
    const Outcome wrong = mmscope({"machine", folder, "--name", "a+b"});
    EXPECT_EQ(wrong.code, cli::EXIT_BAD_USAGE);
    EXPECT_TRUE(wrong.err.starts_with("mmscope machine: --name \"a+b\" is no name: ")) << wrong.err;
}

// A dump of which one line is wrong: its file would be read, and not be a machine.
TEST(CommandLine, MachinePrintsNoFileThatDoesNotLoad) {
    const std::string recorded = MMSCOPE_SOURCE_DIR "/tests/oracle/6.1.0-56-arm64-m1024s1";
    const std::string damaged = testing::TempDir() + "damaged-m1024s1";
    std::filesystem::remove_all(damaged);
    std::filesystem::copy(recorded, damaged);
    std::filesystem::remove(damaged + "/mod-00-state.txt.gz");
    const std::string dump = open_recordings(recorded)->front().text("mod-00-state.txt");
    const auto made_with = [&](const std::string& from, const std::string& to) {
        std::string text = dump;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        std::ofstream(damaged + "/mod-00-state.txt") << text.replace(at, from.size(), to);
        return mmscope({"machine", damaged, "--name", "m"});
    };
    EXPECT_EQ(made_with("o=1 mt=1: 41b20 7986a", "o=1 mt=1: 41b20 7986a").code, cli::EXIT_OK);
    const std::pair<const char*, const char*> damages[] = {
        {"o=1 mt=1: 41b20 41b20", "recorded[0].free_lists.Movable.1: 0x41b20 stands on two lists"},
        {"o=1 mt=1: 41b21 7986a", "recorded[0].free_lists.Movable.1: 0x41b21 is not aligned to a block of order 1"},
        {"o=1 mt=1: 1b20 7986a", "recorded[0].free_lists.Movable.1: 0x1b20 with order 1 leaves zone DMA"},
    };
    for (const auto& [line, why] : damages) {
        const Outcome made = made_with("o=1 mt=1: 41b20 7986a", line);
        EXPECT_EQ(made.code, cli::EXIT_BAD_INPUT) << line;
        EXPECT_EQ(made.out, "") << line;
        EXPECT_EQ(made.err, "mmscope machine: damaged-m1024s1 gives no machine: " + std::string(why) + "\n");
    }
    std::filesystem::remove_all(damaged);
}

TEST(CommandLine, AMachineWithoutAStateBootsToTheRecordedWatermarks) {
    const std::string folder = MMSCOPE_SOURCE_DIR "/tests/oracle/6.1.0-56-arm64-m128s1";
    const Outcome made = mmscope({"machine", folder, "--script", "none"});
    ASSERT_EQ(made.code, cli::EXIT_OK) << made.err;
    const auto profile = parse_machine(made.out);
    ASSERT_TRUE(profile.ok());
    EXPECT_EQ(profile->sysctl.min_free_kbytes, 1081); // static-sysctl-vm.txt
    const auto machine = make_machine(*profile);
    ASSERT_TRUE(machine.ok());
    EXPECT_EQ(machine->physical.zones[0].watermark, (std::array<u32, NR_WMARK>{270, 337, 404})); // static-zoneinfo.txt
}

TEST(CommandLine, RunPrintsOneJsonObject) {
    const Outcome run = mmscope({"run", lesson("08-misuse"), "--json", "--events", "--proc", "buddyinfo"});
    EXPECT_EQ(run.code, cli::EXIT_OK);
    const Result<JsonValue> json = parse_json(run.out);
    ASSERT_TRUE(json.ok()) << json.error().text();
    EXPECT_EQ(json->find("scenario")->string, "08-misuse");
    EXPECT_EQ(json->find("ops")->integer, 32);
    EXPECT_EQ(json->find("hash")->string.size(), 16u);
    EXPECT_TRUE(json->find("proc")->find("buddyinfo")->string.starts_with("Node 0, zone      DMA"));
    const JsonValue& steps = *json->find("steps");
    ASSERT_EQ(steps.items.size(), 32u);
    EXPECT_EQ(steps.items[0].find("pfn")->string, "0x40c00");
    EXPECT_EQ(steps.items[0].find("events")->items[0].find("name")->string, "alloc_request");
    EXPECT_EQ(steps.items[0].find("events")->items[0].find("path")->items[0].string, "alloc_pages");
    const Outcome short_form = mmscope({"run", lesson("08-misuse"), "--json", "--until", "1"});
    const Result<JsonValue> counted = parse_json(short_form.out);
    ASSERT_TRUE(counted.ok()) << counted.error().text();
    EXPECT_GT(counted->find("steps")->items[0].find("events")->integer, 5);
}

TEST(CommandLine, AFileThatDoesNotLoadIsExitCodeThree) {
    const Outcome missing = mmscope({"run", "no/such/file.json"});
    EXPECT_EQ(missing.code, cli::EXIT_BAD_INPUT);
    EXPECT_EQ(missing.err, "no/such/file.json: cannot be read: No such file or directory\n");
    const std::string file = scenario_with(R"({"op": "alloc_pages", "order": 12})");
    for (const char* command : {"run", "check"}) {
        const Outcome broken = mmscope({command, file});
        EXPECT_EQ(broken.code, cli::EXIT_BAD_INPUT);
        EXPECT_EQ(broken.out, "");
        EXPECT_EQ(broken.err, file + ": line 1, column 125: steps[0].order: 12 is above MAX_ORDER 10\n");
    }
}

// Names of fields, of files and of what was typed: a person sees them, the terminal does not obey them.
TEST(CommandLine, TextOutOfFilesCannotSteerTheTerminal) {
    const Outcome field = mmscope({"check", scenario_with("{\"op\": \"alloc_page\", \"\u202enote\u200b\": 1}")});
    EXPECT_EQ(field.code, cli::EXIT_BAD_INPUT);
    EXPECT_NE(field.err.find("steps[0].\\u202enote\\u200b: no such field (did you mean \"note\"?)"), std::string::npos)
        << field.err;
    const Outcome asked = mmscope({"run", lesson("08-misuse"), "--lang", "\x1b[31m\u009b\xff"});
    EXPECT_EQ(asked.err.find('\x1b'), std::string::npos);
    EXPECT_NE(asked.err.find("found \"\\u001b[31m\\u009b\\xff\""), std::string::npos) << asked.err;
    EXPECT_NE(mmscope({"check", "no\u2066such"}).err.find("no\\u2066such: cannot be read"), std::string::npos);
    // A question's own words, which the file gives, on the way to standard output.
    const Outcome question = mmscope(
        {"run", scenario_with("{\"op\": \"alloc_page\", \"as\": \"a\", \"question\": {\"text\": \"wh\u202eich?\", "
                              "\"ask\": \"page\"}}")});
    EXPECT_NE(question.out.find("wh\\u202eich?"), std::string::npos) << question.out;
    // In JSON the escape is the character itself.
    const Outcome json = mmscope({"run",
                                  temporary_file("{\"format\": \"mmscope/1\", \"title\": \"t\u200d\u202e\", "
                                                 "\"machine\": {\"profile\": {\"memory\": \"64MiB\"}}, \"steps\": []}"),
                                  "--json"});
    EXPECT_NE(json.out.find("\"title\":\"t\\u200d\\u202e\""), std::string::npos) << json.out;
}

// One message is one line, whatever was typed or is the name of a file.
TEST(CommandLine, AMessageStaysOnItsLine) {
    const std::string file = "no\nsuch: all holds\tfile.json";
    const std::string shown = "no\\u000asuch: all holds\\u0009file.json";
    for (const std::string command : {"run", "check"}) {
        const Outcome missing = mmscope({command, file});
        EXPECT_EQ(missing.err, shown + ": cannot be read: No such file or directory\n");
    }
    EXPECT_EQ(mmscope({"read", "buddyinfo", file}).err,
              "mmscope read: " + shown + ": cannot be read: No such file or directory\n");
    for (const std::string command : {"oracle", "machine"})
        EXPECT_EQ(mmscope({command, file}).err, "mmscope " + command + ": " + shown + " is not a folder\n");
    const auto first_line = [](const Outcome& outcome) { return outcome.err.substr(0, outcome.err.find('\n')); };
    EXPECT_EQ(first_line(mmscope({"r\nun"})), "mmscope: there is no command \"r\\u000aun\"; see mmscope help");
    EXPECT_EQ(first_line(mmscope({"run", "a", "--lang", "e\nn"})),
              "mmscope run: --lang is en or zh, found \"e\\u000an\"");
    EXPECT_EQ(first_line(mmscope({"run", "a", "--o\nk"})), "mmscope run: there is no option --o\\u000ak");
    EXPECT_EQ(first_line(mmscope({"run", "a", "--until", "1\n"})),
              "mmscope run: --until needs a number, found \"1\\u000a\"");
}

TEST(CommandLine, CheckIsQuietWhenAllHolds) {
    const Outcome good = mmscope({"check", lesson("02-buddy"), lesson("08-misuse")});
    EXPECT_EQ(good.code, cli::EXIT_OK);
    EXPECT_EQ(good.out + good.err, "");
}

TEST(CommandLine, CheckTellsWhatDoesNotHold) {
    const std::string file = scenario_with(R"({"op": "drain_all_pages", "expect": {"outcome": "refused"}})");
    const Outcome failed = mmscope({"check", lesson("08-misuse"), file});
    EXPECT_EQ(failed.code, cli::EXIT_CHECK_FAILED);
    EXPECT_EQ(failed.err, file + ": line 1, column 142: steps[0].expect.outcome: is done, expected refused\n");
    EXPECT_EQ(mmscope({"check", file, "no/such/file.json"}).code, cli::EXIT_BAD_INPUT);
}

TEST(CommandLine, CheckPrintsHashesThatRunPrintsToo) {
    const Outcome check = mmscope({"check", "--hash", lesson("08-misuse")});
    ASSERT_EQ(check.out.substr(16), "  " + lesson("08-misuse") + "\n");
    const Outcome run = mmscope({"run", "--json", lesson("08-misuse")});
    EXPECT_NE(run.out.find("\"hash\":\"" + check.out.substr(0, 16) + "\""), std::string::npos);
}

TEST(CommandLine, WrongUsageIsExitCodeTwoAndSaysHowItGoes) {
    const auto error_of = [](const std::vector<std::string>& words) {
        const Outcome outcome = mmscope(words);
        EXPECT_EQ(outcome.code, cli::EXIT_BAD_USAGE);
        EXPECT_EQ(outcome.out, "");
        return outcome.err.substr(0, outcome.err.find('\n'));
    };
    EXPECT_EQ(error_of({}), "mmscope: steps through the page allocator of Linux");
    EXPECT_EQ(error_of({"rnu"}), "mmscope: there is no command \"rnu\"; see mmscope help");
    EXPECT_EQ(error_of({"run"}), "mmscope run: expected one scenario file, found 0");
    EXPECT_EQ(error_of({"run", "a", "b"}), "mmscope run: expected one scenario file, found 2");
    EXPECT_EQ(error_of({"run", "a", "--untl", "3"}), "mmscope run: there is no option --untl");
    EXPECT_EQ(error_of({"run", "a", "--until"}), "mmscope run: --until needs a value behind it");
    EXPECT_EQ(error_of({"run", "a", "--until", "x"}), "mmscope run: --until needs a number, found \"x\"");
    EXPECT_EQ(error_of({"run", "a", "--until", "99999999999999999999"}),
              "mmscope run: --until is too large a number: 99999999999999999999 does not fit in 64 bits");
    EXPECT_EQ(error_of({"run", "a", "--lang", "de"}), "mmscope run: --lang is en or zh, found \"de\"");
    EXPECT_EQ(error_of({"run", "a", "--proc", "swaps"}),
              "mmscope run: there is no /proc/swaps; expected buddyinfo, zoneinfo, pagetypeinfo, memblock/memory, "
              "memblock/reserved, slabinfo, vmallocinfo, meminfo, maps, smaps, smaps_rollup, status, statm, "
              "numa_maps, pagemap or dmesg");
    EXPECT_EQ(error_of({"run", "a", "--trace", "--json"}), "mmscope run: --trace and --json exclude each other");
    EXPECT_EQ(error_of({"run", "a", "--listing", "--events"}),
              "mmscope run: --listing and --events exclude each other");
    EXPECT_EQ(error_of({"check"}), "mmscope check: expected scenario files");
    EXPECT_EQ(error_of({"ops", "--json", "--markdown"}), "mmscope ops: --markdown and --json exclude each other");
    EXPECT_EQ(error_of({"address", "c0000000", "--page-size", "3"}),
              "mmscope address: --page-size is 4096, 16384 or 65536, found 3");
    EXPECT_EQ(error_of({"address", "c0000000", "--page-size", "4294971392"}),
              "mmscope address: --page-size is 4096, 16384 or 65536, found 4294971392");
    EXPECT_EQ(error_of({"schema", "x"}), "mmscope schema: schema takes no arguments");
    EXPECT_EQ(error_of({"help", "rnu"}), "mmscope: there is no command \"rnu\"; see mmscope help");
}

TEST(CommandLine, ReadTellsAboutBuddyinfoAndFillsAMachineWithIt) {
    const std::string folder = testing::TempDir();
    const std::string path = folder + "/buddyinfo.txt", machine = folder + "/machine.json";
    const auto write = [](const std::string& file, const std::string& text) { std::ofstream(file) << text; };
    write(path, "Node 0, zone DMA 1 0 0 0 0 0 0 0 0 0 2\n");
    write(machine, R"({"format": "mmscope-machine/1", "profile": {"memory": [{"start": "1GiB", "size": "16MiB"}]}})");
    const Outcome told = mmscope({"read", "buddyinfo", path});
    EXPECT_EQ(told.code, 0);
    EXPECT_TRUE(
        told.out.starts_with("Node 0, zone DMA: 2049 pages free, 8196 KiB, in 3 blocks, the largest of order 10\n"))
        << told.out;
    EXPECT_TRUE(mm::parse_machine(mmscope({"read", "buddyinfo", path, "--machine", machine}).out).ok());
    write(path, "Node 0, zone DMA 1 0 0 0 0 0 0 0 0 0 5\n");
    const Outcome misfit = mmscope({"read", "buddyinfo", path, "--machine", machine});
    EXPECT_EQ(misfit.code, 3);
    EXPECT_EQ(misfit.err, "mmscope read: " + path +
                              ": node 0, zone DMA has 5121 free pages here; the zone of this machine manages 4096\n");
    write(path, "Node 0, zone DMA 1\nNode 0, zone DMA32 x\n");
    const Outcome wrong = mmscope({"read", "buddyinfo", path});
    EXPECT_EQ(wrong.code, 3);
    EXPECT_NE(wrong.err.find("line 2, column 20"), std::string::npos) << wrong.err;
    EXPECT_EQ(mmscope({"read", "meminfo", path}).code, 2);
}

// A new file of /proc shows in the help by itself; the overview of the project has to be told.
TEST(CommandLine, EveryProcFileIsInTheHelpInTheReadmeAndPrints) {
    const std::string help = mmscope({"help", "run"}).out, readme = test::read_file("README.md");
    const std::string with_process = temporary_file(
        R"({"format": "mmscope/1", "title": "t", "machine": {"profile": {"memory": "64MiB"}}, "steps": [
            {"op": "execve", "as": "p"}, {"op": "vmalloc", "size": 8192, "as": "v"}]})");
    for (const std::string_view name : mm::proc_file_names()) {
        EXPECT_NE(help.find(" " + std::string(name)), std::string::npos) << name;
        const std::string quoted = std::string(name) + "`";
        EXPECT_TRUE(readme.find("`/proc/" + quoted) != std::string::npos ||
                    readme.find("`" + quoted) != std::string::npos)
            << name;
        EXPECT_FALSE(mmscope({"run", with_process, "--proc", std::string(name)}).out.empty()) << name;
    }
    EXPECT_NE(
        help.find(
            "  --proc NAME   prints /proc/NAME at the end instead: buddyinfo, zoneinfo, pagetypeinfo, "
            "memblock/memory,\n"
            "                memblock/reserved, slabinfo, vmallocinfo, meminfo, maps, smaps, smaps_rollup, status, "
            "statm,\n"
            "                numa_maps or pagemap; dmesg for what the kernel has printed: bad pages, damaged "
            "objects, leaks\n"),
        std::string::npos)
        << help;
}

TEST(CommandLine, EveryCommandHasHelpThatNamesTheExitCodes) {
    for (const cli::Command& command : cli::commands()) {
        const Outcome help = mmscope({"help", std::string(command.name)});
        EXPECT_EQ(help.code, cli::EXIT_OK);
        EXPECT_TRUE(help.out.starts_with("usage: mmscope " + std::string(command.name))) << help.out;
        EXPECT_NE(help.out.find("Exit codes: 0 "), std::string::npos) << help.out;
    }
    EXPECT_EQ(mmscope({"run", "--help"}).out, mmscope({"help", "run"}).out);
    EXPECT_EQ(mmscope({"--help"}).out, mmscope({"help"}).out);
    EXPECT_EQ(mmscope({"--version"}).out, mmscope({"version"}).out);
}

// Each option that the details tell about stands in the line of usage.
TEST(CommandLine, UsageNamesEveryOption) {
    for (const cli::Command& command : cli::commands()) {
        std::istringstream details{std::string(command.details)};
        for (std::string line; std::getline(details, line);) {
            if (!line.starts_with("  --")) continue;
            const std::string option = line.substr(2, line.find(' ', 2) - 2);
            EXPECT_NE(command.arguments.find(option), std::string_view::npos) << command.name << " " << option;
        }
    }
}

TEST(CommandLine, OpsListsTheTable) {
    test::expect_golden("cli/ops.txt", mmscope({"ops"}).out);
    EXPECT_TRUE(parse_json(mmscope({"ops", "--json"}).out).ok());
    EXPECT_TRUE(parse_json(mmscope({"schema"}).out).ok());
}

} // namespace mm
