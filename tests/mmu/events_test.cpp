// The table of this room's events, by the rules of tests/machine/event_tables_test.cpp.
#include "mmu/events.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "mmu/functions.h"
#include "mmu/page_table.h"

namespace mm {
namespace {

std::set<std::string> placeholders(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t at = 0; (at = text.find('{', at)) != std::string_view::npos; ++at)
        names.insert(std::string(text.substr(at + 1, text.find('}', at) - at - 1)));
    return names;
}

const EventWords* find_words(std::size_t row, std::string_view arg, i64 value) {
    const auto kind = static_cast<u16>(row + static_cast<std::size_t>(mmu_event::pgd_allocated));
    for (const EventWords& words : mmu_event_words())
        if (words.kind == kind && words.arg == arg && words.value == value) return &words;
    return nullptr;
}

TEST(MmuEvents, SentencesUseEachArgumentInBothLanguages) {
    for (const EventSpec& spec : mmu_events()) {
        std::set<std::string> names;
        for (const ArgSpec& arg : spec.args)
            if (!arg.name.empty()) names.insert(std::string(arg.name));
        EXPECT_EQ(placeholders(spec.text_en), names) << spec.name;
        EXPECT_EQ(placeholders(spec.text_zh), names) << spec.name;
    }
}

TEST(MmuEvents, EveryLevelErrorKindAndFlagHasWords) {
    for (std::size_t row = 0; row < mmu_events().size(); ++row) {
        for (const ArgSpec& arg : mmu_events()[row].args) {
            if (arg.unit != Unit::reason && arg.unit != Unit::flag) continue;
            i64 first = 0, last = 1;
            if (arg.name == "level") last = MAX_LEVELS - 1;
            if (arg.name == "reason") {
                first = 1;
                last = static_cast<i64>(map_error::count) - 1;
            }
            if (arg.name == "kind") last = static_cast<i64>(descriptor_kind::reserved);
            for (i64 value = first; value <= last; ++value)
                EXPECT_NE(find_words(row, arg.name, value), nullptr) << mmu_events()[row].name << " " << value;
        }
    }
    for (i64 error = 1; error < static_cast<i64>(map_error::count); ++error)
        EXPECT_EQ(find_words(static_cast<std::size_t>(mmu_event::map_refused) -
                                 static_cast<std::size_t>(mmu_event::pgd_allocated),
                             "reason", error)
                      ->text_en,
                  map_error_text(static_cast<map_error>(error)));
}

TEST(MmuEvents, EveryFunctionOfACallPathHasAName) {
    for (const std::string_view name : mmu_function_names) EXPECT_FALSE(name.empty());
}

} // namespace
} // namespace mm
