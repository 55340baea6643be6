// Texts that are no JSON: the message names line and column, in characters, what was found, what was expected, the mend.
#include "json/syntax.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace mm {
namespace {

// Without the "not JSON: " that all have.
std::string error_of(std::string_view text) {
    const Result<JsonValue> value = parse_json(text);
    if (value) return "accepted";
    std::string error = value.error().text();
    const std::size_t at = error.find("not JSON: ");
    EXPECT_NE(at, std::string::npos) << error;
    return at == std::string::npos ? error : error.erase(at, 10);
}

TEST(JsonSyntax, CommasMissingAndTooMany) {
    EXPECT_EQ(error_of("[1 2]"), "line 1, column 4: found 2, expected a comma or ]: a comma is missing before it");
    EXPECT_EQ(error_of("{\"a\": 1\n \"b\": 2}"),
              "line 2, column 2: found \"b\", expected a comma or }: a comma is missing before it");
    EXPECT_EQ(error_of("[{} {}]"), "line 1, column 5: found {, expected a comma or ]: a comma is missing before it");
    EXPECT_EQ(error_of("[1 true]"),
              "line 1, column 4: found true, expected a comma or ]: a comma is missing before it");
    EXPECT_EQ(error_of("[1, 2,\n]"),
              "line 1, column 6: found a comma before ], expected a value behind it: remove the comma");
    EXPECT_EQ(error_of("{\"步骤\": 1,}"),
              "line 1, column 9: found a comma before }, expected a name in quotes behind it: remove the comma");
    EXPECT_EQ(error_of("[1,,2]"),
              "line 1, column 4: found a second comma, expected a value: remove it, or write what is "
              "missing");
    EXPECT_EQ(error_of("[,1]"),
              "line 1, column 2: found a comma, expected a value or ]: remove it, or write what is missing");
    EXPECT_EQ(error_of("{\"a\":,}"),
              "line 1, column 6: found a comma, expected a value: remove it, or write what is missing");
    EXPECT_EQ(error_of("{},"), "line 1, column 3: found a comma, expected nothing behind the value: remove it");
}

TEST(JsonSyntax, ColonsAndBrackets) {
    EXPECT_EQ(error_of("{\"a\" 1}"),
              "line 1, column 6: found 1, expected a colon behind the name: write : between the name and its value");
    EXPECT_EQ(error_of("{\"a\" = 1}"), "line 1, column 6: found =, expected a colon behind the name: write :");
    EXPECT_EQ(error_of("{\"a\":\n }"), "line 2, column 2: found }, expected a value");
    EXPECT_EQ(error_of("[1; 2]"), "line 1, column 3: found ;, expected a comma or ]: write ,");
    EXPECT_EQ(error_of("{\"a\": [1}"),
              "line 1, column 9: found }, expected a comma or ]: the [ of line 1, column 7 is still open");
    EXPECT_EQ(error_of("[]]"), "line 1, column 3: found ], expected nothing behind the value: one bracket too many");
    EXPECT_EQ(error_of("[1,\n {\"a\": 2"),
              "line 2, column 9: the text ends here, expected a comma or }: the { of line 2, column 2 is not closed");
    EXPECT_EQ(error_of(""), "line 1, column 1: the text is empty, expected an object {...}");
    EXPECT_EQ(error_of(" \n"), "line 2, column 1: the text is empty, expected an object {...}");
    EXPECT_EQ(error_of("\xEF\xBB\xBF"), "line 1, column 1: the text is empty, expected an object {...}");
    EXPECT_EQ(error_of("\xEF\xBB\xBF \r\n"), "line 2, column 1: the text is empty, expected an object {...}");
    EXPECT_EQ(error_of("1 1"), "line 1, column 3: found 1, expected nothing behind the value: a file holds one value");
    EXPECT_EQ(error_of("<!doctype html>"),
              "line 1, column 1: found <, expected a value: this looks like HTML or XML, not like JSON");
}

TEST(JsonSyntax, QuotesOfOtherKinds) {
    const std::string mend = "JSON text stands between straight quotes \"\"";
    EXPECT_EQ(error_of("{“a”: 1}"),
              "line 1, column 2: found “ (U+201C), a curly quote, expected a name in quotes or }: " + mend);
    EXPECT_EQ(error_of("{\"甲\": ‘b’}"),
              "line 1, column 7: found ‘ (U+2018), a curly quote, expected a value: " + mend);
    EXPECT_EQ(error_of("['a']"), "line 1, column 2: found ', expected a value or ]: " + mend);
    EXPECT_EQ(
        error_of("{\"a”: 1}"),
        "line 1, column 9: the text that begins at line 1, column 2 does not end on its line, expected \" here; a "
        "line break inside is written \\n");
    EXPECT_EQ(error_of("{\"a\"： 1}"),
              "line 1, column 5: found ： (U+FF1A), a full-width colon, expected a colon behind the name: write :");
    EXPECT_EQ(error_of("[1，2]"),
              "line 1, column 3: found ， (U+FF0C), a full-width comma, expected a comma or ]: write ,");
    EXPECT_EQ(error_of("[−1]"),
              "line 1, column 2: found − (U+2212), a minus sign of typesetting, expected a value or ]: "
              "write -");
}

TEST(JsonSyntax, CommentsAndFences) {
    const std::string mend = "JSON has no comments, remove it; a lesson says things in \"notes\" and \"note\"";
    EXPECT_EQ(error_of("{\n  // steps\n}"),
              "line 2, column 3: found a comment, expected a name in quotes or }: " + mend);
    EXPECT_EQ(error_of("[1, /* 二 */ 2]"), "line 1, column 5: found a comment, expected a value: " + mend);
    EXPECT_EQ(error_of("[1] # one"), "line 1, column 5: found a comment, expected nothing behind the value: " + mend);
    EXPECT_EQ(error_of("```json\n{}\n```"),
              "line 1, column 1: found ```, expected a value: remove the fence around the text");
}

TEST(JsonSyntax, CharactersThatAreNotSeen) {
    EXPECT_EQ(error_of("{\"a\":\u200b 1}"),
              "line 1, column 6: found \\u200b, a character that is not seen, expected a value: remove it");
    EXPECT_EQ(error_of("[1,\u202e 2]"),
              "line 1, column 4: found \\u202e, a character that is not seen, expected a value: "
              "remove it");
    EXPECT_EQ(error_of("{}\ufeff"), "line 1, column 3: found \\ufeff, a character that is not seen, expected nothing "
                                    "behind the value: remove it");
    EXPECT_EQ(error_of("{\u00a0\"a\": 1}"),
              "line 1, column 2: found \\u00a0, a blank other than the space, expected a name in quotes or }: write a "
              "space");
    EXPECT_EQ(error_of("{\"a\":\u3000 1}"),
              "line 1, column 6: found \\u3000, a blank other than the space, expected a value: write a space");
    EXPECT_EQ(error_of("[\x01]"),
              "line 1, column 2: found \\u0001, a character that is not seen, expected a value or ]: remove it");
}

TEST(JsonSyntax, BytesThatAreNotUtf8) {
    const std::string mend = ", which is not UTF-8, expected a text in UTF-8: save the file in that encoding";
    EXPECT_EQ(error_of("[\"a\xff\"]"), "line 1, column 4: found the byte \\xff" + mend);
    EXPECT_EQ(error_of("{\"题\": \"\xce\xd2\"}"), "line 1, column 8: found the byte \\xce" + mend) << "GBK";
    EXPECT_EQ(error_of("[1, \xe9]"), "line 1, column 5: found the byte \\xe9" + mend);
}

TEST(JsonSyntax, WordsAndNumbersOfOtherLanguages) {
    EXPECT_EQ(error_of("[True]"), "line 1, column 2: found True, expected a value or ]: JSON writes true");
    EXPECT_EQ(error_of("{\"a\": None}"), "line 1, column 7: found None, expected a value: JSON writes null");
    EXPECT_EQ(error_of("[NaN]"), "line 1, column 2: found NaN, expected a value or ]: JSON has no such number");
    EXPECT_EQ(error_of("{op: 1}"),
              "line 1, column 2: found op, expected a name in quotes or }: names stand in quotes, \"op\"");
    EXPECT_EQ(error_of("{\"op\": alloc_page}"),
              "line 1, column 8: found alloc_page, expected a value: text stands in quotes, \"alloc_page\"");
    EXPECT_EQ(error_of("{3: 1}"),
              "line 1, column 2: found 3, expected a name in quotes or }: names stand in quotes, \"3\"");
    EXPECT_EQ(error_of("[0x40]"), "line 1, column 2: found 0x40, expected a number in decimal: hex is written as text, "
                                  "\"0x40\"");
    EXPECT_EQ(error_of("[4GiB]"),
              "line 1, column 2: found 4GiB, expected a number in decimal: what has a unit or letters "
              "is written as text, \"4GiB\"");
    EXPECT_EQ(error_of("[012]"), "line 1, column 2: found 012, a number that begins with 0: remove the zero");
    EXPECT_EQ(error_of("[+1]"), "line 1, column 2: found +, expected a value or ]: numbers have no plus sign");
    EXPECT_EQ(error_of("[.5]"),
              "line 1, column 2: found .5, expected a value or ]: a number has a digit before the point");
    EXPECT_EQ(error_of("[1.]"), "line 1, column 2: found 1., expected a digit behind the point");
    EXPECT_EQ(error_of("[-]"), "line 1, column 2: found - without a digit behind it, expected a number");
}

TEST(JsonSyntax, InsideText) {
    EXPECT_EQ(error_of("[\"a\tb\"]"), "line 1, column 4: found \\u0009, a control character (a tab): inside text it is "
                                      "written \\t");
    EXPECT_EQ(error_of("[\"C:\\dir\"]"), "line 1, column 5: found a backslash with d behind it, which means nothing: a "
                                         "backslash itself is written \\\\");
    EXPECT_EQ(error_of("[\"\\u20\"]"),
              "line 1, column 3: found \\u without four hex digits, expected one like \\u200b");
    EXPECT_EQ(error_of("[\"\\ud83d\"]"), "line 1, column 3: found half of a surrogate pair, expected both halves: "
                                         "\\ud83d\\ude00");
    EXPECT_EQ(error_of("[\"a\n\"]"),
              "line 1, column 4: the text that begins at line 1, column 2 does not end on its line, "
              "expected \" here; a line break inside is written \\n");
}

// The same in Chinese, where the order of the parts is another.
TEST(JsonSyntax, IsToldInChineseToo) {
    const auto chinese = [](std::string_view text) {
        const Result<JsonValue> value = parse_json(text);
        return value ? "accepted" : value.error().message_zh;
    };
    EXPECT_EQ(chinese("[1 2]"), "不是 JSON：这里是 2，应当是逗号或 ]：它前面少了一个逗号");
    EXPECT_EQ(chinese("[1, 2,\n]"), "不是 JSON：] 之前有个逗号，逗号后应当是一个值：请去掉逗号");
    EXPECT_EQ(chinese("[1,\n {\"a\": 2"), "不是 JSON：文字到此为止，应当是逗号或 }：第 2 行第 2 列的 { 没有闭合");
    EXPECT_EQ(chinese("{\"a\": [1}"), "不是 JSON：这里是 }，应当是逗号或 ]：第 1 行第 7 列的 [ 还没有闭合");
    EXPECT_EQ(chinese("{a: 1}"), "不是 JSON：这里是 a，应当是引号里的名字或 }：名字要写在引号里：\"a\"");
    EXPECT_EQ(chinese("[True]"), "不是 JSON：这里是 True，应当是一个值或 ]：JSON 写作 true");
    EXPECT_EQ(chinese("[0x10]"), "不是 JSON：这里是 0x10，应当是十进制数：十六进制要写成文字 \"0x10\"");
    EXPECT_EQ(chinese("[“a”]"),
              "不是 JSON：这里是弯引号 “ (U+201C)，应当是一个值或 ]：JSON 的文字要写在直引号 \"\" 之间");
    EXPECT_EQ(chinese("[\"a\tb\"]"), "不是 JSON：这里是控制字符 \\u0009（制表符）：文字里写作 \\t");
    EXPECT_EQ(chinese(""), "不是 JSON：文字是空的，应当是一个对象 {...}");
}

// No complaint is told in English alone: each mend of a broken text has Chinese in it.
TEST(JsonSyntax, EveryComplaintHasBothLanguages) {
    const std::string text = R"({"a": [1, -2.5e+3, "b\u00e9\n", true, null, {}], "步": {"d": [], "e": false}})";
    const std::string_view bytes = "{}[]:,\"\\0-+.eEtn \n\x01\x80\xe4\xff'`<;=/#";
    for (std::size_t at = 0; at < text.size(); ++at)
        for (const char byte : bytes) {
            std::string changed = text;
            changed[at] = byte;
            const std::optional<SyntaxComplaint> found = json_complaint(changed);
            if (found) { EXPECT_NE(found->message.en, found->message.zh) << changed; }
        }
}

// Where the parser accepts, there is no complaint, and the other way round: for each text and each text with one byte
// changed, left out or doubled.
TEST(JsonSyntax, AgreesWithTheParserAboutWhatIsJson) {
    const std::string text = R"({"a": [1, -2.5e+3, "b\u00e9\n", true, null, {}], "步": {"d": [], "e": false}})";
    ASSERT_FALSE(json_complaint(text).has_value());
    const std::string_view bytes = "{}[]:,\"\\0-+.eEtn \n\x01\x80\xe4\xff";
    const auto compare = [](const std::string& changed) {
        const Result<JsonValue> value = parse_json(changed);
        // Equal keys and nesting are not the grammar's.
        if (!value && value.error().message.find("not JSON") == std::string::npos) return;
        EXPECT_EQ(json_complaint(changed).has_value(), !value.ok()) << changed;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        compare(text.substr(0, at) + text.substr(at + 1));
        compare(text.substr(0, at) + text[at] + text.substr(at));
        for (const char byte : bytes) {
            std::string changed = text;
            changed[at] = byte;
            compare(changed);
        }
    }
}

} // namespace
} // namespace mm
