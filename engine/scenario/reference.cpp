#include "scenario/reference.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/enum_table.h"
#include "base/hex.h"
#include "machine/flag_sets.h"
#include "scenario/scenario.h"
#include "json/reader.h"
#include "json/write.h"

namespace mm {

namespace {

constexpr std::string_view REFERENCE_HEAD =
    "# Ops\n"
    "\n"
    "What a step of a scenario may ask for. This page is made from the op table by `mmscope ops --markdown`;\n"
    "do not edit it. [scenario-format.md](scenario-format.md) tells the rest of the format.\n"
    "\n"
    "Besides its own fields, each op takes `cpu` (the CPU that it runs on, 0 if left out), `note`, `question` and\n"
    "`expect`. An op with a result takes `as`: a name for it that later steps use. What the result is, pages, a cache "
    "or\n"
    "an object, decides where the name may stand. An op that makes a row takes `\"as\": \"b[]\"`. Bounds are the "
    "widest\n"
    "that there are; a machine may have less: MAX_ORDER is 10 with 4 KiB pages, 11 with 16 KiB, 13 with 64 KiB.\n";

// Text inside a table of Markdown.
std::string cell(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

std::string hex_text(i64 value) { return address_hex(static_cast<u64>(value)); }

// How the page tells of the fields of one form: their bounds, and a value of theirs.
struct FormText {
    std::string (*bounds)(const FieldSpec& field);
    std::string (*value)(const FieldSpec& field, i64 value);
};

std::string no_bounds(const FieldSpec&) { return ""; }
std::string number_bounds(const FieldSpec& field) {
    // -1 stands for leaving the field out, where that is allowed.
    const bool left_out = !field.required && field.min == -1 && field.default_value == -1;
    return std::to_string(left_out ? 0 : field.min) + " to " + std::to_string(field.max);
}
std::string hex_bounds(const FieldSpec& field) { return hex_text(field.min) + " to " + hex_text(field.max); }
std::string frame_bounds(const FieldSpec&) { return "from 0"; }
std::string length_bounds(const FieldSpec&) { return "1 to " + std::to_string(MAX_NAME_LENGTH) + " characters"; }

std::string number_value(const FieldSpec&, i64 value) { return std::to_string(value); }
std::string hex_value(const FieldSpec&, i64 value) { return hex_text(value); }
std::string flags_value(const FieldSpec& field, i64 value) {
    return flags_text(flag_set_of(field.unit).set(kernel_rules{}), static_cast<u64>(value));
}

constexpr auto form_texts = table_by<Form, FormText>({
    {Form::integer, {number_bounds, number_value}},
    {Form::order, {number_bounds, number_value}},
    {Form::frame, {frame_bounds, number_value}},
    {Form::hex_number, {hex_bounds, hex_value}},
    {Form::address, {no_bounds, hex_value}},
    {Form::flag, {no_bounds, number_value}},
    {Form::size, {number_bounds, number_value}},
    {Form::name, {length_bounds, number_value}},
    {Form::zone, {number_bounds, number_value}},
    {Form::migratetype, {number_bounds, number_value}},
    {Form::wmark, {number_bounds, number_value}},
    {Form::flags, {no_bounds, flags_value}},
    {Form::result, {no_bounds, number_value}},
    {Form::row_of_results, {no_bounds, number_value}},
    {Form::place, {no_bounds, hex_value}},
    {Form::path, {length_bounds, number_value}},
});

std::string bounds_text(const FieldSpec& field) {
    return field.names.empty() ? form_texts[unit_row(field.unit).form].bounds(field) : "";
}

// "one of `a`, `b`", or what the unit says.
std::string field_help(const FieldSpec& field) {
    if (field.names.empty()) return std::string(unit_row(field.unit).help);
    std::string out = "one of ";
    for (std::size_t i = 0; i < field.names.size(); ++i)
        out += (i > 0 ? ", `" : "`") + std::string(field.names[i]) + "`";
    return out;
}

std::string field_row(const FieldSpec& field) {
    const std::string needed = field.required ? "required" : "`" + default_text(field) + "`";
    return "| `" + std::string(field.name) + "` | " + field_help(field) + " | " + (needed == "`-`" ? "" : needed) +
           " | " + bounds_text(field) + " | " + cell(field.help) + " |\n";
}

// The names that the examples of this page give: pages a, caches c, objects o and rows of them.
std::string_view example_name(const OpSpec& spec) {
    if (spec.makes == ResultKind::cache) return "c";
    if (spec.makes == ResultKind::object) return spec.has_row() ? "b[]" : "o";
    if (spec.makes == ResultKind::area) return "v";
    if (spec.makes == ResultKind::space) return "m";
    if (spec.makes == ResultKind::file) return "f";
    if (spec.makes == ResultKind::region) return "r";
    return spec.has_row() ? "b[]" : "a";
}

// A number where the text is one.
OrderedJson example_json(std::string_view text) {
    i64 number = 0;
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data(), end, number).ptr == end) return number;
    return text;
}

// What the example of an op writes for a field; nothing where the field is left out. A field that takes an object takes
// one of a row where the op has one, and where it makes another object, the one before it.
std::optional<OrderedJson> example_value(const OpSpec& spec, const FieldSpec& field) {
    const UnitRow& unit = unit_row(field.unit);
    // An op that makes a row and may take one shows the first.
    if (spec.has_row() && unit.takes != ResultKind::none && unit.takes == spec.makes && !field.required)
        return std::nullopt;
    if (unit.form == Form::row_of_results && spec.has_row()) return "b[]";
    if (unit.takes == ResultKind::object && spec.makes != ResultKind::none) return "p";
    const bool always = unit.takes != ResultKind::none || unit.form == Form::name;
    if (!unit.example.empty() && (always || field.required)) return example_json(unit.example);
    if (field.unit == Unit::gfp) return default_text(field);
    if (field.name == spec.row_field) return 8;
    if (!field.required) return std::nullopt;
    if (!field.names.empty()) return field.names.front();
    const i64 least = std::max(field.default_value, field.min);
    if (unit.form == Form::hex_number) return hex_text(least);
    return least;
}

std::string example(const OpSpec& spec) {
    OrderedJson step;
    step["op"] = spec.name;
    for (const FieldSpec& field : spec.field_list())
        if (std::optional<OrderedJson> value = example_value(spec, field))
            step[std::string(field.name)] = *std::move(value);
    if (spec.makes != ResultKind::none) step["as"] = example_name(spec);
    std::string line = json_text(step);
    line.pop_back();
    return line;
}

std::string op_section(const OpSpec& spec) {
    std::string out = "\n## " + std::string(spec.name) + "\n\n" + std::string(spec.help_en) + "\n" +
                      std::string(spec.help_zh) + "\n\nStands for `" + std::string(spec.kernel_function) + "`.";
    if (spec.makes != ResultKind::none && spec.has_row())
        out += std::string(" Makes a row of results: ") + (spec.makes == ResultKind::object ? "objects." : "pages.");
    else if (spec.makes != ResultKind::none)
        out += " Makes a result: " + std::string(result_kind_text(spec.makes)) + ".";
    if (spec.boots)
        out += " Only with `\"boot\": \"stepped\"`: memblock's ops first, then the stages in the order of this page.";
    out += "\n";
    if (!spec.field_list().empty()) {
        out += "\n| field | written as | left out | bounds | meaning |\n|---|---|---|---|---|\n";
        for (const FieldSpec& field : spec.field_list()) out += field_row(field);
    }
    return out + "\n```json\n" + example(spec) + "\n```\n";
}

std::string_view result_kind_name(ResultKind kind) {
    static constexpr std::string_view names[] = {"none", "pages",         "cache", "object",
                                                 "area", "address space", "file",  "region"};
    return names[static_cast<std::size_t>(kind)];
}

OrderedJson field_json(const FieldSpec& field) {
    OrderedJson out;
    out["name"] = field.name;
    out["written_as"] = field_help(field);
    if (const Form form = unit_row(field.unit).form; form != Form::address && form != Form::place) {
        out["min"] = field.min;
        out["max"] = field.max;
    }
    if (field.required) out["required"] = true;
    if (!field.required && default_text(field) != "-") out["default"] = default_text(field);
    out["help"] = std::string_view(field.help);
    return out;
}

} // namespace

std::string default_text(const FieldSpec& field) {
    const UnitRow& unit = unit_row(field.unit);
    if (field.default_value < 0 || field.default_value == unit.left_out) return "-";
    if (!field.names.empty()) return std::string(field.names[static_cast<std::size_t>(field.default_value)]);
    return form_texts[unit.form].value(field, field.default_value);
}

std::string op_list_text() {
    std::string out;
    for (u16 kind = 0; kind < op_count(); ++kind) {
        const OpSpec& spec = op_spec(kind);
        std::string call(spec.name);
        for (const FieldSpec& field : spec.field_list())
            call += field.required ? " " + std::string(field.name) : " [" + std::string(field.name) + "]";
        if (spec.makes != ResultKind::none) call += " [as]";
        call.resize(std::max<std::size_t>(call.size() + 1, 44), ' ');
        out += call + std::string(spec.help_en) + "\n";
    }
    return out;
}

std::string op_list_json() {
    OrderedJson list = OrderedJson::array();
    for (u16 kind = 0; kind < op_count(); ++kind) {
        const OpSpec& spec = op_spec(kind);
        OrderedJson op;
        op["name"] = spec.name;
        op["kernel_function"] = std::string_view(spec.kernel_function);
        op["makes_result"] = spec.makes != ResultKind::none;
        if (spec.makes != ResultKind::none) op["result_is"] = result_kind_name(spec.makes);
        if (spec.has_row()) op["row_of"] = spec.row_field;
        op["boots"] = spec.boots;
        op["fields"] = OrderedJson::array();
        for (const FieldSpec& field : spec.field_list()) op["fields"].push_back(field_json(field));
        op["help"] = {{"en", std::string_view(spec.help_en)}, {"zh", std::string_view(spec.help_zh)}};
        list.push_back(std::move(op));
    }
    return json_text(list);
}

std::string op_reference() {
    std::string out(REFERENCE_HEAD);
    for (u16 kind = 0; kind < op_count(); ++kind) out += op_section(op_spec(kind));
    return out;
}

} // namespace mm
