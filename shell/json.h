#pragma once
// JSON as views and the bridge write it.
#include <nlohmann/json.hpp>
#include <string>

#include "base/told.h"

namespace shell {

using Json = nlohmann::ordered_json;

// Texts of scenarios are the person's own: what is not UTF-8 in them is replaced, never thrown at.
inline std::string to_text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

// {"en", "zh"}: the page tells it again when its language changes.
inline Json told_json(const mm::Told& told) { return {{"en", told.en}, {"zh", told.zh}}; }

} // namespace shell
