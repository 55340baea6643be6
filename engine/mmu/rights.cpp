// What entries allow: the permission checks of access.h.
#include "mmu/access.h"
#include "mmu/arch_functions.h"

namespace mm {

u8 limits_of_rights(const pte_format& format, pteval_t table_entry, u8 level) {
    return format.arch().functions->table_limits(format, table_entry, level);
}

u8 limits_above(const pte_format& format, const walk_result& way) {
    u8 limits = 0;
    for (u8 i = 0; i + 1 < way.nr_steps; ++i) limits |= table_limits(format, way.steps[i].entry, way.steps[i].level);
    return limits;
}

u8 rights_of(const pte_format& format, pteval_t leaf, u8 limits, hardware_update update) {
    return format.arch().functions->rights(format, leaf, limits, update);
}

denial denial_of(const pte_format& format, pteval_t leaf, u8 limits, access_kind kind, bool user) {
    if (rights_of(format, leaf, limits, hardware_update::none) & right_for(kind, user)) return denial::none;
    return format.arch().functions->denial_of(leaf, limits, kind, user);
}

} // namespace mm
