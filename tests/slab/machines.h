#pragma once
// Small machines with a slab allocator, for the tests of this room.
#include <gtest/gtest.h>

#include "machine/machine.h"
#include "slab/kmalloc.h"
#include "slab/slab.h"

namespace mm::test {

// A profile whose freelists stand in address order, so that cases can be worked by hand.
inline machine_profile slab_profile(slab_allocator allocator = slab_allocator::slub,
                                    kernel_version kernel = kernel_version::v6_1, u16 cpus = 1, u8 nodes = 1) {
    machine_profile profile;
    profile.kernel = kernel;
    profile.cpus = cpus;
    profile.nodes = nodes;
    profile.slab.allocator = allocator;
    profile.slab.freelist_random = false;
    declare_memory(profile, u64{64} << 20);
    return profile;
}

// A booted machine, and the interface of its slab allocator.
struct SlabBench {
    explicit SlabBench(machine_profile profile) : machine(std::move(make_machine(std::move(profile)).value())) {
        sink.store_in(&events);
    }

    slab_memory& slabs() { return machine.slabs; }
    slab_context cx(u32 cpu = 0) { return {machine.slabs, {machine.physical, sink, cpu, ++machine.step}}; }

    cache_id create(std::string_view name, u32 size, u32 align = 0, slab_flags_t flags = 0) {
        slab_context context = cx();
        return kmem_cache_create(context, {intern(name), size, align, flags, false, 0});
    }
    phys_addr_t alloc(cache_id cache, u32 cpu = 0, int node = -1) {
        slab_context context = cx(cpu);
        return kmem_cache_alloc_node(context, cache, GFP_KERNEL, node);
    }
    void free(cache_id cache, phys_addr_t object, u32 cpu = 0) {
        slab_context context = cx(cpu);
        kmem_cache_free(context, cache, object);
    }
    u32 index_of(phys_addr_t object) { return object_of_address(slabs(), machine.physical, object).index; }
    slab_id slab_of(phys_addr_t object) { return slab_of_address(slabs(), machine.physical, object); }

    template <class Kind>
    int count(Kind kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    void expect_sound() {
        const auto broken = verify(machine);
        EXPECT_FALSE(broken.has_value()) << *broken;
    }

    Machine machine;
    EventSink sink;
    std::vector<Event> events;
};

} // namespace mm::test
