#include "views/slab/slab_touched.h"

#include <algorithm>
#include <unordered_map>

#include "slab/events.h"
#include "slab/slab.h"

namespace shell {

namespace {

using mm::cache_id;
using mm::i64;
using mm::pfn_t;
using mm::u16;
using mm::u32;
using mm::u64;

template <class Kind>
constexpr bool is(u16 kind, Kind wanted) {
    return kind == static_cast<u16>(wanted);
}

SlabRole object_role(u16 kind) {
    using slab = mm::slab_event;
    using slub = mm::slub_event;
    using classic = mm::classic_event;
    if (is(kind, slub::fast_alloc) || is(kind, slub::bulk_alloc) || is(kind, slab::kmem_cache_alloc) ||
        is(kind, slab::kmalloc))
        return SlabRole::taken;
    if (is(kind, slub::fast_free) || is(kind, slub::slow_free) || is(kind, slub::bulk_linked) ||
        is(kind, slab::kmem_cache_free) || is(kind, slab::kfree))
        return SlabRole::freed;
    if (is(kind, slub::double_free_caught) || is(kind, slub::double_free_unnoticed) ||
        is(kind, slub::freelist_damaged) || is(kind, classic::array_double_free_caught) ||
        is(kind, classic::array_double_free))
        return SlabRole::bad;
    return SlabRole::touched;
}

SlabRole slab_role(u16 kind) {
    using slub = mm::slub_event;
    using classic = mm::classic_event;
    if (is(kind, slub::slab_new) || is(kind, classic::slab_grown)) return SlabRole::made;
    if (is(kind, slub::slab_discard) || is(kind, classic::slab_destroyed)) return SlabRole::gone;
    if (is(kind, slub::cpu_partial_take) || is(kind, slub::node_partial_take)) return SlabRole::taken;
    if (is(kind, slub::cpu_partial_put) || is(kind, slub::node_partial_add)) return SlabRole::added;
    if (is(kind, slub::node_partial_remove)) return SlabRole::removed;
    if (is(kind, slub::cpu_slab_full) || is(kind, slub::deactivate) || is(kind, slub::cpu_flush))
        return SlabRole::let_go;
    return SlabRole::touched;
}

// Leaves the latest, in their order.
template <class Item>
void keep_latest(std::vector<Item>& items) {
    if (items.size() > MAX_TOUCHED) items.erase(items.begin(), items.end() - static_cast<long>(MAX_TOUCHED));
}

class Collector {
  public:
    Collector(SlabTouches& out, const mm::Machine& machine) : out_(out), machine_(machine), slabs_(machine.slabs) {}

    void add(const mm::Event& event, u32 index) {
        if (!mm::is_event_kind(event.kind) || mm::room_of(event.kind) == mm::room_id::physical) return;
        event_ = index;
        pfn_t slab = mm::PFN_NONE;
        cache_id cache = mm::CACHE_NONE;
        i64 object = -1, place = -1;
        const std::span<const mm::ArgSpec> args = mm::event_spec(event.kind).arg_list();
        for (std::size_t i = 0; i < args.size(); ++i) {
            const i64 value = event.arg[i];
            switch (args[i].unit) {
            case mm::Unit::cache:
                if (cache == mm::CACHE_NONE) cache = cache_of(value);
                break;
            case mm::Unit::slab:
                if (value >= 0 && value < mm::PFN_NONE) slab = static_cast<pfn_t>(value);
                break;
            case mm::Unit::object: object = object > 0 ? object : value; break;
            case mm::Unit::object_index: place = value; break;
            case mm::Unit::cpu: out_.cpu = static_cast<int>(value); break;
            default: break;
            }
        }
        if (object > 0) by_address(event.kind, static_cast<mm::phys_addr_t>(object), cache);
        if (cache != mm::CACHE_NONE) met(cache);
        if (slab == mm::PFN_NONE) return;
        add_slab({slab, cache, slab_role(event.kind), event_});
        if (place >= 0 && place < mm::MAX_OBJS_PER_SLAB) by_index(event.kind, slab, static_cast<u32>(place), cache);
    }

  private:
    [[nodiscard]] cache_id cache_of(i64 value) const {
        return value >= 0 && value < slabs_.nr_caches ? static_cast<cache_id>(value) : mm::CACHE_NONE;
    }

    void met(cache_id cache) {
        out_.cache = cache;
        if (!out_.has_cache(cache)) out_.caches.push_back(cache);
    }

    void by_address(u16 kind, mm::phys_addr_t address, cache_id& cache) {
        const mm::object_ref found = mm::object_of_address(slabs_, machine_.physical, address);
        if (found.slab == mm::SLAB_NONE || found.index == mm::OBJ_NONE) return;
        const mm::slab& s = slabs_.slabs[found.slab];
        if (cache == mm::CACHE_NONE) cache = s.cache;
        add_object({s.pfn, found.index, mm::object_address(slabs_, machine_.physical, found), s.cache,
                    object_role(kind), event_});
    }

    // The slab may be gone by the time of the machine that is shown.
    void by_index(u16 kind, pfn_t pfn, u32 index, cache_id cache) {
        const mm::phys_addr_t base = mm::phys_addr_t{pfn} << machine_.physical.page_shift;
        const mm::slab_id id = mm::slab_of_address(slabs_, machine_.physical, base);
        mm::phys_addr_t address = mm::ADDR_NULL;
        if (id != mm::SLAB_NONE && slabs_.slabs[id].pfn == pfn && index < slabs_.slabs[id].objects)
            address = mm::object_address(slabs_, machine_.physical, {id, static_cast<mm::obj_index>(index), 0});
        add_object({pfn, static_cast<mm::obj_index>(index), address, cache, object_role(kind), event_});
    }

    void add_object(const TouchedObject& object) {
        const u64 key = u64{object.slab} << 16 | object.index;
        const auto [known, is_new] = object_place_.try_emplace(key, out_.objects.size());
        if (is_new) {
            out_.objects.push_back(object);
        } else if (TouchedObject& old = out_.objects[known->second]; object.role != SlabRole::touched) {
            old.role = object.role;
            old.event = object.event;
        }
    }

    void add_slab(const TouchedSlab& slab) {
        const auto [known, is_new] = slab_place_.try_emplace(slab.pfn, out_.slabs.size());
        if (is_new) {
            out_.slabs.push_back(slab);
        } else if (TouchedSlab& old = out_.slabs[known->second]; slab.role != SlabRole::touched) {
            old.role = slab.role;
            old.event = slab.event;
        }
    }

    SlabTouches& out_;
    const mm::Machine& machine_;
    const mm::slab_memory& slabs_;
    u32 event_ = 0;
    std::unordered_map<u64, std::size_t> object_place_, slab_place_; // in out_
};

} // namespace

bool SlabTouches::has_cache(cache_id wanted) const {
    return std::find(caches.begin(), caches.end(), wanted) != caches.end();
}

const TouchedObject* SlabTouches::object(pfn_t slab_pfn, u32 index) const {
    for (const TouchedObject& touched : objects)
        if (touched.slab == slab_pfn && touched.index == index) return &touched;
    return nullptr;
}

const TouchedSlab* SlabTouches::slab(pfn_t pfn) const {
    for (const TouchedSlab& touched : slabs)
        if (touched.pfn == pfn) return &touched;
    return nullptr;
}

SlabTouches slab_touches(const mm::Machine& machine, std::span<const mm::Event> events) {
    SlabTouches out;
    Collector collector(out, machine);
    u32 index = 0;
    for (const mm::Event& event : events) collector.add(event, index++);
    keep_latest(out.objects);
    keep_latest(out.slabs);
    return out;
}

SlabTouches slab_touches_so_far(const ViewInput& input) {
    return slab_touches(input.moment.at, input.moment.happened());
}

bool SlabMoment::notice(const ViewInput& input) {
    if (!moment_.notice(input)) return false;
    touches_ = slab_touches_so_far(input);
    return true;
}

} // namespace shell
