#pragma once
// Small machines with SLAB or SLOB for the tests of this room.
#include <vector>

#include "base/names.h"
#include "machine/machine.h"
#include "physical/machines.h"
#include "slab/classic_size.h"
#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/kmalloc.h"
#include "slab/slob.h"
#include "slab/verify.h"

namespace mm::test {

// Freelists in address order, no merging, double frees unnoticed: what most cases are worked out for.
inline machine_profile allocator_profile(slab_allocator allocator, kernel_version kernel = kernel_version::v6_1,
                                         architecture arch = architecture::x86_64, u8 nodes = 1, u16 cpus = 1,
                                         u64 mib = 64) {
    machine_profile profile = profile_of(mib, kernel, arch, nodes, cpus);
    profile.slab.allocator = allocator;
    profile.slab.freelist_random = false;
    profile.slab.freelist_hardened = false;
    profile.slab.merge = false;
    return profile;
}

struct ClassicBench : Bench {
    using Bench::Bench;

    slab_memory& slabs() { return machine.slabs; }
    slab_context scx(u32 cpu = 0) { return {machine.slabs, cx(cpu)}; }

    cache_id create(std::string_view name, u32 size, slab_flags_t flags = 0, bool ctor = false, u32 align = 0) {
        slab_context context = scx();
        cache_request request;
        request.name = intern(name);
        request.size = size;
        request.align = align;
        request.flags = flags;
        request.ctor = ctor;
        return kmem_cache_create(context, request);
    }
    phys_addr_t take(cache_id cache, u32 cpu = 0, int node = -1, gfp_t gfp = GFP_KERNEL) {
        slab_context context = scx(cpu);
        return kmem_cache_alloc_node(context, cache, gfp, node);
    }
    std::vector<phys_addr_t> take_many(cache_id cache, u32 count, u32 cpu = 0) {
        std::vector<phys_addr_t> objects;
        for (u32 i = 0; i < count; ++i) objects.push_back(take(cache, cpu));
        return objects;
    }
    void give(cache_id cache, phys_addr_t object, u32 cpu = 0) {
        slab_context context = scx(cpu);
        kmem_cache_free(context, cache, object);
    }
    phys_addr_t kmalloc(u64 size, u32 cpu = 0, int node = -1) {
        slab_context context = scx(cpu);
        return kmalloc_node(context, size, GFP_KERNEL, node);
    }
    void kfree(phys_addr_t object, u32 cpu = 0) {
        slab_context context = scx(cpu);
        mm::kfree(context, object);
    }
    void reap(u32 cpu = 0, bool node_turn = true) {
        slab_context context = scx(cpu);
        cache_reap(context, node_turn);
    }
    const array_cache& array(cache_id cache, u32 cpu = 0) {
        return slabs().arrays[slabs().caches[cache].cpu_cache + cpu];
    }
    const kmem_cache_node& node(cache_id cache, u32 number = 0) { return slabs().node_at(cache, number); }
    const array_cache& shared(cache_id cache, u32 number = 0) { return slabs().arrays[node(cache, number).shared]; }
    const array_cache& alien(cache_id cache, u32 owner, u32 home) {
        return slabs().arrays[node(cache, owner).alien + home];
    }
    const kmem_cache& cache(cache_id id) { return slabs().caches[id]; }
    object_ref object(phys_addr_t address) { return object_of_address(slabs(), mem(), address); }
    u32 pfn(phys_addr_t address) { return static_cast<u32>(address >> mem().page_shift); }
};

// Copies the machine at every event of what runs under it, as seeking to an event would: a reference that is held across
// an event would then write to the copy.
class SnapshotAtEveryEvent {
  public:
    explicit SnapshotAtEveryEvent(Bench& bench) : bench_(bench) { arm(); }

  private:
    static void take(void* self) {
        auto* snapshots = static_cast<SnapshotAtEveryEvent*>(self);
        snapshots->copy_ = snapshots->bench_.machine;
        snapshots->arm();
    }
    void arm() { bench_.sink.call_at(bench_.sink.count() + 1, take, this); }

    Bench& bench_;
    Machine copy_;
};

} // namespace mm::test
