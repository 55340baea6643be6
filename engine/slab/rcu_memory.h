#pragma once
// The state of what RCU keeps from being freed: pointers given to kfree_rcu(), and the pages of slabs of
// SLAB_TYPESAFE_BY_RCU caches. slab_memory holds it; kfree_rcu.h says what happens with it.
//
//   kfree_rcu_cpu, one a CPU:   collecting [a][b][c]   waiting[0] [d][e]   waiting[1] []
//   call_rcu:                   [pages of a slab] [pages of another]
//
// Links are numbers of records plus 1; 0 ends a list, so that what was never used is all zero.
//
// Invariant: a record stands on one list; nr_pending is the sum of the lists' counts.
// Mirrors: kernel/rcu/tree.c (struct kfree_rcu_cpu, KFREE_N_BATCHES; Linux 5.10, 6.1, 6.12).
#include <array>

#include "base/cow_array.h"
#include "base/types.h"

namespace mm {

inline constexpr u32 KFREE_N_BATCHES = 2;

// What a pending record names.
enum class rcu_kind : u8 {
    object,  // physical address: of a cache, or of kmalloc
    vmalloc, // virtual address: vfree() gives it back
    slab,    // first frame of a slab's block, whose order stands beside it
};

struct rcu_pending {
    u64 value = 0;
    u64 since = 0; // grace periods that had passed when it was given: one more, and nobody can see it any more
    u32 next = 0;
    rcu_kind kind = rcu_kind::object;
    u8 order = 0;
};

struct rcu_list {
    u32 first = 0, last = 0;
    u32 nr = 0;
};

struct kfree_rcu_cpu {
    rcu_list collecting;                           // no grace period has been asked for
    std::array<rcu_list, KFREE_N_BATCHES> waiting; // each waits for one
};

struct rcu_memory {
    u64 grace_periods = 0; // passed since the machine has started
    u32 nr_pending = 0;
    u32 used = 0; // records below were in use at some time
    u32 free = 0;
    rcu_list callbacks; // of call_rcu()
    CowArray<rcu_pending, 6, 7> records;
    CowArray<kfree_rcu_cpu, 2, 5> cpus; // as many as the machine has, from the first kfree_rcu() on

    [[nodiscard]] u64 bytes_copied() const { return records.bytes_copied() + cpus.bytes_copied(); }
};

} // namespace mm
