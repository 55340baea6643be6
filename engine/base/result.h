#pragma once
// What a function that reads untrusted input returns: a value, or an error that names the place.
#include <optional>
#include <string>
#include <utility>

#include "base/assert.h"

namespace mm {

// Where bad input stands and what was expected there.
struct Error {
    std::string path;            // "steps[3].order"; empty when the whole text is meant
    std::string message;         // found, expected and what to try, as one sentence
    int line = 0;                // 1-based; 0 when the input has no lines
    int column = 0;              // 1-based, in characters (Unicode code points)
    std::string message_zh = {}; // the message in Chinese (base/told.h); empty where there is only English

    // "line 12, column 9: steps[3].order: 12 is above MAX_ORDER 10"
    [[nodiscard]] std::string text() const {
        std::string out;
        if (line > 0) out += "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
        if (!path.empty()) out += path + ": ";
        return out + message;
    }
};

template <class T>
class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::move(value)) {}
    Result(Error error) : error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return value_.has_value(); }
    explicit operator bool() const { return ok(); }

    T& value() {
        MM_ASSERT(ok());
        return *value_;
    }
    const T& value() const {
        MM_ASSERT(ok());
        return *value_;
    }
    T& operator*() { return value(); }
    const T& operator*() const { return value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    [[nodiscard]] const Error& error() const { return error_; }

  private:
    std::optional<T> value_;
    Error error_;
};

} // namespace mm
