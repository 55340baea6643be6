#pragma once
// How entries of page tables are drawn, the same in every view: what an entry holds decides its ink.
#include "machine/machine.h"
#include "views/parts/legend.h"

namespace shell {

// A colour a level, from the pte table (0) up; bits above all tables and the page offset have their own.
[[nodiscard]] Rgba level_colour(const Palette& palette, int level);

enum class EntryLook : mm::u8 { empty, table, block, page, contiguous, off };
[[nodiscard]] EntryLook entry_look(const mm::pte_format& format, mm::pteval_t entry, mm::u8 level);
// Hollow empty, filled with the colour of the level below a table, hatched a contiguous row, crossed what is not valid.
[[nodiscard]] BlockInk entry_ink(const Palette& palette, EntryLook look, mm::u8 level);
[[nodiscard]] const Phrase& entry_words(EntryLook look);

[[nodiscard]] std::vector<LegendItem> entry_legend(const Pen& pen, const mm::page_geometry& geometry);

// 0xffff 8000 0800 4123
[[nodiscard]] std::string grouped_hex(mm::u64 value, int digits = 16);

} // namespace shell
