#include "cli/arguments.h"

#include <algorithm>
#include <charconv>

namespace cli {

void Arguments::fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
}

bool Arguments::take_flag(std::string_view name) { return std::erase(words_, name) > 0; }

std::vector<std::string> Arguments::take_values(std::string_view name) {
    std::vector<std::string> values;
    const std::string with_equals = std::string(name) + "=";
    for (auto word = words_.begin(); word != words_.end();) {
        if (word->starts_with(with_equals)) {
            values.push_back(word->substr(with_equals.size()));
            word = words_.erase(word);
        } else if (*word == name) {
            word = words_.erase(word);
            if (word == words_.end()) {
                fail(std::string(name) + " needs a value behind it");
                break;
            }
            values.push_back(*word);
            word = words_.erase(word);
        } else {
            ++word;
        }
    }
    return values;
}

std::optional<std::string> Arguments::take_value(std::string_view name) {
    std::vector<std::string> values = take_values(name);
    if (values.empty()) return std::nullopt;
    return std::move(values.back());
}

std::optional<std::uint64_t> Arguments::take_number(std::string_view name) {
    const std::optional<std::string> text = take_value(name);
    if (!text) return std::nullopt;
    std::uint64_t number = 0;
    const char* end = text->data() + text->size();
    const auto [rest, error] = std::from_chars(text->data(), end, number);
    if (error == std::errc() && rest == end) return number;
    if (error == std::errc::result_out_of_range && rest == end)
        fail(std::string(name) + " is too large a number: " + *text + " does not fit in 64 bits");
    else
        fail(std::string(name) + " needs a number, found \"" + *text + "\"");
    return std::nullopt;
}

std::vector<std::string> Arguments::take_rest() {
    for (const std::string& word : words_)
        if (word.size() > 1 && word.front() == '-') fail("there is no option " + word);
    return std::move(words_);
}

} // namespace cli
