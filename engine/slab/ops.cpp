#include "slab/ops.h"

#include <vector>

#include "physical/op_parts.h"
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
constexpr FieldSpec node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, true, "the node wanted; -1: any"};
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

namespace spec {

constexpr OpSpec kmem_cache_create{
    .name = "kmem_cache_create",
    .fields = {name_field, size_field, align_field, flags_field, ctor_field, usersize_field},
    .makes = ResultKind::cache,
    .kernel_function = "kmem_cache_create (mm/slab_common.c)",
    .help_en = "Makes a cache for objects of one size, or joins one that fits.",
    .help_zh = "为一种大小的对象建立缓存，或并入一个合适的缓存。",
};
constexpr OpSpec kmem_cache_alloc{
    .name = "kmem_cache_alloc",
    .fields = {cache_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kmem_cache_alloc (mm/slub.c)",
    .help_en = "Allocates an object.",
    .help_zh = "分配一个对象。",
};
constexpr OpSpec kmem_cache_zalloc{
    .name = "kmem_cache_zalloc",
    .fields = {cache_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kmem_cache_zalloc (include/linux/slab.h)",
    .help_en = "Allocates an object filled with zeroes.",
    .help_zh = "分配一个清零的对象。",
};
constexpr OpSpec kmem_cache_alloc_node{
    .name = "kmem_cache_alloc_node",
    .fields = {cache_field, node_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kmem_cache_alloc_node (mm/slub.c)",
    .help_en = "Allocates an object on a node.",
    .help_zh = "在指定节点上分配一个对象。",
};
constexpr OpSpec kmem_cache_alloc_bulk{
    .name = "kmem_cache_alloc_bulk",
    .fields = {cache_field, nr_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kmem_cache_alloc_bulk (mm/slub.c)",
    .help_en = "Allocates several objects, all or none.",
    .help_zh = "一次分配多个对象，要么全有要么全无。",
    .row_field = "nr",
};
constexpr OpSpec kmem_cache_free{
    .name = "kmem_cache_free",
    .fields = {cache_field, object_field},
    .kernel_function = "kmem_cache_free (mm/slub.c)",
    .help_en = "Frees an object of the cache.",
    .help_zh = "释放该缓存的一个对象。",
};
constexpr OpSpec kmem_cache_free_bulk{
    .name = "kmem_cache_free_bulk",
    .fields = {cache_field, objects_field, nr_field},
    .kernel_function = "kmem_cache_free_bulk (mm/slub.c)",
    .help_en = "Frees several objects.",
    .help_zh = "一次释放多个对象。",
    .row_field = "nr",
};
constexpr OpSpec kmem_cache_shrink{
    .name = "kmem_cache_shrink",
    .fields = {cache_field},
    .kernel_function = "kmem_cache_shrink (mm/slab_common.c)",
    .help_en = "Gives the empty slabs of a cache back.",
    .help_zh = "归还缓存的空 slab。",
};
constexpr OpSpec kmem_cache_destroy{
    .name = "kmem_cache_destroy",
    .fields = {cache_field},
    .kernel_function = "kmem_cache_destroy (mm/slab_common.c)",
    .help_en = "Ends a cache. Objects that are left are reported, and the cache stays.",
    .help_zh = "销毁缓存。若还有对象，则报告并保留缓存。",
};
constexpr OpSpec kmalloc{
    .name = "kmalloc",
    .fields = {bytes_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kmalloc (include/linux/slab.h)",
    .help_en = "Allocates bytes.",
    .help_zh = "分配若干字节。",
};
constexpr OpSpec kzalloc{
    .name = "kzalloc",
    .fields = {bytes_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kzalloc (include/linux/slab.h)",
    .help_en = "Allocates bytes filled with zeroes.",
    .help_zh = "分配若干清零的字节。",
};
constexpr OpSpec kcalloc{
    .name = "kcalloc",
    .fields = {count_field, element_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kcalloc (include/linux/slab.h)",
    .help_en = "Allocates an array of zeroes; the product may not overflow.",
    .help_zh = "分配一个清零的数组；乘积不得溢出。",
};
constexpr OpSpec kmalloc_node{
    .name = "kmalloc_node",
    .fields = {bytes_field, node_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "kmalloc_node (include/linux/slab.h)",
    .help_en = "Allocates bytes on a node.",
    .help_zh = "在指定节点上分配若干字节。",
};
constexpr OpSpec krealloc{
    .name = "krealloc",
    .fields = {object_field, bytes_field, gfp_field},
    .makes = ResultKind::object,
    .kernel_function = "krealloc (mm/slab_common.c)",
    .help_en = "Grows or shrinks an allocation, moving it when it must.",
    .help_zh = "扩大或缩小一次分配，必要时搬移。",
};
constexpr OpSpec kfree{
    .name = "kfree",
    .fields = {object_field},
    .kernel_function = "kfree (mm/slab_common.c)",
    .help_en = "Frees what kmalloc gave.",
    .help_zh = "释放 kmalloc 得到的内存。",
};
constexpr OpSpec ksize{
    .name = "ksize",
    .fields = {object_field},
    .kernel_function = "ksize (mm/slab_common.c)",
    .help_en = "Tells how many bytes were allocated, with what rounding added.",
    .help_zh = "给出一次分配的字节数，包括取整多出的部分。",
    .keeps_pages = true,
};
constexpr OpSpec kmalloc_size_roundup{
    .name = "kmalloc_size_roundup",
    .fields = {bytes_field},
    .kernel_function = "kmalloc_size_roundup (mm/slab_common.c), since Linux 6.1",
    .help_en = "Tells how many bytes kmalloc would give for a size.",
    .help_zh = "给出 kmalloc 对某个大小会分配的字节数。",
    .keeps_pages = true,
};
constexpr OpSpec shrink_slab{
    .name = "shrink_slab",
    .fields = {shrink_node_field, scan_field},
    .kernel_function = "shrink_slab (mm/vmscan.c)",
    .help_en = "Asks the slab allocator, as reclaim would, to give empty slabs back.",
    .help_zh = "像回收那样，请 slab 分配器归还空 slab。",
};
constexpr OpSpec cache_reap{
    .name = "cache_reap",
    .fields = {node_turn_field},
    .kernel_function = "cache_reap (mm/slab.c)",
    .help_en = "SLAB: a CPU's periodic turn that gives unused objects and slabs back.",
    .help_zh = "SLAB：一个 CPU 的周期性收割，归还没用到的对象和 slab。",
};
constexpr OpSpec slabinfo_write{
    .name = "slabinfo_write",
    .fields = {name_field, limit_field, batchcount_field, shared_field},
    .kernel_function = "slabinfo_write (mm/slab.c)",
    .help_en = "SLAB: echo \"name limit batchcount shared\" > /proc/slabinfo sets the sizes of a cache's arrays.",
    .help_zh = "SLAB：echo \"name limit batchcount shared\" > /proc/slabinfo 设定缓存各数组的大小。",
};
constexpr OpSpec write{
    .name = "write",
    .fields = {written_field, offset_field, value_field, length_field},
    .kernel_function = "memset (lib/string.c)",
    .help_en = "Writes bytes in, before or behind an object, as a buggy driver would.",
    .help_zh = "像有错误的驱动那样，在对象之内、之前或之后写入字节。",
};
constexpr OpSpec validate{
    .name = "validate",
    .fields = {validated_field, object_field, any_cache_field},
    .kernel_function = "validate_slab_cache (mm/slub.c)",
    .help_en = "Checks all slabs of a debugged cache (echo 1 > /sys/kernel/slab/CACHE/validate).",
    .help_zh = "检查带调试的缓存的所有 slab（echo 1 > /sys/kernel/slab/CACHE/validate）。",
};

} // namespace spec

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

OpOutcome kmem_cache_create_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_create> in) {
    slab_context cx = context(room, call);
    cache_request request;
    request.name = in.as<name_id>("name");
    request.size = in.as<u32>("size");
    request.align = in.as<u32>("align");
    request.flags = in.as<slab_flags_t>("flags");
    request.ctor = in["ctor"] != 0;
    request.usersize = in.as<u32>("usersize");
    const cache_id id = kmem_cache_create(cx, request);
    call.keep(id == CACHE_NONE ? OpResult{} : OpResult{id, ResultKind::cache, 0, 0});
    return id == CACHE_NONE ? OpOutcome::returned_null : OpOutcome::done;
}

OpOutcome kmem_cache_destroy_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_destroy> in) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, in["cache"]);
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    kmem_cache_destroy(cx, id);
    call.mark_freed(in["cache"]);
    return OpOutcome::done;
}

OpOutcome kmem_cache_shrink_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_shrink> in) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, in["cache"]);
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    kmem_cache_shrink(cx, id);
    return OpOutcome::done;
}

OpOutcome allocate(slab_op_context& room, OpCall& call, i64 cache, gfp_t gfp, int node) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, cache);
    if (id == CACHE_NONE) return store_object(call, ADDR_NULL);
    return store_object(call, kmem_cache_alloc_node(cx, id, gfp, node));
}

OpOutcome kmem_cache_alloc_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_alloc> in) {
    return allocate(room, call, in["cache"], in.as<gfp_t>("gfp"), -1);
}

OpOutcome kmem_cache_zalloc_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_zalloc> in) {
    return allocate(room, call, in["cache"], in.as<gfp_t>("gfp") | GFP_BIT_ZERO, -1);
}

OpOutcome kmem_cache_alloc_node_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_alloc_node> in) {
    return allocate(room, call, in["cache"], in.as<gfp_t>("gfp"), in.as<int>("node"));
}

OpOutcome kmem_cache_alloc_bulk_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_alloc_bulk> in) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, in["cache"]);
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    std::vector<phys_addr_t> objects(in.as<std::size_t>("nr"), ADDR_NULL);
    const u32 nr = static_cast<u32>(objects.size());
    const bool got = kmem_cache_alloc_bulk(cx, id, in.as<gfp_t>("gfp"), nr, objects.data()) == nr;
    for (u32 i = 0; i < nr; ++i) store_object(call, got ? objects[i] : ADDR_NULL, i);
    return got ? OpOutcome::done : OpOutcome::returned_null;
}

OpOutcome kmem_cache_free_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_free> in) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, in["cache"]);
    if (id == CACHE_NONE) return OpOutcome::no_effect;
    kmem_cache_free(cx, id, named_object(call, in["object"]));
    call.mark_freed(in["object"]);
    return OpOutcome::done;
}

OpOutcome kmem_cache_free_bulk_op(slab_op_context& room, OpCall& call, Fields<spec::kmem_cache_free_bulk> in) {
    slab_context cx = context(room, call);
    const cache_id id = named_cache(room, call, in["cache"]);
    const i64 first = in["objects"], nr = in["nr"];
    if (id == CACHE_NONE || first + nr > i64{MAX_RESULTS}) return OpOutcome::no_effect;
    std::vector<phys_addr_t> objects;
    for (i64 slot = first; slot < first + nr; ++slot) {
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

OpOutcome kmalloc_op(slab_op_context& room, OpCall& call, Fields<spec::kmalloc> in) {
    return kmalloc_any(room, call, in.as<u64>("size"), in.as<gfp_t>("gfp"), -1);
}

OpOutcome kzalloc_op(slab_op_context& room, OpCall& call, Fields<spec::kzalloc> in) {
    return kmalloc_any(room, call, in.as<u64>("size"), in.as<gfp_t>("gfp") | GFP_BIT_ZERO, -1);
}

// n * size may not overflow size_t; the fields are small enough that 64 bits show it.
OpOutcome kcalloc_op(slab_op_context& room, OpCall& call, Fields<spec::kcalloc> in) {
    const auto n = in.as<u64>("n");
    const auto size = in.as<u64>("size");
    const u64 size_max = room.slabs.pointer_size == 4 ? 0xffffffffull : ~0ull;
    if (size && n > size_max / size) {
        slab_context cx = context(room, call);
        cx.page.sink.emit(slab_event::kcalloc_overflow, n, size);
        return store_object(call, ADDR_NULL);
    }
    return kmalloc_any(room, call, n * size, in.as<gfp_t>("gfp") | GFP_BIT_ZERO, -1);
}

OpOutcome kmalloc_node_op(slab_op_context& room, OpCall& call, Fields<spec::kmalloc_node> in) {
    return kmalloc_any(room, call, in.as<u64>("size"), in.as<gfp_t>("gfp"), in.as<int>("node"));
}

OpOutcome krealloc_op(slab_op_context& room, OpCall& call, Fields<spec::krealloc> in) {
    slab_context cx = context(room, call);
    const phys_addr_t before = named_object(call, in["object"]);
    const phys_addr_t after = krealloc(cx, before, in.as<u64>("size"), in.as<gfp_t>("gfp"));
    if (after != before && after != ADDR_NULL) call.mark_freed(in["object"]);
    return store_object(call, after);
}

OpOutcome kfree_op(slab_op_context& room, OpCall& call, Fields<spec::kfree> in) {
    slab_context cx = context(room, call);
    const phys_addr_t object = named_object(call, in["object"]);
    kfree(cx, object);
    call.mark_freed(in["object"]);
    return object == ADDR_NULL ? OpOutcome::no_effect : OpOutcome::done;
}

OpOutcome ksize_op(slab_op_context& room, OpCall& call, Fields<spec::ksize> in) {
    const phys_addr_t object = named_object(call, in["object"]);
    call.sink.emit(slab_event::ksize, object, ksize(room.slabs, room.mem, object));
    return OpOutcome::done;
}

OpOutcome kmalloc_size_roundup_op(slab_op_context& room, OpCall& call, Fields<spec::kmalloc_size_roundup> in) {
    const auto size = in.as<u64>("size");
    call.sink.emit(slab_event::kmalloc_size_roundup, size, kmalloc_size_roundup(room.slabs, room.mem, size));
    return OpOutcome::done;
}

OpOutcome shrink_op(slab_op_context& room, OpCall& call, Fields<spec::shrink_slab> in) {
    slab_context cx = context(room, call);
    shrink_control control{in.as<u32>("node"), in.as<u32>("nr_to_scan"), 0};
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
OpOutcome cache_reap_op(slab_op_context& room, OpCall& call, Fields<spec::cache_reap> in) {
    if (room.slabs.config.allocator != slab_allocator::slab) return OpOutcome::no_effect;
    slab_context cx = context(room, call);
    cache_reap(cx, in["node_turn"] != 0);
    return OpOutcome::done;
}

OpOutcome slabinfo_write_op(slab_op_context& room, OpCall& call, Fields<spec::slabinfo_write> in) {
    if (room.slabs.config.allocator != slab_allocator::slab) return OpOutcome::no_effect;
    slab_context cx = context(room, call);
    call.sink.charge(u64{room.slabs.nr_caches} + room.slabs.nr_cpus);
    const tune_result result = slabinfo_write(cx, in.as<name_id>("name"), in["limit"], in["batchcount"], in["shared"]);
    if (result == tune_result::done) return OpOutcome::done;
    return result == tune_result::bad_numbers ? OpOutcome::no_effect : OpOutcome::refused;
}

OpOutcome write_op(slab_op_context& room, OpCall& call, Fields<spec::write> in) {
    slab_context cx = context(room, call);
    const phys_addr_t object = named_object(call, in["object"]);
    if (object == ADDR_NULL) return OpOutcome::no_effect;
    slub_write(cx, object, in["offset"], in.as<u32>("length"), in.as<u8>("value"));
    return OpOutcome::done;
}

OpOutcome validate_op(slab_op_context& room, OpCall& call, Fields<spec::validate> in) {
    slab_context cx = context(room, call);
    cache_id id = CACHE_NONE;
    if (in["cache"] >= 0) {
        id = named_cache(room, call, in["cache"]);
    } else if (in["name"] != NO_NAME) {
        call.sink.charge(room.slabs.nr_caches + room.slabs.aliases.size());
        id = find_cache(room.slabs, name_text(in.as<name_id>("name")));
    } else {
        const slab_id slab = slab_of_address(room.slabs, room.mem, named_object(call, in["object"]));
        if (slab != SLAB_NONE) id = room.slabs.slabs[slab].cache;
    }
    if (id == CACHE_NONE || room.slabs.config.allocator != slab_allocator::slub) return OpOutcome::no_effect;
    return validate_slab_cache(cx, id) < 0 ? OpOutcome::no_effect : OpOutcome::done;
}

constexpr SlabOp rows[] = {
    op_row<spec::kmem_cache_create, kmem_cache_create_op>(),
    op_row<spec::kmem_cache_alloc, kmem_cache_alloc_op>(),
    op_row<spec::kmem_cache_zalloc, kmem_cache_zalloc_op>(),
    op_row<spec::kmem_cache_alloc_node, kmem_cache_alloc_node_op>(),
    op_row<spec::kmem_cache_alloc_bulk, kmem_cache_alloc_bulk_op>(),
    op_row<spec::kmem_cache_free, kmem_cache_free_op>(),
    op_row<spec::kmem_cache_free_bulk, kmem_cache_free_bulk_op>(),
    op_row<spec::kmem_cache_shrink, kmem_cache_shrink_op>(),
    op_row<spec::kmem_cache_destroy, kmem_cache_destroy_op>(),
    op_row<spec::kmalloc, kmalloc_op>(),
    op_row<spec::kzalloc, kzalloc_op>(),
    op_row<spec::kcalloc, kcalloc_op>(),
    op_row<spec::kmalloc_node, kmalloc_node_op>(),
    op_row<spec::krealloc, krealloc_op>(),
    op_row<spec::kfree, kfree_op>(),
    op_row<spec::ksize, ksize_op>(),
    op_row<spec::kmalloc_size_roundup, kmalloc_size_roundup_op>(),
    op_row<spec::shrink_slab, shrink_op>(),
    op_row<spec::cache_reap, cache_reap_op>(),
    op_row<spec::slabinfo_write, slabinfo_write_op>(),
    op_row<spec::write, write_op>(),
    op_row<spec::validate, validate_op>(),
    op_row<rcu_spec::kfree_rcu, kfree_rcu_op>(),
    op_row<rcu_spec::kvfree_rcu, kvfree_rcu_op>(),
    op_row<rcu_spec::kfree_rcu_monitor, kfree_rcu_monitor_op>(),
    op_row<rcu_spec::synchronize_rcu, synchronize_rcu_op>(),
    op_row<rcu_spec::rcu_barrier, rcu_barrier_op>(),
    op_row<rcu_spec::kvfree_rcu_barrier, kvfree_rcu_barrier_op>(),
};

} // namespace

std::span<const SlabOp> slab_ops() { return rows; }

} // namespace mm
