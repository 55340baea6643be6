#pragma once
// What there is to see of the addresses of a process: its VMAs with what the step made of each, what the step took away, and
// the holes between.
//
//   before   [ a ]   [ b       ]     [ c ][ d ]
//   after    [ a ]   [ b ][ e  ]     [ c      ]      b and e: cut; c: merged, with a seam where d began
//
// VMAs are compared by their addresses and values, not by their numbers: what is one VMA to a person may have another record.
#include <string>
#include <vector>

#include "machine/moment.h"
#include "process/events.h"
#include "process/mm.h"

namespace shell {

enum class VmaFate : mm::u8 { same, fresh, grown, shorter, merged, cut, changed, gone, hole };

struct SpacePiece {
    VmaFate fate = VmaFate::same;
    bool told = false; // an event of the step names an address in it
    mm::u64 start = 0, end = 0;
    mm::vma_id vma = mm::VMA_NONE; // of what is gone, of the machine before; NONE: a hole

    [[nodiscard]] bool is_hole() const { return fate == VmaFate::hole; }
    [[nodiscard]] bool is_gone() const { return fate == VmaFate::gone; }
    // The step made something of it.
    [[nodiscard]] bool is_changed() const { return fate != VmaFate::same && fate != VmaFate::hole; }
    [[nodiscard]] bool holds(mm::u64 address) const { return address >= start && address < end; }
};

struct SpaceRange {
    mm::u64 start = 0, end = 0;
};

// An address that mm_struct names, or several that are one.
struct SpaceMark {
    std::string names; // "start_brk = brk"
    mm::u64 address = 0;
    mm::u64 was = 0; // before the step; the same where nothing moved
};

// Where the step's last mapping without a fixed address was placed.
struct Placement {
    bool found = false;
    mm::u64 start = 0, size = 0;
    mm::u64 hole = 0, hole_end = 0; // as far as it could be used
    mm::u64 limit = 0;              // where the search began
    mm::hole_way way = mm::hole_way::top_down;
};

// Of an event vma_hole_found.
[[nodiscard]] Placement placement_of(const mm::Event& event);

struct SpacePicture {
    std::vector<SpacePiece> pieces; // by address; together they are all addresses of the program
    std::vector<SpaceRange> added;  // addresses that are mapped now and were not
    std::vector<mm::u64> seams;     // where two VMAs met that are one now
    std::vector<SpaceMark> marks;   // by address
    Placement placement;

    [[nodiscard]] bool is_changed() const;
    // The index of the piece that holds the address; the last one for what lies behind all.
    [[nodiscard]] std::size_t piece_at(mm::u64 address) const;
};

// Of a process, compared with what it was before the step. `about`: the step is about this process, so that its events tell
// of it.
[[nodiscard]] SpacePicture space_picture(const mm::Moment& moment, mm::mm_id process, bool about);

// The marks of an mm: those that are set.
[[nodiscard]] std::vector<SpaceMark> space_marks(const mm::mm_struct& mm, const mm::mm_struct& before);
// The process of the same pid in the machine before; MM_NONE: it began with the step.
[[nodiscard]] mm::mm_id same_process(const mm::process_memory& before, mm::mm_id process, mm::u32 pid);

} // namespace shell
