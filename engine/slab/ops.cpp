#include "slab/ops.h"

#include <vector>

#include "physical/gfp.h"
#include "slab/classic_slab.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/kmalloc.h"
#include "slab/rcu_ops.h"
#include "slab/shrinker.h"
#include "slab/slab.h"
#include "slab/slub_debug.h"

namespace mm {

namespace {

constexpr i64 MAX_OBJECT_SIZE = 1 << 26;
constexpr i64 MAX_KMALLOC = i64{1} << 40;
constexpr i64 MAX_BULK = 1024;
constexpr i64 MAX_SCAN = 1 << 24;
constexpr i64 MAX_TUNING = 0x7fffffff;
constexpr i64 MAX_WRITE = 4096;

constexpr FieldSpec name_field{"name", Unit::name, 0, 0, 0xffffffff, true, "name of the cache"};
constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_OBJECT_SIZE, true, "bytes of one object"};
constexpr FieldSpec align_field{"align", Unit::bytes, 0, 0, MAX_OBJECT_SIZE, false, "alignment; 0: a pointer's"};
constexpr FieldSpec flags_field{
    "flags", Unit::slab_flags, 0, 0, 0xffffffff, false, "SLAB_ flags by names joined with |"};
constexpr FieldSpec ctor_field{
    "ctor", Unit::flag, 0, 0, 1, false, "has a constructor: objects keep their contents while free"};
constexpr FieldSpec usersize_field{"usersize",
                                   Unit::bytes,
                                   0,
                                   0,
                                   MAX_OBJECT_SIZE,
                                   false,
                                   "bytes that may be copied to user space; above 0 the cache never merges"};
constexpr FieldSpec cache_field{
    "cache", Unit::cache_result, -1, 0, MAX_RESULTS - 1, true, "name of a cache made earlier"};
constexpr FieldSpec gfp_field{"gfp", Unit::gfp, GFP_KERNEL, 0, GFP_BITS_ALL, false, "gfp mask by names joined with |"};
constexpr FieldSpec node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, true, "the node wanted; -1: any"};
constexpr FieldSpec object_field{"object",
                                 Unit::object_result,
                                 -1,
                                 -1,
                                 MAX_RESULTS - 1,
                                 false,
                                 "name of an object allocated earlier; left out: NULL"};
constexpr FieldSpec objects_field{
    "objects", Unit::object_result, -1, 0, MAX_RESULTS - 1, true, "first of a row of objects allocated earlier"};
constexpr FieldSpec nr_field{"nr", Unit::number, 1, 1, MAX_BULK, true, "number of objects"};
constexpr FieldSpec bytes_field{"size", Unit::bytes, 0, 0, MAX_KMALLOC, true, "bytes asked for"};
constexpr FieldSpec count_field{"n", Unit::number, 0, 0, MAX_KMALLOC, true, "number of elements"};
constexpr FieldSpec element_field{"size", Unit::bytes, 0, 0, MAX_KMALLOC, true, "bytes of one element"};
constexpr FieldSpec shrink_node_field{
    "node", Unit::node, 0, 0, MAX_NODES - 1, false, "the node that is short of memory"};
constexpr FieldSpec written_field{
    "object", Unit::object_result, 0, 0, MAX_RESULTS - 1, true, "name of an object allocated earlier, freed or not"};
constexpr FieldSpec offset_field{
    "offset", Unit::number, 0, -MAX_WRITE, MAX_OBJECT_SIZE, false, "bytes from the object's first; below 0: before it"};
constexpr FieldSpec value_field{"value", Unit::hex, 0, 0, 0xff, true, "the byte that is written"};
constexpr FieldSpec length_field{"length", Unit::bytes, 1, 1, MAX_WRITE, false, "how many bytes"};
constexpr FieldSpec validated_field{
    "cache",
    Unit::cache_result,
    -1,
    -1,
    MAX_RESULTS - 1,
    false,
    "name of a cache made earlier; left out: the cache called \"name\", or that of the object"};
constexpr FieldSpec any_cache_field{
    "name", Unit::name, NO_NAME, 0, 0xffffffff, false, "any cache by its name in /proc/slabinfo, as kmalloc-32",
    {},     "cache"};
constexpr FieldSpec scan_field{"nr_to_scan", Unit::number, 128, 0, MAX_SCAN, false, "objects to look at"};

constexpr FieldSpec node_turn_field{
    "node_turn", Unit::flag, 1, 0, 1, false, "1: the node's shared arrays and free slabs are due, too"};
constexpr FieldSpec limit_field{
    "limit", Unit::number, 0, -MAX_TUNING, MAX_TUNING, true, "objects that a CPU's array holds"};
constexpr FieldSpec batchcount_field{
    "batchcount", Unit::number, 0, -MAX_TUNING, MAX_TUNING, true, "objects that move at a time"};
constexpr FieldSpec shared_field{"shared",
                                 Unit::number,
                                 0,
                                 -MAX_TUNING,
                                 MAX_TUNING,
                                 true,
                                 "batches that a node's shared array holds; 0: there is none"};

slab_context context(slab_op_context& room, OpCall& call) {
    return {room.slabs, {room.mem, call.sink, call.op.cpu, call.step}, 0, room.areas};
}

OpOutcome store_object(OpCall& call, phys_addr_t object, u32 place = 0) {
    call.keep(object == ADDR_NULL ? OpResult{} : OpResult{object, ResultKind::object, 0, 0}, place);
    return object == ADDR_NULL ? OpOutcome::returned_null : OpOutcome::done;
}

// The cache that a result names; CACHE_NONE when there is none, or it was destroyed.
cache_id named_cache(const slab_op_context& room, const OpCall& call, i64 slot) {
    const OpResult& named = call.results[static_cast<u32>(slot)];
    if (named.kind != ResultKind::cache || named.freed) return CACHE_NONE;
    const auto id = static_cast<cache_id>(named.value);
    return room.slabs.caches[id].alive ? id : CACHE_NONE;
}

phys_addr_t named_object(const OpCall& call, i64 slot) {
    if (slot < 0) return ADDR_NULL;
    const OpResult& named = call.results[static_cast<u32>(slot)];
    return named.kind == ResultKind::object ? named.value : ADDR_NULL;
}

OpOutcome kmem_cache_create_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    cache_request request;
    request.name = static_cast<name_id>(call.arg(0));
    request.size = static_cast<u32>(call.arg(1));
    request.align = static_cast<u32>(call.arg(2));
    request.flags = static_cast<slab_flags_t>(call.arg(3));
    request.ctor = call.arg(4) != 0;
    request.usersize = static_cast<u32>(call.arg(5));
    const cache_id id = kmem_cache_create(cx, request);
    call.keep(id == CACHE_NONE ? OpResult{} : OpResult{id, ResultKind::cache, 0, 0});
    return id == CACHE_NONE ? OpOutcome::returned_null : OpOutcome::done;
}

OpOutcome kmem_cache_destroy_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, call.arg(0));
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    kmem_cache_destroy(cx, id);
    call.mark_freed(call.arg(0));
    return OpOutcome::done;
}

OpOutcome kmem_cache_shrink_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, call.arg(0));
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    kmem_cache_shrink(cx, id);
    return OpOutcome::done;
}

OpOutcome allocate(slab_op_context& room, OpCall& call, gfp_t gfp, int node) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, call.arg(0));
    if (id == CACHE_NONE) return store_object(call, ADDR_NULL);
    return store_object(call, kmem_cache_alloc_node(cx, id, gfp, node));
}

OpOutcome kmem_cache_alloc_op(slab_op_context& room, OpCall& call) {
    return allocate(room, call, static_cast<gfp_t>(call.arg(1)), -1);
}

OpOutcome kmem_cache_zalloc_op(slab_op_context& room, OpCall& call) {
    return allocate(room, call, static_cast<gfp_t>(call.arg(1)) | GFP_BIT_ZERO, -1);
}

OpOutcome kmem_cache_alloc_node_op(slab_op_context& room, OpCall& call) {
    return allocate(room, call, static_cast<gfp_t>(call.arg(2)), static_cast<int>(call.arg(1)));
}

OpOutcome kmem_cache_alloc_bulk_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, call.arg(0));
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    std::vector<phys_addr_t> objects(static_cast<std::size_t>(call.arg(1)), ADDR_NULL);
    const u32 nr = static_cast<u32>(objects.size());
    const bool got = kmem_cache_alloc_bulk(cx, id, static_cast<gfp_t>(call.arg(2)), nr, objects.data()) == nr;
    for (u32 i = 0; i < nr; ++i) store_object(call, got ? objects[i] : ADDR_NULL, i);
    return got ? OpOutcome::done : OpOutcome::returned_null;
}

OpOutcome kmem_cache_free_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, call.arg(0));
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    kmem_cache_free(cx, id, named_object(call, call.arg(1)));
    call.mark_freed(call.arg(1));
    return OpOutcome::done;
}

OpOutcome kmem_cache_free_bulk_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, call.arg(0));
    const i64 nr = call.arg(2);
    if (id == CACHE_NONE || call.arg(1) + nr > i64{MAX_RESULTS}) return OpOutcome::no_effect;
    std::vector<phys_addr_t> objects;
    for (i64 slot = call.arg(1); slot < call.arg(1) + nr; ++slot) {
        objects.push_back(named_object(call, slot));
        call.mark_freed(slot);
    }
    kmem_cache_free_bulk(cx, id, static_cast<u32>(objects.size()), objects.data());
    return OpOutcome::done;
}

OpOutcome kmalloc_any(slab_op_context& room, OpCall& call, u64 size, gfp_t gfp, int node) {
    slab_context cx = context(room, call);
    return store_object(call, kmalloc_node(cx, size, gfp, node));
}

OpOutcome kmalloc_op(slab_op_context& room, OpCall& call) {
    return kmalloc_any(room, call, static_cast<u64>(call.arg(0)), static_cast<gfp_t>(call.arg(1)), -1);
}

OpOutcome kzalloc_op(slab_op_context& room, OpCall& call) {
    return kmalloc_any(room, call, static_cast<u64>(call.arg(0)), static_cast<gfp_t>(call.arg(1)) | GFP_BIT_ZERO, -1);
}

// n * size may not overflow size_t; the fields are small enough that 64 bits show it.
OpOutcome kcalloc_op(slab_op_context& room, OpCall& call) {
    const u64 n = static_cast<u64>(call.arg(0));
    const u64 size = static_cast<u64>(call.arg(1));
    const u64 size_max = room.slabs.pointer_size == 4 ? 0xffffffffull : ~0ull;
    if (size && n > size_max / size) {
        slab_context cx = context(room, call);
        cx.page.sink.emit(slab_event::kcalloc_overflow, n, size);
        return store_object(call, ADDR_NULL);
    }
    return kmalloc_any(room, call, n * size, static_cast<gfp_t>(call.arg(2)) | GFP_BIT_ZERO, -1);
}

OpOutcome kmalloc_node_op(slab_op_context& room, OpCall& call) {
    return kmalloc_any(room, call, static_cast<u64>(call.arg(0)), static_cast<gfp_t>(call.arg(2)),
                       static_cast<int>(call.arg(1)));
}

OpOutcome krealloc_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const phys_addr_t before = named_object(call, call.arg(0));
    const phys_addr_t after = krealloc(cx, before, static_cast<u64>(call.arg(1)), static_cast<gfp_t>(call.arg(2)));
    if (after != before && after != ADDR_NULL) call.mark_freed(call.arg(0));
    return store_object(call, after);
}

OpOutcome kfree_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const phys_addr_t object = named_object(call, call.arg(0));
    kfree(cx, object);
    call.mark_freed(call.arg(0));
    return object == ADDR_NULL ? OpOutcome::no_effect : OpOutcome::done;
}

OpOutcome ksize_op(slab_op_context& room, OpCall& call) {
    const phys_addr_t object = named_object(call, call.arg(0));
    call.sink.emit(slab_event::ksize, object, ksize(room.slabs, room.mem, object));
    return OpOutcome::done;
}

OpOutcome kmalloc_size_roundup_op(slab_op_context& room, OpCall& call) {
    const u64 size = static_cast<u64>(call.arg(0));
    call.sink.emit(slab_event::kmalloc_size_roundup, size, kmalloc_size_roundup(room.slabs, room.mem, size));
    return OpOutcome::done;
}

OpOutcome shrink_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    shrink_control control{static_cast<u32>(call.arg(0)), static_cast<u32>(call.arg(1)), 0};
    CallScope scope(call.sink, slab_fn::shrink_slab);
    // Every list is counted first, and again before it is scanned.
    for (cache_id id = room.slabs.slab_caches; id != CACHE_NONE; id = room.slabs.caches[id].list_next) {
        call.sink.charge(1);
        if (control.node >= room.slabs.nr_nodes) break;
        const kmem_cache_node& n = room.slabs.node_at(id, control.node);
        call.sink.charge(2 * (u64{n.partial.nr} + n.free.nr));
    }
    if (call.sink.spent()) return OpOutcome::done;
    call.sink.emit(slab_event::shrinker_count, control.node, count_objects(room.slabs, control));
    const u64 freed = scan_objects(cx, control);
    call.sink.emit(slab_event::shrinker_scan, control.node, control.nr_scanned, control.nr_to_scan, freed);
    return OpOutcome::done;
}

// Only SLAB has arrays to drain and to tune.
OpOutcome cache_reap_op(slab_op_context& room, OpCall& call) {
    if (room.slabs.config.allocator != slab_allocator::slab) return OpOutcome::no_effect;
    slab_context cx = context(room, call);
    cache_reap(cx, call.arg(0) != 0);
    return OpOutcome::done;
}

OpOutcome slabinfo_write_op(slab_op_context& room, OpCall& call) {
    if (room.slabs.config.allocator != slab_allocator::slab) return OpOutcome::no_effect;
    slab_context cx = context(room, call);
    call.sink.charge(u64{room.slabs.nr_caches} + room.slabs.nr_cpus);
    const tune_result result =
        slabinfo_write(cx, static_cast<name_id>(call.arg(0)), call.arg(1), call.arg(2), call.arg(3));
    if (result == tune_result::done) return OpOutcome::done;
    return result == tune_result::bad_numbers ? OpOutcome::no_effect : OpOutcome::refused;
}

OpOutcome write_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    const phys_addr_t object = named_object(call, call.arg(0));
    if (object == ADDR_NULL) return OpOutcome::no_effect;
    slub_write(cx, object, call.arg(1), static_cast<u32>(call.arg(3)), static_cast<u8>(call.arg(2)));
    return OpOutcome::done;
}

OpOutcome validate_op(slab_op_context& room, OpCall& call) {
    slab_context cx = context(room, call);
    cache_id id = CACHE_NONE;
    if (call.arg(0) >= 0) {
        id = named_cache(room, call, call.arg(0));
    } else if (call.arg(2) != NO_NAME) {
        call.sink.charge(room.slabs.nr_caches + room.slabs.aliases.size());
        id = find_cache(room.slabs, name_text(static_cast<name_id>(call.arg(2))));
    } else {
        const slab_id slab = slab_of_address(room.slabs, room.mem, named_object(call, call.arg(1)));
        if (slab != SLAB_NONE) id = room.slabs.slabs[slab].cache;
    }
    if (id == CACHE_NONE || room.slabs.config.allocator != slab_allocator::slub) return OpOutcome::no_effect;
    return validate_slab_cache(cx, id) < 0 ? OpOutcome::no_effect : OpOutcome::done;
}

constexpr OpSpec bulk(OpSpec spec, int row_field) {
    spec.row_field = row_field;
    return spec;
}

constexpr SlabOp rows[] = {
    {{"kmem_cache_create",
      {name_field, size_field, align_field, flags_field, ctor_field, usersize_field},
      ResultKind::cache,
      "kmem_cache_create (mm/slab_common.c)",
      "Makes a cache for objects of one size, or joins one that fits.",
      "为一种大小的对象建立缓存，或并入一个合适的缓存。"},
     kmem_cache_create_op},
    {{"kmem_cache_alloc",
      {cache_field, gfp_field},
      ResultKind::object,
      "kmem_cache_alloc (mm/slub.c)",
      "Allocates an object.",
      "分配一个对象。"},
     kmem_cache_alloc_op},
    {{"kmem_cache_zalloc",
      {cache_field, gfp_field},
      ResultKind::object,
      "kmem_cache_zalloc (include/linux/slab.h)",
      "Allocates an object filled with zeroes.",
      "分配一个清零的对象。"},
     kmem_cache_zalloc_op},
    {{"kmem_cache_alloc_node",
      {cache_field, node_field, gfp_field},
      ResultKind::object,
      "kmem_cache_alloc_node (mm/slub.c)",
      "Allocates an object on a node.",
      "在指定节点上分配一个对象。"},
     kmem_cache_alloc_node_op},
    {bulk({"kmem_cache_alloc_bulk",
           {cache_field, nr_field, gfp_field},
           ResultKind::object,
           "kmem_cache_alloc_bulk (mm/slub.c)",
           "Allocates several objects, all or none.",
           "一次分配多个对象，要么全有要么全无。"},
          1),
     kmem_cache_alloc_bulk_op},
    {{"kmem_cache_free",
      {cache_field, object_field},
      ResultKind::none,
      "kmem_cache_free (mm/slub.c)",
      "Frees an object of the cache.",
      "释放该缓存的一个对象。"},
     kmem_cache_free_op},
    {bulk({"kmem_cache_free_bulk",
           {cache_field, objects_field, nr_field},
           ResultKind::none,
           "kmem_cache_free_bulk (mm/slub.c)",
           "Frees several objects.",
           "一次释放多个对象。"},
          2),
     kmem_cache_free_bulk_op},
    {{"kmem_cache_shrink",
      {cache_field},
      ResultKind::none,
      "kmem_cache_shrink (mm/slab_common.c)",
      "Gives the empty slabs of a cache back.",
      "归还缓存的空 slab。"},
     kmem_cache_shrink_op},
    {{"kmem_cache_destroy",
      {cache_field},
      ResultKind::none,
      "kmem_cache_destroy (mm/slab_common.c)",
      "Ends a cache. Objects that are left are reported, and the cache stays.",
      "销毁缓存。若还有对象，则报告并保留缓存。"},
     kmem_cache_destroy_op},
    {{"kmalloc",
      {bytes_field, gfp_field},
      ResultKind::object,
      "kmalloc (include/linux/slab.h)",
      "Allocates bytes.",
      "分配若干字节。"},
     kmalloc_op},
    {{"kzalloc",
      {bytes_field, gfp_field},
      ResultKind::object,
      "kzalloc (include/linux/slab.h)",
      "Allocates bytes filled with zeroes.",
      "分配若干清零的字节。"},
     kzalloc_op},
    {{"kcalloc",
      {count_field, element_field, gfp_field},
      ResultKind::object,
      "kcalloc (include/linux/slab.h)",
      "Allocates an array of zeroes; the product may not overflow.",
      "分配一个清零的数组；乘积不得溢出。"},
     kcalloc_op},
    {{"kmalloc_node",
      {bytes_field, node_field, gfp_field},
      ResultKind::object,
      "kmalloc_node (include/linux/slab.h)",
      "Allocates bytes on a node.",
      "在指定节点上分配若干字节。"},
     kmalloc_node_op},
    {{"krealloc",
      {object_field, bytes_field, gfp_field},
      ResultKind::object,
      "krealloc (mm/slab_common.c)",
      "Grows or shrinks an allocation, moving it when it must.",
      "扩大或缩小一次分配，必要时搬移。"},
     krealloc_op},
    {{"kfree",
      {object_field},
      ResultKind::none,
      "kfree (mm/slab_common.c)",
      "Frees what kmalloc gave.",
      "释放 kmalloc 得到的内存。"},
     kfree_op},
    {{"ksize",
      {object_field},
      ResultKind::none,
      "ksize (mm/slab_common.c)",
      "Tells how many bytes were allocated, with what rounding added.",
      "给出一次分配的字节数，包括取整多出的部分。",
      false,
      true},
     ksize_op},
    {{"kmalloc_size_roundup",
      {bytes_field},
      ResultKind::none,
      "kmalloc_size_roundup (mm/slab_common.c), since Linux 6.1",
      "Tells how many bytes kmalloc would give for a size.",
      "给出 kmalloc 对某个大小会分配的字节数。",
      false,
      true},
     kmalloc_size_roundup_op},
    {{"shrink_slab",
      {shrink_node_field, scan_field},
      ResultKind::none,
      "shrink_slab (mm/vmscan.c)",
      "Asks the slab allocator, as reclaim would, to give empty slabs back.",
      "像回收那样，请 slab 分配器归还空 slab。"},
     shrink_op},
    {{"cache_reap",
      {node_turn_field},
      ResultKind::none,
      "cache_reap (mm/slab.c)",
      "SLAB: a CPU's periodic turn that gives unused objects and slabs back.",
      "SLAB：一个 CPU 的周期性收割，归还没用到的对象和 slab。"},
     cache_reap_op},
    {{"slabinfo_write",
      {name_field, limit_field, batchcount_field, shared_field},
      ResultKind::none,
      "slabinfo_write (mm/slab.c)",
      "SLAB: echo \"name limit batchcount shared\" > /proc/slabinfo sets the sizes of a cache's arrays.",
      "SLAB：echo \"name limit batchcount shared\" > /proc/slabinfo 设定缓存各数组的大小。"},
     slabinfo_write_op},
    {{"write",
      {written_field, offset_field, value_field, length_field},
      ResultKind::none,
      "memset (lib/string.c)",
      "Writes bytes in, before or behind an object, as a buggy driver would.",
      "像有错误的驱动那样，在对象之内、之前或之后写入字节。"},
     write_op},
    {{"validate",
      {validated_field, object_field, any_cache_field},
      ResultKind::none,
      "validate_slab_cache (mm/slub.c)",
      "Checks all slabs of a debugged cache (echo 1 > /sys/kernel/slab/CACHE/validate).",
      "检查带调试的缓存的所有 slab（echo 1 > /sys/kernel/slab/CACHE/validate）。"},
     validate_op},
    {spec::kfree_rcu, kfree_rcu_op},
    {spec::kvfree_rcu, kvfree_rcu_op},
    {spec::kfree_rcu_monitor, kfree_rcu_monitor_op},
    {spec::synchronize_rcu, synchronize_rcu_op},
    {spec::rcu_barrier, rcu_barrier_op},
    {spec::kvfree_rcu_barrier, kvfree_rcu_barrier_op},
};

} // namespace

std::span<const SlabOp> slab_ops() { return rows; }

} // namespace mm
