#pragma once
// Pieces of JSON Schema that the files of scenario_schema() share. Only they include it.
#include "json/write.h"
#include "scenario/scenario.h"

namespace mm::schema {

inline constexpr std::string_view RESULT_PATTERN = "^[A-Za-z][A-Za-z0-9_]*(\\[[0-9]*\\])?$";
inline constexpr std::string_view PLACE_PATTERN =
    "^[A-Za-z][A-Za-z0-9_]*(\\[[0-9]*\\])?([+-](0[xX][0-9A-Fa-f]{1,11}|[0-9]{1,13}))?$";
inline constexpr std::string_view PATH_PATTERN = "^/[A-Za-z0-9_.:,@+/-]{1,62}$";
inline constexpr std::string_view CACHE_NAME_PATTERN = "^[A-Za-z0-9_.:,@+-]{1,63}$";
inline constexpr std::string_view NAME_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

inline OrderedJson definition(std::string_view name) {
    OrderedJson out;
    out["$ref"] = "#/$defs/" + std::string(name);
    return out;
}

inline OrderedJson any_of(std::initializer_list<OrderedJson> choices) {
    OrderedJson list = OrderedJson::array();
    for (const OrderedJson& choice : choices) list.push_back(choice);
    OrderedJson out;
    out["anyOf"] = std::move(list);
    return out;
}

template <class Names>
OrderedJson one_of_names(const Names& names) {
    OrderedJson list = OrderedJson::array();
    for (std::string_view name : names) list.push_back(name);
    OrderedJson out;
    out["enum"] = std::move(list);
    return out;
}

inline OrderedJson integer(i64 min, i64 max) {
    OrderedJson out;
    out["type"] = "integer";
    out["minimum"] = min;
    out["maximum"] = max;
    return out;
}

inline OrderedJson text(std::string_view pattern) {
    OrderedJson out;
    out["type"] = "string";
    if (!pattern.empty()) out["pattern"] = pattern;
    return out;
}

inline OrderedJson number_or_hex(i64 min, i64 max) { return any_of({integer(min, max), definition("hex")}); }

inline OrderedJson list_of(OrderedJson items) {
    OrderedJson out;
    out["type"] = "array";
    out["items"] = std::move(items);
    return out;
}

// An object with these properties and no others.
inline OrderedJson object(OrderedJson properties, std::initializer_list<std::string_view> required) {
    OrderedJson out;
    out["type"] = "object";
    out["additionalProperties"] = false;
    if (required.size() > 0) {
        out["required"] = OrderedJson::array();
        for (std::string_view name : required) out["required"].push_back(name);
    }
    out["properties"] = std::move(properties);
    return out;
}

// An object whose keys all match a pattern.
inline OrderedJson map_of(std::string_view key_pattern, OrderedJson values) {
    OrderedJson out;
    out["type"] = "object";
    out["additionalProperties"] = false;
    out["patternProperties"][std::string(key_pattern)] = std::move(values);
    return out;
}

template <class Names>
std::string alternatives(const Names& names) {
    std::string out;
    for (std::string_view name : names) out += (out.empty() ? "" : "|") + std::string(name);
    return out;
}

inline std::string zone_pattern() { return "^[0-7]:(" + alternatives(zone_type_names) + ")$"; }

// Names of events; of "expect" and "when"; of "answer", where "?" stands for the number; of "question".
OrderedJson event_schema();
OrderedJson arguments_schema(bool asks);
OrderedJson expect_schema();
OrderedJson asked_schema();
OrderedJson question_schema();

} // namespace mm::schema
