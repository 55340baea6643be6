#pragma once
// A phrase in both languages, as it stands in a table of words.
#include <string>
#include <string_view>

#include "machine/narrate.h"

namespace mm {

struct Phrase {
    const char* en = "";
    const char* zh = "";

    [[nodiscard]] const char* in(Language language) const { return language == Language::zh ? zh : en; }
};

// The text with # replaced by the number and @ by the name.
[[nodiscard]] inline std::string filled(std::string text, std::string_view number, std::string_view name = {}) {
    if (const std::size_t at = text.find('#'); at != std::string::npos) text.replace(at, 1, number);
    if (const std::size_t at = text.find('@'); at != std::string::npos) text.replace(at, 1, name);
    return text;
}

} // namespace mm
