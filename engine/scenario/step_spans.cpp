#include "scenario/step_spans.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/shown_text.h"

namespace mm {

namespace {

constexpr std::size_t MAX_PARTS = 3;
constexpr std::size_t MAX_DIGITS = 10;

u32 end_of(const ScenarioStep& step) { return step.first_op + step.nr_ops; }

// "4.17.3" -> 4, 17, 3. How many numbers there are; 0: it is something else.
std::size_t read_numbers(std::string_view text, std::array<u64, MAX_PARTS>& numbers) {
    std::size_t parts = 0;
    for (;;) {
        if (parts == MAX_PARTS) return 0;
        const std::size_t point = std::min(text.find('.'), text.size());
        const std::string_view digits = text.substr(0, point);
        const char* const end = digits.data() + digits.size();
        if (digits.empty() || digits.size() > MAX_DIGITS) return 0;
        const auto [rest, error] = std::from_chars(digits.data(), end, numbers[parts]);
        if (error != std::errc{} || rest != end) return 0;
        ++parts;
        if (point == text.size()) return parts;
        text.remove_prefix(point + 1);
    }
}

Told no_position(std::string_view text) {
    return told("\"{0}\" is no position: write a step as 4, an op of it as 4.17, an event in that op as 4.17.3",
                "\"{0}\" 不是位置：第 4 步写作 4，其中第 17 个操作写作 4.17，该操作的第 3 个事件写作 4.17.3",
                {quotable(text)});
}

Told beyond_steps(std::size_t steps) {
    if (steps == 0) return {"there are no steps: the only position is 0", "没有步骤：只有位置 0"};
    if (steps == 1) return {"there is one step: 1", "只有一步：1"};
    return told("there are {0} steps: 1 to {0}", "一共 {0} 步：1 至 {0}", {steps});
}

Told beyond_ops(u64 step, u32 ops) {
    if (ops == 0)
        return told("step {0} has no ops: its only position is {0}", "第 {0} 步不含操作：只有位置 {0}", {step});
    if (ops == 1)
        return told("step {0} has one op, {0}.1; the events in it are {0}.1.1, {0}.1.2 and so on",
                    "第 {0} 步只有一个操作 {0}.1；其中的事件依次写作 {0}.1.1、{0}.1.2……", {step});
    return told("step {0} has {1} ops: {0}.1 to {0}.{1}", "第 {0} 步一共 {1} 个操作：{0}.1 至 {0}.{1}", {step, ops});
}

} // namespace

u32 steps_done(std::span<const ScenarioStep> steps, u32 ops) {
    const auto open =
        std::partition_point(steps.begin(), steps.end(), [&](const ScenarioStep& step) { return end_of(step) <= ops; });
    return static_cast<u32>(open - steps.begin());
}

std::optional<u32> step_of_op(std::span<const ScenarioStep> steps, u32 op) {
    const u32 index = steps_done(steps, op);
    if (index == steps.size() || op < steps[index].first_op) return std::nullopt;
    return index;
}

StepPlace place_of(std::span<const ScenarioStep> steps, Position at) {
    const u32 done = steps_done(steps, at.step);
    if (done == steps.size()) return {done, 0, 0};
    const u32 ops = at.step - steps[done].first_op;
    if (at.event > 0) return {done + 1, ops + 1, at.event};
    return ops == 0 ? StepPlace{done, 0, 0} : StepPlace{done + 1, ops, 0};
}

std::string position_text(std::span<const ScenarioStep> steps, Position at) {
    const StepPlace place = place_of(steps, at);
    std::string text = std::to_string(place.step);
    if (place.op > 0) text += "." + std::to_string(place.op);
    if (place.event > 0) text += "." + std::to_string(place.event);
    return text;
}

std::string op_position(std::span<const ScenarioStep> steps, u32 op) {
    const std::optional<u32> step = step_of_op(steps, op);
    if (!step) return position_text(steps, {op, 0});
    return std::to_string(*step + 1) + "." + std::to_string(op - steps[*step].first_op + 1);
}

Told no_such_event(std::span<const ScenarioStep> steps, u32 op, std::size_t events) {
    const std::string at = op_position(steps, op);
    if (events == 0)
        return told("op {0} has no events: its only position is {0}", "操作 {0} 没有事件：只有位置 {0}", {at});
    if (events == 1) return told("op {0} has one event: {0}.1", "操作 {0} 只有一个事件：{0}.1", {at});
    return told("op {0} has {1} events: {0}.1 to {0}.{1}", "操作 {0} 有 {1} 个事件：{0}.1 至 {0}.{1}", {at, events});
}

ReadPosition read_position(std::span<const ScenarioStep> steps, std::string_view text) {
    std::array<u64, MAX_PARTS> numbers{};
    const std::size_t parts = read_numbers(text, numbers);
    const auto [step, op, event] = numbers;
    // Only a step may be 0, the start, and there is nothing inside it.
    if (parts == 0 || (parts > 1 && (step == 0 || op == 0)) || (parts > 2 && event == 0))
        return {std::nullopt, no_position(text)};
    if (step == 0) return {Position{}, {}};
    if (step > steps.size()) {
        const Position last{steps.empty() ? 0 : end_of(steps.back()), 0};
        return {last, beyond_steps(steps.size())};
    }
    const ScenarioStep& of = steps[step - 1];
    const Position end{end_of(of), 0};
    if (op > of.nr_ops) return {end, beyond_ops(step, of.nr_ops)};
    if (op == 0) return {end, {}};
    const u32 before = of.first_op + static_cast<u32>(op) - 1;
    if (event == 0) return {Position{before + 1, 0}, {}};
    return {Position{before, static_cast<u32>(std::min<u64>(event, ~u32{0}))}, {}};
}

} // namespace mm
