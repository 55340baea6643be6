#pragma once
// What a machine is before it boots: its memory, nodes, CPUs and kernel. And, for a recorded machine, the exact state
// of its page allocator, so that a recording can be continued.
//
// Shapes: addresses and sizes in bytes; ranges are [start, start + size). Ownership: plain values.
#include <optional>
#include <string>
#include <vector>

#include "base/told.h"
#include "physical/memory.h"

namespace mm {

enum class architecture : u8 { arm64, x86_64, i386 };

[[nodiscard]] constexpr std::string_view architecture_name(architecture arch) {
    switch (arch) {
    case architecture::arm64: return "arm64";
    case architecture::x86_64: return "x86_64";
    case architecture::i386: return "i386";
    }
    return "";
}

struct memory_region {
    phys_addr_t start = 0;
    u64 size = 0;
    u8 node = 0;
};

// Sizes and counts of a recorded CPU's lists are bounded, so that what the kernel's rules make of them fits in 32 bits.
inline constexpr i32 MAX_PCP_PAGES = 1 << 24;

struct recorded_zone {
    u8 node = 0;
    zone_type type = zone_type::normal;
    pfn_t start_pfn = 0;
    u32 spanned_pages = 0;
    u32 present_pages = 0;
    u32 managed_pages = 0;
    u32 cma_pages = 0;
    i64 nr_free_pages = -1; // as the kernel printed it, without the CPUs' deltas; -1: take it from the lists
    i64 nr_free_cma = -1;
    std::array<u32, NR_WMARK> watermark{}; // without boost
    u32 watermark_boost = 0;
    u32 nr_reserved_highatomic = 0;
    struct free_list {
        u8 order = 0;
        migratetype type = MIGRATE_UNMOVABLE;
        std::vector<pfn_t> pfns; // list order, head first
    };
    std::vector<free_list> free_lists;
    struct cpu_pages {
        u16 cpu = 0;
        i32 count = 0, high = 0, batch = 0;
        i32 high_min = 0, high_max = 0, flags = 0, alloc_factor = 0, free_factor = 0, free_count = 0;
        struct list {
            u8 index = 0;
            std::vector<pfn_t> pfns;
        };
        std::vector<list> lists;
        // Pages of these lists that remember another type than their pageblock's (kernel_rules::pcp_remembers_type).
        struct remembered_type {
            migratetype type = MIGRATE_UNMOVABLE;
            std::vector<pfn_t> pfns;
        };
        std::vector<remembered_type> remembered;
    };
    std::vector<cpu_pages> cpus;
    struct block_run {
        pfn_t pfn = 0;
        u32 count = 0; // pageblocks
        i32 type = 0;  // migratetype; -2: no memory there
    };
    std::vector<block_run> block_types;
};

// kernelcore= or movablecore= of the kernel command line. Percent, where given, goes before bytes; both 0: not given.
struct core_size {
    u64 bytes = 0;
    u8 percent = 0;

    [[nodiscard]] bool given() const { return bytes > 0 || percent > 0; }
};

enum class slab_allocator : u8 { slub, slab, slob };

[[nodiscard]] constexpr std::string_view slab_allocator_name(slab_allocator allocator) {
    switch (allocator) {
    case slab_allocator::slub: return "slub";
    case slab_allocator::slab: return "slab";
    case slab_allocator::slob: return "slob";
    }
    return "";
}

// How the kernel's slab allocator is configured (engine/slab). Defaults: Debian's kernels.
struct slab_config {
    slab_allocator allocator = slab_allocator::slub;
    bool freelist_random = true;   // CONFIG_SLAB_FREELIST_RANDOM
    bool freelist_hardened = true; // CONFIG_SLAB_FREELIST_HARDENED
    bool cpu_partial = true;       // CONFIG_SLUB_CPU_PARTIAL
    bool merge = true;             // CONFIG_SLAB_MERGE_DEFAULT; slab_nomerge on the command line turns it off
    bool alien_caches = true;      // SLAB: noaliencache turns them off
    u32 debug = 0;                 // slub_debug=: SLAB_CONSISTENCY_CHECKS, RED_ZONE, POISON, STORE_USER for all caches
    u8 min_order = 0;              // slub_min_order=
    u8 max_order = 3;              // slub_max_order=
    i8 slab_max_order = -1;        // SLAB: slab_max_order=; -1: 1 with more than 32 MiB of memory, else 0
    u32 min_objects = 0;           // slub_min_objects=; 0: by the number of CPUs
    u32 cache_line_size = 64;
    u32 kmalloc_min_size = 0; // 0: as the architecture and version have it
    u64 seed = 1;             // of the kernel's random numbers

    friend bool operator==(const slab_config&, const slab_config&) = default;
};

// What the MMU of a CPU does to accessed and dirty bits (arm64: ID_AA64MMFR0_EL1.HAFDBS; i386 CPUs do both).
enum class hardware_update : u8 {
    none, // the first access and the first write fault, and the kernel sets the bits
    af,   // hardware sets the access flag
    dbm,  // and clears "read-only" of writable entries at the first write
};

[[nodiscard]] constexpr std::string_view hardware_update_name(hardware_update update) {
    switch (update) {
    case hardware_update::none: return "none";
    case hardware_update::af: return "af";
    case hardware_update::dbm: return "dbm";
    }
    return "";
}

// The TLB of each CPU (engine/mmu/tlb.h). 0, and -1 for walk_entries: as the usual CPU has it, which is Cortex-A57 or A72 on
// arm64 (1024 entries in 4 ways, 16 bits of ASID, 44 bits of physical address) and Pentium II on i386 (64 entries in 4 ways).
struct tlb_config {
    u32 entries = 0;
    u32 ways = 0;
    i32 walk_entries = -1; // of the cache of intermediate tables; 0: there is none
    u8 asid_bits = 0;      // 8 or 16
    u8 pa_bits = 0;        // of physical addresses that the CPU can put out (ID_AA64MMFR0_EL1.PARange)
    hardware_update hafdbs = hardware_update::none;

    friend bool operator==(const tlb_config&, const tlb_config&) = default;
};
inline constexpr u32 MAX_TLB_ENTRIES = 4096;
inline constexpr u32 MAX_TLB_WAYS = 16;
inline constexpr i32 MAX_WALK_ENTRIES = 512;

// What the VMAs of a process are found by (engine/process/vma_index.h).
enum class vma_index_kind : u8 { automatic, avl, rbtree, maple };

[[nodiscard]] constexpr std::string_view vma_index_name(vma_index_kind kind) {
    switch (kind) {
    case vma_index_kind::automatic: return "auto";
    case vma_index_kind::avl: return "avl";
    case vma_index_kind::rbtree: return "rbtree";
    case vma_index_kind::maple: return "maple";
    }
    return "";
}

struct machine_profile {
    // Made once, not in every file that copies one.
    machine_profile();
    ~machine_profile();
    machine_profile(const machine_profile&);
    machine_profile(machine_profile&&) noexcept;
    machine_profile& operator=(const machine_profile&);
    machine_profile& operator=(machine_profile&&) noexcept;

    std::string name = "arm64-1g";
    std::string title_en;
    std::string title_zh;
    architecture arch = architecture::arm64;
    kernel_version kernel = kernel_version::v6_1;
    u32 page_size = 4096;
    u16 cpus = 1;
    u8 nodes = 1;
    std::vector<u8> cpu_node;              // by CPU; empty: CPUs spread evenly over nodes
    std::vector<std::vector<u8>> distance; // node_distance(); empty: 10 to itself, 20 to others
    std::vector<memory_region> memory;     // memblock.memory; a machine's is as memblock has it (memblock_profile.h)
    std::vector<memory_region> reserved;   // memblock.reserved, kept for good (node is not used)
    bool memblock_empty = false;           // boot begins with empty lists: ops tell memblock what there is
    std::vector<memory_region> cma;        // reserved areas that the buddy allocator gets as MIGRATE_CMA
    std::vector<memory_region> device;     // memory of a device, with struct pages: ZONE_DEVICE
    std::optional<bool> check_pages;       // kernel_rules::check_pages; not given: as the kernel is built
    bool init_on_alloc = true;             // init_on_alloc= and init_on_free= of the command line (init_memory.h)
    bool init_on_free = false;
    core_size kernelcore;      // at least so much stays outside ZONE_MOVABLE
    core_size movablecore;     // so much goes to ZONE_MOVABLE
    u32 highmem_start_pfn = 0; // i386: first frame of ZONE_HIGHMEM; 0: 896 MiB less the kernel's own
    vm_sysctl sysctl;          // min_free_kbytes 0: computed at boot; ratio all 0: the kernel's
    slab_config slab;
    tlb_config tlb;
    vma_index_kind vma_index = vma_index_kind::automatic; // by kernel: a red-black tree, since 6.1 a maple tree
    std::vector<recorded_zone> recorded;                  // not empty: continue this state instead of booting
};

// The kinds of zones that Debian's kernel of this architecture is built with, lowest first.
[[nodiscard]] std::vector<zone_type> zone_layout(architecture arch, kernel_version kernel);

// First frame of HighMem on i386: as the profile says, or as Debian's kernel has it.
[[nodiscard]] pfn_t highmem_start(const machine_profile& profile);

// Has this kernel ZONE_DEVICE (CONFIG_ZONE_DEVICE)?
[[nodiscard]] bool has_zone_device(architecture arch, kernel_version kernel);

// By what SLUB's tid grows (TID_STEP): where CONFIG_PREEMPTION is on, by the power of two that is not below CONFIG_NR_CPUS, so
// that each CPU has tids of its own; elsewhere by 1. Debian's 6.1 and 6.12 for PCs have it (PREEMPT_DYNAMIC).
[[nodiscard]] u32 slub_tid_step(architecture arch, kernel_version kernel);

// Limits that keep untrusted profiles cheap: at most 64 GiB of frames, MAX_NODES, MAX_CPUS, MAX_POPULATED_ZONES.
inline constexpr u64 MAX_MEMORY_PAGES = 1ull << 24;

// Memory ends at this frame at the latest. pfn_t counts further: behind the memory stand the rest of its last block, and tables
// of a machine that reserves no frames for those it boots with (boot_frames.h). i386 has entries of 32 bits.
[[nodiscard]] frame_t frame_limit(architecture arch);

// Why these bytes cannot be memory: they end behind frame_limit(); empty: they can.
[[nodiscard]] Told behind_all_frames(const machine_profile& profile, u64 start, u64 end);

// Checks a profile as a whole; memory and reserved may be as firmware gives them. The path in the error is relative to the
// profile ("memory[1].start").
[[nodiscard]] std::optional<Error> check_profile(const machine_profile& profile);

// Declared memory for a machine without recorded regions: `bytes` split evenly over `nodes`, from the address where
// the architecture's RAM begins, with the kernel image and each node's mem_map reserved.
void declare_memory(machine_profile& profile, u64 bytes);

} // namespace mm
