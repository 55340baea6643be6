#pragma once
// Frames for page tables before the page allocator runs: what memblock, or the kernel's image, gives.
//
//   memory   │ image │      free later       │ kept │   free    │ kept        │
//                                                  6 5 4 ◄──────  3 2 1 0 ◄──    take(): from the top down, kept frames only
//
// Memblock hands out the highest free page each time. What it hands out stays reserved for good, so the frames are looked for
// in what a machine keeps reserved.
#include <algorithm>
#include <span>
#include <vector>

#include "physical/profile.h"

namespace mm {

class boot_frames {
  public:
    // `behind`: first frame behind all memory; frames from there on are given when nothing reserved is left.
    boot_frames(std::span<const memory_region> reserved, u8 page_shift, pfn_t first, pfn_t behind) : behind_(behind) {
        for (const memory_region& region : reserved) {
            const u64 start = (region.start + (1ull << page_shift) - 1) >> page_shift;
            const u64 end = (region.start + region.size) >> page_shift;
            if (start >= first && end <= behind && end > start)
                kept_.push_back({static_cast<pfn_t>(start), static_cast<pfn_t>(end)});
        }
        std::sort(kept_.begin(), kept_.end(), [](const Range& a, const Range& b) { return a.start < b.start; });
        last_ = kept_.empty() ? behind : kept_.back().end;
    }

    [[nodiscard]] pfn_t take() {
        ++taken_;
        // In a machine hardly larger than its image, parts of it lie on each other or were given by memory.
        while (given_from_ < given_to_ && (!keeps(given_from_) || is_of_image(given_from_))) ++given_from_;
        if (given_from_ < given_to_) {
            from_image_.push_back(given_from_);
            return last_ = given_from_++;
        }
        do {
            while (!kept_.empty() && kept_.back().start == kept_.back().end) kept_.pop_back();
            last_ = kept_.empty() ? behind_++ : --kept_.back().end;
        } while (is_of_image(last_));
        return last_;
    }

    // The next frames are these, a part of the kernel's image, as far as the machine keeps them reserved.
    void take_next_from(pfn_t first, u32 count) {
        given_from_ = given_to_ = first;
        while (given_to_ < first + count && keeps(given_to_)) ++given_to_;
    }
    void take_from_memory() { given_from_ = given_to_ = 0; }

    [[nodiscard]] u32 taken() const { return taken_; }
    [[nodiscard]] pfn_t last() const { return last_; } // taken

  private:
    struct Range {
        pfn_t start, end;
    };
    [[nodiscard]] bool is_of_image(pfn_t pfn) const {
        return std::find(from_image_.begin(), from_image_.end(), pfn) != from_image_.end();
    }
    [[nodiscard]] bool keeps(pfn_t pfn) const {
        return std::any_of(kept_.begin(), kept_.end(),
                           [pfn](const Range& range) { return pfn >= range.start && pfn < range.end; });
    }

    std::vector<Range> kept_;       // ascending; taken from the end
    std::vector<pfn_t> from_image_; // a handful
    pfn_t behind_;
    pfn_t given_from_ = 0, given_to_ = 0;
    pfn_t last_ = 0;
    u32 taken_ = 0;
};

} // namespace mm
