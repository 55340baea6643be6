#include "scenario/question.h"

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "machine/facts/place.h"
#include "physical/events.h"
#include "physical/linear_map.h"
#include "scenario/process_facts.h"
#include "scenario/question_offer.h"
#include "scenario/reader.h"
#include "slab/slab.h"
#include "json/reader.h"

namespace mm {

namespace {

constexpr std::size_t MAX_EXPLAINING = 4;

// The free blocks of the picture are those that the machine has there.
bool block_is(const Question::BlockPicture& picture, const physical_memory& memory) {
    std::size_t found = 0;
    const frame_t end = frame_t{picture.start} + (frame_t{1} << picture.order);
    for (frame_t pfn = picture.start; pfn < end; ++pfn) {
        if (!memory.has_frame(pfn)) continue;
        const page& page = memory.page_at(static_cast<pfn_t>(pfn));
        if (page.state() != page_state::buddy) continue;
        if (found == picture.free.size() || picture.free[found] != std::pair(static_cast<pfn_t>(pfn), page.order()))
            return false;
        ++found;
    }
    return found == picture.free.size();
}

bool holds(const Question::Choice& choice, const Machine& after, const StepResult& step) {
    if (choice.block.start != PFN_NONE) return block_is(choice.block, after.physical);
    return std::all_of(choice.when.begin(), choice.when.end(),
                       [&](const Expectation& e) { return expectation_holds(e, after, step); });
}

std::vector<i64> right_choices(const Question& question, const Machine& after, const StepResult& step) {
    std::vector<i64> right;
    for (std::size_t i = 0; i < question.choices.size(); ++i)
        if (holds(question.choices[i], after, step)) right.push_back(static_cast<i64>(i));
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

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
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
    case Question::Kind::choices:
    case Question::Kind::picture: {
        const std::vector<i64> right = right_choices(question, after, step);
        if (right.size() != 1) return std::nullopt;
        return RightAnswer{.value = right.front()};
    }
    case Question::Kind::number: {
        const auto value = actual_value(question.number, after, step);
        if (!value || value->size() != 1) return std::nullopt;
        return RightAnswer{.value = value->front()};
    }
    case Question::Kind::page: {
        const OpResult* result = result_meant(question, after, step);
        const pfn_t pfn = result ? pfn_of_result(after, *result) : pfn_of_op(after, step.op());
        if (pfn == PFN_NONE) return std::nullopt;
        return RightAnswer{.value = pfn, .order = result && result->kind == ResultKind::pages ? result->order : u8{0}};
    }
    case Question::Kind::object: {
        const OpResult* result = result_meant(question, after, step);
        if (!result || result->kind != ResultKind::object) return std::nullopt;
        return RightAnswer{.value = static_cast<i64>(result->value)};
    }
    case Question::Kind::branch:
    case Question::Kind::order:
    case Question::Kind::several: {
        Offer offer = offer_of(question, after, step);
        if (!offer.problem.empty()) return std::nullopt;
        return RightAnswer{
            .value = offer.right.front(), .list = std::move(offer.right), .orders = std::move(offer.orders)};
    }
    }
    return std::nullopt;
}

Told question_problem(const Question& question, const Machine& after, const StepResult& step) {
    if (right_answer(question, after, step)) return {};
    switch (question.kind) {
    case Question::Kind::picture: {
        const std::size_t right = right_choices(question, after, step).size();
        return told("{0} pictures show what is there after the step, expected one",
                    "有 {0} 幅图画的是这一步之后的样子，应当只有一幅", {right});
    }
    case Question::Kind::branch:
    case Question::Kind::order:
    case Question::Kind::several: return offer_of(question, after, step).problem;
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

namespace {

bool is_near(const Question& question, i64 right, i64 given) {
    // Both are within 2^63, their difference may not be.
    const u64 off = given > right ? static_cast<u64>(given) - static_cast<u64>(right)
                                  : static_cast<u64>(right) - static_cast<u64>(given);
    const u64 size = right < 0 ? u64{0} - static_cast<u64>(right) : static_cast<u64>(right);
    const u64 allowed = static_cast<u64>(question.within);
    return question.percent ? off <= size / 100 * allowed + size % 100 * allowed / 100 : off <= allowed;
}

bool is_in_block(i64 frame, i64 first, u8 order) { return frame >= first && frame < first + (i64{1} << order); }

// Each is in one of the blocks, and each block has one of them.
bool are_the_blocks(const RightAnswer& right, const std::vector<i64>& frames) {
    std::vector<bool> pointed(right.list.size());
    for (const i64 frame : frames) {
        bool found = false;
        for (std::size_t i = 0; i < right.list.size(); ++i) {
            if (!is_in_block(frame, right.list[i], right.orders[i])) continue;
            found = pointed[i] = true;
        }
        if (!found) return false;
    }
    return std::find(pointed.begin(), pointed.end(), false) == pointed.end();
}

bool is_object(const RightAnswer& right, const Machine& after, i64 value) {
    if (value == right.value) return true;
    if (value < 0 || static_cast<u64>(value) >> after.physical.page_shift >= PFN_NONE) return false;
    const auto object_at = [&](i64 address) {
        return object_of_address(after.slabs, after.physical, static_cast<phys_addr_t>(address));
    };
    const object_ref wanted = object_at(right.value), given = object_at(value);
    return wanted.index != OBJ_NONE && wanted.slab == given.slab && wanted.index == given.index;
}

// "2,0,1" or "0x45f80, 45fa0"; nullopt unless each part is read. Twice the same counts once.
template <class Read>
std::optional<Answer> read_list(std::string_view text, std::size_t most, Read read) {
    Answer answer;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        const std::optional<i64> item = read(trimmed(text.substr(at, end - at)));
        if (!item || answer.list.size() == most) return std::nullopt;
        if (std::find(answer.list.begin(), answer.list.end(), *item) == answer.list.end()) answer.list.push_back(*item);
        at = end + 1;
    }
    return answer;
}

std::optional<i64> read_frame(std::string_view text) {
    const std::optional<i64> pfn = hex_number(without_place_kind(text));
    if (!pfn || *pfn < PFN_NONE) return pfn;
    return std::nullopt;
}

std::optional<Answer> one(std::optional<i64> value) {
    if (!value) return std::nullopt;
    return Answer{.value = *value};
}

std::optional<i64> read_index(std::string_view text, std::size_t count) {
    const std::optional<i64> index = number_in(text, 10);
    if (index && *index >= static_cast<i64>(count)) return std::nullopt;
    return index;
}

std::optional<i64> read_number(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) return hex_number(text);
    const bool negative = text.starts_with('-');
    const std::optional<i64> number = number_in(text.substr(negative ? 1 : 0), 10);
    if (!number) return std::nullopt;
    return negative ? -*number : *number;
}

std::optional<i64> read_object(const RightAnswer& right, const Machine& after, std::string_view text) {
    if (!text.starts_with('#')) return address_number(after, text);
    const std::optional<i64> index = number_in(text.substr(1), 10);
    const object_ref wanted = object_of_address(after.slabs, after.physical, static_cast<phys_addr_t>(right.value));
    if (!index || wanted.index == OBJ_NONE || *index >= after.slabs.slabs[wanted.slab].objects) return std::nullopt;
    const object_ref given{wanted.slab, static_cast<obj_index>(*index), 0};
    return static_cast<i64>(object_address(after.slabs, after.physical, given));
}

// An order has each of the offered things once.
std::optional<Answer> read_order(std::string_view text, std::size_t count) {
    std::optional<Answer> answer =
        read_list(text, count, [&](std::string_view part) { return read_index(part, count); });
    return answer && answer->list.size() == count ? answer : std::nullopt;
}

} // namespace

bool is_right(const Question& question, const RightAnswer& right, const Machine& after, const Answer& answer) {
    switch (question.kind) {
    case Question::Kind::choices:
    case Question::Kind::picture:
    case Question::Kind::branch: return answer.value == right.value;
    case Question::Kind::number: return is_near(question, right.value, answer.value);
    case Question::Kind::page: return is_in_block(answer.value, right.value, right.order);
    case Question::Kind::object: return is_object(right, after, answer.value);
    case Question::Kind::order: return answer.list == right.list;
    case Question::Kind::several: break;
    }
    if (points_at_frames(question)) return are_the_blocks(right, answer.list);
    std::vector<i64> given = answer.list;
    std::sort(given.begin(), given.end());
    return given == right.list;
}

std::optional<Answer> read_answer(const Question& question, const RightAnswer& right, const Machine& after,
                                  const StepResult& step, std::string_view text) {
    text = trimmed(text);
    switch (question.kind) {
    case Question::Kind::choices:
    case Question::Kind::picture: return one(read_index(text, question.choices.size()));
    case Question::Kind::branch: return one(read_index(text, offer_of(question, after, step).items.size()));
    case Question::Kind::number: return one(read_number(text));
    case Question::Kind::page: return one(read_frame(text));
    case Question::Kind::object: return one(read_object(right, after, without_place_kind(text)));
    case Question::Kind::order: return read_order(text, right.list.size());
    case Question::Kind::several: break;
    }
    if (points_at_frames(question)) return read_list(text, MAX_POINTED, read_frame);
    const std::size_t count = offer_of(question, after, step).items.size();
    return read_list(text, count, [&](std::string_view part) { return read_index(part, count); });
}

namespace {

const std::string& in_language(const LocalText& text, Language language) {
    return language == Language::zh && !text.zh.empty() ? text.zh : text.en;
}

std::string list_text(const Question& question, const RightAnswer& right, const Machine& after, const StepResult& step,
                      Language language) {
    const std::string_view between = question.kind == Question::Kind::order ? " › "
                                     : language == Language::zh             ? "、"
                                                                            : ", ";
    const std::vector<LocalText> items = offer_of(question, after, step).items;
    std::string out;
    for (const i64 value : right.list) {
        if (!out.empty()) out += between;
        out += points_at_frames(question) ? unit_text(after, Unit::pfn, value)
                                          : in_language(items[static_cast<std::size_t>(value)], language);
    }
    return out;
}

std::string object_text(const RightAnswer& right, const Machine& after) {
    std::string text = unit_text(after, Unit::object, right.value);
    const object_ref object = object_of_address(after.slabs, after.physical, static_cast<phys_addr_t>(right.value));
    if (object.index != OBJ_NONE) text += " (" + unit_text(after, Unit::object_index, object.index) + ")";
    return text;
}

} // namespace

std::string picture_text(const Question::Choice& choice, Language language) {
    const bool zh = language == Language::zh;
    std::string out;
    const auto add = [&](std::string part) { out += (out.empty() ? "" : zh ? "，" : ", ") + std::move(part); };
    for (const auto& [pfn, order] : choice.block.free)
        add(zh ? address_hex(pfn) + "（" + std::to_string(order) + " 阶）"
               : address_hex(pfn) + " of order " + std::to_string(order));
    if (choice.block.start != PFN_NONE) {
        if (out.empty()) return zh ? "没有空闲块" : "nothing free";
        return (zh ? "空闲：" : "free: ") + out;
    }
    if (choice.when.front().what == Expectation::What::vmas)
        return vmas_text(choice.when.front(), choice.when.front().list, language);
    for (const Expectation& list : choice.when)
        add(zh ? std::to_string(list.key) + " 阶 " + std::to_string(list.value) + " 块"
               : "order " + std::to_string(list.key) + ": " + std::to_string(list.value));
    return out;
}

std::string right_answer_text(const Question& question, const RightAnswer& right, const Machine& after,
                              const StepResult& step, Language language) {
    switch (question.kind) {
    case Question::Kind::choices:
        return in_language(question.choices[static_cast<std::size_t>(right.value)].text, language);
    case Question::Kind::picture:
        return picture_text(question.choices[static_cast<std::size_t>(right.value)], language);
    case Question::Kind::branch:
        return in_language(offer_of(question, after, step).items[static_cast<std::size_t>(right.value)], language);
    case Question::Kind::number: return expected_text(question.number, right.value);
    case Question::Kind::page: return unit_text(after, Unit::pfn, right.value);
    case Question::Kind::object: return object_text(right, after);
    case Question::Kind::order:
    case Question::Kind::several: return list_text(question, right, after, step, language);
    }
    return {};
}

namespace {

// Kinds of events that an answer is about, besides those of expectations and of values.
std::vector<u16> kinds_about(const Question& question, const StepResult& step, const Machine& after) {
    std::vector<u16> kinds;
    for (const Question::Item& item : question.items) kinds.push_back(item.event);
    if (question.path_to) kinds.push_back(*question.path_to);
    if (question.kind != Question::Kind::branch) return kinds;
    if (question.among == Question::Among::ways) {
        for (const Way& way : ways_of(after, step.op())) {
            if (step.count(way.event) == 0) continue;
            kinds.push_back(way.event);
            break;
        }
    }
    for (const physical_event kind : {physical_event::zone_watermark_fail, physical_event::zone_watermark_no_block,
                                      physical_event::zone_watermark_ok, physical_event::mm_page_alloc_fail})
        if (question.among == Question::Among::zones) kinds.push_back(static_cast<u16>(kind));
    return kinds;
}

} // namespace

std::vector<Event> explaining_events(const Question& question, const RightAnswer& right, const Machine& after,
                                     const StepResult& step) {
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
    // Where one thing happened twice, as two splits do, neither proves the answer alone.
    for (const u16 kind : question.because) {
        add(step.first(kind));
        add(step.last(kind));
    }
    // They name what one allocator does; another one's step has other events.
    if (events.empty()) {
        for (const StepResult::Seen& seen : step.seen()) add(&seen.event);
        for (const u16 kind : kinds_about(question, step, after)) add(step.first(kind));
        if (step.fault_end() && question.among == Question::Among::ways) add(&step.fault_end()->event);
        if (question.kind == Question::Kind::choices)
            for (const Expectation& about : question.choices[static_cast<std::size_t>(right.value)].when)
                add_named(about);
        if (question.kind == Question::Kind::number) add_named(question.number);
        if (events.empty() && step.last()) events.push_back(*step.last());
    }
    return events;
}

} // namespace mm
