#pragma once
// A table that is looked up by a value of an enum which ends with `count`: one row a value, in any order.
//
//   constexpr auto writers = table_by<Writing, Writer>({{Writing::number, number_text}, {Writing::hex, hex_text}, ...});
//   writers[Writing::hex](...)
//
// A value with two rows, or with none, does not compile.
#include <array>
#include <cstddef>

namespace mm {

template <class Key, class Value>
struct EnumRow {
    Key key;
    Value value;
};

template <class Key, class Value>
struct EnumTable {
    std::array<Value, static_cast<std::size_t>(Key::count)> values{};

    [[nodiscard]] constexpr const Value& operator[](Key key) const { return values[static_cast<std::size_t>(key)]; }
};

// Not constant, so that calling it stops the compiler, which then says its name.
void a_value_of_the_enum_has_two_rows_or_none();

template <class Key, class Value, std::size_t N>
[[nodiscard]] consteval EnumTable<Key, Value> table_by(const EnumRow<Key, Value> (&rows)[N]) {
    EnumTable<Key, Value> table;
    std::array<bool, static_cast<std::size_t>(Key::count)> seen{};
    if (N != seen.size()) a_value_of_the_enum_has_two_rows_or_none();
    for (const EnumRow<Key, Value>& row : rows) {
        const auto at = static_cast<std::size_t>(row.key);
        if (at >= seen.size() || seen[at]) a_value_of_the_enum_has_two_rows_or_none();
        seen[at] = true;
        table.values[at] = row.value;
    }
    return table;
}

} // namespace mm
