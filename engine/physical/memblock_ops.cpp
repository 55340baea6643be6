#include "physical/memblock_ops.h"

#include <algorithm>

#include "physical/functions.h"
#include "physical/memblock_events.h"
#include "physical/memblock_profile.h"

namespace mm {

namespace {

using ev = memblock_event;

constexpr i64 MAX_RANGE = i64{1} << 62;

constexpr FieldSpec base_field{"base", Unit::phys_address, 0, 0, 0, true, "physical address"};
constexpr FieldSpec size_field{"size", Unit::bytes, 0, 0, MAX_RANGE, true, "length, to the byte"};
constexpr FieldSpec any_node_field{"node", Unit::node, -1, -1, MAX_NODES - 1, false, "NUMA node; left out: of no node"};
constexpr FieldSpec wished_node_field{
    "node", Unit::node, -1, -1, MAX_NODES - 1, false, "NUMA node to prefer; left out: any"};
constexpr FieldSpec node_field{"node", Unit::node, 0, 0, MAX_NODES - 1, true, "NUMA node"};
constexpr FieldSpec list_field{"list", Unit::reason, 0, 0, 1, false, "whose regions", memblock_list_names};
constexpr FieldSpec align_field{
    "align", Unit::bytes, SMP_CACHE_BYTES, 0, MAX_RANGE, false, "power of two; 0: a cache line, with a warning"};
constexpr FieldSpec unit_field{
    "align", Unit::bytes, 4096, 1, MAX_RANGE, false, "unit that stays whole, a power of two"};
constexpr FieldSpec min_field{"min_addr", Unit::phys_address, 0, 0, 0, false, "lowest physical address"};
constexpr FieldSpec max_field{
    "max_addr", Unit::phys_address, 0, 0, 0, false, "physical address where it has to end; 0: current_limit"};
constexpr FieldSpec exact_field{"exact", Unit::flag, 0, 0, 1, false, "1: no other node will do"};
constexpr FieldSpec enable_field{"enable", Unit::flag, 1, 0, 1, false, "1: bottom-up, 0: top-down"};
constexpr FieldSpec limit_field{"limit", Unit::phys_address, 0, 0, 0, true, "physical address"};

namespace spec {

constexpr OpSpec memblock_add{
    .name = "memblock_add",
    .fields = {base_field, size_field, any_node_field},
    .kernel_function = "memblock_add, memblock_add_node (mm/memblock.c)",
    .help_en = "Boot: tells memblock of memory.",
    .help_zh = "启动：告诉 memblock 有一段内存。",
    .boots = true,
};
constexpr OpSpec memblock_remove{
    .name = "memblock_remove",
    .fields = {base_field, size_field},
    .kernel_function = "memblock_remove (mm/memblock.c)",
    .help_en = "Boot: takes memory from memblock, as mem= on the command line does.",
    .help_zh = "启动：从 memblock 去掉一段内存，例如命令行的 mem=。",
    .boots = true,
};
constexpr OpSpec memblock_reserve{
    .name = "memblock_reserve",
    .fields = {base_field, size_field},
    .kernel_function = "memblock_reserve (mm/memblock.c)",
    .help_en = "Boot: says that a range is in use.",
    .help_zh = "启动：声明一段内存正在使用。",
    .boots = true,
};
constexpr OpSpec memblock_free{
    .name = "memblock_free",
    .fields = {base_field, size_field},
    .kernel_function = "memblock_phys_free (mm/memblock.c), memblock_free until 5.15",
    .help_en = "Boot: says that a range is no longer in use.",
    .help_zh = "启动：声明一段内存不再使用。",
    .boots = true,
};
constexpr OpSpec memblock_alloc{
    .name = "memblock_alloc",
    .fields = {size_field, align_field, min_field, max_field, wished_node_field, exact_field},
    .kernel_function = "memblock_alloc_try_nid, memblock_alloc_exact_nid_raw (mm/memblock.c)",
    .help_en = "Boot: finds free memory and reserves it; limit below and node are wishes.",
    .help_zh = "启动：找一段空闲内存并保留；下限和节点只是偏好。",
    .boots = true,
};
constexpr OpSpec memblock_phys_alloc_range{
    .name = "memblock_phys_alloc_range",
    .fields = {size_field, align_field, min_field, max_field},
    .kernel_function = "memblock_phys_alloc_range (mm/memblock.c)",
    .help_en = "Boot: finds free memory within limits and reserves it.",
    .help_zh = "启动：在限定范围内找一段空闲内存并保留。",
    .boots = true,
};
constexpr OpSpec memblock_set_node{
    .name = "memblock_set_node",
    .fields = {base_field, size_field, node_field, list_field},
    .kernel_function = "memblock_set_node (mm/memblock.c)",
    .help_en = "Boot: says to which node a range belongs.",
    .help_zh = "启动：声明一段内存属于哪个节点。",
    .boots = true,
};
constexpr OpSpec memblock_trim_memory{
    .name = "memblock_trim_memory",
    .fields = {unit_field},
    .kernel_function = "memblock_trim_memory (mm/memblock.c)",
    .help_en = "Boot: cuts each memory region to whole pages.",
    .help_zh = "启动：把每个内存区域裁成整页。",
    .boots = true,
};
constexpr OpSpec memblock_set_bottom_up{
    .name = "memblock_set_bottom_up",
    .fields = {enable_field},
    .kernel_function = "memblock_set_bottom_up (include/linux/memblock.h)",
    .help_en = "Boot: chooses from which end holes are searched.",
    .help_zh = "启动：选择从哪一端开始查找空洞。",
    .boots = true,
};
constexpr OpSpec memblock_set_current_limit{
    .name = "memblock_set_current_limit",
    .fields = {limit_field},
    .kernel_function = "memblock_set_current_limit (mm/memblock.c)",
    .help_en = "Boot: sets where allocation ends unless a request says so itself.",
    .help_zh = "启动：设置分配的上限，除非请求自己给出。",
    .boots = true,
};
constexpr OpSpec memblock_allow_resize{
    .name = "memblock_allow_resize",
    .kernel_function = "memblock_allow_resize (mm/memblock.c)",
    .help_en = "Boot: lets a full list double its array.",
    .help_zh = "启动：允许满了的表把数组加倍。",
    .boots = true,
};

} // namespace spec

// memblock, as one op sees it.
struct Lists {
    Lists(physical_op_context& room, OpCall& call)
        : config(memblock_config_of(room.profile)), cx{room.mem.memblock, call.sink, config} {
        room.mem.memblock.by_ops = true;
    }
    Lists(const Lists&) = delete;
    Lists& operator=(const Lists&) = delete;

    memblock_config config;
    memblock_context cx;
};

bool too_late(OpCall& call, memblock_lateness why) {
    call.sink.emit(ev::too_late, why);
    return true;
}

// What is reserved counts until memory is handed to the buddy allocator; what memory there is, until zones are sized.
bool is_too_late(const physical_op_context& room, OpCall& call, memblock_list which) {
    if (room.mem.stage >= boot_stage::pages_freed) return too_late(call, memblock_lateness::pages_freed);
    if (which == memblock_list::memory && room.mem.stage != boot_stage::none)
        return too_late(call, memblock_lateness::zones_sized);
    return false;
}

OpOutcome outcome_of(bool worked) { return worked ? OpOutcome::done : OpOutcome::refused; }

OpOutcome add_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_add> in) {
    const i16 nid = in.as<i16>("node");
    CallScope scope(call.sink, nid == NUMA_NO_NODE ? fn::memblock_add : fn::memblock_add_node);
    if (is_too_late(room, call, memblock_list::memory)) return OpOutcome::refused;
    Lists lists(room, call);
    return outcome_of(
        memblock_add_range(lists.cx, memblock_list::memory, in.as<phys_addr_t>("base"), in.as<u64>("size"), nid));
}

OpOutcome remove_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_remove> in) {
    CallScope scope(call.sink, fn::memblock_remove);
    if (is_too_late(room, call, memblock_list::memory)) return OpOutcome::refused;
    Lists lists(room, call);
    return outcome_of(
        memblock_remove_range(lists.cx, memblock_list::memory, in.as<phys_addr_t>("base"), in.as<u64>("size")));
}

OpOutcome reserve_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_reserve> in) {
    CallScope scope(call.sink, fn::memblock_reserve);
    if (is_too_late(room, call, memblock_list::reserved)) return OpOutcome::refused;
    Lists lists(room, call);
    return outcome_of(
        memblock_add_range(lists.cx, memblock_list::reserved, in.as<phys_addr_t>("base"), in.as<u64>("size")));
}

OpOutcome free_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_free> in) {
    const bool phys = kernel_rules{room.profile.kernel}.has_memblock_phys_free();
    CallScope scope(call.sink, phys ? fn::memblock_phys_free : fn::memblock_free);
    if (is_too_late(room, call, memblock_list::reserved)) return OpOutcome::refused;
    Lists lists(room, call);
    return outcome_of(
        memblock_remove_range(lists.cx, memblock_list::reserved, in.as<phys_addr_t>("base"), in.as<u64>("size")));
}

OpOutcome set_node_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_set_node> in) {
    const auto which = in.as<memblock_list>("list");
    if (is_too_late(room, call, which)) return OpOutcome::refused;
    Lists lists(room, call);
    return outcome_of(
        memblock_set_node(lists.cx, which, in.as<phys_addr_t>("base"), in.as<u64>("size"), in.as<i16>("node")));
}

OpOutcome trim_memory_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_trim_memory> in) {
    if (is_too_late(room, call, memblock_list::memory)) return OpOutcome::refused;
    Lists lists(room, call);
    memblock_trim_memory(lists.cx, in.as<u64>("align"));
    return OpOutcome::done;
}

OpOutcome allocate(physical_op_context& room, OpCall& call, fn function, const memblock_request& request) {
    CallScope scope(call.sink, function);
    if (is_too_late(room, call, memblock_list::reserved)) return OpOutcome::refused;
    Lists lists(room, call);
    return memblock_alloc(lists.cx, request) == 0 ? OpOutcome::returned_null : OpOutcome::done;
}

OpOutcome alloc_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_alloc> in) {
    return allocate(room, call, fn::memblock_alloc,
                    {.size = in.as<u64>("size"),
                     .align = in.as<u64>("align"),
                     .min_addr = in.as<phys_addr_t>("min_addr"),
                     .max_addr = in.as<phys_addr_t>("max_addr"),
                     .nid = in.as<i16>("node"),
                     .exact_nid = in["exact"] != 0});
}

OpOutcome phys_alloc_range_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_phys_alloc_range> in) {
    return allocate(room, call, fn::memblock_phys_alloc_range,
                    {.size = in.as<u64>("size"),
                     .align = in.as<u64>("align"),
                     .min_addr = in.as<phys_addr_t>("min_addr"),
                     .max_addr = in.as<phys_addr_t>("max_addr"),
                     .may_drop_min = false});
}

OpOutcome set_bottom_up_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_set_bottom_up> in) {
    CallScope scope(call.sink, fn::memblock_set_bottom_up);
    if (is_too_late(room, call, memblock_list::reserved)) return OpOutcome::refused;
    Lists lists(room, call);
    lists.cx.blocks.bottom_up = in["enable"] != 0;
    call.sink.emit(ev::bottom_up_set, in["enable"]);
    return OpOutcome::done;
}

OpOutcome set_current_limit_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_set_current_limit> in) {
    CallScope scope(call.sink, fn::memblock_set_current_limit);
    if (is_too_late(room, call, memblock_list::reserved)) return OpOutcome::refused;
    Lists lists(room, call);
    lists.cx.blocks.current_limit = in.as<phys_addr_t>("limit");
    call.sink.emit(ev::limit_set, in["limit"]);
    return OpOutcome::done;
}

OpOutcome allow_resize_op(physical_op_context& room, OpCall& call, Fields<spec::memblock_allow_resize>) {
    CallScope scope(call.sink, fn::memblock_allow_resize);
    if (is_too_late(room, call, memblock_list::reserved)) return OpOutcome::refused;
    Lists lists(room, call);
    lists.cx.blocks.can_resize = true;
    call.sink.emit(ev::resize_allowed);
    return OpOutcome::done;
}

constexpr PhysicalOp rows[] = {
    op_row<spec::memblock_add, add_op>(),
    op_row<spec::memblock_remove, remove_op>(),
    op_row<spec::memblock_reserve, reserve_op>(),
    op_row<spec::memblock_free, free_op>(),
    op_row<spec::memblock_alloc, alloc_op>(),
    op_row<spec::memblock_phys_alloc_range, phys_alloc_range_op>(),
    op_row<spec::memblock_set_node, set_node_op>(),
    op_row<spec::memblock_trim_memory, trim_memory_op>(),
    op_row<spec::memblock_set_bottom_up, set_bottom_up_op>(),
    op_row<spec::memblock_set_current_limit, set_current_limit_op>(),
    op_row<spec::memblock_allow_resize, allow_resize_op>(),
};

machine_failure failure_of(const machine_profile& profile) {
    if (profile.memory.empty()) return machine_failure::no_memory;
    for (u8 node = 0; node < profile.nodes; ++node)
        if (std::none_of(profile.memory.begin(), profile.memory.end(),
                         [&](const memory_region& region) { return region.node == node; }))
            return machine_failure::no_node_memory;
    return machine_failure::our_limits;
}

// Firmware that tells of no nodes has one. kernel: dummy_numa_init
void number_memory(memblock_context& cx) {
    const std::vector<memblock_region> memory = cx.blocks.memory.regions;
    for (const memblock_region& region : memory)
        if (region.nid == NUMA_NO_NODE && !memblock_set_node(cx, memblock_list::memory, region.base, region.size, 0))
            return;
}

} // namespace

std::span<const PhysicalOp> memblock_ops() { return rows; }

bool hand_over_memblock(physical_op_context& room, EventSink& sink) {
    memblock_state& blocks = room.mem.memblock;
    if (!blocks.by_ops && !room.profile.memblock_empty) return true;
    if (room.mem.stage == boot_stage::none) {
        const memblock_config config = memblock_config_of(room.profile);
        memblock_context cx{blocks, sink, config};
        number_memory(cx);
    }
    CallScope scope(sink, room.mem.stage == boot_stage::none ? fn::free_area_init : fn::memblock_free_all);
    machine_profile made = profile_of_memblock(room.profile, blocks);
    if (check_profile(made)) {
        sink.emit(ev::no_machine, failure_of(made));
        return false;
    }
    // What is reserved later is told by its own op.
    if (room.mem.stage == boot_stage::none)
        sink.emit(ev::handover, blocks.memory.regions.size(), blocks.memory.held(), blocks.reserved.regions.size(),
                  blocks.reserved.held());
    *room.made_profile = std::make_shared<const machine_profile>(std::move(made));
    return true;
}

} // namespace mm
