#pragma once
// Slab colouring: on which sets of a first-level cache the objects of each slab of a cache fall, as its slabs begin and
// as they would without an offset.
//
//                 with colouring               without colouring
//   first lines   ▂▂▂▂▂▂▂▂                      █                       of object #0, all slabs; red above 8 ways
//   0x40a00  +64  .#ooo..                      #ooo...
//   0x40a01 +128  ..#ooo.                      #ooo...
//
// One row a slab: the first line of its object #0 dark, the rest of it lighter, its other objects light. When an object is selected, it is that one's index that
// is looked at. SLUB and SLOB have no colours: what is shown then is one picture, and why.
#include "slab/classic_view.h"
#include "views/slab/cache.h"

namespace shell {

class ColouringView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    struct Page; // what one frame works on
    float draw_header(Page& page, float y) const;
    float draw_what(Page& page, float y) const;
    void draw_loads(Page& page, const Rect& box, bool coloured) const;
    void draw_slab(Page& page, const Rect& row, mm::slab_id id, bool coloured) const;
    void draw_name(Page& page, const Rect& box, mm::slab_id id) const;
    float draw_grids(Page& page, float y) const;

    mm::cache_id cache_ = mm::CACHE_NONE;
    std::vector<mm::slab_id> slabs_; // of cache_, in the order in which they were made
    SlabMoment moment_;
    KeyCursor keys_;
};

} // namespace shell
