#pragma once
// Lists of page frames as text that a person can read and a diff can show.
//
//   "45349 4384f 46400+400*219 45858-1*51"
//    ^ one frame, hex             ^ a run: first frame ± stride (hex) * count (decimal), in this order
//
// A list of free blocks of one order, or of a CPU's pages, is mostly such runs.
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/told.h"
#include "base/types.h"

namespace mm {

inline constexpr std::size_t MAX_RUN_PFNS = 1u << 22; // in one machine: 16 MB

// Appends the frames that `text` names. The text of the error says which part is wrong; nullopt when all is read.
// At most `room` frames are appended.
[[nodiscard]] std::optional<Told> read_pfn_runs(std::string_view text, std::size_t room, std::vector<pfn_t>& pfns);

// The runs of a list, each as one word. Three or more frames at one distance make a run.
[[nodiscard]] std::vector<std::string> pfn_run_words(std::span<const pfn_t> pfns);

// Words joined to lines of at most `width` characters.
[[nodiscard]] std::vector<std::string> wrap_words(const std::vector<std::string>& words, std::size_t width);

// Takes the digits at the front of `text` off it; nullopt: none stand there. A number that 64 bits do not hold is 2^64 - 1,
// which is above every bound: it is told as too large, not as no number.
[[nodiscard]] std::optional<u64> take_digits(std::string_view& text, int base);

// What is wrong with a word whose frame is above all that a machine may name.
[[nodiscard]] Told frame_too_large(std::string_view word);

// Takes the next word, up to a blank, off the front of `text`; empty at the end.
[[nodiscard]] std::string_view take_word(std::string_view& text);

} // namespace mm
