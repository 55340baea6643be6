#include "json/syntax.h"

#include <algorithm>
#include <array>
#include <vector>

#include "json/json.h"

namespace mm {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Words in both languages that have no values in them.
struct Words {
    std::string_view en, zh;
    operator Told() const { return {std::string(en), std::string(zh)}; }
};

// What people write for a character of JSON.
struct LookAlike {
    u32 code;
    Words name;
    Words mend;
};
constexpr Words QUOTES = {"JSON text stands between straight quotes \"\"", "JSON 的文字要写在直引号 \"\" 之间"};
constexpr Words CURLY_QUOTE = {"a curly quote", "弯引号"};
constexpr Words CORNER_BRACKET = {"a corner bracket", "直角引号"};
constexpr Words GUILLEMET = {"a guillemet", "书名号式引号"};
constexpr LookAlike look_alikes[] = {
    {0x201c, CURLY_QUOTE, QUOTES},
    {0x201d, CURLY_QUOTE, QUOTES},
    {0x201e, {"a low quote", "下引号"}, QUOTES},
    {0x201f, CURLY_QUOTE, QUOTES},
    {0x2018, CURLY_QUOTE, QUOTES},
    {0x2019, CURLY_QUOTE, QUOTES},
    {0x00ab, GUILLEMET, QUOTES},
    {0x00bb, GUILLEMET, QUOTES},
    {0x300c, CORNER_BRACKET, QUOTES},
    {0x300d, CORNER_BRACKET, QUOTES},
    {0xff02, {"a full-width quote", "全角引号"}, QUOTES},
    {0x00b4, {"an accent", "重音符"}, QUOTES},
    {0xff0c, {"a full-width comma", "全角逗号"}, {"write ,", "请写 ,"}},
    {0x3001, {"a Chinese comma", "顿号"}, {"write ,", "请写 ,"}},
    {0xff1a, {"a full-width colon", "全角冒号"}, {"write :", "请写 :"}},
    {0xff5b, {"a full-width brace", "全角花括号"}, {"write {", "请写 {"}},
    {0xff5d, {"a full-width brace", "全角花括号"}, {"write }", "请写 }"}},
    {0xff3b, {"a full-width bracket", "全角方括号"}, {"write [", "请写 ["}},
    {0xff3d, {"a full-width bracket", "全角方括号"}, {"write ]", "请写 ]"}},
    {0x3010, {"a Chinese bracket", "方头括号"}, {"write [", "请写 ["}},
    {0x3011, {"a Chinese bracket", "方头括号"}, {"write ]", "请写 ]"}},
    {0x2212, {"a minus sign of typesetting", "排版用的减号"}, {"write -", "请写 -"}},
    {0x2013, {"a dash", "破折号"}, {"write -", "请写 -"}},
    {0x2014, {"a dash", "破折号"}, {"write -", "请写 -"}},
};

// The words of other languages for JSON's three.
struct ForeignWord {
    std::string_view word, json;
};
constexpr ForeignWord foreign_words[] = {{"True", "true"},     {"TRUE", "true"},   {"yes", "true"},  {"on", "true"},
                                         {"False", "false"},   {"FALSE", "false"}, {"no", "false"},  {"off", "false"},
                                         {"None", "null"},     {"NULL", "null"},   {"Null", "null"}, {"nil", "null"},
                                         {"undefined", "null"}};

constexpr Words NAMES = {"names stand in quotes", "名字要写在引号里"};
constexpr Words MISSING_COMMA = {"a comma is missing before it", "它前面少了一个逗号"};

class Grammar {
  public:
    explicit Grammar(std::string_view text) : text_(text) {
        if (text.starts_with(BYTE_ORDER_MARK)) at_ = BYTE_ORDER_MARK.size();
    }

    std::optional<SyntaxComplaint> check() {
        while (!complaint_) {
            while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
            if (at_ == text_.size()) {
                if (state_ != State::end) ends_early();
                break;
            }
            token();
        }
        return std::move(complaint_);
    }

  private:
    // What may come next.
    enum class State : u8 { value, first_value, key, first_key, colon, comma, end };

    [[nodiscard]] bool in_object() const { return !open_.empty() && text_[open_.back()] == '{'; }
    [[nodiscard]] bool wants_value() const { return state_ == State::value || state_ == State::first_value; }
    [[nodiscard]] bool wants_key() const { return state_ == State::key || state_ == State::first_key; }

    [[nodiscard]] Told expected() const {
        switch (state_) {
        case State::value: return {"a value", "一个值"};
        case State::first_value: return {"a value or ]", "一个值或 ]"};
        case State::key: return {"a name in quotes", "引号里的名字"};
        case State::first_key: return {"a name in quotes or }", "引号里的名字或 }"};
        case State::colon: return {"a colon behind the name", "名字后面的冒号"};
        case State::comma: return in_object() ? Told("a comma or }", "逗号或 }") : Told("a comma or ]", "逗号或 ]");
        case State::end: return {"nothing behind the value", "值后面不再有内容"};
        }
        return {};
    }

    void complain(std::size_t offset, Told message) {
        if (!complaint_) complaint_ = SyntaxComplaint{offset, std::move(message)};
    }
    void wrong(const Told& found, const Told& mend = {}) {
        const Told what = told("found {0}, expected {1}", "这里是{0}，应当是{1}", {found, expected()});
        complain(at_, mend.empty() ? what : told("{0}: {1}", "{0}：{1}", {what, mend}));
    }

    [[nodiscard]] Told place(std::size_t offset) const {
        const TextPlace at = TextPlaces(text_).place_of(offset);
        return told("line {0}, column {1}", "第 {0} 行第 {1} 列", {at.line, at.column});
    }
    [[nodiscard]] std::string open_bracket() const { return std::string(1, text_[open_.back()]); }

    void ends_early() {
        Told message = told("the text ends here, expected {0}", "文字到此为止，应当是{0}", {expected()});
        const std::size_t begin = text_.starts_with(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.size() : 0;
        if (text_.find_first_not_of(" \t\r\n", begin) == std::string_view::npos)
            message = {"the text is empty, expected an object {...}", "文字是空的，应当是一个对象 {...}"};
        if (!open_.empty())
            message = told("{0}: the {1} of {2} is not closed", "{0}：{2}的 {1} 没有闭合",
                           {message, open_bracket(), place(open_.back())});
        complain(at_, std::move(message));
    }

    void value_ends() { state_ = open_.empty() ? State::end : State::comma; }

    void token() {
        const char c = text_[at_];
        switch (c) {
        case '{':
        case '[':
            if (wants_value()) return begin(c);
            break;
        case '}':
        case ']': return close(c);
        case ',':
            if (state_ == State::comma) return comma();
            return misplaced_comma();
        case ':':
            if (state_ == State::colon) return step(State::value);
            break;
        case '"':
            if (wants_value() || wants_key()) return string();
            break;
        default:
            if (wants_value() && (c == '-' || is_digit(c))) return number();
            if (wants_value() && is_literal()) return;
            break;
        }
        unexpected();
    }

    void step(State next) {
        ++at_;
        state_ = next;
    }

    void begin(char c) {
        open_.push_back(at_);
        step(c == '{' ? State::first_key : State::first_value);
    }

    void comma() {
        comma_at_ = at_;
        step(in_object() ? State::key : State::value);
    }

    void close(char c) {
        const bool matches = !open_.empty() && in_object() == (c == '}');
        const bool may_end = state_ == State::comma || state_ == (c == '}' ? State::first_key : State::first_value);
        if (matches && may_end) {
            open_.pop_back();
            ++at_;
            return value_ends();
        }
        const std::string name(1, c);
        if (matches && state_ == (c == '}' ? State::key : State::value))
            return complain(comma_at_, told("found a comma before {0}, expected {1} behind it: remove the comma",
                                            "{0} 之前有个逗号，逗号后应当是{1}：请去掉逗号", {name, expected()}));
        if (!open_.empty() && !matches)
            return wrong(symbol(name), told("the {0} of {1} is still open", "{1}的 {0} 还没有闭合",
                                            {open_bracket(), place(open_.back())}));
        wrong(symbol(name),
              open_.empty() && state_ == State::end ? Told("one bracket too many", "多了一个括号") : Told());
    }

    // What stands there, as Chinese sets it apart from the words around it.
    static Told symbol(const std::string& text) { return {text, " " + text}; }

    void misplaced_comma() {
        static constexpr Words COMMA = {"a comma", "逗号"};
        if (state_ == State::end) return wrong(COMMA, {"remove it", "请去掉"});
        const bool second = state_ == State::key || (state_ == State::value && !in_object());
        wrong(second ? Told("a second comma", "第二个逗号") : Told(COMMA),
              second || !open_.empty() ? Told("remove it, or write what is missing", "请去掉，或补上缺少的内容")
                                       : Told());
    }

    // ---- text in quotes

    void string() {
        const std::size_t begin = at_;
        for (++at_; !complaint_;) {
            if (at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r')
                return complain(
                    at_, told("the text that begins at {0} does not end on its line, expected \" here; a line "
                              "break inside is written \\n",
                              "从{0}开始的文字没有在本行结束，这里应当有 \"；其中的换行写作 \\n", {place(begin)}));
            const char c = text_[at_];
            if (c == '"') break;
            if (c == '\\')
                escape();
            else
                plain();
        }
        if (complaint_) return;
        ++at_;
        if (wants_key())
            state_ = State::colon;
        else
            value_ends();
    }

    void plain() {
        const character c = character_at(text_, at_);
        if (!c.is_utf8) return not_utf8();
        if (c.code < 0x20)
            return complain(at_, c.code == '\t'
                                     ? told("found {0}, a control character (a tab): inside text it is written \\t",
                                            "这里是控制字符 {0}（制表符）：文字里写作 \\t", {escaped_character(c.code)})
                                     : told("found {0}, a control character, inside text: remove it",
                                            "文字里有控制字符 {0}：请去掉", {escaped_character(c.code)}));
        at_ += c.bytes;
    }

    // The four digits behind \u; nullopt: they are not there.
    [[nodiscard]] std::optional<u32> four_digits(std::size_t at) const {
        u32 code = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const char c = at + i < text_.size() ? text_[at + i] : '\0';
            const std::size_t digit = std::string_view("0123456789abcdefABCDEF").find(c);
            if (c == '\0' || digit == std::string_view::npos) return std::nullopt;
            code = code << 4 | static_cast<u32>(digit < 16 ? digit : digit - 6);
        }
        return code;
    }

    void escape() {
        const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
        if (c == 'u') {
            const std::optional<u32> code = four_digits(at_ + 2);
            if (!code)
                return complain(at_, {"found \\u without four hex digits, expected one like \\u200b",
                                      "这里的 \\u 后面没有四个十六进制数字，应当像 \\u200b"});
            const bool high = *code >= 0xd800 && *code <= 0xdbff;
            const bool low = *code >= 0xdc00 && *code <= 0xdfff;
            const std::optional<u32> next = high && text_.substr(std::min(at_ + 6, text_.size())).starts_with("\\u")
                                                ? four_digits(at_ + 8)
                                                : std::nullopt;
            if (low || (high && !(next && *next >= 0xdc00 && *next <= 0xdfff)))
                return complain(at_, {"found half of a surrogate pair, expected both halves: \\ud83d\\ude00",
                                      "这里只有半个代理对，应当两半都有：\\ud83d\\ude00"});
            at_ += high ? 12 : 6;
        } else if (c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
            at_ += 2;
        } else {
            complain(
                at_,
                told("found a backslash with {0} behind it, which means nothing: a backslash itself is written \\\\",
                     "反斜杠后面是{0}，没有这种写法：反斜杠本身写作 \\\\", {character_text(at_ + 1)}));
        }
    }

    // ---- numbers and words

    void number() {
        const std::size_t begin = at_;
        const auto digits = [&] {
            const std::size_t first = at_;
            while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
            return at_ > first;
        };
        if (text_[at_] == '-') ++at_;
        const std::size_t first = at_;
        if (!digits()) {
            if (text_.substr(at_).starts_with("Infinity")) return rewind_word(begin);
            return complain(begin,
                            {"found - without a digit behind it, expected a number", "- 后面没有数字，应当是一个数"});
        }
        if (text_[first] == '0' && at_ - first > 1)
            return complain(begin, told("found {0}, a number that begins with 0: remove the zero",
                                        "{0} 以 0 开头：请去掉这个零", {word_text(begin)}));
        if (at_ < text_.size() && text_[at_] == '.') {
            ++at_;
            if (!digits())
                return complain(begin, told("found {0}, expected a digit behind the point",
                                            "这里是 {0}，小数点后应当有数字", {word_text(begin)}));
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            ++at_;
            if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
            if (!digits())
                return complain(begin, told("found {0}, expected a digit behind the e", "这里是 {0}，e 后面应当有数字",
                                            {word_text(begin)}));
        }
        if (at_ < text_.size() && (is_letter(text_[at_]) || text_[at_] == '.')) return rewind_word(begin);
        value_ends();
    }

    // A number that goes on as something else: 0x10, 4GiB, 1_000.
    void rewind_word(std::size_t begin) {
        const std::string word = word_text(begin);
        const bool hex = word.starts_with("0x") || word.starts_with("0X");
        complain(begin,
                 hex ? told("found {0}, expected a number in decimal: hex is written as text, \"{0}\"",
                            "这里是 {0}，应当是十进制数：十六进制要写成文字 \"{0}\"", {word})
                     : told("found {0}, expected a number in decimal: what has a unit or letters is written as text, "
                            "\"{0}\"",
                            "这里是 {0}，应当是十进制数：带单位或字母的要写成文字 \"{0}\"", {word}));
    }

    bool is_literal() {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (!text_.substr(at_).starts_with(word)) continue;
            const std::size_t end = at_ + word.size();
            if (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) continue;
            at_ = end;
            value_ends();
            return true;
        }
        return false;
    }

    // ---- what may not stand here at all

    // Letters, digits and what numbers and names are made of, shortened.
    [[nodiscard]] std::string word_text(std::size_t begin) const {
        std::size_t end = begin;
        while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '.' ||
                                      text_[end] == '-' || text_[end] == '+'))
            ++end;
        return quotable(text_.substr(begin, end - begin), 24);
    }

    [[nodiscard]] Told character_text(std::size_t at) const {
        if (at >= text_.size()) return {"nothing", "空"};
        const character c = character_at(text_, at);
        if (!c.is_utf8 || is_hidden(c.code) || is_odd_blank(c.code)) return symbol(quotable(text_.substr(at, c.bytes)));
        return symbol(std::string(text_.substr(at, c.bytes)));
    }

    void not_utf8() {
        complain(
            at_,
            told("found the byte {0}, which is not UTF-8, expected a text in UTF-8: save the file in that encoding",
                 "这里的字节 {0} 不是 UTF-8，应当是 UTF-8 文字：请用这种编码保存文件",
                 {quotable(text_.substr(at_, 1))}));
    }

    void beyond_ascii(const character& c) {
        const std::string code = escaped_character(c.code);
        if (is_hidden(c.code))
            return wrong(told("{0}, a character that is not seen", "看不见的字符 {0}", {code}),
                         {"remove it", "请去掉"});
        if (is_odd_blank(c.code))
            return wrong(told("{0}, a blank other than the space", "不是普通空格的空白 {0}", {code}),
                         {"write a space", "请写空格"});
        const std::string number = " (U+" + upper(code.substr(2)) + ")";
        for (const LookAlike& row : look_alikes)
            if (row.code == c.code)
                return wrong(told("{0}{1}, {2}", "{2}{0}{1}", {character_text(at_), number, row.name}), row.mend);
        wrong(told("{0}{1}", "{0}{1}", {character_text(at_), code.size() == 6 ? number : ""}));
    }

    static std::string upper(std::string text) {
        for (char& c : text)
            if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
        return text;
    }

    static Told in_quotes(const Words& what, const std::string& text) {
        return told("{0}, \"{1}\"", "{0}：\"{1}\"", {what, text});
    }

    void word() {
        static constexpr Words TEXT = {"text stands in quotes", "文字要写在引号里"};
        const std::string found = word_text(at_);
        if (wants_key()) return wrong(symbol(found), in_quotes(NAMES, found));
        if (!wants_value()) return wrong(symbol(found), state_ == State::comma ? Told(MISSING_COMMA) : Told());
        for (const ForeignWord& row : foreign_words)
            if (row.word == found) return wrong(symbol(found), told("JSON writes {0}", "JSON 写作 {0}", {row.json}));
        if (found == "NaN" || found == "Infinity" || found == "inf")
            return wrong(symbol(found), {"JSON has no such number", "JSON 没有这样的数"});
        wrong(symbol(found), in_quotes(TEXT, found));
    }

    void unexpected() {
        const std::string_view rest = text_.substr(at_);
        const character c = character_at(text_, at_);
        if (!c.is_utf8) return not_utf8();
        if (c.code >= 0x80 || is_hidden(c.code)) return beyond_ascii(c);
        if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("#") || rest.starts_with("<!--"))
            return wrong({"a comment", "注释"},
                         {"JSON has no comments, remove it; a lesson says things in \"notes\" and \"note\"",
                          "JSON 没有注释，请去掉；课程里的话写在 \"notes\" 和 \"note\" 中"});
        if (rest.starts_with("```"))
            return wrong(symbol("```"), {"remove the fence around the text", "请去掉文字外面的围栏"});
        if (is_letter(rest.front())) return word();
        if (misspelt(rest.front())) return;
        misplaced(rest.front());
    }

    // A character that JSON has no use for here, but of which it is known what was meant.
    bool misspelt(char first) {
        const auto mended = [&](const Words& mend) {
            wrong(symbol(std::string(1, first)), mend);
            return true;
        };
        if (first == '\'' || first == '`') return mended(QUOTES);
        if (first == '<' && state_ == State::value && open_.empty())
            return mended({"this looks like HTML or XML, not like JSON", "看起来是 HTML 或 XML，不是 JSON"});
        if (first == '+') return mended({"numbers have no plus sign", "数字前不写加号"});
        if (first == '=' && state_ == State::colon) return mended({"write :", "请写 :"});
        if (first == ';' && state_ == State::comma) return mended({"write ,", "请写 ,"});
        if (first != '.') return false;
        wrong(symbol(word_text(at_)), {"a number has a digit before the point", "小数点前要有数字"});
        return true;
    }

    // What JSON has, in another place.
    void misplaced(char first) {
        const bool begins_value = first == '"' || first == '{' || first == '[' || first == '-' || is_digit(first);
        if (state_ == State::comma && begins_value) return wrong(symbol(beginning()), MISSING_COMMA);
        if (state_ == State::colon && begins_value)
            return wrong(symbol(beginning()), {"write : between the name and its value", "名字和值之间要写 :"});
        if (wants_key() && begins_value && first != '{' && first != '[')
            return wrong(symbol(beginning()), in_quotes(NAMES, word_text(at_)));
        if (state_ == State::end && begins_value)
            return wrong(symbol(beginning()), {"a file holds one value", "一个文件只有一个值"});
        wrong(character_text(at_));
    }

    // The value that begins here, in short.
    [[nodiscard]] std::string beginning() const {
        const char first = text_[at_];
        if (first == '{' || first == '[') return std::string(1, first);
        if (first != '"') return word_text(at_);
        const std::size_t end = text_.find_first_of("\"\\\r\n", at_ + 1);
        return "\"" + quotable(text_.substr(at_ + 1, std::min(end, text_.size()) - at_ - 1), 24) + "\"";
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t comma_at_ = 0;
    State state_ = State::value;
    std::vector<std::size_t> open_; // where the brackets around `at_` stand
    std::optional<SyntaxComplaint> complaint_;
};

} // namespace

std::optional<SyntaxComplaint> json_complaint(std::string_view text) { return Grammar(text).check(); }

} // namespace mm
