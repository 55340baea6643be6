#include "slab/classic_view.h"

#include <algorithm>

#include "slab/slab.h"

namespace mm {

namespace {

// Writes where the objects of `id` are that stand in this array.
void mark_array(const slab_memory& slabs, slab_id id, u32 array, classic_object where, u32 owner,
                std::vector<object_place>& places) {
    const array_cache& ac = slabs.arrays[array];
    for (u32 i = 0; i < ac.avail; ++i) {
        const object_ref& entry = slabs.entries[ac.entries + i];
        if (entry.slab == id && entry.index < places.size())
            places[entry.index] = {where, static_cast<u16>(owner), entry.warm_cpu};
    }
}

bool sound(const l1_cache& l1) { return l1.ways > 0 && l1.line > 0 && l1.size / l1.ways >= l1.line; }

} // namespace

std::vector<slab_range> slab_parts(const slab_memory& slabs, const physical_memory& mem, slab_id id) {
    const slab& s = slabs.slabs[id];
    const kmem_cache& cache = slabs.caches[s.cache];
    const u32 bytes = 1u << (mem.page_shift + s.order);
    const bool on_slab =
        slabs.config.allocator == slab_allocator::slab && !(cache.flags & (SLAB_OFF_SLAB | SLAB_OBJFREELIST));
    const u32 index = on_slab ? cache.freelist_size : 0;
    std::vector<slab_range> parts;
    u32 at = 0;
    const auto add = [&](slab_part part, u32 end) {
        if (end > at) parts.push_back({part, at, end});
        at = std::max(at, end);
    };
    add(slab_part::colour, s.colour_off);
    add(slab_part::objects, s.colour_off + s.objects * cache.size);
    add(slab_part::left_over, bytes - index);
    add(slab_part::index_array, bytes);
    return parts;
}

std::vector<object_place> classic_object_places(const slab_memory& slabs, slab_id id) {
    const slab& s = slabs.slabs[id];
    const kmem_cache& cache = slabs.caches[s.cache];
    std::vector<object_place> places(s.objects);
    for (u32 i = s.inuse; i < s.objects; ++i) {
        const u32 index = slabs.links[s.links + i].next();
        if (index < s.objects) places[index].where = classic_object::in_slab;
    }
    for (u32 cpu = 0; cpu < slabs.nr_cpus && cache.cpu_cache != RUN_NONE; ++cpu)
        mark_array(slabs, id, cache.cpu_cache + cpu, classic_object::in_cpu_array, cpu, places);
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node& n = slabs.node_at(s.cache, node);
        if (n.shared != RUN_NONE) mark_array(slabs, id, n.shared, classic_object::in_shared, node, places);
        if (n.alien != RUN_NONE) mark_array(slabs, id, n.alien + s.node, classic_object::in_alien, node, places);
    }
    return places;
}

std::vector<object_lines> l1_lines(const l1_cache& l1, phys_addr_t address, u32 size, u32 num) {
    std::vector<object_lines> objects;
    if (!sound(l1) || size == 0) return objects;
    for (u32 i = 0; i < num; ++i) {
        const phys_addr_t first = address + phys_addr_t{i} * size;
        const phys_addr_t first_line = first / l1.line;
        const phys_addr_t last_line = (first + size - 1) / l1.line;
        objects.push_back({static_cast<u32>(first_line % l1.sets()), static_cast<u32>(last_line - first_line + 1)});
    }
    return objects;
}

std::vector<object_lines> l1_lines(const l1_cache& l1, const slab_memory& slabs, const physical_memory& mem, slab_id id,
                                   bool coloured) {
    const slab& s = slabs.slabs[id];
    return l1_lines(l1, slab_base(slabs, mem, id) + (coloured ? s.colour_off : 0), slabs.caches[s.cache].size,
                    s.objects);
}

std::vector<u32> l1_load(const l1_cache& l1, const std::vector<object_lines>& objects) {
    std::vector<u32> load;
    if (!sound(l1)) return load;
    load.resize(l1.sets());
    for (const object_lines& object : objects)
        for (u32 i = 0; i < object.lines; ++i) ++load[(object.first_set + i) % l1.sets()];
    return load;
}

} // namespace mm
