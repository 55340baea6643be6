// Expectations and questions in the schema.
#include "scenario/process_facts.h"
#include "scenario/schema_parts.h"
#include "scenario/slab_facts.h"

namespace mm::schema {

namespace {

constexpr i64 MAX_NR_FREE = 1ll << 40;

OrderedJson truth_value() {
    OrderedJson out;
    out["type"] = "boolean";
    return out;
}

OrderedJson fact_value(const SlabFact& fact, const OrderedJson& number) {
    OrderedJson out;
    switch (fact.value) {
    case SlabFact::Value::number: return number;
    case SlabFact::Value::list: return list_of(integer(0, MAX_OBJS_PER_SLAB));
    case SlabFact::Value::cache_name: return text(CACHE_NAME_PATTERN);
    case SlabFact::Value::flag: return truth_value();
    case SlabFact::Value::pfn: out["type"] = "null"; return any_of({number_or_hex(0, PFN_NONE - 1), std::move(out)});
    }
    return out;
}

// {"c": {"nr_slabs": 2, "nr_partial": {"0": 1}}}
OrderedJson facts_schema(SlabFact::Of of, const OrderedJson& number, bool numbers_only) {
    OrderedJson properties;
    for (const SlabFact& fact : slab_facts()) {
        if (fact.of != of || (numbers_only && fact.value != SlabFact::Value::number)) continue;
        OrderedJson value = fact_value(fact, number);
        if (fact.key == SlabFact::Key::object) value = map_of(RESULT_PATTERN, std::move(value));
        if (fact.key == SlabFact::Key::cpu || fact.key == SlabFact::Key::node)
            value = map_of("^[0-9]+$", std::move(value));
        value["description"] = fact.help;
        properties[std::string(fact.name)] = std::move(value);
    }
    return map_of(".", object(std::move(properties), {}));
}

// {"p": {"map_count": 9}}
OrderedJson process_facts_schema(ProcessFact::Of of, const OrderedJson& number, bool numbers_only) {
    OrderedJson properties;
    for (const ProcessFact& fact : process_facts()) {
        if (fact.of != of) continue;
        OrderedJson value = number;
        if (fact.address && !numbers_only) value = any_of({number, definition("hex")});
        if (!fact.words.empty() && numbers_only) continue;
        if (!fact.words.empty()) value = fact.flag() ? truth_value() : one_of_names(fact.words);
        if (fact.by_region) value = map_of(RESULT_PATTERN, std::move(value));
        value["description"] = fact.help;
        properties[std::string(fact.name)] = std::move(value);
    }
    if (of == ProcessFact::Of::machine) return properties;
    OrderedJson facts = object(std::move(properties), {});
    if (of == ProcessFact::Of::page || of == ProcessFact::Of::chunk) facts = map_of(".", std::move(facts));
    return map_of(RESULT_PATTERN, std::move(facts));
}

// {"p": {"a": [[0, "4KiB", "r--p"]]}}
OrderedJson vmas_schema() {
    OrderedJson offset;
    offset["type"] = {"integer", "string"};
    OrderedJson row;
    row["type"] = "array";
    row["prefixItems"] = {offset, offset, text("^([r-][w-][x-][ps]|hole)$"), text("")};
    row["minItems"] = ExpectedVma::LENGTH - 1;
    row["maxItems"] = ExpectedVma::LENGTH;
    OrderedJson rows = list_of(std::move(row));
    rows["minItems"] = 1;
    rows["maxItems"] = MAX_EXPECTED_VMAS;
    return map_of(RESULT_PATTERN, map_of(".", std::move(rows)));
}

// What numbers there are, each written as `number`.
OrderedJson numbers_schema(const OrderedJson& number, bool numbers_only) {
    OrderedJson times = map_of(".", number);
    times["propertyNames"] = definition("event");
    const OrderedJson by_number = map_of(zone_pattern(), map_of("^[0-9]+$", number));
    OrderedJson marks;
    for (const std::string_view mark : wmark_names) marks[std::string(mark)] = number;
    OrderedJson properties;
    properties["events"] = std::move(times);
    properties["nr_free"] = by_number;
    properties["pcp_count"] = by_number;
    properties["lowmem_reserve"] = by_number;
    properties["watermark"] = map_of(zone_pattern(), object(std::move(marks), {}));
    properties["free_pages"] = map_of(zone_pattern(), number);
    properties["managed_pages"] = map_of(zone_pattern(), number);
    for (std::size_t of = 0; of < slab_fact_subjects.size(); ++of)
        properties[std::string(slab_fact_subjects[of])] =
            facts_schema(static_cast<SlabFact::Of>(of), number, numbers_only);
    for (std::size_t of = 0; of < process_fact_subjects.size(); ++of)
        properties[std::string(process_fact_subjects[of])] =
            process_facts_schema(static_cast<ProcessFact::Of>(of), number, numbers_only);
    const OrderedJson of_machine = process_facts_schema(ProcessFact::Of::machine, number, numbers_only);
    for (const auto& fact : of_machine.items()) properties[fact.key()] = fact.value();
    for (const std::string_view subject : argument_subjects)
        properties[std::string(subject)] = definition(numbers_only ? "asked_arguments" : "arguments");
    return properties;
}

} // namespace

OrderedJson event_schema() {
    OrderedJson names = OrderedJson::array();
    for (const u16 kind : event_kinds()) names.push_back(event_spec(kind).name);
    OrderedJson out;
    out["enum"] = std::move(names);
    return out;
}

// {"vmap_area_taken": {"start": "0xffff800008000000"}}
OrderedJson arguments_schema(bool asks) {
    OrderedJson value;
    if (asks)
        value["const"] = "?";
    else
        value["type"] = {"integer", "string"};
    OrderedJson out = map_of(".", map_of("^[a-z_]+$", std::move(value)));
    out["propertyNames"] = definition("event");
    return out;
}

OrderedJson expect_schema() {
    OrderedJson count;
    count["type"] = "integer";
    OrderedJson properties;
    properties["pfn"] = number_or_hex(0, PFN_NONE - 1);
    properties["outcome"] = one_of_names(outcome_names);
    properties["type"] = one_of_names(migratetype_names);
    properties["errno"] = text("^E[A-Z]+$");
    properties["vmas"] = vmas_schema();
    properties["no_events"] = list_of(definition("event"));
    const OrderedJson numbers = numbers_schema(count, false);
    for (const auto& item : numbers.items()) properties[item.key()] = item.value();
    properties["events"] = any_of({list_of(definition("event")), numbers["events"]});
    return object(std::move(properties), {});
}

OrderedJson asked_schema() {
    OrderedJson mark;
    mark["const"] = "?";
    return object(numbers_schema(mark, true), {});
}

namespace {

// Free lists, VMAs, or a block and what is free in it.
OrderedJson picture_schema() {
    OrderedJson lists;
    lists["nr_free"] = map_of(zone_pattern(), map_of("^[0-9]+$", integer(0, MAX_NR_FREE)));
    OrderedJson block;
    block["block"] = number_or_hex(0, PFN_NONE - 1);
    block["order"] = integer(0, MAX_PICTURE_ORDER);
    block["free"] = map_of("^0[xX][0-9a-fA-F]+$", integer(0, MAX_PICTURE_ORDER));
    OrderedJson vmas;
    vmas["vmas"] = vmas_schema();
    return any_of({object(std::move(lists), {"nr_free"}), object(std::move(vmas), {"vmas"}),
                   object(std::move(block), {"block", "order", "free"})});
}

OrderedJson between(OrderedJson list, std::size_t min, std::size_t max) {
    list["minItems"] = min;
    list["maxItems"] = max;
    return list;
}

OrderedJson item_schema() {
    OrderedJson item;
    item["text"] = definition("note");
    item["event"] = definition("event");
    return object(std::move(item), {"text", "event"});
}

// {"buddy_split": "pfn"}
OrderedJson values_schema() {
    OrderedJson out = map_of(".", text("^[a-z_]+$"));
    out["propertyNames"] = definition("event");
    out["minProperties"] = 1;
    out["maxProperties"] = MAX_ASKED_VALUES;
    return out;
}

} // namespace

OrderedJson question_schema() {
    OrderedJson choice;
    choice["text"] = definition("note");
    choice["when"] = definition("expect");
    OrderedJson properties;
    properties["text"] = definition("note");
    properties["choices"] = between(list_of(object(std::move(choice), {"text", "when"})), 2, MAX_CHOICES);
    properties["pictures"] = between(list_of(picture_schema()), 2, MAX_CHOICES);
    properties["ask"] =
        one_of_names(std::initializer_list<std::string_view>{"number", "page", "object", "branch", "order", "several"});
    properties["answer"] = definition("asked");
    properties["within"] = any_of({integer(0, 1ll << 40), text("^(100|[0-9]{1,2})%$")});
    properties["of"] = text(RESULT_PATTERN);
    properties["among"] = one_of_names(question_among_names);
    properties["items"] = between(list_of(item_schema()), 2, MAX_CHOICES);
    properties["path_to"] = definition("event");
    properties["values"] = values_schema();
    properties["because"] = list_of(definition("event"));
    return object(std::move(properties), {"text"});
}

} // namespace mm::schema
