#include "machine/compare_allocators.h"

#include <algorithm>

#include "slab/classic_view.h"
#include "slab/kmalloc.h"
#include "slab/procfs.h"
#include "slab/slab.h"
#include "slab/slabs.h"
#include "slab/slob.h"

namespace mm {

namespace {

constexpr u64 WORK_LIKE_AN_OP = 256; // units beyond which an op counts as more than one
constexpr u32 SLABS_LIKE_AN_OP = 16; // a sample looks at so many slabs while an op is applied

// Free objects that the CPUs and nodes keep ready; the kernel's counters call them active.
u64 kept_ready(const slab_memory& slabs, cache_id id) {
    u64 kept = 0;
    if (slabs.config.allocator == slab_allocator::slub) {
        for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
            const kmem_cache_cpu& c = slabs.cpu_at(id, cpu);
            if (c.slab != SLAB_NONE) {
                const slab& s = slabs.slabs[c.slab];
                kept += freelist_length(slabs, s, c.freelist) + static_cast<u64>(s.objects - s.inuse);
            }
            u32 seen = 0;
            for (slab_id at = c.partial; at < slabs.nr_slabs && seen < slabs.nr_slabs;
                 at = slabs.slabs[at].next, ++seen)
                kept += static_cast<u64>(slabs.slabs[at].objects - slabs.slabs[at].inuse);
        }
        return kept;
    }
    const u32 arrays = slabs.caches[id].cpu_cache;
    for (u32 cpu = 0; cpu < slabs.nr_cpus && arrays != RUN_NONE; ++cpu) kept += slabs.arrays[arrays + cpu].avail;
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const kmem_cache_node& n = slabs.node_at(id, node);
        if (n.shared != RUN_NONE) kept += slabs.arrays[n.shared].avail;
        for (u32 owner = 0; owner < slabs.nr_nodes && n.alien != RUN_NONE; ++owner)
            kept += slabs.arrays[n.alien + owner].avail;
    }
    return kept;
}

void add_paths(const slab_memory& slabs, cache_id id, AllocatorNumbers& out) {
    if (slabs.config.allocator == slab_allocator::slub) {
        for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
            const kmem_cache_cpu& c = slabs.cpu_at(id, cpu);
            out.fast_allocs += c.stat[ALLOC_FASTPATH];
            out.slow_allocs += c.stat[ALLOC_SLOWPATH];
            out.fast_frees += c.stat[FREE_FASTPATH];
            out.slow_frees += c.stat[FREE_SLOWPATH];
        }
        return;
    }
    const u32 arrays = slabs.caches[id].cpu_cache;
    for (u32 cpu = 0; cpu < slabs.nr_cpus && arrays != RUN_NONE; ++cpu) {
        const array_cache& a = slabs.arrays[arrays + cpu];
        out.fast_allocs += a.hits;
        out.slow_allocs += a.misses;
        out.fast_frees += a.free_hits;
        out.slow_frees += a.free_misses;
    }
}

// Objects of one slab that are on a freelist of its own or of its CPU, or in an array.
u32 free_objects_of(const slab_memory& slabs, const slab& s) {
    u32 free = 0;
    for (u32 i = 0; i < s.objects; ++i) free += !is_allocated(slabs, s, static_cast<obj_index>(i));
    return free;
}

// Bytes of one object of this cache that are neither the object nor padding.
u64 metadata_of_object(const Machine& machine, const kmem_cache& cache) {
    if (machine.slabs.config.allocator != slab_allocator::slub) return 0;
    u64 bytes = 0;
    for (const part_range& part : object_parts(limits_of(machine.slabs, machine.physical), cache))
        if (part.part != object_part::object && part.part != object_part::padding) bytes += part.end - part.start;
    return bytes;
}

// Of one slab of SLAB: where its index array stands, and the bytes in front of its objects and behind them.
struct SlabOverhead {
    u64 index = 0;        // on the slab
    u64 index_object = 0; // a whole object of another slab
    u64 colour = 0;
};
SlabOverhead overhead_of(const Machine& machine, slab_id id) {
    const slab_memory& slabs = machine.slabs;
    SlabOverhead out;
    for (const slab_range& range : slab_parts(slabs, machine.physical, id)) {
        if (range.part == slab_part::index_array) out.index += range.end - range.start;
        if (range.part == slab_part::colour) out.colour += range.end - range.start;
    }
    const phys_addr_t management = slabs.slabs[id].management;
    const slab_id holder = management == ADDR_NULL ? SLAB_NONE : slab_of_address(slabs, machine.physical, management);
    if (holder != SLAB_NONE) out.index_object = slabs.caches[slabs.slabs[holder].cache].size;
    return out;
}

void add_slab_states(const Machine& machine, AllocatorNumbers& out) {
    const slab_memory& slabs = machine.slabs;
    const bool by_links = slabs.config.allocator == slab_allocator::slub;
    for (slab_id id = 0; id < slabs.nr_slabs; ++id) {
        const slab& s = slabs.slabs[id];
        if (s.cache == CACHE_NONE) continue;
        out.pages += u64{1} << s.order;
        const u32 free = by_links ? free_objects_of(slabs, s) : u32{s.objects} - std::min(s.inuse, s.objects);
        ++(free == 0 ? out.full : free == s.objects ? out.empty : out.partial);
    }
}

AllocatorNumbers slab_numbers(const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    AllocatorNumbers out;
    add_slab_states(machine, out);
    u64 all = 0, held = 0, metadata = 0;
    for (cache_id id = 0; id < slabs.nr_caches; ++id) {
        if (!slabs.caches[id].alive) continue;
        const slabinfo info = get_slabinfo(slabs, id);
        const u64 ready = std::min(kept_ready(slabs, id), info.active_objs);
        all += info.num_objs * slabs.caches[id].size;
        const u64 nr_held = info.active_objs - ready;
        held += nr_held * slabs.caches[id].size;
        if (nr_held > 0) metadata += nr_held * metadata_of_object(machine, slabs.caches[id]);
        add_paths(slabs, id, out);
    }
    u64 index = 0, colour = 0;
    for (slab_id id = 0; id < slabs.nr_slabs && slabs.config.allocator == slab_allocator::slab; ++id) {
        if (slabs.slabs[id].cache == CACHE_NONE) continue;
        const SlabOverhead overhead = overhead_of(machine, id);
        index += overhead.index;
        metadata += overhead.index_object;
        colour += overhead.colour;
    }
    AllocatorBytes& bytes = out.bytes;
    bytes.pages = out.pages << machine.physical.page_shift;
    // Misuse may have damaged what is counted here: each part is held to what the others leave.
    all = std::min(all, bytes.pages);
    held = std::min(held, all);
    metadata = std::min(metadata, held);
    bytes.rounding = held - metadata;
    bytes.free = all - held;
    index = std::min(index, bytes.pages - all);
    bytes.metadata = metadata + index;
    bytes.colour = std::min(colour, bytes.pages - all - index);
    bytes.rest = bytes.pages - all - index - bytes.colour;
    return out;
}

AllocatorNumbers slob_numbers(const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    const u32 page_units = slob_page_units(machine.physical);
    AllocatorNumbers out;
    u64 free_units = 0;
    for (const pfn_t first : slabs.slob_first) {
        for (pfn_t pfn = first; pfn != PFN_NONE && out.pages < slabs.slob_nr_pages;) {
            const slob_page& page = slabs.slob_pages[pfn - machine.physical.base_pfn];
            ++out.pages;
            free_units += page.units;
            ++(page.units == 0 ? out.full : page.units >= page_units ? out.empty : out.partial);
            pfn = page.next;
        }
    }
    out.bytes.pages = out.pages << machine.physical.page_shift;
    out.bytes.free = std::min(free_units * slob_unit_bytes(machine.physical), out.bytes.pages);
    out.bytes.rounding = out.bytes.pages - out.bytes.free;
    return out;
}

// The value of a field; `otherwise` where the op has no field of this name.
i64 value_of(const OpSpec& spec, const Op& op, std::string_view name, i64 otherwise) {
    const int field = spec.field_index(name);
    return field < 0 ? otherwise : op.arg[static_cast<std::size_t>(field)];
}

// How many objects the op takes or gives.
i64 objects_of(const Op& op) { return std::max<i64>(row_length(op_spec(op.kind), op), 1); }

// Bytes that one object of this op's results was asked to have.
u64 asked_by(const Machine& machine, const OpSpec& spec, const Op& op) {
    const i64 slot = value_of(spec, op, "cache", -1);
    if (slot >= 0) {
        const OpResult& named = machine.results[static_cast<u32>(slot)];
        return named.kind == ResultKind::cache && named.value < machine.slabs.nr_caches
                   ? machine.slabs.caches[static_cast<u32>(named.value)].object_size
                   : 0;
    }
    const i64 size = value_of(spec, op, "size", 0), n = value_of(spec, op, "n", 1);
    return static_cast<u64>(std::max<i64>(size, 0)) * static_cast<u64>(std::max<i64>(n, 0));
}

bool has_allocator(const machine_profile& profile, slab_allocator allocator) {
    return allocator == slab_allocator::slub || kernel_rules{profile.kernel}.has_slab_and_slob();
}

} // namespace

AllocatorNumbers allocator_numbers(const Machine& machine) {
    if (!machine.slabs.up) return {};
    return machine.slabs.config.allocator == slab_allocator::slob ? slob_numbers(machine) : slab_numbers(machine);
}

const ComparePoint& AllocatorRun::at(u32 step) const {
    const auto after = std::upper_bound(points.begin(), points.end(), step,
                                        [](u32 wanted, const ComparePoint& point) { return wanted < point.step; });
    return after == points.begin() ? points.front() : *std::prev(after);
}

Comparison::Comparison(const machine_profile& profile, bool unbooted, u32 nr_ops)
    : steps_(std::min(nr_ops, MAX_COMPARED_OPS)), is_cut_(nr_ops > MAX_COMPARED_OPS) {
    interval_ = std::max(1u, (steps_ + COMPARED_POINTS - 1) / COMPARED_POINTS);
    for (const slab_allocator allocator : {slab_allocator::slub, slab_allocator::slab, slab_allocator::slob}) {
        if (!has_allocator(profile, allocator)) continue;
        machine_profile other = profile;
        other.slab.allocator = allocator;
        Result<Machine> machine = unbooted ? make_unbooted_machine(std::move(other)) : make_machine(std::move(other));
        if (!machine) continue;
        subjects_.push_back({.machine = std::move(*machine), .held = {}});
        runs_.push_back({allocator, {}});
    }
    sample();
}

bool Comparison::advance(std::span<const Op> ops, u32 budget) {
    const u32 end = std::min(steps_, static_cast<u32>(ops.size()));
    u64 spent = 0;
    while (done_ < end && spent < budget) {
        const Op& op = ops[done_];
        for (Subject& subject : subjects_) {
            const u64 before = subject.work;
            if (!apply_op(subject, op)) return cut();
            spent += (subject.work - before) / WORK_LIKE_AN_OP;
        }
        ++done_;
        spent += static_cast<u64>(objects_of(op));
        if (done_ % interval_ != 0 && done_ != steps_) continue;
        sample();
        for (const Subject& subject : subjects_) spent += subject.machine.slabs.nr_slabs / SLABS_LIKE_AN_OP;
    }
    return done_ < end;
}

// What is compared ends with the last sample.
bool Comparison::cut() {
    is_cut_ = true;
    for (const AllocatorRun& run : runs_) done_ = steps_ = run.points.back().step;
    subjects_.clear();
    return false;
}

bool Comparison::apply_op(Subject& subject, const Op& op) {
    const OpSpec& spec = op_spec(op.kind);
    const i64 row = objects_of(op);
    // What the op gives back: the objects that it names.
    std::vector<std::pair<u32, phys_addr_t>> given;
    for (std::size_t i = 0; i < spec.field_list().size(); ++i) {
        if (spec.fields[i].unit != Unit::object_result || op.arg[i] < 0) continue;
        const i64 end = std::min<i64>(op.arg[i] + (spec.makes == ResultKind::none ? row : 1), MAX_RESULTS);
        for (i64 slot = op.arg[i]; slot < end; ++slot) {
            const OpResult& named = subject.machine.results[static_cast<u32>(slot)];
            if (named.kind == ResultKind::object && !named.freed)
                given.push_back({static_cast<u32>(slot), named.value});
        }
    }
    EventSink quiet;
    quiet.set_limit(SCENARIO_WORK.op);
    const OpOutcome outcome = apply(subject.machine, op, quiet);
    if (SCENARIO_WORK.judge(subject.work, quiet.work(), quiet.count()) != over_work::none) return false;
    subject.work += quiet.work();
    subject.failed += outcome == OpOutcome::returned_null;
    for (const auto& [slot, address] : given)
        if (subject.machine.results[slot].freed) let_go(subject, address);
    if (spec.makes != ResultKind::object || op.result == Op::NO_RESULT) return true;
    const u64 asked = asked_by(subject.machine, spec, op);
    const u64 end = std::min<u64>(u64{op.result} + static_cast<u64>(row), MAX_RESULTS);
    for (u64 slot = op.result; slot < end; ++slot) {
        const OpResult& made = subject.machine.results[static_cast<u32>(slot)];
        if (made.kind == ResultKind::object && !made.freed && made.value > ZERO_SIZE_PTR)
            hold(subject, made.value, asked);
    }
    return true;
}

void Comparison::hold(Subject& subject, phys_addr_t address, u64 asked) {
    let_go(subject, address);
    const Machine& machine = subject.machine;
    const pfn_t pfn = machine.physical.pfn_of(address);
    Held held{asked, 0};
    if (slab_of_address(machine.slabs, machine.physical, address) == SLAB_NONE &&
        !is_slob_page(machine.slabs, machine.physical, pfn) && machine.physical.pfn_valid(pfn))
        held.pages = 1u << machine.physical.page_at(pfn).order();
    else if (machine.slabs.config.allocator == slab_allocator::slob &&
             slob_ksize(machine.slabs, machine.physical, address) > 0)
        held.header = kmalloc_min_align(machine.slabs);
    subject.asked += held.asked;
    subject.headers += held.header;
    subject.large_pages += held.pages;
    subject.held[address] = held;
}

void Comparison::let_go(Subject& subject, phys_addr_t address) {
    const auto found = subject.held.find(address);
    if (found == subject.held.end()) return;
    subject.asked -= found->second.asked;
    subject.headers -= found->second.header;
    subject.large_pages -= found->second.pages;
    subject.held.erase(found);
}

void Comparison::sample() {
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
        const Subject& subject = subjects_[i];
        ComparePoint point{done_, allocator_numbers(subject.machine)};
        AllocatorNumbers& n = point.numbers;
        n.failed = subject.failed;
        n.pages += subject.large_pages;
        const u64 large = subject.large_pages << subject.machine.physical.page_shift;
        n.bytes.pages += large;
        const u64 held = n.bytes.rounding + large;
        n.bytes.asked = std::min(subject.asked, held);
        const u64 headers = std::min(subject.headers, held - n.bytes.asked);
        n.bytes.metadata += headers;
        n.bytes.rounding = held - n.bytes.asked - headers;
        runs_[i].points.push_back(point);
    }
}

} // namespace mm
