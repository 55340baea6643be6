#pragma once
// The fuzzer's bytes as numbers within bounds; 0 when they have run out.
#include <cstdint>

#include "base/types.h"

namespace mm {

class Bytes {
  public:
    Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
    [[nodiscard]] bool empty() const { return at_ == end_; }
    u8 next() { return empty() ? u8{0} : *at_++; }
    // Takes as few bytes as the bounds need.
    i64 within(i64 low, i64 high) {
        const u64 span = static_cast<u64>(high - low) + 1;
        u64 value = next();
        if (span > 256) value = value << 8 | next();
        if (span > 65536) value = value << 16 | static_cast<u64>(next()) << 8 | next();
        return low + static_cast<i64>(value % span);
    }

  private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

} // namespace mm
