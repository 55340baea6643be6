#pragma once
// The kinds of recorded files, a row each: which names are of the kind, what is compared, and what is said where nothing is.
// A new kind is a row here, with its reader (recording/) and its comparison (oracle/).
//
// Every file of a folder is either compared or told with the reason of its kind (tests/oracle/oracle_test.cpp), so that
// nothing goes missing without a word.
#include <optional>
#include <string>
#include <string_view>

#include "oracle/oracle.h"

namespace mm {

struct FileKind {
    // Reads the file and compares what it says. The error: why it cannot be read.
    using Compare = std::optional<Error> (*)(const OracleMachine& machine, const std::string& file, FactLog& log);

    std::string_view name;     // a glob: "mod-6*"
    Area area = Area::other;   // of facts for which the comparison names no other
    Compare compare = nullptr; // nullptr: recorded, never compared
    const WhyNotCompared* else_why =
        nullptr; // told when no fact of the file was compared: on a machine of which the engine
                 // models less, that is so for a kind that is compared elsewhere
    bool says_its_end = false; // its last line is "end" or "rc=...": without one the recording is cut off
};

// The first row that fits the file's name; the last row fits any.
[[nodiscard]] const FileKind& kind_of_file(std::string_view file);

} // namespace mm
