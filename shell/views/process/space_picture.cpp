#include "views/process/space_picture.h"

#include <algorithm>

#include "machine/facts/process_facts.h"
#include "process/event_rows.h"

namespace shell {

namespace {

using mm::u64;
using mm::vm_area_struct;
using mm::vma_id;

struct Side {
    const mm::process_memory* proc = nullptr;
    std::vector<vma_id> vmas;

    [[nodiscard]] const vm_area_struct& at(std::size_t i) const { return proc->vmas[vmas[i]]; }
};

bool overlap(const vm_area_struct& a, const vm_area_struct& b) {
    return a.vm_start < b.vm_end && b.vm_start < a.vm_end;
}

// Of the offset in pages, where the start is in bytes.
bool moved_along(const vm_area_struct& was, const vm_area_struct& now, mm::u32 page_shift) {
    const u64 pages = (now.vm_start >> page_shift) - (was.vm_start >> page_shift);
    return now.vm_pgoff - was.vm_pgoff == pages;
}

// What became of the VMAs first to end of before, which is `now` today.
VmaFate fate_of(const Side& before, std::size_t first, std::size_t end, const vm_area_struct& now, bool was_cut,
                mm::u32 page_shift) {
    if (first == end) return VmaFate::fresh;
    if (end - first > 1) return VmaFate::merged;
    const vm_area_struct& was = before.at(first);
    const bool same = was.vm_file == now.vm_file && was.special == now.special && moved_along(was, now, page_shift);
    if (!same) return VmaFate::fresh;
    if (was.vm_flags != now.vm_flags) return VmaFate::changed;
    if (was_cut) return VmaFate::cut;
    if (now.size() > was.size()) return VmaFate::grown;
    if (now.size() < was.size()) return VmaFate::shorter;
    return was.vm_start == now.vm_start ? VmaFate::same : VmaFate::changed;
}

// Fates, seams and what was added. Both lists are by address, so each is gone through once.
void compare(const Side& before, const Side& now, SpacePicture& out) {
    std::vector<mm::u32> successors(before.vmas.size(), 0); // VMAs of now that lie in each
    std::vector<SpaceRange> reach(now.vmas.size());         // of before's list
    std::size_t first = 0;
    for (std::size_t i = 0; i < now.vmas.size(); ++i) {
        while (first < before.vmas.size() && before.at(first).vm_end <= now.at(i).vm_start) ++first;
        std::size_t end = first;
        while (end < before.vmas.size() && overlap(before.at(end), now.at(i))) ++successors[end++];
        reach[i] = {first, end};
    }
    for (std::size_t i = 0; i < now.vmas.size(); ++i) {
        const vm_area_struct& vma = now.at(i);
        const std::size_t from = reach[i].start, to = reach[i].end;
        const bool was_cut = to > from && successors[from] > 1;
        const VmaFate fate = fate_of(before, from, to, vma, was_cut, now.proc->page_shift);
        out.pieces.push_back({fate, false, vma.vm_start, vma.vm_end, now.vmas[i]});
        u64 reached = vma.vm_start;
        for (std::size_t k = from; k < to; ++k) {
            const vm_area_struct& was = before.at(k);
            if (was.vm_start > reached) out.added.push_back({reached, was.vm_start});
            if (was.vm_start > vma.vm_start) out.seams.push_back(was.vm_start);
            if (was.vm_end < vma.vm_end) out.seams.push_back(was.vm_end);
            reached = std::min(was.vm_end, vma.vm_end);
        }
        if (reached < vma.vm_end) out.added.push_back({reached, vma.vm_end});
    }
    std::sort(out.seams.begin(), out.seams.end());
    out.seams.erase(std::unique(out.seams.begin(), out.seams.end()), out.seams.end());
}

// What of before's VMAs no VMA of now has.
void find_gone(const Side& before, const Side& now, SpacePicture& out) {
    std::size_t next = 0;
    for (std::size_t k = 0; k < before.vmas.size(); ++k) {
        const vm_area_struct& was = before.at(k);
        u64 reached = was.vm_start;
        while (next < now.vmas.size() && now.at(next).vm_end <= was.vm_start) ++next;
        for (std::size_t i = next; i < now.vmas.size() && now.at(i).vm_start < was.vm_end; ++i) {
            if (now.at(i).vm_start > reached)
                out.pieces.push_back({VmaFate::gone, false, reached, now.at(i).vm_start, before.vmas[k]});
            reached = std::max(reached, now.at(i).vm_end);
        }
        if (reached < was.vm_end) out.pieces.push_back({VmaFate::gone, false, reached, was.vm_end, before.vmas[k]});
    }
}

void fill_holes(u64 task_size, std::vector<SpacePiece>& pieces) {
    std::sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    std::vector<SpacePiece> all;
    u64 reached = 0;
    for (const SpacePiece& piece : pieces) {
        if (piece.start > reached) all.push_back({VmaFate::hole, false, reached, piece.start, mm::VMA_NONE});
        all.push_back(piece);
        reached = piece.end;
    }
    if (reached < task_size) all.push_back({VmaFate::hole, false, reached, task_size, mm::VMA_NONE});
    pieces = std::move(all);
}

Placement last_placement(const mm::Moment& moment) {
    Placement out;
    for (const mm::Event& event : moment.happened())
        if (event.kind == static_cast<mm::u16>(mm::process_event::vma_hole_found)) out = placement_of(event);
    return out;
}

// The first addresses that events name, which are in what they are about; ends are not.
std::vector<u64> named_addresses(std::span<const mm::Event> happened) {
    std::vector<u64> out;
    for (const mm::Event& event : happened) {
        const std::span<const mm::ArgSpec> args = mm::event_spec(event.kind).arg_list();
        for (std::size_t i = 0; i < args.size(); ++i) {
            const bool is_end = args[i].name.ends_with("end") || args[i].name == "to";
            if (args[i].unit == mm::Unit::virt_address && !is_end) out.push_back(static_cast<u64>(event.arg[i]));
        }
    }
    return out;
}

// An mm's addresses, in the kernel's order.
struct MarkRow {
    const char* name;
    u64 mm::mm_struct::* field;
};
constexpr MarkRow MARKS[] = {{"start_code", &mm::mm_struct::start_code}, {"end_code", &mm::mm_struct::end_code},
                             {"start_data", &mm::mm_struct::start_data}, {"end_data", &mm::mm_struct::end_data},
                             {"start_brk", &mm::mm_struct::start_brk},   {"brk", &mm::mm_struct::brk},
                             {"mmap_base", &mm::mm_struct::mmap_base},   {"start_stack", &mm::mm_struct::start_stack},
                             {"arg_start", &mm::mm_struct::arg_start},   {"arg_end", &mm::mm_struct::arg_end},
                             {"env_start", &mm::mm_struct::env_start},   {"env_end", &mm::mm_struct::env_end}};

} // namespace

Placement placement_of(const mm::Event& event) {
    const mm::Args<mm::process_event::vma_hole_found> in(event);
    return {.found = true,
            .start = in.as<u64>("start"),
            .size = in.as<u64>("size"),
            .hole = in.as<u64>("hole"),
            .hole_end = in.as<u64>("hole_end"),
            .limit = in.as<u64>("limit"),
            .way = in.as<mm::hole_way>("way")};
}

bool SpacePicture::is_changed() const {
    return std::any_of(pieces.begin(), pieces.end(), [](const SpacePiece& piece) { return piece.is_changed(); });
}

std::size_t SpacePicture::piece_at(u64 address) const {
    const auto after = std::upper_bound(pieces.begin(), pieces.end(), address,
                                        [](u64 at, const SpacePiece& piece) { return at < piece.start; });
    return after == pieces.begin() ? 0 : static_cast<std::size_t>(after - pieces.begin()) - 1;
}

std::vector<SpaceMark> space_marks(const mm::mm_struct& mm, const mm::mm_struct& before) {
    std::vector<SpaceMark> marks;
    for (const MarkRow& row : MARKS) {
        const u64 address = mm.*row.field, was = before.*row.field;
        if (address == 0) continue;
        const auto same = std::find_if(marks.begin(), marks.end(), [&](const SpaceMark& mark) {
            return mark.address == address && mark.was == was;
        });
        if (same == marks.end())
            marks.push_back({row.name, address, was});
        else
            same->names += std::string(" = ") + row.name;
    }
    std::stable_sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    return marks;
}

mm::mm_id same_process(const mm::process_memory& before, mm::mm_id process, mm::u32 pid) {
    const bool there = process < before.mms_used && before.mms[process].in_use && before.mms[process].pid == pid;
    return there ? process : mm::MM_NONE;
}

SpacePicture space_picture(const mm::Moment& moment, mm::mm_id process, bool about) {
    const mm::process_memory& proc = moment.at.processes;
    const mm::process_memory& proc_before = moment.before ? moment.before->processes : proc;
    const mm::mm_struct& mm = proc.mms[process];
    const mm::mm_id was = same_process(proc_before, process, mm.pid);
    SpacePicture out;
    const Side now{&proc, mm::vmas_of(proc, process)};
    const Side before{&proc_before, was == mm::MM_NONE ? std::vector<vma_id>{} : mm::vmas_of(proc_before, was)};
    compare(before, now, out);
    find_gone(before, now, out);
    fill_holes(mm.task_size, out.pieces);
    out.marks = space_marks(mm, was == mm::MM_NONE ? mm : proc_before.mms[was]);
    if (!about) return out;
    out.placement = last_placement(moment);
    for (const u64 address : named_addresses(moment.happened())) {
        SpacePiece& piece = out.pieces[out.piece_at(address)];
        piece.told |= piece.holds(address) && !piece.is_hole();
    }
    return out;
}

} // namespace shell
