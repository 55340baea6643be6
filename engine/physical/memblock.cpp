#include "physical/memblock.h"

#include <algorithm>
#include <cstdio>

#include "base/assert.h"
#include "physical/functions.h"
#include "physical/memblock_events.h"

namespace mm {

namespace {

using ev = memblock_event;
using Regions = std::vector<memblock_region>;

u64 round_up(u64 value, u64 step) { return ((value - 1) | (step - 1)) + 1; }
u64 round_down(u64 value, u64 step) { return value & ~(step - 1); }

// A range as an op gives it, cut where addresses end.
struct Range {
    phys_addr_t base = 0, end = 0;

    [[nodiscard]] u64 size() const { return end - base; }
};

// kernel: memblock_cap_size
Range capped(memblock_context& cx, phys_addr_t base, u64 size) {
    const phys_addr_t last = cx.config.phys_addr_max;
    base &= last;
    size &= last;
    const u64 left = std::min(size, last - base);
    if (left < size) cx.sink.emit(ev::range_capped, base, size, left);
    return {base, base + left};
}

Regions::difference_type place(std::size_t index) { return static_cast<Regions::difference_type>(index); }

// The regions behind an index move, as memmove() moves them.
void charge_move(memblock_context& cx, const memblock_type& list, std::size_t index) {
    cx.sink.charge((list.regions.size() - index) * sizeof(memblock_region) / WORK_BYTES);
}

void insert_region(memblock_context& cx, memblock_type& list, std::size_t index, const memblock_region& region) {
    charge_move(cx, list, index);
    list.regions.insert(list.regions.begin() + place(index), region);
    list.total_size += region.size;
}

void erase_region(memblock_context& cx, memblock_type& list, std::size_t index) {
    charge_move(cx, list, index);
    list.regions.erase(list.regions.begin() + place(index));
}

void remove_region(memblock_context& cx, memblock_list which, std::size_t index) {
    memblock_type& list = cx.blocks.list(which);
    const memblock_region gone = list.regions[index];
    list.total_size -= gone.size;
    erase_region(cx, list, index);
    cx.sink.emit(ev::region_gone, which, gone.base, gone.end(), memblock_cnt(cx.config.rules, list));
}

// The free range that a request of these bounds gets; 0: none. kernel: memblock_find_in_range_node
phys_addr_t find_in_range(memblock_context& cx, u64 size, u64 align, phys_addr_t start, phys_addr_t end, i16 nid) {
    CallScope scope(cx.sink, fn::memblock_find_in_range_node);
    const memblock_state& blocks = cx.blocks;
    cx.sink.charge(blocks.memory.regions.size() + blocks.reserved.regions.size());
    if (end == MEMBLOCK_ALLOC_ACCESSIBLE) end = blocks.current_limit;
    start = std::max<phys_addr_t>(start, cx.config.page_size); // never the first page
    end = std::max(start, end);
    const alloc_direction direction = blocks.bottom_up ? alloc_direction::bottom_up : alloc_direction::top_down;
    cx.sink.emit(ev::alloc_try, size, align, start, std::min(end, cx.config.phys_addr_max), nid, direction);
    std::vector<memblock_hole> holes = memblock_holes(blocks, nid);
    if (!blocks.bottom_up) std::reverse(holes.begin(), holes.end());
    for (const memblock_hole& hole : holes) {
        const phys_addr_t from = std::clamp(hole.start, start, end), to = std::clamp(hole.end, start, end);
        if (from == to && size > 0) continue; // outside the limits
        const u64 room = to - from;
        phys_addr_t found = 0;
        if (blocks.bottom_up) {
            const phys_addr_t candidate = round_up(from, align);
            if (candidate >= from && candidate < to && to - candidate >= size) found = candidate;
        } else if (to >= size) {
            const phys_addr_t candidate = round_down(to - size, align);
            if (candidate >= from) found = candidate;
        }
        const hole_verdict verdict = found         ? hole_verdict::fits
                                     : room < size ? hole_verdict::too_small
                                                   : hole_verdict::misaligned;
        cx.sink.emit(ev::hole_tried, from, to, size, align, verdict);
        if (found) return found;
    }
    return 0;
}

bool double_fails(memblock_context& cx, memblock_list which, double_failure why) {
    cx.sink.emit(ev::array_double_fails, which, cx.blocks.list(which).max, why);
    return false;
}

// Room for an array of `bytes`, not in the range that is just being reserved.
phys_addr_t find_array(memblock_context& cx, memblock_list which, u64 bytes, Range avoid) {
    const phys_addr_t limit = cx.blocks.current_limit;
    const u64 align = cx.config.page_size;
    if (which != memblock_list::reserved) avoid = {};
    const phys_addr_t above = find_in_range(cx, bytes, align, avoid.end, limit, NUMA_NO_NODE);
    if (above != 0 || avoid.size() == 0) return above;
    return find_in_range(cx, bytes, align, 0, std::min(avoid.base, limit), NUMA_NO_NODE);
}

// kernel: memblock_double_array
bool double_array(memblock_context& cx, memblock_list which, Range avoid) {
    CallScope scope(cx.sink, fn::memblock_double_array);
    memblock_type& list = cx.blocks.list(which);
    if (!cx.blocks.can_resize)
        return double_fails(cx, which,
                            cx.config.rules.memblock_panics_without_resize() ? double_failure::panics
                                                                             : double_failure::not_allowed);
    if (list.max * 2 > MAX_MEMBLOCK_REGIONS) return double_fails(cx, which, double_failure::our_limit);
    const u64 page = cx.config.page_size;
    const u64 old_bytes = round_up(memblock_array_bytes(cx.config, list.max), page);
    const u64 new_bytes = round_up(memblock_array_bytes(cx.config, list.max * 2), page);
    const phys_addr_t array = find_array(cx, which, new_bytes, avoid);
    if (array == 0) return double_fails(cx, which, double_failure::no_room);
    const phys_addr_t old_array = list.array;
    cx.sink.emit(ev::array_double, which, list.max, list.max * 2, cx.config.region_bytes, new_bytes, array);
    list.array = array;
    list.max *= 2;
    if (old_array != 0) {
        cx.sink.emit(ev::array_free, which, old_array, old_bytes);
        static_cast<void>(memblock_remove_range(cx, memblock_list::reserved, old_array, old_bytes));
    }
    const bool reserved = memblock_add_range(cx, memblock_list::reserved, array, new_bytes);
    MM_ASSERT(reserved); // the kernel, too, takes this for certain: there is room in the list now
    return true;
}

// Joins neighbours that touch and have the same node. kernel: memblock_merge_regions
void merge_regions(memblock_context& cx, memblock_list which) {
    CallScope scope(cx.sink, fn::memblock_merge_regions);
    memblock_type& list = cx.blocks.list(which);
    for (std::size_t i = 0; i + 1 < list.regions.size();) {
        memblock_region& left = list.regions[i];
        const memblock_region& right = list.regions[i + 1];
        if (left.end() != right.base || left.nid != right.nid) {
            ++i;
            continue;
        }
        left.size += right.size;
        const memblock_region merged = left;
        erase_region(cx, list, i + 1);
        cx.sink.emit(ev::region_merge, which, i, i + 1, merged.base, merged.end(), list.regions.size());
    }
}

// The parts of the range that no region covers, as regions to come.
std::vector<Range> uncovered_parts(const memblock_type& list, Range range) {
    std::vector<Range> parts;
    phys_addr_t at = range.base;
    for (const memblock_region& region : list.regions) {
        if (region.base >= range.end) break;
        if (region.end() <= at) continue;
        if (region.base > at) parts.push_back({at, region.base});
        at = std::min(region.end(), range.end);
    }
    if (at < range.end) parts.push_back({at, range.end});
    return parts;
}

// The kernel warns where the new range runs into a region of another node from below.
void warn_of_nodes(memblock_context& cx, memblock_list which, Range range, i16 nid) {
    if (!cx.config.numa) return;
    phys_addr_t at = range.base;
    for (const memblock_region& region : cx.blocks.list(which).regions) {
        if (region.base >= range.end) break;
        if (region.end() <= at) continue;
        if (region.base > at && region.nid != nid) {
            const memblock_region met = region;
            cx.sink.emit(ev::node_conflict, which, met.base, met.end(), met.nid, nid);
        }
        at = std::min(region.end(), range.end);
    }
}

// Cuts regions at both ends of the range. Which regions then lie in it: [first, last). nullopt: the array is full.
// kernel: memblock_isolate_range
struct Isolated {
    std::size_t first = 0, last = 0;
};
std::optional<Isolated> isolate_range(memblock_context& cx, memblock_list which, Range range) {
    CallScope scope(cx.sink, fn::memblock_isolate_range);
    if (range.size() == 0) return Isolated{};
    while (memblock_cnt(cx.config.rules, cx.blocks.list(which)) + 2 > cx.blocks.list(which).max)
        if (!double_array(cx, which, range)) return std::nullopt;
    memblock_type& list = cx.blocks.list(which);
    cx.sink.charge(list.regions.size());
    const auto split = [&](std::size_t index, phys_addr_t at) {
        memblock_region& upper = list.regions[index];
        const memblock_region whole = upper;
        const memblock_region lower{whole.base, at - whole.base, whole.nid};
        upper.base = at;
        upper.size -= lower.size;
        list.total_size -= lower.size;
        insert_region(cx, list, index, lower);
        cx.sink.emit(ev::region_split, which, index, whole.base, whole.end(), at);
    };
    Isolated found;
    for (std::size_t i = 0; i < list.regions.size(); ++i) {
        if (list.regions[i].base >= range.end) break;
        if (list.regions[i].end() <= range.base) continue;
        if (list.regions[i].base < range.base) {
            split(i, range.base);
            continue; // the upper part comes next
        }
        if (list.regions[i].end() > range.end) split(i, range.end);
        if (found.last == 0) found.first = i;
        found.last = i + 1;
    }
    return found;
}

// One attempt. kernel: memblock_alloc_range_nid
phys_addr_t alloc_range_nid(memblock_context& cx, const memblock_request& request, phys_addr_t min_addr,
                            phys_addr_t max_addr) {
    CallScope scope(cx.sink, fn::memblock_alloc_range_nid);
    u64 align = request.align;
    if (align == 0) {
        align = SMP_CACHE_BYTES;
        cx.sink.emit(ev::align_zero, align);
    }
    const auto try_node = [&](i16 nid) -> phys_addr_t {
        const phys_addr_t found = find_in_range(cx, request.size, align, min_addr, max_addr, nid);
        if (found == 0) return 0;
        CallScope reserving(cx.sink, fn::memblock_reserve);
        return memblock_add_range(cx, memblock_list::reserved, found, request.size) ? found : 0;
    };
    if (const phys_addr_t found = try_node(request.nid)) return found;
    if (request.nid == NUMA_NO_NODE || request.exact_nid) return 0;
    cx.sink.emit(ev::alloc_again, alloc_retry::any_node);
    return try_node(NUMA_NO_NODE);
}

} // namespace

u64 memblock_type::held() const {
    u64 bytes = 0;
    for (const memblock_region& region : regions) bytes += region.size;
    return bytes;
}

u32 memblock_cnt(const kernel_rules& rules, const memblock_type& list) {
    if (list.regions.empty()) return rules.memblock_counts_dummy() ? 1 : 0;
    return static_cast<u32>(list.regions.size());
}

u64 memblock_array_bytes(const memblock_config& config, u32 max) { return u64{max} * config.region_bytes; }

bool memblock_add_range(memblock_context& cx, memblock_list which, phys_addr_t base, u64 size, i16 nid) {
    CallScope scope(cx.sink, fn::memblock_add_range);
    if (!cx.config.numa) nid = NUMA_NO_NODE;
    const Range range = capped(cx, base, size);
    cx.sink.emit(ev::range_add, which, range.base, range.end, range.size(), nid);
    if (range.size() == 0) return true;
    std::vector<Range> parts;
    while (true) {
        const memblock_type& list = cx.blocks.list(which);
        cx.sink.charge(list.regions.size());
        parts = uncovered_parts(list, range);
        if (list.regions.size() + parts.size() <= list.max) break;
        if (!double_array(cx, which, range)) return false;
        // The list may be another one now: the new array is reserved memory.
    }
    if (parts.empty()) {
        cx.sink.emit(ev::range_covered, which, range.base, range.end);
        return true;
    }
    warn_of_nodes(cx, which, range, nid);
    memblock_type& list = cx.blocks.list(which);
    if (list.regions.empty()) list.total_size = 0; // whatever trimming left in it
    for (const Range& part : parts) {
        const auto after = std::upper_bound(list.regions.begin(), list.regions.end(), part.base,
                                            [](phys_addr_t at, const memblock_region& r) { return at < r.base; });
        const auto index = static_cast<std::size_t>(after - list.regions.begin());
        insert_region(cx, list, index, {part.base, part.size(), nid});
        cx.sink.emit(ev::region_new, which, part.base, part.end, index, list.regions.size());
    }
    merge_regions(cx, which);
    return true;
}

bool memblock_remove_range(memblock_context& cx, memblock_list which, phys_addr_t base, u64 size) {
    CallScope scope(cx.sink, fn::memblock_remove_range);
    const Range range = capped(cx, base, size);
    cx.sink.emit(ev::range_remove, which, range.base, range.end, range.size());
    const std::optional<Isolated> inside = isolate_range(cx, which, range);
    if (!inside) return false;
    if (inside->first == inside->last) cx.sink.emit(ev::range_absent, which, range.base, range.end);
    for (std::size_t i = inside->last; i > inside->first; --i) remove_region(cx, which, i - 1);
    return true;
}

bool memblock_set_node(memblock_context& cx, memblock_list which, phys_addr_t base, u64 size, i16 nid) {
    CallScope scope(cx.sink, fn::memblock_set_node);
    if (!cx.config.numa) return true;
    const Range range = capped(cx, base, size);
    const std::optional<Isolated> inside = isolate_range(cx, which, range);
    if (!inside) return false;
    memblock_type& list = cx.blocks.list(which);
    for (std::size_t i = inside->first; i < inside->last; ++i) {
        list.regions[i].nid = nid;
        const memblock_region region = list.regions[i];
        cx.sink.emit(ev::node_set, which, region.base, region.end(), nid);
    }
    merge_regions(cx, which);
    return true;
}

void memblock_trim_memory(memblock_context& cx, u64 align) {
    CallScope scope(cx.sink, fn::memblock_trim_memory);
    memblock_type& list = cx.blocks.memory;
    cx.sink.charge(list.regions.size());
    bool trimmed = false;
    for (std::size_t i = 0; i < list.regions.size();) {
        const memblock_region region = list.regions[i];
        const phys_addr_t start = round_up(region.base, align), end = round_down(region.end(), align);
        if (start == region.base && end == region.end()) {
            ++i;
            continue;
        }
        // Rounding up may have passed the last address.
        if (start < end && start >= region.base) {
            list.regions[i].base = start;
            list.regions[i].size = end - start;
            cx.sink.emit(ev::region_trim, region.base, region.end(), start, end);
            trimmed = true;
            ++i;
        } else {
            cx.sink.emit(ev::region_trim_away, region.base, region.end(), align);
            remove_region(cx, memblock_list::memory, i);
        }
    }
    if (trimmed) cx.sink.emit(ev::total_stays, list.total_size, list.held());
}

phys_addr_t memblock_alloc(memblock_context& cx, const memblock_request& request) {
    phys_addr_t max_addr = request.max_addr;
    if (request.may_drop_min) max_addr = std::min(max_addr, cx.blocks.current_limit);
    phys_addr_t found = alloc_range_nid(cx, request, request.min_addr, max_addr);
    if (found == 0 && request.may_drop_min && request.min_addr != 0) {
        cx.sink.emit(ev::alloc_again, alloc_retry::no_minimum);
        found = alloc_range_nid(cx, request, 0, max_addr);
    }
    if (found != 0)
        cx.sink.emit(ev::alloc_done, found, found + request.size, request.size);
    else
        cx.sink.emit(ev::alloc_fails, request.size);
    return found;
}

std::vector<memblock_hole> memblock_holes(const memblock_state& blocks, i16 nid) {
    std::vector<memblock_hole> holes;
    const Regions& taken = blocks.reserved.regions;
    std::size_t next = 0; // the first reserved region that does not end before the memory region
    for (const memblock_region& region : blocks.memory.regions) {
        if (nid != NUMA_NO_NODE && nid != region.nid) continue;
        while (next < taken.size() && taken[next].end() <= region.base) ++next;
        phys_addr_t at = region.base;
        for (std::size_t i = next; i < taken.size() && taken[i].base < region.end(); ++i) {
            if (taken[i].base > at) holes.push_back({at, taken[i].base, region.nid});
            at = taken[i].end();
        }
        if (at < region.end()) holes.push_back({at, region.end(), region.nid});
    }
    return holes;
}

std::string memblock_text(const memblock_state& blocks, const memblock_config& config, memblock_list which) {
    std::string out;
    if (blocks.discarded) return out;
    const int digits = config.phys_addr_max >> 32 ? 16 : 8;
    Regions regions = blocks.list(which).regions;
    // The region that an empty list has in older kernels, which ends before it begins.
    if (regions.empty() && config.rules.memblock_counts_dummy()) regions.emplace_back();
    int number = 0;
    for (const memblock_region& region : regions) {
        const phys_addr_t last = (region.end() - 1) & config.phys_addr_max;
        char line[80];
        int length =
            std::snprintf(line, sizeof line, "%4d: 0x%0*llx..0x%0*llx", number++, digits,
                          static_cast<unsigned long long>(region.base), digits, static_cast<unsigned long long>(last));
        out.append(line, static_cast<std::size_t>(length));
        if (config.rules.memblock_text_has_nodes()) {
            if (region.nid == NUMA_NO_NODE)
                length = std::snprintf(line, sizeof line, " %4c NONE", 'x');
            else
                length = std::snprintf(line, sizeof line, " %4d NONE", region.nid);
            out.append(line, static_cast<std::size_t>(length));
        }
        out += '\n';
    }
    return out;
}

namespace {

std::optional<std::string> verify_list(const memblock_state& blocks, memblock_list which) {
    const memblock_type& list = blocks.list(which);
    const std::string name = "memblock." + std::string(memblock_list_names[static_cast<std::size_t>(which)]);
    if (list.regions.size() > list.max) return name + ": more regions than its array has room for";
    for (std::size_t i = 0; i < list.regions.size(); ++i) {
        const memblock_region& region = list.regions[i];
        const std::string at = name + "[" + std::to_string(i) + "]";
        if (region.size == 0 || region.end() < region.base) return at + ": is empty or passes the last address";
        if (i == 0) continue;
        const memblock_region& before = list.regions[i - 1];
        if (region.base < before.end()) return at + ": overlaps the region before it, or stands below it";
        if (region.base == before.end() && region.nid == before.nid)
            return at + ": touches the region before it and is of the same node, but they are two";
    }
    const u64 held = list.held();
    // Trimming, which only the memory list knows, does not change the total.
    const bool sound = which == memblock_list::memory ? list.total_size >= held : list.total_size == held;
    return sound ? std::nullopt : std::optional(name + ": total_size is not what its regions hold");
}

void hash_list(const memblock_type& list, Hasher& hasher) {
    hasher.add(list.max);
    hasher.add(list.total_size);
    hasher.add(list.array);
    hasher.add(list.regions.size());
    for (const memblock_region& region : list.regions) {
        hasher.add(region.base);
        hasher.add(region.size);
        hasher.add_signed(region.nid);
    }
}

} // namespace

std::optional<std::string> verify_memblock(const memblock_state& blocks) {
    if (auto broken = verify_list(blocks, memblock_list::memory)) return broken;
    return verify_list(blocks, memblock_list::reserved);
}

void hash_memblock(const memblock_state& blocks, Hasher& hasher) {
    if (!blocks.by_ops) return;
    hasher.add(blocks.current_limit);
    hasher.add(u64{blocks.bottom_up} | u64{blocks.can_resize} << 1 | u64{blocks.discarded} << 2);
    hash_list(blocks.memory, hasher);
    hash_list(blocks.reserved, hasher);
}

} // namespace mm
