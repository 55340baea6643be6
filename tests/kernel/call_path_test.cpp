// The functions that call paths name, by kernel version and architecture. By hand from mm/vmalloc.c, mm/ioremap.c, lib/ioremap.c
// (5.10), arch/*/mm/ioremap.c, mm/memory.c and mm/highmem.c.
#include "kernel/bench.h"
#include "kernel/ioremap.h"
#include "kernel/kmap.h"
#include "mmu/events.h"
#include "mmu/tlb_events.h"
#include "physical/events.h"

namespace mm {
namespace {

using test::KernelBench;
using enum kernel_version;

constexpr u64 MiB = u64{1} << 20;
constexpr phys_addr_t DEVICE = u64{1} << 36; // behind all memory

struct PathBench : KernelBench {
    using KernelBench::KernelBench;

    u64 map_device(phys_addr_t phys, u64 size) {
        kernel_context context = cx();
        return ioremap(context, phys, size, ioremap_memory::device);
    }
    void unmap_device(u64 address) {
        kernel_context context = cx();
        EXPECT_TRUE(iounmap(context, address));
    }
    // "vfree > remove_vm_area" of the last event of a kind; "": there was none.
    template <class Kind>
    [[nodiscard]] std::string path_of(Kind kind) const {
        for (std::size_t i = events.size(); i > 0; --i) {
            const Event& event = events[i - 1];
            if (event.kind != static_cast<u16>(kind)) continue;
            std::string text;
            for (int at = 0; at < event.depth; ++at)
                text += (at ? " > " : "") + std::string(function_name(event.path[static_cast<std::size_t>(at)]));
            return text;
        }
        return "";
    }
    // The last functions of the paths of all events of a kind, each once, in order.
    template <class Kind>
    [[nodiscard]] std::string makers_of(Kind kind) const {
        std::string text;
        for (const Event& event : events)
            if (event.kind == static_cast<u16>(kind) && event.depth > 0) {
                const std::string name(function_name(event.path[event.depth - 1u]));
                if ((" " + text + " ").find(" " + name + " ") == std::string::npos)
                    text += (text.empty() ? "" : " ") + name;
            }
        return text;
    }
};

TEST(CallPath, OfIoremap) {
    struct Row {
        kernel_version version;
        const char* ioremap;
        const char* huge;
        const char* page;
    };
    constexpr Row rows[] = {
        {v5_10, "__ioremap_caller", "ioremap_try_huge_pmd", "ioremap_pte_range"},
        {v6_1, "ioremap_prot", "vmap_try_huge_pmd", "vmap_pte_range"},
        {v6_12, "generic_ioremap_prot", "vmap_try_huge_pmd", "vmap_pte_range"},
    };
    for (const Row& row : rows) {
        PathBench bench(64, architecture::arm64, row.version);
        const std::string path = std::string(row.ioremap) + " > ioremap_page_range > ";
        ASSERT_NE(bench.map_device(DEVICE, 2 * MiB), 0u);
        EXPECT_EQ(bench.path_of(mmu_event::entries_set), path + row.huge);
        ASSERT_NE(bench.map_device(DEVICE + 4096, 2 * MiB), 0u); // pages, of a table of their own
        EXPECT_EQ(bench.path_of(mmu_event::entries_set), path + row.page);
        EXPECT_EQ(bench.path_of(mmu_event::table_allocated), path + row.page + " > __pte_alloc_kernel");
    }
    PathBench bench(1024, architecture::i386);
    ASSERT_NE(bench.map_device(0xfe000000, 4096), 0u);
    EXPECT_EQ(bench.path_of(mmu_event::entries_set), "__ioremap_caller > ioremap_page_range > vmap_pte_range");
}

TEST(CallPath, OfVmallocAndVfree) {
    struct Row {
        kernel_version version;
        const char* pages;
        const char* map;
        const char* unmap;
    };
    constexpr Row rows[] = {
        {v5_10, "__vmalloc_area_node", "map_kernel_range_noflush", "unmap_kernel_range_noflush"},
        {v6_1, "vm_area_alloc_pages", "vmap_pages_range", "vunmap_range_noflush"},
        {v6_12, "vm_area_alloc_pages", "vmap_pages_range", "vunmap_range_noflush"},
    };
    for (const Row& row : rows) {
        PathBench bench(64, architecture::arm64, row.version);
        kernel_context cx = bench.cx();
        const u64 address = vmalloc_node(cx, 8192, GFP_KERNEL, -1, 0);
        ASSERT_NE(address, 0u);
        const std::string vmalloc = "__vmalloc_node_range > ";
        EXPECT_EQ(bench.path_of(kernel_event::vmalloc_pages), vmalloc + row.pages);
        EXPECT_EQ(bench.path_of(mmu_event::pages_mapped), vmalloc + row.map);
        EXPECT_TRUE(vfree(cx, address));
        EXPECT_EQ(bench.path_of(mmu_event::entries_cleared), std::string("vfree > remove_vm_area > ") + row.unmap);
        EXPECT_EQ(bench.path_of(kernel_event::vmap_area_lazy), "vfree > remove_vm_area > free_vmap_area_noflush");
        const std::vector<pfn_t> pages{bench.alloc(GFP_KERNEL)};
        kernel_context again = bench.cx();
        const u64 shown = vmap(again, pages);
        EXPECT_TRUE(vunmap(again, shown));
        EXPECT_EQ(bench.path_of(mmu_event::entries_cleared), std::string("vunmap > remove_vm_area > ") + row.unmap);
    }
}

// arm64's iounmap() is vunmap(); x86's looks the area up, and takes it away itself.
TEST(CallPath, OfIounmap) {
    PathBench arm64(64);
    arm64.unmap_device(arm64.map_device(DEVICE, 4096));
    EXPECT_EQ(arm64.path_of(mmu_event::entries_cleared), "iounmap > vunmap > remove_vm_area > vunmap_range_noflush");
    EXPECT_EQ(arm64.count(kernel_event::vunmap), 1);
    PathBench i386(1024, architecture::i386);
    i386.unmap_device(i386.map_device(0xfe000000, 4096));
    EXPECT_EQ(i386.path_of(mmu_event::entries_cleared), "iounmap > remove_vm_area > vunmap_range_noflush");
    EXPECT_EQ(i386.count(kernel_event::vunmap), 0);
    i386.expect_sound();
}

// A pte table that ioremap() once filled gives way to its block: unlinked, forgotten by walk caches, freed.
TEST(CallPath, OfATableThatGivesWayToABlock) {
    for (const kernel_version version : {v5_10, v6_1, v6_12}) {
        PathBench bench(64, architecture::arm64, version);
        const u64 pages = bench.map_device(DEVICE + 4096, 2 * MiB);
        bench.unmap_device(pages);
        kernel_context cx = bench.cx();
        purge_vmap_areas(cx);
        bench.events.clear();
        ASSERT_EQ(bench.map_device(DEVICE, 2 * MiB), pages - pages % (2 * MiB)) << "the same addresses";
        const std::string path = bench.path_of(mmu_event::entries_set) + " > pmd_free_pte_page";
        EXPECT_EQ(bench.path_of(mmu_event::table_unlinked), path);
        EXPECT_EQ(bench.path_of(tlb_event::tlbi), path + " > __flush_tlb_kernel_pgtable");
        EXPECT_EQ(bench.path_of(mmu_event::table_freed), path);
        bench.expect_sound();
    }
}

TEST(CallPath, OfTablesOfEachLevel) {
    PathBench bench(64);
    mmu_context mmu{bench.machine.mmu, {bench.machine.physical, bench.sink, 0, 1}};
    const space_id space = create_space(mmu, false);
    const std::vector<pfn_t> pages{bench.alloc(GFP_KERNEL)};
    bench.events.clear();
    ASSERT_EQ(
        map_pages(mmu, space, 0x400000, pages, pgprot_of(bench.machine.mmu.format, protection::PAGE_SHARED)).error,
        map_error::none);
    EXPECT_EQ(bench.makers_of(mmu_event::table_allocated), "__pud_alloc __pmd_alloc __pte_alloc");
    bench.events.clear();
    const pgprot_t prot = pgprot_of(bench.machine.mmu.format, protection::PAGE_READONLY);
    ASSERT_EQ(map_range(mmu, {space, u64{1} << 40, DEVICE, 4096, prot}).error, map_error::none);
    EXPECT_EQ(bench.makers_of(mmu_event::table_allocated), "pgd_pgtable_alloc");
    EXPECT_EQ(bench.path_of(mmu_event::table_allocated),
              "__create_pgd_mapping > alloc_init_cont_pte > pgd_pgtable_alloc");
    EXPECT_EQ(bench.path_of(mmu_event::entries_set), "__create_pgd_mapping > alloc_init_cont_pte");
    bench.events.clear();
    destroy_space(mmu, space);
    EXPECT_EQ(bench.path_of(mmu_event::entries_cleared), "exit_mmap > unmap_page_range");
    EXPECT_EQ(bench.path_of(mmu_event::table_unlinked), "exit_mmap > free_pgtables");
    EXPECT_EQ(bench.path_of(tlb_event::tlbi), "exit_mmap > tlb_finish_mmu > flush_tlb_mm");
    EXPECT_EQ(bench.path_of(mmu_event::table_freed), "exit_mmap > tlb_finish_mmu");
    EXPECT_EQ(bench.path_of(mmu_event::pgd_freed), "pgd_free");
}

// kunmap_local() invalidates one page on its own CPU. kernel: arch_kmap_local_post_unmap; 5.10: kpte_clear_flush
TEST(CallPath, OfKmapLocal) {
    for (const kernel_version version : {v5_10, v6_1, v6_12}) {
        PathBench bench(1024, architecture::i386, version, 1, 2);
        const pfn_t pfn = bench.alloc(GFP_KERNEL | GFP_BIT_HIGHMEM);
        kernel_context cx = bench.cx();
        const u64 address = kmap_local(cx, pfn, kmap_kind::atomic);
        ASSERT_NE(address, 0u);
        EXPECT_EQ(bench.path_of(kernel_event::kmap_local),
                  version == v5_10 ? "kmap_atomic_high_prot" : "__kmap_local_page_prot");
        EXPECT_TRUE(kunmap_local(cx, address));
        const std::string path = version == v5_10 ? "kunmap_atomic_high" : "kunmap_local_indexed";
        EXPECT_EQ(bench.path_of(tlb_event::tlbi), path + " > flush_tlb_one_kernel");
        int flushes = 0;
        for (const Event& event : bench.events) {
            if (event.kind != static_cast<u16>(tlb_event::tlbi)) continue;
            ++flushes;
            EXPECT_EQ(static_cast<tlbi_op>(event.arg[0]), tlbi_op::invlpg);
            EXPECT_EQ(event.arg[5], 1) << "CPUs";
        }
        EXPECT_EQ(flushes, 1);
        bench.expect_sound();
    }
}

// A pgd of 16 or 512 bytes is an object of pgd_cache in the kernel. arch/arm64/mm/pgd.c: PGD_SIZE == PAGE_SIZE
TEST(CallPath, APgdSmallerThanAPageSaysWhereItComesFrom) {
    struct Row {
        u32 page_size;
        i64 entries, bytes;
        bool shared;
    };
    for (const Row& row : {Row{4096, 512, 4096, false}, Row{16384, 2, 16, true}, Row{65536, 64, 512, true}}) {
        PathBench bench(1024, architecture::arm64, v6_1, 1, 1, row.page_size);
        mmu_context mmu{bench.machine.mmu, {bench.machine.physical, bench.sink, 0, 1}};
        ASSERT_NE(create_space(mmu, false), SPACE_NONE);
        const Event& event = bench.events.back();
        ASSERT_EQ(event.kind, static_cast<u16>(mmu_event::pgd_allocated));
        EXPECT_EQ(event.arg[2], row.entries);
        EXPECT_EQ(event.arg[4], row.bytes);
        EXPECT_EQ(event.arg[5] != 0, row.shared);
    }
}

} // namespace
} // namespace mm
