#include "scenario/question.h"

#include <algorithm>
#include <charconv>

#include "json/reader.h"
#include "scenario/reader.h"
#include "physical/linear_map.h"
#include "slab/slab.h"

namespace mm {

namespace {

constexpr std::size_t MAX_EXPLAINING = 4;

std::vector<i64> right_choices(const Question& question, const Machine& after, const StepResult& step) {
    std::vector<i64> right;
    for (std::size_t i = 0; i < question.choices.size(); ++i) {
        const std::vector<Expectation>& when = question.choices[i].when;
        if (std::all_of(when.begin(), when.end(),
                        [&](const Expectation& e) { return expectation_holds(e, after, step); }))
            right.push_back(static_cast<i64>(i));
    }
    return right;
}

const OpResult* result_meant(const Question& question, const Machine& after, const StepResult& step) {
    if (question.of == Op::NO_RESULT) return result_of_op(after, step.op());
    const OpResult& named = after.results[question.of];
    return named.empty() ? nullptr : &named;
}

std::optional<i64> number_in(std::string_view text, int base) {
    u64 number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc() || rest != end || number > 0x7fffffffffffffffull) return std::nullopt;
    return static_cast<i64>(number);
}

std::string_view without_0x(std::string_view text) {
    return text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text;
}

std::optional<i64> hex_number(std::string_view text) { return number_in(without_0x(text), 16); }

// The physical address of what is written as an address of the linear map, or as a physical one.
std::optional<i64> address_number(const Machine& machine, std::string_view text) {
    const std::optional<u64> address = number_from_hex("0x" + std::string(without_0x(text)));
    if (!address) return std::nullopt;
    const linear_map map = linear_map_of(*machine.profile);
    const u64 physical = map.place_of(*address) == linear_map::place::linear ? map.virt_to_phys(*address) : *address;
    if (physical > 0x7fffffffffffffffull) return std::nullopt;
    return static_cast<i64>(physical);
}

} // namespace

std::optional<RightAnswer> right_answer(const Question& question, const Machine& after, const StepResult& step) {
    switch (question.kind) {
    case Question::Kind::choices: {
        const std::vector<i64> right = right_choices(question, after, step);
        if (right.size() != 1) return std::nullopt;
        return RightAnswer{right.front(), 0};
    }
    case Question::Kind::number: {
        const auto value = actual_value(question.number, after, step);
        if (!value || value->size() != 1) return std::nullopt;
        return RightAnswer{value->front(), 0};
    }
    case Question::Kind::page: {
        const OpResult* result = result_meant(question, after, step);
        const pfn_t pfn = result ? pfn_of_result(after, *result) : pfn_of_op(after, step.op());
        if (pfn == PFN_NONE) return std::nullopt;
        return RightAnswer{pfn, result && result->kind == ResultKind::pages ? result->order : u8{0}};
    }
    case Question::Kind::object: {
        const OpResult* result = result_meant(question, after, step);
        if (!result || result->kind != ResultKind::object) return std::nullopt;
        return RightAnswer{static_cast<i64>(result->value), 0};
    }
    }
    return std::nullopt;
}

Told question_problem(const Question& question, const Machine& after, const StepResult& step) {
    if (right_answer(question, after, step)) return {};
    switch (question.kind) {
    case Question::Kind::choices: {
        const std::vector<i64> right = right_choices(question, after, step);
        if (right.empty())
            return told("no choice is right: \"when\" of none holds after the step",
                        "没有一个选项是对的：这一步之后，各个 \"when\" 都不成立");
        std::string list;
        for (i64 i : right) list += (list.empty() ? "" : ", ") + std::to_string(i);
        return told("{0} choices are right, expected one: \"when\" of choices {1} holds",
                    "有 {0} 个选项是对的，应当只有一个：选项 {1} 的 \"when\" 成立", {right.size(), list});
    }
    case Question::Kind::number:
        return told("has no answer: the number that it asks for is not there", "没有答案：所问的数不存在");
    case Question::Kind::page:
        return told("has no answer: no page is returned, or its result has no name (\"as\")",
                    "没有答案：没有返回页，或者它的结果没有名称（\"as\"）");
    case Question::Kind::object:
        return told("has no answer: no object is returned, or its result has no name (\"as\")",
                    "没有答案：没有返回对象，或者它的结果没有名称（\"as\"）");
    }
    return {};
}

bool is_right(const Question& question, const RightAnswer& right, const Machine& after, i64 value) {
    switch (question.kind) {
    case Question::Kind::choices:
    case Question::Kind::number: return value == right.value;
    case Question::Kind::page: return value >= right.value && value < right.value + (i64{1} << right.order);
    case Question::Kind::object: break;
    }
    if (value == right.value) return true;
    if (value < 0 || static_cast<u64>(value) >> after.physical.page_shift >= PFN_NONE) return false;
    const auto object_at = [&](i64 address) {
        return object_of_address(after.slabs, after.physical, static_cast<phys_addr_t>(address));
    };
    const object_ref wanted = object_at(right.value), given = object_at(value);
    return wanted.index != OBJ_NONE && wanted.slab == given.slab && wanted.index == given.index;
}

std::optional<i64> read_answer(const Question& question, const RightAnswer& right, const Machine& after,
                               std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    switch (question.kind) {
    case Question::Kind::choices: {
        const std::optional<i64> index = number_in(text, 10);
        if (index && *index >= std::ssize(question.choices)) return std::nullopt;
        return index;
    }
    case Question::Kind::number: {
        if (text.starts_with("0x") || text.starts_with("0X")) return hex_number(text);
        const bool negative = text.starts_with('-');
        const std::optional<i64> number = number_in(text.substr(negative ? 1 : 0), 10);
        if (!number) return std::nullopt;
        return negative ? -*number : *number;
    }
    case Question::Kind::page: {
        const std::optional<i64> pfn = hex_number(text);
        if (!pfn || *pfn < PFN_NONE) return pfn;
        return std::nullopt;
    }
    case Question::Kind::object: break;
    }
    if (!text.starts_with('#')) return address_number(after, text);
    const std::optional<i64> index = number_in(text.substr(1), 10);
    const object_ref wanted = object_of_address(after.slabs, after.physical, static_cast<phys_addr_t>(right.value));
    if (!index || wanted.index == OBJ_NONE || *index >= after.slabs.slabs[wanted.slab].objects) return std::nullopt;
    const object_ref given{wanted.slab, static_cast<obj_index>(*index), 0};
    return static_cast<i64>(object_address(after.slabs, after.physical, given));
}

std::string right_answer_text(const Question& question, const RightAnswer& right, const Machine& after,
                              Language language) {
    switch (question.kind) {
    case Question::Kind::choices: {
        const LocalText& text = question.choices[static_cast<std::size_t>(right.value)].text;
        return language == Language::zh && !text.zh.empty() ? text.zh : text.en;
    }
    case Question::Kind::number: return expected_text(question.number, right.value);
    case Question::Kind::page: return unit_text(after, Unit::pfn, right.value);
    case Question::Kind::object: break;
    }
    std::string text = unit_text(after, Unit::object, right.value);
    const object_ref object = object_of_address(after.slabs, after.physical, static_cast<phys_addr_t>(right.value));
    if (object.index != OBJ_NONE) text += " (" + unit_text(after, Unit::object_index, object.index) + ")";
    return text;
}

std::vector<Event> explaining_events(const Question& question, const RightAnswer& right, const StepResult& step) {
    std::vector<Event> events;
    const auto add = [&](const Event* event) {
        const auto told = [&](const Event& other) { return other.kind == event->kind && other.arg == event->arg; };
        if (!event || events.size() >= MAX_EXPLAINING || std::any_of(events.begin(), events.end(), told)) return;
        events.push_back(*event);
    };
    const auto add_named = [&](const Expectation& about) {
        if (about.what == Expectation::What::event) add(step.first(*find_event(about.name)));
        if (about.what != Expectation::What::argument) return;
        const u16 kind = *find_event(about.name);
        add(about.fact == 0 ? step.first(kind) : step.last(kind));
    };
    for (u16 kind : question.because) add(step.first(kind));
    // They name what one allocator does; another one's step has other events.
    if (events.empty()) {
        if (question.kind == Question::Kind::choices)
            for (const Expectation& about : question.choices[static_cast<std::size_t>(right.value)].when)
                add_named(about);
        if (question.kind == Question::Kind::number) add_named(question.number);
        if (events.empty() && step.last()) events.push_back(*step.last());
    }
    return events;
}

} // namespace mm
