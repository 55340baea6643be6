#include "scenario/reference.h"

#include <algorithm>

#include "json/write.h"
#include "json/reader.h"
#include "scenario/scenario.h"
#include "physical/gfp.h"
#include "slab/slab_flags.h"

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

std::string hex_text(i64 value) { return "0x" + number_to_hex(static_cast<u64>(value)); }

std::string bounds_text(const FieldSpec& field) {
    if (!field.names.empty() || result_kind(field.unit) != ResultKind::none) return "";
    switch (field.unit) {
    case Unit::gfp:
    case Unit::address:
    case Unit::slab_flags:
    case Unit::flag: return "";
    case Unit::name: return "1 to " + std::to_string(MAX_NAME_LENGTH) + " characters";
    case Unit::pfn: return "from 0";
    case Unit::hex: return hex_text(field.min) + " to " + hex_text(field.max);
    default: break;
    }
    // -1 stands for leaving the field out, where that is allowed.
    const bool left_out = !field.required && field.min == -1 && field.default_value == -1;
    return std::to_string(left_out ? 0 : field.min) + " to " + std::to_string(field.max);
}

// "one of `a`, `b`", or what the unit says.
std::string field_help(const FieldSpec& field) {
    if (field.names.empty()) return std::string(unit_help(field.unit));
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
    if (spec.makes == ResultKind::object) return spec.row_field >= 0 ? "b[]" : "o";
    if (spec.makes == ResultKind::area) return "v";
    if (spec.makes == ResultKind::space) return "m";
    return spec.row_field >= 0 ? "b[]" : "a";
}

std::string_view example_result(const OpSpec& spec, const FieldSpec& field) {
    switch (field.unit) {
    case Unit::result: return "a";
    case Unit::cache_result: return "c";
    case Unit::object_result: return spec.row_field >= 0 ? "b[]" : spec.makes == ResultKind::none ? "o" : "p";
    case Unit::area_result: return "v";
    case Unit::space_result: return "m";
    default: return "";
    }
}

std::string example(const OpSpec& spec) {
    OrderedJson step;
    step["op"] = spec.name;
    for (const FieldSpec& field : spec.field_list()) {
        // An op that makes a row and may take one shows the first.
        const bool either = spec.row_field >= 0 && spec.makes == result_kind(field.unit) && !field.required;
        if (either && spec.makes != ResultKind::none) continue;
        if (const std::string_view name = example_result(spec, field); !name.empty())
            step[std::string(field.name)] = name;
        else if (field.unit == Unit::address && field.required)
            step[std::string(field.name)] = "0xffff000005f10000";
        else if (field.unit == Unit::name)
            step[std::string(field.name)] = "my_cache";
        else if (field.unit == Unit::bytes && field.required)
            step[std::string(field.name)] = 192;
        else if (field.unit == Unit::gfp)
            step[std::string(field.name)] = default_text(field);
        else if (spec.row_field >= 0 && field.name == spec.fields[static_cast<std::size_t>(spec.row_field)].name)
            step[std::string(field.name)] = 8;
        else if (field.required && !field.names.empty())
            step[std::string(field.name)] = field.names.front();
        else if (field.required && field.unit == Unit::hex)
            step[std::string(field.name)] = hex_text(std::max(field.default_value, field.min));
        else if (field.required)
            step[std::string(field.name)] = std::max(field.default_value, field.min);
    }
    if (spec.makes != ResultKind::none) step["as"] = example_name(spec);
    std::string line = json_text(step);
    line.pop_back();
    return line;
}

std::string op_section(const OpSpec& spec) {
    std::string out = "\n## " + std::string(spec.name) + "\n\n" + std::string(spec.help_en) + "\n" +
                      std::string(spec.help_zh) + "\n\nStands for `" + std::string(spec.kernel_function) + "`.";
    if (spec.makes != ResultKind::none && spec.row_field >= 0)
        out += std::string(" Makes a row of results: ") + (spec.makes == ResultKind::object ? "objects." : "pages.");
    else if (spec.makes != ResultKind::none)
        out += " Makes a result: " + std::string(result_kind_text(spec.makes)) + ".";
    if (spec.boots) out += " Only with `\"boot\": \"stepped\"`, in the order of this page.";
    out += "\n";
    if (!spec.field_list().empty()) {
        out += "\n| field | written as | left out | bounds | meaning |\n|---|---|---|---|---|\n";
        for (const FieldSpec& field : spec.field_list()) out += field_row(field);
    }
    return out + "\n```json\n" + example(spec) + "\n```\n";
}

std::string_view result_kind_name(ResultKind kind) {
    static constexpr std::string_view names[] = {"none", "pages", "cache", "object", "area", "address space"};
    return names[static_cast<std::size_t>(kind)];
}

OrderedJson field_json(const FieldSpec& field) {
    OrderedJson out;
    out["name"] = field.name;
    out["written_as"] = field_help(field);
    if (field.unit != Unit::address) {
        out["min"] = field.min;
        out["max"] = field.max;
    }
    if (field.required) out["required"] = true;
    if (!field.required && default_text(field) != "-") out["default"] = default_text(field);
    out["help"] = field.help;
    return out;
}

} // namespace

std::string_view unit_help(Unit unit) {
    switch (unit) {
    case Unit::pages: return "a number of pages";
    case Unit::order: return "an order";
    case Unit::pfn: return "a page frame number, hex text";
    case Unit::zone: return "a zone, `0:Normal`";
    case Unit::node: return "a node";
    case Unit::cpu: return "a CPU";
    case Unit::migratetype: return "a migrate type by name";
    case Unit::gfp: return "a gfp mask by names";
    case Unit::wmark: return "`min`, `low` or `high`";
    case Unit::flag: return "true or false";
    case Unit::kib: return "KiB";
    case Unit::result: return "the name of a result that is pages";
    case Unit::cache_result: return "the name of a result that is a cache";
    case Unit::object_result: return "the name of a result that is an object";
    case Unit::area_result: return "the name of a result that is an area";
    case Unit::space_result: return "the name of a result that is an address space";
    case Unit::name: return "a name";
    case Unit::slab_flags: return "`SLAB_` flags by names";
    case Unit::bytes: return "a size, `64KiB`";
    case Unit::address: return "an address, hex text";
    case Unit::hex: return "a number, hex text";
    default: return "a number";
    }
}

std::string default_text(const FieldSpec& field) {
    if (field.unit == Unit::gfp) return gfp_to_text(static_cast<gfp_t>(field.default_value), kernel_rules{});
    if (field.unit == Unit::slab_flags) return slab_flags_text(static_cast<slab_flags_t>(field.default_value));
    if (field.default_value < 0 || field.unit == Unit::address || field.unit == Unit::name) return "-";
    if (!field.names.empty()) return std::string(field.names[static_cast<std::size_t>(field.default_value)]);
    if (field.unit == Unit::hex) return hex_text(field.default_value);
    return std::to_string(field.default_value);
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
        op["kernel_function"] = spec.kernel_function;
        op["makes_result"] = spec.makes != ResultKind::none;
        if (spec.makes != ResultKind::none) op["result_is"] = result_kind_name(spec.makes);
        if (spec.row_field >= 0) op["row_of"] = spec.fields[static_cast<std::size_t>(spec.row_field)].name;
        op["boots"] = spec.boots;
        op["fields"] = OrderedJson::array();
        for (const FieldSpec& field : spec.field_list()) op["fields"].push_back(field_json(field));
        op["help"] = {{"en", spec.help_en}, {"zh", spec.help_zh}};
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
