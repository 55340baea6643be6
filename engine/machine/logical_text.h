#pragma once
// What an i386 machine makes of a logical address that somebody writes: "0x7b:0x8048000".
//
// A what-if: the op logical_access runs on a copy, for one byte, by code with the selector's RPL as its privilege. A selector of
// code is fetched from, any other is read through DS.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/narrate.h"

namespace mm {

struct WrittenLogical {
    u16 selector = 0;
    u32 offset = 0;
};
// Two numbers in hex with a colon between them; nullopt: it is something else, or a number is too large.
[[nodiscard]] std::optional<WrittenLogical> read_logical(std::string_view text);

struct LogicalTold {
    std::vector<std::string> sentences; // of the segment alone, not of the page tables
    std::optional<u32> linear;          // nullopt: a fault, which the last sentences tell
};
// The machine has segments and page tables.
[[nodiscard]] LogicalTold tell_logical(const Machine& machine, const WrittenLogical& written, Language language);

} // namespace mm
