#pragma once
// memblock: what memory there is, and what of it is taken, before the page allocator runs.
//
//   memory     [1000 ── 9f000)   [100000 ─────────────────────────── 3ffd6000)    what firmware says
//   reserved  [0 ──────── 100000)    [1000000 ── 4411000)  [3f844000 ── 3ffd0000)  image, initrd, all that was allocated
//   free                         [···)                   [···)                [·)  memory without reserved
//
// A list is an array of regions in ascending order. The array is static at first, 128 regions; a list that is full gets one
// of twice the size, which is reserved memory itself.
//
// Shapes: ranges are [base, base + size), in bytes, not in pages. Errors: false, and 0 as an address, stand for -ENOMEM.
// Invariant: regions of a list are not empty, ascend and do not overlap; two that touch have different nodes.
//   total_size == Σ size + what memblock_trim_memory() has cut off: the kernel does not take that from the total.
//
// Models: memblock_add, remove, reserve, phys_free, set_node, trim_memory; allocation top-down and bottom-up, within
//   limits, on a node or near it; arrays that double.
// Not modelled: flags of regions (hotplug, mirror, nomap); the list physmem; arrays that come from the slab allocator.
//   The limit of bottom-up allocation to what is behind the kernel's image went with 5.11 and with 5.10's stable series.
// Mirrors: mm/memblock.c, include/linux/memblock.h (Linux 5.10.223, 6.1, 6.12).
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/hash.h"
#include "physical/kernel_rules.h"

namespace mm {

inline constexpr int NUMA_NO_NODE = -1;
inline constexpr u32 INIT_MEMBLOCK_REGIONS = 128;
// Where the arrays stop to double here: a range that runs over a whole list moves what is behind each of its regions.
inline constexpr u32 MAX_MEMBLOCK_REGIONS = 2048;
inline constexpr phys_addr_t MEMBLOCK_ALLOC_ANYWHERE = ~phys_addr_t{0};
inline constexpr phys_addr_t MEMBLOCK_ALLOC_ACCESSIBLE = 0; // as max_addr: up to memblock.current_limit
inline constexpr u64 SMP_CACHE_BYTES = 64;

struct memblock_region {
    phys_addr_t base = 0;
    u64 size = 0;
    i16 nid = NUMA_NO_NODE;

    [[nodiscard]] phys_addr_t end() const { return base + size; }
    friend bool operator==(const memblock_region&, const memblock_region&) = default;
};

struct memblock_type {
    std::vector<memblock_region> regions;
    u32 max = INIT_MEMBLOCK_REGIONS; // regions that the array has room for
    u64 total_size = 0;
    phys_addr_t array =
        0; // where a doubled array stands; 0: it is the static one, or firmware's lists needed it before

    [[nodiscard]] u64 held() const; // Σ size
};

enum class memblock_list : u8 { memory, reserved };
inline constexpr std::string_view memblock_list_names[] = {"memory", "reserved"};

// kernel: struct memblock
struct memblock_state {
    memblock_type memory;
    memblock_type reserved;
    phys_addr_t current_limit = MEMBLOCK_ALLOC_ANYWHERE;
    bool bottom_up = false;
    bool can_resize = false; // memblock_allow_resize() was called
    bool filled = false;     // the lists are there: made from a profile, or begun empty for ops
    bool by_ops = false;     // an op has changed something: the lists are no longer those of the profile
    bool discarded = false;  // thrown away after boot (memblock_discard)

    [[nodiscard]] memblock_type& list(memblock_list which) {
        return which == memblock_list::memory ? memory : reserved;
    }
    [[nodiscard]] const memblock_type& list(memblock_list which) const {
        return which == memblock_list::memory ? memory : reserved;
    }
};

// What of memblock the machine decides.
struct memblock_config {
    kernel_rules rules;
    u32 page_size = 4096;
    u32 region_bytes = 24;               // sizeof(struct memblock_region)
    phys_addr_t phys_addr_max = ~u64{0}; // PHYS_ADDR_MAX
    bool numa = true;                    // CONFIG_NUMA: regions have nodes
    bool keeps = true;                   // CONFIG_ARCH_KEEP_MEMBLOCK: the lists stay after boot
};

struct memblock_context {
    memblock_state& blocks;
    EventSink& sink;
    const memblock_config& config;
};

[[nodiscard]] bool memblock_add_range(memblock_context& cx, memblock_list which, phys_addr_t base, u64 size,
                                      i16 nid = NUMA_NO_NODE);
[[nodiscard]] bool memblock_remove_range(memblock_context& cx, memblock_list which, phys_addr_t base, u64 size);
[[nodiscard]] bool memblock_set_node(memblock_context& cx, memblock_list which, phys_addr_t base, u64 size, i16 nid);
// Each region of the memory list is cut to whole units of `align`, a power of two.
void memblock_trim_memory(memblock_context& cx, u64 align);

struct memblock_request {
    u64 size = 0;
    u64 align = SMP_CACHE_BYTES;
    phys_addr_t min_addr = 0;
    phys_addr_t max_addr = MEMBLOCK_ALLOC_ACCESSIBLE;
    i16 nid = NUMA_NO_NODE;
    bool exact_nid = false;
    bool may_drop_min = true; // memblock_alloc*(); memblock_phys_alloc_range() keeps min_addr
};
// Finds a hole, and reserves the range. 0: there is none.
[[nodiscard]] phys_addr_t memblock_alloc(memblock_context& cx, const memblock_request& request);

// A part of a memory region that nothing reserves.
struct memblock_hole {
    phys_addr_t start = 0, end = 0;
    i16 nid = NUMA_NO_NODE;
};
// Ascending; of every node, or of one. kernel: for_each_free_mem_range
[[nodiscard]] std::vector<memblock_hole> memblock_holes(const memblock_state& blocks, i16 nid = NUMA_NO_NODE);

// As the kernel counts: see kernel_rules::memblock_counts_dummy().
[[nodiscard]] u32 memblock_cnt(const kernel_rules& rules, const memblock_type& list);
// Bytes of an array, in whole pages when it was allocated.
[[nodiscard]] u64 memblock_array_bytes(const memblock_config& config, u32 max);

// The text of debugfs memblock/memory or memblock/reserved.
[[nodiscard]] std::string memblock_text(const memblock_state& blocks, const memblock_config& config,
                                        memblock_list which);

[[nodiscard]] std::optional<std::string> verify_memblock(const memblock_state& blocks);
// Of lists that a profile determines nothing is hashed.
void hash_memblock(const memblock_state& blocks, Hasher& hasher);

} // namespace mm
