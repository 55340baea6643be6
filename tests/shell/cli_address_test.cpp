// mmscope address, with numbers out of recorded walks.
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/commands.h"

namespace mm {

namespace {

struct Outcome {
    int code = 0;
    std::string out, err;
};

Outcome address(std::vector<std::string> words) {
    words.insert(words.begin(), "address");
    char* out_text = nullptr;
    char* err_text = nullptr;
    std::size_t out_size = 0, err_size = 0;
    std::FILE* out = open_memstream(&out_text, &out_size);
    std::FILE* err = open_memstream(&err_text, &err_size);
    Outcome outcome;
    outcome.code = cli::run_command_line(words, cli::Console{out, err});
    std::fclose(out);
    std::fclose(err);
    outcome.out = out_text;
    outcome.err = err_text;
    std::free(out_text);
    std::free(err_text);
    return outcome;
}

TEST(AddressCommand, TakesAnAddressApart) {
    EXPECT_EQ(address({"ffff80000a255000"}).out, "ffff80000a255000: translated by TTBR1\n"
                                                 "  47:39  pgd index 256\n"
                                                 "  38:30  pud index 0\n"
                                                 "  29:21  pmd index 81\n"
                                                 "  20:12  pte index 85\n"
                                                 "   11:0  offset 0\n"
                                                 "region: vmalloc, ffff800008000000 to fffffbffefffffff\n"
                                                 "  from VMALLOC_START up to VMALLOC_END\n");
    const Outcome linear = address({"0xffff00000384b123"});
    EXPECT_NE(linear.out.find("physical 4384b123 = address - ffff000000000000 + PHYS_OFFSET 40000000"),
              std::string::npos)
        << linear.out;
    EXPECT_NE(address({"ffff000000001000", "--kernel", "4.19"}).out.find("region: modules"), std::string::npos);
    EXPECT_NE(address({"f7400000", "--arch", "i386"}).out.find("pgd index 989"), std::string::npos);
}

TEST(AddressCommand, TakesALogicalAddressThroughLinuxsGdt) {
    const Outcome flat = address({"--arch", "i386", "7b:8048123"});
    EXPECT_EQ(flat.code, cli::EXIT_OK);
    EXPECT_NE(flat.out.find("Entry 15 of the GDT, 120 bytes behind where GDTR points, is 0xcff2000000ffff"),
              std::string::npos)
        << flat.out;
    EXPECT_NE(flat.out.find("8048123: translated by CR3\n  31:22  pgd index 32\n  21:12  pte index 72\n"),
              std::string::npos)
        << flat.out;
    const Outcome refused = address({"6b:0", "--arch", "i386"});
    EXPECT_NE(refused.out.find("#GP"), std::string::npos) << refused.out;
    EXPECT_EQ(refused.out.find("CR3\n"), std::string::npos) << "no page table is asked";
    EXPECT_NE(address({"7b:", "--arch", "i386"}).err.find("selector:offset"), std::string::npos);
    EXPECT_EQ(address({"7b:0"}).code, cli::EXIT_BAD_USAGE);
}

TEST(AddressCommand, TakesAnEntryApart) {
    const Outcome page = address({"00e8000045340703"});
    EXPECT_EQ(page.code, cli::EXIT_OK);
    EXPECT_TRUE(page.out.starts_with("e8000045340703 as an entry of a pte table: page, physical 45340000, 4 KiB, "
                                     "PAGE_KERNEL\n"
                                     "  read as Linux 6.1 has it; memory types numbered as since 5.14\n"))
        << page.out;
    EXPECT_NE(page.out.find("     55  PTE_DIRTY                         1  software: was written\n"), std::string::npos)
        << page.out;
    EXPECT_TRUE(address({"180000007fff8003", "--level", "pgd"})
                    .out.starts_with("180000007fff8003 as an entry of a pgd table: table at physical 7fff8000\n"));
    EXPECT_TRUE(
        address({"1000", "--level", "pte"})
            .out.starts_with("1000 as an entry of a pte table: swap (the kernel's own tables have none: there it is "
                             "not present)\n"));
    EXPECT_TRUE(address({"00e8000045340702"})
                    .out.starts_with("e8000045340702 as an entry of a pte table: invalid, physical 45340000, 4 KiB, "
                                     "PAGE_KERNEL without its valid bit\n"));
}

TEST(AddressCommand, ReadsEntriesByTheTableOfTheirRelease) {
    const Outcome old = address({"--kernel", "4.19", "--level", "pte", "0068000045000713"});
    EXPECT_TRUE(
        old.out.starts_with("68000045000713 as an entry of a pte table: page, physical 45000000, 4 KiB, PAGE_KERNEL\n"
                            "  read as Linux 4.19 has it; memory types numbered as until 5.9\n"))
        << old.out;
    EXPECT_NE(old.out.find("    4:2  AttrIndx                          4  Normal\n"), std::string::npos) << old.out;
    const Outcome device = address({"--kernel", "5.9", "--level", "pte", "0068000009000707"});
    EXPECT_NE(device.out.find(", PROT_DEVICE_nGnRE\n"), std::string::npos) << device.out;
    EXPECT_NE(device.out.find("    4:2  AttrIndx                          1  Device-nGnRE\n"), std::string::npos)
        << device.out;
    EXPECT_NE(address({"--kernel", "5.10", "--level", "pte", "0068000009000707"}).out.find(", PAGE_KERNEL_TAGGED\n"),
              std::string::npos);
    for (const char* kernel : {"4.2", "6.13", "5", "5.", "x.1", "5.10.0", "300.1", "6.012", "06.12", "6.+1", "6.01"}) {
        const Outcome wrong = address({"--kernel", kernel, "1"});
        EXPECT_EQ(wrong.code, cli::EXIT_BAD_USAGE);
        EXPECT_NE(wrong.err.find("--kernel is a release from 4.3 to 6.12, found \"" + std::string(kernel) + "\""),
                  std::string::npos)
            << wrong.err;
    }
    const Outcome between = address({"--kernel", "5.15", "ffff80000a255000"});
    EXPECT_NE(between.out.find("layout: that of Linux 5.10, the nearest to 5.15 that is known\n"), std::string::npos)
        << between.out;
    EXPECT_NE(address({"--kernel", "5.3", "ffff000000001000"}).out.find("layout: that of Linux 4.19"),
              std::string::npos);
    EXPECT_EQ(address({"--kernel", "6.1", "ffff80000a255000"}).out.find("layout: "), std::string::npos);
}

TEST(AddressCommand, SaysWhatIsWrongWithTheCommandLine) {
    for (const std::vector<std::string>& words : {std::vector<std::string>{},
                                                  {"xyz"},
                                                  {"1", "2"},
                                                  {"11112222333344445"},
                                                  {"1", "--kernel", "2.4"},
                                                  {"1", "--va-bits", "42"},
                                                  {"1", "--level", "p4d"},
                                                  {"1", "--arch", "vax"},
                                                  {"1", "--page-size", "1"}}) {
        const Outcome outcome = address(words);
        EXPECT_EQ(outcome.code, cli::EXIT_BAD_USAGE);
        EXPECT_FALSE(outcome.err.empty());
        EXPECT_TRUE(outcome.out.empty());
    }
}

std::string complaint(const std::vector<std::string>& words) {
    const Outcome outcome = address(words);
    EXPECT_EQ(outcome.code, cli::EXIT_BAD_USAGE);
    EXPECT_EQ(outcome.out, "");
    return outcome.err.substr(0, outcome.err.find('\n'));
}

// i386 without PAE has entries of 32 bits, with PAE of 64; addresses have 32 with both.
TEST(AddressCommand, I386WithoutPaeHasNoNumberOf64Bits) {
    EXPECT_EQ(complaint({"--arch", "i386", "100000000"}),
              "mmscope address: 100000000 has more than the 32 bits that addresses and entries of i386 have; entries "
              "of i386-pae have 64");
    EXPECT_EQ(
        complaint({"--arch", "i386", "--level", "pte", "8000000000001067"}).find("8000000000001067 has more than"),
        std::string("mmscope address: ").size());
    EXPECT_EQ(address({"--arch", "i386", "ffffffff"}).code, cli::EXIT_OK);
    EXPECT_TRUE(address({"--arch", "i386-pae", "8000000000001067"})
                    .out.starts_with("8000000000001067 as an entry of a pte table: page, physical 1000, 4 KiB"));
}

TEST(AddressCommand, WidthsAreThoseThatExist) {
    EXPECT_EQ(complaint({"1", "--cpu-bits", "0"}), "mmscope address: --cpu-bits is a number of bits, found 0");
    EXPECT_EQ(complaint({"1", "--va-bits", "0"}), "mmscope address: --va-bits is a number of bits, found 0");
    EXPECT_EQ(complaint({"1", "--va-bits", "65"}), "mmscope address: no address has more than 64 bits");
    EXPECT_EQ(complaint({"1", "--cpu-bits", "39"}),
              "mmscope address: va_bits_actual: a kernel of 48 bits uses 48 on every CPU, found 39");
    EXPECT_EQ(complaint({"1", "--cpu-bits", "40"}),
              "mmscope address: va_bits_actual: a kernel of 48 bits uses 48 on every CPU, found 40");
    EXPECT_EQ(complaint({"1", "--kernel", "6.12", "--cpu-bits", "47"}),
              "mmscope address: va_bits_actual: a kernel of 52 bits runs on CPUs of 52 or 48, found 47");
    EXPECT_EQ(complaint({"1", "--va-bits", "40"}),
              "mmscope address: va_bits: 40 bits with pages of 4096 bytes do not exist on arm64");
    for (const char* option : {"--va-bits", "--cpu-bits", "--phys-offset"})
        EXPECT_EQ(complaint({"1", "--arch", "i386", option, "40000000"}),
                  "mmscope address: " + std::string(option) + " is of arm64; i386 has one width");
}

// memstart_addr is rounded to ARM64_MEMSTART_ALIGN: 1 GiB with 4 KiB and 16 KiB pages; with 64 KiB pages 512 MiB since
// sections shrank with 5.12. Before 4.6 the kernel's own place counted, a multiple of 2 MiB (Documentation/arm64/booting).
TEST(AddressCommand, PhysOffsetIsAligned) {
    const auto told = [](const std::string& align, const std::string& kernel, const std::string& found) {
        return "mmscope address: --phys-offset is a multiple of " + align + " in Linux " + kernel +
               " with these pages, found " + found;
    };
    const std::string linear = "ffff000000000000";
    EXPECT_EQ(complaint({linear, "--phys-offset", "40000123"}), told("40000000", "6.1", "40000123"));
    EXPECT_EQ(complaint({linear, "--phys-offset", "60000000"}), told("40000000", "6.1", "60000000"));
    EXPECT_EQ(address({linear, "--phys-offset", "80000000"}).code, cli::EXIT_OK);
    EXPECT_EQ(address({linear, "--phys-offset", "0"}).code, cli::EXIT_OK);
    EXPECT_EQ(address({linear, "--page-size", "65536", "--phys-offset", "60000000"}).code, cli::EXIT_OK);
    EXPECT_EQ(complaint({linear, "--page-size", "65536", "--kernel", "5.11", "--phys-offset", "60000000"}),
              told("40000000", "5.11", "60000000"));
    EXPECT_EQ(complaint({linear, "--page-size", "16384", "--phys-offset", "60000000"}),
              told("40000000", "6.1", "60000000"));
    EXPECT_EQ(address({linear, "--kernel", "4.5", "--phys-offset", "80200000"}).code, cli::EXIT_OK);
    EXPECT_EQ(complaint({linear, "--kernel", "4.5", "--phys-offset", "80100000"}), told("200000", "4.5", "80100000"));
    // 52 bits (FEAT_LPA, FEAT_LPA2) are the most that a CPU has: the last multiple below them, and what is beyond.
    EXPECT_EQ(address({linear, "--phys-offset", "fffffc0000000"}).code, cli::EXIT_OK);
    for (const std::string beyond : {"10000000000000", "ffffffffc0000000"})
        EXPECT_EQ(complaint({linear, "--phys-offset", beyond}),
                  "mmscope address: --phys-offset is below 10000000000000, since physical addresses have 52 bits at "
                  "most, found " +
                      beyond);
    EXPECT_EQ(complaint({linear, "--phys-offset", "4g"}),
              "mmscope address: --phys-offset expects a number in hex, found \"4g\"");
}

TEST(AddressCommand, WhatWasTypedStaysOnTheMessagesLine) {
    EXPECT_EQ(complaint({"12\n34"}), "mmscope address: 12\\u000a34 is not a number in hex of at most 64 bits");
    EXPECT_EQ(complaint({"1", "--arch", "arm\n64"}),
              "mmscope address: --arch is arm64, i386 or i386-pae, found \"arm\\u000a64\"");
    EXPECT_EQ(complaint({"1", "--kernel", "6.1\n"}),
              "mmscope address: --kernel is a release from 4.3 to 6.12, found \"6.1\\u000a\"");
}

} // namespace
} // namespace mm
