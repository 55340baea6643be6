#include "machine/narrate.h"

#include "base/assert.h"
#include "base/enum_table.h"
#include "base/hex.h"
#include "base/program_place.h"
#include "machine/flag_sets.h"
#include "machine/phrase.h"
#include "physical/gfp.h"
#include "physical/linear_map.h"
#include "physical/pcp.h"

namespace mm {

namespace {

// The rules of the machine's kernel; those in machine.physical are not set before the first boot stage.
kernel_rules rules_of(const Machine& machine) { return {machine.profile->kernel}; }

// "Normal", and "Normal (node 1)" where there is more than one node. Zones have names before boot makes them.
std::string zone_text(const Machine& machine, i64 value) {
    const machine_profile& profile = *machine.profile;
    const std::vector<zone>& zones = machine.physical.zones;
    const std::vector<zone_type> layout = zone_layout(profile.arch, profile.kernel);
    const i64 known = zones.empty() ? static_cast<i64>(layout.size()) * profile.nodes : std::ssize(zones);
    if (value < 0 || value >= known) return std::to_string(value);
    const auto number = static_cast<std::size_t>(value);
    const zone_type type = zones.empty() ? layout[number % layout.size()] : zones[number].type;
    const std::size_t node = zones.empty() ? number / layout.size() : zones[number].node;
    std::string text(zone_type_names[static_cast<std::size_t>(type)]);
    const std::size_t nodes = zones.empty() ? profile.nodes : machine.physical.nodes.size();
    if (nodes > 1) text += " (node " + std::to_string(node) + ")";
    return text;
}

std::string zone_index_text(const Machine& machine, i64 value) {
    const std::vector<zone_type> layout = zone_layout(machine.profile->arch, machine.profile->kernel);
    if (value < 0 || value >= std::ssize(layout)) return std::to_string(value);
    return std::string(zone_type_names[static_cast<std::size_t>(layout[static_cast<std::size_t>(value)])]);
}

// "Movable/2": blocks of order 2. The lists of huge pages tell movable ones from all others only.
std::string pcp_list_text(const Machine& machine, i64 value) {
    if (value < 0 || value >= NR_PCP_LISTS) return std::to_string(value);
    const u32 list = static_cast<u32>(value);
    constexpr u32 first_huge = MIGRATE_PCPTYPES * (PAGE_ALLOC_COSTLY_ORDER + 1);
    std::string text = list >= first_huge ? (list == first_huge ? "non-Movable" : "Movable")
                                          : std::string(migratetype_names[list % MIGRATE_PCPTYPES]);
    return text + "/" + std::to_string(pindex_to_order(machine.physical, list));
}

std::string name_text_or_number(i64 value) {
    if (value < 0 || value >= name_count()) return std::to_string(value);
    return std::string(name_text(static_cast<name_id>(value)));
}

// Bytes of a character of Chinese in UTF-8.
bool begins_chinese(std::string_view text) { return !text.empty() && static_cast<u8>(text.front()) >= 0xe3; }
bool ends_chinese(std::string_view text) { return text.size() >= 3 && begins_chinese(text.substr(text.size() - 3)); }

std::string none_text(Language language) { return language == Language::zh ? "无" : "none"; }

// From a mebibyte on in units, where whole pages can be told so: "1 GiB", "256 MiB + 4 KiB".
std::string bytes_text(i64 value, Language language) {
    constexpr u64 KIB = 1 << 10, MIB = 1 << 20;
    const u64 size = static_cast<u64>(value);
    // An alignment may be 1 << 63; what else is below 0 is an offset.
    const bool large = size >= MIB && (value > 0 || size == u64{1} << 63);
    for (const auto& [unit, name] : {std::pair{MIB * MIB, " TiB"}, {MIB * KIB, " GiB"}})
        if (large && size % unit == 0) return std::to_string(size / unit) + name;
    if (large && size % (4 * KIB) == 0) {
        const std::string whole = std::to_string(size / MIB) + " MiB";
        return size % MIB == 0 ? whole : whole + " + " + std::to_string(size % MIB / KIB) + " KiB";
    }
    if (language == Language::zh) return std::to_string(value) + " 字节";
    return std::to_string(value) + (value == 1 ? " byte" : " bytes");
}

std::string cache_text(const Machine& machine, i64 value, Language language) {
    if (value < 0 || value >= machine.slabs.nr_caches) return none_text(language);
    return std::string(name_text(machine.slabs.caches[static_cast<u32>(value)].name));
}

std::string object_text(const Machine& machine, i64 value) {
    const auto address = static_cast<phys_addr_t>(value);
    if (address == ADDR_NULL) return "NULL";
    if (address == ZERO_SIZE_PTR) return "ZERO_SIZE_PTR";
    return address_hex(object_pointer(machine, value));
}

std::string frame_text(i64 value, Language language) {
    return value < 0 || value == PFN_NONE ? none_text(language) : address_hex(static_cast<u64>(value));
}

// The end of a freelist is NULL.
std::string object_index_text(i64 value) { return value == OBJ_NONE ? "NULL" : "#" + std::to_string(value); }

std::string slot_text(i64 value, Language language) {
    return value < 0 ? none_text(language) : "#" + std::to_string(value);
}

std::string wmark_text(i64 value) {
    if (value < 0 || value >= NR_WMARK) return std::to_string(value);
    return std::string(wmark_names[static_cast<std::size_t>(value)]);
}

std::string migratetype_text(i64 value) {
    if (value < 0 || value >= MIGRATE_TYPES) return std::to_string(value);
    return std::string(migratetype_names[static_cast<std::size_t>(value)]);
}

// "object|objects", for one and for any other number.
std::string_view one_or_many(std::string_view words, i64 number) {
    const std::size_t bar = words.find('|');
    MM_ASSERT(bar != std::string_view::npos);
    return number == 1 ? words.substr(0, bar) : words.substr(bar + 1);
}

// Fills the placeholders of one text, and those of the words that some of them become.
class Narrator {
  public:
    Narrator(const Machine& machine, const Event& event, Language language)
        : machine_(machine), event_(event), language_(language), spec_(event_spec(event.kind)) {}

    void expand(std::string_view text) {
        while (!text.empty()) {
            const std::size_t open = std::min(text.find('{'), text.size());
            plain(text.substr(0, open));
            text.remove_prefix(open);
            if (text.empty()) return;
            const std::size_t close = text.find('}');
            MM_ASSERT(close != std::string_view::npos);
            placeholder(text.substr(1, close - 1));
            text.remove_prefix(close + 1);
        }
    }

    std::vector<TextRun> take() { return std::move(runs_); }

  private:
    // Between two Chinese words there is no space, also where a number could have stood.
    void plain(std::string_view text) {
        if (text.starts_with(' ') && !runs_.empty() && ends_chinese(runs_.back().text) &&
            begins_chinese(text.substr(1)))
            text.remove_prefix(1);
        if (text.empty()) return;
        if (runs_.empty() || runs_.back().unit != Unit::none) runs_.emplace_back();
        runs_.back().text += text;
    }

    void placeholder(std::string_view text) {
        const std::size_t bar = text.find('|');
        const std::string_view name = text.substr(0, bar);
        const int at = spec_.arg_index(name);
        MM_ASSERT(at >= 0);
        const auto i = static_cast<std::size_t>(at);
        const i64 value = event_.arg[i];
        const Unit unit = spec_.args[i].unit;
        if (bar != std::string_view::npos) return plain(one_or_many(text.substr(bar + 1), value));
        if (const EventWords* words = find_event_words(event_.kind, name, value))
            return expand(language_ == Language::en ? words->text_en : words->text_zh);
        runs_.push_back({unit_text(machine_, unit, value, language_), unit, value});
    }

    const Machine& machine_;
    const Event& event_;
    Language language_;
    const EventSpec& spec_;
    std::vector<TextRun> runs_;
};

} // namespace

std::vector<TextRun> narrate(const Machine& machine, const Event& event, Language language) {
    const EventSpec& spec = event_spec(event.kind);
    Narrator narrator(machine, event, language);
    narrator.expand(language == Language::en ? spec.text_en : spec.text_zh);
    return narrator.take();
}

std::string narrate_plain(const Machine& machine, const Event& event, Language language) {
    std::string out;
    for (const TextRun& run : narrate(machine, event, language)) out += run.text;
    return out;
}

std::vector<std::string_view> call_path(const Event& event) {
    std::vector<std::string_view> path;
    for (std::size_t i = 0; i < event.depth; ++i) { path.push_back(function_name(event.path[i])); }
    return path;
}

u64 object_pointer(const Machine& machine, i64 object) {
    const auto address = static_cast<u64>(object);
    return address <= ZERO_SIZE_PTR ? address : linear_map_of(*machine.profile).phys_to_virt(address);
}

namespace {

struct Written {
    const Machine& machine;
    Unit unit;
    i64 value;
    Language language;
};

std::string named_flags_text(const Written& w) {
    return flags_text(flag_set_of(w.unit).set(rules_of(w.machine)), static_cast<u64>(w.value));
}

using Writer = std::string (*)(const Written& w);
constexpr auto writers = table_by<Writing, Writer>({
    {Writing::number, [](const Written& w) { return std::to_string(w.value); }},
    {Writing::hex, [](const Written& w) { return address_hex(static_cast<u64>(w.value)); }},
    {Writing::frame, [](const Written& w) { return frame_text(w.value, w.language); }},
    {Writing::kib, [](const Written& w) { return std::to_string(w.value) + " KiB"; }},
    {Writing::bytes, [](const Written& w) { return bytes_text(w.value, w.language); }},
    {Writing::slot, [](const Written& w) { return slot_text(w.value, w.language); }},
    {Writing::name, [](const Written& w) { return name_text_or_number(w.value); }},
    {Writing::zone, [](const Written& w) { return zone_text(w.machine, w.value); }},
    {Writing::zone_index, [](const Written& w) { return zone_index_text(w.machine, w.value); }},
    {Writing::migratetype, [](const Written& w) { return migratetype_text(w.value); }},
    {Writing::wmark, [](const Written& w) { return wmark_text(w.value); }},
    {Writing::pcp_list, [](const Written& w) { return pcp_list_text(w.machine, w.value); }},
    {Writing::flags, named_flags_text},
    {Writing::cache, [](const Written& w) { return cache_text(w.machine, w.value, w.language); }},
    {Writing::object, [](const Written& w) { return object_text(w.machine, w.value); }},
    {Writing::object_index, [](const Written& w) { return object_index_text(w.value); }},
});

} // namespace

std::string unit_text(const Machine& machine, Unit unit, i64 value, Language language) {
    return writers[unit_row(unit).writing]({machine, unit, value, language});
}

namespace {

std::string result_text(const std::vector<std::string>& names, i64 slot) {
    if (slot >= 0 && slot < std::ssize(names) && !names[static_cast<std::size_t>(slot)].empty())
        return names[static_cast<std::size_t>(slot)];
    return "#" + std::to_string(slot);
}

// "b[0]", or "b[0] to b[7]" for a row of 8.
std::string row_text(const std::vector<std::string>& names, i64 slot, i64 row, Language language) {
    static constexpr Phrase TO{" to ", " 到 "};
    std::string out = result_text(names, slot);
    return row > 1 ? out + TO.in(language) + result_text(names, slot + row - 1) : out;
}

// "a", "a+0x1000".
std::string place_text(const std::vector<std::string>& names, i64 place) {
    const i64 offset = offset_of_place(place);
    std::string out = result_text(names, slot_of_place(place));
    if (offset != 0) out += (offset < 0 ? "-" : "+") + address_hex(static_cast<u64>(offset < 0 ? -offset : offset));
    return out;
}

bool left_out(const FieldSpec& field, i64 value) {
    const i64 nothing = unit_row(field.unit).left_out;
    return !field.required && field.default_value == nothing && value == nothing;
}

} // namespace

std::string op_text(const Machine& machine, const Op& op, const std::vector<std::string>& result_names,
                    Language language) {
    static constexpr Phrase ON_CPU{" on CPU ", "，在 CPU "}, THAT_CPU{"", " 上"}, AS{" as ", "，记为 "};
    const OpSpec& spec = op_spec(op.kind);
    const i64 row = row_length(spec, op);
    std::string fields;
    for (std::size_t i = 0; i < spec.field_list().size(); ++i) {
        const FieldSpec& field = spec.fields[i];
        if (left_out(field, op.arg[i])) continue;
        if (!fields.empty()) fields += ", ";
        fields += field.name;
        fields += '=';
        if (!field.names.empty())
            fields += field.names[static_cast<std::size_t>(op.arg[i])];
        else if (const UnitRow& unit = unit_row(field.unit); unit.takes != ResultKind::none)
            fields += row_text(result_names, op.arg[i], unit.form == Form::row_of_results ? row : 1, language);
        else if (unit.form == Form::place && is_in_result(op.arg[i]))
            fields += place_text(result_names, op.arg[i]);
        else
            fields += unit_text(machine, field.unit, op.arg[i], language);
    }
    std::string out = std::string(spec.name) + "(" + fields + ")";
    if (op.cpu > 0) out += ON_CPU.in(language) + std::to_string(op.cpu) + THAT_CPU.in(language);
    if (op.result != Op::NO_RESULT) out += AS.in(language) + row_text(result_names, op.result, row, language);
    return out;
}

} // namespace mm
