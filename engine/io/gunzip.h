#pragma once
// gzip files (RFC 1952, RFC 1951) as text, so that recordings can be kept small and read the same native and wasm.
//
// Models: stored, fixed and dynamic blocks, several members, checksum and length.
// Untrusted: never reads or writes out of bounds, and stops at `max_bytes`.
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"

namespace mm {

[[nodiscard]] bool is_gzip(std::string_view bytes);
[[nodiscard]] Result<std::string> gunzip(std::string_view bytes, std::size_t max_bytes);

} // namespace mm
