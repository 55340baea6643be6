#pragma once
// The canonical hash of a state: 64 bits, equal native and wasm for equal states.
//
// Values are fed one by one in a fixed order, never as raw structs, so padding and byte order do not matter.
#include <string_view>

#include "base/types.h"

namespace mm {

class Hasher {
  public:
    void add(u64 value) {
        state_ ^= value + 0x9e3779b97f4a7c15ull + (state_ << 6) + (state_ >> 2);
        state_ *= 0xff51afd7ed558ccdull;
        state_ ^= state_ >> 32;
    }
    void add_signed(i64 value) { add(static_cast<u64>(value)); }
    void add_text(std::string_view text) {
        add(text.size());
        for (char c : text) add(static_cast<u8>(c));
    }
    [[nodiscard]] u64 value() const { return state_; }

  private:
    u64 state_ = 0x6d6d73636f7065ull;
};

} // namespace mm
