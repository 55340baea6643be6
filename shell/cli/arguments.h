#pragma once
// The words of a command line: options are taken out by name, what is left are the files.
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

class Arguments {
  public:
    explicit Arguments(std::span<const std::string> words) : words_(words.begin(), words.end()) {}

    // "--json"
    [[nodiscard]] bool take_flag(std::string_view name);
    // "--until 12" or "--until=12"; the last one counts. A name without a value is an error().
    [[nodiscard]] std::optional<std::string> take_value(std::string_view name);
    // "--proc a --proc b", in order.
    [[nodiscard]] std::vector<std::string> take_values(std::string_view name);
    // A value that must be a number.
    [[nodiscard]] std::optional<std::uint64_t> take_number(std::string_view name);
    // What no call has taken; call it last. A word with - in front is then an error(), except "-" itself.
    [[nodiscard]] std::vector<std::string> take_rest();

    // The first thing that is wrong, as a sentence; empty when nothing is.
    [[nodiscard]] const std::string& error() const { return error_; }
    void fail(std::string error);

  private:
    std::vector<std::string> words_;
    std::string error_;
};

} // namespace cli
