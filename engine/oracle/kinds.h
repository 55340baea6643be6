#pragma once
// Files of recordings that no comparison reads, by kind, each with the reason. Every file of a folder is either compared or
// of such a kind (tests/oracle/oracle_test.cpp), so that nothing goes missing without a word.
#include <string_view>

#include "base/types.h"

namespace mm {

struct FileKind {
    std::string_view what_en, what_zh;
};

// What kind of file it is, by its name alone. A file of a kind that is compared elsewhere belongs to one, too: on a machine
// of which the engine models less, nothing in it can be compared.
[[nodiscard]] const FileKind& kind_of_file(std::string_view file);

} // namespace mm
