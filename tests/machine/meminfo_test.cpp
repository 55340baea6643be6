// /proc/meminfo from all rooms. The form of a line is that of recorded kernels.
#include "machine/meminfo.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace mm {
namespace {

Machine machine_of(architecture arch = architecture::arm64) {
    machine_profile profile;
    profile.arch = arch;
    declare_memory(profile, 256ull << 20);
    return std::move(make_machine(std::move(profile)).value());
}

std::map<std::string, u64> lines_of(const Machine& machine) {
    std::map<std::string, u64> lines;
    std::istringstream text(meminfo_text(machine));
    std::string name, unit;
    for (u64 kib = 0; text >> name >> kib >> unit;) {
        EXPECT_EQ(unit, "kB");
        lines[name.substr(0, name.size() - 1)] = kib;
    }
    return lines;
}

void run(Machine& machine, std::string_view name, u32 result, std::initializer_list<i64> args) {
    EventSink sink;
    Op op{.kind = *find_op(name), .result = result};
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i)
        op.arg[i] = i < args.size() ? args.begin()[i] : fields[i].default_value;
    ASSERT_EQ(apply(machine, op, sink), OpOutcome::done) << name;
}

TEST(Meminfo, LinesStandInTheKernelsForm) {
    const Machine machine = machine_of();
    const std::string text = meminfo_text(machine);
    u64 managed = 0;
    for (const zone& z : machine.physical.zones) managed += z.managed_pages;
    char total[64];
    std::snprintf(total, sizeof total,
                  "MemTotal:       %8llu kB\nMemFree:  ", static_cast<unsigned long long>(managed * 4));
    EXPECT_EQ(text.substr(0, std::string(total).size()), total);
    EXPECT_NE(text.find("\nVmallocTotal:   133143592960 kB\n"), std::string::npos) << "as arm64 with 48 bits has it";
    EXPECT_EQ(meminfo_text(machine_of(architecture::x86_64)).find("CmaTotal"), std::string::npos);
}

TEST(Meminfo, PagesOfProcessesStandInLinesOfTheirKind) {
    Machine machine = machine_of();
    run(machine, "execve", 0, {});
    run(machine, "open", 1, {intern("/dev/shm/x"), 64 * 4096});
    const std::map<std::string, u64> before = lines_of(machine);
    run(machine, "mmap", 2, {0, 0x4000'0000, 10 * 4096, 3, 0x32});
    run(machine, "mmap", 3, {0, 0x5000'0000, 4 * 4096, 3, 0x11, 1});
    run(machine, "touch", 4, {0, 0x4000'0000, 10 * 4096});
    run(machine, "touch", 4, {0, 0x5000'0000, 4 * 4096});
    const std::map<std::string, u64> after = lines_of(machine);
    const auto more = [&](const char* name) { return after.at(name) - before.at(name); };
    EXPECT_EQ(more("AnonPages"), 40u);
    EXPECT_EQ(more("Shmem"), 16u);
    EXPECT_EQ(more("Cached"), 16u);
    EXPECT_EQ(more("Mapped"), 16u);
    EXPECT_EQ(more("Committed_AS"), 40u) << "shared memory of a file is accounted page by page, which is not modelled";
    EXPECT_EQ(more("PageTables"), 12u) << "one pmd table and two of ptes";
    run(machine, "fork", 5, {0});
    EXPECT_EQ(lines_of(machine).at("AnonPages"), after.at("AnonPages")) << "each page counts once";
}

TEST(Meminfo, SlabsAndVmallocAreCounted) {
    Machine machine = machine_of();
    const std::map<std::string, u64> before = lines_of(machine);
    EXPECT_EQ(before.at("Slab"), before.at("SReclaimable") + before.at("SUnreclaim"));
    run(machine, "vmalloc", 0, {64 << 10});
    EXPECT_EQ(lines_of(machine).at("VmallocUsed") - before.at("VmallocUsed"), 64u);
}

} // namespace
} // namespace mm
