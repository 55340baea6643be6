#include "mmu/fault.h"

#include <gtest/gtest.h>

#include "mmu/access.h"
#include "mmu/arm64/fault.h"
#include "mmu/x86/fault.h"

namespace mm {
namespace {

using enum access_kind;
using enum fault_kind;

// As the Arm architecture counts: ESR_EL1.EC, IL, WnR and the fault status code with its level.
TEST(Fault, SyndromesAreThoseOfTheArchitecture) {
    struct Row {
        fault_kind kind;
        int level;
        access_kind access;
        bool user;
        u32 esr;
    };
    const Row rows[] = {
        {translation, 2, read, true, 0x92000006},  // a process reads what has no pmd
        {translation, 3, write, true, 0x92000047}, // and writes where a page is missing: the usual page fault
        {permission, 3, write, true, 0x9200004f},  // copy on write
        {translation, 2, exec, true, 0x82000006},  // a jump to nowhere
        {permission, 3, exec, true, 0x8200000f},
        {translation, 0, read, false, 0x96000004}, // the kernel at an address that is in no half
        {translation, 1, write, false, 0x96000045},
        {translation, 3, exec, false, 0x86000007},
        {permission, 2, exec, false, 0x8600000e},
        {access_flag, 3, read, true, 0x9200000b},
        {address_size, 3, read, false, 0x96000003},
        {translation, -1, read, true, 0x9200002b}, // the first of five levels
        {address_size, -1, read, true, 0x92000029},
    };
    for (const Row& row : rows)
        EXPECT_EQ(esr_el1(row.kind, row.level, row.access, row.user), row.esr) << std::hex << row.esr;
}

TEST(Fault, FaultInfoNamesTheHandler) {
    const pte_rules v6_1{kernel_version::v6_1}, v6_12{kernel_version::v6_12};
    EXPECT_EQ(fault_info(v6_1, 0x07).handler, fault_handler::do_translation_fault);
    EXPECT_EQ(fault_info(v6_1, 0x07).name, "level 3 translation fault");
    EXPECT_EQ(fault_info(v6_1, 0x07).signal, "SIGSEGV");
    EXPECT_EQ(fault_info(v6_1, 0x07).code, "SEGV_MAPERR");
    EXPECT_EQ(fault_info(v6_1, 0x0b).handler, fault_handler::do_page_fault);
    EXPECT_EQ(fault_info(v6_1, 0x0b).name, "level 3 access flag fault");
    EXPECT_EQ(fault_info(v6_1, 0x0e).name, "level 2 permission fault");
    EXPECT_EQ(fault_info(v6_1, 0x0e).code, "SEGV_ACCERR");
    EXPECT_EQ(fault_info(v6_1, 0x00).name, "ttbr address size fault");
    EXPECT_EQ(fault_info(v6_1, 0x03).handler, fault_handler::do_bad);
    EXPECT_EQ(fault_info(v6_1, 0x03).signal, "SIGKILL");
    EXPECT_EQ(fault_info(v6_1, 0x08).name, "unknown 8");
    EXPECT_EQ(fault_info(v6_1, 0x2b).name, "unknown 43");
    EXPECT_EQ(fault_info(v6_12, 0x2b).name, "level -1 translation fault");
    EXPECT_EQ(fault_info(v6_12, 0x29).name, "level -1 address size fault");
    EXPECT_EQ(fault_info(v6_1, 0x30).name, "TLB conflict abort");
    EXPECT_EQ(fault_info(v6_1, 0x3f).name, "unknown 63");
}

// Intel SDM 3A, figure 4-12: I/D R U/S W/R P.
TEST(Fault, ErrorCodesOfX86) {
    EXPECT_EQ(x86_error_code(translation, read, true, true), 4u);
    EXPECT_EQ(x86_error_code(translation, write, true, true), 6u);
    EXPECT_EQ(x86_error_code(permission, write, true, true), 7u);
    EXPECT_EQ(x86_error_code(translation, read, false, true), 0u);
    EXPECT_EQ(x86_error_code(permission, write, false, true), 3u);
    EXPECT_EQ(x86_error_code(permission, exec, true, true), 21u);
    EXPECT_EQ(x86_error_code(translation, exec, true, false), 4u); // without NX fetches are not told apart
}

std::string rights_text(u8 rights) {
    std::string text = "k";
    text += rights & RIGHT_KERNEL_READ ? "r" : "-";
    text += rights & RIGHT_KERNEL_WRITE ? "w" : "-";
    text += rights & RIGHT_KERNEL_EXEC ? "x" : "-";
    text += " u";
    text += rights & RIGHT_USER_READ ? "r" : "-";
    text += rights & RIGHT_USER_WRITE ? "w" : "-";
    text += rights & RIGHT_USER_EXEC ? "x" : "-";
    return text + (rights & RIGHT_CLEAN ? " clean" : "");
}

TEST(Rights, OfTheKernelsProtections) {
    using enum protection;
    const pte_format format{*arm64_geometry(4096, 48), {kernel_version::v6_1}};
    const auto rights = [&](protection name, hardware_update update = hardware_update::none) {
        return rights_text(rights_of(format, pfn_pte(format, 1, pgprot_of(format, name)), 0, update));
    };
    EXPECT_EQ(rights(PAGE_READONLY), "kr-- ur--");
    EXPECT_EQ(rights(PAGE_READONLY_EXEC), "kr-- ur-x");
    EXPECT_EQ(rights(PAGE_SHARED), "kr-- ur--"); // clean: the first write faults
    EXPECT_EQ(rights(PAGE_SHARED, hardware_update::dbm), "krw- urw- clean");
    EXPECT_EQ(rights(PAGE_KERNEL), "krw- u---");
    EXPECT_EQ(rights(PAGE_KERNEL_RO), "kr-- u---");
    EXPECT_EQ(rights(PAGE_KERNEL_ROX), "kr-x u---");
    // What user mode may write the kernel may not run, PXN or not.
    const pteval_t loose = pte_mkdirty(format, pfn_pte(format, 1, pgprot_of(format, PAGE_SHARED_EXEC))) & ~PTE_PXN;
    EXPECT_EQ(rights_text(rights_of(format, loose, 0, hardware_update::none)), "krw- urwx");
    EXPECT_EQ(denial_of(format, loose, 0, exec, false), denial::user_writable);
    // Execute-only: user mode may run what it may not read.
    EXPECT_EQ(rights_text(rights_of(format, (loose | PTE_RDONLY | PTE_PXN) & ~PTE_USER, 0, hardware_update::none)),
              "kr-- u--x");
}

TEST(Rights, TablesTakeAway) {
    const pte_format format{*arm64_geometry(4096, 48), {kernel_version::v6_1}};
    const pteval_t leaf =
        pte_mkdirty(format, pfn_pte(format, 1, pgprot_of(format, protection::PAGE_SHARED_EXEC))) & ~PTE_PXN;
    const u64 table = 0x41000003;
    EXPECT_EQ(table_limits(format, table, 1), 0);
    EXPECT_EQ(table_limits(format, table | TABLE_PXN, 1), LIMIT_PXN);
    EXPECT_EQ(table_limits(format, table | TABLE_UXN, 1), LIMIT_UXN);
    EXPECT_EQ(table_limits(format, table | 1ull << 61, 1), LIMIT_NO_USER);
    EXPECT_EQ(table_limits(format, table | 1ull << 62, 1), LIMIT_NO_WRITE);
    EXPECT_EQ(denial_of(format, leaf, LIMIT_UXN, exec, true), denial::table_uxn);
    EXPECT_EQ(denial_of(format, leaf, LIMIT_NO_WRITE, write, true), denial::table_read_only);
    EXPECT_EQ(denial_of(format, leaf, LIMIT_NO_USER, read, true), denial::table_not_user);
    EXPECT_EQ(denial_of(format, leaf, LIMIT_NO_USER, read, false), denial::none);
    const pteval_t kernel_text = pfn_pte(format, 1, pgprot_of(format, protection::PAGE_KERNEL_ROX));
    EXPECT_EQ(denial_of(format, kernel_text, LIMIT_PXN, exec, false), denial::table_pxn);
    EXPECT_EQ(denial_of(format, kernel_text, 0, exec, false), denial::none);
    EXPECT_EQ(denial_of(format, kernel_text, 0, exec, true), denial::uxn);
    EXPECT_EQ(denial_of(format, kernel_text, 0, write, false), denial::read_only);
    EXPECT_EQ(denial_of(format, kernel_text, 0, read, true), denial::not_user);
}

TEST(Rights, OfI386NeedBothLevels) {
    const pte_format format{i386_geometry(false), {kernel_version::v6_1}};
    const u64 table = 0x1067; // _PAGE_TABLE: P, R/W, U/S, A, D
    EXPECT_EQ(table_limits(format, table, 1), 0);
    EXPECT_EQ(table_limits(format, table & ~u64{2}, 1), LIMIT_NO_WRITE);
    EXPECT_EQ(table_limits(format, table & ~u64{4}, 1), LIMIT_NO_USER);
    EXPECT_EQ(rights_text(rights_of(format, 0x67, 0, hardware_update::none)), "krwx urwx"); // no NX
    EXPECT_EQ(rights_text(rights_of(format, 0x27, 0, hardware_update::none)), "krwx urwx clean");
    EXPECT_EQ(rights_text(rights_of(format, 0x65, 0, hardware_update::none)), "kr-x ur-x"); // CR0.WP
    EXPECT_EQ(rights_text(rights_of(format, 0x67, LIMIT_NO_USER, hardware_update::none)), "krwx u---");
    const pte_format pae{i386_geometry(true), {kernel_version::v6_1}};
    EXPECT_EQ(rights_text(rights_of(pae, 0x67 | X86_NX, 0, hardware_update::none)), "krw- urw-");
    EXPECT_EQ(table_limits(pae, 0x1001, 2), 0); // the top level has no rights
    EXPECT_EQ(table_limits(pae, 0x1067 | X86_NX, 1), LIMIT_UXN);
}

} // namespace
} // namespace mm
