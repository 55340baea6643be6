#include "machine/facts/owner.h"

#include "base/hex.h"
#include "kernel/vmalloc.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/slab_state.h"
#include "machine/phrase.h"
#include "slab/slab.h"

namespace mm {

namespace {

constexpr Phrase OWNER_NO_MEMORY{"no memory there", "那里没有内存"};
constexpr Phrase OWNER_RESERVED{"reserved at boot", "启动时保留"};
constexpr Phrase OWNER_FREE{"free, block of order # at @", "空闲，在 @ 处的 # 阶块中"};
constexpr Phrase OWNER_PER_CPU{"free, on the list of a CPU", "空闲，在某个 CPU 的链表上"};
constexpr Phrase OWNER_TABLE{"page table: @", "页表：@"};
constexpr Phrase OWNER_OBJECT{"object # of the slab cache @", "slab 缓存 @ 的对象 #"};
constexpr Phrase OWNER_SLAB{"slab of @", "@ 的 slab"};
constexpr Phrase OWNER_AREA{"page of the vmalloc area at @", "@ 处 vmalloc 区域的页"};
constexpr Phrase OWNER_ALLOCATED{"allocated, block of order # at @", "已分配，在 @ 处的 # 阶块中"};
constexpr Phrase OWNER_UNLISTED{"neither on a list nor in use", "没有入链，没有分配"};
constexpr Phrase OWNER_BAD{"taken out of use: bad page", "停用：坏页"};

// The begin of the area that shows the frame; 0: none does. Areas are many only when the person made many.
u64 area_of(const kernel_memory& kernel, pfn_t pfn) {
    if (!kernel.up) return 0;
    for (u32 id = 0; id < kernel.vms_used; ++id) {
        const vm_struct& vm = kernel.vms[id];
        if (!vm.in_use) continue;
        for (u32 page = 0; page < vm.nr_mapped; ++page)
            if (area_frame(kernel, vm, page) == pfn) return vm.addr;
    }
    return 0;
}

FrameUse use_of(page_state state) {
    switch (state) {
    case page_state::hole: return FrameUse::no_memory;
    case page_state::reserved: return FrameUse::reserved;
    case page_state::tail: return FrameUse::unlisted;
    case page_state::buddy: return FrameUse::free;
    case page_state::pcp: return FrameUse::per_cpu;
    case page_state::allocated: return FrameUse::allocated;
    case page_state::leaked: return FrameUse::bad;
    }
    return FrameUse::no_memory;
}

} // namespace

FrameOwner owner_of(const Machine& machine, phys_addr_t phys) {
    FrameOwner owner;
    const pfn_t pfn = machine.physical.pfn_of(phys);
    if (!machine.physical.pfn_valid(pfn)) return owner;
    owner.pfn = pfn;
    const block_info block = find_block(machine.physical, owner.pfn);
    owner.use = use_of(block.state);
    owner.head = block.head;
    owner.order = block.order;
    owner.table = machine.mmu.table_at(owner.pfn);
    if (owner.table != TABLE_NONE) {
        owner.use = FrameUse::page_table;
        return owner;
    }
    if (owner.use != FrameUse::allocated) return owner;
    owner.cache = cache_of_address(machine, phys);
    if (owner.cache != CACHE_NONE) {
        owner.use = FrameUse::slab;
        const object_ref object = object_of_address(machine.slabs, machine.physical, phys);
        if (object.slab != SLAB_NONE && object.index != OBJ_NONE) {
            owner.object = object_address(machine.slabs, machine.physical, object);
            owner.object_index = object.index;
        }
        return owner;
    }
    owner.area = area_of(machine.kernel, owner.pfn);
    if (owner.area != 0) owner.use = FrameUse::vmalloc;
    return owner;
}

std::string owner_text(const Machine& machine, const FrameOwner& owner, Language language) {
    const auto say = [&](const Phrase& phrase, std::string_view number = {}, std::string_view name = {}) {
        return filled(phrase.in(language), number, name);
    };
    const std::string order = std::to_string(owner.order), head = address_hex(owner.head);
    switch (owner.use) {
    case FrameUse::no_memory: return say(OWNER_NO_MEMORY);
    case FrameUse::reserved: return say(OWNER_RESERVED);
    case FrameUse::free: return say(OWNER_FREE, order, head);
    case FrameUse::per_cpu: return say(OWNER_PER_CPU);
    case FrameUse::allocated: return say(OWNER_ALLOCATED, order, head);
    case FrameUse::unlisted: return say(OWNER_UNLISTED);
    case FrameUse::bad: return say(OWNER_BAD);
    case FrameUse::vmalloc: return say(OWNER_AREA, {}, address_hex(owner.area));
    case FrameUse::page_table: {
        const page_table& table = machine.mmu.tables[owner.table];
        const std::string level(machine.mmu.geometry().level_name(table.level));
        return say(OWNER_TABLE, {}, level + ", " + space_text(machine, table.space, {}));
    }
    case FrameUse::slab: {
        const std::string_view cache = name_text(machine.slabs.caches[owner.cache].name);
        if (!owner.object) return say(OWNER_SLAB, {}, cache);
        return say(OWNER_OBJECT, std::to_string(owner.object_index), cache);
    }
    }
    return "";
}

Place owner_place(const FrameOwner& owner) {
    if (owner.use == FrameUse::no_memory) return {};
    if (owner.object) return {Place::Kind::object, static_cast<i64>(*owner.object), 0, 0};
    if (owner.use == FrameUse::vmalloc) return {Place::Kind::address, static_cast<i64>(owner.area), 0, 0};
    return {Place::Kind::pfn, owner.pfn, 0, 0};
}

} // namespace mm
