// "steps" of a scenario: op objects by the op table. Names of results are in scenario_results.cpp, loops and random runs
// in scenario_loops.cpp.
#include <algorithm>

#include "base/enum_table.h"
#include "machine/flag_sets.h"
#include "scenario/reader.h"

namespace mm {

namespace {

constexpr i64 MAX_WRITTEN_ORDER = 1'000'000;
constexpr std::string_view step_fields[] = {"note", "view", "question", "expect"};

std::vector<std::string_view> op_names() {
    std::vector<std::string_view> names;
    for (u16 kind = 0; kind < op_count(); ++kind) names.push_back(op_spec(kind).name);
    return names;
}

} // namespace

bool StepReader::steps(const Field& at) {
    return reader_.list(at, MAX_SCENARIO_STEPS) &&
           reader_.each(at, [&](const Field& item, std::size_t) { return step(item); });
}

bool StepReader::step(const Field& at) {
    if (!reader_.any_object(at)) return false;
    ScenarioStep& out = scenario_.steps.emplace_back();
    out.first_op = static_cast<u32>(scenario_.ops.size());
    const Error place = reader_.error_at(at, "");
    out.line = place.line;
    out.column = place.column;
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
        return read_two_languages(reader_, f, MAX_NOTE_LENGTH, out.note.en, out.note.zh);
    };
    const ExpectContext context{scenario_.profile, machine_, results_, cache_names_};
    const auto expect = [&](const Field& f) { return read_expectations(reader_, f, context, out.expect); };
    const auto question = [&](const Field& f) { return read_question(reader_, f, context, out.question.emplace()); };
    const auto view = [&](const Field& f) { return read_view_name(reader_, f, out.view); };
    return reader_.optional(at, "note", note) && reader_.optional(at, "view", view) &&
           reader_.optional(at, "question", question) && reader_.optional(at, "expect", expect);
}

bool StepReader::add_op(const Field& at, const Op& op) {
    if (scenario_.ops.size() >= MAX_SCENARIO_OPS)
        return reader_.fail(
            at, told("the scenario has more than {0} ops here", "到这里场景已超过 {0} 个操作", {MAX_SCENARIO_OPS}));
    if (const std::optional<Error> error = check_op(machine_, op)) return reader_.fail_below(at, *error);
    scenario_.ops.push_back(op);
    return true;
}

bool StepReader::op_kind(const Field& at, u16& kind) {
    if (!at.value->find("op"))
        return reader_.fail(at, {"expected a step with \"op\", \"random\" or \"repeat\"",
                                 "步骤里应当有 \"op\"、\"random\" 或 \"repeat\""});
    return reader_.required(at, "op", [&](const Field& field) {
        std::string name;
        if (!reader_.text(field, 64, name)) return false;
        const std::optional<u16> found = find_op(name);
        if (found) kind = *found;
        return found || reader_.fail(field, told("there is no op \"{0}\"{1}", "没有操作 \"{0}\"{1}",
                                                 {quotable(name), suggestion(name, op_names())}));
    });
}

bool StepReader::known_fields(const Field& at, const OpSpec& spec, bool in_loop) {
    std::vector<std::string_view> known{"op", "cpu"};
    for (const FieldSpec& field : spec.field_list()) known.push_back(field.name);
    if (spec.makes != ResultKind::none) known.push_back("as");
    // The note, the question and the expectations of a loop are its own, not its ops'.
    if (!in_loop) known.insert(known.end(), std::begin(step_fields), std::end(step_fields));
    for (std::size_t i = 0; in_loop && i < at.value->keys.size(); ++i)
        if (std::find(std::begin(step_fields), std::end(step_fields), at.value->keys[i].first) != std::end(step_fields))
            return reader_.fail_key(at, i,
                                    {"belongs to the repeat as a whole: write it beside \"repeat\"",
                                     "属于整个 repeat：请写在 \"repeat\" 旁边"});
    return reader_.object(at, known) && one_way_each(at, spec);
}

// "page" and "pfn" would each say which page is meant.
bool StepReader::one_way_each(const Field& at, const OpSpec& spec) {
    for (std::size_t i = 0; i < at.value->keys.size(); ++i) {
        const std::string& key = at.value->keys[i].first;
        for (const FieldSpec& field : spec.field_list()) {
            if (field.instead_of.empty() || field.name != key) continue;
            for (const FieldSpec& other : spec.field_list()) {
                const bool same = other.name == field.instead_of || other.instead_of == field.instead_of;
                if (same && other.name != key && at.value->find(other.name))
                    return reader_.fail_key(at, i,
                                            told("\"{0}\" and \"{1}\" say the same in two ways: write one of them",
                                                 "\"{0}\" 和 \"{1}\" 说的是同一件事：请只写一个", {other.name, key}));
            }
        }
    }
    return true;
}

bool StepReader::op_fields(const Field& at, const Loop* loop, OpTemplate& out) {
    if (!reader_.any_object(at)) return false;
    for (std::size_t i = 0; loop && i < at.value->keys.size(); ++i) {
        const std::string& key = at.value->keys[i].first;
        if (key == "repeat")
            return reader_.fail_key(
                at, i,
                {"found a repeat inside a repeat, expected an op: write the inner steps out, "
                 "or make it a repeat of its own",
                 "repeat 里面又有 repeat，这里应当是操作：请把里面的步骤逐一写出，或者单独写成一个 repeat"});
        if (key == "random")
            return reader_.fail_key(at, i,
                                    {"found a random run inside a repeat, expected an op: make it a step of its own",
                                     "repeat 里面有 random，这里应当是操作：请把它单独写成一步"});
    }
    if (!op_kind(at, out.op.kind)) return false;
    const OpSpec& spec = op_spec(out.op.kind);
    if (!known_fields(at, spec, loop != nullptr)) return false;
    const auto fields = spec.field_list();
    const auto read_field = [&](std::size_t i) {
        out.op.arg[i] = fields[i].default_value;
        const auto read = [&](const Field& f) {
            return value(f, {fields[i], loop, out.row, out.op.arg[i], out.arg_stride[i]});
        };
        return fields[i].required ? reader_.required(at, fields[i].name, read)
                                  : reader_.optional(at, fields[i].name, read);
    };
    // How long the row is must be known before the names of rows are read.
    if (spec.has_row()) {
        if (!read_field(static_cast<std::size_t>(spec.field_index(spec.row_field)))) return false;
        out.row = row_length(spec, out.op);
    }
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name != spec.row_field && !read_field(i)) return false;
    const auto cpu = [&](const Field& f) { return reader_.number(f, 0, MAX_CPUS - 1, out.op.cpu); };
    return reader_.optional(at, "cpu", cpu) &&
           reader_.optional(at, "as", [&](const Field& f) { return result_make(f, loop, out); });
}

bool StepReader::value(const Field& at, const ValueOf& of) {
    static constexpr auto readers = table_by<Form, bool (StepReader::*)(const Field&, const ValueOf&)>({
        {Form::integer, &StepReader::integer},
        {Form::order, &StepReader::order},
        {Form::frame, &StepReader::integer},
        {Form::hex_number, &StepReader::integer},
        {Form::address, &StepReader::address},
        {Form::flag, &StepReader::flag},
        {Form::size, &StepReader::size},
        {Form::name, &StepReader::cache_name},
        {Form::zone, &StepReader::zone},
        {Form::migratetype, &StepReader::migratetype},
        {Form::wmark, &StepReader::wmark},
        {Form::flags, &StepReader::flags_of},
        {Form::result, &StepReader::result_of},
        {Form::row_of_results, &StepReader::results_of},
        {Form::place, &StepReader::place},
        {Form::path, &StepReader::path},
    });
    if (!of.spec.names.empty()) return named(at, of.spec.names, of.out);
    return (this->*readers[unit_row(of.spec.unit).form])(at, of);
}

bool StepReader::integer(const Field& at, const ValueOf& of) {
    return reader_.integer(at, of.spec.min, of.spec.max, of.out);
}

// check_op() knows the machine's MAX_ORDER and says so.
bool StepReader::order(const Field& at, const ValueOf& of) {
    return reader_.integer(at, of.spec.min, MAX_WRITTEN_ORDER, of.out);
}

bool StepReader::address(const Field& at, const ValueOf& of) { return reader_.address(at, of.out); }

bool StepReader::flag(const Field& at, const ValueOf& of) {
    if (at.value->kind != JsonValue::Kind::boolean) return integer(at, of);
    of.out = at.value->boolean ? 1 : 0;
    return true;
}

bool StepReader::size(const Field& at, const ValueOf& of) {
    u64 bytes = 0;
    if (!reader_.size(at, static_cast<u64>(of.spec.max), bytes)) return false;
    of.out = static_cast<i64>(bytes);
    return true;
}

bool StepReader::migratetype(const Field& at, const ValueOf& of) {
    return at.value->kind == JsonValue::Kind::string ? named(at, migratetype_names, of.out) : integer(at, of);
}

bool StepReader::wmark(const Field& at, const ValueOf& of) {
    return at.value->kind == JsonValue::Kind::string ? named(at, wmark_names, of.out) : integer(at, of);
}

bool StepReader::flags_of(const Field& at, const ValueOf& of) { return flags(at, of.spec.unit, of.out); }

bool StepReader::result_of(const Field& at, const ValueOf& of) {
    return result_use(at, result_kind(of.spec.unit), of.loop, 0, of.out, of.stride);
}

bool StepReader::results_of(const Field& at, const ValueOf& of) {
    return result_use(at, result_kind(of.spec.unit), of.loop, of.row, of.out, of.stride);
}

// "SLAB_HWCACHE_ALIGN|SLAB_PANIC": names that the machine's kernel has, and that a caller may write.
bool StepReader::flags(const Field& at, Unit unit, i64& out) {
    const kernel_rules rules{scenario_.profile.kernel};
    const FlagSetRow& row = flag_set_of(unit);
    const FlagSet set = row.set(rules);
    std::string text, unknown;
    if (!reader_.text(at, 512, text)) return false;
    const std::optional<u64> bits = flags_from_text(set, text, &unknown);
    if (bits) {
        out = static_cast<i64>(*bits);
        return true;
    }
    return reader_.fail(
        at, told(row.unknown_en, row.unknown_zh,
                 {quotable(unknown), kernel_version_name(rules.version), suggestion(unknown, accepted_names(set))}));
}

// The kernel warns about a name with a blank: /proc/slabinfo could not be read any more.
bool StepReader::cache_name(const Field& at, const ValueOf& of) {
    const auto may_stand = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-.:,@+").find(c) != std::string_view::npos;
    };
    std::string text;
    if (!reader_.text(at, MAX_NAME_LENGTH, text)) return false;
    if (text.empty() || !std::all_of(text.begin(), text.end(), may_stand))
        return reader_.fail(at, told("\"{0}\" is no name: letters, digits and _ - . : , @ +",
                                     "\"{0}\" 不能作为名称：只能有字母、数字和 _ - . : , @ +", {quotable(text)}));
    of.out = intern(text);
    const JsonValue* op = at.parent->value->find("op");
    const std::optional<u16> kind = op ? find_op(op->string) : std::nullopt;
    if (kind && op_spec(*kind).makes == ResultKind::cache)
        results_.note_cache(text, made_at(op->string, at.parent->path()));
    cache_names_.insert(std::move(text));
    return true;
}

bool StepReader::zone(const Field& at, const ValueOf& of) {
    std::string text;
    if (!read_zone(reader_, at, scenario_.profile, text)) return false;
    const std::optional<zone_name> name = zone_from_text(text);
    const std::vector<mm::zone>& zones = machine_.physical.zones;
    const auto found = std::find_if(zones.begin(), zones.end(),
                                    [&](const mm::zone& z) { return z.node == name->node && z.type == name->type; });
    if (found == zones.end())
        return reader_.fail(
            at, told("zone {0} is not there before the machine has booted", "机器启动之前还没有内存域 {0}", {text}));
    of.out = found - zones.begin();
    return true;
}

bool StepReader::named(const Field& at, std::span<const std::string_view> names, i64& out) {
    std::size_t index = 0;
    if (!reader_.one_of(at, names, index)) return false;
    out = static_cast<i64>(index);
    return true;
}

} // namespace mm
