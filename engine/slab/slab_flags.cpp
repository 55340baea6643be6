#include "slab/slab_flags.h"

namespace mm {

std::string slab_flags_text(slab_flags_t flags) {
    std::string text;
    for (const slab_flag_name& row : slab_flag_names) {
        if (!(flags & row.flag)) continue;
        if (!text.empty()) text += '|';
        text += row.name;
    }
    return text.empty() ? "0" : text;
}

namespace {

struct debug_letter {
    char letter;
    slab_flags_t flag;
};
constexpr std::array<debug_letter, 4> debug_letters = {
    {{'F', SLAB_CONSISTENCY_CHECKS}, {'Z', SLAB_RED_ZONE}, {'P', SLAB_POISON}, {'U', SLAB_STORE_USER}}};

} // namespace

std::optional<slab_flags_t> slub_debug_flag(char letter) {
    for (const debug_letter& row : debug_letters)
        if (row.letter == letter) return row.flag;
    return std::nullopt;
}

std::string slub_debug_letters(slab_flags_t flags) {
    std::string letters;
    for (const debug_letter& row : debug_letters)
        if (flags & row.flag) letters += row.letter;
    return letters;
}

std::optional<slab_flags_t> find_slab_flag(std::string_view name) {
    for (const slab_flag_name& row : slab_flag_names)
        if (row.name == name) return row.flag;
    return std::nullopt;
}

} // namespace mm
