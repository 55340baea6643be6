#include "slab/procfs.h"

#include <vector>

#include "physical/procfs_text.h"
#include "slab/allocators.h"

namespace mm {

namespace {

// Free objects of slabs on a node's partial list.
u64 free_in_partial(const slab_memory& slabs, const kmem_cache_node& n) {
    u64 free = 0;
    for (slab_id id = n.partial.first; id != SLAB_NONE; id = slabs.slabs[id].next)
        free += static_cast<u64>(slabs.slabs[id].objects - slabs.slabs[id].inuse);
    return free;
}

// Counted as get_slabinfo() does: what a CPU holds on its freelist and its partial slabs counts as active.
slabinfo slub_info(const slab_memory& slabs, cache_id id) {
    slabinfo info;
    const kmem_cache& cache = slabs.caches[id];
    u64 free = 0;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node& n = slabs.node_at(id, node);
        info.num_slabs += n.nr_slabs;
        info.num_objs += n.total_objects;
        free += free_in_partial(slabs, n);
    }
    info.active_slabs = info.num_slabs;
    info.active_objs = info.num_objs - free;
    info.objects_per_slab = cache.objs;
    info.cache_order = cache.order;
    return info;
}

slabinfo classic_info(const slab_memory& slabs, cache_id id) {
    slabinfo info;
    const kmem_cache& cache = slabs.caches[id];
    u64 free = 0;
    u64 free_slabs = 0;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node& n = slabs.node_at(id, node);
        info.num_slabs += u64{n.partial.nr} + n.full.nr + n.free.nr;
        free_slabs += n.free.nr;
        free += n.free_objects;
        if (n.shared != RUN_NONE) info.shared_avail += slabs.arrays[n.shared].avail;
    }
    info.num_objs = info.num_slabs * cache.num;
    info.active_objs = info.num_objs - free;
    info.active_slabs = info.num_slabs - free_slabs;
    info.limit = cache.limit;
    info.batchcount = cache.batchcount;
    info.shared = cache.shared;
    info.objects_per_slab = cache.num;
    info.cache_order = cache.order;
    return info;
}

// "928 N0=600 N1=328": the sum, and each node that has a part of it.
std::string by_node(const std::vector<u64>& nodes) {
    u64 total = 0;
    std::string parts;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        total += nodes[node];
        if (nodes[node]) parts += " N" + std::to_string(node) + "=" + std::to_string(nodes[node]);
    }
    return std::to_string(total) + parts;
}

class SysfsFiles {
  public:
    SysfsFiles(const slab_memory& slabs, cache_id id) : slabs_(slabs), id_(id), cache_(slabs.caches[id]) {}

    std::string text();

  private:
    void file(std::string_view name, const std::string& value) {
        out_ += name;
        out_ += ':';
        out_ += value;
        out_ += '\n';
    }
    void number(std::string_view name, i64 value) { file(name, std::to_string(value)); }
    void flag(std::string_view name, slab_flags_t bit) { number(name, (cache_.flags & bit) != 0); }

    // A number a node; `f` gets the node.
    template <class F>
    std::string each_node(F f) const {
        std::vector<u64> nodes(slabs_.nr_nodes, 0);
        for (u32 node = 0; node < slabs_.nr_nodes; ++node) nodes[node] = f(slabs_.node_at(id_, node));
        return by_node(nodes);
    }
    std::string cpu_slabs() const;
    std::string slabs_cpu_partial() const;
    void statistics();

    const slab_memory& slabs_;
    cache_id id_;
    const kmem_cache& cache_;
    std::string out_;
};

// The CPUs' own slabs and those of their partial lists.
std::string SysfsFiles::cpu_slabs() const {
    std::vector<u64> nodes(slabs_.nr_nodes, 0);
    for (u32 cpu = 0; cpu < slabs_.nr_cpus; ++cpu) {
        const kmem_cache_cpu& c = slabs_.cpu_at(id_, cpu);
        if (c.slab == SLAB_NONE) continue;
        ++nodes[slabs_.slabs[c.slab].node];
        if (c.partial != SLAB_NONE) nodes[slabs_.slabs[c.partial].node] += slabs_.slabs[c.partial].cpu_partial_slabs;
    }
    return by_node(nodes);
}

// "16(2) C0=16(2)": objects (slabs). Since 5.16 half of the objects are taken to be free.
std::string SysfsFiles::slabs_cpu_partial() const {
    const auto pair = [](u64 objects, u64 slabs) {
        return std::to_string(objects) + "(" + std::to_string(slabs) + ")";
    };
    u64 all_objects = 0;
    u64 all_slabs = 0;
    std::string parts;
    for (u32 cpu = 0; cpu < slabs_.nr_cpus; ++cpu) {
        const slab_id head = slabs_.cpu_at(id_, cpu).partial;
        if (head == SLAB_NONE) continue;
        const slab& s = slabs_.slabs[head];
        const u64 nr = s.cpu_partial_slabs;
        const u64 objects = slabs_.rules.cpu_partial_by_slabs() ? nr * cache_.objs / 2 : s.cpu_partial_objects;
        all_slabs += nr;
        all_objects += objects;
        parts += " C" + std::to_string(cpu) + "=" + pair(objects, nr);
    }
    if (slabs_.rules.cpu_partial_by_slabs()) all_objects = all_slabs * cache_.objs / 2;
    return pair(all_objects, all_slabs) + parts;
}

// CONFIG_SLUB_STATS: "alloc_fastpath:120 C0=120".
void SysfsFiles::statistics() {
    for (std::size_t item = 0; item < NR_SLUB_STATS; ++item) {
        u64 total = 0;
        std::string parts;
        for (u32 cpu = 0; cpu < slabs_.nr_cpus; ++cpu) {
            const u32 value = slabs_.cpu_at(id_, cpu).stat[item];
            total += value;
            if (value) parts += " C" + std::to_string(cpu) + "=" + std::to_string(value);
        }
        file(slub_stat_names[item], std::to_string(total) + parts);
    }
}

std::string SysfsFiles::text() {
    number("aliases", cache_.refcount > 0 ? cache_.refcount - 1 : 0);
    number("align", cache_.align);
    flag("cache_dma", SLAB_CACHE_DMA);
    number("cpu_partial", cache_.cpu_partial);
    file("cpu_slabs", cpu_slabs());
    if (cache_.ctor) file("ctor", std::string(name_text(cache_.name)) + "_ctor");
    flag("destroy_by_rcu", SLAB_TYPESAFE_BY_RCU);
    flag("hwcache_align", SLAB_HWCACHE_ALIGN);
    number("min_partial", cache_.min_partial);
    number("object_size", cache_.object_size);
    file("objects", each_node([&](const kmem_cache_node& n) { return n.total_objects - free_in_partial(slabs_, n); }));
    file("objects_partial", each_node([&](const kmem_cache_node& n) {
             u64 inuse = 0;
             for (slab_id id = n.partial.first; id != SLAB_NONE; id = slabs_.slabs[id].next)
                 inuse += slabs_.slabs[id].inuse;
             return inuse;
         }));
    number("objs_per_slab", cache_.objs);
    number("order", cache_.order);
    file("partial", each_node([](const kmem_cache_node& n) { return u64{n.partial.nr}; }));
    flag("poison", SLAB_POISON);
    flag("reclaim_account", SLAB_RECLAIM_ACCOUNT);
    flag("red_zone", SLAB_RED_ZONE);
    number("remote_node_defrag_ratio", 100);
    flag("sanity_checks", SLAB_CONSISTENCY_CHECKS);
    number("slab_size", cache_.size);
    file("slabs", each_node([](const kmem_cache_node& n) { return u64{n.nr_slabs}; }));
    file("slabs_cpu_partial", slabs_cpu_partial());
    flag("store_user", SLAB_STORE_USER);
    file("total_objects", each_node([](const kmem_cache_node& n) { return u64{n.total_objects}; }));
    flag("trace", SLAB_TRACE);
    number("usersize", cache_.usersize);
    statistics();
    return std::move(out_);
}

} // namespace

slabinfo get_slabinfo(const slab_memory& slabs, cache_id cache) {
    return slabs.config.allocator == slab_allocator::slab ? classic_info(slabs, cache) : slub_info(slabs, cache);
}

std::string slabinfo_text(const slab_memory& slabs) {
    if (slabs.config.allocator == slab_allocator::slob) return "SLOB has no /proc/slabinfo: it keeps no slabs.\n";
    std::string out = "slabinfo - version: 2.1\n"
                      "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables "
                      "<limit> <batchcount> "
                      "<sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
    for (cache_id id = slabs.slab_caches; id != CACHE_NONE; id = slabs.caches[id].list_next) {
        const kmem_cache& cache = slabs.caches[id];
        const slabinfo info = get_slabinfo(slabs, id);
        const std::string_view name = name_text(cache.name);
        append_line(out, "%-17.*s %6llu %6llu %6u %4u %4u", static_cast<int>(name.size()), name.data(),
                    static_cast<unsigned long long>(info.active_objs), static_cast<unsigned long long>(info.num_objs),
                    cache.size, info.objects_per_slab, 1u << info.cache_order);
        append_line(out, " : tunables %4u %4u %4u", info.limit, info.batchcount, info.shared);
        append_line(out, " : slabdata %6llu %6llu %6llu\n", static_cast<unsigned long long>(info.active_slabs),
                    static_cast<unsigned long long>(info.num_slabs),
                    static_cast<unsigned long long>(info.shared_avail));
    }
    return out;
}

std::string sysfs_slab_name(const slab_memory& slabs, cache_id id) {
    const kmem_cache& cache = slabs.caches[id];
    if (cache_unmergeable(slabs, cache)) return std::string(name_text(cache.name));
    std::string name = ":";
    if (cache.flags & SLAB_CACHE_DMA) name += 'd';
    if (cache.flags & SLAB_CACHE_DMA32) name += 'D';
    if (cache.flags & SLAB_RECLAIM_ACCOUNT) name += 'a';
    if (cache.flags & SLAB_CONSISTENCY_CHECKS) name += 'F';
    if (cache.flags & SLAB_ACCOUNT) name += 'A';
    if (name.size() > 1) name += '-';
    append_line(name, "%07u", cache.size);
    return name;
}

std::string sysfs_slab_text(const slab_memory& slabs, cache_id cache) {
    if (slabs.config.allocator != slab_allocator::slub) return {};
    return SysfsFiles(slabs, cache).text();
}

} // namespace mm
