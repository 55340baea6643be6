#pragma once
// The buddy allocator's free lists of one zone: one row an order, one column a migratetype, blocks in list order.
//
//   order  nr_free   Unmovable                    Movable
//    10       219    (empty)                      head [0x40400][0x40800][0x40c00] +216 more
//     9         2    [0x48200]                    [0x4fe00]
//
// Narrow windows show one line a list instead, and only lists that hold something or that the op looked at.
#include <vector>

#include "views/pages/zone_lists.h"

namespace shell {

class FreeListsView final : public ZoneListsView {
  public:
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  protected:
    float draw_lists(ZoneScene& scene) override;
    void tell_lists(Mirror& out, const ViewInput& input, const mm::Machine& machine, mm::u32 index,
                    const Touched& touched) const override;

  private:
    struct Column {
        mm::migratetype type;
        float x0, x1;
    };

    [[nodiscard]] static std::vector<Column> columns(const ZoneScene& scene, float x0, float x1);
    float draw_table(ZoneScene& scene);
    float draw_lines(ZoneScene& scene);
    void draw_list(ZoneScene& scene, mm::u32 order, mm::migratetype type, const Rect& box);
};

} // namespace shell
