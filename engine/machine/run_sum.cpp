#include "machine/run_sum.h"

#include <algorithm>

#include "base/hex.h"
#include "base/program_place.h"
#include "machine/deciding_event.h"
#include "machine/narrate.h"
#include "machine/op_kind.h"
#include "physical/event_rows.h"
#include "process/events.h"
#include "process/fault_events.h"
#include "process/vma_index_events.h"

namespace mm {

namespace {

// What an op asks for. Results stand for what other ops made: each turn has its own.
std::array<i64, MAX_OP_FIELDS> values_of(const Op& op) {
    std::array<i64, MAX_OP_FIELDS> values{};
    const auto fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (result_kind(fields[i].unit) == ResultKind::none)
            values[i] =
                is_in_result(op.arg[i]) && fields[i].unit == Unit::place ? offset_of_place(op.arg[i]) : op.arg[i];
    return values;
}

void add_taken(std::vector<RunSum::Zone>& zones, u8 zone, u64 pages) {
    auto row = std::find_if(zones.begin(), zones.end(), [&](const RunSum::Zone& known) { return known.zone >= zone; });
    if (row == zones.end() || row->zone != zone) row = zones.insert(row, RunSum::Zone{zone, 0, 0});
    ++row->blocks;
    row->pages += pages;
}

// Where an event of a process is counted; nullptr: nowhere.
u64* counter_of(RunSum::Vmas& vmas, u16 kind) {
    switch (kind) {
    case static_cast<u16>(process_event::vma_new): return &vmas.made;
    case static_cast<u16>(process_event::vma_merged): return &vmas.merged;
    case static_cast<u16>(process_event::vma_split): return &vmas.split;
    case static_cast<u16>(process_event::vma_removed): return &vmas.removed;
    case static_cast<u16>(vma_index_event::vma_tree_turned):
    case static_cast<u16>(vma_index_event::avl_tree_built):
    case static_cast<u16>(vma_index_event::maple_changed): return &vmas.tree_changes;
    case static_cast<u16>(fault_event::fault_begins): return &vmas.faults;
    }
    return nullptr;
}

} // namespace

RunCounter::RunCounter() : met_(event_kinds().size(), NO_PART) {
    using ev = physical_event;
    for (const u16 kind : event_kinds())
        if (deciding_weight(kind) > 0) met_[event_index(kind)] = 0;
    for (const ev block : {ev::buddy_split, ev::buddy_merge, ev::buddy_stay})
        met_[event_index(static_cast<u16>(block))] = NO_PART;
}

void RunCounter::begin(u32 index, const Op& op) {
    index_ = index;
    op_ = op;
    kinds_.clear();
}

void RunCounter::event(const Machine& machine, const Event& event) {
    using ev = physical_event;
    if (u32& met = met_[event_index(event.kind)]; met != NO_PART && met != sum_.ops + 1) {
        kinds_.push_back(event.kind);
        met = sum_.ops + 1;
    }
    if (room_of(event.kind) == room_id::process) sum_.of_processes = true;
    if (u64* counter = counter_of(sum_.vmas, event.kind)) ++*counter;
    if (event.kind == static_cast<u16>(ev::buddy_split)) ++sum_.splits;
    if (event.kind == static_cast<u16>(ev::buddy_merge)) ++sum_.merges;
    if (event.kind != static_cast<u16>(ev::mm_page_alloc)) return;
    const Args<ev::mm_page_alloc> in(event);
    add_taken(sum_.zones, machine.physical.page_zone(in.as<pfn_t>("pfn")), u64{1} << in["order"]);
}

OtherWay RunCounter::other_way(const Way& before, OpOutcome outcome) const {
    OtherWay other{index_, OtherWay::NO_KIND, false};
    other.failed = outcome == OpOutcome::returned_null && before.last.outcome != outcome;
    int best = -1;
    for (const u16 kind : kinds_) {
        const std::vector<u16>& known = before.last.kinds;
        if (deciding_weight(kind) <= best || std::binary_search(known.begin(), known.end(), kind)) continue;
        best = deciding_weight(kind);
        other.kind = kind;
    }
    return other;
}

void RunCounter::end(OpOutcome outcome) {
    ++sum_.ops;
    const OpKind kind = kind_of(op_spec(op_.kind));
    if (outcome == OpOutcome::done && kind == OpKind::alloc) ++sum_.allocations;
    if (outcome == OpOutcome::done && kind == OpKind::free) ++sum_.frees;
    if (outcome == OpOutcome::returned_null) ++sum_.failed;
    if (outcome == OpOutcome::refused) ++sum_.refused;

    Course course{kinds_, outcome};
    std::sort(course.kinds.begin(), course.kinds.end());
    const auto [found, first] = ways_.try_emplace(Request{op_.kind, values_of(op_)});
    Way& way = found->second;
    if (first) {
        way.usual = way.last = std::move(course);
        return;
    }
    if (course == way.last) {
        if (way.usual != course) way.usual = std::move(course);
        return;
    }
    if (course != way.usual) sum_.other_ways.push_back(other_way(way, outcome));
    way.last = std::move(course);
}

RunWatch::RunWatch(Machine before, u32 first, u32 nr_ops)
    : machine_(std::move(before)), next_(first), end_(first + nr_ops) {
    if (nr_ops == 0) machine_.reset();
}

bool RunWatch::go_on(std::span<const Op> ops, u64 work, const work_budget& budget) {
    struct Heard {
        RunCounter& counter;
        const Machine& machine;
        static void event(void* context, const Event& event) {
            const Heard& heard = *static_cast<const Heard*>(context);
            heard.counter.event(heard.machine, event);
        }
    };
    for (u64 done = 0; machine_ && done < work;) {
        EventSink sink;
        sink.set_limit(budget.op);
        Heard heard{counter_, *machine_};
        sink.listen(&Heard::event, &heard);
        counter_.begin(next_, ops[next_]);
        const OpOutcome outcome = apply(*machine_, ops[next_], sink);
        done += sink.work();
        if (sink.spent()) {
            machine_.reset();
            break;
        }
        counter_.end(outcome);
        if (++next_ == end_) machine_.reset();
    }
    return !machine_;
}

std::optional<u32> RunWatch::other_way_from(u32 op) const {
    const std::vector<OtherWay>& ways = sum().other_ways;
    const auto found = std::partition_point(ways.begin(), ways.end(), [&](const OtherWay& way) { return way.op < op; });
    if (found == ways.end()) return std::nullopt;
    return found->op;
}

namespace {

// "1 split", "15 splits"; 15 次.
Told counted(u64 number, std::string_view one, std::string_view many) {
    return {grouped(number) + " " + std::string(number == 1 ? one : many), grouped(number)};
}

Told pages_text(const RunSum& sum) {
    return told("{0}: {1}, {2}; {3}, {4}.", "共 {0} 个操作：分配 {1} 次，释放 {2} 次；拆分 {3} 次，合并 {4} 次。",
                {counted(sum.ops, "op", "ops"), counted(sum.allocations, "allocation", "allocations"),
                 counted(sum.frees, "free", "frees"), counted(sum.splits, "split", "splits"),
                 counted(sum.merges, "merge", "merges")});
}

// Only what happened.
Told vmas_text(const RunSum& sum) {
    const RunSum::Vmas& vmas = sum.vmas;
    Told parts;
    const auto add = [&](u64 number, std::string_view one, std::string_view many, std::string_view zh) {
        if (number == 0) return;
        const Told part = told("{0}", zh, {counted(number, one, many)});
        parts.en += (parts.en.empty() ? "" : ", ") + part.en;
        parts.zh += (parts.zh.empty() ? "" : "，") + part.zh;
    };
    add(vmas.made, "new VMA", "new VMAs", "新建 {0} 个 VMA");
    add(vmas.merged, "merge of VMAs", "merges of VMAs", "合并 {0} 次");
    add(vmas.split, "VMA split", "VMAs split", "拆分 VMA {0} 次");
    add(vmas.removed, "VMA removed", "VMAs removed", "撤销 {0} 个 VMA");
    add(vmas.tree_changes, "change of their tree", "changes of their tree", "VMA 树调整 {0} 次");
    add(vmas.faults, "page fault", "page faults", "缺页 {0} 次");
    if (parts.en.empty()) parts = {"no VMA changed, no page fault", "VMA 没有变，也没有缺页"};
    return told("{0}: {1}.", "共 {0} 个操作：{1}。", {counted(sum.ops, "op", "ops"), parts});
}

} // namespace

Told run_sum_text(const Machine& machine, const RunSum& sum) {
    Told text = sum.of_processes ? vmas_text(sum) : pages_text(sum);
    const auto add = [&](const Told& sentence) {
        text.en += " " + sentence.en;
        text.zh += sentence.zh;
    };
    Told zones;
    for (const RunSum::Zone& zone : sum.zones) {
        const auto name = [&](Language language) { return unit_text(machine, Unit::zone, zone.zone, language); };
        zones.en += (zones.en.empty() ? "" : ", ") + name(Language::en) + " " + grouped(zone.pages);
        zones.zh += (zones.zh.empty() ? "" : "，") + name(Language::zh) + " " + grouped(zone.pages);
    }
    if (!sum.zones.empty()) add(told("Pages taken: {0}.", "取页：{0}。", {zones}));
    if (sum.failed > 0) add(told("{0} returned NULL.", "{0} 次返回 NULL。", {grouped(sum.failed)}));
    if (sum.refused > 0)
        add(told("{0} refused.", "{0} 次被拒绝。",
                 {told("{0} {1}", "{0}", {grouped(sum.refused), sum.refused == 1 ? "was" : "were"})}));
    if (sum.other_ways.empty())
        add(sum.of_processes ? Told{"What the free lists did aside, each went the way of the turn before.",
                                    "不计空闲链表上的变化，每一轮都与前一轮走同样的路径。"}
                             : Told{"Splits and merges aside, each went the way of the turn before.",
                                    "不计拆分与合并，每一轮都与前一轮走同样的路径。"});
    else
        add(told("{0} went another way than the turn before.", "其中 {0} 次与前一轮走了不同的路径。",
                 {grouped(sum.other_ways.size())}));
    return text;
}

std::string_view other_way_name(const OtherWay& way) {
    if (way.failed) return "NULL";
    return way.kind == OtherWay::NO_KIND ? std::string_view() : event_spec(way.kind).name;
}

} // namespace mm
