// The ways that ops can take, for questions that ask which one.
#include <algorithm>

#include "machine/facts/address_facts.h"
#include "machine/facts/process_facts.h"
#include "physical/events.h"
#include "scenario/question_offer.h"
#include "slab/events.h"

namespace mm {

namespace {

template <class Kind>
constexpr Way way(Kind kind, std::string_view en, std::string_view zh, Way::For of = Way::For::any) {
    return {static_cast<u16>(kind), en, zh, of};
}

using pages = physical_event;
using slub = slub_event;

constexpr Way TAKING_PAGES[] = {
    way(pages::mm_page_alloc_fail, "none: the request gets NULL", "拿不到：请求得到 NULL"),
    way(pages::slowpath_enter, "by the slow path: no zone is above its low watermark",
        "走慢速路径：没有内存域高于 low 水线"),
    way(pages::mm_page_alloc_extfrag, "it borrows a block of another migrate type", "向另一种迁移类型借用"),
    way(pages::zone_watermark_fail, "the first zone is too low, so another one serves it",
        "第一个内存域过低，改由另一个满足"),
    way(pages::zone_watermark_no_block, "the first zone has no block that is large enough, so another one serves it",
        "第一个内存域没有够大的块，改由另一个满足"),
    way(pages::pcp_refill, "the CPU's list is empty: it is refilled, then it serves", "CPU 的链表为空：先补充，再取",
        Way::For::cpu_lists),
    way(pages::pcp_hit, "the CPU's list has one", "CPU 的链表上就有", Way::For::cpu_lists),
    way(pages::buddy_split, "a larger block is split", "拆分一个更大的块", Way::For::buddy_lists),
    way(pages::buddy_take, "a free block of just this order", "正好有一个这一阶的空闲块", Way::For::buddy_lists),
};

constexpr Way GIVING_PAGES[] = {
    way(pages::free_null_page, "there is no page to free: the kernel oopses", "没有页可以释放：内核 oops"),
    way(pages::bad_page, "a check reports a bad page", "检查报告 bad page"),
    way(pages::misuse_unseen, "something is wrong, and no check sees it", "有错，但没有检查能看出来"),
    way(pages::free_keeps_reference, "nothing is freed: the count is not 0", "什么也不释放：计数不为 0"),
    way(pages::pcp_bulk_free, "to the CPU's list; that is full, so a batch of pages goes on to the buddy lists",
        "进 CPU 的链表；链表满了，一批页再还给伙伴系统", Way::For::cpu_lists),
    way(pages::pcp_free, "to the CPU's list, and no further", "进 CPU 的链表，到此为止", Way::For::cpu_lists),
    way(pages::buddy_merge, "to the buddy lists, and there it merges", "回伙伴系统，并且合并", Way::For::buddy_lists),
    way(pages::buddy_add, "to the buddy lists, where it stays alone", "回伙伴系统，不能合并", Way::For::buddy_lists),
};

constexpr Way TAKING_OBJECTS[] = {
    way(slub::slab_no_memory, "there is no memory for a slab: NULL", "没有内存建 slab：得到 NULL"),
    way(slub::slab_new, "from a new slab: pages are asked for", "从新的 slab 取：要向页分配器要页"),
    way(slub::node_partial_take, "from a slab of the node's partial list", "从节点部分空闲链表上的 slab 取"),
    way(slub::cpu_partial_take, "from a slab of the CPU's partial list", "从 CPU 部分空闲链表上的 slab 取"),
    way(slub::freelist_refill, "from the freelist of the CPU's slab itself, which the CPU takes over",
        "CPU 接过本地 slab 自己的空闲链表，再取"),
    way(slub::fast_alloc, "the fast path: the head of the CPU's freelist", "快速路径：CPU 空闲链表的表头"),
};

constexpr Way GIVING_OBJECTS[] = {
    way(slub::double_free_caught, "the kernel stops: freed twice", "内核停下：重复释放"),
    way(slub::double_free_unnoticed, "it is freed twice, and nobody notices", "重复释放，没有人发现"),
    way(slub::slab_discard, "its slab is empty now, and its pages go back", "它的 slab 空了，页还给页分配器"),
    way(slub::cpu_partial_put, "to its slab, which joins the CPU's partial list",
        "回到它的 slab，slab 加入 CPU 部分空闲链表"),
    way(slub::node_partial_add, "to its slab, which joins the node's partial list",
        "回到它的 slab，slab 加入节点部分空闲链表"),
    way(slub::slow_free, "to its slab, which stays where it is", "回到它的 slab，slab 位置不变"),
    way(slub::fast_free, "the fast path: it becomes the head of the CPU's freelist",
        "快速路径：成为 CPU 空闲链表的表头"),
};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::span<const Way> ways_of_kind(const Machine& machine, const OpSpec& spec) {
    const bool slub_runs = machine.slabs.config.allocator == slab_allocator::slub;
    if (is_one_of(spec.name, {"alloc_pages", "alloc_page", "alloc_pages_node", "__get_free_pages", "get_zeroed_page",
                              "__get_dma_pages"}))
        return TAKING_PAGES;
    if (is_one_of(spec.name, {"__free_pages", "free_pages", "put_page"})) return GIVING_PAGES;
    if (slub_runs && is_one_of(spec.name, {"kmem_cache_alloc", "kmem_cache_zalloc", "kmem_cache_alloc_node", "kmalloc",
                                           "kzalloc", "kmalloc_node"}))
        return TAKING_OBJECTS;
    if (slub_runs && is_one_of(spec.name, {"kmem_cache_free", "kfree"})) return GIVING_OBJECTS;
    return {};
}

// The order that the op writes, else that of the pages that it is about, else 0.
i64 order_of(const Machine& after, const Op& op, const OpSpec& spec) {
    const int field = spec.field_index("order");
    const i64 written = field < 0 ? -1 : op.arg[static_cast<std::size_t>(field)];
    if (written >= 0) return written;
    const OpResult* result = result_of_op(after, op);
    return result && result->kind == ResultKind::pages ? result->order : 0;
}

} // namespace

namespace {

using n = fault_node;

// By what stands behind the VMA: those that an access of it cannot reach are left out.
constexpr n ANYWHERE[] = {n::no_vma, n::access_error};
constexpr n ANON_READS[] = {n::zero_page};
constexpr n ANON_WRITES[] = {n::anon_page, n::zero_replaced, n::reused, n::copied};
constexpr n HUGE_READS[] = {n::huge_zero};
constexpr n HUGE_WRITES[] = {n::huge_page, n::huge_reused};
constexpr n FILE_ACCESSES[] = {n::beyond_file, n::disk_read};
constexpr n FILE_READS[] = {n::around_mapped, n::file_mapped};
constexpr n PRIVATE_WRITES[] = {n::cow_copied, n::file_copied, n::reused, n::copied};
constexpr n SHARED_WRITES[] = {n::shared_written, n::shared_made_writable};

std::span<const n> of_file(bool write, bool shared) {
    if (!write) return FILE_READS;
    return shared ? std::span<const n>(SHARED_WRITES) : PRIVATE_WRITES;
}

} // namespace

std::vector<fault_node> fault_ends_of(const Machine& after, const StepResult& step) {
    const std::string_view name = op_spec(step.op().kind).name;
    if (!is_one_of(name, {"user_read", "user_write", "user_exec"})) return {};
    const bool write = name == "user_write";
    std::vector<fault_node> ends(std::begin(ANYWHERE), std::end(ANYWHERE));
    const auto add = [&](std::span<const n> more) { ends.insert(ends.end(), more.begin(), more.end()); };
    const std::optional<u64> address = asked_address(after, step.op());
    const auto facts = address ? mapping_of(after, *address, space_of_op(after, step.op())) : std::nullopt;
    const bool mapped = facts && facts->vma != VMA_NONE;
    const vm_area_struct vma = mapped ? after.processes.vmas[facts->vma] : vm_area_struct{};
    if (!mapped || vma.is_anonymous()) {
        add(write ? std::span<const n>(ANON_WRITES) : ANON_READS);
        if (after.processes.thp_always || after.processes.thp_madvise)
            add(write ? std::span<const n>(HUGE_WRITES) : HUGE_READS);
    } else {
        add(FILE_ACCESSES);
        add(of_file(write, (vma.vm_flags & VM_SHARED) != 0));
    }
    // One that is rare stands there when it happens.
    if (const auto& end = step.fault_end(); end && std::find(ends.begin(), ends.end(), end->node) == ends.end())
        ends.push_back(end->node);
    ends.push_back(n::count);
    return ends;
}

std::vector<Way> ways_of(const Machine& after, const Op& op) {
    const OpSpec& spec = op_spec(op.kind);
    const i64 order = order_of(after, op, spec);
    const physical_memory& memory = after.physical;
    const bool cpu_lists =
        order < memory.nr_pcp_orders || (memory.nr_pcp_orders > 1 && order == memory.pageblock_order);
    std::vector<Way> ways;
    for (const Way& way : ways_of_kind(after, spec)) {
        if (way.of == Way::For::cpu_lists && !cpu_lists) continue;
        if (way.of == Way::For::buddy_lists && order == 0) continue;
        // With one zone there is no other.
        if (memory.populated.size() < 2 && (way.event == static_cast<u16>(pages::zone_watermark_fail) ||
                                            way.event == static_cast<u16>(pages::zone_watermark_no_block)))
            continue;
        ways.push_back(way);
    }
    return ways;
}

} // namespace mm
