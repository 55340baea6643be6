#include "base/names.h"

#include <deque>
#include <string>
#include <unordered_map>

#include "base/assert.h"

namespace mm {

namespace {

struct NameTable {
    std::deque<std::string> texts{std::string()}; // a deque never moves its items
    std::unordered_map<std::string_view, name_id> ids{{std::string_view(), NO_NAME}};
};

NameTable& table() {
    static NameTable names;
    return names;
}

} // namespace

name_id intern(std::string_view text) {
    NameTable& names = table();
    if (const auto known = names.ids.find(text); known != names.ids.end()) return known->second;
    const auto id = static_cast<name_id>(names.texts.size());
    names.ids.emplace(names.texts.emplace_back(text), id);
    return id;
}

std::string_view name_text(name_id id) {
    MM_ASSERT(id < table().texts.size());
    return table().texts[id];
}

name_id name_count() { return static_cast<name_id>(table().texts.size()); }

} // namespace mm
