#include "mmu/arm64/descriptor.h"
#include "mmu/pte.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/rng.h"
#include "mmu/recordings.h"

namespace mm {
namespace {

constexpr u64 GiB = 1ull << 30;

// The level of each line, its name, the index of its entry, where the next table is and what the entry says: all of it as
// the recorded kernel's own walk has it.
TEST(Descriptor, SaysWhatEveryRecordedWalkSays) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        const pte_format format = test::format_of(machine);
        int entries = 0;
        for (const char* file : {"mod-60-vmalloc", "mod-62-walks", "user-fault"}) {
            u64 address = 0, next = 0;
            for (const std::string& line : test::recorded_lines(machine, file)) {
                SCOPED_TRACE(machine.folder + "/" + file + ": " + line);
                unsigned long long a = 0, root = 0, table = 0, raw = 0;
                int levels = 0, va_bits = 0, hardware_level = 0, end = 0;
                unsigned index = 0;
                char name[8];
                if (std::sscanf(line.c_str(), "WALK %llx root=%llx levels=%d va_bits=%d", &a, &root, &levels,
                                &va_bits) == 4) {
                    ASSERT_EQ(levels, format.geometry.levels);
                    ASSERT_EQ(va_bits, format.geometry.va_bits);
                    address = a;
                    next = root;
                    continue;
                }
                if (std::sscanf(line.c_str(), "  L%d(%7[^)]) table=%llx idx=%u raw=%llx %n", &hardware_level, name,
                                &table, &index, &raw, &end) != 5)
                    continue;
                ++entries;
                const auto level = static_cast<u8>(3 - hardware_level);
                ASSERT_EQ(format.geometry.hardware_level(level), hardware_level);
                EXPECT_EQ(name, format.geometry.level_name(level));
                EXPECT_EQ(index, format.geometry.index(level, address));
                EXPECT_EQ((table & 0xffffffffff) + GiB,
                          next); // the linear map of machines whose memory begins at 1 GiB
                EXPECT_EQ(line.substr(static_cast<std::size_t>(end)), descriptor_line(format, raw, level));
                next = output_address(format, raw, level);
            }
        }
        EXPECT_GT(entries, 100) << machine.folder;
    }
}

// A run of mod-01 says the attributes of a leaf in words: put into bits and decoded again they are the same words.
TEST(Descriptor, SaysWhatEveryRecordedRunSays) {
    for (const test::RecordedMachine& machine : test::recorded_arm64_machines()) {
        const pte_format format = test::format_of(machine);
        int runs = 0;
        for (const std::string& line : test::recorded_lines(machine, "mod-01-pagetables")) {
            SCOPED_TRACE(machine.folder + ": " + line);
            int hardware_level = 0, begin = 0, attr = 0, ns = 0, ap = 0, sh = 0, af = 0, ng = 0, dbm = 0, cont = 0,
                pxn = 0, uxn = 0;
            unsigned software = 0;
            unsigned long long phys = 0;
            char type = 0;
            if (std::sscanf(line.c_str(),
                            "%*x-%*x %*uK L%d phys=%llx %nV%c AttrIdx=%d NS=%d AP=%d(%*2c,%*3c) SH=%d AF=%d "
                            "nG=%d DBM=%d CONT=%d PXN=%d UXN=%d sw=%x",
                            &hardware_level, &phys, &begin, &type, &attr, &ns, &ap, &sh, &af, &ng, &dbm, &cont, &pxn,
                            &uxn, &software) != 14)
                continue;
            ++runs;
            const auto bit = [](int value, int at) { return static_cast<u64>(value) << at; };
            const u64 entry = 1 | bit(type == 'T', 1) | bit(attr, 2) | bit(ns, 5) | bit(ap, 6) | bit(sh, 8) |
                              bit(af, 10) | bit(ng, 11) | phys | bit(dbm, 51) | bit(cont, 52) | bit(pxn, 53) |
                              bit(uxn, 54) | u64{software} << 55;
            const auto level = static_cast<u8>(3 - hardware_level);
            EXPECT_EQ(kind_of(format, entry, level), level == 0 ? descriptor_kind::page : descriptor_kind::block);
            EXPECT_EQ(output_address(format, entry, level), phys);
            const std::string said = descriptor_line(format, entry, level);
            EXPECT_EQ(said.substr(0, said.find(" ->")), line.substr(static_cast<std::size_t>(begin)));
        }
        EXPECT_GT(runs, 300) << machine.folder;
    }
}

// Whatever the bits are, each belongs to one field, and the fields put together are the entry again.
TEST(Descriptor, FieldsCoverEveryBitOnce) {
    Rng rng(7);
    for (const page_geometry& geometry : all_geometries()) {
        for (const linux_release release : {linux_release{4, 19}, {5, 10}, {5, 15}, {6, 1}, {6, 9}, {6, 10}, {6, 12}}) {
            const pte_format format{geometry, pte_rules(release)};
            const int top = geometry.format == table_format::i386 ? 31 : 63;
            for (int i = 0; i < 100; ++i) {
                const u64 entry = rng.next() & ~0ull >> (63 - top) & (i % 3 ? ~0ull : ~3ull);
                for (u8 level = 0; level < geometry.levels; ++level) {
                    int next = top;
                    u64 sum = 0;
                    for (const descriptor_field& field : decode_descriptor(format, entry, level)) {
                        ASSERT_EQ(field.high, next);
                        ASSERT_GE(field.high, field.low);
                        sum |= field.is_address ? field.value : field.value << field.low;
                        next = field.low - 1;
                        EXPECT_EQ(field.meaning.empty(), field.meaning_zh.empty()) << field.name;
                    }
                    ASSERT_EQ(next, -1);
                    ASSERT_EQ(sum, entry);
                }
            }
        }
    }
}

TEST(Descriptor, AddressesOf52BitsAreSplit) {
    const pte_format lva{*arm64_geometry(65536, 52), {kernel_version::v6_1}};
    const pte_format lpa2{*arm64_geometry(4096, 52), {kernel_version::v6_12}};
    const pte_format plain{*arm64_geometry(4096, 48), {kernel_version::v6_1}};
    EXPECT_EQ(address_bits(lva, 0xa123456780000), 0x12345678a000u);
    EXPECT_EQ(output_address(lva, 0x12345678a000 | PTE_TYPE_PAGE, 0), 0xa123456780000u);
    EXPECT_EQ(address_bits(lpa2, 0xe123456789000), 0x2123456789300u);
    EXPECT_EQ(output_address(lpa2, 0x2123456789300 | PTE_TYPE_PAGE, 0), 0xe123456789000u);
    for (const pte_format& format : {plain, lva, lpa2}) {
        const u64 mask = (1ull << physical_bits(format)) - format.geometry.page_size();
        Rng rng(3);
        for (int i = 0; i < 100; ++i) {
            const u64 phys = rng.next() & mask;
            EXPECT_EQ(output_address(format, address_bits(format, phys) | PTE_TYPE_PAGE, 0), phys);
        }
    }
}

TEST(Descriptor, OfALevelWithoutBlocksIsReserved) {
    const pte_format format{*arm64_geometry(16384, 48), {kernel_version::v6_1}};
    EXPECT_EQ(kind_of(format, 0x40000001, 1), descriptor_kind::block);
    EXPECT_EQ(kind_of(format, 0x40000001, 2), descriptor_kind::reserved);
    EXPECT_EQ(kind_of(format, 0x40000001, 3), descriptor_kind::reserved);
    EXPECT_EQ(kind_of(format, 0x40000001, 0), descriptor_kind::reserved);
    const pte_format small{*arm64_geometry(4096, 39), {kernel_version::v6_1}};
    EXPECT_EQ(kind_of(small, 0x40000001, 2), descriptor_kind::block); // 1 GiB in the pgd
}

TEST(Descriptor, OfProtNoneIsWhereTheVersionKeepsIt) {
    const page_geometry geometry = *arm64_geometry(4096, 48);
    const pte_format old{geometry, {kernel_version::v6_1}}, late{geometry, {kernel_version::v6_12}};
    // VMAs of recorded machines with PROT_NONE have these as vm_page_prot.
    EXPECT_EQ(kind_of(old, 0x460000000000f82, 0), descriptor_kind::present_invalid);
    EXPECT_EQ(kind_of(late, 0x60000000000f82, 0), descriptor_kind::present_invalid);
    // Of the other version they are neither: bit 1 is set, which swap entries keep 0.
    EXPECT_EQ(kind_of(late, 0x60000000000782, 0), descriptor_kind::invalid);
    EXPECT_EQ(kind_of(old, 0x60000000000f82, 0), descriptor_kind::invalid);
    const auto fields = decode_descriptor(old, 0x460000000000f82, 0);
    EXPECT_EQ(find_field(fields, "PTE_PROT_NONE")->value, 1u);
}

// The comments on swap entries: type and offset of 6.1 and of 6.12 stand at other bits.
TEST(Descriptor, OfASwappedPageHasTypeAndOffset) {
    const page_geometry geometry = *arm64_geometry(4096, 48);
    const auto old = decode_descriptor({geometry, {kernel_version::v6_1}}, u64{0x1234} << 8 | 2 << 3 | 1 << 2, 0);
    EXPECT_EQ(find_field(old, "swap type")->value, 2u);
    EXPECT_EQ(find_field(old, "swap offset")->value, 0x1234u);
    EXPECT_EQ(find_field(old, "PTE_SWP_EXCLUSIVE")->value, 1u);
    const auto late = decode_descriptor({geometry, {kernel_version::v6_12}}, u64{0x1234} << 12 | 2 << 6 | 1 << 2, 0);
    EXPECT_EQ(find_field(late, "swap type")->value, 2u);
    EXPECT_EQ(find_field(late, "swap offset")->value, 0x1234u);
    const auto first = decode_descriptor({geometry, {kernel_version::v5_10}}, u64{0x1234} << 8 | 2 << 2, 0);
    EXPECT_EQ(find_field(first, "swap type")->value, 2u);
    EXPECT_EQ(find_field(first, "PTE_SWP_EXCLUSIVE"), nullptr);
}

// A page of the kernel whose valid bit set_memory_valid() took away keeps all others. Kernel tables have no swap entries.
TEST(Descriptor, AKernelEntryWithoutItsValidBitIsNoSwapEntry) {
    for (const kernel_version version : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12}) {
        const pte_format format{*arm64_geometry(4096, 48), {version}};
        const u64 page = leaf_entry(format, 0x45340000, pgprot_of(format, protection::PAGE_KERNEL), 0);
        EXPECT_EQ(kind_of(format, page & ~PTE_VALID, 0), descriptor_kind::invalid);
        EXPECT_EQ(output_address(format, page & ~PTE_VALID, 0), 0x45340000u);
        EXPECT_EQ(find_field(decode_descriptor(format, page & ~PTE_VALID, 0), "valid")->meaning,
                  "hardware faults: the kernel took the bit away (debug_pagealloc, KFENCE)");
        const u64 swapped = u64{0x1234} << 12;
        EXPECT_EQ(kind_of(format, swapped, 0, false), descriptor_kind::swap);
        EXPECT_EQ(kind_of(format, swapped, 0, true), descriptor_kind::invalid);
        EXPECT_EQ(kind_of(format, page, 0, true), descriptor_kind::page);
        EXPECT_EQ(kind_of(format, 0, 0, true), descriptor_kind::none);
    }
    const pte_format i386{i386_geometry(false), {kernel_version::v6_1}};
    EXPECT_EQ(kind_of(i386, 0x12345062, 0, true), descriptor_kind::invalid);
    EXPECT_EQ(kind_of(i386, 0x12345062, 0, false), descriptor_kind::swap);
}

// Which release changed what. asm/memory.h, pgtable-prot.h and pgtable.h of each.
TEST(Descriptor, RulesGoByRelease) {
    const auto rules = [](u8 version, u8 patchlevel) { return pte_rules(linux_release{version, patchlevel}); };
    const auto numbers = [](const pte_rules& of) {
        std::string text;
        for (u32 i = 0; i < 8; ++i) text += (i ? " " : "") + std::string(memory_type_name(memory_type_of(of, i)));
        return text;
    };
    const std::string until_5_9 = "Device-nGnRnE Device-nGnRE Device-GRE Normal-NC Normal Normal-WT unused unused";
    const std::string of_5_10 = "Normal Normal-Tagged Normal-NC Normal-WT Device-nGnRnE Device-nGnRE Device-GRE unused";
    const std::string since_5_14 = "Normal Normal-Tagged Normal-NC Device-nGnRnE Device-nGnRE unused unused unused";
    EXPECT_EQ(numbers(rules(4, 3)), until_5_9);
    EXPECT_EQ(numbers(rules(4, 19)), until_5_9);
    EXPECT_EQ(numbers(rules(5, 9)), until_5_9);
    EXPECT_EQ(numbers(rules(5, 10)), of_5_10);
    EXPECT_EQ(numbers(rules(5, 13)), of_5_10);
    EXPECT_EQ(numbers(rules(5, 14)), since_5_14);
    EXPECT_EQ(numbers(rules(6, 12)), since_5_14);
    EXPECT_EQ(memory_types_span(rules(5, 9)), "until 5.9");
    EXPECT_EQ(memory_types_span(rules(5, 13)), "5.10 to 5.13");
    EXPECT_EQ(memory_types_span(rules(6, 1)), "since 5.14");
    // 0x00, 0x04, 0x0c, 0x44, 0xff and 0xbb, lowest byte first.
    EXPECT_EQ(mair_el1(rules(5, 4)), 0xbbff440c0400u);

    const pte_format before{*arm64_geometry(4096, 48), rules(5, 2)}, after{*arm64_geometry(4096, 48), rules(5, 3)};
    EXPECT_EQ(find_field(decode_descriptor(before, 0x68000045000713, 0), "PTE_DEVMAP"), nullptr);
    EXPECT_NE(find_field(decode_descriptor(after, 0x68000045000713, 0), "PTE_DEVMAP"), nullptr);
    // Bit 59 of a pmd that is not valid.
    const u64 split = u64{1} << 59 | 0x45200700;
    EXPECT_EQ(kind_of({*arm64_geometry(4096, 48), rules(5, 9)}, split, 1), descriptor_kind::swap);
    EXPECT_EQ(kind_of({*arm64_geometry(4096, 48), rules(5, 10)}, split, 1), descriptor_kind::present_invalid);
    EXPECT_EQ(kind_of({*arm64_geometry(4096, 48), rules(6, 10)}, split, 1), descriptor_kind::swap);
    // Bit 58: PROT_NONE until 6.9, then nG.
    EXPECT_EQ(kind_of({*arm64_geometry(4096, 48), rules(6, 9)}, u64{1} << 58 | 0x780, 0),
              descriptor_kind::present_invalid);
    EXPECT_EQ(kind_of({*arm64_geometry(4096, 48), rules(6, 10)}, u64{1} << 58 | 0x780, 0), descriptor_kind::swap);
    EXPECT_EQ(kind_of({*arm64_geometry(4096, 48), rules(6, 10)}, u64{1} << 11 | 0x780, 0),
              descriptor_kind::present_invalid);
    EXPECT_FALSE(rules(5, 12).tables_limit_execution());
    EXPECT_TRUE(rules(5, 13).tables_limit_execution());
    EXPECT_FALSE(rules(5, 18).swap_keeps_exclusive());
    EXPECT_TRUE(rules(5, 19).swap_keeps_exclusive());
    for (const kernel_version version : {kernel_version::v5_10, kernel_version::v6_1, kernel_version::v6_12})
        EXPECT_EQ(pte_rules(version).machine_kernel(), version);
    EXPECT_EQ(rules(5, 15).machine_kernel(), kernel_version::v5_10);
    EXPECT_EQ(rules(6, 6).machine_kernel(), kernel_version::v6_1);
}

// Entries out of reports of real machines, with the protections that their kernels gave.
TEST(Descriptor, EntriesOutOfReportsHaveTheProtectionsOfTheirKernels) {
    const auto name = [](u8 version, u8 patchlevel, u64 entry) {
        const pte_format format{*arm64_geometry(4096, 48), pte_rules(linux_release{version, patchlevel})};
        const protection found = nearest_protection(format, entry, 0);
        return found == protection::count ? std::string("none")
                                          : std::string(protection_names[static_cast<std::size_t>(found)]);
    };
    EXPECT_EQ(name(4, 19, 0x68000045000713), "PAGE_KERNEL");
    EXPECT_EQ(name(4, 19, 0xe8000045000713), "PAGE_KERNEL") << "before the stable fix PTE_DIRTY was set";
    EXPECT_EQ(name(4, 19, 0x68000045000f13), "PAGE_KERNEL") << "with page table isolation nG is set";
    EXPECT_EQ(name(4, 19, 0x68000009000707), "PROT_DEVICE_nGnRE");
    EXPECT_EQ(name(5, 6, 0x680000fe100707), "PROT_DEVICE_nGnRE");
    EXPECT_EQ(name(5, 10, 0x68000009000707), "PAGE_KERNEL_TAGGED");
    EXPECT_EQ(name(5, 10, 0x68000045000713), "PROT_DEVICE_nGnRnE");
    EXPECT_EQ(name(5, 15, 0x6800009c090f13), "PROT_DEVICE_nGnRE");
    EXPECT_EQ(name(4, 19, 0x68000045000753), "none") << "user pages are not the kernel's";
}

// Read from MAIR_EL1 of the recorded machines (mod-00-state).
TEST(Descriptor, MemoryTypesAreThoseOfRecordedMair) {
    EXPECT_EQ(mair_el1({kernel_version::v5_10}), 0xc0400bb44ffffu);
    EXPECT_EQ(mair_el1({kernel_version::v6_1}), 0x40044ffffu);
    EXPECT_EQ(mair_el1({kernel_version::v6_12}), 0x40044ffffu);
    EXPECT_EQ(attr_index_of({kernel_version::v5_10}, memory_type::device_nGnRE), 5u);
    EXPECT_EQ(attr_index_of({kernel_version::v6_1}, memory_type::device_nGnRE), 4u);
}

// Drawn by hand: a 4 MiB page at 0xc0000000 → 0, a table, a user page; and PAE's top entry.
TEST(Descriptor, OfI386IsReadAsTheManualHasIt) {
    const pte_format two{i386_geometry(false), {kernel_version::v6_1}},
        pae{i386_geometry(true), {kernel_version::v6_1}};
    EXPECT_EQ(kind_of(two, 0x004001e3, 1), descriptor_kind::block);
    EXPECT_EQ(output_address(two, 0x004001e3, 1), 0x400000u);
    EXPECT_EQ(output_address(two, 0x004001e3 | 1 << 13, 1), 0x100400000u);
    EXPECT_EQ(kind_of(two, 0x36bfd067, 1), descriptor_kind::table);
    EXPECT_EQ(output_address(two, 0x36bfd067, 1), 0x36bfd000u);
    const auto page = decode_descriptor(two, 0x12345067, 0);
    EXPECT_EQ(find_field(page, "U/S")->value, 1u);
    EXPECT_EQ(find_field(page, "D")->meaning, "was written");
    EXPECT_EQ(find_field(page, "output address")->value, 0x12345000u);
    EXPECT_EQ(kind_of(pae, 0x12345001, 2), descriptor_kind::table);
    EXPECT_EQ(kind_of(pae, 0x8000000000400000 | 0x1e3, 1), descriptor_kind::block);
    EXPECT_EQ(output_address(pae, 0x8000000000400000 | 0x1e3, 1), 0x400000u);
    EXPECT_EQ(find_field(decode_descriptor(pae, 0x8000000012345067, 0), "NX")->value, 1u);
}

} // namespace
} // namespace mm
