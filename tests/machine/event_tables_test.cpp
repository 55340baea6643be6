#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "kernel/address.h"
#include "kernel/events.h"
#include "kernel/ioremap.h"
#include "kernel/kmap.h"
#include "kernel/vmalloc.h"
#include "machine/machine.h"
#include "mmu/events.h"
#include "mmu/x86/segment_events.h"
#include "physical/alloc_bulk.h"
#include "physical/alloc_contig.h"
#include "physical/buddy.h"
#include "physical/events.h"
#include "physical/init_memory.h"
#include "physical/memblock.h"
#include "physical/memblock_events.h"
#include "physical/page_alloc.h"
#include "physical/page_check.h"
#include "physical/page_events.h"
#include "physical/page_isolation.h"
#include "physical/references.h"
#include "slab/allocators.h"
#include "slab/events.h"
#include "slab/slub.h"

namespace mm {
namespace {

std::vector<EventSpec> all_events() {
    std::vector<EventSpec> out;
    for (const u16 kind : event_kinds()) out.push_back(event_spec(kind));
    return out;
}

using Names = std::set<std::string>;

// What stands between braces: "count", "count|is|are".
std::vector<std::string> braced(std::string_view text) {
    std::vector<std::string> out;
    for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{', open)) {
        const std::size_t close = text.find('}', open);
        EXPECT_NE(close, std::string_view::npos) << text;
        if (close == std::string_view::npos) break;
        out.emplace_back(text.substr(open + 1, close - open - 1));
        EXPECT_EQ(out.back().find('{'), std::string::npos) << text;
        open = close;
    }
    return out;
}

bool is_choice(const std::string& inside) { return inside.find('|') != std::string::npos; }

// The arguments that are told; a choice of words tells none.
Names placeholders(std::string_view text) {
    Names names;
    for (const std::string& inside : braced(text))
        if (!is_choice(inside)) names.insert(inside);
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

TEST(EventTables, EveryPlaceholderNamesAnArgumentAndEveryArgumentIsTold) {
    for (const u16 kind : event_kinds()) {
        const EventSpec& spec = event_spec(kind);
        Names en = placeholders(spec.text_en);
        Names zh = placeholders(spec.text_zh);
        for (const EventWords& words : all_event_words()) {
            if (words.kind != kind) continue;
            en = all_of(std::move(en), placeholders(words.text_en));
            zh = all_of(std::move(zh), placeholders(words.text_zh));
        }
        EXPECT_EQ(en, argument_names(spec)) << spec.name;
        EXPECT_EQ(zh, argument_names(spec)) << spec.name;
    }
}

TEST(EventTables, BothLanguagesUseTheSameNumbersInASentence) {
    for (const EventSpec& spec : all_events())
        EXPECT_EQ(placeholders(spec.text_en), placeholders(spec.text_zh)) << spec.name;
    for (const EventWords& words : all_event_words())
        EXPECT_EQ(placeholders(words.text_en), placeholders(words.text_zh)) << words.text_en.c_str();
}

TEST(EventTables, AChoiceOfWordsIsBetweenTwoAndGoesByANumberOfTheEvent) {
    const auto check = [](const EventSpec& spec, std::string_view text) {
        for (const std::string& inside : braced(text)) {
            if (!is_choice(inside)) continue;
            EXPECT_EQ(std::count(inside.begin(), inside.end(), '|'), 2) << text;
            const ArgSpec* arg = find_arg(spec, inside.substr(0, inside.find('|')));
            ASSERT_NE(arg, nullptr) << text;
            EXPECT_TRUE(arg->unit == Unit::number || arg->unit == Unit::pages || arg->unit == Unit::bytes) << text;
        }
    };
    for (const EventSpec& spec : all_events()) check(spec, spec.text_en);
    for (const EventWords& words : all_event_words()) check(event_spec(words.kind), words.text_en);
}

// "{count} objects" would be told of one, too. Texts of the kernel's own reports stay as the kernel prints them.
TEST(EventTables, NoNumberIsFollowedByAPlural) {
    const std::regex plural(
        "\\{([a-z_]+)\\} ([a-z]+ )?(objects|slabs|pages|blocks|units|entries|CPUs|zones|batches|are|"
        "were|have|stay|go|move|wait|remain|lead)\\b");
    const auto check = [&](const EventSpec& spec, std::string_view sentence) {
        const std::string text(sentence);
        const bool report = text.find(" counted but counter=") != std::string::npos ||
                            text.find(" allocated objects but ") != std::string::npos;
        for (std::sregex_iterator at(text.begin(), text.end(), plural), end; at != end && !report; ++at) {
            const ArgSpec* arg = find_arg(spec, at->str(1));
            EXPECT_FALSE(arg && (arg->unit == Unit::number || arg->unit == Unit::pages)) << spec.name << at->str();
        }
    };
    for (const EventSpec& spec : all_events()) check(spec, spec.text_en);
    for (const EventWords& words : all_event_words()) check(event_spec(words.kind), words.text_en);
}

TEST(EventTables, NamesAreUniqueAndArgumentsStandWithoutGaps) {
    std::set<std::string_view> names;
    for (const EventSpec& spec : all_events()) {
        EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
        bool ended = false;
        for (const ArgSpec& arg : spec.args) {
            EXPECT_FALSE(ended && !arg.name.empty()) << spec.name;
            ended = ended || arg.name.empty();
        }
    }
}

TEST(EventTables, EachRowBelongsToAReasonAFlagOrNoneAndStandsAlone) {
    std::set<std::pair<u16, std::pair<std::string_view, i64>>> seen;
    for (const EventWords& words : all_event_words()) {
        ASSERT_TRUE(is_event_kind(words.kind));
        const ArgSpec* arg = find_arg(event_spec(words.kind), words.arg);
        ASSERT_NE(arg, nullptr) << words.arg;
        // Of a watermark with its boost as well: what the unit writes is the watermark alone.
        const bool has_words = arg->unit == Unit::reason || arg->unit == Unit::flag || arg->unit == Unit::wmark;
        EXPECT_TRUE(has_words || words.value == -1) << words.arg;
        EXPECT_TRUE(seen.insert({words.kind, {words.arg, words.value}}).second) << words.text_en.c_str();
        EXPECT_FALSE(placeholders(words.text_en).contains(std::string(words.arg))) << "words that hold themselves";
    }
}

template <class Kind>
bool has_words(Kind kind, std::string_view arg, i64 value) {
    for (const EventWords& words : all_event_words())
        if (words.kind == static_cast<u16>(kind) && words.arg == arg && words.value == value) return true;
    return false;
}

TEST(EventTables, EveryFlagAndEveryReasonIsSpeltOut) {
    for (const u16 kind : event_kinds())
        for (const ArgSpec& arg : event_spec(kind).args)
            if (arg.unit == Unit::flag) {
                EXPECT_TRUE(has_words(kind, arg.name, 0)) << arg.name;
                EXPECT_TRUE(has_words(kind, arg.name, 1)) << arg.name;
            }
    for (int reason = static_cast<int>(buddy_stay::max_order); reason <= static_cast<int>(buddy_stay::other_type);
         ++reason)
        EXPECT_TRUE(has_words(physical_event::buddy_stay, "reason", reason)) << reason;
    for (int reason = 1; reason <= static_cast<int>(unseen_misuse::page_table); ++reason)
        EXPECT_TRUE(has_words(physical_event::misuse_unseen, "reason", reason)) << reason;
    for (int reason = 1; reason <= static_cast<int>(bad_page_reason::page_table); ++reason)
        EXPECT_TRUE(has_words(physical_event::bad_page, "reason", reason)) << reason;
    for (int reason = 0; reason <= static_cast<int>(get_of::reserved); ++reason)
        EXPECT_TRUE(has_words(page_event::page_get, "reason", reason)) << reason;
    for (int reason = 0; reason <= static_cast<int>(put_left::less); ++reason)
        EXPECT_TRUE(has_words(page_event::page_put, "reason", reason)) << reason;
    for (int reason = 0; reason <= static_cast<int>(bulk_single::no_page); ++reason)
        EXPECT_TRUE(has_words(page_event::bulk_one_page, "reason", reason)) << reason;
    for (int reason = static_cast<int>(contig_result::no_memory); reason <= static_cast<int>(contig_result::no_cma);
         ++reason)
        EXPECT_TRUE(has_words(page_event::contig_refused, "reason", reason)) << reason;
    for (int reason = 1; reason <= static_cast<int>(isolate_refusal::border); ++reason)
        EXPECT_TRUE(has_words(page_event::isolate_refused, "reason", reason)) << reason;
    for (int reason = 0; reason <= static_cast<int>(init_reason::at_free); ++reason) {
        EXPECT_TRUE(has_words(physical_event::page_prep, "zeroed", reason)) << reason;
        EXPECT_TRUE(has_words(page_event::contig_block_taken, "reason", reason)) << reason;
    }
    using init = init_reason;
    for (const init reason : {init::by_default, init::asked, init::off, init::ctor, init::keeps, init::nothing})
        EXPECT_TRUE(has_words(slab_event::kmem_cache_alloc, "init", static_cast<int>(reason)));
    for (const init reason : {init::by_default, init::asked, init::off, init::keeps, init::pages, init::nothing})
        EXPECT_TRUE(has_words(slab_event::kmalloc, "init", static_cast<int>(reason)));
    for (const init reason : {init::by_default, init::asked, init::off, init::ctor, init::keeps})
        EXPECT_TRUE(has_words(slab_event::objects_init, "init", static_cast<int>(reason)));
    for (const init reason : {init::at_free, init::ctor, init::keeps})
        EXPECT_TRUE(has_words(slab_event::object_init_free, "init", static_cast<int>(reason)));
    for (int reason = 0; reason <= static_cast<int>(cache_refusal::too_many); ++reason)
        EXPECT_TRUE(has_words(slab_event::cache_refused, "reason", reason)) << reason;
    for (int reason = 0; reason <= static_cast<int>(slow_reason::debugging); ++reason)
        EXPECT_TRUE(has_words(slub_event::slow_alloc, "reason", reason)) << reason;
    for (int mode = 0; mode <= static_cast<int>(deactivate_mode::discarded); ++mode)
        EXPECT_TRUE(has_words(slub_event::deactivate, "mode", mode)) << mode;
    for (const mmu_event kind :
         {mmu_event::map_refused, mmu_event::unmap_refused, mmu_event::protect_refused, mmu_event::walk_fault})
        for (int error = 1; error < static_cast<int>(map_error::count); ++error)
            EXPECT_TRUE(has_words(kind, "reason", error)) << error;
    for (int kind = 0; kind <= static_cast<int>(descriptor_kind::reserved); ++kind)
        EXPECT_TRUE(has_words(mmu_event::walk_step, "kind", kind)) << kind;
    for (const u16 kind : event_kinds()) {
        if (!find_arg(event_spec(kind), "level")) continue;
        for (int level = 0; level < MAX_LEVELS; ++level)
            EXPECT_TRUE(has_words(kind, "level", level)) << event_spec(kind).name;
    }
    for (int reason = 1; reason < static_cast<int>(segment_reason::count); ++reason)
        EXPECT_TRUE(has_words(segment_event::segment_fault, "reason", reason)) << reason;
    for (int fault = 1; fault <= static_cast<int>(segment_fault::stack); ++fault)
        EXPECT_TRUE(has_words(segment_event::segment_fault, "fault", fault)) << fault;
    for (int end = 0; end < static_cast<int>(segment_end::count); ++end)
        EXPECT_TRUE(has_words(segment_event::segment_fault_ends, "end", end)) << end;
    for (int rule = 0; rule < static_cast<int>(privilege_rule::count); ++rule)
        EXPECT_TRUE(has_words(segment_event::segment_loaded, "rule", rule)) << rule;
    for (int type = 0; type < static_cast<int>(segment_type::count); ++type)
        EXPECT_TRUE(has_words(segment_event::descriptor_fetched, "type", type)) << type;
    const auto spelt_out = [](auto kind, std::string_view arg, auto last) {
        for (int code = 0; code <= static_cast<int>(last); ++code)
            EXPECT_TRUE(has_words(kind, arg, code)) << event_spec(static_cast<u16>(kind)).name << " " << code;
    };
    spelt_out(kernel_event::vmalloc_failed, "reason", vmalloc_failure::no_block);
    spelt_out(kernel_event::vmalloc_huge_falls_back, "reason", vmalloc_failure::no_block);
    spelt_out(kernel_event::vmalloc_small_pages, "reason", small_pages::too_small);
    spelt_out(kernel_event::ioremap, "memory", ioremap_memory::cached);
    spelt_out(kernel_event::ioremap_refused, "reason", ioremap_refusal::no_tables);
    spelt_out(kernel_event::iounmap_ignored, "reason", iounmap_misuse::bad_address_x86);
    spelt_out(kernel_event::kmap_bug, "reason", kmap_bug::no_slot);
    spelt_out(kernel_event::kmap_local, "kind", kmap_kind::local);
    spelt_out(kernel_event::virt_to_phys_garbage, "where", address_place::other);
    spelt_out(kernel_event::phys_to_virt_garbage, "where", address_place::other);
    spelt_out(kernel_event::vmalloc_to_page_null, "where", address_place::other);
    spelt_out(kernel_event::virt_to_phys_garbage, "holds", phys_place::high_memory);
    spelt_out(kernel_event::phys_to_virt_garbage, "holds", phys_place::high_memory);
    spelt_out(kernel_event::function_missing, "reason", missing_function::kmap_local);
    spelt_out(memblock_event::array_double_fails, "reason", double_failure::our_limit);
    spelt_out(memblock_event::alloc_try, "direction", alloc_direction::bottom_up);
    spelt_out(memblock_event::hole_tried, "reason", hole_verdict::misaligned);
    spelt_out(memblock_event::alloc_again, "reason", alloc_retry::no_minimum);
    spelt_out(memblock_event::too_late, "reason", memblock_lateness::pages_freed);
    spelt_out(memblock_event::no_machine, "reason", machine_failure::our_limits);
    for (const u16 kind : event_kinds())
        if (event_spec(kind).name.starts_with("memblock_") && find_arg(event_spec(kind), "list"))
            spelt_out(static_cast<memblock_event>(kind), "list", memblock_list::reserved);
}

bool is_cjk(std::string_view text, std::size_t at) { return at < text.size() && static_cast<u8>(text[at]) >= 0xe3; }

TEST(EventTables, ChineseSentencesUseFullWidthPunctuation) {
    const auto check = [](std::string_view text) {
        for (std::size_t i = 3; i < text.size(); ++i) {
            const bool half_width =
                text[i] == ',' || text[i] == ':' || text[i] == '.' || text[i] == '(' || text[i] == ')';
            EXPECT_FALSE(half_width && is_cjk(text, i - 3)) << text;
        }
    };
    for (const EventSpec& spec : all_events()) check(spec.text_zh);
    for (const EventWords& words : all_event_words()) check(words.text_zh);
}

} // namespace
} // namespace mm
