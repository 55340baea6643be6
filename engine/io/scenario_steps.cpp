// "steps" of a scenario: op objects by the op table. Loops and random runs are in scenario_loops.cpp.
#include <algorithm>
#include <charconv>

#include "io/scenario_reader.h"
#include "physical/gfp.h"

namespace mm {

namespace {

constexpr i64 MAX_WRITTEN_ORDER = 1'000'000;
constexpr std::string_view loop_fields[] = {"note", "expect"};

std::vector<std::string_view> op_names() {
    std::vector<std::string_view> names;
    for (u16 kind = 0; kind < op_count(); ++kind) names.push_back(op_spec(kind).name);
    return names;
}

// "a[3]" is name "a" and inside "3"; "a" has no inside.
struct ResultText {
    std::string_view name;
    std::optional<std::string_view> inside;
};

ResultText split_result(std::string_view text) {
    const std::size_t open = text.find('[');
    if (open == std::string_view::npos || !text.ends_with(']')) return {text, std::nullopt};
    return {text.substr(0, open), text.substr(open + 1, text.size() - open - 2)};
}

std::string row_text(std::string_view name, u32 count) {
    return std::string(name) + "[0] to " + std::string(name) + "[" + std::to_string(count - 1) + "]";
}

} // namespace

bool is_result_name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto may_stand = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), may_stand);
}

const ResultNames::Row* ResultNames::find(std::string_view name) const {
    const auto row = rows_.find(name);
    return row == rows_.end() ? nullptr : &row->second;
}

const ResultNames::Row* ResultNames::add(const std::string& name, u32 count) {
    const u32 slots = std::max(count, 1u);
    if (slots > MAX_RESULTS - slots_) return nullptr;
    const Row row{slots_, count};
    slots_ += slots;
    return &rows_.emplace(name, row).first->second;
}

std::vector<std::string_view> ResultNames::names() const {
    std::vector<std::string_view> names;
    for (const auto& [name, row] : rows_) names.push_back(name);
    return names;
}

std::vector<std::string> ResultNames::slot_names() const {
    std::vector<std::string> names(slots_);
    for (const auto& [name, row] : rows_) {
        if (row.count == 0) names[row.first] = name;
        for (u32 i = 0; i < row.count; ++i) names[row.first + i] = name + "[" + std::to_string(i) + "]";
    }
    return names;
}

bool StepReader::steps(const Field& at) {
    return reader_.list(at, MAX_SCENARIO_STEPS) &&
           reader_.each(at, [&](const Field& item, std::size_t) { return step(item); });
}

bool StepReader::step(const Field& at) {
    if (!reader_.any_object(at)) return false;
    ScenarioStep& out = scenario_.steps.emplace_back();
    out.first_op = static_cast<u32>(scenario_.ops.size());
    if (at.value->find("repeat")) {
        if (!repeat(at)) return false;
    } else if (at.value->find("random")) {
        if (!random(at)) return false;
    } else {
        OpTemplate op;
        if (!op_fields(at, nullptr, op) || !add_op(at, op.op)) return false;
    }
    out.nr_ops = static_cast<u32>(scenario_.ops.size()) - out.first_op;
    const auto note = [&](const Field& f) {
        return read_two_languages(reader_, f, MAX_NOTE_BYTES, out.note.en, out.note.zh);
    };
    const auto expect = [&](const Field& f) { return read_expectations(reader_, f, scenario_.profile, out.expect); };
    return reader_.optional(at, "note", note) && reader_.optional(at, "expect", expect);
}

bool StepReader::add_op(const Field& at, const Op& op) {
    if (scenario_.ops.size() >= MAX_SCENARIO_OPS)
        return reader_.fail(at, "the scenario has more than " + std::to_string(MAX_SCENARIO_OPS) + " ops here");
    if (const std::optional<Error> error = check_op(machine_, op)) return reader_.fail_below(at, *error);
    scenario_.ops.push_back(op);
    return true;
}

bool StepReader::op_kind(const Field& at, u16& kind) {
    if (!at.value->find("op")) return reader_.fail(at, "expected a step with \"op\", \"random\" or \"repeat\"");
    return reader_.required(at, "op", [&](const Field& field) {
        std::string name;
        if (!reader_.text(field, 64, name)) return false;
        const std::optional<u16> found = find_op(name);
        if (found) kind = *found;
        return found || reader_.fail(field, "there is no op \"" + quotable(name) + "\"" + suggestion(name, op_names()));
    });
}

bool StepReader::known_fields(const Field& at, const OpSpec& spec, bool in_loop) {
    std::vector<std::string_view> known{"op", "cpu"};
    for (const FieldSpec& field : spec.field_list()) known.push_back(field.name);
    if (spec.makes != ResultKind::none) known.push_back("as");
    // The note and the expectations of a loop are its own, not its ops'.
    if (!in_loop) known.insert(known.end(), std::begin(loop_fields), std::end(loop_fields));
    return reader_.object(at, known);
}

bool StepReader::op_fields(const Field& at, const Loop* loop, OpTemplate& out) {
    if (!reader_.any_object(at) || !op_kind(at, out.op.kind)) return false;
    const OpSpec& spec = op_spec(out.op.kind);
    if (!known_fields(at, spec, loop != nullptr)) return false;
    const auto fields = spec.field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        out.op.arg[i] = fields[i].default_value;
        const auto read = [&](const Field& f) { return value(f, fields[i], loop, out.op.arg[i], out.arg_stride[i]); };
        const bool ok = fields[i].required ? reader_.required(at, fields[i].name, read)
                                           : reader_.optional(at, fields[i].name, read);
        if (!ok) return false;
    }
    const auto cpu = [&](const Field& f) { return reader_.number(f, 0, MAX_CPUS - 1, out.op.cpu); };
    return reader_.optional(at, "cpu", cpu) &&
           reader_.optional(at, "as", [&](const Field& f) { return result_make(f, loop, out); });
}

bool StepReader::value(const Field& at, const FieldSpec& spec, const Loop* loop, i64& out, i64& stride) {
    static constexpr std::string_view marks[] = {"min", "low", "high"};
    const bool is_text = at.value->kind == JsonValue::Kind::string;
    switch (spec.unit) {
    case Unit::gfp: return gfp(at, out);
    case Unit::zone: return zone(at, out);
    case Unit::result: return result_use(at, loop, out, stride);
    // check_op() knows the machine's MAX_ORDER and says so.
    case Unit::order: return reader_.integer(at, spec.min, MAX_WRITTEN_ORDER, out);
    case Unit::migratetype:
        if (is_text) return named(at, migratetype_names, out);
        break;
    case Unit::wmark:
        if (is_text) return named(at, marks, out);
        break;
    case Unit::flag:
        if (at.value->kind == JsonValue::Kind::boolean) {
            out = at.value->boolean ? 1 : 0;
            return true;
        }
        break;
    case Unit::bytes: {
        u64 bytes = 0;
        if (!reader_.size(at, static_cast<u64>(spec.max), bytes)) return false;
        out = static_cast<i64>(bytes);
        return true;
    }
    case Unit::address: return reader_.address(at, out);
    default: break;
    }
    return reader_.integer(at, spec.min, spec.max, out);
}

bool StepReader::gfp(const Field& at, i64& out) {
    const kernel_rules rules{scenario_.profile.kernel};
    std::string text, unknown;
    if (!reader_.text(at, 512, text)) return false;
    const std::optional<gfp_t> mask = gfp_from_text(text, rules, &unknown);
    if (mask) {
        out = *mask;
        return true;
    }
    return reader_.fail(at, "\"" + quotable(unknown) + "\" is no gfp flag of Linux " +
                                std::string(kernel_version_name(rules.version)) +
                                suggestion(unknown, gfp_names(rules)));
}

bool StepReader::zone(const Field& at, i64& out) {
    std::string text;
    if (!read_zone(reader_, at, scenario_.profile, text)) return false;
    const std::optional<zone_name> name = zone_from_text(text);
    const std::vector<mm::zone>& zones = machine_.physical.zones;
    const auto found = std::find_if(zones.begin(), zones.end(),
                                    [&](const mm::zone& z) { return z.node == name->node && z.type == name->type; });
    if (found == zones.end()) return reader_.fail(at, "zone " + text + " is not there before the machine has booted");
    out = found - zones.begin();
    return true;
}

bool StepReader::named(const Field& at, std::span<const std::string_view> names, i64& out) {
    std::size_t index = 0;
    if (!reader_.one_of(at, names, index)) return false;
    out = static_cast<i64>(index);
    return true;
}

bool StepReader::result_use(const Field& at, const Loop* loop, i64& slot, i64& stride) {
    std::string text;
    if (!reader_.text(at, 64, text)) return false;
    const auto [name, inside] = split_result(text);
    const ResultNames::Row* row = results_.find(name);
    if (!row)
        return reader_.fail(at, "no earlier step makes a result \"" + quotable(name) + "\"" +
                                    suggestion(name, results_.names()));
    slot = row->first;
    if (row->count == 0) return !inside || reader_.fail(at, std::string(name) + " is one result, not a row of them");
    if (!inside)
        return reader_.fail(at,
                            std::string(name) + " is a row of results: choose one of " + row_text(name, row->count));
    i64 first = 0, last = 0;
    if (inside->empty()) {
        if (!loop) return reader_.fail(at, "\"[]\" takes its number from a repeat around it, and there is none");
        first = loop->first;
        last = loop->last();
        stride = loop->stride;
    } else {
        u32 index = 0;
        const auto [end, error] = std::from_chars(inside->data(), inside->data() + inside->size(), index);
        if (error != std::errc() || end != inside->data() + inside->size())
            return reader_.fail(at, "found \"" + quotable(text) + "\", expected a number between [ and ]");
        first = last = index;
    }
    if (std::min(first, last) < 0 || std::max(first, last) >= row->count)
        return reader_.fail(at, std::string(name) + "[" +
                                    std::to_string(first < 0 || first >= row->count ? first : last) + "] is outside " +
                                    row_text(name, row->count));
    slot += first;
    return true;
}

bool StepReader::result_make(const Field& at, const Loop* loop, OpTemplate& out) {
    std::string text;
    if (!reader_.text(at, 48, text)) return false;
    const bool is_row = text.ends_with("[]");
    const std::string name = is_row ? text.substr(0, text.size() - 2) : text;
    if (!is_result_name(name))
        return reader_.fail(at, "\"" + quotable(text) + "\" is no name: a letter, then letters, digits and _" +
                                    (loop ? ", and [] for one result a turn" : ""));
    if (is_row && !loop) return reader_.fail(at, "\"[]\" takes its number from a repeat around it, and there is none");
    if (results_.find(name)) return reader_.fail(at, "an earlier step made \"" + name + "\": choose another name");
    u32 count = 0;
    if (is_row) {
        if (std::min(loop->first, loop->last()) < 0) return reader_.fail(at, "the repeat counts below 0");
        count = static_cast<u32>(std::min<i64>(std::max(loop->first, loop->last()) + 1, i64{MAX_RESULTS} + 1));
    }
    const ResultNames::Row* row = results_.add(name, count);
    if (!row) return reader_.fail(at, "more than " + std::to_string(MAX_RESULTS) + " results");
    out.op.result = row->first + (is_row ? static_cast<u32>(loop->first) : 0);
    out.result_stride = is_row ? loop->stride : 0;
    return true;
}

} // namespace mm
