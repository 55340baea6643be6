// "question" of a step: reads it. question.cpp finds the answer.
#include <algorithm>
#include <charconv>

#include "scenario/reader.h"

namespace mm {

namespace {

using Kind = Question::Kind;

constexpr std::string_view ask_names[] = {"number", "page", "object", "branch", "order", "several"};
constexpr Kind ask_kinds[] = {Kind::number, Kind::page, Kind::object, Kind::branch, Kind::order, Kind::several};
constexpr std::size_t MAX_BECAUSE = 8;
constexpr i64 MAX_WITHIN = 1ll << 40;
constexpr i64 MAX_PERCENT = 100;

// Fields of a question besides "text", "choices", "pictures", "ask" and "because", and the kinds that have them.
struct OwnField {
    std::string_view name;
    std::array<Kind, 2> kinds;
};
constexpr OwnField own_fields[] = {
    {"answer", {Kind::number, Kind::number}}, {"within", {Kind::number, Kind::number}},
    {"of", {Kind::page, Kind::object}},       {"among", {Kind::branch, Kind::branch}},
    {"items", {Kind::order, Kind::order}},    {"path_to", {Kind::order, Kind::order}},
    {"values", {Kind::order, Kind::several}},
};

class QuestionReader {
  public:
    QuestionReader(JsonReader& reader, const ExpectContext& context, Question& out)
        : reader_(reader), context_(context), out_(out) {}

    bool question(const Field& at) {
        const Error place = reader_.error_at(at, "");
        out_.path = place.path;
        out_.line = place.line;
        out_.column = place.column;
        if (!reader_.object(at, {"text", "choices", "pictures", "ask", "answer", "within", "of", "among", "items",
                                 "path_to", "values", "because"}))
            return false;
        const int ways = (at.value->find("choices") ? 1 : 0) + (at.value->find("pictures") ? 1 : 0) +
                         (at.value->find("ask") ? 1 : 0);
        if (ways != 1)
            return reader_.fail(at, {"expected either \"choices\", \"pictures\" or \"ask\"",
                                     "\"choices\"、\"pictures\" 和 \"ask\" 必须有一个，也只能有一个"});
        return reader_.required(at, "text", [&](const Field& f) { return text(f, out_.text); }) && kind(at) &&
               reader_.optional(at, "because", [&](const Field& f) { return because(f); });
    }

  private:
    bool text(const Field& at, LocalText& out) {
        return read_two_languages(reader_, at, MAX_NOTE_LENGTH, out.en, out.zh) &&
               (!out.en.empty() || reader_.fail(at, {"is empty", "是空的"}));
    }

    bool kind(const Field& at) {
        if (at.value->find("choices")) return choices(at);
        if (at.value->find("pictures")) return pictures(at);
        return asks(at);
    }

    // Fails at a field that goes with another kind of question.
    bool only_own_fields(const Field& at, const Told& message) {
        for (const OwnField& field : own_fields) {
            const JsonValue* value = at.value->find(field.name);
            if (value && std::find(field.kinds.begin(), field.kinds.end(), out_.kind) == field.kinds.end())
                return reader_.fail(Field{value, &at, field.name, 0}, message);
        }
        return true;
    }

    // Reads `name`, a list of two to MAX_CHOICES.
    template <class Read>
    bool two_or_more(const Field& at, std::string_view name, const Told& too_few, Read read) {
        return reader_.required(at, name, [&](const Field& list) {
            if (!reader_.list(list, MAX_CHOICES)) return false;
            if (list.value->items.size() < 2) return reader_.fail(list, too_few);
            return reader_.each(list, [&](const Field& f, std::size_t) { return read(f); });
        });
    }

    bool choices(const Field& at) {
        out_.kind = Kind::choices;
        return only_own_fields(at, {"does not go with \"choices\": the right one is the one whose \"when\" holds",
                                    "不能与 \"choices\" 一起用：\"when\" 成立的选项就是对的"}) &&
               two_or_more(at, "choices", {"expected at least two choices", "至少要有两个选项"},
                           [&](const Field& f) { return choice(f, out_.choices.emplace_back()); });
    }

    bool choice(const Field& at, Question::Choice& out) {
        return reader_.object(at, {"text", "when"}) &&
               reader_.required(at, "text", [&](const Field& f) { return text(f, out.text); }) &&
               reader_.required(at, "when", [&](const Field& f) {
                   if (!read_expectations(reader_, f, context_, out.when)) return false;
                   return !out.when.empty() ||
                          reader_.fail(f, {"says nothing that could hold or not", "没有写任何能成立或不成立的内容"});
               });
    }

    bool pictures(const Field& at) {
        out_.kind = Kind::picture;
        return only_own_fields(at,
                               {"does not go with \"pictures\": the right one is the one that the machine looks like",
                                "不能与 \"pictures\" 一起用：与机器一致的那幅就是对的"}) &&
               two_or_more(at, "pictures", {"expected at least two pictures", "至少要有两幅图"},
                           [&](const Field& f) { return picture(f, out_.choices.emplace_back()); });
    }

    // Free lists of a zone, a block, or VMAs from a place.
    bool picture(const Field& at, Question::Choice& out) {
        if (!reader_.any_object(at)) return false;
        if (at.value->find("block")) return block_picture(at, out.block);
        if (at.value->find("vmas")) return vmas_picture(at, out);
        if (!reader_.object(at, {"nr_free", "block", "vmas"}) ||
            !reader_.required(at, "nr_free", [](const Field&) { return true; }))
            return false;
        if (!read_expectations(reader_, at, context_, out.when)) return false;
        if (out.when.empty()) return reader_.fail(at, {"shows no list", "没有画任何链表"});
        const auto zone_differs = [&](const Expectation& list) { return list.zone != out.when.front().zone; };
        return std::none_of(out.when.begin(), out.when.end(), zone_differs) ||
               reader_.fail(at, {"shows lists of more than one zone", "画了不止一个内存域的链表"});
    }

    // {"vmas": {"p": {"a": [[0, 4096, "r--p"], [8192, 12288, "rw-p"]]}}}
    bool vmas_picture(const Field& at, Question::Choice& out) {
        if (!reader_.object(at, {"vmas"}) || !read_expectations(reader_, at, context_, out.when)) return false;
        return out.when.size() == 1 ||
               reader_.fail(at, told("shows {0} rows of VMAs, expected one: {1}", "画了 {0} 排 VMA，应当只有一排：{1}",
                                     {out.when.size(), "{\"vmas\": {\"p\": {\"a\": [...]}}}"}));
    }

    bool block_picture(const Field& at, Question::BlockPicture& out) {
        const auto first = [&](const Field& f) { return reader_.number(f, 0, PFN_NONE - 1, out.start); };
        const auto order = [&](const Field& f) { return reader_.number(f, 0, MAX_PICTURE_ORDER, out.order); };
        return reader_.object(at, {"block", "order", "free"}) && reader_.required(at, "block", first) &&
               reader_.required(at, "order", order) &&
               reader_.required(at, "free", [&](const Field& f) { return free_blocks(f, out); });
    }

    // {"0x45f90": 4}: first frame and order, by address and inside the block.
    bool free_blocks(const Field& at, Question::BlockPicture& out) {
        i64 end = out.start;
        const i64 limit = i64{out.start} + (i64{1} << out.order);
        return reader_.any_object(at) && reader_.each(at, [&](const Field& f, std::size_t i) {
            u8 order = 0;
            const std::optional<u64> pfn = number_from_hex(f.key);
            if (!pfn) return reader_.fail_key(at, i, {"expected a page frame number in hex", "应当是十六进制的页框号"});
            if (!reader_.number(f, 0, out.order, order)) return false;
            if (*pfn < static_cast<u64>(end) || *pfn >= static_cast<u64>(limit) ||
                static_cast<i64>(*pfn) + (i64{1} << order) > limit)
                return reader_.fail_key(at, i,
                                        {"expected blocks inside \"block\", by address, one after the other",
                                         "应当是 \"block\" 之内的块，按地址排列，互不重叠"});
            end = static_cast<i64>(*pfn) + (i64{1} << order);
            out.free.emplace_back(static_cast<pfn_t>(*pfn), order);
            return true;
        });
    }

    bool asks(const Field& at) {
        std::size_t index = 0;
        if (!reader_.required(at, "ask", [&](const Field& f) { return reader_.one_of(f, ask_names, index); }))
            return false;
        out_.kind = ask_kinds[index];
        if (!only_own_fields(
                at, told("does not go with \"ask\": \"{0}\"", "不能与 \"ask\": \"{0}\" 一起用", {ask_names[index]})))
            return false;
        switch (out_.kind) {
        case Kind::number:
            return reader_.required(at, "answer", [&](const Field& f) {
                return read_asked_number(reader_, f, context_, out_.number);
            }) && reader_.optional(at, "within", [&](const Field& f) { return within(f); });
        case Kind::page: return of(at, ResultKind::pages);
        case Kind::object: return of(at, ResultKind::object);
        case Kind::branch:
            return reader_.optional(at, "among", [&](const Field& f) {
                std::size_t among = 0;
                if (!reader_.one_of(f, question_among_names, among)) return false;
                out_.among = static_cast<Question::Among>(among);
                return true;
            });
        case Kind::order: return order(at);
        default: return reader_.required(at, "values", [&](const Field& f) { return values(f); }) && can_be_chosen(at);
        }
    }

    bool of(const Field& at, ResultKind needed) {
        return reader_.optional(at, "of", [&](const Field& f) {
            std::string name;
            return reader_.text(f, 64, name) && context_.results.read(reader_, f, name, needed, out_.of);
        });
    }

    // 5, or "10%".
    bool within(const Field& at) {
        if (at.value->kind != JsonValue::Kind::string) return reader_.integer(at, 0, MAX_WITHIN, out_.within);
        std::string written;
        if (!reader_.text(at, 8, written)) return false;
        const char* end = written.data() + written.size();
        const auto [rest, error] = std::from_chars(written.data(), end, out_.within);
        out_.percent = error == std::errc() && std::string_view(rest, end) == "%" && out_.within >= 0 &&
                       out_.within <= MAX_PERCENT;
        return out_.percent || reader_.fail(at, told("\"{0}\" is no number and no part like \"10%\", at most \"100%\"",
                                                     "\"{0}\" 不是数，也不是 \"10%\" 这样的百分数（最多 \"100%\"）",
                                                     {quotable(written)}));
    }

    bool order(const Field& at) {
        const int ways = (at.value->find("items") ? 1 : 0) + (at.value->find("path_to") ? 1 : 0) +
                         (at.value->find("values") ? 1 : 0);
        if (ways != 1)
            return reader_.fail(at, {"expected one of \"items\", \"path_to\" and \"values\"",
                                     "\"items\"、\"path_to\" 和 \"values\" 必须有一个，也只能有一个"});
        if (at.value->find("items"))
            return two_or_more(at, "items", {"expected at least two things to put in order", "至少要有两项才能排序"},
                               [&](const Field& f) { return item(f, out_.items.emplace_back()); });
        return reader_.optional(at, "path_to", [&](const Field& f) {
            u16 kind = 0;
            if (!event(f, kind)) return false;
            out_.path_to = kind;
            return true;
        }) && reader_.optional(at, "values", [&](const Field& f) { return values(f); });
    }

    bool item(const Field& at, Question::Item& out) {
        return reader_.object(at, {"text", "event"}) && reader_.required(at, "text", [&](const Field& f) {
            return text(f, out.text);
        }) && reader_.required(at, "event", [&](const Field& f) {
            const auto same = [&](const Question::Item& other) { return &other != &out && other.event == out.event; };
            if (!event(f, out.event)) return false;
            return std::none_of(out_.items.begin(), out_.items.end(), same) ||
                   reader_.fail(
                       f, {"stands there twice: each thing has an event of its own", "重复了：每一项要有自己的事件"});
        });
    }

    bool event(const Field& at, u16& out) {
        std::string name;
        if (!reader_.text(at, 64, name)) return false;
        const std::optional<u16> kind = find_event(name);
        if (kind) out = *kind;
        return kind || reader_.fail(at, no_such_event(name));
    }

    // {"buddy_split": "pfn"}: an argument of the events of a kind.
    bool values(const Field& at) {
        if (!reader_.any_object(at)) return false;
        if (at.value->items.empty() || at.value->items.size() > MAX_ASKED_VALUES)
            return reader_.fail(at, told("names {0} events, expected 1 to {1}", "写了 {0} 种事件，应当是 1 到 {1} 种",
                                         {at.value->items.size(), MAX_ASKED_VALUES}));
        return reader_.each(at, [&](const Field& f, std::size_t i) {
            const std::optional<u16> kind = find_event(f.key);
            if (!kind) return reader_.fail_key(at, i, no_such_event(f.key));
            std::string name;
            if (!reader_.text(f, 64, name)) return false;
            const int arg = event_spec(*kind).arg_index(name);
            std::vector<std::string_view> known;
            for (const ArgSpec& spec : event_spec(*kind).arg_list()) known.push_back(spec.name);
            if (arg < 0)
                return reader_.fail(f, told("{0} has no argument \"{1}\"{2}", "{0} 没有参数 \"{1}\"{2}",
                                            {f.key, quotable(name), suggestion(name, known)}));
            out_.values.push_back({*kind, static_cast<u8>(arg)});
            return unit_of(out_.values.back()) == unit_of(out_.values.front()) ||
                   reader_.fail(f, {"is of another kind than the argument before it", "与前一个参数不是同一类"});
        });
    }

    static Unit unit_of(const AskedValue& asked) { return event_spec(asked.event).args[asked.arg].unit; }

    bool can_be_chosen(const Field& at) {
        static constexpr Unit units[] = {Unit::pfn, Unit::zone, Unit::order, Unit::migratetype, Unit::cpu, Unit::node};
        return std::find(std::begin(units), std::end(units), unit_of(out_.values.front())) != std::end(units) ||
               reader_.fail(at,
                            {"asks for values that cannot be pointed at: expected page frames, zones, orders, migrate "
                             "types, CPUs or nodes",
                             "所问的值无法指出：应当是页框、内存域、阶、迁移类型、CPU 或节点"});
    }

    bool because(const Field& at) {
        return reader_.list(at, MAX_BECAUSE) && reader_.each(at, [&](const Field& item, std::size_t) {
            return event(item, out_.because.emplace_back());
        });
    }

    JsonReader& reader_;
    const ExpectContext& context_;
    Question& out_;
};

} // namespace

bool read_question(JsonReader& reader, const Field& at, const ExpectContext& context, Question& question) {
    return QuestionReader(reader, context, question).question(at);
}

} // namespace mm
