// Names of results: "as" makes them, later steps use them. What each stands for is checked while the scenario loads.
#include <algorithm>
#include <charconv>

#include "scenario/reader.h"

namespace mm {

namespace {

// "a[3]" is name "a" and inside "3"; "a" has no inside.
struct ResultText {
    std::string_view name;
    std::optional<std::string_view> inside;
};

ResultText split_result(std::string_view text) {
    const std::size_t open = text.find('[');
    if (open == std::string_view::npos || !text.ends_with(']')) return {text, std::nullopt};
    return {text.substr(0, open), text.substr(open + 1, text.size() - open - 2)};
}

std::string member_text(std::string_view name, i64 index) {
    return std::string(name) + "[" + std::to_string(index) + "]";
}

std::string row_text(std::string_view name, u32 count) {
    return member_text(name, 0) + " to " + member_text(name, i64{count} - 1);
}

constexpr std::string_view NO_LOOP = "\"[]\" takes its number from a repeat around it, and there is none";

std::optional<u32> index_inside(std::string_view inside) {
    u32 index = 0;
    const char* end = inside.data() + inside.size();
    const auto [rest, error] = std::from_chars(inside.data(), end, index);
    if (error != std::errc() || rest != end) return std::nullopt;
    return index;
}

const ResultNames::Row* known_row(JsonReader& reader, const Field& at, const ResultNames& names, std::string_view name,
                                  ResultKind needed) {
    const ResultNames::Row* row = names.find(name);
    if (!row) reader.fail(at, names.no_such_result(name, needed));
    return row;
}

} // namespace

bool is_result_name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto may_stand = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
    return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), may_stand);
}

const ResultNames::Row* ResultNames::find(std::string_view name) const {
    const auto row = rows_.find(name);
    return row == rows_.end() ? nullptr : &row->second;
}

const ResultNames::Row* ResultNames::add(const std::string& name, u32 count, ResultKind kind, std::string maker) {
    const u32 slots = std::max(count, 1u);
    if (slots > MAX_RESULTS - slots_) return nullptr;
    Row row{slots_, count, kind, std::move(maker)};
    slots_ += slots;
    return &rows_.emplace(name, std::move(row)).first->second;
}

std::vector<std::string_view> ResultNames::names() const {
    std::vector<std::string_view> names;
    for (const auto& [name, row] : rows_) names.push_back(name);
    return names;
}

std::vector<std::string_view> ResultNames::names(ResultKind kind) const {
    std::vector<std::string_view> names;
    for (const auto& [name, row] : rows_)
        if (row.kind == kind) names.push_back(name);
    return names;
}

std::string ResultNames::no_such_result(std::string_view name, ResultKind needed) const {
    const std::string none = "no earlier step makes a result \"" + quotable(name) + "\"";
    if (const auto cache = cache_makers_.find(name); cache != cache_makers_.end()) {
        std::string out = none + ": that is the name of a cache, made by " + cache->second;
        for (const auto& [result, row] : rows_)
            if (row.kind == ResultKind::cache && row.maker == cache->second)
                out += ", whose result is \"" + result + "\"";
        return needed == ResultKind::cache ? out : out + "; expected " + std::string(result_kind_text(needed));
    }
    const std::vector<std::string_view> of_kind = names(needed);
    if (!nearest_name(name, of_kind).empty()) return none + suggestion(name, of_kind);
    // A name of another kind would be wrong, too, and is told as what it is.
    const std::string_view other = nearest_name(name, names());
    if (other.empty()) return none + suggestion(name, of_kind);
    const Row& row = *find(other);
    return none + ", and \"" + std::string(other) + "\" is " + std::string(result_kind_text(row.kind)) + ", made by " +
           row.maker + "; expected " + std::string(result_kind_text(needed)) + suggestion(name, of_kind);
}

std::vector<std::string> ResultNames::slot_names() const {
    std::vector<std::string> names(slots_);
    for (const auto& [name, row] : rows_) {
        if (row.count == 0) names[row.first] = name;
        for (u32 i = 0; i < row.count; ++i) names[row.first + i] = name + "[" + std::to_string(i) + "]";
    }
    return names;
}

bool check_kind(JsonReader& reader, const Field& at, std::string_view name, const ResultNames::Row& row,
                ResultKind needed) {
    if (row.kind == needed) return true;
    return reader.fail(at, std::string(name) + " is " + std::string(result_kind_text(row.kind)) + ", made by " +
                               row.maker + "; expected " + std::string(result_kind_text(needed)));
}

bool ResultNames::read(JsonReader& reader, const Field& at, std::string_view text, ResultKind kind, u32& slot) const {
    const auto [name, inside] = split_result(text);
    const Row* row = known_row(reader, at, *this, name, kind);
    if (!row || !check_kind(reader, at, name, *row, kind)) return false;
    slot = row->first;
    if (row->count == 0) return !inside || reader.fail(at, std::string(name) + " is one result, not a row of them");
    const std::optional<u32> index = inside ? index_inside(*inside) : std::nullopt;
    if (!index || *index >= row->count)
        return reader.fail(at, std::string(name) + " is a row of results: choose one of " + row_text(name, row->count));
    slot += *index;
    return true;
}

// `row` results from `slot` on are used; 0: one.
bool StepReader::result_use(const Field& at, ResultKind kind, const Loop* loop, i64 row, i64& slot, i64& stride) {
    std::string text;
    if (!reader_.text(at, 64, text)) return false;
    const auto [name, inside] = split_result(text);
    const ResultNames::Row* known = known_row(reader_, at, results_, name, kind);
    if (!known || !check_kind(reader_, at, name, *known, kind)) return false;
    slot = known->first;
    if (known->count == 0) {
        if (inside || row > 0)
            return reader_.fail(at, std::string(name) + " is one result, not a row of " +
                                        (row > 0 ? std::to_string(row) : "them"));
        return true;
    }
    if (!inside)
        return reader_.fail(at,
                            std::string(name) + " is a row of results: choose one of " + row_text(name, known->count));
    const i64 step = std::max<i64>(row, 1);
    i64 first = 0, last = 0;
    if (inside->empty()) {
        if (!loop && row == 0) return reader_.fail(at, std::string(NO_LOOP));
        first = loop ? loop->first * step : 0;
        last = loop ? loop->last() * step : 0;
        stride = loop ? loop->stride * step : 0;
    } else {
        const std::optional<u32> index = index_inside(*inside);
        if (!index) return reader_.fail(at, "found \"" + quotable(text) + "\", expected a number between [ and ]");
        first = last = *index;
    }
    const i64 lowest = std::min(first, last), highest = std::max(first, last) + step - 1;
    if (lowest < 0 || highest >= known->count) {
        const i64 outside =
            row > 0 ? (lowest < 0 ? lowest : highest) : (first < 0 || first >= known->count ? first : last);
        return reader_.fail(at, member_text(name, outside) + " is outside " + row_text(name, known->count));
    }
    slot += first;
    return true;
}

// "a", "a[]" with one a turn, and of an op that makes rows always "a[]": `row` results a turn, side by side.
bool StepReader::result_make(const Field& at, const Loop* loop, OpTemplate& out) {
    const OpSpec& spec = op_spec(out.op.kind);
    std::string text;
    if (!reader_.text(at, 48, text)) return false;
    const bool is_row = text.ends_with("[]");
    const std::string name = is_row ? text.substr(0, text.size() - 2) : text;
    if (!is_result_name(name))
        return reader_.fail(at, "\"" + quotable(text) + "\" is no name: a letter, then letters, digits and _" +
                                    (loop ? ", and [] for one result a turn" : ""));
    if (out.row > 0 && !is_row)
        return reader_.fail(at, std::string(spec.name) + " makes a row of results: write \"" + name + "[]\"");
    if (is_row && !loop && out.row == 0) return reader_.fail(at, std::string(NO_LOOP));
    if (results_.find(name)) return reader_.fail(at, "an earlier step made \"" + name + "\": choose another name");
    const Loop once;
    const Loop& turns = loop ? *loop : once;
    const i64 step = std::max<i64>(out.row, 1);
    u32 count = 0;
    if (is_row) {
        if (std::min(turns.first, turns.last()) < 0) return reader_.fail(at, "the repeat counts below 0");
        const i64 needed = (std::max(turns.first, turns.last()) + 1) * step;
        count = static_cast<u32>(std::min<i64>(needed, i64{MAX_RESULTS} + 1));
    }
    const ResultNames::Row* made =
        results_.add(name, count, spec.makes, std::string(spec.name) + " at " + at.parent->path());
    if (!made) return reader_.fail(at, "more than " + std::to_string(MAX_RESULTS) + " results");
    out.op.result = made->first + (is_row ? static_cast<u32>(turns.first * step) : 0);
    out.result_stride = is_row ? turns.stride * step : 0;
    return true;
}

} // namespace mm
