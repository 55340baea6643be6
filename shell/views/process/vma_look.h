#pragma once
// How VMAs look: the pattern says what may be done with their addresses, the colour whether they are shared.
#include <vector>

#include "process/mm.h"
#include "views/parts/legend.h"
#include "views/parts/pen.h"
#include "views/process/space_picture.h"

namespace shell {

[[nodiscard]] BlockInk vma_ink(const Palette& palette, mm::vm_flags_t flags);
// A page that has a frame, or is promised alone.
[[nodiscard]] BlockInk page_ink(const Palette& palette, bool mapped);
[[nodiscard]] BlockInk added_ink(const Palette& palette);
[[nodiscard]] std::vector<LegendItem> vma_legend(const Pen& pen);

// What the step made of a VMA; nullptr: nothing.
[[nodiscard]] const Phrase* fate_words(VmaFate fate);

// "00400000-00480000", as /proc/PID/maps writes it.
[[nodiscard]] std::string range_text(mm::u64 start, mm::u64 end);
// The flags that maps does not tell: "VM_GROWSDOWN|VM_ACCOUNT".
[[nodiscard]] std::string more_flags(const mm::Machine& machine, mm::vm_flags_t flags);

} // namespace shell
