#include "scenario/slab_facts.h"

#include <algorithm>

#include "base/hex.h"
#include "slab/slab.h"

namespace mm {

namespace {

using Values = SlabFact::Values;
using Subject = SlabFact::Subject;

Values one(i64 value) { return std::vector<i64>{value}; }

const kmem_cache& cache_of(const Machine& machine, const Subject& subject) {
    return machine.slabs.caches[subject.cache];
}

// SLOB cuts pages into blocks and has no slabs: what is told of slabs is not there.
bool has_slabs(const Machine& machine) { return machine.slabs.config.allocator != slab_allocator::slob; }

// Calls `visit(slab)` for each slab of a cache.
template <class Visit>
void each_slab(const Machine& machine, cache_id cache, Visit visit) {
    for (slab_id id = 0; id < machine.slabs.nr_slabs; ++id)
        if (machine.slabs.slabs[id].cache == cache) visit(machine.slabs.slabs[id]);
}

template <class Count>
Values sum_of_slabs(const Machine& machine, const Subject& subject, Count count) {
    if (!has_slabs(machine)) return std::nullopt;
    i64 sum = 0;
    each_slab(machine, subject.cache, [&](const slab& s) { sum += count(s); });
    return one(sum);
}

// Entries of slab_memory::links that a slab has.
u32 nr_links(const slab& s) { return s.links == RUN_NONE ? 0 : s.objects; }

i64 held_objects(const slab_memory& slabs, const slab& s) {
    i64 held = 0;
    for (u32 i = 0; i < nr_links(s); ++i) held += slabs.links[s.links + i].allocated() ? 1 : 0;
    return held;
}

// A freelist as indices. One that misuse has turned into a ring ends where it would begin again.
Values freelist(const slab_memory& slabs, const slab& s, obj_index head) {
    std::vector<i64> indices;
    for (obj_index at = head; at < nr_links(s) && indices.size() < s.objects; at = slabs.links[s.links + at].next())
        indices.push_back(at);
    return indices;
}

// The per-CPU and per-node records are SLUB's, and SLAB's where it shares them.
bool has_cpu(const Machine& machine, i64 cpu) { return cpu >= 0 && cpu < machine.slabs.nr_cpus; }
bool has_node(const Machine& machine, i64 node) { return node >= 0 && node < machine.slabs.nr_nodes; }
bool is_slub(const Machine& machine) { return machine.slabs.config.allocator == slab_allocator::slub; }

Values cpu_slab(const Machine& machine, const Subject& subject, i64 cpu) {
    if (!is_slub(machine) || !has_cpu(machine, cpu)) return std::nullopt;
    const slab_id id = machine.slabs.cpu_at(subject.cache, static_cast<u32>(cpu)).slab;
    return one(id == SLAB_NONE ? NO_SLAB : i64{machine.slabs.slabs[id].pfn});
}

Values cpu_freelist(const Machine& machine, const Subject& subject, i64 cpu) {
    if (!is_slub(machine) || !has_cpu(machine, cpu)) return std::nullopt;
    const kmem_cache_cpu& c = machine.slabs.cpu_at(subject.cache, static_cast<u32>(cpu));
    if (c.slab == SLAB_NONE) return std::vector<i64>{};
    return freelist(machine.slabs, machine.slabs.slabs[c.slab], c.freelist);
}

Values cpu_partial(const Machine& machine, const Subject& subject, i64 cpu) {
    if (!is_slub(machine) || !has_cpu(machine, cpu)) return std::nullopt;
    i64 nr = 0;
    slab_id id = machine.slabs.cpu_at(subject.cache, static_cast<u32>(cpu)).partial;
    for (; id < machine.slabs.nr_slabs && nr < i64{machine.slabs.nr_slabs}; id = machine.slabs.slabs[id].next) ++nr;
    return one(nr);
}

Values cpu_avail(const Machine& machine, const Subject& subject, i64 cpu) {
    const u32 arrays = cache_of(machine, subject).cpu_cache;
    if (arrays == RUN_NONE || !has_cpu(machine, cpu)) return std::nullopt;
    return one(machine.slabs.arrays[arrays + static_cast<u32>(cpu)].avail);
}

template <slab_list kmem_cache_node::* LIST>
Values node_list(const Machine& machine, const Subject& subject, i64 node) {
    if (!has_node(machine, node)) return std::nullopt;
    return one((machine.slabs.node_at(subject.cache, static_cast<u32>(node)).*LIST).nr);
}

Values slab_freelist(const Machine& machine, const Subject& subject, i64) {
    const slab& s = machine.slabs.slabs[subject.slab];
    if (machine.slabs.config.allocator == slab_allocator::slab) {
        std::vector<i64> indices;
        for (u32 i = s.inuse; i < nr_links(s); ++i) indices.push_back(machine.slabs.links[s.links + i].next());
        return indices;
    }
    return freelist(machine.slabs, s, s.freelist);
}

Values distance(const Machine& machine, const Subject& subject, i64 other) {
    const OpResult& from = machine.results[static_cast<u32>(other)];
    if (from.kind != ResultKind::object) return std::nullopt;
    return one(static_cast<i64>(subject.address) - static_cast<i64>(from.value));
}

using F = SlabFact;
constexpr auto CACHE = F::Of::cache;
constexpr auto SLAB = F::Of::slab;
constexpr auto OBJECT = F::Of::object;

// clang-format off
const SlabFact facts[] = {
    {CACHE, "name", F::Key::none, F::Value::cache_name,
     [](const Machine& m, const Subject& s, i64) { return one(cache_of(m, s).name); },
     "the cache that it is: another one's name after merging"},
    {CACHE, "object_size", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) { return one(cache_of(m, s).object_size); },
     "bytes of an object as asked for"},
    {CACHE, "size", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) { return one(cache_of(m, s).size); },
     "bytes from one object to the next"},
    {CACHE, "order", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) -> Values {
         if (!has_slabs(m)) return std::nullopt;
         return one(cache_of(m, s).order); },
     "order of a slab"},
    {CACHE, "objs", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) -> Values {
         if (!has_slabs(m)) return std::nullopt;
         return one(is_slub(m) ? i64{cache_of(m, s).objs} : i64{cache_of(m, s).num}); },
     "objects a slab"},
    {CACHE, "aliases", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) {
         return one(std::max(cache_of(m, s).refcount - 1, 0)); },
     "users besides the first, after merging"},
    {CACHE, "nr_slabs", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) {
         return sum_of_slabs(m, s, [](const slab&) { return i64{1}; }); },
     "slabs, wherever they stand"},
    {CACHE, "pages", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) {
         return sum_of_slabs(m, s, [](const slab& one_slab) { return i64{1} << one_slab.order; }); },
     "pages of all its slabs"},
    {CACHE, "total_objects", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) {
         return sum_of_slabs(m, s, [](const slab& one_slab) { return i64{one_slab.objects}; }); },
     "objects of all its slabs, free or not"},
    {CACHE, "objects_in_use", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) {
         return sum_of_slabs(m, s, [&](const slab& one_slab) { return held_objects(m.slabs, one_slab); }); },
     "objects that somebody holds"},
    {CACHE, "nr_partial", F::Key::node, F::Value::number, node_list<&kmem_cache_node::partial>,
     "by node: slabs on its partial list"},
    {CACHE, "nr_full", F::Key::node, F::Value::number, node_list<&kmem_cache_node::full>,
     "by node, SLAB: slabs on its list of full ones"},
    {CACHE, "nr_free", F::Key::node, F::Value::number, node_list<&kmem_cache_node::free>,
     "by node, SLAB: slabs on its list of free ones"},
    {CACHE, "cpu_slab", F::Key::cpu, F::Value::pfn, cpu_slab,
     "by CPU: first frame of the slab that it allocates from, or null"},
    {CACHE, "cpu_partial", F::Key::cpu, F::Value::number, cpu_partial,
     "by CPU: slabs on its partial list"},
    {CACHE, "freelist", F::Key::cpu, F::Value::list, cpu_freelist,
     "by CPU: indices on its freelist, the next one to be taken first"},
    {CACHE, "avail", F::Key::cpu, F::Value::number, cpu_avail,
     "by CPU, SLAB: objects in its array"},
    {SLAB, "cache", F::Key::none, F::Value::cache_name,
     [](const Machine& m, const Subject& s, i64) {
         return one(m.slabs.caches[m.slabs.slabs[s.slab].cache].name); },
     "the cache that it belongs to"},
    {SLAB, "pfn", F::Key::none, F::Value::pfn,
     [](const Machine& m, const Subject& s, i64) { return one(m.slabs.slabs[s.slab].pfn); },
     "its first frame"},
    {SLAB, "order", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) { return one(m.slabs.slabs[s.slab].order); },
     "its order"},
    {SLAB, "objects", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) { return one(m.slabs.slabs[s.slab].objects); },
     "objects in it"},
    {SLAB, "inuse", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) { return one(m.slabs.slabs[s.slab].inuse); },
     "the kernel's slab->inuse: objects that are not on its own freelist"},
    {SLAB, "objects_in_use", F::Key::none, F::Value::number,
     [](const Machine& m, const Subject& s, i64) { return one(held_objects(m.slabs, m.slabs.slabs[s.slab])); },
     "objects that somebody holds"},
    {SLAB, "frozen", F::Key::none, F::Value::flag,
     [](const Machine& m, const Subject& s, i64) { return one(m.slabs.slabs[s.slab].frozen ? 1 : 0); },
     "belongs to a CPU"},
    {SLAB, "freelist", F::Key::none, F::Value::list, slab_freelist,
     "indices on its own freelist, head first"},
    {OBJECT, "index", F::Key::none, F::Value::number,
     [](const Machine&, const Subject& s, i64) -> Values {
         if (s.object.index == OBJ_NONE) return std::nullopt;
         return one(s.object.index); },
     "its place in its slab"},
    {OBJECT, "slab", F::Key::none, F::Value::pfn,
     [](const Machine& m, const Subject& s, i64) -> Values {
         if (s.slab == SLAB_NONE) return std::nullopt;
         return one(m.slabs.slabs[s.slab].pfn); },
     "first frame of its slab"},
    {OBJECT, "cache", F::Key::none, F::Value::cache_name,
     [](const Machine& m, const Subject& s, i64) -> Values {
         if (s.slab == SLAB_NONE) return std::nullopt;
         return one(m.slabs.caches[m.slabs.slabs[s.slab].cache].name); },
     "the cache of its slab"},
    {OBJECT, "allocated", F::Key::none, F::Value::flag,
     [](const Machine& m, const Subject& s, i64) -> Values {
         if (s.object.index == OBJ_NONE || s.object.index >= nr_links(m.slabs.slabs[s.slab])) return std::nullopt;
         return one(m.slabs.links[m.slabs.slabs[s.slab].links + s.object.index].allocated() ? 1 : 0); },
     "somebody holds it"},
    {OBJECT, "from", F::Key::object, F::Value::number, distance,
     "by object: its address less that of the other"},
};
// clang-format on

std::optional<Subject> find_object(const Machine& machine, u32 slot) {
    const OpResult& result = machine.results[slot];
    if (result.kind != ResultKind::object) return std::nullopt;
    Subject subject;
    subject.address = result.value;
    subject.slab = slab_of_address(machine.slabs, machine.physical, result.value);
    if (subject.slab != SLAB_NONE) subject.object = object_of_address(machine.slabs, machine.physical, result.value);
    return subject;
}

std::optional<Subject> find_subject(const Expectation& expected, SlabFact::Of of, const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    if (!slabs.up) return std::nullopt;
    Subject subject;
    switch (of) {
    case SlabFact::Of::cache:
        if (expected.slot == Op::NO_RESULT) {
            subject.cache = find_cache(slabs, expected.name);
        } else if (const OpResult& named = machine.results[expected.slot];
                   named.kind == ResultKind::cache && !named.freed) {
            subject.cache = static_cast<cache_id>(named.value);
        }
        if (subject.cache >= slabs.nr_caches || !slabs.caches[subject.cache].alive) return std::nullopt;
        return subject;
    case SlabFact::Of::slab:
        if (expected.slot != Op::NO_RESULT) {
            const std::optional<Subject> object = find_object(machine, expected.slot);
            if (object) subject.slab = object->slab;
        } else {
            subject.slab =
                slab_of_address(slabs, machine.physical, phys_addr_t{expected.pfn} << machine.physical.page_shift);
        }
        if (subject.slab == SLAB_NONE) return std::nullopt;
        return subject;
    case SlabFact::Of::object: return find_object(machine, expected.slot);
    }
    return std::nullopt;
}

} // namespace

std::span<const SlabFact> slab_facts() { return facts; }

SlabFact::Values slab_fact_value(const Expectation& expected, const Machine& machine) {
    const SlabFact& fact = facts[expected.fact];
    const std::optional<Subject> subject = find_subject(expected, fact.of, machine);
    if (!subject) return std::nullopt;
    return fact.read(machine, *subject, expected.key);
}

std::string slab_fact_text(const Expectation& expected, i64 value) {
    switch (facts[expected.fact].value) {
    case SlabFact::Value::pfn: return value == NO_SLAB ? "null" : address_hex(static_cast<u64>(value));
    case SlabFact::Value::cache_name: return std::string(name_text(static_cast<name_id>(value)));
    case SlabFact::Value::flag: return value ? "true" : "false";
    default: return std::to_string(value);
    }
}

} // namespace mm
