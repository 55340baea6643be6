#include "machine/machine.h"

#include "base/names.h"
#include "kernel/events.h"
#include "kernel/functions.h"
#include "kernel/kmap.h"
#include "kernel/ops.h"
#include "kernel/vmalloc.h"
#include "mmu/events.h"
#include "mmu/functions.h"
#include "mmu/ops.h"
#include "mmu/start_page_tables.h"
#include "mmu/tlb_events.h"
#include "mmu/verify.h"
#include "mmu/x86/segment_events.h"
#include "physical/boot.h"
#include "physical/event_words.h"
#include "physical/events.h"
#include "physical/functions.h"
#include "physical/gfp.h"
#include "physical/verify.h"
#include "slab/events.h"
#include "slab/functions.h"
#include "slab/ops.h"
#include "slab/slab.h"
#include "slab/verify.h"

namespace mm {

namespace {

// A TLB entry is compared with what the tables say: a block's is walked for in up to so many places.
constexpr u64 TLB_ENTRY_RECORDS = 512;

std::string out_of_bounds(const FieldSpec& field, i64 value) {
    const bool above = value > field.max;
    return std::to_string(value) + (above ? " is above " : " is below ") +
           std::to_string(above ? field.max : field.min);
}

// Slabs and vmalloc come up as soon as the page allocator serves requests. kernel: kmem_cache_init and vmalloc_init, from mm_init
void start_allocators(Machine& machine) {
    if (machine.slabs.up || machine.physical.stage != boot_stage::ready) return;
    machine.slabs.config = machine.profile->slab;
    machine.slabs.arch = machine.profile->arch;
    machine.slabs.map = linear_map_of(*machine.profile);
    machine.slabs.pointer_size = machine.profile->arch == architecture::i386 ? 4 : 8;
    EventSink quiet;
    slab_context cx{machine.slabs, {machine.physical, quiet, 0, 0}};
    kmem_cache_init(cx);
    start_page_tables(machine.mmu, machine.physical, *machine.profile);
    vmalloc_init(machine.kernel, *machine.profile);
    kmap_init(machine.kernel, *machine.profile);
}

} // namespace

Result<Machine> make_unbooted_machine(machine_profile profile) {
    if (auto bad = check_profile(profile)) return *bad;
    if (!profile.recorded.empty())
        return Error{"boot", "a recorded state cannot be booted in steps: it has booted long ago"};
    Machine machine;
    machine.profile = std::make_shared<const machine_profile>(std::move(profile));
    return machine;
}

Result<Machine> make_machine(machine_profile profile) {
    if (auto bad = check_profile(profile)) return *bad;
    Machine machine;
    machine.profile = std::make_shared<const machine_profile>(std::move(profile));
    if (machine.profile->recorded.empty()) {
        EventSink quiet;
        machine.physical = boot(*machine.profile, quiet);
    } else if (auto bad = restore_recorded(machine.physical, *machine.profile)) {
        return *bad;
    }
    start_allocators(machine);
    return machine;
}

namespace {

OpOutcome apply_row(Machine& machine, const Op& op, EventSink& sink) {
    if (machine.physical.stage != boot_stage::ready && !op_spec(op.kind).boots) return OpOutcome::refused;
    OpCall call{op, sink, machine.results, machine.step};
    if (op.kind < physical_ops().size()) {
        const kmap_addresses highmem(machine.kernel);
        physical_op_context room{machine.physical, *machine.profile, machine.kernel.up ? &highmem : nullptr};
        const OpOutcome outcome = physical_ops()[op.kind].apply(room, call);
        if (op_spec(op.kind).boots) start_allocators(machine);
        return outcome;
    }
    const std::size_t mmu = physical_ops().size() + slab_ops().size();
    if (op.kind < mmu) {
        slab_op_context room{machine.slabs, machine.physical};
        return slab_ops()[op.kind - physical_ops().size()].apply(room, call);
    }
    const std::size_t kernel = mmu + mmu_ops().size();
    if (op.kind < kernel) {
        mmu_op_context room{machine.mmu, machine.physical};
        return mmu_ops()[op.kind - mmu].apply(room, call);
    }
    kernel_op_context room{machine.kernel, machine.slabs, machine.mmu, machine.physical};
    return kernel_ops()[op.kind - kernel].apply(room, call);
}

} // namespace

OpOutcome apply(Machine& machine, const Op& op, EventSink& sink) {
    MM_ASSERT(op.kind < op_count());
    ++machine.step;
    const u32 printed = machine.physical.log.nr_records;
    const OpOutcome outcome = apply_row(machine, op, sink);
    sink.charge(OP_WORK);
    if (const u32 records = machine.physical.log.nr_records - printed; records != 0) [[unlikely]]
        sink.charge(records * record_work(machine.physical.page_shift));
    return outcome;
}

u64 record_count(const Machine& machine) {
    const slab_memory& slabs = machine.slabs;
    const mmu_memory& mmu = machine.mmu;
    u64 valid_tlb_entries = 0;
    for (const tlb_cpu& cpu : mmu.tlb.cpus)
        for (const u32 valid : cpu.nr_valid) valid_tlb_entries += valid;
    return u64{machine.physical.mem_map.size()} + slabs.nr_slabs + slabs.link_runs.end + slabs.entry_runs.end +
           slabs.slob_runs.end + slabs.content_runs.end / WORK_BYTES +
           (u64{mmu.nr_records} << mmu.geometry().index_bits) + mmu.spaces.size() + mmu.tlb.entries.size() +
           valid_tlb_entries * TLB_ENTRY_RECORDS + machine.kernel.vmap.areas_used + machine.kernel.page_runs.end;
}

u64 Machine::bytes_of_lists() const {
    return physical.zones.size() * sizeof(zone) + physical.pageblock_type.size() +
           slabs.aliases.size() * sizeof(cache_alias) + mmu.spaces.size() * sizeof(address_space) +
           mmu.free_spaces.size() * sizeof(space_id);
}

std::size_t op_count() { return physical_ops().size() + slab_ops().size() + mmu_ops().size() + kernel_ops().size(); }

const OpSpec& op_spec(u16 kind) {
    MM_ASSERT(kind < op_count());
    const std::size_t physical = physical_ops().size();
    if (kind < physical) return physical_ops()[kind].spec;
    const std::size_t slab = physical + slab_ops().size();
    if (kind < slab) return slab_ops()[kind - physical].spec;
    const std::size_t mmu = slab + mmu_ops().size();
    return kind < mmu ? mmu_ops()[kind - slab].spec : kernel_ops()[kind - mmu].spec;
}

std::optional<u16> find_op(std::string_view name) {
    for (u16 kind = 0; kind < op_count(); ++kind)
        if (op_spec(kind).name == name) return kind;
    return std::nullopt;
}

std::optional<Error> check_op(const Machine& machine, const Op& op) {
    if (op.kind >= op_count()) return Error{"op", "does not exist"};
    const OpSpec& spec = op_spec(op.kind);
    const machine_profile& profile = *machine.profile;
    if (op.cpu >= profile.cpus)
        return Error{"cpu", "CPU " + std::to_string(op.cpu) + " does not exist; the machine has " +
                                std::to_string(profile.cpus)};
    if (op.result != Op::NO_RESULT && op.result >= MAX_RESULTS)
        return Error{"as", "a machine keeps at most " + std::to_string(MAX_RESULTS) + " results"};
    // As boot will set nr_orders: the machine may not have booted yet.
    const u32 orders = profile.page_size == 4096 ? 11 : profile.page_size == 16384 ? 12 : 14;
    const auto fields = spec.field_list();
    if (spec.row_field >= 0 && op.result != Op::NO_RESULT &&
        op.result + op.arg[static_cast<std::size_t>(spec.row_field)] > i64{MAX_RESULTS})
        return Error{"as", "a machine keeps at most " + std::to_string(MAX_RESULTS) + " results"};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const FieldSpec& field = fields[i];
        const i64 value = op.arg[i];
        if (field.unit == Unit::name && value >= i64{name_count()})
            return Error{std::string(field.name), "is the number of no name"};
        const std::string name(field.name);
        if (field.unit == Unit::order && value >= orders)
            return Error{name, std::to_string(value) + " is above MAX_ORDER " + std::to_string(orders - 1)};
        if (field.unit == Unit::node && value >= profile.nodes)
            return Error{name, "node " + std::to_string(value) + " does not exist; the machine has " +
                                   std::to_string(profile.nodes)};
        if (field.unit == Unit::gfp) {
            const std::string_view conflict = gfp_conflict(static_cast<gfp_t>(value));
            if (!conflict.empty()) return Error{name, std::string(conflict)};
        }
        if (field.unit == Unit::address) continue; // any 64 bits
        if (value < field.min || value > field.max) return Error{name, out_of_bounds(field, value)};
    }
    return std::nullopt;
}

std::size_t event_count() {
    std::size_t count = physical_events().size();
    for (const std::span<const EventSpec> table : slab_event_tables()) count += table.size();
    return count + mmu_events().size() + tlb_events().size() + segment_events().size() + kernel_events().size();
}

const EventSpec& event_spec(u16 kind) {
    MM_ASSERT(kind < event_count());
    std::size_t row = kind;
    if (row < physical_events().size()) return physical_events()[row];
    row -= physical_events().size();
    for (const std::span<const EventSpec> table : slab_event_tables()) {
        if (row < table.size()) return table[row];
        row -= table.size();
    }
    if (row < mmu_events().size()) return mmu_events()[row];
    row -= mmu_events().size();
    if (row < tlb_events().size()) return tlb_events()[row];
    row -= tlb_events().size();
    return row < segment_events().size() ? segment_events()[row] : kernel_events()[row - segment_events().size()];
}

std::vector<EventWords> all_event_words() {
    std::vector<EventWords> out(physical_event_words().begin(), physical_event_words().end());
    for (const std::span<const EventWords> table : slab_event_words())
        out.insert(out.end(), table.begin(), table.end());
    out.insert(out.end(), mmu_event_words().begin(), mmu_event_words().end());
    out.insert(out.end(), tlb_event_words().begin(), tlb_event_words().end());
    out.insert(out.end(), segment_event_words().begin(), segment_event_words().end());
    out.insert(out.end(), kernel_event_words().begin(), kernel_event_words().end());
    return out;
}

const EventWords* find_event_words(u16 kind, std::string_view arg, i64 value) {
    const auto find = [&](std::span<const EventWords> table) -> const EventWords* {
        for (const EventWords& row : table)
            if (row.kind == kind && row.arg == arg && row.value == value) return &row;
        return nullptr;
    };
    if (kind < physical_events().size()) return find(physical_event_words());
    for (const std::span<const EventWords> table : slab_event_words())
        if (const EventWords* row = find(table)) return row;
    if (const EventWords* row = find(mmu_event_words())) return row;
    if (const EventWords* row = find(tlb_event_words())) return row;
    if (const EventWords* row = find(segment_event_words())) return row;
    return find(kernel_event_words());
}

std::string_view function_name(u16 function) {
    if (function < FIRST_SLAB_FN) return function_names[function];
    if (function < FIRST_MMU_FN) return slab_function_names[function - FIRST_SLAB_FN];
    if (function < FIRST_KERNEL_FN) return mmu_function_names[function - FIRST_MMU_FN];
    MM_ASSERT(function < static_cast<u16>(kernel_fn::count));
    return kernel_function_names[function - FIRST_KERNEL_FN];
}

std::optional<std::string> verify(const Machine& machine) {
    if (auto broken = verify_physical(machine.physical)) return broken;
    if (auto broken = verify_slabs(machine.slabs, machine.physical)) return broken;
    if (auto broken = verify_mmu(machine.mmu, machine.physical)) return broken;
    return verify_kernel(machine.kernel, machine.mmu, machine.physical);
}

u64 canonical_hash(const Machine& machine) {
    Hasher hasher;
    hasher.add(machine.step);
    hash_physical(machine.physical, hasher);
    hash_slabs(machine.slabs, machine.physical, hasher);
    hash_mmu(machine.mmu, hasher);
    hash_kernel(machine.kernel, hasher);
    for (u32 slot = 0; slot < machine.results.size(); slot += CowArray<OpResult>::CHUNK_ITEMS) {
        if (machine.results.untouched(slot)) continue;
        for (u32 i = slot; i < slot + CowArray<OpResult>::CHUNK_ITEMS; ++i) {
            const OpResult& result = machine.results[i];
            if (result.empty()) continue;
            hasher.add(i);
            hasher.add(result.value);
            hasher.add(static_cast<u64>(result.kind) << 16 | static_cast<u64>(result.order) << 8 | result.freed);
        }
    }
    return hasher.value();
}

} // namespace mm
