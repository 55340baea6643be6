#pragma once
// The bytes of slabs, where somebody looks at them: in caches with debugging from the first, elsewhere from the first
// op `write` on.
//
//   slab::content ─► PAGE_SIZE << order bytes in slab_memory::content; positions count from the slab's first byte
//
//   position   0          red_left_pad                                   size
//              | left pad | object 0 ... free pointer ... tracks | pad   | left pad | object 1 ...
//
// Invariant: where a slab has bytes and is not corrupt, the free pointer of every free object says what its link says.
//   set_freepointer() writes both; a write() that hits the bytes brings the link after them.
// Simplified: bytes that nobody wrote are zero; machines keep at most MAX_CONTENT_BYTES, and slabs beyond have no bytes:
//   no check finds anything in them.
// Not modelled: init_on_alloc, init_on_free, what a constructor writes.
// Mirrors: mm/slub.c (get_freepointer, set_freepointer, freelist_ptr), include/linux/poison.h (Linux 5.10, 6.1, 6.12).
#include "slab/slabs.h"

namespace mm {

inline constexpr u8 POISON_INUSE = 0x5a;      // bytes that nobody may write
inline constexpr u8 POISON_FREE = 0x6b;       // bytes of a free object
inline constexpr u8 POISON_END = 0xa5;        // the last of them
inline constexpr u8 SLUB_RED_INACTIVE = 0xbb; // red zones of a free object
inline constexpr u8 SLUB_RED_ACTIVE = 0xcc;   // red zones of an allocated one

inline constexpr u32 MAX_CONTENT_BYTES = 128u << 20;
// A link that leads to no object, because the free pointer was overwritten. Slabs have fewer objects than this.
inline constexpr obj_index OBJ_DAMAGED = 0x7ffe;

// An address as the kernel writes it. kernel: __phys_to_virt
[[nodiscard]] u64 linear_address(const slab_memory& slabs, phys_addr_t address);

[[nodiscard]] inline u32 slab_bytes(const physical_memory& mem, const slab& s) {
    return 1u << (mem.page_shift + s.order);
}
[[nodiscard]] inline u32 object_position(const slab_memory& slabs, const slab& s, obj_index index) {
    const kmem_cache& cache = slabs.caches[s.cache];
    return s.colour_off + cache.red_left_pad + index * cache.size;
}

// Bytes for a slab that has none, all `value`, with its objects' free pointers. False: there is no room for them.
bool give_content(slab_memory& slabs, const physical_memory& mem, slab_id id, u8 value);

// [start, start + length) lies in the slab, which has bytes.
void fill_content(slab_memory& slabs, const slab& s, u32 start, u32 length, u8 value);
[[nodiscard]] inline u8 content_at(const slab_memory& slabs, const slab& s, u32 position) {
    return slabs.content[s.content + position];
}
// Little-endian numbers of up to 8 bytes.
[[nodiscard]] u64 load_content(const slab_memory& slabs, const slab& s, u32 position, u32 bytes);
void store_content(slab_memory& slabs, const slab& s, u32 position, u32 bytes, u64 value);

// Where in [start, end) bytes other than `value` begin and end; start == end of the answer: nowhere.
struct byte_range {
    u32 start = 0;
    u32 end = 0;
};
[[nodiscard]] byte_range other_bytes(const slab_memory& slabs, const slab& s, u32 start, u32 end, u8 value);

// ---- free pointers
// The linear address that an object's free pointer holds, decoded. The slab has bytes.
[[nodiscard]] u64 freepointer_value(const slab_memory& slabs, const physical_memory& mem, const slab& s,
                                    obj_index index);
// The object that it leads to: OBJ_NONE for NULL, OBJ_DAMAGED when no object begins there. Without bytes, the link.
[[nodiscard]] obj_index get_freepointer(const slab_memory& slabs, const physical_memory& mem, const slab& s,
                                        obj_index index);
void write_freepointer(slab_memory& slabs, const physical_memory& mem, const slab& s, u32 position, obj_index next);

inline void set_freepointer(slab_memory& slabs, const physical_memory& mem, const slab& s, obj_index index,
                            obj_index next) {
    link_mut(slabs, s, index).set_next(next);
    if (s.content != RUN_NONE) [[unlikely]]
        write_freepointer(slabs, mem, s, object_position(slabs, s, index) + slabs.caches[s.cache].offset, next);
}

} // namespace mm
