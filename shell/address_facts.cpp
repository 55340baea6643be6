#include "address_facts.h"

#include <algorithm>

#include "bridge_structs.h"
#include "kernel/vmalloc.h"
#include "mmu/events.h"
#include "mmu/tlb_events.h"
#include "physical/linear_map.h"
#include "segment_facts.h"
#include "slab/slab.h"
#include "views/address_words.h"
#include "views/slab_state.h"

namespace shell {

namespace {

using mm::i64;
using mm::pfn_t;
using mm::u32;
using mm::u64;
using mm::u8;

std::string frame_text(pfn_t pfn) { return "0x" + hex(pfn); }

// The begin of the area that shows the frame; 0: none does. Areas are many only when the person made many.
u64 area_of(const mm::kernel_memory& kernel, pfn_t pfn) {
    if (!kernel.up) return 0;
    for (u32 id = 0; id < kernel.vms_used; ++id) {
        const mm::vm_struct& vm = kernel.vms[id];
        if (!vm.in_use) continue;
        for (u32 page = 0; page < vm.nr_mapped; ++page)
            if (mm::area_frame(kernel, vm, page) == pfn) return vm.addr;
    }
    return 0;
}

FrameUse use_of(mm::page_state state) {
    switch (state) {
    case mm::page_state::hole: return FrameUse::no_memory;
    case mm::page_state::reserved: return FrameUse::reserved;
    case mm::page_state::tail: return FrameUse::unlisted;
    case mm::page_state::buddy: return FrameUse::free;
    case mm::page_state::pcp: return FrameUse::per_cpu;
    case mm::page_state::allocated: return FrameUse::allocated;
    case mm::page_state::leaked: return FrameUse::bad;
    }
    return FrameUse::no_memory;
}

// The virtual address that the op names, or whose logical address it names; nullopt: it names none.
std::optional<u64> asked_address(const mm::Machine& machine, const mm::Op& op) {
    if (const auto logical = logical_address_of(machine, op)) {
        const mm::linear_result result = mm::to_linear(machine.mmu.gdt, *logical);
        return result.fault == mm::segment_fault::none ? std::optional<u64>(result.linear) : std::nullopt;
    }
    const std::span<const mm::FieldSpec> fields = mm::op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].unit == mm::Unit::address && fields[i].name == "address") return static_cast<u64>(op.arg[i]);
    return std::nullopt;
}

} // namespace

// ---- whose is a frame -----------------------------------------------------------------------------------------------

FrameOwner owner_of(const mm::Machine& machine, mm::phys_addr_t phys) {
    FrameOwner owner;
    const pfn_t pfn = machine.physical.pfn_of(phys);
    if (!machine.physical.pfn_valid(pfn)) return owner;
    owner.pfn = pfn;
    const mm::block_info block = mm::find_block(machine.physical, owner.pfn);
    owner.use = use_of(block.state);
    owner.head = block.head;
    owner.order = block.order;
    owner.table = machine.mmu.table_at(owner.pfn);
    if (owner.table != mm::TABLE_NONE) {
        owner.use = FrameUse::page_table;
        return owner;
    }
    if (owner.use != FrameUse::allocated) return owner;
    owner.cache = cache_of_address(machine, phys);
    if (owner.cache != mm::CACHE_NONE) {
        owner.use = FrameUse::slab;
        const mm::object_ref object = mm::object_of_address(machine.slabs, machine.physical, phys);
        if (object.slab != mm::SLAB_NONE && object.index != mm::OBJ_NONE) {
            owner.object = mm::object_address(machine.slabs, machine.physical, object);
            owner.object_index = object.index;
        }
        return owner;
    }
    owner.area = area_of(machine.kernel, owner.pfn);
    if (owner.area != 0) owner.use = FrameUse::vmalloc;
    return owner;
}

std::string owner_text(const mm::Machine& machine, const FrameOwner& owner, mm::Language language) {
    const auto say = [&](const Phrase& phrase, std::string_view number = {}, std::string_view name = {}) {
        return words::filled(words::in(language, phrase), number, name);
    };
    const std::string order = std::to_string(owner.order), head = frame_text(owner.head);
    switch (owner.use) {
    case FrameUse::no_memory: return say(words::OWNER_NO_MEMORY);
    case FrameUse::reserved: return say(words::OWNER_RESERVED);
    case FrameUse::free: return say(words::OWNER_FREE, order, head);
    case FrameUse::per_cpu: return say(words::OWNER_PER_CPU);
    case FrameUse::allocated: return say(words::OWNER_ALLOCATED, order, head);
    case FrameUse::unlisted: return say(words::OWNER_UNLISTED);
    case FrameUse::bad: return say(words::OWNER_BAD);
    case FrameUse::vmalloc: return say(words::OWNER_AREA, {}, "0x" + hex(owner.area));
    case FrameUse::page_table: {
        const mm::page_table& table = machine.mmu.tables[owner.table];
        const std::string level(machine.mmu.geometry().level_name(table.level));
        return say(words::OWNER_TABLE, {}, level + ", " + space_text(machine, table.space, {}));
    }
    case FrameUse::slab: {
        const std::string_view cache = mm::name_text(machine.slabs.caches[owner.cache].name);
        if (!owner.object) return say(words::OWNER_SLAB, {}, cache);
        return say(words::OWNER_OBJECT, std::to_string(owner.object_index), cache);
    }
    }
    return "";
}

Selection owner_place(const FrameOwner& owner) {
    if (owner.use == FrameUse::no_memory) return {};
    if (owner.object) return {Selection::Kind::object, static_cast<i64>(*owner.object), 0, 0};
    if (owner.use == FrameUse::vmalloc) return {Selection::Kind::address, static_cast<i64>(owner.area), 0, 0};
    return {Selection::Kind::pfn, owner.pfn, 0, 0};
}

// ---- an address -----------------------------------------------------------------------------------------------------

std::vector<AddressPart> parts_of(const mm::page_geometry& geometry, u64 address) {
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

std::string_view part_name(const mm::page_geometry& geometry, const AddressPart& part) {
    if (part.level == AddressPart::HALF) return "TTBR";
    if (part.level == AddressPart::OFFSET) return "offset";
    return geometry.level_name(static_cast<u8>(part.level));
}

std::optional<mm::address_layout> layout_of(const mm::Machine& machine) {
    mm::Result<mm::address_layout> layout = mm::make_layout(mm::layout_config_of(*machine.profile));
    if (!layout) return std::nullopt;
    return std::move(*layout);
}

AddressFacts facts_of(const mm::Machine& machine, u64 address, mm::space_id space) {
    AddressFacts facts;
    facts.address = address;
    facts.space = space;
    const mm::linear_map map = mm::linear_map_of(*machine.profile);
    if (map.place_of(address) != mm::linear_map::place::elsewhere) {
        const u64 phys = map.virt_to_phys(address);
        if (map.has_address(phys) && machine.physical.has_frame(phys >> machine.physical.page_shift))
            facts.linear = phys;
    } else if (map.vmemmap && address >= *map.vmemmap) {
        const u64 pfn = (address - *map.vmemmap) / mm::STRUCT_PAGE_BYTES;
        if (machine.physical.pfn_valid(pfn)) facts.struct_page_of = static_cast<pfn_t>(pfn);
    }
    if (!machine.mmu.up) return facts;
    facts.half = mm::half_of(machine.mmu.geometry(), address);
    facts.error = mm::check_address(machine.mmu, space, address);
    if (facts.error == mm::map_error::none) facts.walk = mm::walk(machine.mmu, space, address);
    return facts;
}

std::string fault_text(const mm::Machine& machine, const AddressFacts& facts, mm::Language language) {
    if (facts.walk.found || !machine.mmu.up) return "";
    const mm::page_geometry& geometry = machine.mmu.geometry();
    const auto say = [&](const Phrase& phrase, std::string_view name = {}) {
        return words::filled(words::in(language, phrase), {}, name);
    };
    const char* const joint = language == mm::Language::zh ? "。" : ". ";
    // What the CPU reports: of addresses that no table is asked for, level 0.
    const auto reported = [&](int level) {
        if (geometry.arch().arch == mm::architecture::i386) return std::string(say(words::FAULT_I386));
        return words::filled(words::in(language, words::FAULT_ARM64), std::to_string(level));
    };
    switch (facts.error) {
    case mm::map_error::no_space: return say(words::FAULT_NO_SPACE);
    case mm::map_error::wrong_half: return say(words::FAULT_WRONG_HALF);
    case mm::map_error::not_canonical: return say(words::FAULT_NOT_CANONICAL) + joint + reported(0);
    default: break;
    }
    if (facts.walk.nr_steps == 0) return "";
    const mm::walk_step& last = facts.walk.last();
    const std::string_view table = geometry.level_name(last.level);
    const Phrase* why = &words::FAULT_EMPTY;
    if (last.kind == mm::descriptor_kind::swap) why = &words::FAULT_SWAP;
    if (last.kind == mm::descriptor_kind::invalid) why = &words::FAULT_INVALID;
    if (last.kind == mm::descriptor_kind::present_invalid) why = &words::FAULT_PROT_NONE;
    if (last.kind == mm::descriptor_kind::reserved) why = &words::FAULT_RESERVED;
    return say(*why, table) + joint + reported(geometry.hardware_level(last.level));
}

std::string space_text(const mm::Machine& machine, mm::space_id space, const std::vector<std::string>& result_names) {
    if (space == mm::INIT_MM) return "init_mm";
    for (std::size_t slot = 0; slot < result_names.size(); ++slot) {
        const mm::OpResult result = machine.results[static_cast<u32>(slot)];
        if (result.kind == mm::ResultKind::space && !result.freed && result.value == space &&
            !result_names[slot].empty())
            return result_names[slot];
    }
    return "mm " + std::to_string(space);
}

mm::space_id space_of_op(const mm::Machine& machine, const mm::Op& op) {
    const std::span<const mm::FieldSpec> fields = mm::op_spec(op.kind).field_list();
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].unit != mm::Unit::space_result || op.arg[i] < 0) continue;
        const mm::OpResult result = machine.results[static_cast<u32>(op.arg[i])];
        if (result.kind == mm::ResultKind::space) return static_cast<mm::space_id>(result.value);
    }
    // An access that names no space goes through the tables that its CPU runs with.
    const mm::mmu_memory& mmu = machine.mmu;
    const bool runs = mmu.tlb.up() && op.cpu < mmu.tlb.cpus.size() && mmu.has_space(mmu.tlb.cpus[op.cpu].space);
    const std::optional<u64> address = runs ? asked_address(machine, op) : std::nullopt;
    return address && !mm::is_kernel_address(mmu.geometry(), *address) ? mmu.tlb.cpus[op.cpu].space : mm::INIT_MM;
}

// ---- what the moment is about ---------------------------------------------------------------------------------------

std::optional<i64> argument_named(const mm::Event& event, std::string_view name) {
    const mm::EventSpec& spec = mm::event_spec(event.kind);
    for (std::size_t i = 0; i < spec.args.size() && !spec.args[i].name.empty(); ++i)
        if (spec.args[i].name == name) return event.arg[i];
    return std::nullopt;
}

std::optional<u64> told_address(const mm::Event& event) {
    // What the TLB keeps begins before the address that it was looked up for.
    if (event.kind == static_cast<mm::u16>(mm::tlb_event::tlb_fill)) return std::nullopt;
    const mm::EventSpec& spec = mm::event_spec(event.kind);
    for (std::size_t i = 0; i < spec.args.size() && !spec.args[i].name.empty(); ++i)
        if (spec.args[i].unit == mm::Unit::address && (spec.args[i].name == "address" || spec.args[i].name == "start"))
            return static_cast<u64>(event.arg[i]);
    return std::nullopt;
}

std::optional<mm::Op> shown_op(const mm::Session& session) {
    const mm::Position at = session.position();
    if (at.event > 0 && at.step < session.steps()) return session.op(at.step);
    if (at.step == 0 || at.step > session.steps()) return std::nullopt;
    return session.op(at.step - 1);
}

ShownAddress shown_address(const ViewInput& input) {
    using From = ShownAddress::From;
    const Selection& selection = input.app.selection;
    if (selection.kind == Selection::Kind::address)
        return {static_cast<u64>(selection.value), static_cast<mm::space_id>(selection.second), From::selection};
    const std::optional<mm::Op> op = shown_op(*input.app.session);
    const mm::space_id space = op ? space_of_op(input.machine, *op) : mm::INIT_MM;
    const std::size_t happened = std::min<std::size_t>(input.event, input.events.size());
    for (std::size_t i = happened; i-- > 0;)
        if (const auto address = told_address(input.events[i])) return {*address, space, From::events};
    if (const auto address = op ? asked_address(input.machine, *op) : std::nullopt) return {*address, space, From::op};
    if (input.machine.kernel.up) return {input.machine.kernel.vmalloc_start, mm::INIT_MM, From::example};
    return {mm::linear_map_of(*input.machine.profile).page_offset, mm::INIT_MM, From::example};
}

std::vector<TouchedEntries> touched_entries(const ViewInput& input) {
    const mm::mmu_memory& mmu = input.machine.mmu;
    std::vector<TouchedEntries> out;
    const std::optional<mm::Op> op = shown_op(*input.app.session);
    if (!mmu.up || !op) return out;
    const mm::page_geometry& geometry = mmu.geometry();
    const mm::space_id space = space_of_op(input.machine, *op);
    const auto pfn = [](std::optional<i64> value) { return static_cast<pfn_t>(*value); };
    const auto step_of_walk = [&](u64 address, int level) { // -1: the last
        const mm::walk_result way = mm::walk(mmu, space, address);
        for (u8 i = 0; i < way.nr_steps; ++i)
            if (way.steps[i].level == level || (level < 0 && i + 1 == way.nr_steps))
                out.push_back({way.steps[i].table, way.steps[i].index, 1});
    };
    for (const mm::Event& event : input.events.first(std::min<std::size_t>(input.event, input.events.size()))) {
        const auto kind = static_cast<mm::mmu_event>(event.kind);
        if (kind < mm::mmu_event::pgd_allocated || kind >= mm::mmu_event::count) continue;
        const auto name = argument_named(event, "level"), address = argument_named(event, "address");
        const auto table = argument_named(event, "table"), nr = argument_named(event, "nr");
        const int level = name ? (*name == 4 ? geometry.root() : static_cast<int>(*name)) : 0;
        if (kind == mm::mmu_event::table_allocated) {
            out.push_back({pfn(argument_named(event, "above")), static_cast<u32>(*argument_named(event, "index")), 1});
        } else if (kind == mm::mmu_event::walk_step) {
            out.push_back({pfn(table), static_cast<u32>(*argument_named(event, "index")), 1});
        } else if (kind == mm::mmu_event::block_split) {
            out.push_back({pfn(table), 0, static_cast<u32>(*nr)});
            step_of_walk(static_cast<u64>(*address), level);
        } else if (kind == mm::mmu_event::table_unlinked) {
            step_of_walk(static_cast<u64>(*address), level + 1);
        } else if (kind == mm::mmu_event::pte_changed || kind == mm::mmu_event::pte_asked) {
            step_of_walk(static_cast<u64>(*address), -1);
        } else if (table && address && nr) {
            out.push_back({pfn(table), geometry.index(static_cast<u8>(level), static_cast<u64>(*address)),
                           static_cast<u32>(*nr)});
        }
    }
    return out;
}

} // namespace shell
