#include "oracle/oracle.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#ifndef __EMSCRIPTEN__
#include <sys/stat.h>
#endif

namespace mm {
namespace {

const std::string RECORDINGS = std::string(MMSCOPE_SOURCE_DIR) + "/tests/oracle";

std::vector<KnownDifference> known_differences() {
    const auto text = read_text_file(RECORDINGS + "/known-differences.json", 1u << 20);
    EXPECT_TRUE(text.ok());
    auto known = parse_known_differences(*text);
    EXPECT_TRUE(known.ok()) << known.error().text();
    return std::move(*known);
}

// One recorded machine, or those of its files whose names contain `part`.
RecordingFolder recorded(const std::string& machine, const std::string& part = "") {
    auto folders = open_recordings(RECORDINGS + "/" + machine);
    EXPECT_TRUE(folders.ok()) << folders.error().text();
    RecordingFolder folder = std::move(folders->front());
    std::erase_if(folder.files, [&](const std::string& file) {
        return !file.starts_with("static-") && file.find(part) == std::string::npos;
    });
    return folder;
}

class RecordedMachines : public testing::TestWithParam<std::string> {};

TEST_P(RecordedMachines, ReplayEqualButForKnownDifferences) {
    const OracleReport report = compare_recordings({recorded(GetParam())}, known_differences());
    EXPECT_TRUE(report.all_explained()) << report_text(report, 5);
    EXPECT_GT(report.total().compared, 100u);
}

// No file goes missing: each is compared, or listed with its kind.
TEST_P(RecordedMachines, EveryFileIsComparedOrListed) {
    const RecordingFolder folder = recorded(GetParam());
    const OracleReport report = compare_recordings({folder}, known_differences());
    std::vector<std::string> told;
    for (const FileReport& file : report.files) told.push_back(file.file);
    for (const FilesNotCompared& row : report.files_not_compared) {
        EXPECT_EQ(row.machine, GetParam());
        EXPECT_FALSE(row.why->en.empty() || row.why->zh.empty());
        told.insert(told.end(), row.files.begin(), row.files.end());
    }
    std::sort(told.begin(), told.end());
    EXPECT_EQ(told, folder.files);
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
    std::string name = info.param;
    for (char& c : name)
        if (!isalnum(static_cast<unsigned char>(c))) c = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, RecordedMachines,
                         testing::Values("5.10.0-32-amd64-m1024s1", "5.10.0-32-arm64-m1024s1",
                                         "5.10.0-32-arm64-m4096s4n2", "6.1.0-50-686-m1024s1", "6.1.0-56-amd64-m1024s1",
                                         "6.1.0-56-amd64-m4096s4n2", "6.1.0-56-amd64-m8192s2",
                                         "6.1.0-56-amd64-m8192s4n2", "6.12.117+deb12-amd64-m1024s1",
                                         "6.1.0-56-arm64-m1024s1", "6.1.0-56-arm64-m128s1", "6.1.0-56-arm64-m4096s4n2",
                                         "6.1.0-56-arm64-m8192s2", "6.12.117+deb12-arm64-m1024s1",
                                         "6.12.117+deb12-arm64-m1024s1-cpumax", "6.12.117+deb12-arm64-m4096s4n2"),
                         test_name);

// The recording with one text put in the place of another, once.
RecordingFolder changed(RecordingFolder folder, const std::string& file, const std::string& from,
                        const std::string& to) {
    EXPECT_TRUE(folder.has(file));
    auto read = folder.read;
    folder.read = [=](const std::string& name) {
        auto text = read(name);
        if (name != file || !text) return text;
        const std::size_t at = text->find(from);
        EXPECT_NE(at, std::string::npos) << from;
        if (at != std::string::npos) text->replace(at, from.size(), to);
        return text;
    };
    return folder;
}

// The exact comparisons must see any single change: a table of all equal is worth as much as this.
TEST(Oracle, SeesAnotherPfn) {
    const auto folder = changed(recorded("6.1.0-56-arm64-m1024s1", "smp1-10"), "mod-smp1-10-buddy-orders.txt",
                                "-> pfn=45500 ", "-> pfn=45540 ");
    const OracleReport report = compare_recordings({folder}, known_differences());
    EXPECT_EQ(report.total().different(), 1u);
    EXPECT_NE(report_text(report).find("page.pfn: line 71"), std::string::npos) << report_text(report);
}

TEST(Oracle, SeesAnotherCounterListOrBlockType) {
    const std::string file = "mod-smp1-10-buddy-orders.txt";
    const std::pair<std::string, std::string> changes[] = {
        {"nr=18,8,5,9,4,6,2,8,7,5,218", "nr=18,8,5,9,4,6,2,8,7,6,218"},
        {"free=229118", "free=229119"},
        {"pcp=1035/1219/63", "pcp=1036/1219/63"},
        {"gfp=2800 -> pfn=46000 zone=0:DMA pbtype=0", "gfp=2800 -> pfn=46000 zone=0:DMA pbtype=1"},
        {"l12:45c00(1)", "l12:45a00(1)"},
    };
    for (const auto& [from, to] : changes) {
        const OracleReport report = compare_recordings(
            {changed(recorded("6.1.0-56-arm64-m1024s1", "smp1-10"), file, from, to)}, known_differences());
        EXPECT_EQ(report.total().different(), 1u) << from << "\n" << report_text(report);
    }
}

TEST(Oracle, SeesAnotherWatermark) {
    const auto folder =
        changed(recorded("6.1.0-56-arm64-m128s1", "wm-scale"), "wm-scale.txt", "low      ", "low      1");
    EXPECT_EQ(compare_recordings({folder}, known_differences()).total().different(), 1u);
}

TEST(Oracle, SeesAnotherMapping) {
    const std::pair<std::string, std::string> changes[] = {
        {"E 1 page rw (fits in hole): mmap(0, 1000, prot=3, flags=22, fd=-1, off=0) = fffff7ff7000",
         "E 1 page rw (fits in hole): mmap(0, 1000, prot=3, flags=22, fd=-1, off=0) = fffff7ff6000"},
        {"mprotect(10000001, 1000, 3) = EINVAL", "mprotect(10000001, 1000, 3) = EACCES"},
        {"access r 23000000 -> SIGSEGV SEGV_ACCERR", "access r 23000000 -> SIGSEGV SEGV_MAPERR"},
        {"fffff7ff6000-fffff7ff8000 ---p", "fffff7ff6000-fffff7ff8000 r--p"},
        {"total_vm=315", "total_vm=316"},
        {"VMA 20000000-20002000 flags=100073 pgoff=20000", "VMA 20000000-20002000 flags=100073 pgoff=20001"},
    };
    for (const auto& [from, to] : changes) {
        const OracleReport report =
            compare_recordings({changed(recorded("6.1.0-56-arm64-m1024s1", "user-vma.txt"), "user-vma.txt", from, to)},
                               known_differences());
        EXPECT_EQ(report.total().different(), 1u) << from << "\n" << report_text(report);
    }
}

TEST(Oracle, SeesAnotherFaultPageOrCount) {
    struct Change {
        std::string file, from, to;
    };
    const Change changes[] = {
        {"user-fault.txt", "access w 40000000 -> ok minflt+1", "access w 40000000 -> ok minflt+0"},
        {"user-fault.txt", "pagemap=8100000000041d42", "pagemap=8000000000041d42"},
        {"user-fault.txt", "pfn=41d42 count=1", "pfn=41d42 count=2"},
        {"user-fault.txt", "pfn=41d43 count=1 flags=UPTODATE,LRU,MMAP,ANON",
         "pfn=41d43 count=1 flags=UPTODATE,LRU,MMAP"},
        {"user-fault.txt", "VmPTE after touch=36 kB", "VmPTE after touch=40 kB"},
        {"user-fault.txt", "Rss:                  48 kB", "Rss:                  44 kB"},
        {"user-fault.txt", "16 pages mapped, from 16 to 31", "16 pages mapped, from 17 to 32"},
        {"user-fault.txt", "vec=00100000", "vec=00110000"},
        {"user-proc.txt", "mapcounts after a write of page d 40000000: 4 4 4 1",
         "mapcounts after a write of page d 40000000: 4 4 4 4"},
        {"user-proc.txt", "where child shared 42000000: - - - - - - - -",
         "where child shared 42000000: P - - - - - - -"},
        {"user-proc.txt", "write again: pgreuse+1 nr_dirty+1", "write again: pgreuse+1 nr_dirty+2"},
        {"user-proc.txt", "msync((void *)A, PS, MS_SYNC | MS_INVALIDATE) = EBUSY",
         "msync((void *)A, PS, MS_SYNC | MS_INVALIDATE) = 0"},
        {"user-proc.txt", "page 6 40006000: L3=0060000043958fc3", "page 6 40006000: L3=00e0000043958fc3"},
        {"user-proc.txt", "Private_Clean:28 Private_Dirty:4", "Private_Clean:24 Private_Dirty:4"},
        {"user-proc.txt", "private copy of 3=5a", "private copy of 3=5b"},
        {"user-proc.txt", "shared=51 private=5a", "shared=51 private=51"},
        {"user-proc.txt", "locked mlock(a+100, 1): VmLck=16", "locked mlock(a+100, 1): VmLck=12"},
        {"user-proc.txt", "rw-p 00000000 00:00 0  VmFlags: rd wr mr mw me lo ac ",
         "rw-p 00000000 00:00 0  VmFlags: rd wr mr mw me ac "},
        {"user-proc.txt", "anon r: minflt+8", "anon r: minflt+1"},
        {"user-proc.txt", "madvise(40002000, 3000, FREE) = EINVAL", "madvise(40002000, 3000, FREE) = 0"},
        {"user-proc.txt", "ffffbfefd000-ffffbfeff000 r--p 00000000 00:00 0                          [vvar]",
         "ffffbfefc000-ffffbfefe000 r--p 00000000 00:00 0                          [vvar]"},
        {"user-proc.txt", "mmap_base=ffffbff00000", "mmap_base=ffffbfe00000"},
        {"user-proc.txt", "pwrite to a shared read-only mapping = -1 errno5",
         "pwrite to a shared read-only mapping = 1"},
        {"user-forkrand-11.txt", "9 p0 w 8 = 21 -> 0 minflt+1", "9 p0 w 8 = 21 -> 0 minflt+0"},
        {"user-forkrand-11.txt", "Rss:4 Pss:4 Private_Dirty:4", "Rss:4 Pss:2 Private_Dirty:4"},
        {"user-forkrand-11.txt", "r 3 -> 0 value=9", "r 3 -> 0 value=8"},
        {"user-forkrand-11.txt", "FREE 30+1 -> EINVAL", "FREE 30+1 -> 0"},
        {"user-forkrand-11.txt", "  p0 A: - - - 0 - - z - - ", "  p0 A: - - - 0 - - 0 - - "},
    };
    for (const Change& change : changes) {
        const auto folder =
            changed(recorded("6.1.0-56-arm64-m1024s1", change.file), change.file, change.from, change.to);
        const OracleReport report = compare_recordings({folder}, known_differences());
        EXPECT_EQ(report.total().different(), 1u) << change.from << "\n" << report_text(report, 5);
    }
}

// Frames that were one are two, and the other way round; an entry with another bit.
TEST(Oracle, SeesAnotherFrameOrEntry) {
    const std::pair<std::string, std::string> changes[] = {
        {"page parent 2 after write 40002000: pagemap=8100000000041e71",
         "page parent 2 after write 40002000: pagemap=8100000000041d47"},
        {"page parent 0 after write 40000000: pagemap=8100000000041d45",
         "page parent 0 after write 40000000: pagemap=8100000000041d44"},
        {"idx=0 raw=00e0000041d45fc3", "idx=0 raw=00e8000041d45fc3"},
    };
    for (const auto& [from, to] : changes) {
        const auto folder = changed(recorded("6.1.0-56-arm64-m1024s1", "user-fault"), "user-fault.txt", from, to);
        EXPECT_GE(compare_recordings({folder}, known_differences()).total().different(), 1u) << from;
    }
}

// The same files for three kernels and two architectures.
TEST(Oracle, SituationsOfTheKernelsOwnTestsEndAsRecorded) {
    const auto folders = open_recordings(RECORDINGS + "/kernel-tests");
    ASSERT_TRUE(folders.ok()) << folders.error().text();
    const OracleReport report = compare_recordings(*folders, known_differences());
    EXPECT_TRUE(report.all_explained()) << report_text(report, 5);
    ASSERT_EQ(report.files.size(), 12u);
    for (const FileReport& file : report.files)
        EXPECT_GT(file.total().compared, file.file == "fault.json" ? 450u : 900u) << file.machine << file.kernel;
}

TEST(Oracle, GoesOnAtTheNextDumpAfterADifference) {
    const auto folder =
        changed(recorded("6.1.0-56-arm64-m1024s1", "smp1-11"), "mod-smp1-11-buddy-split-merge-order4.txt",
                "3 a slot=100 order=4 gfp=2800 -> pfn=", "3 a slot=100 order=4 gfp=2800 -> pfn=7");
    const OracleReport report = compare_recordings({folder}, known_differences());
    EXPECT_EQ(report.total().different(), 1u) << report_text(report, 5);
    const auto file = std::find_if(report.files.begin(), report.files.end(),
                                   [](const FileReport& f) { return f.file.starts_with("mod-"); });
    ASSERT_NE(file, report.files.end());
    EXPECT_GT(file->total().equal, 500u);
    EXPECT_GT(file->not_compared.at("after a difference"), 10u);
}

// What the recording tells about pages of per-CPU lists decides where they go: without it, the exact comparison fails.
TEST(Oracle, ARememberedTypeThatIsLeftOutIsSeen) {
    const std::string machine = "6.1.0-56-amd64-m1024s1", file = "mod-smp1-16-exhaust.txt";
    const RecordingFolder whole = recorded(machine, "smp1-16");
    EXPECT_EQ(compare_recordings({whole}, known_differences()).total().different(), 0u);
    const auto folder = changed(whole, file, "420e:1 420c:1 420d:1", "420e:1");
    const OracleReport report = compare_recordings({folder}, known_differences());
    EXPECT_GE(report.total().different(), 1u);
    EXPECT_NE(report_text(report, 50).find("dump.pcp_remembered"), std::string::npos) << report_text(report, 50);
}

TEST(Oracle, TheStepOfSlubsTidIsSeen) {
    const auto folder = changed(recorded("6.1.0-56-amd64-m1024s1", "mod-40"), "mod-40-slub-256-ordered.txt",
                                "tid=344064", "tid=344065");
    EXPECT_EQ(compare_recordings({folder}, known_differences()).total().different(), 1u);
}

TEST(Oracle, LinesThatCannotBeReadAreDifferences) {
    const auto folder = changed(recorded("6.1.0-56-arm64-m1024s1", "smp1-10"), "mod-smp1-10-buddy-orders.txt",
                                "13 a slot=10 order=0", "13 a slot=10 order=zero");
    EXPECT_GE(compare_recordings({folder}, known_differences()).total().different(), 1u);
}

TEST(Oracle, ACpuOrNodeThatTheMachineLacksIsADifference) {
    const std::string file = "mod-40-slub-256-ordered.txt";
    for (const auto& [from, to] : {std::pair<std::string, std::string>{"cpu0 tid=42", "cpu1 tid=42"},
                                   {"cpu0 tid=42", "cpu4294967295 tid=42"},
                                   {"node0 nr_partial=0", "node9 nr_partial=0"}}) {
        const auto folder = changed(recorded("6.1.0-56-arm64-m1024s1", "mod-40"), file, from, to);
        const OracleReport report = compare_recordings({folder}, known_differences());
        EXPECT_GE(report.total().different(), 1u) << to;
        EXPECT_NE(report_text(report).find(": the machine has no such "), std::string::npos) << report_text(report);
    }
}

// Names of two kinds lie between one another in the alphabet: only every name says what is of which kind.
TEST(Oracle, EveryFileThatIsNotComparedIsNamed) {
    OracleReport report;
    std::vector<std::string> odd, even;
    for (int i = 10; i < 56; ++i) (i % 2 ? odd : even).push_back("mod-" + std::to_string(i) + ".txt");
    const WhyNotCompared one{"odd ones", "奇数"}, two{"even ones", "偶数"};
    report.files_not_compared = {{"m", &one, odd}, {"m", &two, even}, {"n", &one, {"mod-1\nall is equal.txt"}}};
    const std::string text = report_text(report);
    EXPECT_TRUE(text.starts_with("not compared of m:\n    odd ones: 23 files\n        mod-11.txt, mod-13.txt, "))
        << text;
    const std::size_t second = text.find("    even ones: 23 files\n        mod-10.txt, ");
    ASSERT_NE(second, std::string::npos) << text;
    for (const std::string& file : odd) EXPECT_LT(text.find(file), second) << file;
    for (const std::string& file : even) EXPECT_GT(text.find(file), second) << file;
    EXPECT_NE(text.find("not compared of n:\n    odd ones: 1 file\n        mod-1\\u000aall is equal.txt\n"),
              std::string::npos)
        << text;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        EXPECT_LE(end - at, 120u);
        at = end + 1;
    }
}

TEST(KnownDifferences, ARowExcusesNoMoreThanItsBound) {
    const std::vector<KnownDifference> known = {{"6.1", "*-m*", "mod-*", "page.*", "reason", "原因", 2}};
    FileReport report;
    report.kernel = "6.1";
    report.machine = "x-m1s1";
    report.file = "mod-1";
    FactLog log(report, known);
    log.set_area(Area::pcp);
    for (int i = 0; i < 3; ++i) log.equal_number("page.pfn", "here", 1, 2);
    log.equal_number("zone.free", "here", 1, 2);
    log.equal_number("zone.free", "here", 1, 1);
    EXPECT_EQ(report.total().compared, 5u);
    EXPECT_EQ(report.total().equal, 1u);
    EXPECT_EQ(report.total().known, 2u);
    EXPECT_EQ(report.total().different(), 2u);
    EXPECT_EQ(report.differences.size(), 2u);
}

TEST(KnownDifferences, ARowThatExcusesNothingIsTold) {
    const std::vector<KnownDifference> known = {{"*", "*", "*", "page.*", "reason", "原因", 2},
                                                {"6.1", "*", "mod-*", "zone.*", "reason", "原因", 2}};
    OracleReport report;
    FactLog log(report.files.emplace_back(), known);
    log.equal_number("page.pfn", "here", 1, 2);
    log.equal_number("zone.free", "here", 1, 1);
    EXPECT_EQ(unused_rows(report, known),
              std::vector<std::string>{
                  "known_differences[1] (kernel 6.1, machine *, file mod-*, kind zone.*) excuses nothing"});
}

TEST(KnownDifferences, ErrorsNamePlaceAndField) {
    const auto unknown = parse_known_differences(
        "{\"known_differences\": [\n {\"kernel\": \"*\", \"machine\": \"*\", \"file\": \"*\", \"kind\": \"*\",\n"
        "  \"max_per_file\": 0, \"reason\": {\"en\": \"x\", \"zh\": \"x\"}}]}");
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.error().line, 3);
    EXPECT_EQ(unknown.error().path, "known_differences[0].max_per_file");
    for (const char* text : {"", "[]", "{}", "{\"known_differences\": {}}", "{\"known_differences\": [3]}",
                             "{\"known_differences\": [{\"kernel\": \"*\"}]}"})
        EXPECT_FALSE(parse_known_differences(text).ok()) << text;
}

TEST(KnownDifferences, GlobsMatchWholeTexts) {
    EXPECT_TRUE(glob_match("", ""));
    EXPECT_TRUE(glob_match("*", "anything"));
    EXPECT_TRUE(glob_match("mod-*-fallback.txt", "mod-numa-20-fallback.txt"));
    EXPECT_TRUE(glob_match("a?c*", "abcd"));
    EXPECT_FALSE(glob_match("a", "ab"));
    EXPECT_FALSE(glob_match("shared.*", "page.pfn"));
    EXPECT_FALSE(glob_match("*.pfn", "page.pfns"));
}

TEST(RecordingFolder, ReadsPackedFilesByTheirPlainName) {
    const RecordingFolder folder = recorded("6.1.0-56-arm64-m128s1");
    ASSERT_TRUE(folder.has("static-version.txt"));
    EXPECT_TRUE(folder.text("static-version.txt").starts_with("Linux version 6.1.0"));
    EXPECT_TRUE(folder.text("no such file").empty());
    EXPECT_FALSE(open_recordings(RECORDINGS + "/nowhere").ok());
    EXPECT_FALSE(open_recordings(std::string(MMSCOPE_SOURCE_DIR) + "/engine").ok());
}

// A copy of a recorded machine on the disk, of the files whose names contain one of `parts`, to be damaged.
std::string copied(const std::string& machine, const std::vector<std::string>& parts) {
#ifdef __EMSCRIPTEN__
    const std::string to =
        testing::TempDir() + "recordings-wasm/" + machine; // where no FIFO was ever made: node waits at one
#else
    const std::string to = testing::TempDir() + "recordings/" + machine;
#endif
    std::filesystem::remove_all(to);
    std::filesystem::create_directories(to);
    for (const auto& entry : std::filesystem::directory_iterator(RECORDINGS + "/" + machine)) {
        const std::string name = entry.path().filename().string();
        if (std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return name.find(part) != name.npos; }))
            std::ofstream(to + "/" + name, std::ios::binary) << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return to;
}

OracleReport report_of(const std::string& path) {
    auto folders = open_recordings(path);
    EXPECT_TRUE(folders.ok()) << folders.error().text();
    return compare_recordings(*folders, known_differences());
}

void expect_unreadable(const std::string& path, const std::string& file, const std::string& why) {
    const OracleReport report = report_of(path);
    const std::string text = report_text(report);
    EXPECT_FALSE(report.all_explained()) << text;
    const std::size_t line = text.find("/" + file + ": cannot be compared: ");
    ASSERT_NE(line, std::string::npos) << text;
    EXPECT_NE(text.substr(line, text.find('\n', line) - line).find(why), std::string::npos) << text;
    // The others are compared all the same.
    EXPECT_GT(report.total().compared, 20u) << text;
    EXPECT_NE(text.find("/static-zoneinfo.txt: facts compared "), std::string::npos) << text;
}

TEST(RecordingFolder, AFileThatCannotBeReadIsNotAnAbsentOne) {
    const std::string machine = "6.1.0-56-arm64-m128s1";
    const std::vector<std::string> parts = {"static-", "wm-"};
    for (const std::string file : {"wm-scale.txt", "static-memblock.txt", "static-buddyinfo.txt"}) {
        const std::string path = copied(machine, parts);
        const std::string packed = path + "/" + file + ".gz";
        std::filesystem::resize_file(packed, std::filesystem::file_size(packed) - 9);
        expect_unreadable(path, file, "the gzip file is damaged");
        std::filesystem::resize_file(packed, 1);
        expect_unreadable(path, file, "this is not a gzip file");
        std::filesystem::remove(packed);
        std::filesystem::create_directory(path + "/" + file);
        expect_unreadable(path, file, "is not a regular file");
#ifndef __EMSCRIPTEN__
        std::filesystem::remove(path + "/" + file);
        ASSERT_EQ(mkfifo((path + "/" + file).c_str(), 0600), 0);
        expect_unreadable(path, file, "is not a regular file");
#endif
        std::filesystem::remove_all(path);
    }
}

TEST(RecordingFolder, LineEndsOfWindowsAndAByteOrderMarkChangeNothing) {
    const RecordingFolder plain = recorded("6.1.0-56-arm64-m1024s1", "mod-40");
    RecordingFolder windows = plain;
    windows.read = [read = plain.read](const std::string& file) -> Result<std::string> {
        const auto text = read(file);
        if (!text) return text;
        std::string out = "\xEF\xBB\xBF";
        for (const char c : *text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
        return out;
    };
    EXPECT_EQ(report_text(compare_recordings({windows}, known_differences())),
              report_text(compare_recordings({plain}, known_differences())));
}

} // namespace
} // namespace mm
