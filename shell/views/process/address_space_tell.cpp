// The view of an address space as rows of text, and as numbers for tests.
#include "base/hex.h"
#include "json.h"
#include "machine/facts/process_facts.h"
#include "process/maps_text.h"
#include "views/parts/mirror_text.h"
#include "views/process/address_space_frame.h"
#include "views/process/process_words.h"
#include "views/process/vma_look.h"

namespace shell {

namespace {

using mm::u64;

constexpr std::size_t MAX_TOLD = 512; // pieces that describe() lists

const char* fate_name(VmaFate fate) {
    static constexpr const char* NAMES[] = {"same", "new",           "longer",  "shorter", "merged",
                                            "cut",  "flags changed", "removed", "hole"};
    return NAMES[static_cast<std::size_t>(fate)];
}

} // namespace

const mm::vm_area_struct& record_of(const ViewInput& input, const SpacePiece& piece) {
    return (piece.is_gone() ? input.before() : input.moment.at).processes.vmas[piece.vma];
}

std::string name_of(const ViewInput& input, mm::mm_id process, const SpacePiece& piece) {
    return mm::vma_name((piece.is_gone() ? input.before() : input.moment.at).processes, process, piece.vma);
}

// Of the machine that is asked for: its own VMAs. The two machines are compared row by row.
Mirror AddressSpaceView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    Mirror out{.caption = teller.say(words::SPACE_TITLE)};
    const mm::mm_id process = choice_.shown(input);
    const mm::process_memory& now = input.moment.at.processes;
    if (process == mm::MM_NONE) {
        out.note = teller.say(why_no_process(now));
        return out;
    }
    const mm::process_memory& proc = machine.processes;
    out.caption += " " + mm::process_text(now, process);
    out.columns = {teller.say(mirror_text::ADDRESS), teller.say(mirror_text::END), teller.say(mirror_text::SIZE),
                   teller.say(words::RIGHTS),        teller.say(words::VMA_NAME),  "vm_flags",
                   teller.say(words::IN_MEMORY)};
    if (same_process(proc, process, now.mms[process].pid) == mm::MM_NONE) return out; // it begins with the step
    const mm::mm_struct& mm = proc.mms[process];
    const SpacePicture picture = space_picture(input.moment, process, process_of_step(input.moment) == process);
    const auto place = [&](u64 address) {
        return Selection{Selection::Kind::address, static_cast<mm::i64>(address), static_cast<mm::i64>(mm.space), 0};
    };
    const auto touched = [&](u64 address) {
        const SpacePiece& piece = picture.pieces[picture.piece_at(address)];
        return touched_if(piece.holds(address) && (piece.told || piece.is_changed()));
    };
    const auto hole = [&](u64 from, u64 to) {
        if (from < to)
            out.add({{teller.say(words::HOLE_ROW) + std::string(" ") + mm::address_hex(from), mm::address_hex(to),
                      size_text(to - from), "", "", "", ""},
                     place(from)});
    };
    const std::vector<u64> selected = all_selected_in(input, process);
    const bool told = residency_is_told(machine, process);
    const auto resident = [&](const mm::vm_area_struct& vma) {
        if (!told) return std::string("?");
        const Residency of = residency_of(machine, process, vma.vm_start, vma.vm_end);
        return resident_text(teller, of.pages, of.all);
    };
    u64 reached = 0;
    for (const mm::vma_id id : mm::vmas_of(proc, process)) {
        const mm::vm_area_struct& vma = proc.vmas[id];
        hole(reached, vma.vm_start);
        reached = vma.vm_end;
        MirrorRow row{{mm::address_hex(vma.vm_start), mm::address_hex(vma.vm_end), size_text(vma.size()),
                       mm::vma_rights(vma.vm_flags), mm::vma_name(proc, process, id), more_flags(machine, vma.vm_flags),
                       resident(vma)},
                      place(vma.vm_start),
                      touched(vma.vm_start)};
        row.selected = std::any_of(selected.begin(), selected.end(),
                                   [&](u64 address) { return address >= vma.vm_start && address < vma.vm_end; });
        if (!out.add(std::move(row))) return out;
    }
    hole(reached, mm.task_size);
    for (const SpaceMark& mark : space_marks(mm, mm))
        out.add({{mark.names, mm::address_hex(mark.address), "", "", "", "", ""}, place(mark.address)});
    for (const SpaceCounter& counter : space_counters(mm, mm))
        out.add({{counter.name, "", grouped(counter.now), "", "", "", ""}, {}});
    return out;
}

std::string AddressSpaceView::describe(const ViewInput& input) const {
    const mm::mm_id process = choice_.shown(input);
    if (process == mm::MM_NONE) return to_text(Json{{"process", nullptr}});
    const mm::mm_struct& mm = input.moment.at.processes.mms[process];
    const SpacePicture picture = space_picture(input.moment, process, process_of_step(input.moment) == process);
    const bool told = residency_is_told(input.moment.at, process);
    const std::vector<u64> selected = all_selected_in(input, process);
    Json pieces = Json::array();
    for (const SpacePiece& piece : picture.pieces) {
        if (pieces.size() >= MAX_TOLD) break;
        Json one = {{"start", mm::address_hex(piece.start)},
                    {"end", mm::address_hex(piece.end)},
                    {"fate", fate_name(piece.fate)}};
        if (!piece.is_hole()) {
            one["rights"] = mm::vma_rights(record_of(input, piece).vm_flags);
            one["name"] = name_of(input, process, piece);
            if (!piece.is_gone() && told)
                one["resident"] = residency_of(input.moment.at, process, piece.start, piece.end).pages;
        }
        if (piece.told) one["told"] = true;
        if (std::any_of(selected.begin(), selected.end(), [&](u64 address) { return piece.holds(address); }))
            one["selected"] = true;
        pieces.push_back(std::move(one));
    }
    Json marks = Json::object(), counters = Json::object(), seams = Json::array();
    for (const SpaceMark& mark : picture.marks) marks[mark.names] = mm::address_hex(mark.address);
    const mm::process_memory& before = input.before().processes;
    const mm::mm_id was = same_process(before, process, mm.pid);
    for (const SpaceCounter& counter : space_counters(mm, was == mm::MM_NONE ? mm : before.mms[was]))
        counters[counter.name] = from_to(counter.was, counter.now);
    for (const u64 seam : picture.seams) seams.push_back(mm::address_hex(seam));
    Json out = {{"process", mm.pid}, {"space", mm.space},    {"pieces", std::move(pieces)},
                {"marks", marks},    {"counters", counters}, {"seams", seams}};
    if (const auto opened = opened_) out["opened"] = mm::address_hex(*opened);
    if (const Placement& place = picture.placement; place.found)
        out["placed"] = {{"start", mm::address_hex(place.start)},
                         {"hole", mm::address_hex(place.hole)},
                         {"hole_end", mm::address_hex(place.hole_end)},
                         {"limit", mm::address_hex(place.limit)}};
    return to_text(out);
}

} // namespace shell
