#pragma once
// Words for events and ops, in English and Chinese: the why-text.
#include <string>
#include <vector>

#include "machine/machine.h"

namespace mm {

enum class Language : u8 { en, zh };

// A run of text. A run with a unit stands for a value: the page links it to what it means.
struct TextRun {
    std::string text;
    Unit unit = Unit::none;
    i64 value = 0;
};

[[nodiscard]] std::vector<TextRun> narrate(const Machine& machine, const Event& event, Language language);
[[nodiscard]] std::string narrate_plain(const Machine& machine, const Event& event, Language language);

// "alloc_pages › get_page_from_freelist › rmqueue": the call path, outermost first.
[[nodiscard]] std::vector<std::string_view> call_path(const Event& event);

// A value as its unit is written: pfn in hex, zone by name, gfp by flags. Digits of large counts are not grouped.
[[nodiscard]] std::string unit_text(const Machine& machine, Unit unit, i64 value, Language language = Language::en);

// The address by which the kernel knows an object, in the linear map. NULL and ZERO_SIZE_PTR stay what they are.
[[nodiscard]] u64 object_pointer(const Machine& machine, i64 object);

// "alloc_pages(order=3, gfp=GFP_KERNEL) as a"; names by result slot, from the scenario, may be empty.
[[nodiscard]] std::string op_text(const Machine& machine, const Op& op, const std::vector<std::string>& result_names,
                                  Language language = Language::en);

// The line that the kernel's own trace would print for events with a tracepoint; empty for others.
//   "mm_page_alloc: page=0x... pfn=0x41e6b order=0 migratetype=1 gfp_flags=GFP_KERNEL"
[[nodiscard]] std::string trace_text(const Machine& machine, const Event& event);

} // namespace mm
