#pragma once
// dmesg: what the kernel of a machine prints while ops run.
//
//   [    4.000003] BUG ring (Not tainted): Right Redzone overwritten
//
// The time is the number of the op before the point and the number of the event behind it, as in trace lines. A text is
// written at its event, from the machine as it is then: report first, repair after.
//
// Models: reports of bad pages (physical/kernel_log.h) and of slab caches (slab/slub_report.h).
// Simplified: the log begins when the machine stands at its first op, without the messages of boot.
#include <string>

#include "machine/machine.h"

namespace mm {

// What asks for the log where files of /proc are asked for.
inline constexpr std::string_view KERNEL_LOG = "dmesg";

// What the log holds at most; the kernel's ring, too, has lost what is older (CONFIG_LOG_BUF_SHIFT=17).
inline constexpr std::size_t KERNEL_LOG_BYTES = 1u << 17;

// The lines of one event without their times, each ending with '\n'; empty for most events.
[[nodiscard]] std::string kernel_log_text(const Machine& machine, const Event& event);

// Runs an op with apply() and appends what it prints, at most about twice KERNEL_LOG_BYTES of it. The sink is new; its
// owner says where else the events go. `until`: only the first so many events print.
OpOutcome apply_with_log(Machine& machine, const Op& op, EventSink& sink, std::string& log, u64 until = ~u64{0});

// Drops whole lines from the beginning until the log fits.
void trim_kernel_log(std::string& log);

} // namespace mm
