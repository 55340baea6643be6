#pragma once
// The buddy allocator's free lists of one zone: one row an order, one column a migratetype, blocks in list order.
//
//   order  nr_free   Unmovable                    Movable
//    10       219    (empty)                      head [0x40400][0x40800][0x40c00] +216 more
//     9         2    [0x48200]                    [0x4fe00]
//
// Narrow windows show one line a list instead, and only lists that hold something or that the op looked at.
#include <map>
#include <optional>
#include <string>

#include "views/moment.h"
#include "views/pen.h"
#include "views/view.h"

namespace shell {

class FreeListsView final : public View {
  public:
    [[nodiscard]] std::string_view id() const override { return "free-lists"; }
    [[nodiscard]] std::string_view title_en() const override { return "Free lists"; }
    [[nodiscard]] std::string_view title_zh() const override { return "空闲链表"; }
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The zone that the person chose, "0/Normal".
    [[nodiscard]] std::string look() const override { return look_; }
    void look_at(std::string_view text) override { wanted_look_ = text; }
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Scene;
    struct Column {
        mm::migratetype type;
        float x0, x1;
    };

    void draw_table(Scene& scene);
    void draw_lines(Scene& scene);
    void draw_search(Scene& scene, const Column& column, const Rect& rows);
    void draw_list(Scene& scene, mm::u32 order, mm::migratetype type, const Rect& box);
    [[nodiscard]] std::vector<Column> columns(const Scene& scene, float x0, float x1) const;

    int zone_ = -1;                   // chosen by the person; -1: the zone of the op
    std::map<mm::u32, float> scroll_; // pixels, by order and type
    Moment moment_;
    std::string look_;
    std::optional<std::string> wanted_look_; // of look_at(), until the next frame
};

} // namespace shell
