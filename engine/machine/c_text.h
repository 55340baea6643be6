#pragma once
// Ops of processes as a C program writes them, and what each came to as a comment would say it.
//
//   char *a = mmap(NULL, 16 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);   // = 0xffffbe7fb000
//   a[0x1000] = 1;                                                                                // minor fault
#include <span>
#include <string>
#include <vector>

#include "machine/narrate.h"

namespace mm {

// A row of the table: the statement with fields in braces. "{address}" is written as its unit is; "{address[]}" is the byte there,
// "{address[i]}" the byte i behind it; "{set}" are the flags that the op's
// fields set, "{as}" is the name of its result.
struct CRow {
    std::string_view op;
    std::string_view type; // of what "as" names
    std::string_view text;
    // Where the field has not its default value, `other` is written instead.
    std::string_view unless{};
    std::string_view other{};
};
[[nodiscard]] std::span<const CRow> c_rows();

// Whether the op is one that a program does.
[[nodiscard]] bool has_c_text(const OpSpec& spec);
// A result has a name of its own, so it is declared where it is made; one of a row is declared with all of them.
[[nodiscard]] std::string c_text(const Machine& machine, const Op& op, const std::vector<std::string>& result_names);

// "= 0xffffbe7fb000, minor fault", "-ENOMEM", "SIGSEGV, SEGV_ACCERR"; empty: nothing is to be said. `after`: the machine when the
// op is done, `events`: all of the op.
[[nodiscard]] std::string c_result(const Machine& after, const Op& op, std::span<const Event> events,
                                   Language language);

} // namespace mm
