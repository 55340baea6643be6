// Any ops, on any machine of the three kernels: after each, every invariant holds and nothing crashes. Ops are made from
// the op table, within the bounds of their fields, so a new op is fuzzed as soon as it has a row. Machines have declared
// memory, or any list of regions: nodes that alternate, holes, zones and sections that end anywhere, up to 2^52.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "fuzz/bytes.h"
#include "fuzz/machines.h"
#include "machine/kernel_log.h"
#include "physical/linear_map.h"

namespace {

using namespace mm;

constexpr u32 RESULTS_IN_USE = 64;
constexpr work_limit FUZZED_OP{u64{1} << 18,
                               u64{1} << 14}; // less than a scenario's, so that many ops are tried in a second

constexpr u64 MAX_GROWTH =
    1u << 16; // in records: an input ends where verify() has much more to go through after each op

// In the linear map, up to two frames beside the memory, or such a physical address; in vmalloc's space, in kmap's, among a
// process's; now and then anywhere, and as a physical one at and above 2^44, where frames need more than 32 bits.
u64 next_address(Bytes& bytes, const Machine& machine, bool physical) {
    const linear_map map = linear_map_of(*machine.profile);
    const physical_memory& mem = machine.physical;
    const u8 kind = bytes.next();
    const i64 frame = bytes.within(i64{mem.base_pfn} - 2, i64{mem.end_pfn} + 2);
    const u64 phys = static_cast<u64>(frame) << mem.page_shift;
    const u64 near = static_cast<u64>(frame & 0xfff) << mem.page_shift;
    if (kind == 0) return map.phys_to_virt(phys) << 8;
    if (physical && kind < 32) return static_cast<u64>(bytes.within(1, 1 << 20)) << (32 + bytes.next() % 13);
    if (physical) return phys + bytes.next();
    const u64 within = kind & 1 ? bytes.next() : 0;
    if (kind < 64) return machine.kernel.vmalloc_start + near + within;
    if (kind < 96) return machine.kernel.kmap.pkmap_base + near + within;
    if (kind < 112) return machine.kernel.kmap.fixmap_first - near + within;
    if (kind < 160) return near + within;
    return map.phys_to_virt(phys) + within;
}

// A result of the kind that the field takes, where there is one: else most ops would be about nothing.
i64 next_result(Bytes& bytes, const Machine& machine, ResultKind kind) {
    const auto first = static_cast<u32>(bytes.within(0, RESULTS_IN_USE - 1));
    if (bytes.next() < 64) return first;
    for (u32 i = 0; i < RESULTS_IN_USE; ++i) {
        const u32 slot = (first + i) % RESULTS_IN_USE;
        if (const OpResult& result = machine.results[slot]; result.kind == kind && !result.freed) return slot;
    }
    return first;
}

// A few pages, as a size that maps; or anything within the bounds.
i64 next_size(Bytes& bytes, const Machine& machine, const FieldSpec& field, i64 high) {
    const i64 pages = bytes.within(1, 1025) << machine.physical.page_shift;
    if (bytes.next() < 128 && pages >= field.min && pages <= high) return pages;
    return bytes.within(field.min, high);
}

// Addresses of ops before this one, of each kind: what was mapped there is used, protected and unmapped.
struct Places {
    i64 virt = 0, phys = 0;
};

Op next_op(Bytes& bytes, const Machine& machine, Places& before) {
    Op op;
    op.kind = static_cast<u16>(bytes.within(0, static_cast<i64>(op_count()) - 1));
    op.cpu = static_cast<u16>(bytes.within(0, machine.profile->cpus - 1));
    const OpSpec& spec = op_spec(op.kind);
    if (spec.makes != ResultKind::none) op.result = static_cast<u32>(bytes.within(0, RESULTS_IN_USE - 1));
    const auto fields = spec.field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const FieldSpec& field = fields[i];
        i64 high = field.max;
        if (!field.required && bytes.next() < 64) {
            op.arg[i] = field.default_value;
            continue;
        }
        if (const ResultKind kind = result_kind(field.unit); kind != ResultKind::none) {
            op.arg[i] = next_result(bytes, machine, kind);
            continue;
        }
        if (field.unit == Unit::name || field.unit == Unit::path) high = name_count() - 1;
        if (field.unit == Unit::pfn) high = machine.physical.end_pfn; // and one frame past the end
        if (field.unit == Unit::place && bytes.next() < 192) {
            const i64 slot = next_result(bytes, machine, ResultKind::region);
            const u64 page = u64{1} << machine.physical.page_shift;
            const i64 offset = static_cast<i64>(page) * bytes.within(-2, 40) + (bytes.next() < 16 ? 1 : 0);
            if (slot >= 0) op.arg[i] = place_in_result(static_cast<u32>(slot), offset);
            continue;
        }
        if (unit_row(field.unit).form == Form::address || field.unit == Unit::place) {
            const bool physical = field.unit == Unit::phys_address;
            i64& last = physical ? before.phys : before.virt;
            if (bytes.next() < 128) {
                const u64 page = u64{1} << machine.physical.page_shift;
                last = static_cast<i64>(next_address(bytes, machine, physical) &
                                        (bytes.next() < 192 ? ~(page - 1) : ~u64{0}));
            }
            op.arg[i] = last;
            continue;
        }
        if (unit_row(field.unit).form == Form::size) {
            op.arg[i] = next_size(bytes, machine, field, high);
            continue;
        }
        op.arg[i] = bytes.within(field.min, high);
    }
    return op;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    const u8 options = bytes.next();
    Result<Machine> machine = make_machine(next_profile(bytes));
    if (!machine) return 0;
    const u64 most_records = record_count(*machine) + MAX_GROWTH;
    std::string log;
    Places before_op;
    while (!bytes.empty()) {
        const Op op = next_op(bytes, *machine, before_op);
        if (check_op(*machine, op)) continue;
        // An op may end at any amount of work; what it leaves then is no machine.
        Machine before = *machine;
        EventSink sink;
        const bool cut = bytes.within(0, 7) == 0;
        sink.set_limit(cut ? work_limit{static_cast<u64>(bytes.within(0, 2000)), ~u64{0}} : FUZZED_OP);
        if (options & 1)
            apply_with_log(*machine, op, sink, log); // its texts are written, too
        else
            apply(*machine, op, sink);
        trim_kernel_log(log);
        if (sink.spent()) *machine = std::move(before);
        if (record_count(*machine) > most_records) break;
        if (const auto broken = verify(*machine)) {
            std::fprintf(stderr, "after %s: %s\n", op_spec(op.kind).name.data(), broken->c_str());
            std::abort();
        }
    }
    return 0;
}
