// One cache in words: what each CPU holds, then every slab by where it stands. With SLOB: its pages and their blocks.
#include <algorithm>

#include "machine/narrate.h"
#include "slab/slab.h"
#include "slab/slabs.h"
#include "views/parts/mirror_text.h"
#include "views/parts/words.h"
#include "views/slab/cache.h"
#include "views/slab/slab_words.h"

namespace shell {

namespace {

using mm::slab_id;
using mm::u32;

std::string text_of(mm::u64 value) { return grouped(static_cast<mm::i64>(value)); }

// What a mirror of slabs is made with.
struct Making {
    const ViewInput& input;
    const mm::Machine& machine;
    mm::cache_id cache;
    SlabTouches touches;
    Mirror& out;

    [[nodiscard]] const mm::slab_memory& slabs() const { return machine.slabs; }
    [[nodiscard]] Teller teller() const { return input.teller(); }
};

void add_slab(Making& making, slab_id id, const std::string& stands) {
    const mm::slab& s = making.slabs().slabs[id];
    std::string touched;
    for (const TouchedObject& object : making.touches.objects)
        if (object.slab == s.pfn && object.index < s.objects)
            touched += (touched.empty() ? "#" : ", #") + std::to_string(object.index) + " " +
                       making.teller().say(words::role_words(object.role));
    making.out.add({{"slab " + hex_pfn(s.pfn), stands, text_of(s.inuse) + " / " + text_of(s.objects), touched},
                    {Selection::Kind::pfn, static_cast<mm::i64>(s.pfn), 0, 0},
                    touched_if(making.touches.slab(s.pfn) || !touched.empty())});
}

void add_slabs(Making& making, const mm::SlabLists::List& slabs, const std::string& stands) {
    for (const slab_id id : slabs) {
        if (making.out.rows.size() >= MIRROR_MOST) return;
        add_slab(making, id, stands);
    }
}

void add_cpus_of_slub(Making& making, const mm::SlabLists& lists) {
    const mm::slab_memory& slabs = making.slabs();
    for (u32 cpu = 0; cpu < slabs.nr_cpus; ++cpu) {
        const mm::kmem_cache_cpu& c = slabs.cpu_at(making.cache, cpu);
        const std::string name = "CPU " + std::to_string(cpu);
        const std::string first = c.freelist == mm::OBJ_NONE ? "NULL" : "#" + std::to_string(c.freelist);
        const bool at_work = making.touches.cpu == static_cast<int>(cpu) && making.touches.has_cache(making.cache);
        making.out.add({{name, "freelist " + first, "", "tid " + text_of(c.tid)}, {}, touched_if(at_work)});
        if (c.slab < slabs.nr_slabs) add_slab(making, c.slab, name);
        add_slabs(making, lists.cpu_partial[cpu], name + ", " + making.teller().say(words::CPU_PARTIAL));
    }
}

void add_array(Making& making, u32 array, const std::string& name) {
    const mm::array_cache& a = making.slabs().arrays[array];
    making.out.add(
        {{name, "avail " + text_of(a.avail), "limit " + text_of(a.limit), "batchcount " + text_of(a.batchcount)}});
}

void add_arrays_of_slab(Making& making) {
    const mm::slab_memory& slabs = making.slabs();
    const u32 arrays = slabs.caches[making.cache].cpu_cache;
    for (u32 cpu = 0; cpu < slabs.nr_cpus && arrays != mm::RUN_NONE; ++cpu)
        add_array(making, arrays + cpu, "CPU " + std::to_string(cpu));
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const mm::kmem_cache_node& n = slabs.node_at(making.cache, node);
        const std::string name = std::string(making.teller().say(words::NODE_NAME)) + " " + std::to_string(node);
        if (n.shared != mm::RUN_NONE && slabs.arrays[n.shared].limit > 0) add_array(making, n.shared, name + " shared");
        for (u32 owner = 0; owner < slabs.nr_nodes && n.alien != mm::RUN_NONE; ++owner)
            if (owner != node) add_array(making, n.alien + owner, name + " alien[" + std::to_string(owner) + "]");
    }
}

void add_nodes(Making& making, const mm::SlabLists& lists) {
    const mm::slab_memory& slabs = making.slabs();
    const bool slub = slabs.config.allocator == mm::slab_allocator::slub;
    const Teller teller = making.teller();
    for (u32 node = 0; node < slabs.nr_nodes; ++node) {
        const mm::kmem_cache_node& n = slabs.node_at(making.cache, node);
        const std::string name = std::string(teller.say(words::NODE_NAME)) + " " + std::to_string(node);
        if (slub)
            making.out.add({{name, "nr_partial " + text_of(n.partial.nr), "total_objects " + text_of(n.total_objects),
                             "nr_slabs " + text_of(n.nr_slabs)}});
        else
            making.out.add({{name, "free_objects " + text_of(n.free_objects), "", ""}});
        const auto stands = [&](const Phrase& list) { return name + ", " + teller.say(list); };
        add_slabs(making, lists.node_partial[node], stands(slub ? words::NODE_PARTIAL : words::SLABS_PARTIAL));
        add_slabs(making, lists.node_full[node], stands(slub ? words::FULL_SLABS : words::SLABS_FULL));
        add_slabs(making, lists.node_free[node], stands(words::SLABS_FREE));
    }
    add_slabs(making, lists.elsewhere, teller.say(words::ON_THEIR_WAY));
}

} // namespace

Mirror CacheView::mirror_slob(const ViewInput& input, const mm::Machine& machine) {
    const Teller teller = input.teller();
    const mm::physical_memory& mem = machine.physical;
    const u32 unit = mm::slob_unit_bytes(mem);
    Mirror out{.caption = teller.say(words::SLOB_TITLE)};
    if (machine.slabs.slob_nr_pages == 0) out.note = teller.say(words::NO_SLOB_PAGE);
    out.columns = {teller.say(mirror_text::ADDRESS), teller.say(mirror_text::STATE), teller.say(mirror_text::SIZE),
                   teller.say(mirror_text::STANDS)};
    const std::vector<mm::u64> told = told_so_far(input, mm::Unit::object);
    for (u32 list = 0; list < mm::NR_SLOB_LISTS; ++list) {
        for (const mm::pfn_t pfn : slob_pages(machine, list)) {
            if (!out.add({{hex_pfn(pfn), teller.say(words::PAGE), "", teller.say(slob_list_words(list))},
                          {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0}}))
                return out;
            for (const mm::slob_block& block : mm::slob_blocks(machine.slabs, mem, pfn)) {
                const auto address =
                    (mm::phys_addr_t{pfn} << mem.page_shift) + mm::phys_addr_t{block.unit} * unit + block.header;
                const mm::u64 bytes = block.free ? mm::u64{block.units} * unit : block.bytes - block.header;
                out.add(
                    {{mm::unit_text(machine, mm::Unit::object, static_cast<mm::i64>(address)),
                      teller.say(block.free ? words::BLOCK_FREE : words::BLOCK_HELD),
                      text_of(bytes) + " " + teller.say(words::BYTES), hex_pfn(pfn)},
                     block.free ? Selection{} : Selection{Selection::Kind::object, static_cast<mm::i64>(address), 0, 0},
                     touched_if(std::binary_search(told.begin(), told.end(), address))});
            }
        }
    }
    return out;
}

Mirror CacheView::mirror(const ViewInput& input, const mm::Machine& machine) const {
    const Teller teller = input.teller();
    const mm::slab_memory& slabs = machine.slabs;
    Mirror out{.caption = teller.say(row().title)};
    if (!slabs.up) {
        out.note = teller.say(words::NO_SLABS);
        return out;
    }
    if (slabs.config.allocator == mm::slab_allocator::slob) return mirror_slob(input, machine);
    SlabTouches touches = slab_touches_so_far(input);
    const mm::cache_id id = shown_cache(input, touches, cache_);
    if (id == mm::CACHE_NONE || !mm::cache_exists(slabs, id)) {
        out.note = teller.say(words::NO_CACHE_YET);
        return out;
    }
    const mm::CacheNumbers numbers = mm::cache_numbers(machine, id);
    out.caption += ": " + std::string(mm::name_text(slabs.caches[id].name));
    out.columns = {teller.say(mirror_text::SLAB), teller.say(mirror_text::STANDS), teller.say(mirror_text::IN_USE),
                   teller.say(mirror_text::MORE)};
    const bool touched = touches.has_cache(id);
    out.add({{std::string(mm::name_text(slabs.caches[id].name)),
              words::counted(teller, numbers.slabs, words::NR_SLAB, words::NR_SLABS),
              text_of(numbers.in_use) + " / " + text_of(numbers.total), size_text(numbers.bytes)},
             {Selection::Kind::cache, id, 0, 0},
             touched_if(touched)});
    Making making{input, machine, id, std::move(touches), out};
    const mm::SlabLists lists = mm::slab_lists(slabs, id);
    if (slabs.config.allocator == mm::slab_allocator::slub)
        add_cpus_of_slub(making, lists);
    else
        add_arrays_of_slab(making);
    add_nodes(making, lists);
    return out;
}

} // namespace shell
