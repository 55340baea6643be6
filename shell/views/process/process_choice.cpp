#include "views/process/process_choice.h"

#include <algorithm>
#include <charconv>

#include "machine/facts/process_facts.h"
#include "process/processes.h"
#include "process/rmap.h"
#include "views/process/process_words.h"
#include "views/process/space_picture.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;
using mm::u64;

constexpr u32 MAX_OFFERED = 12;

mm_id of_space(const mm::process_memory& proc, mm::i64 space) {
    return process_of_space(proc, static_cast<mm::space_id>(space));
}

} // namespace

mm_id process_of_step(const mm::Moment& moment) {
    const mm::process_memory& proc = moment.at.processes;
    if (!moment.op) return mm::MM_NONE;
    const mm_id named = mm::process_of_op(moment.at, *moment.op);
    if (named != mm::MM_NONE || !moment.before) return named;
    // One that an op is still making has no name yet.
    for (mm_id id = 0; id < proc.mms_used; ++id)
        if (proc.mms[id].in_use && same_process(moment.before->processes, id, proc.mms[id].pid) == mm::MM_NONE)
            return id;
    return mm::MM_NONE;
}

std::vector<SelectedPlace> selected_places(const mm::Machine& machine, const Selection& selection) {
    const mm::process_memory& proc = machine.processes;
    std::vector<SelectedPlace> out;
    if (selection.kind == Selection::Kind::address) {
        const mm_id id = of_space(proc, selection.second);
        if (id != mm::MM_NONE) out.push_back({id, static_cast<u64>(selection.value)});
    } else if (selection.kind == Selection::Kind::pfn) {
        const auto pfn = static_cast<mm::pfn_t>(selection.value);
        if (!machine.physical.pfn_valid(pfn) || proc.user.at(pfn).kind == mm::user_page_kind::none) return out;
        const u64 in_block = u64{pfn - mm::user_page_head(proc.user, pfn)} << proc.page_shift;
        for (const mm::frame_mapping& mapping : rmap_walk(proc.user, pfn))
            out.push_back({mapping.mm, mapping.address + (mapping.level > 0 ? in_block : 0)});
    }
    return out;
}

std::vector<u64> all_selected_in(const ViewInput& input, mm_id process) {
    std::vector<u64> out;
    for (const SelectedPlace& place : selected_places(input.moment.at, input.choices.selection))
        if (place.process == process) out.push_back(place.address);
    return out;
}

std::optional<u64> selected_in(const ViewInput& input, mm_id process) {
    const std::vector<u64> all = all_selected_in(input, process);
    return all.empty() ? std::nullopt : std::optional(all.front());
}

mm_id process_to_show(const mm::Moment& moment, const Selection& selection, bool chosen) {
    const std::vector<SelectedPlace> places = selected_places(moment.at, selection);
    const mm_id of_step = process_of_step(moment);
    const bool in_step =
        std::any_of(places.begin(), places.end(), [&](const SelectedPlace& place) { return place.process == of_step; });
    const bool frame_elsewhere = chosen && selection.kind == Selection::Kind::pfn && !in_step;
    if (of_step != mm::MM_NONE && (places.empty() || !frame_elsewhere)) return of_step;
    return places.empty() ? mm::first_process(moment.at.processes) : places.front().process;
}

Shown process_of_selection(const mm::Machine& machine, const Selection& selection) {
    const std::vector<SelectedPlace> places = selected_places(machine, selection);
    if (places.empty()) return std::nullopt;
    return std::to_string(machine.processes.mms[places.front().process].space);
}

const Phrase& why_no_process(const mm::process_memory& proc) {
    if (!proc.up) return words::NO_PROCESSES_HERE;
    return proc.mms_used > 0 ? words::ALL_ENDED : words::NO_PROCESS;
}

bool ProcessChoice::notice(const ViewInput& input, bool new_moment, bool other_session) {
    const bool stays = new_look_ || !new_moment || !other_session;
    if (!stays || (new_moment && !new_look_ && process_of_step(input.moment) != mm::MM_NONE)) chosen_.reset();
    new_look_ = false;
    return stays;
}

mm_id ProcessChoice::shown(const ViewInput& input) const {
    const mm::process_memory& proc = input.moment.at.processes;
    if (chosen_ && of_space(proc, *chosen_) != mm::MM_NONE) return of_space(proc, *chosen_);
    return process_to_show(input.moment, input.choices.selection, input.choices.chosen);
}

bool ProcessChoice::offer(ChipRow& row, const ViewInput& input) {
    const mm::process_memory& proc = input.moment.at.processes;
    const mm_id now = shown(input);
    u32 offered = 0;
    bool pressed = false;
    for (mm_id id = 0; id < proc.mms_used; ++id) {
        if (!proc.mms[id].in_use || (offered++ >= MAX_OFFERED && id != now)) continue;
        if (!row.chip(process_text(proc, id), {.on = id == now})) continue;
        const u32 space = proc.mms[id].space;
        chosen_ = chosen_ == space ? std::nullopt : std::optional<u32>(space);
        pressed = true;
    }
    return pressed;
}

void ProcessChoice::look_at(std::string_view text) {
    chosen_.reset();
    new_look_ = true;
    u32 number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size() && number < mm::MAX_SPACES) chosen_ = number;
}

} // namespace shell
