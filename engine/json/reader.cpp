#include "json/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <vector>

namespace mm {

namespace {

char small_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein distance; capital letters are as good as small ones. Both texts are names: the longer one is cut at 64 bytes,
// so a hostile one costs nothing.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, 64);
    b = b.substr(0, 64);
    std::array<std::size_t, 65> row{};
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (small_letter(a[i - 1]) == small_letter(b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

Told names_list(std::span<const std::string_view> names) {
    Told out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool last = i + 1 == names.size();
        if (i > 0) out = told(last ? "{0} or " : "{0}, ", last ? "{0} 或 " : "{0}、", {out});
        out = told("{0}{1}", "{0}{1}", {out, names[i]});
    }
    return out;
}

struct SizeUnit {
    std::string_view name;
    u32 shift;
};
constexpr std::array<SizeUnit, 5> size_units = {{{"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};

constexpr u64 LARGEST = ~u64{0};

// "0x45f10"; nullopt when it is not written so. `fits`: 64 bits hold it.
std::optional<u64> read_hex(std::string_view text, bool& fits) {
    if (!text.starts_with("0x") && !text.starts_with("0X")) return std::nullopt;
    u64 number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + 2, end, number, 16);
    if (error == std::errc::invalid_argument || rest != end) return std::nullopt;
    fits = error == std::errc();
    return number;
}

// What 64 bits do not hold is LARGEST, which is above every bound.
std::optional<u64> size_from_text(std::string_view text) {
    if (const std::optional<u64> hex = capped_hex(text)) return hex;
    u64 number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) number = LARGEST;
    std::string_view unit = text.substr(static_cast<std::size_t>(rest - text.data()));
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    for (const SizeUnit& row : size_units)
        if (unit == row.name) return number > LARGEST >> row.shift ? LARGEST : number << row.shift;
    return std::nullopt;
}

// "a size in B, KiB, MiB, GiB or TiB, like ...", and for "1K" or "1 mb" the unit that was probably meant.
Told expected_size(std::string_view found) {
    std::vector<std::string_view> names;
    for (const SizeUnit& row : size_units) names.push_back(row.name);
    const Told out = told("a size in {0}, like \"512MiB\", or hex text like \"0x100000\"",
                          "以 {0} 为单位的大小，如 \"512MiB\"，或十六进制文字，如 \"0x100000\"", {names_list(names)});
    const std::size_t unit_at = std::min(found.find_first_not_of("0123456789"), found.size());
    std::string_view unit = found.substr(unit_at);
    if (unit.starts_with(' ')) unit.remove_prefix(1);
    if (unit_at == 0 || unit_at > 20) return out;
    for (const SizeUnit& row : size_units) {
        // "K", "KB" and "kib" for KiB.
        const std::string_view letter = row.name.substr(0, 1);
        const bool meant = edit_distance(unit, row.name) == 0 || edit_distance(unit, letter) == 0 ||
                           edit_distance(unit, std::string(letter) + "B") == 0;
        if (!unit.empty() && meant)
            return told("{0}{1}", "{0}{1}",
                        {out, meant_name(std::string(found.substr(0, unit_at)) + std::string(row.name))});
    }
    return out;
}

} // namespace

std::string Field::path() const {
    if (!parent) return std::string(key);
    std::string out = parent->path();
    if (parent->value->kind == JsonValue::Kind::array) return out + "[" + std::to_string(index) + "]";
    if (!out.empty()) out += ".";
    return out + quotable(key);
}

std::string_view nearest_name(std::string_view text, std::span<const std::string_view> known) {
    // What is not seen is not meant.
    std::string wrong;
    for (std::size_t at = 0; at < text.size() && wrong.size() < 64;) {
        const character c = character_at(text, at);
        if (!is_hidden(c.code) && !is_odd_blank(c.code)) wrong += text.substr(at, c.bytes);
        at += c.bytes;
    }
    std::string_view nearest;
    std::size_t distance = std::max<std::size_t>(2, wrong.size() / 3) + 1;
    for (std::string_view name : known) {
        const std::size_t d = edit_distance(wrong, name);
        if (d < distance && d < name.size()) {
            distance = d;
            nearest = name;
        }
    }
    return nearest;
}

Told meant_name(std::string_view name) { return told(" (did you mean \"{0}\"?)", "（是否指 \"{0}\"？）", {name}); }

Told suggestion(std::string_view wrong, std::span<const std::string_view> known) {
    const std::string_view nearest = nearest_name(wrong, known);
    if (!nearest.empty()) return meant_name(nearest);
    if (!known.empty() && known.size() <= 24) return told(" (expected {0})", "（应当是 {0}）", {names_list(known)});
    return {};
}

std::optional<u64> number_from_hex(std::string_view text) {
    bool fits = true;
    const std::optional<u64> number = read_hex(text, fits);
    return fits ? number : std::nullopt;
}

std::optional<u64> capped_hex(std::string_view text) {
    bool fits = true;
    const std::optional<u64> number = read_hex(text, fits);
    return fits ? number : LARGEST;
}

bool JsonReader::fail_at(std::size_t offset, std::string path, Told message) {
    if (failed_) return false;
    failed_ = true;
    const TextPlace place = places_.place_of(offset);
    error_ = told_error(std::move(path), std::move(message), place.line, place.column);
    return false;
}

Error JsonReader::error_at(const Field& at, Told message) const {
    const TextPlace place = places_.place_of(at.value->offset);
    return told_error(at.path(), std::move(message), place.line, place.column);
}

bool JsonReader::fail(const Field& at, Told message) {
    return fail_at(at.value->offset, at.path(), std::move(message));
}

bool JsonReader::fail_key(const Field& object, std::size_t index, Told message) {
    const auto& [key, offset] = object.value->keys[index];
    return fail_at(offset, Field{nullptr, &object, key, 0}.path(), std::move(message));
}

bool JsonReader::missing(const Field& object, std::string_view key) {
    return fail_at(object.value->offset, Field{nullptr, &object, key, 0}.path(), {"is missing", "缺少这个字段"});
}

bool JsonReader::fail_below(const Field& at, const Error& error) {
    const JsonValue* value = at.value;
    std::string_view rest = error.path;
    while (!rest.empty()) {
        if (rest.front() == '.') rest.remove_prefix(1);
        const JsonValue* next = nullptr;
        if (rest.starts_with('[')) {
            std::size_t index = 0;
            const auto [end, code] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
            if (code == std::errc() && index < value->items.size()) next = &value->items[index];
            const std::size_t close = rest.find(']');
            rest = close == std::string_view::npos ? "" : rest.substr(close + 1);
        } else {
            const std::string_view key = rest.substr(0, rest.find_first_of(".["));
            next = value->find(key);
            rest.remove_prefix(key.size());
        }
        if (!next) break;
        value = next;
    }
    std::string path = at.path();
    if (!path.empty() && !error.path.empty() && error.path.front() != '[') path += ".";
    return fail_at(value->offset, path + error.path, message_of(error));
}

namespace {

Told found_instead(const Field& at, const Told& expected) {
    return told("found {0}, expected {1}", "这里是{0}，应当是{1}", {at.value->kind_name(), expected});
}
Told found_text(std::string_view found, const Told& expected) {
    return told("found \"{0}\", expected {1}", "这里是 \"{0}\"，应当是{1}", {found, expected});
}
Told bytes_expected() { return {"a number of bytes or a size like \"4GiB\"", "字节数，或大小，如 \"4GiB\""}; }

} // namespace

bool JsonReader::any_object(const Field& at) {
    if (failed_) return false;
    if (at.value->kind == JsonValue::Kind::object) return true;
    return fail(at, found_instead(at, {"an object {...}", " JSON 对象 {...}"}));
}

bool JsonReader::object(const Field& at, std::span<const std::string_view> known) {
    if (!any_object(at)) return false;
    for (std::size_t i = 0; i < at.value->keys.size(); ++i) {
        const std::string& key = at.value->keys[i].first;
        if (std::find(known.begin(), known.end(), key) == known.end())
            return fail_key(at, i, told("no such field{0}", "没有这个字段{0}", {suggestion(key, known)}));
    }
    return true;
}

bool JsonReader::not_of_kind(const Field& root, std::string_view other, const Told& message) {
    return any_object(root) && optional(root, "format", [&](const Field& f) {
               const bool is_other = f.value->kind == JsonValue::Kind::string && f.value->string == other;
               return !is_other || fail(f, message);
           });
}

bool JsonReader::list(const Field& at, std::size_t max_items) {
    if (failed_) return false;
    if (at.value->kind != JsonValue::Kind::array) return fail(at, found_instead(at, {"a list [...]", "列表 [...]"}));
    if (at.value->items.size() > max_items)
        return fail(at, told("{0} items are above {1}", "{0} 项超过了 {1} 项", {at.value->items.size(), max_items}));
    return true;
}

bool JsonReader::integer(const Field& at, i64 min, i64 max, i64& out) {
    if (failed_) return false;
    std::string shown;
    if (at.value->kind == JsonValue::Kind::integer) {
        out = at.value->integer;
        shown = std::to_string(out);
    } else if (at.value->kind == JsonValue::Kind::string) {
        shown = quotable(at.value->string);
        const std::optional<u64> hex = capped_hex(at.value->string);
        if (!hex)
            return fail(
                at, found_text(shown, {"a number or hex text like \"0x45f10\"", "数，或十六进制文字，如 \"0x45f10\""}));
        if (*hex > 0x7fffffffffffffffull) return fail(at, told("{0} is above {1}", "{0} 超过了 {1}", {shown, max}));
        out = static_cast<i64>(*hex);
    } else {
        return fail(at, found_instead(at, {"a whole number", "整数"}));
    }
    if (out < min) return fail(at, told("{0} is below {1}", "{0} 低于 {1}", {shown, min}));
    if (out > max) return fail(at, told("{0} is above {1}", "{0} 超过了 {1}", {shown, max}));
    return true;
}

bool JsonReader::address(const Field& at, i64& out) {
    if (at.value->kind != JsonValue::Kind::string) return integer(at, 0, 0x7fffffffffffffff, out);
    const std::optional<u64> hex = number_from_hex(at.value->string);
    if (!failed_ && !hex && capped_hex(at.value->string))
        return fail(at, told("{0} has more than the 64 bits of an address", "{0} 超过了地址的 64 位",
                             {quotable(at.value->string)}));
    if (failed_ || !hex)
        return fail(at, found_text(quotable(at.value->string), {"an address as hex text like \"0xffff000005f10000\"",
                                                                "十六进制文字写的地址，如 \"0xffff000005f10000\""}));
    out = static_cast<i64>(*hex);
    return true;
}

bool JsonReader::flag(const Field& at, bool& out) {
    if (failed_) return false;
    if (at.value->kind != JsonValue::Kind::boolean)
        return fail(at, found_instead(at, {"true or false", " true 或 false"}));
    out = at.value->boolean;
    return true;
}

bool JsonReader::text(const Field& at, std::size_t max_length, std::string& out) {
    if (failed_) return false;
    if (at.value->kind != JsonValue::Kind::string) return fail(at, found_instead(at, {"text", "文字"}));
    out = at.value->string;
    if (const std::size_t length = count_characters(out); length > max_length)
        return fail(
            at, told("{0} characters of text are above {1}", "文字有 {0} 个字符，超过了 {1} 个", {length, max_length}));
    for (char c : out)
        if (static_cast<u8>(c) < 0x20 && c != '\n')
            return fail(at, {"has a control character; only \\n may stand in text", "有控制字符；文字中只能有 \\n"});
    return true;
}

bool JsonReader::size(const Field& at, u64 max, u64& out) {
    if (failed_) return false;
    std::string shown;
    if (at.value->kind == JsonValue::Kind::integer && at.value->integer >= 0) {
        out = static_cast<u64>(at.value->integer);
        shown = std::to_string(out);
    } else if (at.value->kind == JsonValue::Kind::string) {
        shown = quotable(at.value->string);
        const std::optional<u64> bytes = size_from_text(at.value->string);
        if (!bytes) return fail(at, found_text(shown, expected_size(at.value->string)));
        out = *bytes;
    } else if (at.value->kind == JsonValue::Kind::integer) {
        return fail(
            at, told("{0} is below 0; expected {1}", "{0} 低于 0；应当是{1}", {at.value->integer, bytes_expected()}));
    } else {
        return fail(at, found_instead(at, bytes_expected()));
    }
    if (out > max) return fail(at, told("{0} is above {1} bytes", "{0} 超过了 {1} 字节", {shown, max}));
    return true;
}

bool JsonReader::one_of(const Field& at, std::span<const std::string_view> names, std::size_t& out) {
    if (failed_) return false;
    if (at.value->kind != JsonValue::Kind::string)
        return fail(at, found_instead(at, told("{0}", " {0}", {names_list(names)})));
    for (out = 0; out < names.size(); ++out)
        if (at.value->string == names[out]) return true;
    return fail(at, told("\"{0}\" is unknown{1}", "没有 \"{0}\"{1}",
                         {quotable(at.value->string), suggestion(at.value->string, names)}));
}

} // namespace mm
