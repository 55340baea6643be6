#pragma once
// Assertions about our own bugs. They stay on in release builds: a wrong picture of the kernel is worse than none.

namespace mm {

// Prints the place and the broken claim on stderr and aborts. The page turns the abort into a report with the op log.
[[noreturn]] void assertion_failed(const char* claim, const char* file, int line);

} // namespace mm

#define MM_ASSERT(claim) ((claim) ? static_cast<void>(0) : ::mm::assertion_failed(#claim, __FILE__, __LINE__))
