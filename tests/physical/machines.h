#pragma once
// Small machines for the tests of this room.
#include <gtest/gtest.h>

#include "machine/machine.h"
#include "physical/page_alloc.h"
#include "physical/verify.h"

namespace mm::test {

inline machine_profile profile_of(u64 mib, kernel_version kernel = kernel_version::v6_1,
                                  architecture arch = architecture::arm64, u8 nodes = 1, u16 cpus = 1) {
    machine_profile profile;
    profile.arch = arch;
    profile.kernel = kernel;
    profile.nodes = nodes;
    profile.cpus = cpus;
    declare_memory(profile, mib << 20);
    return profile;
}

// A booted machine and what is needed to call its page allocator.
struct Bench {
    explicit Bench(machine_profile profile) : machine(std::move(make_machine(std::move(profile)).value())) {
        sink.store_in(&events);
    }
    physical_memory& mem() { return machine.physical; }
    physical_context cx(u32 cpu = 0) { return {machine.physical, sink, cpu, ++machine.step}; }
    pfn_t alloc(u32 order, gfp_t gfp = GFP_KERNEL, int node = -1) {
        physical_context context = cx();
        return alloc_pages(context, {order, gfp, node});
    }
    void free(pfn_t pfn, u32 order) {
        physical_context context = cx();
        free_pages(context, pfn, order);
    }
    template <class Kind>
    int count(Kind kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    template <class Kind>
    const Event* find(Kind kind) const {
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(kind)) return &event;
        return nullptr;
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
