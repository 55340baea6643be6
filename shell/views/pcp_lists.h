#pragma once
// The per-CPU lists of one zone: for each CPU how full they are, and each list that holds something, head first.
//
//   CPU 0   count 45 [======|-----|......] high 186   batch 63
//           order 0 Movable    head [0x4a3f0][0x4a3f1][0x4a3f2] ... tail
#include <map>
#include <optional>
#include <string>

#include "views/moment.h"
#include "views/pen.h"
#include "views/view.h"

namespace shell {

class PcpListsView final : public View {
  public:
    [[nodiscard]] std::string_view id() const override { return "pcp"; }
    [[nodiscard]] std::string_view title_en() const override { return "Per-CPU lists"; }
    [[nodiscard]] std::string_view title_zh() const override { return "每 CPU 链表"; }
    void draw(const ViewInput& input, ViewActions& actions) override;
    // The zone that the person chose, "0/Normal".
    [[nodiscard]] std::string look() const override { return look_; }
    void look_at(std::string_view text) override { wanted_look_ = text; }
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Scene;
    float draw_cpu(Scene& scene, mm::u32 cpu, float y);
    float draw_list(Scene& scene, mm::u32 cpu, mm::u32 list, float y);

    int zone_ = -1;                   // chosen by the person; -1: the zone of the op
    std::map<mm::u32, float> scroll_; // pixels, by CPU and list
    Moment moment_;
    std::string look_;
    std::optional<std::string> wanted_look_; // of look_at(), until the next frame
};

} // namespace shell
