#include "base/told.h"

#include "base/types.h"

namespace mm {

namespace {

// Each "{n}" becomes value n, once: what a value holds is not looked at again.
std::string filled(std::string_view text, std::initializer_list<Told> values, std::string Told::* language) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) break;
        MM_ASSERT(open + 2 < text.size() && text[open + 2] == '}');
        const auto index = static_cast<std::size_t>(text[open + 1] - '0');
        MM_ASSERT(index < values.size());
        out += values.begin()[index].*language;
        text.remove_prefix(open + 3);
    }
    return out;
}

} // namespace

Told told(std::string_view en, std::string_view zh, std::initializer_list<Told> values) {
    return {filled(en, values, &Told::en), filled(zh, values, &Told::zh)};
}

Told place_and_message(const Error& error) {
    Told out = message_of(error);
    if (!error.path.empty()) out = told("{0}: {1}", "{0}：{1}", {error.path, out});
    if (error.line > 0)
        out = told("line {0}, column {1}: {2}", "第 {0} 行第 {1} 列：{2}", {error.line, error.column, out});
    return out;
}

} // namespace mm
