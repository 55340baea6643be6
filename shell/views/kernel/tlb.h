#pragma once
// The TLB of each CPU: its sets with their ways, its walk cache, what it runs with, how often it was right.
//
//   CPU 0   runs m, ASID 1                           CPU 1   runs the kernel alone
//   12 hits · 3 misses · reach 84 KiB                ...
//   set 0   [0x400000  ][0x404000  ][          ]     4 KiB, ASID 1, the frame, rights, order of use
//           [4K ASID 1 ][4K global ][          ]
//   sets 1 to 3: empty
//   walk cache   pte 0x400000 -> 0x40a33
//
// CPUs stand side by side where there is room; else one is chosen. An entry that the tables contradict is outlined and
// says so. Pressing an entry selects its address, pressing its frame selects the frame.
#include "views/kernel/tlb_state.h"
#include "views/parts/key_cursor.h"
#include "views/parts/scroll_area.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

class TlbView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The number of the CPU that the person chose.
    [[nodiscard]] std::string look() const override;
    void look_at(std::string_view text) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Frame; // what a frame of drawing works on
    struct Column;
    [[nodiscard]] mm::u32 first_cpu(const ViewInput& input, mm::u32 cpu_of_op, mm::u32 fit) const;
    float draw_head(Frame& frame, float y);
    float draw_key(Frame& frame, float y) const;
    float draw_cpu(Frame& frame, const Column& column, float y) const;
    float draw_counters(Frame& frame, const Column& column, float y) const;
    float draw_sets(Frame& frame, const Column& column, float y) const;
    float draw_set(Frame& frame, const Column& column, std::span<const TlbSlot<mm::tlb_entry>> entries, float y) const;
    void draw_entry(Frame& frame, const TlbSlot<mm::tlb_entry>& one, const Rect& cell) const;
    Rect draw_entry_words(Frame& frame, const TlbSlot<mm::tlb_entry>& one, const Rect& cell) const;
    std::string entry_tip(Frame& frame, const TlbSlot<mm::tlb_entry>& one, mm::space_id tables) const;
    float draw_walk_cache(Frame& frame, const Column& column, float y) const;
    void draw_walk(Frame& frame, const TlbSlot<mm::walk_entry>& one, const Rect& row) const;

    TouchedMoment moment_;
    TlbPicture picture_;
    KeyCursor keys_;
    mm::u32 chosen_ = mm::ALL_CPUS; // by the person; ALL_CPUS: none
};

} // namespace shell
