#pragma once
// Where the addresses of a process stand in a vertical band.
//
//   +------+  00400000   VMAs to scale, none lower than a line of text
//   | text |
//   +------+  0047f000
//   : fold :             holes folded, each as high as the next, with how much it is
//   +------+  00490000
//
// Marks need room, too: what holds several is as high as their names.
#include <vector>

#include "views/parts/pen.h"
#include "views/process/space_picture.h"

namespace shell {

struct BandRules {
    float line = 22;                      // the least height of a VMA
    float hole = 26;                      // the height of a fold
    float mark = 15;                      // of the name of a mark
    float room = 0;                       // as high as all should become, when their lines are not higher
    std::size_t opened = ~std::size_t{0}; // the piece that is drawn page by page
    float opened_height = 0;
    friend bool operator==(const BandRules&, const BandRules&) = default;
};

class SpaceBand {
  public:
    SpaceBand() = default;
    // `shown`: for each piece whether it is drawn.
    SpaceBand(const SpacePicture& picture, const std::vector<bool>& shown, const BandRules& rules);

    // From where the band begins.
    [[nodiscard]] float top(std::size_t piece) const { return tops_[piece]; }
    [[nodiscard]] float bottom(std::size_t piece) const { return tops_[piece + 1]; }
    [[nodiscard]] float height() const { return tops_.empty() ? 0 : tops_.back(); }
    // The address stands in the picture or behind its end.
    [[nodiscard]] float y_of(const SpacePicture& picture, mm::u64 address) const;
    // Of VMAs that are higher than a line; 0: there are none.
    [[nodiscard]] double bytes_per_pixel() const { return scale_ > 0 ? 1 / scale_ : 0; }
    // The first piece that ends below `y`.
    [[nodiscard]] std::size_t first_below(float y) const;

  private:
    std::vector<float> tops_; // of each piece, and the end
    double scale_ = 0;        // pixels a byte
};

} // namespace shell
