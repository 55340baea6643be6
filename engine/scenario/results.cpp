// Names of results: "as" makes them, later steps use them. What each stands for is checked while the scenario loads.
#include <algorithm>

#include "scenario/pfn_runs.h"
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

Told row_text(std::string_view name, u32 count) {
    return told("{0} to {1}", "{0} 到 {1}", {member_text(name, 0), member_text(name, i64{count} - 1)});
}

Told kind_text(ResultKind kind) {
    return {std::string(result_kind_text(kind)), std::string(result_kind_text_zh(kind))};
}

Told no_loop() {
    return {"\"[]\" takes its number from a repeat around it, and there is none",
            "\"[]\" 的编号来自外面的 repeat，这里没有 repeat"};
}

Told choose_of_row(std::string_view name, u32 count) {
    return told("{0} is a row of results: choose one of {1}", "{0} 是一排结果：请从 {1} 中选一个",
                {name, row_text(name, count)});
}

// nullopt: no number. One that no row of results reaches is a number, too.
std::optional<u64> index_inside(std::string_view inside) {
    const std::optional<u64> index = take_digits(inside, 10);
    return inside.empty() ? index : std::nullopt;
}

Told outside_row(std::string_view member, std::string_view name, u32 count) {
    return told("{0} is outside {1}", "{0} 不在 {1} 之内", {member, row_text(name, count)});
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

const ResultNames::Row* ResultNames::add(const std::string& name, u32 count, ResultKind kind, Told maker) {
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

Told ResultNames::no_such_result(std::string_view name, ResultKind needed) const {
    const Told none =
        told("no earlier step makes a result \"{0}\"", "前面没有哪一步产生结果 \"{0}\"", {quotable(name)});
    if (const auto cache = cache_makers_.find(name); cache != cache_makers_.end()) {
        Told out = told("{0}: that is the name of a cache, made by {1}", "{0}：这是缓存的名称，它由 {1} 建立",
                        {none, cache->second});
        for (const auto& [result, row] : rows_)
            if (row.kind == ResultKind::cache && row.maker.en == cache->second.en)
                out = told("{0}, whose result is \"{1}\"", "{0}，其结果是 \"{1}\"", {out, result});
        if (needed == ResultKind::cache) return out;
        return told("{0}; expected {1}", "{0}；这里应当是{1}", {out, kind_text(needed)});
    }
    const std::vector<std::string_view> of_kind = names(needed);
    const Told meant = told("{0}{1}", "{0}{1}", {none, suggestion(name, of_kind)});
    if (!nearest_name(name, of_kind).empty()) return meant;
    // A name of another kind would be wrong, too, and is told as what it is.
    const std::string_view other = nearest_name(name, names());
    if (other.empty()) return meant;
    const Row& row = *find(other);
    return told("{0}, and \"{1}\" is {2}, made by {3}; expected {4}{5}",
                "{0}，而 \"{1}\" 是{2}，由 {3} 产生；这里应当是{4}{5}",
                {none, other, kind_text(row.kind), row.maker, kind_text(needed), suggestion(name, of_kind)});
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
    return reader.fail(at, told("{0} is {1}, made by {2}; expected {3}", "{0} 是{1}，由 {2} 产生；这里应当是{3}",
                                {name, kind_text(row.kind), row.maker, kind_text(needed)}));
}

bool ResultNames::read(JsonReader& reader, const Field& at, std::string_view text, ResultKind kind, u32& slot) const {
    const auto [name, inside] = split_result(text);
    const Row* row = known_row(reader, at, *this, name, kind);
    if (!row || !check_kind(reader, at, name, *row, kind)) return false;
    slot = row->first;
    if (row->count == 0)
        return !inside ||
               reader.fail(at, told("{0} is one result, not a row of them", "{0} 是一个结果，不是一排", {name}));
    const std::optional<u64> index = inside ? index_inside(*inside) : std::nullopt;
    if (!index || *index >= row->count) return reader.fail(at, choose_of_row(name, row->count));
    slot += static_cast<u32>(*index);
    return true;
}

// `row` results from `slot` on are used; 0: one.
bool StepReader::result_use(const Field& at, ResultKind kind, const Loop* loop, i64 row, i64& slot, i64& stride) {
    std::string text;
    return reader_.text(at, 64, text) && result_named(at, text, kind, loop, row, slot, stride);
}

bool StepReader::result_named(const Field& at, std::string_view text, ResultKind kind, const Loop* loop, i64 row,
                              i64& slot, i64& stride) {
    const auto [name, inside] = split_result(text);
    const ResultNames::Row* known = known_row(reader_, at, results_, name, kind);
    if (!known || !check_kind(reader_, at, name, *known, kind)) return false;
    slot = known->first;
    if (known->count == 0) {
        if (inside || row > 0)
            return reader_.fail(
                at, row > 0
                        ? told("{0} is one result, not a row of {1}", "{0} 是一个结果，不是一排 {1} 个", {name, row})
                        : told("{0} is one result, not a row of them", "{0} 是一个结果，不是一排", {name}));
        return true;
    }
    if (!inside) return reader_.fail(at, choose_of_row(name, known->count));
    const i64 step = std::max<i64>(row, 1);
    i64 first = 0, last = 0;
    if (inside->empty()) {
        if (!loop && row == 0) return reader_.fail(at, no_loop());
        first = loop ? loop->first * step : 0;
        last = loop ? loop->last() * step : 0;
        stride = loop ? loop->stride * step : 0;
    } else {
        const std::optional<u64> index = index_inside(*inside);
        if (!index)
            return reader_.fail(at, told("found \"{0}\", expected a number between [ and ]",
                                         "这里是 \"{0}\"，[ 和 ] 之间应当是数", {quotable(text)}));
        if (*index > MAX_RESULTS) return reader_.fail(at, outside_row(quotable(text), name, known->count));
        first = last = static_cast<i64>(*index);
    }
    const i64 lowest = std::min(first, last), highest = std::max(first, last) + step - 1;
    if (lowest < 0 || highest >= known->count) {
        const i64 outside =
            row > 0 ? (lowest < 0 ? lowest : highest) : (first < 0 || first >= known->count ? first : last);
        return reader_.fail(at, outside_row(member_text(name, outside), name, known->count));
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
        return reader_.fail(
            at,
            told("\"{0}\" is no name: a letter, then letters, digits and _{1}",
                 "\"{0}\" 不是名称：以字母开头，然后是字母、数字和 _{1}",
                 {quotable(text), loop ? Told(", and [] for one result a turn", "，每轮一个结果时加 []") : Told()}));
    if (out.row > 0 && !is_row)
        return reader_.fail(at, told("{0} makes a row of results: write \"{1}[]\"", "{0} 产生一排结果：请写 \"{1}[]\"",
                                     {spec.name, name}));
    if (is_row && !loop && out.row == 0) return reader_.fail(at, no_loop());
    if (results_.find(name))
        return reader_.fail(at, told("an earlier step made \"{0}\": choose another name",
                                     "前面的步骤已产生 \"{0}\"：请换一个名称", {name}));
    const Loop once;
    const Loop& turns = loop ? *loop : once;
    const i64 step = std::max<i64>(out.row, 1);
    u32 count = 0;
    if (is_row) {
        if (std::min(turns.first, turns.last()) < 0)
            return reader_.fail(at, {"the repeat counts below 0", "repeat 数到了 0 以下"});
        const i64 needed = (std::max(turns.first, turns.last()) + 1) * step;
        count = static_cast<u32>(std::min<i64>(needed, i64{MAX_RESULTS} + 1));
    }
    const ResultNames::Row* made = results_.add(name, count, spec.makes, made_at(spec.name, at.parent->path()));
    if (!made) return reader_.fail(at, told("more than {0} results", "超过了 {0} 个结果", {MAX_RESULTS}));
    out.op.result = made->first + (is_row ? static_cast<u32>(turns.first * step) : 0);
    out.result_stride = is_row ? turns.stride * step : 0;
    return true;
}

} // namespace mm
