#pragma once
// The address space of a kernel, to scale: each region with where it begins, why there, and how large it is.
//
//   all 2^64    kernel half
//   | user |    +--------+ 0xffff000000000000  PAGE_OFFSET = -(1 << VA_BITS)
//   |      |   /| linear |
//   | hole |  / |  map   |
//   |      | /  +--------+ 0xffff800000000000  MODULES_VADDR = PAGE_END
//   |kernel|----+--------+ 0xffff800008000000  VMALLOC_START = MODULES_END
//
// What is too thin in one scale is drawn in the next: bars to the left show where the large one lies. Another kernel,
// width or page size can be chosen; what differs from the machine's own layout is told beside it.
#include <optional>

#include "mmu/layout.h"
#include "views/parts/pen.h"
#include "views/parts/scroll_area.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

class ChipRow;

// A part of the addresses that one bar shows. `last` is in it.
struct LayoutZoom {
    const Phrase* name = nullptr;
    mm::u64 first = 0, last = 0;
    int inside = -1; // the zoom that this is a part of
};
// From all addresses to the smallest parts.
[[nodiscard]] std::vector<LayoutZoom> zooms_of(const mm::address_layout& layout);

class LayoutView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    // What the person chose: "612-4k-b52-c48-z2", "i386-61-pae-z1"; each part may be left out.
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    struct Bar;
    void take_layout(const ViewInput& input);
    [[nodiscard]] const mm::address_layout* layout() const;
    float draw_choices(Frame& frame, float y);
    float draw_kernels(Frame& frame, float y);
    // Each draws chips and gives where they end; the pressed one's kernel becomes the wish.
    float offer_kernels(Frame& frame, float y, std::optional<mm::layout_config>& wish) const;
    float offer_widths(Frame& frame, float y, std::optional<mm::layout_config>& wish) const;
    bool offer(ChipRow& row, const std::string& text, const mm::layout_config& config, bool on) const;
    float draw_zooms(Frame& frame, float y);
    void draw_bars(Frame& frame, float y) const;
    float draw_outer_bars(Frame& frame, const Bar& bar) const;
    void draw_label(Frame& frame, const Bar& bar, const mm::layout_region& region, const Rect& piece, float top) const;

    TouchedMoment moment_;
    std::optional<mm::address_layout> own_;   // the machine's
    std::optional<mm::address_layout> other_; // the chosen one
    std::optional<mm::layout_config> chosen_;
    int zoom_ = -1; // -1: the kernel's part
};

} // namespace shell
