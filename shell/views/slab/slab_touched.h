#pragma once
// What the events of an op did to caches, slabs and objects: the marks of the views of the slab allocators.
//
// Which cache, slab and object an event is about is read from the units of its arguments; only what was done to them
// depends on the kind of the event.
#include <vector>

#include "slab/slab_memory.h"
#include "views/parts/touched_moment.h"

namespace shell {

// A later event about the same thing takes the role over, unless it only touches it.
enum class SlabRole : mm::u8 {
    touched, // looked at, or changed in itself
    let_go,  // the CPU has it no longer
    removed, // left a list
    added,   // joined a list
    taken,   // an object: handed out. A slab: became the CPU's
    freed,   // an object that was handed back
    made,    // a new slab
    gone,    // a slab whose pages went back
    bad,     // a report of misuse
};

struct TouchedObject {
    mm::pfn_t slab = mm::PFN_NONE; // first frame of its slab
    mm::obj_index index = mm::OBJ_NONE;
    mm::phys_addr_t address = mm::ADDR_NULL;
    mm::cache_id cache = mm::CACHE_NONE;
    SlabRole role = SlabRole::touched;
    mm::u32 event = 0; // the last one about it
};

struct TouchedSlab {
    mm::pfn_t pfn = mm::PFN_NONE;
    mm::cache_id cache = mm::CACHE_NONE;
    SlabRole role = SlabRole::touched;
    mm::u32 event = 0;
};

struct SlabTouches {
    std::vector<TouchedObject> objects;  // at most MAX_TOUCHED, the latest
    std::vector<TouchedSlab> slabs;      // the same
    std::vector<mm::cache_id> caches;    // in the order in which they were first met
    mm::cache_id cache = mm::CACHE_NONE; // the last one
    int cpu = -1;                        // the CPU of the last event that names one

    [[nodiscard]] bool has_cache(mm::cache_id cache_number) const;
    [[nodiscard]] const TouchedObject* object(mm::pfn_t slab, mm::u32 index) const;
    [[nodiscard]] const TouchedSlab* slab(mm::pfn_t pfn) const;
};

// What the given events, the first ones of an op, did; `machine` is the machine after them.
[[nodiscard]] SlabTouches slab_touches(const mm::Machine& machine, std::span<const mm::Event> events);
[[nodiscard]] SlabTouches slab_touches_so_far(const ViewInput& input);

// The moment that is drawn, with these marks.
class SlabMoment {
  public:
    // Once a frame. True when the cursor has moved, or the op at the cursor is another one.
    bool notice(const ViewInput& input);

    [[nodiscard]] const SlabTouches& touches() const { return touches_; }
    [[nodiscard]] bool other_session() const { return moment_.other_session(); }
    // How strongly a mark of this event glows now.
    [[nodiscard]] float glow(const ViewInput& input, mm::u32 event) const {
        return event >= moment_.new_from() ? moment_.glow(input) : 0;
    }
    [[nodiscard]] float glow(const ViewInput& input) const { return moment_.glow(input); }

  private:
    TouchedMoment moment_;
    SlabTouches touches_;
};

} // namespace shell
