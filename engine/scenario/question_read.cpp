// "question" of a step: reads it. question.cpp finds the answer.
#include <algorithm>

#include "scenario/reader.h"

namespace mm {

namespace {

constexpr std::string_view ask_names[] = {"number", "page", "object"};
constexpr std::size_t MAX_BECAUSE = 8;

class QuestionReader {
  public:
    QuestionReader(JsonReader& reader, const ExpectContext& context, Question& out)
        : reader_(reader), context_(context), out_(out) {}

    bool question(const Field& at) {
        const Error place = reader_.error_at(at, "");
        out_.path = place.path;
        out_.line = place.line;
        out_.column = place.column;
        if (!reader_.object(at, {"text", "choices", "ask", "answer", "of", "because"})) return false;
        const bool chooses = at.value->find("choices") != nullptr;
        if (chooses == (at.value->find("ask") != nullptr))
            return reader_.fail(
                at, {"expected either \"choices\" or \"ask\"", "\"choices\" 和 \"ask\" 必须有一个，也只能有一个"});
        return reader_.required(at, "text", [&](const Field& f) { return text(f, out_.text); }) &&
               (chooses ? choices(at) : asks(at)) &&
               reader_.optional(at, "because", [&](const Field& f) { return because(f); });
    }

  private:
    bool text(const Field& at, LocalText& out) {
        return read_two_languages(reader_, at, MAX_NOTE_LENGTH, out.en, out.zh) &&
               (!out.en.empty() || reader_.fail(at, {"is empty", "是空的"}));
    }

    bool choices(const Field& at) {
        for (std::string_view key : {"answer", "of"})
            if (const JsonValue* value = at.value->find(key))
                return reader_.fail(Field{value, &at, key, 0},
                                    {"does not go with \"choices\": the right one is the one whose \"when\" holds",
                                     "不能与 \"choices\" 一起用：\"when\" 成立的选项就是对的"});
        out_.kind = Question::Kind::choices;
        return reader_.required(at, "choices", [&](const Field& list) {
            if (!reader_.list(list, MAX_CHOICES)) return false;
            if (list.value->items.size() < 2)
                return reader_.fail(list, {"expected at least two choices", "至少要有两个选项"});
            return reader_.each(list,
                                [&](const Field& f, std::size_t) { return choice(f, out_.choices.emplace_back()); });
        });
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

    bool asks(const Field& at) {
        std::size_t kind = 0;
        if (!reader_.required(at, "ask", [&](const Field& f) { return reader_.one_of(f, ask_names, kind); }))
            return false;
        out_.kind = static_cast<Question::Kind>(kind + 1);
        const bool number = out_.kind == Question::Kind::number;
        const std::string_view wrong = number ? "of" : "answer";
        if (const JsonValue* value = at.value->find(wrong))
            return reader_.fail(Field{value, &at, wrong, 0}, told("does not go with \"ask\": \"{0}\"",
                                                                  "不能与 \"ask\": \"{0}\" 一起用", {ask_names[kind]}));
        if (number)
            return reader_.required(
                at, "answer", [&](const Field& f) { return read_asked_number(reader_, f, context_, out_.number); });
        const ResultKind needed = out_.kind == Question::Kind::page ? ResultKind::pages : ResultKind::object;
        return reader_.optional(at, "of", [&](const Field& f) {
            std::string name;
            return reader_.text(f, 64, name) && context_.results.read(reader_, f, name, needed, out_.of);
        });
    }

    bool because(const Field& at) {
        return reader_.list(at, MAX_BECAUSE) && reader_.each(at, [&](const Field& item, std::size_t) {
            std::string name;
            if (!reader_.text(item, 64, name)) return false;
            const std::optional<u16> kind = find_event(name);
            if (kind) out_.because.push_back(*kind);
            return kind || reader_.fail(item, no_such_event(name));
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
