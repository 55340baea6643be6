#pragma once
// Reading recorded text line by line, piece by piece. Recordings are untrusted: nothing here reads past the end,
// overflows or allocates more than the text is long.
#include <string_view>

#include "base/types.h"

namespace mm {

// Lines of a text without their ends ("\n" or "\r\n").
class LineReader {
  public:
    explicit LineReader(std::string_view text) : rest_(text) {}

    // The next line, or false at the end.
    bool next(std::string_view& line);
    [[nodiscard]] u32 line_number() const { return line_; } // 1-based, of the line that next() gave last

  private:
    std::string_view rest_;
    u32 line_ = 0;
};

// A place inside one line. Each reader moves forward only when it returns true.
class TextCursor {
  public:
    explicit TextCursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }

    void skip_blanks();
    bool eat(std::string_view literal);
    // Moves behind the next occurrence of `literal` in this line.
    bool find(std::string_view literal);
    // Digits of the base, at least one, without sign. False when there is none or the value is above `max`.
    bool number(u64& value, int base = 10, u64 max = ~0ull);
    bool number32(u32& value, int base = 10);
    bool signed_number(i64& value);
    // A number of pages: at most 2^40 either way, so that what is computed with it fits in 64 bits.
    bool pages(i64& value);
    // A frame number in hex; PFN_NONE itself is not one.
    bool pfn(pfn_t& value);
    // Characters up to the next blank or any of `stops`; may be empty.
    std::string_view word(std::string_view stops = {});

  private:
    std::string_view rest_;
};

} // namespace mm
