#pragma once
// JSON text for people: an object or a list that fits in a line stands in one line. For the rooms from here on to the right.
#include <string>

#include <nlohmann/json.hpp>

namespace mm {

using OrderedJson = nlohmann::ordered_json;

// Text that is not UTF-8 becomes U+FFFD instead of an error. Ends with a newline.
[[nodiscard]] std::string json_text(const OrderedJson& value, std::size_t width = 120);

} // namespace mm
