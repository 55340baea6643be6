#include "mmu/descriptor.h"

#include "base/assert.h"
#include "mmu/arch_functions.h"

namespace mm {

std::string_view descriptor_kind_name(descriptor_kind kind) {
    static constexpr std::string_view names[] = {"none",  "swap", "present, invalid", "table",
                                                 "block", "page", "reserved",         "invalid"};
    return names[static_cast<std::size_t>(kind)];
}

descriptor_kind unusual_kind_of(const pte_format& format, pteval_t entry, u8 level) {
    if (entry == 0) return descriptor_kind::none;
    return format.arch().functions->unusual_kind_of(format, entry, level);
}

u8 physical_bits(const pte_format& format) { return format.geometry.physical_bits(); }

pteval_t address_bits(const pte_format& format, phys_addr_t phys) {
    MM_ASSERT(phys >> physical_bits(format) == 0);
    return format.arch().functions->address_bits(format, phys);
}

phys_addr_t unusual_output_address(const pte_format& format, pteval_t entry, u8 level) {
    return format.arch().functions->unusual_output_address(format, entry, level);
}

std::vector<descriptor_field> decode_descriptor(const pte_format& format, pteval_t entry, u8 level) {
    return format.arch().functions->decode(format, entry, level);
}

const descriptor_field* find_field(const std::vector<descriptor_field>& fields, std::string_view name) {
    for (const descriptor_field& field : fields)
        if (field.name == name) return &field;
    return nullptr;
}

} // namespace mm
