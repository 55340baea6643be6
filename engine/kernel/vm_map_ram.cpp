#include "kernel/vm_map_ram.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/vm_area.h"

namespace mm {

namespace {

using ev = vmap_block_event;

// CONFIG_NR_CPUS of Debian's kernels.
constexpr std::array<from_release<u32>, 2> ARM64_NR_CPUS = {{{{5, 10}, 256}, {{6, 12}, 512}}};
u32 config_nr_cpus(const machine_profile& profile) {
    switch (profile.arch) {
    case architecture::arm64: return newest(ARM64_NR_CPUS, profile.kernel);
    case architecture::i386: return 32;
    case architecture::x86_64: return 8192;
    }
    return 1;
}

// get_order(): slots are powers of two.
u32 slots_of(u32 pages) { return std::bit_ceil(pages); }

void mark(vmap_block& block, u32 first, u32 nr, bool used) {
    for (u32 page = first; page < first + nr; ++page) {
        const u64 bit = u64{1} << (page % 64);
        if (used)
            block.used[page / 64] |= bit;
        else
            block.used[page / 64] &= ~bit;
    }
}

u32 nr_used(const vmap_block& block) {
    u32 nr = 0;
    for (const u64 word : block.used) nr += static_cast<u32>(std::popcount(word));
    return nr;
}

u64 start_of(const kernel_memory& kernel, const vmap_block& block) { return kernel.vms[block.vm].addr; }

// ---- queues

void enqueue(vmap_block_memory& ram, u32 id) {
    vmap_block& block = ram.blocks.mut(id);
    vmap_block_queue queue = ram.queues[block.cpu];
    block.queued = true;
    block.prev = queue.last;
    block.next = 0;
    if (queue.last == 0)
        queue.first = id + 1;
    else
        ram.blocks.mut(queue.last - 1).next = id + 1;
    queue.last = id + 1;
    ram.queues.mut(ram.blocks[id].cpu) = queue;
}

void dequeue(vmap_block_memory& ram, u32 id) {
    const vmap_block block = ram.blocks[id];
    if (!block.queued) return;
    vmap_block_queue queue = ram.queues[block.cpu];
    if (block.prev == 0)
        queue.first = block.next;
    else
        ram.blocks.mut(block.prev - 1).next = block.next;
    if (block.next == 0)
        queue.last = block.prev;
    else
        ram.blocks.mut(block.next - 1).prev = block.prev;
    ram.queues.mut(block.cpu) = queue;
    vmap_block& out = ram.blocks.mut(id);
    out.queued = false;
    out.next = out.prev = 0;
}

u32 new_record(vmap_block_memory& ram) {
    if (ram.unused != 0) {
        const u32 id = ram.unused - 1;
        ram.unused = ram.blocks[id].next;
        return id;
    }
    if (ram.used == ram.blocks.size()) ram.blocks.grow(std::max(16u, 2 * ram.used));
    return ram.used++;
}

// ---- blocks

// VM_NONE: there is no hole. kernel: new_vmap_block
u32 new_block(kernel_context& cx) {
    CallScope scope(cx.page.sink, kernel_fn::new_vmap_block);
    kernel_memory& kernel = cx.kernel;
    vmap_block_memory& ram = kernel.ram;
    const u64 size = u64{ram.bits} << cx.page.mem.page_shift;
    const u32 vm = get_bare_area(cx, {.size = size, .align = size, .kind = area_kind::map_ram_block});
    if (vm == VM_NONE) return VM_NONE;
    give_page_run(cx, vm, ram.bits);
    const u32 id = new_record(ram);
    kernel.vms.mut(vm).owner = id;
    vmap_block& block = ram.blocks.mut(id);
    block = vmap_block{};
    block.vm = vm;
    block.free = block.dirty_min = ram.bits;
    block.cpu = static_cast<u16>(cx.page.cpu);
    block.in_use = true;
    enqueue(ram, id);
    cx.page.sink.emit(ev::vmap_block_new, kernel.vms[vm].addr, size, ram.bits, cx.page.cpu);
    return id;
}

// kernel: free_vmap_block
void free_block(kernel_context& cx, u32 id, block_end reason) {
    CallScope scope(cx.page.sink, kernel_fn::free_vmap_block);
    vmap_block_memory& ram = cx.kernel.ram;
    dequeue(ram, id);
    const vmap_block block = ram.blocks[id];
    cx.page.sink.emit(ev::vmap_block_freed, start_of(cx.kernel, block), reason, block.free, block.dirty, ram.bits);
    // Only a block that misuse has damaged has something mapped still.
    free_unmap_vmap_area(cx, block.vm, block.damaged);
    drop_vm(cx.kernel, block.vm);
    ram.blocks.mut(id) = vmap_block{};
    ram.blocks.mut(id).next = ram.unused;
    ram.unused = id + 1;
}

// The first block of this CPU's queue with so many pages free; VM_NONE: none has. kernel: vb_alloc
u32 block_with_room(kernel_context& cx, u32 slots) {
    const vmap_block_memory& ram = cx.kernel.ram;
    for (u32 at = ram.queues[cx.page.cpu].first; at != 0; at = ram.blocks[at - 1].next) {
        cx.page.sink.charge(1);
        if (ram.blocks[at - 1].free >= slots) return at - 1;
    }
    return VM_NONE;
}

// The address; 0: there is no hole for a new block. kernel: vb_alloc
u64 take_slots(kernel_context& cx, u32 pages) {
    CallScope scope(cx.page.sink, kernel_fn::vb_alloc);
    vmap_block_memory& ram = cx.kernel.ram;
    if (ram.queues.size() == 0) ram.queues.grow(cx.page.mem.nr_cpus);
    const u32 slots = slots_of(pages);
    u32 id = block_with_room(cx, slots);
    if (id == VM_NONE) id = new_block(cx);
    if (id == VM_NONE) return 0;
    vmap_block& block = ram.blocks.mut(id);
    const u32 first = ram.bits - block.free;
    block.free -= slots;
    mark(block, first, slots, true);
    const u32 left = block.free;
    const u64 start = start_of(cx.kernel, ram.blocks[id]);
    if (left == 0) dequeue(ram, id);
    cx.page.sink.emit(ev::vmap_block_take, start, first, slots, pages, left);
    return start + (u64{first} << cx.page.mem.page_shift);
}

void set_frames(kernel_context& cx, u64 address, u32 count, const pfn_t* pages) {
    const vm_struct vm = cx.kernel.vms[cx.kernel.vmap.areas[find_vmap_area(cx.kernel.vmap, address)].vm];
    const u32 first = static_cast<u32>((address - vm.addr) >> cx.page.mem.page_shift);
    for (u32 i = 0; i < count; ++i) cx.kernel.pages.mut(vm.pages + first + i) = pages ? pages[i] : PFN_NONE;
}

bool bug(kernel_context& cx, unmap_ram_bug reason, u64 address, u32 count) {
    cx.page.sink.emit(ev::vm_unmap_ram_bug, address, count, reason);
    return false;
}

// kernel: vb_free
bool unmap_slots(kernel_context& cx, u64 address, u32 count) {
    CallScope scope(cx.page.sink, kernel_fn::vb_free);
    vmap_block_memory& ram = cx.kernel.ram;
    const u32 slots = slots_of(count);
    const vmap_id area = find_vmap_area(cx.kernel.vmap, address);
    const u32 vm = area == VMAP_NONE ? VM_NONE : cx.kernel.vmap.areas[area].vm;
    if (vm == VM_NONE || cx.kernel.vms[vm].kind != area_kind::map_ram_block)
        return bug(cx, unmap_ram_bug::no_block, address, count);
    const u32 id = cx.kernel.vms[vm].owner;
    const u32 first = static_cast<u32>((address - cx.kernel.vms[vm].addr) >> cx.page.mem.page_shift);
    if (first + slots > ram.bits) return bug(cx, unmap_ram_bug::behind_block, address, count);
    unmap_pages(cx, address, count);
    set_frames(cx, address, count, nullptr);
    vmap_block& block = ram.blocks.mut(id);
    for (u32 page = first; page < first + slots; ++page) block.damaged = block.damaged || !block.is_used(page);
    mark(block, first, slots, false);
    block.dirty_min = std::min(block.dirty_min, first);
    block.dirty_max = std::max(block.dirty_max, first + slots);
    block.dirty += slots;
    const vmap_block now = block;
    cx.page.sink.emit(ev::vm_unmap_ram, address, count, slots, now.dirty, now.free, ram.bits);
    if (now.damaged) cx.page.sink.emit(ev::vmap_block_damaged, start_of(cx.kernel, now), now.dirty, now.free, ram.bits);
    if (now.dirty != ram.bits) return true;
    if (now.free > 0)
        bug(cx, unmap_ram_bug::free_left, address, count);
    else
        free_block(cx, id, block_end::all_dirty);
    return true;
}

bool unmap_large(kernel_context& cx, u64 address, u32 count) {
    const vmap_id area = find_vmap_area(cx.kernel.vmap, address);
    if (area == VMAP_NONE)
        return bug(cx,
                   cx.kernel.vmap.rules.unmap_ram_warns() ? unmap_ram_bug::no_area_warns : unmap_ram_bug::no_area_bug,
                   address, count);
    const u32 id = cx.kernel.vmap.areas[area].vm;
    if (cx.kernel.vms[id].kind != area_kind::map_ram || cx.kernel.vms[id].addr != address)
        return bug(cx, unmap_ram_bug::others_area, address, count);
    const u32 pages = cx.kernel.vms[id].nr_mapped;
    cx.page.sink.emit(ev::vm_unmap_ram_area, address, pages);
    free_unmap_vmap_area(cx, id, true);
    drop_vm(cx.kernel, id);
    return true;
}

// The address of an area for these pages alone; 0: there is no hole.
u64 take_own_area(kernel_context& cx, u32 pages) {
    cx.page.sink.emit(ev::vm_map_ram_large, pages, cx.kernel.ram.max_alloc);
    const u64 page = page_size(cx);
    const u32 vm = get_bare_area(cx, {.size = pages * page, .align = page, .kind = area_kind::map_ram});
    if (vm == VM_NONE) return 0;
    give_page_run(cx, vm, pages);
    return cx.kernel.vms[vm].addr;
}

} // namespace

void vmap_block_init(kernel_memory& kernel, const machine_profile& profile) {
    const bool wide = profile.arch != architecture::i386;
    const u64 space = u64{128} << (wide ? 30 : 20); // a rough idea: VMALLOC_SPACE
    kernel.ram.max_alloc = wide ? 64 : 32;          // BITS_PER_LONG
    const u64 share = space / profile.page_size / std::bit_ceil(config_nr_cpus(profile)) / 16;
    kernel.ram.bits =
        static_cast<u32>(std::min<u64>(VMAP_BBMAP_BITS_MAX, std::max<u64>(2 * kernel.ram.max_alloc, share)));
}

u64 vm_map_ram(kernel_context& cx, std::span<const pfn_t> pages) {
    CallScope scope(cx.page.sink, kernel_fn::vm_map_ram);
    const u32 count = static_cast<u32>(pages.size());
    const auto failed = [&](map_ram_failure reason) {
        cx.page.sink.emit(ev::vm_map_ram_failed, count, reason);
        return u64{0};
    };
    if (pages.empty()) return failed(map_ram_failure::no_page);
    const u64 address = count <= cx.kernel.ram.max_alloc ? take_slots(cx, count) : take_own_area(cx, count);
    if (address == 0) return failed(map_ram_failure::no_addresses);
    set_frames(cx, address, count, pages.data());
    if (!map_frames(cx, address, pages)) {
        vm_unmap_ram(cx, address, count);
        return failed(map_ram_failure::no_tables);
    }
    cx.page.sink.emit(ev::vm_map_ram, address, count);
    return address;
}

bool vm_unmap_ram(kernel_context& cx, u64 address, u32 count) {
    CallScope scope(cx.page.sink, kernel_fn::vm_unmap_ram);
    if (address == 0) return bug(cx, unmap_ram_bug::null, address, count);
    if (address < cx.kernel.vmalloc_start || address > cx.kernel.vmalloc_end)
        return bug(cx, unmap_ram_bug::not_vmalloc, address, count);
    if (address & (page_size(cx) - 1)) return bug(cx, unmap_ram_bug::unaligned, address, count);
    return count <= cx.kernel.ram.max_alloc ? unmap_slots(cx, address, count) : unmap_large(cx, address, count);
}

void purge_fragmented_blocks(kernel_context& cx, bool all) {
    vmap_block_memory& ram = cx.kernel.ram;
    cx.page.sink.charge(ram.used);
    for (u32 id = 0; id < ram.used && !cx.page.sink.spent(); ++id) {
        const vmap_block& block = ram.blocks[id];
        if (!block.in_use || block.free + block.dirty != ram.bits || block.dirty == ram.bits || !block.queued) continue;
        if (all || block.free < ram.bits / 4) free_block(cx, id, block_end::fragmented);
    }
}

unflushed_span collect_dirty(kernel_context& cx) {
    kernel_memory& kernel = cx.kernel;
    vmap_block_memory& ram = kernel.ram;
    const bool once = kernel.vmap.rules.flushes_dirty_blocks_once();
    unflushed_span span;
    if (once) purge_fragmented_blocks(cx, false);
    cx.page.sink.charge(ram.used);
    for (u32 id = 0; id < ram.used; ++id) {
        const vmap_block block = ram.blocks[id];
        // Before, what was told once is told again, and blocks without a free page are forgotten.
        const bool told = once ? block.dirty_max > 0 : block.dirty > 0 && block.queued;
        if (!block.in_use || !told || block.dirty == ram.bits) continue;
        const u64 start = start_of(kernel, block);
        span.start = std::min(span.start, start + (u64{block.dirty_min} << cx.page.mem.page_shift));
        span.end = std::max(span.end, start + (u64{block.dirty_max} << cx.page.mem.page_shift));
        if (!once) continue;
        ram.blocks.mut(id).dirty_min = ram.bits;
        ram.blocks.mut(id).dirty_max = 0;
    }
    if (!once) purge_fragmented_blocks(cx, true);
    return span;
}

block_page page_of_block(const kernel_memory& kernel, const vmap_block& block, u32 page) {
    if (block.is_used(page)) return block_page::used;
    return page >= kernel.ram.bits - block.free ? block_page::free : block_page::dirty;
}

std::optional<std::string> verify_vmap_blocks(const kernel_memory& kernel) {
    const vmap_block_memory& ram = kernel.ram;
    for (u32 id = 0; id < ram.used; ++id) {
        const vmap_block& block = ram.blocks[id];
        if (!block.in_use) continue;
        const vm_struct& vm = kernel.vms[block.vm];
        const std::string place = "vmap block " + std::to_string(id);
        if (!vm.in_use || vm.kind != area_kind::map_ram_block || vm.owner != id)
            return place + ": its area is not its own";
        if (block.queued != (block.free > 0)) return place + ": free pages, but on no queue, or the other way";
        if (!block.damaged && nr_used(block) + block.free + block.dirty != ram.bits)
            return place + ": used, free and dirty pages are not all of its pages";
    }
    for (u32 cpu = 0; cpu < ram.queues.size(); ++cpu) {
        u32 before = 0;
        for (u32 at = ram.queues[cpu].first; at != 0; before = at, at = ram.blocks[at - 1].next) {
            const vmap_block& block = ram.blocks[at - 1];
            if (!block.queued || block.cpu != cpu || block.prev != before)
                return "vmap blocks: the links of CPU " + std::to_string(cpu) + "'s queue do not agree";
        }
        if (before != ram.queues[cpu].last) return "vmap blocks: a queue does not end at its last block";
    }
    return std::nullopt;
}

void hash_vmap_blocks(const kernel_memory& kernel, Hasher& hasher) {
    const vmap_block_memory& ram = kernel.ram;
    for (u32 id = 0; id < ram.used; ++id) {
        const vmap_block& block = ram.blocks[id];
        if (!block.in_use) continue;
        hasher.add(start_of(kernel, block));
        hasher.add(u64{block.free} << 32 | block.dirty);
        hasher.add(u64{block.dirty_min} << 32 | block.dirty_max);
        hasher.add(u64{block.cpu} << 8 | (block.damaged ? 1u : 0u));
        for (const u64 word : block.used) hasher.add(word);
    }
    for (u32 cpu = 0; cpu < ram.queues.size(); ++cpu)
        for (u32 at = ram.queues[cpu].first; at != 0; at = ram.blocks[at - 1].next)
            hasher.add(start_of(kernel, ram.blocks[at - 1]));
}

} // namespace mm
