#pragma once
// Reading fields out of a JsonValue tree: kinds, bounds, units, unknown names. The first thing that is wrong is kept as
// the error, with path, line and column; every later call then does nothing.
//
//   JsonReader reader(text);
//   if (!reader.object(at, {"name", "cpus"})) return false;
//   reader.optional(at, "cpus", [&](const Field& field) { return reader.integer(field, 1, 64, cpus); });
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "json/json.h"

namespace mm {

// One value and the way to it. Children point to their parents, so a Field lives no longer than the call that made it.
struct Field {
    const JsonValue* value = nullptr;
    const Field* parent = nullptr;
    std::string_view key;  // within an object
    std::size_t index = 0; // within a list

    [[nodiscard]] std::string path() const; // "steps[3].order"
};

// The known name that is nearest to a wrong one, whatever letters are capital; empty: none is near.
[[nodiscard]] std::string_view nearest_name(std::string_view wrong, std::span<const std::string_view> known);

// For the end of a message: " (did you mean \"order\"?)".
[[nodiscard]] Told meant_name(std::string_view name);
// The nearest of the known names so, or all of them when none is near.
[[nodiscard]] Told suggestion(std::string_view wrong, std::span<const std::string_view> known);

class JsonReader {
  public:
    explicit JsonReader(std::string_view text) : places_(text) {}

    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] const Error& error() const { return error_; }

    // Where a value stands, as the error that fail() would keep.
    [[nodiscard]] Error error_at(const Field& at, Told message) const;
    // Keeps the error and returns false.
    bool fail(const Field& at, Told message);
    // About a value below `at`: the path is followed as far as the text has it ("memory[1].start").
    bool fail_below(const Field& at, const Error& error);
    // About one key of an object.
    bool fail_key(const Field& object, std::size_t index, Told message);

    // Is it an object, with no other fields than these?
    bool object(const Field& at, std::span<const std::string_view> known);
    bool object(const Field& at, std::initializer_list<std::string_view> known) {
        return object(at, std::span<const std::string_view>(known.begin(), known.size()));
    }
    bool any_object(const Field& at);
    bool list(const Field& at, std::size_t max_items);

    // Calls `read(Field)` for a field when it is there. `required` fails when it is not.
    template <class Read>
    bool optional(const Field& object, std::string_view key, Read read) {
        if (failed_) return false;
        const JsonValue* value = object.value->find(key);
        return !value || read(Field{value, &object, key, 0});
    }
    template <class Read>
    bool required(const Field& object, std::string_view key, Read read) {
        if (failed_) return false;
        const JsonValue* value = object.value->find(key);
        return value ? read(Field{value, &object, key, 0}) : missing(object, key);
    }
    // A file whose "format" is that of the other kind is told as such, before its fields are looked at.
    bool not_of_kind(const Field& root, std::string_view other, const Told& message);
    // Calls `read(Field, index)` for each item of a list or each value of an object, until one fails.
    template <class Read>
    bool each(const Field& at, Read read) {
        for (std::size_t i = 0; i < at.value->items.size(); ++i) {
            const bool named = at.value->kind == JsonValue::Kind::object;
            const Field item{&at.value->items[i], &at, named ? std::string_view(at.value->keys[i].first) : "", i};
            if (failed_ || !read(item, i)) return false;
        }
        return !failed_;
    }

    bool integer(const Field& at, i64 min, i64 max, i64& out); // a number, or hex text: "0x45f10"
    template <class Integer>
    bool number(const Field& at, i64 min, i64 max, Integer& out) {
        i64 value = 0;
        if (!integer(at, min, max, value)) return false;
        out = static_cast<Integer>(value);
        return true;
    }
    bool address(const Field& at,
                 i64& out); // as integer(), with all 64 bits: "0xffff000005f10000" as the bits of a u64
    bool flag(const Field& at, bool& out);
    bool text(const Field& at, std::size_t max_length, std::string& out); // in characters
    bool size(const Field& at, u64 max, u64& out); // bytes: a number, hex text, or "64KiB", "4GiB"
    bool one_of(const Field& at, std::span<const std::string_view> names, std::size_t& out);

  private:
    bool missing(const Field& object, std::string_view key);
    bool fail_at(std::size_t offset, std::string path, Told message);

    TextPlaces places_;
    bool failed_ = false;
    Error error_;
};

// "0x45f10" as a number; nullopt when it is no such text or has more than 16 digits.
[[nodiscard]] std::optional<u64> number_from_hex(std::string_view text);
// The same, with 2^64 - 1 for what has more digits: it is above every bound, and told as that.
[[nodiscard]] std::optional<u64> capped_hex(std::string_view text);

} // namespace mm
