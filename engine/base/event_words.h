#pragma once
// Words for the codes and flags of events: what "{reason}" becomes in a sentence.
#include <string_view>

#include "base/types.h"

namespace mm {

// One row a value of one argument. The words may hold "{name}" and "{name|is|are}" for other arguments of the same event.
struct EventWords {
    u16 kind = 0;
    std::string_view arg;
    i64 value = 0;
    std::string_view text_en;
    std::string_view text_zh;
};

} // namespace mm
