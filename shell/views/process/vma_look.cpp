#include "views/process/vma_look.h"

#include <cstdio>

#include "machine/narrate.h"
#include "views/parts/words.h"
#include "views/process/process_words.h"

namespace shell {

namespace {

using mm::vm_flags_t;

constexpr float TINT = 0.28f, SOLID_TINT = 0.65f;
constexpr vm_flags_t TOLD_BY_MAPS =
    mm::VM_ACCESS_FLAGS | mm::VM_SHARED | mm::VM_MAYREAD | mm::VM_MAYWRITE | mm::VM_MAYEXEC | mm::VM_MAYSHARE;

} // namespace

BlockInk vma_ink(const Palette& p, vm_flags_t flags) {
    const Rgba colour = (flags & mm::VM_MAYSHARE) != 0 ? p.category[1] : p.category[0];
    const bool writes = (flags & mm::VM_WRITE) != 0, runs = (flags & mm::VM_EXEC) != 0;
    if (writes && runs) return {mix(p.paper, p.bad, TINT), p.bad, Pattern::crossed};
    if (runs) return {mix(p.paper, colour, SOLID_TINT), colour, Pattern::solid};
    if (writes) return {mix(p.paper, colour, TINT), colour, Pattern::hatched};
    if ((flags & mm::VM_READ) != 0) return {mix(p.paper, colour, TINT), colour, Pattern::hollow};
    return {p.paper, p.muted, Pattern::crossed};
}

BlockInk page_ink(const Palette& p, bool mapped) {
    if (!mapped) return {p.paper, p.muted, Pattern::hollow};
    return {p.allocated, mix(p.allocated, p.paper, 0.6f), Pattern::solid};
}
BlockInk added_ink(const Palette& p) { return {p.accent, p.accent, Pattern::solid}; }

std::vector<LegendItem> vma_legend(const Pen& pen) {
    const auto item = [&](vm_flags_t flags, const Phrase& phrase) {
        return LegendItem{vma_ink(pen.p, flags), pen.say(phrase), {}};
    };
    return {item(mm::VM_READ, words::MAY_READ),
            item(mm::VM_READ | mm::VM_WRITE, words::MAY_WRITE),
            item(mm::VM_READ | mm::VM_EXEC, words::MAY_EXEC),
            item(mm::VM_READ | mm::VM_WRITE | mm::VM_EXEC, words::MAY_WRITE_EXEC),
            item(0, words::MAY_NOTHING),
            item(mm::VM_READ | mm::VM_MAYSHARE, words::SHARED),
            {added_ink(pen.p), pen.say(words::ADDED_HERE), {}}};
}

const Phrase* fate_words(VmaFate fate) {
    switch (fate) {
    case VmaFate::same:
    case VmaFate::hole: return nullptr;
    case VmaFate::fresh: return &words::VMA_FRESH;
    case VmaFate::grown: return &words::VMA_GROWN;
    case VmaFate::shorter: return &words::VMA_SHORTER;
    case VmaFate::merged: return &words::VMA_MERGED;
    case VmaFate::cut: return &words::VMA_CUT;
    case VmaFate::changed: return &words::VMA_CHANGED;
    case VmaFate::gone: return &words::VMA_GONE;
    }
    return nullptr;
}

std::string range_text(mm::u64 start, mm::u64 end) {
    char text[48];
    std::snprintf(text, sizeof text, "%08llx-%08llx", static_cast<unsigned long long>(start),
                  static_cast<unsigned long long>(end));
    return text;
}

std::string more_flags(const mm::Machine& machine, vm_flags_t flags) {
    const vm_flags_t more = flags & ~TOLD_BY_MAPS;
    return more == 0 ? "" : unit_text(machine, mm::Unit::vm_flags, static_cast<mm::i64>(more));
}

} // namespace shell
