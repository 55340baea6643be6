// Recorded slab caches against the engine: sizes of all caches of a machine, and runs on one cache object by object.
//
// A run does not begin with the state of the page allocator, so which pages a new slab gets is not determined. What is: the
// order in which slabs are made, taken, parked and given back. So a recorded slab and one of the engine are paired when
// both are new, and from then on stand for each other; when the engine gives its slab back, the pair ends.
#include <algorithm>
#include <map>

#include "oracle/oracle.h"
#include "oracle/replay.h"
#include "recording/slab.h"
#include "slab/kmalloc.h"
#include "slab/slabs.h"
#include "slab/slub.h"

namespace mm {
namespace {

std::string place(const SlabEntry& entry) { return "line " + std::to_string(entry.line); }

std::string list_text(const std::vector<u32>& list) {
    std::string text;
    for (u32 item : list) text += (text.empty() ? "" : " ") + std::to_string(item);
    return text.empty() ? "empty" : text;
}

std::string pfn_text(pfn_t pfn) { return pfn == PFN_NONE || pfn == 0 ? std::string("none") : "pfn " + hex(pfn); }

class SlabRun {
  public:
    SlabRun(const OracleMachine& machine, const RecordedSlabScript& script, FactLog& log)
        : script_(script), log_(log), mem_(machine.booted.in_module),
          cx_{slabs_, {mem_, quiet_, cpu_of(script, mem_), 1}} {
        const machine_profile& profile = machine.machine.profile;
        slabs_.config = profile.slab;
        slabs_.arch = profile.arch;
        slabs_.pointer_size = profile.arch == architecture::i386 ? 4 : 8;
        kmem_cache_init(cx_);
    }

    void run();

  private:
    // The module runs on one CPU; the states show which. One that the machine lacks is told where its state is compared.
    static u32 cpu_of(const RecordedSlabScript& script, const physical_memory& mem) {
        for (const RecordedCache& state : script.states)
            for (const RecordedCacheCpu& cpu : state.cpus)
                if (cpu.slab.pfn != PFN_NONE && cpu.cpu < mem.nr_cpus) return cpu.cpu;
        return 0;
    }

    void create(const SlabEntry& entry);
    void alloc(const SlabEntry& entry);
    void free(const SlabEntry& entry);
    void state(const SlabEntry& entry);
    void kmalloc_entry(const SlabEntry& entry);
    void compare_place(const SlabEntry& entry);
    void compare_numbers(const RecordedCache& state, const std::string& at);
    void compare_slab(const std::string& at, const RecordedSlab& recorded, slab_id engine);
    bool same_slab(std::string_view kind, const std::string& at, pfn_t recorded, slab_id engine);
    void follow_random_start(const SlabEntry& entry);
    void learn_random_seq();
    [[nodiscard]] std::vector<u32> freelist(slab_id id, obj_index head) const;
    [[nodiscard]] std::vector<slab_id> cpu_partial(u32 cpu) const;
    void lose(const char* reason) { lost_ = reason; }
    void missing(std::string_view kind, const std::string& what) {
        log_.check(kind, false, [&] { return what; });
    }

    const RecordedSlabScript& script_;
    FactLog& log_;
    physical_memory mem_;
    slab_memory slabs_;
    EventSink quiet_;
    slab_context cx_;
    cache_id cache_ = CACHE_NONE;
    std::map<pfn_t, slab_id> pairs_;     // recorded slab -> ours
    std::map<u32, phys_addr_t> objects_; // by slot
    std::map<std::string, std::pair<u64, u64>>
        freed_last_; // kmalloc: by cache, the object that the next request returns
    const char* lost_ = nullptr;
};

std::vector<u32> SlabRun::freelist(slab_id id, obj_index head) const {
    const slab& s = slabs_.slabs[id];
    std::vector<u32> out;
    for (; head != OBJ_NONE && out.size() < s.objects; head = next_free(slabs_, s, head)) out.push_back(head);
    return out;
}

std::vector<slab_id> SlabRun::cpu_partial(u32 cpu) const {
    std::vector<slab_id> out;
    for (slab_id id = slabs_.cpu_at(cache_, cpu).partial; id != SLAB_NONE; id = slabs_.slabs[id].next)
        out.push_back(id);
    return out;
}

// Pairs a recorded slab that is not known with one of ours that is not paired.
bool SlabRun::same_slab(std::string_view kind, const std::string& at, pfn_t recorded, slab_id engine) {
    if (recorded == 0) recorded = PFN_NONE;
    const auto known = pairs_.find(recorded);
    const bool paired =
        std::any_of(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair.second == engine; });
    bool same = false;
    if (recorded == PFN_NONE || engine == SLAB_NONE)
        same = recorded == PFN_NONE && engine == SLAB_NONE;
    else if (known == pairs_.end() && !paired)
        same = pairs_.emplace(recorded, engine).second;
    else
        same = known != pairs_.end() && known->second == engine;
    return log_.check(kind, same, [&] {
        const pfn_t expected = known == pairs_.end() ? PFN_NONE : slabs_.slabs[known->second].pfn;
        const pfn_t got = engine == SLAB_NONE ? PFN_NONE : slabs_.slabs[engine].pfn;
        return at + ": recorded slab " + pfn_text(recorded) + " (here " + pfn_text(expected) + "), engine " +
               pfn_text(got);
    });
}

void SlabRun::create(const SlabEntry& entry) {
    const ScriptCommand* command = script_.command(entry.command);
    if (!command || command->args.size() < 2) return lose("a cc line without its command");
    const auto number = [&](std::size_t i, int base) {
        u64 value = 0;
        TextCursor at(i < command->args.size() ? std::string_view(command->args[i]) : std::string_view());
        static_cast<void>(at.number(value, base, 0xffffffffu));
        return static_cast<u32>(value);
    };
    cache_request request;
    request.name = intern(command->args[0]);
    request.size = number(1, 10);
    request.align = number(2, 10);
    if (number(3, 16) != 0) return lose("cache flags by number, which differ by version");
    request.usersize = request.size;
    cache_ = kmem_cache_create(cx_, request);
    if (cache_ == CACHE_NONE) return lose("the cache cannot be made");
    if (number(4, 10) != 0) slabs_.caches.mut(cache_).random_seq = RUN_NONE;
    learn_random_seq();
}

// A shuffled cache: the first slab that is handed out as a whole shows the order; the kernel drew it at random.
void SlabRun::learn_random_seq() {
    kmem_cache& cache = slabs_.caches.mut(cache_);
    if (cache.random_seq == RUN_NONE) return;
    std::vector<u32> order;
    for (const SlabEntry& entry : script_.log) {
        if (entry.kind == SlabEntry::Kind::state || entry.kind == SlabEntry::Kind::create) continue;
        if (entry.kind != SlabEntry::Kind::alloc || order.size() == cache.objs) break;
        if (entry.index >= cache.objs || std::find(order.begin(), order.end(), entry.index) != order.end()) break;
        order.push_back(entry.index);
    }
    if (order.size() != cache.objs) return lose("the shuffled order is not shown");
    for (u32 i = 0; i < cache.objs; ++i)
        slabs_.links.mut(cache.random_seq + i).set_next(static_cast<obj_index>(order[i]));
}

// Where in the order a new slab begins is drawn at random, too: the first object that the kernel handed out tells.
void SlabRun::follow_random_start(const SlabEntry& entry) {
    const kmem_cache& cache = slabs_.caches[cache_];
    if (cache.random_seq == RUN_NONE || pairs_.contains(entry.slab)) return;
    for (u32 i = 0; i < cache.objs; ++i)
        if (slabs_.links[cache.random_seq + i].next() == entry.index) slabs_.caches.mut(cache_).next_random_start = i;
}

void SlabRun::compare_place(const SlabEntry& entry) {
    if (!entry.has_place) return;
    const u32 cpu = cx_.page.cpu;
    const kmem_cache_cpu& c = slabs_.cpu_at(cache_, cpu);
    same_slab("slub.cpu_slab", place(entry) + ", cpuslab", entry.cpu_slab, c.slab);
    log_.equal_number("slub.cpu_partial", place(entry) + " cpupartial_slabs", entry.cpu_partial,
                      static_cast<i64>(cpu_partial(cpu).size()));
    i64 nr_partial = 0;
    for (u32 node = 0; node < slabs_.nr_nodes; ++node) nr_partial += slabs_.node_at(cache_, node).partial.nr;
    log_.equal_number("slub.node_partial", place(entry) + " node_partial", entry.node_partial, nr_partial);
}

void SlabRun::alloc(const SlabEntry& entry) {
    if (cache_ == CACHE_NONE) return lose("no cache");
    follow_random_start(entry);
    const phys_addr_t object = kmem_cache_alloc_node(cx_, cache_, GFP_KERNEL, -1);
    objects_[entry.slot] = object;
    const bool same = log_.check("slub.null", (object == ADDR_NULL) == (entry.address == 0),
                                 [&] { return place(entry) + ": one of both returned NULL"; });
    if (!same || object == ADDR_NULL) return lose("after a difference");
    const object_ref found = object_of_address(slabs_, mem_, object);
    const bool there =
        same_slab("slub.slab", place(entry) + ", slot " + std::to_string(entry.slot), entry.slab, found.slab);
    const bool index = log_.equal_number("slub.index", place(entry) + " index in its slab", entry.index, found.index);
    log_.equal_number("slub.ksize", place(entry) + " ksize", static_cast<i64>(entry.ksize),
                      static_cast<i64>(ksize(slabs_, mem_, object)));
    if (!there || !index) return lose("after a difference");
    compare_place(entry);
}

void SlabRun::free(const SlabEntry& entry) {
    const auto it = objects_.find(entry.slot);
    if (cache_ == CACHE_NONE || it == objects_.end()) return lose("an object that was never allocated is freed");
    const phys_addr_t object = it->second;
    objects_.erase(it);
    kmem_cache_free(cx_, cache_, object);
    std::erase_if(pairs_, [&](const auto& pair) { return slabs_.slabs[pair.second].cache != cache_; });
    compare_place(entry);
}

void SlabRun::compare_slab(const std::string& at, const RecordedSlab& recorded, slab_id engine) {
    if (!same_slab("slub.list", at, recorded.pfn, engine) || engine == SLAB_NONE) return;
    const slab& s = slabs_.slabs[engine];
    log_.equal_number("slub.inuse", at + " inuse", recorded.inuse, s.inuse);
    log_.equal_number("slub.objects", at + " objects", recorded.objects, s.objects);
    log_.equal_number("slub.frozen", at + " frozen", recorded.frozen, s.frozen ? 1 : 0);
    const std::vector<u32> ours = freelist(engine, s.freelist);
    log_.check("slub.freelist", ours == recorded.freelist, [&] {
        return at + " freelist: recorded " + list_text(recorded.freelist) + ", engine " + list_text(ours);
    });
}

void SlabRun::compare_numbers(const RecordedCache& state, const std::string& at) {
    const kmem_cache& c = slabs_.caches[cache_];
    const std::pair<std::string_view, i64> ours[] = {{"size", c.size},
                                                     {"object_size", c.object_size},
                                                     {"offset", c.offset},
                                                     {"inuse", c.inuse},
                                                     {"align", c.align},
                                                     {"order", c.order},
                                                     {"objs", c.objs},
                                                     {"min_order", c.min_order},
                                                     {"min_objs", c.min_objs},
                                                     {"min_partial", c.min_partial},
                                                     {"cpu_partial", c.cpu_partial},
                                                     {"cpu_partial_slabs", c.cpu_partial_slabs}};
    for (const auto& [name, value] : ours) {
        const auto recorded = state.numbers.find(name);
        if (recorded == state.numbers.end()) continue;
        log_.equal_number("slub.cache." + std::string(name), at + " " + std::string(name),
                          static_cast<i64>(recorded->second), value);
    }
}

void SlabRun::state(const SlabEntry& entry) {
    if (cache_ == CACHE_NONE) return lose("no cache");
    const RecordedCache& state = script_.states[entry.state];
    const std::string at = place(entry) + " ff.";
    compare_numbers(state, at);
    for (const RecordedCacheCpu& recorded : state.cpus) {
        const std::string on_cpu = at + ", CPU " + std::to_string(recorded.cpu);
        if (recorded.cpu >= slabs_.nr_cpus) {
            missing("slub.cpu_exists", on_cpu + ": the machine has no such CPU");
            continue;
        }
        const kmem_cache_cpu& c = slabs_.cpu_at(cache_, recorded.cpu);
        log_.equal_number("slub.tid", on_cpu + " tid", static_cast<i64>(recorded.tid), static_cast<i64>(c.tid));
        compare_slab(on_cpu + " slab", recorded.slab, c.slab);
        if (c.slab != SLAB_NONE) {
            const std::vector<u32> ours = freelist(c.slab, c.freelist);
            log_.check("slub.cpu_freelist", ours == recorded.freelist, [&] {
                return on_cpu + " freelist: recorded " + list_text(recorded.freelist) + ", engine " + list_text(ours);
            });
        }
        const std::vector<slab_id> partial = cpu_partial(recorded.cpu);
        log_.equal_number("slub.cpu_partial", on_cpu + " slabs on the partial list",
                          static_cast<i64>(recorded.partial.size()), static_cast<i64>(partial.size()));
        for (std::size_t i = 0; i < std::min(partial.size(), recorded.partial.size()); ++i)
            compare_slab(on_cpu + " partial[" + std::to_string(i) + "]", recorded.partial[i], partial[i]);
    }
    for (const RecordedCacheNode& recorded : state.nodes) {
        const std::string on_node = at + ", node " + std::to_string(recorded.node);
        if (recorded.node >= slabs_.nr_nodes) {
            missing("slub.node_exists", on_node + ": the machine has no such node");
            continue;
        }
        const slab_list& partial = slabs_.node_at(cache_, recorded.node).partial;
        log_.equal_number("slub.node_partial", on_node + " nr_partial", recorded.nr_partial, partial.nr);
        slab_id ours = partial.first;
        for (std::size_t i = 0; i < recorded.partial.size() && ours != SLAB_NONE; ++i, ours = slabs_.slabs[ours].next)
            compare_slab(on_node + " partial[" + std::to_string(i) + "]", recorded.partial[i], ours);
    }
}

// Which cache serves a size, or which order a large one gets. Interrupts are on and kmalloc is everybody's, so slabs
// and indices are not determined; that the object freed last comes back first is, on the CPU's own slab.
void SlabRun::kmalloc_entry(const SlabEntry& entry) {
    const ScriptCommand* command = script_.command(entry.command);
    if (entry.kind == SlabEntry::Kind::kfree) {
        if (entry.has_place && entry.slab == entry.cpu_slab)
            freed_last_[entry.cache] = {entry.address, 1};
        else
            freed_last_.erase(entry.cache);
        return;
    }
    u64 size = entry.size;
    if (size == 0 && command && command->args.size() > 2) {
        TextCursor at(command->args[2]);
        static_cast<void>(at.number(size));
    }
    const bool dma = command && !command->args.empty() && command->args.back() == "D";
    const gfp_t gfp = dma ? GFP_NOWAIT | GFP_BIT_DMA : GFP_KERNEL;
    const bool refused = size > kmalloc_max_size(slabs_, mem_);
    log_.check("kmalloc.limit", refused == (entry.address == 0),
               [&] { return place(entry) + ": recorded " + (entry.address ? "an object" : "NULL"); });
    if (refused || entry.address == 0) return;
    const cache_id cache = kmalloc_slab(slabs_, mem_, size, gfp);
    const std::string ours = cache == CACHE_NONE ? std::string() : std::string(name_text(slabs_.caches[cache].name));
    log_.check("kmalloc.cache", ours == entry.cache, [&] {
        return place(entry) + ", size " + std::to_string(size) + ": recorded cache " +
               (entry.cache.empty() ? "none" : entry.cache) + ", engine " + (ours.empty() ? "none" : ours);
    });
    log_.equal_number("kmalloc.ksize", place(entry) + " ksize", static_cast<i64>(entry.ksize),
                      static_cast<i64>(kmalloc_size_roundup(slabs_, mem_, size)));
    if (cache == CACHE_NONE)
        log_.equal_number("kmalloc.order", place(entry) + " order", entry.order,
                          order_of_size(limits_of(slabs_, mem_), size));
    if (const auto last = freed_last_.find(entry.cache); last != freed_last_.end()) {
        log_.check("kmalloc.lifo", last->second.first == entry.address,
                   [&] { return place(entry) + ": the object freed last did not come back first"; });
        freed_last_.erase(last);
    }
}

void SlabRun::run() {
    for (const SlabEntry& entry : script_.log) {
        if (lost_) {
            log_.not_compared(lost_, 1);
            continue;
        }
        switch (entry.kind) {
        case SlabEntry::Kind::create: create(entry); break;
        case SlabEntry::Kind::destroy:
            if (cache_ != CACHE_NONE) kmem_cache_destroy(cx_, cache_);
            cache_ = CACHE_NONE;
            break;
        case SlabEntry::Kind::state: state(entry); break;
        case SlabEntry::Kind::alloc: alloc(entry); break;
        case SlabEntry::Kind::free: free(entry); break;
        case SlabEntry::Kind::kmalloc:
        case SlabEntry::Kind::kfree: kmalloc_entry(entry); break;
        }
    }
}

slab_limits limits_of_machine(const OracleMachine& machine) {
    const physical_memory& mem = machine.booted.settled;
    const machine_profile& profile = machine.machine.profile;
    return {mem.rules,   1u << mem.page_shift, profile.arch == architecture::i386 ? 4u : 8u,
            mem.nr_cpus, mem.nr_orders,        profile.slab};
}

} // namespace

void compare_slab_script(const OracleMachine& machine, const RecordedSlabScript& script, FactLog& log) {
    SlabRun(machine, script, log).run();
    for (const u32 line : script.unreadable)
        log.check("line.readable", false, [&] { return "line " + std::to_string(line) + " cannot be read"; });
}

void compare_slab_attributes(const OracleMachine& machine, std::string_view text, FactLog& log) {
    const slab_limits limits = limits_of_machine(machine);
    const auto caches = parse_slab_attributes(text);
    // Named in full: before clang 16 a lambda cannot capture what a structured binding names.
    for (const auto& cache : caches) {
        const std::string& name = cache.first;
        const auto& attributes = cache.second;
        const auto value = [&](std::string_view key) {
            const auto it = attributes.find(key);
            return it == attributes.end() ? u64{0} : it->second;
        };
        if (value("object_size") == 0 || value("object_size") > kmalloc_max_size({}, machine.booted.settled)) continue;
        slab_flags_t flags = 0;
        const std::pair<std::string_view, slab_flags_t> names[] = {{"hwcache_align", SLAB_HWCACHE_ALIGN},
                                                                   {"destroy_by_rcu", SLAB_TYPESAFE_BY_RCU},
                                                                   {"poison", SLAB_POISON},
                                                                   {"red_zone", SLAB_RED_ZONE},
                                                                   {"store_user", SLAB_STORE_USER},
                                                                   {"reclaim_account", SLAB_RECLAIM_ACCOUNT}};
        for (const auto& [key, flag] : names)
            if (value(key)) flags |= flag;
        const bool has_ctor = text.find(std::string(name) + "/ctor:") != std::string_view::npos;
        const u32 object_size = static_cast<u32>(value("object_size"));
        const u32 align = calculate_alignment(limits, flags, static_cast<u32>(value("align")), object_size);
        const object_layout layout = slub_object_layout(limits, flags, object_size, align, has_ctor);
        const auto order = slub_calculate_order(limits, layout.size);
        const std::string at = "cache " + name;
        log.equal_number("slab.align", at + " align", static_cast<i64>(value("align")), align);
        log.equal_number("slab.size", at + " slab_size", static_cast<i64>(value("slab_size")), layout.size);
        log.equal_number("slab.order", at + " order", static_cast<i64>(value("order")), order ? order->order : -1);
        if (!order) continue;
        log.equal_number("slab.objs", at + " objs_per_slab", static_cast<i64>(value("objs_per_slab")),
                         (limits.page_size << order->order) / layout.size);
        log.equal_number("slab.min_partial", at + " min_partial", static_cast<i64>(value("min_partial")),
                         slub_min_partial(layout.size));
        log.equal_number("slab.cpu_partial", at + " cpu_partial", static_cast<i64>(value("cpu_partial")),
                         slub_cpu_partial(limits, layout.flags, layout.size));
    }
}

void compare_slabinfo(const OracleMachine& machine, const std::vector<SlabinfoLine>& slabinfo, FactLog& log) {
    const slab_limits limits = limits_of_machine(machine);
    for (const SlabinfoLine& row : slabinfo) {
        if (row.objsize == 0 || row.objsize > kmalloc_max_size({}, machine.booted.settled)) continue;
        const auto order = slub_calculate_order(limits, static_cast<u32>(row.objsize));
        const std::string at = "line " + std::to_string(row.line) + ", " + row.name;
        if (!order) continue;
        log.equal_number("slabinfo.pages", at + " pagesperslab", static_cast<i64>(row.pagesperslab),
                         i64{1} << order->order);
        log.equal_number("slabinfo.objs", at + " objperslab", static_cast<i64>(row.objperslab),
                         static_cast<i64>((u64{limits.page_size} << order->order) / row.objsize));
    }
}

} // namespace mm
