#pragma once
// What is wrong with text that is no JSON, said so that whoever wrote it can mend it: what was found, what was expected
// and, where it is known, the mend.
//
//   found a comma before ], expected a value: remove the comma
//   found “ (U+201C), a curly quote; JSON text stands between straight quotes ""
//
// The parser only says that a text is wrong. This walks over the text once more, by itself, to the first place that JSON
// does not allow, so that the message does not depend on the parser's words.
#include <optional>
#include <string_view>

#include "base/told.h"
#include "base/types.h"

namespace mm {

struct SyntaxComplaint {
    std::size_t offset = 0; // of the byte where the fault stands; the size of the text: at its end
    Told message;
};

// nullopt: the text is JSON as far as its grammar goes; numbers may still be too large.
[[nodiscard]] std::optional<SyntaxComplaint> json_complaint(std::string_view text);

} // namespace mm
