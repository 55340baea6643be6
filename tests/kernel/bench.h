#pragma once
// A machine for the tests of this room, with its sink.
#include <gtest/gtest.h>

#include "kernel/events.h"
#include "kernel/vmalloc.h"
#include "machine/machine.h"
#include "physical/page_alloc.h"

namespace mm::test {

struct KernelBench {
    explicit KernelBench(u64 mib, architecture arch = architecture::arm64, kernel_version kernel = kernel_version::v6_1,
                         u8 nodes = 1, u16 cpus = 1, u32 page_size = 4096)
        : machine(machine_of(mib, arch, kernel, nodes, cpus, page_size)) {
        sink.store_in(&events);
    }

    static Machine machine_of(u64 mib, architecture arch, kernel_version kernel, u8 nodes, u16 cpus, u32 page_size) {
        machine_profile profile;
        profile.arch = arch;
        profile.kernel = kernel;
        profile.nodes = nodes;
        profile.cpus = cpus;
        profile.page_size = page_size;
        declare_memory(profile, mib << 20);
        return std::move(make_machine(std::move(profile)).value());
    }
    kernel_context cx(u32 cpu = 0) {
        return {machine.kernel, machine.mmu, {machine.physical, sink, cpu, ++machine.step}};
    }
    pfn_t alloc(gfp_t gfp, u32 order = 0) {
        physical_context page{machine.physical, sink, 0, ++machine.step};
        return alloc_pages(page, {order, gfp, -1});
    }
    [[nodiscard]] int count(kernel_event kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    // The last event of a kind; its arguments are zero when there is none.
    [[nodiscard]] Event last(kernel_event kind) const {
        for (std::size_t i = events.size(); i > 0; --i)
            if (events[i - 1].kind == static_cast<u16>(kind)) return events[i - 1];
        return {};
    }
    [[nodiscard]] walk_result walk_to(u64 address) const { return walk(machine.mmu, INIT_MM, address); }
    void expect_sound() const { EXPECT_EQ(verify(machine).value_or("all is well"), "all is well"); }

    Machine machine;
    EventSink sink;
    std::vector<Event> events;
};

} // namespace mm::test
