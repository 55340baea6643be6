// Random processes, mappings and accesses on several CPUs, against a flat table of pages: with every flush done, TLBs are
// not to be noticed.
#include <map>

#include "base/hash.h"
#include "base/rng.h"
#include "mmu/translation.h"
#include "physical/events.h"

namespace mm::test {
namespace {

struct FlatPage {
    phys_addr_t phys = 0;
    bool write = false, exec = false;
};
using FlatSpace = std::map<u64, FlatPage>;

struct Setting {
    page_geometry geometry;
    tlb_config config;
};

std::vector<Setting> settings() {
    std::vector<Setting> all;
    for (const page_geometry& geometry : all_geometries()) all.push_back({geometry, {}});
    const page_geometry usual = *arm64_geometry(4096, 48);
    // Small TLBs with much traffic, without walk cache, odd ways, 8 bits of ASID, hardware that sets flags.
    all.push_back({usual, {.entries = 8, .ways = 2, .walk_entries = 4, .asid_bits = 8}});
    all.push_back({usual, {.entries = 20, .ways = 5, .walk_entries = 0, .hafdbs = hardware_update::af}});
    all.push_back({usual, {.entries = 16, .ways = 16, .walk_entries = 8, .hafdbs = hardware_update::dbm}});
    all.push_back({i386_geometry(true), {.entries = 1, .ways = 1}});
    return all;
}

// No page goes back to the page allocator while a walk cache takes it for a table.
void no_freed_page_is_known(void* context, const Event& event) {
    if (event.kind != static_cast<u16>(physical_event::mm_page_free)) return;
    const tlb_memory& tlb = static_cast<Cpus*>(context)->mmu.tlb;
    const u32 per_cpu = tlb.nr_walk_sets * WALK_WAYS;
    for (u32 i = 0; i < tlb.cpus.size() * per_cpu; ++i) {
        const walk_entry& entry = tlb.walks[i];
        // After a rollover a CPU may hold what older ASIDs left, until it switches.
        const bool used = entry.valid() && (entry.global || !tlb.cpus[i / per_cpu].flush_pending);
        ASSERT_FALSE(used && entry.table == static_cast<pfn_t>(event.arg[0])) << "frame " << event.arg[0];
    }
}

// What one run did, in numbers: each access, the events counted until then, and the state at the end.
using Trail = std::vector<u64>;

void run_random(std::size_t number, bool watched, Trail& trail) {
    const Setting setting = settings()[number];
    const page_geometry& geometry = setting.geometry;
    const u64 page = geometry.page_size();
    const bool arm64 = geometry.arch().two_halves;
    constexpr u32 CPUS = 3;
    Cpus t(setting.config, CPUS, geometry, kernel_version::v6_1, page == 65536 ? 1024 : 64);
    t.sink = EventSink(); // nothing is stored: there are many
    if (watched) t.sink.listen(no_freed_page_is_known, &t);
    Rng rng(number + 77);
    const space_id kernel = t.space(true);
    const u64 block = geometry.size(1);
    const u64 bases[] = {arm64 ? geometry.size(geometry.root()) - block : 0x40000000 - block,
                         arm64 ? ~0ull << geometry.va_bits : 0xd0000000};
    const u64 phys_base = arm64 ? DEVICE : 0x10000000;
    const u64 window = 2 * block / page; // pages
    std::map<space_id, FlatSpace> flat{{kernel, {}}};
    u64 faults = 0, good = 0;
    for (int op = 0; op < 1500; ++op) {
        const u32 cpu = rng.below(CPUS);
        auto chosen = std::next(flat.begin(), rng.below(static_cast<u32>(flat.size())));
        const space_id space = chosen->first;
        const u64 base = bases[space == kernel];
        const u64 first = base + rng.below(static_cast<u32>(window)) * page;
        u64 size = (1 + rng.below(40)) * page;
        const u32 what = rng.below(20);
        if (what == 0 && flat.size() < 6) {
            const space_id fresh = t.space();
            ASSERT_NE(fresh, SPACE_NONE);
            flat[fresh] = {};
        } else if (what == 1 && space != kernel) {
            t.destroy(space);
            flat.erase(space);
        } else if (what < 5) {
            mmu_context cx = t.cx();
            const bool whole = rng.below(4) == 0; // a block
            const u64 start = whole ? first & ~(block - 1) : first;
            if (whole) size = block;
            const protection user[] = {protection::PAGE_READONLY, protection::PAGE_SHARED,
                                       protection::PAGE_READONLY_EXEC};
            const protection own[] = {protection::PAGE_KERNEL_RO, protection::PAGE_KERNEL, protection::PAGE_KERNEL_ROX};
            const u32 kind = rng.below(3);
            const phys_addr_t phys = phys_base + (start - base) + (rng.below(3) ? 0 : page);
            const pgprot_t prot = pgprot_of(t.mmu.format, (space == kernel ? own : user)[kind]);
            const map_result result = map_range(cx, {space, start, phys, size, prot});
            for (u64 at = 0; at < result.bytes; at += page)
                chosen->second[start + at] = {phys + at, kind == 1, kind == 2};
        } else if (what < 8) {
            t.unmap(space, first, size);
            for (u64 at = 0; at < size; at += page) chosen->second.erase(first + at);
        } else if (what < 10) {
            // Protections change page by page: blocks and rows are split by unmapping, so only single pages are changed.
            const walk_result way = walk(t.mmu, space, first);
            if (way.found && way.leaf_size == page && !pte_cont(t.mmu.format, way.last().entry)) {
                const u32 kind = rng.below(2);
                t.protect(space, first, page,
                          space == kernel ? (kind ? protection::PAGE_KERNEL : protection::PAGE_KERNEL_RO)
                                          : (kind ? protection::PAGE_SHARED : protection::PAGE_READONLY));
                chosen->second[first].write = kind;
                chosen->second[first].exec = false;
            }
        } else if (what == 10) {
            t.run(cpu, rng.below(8) == 0 ? SPACE_NONE : space);
        }
        for (int i = 0; i < 12; ++i) {
            const u32 on = rng.below(CPUS);
            const space_id running = t.mmu.tlb.cpus[on].space;
            const bool high = running == SPACE_NONE || rng.below(3) == 0;
            const space_id of = high ? kernel : running;
            const u64 address = bases[high] + rng.below(static_cast<u32>(window + 40)) * page + rng.below(4096);
            const auto kind = static_cast<access_kind>(rng.below(3));
            const bool user = !high;
            const access_result result = t.touch(address, kind, user, on);
            trail.insert(trail.end(), {result.phys, result.address, result.syndrome, result.hit, result.nr_cured,
                                       static_cast<u64>(result.fault), t.sink.count()});
            const auto known = flat[of].find(address & ~(page - 1));
            const bool there = known != flat[of].end();
            const bool no_nx = geometry.format == table_format::i386;
            const bool may =
                there && (kind == access_kind::read || (kind == access_kind::write && known->second.write) ||
                          (kind == access_kind::exec && (known->second.exec || no_nx)));
            ASSERT_FALSE(result.unknown) << "op " << op;
            ASSERT_FALSE(result.stale) << "op " << op;
            ASSERT_EQ(result.ok(), may) << "op " << op << " CPU " << on << std::hex << " " << address;
            if (may) {
                ASSERT_EQ(result.phys, known->second.phys + (address & (page - 1))) << "op " << op;
                ++good;
            } else {
                ASSERT_EQ(result.fault, there ? fault_kind::permission : fault_kind::translation) << "op " << op;
                ++faults;
            }
        }
        if (op % 25 == 0) {
            const auto broken = verify_mmu(t.mmu, t.mem);
            ASSERT_FALSE(broken.has_value()) << "op " << op << ": " << *broken;
        }
    }
    EXPECT_GT(good, 500u);
    EXPECT_GT(faults, 500u);
    u64 hits = 0;
    for (u32 cpu = 0; cpu < CPUS; ++cpu) hits += t.counters(cpu).hits;
    EXPECT_GT(hits, 0u);
    Hasher hasher;
    hash_mmu(t.mmu, hasher);
    trail.push_back(hasher.value());
}

class RandomTranslation : public testing::TestWithParam<std::size_t> {};

TEST_P(RandomTranslation, IsThatOfAFlatTable) {
    Trail unwatched, watched;
    run_random(GetParam(), false, unwatched);
    ASSERT_FALSE(HasFatalFailure());
    run_random(GetParam(), true, watched);
    EXPECT_EQ(unwatched, watched) << "an access that nobody watches takes another way";
}

INSTANTIATE_TEST_SUITE_P(AllSettings, RandomTranslation, testing::Range<std::size_t>(0, settings().size()));

} // namespace
} // namespace mm::test
