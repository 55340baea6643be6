#include "mmu/verify.h"

#include <algorithm>

namespace mm {

namespace {

std::string name_of(const mmu_memory& mmu, table_id id) {
    const page_table& table = mmu.tables[id];
    return "table " + std::to_string(id) + " (" + std::string(mmu.geometry().level_name(table.level)) + ", frame " +
           std::to_string(table.pfn) + ", space " + std::to_string(table.space) + ")";
}

std::optional<std::string> verify_fill(const mmu_memory& mmu, table_id id, const std::string& name) {
    const page_table& table = mmu.tables[id];
    if (table.level != 0 || table.nr_set != mmu.geometry().entries(0))
        return name + ": is full of pages in a row, but not with all entries set, or no pte table";
    if (mmu.entries.untouched(mmu.entry_slot(id, 0)) && mmu.geometry().index_bits <= decltype(mmu.entries)::CHUNK_SHIFT)
        return std::nullopt;
    for (u32 i = 0; i < 1u << mmu.geometry().index_bits; ++i)
        if (mmu.entries[mmu.entry_slot(id, i)] != 0)
            return name + ": entry " + std::to_string(i) + " is stored though it follows from the first";
    return std::nullopt;
}

std::optional<std::string> verify_table(const mmu_memory& mmu, const physical_memory& mem, table_id id) {
    const page_table& table = mmu.tables[id];
    const std::string name = name_of(mmu, id);
    if (mmu.table_at(table.pfn) != id) return name + ": its frame is not known as its own";
    if (!table.boot && (mem.page_at(table.pfn).state() != page_state::allocated || !mem.page_at(table.pfn).table()))
        return name + ": its frame is not allocated, or has no mark of it";
    if (!mmu.has_space(table.space)) return name + ": belongs to no address space";
    if (table.parent == TABLE_NONE) {
        if (mmu.spaces[table.space].pgd != id) return name + ": has no entry above it and is no pgd";
    } else {
        const page_table& parent = mmu.tables[table.parent];
        if (parent.level != table.level + 1 || parent.space != table.space)
            return name + ": the table above is not of the next level of its space";
        if (mmu.table_below(mmu.entry(table.parent, table.index), parent.level) != id)
            return name + ": entry " + std::to_string(table.index) + " of the table above names another";
        if (table.start != parent.start + (u64{table.index} << mmu.geometry().shift(parent.level)))
            return name + ": its first address is not that of its entry";
    }
    if (table.fill != 0) return verify_fill(mmu, id, name);
    const u32 entries = mmu.geometry().entries(table.level);
    u32 nr_set = 0;
    for (u32 i = 0; i < entries; ++i) {
        const pteval_t entry = mmu.entry(id, i);
        if (entry == 0) continue;
        ++nr_set;
        if (kind_of(mmu.format, entry, table.level) != descriptor_kind::table) continue;
        const table_id below = mmu.table_below(entry, table.level);
        if (below == TABLE_NONE || mmu.tables[below].parent != id || mmu.tables[below].index != i)
            return name + ": entry " + std::to_string(i) + " names no table, or one of another entry";
    }
    if (nr_set != table.nr_set)
        return name + ": nr_set is " + std::to_string(table.nr_set) + ", set are " + std::to_string(nr_set);
    for (u32 i = entries; i < 1u << mmu.geometry().index_bits; ++i)
        if (mmu.entry(id, i) != 0) return name + ": entry " + std::to_string(i) + " lies behind its end";
    return std::nullopt;
}

} // namespace

std::optional<std::string> verify_mmu(const mmu_memory& mmu, const physical_memory& mem) {
    if (!mmu.up) return std::nullopt;
    if (mmu.base_pfn != mem.base_pfn) return "mmu: base_pfn is not that of mem_map";
    std::vector<std::array<u32, MAX_LEVELS>> counted(mmu.spaces.size());
    u32 alive = 0;
    for (table_id id = 0; id < mmu.nr_records; ++id) {
        const page_table& table = mmu.tables[id];
        if (table.pfn == PFN_NONE) continue;
        ++alive;
        if (auto broken = verify_table(mmu, mem, id)) return broken;
        ++counted[table.space][table.level];
    }
    for (space_id space = 0; space < mmu.spaces.size(); ++space)
        if (counted[space] != mmu.spaces[space].nr_tables)
            return "address space " + std::to_string(space) + ": nr_tables is not the number of its tables";
    const auto unused_spaces = std::count_if(mmu.spaces.begin(), mmu.spaces.end(),
                                             [](const address_space& space) { return space.pgd == TABLE_NONE; });
    if (static_cast<u64>(unused_spaces) != mmu.free_spaces.size() ||
        !std::is_heap(mmu.free_spaces.begin(), mmu.free_spaces.end(), std::greater<>()))
        return "mmu: free_spaces does not say which spaces have no table";
    for (const space_id space : mmu.free_spaces)
        if (mmu.has_space(space)) return "mmu: a space with tables counts as free";
    u32 free = 0;
    for (table_id id = mmu.free_record; id != TABLE_NONE; id = mmu.tables[id].parent)
        if (id >= mmu.nr_records || mmu.tables[id].pfn != PFN_NONE || ++free > mmu.nr_records)
            return "mmu: the list of free table records is broken";
    if (alive + free != mmu.nr_records) return "mmu: a table record is neither in use nor free";
    if (mmu.kernel_space != SPACE_NONE && !(mmu.has_space(mmu.kernel_space) && mmu.spaces[mmu.kernel_space].kernel))
        return "mmu: the kernel's space is none of the kernel";
    const std::size_t unused = mmu.arch().has_segments ? 1 : mmu.gdt.size();
    if (std::any_of(mmu.gdt.begin(), mmu.gdt.begin() + unused, [](u64 entry) { return entry != 0; }))
        return "mmu: an entry of the GDT that nobody may use is not 0";
    return verify_tlb(mmu);
}

void hash_mmu(const mmu_memory& mmu, Hasher& hasher) {
    hasher.add(mmu.up);
    if (!mmu.up) return;
    hasher.add(static_cast<u64>(mmu.format.geometry.format) << 24 | u64{mmu.format.geometry.page_shift} << 16 |
               u64{mmu.format.geometry.va_bits} << 8 | static_cast<u64>(mmu.format.rules.machine_kernel()));
    hasher.add(mmu.spaces.size());
    for (const address_space& space : mmu.spaces) {
        hasher.add(space.pgd);
        hasher.add(space.kernel);
        for (u32 nr : space.nr_tables) hasher.add(nr);
        hasher.add(space.context_id);
    }
    hasher.add(mmu.nr_records);
    hasher.add(mmu.free_record);
    for (table_id id = 0; id < mmu.nr_records; ++id) {
        const page_table& table = mmu.tables[id];
        hasher.add(u64{table.pfn} << 8 | table.level);
        hasher.add(table.parent);
        if (table.pfn == PFN_NONE) continue;
        hasher.add(u64{table.space} << 32 | table.nr_set);
        hasher.add(table.stamp);
        hasher.add(table.boot);
        hasher.add(table.fill);
        if (table.fill != 0) continue;
        const u32 entries = mmu.geometry().entries(table.level);
        for (u32 i = 0; i < entries; ++i) {
            const pteval_t entry = mmu.entry(id, i);
            if (entry == 0) continue;
            hasher.add(i);
            hasher.add(entry);
        }
    }
    hasher.add(mmu.kernel_space);
    hasher.add(mmu.kernel_edited);
    hash_tlb(mmu.tlb, hasher);
    if (!mmu.arch().has_segments) return;
    for (const u64 descriptor : mmu.gdt) hasher.add(descriptor);
}

} // namespace mm
