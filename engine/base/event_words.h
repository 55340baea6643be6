#pragma once
// Words for the codes and flags of events: what "{reason}" becomes in a sentence.
#include <span>
#include <string_view>

#include "base/event.h"

namespace mm {

// One row a value of one argument. The words may hold "{name}" and "{name|is|are}" for other arguments of the same event.
struct EventWords {
    u16 kind = 0;
    std::string_view arg;
    i64 value = 0;
    LateText text_en;
    LateText text_zh;
};

// One table of a room: the specs in the order of their kinds, and the words of their arguments.
struct EventPart {
    u16 first = 0; // the kind of the first row
    std::span<const EventSpec> specs;
    std::span<const EventWords> words;

    [[nodiscard]] bool holds(u16 kind) const { return kind >= first && kind - first < std::ssize(specs); }
};

} // namespace mm
