#pragma once
// One cache: what it was made with, what each CPU holds of it, and the lists of its nodes, down to single objects.
//
//   kmalloc-64   object_size 64  size 64 ...
//   CPU 0   tid 7   freelist #5   slab 0x48050          SLUB: the CPU's slab, large, then its partial list as cards
//     [0][1][2]...                                      SLAB: its array, what is taken next at the left
//   node 0   nr_partial 3   min_partial 5
//     cards of the partial list; full slabs             SLAB: shared and alien arrays, three lists
//
// With SLOB there are no slabs: it shows the lists of pages, each cut into blocks.
// It shows the cache of what the person selected, or else that of the op.
#include <map>
#include <optional>

#include "slab/slob.h"
#include "views/parts/legend.h"
#include "views/slab/slab_rack.h"

namespace shell {

// The cache that views of one cache show: that of what the person selected, else that of the op, else that of what the
// scenario selects, else the one shown before, else the one with the most memory.
[[nodiscard]] mm::cache_id shown_cache(const ViewInput& input, const SlabTouches& touches, mm::cache_id before);

// Draws nothing but a line that says why there is nothing; true when it did.
[[nodiscard]] bool draw_why_no_slabs(Pen& pen, const mm::slab_memory& slabs, const Rect& box);

// What the colours of objects mean.
[[nodiscard]] std::vector<LegendItem> object_legend(const Pen& pen, mm::slab_allocator allocator);

// SLOB: the pages of a list in their order, and what the list is for.
[[nodiscard]] std::vector<mm::pfn_t> slob_pages(const mm::Machine& machine, mm::u32 list);
[[nodiscard]] const Phrase& slob_list_words(mm::u32 list);

class CacheView final : public View {
  public:
    [[nodiscard]] static Shown shows(const mm::Machine& machine, const Selection& selection);
    void draw(const ViewInput& input, ViewActions& actions) override;
    [[nodiscard]] Mirror mirror(const ViewInput& input, const mm::Machine& machine) const override;
    [[nodiscard]] std::string describe(const ViewInput& input) const override;

  private:
    [[nodiscard]] static Mirror mirror_slob(const ViewInput& input, const mm::Machine& machine);
    float draw_title(SlabScene& scene, float y) const;
    float draw_facts(SlabScene& scene, float y) const; // and the legend
    // SLOB: cache_slob.cpp
    void draw_slob(const ViewInput& input, ViewActions& actions, bool new_moment);
    float draw_slob_list(SlabScene& scene, mm::u32 list, float y);
    void draw_slob_page(SlabScene& scene, mm::pfn_t pfn, const Rect& bar);
    void draw_slob_block(SlabScene& scene, mm::pfn_t pfn, const mm::slob_block& block, const Rect& bar);
    // SLUB
    float draw_slub(SlabScene& scene, float y);
    float draw_cpu(SlabScene& scene, mm::u32 cpu, float y);
    float draw_node(SlabScene& scene, mm::u32 node, float y);
    // SLAB: cache_classic.cpp
    float draw_classic(SlabScene& scene, float y);
    float draw_array(SlabScene& scene, mm::u32 array, const std::string& name, float y);
    float draw_classic_node(SlabScene& scene, mm::u32 node, float y);

    float draw_list(SlabScene& scene, const Phrase& name, const std::string& note, const mm::SlabLists::List& slabs,
                    float y);

    mm::cache_id cache_ = mm::CACHE_NONE;
    mm::SlabLists lists_;                       // of cache_, at the moment that is shown
    std::vector<std::vector<mm::pfn_t>> pages_; // SLOB: of each list
    std::vector<mm::phys_addr_t> touched_;      // SLOB: objects of the op, in order of their addresses
    mm::CacheNumbers numbers_, before_;         // at the moment, and before its op
    SlabMoment moment_;
    std::map<mm::u32, float> scroll_; // of arrays, by number
    KeyCursor keys_;
};

} // namespace shell
