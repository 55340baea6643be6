#include "slab/content.h"

#include <algorithm>
#include <cstring>

#include "slab/runs.h"

namespace mm {

namespace {

constexpr u32 CHUNK = decltype(slab_memory::content)::CHUNK_ITEMS;

u64 byte_swapped(u64 value, u32 bytes) {
    u64 swapped = 0;
    for (u32 i = 0; i < bytes; ++i) swapped |= (value >> (8 * i) & 0xff) << (8 * (bytes - 1 - i));
    return swapped;
}

u64 pointer_mask(const slab_memory& slabs) { return slabs.pointer_size == 4 ? 0xffffffffull : ~0ull; }

u64 object_virtual(const slab_memory& slabs, const physical_memory& mem, const slab& s, u32 position) {
    return linear_address(slabs, (phys_addr_t{s.pfn} << mem.page_shift) + position);
}

// What hardening mixes into a free pointer that stands at `position`. Encoding and decoding are the same.
u64 pointer_mix(const slab_memory& slabs, const physical_memory& mem, const slab& s, u32 position) {
    if (!slabs.config.freelist_hardened) return 0;
    const u64 here = object_virtual(slabs, mem, s, position);
    return (slabs.caches[s.cache].random ^ byte_swapped(here, slabs.pointer_size)) & pointer_mask(slabs);
}

} // namespace

u64 linear_address(const slab_memory& slabs, phys_addr_t address) {
    return slabs.map.phys_to_virt(address) & pointer_mask(slabs);
}

bool give_content(slab_memory& slabs, const physical_memory& mem, slab_id id, u8 value) {
    const slab& s = slabs.slabs[id];
    const u32 bytes = slab_bytes(mem, s);
    if (bytes >= 1u << NR_RUN_CLASSES || run_class<decltype(slabs.content)>(bytes) >= NR_RUN_CLASSES) return false;
    const bool fresh = slabs.content_runs.free[run_class<decltype(slabs.content)>(bytes)] == RUN_NONE;
    if (fresh && slabs.content_runs.end + bytes > MAX_CONTENT_BYTES) return false;
    const u32 run = take_run(slabs.content, slabs.content_runs, bytes);
    slabs.slabs.mut(id).content = run;
    slabs.plain = false;
    const slab& filled = slabs.slabs[id];
    fill_content(slabs, filled, 0, bytes, value);
    for (u32 i = 0; i < filled.objects; ++i) {
        const auto index = static_cast<obj_index>(i);
        set_freepointer(slabs, mem, filled, index, next_free(slabs, filled, index));
    }
    return true;
}

void fill_content(slab_memory& slabs, const slab& s, u32 start, u32 length, u8 value) {
    u32 at = s.content + start;
    const u32 end = at + length;
    while (at < end) {
        const u32 part = std::min(end, (at / CHUNK + 1) * CHUNK) - at;
        std::memset(&slabs.content.mut(at), value, part);
        at += part;
    }
}

u64 load_content(const slab_memory& slabs, const slab& s, u32 position, u32 bytes) {
    u64 value = 0;
    for (u32 i = 0; i < bytes; ++i) value |= u64{content_at(slabs, s, position + i)} << (8 * i);
    return value;
}

void store_content(slab_memory& slabs, const slab& s, u32 position, u32 bytes, u64 value) {
    for (u32 i = 0; i < bytes; ++i) slabs.content.mut(s.content + position + i) = static_cast<u8>(value >> (8 * i));
}

byte_range other_bytes(const slab_memory& slabs, const slab& s, u32 start, u32 end, u8 value) {
    // Bytes of one chunk lie side by side.
    while (start < end) {
        const u32 at = s.content + start;
        const u32 part = std::min(end - start, CHUNK - at % CHUNK);
        const u8* const bytes = &slabs.content[at];
        const u8* const other = std::find_if(bytes, bytes + part, [value](u8 byte) { return byte != value; });
        start += static_cast<u32>(other - bytes);
        if (other != bytes + part) break;
    }
    while (end > start && content_at(slabs, s, end - 1) == value) --end;
    return {start, end};
}

u64 freepointer_value(const slab_memory& slabs, const physical_memory& mem, const slab& s, obj_index index) {
    const u32 position = object_position(slabs, s, index) + slabs.caches[s.cache].offset;
    return load_content(slabs, s, position, slabs.pointer_size) ^ pointer_mix(slabs, mem, s, position);
}

obj_index get_freepointer(const slab_memory& slabs, const physical_memory& mem, const slab& s, obj_index index) {
    if (s.content == RUN_NONE) return next_free(slabs, s, index);
    const u64 value = freepointer_value(slabs, mem, s, index);
    if (value == 0) return OBJ_NONE;
    const u64 first = object_virtual(slabs, mem, s, object_position(slabs, s, 0));
    const u32 size = slabs.caches[s.cache].size;
    if (value < first || value - first >= u64{size} * s.objects || (value - first) % size != 0) return OBJ_DAMAGED;
    return static_cast<obj_index>((value - first) / size);
}

void write_freepointer(slab_memory& slabs, const physical_memory& mem, const slab& s, u32 position, obj_index next) {
    const u64 value = next < s.objects ? object_virtual(slabs, mem, s, object_position(slabs, s, next)) : 0;
    store_content(slabs, s, position, slabs.pointer_size, value ^ pointer_mix(slabs, mem, s, position));
}

} // namespace mm
