#pragma once
// The reverse map of a frame at a moment, compared with what it was before the step: the anon_vma or the file that it is found by,
// the VMAs that are looked at, and the entries that map it.
#include <optional>
#include <string>
#include <vector>

#include "process/rmap.h"
#include "process/user_pages.h"
#include "views/parts/view.h"

namespace shell {

enum class RmapFate : mm::u8 {
    mapped,
    fresh,   // it maps the frame since this step
    changed, // its entry is another one
    gone,    // it did, before the step
    looked,  // the VMA is looked at, and does not map the frame
};

// A VMA of a process, with the entry for the page.
struct RmapRow {
    RmapFate fate = RmapFate::mapped;
    std::string process; // "300 /bin/prog"
    mm::u32 space = 0;   // 0: it has ended
    std::string vma;     // "rw-p [heap]"
    mm::u64 start = 0, end = 0;
    mm::anon_vma_id anon_vma = 0; // of the VMA
    mm::u64 address = 0;
    mm::u64 entry = 0, was = 0;     // as it stands in the table, now and before; 0: none
    mm::pfn_t frame = mm::PFN_NONE; // that the entry names now

    [[nodiscard]] bool maps() const { return fate != RmapFate::gone && fate != RmapFate::looked; }
};

struct RmapCounts {
    bool present = false; // processes have something in the frame, or the page cache
    mm::u32 refcount = 0, mapcount = 0;
    bool exclusive = false;
    friend bool operator==(const RmapCounts&, const RmapCounts&) = default;
};

struct RmapPicture {
    mm::pfn_t pfn = mm::PFN_NONE;
    bool zero = false;    // the zero page, whose entries nobody counts
    mm::user_page page{}; // as it is now, or was before the step, where it is nobody's now
    mm::u8 order = 0;     // of the huge page that it is part of
    mm::anon_vma_id anon_vma = 0;
    std::string file; // of the page cache: its path
    mm::u64 inode = 0;
    RmapCounts now, was;
    std::vector<RmapRow> rows; // by process and address
    bool whole = true;         // false: there are more VMAs than were asked

    [[nodiscard]] std::size_t mapped() const;
    [[nodiscard]] bool is_touched() const;
};

inline constexpr mm::u32 RMAP_VMAS_ASKED = 1u << 17;

[[nodiscard]] RmapPicture rmap_picture(const ViewInput& input, mm::pfn_t pfn);
// The frames that the step's accesses met, in their order, at most `most`.
[[nodiscard]] std::vector<mm::pfn_t> frames_of_step(const mm::Moment& moment, std::size_t most);
// The frame that is selected, or stands at the selected address of a process, now or before the step.
[[nodiscard]] std::optional<mm::pfn_t> selected_frame(const mm::Machine& machine, const Selection& selection);

} // namespace shell
