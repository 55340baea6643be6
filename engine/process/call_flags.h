#pragma once
// The flags of system calls on mappings, and of VMAs, as texts. A call may have bits that no kernel knows, in hex: what it
// says to them is a lesson.
#include "base/flag_set.h"
#include "physical/kernel_rules.h"

namespace mm {

[[nodiscard]] FlagSet map_prot_set(const kernel_rules& rules);
[[nodiscard]] FlagSet map_flag_set(const kernel_rules& rules);
[[nodiscard]] FlagSet mremap_flag_set(const kernel_rules& rules);
[[nodiscard]] FlagSet mlockall_flag_set(const kernel_rules& rules);
[[nodiscard]] FlagSet msync_flag_set(const kernel_rules& rules);
[[nodiscard]] FlagSet vm_flag_set(const kernel_rules& rules);

} // namespace mm
