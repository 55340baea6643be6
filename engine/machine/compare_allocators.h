#pragma once
// The same ops on SLUB, SLAB and SLOB: what each makes of them, side by side.
//
//   ops of a session ──► machine with SLUB ──► numbers at some 200 of the steps
//                   ├──► machine with SLAB ──►
//                   └──► machine with SLOB ──►
//
// The machines differ in their allocator alone. Ops name results by their slots, so one log fits all of them; an op that
// fails on one is counted there and the others go on. What callers asked for is known from the ops.
//
// A comparison runs in parts, so that who shows it stays answerable: advance() applies some ops and returns.
// Errors: an allocator that this kernel does not have, or whose machine does not come up, is not in runs().
#include <span>
#include <unordered_map>
#include <vector>

#include "machine/machine.h"

namespace mm {

inline constexpr u32 MAX_COMPARED_OPS = 50'000; // of longer sessions the first ones, and those that fit SCENARIO_WORK
inline constexpr u32 COMPARED_POINTS = 200;     // about as many samples

// Where the pages of an allocator went, in bytes: asked + rounding + metadata + free + colour + rest == pages.
struct AllocatorBytes {
    u64 pages = 0;
    u64 asked = 0;    // by callers, for what they hold
    u64 rounding = 0; // what they hold takes more: size classes, alignment
    u64 metadata = 0; // index arrays of SLAB, on the slab or in an object; headers of SLOB; around held objects: red
                      // zones, tracking, free pointers
    u64 free = 0;     // objects and blocks that nobody holds
    u64 colour = 0;   // in front of the first object
    u64 rest = 0;     // left over behind the last one
};

struct AllocatorNumbers {
    AllocatorBytes bytes;
    u64 pages = 0;
    // SLUB and SLAB: slabs whose objects are all held, some, none; SLAB's arrays hold objects, too. SLOB: pages, by their
    // units.
    u64 full = 0, partial = 0, empty = 0;
    // SLUB: fast and slow path. SLAB: hits and misses of the CPUs' arrays. SLOB has one path.
    u64 fast_allocs = 0, slow_allocs = 0, fast_frees = 0, slow_frees = 0;
    u32 failed = 0; // ops that returned NULL so far
};

struct ComparePoint {
    u32 step = 0; // ops applied
    AllocatorNumbers numbers;
};

struct AllocatorRun {
    slab_allocator allocator = slab_allocator::slub;
    std::vector<ComparePoint> points; // the first at step 0, the last at the last op applied so far

    // The last point at or before the step.
    [[nodiscard]] const ComparePoint& at(u32 step) const;
};

// What an allocator has at this moment, without what callers asked for: asked is 0, and rounding holds all of it, with
// SLOB's headers.
[[nodiscard]] AllocatorNumbers allocator_numbers(const Machine& machine);

class Comparison {
  public:
    // The profile of the session's machine, whether boot is among its ops, and how many ops it has.
    Comparison(const machine_profile& profile, bool unbooted, u32 nr_ops);

    // Applies ops to each machine, for as much work as `budget` ops on single objects are. `ops`: all of the session.
    // True while some are left.
    bool advance(std::span<const Op> ops, u32 budget);

    [[nodiscard]] const std::vector<AllocatorRun>& runs() const { return runs_; }
    [[nodiscard]] u32 done() const { return done_; }
    [[nodiscard]] u32 steps() const { return steps_; }
    [[nodiscard]] bool is_cut() const { return is_cut_; }

  private:
    struct Held {
        u64 asked = 0;
        u32 pages = 0;  // of a block that came from the page allocator directly; 0: an object
        u32 header = 0; // bytes of SLOB's
    };
    struct Subject {
        Machine machine;
        std::unordered_map<phys_addr_t, Held> held;
        u64 asked = 0, large_pages = 0, headers = 0;
        u32 failed = 0;
        u64 work = 0;
    };

    static bool apply_op(Subject& subject, const Op& op); // false: it takes too much work on this machine
    bool cut();
    static void hold(Subject& subject, phys_addr_t address, u64 asked);
    static void let_go(Subject& subject, phys_addr_t address);
    void sample();

    std::vector<AllocatorRun> runs_;
    std::vector<Subject> subjects_; // of the same index
    u32 steps_ = 0, done_ = 0, interval_ = 1;
    bool is_cut_ = false;
};

} // namespace mm
