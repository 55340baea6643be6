#pragma once
// Untrusted JSON as a tree that knows where each value stands.
//
// nlohmann_json's SAX parser reads; this tree keeps byte offsets, so that an error about any value names line and
// column. Nothing here throws. Depth, size and number of values are capped.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shown_text.h"
#include "base/told.h"
#include "base/types.h"

namespace mm {

inline constexpr std::string_view BYTE_ORDER_MARK = "\xEF\xBB\xBF"; // some editors put it in front of UTF-8

struct JsonLimits {
    std::size_t bytes = 4u << 20;
    std::size_t values = 400'000; // a value is 136 bytes of tree: 54 MB at most
    int depth = 24;
};

class JsonValue {
  public:
    enum class Kind : u8 { null, boolean, integer, real, string, array, object };

    Kind kind = Kind::null;
    bool boolean = false;
    i64 integer = 0; // integers outside i64 are a parse error that says so
    double real = 0; // only to be named in error messages: no state is ever real
    std::string string;
    std::vector<JsonValue> items;                          // array items, or object values
    std::vector<std::pair<std::string, std::size_t>> keys; // object: key and its byte offset, parallel to items
    std::size_t offset = 0;                                // byte offset of the value in the text

    [[nodiscard]] const JsonValue* find(std::string_view key) const;
    [[nodiscard]] Told kind_name() const; // "a number", "text", "a list", "an object", ...
};

// Reads a whole text. Two equal keys in one object are an error, and so is anything behind the value.
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits = {});

struct TextPlace {
    int line = 1;
    int column = 1; // in characters: Unicode code points, as editors count. A byte order mark is none
};

// Finds line and column of byte offsets. The first question reads the text once, the others cost a binary search.
class TextPlaces {
  public:
    explicit TextPlaces(std::string_view text) : text_(text) {}
    [[nodiscard]] TextPlace place_of(std::size_t offset) const;

  private:
    static constexpr std::size_t BLOCK = 1024; // bytes

    std::string_view text_;
    mutable std::vector<std::size_t> line_starts_;
    mutable std::vector<std::size_t> characters_before_; // by block
};

} // namespace mm
