#pragma once
// A sentence in both languages of the project, for what a person is told of an error:
//
//   told("{0} is above MAX_ORDER {1}", "{0} 超过 MAX_ORDER {1}", {order, 10})
//
// The values stand in the order that each language needs. A value may be told itself; numbers and names are the same in both.
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace mm {

struct Told {
    std::string en;
    std::string zh;

    Told() = default;
    Told(std::string english, std::string chinese) : en(std::move(english)), zh(std::move(chinese)) {}
    Told(std::string_view name) : en(name), zh(name) {}
    Told(const std::string& name) : en(name), zh(name) {}
    Told(const char* name) : en(name), zh(name) {}
    Told(std::integral auto number) : en(std::to_string(number)), zh(en) {}

    [[nodiscard]] bool empty() const { return en.empty(); }
};

[[nodiscard]] Told told(std::string_view en, std::string_view zh, std::initializer_list<Told> values = {});

[[nodiscard]] inline Error told_error(std::string path, Told message, int line = 0, int column = 0) {
    return {std::move(path), std::move(message.en), line, column, std::move(message.zh)};
}

// What an error says, without its place and with it.
[[nodiscard]] inline Told message_of(const Error& error) { return {error.message, error.message_zh}; }
[[nodiscard]] Told place_and_message(const Error& error);

} // namespace mm
