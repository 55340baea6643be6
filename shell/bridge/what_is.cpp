// "What is this address?": everything that a number may be on the machine at the cursor. A virtual address has a region
// and a way through the tables; a physical one has a page and an owner; an entry of a table has fields. All three are told.
// On i386 a logical address, selector:offset, goes through its segment first.
#include <array>

#include "base/hex.h"
#include "bridge/bridge.h"
#include "bridge/replies.h"
#include "bridge/structs.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/owner.h"
#include "machine/facts/process_facts.h"
#include "machine/logical_text.h"
#include "mmu/pte_helpers.h"
#include "physical/linear_map.h"
#include "views/kernel/address_words.h"
#include "views/kernel/table_look.h"

namespace shell {

namespace {

using mm::i64;
using mm::u32;
using mm::u64;
using mm::u8;

constexpr std::size_t MAX_TEXT = 200;
constexpr u32 MAX_SPACES_TOLD = 8; // spaces of processes whose tables are asked

// Blanks, _ and ' between digits are for the eye.
std::string without_blanks(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '_' && c != '\'') out += c;
    return out;
}

// Hex digits, with "0x" or without. Error: what is wrong, as a key of the page's texts.
struct ReadNumber {
    u64 value = 0;
    std::string_view error;
};
ReadNumber read_number(std::string_view text) {
    if (text.size() > MAX_TEXT) return {0, "long"};
    std::string digits = without_blanks(text);
    if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
    if (digits.empty()) return {0, "empty"};
    ReadNumber number;
    for (const char c : digits) {
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return {0, "digit"};
        if (number.value >> 60 != 0) return {0, "wide"};
        number.value = number.value << 4 | static_cast<u64>(digit);
    }
    return number;
}

// Writes what one number is on one machine.
class NumberTeller {
  public:
    NumberTeller(const mm::Machine& machine, mm::Language language, const std::vector<std::string>& names)
        : machine_(machine), language_(language), names_(names) {}

    [[nodiscard]] Json virtual_address(u64 value) const {
        Json json = Json::object();
        if (const auto layout = layout_of(machine_)) {
            if (const mm::layout_region* region = mm::region_of(*layout, value))
                json["region"] = region_json(*layout, *region);
        }
        const mm::AddressFacts facts = facts_of(machine_, value, mm::INIT_MM);
        if (facts.linear) json["linear"] = frame_json(*facts.linear);
        if (facts.struct_page_of)
            json["structPage"] = {{"frame", mm::address_hex(*facts.struct_page_of)},
                                  {"place", pfn_place(*facts.struct_page_of)}};
        json["place"] = address_place(value, mm::INIT_MM);
        if (!machine_.mmu.up) return json;
        const mm::page_geometry& geometry = machine_.mmu.geometry();
        static constexpr const char* HALVES[] = {"user", "kernel", "none"};
        json["half"] = geometry.arch().two_halves ? HALVES[static_cast<std::size_t>(facts.half)] : "one";
        Json parts = Json::array();
        for (const mm::AddressPart& part : parts_of(geometry, value))
            parts.push_back({{"name", part_name(geometry, part)},
                             {"high", part.high},
                             {"low", part.low},
                             {"value", part.level == mm::AddressPart::OFFSET ? mm::address_hex(part.value)
                                                                             : std::to_string(part.value)},
                             {"level", part.level}});
        json["parts"] = std::move(parts);
        json["walks"] = walks_json(value, facts.half);
        return json;
    }

    [[nodiscard]] Json physical_address(u64 value) const {
        Json json = frame_json(value);
        const mm::linear_map map = mm::linear_map_of(*machine_.profile);
        if (machine_.physical.pfn_valid(value >> machine_.physical.page_shift) && map.has_address(value)) {
            json["virtual"] = mm::address_hex(map.phys_to_virt(value));
            json["virtualPlace"] = address_place(map.phys_to_virt(value), mm::INIT_MM);
        }
        return json;
    }

    [[nodiscard]] Json entry(u64 value, u8 level) const {
        const mm::pte_format& format = machine_.mmu.format;
        const mm::page_geometry& geometry = format.geometry;
        const mm::descriptor_kind kind = mm::kind_of(format, value, level);
        const bool zh = language_ == mm::Language::zh;
        Json json = {{"level", geometry.level_name(level)},
                     {"bits", geometry.entry_bytes() * 8},
                     {"kind", kind_text(value, level)}};
        const mm::protection name = mm::nearest_protection(format, value, level);
        if (name != mm::protection::count) json["protection"] = mm::protection_names[static_cast<std::size_t>(name)];
        const bool leaf = mm::is_leaf(kind) || kind == mm::descriptor_kind::present_invalid;
        if (leaf || kind == mm::descriptor_kind::table) {
            json["target"] = frame_json(mm::output_address(format, value, level));
            json["size"] = leaf ? geometry.size(level) : geometry.table_bytes(static_cast<u8>(level - 1));
        }
        Json fields = Json::array();
        for (const mm::descriptor_field& field : mm::decode_descriptor(format, value, level))
            fields.push_back({{"name", field.name},
                              {"high", field.high},
                              {"low", field.low},
                              {"value", mm::address_hex(field.value)},
                              {"meaning", zh ? field.meaning_zh : field.meaning}});
        json["fields"] = std::move(fields);
        Json helpers = Json::array(), questions = Json::array();
        for (std::size_t i = 0; i < mm::pte_change_names.size(); ++i)
            if (const auto after = mm::change_pte(format, value, i))
                helpers.push_back({{"name", mm::pte_change_names[i]}, {"value", mm::address_hex(*after)}});
        for (std::size_t i = 0; i < mm::pte_question_names.size(); ++i)
            questions.push_back({{"name", mm::pte_question_names[i]}, {"answer", mm::ask_pte(format, value, i)}});
        json["helpers"] = std::move(helpers);
        json["questions"] = std::move(questions);
        return json;
    }

    // What the number most probably is. Bits that no address has, and a frame that there is: an entry.
    [[nodiscard]] const char* guess(u64 value) const {
        const bool is_frame = machine_.physical.pfn_valid(value >> machine_.physical.page_shift);
        if (!machine_.mmu.up) return is_frame ? "physical" : "virtual";
        const mm::pte_format& format = machine_.mmu.format;
        if (mm::half_of(format.geometry, value) == mm::address_half::none) return "entry";
        if (!is_frame || !format.arch().two_halves) return "virtual";
        return "physical";
    }

  private:
    [[nodiscard]] std::string pfn_place(mm::pfn_t pfn) const {
        return machine_.physical.pfn_valid(pfn) ? place_text(machine_, {Selection::Kind::pfn, pfn, 0, 0}) : "";
    }
    [[nodiscard]] std::string address_place(u64 value, mm::space_id space) const {
        return place_text(machine_, {Selection::Kind::address, static_cast<i64>(value), space, 0});
    }

    [[nodiscard]] std::string kind_text(mm::pteval_t entry, u8 level) const {
        return entry_words(entry_look(machine_.mmu.format, entry, level)).in(language_);
    }

    // A physical address: its frame and whose it is.
    [[nodiscard]] Json frame_json(mm::phys_addr_t phys) const {
        const mm::FrameOwner owner = owner_of(machine_, phys);
        Json json = {{"phys", mm::address_hex(phys)},
                     {"frame", mm::address_hex(phys >> machine_.physical.page_shift)},
                     {"owner", owner_text(machine_, owner, language_)}};
        if (owner.use == mm::FrameUse::no_memory) return json;
        json["place"] = pfn_place(owner.pfn);
        json["ownerPlace"] = place_text(machine_, owner_place(owner));
        return json;
    }

    [[nodiscard]] Json region_json(const mm::address_layout& layout, const mm::layout_region& region) const {
        const auto border = [&](std::string_view formula) {
            const mm::layout_macro* macro = layout.find(formula);
            std::string text(formula);
            if (macro && !macro->formula.empty()) text += " = " + std::string(macro->formula);
            return text;
        };
        const bool zh = language_ == mm::Language::zh;
        return {{"name", zh ? region.name_zh : region.name},
                {"start", mm::address_hex(region.start)},
                {"last", mm::address_hex(region.end - 1)},
                {"startFormula", border(region.start_formula)},
                {"endFormula", region.end_formula.empty() ? std::string(words::TOP_OF_ADDRESSES.in(language_))
                                                          : border(region.end_formula)}};
    }

    // The kernel's tables, or those of each process for an address that is not the kernel's.
    [[nodiscard]] Json walks_json(u64 value, mm::address_half half) const {
        Json walks = Json::array();
        const bool processes = half != mm::address_half::none && !mm::is_kernel_address(machine_.mmu.geometry(), value);
        if (!processes) {
            walks.push_back(walk_json(value, mm::INIT_MM));
            return walks;
        }
        for (mm::space_id space = 1; space < machine_.mmu.spaces.size() && walks.size() < MAX_SPACES_TOLD; ++space)
            if (machine_.mmu.has_space(space)) walks.push_back(walk_json(value, space));
        return walks;
    }

    [[nodiscard]] Json walk_json(u64 value, mm::space_id space) const {
        const mm::AddressFacts facts = facts_of(machine_, value, space);
        const mm::page_geometry& geometry = machine_.mmu.geometry();
        Json steps = Json::array();
        for (u8 i = 0; i < facts.walk.nr_steps; ++i) {
            const mm::walk_step& step = facts.walk.steps[i];
            steps.push_back({{"level", geometry.level_name(step.level)},
                             {"table", mm::address_hex(step.table)},
                             {"place", pfn_place(step.table)},
                             {"index", step.index},
                             {"entry", mm::address_hex(step.entry)},
                             {"kind", kind_text(step.entry, step.level)}});
        }
        Json json = {{"space", space_text(machine_, space, names_)},
                     {"place", address_place(value, space)},
                     {"steps", std::move(steps)}};
        if (const auto mapping = mm::mapping_of(machine_, value, space))
            json["mapping"] = mapping_text(machine_, *mapping, language_);
        if (facts.walk.found) {
            json["found"] = frame_json(facts.walk.phys);
            json["size"] = facts.walk.leaf_size;
        } else {
            json["fault"] = fault_text(machine_, facts, language_);
        }
        return json;
    }

    const mm::Machine& machine_;
    mm::Language language_;
    const std::vector<std::string>& names_;
};

} // namespace

std::string Bridge::what_is(std::string_view text, std::string_view level_name) const {
    if (!loaded()) return to_text(nothing_loaded());
    const mm::Machine& machine = moment().at;
    const bool i386 = machine.profile->arch == mm::architecture::i386;
    Json reply = Json::object();
    ReadNumber number;
    if (text.find(':') == std::string_view::npos) {
        number = read_number(text);
    } else {
        if (!i386 || !machine.mmu.up) return to_text({{"wrong", "segments"}});
        const auto written = mm::read_logical(without_blanks(text));
        if (!written) return to_text({{"wrong", "logical"}});
        const mm::LogicalTold told = mm::tell_logical(machine, *written, app.language);
        reply["logical"] = told.sentences;
        if (!told.linear) return to_text(reply);
        number.value = *told.linear;
    }
    const bool wide_entries = machine.mmu.up && machine.mmu.geometry().entry_bytes() == 8;
    if (!number.error.empty()) return to_text({{"wrong", number.error}});
    if (i386 && !wide_entries && number.value >> 32 != 0) return to_text({{"wrong", "wide32"}});

    const NumberTeller teller(machine, app.language, app.scenario.result_names);
    reply["value"] = mm::address_hex(number.value);
    reply["guess"] = teller.guess(number.value);
    if (!i386 || number.value >> 32 == 0) reply["virtual"] = teller.virtual_address(number.value);
    reply["physical"] = teller.physical_address(number.value);
    if (!machine.mmu.up) return to_text(reply);
    Json levels = Json::array();
    u8 level = 0;
    for (u8 at = 0; at < machine.mmu.geometry().levels; ++at) {
        levels.push_back(machine.mmu.geometry().level_name(at));
        if (machine.mmu.geometry().level_name(at) == level_name) level = at;
    }
    reply["levels"] = std::move(levels);
    reply["entry"] = teller.entry(number.value, level);
    return to_text(reply);
}

} // namespace shell
