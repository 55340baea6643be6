#include "json/json.h"

#include <gtest/gtest.h>

#include "both_languages.h"

namespace mm {

namespace {

std::string error_of(std::string_view text, const JsonLimits& limits = {}) {
    const Result<JsonValue> value = parse_json(text, limits);
    return value ? "accepted" : test::in_both(value.error()).text();
}

JsonValue parsed(std::string_view text) {
    Result<JsonValue> value = parse_json(text);
    EXPECT_TRUE(value.ok()) << value.error().text();
    return value ? std::move(*value) : JsonValue{};
}

} // namespace

TEST(Json, EveryValueKnowsWhereItStands) {
    const std::string_view text = R"( { "a" : [ 12 , -3, "x\"]y" , true ] ,
  "b":{"c":null}, "d": 1.5 } )";
    const JsonValue root = parsed(text);
    const auto stands_at = [&](const JsonValue& value, std::string_view token) {
        return text.substr(value.offset).starts_with(token);
    };
    EXPECT_EQ(root.offset, 1u);
    ASSERT_EQ(root.keys.size(), 3u);
    EXPECT_EQ(text.substr(root.keys[1].second, 3), "\"b\"");
    const JsonValue& a = root.items[0];
    EXPECT_TRUE(stands_at(a, "[ 12"));
    EXPECT_TRUE(stands_at(a.items[0], "12"));
    EXPECT_TRUE(stands_at(a.items[1], "-3,"));
    EXPECT_TRUE(stands_at(a.items[2], "\"x\\\"]y\""));
    EXPECT_TRUE(stands_at(a.items[3], "true"));
    EXPECT_TRUE(stands_at(*root.find("b"), "{\"c\""));
    EXPECT_TRUE(stands_at(*root.find("b")->find("c"), "null"));
    EXPECT_TRUE(stands_at(*root.find("d"), "1.5"));
}

TEST(Json, ValuesAreWhatTheTextSays) {
    const JsonValue root = parsed(R"([-9223372036854775808, 9223372036854775807, "伙伴A", false, 2.5, {}, []])");
    EXPECT_EQ(root.items[0].integer, INT64_MIN);
    EXPECT_EQ(root.items[1].integer, INT64_MAX);
    EXPECT_EQ(root.items[2].string, "伙伴A");
    EXPECT_EQ(root.items[3].kind, JsonValue::Kind::boolean);
    EXPECT_EQ(root.items[4].kind, JsonValue::Kind::real);
    EXPECT_EQ(root.items[5].kind_name().en, "an object");
    EXPECT_EQ(root.items[6].kind_name().en, "a list");
}

TEST(Json, AByteOrderMarkMovesNothing) {
    const JsonValue root = parsed("\xEF\xBB\xBF{\"a\": 7}");
    EXPECT_EQ(root.offset, 3u);
    EXPECT_EQ(root.find("a")->offset, 9u);
}

TEST(Json, ErrorsNameLineAndColumn) {
    EXPECT_EQ(error_of("{\n  \"a\": 1,\n  \"a\": 2}"), "line 3, column 3: \"a\" stands twice in one object");
    EXPECT_EQ(error_of("[1,\n 9223372036854775808]"),
              "line 2, column 2: [1]: 9223372036854775808 does not fit in 64 bits with a sign");
    EXPECT_EQ(error_of("[-9223372036854775809]"),
              "line 1, column 2: [0]: -9223372036854775809 does not fit in 64 bits with a sign");
    EXPECT_EQ(error_of("[1e999]"), "line 1, column 6: not JSON: number overflow parsing '1e999'");
}

// The parser takes a NUL byte for the end of the text.
TEST(Json, ANulByteIsAnErrorWhereItStands) {
    const std::string error = "not JSON: a NUL byte, which may not stand in text";
    EXPECT_EQ(error_of(std::string("{\"a\": 1}\n\0garbage", 17)), "line 2, column 1: " + error);
    EXPECT_EQ(error_of(std::string("{\"a\": 1}\0", 9)), "line 1, column 9: " + error);
    EXPECT_EQ(error_of(std::string("{\"a\": \0 1}", 10)), "line 1, column 7: " + error);
    EXPECT_EQ(error_of(std::string("[\"a\0b\"]", 7)).substr(0, 18), "line 1, column 4: ");
    EXPECT_EQ(error_of("[\"a\\u0000b\"]"), "accepted");
}

TEST(Json, Utf16IsNamed) {
    const std::string error = "line 1, column 1: the file is UTF-16; expected UTF-8";
    EXPECT_EQ(error_of(std::string("\xFF\xFE{\0}\0", 6)), error);
    EXPECT_EQ(error_of(std::string("\xFE\xFF\0{\0}", 6)), error);
    EXPECT_EQ(error_of(std::string("{\0\"\0}\0", 6)), error);
    EXPECT_EQ(error_of(std::string("\0{\0}", 4)), error);
    EXPECT_EQ(error_of("\xEF\xBB\xBF{}"), "accepted");
}

TEST(Json, ANumberThatDoesNotFitHasItsPath) {
    const auto path_of = [](const std::string& text) {
        const Result<JsonValue> value = parse_json(text);
        return value ? "accepted" : value.error().path + ": " + test::in_both(value.error()).message;
    };
    EXPECT_EQ(path_of(R"({"steps": [{"op": "x"}, {"a": [], "order": 9223372036854775808}]})"),
              "steps[1].order: 9223372036854775808 does not fit in 64 bits with a sign");
    EXPECT_EQ(path_of("[1, [2, -99999999999999999999]]"),
              "[1][1]: -99999999999999999999 does not fit in 64 bits with a sign");
    EXPECT_EQ(path_of("99999999999999999999"), ": 99999999999999999999 does not fit in 64 bits with a sign");
}

TEST(Json, EveryPrefixOfATextIsAnErrorWithAPlace) {
    const std::string text = R"({"a": [1, -2, "b\u00e9\n", true, null, 1.25], "c": {"d": "伙伴"}})";
    for (std::size_t length = 0; length < text.size(); ++length) {
        const Result<JsonValue> value = parse_json(std::string_view(text).substr(0, length));
        ASSERT_FALSE(value.ok()) << length;
        EXPECT_EQ(value.error().line, 1) << length;
        EXPECT_GE(value.error().column, 1) << length;
        EXPECT_LE(value.error().column, static_cast<int>(length) + 1) << length;
    }
    EXPECT_TRUE(parse_json(text).ok());
}

TEST(Json, CapsHold) {
    EXPECT_EQ(error_of("[1,2,3,4]", {.bytes = 8}), "9 bytes are more than the 8 that a file may have");
    EXPECT_EQ(error_of("[1,2,3]", {.values = 3}), "line 1, column 6: more than 3 values");
    EXPECT_EQ(error_of("[[[1]]]", {.depth = 2}), "line 1, column 3: nested deeper than 2 levels");
    EXPECT_EQ(error_of("[[[1]]]", {.depth = 3}), "accepted");
    EXPECT_EQ(error_of(std::string(1'000'000, '[')), "line 1, column 25: nested deeper than 24 levels");
}

TEST(Json, ManyKeysCostNoTime) {
    std::string text = "{";
    for (int i = 0; i < 200'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
    text += "\"77\":1}";
    const Result<JsonValue> value = parse_json(text);
    ASSERT_FALSE(value.ok());
    EXPECT_EQ(test::in_both(value.error()).message, "\"77\" stands twice in one object");
}

TEST(Json, PlacesAreFoundInAnyOrder) {
    const TextPlaces places("ab\n\ncd");
    const auto at = [&](std::size_t offset) {
        const TextPlace place = places.place_of(offset);
        return std::to_string(place.line) + ":" + std::to_string(place.column);
    };
    EXPECT_EQ(at(5), "3:2");
    EXPECT_EQ(at(0), "1:1");
    EXPECT_EQ(at(2), "1:3");
    EXPECT_EQ(at(3), "2:1");
    EXPECT_EQ(at(99), "3:3");
}

// Characters as an editor counts them: code points, however many bytes, and no byte order mark.
TEST(Json, ColumnsCountCharacters) {
    const auto at = [](std::string_view text, std::string_view token) {
        const TextPlace place = TextPlaces(text).place_of(text.find(token));
        return std::to_string(place.line) + ":" + std::to_string(place.column);
    };
    EXPECT_EQ(at("伙伴 x", "x"), "1:4");
    EXPECT_EQ(at("a\né\U0001f600x", "x"), "2:3");
    EXPECT_EQ(at("\xEF\xBB\xBF{x", "x"), "1:2");
    EXPECT_EQ(at("\xEF\xBB\xBF\n{x", "x"), "2:2");
    // A line that is longer than what is counted at once.
    std::string text = "[\n";
    for (int i = 0; i < 3000; ++i) text += "伙,";
    EXPECT_EQ(at(text + "x", "x"), "2:6001");
    EXPECT_EQ(error_of("{\"伙伴\": 1, \"伙伴\": 2}"), "line 1, column 11: \"伙伴\" stands twice in one object");
}

} // namespace mm
