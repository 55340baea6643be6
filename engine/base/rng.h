#pragma once
// A small seeded generator (splitmix64). Equal on every platform, unlike the standard distributions.
#include "base/types.h"

namespace mm {

class Rng {
  public:
    explicit Rng(u64 seed) : state_(seed) {}

    u64 next() {
        state_ += 0x9e3779b97f4a7c15ull;
        u64 z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
        return z ^ (z >> 31);
    }

    // A number in [0, bound). bound > 0. The multiply-shift keeps the high bits; its bias is below bound / 2^32.
    u32 below(u32 bound) { return static_cast<u32>(((next() >> 32) * bound) >> 32); }

  private:
    u64 state_;
};

} // namespace mm
