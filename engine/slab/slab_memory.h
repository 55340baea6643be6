#pragma once
// slab_memory: all state of the slab allocators of one machine, as one copyable value. Start here.
//
//   kmem_cache ─┬─► kmem_cache_cpu (SLUB) or array_cache (SLAB), one a CPU ─┐
//               └─► kmem_cache_node, one a node: lists of slabs ────────────┴─► slab: one record a block of pages
//                                                                               └─► links: one entry an object
//
// A machine has one of the three allocators (slab_config::allocator), as a kernel is built with one. SLUB and SLAB share
// the records below; SLOB keeps its units in pages of its own (slob.h).
//
// Links are indices, never pointers. Everything that can be large is copy-on-write (base/cow_array.h).
// Objects are known by physical address, as kfree() knows them by address: page -> slab -> index.
//
// Simplified: the memory of the descriptors themselves (struct kmem_cache and what it points to) is not taken from the
//   page allocator; random_seq and array_cache take none either. Slabs do. An object that is freed to another cache where
//   nobody checks it (wrong_cache_unnoticed) goes by its own cache's lists, counts and free pointer.
// Mirrors: include/linux/slub_def.h, slab_def.h, mm/slab.h (Linux 6.1; 5.10 and 6.12 where a field says so).
#include <array>
#include <vector>

#include "base/cow_array.h"
#include "base/names.h"
#include "physical/gfp.h"
#include "physical/linear_map.h"
#include "physical/memory.h"
#include "physical/profile.h"
#include "slab/rcu_memory.h"
#include "slab/slab_flags.h"

namespace mm {

using cache_id = u16;
using slab_id = u32;
using obj_index = u16;

inline constexpr cache_id CACHE_NONE = 0xffff;
inline constexpr slab_id SLAB_NONE = 0xffffffffu;
inline constexpr obj_index OBJ_NONE = 0x7fff;    // the end of a freelist
inline constexpr phys_addr_t ADDR_NULL = 0;      // what a failed allocation returns: no zone gives frame 0 away
inline constexpr phys_addr_t ZERO_SIZE_PTR = 16; // what kmalloc(0) returns
inline constexpr u32 RUN_NONE = 0xffffffffu;
inline constexpr u32 MAX_CACHES = 4096; // kept small on purpose: a scenario may not exhaust memory
inline constexpr u32 MAX_OBJS_PER_SLAB = 32767;

// An object of a slab: where it stands on the freelist, and whether somebody holds it. Two bytes an object.
//   SLUB: next is the object after it on its freelist. SLAB: entry i is freelist[i], the kernel's array of free indices.
struct object_link {
    u16 bits = 0;

    [[nodiscard]] obj_index next() const { return bits & OBJ_NONE; }
    [[nodiscard]] bool allocated() const { return bits >> 15; } // by the last alloc or free of this object
    void set_next(obj_index index) { bits = static_cast<u16>((bits & 0x8000u) | index); }
    void set_allocated(bool held) { bits = static_cast<u16>((bits & 0x7fffu) | (held ? 0x8000u : 0u)); }
};
static_assert(sizeof(object_link) == 2);

// Where a slab stands. SLUB uses the first five, SLAB full, partial and free.
enum class slab_place : u8 { none, cpu, cpu_partial, node_partial, node_full, node_free };

// One block of pages cut into objects. kernel: struct slab
struct slab {
    pfn_t pfn = 0;
    cache_id cache = CACHE_NONE; // CACHE_NONE: the record is free, next is the next free record
    u16 inuse = 0;               // SLUB: objects not on `freelist` (those of a CPU's own freelist count as in use).
                                 // SLAB: slab->active, objects that callers or arrays hold
    u16 objects = 0;
    obj_index freelist = OBJ_NONE; // SLUB: head. SLAB: the free object that the index array stands in, if any
    u8 order = 0;
    u8 node = 0;
    slab_place place = slab_place::none;
    u8 cpu = 0;                         // whose, when place is cpu or cpu_partial
    bool frozen = false;                // SLUB: belongs to a CPU; no list of the node has it
    bool corrupt = false;               // misuse has damaged its freelist or counters: invariants no longer hold
    u32 colour_off = 0;                 // SLAB: bytes before the first object
    u16 cpu_partial_slabs = 0;          // SLUB, on the head of a CPU's partial list: slabs (5.10: pages) on it
    u32 cpu_partial_objects = 0;        // SLUB of 5.10: pobjects, estimated free objects on it
    slab_id next = SLAB_NONE;           // on the list of its place
    slab_id prev = SLAB_NONE;           // unused on a CPU's partial list, which is linked one way
    u32 links = RUN_NONE;               // first of its `objects` entries in slab_memory::links
    phys_addr_t management = ADDR_NULL; // SLAB_OFF_SLAB: where kmalloc put the index array
    u32 content = RUN_NONE;             // first of its bytes in slab_memory::content; RUN_NONE: nobody looks at bytes
    u32 stamp = 0;                      // op that changed it last
};

// A list of slabs threaded through slab::next and slab::prev.
struct slab_list {
    slab_id first = SLAB_NONE;
    slab_id last = SLAB_NONE;
    u32 nr = 0;
};

// What each path did, the kernel's counters of CONFIG_SLUB_STATS. Order and names: enum stat_item of 6.1.
enum slub_stat : u8 {
    ALLOC_FASTPATH,
    ALLOC_SLOWPATH,
    FREE_FASTPATH,
    FREE_SLOWPATH,
    FREE_FROZEN,
    FREE_ADD_PARTIAL,
    FREE_REMOVE_PARTIAL,
    ALLOC_FROM_PARTIAL,
    ALLOC_SLAB,
    ALLOC_REFILL,
    ALLOC_NODE_MISMATCH,
    FREE_SLAB,
    CPUSLAB_FLUSH,
    DEACTIVATE_FULL,
    DEACTIVATE_EMPTY,
    DEACTIVATE_TO_HEAD,
    DEACTIVATE_TO_TAIL,
    DEACTIVATE_REMOTE_FREES,
    DEACTIVATE_BYPASS,
    ORDER_FALLBACK,
    CPU_PARTIAL_ALLOC,
    CPU_PARTIAL_FREE,
    CPU_PARTIAL_NODE,
    CPU_PARTIAL_DRAIN,
    NR_SLUB_STATS
};
inline constexpr std::array<std::string_view, NR_SLUB_STATS> slub_stat_names = {
    "alloc_fastpath",      "alloc_slowpath",      "free_fastpath",           "free_slowpath",     "free_frozen",
    "free_add_partial",    "free_remove_partial", "alloc_from_partial",      "alloc_slab",        "alloc_refill",
    "alloc_node_mismatch", "free_slab",           "cpuslab_flush",           "deactivate_full",   "deactivate_empty",
    "deactivate_to_head",  "deactivate_to_tail",  "deactivate_remote_frees", "deactivate_bypass", "order_fallback",
    "cpu_partial_alloc",   "cpu_partial_free",    "cpu_partial_node",        "cpu_partial_drain"};

// SLUB, one a cache and CPU: index cache * nr_cpus + cpu. kernel: struct kmem_cache_cpu
//
// What the fast paths have to know of `slab` stands here a second time, so that they look nothing else up.
// Invariant: objects and links are those of `slab`, first_object and size tell where its objects begin; without a slab
//   objects is 0. set_cpu_slab() sees to it.
struct kmem_cache_cpu {
    slab_id slab = SLAB_NONE;
    slab_id partial = SLAB_NONE;   // head of the CPU's partial list, newest first
    obj_index freelist = OBJ_NONE; // lockless freelist: objects of `slab` that only this CPU hands out
    u16 objects = 0;
    u32 links = 0;
    u64 tid = 0; // grows by tid_step with every operation
    phys_addr_t first_object = ADDR_NULL;
    u32 size = 0;
    u32 reciprocal_size = 0; // 2^32 / size, rounded up
    std::array<u32, NR_SLUB_STATS> stat{};
};

// SLAB, one a cache and CPU, and the shared and alien ones. kernel: struct array_cache
// Invariant: avail <= limit <= capacity of the run.
struct array_cache {
    u32 avail = 0;
    u32 limit = 0;
    u32 batchcount = 0;
    u32 touched = 0;
    u32 entries = RUN_NONE; // first of `capacity` entries in slab_memory::entries; the last one is taken first
    u32 capacity = 0;
    u32 hits = 0, misses = 0; // of alloc; the kernel's STATS counters
    u32 free_hits = 0, free_misses = 0;
};

inline constexpr u16 NO_CPU = 0xffff;

// What an entry of an array_cache is: an object.
struct object_ref {
    slab_id slab = SLAB_NONE;
    obj_index index = OBJ_NONE;
    u16 warm_cpu = 0; // the CPU that freed it, and whose cache it is warm in; NO_CPU: it comes from a slab

    friend bool operator==(const object_ref&, const object_ref&) = default;
};

// One a cache and node: index cache * nr_nodes + node. kernel: struct kmem_cache_node
struct kmem_cache_node {
    // SLUB: partial alone (nr_partial is partial.nr). SLAB: all three.
    slab_list partial;
    slab_list full;
    slab_list free;
    u32 nr_slabs = 0;
    u32 total_objects = 0;
    // SLAB
    u32 free_objects = 0;
    u32 free_limit = 0;
    u32 colour_next = 0;
    bool free_touched = false;
    u32 shared = RUN_NONE; // array in slab_memory::arrays
    u32 alien = RUN_NONE;  // first of nr_nodes arrays: objects of node i, freed on this node, wait in the i-th
};

// kernel: struct kmem_cache
struct kmem_cache {
    name_id name = NO_NAME;
    slab_flags_t flags = 0;
    gfp_t allocflags = 0;
    u32 object_size = 0; // as the caller asked for; grows when a larger cache merges into this one
    u32 size = 0;        // distance between objects, with metadata
    u32 inuse = 0;       // offset to the metadata
    u32 offset = 0;      // of the free pointer
    u32 align = 0;
    u32 red_left_pad = 0;
    u32 useroffset = 0, usersize = 0;
    u8 order = 0;     // oo
    u8 min_order = 0; // min
    bool ctor = false;
    bool alive = false; // false: destroyed, or the record was never used
    u16 objs = 0;
    u16 min_objs = 0;
    i16 refcount = 0;     // aliases + 1; -1: exempt from merging
    u16 kmalloc_type = 0; // enum kmalloc_cache_type + 1 when it is one of kmalloc's
    u32 min_partial = 0;
    u32 cpu_partial = 0;
    u32 cpu_partial_slabs = 0;
    u32 random_seq = RUN_NONE; // first of `objs` entries in slab_memory::links: the shuffled order of a slab's objects
    u32 next_random_start = 0; // where in random_seq the next slab begins; drawn ahead
    u64 random = 0;            // hardened freelist pointers are xored with it
    cache_id list_next = CACHE_NONE; // slab_caches, newest first
    cache_id list_prev = CACHE_NONE;
    // SLAB
    u32 num = 0;       // objects a slab
    u32 left_over = 0; // bytes of a slab that neither objects nor an on-slab index array need
    u32 colour = 0;    // how many different offsets a slab may begin with; 0 and 1: none but 0
    u32 colour_off = 0;
    u32 freelist_size = 0;
    u32 limit = 0, batchcount = 0, shared = 0;
    cache_id freelist_cache = CACHE_NONE; // where an off-slab index array comes from
    u32 cpu_cache = RUN_NONE;             // first of nr_cpus arrays in slab_memory::arrays
    u32 grown = 0, reaped = 0;
};

// A freed run keeps the next free run of its size in its first entries.
inline constexpr int NR_RUN_CLASSES = 20;

// Runs of entries in one array, by powers of two. Invariant: a run is in use, or on the list of its class.
struct run_pool {
    u32 end = 0;                          // entries used so far
    std::array<u32, NR_RUN_CLASSES> free; // heads, RUN_NONE when empty

    run_pool() { free.fill(RUN_NONE); }
};

enum kmalloc_cache_type : u8 { KMALLOC_NORMAL, KMALLOC_CGROUP, KMALLOC_RECLAIM, KMALLOC_DMA, NR_KMALLOC_TYPES };
inline constexpr int KMALLOC_SHIFT_MAX = 26; // slots of the table: indices 0 to 25

// An aliased name of a merged cache.
struct cache_alias {
    name_id name = NO_NAME;
    cache_id cache = CACHE_NONE;
};

// Which list of pages a SLOB page stands on. The kernel has no list of full pages; here it finds them for views and checks.
enum slob_list : u8 { SLOB_SMALL, SLOB_MEDIUM, SLOB_LARGE, SLOB_FULL, NR_SLOB_LISTS };

// A page that SLOB cuts up. kernel: struct slab (5.10: struct page), the fields of SLOB
struct slob_page {
    pfn_t next = PFN_NONE; // on its list, in search order
    pfn_t prev = PFN_NONE;
    u32 run = RUN_NONE; // first of its blocks in slab_memory::slob_records; RUN_NONE: not a page of SLOB
    u16 blocks = 0;     // how many there are
    u16 capacity = 0;   // of the run
    u16 units = 0;      // free units
    u16 freelist = 0;   // first unit of the first free block; behind the page when there is none
    slob_list list = SLOB_FULL;
};

// A block of such a page, in address order with the others. Six bytes, however large the block is; the kernel keeps the
// sizes of free blocks, and headers, inside of the page.
struct slob_record {
    static constexpr u16 FREE = 0xffff;

    u16 unit = 0;      // its first
    u16 size = 0;      // free: in units. In use: in bytes, as asked for, with the header
    u16 header = FREE; // bytes of its header; FREE: nobody has it

    [[nodiscard]] bool free() const { return header == FREE; }
};

struct slab_memory {
    // Made once, not in every file that copies one.
    slab_memory();
    ~slab_memory();
    slab_memory(const slab_memory&);
    slab_memory(slab_memory&&) noexcept;
    slab_memory& operator=(const slab_memory&);
    slab_memory& operator=(slab_memory&&) noexcept;

    slab_config config;
    kernel_rules rules;
    u16 nr_cpus = 1; // nr_cpu_ids
    u16 nr_nodes = 1;
    u32 tid_step = 1;    // slub_tid_step()
    u8 pointer_size = 8; // 4 on i386
    architecture arch = architecture::arm64;
    linear_map map;  // where the kernel sees what lies at a physical address
    bool up = false; // kmem_cache_init() has run
    // SLUB, and nobody looks at bytes or clears them at a free: so objects go the short way. A guess that may turn false.
    bool plain = false;

    CowArray<kmem_cache, 3, 5> caches{0};
    CowArray<kmem_cache_cpu, 4, 6> cpus{0};
    CowArray<kmem_cache_node, 4, 6> nodes{0};
    CowArray<array_cache, 5, 6> arrays{0};
    CowArray<slab, 6, 7> slabs{0};
    CowArray<object_link> links{0};
    CowArray<object_ref, 6, 7> entries{0};
    CowArray<u8, 12, 7> content{0};
    CowArray<slob_page, 6, 7> slob_pages{0}; // by pfn - base_pfn
    CowArray<slob_record> slob_records{0};

    run_pool link_runs, entry_runs, array_runs, content_runs, slob_runs;
    u32 nr_caches = 0;                 // records used, alive or not
    cache_id slab_caches = CACHE_NONE; // list of live caches, newest first
    cache_id slab_caches_last = CACHE_NONE;
    u32 nr_slabs = 0; // records used
    slab_id free_slab_record = SLAB_NONE;
    u64 rng = 0; // seed of the next random number
    std::array<std::array<cache_id, KMALLOC_SHIFT_MAX>, NR_KMALLOC_TYPES> kmalloc_caches{};
    std::vector<cache_alias> aliases; // in order of creation
    std::array<pfn_t, NR_SLOB_LISTS> slob_first{PFN_NONE, PFN_NONE, PFN_NONE, PFN_NONE};
    std::array<pfn_t, NR_SLOB_LISTS> slob_last{PFN_NONE, PFN_NONE, PFN_NONE, PFN_NONE};
    u32 slob_nr_pages = 0;
    std::array<u8, MAX_CPUS> reap_node{}; // SLAB: the node whose alien objects a CPU's next cache_reap drains
    u64 bytes_asked = 0;                  // by callers and not yet given back: what rounding is measured against
    u32 nr_live_objects = 0;
    u32 nr_slab_errors = 0; // reports and repairs of debugging, as lib/slub_kunit.c counts them
    rcu_memory rcu;         // what waits for readers before it is freed

    // Bytes that writes have allocated for these arrays so far.
    [[nodiscard]] u64 bytes_copied() const {
        return caches.bytes_copied() + cpus.bytes_copied() + nodes.bytes_copied() + arrays.bytes_copied() +
               slabs.bytes_copied() + links.bytes_copied() + entries.bytes_copied() + content.bytes_copied() +
               slob_pages.bytes_copied() + slob_records.bytes_copied() + rcu.bytes_copied();
    }

    [[nodiscard]] kmem_cache_cpu& cpu_mut(cache_id cache, u32 cpu) { return cpus.mut(u32{cache} * nr_cpus + cpu); }
    [[nodiscard]] const kmem_cache_cpu& cpu_at(cache_id cache, u32 cpu) const {
        return cpus[u32{cache} * nr_cpus + cpu];
    }
    [[nodiscard]] kmem_cache_node& node_mut(cache_id cache, u32 node) {
        return nodes.mut(u32{cache} * nr_nodes + node);
    }
    [[nodiscard]] const kmem_cache_node& node_at(cache_id cache, u32 node) const {
        return nodes[u32{cache} * nr_nodes + node];
    }
};

// How this room gives back what is not its own: kvfree_rcu() takes vmalloc areas, too. The kernel room implements it.
class vmalloc_areas {
  public:
    virtual void vfree(physical_context& page, u64 address) const = 0;

  protected:
    ~vmalloc_areas() = default;
};

// What every function of this room works on.
struct slab_context {
    slab_memory& slabs;
    physical_context page; // memory, sink, CPU and step of the running op
    u32 request = 0;       // bytes that kmalloc was asked for; 0: the whole object (the kernel's orig_size)
    const vmalloc_areas* areas = nullptr; // for what may end a grace period; nullptr: no area waits for one
};

} // namespace mm
