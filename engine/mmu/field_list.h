#pragma once
// What decoders of entries make their answer with: fields from the highest bit down, none left out.
#include <utility>

#include "base/assert.h"
#include "mmu/descriptor.h"

namespace mm {

// Bits high to low, both inclusive.
[[nodiscard]] constexpr u64 bits(u8 high, u8 low) { return (~0ull >> (63 - high)) & (~0ull << low); }

// take() asserts that nothing is left out.
class FieldList {
  public:
    FieldList(pteval_t entry, u8 top) : entry_(entry), next_(top) {}

    void take(std::string_view name, u8 high, u8 low, std::string_view en = "", std::string_view zh = "") {
        add(name, high, low, (entry_ & bits(high, low)) >> low, false, en, zh);
    }
    void take_flag(std::string_view name, u8 bit, std::string_view set, std::string_view set_zh, std::string_view clear,
                   std::string_view clear_zh) {
        const bool is_set = entry_ >> bit & 1;
        take(name, bit, bit, is_set ? set : clear, is_set ? set_zh : clear_zh);
    }
    void take_address(std::string_view name, u8 high, u8 low) {
        add(name, high, low, entry_ & bits(high, low), true, "", "");
    }
    // Bits that the architecture keeps 0.
    void take_zero(u8 high, u8 low) {
        if (high >= low && next_ == high) take("RES0", high, low, "reserved, 0", "保留，为 0");
    }
    void take_ignored(u8 high, u8 low) { take("ignored", high, low, "hardware ignores it", "硬件忽略"); }

    std::vector<descriptor_field> finish() {
        MM_ASSERT(next_ == -1);
        return std::move(fields_);
    }

  private:
    void add(std::string_view name, u8 high, u8 low, u64 value, bool address, std::string_view en,
             std::string_view zh) {
        MM_ASSERT(high == next_ && low <= high);
        next_ = low - 1;
        fields_.push_back({name, high, low, value, address, en, zh});
    }

    pteval_t entry_;
    int next_;
    std::vector<descriptor_field> fields_;
};

} // namespace mm
