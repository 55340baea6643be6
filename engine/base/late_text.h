#pragma once
// A text of a table that the page's program may fetch behind its first picture: sentences, help, the words of a view.
//
//   constexpr LateText HELP = "Allocates an object.";      std::string_view text = HELP;      const char* text = HELP.c_str();
//
// To a reader it is a text. tools/split-page.mjs takes the characters of those that the first picture does not read out of
// the program's first part and puts them into the second. Reading one before it has come calls a function that has not come
// either, which is how the page learns that it has to wait (web/js/parts.js). In every other program all texts are there.
#include <string_view>
#include <type_traits>

#include "base/assert.h"
#include "base/types.h"

// Called with a text that is not there. In the page's program it stands in the second part, so the call gets no further.
extern "C" void late_text_missing(const char* text);

namespace mm {

class LateText {
  public:
    constexpr LateText() = default;
    constexpr explicit LateText(std::string_view text)
        : at_(text.data()), mark_and_size_(MARK | static_cast<u32>(text.size())) {
        MM_ASSERT(text.size() <= MAX_SIZE);
    }
    constexpr LateText(const char* text) : LateText(std::string_view(text)) {}

    [[nodiscard]] constexpr std::size_t size() const { return mark_and_size_ & MAX_SIZE; }
    [[nodiscard]] constexpr const char* c_str() const {
        if (!std::is_constant_evaluated() && size() > 0 && *at_ == '\0') [[unlikely]]
            late_text_missing(at_);
        return at_;
    }
    constexpr operator std::string_view() const { return {c_str(), size()}; }

  private:
    // By it tools/split-page.mjs knows in the program's data what is a LateText: an address, and behind it this with the size.
    static constexpr u32 MARK = 0xa7e70000;
    static constexpr u32 MAX_SIZE = 0xffff;

    const char* at_ = "";
    u32 mark_and_size_ = MARK;
};

} // namespace mm
