#include "views/process/rmap_picture.h"

#include <algorithm>

#include "machine/facts/process_facts.h"
#include "process/processes.h"
#include "views/process/space_picture.h"

namespace shell {

namespace {

using mm::mm_id;
using mm::pfn_t;
using mm::u64;

// A process has something there, or the page cache.
bool is_users(const mm::Machine& machine, pfn_t pfn) {
    return machine.processes.user.at(pfn).kind != mm::user_page_kind::none;
}

RmapCounts counts_of(const mm::Machine& machine, pfn_t pfn) {
    const mm::user_pages& user = machine.processes.user;
    RmapCounts counts;
    counts.present = is_users(machine, pfn);
    if (!counts.present) return counts;
    const mm::user_page page = user.at(pfn), head = user.at(mm::user_page_head(user, pfn));
    counts.refcount = mm::page_count(user, machine.physical, pfn);
    counts.mapcount = mm::page_mapcount(user, pfn);
    counts.exclusive = page.has(mm::user_page::EXCLUSIVE) || (head.entire > 0 && head.has(mm::user_page::EXCLUSIVE));
    return counts;
}

std::string path_of(const mm::process_memory& proc, mm::mapping_id mapping) {
    for (mm::file_id id = 1; id < proc.files_used; ++id)
        if (proc.files[id].in_use && proc.files[id].mapping == mapping && proc.files[id].path != mm::NO_NAME)
            return std::string(mm::name_text(proc.files[id].path));
    return "";
}

mm::mapped_page page_at(const mm::Machine& machine, mm_id id, u64 address) {
    return mm::page_at_address(machine.processes, machine.mmu, machine.physical, id, address);
}

RmapRow row_of(const mm::Machine& machine, const mm::looked_at_vma& looked) {
    const mm::process_memory& proc = machine.processes;
    const mm::vm_area_struct& vma = proc.vmas[looked.vma];
    RmapRow row;
    row.fate = looked.maps ? RmapFate::mapped : RmapFate::looked;
    row.process = mm::process_text(proc, looked.mm);
    row.space = proc.mms[looked.mm].space;
    row.vma = mm::vma_text(proc, looked.mm, looked.vma);
    row.start = vma.vm_start, row.end = vma.vm_end;
    row.anon_vma = vma.anon_vma;
    row.address = looked.address;
    const mm::mapped_page page = page_at(machine, looked.mm, looked.address);
    row.entry = row.was = page.entry;
    row.frame = page.pfn;
    return row;
}

// What a VMA had before the step.
struct Before {
    u64 pid = 0, address = 0;
    RmapRow row;
    bool maps = false, met = false;
};

void compare(RmapRow& row, bool maps, const Before* before) {
    const bool mapped = before != nullptr && before->maps;
    if (before != nullptr) row.was = before->row.entry;
    if (maps)
        row.fate = !mapped ? RmapFate::fresh : row.entry != row.was ? RmapFate::changed : RmapFate::mapped;
    else if (mapped)
        row.fate = RmapFate::gone;
}

void add_rows(RmapPicture& out, const mm::Machine& before, const mm::Machine& at) {
    const mm::rmap_look now = mm::rmap_looked_at(at.processes, out.pfn, RMAP_VMAS_ASKED);
    const mm::rmap_look then = mm::rmap_looked_at(before.processes, out.pfn, RMAP_VMAS_ASKED);
    out.whole = now.whole && then.whole;
    std::vector<Before> old;
    for (const mm::looked_at_vma& looked : then.vmas)
        old.push_back(
            {before.processes.mms[looked.mm].pid, looked.address, row_of(before, looked), looked.maps, false});
    for (const mm::looked_at_vma& looked : now.vmas) {
        const u64 pid = at.processes.mms[looked.mm].pid;
        const auto was = std::find_if(
            old.begin(), old.end(), [&](const Before& one) { return one.pid == pid && one.address == looked.address; });
        RmapRow row = row_of(at, looked);
        compare(row, looked.maps, was == old.end() ? nullptr : &*was);
        if (was == old.end())
            row.was = 0;
        else
            was->met = true;
        out.rows.push_back(std::move(row));
    }
    // Those that are not even looked at any more.
    for (Before& one : old) {
        if (one.met || !one.maps) continue;
        one.row.fate = RmapFate::gone;
        one.row.entry = 0;
        one.row.frame = mm::PFN_NONE;
        mm_id still = mm::MM_NONE;
        for (mm_id id = 0; id < at.processes.mms_used; ++id)
            if (at.processes.mms[id].in_use && at.processes.mms[id].pid == one.pid) still = id;
        if (still == mm::MM_NONE) {
            one.row.space = 0;
        } else if (const mm::mapped_page page = page_at(at, still, one.address); page.entry != 0) {
            one.row.entry = page.entry;
            one.row.frame = page.pfn;
        }
        out.rows.push_back(std::move(one.row));
    }
}

} // namespace

std::size_t RmapPicture::mapped() const {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [](const RmapRow& row) { return row.maps(); }));
}

bool RmapPicture::is_touched() const {
    return !(now == was) || std::any_of(rows.begin(), rows.end(), [](const RmapRow& row) {
        return row.fate != RmapFate::mapped && row.fate != RmapFate::looked;
    });
}

RmapPicture rmap_picture(const ViewInput& input, pfn_t pfn) {
    const mm::Machine& at = input.moment.at;
    const mm::Machine& before = input.before();
    RmapPicture out;
    out.pfn = pfn;
    const mm::user_pages& user = at.processes.user;
    out.zero = pfn == user.zero_pfn || (user.huge_zero_pfn != mm::PFN_NONE && pfn == user.huge_zero_pfn);
    if (out.zero) return out;
    const mm::Machine& from = is_users(at, pfn) ? at : before;
    out.page = from.processes.user.at(pfn);
    out.order = out.page.order;
    out.anon_vma = mm::anon_vma_of(from.processes.user, pfn);
    if (out.page.in_cache()) {
        out.file = path_of(from.processes, out.page.mapping);
        out.inode = from.processes.user.mappings[out.page.mapping].inode;
    }
    out.now = counts_of(at, pfn);
    out.was = input.moment.before ? counts_of(before, pfn) : out.now;
    add_rows(out, before, at);
    return out;
}

std::vector<pfn_t> frames_of_step(const mm::Moment& moment, std::size_t most) {
    std::vector<pfn_t> frames;
    for (const mm::Event& event : moment.happened()) {
        if (mm::room_of(event.kind) != mm::room_id::process) continue;
        const std::span<const mm::ArgSpec> args = mm::event_spec(event.kind).arg_list();
        for (std::size_t i = 0; i < args.size() && frames.size() < most; ++i) {
            const auto pfn = static_cast<pfn_t>(event.arg[i]);
            if (args[i].unit == mm::Unit::pfn && moment.at.physical.pfn_valid(pfn) &&
                std::find(frames.begin(), frames.end(), pfn) == frames.end())
                frames.push_back(pfn);
        }
    }
    return frames;
}

std::optional<pfn_t> selected_frame(const mm::Machine& machine, const Selection& selection) {
    if (selection.kind == Selection::Kind::pfn) {
        const auto pfn = static_cast<pfn_t>(selection.value);
        return is_users(machine, pfn) ? std::optional(pfn) : std::nullopt;
    }
    if (selection.kind != Selection::Kind::address) return std::nullopt;
    const mm_id id = mm::process_of_space(machine.processes, static_cast<mm::space_id>(selection.second));
    if (id == mm::MM_NONE) return std::nullopt;
    const mm::mapped_page page = page_at(machine, id, static_cast<u64>(selection.value));
    return page.pfn == mm::PFN_NONE || !is_users(machine, page.pfn) ? std::nullopt : std::optional(page.pfn);
}

} // namespace shell
