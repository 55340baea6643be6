#pragma once
// Sets of flags as texts: "GFP_KERNEL|__GFP_ZERO". A set is made for one kernel, so that its names are those which that
// kernel has.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct FlagName {
    u64 bits = 0;
    std::string_view name;
    bool written = true;  // a text shows it; otherwise another name of the same bits
    bool accepted = true; // a text may have it; otherwise only the kernel sets it
};

struct FlagSet {
    std::vector<FlagName> names; // masks of several bits before the bits that they hold
    std::string_view nothing;    // no bit at all
    // Numbers in hex stand for bits without a name, and blanks may stand around a word.
    bool loose = false;
};

[[nodiscard]] std::string flags_text(const FlagSet& set, u64 bits);

// The bits of the names joined by '|'. nullopt for a word that the set does not accept; `unknown`, if given, then holds it.
[[nodiscard]] std::optional<u64> flags_from_text(const FlagSet& set, std::string_view text,
                                                 std::string* unknown = nullptr);

// Every name that flags_from_text() accepts.
[[nodiscard]] std::vector<std::string_view> accepted_names(const FlagSet& set);

} // namespace mm
