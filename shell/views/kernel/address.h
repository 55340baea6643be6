#pragma once
// An address taken apart: its bits, the way through the tables, the last descriptor's fields, the frame and whose it is.
//
//   | 1111111111111111 | 100000000 | 000000000 | 001000000 | 000000100 | 000100100011 |
//     TTBR               pgd 47:39   pud 38:30   pmd 29:21   pte 20:12   offset 11:0
//
//   pgd  [0x7fff8]  entry 256 of 512   0x1800000045341003   next table
//        [255] >256< [257] ...
//          |
//   pud  [0x45341]  ...
//
// Before an access by selector and offset, on i386, stands its segment (address_segment.h).
//
// While an op that walks is stepped into, levels appear one after another. A frame can be pressed, and so can a
// neighbour: its address is shown then.
#include <optional>

#include "machine/facts/address_facts.h"
#include "machine/facts/segment_facts.h"
#include "machine/facts/shown_address.h"
#include "views/parts/pen.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

// Levels of the walk that the events up to the cursor have told, when the op walks this address and is not through;
// nullopt: all of the walk is shown.
[[nodiscard]] std::optional<mm::u8> levels_told(const ViewInput& input, mm::u64 address);

class AddressView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The address that stays shown while a frame is selected, as "ffff800008000000" or "400000/1" (space 1).
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    [[nodiscard]] mm::ShownAddress shown(const ViewInput& input) const;
    [[nodiscard]] std::optional<mm::SegmentFacts> stage_before(const ViewInput& input,
                                                               const mm::ShownAddress& now) const;
    float draw_head(Frame& frame, float y) const;
    float draw_bits(Frame& frame, float y) const;
    float draw_level(Frame& frame, mm::u8 step, float y) const;
    float draw_neighbours(Frame& frame, const mm::walk_step& step, float y) const;
    float draw_result(Frame& frame, float y) const;
    float draw_fields(Frame& frame, float y) const;

    TouchedMoment moment_;
    std::optional<mm::address_layout> layout_;
    std::vector<mm::TouchedEntries> touched_;
    std::optional<mm::ShownAddress> kept_; // shown while something else than an address is selected
    bool keeps_ = false;                   // it is shown now
};

} // namespace shell
