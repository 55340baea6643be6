#pragma once
// Where there is little room, rows without a part in the step are folded: a line says how many, and pressing it shows them.
#include "views/parts/scroll_area.h"
#include "views/parts/view.h"

namespace shell {

class Fold {
  public:
    // Another machine: what the person has opened counts no more.
    void forget() { open_ = false; }
    // Whether rows without a part in the step are left out: `touches`: the step has a part in others of this view.
    [[nodiscard]] bool folds(const ScrollArea& area, bool touches) const { return !open_ && area.is_low() && touches; }
    // The line below the rows; `folded` of them are left out. Returns where it ends.
    float draw(Pen& pen, ScrollArea& area, ViewActions& actions, float y, mm::u32 folded, bool touches);

  private:
    bool open_ = false; // by the person
};

} // namespace shell
