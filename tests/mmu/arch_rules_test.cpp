// Rules of architectures: each has its row, the rows agree with themselves, and no file asks for an architecture by its name.
#include <gtest/gtest.h>

#include <bit>
#include <filesystem>
#include <iterator>
#include <map>
#include <regex>

#include "golden_file.h"
#include "mmu/arch_functions.h"

namespace mm {
namespace {

constexpr architecture ALL[] = {architecture::arm64, architecture::x86_64, architecture::i386};

TEST(ArchRules, EachArchitectureHasItsOwnAndX8664SaysThatItHasNone) {
    for (const architecture arch : ALL) {
        machine_profile profile;
        profile.arch = arch;
        layout_config config;
        config.arch = arch;
        const arch_rules* rules = arch_rules_of(arch);
        const bool has_tables = arch != architecture::x86_64;
        EXPECT_EQ(rules != nullptr, has_tables) << architecture_name(arch);
        EXPECT_EQ(pte_format_of(profile).has_value(), has_tables) << architecture_name(arch);
        EXPECT_EQ(make_layout(config).ok(), has_tables) << architecture_name(arch);
        if (!rules) continue;
        EXPECT_EQ(rules->arch, arch);
        EXPECT_EQ(&pte_format_of(profile)->arch(), rules);
    }
    for (const page_geometry& geometry : all_geometries())
        EXPECT_EQ(&geometry.arch(), arch_rules_of(geometry.arch().arch));
}

// What two rules say together.
TEST(ArchRules, RulesOfARowDoNotContradictEachOther) {
    for (const architecture arch : ALL) {
        const arch_rules* rules = arch_rules_of(arch);
        if (!rules) continue;
        SCOPED_TRACE(architecture_name(arch));
        const entry_bits& bits = rules->bits;
        EXPECT_TRUE(rules->two_halves || !rules->two_roots) << "two roots are of two halves";
        EXPECT_EQ(rules->page_offset == 0, rules->two_halves);
        EXPECT_EQ(rules->has_contiguous_hint, bits.contiguous != 0);
        EXPECT_EQ(rules->has_table_bit, bits.page != 0);
        EXPECT_NE(bits.page != 0, bits.block != 0) << "a block is told by a bit that is set, or by one that is not";
        EXPECT_NE(bits.clean != 0, bits.dirty != 0);
        EXPECT_NE(bits.of_a_process != 0, bits.of_kernel != 0);
        EXPECT_EQ(bits.is_global(bits.of_kernel), true);
        EXPECT_EQ(bits.is_global(bits.of_a_process), false);
        EXPECT_EQ(rules->has_table_limits, rules->functions->table_limits == nullptr);
        const flush_instructions& flush = rules->functions->flush;
        EXPECT_EQ(rules->has_last_level_flush, flush.last_level_page != flush.page);
        EXPECT_EQ(std::popcount(bits.user | bits.write | bits.accessed), 3) << "a bit each";
    }
}

// The helpers that go by bits agree with the protections that each architecture makes.
TEST(ArchRules, BitsMeanWhatTheProtectionsSay) {
    for (const page_geometry& geometry : all_geometries()) {
        const pte_format format{geometry, {kernel_version::v6_1}};
        const entry_bits& bits = format.arch().bits;
        const pgprot_t shared = pgprot_of(format, protection::PAGE_SHARED);
        const pgprot_t kernel = pgprot_of(format, protection::PAGE_KERNEL);
        EXPECT_TRUE(shared & bits.user && shared & bits.write && shared & bits.accessed);
        EXPECT_FALSE(kernel & bits.user);
        EXPECT_TRUE(bits.is_global(kernel));
        EXPECT_FALSE(bits.is_global(shared));
        EXPECT_EQ(pte_clrhuge(format, pte_mkhuge(format, kernel)), kernel);
        const pteval_t block = leaf_entry(format, 0, kernel, 1), page = leaf_entry(format, 0, kernel, 0);
        EXPECT_EQ(kind_of(format, block, 1), descriptor_kind::block);
        EXPECT_EQ(kind_of(format, page, 0), descriptor_kind::page);
    }
}

// Questions by name that are left, by file: which format of one architecture it is, in the table of formats.
const std::map<std::string, std::ptrdiff_t> LEFT = {{"geometry.h", 6}};

TEST(ArchRules, NoFileOfTheRoomAsksForAnArchitectureByName) {
    static const std::regex question(
        R"((==|!=)\s*(mm::)?(architecture|table_format)::|case (mm::)?(architecture|table_format)::|\bis_(arm64|x86|i386)|\b(arm64|i386)_rules\b)");
    const std::filesystem::path room = MMSCOPE_SOURCE_DIR "/engine/mmu";
    std::map<std::string, std::ptrdiff_t> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(room)) {
        const std::string name = std::filesystem::relative(entry.path(), room).generic_string();
        if (!name.ends_with(".h") && !name.ends_with(".cpp")) continue;
        if (name.starts_with("arm64/") || name.starts_with("x86/") || name == "arch_rules.h") continue;
        const std::string text = test::read_file(entry.path().string());
        const auto count = std::distance(std::sregex_iterator(text.begin(), text.end(), question), {});
        if (count > 0) found[name] = count;
    }
    EXPECT_EQ(found, LEFT) << "ask a rule of mmu/arch_rules.h, or move it to mmu/arm64/ or mmu/x86/";
}

} // namespace
} // namespace mm
