#include "slab/kfree_rcu.h"

#include <algorithm>
#include <vector>

#include "physical/page_alloc.h"
#include "slab/allocators.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kmalloc.h"

namespace mm {

namespace {

using ev = rcu_event;

// ---- lists

u32 new_record(rcu_memory& rcu) {
    if (rcu.free != 0) {
        const u32 id = rcu.free;
        rcu.free = rcu.records[id - 1].next;
        return id;
    }
    if (rcu.used == rcu.records.size()) rcu.records.grow(std::max(64u, 2 * rcu.used));
    return ++rcu.used;
}

void append(rcu_memory& rcu, rcu_list& list, const rcu_pending& pending) {
    const u32 id = new_record(rcu);
    rcu.records.mut(id - 1) = pending;
    if (list.last == 0)
        list.first = id;
    else
        rcu.records.mut(list.last - 1).next = id;
    list.last = id;
    ++list.nr;
    ++rcu.nr_pending;
}

// Takes all of a list, oldest first.
std::vector<rcu_pending> take_all(slab_context& cx, rcu_list& list) {
    rcu_memory& rcu = cx.slabs.rcu;
    std::vector<rcu_pending> taken;
    cx.page.sink.charge(list.nr);
    for (u32 id = list.first; id != 0;) {
        taken.push_back(rcu.records[id - 1]);
        const u32 next = rcu.records[id - 1].next;
        rcu.records.mut(id - 1) = rcu_pending{};
        rcu.records.mut(id - 1).next = rcu.free;
        rcu.free = id;
        id = next;
    }
    rcu.nr_pending -= list.nr;
    list = rcu_list{};
    return taken;
}

kfree_rcu_cpu& cpu_mut(slab_context& cx, u32 cpu) {
    rcu_memory& rcu = cx.slabs.rcu;
    if (rcu.cpus.size() == 0) rcu.cpus.grow(cx.slabs.nr_cpus);
    return rcu.cpus.mut(cpu);
}

u32 nr_collecting(const rcu_memory& rcu) {
    u32 nr = 0;
    for (u32 cpu = 0; cpu < rcu.cpus.size(); ++cpu) nr += rcu.cpus[cpu].collecting.nr;
    return nr;
}

u32 nr_waiting(const rcu_memory& rcu) { return rcu.nr_pending - nr_collecting(rcu); }

// ---- freeing

// An object of a slab that a bulk may take. What misuse has made of a pointer, and kmalloc's large blocks, are freed
// one by one.
bool goes_in_bulk(const slab_context& cx, phys_addr_t address) {
    if (cx.slabs.config.allocator != slab_allocator::slub) return false;
    const object_ref found = object_of_address(cx.slabs, cx.page.mem, address);
    return found.slab != SLAB_NONE && found.index != OBJ_NONE &&
           address == object_address(cx.slabs, cx.page.mem, found);
}

// kernel: kfree_bulk
void free_objects(slab_context& cx, const std::vector<rcu_pending>& batch) {
    std::vector<phys_addr_t> in_slabs, others;
    for (const rcu_pending& pending : batch)
        if (pending.kind == rcu_kind::object)
            (goes_in_bulk(cx, pending.value) ? in_slabs : others).push_back(pending.value);
    if (!in_slabs.empty()) slub_free_bulk(cx, in_slabs);
    for (const phys_addr_t object : others) {
        if (cx.page.sink.spent()) return;
        kfree(cx, object);
    }
}

void free_batch(slab_context& cx, u32 cpu, const std::vector<rcu_pending>& batch) {
    slab_context on_cpu{cx.slabs, {cx.page.mem, cx.page.sink, cpu, cx.page.step}, 0, cx.areas};
    CallScope scope(cx.page.sink, slab_fn::kfree_rcu_work);
    cx.page.sink.emit(ev::kfree_rcu_freed, cpu, batch.size());
    free_objects(on_cpu, batch);
    for (const rcu_pending& pending : batch) {
        if (pending.kind != rcu_kind::vmalloc || cx.page.sink.spent()) continue;
        MM_ASSERT(cx.areas != nullptr);
        cx.areas->vfree(on_cpu.page, pending.value);
    }
}

// kernel: rcu_free_slab
void free_slab_pages(slab_context& cx) {
    const std::vector<rcu_pending> blocks = take_all(cx, cx.slabs.rcu.callbacks);
    CallScope scope(cx.page.sink, slab_fn::rcu_free_slab);
    for (const rcu_pending& block : blocks) {
        if (cx.page.sink.spent()) return;
        cx.page.sink.emit(ev::rcu_slab_freed, block.value, block.order);
        free_pages(cx.page, static_cast<pfn_t>(block.value), block.order);
    }
}

// Every reader that was there is gone: what has waited for it is freed.
void pass_grace_period(slab_context& cx) {
    rcu_memory& rcu = cx.slabs.rcu;
    ++rcu.grace_periods;
    cx.page.sink.emit(ev::rcu_grace_period, rcu.grace_periods, nr_waiting(rcu));
    free_slab_pages(cx);
    for (u32 cpu = 0; cpu < rcu.cpus.size(); ++cpu)
        for (u32 i = 0; i < KFREE_N_BATCHES && !cx.page.sink.spent(); ++i)
            if (rcu.cpus[cpu].waiting[i].nr > 0) free_batch(cx, cpu, take_all(cx, rcu.cpus.mut(cpu).waiting[i]));
}

// Since 6.3: what was collected before a grace period that has passed meanwhile. kernel: kvfree_rcu_drain_ready
void drain_ready(slab_context& cx, u32 cpu) {
    rcu_memory& rcu = cx.slabs.rcu;
    const u32 newest = rcu.cpus[cpu].collecting.last;
    if (newest == 0 || rcu.records[newest - 1].since >= rcu.grace_periods) return;
    CallScope scope(cx.page.sink, slab_fn::kvfree_rcu_drain_ready);
    cx.page.sink.emit(ev::kfree_rcu_ready, cpu, rcu.cpus[cpu].collecting.nr);
    free_batch(cx, cpu, take_all(cx, rcu.cpus.mut(cpu).collecting));
}

// False: both batches wait already. kernel: kvfree_rcu_queue_batch
bool queue_batch(slab_context& cx, u32 cpu) {
    kfree_rcu_cpu& krc = cx.slabs.rcu.cpus.mut(cpu);
    for (rcu_list& batch : krc.waiting) {
        if (batch.nr > 0) continue;
        batch = krc.collecting;
        krc.collecting = rcu_list{};
        cx.page.sink.emit(ev::kfree_rcu_batch, cpu, batch.nr);
        return true;
    }
    return false;
}

void queue(slab_context& cx, const rcu_pending& pending) {
    const u32 cpu = cx.page.cpu;
    rcu_memory& rcu = cx.slabs.rcu;
    rcu_list list = cpu_mut(cx, cpu).collecting;
    append(rcu, list, pending);
    rcu.cpus.mut(cpu).collecting = list;
}

// What the waiter has left alone.
void tell_collected(slab_context& cx, rcu_waiter by) {
    if (const u32 nr = nr_collecting(cx.slabs.rcu); nr > 0) cx.page.sink.emit(ev::kfree_rcu_collected_stays, nr, by);
}

} // namespace

void kfree_rcu(slab_context& cx, phys_addr_t object) {
    CallScope scope(cx.page.sink, slab_fn::kvfree_call_rcu);
    if (object <= ZERO_SIZE_PTR) {
        cx.page.sink.emit(slab_event::free_null);
        return;
    }
    queue(cx, {object, cx.slabs.rcu.grace_periods, 0, rcu_kind::object, 0});
    cx.page.sink.emit(ev::kfree_rcu, object, cx.page.cpu, cx.slabs.rcu.cpus[cx.page.cpu].collecting.nr);
}

void kvfree_rcu_area(slab_context& cx, u64 address) {
    CallScope scope(cx.page.sink, slab_fn::kvfree_call_rcu);
    if (address == 0) {
        cx.page.sink.emit(slab_event::free_null);
        return;
    }
    queue(cx, {address, cx.slabs.rcu.grace_periods, 0, rcu_kind::vmalloc, 0});
    cx.page.sink.emit(ev::kvfree_rcu, address, cx.page.cpu, cx.slabs.rcu.cpus[cx.page.cpu].collecting.nr);
}

void kfree_rcu_monitor(slab_context& cx) {
    CallScope scope(cx.page.sink, slab_fn::kfree_rcu_monitor);
    const u32 cpu = cx.page.cpu;
    static_cast<void>(cpu_mut(cx, cpu));
    if (cx.slabs.rules.frees_ready_rcu_objects()) drain_ready(cx, cpu);
    const u32 nr = cx.slabs.rcu.cpus[cpu].collecting.nr;
    if (nr == 0) {
        cx.page.sink.emit(ev::kfree_rcu_nothing, cpu);
    } else if (!queue_batch(cx, cpu)) {
        cx.page.sink.emit(ev::kfree_rcu_no_batch, cpu, nr, KFREE_N_BATCHES);
    }
}

void synchronize_rcu(slab_context& cx) {
    CallScope scope(cx.page.sink, slab_fn::synchronize_rcu);
    pass_grace_period(cx);
    tell_collected(cx, rcu_waiter::synchronize_rcu);
}

void rcu_barrier(slab_context& cx) {
    CallScope scope(cx.page.sink, slab_fn::rcu_barrier);
    const u32 callbacks = nr_waiting(cx.slabs.rcu);
    cx.page.sink.emit(ev::rcu_barrier, callbacks);
    if (callbacks > 0) pass_grace_period(cx);
    tell_collected(cx, rcu_waiter::rcu_barrier);
}

void kvfree_rcu_barrier(slab_context& cx) {
    rcu_memory& rcu = cx.slabs.rcu;
    const u32 nr = rcu.nr_pending - rcu.callbacks.nr;
    if (nr == 0) return;
    CallScope scope(cx.page.sink, slab_fn::kvfree_rcu_barrier);
    cx.page.sink.emit(ev::kvfree_rcu_barrier, nr);
    for (u32 cpu = 0; cpu < rcu.cpus.size(); ++cpu) {
        if (rcu.cpus[cpu].collecting.nr == 0 || queue_batch(cx, cpu)) continue;
        pass_grace_period(cx); // both of its batches have to finish first
        if (cx.page.sink.spent()) return;
        const bool queued = queue_batch(cx, cpu);
        MM_ASSERT(queued);
    }
    if (nr_waiting(rcu) > 0) pass_grace_period(cx);
}

void call_rcu_free_slab(slab_context& cx, cache_id cache, pfn_t pfn, u32 order) {
    rcu_memory& rcu = cx.slabs.rcu;
    append(rcu, rcu.callbacks, {pfn, rcu.grace_periods, 0, rcu_kind::slab, static_cast<u8>(order)});
    cx.page.sink.emit(ev::rcu_slab_waits, cache, pfn, order);
}

namespace {

// Calls visit(record) for each of a list; false when its count is not right.
template <class Visit>
bool each(const rcu_memory& rcu, const rcu_list& list, Visit visit) {
    u32 nr = 0, last = 0;
    for (u32 id = list.first; id != 0 && id <= rcu.used && nr <= list.nr; id = rcu.records[id - 1].next, ++nr) {
        visit(rcu.records[id - 1]);
        last = id;
    }
    return nr == list.nr && last == list.last;
}

} // namespace

std::optional<std::string> verify_rcu(const rcu_memory& rcu) {
    u32 nr = rcu.callbacks.nr;
    bool late = false;
    const auto look = [&](const rcu_pending& pending) { late = late || pending.since > rcu.grace_periods; };
    bool sound = each(rcu, rcu.callbacks, look);
    for (u32 cpu = 0; cpu < rcu.cpus.size() && sound; ++cpu) {
        const kfree_rcu_cpu& krc = rcu.cpus[cpu];
        for (const rcu_list* list : {&krc.collecting, &krc.waiting[0], &krc.waiting[1]}) {
            sound = sound && each(rcu, *list, look);
            nr += list->nr;
        }
    }
    if (!sound) return "kfree_rcu: a list counts other records than it has";
    if (nr != rcu.nr_pending) return "kfree_rcu: nr_pending is not what its lists hold";
    if (late) return "kfree_rcu: a pointer was given in a grace period to come";
    return std::nullopt;
}

void hash_rcu(const rcu_memory& rcu, Hasher& hasher) {
    if (rcu.grace_periods == 0 && rcu.nr_pending == 0) return;
    hasher.add(rcu.grace_periods);
    const auto add = [&](const rcu_list& list) {
        hasher.add(list.nr);
        for (u32 id = list.first; id != 0; id = rcu.records[id - 1].next) {
            const rcu_pending& pending = rcu.records[id - 1];
            hasher.add(pending.value);
            hasher.add(pending.since << 16 | static_cast<u64>(pending.kind) << 8 | pending.order);
        }
    };
    add(rcu.callbacks);
    for (u32 cpu = 0; cpu < rcu.cpus.size(); ++cpu) {
        add(rcu.cpus[cpu].collecting);
        for (const rcu_list& batch : rcu.cpus[cpu].waiting) add(batch);
    }
}

} // namespace mm
