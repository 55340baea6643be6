#include "scenario/question_offer.h"

#include <algorithm>
#include <numeric>

#include "base/rng.h"
#include "machine/narrate.h"
#include "physical/events.h"
#include "scenario/machine_file.h"

namespace mm {

namespace {

constexpr std::size_t MAX_OPTIONS = 64; // zones, orders, types, CPUs or nodes to choose several from

LocalText same_in_both(std::string text) { return {text, text}; }

LocalText value_text(const Machine& machine, Unit unit, i64 value) {
    std::string en = unit_text(machine, unit, value, Language::en);
    std::string zh = unit_text(machine, unit, value, Language::zh);
    if (unit == Unit::order) return {"order " + en, zh + " 阶"};
    if (unit == Unit::cpu) return same_in_both("CPU " + en);
    if (unit == Unit::node) return {"node " + en, "节点 " + zh};
    return {std::move(en), std::move(zh)};
}

Unit unit_of(const AskedValue& asked) { return event_spec(asked.event).args[asked.arg].unit; }

// ---- branch ----

// The ends of the tree of page faults, and that there is no fault.
Offer offered_fault_ends(const std::vector<fault_node>& ends, const StepResult& step) {
    Offer offer;
    const fault_node right = step.fault_end() ? step.fault_end()->node : fault_node::count;
    for (const fault_node end : ends) {
        if (end == right) offer.right.push_back(std::ssize(offer.items));
        if (end == fault_node::count) {
            offer.items.push_back({"there is no fault: the entry allows the access", "没有缺页：表项允许这次访问"});
            continue;
        }
        const Phrase& whole = fault_node_of(end).whole;
        offer.items.push_back({whole.en, whole.zh});
    }
    return offer;
}

Offer offered_ways(const Machine& after, const StepResult& step) {
    if (const std::vector<fault_node> ends = fault_ends_of(after, step); !ends.empty())
        return offered_fault_ends(ends, step);
    Offer offer;
    const std::vector<Way> ways = ways_of(after, step.op());
    if (ways.empty()) {
        offer.problem = told("has no answer: the ways of {0} are not known here", "没有答案：这里不知道 {0} 有哪些走法",
                             {op_spec(step.op().kind).name});
        return offer;
    }
    for (const Way& way : ways) {
        if (offer.right.empty() && step.count(way.event) > 0) offer.right.push_back(std::ssize(offer.items));
        offer.items.push_back({std::string(way.en), std::string(way.zh)});
    }
    if (offer.right.empty())
        offer.problem = told("has no answer: the step takes none of the ways of {0} that are known here",
                             "没有答案：这一步没有走这里所知的 {0} 的任何一种走法", {op_spec(step.op().kind).name});
    return offer;
}

Offer offered_zones(const Machine& after, const StepResult& step) {
    Offer offer;
    const pfn_t pfn = pfn_of_op(after, step.op());
    const bool found = pfn != PFN_NONE && after.physical.has_frame(pfn);
    for (const u8 zone : after.physical.populated) {
        if (found && after.physical.page_zone(pfn) == zone) offer.right.push_back(std::ssize(offer.items));
        offer.items.push_back(same_in_both(unit_text(after, Unit::zone, zone)));
    }
    if (step.outcome() == OpOutcome::returned_null) offer.right.assign(1, std::ssize(offer.items));
    offer.items.push_back({"none: NULL", "都不行：NULL"});
    if (offer.right.empty())
        offer.problem = told("has no answer: no page is returned, or its result has no name (\"as\")",
                             "没有答案：没有返回页，或者它的结果没有名称（\"as\"）");
    return offer;
}

// ---- order ----

std::vector<LocalText> functions_to(const Question& question, const StepResult& step) {
    std::vector<LocalText> items;
    const Event* event = step.first(*question.path_to);
    if (!event) return items;
    for (const std::string_view function : call_path(*event)) {
        const auto same = [&](const LocalText& other) { return other.en == function; };
        if (std::none_of(items.begin(), items.end(), same)) items.push_back(same_in_both(std::string(function)));
    }
    return items;
}

std::vector<LocalText> sentences_in_order(const Question& question, const StepResult& step) {
    std::vector<const Question::Item*> found;
    for (const Question::Item& item : question.items)
        if (step.count(item.event) > 0) found.push_back(&item);
    std::stable_sort(found.begin(), found.end(), [&](const Question::Item* a, const Question::Item* b) {
        return step.first_at(a->event) < step.first_at(b->event);
    });
    std::vector<LocalText> items;
    for (const Question::Item* item : found) items.push_back(item->text);
    return items;
}

std::vector<LocalText> values_in_order(const Machine& after, const StepResult& step) {
    std::vector<LocalText> items;
    for (const StepResult::Seen& seen : step.seen()) {
        LocalText text = value_text(after, event_spec(seen.event.kind).args[seen.arg].unit, seen.event.arg[seen.arg]);
        const auto same = [&](const LocalText& other) { return other.en == text.en; };
        if (std::none_of(items.begin(), items.end(), same)) items.push_back(std::move(text));
    }
    return items;
}

// The same order each time for the same items, and never the right one.
Offer shuffled(std::vector<LocalText> items) {
    Offer offer;
    std::vector<std::size_t> from(items.size());
    std::iota(from.begin(), from.end(), std::size_t{0});
    u64 seed = items.size();
    for (const LocalText& item : items)
        for (const char c : item.en) seed = seed * 31 + static_cast<u8>(c);
    Rng rng(seed);
    for (std::size_t i = from.size(); i > 1; --i) std::swap(from[i - 1], from[rng.below(static_cast<u32>(i))]);
    if (std::is_sorted(from.begin(), from.end())) std::rotate(from.begin(), from.begin() + 1, from.end());
    offer.right.resize(items.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        offer.items.push_back(items[from[i]]);
        offer.right[from[i]] = static_cast<i64>(i);
    }
    return offer;
}

Offer offered_order(const Question& question, const Machine& after, const StepResult& step) {
    std::vector<LocalText> items = question.path_to         ? functions_to(question, step)
                                   : question.items.empty() ? values_in_order(after, step)
                                                            : sentences_in_order(question, step);
    Offer offer;
    if (items.size() < question.items.size()) {
        offer.problem = told("has no answer: {0} of its {1} items do not happen in this step",
                             "没有答案：{1} 项中有 {0} 项在这一步没有发生",
                             {question.items.size() - items.size(), question.items.size()});
    } else if (items.size() < 2 || items.size() > MAX_CHOICES || step.too_many_seen()) {
        offer.problem = told("has {0} things to put in order, expected 2 to {1}",
                             "要排序的有 {0} 项，应当是 2 到 {1} 项", {items.size(), MAX_CHOICES});
    } else {
        offer = shuffled(std::move(items));
    }
    return offer;
}

// ---- several ----

struct Block {
    i64 first = 0;
    u8 order = 0;
    [[nodiscard]] i64 end() const { return first + (i64{1} << order); }
};

Block block_of(const Machine& after, const StepResult::Seen& seen) {
    const u16 kind = seen.event.kind;
    const int order = order_arg(kind, seen.arg);
    const bool pageblock = kind == static_cast<u16>(physical_event::pageblock_claim) ||
                           kind == static_cast<u16>(physical_event::pageblock_move);
    i64 log2 = 0;
    if (pageblock)
        log2 = after.physical.pageblock_order;
    else if (order >= 0)
        log2 = std::clamp<i64>(seen.event.arg[static_cast<std::size_t>(order)], 0, MAX_ORDERS);
    return {seen.event.arg[seen.arg], static_cast<u8>(log2)};
}

// A block inside another one of them is no place of its own.
Offer offered_blocks(const Machine& after, const StepResult& step) {
    std::vector<Block> blocks;
    for (const StepResult::Seen& seen : step.seen())
        if (seen.event.arg[seen.arg] >= 0 && seen.event.arg[seen.arg] < PFN_NONE)
            blocks.push_back(block_of(after, seen));
    const auto lower = [](const Block& a, const Block& b) {
        return a.first != b.first ? a.first < b.first : a.order > b.order;
    };
    std::sort(blocks.begin(), blocks.end(), lower);
    Offer offer;
    i64 end = -1;
    for (const Block& block : blocks) {
        if (block.first < end) continue;
        end = block.end();
        offer.right.push_back(block.first);
        offer.orders.push_back(block.order);
    }
    if (offer.right.empty() || offer.right.size() > MAX_POINTED || step.too_many_seen())
        offer.problem = told("has {0} places to point at, expected 1 to {1}", "要指出的有 {0} 处，应当是 1 到 {1} 处",
                             {offer.right.size(), MAX_POINTED});
    return offer;
}

// All values of the unit that this machine has.
std::vector<i64> values_of_unit(const Machine& machine, Unit unit) {
    const physical_memory& memory = machine.physical;
    std::vector<i64> values;
    const auto up_to = [&](std::size_t count) {
        for (std::size_t i = 0; i < std::min(count, MAX_OPTIONS); ++i) values.push_back(static_cast<i64>(i));
    };
    switch (unit) {
    case Unit::zone: values.assign(memory.populated.begin(), memory.populated.end()); break;
    case Unit::order: up_to(memory.nr_orders); break;
    case Unit::migratetype: up_to(migratetype_names.size()); break;
    case Unit::cpu: up_to(memory.nr_cpus); break;
    case Unit::node: up_to(memory.nodes.size()); break;
    default: break;
    }
    return values;
}

Offer offered_values(const Question& question, const Machine& after, const StepResult& step) {
    Offer offer;
    const Unit unit = unit_of(question.values.front());
    for (const i64 value : values_of_unit(after, unit)) {
        const auto told_it = [&](const StepResult::Seen& seen) { return seen.event.arg[seen.arg] == value; };
        if (std::any_of(step.seen().begin(), step.seen().end(), told_it))
            offer.right.push_back(std::ssize(offer.items));
        offer.items.push_back(value_text(after, unit, value));
    }
    if (offer.right.empty())
        offer.problem =
            told("has no answer: the step tells none of the values", "没有答案：这一步没有说出任何所问的值");
    return offer;
}

} // namespace

bool points_at_frames(const Question& question) {
    return question.kind == Question::Kind::several && unit_of(question.values.front()) == Unit::pfn;
}

Offer offer_of(const Question& question, const Machine& after, const StepResult& step) {
    switch (question.kind) {
    case Question::Kind::branch:
        return question.among == Question::Among::ways ? offered_ways(after, step) : offered_zones(after, step);
    case Question::Kind::order: return offered_order(question, after, step);
    case Question::Kind::several:
        return points_at_frames(question) ? offered_blocks(after, step) : offered_values(question, after, step);
    default: return {};
    }
}

} // namespace mm
