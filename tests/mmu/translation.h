#pragma once
// A booted page allocator, page tables of one geometry and CPUs with TLBs, for the tests of translation.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mmu/access.h"
#include "mmu/flush.h"
#include "mmu/switch_mm.h"
#include "mmu/tlb_events.h"
#include "mmu/verify.h"
#include "physical/boot.h"

namespace mm::test {

inline constexpr u64 KiB = 1024, MiB = KiB << 10, GiB = MiB << 10;
inline constexpr u64 KERNEL = 0xffff800000000000;
inline constexpr phys_addr_t DEVICE = 0x4000000000; // far from memory: what is mapped need not be RAM

struct Cpus {
    explicit Cpus(const tlb_config& config = {}, u32 cpus = 2,
                  const page_geometry& geometry = *arm64_geometry(4096, 48),
                  kernel_version kernel = kernel_version::v6_1, u64 mib = 64) {
        machine_profile profile;
        profile.kernel = kernel;
        profile.page_size = static_cast<u32>(geometry.page_size());
        declare_memory(profile, mib << 20);
        EventSink quiet;
        mem = boot(profile, quiet);
        mmu_init(mmu, {geometry, {kernel}}, mem);
        tlb_init(mmu.tlb, config, geometry, cpus);
        sink.store_in(&events);
    }
    mmu_context cx() { return {mmu, {mem, sink, 0, ++step}}; }
    space_id space(bool kernel = false) {
        mmu_context context = cx();
        return create_space(context, kernel);
    }
    void map(space_id space, u64 virt, phys_addr_t phys, u64 size, protection name) {
        mmu_context context = cx();
        ASSERT_EQ(map_range(context, {space, virt, phys, size, pgprot_of(mmu.format, name)}).error, map_error::none);
    }
    void unmap(space_id space, u64 virt, u64 size, bool flush = true) {
        mmu_context context = cx();
        const mapped_span before = look_at(context, space, virt, size);
        loose_tables loose;
        ASSERT_EQ(unmap_range(context, space, virt, size, loose).error, map_error::none);
        tlb_finish_mmu(context, before, loose, flush);
    }
    // The leaves of the range get another protection, as mprotect() does; the range is whole leaves.
    void protect(space_id space, u64 virt, u64 size, protection name, bool flush = true) {
        mmu_context context = cx();
        const mapped_span before = look_at(context, space, virt, size);
        for (u64 at = virt; at < virt + size;) {
            const walk_result way = walk(mmu, space, at);
            if (way.found) {
                pgprot_t prot = pgprot_of(mmu.format, name);
                if (way.last().level > 0) prot = pte_mkhuge(mmu.format, prot);
                set_entry(context, mmu.table_at(way.last().table), way.last().index,
                          pte_modify(mmu.format, way.last().entry, prot));
            }
            at += mmu.geometry().size(way.last().level);
        }
        flush_after_change(context, before, flush);
    }
    // mprotect() itself: part of a leaf is a smaller leaf afterwards.
    void protect_part(space_id space, u64 virt, u64 size, protection name) {
        mmu_context context = cx();
        const mapped_span before = look_at(context, space, virt, size);
        ASSERT_EQ(protect_range(context, space, virt, size, pgprot_of(mmu.format, name)).error, map_error::none);
        flush_after_change(context, before);
    }
    void run(u32 cpu, space_id space) {
        mmu_context context = cx();
        switch_mm(context, cpu, space);
    }
    access_result touch(u64 address, access_kind kind = access_kind::read, bool user = true, u32 cpu = 0,
                        bool handle = true) {
        mmu_context context = cx();
        return access(context, cpu, {address, kind, user, handle});
    }
    void destroy(space_id space) {
        mmu_context context = cx();
        leave_space(context, space);
        destroy_space(context, space);
    }
    [[nodiscard]] const tlb_counters& counters(u32 cpu = 0) const { return mmu.tlb.cpus[cpu].counters; }
    [[nodiscard]] u32 valid(u32 cpu = 0) const {
        u32 nr = 0;
        for (u32 n : mmu.tlb.cpus[cpu].nr_valid) nr += n;
        return nr;
    }
    template <class Kind>
    [[nodiscard]] int count(Kind kind) const {
        int n = 0;
        for (const Event& event : events) n += event.kind == static_cast<u16>(kind);
        return n;
    }
    template <class Kind>
    [[nodiscard]] const Event* last(Kind kind) const {
        for (auto event = events.rbegin(); event != events.rend(); ++event)
            if (event->kind == static_cast<u16>(kind)) return &*event;
        return nullptr;
    }
    // The entry that is the leaf of the address now.
    [[nodiscard]] pteval_t leaf(space_id space, u64 address) const {
        const walk_result way = walk(mmu, space, address);
        return way.found ? way.last().entry : 0;
    }
    void set_leaf(space_id space, u64 address, pteval_t entry) {
        mmu_context context = cx();
        const walk_result way = walk(mmu, space, address);
        set_entry(context, mmu.table_at(way.last().table), way.last().index, entry);
    }
    void expect_sound() const {
        const auto broken = verify_mmu(mmu, mem);
        EXPECT_FALSE(broken.has_value()) << *broken;
    }

    physical_memory mem;
    mmu_memory mmu;
    EventSink sink;
    std::vector<Event> events;
    u32 step = 0;
};

} // namespace mm::test
