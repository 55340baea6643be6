#pragma once
// Sets of pages as ranges [start, end): what memory maps and reserved lists are made of.
#include <algorithm>
#include <vector>

#include "base/types.h"

namespace mm {

struct ByteRange {
    u64 start = 0, end = 0;
};

struct PageRange {
    u64 start = 0, end = 0;
};

// Invariant: ranges are ascending, not empty, and do not touch.
class PageRanges {
  public:
    //   ##  ####        add  [------)   =>   ########
    void add(PageRange add) {
        if (add.start >= add.end) return;
        std::vector<PageRange> out;
        for (const PageRange& r : ranges_) {
            if (r.end < add.start || r.start > add.end)
                out.push_back(r);
            else
                add = {std::min(add.start, r.start), std::max(add.end, r.end)};
        }
        out.insert(std::find_if(out.begin(), out.end(), [&](const PageRange& r) { return r.start > add.start; }), add);
        ranges_ = std::move(out);
    }

    // Every page that the bytes touch.
    void add_rounded_out(ByteRange bytes, u64 page_size) {
        add({bytes.start / page_size, (bytes.end + page_size - 1) / page_size});
    }

    //   ########        subtract  [--)   =>   ##    ##
    void subtract(PageRange cut) {
        if (cut.start >= cut.end) return;
        std::vector<PageRange> out;
        for (const PageRange& r : ranges_) {
            if (r.start < std::min(r.end, cut.start)) out.push_back({r.start, std::min(r.end, cut.start)});
            if (std::max(r.start, cut.end) < r.end) out.push_back({std::max(r.start, cut.end), r.end});
        }
        ranges_ = std::move(out);
    }

    [[nodiscard]] bool overlaps(PageRange with) const {
        return std::any_of(ranges_.begin(), ranges_.end(),
                           [&](const PageRange& r) { return r.start < with.end && with.start < r.end; });
    }
    [[nodiscard]] const std::vector<PageRange>& ranges() const { return ranges_; }

  private:
    std::vector<PageRange> ranges_;
};

} // namespace mm
