#include "kernel/percpu_chunk.h"

#include <algorithm>
#include <bit>

#include "slab/runs.h"

namespace mm {

namespace {

// kernel: __pcpu_size_to_slot
u32 slot_of_size(u32 size) { return static_cast<u32>(std::max(static_cast<int>(std::bit_width(size)) - 5 + 2, 1)); }

u32 slot_of(const percpu_memory& percpu, const percpu_chunk& chunk) {
    if (chunk.contig == 0) return 0;
    return chunk.contig == percpu.unit_size ? percpu_free_slot(percpu) : slot_of_size(chunk.contig);
}

// ---- lists of chunks

void unlink(percpu_memory& percpu, u32 id) {
    const percpu_chunk chunk = percpu.chunks[id];
    percpu_slot& slot = percpu.slots[chunk.slot];
    if (chunk.prev == 0)
        slot.first = chunk.next;
    else
        percpu.chunks.mut(chunk.prev - 1).next = chunk.next;
    if (chunk.next == 0)
        slot.last = chunk.prev;
    else
        percpu.chunks.mut(chunk.next - 1).prev = chunk.prev;
}

void link(percpu_memory& percpu, u32 id, u32 number, bool front) {
    percpu_slot& slot = percpu.slots[number];
    percpu_chunk& chunk = percpu.chunks.mut(id);
    chunk.slot = static_cast<u8>(number);
    chunk.prev = front ? 0 : slot.last;
    chunk.next = front ? slot.first : 0;
    const u32 prev = chunk.prev, next = chunk.next;
    (prev == 0 ? slot.first : percpu.chunks.mut(prev - 1).next) = id + 1;
    (next == 0 ? slot.last : percpu.chunks.mut(next - 1).prev) = id + 1;
}

// To the list of its longest hole: in front when that has grown. kernel: pcpu_chunk_relocate
void relocate(EventSink& sink, percpu_memory& percpu, u32 id) {
    u32 contig = 0;
    for (u32 at = percpu.chunks[id].holes; at != 0; at = percpu.holes[at - 1].next) {
        sink.charge(1);
        contig = std::max(contig, percpu.holes[at - 1].size);
    }
    percpu.chunks.mut(id).contig = contig;
    const u32 before = percpu.chunks[id].slot;
    const u32 now = slot_of(percpu, percpu.chunks[id]);
    if (now == before) return;
    unlink(percpu, id);
    link(percpu, id, now, before < now);
}

// ---- holes

u32 new_hole(percpu_memory& percpu, const percpu_hole& hole) {
    u32 id = percpu.hole_unused;
    if (id != 0) {
        percpu.hole_unused = percpu.holes[id - 1].next;
    } else {
        if (percpu.holes_used == percpu.holes.size()) percpu.holes.grow(std::max(64u, 2 * percpu.holes_used));
        id = ++percpu.holes_used;
    }
    percpu.holes.mut(id - 1) = hole;
    return id;
}

void drop_hole(percpu_memory& percpu, u32 id) {
    percpu.holes.mut(id - 1) = {0, 0, percpu.hole_unused};
    percpu.hole_unused = id;
}

// What names the hole behind `before`; 0: the chunk does.
void set_next(percpu_memory& percpu, u32 chunk, u32 before, u32 next) {
    (before == 0 ? percpu.chunks.mut(chunk).holes : percpu.holes.mut(before - 1).next) = next;
}

//   hole [start ............ end)   →   [start .. at) and [at + size .. end), as far as they are not empty
void cut(percpu_memory& percpu, u32 chunk, u32 before, u32 id, u32 at, u32 size) {
    const percpu_hole hole = percpu.holes[id - 1];
    const u32 end = hole.start + hole.size;
    u32 rest = hole.next;
    if (at + size < end) rest = new_hole(percpu, {at + size, end - at - size, hole.next});
    if (at > hole.start) {
        percpu.holes.mut(id - 1).size = at - hole.start;
        percpu.holes.mut(id - 1).next = rest;
        return;
    }
    set_next(percpu, chunk, before, rest);
    drop_hole(percpu, id);
}

// Into the order of the holes, as one with those that it touches.
void fill_in(EventSink& sink, percpu_memory& percpu, u32 chunk, u32 start, u32 size) {
    u32 before = 0, after = percpu.chunks[chunk].holes;
    while (after != 0 && percpu.holes[after - 1].start < start) {
        sink.charge(1);
        before = after;
        after = percpu.holes[after - 1].next;
    }
    if (after != 0 && percpu.holes[after - 1].start == start + size) {
        size += percpu.holes[after - 1].size;
        const u32 behind = percpu.holes[after - 1].next;
        drop_hole(percpu, after);
        after = behind;
    }
    if (before != 0 && percpu.holes[before - 1].start + percpu.holes[before - 1].size == start) {
        percpu.holes.mut(before - 1).size += size;
        percpu.holes.mut(before - 1).next = after;
        return;
    }
    set_next(percpu, chunk, before, new_hole(percpu, {start, size, after}));
}

u32 size_entry(const percpu_memory& percpu, const percpu_place& place) {
    return percpu.chunks[place.chunk].sizes + place.offset / PCPU_MIN_ALLOC_SIZE;
}

// The first hole of a chunk that holds it. kernel: pcpu_find_block_fit, pcpu_alloc_area
std::optional<percpu_place> take_from(EventSink& sink, percpu_memory& percpu, u32 id, u32 size, u32 align) {
    if (percpu.chunks[id].contig < size) return std::nullopt;
    u32 before = 0;
    for (u32 at = percpu.chunks[id].holes; at != 0; before = at, at = percpu.holes[at - 1].next) {
        sink.charge(1);
        const percpu_hole hole = percpu.holes[at - 1];
        const u32 start = (hole.start + align - 1) / align * align;
        if (start + size > hole.start + hole.size) continue;
        cut(percpu, id, before, at, start, size);
        const percpu_place place{id, start};
        percpu.sizes.mut(size_entry(percpu, place)) = size;
        percpu.chunks.mut(id).free_bytes -= size;
        relocate(sink, percpu, id);
        return place;
    }
    return std::nullopt;
}

} // namespace

u32 percpu_free_slot(const percpu_memory& percpu) { return slot_of_size(percpu.unit_size) + 2; }

u32 new_percpu_chunk(percpu_memory& percpu) {
    u32 id = percpu.chunk_unused;
    if (id != 0) {
        percpu.chunk_unused = percpu.chunks[--id].next;
    } else {
        if (percpu.chunks_used == percpu.chunks.size()) percpu.chunks.grow(std::max(4u, 2 * percpu.chunks_used));
        id = percpu.chunks_used++;
    }
    percpu.chunks.mut(id) = percpu_chunk{};
    const u32 sizes = take_run(percpu.sizes, percpu.size_runs, percpu.unit_size / PCPU_MIN_ALLOC_SIZE);
    percpu.sizes.mut(sizes) = 0;
    const u32 hole = new_hole(percpu, {0, percpu.unit_size, 0});
    percpu_chunk& chunk = percpu.chunks.mut(id);
    chunk.in_use = true;
    chunk.sizes = sizes;
    chunk.holes = hole;
    chunk.free_bytes = chunk.contig = percpu.unit_size;
    link(percpu, id, percpu_free_slot(percpu), true);
    ++percpu.nr_chunks;
    return id;
}

void drop_percpu_chunk(percpu_memory& percpu, u32 id) {
    unlink(percpu, id);
    const percpu_chunk chunk = percpu.chunks[id];
    MM_ASSERT(chunk.free_bytes == percpu.unit_size);
    drop_hole(percpu, chunk.holes);
    give_run(percpu.sizes, percpu.size_runs, chunk.sizes, percpu.unit_size / PCPU_MIN_ALLOC_SIZE);
    percpu.chunks.mut(id) = percpu_chunk{};
    percpu.chunks.mut(id).next = percpu.chunk_unused;
    percpu.chunk_unused = id + 1;
    --percpu.nr_chunks;
}

std::optional<percpu_place> take_from_percpu_chunks(EventSink& sink, percpu_memory& percpu, u32 size, u32 align) {
    const u32 first = size == percpu.unit_size ? percpu_free_slot(percpu) : slot_of_size(size);
    for (u32 slot = first; slot <= percpu_free_slot(percpu); ++slot)
        for (u32 at = percpu.slots[slot].first; at != 0; at = percpu.chunks[at - 1].next) {
            sink.charge(1);
            if (const auto place = take_from(sink, percpu, at - 1, size, align)) return place;
        }
    return std::nullopt;
}

void give_to_percpu_chunk(EventSink& sink, percpu_memory& percpu, const percpu_place& place) {
    const u32 size = percpu_size_at(percpu, place);
    percpu.sizes.mut(size_entry(percpu, place)) = 0;
    percpu.chunks.mut(place.chunk).free_bytes += size;
    fill_in(sink, percpu, place.chunk, place.offset, size);
    relocate(sink, percpu, place.chunk);
}

u32 percpu_size_at(const percpu_memory& percpu, const percpu_place& place) {
    return percpu.sizes[size_entry(percpu, place)];
}

namespace {

std::optional<std::string> verify_bytes(const percpu_memory& percpu, u32 id) {
    const percpu_chunk& chunk = percpu.chunks[id];
    u32 hole = chunk.holes, at = 0, free = 0;
    while (at < percpu.unit_size) {
        u32 size = percpu_size_at(percpu, {id, at});
        if (hole != 0 && percpu.holes[hole - 1].start == at) {
            if (size != 0) return "an allocation begins in a hole";
            size = percpu.holes[hole - 1].size;
            free += size;
            hole = percpu.holes[hole - 1].next;
        }
        if (size == 0) return "bytes that are neither free nor allocated";
        at += size;
    }
    if (at != percpu.unit_size || hole != 0) return "holes and allocations are not its unit";
    if (free != chunk.free_bytes) return "free_bytes is not what its holes have";
    return std::nullopt;
}

} // namespace

std::optional<std::string> verify_percpu_chunks(const percpu_memory& percpu) {
    u32 nr = 0;
    for (u32 slot = 0; slot < PCPU_SLOTS; ++slot) {
        u32 before = 0;
        for (u32 at = percpu.slots[slot].first; at != 0; before = at, at = percpu.chunks[at - 1].next, ++nr) {
            const percpu_chunk& chunk = percpu.chunks[at - 1];
            const std::string place = "percpu chunk " + std::to_string(at - 1) + ": ";
            if (!chunk.in_use || chunk.prev != before || chunk.slot != slot || slot_of(percpu, chunk) != slot)
                return place + "on a list that is not its slot's";
            if (auto wrong = verify_bytes(percpu, at - 1)) return place + *wrong;
        }
        if (before != percpu.slots[slot].last) return "percpu: a slot's list does not end at its last chunk";
    }
    return nr == percpu.nr_chunks ? std::nullopt
                                  : std::optional<std::string>("percpu: nr_chunks is not what the lists have");
}

void hash_percpu(const kernel_memory& kernel, Hasher& hasher) {
    const percpu_memory& percpu = kernel.percpu;
    if (percpu.nr_chunks == 0) return;
    for (u32 slot = 0; slot < PCPU_SLOTS; ++slot)
        for (u32 at = percpu.slots[slot].first; at != 0; at = percpu.chunks[at - 1].next) {
            const percpu_chunk& chunk = percpu.chunks[at - 1];
            hasher.add(chunk.base_addr);
            hasher.add(u64{slot} << 32 | chunk.free_bytes);
            for (const u64 word : chunk.populated) hasher.add(word);
            u32 hole = chunk.holes;
            for (u32 byte = 0; byte < percpu.unit_size;) {
                const bool free = hole != 0 && percpu.holes[hole - 1].start == byte;
                const u32 size = free ? percpu.holes[hole - 1].size : percpu_size_at(percpu, {at - 1, byte});
                hasher.add(u64{size} << 1 | (free ? 1u : 0u));
                if (free) hole = percpu.holes[hole - 1].next;
                byte += size;
            }
        }
}

} // namespace mm
