// How percpu units are cut at boot, and where the areas of a chunk are placed.
#include <algorithm>
#include <bit>

#include "kernel/percpu.h"
#include "kernel/vmap_tree.h"

namespace mm {

namespace {

// What Debian's kernels print at boot: "percpu: Embedded 31 pages/cpu s87272 r8192 d31512 u126976", d before rounding.
constexpr u32 PERCPU_MODULE_RESERVE = 8 << 10;
constexpr u32 PERCPU_DYNAMIC_RESERVE = 28 << 10;
constexpr std::array<from_release<u32>, 3> ARM64_STATIC = {{{{5, 10}, 95576}, {{6, 1}, 87272}, {{6, 12}, 101464}}};
constexpr std::array<from_release<u32>, 3> X86_64_STATIC = {{{{5, 10}, 221184}, {{6, 1}, 217088}, {{6, 12}, 233472}}};
constexpr u32 I386_STATIC = 103316;
constexpr u32 X86_64_ATOM = 2 << 20; // PMD_SIZE, so that the first chunk lies in huge pages of the linear map

percpu_sizes sizes_of(const machine_profile& profile) {
    switch (profile.arch) {
    case architecture::arm64:
        return {newest(ARM64_STATIC, profile.kernel), PERCPU_MODULE_RESERVE, PERCPU_DYNAMIC_RESERVE, profile.page_size};
    case architecture::x86_64:
        return {newest(X86_64_STATIC, profile.kernel), PERCPU_MODULE_RESERVE, PERCPU_DYNAMIC_RESERVE, X86_64_ATOM};
    case architecture::i386: return {I386_STATIC, 0, PERCPU_DYNAMIC_RESERVE, profile.page_size};
    }
    return {};
}

u64 round_up(u64 value, u64 unit) { return (value + unit - 1) / unit * unit; }

// CPUs of one node are a group, in the order of their first CPUs. i386 knows no nodes here.
void group_cpus(percpu_memory& percpu, const physical_memory& mem, bool by_node, std::vector<u8>& node_of_group) {
    for (u16 cpu = 0; cpu < mem.nr_cpus; ++cpu) {
        const u8 node = by_node ? static_cast<u8>(mem.node_of_cpu(cpu)) : u8{0};
        const auto known = std::find(node_of_group.begin(), node_of_group.end(), node);
        const auto group = static_cast<u8>(known - node_of_group.begin());
        if (known == node_of_group.end()) node_of_group.push_back(node);
        percpu.group_of[cpu] = group;
        percpu.unit_of[cpu] = static_cast<u8>(percpu.groups[group].nr_cpus++);
    }
    percpu.nr_groups = static_cast<u8>(node_of_group.size());
}

// Where a node's memory ends: its group is put there. Groups never overlap.
void place_groups(percpu_memory& percpu, const machine_profile& profile, const std::vector<u8>& node_of_group) {
    std::vector<std::pair<u64, u32>> starts; // address, group
    for (u32 group = 0; group < percpu.nr_groups; ++group) {
        u64 end = 0;
        for (const memory_region& region : profile.memory)
            if (percpu.nr_groups == 1 || region.node == node_of_group[group])
                end = std::max(end, region.start + region.size);
        const u64 size = u64{percpu.groups[group].nr_units} * percpu.unit_size;
        starts.emplace_back(end > size ? (end - size) / percpu.atom_size * percpu.atom_size : 0, group);
    }
    std::sort(starts.begin(), starts.end());
    u64 free_from = starts.front().first;
    for (const auto& [start, group] : starts) {
        percpu.groups[group].offset = std::max(start, free_from) - starts.front().first;
        free_from = std::max(start, free_from) + u64{percpu.groups[group].nr_units} * percpu.unit_size;
    }
}

// ---- the search for a base, from the top downwards

class Placement {
  public:
    Placement(const vmap_space& space, std::span<const percpu_range> ranges, u64 align, u64 vstart, u64 vend)
        : space_(space), ranges_(ranges), align_(align), vstart_(round_up(vstart, align)), vend_(vend & ~(align - 1)) {
        for (std::size_t i = 1; i < ranges.size(); ++i)
            if (ranges[i].offset > ranges[last_].offset) last_ = i;
    }

    std::optional<u64> find() {
        const u64 length = ranges_[last_].end();
        if (vend_ - vstart_ < length) return std::nullopt;
        std::size_t range = last_;
        lower_to(range, area_not_above(space_, space_.free_root, vend_));
        std::size_t settled = range; // the range that has moved the base last: when all others fit, too, it is found
        for (;;) {
            // A base below 0 wraps.
            if (area_ == VMAP_NONE || base_ + length < vstart_ + length) return std::nullopt;
            const vmap_area& area = space_.areas[area_];
            if (base_ + ranges_[range].end() > area.va_end) {
                lower_to(settled = range, area_);
            } else if (base_ + ranges_[range].offset < area.va_start) {
                lower_to(settled = range, previous_area(space_, area_));
            } else {
                range = (range + ranges_.size() - 1) % ranges_.size();
                if (range == settled) return base_;
                area_ = area_not_above(space_, space_.free_root, base_ + ranges_[range].end());
            }
        }
    }

  private:
    // The base at which this range ends where a free area ends, from `area` downwards. kernel:
    // pvm_determine_end_from_reverse
    void lower_to(std::size_t range, vmap_id area) {
        u64 end = 0;
        for (area_ = area; area_ != VMAP_NONE; area_ = previous_area(space_, area_)) {
            end = std::min(space_.areas[area_].va_end & ~(align_ - 1), vend_);
            if (space_.areas[area_].va_start < end) break;
            end = 0;
        }
        base_ = end - ranges_[range].end();
    }

    const vmap_space& space_;
    std::span<const percpu_range> ranges_;
    u64 align_, vstart_, vend_;
    std::size_t last_ = 0;
    u64 base_ = 0;
    vmap_id area_ = VMAP_NONE;
};

} // namespace

percpu_layout pcpu_build_alloc_info(const percpu_sizes& sizes, std::span<const u32> group_cpus, u32 page_size) {
    const u64 sum = round_up(u64{sizes.static_size} + sizes.reserved_size + sizes.dyn_size, page_size);
    const u64 least = std::max<u64>(sum, round_up(PCPU_MIN_UNIT_SIZE, page_size));
    const u64 alloc_size = round_up(least, sizes.atom_size);
    const auto divides = [&](u64 units) { return alloc_size % units == 0 && alloc_size / units % page_size == 0; };
    u32 cpus = 0;
    for (const u32 count : group_cpus) cpus += count;
    u64 best = 1, last_allocs = ~u64{0};
    // As many units as fit into an allocation, while not more than a third of the CPUs' number of units is wasted.
    for (u64 units = alloc_size / least; units > 0; --units) {
        if (!divides(units)) continue;
        u64 allocs = 0, wasted = 0;
        for (const u32 count : group_cpus) {
            const u64 own = (count + units - 1) / units;
            allocs += own;
            wasted += own * units - count;
        }
        if (wasted > cpus / 3) continue;
        if (allocs > last_allocs) break;
        last_allocs = allocs;
        best = units;
    }
    return {static_cast<u32>(sum - sizes.static_size - sizes.reserved_size), static_cast<u32>(alloc_size / best),
            static_cast<u32>(best)};
}

void percpu_init(kernel_memory& kernel, const physical_memory& mem, const machine_profile& profile) {
    percpu_memory& percpu = kernel.percpu;
    const percpu_sizes sizes = sizes_of(profile);
    std::vector<u8> node_of_group;
    group_cpus(percpu, mem, kernel.arch.has_nodes, node_of_group);
    std::vector<u32> counts;
    for (u32 group = 0; group < percpu.nr_groups; ++group) counts.push_back(percpu.groups[group].nr_cpus);
    const percpu_layout layout = pcpu_build_alloc_info(sizes, counts, profile.page_size);
    percpu.static_size = sizes.static_size;
    percpu.reserved_size = sizes.reserved_size;
    percpu.dyn_size = layout.dyn_size;
    percpu.unit_size = layout.unit_size;
    percpu.atom_size = sizes.atom_size;
    MM_ASSERT(percpu.unit_size / profile.page_size <= PCPU_MAX_UNIT_PAGES);
    for (u32 group = 0; group < percpu.nr_groups; ++group)
        percpu.groups[group].nr_units =
            static_cast<u32>(round_up(percpu.groups[group].nr_cpus, layout.units_per_alloc));
    place_groups(percpu, profile, node_of_group);
}

std::optional<u64> find_congruent_base(const vmap_space& space, std::span<const percpu_range> ranges, u64 align,
                                       u64 vstart, u64 vend) {
    return Placement(space, ranges, align, vstart, vend).find();
}

} // namespace mm
