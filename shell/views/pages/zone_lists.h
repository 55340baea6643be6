#pragma once
// What views of the lists of one zone have in common: which zone is shown, tabs to choose one, the moment, where rows
// are scrolled to, and what pressing a row selects.
#include <map>
#include <optional>
#include <string>

#include "views/parts/fold.h"
#include "views/parts/list_strip.h"
#include "views/parts/touched_moment.h"
#include "views/parts/view.h"

namespace shell {

// What one frame of such a view works on.
struct ZoneScene {
    const ViewInput& input;
    ViewActions& actions;
    const mm::physical_memory& mem;
    const mm::zone& zone;
    mm::u32 zone_index;
    const Touched& touched;
    ScrollArea& area;
    Pen& pen;
    float glow;
    bool new_moment;
    mm::u32 new_from; // events from this one on are new

    [[nodiscard]] std::optional<mm::u64> selected_page() const;
};

// The pages at the head of a list, "0x48050 0x48060 …", for mirrors.
[[nodiscard]] std::string first_pages(const mm::physical_memory& mem, const mm::page_list& list);

class ZoneListsView : public View {
  public:
    void draw(const ViewInput& input, ViewActions& actions) final;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const final;
    // The zone that the person chose, "0/Normal".
    [[nodiscard]] std::string look() const final { return look_; }
    void look_at(std::string_view text) final { wanted_look_ = text; }

  protected:
    // Draws the lists into scene.area. Returns where they end.
    virtual float draw_lists(ZoneScene& scene) = 0;
    // Columns and rows of a mirror of zone `index`.
    virtual void tell_lists(Mirror& out, const ViewInput& input, const mm::Machine& machine, mm::u32 index,
                            const Touched& touched) const = 0;
    // Another machine: nothing that the person did to the view counts any more.
    virtual void forget() {}

    // A row of pages; `key` tells the view's rows apart. Pressing selects the page, or `here`.
    void draw_pages(ZoneScene& scene, mm::u32 key, ListRow row, const Selection& here);
    // The zone that is shown at the moment of `input`; -1 while there is none.
    [[nodiscard]] int zone_at(const ViewInput& input, const Touched& touched) const;

    Fold fold_;

  private:
    int zone_ = -1;                   // chosen by the person; -1: the zone of the op
    std::map<mm::u32, float> scroll_; // pixels, by key
    TouchedMoment moment_;
    KeyCursor keys_;
    std::string look_;
    std::optional<std::string> wanted_look_; // of look_at(), until the next frame
};

} // namespace shell
