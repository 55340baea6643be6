// The inspector's structs of the slab allocators: kmem_cache with its CPUs and nodes, slab, and the object itself.
//
// Names and order are the kernel's (include/linux/slub_def.h, slab_def.h, mm/slab.h of Linux 6.1).
#include "base/hex.h"
#include "bridge/structs.h"
#include "machine/facts/slab_state.h"
#include "physical/gfp.h"
#include "slab/slab.h"
#include "slab/slabs.h"
#include "slab/slob.h"

namespace shell {
namespace {

using mm::cache_id;
using mm::i64;
using mm::slab_id;
using mm::u32;

constexpr u32 FEW = 8; // CPUs are all written out up to this many; beyond, those that hold something

class SlabInspector {
  public:
    SlabInspector(const mm::Machine& machine, mm::Language language)
        : machine_(machine), slabs_(machine.slabs), words_{language} {}

    std::vector<Struct> structs(const Selection& selection) {
        const slab_id id = slab_of(machine_, selection);
        if (selection.kind == Selection::Kind::object) object(static_cast<mm::phys_addr_t>(selection.value), id);
        if (id != mm::SLAB_NONE) slab(id);
        const cache_id cache_number = cache_of(machine_, selection);
        if (cache_number != mm::CACHE_NONE && selection.kind == Selection::Kind::cache) cache(cache_number);
        return std::move(structs_);
    }

  private:
    Struct& open(std::string title) {
        structs_.push_back({std::move(title), {}});
        return structs_.back();
    }
    std::string place(const Selection& selection) const { return place_text(machine_, selection); }
    std::string_view name_of(cache_id id) const { return mm::name_text(slabs_.caches[id].name); }
    bool is(mm::slab_allocator allocator) const { return slabs_.config.allocator == allocator; }

    void link_cache(Struct& s, std::string name, cache_id id) const {
        if (!cache_exists(slabs_, id)) return s.add(std::move(name), "—");
        s.add(std::move(name), std::string(name_of(id)), place({Selection::Kind::cache, id, 0, 0}));
    }
    void link_slab(Struct& s, std::string name, slab_id id) const {
        if (id >= slabs_.nr_slabs) return s.add(std::move(name), "—");
        const mm::pfn_t pfn = slabs_.slabs[id].pfn;
        s.add(std::move(name), mm::address_hex(pfn), place({Selection::Kind::pfn, pfn, 0, 0}));
    }
    void link_object(Struct& s, std::string name, slab_id id, mm::obj_index index) const {
        if (id >= slabs_.nr_slabs || index >= slabs_.slabs[id].objects) return s.add(std::move(name), "NULL");
        const mm::phys_addr_t address = mm::object_address(slabs_, machine_.physical, {id, index, 0});
        s.add(std::move(name), mm::address_hex(address) + " (#" + std::to_string(index) + ")",
              place({Selection::Kind::object, static_cast<i64>(address), 0, 0}));
    }

    // ---- the object ------------------------------------------------------------------------------------------------

    void object(mm::phys_addr_t address, slab_id id) {
        Struct& s = open(words_.field("object", "对象"));
        s.add(words_.field("physical address", "物理地址"), mm::address_hex(address));
        const mm::pfn_t pfn = machine_.physical.pfn_of(address);
        s.add(words_.field("page frame", "页框"), mm::address_hex(pfn), place({Selection::Kind::pfn, pfn, 0, 0}));
        if (id == mm::SLAB_NONE) {
            const bool slob = mm::is_slob_page(slabs_, machine_.physical, pfn);
            s.add(words_.field("slab", "slab"),
                  slob ? words_("a page of SLOB", "SLOB 的页") : words_("no slab now", "现在不在任何 slab 中"));
            return;
        }
        const mm::slab& held = slabs_.slabs[id];
        link_cache(s, words_.field("cache", "缓存"), held.cache);
        const mm::object_ref found = mm::object_of_address(slabs_, machine_.physical, address);
        if (found.index == mm::OBJ_NONE) {
            s.add(words_.field("index", "序号"), words_("beside the objects", "不在对象之内"));
            return;
        }
        s.add(words_.field("index", "序号"),
              std::to_string(found.index) + words_(" of ", " / ") + std::to_string(held.objects));
        const mm::SlabObjects objects(slabs_, id);
        s.add(words_.field("state", "状态"), state_words(objects.state(found.index)));
        if (objects.state(found.index) != mm::ObjectState::allocated && is(mm::slab_allocator::slub))
            link_object(s, words_.field("free pointer", "空闲指针"), id, mm::next_free(slabs_, held, found.index));
        const mm::kmem_cache& cache = slabs_.caches[held.cache];
        s.number(words_.field("bytes of the object", "对象的字节数"), cache.object_size);
        s.number(words_.field("bytes it takes", "占用的字节数"), cache.size);
    }

    std::string state_words(mm::ObjectState state) const {
        switch (state) {
        case mm::ObjectState::allocated: return words_("allocated", "已分配");
        case mm::ObjectState::cpu_free: return words_("free, ready for its CPU", "空闲，供 CPU 使用");
        case mm::ObjectState::slab_free: return words_("free, in its slab", "空闲，在 slab 中");
        }
        return "";
    }

    // ---- struct slab -----------------------------------------------------------------------------------------------

    void slab(slab_id id) {
        const mm::slab& held = slabs_.slabs[id];
        Struct& s = open("struct slab pfn 0x" + mm::hex(held.pfn));
        s.add("__page_flags", "PG_slab");
        link_cache(s, "slab_cache", held.cache);
        if (is(mm::slab_allocator::slub)) {
            link_slab(s, held.place == mm::slab_place::cpu_partial ? "next" : "slab_list.next", held.next);
            if (held.place == mm::slab_place::cpu_partial) s.number("slabs", held.cpu_partial_slabs);
            link_object(s, "freelist", id, held.freelist);
            s.number("inuse", held.inuse);
            s.number("objects", held.objects);
            s.number("frozen", held.frozen);
        } else {
            link_slab(s, "slab_list.next", held.next);
            s.add("s_mem", mm::address_hex(mm::slab_base(slabs_, machine_.physical, id) + held.colour_off));
            s.number("active", held.inuse);
        }
        s.add(words_.field("where it stands", "位置"), place_words(held));
        s.number(words_.field("order", "阶"), held.order);
        s.number(words_.field("node", "节点"), held.node);
        if (held.corrupt) s.add(words_.field("damaged by misuse", "已被误用破坏"), words_("yes", "是"));
        s.number(words_.field("last changed by op", "最近改变它的操作"), held.stamp);
    }

    std::string place_words(const mm::slab& s) const {
        const std::string cpu = "CPU " + std::to_string(s.cpu), node = std::to_string(s.node);
        switch (s.place) {
        case mm::slab_place::cpu: return words_("the slab of ", "本地 slab：") + cpu;
        case mm::slab_place::cpu_partial: return words_("partial list of ", "部分空闲链表：") + cpu;
        case mm::slab_place::node_partial: return words_("partial list of node ", "部分空闲链表：节点 ") + node;
        case mm::slab_place::node_full: return words_("full list of node ", "已满链表：节点 ") + node;
        case mm::slab_place::node_free: return words_("free list of node ", "全空链表：节点 ") + node;
        case mm::slab_place::none: break;
        }
        return words_("on no list", "不在任何链表");
    }

    // ---- struct kmem_cache -----------------------------------------------------------------------------------------

    void cache(cache_id id) {
        if (is(mm::slab_allocator::slub)) return slub_cache(id);
        if (is(mm::slab_allocator::slab)) return classic_cache(id);
        const mm::kmem_cache& c = slabs_.caches[id];
        Struct& s = open(title(id));
        s.number("object_size", c.object_size);
        s.number("size", c.size);
        s.number("align", c.align);
        s.add("flags", mm::slab_flags_text(c.flags));
        s.number("refcount", c.refcount);
    }

    std::string title(cache_id id) const { return "struct kmem_cache " + std::string(name_of(id)); }

    static std::string order_objects(u32 order, u32 objs) {
        return mm::address_hex(order << 16 | objs) + " (" + std::to_string(order) + ", " + std::to_string(objs) + ")";
    }

    void slub_cache(cache_id id) {
        const mm::kmem_cache& c = slabs_.caches[id];
        Struct& s = open(title(id));
        s.add("flags", mm::slab_flags_text(c.flags));
        s.number("min_partial", c.min_partial);
        s.number("size", c.size);
        s.number("object_size", c.object_size);
        s.number("offset", c.offset);
        s.number("cpu_partial", c.cpu_partial);
        if (slabs_.rules.cpu_partial_by_slabs()) s.number("cpu_partial_slabs", c.cpu_partial_slabs);
        s.add("oo", order_objects(c.order, c.objs));
        s.add("min", order_objects(c.min_order, c.min_objs));
        s.add("allocflags", mm::gfp_to_text(c.allocflags, slabs_.rules));
        s.number("refcount", c.refcount);
        s.number("inuse", c.inuse);
        s.number("align", c.align);
        s.number("red_left_pad", c.red_left_pad);
        s.number("useroffset", c.useroffset);
        s.number("usersize", c.usersize);
        aliases(s, id);
        for (u32 cpu = 0; cpu < slabs_.nr_cpus; ++cpu) kmem_cache_cpu(id, cpu);
        for (u32 node = 0; node < slabs_.nr_nodes; ++node) {
            const mm::kmem_cache_node& n = slabs_.node_at(id, node);
            Struct& of = open("struct kmem_cache_node node " + std::to_string(node));
            of.number("nr_partial", n.partial.nr);
            link_slab(of, "partial.next", n.partial.first);
            of.number("nr_slabs", n.nr_slabs);
            of.number("total_objects", n.total_objects);
        }
    }

    void aliases(Struct& s, cache_id id) const {
        std::string names;
        for (const mm::cache_alias& alias : slabs_.aliases) {
            if (alias.cache == id) names += (names.empty() ? "" : ", ") + std::string(mm::name_text(alias.name));
        }
        if (!names.empty()) s.add(words_.field("aliases", "别名"), names);
    }

    void kmem_cache_cpu(cache_id id, u32 cpu) {
        const mm::kmem_cache_cpu& c = slabs_.cpu_at(id, cpu);
        if (slabs_.nr_cpus > FEW && c.slab == mm::SLAB_NONE && c.partial == mm::SLAB_NONE) return;
        Struct& s = open("struct kmem_cache_cpu CPU " + std::to_string(cpu));
        link_object(s, "freelist", c.slab, c.freelist);
        s.number("tid", static_cast<i64>(c.tid));
        link_slab(s, "slab", c.slab);
        link_slab(s, "partial", c.partial);
        for (u32 item : {mm::ALLOC_FASTPATH, mm::ALLOC_SLOWPATH, mm::FREE_FASTPATH, mm::FREE_SLOWPATH})
            s.number("stat[" + std::string(mm::slub_stat_names[item]) + "]", c.stat[item]);
    }

    void classic_cache(cache_id id) {
        const mm::kmem_cache& c = slabs_.caches[id];
        Struct& s = open(title(id));
        s.number("batchcount", c.batchcount);
        s.number("limit", c.limit);
        s.number("shared", c.shared);
        s.number("size", c.size);
        s.add("flags", mm::slab_flags_text(c.flags));
        s.number("num", c.num);
        s.number("gfporder", c.order);
        s.add("allocflags", mm::gfp_to_text(c.allocflags, slabs_.rules));
        s.number("colour", c.colour);
        s.number("colour_off", c.colour_off);
        if (c.freelist_cache != mm::CACHE_NONE) link_cache(s, "freelist_cache", c.freelist_cache);
        s.number("freelist_size", c.freelist_size);
        s.number("refcount", c.refcount);
        s.number("object_size", c.object_size);
        s.number("align", c.align);
        aliases(s, id);
        for (u32 cpu = 0; cpu < slabs_.nr_cpus && c.cpu_cache != mm::RUN_NONE; ++cpu)
            array("struct array_cache CPU " + std::to_string(cpu), c.cpu_cache + cpu);
        for (u32 node = 0; node < slabs_.nr_nodes; ++node) classic_node(id, node);
    }

    void array(std::string title, u32 number) {
        const mm::array_cache& a = slabs_.arrays[number];
        Struct& s = open(std::move(title));
        s.number("avail", a.avail);
        s.number("limit", a.limit);
        s.number("batchcount", a.batchcount);
        s.number("touched", a.touched);
        s.number(words_.field("hits", "命中"), a.hits);
        s.number(words_.field("misses", "未命中"), a.misses);
    }

    void classic_node(cache_id id, u32 node) {
        const mm::kmem_cache_node& n = slabs_.node_at(id, node);
        Struct& s = open("struct kmem_cache_node node " + std::to_string(node));
        link_slab(s, "slabs_partial.next", n.partial.first);
        link_slab(s, "slabs_full.next", n.full.first);
        link_slab(s, "slabs_free.next", n.free.first);
        s.number("total_slabs", n.nr_slabs);
        s.number("free_slabs", n.free.nr);
        s.number("free_objects", n.free_objects);
        s.number("free_limit", n.free_limit);
        s.number("colour_next", n.colour_next);
        if (n.shared != mm::RUN_NONE) s.number("shared->avail", slabs_.arrays[n.shared].avail);
        s.number("free_touched", n.free_touched);
    }

    const mm::Machine& machine_;
    const mm::slab_memory& slabs_;
    OwnWords words_;
    std::vector<Struct> structs_;
};

} // namespace

std::vector<Struct> slab_structs(const mm::Machine& machine, mm::Language language, const Selection& selection) {
    return SlabInspector(machine, language).structs(selection);
}

} // namespace shell
