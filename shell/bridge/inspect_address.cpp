// The inspector for an address: region, the way through the tables, and the last entry field by field.
#include "base/hex.h"
#include "bridge/structs.h"
#include "machine/facts/address_facts.h"
#include "machine/facts/owner.h"
#include "machine/facts/process_facts.h"
#include "mmu/pte.h"
#include "views/kernel/address_words.h"
#include "views/parts/pen.h"

namespace shell {

std::vector<Struct> address_structs(const mm::Machine& machine, mm::Language language, const Selection& selection) {
    const OwnWords ours{language};
    const bool zh = language == mm::Language::zh;
    const auto frame_place = [&](mm::frame_t pfn) {
        if (!machine.physical.pfn_valid(pfn)) return std::string();
        return place_text(machine, {Selection::Kind::pfn, static_cast<mm::i64>(pfn), 0, 0});
    };
    const auto address = static_cast<mm::u64>(selection.value);
    const mm::AddressFacts facts = facts_of(machine, address, static_cast<mm::space_id>(selection.second));
    std::vector<Struct> structs;
    Struct where{"// 0x" + mm::hex(address), {}};
    if (const auto layout = layout_of(machine)) {
        if (const mm::layout_region* region = mm::region_of(*layout, address)) {
            where.add(ours.field("region", "区域"), std::string(zh ? region->name_zh : region->name));
            where.add(ours.field("from", "从"), std::string(region->start_formula));
            where.add(
                ours.field("up to", "到"),
                std::string(region->end_formula.empty() ? words::TOP_OF_ADDRESSES.in(language) : region->end_formula));
        }
    }
    if (const auto mapping = mm::mapping_of(machine, address, static_cast<mm::space_id>(selection.second)))
        where.add(ours.field("mapping", "映射"), mapping_text(machine, *mapping, language));
    for (mm::u8 i = 0; i < facts.walk.nr_steps; ++i) {
        const mm::walk_step& step = facts.walk.steps[i];
        const std::string level(machine.mmu.geometry().level_name(step.level));
        where.add(level + ours(" in frame", "所在页框"), mm::address_hex(step.table), frame_place(step.table));
        where.add(level + "[" + std::to_string(step.index) + "]", mm::address_hex(step.entry));
    }
    if (const std::string fault = fault_text(machine, facts, language); !fault.empty())
        where.add(ours.field("no translation", "没有转换"), fault);
    if (const auto phys = facts.phys()) {
        const mm::FrameOwner owner = owner_of(machine, *phys);
        where.add(facts.walk.found ? ours.field("physical address", "物理地址")
                                   : ours.field("physical, by arithmetic", "物理地址（由算式）"),
                  mm::address_hex(*phys), frame_place(facts.frame(machine.physical.page_shift)));
        const Selection place = owner_place(owner);
        where.add(ours.field("whose", "现为"), owner_text(machine, owner, language),
                  place == selection ? std::string() : place_text(machine, place));
    }
    if (facts.struct_page_of)
        where.add(ours.field("struct page of", "struct page，属于"), mm::address_hex(*facts.struct_page_of),
                  frame_place(*facts.struct_page_of));
    structs.push_back(std::move(where));
    if (facts.walk.nr_steps == 0 || facts.walk.last().entry == 0) return structs;
    const mm::walk_step& last = facts.walk.last();
    Struct entry{std::string(machine.mmu.geometry().level_name(last.level)) + "_t 0x" + mm::hex(last.entry), {}};
    for (const mm::descriptor_field& field : mm::decode_descriptor(machine.mmu.format, last.entry, last.level))
        entry.add(std::string(field.name) + " [" + bits_text(field.high, field.low) + "]",
                  mm::address_hex(field.value));
    structs.push_back(std::move(entry));
    return structs;
}

} // namespace shell
