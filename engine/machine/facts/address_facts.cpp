#include "machine/facts/address_facts.h"

#include "base/program_place.h"
#include "machine/facts/segment_facts.h"
#include "machine/phrase.h"
#include "physical/linear_map.h"

namespace mm {

namespace {

// Why there is no translation.
constexpr Phrase FAULT_NOT_CANONICAL{"the bits above the width are neither all 0 nor all 1: no table is asked",
                                     "宽度以上的位既不全为 0 也不全为 1：不查任何页表"};
constexpr Phrase FAULT_WRONG_HALF{"the address belongs to the other half: this space's tables are not asked",
                                  "地址属于另一半：不查这个空间的页表"};
constexpr Phrase FAULT_NO_SPACE{"there is no such address space now", "现在没有这个地址空间"};
constexpr Phrase FAULT_EMPTY{"the entry of the @ table is 0: nothing is mapped", "@ 表的这一项是 0：没有映射"};
constexpr Phrase FAULT_SWAP{"the entry of the @ table is not valid: a swap entry", "@ 表的这一项无效：交换项"};
constexpr Phrase FAULT_INVALID{"the entry of the @ table is not valid, and no swap entry: nothing is present",
                               "@ 表的这一项无效，也不是交换项：不存在"};
constexpr Phrase FAULT_PROT_NONE{"PROT_NONE: the page is there, but the entry of the @ table is not valid",
                                 "PROT_NONE：页在，但 @ 表的这一项无效"};
constexpr Phrase FAULT_RESERVED{"the entry of the @ table has a type that the level has not",
                                "@ 表的这一项是该级没有的类型"};
constexpr Phrase FAULT_ARM64{"translation fault, level #", "转换错误，第 # 级"};
constexpr Phrase FAULT_I386{"page fault, P = 0", "缺页异常，P = 0"};

} // namespace

std::vector<AddressPart> parts_of(const page_geometry& geometry, u64 address) {
    std::vector<AddressPart> parts;
    if (geometry.arch().two_halves)
        parts.push_back({AddressPart::HALF, 63, geometry.va_bits, address >> geometry.va_bits});
    u8 above = geometry.va_bits;
    for (int level = geometry.root(); level >= 0; --level) {
        const auto at = static_cast<u8>(level);
        parts.push_back({level, static_cast<u8>(above - 1), geometry.shift(at), geometry.index(at, address)});
        above = geometry.shift(at);
    }
    parts.push_back({AddressPart::OFFSET, static_cast<u8>(above - 1), 0, address & (geometry.page_size() - 1)});
    return parts;
}

std::string_view part_name(const page_geometry& geometry, const AddressPart& part) {
    if (part.level == AddressPart::HALF) return "TTBR";
    if (part.level == AddressPart::OFFSET) return "offset";
    return geometry.level_name(static_cast<u8>(part.level));
}

std::optional<address_layout> layout_of(const Machine& machine) {
    Result<address_layout> layout = make_layout(layout_config_of(*machine.profile));
    if (!layout) return std::nullopt;
    return std::move(*layout);
}

AddressFacts facts_of(const Machine& machine, u64 address, space_id space) {
    AddressFacts facts;
    facts.address = address;
    facts.space = space;
    const linear_map map = linear_map_of(*machine.profile);
    if (map.place_of(address) != linear_map::place::elsewhere) {
        const u64 phys = map.virt_to_phys(address);
        if (map.has_address(phys) && machine.physical.has_frame(phys >> machine.physical.page_shift))
            facts.linear = phys;
    } else if (map.vmemmap && address >= *map.vmemmap) {
        const u64 pfn = (address - *map.vmemmap) / STRUCT_PAGE_BYTES;
        if (machine.physical.pfn_valid(pfn)) facts.struct_page_of = static_cast<pfn_t>(pfn);
    }
    if (!machine.mmu.up) return facts;
    facts.half = half_of(machine.mmu.geometry(), address);
    facts.error = check_address(machine.mmu, space, address);
    if (facts.error == map_error::none) facts.walk = walk(machine.mmu, space, address);
    return facts;
}

std::string fault_text(const Machine& machine, const AddressFacts& facts, Language language) {
    if (facts.walk.found || !machine.mmu.up) return "";
    const page_geometry& geometry = machine.mmu.geometry();
    const auto say = [&](const Phrase& phrase, std::string_view name = {}) {
        return filled(phrase.in(language), {}, name);
    };
    const char* const joint = language == Language::zh ? "。" : ". ";
    // What the CPU reports: of addresses that no table is asked for, level 0.
    const auto reported = [&](int level) {
        if (geometry.arch().arch == architecture::i386) return std::string(say(FAULT_I386));
        return filled(FAULT_ARM64.in(language), std::to_string(level));
    };
    switch (facts.error) {
    case map_error::no_space: return say(FAULT_NO_SPACE);
    case map_error::wrong_half: return say(FAULT_WRONG_HALF);
    case map_error::not_canonical: return say(FAULT_NOT_CANONICAL) + joint + reported(0);
    default: break;
    }
    if (facts.walk.nr_steps == 0) return "";
    const walk_step& last = facts.walk.last();
    const std::string_view table = geometry.level_name(last.level);
    const Phrase* why = &FAULT_EMPTY;
    if (last.kind == descriptor_kind::swap) why = &FAULT_SWAP;
    if (last.kind == descriptor_kind::invalid) why = &FAULT_INVALID;
    if (last.kind == descriptor_kind::present_invalid) why = &FAULT_PROT_NONE;
    if (last.kind == descriptor_kind::reserved) why = &FAULT_RESERVED;
    return say(*why, table) + joint + reported(geometry.hardware_level(last.level));
}

std::string space_text(const Machine& machine, space_id space, const std::vector<std::string>& result_names) {
    if (space == INIT_MM) return "init_mm";
    for (std::size_t slot = 0; slot < result_names.size(); ++slot) {
        const OpResult result = machine.results[static_cast<u32>(slot)];
        if (result.kind == ResultKind::space && !result.freed && result.value == space && !result_names[slot].empty())
            return result_names[slot];
    }
    return "mm " + std::to_string(space);
}

std::optional<u64> asked_address(const Machine& machine, const Op& op) {
    if (const auto logical = logical_address_of(machine, op)) {
        const linear_result result = to_linear(machine.mmu.gdt, *logical);
        return result.fault == segment_fault::none ? std::optional<u64>(result.linear) : std::nullopt;
    }
    const std::span<const FieldSpec> fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].unit == Unit::virt_address) return static_cast<u64>(op.arg[i]);
        if (fields[i].unit == Unit::place) return address_of_place(machine.results, op.arg[i]);
    }
    return std::nullopt;
}

space_id space_of_op(const Machine& machine, const Op& op) {
    const std::span<const FieldSpec> fields = op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].unit != Unit::space_result || op.arg[i] < 0) continue;
        const OpResult result = machine.results[static_cast<u32>(op.arg[i])];
        if (result.kind == ResultKind::space) return static_cast<space_id>(result.value);
    }
    // An access that names no space goes through the tables that its CPU runs with.
    const mmu_memory& mmu = machine.mmu;
    const bool runs = mmu.tlb.up() && op.cpu < mmu.tlb.cpus.size() && mmu.has_space(mmu.tlb.cpus[op.cpu].space);
    const std::optional<u64> address = runs ? asked_address(machine, op) : std::nullopt;
    return address && !is_kernel_address(mmu.geometry(), *address) ? mmu.tlb.cpus[op.cpu].space : INIT_MM;
}

} // namespace mm
