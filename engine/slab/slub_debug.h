#pragma once
// SLUB's debugging: red zones, poison and tracking, and the repairs when they are damaged.
//
//   slow_alloc ─► node's partial list (or a new slab) ─► one object ─► checks ─► marked in use ─► caller
//   slow_free  ─► checks ─► marked free ─► slab's freelist ─► full list │ partial list │ pages given back
//
//   bytes of an object   left red zone   object          right red zone   padding
//     allocated               cc         the caller's          cc           5a
//     free                    bb         6b ... 6b a5          bb           5a
//
// A check that fails emits a report (bytes_overwritten, object_error, slab_error ...) while the bytes still are as they
// were found, then slub_fix, and repairs them after that: slub_report.h writes the kernel's text from the state at the
// event.
//
// Models: SLAB_CONSISTENCY_CHECKS, SLAB_RED_ZONE, SLAB_POISON, SLAB_STORE_USER, SLAB_TRACE; the full list; slabs that
//   failed; what a double free, a wrong address or a write outside its object does with and without debugging.
// Simplified: `when` of a track is the op's number, its caller stands for that op, its pid is 0, its stack is empty.
//   Without SLAB_CONSISTENCY_CHECKS, freeing an address inside an object leaves the lists alone (the kernel would link
//   that address) and marks the slab corrupt.
// Not modelled: bulk frees in one step, KASAN, RCU delay, slub_debug=O.
// Mirrors: mm/slub.c with CONFIG_SLUB_DEBUG (Linux 5.10, 6.1, 6.12).
#include "slab/content.h"
#include "slab/slub.h"

namespace mm {

// ---- taking and giving back
[[nodiscard]] phys_addr_t slub_debug_alloc(slab_context& cx, cache_id id, gfp_t gfp, int node);
void slub_debug_free(slab_context& cx, cache_id id, slab_id number, obj_index index);
// Since 6.1: the first object of a node's partial slabs that passes its checks. Slabs that fail leave the list.
[[nodiscard]] object_ref alloc_single_from_partial(slab_context& cx, cache_id id, u32 node);

// An address that is no object's beginning is freed.
void slub_free_misplaced(slab_context& cx, cache_id id, phys_addr_t address, object_ref found);
// The object became the head of a freelist that it already heads: hardening stops the kernel there.
void double_free_caught(slab_context& cx, cache_id id, slab_id number, obj_index index);

// ---- slabs
// A debugged cache's new slab gets its bytes. kernel: setup_slab_debug, setup_object_debug
void slub_debug_new_slab(slab_context& cx, slab_id id);
// Before the pages go back every object is looked at once more. kernel: free_slab
void slub_debug_free_slab(slab_context& cx, slab_id id);
// The list of full slabs, which only SLAB_STORE_USER keeps.
void add_full(slab_context& cx, slab_id id);
void remove_full(slab_context& cx, slab_id id);

// A report taints the kernel, which each later one says.
void note_taint(slab_context& cx);

// ---- what the ops ask for
// kernel: validate_slab_cache. The number of slabs that were looked at; -1: the kernel refuses (EINVAL).
i64 validate_slab_cache(slab_context& cx, cache_id id);
// A driver writes `length` bytes of `value` at address + offset. Bytes outside the slab stay what they are.
void slub_write(slab_context& cx, phys_addr_t address, i64 offset, u32 length, u8 value);
// An allocation with __GFP_ZERO.
void zero_object(slab_context& cx, phys_addr_t object);
// Since 6.2: krealloc() looks at the object's whole size, after which its request counts no longer.
void skip_orig_size_check(slab_context& cx, phys_addr_t object);

} // namespace mm
