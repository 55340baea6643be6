#pragma once
// Percpu memory: a copy of a variable for each CPU, found by one addition.
//
//   __alloc_percpu(size) ─► the chunk whose longest hole is just long enough ─► the same offset in the unit of every CPU
//                           no chunk has room ─► pcpu_create_chunk ─► areas of vmalloc's space, from the top downwards
//
//   top of vmalloc's space ─►  ... [group 0 of chunk 1]  ......  [group 1 of chunk 2][group 1 of chunk 1]│ VMALLOC_END
//                                  └───────── the same distance as in the first chunk ────────┘
//
// All areas of a chunk are placed at once, so that the distance between the units of two CPUs is the same in every
// chunk; from the top, since ordinary areas grow from the bottom. Pages come only when an allocation touches them, one
// for each CPU.
//
// Models: sizes of units and groups as boot computes them (pcpu_build_alloc_info), the search for a base, chunks by
//   slots, whole pages populated on each CPU's node, chunks that are free but for one given back.
// Simplified: the first chunk's dynamic part is full when boot has ended, as on every recorded machine, and is not
//   among these chunks. Static sizes are those of Debian's kernels (i386: of 6.1). The first chunk's groups lie at the
//   end of their nodes, where boot puts them first. A hole is searched exactly, where the kernel believes its hints;
//   free chunks are given back at once, not by a worker.
// Not modelled: the reserved part (modules), atomic requests, pages that are populated ahead (2 to 4) and depopulated
//   early (since 5.14), memory cgroups, the arrays that a chunk is kept in (kmalloc or vmalloc).
// Mirrors: mm/percpu.c, mm/percpu-vm.c, mm/vmalloc.c (pcpu_get_vm_areas; Linux 5.10, 6.1, 6.12).
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/hash.h"
#include "kernel/kernel_memory.h"
#include "physical/profile.h"

namespace mm {

// ---- how units are cut

struct percpu_sizes {
    u32 static_size = 0, reserved_size = 0;
    u32 dyn_size = 0; // that is asked for; what rounding adds goes to it
    u32 atom_size = 0;
};
struct percpu_layout {
    u32 dyn_size = 0, unit_size = 0;
    u32 units_per_alloc = 1; // a group has a multiple of it
};
// `group_cpus`: CPUs of each group. Pure. kernel: pcpu_build_alloc_info
[[nodiscard]] percpu_layout pcpu_build_alloc_info(const percpu_sizes& sizes, std::span<const u32> group_cpus,
                                                  u32 page_size);

void percpu_init(kernel_memory& kernel, const physical_memory& mem, const machine_profile& profile);

// ---- where areas are placed

struct percpu_range {
    u64 offset, size;
    [[nodiscard]] u64 end() const { return offset + size; }
};
// The highest base at which all ranges are free between vstart and vend, each at base + offset. Offsets and sizes are
// multiples of `align`, a power of two; ranges do not overlap. nullopt: there is none.
[[nodiscard]] std::optional<u64> find_congruent_base(const vmap_space& space, std::span<const percpu_range> ranges,
                                                     u64 align, u64 vstart, u64 vend);

// ---- allocations

// Why __alloc_percpu() returns NULL: the numbers of `reason` in the event percpu_alloc_percpu_fail.
enum class percpu_failure : u8 { illegal, no_chunk, no_pages };

// The address of CPU 0's copy, or 0. Any other CPU's is as far from it as its unit is. kernel: pcpu_alloc
u64 alloc_percpu(kernel_context& cx, u64 size, u64 align);
// The address of CPU 0's copy. False: no allocation begins there.
bool free_percpu(kernel_context& cx, u64 address);

// Pages that all units of all chunks have. kernel: pcpu_nr_pages, of which /proc/meminfo's Percpu is made (without the
// first chunk)
[[nodiscard]] u64 pcpu_nr_pages(const percpu_memory& percpu);
// Bytes that are in use in a page of each unit: the coarse map of a chunk.
[[nodiscard]] std::vector<u32> bytes_in_use(const kernel_memory& kernel, const percpu_chunk& chunk);

[[nodiscard]] std::optional<std::string> verify_percpu(const kernel_memory& kernel);
// Adds nothing while there is no chunk.
void hash_percpu(const kernel_memory& kernel, Hasher& hasher);

} // namespace mm
