#pragma once
// kfree_rcu: freeing what readers may still look at.
//
//   kfree_rcu(p) ─► collecting ── monitor, later ─► waiting[0] or [1] ── a grace period ─► kfree, vfree
//   the pointer is given away at once, the memory later: when every reader that could have found it is gone
//
//   synchronize_rcu()     waits for a grace period. What stands in `collecting` does not care: nobody has asked for it yet
//   rcu_barrier()         waits for what call_rcu() was given: batches that wait, pages of slabs. `collecting` again not
//   kvfree_rcu_barrier()  hands on what is collected, on all CPUs, and waits for it: since 6.12, and kmem_cache_destroy() calls it
//
// No reader is here and no time: a grace period passes when an op says so.
//
// Models: a list and two batches a CPU, the monitor and that it finds no batch free, kvfree_rcu() of vmalloc areas,
//   what is freed without a wait since 6.3 because a grace period has passed meanwhile (kvfree_rcu_drain_ready), the
//   order of a batch (objects of slabs in one bulk, then areas), slabs of SLUB's SLAB_TYPESAFE_BY_RCU caches, whose
//   pages wait.
// Simplified: a batch is freed within the op that ends its grace period, on the CPU that collected it. What is
//   collected becomes ready with its newest pointer; the kernel looks at each page of pointers for itself. Linked
//   objects (no page for pointers was there) are freed oldest first, as the others.
// Not modelled: the pages that hold the pointers, rcu_head inside of the object (its bytes stay as they are), the
//   memory that SLAB and SLOB free late, expedited grace periods, CONFIG_DEBUG_OBJECTS_RCU_HEAD: a pointer that is
//   given twice is freed twice.
// Mirrors: kernel/rcu/tree.c (kvfree_call_rcu, kfree_rcu_monitor, kfree_rcu_work, kvfree_rcu_barrier, rcu_barrier),
//   mm/slub.c (free_slab, rcu_free_slab), mm/slab_common.c (kmem_cache_destroy; Linux 5.10, 6.1, 6.12).
#include <optional>
#include <string>

#include "base/hash.h"
#include "slab/slab_memory.h"

namespace mm {

// Gives the object or the area away. NULL: nothing to do.
void kfree_rcu(slab_context& cx, phys_addr_t object);
void kvfree_rcu_area(slab_context& cx, u64 address);
// The timer has run out (KFREE_DRAIN_JIFFIES: 20 ms in 5.10, 5 s later): what the running CPU has collected begins to
// wait. kernel: kfree_rcu_monitor
void kfree_rcu_monitor(slab_context& cx);

void synchronize_rcu(slab_context& cx);
void rcu_barrier(slab_context& cx);
// Nothing is emitted when nothing is pending. Every kernel's kmem_cache_destroy() may ask; who has it says
// has_kvfree_rcu_barrier().
void kvfree_rcu_barrier(slab_context& cx);

// The pages of a slab that nobody uses any more, until readers are gone. kernel: call_rcu(&slab->rcu_head,
// rcu_free_slab)
void call_rcu_free_slab(slab_context& cx, cache_id cache, pfn_t pfn, u32 order);

// Who has left alone what is collected: the numbers of `by` in the event kfree_rcu_collected_stays.
enum class rcu_waiter : u8 { synchronize_rcu, rcu_barrier };

[[nodiscard]] std::optional<std::string> verify_rcu(const rcu_memory& rcu);
// Adds nothing when RCU was never asked for anything.
void hash_rcu(const rcu_memory& rcu, Hasher& hasher);

} // namespace mm
