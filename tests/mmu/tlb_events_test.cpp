// Every code of the events of translation has words; the rest of their table is tests/machine/event_tables_test.cpp's.
#include "mmu/tlb_events.h"

#include <gtest/gtest.h>

#include "mmu/access.h"
#include "mmu/flush.h"

namespace mm {
namespace {

bool has_words(std::size_t row, std::string_view arg, i64 value) {
    const auto kind = static_cast<u16>(row + tlb_events().first);
    for (const EventWords& words : tlb_events().words)
        if (words.kind == kind && words.arg == arg && words.value == value) return true;
    return false;
}

TEST(TlbEvents, EveryReasonAndFlagHasWords) {
    for (std::size_t row = 0; row < tlb_events().specs.size(); ++row) {
        const EventSpec& spec = tlb_events().specs[row];
        const auto kind = static_cast<tlb_event>(row + tlb_events().first);
        for (const ArgSpec& arg : spec.args) {
            if (arg.unit != Unit::reason && arg.unit != Unit::flag) continue;
            i64 first = 0, last = 1;
            if (arg.name == "level") last = MAX_LEVELS - 1;
            if (arg.name == "kind" || arg.name == "scope") last = 2;
            if (arg.name == "class") last = 3;
            if (arg.name == "status") first = 1, last = static_cast<i64>(fault_kind::address_size);
            if (arg.name == "handler") last = static_cast<i64>(fault_handler::count) - 1;
            if (arg.name == "op") last = static_cast<i64>(tlbi_op::count) - 1;
            if (kind == tlb_event::permission_missing) first = 1, last = static_cast<i64>(denial::count) - 1;
            if (kind == tlb_event::live_entry_set && arg.name == "reason")
                last = static_cast<i64>(live_change::count) - 1;
            if (kind == tlb_event::fault_cured)
                first = static_cast<i64>(fault_end::made_young), last = static_cast<i64>(fault_end::made_dirty);
            if (kind == tlb_event::fault_ends)
                first = static_cast<i64>(fault_end::spurious), last = static_cast<i64>(fault_end::count) - 1;
            for (i64 value = first; value <= last; ++value)
                EXPECT_TRUE(has_words(row, arg.name, value)) << spec.name << "." << arg.name << " " << value;
        }
    }
}

} // namespace
} // namespace mm
