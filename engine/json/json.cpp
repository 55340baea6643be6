#include "json/json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <nlohmann/json.hpp>

#include "json/syntax.h"

namespace mm {

namespace {

// Builds the tree from the parser's callbacks. A callback that returns false ends the parse; error() then says why.
//
// The callbacks carry no places. The parser hands over each token that it has accepted, in order, so `at_` walks over
// the same text: it skips what may stand between tokens and then the one token that the callback is about.
class TreeBuilder {
  public:
    TreeBuilder(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {
        if (text.starts_with(BYTE_ORDER_MARK)) at_ = BYTE_ORDER_MARK.size();
    }

    [[nodiscard]] JsonValue take_root() { return std::move(root_); }
    [[nodiscard]] const Error& error() const { return error_; }

    bool null() { return add(JsonValue::Kind::null) != nullptr; }
    bool boolean(bool value) {
        JsonValue* added = add(JsonValue::Kind::boolean);
        if (added) added->boolean = value;
        return added != nullptr;
    }
    bool number_integer(i64 value) {
        JsonValue* added = add(JsonValue::Kind::integer);
        if (added) added->integer = value;
        return added != nullptr;
    }
    bool number_unsigned(u64 value) {
        if (value > static_cast<u64>(std::numeric_limits<i64>::max())) return too_large(std::to_string(value));
        return number_integer(static_cast<i64>(value));
    }
    bool number_float(double value, const std::string& digits) {
        // The parser reads integers beyond 64 bits as floating point.
        if (digits.find_first_not_of("-0123456789") == std::string::npos) return too_large(digits);
        JsonValue* added = add(JsonValue::Kind::real);
        if (added) added->real = value;
        return added != nullptr;
    }
    bool string(std::string& value) {
        JsonValue* added = add(JsonValue::Kind::string);
        if (added) added->string = std::move(value);
        return added != nullptr;
    }
    bool binary(std::vector<u8>&) {
        return fail(at_, {"binary values are not part of JSON text", "JSON 文字中没有二进制的值"});
    }

    bool start_object(std::size_t) { return open(JsonValue::Kind::object); }
    bool start_array(std::size_t) { return open(JsonValue::Kind::array); }
    bool key(std::string& name) {
        const std::size_t start = next_token();
        open_.back()->keys.emplace_back(std::move(name), start);
        return true;
    }
    bool end_object() {
        next_token();
        const JsonValue& object = *open_.back();
        open_.pop_back();
        return keys_differ(object);
    }
    bool end_array() {
        next_token();
        open_.pop_back();
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& exception) {
        // The parser takes a NUL byte for the end of the text.
        if (position > 0 && position <= text_.size() && text_[position - 1] == '\0') return nul_byte(position - 1);
        if (const std::optional<SyntaxComplaint> found = json_complaint(text_))
            return fail(found->offset, not_json(found->message));
        // The grammar is right: a number that fits nowhere. "[json.exception.out_of_range.406] number overflow ..."
        std::string words = exception.what();
        words.erase(0, words.find("] ") + 2);
        return fail(position > 0 ? position - 1 : 0, not_json(quotable(words, 160)));
    }

    bool nul_byte(std::size_t offset) {
        return fail(offset, not_json({"a NUL byte, which may not stand in text", "有 NUL 字节，文字中不能有它"}));
    }

  private:
    static Told not_json(const Told& why) { return told("not JSON: {0}", "不是 JSON：{0}", {why}); }

    bool fail(std::size_t offset, Told message) {
        const TextPlace place = TextPlaces(text_).place_of(offset);
        error_ = told_error({}, std::move(message), place.line, place.column);
        return false;
    }

    bool too_large(const std::string& digits) {
        fail(next_token(),
             told("{0} does not fit in 64 bits with a sign", "{0} 超出了 64 位带符号整数", {quotable(digits)}));
        error_.path = path();
        return false;
    }

    // Of the value that comes next.
    [[nodiscard]] std::string path() const {
        std::string out;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const JsonValue& parent = *open_[i];
            const bool is_last = i + 1 == open_.size();
            if (parent.kind == JsonValue::Kind::array)
                out += "[" + std::to_string(parent.items.size() - (is_last ? 0 : 1)) + "]";
            else
                out += (out.empty() ? "" : ".") + quotable(parent.keys.back().first);
        }
        return out;
    }

    // Moves behind the next token and returns where it begins.
    std::size_t next_token() {
        at_ = std::min(text_.find_first_not_of(" \t\r\n,:", at_), text_.size());
        const std::size_t start = at_;
        const char first = start < text_.size() ? text_[start] : '\0';
        if (first == '"') {
            for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
                if (text_[at_] == '\\') ++at_;
            ++at_;
        } else if (std::string_view("{}[]").find(first) != std::string_view::npos) {
            ++at_;
        } else {
            at_ = std::min(text_.find_first_of(" \t\r\n,:{}[]", at_), text_.size());
        }
        return start;
    }

    JsonValue* add(JsonValue::Kind kind) {
        const std::size_t start = next_token();
        if (++values_ > limits_.values) {
            fail(start, told("more than {0} values", "超过了 {0} 个值", {limits_.values}));
            return nullptr;
        }
        JsonValue* added = &root_;
        if (!open_.empty()) added = &open_.back()->items.emplace_back();
        added->kind = kind;
        added->offset = start;
        return added;
    }

    bool open(JsonValue::Kind kind) {
        JsonValue* added = add(kind);
        if (!added) return false;
        if (open_.size() >= static_cast<std::size_t>(limits_.depth))
            return fail(added->offset, told("nested deeper than {0} levels", "嵌套超过了 {0} 层", {limits_.depth}));
        open_.push_back(added);
        return true;
    }

    bool keys_differ(const JsonValue& object) {
        std::vector<std::size_t> by_name(object.keys.size());
        std::iota(by_name.begin(), by_name.end(), std::size_t{0});
        std::sort(by_name.begin(), by_name.end(),
                  [&](std::size_t a, std::size_t b) { return object.keys[a] < object.keys[b]; });
        for (std::size_t i = 1; i < by_name.size(); ++i) {
            const auto& [name, offset] = object.keys[by_name[i]];
            if (name == object.keys[by_name[i - 1]].first)
                return fail(offset, told("\"{0}\" stands twice in one object", "\"{0}\" 在同一个对象中出现两次",
                                         {quotable(name)}));
        }
        return true;
    }

    std::string_view text_;
    JsonLimits limits_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    JsonValue root_;
    std::vector<JsonValue*> open_; // objects and lists around `at_`; a parent gets no sibling while it is open
    Error error_;
};

// By its byte order mark, or as the first two characters of JSON are ASCII.
bool is_utf16(std::string_view text) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return true;
    if (text.size() < 4) return false;
    const auto pair = [&](std::size_t zero, std::size_t letter) {
        return text[zero] == '\0' && text[zero + 2] == '\0' && text[letter] != '\0' && text[letter + 2] != '\0';
    };
    return pair(0, 1) || pair(1, 0);
}

} // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i].first == key) return &items[i];
    return nullptr;
}

Told JsonValue::kind_name() const {
    switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return {"true or false", " true 或 false"};
    case Kind::integer: return {"a number", "数"};
    case Kind::real: return {"a number with a fraction", "小数"};
    case Kind::string: return {"text", "文字"};
    case Kind::array: return {"a list", "列表"};
    case Kind::object: return {"an object", " JSON 对象"};
    }
    return {};
}

Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
    if (text.size() > limits.bytes)
        return told_error({}, told("{0} bytes are more than the {1} that a file may have",
                                   "{0} 字节超过了文件的上限 {1} 字节", {text.size(), limits.bytes}));
    if (is_utf16(text))
        return told_error({}, {"the file is UTF-16; expected UTF-8", "文件是 UTF-16，应当是 UTF-8"}, 1, 1);
    TreeBuilder builder(text, limits);
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return builder.error();
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        builder.nul_byte(nul);
        return builder.error();
    }
    return builder.take_root();
}

// Characters are counted once a block: files of one long line have many places.
TextPlace TextPlaces::place_of(std::size_t offset) const {
    if (line_starts_.empty()) {
        line_starts_.push_back(0);
        for (std::size_t i = 0; i < text_.size(); ++i)
            if (text_[i] == '\n') line_starts_.push_back(i + 1);
        std::size_t characters = 0;
        for (std::size_t i = 0; i <= text_.size(); i += BLOCK) {
            characters_before_.push_back(characters);
            characters += count_characters(text_.substr(i, BLOCK));
        }
    }
    offset = std::min(offset, text_.size());
    const auto characters_to = [&](std::size_t end) {
        const std::size_t block = end / BLOCK;
        return characters_before_[block] + count_characters(text_.substr(block * BLOCK, end - block * BLOCK));
    };
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    std::size_t start = *(after - 1);
    // An editor does not show the mark.
    if (start == 0 && text_.starts_with(BYTE_ORDER_MARK)) start = std::min(BYTE_ORDER_MARK.size(), offset);
    return {static_cast<int>(after - line_starts_.begin()),
            static_cast<int>(characters_to(offset) - characters_to(start)) + 1};
}

} // namespace mm
