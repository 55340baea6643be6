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

// What people write for a character of JSON.
struct LookAlike {
    u32 code;
    std::string_view name;
    std::string_view mend;
};
constexpr std::string_view QUOTES = "JSON text stands between straight quotes \"\"";
constexpr LookAlike look_alikes[] = {
    {0x201c, "a curly quote", QUOTES},
    {0x201d, "a curly quote", QUOTES},
    {0x201e, "a low quote", QUOTES},
    {0x201f, "a curly quote", QUOTES},
    {0x2018, "a curly quote", QUOTES},
    {0x2019, "a curly quote", QUOTES},
    {0x00ab, "a guillemet", QUOTES},
    {0x00bb, "a guillemet", QUOTES},
    {0x300c, "a corner bracket", QUOTES},
    {0x300d, "a corner bracket", QUOTES},
    {0xff02, "a full-width quote", QUOTES},
    {0x00b4, "an accent", QUOTES},
    {0xff0c, "a full-width comma", "write ,"},
    {0x3001, "a Chinese comma", "write ,"},
    {0xff1a, "a full-width colon", "write :"},
    {0xff5b, "a full-width brace", "write {"},
    {0xff5d, "a full-width brace", "write }"},
    {0xff3b, "a full-width bracket", "write ["},
    {0xff3d, "a full-width bracket", "write ]"},
    {0x3010, "a Chinese bracket", "write ["},
    {0x3011, "a Chinese bracket", "write ]"},
    {0x2212, "a minus sign of typesetting", "write -"},
    {0x2013, "a dash", "write -"},
    {0x2014, "a dash", "write -"},
};

// The words of other languages for JSON's three.
struct ForeignWord {
    std::string_view word, json;
};
constexpr ForeignWord foreign_words[] = {{"True", "true"},     {"TRUE", "true"},   {"yes", "true"},  {"on", "true"},
                                         {"False", "false"},   {"FALSE", "false"}, {"no", "false"},  {"off", "false"},
                                         {"None", "null"},     {"NULL", "null"},   {"Null", "null"}, {"nil", "null"},
                                         {"undefined", "null"}};

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

    [[nodiscard]] std::string expected() const {
        switch (state_) {
        case State::value: return "a value";
        case State::first_value: return "a value or ]";
        case State::key: return "a name in quotes";
        case State::first_key: return "a name in quotes or }";
        case State::colon: return "a colon behind the name";
        case State::comma: return in_object() ? "a comma or }" : "a comma or ]";
        case State::end: return "nothing behind the value";
        }
        return "";
    }

    void complain(std::size_t offset, std::string message) {
        if (!complaint_) complaint_ = SyntaxComplaint{offset, std::move(message)};
    }
    void wrong(const std::string& found, const std::string& mend) {
        complain(at_, "found " + found + ", expected " + expected() + (mend.empty() ? "" : ": " + mend));
    }

    [[nodiscard]] std::string place(std::size_t offset) const {
        const TextPlace at = TextPlaces(text_).place_of(offset);
        return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
    }

    void ends_early() {
        std::string message = "the text ends here, expected " + expected();
        const std::size_t begin = text_.starts_with(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.size() : 0;
        if (text_.find_first_not_of(" \t\r\n", begin) == std::string_view::npos)
            message = "the text is empty, expected an object {...}";
        if (!open_.empty())
            message += ": the " + std::string(1, text_[open_.back()]) + " of " + place(open_.back()) + " is not closed";
        complain(at_, message);
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
            return complain(comma_at_, "found a comma before " + name + ", expected " + expected() +
                                           " behind it: remove the comma");
        if (!open_.empty() && !matches)
            return wrong(name, "the " + std::string(1, text_[open_.back()]) + " of " + place(open_.back()) +
                                   " is still open");
        wrong(name, open_.empty() && state_ == State::end ? "one bracket too many" : "");
    }

    void misplaced_comma() {
        if (state_ == State::end) return wrong("a comma", "remove it");
        const bool second = state_ == State::key || (state_ == State::value && !in_object());
        wrong(second ? "a second comma" : "a comma",
              second || !open_.empty() ? "remove it, or write what is missing" : "");
    }

    // ---- text in quotes

    void string() {
        const std::size_t begin = at_;
        for (++at_; !complaint_;) {
            if (at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r')
                return complain(at_,
                                "the text that begins at " + place(begin) +
                                    " does not end on its line, expected \" here; a line break inside is written \\n");
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
            return complain(
                at_, "found " + escaped_character(c.code) + ", a control character" +
                         (c.code == '\t' ? " (a tab): inside text it is written \\t" : ", inside text: remove it"));
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
            if (!code) return complain(at_, "found \\u without four hex digits, expected one like \\u200b");
            const bool high = *code >= 0xd800 && *code <= 0xdbff;
            const bool low = *code >= 0xdc00 && *code <= 0xdfff;
            const std::optional<u32> next = high && text_.substr(std::min(at_ + 6, text_.size())).starts_with("\\u")
                                                ? four_digits(at_ + 8)
                                                : std::nullopt;
            if (low || (high && !(next && *next >= 0xdc00 && *next <= 0xdfff)))
                return complain(at_, "found half of a surrogate pair, expected both halves: \\ud83d\\ude00");
            at_ += high ? 12 : 6;
        } else if (c != '\0' && std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
            at_ += 2;
        } else {
            complain(at_, "found a backslash with " + character_text(at_ + 1) +
                              " behind it, which means nothing: a backslash itself is written \\\\");
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
            return complain(begin, "found - without a digit behind it, expected a number");
        }
        if (text_[first] == '0' && at_ - first > 1)
            return complain(begin, "found " + word_text(begin) + ", a number that begins with 0: remove the zero");
        if (at_ < text_.size() && text_[at_] == '.') {
            ++at_;
            if (!digits()) return complain(begin, "found " + word_text(begin) + ", expected a digit behind the point");
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            ++at_;
            if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
            if (!digits()) return complain(begin, "found " + word_text(begin) + ", expected a digit behind the e");
        }
        if (at_ < text_.size() && (is_letter(text_[at_]) || text_[at_] == '.')) return rewind_word(begin);
        value_ends();
    }

    // A number that goes on as something else: 0x10, 4GiB, 1_000.
    void rewind_word(std::size_t begin) {
        const std::string word = word_text(begin);
        const bool hex = word.starts_with("0x") || word.starts_with("0X");
        complain(begin, "found " + word + ", expected a number in decimal: " +
                            (hex ? "hex is written as text, \"" + word + "\""
                                 : "what has a unit or letters is written as text, \"" + word + "\""));
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

    [[nodiscard]] std::string character_text(std::size_t at) const {
        if (at >= text_.size()) return "nothing";
        const character c = character_at(text_, at);
        if (!c.is_utf8 || is_hidden(c.code) || is_odd_blank(c.code)) return quotable(text_.substr(at, c.bytes));
        return std::string(text_.substr(at, c.bytes));
    }

    void not_utf8() {
        complain(at_, "found the byte " + quotable(text_.substr(at_, 1)) +
                          ", which is not UTF-8, expected a text in UTF-8: save the file in that encoding");
    }

    void beyond_ascii(const character& c) {
        const std::string code = escaped_character(c.code);
        if (is_hidden(c.code)) return wrong(code + ", a character that is not seen", "remove it");
        if (is_odd_blank(c.code)) return wrong(code + ", a blank other than the space", "write a space");
        const std::string number = " (U+" + upper(code.substr(2)) + ")";
        for (const LookAlike& row : look_alikes)
            if (row.code == c.code)
                return wrong(character_text(at_) + number + ", " + std::string(row.name), std::string(row.mend));
        wrong(character_text(at_) + (code.size() == 6 ? number : ""), "");
    }

    static std::string upper(std::string text) {
        for (char& c : text)
            if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
        return text;
    }

    void word() {
        const std::string found = word_text(at_);
        if (wants_key()) return wrong(found, "names stand in quotes, \"" + found + "\"");
        if (!wants_value()) return wrong(found, state_ == State::comma ? "a comma is missing before it" : "");
        for (const ForeignWord& row : foreign_words)
            if (row.word == found) return wrong(found, "JSON writes " + std::string(row.json));
        if (found == "NaN" || found == "Infinity" || found == "inf") return wrong(found, "JSON has no such number");
        wrong(found, "text stands in quotes, \"" + found + "\"");
    }

    void unexpected() {
        const std::string_view rest = text_.substr(at_);
        const character c = character_at(text_, at_);
        if (!c.is_utf8) return not_utf8();
        if (c.code >= 0x80 || is_hidden(c.code)) return beyond_ascii(c);
        if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("#") || rest.starts_with("<!--"))
            return wrong("a comment",
                         "JSON has no comments, remove it; a lesson says things in \"notes\" and \"note\"");
        if (rest.starts_with("```")) return wrong("```", "remove the fence around the text");
        const char first = rest.front();
        if (first == '\'' || first == '`') return wrong(std::string(1, first), std::string(QUOTES));
        if (first == '<' && state_ == State::value && open_.empty())
            return wrong("<", "this looks like HTML or XML, not like JSON");
        if (first == '+') return wrong("+", "numbers have no plus sign");
        if (first == '.') return wrong(word_text(at_), "a number has a digit before the point");
        if (first == '=' && state_ == State::colon) return wrong("=", "write :");
        if (first == ';' && state_ == State::comma) return wrong(";", "write ,");
        if (is_letter(first)) return word();
        const bool begins_value = first == '"' || first == '{' || first == '[' || first == '-' || is_digit(first);
        if (state_ == State::comma && begins_value) return wrong(beginning(), "a comma is missing before it");
        if (state_ == State::colon && begins_value) return wrong(beginning(), "write : between the name and its value");
        if (wants_key() && begins_value && first != '{' && first != '[')
            return wrong(beginning(), "names stand in quotes, \"" + word_text(at_) + "\"");
        if (state_ == State::end && begins_value) return wrong(beginning(), "a file holds one value");
        wrong(character_text(at_), "");
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
