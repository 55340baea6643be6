#include "machine/facts/owner.h"

#include "base/hex.h"
#include "kernel/vmalloc.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/process_facts.h"
#include "machine/facts/slab_state.h"
#include "machine/phrase.h"
#include "process/maps_text.h"
#include "process/rmap.h"
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
constexpr Phrase OWNER_ANON{"anonymous page, page_mapcount #, mapped by @", "匿名页，page_mapcount 为 #，映射者 @"};
constexpr Phrase OWNER_SHMEM{"page of shared memory, page_mapcount #, mapped by @",
                             "共享内存的页，page_mapcount 为 #，映射者 @"};
constexpr Phrase OWNER_FILE{"page # of the file @, in the page cache", "文件 @ 的第 # 页，在页缓存中"};
constexpr Phrase OWNER_CACHED{"page # of shared memory, not mapped now", "共享内存的第 # 页，现在没有映射"};
constexpr Phrase OWNER_ZERO{"the zero page, read by all processes", "零页，所有进程共用，只读"};
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

// False: nothing of processes stands in it.
bool find_user_page(const Machine& machine, FrameOwner& owner) {
    const user_pages& user = machine.processes.user;
    const user_page page = user.at(owner.pfn);
    if (page.kind == user_page_kind::none) return false;
    owner.use = FrameUse::process;
    owner.page_kind = page.kind;
    const std::vector<frame_mapping> mappings = rmap_walk(user, owner.pfn);
    owner.mappings = static_cast<u32>(mappings.size());
    if (mappings.empty()) return true;
    owner.mm = mappings.front().mm;
    owner.address = mappings.front().address;
    owner.space = static_cast<space_id>(machine.processes.mms[owner.mm].space);
    return true;
}

std::string user_page_text(const Machine& machine, const FrameOwner& owner, Language language) {
    const process_memory& proc = machine.processes;
    const user_page page = proc.user.at(owner.pfn);
    const std::string index = std::to_string(page.index);
    if (page.kind == user_page_kind::file)
        return filled(OWNER_FILE.in(language), index, mapping_path(proc, page.mapping));
    if (owner.mm == MM_NONE) return filled(OWNER_CACHED.in(language), index, {});
    const Phrase& kind = page.kind == user_page_kind::anon ? OWNER_ANON : OWNER_SHMEM;
    const std::string where = process_text(proc, owner.mm) + " " + address_hex(owner.address);
    return filled(kind.in(language), std::to_string(owner.mappings), where);
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
    if (owner.pfn == machine.processes.user.zero_pfn) owner.use = FrameUse::zero_page;
    if (owner.use != FrameUse::allocated || find_user_page(machine, owner)) return owner;
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
    case FrameUse::process: return user_page_text(machine, owner, language);
    case FrameUse::zero_page: return say(OWNER_ZERO);
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
    if (owner.mm != MM_NONE) return {Place::Kind::address, static_cast<i64>(owner.address), i64{owner.space}, 0};
    return {Place::Kind::pfn, owner.pfn, 0, 0};
}

} // namespace mm
