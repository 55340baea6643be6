// The events of memblock as one table: their rows (memblock_event_rows.h) with the words of reasons and flags.
#include "physical/memblock.h"
#include "physical/memblock_event_rows.h"

namespace mm {

namespace {

using ev = memblock_event;

// clang-format off
constexpr EventWords words[] = {
    words_for(ev::range_add, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::range_add, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::range_add, "node", NUMA_NO_NODE, "none yet", "未定"),
    words_for(ev::range_covered, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::range_covered, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::region_new, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::region_new, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::region_merge, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::region_merge, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::node_conflict, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::node_conflict, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::node_conflict, "node", NUMA_NO_NODE, "none yet", "未定"),
    words_for(ev::node_conflict, "new_node", NUMA_NO_NODE, "none yet", "未定"),
    words_for(ev::range_remove, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::range_remove, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::region_split, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::region_split, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::region_gone, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::region_gone, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::range_absent, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::range_absent, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::node_set, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::node_set, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::array_double, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::array_double, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::array_double_fails, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::array_double_fails, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::array_double_fails, "reason", double_failure::not_allowed,
              "It may not double before memblock_allow_resize(): the call fails with -ENOMEM",
              "在 memblock_allow_resize() 之前不允许加倍：调用以 -ENOMEM 失败"),
    words_for(ev::array_double_fails, "reason", double_failure::panics,
              "It may not double before memblock_allow_resize(), and without the region boot would go wrong unseen: the kernel panics",
              "在 memblock_allow_resize() 之前不允许加倍，而缺了这个区域，启动会悄悄出错：内核 panic"),
    words_for(ev::array_double_fails, "reason", double_failure::no_room,
              "No hole holds a new one: the call fails with -ENOMEM",
              "没有空洞放得下新数组：调用以 -ENOMEM 失败"),
    words_for(ev::array_double_fails, "reason", double_failure::our_limit,
              "A real list would double once more; here it stops at this length, and the call fails",
              "真实的表还会加倍；这里到此为止，调用失败"),
    words_for(ev::array_free, "list", memblock_list::memory, "memory", "memory"),
    words_for(ev::array_free, "list", memblock_list::reserved, "reserved", "reserved"),
    words_for(ev::alloc_try, "node", NUMA_NO_NODE, "any", "任意"),
    words_for(ev::alloc_try, "direction", alloc_direction::top_down, "from the top down", "自上而下"),
    words_for(ev::alloc_try, "direction", alloc_direction::bottom_up, "from the bottom up", "自下而上"),
    words_for(ev::hole_tried, "reason", hole_verdict::fits, "there is room for {size}, aligned to {align}", "放得下 {size}，按 {align} 对齐"),
    words_for(ev::hole_tried, "reason", hole_verdict::too_small, "too small for {size}", "放不下 {size}"),
    words_for(ev::hole_tried, "reason", hole_verdict::misaligned, "large enough for {size}, but not at a multiple of {align}",
              "够放 {size}，但放不到 {align} 的整数倍处"),
    words_for(ev::alloc_again, "reason", alloc_retry::any_node, "The node was a wish: now any node will do",
              "节点只是偏好：现在任何节点都行"),
    words_for(ev::alloc_again, "reason", alloc_retry::no_minimum, "The lower limit was a wish: now lower addresses will do, too",
              "下限只是偏好：现在更低的地址也行"),
    words_for(ev::bottom_up_set, "enable", 0, "from the top down, to keep low memory for devices that reach no higher",
              "自上而下（把低端内存留给够不到高处的设备）"),
    words_for(ev::bottom_up_set, "enable", 1,
              "from the bottom up, to stay near the kernel's image, on a node that cannot be unplugged",
              "自下而上（靠近内核镜像，留在不可拔除的节点上）"),
    words_for(ev::too_late, "reason", memblock_lateness::zones_sized,
              "The zones have been sized by the memory list: what it says from now on changes none of them",
              "内存域已按 memory 表定好大小：此后再改，哪个内存域也不会变"),
    words_for(ev::too_late, "reason", memblock_lateness::pages_freed,
              "Free memory belongs to the buddy allocator by now, and nobody asks memblock any more. The kernel would warn, or take the "
              "request to the slab allocator",
              "空闲内存已归伙伴系统，没有谁再问 memblock。内核会告警，或者把请求转给 slab 分配器"),
    words_for(ev::no_machine, "reason", machine_failure::no_memory,
              "The memory list has no whole page. A kernel without memory stops here",
              "memory 表中没有一个整页。没有内存的内核到此停止"),
    words_for(ev::no_machine, "reason", machine_failure::no_node_memory,
              "A node has CPUs and no memory. Kernels boot such machines; here each node needs memory",
              "有节点只有 CPU、没有内存。内核能启动这样的机器；这里每个节点都要有内存"),
    words_for(ev::no_machine, "reason", machine_failure::our_limits,
              "This is more memory, or memory further apart, than is simulated: at most 64 GiB, in a span of 256 GiB, below the last "
              "frames of 32 bits",
              "内存超过了能模拟的数量或跨度：最多 64 GiB，跨度 256 GiB，低于 32 位页框号的末尾"),
};
// clang-format on

constexpr auto table = event_table(memblock_rows::rows, ev::range_add);

} // namespace

EventPart memblock_events() { return table.with(words); }

} // namespace mm
