#include "physical/events.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "physical/buddy.h"
#include "physical/event_words.h"
#include "physical/page_alloc.h"
#include "physical/page_check.h"

namespace mm {
namespace {

using Names = std::set<std::string>;

Names placeholders(std::string_view text) {
    Names names;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open)) {
        const std::size_t close = text.find('}', open);
        EXPECT_NE(close, std::string_view::npos) << text;
        if (close == std::string_view::npos) break;
        names.insert(std::string(text.substr(open + 1, close - open - 1)));
        open = close;
    }
    return names;
}

Names argument_names(const EventSpec& spec) {
    Names names;
    for (const ArgSpec& arg : spec.args)
        if (!arg.name.empty()) names.insert(std::string(arg.name));
    return names;
}

Names all_of(Names a, const Names& b) {
    a.insert(b.begin(), b.end());
    return a;
}

const ArgSpec* find_arg(const EventSpec& spec, std::string_view name) {
    for (const ArgSpec& arg : spec.args)
        if (!arg.name.empty() && arg.name == name) return &arg;
    return nullptr;
}

TEST(PhysicalEvents, EveryPlaceholderNamesAnArgumentAndEveryArgumentIsTold) {
    for (std::size_t kind = 0; kind < physical_events().size(); ++kind) {
        const EventSpec& spec = physical_events()[kind];
        Names en = placeholders(spec.text_en);
        Names zh = placeholders(spec.text_zh);
        for (const EventWords& words : physical_event_words()) {
            if (words.kind != kind) continue;
            en = all_of(std::move(en), placeholders(words.text_en));
            zh = all_of(std::move(zh), placeholders(words.text_zh));
        }
        EXPECT_EQ(en, argument_names(spec)) << spec.name;
        EXPECT_EQ(zh, argument_names(spec)) << spec.name;
    }
}

TEST(PhysicalEvents, BothLanguagesUseTheSameNumbersInASentence) {
    for (const EventSpec& spec : physical_events())
        EXPECT_EQ(placeholders(spec.text_en), placeholders(spec.text_zh)) << spec.name;
    for (const EventWords& words : physical_event_words())
        EXPECT_EQ(placeholders(words.text_en), placeholders(words.text_zh)) << words.text_en;
}

TEST(PhysicalEvents, NamesAreUniqueAndArgumentsStandWithoutGaps) {
    std::set<std::string_view> names;
    for (const EventSpec& spec : physical_events()) {
        EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
        bool ended = false;
        for (const ArgSpec& arg : spec.args) {
            EXPECT_FALSE(ended && !arg.name.empty()) << spec.name;
            ended = ended || arg.name.empty();
        }
    }
}

TEST(PhysicalEventWords, EachRowBelongsToAReasonOrAFlagAndStandsAlone) {
    std::set<std::pair<u16, std::pair<std::string_view, i64>>> seen;
    for (const EventWords& words : physical_event_words()) {
        ASSERT_LT(words.kind, physical_events().size());
        const ArgSpec* arg = find_arg(physical_events()[words.kind], words.arg);
        ASSERT_NE(arg, nullptr) << words.arg;
        EXPECT_TRUE(arg->unit == Unit::reason || arg->unit == Unit::flag) << words.arg;
        EXPECT_TRUE(seen.insert({words.kind, {words.arg, words.value}}).second) << words.text_en;
        EXPECT_FALSE(placeholders(words.text_en).contains(std::string(words.arg))) << "words that hold themselves";
    }
}

bool has_words(physical_event kind, std::string_view arg, i64 value) {
    for (const EventWords& words : physical_event_words())
        if (words.kind == static_cast<u16>(kind) && words.arg == arg && words.value == value) return true;
    return false;
}

TEST(PhysicalEventWords, EveryFlagAndEveryReasonIsSpeltOut) {
    for (std::size_t kind = 0; kind < physical_events().size(); ++kind)
        for (const ArgSpec& arg : physical_events()[kind].args)
            if (arg.unit == Unit::flag) {
                EXPECT_TRUE(has_words(static_cast<physical_event>(kind), arg.name, 0)) << arg.name;
                EXPECT_TRUE(has_words(static_cast<physical_event>(kind), arg.name, 1)) << arg.name;
            }
    for (int reason = static_cast<int>(buddy_stay::max_order); reason <= static_cast<int>(buddy_stay::other_type);
         ++reason)
        EXPECT_TRUE(has_words(physical_event::buddy_stay, "reason", reason)) << reason;
    for (int reason = 1; reason <= static_cast<int>(unseen_misuse::no_memory); ++reason)
        EXPECT_TRUE(has_words(physical_event::misuse_unseen, "reason", reason)) << reason;
    for (int reason = 1; reason <= static_cast<int>(bad_page_reason::tail_of_compound); ++reason)
        EXPECT_TRUE(has_words(physical_event::bad_page, "reason", reason)) << reason;
}

bool is_cjk(std::string_view text, std::size_t at) { return at < text.size() && static_cast<u8>(text[at]) >= 0xe3; }

TEST(PhysicalEvents, ChineseSentencesUseFullWidthPunctuation) {
    const auto check = [](std::string_view text) {
        for (std::size_t i = 3; i < text.size(); ++i) {
            const bool half_width =
                text[i] == ',' || text[i] == ':' || text[i] == '.' || text[i] == '(' || text[i] == ')';
            EXPECT_FALSE(half_width && is_cjk(text, i - 3)) << text;
        }
    };
    for (const EventSpec& spec : physical_events()) check(spec.text_zh);
    for (const EventWords& words : physical_event_words()) check(words.text_zh);
}

}  // namespace
}  // namespace mm
