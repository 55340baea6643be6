// scenario_schema() of scenario.h: JSON Schema of mmscope/1, made from the op table and the names that the readers use.
// The schema is for editors: names, kinds and completion. What depends on the machine only the reader knows.
#include <algorithm>

#include "base/enum_table.h"
#include "machine/flag_sets.h"
#include "physical/gfp.h"
#include "scenario/machine_file.h"
#include "scenario/reference.h"
#include "scenario/schema_parts.h"
#include "scenario/view_names.h"
#include "slab/slab_flags.h"

namespace mm {

namespace {

using namespace schema;

using FieldSchema = OrderedJson (*)(const FieldSpec& field);

OrderedJson number_schema(const FieldSpec& field) { return number_or_hex(field.min, field.max); }
OrderedJson result_schema(const FieldSpec&) { return text(RESULT_PATTERN); }
OrderedJson flag_schema(const FieldSpec&) {
    OrderedJson out;
    out["type"] = "boolean";
    return out;
}

constexpr auto form_schemas = table_by<Form, FieldSchema>({
    {Form::integer, number_schema},
    {Form::order, number_schema},
    {Form::frame, number_schema},
    {Form::hex_number, number_schema},
    {Form::address, [](const FieldSpec&) { return number_or_hex(0, 0x7fffffffffffffff); }},
    {Form::flag, flag_schema},
    {Form::size, [](const FieldSpec&) { return definition("size"); }},
    {Form::name, [](const FieldSpec&) { return text(CACHE_NAME_PATTERN); }},
    {Form::zone, [](const FieldSpec&) { return text(zone_pattern()); }},
    {Form::migratetype, [](const FieldSpec&) { return one_of_names(migratetype_names); }},
    {Form::wmark, [](const FieldSpec&) { return one_of_names(wmark_names); }},
    {Form::flags, [](const FieldSpec& field) { return definition(flag_set_of(field.unit).name); }},
    {Form::result, result_schema},
    {Form::row_of_results, result_schema},
    {Form::place, [](const FieldSpec&) { return any_of({number_or_hex(0, 0x7fffffffffffffff), text(PLACE_PATTERN)}); }},
    {Form::path, [](const FieldSpec&) { return text(PATH_PATTERN); }},
});

OrderedJson field_schema(const FieldSpec& field) {
    const Form form = unit_row(field.unit).form;
    OrderedJson out = field.names.empty() ? form_schemas[form](field) : one_of_names(field.names);
    out["description"] = std::string_view(field.help);
    if (!field.required && default_text(field) != "-") {
        if (form == Form::flags || !field.names.empty())
            out["default"] = default_text(field);
        else
            out["default"] = field.default_value;
    }
    return out;
}

OrderedJson op_schema(const OpSpec& spec) {
    OrderedJson properties;
    properties["op"]["const"] = spec.name;
    for (const FieldSpec& field : spec.field_list()) properties[std::string(field.name)] = field_schema(field);
    if (spec.makes != ResultKind::none) properties["as"] = text("^[A-Za-z][A-Za-z0-9_]*(\\[\\])?$");
    properties["cpu"] = integer(0, MAX_CPUS - 1);
    properties["note"] = definition("note");
    properties["view"] = definition("view_name");
    properties["question"] = definition("question");
    properties["expect"] = definition("expect");
    OrderedJson out = object(std::move(properties), {"op"});
    for (const FieldSpec& field : spec.field_list())
        if (field.required) out["required"].push_back(field.name);
    out["description"] = std::string(spec.help_en) + " " + std::string(spec.help_zh);
    return out;
}

OrderedJson loop_schema(std::string_view name, OrderedJson body) {
    OrderedJson properties;
    properties[std::string(name)] = std::move(body);
    properties["note"] = definition("note");
    properties["view"] = definition("view_name");
    properties["question"] = definition("question");
    properties["expect"] = definition("expect");
    return object(std::move(properties), {name});
}

OrderedJson repeat_schema() {
    OrderedJson properties;
    properties["count"] = integer(1, MAX_SCENARIO_OPS);
    properties["first"] = integer(0, MAX_RESULTS);
    properties["stride"] = integer(-i64{MAX_RESULTS}, MAX_RESULTS);
    properties["steps"] = list_of(definition("op"));
    properties["steps"]["minItems"] = 1;
    return loop_schema("repeat", object(std::move(properties), {"count", "steps"}));
}

OrderedJson random_schema() {
    OrderedJson properties;
    properties["count"] = integer(1, MAX_SCENARIO_OPS);
    properties["seed"] = number_or_hex(0, 0x7fffffffffffffff);
    properties["max_order"] = integer(0, MAX_ORDERS - 1);
    properties["gfp"] = list_of(definition("gfp"));
    properties["free_percent"] = integer(0, 100);
    properties["slots"] = integer(1, MAX_RANDOM_SLOTS);
    properties["cpu"] = integer(0, MAX_CPUS - 1);
    properties["all_cpus"]["type"] = "boolean";
    properties["cache"] = list_of(text(RESULT_PATTERN));
    properties["size"] = list_of(definition("size"));
    properties["as"] = text("^[A-Za-z][A-Za-z0-9_]*$");
    return loop_schema("random", object(std::move(properties), {"count"}));
}

OrderedJson region_schema(bool with_node) {
    OrderedJson properties;
    properties["start"] = definition("size");
    properties["size"] = definition("size");
    if (with_node) properties["node"] = integer(0, MAX_NODES - 1);
    return object(std::move(properties), {"start", "size"});
}

OrderedJson sysctl_schema() {
    OrderedJson properties;
    OrderedJson value;
    value["type"] = "integer";
    value["minimum"] = 0;
    for (const char* name :
         {"min_free_kbytes", "watermark_scale_factor", "watermark_boost_factor", "percpu_pagelist_high_fraction"})
        properties[name] = value;
    properties["lowmem_reserve_ratio"] = list_of(value);
    properties["user_min_free"]["type"] = "boolean";
    properties["transparent_hugepage"]["type"] = "boolean";
    return object(std::move(properties), {});
}

OrderedJson slab_config_schema() {
    OrderedJson properties;
    for (const char* name : {"freelist_random", "freelist_hardened", "cpu_partial", "merge", "alien_caches"})
        properties[name]["type"] = "boolean";
    properties["slub_debug"] = text("^[FZPU]*$");
    properties["slub_min_order"] = integer(0, MAX_ORDERS - 1);
    properties["slub_max_order"] = integer(0, MAX_ORDERS - 1);
    properties["slub_min_objects"] = integer(0, 1 << 15);
    properties["cache_line_size"] = integer(16, 256);
    properties["kmalloc_min_size"] = integer(0, 256);
    properties["seed"] = number_or_hex(0, 0x7fffffffffffffff);
    return object(std::move(properties), {});
}

OrderedJson tlb_config_schema() {
    OrderedJson properties, asid_bits;
    asid_bits["enum"] = {8, 16};
    properties["entries"] = integer(1, MAX_TLB_ENTRIES);
    properties["ways"] = integer(1, MAX_TLB_WAYS);
    properties["walk_entries"] = integer(0, MAX_WALK_ENTRIES);
    properties["asid_bits"] = asid_bits;
    properties["pa_bits"] = integer(32, 52);
    properties["hafdbs"] = one_of_names(hafdbs_names);
    return object(std::move(properties), {});
}

OrderedJson profile_schema() {
    OrderedJson properties, page_bytes;
    page_bytes["enum"] = {4096, 16384, 65536};
    properties["name"] = text(NAME_PATTERN);
    properties["title"] = definition("title");
    properties["arch"] = one_of_names(architecture_names);
    properties["kernel"] = one_of_names(kernel_names);
    properties["page_size"] =
        any_of({one_of_names(std::initializer_list<std::string_view>{"4KiB", "16KiB", "64KiB"}), page_bytes});
    properties["memory"] = any_of({definition("size"), list_of(region_schema(true))});
    properties["reserved"] = list_of(region_schema(false));
    properties["memblock"] = one_of_names(memblock_names);
    properties["cma"] = list_of(region_schema(false));
    properties["device"] = list_of(region_schema(true));
    const OrderedJson core = any_of({definition("size"), text("^(100|[0-9]{1,2})%$")});
    properties["check_pages"]["type"] = "boolean";
    properties["init_on_alloc"]["type"] = "boolean";
    properties["init_on_free"]["type"] = "boolean";
    properties["kernelcore"] = core;
    properties["movablecore"] = core;
    properties["cpus"] = integer(1, MAX_CPUS);
    properties["nodes"] = integer(1, MAX_NODES);
    properties["cpu_node"] = list_of(integer(0, MAX_NODES - 1));
    properties["distance"] = list_of(list_of(integer(1, 255)));
    properties["highmem_start_pfn"] = number_or_hex(0, 1 << 20);
    properties["sysctl"] = sysctl_schema();
    properties["allocator"] = one_of_names(allocator_names);
    properties["vma_index"] = one_of_names(vma_index_names);
    properties["slab"] = slab_config_schema();
    properties["tlb"] = tlb_config_schema();
    OrderedJson zone;
    zone["type"] = "object";
    properties["recorded"] = list_of(std::move(zone));
    properties["recorded"]["description"] = "The state of a real machine, as `mmscope machine` writes it.";
    return object(std::move(properties), {"memory"});
}

OrderedJson local_text(std::size_t max_length) {
    OrderedJson words;
    words["type"] = "string";
    words["maxLength"] = max_length;
    OrderedJson properties;
    properties["en"] = words;
    properties["zh"] = words;
    return any_of({words, object(std::move(properties), {"en"})});
}

// Flags of system calls on mappings, which may have other bits in hex.
constexpr Unit CALL_FLAGS[] = {Unit::map_prot, Unit::map_flags, Unit::mremap_flags, Unit::mlock_flags,
                               Unit::msync_flags};

// Every name of every kernel, once.
OrderedJson flag_examples(FlagSet (*set)(const kernel_rules&)) {
    OrderedJson names = OrderedJson::array();
    for (const kernel_row& kernel : debian_kernels)
        for (std::string_view name : accepted_names(set(kernel_rules{kernel.version})))
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
}

OrderedJson slab_flags_schema() {
    // Each kernel takes those of the one before it.
    const std::vector<std::string_view> names =
        accepted_names(slab_flag_set(kernel_rules{debian_kernels.back().version}));
    const std::string name = "(" + alternatives(names) + ")";
    OrderedJson out = text("^(0|" + name + "(\\|" + name + ")*)$");
    for (std::string_view example : names) out["examples"].push_back(example);
    return out;
}

OrderedJson definitions() {
    OrderedJson defs;
    defs["title"] = local_text(MAX_TITLE_LENGTH);
    defs["note"] = local_text(MAX_NOTE_LENGTH);
    defs["view_name"] = one_of_names(VIEW_NAMES);
    defs["hex"] = text("^0[xX][0-9A-Fa-f]{1,16}$");
    defs["size"] = any_of({integer(0, 1ll << 48), text("^([0-9]+ ?(B|KiB|MiB|GiB|TiB)|0[xX][0-9A-Fa-f]{1,16})$")});
    defs["gfp"] = text("");
    defs["gfp"]["examples"] = flag_examples(gfp_flags);
    defs["slab_flags"] = slab_flags_schema();
    for (const Unit unit : CALL_FLAGS) {
        const FlagSetRow& row = flag_set_of(unit);
        defs[std::string(row.name)] = text("");
        defs[std::string(row.name)]["examples"] = flag_examples(row.set);
    }
    defs["profile"] = profile_schema();
    defs["event"] = event_schema();
    defs["arguments"] = arguments_schema(false);
    defs["asked_arguments"] = arguments_schema(true);
    defs["expect"] = expect_schema();
    defs["asked"] = asked_schema();
    defs["question"] = question_schema();
    OrderedJson ops = OrderedJson::array();
    for (u16 kind = 0; kind < op_count(); ++kind) {
        const std::string name = "op_" + std::string(op_spec(kind).name);
        defs[name] = op_schema(op_spec(kind));
        ops.push_back(definition(name));
    }
    defs["op"]["oneOf"] = std::move(ops);
    defs["repeat"] = repeat_schema();
    defs["random"] = random_schema();
    return defs;
}

OrderedJson view_schema() {
    OrderedJson select;
    select["pfn"] = number_or_hex(0, PFN_NONE - 1);
    select["result"] = text(RESULT_PATTERN);
    select["zone"] = text(zone_pattern());
    OrderedJson one = object(std::move(select), {});
    one["minProperties"] = 1;
    one["maxProperties"] = 1;
    OrderedJson properties;
    properties["open"] = definition("view_name");
    properties["select"] = std::move(one);
    return object(std::move(properties), {});
}

OrderedJson machine_schema() {
    OrderedJson by_name, by_profile;
    by_name["name"] = text(NAME_PATTERN);
    by_profile["profile"] = definition("profile");
    return any_of({object(std::move(by_name), {"name"}), object(std::move(by_profile), {"profile"})});
}

} // namespace

std::string scenario_schema() {
    OrderedJson properties;
    properties["format"]["const"] = SCENARIO_FORMAT;
    properties["title"] = definition("title");
    properties["summary"] = definition("note");
    properties["notes"] = definition("note");
    properties["machine"] = machine_schema();
    properties["boot"] = one_of_names(std::initializer_list<std::string_view>{"done", "stepped"});
    properties["view"] = view_schema();
    properties["steps"] = list_of(any_of({definition("op"), definition("repeat"), definition("random")}));
    properties["steps"]["maxItems"] = MAX_SCENARIO_STEPS;

    OrderedJson schema;
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["$id"] = "mmscope-1.schema.json";
    schema["title"] = "mmscope scenario, format mmscope/1";
    const OrderedJson root = object(std::move(properties), {"format", "title", "machine", "steps"});
    for (const auto& item : root.items()) schema[item.key()] = item.value();
    schema["$defs"] = definitions();
    return json_text(schema);
}

} // namespace mm
