#pragma once
// gzip files (RFC 1952) as text, by zlib: recordings are kept small. Several members are one text.
//
// Untrusted: stops at `max_bytes`; whatever is damaged, cut off or stands behind the last member is an error.
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"

namespace mm {

[[nodiscard]] bool is_gzip(std::string_view bytes);
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes);

} // namespace mm
