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

std::optional<slab_flags_t> find_slab_flag(std::string_view name) {
    for (const slab_flag_name& row : slab_flag_names)
        if (row.name == name) return row.flag;
    return std::nullopt;
}

}  // namespace mm
