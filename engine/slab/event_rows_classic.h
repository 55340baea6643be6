#pragma once
// The rows of the events of SLAB: what each carries, and the sentence that it becomes.
#include "base/event_args.h"
#include "slab/event_args.h"
#include "slab/events.h"

namespace mm {

namespace classic_rows {

using namespace slab_args;
using ev = classic_event;
inline constexpr ArgSpec AVAIL = number("avail");
inline constexpr ArgSpec LIMIT = number("limit");
inline constexpr ArgSpec BATCHCOUNT = number("batchcount");
inline constexpr ArgSpec SHARED = number("shared");
inline constexpr ArgSpec ACTIVE = number("active");
inline constexpr ArgSpec OBJECTS = number("objects");
inline constexpr ArgSpec NUM = number("num");
inline constexpr ArgSpec FREE_OBJECTS = number("free_objects");
inline constexpr ArgSpec FREE_LIMIT = number("free_limit");
inline constexpr ArgSpec MOVED = number("moved");
inline constexpr ArgSpec OWNER = number("owner");
inline constexpr ArgSpec PLACE{"place", Unit::reason};
inline constexpr ArgSpec ARRAY{"array", Unit::reason};
inline constexpr ArgSpec NAME{"name", Unit::name};

// clang-format off
inline constexpr EventRow<ev> rows[] = {
    // ---------------------------------------------------------------------------------------------------- sizes
    event(ev::order_tried, "order_tried", {CACHE, ORDER, NUM, bytes("left_over"), PLACE, {"verdict", Unit::reason},
           bytes("eighth")},
          "{cache} with its index array {place}: a slab of order {order} would hold {num} {num|object|objects} and "
          "leave {left_over} over (an eighth of it is {eighth}). {verdict}.",
          "{cache}，索引数组{place}：{order} 阶的 slab 容纳 {num} 个对象，剩余 {left_over}（八分之一为 {eighth}）。{verdict}。"),
    event(ev::freelist_refused, "freelist_refused", {CACHE, PLACE, REASON, bytes("index_bytes")},
          "The index array of {cache} ({index_bytes}) cannot stand {place}: {reason}.",
          "{cache} 的索引数组（{index_bytes}）不能{place}：{reason}。"),
    event(ev::classic_sized, "classic_sized", {CACHE, bytes("size"), ORDER, NUM, bytes("left_over"), number("colour"),
           bytes("colour_off"), PLACE},
          "{cache}: objects stand {size} apart, {num} in a slab of order {order}, the index array {place}. The "
          "{left_over} left over {left_over|makes|make} {colour} {colour|colour|colours}, {colour_off} apart.",
          "{cache}：对象间隔 {size}，{order} 阶的 slab 容纳 {num} 个，索引数组{place}。剩余的 {left_over} 可分 {colour} 种颜"
          "色，相隔 {colour_off}。"),
    event(ev::array_sized, "array_sized", {CACHE, LIMIT, BATCHCOUNT, SHARED},
          "Every CPU's array of {cache} holds up to {limit} {limit|object|objects} and moves {batchcount} at a time; "
          "a node's shared array holds {shared} {shared|batch|batches}.",
          "{cache} 的每个本地数组最多 {limit} 个对象，每次搬 {batchcount} 个；节点的共享数组容纳 {shared} 批。"),
    event(ev::free_limit_set, "free_limit_set", {CACHE, NODE, number("cpus"), BATCHCOUNT, NUM, FREE_LIMIT},
          "Node {node} may keep {free_limit} free {free_limit|object|objects} of {cache}: (1 + {cpus} "
          "{cpus|CPU|CPUs}) × batchcount {batchcount} + {num} {num|object|objects} of a slab.",
          "节点 {node} 最多保留 {cache} 的 {free_limit} 个空闲对象：（1 + {cpus} 个 CPU）× batchcount {batchcount} + 每个 slab "
          "{num} 个对象。"),

    // ---------------------------------------------------------------------------------------------------- taking
    event(ev::array_hit, "array_hit", {CACHE, CPU, OBJECT, AVAIL, {"warm", Unit::reason}},
          "CPU {cpu} takes {object}, the last entry of its array of {cache}: {warm}. {avail} {avail|is|are} left in "
          "it.",
          "CPU {cpu} 从 {cache} 的本地数组取最后一项 {object}：{warm}。数组还剩 {avail} 个。"),
    event(ev::array_empty, "array_empty", {CACHE, CPU, BATCHCOUNT, flag("idle")},
          "CPU {cpu}'s array of {cache} is empty. {batchcount} {batchcount|object is|objects are} wanted, {idle}.",
          "{cache} 在 CPU {cpu} 的本地数组为空。要补充 {batchcount} 个对象，{idle}。"),
    event(ev::shared_refill, "shared_refill", {CACHE, CPU, NODE, MOVED, AVAIL},
          "{moved} {moved|object|objects} of {cache} {moved|moves|move} from the shared array of node {node} to CPU "
          "{cpu}'s, {moved|the newest one|the newest ones}; {avail} {avail|stays|stay}.",
          "{cache} 的 {moved} 个对象从节点 {node} 的共享数组移到 CPU {cpu} 的本地数组，取最新的；还剩 {avail} 个。"),
    event(ev::slab_refill, "slab_refill", {CACHE, CPU, SLAB, MOVED, ACTIVE, OBJECTS, {"from", Unit::reason}},
          "CPU {cpu}'s array of {cache} gets {moved} {moved|object|objects} of slab {slab}, {from}; {active} of its "
          "{objects} {active|is|are} active now.",
          "{cache} 在 CPU {cpu} 的本地数组得到 slab {slab}（{from}）的 {moved} 个对象；其 {objects} 个中现有 {active} 个活动。"),
    event(ev::slab_listed, "slab_listed", {CACHE, NODE, SLAB, ACTIVE, OBJECTS, PLACE},
          "Slab {slab} of {cache} has {active} of {objects} {objects|object|objects} active: on node {node} it joins "
          "{place}.",
          "{cache} 的 slab {slab} 的 {objects} 个对象中 {active} 个活动：在节点 {node} 上加入 {place}。"),
    event(ev::slab_grown, "slab_grown", {CACHE, SLAB, ORDER, NUM, NODE, number("colour"), number("colours"), bytes("offset")},
          "A new slab of {cache}: pages from {slab}, order {order}, on node {node}, for {num} {num|object|objects}. "
          "Its colour is {colour} of {colours}: the first object begins {offset} into it.",
          "{cache} 的新 slab：节点 {node} 上从 {slab} 开始的 {order} 阶的块，放 {num} 个对象。颜色为 {colours} 种中的第 "
          "{colour} 种：第一个对象在偏移 {offset} 处。"),
    event(ev::index_built, "index_built", {CACHE, SLAB, OBJECTS, {"first", Unit::object_link},
           {"holder", Unit::object_link}, bytes("bytes"), flag("shuffled"), PLACE},
          "The index array of slab {slab} of {cache} ({objects} {objects|entry|entries}, {bytes}) stands {place}. It is "
          "filled {shuffled}: {first} is taken first.",
          "{cache} 的 slab {slab} 的索引数组（{objects} 项，{bytes}）{place}。{shuffled}填写：先取 {first}。"),
    event(ev::index_off_slab, "index_off_slab", {CACHE, SLAB, OBJECT, bytes("bytes")},
          "{object} of kmalloc holds the index array of slab {slab} of {cache}, {bytes}.",
          "kmalloc 的 {object} 存放 {cache} 的 slab {slab} 的索引数组，{bytes}。"),
    event(ev::slab_grow_failed, "slab_grow_failed", {CACHE, NODE, ORDER, GFP},
          "No block of order {order} on node {node} for a slab of {cache} with {gfp}.",
          "节点 {node} 上没有 {order} 阶的块给 {cache} 的 slab，{gfp}。"),
    event(ev::node_object_taken, "node_object_taken", {CACHE, NODE, SLAB, INDEX, FREE_OBJECTS},
          "Past all arrays: object {index} of slab {slab} of {cache} on node {node} is taken; {free_objects} free "
          "{free_objects|object stays|objects stay} there.",
          "绕过所有数组：取节点 {node} 上 {cache} 的 slab {slab} 的对象 {index}；那里还有 {free_objects} 个空闲对象。"),
    event(ev::fallback_node, "fallback_node", {CACHE, NODE, FREE_OBJECTS},
          "The wanted node has no memory for {cache}. Node {node} is next in the zonelist that has free objects: "
          "{free_objects}.",
          "所要的节点没有内存给 {cache}。按 zonelist 的顺序，节点 {node} 有空闲对象：{free_objects} 个。"),
    event(ev::fallback_grow, "fallback_grow", {CACHE, NODE, GFP},
          "No node has a free object of {cache}. Pages from any node are asked for, first from {node}, with all that {gfp} "
          "allows.",
          "没有节点有 {cache} 的空闲对象。按 {gfp} 允许的全部手段向任意节点要页，从节点 {node} 开始。"),

    // ---------------------------------------------------------------------------------------------------- giving back
    event(ev::array_put, "array_put", {CACHE, CPU, OBJECT, AVAIL, LIMIT},
          "{object} goes to the end of CPU {cpu}'s array of {cache}, now {avail} of {limit}. It is warm in this CPU's cache, "
          "and the next allocation returns it.",
          "{object} 放到 {cache} 在 CPU {cpu} 的本地数组末尾，现有 {avail} 个，上限 {limit}。它在本 CPU 的高速缓存中是热的，下"
          "一次分配就返回它。"),
    event(ev::array_full, "array_full", {CACHE, CPU, AVAIL, BATCHCOUNT},
          "CPU {cpu}'s array of {cache} is full with {avail}. Its {batchcount} oldest {batchcount|entry, the coldest "
          "one, has|entries, the coldest ones, have} to leave.",
          "{cache} 在 CPU {cpu} 的本地数组已满（{avail} 个）。最旧、最冷的 {batchcount} 项要离开。"),
    event(ev::shared_put, "shared_put", {CACHE, NODE, MOVED, AVAIL, LIMIT},
          "{moved} of them {moved|goes|go} to the shared array of {cache} on node {node}, now {avail} of {limit}: "
          "another CPU may use {moved|it|them}.",
          "其中 {moved} 个放到 {cache} 在节点 {node} 的共享数组，现有 {avail} 个，上限 {limit}：其他 CPU 可以使用。"),
    event(ev::object_put, "object_put", {CACHE, NODE, SLAB, INDEX, ACTIVE, OBJECTS, PLACE},
          "Object {index} is back in slab {slab} of {cache} on node {node}; {active} of {objects} {active|is|are} "
          "active. The slab goes to {place}.",
          "对象 {index} 回到节点 {node} 上 {cache} 的 slab {slab}；{objects} 个中 {active} 个活动。该 slab 放到 {place}。"),
    event(ev::index_moved, "index_moved", {CACHE, SLAB, INDEX},
          "Slab {slab} of {cache} was full and had no index array. Object {index}, its first free one, holds it now.",
          "{cache} 的 slab {slab} 原来已满，没有索引数组。第一个空闲对象 {index} 现在存放它。"),
    event(ev::over_free_limit, "over_free_limit", {CACHE, NODE, SLAB, FREE_OBJECTS, FREE_LIMIT, NUM},
          "Node {node} has {free_objects} free {free_objects|object|objects} of {cache}, more than its limit "
          "{free_limit}. The slab that has been empty longest, {slab} with {num} {num|object|objects}, has to go.",
          "节点 {node} 有 {cache} 的 {free_objects} 个空闲对象，超过上限 {free_limit}。空得最久的 slab {slab}（{num} 个对象）要"
          "归还。"),
    event(ev::slab_destroyed, "slab_destroyed", {CACHE, SLAB, ORDER, OBJECTS},
          "The pages of slab {slab} of {cache}, order {order} with {objects} {objects|object|objects}, go back to "
          "the page allocator.",
          "{cache} 的 slab {slab}（{order} 阶，{objects} 个对象）的页归还给页分配器。"),
    event(ev::alien_put, "alien_put", {CACHE, CPU, NODE, {"home", Unit::node}, OBJECT, AVAIL, LIMIT},
          "CPU {cpu} is on node {node}, {object} of {cache} on node {home}: it waits in the array of such objects, now "
          "{avail} of {limit}.",
          "CPU {cpu} 在节点 {node}，{cache} 的 {object} 在节点 {home}：它放入这类对象的数组等待，现有 {avail} 个，上限 "
          "{limit}。"),
    event(ev::alien_full, "alien_full", {CACHE, NODE, {"home", Unit::node}, AVAIL},
          "Node {node}'s array of objects of {cache} that belong to node {home} is full with {avail}.",
          "节点 {node} 上存放属于节点 {home} 的 {cache} 对象的数组已满（{avail} 个）。"),
    event(ev::alien_drained, "alien_drained", {CACHE, NODE, {"home", Unit::node}, MOVED, number("rest")},
          "Objects of {cache} that node {node} kept for node {home} go home: {moved} to its shared array, {rest} to their "
          "slabs.",
          "节点 {node} 代存的节点 {home} 的 {cache} 对象送回：{moved} 个到共享数组，{rest} 个到各自的 slab。"),

    // ---------------------------------------------------------------------------------------------------- shrinking
    event(ev::reap_begins, "reap_begins", {CPU, NODE, {"remote", Unit::node}, flag("node_turn")},
          "CPU {cpu} looks through all caches on node {node}: its own arrays, and objects kept for node {remote}; "
          "{node_turn}.",
          "CPU {cpu} 查看节点 {node} 上的所有缓存：自己的数组，以及代节点 {remote} 存放的对象；{node_turn}。"),
    event(ev::array_spared, "array_spared", {CACHE, ARRAY, OWNER, AVAIL},
          "{array} of {cache} with {avail} {avail|object|objects} was used since the last turn: it keeps "
          "{avail|it|them}, and the mark is cleared.",
          "{cache} 的{array}（{avail} 个对象）自上一轮以来用过：保留，并清除标记。"),
    event(ev::array_drained, "array_drained", {CACHE, ARRAY, OWNER, MOVED, AVAIL, LIMIT},
          "{array} of {cache} gives its {moved} oldest {moved|object back to its slab|objects back to their slabs}; "
          "{avail} {avail|stays|stay} (limit {limit}).",
          "{cache} 的{array}把最旧的 {moved} 个对象归还给各自的 slab；还剩 {avail} 个（上限 {limit}）。"),
    event(ev::free_slabs_spared, "free_slabs_spared", {CACHE, NODE, number("slabs")},
          "Node {node} looked for a free slab of {cache} since the last turn: its {slabs} {slabs|stays|stay}.",
          "自上一轮以来节点 {node} 找过 {cache} 的空闲 slab：{slabs} 个都保留。"),
    event(ev::free_slabs_reaped, "free_slabs_reaped", {CACHE, NODE, FREE_LIMIT, NUM, number("wanted"), number("freed")},
          "Free slabs of {cache} on node {node}: a fifth of free_limit {free_limit} is {wanted} {wanted|slab|slabs} "
          "of {num} {num|object|objects}; {freed} went back.",
          "{cache} 在节点 {node} 的空闲 slab：free_limit {free_limit} 的五分之一是 {wanted} 个 slab（每个 {num} 个对象）；归还 "
          "{freed} 个。"),
    event(ev::cache_tuned, "cache_tuned", {NAME, LIMIT, BATCHCOUNT, SHARED},
          "/proc/slabinfo takes “{name} {limit} {batchcount} {shared}”: the arrays have their new sizes, and what was in the "
          "old ones is back in its slabs.",
          "/proc/slabinfo 接受“{name} {limit} {batchcount} {shared}”：数组已换成新的大小，旧数组中的对象回到各自的 slab。"),
    event(ev::tune_ignored, "tune_ignored", {NAME, LIMIT, BATCHCOUNT, SHARED, REASON},
          "“{name} {limit} {batchcount} {shared}” written to /proc/slabinfo: {reason}.",
          "向 /proc/slabinfo 写“{name} {limit} {batchcount} {shared}”：{reason}。"),
    event(ev::slabs_remaining, "slabs_remaining", {CACHE, NODE, number("full"), number("partial")},
          "Node {node} still has slabs of {cache}, {full} full and {partial} partial: somebody holds objects in them.",
          "节点 {node} 还有 {cache} 的 {full} 个满 slab 和 {partial} 个部分空闲 slab：其中的对象仍有人使用。"),

    // ---------------------------------------------------------------------------------------------------- misuse
    event(ev::array_double_free_caught, "array_double_free_caught", {CACHE, SLAB, INDEX},
          "Object {index} of slab {slab} of {cache} is the array's last entry already. CONFIG_SLAB_FREELIST_HARDENED catches "
          "just this case: a warning, and the second free is left out.",
          "{cache} 的 slab {slab} 的对象 {index} 已是数组的最后一项。CONFIG_SLAB_FREELIST_HARDENED 只能发现这种情况：发出警"
          "告，忽略第二次释放。"),
    event(ev::array_double_free, "array_double_free", {CACHE, SLAB, INDEX},
          "Object {index} of slab {slab} of {cache} is free already, and nobody checks. It is now there twice: two callers "
          "will get the same memory.",
          "{cache} 的 slab {slab} 的对象 {index} 已经空闲，但没有人检查。它现在出现两次：将来两个调用者会拿到同一块内存。"),
    event(ev::free_inside_object, "free_inside_object", {CACHE, SLAB, {"address", Unit::object}, INDEX},
          "{address} is not the beginning of object {index} of slab {slab} of {cache}, and nobody checks. The kernel would "
          "hand out this very address next; here the whole object counts as freed.",
          "{address} 不是 {cache} 的 slab {slab} 的对象 {index} 的开头，但没有人检查。内核下一次就会返回这个地址；这里按整个对"
          "象被释放处理。"),
    event(ev::free_beside_objects, "free_beside_objects", {CACHE, SLAB, {"address", Unit::object}},
          "{address} is in slab {slab} of {cache}, but before its first object or behind its last. The kernel would take it "
          "into the array and later write outside the index array; here nothing is done.",
          "{address} 在 {cache} 的 slab {slab} 中，却在第一个对象之前或最后一个对象之后。内核会把它放进数组，以后写到索引数组之"
          "外；这里不作处理。"),
    event(ev::active_underflow, "active_underflow", {CACHE, SLAB, INDEX},
          "Object {index} goes back to slab {slab} of {cache}, which has none out. The kernel would count below zero and "
          "write before the index array; here it is left out.",
          "对象 {index} 归还给 {cache} 的 slab {slab}，而它没有分配出去的对象。内核的计数会变成负数，并写到索引数组之前；这里忽"
          "略。"),
    event(ev::dangling_entries, "dangling_entries", {CACHE, SLAB, number("entries")},
          "{entries} {entries|entry|entries} of arrays of {cache} still {entries|leads|lead} into slab {slab}, which "
          "goes back. The kernel would hand out memory that is somebody else's; here {entries|the entry is|the "
          "entries are} dropped.",
          "{cache} 的数组中还有 {entries} 项指向将要归还的 slab {slab}。内核会把别人的内存分配出去；这里丢弃这些项。"),
};
// clang-format on

} // namespace classic_rows

[[nodiscard]] constexpr std::span<const EventRow<classic_event>> event_rows(classic_event) {
    return classic_rows::rows;
}

} // namespace mm
