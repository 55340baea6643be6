#pragma once
// The bytes of percpu chunks: which are free, which chunk is tried first. Only percpu.cpp includes it. No pages and no
// areas here.
//
//   slot 1: the longest hole has less than 16 bytes ... slot n: less than 2^(n + 3) ... the last: chunks that are all free
//   a request begins at the slot of its size: the fullest chunks first, so that others become free
//
// Mirrors: mm/percpu.c (pcpu_alloc_area, pcpu_free_area, pcpu_chunk_relocate, pcpu_size_to_slot; Linux 5.10, 6.1,
//   6.12).
#include <optional>

#include "kernel/percpu.h"

namespace mm {

struct percpu_place {
    u32 chunk, offset;
};

// A chunk without areas, all of it free, first of the free ones.
[[nodiscard]] u32 new_percpu_chunk(percpu_memory& percpu);
void drop_percpu_chunk(percpu_memory& percpu, u32 id);

// The lowest place in the first chunk that has one. Size and align are multiples of PCPU_MIN_ALLOC_SIZE. nullopt: no
// chunk has.
[[nodiscard]] std::optional<percpu_place> take_from_percpu_chunks(EventSink& sink, percpu_memory& percpu, u32 size,
                                                                  u32 align);
// An allocation begins there.
void give_to_percpu_chunk(EventSink& sink, percpu_memory& percpu, const percpu_place& place);
// Of the allocation that begins there; 0: none does.
[[nodiscard]] u32 percpu_size_at(const percpu_memory& percpu, const percpu_place& place);
// Where chunks stand that are all free.
[[nodiscard]] u32 percpu_free_slot(const percpu_memory& percpu);

[[nodiscard]] std::optional<std::string> verify_percpu_chunks(const percpu_memory& percpu);

} // namespace mm
