#pragma once
// The per-CPU lists of one zone: for each CPU how full they are, and each list that holds something, head first.
//
//   [0 ▆][1  ][2 ▂][3  ]      CPUs at a glance, when there are many; those that hold nothing have no part below
//
//   CPU 0   count 45 [======|-----|......] high 186   batch 63
//           order 0 Movable    head [0x4a3f0][0x4a3f1][0x4a3f2] ... tail
#include "views/pages/zone_lists.h"

namespace shell {

class PcpListsView final : public ZoneListsView {
  public:
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  protected:
    float draw_lists(ZoneScene& scene) override;
    void tell_lists(Mirror& out, const ViewInput& input, const mm::Machine& machine, mm::u32 index,
                    const Touched& touched) const override;
    void forget() override { pressed_cpu_ = show_cpu_ = -1; }

  private:
    float draw_overview(ZoneScene& scene, float y);
    float draw_cpu(ZoneScene& scene, mm::u32 cpu, float y);
    float draw_list(ZoneScene& scene, mm::u32 cpu, mm::u32 list, float y);

    int pressed_cpu_ = -1; // in the overview: it is shown though it holds nothing
    int show_cpu_ = -1;    // scroll to it with the next frame
    bool folds_ = false;   // CPUs and lists without a part in the step are left out of this frame
    mm::u32 folded_ = 0;   // so many
};

} // namespace shell
