// The rows of the rooms. To add a room: its line in base/rooms.h, its state in Machine, its row here.
#include "machine/rooms.h"

#include "heap/events.h"
#include "heap/functions.h"
#include "heap/heaps.h"
#include "heap/ops.h"
#include "heap/verify.h"
#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/kmap.h"
#include "kernel/ops.h"
#include "kernel/percpu.h"
#include "kernel/vmalloc.h"
#include "kernel/vmalloc_log.h"
#include "machine/meminfo.h"
#include "machine/trace_text.h"
#include "mmu/events.h"
#include "mmu/functions.h"
#include "mmu/ops.h"
#include "mmu/start_page_tables.h"
#include "mmu/tlb_events.h"
#include "mmu/verify.h"
#include "mmu/x86/segment_events.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/kernel_log.h"
#include "physical/memblock_events.h"
#include "physical/memblock_profile.h"
#include "physical/ops.h"
#include "physical/page_events.h"
#include "physical/procfs.h"
#include "physical/verify.h"
#include "process/context_switch.h"
#include "process/events.h"
#include "process/fault_events.h"
#include "process/functions.h"
#include "process/maps_text.h"
#include "process/numa_maps.h"
#include "process/ops.h"
#include "process/pagemap_text.h"
#include "process/processes.h"
#include "process/smaps.h"
#include "process/task_events.h"
#include "process/verify.h"
#include "process/vma_index_events.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/ops.h"
#include "slab/procfs.h"
#include "slab/slab.h"
#include "slab/slub_report.h"
#include "slab/verify.h"

namespace mm {

namespace {

// The specs of a room's ops, whatever their functions work on.
template <auto ops>
std::size_t count_of() {
    return ops().size();
}
template <auto ops>
const OpSpec& spec_of(std::size_t row) {
    return *ops()[row].spec;
}

template <const auto& names>
std::span<const std::string_view> names_of() {
    return names;
}

// ---- physical: the page allocator

OpOutcome apply_physical(Machine& machine, std::size_t row, OpCall& call) {
    const kmap_addresses highmem(machine.kernel);
    std::shared_ptr<const machine_profile> made;
    physical_op_context room{machine.physical, *machine.profile, machine.kernel.up ? &highmem : nullptr, &made};
    const OpOutcome outcome = physical_ops()[row].apply(room, call);
    if (made) machine.profile = std::move(made);
    return outcome;
}

std::string log_physical(const Machine& machine, const Event& event) {
    if (event.kind == static_cast<u16>(page_event::contig_still_in_use)) return contig_warning(event);
    if (event.kind != static_cast<u16>(physical_event::bad_page)) return "";
    return bad_page_report(machine.physical, linear_map_of(*machine.profile), event);
}

// Kernels that throw memblock away have no such file after boot.
std::string text_of_memblock(const Machine& machine, memblock_list which) {
    return memblock_text(machine.physical.memblock, memblock_config_of(*machine.profile), which);
}

constexpr ProcFile physical_files[] = {
    {.name = "buddyinfo", .text = [](const Machine& m, u32) { return proc_buddyinfo(m.physical); }},
    {.name = "zoneinfo", .text = [](const Machine& m, u32) { return proc_zoneinfo(m.physical); }},
    {.name = "pagetypeinfo", .text = [](const Machine& m, u32) { return proc_pagetypeinfo(m.physical); }},
    {.name = "memblock/memory",
     .text = [](const Machine& m, u32) { return text_of_memblock(m, memblock_list::memory); },
     .path = [](const Machine&, u32) { return std::string("/sys/kernel/debug/memblock/memory"); }},
    {.name = "memblock/reserved",
     .text = [](const Machine& m, u32) { return text_of_memblock(m, memblock_list::reserved); },
     .path = [](const Machine&, u32) { return std::string("/sys/kernel/debug/memblock/reserved"); }},
};

// ---- slab: SLUB, SLAB and SLOB

OpOutcome apply_slab(Machine& machine, std::size_t row, OpCall& call) {
    const kernel_areas areas(machine.kernel, machine.mmu);
    slab_op_context room{machine.slabs, machine.physical, &areas};
    return slab_ops()[row].apply(room, call);
}

// kernel: kmem_cache_init, from mm_init
void start_slab(Machine& machine) {
    machine.slabs.config = machine.profile->slab;
    machine.slabs.arch = machine.profile->arch;
    machine.slabs.map = linear_map_of(*machine.profile);
    machine.slabs.pointer_size = machine.profile->arch == architecture::i386 ? 4 : 8;
    EventSink quiet;
    slab_context cx{machine.slabs, {machine.physical, quiet, 0, 0}};
    kmem_cache_init(cx);
}

u64 records_of_slab(const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    return u64{slabs.nr_slabs} + slabs.link_runs.end + slabs.entry_runs.end + slabs.slob_runs.end +
           slabs.content_runs.end / WORK_BYTES + slabs.rcu.used;
}

std::string log_slab(const Machine& machine, const Event& event) {
    if (!has_slub_report(event.kind)) return "";
    return slub_report(machine.slabs, machine.physical, event, machine.step);
}

constexpr ProcFile slab_files[] = {
    {.name = "slabinfo", .text = [](const Machine& m, u32) { return slabinfo_text(m.slabs); }},
    {.name = "slab",
     .subject = ProcSubject::cache,
     .text = [](const Machine& m, u32 cache) { return sysfs_slab_text(m.slabs, static_cast<cache_id>(cache)); },
     .path =
         [](const Machine& m, u32 cache) {
             return "/sys/kernel/slab/" + sysfs_slab_name(m.slabs, static_cast<cache_id>(cache)) + "/";
         }},
};

// ---- mmu: page tables and what caches them

OpOutcome apply_mmu(Machine& machine, std::size_t row, OpCall& call) {
    mmu_op_context room{machine.mmu, machine.physical};
    const OpOutcome outcome = mmu_ops()[row].apply(room, call);
    if (machine.processes.nr_tasks > 0) {
        mmu_context tables{machine.mmu, {machine.physical, call.sink, call.op.cpu, call.step}};
        follow_tables(machine.processes, tables, call.op.cpu);
    }
    return outcome;
}

// A TLB entry is compared with what the tables say: a block's is walked for in up to so many places.
constexpr u64 TLB_ENTRY_RECORDS = 512;

u64 records_of_mmu(const Machine& machine) {
    const mmu_memory& mmu = machine.mmu;
    u64 valid_tlb_entries = 0;
    for (const tlb_cpu& cpu : mmu.tlb.cpus)
        for (const u32 valid : cpu.nr_valid) valid_tlb_entries += valid;
    return (u64{mmu.nr_records} << mmu.geometry().index_bits) + mmu.spaces.size() + mmu.tlb.entries.size() +
           valid_tlb_entries * TLB_ENTRY_RECORDS;
}

// ---- kernel: its own virtual memory

OpOutcome apply_kernel(Machine& machine, std::size_t row, OpCall& call) {
    kernel_op_context room{machine.kernel, machine.slabs, machine.mmu, machine.physical};
    return kernel_ops()[row].apply(room, call);
}

// kernel: vmalloc_init, from mm_init
void start_kernel(Machine& machine) {
    vmalloc_init(machine.kernel, *machine.profile);
    kmap_init(machine.kernel, *machine.profile);
    percpu_init(machine.kernel, machine.physical, *machine.profile);
}

constexpr ProcFile kernel_files[] = {
    {.name = "vmallocinfo", .text = [](const Machine& m, u32) { return vmallocinfo(m.kernel, m.physical); }},
};

// ---- process: mappings of processes

OpOutcome apply_process(Machine& machine, std::size_t row, OpCall& call) {
    process_op_context room{machine.processes, machine.mmu, machine.physical};
    const OpOutcome outcome = process_ops()[row].apply(room, call);
    follow_processes(machine.heaps, machine.processes);
    return outcome;
}

page_places places_of(const Machine& machine) { return {machine.mmu, machine.physical}; }

constexpr ProcFile of_process(std::string_view name, std::string (*text)(const Machine&, u32)) {
    return {.name = name, .subject = ProcSubject::process, .text = text};
}
constexpr ProcFile process_files[] = {
    {.name = "meminfo", .text = [](const Machine& m, u32) { return meminfo_text(m); }},
    of_process("maps", [](const Machine& m, u32 mm) { return maps_text(m.processes, mm); }),
    of_process("smaps", [](const Machine& m, u32 mm) { return smaps_text(m.processes, places_of(m), mm); }),
    of_process("smaps_rollup",
               [](const Machine& m, u32 mm) { return smaps_rollup_text(m.processes, places_of(m), mm); }),
    of_process("status", [](const Machine& m, u32 mm) { return status_text(m.processes, places_of(m), mm); }),
    of_process("statm", [](const Machine& m, u32 mm) { return statm_text(m.processes, mm); }),
    of_process("numa_maps", [](const Machine& m, u32 mm) { return numa_maps_text(m.processes, places_of(m), mm); }),
    of_process("pagemap", [](const Machine& m, u32 mm) { return pagemap_text(m.processes, places_of(m), mm); }),
};

// ---- heap: malloc in processes

OpOutcome apply_heap(Machine& machine, std::size_t row, OpCall& call) {
    heap_op_context room{machine.heaps, machine.processes, machine.mmu, machine.physical, machine.profile->cpus};
    const OpOutcome outcome = heap_ops()[row].apply(room, call);
    follow_processes(machine.heaps, machine.processes);
    return outcome;
}

constexpr std::array<Room, NR_ROOMS> rows = {{
    {
        .id = room_id::physical,
        .name = "physical",
        .op_count = count_of<physical_ops>,
        .op_spec = spec_of<physical_ops>,
        .apply = apply_physical,
        .events = {events_of<physical_event>(physical_events), events_of<memblock_event>(memblock_events),
                   events_of<page_event>(page_events)},
        .functions = names_of<physical_function_names>,
        .bytes_copied = [](const Machine& m) { return m.physical.mem_map.bytes_copied(); },
        .bytes_of_lists = [](const Machine& m) -> u64 {
            const memblock_state& blocks = m.physical.memblock;
            return m.physical.zones.size() * sizeof(zone) + m.physical.pageblock_type.size() +
                   (blocks.memory.regions.size() + blocks.reserved.regions.size()) * sizeof(memblock_region);
        },
        .record_count = [](const Machine& m) { return u64{m.physical.mem_map.size()}; },
        .verify = [](const Machine& m) { return verify_physical(m.physical); },
        .hash = [](const Machine& m, Hasher& hasher) { hash_physical(m.physical, hasher); },
        .proc_files = physical_files,
        .kernel_log = log_physical,
        .trace_text = physical_trace_text,
    },
    {
        .id = room_id::slab,
        .name = "slab",
        .op_count = count_of<slab_ops>,
        .op_spec = spec_of<slab_ops>,
        .apply = apply_slab,
        .events = {events_of<slab_event>(common_events), events_of<slub_event>(slub_events),
                   events_of<slub_debug_event>(slub_debug_events), events_of<classic_event>(classic_events),
                   events_of<slob_event>(slob_events), events_of<rcu_event>(rcu_events)},
        .functions = names_of<slab_function_names>,
        .start = start_slab,
        .bytes_copied = [](const Machine& m) { return m.slabs.bytes_copied(); },
        .bytes_of_lists = [](const Machine& m) -> u64 { return m.slabs.aliases.size() * sizeof(cache_alias); },
        .record_count = records_of_slab,
        .verify = [](const Machine& m) { return verify_slabs(m.slabs, m.physical); },
        .hash = [](const Machine& m, Hasher& hasher) { hash_slabs(m.slabs, m.physical, hasher); },
        .proc_files = slab_files,
        .kernel_log = log_slab,
        .trace_text = slab_trace_text,
    },
    {
        .id = room_id::mmu,
        .name = "mmu",
        .op_count = count_of<mmu_ops>,
        .op_spec = spec_of<mmu_ops>,
        .apply = apply_mmu,
        .events = {events_of<mmu_event>(mmu_events), events_of<tlb_event>(tlb_events),
                   events_of<segment_event>(segment_events)},
        .functions = names_of<mmu_function_names>,
        .start = [](Machine& m) { start_page_tables(m.mmu, m.physical, *m.profile); },
        .bytes_copied = [](const Machine& m) { return m.mmu.bytes_copied(); },
        .bytes_of_lists = [](const Machine& m) -> u64 {
            return m.mmu.spaces.size() * sizeof(address_space) + m.mmu.free_spaces.size() * sizeof(space_id);
        },
        .record_count = records_of_mmu,
        .verify = [](const Machine& m) { return verify_mmu(m.mmu, m.physical); },
        .hash = [](const Machine& m, Hasher& hasher) { hash_mmu(m.mmu, hasher); },
    },
    {
        .id = room_id::kernel,
        .name = "kernel",
        .op_count = count_of<kernel_ops>,
        .op_spec = spec_of<kernel_ops>,
        .apply = apply_kernel,
        .events = {events_of<kernel_event>(kernel_events), events_of<vmap_block_event>(vmap_block_events),
                   events_of<percpu_event>(percpu_events)},
        .functions = names_of<kernel_function_names>,
        .start = start_kernel,
        .bytes_copied = [](const Machine& m) { return m.kernel.bytes_copied(); },
        .record_count = [](const Machine& m) { return u64{m.kernel.vmap.areas_used} + m.kernel.page_runs.end; },
        .verify = [](const Machine& m) { return verify_kernel(m.kernel, m.mmu, m.physical); },
        .hash = [](const Machine& m, Hasher& hasher) { hash_kernel(m.kernel, hasher); },
        .proc_files = kernel_files,
        .kernel_log = [](const Machine& m, const Event& event) { return vmalloc_log(m.kernel, m.physical, event); },
    },
    {
        .id = room_id::process,
        .name = "process",
        .op_count = count_of<process_ops>,
        .op_spec = spec_of<process_ops>,
        .apply = apply_process,
        .events = {events_of<process_event>(process_events), events_of<fault_event>(fault_events),
                   events_of<task_event>(task_events), events_of<vma_index_event>(vma_index_events)},
        .functions = names_of<process_function_names>,
        .start = [](Machine& m) { start_processes(m.processes, *m.profile, m.mmu, m.physical); },
        .bytes_copied = [](const Machine& m) { return m.processes.bytes_copied(); },
        .record_count =
            [](const Machine& m) {
                return u64{m.processes.mms_used} + m.processes.vmas_used + m.processes.maple.used +
                       m.processes.files_used + m.processes.user.rmap_entries + m.processes.tasks_used;
            },
        .verify =
            [](const Machine& m) {
                auto broken = verify_processes(m.processes);
                if (!broken) broken = verify_tasks(m.processes, m.mmu);
                return broken ? broken : verify_user_pages(m.processes, m.mmu, m.physical);
            },
        .hash = [](const Machine& m, Hasher& hasher) { hash_processes(m.processes, hasher); },
        .proc_files = process_files,
    },
    {
        .id = room_id::heap,
        .name = "heap",
        .op_count = count_of<heap_ops>,
        .op_spec = spec_of<heap_ops>,
        .apply = apply_heap,
        .events = {events_of<heap_event>(heap_events)},
        .functions = names_of<heap_function_names>,
        .bytes_copied = [](const Machine& m) { return m.heaps.bytes_copied(); },
        .bytes_of_lists = [](const Machine& m) { return m.heaps.bytes_of_lists(); },
        .record_count = [](const Machine& m) { return m.heaps.lines(); },
        .verify = [](const Machine& m) { return verify_heaps(m.heaps, m.processes, m.mmu); },
        .hash = [](const Machine& m, Hasher& hasher) { hash_heaps(m.heaps, m.processes, hasher); },
    },
}};

consteval bool in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (static_cast<std::size_t>(rows[i].id) != i) return false;
    return true;
}
static_assert(in_order(), "the rows stand in the order of room_id, none is left out");

consteval std::array<std::size_t, NR_ROOMS + 1> count_events() {
    std::array<std::size_t, NR_ROOMS + 1> before{};
    for (std::size_t i = 0; i < NR_ROOMS; ++i) {
        u16 end = first_number(rows[i].id);
        for (const RoomEvents& table : rows[i].events)
            if (table.end > 0) end = table.end;
        before[i + 1] = before[i] + place_in_room(end);
    }
    return before;
}
constexpr std::array<std::size_t, NR_ROOMS + 1> event_counts = count_events();

} // namespace

std::span<const Room, NR_ROOMS> rooms() { return rows; }

std::size_t events_before(std::size_t room) { return event_counts[room]; }

std::vector<EventPart> event_parts(const Room& room) {
    std::vector<EventPart> parts;
    for (const RoomEvents& table : room.events)
        if (table.end > 0) parts.push_back(table.part());
    return parts;
}

EventPart event_part(u16 kind) {
    for (const RoomEvents& table : room_row(kind).events)
        if (kind < table.end) return table.part();
    MM_ASSERT(false);
    return {};
}

} // namespace mm
