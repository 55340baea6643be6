#include "views/kernel/table_look.h"

#include "mmu/pte.h"
#include "views/kernel/address_words.h"
#include "views/parts/words.h"

namespace shell {

Rgba level_colour(const Palette& p, int level) {
    if (level < 0) return p.muted;
    // The pte table's pages are allocated memory; the colours of the other levels differ from it and from each other.
    static constexpr std::size_t order[] = {0, 1, 2, 3, 5, 7};
    return p.category[order[static_cast<std::size_t>(level) % std::size(order)]];
}

EntryLook entry_look(const mm::pte_format& format, mm::pteval_t entry, mm::u8 level) {
    switch (mm::kind_of(format, entry, level)) {
    case mm::descriptor_kind::none: return EntryLook::empty;
    case mm::descriptor_kind::table: return EntryLook::table;
    case mm::descriptor_kind::block:
    case mm::descriptor_kind::page:
        if (mm::pte_cont(format, entry)) return EntryLook::contiguous;
        return level == 0 ? EntryLook::page : EntryLook::block;
    default: return EntryLook::off;
    }
}

BlockInk entry_ink(const Palette& p, EntryLook look, mm::u8 level) {
    switch (look) {
    case EntryLook::empty: return {p.hole, p.faint, Pattern::hollow};
    case EntryLook::table: {
        const Rgba below = level_colour(p, level - 1);
        return {mix(p.paper, below, 0.45f), below, Pattern::hollow};
    }
    case EntryLook::block: return {p.buddy, p.buddy, Pattern::solid};
    case EntryLook::page: return {p.allocated, p.allocated, Pattern::solid};
    case EntryLook::contiguous: return {mix(p.paper, p.allocated, 0.28f), p.allocated, Pattern::hatched};
    case EntryLook::off: return {p.paper, p.bad, Pattern::crossed};
    }
    return {};
}

const Phrase& entry_words(EntryLook look) {
    switch (look) {
    case EntryLook::empty: return words::EMPTY_ENTRY;
    case EntryLook::table: return words::TABLE_ENTRY;
    case EntryLook::block: return words::BLOCK_ENTRY;
    case EntryLook::page: return words::PAGE_ENTRY;
    case EntryLook::contiguous: return words::CONT_ENTRY;
    case EntryLook::off: return words::OFF_ENTRY;
    }
    return words::EMPTY_ENTRY;
}

std::vector<LegendItem> entry_legend(const Pen& pen, const mm::page_geometry& geometry) {
    std::vector<LegendItem> items;
    for (const EntryLook look : {EntryLook::empty, EntryLook::table, EntryLook::block, EntryLook::page,
                                 EntryLook::contiguous, EntryLook::off}) {
        if (look == EntryLook::contiguous && !geometry.arch().has_contiguous_hint) continue;
        LegendItem item{entry_ink(pen.p, look, 1), pen.say(entry_words(look)), {}};
        if (look == EntryLook::table) { // one colour a level
            for (int level = geometry.root() - 1; level >= 0; --level)
                item.scale.push_back(mix(pen.p.paper, level_colour(pen.p, level), 0.45f));
        }
        items.push_back(std::move(item));
    }
    items.push_back({{pen.p.paper, pen.p.accent, Pattern::hollow}, pen.say(words::THIS_STEP), {}});
    return items;
}

std::string grouped_hex(mm::u64 value, int digits) {
    static constexpr char HEX[] = "0123456789abcdef";
    std::string text = "0x";
    for (int place = digits - 1; place >= 0; --place) {
        text += HEX[value >> (4 * place) & 15];
        if (place > 0 && place % 4 == 0) text += ' ';
    }
    return text;
}

} // namespace shell
