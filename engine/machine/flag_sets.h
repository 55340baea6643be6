#pragma once
// The sets of flags that arguments and fields hold, one row a unit. To add one: its unit (base/units.h), its FlagSet in its
// room, its row here.
#include "base/flag_set.h"
#include "base/told.h"
#include "base/units.h"
#include "physical/kernel_rules.h"

namespace mm {

struct FlagSetRow {
    Unit unit;
    std::string_view name; // of its definition in the schema
    FlagSet (*set)(const kernel_rules& rules);
    // What a word is not, with {0} the word, {1} the kernel's version and {2} a suggestion.
    std::string_view unknown_en;
    std::string_view unknown_zh;
};

// The row of a unit whose Form or Writing is flags.
[[nodiscard]] const FlagSetRow& flag_set_of(Unit unit);

} // namespace mm
