#include "kernel/percpu.h"

#include <algorithm>
#include <bit>

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/percpu_chunk.h"
#include "kernel/vm_area.h"
#include "kernel/vm_map_ram.h"
#include "kernel/vmalloc.h"
#include "physical/page_alloc.h"

namespace mm {

namespace {

using ev = percpu_event;

u32 unit_pages(const kernel_memory& kernel) { return kernel.percpu.unit_size >> kernel.vmap.page_shift; }

u32 nr_cpus(const percpu_memory& percpu) {
    u32 nr = 0;
    for (u32 group = 0; group < percpu.nr_groups; ++group) nr += percpu.groups[group].nr_cpus;
    return nr;
}

// Where the frame of a page of a CPU's unit stands in kernel_memory::pages.
u32 page_slot(const kernel_memory& kernel, const percpu_chunk& chunk, u32 cpu, u32 page) {
    const vm_struct& vm = kernel.vms[chunk.vms[kernel.percpu.group_of[cpu]]];
    return vm.pages + kernel.percpu.unit_of[cpu] * unit_pages(kernel) + page;
}

u64 page_address(const kernel_memory& kernel, const percpu_chunk& chunk, u32 cpu, u32 page) {
    return chunk.base_addr + kernel.percpu.unit_offset(cpu) + (u64{page} << kernel.vmap.page_shift);
}

// ---- areas

// False: there is no such base, not after a purge either. kernel: pcpu_get_vm_areas
bool get_vm_areas(kernel_context& cx, u32 id) {
    CallScope scope(cx.page.sink, kernel_fn::pcpu_get_vm_areas);
    kernel_memory& kernel = cx.kernel;
    const percpu_memory& percpu = kernel.percpu;
    std::vector<percpu_range> ranges;
    for (u32 group = 0; group < percpu.nr_groups; ++group)
        ranges.push_back({percpu.groups[group].offset, u64{percpu.groups[group].nr_units} * percpu.unit_size});
    const auto find = [&] {
        cx.page.sink.charge(8 * ranges.size());
        return find_congruent_base(kernel.vmap, ranges, percpu.atom_size, kernel.vmalloc_start, kernel.vmalloc_end);
    };
    std::optional<u64> base = find();
    if (!base) {
        cx.page.sink.emit(ev::pcpu_no_base, percpu.nr_groups, ranges.front().size, kernel.vmap.vmap_lazy_nr);
        purge_fragmented_blocks(cx, true);
        const u64 pages = purge(cx);
        cx.page.sink.emit(kernel_event::vmap_purge, pages, purge_reason::no_hole);
        base = find();
    }
    if (!base) return false;
    kernel.percpu.chunks.mut(id).base_addr = *base;
    for (u32 group = 0; group < percpu.nr_groups; ++group) {
        const u64 start = *base + ranges[group].offset, end = *base + ranges[group].end();
        const bool free = insert_vmap_area(kernel.vmap, start, end, vmap_state::busy);
        MM_ASSERT(free);
        const u32 number = new_vm(kernel);
        vm_struct& vm = kernel.vms.mut(number);
        vm.addr = start;
        vm.size = vm.requested = ranges[group].size;
        vm.flags = VM_ALLOC;
        vm.kind = area_kind::percpu;
        vm.owner = id;
        vm.area = find_vmap_area(kernel.vmap, start);
        kernel.vmap.areas.mut(vm.area).vm = number;
        kernel.percpu.chunks.mut(id).vms[group] = number;
        give_page_run(cx, number, static_cast<u32>(ranges[group].size >> cx.page.mem.page_shift));
        cx.page.sink.emit(ev::pcpu_area_placed, group, start, end, percpu.groups[group].nr_cpus);
    }
    return true;
}

// False: vmalloc's space has no room for one. kernel: pcpu_create_chunk
bool create_chunk(kernel_context& cx) {
    CallScope scope(cx.page.sink, kernel_fn::pcpu_create_chunk);
    percpu_memory& percpu = cx.kernel.percpu;
    const u32 id = new_percpu_chunk(percpu);
    if (!get_vm_areas(cx, id)) {
        drop_percpu_chunk(percpu, id);
        return false;
    }
    cx.page.sink.emit(ev::percpu_create_chunk, percpu.chunks[id].base_addr, percpu.nr_chunks, percpu.unit_size,
                      nr_cpus(percpu), percpu.nr_groups);
    return true;
}

// ---- pages

void free_chunk_pages(kernel_context& cx, u32 id, u32 from, u32 to) {
    kernel_memory& kernel = cx.kernel;
    for (u32 cpu = 0; cpu < nr_cpus(kernel.percpu); ++cpu) {
        for (u32 page = from; page < to && !cx.page.sink.spent(); ++page) {
            const u32 slot = page_slot(kernel, kernel.percpu.chunks[id], cpu, page);
            const pfn_t pfn = kernel.pages[slot];
            if (pfn == PFN_NONE) continue;
            kernel.pages.mut(slot) = PFN_NONE;
            free_pages(cx.page, pfn, 0);
        }
    }
}

// One page of each CPU's unit for each of [from, to), from the CPU's node. kernel: pcpu_alloc_pages
bool alloc_chunk_pages(kernel_context& cx, u32 id, u32 from, u32 to) {
    kernel_memory& kernel = cx.kernel;
    const gfp_t gfp = GFP_KERNEL | GFP_BIT_HIGHMEM;
    for (u32 cpu = 0; cpu < nr_cpus(kernel.percpu); ++cpu)
        for (u32 page = from; page < to; ++page) {
            if (cx.page.sink.spent()) return false;
            const pfn_t pfn = alloc_pages(cx.page, {0, gfp, cx.page.mem.node_of_cpu(static_cast<int>(cpu))});
            if (pfn == PFN_NONE) return false;
            kernel.pages.mut(page_slot(kernel, kernel.percpu.chunks[id], cpu, page)) = pfn;
        }
    return true;
}

bool map_chunk_pages(kernel_context& cx, u32 id, u32 from, u32 to) {
    const kernel_memory& kernel = cx.kernel;
    for (u32 cpu = 0; cpu < nr_cpus(kernel.percpu); ++cpu) {
        std::vector<pfn_t> pages;
        for (u32 page = from; page < to; ++page)
            pages.push_back(kernel.pages[page_slot(kernel, kernel.percpu.chunks[id], cpu, page)]);
        if (!map_frames(cx, page_address(kernel, kernel.percpu.chunks[id], cpu, from), pages)) return false;
    }
    return true;
}

void unmap_chunk_pages(kernel_context& cx, u32 id, u32 from, u32 to) {
    for (u32 cpu = 0; cpu < nr_cpus(cx.kernel.percpu); ++cpu)
        unmap_pages(cx, page_address(cx.kernel, cx.kernel.percpu.chunks[id], cpu, from), to - from);
}

// kernel: pcpu_populate_chunk
bool populate(kernel_context& cx, u32 id, u32 from, u32 to) {
    CallScope scope(cx.page.sink, kernel_fn::pcpu_populate_chunk);
    const u32 cpus = nr_cpus(cx.kernel.percpu);
    cx.page.sink.emit(ev::pcpu_populated, from, to - from, cpus, (to - from) * cpus);
    bool done = alloc_chunk_pages(cx, id, from, to);
    if (done && !map_chunk_pages(cx, id, from, to)) {
        unmap_chunk_pages(cx, id, from, to);
        done = false;
    }
    if (!done) {
        free_chunk_pages(cx, id, from, to);
        return false;
    }
    percpu_chunk& chunk = cx.kernel.percpu.chunks.mut(id);
    for (u32 page = from; page < to; ++page) chunk.populated[page / 64] |= u64{1} << (page % 64);
    return true;
}

// Calls visit(from, to) for each row of pages of [first, end) that is populated, or is not; false when visit() has said
// so.
template <class Visit>
bool each_row(const percpu_chunk& chunk, u32 first, u32 end, bool populated, Visit visit) {
    for (u32 from = first; from < end;) {
        if (chunk.is_populated(from) != populated) {
            ++from;
            continue;
        }
        u32 to = from;
        while (to < end && chunk.is_populated(to) == populated) ++to;
        if (!visit(from, to)) return false;
        from = to;
    }
    return true;
}

bool populate_for(kernel_context& cx, u32 id, u32 offset, u32 size) {
    const u32 shift = cx.page.mem.page_shift;
    const percpu_chunk before = cx.kernel.percpu.chunks[id];
    return each_row(before, offset >> shift, ((offset + size - 1) >> shift) + 1, false,
                    [&](u32 from, u32 to) { return populate(cx, id, from, to); });
}

// kernel: pcpu_destroy_chunk
void destroy_chunk(kernel_context& cx, u32 id) {
    kernel_memory& kernel = cx.kernel;
    const percpu_chunk chunk = kernel.percpu.chunks[id];
    u32 pages = 0;
    each_row(chunk, 0, unit_pages(kernel), true, [&](u32 from, u32 to) {
        unmap_chunk_pages(cx, id, from, to);
        free_chunk_pages(cx, id, from, to);
        pages += (to - from) * nr_cpus(kernel.percpu);
        return !cx.page.sink.spent();
    });
    cx.page.sink.emit(ev::percpu_destroy_chunk, chunk.base_addr, pages, kernel.percpu.nr_groups);
    for (u32 group = 0; group < kernel.percpu.nr_groups; ++group) {
        free_unmap_vmap_area(cx, chunk.vms[group], false);
        drop_vm(kernel, chunk.vms[group]);
    }
    drop_percpu_chunk(kernel.percpu, id);
}

// One free chunk is kept, the one that became free last. kernel: pcpu_balance_free
void balance_free(kernel_context& cx) {
    CallScope scope(cx.page.sink, kernel_fn::pcpu_balance_free);
    percpu_memory& percpu = cx.kernel.percpu;
    const u32 slot = percpu_free_slot(percpu);
    for (u32 first = percpu.slots[slot].first; first != 0 && percpu.chunks[first - 1].next != 0;)
        destroy_chunk(cx, percpu.chunks[first - 1].next - 1);
}

} // namespace

u64 alloc_percpu(kernel_context& cx, u64 asked, u64 asked_align) {
    CallScope scope(cx.page.sink, kernel_fn::pcpu_alloc);
    percpu_memory& percpu = cx.kernel.percpu;
    const auto failed = [&](percpu_failure reason) {
        cx.page.sink.emit(ev::percpu_alloc_percpu_fail, asked, asked_align, reason);
        return u64{0};
    };
    const u64 align = std::max<u64>(asked_align, PCPU_MIN_ALLOC_SIZE);
    const u64 most = std::max<u64>(PCPU_MIN_UNIT_SIZE, page_size(cx));
    if (asked == 0 || asked > most || align > page_size(cx) || !std::has_single_bit(align))
        return failed(percpu_failure::illegal);
    const u32 size = static_cast<u32>((asked + PCPU_MIN_ALLOC_SIZE - 1) / PCPU_MIN_ALLOC_SIZE * PCPU_MIN_ALLOC_SIZE);
    auto place = take_from_percpu_chunks(cx.page.sink, percpu, size, static_cast<u32>(align));
    if (!place && !create_chunk(cx)) return failed(percpu_failure::no_chunk);
    if (!place) place = take_from_percpu_chunks(cx.page.sink, percpu, size, static_cast<u32>(align));
    MM_ASSERT(place.has_value());
    if (!populate_for(cx, place->chunk, place->offset, size)) {
        give_to_percpu_chunk(cx.page.sink, percpu, *place);
        return failed(percpu_failure::no_pages);
    }
    const u64 address = percpu.chunks[place->chunk].base_addr + percpu.unit_offset(0) + place->offset;
    const u64 distance = nr_cpus(percpu) > 1 ? percpu.unit_offset(1) - percpu.unit_offset(0) : percpu.unit_size;
    cx.page.sink.emit(ev::percpu_alloc_percpu, asked, align, place->offset, address, distance, nr_cpus(percpu));
    return address;
}

bool free_percpu(kernel_context& cx, u64 address) {
    CallScope scope(cx.page.sink, kernel_fn::free_percpu);
    kernel_memory& kernel = cx.kernel;
    percpu_memory& percpu = kernel.percpu;
    if (address == 0) {
        cx.page.sink.emit(kernel_event::vfree_null);
        return false;
    }
    const auto bad = [&] {
        cx.page.sink.emit(ev::percpu_free_bad, address);
        return false;
    };
    const vmap_id area = find_vmap_area(kernel.vmap, address);
    if (area == VMAP_NONE || kernel.vms[kernel.vmap.areas[area].vm].kind != area_kind::percpu) return bad();
    const u32 id = kernel.vms[kernel.vmap.areas[area].vm].owner;
    const u64 offset = address - percpu.chunks[id].base_addr - percpu.unit_offset(0);
    if (offset >= percpu.unit_size || offset % PCPU_MIN_ALLOC_SIZE != 0) return bad();
    const percpu_place place{id, static_cast<u32>(offset)};
    const u32 size = percpu_size_at(percpu, place);
    if (size == 0) return bad();
    give_to_percpu_chunk(cx.page.sink, percpu, place);
    cx.page.sink.emit(ev::percpu_free_percpu, address, size, percpu.chunks[id].free_bytes, percpu.unit_size);
    if (percpu.chunks[id].free_bytes == percpu.unit_size) balance_free(cx);
    return true;
}

u64 pcpu_nr_pages(const percpu_memory& percpu) {
    u64 pages = 0;
    for (u32 id = 0; id < percpu.chunks_used; ++id)
        for (const u64 word : percpu.chunks[id].populated) pages += static_cast<u64>(std::popcount(word));
    return pages * nr_cpus(percpu);
}

std::vector<u32> bytes_in_use(const kernel_memory& kernel, const percpu_chunk& chunk) {
    const u32 page = 1u << kernel.vmap.page_shift;
    std::vector<u32> used(unit_pages(kernel), page);
    for (u32 at = chunk.holes; at != 0; at = kernel.percpu.holes[at - 1].next) {
        const percpu_hole& hole = kernel.percpu.holes[at - 1];
        for (u32 from = hole.start; from < hole.start + hole.size;) {
            const u32 to = std::min(hole.start + hole.size, (from / page + 1) * page);
            used[from / page] -= to - from;
            from = to;
        }
    }
    return used;
}

std::optional<std::string> verify_percpu(const kernel_memory& kernel) {
    const percpu_memory& percpu = kernel.percpu;
    if (auto wrong = verify_percpu_chunks(percpu)) return wrong;
    for (u32 id = 0; id < percpu.chunks_used; ++id) {
        const percpu_chunk& chunk = percpu.chunks[id];
        if (!chunk.in_use) continue;
        const std::string place = "percpu chunk " + std::to_string(id);
        for (u32 group = 0; group < percpu.nr_groups; ++group) {
            const vm_struct& vm = kernel.vms[chunk.vms[group]];
            if (!vm.in_use || vm.kind != area_kind::percpu || vm.owner != id ||
                vm.addr != chunk.base_addr + percpu.groups[group].offset)
                return place + ": group " + std::to_string(group) + " is not in its area";
        }
        for (u32 cpu = 0; cpu < nr_cpus(percpu); ++cpu)
            for (u32 page = 0; page < unit_pages(kernel); ++page)
                if ((kernel.pages[page_slot(kernel, chunk, cpu, page)] != PFN_NONE) != chunk.is_populated(page))
                    return place + ": page " + std::to_string(page) + " of CPU " + std::to_string(cpu) +
                           " is there and not populated, or the other way";
    }
    return std::nullopt;
}

} // namespace mm
