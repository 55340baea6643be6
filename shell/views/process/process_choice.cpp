#include "views/process/process_choice.h"

#include <charconv>

#include "machine/facts/process_facts.h"
#include "process/processes.h"
#include "views/process/space_picture.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::u32;

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

std::optional<mm::u64> selected_in(const ViewInput& input, mm_id process) {
    const Selection& selection = input.choices.selection;
    if (selection.kind != Selection::Kind::address) return std::nullopt;
    if (of_space(input.moment.at.processes, selection.second) != process) return std::nullopt;
    return static_cast<mm::u64>(selection.value);
}

Shown process_of_selection(const mm::Machine& machine, const Selection& selection) {
    if (selection.kind != Selection::Kind::address) return std::nullopt;
    if (of_space(machine.processes, selection.second) == mm::MM_NONE) return std::nullopt;
    return std::to_string(selection.second);
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
    if (const mm_id id = process_of_step(input.moment); id != mm::MM_NONE) return id;
    const Selection& selection = input.choices.selection;
    if (selection.kind == Selection::Kind::address)
        if (const mm_id id = of_space(proc, selection.second); id != mm::MM_NONE) return id;
    return mm::first_process(proc);
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
